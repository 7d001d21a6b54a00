// SPDX-License-Identifier: GPL-2.0
/*
 * A client that misbehaves toward a listening SMC socket, at each stage of the
 * handshake. While it holds its connection, and after it, ordinary connections
 * to the same listener must be served at once.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "hostile.h"

/* How far the handshake goes properly before the attack. */
enum stage {
	BEFORE_TCP,	/* no SMC option at all */
	FOR_PROPOSAL,	/* instead of a Proposal */
	FOR_CONFIRM,	/* instead of a Confirm */
};

enum after {
	WAIT,		/* say nothing more */
	FIN,
	RST,
};

#define CLOSED		0x01	/* the connection must be ended by the server */
#define DECLINED	0x02	/* Decline, then served as TCP */
#define SERVED		0x04	/* served as TCP without a Decline */
#define ACCEPTED	0x08	/* an Accept comes */
#define OURS		0x10	/* it was ended by the attack itself */

/* Change a right message; @len is its length. Return the length to send. */
typedef size_t (*spoil_fn)(__u8 *b, size_t len);

struct attack {
	const char *name;
	enum stage stage;
	__u8 type;		/* right message to start from, 0 for none */
	enum after after;
	unsigned int want;	/* any of these */
	__u32 diagnosis;	/* of the Decline, 0 for any */
	spoil_fn spoil;		/* NULL: see the next four */
	__u8 at;		/* spoil this byte of it, 0 for none */
	__u8 keep;		/* bits that stay */
	__u8 flip;		/* bits to change, or to set where none stays */
	__u8 cut;		/* send only so many bytes; 0 for all */
	int gap_ms;		/* send byte by byte with this gap */
};

#define SET(pos, val)	.at = (pos), .flip = (val)
#define FLIP(pos, bits)	.at = (pos), .keep = 0xff, .flip = (bits)
#define CUT(bytes)	.cut = (bytes)

static void set_len(__u8 *b, size_t len)
{
	b[5] = len >> 8;
	b[6] = len;
}

static size_t len_more(__u8 *b, size_t len)
{
	set_len(b, len + 1);
	return len + 1;
}

static size_t twice(__u8 *b, size_t len)
{
	memcpy(b + len, b, len);
	return 2 * len;
}

static size_t len_max(__u8 *b, size_t len)
{
	set_len(b, 0xffff);
	return len;
}

static size_t ip_offset_max(__u8 *b, size_t len)
{
	b[38] = 0xff;
	b[39] = 0xff;
	return len;
}

static size_t v2_ext_far(__u8 *b, size_t len)
{
	b[7] &= ~0x0c;
	b[50] = 0xff;
	b[51] = 0xff;
	return len;
}

static size_t v2_ext_at_end(__u8 *b, size_t len)
{
	b[7] &= ~0x0c;
	b[51] = 28 + 8;
	return len;
}

static size_t garbage(__u8 *b, size_t len)
{
	__u32 state = 0xbad5eed;
	size_t i;

	(void)len;
	for (i = 0; i < 500; i++)
		b[i] = rnd(&state);
	return 500;
}

static size_t garbage_behind(__u8 *b, size_t len)
{
	return len + garbage(b + len, 0);
}

static size_t long_tail(__u8 *b, size_t len)
{
	(void)len;
	set_len(b, 3000);
	memset(b + 88, 0, 3000 - 88);
	return 3000;
}

static size_t nothing_offered(__u8 *b, size_t len)
{
	(void)len;
	memcpy(b + 80, b, 4);	/* trailer where the prefix area was */
	set_len(b, 84);
	b[7] = 0x2a;
	b[39] = 0;
	return 84;
}

