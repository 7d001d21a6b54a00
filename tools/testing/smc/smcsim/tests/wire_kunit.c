// SPDX-License-Identifier: GPL-2.0
/*
 * Two devices that reach each other by frames only: data arrive whole, in
 * order and once, and refusals come back, also when the network loses,
 * doubles and reorders frames.
 */
#include <linux/delay.h>
#include <linux/unaligned.h>

#include "fixture.h"

#define MANY		100

static struct pair *connected(struct kunit *test)
{
	struct pair *pair = test->priv;

	/* The network may lose some of each message. */
	pair->opts.retry_cnt = 7;
	pair_register(pair);
	return pair;
}

static u64 frames(struct side *side)
{
	return atomic64_read(&side->sim->port[0].wire.stat[SIM_WIRE_TX]);
}

static int send(struct side *side, u32 len)
{
	return side_post(side, IB_WR_SEND, len, IB_SEND_SIGNALED, 0);
}

static void message_crosses_the_wire(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	u64 there = frames(a), back = frames(b);
	struct ib_wc wc;

	get_random_bytes(a->mem, MSG_BYTES);
	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, 9), 0);
	KUNIT_ASSERT_EQ(test, send(a, MSG_BYTES), 0);
	KUNIT_ASSERT_TRUE(test, side_poll(b, &wc));
	KUNIT_EXPECT_EQ(test, wc.status, IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, wc.wr_id, 9);
	KUNIT_EXPECT_EQ(test, wc.byte_len, MSG_BYTES);
	KUNIT_EXPECT_MEMEQ(test, b->mem, a->mem, MSG_BYTES);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_GT(test, frames(a), there);
	KUNIT_EXPECT_GT(test, frames(b), back);
}

/* More than a burst of the smallest frames. */
static void long_write_is_placed(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a, *b;

	pair->opts.mtu = IB_MTU_256;
	connected(test);
	a = &pair->a;
	b = &pair->b;
	get_random_bytes(a->mem, MEM_BYTES);
	KUNIT_ASSERT_EQ(test, side_write(a, b->mr->iova + 1, b->mr->rkey,
					 MEM_BYTES - 2), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, memcmp(b->mem + 1, a->mem, MEM_BYTES - 2), 0);
	KUNIT_EXPECT_EQ(test, b->mem[0], 0);
	KUNIT_EXPECT_EQ(test, b->mem[MEM_BYTES - 1], 0);
}

static void long_send_arrives(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	struct ib_wc wc;

	get_random_bytes(a->mem, 8192);
	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 9000, 0), 0);
	KUNIT_ASSERT_EQ(test, send(a, 8192), 0);
	KUNIT_ASSERT_TRUE(test, side_poll(b, &wc));
	KUNIT_EXPECT_EQ(test, wc.status, IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, wc.byte_len, 8192);
	KUNIT_EXPECT_EQ(test, memcmp(b->mem, a->mem, 8192), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
}

static void nothing_arrives_as_nothing(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	struct ib_wc wc;

	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, 0), 0);
	KUNIT_ASSERT_EQ(test, side_write(a, 0, 0, 0), 0);
	KUNIT_ASSERT_EQ(test, send(a, 0), 0);
	KUNIT_ASSERT_TRUE(test, side_poll(b, &wc));
	KUNIT_EXPECT_EQ(test, wc.status, IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, wc.byte_len, 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
}

