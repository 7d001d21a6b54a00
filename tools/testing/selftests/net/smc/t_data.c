// SPDX-License-Identifier: GPL-2.0
/*
 * sendmsg() and recvmsg(): flags, vectors, sizes, and long streams of odd
 * sizes that go round the rings many times.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "harness.h"

#define STREAM	(2 * 1024 * 1024)

static void iovecs_c(struct test *t)
{
	struct iovec iov[5];
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 5 };
	static const size_t part[5] = { 1, 0, 4097, 13, 1000 };
	__u8 buf[5111];
	size_t off = 0;
	int fd = t_pair(t), i;

	pat_fill(buf, sizeof(buf), 1, 0);
	for (i = 0; i < 5; i++) {
		iov[i].iov_base = buf + off;
		iov[i].iov_len = part[i];
		off += part[i];
	}
	ASSERT_EQ(off, sizeof(buf));
	ASSERT_EQ(sendmsg(fd, &msg, MSG_NOSIGNAL), sizeof(buf));
	ASSERT_EQ(writev(fd, iov, 5), sizeof(buf));
	exchange_byte(t, fd);
	close(fd);
}

static void iovecs_s(struct test *t)
{
	struct iovec iov[3];
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 3 };
	__u8 a[3], b[5000], c[200];
	int fd = t_pair(t);

	iov[0].iov_base = a;
	iov[0].iov_len = sizeof(a);
	iov[1].iov_base = b;
	iov[1].iov_len = sizeof(b);
	iov[2].iov_base = c;
	iov[2].iov_len = 108;
	ASSERT_EQ(recvmsg(fd, &msg, MSG_WAITALL), 5111);
	ASSERT_EQ(msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC | MSG_EOR), 0);
	ASSERT_EQ(pat_diff(a, 3, 1, 0), -1);
	ASSERT_EQ(pat_diff(b, 5000, 1, 3), -1);
	ASSERT_EQ(pat_diff(c, 108, 1, 5003), -1);
	recv_pat(fd, 5111, 1, 0, 777);
	exchange_byte(t, fd);
	close(fd);
}

static void dontwait_c(struct test *t)
{
	int fd = t_pair(t);
	char c;

	ASSERT_ERRNO(recv(fd, &c, 1, MSG_DONTWAIT), EAGAIN);
	ASSERT_ERRNO(recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK), EAGAIN);
	ASSERT_ERRNO(recv(fd, &c, 1, MSG_DONTWAIT | MSG_WAITALL), EAGAIN);
	ctl_send(t, "GO");
	wait_poll(fd, POLLIN);
	ASSERT_EQ(recv(fd, &c, 1, MSG_DONTWAIT), 1);
	ASSERT_EQ(c, 'd');
	ASSERT_EQ(send(fd, "e", 1, MSG_DONTWAIT | MSG_NOSIGNAL), 1);
	close(fd);
}

static void dontwait_s(struct test *t)
{
	int fd = t_pair(t);
	char c;

	ctl_expect(t, "GO");
	send_all(fd, "d", 1);
	recv_all(fd, &c, 1);
	ASSERT_EQ(c, 'e');
	close(fd);
}

static void waitall_c(struct test *t)
{
	int fd = t_pair(t);

	send_pat(fd, 100, 2, 0, 100);
	ctl_expect(t, "PEEKED");
	send_pat(fd, 900, 2, 100, 900);
	send_pat(fd, 50, 2, 1000, 50);
	close(fd);
}

/* Waits for all of it; the end of the stream ends the wait early. */
static void waitall_s(struct test *t)
{
	__u8 buf[1000];
	int fd = t_pair(t);

	wait_inq(fd, 100);
	ASSERT_EQ(recv(fd, buf, 1000, MSG_PEEK), 100);
	ctl_send(t, "PEEKED");
	ASSERT_EQ(recv(fd, buf, 1000, MSG_WAITALL), 1000);
	ASSERT_EQ(pat_diff(buf, 1000, 2, 0), -1);
	ASSERT_EQ(recv(fd, buf, 1000, MSG_WAITALL), 50);
	ASSERT_EQ(pat_diff(buf, 50, 2, 1000), -1);
	ASSERT_EQ(recv(fd, buf, 1000, MSG_WAITALL), 0);
	close(fd);
}

static void peek_c(struct test *t)
{
	int fd = t_pair(t);

	send_pat(fd, 3000, 3, 0, 1000);
	exchange_byte(t, fd);
	close(fd);
}

static void peek_s(struct test *t)
{
	__u8 buf[4000];
	int fd = t_pair(t);

	wait_inq(fd, 3001);
	ASSERT_EQ(recv(fd, buf, 10, MSG_PEEK), 10);
	ASSERT_EQ(pat_diff(buf, 10, 3, 0), -1);
	ASSERT_EQ(recv(fd, buf, 3000, MSG_PEEK | MSG_WAITALL), 3000);
	ASSERT_EQ(pat_diff(buf, 3000, 3, 0), -1);
	ASSERT_EQ(recv(fd, buf, 1500, 0), 1500);
	ASSERT_EQ(recv(fd, buf, 4000, MSG_PEEK), 1501);
	ASSERT_EQ(pat_diff(buf, 1500, 3, 1500), -1);
	wait_inq(fd, 1501);
	recv_pat(fd, 1500, 3, 1500, 1500);
	exchange_byte(t, fd);
	close(fd);
}

