// SPDX-License-Identifier: GPL-2.0
/*
 * Posting: work requests are checked, copied into their queue, and the queue
 * pair is put on its device's list. Nothing is executed here.
 *
 * A chain is one doorbell. What stands before the first work request that is
 * refused has been posted.
 */
#include "smcsim.h"

/* Slots whose completion was not polled yet count. */
static bool sim_queue_full(const struct sim_queue *q)
{
	/* Pairs with sim_poll_cq(). */
	return q->prod - smp_load_acquire(&q->freed) >= q->depth;
}

/* When a message posted now has arrived, 0 if it takes no time. */
static ktime_t sim_shape(struct sim_dev *sim, u32 bytes)
{
	u32 latency_us = READ_ONCE(sim->latency_us);
	u32 mbps = READ_ONCE(sim->bandwidth_mbps);
	ktime_t left;

	if (likely(!latency_us && !mbps))
		return 0;
	left = ktime_get();
	if (mbps) {
		spin_lock(&sim->shape_lock);
		if (ktime_before(left, sim->wire_free))
			left = sim->wire_free;
		left = ktime_add_ns(left, div_u64((u64)bytes * 8000, mbps));
		sim->wire_free = left;
		spin_unlock(&sim->shape_lock);
	}
	return ktime_add_us(left, latency_us);
}

static bool sim_sge_sum(const struct ib_sge *sge, int num, u32 *sum)
{
	u64 len = 0;
	int i;

	for (i = 0; i < num; i++)
		len += sge[i].length;
	*sum = len;
	return len <= SIM_MAX_MSG;
}

static int sim_copy_inline(struct sim_qp *qp, struct sim_swqe *wqe,
			   const struct ib_send_wr *wr)
{
	u32 off = 0;
	int i;

	if (wqe->len > qp->max_inline)
		return -EINVAL;
	wqe->is_inline = true;
	for (i = 0; i < wr->num_sge; i++) {
		memcpy(wqe->bytes + off, (void *)(uintptr_t)wr->sg_list[i].addr,
		       wr->sg_list[i].length);
		off += wr->sg_list[i].length;
	}
	sim_count_add(qp->sim, SIM_C_INLINE_BYTES, off);
	return 0;
}

static int sim_copy_payload(struct sim_qp *qp, struct sim_swqe *wqe,
			    const struct ib_send_wr *wr)
{
	if (wr->num_sge < 0 || wr->num_sge > qp->sq.max_sge ||
	    !sim_sge_sum(wr->sg_list, wr->num_sge, &wqe->len))
		return -EINVAL;
	wqe->due = sim_shape(qp->sim, wqe->len);
	if (wr->send_flags & IB_SEND_INLINE)
		return sim_copy_inline(qp, wqe, wr);
	wqe->num_sge = wr->num_sge;
	memcpy(wqe->sge, wr->sg_list, wr->num_sge * sizeof(*wqe->sge));
	return 0;
}

static int sim_fill_swqe(struct sim_qp *qp, struct sim_swqe *wqe,
			 const struct ib_send_wr *wr)
{
	wqe->wr_cqe = wr->wr_cqe;
	wqe->opcode = wr->opcode;
	wqe->signalled = qp->sig_all || wr->send_flags & IB_SEND_SIGNALED;
	wqe->solicited = wr->send_flags & IB_SEND_SOLICITED;
	wqe->is_inline = false;
	wqe->num_sge = 0;
	wqe->len = 0;
	wqe->due = 0;
	switch (wr->opcode) {
	case IB_WR_SEND:
		sim_count(qp->sim, SIM_C_WR_SEND);
		return sim_copy_payload(qp, wqe, wr);
	case IB_WR_RDMA_WRITE:
		sim_count(qp->sim, SIM_C_WR_WRITE);
		wqe->write.raddr = rdma_wr(wr)->remote_addr;
		wqe->write.rkey = rdma_wr(wr)->rkey;
		return sim_copy_payload(qp, wqe, wr);
	case IB_WR_REG_MR:
		sim_count(qp->sim, SIM_C_WR_REG_MR);
		if (reg_wr(wr)->mr->pd != qp->pd)
			return -EINVAL;
		wqe->reg.mr = to_sim_mr(reg_wr(wr)->mr);
		wqe->reg.key = reg_wr(wr)->key;
		wqe->reg.access = reg_wr(wr)->access;
		return 0;
	case IB_WR_LOCAL_INV:
		sim_count(qp->sim, SIM_C_WR_LOCAL_INV);
		wqe->inv_key = wr->ex.invalidate_rkey;
		return 0;
	default:
		sim_count(qp->sim, SIM_C_VIOL_OPCODE);
		return -EINVAL;
	}
}

