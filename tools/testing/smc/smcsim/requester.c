// SPDX-License-Identifier: GPL-2.0
/*
 * The requester: executes send queues.
 *
 * One work item for a device, in softirq, so what it does is in the order of
 * the list of active queue pairs, and never at two places at once. A work
 * request takes steps (enum sim_step); a step that must wait sets the time,
 * and the queue pair does nothing more until then. See struct sim_requester.
 *
 * The peer is looked up once and kept, with a reference, until it dies or
 * anything about the wiring, the ports or the GIDs changes.
 */
#include "smcsim.h"

/* Work requests until other softirqs get their turn. */
#define SIM_REQ_BUDGET		256
/* ... and until other queue pairs do. */
#define SIM_REQ_TURN		16

/* Retry count that never ends. */
#define SIM_RNR_FOREVER		7

/* IB spec, table of RNR NAK timer values, in units of 10 us. */
static const u16 sim_rnr_timer[32] = {
	0xffff, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192,
	256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288,
	16384, 24576, 32768, 49152,
};

static enum hrtimer_restart sim_req_timeout(struct hrtimer *timer)
{
	struct sim_qp *qp = container_of(timer, struct sim_qp, req.timer);
	u64 entered = sim_enter();

	sim_qp_activate(qp);
	sim_leave(qp->sim, entered);
	return HRTIMER_NORESTART;
}

/* Do nothing for the queue pair before that time. */
static void __sim_req_sleep(struct sim_qp *qp, ktime_t until)
{
	lockdep_assert_held(&qp->req_lock);
	qp->req.wake_at = until;
	if (until != KTIME_MAX)
		hrtimer_start(&qp->req.timer, until, HRTIMER_MODE_ABS_SOFT);
}

static void __sim_req_sleep_us(struct sim_qp *qp, u32 us)
{
	__sim_req_sleep(qp, ktime_add_us(ktime_get(), us));
}

static const struct sim_swqe *sim_req_next(const struct sim_qp *qp)
{
	/* Pairs with __sim_post_send_one(). */
	if (qp->sq.cons == smp_load_acquire(&qp->sq.prod))
		return NULL;
	return sim_queue_slot(&qp->sq, qp->sq.cons);
}

static void __sim_req_forget_peer(struct sim_qp *qp)
{
	lockdep_assert_held(&qp->req_lock);
	if (qp->peer)
		sim_qp_put(qp->peer);
	qp->peer = NULL;
}

static struct sim_qp *__sim_req_peer(struct sim_qp *qp)
{
	unsigned int gen = atomic_read(&sim_topology);

	lockdep_assert_held(&qp->req_lock);
	if (likely(qp->peer && qp->peer_gen == gen &&
		   !READ_ONCE(qp->peer->dead)))
		return qp->peer;
	__sim_req_forget_peer(qp);
	qp->peer = sim_gid_find_qp(qp->port, &qp->path, qp->attr.dest_qp_num);
	qp->peer_gen = gen;
	return qp->peer;
}

/* Nothing of the last work request is to be seen by the next. */
static void __sim_req_clear(struct sim_requester *req)
{
	req->step = SIM_STEP_START;
	req->held = false;
	req->overtaken = false;
	req->late = false;
	req->dup = false;
	req->status = IB_WC_SUCCESS;
	req->retries = 0;
	req->rnr_retries = 0;
	req->lose = 0;
	req->fake_rnr = 0;
	req->wake_at = 0;
}

static void __sim_req_done(struct sim_requester *req, enum ib_wc_status status)
{
	req->status = status;
	req->step = SIM_STEP_DONE;
}

static bool __sim_req_gather(struct sim_qp *qp, const struct sim_swqe *wqe)
{
	struct sim_source *src = &qp->req.src;
	unsigned int i;

	src->len = wqe->len;
	if (wqe->is_inline) {
		src->piece[0].mr = NULL;
		src->piece[0].addr = (uintptr_t)wqe->bytes;
		src->piece[0].len = wqe->len;
		src->num = 1;
		return true;
	}
	src->num = wqe->num_sge;
	for (i = 0; i < src->num; i++)
		if (!sim_mr_local(qp->sim, qp->pd, &wqe->sge[i], 0,
				  &src->piece[i]))
			return false;
	return true;
}

