// SPDX-License-Identifier: GPL-2.0
/*
 * What is left when connections are closed, and when link groups have ended:
 * nothing. The kernel's memory is for whoever runs the campaign to look at.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "campaign.h"

#define FIRST_US	200	/* between looks at a condition, doubled ... */
#define LONGEST_US	50000	/* ... up to this */

static struct rdma_counts baseline[CAMP_HOSTS];

static void count_one(const struct smc_view *view, void *arg)
{
	(void)view;
	++*(unsigned int *)arg;
}

static unsigned int sockets_now(void)
{
	unsigned int n = 0;
	enum camp_host host;

	for (host = 0; host < CAMP_HOSTS; host++) {
		camp_enter(host);
		if (smc_view_each(count_one, &n))
			camp_die("sock_diag: %s", strerror(errno));
	}
	return n;
}

/**
 * left_sockets() - wait until no SMC socket is left on either host
 */
void left_sockets(void)
{
	long long end = now_ms() + CAMP_SETTLE_MS;
	unsigned int us = FIRST_US, n;

	while ((n = sockets_now())) {
		if (now_ms() > end) {
			camp_leak("%u SMC sockets", n);
			return;
		}
		usleep(us);
		us = us * 2 < LONGEST_US ? us * 2 : LONGEST_US;
	}
}

static void counts_now(enum camp_host host, struct rdma_counts *counts)
{
	if (rdma_count(camp_hosts[host].rdma, counts))
		camp_die("no RDMA device %s", camp_hosts[host].rdma);
}

static bool groups_left(enum camp_host host, struct rdma_counts *now)
{
	const struct rdma_counts *base = &baseline[host];

	counts_now(host, now);
	return now->qp > base->qp || now->mr > base->mr ||
	       now->cq > base->cq || now->pd > base->pd;
}

/* A number of this namespace, behind the words that introduce it. */
static unsigned int sockstat(const char *path, const char *format)
{
	unsigned int n = 0;
	bool known = false;
	char line[160];
	FILE *f;

	f = fopen(path, "re");
	if (!f)
		camp_die("%s: %s", path, strerror(errno));
	while (!known && fgets(line, sizeof(line), f))
		known = sscanf(line, format, &n) == 1;
	fclose(f);
	if (!known)
		camp_die("%s has no line of TCP", path);
	return n;
}

/* TCP's sockets on a host; those in TIME_WAIT are none. */
static unsigned int tcp_now(enum camp_host host)
{
	camp_enter(host);
	return sockstat("/proc/thread-self/net/sockstat", "TCP: inuse %u") +
	       sockstat("/proc/thread-self/net/sockstat6", "TCP6: inuse %u");
}

/**
 * left_tcp() - wait until no TCP socket is left on either host
 *
 * Without memory for its FIN a TCP socket that was closed waits for an answer
 * to what it never sent; with keepalive, see camp_keep_alive(), it finds out.
 */
void left_tcp(void)
{
	long long began_ms = now_ms(), end = began_ms + CAMP_SETTLE_MS;
	enum camp_host host;
	unsigned int n;

	for (host = 0; host < CAMP_HOSTS; host++) {
		while ((n = tcp_now(host))) {
			if (now_ms() > end) {
				camp_leak("%u TCP sockets", n);
				break;
			}
			usleep(LONGEST_US);
		}
	}
	camp_took(CAMP_END, began_ms);
}

/* Peers that have gone are to be forgotten soon: see left_tcp(). */
static void shorten_fin_wait(enum camp_host host)
{
	FILE *f;

	camp_enter(host);
	f = fopen("/proc/sys/net/ipv4/tcp_fin_timeout", "we");
	if (!f || fputs("2\n", f) < 0 || fclose(f))
		camp_die("tcp_fin_timeout: %s", strerror(errno));
}

/**
 * left_init() - take the numbers of objects without link groups
 *
 * Must be called before the first connection.
 */
void left_init(void)
{
	enum camp_host host;

	for (host = 0; host < CAMP_HOSTS; host++) {
		counts_now(host, &baseline[host]);
		shorten_fin_wait(host);
	}
}

/**
 * left_groups() - end all link groups; their objects must go with them
 *
 * The ports of both hosts go down and come up again.
 */
void left_groups(void)
{
	long long began_ms = now_ms(), end = began_ms + CAMP_SETTLE_MS;
	struct rdma_counts now;
	enum camp_host host;

	sim_ports(false);
	for (host = 0; host < CAMP_HOSTS; host++) {
		unsigned int us = FIRST_US;

		while (groups_left(host, &now)) {
			if (now_ms() > end) {
				camp_leak("%s: pd %u cq %u qp %u mr %u",
					  camp_hosts[host].rdma, now.pd,
					  now.cq, now.qp, now.mr);
				break;
			}
			usleep(us);
			us = us * 2 < LONGEST_US ? us * 2 : LONGEST_US;
		}
	}
	sim_ports(true);
	camp_took(CAMP_END, began_ms);
}
