// SPDX-License-Identifier: GPL-2.0
/*
 * The responder: what a queue pair does with a message from its peer.
 *
 * It trusts nothing in the message. What an adapter would refuse is refused,
 * counted, and moves this queue pair to the error state; the answer does the
 * same to the sender's. A message that does not come from the peer that the
 * queue pair is connected to is dropped without an answer.
 */
#include "smcsim.h"

/* More than half of the number space ahead is behind. */
#define SIM_PSN_BEHIND		(SIM_PSN_MASK / 2 + 1)

static u32 sim_msg_payload_len(const struct sim_msg *msg)
{
	return msg->bytes ? msg->len : msg->src->len;
}

/**
 * sim_msg_read() - read a message's payload
 * @msg: message
 * @off: first byte
 * @to: copied to here
 * @len: bytes; @off + @len is within the payload
 *
 * Context: any, under RCU.
 */
void sim_msg_read(const struct sim_msg *msg, u32 off, void *to, u32 len)
{
	const struct sim_piece *piece;
	u32 n;

	if (msg->bytes) {
		memcpy(to, msg->bytes + off, len);
		return;
	}
	for (piece = msg->src->piece; len; piece++) {
		while (len && off < piece->len) {
			const u8 *at = (u8 *)(uintptr_t)(piece->addr + off);

			n = min(len, piece->len - off);
			if (piece->mr)
				at = sim_mr_at(piece->mr, piece->addr + off,
					       &n);
			memcpy(to, at, n);
			to += n;
			off += n;
			len -= n;
		}
		off -= min(off, piece->len);
	}
}

static void __sim_resp_fail(struct sim_qp *qp, enum ib_event_type event)
{
	lockdep_assert_held(&qp->resp_lock);
	sim_qp_error(qp);
	sim_qp_event(qp, event);
}

/**
 * __sim_resp_ready() - does a queue pair take messages?
 * @qp: queue pair, maybe dead
 *
 * Context: resp_lock held.
 * Return: true in a state of which it does.
 */
bool __sim_resp_ready(struct sim_qp *qp)
{
	lockdep_assert_held(&qp->resp_lock);
	if (qp->dead)
		return false;
	switch (sim_qp_state(qp)) {
	case IB_QPS_RTR:
	case IB_QPS_RTS:
	case IB_QPS_SQD:
	case IB_QPS_SQE:
		return true;
	default:
		return false;
	}
}

static struct sim_rwqe *sim_resp_next(struct sim_qp *qp)
{
	/* Pairs with __sim_post_recv_one(). */
	if (qp->rq.cons == smp_load_acquire(&qp->rq.prod))
		return NULL;
	return sim_queue_slot(&qp->rq, qp->rq.cons);
}

static void __sim_resp_complete(struct sim_qp *qp, const struct sim_rwqe *wqe,
				enum ib_wc_status status, u32 len,
				bool solicited)
{
	struct sim_cqe cqe = {
		.wc.wr_cqe = wqe->wr_cqe,
		.wc.status = status,
		.wc.opcode = IB_WC_RECV,
		.wc.byte_len = len,
		.wc.qp = qp->ibqp,
		.wc.src_qp = qp->attr.dest_qp_num,
		.wc.port_num = qp->attr.port_num,
		.qp = qp,
		.is_recv = true,
	};

	lockdep_assert_held(&qp->resp_lock);
	cqe.freed = ++qp->rq.cons;
	if (!sim_cq_push(qp->rcq, &cqe, solicited))
		__sim_resp_fail(qp, IB_EVENT_QP_FATAL);
}

static enum ib_wc_status __sim_resp_scatter(struct sim_qp *qp,
					    const struct sim_rwqe *wqe,
					    const struct sim_msg *msg)
{
	struct sim_piece piece;
	u32 off = 0;
	u32 n;
	int i;

	for (i = 0; i < wqe->num_sge && off < msg->len; i++) {
		if (!sim_mr_local(qp->sim, qp->pd, &wqe->sge[i],
				  IB_ACCESS_LOCAL_WRITE, &piece))
			return IB_WC_LOC_PROT_ERR;
		while (piece.len && off < msg->len) {
			u8 *at = (u8 *)(uintptr_t)piece.addr;

			n = min(piece.len, msg->len - off);
			if (piece.mr)
				at = sim_mr_at(piece.mr, piece.addr, &n);
			sim_msg_read(msg, off, at, n);
			piece.addr += n;
			piece.len -= n;
			off += n;
		}
	}
	return IB_WC_SUCCESS;
}

