/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mute servers: those that send the TCP option and then do not speak SMC.
 */
#ifndef _SMC_MUTE_H
#define _SMC_MUTE_H

#include <linux/socket.h>
#include "pernet.h"
#include "proto/mute.h"

struct sock;

int smc_mute_net_init(struct smc_net *sn);
void smc_mute_net_exit(struct smc_net *sn);
enum smc_mute_state smc_mute_ask(const struct sock *tcp,
				 const struct sockaddr_storage *server);
void smc_mute_heard_from(const struct sock *tcp,
			 const struct sockaddr_storage *server);
void smc_mute_learn(const struct sock *tcp,
		    const struct sockaddr_storage *server,
		    enum smc_mute_proof proof);

#endif
