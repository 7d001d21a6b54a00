// SPDX-License-Identifier: GPL-2.0
/*
 * Work requests of one RC queue pair.
 *
 * Sending. Each message takes a slot of a circle, whatever is posted with it:
 * the RDMA WRITEs before a CDC message, nothing for an LLC message, and no
 * message at all for a registration of memory. A reliable connection
 * completes in order, so one completion retires its slot and all older ones,
 * and most slots need none of their own. One is asked for when the sender
 * wants it, after a quarter of the slots without, and with the last free slot:
 * hence while no slot is free there is always a completion to come, and those
 * who wait for a slot are woken.
 *
 * Receiving. All buffers are posted before the peer can send; the handler
 * collects used ones and posts them again some at a time.
 *
 * An error of any work request stops everything, once. What is posted then is
 * flushed by the device; smc_wr_flush() retires the slots when the queue pair
 * has been drained.
 *
 * Who is in the way of whom: completions of a queue are handled one after
 * another in softirq, posting is done by anyone under slot_lock, which is held
 * over the filling of a slot and its ib_post_send() only. No upcall is made
 * with it.
 */
#include <linux/slab.h>
#include "smcr_trace.h"
#include "wr.h"

/* Spreads buffers so that no two share a cache line of a non-coherent CPU. */
#define SMC_WR_MSG_STRIDE	max_t(unsigned int, 64, ARCH_DMA_MINALIGN)

#define SMC_WR_SEND_WRS(data)	((data) * (SMC_WR_WRITES + 1) + \
				 SMC_WR_CTRL_SLOTS + 1)	/* 1: draining */
#define SMC_WR_RECV_WRS		(SMC_WR_RECVS + 1)

static int smc_wr_status_errno(enum ib_wc_status status)
{
	switch (status) {
	case IB_WC_RETRY_EXC_ERR:
	case IB_WC_RNR_RETRY_EXC_ERR:
	case IB_WC_RESP_TIMEOUT_ERR:
		return -ETIMEDOUT;
	default:
		return -ECONNRESET;
	}
}

static bool __smc_wr_running(const struct smc_wr *wr)
{
	lockdep_assert_held(&wr->slot_lock);
	return wr->state == SMC_WR_CTRL || wr->state == SMC_WR_OPEN;
}

/* The one path of all errors. */
static void smc_wr_fail(struct smc_wr *wr, int err)
{
	bool first;

	spin_lock_bh(&wr->slot_lock);
	first = wr->state != SMC_WR_STOPPED;
	wr->state = SMC_WR_STOPPED;
	spin_unlock_bh(&wr->slot_lock);
	if (first)
		wr->ops->error(wr, err);
}

/* Tell waiting users, in turn, as long as there is something to tell. */
static void smc_wr_wake_users(struct smc_wr *wr)
{
	struct smc_wr_user *user;

	for (;;) {
		spin_lock_bh(&wr->slot_lock);
		user = NULL;
		if (wr->state == SMC_WR_OPEN && wr->used < wr->max_data)
			user = list_first_entry_or_null(&wr->waiters,
							struct smc_wr_user,
							wait);
		if (user)
			list_del_init(&user->wait);
		spin_unlock_bh(&wr->slot_lock);
		if (!user)
			break;
		user->ops->space(user);
	}
}

/* Take the user's share out of a slot; whoever is to be told goes to a list. */
static void __smc_wr_retire_user(struct smc_wr_slot *slot, bool ok,
				 struct list_head *done,
				 struct list_head *unused)
{
	struct smc_wr_user *user = slot->user;

	lockdep_assert_held(&slot->wr->slot_lock);
	slot->user = NULL;
	user->posted--;
	if (user->left) {
		if (!user->posted)
			list_add_tail(&user->done, unused);
	} else if (ok) {
		user->done_pos = slot->pos;
		if (list_empty(&user->done))
			list_add_tail(&user->done, done);
	}
}

