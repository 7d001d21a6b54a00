// SPDX-License-Identifier: GPL-2.0
/*
 * Who must not notice that others are attacked: one connection that exchanges
 * data all the time, every byte checked, and new ones that come and go. Each
 * line on standard input asks how it was since the last one.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/smc_diag.h>

#include "hostile.h"

#define SIZE		2000
#define OPEN_EVERY_MS	500

/**
 * struct record - since the last report
 * @rounds:	requests answered, with the right data
 * @round_ms:	longest time between two answers
 * @opened:	new connections served
 * @open_ms:	longest time one took
 */
struct record {
	unsigned long rounds;
	long long round_ms;
	unsigned long opened;
	long long open_ms;
};

static int say_error(const char *what, const struct load_error *e)
{
	printf("neighbour: %s: %s %s\n", what, e->what ? e->what : "",
	       e->err ? load_errname(e->err) : "");
	return 1;
}

static bool native(int fd)
{
	struct sockaddr_in a = {}, b = {};
	socklen_t alen = sizeof(a), blen = sizeof(b);
	struct smc_view v;

	return !getsockname(fd, (struct sockaddr *)&a, &alen) &&
	       !getpeername(fd, (struct sockaddr *)&b, &blen) &&
	       !smc_view_get(ntohs(a.sin_port), ntohs(b.sin_port), &v) &&
	       v.found && v.mode == SMC_DIAG_MODE_SMCR;
}

/* A connection that has sent what it wants. */
static int begin(const struct hostile *h, __u32 size, __u64 count)
{
	struct load_request rq = {
		.magic = htonl(LOAD_MAGIC), .mode = htonl(LOAD_RR),
		.size = htonl(size), .count = htobe64(count),
	};
	struct load_error e = {};
	int fd = load_socket(&h->good);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&h->good.sa,
		    h->good.sa_len) || !load_send(fd, &rq, sizeof(rq), &e)) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool round_trip(int fd, __u64 i, struct load_error *e)
{
	__u8 buf[SIZE];

	pat_fill(buf, SIZE, 1, i);
	if (!load_send(fd, buf, SIZE, e) || !load_recv(fd, buf, SIZE, e))
		return false;
	if (pat_diff(buf, SIZE, 2, i) < 0)
		return true;
	e->what = "difference";
	return false;
}

static bool come_and_go(const struct hostile *h, struct record *r,
			struct load_error *e)
{
	long long start = now_ms();
	int fd = begin(h, 1, 1);

	if (fd < 0) {
		e->what = "connect";
		return false;
	}
	if (native(fd))
		load_rr(fd, 1, 1, true, e);
	else
		e->what = "not SMC-R";
	close(fd);
	if (now_ms() - start > r->open_ms)
		r->open_ms = now_ms() - start;
	r->opened++;
	return !e->what;
}

/* Return: false at the end of input. */
static bool report(struct record *r)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	char line[64];

	if (poll(&p, 1, 0) <= 0)
		return true;
	if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
		return false;
	printf("neighbour rounds=%lu round_ms=%lld opened=%lu open_ms=%lld\n",
	       r->rounds, r->round_ms, r->opened, r->open_ms);
	fflush(stdout);
	memset(r, 0, sizeof(*r));
	return true;
}

/**
 * neighbour() - exchange data with a load server until the input ends
 * @h: @h->good says where
 *
 * Return: exit code; not 0 if anything was wrong.
 */
int neighbour(const struct hostile *h)
{
	long long last = now_ms(), next = last, now;
	struct load_error e = {};
	struct record r = {};
	__u64 i;
	int fd;

	fd = begin(h, SIZE, ~0ull >> 1);
	if (fd < 0 || !native(fd))
		return say_error("no connection over SMC-R", &e);
	printf("neighbour ready\n");
	fflush(stdout);
	for (i = 0; report(&r); i++) {
		if (!round_trip(fd, i, &e))
			return say_error("round trip", &e);
		now = now_ms();
		r.rounds++;
		if (now - last > r.round_ms)
			r.round_ms = now - last;
		if (now >= next) {
			if (!come_and_go(h, &r, &e))
				return say_error("new connection", &e);
			next = now + OPEN_EVERY_MS;
			now = now_ms();
		}
		last = now;
		/* It is the longest time that matters, not the number */
		poll(NULL, 0, 5);
	}
	close(fd);
	return 0;
}
