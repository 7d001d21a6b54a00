// SPDX-License-Identifier: GPL-2.0
/*
 * A peer that breaks every rule of the SMC handshake, on a TCP of its own.
 *
 *  hostile listener ...	attack a listening SMC socket, print KTAP
 *  hostile client ...		answer SMC clients in wrong ways
 *  hostile silent ...		open connections with the SMC option, say nothing
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/smc_diag.h>

#include "hostile.h"

static unsigned int said, failed;

/**
 * say_begin() - KTAP head
 * @n: number of tests to come
 */
void say_begin(unsigned int n)
{
	printf("TAP version 13\n1..%u\n", n);
}

/**
 * say() - KTAP line of one test
 * @name: test
 * @problem: what was wrong, NULL if nothing
 * @note: figures, for the log
 */
void say(const char *name, const char *problem, const char *note)
{
	if (problem)
		printf("# %s\n", problem);
	printf("%s %u %s # %s\n", problem ? "not ok" : "ok", ++said, name, note);
	fflush(stdout);
	failed += !!problem;
}

/**
 * say_end() - KTAP totals
 *
 * Return: exit code.
 */
int say_end(void)
{
	printf("# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:0 error:0\n",
	       said - failed, failed);
	return failed || !said;
}

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

/* Did the connection with these ports get the mode it must have? */
static bool right_mode(const struct hostile *h, int fd)
{
	struct sockaddr_in a = {}, b = {};
	socklen_t alen = sizeof(a), blen = sizeof(b);
	struct smc_view v;

	if (h->good.af != AF_SMC)
		return true;
	getsockname(fd, (struct sockaddr *)&a, &alen);
	getpeername(fd, (struct sockaddr *)&b, &blen);
	return !smc_view_get(ntohs(a.sin_port), ntohs(b.sin_port), &v) &&
	       v.found && v.mode == SMC_DIAG_MODE_SMCR;
}

/**
 * good_connection() - an ordinary connection to the listener under attack
 * @h: hostile host
 *
 * Return: NULL if it was served in time and in the right mode, else the problem.
 */
const char *good_connection(const struct hostile *h)
{
	struct load_request rq = {
		.magic = htonl(LOAD_MAGIC), .mode = htonl(LOAD_RR),
		.size = htonl(1), .count = htobe64(1),
	};
	const char *problem = NULL;
	struct load_error e = {};
	long long start = now_ms();
	int fd;

	fd = load_socket(&h->good);
	if (fd < 0)
		return "no socket for a good connection";
	if (connect(fd, (const struct sockaddr *)&h->good.sa, h->good.sa_len))
		problem = "good connection: connect failed";
	else if (!right_mode(h, fd))
		problem = "good connection: not over SMC-R";
	else if (!load_send(fd, &rq, sizeof(rq), &e))
		problem = "good connection: send failed";
	if (!problem)
		load_rr(fd, 1, 1, true, &e);
	if (!problem && e.what)
		problem = "good connection: not served";
	if (!problem && now_ms() - start > 4000)
		problem = "good connection: late";
	close(fd);
	return problem;
}

/* @n connections that stay silent until standard input ends or says a line. */
static int stay_silent(struct hostile *h, unsigned int n)
{
	unsigned int i, offered = 0;
	struct mt_conn *c;

	for (i = 0; i < n; i++) {
		c = mt_connect(&h->host, h->target_ip, h->port, true, 5000);
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

static void print_usage(FILE *f)
{
	fputs("usage: hostile listener --dev D --ip FREE --host ADDR --port P\n"
	      "                [--af smc|tcp] [--only NAME]\n"
	      "       hostile silent --dev D --ip FREE --host ADDR --port P\n"
	      "                [--conns N]\n"
	      "       hostile client --dev D --ip FREE --port FIRST\n"
	      "       hostile list\n"
	      "FREE: an IPv4 address of the segment (/24) that no host has\n", f);
}

static const struct option options[] = {
	{ "dev", required_argument, NULL, 'd' },
	{ "ip", required_argument, NULL, 'i' },
	{ "host", required_argument, NULL, 'H' },
	{ "port", required_argument, NULL, 'p' },
	{ "conns", required_argument, NULL, 'n' },
	{ "af", required_argument, NULL, 'a' },
	{ "only", required_argument, NULL, 'o' },
	{}
};

static void set_good(struct hostile *h, const char *af)
{
	struct sockaddr_in *sa = (struct sockaddr_in *)&h->good.sa;

	h->good.af = strcmp(af, "tcp") ? AF_SMC : AF_INET;
	h->good.timeout_s = 8;
	h->good.expect_mode = -1;
	sa->sin_family = AF_INET;
	sa->sin_port = htons(h->port);
	sa->sin_addr.s_addr = h->target_ip;
	h->good.sa_len = sizeof(*sa);
}

int main(int argc, char **argv)
{
	const char *dev = NULL, *ip = NULL, *af = "smc", *what;
	static struct hostile h = { .prefix_len = 24 };
	unsigned int conns = 1;
	int opt;

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
		case 'a':
			af = optarg;
			break;
		case 'o':
			h.only = optarg;
			break;
		default:
			print_usage(stderr);
			return 2;
		}
	}
	what = optind < argc ? argv[optind] : "";
	if (!strcmp(what, "list")) {
		client_attack_list();
		return 0;
	}
	if (!dev || !ip || !h.port || conns > MT_MAX_CONNS) {
		print_usage(stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (mt_open(&h.host, dev, ip)) {
		fprintf(stderr, "hostile: %s %s: %s\n", dev, ip,
			strerror(errno));
		return 1;
	}
	set_good(&h, af);
	if (!strcmp(what, "client"))
		return client_attacks(&h);
	if (!strcmp(what, "silent"))
		return stay_silent(&h, conns);
	if (strcmp(what, "listener")) {
		print_usage(stderr);
		return 2;
	}
	say_begin(listener_attack_count(&h));
	listener_attacks(&h);
	return say_end();
}
