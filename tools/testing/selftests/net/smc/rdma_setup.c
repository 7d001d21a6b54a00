// SPDX-License-Identifier: GPL-2.0
/*
 * The attacks on a link or connection in the making: on the confirmation of
 * the link, and on the exchange of rkeys.
 */
#include <stdio.h>

#include "rdma_table.h"

#define DECL_EYECATCHER	0x03050000
#define DECL_INTERNAL	0x09990000
#define DECL_RTOKEN	0x09990001
#define DECL_REGISTER	0x09990003

/**
 * struct setup_edit - a change of CONFIRM LINK
 * @name:	its name
 * @edit:	for the rule
 * @reason:	why the link is not taken, 0: it is
 * @stat:	counts, plus one; a part of bad_llc brings the sum along
 */
struct setup_edit {
	const char *name;
	const char *edit;
	__u32 reason;
	__u8 stat;
};

/* The headers differ. */
static const struct setup_edit header_v1[] = {
	{ "length.zero", "set=1:1:0", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_FORMAT) },
	{ "length.max", "set=1:1:255", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_FORMAT) },
	{ "length.minus", "set=1:1:43", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_FORMAT) },
	{ "reserved.max", "set=2:1:255", 0 },
	{}
};

static const struct setup_edit header_v2[] = {
	{ "length.zero", "set=1:2:0", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_FORMAT) },
	{ "length.max", "set=1:2:0xffff", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_FORMAT) },
	{ "length.plus", "set=1:2:45", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_FORMAT) },
	{ "length.minus_little", "set=1:2:0x2b00", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_FORMAT) },
	{ "length.little", "set=1:2:0x2c00", 0 },
	{}
};

static const struct setup_edit body[] = {
	{ "no_eyecatcher.one", "xor=3:1:1", 0 },
	{ "no_eyecatcher.clear", "xor=3:1:3", DECL_EYECATCHER },
	{ "mac.zero", "set=4:6:0", 0 },
	{ "mac.max", "set=4:6:0xffffffffffff", 0 },
	{ "gid.zero", "set=10:8:0 set=18:8:0", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_LINK) },
	{ "gid.max", "set=10:8:" ONES " set=18:8:" ONES, DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_LINK) },
	{ "gid.plus", "add=18:8:1", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_LINK) },
	{ "gid.sign", "xor=10:1:0x80", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_LINK) },
	{ "qpn.zero", "set=26:3:0", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_LINK) },
	{ "qpn.max", "set=26:3:0xffffff", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_LINK) },
	{ "qpn.plus", "add=26:3:1", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_LINK) },
	{ "link.zero", "set=29:1:0", DECL_INTERNAL,
	  COUNTS(ST_LLC_BAD_LINK) },
	{ "user_id.max", "set=30:4:0xffffffff", 0 },
	{ "max_links.zero", "set=34:1:0", 0 },
	{ "max_links.max", "set=34:1:255", 0 },
	{ "max_conns.other", "xor=35:1:0xff", 0 },
	{ "tail.max", "set=36:8:0xffffffffffffffff", 0 },
	{}
};

/* CONFIRM LINK of the first contact, which the other end waits for. */
static void add_edits(struct rdma_table *t, enum rdma_end attacker, __u8 type,
		      const struct setup_edit *e)
{
	struct rdma_case *a;

	for (; e->name; e++) {
		a = rdma_add(t, "confirm_link", attacker, "%s", e->name);
		a->when = AT_FIRST;
		a->want = e->reason ? R_TCP : R_FINE;
		a->reason = e->reason;
		if (e->stat)
			rdma_bad_llc(a, e->stat - 1);
		snprintf(a->rule, sizeof(a->rule), "once type=%#04x %s", type,
			 e->edit);
	}
}

