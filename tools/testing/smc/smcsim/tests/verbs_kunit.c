// SPDX-License-Identifier: GPL-2.0
/*
 * What an adapter does, and what it refuses: each violation fails as hardware
 * would have it fail, and is counted.
 */
#include <linux/delay.h>
#include <rdma/ib_cache.h>

#include "fixture.h"

static struct pair *connected(struct kunit *test)
{
	struct pair *pair = test->priv;

	pair_connect(pair);
	return pair;
}

static void send_arrives(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	u64 sends = side_count(a, SIM_C_WR_SEND);
	u64 bytes = side_count(a, SIM_C_BYTES_SENT);
	struct ib_wc wc;
	int i;

	/* More than the ring, and across the end of the PSNs */
	for (i = 0; i < 40; i++) {
		memset(a->mem, i + 1, MSG_BYTES);
		memset(b->mem, 0, MSG_BYTES + 1);
		KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, 100 + i), 0);
		KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, MSG_BYTES,
						IB_SEND_SIGNALED, i), 0);
		KUNIT_ASSERT_TRUE(test, side_poll(b, &wc));
		KUNIT_EXPECT_EQ(test, wc.status, IB_WC_SUCCESS);
		KUNIT_EXPECT_EQ(test, wc.opcode, IB_WC_RECV);
		KUNIT_EXPECT_EQ(test, wc.wr_id, 100 + i);
		KUNIT_EXPECT_EQ(test, wc.byte_len, MSG_BYTES);
		KUNIT_EXPECT_MEMEQ(test, b->mem, a->mem, MSG_BYTES);
		KUNIT_EXPECT_EQ(test, b->mem[MSG_BYTES], 0);
		KUNIT_ASSERT_TRUE(test, side_poll(a, &wc));
		KUNIT_EXPECT_EQ(test, wc.status, IB_WC_SUCCESS);
		KUNIT_EXPECT_EQ(test, wc.opcode, IB_WC_SEND);
		KUNIT_EXPECT_EQ(test, wc.wr_id, i);
	}
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_WR_SEND) - sends, 40);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_BYTES_SENT) - bytes,
			40 * MSG_BYTES);
}

static void write_is_placed(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a = &pair->a, *b = &pair->b;
	u64 bytes;
	u32 len = 2 * PAGE_SIZE + 5;
	u32 off = PAGE_SIZE - 3;

	pair_register(pair);
	bytes = side_count(a, SIM_C_BYTES_WRITTEN);
	get_random_bytes(a->mem, len);
	KUNIT_ASSERT_EQ(test, side_write(a, b->mr->iova + off, b->mr->rkey,
					 len), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_MEMEQ(test, b->mem + off, a->mem, len);
	KUNIT_EXPECT_EQ(test, b->mem[off - 1], 0);
	KUNIT_EXPECT_EQ(test, b->mem[off + len], 0);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_BYTES_WRITTEN) - bytes, len);
}

