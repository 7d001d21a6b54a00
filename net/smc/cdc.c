// SPDX-License-Identifier: GPL-2.0
/*
 * The control protocol of a connection (RFC 7609 section 4.4.6 and 4.7).
 *
 * Sending has a single door, smc_cdc_push(): it looks at what is due - bytes
 * the peer has room for, flags, a consumer cursor worth telling - and hands
 * it to the transport as one unit per message. DONE and CLOSED are due once
 * asked for, but leave only behind the last byte, as a FIN does; so nobody
 * waits for the flushing of data, and a window that opens later carries them
 * along.
 *
 * Receiving checks every value against what this side knows before anything
 * is changed. A message that fails costs its connection only.
 */
#include "cdc.h"
#include "trace.h"

#define SMC_FLAGS_FOLLOW	(SMC_CDC_SENDING_DONE | SMC_CDC_CONN_CLOSED)

/*
 * How much must have been consumed before a message is sent for that alone:
 * a tenth of the ring, but not for crumbs (the smallest send buffer's half).
 */
static u32 smc_cdc_update_limit(const struct smc_conn *conn)
{
	return max_t(u32, conn->ep.rmb.size / 10, 2304);
}

/* Is the peer better off with a message about our consumer cursor now? */
static bool smc_cdc_update_due(const struct smc_conn *conn)
{
	const struct smc_conn_rx *rx = &conn->rx;
	u32 size = conn->ep.rmb.size;
	u32 peer_sees_free = size - (u32)(rx->prod - rx->conf);

	if (rx->prod_flags & SMC_CDC_CONS_UPDATE_REQ)
		return rx->cons != rx->conf;
	if (rx->cons - rx->conf <= smc_cdc_update_limit(conn))
		return false;
	return (rx->prod_flags & SMC_CDC_WRITE_BLOCKED) ||
	       peer_sees_free <= size / 2;
}

/*
 * Small writes that follow each other are collected while a message is on its
 * way, as TCP's autocorking does: its completion brings them out together.
 * Who waits for an answer after each write never gets here, since the answer
 * has acknowledged what was sent.
 */
static bool smc_cdc_collecting(const struct smc_conn *conn)
{
	const struct smc_conn_tx *tx = &conn->tx;

	return tx->fin < tx->signalled && !tx->ctrl_due && !tx->urg_pend &&
	       !tx->conn_flags_due &&
	       tx->prep - tx->sent < conn->ep.snd.size / 2;
}

/*
 * Both programs have closed. What the peer has no room for now it will never
 * have room for, so the data are given up, as TCP does after a RST, and CLOSED
 * does not wait for them. Nothing is written any more once it was told: the
 * peer may give the RMB to another connection.
 */
static bool smc_cdc_abandoned(const struct smc_conn *conn)
{
	const struct smc_conn_tx *tx = &conn->tx;

	return (conn->rx.conn_flags & SMC_CDC_GONE) &&
	       ((tx->conn_flags | tx->conn_flags_due) & SMC_CDC_CONN_CLOSED);
}

/* How many bytes may go with the next message. */
static u32 smc_cdc_sendable(const struct smc_conn *conn)
{
	const struct smc_conn_tx *tx = &conn->tx;
	u64 n = tx->prep - tx->sent;

	if ((tx->conn_flags | tx->conn_flags_due) & SMC_CDC_ABNORMAL_CLOSE)
		return 0;
	if (smc_cdc_abandoned(conn))
		return 0;
	if (tx->held && smc_conn_tx_free(conn))
		return 0;
	if (smc_cdc_collecting(conn))
		return 0;
	/* The urgent byte is the last one of its message. */
	if (tx->urg_pend)
		n = min(n, tx->urg_end - tx->sent);
	return min_t(u64, n, smc_conn_peer_free(conn));
}

static u8 smc_cdc_conn_flags(const struct smc_conn *conn, u64 sent)
{
	const struct smc_conn_tx *tx = &conn->tx;
	u8 due = tx->conn_flags_due;

	if (sent != tx->prep && !(due & SMC_CDC_ABNORMAL_CLOSE) &&
	    !smc_cdc_abandoned(conn))
		due &= ~SMC_FLAGS_FOLLOW;
	return tx->conn_flags | due;
}

static u8 smc_cdc_prod_flags(const struct smc_conn *conn, u32 len)
{
	const struct smc_conn_tx *tx = &conn->tx;
	u8 flags = 0;

	if (tx->prep != tx->sent &&
	    tx->prep - tx->sent >= smc_conn_peer_free(conn))
		flags |= SMC_CDC_WRITE_BLOCKED;
	if (tx->urg_pend) {
		flags |= SMC_CDC_URG_PENDING;
		if (len && tx->sent + len == tx->urg_end)
			flags |= SMC_CDC_URG_PRESENT;
	}
	return flags;
}

