// SPDX-License-Identifier: GPL-2.0
/*
 * Rounds of several connections with several faults at once, all drawn from a
 * seed. Round r of seed s is round 0 of seed s + r, so that one round can be
 * run again by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/smc_diag.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "campaign.h"

#define MAX_CONNS	8
#define MAX_FAULTS	4
#define MAX_BYTES	120000
#define MAX_CHUNK	30000
#define STORM_BYTES	100000
#define STORM_CHUNK	1500
#define STORM_RATE	250	/* out of 1000 */
#define STORM_SLOW	1
#define STORM_LONGER	4
#define PATIENT		8	/* one round in so many recovers by itself */
#define RATE		11	/* more than a socket has allocations */

/* A connection of a round. */
struct conn {
	int cfd;
	int sfd;
	int port;		/* the client's */
	bool connected;
	struct smc_view c;
	struct smc_view s;
};

struct round {
	struct conn conn[MAX_CONNS];
	unsigned int num;
	int lfd;
	int port;
	__u64 bytes;
	__u32 chunk;
	enum inject_kind inject;
	unsigned int times;	/* allocations to fail, 0 for none */
	bool strict;	/* nothing may be noticed */
};

static __u32 below(__u32 *state, __u32 limit)
{
	return rnd(state) % limit;
}

