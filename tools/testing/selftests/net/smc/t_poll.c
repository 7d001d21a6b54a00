// SPDX-License-Identifier: GPL-2.0
/*
 * poll() and epoll on connections: which events when, edges, several waiters.
 */
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "harness.h"

static int epoll_add(int fd, __u32 events)
{
	struct epoll_event e = { .events = events };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_GE(ep, 0);
	ASSERT_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), 0);
	return ep;
}

/* Next event of an epoll set, which must come. */
static __u32 next_event(int ep)
{
	struct epoll_event e;

	ASSERT_EQ(epoll_wait(ep, &e, 1, WAIT_MS), 1);
	return e.events;
}

static void expect_no_event(int ep)
{
	struct epoll_event e;

	ASSERT_EQ(epoll_wait(ep, &e, 1, 0), 0);
}

static void poll_states_c(struct test *t)
{
	const short all = POLLIN | POLLOUT | POLLPRI | POLLRDHUP;
	int fd = t_pair(t);
	char c;

	ASSERT_EQ(poll_now(fd, all), POLLOUT);
	ctl_send(t, "SEND");
	ASSERT_EQ(wait_poll(fd, POLLIN), POLLIN);
	ASSERT_EQ(poll_now(fd, all), POLLIN | POLLOUT);
	recv_all(fd, &c, 1);
	ASSERT_EQ(poll_now(fd, all), POLLOUT);
	ctl_send(t, "SHUT");
	ASSERT_EQ(wait_poll(fd, POLLRDHUP), POLLRDHUP);
	ASSERT_EQ(poll_now(fd, all), POLLIN | POLLOUT | POLLRDHUP);
	ASSERT_EQ(shutdown(fd, SHUT_WR), 0);
	ASSERT_EQ(poll_now(fd, all),
		  POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
	ctl_send(t, "DONE");
	close(fd);
}

static void poll_states_s(struct test *t)
{
	int fd = t_pair(t);

	ctl_expect(t, "SEND");
	send_all(fd, "x", 1);
	ctl_expect(t, "SHUT");
	ASSERT_EQ(shutdown(fd, SHUT_WR), 0);
	ctl_expect(t, "DONE");
	expect_eof(fd);
	close(fd);
}

/* One edge for each arrival, none in between, data left unread or not. */
static void edge_in_c(struct test *t)
{
	int fd = t_pair(t), ep;
	char buf[4];

	ep = epoll_add(fd, EPOLLIN | EPOLLET);
	expect_no_event(ep);
	ctl_send(t, "ONE");
	ASSERT_EQ(next_event(ep), EPOLLIN);
	expect_no_event(ep);
	ctl_send(t, "TWO");
	ASSERT_EQ(next_event(ep), EPOLLIN);
	wait_inq(fd, 2);
	recv_all(fd, buf, 2);
	expect_no_event(ep);
	ctl_send(t, "THREE");
	ASSERT_EQ(next_event(ep), EPOLLIN);
	close(ep);
	close(fd);
}

static void edge_in_s(struct test *t)
{
	int fd = t_pair(t);
	char c;

	ctl_expect(t, "ONE");
	send_all(fd, "1", 1);
	ctl_expect(t, "TWO");
	send_all(fd, "2", 1);
	ctl_expect(t, "THREE");
	send_all(fd, "3", 1);
	wait_poll(fd, POLLIN);	/* the client closes with a byte unread */
	ASSERT_ERRNO(recv(fd, &c, 1, 0), ECONNRESET);
	close(fd);
}

/* An edge for room after the socket was full. */
static void edge_out_c(struct test *t)
{
	static const char buf[8192];
	long long total = 0, quiet;
	int fd = t_pair(t), ep;
	ssize_t n;

	set_nonblock(fd, true);
	ep = epoll_add(fd, EPOLLOUT | EPOLLET);
	ASSERT_EQ(next_event(ep), EPOLLOUT);
	for (quiet = now_ms(); now_ms() - quiet < 300;) {
		n = send(fd, buf, sizeof(buf), MSG_NOSIGNAL);
		if (n > 0) {
			total += n;
			quiet = now_ms();
		} else {
			struct epoll_event e;

			ASSERT_EQ(errno, EAGAIN);
			epoll_wait(ep, &e, 1, 50);
		}
	}
	expect_no_event(ep);
	ctl_send_num(t, "FULL", total);
	ASSERT_EQ(next_event(ep), EPOLLOUT);
	ASSERT_GT(send(fd, buf, 1, 0), 0);
	ctl_expect(t, "READ");
	close(ep);
	close(fd);
}

static void edge_out_s(struct test *t)
{
	long long left;
	int fd = t_pair(t);
	char buf[8192];
	ssize_t n;

	for (left = ctl_expect_num(t, "FULL") + 1; left; left -= n) {
		n = recv(fd, buf, sizeof(buf), 0);
		ASSERT_GT(n, 0);
	}
	ctl_send(t, "READ");
	expect_eof(fd);
	close(fd);
}

static void oneshot_c(struct test *t)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLONESHOT };
	int fd = t_pair(t), ep;

	ep = epoll_add(fd, EPOLLIN | EPOLLONESHOT);
	ctl_send(t, "ONE");
	ASSERT_EQ(next_event(ep), EPOLLIN);
	ctl_send(t, "TWO");
	wait_inq(fd, 2);
	expect_no_event(ep);
	ASSERT_EQ(epoll_ctl(ep, EPOLL_CTL_MOD, fd, &e), 0);
	ASSERT_EQ(next_event(ep), EPOLLIN);
	close(ep);
	ctl_send(t, "THREE");
	wait_inq(fd, 3);
	close(fd);
}

struct waiter {
	int fd;
	short got;
};

static void *poll_thread(void *arg)
{
	struct waiter *w = arg;

	w->got = wait_poll(w->fd, POLLIN);
	return NULL;
}

/* All who wait are woken: poll, select, and a blocked recv() with a peek. */
static void many_waiters_c(struct test *t)
{
	struct waiter w[3];
	pthread_t thread[3];
	int fd = t_pair(t), i;
	fd_set set;
	char c;

	for (i = 0; i < 3; i++) {
		w[i].fd = fd;
		ASSERT_EQ(pthread_create(&thread[i], NULL, poll_thread, &w[i]),
			  0);
	}
	ctl_send(t, "SEND");
	FD_ZERO(&set);
	FD_SET(fd, &set);
	ASSERT_EQ(select(fd + 1, &set, NULL, NULL,
			 &(struct timeval){ .tv_sec = 10 }), 1);
	ASSERT_EQ(recv(fd, &c, 1, MSG_PEEK), 1);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(pthread_join(thread[i], NULL), 0);
		ASSERT_EQ(w[i].got, POLLIN);
	}
	recv_all(fd, &c, 1);
	close(fd);
}

static void many_waiters_s(struct test *t)
{
	int fd = t_pair(t);

	ctl_expect(t, "SEND");
	send_all(fd, "x", 1);
	expect_eof(fd);
	close(fd);
}

const struct test_case poll_tests[] = {
	{ "poll_states", poll_states_c, poll_states_s },
	{ "poll_edge_in", edge_in_c, edge_in_s },
	{ "poll_edge_out", edge_out_c, edge_out_s },
	{ "poll_oneshot", oneshot_c, edge_in_s },
	{ "poll_many_waiters", many_waiters_c, many_waiters_s },
	{}
};
