/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of the LLC actor; for llc.c only.
 */
#ifndef _SMC_LLC_MSG_H
#define _SMC_LLC_MSG_H

#include <linux/jiffies.h>
#include "llc.h"

static inline void smc_llc_arm(struct smc_llc *llc, enum smc_llc_timer timer,
			       unsigned long delay)
{
	llc->expires[timer] = jiffies + delay;
	__set_bit(timer, &llc->armed);
}

static inline void smc_llc_disarm(struct smc_llc *llc, enum smc_llc_timer timer)
{
	__clear_bit(timer, &llc->armed);
}

int smc_llc_send(struct smc_llc *llc, const struct smc_llc_msg *msg);
int smc_llc_send_confirm_link(struct smc_llc *llc, u8 flags);
void smc_llc_send_no_link(struct smc_llc *llc);
void smc_llc_send_delete_all(struct smc_llc *llc, u8 flags, u32 reason);
void smc_llc_answer_delete_link(struct smc_llc *llc,
				const struct smc_llc_msg *req, u32 reason);
void smc_llc_start_req(struct smc_llc *llc);
void smc_llc_finish_req(struct smc_llc *llc, int result);
void smc_llc_close_reqs(struct smc_llc *llc);
void smc_llc_ignore(struct smc_llc *llc, enum smc_stat why);
enum smc_llc_event smc_llc_handle_msg(struct smc_llc *llc,
				      struct smc_llc_msg *msg);

#endif