static enum sim_answer __sim_resp_recv(struct sim_qp *qp,
				       const struct sim_msg *msg)
{
	enum sim_answer answer = SIM_NAK_OPERATION;
	const struct sim_rwqe *wqe;
	enum ib_wc_status status;
	u32 fault;

	lockdep_assert_held(&qp->resp_lock);
	wqe = sim_resp_next(qp);
	if (!wqe)
		return SIM_NAK_RNR;
	if (msg->len > wqe->len) {
		sim_count(qp->sim, SIM_C_VIOL_RECV_LEN);
		status = IB_WC_LOC_LEN_ERR;
		answer = SIM_NAK_REQUEST;
	} else if (sim_fault_hit_qp(qp->sim, SIM_FAULT_RECV_STATUS, qp->qpn,
				    &fault)) {
		status = fault;
	} else {
		status = __sim_resp_scatter(qp, wqe, msg);
	}
	__sim_resp_complete(qp, wqe, status, msg->len, msg->solicited);
	if (!status)
		return SIM_ACK;
	__sim_resp_fail(qp, answer == SIM_NAK_REQUEST ? IB_EVENT_QP_REQ_ERR :
							IB_EVENT_QP_FATAL);
	return answer;
}

/* Copies into the pages of a locked region. */
static void __sim_resp_place(struct sim_mr *mr, const struct sim_msg *msg)
{
	u32 off = 0;
	u32 n;
	u8 *at;

	lockdep_assert_held(&mr->lock);
	while (off < msg->len) {
		n = msg->len - off;
		at = sim_mr_at(mr, msg->remote_addr + off, &n);
		sim_msg_read(msg, off, at, n);
		if (unlikely(msg->flip_bits) && msg->flip_at - off < n)
			at[msg->flip_at - off] ^= msg->flip_bits;
		off += n;
	}
}

/* May the peer write there, and if so, with @msg: do so. */
static enum sim_answer __sim_resp_access(struct sim_qp *qp, u64 addr, u32 rkey,
					 u32 len, const struct sim_msg *msg)
{
	enum sim_answer answer = SIM_NAK_ACCESS;
	struct sim_mr *mr;

	lockdep_assert_held(&qp->resp_lock);
	if (!(qp->attr.qp_access_flags & IB_ACCESS_REMOTE_WRITE)) {
		sim_count(qp->sim, SIM_C_VIOL_ACCESS);
		goto out;
	}
	mr = sim_mr_find(qp->sim, rkey);
	if (!mr)
		goto out;
	spin_lock(&mr->lock);
	if (__sim_mr_may_write(qp->sim, mr, qp->pd, rkey, addr, len)) {
		answer = SIM_ACK;
		if (msg && len == sim_msg_payload_len(msg))
			__sim_resp_place(mr, msg);
		else if (msg)
			answer = SIM_NAK_REQUEST;
	}
	spin_unlock(&mr->lock);
out:
	if (answer)
		__sim_resp_fail(qp, answer == SIM_NAK_ACCESS ?
				IB_EVENT_QP_ACCESS_ERR : IB_EVENT_QP_REQ_ERR);
	return answer;
}

static enum sim_answer __sim_resp_write(struct sim_qp *qp,
					const struct sim_msg *msg)
{
	/* Nothing to write needs no key. */
	if (!msg->len && !sim_msg_payload_len(msg))
		return SIM_ACK;
	return __sim_resp_access(qp, msg->remote_addr, msg->rkey, msg->len,
				 msg);
}

/* SIM_IN_FLIGHT: to be executed. */
static enum sim_answer __sim_resp_number(struct sim_qp *qp,
					 const struct sim_msg *msg)
{
	u32 ahead;

	lockdep_assert_held(&qp->resp_lock);
	if (msg->injected)
		return SIM_IN_FLIGHT;
	ahead = (msg->psn - qp->epsn) & SIM_PSN_MASK;
	if (!ahead)
		return SIM_IN_FLIGHT;
	if (ahead >= SIM_PSN_BEHIND) {
		sim_count(qp->sim, SIM_C_DUPLICATES);
		return SIM_ACK;		/* executed the first time */
	}
	sim_count(qp->sim, SIM_C_VIOL_PSN);
	return SIM_NAK_SEQUENCE;
}

static enum sim_answer __sim_resp_message(struct sim_qp *qp,
					  const struct sim_path *from,
					  const struct sim_msg *msg)
{
	enum sim_answer answer;

	lockdep_assert_held(&qp->resp_lock);
	if (!__sim_resp_ready(qp))
		return SIM_NO_ANSWER;
	if (qp->attr.dest_qp_num != msg->src_qpn ||
	    (from && memcmp(&from->sgid, &qp->path.dgid, sizeof(from->sgid)))) {
		sim_count(qp->sim, SIM_C_VIOL_STRANGER);
		return SIM_NO_ANSWER;
	}
	if ((int)msg->packet > ib_mtu_enum_to_int(sim_port_mtu(qp->port))) {
		sim_count(qp->sim, SIM_C_VIOL_MTU);
		return SIM_NO_ANSWER;	/* dropped by the port, unseen */
	}
	answer = __sim_resp_number(qp, msg);
	if (answer != SIM_IN_FLIGHT)
		return answer;
	if (msg->opcode == IB_WR_SEND)
		answer = __sim_resp_recv(qp, msg);
	else
		answer = __sim_resp_write(qp, msg);
	if (answer == SIM_NAK_RNR)
		return answer;
	if (!msg->injected)
		qp->epsn = (qp->epsn + 1) & SIM_PSN_MASK;
	if (!qp->heard) {
		qp->heard = true;
		if (sim_qp_state(qp) == IB_QPS_RTR)
			sim_qp_event(qp, IB_EVENT_COMM_EST);
	}
	return answer;
}