static void __sim_req_fill_msg(struct sim_qp *qp, const struct sim_swqe *wqe)
{
	struct sim_requester *req = &qp->req;
	struct sim_msg *msg = &req->msg;

	msg->opcode = wqe->opcode;
	msg->src_qpn = qp->qpn;
	msg->dest_qpn = qp->attr.dest_qp_num;
	msg->psn = req->psn;
	msg->solicited = wqe->solicited;
	msg->injected = false;
	msg->len = wqe->len;
	msg->packet = min_t(u32, wqe->len,
			    ib_mtu_enum_to_int(qp->attr.path_mtu));
	msg->bytes = NULL;
	msg->src = &req->src;
	msg->flip_bits = 0;
	if (wqe->opcode == IB_WR_RDMA_WRITE) {
		msg->remote_addr = wqe->write.raddr;
		msg->rkey = wqe->write.rkey;
	} else if (wqe->len <= SIM_MSG_BYTES) {
		sim_msg_read(msg, 0, req->bytes, wqe->len);
		msg->bytes = req->bytes;
	}
}

/* What goes wrong with this message is settled when it sets out. */
static void __sim_req_ask_faults(struct sim_qp *qp)
{
	struct sim_requester *req = &qp->req;
	struct sim_dev *sim = qp->sim;
	u32 value;

	sim_fault_event(sim, qp->qpn);
	if (sim_fault_hit_qp(sim, SIM_FAULT_MSG_LOST, qp->qpn, &value))
		req->lose = value ?: U32_MAX;
	if (sim_fault_hit_qp(sim, SIM_FAULT_RNR, qp->qpn, &value))
		req->fake_rnr = value ?: U32_MAX;
	req->dup = sim_fault_hit_qp(sim, SIM_FAULT_MSG_DUP, qp->qpn, NULL);
	if (sim_fault_hit_qp(sim, SIM_FAULT_MSG_LATE, qp->qpn, &value))
		__sim_req_sleep_us(qp, value);
	if (sim_fault_hit_qp(sim, SIM_FAULT_FLUSH, qp->qpn, NULL)) {
		sim_qp_error(qp);
		sim_qp_event(qp, IB_EVENT_QP_FATAL);
	}
}

static void __sim_req_start(struct sim_qp *qp, const struct sim_swqe *wqe)
{
	struct sim_requester *req = &qp->req;
	u32 fault;

	if (unlikely(wqe->due) && ktime_before(ktime_get(), wqe->due)) {
		__sim_req_sleep(qp, wqe->due);
		return;
	}
	switch (wqe->opcode) {
	case IB_WR_REG_MR:
		if (sim_fault_hit_qp(qp->sim, SIM_FAULT_REG_MR, qp->qpn,
				     &fault))
			__sim_req_done(req, fault);
		else
			__sim_req_done(req, sim_mr_register(qp->sim, wqe));
		return;
	case IB_WR_LOCAL_INV:
		__sim_req_done(req, sim_mr_invalidate(qp->sim, qp->pd,
						      wqe->inv_key));
		return;
	default:
		break;
	}
	if (!__sim_req_gather(qp, wqe)) {
		__sim_req_done(req, IB_WC_LOC_PROT_ERR);
		return;
	}
	__sim_req_fill_msg(qp, wqe);
	req->step = SIM_STEP_SEND;
	if (unlikely(READ_ONCE(qp->sim->faults.armed)))
		__sim_req_ask_faults(qp);
	sim_mutate(qp->sim, &req->msg);
}

static void __sim_req_again(struct sim_qp *qp)
{
	struct sim_requester *req = &qp->req;
	u8 timeout = qp->attr.timeout;

	sim_count(qp->sim, SIM_C_RETRIES);
	if (req->retries++ >= qp->attr.retry_cnt) {
		__sim_req_done(req, IB_WC_RETRY_EXC_ERR);
		return;
	}
	req->step = SIM_STEP_SEND;
	/* 4.096 us times a power of two; 0 waits for ever. */
	__sim_req_sleep(qp, timeout ? ktime_add_ns(ktime_get(),
						   4096ULL << timeout) :
				      KTIME_MAX);
}

