/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CLC messages: Proposal, Accept, Confirm and Decline, which travel over the
 * TCP connection (RFC 7609 section 3.5 and appendix A.1), SMC-R version 1.
 * What version 2 adds to them is in clc_v2.h.
 */
#ifndef _SMC_PROTO_CLC_H
#define _SMC_PROTO_CLC_H

#include "port.h"

#define SMC_CLC_HDR_LEN		8u
#define SMC_CLC_MAX_LEN		1024u	/* largest message worth keeping */
#define SMC_CLC_ACCEPT_LEN	68u
#define SMC_CLC_DECLINE_LEN	28u
#define SMC_CLC_DECLINE_V2_LEN	44u
#define SMC_CLC_MAX_V6_PREFIXES	8
#define SMC_CLC_MAX_EIDS	8u

#define SMC_V1			1
#define SMC_V2			2

#define SMC_PEER_ID_LEN		8
#define SMC_GID_LEN		16
#define SMC_MAC_LEN		6

enum smc_clc_type {
	SMC_CLC_PROPOSAL	= 1,
	SMC_CLC_ACCEPT		= 2,
	SMC_CLC_CONFIRM		= 3,
	SMC_CLC_DECLINE		= 4,
};

/* What a Proposal offers per version, and what an Accept chose. */
enum smc_clc_path {
	SMC_PATH_R	= 0,
	SMC_PATH_D	= 1,
	SMC_PATH_NONE	= 2,
	SMC_PATH_BOTH	= 3,
};

/*
 * RoCE GIDs come in two kinds that do not talk to each other. Version 1 of
 * the protocol means RoCEv1 and has no field for the kind. Two hosts that own
 * only RoCEv2 GIDs mark their messages in a byte that is reserved, hence zero
 * and ignored by everybody else: see smc_clc_proposal and smc_clc_accept.
 */
enum smc_gid_kind {
	SMC_GID_ROCE_V1	= 0,
	SMC_GID_ROCE_V2	= 1,
};

/*
 * A set of GIDs to choose from has a bit per kind, 1 << enum smc_gid_kind.
 * RoCEv2 GIDs are IP addresses, and these bits keep one IP version out.
 */
#define SMC_GIDS_NOT_IPV4	0x100u
#define SMC_GIDS_NOT_IPV6	0x200u
/* Only addresses in the subnet that the connection's own address is in. */
#define SMC_GIDS_ON_SUBNET	0x400u

/*
 * Reasons for going on as TCP. The values are those of the peer diagnosis on
 * the wire; SMC_DECL_NONE never gets there.
 */
enum smc_decline {
	SMC_DECL_NONE		= 0,
	SMC_DECL_MEM		= 0x01010000,
	SMC_DECL_TIMEOUT_CL	= 0x02010000,
	SMC_DECL_TIMEOUT_AL	= 0x02020000,
	SMC_DECL_CNFERR		= 0x03000000,
	SMC_DECL_PEERNOSMC	= 0x03010000,	/* local, seldom on the wire */
	SMC_DECL_PEERMUTE	= 0x03010001,	/* local, and ours only */
	SMC_DECL_IPSEC		= 0x03020000,
	SMC_DECL_NOSMCDEV	= 0x03030000,
	SMC_DECL_NOSMCRDEV	= 0x03030002,
	SMC_DECL_NOV2EXT	= 0x03030004,
	SMC_DECL_NOUEID		= 0x03030008,
	SMC_DECL_RELEASEERR	= 0x03030009,
	SMC_DECL_MAXCONNERR	= 0x0303000a,
	SMC_DECL_MAXLINKERR	= 0x0303000b,
	SMC_DECL_MODEUNSUPP	= 0x03040000,
	SMC_DECL_RMBE_EYE	= 0x03050000,
	SMC_DECL_OPTUNSUPP	= 0x03060000,	/* local */
	SMC_DECL_DIFFPREFIX	= 0x03070000,
	SMC_DECL_GETVLANERR	= 0x03080000,
	SMC_DECL_NOACTLINK	= 0x030a0000,
	SMC_DECL_NOSRVLINK	= 0x030b0000,
	SMC_DECL_NOROUTE	= 0x030e0000,
	SMC_DECL_NOINDIRECT	= 0x030f0000,
	SMC_DECL_SYNCERR	= 0x04000000,
	SMC_DECL_PEERDECL	= 0x05000000,	/* local */
	SMC_DECL_INTERR		= 0x09990000,
	SMC_DECL_ERR_RTOK	= 0x09990001,
	SMC_DECL_ERR_RDYLNK	= 0x09990002,
	SMC_DECL_ERR_REGBUF	= 0x09990003,
};

