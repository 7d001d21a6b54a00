// SPDX-License-Identifier: GPL-2.0
/*
 * Each fault does what it says, when it says, and is counted.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <rdma/ib_cache.h>

#include "fixture.h"

#define DELAY_US	30000

static struct pair *connected(struct kunit *test)
{
	struct pair *pair = test->priv;

	pair_connect(pair);
	return pair;
}

static int send_one(struct pair *pair)
{
	return side_recv(&pair->b, 0, 64, 0) ?:
	       side_post(&pair->a, IB_WR_SEND, MSG_BYTES, IB_SEND_SIGNALED, 0);
}

/* More calls that fail: 0 when it works. */
static int call_modify_qp(struct side *side)
{
	struct ib_qp_attr attr = { .min_rnr_timer = 2 };

	return ib_modify_qp(side->qp, &attr, IB_QP_MIN_RNR_TIMER);
}

static int call_map_mr(struct side *side)
{
	struct scatterlist sg;
	int n;

	sg_init_one(&sg, side->mem, PAGE_SIZE);
	if (ib_dma_map_sg(side->ibdev, &sg, 1, DMA_FROM_DEVICE) != 1)
		return -EIO;
	n = ib_map_mr_sg(side->mr, &sg, 1, NULL, PAGE_SIZE);
	return n == 1 ? 0 : n;
}

static int call_post_send(struct side *side)
{
	return side_write(side, 0, 0, 0);
}

static int call_post_recv(struct side *side)
{
	return side_recv(side, 0, 64, 0);
}

static const struct call_row {
	const char *desc;
	enum sim_fault which;
	int (*call)(struct side *side);
} call_rows[] = {
	{ "alloc_pd", SIM_FAULT_ALLOC_PD, try_alloc_pd },
	{ "create_cq", SIM_FAULT_CREATE_CQ, try_create_cq },
	{ "create_qp", SIM_FAULT_CREATE_QP, try_create_qp },
	{ "modify_qp", SIM_FAULT_MODIFY_QP, call_modify_qp },
	{ "alloc_mr", SIM_FAULT_ALLOC_MR, try_alloc_mr },
	{ "map_mr", SIM_FAULT_MAP_MR, call_map_mr },
	{ "post_send", SIM_FAULT_POST_SEND, call_post_send },
	{ "post_recv", SIM_FAULT_POST_RECV, call_post_recv },
};

KUNIT_ARRAY_PARAM_DESC(call, call_rows, desc);

static void call_fails_on_command(struct kunit *test)
{
	const struct call_row *row = test->param_value;
	struct side *a = &connected(test)->a;
	u64 hits = side_hits(a, row->which);

	KUNIT_ASSERT_EQ(test, side_fault(a, row->which,
					 "once after=1 value=-27"), 0);
	KUNIT_EXPECT_EQ(test, row->call(a), 0);
	KUNIT_EXPECT_EQ(test, side_hits(a, row->which), hits);
	KUNIT_EXPECT_EQ(test, row->call(a), -EFBIG);
	KUNIT_EXPECT_EQ(test, row->call(a), 0);
	KUNIT_EXPECT_EQ(test, side_hits(a, row->which), hits + 1);
}

static const int statuses[] = {
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
	IB_WC_GENERAL_ERR
};

static void status_desc(const int *status, char *desc)
{
	strscpy(desc, ib_wc_status_msg(*status), KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(status, statuses, status_desc);

static void send_completes_with_status(struct kunit *test)
{
	const int *status = test->param_value;
	struct pair *pair = connected(test);
	struct side *a = &pair->a;
	char text[32];

	snprintf(text, sizeof(text), "once value=%d", *status);
	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_SEND_STATUS, text), 0);
	KUNIT_ASSERT_EQ(test, send_one(pair), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), *status);
	KUNIT_EXPECT_EQ(test, side_state(a), IB_QPS_ERR);
	KUNIT_EXPECT_EQ(test, side_status(&pair->b), IB_WC_SUCCESS);
}

