/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one-way switch to TCP.
 */
#ifndef _SMC_FALLBACK_H
#define _SMC_FALLBACK_H

#include "sock.h"

void smc_fallback_switch(struct smc_sock *smc, struct socket *sock);
void smc_fallback_record(struct smc_sock *smc, struct sock *tcp);
void smc_fallback_forget(const struct sock *tcp);

#endif
