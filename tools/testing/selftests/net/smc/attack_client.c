// SPDX-License-Identifier: GPL-2.0
/*
 * A server that misbehaves toward SMC clients. Which way is told by the port:
 * the first port plus the number of the attack. A program on the host under
 * test connects to each port and judges what its connect() returns; where a
 * connection is to survive as TCP it is served like by smc_load --server.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "hostile.h"

struct attack {
	const char *name;
	bool offer;		/* SMC option in the SYN-ACK */
	void (*answer)(struct hostile *h, struct mt_conn *c);
	const char *want;	/* what the client must see, for the list */
};

/* An Accept with some bytes changed, then whatever the client makes of it. */
static void spoilt_accept(struct hostile *h, struct mt_conn *c, size_t at,
			  __u8 val)
{
	__u8 b[CLC_BUF];
	size_t len = clc_accept(b, h, CLC_ACCEPT);

	b[at] = val;
	mt_send(c, b, len, 2000);
	if (clc_read(c, b, CLC_DEADLINE_MS) && b[4] == CLC_CONFIRM)
		clc_read(c, b, CLC_DEADLINE_MS);
	served(c);
}

static void silence(struct hostile *h, struct mt_conn *c)
{
	(void)h;
	mt_wait_end(c, CLC_DEADLINE_MS);
}

static void just_serve(struct hostile *h, struct mt_conn *c)
{
	(void)h;
	served(c);
}

static void do_garbage(struct hostile *h, struct mt_conn *c)
{
	__u32 state = 0x6a6bac;
	__u8 b[300];
	size_t i;

	(void)h;
	for (i = 0; i < sizeof(b); i++)
		b[i] = rnd(&state);
	mt_send(c, b, sizeof(b), 2000);
	mt_wait_end(c, CLC_DEADLINE_MS);
}

static void do_fin(struct hostile *h, struct mt_conn *c)
{
	(void)h;
	mt_fin(c);
	mt_wait_end(c, CLC_DEADLINE_MS);
}

static void do_rst(struct hostile *h, struct mt_conn *c)
{
	(void)h;
	mt_rst(c);
}

static void do_decline(struct hostile *h, struct mt_conn *c)
{
	__u8 b[CLC_BUF];

	(void)h;
	mt_send(c, b, clc_decline(b, 0x03030000, false), 2000);
	served(c);
}

static void do_decline_sync(struct hostile *h, struct mt_conn *c)
{
	__u8 b[CLC_BUF];

	(void)h;
	mt_send(c, b, clc_decline(b, 0x04000000, true), 2000);
	served(c);
}

static void do_decline_long(struct hostile *h, struct mt_conn *c)
{
	__u8 b[CLC_BUF];
	size_t len = clc_decline(b, 0x03030000, false);

	(void)h;
	b[6] = len + 4;
	memset(b + len, 0, 4);
	mt_send(c, b, len + 4, 2000);
	mt_wait_end(c, CLC_DEADLINE_MS);
}

/* Half a Decline, then the end of the stream. */
static void do_decline_cut(struct hostile *h, struct mt_conn *c)
{
	__u8 b[CLC_BUF];

	clc_decline(b, 0x03030000, false);
	mt_send(c, b, 20, 2000);
	do_fin(h, c);
}

static void do_accept_trailer(struct hostile *h, struct mt_conn *c)
{
	spoilt_accept(h, c, ACCEPT_LEN - 1, 0);
}

static void do_accept_type(struct hostile *h, struct mt_conn *c)
{
	spoilt_accept(h, c, 4, CLC_CONFIRM);
}

static void do_accept_version(struct hostile *h, struct mt_conn *c)
{
	spoilt_accept(h, c, 7, 0x08);
}

static void do_accept_length(struct hostile *h, struct mt_conn *c)
{
	spoilt_accept(h, c, 6, ACCEPT_LEN - 8);
}

static void do_accept_length_max(struct hostile *h, struct mt_conn *c)
{
	spoilt_accept(h, c, 5, 0xff);
}

static void do_accept_qpn(struct hostile *h, struct mt_conn *c)
{
	spoilt_accept(h, c, 40, 0);
}

static void do_accept_token(struct hostile *h, struct mt_conn *c)
{
	spoilt_accept(h, c, 49, 0);
}

static void do_accept_mtu(struct hostile *h, struct mt_conn *c)
{
	spoilt_accept(h, c, 50, 0x20);
}

/* Not first contact, but there is no link group with that queue pair. */
static void do_accept_subsequent(struct hostile *h, struct mt_conn *c)
{
	spoilt_accept(h, c, 7, 0x10);
}

