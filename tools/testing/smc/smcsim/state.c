// SPDX-License-Identifier: GPL-2.0
/*
 * States and attributes of queue pairs.
 *
 * The RDMA core's table says which attributes a change of state needs and may
 * have; here stands which values are possible.
 */
#include <rdma/ib_cache.h>
#include "smcsim.h"

#define SIM_MAX_RD_ATOMIC	16

static bool sim_attr_path_ok(const struct sim_qp *qp,
			     const struct ib_qp_attr *attr, u32 port)
{
	const struct rdma_ah_attr *ah = &attr->ah_attr;

	return ah->type == RDMA_AH_ATTR_TYPE_ROCE && ah->port_num == port &&
	       ah->ah_flags & IB_AH_GRH && ah->grh.sgid_attr &&
	       is_valid_ether_addr(ah->roce.dmac);
}

/* The port takes no longer packets than its Ethernet device does. */
static bool sim_attr_mtu_ok(const struct sim_qp *qp, enum ib_mtu mtu, u32 port)
{
	return port && mtu >= IB_MTU_256 &&
	       mtu <= sim_port_mtu(&qp->sim->port[port - 1]);
}

static bool sim_attr_ok(const struct sim_qp *qp, const struct ib_qp_attr *attr,
			int mask)
{
	u32 port = mask & IB_QP_PORT ? attr->port_num : qp->attr.port_num;

	if (mask & IB_QP_PORT && (!port || port > qp->sim->num_ports))
		return false;
	if (mask & IB_QP_AV && !sim_attr_path_ok(qp, attr, port))
		return false;
	return !((mask & IB_QP_PKEY_INDEX && attr->pkey_index) ||
		 (mask & (IB_QP_ALT_PATH | IB_QP_CAP)) ||
		 (mask & IB_QP_PATH_MTU &&
		  !sim_attr_mtu_ok(qp, attr->path_mtu, port)) ||
		 (mask & IB_QP_DEST_QPN && (attr->dest_qp_num < 2 ||
				attr->dest_qp_num > SIM_PSN_MASK)) ||
		 (mask & IB_QP_RQ_PSN && attr->rq_psn > SIM_PSN_MASK) ||
		 (mask & IB_QP_SQ_PSN && attr->sq_psn > SIM_PSN_MASK) ||
		 (mask & IB_QP_TIMEOUT && attr->timeout > 31) ||
		 (mask & IB_QP_RETRY_CNT && attr->retry_cnt > 7) ||
		 (mask & IB_QP_RNR_RETRY && attr->rnr_retry > 7) ||
		 (mask & IB_QP_MIN_RNR_TIMER && attr->min_rnr_timer > 31) ||
		 (mask & IB_QP_MAX_QP_RD_ATOMIC &&
		  attr->max_rd_atomic > SIM_MAX_RD_ATOMIC) ||
		 (mask & IB_QP_MAX_DEST_RD_ATOMIC &&
		  attr->max_dest_rd_atomic > SIM_MAX_RD_ATOMIC));
}

static int sim_path_fill(struct sim_path *path, const struct rdma_ah_attr *ah)
{
	const struct ib_gid_attr *sgid = ah->grh.sgid_attr;
	int err;

	err = rdma_read_gid_l2_fields(sgid, &path->vlan_id, NULL);
	if (err)
		return err;
	path->gid_type = sgid->gid_type;
	path->sgid = sgid->gid;
	path->dgid = ah->grh.dgid;
	ether_addr_copy(path->dmac, ah->roce.dmac);
	return 0;
}

/* Both ends' locks are held: nothing is executed or received meanwhile. */
static void __sim_qp_store(struct sim_qp *qp, const struct ib_qp_attr *attr,
			   int mask, const struct sim_path *path)
{
	struct ib_qp_attr *to = &qp->attr;

	lockdep_assert_held(&qp->req_lock);
	lockdep_assert_held(&qp->resp_lock);
	if (mask & IB_QP_PORT) {
		to->port_num = attr->port_num;
		qp->port = &qp->sim->port[attr->port_num - 1];
	}
	if (mask & IB_QP_AV) {
		to->ah_attr = attr->ah_attr;
		to->ah_attr.grh.sgid_attr = NULL;	/* the RDMA core's */
		qp->path = *path;
	}
	if (mask & IB_QP_ACCESS_FLAGS)
		to->qp_access_flags = attr->qp_access_flags;
	if (mask & IB_QP_PATH_MTU)
		to->path_mtu = attr->path_mtu;
	if (mask & IB_QP_TIMEOUT)
		to->timeout = attr->timeout;
	if (mask & IB_QP_RETRY_CNT)
		to->retry_cnt = attr->retry_cnt;
	if (mask & IB_QP_RNR_RETRY)
		to->rnr_retry = attr->rnr_retry;
	if (mask & IB_QP_MIN_RNR_TIMER)
		WRITE_ONCE(to->min_rnr_timer, attr->min_rnr_timer);
	if (mask & IB_QP_MAX_QP_RD_ATOMIC)
		to->max_rd_atomic = attr->max_rd_atomic;
	if (mask & IB_QP_MAX_DEST_RD_ATOMIC)
		to->max_dest_rd_atomic = attr->max_dest_rd_atomic;
	if (mask & IB_QP_DEST_QPN)
		to->dest_qp_num = attr->dest_qp_num;
	if (mask & IB_QP_EN_SQD_ASYNC_NOTIFY)
		to->en_sqd_async_notify = attr->en_sqd_async_notify;
	if (mask & IB_QP_RQ_PSN)
		qp->epsn = attr->rq_psn;
	if (mask & IB_QP_SQ_PSN)
		qp->req.psn = attr->sq_psn;
}

