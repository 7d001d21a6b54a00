// SPDX-License-Identifier: GPL-2.0
/*
 * Schedules pick what they say; rules change what they say, and nothing else.
 */
#include <linux/delay.h>
#include <linux/unaligned.h>

#include "fixture.h"

#define CDC	0xfe

static int schedule_words(struct sim_schedule *sched, const char *text)
{
	char buf[64], *rest = buf, *word;
	int err = 0;

	memset(sched, 0, sizeof(*sched));
	strscpy(buf, text);
	while (!err && (word = strsep(&rest, " ")))
		err = sim_schedule_parse(sched, word);
	sim_schedule_start(sched);
	return err;
}

struct sched_row {
	const char *desc;
	const char *picks;	/* of 16 events */
};

static const struct sched_row sched_rows[] = {
	{ "once", "x..............." },
	{ "once after=3", "...x............" },
	{ "every=1", "xxxxxxxxxxxxxxxx" },
	{ "every=4", "...x...x...x...x" },
	{ "every=4 after=2", ".....x...x...x.." },
	{ "every=3 limit=2", "..x..x.........." },
	{ "every=1 after=14", "..............xx" },
	{ "random=1000", "xxxxxxxxxxxxxxxx" },
	{ "random=1000 after=5 limit=1", ".....x.........." },
};

KUNIT_ARRAY_PARAM_DESC(sched, sched_rows, desc);

static void schedule_picks(struct kunit *test)
{
	const struct sched_row *row = test->param_value;
	struct sim_schedule sched;
	char picks[17] = "";
	int i;

	KUNIT_ASSERT_EQ(test, schedule_words(&sched, row->desc), 0);
	for (i = 0; i < 16; i++)
		picks[i] = sim_schedule_pick(&sched) ? 'x' : '.';
	KUNIT_EXPECT_STREQ(test, picks, row->picks);
}

static u64 random_picks(const char *text, int *count)
{
	struct sim_schedule sched;
	u64 picks = 0;
	int i;

	*count = 0;
	if (schedule_words(&sched, text))
		return 0;
	for (i = 0; i < 64; i++)
		picks = picks << 1 | sim_schedule_pick(&sched);
	for (i = 0; i < 10000; i++)
		*count += sim_schedule_pick(&sched);
	return picks;
}

static void seed_reproduces(struct kunit *test)
{
	int count, again, other;
	u64 picks;

	picks = random_picks("random=300 seed=7", &count);
	KUNIT_EXPECT_EQ(test, random_picks("random=300 seed=7", &again), picks);
	KUNIT_EXPECT_EQ(test, again, count);
	KUNIT_EXPECT_NE(test, random_picks("random=300 seed=8", &other), picks);
	KUNIT_EXPECT_GT(test, count, 2700);
	KUNIT_EXPECT_LT(test, count, 3300);
}

static struct kunit_case schedule_cases[] = {
	KUNIT_CASE_PARAM(schedule_picks, sched_gen_params),
	KUNIT_CASE(seed_reproduces),
	{ }
};

static struct kunit_suite schedule_suite = {
	.name = "smcsim_schedule",
	.test_cases = schedule_cases,
};

/* Side a sends a message that counts up from @type. */
static void fill(u8 *mem, u8 type, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		mem[i] = type + i;
}

static struct pair *ruled(struct kunit *test, const char *rule)
{
	struct pair *pair = test->priv;

	if (!pair->a.qp)
		pair_connect(pair);
	KUNIT_ASSERT_EQ(test, side_rule(&pair->a, 0, rule), 0);
	return pair;
}

/* Send one; returns its length on arrival, or a negative number. */
static int pass(struct pair *pair, u8 type)
{
	struct side *a = &pair->a, *b = &pair->b;
	struct ib_wc wc;

	fill(a->mem, type, MSG_BYTES);
	memset(b->mem, 0, 2048);
	if (side_recv(b, 0, 2048, 0) ||
	    side_post(a, IB_WR_SEND, MSG_BYTES, IB_SEND_SIGNALED, 0))
		return -EIO;
	if (!side_poll(b, &wc) || wc.status || side_status(a))
		return -EPROTO;
	return wc.byte_len;
}

