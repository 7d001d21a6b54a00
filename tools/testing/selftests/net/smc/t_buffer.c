// SPDX-License-Identifier: GPL-2.0
/*
 * Full buffers, queue lengths, and the options that size or time the waits.
 */
#include <stdlib.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "harness.h"

#define CHUNK	4093
#define LOWAT_READ	60000
#define LOWAT_BYTES	600000

/* Send without blocking until nothing more fits. Returns the bytes taken. */
static size_t fill_up(int fd, __u32 seed)
{
	long long full_since = 0;
	__u8 buf[CHUNK];
	size_t total = 0;

	/* Buffers drain into the peer's for a while: full means it stays so */
	for (;;) {
		ssize_t n;

		pat_fill(buf, CHUNK, seed, total);
		n = send(fd, buf, CHUNK, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			total += n;
			full_since = 0;
			ASSERT(total < 64 << 20);
			continue;
		}
		ASSERT_EQ(errno, EAGAIN);
		if (!full_since)
			full_since = now_ms();
		if (now_ms() - full_since > 300)
			return total;
		usleep(5000);
	}
}

/* EAGAIN when full, writable again when the peer has read. */
static void full_nonblock_c(struct test *t)
{
	int fd = t_pair(t);
	size_t total;

	set_nonblock(fd, true);
	total = fill_up(fd, 31);
	ASSERT_EQ(poll_now(fd, POLLOUT), 0);
	ctl_send_num(t, "FULL", total);
	ASSERT_EQ(wait_poll(fd, POLLOUT), POLLOUT);
	ASSERT_GT(send(fd, "x", 1, MSG_NOSIGNAL), 0);
	ctl_expect(t, "READ");
	close(fd);
}

static void full_nonblock_s(struct test *t)
{
	int fd = t_pair(t);
	char c;

	recv_pat(fd, ctl_expect_num(t, "FULL"), 31, 0, 0);
	recv_all(fd, &c, 1);
	ASSERT_EQ(c, 'x');
	ctl_send(t, "READ");
	expect_eof(fd);
	close(fd);
}

/* A blocking send goes on when room comes; the timeout ends one that can't. */
static void sndtimeo_c(struct test *t)
{
	struct timeval tv = { .tv_usec = 300000 };
	int fd = t_pair(t);
	long long start;
	size_t total;
	__u8 c;

	total = fill_up(fd, 32);
	ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)), 0);
	pat_fill(&c, 1, 32, total);
	start = now_ms();
	ASSERT_ERRNO(send(fd, &c, 1, MSG_NOSIGNAL), EAGAIN);
	ASSERT_GE(now_ms() - start, 290);
	tv.tv_sec = WAIT_MS / 1000;
	ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)), 0);
	ctl_send_num(t, "FULL", total + 1);
	ASSERT_EQ(send(fd, &c, 1, MSG_NOSIGNAL), 1);
	ctl_expect(t, "READ");
	close(fd);
}

static void sndtimeo_s(struct test *t)
{
	int fd = t_pair(t);

	recv_pat(fd, ctl_expect_num(t, "FULL"), 32, 0, 0);
	ctl_send(t, "READ");
	expect_eof(fd);
	close(fd);
}

static void rcvtimeo(struct test *t)
{
	struct timeval tv = { .tv_usec = 300000 }, got = {};
	socklen_t len = sizeof(got);
	int fd = t_pair(t);
	long long start;
	char c;

	ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	ASSERT_EQ(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &got, &len), 0);
	ASSERT_EQ(got.tv_usec, 300000);
	start = now_ms();
	ASSERT_ERRNO(recv(fd, &c, 1, 0), EAGAIN);
	ASSERT_GE(now_ms() - start, 290);
	ctl_sync(t, "TIMED_OUT");
	tv.tv_usec = 0;
	ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	exchange_byte(t, fd);
	close(fd);
}

static void rcvlowat_c(struct test *t)
{
	int fd = t_pair(t);

	send_pat(fd, 10, 33, 0, 10);
	ctl_expect(t, "TEN");
	send_pat(fd, 90, 33, 10, 90);
	ctl_expect(t, "HUNDRED");
	send_pat(fd, 30, 33, 100, 30);
	ASSERT_EQ(shutdown(fd, SHUT_WR), 0);
	expect_eof(fd);
	close(fd);
}

