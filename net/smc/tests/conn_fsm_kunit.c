// SPDX-License-Identifier: GPL-2.0
/*
 * The state table of a connection, checked pair by pair against a model that
 * knows no states: it keeps what each side has announced and goes by that.
 */
#include "vectors.h"
#include "../proto/conn_fsm.h"

#define SENDS	(SMC_ACT_SEND_DONE | SMC_ACT_SEND_CLOSE | SMC_ACT_SEND_ABORT)
#define WALK	5	/* events in a walk; all walks are taken */

/* What has happened to a connection so far. */
struct facts {
	bool up;		/* handshake done, or the peer acted on it */
	bool done;		/* we announced the end of our data */
	bool closed;		/* the application is gone */
	bool peer_done;
	bool peer_closed;
	bool peer_first;	/* peer finished before us, if both did */
	bool aborted;
	bool dead;		/* CLOSED */
};

static const struct {
	const char *name;
	struct facts f;
	u8 sk_state;
} conn_facts[SMC_ST_NUM] = {
	[SMC_ST_INIT] = { "INIT", { }, 2 },
	[SMC_ST_ACTIVE] = { "ACTIVE", { .up = true }, 1 },
	[SMC_ST_PCW1] = { "PCW1", { .up = true, .done = true }, 20 },
	[SMC_ST_PCW1C] = { "PCW1C", { .up = true, .done = true,
			   .closed = true }, 20 },
	[SMC_ST_PCW2] = { "PCW2", { .up = true, .done = true,
			  .peer_done = true }, 21 },
	[SMC_ST_PCW2C] = { "PCW2C", { .up = true, .done = true, .closed = true,
			   .peer_done = true }, 21 },
	[SMC_ST_ACW1] = { "ACW1", { .up = true, .peer_done = true }, 22 },
	[SMC_ST_ACW1P] = { "ACW1P", { .up = true, .peer_done = true,
			   .peer_closed = true }, 22 },
	[SMC_ST_ACW2] = { "ACW2", { .up = true, .done = true,
			  .peer_done = true, .peer_first = true }, 23 },
	[SMC_ST_AFCW] = { "AFCW", { .up = true, .done = true,
			  .peer_done = true, .peer_closed = true }, 24 },
	[SMC_ST_PFCW] = { "PFCW", { .up = true, .done = true, .closed = true,
			  .peer_done = true, .peer_first = true }, 25 },
	[SMC_ST_PA] = { "PA", { .up = true, .aborted = true }, 27 },
	[SMC_ST_CLOSED] = { "CLOSED", { .dead = true }, 7 },
};

static const char * const event_names[SMC_EV_NUM] = {
	[SMC_EV_ESTABLISHED] = "ESTABLISHED",
	[SMC_EV_SHUT_WR] = "SHUT_WR",
	[SMC_EV_CLOSE] = "CLOSE",
	[SMC_EV_ABORT] = "ABORT",
	[SMC_EV_PEER_DONE] = "PEER_DONE",
	[SMC_EV_PEER_CLOSED] = "PEER_CLOSED",
	[SMC_EV_PEER_ABORT] = "PEER_ABORT",
	[SMC_EV_LOST] = "LOST",
};

static u8 model_die(struct facts *f)
{
	*f = (struct facts){ .dead = true };
	return SMC_ACT_FINISH;
}

/* The application is not gone yet: tell it, and forget the rest. */
static u8 model_reset(struct facts *f)
{
	*f = (struct facts){ .up = true, .aborted = true };
	return SMC_ACT_RESET | SMC_ACT_WAKE;
}

static u8 model_finish_sending(struct facts *f)
{
	if (!f->done)
		f->peer_first = f->peer_done;
	if (f->peer_closed)	/* the order matters to nobody then */
		f->peer_first = false;
	f->done = true;
	return SMC_ACT_SEND_DONE;
}