static void __sim_req_not_ready(struct sim_qp *qp)
{
	struct sim_requester *req = &qp->req;
	u8 timer = qp->attr.min_rnr_timer;

	sim_count(qp->sim, SIM_C_RNR);
	if (qp->attr.rnr_retry != SIM_RNR_FOREVER &&
	    req->rnr_retries++ >= qp->attr.rnr_retry) {
		__sim_req_done(req, IB_WC_RNR_RETRY_EXC_ERR);
		return;
	}
	/* How long is the receiver's to say. */
	if (qp->peer)
		timer = READ_ONCE(qp->peer->attr.min_rnr_timer);
	req->retries = 0;
	req->step = SIM_STEP_SEND;
	__sim_req_sleep_us(qp, sim_rnr_timer[timer & 31] * 10);
}

static void __sim_req_answered(struct sim_qp *qp, const struct sim_swqe *wqe,
			       enum sim_answer answer)
{
	struct sim_requester *req = &qp->req;

	switch (answer) {
	case SIM_ACK:
		req->psn = (req->psn + 1) & SIM_PSN_MASK;
		sim_count_add(qp->sim, wqe->opcode == IB_WR_SEND ?
			      SIM_C_BYTES_SENT : SIM_C_BYTES_WRITTEN,
			      wqe->len);
		__sim_req_done(req, IB_WC_SUCCESS);
		break;
	case SIM_NAK_RNR:
		__sim_req_not_ready(qp);
		break;
	case SIM_NAK_REQUEST:
		__sim_req_done(req, IB_WC_REM_INV_REQ_ERR);
		break;
	case SIM_NAK_ACCESS:
		__sim_req_done(req, IB_WC_REM_ACCESS_ERR);
		break;
	case SIM_NAK_OPERATION:
		__sim_req_done(req, IB_WC_REM_OP_ERR);
		break;
	case SIM_IN_FLIGHT:
		req->step = SIM_STEP_WIRE;
		break;
	case SIM_NAK_SEQUENCE:
	case SIM_NO_ANSWER:
		__sim_req_again(qp);
		break;
	}
}

/* The receiver's completion is late: deliver later, so that order holds. */
static bool __sim_req_receiver_late(struct sim_qp *qp, struct sim_qp *peer)
{
	u32 us;

	if (likely(!READ_ONCE(peer->sim->faults.armed)) || qp->req.late ||
	    qp->req.msg.opcode != IB_WR_SEND)
		return false;
	qp->req.late = true;
	if (!sim_fault_hit_qp(peer->sim, SIM_FAULT_COMP_DELAY, peer->qpn, &us))
		return false;
	__sim_req_sleep_us(qp, us);
	return true;
}

static void __sim_req_deliver(struct sim_qp *qp, const struct sim_swqe *wqe)
{
	struct sim_requester *req = &qp->req;
	enum sim_answer answer;
	struct sim_qp *peer;

	peer = __sim_req_peer(qp);
	if (unlikely(req->lose)) {
		if (req->lose != U32_MAX)
			req->lose--;
		answer = SIM_NO_ANSWER;
	} else if (unlikely(req->fake_rnr)) {
		if (req->fake_rnr != U32_MAX)
			req->fake_rnr--;
		answer = SIM_NAK_RNR;
	} else if (peer) {
		if (__sim_req_receiver_late(qp, peer))
			return;
		answer = sim_resp_message(peer, &qp->path, &req->msg);
		if (unlikely(req->dup) && answer == SIM_ACK)
			sim_resp_message(peer, &qp->path, &req->msg);
	} else if (!sim_gid_is_source(qp->port, &qp->path)) {
		sim_count(qp->sim, SIM_C_NO_SGID);
		answer = SIM_NO_ANSWER;
	} else if (READ_ONCE(qp->sim->wire_on) && sim_port_active(qp->port)) {
		answer = sim_wire_send(qp, &req->msg);
	} else {
		sim_count(qp->sim, SIM_C_NO_PEER);
		answer = SIM_NO_ANSWER;
	}
	__sim_req_answered(qp, wqe, answer);
}

