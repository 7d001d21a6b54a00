// SPDX-License-Identifier: GPL-2.0
/*
 * Two adapters that reach each other, with a queue pair on each.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <rdma/ib_cache.h>

#include "fixture.h"

static char *sims[3] = { "sim0", "sim1", "sim2" };
module_param_array(sims, charp, NULL, 0444);
MODULE_PARM_DESC(sims,
		 "devices: two that reach each other, and one to be broken");

const struct pair_opts pair_defaults = {
	.sq_psn = 0xfffffe,	/* wraps soon */
	.rq_psn = 0xfffffe,
	.retry_cnt = 2,
	.rnr_retry = 7,
	.timeout = 8,		/* about a millisecond */
	.qp_access = IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE,
	.mr_access = IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE,
	.cqe = 64,
	.send_wr = 16,
	.mtu = IB_MTU_1024,
};

/**
 * sim_name() - name of a device to be used
 * @which: 0 and 1 reach each other, 2 may be broken
 *
 * Return: name
 */
const char *sim_name(unsigned int which)
{
	return sims[which];
}

static void side_find_gid(struct side *side)
{
	const struct ib_gid_attr *attr;
	int i;

	for (i = 0; i < SIM_MAX_GIDS; i++) {
		attr = rdma_get_gid_attr(side->ibdev, 1, i);
		if (IS_ERR(attr))
			continue;
		if (attr->gid_type == IB_GID_TYPE_ROCE) {
			side->gid = attr->gid;
			side->gid_index = i;
			rdma_put_gid_attr(attr);
			return;
		}
		rdma_put_gid_attr(attr);
	}
	KUNIT_ASSERT_TRUE_MSG(side->test, false, "no RoCEv1 GID");
}

/**
 * side_get() - take hold of a device
 * @side: zeroed
 * @test: test, which ends if there is no such device
 * @name: of the device
 */
void side_get(struct side *side, struct kunit *test, const char *name)
{
	side->test = test;
	side->ibdev = ib_device_get_by_name(name, RDMA_DRIVER_UNKNOWN);
	KUNIT_ASSERT_NOT_NULL_MSG(test, side->ibdev, "no device %s", name);
	side->sim = to_sim_dev(side->ibdev);
}

/**
 * side_put() - let go of a device
 * @side: whose objects have been released
 */
void side_put(struct side *side)
{
	if (side->ibdev)
		ib_device_put(side->ibdev);
	side->ibdev = NULL;
}

static void side_cq_handler(struct ib_cq *cq, void *context)
{
	struct side *side = context;

	WRITE_ONCE(side->cq_waiting,
		   to_sim_cq(cq)->tail - to_sim_cq(cq)->head);
	atomic_inc(&side->cq_calls);
}

static void side_event_handler(struct ib_event *event, void *context)
{
	struct side *side = context;

	atomic_inc(&side->events);
}

/**
 * side_objects() - make a queue pair and what it needs
 * @side: with a device
 * @opts: how
 */
void side_objects(struct side *side, const struct pair_opts *opts)
{
	struct ib_cq_init_attr cq_attr = { .cqe = opts->cqe };
	struct ib_qp_init_attr qp_attr = {
		.event_handler = side_event_handler,
		.qp_context = side,
		.cap.max_send_wr = opts->send_wr,
		.cap.max_recv_wr = 16,
		.cap.max_send_sge = 2,
		.cap.max_recv_sge = 2,
		.cap.max_inline_data = 64,
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.qp_type = IB_QPT_RC,
		.port_num = 1,
	};
	struct kunit *test = side->test;
	struct ib_pd *pd;
	struct ib_cq *cq;
	struct ib_qp *qp;
	struct ib_mr *mr;

	side->mem = kzalloc(MEM_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, side->mem);
	pd = ib_alloc_pd(side->ibdev, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pd);
	side->pd = pd;
	cq = ib_create_cq(side->ibdev, side_cq_handler, NULL, side, &cq_attr);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cq);
	side->cq = cq;
	qp_attr.send_cq = cq;
	qp_attr.recv_cq = cq;
	qp = ib_create_qp(pd, &qp_attr);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, qp);
	side->qp = qp;
	mr = ib_alloc_mr(pd, IB_MR_TYPE_MEM_REG, MEM_PAGES);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mr);
	side->mr = mr;
}

/**
 * side_release() - undo side_objects(), as far as it came
 * @side: side
 */
