// SPDX-License-Identifier: GPL-2.0
/*
 * Control channel between the two sides of a test: lines of text over a plain
 * TCP connection, one connection a test. A side names the point it has reached
 * and waits for the other to name the same; every wait has a deadline.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <netinet/tcp.h>

#include "harness.h"

/**
 * ctl_listen() - open the control listener
 * @port: TCP port, on every address of the host
 *
 * Return: the listening socket, or -1 with errno.
 */
int ctl_listen(int port)
{
	struct sockaddr_in6 sa = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
	};
	int one = 1, zero = 0, fd;

	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(fd, 16)) {
		close(fd);
		return -1;
	}
	return fd;
}

/**
 * ctl_dial() - connect to the other side's control listener
 * @sa: its address
 * @len: length of @sa
 *
 * Return: the connected socket, or -1 with errno.
 */
int ctl_dial(const struct sockaddr *sa, socklen_t len)
{
	struct timeval tv = { .tv_sec = WAIT_MS / 1000 };
	int one = 1, fd;

	fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (connect(fd, sa, len)) {
		close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

/**
 * ctl_read_line() - read one line
 * @fd: control connection
 * @buf: receives the line without its newline
 * @size: size of @buf
 * @timeout_ms: longest wait for all of it
 *
 * Reads byte by byte: what follows the line belongs to the next reader.
 *
 * Return: length of the line, or -1 on timeout, end of file or error.
 */
int ctl_read_line(int fd, char *buf, size_t size, int timeout_ms)
{
	long long end = now_ms() + timeout_ms;
	size_t len = 0;

	while (len < size - 1) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		long long left = end - now_ms();
		char c;

		if (left < 0)
			return -1;
		if (poll(&p, 1, left) <= 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (recv(fd, &c, 1, 0) != 1)
			return -1;
		if (c == '\n')
			break;
		buf[len++] = c;
	}
	buf[len] = '\0';
	return len;
}

/**
 * ctl_write_line() - send one line
 * @fd: control connection
 * @fmt: printf format of the line, without newline
 *
 * Return: 0 or -1.
 */
int ctl_write_line(int fd, const char *fmt, ...)
{
	char buf[1024];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(buf, sizeof(buf) - 1, fmt, ap);
	va_end(ap);
	if (len > (int)sizeof(buf) - 2)
		len = sizeof(buf) - 2;
	buf[len++] = '\n';
	return send(fd, buf, len, MSG_NOSIGNAL) == len ? 0 : -1;
}

/**
 * ctl_send_num() - tell the other side that a point is reached, with a value
 * @t: test
 * @name: name of the point, without blanks
 * @num: value
 */
void ctl_send_num(struct test *t, const char *name, long long num)
{
	if (ctl_write_line(t->ctl, "%s %lld", name, num))
		test_fail(__FILE__, __LINE__, "other side gone at send of %s",
			  name);
}

/**
 * ctl_send() - tell the other side that a point is reached
 * @t: test
 * @name: name of the point
 */
void ctl_send(struct test *t, const char *name)
{
	ctl_send_num(t, name, 0);
}

/**
 * ctl_expect_num() - wait until the other side reaches a point
 * @t: test
 * @name: name of the point
 *
 * Return: the value sent with it. Anything else fails the test.
 */
long long ctl_expect_num(struct test *t, const char *name)
{
	size_t len = strlen(name);
	char line[128];

	if (ctl_read_line(t->ctl, line, sizeof(line), WAIT_MS + 5000) < 0)
		test_fail(__FILE__, __LINE__, "other side did not reach %s",
			  name);
	if (strncmp(line, name, len) || line[len] != ' ')
		test_fail(__FILE__, __LINE__, "expected %s, got %s", name, line);
	return atoll(line + len + 1);
}

/**
 * ctl_expect() - wait until the other side reaches a point
 * @t: test
 * @name: name of the point
 */
void ctl_expect(struct test *t, const char *name)
{
	ctl_expect_num(t, name);
}

/**
 * ctl_sync() - both sides meet at a point
 * @t: test
 * @name: name of the point
 */
void ctl_sync(struct test *t, const char *name)
{
	ctl_send(t, name);
	ctl_expect(t, name);
}
