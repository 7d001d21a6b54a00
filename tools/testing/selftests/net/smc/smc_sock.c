// SPDX-License-Identifier: GPL-2.0
/*
 * Socket tests between two hosts: what a TCP program sees must be the same
 * over plain TCP, over an SMC socket that fell back, and over SMC-R.
 *
 * Start "smc_sock --server" on one host and "smc_sock --peer4 A --peer6 B" on
 * the other. Output is KTAP.
 */
#include <arpa/inet.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner.h"

#define CTL_PORT	5443

struct selection {
	const char *only;	/* comma separated patterns, NULL for all */
	const char *skip;
	const char *variant;
	int family;		/* 0 for both */
};

static void print_usage(FILE *f)
{
	fputs("usage: smc_sock --server [--control PORT] [--sessions N]\n"
	      "       smc_sock --peer4 ADDR [--peer6 ADDR] [--control PORT]\n"
	      "                [--only LIST] [--skip LIST] [--variant LIST]\n"
	      "                [--family 4|6]\n"
	      "       smc_sock --list\n"
	      "LIST: comma separated names, may hold wildcards\n", f);
}

static bool in_list(const char *list, const char *name)
{
	char *copy, *tok, *save = NULL;
	bool hit = false;

	copy = strdup(list);
	if (!copy)
		exit(1);
	for (tok = strtok_r(copy, ",", &save); tok && !hit;
	     tok = strtok_r(NULL, ",", &save))
		hit = !fnmatch(tok, name, 0);
	free(copy);
	return hit;
}

static bool selected(const struct selection *sel, const char *test,
		     const char *variant)
{
	if (sel->only && !in_list(sel->only, test))
		return false;
	if (sel->skip && in_list(sel->skip, test))
		return false;
	return !sel->variant || in_list(sel->variant, variant);
}

static void plan_add(struct plan *pl, const struct test_case *tc,
		     unsigned int idx, unsigned int variant, int family)
{
	struct plan_item *it;

	it = realloc(pl->item, (pl->n + 1) * sizeof(*it));
	if (!it)
		exit(1);
	pl->item = it;
	it[pl->n].tc = tc;
	it[pl->n].idx = idx;
	it[pl->n].variant = variant;
	it[pl->n].family = family;
	pl->n++;
}

/* Variant by variant, so that a run of one mode stays together in the log. */
static void make_plan(struct plan *pl, const struct selection *sel)
{
	const struct test_case *tc;
	const struct variant *v;
	unsigned int i, j;

	for (j = 0; (v = variant_at(j)); j++) {
		if (sel->family != 6)
			for (i = 0; (tc = test_at(i)); i++)
				if (selected(sel, tc->name, v->name))
					plan_add(pl, tc, i, j, AF_INET);
		if (sel->family != 4 && pl->peer6.ss_family)
			for (i = 0; (tc = test_at(i)); i++)
				if (!(tc->flags & T_ONE_FAMILY) &&
				    selected(sel, tc->name, v->name))
					plan_add(pl, tc, i, j, AF_INET6);
	}
}

static void list_all(void)
{
	const struct test_case *tc;
	const struct variant *v;
	unsigned int i;

	for (i = 0; (v = variant_at(i)); i++)
		printf("variant %s\n", v->name);
	for (i = 0; (tc = test_at(i)); i++)
		printf("test %s\n", tc->name);
}

static int parse_addr(const char *text, int family, struct sockaddr_storage *sa)
{
	void *dst = family == AF_INET6 ?
		    (void *)&((struct sockaddr_in6 *)sa)->sin6_addr :
		    (void *)&((struct sockaddr_in *)sa)->sin_addr;

	sa->ss_family = family;
	if (inet_pton(family, text, dst) == 1)
		return 0;
	fprintf(stderr, "smc_sock: bad address %s\n", text);
	return -1;
}

static void set_control(struct plan *pl, int port)
{
	pl->ctl = pl->peer4;
	((struct sockaddr_in *)&pl->ctl)->sin_port = htons(port);
	pl->ctl_len = sizeof(struct sockaddr_in);
}

static const struct option options[] = {
	{ "server", no_argument, NULL, 'S' },
	{ "sessions", required_argument, NULL, 'n' },
	{ "peer4", required_argument, NULL, '4' },
	{ "peer6", required_argument, NULL, '6' },
	{ "control", required_argument, NULL, 'c' },
	{ "only", required_argument, NULL, 'o' },
	{ "skip", required_argument, NULL, 's' },
	{ "variant", required_argument, NULL, 'v' },
	{ "family", required_argument, NULL, 'f' },
	{ "list", no_argument, NULL, 'l' },
	{ "help", no_argument, NULL, 'h' },
	{}
};

int main(int argc, char **argv)
{
	int opt, port = CTL_PORT, sessions = 0;
	struct selection sel = {};
	struct plan pl = {};
	bool server = false;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (opt) {
		case 'S':
			server = true;
			break;
		case 'n':
			sessions = atoi(optarg);
			break;
		case 'c':
			port = atoi(optarg);
			break;
		case 'o':
			sel.only = optarg;
			break;
		case 's':
			sel.skip = optarg;
			break;
		case 'v':
			sel.variant = optarg;
			break;
		case 'f':
			sel.family = atoi(optarg);
			break;
		case 'l':
			list_all();
			return 0;
		case 'h':
			print_usage(stdout);
			return 0;
		case '4':
			if (parse_addr(optarg, AF_INET, &pl.peer4))
				return 1;
			break;
		case '6':
			if (parse_addr(optarg, AF_INET6, &pl.peer6))
				return 1;
			break;
		default:
			print_usage(stderr);
			return 1;
		}
	}
	if (harness_init())
		return 1;
	if (server)
		return harness_server(port, sessions);
	if (!pl.peer4.ss_family) {
		print_usage(stderr);
		return 1;
	}
	set_control(&pl, port);
	make_plan(&pl, &sel);
	return harness_client(&pl);
}
