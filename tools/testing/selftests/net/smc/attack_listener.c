// SPDX-License-Identifier: GPL-2.0
/*
 * Clients that misbehave toward a listening SMC socket, at each stage of the
 * handshake, many at a time.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clc_cases.h"
#include "fibre.h"

static struct clc_table table;
static bool *done;
static unsigned int bad;

/**
 * struct seen - how the server behaved
 * @accept:	version of the Accept that it sent
 * @decline:	it sent a Decline
 * @diagnosis:	of that
 * @served:	requests were served over TCP
 * @ended:	the server ended it
 */
struct seen {
	__u8 accept;
	bool decline;
	__u32 diagnosis;
	bool served;
	bool ended;
};

/* The handshake up to the attack, done properly. */
static const char *reach(const struct clc_case *a, struct mt_conn *c)
{
	bool v2 = a->stage == CLC_SECOND_V2;
	unsigned int tag = a - table.cases;
	__u8 b[CLC_BUF];
	size_t len;

	if (a->stage != CLC_NO_OPTION && !c->offered)
		return "the listener did not offer SMC";
	if (a->stage != CLC_SECOND && !v2)
		return NULL;
	len = v2 ? clc_proposal_v2(b, table.h, tag) :
		   clc_proposal(b, table.h, tag);
	if (!mt_send(c, b, len, 5000))
		return "Proposal not acknowledged";
	len = clc_read(c, b, CLC_DEADLINE_MS);
	if (len != (v2 ? ACCEPT_V2_LEN : ACCEPT_LEN) || b[4] != CLC_ACCEPT)
		return "no Accept to a right Proposal";
	return !v2 || clc_agreed(b) ? NULL : "the Accept is not as agreed";
}

static void observe(const struct clc_case *a, struct mt_conn *c,
		    struct seen *s)
{
	enum clc_outcome want = a->want.outcome;
	__u8 b[CLC_BUF];
	size_t len;

	if (want == CLC_O_SERVED && !a->want.accepts) {
		s->served = served(c);
		return;
	}
	len = clc_read(c, b, CLC_DEADLINE_MS);
	if (len && b[4] == CLC_ACCEPT) {
		s->accept = b[7] >> 4;
		if (a->end == CLC_ENOUGH && want == CLC_O_CUT) {
			mt_rst(c);
			return;
		}
		if (want == CLC_O_SERVED) {
			s->served = served(c);
			return;
		}
		len = clc_read(c, b, CLC_DEADLINE_MS);
	}
	if (len && b[4] == CLC_DECLINE) {
		s->decline = true;
		s->diagnosis = clc_diagnosis(b);
		s->served = c->fin || served(c);
		return;
	}
	s->ended = !len && mt_wait_end(c, CLC_DEADLINE_MS);
}

/* NULL if it behaved as it has to. */
static const char *judge(const struct clc_case *a, const struct seen *s)
{
	const struct clc_verdict *w = &a->want;

	if (w->outcome == CLC_O_NONE)
		return NULL;
	if (s->accept != w->accepts)
		return s->accept ? "an Accept of that version" : "no Accept";
	switch (w->outcome) {
	case CLC_O_SERVED:
		return s->served && !s->decline ? NULL : "not served as TCP";
	case CLC_O_DECLINED:
		if (s->decline && s->diagnosis != w->diagnosis)
			return "another diagnosis";
		return s->decline && s->served ? NULL : "not declined";
	case CLC_O_NO_LINK:
		if (s->decline && s->diagnosis != 0x02010000 &&
		    s->diagnosis != 0x09990002)
			return "another diagnosis";
		return s->decline ? NULL : "not declined";
	default:
		if (a->end == CLC_ENOUGH && w->outcome == CLC_O_CUT)
			return NULL;
		if (s->decline)
			return "declined";
		return s->ended ? NULL : "not ended";
	}
}

static void attack(void *arg)
{
	const struct clc_case *a = arg;
	struct mt_conn *c = mt_connect((struct mt_host *)&table.h->host,
				       table.h->port, a->stage != CLC_NO_OPTION,
				       5000);
	long long start = now_ms();
	const char *problem;
	struct seen s = {};

	problem = c ? reach(a, c) : "no TCP connection";
	if (!problem) {
		clc_attack(a, c);
		if (a->end != CLC_RST)
			observe(a, c, &s);
		problem = judge(a, &s);
	}
	if (problem) {
		printf("problem %s: %s, wanted %s 0x%08x; ", a->name, problem,
		       clc_outcome_name(a->want.outcome), a->want.diagnosis);
		printf("accept=%d decline=%d diagnosis=0x%08x served=%d ended=%d ms=%lld\n",
		       s.accept, s.decline, s.diagnosis, s.served, s.ended,
		       now_ms() - start);
		fflush(stdout);
		bad++;
	}
	if (c) {
		mt_rst(c);
		mt_free(c);
	}
}

/**
 * listener_attacks() - make all attacks on a listener
 * @h: hostile host
 *
 * Return: exit code.
 */
int listener_attacks(struct hostile *h)
{
	unsigned int i = 0, alive = 0;

	clc_cases_make(&table, h, true);
	done = calloc(table.num, sizeof(*done));
	if (!done)
		return 1;
	if (!mt_resolve(&h->host, h->target_ip, 5000)) {
		fprintf(stderr, "hostile: the target does not answer ARP\n");
		return 1;
	}
	while (i < table.num || alive) {
		for (; i < table.num && alive < h->batch; i++) {
			if (h->only &&
			    fnmatch(h->only, table.cases[i].name, 0))
				continue;
			if (!fibre_start(attack, &table.cases[i]))
				return 1;
			done[i] = true;
			alive++;
		}
		alive = fibres_run();
		mt_poll(&h->host, 20);
	}
	clc_cases_expect(&table, done);
	printf("bad=%u\n", bad);
	return bad ? 1 : 0;
}
