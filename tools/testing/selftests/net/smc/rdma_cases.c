// SPDX-License-Identifier: GPL-2.0
/*
 * The attacks on messages of a link, and what RFC 7609 and the documentation
 * of our counters demand for each.
 *
 * Most are messages that are added behind a right one, on a connection where
 * both ends have sent and read 100 bytes, and the attacker has just sent
 * one byte more.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rdma_peer.h"

#define RESPONSE	0x80

/* Message types. */
#define CONFIRM_LINK	1
#define ADD_LINK	2
#define ADD_LINK_CONT	3
#define DELETE_LINK	4
#define CONFIRM_RKEY	6
#define TEST_LINK	7
#define DELETE_RKEY	9
#define CDC		0xfe

/* Flags. */
#define LINK_ALL	0x40
#define RKEY_NEGATIVE	0x20
#define NO_EYE		0x03

#define OUR_LINK	1	/* number of the only link */

#define DECL_TIMEOUT	0x02010000
#define DECL_EYECATCHER	0x03050000
#define DECL_INTERNAL	0x09990000
#define DECL_REGISTER	0x09990003

static const char * const roles[] = { "client", "server" };

__printf(4, 5)
static struct rdma_case *add(struct rdma_table *t, const char *group,
			     enum rdma_end attacker, const char *fmt, ...)
{
	struct rdma_case *a;
	va_list ap;
	size_t len;

	if (t->num == t->room) {
		t->room = t->room ? 2 * t->room : 512;
		t->cases = realloc(t->cases, t->room * sizeof(*t->cases));
		if (!t->cases)
			exit(1);
	}
	a = &t->cases[t->num++];
	memset(a, 0, sizeof(*a));
	a->group = group;
	a->attacker = attacker;
	len = snprintf(a->name, sizeof(a->name), "%s.by_%s.", group,
		       roles[attacker]);
	va_start(ap, fmt);
	vsnprintf(a->name + len, sizeof(a->name) - len, fmt, ap);
	va_end(ap);
	return a;
}

static void bad_llc(struct rdma_case *a, enum rdma_stat how)
{
	a->stat[ST_BAD_LLC] = 1;
	a->stat[how] = 1;
}

static void ignored(struct rdma_case *a, enum rdma_stat why)
{
	a->stat[ST_LLC_IGNORED] = 1;
	a->stat[why] = 1;
}

static void bad_cdc(struct rdma_case *a, enum rdma_stat how)
{
	a->stat[ST_BAD_CDC] = 1;
	a->stat[how] = 1;
}

/* What a right LLC message of an active link means. */
static void judge_llc(struct rdma_case *a, const __u8 *m)
{
	bool response = m[3] & RESPONSE;

	switch (m[0]) {
	case CONFIRM_LINK:
	case ADD_LINK_CONT:
		ignored(a, ST_LLC_UNEXPECTED);
		break;
	case ADD_LINK:
		if (response)
			ignored(a, ST_LLC_UNEXPECTED);
		else
			a->stat[ST_LLC_REFUSED] = 1;
		break;
	case DELETE_LINK:
		if (response)
			ignored(a, ST_LLC_UNEXPECTED);
		else if ((m[3] & LINK_ALL) || m[4] == OUR_LINK)
			a->want = R_GROUP_LOST;
		else
			a->stat[ST_LLC_REFUSED] = 1;
		break;
	case CONFIRM_RKEY:
		if (response)
			ignored(a, ST_LLC_UNEXPECTED);
		break;
	case DELETE_RKEY:
		if (response)
			ignored(a, ST_LLC_UNEXPECTED);
		else
			a->stat[ST_LLC_REFUSED] = 1;	/* unknown keys */
		break;
	case TEST_LINK:
		break;
	}
}

static bool llc_type(__u8 type)
{
	return type == CONFIRM_LINK || type == ADD_LINK ||
	       type == ADD_LINK_CONT || type == DELETE_LINK ||
	       type == CONFIRM_RKEY || type == TEST_LINK || type == DELETE_RKEY;
}

