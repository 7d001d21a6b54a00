// SPDX-License-Identifier: GPL-2.0
/*
 * A peer that breaks every rule of the SMC handshake, on a TCP of its own.
 *
 *  hostile listener ...	attack a listening SMC socket
 *  hostile client ...		answer SMC clients in wrong ways
 *  hostile victims ...		be these clients
 *  hostile silent ...		open connections with the SMC option, say nothing
 *  hostile unlinked ...	do the handshake, but have no link
 *  hostile odd ...		servers that send the option and speak no SMC
 *  hostile rdma ...		attack link and RDMA writes, over smcsim
 *  hostile neighbour ...	be somebody who must not notice any of that
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostile.h"
#include "rdma_peer.h"

/*
 * The two sides of the load program's one-byte request/response, as our own
 * TCP speaks them. Which side we are shows in who speaks first.
 */
static bool served_as_client(struct mt_conn *c)
{
	struct load_request rq = {
		.magic = htonl(LOAD_MAGIC), .mode = htonl(LOAD_RR),
		.size = htonl(1), .count = htobe64(1),
	};
	__u8 byte, want;
	bool ok;

	pat_fill(&byte, 1, 1, 0);
	pat_fill(&want, 1, 2, 0);
	ok = mt_send(c, &rq, sizeof(rq), 3000) && mt_send(c, &byte, 1, 3000) &&
	     mt_peek(c, 1, 5000) == 1 && c->rx[0] == want;
	if (ok)
		mt_take(c, 1);
	return ok;
}

static bool served_as_server(struct mt_conn *c)
{
	__u8 byte;

	if (mt_peek(c, sizeof(struct load_request) + 1, 5000) !=
	    sizeof(struct load_request) + 1)
		return false;
	pat_fill(&byte, 1, 2, 0);
	return mt_send(c, &byte, 1, 3000) && mt_wait_end(c, 5000);
}

/**
 * served() - one request and response over plain TCP on a connection
 * @c: connection
 *
 * Return: the program at the other end did its part.
 */
bool served(struct mt_conn *c)
{
	return c->host->accept ? served_as_server(c) : served_as_client(c);
}

/* @n connections that stay silent until standard input ends or says a line. */
static int stay_silent(struct hostile *h, unsigned int n)
{
	unsigned int i, offered = 0;
	struct mt_conn *c;

	if (!mt_resolve(&h->host, h->target_ip, 5000))
		return 1;
	for (i = 0; i < n; i++) {
		c = mt_connect(&h->host, h->port, true, 5000);
		if (!c) {
			printf("silent: connection %u failed\n", i);
			return 1;
		}
		offered += c->offered;
	}
	printf("silent=%u offered=%u\n", n, offered);
	fflush(stdout);
	for (i = 0; i < n; i++)
		mt_wait_end(h->host.conns[i], 30000);
	for (i = 0, offered = 0; i < n; i++) {
		offered += h->host.conns[i]->fin || h->host.conns[i]->rst;
		mt_rst(h->host.conns[i]);
	}
	printf("ended=%u\n", offered);
	return offered != n;
}

static bool confirm(struct hostile *h, struct mt_conn *c, unsigned int tag)
{
	__u8 b[CLC_BUF];
	size_t len;

	if (clc_read(c, b, CLC_DEADLINE_MS) != ACCEPT_LEN || b[4] != CLC_ACCEPT)
		return false;
	len = clc_accept(b, h, tag, CLC_CONFIRM);
	return mt_send(c, b, len, 5000);
}

/*
 * The handshakes of two times @n connections, without a queue pair: @n of as
 * many hosts get as far as that shows, and @n more of the first host wait for
 * its first contact. Until standard input ends or says a line.
 */
static int have_no_link(struct hostile *h, unsigned int n)
{
	struct mt_host *host = &h->host;
	__u8 b[CLC_BUF];
	unsigned int i;
	size_t len;

	if (!mt_resolve(host, h->target_ip, 5000))
		return 1;
	for (i = 0; i < 2 * n; i++)
		if (!mt_connect(host, h->port, true, 5000))
			return 1;
	for (i = 0; i < 2 * n; i++) {
		len = clc_proposal(b, h, i < n ? i : 0);
		if (!mt_send(host->conns[i], b, len, 5000))
			return 1;
	}
	for (i = 0; i < n; i++)
		if (!confirm(h, host->conns[i], i))
			return 1;
	printf("unlinked=%u\n", 2 * n);
	fflush(stdout);
	fgetc(stdin);
	for (i = 0; i < 2 * n; i++)
		mt_rst(host->conns[i]);
	return 0;
}