/* The pages of a region need not follow each other. */
static void write_crosses_pages(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	struct scatterlist sg[2];
	struct ib_reg_wr wr = {
		.wr.opcode = IB_WR_REG_MR,
		.wr.send_flags = IB_SEND_SIGNALED,
		.mr = b->mr,
		.access = IB_ACCESS_REMOTE_WRITE | IB_ACCESS_LOCAL_WRITE,
	};

	sg_init_table(sg, 2);
	sg_set_buf(&sg[0], b->mem + 2 * PAGE_SIZE, PAGE_SIZE);
	sg_set_buf(&sg[1], b->mem, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, ib_dma_map_sg(b->ibdev, sg, 2, DMA_FROM_DEVICE),
			2);
	KUNIT_ASSERT_EQ(test, ib_map_mr_sg(b->mr, sg, 2, NULL, PAGE_SIZE), 2);
	wr.key = b->mr->rkey;
	KUNIT_ASSERT_EQ(test, ib_post_send(b->qp, &wr.wr, NULL), 0);
	KUNIT_ASSERT_EQ(test, side_status(b), IB_WC_SUCCESS);
	get_random_bytes(a->mem, 100);
	KUNIT_ASSERT_EQ(test, side_write(a, b->mr->iova + PAGE_SIZE - 40,
					 b->mr->rkey, 100), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_MEMEQ(test, b->mem + 3 * PAGE_SIZE - 40, a->mem, 40);
	KUNIT_EXPECT_MEMEQ(test, b->mem, a->mem + 40, 60);
	KUNIT_EXPECT_EQ(test, b->mem[3 * PAGE_SIZE], 0);
}

#define RW	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE)

struct write_row {
	const char *desc;
	u32 key_xor;
	u64 off;
	u32 len;
	int mr_access, qp_access;
	enum sim_counter viol;
};

static const struct write_row write_rows[] = {
	{ "another region's key", 0x100, 0, 8, RW, RW, SIM_C_VIOL_RKEY },
	{ "an older key of the region", 1, 0, 8, RW, RW, SIM_C_VIOL_RKEY },
	{ "no region's key", 0xffff0000, 0, 8, RW, RW, SIM_C_VIOL_RKEY },
	{ "one byte beyond", 0, MEM_BYTES - 7, 8, RW, RW, SIM_C_VIOL_BOUNDS },
	{ "all of it beyond", 0, MEM_BYTES, 8, RW, RW, SIM_C_VIOL_BOUNDS },
	{ "one byte before", 0, -1, 8, RW, RW, SIM_C_VIOL_BOUNDS },
	{ "longer than the region", 0, 0, MEM_BYTES + 1, RW, RW,
	  SIM_C_VIOL_BOUNDS },
	{ "far away", 0, 1ULL << 62, 8, RW, RW, SIM_C_VIOL_BOUNDS },
	{ "region is for local use", 0, 0, 8, IB_ACCESS_LOCAL_WRITE, RW,
	  SIM_C_VIOL_ACCESS },
	{ "region is to be read", 0, 0, 8, IB_ACCESS_REMOTE_READ, RW,
	  SIM_C_VIOL_ACCESS },
	{ "queue pair does not allow it", 0, 0, 8, RW, IB_ACCESS_LOCAL_WRITE,
	  SIM_C_VIOL_ACCESS },
};

KUNIT_ARRAY_PARAM_DESC(write, write_rows, desc);

static void write_is_refused(struct kunit *test)
{
	const struct write_row *row = test->param_value;
	struct pair *pair = test->priv;
	struct side *a = &pair->a, *b = &pair->b;
	u64 viol;

	pair->opts.mr_access = row->mr_access;
	pair->opts.qp_access = row->qp_access;
	pair_register(pair);
	viol = side_count(b, row->viol);
	memset(a->mem, 0xa5, MEM_BYTES);
	KUNIT_ASSERT_EQ(test, side_write(a, b->mr->iova + row->off,
					 b->mr->rkey ^ row->key_xor,
					 min_t(u32, row->len, MEM_BYTES)), 0);
	if (row->len > MEM_BYTES) {
		/* Cannot be gathered from one region of that size */
		KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
		KUNIT_ASSERT_EQ(test, side_rule(a, 0, "once write add=12:4:1"),
				0);
		memset(b->mem, 0, MEM_BYTES);
		KUNIT_ASSERT_EQ(test, side_write(a, b->mr->iova, b->mr->rkey,
						 MEM_BYTES), 0);
	}
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_REM_ACCESS_ERR);
	KUNIT_EXPECT_EQ(test, side_state(a), IB_QPS_ERR);
	KUNIT_EXPECT_EQ(test, side_state(b), IB_QPS_ERR);
	KUNIT_EXPECT_EQ(test, side_count(b, row->viol) - viol, 1);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(b->mem, 0, MEM_BYTES), NULL);
	KUNIT_EXPECT_TRUE(test, wait_until(atomic_read(&b->events) > 0));
}