/* Any message, as the receiver of a link takes it. */
static void judge(struct rdma_case *a, const __u8 *m)
{
	if (m[0] == CDC && m[1] != MSG_LEN) {
		bad_cdc(a, ST_CDC_BAD_FORMAT);
		a->want = R_GROUP_LOST;
	} else if (m[0] == CDC) {
		a->stat[ST_CDC_UNKNOWN_TOKEN] = 1;
	} else if (!llc_type(m[0])) {
		ignored(a, ST_LLC_UNKNOWN);
	} else if (m[1] != MSG_LEN ||
		   (m[0] == DELETE_RKEY && (!m[4] || m[4] > 8))) {
		bad_llc(a, ST_LLC_BAD_FORMAT);
		a->want = R_GROUP_LOST;
	} else {
		judge_llc(a, m);
	}
}

/* A rule that adds a whole message. */
static void inject(struct rdma_case *a, const __u8 *m)
{
	size_t len = snprintf(a->rule, sizeof(a->rule),
			      "once type=0xfe keep inject=1");
	unsigned int off, width, i;

	for (off = 0; off < MSG_LEN; off += width) {
		__u64 v = 0;

		width = MSG_LEN - off < 8 ? MSG_LEN - off : 8;
		for (i = 0; i < width; i++)
			v = v << 8 | m[off + i];
		len += snprintf(a->rule + len, sizeof(a->rule) - len,
				" set=%u:%u:%#llx", off, width,
				(unsigned long long)v);
	}
}

struct llc_field {
	const char *name;
	__u8 off;
	__u8 width;
};

struct llc_kind {
	const char *name;
	__u8 type;
	__u8 flags;
	const struct llc_field *fields;
};

static const struct llc_field confirm_link_fields[] = {
	{ "type", 0, 1 }, { "length", 1, 1 }, { "reserved", 2, 1 },
	{ "flags", 3, 1 }, { "mac", 4, 6 }, { "gid", 10, 8 },
	{ "gid_low", 18, 8 }, { "qpn", 26, 3 }, { "link", 29, 1 },
	{ "user_id", 30, 4 }, { "max_links", 34, 1 }, { "max_conns", 35, 1 },
	{ "tail", 36, 8 },
	{}
};

static const struct llc_field add_link_fields[] = {
	{ "length", 1, 1 }, { "reason", 2, 1 }, { "flags", 3, 1 },
	{ "mac", 4, 6 }, { "gid", 12, 8 }, { "qpn", 28, 3 }, { "link", 31, 1 },
	{ "mtu", 32, 1 }, { "psn", 33, 3 }, { "tail", 36, 8 },
	{}
};

static const struct llc_field add_link_cont_fields[] = {
	{ "length", 1, 1 }, { "flags", 3, 1 }, { "link", 4, 1 },
	{ "count", 5, 1 }, { "ref_rkey", 8, 4 }, { "rkey", 12, 4 },
	{ "vaddr", 16, 8 },
	{}
};

static const struct llc_field delete_link_fields[] = {
	{ "length", 1, 1 }, { "flags", 3, 1 }, { "link", 4, 1 },
	{ "reason", 5, 4 }, { "tail", 9, 8 },
	{}
};

static const struct llc_field confirm_rkey_fields[] = {
	{ "length", 1, 1 }, { "flags", 3, 1 }, { "others", 4, 1 },
	{ "rkey", 5, 4 }, { "vaddr", 9, 8 }, { "other_link", 17, 1 },
	{ "other_rkey", 18, 4 }, { "other_vaddr", 22, 8 },
	{}
};

static const struct llc_field test_link_fields[] = {
	{ "length", 1, 1 }, { "reserved", 2, 1 }, { "flags", 3, 1 },
	{ "data", 4, 8 }, { "tail", 36, 8 },
	{}
};

static const struct llc_field delete_rkey_fields[] = {
	{ "length", 1, 1 }, { "flags", 3, 1 }, { "count", 4, 1 },
	{ "errors", 5, 1 }, { "rkey", 8, 4 }, { "last_rkey", 36, 4 },
	{}
};