/* As new. Completions of before are gone, too. */
static void __sim_qp_reset(struct sim_qp *qp)
{
	lockdep_assert_held(&qp->req_lock);
	lockdep_assert_held(&qp->resp_lock);
	__sim_req_reset(qp);
	qp->heard = false;
	spin_lock(&qp->sq_lock);
	spin_lock(&qp->rq_lock);
	sim_cq_purge(qp->scq, qp);
	sim_cq_purge(qp->rcq, qp);
	qp->sq.prod = 0;
	qp->sq.cons = 0;
	qp->sq.freed = 0;
	qp->rq.prod = 0;
	qp->rq.cons = 0;
	qp->rq.freed = 0;
	spin_unlock(&qp->rq_lock);
	spin_unlock(&qp->sq_lock);
}

static bool sim_qp_move(struct sim_qp *qp, enum ib_qp_state from,
			enum ib_qp_state to)
{
	bool moved;

	spin_lock(&qp->state_lock);
	moved = qp->state == from;
	if (moved)
		WRITE_ONCE(qp->state, to);
	spin_unlock(&qp->state_lock);
	return moved;
}

static int sim_qp_apply(struct sim_qp *qp, const struct ib_qp_attr *attr,
			int mask, enum ib_qp_state from, enum ib_qp_state to)
{
	struct sim_path path = { };
	int err;

	if (mask & IB_QP_AV) {
		err = sim_path_fill(&path, &attr->ah_attr);
		if (err)
			return err;
	}
	spin_lock_bh(&qp->req_lock);
	spin_lock(&qp->resp_lock);
	err = -EINVAL;
	/* An error may have come in between. */
	if (sim_qp_move(qp, from, to)) {
		__sim_qp_store(qp, attr, mask, &path);
		if (to == IB_QPS_RESET)
			__sim_qp_reset(qp);
		else if (from == IB_QPS_INIT && to == IB_QPS_RTR)
			sim_wire_qp_ready(&qp->wire, qp->epsn);
		err = 0;
	}
	spin_unlock(&qp->resp_lock);
	spin_unlock_bh(&qp->req_lock);
	if (!err && to != IB_QPS_RESET)
		sim_qp_activate(qp);
	return err;
}

static int __sim_qp_modify(struct sim_qp *qp, const struct ib_qp_attr *attr,
			   int mask)
{
	enum ib_qp_state from = sim_qp_state(qp);
	enum ib_qp_state to = mask & IB_QP_STATE ? attr->qp_state : from;
	struct sim_dev *sim = qp->sim;
	u32 fault;

	lockdep_assert_held(&qp->modify_mutex);
	if (mask & ~IB_QP_ATTR_STANDARD_BITS)
		return -EOPNOTSUPP;
	if ((mask & IB_QP_CUR_STATE && attr->cur_qp_state != from) ||
	    !ib_modify_qp_is_ok(from, to, IB_QPT_RC, mask) ||
	    !sim_attr_ok(qp, attr, mask)) {
		sim_count(sim, SIM_C_VIOL_QP_ATTR);
		return -EINVAL;
	}
	/* The end of a queue pair works always: who drains it relies on that. */
	if (to != IB_QPS_ERR && to != IB_QPS_RESET) {
		if (sim->fatal)
			return -EIO;
		if (sim_fault_hit_qp(sim, SIM_FAULT_MODIFY_QP, qp->qpn,
				     &fault))
			return (int)fault;
	}
	if (to == IB_QPS_ERR) {
		spin_lock_bh(&qp->state_lock);
		WRITE_ONCE(qp->state, IB_QPS_ERR);
		spin_unlock_bh(&qp->state_lock);
		sim_qp_activate(qp);
		return 0;
	}
	return sim_qp_apply(qp, attr, mask, from, to);
}

/**
 * sim_qp_modify() - ib_modify_qp()
 * @ibqp: queue pair
 * @attr: attributes
 * @mask: which of them
 * @udata: unused
 *
 * Context: Sleeps. Takes modify_mutex.
 * Return: 0, -EINVAL, -EOPNOTSUPP, -EIO, or what a fault says.
 */
int sim_qp_modify(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		  struct ib_udata *udata)
{
	struct sim_dev *sim = to_sim_dev(ibqp->device);
	struct sim_visit visit __cleanup(sim_visit_end) = sim_visit_begin(sim);
	struct sim_qp *qp = to_sim_qp(ibqp);
	int err;

	mutex_lock(&qp->modify_mutex);
	err = __sim_qp_modify(qp, attr, mask);
	mutex_unlock(&qp->modify_mutex);
	return err;
}

/**
 * sim_qp_query() - ib_query_qp()
 * @ibqp: queue pair
 * @attr: filled
 * @mask: which of them are wanted; all are given
 * @init: filled
 *
 * Context: any but hard interrupt. Takes req_lock and resp_lock.
 * Return: 0.
 */
int sim_qp_query(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		 struct ib_qp_init_attr *init)
{
	struct sim_qp *qp = to_sim_qp(ibqp);

	spin_lock_bh(&qp->req_lock);
	spin_lock(&qp->resp_lock);
	*attr = qp->attr;
	attr->qp_state = sim_qp_state(qp);
	attr->cur_qp_state = attr->qp_state;
	attr->rq_psn = qp->epsn;
	attr->sq_psn = qp->req.psn;
	spin_unlock(&qp->resp_lock);
	spin_unlock_bh(&qp->req_lock);

	init->qp_context = ibqp->qp_context;
	init->send_cq = ibqp->send_cq;
	init->recv_cq = ibqp->recv_cq;
	init->cap = attr->cap;
	init->sq_sig_type = qp->sig_all ? IB_SIGNAL_ALL_WR : IB_SIGNAL_REQ_WR;
	init->qp_type = ibqp->qp_type;
	return 0;
}
