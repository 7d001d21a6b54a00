// SPDX-License-Identifier: GPL-2.0
/*
 * The end of connections: carries out what proto/conn_fsm.c decides.
 *
 * Closing never waits for the peer, but for SO_LINGER. DONE and CLOSED are put
 * behind the data (cdc.c) and the program goes its way; the socket lives on
 * until the peer has closed as well. The peer's side holds a reference to it
 * from the handshake on, which smc_conn.finish drops when CLOSED is entered.
 *
 * What comes from below (upcalls, timers, TCP) runs in softirq. It becomes a
 * bit in smc_conn.todo, handled at once if no program owns the socket, else
 * from release_sock(). What must sleep is left to close_work.
 *
 * Every wait for the peer has a deadline: an orphan is aborted when the peer
 * neither closes nor reads a fair part within SMC_CLOSE_ORPHAN, and dropped
 * when it does not answer the abort either. A peer whose TCP connection ended
 * without a word on the RDMA side is given SMC_CLOSE_SILENT.
 */
#include <linux/sched/signal.h>
#include <linux/workqueue.h>
#include <net/tcp.h>
#include "cdc.h"
#include "close.h"
#include "trace.h"
#include "tx.h"

#define SMC_CLOSE_ORPHAN	(60 * HZ)	/* as long as TCP's FIN-WAIT-2 */
#define SMC_CLOSE_ORPHAN_SHARE	16		/* of the ring, read in that time */
#define SMC_CLOSE_ABORTED	(10 * HZ)
#define SMC_CLOSE_SILENT	(5 * HZ)
#define SMC_PEER_ANY		(SMC_CDC_GONE | SMC_CDC_SENDING_DONE)

/*
 * Runs close_work. Unbound, since the release of an endpoint waits for its
 * last writes; flushed before the module goes.
 */
static struct workqueue_struct *smc_close_wq;

/**
 * smc_close_init() - set up what connections need to end
 *
 * Context: Module init.
 * Return: 0 or -ENOMEM.
 */
int smc_close_init(void)
{
	smc_close_wq = alloc_workqueue("smc_close", WQ_UNBOUND, WQ_MAX_ACTIVE);
	return smc_close_wq ? 0 : -ENOMEM;
}

/**
 * smc_close_exit() - undo smc_close_init()
 *
 * Context: Module exit; no socket is left.
 */
void smc_close_exit(void)
{
	destroy_workqueue(smc_close_wq);
}

/**
 * smc_close_kick() - have the sleeping part of closing looked at
 * @conn: connection
 *
 * Context: Any. The queued work holds the socket.
 */
void smc_close_kick(struct smc_conn *conn)
{
	sock_hold(conn->sk);
	if (!queue_work(smc_close_wq, &conn->close_work))
		sock_put(conn->sk);
}

static void smc_close_send(struct smc_conn *conn, u8 flag)
{
	spin_lock_bh(&conn->lock);
	conn->tx.held = false;
	conn->tx.conn_flags_due |= flag & ~conn->tx.conn_flags;
	smc_cdc_push(conn);
	spin_unlock_bh(&conn->lock);
}

static void smc_close_arm(struct smc_conn *conn, unsigned long delay)
{
	sk_reset_timer(conn->sk, &conn->deadline, jiffies + delay);
}

/* The same, but an earlier deadline stands. */
static void smc_close_arm_within(struct smc_conn *conn, unsigned long delay)
{
	if (!timer_pending(&conn->deadline) ||
	    time_after(conn->deadline.expires, jiffies + delay))
		smc_close_arm(conn, delay);
}

/*
 * Has the peer read our data since this was last asked? A byte now and then
 * would keep an orphan for weeks.
 */
static bool smc_close_peer_reads(struct smc_conn *conn)
{
	const struct smc_conn_tx *tx = &conn->tx;
	u64 n;
	bool ret;

	spin_lock_bh(&conn->lock);
	n = tx->peer_cons - conn->orphan_cons;
	ret = n >= conn->ep.snd.size / SMC_CLOSE_ORPHAN_SHARE ||
	      (n && tx->peer_cons == tx->prep);
	conn->orphan_cons = tx->peer_cons;
	spin_unlock_bh(&conn->lock);
	return ret;
}