static void __smc_wr_retire_slot(struct smc_wr *wr, struct smc_wr_slot *slot,
				 bool ok, struct list_head *done,
				 struct list_head *unused)
{
	lockdep_assert_held(&wr->slot_lock);
	if (slot->user)
		__smc_wr_retire_user(slot, ok, done, unused);
	if (slot->registered) {
		if (ok) {
			/* Pairs with those who ask whether it is done. */
			smp_store_release(slot->registered, true);
		}
		slot->registered = NULL;
	}
	if (slot->ctrl) {
		slot->ctrl = false;
		wr->ctrl_posted--;
	}
	wr->tail = (wr->tail + 1) % SMC_WR_SLOTS;
	wr->used--;
}

/* Retire all slots up to @last, or all if it is NULL. */
static void smc_wr_retire(struct smc_wr *wr, struct smc_wr_slot *last, bool ok)
{
	struct smc_wr_user *user, *next;
	struct smc_wr_slot *slot;
	bool ctrl_sent;
	LIST_HEAD(unused);
	LIST_HEAD(done);

	rcu_read_lock();
	spin_lock_bh(&wr->slot_lock);
	ctrl_sent = wr->ctrl_posted;
	while (wr->used) {
		slot = &wr->slots[wr->tail];
		__smc_wr_retire_slot(wr, slot, ok, &done, &unused);
		if (slot == last)
			break;
	}
	ctrl_sent = ctrl_sent && !wr->ctrl_posted;
	spin_unlock_bh(&wr->slot_lock);

	local_bh_disable();
	list_for_each_entry_safe(user, next, &done, done) {
		list_del_init(&user->done);
		user->ops->done(user, user->done_pos);
	}
	list_for_each_entry_safe(user, next, &unused, done) {
		list_del_init(&user->done);
		user->ops->unused(user);
	}
	smc_wr_wake_users(wr);
	if (ctrl_sent && ok)
		wr->ops->ctrl_sent(wr);
	local_bh_enable();
	rcu_read_unlock();
}

static void smc_wr_send_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct smc_wr_slot *slot = container_of(wc->wr_cqe, struct smc_wr_slot,
						cqe);

	trace_smc_wr_complete(slot->wr->qp->qp_num, slot - slot->wr->slots,
			      wc->status);
	if (wc->status == IB_WC_SUCCESS)
		smc_wr_retire(slot->wr, slot, true);
	else
		smc_wr_fail(slot->wr, smc_wr_status_errno(wc->status));
}

static bool __smc_wr_slot_free(const struct smc_wr *wr, bool data)
{
	return wr->used < (data ? wr->max_data : wr->max_data +
			   SMC_WR_CTRL_SLOTS);
}

/* The next slot; its use must follow before slot_lock is released. */
static struct smc_wr_slot *__smc_wr_slot_take(struct smc_wr *wr, bool data)
{
	struct smc_wr_slot *slot;

	lockdep_assert_held(&wr->slot_lock);
	if (!__smc_wr_slot_free(wr, data))
		return NULL;
	slot = &wr->slots[wr->head];
	wr->head = (wr->head + 1) % SMC_WR_SLOTS;
	wr->used++;
	return slot;
}

/*
 * Post a chain. If that fails the slot stays in use until the flush, like
 * anything else that is posted at that time.
 */
static int __smc_wr_post(struct smc_wr *wr, const struct ib_send_wr *first)
{
	int err;

	lockdep_assert_held(&wr->slot_lock);
	err = ib_post_send(wr->qp, first, NULL);
	if (unlikely(err))
		wr->state = SMC_WR_STOPPED;
	return err;
}

/* Fill the SEND of the message in @slot's buffer. */
static void __smc_wr_fill_send(struct smc_wr *wr, struct smc_wr_slot *slot,
			       struct ib_send_wr *swr, struct ib_sge *sge)
{
	size_t off = (slot - wr->slots) * SMC_WR_MSG_STRIDE;