/* The port takes 1024, as Ethernet devices do by default. */
static void path_mtu_is_that_of_the_port(struct kunit *test)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_RESET };
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	u64 viol = side_count(a, SIM_C_VIOL_QP_ATTR);

	KUNIT_ASSERT_EQ(test, ib_modify_qp(a->qp, &attr, IB_QP_STATE), 0);
	KUNIT_ASSERT_EQ(test, side_init_state(a, RW), 0);
	pair->opts.mtu = IB_MTU_2048;
	KUNIT_EXPECT_EQ(test, side_to_rtr(a, b, &pair->opts), -EINVAL);
	KUNIT_EXPECT_EQ(test, side_state(a), IB_QPS_INIT);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_VIOL_QP_ATTR) - viol, 1);
	pair->opts.mtu = IB_MTU_1024;
	KUNIT_EXPECT_EQ(test, side_to_rtr(a, b, &pair->opts), 0);
}

static void packet_fits_the_receivers_port(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a = &pair->a, *b = &pair->b;
	u64 viol;
	int mtu;

	pair->opts.retry_cnt = 2;
	pair->opts.timeout = 8;
	pair_register(pair);
	viol = side_count(b, SIM_C_VIOL_MTU);
	mtu = b->sim->port[0].ndev->mtu;
	KUNIT_ASSERT_EQ(test, side_set_mtu(b, 1000), 0);
	KUNIT_EXPECT_EQ(test, side_write(a, b->mr->iova, b->mr->rkey, 512), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, side_count(b, SIM_C_VIOL_MTU) - viol, 0);
	KUNIT_EXPECT_EQ(test, side_write(a, b->mr->iova, b->mr->rkey, 513), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_RETRY_EXC_ERR);
	KUNIT_EXPECT_EQ(test, side_count(b, SIM_C_VIOL_MTU) - viol, 3);
	KUNIT_EXPECT_EQ(test, side_state(a), IB_QPS_ERR);
	KUNIT_EXPECT_EQ(test, side_state(b), IB_QPS_RTS);
	KUNIT_EXPECT_EQ(test, side_set_mtu(b, mtu), 0);
}

static void write_of_nothing_needs_no_key(struct kunit *test)
{
	struct pair *pair = connected(test);

	KUNIT_ASSERT_EQ(test, side_write(&pair->a, 0, 0x12345678, 0), 0);
	KUNIT_EXPECT_EQ(test, side_status(&pair->a), IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, side_state(&pair->b), IB_QPS_RTS);
}

static void key_ends_with_local_inv(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a = &pair->a, *b = &pair->b;
	struct ib_send_wr wr = {
		.opcode = IB_WR_LOCAL_INV,
		.send_flags = IB_SEND_SIGNALED,
	};
	u64 viol;

	pair_register(pair);
	wr.ex.invalidate_rkey = b->mr->rkey;
	KUNIT_ASSERT_EQ(test, ib_post_send(b->qp, &wr, NULL), 0);
	KUNIT_ASSERT_EQ(test, side_status(b), IB_WC_SUCCESS);
	viol = side_count(b, SIM_C_VIOL_RKEY);
	KUNIT_ASSERT_EQ(test, side_write(a, b->mr->iova, b->mr->rkey, 8), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_REM_ACCESS_ERR);
	KUNIT_EXPECT_EQ(test, side_count(b, SIM_C_VIOL_RKEY) - viol, 1);
}