static void smc_cdc_build(struct smc_conn *conn, u32 len, struct smc_xfer *x)
{
	const struct smc_conn_tx *tx = &conn->tx;
	const struct smc_ep *ep = &conn->ep;

	x->num_spans = 0;
	if (len)
		x->num_spans = smc_ring_spans(x->span,
					      tx->sent & (ep->snd.size - 1),
					      ep->snd.size,
					      tx->sent & (ep->peer_size - 1),
					      ep->peer_size, len);
	x->pos = tx->sent + len;
	x->msg.seq = tx->seq + 1;
	x->msg.token = ep->peer_token;
	x->msg.prod = smc_conn_cursor(x->pos, ep->peer_size);
	x->msg.cons = smc_conn_cursor(conn->rx.cons, ep->rmb.size);
	x->msg.prod_flags = smc_cdc_prod_flags(conn, len);
	x->msg.conn_flags = smc_cdc_conn_flags(conn, x->pos);
	/*
	 * A completion frees ring space, so ask for one when more than a
	 * quarter ring is out; one for the last message, whose end closing
	 * waits for; and one where data follow data that are still on their
	 * way, see above.
	 */
	x->signal = x->pos - tx->signalled > ep->snd.size / 4 ||
		    x->msg.conn_flags != tx->conn_flags ||
		    (len && tx->fin < tx->sent) || tx->report_due;
}

static void smc_cdc_sent(struct smc_conn *conn, const struct smc_xfer *x)
{
	struct smc_conn_tx *tx = &conn->tx;

	if ((x->msg.conn_flags & ~tx->conn_flags) & SMC_CDC_ABNORMAL_CLOSE)
		smc_stat_inc(conn->sn, SMC_STAT_ABORT_TX);
	tx->sent = x->pos;
	tx->seq = x->msg.seq;
	tx->prod_flags = x->msg.prod_flags;
	tx->conn_flags = x->msg.conn_flags;
	tx->conn_flags_due &= ~tx->conn_flags;
	tx->ctrl_due = false;
	if (x->signal) {
		tx->signalled = x->pos;
		tx->report_due = false;
	}
	if (x->msg.prod_flags & SMC_CDC_URG_PRESENT)
		tx->urg_pend = false;
	conn->rx.conf = conn->rx.cons;
	conn->rx.prod_flags &= ~SMC_CDC_CONS_UPDATE_REQ;
}

static bool smc_cdc_flags_due(const struct smc_conn *conn)
{
	const struct smc_conn_tx *tx = &conn->tx;

	return smc_cdc_conn_flags(conn, tx->sent) != tx->conn_flags;
}

/**
 * smc_cdc_push() - send what is due and possible
 * @conn: connection
 *
 * What cannot go now goes when the transport or the peer reports space; both
 * come back here.
 *
 * Context: &smc_conn.lock held, bottom halves disabled.
 */
void smc_cdc_push(struct smc_conn *conn)
{
	struct smc_conn_tx *tx = &conn->tx;
	struct smc_xfer x;
	u32 len;
	int err;

	lockdep_assert_held(&conn->lock);
	/* Without a slot tx_space brings us back, nothing else can help. */
	if (!tx->open || tx->no_slot)
		return;
	for (;;) {
		len = smc_cdc_sendable(conn);
		if (!len && !tx->ctrl_due && !smc_cdc_flags_due(conn))
			break;
		smc_cdc_build(conn, len, &x);
		err = conn->ep.ops->xmit(&conn->ep, &x);
		trace_smc_cdc_tx(conn, &x, err);
		if (err) {
			/* Else the transport reports the loss by itself. */
			tx->no_slot = err == -EAGAIN;
			break;
		}
		smc_cdc_sent(conn, &x);
	}
}

/**
 * smc_cdc_consumed() - the program has consumed bytes of the RMBE
 * @conn: connection
 * @n: how many
 *
 * Context: &smc_conn.lock held, bottom halves disabled.
 */
void smc_cdc_consumed(struct smc_conn *conn, u32 n)
{
	struct smc_conn_rx *rx = &conn->rx;

	lockdep_assert_held(&conn->lock);
	if (n && rx->urg == SMC_URG_PASSED)
		rx->urg = SMC_URG_NONE;
	rx->cons += n;
	if (rx->skip && rx->cons > rx->skip_pos)
		rx->skip = false;
	/*
	 * Some peers do not send on before they hear that the urgent byte is
	 * consumed. A program that has read it, and all before it, may wait
	 * for them without another read.
	 */
	if (rx->urg == SMC_URG_READ && rx->cons == rx->urg_pos &&
	    !sock_flag(conn->sk, SOCK_URGINLINE)) {
		rx->cons++;
		rx->urg = SMC_URG_PASSED;
		conn->tx.ctrl_due = true;
	} else if (rx->urg >= SMC_URG_VALID && rx->cons > rx->urg_pos) {
		rx->urg = SMC_URG_NONE;
		conn->tx.ctrl_due = true;
	}
	if (smc_cdc_update_due(conn))
		conn->tx.ctrl_due = true;
	if (conn->tx.ctrl_due)
		smc_cdc_push(conn);
}