static u64 made(struct side *side, enum sim_mut_kind kind)
{
	return atomic64_read(&side->sim->mutator.count[kind]);
}

struct edit_row {
	const char *desc;
	u32 off, width;
	u64 want;
};

static const struct edit_row edit_rows[] = {
	{ "every=1 type=0xfe set=4:2:0xabcd", 4, 2, 0xabcd },
	{ "every=1 type=any set=0:1:0x11", 0, 1, 0x11 },
	{ "every=1 type=0xfe xor=36:8:0xffffffffffffffff", 36, 8,
	  ~0x2223242526272829ULL },
	{ "every=1 type=0xfe add=2:3:0x10000", 2, 3, 0x010102 },
	{ "every=1 type=0xfe walk=10:4:0xfffffff0", 10, 4, 0xfffffff0 },
	{ "every=1 send type=0xfe set=3:1:7 set=4:1:9", 3, 2, 0x0709 },
	{ "every=1 type=0xfe set=43:2:0xffff set=43:1:5", 43, 1, 5 },
};

KUNIT_ARRAY_PARAM_DESC(edit, edit_rows, desc);

static void field_is_changed(struct kunit *test)
{
	const struct edit_row *row = test->param_value;
	struct pair *pair = ruled(test, row->desc);
	u64 edits = made(&pair->a, SIM_MUT_K_EDIT);
	struct side *a = &pair->a, *b = &pair->b;
	u64 got = 0;
	u32 i;

	KUNIT_ASSERT_EQ(test, pass(pair, CDC), MSG_BYTES);
	for (i = 0; i < row->width; i++)
		got = got << 8 | b->mem[row->off + i];
	KUNIT_EXPECT_EQ(test, got, row->want);
	memcpy(b->mem + row->off, a->mem + row->off, row->width);
	KUNIT_EXPECT_MEMEQ(test, b->mem, a->mem, MSG_BYTES);
	KUNIT_EXPECT_EQ(test, made(a, SIM_MUT_K_EDIT), edits + 1);
}

static void same_value_is_no_change(struct kunit *test)
{
	struct pair *pair = ruled(test, "every=1 type=0xfe xor=8:1:0 add=9:2:0");
	u64 edits = made(&pair->a, SIM_MUT_K_EDIT);

	KUNIT_ASSERT_EQ(test, pass(pair, CDC), MSG_BYTES);
	KUNIT_EXPECT_MEMEQ(test, pair->b.mem, pair->a.mem, MSG_BYTES);
	KUNIT_EXPECT_EQ(test, made(&pair->a, SIM_MUT_K_EDIT), edits);
}

static void random_field_follows_its_seed(struct kunit *test)
{
	struct pair *pair = ruled(test, "every=1 type=0xfe rand=8:8 seed=5");
	struct side *b = &pair->b;
	u8 first[8], second[8];

	KUNIT_ASSERT_EQ(test, pass(pair, CDC), MSG_BYTES);
	memcpy(first, b->mem + 8, 8);
	KUNIT_ASSERT_EQ(test, pass(pair, CDC), MSG_BYTES);
	memcpy(second, b->mem + 8, 8);
	KUNIT_EXPECT_MEMNEQ(test, first, second, 8);
	ruled(test, "every=1 type=0xfe rand=8:8 seed=5");
	KUNIT_ASSERT_EQ(test, pass(pair, CDC), MSG_BYTES);
	KUNIT_EXPECT_MEMEQ(test, b->mem + 8, first, 8);
}

