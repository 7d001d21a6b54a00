// SPDX-License-Identifier: GPL-2.0
/*
 * The attacks on messages of a link, and what RFC 7609 and the documentation
 * of our counters demand for each.
 *
 * Most are messages that are added behind a right one, on a connection where
 * both ends have sent and read 100 bytes, and the attacker has just sent
 * one byte more.
 */
#include <stdio.h>
#include <string.h>

#include "rdma_table.h"

#define LONGEST_V2	8192	/* what a receiver of version 2 has room for */

struct cdc_attack {
	const char *name;
	const char *edit;
	enum rdma_outcome want;
	unsigned int extra;
	__u8 stat;	/* plus one; a part of bad_cdc brings the sum along */
};

/*
 * The message that is changed says: 101 bytes sent, 100 received, of 100 that
 * the victim has sent; its number is at least 2.
 */
static const struct cdc_attack cdc_attacks[] = {
	{ "copy", "xor=8:1:0", R_FINE },
	{ "length.zero", "set=1:1:0", R_GROUP_LOST, 0,
	  COUNTS(ST_CDC_BAD_FORMAT) },
	{ "length.one", "set=1:1:1", R_GROUP_LOST, 0,
	  COUNTS(ST_CDC_BAD_FORMAT) },
	{ "length.max", "set=1:1:255", R_GROUP_LOST, 0,
	  COUNTS(ST_CDC_BAD_FORMAT) },
	{ "length.plus", "set=1:1:45", R_GROUP_LOST, 0,
	  COUNTS(ST_CDC_BAD_FORMAT) },
	{ "length.minus", "set=1:1:43", R_GROUP_LOST, 0,
	  COUNTS(ST_CDC_BAD_FORMAT) },
	{ "length.sign", "xor=1:1:0x80", R_GROUP_LOST, 0,
	  COUNTS(ST_CDC_BAD_FORMAT) },
	{ "seqno.zero", "set=2:2:0", R_FINE, 0, COUNTS(ST_CDC_STALE) },
	{ "seqno.one", "set=2:2:1", R_FINE, 0, COUNTS(ST_CDC_STALE) },
	{ "seqno.max", "set=2:2:0xffff", R_FINE, 0, COUNTS(ST_CDC_STALE) },
	{ "seqno.plus", "add=2:2:1", R_FINE },
	{ "seqno.minus", "add=2:2:0xffff", R_FINE, 0, COUNTS(ST_CDC_STALE) },
	{ "seqno.sign", "xor=2:2:0x8000", R_FINE, 0, COUNTS(ST_CDC_STALE) },
	{ "seqno.far", "add=2:2:0x7fff", R_MUTE },
	{ "token.zero", "set=4:4:0", R_FINE, 0, COUNTS(ST_CDC_UNKNOWN_TOKEN) },
	{ "token.max", "set=4:4:0xffffffff", R_FINE, 0,
	  COUNTS(ST_CDC_UNKNOWN_TOKEN) },
	{ "token.plus", "add=4:4:1", R_FINE, 0, COUNTS(ST_CDC_UNKNOWN_TOKEN) },
	{ "token.minus", "add=4:4:0xffffffff", R_FINE, 0,
	  COUNTS(ST_CDC_UNKNOWN_TOKEN) },
	{ "token.sign", "xor=4:4:0x80000000", R_FINE, 0,
	  COUNTS(ST_CDC_UNKNOWN_TOKEN) },
	{ "token.swapped", "xor=4:1:0x01", R_FINE, 0,
	  COUNTS(ST_CDC_UNKNOWN_TOKEN) },
	{ "prod_reserved.max", "set=8:2:0xffff", R_FINE },
	{ "prod_wrap.one", "set=10:2:1", R_CONN_LOST, 0,
	  COUNTS(ST_CDC_BAD_CURSOR) },
	{ "prod_wrap.two", "set=10:2:2", R_CONN_LOST, 0,
	  COUNTS(ST_CDC_BAD_CURSOR) },
	{ "prod_wrap.large", "set=10:2:0x7fff", R_CONN_LOST, 0,
	  COUNTS(ST_CDC_BAD_CURSOR) },
	{ "prod_wrap.sign", "set=10:2:0x8000", R_FINE },
	{ "prod_wrap.max", "set=10:2:0xffff", R_FINE },
	{ "prod_wrap.back", "set=10:6:0x000100000000", R_EXTRA, RING - 101 },
	{ "prod_count.zero", "set=12:4:0", R_FINE },
	{ "prod_count.one", "set=12:4:1", R_FINE },
	{ "prod_count.minus", "add=12:4:0xffffffff", R_FINE },
	{ "prod_count.plus", "add=12:4:1", R_EXTRA, 1 },
	{ "prod_count.last", "set=12:4:0xffff", R_EXTRA, RING - 102 },
	{ "prod_count.size", "set=12:4:0x10000", R_CONN_LOST, 0,
	  COUNTS(ST_CDC_BAD_CURSOR) },
	{ "prod_count.sign", "xor=12:4:0x80000000", R_CONN_LOST, 0,
	  COUNTS(ST_CDC_BAD_CURSOR) },
	{ "prod_count.max", "set=12:4:0xffffffff", R_CONN_LOST, 0,
	  COUNTS(ST_CDC_BAD_CURSOR) },
	{ "cons_reserved.max", "set=16:2:0xffff", R_FINE },
	{ "cons_wrap.one", "set=18:2:1", R_CONN_LOST, 0,
	  COUNTS(ST_CDC_BAD_CURSOR) },
	{ "cons_wrap.two", "set=18:2:2", R_CONN_LOST, 0,
	  COUNTS(ST_CDC_BAD_CURSOR) },
	{ "cons_wrap.sign", "set=18:2:0x8000", R_FINE },
	{ "cons_wrap.max", "set=18:2:0xffff", R_FINE },
	{ "cons_count.zero", "set=20:4:0", R_FINE },
	{ "cons_count.one", "set=20:4:1", R_FINE },
	{ "cons_count.minus", "add=20:4:0xffffffff", R_FINE },
	{ "cons_count.plus", "add=20:4:1", R_CONN_LOST, 0,
	  COUNTS(ST_CDC_BAD_CURSOR) },
	{ "cons_count.size", "set=20:4:0x10000", R_CONN_LOST, 0,
	  COUNTS(ST_CDC_BAD_CURSOR) },
	{ "cons_count.sign", "xor=20:4:0x80000000", R_CONN_LOST, 0,
	  COUNTS(ST_CDC_BAD_CURSOR) },
	{ "cons_count.max", "set=20:4:0xffffffff", R_CONN_LOST, 0,
	  COUNTS(ST_CDC_BAD_CURSOR) },
	{ "both_cursors.max", "set=10:6:0xffffffffffff set=18:6:0xffffffffffff",
	  R_CONN_LOST, 0, COUNTS(ST_CDC_BAD_CURSOR) },
	{ "prod_flags.blocked", "set=24:1:0x80", R_FINE },
	{ "prod_flags.urgent_pending", "set=24:1:0x40", R_FINE },
	{ "prod_flags.urgent_present", "set=24:1:0x20", R_FINE },
	{ "prod_flags.update", "set=24:1:0x10", R_FINE },
	{ "prod_flags.failover", "set=24:1:0x08", R_FINE },
	{ "prod_flags.reserved", "set=24:1:0x07", R_FINE },
	{ "prod_flags.max", "set=24:1:0xff", R_FINE },
	{ "failover_far", "set=24:1:0x08 set=10:6:0xffffffffffff add=2:2:99",
	  R_FINE },
	{ "conn_flags.done", "set=25:1:0x80", R_EOF },
	{ "conn_flags.closed", "set=25:1:0x40", R_EOF },
	{ "conn_flags.done_closed", "set=25:1:0xc0", R_EOF },
	{ "conn_flags.abort", "set=25:1:0x20", R_CONN_LOST },
	{ "conn_flags.reserved", "set=25:1:0x1f", R_FINE },
	{ "conn_flags.max", "set=25:1:0xff", R_CONN_LOST },
	{ "tail.max", "set=26:8:" ONES " set=34:8:" ONES " set=42:2:0xffff",
	  R_FINE },
};

