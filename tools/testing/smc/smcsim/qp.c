// SPDX-License-Identifier: GPL-2.0
/*
 * Queue pairs: their making, their end, and what they tell their consumer.
 *
 * A queue pair is looked up by number, under RCU, and held by a reference.
 * Peers keep references to each other for as long as they like; what a dead
 * queue pair still has is its locks and the mark that it is dead.
 */
#include <linux/slab.h>
#include "smcsim.h"

/* 0 and 1 are for management, which this device has not. */
#define SIM_QPNS		XA_LIMIT(2, SIM_PSN_MASK)

/**
 * sim_qp_get() - find a queue pair
 * @sim: device
 * @qpn: number
 *
 * Context: any but hard interrupt.
 * Return: the queue pair, to be put by sim_qp_put(), or NULL.
 */
struct sim_qp *sim_qp_get(struct sim_dev *sim, u32 qpn)
{
	struct sim_qp *qp;

	rcu_read_lock();
	qp = xa_load(&sim->qps, qpn);
	if (qp && !refcount_inc_not_zero(&qp->ref))
		qp = NULL;
	rcu_read_unlock();
	return qp;
}

/**
 * sim_qp_put() - let go of a queue pair
 * @qp: queue pair
 *
 * Context: any.
 */
void sim_qp_put(struct sim_qp *qp)
{
	if (!refcount_dec_and_test(&qp->ref))
		return;
	sim_wire_qp_free(&qp->wire);
	kfree_rcu(qp, rcu);
}

/**
 * sim_qp_activate() - have the work item look at a queue pair
 * @qp: queue pair
 *
 * Context: any but hard interrupt. Takes active_lock.
 */
void sim_qp_activate(struct sim_qp *qp)
{
	struct sim_dev *sim = qp->sim;

	spin_lock_bh(&sim->active_lock);
	if (list_empty(&qp->active)) {
		list_add_tail(&qp->active, &sim->active);
		refcount_inc(&qp->ref);		/* sim_req_work() */
	}
	queue_work(sim_bh_wq, &sim->work);
	spin_unlock_bh(&sim->active_lock);
}

/**
 * sim_qp_error() - something went wrong: to the error state
 * @qp: queue pair that is not dead
 *
 * All that is posted will be flushed.
 *
 * Context: any but hard interrupt. Takes state_lock and active_lock.
 */
void sim_qp_error(struct sim_qp *qp)
{
	spin_lock_bh(&qp->state_lock);
	if (qp->state != IB_QPS_RESET)
		WRITE_ONCE(qp->state, IB_QPS_ERR);
	spin_unlock_bh(&qp->state_lock);
	sim_qp_activate(qp);
}

static void sim_qp_event_work(struct work_struct *work)
{
	struct sim_qp *qp = container_of(work, struct sim_qp, event_work);
	struct ib_event event = {
		.device = &qp->sim->ibdev,
		.element.qp = qp->ibqp,
	};
	unsigned long events = xchg(&qp->events, 0);
	unsigned int type;

	if (!qp->ibqp->event_handler)
		return;
	for_each_set_bit(type, &events, BITS_PER_LONG) {
		event.event = type;
		qp->ibqp->event_handler(&event, qp->ibqp->qp_context);
	}
}

/**
 * sim_qp_event() - tell the consumer, from process context
 * @qp: queue pair that is not dead, by one of its locks
 * @type: what happened
 *
 * Context: any.
 */
void sim_qp_event(struct sim_qp *qp, enum ib_event_type type)
{
	set_bit(type, &qp->events);
	queue_work(sim_event_wq, &qp->event_work);
}

static int sim_queue_alloc(struct sim_queue *q, u32 depth, u32 max_sge,
			   size_t stride)
{
	q->depth = max(depth, 1U);
	q->max_sge = max_sge;
	q->stride = ALIGN(stride, sizeof(u64));
	q->size = roundup_pow_of_two(q->depth);
	q->mem = kvcalloc(q->size, q->stride, GFP_KERNEL);
	return q->mem ? 0 : -ENOMEM;
}

static int sim_qp_alloc_queues(struct sim_qp *qp, const struct ib_qp_cap *cap)
{
	size_t payload = max_t(size_t, cap->max_inline_data,
			       cap->max_send_sge * sizeof(struct ib_sge));
	int err;

	err = sim_queue_alloc(&qp->sq, cap->max_send_wr, cap->max_send_sge,
			      sizeof(struct sim_swqe) + payload);
	if (err)
		return err;
	err = sim_queue_alloc(&qp->rq, cap->max_recv_wr, cap->max_recv_sge,
			      struct_size_t(struct sim_rwqe, sge,
					    cap->max_recv_sge));
	if (err)
		kvfree(qp->sq.mem);
	return err;
}

static bool sim_qp_caps_ok(const struct ib_qp_cap *cap)
{
	return cap->max_send_wr <= SIM_MAX_WR &&
	       cap->max_recv_wr <= SIM_MAX_WR &&
	       cap->max_send_sge <= SIM_MAX_SGE &&
	       cap->max_recv_sge <= SIM_MAX_SGE &&
	       cap->max_inline_data <= SIM_MAX_INLINE;
}

