// SPDX-License-Identifier: GPL-2.0
/*
 * The attacks by LLC messages on a link in use, in the framing of either
 * version: each field of each message, each length, each type.
 */
#include <stdio.h>
#include <string.h>

#include "rdma_table.h"

/* Message types, without version. */
#define CONFIRM_LINK	1
#define ADD_LINK	2
#define ADD_LINK_CONT	3
#define DELETE_LINK	4
#define REQ_ADD_LINK	5	/* version 2 */
#define CONFIRM_RKEY	6
#define TEST_LINK	7
#define DELETE_RKEY	9

#define VERSION_2	0x20	/* in the byte of the type */
#define LONGEST		8192	/* what a receiver of version 2 has room for */

/* Flags. */
#define LINK_ALL	0x40
#define NO_EYE		0x03

#define OUR_LINK	1	/* number of the only link */
#define MAX_RKEYS	8	/* of a DELETE RKEY, that are looked at */

/* How the header is written; the length of version 2 comes either way. */
enum framing {
	F_V1,
	F_V2_BIG,
	F_V2_LITTLE,
};

static const char * const framing_names[] = { "", "_be", "_le" };

/* What a right LLC message of an active link means. */
static void judge_llc(struct rdma_case *a, const __u8 *m)
{
	bool response = m[3] & RESPONSE;

	switch (m[0] & 0x0f) {
	case CONFIRM_LINK:
	case ADD_LINK_CONT:
		rdma_ignored(a, ST_LLC_UNEXPECTED);
		break;
	case ADD_LINK:
		if (response)
			rdma_ignored(a, ST_LLC_UNEXPECTED);
		else
			a->stat[ST_LLC_REFUSED] = 1;
		break;
	case REQ_ADD_LINK:
		/* Clients ask, servers are asked. */
		if (response || a->attacker == END_SERVER)
			rdma_ignored(a, ST_LLC_UNEXPECTED);
		else
			a->stat[ST_LLC_REFUSED] = 1;
		break;
	case DELETE_LINK:
		if (response)
			rdma_ignored(a, ST_LLC_UNEXPECTED);
		else if ((m[3] & LINK_ALL) || m[4] == OUR_LINK)
			a->want = R_GROUP_LOST;
		else
			a->stat[ST_LLC_REFUSED] = 1;
		break;
	case CONFIRM_RKEY:
		if (response)
			rdma_ignored(a, ST_LLC_UNEXPECTED);
		break;
	case DELETE_RKEY:
		if (response)
			rdma_ignored(a, ST_LLC_UNEXPECTED);
		else
			a->stat[ST_LLC_REFUSED] = 1;	/* unknown keys */
		break;
	case TEST_LINK:
		break;
	}
}

static bool known_type(__u8 type, bool v2)
{
	switch (type) {
	case CONFIRM_LINK:
	case ADD_LINK:
	case DELETE_LINK:
	case CONFIRM_RKEY:
	case TEST_LINK:
	case DELETE_RKEY:
		return true;
	case ADD_LINK_CONT:
		return !v2;
	default:
		return v2 && type == REQ_ADD_LINK;
	}
}

static void bad_format(struct rdma_case *a)
{
	rdma_bad_llc(a, ST_LLC_BAD_FORMAT);
	a->want = R_GROUP_LOST;
}

/* Any message but CDC, as the receiver of a link of version 1 takes it. */
static void judge_v1(struct rdma_case *a, const __u8 *m)
{
	if (!known_type(m[0], false))
		rdma_ignored(a, ST_LLC_UNKNOWN);
	else if (m[1] != MSG_LEN ||
		 (m[0] == DELETE_RKEY && (!m[4] || m[4] > MAX_RKEYS)))
		bad_format(a);
	else
		judge_llc(a, m);
}

/* Is the length, in one order or the other, possible with what came? */
static bool length_ok(const __u8 *m, unsigned int received)
{
	unsigned int big = m[1] << 8 | m[2], little = m[2] << 8 | m[1];

	return (big >= MSG_LEN && big <= received) ||
	       (little >= MSG_LEN && little <= received);
}