/* MSG_TRUNC drops the bytes instead of copying them, as TCP has it. */
static void trunc_s(struct test *t)
{
	__u8 buf[4000];
	int fd = t_pair(t);

	wait_inq(fd, 3001);
	ASSERT_EQ(recv(fd, NULL, 1000, MSG_TRUNC), 1000);
	memset(buf, 0xaa, sizeof(buf));
	ASSERT_EQ(recv(fd, buf, 500, MSG_TRUNC), 500);
	ASSERT_EQ(buf[0], 0xaa);
	ASSERT_EQ(recv(fd, NULL, 100, MSG_TRUNC | MSG_PEEK), 100);
	recv_pat(fd, 1500, 3, 1500, 400);
	exchange_byte(t, fd);
	close(fd);
}

/* MSG_MORE and TCP_CORK hold bytes back, but never for good. */
static void more_c(struct test *t)
{
	int fd = t_pair(t);

	ASSERT_EQ(send(fd, "ab", 2, MSG_MORE | MSG_NOSIGNAL), 2);
	ASSERT_EQ(send(fd, "cd", 2, MSG_NOSIGNAL), 2);
	ctl_expect(t, "FOUR");
	set_int_opt(fd, IPPROTO_TCP, TCP_CORK, 1);
	ASSERT_EQ(get_int_opt(fd, IPPROTO_TCP, TCP_CORK), 1);
	send_all(fd, "ef", 2);
	send_all(fd, "gh", 2);
	set_int_opt(fd, IPPROTO_TCP, TCP_CORK, 0);
	ctl_expect(t, "EIGHT");
	ASSERT_EQ(send(fd, "ij", 2, MSG_MORE | MSG_NOSIGNAL), 2);
	set_int_opt(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	ctl_expect(t, "TEN");
	ASSERT_EQ(send(fd, "kl", 2, MSG_MORE | MSG_NOSIGNAL), 2);
	ASSERT_EQ(shutdown(fd, SHUT_WR), 0);
	expect_eof(fd);
	close(fd);
}

static void more_s(struct test *t)
{
	int fd = t_pair(t);
	char buf[12];

	recv_all(fd, buf, 4);
	ctl_send(t, "FOUR");
	recv_all(fd, buf + 4, 4);
	ctl_send(t, "EIGHT");
	recv_all(fd, buf + 8, 2);
	ctl_send(t, "TEN");
	recv_all(fd, buf + 10, 2);
	ASSERT_EQ(memcmp(buf, "abcdefghijkl", 12), 0);
	expect_eof(fd);
	close(fd);
}

static atomic_int pipes;

static void on_sigpipe(int sig)
{
	(void)sig;
	pipes++;
}

static void sigpipe(struct test *t)
{
	struct sigaction sa = { .sa_handler = on_sigpipe };
	int fd = t_pair(t);

	ASSERT_EQ(sigaction(SIGPIPE, &sa, NULL), 0);
	exchange_byte(t, fd);
	ASSERT_EQ(shutdown(fd, SHUT_WR), 0);
	ASSERT_ERRNO(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE);
	ASSERT_EQ(pipes, 0);
	ASSERT_ERRNO(send(fd, "x", 1, 0), EPIPE);
	ASSERT_EQ(pipes, 1);
	ASSERT_ERRNO(write(fd, "x", 1), EPIPE);
	ASSERT_EQ(pipes, 2);
	expect_eof(fd);
	close(fd);
}

static void empty_calls(struct test *t)
{
	struct msghdr msg = {};
	int fd = t_pair(t);
	char c;

	ASSERT_EQ(send(fd, &c, 0, MSG_NOSIGNAL), 0);
	ASSERT_EQ(sendmsg(fd, &msg, MSG_NOSIGNAL), 0);
	ASSERT_ERRNO(recv(fd, &c, 0, MSG_DONTWAIT), EAGAIN);
	ASSERT_ERRNO(recv(fd, &c, 1, MSG_ERRQUEUE), EAGAIN);
	ctl_sync(t, "EMPTY");
	send_all(fd, "z", 1);
	wait_inq(fd, 1);
	ASSERT_EQ(recv(fd, &c, 0, 0), 0);
	ASSERT_EQ(recv(fd, &c, 1, 0), 1);
	ctl_sync(t, "READ");
	exchange_byte(t, fd);
	close(fd);
}

/* A bad buffer costs EFAULT, and no byte of the stream. */
static void bad_buffer(struct test *t)
{
	char *hole = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	int fd = t_pair(t);

	ASSERT(hole != MAP_FAILED);
	ASSERT_ERRNO(send(fd, hole, 100, MSG_NOSIGNAL), EFAULT);
	send_all(fd, "z", 1);
	wait_inq(fd, 1);
	ASSERT_ERRNO(recv(fd, hole, 1, 0), EFAULT);
	wait_inq(fd, 1);
	ctl_sync(t, "FAULTED");
	{
		char c = 0;

		recv_all(fd, &c, 1);
		ASSERT_EQ(c, 'z');
	}
	exchange_byte(t, fd);
	close(fd);
}

static void unconnected_calls(struct test *t)
{
	int fd = t_socket(t);
	char c = 0;

	ASSERT_ERRNO(recv(fd, &c, 1, 0), ENOTCONN);
	ASSERT_ERRNO(send(fd, &c, 1, MSG_NOSIGNAL), EPIPE);
	ASSERT_ERRNO(recv(fd, &c, 1, MSG_OOB), EINVAL);
	ASSERT_EQ(poll_now(fd, POLLIN | POLLOUT), POLLOUT | POLLHUP);
	ASSERT_ERRNO(shutdown(fd, SHUT_RDWR), ENOTCONN);
	close(fd);
	ASSERT_ERRNO(send(fd, &c, 1, MSG_NOSIGNAL), EBADF);
}

/* One direction after the other, sizes 1 .. 70000, round the rings. */
static void stream_odd(struct test *t)
{
	int fd = t_pair(t);

	if (t->client)
		send_pat(fd, STREAM, 11, 0, 0);
	else
		recv_pat(fd, STREAM, 11, 0, 0);
	if (t->client)
		recv_pat(fd, STREAM, 12, 0, 0);
	else
		send_pat(fd, STREAM, 12, 0, 0);
	close(fd);
}

/* Byte by byte, ahead of a reader that reads byte by byte. */
static void stream_small(struct test *t)
{
	int fd = t_pair(t);

	if (t->client)
		send_pat(fd, 1500, 13, 0, 1);
	else
		recv_pat(fd, 1500, 13, 0, 7);
	exchange_byte(t, fd);
	close(fd);
}

struct stream {
	int fd;
	__u32 seed;
	size_t len;
};

static void *stream_writer(void *arg)
{
	struct stream *s = arg;

	send_pat(s->fd, s->len, s->seed, 0, 0);
	return NULL;
}

/* One reader and one writer thread on the same socket, on both hosts. */
static void stream_both_ways(struct test *t)
{
	struct stream s = { t_pair(t), t->client ? 21 : 22, STREAM };
	pthread_t thread;

	ASSERT_EQ(pthread_create(&thread, NULL, stream_writer, &s), 0);
	recv_pat(s.fd, STREAM, t->client ? 22 : 21, 0, 0);
	ASSERT_EQ(pthread_join(thread, NULL), 0);
	ctl_sync(t, "STREAMED");
	close(s.fd);
}

/* The reader's chunk divides nothing; the writer's is one big write. */
static void stream_one_write(struct test *t)
{
	int fd = t_pair(t);
	__u8 *buf;

	if (t->client) {
		buf = malloc(STREAM);
		ASSERT(buf);
		pat_fill(buf, STREAM, 14, 0);
		ASSERT_EQ(send(fd, buf, STREAM, MSG_NOSIGNAL), STREAM);
		free(buf);
	} else {
		recv_pat(fd, STREAM, 14, 0, 10007);
	}
	exchange_byte(t, fd);
	close(fd);
}

/* A byte held back waits no longer for those that are written after it. */
static void more_steady_c(struct test *t)
{
	struct pollfd ctl = { .fd = t->ctl, .events = POLLIN };
	long long end = now_ms() + WAIT_MS / 2;
	int fd = t_pair(t);

	while (!poll(&ctl, 1, 50) && now_ms() < end)
		ASSERT_EQ(send(fd, "x", 1, MSG_MORE | MSG_NOSIGNAL), 1);
	ASSERT_LE(now_ms(), end);
	ctl_expect(t, "GOT");
	close(fd);
}

static void more_steady_s(struct test *t)
{
	int fd = t_pair(t);
	char c;

	recv_all(fd, &c, 1);
	ctl_send(t, "GOT");
	while (recv(fd, &c, 1, 0) > 0)
		;
	close(fd);
}

const struct test_case data_tests[] = {
	{ "data_iovecs", iovecs_c, iovecs_s },
	{ "data_dontwait", dontwait_c, dontwait_s },
	{ "data_waitall", waitall_c, waitall_s },
	{ "data_peek", peek_c, peek_s },
	{ "data_trunc", peek_c, trunc_s },
	{ "data_more_cork", more_c, more_s },
	{ "data_more_steady", more_steady_c, more_steady_s },
	{ "data_sigpipe", sigpipe, sigpipe },
	{ "data_empty_calls", empty_calls, empty_calls },
	{ "data_bad_buffer", bad_buffer, bad_buffer },
	{ "data_unconnected", unconnected_calls, NULL, T_NO_CONN },
	{ "stream_odd_sizes", stream_odd, stream_odd },
	{ "stream_small", stream_small, stream_small },
	{ "stream_both_ways", stream_both_ways, stream_both_ways },
	{ "stream_one_write", stream_one_write, stream_one_write },
	{}
};