static void smc_close_actions(struct smc_conn *conn, u8 actions)
{
	struct sock *sk = conn->sk;

	if (actions & SMC_ACT_RESET)
		WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (actions & SMC_ACT_RCV_SHUT) {
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
		sock_set_flag(sk, SOCK_DONE);
	}
	if (actions & SMC_ACT_SEND_DONE)
		smc_close_send(conn, SMC_CDC_SENDING_DONE);
	if (actions & SMC_ACT_SEND_CLOSE)
		smc_close_send(conn, SMC_CDC_CONN_CLOSED);
	if (actions & SMC_ACT_SEND_ABORT) {
		smc_close_send(conn, SMC_CDC_ABNORMAL_CLOSE);
		if (sock_flag(sk, SOCK_DEAD))
			smc_close_arm_within(conn, SMC_CLOSE_ABORTED);
	}
	if (actions & SMC_ACT_WAKE) {
		sk->sk_state_change(sk);
		if (sk->sk_err)
			sk_error_report(sk);
		else if (sk->sk_shutdown == SHUTDOWN_MASK)
			sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
		else
			sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
	}
	/* Who lingers need not any more. */
	if (actions & (SMC_ACT_SEND_ABORT | SMC_ACT_FINISH))
		sk->sk_state_change(sk);
	/* TCP follows; and CLOSED wants to be finished. */
	if (actions & (SMC_ACT_SEND_DONE | SMC_ACT_SEND_CLOSE |
		       SMC_ACT_SEND_ABORT | SMC_ACT_FINISH))
		smc_close_kick(conn);
}

static void smc_close_event(struct smc_conn *conn, enum smc_conn_event event)
{
	smc_close_actions(conn, smc_conn_set_state(conn, event));
}

/* The connection is of no more use: tell the peer if that works, and the
 * program, which finds @err.
 */
static void smc_close_kill(struct smc_conn *conn, int err)
{
	struct sock *sk = conn->sk;

	smc_close_send(conn, SMC_CDC_ABNORMAL_CLOSE);
	/* Where both directions have ended well nothing is lost. */
	if (!sock_flag(sk, SOCK_DEAD) && conn->state != SMC_ST_PA &&
	    conn->state != SMC_ST_AFCW)
		WRITE_ONCE(sk->sk_err, -err);
	smc_close_event(conn, SMC_EV_LOST);
	smc_close_kick(conn);
}

static void smc_close_peer_abort(struct smc_conn *conn)
{
	bool ended = conn->state == SMC_ST_ACW1 || conn->state == SMC_ST_ACW1P;
	struct sock *sk = conn->sk;

	smc_stat_inc(conn->sn, SMC_STAT_ABORT_RX);
	/* As tcp_reset(): who has read the end of the stream gets EPIPE. */
	if (!sock_flag(sk, SOCK_DEAD) && conn->state != SMC_ST_PA)
		WRITE_ONCE(sk->sk_err, ended ? EPIPE : ECONNRESET);
	smc_close_event(conn, SMC_EV_PEER_ABORT);
}

/*
 * Has the peer's FIN arrived, and no word by RDMA? Our own FIN says nothing
 * about the peer.
 */
static bool smc_close_peer_silent(const struct smc_conn *conn)
{
	const struct sock *tcp = conn->tcp ? conn->tcp->sk : NULL;

	if (!tcp || (READ_ONCE(conn->rx.conn_flags) & SMC_PEER_ANY))
		return false;
	return (READ_ONCE(tcp->sk_shutdown) & RCV_SHUTDOWN) ||
	       inet_sk_state_load(tcp) == TCP_CLOSE;
}

/* Is our abort sent, or about to be? */
static bool smc_close_aborting(struct smc_conn *conn)
{
	u8 flags;

	spin_lock_bh(&conn->lock);
	flags = conn->tx.conn_flags | conn->tx.conn_flags_due;
	spin_unlock_bh(&conn->lock);
	return flags & SMC_CDC_ABNORMAL_CLOSE;
}

