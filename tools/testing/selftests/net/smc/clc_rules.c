// SPDX-License-Identifier: GPL-2.0
/*
 * What RFC 7609, and Linux where that leaves a choice, demand of a receiver of
 * CLC messages, written once more and apart from the code under test: a judge
 * of streams of bytes.
 */
#include <arpa/inet.h>
#include <string.h>

#include "clc_rules.h"

#define KEPT_LEN		1024	/* longer ones are no messages */

/**
 * struct judge - a receiver at work
 * @t:		table of the case
 * @s:		bytes it has not taken
 * @n:		their number
 * @end:	what follows them
 * @proposal:	Proposal that this conversation is about
 * @version:	of the server's Accept
 * @terms:	what it says, of version 2
 */
struct judge {
	const struct clc_table *t;
	const __u8 *s;
	size_t n;
	enum clc_end end;
	const __u8 *proposal;
	__u8 version;
	struct v2_terms terms;
};

static struct clc_verdict is(enum clc_outcome outcome)
{
	return (struct clc_verdict){ .outcome = outcome };
}

static struct clc_verdict declines(__u32 diagnosis)
{
	return (struct clc_verdict){ CLC_O_DECLINED, diagnosis, 0 };
}

/* The bytes are used up, and more would be needed. */
static struct clc_verdict starves(const struct judge *j)
{
	if (j->end == CLC_FIN || j->end == CLC_RST)
		return is(CLC_O_CUT);
	return is(CLC_O_TIMEOUT);
}

/**
 * be16() - read a number
 * @b: two bytes
 *
 * Return: the number.
 */
unsigned int be16(const __u8 *b)
{
	return b[0] << 8 | b[1];
}

static __u64 be64(const __u8 *b)
{
	__u64 v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | b[i];
	return v;
}

/**
 * all_zero() - is there nothing?
 * @b: bytes
 * @len: their number
 *
 * Return: all are zero.
 */
bool all_zero(const __u8 *b, size_t len)
{
	while (len--)
		if (b[len])
			return false;
	return true;
}

static bool eyecatcher(const __u8 *b)
{
	return b[0] == 0xe2 && b[1] == 0xd4 && b[2] == 0xc3 &&
	       (b[3] == 0xd9 || b[3] == 0xc4);
}

static bool header_ok(const __u8 *b)
{
	static const unsigned int least[] = {
		[CLC_PROPOSAL] = 52, [CLC_ACCEPT] = 48, [CLC_CONFIRM] = 48,
		[CLC_DECLINE] = 28,
	};

	return eyecatcher(b) && b[7] >> 4 && b[4] >= CLC_PROPOSAL &&
	       b[4] <= CLC_DECLINE && be16(b + 5) >= least[b[4]];
}

/* GID and MAC of something that packets can be sent to? */
static bool reachable(const __u8 *gid, const __u8 *mac)
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (mac[0] & 1 || all_zero(mac, 6))
		return false;
	if (!memcmp(gid, mapped, 12))
		return gid[12] && gid[12] < 224;
	return !all_zero(gid, 16) && gid[0] != 0xff;
}

/**
 * ipv4_gid() - is a RoCEv2 GID an IPv4 address?
 * @gid: GID
 *
 * Return: it is.
 */
bool ipv4_gid(const __u8 *gid)
{
	return all_zero(gid, 10) && gid[10] == 0xff && gid[11] == 0xff;
}

/* Length of the version 2 part, 0 if it is wrong. */
static size_t v2_part(const __u8 *b, size_t body)
{
	unsigned int offset = be16(b + 50), paths = b[7] >> 2 & 3;
	size_t at = 52 + offset, len;

	if (!offset || offset > 172 || at + 40 > body || b[at] > 8)
		return 0;
	len = 40 + 32 * b[at];
	if (at + len > body)
		return 0;
	if (paths == 1 || paths == 3) {
		size_t d = 48 + 10 * b[at + 1];

		if (b[at + 1] > 8 || be16(b + at + 6) > 288 ||
		    at + 8 + be16(b + at + 6) + d > body)
			return 0;
		len += d;
	}
	return len;
}

static bool proposal_ok(const __u8 *b, size_t len)
{
	size_t body = len - 4, want = 40;
	unsigned int v1 = b[7] & 3, ip = be16(b + 38);
	bool area = b[7] >> 4 > 1;

	if (len > KEPT_LEN || !eyecatcher(b + body) || ip > 40)
		return false;
	want += area ? 40 : ip;
	if (v1 != 2) {
		if ((v1 & 1) && ip != 40)
			return false;
		if (40 + ip + 8 > body || b[40 + ip + 7] > 8)
			return false;
		want += 8 + 17 * b[40 + ip + 7];
		if (40 + ip + 8 + 17 * b[40 + ip + 7] > body)
			return false;
	} else if (!area) {
		return false;
	}
	if (area && (b[7] >> 2 & 3) != 2) {
		size_t v2 = body >= 80 ? v2_part(b, body) : 0;

		if (!v2)
			return false;
		want += v2;
	}
	return want == body;
}

