/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shutdown, close and abort of connections.
 */
#ifndef _SMC_CLOSE_H
#define _SMC_CLOSE_H

#include "conn.h"

int smc_close_init(void);
void smc_close_exit(void);
void smc_close_setup(struct smc_conn *conn);
void smc_close_established(struct smc_conn *conn);
void smc_close_defer(struct smc_conn *conn, unsigned int todo);
void smc_close_deferred(struct smc_conn *conn);
void smc_close_shutdown_wr(struct smc_conn *conn);
void smc_close_app(struct smc_conn *conn);
void smc_close_kick(struct smc_conn *conn);

#endif
