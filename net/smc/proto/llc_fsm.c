// SPDX-License-Identifier: GPL-2.0
/*
 * The table of a link group's life. A pair of state and event that is not in
 * it leaves everything as it is: responses nobody waits for, requests that
 * come again, news about an end that is under way.
 */
#include "llc_fsm.h"

#define END_LOCAL	(SMC_LLC_ACT_CLOSE | SMC_LLC_ACT_DEL_ALL | \
			 SMC_LLC_ACT_ARM_END)
#define END_ECHO	(SMC_LLC_ACT_CLOSE | SMC_LLC_ACT_DEL_ECHO | \
			 SMC_LLC_ACT_ARM_END)
#define END_ANSWER	(SMC_LLC_ACT_CLOSE | SMC_LLC_ACT_DEL_RSP | \
			 SMC_LLC_ACT_ARM_END)
#define END_NOW		(SMC_LLC_ACT_CLOSE | SMC_LLC_ACT_TEARDOWN)
#define FAIL		SMC_LLC_ACT_FAIL_SETUP

/* Every change of state has an action, so that none means no change. */
static const struct smc_llc_step steps[SMC_LLC_STATES][SMC_LLC_EVENTS] = {
	[SMC_LLC_NEW] = {
		[SMC_LLC_EV_UP_CLIENT] = { SMC_LLC_WAIT_REQ,
			SMC_LLC_ACT_ARM_SETUP },
		[SMC_LLC_EV_UP_SERVER] = { SMC_LLC_WAIT_RSP,
			SMC_LLC_ACT_ARM_SETUP | SMC_LLC_ACT_CONFIRM_REQ },
		[SMC_LLC_EV_LINK_DOWN] = { SMC_LLC_DOWN, FAIL | END_NOW },
		[SMC_LLC_EV_END_OPERATOR] = { SMC_LLC_DOWN, FAIL | END_NOW },
		[SMC_LLC_EV_END_PROGRAM] = { SMC_LLC_DOWN, FAIL | END_NOW },
		[SMC_LLC_EV_END_VIOLATION] = { SMC_LLC_DOWN, FAIL | END_NOW },
	},
	[SMC_LLC_WAIT_REQ] = {
		[SMC_LLC_EV_CONFIRM_REQ] = { SMC_LLC_ACTIVE,
			SMC_LLC_ACT_ACTIVATE | SMC_LLC_ACT_CONFIRM_RSP },
		[SMC_LLC_EV_CONFIRM_BAD] = { SMC_LLC_FAILED, FAIL },
		[SMC_LLC_EV_CONFIRM_EYE] = { SMC_LLC_FAILED, FAIL },
		[SMC_LLC_EV_SETUP_TIMEOUT] = { SMC_LLC_FAILED, FAIL },
		[SMC_LLC_EV_DEL_ALL_CLIENT] = { SMC_LLC_DOWN, FAIL | END_NOW },
		[SMC_LLC_EV_LINK_DOWN] = { SMC_LLC_DOWN, FAIL | END_NOW },
		[SMC_LLC_EV_END_OPERATOR] = { SMC_LLC_ENDING,
			FAIL | END_LOCAL },
		[SMC_LLC_EV_END_PROGRAM] = { SMC_LLC_ENDING, FAIL | END_LOCAL },
		[SMC_LLC_EV_END_VIOLATION] = { SMC_LLC_ENDING,
			FAIL | END_LOCAL },
	},
	[SMC_LLC_WAIT_RSP] = {
		[SMC_LLC_EV_CONFIRM_RSP] = { SMC_LLC_ACTIVE,
			SMC_LLC_ACT_ACTIVATE },
		[SMC_LLC_EV_CONFIRM_BAD] = { SMC_LLC_FAILED, FAIL },
		[SMC_LLC_EV_CONFIRM_EYE] = { SMC_LLC_FAILED, FAIL },
		[SMC_LLC_EV_SETUP_TIMEOUT] = { SMC_LLC_FAILED, FAIL },
		[SMC_LLC_EV_DEL_ALL_SERVER] = { SMC_LLC_DOWN, FAIL | END_NOW },
		[SMC_LLC_EV_LINK_DOWN] = { SMC_LLC_DOWN, FAIL | END_NOW },
		[SMC_LLC_EV_END_OPERATOR] = { SMC_LLC_ENDING,
			FAIL | END_LOCAL },
		[SMC_LLC_EV_END_PROGRAM] = { SMC_LLC_ENDING, FAIL | END_LOCAL },
		[SMC_LLC_EV_END_VIOLATION] = { SMC_LLC_ENDING,
			FAIL | END_LOCAL },
	},
	[SMC_LLC_ACTIVE] = {
		[SMC_LLC_EV_DEL_ALL_CLIENT] = { SMC_LLC_DOWN, END_NOW },
		[SMC_LLC_EV_DEL_ALL_SERVER] = { SMC_LLC_ENDING, END_ECHO },
		[SMC_LLC_EV_DEL_LINK_CLIENT] = { SMC_LLC_ENDING, END_ANSWER },
		[SMC_LLC_EV_DEL_LINK_SERVER] = { SMC_LLC_ENDING, END_ECHO },
		[SMC_LLC_EV_LINK_DOWN] = { SMC_LLC_DOWN, END_NOW },
		[SMC_LLC_EV_END_IDLE] = { SMC_LLC_ENDING, END_LOCAL },
		[SMC_LLC_EV_END_OPERATOR] = { SMC_LLC_ENDING, END_LOCAL },
		[SMC_LLC_EV_END_PROGRAM] = { SMC_LLC_ENDING, END_LOCAL },
		[SMC_LLC_EV_END_VIOLATION] = { SMC_LLC_ENDING, END_LOCAL },
	},
	[SMC_LLC_FAILED] = {
		[SMC_LLC_EV_DEL_ALL_CLIENT] = { SMC_LLC_DOWN, END_NOW },
		[SMC_LLC_EV_DEL_ALL_SERVER] = { SMC_LLC_DOWN, END_NOW },
		[SMC_LLC_EV_LINK_DOWN] = { SMC_LLC_DOWN, END_NOW },
		[SMC_LLC_EV_END_OPERATOR] = { SMC_LLC_ENDING, END_LOCAL },
		[SMC_LLC_EV_END_PROGRAM] = { SMC_LLC_ENDING, END_LOCAL },
		[SMC_LLC_EV_END_VIOLATION] = { SMC_LLC_ENDING, END_LOCAL },
	},
	[SMC_LLC_ENDING] = {
		[SMC_LLC_EV_LINK_DOWN] = { SMC_LLC_DOWN, SMC_LLC_ACT_TEARDOWN },
		[SMC_LLC_EV_ALL_SENT] = { SMC_LLC_DOWN, SMC_LLC_ACT_TEARDOWN },
		[SMC_LLC_EV_END_TIMEOUT] = { SMC_LLC_DOWN,
			SMC_LLC_ACT_TEARDOWN },
	},
};

/**
 * smc_llc_fsm() - what an event means to a link group
 * @state: its state
 * @event: what happened
 *
 * Context: any.
 * Return: next state and actions; the same state and no action if the event
 * means nothing in it.
 */
struct smc_llc_step smc_llc_fsm(enum smc_llc_state state,
				enum smc_llc_event event)
{
	struct smc_llc_step step = { .next = state };

	if (state < SMC_LLC_STATES && event < SMC_LLC_EVENTS &&
	    steps[state][event].actions)
		step = steps[state][event];
	return step;
}