static void others_pass_unharmed(struct kunit *test)
{
	struct pair *pair = ruled(test, "every=2 type=0xfe set=1:1:0");
	struct side *a = &pair->a, *b = &pair->b;
	char rule[64];

	KUNIT_ASSERT_EQ(test, pass(pair, 6), MSG_BYTES);
	KUNIT_EXPECT_MEMEQ(test, b->mem, a->mem, MSG_BYTES);
	KUNIT_ASSERT_EQ(test, pass(pair, CDC), MSG_BYTES);
	KUNIT_EXPECT_MEMEQ(test, b->mem, a->mem, MSG_BYTES);
	KUNIT_ASSERT_EQ(test, pass(pair, CDC), MSG_BYTES);
	KUNIT_EXPECT_EQ(test, b->mem[1], 0);
	snprintf(rule, sizeof(rule), "every=1 type=0xfe set=1:1:0 qp=%u",
		 a->qp->qp_num + 1);
	ruled(test, rule);
	KUNIT_ASSERT_EQ(test, pass(pair, CDC), MSG_BYTES);
	KUNIT_EXPECT_MEMEQ(test, b->mem, a->mem, MSG_BYTES);
	snprintf(rule, sizeof(rule), "every=1 type=0xfe set=1:1:0 notqp=%u",
		 a->qp->qp_num);
	ruled(test, rule);
	KUNIT_ASSERT_EQ(test, pass(pair, CDC), MSG_BYTES);
	KUNIT_EXPECT_MEMEQ(test, b->mem, a->mem, MSG_BYTES);
	ruled(test, "off");
	KUNIT_ASSERT_EQ(test, pass(pair, CDC), MSG_BYTES);
	KUNIT_EXPECT_MEMEQ(test, b->mem, a->mem, MSG_BYTES);
}

static void message_is_cut_and_extended(struct kunit *test)
{
	struct pair *pair = ruled(test, "every=1 type=0xfe trunc=7");
	struct side *a = &pair->a, *b = &pair->b;

	KUNIT_EXPECT_EQ(test, pass(pair, CDC), 7);
	KUNIT_EXPECT_MEMEQ(test, b->mem, a->mem, 7);
	ruled(test, "every=1 type=0xfe trunc=0");
	KUNIT_EXPECT_EQ(test, pass(pair, CDC), 0);
	ruled(test, "every=1 type=0xfe extend=980");
	KUNIT_EXPECT_EQ(test, pass(pair, CDC), 1024);
	KUNIT_EXPECT_MEMEQ(test, b->mem, a->mem, MSG_BYTES);
	KUNIT_EXPECT_PTR_NE(test, memchr_inv(b->mem + MSG_BYTES, 0, 980), NULL);
}

static void fuzz_changes_some_bytes(struct kunit *test)
{
	struct pair *pair = ruled(test, "every=1 type=0xfe fuzz=3");
	struct side *a = &pair->a, *b = &pair->b;
	int i, differ = 0;

	KUNIT_ASSERT_EQ(test, pass(pair, CDC), MSG_BYTES);
	for (i = 0; i < MSG_BYTES; i++)
		differ += a->mem[i] != b->mem[i];
	KUNIT_EXPECT_GE(test, differ, 1);
	KUNIT_EXPECT_LE(test, differ, 3);
}

static void older_message_is_replayed(struct kunit *test)
{
	struct pair *pair = ruled(test, "once after=3 type=any replay=2");
	struct side *b = &pair->b;
	int i;

	for (i = 1; i <= 3; i++) {
		KUNIT_ASSERT_EQ(test, pass(pair, i), MSG_BYTES);
		KUNIT_EXPECT_EQ(test, b->mem[0], i);
	}
	KUNIT_ASSERT_EQ(test, pass(pair, 4), MSG_BYTES);
	KUNIT_EXPECT_EQ(test, b->mem[0], 2);
}

/* Receive the rest of the messages that one SEND became. */
static int receive(struct side *b, struct ib_wc *wc)
{
	return side_poll(b, wc) ? wc->status : -ETIMEDOUT;
}

static void message_is_doubled(struct kunit *test)
{
	struct pair *pair = ruled(test, "once type=0xfe dup");
	struct side *a = &pair->a, *b = &pair->b;
	struct ib_wc wc;

	KUNIT_ASSERT_EQ(test, side_recv(b, 2048, 64, 0), 0);
	KUNIT_ASSERT_EQ(test, pass(pair, CDC), MSG_BYTES);
	KUNIT_ASSERT_EQ(test, receive(b, &wc), 0);
	KUNIT_EXPECT_EQ(test, wc.byte_len, MSG_BYTES);
	KUNIT_EXPECT_MEMEQ(test, b->mem, a->mem, MSG_BYTES);
	KUNIT_EXPECT_MEMEQ(test, b->mem + 2048, a->mem, MSG_BYTES);
	KUNIT_EXPECT_EQ(test, ib_poll_cq(a->cq, 1, &wc), 0);
}