/* A kind of GID that was not proposed: such a link could carry nothing. */
static void do_accept_kind(struct hostile *h, struct mt_conn *c)
{
	spoilt_accept(h, c, 51, 0);
}

/* Right in every byte, but no queue pair behind it. */
static void do_accept_no_link(struct hostile *h, struct mt_conn *c)
{
	spoilt_accept(h, c, 40, 0x77);
}

static void do_accept_cut(struct hostile *h, struct mt_conn *c)
{
	__u8 b[CLC_BUF];

	clc_accept(b, h, CLC_ACCEPT);
	mt_send(c, b, ACCEPT_LEN - 1, 2000);
	mt_wait_end(c, CLC_DEADLINE_MS);
}

static void do_accept_then_rst(struct hostile *h, struct mt_conn *c)
{
	__u8 b[CLC_BUF];

	mt_send(c, b, clc_accept(b, h, CLC_ACCEPT), 2000);
	clc_read(c, b, CLC_DEADLINE_MS);
	mt_rst(c);
}

/* "tcp": connected, served as TCP; else the errno of connect(), any listed. */
static const struct attack attacks[] = {
	{ "no_option", false, just_serve, "tcp" },
	{ "silence", true, silence, "ETIMEDOUT" },
	{ "garbage", true, do_garbage, "EPROTO" },
	{ "fin", true, do_fin, "ECONNRESET" },
	{ "rst", true, do_rst, "ECONNRESET" },
	{ "decline", true, do_decline, "tcp" },
	{ "decline_sync", true, do_decline_sync, "tcp" },
	{ "decline_long", true, do_decline_long, "EPROTO" },
	{ "decline_cut", true, do_decline_cut, "ECONNRESET,EPROTO" },
	{ "accept_trailer", true, do_accept_trailer, "EPROTO" },
	{ "accept_type", true, do_accept_type, "EPROTO" },
	{ "accept_version", true, do_accept_version, "EPROTO" },
	{ "accept_length", true, do_accept_length, "EPROTO" },
	{ "accept_length_max", true, do_accept_length_max, "EPROTO,ETIMEDOUT" },
	{ "accept_qpn_0", true, do_accept_qpn, "EPROTO,tcp" },
	{ "accept_token_0", true, do_accept_token, "EPROTO,tcp" },
	{ "accept_mtu_0", true, do_accept_mtu, "EPROTO,tcp" },
	{ "accept_subsequent", true, do_accept_subsequent, "tcp" },
	{ "accept_gid_kind", true, do_accept_kind, "tcp" },
	{ "accept_no_link", true, do_accept_no_link, "tcp" },
	{ "accept_cut", true, do_accept_cut, "ETIMEDOUT" },
	{ "accept_then_rst", true, do_accept_then_rst, "ECONNRESET" },
};

#define ATTACKS	((int)(ARRAY_SIZE(attacks)))

static struct hostile *server;

static const struct attack *attack_of(const struct mt_conn *c)
{
	int i = c->lport - server->port;

	return i >= 0 && i < ATTACKS ? &attacks[i] : NULL;
}

static bool accept_conn(struct mt_conn *c)
{
	const struct attack *a = attack_of(c);

	if (!a)
		return false;
	c->offer = a->offer;
	return true;
}

static void run(struct hostile *h, struct mt_conn *c)
{
	const struct attack *a = attack_of(c);
	__u8 b[CLC_BUF];

	printf("# %s: connection, option %s\n", a->name,
	       c->offered ? "offered" : "missing");
	if (a->offer && (!clc_read(c, b, CLC_DEADLINE_MS) ||
			 b[4] != CLC_PROPOSAL))
		printf("# %s: no Proposal\n", a->name);
	else
		a->answer(h, c);
	fflush(stdout);
	mt_rst(c);
	mt_free(c);
}

/**
 * client_attacks() - serve attacks for good, one connection at a time
 * @h: hostile host
 *
 * Return: never.
 */
int client_attacks(struct hostile *h)
{
	int i;

	server = h;
	h->host.accept = accept_conn;
	printf("listening\n");
	fflush(stdout);
	for (;;) {
		mt_poll(&h->host, 1000);
		for (i = 0; i < MT_MAX_CONNS; i++) {
			struct mt_conn *c = h->host.conns[i];

			if (c && c->open)
				run(h, c);
		}
	}
}

/**
 * client_attack_list() - print number, name and wanted result of each attack
 */
void client_attack_list(void)
{
	int i;

	for (i = 0; i < ATTACKS; i++)
		printf("%d %s %s\n", i, attacks[i].name, attacks[i].want);
}
