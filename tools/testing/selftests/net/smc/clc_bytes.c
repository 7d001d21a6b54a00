// SPDX-License-Identifier: GPL-2.0
/*
 * CLC messages byte by byte, for a peer that means to spoil them.
 */
#include <arpa/inet.h>
#include <string.h>

#include "hostile.h"

static const __u8 eyecatcher[4] = { 0xe2, 0xd4, 0xc3, 0xd9 };

static void frame(__u8 *b, __u8 type, size_t len, __u8 last)
{
	memset(b, 0, len);
	memcpy(b, eyecatcher, 4);
	b[4] = type;
	b[5] = len >> 8;
	b[6] = len;
	b[7] = last;
	memcpy(b + len - 4, eyecatcher, 4);
}

/*
 * Peer ID, GID, MAC: bytes 8 to 37 of most messages. Each conversation comes
 * from a host of its own, hence has a link group of its own.
 */
static void identity(__u8 *b, const struct hostile *h, unsigned int tag)
{
	b[8] = 0x66 + (tag >> 8);
	b[9] = tag;
	memcpy(b + 10, h->host.mac, 6);
	if (h->kind) {
		b[26] = 0xff;
		b[27] = 0xff;
		memcpy(b + 28, &h->host.ip, 4);
	} else {
		b[16] = 0xfe;
		b[17] = 0x80;
		b[27] = 0xff;
		b[28] = 0xfe;
		b[30] = 0x66 + (tag >> 8);
		b[31] = tag;
	}
	memcpy(b + 32, h->host.mac, 6);
}

/**
 * clc_proposal() - a right Proposal: version 1 offered over IPv4
 * @b: buffer of %CLC_BUF bytes
 * @h: host it comes from
 * @tag: number of the conversation
 *
 * Return: its length.
 */
size_t clc_proposal(__u8 *b, const struct hostile *h, unsigned int tag)
{
	__u32 net = h->host.ip & htonl(~0u << (32 - h->prefix_len));

	frame(b, CLC_PROPOSAL, PROPOSAL_LEN, 0x20 | 2 << 2);
	identity(b, h, tag);
	b[39] = 40;		/* prefix area behind the SMC-D area */
	b[60] = h->kind;
	memcpy(b + 80, &net, 4);
	b[84] = h->prefix_len;
	return PROPOSAL_LEN;
}

/**
 * clc_proposal_old() - as of RFC 7609: header of version 1, no SMC-D area
 * @b: buffer of %CLC_BUF bytes
 * @h: host it comes from
 * @tag: number of the conversation
 *
 * Return: its length.
 */
size_t clc_proposal_old(__u8 *b, const struct hostile *h, unsigned int tag)
{
	clc_proposal(b, h, tag);
	memmove(b + 40, b + 80, 12);
	b[6] = 52;
	b[7] = 0x10;
	b[39] = 0;
	return 52;
}

/* Make room for @len bytes in front of the trailer. */
static __u8 *insert(__u8 *b, size_t *total, size_t len)
{
	__u8 *at = b + *total - 4;

	memset(at, 0, len);
	memcpy(at + len, eyecatcher, 4);
	*total += len;
	b[5] = *total >> 8;
	b[6] = *total;
	return at;
}

/**
 * clc_proposal_v6() - with as many IPv6 prefixes as there may be
 * @b: buffer of %CLC_BUF bytes
 * @h: host it comes from
 * @tag: number of the conversation
 *
 * Return: its length.
 */
size_t clc_proposal_v6(__u8 *b, const struct hostile *h, unsigned int tag)
{
	size_t len = clc_proposal(b, h, tag), i;
	__u8 *p = insert(b, &len, 8 * 17);

	memset(b + 80, 0, 7);
	b[87] = 8;
	for (i = 0; i < 8; i++, p += 17) {
		p[0] = 0xfd;
		p[5] = i;
		p[16] = 64;
	}
	return len;
}

static void put_eid(__u8 *at, const char *name)
{
	memset(at, ' ', 32);
	memcpy(at, name, strlen(name));
}

/*
 * The version 2 extension. Of its EIDs the host under test knows one: it is
 * built into our module, for hosts on one subnet.
 */
static size_t add_v2(__u8 *b, const struct hostile *h, size_t len, __u8 paths)
{
	__u8 *e = insert(b, &len, 104);

	b[7] = (b[7] & ~0x0c) | paths << 2;
	b[51] = 36;
	e[0] = 2;
	e[3] = 0x10;
	e[18] = 0xff;
	e[19] = 0xff;
	memcpy(e + 20, &h->host.ip, 4);
	e[24] = V2_CONNS;
	e[25] = 2;
	e[27] = 1;
	put_eid(e + 40, "HOSTILE");
	put_eid(e + 72, V2_EID);
	return len;
}

/**
 * clc_proposal_v2() - offers both versions of SMC-R
 * @b: buffer of %CLC_BUF bytes
 * @h: host it comes from
 * @tag: number of the conversation
 *
 * Return: its length.
 */
size_t clc_proposal_v2(__u8 *b, const struct hostile *h, unsigned int tag)
{
	return add_v2(b, h, clc_proposal(b, h, tag), 0);
}

