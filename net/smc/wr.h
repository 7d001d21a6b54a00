/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work requests of one RC queue pair: send slots, receive ring, and what
 * their completions set going.
 */
#ifndef _SMC_WR_H
#define _SMC_WR_H

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <rdma/ib_verbs.h>
#include "proto/cdc.h"
#include "proto/llc.h"
#include "stats.h"

#define SMC_WR_MSG_LEN		44	/* of every message, LLC and CDC */
#define SMC_WR_LONG_LEN		8192	/* version 2: of LLC messages at most */
#define SMC_WR_DATA_SLOTS	64	/* for CDC messages */
#define SMC_WR_CTRL_SLOTS	9	/* more, that CDC messages cannot take */
#define SMC_WR_SLOTS		(SMC_WR_DATA_SLOTS + SMC_WR_CTRL_SLOTS)
#define SMC_WR_RECVS		(2 * SMC_WR_DATA_SLOTS)
#define SMC_WR_RECV_BATCH	16	/* receives posted at a time */

/* The ring of the destination wraps once, that of the source wraps once. */
#define SMC_WR_WRITES		2	/* RDMA WRITEs before a CDC message */
#define SMC_WR_SGES		2	/* pieces of the source in each */

struct smc_wr;
struct smc_wr_user;

enum smc_wr_state {
	SMC_WR_NEW,		/* nothing was posted yet */
	SMC_WR_CTRL,		/* LLC messages and registrations only */
	SMC_WR_OPEN,
	SMC_WR_STOPPED,		/* nothing may be posted any more */
};

/**
 * struct smc_wr_ops - news about the queue pair
 * @rx: a message of @len bytes arrived, of which the first SMC_WR_MSG_LEN can be
 *	read. BH
 * @ctrl_sent: all LLC messages posted so far have been delivered. BH
 * @error: a work request failed; nothing will be posted any more. Comes at
 *	most once, not after smc_wr_stop(). BH
 */
struct smc_wr_ops {
	void (*rx)(struct smc_wr *wr, const u8 *msg, u32 len);
	void (*ctrl_sent)(struct smc_wr *wr);
	void (*error)(struct smc_wr *wr, int err);
};

/**
 * struct smc_wr_user_ops - news for one who sends CDC messages
 * @done: all jobs up to that of position @pos are completed
 * @space: sending may be tried again after -EAGAIN
 * @unused: the last job of a user that has left is retired
 *
 * Context: bottom halves disabled, within an RCU read-side section, no lock
 * held. @done and @space may still come while smc_wr_leave() runs, so users
 * are freed after a grace period.
 */
struct smc_wr_user_ops {
	void (*done)(struct smc_wr_user *user, u64 pos);
	void (*space)(struct smc_wr_user *user);
	void (*unused)(struct smc_wr_user *user);
};

/**
 * struct smc_wr_user - one who sends CDC messages; embedded in an endpoint
 * @ops: its news
 * @wait: in the list of those who wait for a slot, under slot_lock
 * @done: in the list of a completion handler
 * @done_pos: position to report, under slot_lock and then the handler's
 * @posted: slots in use for this user, under slot_lock
 * @left: smc_wr_leave() was called, under slot_lock
 */
struct smc_wr_user {
	const struct smc_wr_user_ops *ops;
	struct list_head wait;
	struct list_head done;
	u64 done_pos;
	unsigned int posted;
	bool left;
};

/**
 * struct smc_wr_job - data to write and the message about them
 * @span: pieces from the send ring to the peer's RMBE
 * @num_spans: their number, may be 0
 * @snd_addr: DMA address of the send ring
 * @rmb_addr: address of the peer's RMBE, for use with @rkey
 * @rkey: key of the peer's RMB
 * @signal: a completion is wanted for this job
 * @pos: handed to &smc_wr_user_ops.done
 * @msg: the CDC message
 */
struct smc_wr_job {
	const struct smc_span *span;
	unsigned int num_spans;
	u64 snd_addr;
	u64 rmb_addr;
	u32 rkey;
	bool signal;
	u64 pos;
	const struct smc_cdc *msg;
};