/* Each write is there before the SEND that was posted after it. */
static void order_is_kept(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	struct ib_wc wc;
	u32 i;

	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, side_recv(b, PAGE_SIZE + i * 64, 64, i),
				0);
	for (i = 0; i < MANY; i++) {
		put_unaligned_be32(i, a->mem);
		KUNIT_ASSERT_EQ(test, side_write(a, b->mr->iova, b->mr->rkey,
						 2000), 0);
		KUNIT_ASSERT_EQ(test, send(a, MSG_BYTES), 0);
		KUNIT_ASSERT_TRUE(test, side_poll(b, &wc));
		KUNIT_ASSERT_EQ(test, wc.status, IB_WC_SUCCESS);
		KUNIT_ASSERT_EQ(test, wc.wr_id, i % 4);
		KUNIT_ASSERT_EQ(test, get_unaligned_be32(b->mem), i);
		KUNIT_ASSERT_EQ(test, get_unaligned_be32(b->mem + PAGE_SIZE +
							 wc.wr_id * 64), i);
		KUNIT_ASSERT_EQ(test, side_recv(b, PAGE_SIZE + wc.wr_id * 64,
						64, wc.wr_id), 0);
		KUNIT_ASSERT_EQ(test, side_status(a), IB_WC_SUCCESS);
		KUNIT_ASSERT_EQ(test, side_status(a), IB_WC_SUCCESS);
	}
	KUNIT_EXPECT_EQ(test, ib_poll_cq(b->cq, 1, &wc), 0);
}

struct refused_row {
	const char *desc;
	u32 key_xor;
	u32 off;
	enum sim_counter viol;
};

static const struct refused_row refused_rows[] = {
	{ "key", 0x100, 0, SIM_C_VIOL_RKEY },
	{ "bounds", 0, MEM_BYTES - 1999, SIM_C_VIOL_BOUNDS },
};

KUNIT_ARRAY_PARAM_DESC(refused, refused_rows, desc);

static void write_is_refused(struct kunit *test)
{
	const struct refused_row *row = test->param_value;
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	u64 viol = side_count(b, row->viol);

	memset(a->mem, 0xa5, 2000);
	KUNIT_ASSERT_EQ(test, side_write(a, b->mr->iova + row->off,
					 b->mr->rkey ^ row->key_xor, 2000), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_REM_ACCESS_ERR);
	KUNIT_EXPECT_EQ(test, side_count(b, row->viol) - viol, 1);
	KUNIT_EXPECT_EQ(test, side_state(b), IB_QPS_ERR);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(b->mem, 0, MEM_BYTES), NULL);
}

static void receive_too_short(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;

	KUNIT_ASSERT_EQ(test, side_recv(b, 0, MSG_BYTES - 1, 0), 0);
	KUNIT_ASSERT_EQ(test, send(a, MSG_BYTES), 0);
	KUNIT_EXPECT_EQ(test, side_status(b), IB_WC_LOC_LEN_ERR);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_REM_INV_REQ_ERR);
}

static void lengths_must_agree(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;

	KUNIT_ASSERT_EQ(test, side_rule(a, 0, "once write set=12:4:2001"), 0);
	KUNIT_ASSERT_EQ(test, side_write(a, b->mr->iova, b->mr->rkey, 2000), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_REM_INV_REQ_ERR);
}

static void receiver_is_waited_for(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	u64 rnr = side_count(a, SIM_C_RNR);

	get_random_bytes(a->mem, 3000);
	KUNIT_ASSERT_EQ(test, send(a, 3000), 0);
	KUNIT_ASSERT_TRUE(test, wait_until(side_count(a, SIM_C_RNR) > rnr + 3));
	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 4000, 0), 0);
	KUNIT_EXPECT_EQ(test, side_status(b), IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, memcmp(b->mem, a->mem, 3000), 0);
}

static void receiver_is_not_waited_for(struct kunit *test)
{
	struct pair *pair = test->priv;

	pair->opts.rnr_retry = 1;
	connected(test);
	KUNIT_ASSERT_EQ(test, send(&pair->a, MSG_BYTES), 0);
	KUNIT_EXPECT_EQ(test, side_status(&pair->a), IB_WC_RNR_RETRY_EXC_ERR);
}

static void nobody_answers(struct kunit *test)
{
	struct pair *pair = connected(test);

	KUNIT_ASSERT_EQ(test, ib_destroy_qp(pair->b.qp), 0);
	pair->b.qp = NULL;
	KUNIT_ASSERT_EQ(test, send(&pair->a, MSG_BYTES), 0);
	KUNIT_EXPECT_EQ(test, side_status(&pair->a), IB_WC_RETRY_EXC_ERR);
}

