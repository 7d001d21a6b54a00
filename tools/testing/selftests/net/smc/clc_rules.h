/* SPDX-License-Identifier: GPL-2.0 */
/* Between the two files of the judge. */
#ifndef _SMC_SELFTEST_CLC_RULES_H
#define _SMC_SELFTEST_CLC_RULES_H

#include "clc_cases.h"

#define DECL_NO_SMC		0x03010000
#define DECL_NO_DEVICE		0x03030000
#define DECL_NO_RDMA_DEVICE	0x03030002
#define DECL_NO_V2		0x03030004
#define DECL_NO_EID		0x03030008
#define DECL_RELEASE		0x03030009
#define DECL_CONNS		0x0303000a
#define DECL_LINKS		0x0303000b
#define DECL_NOT_OFFERED	0x03040000
#define DECL_PREFIX		0x03070000
#define DECL_OUT_OF_SYNC	0x04000000
#define DECL_INTERNAL		0x09990000
#define DECL_RTOKEN		0x09990001
#define DECL_LINK		0x09990002

/**
 * struct v2_terms - what the Accept of a server of version 2 says
 * @release:	release
 * @conns:	connections of the link group
 */
struct v2_terms {
	__u8 release;
	__u8 conns;
};

/* clc_rules.c */
unsigned int be16(const __u8 *b);
bool all_zero(const __u8 *b, size_t len);
bool ipv4_gid(const __u8 *gid);

/* clc_rules_v2.c: each returns a reason to decline, or 0 */
__u32 v2_proposal(const struct hostile *h, const __u8 *p, bool subnet,
		  struct v2_terms *t);
__u32 v2_accept(const struct hostile *h, const __u8 *b);
__u32 v2_confirm(const struct v2_terms *t, const __u8 *p, const __u8 *b);
bool v2_accept_whole(const __u8 *b, size_t len);

#endif