static void rcvlowat_s(struct test *t)
{
	__u8 buf[200];
	int fd = t_pair(t);

	set_int_opt(fd, SOL_SOCKET, SO_RCVLOWAT, 100);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_RCVLOWAT), 100);
	wait_inq(fd, 10);
	ASSERT_EQ(poll_now(fd, POLLIN), 0);
	ASSERT_EQ(recv(fd, buf, 3, MSG_DONTWAIT), 3);
	ctl_send(t, "TEN");
	wait_inq(fd, 97);
	ASSERT_EQ(poll_now(fd, POLLIN), 0);
	set_int_opt(fd, SOL_SOCKET, SO_RCVLOWAT, 97);
	ASSERT_EQ(wait_poll(fd, POLLIN), POLLIN);
	ASSERT_EQ(recv(fd, buf + 3, 200, 0), 97);
	ASSERT_EQ(pat_diff(buf, 100, 33, 0), -1);
	ctl_send(t, "HUNDRED");
	/* The end of the stream is readable, however little is left */
	ASSERT(wait_poll(fd, POLLIN) & POLLIN);
	ASSERT_EQ(recv(fd, buf, 200, MSG_WAITALL), 30);
	ASSERT_EQ(recv(fd, buf, 200, 0), 0);
	close(fd);
}

static int queue(int fd, unsigned long cmd)
{
	int n = -1;

	ASSERT_EQ(ioctl(fd, cmd, &n), 0);
	return n;
}

static void wait_outq_empty(int fd)
{
	long long end = now_ms() + WAIT_MS;

	while (queue(fd, SIOCOUTQ) && now_ms() < end)
		usleep(1000);
	ASSERT_EQ(queue(fd, SIOCOUTQ), 0);
	ASSERT_EQ(queue(fd, SIOCOUTQNSD), 0);
}

static void queue_ioctls_c(struct test *t)
{
	int fd = t_pair(t);
	size_t total;

	ASSERT_EQ(queue(fd, SIOCOUTQ), 0);
	ASSERT_EQ(queue(fd, SIOCOUTQNSD), 0);
	ASSERT_EQ(queue(fd, SIOCINQ), 0);
	send_pat(fd, 5000, 34, 0, 5000);
	wait_outq_empty(fd);
	ctl_expect(t, "INQ");
	total = fill_up(fd, 35);
	ASSERT_GT(queue(fd, SIOCOUTQ), 0);
	ASSERT_GE(queue(fd, SIOCOUTQ), queue(fd, SIOCOUTQNSD));
	ctl_send_num(t, "FULL", total);
	ctl_expect(t, "READ");
	wait_outq_empty(fd);
	close(fd);
}

static void queue_ioctls_s(struct test *t)
{
	int fd = t_pair(t), n = -1;

	wait_inq(fd, 5000);
	ASSERT_EQ(ioctl(fd, FIONREAD, &n), 0);
	ASSERT_EQ(n, 5000);
	recv_pat(fd, 1234, 34, 0, 1234);
	ASSERT_EQ(queue(fd, SIOCINQ), 5000 - 1234);
	recv_pat(fd, 5000 - 1234, 34, 1234, 5000);
	ASSERT_EQ(queue(fd, SIOCINQ), 0);
	ctl_send(t, "INQ");
	recv_pat(fd, ctl_expect_num(t, "FULL"), 35, 0, 0);
	ctl_send(t, "READ");
	expect_eof(fd);
	close(fd);
}

static void ioctl_errors(struct test *t)
{
	int fd = t_socket(t), n = 0;

	t_bind_any(t, fd);
	ASSERT_EQ(listen(fd, 1), 0);
	ASSERT_ERRNO(ioctl(fd, SIOCINQ, &n), EINVAL);
	ASSERT_ERRNO(ioctl(fd, SIOCOUTQ, &n), EINVAL);
	ASSERT_ERRNO(ioctl(fd, SIOCOUTQNSD, &n), EINVAL);
	ASSERT_ERRNO(ioctl(fd, 0x5450f00d, &n), ENOTTY);
	close(fd);
}

