/* SPDX-License-Identifier: GPL-2.0 */
/* Between the command line (smc_sock.c) and the runner (harness.c). */
#ifndef _SMC_SELFTEST_RUNNER_H
#define _SMC_SELFTEST_RUNNER_H

#include "harness.h"

/* One run: a test under a variant and an address family. */
struct plan_item {
	const struct test_case *tc;
	unsigned int idx;	/* of the test, same on both sides */
	unsigned int variant;
	int family;
};

struct plan {
	struct sockaddr_storage ctl;	/* control listener of the server */
	socklen_t ctl_len;
	struct sockaddr_storage peer4;	/* test addresses of the server */
	struct sockaddr_storage peer6;
	struct plan_item *item;
	unsigned int n;
};

int harness_init(void);
int harness_server(int port, int sessions);
int harness_client(const struct plan *pl);
const struct test_case *test_at(unsigned int idx);
const struct variant *variant_at(unsigned int idx);

#endif