/**
 * smc_cdc_all_sent() - has everything left that was accepted for sending?
 * @conn: connection
 *
 * Context: &smc_conn.lock held.
 * Return: true if neither data nor flags are waiting.
 */
bool smc_cdc_all_sent(const struct smc_conn *conn)
{
	lockdep_assert_held(&conn->lock);
	return conn->tx.prep == conn->tx.sent && !conn->tx.conn_flags_due;
}

/*
 * Take the distance a peer's cursor advanced. Stale cursors are no violation:
 * messages of two links may overtake each other (section 4.7.4).
 */
static int smc_cdc_step(u64 *pos, struct smc_cursor cur, u32 size, u64 max,
			u32 *n)
{
	int err;

	*n = 0;
	if (!size)
		return cur.wrap || cur.count ? -EPROTO : 0;
	err = smc_cursor_step(smc_conn_cursor(*pos, size), cur, size,
			      min_t(u64, max, size), n);
	return err == -ESTALE ? 0 : err;
}

/* Is there a new urgent byte? It is set aside, as out-of-band reads take it. */
static bool smc_cdc_urgent(struct smc_conn *conn, const struct smc_cdc *msg,
			   u32 advance)
{
	struct smc_conn_rx *rx = &conn->rx;
	u32 off;

	if ((msg->prod_flags & SMC_CDC_URG_PRESENT) && advance) {
		/* Its reader is at the old mark: see tcp_check_urg(). */
		if (rx->urg >= SMC_URG_VALID && rx->urg_pos == rx->cons &&
		    !sock_flag(conn->sk, SOCK_URGINLINE)) {
			rx->skip_pos = rx->urg_pos;
			rx->skip = true;
		}
		rx->urg_pos = rx->prod - 1;
		off = rx->urg_pos & (conn->ep.rmb.size - 1);
		conn->ep.ops->sync_rx(&conn->ep, off, 1);
		rx->urg_byte = conn->ep.rmb.addr[off];
		rx->urg = SMC_URG_VALID;
		return true;
	}
	if ((msg->prod_flags & SMC_CDC_URG_PENDING) &&
	    (rx->urg == SMC_URG_NONE || rx->urg == SMC_URG_PASSED))
		rx->urg = SMC_URG_NOTYET;
	return false;
}

/**
 * smc_cdc_apply() - take over what a message of the peer says
 * @conn: connection
 * @msg: decoded message
 *
 * Context: &smc_conn.lock held, bottom halves disabled.
 * Return: SMC_CDC_GOT_* or -EPROTO if a cursor points beyond what it may;
 * nothing is changed then.
 */
int smc_cdc_apply(struct smc_conn *conn, const struct smc_cdc *msg)
{
	struct smc_conn_tx *tx = &conn->tx;
	struct smc_conn_rx *rx = &conn->rx;
	u32 prod, cons;
	int got = 0;

	lockdep_assert_held(&conn->lock);
	if (msg->prod_flags & SMC_CDC_FAILOVER_VALIDATION)
		return 0;
	if ((s16)(msg->seq - rx->seq) < 0) {
		smc_stat_inc(conn->sn, SMC_STAT_CDC_STALE);
		return 0;
	}
	if (smc_cdc_step(&tx->peer_cons, msg->cons, conn->ep.peer_size,
			 tx->sent - tx->peer_cons, &cons) ||
	    smc_cdc_step(&rx->prod, msg->prod, conn->ep.rmb.size,
			 conn->ep.rmb.size - (rx->prod - rx->cons), &prod))
		return -EPROTO;

	rx->seq = msg->seq;
	rx->prod_flags = msg->prod_flags;
	/* Who reads no more would never come to answer. */
	if ((msg->prod_flags & SMC_CDC_CONS_UPDATE_REQ) && rx->cons != rx->conf)
		tx->ctrl_due = true;
	tx->peer_cons += cons;
	if (tx->fin < tx->peer_cons)
		tx->fin = tx->peer_cons;
	rx->prod += prod;
	if (smc_cdc_urgent(conn, msg, prod))
		got |= SMC_CDC_GOT_URGENT;
	if (prod)
		got |= SMC_CDC_GOT_DATA;
	if (cons)
		got |= SMC_CDC_GOT_SPACE;
	if (msg->conn_flags & ~rx->conn_flags) {
		rx->conn_flags |= msg->conn_flags;
		got |= SMC_CDC_GOT_FLAGS;
	}
	return got;
}
