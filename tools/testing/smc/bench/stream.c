// SPDX-License-Identifier: GPL-2.0
/*
 * One stream: the client writes as fast as it can. An operation is a write;
 * the clock stops when the server says that the last byte has arrived. It says
 * so of the last byte before the clock starts, too: what then is still in
 * buffers would be measured, and nobody would have sent it.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

/**
 * stream_serve() - read all there is; say when the part before the measurement
 * has arrived, and when all has
 * @run: the run
 */
void stream_serve(struct bench_run *run)
{
	const struct bench_row *row = run->row;
	__u64 want = (__u64)(row->warm + row->ops) * row->request;
	__u64 warm = (__u64)row->warm * row->request;
	int listener = listen_on(run);
	void *buf = buffer(row->request);
	int fd = accept_one(listener);
	__u64 have = 0;
	ssize_t n;

	check_modes(run, BENCH_SRV, &fd, 1);
	while ((n = recv(fd, buf, row->request, 0)) > 0) {
		have += n;
		/* The client sends no more before it has heard of this. */
		if (have == warm)
			send_all(fd, "", 1);
	}
	if (n < 0)
		die("recv: %m");
	if (have != want)
		die("stream: %llu bytes instead of %llu", have, want);
	send_all(fd, "", 1);
	close(fd);
	exit(0);
}

static void await_server(int fd)
{
	char byte;

	if (!recv_all(fd, &byte, 1))
		die("stream: the server has closed without a word");
}

/**
 * stream_drive() - write
 * @run: the run
 */
void stream_drive(struct bench_run *run)
{
	const struct bench_row *row = run->row;
	unsigned char *buf = buffer(row->request);
	int fd = connect_one(run);
	unsigned int i;

	check_modes(run, BENCH_CLNT, &fd, 1);
	for (i = 0; i < row->warm; i++)
		send_all(fd, buf, row->request);
	await_server(fd);
	measure_begin(run);
	for (i = 0; i < row->ops; i++) {
		__u64 begin = now_ns();

		send_all(fd, buf, row->request);
		run->lat[i] = now_ns() - begin;
	}
	if (shutdown(fd, SHUT_WR))
		die("shutdown: %m");
	await_server(fd);
	measure_end(run);
	close(fd);
}