static void region_is_registered_once(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *b = &pair->b;
	struct ib_reg_wr wr = {
		.wr.opcode = IB_WR_REG_MR,
		.wr.send_flags = IB_SEND_SIGNALED,
		.mr = b->mr,
		.access = RW,
	};
	u64 viol;

	pair_register(pair);
	wr.mr = b->mr;
	wr.key = b->mr->rkey;
	viol = side_count(b, SIM_C_VIOL_MR_STATE);
	KUNIT_ASSERT_EQ(test, ib_post_send(b->qp, &wr.wr, NULL), 0);
	KUNIT_EXPECT_EQ(test, side_status(b), IB_WC_MW_BIND_ERR);
	KUNIT_EXPECT_EQ(test, side_count(b, SIM_C_VIOL_MR_STATE) - viol, 1);
	KUNIT_EXPECT_EQ(test, side_state(b), IB_QPS_ERR);
}

static void remote_write_needs_local_write(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *b = &pair->b;
	u64 viol = side_count(b, SIM_C_VIOL_ACCESS);

	KUNIT_EXPECT_EQ(test, side_register(b, IB_ACCESS_REMOTE_WRITE),
			IB_WC_MW_BIND_ERR);
	KUNIT_EXPECT_EQ(test, side_count(b, SIM_C_VIOL_ACCESS) - viol, 1);
	KUNIT_EXPECT_EQ(test, side_state(b), IB_QPS_ERR);
}

static const struct limit_row {
	const char *desc;
	enum sim_object which;
	int (*call)(struct side *side);
	size_t max;		/* where the device says it */
} limit_rows[] = {
	{ "protection domains", SIM_PDS, try_alloc_pd,
	  offsetof(struct ib_device_attr, max_pd) },
	{ "completion queues", SIM_CQS, try_create_cq,
	  offsetof(struct ib_device_attr, max_cq) },
	{ "queue pairs", SIM_QPS, try_create_qp,
	  offsetof(struct ib_device_attr, max_qp) },
	{ "memory regions", SIM_MRS, try_alloc_mr,
	  offsetof(struct ib_device_attr, max_mr) },
};

KUNIT_ARRAY_PARAM_DESC(limit, limit_rows, desc);

/* All but one of them are made by pretending. */
static void no_more_than_advertised(struct kunit *test)
{
	const struct limit_row *row = test->param_value;
	struct side *a = &connected(test)->a;
	u64 viol = side_count(a, SIM_C_VIOL_LIMIT);
	atomic_t *objects = &a->sim->objects[row->which];
	int there = atomic_read(objects);
	int last, beyond;

	atomic_set(objects, *(int *)((u8 *)&a->ibdev->attrs + row->max) - 1);
	last = row->call(a);
	atomic_inc(objects);
	beyond = row->call(a);
	atomic_set(objects, there);
	KUNIT_EXPECT_EQ(test, last, 0);
	KUNIT_EXPECT_EQ(test, beyond, -ENOMEM);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_VIOL_LIMIT) - viol, 1);
	KUNIT_EXPECT_EQ(test, row->call(a), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(objects), there);
}

static void receive_too_short(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	u64 viol = side_count(b, SIM_C_VIOL_RECV_LEN);

	KUNIT_ASSERT_EQ(test, side_recv(b, 0, MSG_BYTES - 1, 0), 0);
	KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, MSG_BYTES,
					IB_SEND_SIGNALED, 0), 0);
	KUNIT_EXPECT_EQ(test, side_status(b), IB_WC_LOC_LEN_ERR);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_REM_INV_REQ_ERR);
	KUNIT_EXPECT_EQ(test, side_count(b, SIM_C_VIOL_RECV_LEN) - viol, 1);
	KUNIT_EXPECT_EQ(test, side_state(a), IB_QPS_ERR);
	KUNIT_EXPECT_EQ(test, side_state(b), IB_QPS_ERR);
}

static void no_receive_is_retried(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	u64 rnr = side_count(a, SIM_C_RNR);

	KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, MSG_BYTES,
					IB_SEND_SIGNALED, 0), 0);
	KUNIT_ASSERT_TRUE(test, wait_until(side_count(a, SIM_C_RNR) >
					   rnr + 20));
	KUNIT_EXPECT_EQ(test, side_state(a), IB_QPS_RTS);
	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, 0), 0);
	KUNIT_EXPECT_EQ(test, side_status(b), IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
}