/* Which kind of GID: the mark counts only where no prefix can be. */
static unsigned int kind_of(const __u8 *p)
{
	return p[7] >> 4 > 1 && be16(p + 38) == 40 && p[60] == 1;
}

static bool prefix_ok(const struct hostile *h, const __u8 *p)
{
	const __u8 *area = p + 40 + be16(p + 38);
	__u32 net, mask = htonl(~0u << (32 - h->prefix_len));

	memcpy(&net, area, 4);
	return !area[7] && area[4] == h->prefix_len &&
	       !((net ^ h->target_ip) & mask);
}

static struct clc_verdict take_accept(struct judge *j, const __u8 *b,
				      size_t len);
static struct clc_verdict await(struct judge *j, __u8 type);

/* Why a server does not take a Proposal by version 1, or 0. */
static __u32 judge_proposal(const struct hostile *h, const __u8 *b)
{
	if ((b[7] & 3) == 2 && (b[7] >> 4 == 1 || (b[7] >> 2 & 3) == 2))
		return DECL_NO_SMC;
	if ((b[7] & 3) != 0 && (b[7] & 3) != 3)
		return DECL_NO_DEVICE;
	if (!reachable(b + 16, b + 32))
		return DECL_LINK;
	if (!(h->kinds & 1u << kind_of(b)))
		return DECL_NO_DEVICE;
	if (kind_of(b) && !ipv4_gid(b + 16) && !h->ipv6_gids)
		return DECL_NO_DEVICE;
	return prefix_ok(h, b) ? 0 : DECL_PREFIX;
}

/* The version that the server takes it by, with @j->terms; or 0 and why. */
static __u8 choose(struct judge *j, const __u8 *b, __u32 *reason)
{
	const struct hostile *h = j->t->h;
	__u32 v2_reason;

	v2_reason = v2_proposal(h, b, (b[7] & 3) != 2 && prefix_ok(h, b),
				&j->terms);
	if (!v2_reason)
		return 2;
	*reason = judge_proposal(h, b);
	if (!*reason)
		return 1;
	/* Where version 1 is not even offered the other one counts. */
	if ((b[7] & 3) == 2 && v2_reason != DECL_NO_V2)
		*reason = v2_reason;
	return 0;
}

static struct clc_verdict take_proposal(struct judge *j, const __u8 *b,
					size_t len)
{
	struct clc_verdict v;
	__u32 reason;

	if (!proposal_ok(b, len))
		return is(CLC_O_BAD_PROPOSAL);
	j->version = choose(j, b, &reason);
	if (!j->version)
		return declines(reason);
	j->proposal = b;
	if (j->end == CLC_ENOUGH && !j->n)
		v = is(CLC_O_CUT);
	else
		v = await(j, CLC_CONFIRM);
	v.accepts = j->version;
	return v;
}

static bool accept_ok(const __u8 *b, size_t len)
{
	unsigned int version = b[7] >> 4, path = b[7] & 3;
	size_t least = path ? 78 : 108;

	if (path > 1)
		return false;
	if (version == 1 ? len != (path ? 48 : 68) : len < least)
		return false;
	if (!eyecatcher(b + len - 4))
		return false;
	if (path)
		return true;
	if (version > 1 && !v2_accept_whole(b, len))
		return false;
	return !all_zero(b + 38, 3) && b[45] && !all_zero(b + 46, 4) &&
	       (b[50] & 15) >= 1 && (b[50] & 15) <= 5;
}

/* Does the RMBE end within the address space? */
static bool rmbe_ok(const __u8 *b)
{
	__u64 size = 16384ull << (b[50] >> 4), addr = be64(b + 52), end;

	return !__builtin_add_overflow(addr, size * b[45] - 1, &end);
}

/* By a client, from here on the Accept is one. */
static __u32 judge_accept(const struct hostile *h, const __u8 *b)
{
	bool v2_kind = h->kind, marked = b[51] == 1;

	if (b[7] >> 4 > 1)
		return v2_accept(h, b);
	if (b[7] & 3 || marked != v2_kind)
		return DECL_NOT_OFFERED;
	if (v2_kind && !ipv4_gid(b + 16))
		return DECL_NOT_OFFERED;
	if (!reachable(b + 16, b + 32))
		return DECL_LINK;
	return b[7] & 8 ? 0 : DECL_OUT_OF_SYNC;
}