/* Many more than there are receive buffers; the real ones pass unharmed. */
static void flood_is_injected(struct kunit *test)
{
	struct pair *pair = ruled(test,
		"limit=2 every=1 type=0xfe keep inject=500 walk=40:4:0");
	struct side *a = &pair->a, *b = &pair->b;
	u64 injected = made(a, SIM_MUT_K_INJECT);
	u32 bad = 0, good = 0, next = 0;
	bool order = true;
	struct ib_wc wc;
	int i;

	fill(a->mem, CDC, MSG_BYTES);
	for (i = 0; i < 8; i++)
		KUNIT_ASSERT_EQ(test, side_recv(b, i * 64, 64, i), 0);
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, side_post(a, IB_WR_SEND, MSG_BYTES,
						IB_SEND_SIGNALED, 0), 0);
	while (bad + good < 1002 && receive(b, &wc) == 0) {
		u8 *at = b->mem + wc.wr_id * 64;

		if (!memcmp(at, a->mem, MSG_BYTES)) {
			good++;
		} else {
			bad++;
			order &= get_unaligned_be32(at + 40) == next++;
			order &= !memcmp(at, a->mem, 40);
		}
		if (side_recv(b, wc.wr_id * 64, 64, wc.wr_id))
			break;
	}
	KUNIT_EXPECT_EQ(test, good, 2);
	KUNIT_EXPECT_EQ(test, bad, 1000);
	KUNIT_EXPECT_TRUE(test, order);
	KUNIT_EXPECT_TRUE(test, wait_until(made(a, SIM_MUT_K_INJECT) ==
					   injected + 1000));
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, pass(pair, CDC), MSG_BYTES);
}

static void flood_ends_with_the_rule(struct kunit *test)
{
	struct pair *pair = ruled(test,
				  "once type=0xfe keep inject=1000000 fuzz=1");
	struct sim_mut_rule *rule = &pair->a.sim->mutator.rule[0];

	KUNIT_ASSERT_EQ(test, pass(pair, CDC), MSG_BYTES);
	KUNIT_EXPECT_GT(test, sim_mut_pending(rule), 0);
	ruled(test, "off");
	KUNIT_EXPECT_EQ(test, sim_mut_pending(rule), 0);
}

struct reth_row {
	const char *desc;
	enum ib_wc_status status;
	enum sim_counter viol;
};

static const struct reth_row reth_rows[] = {
	{ "once write xor=8:4:0x100", IB_WC_REM_ACCESS_ERR, SIM_C_VIOL_RKEY },
	{ "once write add=0:8:0x100000", IB_WC_REM_ACCESS_ERR,
	  SIM_C_VIOL_BOUNDS },
	{ "once write set=12:4:0x7fffffff", IB_WC_REM_ACCESS_ERR,
	  SIM_C_VIOL_BOUNDS },
	{ "once write add=12:4:1", IB_WC_REM_INV_REQ_ERR, SIM_C_COUNT },
	{ "once write set=12:4:1", IB_WC_REM_INV_REQ_ERR, SIM_C_COUNT },
};

KUNIT_ARRAY_PARAM_DESC(reth, reth_rows, desc);

static void write_is_changed(struct kunit *test)
{
	const struct reth_row *row = test->param_value;
	struct pair *pair = test->priv;
	struct side *a = &pair->a, *b = &pair->b;
	u64 viol = 0;

	pair_register(pair);
	ruled(test, row->desc);
	if (row->viol != SIM_C_COUNT)
		viol = side_count(b, row->viol);
	fill(a->mem, 1, 64);
	KUNIT_ASSERT_EQ(test, side_write(a, b->mr->iova, b->mr->rkey, 64), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), row->status);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(b->mem, 0, 128), NULL);
	if (row->viol != SIM_C_COUNT)
		KUNIT_EXPECT_EQ(test, side_count(b, row->viol) - viol, 1);
}