	if (wr->send_inline) {
		sge->addr = (uintptr_t)(wr->msgs + off);
		swr->send_flags = IB_SEND_INLINE;
	} else {
		sge->addr = wr->msgs_dma + off;
		ib_dma_sync_single_for_device(wr->dev, sge->addr,
					      SMC_WR_MSG_LEN, DMA_TO_DEVICE);
	}
	sge->length = SMC_WR_MSG_LEN;
	sge->lkey = wr->lkey;
	swr->wr_cqe = &slot->cqe;
	swr->opcode = IB_WR_SEND;
	swr->send_flags |= IB_SEND_SOLICITED;
	swr->sg_list = sge;
	swr->num_sge = 1;
}

/* RDMA WRITEs and the SEND after them, as one chain. */
struct smc_wr_chain {
	struct ib_rdma_wr write[SMC_WR_WRITES];
	struct ib_sge write_sge[SMC_WR_WRITES][SMC_WR_SGES];
	struct ib_send_wr send;
	struct ib_sge send_sge;
	unsigned int writes;
	u32 bytes;
};

/* Make as few WRITEs of the spans as there are runs in the destination. */
static bool smc_wr_fill_writes(struct smc_wr *wr, struct smc_wr_chain *c,
			       struct ib_cqe *cqe, const struct smc_wr_job *job)
{
	struct ib_rdma_wr *write = NULL;
	u32 end = 0;
	unsigned int i;

	for (i = 0; i < job->num_spans; i++) {
		const struct smc_span *span = &job->span[i];
		struct ib_sge *sge;

		if (!write || span->dst != end ||
		    write->wr.num_sge == SMC_WR_SGES) {
			if (c->writes == SMC_WR_WRITES)
				return false;
			write = &c->write[c->writes];
			write->wr.wr_cqe = cqe;
			write->wr.opcode = IB_WR_RDMA_WRITE;
			write->wr.sg_list = c->write_sge[c->writes];
			write->remote_addr = job->rmb_addr + span->dst;
			write->rkey = job->rkey;
			if (c->writes)
				c->write[c->writes - 1].wr.next = &write->wr;
			c->writes++;
		}
		sge = &write->wr.sg_list[write->wr.num_sge++];
		sge->addr = job->snd_addr + span->src;
		sge->length = span->len;
		sge->lkey = wr->lkey;
		ib_dma_sync_single_for_device(wr->dev, sge->addr, span->len,
					      DMA_TO_DEVICE);
		end = span->dst + span->len;
		c->bytes += span->len;
	}
	if (write)
		write->wr.next = &c->send;
	return true;
}

/* Does this CDC message need a completion? Its slot is taken already. */
static bool __smc_wr_want_signal(const struct smc_wr *wr,
				 const struct smc_wr_job *job)
{
	return job->signal || wr->unsignalled + 1 >= wr->max_data / 4 ||
	       !__smc_wr_slot_free(wr, true);
}

static void smc_wr_count(struct smc_wr *wr, const struct smc_wr_chain *c)
{
	smc_stat_inc(wr->sn, SMC_STAT_DOORBELLS);
	smc_stat_add(wr->sn, SMC_STAT_WORK_REQUESTS, c->writes + 1);
	smc_stat_inc(wr->sn, SMC_STAT_CDC_TX);
	if (c->send.send_flags & IB_SEND_SIGNALED)
		smc_stat_inc(wr->sn, SMC_STAT_SIGNALLED);
	if (c->bytes)
		smc_stat_add(wr->sn, SMC_STAT_RDMA_BYTES, c->bytes);
}