/* The same for version 2, where there may be more than the first 44 bytes. */
static void judge_v2(struct rdma_case *a, const __u8 *m, unsigned int received)
{
	bool rkeys = m[0] == (VERSION_2 | DELETE_RKEY);

	if (received < MSG_LEN)
		bad_format(a);
	else if (m[0] >> 4 != VERSION_2 >> 4 || !known_type(m[0] & 0x0f, true))
		rdma_ignored(a, ST_LLC_UNKNOWN);
	else if (!length_ok(m, received) ||
		 (rkeys && !m[4] && !(m[3] & RESPONSE)))
		bad_format(a);
	else if (rkeys && m[4] > MAX_RKEYS)
		rdma_ignored(a, ST_LLC_UNKNOWN);
	else
		judge_llc(a, m);
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

static const struct llc_field req_add_link_fields[] = {
	{ "flags", 3, 1 }, { "reserved", 4, 8 }, { "gids", 24, 1 },
	{ "gid", 28, 8 }, { "gid_low", 36, 8 },
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

/* The header of version 2 takes the place of what others have before 3. */
static const struct llc_field length_v2[] = {
	{ "length", 1, 2 },
	{}
};

static const struct llc_kind kinds[] = {
	{ "confirm_link", CONFIRM_LINK, NO_EYE, confirm_link_fields },
	{ "add_link", ADD_LINK, 0, add_link_fields },
	{ "add_link_cont", ADD_LINK_CONT, 0, add_link_cont_fields },
	{ "delete_link", DELETE_LINK, 0, delete_link_fields },
	{ "confirm_rkey", CONFIRM_RKEY, 0, confirm_rkey_fields },
	{ "test_link", TEST_LINK, 0, test_link_fields },
	{ "delete_rkey", DELETE_RKEY, 0, delete_rkey_fields },
	{ "req_add_link", REQ_ADD_LINK, 0, req_add_link_fields },
};

static const struct llc_kind *kind_of(__u8 type)
{
	const struct llc_kind *k = kinds;

	while (k->type != type)
		k++;
	return k;
}

/* A message that says nothing special: other links, unknown keys. */
static void right_llc(__u8 *m, const struct llc_kind *k, enum framing f,
		      unsigned int serial)
{
	memset(m, 0, MSG_LEN);
	m[0] = f == F_V1 ? k->type : VERSION_2 | k->type;
	m[f == F_V2_BIG ? 2 : 1] = MSG_LEN;
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
	case REQ_ADD_LINK:
		m[24] = 1;
		m[38] = 0xff;
		m[39] = 0xff;
		m[40] = 10;
		break;
	}
}

static void finish(struct rdma_case *a, const __u8 *m, enum framing f)
{
	if (f == F_V1)
		judge_v1(a, m);
	else
		judge_v2(a, m, MSG_LEN);
	rdma_inject(a, m);
}

static void add_fields(struct rdma_table *t, enum rdma_end attacker,
		       const struct llc_kind *k, __u8 response, enum framing f,
		       const struct llc_field *field)
{
	struct rdma_case *a;
	__u8 m[MSG_LEN];
	unsigned int v;

	for (; field->name; field++) {
		if (f != F_V1 && field->off < 3 && field != length_v2)
			continue;
		for (v = 0; v < VALUES; v++) {
			right_llc(m, k, f, t->num);
			m[3] |= response;
			if (!rdma_put_value(m + field->off, field->width, v))
				continue;
			a = rdma_add(t, "llc", attacker, "%s%s%s.%s.%s",
				     k->name, framing_names[f],
				     response ? "_answer" : "", field->name,
				     rdma_value_name(v));
			finish(a, m, f);
		}
	}
}

static void add_kind(struct rdma_table *t, enum rdma_end attacker,
		     const struct llc_kind *k, __u8 response, enum framing f)
{
	struct rdma_case *a;
	__u8 m[MSG_LEN];

	right_llc(m, k, f, t->num);
	m[3] |= response;
	a = rdma_add(t, "llc", attacker, "%s%s%s", k->name, framing_names[f],
		     response ? "_answer" : "");
	finish(a, m, f);
	if (f != F_V1)
		add_fields(t, attacker, k, response, f, length_v2);
	/* Once will do: nothing else depends on the order. */
	if (f != F_V2_LITTLE)
		add_fields(t, attacker, k, response, f, k->fields);
}

/* Types that there are not, or that are of another version. */
static void add_types(struct rdma_table *t, enum rdma_end attacker,
		      enum framing f)
{
	static const __u8 types[] = {
		0x01, 0x02, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x10,
		0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29,
		0x2a, 0x2f, 0x31, 0x40, 0x61, 0x80, 0x81, 0x8a, 0xa1, 0xfd,
		0xff,
	};
	struct rdma_case *a;
	__u8 m[MSG_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		memset(m, 0, sizeof(m));
		m[0] = types[i];
		m[f == F_V2_BIG ? 2 : 1] = MSG_LEN;
		m[4] = 1 + OUR_LINK;
		a = rdma_add(t, "llc", attacker, "type_%02x", types[i]);
		finish(a, m, f);
	}
}

/* The one that ends the link in use, and all its links. */
static void add_ends(struct rdma_table *t, enum rdma_end attacker,
		     enum framing f)
{
	static const __u8 flags[] = { 0, 0x20, 0x40, 0x60 };
	struct rdma_case *a;
	__u8 m[MSG_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		right_llc(m, kind_of(DELETE_LINK), f, 0);
		m[3] = flags[i];
		m[4] = OUR_LINK;
		a = rdma_add(t, "llc", attacker, "delete_our_link.flags_%02x",
			     flags[i]);
		finish(a, m, f);
	}
}

/**
 * rdma_add_llc() - the attacks on a link of version 1
 * @t: table
 * @attacker: who makes them
 */
void rdma_add_llc(struct rdma_table *t, enum rdma_end attacker)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!known_type(kinds[i].type, false))
			continue;
		add_kind(t, attacker, &kinds[i], 0, F_V1);
		add_kind(t, attacker, &kinds[i], RESPONSE, F_V1);
	}
	add_types(t, attacker, F_V1);
	add_ends(t, attacker, F_V1);
}