static void add_cdc(struct rdma_table *t, enum rdma_end attacker)
{
	struct rdma_case *a;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cdc_attacks); i++) {
		const struct cdc_attack *c = &cdc_attacks[i];

		a = rdma_add(t, "cdc", attacker, "%s", c->name);
		a->history = true;
		a->want = c->want;
		a->extra = c->extra;
		if (c->stat)
			a->stat[c->stat - 1] = 1;
		a->stat[ST_BAD_CDC] = a->stat[ST_CDC_BAD_FORMAT] ||
				      a->stat[ST_CDC_BAD_CURSOR];
		snprintf(a->rule, sizeof(a->rule),
			 "once type=0xfe keep inject=1 %s", c->edit);
	}
	a = rdma_add(t, "cdc", attacker, "twice");
	a->history = true;
	snprintf(a->rule, sizeof(a->rule), "once type=0xfe dup");
}

/*
 * Shorter and longer than a CDC message is. Receivers of version 2 have room
 * for more; what comes behind the message is nobody's business.
 */
static void add_sizes(struct rdma_table *t, enum rdma_end attacker, bool v2)
{
	static const unsigned int sizes[] = {
		45, 46, 48, 64, 88, 144, 256, 1024, LONGEST_V2, LONGEST_V2 + 1,
	};
	unsigned int i, max = v2 ? LONGEST_V2 : MSG_LEN;
	struct rdma_case *a;

	for (i = 0; i < MSG_LEN; i++) {
		a = rdma_add(t, "size", attacker, "cut_to_%u", i);
		a->want = R_GROUP_LOST;
		if (i)
			rdma_bad_cdc(a, ST_CDC_BAD_FORMAT);
		else
			rdma_bad_llc(a, ST_LLC_BAD_FORMAT);
		snprintf(a->rule, sizeof(a->rule), "once type=0xfe trunc=%u",
			 i);
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		a = rdma_add(t, "size", attacker, "grown_to_%u", sizes[i]);
		if (sizes[i] > max) {
			a->want = R_GROUP_LOST;
			a->stat[ST_LINK_DOWN] = 1;
			a->sim_viol = true;
		}
		snprintf(a->rule, sizeof(a->rule), "once type=0xfe extend=%u",
			 sizes[i] - MSG_LEN);
	}
}

