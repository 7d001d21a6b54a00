// SPDX-License-Identifier: GPL-2.0
/*
 * Servers that send the SMC option in their SYN-ACK and do not speak SMC.
 * Which one it is tells the port. To a client without the option all are the
 * same ordinary server: it sends back the first ODD_BYTES bytes.
 */
#include <stdio.h>
#include <string.h>

#include "fibre.h"
#include "hostile.h"

#define ODD_BYTES	1000
#define ODD_WAIT_MS	20000
#define ODD_LATE_MS	1100	/* the kernel's patience is 1500 ms */
#define ODD_LATE_STEP	25
#define ODD_LATE_NUM	20

enum odd {
	ODD_SILENT,	/* says nothing */
	ODD_BANNER,	/* greets */
	ODD_MIRROR,	/* sends the Proposal back */
	ODD_FIN,	/* ends the connection at the Proposal */
	ODD_RST,	/* resets it */
	ODD_START,	/* sends the first two bytes of CLC */
	ODD_REFUSE,	/* does not take the second connection */
	ODD_GONE,	/* does not even refuse it */
	ODD_GOOD,	/* silent to the first, declines properly after that */
	ODD_LATE,	/* and following: declines when patience ends */
};

static unsigned int odd_taken[ODD_LATE];

static unsigned int odd_kind(const struct mt_conn *c)
{
	return c->lport - c->host->port;
}

static void odd_silence(struct mt_conn *c, int ms)
{
	long long end = now_ms() + ms;

	while (!c->fin && !c->rst && now_ms() < end)
		mt_poll(c->host, 10);
}

static void odd_decline(struct mt_conn *c)
{
	__u8 b[CLC_BUF];
	size_t len;

	len = clc_decline(b, 0x03030000, false);
	mt_send(c, b, len, 2000);
}

static bool odd_echo(struct mt_conn *c)
{
	__u8 b[ODD_BYTES];

	if (mt_peek(c, ODD_BYTES, ODD_WAIT_MS) < ODD_BYTES)
		return false;
	memcpy(b, c->rx, ODD_BYTES);
	mt_take(c, ODD_BYTES);
	return mt_send(c, b, ODD_BYTES, ODD_WAIT_MS) &&
	       mt_wait_end(c, ODD_WAIT_MS);
}

/* With the option: be odd. Returns true if it is TCP from here on. */
static bool odd_behave(struct mt_conn *c)
{
	unsigned int kind = odd_kind(c);
	__u8 b[CLC_BUF];
	size_t len;

	len = clc_read(c, b, ODD_WAIT_MS);
	if (!len || b[4] != CLC_PROPOSAL) {
		printf("problem %u: no Proposal\n", kind);
		return false;
	}
	switch (kind) {
	case ODD_BANNER:
		mt_send(c, "220 odd\r\n", 9, 2000);
		break;
	case ODD_MIRROR:
		mt_send(c, b, len, 2000);
		break;
	case ODD_FIN:
		mt_fin(c);
		break;
	case ODD_RST:
		mt_rst(c);
		return false;
	case ODD_START:
		mt_send(c, b, 2, 2000);
		break;
	case ODD_GOOD:
		if (odd_taken[kind] == 1)
			break;
		odd_decline(c);
		return true;
	}
	if (kind >= ODD_LATE) {
		odd_silence(c, ODD_LATE_MS + (kind - ODD_LATE) * ODD_LATE_STEP);
		if (!c->rst)
			odd_decline(c);
		return true;
	}
	odd_silence(c, ODD_WAIT_MS);
	return false;
}

static void odd_conversation(void *arg)
{
	struct mt_conn *c = arg;
	bool echoed = false;
	long long since;

	while (!c->open && !c->rst)
		mt_poll(c->host, 10);
	since = now_ms();
	if (c->open && (!c->offered || odd_behave(c)))
		echoed = odd_echo(c);
	printf("odd %u from=%u option=%d echoed=%d reset=%d ms=%lld\n",
	       odd_kind(c), c->rport, c->offered, echoed, c->rst,
	       now_ms() - since);
	fflush(stdout);
	if (!c->rst)
		mt_rst(c);
	mt_free(c);
}

static bool odd_accept(struct mt_conn *c)
{
	unsigned int kind = odd_kind(c);

	if (c->lport < c->host->port || kind >= ODD_LATE + ODD_LATE_NUM)
		return false;
	if (kind < ODD_LATE && ++odd_taken[kind] > 1) {
		if (kind == ODD_GONE)
			return false;
		c->refuse = kind == ODD_REFUSE;
	}
	c->offer = true;
	return fibre_start(odd_conversation, c);
}

/**
 * odd_servers() - be all odd servers for good
 * @h: hostile host; they are at @h->port and the ports after it
 *
 * Return: never.
 */
int odd_servers(struct hostile *h)
{
	h->host.port = h->port;
	h->host.accept = odd_accept;
	printf("listening\n");
	fflush(stdout);
	for (;;)
		mt_poll(&h->host, fibres_run() ? 10 : 1000);
}