/* Others complete now: what waited to be overtaken need not wait longer. */
static void __sim_req_overtake(struct sim_qp *qp)
{
	struct sim_dev *sim = qp->sim;
	struct sim_qp *held = NULL;

	spin_lock(&sim->active_lock);
	if (sim->held != qp)
		swap(sim->held, held);
	spin_unlock(&sim->active_lock);
	if (!held)
		return;
	WRITE_ONCE(held->req.overtaken, true);
	sim_qp_activate(held);
	sim_qp_put(held);
}

/* Wait until others complete, which nobody does so far. */
static void __sim_req_hold(struct sim_qp *qp)
{
	struct sim_dev *sim = qp->sim;

	spin_lock(&sim->active_lock);
	refcount_inc(&qp->ref);		/* __sim_req_overtake() */
	sim->held = qp;
	spin_unlock(&sim->active_lock);
}

static bool sim_is_message(const struct sim_swqe *wqe)
{
	return wqe->opcode == IB_WR_SEND || wqe->opcode == IB_WR_RDMA_WRITE;
}

/* Faults of completions. True: not now. */
static bool __sim_req_completion_faults(struct sim_qp *qp,
					const struct sim_swqe *wqe)
{
	struct sim_requester *req = &qp->req;
	u32 value;

	if (req->held)
		return false;
	req->held = true;
	if (!req->status && sim_is_message(wqe) &&
	    sim_fault_hit_qp(qp->sim, SIM_FAULT_SEND_STATUS, qp->qpn, &value))
		req->status = value;
	if (!req->status && !wqe->signalled)
		return false;
	if (sim_fault_hit_qp(qp->sim, SIM_FAULT_COMP_DELAY, qp->qpn, &value)) {
		__sim_req_sleep_us(qp, value);
		return true;
	}
	/* One waits at most; only the device's work item, this one, sets it. */
	if (!READ_ONCE(qp->sim->held) &&
	    sim_fault_hit_qp(qp->sim, SIM_FAULT_COMP_REORDER, qp->qpn,
			     &value)) {
		__sim_req_hold(qp);
		__sim_req_sleep_us(qp, value);
		return true;
	}
	return false;
}

static void __sim_req_complete(struct sim_qp *qp, const struct sim_swqe *wqe,
			       enum ib_wc_status status)
{
	static const enum ib_wc_opcode opcodes[] = {
		[IB_WR_SEND] = IB_WC_SEND,
		[IB_WR_RDMA_WRITE] = IB_WC_RDMA_WRITE,
		[IB_WR_REG_MR] = IB_WC_REG_MR,
		[IB_WR_LOCAL_INV] = IB_WC_LOCAL_INV,
	};
	bool signalled = wqe->signalled || status;
	struct sim_cqe cqe = {
		.wc.wr_cqe = wqe->wr_cqe,
		.wc.status = status,
		.wc.opcode = opcodes[wqe->opcode],
		.wc.byte_len = wqe->len,
		.wc.qp = qp->ibqp,
		.wc.port_num = qp->attr.port_num,
		.qp = qp,
	};

	lockdep_assert_held(&qp->req_lock);
	cqe.freed = ++qp->sq.cons;
	__sim_req_clear(&qp->req);
	if (signalled && !sim_cq_push(qp->scq, &cqe, false)) {
		sim_qp_error(qp);
		sim_qp_event(qp, IB_EVENT_QP_FATAL);
	}
	if (unlikely(READ_ONCE(qp->sim->held)))
		__sim_req_overtake(qp);
}

