// SPDX-License-Identifier: GPL-2.0
/*
 * Completion queues: what completes there, and when the handler is called.
 */
#include <linux/delay.h>
#include <linux/ktime.h>

#include "fixture.h"

#define PERIOD_US	20000

static struct pair *connected(struct kunit *test)
{
	struct pair *pair = test->priv;

	pair_connect(pair);
	return pair;
}

static void completion_queue_overruns(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a = &pair->a, *b = &pair->b;
	u64 viol;
	int i;

	pair->opts.cqe = 2;
	pair_connect(pair);
	viol = side_count(b, SIM_C_VIOL_CQ_OVERRUN);
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, i), 0);
		KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, 4, 0, i), 0);
	}
	KUNIT_EXPECT_TRUE(test, wait_until(side_count(b, SIM_C_VIOL_CQ_OVERRUN)
					   > viol));
	KUNIT_EXPECT_TRUE(test, wait_until(side_state(b) == IB_QPS_ERR));
}

static void unsignalled_sends_are_silent(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	struct ib_wc wc;
	int i;

	for (i = 0; i < 4; i++) {
		KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, i), 0);
		KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, 4, i == 3 ?
						IB_SEND_SIGNALED : 0, i), 0);
	}
	KUNIT_ASSERT_TRUE(test, side_poll(a, &wc));
	KUNIT_EXPECT_EQ(test, wc.wr_id, 3);
	KUNIT_EXPECT_EQ(test, ib_poll_cq(a->cq, 1, &wc), 0);
}

static void solicited_sends_call(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;

	KUNIT_ASSERT_EQ(test, ib_req_notify_cq(b->cq, IB_CQ_SOLICITED), 0);
	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, 0), 0);
	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, 1), 0);
	KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, 4, 0, 0), 0);
	KUNIT_ASSERT_EQ(test, side_status(b), IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, atomic_read(&b->cq_calls), 0);
	KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, 4, IB_SEND_SOLICITED, 0),
			0);
	KUNIT_ASSERT_EQ(test, side_status(b), IB_WC_SUCCESS);
	KUNIT_EXPECT_TRUE(test, wait_until(atomic_read(&b->cq_calls) == 1));
}

/* Have @count receives flushed, all in one go: no timer runs in between. */
static void flush_receives(struct side *side, int count)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };
	struct kunit *test = side->test;
	int i;

	for (i = 0; i < count; i++)
		KUNIT_ASSERT_EQ(test, side_recv(side, 0, 64, i), 0);
	KUNIT_ASSERT_EQ(test, ib_req_notify_cq(side->cq, IB_CQ_NEXT_COMP), 0);
	KUNIT_ASSERT_EQ(test, ib_modify_qp(side->qp, &attr, IB_QP_STATE), 0);
	KUNIT_ASSERT_TRUE(test, wait_until(atomic_read(&side->cq_calls)));
}

static const struct moderation_row {
	const char *desc;
	u16 count;
	u16 period_us;
	u32 waiting;		/* entries when the handler is called */
} moderation_rows[] = {
	{ "none", 0, 0, 1 },
	{ "each entry", 1, U16_MAX, 1 },
	{ "no period", 4, 0, 1 },
	{ "some entries", 4, U16_MAX, 4 },
	{ "all entries", 6, U16_MAX, 6 },
	{ "a period", U16_MAX, PERIOD_US, 6 },
};

KUNIT_ARRAY_PARAM_DESC(moderation, moderation_rows, desc);

static void handler_is_called_in_moderation(struct kunit *test)
{
	const struct moderation_row *row = test->param_value;
	struct side *b = &connected(test)->b;
	int i;

	KUNIT_ASSERT_EQ(test, rdma_set_cq_moderation(b->cq, row->count,
						     row->period_us), 0);
	flush_receives(b, 6);
	KUNIT_EXPECT_EQ(test, READ_ONCE(b->cq_waiting), row->waiting);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, side_status(b), IB_WC_WR_FLUSH_ERR);
	KUNIT_EXPECT_EQ(test, atomic_read(&b->cq_calls), 1);
}

static void period_takes_its_time(struct kunit *test)
{
	struct side *b = &connected(test)->b;
	ktime_t begin = ktime_get();

	KUNIT_ASSERT_EQ(test, rdma_set_cq_moderation(b->cq, U16_MAX,
						     PERIOD_US), 0);
	flush_receives(b, 1);
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), begin), PERIOD_US);
}

static struct kunit_case cq_cases[] = {
	KUNIT_CASE(completion_queue_overruns),
	KUNIT_CASE(unsignalled_sends_are_silent),
	KUNIT_CASE(solicited_sends_call),
	KUNIT_CASE_PARAM(handler_is_called_in_moderation,
			 moderation_gen_params),
	KUNIT_CASE(period_takes_its_time),
	{ }
};

static struct kunit_suite cq_suite = {
	.name = "smcsim_cq",
	.init = pair_init,
	.exit = pair_exit,
	.test_cases = cq_cases,
};

kunit_test_suite(cq_suite);
