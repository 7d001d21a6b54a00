/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Life of a link group with one link as a table (RFC 7609 section 4.4 and
 * 4.5): what to do when something happens. Exchanges that do not change it
 * (rkeys, TEST LINK, the rejection of ADD LINK) are not in here.
 */
#ifndef _SMC_PROTO_LLC_FSM_H
#define _SMC_PROTO_LLC_FSM_H

#include "port.h"

enum smc_llc_state {
	SMC_LLC_NEW,		/* the link cannot receive yet */
	SMC_LLC_WAIT_REQ,	/* client: CONFIRM LINK request is to come */
	SMC_LLC_WAIT_RSP,	/* server: sent it, response is to come */
	SMC_LLC_ACTIVE,
	SMC_LLC_FAILED,		/* first contact failed, handshake not over */
	SMC_LLC_ENDING,		/* last messages are on their way */
	SMC_LLC_DOWN,
	SMC_LLC_STATES
};

enum smc_llc_event {
	SMC_LLC_EV_UP_CLIENT,		/* link can send and receive */
	SMC_LLC_EV_UP_SERVER,
	SMC_LLC_EV_CONFIRM_REQ,		/* CONFIRM LINK, checked */
	SMC_LLC_EV_CONFIRM_RSP,
	SMC_LLC_EV_CONFIRM_BAD,		/* one that fails the checks */
	SMC_LLC_EV_CONFIRM_EYE,		/* one that wants eyecatchers */
	SMC_LLC_EV_SETUP_TIMEOUT,
	SMC_LLC_EV_DEL_ALL_CLIENT,	/* DELETE LINK, all; we are client */
	SMC_LLC_EV_DEL_ALL_SERVER,
	SMC_LLC_EV_DEL_LINK_CLIENT,	/* DELETE LINK, our only link */
	SMC_LLC_EV_DEL_LINK_SERVER,
	SMC_LLC_EV_LINK_DOWN,		/* nothing can be sent any more */
	SMC_LLC_EV_END_IDLE,		/* unused for long enough */
	SMC_LLC_EV_END_OPERATOR,	/* module or namespace goes away */
	SMC_LLC_EV_END_PROGRAM,		/* first contact failed, out of sync */
	SMC_LLC_EV_END_VIOLATION,	/* the peer broke the protocol */
	SMC_LLC_EV_ALL_SENT,		/* last messages have arrived */
	SMC_LLC_EV_END_TIMEOUT,		/* or will not in time */
	SMC_LLC_EVENTS
};

/* Actions, to be run in this order after the state was set. */
#define SMC_LLC_ACT_ARM_SETUP	0x001	/* limit the wait for the peer */
#define SMC_LLC_ACT_CONFIRM_REQ	0x002	/* send CONFIRM LINK */
#define SMC_LLC_ACT_CONFIRM_RSP	0x004	/* answer it */
#define SMC_LLC_ACT_ACTIVATE	0x008	/* open for connections */
#define SMC_LLC_ACT_FAIL_SETUP	0x010	/* tell who waits for the group */
#define SMC_LLC_ACT_CLOSE	0x020	/* no new connections; end the others */
#define SMC_LLC_ACT_DEL_ALL	0x040	/* send DELETE LINK for all links */
#define SMC_LLC_ACT_DEL_ECHO	0x080	/* send the peer's DELETE LINK back */
#define SMC_LLC_ACT_DEL_RSP	0x100	/* answer DELETE LINK */
#define SMC_LLC_ACT_ARM_END	0x200	/* limit the wait for ALL_SENT */
#define SMC_LLC_ACT_TEARDOWN	0x400	/* give back the link and all else */

/**
 * struct smc_llc_step - outcome of an event
 * @next: state to enter, maybe the same as before
 * @actions: SMC_LLC_ACT_* to run
 */
struct smc_llc_step {
	u8 next;
	u16 actions;
};

struct smc_llc_step smc_llc_fsm(enum smc_llc_state state,
				enum smc_llc_event event);

#endif
