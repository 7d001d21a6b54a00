// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets among processes and threads: fork, dup, passing, killing, many at
 * once.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "harness.h"

#define MANY	20
#define CYCLES	20

static void reap(pid_t pid, int want)
{
	int status;

	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	ASSERT_EQ(status, want);
}

/* Parent and child share the socket; it ends with the last of them. */
static void fork_share_c(struct test *t)
{
	int fd = t_pair(t), go[2];
	pid_t pid;
	char c;

	ASSERT_EQ(pipe(go), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		close(go[1]);
		ASSERT_EQ(read(go[0], &c, 1), 0);
		recv_all(fd, &c, 1);
		ASSERT_EQ(c, 'p');
		send_all(fd, "child", 5);
		exit(0);
	}
	send_all(fd, "parent", 6);
	close(fd);
	close(go[1]);	/* now the child is the only holder */
	reap(pid, 0);
}

static void fork_share_s(struct test *t)
{
	int fd = t_pair(t);
	char buf[8] = {};

	recv_all(fd, buf, 6);
	ASSERT_EQ(memcmp(buf, "parent", 6), 0);
	ASSERT_EQ(poll_now(fd, POLLRDHUP), 0);
	send_all(fd, "p", 1);
	recv_all(fd, buf, 5);
	ASSERT_EQ(memcmp(buf, "child", 5), 0);
	expect_eof(fd);
	close(fd);
}

static void dup_share(struct test *t)
{
	int fd = t_pair(t), copy = dup(fd);

	ASSERT_GE(copy, 0);
	close(fd);
	exchange_byte(t, copy);
	ctl_sync(t, "EXCHANGED");
	fd = dup(copy);
	ASSERT_EQ(shutdown(fd, SHUT_WR), 0);	/* acts on all copies */
	ASSERT_ERRNO(send(copy, "x", 1, MSG_NOSIGNAL), EPIPE);
	expect_eof(copy);
	close(fd);
	close(copy);
}

static void pass_fd(int via, int fd)
{
	char ctl[CMSG_SPACE(sizeof(int))] = {}, c = 'f';
	struct iovec iov = { &c, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = ctl, .msg_controllen = sizeof(ctl),
	};
	struct cmsghdr *cm = CMSG_FIRSTHDR(&msg);

	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cm), &fd, sizeof(int));
	ASSERT_EQ(sendmsg(via, &msg, 0), 1);
}

static int take_fd(int via)
{
	char ctl[CMSG_SPACE(sizeof(int))] = {}, c;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = ctl, .msg_controllen = sizeof(ctl),
	};
	int fd = -1;

	ASSERT_EQ(recvmsg(via, &msg, 0), 1);
	ASSERT(CMSG_FIRSTHDR(&msg));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	ASSERT_GE(fd, 0);
	return fd;
}

/* Accepted by one process, served by another (inetd, worker pools). */
static void pass_to_worker_s(struct test *t)
{
	int via[2], fd;
	pid_t pid;

	ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, via), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		fd = take_fd(via[1]);
		exchange_byte(t, fd);
		exit(0);
	}
	fd = t_pair(t);
	pass_fd(via[0], fd);
	close(fd);
	reap(pid, 0);
}

static void plain_client(struct test *t)
{
	int fd = t_pair(t);

	exchange_byte(t, fd);
	expect_eof(fd);
	close(fd);
}

/* A process that holds the connection is killed; @unread: with data waiting. */
static void killed_holder(struct test *t, bool unread)
{
	int fd = t_pair(t);
	pid_t pid;

	if (unread)
		wait_inq(fd, 5);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		for (;;)
			pause();
	}
	close(fd);
	ASSERT_EQ(kill(pid, SIGKILL), 0);
	reap(pid, SIGKILL);
	ctl_send(t, "KILLED");
}

static void kill_idle_c(struct test *t)
{
	killed_holder(t, false);
}

static void kill_idle_s(struct test *t)
{
	int fd = t_pair(t);

	expect_eof(fd);
	ctl_expect(t, "KILLED");
	close(fd);
}

static void kill_unread_c(struct test *t)
{
	killed_holder(t, true);
}

static void kill_unread_s(struct test *t)
{
	int fd = t_pair(t);
	char c;

	send_all(fd, "never", 5);
	ASSERT_ERRNO(recv(fd, &c, 1, 0), ECONNRESET);
	ctl_expect(t, "KILLED");
	close(fd);
}

/* Killed in the middle of a blocked send: what it had written arrives. */
static void kill_sending_c(struct test *t)
{
	int fd = t_pair(t), p[2];
	char c;
	pid_t pid;

	ASSERT_EQ(pipe(p), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		send_pat(fd, 20000, 61, 0, 20000);
		ASSERT_EQ(write(p[1], "w", 1), 1);
		send_pat(fd, 64 << 20, 61, 20000, 65536);
		exit(0);
	}
	close(fd);
	ASSERT_EQ(read(p[0], &c, 1), 1);
	ASSERT_EQ(kill(pid, SIGKILL), 0);
	reap(pid, SIGKILL);
	ctl_send(t, "KILLED");
}