static u8 model_app_gone(struct facts *f, bool abort)
{
	u8 word = abort || f->aborted ? SMC_ACT_SEND_ABORT : SMC_ACT_SEND_CLOSE;

	if (!f->up)
		return model_die(f);	/* nobody there to tell */
	if (f->closed)
		return abort ? SMC_ACT_SEND_ABORT : 0;
	if (f->peer_closed || f->aborted)
		return word | model_die(f);
	model_finish_sending(f);
	f->closed = true;
	return word;
}

static u8 model_peer_finished(struct facts *f, bool closed)
{
	bool news = !f->peer_done;

	if (f->aborted || f->peer_closed || (!news && !closed))
		return 0;
	f->up = true;
	f->peer_done = true;
	if (closed) {
		if (f->closed)
			return model_die(f);
		f->peer_closed = true;
		f->peer_first = false;
	}
	if (f->closed)
		return 0;
	return news ? SMC_ACT_RCV_SHUT | SMC_ACT_WAKE : SMC_ACT_WAKE;
}

static u8 model(struct facts *f, enum smc_conn_event event)
{
	if (f->dead)
		return 0;
	switch (event) {
	case SMC_EV_ESTABLISHED:
		if (f->done || f->closed || (f->up && !f->peer_done &&
					     !f->aborted))
			return 0;
		f->up = true;
		return SMC_ACT_WAKE;
	case SMC_EV_SHUT_WR:
		if (!f->up || f->done || f->aborted)
			return 0;
		return model_finish_sending(f);
	case SMC_EV_CLOSE:
		return model_app_gone(f, false);
	case SMC_EV_ABORT:
		return model_app_gone(f, true);
	case SMC_EV_PEER_DONE:
		return model_peer_finished(f, false);
	case SMC_EV_PEER_CLOSED:
		return model_peer_finished(f, true);
	case SMC_EV_PEER_ABORT:
		if (f->closed)
			return model_die(f);
		if (f->aborted)
			return 0;
		return model_reset(f) | SMC_ACT_SEND_ABORT;
	default:
		if (f->closed)
			return model_die(f);
		/* All was said by both sides: nothing is lost with the link. */
		if (f->aborted || (f->done && f->peer_closed))
			return 0;
		return model_reset(f);
	}
}

static void every_pair_agrees_with_model(struct kunit *test)
{
	int state, event;

	for (state = 0; state < SMC_ST_NUM; state++) {
		for (event = 0; event < SMC_EV_NUM; event++) {
			struct facts f = conn_facts[state].f;
			u8 want = model(&f, event);
			struct smc_conn_step step = smc_conn_fsm(state, event);

			KUNIT_ASSERT_LT(test, step.next, SMC_ST_NUM);
			KUNIT_EXPECT_EQ_MSG(test, step.actions, want,
					    "actions of %s in %s",
					    event_names[event],
					    conn_facts[state].name);
			KUNIT_EXPECT_TRUE_MSG(test,
					      !memcmp(&conn_facts[step.next].f,
						      &f, sizeof(f)),
					      "%s in %s leads to %s",
					      event_names[event],
					      conn_facts[state].name,
					      conn_facts[step.next].name);
		}
	}
}

static void user_space_sees_the_abi_numbers(struct kunit *test)
{
	int state;

	for (state = 0; state < SMC_ST_NUM; state++)
		KUNIT_EXPECT_EQ_MSG(test, smc_conn_sk_state(state),
				    conn_facts[state].sk_state, "%s",
				    conn_facts[state].name);
	KUNIT_EXPECT_EQ(test, smc_conn_sk_state(SMC_ST_NUM), 7);
}

static void unknown_state_or_event_stays(struct kunit *test)
{
	struct smc_conn_step step = smc_conn_fsm(SMC_ST_NUM, SMC_EV_CLOSE);

	KUNIT_EXPECT_EQ(test, step.next, SMC_ST_NUM);
	KUNIT_EXPECT_EQ(test, step.actions, 0);
	step = smc_conn_fsm(SMC_ST_ACTIVE, SMC_EV_NUM);
	KUNIT_EXPECT_EQ(test, step.next, SMC_ST_ACTIVE);
	KUNIT_EXPECT_EQ(test, step.actions, 0);
}