static void receive_completes_with_status(struct kunit *test)
{
	const int *status = test->param_value;
	struct pair *pair = connected(test);
	struct side *b = &pair->b;
	char text[32];

	snprintf(text, sizeof(text), "once value=%d", *status);
	KUNIT_ASSERT_EQ(test, side_fault(b, SIM_FAULT_RECV_STATUS, text), 0);
	KUNIT_ASSERT_EQ(test, send_one(pair), 0);
	KUNIT_EXPECT_EQ(test, side_status(b), *status);
	KUNIT_EXPECT_EQ(test, side_state(b), IB_QPS_ERR);
	KUNIT_EXPECT_EQ(test, side_status(&pair->a), IB_WC_REM_OP_ERR);
}

static void registration_fails(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *b = &pair->b;

	KUNIT_ASSERT_EQ(test, side_fault(b, SIM_FAULT_REG_MR,
					 "once value=10"), 0);
	KUNIT_EXPECT_EQ(test, side_register(b, IB_ACCESS_LOCAL_WRITE),
			IB_WC_REM_ACCESS_ERR);
	KUNIT_EXPECT_EQ(test, side_state(b), IB_QPS_ERR);
}

/* How long a SEND took to complete, in us; 0 if it failed. */
static s64 timed_send(struct pair *pair)
{
	ktime_t begin = ktime_get();

	if (send_one(pair) || side_status(&pair->a) || side_status(&pair->b))
		return 0;
	return ktime_us_delta(ktime_get(), begin);
}

static void completion_is_late(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a;
	ktime_t begin;

	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_COMP_DELAY,
					 "once value=30000"), 0);
	begin = ktime_get();
	KUNIT_ASSERT_EQ(test, send_one(pair), 0);
	KUNIT_EXPECT_EQ(test, side_status(&pair->b), IB_WC_SUCCESS);
	KUNIT_ASSERT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), begin), DELAY_US);
}

static void message_is_late(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a;

	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_MSG_LATE,
					 "once value=30000"), 0);
	KUNIT_EXPECT_GE(test, timed_send(pair), DELAY_US);
	KUNIT_EXPECT_GT(test, timed_send(pair), 0);
}

static void latency_takes_time(struct kunit *test)
{
	struct pair *pair = connected(test);

	WRITE_ONCE(pair->a.sim->latency_us, DELAY_US);
	KUNIT_EXPECT_GE(test, timed_send(pair), DELAY_US);
}

static void bandwidth_takes_time(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a = &pair->a, *b = &pair->b;
	ktime_t begin;

	pair_register(pair);
	/* Two writes of 4000 bytes at 8 bits per ten us */
	WRITE_ONCE(a->sim->bandwidth_mbps, 1);
	begin = ktime_get();
	KUNIT_ASSERT_EQ(test, side_write(a, b->mr->iova, b->mr->rkey, 4000), 0);
	KUNIT_ASSERT_EQ(test, side_write(a, b->mr->iova, b->mr->rkey, 4000), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), begin), 32000);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), begin), 64000);
}

static void completion_is_overtaken(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct pair *other = pair_new(test);
	struct side *a = &pair->a;
	int rc = -1, early = -1;
	u64 hits = side_hits(a, SIM_FAULT_COMP_REORDER);
	struct ib_wc wc;
	ktime_t begin;

	pair_connect(other);
	begin = ktime_get();
	if (!side_fault(a, SIM_FAULT_COMP_REORDER, "once value=10000000") &&
	    !send_one(pair) &&
	    wait_until(side_hits(a, SIM_FAULT_COMP_REORDER) > hits)) {
		early = ib_poll_cq(a->cq, 1, &wc);
		rc = send_one(other) ?: side_status(&other->a);
	}
	pair_free(other);
	KUNIT_EXPECT_EQ(test, early, 0);
	KUNIT_EXPECT_EQ(test, rc, 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), begin), 10000);
}