/**
 * struct smc_clc_hdr - the first eight bytes of every CLC message
 * @type: one of enum smc_clc_type
 * @version: version nibble, at least 1
 * @flags: low nibble of byte 7; its meaning depends on @type
 * @len: length of the whole message, bytes
 */
struct smc_clc_hdr {
	u8 type;
	u8 version;
	u8 flags;
	u16 len;
};

/* An IPv6 prefix: host bits are zero. */
struct smc_clc_prefix6 {
	u8 addr[16];
	u8 len;
};

/**
 * struct smc_clc_proposal - Proposal in host order
 * @version: version nibble of the header
 * @v1_path: what version 1 offers, enum smc_clc_path
 * @v2_path: what version 2 offers, enum smc_clc_path
 * @peer_id: sender's peer ID
 * @gid: sender's GID of the proposed port
 * @mac: sender's MAC of the proposed port
 * @gid_kind: kind of @gid; a mark of ours in reserved byte 60 of the message
 * @prefix4: IPv4 network address, the four bytes in network order; valid if
 *	v1_path is not SMC_PATH_NONE and @num_prefix6 is zero
 * @prefix4_len: number of mask bits of @prefix4
 * @num_prefix6: number of valid entries in @prefix6; zero for IPv4
 * @prefix6: the sender's IPv6 prefixes
 */
struct smc_clc_proposal {
	u8 version;
	u8 v1_path;
	u8 v2_path;
	u8 peer_id[SMC_PEER_ID_LEN];
	u8 gid[SMC_GID_LEN];
	u8 mac[SMC_MAC_LEN];
	u8 gid_kind;
	u8 prefix4[4];
	u8 prefix4_len;
	u8 num_prefix6;
	struct smc_clc_prefix6 prefix6[SMC_CLC_MAX_V6_PREFIXES];
};

/**
 * struct smc_clc_accept - Accept or Confirm in host order
 * @type: SMC_CLC_ACCEPT or SMC_CLC_CONFIRM
 * @version: version chosen
 * @path: SMC_PATH_R or SMC_PATH_D; the fields below are valid only for R
 * @first_contact: a new link group is made
 * @gid_kind: kind of @gid; a mark of ours in reserved byte 51 of the message
 * @peer_id: sender's peer ID
 * @gid: sender's GID of the link
 * @mac: sender's MAC of the link
 * @qpn: number of the sender's QP, 24 bit
 * @rkey: rkey of the sender's RMB on this link
 * @rmbe_idx: index of the RMBE in the RMB, from 1
 * @token: alert token to use in CDC messages to the sender
 * @size_code: size of the RMBE, see smc_ring_bytes()
 * @mtu: MTU code, 1 = 256 ... 5 = 4096 bytes
 * @vaddr: address of the RMB for use with @rkey
 * @psn: first PSN the sender uses on this QP, 24 bit
 */
struct smc_clc_accept {
	u8 type;
	u8 version;
	u8 path;
	bool first_contact;
	u8 gid_kind;
	u8 peer_id[SMC_PEER_ID_LEN];
	u8 gid[SMC_GID_LEN];
	u8 mac[SMC_MAC_LEN];
	u32 qpn;
	u32 rkey;
	u8 rmbe_idx;
	u32 token;
	u8 size_code;
	u8 mtu;
	u64 vaddr;
	u32 psn;
};

/**
 * struct smc_clc_decline - Decline in host order
 * @version: version nibble; above 1 the long form is used
 * @out_of_sync: sender could not find the link group meant by the Accept
 * @peer_id: sender's peer ID, zero if it has none
 * @diagnosis: reason, enum smc_decline or anything another peer defines
 */
struct smc_clc_decline {
	u8 version;
	bool out_of_sync;
	u8 peer_id[SMC_PEER_ID_LEN];
	u32 diagnosis;
};

int smc_clc_decode_hdr(const u8 *buf, size_t len, struct smc_clc_hdr *hdr);
int smc_clc_encode_proposal(u8 *buf, size_t size,
			    const struct smc_clc_proposal *p);
int smc_clc_decode_proposal(const u8 *buf, size_t len,
			    struct smc_clc_proposal *p);
int smc_clc_encode_accept(u8 *buf, size_t size, const struct smc_clc_accept *a);
int smc_clc_decode_accept(const u8 *buf, size_t len, struct smc_clc_accept *a);
int smc_clc_encode_decline(u8 *buf, size_t size,
			   const struct smc_clc_decline *d);
int smc_clc_decode_decline(const u8 *buf, size_t len,
			   struct smc_clc_decline *d);

#endif