static int __smc_wr_send(struct smc_wr *wr, struct smc_wr_user *user,
			 const struct smc_wr_job *job, struct smc_wr_chain *c)
{
	struct smc_wr_slot *slot;

	lockdep_assert_held(&wr->slot_lock);
	if (wr->state != SMC_WR_OPEN || user->left)
		return -ENOLINK;
	slot = __smc_wr_slot_take(wr, true);
	if (!slot) {
		if (list_empty(&user->wait))
			list_add_tail(&user->wait, &wr->waiters);
		return -EAGAIN;
	}
	slot->user = user;
	slot->pos = job->pos;
	user->posted++;
	smc_cdc_encode(wr->msgs + (slot - wr->slots) * SMC_WR_MSG_STRIDE,
		       job->msg);
	__smc_wr_fill_send(wr, slot, &c->send, &c->send_sge);
	if (!smc_wr_fill_writes(wr, c, &slot->cqe, job)) {
		wr->state = SMC_WR_STOPPED;
		return -ENOLINK;
	}
	if (__smc_wr_want_signal(wr, job)) {
		c->send.send_flags |= IB_SEND_SIGNALED;
		wr->unsignalled = 0;
	} else {
		wr->unsignalled++;
	}
	trace_smc_wr_post(wr->qp->qp_num, slot - wr->slots, c->writes,
			  c->bytes, c->send.send_flags & IB_SEND_SIGNALED);
	if (__smc_wr_post(wr, c->writes ? &c->write[0].wr : &c->send))
		return -EIO;
	return 0;
}

/**
 * smc_wr_send() - write data and send a CDC message after them
 * @wr: work requests of an open link
 * @user: who sends
 * @job: what; memory it points to need not outlast the call, except for the
 *	send ring, which is read until the job is done
 *
 * Context: Bottom halves disabled. Takes slot_lock.
 * Return: 0; -EAGAIN if no slot is free, &smc_wr_user_ops.space will follow;
 * -ENOLINK if nothing can be sent any more.
 */
int smc_wr_send(struct smc_wr *wr, struct smc_wr_user *user,
		const struct smc_wr_job *job)
{
	struct smc_wr_chain c = { };
	int err;

	spin_lock(&wr->slot_lock);
	err = __smc_wr_send(wr, user, job, &c);
	spin_unlock(&wr->slot_lock);

	if (!err) {
		smc_wr_count(wr, &c);
	} else if (err == -EAGAIN) {
		smc_stat_inc(wr->sn, SMC_STAT_TX_NO_SLOT);
	} else if (err == -EIO) {
		wr->ops->error(wr, -ECONNRESET);
		err = -ENOLINK;
	}
	return err;
}

/**
 * smc_wr_send_ctrl() - send an LLC message
 * @wr: work requests
 * @msg: the encoded message
 *
 * Context: Any but hard interrupt. Takes slot_lock.
 * Return: 0, -EAGAIN if no slot is free, or -ENOLINK.
 */
int smc_wr_send_ctrl(struct smc_wr *wr, const u8 msg[SMC_WR_MSG_LEN])
{
	struct ib_send_wr swr = { };
	struct smc_wr_slot *slot;
	struct ib_sge sge;
	int err = -ENOLINK;

	spin_lock_bh(&wr->slot_lock);
	if (!__smc_wr_running(wr))
		goto out_unlock;
	err = -EAGAIN;
	slot = __smc_wr_slot_take(wr, false);
	if (!slot)
		goto out_unlock;
	slot->ctrl = true;
	wr->ctrl_posted++;
	memcpy(wr->msgs + (slot - wr->slots) * SMC_WR_MSG_STRIDE, msg,
	       SMC_WR_MSG_LEN);
	__smc_wr_fill_send(wr, slot, &swr, &sge);
	swr.send_flags |= IB_SEND_SIGNALED;
	wr->unsignalled = 0;
	err = __smc_wr_post(wr, &swr);
	spin_unlock_bh(&wr->slot_lock);
	if (err) {
		wr->ops->error(wr, -ECONNRESET);
		return -ENOLINK;
	}
	return 0;

out_unlock:
	spin_unlock_bh(&wr->slot_lock);
	return err;
}