static void work_is_flushed(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a;

	KUNIT_ASSERT_EQ(test, side_recv(a, 0, 64, 0), 0);
	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_FLUSH, "once"), 0);
	KUNIT_ASSERT_EQ(test, send_one(pair), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_WR_FLUSH_ERR);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_WR_FLUSH_ERR);
	KUNIT_EXPECT_EQ(test, side_state(a), IB_QPS_ERR);
	KUNIT_EXPECT_TRUE(test, wait_until(atomic_read(&a->events) > 0));
}

static void message_is_lost_and_sent_again(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a;
	u64 retries = side_count(a, SIM_C_RETRIES);

	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_MSG_LOST,
					 "once value=2"), 0);
	KUNIT_EXPECT_GT(test, timed_send(pair), 0);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_RETRIES) - retries, 2);
}

static void message_is_lost_for_good(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a;
	struct ib_wc wc;

	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_MSG_LOST, "once"), 0);
	KUNIT_ASSERT_EQ(test, send_one(pair), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_RETRY_EXC_ERR);
	KUNIT_EXPECT_EQ(test, ib_poll_cq(pair->b.cq, 1, &wc), 0);
	KUNIT_EXPECT_EQ(test, side_state(&pair->b), IB_QPS_RTS);
}

static void message_comes_twice(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a, *b = &pair->b;
	u64 dups = side_count(b, SIM_C_DUPLICATES);
	struct ib_wc wc;

	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_MSG_DUP, "once"), 0);
	KUNIT_ASSERT_EQ(test, side_recv(b, 0, 64, 0), 0);
	KUNIT_EXPECT_GT(test, timed_send(pair), 0);
	KUNIT_EXPECT_EQ(test, side_count(b, SIM_C_DUPLICATES) - dups, 1);
	KUNIT_EXPECT_EQ(test, ib_poll_cq(b->cq, 1, &wc), 0);
	KUNIT_EXPECT_GT(test, timed_send(pair), 0);
}

static void receiver_is_not_ready(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a;
	u64 rnr = side_count(a, SIM_C_RNR);

	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_RNR, "once value=3"), 0);
	KUNIT_EXPECT_GT(test, timed_send(pair), 0);
	KUNIT_EXPECT_EQ(test, side_count(a, SIM_C_RNR) - rnr, 3);
}

static void receiver_is_never_ready(struct kunit *test)
{
	struct pair *pair = test->priv;

	pair->opts.rnr_retry = 2;
	pair_connect(pair);
	KUNIT_ASSERT_EQ(test, side_fault(&pair->a, SIM_FAULT_RNR,
					 "once value=0"), 0);
	KUNIT_ASSERT_EQ(test, send_one(pair), 0);
	KUNIT_EXPECT_EQ(test, side_status(&pair->a), IB_WC_RNR_RETRY_EXC_ERR);
}

static void fault_is_for_one_queue_pair(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a;
	char text[48];

	snprintf(text, sizeof(text), "every=1 value=-27 qp=%u",
		 a->qp->qp_num + 1);
	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_POST_SEND, text), 0);
	KUNIT_EXPECT_GT(test, timed_send(pair), 0);
	snprintf(text, sizeof(text), "every=1 value=-27 qp=%u", a->qp->qp_num);
	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_POST_SEND, text), 0);
	KUNIT_EXPECT_EQ(test, send_one(pair), -EFBIG);
}

static enum ib_port_state port_state(struct side *side)
{
	struct ib_port_attr attr = { };

	return ib_query_port(side->ibdev, 1, &attr) ? IB_PORT_NOP : attr.state;
}