static void written_byte_is_flipped(struct kunit *test)
{
	struct pair *pair = test->priv;
	struct side *a = &pair->a, *b = &pair->b;

	pair_register(pair);
	ruled(test, "once write flip=33:0x81");
	fill(a->mem, 1, 64);
	KUNIT_ASSERT_EQ(test, side_write(a, b->mr->iova, b->mr->rkey, 64), 0);
	KUNIT_EXPECT_EQ(test, side_status(a), IB_WC_SUCCESS);
	KUNIT_EXPECT_EQ(test, b->mem[33], a->mem[33] ^ 0x81);
	b->mem[33] = a->mem[33];
	KUNIT_EXPECT_MEMEQ(test, b->mem, a->mem, 64);
}

static const struct text_row {
	const char *desc;
} text_rows[] = {
	{ "" }, { "once" }, { "once type=0xfe" }, { "type=0xfe set=0:1:0" },
	{ "once set=0:1:0" }, { "once type=0x100 set=0:1:0" },
	{ "once type=0xfe set=0:0:0" }, { "once type=0xfe set=0:9:0" },
	{ "once type=0xfe set=0:1" }, { "once type=0xfe rand=0:1:0" },
	{ "once type=0xfe set=0" }, { "once type=0xfe nonsense=1" },
	{ "once type=0xfe nonsense" }, { "once type=0xfe keep set=0:1:0" },
	{ "once type=0xfe flip=0:1" }, { "once write" },
	{ "once write set=13:4:0" }, { "once write set=0:1:0 dup" },
	{ "once write set=0:1:0 inject=1" }, { "once write flip=0" },
	{ "once write flip=0:0" }, { "once write type=0xfe set=0:1:0" },
	{ "once type=0xfe trunc=65536" },
};

KUNIT_ARRAY_PARAM_DESC(text, text_rows, desc);

static void wrong_text_is_refused(struct kunit *test)
{
	const struct text_row *row = test->param_value;
	struct side *a = &((struct pair *)test->priv)->a;

	KUNIT_EXPECT_EQ(test, side_rule(a, 0, row->desc), -EINVAL);
	KUNIT_EXPECT_EQ(test, READ_ONCE(a->sim->mutator.armed), 0);
}

static void too_many_fields_are_refused(struct kunit *test)
{
	struct side *a = &((struct pair *)test->priv)->a;
	char text[128] = "once type=0xfe";
	int i;

	for (i = 0; i < SIM_MUTATE_EDITS; i++)
		strlcat(text, " rand=0:1", sizeof(text));
	KUNIT_EXPECT_EQ(test, side_rule(a, 0, text), 0);
	KUNIT_EXPECT_EQ(test, side_rule(a, 0, "off"), 0);
	strlcat(text, " rand=0:1", sizeof(text));
	KUNIT_EXPECT_EQ(test, side_rule(a, 0, text), -EINVAL);
}

static struct kunit_case mutate_cases[] = {
	KUNIT_CASE_PARAM(field_is_changed, edit_gen_params),
	KUNIT_CASE(same_value_is_no_change),
	KUNIT_CASE(random_field_follows_its_seed),
	KUNIT_CASE(others_pass_unharmed),
	KUNIT_CASE(message_is_cut_and_extended),
	KUNIT_CASE(fuzz_changes_some_bytes),
	KUNIT_CASE(older_message_is_replayed),
	KUNIT_CASE(message_is_doubled),
	KUNIT_CASE(flood_is_injected),
	KUNIT_CASE(flood_ends_with_the_rule),
	KUNIT_CASE_PARAM(write_is_changed, reth_gen_params),
	KUNIT_CASE(written_byte_is_flipped),
	KUNIT_CASE_PARAM(wrong_text_is_refused, text_gen_params),
	KUNIT_CASE(too_many_fields_are_refused),
	{ }
};

static struct kunit_suite mutate_suite = {
	.name = "smcsim_mutate",
	.init = pair_init,
	.exit = pair_exit,
	.test_cases = mutate_cases,
};

kunit_test_suites(&schedule_suite, &mutate_suite);
