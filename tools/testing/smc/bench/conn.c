// SPDX-License-Identifier: GPL-2.0
/* Sockets, exchanges and the clock, as all workloads use them. */
#include <netinet/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define BACKLOG		128
#define STACK_BYTES	(64 * 1024)

/**
 * now_ns() - the time
 *
 * Return: nanoseconds; in a machine that counts instructions, instructions.
 */
__u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/**
 * listen_on() - make the row's listener and say so
 * @run: the run
 *
 * Return: the listener.
 */
int listen_on(struct bench_run *run)
{
	int one = 1, fd;

	fd = socket(run->family[BENCH_SRV], SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket: %m");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&run->addr, sizeof(run->addr)) ||
	    listen(fd, BACKLOG))
		die("listen: %m");
	if (write(run->ready[1], "", 1) != 1)
		die("cannot say that the server is ready: %m");
	return fd;
}

static void set_nodelay(int fd)
{
	int one = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		die("TCP_NODELAY: %m");
}

/**
 * accept_one() - accept a connection
 * @listener: from whom
 *
 * Return: the connection.
 */
int accept_one(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		die("accept: %m");
	set_nodelay(fd);
	return fd;
}

/**
 * connect_one() - connect to the row's listener
 * @run: the run
 *
 * Return: the connection.
 */
int connect_one(const struct bench_run *run)
{
	int fd = socket(run->family[BENCH_CLNT], SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket: %m");
	if (connect(fd, (const struct sockaddr *)&run->addr,
		    sizeof(run->addr)))
		die("connect: %m");
	set_nodelay(fd);
	return fd;
}

/**
 * set_nonblocking() - make a connection return instead of wait
 * @fd: the connection
 */
void set_nonblocking(int fd)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		die("fcntl: %m");
}

/**
 * send_all() - send
 * @fd: blocking connection
 * @buf: bytes
 * @len: of them
 */
void send_all(int fd, const void *buf, size_t len)
{
	while (len) {
		ssize_t n = send(fd, buf, len, MSG_NOSIGNAL);

		if (n < 0)
			die("send: %m");
		buf = (const char *)buf + n;
		len -= n;
	}
}

/**
 * recv_all() - receive
 * @fd: blocking connection
 * @buf: room
 * @len: bytes wanted
 *
 * Return: false if the peer closed instead; amid the bytes it must not.
 */
bool recv_all(int fd, void *buf, size_t len)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = recv(fd, (char *)buf + have, len - have, 0);

		if (n < 0)
			die("recv: %m");
		if (!n && have)
			die("recv: end after %zu of %zu bytes", have, len);
		if (!n)
			return false;
		have += n;
	}
	return true;
}

/**
 * stamp() - mark a message, so that another one is not taken for it
 * @buf: the message
 * @len: its length, 1 at least
 * @n: its number
 */
void stamp(unsigned char *buf, size_t len, unsigned int n)
{
	buf[0] = n;
	buf[len - 1] = n;
	if (len > 2 * sizeof(n))
		memcpy(buf + 1, &n, sizeof(n));
}

/**
 * check_stamp() - is it the message expected?
 * @buf: the message
 * @len: its length
 * @n: number expected
 */
void check_stamp(const unsigned char *buf, size_t len, unsigned int n)
{
	if (buf[0] != (n & 0xff) || buf[len - 1] != (n & 0xff) ||
	    (len > 2 * sizeof(n) && memcmp(buf + 1, &n, sizeof(n))))
		die("message %u is wrong", n);
}

/**
 * buffer() - allocate memory that is there, not just promised
 * @len: bytes
 *
 * Return: the memory.
 */
void *buffer(size_t len)
{
	void *buf = malloc(len);

	if (!buf)
		die("out of memory");
	memset(buf, 0x5a, len);
	return buf;
}

/**
 * measure_begin() - the first measured operation follows
 * @run: the run
 */
void measure_begin(struct bench_run *run)
{
	count_read(&run->result->before);
	run->result->begin = now_ns();
}

/**
 * measure_end() - the last measured operation has ended
 * @run: the run
 */
void measure_end(struct bench_run *run)
{
	run->result->end = now_ns();
	count_read(&run->result->after);
	run->result->complete = true;
}

/**
 * start_threads() - start threads
 * @num: of them
 * @fn: what they do; they are not waited for
 * @args: array of arguments
 * @arg_size: size of one
 */
void start_threads(unsigned int num, void *(*fn)(void *arg), void *args,
		   size_t arg_size)
{
	pthread_attr_t attr;
	pthread_t thread;
	unsigned int i;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (i = 0; i < num; i++) {
		err = pthread_create(&thread, &attr, fn,
				     (char *)args + i * arg_size);
		if (err) {
			errno = err;
			die("pthread_create: %m");
		}
	}
}
