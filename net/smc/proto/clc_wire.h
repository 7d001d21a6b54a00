/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parts of CLC messages that both versions have, for clc.c and clc_v2.c only.
 */
#ifndef _SMC_PROTO_CLC_WIRE_H
#define _SMC_PROTO_CLC_WIRE_H

#include "bytes.h"
#include "clc.h"

#define CLC_EYE_SMCR		0xe2d4c3d9	/* "SMCR" in EBCDIC */
#define CLC_EYE_SMCD		0xe2d4c3c4	/* "SMCD" in EBCDIC */
#define CLC_TRAILER_LEN		4u

/* Where a Proposal says how far it is to what version 2 adds. */
#define PROP_V2_OFFSET_POS	50u
#define PROP_V2_OFFSET_FROM	52u	/* where that offset counts from */
#define PROP_V2_LEN		40u	/* of that, without EIDs */

/* What Accept and Confirm of both versions begin with. */
#define ACCEPT_COMMON_LEN	64u

bool smc_clc_v1_part_ok(const struct smc_clc_proposal *p);
size_t smc_clc_v1_part_len(const struct smc_clc_proposal *p);
void smc_clc_write_v1_part(struct smc_writer *w,
			   const struct smc_clc_proposal *p, u16 len,
			   u16 v2_offset);
void smc_clc_write_accept_common(struct smc_writer *w,
				 const struct smc_clc_accept *a, u16 len);

#endif
