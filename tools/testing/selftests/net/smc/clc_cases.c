// SPDX-License-Identifier: GPL-2.0
/*
 * The attacks on the handshake: every field of every message set to values it
 * should not have, every message cut at each byte, and what can be done with
 * right messages: too early, too late, twice, in the wrong order, in pieces.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clc_cases.h"

static const char * const value_names[] = {
	"zero", "one", "max", "plus", "minus", "sign",
};

static void add_number(__u8 *p, size_t width, int n)
{
	while (width-- && n) {
		int sum = p[width] + n;

		p[width] = sum;
		n = sum < 0 ? -1 : sum > 255;
	}
}

static void set_value(__u8 *b, const struct clc_field *f, unsigned int value)
{
	unsigned int shift = __builtin_ctz(f->mask);
	__u8 buf[CLC_WIDEST], *p = b + f->off, top = 0x80;

	memcpy(buf, p, f->width);
	if (f->width == 1) {
		buf[0] = (buf[0] & f->mask) >> shift;
		top = (f->mask >> shift) / 2 + 1;
	}
	if (value < 2)
		memset(buf, 0, f->width);
	if (value == 1)
		buf[f->width - 1] = 1;
	if (value == 2)
		memset(buf, 0xff, f->width);
	if (value == 3)
		add_number(buf, f->width, 1);
	if (value == 4)
		add_number(buf, f->width, -1);
	if (value == 5)
		buf[0] ^= top;
	if (f->width == 1)
		buf[0] = (*p & ~f->mask) | (buf[0] << shift & f->mask);
	memcpy(p, buf, f->width);
}

static void set_len(__u8 *b, size_t len)
{
	b[5] = len >> 8;
	b[6] = len;
}

/* The entry is not valid until finish(). */
static struct clc_case *begin(struct clc_table *t, const char *group,
			      enum clc_stage stage, const __u8 *b, size_t len)
{
	struct clc_case *a;

	if (t->num == t->room) {
		t->room = t->room ? 2 * t->room : 256;
		t->cases = realloc(t->cases, t->room * sizeof(*t->cases));
		if (!t->cases)
			exit(1);
	}
	a = &t->cases[t->num];
	memset(a, 0, sizeof(*a));
	a->group = group;
	a->stage = stage;
	a->bytes = malloc(len + 64);
	if (!a->bytes)
		exit(1);
	memcpy(a->bytes, b, len);
	a->len = len;
	return a;
}

/* To be user data that a server of requests ends at once it takes some. */
static void pad(struct clc_case *a)
{
	memset(a->bytes + a->len, 0, 64);
	a->len += 64;
}

static void finish(struct clc_table *t)
{
	struct clc_case *a = &t->cases[t->num];

	a->want = clc_judge(t, a, t->num);
	if (a->want.outcome == CLC_O_PLAIN || a->want.outcome == CLC_O_GARBLED)
		pad(a);
	t->num++;
}

/* Has the field had this value? If not it is remembered. */
static bool known(__u8 (*seen)[CLC_WIDEST], unsigned int *num, const __u8 *value,
		  size_t len)
{
	unsigned int i;

	for (i = 0; i < *num; i++)
		if (!memcmp(seen[i], value, len))
			return true;
	memcpy(seen[(*num)++], value, len);
	return false;
}

static void add_fields(struct clc_table *t, const struct clc_base *base,
		       const struct clc_field *f)
{
	__u8 seen[ARRAY_SIZE(value_names) + 1][CLC_WIDEST], b[CLC_BUF];
	struct clc_case *a;
	unsigned int v, n;
	size_t len;

	for (; f->name; f++) {
		base->make(b, t->h, t->num);
		n = 0;
		known(seen, &n, b + f->off, f->width);
		for (v = 0; v < ARRAY_SIZE(value_names); v++) {
			len = base->make(b, t->h, t->num);
			set_value(b, f, v);
			if (known(seen, &n, b + f->off, f->width))
				continue;
			a = begin(t, base->name, base->stage, b, len);
			snprintf(a->name, sizeof(a->name), "%s.%s.%s",
				 base->name, f->name, value_names[v]);
			a->end = CLC_ENOUGH;
			finish(t);
		}
	}
}

