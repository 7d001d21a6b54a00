// SPDX-License-Identifier: GPL-2.0
/* Any bytes as events: lives of a connection and of a link group. */
#include "fuzz.h"
#include "../../../../net/smc/proto/conn_fsm.h"
#include "../../../../net/smc/proto/llc_fsm.h"

#define SENDS	(SMC_ACT_SEND_DONE | SMC_ACT_SEND_CLOSE | SMC_ACT_SEND_ABORT)
#define ONCE	(SMC_LLC_ACT_ACTIVATE | SMC_LLC_ACT_FAIL_SETUP | \
		 SMC_LLC_ACT_CLOSE | SMC_LLC_ACT_TEARDOWN)

static void live_conn(const u8 *events, size_t num)
{
	u8 state = SMC_ST_INIT, sent = 0;
	bool gone = false, told_error = false;

	for (; num; num--, events++) {
		enum smc_conn_event event = *events % SMC_EV_NUM;
		struct smc_conn_step s = smc_conn_fsm(state, event);
		u8 now = s.actions & SENDS;

		MUST(s.next < SMC_ST_NUM);
		MUST(smc_conn_sk_state(s.next) >= SMC_SK_ACTIVE &&
		     smc_conn_sk_state(s.next) <= SMC_SK_PROCESSABORT);
		MUST(state != SMC_ST_CLOSED ||
		     (s.next == SMC_ST_CLOSED && !s.actions));
		MUST(!!(s.actions & SMC_ACT_FINISH) ==
		     (s.next == SMC_ST_CLOSED && state != SMC_ST_CLOSED));
		MUST(!(now & SMC_ACT_SEND_DONE) || !sent);
		MUST(!(now & SMC_ACT_SEND_CLOSE) ||
		     !(sent & ~SMC_ACT_SEND_DONE));
		if (event == SMC_EV_CLOSE || event == SMC_EV_ABORT)
			gone = true;
		else if (gone)
			MUST(!(s.actions & ~(SENDS | SMC_ACT_FINISH)));
		MUST(!(s.actions & SMC_ACT_RESET) || !told_error);
		told_error |= s.actions & SMC_ACT_RESET;
		MUST(s.next != SMC_ST_CLOSED || gone);
		sent |= now;
		state = s.next;
	}
	/* However it got there, it can be brought to an end. */
	state = smc_conn_fsm(state, SMC_EV_CLOSE).next;
	MUST(smc_conn_fsm(state, SMC_EV_LOST).next == SMC_ST_CLOSED);
}

static void live_group(const u8 *events, size_t num)
{
	u8 state = SMC_LLC_NEW;
	u16 done = 0;

	for (; num; num--, events++) {
		struct smc_llc_step s;

		s = smc_llc_fsm(state, *events % SMC_LLC_EVENTS);
		MUST(s.next < SMC_LLC_STATES);
		MUST(!(done & s.actions & ONCE));
		MUST(!(s.actions & SMC_LLC_ACT_TEARDOWN) ||
		     (s.next == SMC_LLC_DOWN && state != SMC_LLC_DOWN));
		done |= s.actions & ONCE;
		MUST((state != SMC_LLC_ENDING && state != SMC_LLC_DOWN) ||
		     done & SMC_LLC_ACT_CLOSE);
		state = s.next;
	}
	MUST(smc_llc_fsm(state, SMC_LLC_EV_LINK_DOWN).next == SMC_LLC_DOWN);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	live_conn(data, size);
	live_group(data, size);
	return 0;
}