static void kill_sending_s(struct test *t)
{
	size_t off = 20000;
	int fd = t_pair(t);
	__u8 buf[9000];
	ssize_t n;

	ctl_expect(t, "KILLED");
	recv_pat(fd, 20000, 61, 0, 0);
	for (;;) {
		wait_poll(fd, POLLIN);
		n = recv(fd, buf, sizeof(buf), 0);
		if (n <= 0)
			break;
		ASSERT_EQ(pat_diff(buf, n, 61, off), -1);
		off += n;
	}
	ASSERT(!n || errno == ECONNRESET);
	close(fd);
}

/* Many connections at the same time, each with its own bytes. */
static void many_c(struct test *t)
{
	int port = ctl_expect_num(t, "PORT"), fd[MANY], i;

	for (i = 0; i < MANY; i++) {
		fd[i] = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK);
		ASSERT_ERRNO(t_connect_fd(t, fd[i], port), EINPROGRESS);
	}
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(wait_poll(fd[i], POLLOUT), POLLOUT);
		set_nonblock(fd[i], false);
		t_prove(t, fd[i]);
		send_all(fd[i], &i, sizeof(i));
		send_pat(fd[i], 10000, i, 0, 0);
	}
	for (i = 0; i < MANY; i++) {
		recv_pat(fd[i], 10000, i + 100, 0, 0);
		close(fd[i]);
	}
}

static void many_s(struct test *t)
{
	int lfd = t_listen(t, MANY), fd[MANY], id, i;

	for (i = 0; i < MANY; i++)
		fd[i] = t_accept(t, lfd);
	for (i = 0; i < MANY; i++) {
		recv_all(fd[i], &id, sizeof(id));
		recv_pat(fd[i], 10000, id, 0, 0);
		send_pat(fd[i], 10000, id + 100, 0, 0);
	}
	/* Accepted in another order than connected: only now may one wait */
	for (i = 0; i < MANY; i++) {
		expect_eof(fd[i]);
		close(fd[i]);
	}
	close(lfd);
}

/* Connect, exchange, close, over and over on one listener. */
static void cycles_c(struct test *t)
{
	int port = ctl_expect_num(t, "PORT"), fd, i;

	for (i = 0; i < CYCLES; i++) {
		fd = t_socket(t);
		ASSERT_EQ(t_connect_fd(t, fd, port), 0);
		t_prove(t, fd);
		exchange_byte(t, fd);
		close(fd);
	}
}

static void cycles_s(struct test *t)
{
	int lfd = t_listen(t, 4), fd, i;

	for (i = 0; i < CYCLES; i++) {
		fd = t_accept(t, lfd);
		exchange_byte(t, fd);
		expect_eof(fd);
		close(fd);
	}
	close(lfd);
}

struct shared {
	int fd;
	size_t got;
};

static void *count_thread(void *arg)
{
	struct shared *s = arg;
	char buf[500];
	ssize_t n;

	while ((n = recv(s->fd, buf, sizeof(buf), 0)) > 0)
		s->got += n;
	ASSERT_EQ(n, 0);
	return NULL;
}

/* Several threads in recv() on one socket: every byte once, all see the end */
static void many_readers_s(struct test *t)
{
	struct shared s[4];
	pthread_t thread[4];
	size_t total = 0;
	int fd = t_pair(t), i;

	for (i = 0; i < 4; i++) {
		s[i].fd = fd;
		s[i].got = 0;
		ASSERT_EQ(pthread_create(&thread[i], NULL, count_thread, &s[i]),
			  0);
	}
	ctl_send(t, "READING");
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(pthread_join(thread[i], NULL), 0);
		total += s[i].got;
	}
	ASSERT_EQ(total, 300000);
	close(fd);
}

static void many_readers_c(struct test *t)
{
	int fd = t_pair(t);

	ctl_expect(t, "READING");
	send_pat(fd, 300000, 62, 0, 0);
	ASSERT_EQ(shutdown(fd, SHUT_WR), 0);
	expect_eof(fd);
	close(fd);
}

const struct test_case process_tests[] = {
	{ "process_fork", fork_share_c, fork_share_s },
	{ "process_dup", dup_share, dup_share },
	{ "process_pass_to_worker", plain_client, pass_to_worker_s },
	{ "process_kill_idle", kill_idle_c, kill_idle_s },
	{ "process_kill_unread", kill_unread_c, kill_unread_s },
	{ "process_kill_sending", kill_sending_c, kill_sending_s },
	{ "process_many_connections", many_c, many_s },
	{ "process_cycles", cycles_c, cycles_s },
	{ "process_many_readers", many_readers_c, many_readers_s },
	{}
};