static const struct attack attacks[] = {
	/* Without the option, or leaving at once */
	{ "no_option", BEFORE_TCP, 0, WAIT, SERVED },
	{ "option_fin", FOR_PROPOSAL, 0, FIN, CLOSED },
	{ "option_rst", FOR_PROPOSAL, 0, RST, OURS },
	{ "option_silence", FOR_PROPOSAL, 0, WAIT, CLOSED },
	/* Decline instead of Proposal */
	{ "decline_first", FOR_PROPOSAL, CLC_DECLINE, WAIT, SERVED },
	{ "decline_trickled", FOR_PROPOSAL, CLC_DECLINE, WAIT, SERVED,
	  .gap_ms = 5 },
	{ "decline_long", FOR_PROPOSAL, CLC_DECLINE, WAIT, CLOSED,
	  .spoil = len_more },
	{ "decline_short", FOR_PROPOSAL, CLC_DECLINE, WAIT, CLOSED,
	  SET(6, DECLINE_LEN - 1) },
	{ "decline_cut_fin", FOR_PROPOSAL, CLC_DECLINE, FIN, CLOSED,
	  CUT(DECLINE_LEN - 1) },
	/* Headers */
	{ "garbage", FOR_PROPOSAL, 0, WAIT, CLOSED, .spoil = garbage },
	{ "bad_eyecatcher", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  FLIP(2, 1) },
	{ "version_0", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  .at = 7, .keep = 0x0f },
	{ "type_0", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED, SET(4, 0) },
	{ "type_5", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED, SET(4, 5) },
	{ "type_255", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED, SET(4, 255) },
	{ "accept_first", FOR_PROPOSAL, CLC_ACCEPT, WAIT, CLOSED },
	{ "confirm_first", FOR_PROPOSAL, CLC_CONFIRM, WAIT, CLOSED },
	{ "length_0", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED, SET(6, 0) },
	{ "length_8", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED, SET(6, 8) },
	{ "length_less", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  SET(6, PROPOSAL_LEN - 1) },
	{ "length_more", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  .spoil = len_more },
	{ "length_max", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  .spoil = len_max },
	{ "length_3000", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  .spoil = long_tail },
	{ "bad_trailer", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  FLIP(PROPOSAL_LEN - 1, 1) },
	/* Pieces */
	{ "cut_7_fin", FOR_PROPOSAL, CLC_PROPOSAL, FIN, CLOSED, CUT(7) },
	{ "cut_7_silence", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED, CUT(7) },
	{ "cut_8_silence", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED, CUT(8) },
	{ "cut_8_rst", FOR_PROPOSAL, CLC_PROPOSAL, RST, OURS, CUT(8) },
	{ "cut_1_fin", FOR_PROPOSAL, CLC_PROPOSAL, FIN, CLOSED,
	  CUT(PROPOSAL_LEN - 1) },
	{ "cut_1_silence", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  CUT(PROPOSAL_LEN - 1) },
	{ "trickled", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, ACCEPTED, .gap_ms = 5 },
	{ "trickled_too_slowly", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  .gap_ms = 400 },
	/* Proposal */
	{ "proposal_right", FOR_PROPOSAL, CLC_PROPOSAL, RST, OURS },
	{ "ip_offset_41", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  SET(39, 41) },
	{ "ip_offset_max", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  .spoil = ip_offset_max },
	{ "prefix6_8_missing", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  SET(87, 8) },
	{ "prefix6_9", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED, SET(87, 9) },
	{ "prefix6_255", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  SET(87, 255) },
	{ "prefix_other", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, DECLINED,
	  .diagnosis = 0x03070000, FLIP(80, 0x55) },
	{ "prefix_len_33", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, DECLINED | CLOSED,
	  SET(84, 33) },
	{ "gid_kind_other", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, DECLINED,
	  .diagnosis = 0x03030000, SET(60, 0) },
	{ "only_smc_d", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, DECLINED,
	  FLIP(7, 1) },
	{ "nothing_offered", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, DECLINED,
	  .diagnosis = 0x03010000, .spoil = nothing_offered },
	{ "v2_no_extension", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  FLIP(7, 2 << 2) },
	{ "v2_extension_far", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  .spoil = v2_ext_far },
	{ "v2_extension_at_end", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, CLOSED,
	  .spoil = v2_ext_at_end },
	{ "proposal_garbage_behind", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, ACCEPTED | CLOSED,
	  .spoil = garbage_behind },
	{ "proposal_twice", FOR_PROPOSAL, CLC_PROPOSAL, WAIT, ACCEPTED | CLOSED,
	  .spoil = twice },
	/* Confirm */
	{ "confirm_silence", FOR_CONFIRM, 0, WAIT, CLOSED },
	{ "confirm_fin", FOR_CONFIRM, 0, FIN, CLOSED },
	{ "confirm_rst", FOR_CONFIRM, 0, RST, OURS },
	{ "confirm_decline", FOR_CONFIRM, CLC_DECLINE, WAIT, SERVED },
	{ "confirm_garbage", FOR_CONFIRM, 0, WAIT, CLOSED, .spoil = garbage },
	{ "confirm_proposal", FOR_CONFIRM, CLC_PROPOSAL, WAIT, CLOSED },
	{ "confirm_accept", FOR_CONFIRM, CLC_ACCEPT, WAIT, CLOSED },
	{ "confirm_trailer", FOR_CONFIRM, CLC_CONFIRM, WAIT, CLOSED,
	  FLIP(ACCEPT_LEN - 1, 1) },
	{ "confirm_length_less", FOR_CONFIRM, CLC_CONFIRM, WAIT, CLOSED,
	  SET(6, ACCEPT_LEN - 1) },
	{ "confirm_length_max", FOR_CONFIRM, CLC_CONFIRM, WAIT, CLOSED,
	  .spoil = len_max },
	{ "confirm_cut_fin", FOR_CONFIRM, CLC_CONFIRM, FIN, CLOSED,
	  CUT(ACCEPT_LEN - 1) },
	{ "confirm_smc_d", FOR_CONFIRM, CLC_CONFIRM, WAIT, DECLINED | CLOSED,
	  FLIP(7, 1) },
	{ "confirm_qpn_0", FOR_CONFIRM, CLC_CONFIRM, WAIT, DECLINED | CLOSED,
	  SET(40, 0) },
	{ "confirm_token_0", FOR_CONFIRM, CLC_CONFIRM, WAIT, DECLINED | CLOSED,
	  SET(49, 0) },
	{ "confirm_rmbe_0", FOR_CONFIRM, CLC_CONFIRM, WAIT, DECLINED | CLOSED,
	  SET(45, 0) },
	{ "confirm_rmbe_255", FOR_CONFIRM, CLC_CONFIRM, WAIT, DECLINED | CLOSED,
	  SET(45, 255) },
	{ "confirm_mtu_0", FOR_CONFIRM, CLC_CONFIRM, WAIT, DECLINED | CLOSED,
	  SET(50, 0x20) },
	{ "confirm_mtu_15", FOR_CONFIRM, CLC_CONFIRM, WAIT, DECLINED | CLOSED,
	  SET(50, 0x2f) },
	{ "confirm_size_15", FOR_CONFIRM, CLC_CONFIRM, WAIT, DECLINED | CLOSED,
	  SET(50, 0xf3) },
	{ "confirm_other_gid", FOR_CONFIRM, CLC_CONFIRM, WAIT, DECLINED | CLOSED,
	  FLIP(31, 1) },
	/* A right Confirm, but no queue pair behind it */
	{ "confirm_no_link", FOR_CONFIRM, CLC_CONFIRM, WAIT, DECLINED,
	  .diagnosis = 0x02010000 },
	{ "confirm_no_link_fin", FOR_CONFIRM, CLC_CONFIRM, FIN, CLOSED | DECLINED },
	{ "confirm_no_link_rst", FOR_CONFIRM, CLC_CONFIRM, RST, OURS },
};

