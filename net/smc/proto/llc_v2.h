/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LLC messages in version 2 framing: those of llc.h with another header, and
 * what three of them have grown by. A link group uses one framing, that of the
 * version it was made with.
 */
#ifndef _SMC_PROTO_LLC_V2_H
#define _SMC_PROTO_LLC_V2_H

#include "llc.h"

#define SMC_LLC_V2_MAX_LEN	8192u	/* what a receiver has room for */
#define SMC_LLC_V2_MAX_RKEYS	255	/* all that a link group can have */
#define SMC_LLC_V2_MAX_GIDS	8	/* of a REQUEST ADD LINK, that are kept */

/*
 * The length in the header, and the number of rkeys in ADD LINK, are in network
 * order by the specification. Linux has always sent them in the order of its
 * CPU, and reads nothing else.
 */
enum smc_llc_order {
	SMC_LLC_LITTLE,
	SMC_LLC_BIG,
};

/**
 * struct smc_llc_add_link_ext - what ADD LINK has grown by
 * @direct: the sender reaches the peer's GID without a gateway
 * @target_gid: GID of the new link
 * @num_rkeys: number of valid entries in @rkey
 * @rkey: RMBs that are in use: their rkeys on the link that carries the
 *	message, and what they are on the new one
 */
struct smc_llc_add_link_ext {
	bool direct;
	u8 target_gid[SMC_LLC_GID_LEN];
	u8 num_rkeys;
	struct smc_llc_rkey_pair rkey[SMC_LLC_V2_MAX_RKEYS];
};

/**
 * struct smc_llc_req_add_link - REQUEST ADD LINK
 * @num_gids: number of valid entries in @gid
 * @gid: RoCEv2 GIDs of the client, that of the present link first
 */
struct smc_llc_req_add_link {
	u8 num_gids;
	u8 gid[SMC_LLC_V2_MAX_GIDS][SMC_LLC_GID_LEN];
};

/**
 * struct smc_llc_delete_rkeys - DELETE RKEY
 * @num: number of valid entries in @rkey, at least 1
 * @num_invalid: response: how many of them were not known
 * @rkey: rkeys on the link that carries the message; of a response it depends
 *	on the peer whether they are there, some send zeroes
 */
struct smc_llc_delete_rkeys {
	u8 num;
	u8 num_invalid;
	u32 rkey[SMC_LLC_V2_MAX_RKEYS];
};

/**
 * union smc_llc_v2_ext - what &struct smc_llc_msg has no room for
 * @add_link: ADD LINK that is no rejection, beside &smc_llc_msg.add_link
 * @req_add_link: REQUEST ADD LINK that is no response
 * @delete_rkey: DELETE RKEY, instead of &smc_llc_msg.delete_rkey
 *
 * Other messages have nothing in here. It is too large for the stack.
 */
union smc_llc_v2_ext {
	struct smc_llc_add_link_ext add_link;
	struct smc_llc_req_add_link req_add_link;
	struct smc_llc_delete_rkeys delete_rkey;
};

bool smc_llc_v2_has_ext(const struct smc_llc_msg *msg);
int smc_llc_v2_encode(u8 *buf, size_t size, const struct smc_llc_msg *msg,
		      const union smc_llc_v2_ext *ext,
		      enum smc_llc_order order);
int smc_llc_v2_decode(const u8 *buf, size_t len, struct smc_llc_msg *msg,
		      union smc_llc_v2_ext *ext);
int smc_llc_v2_decode_short(const u8 buf[SMC_LLC_LEN], size_t len,
			    struct smc_llc_msg *msg);
int smc_llc_v2_encode_short(u8 buf[SMC_LLC_LEN], const struct smc_llc_msg *msg,
			    enum smc_llc_order order);
enum smc_llc_order smc_llc_v2_order(const u8 *buf, size_t len);

#endif
