/* SPDX-License-Identifier: GPL-2.0 */
/*
 * EIDs, the names of groups of hosts that speak version 2 with each other.
 */
#ifndef _SMC_PROTO_EID_H
#define _SMC_PROTO_EID_H

#include "port.h"

#define SMC_EID_LEN	32

/**
 * struct smc_eid - an EID as it travels
 * @name: ASCII, padded with blanks, without NUL
 */
struct smc_eid {
	u8 name[SMC_EID_LEN];
};

extern const struct smc_eid smc_eid_subnet;

bool smc_eid_parse(const char *text, struct smc_eid *eid);
bool smc_eid_valid(const struct smc_eid *eid);
bool smc_eid_equal(const struct smc_eid *a, const struct smc_eid *b);
const struct smc_eid *smc_eid_match(const struct smc_eid *offered,
				    unsigned int num_offered,
				    const struct smc_eid *own,
				    unsigned int num_own);

#endif