static void add_edits(struct clc_table *t, const struct clc_base *base)
{
	const struct clc_edit *e;
	struct clc_case *a;
	__u8 b[CLC_BUF];
	size_t len;

	for (e = base->edits; e && e->name; e++) {
		len = base->make(b, t->h, t->num);
		b[e->off] = e->value;
		a = begin(t, base->name, base->stage, b, len);
		snprintf(a->name, sizeof(a->name), "%s.%s", base->name,
			 e->name);
		a->end = CLC_ENOUGH;
		finish(t);
	}
}

/* Complete, but too short for what it has to hold. */
static void add_sizes(struct clc_table *t, const struct clc_base *base)
{
	struct clc_case *a;
	__u8 b[CLC_BUF];
	size_t len, n;

	for (n = 12; ; n++) {
		len = base->make(b, t->h, t->num);
		if (n >= len)
			break;
		memcpy(b + n - 4, b, 4);
		set_len(b, n);
		a = begin(t, base->name, base->stage, b, n);
		snprintf(a->name, sizeof(a->name), "%s.size_%zu", base->name,
			 n);
		a->end = CLC_ENOUGH;
		finish(t);
	}
}

static void add_cuts(struct clc_table *t, const struct clc_base *base)
{
	static const struct {
		const char *name;
		enum clc_end end;
		unsigned int step;
	} ends[] = {
		{ "fin", CLC_FIN, 1 }, { "rst", CLC_RST, 7 },
		{ "silence", CLC_WAIT, 5 },
	};
	struct clc_case *a;
	__u8 b[CLC_BUF];
	unsigned int i;
	size_t len, n;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		for (n = 0; ; n += ends[i].step) {
			len = base->make(b, t->h, t->num);
			if (n >= len)
				break;
			a = begin(t, base->name, base->stage, b, n);
			snprintf(a->name, sizeof(a->name), "%s.cut_%zu_%s",
				 base->name, n, ends[i].name);
			a->end = ends[i].end;
			finish(t);
		}
	}
}

/* Longer, with and without saying so; in pieces; all at once. */
static void add_shapes(struct clc_table *t, const struct clc_base *base)
{
	static const size_t more[] = { 1, 4, 8, 100, 930, 3000 };
	struct clc_case *a;
	__u8 b[CLC_BUF];
	unsigned int i;
	size_t len;

	for (i = 0; i < ARRAY_SIZE(more); i++) {
		len = base->make(b, t->h, t->num);
		memset(b + len, 0, more[i]);
		memcpy(b + len + more[i] - 4, b, 4);
		set_len(b, len + more[i]);
		a = begin(t, base->name, base->stage, b, len + more[i]);
		snprintf(a->name, sizeof(a->name), "%s.longer_%zu", base->name,
			 more[i]);
		a->end = CLC_ENOUGH;
		finish(t);
	}
	for (i = 0; i < 2; i++) {
		len = base->make(b, t->h, t->num);
		a = begin(t, base->name, base->stage, b, len);
		snprintf(a->name, sizeof(a->name), "%s.trickled_%s", base->name,
			 i ? "too_slowly" : "fast");
		a->trickle = true;
		a->gap_ms = i ? 9000 / len : 0;
		a->end = CLC_ENOUGH;
		finish(t);
		if (i)
			t->cases[t->num - 1].want =
				(struct clc_verdict){ CLC_O_TIMEOUT, 0, 0 };
	}
	len = base->make(b, t->h, t->num);
	a = begin(t, base->name, base->stage, b, len);
	snprintf(a->name, sizeof(a->name), "%s.then_rst", base->name);
	a->end = CLC_RST;
	finish(t);
}

enum piece {
	P_END,
	P_PROPOSAL,
	P_ACCEPT,
	P_CONFIRM,
	P_DECLINE,
	P_PROPOSAL_V2,
	P_ACCEPT_V2,
	P_CONFIRM_V2,
	P_DECLINE_V2,
	P_GARBAGE,
	P_ZEROES,
};

/* Right messages where they do not belong, each in one segment. */
struct mixture {
	const char *name;
	enum clc_stage stage;
	enum clc_end end;
	enum piece pieces[4];
};

