// SPDX-License-Identifier: GPL-2.0
/*
 * Codec of CDC messages. Reserved bits are zero on sending and ignored on
 * receiving. Cursors are judged by smc_cursor_step(), against the ring.
 */
#include "bytes.h"
#include "cdc.h"

#define SMC_CDC_PROD_FLAGS	(SMC_CDC_WRITE_BLOCKED | SMC_CDC_URG_PENDING | \
				 SMC_CDC_URG_PRESENT | \
				 SMC_CDC_CONS_UPDATE_REQ | \
				 SMC_CDC_FAILOVER_VALIDATION)
#define SMC_CDC_CONN_FLAGS	(SMC_CDC_SENDING_DONE | SMC_CDC_CONN_CLOSED | \
				 SMC_CDC_ABNORMAL_CLOSE)
#define SMC_CDC_TAIL_LEN	18	/* reserved */

static void write_cursor(struct smc_writer *w, struct smc_cursor cur)
{
	smc_write_zero(w, 2);
	smc_write_u16(w, cur.wrap);
	smc_write_u32(w, cur.count);
}

static struct smc_cursor read_cursor(struct smc_reader *r)
{
	struct smc_cursor cur;

	smc_read_skip(r, 2);
	cur.wrap = smc_read_u16(r);
	cur.count = smc_read_u32(r);
	return cur;
}

/**
 * smc_cdc_encode() - make a CDC message
 * @buf: where to put its SMC_CDC_LEN bytes
 * @msg: contents
 *
 * Context: any.
 */
void smc_cdc_encode(u8 buf[SMC_CDC_LEN], const struct smc_cdc *msg)
{
	struct smc_writer w = smc_writer_init(buf, SMC_CDC_LEN);

	smc_write_u8(&w, SMC_CDC_TYPE);
	smc_write_u8(&w, SMC_CDC_LEN);
	smc_write_u16(&w, msg->seq);
	smc_write_u32(&w, msg->token);
	write_cursor(&w, msg->prod);
	write_cursor(&w, msg->cons);
	smc_write_u8(&w, msg->prod_flags & SMC_CDC_PROD_FLAGS);
	smc_write_u8(&w, msg->conn_flags & SMC_CDC_CONN_FLAGS);
	smc_write_zero(&w, SMC_CDC_TAIL_LEN);
}

/**
 * smc_cdc_decode() - read a CDC message
 * @buf: received bytes
 * @len: their number; what follows the first SMC_CDC_LEN is ignored
 * @msg: where to put the contents; untouched on error
 *
 * Context: any.
 * Return: 0, -EMSGSIZE if bytes are missing, -EPROTO if type or length field
 * are not those of a CDC message.
 */
int smc_cdc_decode(const u8 *buf, size_t len, struct smc_cdc *msg)
{
	struct smc_reader r = smc_reader_at(buf, len, 0);

	if (len < SMC_CDC_LEN)
		return -EMSGSIZE;
	if (smc_read_u8(&r) != SMC_CDC_TYPE || smc_read_u8(&r) != SMC_CDC_LEN)
		return -EPROTO;

	msg->seq = smc_read_u16(&r);
	msg->token = smc_read_u32(&r);
	msg->prod = read_cursor(&r);
	msg->cons = read_cursor(&r);
	msg->prod_flags = smc_read_u8(&r) & SMC_CDC_PROD_FLAGS;
	msg->conn_flags = smc_read_u8(&r) & SMC_CDC_CONN_FLAGS;
	return 0;
}
