// SPDX-License-Identifier: GPL-2.0
/*
 * shutdown() and close(): each direction, data in flight, unread data, linger,
 * and what the other side sees.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/time.h>

#include "harness.h"

#define HALF	(512 * 1024)
#define WHOLE	(1024 * 1024)
#define QUIET_MS 7000	/* longer than any timer of a close may run */

/* Send, end our direction, get an answer on the other one. */
static void half_close_c(struct test *t)
{
	int fd = t_pair(t);

	send_pat(fd, HALF, 41, 0, 0);
	ASSERT_EQ(shutdown(fd, SHUT_WR), 0);
	ASSERT_ERRNO(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE);
	recv_pat(fd, HALF, 42, 0, 0);
	expect_eof(fd);
	close(fd);
}

static void half_close_s(struct test *t)
{
	int fd = t_pair(t);

	recv_pat(fd, HALF, 41, 0, 5000);
	expect_eof(fd);
	ASSERT_EQ(poll_now(fd, POLLIN | POLLOUT | POLLRDHUP),
		  POLLIN | POLLOUT | POLLRDHUP);
	send_pat(fd, HALF, 42, 0, 0);
	close(fd);
}

/* One direction has ended, long ago: the other still carries data. */
static void half_close_quiet_c(struct test *t)
{
	struct pollfd p = { .events = POLLIN | POLLRDHUP };
	int fd = t_pair(t);

	send_pat(fd, 5000, 47, 0, 0);
	ASSERT_EQ(shutdown(fd, SHUT_WR), 0);
	p.fd = fd;
	ASSERT_EQ(poll(&p, 1, QUIET_MS), 0);
	ctl_send(t, "QUIET");
	recv_pat(fd, HALF, 48, 0, 0);
	expect_eof(fd);
	close(fd);
}

static void half_close_quiet_s(struct test *t)
{
	int fd = t_pair(t);

	recv_pat(fd, 5000, 47, 0, 0);
	expect_eof(fd);
	ctl_expect(t, "QUIET");
	send_pat(fd, HALF, 48, 0, 0);
	close(fd);
}

static void *recv_thread(void *arg)
{
	char c;

	return (void *)(intptr_t)recv(*(int *)arg, &c, 1, 0);
}

/* shutdown(SHUT_RD) ends a recv() that waits; sending goes on. */
static void shut_rd_c(struct test *t)
{
	int fd = t_pair(t);
	pthread_t thread;
	void *ret;
	char c;

	ASSERT_EQ(pthread_create(&thread, NULL, recv_thread, &fd), 0);
	usleep(50000);	/* either order must do: only the usual one is aimed at */
	ASSERT_EQ(shutdown(fd, SHUT_RD), 0);
	ASSERT_EQ(pthread_join(thread, &ret), 0);
	ASSERT_EQ((intptr_t)ret, 0);
	ASSERT_EQ(recv(fd, &c, 1, 0), 0);
	ASSERT_EQ(poll_now(fd, POLLIN | POLLRDHUP | POLLOUT),
		  POLLIN | POLLRDHUP | POLLOUT);
	send_all(fd, "still", 5);
	close(fd);
}

static void shut_rd_s(struct test *t)
{
	int fd = t_pair(t);
	char buf[5];

	recv_all(fd, buf, 5);
	ASSERT_EQ(memcmp(buf, "still", 5), 0);
	expect_eof(fd);
	close(fd);
}

static void shut_both_c(struct test *t)
{
	int fd = t_pair(t);
	char c;

	send_all(fd, "bye", 3);
	ASSERT_EQ(shutdown(fd, SHUT_RDWR), 0);
	ASSERT_EQ(recv(fd, &c, 1, 0), 0);
	ASSERT_ERRNO(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE);
	ASSERT_EQ(poll_now(fd, POLLIN | POLLOUT | POLLRDHUP),
		  POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
	close(fd);
}

static void shut_both_s(struct test *t)
{
	int fd = t_pair(t);
	char buf[3];

	recv_all(fd, buf, 3);
	expect_eof(fd);
	close(fd);
}

/* Data for who has ended both directions: a reset, not a sender that waits. */
static void shut_both_data_c(struct test *t)
{
	int fd = t_pair(t);

	ASSERT_EQ(shutdown(fd, SHUT_RDWR), 0);
	ctl_send(t, "SHUT");
	ctl_expect(t, "FAILED");
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ERROR), ECONNRESET);
	close(fd);
}

static void shut_both_data_s(struct test *t)
{
	long long end = now_ms() + WAIT_MS;
	int fd = t_pair(t);

	ctl_expect(t, "SHUT");
	while (send(fd, "x", 1, MSG_NOSIGNAL) == 1 && now_ms() < end)
		usleep(1000);	/* the answer takes a moment */
	ASSERT(errno == EPIPE || errno == ECONNRESET);
	ctl_send(t, "FAILED");
	close(fd);
}

