// SPDX-License-Identifier: GPL-2.0
/*
 * Completion queues.
 *
 * The consumer arms a queue for one event; the next entry (or the next
 * solicited one, or one that tells of an error) calls the handler and leaves
 * the queue quiet. With moderation that waits for a number of entries or for
 * a time. A queue that overruns is lost, and with it the queue pairs that
 * want to complete there: the consumer made it too small.
 *
 * What is polled frees the slots of the queue pair up to the one it completes,
 * not before: as with an adapter, a work request that is never signalled takes
 * its slot until a later one is polled.
 */
#include <linux/slab.h>
#include "compat.h"
#include "smcsim.h"

DEFINE_PER_CPU(u64, sim_away);

/* Bottom halves are disabled. The handler's time is not ours. */
static void sim_cq_call(struct sim_cq *cq)
{
	struct ib_cq *ibcq = &cq->ibcq;
	u64 left = sim_clock();

	sim_count(to_sim_dev(ibcq->device), SIM_C_CQ_EVENTS);
	ibcq->comp_handler(ibcq, ibcq->cq_context);
	__this_cpu_add(sim_away, sim_clock() - left);
}

static enum hrtimer_restart sim_cq_timeout(struct hrtimer *timer)
{
	struct sim_cq *cq = container_of(timer, struct sim_cq, timer);
	u64 entered = sim_enter();
	bool call;

	spin_lock_bh(&cq->lock);
	call = cq->arm != SIM_CQ_QUIET && cq->mod_pending;
	if (call) {
		cq->arm = SIM_CQ_QUIET;
		cq->mod_pending = 0;
	}
	spin_unlock_bh(&cq->lock);
	if (call)
		sim_cq_call(cq);
	sim_leave(to_sim_dev(cq->ibcq.device), entered);
	return HRTIMER_NORESTART;
}

