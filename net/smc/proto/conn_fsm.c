// SPDX-License-Identifier: GPL-2.0
/*
 * The state table of a connection. Peer events may come before ESTABLISHED:
 * the peer can be done with everything while our side still finishes the
 * handshake. CLOSED has no row: nothing leads out of it.
 */
#include "conn_fsm.h"

#define RESET		(SMC_ACT_RESET | SMC_ACT_WAKE)
#define EOF_WAKE	(SMC_ACT_RCV_SHUT | SMC_ACT_WAKE)
#define WAKE		SMC_ACT_WAKE
#define DONE		SMC_ACT_SEND_DONE
#define CLOSE		SMC_ACT_SEND_CLOSE
#define ABORT		SMC_ACT_SEND_ABORT
#define FINISH		SMC_ACT_FINISH

struct conn_row {
	u8 state;
	u8 event;
	struct smc_conn_step step;
};

#define ROW(state, event, next, actions) \
	{ SMC_ST_##state, SMC_EV_##event, { SMC_ST_##next, (actions) } }

/* What is not listed changes nothing and asks for nothing. */
static const struct conn_row conn_rows[] = {
	/*  state   event        next    actions */
	ROW(INIT,   ESTABLISHED, ACTIVE, WAKE),
	ROW(INIT,   CLOSE,       CLOSED, FINISH),
	ROW(INIT,   ABORT,       CLOSED, FINISH),
	ROW(INIT,   PEER_DONE,   ACW1,   EOF_WAKE),
	ROW(INIT,   PEER_CLOSED, ACW1P,  EOF_WAKE),
	ROW(INIT,   PEER_ABORT,  PA,     RESET | ABORT),
	ROW(INIT,   LOST,        PA,     RESET),

	ROW(ACTIVE, SHUT_WR,     PCW1,   DONE),
	ROW(ACTIVE, CLOSE,       PCW1C,  CLOSE),
	ROW(ACTIVE, ABORT,       PCW1C,  ABORT),
	ROW(ACTIVE, PEER_DONE,   ACW1,   EOF_WAKE),
	ROW(ACTIVE, PEER_CLOSED, ACW1P,  EOF_WAKE),
	ROW(ACTIVE, PEER_ABORT,  PA,     RESET | ABORT),
	ROW(ACTIVE, LOST,        PA,     RESET),

	ROW(PCW1,   CLOSE,       PCW1C,  CLOSE),
	ROW(PCW1,   ABORT,       PCW1C,  ABORT),
	ROW(PCW1,   PEER_DONE,   PCW2,   EOF_WAKE),
	ROW(PCW1,   PEER_CLOSED, AFCW,   EOF_WAKE),
	ROW(PCW1,   PEER_ABORT,  PA,     RESET | ABORT),
	ROW(PCW1,   LOST,        PA,     RESET),

	ROW(PCW1C,  ABORT,       PCW1C,  ABORT),
	ROW(PCW1C,  PEER_DONE,   PCW2C,  0),
	ROW(PCW1C,  PEER_CLOSED, CLOSED, FINISH),
	ROW(PCW1C,  PEER_ABORT,  CLOSED, FINISH),
	ROW(PCW1C,  LOST,        CLOSED, FINISH),

	ROW(PCW2,   CLOSE,       PCW2C,  CLOSE),
	ROW(PCW2,   ABORT,       PCW2C,  ABORT),
	ROW(PCW2,   PEER_CLOSED, AFCW,   WAKE),
	ROW(PCW2,   PEER_ABORT,  PA,     RESET | ABORT),
	ROW(PCW2,   LOST,        PA,     RESET),

	ROW(PCW2C,  ABORT,       PCW2C,  ABORT),
	ROW(PCW2C,  PEER_CLOSED, CLOSED, FINISH),
	ROW(PCW2C,  PEER_ABORT,  CLOSED, FINISH),
	ROW(PCW2C,  LOST,        CLOSED, FINISH),

	ROW(ACW1,   ESTABLISHED, ACW1,   WAKE),
	ROW(ACW1,   SHUT_WR,     ACW2,   DONE),
	ROW(ACW1,   CLOSE,       PFCW,   CLOSE),
	ROW(ACW1,   ABORT,       PFCW,   ABORT),
	ROW(ACW1,   PEER_CLOSED, ACW1P,  WAKE),
	ROW(ACW1,   PEER_ABORT,  PA,     RESET | ABORT),
	ROW(ACW1,   LOST,        PA,     RESET),

	ROW(ACW1P,  ESTABLISHED, ACW1P,  WAKE),
	ROW(ACW1P,  SHUT_WR,     AFCW,   DONE),
	ROW(ACW1P,  CLOSE,       CLOSED, CLOSE | FINISH),
	ROW(ACW1P,  ABORT,       CLOSED, ABORT | FINISH),
	ROW(ACW1P,  PEER_ABORT,  PA,     RESET | ABORT),
	ROW(ACW1P,  LOST,        PA,     RESET),

	ROW(ACW2,   CLOSE,       PFCW,   CLOSE),
	ROW(ACW2,   ABORT,       PFCW,   ABORT),
	ROW(ACW2,   PEER_CLOSED, AFCW,   WAKE),
	ROW(ACW2,   PEER_ABORT,  PA,     RESET | ABORT),
	ROW(ACW2,   LOST,        PA,     RESET),

	ROW(AFCW,   CLOSE,       CLOSED, CLOSE | FINISH),
	ROW(AFCW,   ABORT,       CLOSED, ABORT | FINISH),
	ROW(AFCW,   PEER_ABORT,  PA,     RESET | ABORT),

	ROW(PFCW,   ABORT,       PFCW,   ABORT),
	ROW(PFCW,   PEER_CLOSED, CLOSED, FINISH),
	ROW(PFCW,   PEER_ABORT,  CLOSED, FINISH),
	ROW(PFCW,   LOST,        CLOSED, FINISH),

	ROW(PA,     ESTABLISHED, PA,     WAKE),
	ROW(PA,     CLOSE,       CLOSED, ABORT | FINISH),
	ROW(PA,     ABORT,       CLOSED, ABORT | FINISH),
};

/**
 * smc_conn_fsm() - look up what an event does to a connection
 * @state: present state
 * @event: what happened
 *
 * Context: any.
 * Return: state to enter and actions to run after that; @state and none if the
 * event means nothing now.
 */
struct smc_conn_step smc_conn_fsm(enum smc_conn_state state,
				  enum smc_conn_event event)
{
	struct smc_conn_step stay = { .next = (u8)state };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(conn_rows); i++)
		if (conn_rows[i].state == state && conn_rows[i].event == event)
			return conn_rows[i].step;
	return stay;
}

