/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink: the family SMC_PNETID.
 */
#ifndef _SMC_NETLINK_H
#define _SMC_NETLINK_H

int smc_nl_init(void);
void smc_nl_exit(void);

#endif