static void no_receive_fails_in_the_end(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a = &pair->a;
	u64 rnr;

	pair->opts.rnr_retry = 3;
	pair_connect(pair);
	rnr = side_count(a, SIM_C_RNR);
	KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, MSG_BYTES,
					IB_SEND_SIGNALED, 0), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_RNR_RETRY_EXC_ERR);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_RNR) - rnr, 4);
	KUNIT_EXPECT_EQ(test, side_state(a), IB_QPS_ERR);
	KUNIT_EXPECT_EQ(test, side_state(&pair->b), IB_QPS_RTS);
}

static void numbers_must_follow(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a = &pair->a, *b = &pair->b;
	u64 viol;

	pair->opts.sq_psn = 10;
	pair->opts.rq_psn = 9;
	pair_connect(pair);
	viol = side_count(b, SIM_C_VIOL_PSN);
	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, 0), 0);
	KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, MSG_BYTES,
					IB_SEND_SIGNALED, 0), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_RETRY_EXC_ERR);
	KUNIT_EXPECT_EQ(test, side_count(b, SIM_C_VIOL_PSN) - viol, 3);
}

static void number_of_before_is_a_duplicate(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a = &pair->a, *b = &pair->b;
	struct ib_wc wc;
	u64 dups;

	pair->opts.sq_psn = 0xffffff;
	pair->opts.rq_psn = 0;
	pair_connect(pair);
	dups = side_count(b, SIM_C_DUPLICATES);
	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, 7), 0);
	KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, MSG_BYTES,
					IB_SEND_SIGNALED, 0), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, side_count(b, SIM_C_DUPLICATES) - dups, 1);
	KUNIT_EXPECT_EQ(test, ib_poll_cq(b->cq, 1, &wc), 0);
}

static void nobody_there(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a;
	u64 retries = side_count(a, SIM_C_RETRIES);

	KUNIT_ASSERT_EQ(test, ib_destroy_qp(pair->b.qp), 0);
	pair->b.qp = NULL;
	KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, MSG_BYTES,
					IB_SEND_SIGNALED, 0), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_RETRY_EXC_ERR);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_RETRIES) - retries,
			pair->opts.retry_cnt + 1);
}

/* A queue pair does not send from a GID that its port has no more. */
static void source_gid_is_gone(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a;
	const struct ib_device_ops *ops = &a->ibdev->ops;
	u64 none = side_count(a, SIM_C_NO_SGID);
	const struct ib_gid_attr *attr;
	enum ib_wc_status status;
	int err;

	attr = rdma_get_gid_attr(a->ibdev, 1, a->gid_index);
	KUNIT_ASSERT_FALSE(test, IS_ERR(attr));
	err = side_recv(&pair->b, 0, 64, 0) ?: ops->del_gid(attr, NULL) ?:
	      side_post(a, IB_WR_SEND, MSG_BYTES, IB_SEND_SIGNALED, 0);
	status = err ? IB_WC_SUCCESS : side_status(a);
	KUNIT_EXPECT_EQ(test, ops->add_gid(attr, NULL), 0);
	rdma_put_gid_attr(attr);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, status, IB_WC_RETRY_EXC_ERR);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_NO_SGID) - none,
			pair->opts.retry_cnt + 1);
	KUNIT_EXPECT_EQ(test, side_state(&pair->b), IB_QPS_RTS);
}