static void numbers_must_follow(struct kunit *test)
{
	struct pair *pair = test->priv;

	pair->opts.sq_psn = 10;
	pair->opts.rq_psn = 9;
	pair->opts.retry_cnt = 1;
	pair_connect(pair);
	KUNIT_ASSERT_EQ(test, side_recv(&pair->b, 0, 64, 0), 0);
	KUNIT_ASSERT_EQ(test, send(&pair->a, MSG_BYTES), 0);
	KUNIT_EXPECT_EQ(test, side_status(&pair->a), IB_WC_RETRY_EXC_ERR);
}

static void end_in_the_middle(struct kunit *test)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };
	struct pair *pair = connected(test);
	struct side *a = &pair->a;

	/* No receive: it stays on the wire, or waits, until the end. */
	KUNIT_ASSERT_EQ(test, send(a, 3000), 0);
	KUNIT_ASSERT_EQ(test, send(a, 3000), 0);
	KUNIT_ASSERT_EQ(test, ib_modify_qp(a->qp, &attr, IB_QP_STATE), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_WR_FLUSH_ERR);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_WR_FLUSH_ERR);
}

/* Nobody receives: the message is on the wire, over and over. */
static bool stopped_in_the_middle(struct pair *pair)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_RESET };
	struct sim_wire_rx *rx = &to_sim_qp(pair->b.qp)->wire.rx;

	return send(&pair->a, 16384) == 0 &&
	       wait_until(READ_ONCE(rx->off) > 0) &&
	       ib_modify_qp(pair->a.qp, &attr, IB_QP_STATE) == 0 &&
	       ib_modify_qp(pair->b.qp, &attr, IB_QP_STATE) == 0 &&
	       READ_ONCE(rx->off) > 0;
}

static void half_a_message_is_forgotten(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a = &pair->a, *b = &pair->b;
	struct ib_wc wc;
	int tries = 20;

	pair->opts.mtu = IB_MTU_256;
	connected(test);
	memset(a->mem, 0xa5, 16384);
	while (!stopped_in_the_middle(pair)) {
		KUNIT_ASSERT_GT(test, --tries, 0);
		pair_join(pair);
	}
	pair->opts.sq_psn = 100;
	pair->opts.rq_psn = 100;
	pair_join(pair);
	memset(a->mem, 0x5a, 1000);
	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 16384, 0), 0);
	KUNIT_ASSERT_EQ(test, send(a, 1000), 0);
	KUNIT_ASSERT_TRUE(test, side_poll(b, &wc));
	KUNIT_EXPECT_EQ(test, wc.status, IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, wc.byte_len, 1000);
	KUNIT_EXPECT_EQ(test, memcmp(b->mem, a->mem, 1000), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
}

static struct kunit_case wire_cases[] = {
	KUNIT_CASE(message_crosses_the_wire),
	KUNIT_CASE(long_write_is_placed),
	KUNIT_CASE(long_send_arrives),
	KUNIT_CASE(nothing_arrives_as_nothing),
	KUNIT_CASE(order_is_kept),
	KUNIT_CASE_PARAM(write_is_refused, refused_gen_params),
	KUNIT_CASE(receive_too_short),
	KUNIT_CASE(lengths_must_agree),
	KUNIT_CASE(receiver_is_waited_for),
	KUNIT_CASE(receiver_is_not_waited_for),
	KUNIT_CASE(nobody_answers),
	KUNIT_CASE(numbers_must_follow),
	KUNIT_CASE(end_in_the_middle),
	KUNIT_CASE(half_a_message_is_forgotten),
	{ }
};

static struct kunit_suite wire_suite = {
	.name = "smcsim_wire",
	.init = pair_init,
	.exit = pair_exit,
	.test_cases = wire_cases,
};

kunit_test_suite(wire_suite);