static void port_goes_down_and_up(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a;
	u64 hits = side_hits(a, SIM_FAULT_PORT_DOWN);

	KUNIT_ASSERT_EQ(test, port_state(a), IB_PORT_ACTIVE);
	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_PORT_DOWN, "now"), 0);
	KUNIT_EXPECT_EQ(test, side_hits(a, SIM_FAULT_PORT_DOWN), hits + 1);
	KUNIT_EXPECT_EQ(test, port_state(a), IB_PORT_DOWN);
	KUNIT_ASSERT_EQ(test, send_one(pair), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_RETRY_EXC_ERR);
	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_PORT_UP, "now"), 0);
	KUNIT_EXPECT_EQ(test, port_state(a), IB_PORT_ACTIVE);
}

/* Counts a device's events by enum ib_event_type. */
struct watch {
	struct ib_event_handler handler;
	atomic_t count[IB_EVENT_GID_CHANGE + 1];
};

static void watch_event(struct ib_event_handler *handler,
			struct ib_event *event)
{
	struct watch *watch = container_of(handler, struct watch, handler);

	if (event->event < ARRAY_SIZE(watch->count))
		atomic_inc(&watch->count[event->event]);
}

static void watch_begin(struct watch *watch, struct side *side)
{
	INIT_IB_EVENT_HANDLER(&watch->handler, side->ibdev, watch_event);
	ib_register_event_handler(&watch->handler);
}

static void watch_end(struct watch *watch)
{
	ib_unregister_event_handler(&watch->handler);
}

static bool watch_saw(struct watch *watch, enum ib_event_type type, int count)
{
	return wait_until(atomic_read(&watch->count[type]) >= count);
}

static void port_comes_back_by_itself(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a;
	struct watch watch = { };
	enum ib_port_state before;
	bool down, up;
	int post;

	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_PORT_DOWN,
					 "once after=1 value=20"), 0);
	KUNIT_ASSERT_GT(test, timed_send(pair), 0);
	before = port_state(a);
	watch_begin(&watch, a);
	post = send_one(pair);
	down = watch_saw(&watch, IB_EVENT_PORT_ERR, 1);
	up = watch_saw(&watch, IB_EVENT_PORT_ACTIVE, 1);
	watch_end(&watch);
	KUNIT_EXPECT_EQ(test, before, IB_PORT_ACTIVE);
	KUNIT_EXPECT_EQ(test, post, 0);
	KUNIT_EXPECT_TRUE(test, down);
	KUNIT_EXPECT_TRUE(test, up);
	KUNIT_EXPECT_EQ(test, port_state(a), IB_PORT_ACTIVE);
}

struct disarm {
	struct work_struct work;
	struct side *side;
};

static void disarm_work(struct work_struct *work)
{
	struct disarm *disarm = container_of(work, struct disarm, work);

	side_fault(disarm->side, SIM_FAULT_PORT_DOWN, "off");
}

static bool is_due(struct side *side, enum sim_fault which)
{
	return READ_ONCE(side->sim->faults.events) & BIT(which);
}

/* Another event waits for rtnl, and this one for that. */
static void event_is_due_as_it_was_picked(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct disarm disarm = { .side = &pair->a };
	struct side *a = &pair->a;
	u64 hits = side_hits(a, SIM_FAULT_PORT_UP);
	struct sim_fault_rule *rule;
	struct watch watch = { };
	bool due, off, down, up;

	rule = &a->sim->faults.rule[SIM_FAULT_PORT_DOWN];
	INIT_WORK_ONSTACK(&disarm.work, disarm_work);
	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_PORT_UP, "once"), 0);
	KUNIT_ASSERT_EQ(test, side_fault(a, SIM_FAULT_PORT_DOWN,
					 "once after=1 value=1"), 0);
	watch_begin(&watch, a);
	rtnl_lock();
	due = timed_send(pair) > 0 &&
	      wait_until(side_hits(a, SIM_FAULT_PORT_UP) > hits) &&
	      timed_send(pair) > 0 && is_due(a, SIM_FAULT_PORT_DOWN);
	schedule_work(&disarm.work);
	off = wait_until(!READ_ONCE(rule->value));
	rtnl_unlock();
	flush_work(&disarm.work);
	down = watch_saw(&watch, IB_EVENT_PORT_ERR, 1);
	up = watch_saw(&watch, IB_EVENT_PORT_ACTIVE, 1);
	watch_end(&watch);
	destroy_work_on_stack(&disarm.work);
	KUNIT_EXPECT_TRUE(test, due);
	KUNIT_EXPECT_TRUE(test, off);
	KUNIT_EXPECT_TRUE(test, down);
	KUNIT_EXPECT_TRUE(test, up);
}

