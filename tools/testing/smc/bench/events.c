// SPDX-License-Identifier: GPL-2.0
/*
 * Request and response on many connections: one thread on each side, driven by
 * epoll. Each connection has one request on its way.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define EVENTS	64

struct event_conn {
	int fd;
	size_t have;		/* bytes of the message being received */
	unsigned int n;		/* requests sent */
	__u64 begin;		/* of the current request, client */
	unsigned char *buf;
};

struct event_loop {
	struct bench_run *run;
	struct event_conn *conns;
	unsigned int open;	/* connections */
	size_t expect;		/* length of the messages received */
	int epfd;
	/* Of the client. */
	unsigned int sent;
	unsigned int done;
	unsigned int limit;	/* requests to be sent */
	__u64 *lat;
};

static void event_send(struct event_conn *c, size_t len)
{
	ssize_t n = send(c->fd, c->buf, len, MSG_NOSIGNAL);

	/* One message at a time always finds room. */
	if (n != (ssize_t)len)
		die("send: %zd of %zu bytes: %m", n, len);
}

static void event_request(struct event_loop *loop, struct event_conn *c)
{
	size_t len = loop->run->row->request;

	c->begin = now_ns();
	stamp(c->buf, len, c->n);
	event_send(c, len);
	loop->sent++;
}

static void event_response(struct event_loop *loop, struct event_conn *c)
{
	const struct bench_row *row = loop->run->row;
	unsigned int n;

	/* The number is where stamp() put it. */
	memcpy(&n, c->buf + 1, sizeof(n));
	check_stamp(c->buf, row->request, n);
	stamp(c->buf, row->response, n);
	event_send(c, row->response);
}

static void event_answered(struct event_loop *loop, struct event_conn *c)
{
	check_stamp(c->buf, loop->run->row->response, c->n);
	if (loop->lat)
		loop->lat[loop->done] = now_ns() - c->begin;
	loop->done++;
	c->n++;
	if (loop->sent < loop->limit)
		event_request(loop, c);
}

static void event_readable(struct event_loop *loop, struct event_conn *c,
			   void (*complete)(struct event_loop *loop,
					    struct event_conn *c))
{
	ssize_t n = recv(c->fd, c->buf + c->have, loop->expect - c->have, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0)
		die("recv: %m");
	if (!n) {
		close(c->fd);
		loop->open--;
		return;
	}
	c->have += n;
	if (c->have == loop->expect) {
		c->have = 0;
		complete(loop, c);
	}
}

static void event_wait(struct event_loop *loop,
		       void (*complete)(struct event_loop *loop,
					struct event_conn *c))
{
	struct epoll_event ev[EVENTS];
	int i, n;

	n = epoll_wait(loop->epfd, ev, EVENTS, -1);
	if (n < 0)
		die("epoll_wait: %m");
	for (i = 0; i < n; i++)
		event_readable(loop, ev[i].data.ptr, complete);
}

static void event_watch(struct event_loop *loop, const int *fds)
{
	const struct bench_row *row = loop->run->row;
	unsigned int i;

	loop->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epfd < 0)
		die("epoll_create1: %m");
	loop->conns = buffer(row->conns * sizeof(*loop->conns));
	for (i = 0; i < row->conns; i++) {
		struct event_conn *c = &loop->conns[i];
		struct epoll_event ev = {
			.events = EPOLLIN,
			.data.ptr = c,
		};

		*c = (struct event_conn) {
			.fd = fds[i],
			.buf = buffer(row->request + row->response),
		};
		set_nonblocking(c->fd);
		if (epoll_ctl(loop->epfd, EPOLL_CTL_ADD, c->fd, &ev))
			die("epoll_ctl: %m");
	}
	loop->open = row->conns;
}

static void event_requests(struct event_loop *loop, unsigned int ops,
			   __u64 *lat)
{
	unsigned int i;

	loop->sent = 0;
	loop->done = 0;
	loop->limit = ops;
	loop->lat = lat;
	for (i = 0; i < loop->run->row->conns; i++)
		event_request(loop, &loop->conns[i]);
	while (loop->done < ops) {
		event_wait(loop, event_answered);
		if (loop->open != loop->run->row->conns)
			die("events: the server has closed");
	}
}

/**
 * events_serve() - answer requests
 * @run: the run
 */
void events_serve(struct bench_run *run)
{
	struct event_loop loop = { .run = run, .expect = run->row->request };
	unsigned int num = run->row->conns, i;
	int *fds = buffer(num * sizeof(*fds));
	int listener = listen_on(run);

	for (i = 0; i < num; i++)
		fds[i] = accept_one(listener);
	check_modes(run, BENCH_SRV, fds, num);
	event_watch(&loop, fds);
	while (loop.open)
		event_wait(&loop, event_response);
	exit(0);
}

/**
 * events_drive() - send requests, each when the one before is answered
 * @run: the run
 */
void events_drive(struct bench_run *run)
{
	struct event_loop loop = { .run = run, .expect = run->row->response };
	unsigned int num = run->row->conns, i;
	int *fds = buffer(num * sizeof(*fds));

	for (i = 0; i < num; i++)
		fds[i] = connect_one(run);
	check_modes(run, BENCH_CLNT, fds, num);
	event_watch(&loop, fds);
	event_requests(&loop, run->row->warm, NULL);
	measure_begin(run);
	event_requests(&loop, run->row->ops, run->lat);
	measure_end(run);
	for (i = 0; i < num; i++)
		close(fds[i]);
}
