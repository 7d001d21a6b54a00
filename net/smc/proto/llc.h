/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LLC messages: the management of links and rkeys inside a link group
 * (RFC 7609 section 4.4.1 to 4.4.5 and appendix A.3), version 1 framing.
 */
#ifndef _SMC_PROTO_LLC_H
#define _SMC_PROTO_LLC_H

#include "port.h"

#define SMC_LLC_LEN	44u

enum smc_llc_type {
	SMC_LLC_CONFIRM_LINK	= 0x01,
	SMC_LLC_ADD_LINK	= 0x02,
	SMC_LLC_ADD_LINK_CONT	= 0x03,
	SMC_LLC_DELETE_LINK	= 0x04,
	SMC_LLC_REQ_ADD_LINK	= 0x05,	/* version 2 only */
	SMC_LLC_CONFIRM_RKEY	= 0x06,
	SMC_LLC_TEST_LINK	= 0x07,
	SMC_LLC_CONFIRM_RKEY_CONT = 0x08,
	SMC_LLC_DELETE_RKEY	= 0x09,
};

/* Flags byte. 0x80 is common, the others belong to the type in their name. */
#define SMC_LLC_RESPONSE		0x80
#define SMC_LLC_CONFIRM_LINK_NO_EYE	0x03
#define SMC_LLC_ADD_LINK_REJECTED	0x40
#define SMC_LLC_DELETE_LINK_ALL		0x40
#define SMC_LLC_DELETE_LINK_ORDERLY	0x20
#define SMC_LLC_RKEY_NEGATIVE		0x20
#define SMC_LLC_RKEY_RETRY		0x10

/* Reasons of an ADD LINK rejection. */
#define SMC_LLC_REJ_NO_ALT_PATH		1
#define SMC_LLC_REJ_INVALID_MTU		2

/* Reasons of a DELETE LINK request ... */
#define SMC_LLC_DEL_LOST_PATH		0x00010000
#define SMC_LLC_DEL_OPERATOR		0x00020000
#define SMC_LLC_DEL_PROGRAM		0x00030000
#define SMC_LLC_DEL_VIOLATION		0x00040000
#define SMC_LLC_DEL_ASYM_UNNEEDED	0x00050000
/* ... and of its response. */
#define SMC_LLC_DEL_DONE		0x00000000
#define SMC_LLC_DEL_UNKNOWN_LINK	0x00100000
#define SMC_LLC_DEL_UNKNOWN_GROUP	0x00200000

#define SMC_LLC_MAC_LEN		6
#define SMC_LLC_GID_LEN		16
#define SMC_LLC_OTHER_LINKS	2
#define SMC_LLC_DEL_RKEYS	8
#define SMC_LLC_CONT_PAIRS	2
#define SMC_LLC_TEST_DATA_LEN	16

/* CONFIRM LINK */
struct smc_llc_confirm_link {
	u8 mac[SMC_LLC_MAC_LEN];
	u8 gid[SMC_LLC_GID_LEN];
	u32 qpn;
	u8 link_no;
	u32 link_uid;
	u8 max_links;
	u8 max_conns;
};

/* ADD LINK */
struct smc_llc_add_link {
	u8 mac[SMC_LLC_MAC_LEN];
	u8 gid[SMC_LLC_GID_LEN];
	u32 qpn;
	u8 link_no;
	u8 mtu;			/* code, 1 = 256 bytes ... 5 = 4096 */
	u32 psn;
	u8 reject_reason;	/* only in a rejection */
};

/* A reference rkey on the carrying link and its counterpart on another. */
struct smc_llc_rkey_pair {
	u32 ref_rkey;
	u32 rkey;
	u64 vaddr;
};

/* ADD LINK CONTINUATION */
struct smc_llc_add_link_cont {
	u8 link_no;
	u8 num_rkeys;		/* still to be sent, with those in here */
	struct smc_llc_rkey_pair pair[SMC_LLC_CONT_PAIRS];
};

/* DELETE LINK */
struct smc_llc_delete_link {
	u8 link_no;
	u32 reason;
};

struct smc_llc_link_rkey {
	u8 link_no;
	u32 rkey;
	u64 vaddr;
};

/* CONFIRM RKEY */
struct smc_llc_confirm_rkey {
	u8 num_other;		/* as received; only the first two are kept */
	u32 rkey;
	u64 vaddr;
	struct smc_llc_link_rkey other[SMC_LLC_OTHER_LINKS];
};

/* DELETE RKEY */
struct smc_llc_delete_rkey {
	u8 num;			/* 1..8 */
	u8 err_mask;		/* response: bit 7 is the first rkey */
	u32 rkey[SMC_LLC_DEL_RKEYS];
};

/* TEST LINK */
struct smc_llc_test_link {
	u8 data[SMC_LLC_TEST_DATA_LEN];
};

/**
 * struct smc_llc_msg - an LLC message in host order
 * @type: one of enum smc_llc_type, selects the member of the union
 * @flags: SMC_LLC_RESPONSE and the type's own flags
 * @confirm_link: contents of CONFIRM LINK
 * @add_link: contents of ADD LINK
 * @add_link_cont: contents of ADD LINK CONTINUATION
 * @delete_link: contents of DELETE LINK
 * @confirm_rkey: contents of CONFIRM RKEY
 * @delete_rkey: contents of DELETE RKEY
 * @test_link: contents of TEST LINK
 */
struct smc_llc_msg {
	u8 type;
	u8 flags;
	union {
		struct smc_llc_confirm_link confirm_link;
		struct smc_llc_add_link add_link;
		struct smc_llc_add_link_cont add_link_cont;
		struct smc_llc_delete_link delete_link;
		struct smc_llc_confirm_rkey confirm_rkey;
		struct smc_llc_delete_rkey delete_rkey;
		struct smc_llc_test_link test_link;
	};
};

int smc_llc_encode(u8 buf[SMC_LLC_LEN], const struct smc_llc_msg *msg);
int smc_llc_decode(const u8 *buf, size_t len, struct smc_llc_msg *msg);

#endif