/**
 * clc_proposal_d() - offers SMC-R of both versions, and SMC-D of version 2
 * @b: buffer of %CLC_BUF bytes
 * @h: host it comes from
 * @tag: number of the conversation
 *
 * Return: its length.
 */
size_t clc_proposal_d(__u8 *b, const struct hostile *h, unsigned int tag)
{
	size_t len = add_v2(b, h, clc_proposal(b, h, tag), 3);
	__u8 *d;

	b[89] = 1;		/* GIDs */
	b[95] = 96;		/* offset of the following */
	d = insert(b, &len, 58);
	d[48] = 0x42;		/* the GID */
	return len;
}

/**
 * clc_accept() - a right Accept or Confirm of version 1, first contact
 * @b: buffer of %CLC_BUF bytes
 * @h: host it comes from
 * @tag: number of the conversation
 * @type: %CLC_ACCEPT or %CLC_CONFIRM
 *
 * Return: its length.
 */
size_t clc_accept(__u8 *b, const struct hostile *h, unsigned int tag, __u8 type)
{
	frame(b, type, ACCEPT_LEN, 0x18);
	identity(b, h, tag);
	b[40] = 0x77;		/* QP number */
	b[44] = 0x99;		/* rkey */
	b[45] = 1;		/* RMBE index */
	b[49] = 5;		/* alert token */
	b[50] = 2 << 4 | 3;	/* 64 KiB, MTU 1024 */
	b[51] = h->kind;
	b[57] = 0x10;		/* RMB address */
	b[63] = 0x42;		/* initial PSN */
	return ACCEPT_LEN;
}

/**
 * clc_accept_v2() - a right Accept or Confirm of version 2, first contact
 * @b: buffer of %CLC_BUF bytes
 * @h: host it comes from
 * @tag: number of the conversation
 * @type: %CLC_ACCEPT or %CLC_CONFIRM
 *
 * Return: its length.
 */
size_t clc_accept_v2(__u8 *b, const struct hostile *h, unsigned int tag,
		     __u8 type)
{
	size_t len = clc_accept(b, h, tag, type);

	insert(b, &len, 92);
	put_eid(b + 64, V2_EID);
	b[7] = 0x28;
	b[51] = 0;
	b[104] = 0x80;		/* no gateway in between */
	b[105] = 0x21;		/* Linux, release 1 */
	put_eid(b + 108, "hostile");
	b[140] = V2_CONNS;
	b[141] = 1;
	if (type == CLC_CONFIRM) {
		insert(b, &len, 36);
		b[156] = 2;
		memcpy(b + 160, b + 16, 16);
		memcpy(b + 176, b + 16, 16);
		b[191] ^= 1;
	}
	return len;
}

/**
 * clc_agreed() - does an Accept or Confirm of version 2 say what it has to?
 * @b: the message, of ACCEPT_V2_LEN bytes at least
 *
 * Return: it does, as an answer to one of the messages above.
 */
bool clc_agreed(const __u8 *b)
{
	__u8 eid[32];

	put_eid(eid, V2_EID);
	return b[7] == 0x28 && !memcmp(b + 64, eid, sizeof(eid)) &&
	       b[104] == 0x80 && (b[105] & 15) == 1 && b[140] == V2_CONNS &&
	       b[141] == 1 && !b[142] && !b[143];
}

/**
 * clc_decline() - a right Decline of version 1
 * @b: buffer of %CLC_BUF bytes
 * @diagnosis: reason
 * @out_of_sync: set that flag
 *
 * Return: its length.
 */
size_t clc_decline(__u8 *b, __u32 diagnosis, bool out_of_sync)
{
	__u32 be = htonl(diagnosis);

	frame(b, CLC_DECLINE, DECLINE_LEN, out_of_sync ? 0x18 : 0x10);
	memcpy(b + 16, &be, 4);
	return DECLINE_LEN;
}

/**
 * clc_decline_v2() - a right Decline of version 2
 * @b: buffer of %CLC_BUF bytes
 * @diagnosis: reason
 *
 * Return: its length.
 */
size_t clc_decline_v2(__u8 *b, __u32 diagnosis)
{
	size_t len = clc_decline(b, diagnosis, false);

	b[7] = 0x20;
	b[20] = 0x20;
	insert(b, &len, 16);
	return len;
}

/**
 * clc_read() - take the next CLC message from a connection
 * @c: connection
 * @b: buffer of %CLC_BUF bytes
 * @timeout_ms: longest wait
 *
 * Return: its length, 0 if the stream ends first or holds something else.
 */
size_t clc_read(struct mt_conn *c, __u8 *b, int timeout_ms)
{
	size_t len;

	if (mt_peek(c, 8, timeout_ms) < 8 || memcmp(c->rx, eyecatcher, 4))
		return 0;
	len = c->rx[5] << 8 | c->rx[6];
	if (len < 8 || len > CLC_BUF || mt_peek(c, len, timeout_ms) < len)
		return 0;
	memcpy(b, c->rx, len);
	mt_take(c, len);
	return len;
}

/**
 * clc_diagnosis() - what a Decline says
 * @b: Decline
 *
 * Return: its peer diagnosis.
 */
__u32 clc_diagnosis(const __u8 *b)
{
	__u32 be;

	memcpy(&be, b + 16, 4);
	return ntohl(be);
}
