/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Life of a connection as a table (RFC 7609 section 4.8, figures 20 to 22).
 *
 * The states are finer than the ones shown to user space: where the RFC's
 * table asks "did we send close already" or "has the peer closed", the answer
 * is a state of its own here (suffix C: we closed, P: peer closed), so that
 * a transition depends on nothing but state and event.
 */
#ifndef _SMC_PROTO_CONN_FSM_H
#define _SMC_PROTO_CONN_FSM_H

#include "port.h"

/* State numbers of sock_diag, an ABI; also kept in sk_state. */
enum smc_sk_state {
	SMC_SK_ACTIVE		= 1,
	SMC_SK_INIT		= 2,
	SMC_SK_CLOSED		= 7,
	SMC_SK_LISTEN		= 10,
	SMC_SK_PEERCLOSEWAIT1	= 20,
	SMC_SK_PEERCLOSEWAIT2	= 21,
	SMC_SK_APPCLOSEWAIT1	= 22,
	SMC_SK_APPCLOSEWAIT2	= 23,
	SMC_SK_APPFINCLOSEWAIT	= 24,
	SMC_SK_PEERFINCLOSEWAIT	= 25,
	SMC_SK_PEERABORTWAIT	= 26,
	SMC_SK_PROCESSABORT	= 27,
};

enum smc_conn_state {
	SMC_ST_INIT,		/* no peer yet, or handshake under way */
	SMC_ST_ACTIVE,
	SMC_ST_PCW1,		/* we finished sending */
	SMC_ST_PCW1C,		/* we closed */
	SMC_ST_PCW2,		/* we finished sending, then the peer did */
	SMC_ST_PCW2C,		/* we closed, peer finished sending */
	SMC_ST_ACW1,		/* peer finished sending */
	SMC_ST_ACW1P,		/* peer closed */
	SMC_ST_ACW2,		/* peer finished sending, then we did */
	SMC_ST_AFCW,		/* both finished, peer closed, we have not */
	SMC_ST_PFCW,		/* peer finished sending, we closed */
	SMC_ST_PA,		/* aborted, application has not closed */
	SMC_ST_CLOSED,
	SMC_ST_NUM
};

enum smc_conn_event {
	SMC_EV_ESTABLISHED,	/* handshake done */
	SMC_EV_SHUT_WR,		/* shutdown of the write side */
	SMC_EV_CLOSE,		/* application closed, all it was sent is read */
	SMC_EV_ABORT,		/* application closed otherwise; or deadline,
				 * protocol violation, TCP reset
				 */
	SMC_EV_PEER_DONE,
	SMC_EV_PEER_CLOSED,
	SMC_EV_PEER_ABORT,
	SMC_EV_LOST,		/* the transport lost the peer */
	SMC_EV_NUM
};

/* Actions, to be run in this order after the state was set. */
#define SMC_ACT_RESET		0x01	/* both directions are shut, with an error */
#define SMC_ACT_RCV_SHUT	0x02	/* nothing more to read after what is there */
#define SMC_ACT_SEND_DONE	0x04	/* announce: no more data after these */
#define SMC_ACT_SEND_CLOSE	0x08	/* announce: closed, after the data */
#define SMC_ACT_SEND_ABORT	0x10	/* announce: aborted, at once */
#define SMC_ACT_WAKE		0x20	/* readers, writers, pollers */
#define SMC_ACT_FINISH		0x40	/* entered CLOSED: drop what the peer held */

/**
 * struct smc_conn_step - outcome of an event
 * @next: state to enter, maybe the same as before
 * @actions: SMC_ACT_* to run
 */
struct smc_conn_step {
	u8 next;
	u8 actions;
};

struct smc_conn_step smc_conn_fsm(enum smc_conn_state state,
				  enum smc_conn_event event);
enum smc_sk_state smc_conn_sk_state(enum smc_conn_state state);

#endif