/* How long an orphan waits for what its peer owes it, jiffies. */
static unsigned long smc_close_patience(struct smc_conn *conn)
{
	if (smc_close_aborting(conn))
		return SMC_CLOSE_ABORTED;
	return smc_close_peer_silent(conn) ? SMC_CLOSE_SILENT :
					     SMC_CLOSE_ORPHAN;
}

/*
 * Has the peer sent bytes by TCP? To it this is a TCP connection, as when its
 * Decline came after the handshake had ended here.
 */
static bool smc_close_peer_on_tcp(const struct smc_conn *conn)
{
	return conn->tcp && conn->established && READ_ONCE(conn->peer_on_tcp);
}

/*
 * What TCP's state means for the connection above it. That both have sent FIN
 * says no more than flags which are on their way by RDMA, maybe slower.
 */
static void smc_close_tcp_changed(struct smc_conn *conn)
{
	struct sock *tcp = conn->tcp ? conn->tcp->sk : NULL;
	u8 peer = READ_ONCE(conn->rx.conn_flags);
	int err;

	if (!tcp || conn->state == SMC_ST_CLOSED)
		return;
	err = READ_ONCE(tcp->sk_err);
	if (err && !(peer & SMC_CDC_GONE))
		smc_close_kill(conn, -err);
	else if (!err && smc_close_peer_on_tcp(conn))
		smc_close_kill(conn, -ECONNRESET);
	else if (!err && smc_close_peer_silent(conn))
		smc_close_arm_within(conn, smc_close_patience(conn));
}

/* The peer still owes an orphan something. */
static void smc_close_orphan_expired(struct smc_conn *conn)
{
	bool aborting = smc_close_aborting(conn);

	/* It is slow, but gets there: as TCP's orphans in FIN-WAIT-1. */
	if (!aborting && !smc_close_peer_silent(conn) &&
	    smc_close_peer_reads(conn)) {
		smc_close_arm(conn, SMC_CLOSE_ORPHAN);
		return;
	}
	smc_stat_inc(conn->sn, SMC_STAT_ORPHAN_TIMEOUT);
	smc_close_event(conn, aborting ? SMC_EV_LOST : SMC_EV_ABORT);
}

static void smc_close_deadline_passed(struct smc_conn *conn)
{
	/* While the socket was owned a new one has been set. */
	if (timer_pending(&conn->deadline))
		return;
	if (sock_flag(conn->sk, SOCK_DEAD)) {
		if (conn->state != SMC_ST_CLOSED)
			smc_close_orphan_expired(conn);
	} else if (!(READ_ONCE(conn->rx.conn_flags) & SMC_PEER_ANY)) {
		smc_close_kill(conn, -ECONNRESET);
	}
}

static void smc_close_todo(struct smc_conn *conn, unsigned int todo)
{
	switch (todo) {
	case SMC_TODO_RESET:
		smc_close_kill(conn, -ECONNRESET);
		break;
	case SMC_TODO_DEADLINE:
		smc_close_deadline_passed(conn);
		break;
	case SMC_TODO_TCP:
		smc_close_tcp_changed(conn);
		break;
	case SMC_EV_PEER_DONE:
		smc_close_event(conn, todo);
		/* So it was not silent; its FIN was just faster. */
		if (sock_flag(conn->sk, SOCK_DEAD) &&
		    conn->state != SMC_ST_CLOSED && !smc_close_aborting(conn))
			smc_close_arm(conn, smc_close_patience(conn));
		break;
	case SMC_EV_PEER_ABORT:
		smc_close_peer_abort(conn);
		break;
	case SMC_EV_LOST:
		smc_stat_inc(conn->sn, SMC_STAT_CONN_LOST);
		smc_close_kill(conn, READ_ONCE(conn->lost_err));
		break;
	default:
		smc_close_event(conn, todo);
		break;
	}
}