void side_release(struct side *side)
{
	struct kunit *test = side->test;

	if (side->qp)
		KUNIT_EXPECT_EQ(test, ib_destroy_qp(side->qp), 0);
	if (side->cq)
		ib_destroy_cq(side->cq);
	if (side->mr)
		KUNIT_EXPECT_EQ(test, ib_dereg_mr(side->mr), 0);
	if (side->pd)
		ib_dealloc_pd(side->pd);
	kfree(side->mem);
	side->qp = NULL;
	side->cq = NULL;
	side->mr = NULL;
	side->pd = NULL;
	side->mem = NULL;
}

/**
 * side_init_state() - move a queue pair to INIT
 * @side: side
 * @access: what the peer may do
 *
 * Return: 0 or a negative errno
 */
int side_init_state(struct side *side, int access)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_INIT,
		.port_num = 1,
		.qp_access_flags = access,
	};

	return ib_modify_qp(side->qp, &attr, IB_QP_STATE | IB_QP_PKEY_INDEX |
			    IB_QP_PORT | IB_QP_ACCESS_FLAGS);
}

/**
 * side_to_rtr() - move a queue pair from INIT to RTR
 * @side: side
 * @peer: whom to receive from
 * @opts: number of its first message, and MTU
 *
 * Return: 0 or a negative errno
 */
int side_to_rtr(struct side *side, const struct side *peer,
		const struct pair_opts *opts)
{
	const struct net_device *ndev = peer->sim->port[0].ndev;
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RTR,
		.path_mtu = opts->mtu,
		.dest_qp_num = peer->qp->qp_num,
		.rq_psn = opts->rq_psn,
		.max_dest_rd_atomic = 1,
		.min_rnr_timer = 1,
	};

	attr.ah_attr.type = RDMA_AH_ATTR_TYPE_ROCE;
	rdma_ah_set_port_num(&attr.ah_attr, 1);
	rdma_ah_set_grh(&attr.ah_attr, NULL, 0, side->gid_index, 1, 0);
	rdma_ah_set_dgid_raw(&attr.ah_attr, (void *)peer->gid.raw);
	ether_addr_copy(attr.ah_attr.roce.dmac, ndev->dev_addr);
	return ib_modify_qp(side->qp, &attr, IB_QP_STATE | IB_QP_AV |
			    IB_QP_PATH_MTU | IB_QP_DEST_QPN | IB_QP_RQ_PSN |
			    IB_QP_MAX_DEST_RD_ATOMIC | IB_QP_MIN_RNR_TIMER);
}

/**
 * side_to_rts() - move a queue pair from RTR to RTS
 * @side: side
 * @opts: retries and timeout
 * @sq_psn: number of the first message
 *
 * Return: 0 or a negative errno
 */
int side_to_rts(struct side *side, const struct pair_opts *opts, u32 sq_psn)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RTS,
		.timeout = opts->timeout,
		.retry_cnt = opts->retry_cnt,
		.rnr_retry = opts->rnr_retry,
		.sq_psn = sq_psn,
		.max_rd_atomic = 1,
	};

	return ib_modify_qp(side->qp, &attr, IB_QP_STATE | IB_QP_TIMEOUT |
			    IB_QP_RETRY_CNT | IB_QP_RNR_RETRY | IB_QP_SQ_PSN |
			    IB_QP_MAX_QP_RD_ATOMIC);
}

/**
 * pair_join() - connect the two queue pairs
 * @pair: pair with queue pairs in RESET
 */
void pair_join(struct pair *pair)
{
	const struct pair_opts *opts = &pair->opts;
	struct kunit *test = pair->a.test;

	KUNIT_ASSERT_EQ(test, side_init_state(&pair->a, opts->qp_access), 0);
	KUNIT_ASSERT_EQ(test, side_init_state(&pair->b, opts->qp_access), 0);
	KUNIT_ASSERT_EQ(test, side_to_rtr(&pair->a, &pair->b, opts), 0);
	KUNIT_ASSERT_EQ(test, side_to_rtr(&pair->b, &pair->a, opts), 0);
	KUNIT_ASSERT_EQ(test, side_to_rts(&pair->a, opts, opts->sq_psn), 0);
	KUNIT_ASSERT_EQ(test, side_to_rts(&pair->b, opts, opts->rq_psn), 0);
}