static void print_usage(FILE *f)
{
	fputs("usage: hostile listener --dev D --ip FREE --host ADDR --port P\n"
	      "                [--gids v1|v2|both] [--v2] [--only PATTERN]\n"
	      "                [--batch N]\n"
	      "       hostile client --dev D --ip FREE --port FIRST [--gids ...]\n"
	      "                [--v2]\n"
	      "       hostile victims --host FREE --port FIRST [--gids ...]\n"
	      "                [--v2] [--only PATTERN] [--batch N]\n"
	      "       hostile silent --dev D --ip FREE --host ADDR --port P\n"
	      "                [--conns N]\n"
	      "       hostile unlinked --dev D --ip FREE --host ADDR --port P\n"
	      "                [--conns N] [--gids ...]\n"
	      "       hostile odd --dev D --ip FREE --port FIRST\n"
	      "       hostile rdma --client NETNS,DEV,ADDR[,QP] --server ... --port P\n"
	      "                [--v2] [--only PATTERN] [--messages N]\n"
	      "       hostile neighbour --host ADDR --port P\n"
	      "FREE: an IPv4 address of the segment (/24) that no host has\n"
	      "QP: queue pair of DEV whose messages are left alone\n"
	      "gids: kinds of GID of the host under test, v2 unless told\n"
	      "v2: the attacks on version 2, instead of those on version 1\n", f);
}

static const struct option options[] = {
	{ "dev", required_argument, NULL, 'd' },
	{ "ip", required_argument, NULL, 'i' },
	{ "host", required_argument, NULL, 'H' },
	{ "port", required_argument, NULL, 'p' },
	{ "conns", required_argument, NULL, 'n' },
	{ "gids", required_argument, NULL, 'g' },
	{ "only", required_argument, NULL, 'o' },
	{ "batch", required_argument, NULL, 'b' },
	{ "client", required_argument, NULL, 'c' },
	{ "server", required_argument, NULL, 's' },
	{ "messages", required_argument, NULL, 'm' },
	{ "v2", no_argument, NULL, '2' },
	{}
};

static void set_gids(struct hostile *h, const char *gids)
{
	h->kinds = !strcmp(gids, "v1") ? 1 : !strcmp(gids, "both") ? 3 : 2;
	h->kind = h->kinds == 2;
	h->ipv6_gids = true;
}

static void set_good(struct hostile *h)
{
	struct sockaddr_in *sa = (struct sockaddr_in *)&h->good.sa;

	h->good.af = AF_SMC;
	h->good.timeout_s = 15;
	h->good.nodelay = true;
	h->good.expect_mode = -1;
	sa->sin_family = AF_INET;
	sa->sin_port = htons(h->port);
	sa->sin_addr.s_addr = h->target_ip;
	h->good.sa_len = sizeof(*sa);
}

/* "NETNS,DEV,ADDR[,QP]", which is cut up. */
static bool set_rdma_host(struct rdma_host *host, char *arg)
{
	const char *netns = strsep(&arg, ","), *dev = strsep(&arg, ",");
	const char *ip = strsep(&arg, ",");

	host->spared = arg ? strtoul(arg, NULL, 0) : 0;
	if (!ip || rdma_open(host, netns, dev, ip)) {
		fprintf(stderr, "hostile: no host %s\n", netns);
		return false;
	}
	return true;
}

static int run(struct hostile *h, const char *what, unsigned int conns)
{
	if (!strcmp(what, "listener"))
		return listener_attacks(h);
	if (!strcmp(what, "client"))
		return client_attacks(h);
	if (!strcmp(what, "victims")) {
		/* Judged like the peer's, it need not be its address */
		h->host.ip = h->target_ip;
		h->host.mac[0] = 2;
		h->host.mac[5] = 0x42;
		return client_victims(h);
	}
	if (!strcmp(what, "silent"))
		return stay_silent(h, conns);
	if (!strcmp(what, "unlinked"))
		return have_no_link(h, conns);
	if (!strcmp(what, "odd"))
		return odd_servers(h);
	if (!strcmp(what, "neighbour"))
		return neighbour(h);
	print_usage(stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static struct hostile h = { .prefix_len = 24, .batch = 48 };
	struct rdma_host rdma[2] = { { .ns = -1 }, { .ns = -1 } };
	const char *dev = NULL, *ip = NULL;
	unsigned long long messages = 0;
	unsigned int conns = 1;
	int opt;

	set_gids(&h, "v2");
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'd':
			dev = optarg;
			break;
		case 'i':
			ip = optarg;
			break;
		case 'H':
			h.target_ip = inet_addr(optarg);
			break;
		case 'p':
			h.port = atoi(optarg);
			break;
		case 'n':
			conns = strtoul(optarg, NULL, 0);
			break;
		case 'g':
			set_gids(&h, optarg);
			break;
		case 'o':
			h.only = optarg;
			break;
		case 'b':
			h.batch = strtoul(optarg, NULL, 0);
			break;
		case 'c':
		case 's':
			if (!set_rdma_host(&rdma[opt == 's'], optarg))
				return 2;
			break;
		case '2':
			h.v2 = true;
			break;
		case 'm':
			messages = strtoull(optarg, NULL, 0);
			break;
		default:
			print_usage(stderr);
			return 2;
		}
	}
	if (!h.port || !dev != !ip || optind + 1 != argc || !h.batch ||
	    conns > MT_MAX_CONNS || h.batch > MT_MAX_CONNS) {
		print_usage(stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (dev && mt_open(&h.host, dev, ip)) {
		fprintf(stderr, "hostile: %s %s: %s\n", dev, ip,
			strerror(errno));
		return 1;
	}
	if (!strcmp(argv[optind], "rdma"))
		return rdma_attacks(rdma, &h, messages);
	set_good(&h);
	return run(&h, argv[optind], conns);
}