/* RDMA writes where they must not go. */
static void add_writes(struct rdma_table *t, enum rdma_end attacker)
{
	static const struct {
		const char *name;
		const char *edit;
		bool viol;
	} writes[] = {
		{ "rkey.zero", "set=8:4:0", true },
		{ "rkey.one", "set=8:4:1", true },
		{ "rkey.max", "set=8:4:0xffffffff", true },
		{ "rkey.plus", "add=8:4:1", true },
		{ "rkey.minus", "add=8:4:0xffffffff", true },
		{ "rkey.sign", "xor=8:4:0x80000000", true },
		{ "address.zero", "set=0:8:0", true },
		{ "address.max", "set=0:8:0xffffffffffffffff", true },
		{ "address.sign", "xor=0:8:0x8000000000000000", true },
		{ "address.before", "add=0:8:0xffffffffffffff9a", true },
		{ "address.behind", "add=0:8:0x10000", true },
		{ "address.across_end", "add=0:8:65436", true },
		{ "length.zero", "set=12:4:0", false },
		{ "length.max", "set=12:4:0xffffffff", true },
		{ "length.plus", "add=12:4:1", false },
		{ "length.ring", "set=12:4:65536", true },
	};
	struct rdma_case *a;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(writes); i++) {
		a = rdma_add(t, "write", attacker, "%s", writes[i].name);
		a->want = R_GROUP_LOST;
		a->stat[ST_LINK_DOWN] = 1;
		a->sim_viol = writes[i].viol;
		snprintf(a->rule, sizeof(a->rule), "once write %s",
			 writes[i].edit);
	}
}

/**
 * rdma_cases_make() - make the attacks, by clients and by servers
 * @t: where to put them
 * @v2: on links of version 2; what is the same there is left out
 */
void rdma_cases_make(struct rdma_table *t, bool v2)
{
	enum rdma_end end;

	memset(t, 0, sizeof(*t));
	for (end = END_CLIENT; end <= END_SERVER; end++) {
		if (v2) {
			rdma_add_llc_v2(t, end);
		} else {
			rdma_add_llc(t, end);
			add_cdc(t, end);
			add_writes(t, end);
		}
		add_sizes(t, end, v2);
		rdma_add_setup(t, end, v2);
	}
}
