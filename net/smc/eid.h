/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Enterprise IDs (EIDs): names of groups of hosts that use SMC-R version 2
 * with each other.
 */
#ifndef _SMC_EID_H
#define _SMC_EID_H

#include "pernet.h"

void smc_eid_net_init(struct smc_net *sn);
int smc_eid_add(struct smc_net *sn, const struct smc_eid *eid);
int smc_eid_remove(struct smc_net *sn, const struct smc_eid *eid);
void smc_eid_flush(struct smc_net *sn);
unsigned int smc_eid_copy(struct smc_net *sn,
			  struct smc_eid eids[SMC_EID_TABLE_SIZE]);

#endif