static void __sim_req_finish(struct sim_qp *qp, const struct sim_swqe *wqe)
{
	enum ib_wc_status status;

	if (unlikely(READ_ONCE(qp->sim->faults.armed)) &&
	    __sim_req_completion_faults(qp, wqe))
		return;
	status = qp->req.status;
	/* First the state, so that who sees the completion sees it, too. */
	if (unlikely(status))
		sim_qp_error(qp);
	__sim_req_complete(qp, wqe, status);
}

static void __sim_req_flush(struct sim_qp *qp)
{
	const struct sim_swqe *wqe;

	lockdep_assert_held(&qp->req_lock);
	sim_wire_qp_reset(&qp->wire);
	hrtimer_try_to_cancel(&qp->req.timer);
	while ((wqe = sim_req_next(qp)))
		__sim_req_complete(qp, wqe, IB_WC_WR_FLUSH_ERR);
	__sim_req_clear(&qp->req);
	__sim_req_forget_peer(qp);
}

/* All steps of one work request. False: there is nothing to do for now. */
static bool __sim_req_one(struct sim_qp *qp)
{
	struct sim_requester *req = &qp->req;
	const struct sim_swqe *wqe;
	u32 cons = qp->sq.cons;

	if (unlikely(req->wake_at)) {
		if (!READ_ONCE(req->overtaken) &&
		    ktime_before(ktime_get(), req->wake_at))
			return false;
		req->wake_at = 0;
	}
	wqe = sim_req_next(qp);
	if (!wqe)
		return false;
	while (qp->sq.cons == cons) {
		switch (req->step) {
		case SIM_STEP_START:
			__sim_req_start(qp, wqe);
			break;
		case SIM_STEP_SEND:
			__sim_req_deliver(qp, wqe);
			break;
		case SIM_STEP_WIRE:
			return false;
		case SIM_STEP_ANSWERED:
			/* The wire has sent it again as often as it should. */
			if (req->answer == SIM_NO_ANSWER)
				__sim_req_done(req, IB_WC_RETRY_EXC_ERR);
			else
				__sim_req_answered(qp, wqe, req->answer);
			break;
		case SIM_STEP_DONE:
			__sim_req_finish(qp, wqe);
			break;
		}
		if (req->wake_at || sim_qp_state(qp) == IB_QPS_ERR)
			break;
	}
	return !req->wake_at;
}

static void __sim_req_drained(struct sim_qp *qp)
{
	if (!qp->attr.en_sqd_async_notify)
		return;
	qp->attr.en_sqd_async_notify = 0;
	sim_qp_event(qp, IB_EVENT_SQ_DRAINED);
}

/* False: there is nothing more to do for now. */
static bool __sim_req_step(struct sim_qp *qp)
{
	lockdep_assert_held(&qp->req_lock);
	switch (sim_qp_state(qp)) {
	case IB_QPS_RTS:
		return __sim_req_one(qp);
	case IB_QPS_SQD:
		/* What was begun comes to its end. */
		if (qp->req.step != SIM_STEP_START)
			return __sim_req_one(qp);
		__sim_req_drained(qp);
		return false;
	case IB_QPS_ERR:
		__sim_req_flush(qp);
		return false;
	default:
		return false;
	}
}

/* Give a queue pair its turn. True: it has more to do. */
static bool sim_req_run(struct sim_qp *qp, unsigned int *budget)
{
	unsigned int turn = min_t(unsigned int, *budget, SIM_REQ_TURN);
	bool flush = false;
	bool more = false;

	spin_lock(&qp->req_lock);
	if (!qp->dead) {
		do {
			more = __sim_req_step(qp);
			(*budget)--;
		} while (more && --turn);
		flush = sim_qp_state(qp) == IB_QPS_ERR;
	}
	spin_unlock(&qp->req_lock);
	if (unlikely(flush))
		sim_resp_flush(qp);
	return more;
}

static struct sim_qp *sim_req_pick(struct sim_dev *sim)
{
	struct sim_qp *qp;

	spin_lock(&sim->active_lock);
	qp = list_first_entry_or_null(&sim->active, struct sim_qp, active);
	if (qp)
		list_del_init(&qp->active);
	spin_unlock(&sim->active_lock);
	return qp;
}

