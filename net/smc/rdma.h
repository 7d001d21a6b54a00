/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SMC-R as a transport.
 */
#ifndef _SMC_RDMA_H
#define _SMC_RDMA_H

#include "pernet.h"

int smcr_init(void);
void smcr_exit(void);
int smcr_net_init(struct smc_net *sn);
void smcr_net_exit(struct smc_net *sn);

#endif
