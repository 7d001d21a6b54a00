/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The socket family and the inet protocol.
 */
#ifndef _SMC_AF_SMC_H
#define _SMC_AF_SMC_H

int smc_family_init(void);
void smc_family_exit(void);

#endif
