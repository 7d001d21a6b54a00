// SPDX-License-Identifier: GPL-2.0
/*
 * Servers that misbehave toward SMC clients, and the clients. Which attack it
 * is tells the port: the first port plus the number of the attack. Both sides
 * make the same table.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/smc_diag.h>

#include "clc_cases.h"
#include "fibre.h"

#define VICTIM_MS	20000	/* no connect() may take so long */
#define DECL_MUTE	0x03010001
#define TRIES		3	/* of one victim, alone */

static struct clc_table table;

static struct clc_case *attack_of(const struct mt_conn *c)
{
	unsigned int i = c->lport - table.h->port;

	if (c->lport < table.h->port || i >= table.num)
		return NULL;
	return &table.cases[i];
}

/* The Confirm has to be of the Accept's version, and name the same EID. */
static void confirmed(const struct clc_case *a, const __u8 *b, size_t len)
{
	bool v2 = a->bytes[7] >> 4 > 1;

	if (b[7] >> 4 == 1 + v2 &&
	    (!v2 || (len > ACCEPT_V2_LEN && !memcmp(b + 64, a->bytes + 64, 32))))
		return;
	printf("problem %s: the Confirm is not as agreed\n", a->name);
	fflush(stdout);
}

/* Serve the connection as TCP if the client behaved as it has to. */
static void answer(struct mt_conn *c, const struct clc_case *a)
{
	const struct clc_verdict *w = &a->want;
	__u8 b[CLC_BUF];
	size_t len;

	/* Maybe by its own choice: it found us mute. */
	if (a->stage == CLC_NO_OPTION || !c->offered) {
		served(c);
		return;
	}
	if (!clc_read(c, b, CLC_DEADLINE_MS) || b[4] != CLC_PROPOSAL) {
		/* We may be late: then it connects anew, and says what it saw */
		if (c->rst)
			return;
		printf("problem %s: no Proposal\n", a->name);
		fflush(stdout);
		return;
	}
	clc_attack(a, c);
	if (a->end == CLC_RST)
		return;
	if (w->outcome == CLC_O_SERVED) {
		served(c);
		return;
	}
	if (w->outcome == CLC_O_NO_LINK || w->outcome == CLC_O_DECLINED) {
		len = clc_read(c, b, CLC_DEADLINE_MS);
		if (w->outcome == CLC_O_NO_LINK && len && b[4] == CLC_CONFIRM) {
			confirmed(a, b, len);
			len = clc_read(c, b, CLC_DEADLINE_MS);
		}
		if (len && b[4] == CLC_DECLINE &&
		    (w->outcome == CLC_O_NO_LINK ||
		     clc_diagnosis(b) == w->diagnosis))
			served(c);
		return;
	}
	mt_wait_end(c, CLC_DEADLINE_MS);
}

static void conversation(void *arg)
{
	struct mt_conn *c = arg;

	while (!c->open && !c->rst)
		mt_poll(c->host, 20);
	if (c->open)
		answer(c, attack_of(c));
	mt_rst(c);
	mt_free(c);
}

static bool accept_conn(struct mt_conn *c)
{
	const struct clc_case *a = attack_of(c);

	if (!a)
		return false;
	c->offer = a->stage != CLC_NO_OPTION;
	return fibre_start(conversation, c);
}

/**
 * client_attacks() - serve attacks for good
 * @h: hostile host
 *
 * Return: never.
 */
int client_attacks(struct hostile *h)
{
	clc_cases_make(&table, h, false);
	h->host.accept = accept_conn;
	printf("listening\n");
	fflush(stdout);
	for (;;)
		mt_poll(&h->host, fibres_run() ? 20 : 1000);
}

/* The clients under attack. */

/**
 * struct victim - one of them
 * @fd:		its socket, -1 for none
 * @i:		number of the attack
 * @since:	when it began
 */
struct victim {
	int fd;
	unsigned int i;
	long long since;
};