/* A queue pair takes messages only from the one it is connected to. */
static void stranger_is_not_heard(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct pair *other = pair_new(test);
	struct side *b = &pair->b;
	u64 viol = side_count(b, SIM_C_VIOL_STRANGER);
	enum ib_wc_status status;
	int err;

	side_objects(&other->a, &other->opts);
	other->a.gid_index = pair->a.gid_index;
	err = side_init_state(&other->a, RW) ?:
	      side_to_rtr(&other->a, b, &other->opts) ?:
	      side_to_rts(&other->a, &other->opts, pair->opts.sq_psn) ?:
	      side_recv(b, 0, 64, 0) ?:
	      side_post(&other->a, IB_WR_SEND, MSG_BYTES, IB_SEND_SIGNALED, 0);
	status = err ? IB_WC_SUCCESS : side_status(&other->a);
	pair_free(other);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, status, IB_WC_RETRY_EXC_ERR);
	KUNIT_EXPECT_GT(test, side_count(b, SIM_C_VIOL_STRANGER), viol);
	KUNIT_EXPECT_EQ(test, side_state(b), IB_QPS_RTS);
}

static void states_forbid_posting(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a = &pair->a;
	u64 viol = side_count(a, SIM_C_VIOL_QP_STATE);

	side_objects(a, &pair->opts);
	KUNIT_EXPECT_EQ(test, side_recv(a, 0, 64, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, side_post(a, IB_WR_SEND, 1, 0, 0), -EINVAL);
	KUNIT_ASSERT_EQ(test, side_init_state(a, RW), 0);
	KUNIT_EXPECT_EQ(test, side_post(a, IB_WR_SEND, 1, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, side_recv(a, 0, 64, 0), 0);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_VIOL_QP_STATE) - viol, 3);
}

static void states_follow_their_order(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a = &pair->a;
	u64 viol = side_count(a, SIM_C_VIOL_QP_ATTR);

	side_objects(a, &pair->opts);
	KUNIT_EXPECT_EQ(test, side_to_rts(a, &pair->opts, 0), -EINVAL);
	KUNIT_ASSERT_EQ(test, side_init_state(a, RW), 0);
	KUNIT_EXPECT_EQ(test, side_to_rts(a, &pair->opts, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_VIOL_QP_ATTR) - viol, 2);
	KUNIT_EXPECT_EQ(test, side_state(a), IB_QPS_INIT);
}

static void error_state_flushes(struct kunit *test)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };
	struct pair *pair = connected(test);
	struct side *b = &pair->b;
	struct ib_wc wc;
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, i), 0);
	KUNIT_ASSERT_EQ(test, ib_modify_qp(b->qp, &attr, IB_QP_STATE), 0);
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_TRUE(test, side_poll(b, &wc));
		KUNIT_EXPECT_EQ(test, wc.status, IB_WC_WR_FLUSH_ERR);
		KUNIT_EXPECT_EQ(test, wc.wr_id, i);
	}
	KUNIT_ASSERT_EQ(test, side_post(b, IB_WR_SEND, 4, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, side_status(b), IB_WC_WR_FLUSH_ERR);
	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, 0), 0);
	KUNIT_EXPECT_EQ(test, side_status(b), IB_WC_WR_FLUSH_ERR);
}

static void local_key_is_checked(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a;
	struct ib_sge sge = {
		.addr = (uintptr_t)a->mem,
		.length = 8,
		.lkey = 0x4711,
	};
	struct ib_send_wr wr = {
		.sg_list = &sge,
		.num_sge = 1,
		.opcode = IB_WR_SEND,
	};
	u64 viol = side_count(a, SIM_C_VIOL_LKEY);

	KUNIT_ASSERT_EQ(test, ib_post_send(a->qp, &wr, NULL), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_LOC_PROT_ERR);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_VIOL_LKEY) - viol, 1);
}

static void queue_is_as_long_as_asked(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a = &pair->a;
	u64 viol;
	int i;

	pair->opts.send_wr = 5;
	pair_connect(pair);
	viol = side_count(a, SIM_C_VIOL_QUEUE_FULL);
	for (i = 0; i < 5; i++)
		KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, 4, 0, i), 0);
	KUNIT_EXPECT_EQ(test, side_post(a, IB_WR_SEND, 4, 0, i), -ENOMEM);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_VIOL_QUEUE_FULL) - viol, 1);
}

