/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every touch on the hooks TCP has for SMC, and on the queue of a listener.
 */
#ifndef _SMC_TCPOPT_H
#define _SMC_TCPOPT_H

#include <net/sock.h>

/* What waits first in line at a TCP listener. */
enum smc_tcp_head {
	SMC_TCP_HEAD_NONE,
	SMC_TCP_HEAD_PLAIN,	/* its SYN had no SMC option */
	SMC_TCP_HEAD_SMC,
};

void smc_tcpopt_init(void);
void smc_tcpopt_exit(void);
void smc_tcpopt_offer(struct sock *tcp, bool on);
void smc_tcpopt_limit(struct sock *tcp,
		      bool (*congested)(const struct sock *tcp));
bool smc_tcpopt_agreed(const struct sock *tcp);
enum smc_tcp_head smc_tcpopt_head(struct sock *tcp);

#endif