/* Behind the others, with the reference that the list had. */
static void sim_req_requeue(struct sim_dev *sim, struct sim_qp *qp)
{
	bool listed;

	spin_lock(&sim->active_lock);
	listed = !list_empty(&qp->active);
	if (!listed)
		list_add_tail(&qp->active, &sim->active);
	spin_unlock(&sim->active_lock);
	if (listed)
		sim_qp_put(qp);
}

/**
 * sim_req_work() - execute what is posted
 * @work: of a device
 *
 * Context: BH work item.
 */
void sim_req_work(struct work_struct *work)
{
	struct sim_dev *sim = container_of(work, struct sim_dev, work);
	unsigned int budget = SIM_REQ_BUDGET;
	u64 entered = sim_enter();
	struct sim_qp *qp = NULL;

	rcu_read_lock();
	while (budget && (qp = sim_req_pick(sim))) {
		if (sim_req_run(qp, &budget))
			sim_req_requeue(sim, qp);
		else
			sim_qp_put(qp);
	}
	rcu_read_unlock();
	if (!budget)
		queue_work(sim_bh_wq, &sim->work);
	sim_leave(sim, entered);
}

/**
 * sim_req_answer() - the wire has an answer
 * @qp: queue pair that sent
 * @psn: number of the message that is answered
 * @answer: any but SIM_IN_FLIGHT; SIM_NO_ANSWER: it was sent as often as the
 *	queue pair allows
 *
 * An answer to another message than the one under way is ignored.
 *
 * Context: BH. Takes req_lock.
 */
void sim_req_answer(struct sim_qp *qp, u32 psn, enum sim_answer answer)
{
	spin_lock_bh(&qp->req_lock);
	if (!qp->dead && qp->req.step == SIM_STEP_WIRE &&
	    qp->req.psn == psn) {
		qp->req.answer = answer;
		qp->req.step = SIM_STEP_ANSWERED;
		sim_qp_activate(qp);
	}
	spin_unlock_bh(&qp->req_lock);
}

/**
 * sim_req_inject() - deliver a message that nobody sent
 * @sim: device of the queue pair that it pretends to come from
 * @msg: message; @src_qpn is set, @dest_qpn is filled in
 *
 * Peers in this kernel only.
 *
 * Context: bottom halves disabled, no lock held. Takes the queue pair's
 * req_lock and its peer's resp_lock.
 * Return: the answer, SIM_NO_ANSWER if there is no peer.
 */
enum sim_answer sim_req_inject(struct sim_dev *sim, struct sim_msg *msg)
{
	enum sim_answer answer = SIM_NO_ANSWER;
	struct sim_qp *peer;
	struct sim_qp *qp;

	qp = sim_qp_get(sim, msg->src_qpn);
	if (!qp)
		return answer;
	rcu_read_lock();
	spin_lock(&qp->req_lock);
	if (!qp->dead && sim_qp_state(qp) == IB_QPS_RTS) {
		msg->injected = true;
		msg->dest_qpn = qp->attr.dest_qp_num;
		peer = __sim_req_peer(qp);
		if (peer)
			answer = sim_resp_message(peer, &qp->path, msg);
	}
	spin_unlock(&qp->req_lock);
	rcu_read_unlock();
	sim_qp_put(qp);
	return answer;
}

/**
 * sim_req_init() - set up the requester of a queue pair
 * @qp: zeroed but for what never changes
 *
 * Context: any.
 */
void sim_req_init(struct sim_qp *qp)
{
	spin_lock_init(&qp->req_lock);
	hrtimer_init(&qp->req.timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	qp->req.timer.function = sim_req_timeout;
}

/**
 * __sim_req_reset() - forget all that was posted
 * @qp: queue pair in RESET or to be destroyed
 *
 * Context: BH, req_lock held.
 */
void __sim_req_reset(struct sim_qp *qp)
{
	lockdep_assert_held(&qp->req_lock);
	sim_wire_qp_reset(&qp->wire);
	hrtimer_try_to_cancel(&qp->req.timer);
	__sim_req_clear(&qp->req);
	__sim_req_forget_peer(qp);
}