/**
 * smc_conn_sk_state() - state of a connection as user space sees it
 * @state: state of the table
 *
 * Context: any.
 * Return: number for sock_diag and sk_state.
 */
enum smc_sk_state smc_conn_sk_state(enum smc_conn_state state)
{
	switch (state) {
	case SMC_ST_INIT:
		return SMC_SK_INIT;
	case SMC_ST_ACTIVE:
		return SMC_SK_ACTIVE;
	case SMC_ST_PCW1:
	case SMC_ST_PCW1C:
		return SMC_SK_PEERCLOSEWAIT1;
	case SMC_ST_PCW2:
	case SMC_ST_PCW2C:
		return SMC_SK_PEERCLOSEWAIT2;
	case SMC_ST_ACW1:
	case SMC_ST_ACW1P:
		return SMC_SK_APPCLOSEWAIT1;
	case SMC_ST_ACW2:
		return SMC_SK_APPCLOSEWAIT2;
	case SMC_ST_AFCW:
		return SMC_SK_APPFINCLOSEWAIT;
	case SMC_ST_PFCW:
		return SMC_SK_PEERFINCLOSEWAIT;
	case SMC_ST_PA:
		return SMC_SK_PROCESSABORT;
	case SMC_ST_CLOSED:
	case SMC_ST_NUM:
		break;
	}
	return SMC_SK_CLOSED;
}
