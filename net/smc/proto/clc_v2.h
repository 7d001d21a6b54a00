/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What version 2 adds to CLC messages, as far as SMC-R goes: the extension of
 * a Proposal; in Accept and Confirm the EID and, where a link group begins, the
 * first contact extension (FCE) and the client's GIDs. A release within version
 * 2 is known by its number; what is called version 2.1 is release 1.
 *
 * Each message has two structs, the one of clc.h and the one in here. The
 * functions take and fill both, and do version 1 as well, so that a handshake
 * needs no others.
 */
#ifndef _SMC_PROTO_CLC_V2_H
#define _SMC_PROTO_CLC_V2_H

#include "clc.h"
#include "eid.h"

#define SMC_CLC_MAX_GIDS	8u	/* of a Confirm, that are kept */
#define SMC_CLC_HOST_LEN	32
#define SMC_CLC_MAX_RELEASE	15

/* Longest messages we make. */
#define SMC_CLC_PROPOSAL_V2_MAX	524u
#define SMC_CLC_ACCEPT_V2_MAX	160u
#define SMC_CLC_CONFIRM_V2_MAX	292u

/* Features of release 1. */
#define SMC_CLC_FEAT_EMULATED_ISM	0x0001

enum smc_clc_os {
	SMC_CLC_OS_ZOS		= 1,
	SMC_CLC_OS_LINUX	= 2,
	SMC_CLC_OS_AIX		= 3,
};

/**
 * struct smc_clc_offer_v2 - the extension of a Proposal
 * @release: highest release the client knows
 * @seid: the client has a system EID; means something to SMC-D only, whose own
 *	part of the extension is not kept
 * @gid: RoCEv2 GID of the port proposed, zero if SMC-R of version 2 is not
 *	offered
 * @max_conns: connections the client wants in a link group; release 1, else 0
 * @max_links: links, likewise
 * @features: SMC_CLC_FEAT_*, likewise
 * @num_eids: number of valid entries in @eid
 * @eid: EIDs of the client, the one it likes best first. They are as they came
 */
struct smc_clc_offer_v2 {
	u8 release;
	bool seid;
	u8 gid[SMC_GID_LEN];
	u8 max_conns;
	u8 max_links;
	u16 features;
	u8 num_eids;
	struct smc_eid eid[SMC_CLC_MAX_EIDS];
};

/**
 * struct smc_clc_fce - first contact extension of Accept and Confirm
 * @direct: the sender reaches the peer's GID without a gateway
 * @os: enum smc_clc_os or another number
 * @release: release chosen
 * @max_conns: connections in the link group; release 1, else 0
 * @max_links: links, likewise
 * @features: SMC_CLC_FEAT_* that both know, likewise; in an Accept all that the
 *	server knows
 * @host: name of the sender, padded with blanks; on decoding all zero if there
 *	is anything else in it than printable ASCII
 */
struct smc_clc_fce {
	bool direct;
	u8 os;
	u8 release;
	u8 max_conns;
	u8 max_links;
	u16 features;
	u8 host[SMC_CLC_HOST_LEN];
};

/**
 * struct smc_clc_accept_v2 - what version 2 adds to an Accept or a Confirm
 * @eid: the EID agreed on
 * @fce: valid on first contact
 * @num_gids: Confirm on first contact: number of valid entries in @gid
 * @gid: RoCEv2 GIDs of the client, that of the link first
 */
struct smc_clc_accept_v2 {
	struct smc_eid eid;
	struct smc_clc_fce fce;
	u8 num_gids;
	u8 gid[SMC_CLC_MAX_GIDS][SMC_GID_LEN];
};

void smc_clc_set_host(struct smc_clc_fce *fce, const char *name);
int smc_clc_encode_proposal_v2(u8 *buf, size_t size,
			       const struct smc_clc_proposal *p,
			       const struct smc_clc_offer_v2 *o);
int smc_clc_decode_proposal_v2(const u8 *buf, size_t len,
			       struct smc_clc_proposal *p,
			       struct smc_clc_offer_v2 *o);
int smc_clc_encode_accept_v2(u8 *buf, size_t size,
			     const struct smc_clc_accept *a,
			     const struct smc_clc_accept_v2 *v2);
int smc_clc_decode_accept_v2(const u8 *buf, size_t len,
			     struct smc_clc_accept *a,
			     struct smc_clc_accept_v2 *v2);

#endif
