// SPDX-License-Identifier: GPL-2.0
/*
 * Ping-pong: a connection has a thread on each side, and one message is on its
 * way at a time.
 */
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"

struct echo {
	struct bench_run *run;
	pthread_barrier_t *barrier;
	unsigned int ops;
	unsigned int warm;
	__u64 *lat;
	int fd;
};

static void *echo_server(void *arg)
{
	struct echo *e = arg;
	size_t len = e->run->row->request;
	void *buf = buffer(len);

	while (recv_all(e->fd, buf, len))
		send_all(e->fd, buf, len);
	close(e->fd);
	pthread_barrier_wait(e->barrier);
	return NULL;
}

static void *echo_client(void *arg)
{
	struct echo *e = arg;
	size_t len = e->run->row->request;
	unsigned char *buf = buffer(len);
	unsigned int i;

	for (i = 0; i < e->warm + e->ops; i++) {
		__u64 begin;

		if (i == e->warm) {
			pthread_barrier_wait(e->barrier);
			pthread_barrier_wait(e->barrier);
		}
		begin = now_ns();
		stamp(buf, len, i);
		send_all(e->fd, buf, len);
		if (!recv_all(e->fd, buf, len))
			die("echo: the server has closed");
		check_stamp(buf, len, i);
		if (i >= e->warm)
			e->lat[i - e->warm] = now_ns() - begin;
	}
	pthread_barrier_wait(e->barrier);
	return NULL;
}

static struct echo *echo_new(struct bench_run *run, const int *fds,
			     pthread_barrier_t *barrier)
{
	const struct bench_row *row = run->row;
	unsigned int each = row->ops / row->conns;
	struct echo *echo = buffer(row->conns * sizeof(*echo));
	unsigned int i;

	pthread_barrier_init(barrier, NULL, row->conns + 1);
	for (i = 0; i < row->conns; i++)
		echo[i] = (struct echo) {
			.run = run,
			.barrier = barrier,
			.ops = each,
			.warm = row->warm / row->conns,
			.lat = run->lat + i * each,
			.fd = fds[i],
		};
	return echo;
}

/**
 * echo_serve() - send back what comes
 * @run: the run
 */
void echo_serve(struct bench_run *run)
{
	unsigned int num = run->row->conns, i;
	int listener = listen_on(run);
	int *fds = buffer(num * sizeof(*fds));
	/* Static: threads may still be leaving it when this returns. */
	static pthread_barrier_t barrier;

	for (i = 0; i < num; i++)
		fds[i] = accept_one(listener);
	check_modes(run, BENCH_SRV, fds, num);
	start_threads(num, echo_server, echo_new(run, fds, &barrier),
		      sizeof(struct echo));
	pthread_barrier_wait(&barrier);
	exit(0);
}

/**
 * echo_drive() - send, wait for it to come back, and so on
 * @run: the run
 */
void echo_drive(struct bench_run *run)
{
	unsigned int num = run->row->conns, i;
	int *fds = buffer(num * sizeof(*fds));
	/* Static: threads may still be leaving it when this returns. */
	static pthread_barrier_t barrier;

	for (i = 0; i < num; i++)
		fds[i] = connect_one(run);
	check_modes(run, BENCH_CLNT, fds, num);
	start_threads(num, echo_client, echo_new(run, fds, &barrier),
		      sizeof(struct echo));
	pthread_barrier_wait(&barrier);
	measure_begin(run);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	measure_end(run);
}