static const struct mixture server_mixtures[] = {
	{ "no_option", CLC_NO_OPTION, CLC_WAIT, { P_END } },
	{ "garbage", CLC_FIRST, CLC_WAIT, { P_GARBAGE } },
	{ "zeroes", CLC_FIRST, CLC_WAIT, { P_ZEROES } },
	{ "proposal", CLC_FIRST, CLC_ENOUGH, { P_PROPOSAL } },
	{ "proposal_silence", CLC_FIRST, CLC_WAIT, { P_PROPOSAL } },
	{ "proposal_fin", CLC_FIRST, CLC_FIN, { P_PROPOSAL } },
	{ "proposal_twice", CLC_FIRST, CLC_WAIT, { P_PROPOSAL, P_PROPOSAL } },
	{ "proposal_accept", CLC_FIRST, CLC_WAIT, { P_PROPOSAL, P_ACCEPT } },
	{ "proposal_confirm", CLC_FIRST, CLC_WAIT, { P_PROPOSAL, P_CONFIRM } },
	{ "proposal_decline", CLC_FIRST, CLC_WAIT, { P_PROPOSAL, P_DECLINE } },
	{ "proposal_garbage", CLC_FIRST, CLC_WAIT, { P_PROPOSAL, P_GARBAGE } },
	{ "proposal_zeroes", CLC_FIRST, CLC_WAIT, { P_PROPOSAL, P_ZEROES } },
	{ "accept", CLC_FIRST, CLC_WAIT, { P_ACCEPT } },
	{ "confirm", CLC_FIRST, CLC_WAIT, { P_CONFIRM } },
	{ "confirm_proposal", CLC_FIRST, CLC_WAIT, { P_CONFIRM, P_PROPOSAL } },
	{ "decline", CLC_FIRST, CLC_WAIT, { P_DECLINE } },
	{ "decline_proposal", CLC_FIRST, CLC_WAIT, { P_DECLINE, P_PROPOSAL } },
	{ "decline_twice", CLC_FIRST, CLC_WAIT, { P_DECLINE, P_DECLINE } },
	{ "decline_garbage", CLC_FIRST, CLC_WAIT, { P_DECLINE, P_GARBAGE } },
	{ "second_silence", CLC_SECOND, CLC_WAIT, { P_END } },
	{ "second_fin", CLC_SECOND, CLC_FIN, { P_END } },
	{ "second_rst", CLC_SECOND, CLC_RST, { P_END } },
	{ "second_confirm", CLC_SECOND, CLC_WAIT, { P_CONFIRM } },
	{ "second_confirm_rst", CLC_SECOND, CLC_RST, { P_CONFIRM } },
	{ "second_proposal", CLC_SECOND, CLC_WAIT, { P_PROPOSAL } },
	{ "second_accept", CLC_SECOND, CLC_WAIT, { P_ACCEPT } },
	{ "second_decline", CLC_SECOND, CLC_WAIT, { P_DECLINE } },
	{ "second_decline_confirm", CLC_SECOND, CLC_WAIT,
	  { P_DECLINE, P_CONFIRM } },
	{ "second_garbage", CLC_SECOND, CLC_WAIT, { P_GARBAGE } },
	{ "second_zeroes", CLC_SECOND, CLC_WAIT, { P_ZEROES } },
	{}
};

static const struct mixture client_mixtures[] = {
	{ "no_option", CLC_NO_OPTION, CLC_WAIT, { P_END } },
	{ "silence", CLC_FIRST, CLC_WAIT, { P_END } },
	{ "fin", CLC_FIRST, CLC_FIN, { P_END } },
	{ "rst", CLC_FIRST, CLC_RST, { P_END } },
	{ "garbage", CLC_FIRST, CLC_WAIT, { P_GARBAGE } },
	{ "zeroes", CLC_FIRST, CLC_WAIT, { P_ZEROES } },
	{ "accept", CLC_FIRST, CLC_WAIT, { P_ACCEPT } },
	{ "accept_rst", CLC_FIRST, CLC_RST, { P_ACCEPT } },
	{ "proposal", CLC_FIRST, CLC_WAIT, { P_PROPOSAL } },
	{ "confirm", CLC_FIRST, CLC_WAIT, { P_CONFIRM } },
	{ "confirm_accept", CLC_FIRST, CLC_WAIT, { P_CONFIRM, P_ACCEPT } },
	{ "decline", CLC_FIRST, CLC_WAIT, { P_DECLINE } },
	{ "decline_accept", CLC_FIRST, CLC_WAIT, { P_DECLINE, P_ACCEPT } },
	{ "decline_twice", CLC_FIRST, CLC_WAIT, { P_DECLINE, P_DECLINE } },
	{ "decline_garbage", CLC_FIRST, CLC_WAIT, { P_DECLINE, P_GARBAGE } },
	{}
};