/* Another number of bytes than a right message has. */
static void resize(struct rdma_case *a, const __u8 *m, unsigned int received)
{
	size_t len;

	judge_v2(a, m, received);
	rdma_inject(a, m);
	len = strlen(a->rule);
	if (received > MSG_LEN)
		snprintf(a->rule + len, sizeof(a->rule) - len, " extend=%u",
			 received - MSG_LEN);
	if (received < MSG_LEN)
		snprintf(a->rule + len, sizeof(a->rule) - len, " trunc=%u",
			 received);
}

/* What the length says against what comes; the order is the reader's guess. */
static void add_lengths(struct rdma_table *t, enum rdma_end attacker,
			const struct llc_kind *k)
{
	static const struct {
		__u16 says;	/* as if it were in network order */
		__u16 received;
	} lengths[] = {
		{ 0x0020, 44 }, { 0x2000, 44 }, { 0x2c2c, 44 },
		{ 44, 45 }, { 45, 45 }, { 46, 45 }, { 0x2d00, 45 },
		{ 0x2e00, 45 }, { 44, 100 }, { 99, 100 }, { 100, 100 },
		{ 101, 100 }, { 0x6400, 100 }, { 0x6500, 100 },
		{ 0x0200, 512 }, { 0x0002, 512 }, { 0x0201, 512 },
		{ 0x0102, 512 }, { 0x0300, 1000 }, { 0x2c2c, LONGEST },
		{ 0x2000, LONGEST }, { 0x0020, LONGEST }, { 0x1fff, LONGEST },
		{ 0x2001, LONGEST }, { 0x4021, LONGEST }, { 0xffff, LONGEST },
	};
	struct rdma_case *a;
	__u8 m[MSG_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		right_llc(m, k, F_V2_BIG, t->num);
		m[1] = lengths[i].says >> 8;
		m[2] = lengths[i].says;
		a = rdma_add(t, "llc_length", attacker, "%s.%04x_of_%u",
			     k->name, lengths[i].says, lengths[i].received);
		resize(a, m, lengths[i].received);
	}
}

static void add_cuts(struct rdma_table *t, enum rdma_end attacker,
		     const struct llc_kind *k, unsigned int step)
{
	struct rdma_case *a;
	__u8 m[MSG_LEN];
	unsigned int n;

	for (n = 0; n < MSG_LEN; n += step) {
		right_llc(m, k, F_V2_BIG, t->num);
		a = rdma_add(t, "llc_length", attacker, "%s.cut_to_%u",
			     k->name, n);
		resize(a, m, n);
	}
}

/* Numbers of rkeys, with and without room for them. */
static void add_counts(struct rdma_table *t, enum rdma_end attacker)
{
	static const __u8 counts[] = { 2, 8, 9, 10, 127, 128, 255 };
	const struct llc_kind *k = kind_of(DELETE_RKEY);
	unsigned int i, received;
	struct rdma_case *a;
	__u8 m[MSG_LEN];

	for (i = 0; i < 2 * ARRAY_SIZE(counts); i++) {
		right_llc(m, k, F_V2_BIG, t->num);
		m[4] = counts[i / 2];
		received = i % 2 && m[4] > 9 ? 8 + 4 * m[4] : MSG_LEN;
		m[1] = received >> 8;
		m[2] = received;
		if (i % 2)
			m[3] = RESPONSE;
		a = rdma_add(t, "llc_length", attacker, "delete_rkey%s.%u_keys",
			     i % 2 ? "_answer" : "", m[4]);
		resize(a, m, received);
	}
}

/**
 * rdma_add_llc_v2() - the attacks on a link of version 2
 * @t: table
 * @attacker: who makes them
 */
void rdma_add_llc_v2(struct rdma_table *t, enum rdma_end attacker)
{
	enum framing f;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (f = F_V2_BIG; f <= F_V2_LITTLE; f++) {
			add_kind(t, attacker, &kinds[i], 0, f);
			add_kind(t, attacker, &kinds[i], RESPONSE, f);
		}
	}
	add_types(t, attacker, F_V2_BIG);
	add_ends(t, attacker, F_V2_BIG);
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		add_lengths(t, attacker, &kinds[i]);
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		add_cuts(t, attacker, &kinds[i],
			 kinds[i].type == TEST_LINK ? 1 : 11);
	add_counts(t, attacker);
}
