/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules of version 2 by which a server takes or declines a Proposal, a
 * client an Accept and a server a Confirm. Those of version 1 are in
 * negotiate.h; a server tries this one first.
 */
#ifndef _SMC_PROTO_NEGOTIATE_V2_H
#define _SMC_PROTO_NEGOTIATE_V2_H

#include "clc_v2.h"

#define SMC_RELEASE		1	/* the highest one we know */

/* Limits of a link group; those without negotiation are the largest. */
#define SMC_V2_CONNS_MIN	16
#define SMC_V2_CONNS_MAX	255
#define SMC_V2_LINKS_MIN	1
#define SMC_V2_LINKS_MAX	2

/**
 * struct smc_v2_local - what this host can do and wants
 * @eid: its EIDs, in order of preference
 * @num_eids: their number
 * @subnet: smc_eid_subnet counts, too: a server knows, a client lets the server
 *	find out, that they are on one subnet
 * @release: highest release, SMC_RELEASE unless less is wanted
 * @max_conns: connections in a link group, SMC_V2_CONNS_MIN to _MAX
 * @max_links: links in a link group, SMC_V2_LINKS_MIN to _MAX
 * @features: SMC_CLC_FEAT_*
 */
struct smc_v2_local {
	const struct smc_eid *eid;
	unsigned int num_eids;
	bool subnet;
	u8 release;
	u8 max_conns;
	u8 max_links;
	u16 features;
};

/**
 * struct smc_v2_terms - what client and server have agreed on
 * @eid: EID
 * @release: release; this and what follows belong to the link group, and are
 *	agreed on at first contact only
 * @max_conns: connections in the link group, never 0
 * @max_links: links in the link group, never 0
 * @features: SMC_CLC_FEAT_* that both know; on the server until the Confirm
 *	all it knows itself
 */
struct smc_v2_terms {
	struct smc_eid eid;
	u8 release;
	u8 max_conns;
	u8 max_links;
	u16 features;
};

void smc_negotiate_v2_offer(const struct smc_v2_local *own,
			    struct smc_clc_offer_v2 *o);
enum smc_decline
smc_negotiate_v2_proposal(const struct smc_clc_proposal *p,
			  const struct smc_clc_offer_v2 *o,
			  const struct smc_v2_local *own,
			  struct smc_v2_terms *terms);
enum smc_decline smc_negotiate_v2_direct(const struct smc_eid *eid,
					 bool gateway);
unsigned int smc_negotiate_v2_gids(const struct smc_clc_offer_v2 *o);
void smc_negotiate_v2_fce(const struct smc_v2_terms *terms,
			  struct smc_clc_fce *fce);
enum smc_decline
smc_negotiate_v2_accept(const struct smc_clc_proposal *sent,
			const struct smc_clc_offer_v2 *offered,
			const struct smc_clc_accept *a,
			const struct smc_clc_accept_v2 *v2,
			struct smc_v2_terms *terms);
enum smc_decline smc_negotiate_v2_route(const struct smc_clc_fce *fce,
					bool have_route, bool have_gateway);
enum smc_decline
smc_negotiate_v2_confirm(const struct smc_clc_accept *sent,
			 const struct smc_clc_accept *c,
			 const struct smc_clc_accept_v2 *v2,
			 struct smc_v2_terms *terms);
enum smc_decline smc_negotiate_reason(const struct smc_clc_proposal *p,
				      enum smc_decline v2_reason,
				      enum smc_decline v1_reason);

#endif