static const struct llc_kind llc_kinds[] = {
	{ "confirm_link", CONFIRM_LINK, NO_EYE, confirm_link_fields },
	{ "add_link", ADD_LINK, 0, add_link_fields },
	{ "add_link_cont", ADD_LINK_CONT, 0, add_link_cont_fields },
	{ "delete_link", DELETE_LINK, 0, delete_link_fields },
	{ "confirm_rkey", CONFIRM_RKEY, 0, confirm_rkey_fields },
	{ "test_link", TEST_LINK, 0, test_link_fields },
	{ "delete_rkey", DELETE_RKEY, 0, delete_rkey_fields },
};

/* A message that says nothing special: other links, unknown keys. */
static void right_llc(__u8 *m, const struct llc_kind *k, unsigned int serial)
{
	memset(m, 0, MSG_LEN);
	m[0] = k->type;
	m[1] = MSG_LEN;
	m[3] = k->flags;
	switch (k->type) {
	case CONFIRM_RKEY:
		/* Keys nobody has: each is to be new to the victim */
		m[5] = 0xab;
		m[6] = serial >> 8;
		m[7] = serial;
		m[13] = 0x10;
		break;
	case DELETE_RKEY:
		m[4] = 1;
		memset(m + 8, 0xcd, 32);
		break;
	case DELETE_LINK:
		m[4] = 77;
		break;
	case ADD_LINK:
		m[31] = 2;
		m[32] = 3;
		break;
	}
}

/* Values 0, 1, all ones, one more, one less, top bit changed. */
#define VALUES		6

static const char * const value_names[VALUES] = {
	"zero", "one", "max", "plus", "minus", "sign",
};

static __u64 value_of(unsigned int which, __u64 right, unsigned int width)
{
	__u64 mask = width == 8 ? ~0ull : (1ull << 8 * width) - 1;

	switch (which) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return mask;
	case 3:
		return (right + 1) & mask;
	case 4:
		return (right - 1) & mask;
	default:
		return right ^ (mask / 2 + 1);
	}
}

static __u64 get(const __u8 *m, unsigned int width)
{
	__u64 v = 0;

	while (width--)
		v = v << 8 | *m++;
	return v;
}

static void put(__u8 *m, unsigned int width, __u64 v)
{
	while (width--) {
		m[width] = v;
		v >>= 8;
	}
}

/* Has one of the values before @which been the same? */
static bool repeated(unsigned int which, __u64 right, unsigned int width)
{
	__u64 v = value_of(which, right, width);
	unsigned int i;

	for (i = 0; i < which; i++)
		if (value_of(i, right, width) == v)
			return true;
	return v == right;
}

static void add_llc_fields(struct rdma_table *t, enum rdma_end attacker,
			   const struct llc_kind *k, __u8 response)
{
	const struct llc_field *f;
	struct rdma_case *a;
	__u8 m[MSG_LEN];
	unsigned int v;

	right_llc(m, k, t->num);
	m[3] |= response;
	a = add(t, "llc", attacker, "%s%s", k->name,
		response ? "_answer" : "");
	judge(a, m);
	inject(a, m);
	for (f = k->fields; f->name; f++) {
		for (v = 0; v < VALUES; v++) {
			right_llc(m, k, t->num);
			m[3] |= response;
			if (repeated(v, get(m + f->off, f->width), f->width))
				continue;
			put(m + f->off, f->width,
			    value_of(v, get(m + f->off, f->width), f->width));
			a = add(t, "llc", attacker, "%s%s.%s.%s", k->name,
				response ? "_answer" : "", f->name,
				value_names[v]);
			judge(a, m);
			inject(a, m);
		}
	}
}

/* Types that there are not, or that are of another version. */
static void add_llc_types(struct rdma_table *t, enum rdma_end attacker)
{
	static const __u8 types[] = {
		0x05, 0x08, 0x0a, 0x10, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26,
		0x27, 0x28, 0x29, 0x2a, 0x40, 0x80, 0x81, 0x8a, 0xfd, 0xff,
	};
	struct rdma_case *a;
	__u8 m[MSG_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		memset(m, 0, sizeof(m));
		m[0] = types[i];
		m[1] = MSG_LEN;
		a = add(t, "llc", attacker, "type_%02x", types[i]);
		judge(a, m);
		inject(a, m);
	}
}

