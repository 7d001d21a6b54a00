/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CDC messages: one connection's cursors and flags (RFC 7609 section 4.4.6).
 */
#ifndef _SMC_PROTO_CDC_H
#define _SMC_PROTO_CDC_H

#include "ring.h"

#define SMC_CDC_TYPE	0xfe
#define SMC_CDC_LEN	44u

/* Producer flags, the sender's view of its own sending. */
#define SMC_CDC_WRITE_BLOCKED		0x80
#define SMC_CDC_URG_PENDING		0x40
#define SMC_CDC_URG_PRESENT		0x20
#define SMC_CDC_CONS_UPDATE_REQ		0x10
#define SMC_CDC_FAILOVER_VALIDATION	0x08

/* Connection state flags; once sent they stay set. */
#define SMC_CDC_SENDING_DONE		0x80
#define SMC_CDC_CONN_CLOSED		0x40
#define SMC_CDC_ABNORMAL_CLOSE		0x20

/**
 * struct smc_cdc - a CDC message in host order
 * @seq: sequence number, per connection and direction
 * @token: alert token of the receiver
 * @prod: sender's write position in the receiver's RMBE
 * @cons: sender's read position in its own RMBE
 * @prod_flags: SMC_CDC_WRITE_BLOCKED and following
 * @conn_flags: SMC_CDC_SENDING_DONE and following
 */
struct smc_cdc {
	u16 seq;
	u32 token;
	struct smc_cursor prod;
	struct smc_cursor cons;
	u8 prod_flags;
	u8 conn_flags;
};

void smc_cdc_encode(u8 buf[SMC_CDC_LEN], const struct smc_cdc *msg);
int smc_cdc_decode(const u8 *buf, size_t len, struct smc_cdc *msg);

#endif