/**
 * smc_wr_ctrl_pending() - are LLC messages on their way?
 * @wr: work requests
 *
 * Context: Any but hard interrupt. Takes slot_lock.
 * Return: true if one was posted and not completed.
 */
bool smc_wr_ctrl_pending(struct smc_wr *wr)
{
	bool pending;

	spin_lock_bh(&wr->slot_lock);
	pending = wr->ctrl_posted;
	spin_unlock_bh(&wr->slot_lock);
	return pending;
}

/**
 * smc_wr_register() - register memory for the peer by a work request
 * @wr: work requests of a queue pair that can send
 * @mr: mapped memory region
 * @access: IB_ACCESS_*
 * @done: set, as by smp_store_release(), when it has been carried out; must be
 *	there until then, or until smc_wr_flush(), unless this fails
 *
 * Work requests are carried out in order, so whoever hears of @mr by a message
 * that is sent after this finds it registered. One that fails ends the link.
 *
 * Context: Any but hard interrupt. Takes slot_lock.
 * Return: 0; -EAGAIN if there is no slot; -ENOLINK.
 */
int smc_wr_register(struct smc_wr *wr, struct ib_mr *mr, int access,
		    bool *done)
{
	struct smc_wr_slot *slot;
	struct ib_reg_wr rwr = {
		.wr.opcode = IB_WR_REG_MR,
		.wr.send_flags = IB_SEND_SIGNALED,
		.mr = mr,
		.key = mr->rkey,
		.access = access,
	};
	int err = -ENOLINK;

	spin_lock_bh(&wr->slot_lock);
	if (!__smc_wr_running(wr))
		goto out_unlock;
	err = -EAGAIN;
	slot = __smc_wr_slot_take(wr, false);
	if (!slot)
		goto out_unlock;
	rwr.wr.wr_cqe = &slot->cqe;
	slot->registered = done;
	wr->unsignalled = 0;
	err = __smc_wr_post(wr, &rwr.wr);
	if (err)
		slot->registered = NULL;
	spin_unlock_bh(&wr->slot_lock);
	if (err) {
		wr->ops->error(wr, -ECONNRESET);
		return -ENOLINK;
	}
	return 0;

out_unlock:
	spin_unlock_bh(&wr->slot_lock);
	return err;
}

/*
 * Post the collected receives. The lock is what smc_wr_stop() relies on:
 * nothing is posted behind the drain's own work request.
 */
static int smc_wr_post_recvs(struct smc_wr *wr)
{
	struct ib_recv_wr *chain = wr->rx_chain;
	int err = 0;

	/* Once posted it is not ours: a completion may begin the next chain. */
	wr->rx_chain = NULL;
	wr->rx_num = 0;
	spin_lock_bh(&wr->slot_lock);
	if (__smc_wr_running(wr))
		err = ib_post_recv(wr->qp, chain, NULL);
	spin_unlock_bh(&wr->slot_lock);
	return err;
}

static void smc_wr_chain_recv(struct smc_wr *wr, struct smc_wr_recv *recv)
{
	recv->rwr.next = wr->rx_chain;
	wr->rx_chain = &recv->rwr;
	wr->rx_num++;
}

static void smc_wr_recv_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct smc_wr_recv *recv = container_of(wc->wr_cqe, struct smc_wr_recv,
						cqe);
	struct smc_wr *wr = recv->wr;

	if (wc->status != IB_WC_SUCCESS) {
		smc_wr_fail(wr, smc_wr_status_errno(wc->status));
		return;
	}
	WRITE_ONCE(wr->last_rx, jiffies);
	ib_dma_sync_single_for_cpu(wr->dev, recv->sge[0].addr, SMC_WR_MSG_LEN,
				   DMA_FROM_DEVICE);
	wr->ops->rx(wr, recv->buf, wr->long_rx ? wc->byte_len :
		    min_t(u32, wc->byte_len, SMC_WR_MSG_LEN));
	ib_dma_sync_single_for_device(wr->dev, recv->sge[0].addr, SMC_WR_MSG_LEN,
				      DMA_FROM_DEVICE);
	smc_wr_chain_recv(wr, recv);
	if (wr->rx_num >= SMC_WR_RECV_BATCH && smc_wr_post_recvs(wr))
		smc_wr_fail(wr, -ECONNRESET);
}