/* The one that ends the link in use, and all its links. */
static void add_llc_ends(struct rdma_table *t, enum rdma_end attacker)
{
	static const __u8 flags[] = { 0, 0x20, 0x40, 0x60 };
	struct rdma_case *a;
	__u8 m[MSG_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		right_llc(m, &llc_kinds[3], 0);
		m[3] = flags[i];
		m[4] = OUR_LINK;
		a = add(t, "llc", attacker, "delete_our_link.flags_%02x",
			flags[i]);
		judge(a, m);
		inject(a, m);
	}
}

struct cdc_attack {
	const char *name;
	const char *edit;
	enum rdma_outcome want;
	unsigned int extra;
	__u8 stat;	/* plus one; a part of bad_cdc brings the sum along */
};

#define COUNTS(stat)	((stat) + 1)
#define ONES		"0xffffffffffffffff"

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

		a = add(t, "cdc", attacker, "%s", c->name);
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
	a = add(t, "cdc", attacker, "twice");
	a->history = true;
	snprintf(a->rule, sizeof(a->rule), "once type=0xfe dup");
}

/* Shorter and longer than a message is. */
static void add_sizes(struct rdma_table *t, enum rdma_end attacker)
{
	static const unsigned int more[] = { 1, 2, 4, 20, 44, 100, 212 };
	struct rdma_case *a;
	unsigned int i;

	for (i = 0; i < MSG_LEN; i++) {
		a = add(t, "size", attacker, "cut_to_%u", i);
		a->want = R_GROUP_LOST;
		if (i)
			bad_cdc(a, ST_CDC_BAD_FORMAT);
		else
			bad_llc(a, ST_LLC_BAD_FORMAT);
		snprintf(a->rule, sizeof(a->rule), "once type=0xfe trunc=%u",
			 i);
	}
	for (i = 0; i < ARRAY_SIZE(more); i++) {
		a = add(t, "size", attacker, "longer_by_%u", more[i]);
		a->want = R_GROUP_LOST;
		a->stat[ST_LINK_DOWN] = 1;
		a->sim_viol = true;
		snprintf(a->rule, sizeof(a->rule), "once type=0xfe extend=%u",
			 more[i]);
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
		a = add(t, "write", attacker, "%s", writes[i].name);
		a->want = R_GROUP_LOST;
		a->stat[ST_LINK_DOWN] = 1;
		a->sim_viol = writes[i].viol;
		snprintf(a->rule, sizeof(a->rule), "once write %s",
			 writes[i].edit);
	}
}

/* CONFIRM LINK of the first contact, which the other end waits for. */
static void add_confirm_link(struct rdma_table *t, enum rdma_end attacker)
{
	static const struct {
		const char *name;
		const char *edit;
		__u32 reason;	/* 0: accepted */
		__u8 stat;	/* as above, a part of bad_llc */
	} edits[] = {
		{ "length.zero", "set=1:1:0", DECL_INTERNAL,
		  COUNTS(ST_LLC_BAD_FORMAT) },
		{ "length.max", "set=1:1:255", DECL_INTERNAL,
		  COUNTS(ST_LLC_BAD_FORMAT) },
		{ "length.minus", "set=1:1:43", DECL_INTERNAL,
		  COUNTS(ST_LLC_BAD_FORMAT) },
		{ "reserved.max", "set=2:1:255", 0 },
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
		{ "max_conns.max", "set=35:1:255", 0 },
		{ "tail.max", "set=36:8:0xffffffffffffffff", 0 },
	};
	struct rdma_case *a;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(edits); i++) {
		a = add(t, "confirm_link", attacker, "%s", edits[i].name);
		a->when = AT_FIRST;
		a->want = edits[i].reason ? R_TCP : R_FINE;
		a->reason = edits[i].reason;
		if (edits[i].stat)
			bad_llc(a, edits[i].stat - 1);
		snprintf(a->rule, sizeof(a->rule), "once type=0x01 %s",
			 edits[i].edit);
	}
	/* In the place of the request or answer there is another one. */
	a = add(t, "confirm_link", attacker, "wrong_direction");
	a->when = AT_FIRST;
	a->want = R_TCP;
	ignored(a, ST_LLC_UNEXPECTED);
	snprintf(a->rule, sizeof(a->rule), "once type=0x01 xor=3:1:0x80");
	a = add(t, "confirm_link", attacker, "unknown_type");
	a->when = AT_FIRST;
	a->want = R_TCP;
	ignored(a, ST_LLC_UNKNOWN);
	snprintf(a->rule, sizeof(a->rule), "once type=0x01 set=0:1:0x77");
	for (i = 0; i < MSG_LEN; i += 11) {
		a = add(t, "confirm_link", attacker, "cut_to_%u", i);
		a->when = AT_FIRST;
		a->want = R_TCP;
		bad_llc(a, ST_LLC_BAD_FORMAT);
		snprintf(a->rule, sizeof(a->rule), "once type=0x01 trunc=%u",
			 i);
	}
}