/* Sizes asked for before the connection; data many times both of them. */
static void buffer_sizes(struct test *t)
{
	static const int size[] = { 4096, 32768, 300000 };
	int fd, lfd, port = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		fd = t_socket(t);
		set_int_opt(fd, SOL_SOCKET, SO_SNDBUF, size[i]);
		set_int_opt(fd, SOL_SOCKET, SO_RCVBUF, size[i]);
		if (size[i] == 32768) {
			ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_SNDBUF), 65536);
			ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_RCVBUF), 65536);
		}
		if (t->client) {
			port = ctl_expect_num(t, "PORT");
			ASSERT_EQ(t_connect_fd(t, fd, port), 0);
			t_prove(t, fd);
			send_pat(fd, 512 * 1024, 36, 0, 0);
		} else {
			lfd = t_listen_fd(t, fd, 1);
			fd = t_accept(t, lfd);
			close(lfd);
			recv_pat(fd, 512 * 1024, 36, 0, 0);
		}
		exchange_byte(t, fd);
		ASSERT_GT(get_int_opt(fd, SOL_SOCKET, SO_SNDBUF), 4095);
		ASSERT_GT(get_int_opt(fd, SOL_SOCKET, SO_RCVBUF), 4095);
		close(fd);
	}
}

/*
 * A low-water mark as high as a ring: what fills the ring has to do, also after
 * reads that the sender has not been told of.
 */
static void rcvlowat_high_c(struct test *t)
{
	__u8 *buf = malloc(LOWAT_READ);
	int fd = t_pair(t);
	size_t done = 0;
	ssize_t n;

	ASSERT(buf);
	set_int_opt(fd, SOL_SOCKET, SO_RCVLOWAT, 65536);
	while (done < LOWAT_BYTES) {
		ASSERT(wait_poll(fd, POLLIN) & POLLIN);
		while ((n = recv(fd, buf, LOWAT_READ, MSG_DONTWAIT)) > 0) {
			ASSERT_EQ(pat_diff(buf, n, 49, done), -1);
			done += n;
		}
		ASSERT(!n || errno == EAGAIN);
	}
	ASSERT_EQ(done, LOWAT_BYTES);
	free(buf);
	close(fd);
}

static void rcvlowat_high_s(struct test *t)
{
	int fd = t_pair(t);

	send_pat(fd, LOWAT_BYTES, 49, 0, 30000);
	ASSERT_EQ(shutdown(fd, SHUT_WR), 0);
	expect_eof(fd);
	close(fd);
}

/* Peeking ahead of what is here waits for it. */
static void peek_off_c(struct test *t)
{
	int fd = t_pair(t);
	char buf[8];

	set_int_opt(fd, SOL_SOCKET, SO_PEEK_OFF, 4);
	ctl_send(t, "PEEK");
	wait_inq(fd, 3);
	ASSERT_ERRNO(recv(fd, buf, 8, MSG_PEEK | MSG_DONTWAIT), EAGAIN);
	ctl_send(t, "MORE");
	ASSERT_EQ(recv(fd, buf, 8, MSG_PEEK), 2);
	ASSERT(!memcmp(buf, "ef", 2));
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_PEEK_OFF), 6);
	recv_all(fd, buf, 6);
	ASSERT(!memcmp(buf, "abcdef", 6));
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_PEEK_OFF), 0);
	close(fd);
}

static void peek_off_s(struct test *t)
{
	int fd = t_pair(t);

	ctl_expect(t, "PEEK");
	send_all(fd, "abc", 3);
	ctl_expect(t, "MORE");
	send_all(fd, "def", 3);
	expect_eof(fd);
	close(fd);
}

const struct test_case buffer_tests[] = {
	{ "buffer_full_nonblock", full_nonblock_c, full_nonblock_s },
	{ "buffer_sndtimeo", sndtimeo_c, sndtimeo_s },
	{ "buffer_rcvtimeo", rcvtimeo, rcvtimeo },
	{ "buffer_rcvlowat", rcvlowat_c, rcvlowat_s },
	{ "buffer_rcvlowat_high", rcvlowat_high_c, rcvlowat_high_s },
	{ "buffer_peek_off", peek_off_c, peek_off_s },
	{ "buffer_queue_ioctls", queue_ioctls_c, queue_ioctls_s },
	{ "buffer_ioctl_errors", ioctl_errors, NULL, T_NO_CONN },
	{ "buffer_sizes", buffer_sizes, buffer_sizes },
	{}
};
