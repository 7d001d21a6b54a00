/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Control messages of a connection: which to send and when, and what a
 * received one changes.
 */
#ifndef _SMC_CDC_H
#define _SMC_CDC_H

#include "conn.h"

/* The peer's program has gone: it reads nothing any more. */
#define SMC_CDC_GONE	(SMC_CDC_CONN_CLOSED | SMC_CDC_ABNORMAL_CLOSE)

/* What a received message brought. */
#define SMC_CDC_GOT_DATA	0x01
#define SMC_CDC_GOT_SPACE	0x02	/* in the peer's RMBE */
#define SMC_CDC_GOT_URGENT	0x04
#define SMC_CDC_GOT_FLAGS	0x08	/* connection flags not seen before */

void smc_cdc_push(struct smc_conn *conn);
void smc_cdc_consumed(struct smc_conn *conn, u32 n);
int smc_cdc_apply(struct smc_conn *conn, const struct smc_cdc *msg);
bool smc_cdc_all_sent(const struct smc_conn *conn);

#endif
