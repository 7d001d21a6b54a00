// SPDX-License-Identifier: GPL-2.0
/*
 * One stream: the client writes as fast as it can. An operation is a write;
 * the clock stops when the server says that the last byte has arrived.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

/**
 * stream_serve() - read all there is, then say so
 * @run: the run
 */
void stream_serve(struct bench_run *run)
{
	const struct bench_row *row = run->row;
	__u64 want = (__u64)(row->warm + row->ops) * row->request;
	int listener = listen_on(run);
	void *buf = buffer(row->request);
	int fd = accept_one(listener);
	__u64 have = 0;
	ssize_t n;

	check_modes(run, BENCH_SRV, &fd, 1);
	while ((n = recv(fd, buf, row->request, 0)) > 0)
		have += n;
	if (n < 0)
		die("recv: %m");
	if (have != want)
		die("stream: %llu bytes instead of %llu", have, want);
	send_all(fd, "", 1);
	close(fd);
	exit(0);
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
	measure_begin(run);
	for (i = 0; i < row->ops; i++) {
		__u64 begin = now_ns();

		send_all(fd, buf, row->request);
		run->lat[i] = now_ns() - begin;
	}
	if (shutdown(fd, SHUT_WR))
		die("shutdown: %m");
	if (!recv_all(fd, buf, 1))
		die("stream: the server has closed without a word");
	measure_end(run);
	close(fd);
}
