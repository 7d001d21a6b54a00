/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules by which a server takes or declines a Proposal and a client takes
 * or declines an Accept (RFC 7609 section 3.5 and 4.7, protocol version 1).
 */
#ifndef _SMC_PROTO_NEGOTIATE_H
#define _SMC_PROTO_NEGOTIATE_H

#include "clc.h"

/**
 * struct smc_local_addr - one address of the device TCP uses
 * @v6: an IPv6 address in @addr, else IPv4 in its first four bytes
 * @len: prefix length, bits
 * @addr: the address in network order
 */
struct smc_local_addr {
	bool v6;
	u8 len;
	u8 addr[16];
};

bool smc_prefix_match(const struct smc_clc_proposal *p,
		      const struct smc_local_addr *a);
enum smc_decline smc_negotiate_proposal(const struct smc_clc_proposal *p,
					bool have_kind[2]);
unsigned int smc_negotiate_gids(const struct smc_clc_proposal *p);
enum smc_decline smc_negotiate_accept(const struct smc_clc_proposal *sent,
				      const struct smc_clc_accept *a);

#endif