static int __sim_post_send_one(struct sim_qp *qp, const struct ib_send_wr *wr)
{
	u32 fault;
	int err;

	lockdep_assert_held(&qp->sq_lock);
	switch (sim_qp_state(qp)) {
	case IB_QPS_RESET:
	case IB_QPS_INIT:
	case IB_QPS_RTR:
		sim_count(qp->sim, SIM_C_VIOL_QP_STATE);
		return -EINVAL;
	default:
		break;
	}
	if (sim_queue_full(&qp->sq)) {
		sim_count(qp->sim, SIM_C_VIOL_QUEUE_FULL);
		return -ENOMEM;
	}
	/* The RDMA core relies on the last one, that of ib_drain_qp(). */
	if (sim_qp_state(qp) != IB_QPS_ERR &&
	    sim_fault_hit_qp(qp->sim, SIM_FAULT_POST_SEND, qp->qpn, &fault))
		return (int)fault;
	err = sim_fill_swqe(qp, sim_queue_slot(&qp->sq, qp->sq.prod), wr);
	if (!err)
		/* Pairs with sim_req_next(). */
		smp_store_release(&qp->sq.prod, qp->sq.prod + 1);
	return err;
}

/**
 * sim_post_send() - ib_post_send()
 * @ibqp: queue pair
 * @wr: chain of work requests
 * @bad: set to the first that was refused
 *
 * Context: any but hard interrupt, interrupts on. Takes sq_lock.
 * Return: 0, -EINVAL, -ENOMEM if the queue is full, or what a fault says.
 */
int sim_post_send(struct ib_qp *ibqp, const struct ib_send_wr *wr,
		  const struct ib_send_wr **bad)
{
	struct sim_qp *qp = to_sim_qp(ibqp);
	u64 entered = sim_enter();
	int err = 0;

	spin_lock(&qp->sq_lock);
	sim_count(qp->sim, SIM_C_DOORBELLS);
	for (; wr; wr = wr->next) {
		err = __sim_post_send_one(qp, wr);
		if (err) {
			*bad = wr;
			break;
		}
	}
	spin_unlock(&qp->sq_lock);
	sim_qp_activate(qp);
	sim_leave(qp->sim, entered);
	return err;
}

static int __sim_post_recv_one(struct sim_qp *qp, const struct ib_recv_wr *wr)
{
	struct sim_rwqe *wqe;
	u32 fault;

	lockdep_assert_held(&qp->rq_lock);
	if (sim_qp_state(qp) == IB_QPS_RESET) {
		sim_count(qp->sim, SIM_C_VIOL_QP_STATE);
		return -EINVAL;
	}
	if (sim_queue_full(&qp->rq)) {
		sim_count(qp->sim, SIM_C_VIOL_QUEUE_FULL);
		return -ENOMEM;
	}
	if (sim_qp_state(qp) != IB_QPS_ERR &&
	    sim_fault_hit_qp(qp->sim, SIM_FAULT_POST_RECV, qp->qpn, &fault))
		return (int)fault;
	wqe = sim_queue_slot(&qp->rq, qp->rq.prod);
	if (wr->num_sge < 0 || wr->num_sge > qp->rq.max_sge ||
	    !sim_sge_sum(wr->sg_list, wr->num_sge, &wqe->len))
		return -EINVAL;
	wqe->wr_cqe = wr->wr_cqe;
	wqe->num_sge = wr->num_sge;
	memcpy(wqe->sge, wr->sg_list, wr->num_sge * sizeof(*wqe->sge));
	sim_count(qp->sim, SIM_C_WR_RECV);
	/* Pairs with sim_resp_next(). */
	smp_store_release(&qp->rq.prod, qp->rq.prod + 1);
	return 0;
}

/**
 * sim_post_recv() - ib_post_recv()
 * @ibqp: queue pair
 * @wr: chain of work requests
 * @bad: set to the first that was refused
 *
 * Context: any but hard interrupt, interrupts on. Takes rq_lock.
 * Return: 0, -EINVAL, -ENOMEM if the queue is full, or what a fault says.
 */
int sim_post_recv(struct ib_qp *ibqp, const struct ib_recv_wr *wr,
		  const struct ib_recv_wr **bad)
{
	struct sim_qp *qp = to_sim_qp(ibqp);
	u64 entered = sim_enter();
	int err = 0;

	spin_lock(&qp->rq_lock);
	sim_count(qp->sim, SIM_C_RECV_DOORBELLS);
	for (; wr; wr = wr->next) {
		err = __sim_post_recv_one(qp, wr);
		if (err) {
			*bad = wr;
			break;
		}
	}
	spin_unlock(&qp->rq_lock);
	/*
	 * Either this sees the error state, or the flush that follows it sees
	 * the receives. Pairs with the barrier in sim_resp_flush().
	 */
	smp_mb();
	if (unlikely(sim_qp_state(qp) == IB_QPS_ERR))
		sim_qp_activate(qp);
	sim_leave(qp->sim, entered);
	return err;
}