/**
 * pair_connect() - connect the two sides, and have nothing registered
 * @pair: pair without objects, whose opts have been chosen
 */
void pair_connect(struct pair *pair)
{
	side_objects(&pair->a, &pair->opts);
	side_objects(&pair->b, &pair->opts);
	side_find_gid(&pair->a);
	side_find_gid(&pair->b);
	pair_join(pair);
}

/**
 * side_register() - register a side's memory
 * @side: side in RTS
 * @access: what the key allows
 *
 * Return: status of the completion, or a negative errno
 */
int side_register(struct side *side, int access)
{
	struct scatterlist sg;
	struct ib_reg_wr wr = {
		.wr.opcode = IB_WR_REG_MR,
		.wr.send_flags = IB_SEND_SIGNALED,
		.mr = side->mr,
		.access = access,
	};
	struct ib_wc wc;
	int rc;

	sg_init_one(&sg, side->mem, MEM_BYTES);
	if (ib_dma_map_sg(side->ibdev, &sg, 1, DMA_BIDIRECTIONAL) != 1)
		return -EIO;
	rc = ib_map_mr_sg(side->mr, &sg, 1, NULL, PAGE_SIZE);
	if (rc != 1)
		return rc < 0 ? rc : -EIO;
	ib_update_fast_reg_key(side->mr, (u8)side->mr->rkey + 1);
	wr.key = side->mr->rkey;
	rc = ib_post_send(side->qp, &wr.wr, NULL);
	if (rc)
		return rc;
	return side_poll(side, &wc) ? wc.status : -ETIMEDOUT;
}

/**
 * pair_register() - connect, and register the memory of side b
 * @pair: as for pair_connect()
 */
void pair_register(struct pair *pair)
{
	pair_connect(pair);
	KUNIT_ASSERT_EQ(pair->a.test,
			side_register(&pair->b, pair->opts.mr_access), 0);
}

/**
 * pair_new() - two sides on the two devices, without objects
 * @test: test, which ends if a device is missing
 *
 * Return: pair, to be freed by pair_free()
 */
struct pair *pair_new(struct kunit *test)
{
	struct pair *pair;

	pair = kunit_kzalloc(test, sizeof(*pair), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pair);
	pair->opts = pair_defaults;
	side_get(&pair->a, test, sim_name(0));
	side_get(&pair->b, test, sim_name(1));
	return pair;
}

/**
 * pair_free() - release the objects and let go of the devices
 * @pair: from pair_new()
 */
void pair_free(struct pair *pair)
{
	side_release(&pair->a);
	side_release(&pair->b);
	side_put(&pair->a);
	side_put(&pair->b);
}

/**
 * pair_init() - init function of suites
 * @test: test, whose priv becomes the pair
 *
 * Return: 0
 */
int pair_init(struct kunit *test)
{
	test->priv = pair_new(test);
	return 0;
}

static void side_calm(struct side *side)
{
	int i;

	if (!side->ibdev)
		return;
	for (i = 0; i < SIM_FAULT_COUNT; i++)
		side_fault(side, i, "off");
	for (i = 0; i < SIM_MUTATE_RULES; i++)
		side_rule(side, i, "off");
	WRITE_ONCE(side->sim->latency_us, 0);
	WRITE_ONCE(side->sim->bandwidth_mbps, 0);
}

/**
 * pair_exit() - exit function of suites: no fault and no rule stays armed
 * @test: test
 */
void pair_exit(struct kunit *test)
{
	struct pair *pair = test->priv;

	if (!pair)
		return;
	side_calm(&pair->a);
	side_calm(&pair->b);
	pair_free(pair);
}

/**
 * side_post() - post a SEND from the start of the memory
 * @side: side
 * @opcode: IB_WR_SEND, or one that is refused
 * @len: bytes
 * @flags: IB_SEND_*
 * @id: of the work request
 *
 * Return: what ib_post_send() says
 */
int side_post(struct side *side, enum ib_wr_opcode opcode, u32 len, int flags,
	      u64 id)
{
	struct ib_sge sge = {
		.addr = (uintptr_t)side->mem,
		.length = len,
		.lkey = side->pd->local_dma_lkey,
	};
	struct ib_send_wr wr = {
		.wr_id = id,
		.sg_list = &sge,
		.num_sge = 1,
		.opcode = opcode,
		.send_flags = flags,
	};

	return ib_post_send(side->qp, &wr, NULL);
}