/* By a server, who knows the Proposal, and took it by the same version. */
static __u32 judge_confirm(const struct judge *j, const __u8 *b)
{
	unsigned int marked = b[51] == 1;

	if (j->version == 2)
		return v2_confirm(&j->terms, j->proposal, b);
	return marked != kind_of(j->proposal) ||
	       memcmp(b + 8, j->proposal + 8, 24) ? DECL_INTERNAL : 0;
}

static bool of_version(const __u8 *b, __u8 version)
{
	return version > 1 ? b[7] >> 4 > 1 : b[7] >> 4 == 1;
}

static struct clc_verdict take_accept(struct judge *j, const __u8 *b,
				      size_t len)
{
	__u32 reason;

	if (!accept_ok(b, len))
		return is(CLC_O_BAD_ACCEPT);
	if (j->t->server && (!of_version(b, j->version) || b[7] & 3))
		return is(CLC_O_BAD_ACCEPT);
	reason = j->t->server ? judge_confirm(j, b) :
				judge_accept(j->t->h, b);
	if (reason)
		return declines(reason);
	return rmbe_ok(b) ? is(CLC_O_NO_LINK) : declines(DECL_RTOKEN);
}

static struct clc_verdict take_decline(const struct judge *j, const __u8 *b,
				       size_t len)
{
	if (len != (b[7] >> 4 > 1 ? 44 : 28))
		return is(CLC_O_BAD_DECLINE);
	if (j->n)
		return is(CLC_O_GARBLED);
	return is(CLC_O_SERVED);
}

static struct clc_verdict await(struct judge *j, __u8 type)
{
	static const __u8 eye[3] = { 0xe2, 0xd4, 0xc3 };
	const __u8 *b = j->s;
	size_t len;

	/* Is this CLC at all? Later on there is no doubt. */
	if (type == CLC_PROPOSAL && memcmp(b, eye, j->n < 3 ? j->n : 3))
		return is(CLC_O_PLAIN);
	if (type == CLC_ACCEPT &&
	    (j->n < 5 || memcmp(b, eye, 3) ||
	     (b[4] != CLC_ACCEPT && b[4] != CLC_DECLINE)))
		return is(CLC_O_MUTE);
	if (j->n < 8)
		return starves(j);
	if (!header_ok(b))
		return is(CLC_O_BAD_HEADER);
	if (b[4] != type && b[4] != CLC_DECLINE)
		return is(CLC_O_UNEXPECTED);
	len = be16(b + 5);
	if (j->n < len)
		return starves(j);
	j->s += len;
	j->n -= len;
	if (b[4] == CLC_DECLINE)
		return take_decline(j, b, len);
	if (len > KEPT_LEN)
		return is(CLC_O_BAD_HEADER);
	return type == CLC_PROPOSAL ? take_proposal(j, b, len) :
				      take_accept(j, b, len);
}

/**
 * clc_judge() - what has to come of an attack
 * @t: table it is from
 * @a: the attack
 * @tag: its number
 *
 * Return: the verdict.
 */
struct clc_verdict clc_judge(const struct clc_table *t,
			     const struct clc_case *a, unsigned int tag)
{
	struct judge j = { .t = t, .s = a->bytes, .n = a->len, .end = a->end };
	__u8 proposal[CLC_BUF];
	__u32 reason;

	if (a->stage == CLC_NO_OPTION)
		return is(CLC_O_SERVED);
	/* Nobody can say what it had read when the reset came */
	if (a->end == CLC_RST)
		return is(CLC_O_NONE);
	if (a->stage == CLC_FIRST)
		return await(&j, t->server ? CLC_PROPOSAL : CLC_ACCEPT);
	if (a->stage == CLC_SECOND_V2)
		clc_proposal_v2(proposal, t->h, tag);
	else
		clc_proposal(proposal, t->h, tag);
	j.proposal = proposal;
	j.version = choose(&j, proposal, &reason);
	return await(&j, CLC_CONFIRM);
}

/**
 * clc_outcome_name() - for reports
 * @o: outcome
 *
 * Return: its name.
 */
const char *clc_outcome_name(enum clc_outcome o)
{
	static const char * const names[CLC_OUTCOMES] = {
		[CLC_O_NONE] = "none",
		[CLC_O_PLAIN] = "plain",
		[CLC_O_MUTE] = "mute",
		[CLC_O_SERVED] = "served",
		[CLC_O_GARBLED] = "garbled",
		[CLC_O_DECLINED] = "declined",
		[CLC_O_NO_LINK] = "no_link",
		[CLC_O_TIMEOUT] = "timeout",
		[CLC_O_CUT] = "cut",
		[CLC_O_BAD_HEADER] = "bad_header",
		[CLC_O_UNEXPECTED] = "unexpected",
		[CLC_O_BAD_PROPOSAL] = "bad_proposal",
		[CLC_O_BAD_ACCEPT] = "bad_accept",
		[CLC_O_BAD_DECLINE] = "bad_decline",
	};

	return names[o];
}