/**
 * sim_resp_message() - a message for a queue pair
 * @qp: queue pair, maybe dead
 * @from: addresses as the sender has them
 * @msg: message
 *
 * Context: BH, under RCU; the sender's req_lock may be held. Takes resp_lock.
 * Return: the answer, not SIM_IN_FLIGHT.
 */
enum sim_answer sim_resp_message(struct sim_qp *qp, const struct sim_path *from,
				 const struct sim_msg *msg)
{
	enum sim_answer answer;

	spin_lock(&qp->resp_lock);
	answer = __sim_resp_message(qp, from, msg);
	spin_unlock(&qp->resp_lock);
	return answer;
}

/**
 * sim_resp_flush() - give back all receives of a queue pair in error
 * @qp: queue pair
 *
 * Context: BH, no lock held. Takes resp_lock.
 */
void sim_resp_flush(struct sim_qp *qp)
{
	const struct sim_rwqe *wqe;

	spin_lock(&qp->resp_lock);
	/* Pairs with sim_post_recv(). */
	smp_mb();
	if (!qp->dead && sim_qp_state(qp) == IB_QPS_ERR)
		while ((wqe = sim_resp_next(qp)))
			__sim_resp_complete(qp, wqe, IB_WC_WR_FLUSH_ERR, 0,
					    false);
	spin_unlock(&qp->resp_lock);
}

/**
 * __sim_qp_recv() - a SEND arrived whole by wire
 * @qp: queue pair it is for, maybe dead
 * @src_qpn: queue pair it comes from
 * @data: payload
 * @len: bytes of it
 * @solicited: wakes the receiver
 *
 * Context: BH, under RCU, resp_lock held.
 * Return: the answer.
 */
enum sim_answer __sim_qp_recv(struct sim_qp *qp, u32 src_qpn, const void *data,
			      u32 len, bool solicited)
{
	struct sim_msg msg = {
		.opcode = IB_WR_SEND,
		.src_qpn = src_qpn,
		.dest_qpn = qp->qpn,
		.injected = true,
		.solicited = solicited,
		.bytes = (u8 *)data,
		.len = len,
	};

	return __sim_resp_message(qp, NULL, &msg);
}

/**
 * __sim_qp_write_check() - may a peer write by wire what it announced?
 * @qp: queue pair it is for, maybe dead
 * @src_qpn: queue pair it comes from
 * @raddr: address
 * @rkey: key
 * @dma_len: bytes, all pieces together
 *
 * Context: BH, under RCU, resp_lock held. Takes the region's lock.
 * Return: the answer.
 */
enum sim_answer __sim_qp_write_check(struct sim_qp *qp, u32 src_qpn, u64 raddr,
				     u32 rkey, u32 dma_len)
{
	if (!__sim_resp_ready(qp))
		return SIM_NO_ANSWER;
	if (qp->attr.dest_qp_num != src_qpn) {
		sim_count(qp->sim, SIM_C_VIOL_STRANGER);
		return SIM_NO_ANSWER;
	}
	if (!dma_len)
		return SIM_ACK;
	return __sim_resp_access(qp, raddr, rkey, dma_len, NULL);
}

/**
 * __sim_qp_write() - place a piece of an RDMA WRITE that came by wire
 * @qp: queue pair it is for, maybe dead
 * @raddr: address of this piece
 * @rkey: key
 * @data: payload
 * @len: bytes of it, not 0
 *
 * Context: BH, under RCU, resp_lock held. Takes the region's lock.
 * Return: the answer.
 */
enum sim_answer __sim_qp_write(struct sim_qp *qp, u64 raddr, u32 rkey,
			       const void *data, u32 len)
{
	struct sim_msg msg = {
		.opcode = IB_WR_RDMA_WRITE,
		.injected = true,
		.remote_addr = raddr,
		.rkey = rkey,
		.bytes = (u8 *)data,
		.len = len,
	};

	if (!__sim_resp_ready(qp))
		return SIM_NO_ANSWER;
	return __sim_resp_write(qp, &msg);
}
