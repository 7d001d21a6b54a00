/* SPDX-License-Identifier: GPL-2.0 */
/*
 * connect(): TCP, then the handshake, in the background of the program.
 */
#ifndef _SMC_CONNECT_H
#define _SMC_CONNECT_H

#include "sock.h"

int smc_connect_start(struct smc_sock *smc, struct socket *sock,
		      struct sockaddr *addr, int alen);
int smc_connect_wait(struct smc_sock *smc, long *timeo, int again);

#endif