static int sim_qp_insert(struct sim_dev *sim, struct sim_qp *qp)
{
	int err;

	err = xa_alloc_cyclic_bh(&sim->qps, &qp->qpn, NULL, SIM_QPNS,
				 &sim->next_qpn, GFP_KERNEL);
	if (err < 0)
		return err;
	/* The entry is reserved, so this needs no memory. */
	xa_store_bh(&sim->qps, qp->qpn, qp, GFP_KERNEL);
	return 0;
}

static int sim_create_qp(struct ib_qp *ibqp, struct ib_qp_init_attr *init,
			 struct ib_udata *udata)
{
	struct sim_dev *sim = to_sim_dev(ibqp->device);
	struct sim_visit visit __cleanup(sim_visit_end) = sim_visit_begin(sim);
	struct sim_qp *qp;
	int err = -ENOMEM;
	u32 fault;

	if (init->qp_type != IB_QPT_RC || init->srq || init->create_flags)
		return -EOPNOTSUPP;
	if (!sim_qp_caps_ok(&init->cap))
		return -EINVAL;
	if (sim->fatal)
		return -EIO;
	if (sim_fault_hit(sim, SIM_FAULT_CREATE_QP, &fault))
		return (int)fault;

	if (!sim_object_take(sim, SIM_QPS))
		return err;
	qp = kzalloc(sizeof(*qp), GFP_KERNEL);
	if (!qp)
		goto err_give;
	err = sim_qp_alloc_queues(qp, &init->cap);
	if (err)
		goto err_free_qp;
	qp->ibqp = ibqp;
	qp->sim = sim;
	refcount_set(&qp->ref, 1);	/* put by sim_destroy_qp() */
	qp->scq = to_sim_cq(init->send_cq);
	qp->rcq = to_sim_cq(init->recv_cq);
	qp->pd = ibqp->pd;
	qp->sig_all = init->sq_sig_type == IB_SIGNAL_ALL_WR;
	qp->max_inline = init->cap.max_inline_data;
	qp->attr.cap = init->cap;
	mutex_init(&qp->modify_mutex);
	spin_lock_init(&qp->state_lock);
	spin_lock_init(&qp->resp_lock);
	spin_lock_init(&qp->sq_lock);
	spin_lock_init(&qp->rq_lock);
	INIT_LIST_HEAD(&qp->active);
	INIT_WORK(&qp->event_work, sim_qp_event_work);
	sim_req_init(qp);
	sim_wire_qp_init(&qp->wire, qp);

	container_of(ibqp, struct sim_ibqp, ibqp)->qp = qp;
	err = sim_qp_insert(sim, qp);
	if (err)
		goto err_free_queues;
	ibqp->qp_num = qp->qpn;
	return 0;

err_free_queues:
	sim_wire_qp_exit(&qp->wire);
	kvfree(qp->sq.mem);
	kvfree(qp->rq.mem);
err_free_qp:
	kfree(qp);
err_give:
	sim_object_give(sim, SIM_QPS);
	return err;
}

/* Take a dead queue pair off its device's lists. */
static void sim_qp_unlist(struct sim_qp *qp)
{
	struct sim_dev *sim = qp->sim;
	bool active, held;

	spin_lock_bh(&sim->active_lock);
	active = !list_empty(&qp->active);
	list_del_init(&qp->active);
	held = sim->held == qp;
	if (held)
		sim->held = NULL;
	spin_unlock_bh(&sim->active_lock);
	if (active)
		sim_qp_put(qp);
	if (held)
		sim_qp_put(qp);
}

static int sim_destroy_qp(struct ib_qp *ibqp, struct ib_udata *udata)
{
	struct sim_dev *sim = to_sim_dev(ibqp->device);
	struct sim_visit visit __cleanup(sim_visit_end) = sim_visit_begin(sim);
	struct sim_qp *qp = to_sim_qp(ibqp);

	/* Not to be found, ... */
	xa_erase_bh(&qp->sim->qps, qp->qpn);
	/* ... dead for all who found it, ... */
	spin_lock_bh(&qp->req_lock);
	spin_lock(&qp->resp_lock);
	WRITE_ONCE(qp->dead, true);
	__sim_req_reset(qp);
	spin_unlock(&qp->resp_lock);
	spin_unlock_bh(&qp->req_lock);
	/* ... nothing to be done later, ... */
	hrtimer_cancel(&qp->req.timer);
	sim_qp_unlist(qp);
	cancel_work_sync(&qp->event_work);
	sim_wire_qp_exit(&qp->wire);
	/* ... and nothing to be seen of it. */
	sim_cq_purge(qp->scq, qp);
	sim_cq_purge(qp->rcq, qp);
	kvfree(qp->sq.mem);
	kvfree(qp->rq.mem);
	sim_qp_put(qp);
	sim_object_give(sim, SIM_QPS);
	return 0;
}

const struct ib_device_ops sim_qp_ops = {
	.create_qp = sim_create_qp,
	.modify_qp = sim_qp_modify,
	.query_qp = sim_qp_query,
	.destroy_qp = sim_destroy_qp,
	.post_send = sim_post_send,
	.post_recv = sim_post_recv,

	INIT_RDMA_OBJ_SIZE(ib_qp, sim_ibqp, ibqp),
};