static int smc_wr_alloc_send(struct smc_wr *wr)
{
	size_t bytes = SMC_WR_SLOTS * SMC_WR_MSG_STRIDE;
	unsigned int i;

	wr->slots = kcalloc(SMC_WR_SLOTS, sizeof(*wr->slots), GFP_KERNEL);
	if (!wr->slots)
		return -ENOMEM;
	wr->msgs = kzalloc(bytes, GFP_KERNEL);
	if (!wr->msgs)
		goto err_free_slots;
	wr->msgs_dma = ib_dma_map_single(wr->dev, wr->msgs, bytes,
					 DMA_TO_DEVICE);
	if (ib_dma_mapping_error(wr->dev, wr->msgs_dma))
		goto err_free_msgs;
	for (i = 0; i < SMC_WR_SLOTS; i++) {
		wr->slots[i].wr = wr;
		wr->slots[i].cqe.done = smc_wr_send_done;
	}
	return 0;

err_free_msgs:
	kfree(wr->msgs);
err_free_slots:
	kfree(wr->slots);
	return -ENOMEM;
}

static void smc_wr_free_send(struct smc_wr *wr)
{
	ib_dma_unmap_single(wr->dev, wr->msgs_dma,
			    SMC_WR_SLOTS * SMC_WR_MSG_STRIDE, DMA_TO_DEVICE);
	kfree(wr->msgs);
	kfree(wr->slots);
}

static size_t smc_wr_recv_bytes(const struct smc_wr *wr)
{
	size_t bytes = SMC_WR_RECVS * SMC_WR_MSG_STRIDE;

	return wr->long_rx ? bytes + SMC_WR_LONG_LEN - SMC_WR_MSG_LEN : bytes;
}

static void smc_wr_init_recv(struct smc_wr *wr, struct smc_wr_recv *recv,
			     size_t off)
{
	recv->wr = wr;
	recv->cqe.done = smc_wr_recv_done;
	recv->buf = wr->recv_bufs + off;
	recv->sge[0].addr = wr->recv_dma + off;
	recv->sge[0].length = SMC_WR_MSG_LEN;
	recv->sge[0].lkey = wr->lkey;
	recv->sge[1].addr = wr->recv_dma + SMC_WR_RECVS * SMC_WR_MSG_STRIDE;
	recv->sge[1].length = SMC_WR_LONG_LEN - SMC_WR_MSG_LEN;
	recv->sge[1].lkey = wr->lkey;
	recv->rwr.wr_cqe = &recv->cqe;
	recv->rwr.sg_list = recv->sge;
	recv->rwr.num_sge = wr->long_rx ? 2 : 1;
}

static int smc_wr_alloc_recv(struct smc_wr *wr)
{
	size_t bytes = smc_wr_recv_bytes(wr);
	unsigned int i;

	wr->recvs = kcalloc(SMC_WR_RECVS, sizeof(*wr->recvs), GFP_KERNEL);
	if (!wr->recvs)
		return -ENOMEM;
	wr->recv_bufs = kzalloc(bytes, GFP_KERNEL);
	if (!wr->recv_bufs)
		goto err_free_recvs;
	wr->recv_dma = ib_dma_map_single(wr->dev, wr->recv_bufs, bytes,
					 DMA_FROM_DEVICE);
	if (ib_dma_mapping_error(wr->dev, wr->recv_dma))
		goto err_free_bufs;
	for (i = 0; i < SMC_WR_RECVS; i++)
		smc_wr_init_recv(wr, &wr->recvs[i], i * SMC_WR_MSG_STRIDE);
	return 0;

err_free_bufs:
	kfree(wr->recv_bufs);
err_free_recvs:
	kfree(wr->recvs);
	return -ENOMEM;
}