static int sim_create_cq(struct ib_cq *ibcq, const struct ib_cq_init_attr *attr,
			 SIM_CQ_ARG *attrs)
{
	struct sim_dev *sim = to_sim_dev(ibcq->device);
	struct sim_cq *cq = to_sim_cq(ibcq);
	struct sim_visit visit __cleanup(sim_visit_end) = sim_visit_begin(sim);
	u32 err;

	if (attr->flags || !attr->cqe || attr->cqe > SIM_MAX_CQE)
		return -EINVAL;
	if (sim->fatal)
		return -EIO;
	if (sim_fault_hit(sim, SIM_FAULT_CREATE_CQ, &err))
		return (int)err;

	if (!sim_object_take(sim, SIM_CQS))
		return -ENOMEM;
	cq->size = roundup_pow_of_two(attr->cqe);
	cq->ring = kvcalloc(cq->size, sizeof(*cq->ring), GFP_KERNEL);
	if (!cq->ring) {
		sim_object_give(sim, SIM_CQS);
		return -ENOMEM;
	}
	spin_lock_init(&cq->lock);
	hrtimer_init(&cq->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	cq->timer.function = sim_cq_timeout;
	ibcq->cqe = cq->size;
	return 0;
}

/* All queue pairs are gone, so nobody adds entries or starts the timer. */
static int sim_destroy_cq(struct ib_cq *ibcq, struct ib_udata *udata)
{
	struct sim_dev *sim = to_sim_dev(ibcq->device);
	struct sim_visit visit __cleanup(sim_visit_end) = sim_visit_begin(sim);
	struct sim_cq *cq = to_sim_cq(ibcq);

	hrtimer_cancel(&cq->timer);
	kvfree(cq->ring);
	sim_object_give(sim, SIM_CQS);
	return 0;
}

static int sim_modify_cq(struct ib_cq *ibcq, u16 count, u16 period_us)
{
	struct sim_dev *sim = to_sim_dev(ibcq->device);
	struct sim_visit visit __cleanup(sim_visit_end) = sim_visit_begin(sim);
	struct sim_cq *cq = to_sim_cq(ibcq);

	spin_lock_bh(&cq->lock);
	cq->mod_count = count;
	cq->mod_period_us = period_us;
	spin_unlock_bh(&cq->lock);
	return 0;
}

static int sim_poll_cq(struct ib_cq *ibcq, int num, struct ib_wc *wc)
{
	struct sim_dev *sim = to_sim_dev(ibcq->device);
	struct sim_cq *cq = to_sim_cq(ibcq);
	u64 entered = sim_enter();
	struct sim_cqe *cqe;
	u32 *freed;
	int n;

	sim_count(sim, SIM_C_POLLS);
	spin_lock(&cq->lock);
	for (n = 0; n < num && cq->head != cq->tail; n++) {
		cqe = &cq->ring[cq->head++ & (cq->size - 1)];
		wc[n] = cqe->wc;
		freed = cqe->is_recv ? &cqe->qp->rq.freed :
				       &cqe->qp->sq.freed;
		/* Pairs with sim_queue_full(). */
		smp_store_release(freed, cqe->freed);
	}
	spin_unlock(&cq->lock);
	sim_leave(sim, entered);
	return n;
}

static int sim_req_notify_cq(struct ib_cq *ibcq, enum ib_cq_notify_flags flags)
{
	struct sim_dev *sim = to_sim_dev(ibcq->device);
	struct sim_cq *cq = to_sim_cq(ibcq);
	u64 entered = sim_enter();
	int missed;

	spin_lock(&cq->lock);
	if ((flags & IB_CQ_SOLICITED_MASK) == IB_CQ_NEXT_COMP)
		cq->arm = SIM_CQ_NEXT;
	else if (cq->arm == SIM_CQ_QUIET)
		cq->arm = SIM_CQ_SOLICITED;
	cq->mod_pending = 0;
	missed = flags & IB_CQ_REPORT_MISSED_EVENTS && cq->head != cq->tail;
	spin_unlock(&cq->lock);
	sim_leave(sim, entered);
	return missed;
}

/* Does the entry just added call the handler? */
static bool __sim_cq_due(struct sim_cq *cq, bool solicited)
{
	lockdep_assert_held(&cq->lock);
	if (cq->arm == SIM_CQ_QUIET ||
	    (cq->arm == SIM_CQ_SOLICITED && !solicited))
		return false;
	if (cq->mod_count > 1 && cq->mod_period_us &&
	    ++cq->mod_pending < cq->mod_count) {
		if (cq->mod_pending == 1)
			hrtimer_start(&cq->timer,
				      ns_to_ktime(cq->mod_period_us *
						  NSEC_PER_USEC),
				      HRTIMER_MODE_REL_SOFT);
		return false;
	}
	cq->mod_pending = 0;
	cq->arm = SIM_CQ_QUIET;
	return true;
}

/**
 * sim_cq_push() - add a completion
 * @cq: queue
 * @cqe: copied
 * @solicited: it is the kind of entry that solicited events are for; errors
 *	always are
 *
 * Calls the completion handler, which must not change the state of queue
 * pairs by itself.
 *
 * Context: BH, one of the queue pair's locks held. Takes the queue's lock.
 * Return: false if there is no room; that is counted.
 */
bool sim_cq_push(struct sim_cq *cq, const struct sim_cqe *cqe, bool solicited)
{
	struct sim_dev *sim = to_sim_dev(cq->ibcq.device);
	bool due = false;
	bool ok;

	spin_lock(&cq->lock);
	ok = !cq->overrun && cq->tail - cq->head < cq->size;
	if (ok) {
		cq->ring[cq->tail++ & (cq->size - 1)] = *cqe;
		due = __sim_cq_due(cq, solicited || cqe->wc.status);
	} else {
		cq->overrun = true;
	}
	spin_unlock(&cq->lock);

	if (!ok)
		sim_count(sim, SIM_C_VIOL_CQ_OVERRUN);
	else if (cqe->wc.status == IB_WC_WR_FLUSH_ERR)
		sim_count(sim, SIM_C_CQE_FLUSHED);
	else if (cqe->wc.status)
		sim_count(sim, SIM_C_CQE_ERROR);
	else
		sim_count(sim, cqe->is_recv ? SIM_C_CQE_RECV :
					      SIM_C_CQE_SIGNALLED);
	if (due)
		sim_cq_call(cq);
	return ok;
}

/**
 * sim_cq_purge() - remove the completions of a queue pair
 * @cq: queue
 * @qp: queue pair, which adds no more
 *
 * Context: any but hard interrupt. Takes the queue's lock.
 */
void sim_cq_purge(struct sim_cq *cq, const struct sim_qp *qp)
{
	u32 from, to;

	spin_lock_bh(&cq->lock);
	for (from = to = cq->head; from != cq->tail; from++) {
		if (cq->ring[from & (cq->size - 1)].qp == qp)
			continue;
		if (from != to)
			cq->ring[to & (cq->size - 1)] =
				cq->ring[from & (cq->size - 1)];
		to++;
	}
	cq->tail = to;
	spin_unlock_bh(&cq->lock);
}

const struct ib_device_ops sim_cq_ops = {
	.create_cq = sim_create_cq,
	.destroy_cq = sim_destroy_cq,
	.modify_cq = sim_modify_cq,
	.poll_cq = sim_poll_cq,
	.req_notify_cq = sim_req_notify_cq,

	INIT_RDMA_OBJ_SIZE(ib_cq, sim_cq, ibcq),
};