static size_t build(const struct attack *a, const struct hostile *h, __u8 *b)
{
	size_t len = 0;

	memset(b, 0, CLC_BUF);
	if (a->type == CLC_PROPOSAL)
		len = clc_proposal(b, h);
	else if (a->type == CLC_ACCEPT || a->type == CLC_CONFIRM)
		len = clc_accept(b, h, a->type);
	else if (a->type == CLC_DECLINE)
		len = clc_decline(b, 0x03030000, false);
	if (a->spoil)
		return a->spoil(b, len);
	if (a->at)
		b[a->at] = (b[a->at] & a->keep) ^ a->flip;
	return a->cut ? a->cut : len;
}

/* A byte at a time. The peer may well end it before the last one. */
static void trickle(struct mt_conn *c, const __u8 *b, size_t len, int gap_ms)
{
	size_t i;

	for (i = 0; i < len && !c->fin && !c->rst; i++) {
		long long end = now_ms() + gap_ms;

		if (!mt_send(c, b + i, 1, 2000))
			return;
		while (now_ms() < end)
			mt_poll(c->host, end - now_ms());
	}
}

/* The handshake up to the attack, done properly. */
static const char *reach(const struct attack *a, struct hostile *h,
			 struct mt_conn *c)
{
	__u8 b[CLC_BUF];
	size_t len;