static const struct mixture server_mixtures_v2[] = {
	{ "proposal_silence", CLC_FIRST, CLC_WAIT, { P_PROPOSAL_V2 } },
	{ "proposal_twice", CLC_FIRST, CLC_WAIT,
	  { P_PROPOSAL_V2, P_PROPOSAL_V2 } },
	{ "proposal_confirm", CLC_FIRST, CLC_WAIT,
	  { P_PROPOSAL_V2, P_CONFIRM_V2 } },
	{ "proposal_confirm_v1", CLC_FIRST, CLC_WAIT,
	  { P_PROPOSAL_V2, P_CONFIRM } },
	{ "proposal_v1_confirm", CLC_FIRST, CLC_WAIT,
	  { P_PROPOSAL, P_CONFIRM_V2 } },
	{ "proposal_decline", CLC_FIRST, CLC_WAIT,
	  { P_PROPOSAL_V2, P_DECLINE_V2 } },
	{ "proposal_garbage", CLC_FIRST, CLC_WAIT,
	  { P_PROPOSAL_V2, P_GARBAGE } },
	{ "accept", CLC_FIRST, CLC_WAIT, { P_ACCEPT_V2 } },
	{ "confirm", CLC_FIRST, CLC_WAIT, { P_CONFIRM_V2 } },
	{ "second_silence", CLC_SECOND_V2, CLC_WAIT, { P_END } },
	{ "second_fin", CLC_SECOND_V2, CLC_FIN, { P_END } },
	{ "second_rst", CLC_SECOND_V2, CLC_RST, { P_END } },
	{ "second_confirm", CLC_SECOND_V2, CLC_WAIT, { P_CONFIRM_V2 } },
	{ "second_confirm_rst", CLC_SECOND_V2, CLC_RST, { P_CONFIRM_V2 } },
	{ "second_proposal", CLC_SECOND_V2, CLC_WAIT, { P_PROPOSAL_V2 } },
	{ "second_accept", CLC_SECOND_V2, CLC_WAIT, { P_ACCEPT_V2 } },
	{ "second_decline_v1", CLC_SECOND_V2, CLC_WAIT, { P_DECLINE } },
	{ "second_decline_confirm", CLC_SECOND_V2, CLC_WAIT,
	  { P_DECLINE_V2, P_CONFIRM_V2 } },
	{ "second_garbage", CLC_SECOND_V2, CLC_WAIT, { P_GARBAGE } },
	{ "second_zeroes", CLC_SECOND_V2, CLC_WAIT, { P_ZEROES } },
	{}
};

static const struct mixture client_mixtures_v2[] = {
	{ "accept", CLC_FIRST, CLC_WAIT, { P_ACCEPT_V2 } },
	{ "accept_rst", CLC_FIRST, CLC_RST, { P_ACCEPT_V2 } },
	{ "accept_v1", CLC_FIRST, CLC_WAIT, { P_ACCEPT } },
	{ "proposal", CLC_FIRST, CLC_WAIT, { P_PROPOSAL_V2 } },
	{ "confirm", CLC_FIRST, CLC_WAIT, { P_CONFIRM_V2 } },
	{ "decline", CLC_FIRST, CLC_WAIT, { P_DECLINE_V2 } },
	{ "decline_accept", CLC_FIRST, CLC_WAIT,
	  { P_DECLINE_V2, P_ACCEPT_V2 } },
	{}
};

static const struct mixture *mixtures(bool server, bool v2)
{
	if (server)
		return v2 ? server_mixtures_v2 : server_mixtures;
	return v2 ? client_mixtures_v2 : client_mixtures;
}

static size_t add_piece(__u8 *b, const struct clc_table *t, enum piece piece)
{
	__u32 state = 0xbad5eed;
	size_t i;

	switch (piece) {
	case P_PROPOSAL:
		return clc_proposal(b, t->h, t->num);
	case P_ACCEPT:
		return clc_accept(b, t->h, t->num, CLC_ACCEPT);
	case P_CONFIRM:
		return clc_accept(b, t->h, t->num, CLC_CONFIRM);
	case P_DECLINE:
		return clc_decline(b, 0x03030000, false);
	case P_PROPOSAL_V2:
		return clc_proposal_v2(b, t->h, t->num);
	case P_ACCEPT_V2:
		return clc_accept_v2(b, t->h, t->num, CLC_ACCEPT);
	case P_CONFIRM_V2:
		return clc_accept_v2(b, t->h, t->num, CLC_CONFIRM);
	case P_DECLINE_V2:
		return clc_decline_v2(b, 0x03030000);
	case P_GARBAGE:
		for (i = 0; i < 500; i++)
			b[i] = rnd(&state);
		return 500;
	case P_ZEROES:
		memset(b, 0, 500);
		return 500;
	default:
		return 0;
	}
}

