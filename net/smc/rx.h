/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the RMBE into the program's memory.
 */
#ifndef _SMC_RX_H
#define _SMC_RX_H

#include "conn.h"

int smc_rx_recvmsg(struct smc_conn *conn, struct msghdr *msg, size_t len,
		   int flags);
int smc_rx_inq(struct smc_conn *conn);
int smc_rx_atmark(struct smc_conn *conn);
bool smc_rx_readable(struct smc_conn *conn, int target);

#endif
