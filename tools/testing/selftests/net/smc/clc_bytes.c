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

/* Peer ID, RoCEv2 GID of our address, MAC: bytes 8 to 37 of most messages. */
static void identity(__u8 *b, const struct hostile *h)
{
	b[8] = 0x66;
	b[9] = 0x77;
	memcpy(b + 10, h->host.mac, 6);
	b[26] = 0xff;
	b[27] = 0xff;
	memcpy(b + 28, &h->host.ip, 4);
	memcpy(b + 32, h->host.mac, 6);
}

/**
 * clc_proposal() - a right Proposal: version 1 offered over IPv4
 * @b: buffer of %CLC_BUF bytes
 * @h: host it comes from
 *
 * Return: its length.
 */
size_t clc_proposal(__u8 *b, const struct hostile *h)
{
	__u32 net = h->host.ip & htonl(~0u << (32 - h->prefix_len));

	frame(b, CLC_PROPOSAL, PROPOSAL_LEN, 0x20 | 2 << 2);
	identity(b, h);
	b[39] = 40;		/* prefix area behind the SMC-D area */
	b[60] = 1;		/* the GID is of the RoCEv2 kind */
	memcpy(b + 80, &net, 4);
	b[84] = h->prefix_len;
	return PROPOSAL_LEN;
}

/**
 * clc_accept() - a right Accept or Confirm of version 1, first contact
 * @b: buffer of %CLC_BUF bytes
 * @h: host it comes from
 * @type: %CLC_ACCEPT or %CLC_CONFIRM
 *
 * Return: its length.
 */
size_t clc_accept(__u8 *b, const struct hostile *h, __u8 type)
{
	frame(b, type, ACCEPT_LEN, 0x18);
	identity(b, h);
	b[40] = 0x77;		/* QP number */
	b[44] = 0x99;		/* rkey */
	b[45] = 1;		/* RMBE index */
	b[49] = 5;		/* alert token */
	b[50] = 2 << 4 | 3;	/* 64 KiB, MTU 1024 */
	b[51] = 1;		/* the GID is of the RoCEv2 kind */
	b[57] = 0x10;		/* RMB address */
	b[63] = 0x42;		/* initial PSN */
	return ACCEPT_LEN;
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