static void smc_wr_free_recv(struct smc_wr *wr)
{
	ib_dma_unmap_single(wr->dev, wr->recv_dma,
			    smc_wr_recv_bytes(wr), DMA_FROM_DEVICE);
	kfree(wr->recv_bufs);
	kfree(wr->recvs);
}

/**
 * smc_wr_init() - set up locks and lists
 * @wr: zeroed memory
 * @sn: namespace, for counters
 * @ops: who gets the news
 *
 * From now on it can be stopped.
 *
 * Context: Any.
 */
void smc_wr_init(struct smc_wr *wr, struct smc_net *sn,
		 const struct smc_wr_ops *ops)
{
	wr->sn = sn;
	wr->ops = ops;
	spin_lock_init(&wr->slot_lock);
	INIT_LIST_HEAD(&wr->waiters);
}

/**
 * smc_wr_create() - make slots, buffers and the completion queue
 * @wr: after smc_wr_init()
 * @dev: RDMA device
 * @lkey: key of local memory in the link's protection domain
 * @long_rx: the peer may send messages longer than SMC_WR_MSG_LEN
 *
 * Context: Sleeps.
 * Return: 0, or a negative errno.
 */
int smc_wr_create(struct smc_wr *wr, struct ib_device *dev, u32 lkey,
		  bool long_rx)
{
	int max_wrs = dev->attrs.max_qp_wr;
	int err;

	if (max_wrs < SMC_WR_SEND_WRS(4) || max_wrs < SMC_WR_RECV_WRS)
		return -EOPNOTSUPP;
	wr->dev = dev;
	wr->lkey = lkey;
	wr->long_rx = long_rx;
	wr->max_data = min(SMC_WR_DATA_SLOTS, (max_wrs - SMC_WR_SEND_WRS(0)) /
			   (SMC_WR_WRITES + 1));
	wr->cq = ib_alloc_cq_any(dev, wr, SMC_WR_SEND_WRS(wr->max_data) +
				 SMC_WR_RECV_WRS, IB_POLL_SOFTIRQ);
	if (IS_ERR(wr->cq))
		return PTR_ERR(wr->cq);
	err = smc_wr_alloc_send(wr);
	if (err)
		goto err_free_cq;
	err = smc_wr_alloc_recv(wr);
	if (err)
		goto err_free_send;
	return 0;

err_free_send:
	smc_wr_free_send(wr);
err_free_cq:
	ib_free_cq(wr->cq);
	return err;
}

/**
 * smc_wr_destroy() - undo smc_wr_create()
 * @wr: work requests; the queue pair is destroyed
 *
 * Context: Sleeps.
 */
void smc_wr_destroy(struct smc_wr *wr)
{
	smc_wr_free_recv(wr);
	smc_wr_free_send(wr);
	ib_free_cq(wr->cq);
}

/**
 * smc_wr_qp_caps() - what the queue pair must be able to do
 * @wr: work requests
 * @attr: filled, but for what concerns the link
 *
 * Context: Any.
 */
void smc_wr_qp_caps(const struct smc_wr *wr, struct ib_qp_init_attr *attr)
{
	attr->send_cq = wr->cq;
	attr->recv_cq = wr->cq;
	attr->sq_sig_type = IB_SIGNAL_REQ_WR;
	attr->qp_type = IB_QPT_RC;
	attr->cap.max_send_wr = SMC_WR_SEND_WRS(wr->max_data);
	attr->cap.max_recv_wr = SMC_WR_RECV_WRS;
	attr->cap.max_send_sge = SMC_WR_SGES;
	attr->cap.max_recv_sge = wr->long_rx ? 2 : 1;
	attr->cap.max_inline_data = SMC_WR_MSG_LEN;
}

