/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bodies of LLC messages that both framings have, for llc.c and llc_v2.c only.
 */
#ifndef _SMC_PROTO_LLC_WIRE_H
#define _SMC_PROTO_LLC_WIRE_H

#include "bytes.h"
#include "llc.h"

u8 smc_llc_known_flags(u8 type);
int smc_llc_write_body(struct smc_writer *w, const struct smc_llc_msg *msg);
int smc_llc_read_body(struct smc_reader *r, struct smc_llc_msg *msg);

#endif