/* The core may give it another place: the old one is still referred to. */
static bool has_gid(struct side *side)
{
	const struct ib_gid_attr *attr;

	attr = rdma_find_gid_by_port(side->ibdev, &side->gid, IB_GID_TYPE_ROCE,
				     1, NULL);
	if (IS_ERR(attr))
		return false;
	rdma_put_gid_attr(attr);
	return true;
}

static void gids_go_and_come_back(struct kunit *test)
{
	struct pair *pair = connected(test);
	struct side *a = &pair->a;
	struct watch watch = { };
	bool told, back;

	watch_begin(&watch, a);
	side_fault(a, SIM_FAULT_GID_CHANGE, "now");
	told = watch_saw(&watch, IB_EVENT_GID_CHANGE, 2);
	back = wait_until(has_gid(a));
	watch_end(&watch);
	KUNIT_EXPECT_TRUE(test, told);
	KUNIT_EXPECT_TRUE(test, back);
	KUNIT_EXPECT_GT(test, timed_send(pair), 0);
}

static const struct text_row {
	enum sim_fault which;
	const char *desc;
} text_rows[] = {
	{ SIM_FAULT_POST_SEND, "" },
	{ SIM_FAULT_POST_SEND, "value=-12" },
	{ SIM_FAULT_POST_SEND, "once twice" },
	{ SIM_FAULT_POST_SEND, "once every=2" },
	{ SIM_FAULT_POST_SEND, "every=0" },
	{ SIM_FAULT_POST_SEND, "every=x" },
	{ SIM_FAULT_POST_SEND, "every=" },
	{ SIM_FAULT_POST_SEND, "random=0" },
	{ SIM_FAULT_POST_SEND, "random=1001" },
	{ SIM_FAULT_POST_SEND, "once value=12" },
	{ SIM_FAULT_POST_SEND, "once value=-5000" },
	{ SIM_FAULT_POST_SEND, "once value=99999999999" },
	{ SIM_FAULT_POST_SEND, "once qp=0" },
	{ SIM_FAULT_POST_SEND, "once port=1" },
	{ SIM_FAULT_POST_SEND, "once seed=0" },
	{ SIM_FAULT_POST_SEND, "once limit=0" },
	{ SIM_FAULT_POST_SEND, "off after=1" },
	{ SIM_FAULT_POST_SEND, "now" },
	{ SIM_FAULT_CREATE_QP, "once qp=3" },
	{ SIM_FAULT_SEND_STATUS, "once value=0" },
	{ SIM_FAULT_SEND_STATUS, "once value=22" },
	{ SIM_FAULT_COMP_DELAY, "once value=0" },
	{ SIM_FAULT_MSG_DUP, "once value=1" },
	{ SIM_FAULT_MSG_LOST, "once value=-1" },
	{ SIM_FAULT_PORT_DOWN, "now once" },
	{ SIM_FAULT_PORT_DOWN, "now port=3" },
	{ SIM_FAULT_PORT_DOWN, "now value=-1" },
};

KUNIT_ARRAY_PARAM_DESC(text, text_rows, desc);

