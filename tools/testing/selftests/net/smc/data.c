// SPDX-License-Identifier: GPL-2.0
/*
 * Moving and checking bytes, and waiting for events under a deadline.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "harness.h"

/**
 * send_all() - send a whole buffer on a blocking socket
 * @fd: socket
 * @buf: data
 * @len: number of bytes
 */
void send_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;
	ssize_t n;

	while (len) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		ASSERT_GT(n, 0);
		p += n;
		len -= n;
	}
}

/**
 * recv_upto() - receive until a buffer is full or the stream ends
 * @fd: socket
 * @buf: buffer
 * @len: its size
 *
 * Return: number of bytes received.
 */
size_t recv_upto(int fd, void *buf, size_t len)
{
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		n = recv(fd, (char *)buf + got, len - got, 0);
		ASSERT_GE(n, 0);
		if (!n)
			break;
		got += n;
	}
	return got;
}

/**
 * recv_all() - receive exactly a buffer
 * @fd: socket
 * @buf: buffer
 * @len: its size
 */
void recv_all(int fd, void *buf, size_t len)
{
	ASSERT_EQ(recv_upto(fd, buf, len), len);
}

/**
 * send_pat() - send a piece of a stream
 * @fd: blocking socket
 * @len: number of bytes
 * @seed: which stream
 * @off: position of its first byte
 * @chunk: bytes a call, 0 for odd sizes that change from call to call
 */
void send_pat(int fd, size_t len, __u32 seed, __u64 off, size_t chunk)
{
	__u32 state = seed + 0x1234567;
	size_t n, done = 0;
	__u8 *buf;

	buf = malloc(chunk ? chunk : 70000);
	ASSERT(buf);
	while (done < len) {
		n = chunk ? chunk : rnd(&state) % 69999 + 1;
		if (n > len - done)
			n = len - done;
		pat_fill(buf, n, seed, off + done);
		send_all(fd, buf, n);
		done += n;
	}
	free(buf);
}

/**
 * recv_pat() - receive and check a piece of a stream
 * @fd: blocking socket
 * @len: number of bytes
 * @seed: which stream
 * @off: position of its first byte
 * @chunk: bytes a call, 0 for odd sizes that change from call to call
 */
void recv_pat(int fd, size_t len, __u32 seed, __u64 off, size_t chunk)
{
	__u32 state = seed + 0x7654321;
	size_t n, done = 0;
	__u8 *buf;
	ssize_t r;

	buf = malloc(chunk ? chunk : 70000);
	ASSERT(buf);
	while (done < len) {
		n = chunk ? chunk : rnd(&state) % 69999 + 1;
		if (n > len - done)
			n = len - done;
		r = recv(fd, buf, n, 0);
		ASSERT_GT(r, 0);
		ASSERT_EQ(pat_diff(buf, r, seed, off + done), -1);
		done += r;
	}
	free(buf);
}

/**
 * expect_eof() - the stream must end here
 * @fd: socket
 */
void expect_eof(int fd)
{
	char c;

	wait_poll(fd, POLLIN);
	ASSERT_EQ(recv(fd, &c, 1, 0), 0);
}

/**
 * exchange_byte() - one byte each way, so that both directions are known to work
 * @t: test
 * @fd: connected blocking socket
 */
void exchange_byte(struct test *t, int fd)
{
	char c = 0;

	if (t->client)
		send_all(fd, "c", 1);
	recv_all(fd, &c, 1);
	ASSERT_EQ(c, t->client ? 's' : 'c');
	if (!t->client)
		send_all(fd, "s", 1);
}

/**
 * wait_poll() - wait for one of some poll events
 * @fd: file
 * @events: events
 *
 * Return: revents. A wait of %WAIT_MS without an event fails the test.
 */
short wait_poll(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	long long end = now_ms() + WAIT_MS;
	int n;

	do {
		n = poll(&p, 1, end > now_ms() ? end - now_ms() : 0);
	} while (n < 0 && errno == EINTR);
	if (n != 1)
		test_fail(__FILE__, __LINE__, "no event of 0x%x in %d ms",
			  events, WAIT_MS);
	return p.revents;
}

/**
 * poll_now() - which events are there at this moment
 * @fd: file
 * @events: events
 *
 * Return: revents, 0 for none.
 */
short poll_now(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	ASSERT_GE(poll(&p, 1, 0), 0);
	return p.revents;
}

/**
 * wait_inq() - wait until so many bytes are readable
 * @fd: socket
 * @bytes: number, exactly
 */
void wait_inq(int fd, int bytes)
{
	long long end = now_ms() + WAIT_MS;
	int n = -1;

	for (;;) {
		ASSERT_EQ(ioctl(fd, SIOCINQ, &n), 0);
		if (n == bytes)
			return;
		if (now_ms() > end)
			test_fail(__FILE__, __LINE__,
				  "%d bytes readable, wanted %d", n, bytes);
		usleep(1000);
	}
}

/**
 * get_int_opt() - read an int option
 * @fd: socket
 * @level: level
 * @opt: name
 *
 * Return: the value.
 */
int get_int_opt(int fd, int level, int opt)
{
	socklen_t len = sizeof(int);
	int val = -1;

	ASSERT_EQ(getsockopt(fd, level, opt, &val, &len), 0);
	ASSERT_EQ(len, sizeof(int));
	return val;
}

/**
 * set_int_opt() - set an int option
 * @fd: socket
 * @level: level
 * @opt: name
 * @val: value
 */
void set_int_opt(int fd, int level, int opt, int val)
{
	ASSERT_EQ(setsockopt(fd, level, opt, &val, sizeof(val)), 0);
}

/**
 * set_nonblock() - switch O_NONBLOCK
 * @fd: file
 * @on: new state
 */
void set_nonblock(int fd, bool on)
{
	int fl = fcntl(fd, F_GETFL);

	ASSERT_GE(fl, 0);
	fl = on ? fl | O_NONBLOCK : fl & ~O_NONBLOCK;
	ASSERT_EQ(fcntl(fd, F_SETFL, fl), 0);
}