/**
 * smc_close_deferred() - handle what happened while the socket was owned
 * @conn: connection
 *
 * Context: Socket lock held: from release_sock(), or as owner.
 */
void smc_close_deferred(struct smc_conn *conn)
{
	unsigned int todo;

	if (likely(!READ_ONCE(conn->todo)) || !conn->established)
		return;
	for (todo = 0; todo <= SMC_TODO_TCP; todo++)
		if (test_and_clear_bit(todo, &conn->todo))
			smc_close_todo(conn, todo);
}

/**
 * smc_close_defer() - something happened below
 * @conn: connection
 * @todo: enum smc_conn_event or SMC_TODO_*
 *
 * Before the handshake has ended the bit just stays, for
 * smc_close_established() to find.
 *
 * Context: Bottom halves disabled, no lock of the connection held.
 */
void smc_close_defer(struct smc_conn *conn, unsigned int todo)
{
	struct sock *sk = conn->sk;

	set_bit(todo, &conn->todo);
	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk))
		smc_close_deferred(conn);
	bh_unlock_sock(sk);
}

/**
 * smc_close_established() - the handshake is over, the connection begins
 * @conn: connection
 *
 * From here on the peer's side holds the socket.
 *
 * Context: Socket lock held as owner.
 */
void smc_close_established(struct smc_conn *conn)
{
	sock_hold(conn->sk);
	conn->established = true;
	spin_lock_bh(&conn->lock);
	conn->tx.open = !conn->lost_err;
	spin_unlock_bh(&conn->lock);
	smc_close_event(conn, SMC_EV_ESTABLISHED);
	smc_close_deferred(conn);
}

/**
 * smc_close_shutdown_wr() - shutdown(SHUT_WR)
 * @conn: established connection
 *
 * Context: Socket lock held as owner.
 */
void smc_close_shutdown_wr(struct smc_conn *conn)
{
	struct sock *sk = conn->sk;

	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
	smc_close_event(conn, SMC_EV_SHUT_WR);
	sk->sk_state_change(sk);
}

static bool smc_close_flushed(struct smc_conn *conn)
{
	bool ret;

	spin_lock_bh(&conn->lock);
	ret = !conn->tx.open || (smc_cdc_all_sent(conn) &&
				 conn->tx.fin == conn->tx.prep);
	conn->tx.wake_due = !ret;
	spin_unlock_bh(&conn->lock);
	/* What an abort finds unsent stays so. */
	return ret || conn->state == SMC_ST_CLOSED || smc_close_aborting(conn);
}

/* SO_LINGER: wait until the peer has got everything. */
static void smc_close_linger(struct smc_conn *conn)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct sock *sk = conn->sk;
	long timeo = sk->sk_lingertime;

	add_wait_queue(sk_sleep(sk), &wait);
	while (timeo && !signal_pending(current) && !smc_close_flushed(conn))
		sk_wait_event(sk, &timeo, smc_close_flushed(conn), &wait);
	remove_wait_queue(sk_sleep(sk), &wait);
}

/**
 * smc_close_app() - the program closes an established connection
 * @conn: connection
 *
 * As with TCP, unread data or a linger time of zero make it an abort. When
 * this returns the socket can be orphaned; it has a deadline from now on.
 *
 * Context: Socket lock held as owner; sleeps for SO_LINGER.
 */
void smc_close_app(struct smc_conn *conn)
{
	struct sock *sk = conn->sk;
	bool linger = sock_flag(sk, SOCK_LINGER);
	bool dead = sock_flag(sk, SOCK_DEAD);
	bool unread;

	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	spin_lock_bh(&conn->lock);
	unread = conn->rx.prod != conn->rx.cons;
	/* What comes now is noticed where it arrives. */
	conn->rx.closed = true;
	spin_unlock_bh(&conn->lock);
	if (unread || (linger && !sk->sk_lingertime))
		smc_close_event(conn, SMC_EV_ABORT);
	else
		smc_close_event(conn, SMC_EV_CLOSE);
	/* Nobody lingers who has gone already. */
	if (linger && sk->sk_lingertime && !dead &&
	    !(current->flags & PF_EXITING))
		smc_close_linger(conn);
	smc_close_peer_reads(conn);
	smc_close_arm(conn, smc_close_patience(conn));
}

