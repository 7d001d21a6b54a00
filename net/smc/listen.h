/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listening sockets: from TCP's accept queue to ours.
 */
#ifndef _SMC_LISTEN_H
#define _SMC_LISTEN_H

#include "sock.h"

int smc_listen_init(void);
void smc_listen_exit(void);
int smc_listen_start(struct smc_sock *smc, int backlog);
void smc_listen_stop(struct smc_sock *smc);
int smc_listen_accept(struct smc_sock *smc, struct socket *newsock,
		      struct proto_accept_arg *arg);
__poll_t smc_listen_poll(struct smc_sock *smc);

#endif
