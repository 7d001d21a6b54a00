// SPDX-License-Identifier: GPL-2.0
/*
 * Lists the SMC sockets of the namespace, a line of "key=value" pairs each:
 * what the tests read on the side that has no program of their own.
 */
#include <stdio.h>

#include "common.h"

static void print_view(const struct smc_view *v, void *arg)
{
	unsigned int *n = arg;

	printf("family=%u state=%u mode=%u lport=%u rport=%u link=%d reason=0x%08x peer=0x%08x",
	       v->family, v->state, v->mode, v->lport, v->rport, v->has_link,
	       v->reason, v->peer_diagnosis);
	printf(" gid=%s peer_gid=%s\n", v->gid, v->peer_gid);
	(*n)++;
}

int main(void)
{
	unsigned int n = 0;

	if (smc_view_each(print_view, &n)) {
		perror("sock_diag");
		return 1;
	}
	printf("sockets=%u\n", n);
	return 0;
}