/*
 * Has the link gone before the peer had all that it should get? What is still
 * due does not count: the loss itself has added to it. A connection that falls
 * back may have lost its link, too.
 */
static bool smc_close_cut_off(struct smc_conn *conn)
{
	bool ret;

	if (!conn->established || !READ_ONCE(conn->lost_err))
		return false;
	spin_lock_bh(&conn->lock);
	ret = !(conn->tx.conn_flags & SMC_CDC_GONE) ||
	      conn->tx.sent != conn->tx.prep || conn->tx.fin != conn->tx.prep;
	spin_unlock_bh(&conn->lock);
	return ret;
}

/*
 * TCP follows what was announced to the peer, never ahead of it: a FIN says
 * no more than the flags sent before it. What can be announced no more is for
 * a RST to say, or the peer would wait until it tests the link by itself.
 */
static void smc_close_tcp_follow(struct smc_conn *conn)
{
	u8 sent = READ_ONCE(conn->tx.conn_flags);

	/* Nor may it take our FIN for the end of a stream. */
	if (smc_close_peer_on_tcp(conn) ||
	    (conn->tcp && smc_close_cut_off(conn))) {
		tcp_abort(conn->tcp->sk, ECONNRESET);
		return;
	}
	/* Once: TCP reports its shutdown, which brings us here again. */
	if (conn->tcp && (sent & SMC_PEER_ANY) &&
	    !(READ_ONCE(conn->tcp->sk->sk_shutdown) & SEND_SHUTDOWN))
		kernel_sock_shutdown(conn->tcp, SHUT_WR);
}

/*
 * CLOSED, nothing more to say and the peer will write no more, or there is
 * nobody to talk to.
 */
static bool smc_close_can_finish(struct smc_conn *conn)
{
	bool ret;

	if (conn->finished || conn->state != SMC_ST_CLOSED ||
	    !sock_flag(conn->sk, SOCK_DEAD))
		return false;
	spin_lock_bh(&conn->lock);
	ret = !conn->tx.open || !timer_pending(&conn->deadline) ||
	      (!conn->tx.conn_flags_due &&
	       (conn->rx.conn_flags & SMC_CDC_GONE));
	spin_unlock_bh(&conn->lock);
	return ret;
}

static void smc_close_workfn(struct work_struct *work)
{
	struct smc_conn *conn = container_of(work, struct smc_conn, close_work);
	struct sock *sk = conn->sk;
	bool finish;

	if (!smc_conn_trylock(conn, SMC_LATE_CLOSE)) {
		sock_put(sk);
		return;
	}
	smc_close_tcp_follow(conn);
	finish = smc_close_can_finish(conn);
	if (finish) {
		conn->finished = true;
		/* A late event must find nothing to send by. */
		spin_lock_bh(&conn->lock);
		conn->tx.open = false;
		spin_unlock_bh(&conn->lock);
	}
	release_sock(sk);

	if (finish) {
		u8 peer = READ_ONCE(conn->rx.conn_flags);

		sk_stop_timer_sync(sk, &conn->deadline);
		smc_tx_stop(conn);
		conn->ep.ops->release(&conn->ep, peer & SMC_CDC_GONE);
		conn->finish(conn);
	}
	sock_put(sk);
}

static void smc_close_deadline(struct timer_list *t)
{
	struct smc_conn *conn = from_timer(conn, t, deadline);

	smc_close_defer(conn, SMC_TODO_DEADLINE);
	smc_close_kick(conn);
	sock_put(conn->sk);
}

/**
 * smc_close_setup() - prepare a connection for its end
 * @conn: connection
 *
 * Context: Any, once, before the connection is used.
 */
void smc_close_setup(struct smc_conn *conn)
{
	INIT_WORK(&conn->close_work, smc_close_workfn);
	timer_setup(&conn->deadline, smc_close_deadline, 0);
}