static void shut_errors(struct test *t)
{
	int fd = t_pair(t);

	ASSERT_ERRNO(shutdown(fd, 3), EINVAL);
	ASSERT_ERRNO(shutdown(fd, -1), EINVAL);
	exchange_byte(t, fd);
	close(fd);
}

/* Closed at once after the last write: the peer gets all of it. */
static void close_delivers_c(struct test *t)
{
	int fd = t_pair(t);

	send_pat(fd, WHOLE, 43, 0, 65536);
	close(fd);
	ctl_send(t, "CLOSED");
}

/* Reads the rest only when the sender has closed. */
static void close_delivers_s(struct test *t)
{
	int fd = t_pair(t);
	__u8 *buf;
	size_t early;

	buf = malloc(WHOLE);
	ASSERT(buf);
	early = WHOLE - 8192;
	recv_all(fd, buf, early);
	ctl_expect(t, "CLOSED");
	ASSERT_EQ(recv_upto(fd, buf + early, 8192), 8192);
	ASSERT_EQ(pat_diff(buf, WHOLE, 43, 0), -1);
	expect_eof(fd);
	free(buf);
	close(fd);
}

/* Closed while the peer is slow and its buffer is full. */
static void close_slow_reader_s(struct test *t)
{
	int fd = t_pair(t);
	size_t done;

	ctl_expect(t, "CLOSED");
	for (done = 0; done < 65536; done += 4096) {
		recv_pat(fd, 4096, 44, done, 4096);
		usleep(10000);	/* being slow is the point */
	}
	expect_eof(fd);
	close(fd);
}

static void close_slow_reader_c(struct test *t)
{
	int fd = t_pair(t);

	send_pat(fd, 65536, 44, 0, 4096);
	close(fd);
	ctl_send(t, "CLOSED");
}

/*
 * Aborted, by either side in turn. What recv() says of that is not the same in
 * all implementations, but it does not wait, and nothing can be sent.
 */
static void abort_pair(struct test *t, bool ours)
{
	int fd = t_pair(t);
	ssize_t n;
	char c;

	if (ours) {
		wait_inq(fd, 5);
		close(fd);
		ctl_expect(t, "SEEN");
		return;
	}
	send_all(fd, "never", 5);
	ASSERT(wait_poll(fd, POLLIN) & (POLLERR | POLLHUP));
	n = recv(fd, &c, 1, 0);
	ASSERT(!n || (n < 0 && errno == ECONNRESET));
	ASSERT_EQ(send(fd, &c, 1, MSG_NOSIGNAL), -1);
	ASSERT(errno == EPIPE || errno == ECONNRESET);
	close(fd);
	ctl_send(t, "SEEN");
}

static void close_abort(struct test *t)
{
	abort_pair(t, t->client);
	abort_pair(t, !t->client);
}

/* Closed with data unread: the peer's connection is reset. */
static void close_unread_c(struct test *t)
{
	int fd = t_pair(t);

	wait_inq(fd, 5);
	close(fd);
	ctl_send(t, "CLOSED");
}

static void close_unread_s(struct test *t)
{
	int fd = t_pair(t);
	char c;

	send_all(fd, "never", 5);
	ctl_expect(t, "CLOSED");
	ASSERT_EQ(wait_poll(fd, 0), POLLERR | POLLHUP);
	ASSERT_ERRNO(recv(fd, &c, 1, 0), ECONNRESET);
	ASSERT_EQ(recv(fd, &c, 1, 0), 0);
	ASSERT_ERRNO(send(fd, &c, 1, MSG_NOSIGNAL), EPIPE);
	ASSERT_ERRNO(shutdown(fd, SHUT_WR), ENOTCONN);
	close(fd);
}

/* The reset wakes a recv() that waits, and SO_ERROR tells it once. */
static void reset_so_error_s(struct test *t)
{
	int fd = t_pair(t);

	send_all(fd, "never", 5);
	wait_poll(fd, POLLIN);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ERROR), ECONNRESET);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ERROR), 0);
	ctl_expect(t, "CLOSED");
	close(fd);
}

static void reset_blocked_s(struct test *t)
{
	int fd = t_pair(t);
	char c;

	send_all(fd, "never", 5);
	ASSERT_ERRNO(recv(fd, &c, 1, 0), ECONNRESET);
	ctl_expect(t, "CLOSED");
	close(fd);
}

/* A reset after the end of the stream: it is the end that is read. */
static void eof_then_reset_c(struct test *t)
{
	int fd = t_pair(t);
	char c;

	send_all(fd, "never", 5);
	ASSERT(wait_poll(fd, POLLRDHUP) & POLLRDHUP);
	ctl_send(t, "ENDED");
	ASSERT(wait_poll(fd, 0) & POLLERR);
	ASSERT_EQ(recv(fd, &c, 1, 0), 0);
	ASSERT_EQ(recv(fd, &c, 1, MSG_PEEK), 0);
	ASSERT_ERRNO(send(fd, &c, 1, MSG_NOSIGNAL), EPIPE);
	ASSERT_EQ(recv(fd, &c, 1, 0), 0);
	close(fd);
	ctl_send(t, "SEEN");
}