	if (a->stage != BEFORE_TCP && !c->offered)
		return "the listener did not offer SMC";
	if (a->stage != FOR_CONFIRM)
		return NULL;
	len = clc_proposal(b, h);
	if (!mt_send(c, b, len, 2000))
		return "Proposal not acknowledged";
	if (clc_read(c, b, CLC_DEADLINE_MS) != ACCEPT_LEN || b[4] != CLC_ACCEPT)
		return "no Accept to a right Proposal";
	return NULL;
}

/* How the server answers; ends with one of the outcome bits, 0 for none. */
static unsigned int outcome(const struct attack *a, struct mt_conn *c,
			    __u32 *diagnosis)
{
	__u8 b[CLC_BUF];
	size_t len;

	if (a->after == RST)
		return OURS;
	if (a->want == SERVED)
		return served(c) ? SERVED : 0;
	len = clc_read(c, b, CLC_DEADLINE_MS);
	if (len && b[4] == CLC_DECLINE) {
		*diagnosis = clc_diagnosis(b);
		if (a->after == WAIT && !served(c))
			return 0;
		return DECLINED;
	}
	if (len == ACCEPT_LEN && b[4] == CLC_ACCEPT) {
		if (a->want & ACCEPTED)
			return ACCEPTED;
		len = 0;
	}
	if (!len && mt_wait_end(c, CLC_DEADLINE_MS))
		return CLOSED;
	return 0;
}

static const char *attack(const struct attack *a, struct hostile *h,
			  struct mt_conn *c, char *note, size_t size)
{
	__u8 b[CLC_BUF];
	__u32 diagnosis = 0;
	const char *problem;
	unsigned int got;
	long long start;
	size_t len;

	problem = reach(a, h, c);
	if (problem)
		return problem;
	len = build(a, h, b);
	start = now_ms();
	if (a->gap_ms)
		trickle(c, b, len, a->gap_ms);
	else if (len)
		mt_send(c, b, len, 2000);
	if (a->after == FIN)
		mt_fin(c);
	if (a->after == RST)
		mt_rst(c);
	/* Nobody else may notice this connection while it lasts */
	problem = good_connection(h);
	if (problem)
		return problem;
	got = outcome(a, c, &diagnosis);
	snprintf(note, size, "outcome=0x%x diagnosis=0x%08x ms=%lld", got,
		 diagnosis, now_ms() - start);
	if (!(got & a->want))
		return "not the outcome wanted";
	if (got == DECLINED && a->diagnosis && a->diagnosis != diagnosis)
		return "not the diagnosis wanted";
	return NULL;
}

/**
 * listener_attack_count() - how many tests listener_attacks() will report
 * @h: hostile host
 *
 * Return: the number.
 */
unsigned int listener_attack_count(const struct hostile *h)
{
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(attacks); i++)
		n += !h->only || !strcmp(h->only, attacks[i].name);
	return n;
}

/**
 * listener_attacks() - run all attacks on a listener, one after the other
 * @h: hostile host
 *
 * Return: number of attacks run.
 */
unsigned int listener_attacks(struct hostile *h)
{
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(attacks); i++) {
		const struct attack *a = &attacks[i];
		char note[128] = "";
		const char *problem;
		struct mt_conn *c;

		if (h->only && strcmp(h->only, a->name))
			continue;
		n++;
		c = mt_connect(&h->host, h->target_ip, h->port,
			       a->stage != BEFORE_TCP, 5000);
		problem = c ? attack(a, h, c, note, sizeof(note)) :
			      "no TCP connection";
		if (c) {
			mt_rst(c);
			mt_free(c);
		}
		if (!problem)
			problem = good_connection(h);
		say(a->name, problem, note);
	}
	return n;
}
