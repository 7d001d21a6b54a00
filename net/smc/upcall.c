// SPDX-License-Identifier: GPL-2.0
/*
 * News from the transport, mostly in softirq: applied to the connection under
 * its lock, then passed on to readers, writers and the state.
 */
#include "cdc.h"
#include "close.h"
#include "trace.h"
#include "tx.h"
#include "upcall.h"

static struct smc_conn *smc_ep_conn(struct smc_ep *ep)
{
	return container_of(ep, struct smc_conn, ep);
}

static void smc_upcall_urgent(struct sock *sk)
{
	read_lock_bh(&sk->sk_callback_lock);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_send_sigurg(sk);
	read_unlock_bh(&sk->sk_callback_lock);
}

static void smc_upcall_flags(struct smc_conn *conn, u8 flags)
{
	if (flags & SMC_CDC_ABNORMAL_CLOSE)
		smc_close_defer(conn, SMC_EV_PEER_ABORT);
	else if (flags & SMC_CDC_CONN_CLOSED)
		smc_close_defer(conn, SMC_EV_PEER_CLOSED);
	else if (flags & SMC_CDC_SENDING_DONE)
		smc_close_defer(conn, SMC_EV_PEER_DONE);
}

/*
 * What was sent just now may have been the last message that TCP, or the end
 * of the socket, waits for.
 */
static void smc_upcall_maybe_done(struct smc_conn *conn)
{
	if (READ_ONCE(conn->sk->sk_shutdown) & SEND_SHUTDOWN)
		smc_close_kick(conn);
}

static void smc_upcall_rx_ctrl(struct smc_ep *ep, const struct smc_cdc *msg)
{
	struct smc_conn *conn = smc_ep_conn(ep);
	struct sock *sk = conn->sk;
	bool closed;
	u8 flags;
	int got;

	spin_lock_bh(&conn->lock);
	flags = conn->rx.conn_flags;
	got = smc_cdc_apply(conn, msg);
	flags = conn->rx.conn_flags & ~flags;
	closed = conn->rx.closed;
	/*
	 * Room lets data go, flags may set free what waits for room, and the
	 * peer may have asked for an answer.
	 */
	if (got >= 0 && ((got & (SMC_CDC_GOT_SPACE | SMC_CDC_GOT_FLAGS)) ||
			 conn->tx.ctrl_due))
		smc_cdc_push(conn);
	spin_unlock_bh(&conn->lock);
	trace_smc_cdc_rx(conn, msg, got);

	if (got < 0) {
		smc_stat_inc(conn->sn, SMC_STAT_BAD_CDC);
		smc_stat_inc(conn->sn, SMC_STAT_CDC_BAD_CURSOR);
		smc_close_defer(conn, SMC_TODO_RESET);
		return;
	}
	if (got & SMC_CDC_GOT_URGENT)
		smc_upcall_urgent(sk);
	if (got & SMC_CDC_GOT_DATA) {
		sk->sk_data_ready(sk);
		/* Nobody will read it: the peer should know, as with TCP. */
		if (closed)
			smc_close_defer(conn, SMC_EV_ABORT);
		else if (READ_ONCE(sk->sk_shutdown) == SHUTDOWN_MASK)
			smc_close_defer(conn, SMC_TODO_RESET);
	}
	if (got & SMC_CDC_GOT_SPACE) {
		smc_tx_wake(conn);
		smc_upcall_maybe_done(conn);
	}
	if (got & SMC_CDC_GOT_FLAGS) {
		smc_upcall_flags(conn, flags);
		smc_upcall_maybe_done(conn);
	}
}

static void smc_upcall_tx_done(struct smc_ep *ep, u64 pos)
{
	struct smc_conn *conn = smc_ep_conn(ep);

	spin_lock_bh(&conn->lock);
	if (conn->tx.fin < pos)
		conn->tx.fin = pos;
	/* What was collected meanwhile can go now. */
	smc_cdc_push(conn);
	spin_unlock_bh(&conn->lock);
	smc_tx_wake(conn);
	smc_upcall_maybe_done(conn);
}

static void smc_upcall_tx_space(struct smc_ep *ep)
{
	struct smc_conn *conn = smc_ep_conn(ep);

	spin_lock_bh(&conn->lock);
	conn->tx.no_slot = false;
	smc_cdc_push(conn);
	spin_unlock_bh(&conn->lock);
	smc_tx_wake(conn);
	smc_upcall_maybe_done(conn);
}

static void smc_upcall_ready(struct smc_ep *ep)
{
	struct smc_conn *conn = smc_ep_conn(ep);

	conn->ready(conn);
}

static void smc_upcall_lost(struct smc_ep *ep, int err)
{
	struct smc_conn *conn = smc_ep_conn(ep);

	spin_lock_bh(&conn->lock);
	conn->tx.open = false;
	WRITE_ONCE(conn->lost_err, err);
	spin_unlock_bh(&conn->lock);
	smc_tx_wake(conn);
	smc_close_defer(conn, SMC_EV_LOST);
}

const struct smc_ep_upcalls smc_upcalls = {
	.rx_ctrl = smc_upcall_rx_ctrl,
	.tx_done = smc_upcall_tx_done,
	.tx_space = smc_upcall_tx_space,
	.ready = smc_upcall_ready,
	.lost = smc_upcall_lost,
};