static bool victim_start(struct victim *v, const struct hostile *h,
			 unsigned int i)
{
	struct sockaddr_in sa = {
		.sin_family = AF_INET,
		.sin_port = htons(h->port + i),
		.sin_addr.s_addr = h->target_ip,
	};

	v->i = i;
	v->since = now_ms();
	v->fd = socket(AF_SMC, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return v->fd >= 0 &&
	       (!connect(v->fd, (struct sockaddr *)&sa, sizeof(sa)) ||
		errno == EINPROGRESS);
}

/* We have answered too late for it. */
static bool void_for(const struct clc_case *a, __u32 reason)
{
	return reason == DECL_MUTE && a->want.outcome != CLC_O_MUTE;
}

/* What sock_diag says, and a request over the TCP that it must be now. */
static const char *still_tcp(const struct clc_case *a, int fd, __u32 *reason,
			     __u32 *diagnosis)
{
	struct load_request rq = {
		.magic = htonl(LOAD_MAGIC), .mode = htonl(LOAD_RR),
		.size = htonl(1), .count = htobe64(1),
	};
	struct sockaddr_in from = {}, to = {};
	socklen_t flen = sizeof(from), tlen = sizeof(to);
	struct load_error e = {};
	struct smc_view view;

	if (getsockname(fd, (struct sockaddr *)&from, &flen) ||
	    getpeername(fd, (struct sockaddr *)&to, &tlen))
		return "no addresses";
	if (smc_view_get(ntohs(from.sin_port), ntohs(to.sin_port), &view) ||
	    !view.found || view.mode != SMC_DIAG_MODE_FALLBACK_TCP)
		return "connected, but not as TCP";
	*reason = view.reason;
	*diagnosis = view.peer_diagnosis;
	/* The others are waiting for us, and so are their servers */
	if (void_for(a, *reason))
		return "void";
	fcntl(fd, F_SETFL, 0);
	load_set_timeout(fd, 8);
	if (load_send(fd, &rq, sizeof(rq), &e))
		load_rr(fd, 1, 1, true, &e);
	return e.what ? "TCP, but not served" : NULL;
}

static const char *judge_tcp(const struct clc_case *a, const char *problem,
			     __u32 reason)
{
	switch (a->want.outcome) {
	case CLC_O_SERVED:
		if (!problem && a->stage == CLC_NO_OPTION)
			return reason == 0x03010000 ? NULL : "another reason";
		if (!problem && reason != 0x05000000)
			return "another reason";
		return problem;
	case CLC_O_MUTE:
		if (!problem && reason != DECL_MUTE)
			return "another reason";
		return problem;
	case CLC_O_GARBLED:
		return reason == 0x05000000 ? NULL : "another reason";
	case CLC_O_DECLINED:
		if (!problem && reason != a->want.diagnosis)
			return "another reason";
		return problem;
	case CLC_O_NO_LINK:
		if (!problem && reason != 0x02010000 && reason != 0x09990002)
			return "another reason";
		return problem;
	case CLC_O_NONE:
		return NULL;
	default:
		return "connected";
	}
}

static const char *judge_error(const struct clc_case *a, int err)
{
	switch (a->want.outcome) {
	case CLC_O_TIMEOUT:
		return err == ETIMEDOUT ? NULL : "another error";
	case CLC_O_CUT:
		return err == ECONNRESET ? NULL : "another error";
	case CLC_O_NONE:
		return err == ETIMEDOUT ? "a timeout in spite of a reset" :
					  NULL;
	case CLC_O_BAD_HEADER:
	case CLC_O_UNEXPECTED:
	case CLC_O_BAD_ACCEPT:
	case CLC_O_BAD_DECLINE:
		return err == EPROTO ? NULL : "another error";
	default:
		return "not connected";
	}
}

enum verdict {
	V_GOOD,
	V_BAD,
	V_VOID,	/* we were taken for mute */
};

/* The outcome is there, or its time is over. */
static enum verdict victim_end(struct victim *v, bool over)
{
	const struct clc_case *a = &table.cases[v->i];
	__u32 reason = 0, diagnosis = 0;
	socklen_t len = sizeof(int);
	const char *problem;
	int err = -1;

	if (over) {
		problem = "connect() does not end";
	} else if (getsockopt(v->fd, SOL_SOCKET, SO_ERROR, &err, &len)) {
		problem = "no SO_ERROR";
	} else if (err) {
		problem = judge_error(a, err);
	} else {
		problem = still_tcp(a, v->fd, &reason, &diagnosis);
		problem = judge_tcp(a, problem, reason);
	}
	close(v->fd);
	v->fd = -1;
	if (!problem)
		return V_GOOD;
	if (void_for(a, reason)) {
		printf("void %s\n", a->name);
		fflush(stdout);
		return V_VOID;
	}
	printf("problem %s: %s, wanted %s 0x%08x; error=%s reason=0x%x diagnosis=0x%x ms=%lld\n",
	       a->name, problem, clc_outcome_name(a->want.outcome),
	       a->want.diagnosis, err > 0 ? load_errname(err) : "0", reason,
	       diagnosis, now_ms() - v->since);
	fflush(stdout);
	return V_BAD;
}

/* Make the kernel forget which servers were mute. */
static bool forget_mute(void)
{
	int fd = open("/proc/self/net/smc_mute", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, "flush", 5) == 5;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* An attack for which there was no time, with nothing beside it. */
static bool try_again(const struct hostile *h, unsigned int i)
{
	enum verdict verdict = V_VOID;
	unsigned int tries;
	struct victim v;

	for (tries = 0; verdict == V_VOID && tries < TRIES; tries++) {
		struct pollfd p = { .events = POLLOUT };

		if (!forget_mute() || !victim_start(&v, h, i)) {
			perror("victim");
			return false;
		}
		p.fd = v.fd;
		verdict = victim_end(&v, poll(&p, 1, VICTIM_MS) != 1);
	}
	if (verdict == V_VOID)
		printf("problem %s: taken for mute %u times, alone\n",
		       table.cases[i].name, TRIES);
	return verdict == V_GOOD;
}

/**
 * client_victims() - connect to all the attacks of client_attacks()
 * @h: the same table; @h->target_ip is where they are
 *
 * Return: exit code.
 */
int client_victims(struct hostile *h)
{
	struct victim *v = calloc(h->batch, sizeof(*v));
	struct pollfd *p = calloc(h->batch, sizeof(*p));
	unsigned int i = 0, k, alive = 0, bad = 0;
	enum verdict verdict;
	bool *done, *again;

	clc_cases_make(&table, h, false);
	done = calloc(table.num, sizeof(*done));
	again = calloc(table.num, sizeof(*again));
	if (!v || !p || !done || !again)
		return 1;
	for (k = 0; k < h->batch; k++)
		v[k].fd = -1;
	while (i < table.num || alive) {
		for (k = 0; k < h->batch && i < table.num;) {
			if (h->only &&
			    fnmatch(h->only, table.cases[i].name, 0)) {
				i++;
			} else if (v[k].fd >= 0) {
				k++;
			} else if (victim_start(&v[k], h, i)) {
				done[i++] = true;
			} else {
				perror("victim");
				return 1;
			}
		}
		for (k = 0; k < h->batch; k++)
			p[k] = (struct pollfd){ v[k].fd, POLLOUT, 0 };
		poll(p, h->batch, 100);
		for (k = 0, alive = 0; k < h->batch; k++) {
			if (v[k].fd >= 0 &&
			    (p[k].revents ||
			     now_ms() - v[k].since > VICTIM_MS)) {
				verdict = victim_end(&v[k], !p[k].revents);
				bad += verdict == V_BAD;
				again[v[k].i] = verdict == V_VOID;
			}
			alive += v[k].fd >= 0;
		}
	}
	for (i = 0; i < table.num; i++)
		bad += again[i] && !try_again(h, i);
	clc_cases_expect(&table, done);
	printf("bad=%u\n", bad);
	return bad ? 1 : 0;
}