/**
 * side_write() - post an RDMA WRITE from the start of the memory
 * @side: side
 * @raddr: where to
 * @rkey: key
 * @len: bytes
 *
 * Return: what ib_post_send() says
 */
int side_write(struct side *side, u64 raddr, u32 rkey, u32 len)
{
	struct ib_sge sge = {
		.addr = (uintptr_t)side->mem,
		.length = len,
		.lkey = side->pd->local_dma_lkey,
	};
	struct ib_rdma_wr wr = {
		.wr.sg_list = &sge,
		.wr.num_sge = 1,
		.wr.opcode = IB_WR_RDMA_WRITE,
		.wr.send_flags = IB_SEND_SIGNALED,
		.remote_addr = raddr,
		.rkey = rkey,
	};

	return ib_post_send(side->qp, &wr.wr, NULL);
}

/**
 * side_recv() - post a receive
 * @side: side
 * @off: where in the memory
 * @len: bytes
 * @id: of the work request
 *
 * Return: what ib_post_recv() says
 */
int side_recv(struct side *side, u32 off, u32 len, u64 id)
{
	struct ib_sge sge = {
		.addr = (uintptr_t)side->mem + off,
		.length = len,
		.lkey = side->pd->local_dma_lkey,
	};
	struct ib_recv_wr wr = {
		.wr_id = id,
		.sg_list = &sge,
		.num_sge = 1,
	};

	return ib_post_recv(side->qp, &wr, NULL);
}

/**
 * side_set_mtu() - change the MTU of the Ethernet device
 * @side: side
 * @mtu: in bytes
 *
 * Return: what dev_set_mtu() says
 */
int side_set_mtu(struct side *side, int mtu)
{
	int rc;

	rtnl_lock();
	rc = dev_set_mtu(side->sim->port[0].ndev, mtu);
	rtnl_unlock();
	return rc;
}

/**
 * side_poll() - wait for a completion
 * @side: side
 * @wc: filled
 *
 * Return: false if none came
 */
bool side_poll(struct side *side, struct ib_wc *wc)
{
	return wait_until(ib_poll_cq(side->cq, 1, wc) == 1);
}

/**
 * side_status() - wait for a completion
 * @side: side
 *
 * Return: its status, or one that does not exist if none came
 */
enum ib_wc_status side_status(struct side *side)
{
	struct ib_wc wc;

	return side_poll(side, &wc) ? wc.status : IB_WC_GENERAL_ERR + 1;
}

/**
 * side_state() - state of the queue pair
 * @side: side
 *
 * Return: state
 */
enum ib_qp_state side_state(struct side *side)
{
	struct ib_qp_init_attr init;
	struct ib_qp_attr attr = { .qp_state = -1 };

	ib_query_qp(side->qp, &attr, IB_QP_STATE, &init);
	return attr.qp_state;
}

/**
 * side_count() - a counter of the device
 * @side: side
 * @which: counter
 *
 * Return: sum of all CPUs
 */
u64 side_count(struct side *side, enum sim_counter which)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(side->sim->counts, cpu)->v[which]);
	return sum;
}

/**
 * side_hits() - times that a fault of the device was injected
 * @side: side
 * @which: fault
 *
 * Return: count
 */
u64 side_hits(struct side *side, enum sim_fault which)
{
	return atomic64_read(&side->sim->faults.rule[which].hits);
}

/**
 * side_fault() - set a fault of the device
 * @side: side
 * @which: fault
 * @text: as written to its file
 *
 * Return: 0 or -EINVAL
 */
int side_fault(struct side *side, enum sim_fault which, const char *text)
{
	char *copy = kstrdup(text, GFP_KERNEL);
	int rc;

	if (!copy)
		return -ENOMEM;
	rc = sim_fault_set(side->sim, which, copy);
	kfree(copy);
	return rc;
}

/**
 * side_rule() - set a mutation rule of the device
 * @side: side
 * @slot: which rule
 * @text: as written to its file
 *
 * Return: 0, -EINVAL or -ENOMEM
 */
int side_rule(struct side *side, unsigned int slot, const char *text)
{
	char *copy = kstrdup(text, GFP_KERNEL);
	int rc;

	if (!copy)
		return -ENOMEM;
	rc = sim_mut_set(&side->sim->mutator.rule[slot], copy);
	kfree(copy);
	return rc;
}

MODULE_DESCRIPTION("Tests of the simulated RDMA adapter");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
