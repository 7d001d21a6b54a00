// SPDX-License-Identifier: GPL-2.0
/*
 * The connection object and its state. smc_conn_set_state() is the only place
 * that writes the state, from the table in proto/conn_fsm.c; what a change
 * brings about is carried out by close.c.
 */
#include "conn.h"
#include "trace.h"

/**
 * smc_conn_init() - set up a connection in state INIT
 * @conn: zeroed memory inside of @sk
 * @sk: the socket
 *
 * Timer and work are set up by their owners, tx.c and close.c.
 *
 * Context: Any.
 */
void smc_conn_init(struct smc_conn *conn, struct sock *sk)
{
	conn->sk = sk;
	conn->sn = smc_net(sock_net(sk));
	spin_lock_init(&conn->lock);
	INIT_LIST_HEAD(&conn->ep.wait);
	conn->state = SMC_ST_INIT;
}

/**
 * smc_conn_reset() - forget what an attempt to connect has left behind
 * @conn: connection in state INIT without an endpoint
 *
 * Context: Process, socket lock held.
 */
void smc_conn_reset(struct smc_conn *conn)
{
	spin_lock_bh(&conn->lock);
	memset(&conn->tx, 0, sizeof(conn->tx));
	memset(&conn->rx, 0, sizeof(conn->rx));
	conn->todo = 0;
	conn->lost_err = 0;
	conn->peer_on_tcp = false;
	spin_unlock_bh(&conn->lock);
}

/**
 * smc_conn_trylock() - own the socket, unless somebody has it
 * @conn: connection
 * @late: what the caller would do
 *
 * A program may have it for as long as it likes: it copies from and to its own
 * memory. The workers serve all programs, so they do not wait for one.
 *
 * Context: Worker.
 * Return: true with the socket locked; false if @late was left for when it is
 * released (sock.c).
 */
bool smc_conn_trylock(struct smc_conn *conn, enum smc_late late)
{
	struct sock *sk = conn->sk;
	bool owned;

	spin_lock_bh(&sk->sk_lock.slock);
	owned = sock_owned_by_user_nocheck(sk);
	if (owned)
		set_bit(late, &conn->late);
	else
		sk->sk_lock.owned = 1;
	spin_unlock_bh(&sk->sk_lock.slock);
	if (!owned)
		mutex_acquire(&sk->sk_lock.dep_map, 0, 1, _RET_IP_);
	return !owned;
}

/**
 * smc_conn_set_state() - take a step in the life of a connection
 * @conn: connection
 * @event: what happened
 *
 * Context: Socket lock held, as owner or as the BH's spinlock.
 * Return: SMC_ACT_* to carry out, 0 if the event means nothing in this state.
 */
u8 smc_conn_set_state(struct smc_conn *conn, enum smc_conn_event event)
{
	struct smc_conn_step step;

	lockdep_assert(lockdep_sock_is_held(conn->sk));
	step = smc_conn_fsm(conn->state, event);
	if (step.next != conn->state) {
		trace_smc_conn_state(conn, event, step.next);
		conn->state = step.next;
		/* Pairs with those who look without the lock, as poll(). */
		smp_store_release(&conn->sk->sk_state,
				  smc_conn_sk_state(step.next));
	}
	return step.actions;
}

/**
 * smc_conn_may_send() - does the state allow the program to send?
 * @conn: connection
 *
 * Context: Any; exact only under the socket lock.
 * Return: true in ACTIVE and while only the peer has finished sending.
 */
bool smc_conn_may_send(const struct smc_conn *conn)
{
	u8 state = READ_ONCE(conn->state);

	return state == SMC_ST_ACTIVE || state == SMC_ST_ACW1;
}

/**
 * smc_conn_readable() - bytes an ordinary read can deliver
 * @conn: connection
 *
 * An urgent byte that is next in line but is read out of band does not count.
 *
 * Context: &smc_conn.lock held.
 * Return: Number of bytes.
 */
u32 smc_conn_readable(const struct smc_conn *conn)
{
	const struct smc_conn_rx *rx = &conn->rx;
	u32 n = (u32)(rx->prod - rx->cons);

	lockdep_assert_held(&conn->lock);
	if (n && rx->urg >= SMC_URG_VALID &&
	    !sock_flag(conn->sk, SOCK_URGINLINE) && rx->urg_pos >= rx->cons &&
	    rx->urg_pos < rx->prod)
		n--;
	if (n && rx->skip)
		n--;
	return n;
}

/**
 * smc_conn_fill_info() - snapshot for observers
 * @conn: connection with an attached endpoint
 * @info: filled
 *
 * Context: Socket lock held, so that the endpoint stays.
 */
void smc_conn_fill_info(struct smc_conn *conn, struct smc_conn_info *info)
{
	u32 snd = conn->ep.snd.size;
	u32 rmb = conn->ep.rmb.size;
	u32 peer = conn->ep.peer_size ?: SMC_RING_MIN_BYTES;

	spin_lock_bh(&conn->lock);
	info->token = conn->ep.token;
	info->sndbuf_size = snd;
	info->rmbe_size = rmb;
	info->peer_rmbe_size = conn->ep.peer_size;
	info->rx_prod = smc_conn_cursor(conn->rx.prod, rmb);
	info->rx_cons = smc_conn_cursor(conn->tx.peer_cons, peer);
	info->tx_prod = smc_conn_cursor(conn->tx.sent, peer);
	info->tx_cons = smc_conn_cursor(conn->rx.conf, rmb);
	info->tx_prep = smc_conn_cursor(conn->tx.prep, snd);
	info->tx_sent = smc_conn_cursor(conn->tx.sent, snd);
	info->tx_fin = smc_conn_cursor(conn->tx.fin, snd);
	info->rx_pflags = conn->rx.prod_flags;
	info->rx_cflags = conn->rx.conn_flags;
	info->tx_pflags = conn->tx.prod_flags;
	info->tx_cflags = conn->tx.conn_flags;
	spin_unlock_bh(&conn->lock);
}
