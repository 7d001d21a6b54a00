/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the handshake needs to know of the way TCP goes.
 */
#ifndef _SMC_ROUTE_H
#define _SMC_ROUTE_H

#include "proto/negotiate.h"
#include "transport.h"

enum smc_decline smc_route_get(struct sock *tcp, struct smc_route *route);
void smc_route_put(struct smc_route *route);
int smc_route_hop(const struct smc_route *route, const u8 gid[SMC_GID_LEN],
		  struct smc_hop *hop);
bool smc_route_prefixes(struct sock *tcp, const struct smc_route *route,
			struct smc_clc_proposal *p);
bool smc_route_prefix_match(struct sock *tcp, const struct smc_route *route,
			    const struct smc_clc_proposal *p);

#endif