/**
 * smc_wr_set_qp() - tell the queue pair, once it was made
 * @wr: work requests
 * @qp: made with smc_wr_qp_caps()
 * @send_inline: SMC_WR_MSG_LEN inline bytes were granted
 *
 * Context: Before smc_wr_start().
 */
void smc_wr_set_qp(struct smc_wr *wr, struct ib_qp *qp, bool send_inline)
{
	wr->qp = qp;
	wr->send_inline = send_inline;
}

static bool smc_wr_change(struct smc_wr *wr, enum smc_wr_state from,
			  enum smc_wr_state to)
{
	bool changed;

	spin_lock_bh(&wr->slot_lock);
	changed = wr->state == from;
	if (changed)
		wr->state = to;
	spin_unlock_bh(&wr->slot_lock);
	return changed;
}

/**
 * smc_wr_start() - post all receives; from now on messages may arrive
 * @wr: work requests of a queue pair that left RESET and does not yet receive
 *
 * Context: Process.
 * Return: 0, -ENOLINK if stopped already, or a negative errno of the device.
 */
int smc_wr_start(struct smc_wr *wr)
{
	unsigned int i;
	int err;

	WRITE_ONCE(wr->last_rx, jiffies);
	if (!smc_wr_change(wr, SMC_WR_NEW, SMC_WR_CTRL))
		return -ENOLINK;
	for (i = 0; i < SMC_WR_RECVS; i++)
		smc_wr_chain_recv(wr, &wr->recvs[i]);
	err = smc_wr_post_recvs(wr);
	if (err)
		smc_wr_stop(wr);
	return err;
}

/**
 * smc_wr_open() - allow CDC messages
 * @wr: started work requests; no effect if stopped meanwhile
 *
 * Context: Any but hard interrupt. Takes slot_lock.
 */
void smc_wr_open(struct smc_wr *wr)
{
	smc_wr_change(wr, SMC_WR_CTRL, SMC_WR_OPEN);
}

/**
 * smc_wr_close() - no more CDC messages, LLC messages only
 * @wr: work requests; no effect if stopped
 *
 * Context: Any but hard interrupt. Takes slot_lock.
 */
void smc_wr_close(struct smc_wr *wr)
{
	smc_wr_change(wr, SMC_WR_OPEN, SMC_WR_CTRL);
}

/**
 * smc_wr_stop() - post nothing any more
 * @wr: work requests
 *
 * When this returns nobody is posting.
 *
 * Context: Any but hard interrupt. Takes slot_lock.
 */
void smc_wr_stop(struct smc_wr *wr)
{
	spin_lock_bh(&wr->slot_lock);
	wr->state = SMC_WR_STOPPED;
	spin_unlock_bh(&wr->slot_lock);
}

/**
 * smc_wr_flush() - retire what never completed
 * @wr: stopped work requests; the queue pair is drained
 *
 * Context: Process.
 */
void smc_wr_flush(struct smc_wr *wr)
{
	smc_wr_retire(wr, NULL, false);
}

/**
 * smc_wr_user_init() - set up a user
 * @user: zeroed memory, freed after a grace period
 * @ops: its news
 *
 * Context: Any.
 */
void smc_wr_user_init(struct smc_wr_user *user,
		      const struct smc_wr_user_ops *ops)
{
	user->ops = ops;
	INIT_LIST_HEAD(&user->wait);
	INIT_LIST_HEAD(&user->done);
}

/**
 * smc_wr_leave() - this user sends nothing any more
 * @wr: work requests
 * @user: the user
 *
 * Context: Any but hard interrupt. Takes slot_lock.
 * Return: true if nothing of it is posted; else &smc_wr_user_ops.unused will
 * be called.
 */
bool smc_wr_leave(struct smc_wr *wr, struct smc_wr_user *user)
{
	bool unused;

	spin_lock_bh(&wr->slot_lock);
	list_del_init(&user->wait);
	user->left = true;
	unused = !user->posted;
	spin_unlock_bh(&wr->slot_lock);
	return unused;
}