static void eof_then_reset_s(struct test *t)
{
	int fd = t_pair(t);

	wait_inq(fd, 5);
	ASSERT_EQ(shutdown(fd, SHUT_WR), 0);
	ctl_expect(t, "ENDED");
	close(fd);
	ctl_expect(t, "SEEN");
}

static void set_linger(int fd, int on, int seconds)
{
	struct linger lg = { .l_onoff = on, .l_linger = seconds }, got = {};
	socklen_t len = sizeof(got);

	ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_LINGER, &lg, sizeof(lg)), 0);
	ASSERT_EQ(getsockopt(fd, SOL_SOCKET, SO_LINGER, &got, &len), 0);
	ASSERT_EQ(got.l_onoff, on);
	ASSERT_EQ(got.l_linger, seconds);
}

static void linger_zero_c(struct test *t)
{
	int fd = t_pair(t);

	exchange_byte(t, fd);
	set_linger(fd, 1, 0);
	close(fd);
}

static void linger_zero_s(struct test *t)
{
	int fd = t_pair(t);
	char c;

	exchange_byte(t, fd);
	ASSERT_ERRNO(recv(fd, &c, 1, 0), ECONNRESET);
	close(fd);
}

/* With a linger time close() waits until the data are with the peer. */
static void linger_on_c(struct test *t)
{
	int fd = t_pair(t);
	long long start;

	set_linger(fd, 1, 8);
	send_pat(fd, WHOLE, 45, 0, 0);
	start = now_ms();
	ASSERT_EQ(close(fd), 0);
	ASSERT_LE(now_ms() - start, 8000);
}

static void linger_on_s(struct test *t)
{
	int fd = t_pair(t);

	recv_pat(fd, WHOLE, 45, 0, 3001);
	expect_eof(fd);
	close(fd);
}

/* The peer has closed: sends fail soon, and for good. */
static void send_after_close_c(struct test *t)
{
	long long end = now_ms() + WAIT_MS;
	int fd = t_pair(t);

	expect_eof(fd);
	ctl_expect(t, "CLOSED");
	while (send(fd, "x", 1, MSG_NOSIGNAL) == 1 && now_ms() < end)
		usleep(1000);
	ASSERT(errno == EPIPE || errno == ECONNRESET);
	ASSERT_EQ(send(fd, "x", 1, MSG_NOSIGNAL), -1);
	ASSERT(errno == EPIPE || errno == ECONNRESET);
	close(fd);
}

static void send_after_close_s(struct test *t)
{
	int fd = t_pair(t);

	close(fd);
	ctl_send(t, "CLOSED");
}

/* Both close at the same moment, again and again. */
static void close_crossing(struct test *t)
{
	int i;

	for (i = 0; i < 10; i++) {
		int fd = t_pair(t);

		exchange_byte(t, fd);
		ctl_sync(t, "TOGETHER");
		ASSERT_EQ(close(fd), 0);
	}
}

/* Data are read first, the end of the stream comes after them. */
static void data_then_eof_c(struct test *t)
{
	int fd = t_pair(t);

	send_pat(fd, 10000, 46, 0, 0);
	close(fd);
	ctl_send(t, "CLOSED");
}

static void data_then_eof_s(struct test *t)
{
	int fd = t_pair(t);

	ctl_expect(t, "CLOSED");
	ASSERT(wait_poll(fd, POLLRDHUP) & POLLRDHUP);
	wait_inq(fd, 10000);
	recv_pat(fd, 10000, 46, 0, 999);
	expect_eof(fd);
	expect_eof(fd);
	close(fd);
}

const struct test_case close_tests[] = {
	{ "shutdown_wr_half_close", half_close_c, half_close_s },
	{ "shutdown_wr_quiet", half_close_quiet_c, half_close_quiet_s,
	  T_ONE_FAMILY },
	{ "shutdown_rd", shut_rd_c, shut_rd_s },
	{ "shutdown_both", shut_both_c, shut_both_s },
	{ "shutdown_both_then_data", shut_both_data_c, shut_both_data_s },
	{ "shutdown_errors", shut_errors, shut_errors },
	{ "close_delivers", close_delivers_c, close_delivers_s },
	{ "close_slow_reader", close_slow_reader_c, close_slow_reader_s },
	{ "close_abort", close_abort, close_abort },
	{ "close_unread", close_unread_c, close_unread_s },
	{ "close_unread_so_error", close_unread_c, reset_so_error_s },
	{ "close_unread_blocked", close_unread_c, reset_blocked_s },
	{ "close_unread_after_eof", eof_then_reset_c, eof_then_reset_s },
	{ "close_linger_zero", linger_zero_c, linger_zero_s },
	{ "close_linger_on", linger_on_c, linger_on_s },
	{ "close_then_peer_sends", send_after_close_c, send_after_close_s },
	{ "close_crossing", close_crossing, close_crossing },
	{ "close_data_then_eof", data_then_eof_c, data_then_eof_s },
	{}
};