/*
 * The exchange of rkeys when a connection joins a group. The server begins: of
 * its messages the first is the request, of the client's the answer.
 */
static void add_join(struct rdma_table *t, enum rdma_end attacker)
{
	int answer = attacker == END_CLIENT ? 0 : 1;
	struct rdma_case *a;

	a = add(t, "join", attacker, "answer.negative");
	a->when = AT_JOIN;
	a->want = R_TCP;
	a->reason = DECL_REGISTER;
	snprintf(a->rule, sizeof(a->rule),
		 "once after=%d type=0x06 xor=3:1:0x20", answer);

	a = add(t, "join", attacker, "answer.other_rkey");
	a->when = AT_JOIN;
	a->want = R_TCP;
	a->reason = DECL_REGISTER;
	ignored(a, ST_LLC_UNEXPECTED);
	snprintf(a->rule, sizeof(a->rule), "once after=%d type=0x06 add=5:4:1",
		 answer);

	a = add(t, "join", attacker, "answer.other_vaddr");
	a->when = AT_JOIN;
	snprintf(a->rule, sizeof(a->rule), "once after=%d type=0x06 set=9:8:0xffffffffffffffff",
		 answer);

	a = add(t, "join", attacker, "answer.others_max");
	a->when = AT_JOIN;
	snprintf(a->rule, sizeof(a->rule),
		 "once after=%d type=0x06 set=4:1:255", answer);

	a = add(t, "join", attacker, "answer.of_another");
	a->when = AT_JOIN;
	a->want = R_TCP;
	a->reason = DECL_REGISTER;
	ignored(a, ST_LLC_UNEXPECTED);
	snprintf(a->rule, sizeof(a->rule),
		 "once after=%d type=0x06 set=0:1:9 set=4:1:1", answer);

	a = add(t, "join", attacker, "request.others_max");
	a->when = AT_JOIN;
	snprintf(a->rule, sizeof(a->rule),
		 "once after=%d type=0x06 set=4:1:255", !answer);

	a = add(t, "join", attacker, "request.twice");
	a->when = AT_JOIN;
	snprintf(a->rule, sizeof(a->rule), "once after=%d type=0x06 dup",
		 !answer);

	/*
	 * Its Accept or Confirm then names an address that was denied. Who has
	 * sent the Confirm goes on, so that it is too late for a Decline.
	 */
	a = add(t, "join", attacker, "request.other_vaddr");
	a->when = AT_JOIN;
	a->want = attacker == END_CLIENT ? R_RESET : R_TCP;
	a->reason = 0x09990001;
	snprintf(a->rule, sizeof(a->rule),
		 "once after=%d type=0x06 add=9:8:4096", !answer);
}

/**
 * rdma_cases_make() - make the attacks, by clients and by servers
 * @t: where to put them
 */
void rdma_cases_make(struct rdma_table *t)
{
	enum rdma_end end;
	unsigned int i;

	memset(t, 0, sizeof(*t));
	for (end = END_CLIENT; end <= END_SERVER; end++) {
		for (i = 0; i < ARRAY_SIZE(llc_kinds); i++) {
			add_llc_fields(t, end, &llc_kinds[i], 0);
			add_llc_fields(t, end, &llc_kinds[i], RESPONSE);
		}
		add_llc_types(t, end);
		add_llc_ends(t, end);
		add_cdc(t, end);
		add_sizes(t, end);
		add_writes(t, end);
		add_confirm_link(t, end);
		add_join(t, end);
	}
}
