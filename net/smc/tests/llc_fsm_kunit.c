// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a link group: where each event leads, drawn as a map, and what
 * is to be done on the way, derived from where it leads.
 */
#include "vectors.h"
#include "../proto/llc_fsm.h"

#define WALK	4	/* events in a walk; all walks are taken */

/* One letter for each state, in the order of the enum. */
static const char letters[] = "NQRAFED";

/*
 * Columns: UP of client and server; CONFIRM LINK request, response, bad one,
 * one with eyecatchers, timeout; DELETE LINK all of client and server, one of
 * client and server; link down; end because idle, operator, program,
 * violation; all sent, too late.
 */
static const char * const next_map[SMC_LLC_STATES] = {
	[SMC_LLC_NEW]	   = "QR NNNNN NNNN D NDDD NN",
	[SMC_LLC_WAIT_REQ] = "QQ AQFFF DQQQ D QEEE QQ",
	[SMC_LLC_WAIT_RSP] = "RR RAFFF RDRR D REEE RR",
	[SMC_LLC_ACTIVE]   = "AA AAAAA DEEE D EEEE AA",
	[SMC_LLC_FAILED]   = "FF FFFFF DDFF D FEEE FF",
	[SMC_LLC_ENDING]   = "EE EEEEE EEEE D EEEE DD",
	[SMC_LLC_DOWN]	   = "DD DDDDD DDDD D DDDD DD",
};

static bool setting_up(int state)
{
	return state == SMC_LLC_NEW || state == SMC_LLC_WAIT_REQ ||
	       state == SMC_LLC_WAIT_RSP;
}

static bool over(int state)
{
	return state == SMC_LLC_ENDING || state == SMC_LLC_DOWN;
}

/* The word to the peer that goes with the change, if any. */
static u16 word(int event, int next)
{
	switch (event) {
	case SMC_LLC_EV_UP_SERVER:
		return SMC_LLC_ACT_CONFIRM_REQ;
	case SMC_LLC_EV_CONFIRM_REQ:
		return SMC_LLC_ACT_CONFIRM_RSP;
	case SMC_LLC_EV_DEL_LINK_CLIENT:
		return SMC_LLC_ACT_DEL_RSP;
	case SMC_LLC_EV_DEL_ALL_SERVER:
	case SMC_LLC_EV_DEL_LINK_SERVER:
		return next == SMC_LLC_ENDING ? SMC_LLC_ACT_DEL_ECHO : 0;
	case SMC_LLC_EV_END_IDLE:
	case SMC_LLC_EV_END_OPERATOR:
	case SMC_LLC_EV_END_PROGRAM:
	case SMC_LLC_EV_END_VIOLATION:
		return next == SMC_LLC_ENDING ? SMC_LLC_ACT_DEL_ALL : 0;
	default:
		return 0;
	}
}

static u16 expected_actions(int state, int event, int next)
{
	u16 want = 0;

	if (next == state)
		return 0;
	if (next == SMC_LLC_WAIT_REQ || next == SMC_LLC_WAIT_RSP)
		want |= SMC_LLC_ACT_ARM_SETUP;
	if (next == SMC_LLC_ACTIVE)
		want |= SMC_LLC_ACT_ACTIVATE;
	if (setting_up(state) && (over(next) || next == SMC_LLC_FAILED))
		want |= SMC_LLC_ACT_FAIL_SETUP;
	if (!over(state) && over(next))
		want |= SMC_LLC_ACT_CLOSE;
	if (next == SMC_LLC_ENDING)
		want |= SMC_LLC_ACT_ARM_END;
	if (next == SMC_LLC_DOWN)
		want |= SMC_LLC_ACT_TEARDOWN;
	return want | word(event, next);
}

static void every_pair_is_as_on_the_map(struct kunit *test)
{
	int state, event;

	for (state = 0; state < SMC_LLC_STATES; state++) {
		const char *map = next_map[state];

		for (event = 0; event < SMC_LLC_EVENTS; event++) {
			struct smc_llc_step s = smc_llc_fsm(state, event);

			while (*map == ' ')
				map++;
			KUNIT_ASSERT_NE(test, *map, '\0');
			KUNIT_ASSERT_LT(test, s.next, SMC_LLC_STATES);
			KUNIT_EXPECT_EQ_MSG(test, letters[s.next], *map,
					    "event %d in %c", event,
					    letters[state]);
			KUNIT_EXPECT_EQ_MSG(test, s.actions,
					    expected_actions(state, event,
							     s.next),
					    "event %d in %c", event,
					    letters[state]);
			map++;
		}
		KUNIT_EXPECT_EQ(test, *map, '\0');
	}
}

static void unknown_state_or_event_stays(struct kunit *test)
{
	struct smc_llc_step s = smc_llc_fsm(SMC_LLC_STATES,
					    SMC_LLC_EV_LINK_DOWN);

	KUNIT_EXPECT_EQ(test, s.next, SMC_LLC_STATES);
	KUNIT_EXPECT_EQ(test, s.actions, 0);
	s = smc_llc_fsm(SMC_LLC_ACTIVE, SMC_LLC_EVENTS);
	KUNIT_EXPECT_EQ(test, s.next, SMC_LLC_ACTIVE);
	KUNIT_EXPECT_EQ(test, s.actions, 0);
}

/* @once collects what may happen only once in a life. */
static void walk(struct kunit *test, int state, u16 once, int depth)
{
	const u16 single = SMC_LLC_ACT_FAIL_SETUP | SMC_LLC_ACT_ACTIVATE |
			   SMC_LLC_ACT_CLOSE | SMC_LLC_ACT_TEARDOWN;
	int event;

	for (event = 0; depth && event < SMC_LLC_EVENTS; event++) {
		struct smc_llc_step s = smc_llc_fsm(state, event);
		u16 now = s.actions & single;

		KUNIT_ASSERT_EQ(test, once & now, 0);
		/* Whoever waits for the group gets one answer. */
		if ((once | now) & SMC_LLC_ACT_FAIL_SETUP)
			KUNIT_ASSERT_EQ(test, (once | now) &
					SMC_LLC_ACT_ACTIVATE, 0);
		/* Connections end before what they stand on. */
		if (now & SMC_LLC_ACT_TEARDOWN)
			KUNIT_ASSERT_NE(test, (once | now) &
					SMC_LLC_ACT_CLOSE, 0);
		walk(test, s.next, once | now, depth - 1);
	}
}

static void every_short_life_keeps_the_rules(struct kunit *test)
{
	walk(test, SMC_LLC_NEW, 0, WALK);
}

static void a_lost_link_ends_everything(struct kunit *test)
{
	int state;

	for (state = 0; state < SMC_LLC_STATES; state++)
		KUNIT_EXPECT_EQ(test, smc_llc_fsm(state,
						  SMC_LLC_EV_LINK_DOWN).next,
				SMC_LLC_DOWN);
}

static struct kunit_case llc_fsm_cases[] = {
	KUNIT_CASE(every_pair_is_as_on_the_map),
	KUNIT_CASE(unknown_state_or_event_stays),
	KUNIT_CASE(every_short_life_keeps_the_rules),
	KUNIT_CASE(a_lost_link_ends_everything),
	{}
};

static struct kunit_suite llc_fsm_suite = {
	.name = "smc_llc_fsm",
	.test_cases = llc_fsm_cases,
};

kunit_test_suite(llc_fsm_suite);
