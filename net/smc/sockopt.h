/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Socket options.
 */
#ifndef _SMC_SOCKOPT_H
#define _SMC_SOCKOPT_H

#include "sock.h"

int smc_setsockopt(struct socket *sock, int level, int name, sockptr_t val,
		   unsigned int len);
int smc_getsockopt(struct socket *sock, int level, int name,
		   char __user *val, int __user *len);

#endif