/* A send slot: one message, with what goes before it. */
struct smc_wr_slot {
	struct ib_cqe cqe;
	struct smc_wr *wr;
	struct smc_wr_user *user;	/* of a CDC message */
	u64 pos;
	bool *registered;		/* set when a registration is done */
	bool ctrl;			/* an LLC message */
};

/* A receive buffer and its work request, made once. */
struct smc_wr_recv {
	struct ib_cqe cqe;
	struct smc_wr *wr;
	struct ib_recv_wr rwr;
	struct ib_sge sge[2];		/* @buf; what is longer than that */
	u8 *buf;
};

/**
 * struct smc_wr - work requests of a queue pair
 * @dev: RDMA device
 * @qp: the queue pair; it belongs to the link
 * @cq: completions of both directions
 * @lkey: local key of all memory
 * @sn: namespace, for counters
 * @ops: who gets the news
 * @long_rx: the peer may send messages longer than SMC_WR_MSG_LEN; what is
 *	behind that goes to a place shared by all receives and is not looked at
 * @send_inline: messages are copied into the work request
 * @max_data: slots that CDC messages may take, by what the device can do
 * @slot_lock: protects the following up to @rx_chain. BH-safe; leaf: nothing
 *	of ours is taken under it
 * @state: enum smc_wr_state
 * @head: slot to use next
 * @tail: oldest slot in use
 * @used: slots from @tail to @head
 * @unsignalled: slots used since the last one that reports completion
 * @ctrl_posted: LLC messages among the slots
 * @waiters: users to be told when a slot is free, first come first
 * @slots: the slots; used and retired in a circle
 * @msgs: SMC_WR_SLOTS message buffers
 * @msgs_dma: their DMA address
 * @recvs: the receives
 * @recv_bufs: their buffers
 * @recv_dma: DMA address of @recv_bufs
 * @rx_chain: receives to be posted again; completion handler only
 * @rx_num: how many these are
 * @last_rx: when the last message arrived, jiffies; written by the completion
 *	handler, READ_ONCE elsewhere
 */
struct smc_wr {
	struct ib_device *dev;
	struct ib_qp *qp;
	struct ib_cq *cq;
	u32 lkey;
	struct smc_net *sn;
	const struct smc_wr_ops *ops;
	bool long_rx;
	bool send_inline;
	unsigned int max_data;

	spinlock_t slot_lock ____cacheline_aligned_in_smp;
	enum smc_wr_state state;
	unsigned int head;
	unsigned int tail;
	unsigned int used;
	unsigned int unsignalled;
	unsigned int ctrl_posted;
	struct list_head waiters;

	struct smc_wr_slot *slots;
	u8 *msgs;
	u64 msgs_dma;

	struct smc_wr_recv *recvs;
	u8 *recv_bufs;
	u64 recv_dma;
	struct ib_recv_wr *rx_chain;
	unsigned int rx_num;
	unsigned long last_rx;
};

void smc_wr_init(struct smc_wr *wr, struct smc_net *sn,
		 const struct smc_wr_ops *ops);
int smc_wr_create(struct smc_wr *wr, struct ib_device *dev, u32 lkey,
		  bool long_rx);
void smc_wr_destroy(struct smc_wr *wr);
void smc_wr_qp_caps(const struct smc_wr *wr, struct ib_qp_init_attr *attr);
void smc_wr_set_qp(struct smc_wr *wr, struct ib_qp *qp, bool send_inline);
int smc_wr_start(struct smc_wr *wr);
void smc_wr_open(struct smc_wr *wr);
void smc_wr_close(struct smc_wr *wr);
void smc_wr_stop(struct smc_wr *wr);
void smc_wr_flush(struct smc_wr *wr);
int smc_wr_send(struct smc_wr *wr, struct smc_wr_user *user,
		const struct smc_wr_job *job);
int smc_wr_send_ctrl(struct smc_wr *wr, const u8 msg[SMC_WR_MSG_LEN]);
bool smc_wr_ctrl_pending(struct smc_wr *wr);
int smc_wr_register(struct smc_wr *wr, struct ib_mr *mr, int access,
		    bool *done);
void smc_wr_user_init(struct smc_wr_user *user,
		      const struct smc_wr_user_ops *ops);
bool smc_wr_leave(struct smc_wr *wr, struct smc_wr_user *user);

#endif
