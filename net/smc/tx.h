/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the program's memory into the send ring.
 */
#ifndef _SMC_TX_H
#define _SMC_TX_H

#include "conn.h"

void smc_tx_init(struct smc_conn *conn);
void smc_tx_stop(struct smc_conn *conn);
int smc_tx_sendmsg(struct smc_conn *conn, struct msghdr *msg, size_t len,
		   bool corked);
int smc_tx_outq(struct smc_conn *conn);
void smc_tx_uncork(struct smc_conn *conn);
bool smc_tx_writable(struct smc_conn *conn);
void smc_tx_wake(struct smc_conn *conn);

#endif