static void add_confirm_link(struct rdma_table *t, enum rdma_end attacker,
			     __u8 type)
{
	struct rdma_case *a;
	unsigned int i;

	/* A client may say no other number than the server has chosen. */
	if (attacker == END_CLIENT) {
		a = rdma_add(t, "confirm_link", attacker, "link.plus");
		a->when = AT_FIRST;
		a->want = R_TCP;
		a->reason = DECL_INTERNAL;
		rdma_bad_llc(a, ST_LLC_BAD_LINK);
		snprintf(a->rule, sizeof(a->rule),
			 "once type=%#04x add=29:1:1", type);
	}
	/* In the place of the request or answer there is another one. */
	a = rdma_add(t, "confirm_link", attacker, "wrong_direction");
	a->when = AT_FIRST;
	a->want = R_TCP;
	rdma_ignored(a, ST_LLC_UNEXPECTED);
	snprintf(a->rule, sizeof(a->rule), "once type=%#04x xor=3:1:0x80",
		 type);
	a = rdma_add(t, "confirm_link", attacker, "unknown_type");
	a->when = AT_FIRST;
	a->want = R_TCP;
	rdma_ignored(a, ST_LLC_UNKNOWN);
	snprintf(a->rule, sizeof(a->rule), "once type=%#04x set=0:1:0x77",
		 type);
	a = rdma_add(t, "confirm_link", attacker, "other_version");
	a->when = AT_FIRST;
	a->want = R_TCP;
	rdma_ignored(a, ST_LLC_UNKNOWN);
	snprintf(a->rule, sizeof(a->rule), "once type=%#04x xor=0:1:0x20",
		 type);
	for (i = 0; i < MSG_LEN; i += 11) {
		a = rdma_add(t, "confirm_link", attacker, "cut_to_%u", i);
		a->when = AT_FIRST;
		a->want = R_TCP;
		rdma_bad_llc(a, ST_LLC_BAD_FORMAT);
		snprintf(a->rule, sizeof(a->rule), "once type=%#04x trunc=%u",
			 type, i);
	}
}

/*
 * The exchange of rkeys when a connection joins a group. The server begins: of
 * its messages the first is the request, of the client's the answer.
 */
static const struct join_edit {
	const char *name;
	bool request;
	const char *edit;
	__u32 reason;	/* 0: the connection is made */
	bool unexpected;
} joins[] = {
	{ "answer.negative", false, "xor=3:1:0x20", DECL_REGISTER },
	{ "answer.other_rkey", false, "add=5:4:1", DECL_REGISTER, true },
	{ "answer.other_vaddr", false, "set=9:8:" ONES },
	{ "answer.others_max", false, "set=4:1:255" },
	{ "answer.of_another", false, "xor=0:1:0x0f set=4:1:1", DECL_REGISTER,
	  true },
	{ "request.others_max", true, "set=4:1:255" },
	{ "request.twice", true, "dup" },
	/* Its Accept or Confirm then names an address that was denied. */
	{ "request.other_vaddr", true, "add=9:8:4096", DECL_RTOKEN },
};

static struct rdma_case *add_join(struct rdma_table *t, enum rdma_end attacker,
				  __u8 type, const struct join_edit *e)
{
	bool second = e->request == (attacker == END_CLIENT);
	struct rdma_case *a;

	a = rdma_add(t, "join", attacker, "%s", e->name);
	a->when = AT_JOIN;
	a->want = e->reason ? R_TCP : R_FINE;
	a->reason = e->reason;
	/* Who has sent the Confirm goes on: it is too late for a Decline. */
	if (e->reason == DECL_RTOKEN && attacker == END_CLIENT)
		a->want = R_RESET;
	if (e->unexpected)
		rdma_ignored(a, ST_LLC_UNEXPECTED);
	snprintf(a->rule, sizeof(a->rule), "once after=%d type=%#04x %s",
		 second, type, e->edit);
	return a;
}

/* The first message of the exchange once more, instead of the second. */
static void add_replay(struct rdma_table *t, enum rdma_end attacker, __u8 type)
{
	static const struct join_edit replay[] = {
		[END_CLIENT] = { "request.replayed_answer", true, "replay=1",
				 0, true },
		[END_SERVER] = { "answer.replayed_request", false, "replay=1",
				 DECL_REGISTER },
	};

	add_join(t, attacker, type, &replay[attacker])->want = R_TCP;
}

/* Linux leaves the key out of its answers, in version 2. */
static void add_no_rkey(struct rdma_table *t, enum rdma_end attacker, bool v2)
{
	static const struct join_edit no_rkey[] = {
		{ "answer.no_rkey", false, "set=5:4:0", DECL_REGISTER, true },
		{ "answer.no_rkey", false, "set=5:4:0" },
	};

	add_join(t, attacker, v2 ? 0x26 : 0x06, &no_rkey[v2]);
}

/**
 * rdma_add_setup() - the attacks on what is being set up
 * @t: table
 * @attacker: who makes them
 * @v2: of version 2
 */
void rdma_add_setup(struct rdma_table *t, enum rdma_end attacker, bool v2)
{
	__u8 framing = v2 ? 0x20 : 0;
	unsigned int i;

	add_edits(t, attacker, framing | 1, v2 ? header_v2 : header_v1);
	add_edits(t, attacker, framing | 1, body);
	add_confirm_link(t, attacker, framing | 1);
	for (i = 0; i < ARRAY_SIZE(joins); i++)
		add_join(t, attacker, framing | 6, &joins[i]);
	add_no_rkey(t, attacker, v2);
	add_replay(t, attacker, framing | 6);
}