static void add_mixtures(struct clc_table *t, const struct mixture *m)
{
	struct clc_case *a;
	__u8 b[CLC_BUF];
	unsigned int i;
	size_t len;

	for (; m->name; m++) {
		for (i = 0, len = 0; m->pieces[i]; i++)
			len += add_piece(b + len, t, m->pieces[i]);
		a = begin(t, "order", m->stage, b, len);
		snprintf(a->name, sizeof(a->name), "order.%s", m->name);
		a->end = m->end;
		finish(t);
	}
}

/**
 * clc_cases_make() - make the attacks on one role
 * @t: where to put them
 * @h: hostile host, which stays
 * @server: attacks on servers
 */
void clc_cases_make(struct clc_table *t, const struct hostile *h, bool server)
{
	const struct clc_base *base = clc_bases(server, h->v2);
	const struct clc_field * const *fields;

	memset(t, 0, sizeof(*t));
	t->h = h;
	t->server = server;
	for (; base->name; base++) {
		for (fields = base->fields; *fields; fields++)
			add_fields(t, base, *fields);
		add_edits(t, base);
		if (base->sizes)
			add_sizes(t, base);
		if (base->cut)
			add_cuts(t, base);
		add_shapes(t, base);
	}
	add_mixtures(t, mixtures(server, h->v2));
}

/* What comes of an attack that resets if all before the reset is heard first. */
static struct clc_verdict unless_reset(const struct clc_table *t,
				       unsigned int i)
{
	struct clc_case a = t->cases[i];

	a.end = CLC_FIN;
	return clc_judge(t, &a, i);
}

/**
 * clc_cases_expect() - print how often each outcome has to have been counted
 * @t: table
 * @done: for each attack, whether it was made
 */
void clc_cases_expect(const struct clc_table *t, const bool *done)
{
	unsigned int sums[CLC_OUTCOMES] = {}, accepts = 0, no_option = 0;
	unsigned int i, n = 0;

	for (i = 0; i < t->num; i++) {
		if (!done[i])
			continue;
		n++;
		if (t->cases[i].stage == CLC_NO_OPTION)
			no_option++;
		else
			sums[t->cases[i].want.outcome]++;
		accepts += !!t->cases[i].want.accepts;
	}
	printf("expect cases=%u accepts=%u no_option=%u", n, accepts,
	       no_option);
	for (i = 0; i < CLC_OUTCOMES; i++)
		printf(" %s=%u", clc_outcome_name(i), sums[i]);
	printf("\n");
	for (i = 0; i < t->num; i++)
		if (done[i] && t->cases[i].want.outcome == CLC_O_DECLINED)
			printf("diagnosis 0x%08x\n",
			       t->cases[i].want.diagnosis);
	for (i = 0; i < t->num; i++) {
		struct clc_verdict v = unless_reset(t, i);

		if (done[i] && t->cases[i].want.outcome == CLC_O_NONE)
			printf("may %s 0x%08x\n", clc_outcome_name(v.outcome),
			       v.diagnosis);
	}
	fflush(stdout);
}

/**
 * clc_attack() - send what an attack sends
 * @a: the attack
 * @c: connection, the handshake done as far as it is to go
 */
void clc_attack(const struct clc_case *a, struct mt_conn *c)
{
	size_t i;

	if (!a->trickle && a->len)
		mt_send(c, a->bytes, a->len, 2000);
	/* The peer may well end it before the last byte */
	for (i = 0; a->trickle && i < a->len && !c->fin && !c->rst; i++) {
		long long end = now_ms() + a->gap_ms;

		mt_push(c, a->bytes[i]);
		while (now_ms() < end)
			mt_poll(c->host, end - now_ms());
	}
	if (a->end == CLC_FIN)
		mt_fin(c);
	if (a->end == CLC_RST)
		mt_rst(c);
}
