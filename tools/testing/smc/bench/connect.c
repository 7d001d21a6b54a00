// SPDX-License-Identifier: GPL-2.0
/*
 * Connect, exchange a request and a response, close; from one or more threads,
 * to as many. The client closes first.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

struct connector {
	struct bench_run *run;
	pthread_barrier_t *barrier;
	int listener;
	unsigned int ops;
	unsigned int warm;
	__u64 *lat;
};

static void *connect_server(void *arg)
{
	struct connector *c = arg;
	const struct bench_row *row = c->run->row;
	unsigned char *buf = buffer(row->request + row->response);
	unsigned int n;

	for (n = 0;; n++) {
		int fd = accept_one(c->listener);
		unsigned int number;

		if (!n)
			check_modes(c->run, BENCH_SRV, &fd, 1);
		if (!recv_all(fd, buf, row->request))
			die("connect: the client has closed at once");
		memcpy(&number, buf + 1, sizeof(number));
		check_stamp(buf, row->request, number);
		stamp(buf, row->response, number);
		send_all(fd, buf, row->response);
		if (recv_all(fd, buf, 1))
			die("connect: more than the request");
		close(fd);
	}
	return NULL;
}

static void connect_exchange(struct connector *c, unsigned char *buf,
			     unsigned int n, bool check)
{
	const struct bench_row *row = c->run->row;
	int fd = connect_one(c->run);

	if (check)
		check_modes(c->run, BENCH_CLNT, &fd, 1);
	stamp(buf, row->request, n);
	send_all(fd, buf, row->request);
	if (!recv_all(fd, buf, row->response))
		die("connect: no response");
	check_stamp(buf, row->response, n);
	close(fd);
}

static void *connect_client(void *arg)
{
	struct connector *c = arg;
	const struct bench_row *row = c->run->row;
	unsigned char *buf = buffer(row->request + row->response);
	unsigned int i;

	for (i = 0; i < c->warm; i++)
		connect_exchange(c, buf, i, true);
	pthread_barrier_wait(c->barrier);
	pthread_barrier_wait(c->barrier);
	for (i = 0; i < c->ops; i++) {
		__u64 begin = now_ns();

		connect_exchange(c, buf, i, false);
		c->lat[i] = now_ns() - begin;
	}
	pthread_barrier_wait(c->barrier);
	return NULL;
}

static struct connector *connect_new(struct bench_run *run, int listener,
				     pthread_barrier_t *barrier)
{
	const struct bench_row *row = run->row;
	unsigned int each = row->ops / row->conns;
	struct connector *c = buffer(row->conns * sizeof(*c));
	unsigned int i;

	for (i = 0; i < row->conns; i++)
		c[i] = (struct connector) {
			.run = run,
			.barrier = barrier,
			.listener = listener,
			.ops = each,
			.warm = row->warm / row->conns,
			.lat = run->lat + i * each,
		};
	return c;
}

/**
 * connect_serve() - accept, answer and close until killed
 * @run: the run
 */
void connect_serve(struct bench_run *run)
{
	struct connector *c = connect_new(run, listen_on(run), NULL);

	start_threads(run->row->conns, connect_server, c, sizeof(*c));
	for (;;)
		pause();
}

/**
 * connect_drive() - make connections
 * @run: the run
 */
void connect_drive(struct bench_run *run)
{
	/* Static: threads may still be leaving it when this returns. */
	static pthread_barrier_t barrier;
	struct connector *c = connect_new(run, -1, &barrier);

	pthread_barrier_init(&barrier, NULL, run->row->conns + 1);
	start_threads(run->row->conns, connect_client, c, sizeof(*c));
	pthread_barrier_wait(&barrier);
	measure_begin(run);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	measure_end(run);
}