static void nonblock(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* One at a time while the faults are not yet armed. */
static void round_open(struct round *r)
{
	r->lfd = camp_socket(CAMP_SERVER, true);
	if (r->lfd < 0 || camp_keep_alive(r->lfd) ||
	    camp_bind(r->lfd, CAMP_SERVER) || listen(r->lfd, MAX_CONNS))
		camp_die("listener: %s", strerror(errno));
	nonblock(r->lfd);
	r->port = camp_port(r->lfd);
}

static void drop_client(struct conn *c, int err, const char *where)
{
	camp_saw_error(where, err);
	close(c->cfd);
	c->cfd = -1;
}

static void round_connect(struct round *r)
{
	unsigned int i;

	for (i = 0; i < r->num; i++) {
		struct conn *c = &r->conn[i];

		*c = (struct conn){ .sfd = -1 };
		c->cfd = camp_socket(CAMP_CLIENT, true);
		if (c->cfd < 0) {
			camp_saw_error("socket", errno);
			continue;
		}
		nonblock(c->cfd);
		camp_keep_alive(c->cfd);
		if (camp_connect(c->cfd, r->port) && errno != EINPROGRESS)
			drop_client(c, errno, "connect");
		else
			c->port = camp_port(c->cfd);
	}
}

/*
 * Who connects? A client that took the server for mute has connected anew, by
 * another port. NULL if this is what it has left, or if it is gone since.
 */
static struct conn *conn_from(struct round *r, __u16 port)
{
	bool known = false;
	unsigned int i;

	for (i = 0; i < r->num; i++) {
		struct conn *c = &r->conn[i];

		if (c->sfd < 0 &&
		    (c->cfd < 0 ? c->port : camp_port(c->cfd)) == port)
			return c;
		known = known || c->cfd < 0 || c->port == port;
	}
	if (!known)
		camp_die("a connection from nowhere");
	return NULL;
}

static void accept_some(struct round *r)
{
	struct conn *c;
	int fd, port;

	while ((fd = camp_accept(r->lfd, &port)) >= 0) {
		c = conn_from(r, port);
		if (c)
			c->sfd = fd;
		else
			close(fd);
	}
	if (errno != EAGAIN)
		camp_saw_error("accept", errno);
}

/* The client's socket has something to say while it connects. */
static void client_event(struct conn *c)
{
	socklen_t len = sizeof(int);
	int err = 0;
	ssize_t n;
	char byte;

	if (!c->connected) {
		getsockopt(c->cfd, SOL_SOCKET, SO_ERROR, &err, &len);
		if (err)
			drop_client(c, err, "connect");
		else
			c->connected = true;
		return;
	}
	n = recv(c->cfd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN)
		drop_client(c, errno, "connect");
	if (n < 0)
		return;
	camp_wrong("client: %s before it was accepted",
		   n ? "a byte" : "end of stream");
	close(c->cfd);
	c->cfd = -1;
}

/* Wait until every client has failed or has a partner. */
static void round_accept(struct round *r)
{
	long long end = now_ms() + CAMP_WAIT_MS;
	struct pollfd p[MAX_CONNS + 1];
	unsigned int i, busy;

	for (;;) {
		for (i = 0, busy = 0; i < r->num; i++) {
			struct conn *c = &r->conn[i];
			bool ready = c->connected && c->sfd >= 0;

			p[i].fd = ready ? -1 : c->cfd;
			p[i].events = c->connected ? POLLIN : POLLOUT;
			p[i].revents = 0;
			busy += p[i].fd >= 0;
		}
		if (!busy)
			return;
		p[i].fd = r->lfd;
		p[i].events = POLLIN;
		poll(p, r->num + 1, CAMP_WAIT_MS);
		if (now_ms() > end) {
			camp_hang("%u clients without a partner", busy);
			return;
		}
		if (p[r->num].revents)
			accept_some(r);
		for (i = 0; i < r->num; i++)
			if (p[i].fd >= 0 && p[i].revents)
				client_event(&r->conn[i]);
	}
}

static void take_client(const struct smc_view *view, void *arg)
{
	struct round *r = arg;
	unsigned int i;

	for (i = 0; i < r->num; i++)
		if (view->lport == r->conn[i].port)
			r->conn[i].c = *view;
}

static void take_server(const struct smc_view *view, void *arg)
{
	struct round *r = arg;
	unsigned int i;

	for (i = 0; i < r->num; i++)
		if (view->rport == r->conn[i].port)
			r->conn[i].s = *view;
}

static void round_views(struct round *r)
{
	unsigned int i;

	camp_enter(CAMP_CLIENT);
	smc_view_each(take_client, r);
	camp_enter(CAMP_SERVER);
	smc_view_each(take_server, r);
	for (i = 0; i < r->num; i++) {
		const struct conn *c = &r->conn[i];

		if (r->strict && c->c.mode != SMC_DIAG_MODE_SMCR)
			camp_wrong("fallback from a fault that none may notice");
		if (c->cfd < 0 || c->sfd < 0 || !c->c.found || !c->s.found)
			continue;
		if (c->c.mode != c->s.mode)
			camp_total.splits++;
		else if (c->c.mode == SMC_DIAG_MODE_SMCR)
			camp_total.native++;
		else if (c->c.reason && c->s.reason)
			camp_total.fallbacks++;
		else
			camp_wrong("fallback without a reason");
	}
}

static bool is_native(const struct smc_view *view)
{
	return view->found && view->mode == SMC_DIAG_MODE_SMCR;
}

static void round_pump(struct round *r)
{
	struct pump_end ends[2 * MAX_CONNS];
	unsigned int i;

	for (i = 0; i < r->num; i++) {
		struct pump_end *c = &ends[2 * i], *s = c + 1;

		pump_pair(c, r->conn[i].cfd, s, r->conn[i].sfd, 1000 + 2 * i,
			  r->bytes, r->chunk);
		/* Whose partner never was has none to hear from. */
		c->alone = s->fd < 0;
		s->alone = c->fd < 0;
		/* TCP forgets a FIN that it has no memory for. */
		c->unended = r->times && !is_native(&r->conn[i].c);
		s->unended = r->times && !is_native(&r->conn[i].s);
	}
	pump_run(ends, 2 * r->num);
	for (i = 0; i < 2 * r->num; i++) {
		const struct conn *c = &r->conn[i / 2];

		if (c->c.found && c->s.found && c->c.mode != c->s.mode &&
		    !ends[i].err && ends[i].rx_off)
			camp_wrong("one end fell back, and yet data came");
		if (r->strict && ends[i].err)
			camp_wrong("%s from a fault that none may notice",
				   strerror(ends[i].err));
		if (ends[i].fd >= 0)
			close(ends[i].fd);
	}
}

static void arm_one(__u32 *state)
{
	unsigned int host = below(state, CAMP_HOSTS);
	unsigned int fault = below(state, sim_num_faults());
	char schedule[64];

	if (sim_is_soft(fault))
		snprintf(schedule, sizeof(schedule), "random=%u seed=%u",
			 20 + below(state, 400), 1 + below(state, 1000000));
	else if (below(state, 2))
		snprintf(schedule, sizeof(schedule), "once after=%u",
			 below(state, 60));
	else
		snprintf(schedule, sizeof(schedule),
			 "random=%u limit=%u seed=%u", 2 + below(state, 60),
			 1 + below(state, 3), 1 + below(state, 1000000));
	sim_arm(host, fault, schedule, below(state, 1000));
	camp_say("  host %u: %s %s", host + 1, sim_fault_name(fault), schedule);
}

static void round_arm(struct round *r, __u32 *state)
{
	unsigned int i, num = 1 + below(state, MAX_FAULTS), interval;

	for (i = 0; i < num; i++)
		arm_one(state);
	r->inject = below(state, INJECT_KINDS);
	interval = 5 + below(state, 60);
	r->times = below(state, 4) ? 0 : 1 + below(state, 6);
	if (!r->times)
		return;
	inject_module_rate(r->inject, interval, r->times);
	camp_say("  %s: 1 in %u, at most %u",
		 r->inject == INJECT_SLAB ? "objects" : "pages", interval,
		 r->times);
}

static void one_round(__u32 seed)
{
	/* Neighbouring seeds are to give different rounds. */
	__u32 state = seed * 2654435761u | 1;
	enum camp_host host;
	struct round r = {};
	long long began_ms;

	rnd(&state);
	camp_case("random, --seed %u --rounds 1", seed);
	if (!below(&state, 4))
		left_groups();
	r.num = 1 + below(&state, MAX_CONNS);
	r.bytes = 1 + below(&state, MAX_BYTES);
	r.chunk = 1 + below(&state, MAX_CHUNK);
	camp_say("  %u connections, %llu bytes each way", r.num,
		 (unsigned long long)r.bytes);
	round_open(&r);
	began_ms = now_ms();
	round_arm(&r, &state);
	round_connect(&r);
	round_accept(&r);
	round_views(&r);
	round_pump(&r);
	close(r.lfd);
	if (r.times)
		inject_module_stop(r.inject, r.times);
	sim_disarm();
	for (host = 0; host < CAMP_HOSTS; host++)
		sim_hits(host);
	sim_restore();
	if (below(&state, PATIENT))
		left_groups();
	left_sockets();
	camp_took(CAMP_LIFE, began_ms);
	camp_total.cases += r.num;
}

/* Of these each message has several. */
static void storm_arm(__u32 seed)
{
	unsigned int host, fault;
	char schedule[64];

	for (host = 0; host < CAMP_HOSTS; host++) {
		for (fault = 0; fault < sim_num_faults(); fault++) {
			if (!sim_is_soft(fault))
				continue;
			snprintf(schedule, sizeof(schedule),
				 "random=%u seed=%u",
				 sim_is_slow(fault) ? STORM_SLOW : STORM_RATE,
				 1 + seed % 1000000 + fault);
			sim_arm(host, fault, schedule, 0);
		}
	}
}

/**
 * part_storm() - all the faults that none may notice, at once and often
 * @seed: of the random schedules
 * @rounds: number of rounds, at least
 * @faults: go on until there were as many, for STORM_LONGER times the rounds
 *
 * How many messages there are to be hit depends on the speed of both ends.
 */
void part_storm(__u32 seed, unsigned int rounds, unsigned long long faults)
{
	unsigned long long before = camp_total.faults;
	enum camp_host host;
	unsigned int i;

	for (i = 0; i < rounds || (camp_total.faults - before < faults &&
				   i < STORM_LONGER * rounds); i++) {
		struct round r = {
			.num = MAX_CONNS, .bytes = STORM_BYTES,
			.chunk = STORM_CHUNK, .strict = true,
		};
		long long began_ms = now_ms();

		camp_case("storm, --seed %u --rounds 1", seed + i);
		round_open(&r);
		storm_arm(seed + i);
		round_connect(&r);
		round_accept(&r);
		round_views(&r);
		round_pump(&r);
		close(r.lfd);
		sim_disarm();
		for (host = 0; host < CAMP_HOSTS; host++)
			sim_hits(host);
		left_sockets();
		camp_took(CAMP_CALM, began_ms);
		camp_total.cases += r.num;
	}
	left_groups();
	camp_said("storm: seed %u, %u rounds", seed, i);
}

/*
 * How many sockets there can be until an allocation fails; @extra shifts the
 * kernel's count of them.
 */
static unsigned int sockets_until(unsigned int extra)
{
	int fd[RATE + 1];
	unsigned int n = 0, i;

	inject_module_rate(INJECT_SLAB, RATE - 1, RATE);
	for (i = 0; i < extra; i++)
		close(camp_socket(CAMP_CLIENT, true));
	inject_module_stop(INJECT_SLAB, RATE);
	inject_module_rate(INJECT_SLAB, RATE, 1);
	while (n <= RATE && (fd[n] = camp_socket(CAMP_CLIENT, true)) >= 0)
		n++;
	inject_module_stop(INJECT_SLAB, 1);
	for (i = 0; i < n; i++)
		close(fd[i]);
	return n;
}

/* What a seed does must not depend on what was there before. */
static void check_rate(void)
{
	unsigned int first, n, extra;

	camp_case("one allocation in %u", RATE);
	first = sockets_until(0);
	for (extra = 1; extra < RATE; extra++) {
		n = sockets_until(extra);
		if (n != first || n > RATE)
			camp_wrong("fails after %u sockets, or after %u",
				   first, n);
	}
}

/**
 * part_random() - random faults on several connections
 * @seed: of the first round
 * @rounds: number of rounds
 */
void part_random(__u32 seed, unsigned int rounds)
{
	unsigned int i;

	check_rate();
	for (i = 0; i < rounds; i++) {
		one_round(seed + i);
		cycle_clean(CAMP_NATIVE);
	}
	left_groups();
	left_tcp();
	camp_said("random: seed %u, %u rounds", seed, rounds);
}