static void opcode_is_refused_in_a_chain(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	struct ib_sge sge = {
		.addr = (uintptr_t)a->mem,
		.length = 8,
		.lkey = a->pd->local_dma_lkey,
	};
	struct ib_rdma_wr bad = {
		.wr.sg_list = &sge,
		.wr.num_sge = 1,
		.wr.opcode = IB_WR_RDMA_READ,
	};
	struct ib_send_wr wr = {
		.next = &bad.wr,
		.sg_list = &sge,
		.num_sge = 1,
		.opcode = IB_WR_SEND,
		.send_flags = IB_SEND_SIGNALED,
	};
	u64 viol = side_count(a, SIM_C_VIOL_OPCODE);
	u64 bells = side_count(a, SIM_C_DOORBELLS);
	const struct ib_send_wr *at = NULL;

	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, 0), 0);
	KUNIT_EXPECT_EQ(test, ib_post_send(a->qp, &wr, &at), -EINVAL);
	KUNIT_EXPECT_PTR_EQ(test, at, &bad.wr);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_VIOL_OPCODE) - viol, 1);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_DOORBELLS) - bells, 1);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, side_status(b), IB_WC_SUCCESS);
}

static void inline_data_is_taken_at_once(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	u64 bytes = side_count(a, SIM_C_INLINE_BYTES);

	memset(a->mem, 0x11, 32);
	KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, 32, IB_SEND_INLINE |
					IB_SEND_SIGNALED, 0), 0);
	memset(a->mem, 0x22, 32);
	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, 0), 0);
	KUNIT_ASSERT_EQ(test, side_status(b), IB_WC_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(b->mem, 0x11, 32), NULL);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_INLINE_BYTES) - bytes, 32);
	KUNIT_EXPECT_EQ(test, side_post(a, IB_WR_SEND, 65, IB_SEND_INLINE, 0),
			-EINVAL);
}

static struct kunit_case verbs_cases[] = {
	KUNIT_CASE(send_arrives),
	KUNIT_CASE(write_is_placed),
	KUNIT_CASE(write_crosses_pages),
	KUNIT_CASE_PARAM(write_is_refused, write_gen_params),
	KUNIT_CASE(path_mtu_is_that_of_the_port),
	KUNIT_CASE(packet_fits_the_receivers_port),
	KUNIT_CASE(write_of_nothing_needs_no_key),
	KUNIT_CASE(key_ends_with_local_inv),
	KUNIT_CASE(region_is_registered_once),
	KUNIT_CASE(remote_write_needs_local_write),
	KUNIT_CASE_PARAM(no_more_than_advertised, limit_gen_params),
	KUNIT_CASE(receive_too_short),
	KUNIT_CASE(no_receive_is_retried),
	KUNIT_CASE(no_receive_fails_in_the_end),
	KUNIT_CASE(numbers_must_follow),
	KUNIT_CASE(number_of_before_is_a_duplicate),
	KUNIT_CASE(nobody_there),
	KUNIT_CASE(source_gid_is_gone),
	KUNIT_CASE(stranger_is_not_heard),
	KUNIT_CASE(states_forbid_posting),
	KUNIT_CASE(states_follow_their_order),
	KUNIT_CASE(error_state_flushes),
	KUNIT_CASE(local_key_is_checked),
	KUNIT_CASE(queue_is_as_long_as_asked),
	KUNIT_CASE(opcode_is_refused_in_a_chain),
	KUNIT_CASE(inline_data_is_taken_at_once),
	{ }
};

static struct kunit_suite verbs_suite = {
	.name = "smcsim_verbs",
	.init = pair_init,
	.exit = pair_exit,
	.test_cases = verbs_cases,
};

kunit_test_suite(verbs_suite);
