/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LLC of a link group as one actor: everything that happens to the group
 * becomes an event, and one work item handles them one after another.
 */
#ifndef _SMC_LLC_H
#define _SMC_LLC_H

#include "lgr.h"
#include "proto/llc_fsm.h"
#include "proto/llc_v2.h"

#define SMC_LLC_QUEUE		16	/* received messages not handled yet */

enum smc_llc_timer {
	SMC_LLC_TIMER_SETUP,		/* for CONFIRM LINK */
	SMC_LLC_TIMER_RKEY,		/* for the answer of an rkey exchange */
	SMC_LLC_TIMER_ALIVE,		/* TEST LINK */
	SMC_LLC_TIMER_IDLE,		/* group without connections */
	SMC_LLC_TIMER_END,		/* for the delivery of last messages */
	SMC_LLC_TIMERS
};

/**
 * struct smc_llc - the actor of a link group
 * @lgr: its group, which contains the pointer to this
 * @work: handles all events; holds the group while queued
 * @timer: queues @work at the first of @expires
 * @news: bits of enum smc_llc_news; atomic, set by anyone
 * @down_err: why the link is down; first one wins, cmpxchg
 * @order: version 2: byte order that the peer reads, as it writes; until it has
 *	written anything a guess. READ_ONCE, WRITE_ONCE
 * @setup_result: how first contact has ended; SMC_DECL_LATER until then.
 *	READ_ONCE, WRITE_ONCE
 * @ev_lock: protects the following up to @closed. BH-safe; slot_lock may be
 *	taken under it, and what the ready upcall takes
 * @msgs: received messages, a ring
 * @first_msg: the oldest
 * @num_msgs: their number
 * @reqs: rkey exchanges not begun
 * @current_req: who waits for the exchange under way; NULL if there is none, or
 *	nobody does any more
 * @closed: no request is taken any more
 *
 * The rest is the actor's own:
 * @asked_type: of the exchange under way, while SMC_LLC_TIMER_RKEY is armed
 * @asked_rkey: its key
 * @state: of the group
 * @armed: bits of enum smc_llc_timer
 * @expires: when, jiffies
 * @test_sent: when TEST LINK was sent, jiffies; valid while @testing
 * @end_err: why the group ends, negative errno; valid from the closing on
 * @testing: an answer to TEST LINK, or any message, is awaited
 * @peer_links: how many links the client says a group of its has
 * @no_link_told: it was told that there is no second one, and will refuse that
 * @del_link: the peer's DELETE LINK that is obeyed
 */
struct smc_llc {
	struct smc_lgr *lgr;
	struct work_struct work;
	struct timer_list timer;
	unsigned long news;
	int down_err;
	enum smc_llc_order order;
	enum smc_decline setup_result;

	spinlock_t ev_lock;	/* down to closed */
	struct smc_llc_msg msgs[SMC_LLC_QUEUE];
	unsigned int first_msg;
	unsigned int num_msgs;
	struct list_head reqs;
	struct smc_llc_req *current_req;
	bool closed;

	u8 asked_type;
	u32 asked_rkey;
	enum smc_llc_state state;
	unsigned long armed;
	unsigned long expires[SMC_LLC_TIMERS];
	unsigned long test_sent;
	bool testing;
	int end_err;
	u8 peer_links;
	bool no_link_told;
	struct smc_llc_msg del_link;
};

extern const struct smc_link_ops smc_llc_link_ops;

int smc_llc_init(void);
void smc_llc_exit(void);
int smc_llc_create(struct smc_lgr *lgr);
void smc_llc_link_up(struct smc_lgr *lgr);
enum smc_decline smc_llc_setup_result(const struct smc_lgr *lgr);
int smc_llc_confirm_rkey(struct smc_lgr *lgr, struct smc_llc_req *req,
			 struct smc_buf *rmb);
void smc_llc_withdraw(struct smc_lgr *lgr, struct smc_llc_req *req);
void smc_llc_delete_rkey(struct smc_lgr *lgr, u32 rkey);
void smc_llc_unused(struct smc_lgr *lgr);
void smc_llc_link_failed(struct smc_lgr *lgr, int err);
void smc_llc_end_operator(struct smc_lgr *lgr);

#endif
