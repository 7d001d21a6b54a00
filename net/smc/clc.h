/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exchange of whole CLC messages on the TCP connection, without waiting.
 */
#ifndef _SMC_CLC_H
#define _SMC_CLC_H

#include <linux/net.h>
#include "proto/clc.h"

/**
 * struct smc_clc_chan - the receiving end of a CLC exchange
 * @tcp: the TCP connection
 * @hdr: header of the message being received
 * @have: bytes of it read so far, also those not kept in @buf
 * @buf: the message
 *
 * Zeroed but for @tcp at the start. Owned by one handshake; no lock.
 */
struct smc_clc_chan {
	struct socket *tcp;
	struct smc_clc_hdr hdr;
	u32 have;
	u8 buf[SMC_CLC_MAX_LEN];
};

/* What a stream begins with, as far as it is here. */
enum smc_clc_opening {
	SMC_CLC_OPENING_NONE,	/* too little to tell */
	SMC_CLC_OPENING_CLC,	/* a message of the type awaited, or a Decline */
	SMC_CLC_OPENING_STRAY,	/* a message of another type */
	SMC_CLC_OPENING_OTHER,	/* cannot be CLC */
	SMC_CLC_OPENING_END,	/* ended before one could tell */
};

int smc_clc_recv(struct smc_clc_chan *chan, u8 expected);
int smc_clc_send(struct socket *tcp, const u8 *buf, int len);
int smc_clc_send_decline(struct socket *tcp, u8 version,
			 enum smc_decline reason, const u8 *peer_id);
int smc_clc_opening(struct smc_clc_chan *chan, u8 expected);

#endif
