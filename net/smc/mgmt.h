/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink family SMC_GEN_NETLINK.
 */
#ifndef _SMC_MGMT_H
#define _SMC_MGMT_H

int smc_mgmt_init(void);
void smc_mgmt_exit(void);

#endif