static void finish_comes_with_closed_and_only_then(struct kunit *test)
{
	int state, event;

	for (state = 0; state < SMC_ST_NUM; state++) {
		for (event = 0; event < SMC_EV_NUM; event++) {
			struct smc_conn_step s = smc_conn_fsm(state, event);
			bool enters = s.next == SMC_ST_CLOSED &&
				      state != SMC_ST_CLOSED;

			KUNIT_EXPECT_EQ(test, !!(s.actions & SMC_ACT_FINISH),
					enters);
			/* Never two announcements at once. */
			KUNIT_EXPECT_EQ(test, (s.actions & SENDS) &
					((s.actions & SENDS) - 1), 0);
		}
	}
}

/* Sent so far on one walk; every walk is checked step by step. */
static void walk(struct kunit *test, int state, u8 sent, bool gone, int depth)
{
	int event;

	for (event = 0; depth && event < SMC_EV_NUM; event++) {
		struct smc_conn_step s = smc_conn_fsm(state, event);
		bool leaves = event == SMC_EV_CLOSE || event == SMC_EV_ABORT;
		u8 now = s.actions & SENDS;

		/* D at most once; C at most once; after C or A no D. */
		if (sent)
			KUNIT_ASSERT_EQ(test, now & SMC_ACT_SEND_DONE, 0);
		if (sent & (SMC_ACT_SEND_CLOSE | SMC_ACT_SEND_ABORT))
			KUNIT_ASSERT_EQ(test, now & SMC_ACT_SEND_CLOSE, 0);
		/* Who is gone is not woken and gets no error. */
		if (gone && !leaves)
			KUNIT_ASSERT_EQ(test, s.actions &
					(SMC_ACT_RESET | SMC_ACT_RCV_SHUT |
					 SMC_ACT_WAKE), 0);
		/* CLOSED only with the application gone. */
		if (s.next == SMC_ST_CLOSED)
			KUNIT_ASSERT_TRUE(test, gone || leaves);
		if (state == SMC_ST_CLOSED) {
			KUNIT_ASSERT_EQ(test, s.next, SMC_ST_CLOSED);
			KUNIT_ASSERT_EQ(test, s.actions, 0);
		}
		walk(test, s.next, sent | now, gone || leaves, depth - 1);
	}
}

static void every_short_life_keeps_the_rules(struct kunit *test)
{
	walk(test, SMC_ST_INIT, 0, false, WALK);
}

/* From everywhere: the peer's close or its loss ends what the user closed. */
static void closing_always_ends(struct kunit *test)
{
	int state;

	for (state = 0; state < SMC_ST_NUM; state++) {
		struct smc_conn_step s = smc_conn_fsm(state, SMC_EV_CLOSE);

		s = smc_conn_fsm(s.next, SMC_EV_PEER_CLOSED);
		KUNIT_EXPECT_EQ_MSG(test, s.next, SMC_ST_CLOSED, "%s",
				    conn_facts[state].name);
		s = smc_conn_fsm(state, SMC_EV_ABORT);
		s = smc_conn_fsm(s.next, SMC_EV_LOST);
		KUNIT_EXPECT_EQ_MSG(test, s.next, SMC_ST_CLOSED, "%s",
				    conn_facts[state].name);
	}
}

static struct kunit_case conn_fsm_cases[] = {
	KUNIT_CASE(every_pair_agrees_with_model),
	KUNIT_CASE(user_space_sees_the_abi_numbers),
	KUNIT_CASE(unknown_state_or_event_stays),
	KUNIT_CASE(finish_comes_with_closed_and_only_then),
	KUNIT_CASE(every_short_life_keeps_the_rules),
	KUNIT_CASE(closing_always_ends),
	{}
};

static struct kunit_suite conn_fsm_suite = {
	.name = "smc_conn_fsm",
	.test_cases = conn_fsm_cases,
};

kunit_test_suite(conn_fsm_suite);