static void wrong_text_is_refused(struct kunit *test)
{
	const struct text_row *row = test->param_value;
	struct side *a = &((struct pair *)test->priv)->a;

	KUNIT_EXPECT_EQ(test, side_fault(a, row->which, row->desc), -EINVAL);
	KUNIT_EXPECT_EQ(test, READ_ONCE(a->sim->faults.armed), 0);
}

static struct kunit_case fault_cases[] = {
	KUNIT_CASE_PARAM(call_fails_on_command, call_gen_params),
	KUNIT_CASE_PARAM(send_completes_with_status, status_gen_params),
	KUNIT_CASE_PARAM(receive_completes_with_status, status_gen_params),
	KUNIT_CASE(registration_fails),
	KUNIT_CASE(completion_is_late),
	KUNIT_CASE(message_is_late),
	KUNIT_CASE(latency_takes_time),
	KUNIT_CASE(bandwidth_takes_time),
	KUNIT_CASE(completion_is_overtaken),
	KUNIT_CASE(work_is_flushed),
	KUNIT_CASE(message_is_lost_and_sent_again),
	KUNIT_CASE(message_is_lost_for_good),
	KUNIT_CASE(message_comes_twice),
	KUNIT_CASE(receiver_is_not_ready),
	KUNIT_CASE(receiver_is_never_ready),
	KUNIT_CASE(fault_is_for_one_queue_pair),
	KUNIT_CASE(port_goes_down_and_up),
	KUNIT_CASE(port_comes_back_by_itself),
	KUNIT_CASE(event_is_due_as_it_was_picked),
	KUNIT_CASE(gids_go_and_come_back),
	KUNIT_CASE_PARAM(wrong_text_is_refused, text_gen_params),
	{ }
};

static struct kunit_suite fault_suite = {
	.name = "smcsim_fault",
	.init = pair_init,
	.exit = pair_exit,
	.test_cases = fault_cases,
};

/* Breaks and removes a device, which therefore is one of its own. */
static void device_breaks_and_goes(struct kunit *test)
{
	struct pair_opts opts = pair_defaults;
	struct side *side = test->priv;
	struct watch watch = { };
	int post, state, create;
	struct ib_device *gone;
	bool told;

	side_get(side, test, sim_name(2));
	side_objects(side, &opts);
	KUNIT_ASSERT_EQ(test, side_init_state(side, IB_ACCESS_LOCAL_WRITE), 0);
	post = side_recv(side, 0, 64, 0);
	watch_begin(&watch, side);
	side_fault(side, SIM_FAULT_FATAL, "now");
	told = watch_saw(&watch, IB_EVENT_DEVICE_FATAL, 1);
	watch_end(&watch);
	state = side_state(side);
	create = try_create_qp(side);
	KUNIT_EXPECT_EQ(test, post, 0);
	KUNIT_EXPECT_TRUE(test, told);
	KUNIT_EXPECT_EQ(test, side_status(side), IB_WC_WR_FLUSH_ERR);
	KUNIT_EXPECT_EQ(test, state, IB_QPS_ERR);
	KUNIT_EXPECT_EQ(test, create, -EIO);

	side_release(side);
	KUNIT_EXPECT_EQ(test, side_fault(side, SIM_FAULT_REMOVE, "now"), 0);
	side_put(side);
	KUNIT_EXPECT_TRUE(test, wait_until(({
		gone = ib_device_get_by_name(sim_name(2), RDMA_DRIVER_UNKNOWN);
		if (gone)
			ib_device_put(gone);
		!gone;
	})));
}

static int end_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct side), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void end_exit(struct kunit *test)
{
	struct side *side = test->priv;

	if (!side || !side->ibdev)
		return;
	side_release(side);
	side_put(side);
}

static struct kunit_case end_cases[] = {
	KUNIT_CASE(device_breaks_and_goes),
	{ }
};

static struct kunit_suite end_suite = {
	.name = "smcsim_end",
	.init = end_init,
	.exit = end_exit,
	.test_cases = end_cases,
};

kunit_test_suites(&fault_suite, &end_suite);
