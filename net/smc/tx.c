// SPDX-License-Identifier: GPL-2.0
/*
 * Sending: the one copy of a byte on this side, from the program's memory
 * into the send ring, and the waiting for room in it.
 *
 * The socket lock serialises senders and is held while copying; the
 * connection's spinlock is taken only to read the room and to announce the
 * new bytes, so completions and control messages go on meanwhile. The bytes
 * between prep and the end of the free room belong to the sender alone.
 */
#include <linux/sched/signal.h>
#include <linux/uio.h>
#include "cdc.h"
#include "trace.h"
#include "tx.h"

/* As long as TCP holds back a small segment at most under TCP_CORK. */
#define SMC_TX_HOLD_MAX		(HZ / 5)

static void smc_tx_hold_expired(struct timer_list *t)
{
	struct smc_conn *conn = from_timer(conn, t, hold_timer);

	spin_lock_bh(&conn->lock);
	conn->tx.held = false;
	smc_cdc_push(conn);
	spin_unlock_bh(&conn->lock);
}

/**
 * smc_tx_init() - set up sending
 * @conn: connection
 *
 * Context: Any, once, before the connection is used.
 */
void smc_tx_init(struct smc_conn *conn)
{
	timer_setup(&conn->hold_timer, smc_tx_hold_expired, 0);
}

/**
 * smc_tx_stop() - no timer of the sending side runs when this returns
 * @conn: connection that no program can use any more
 *
 * Context: Process, may sleep.
 */
void smc_tx_stop(struct smc_conn *conn)
{
	timer_shutdown_sync(&conn->hold_timer);
}

/*
 * A woken writer should find room for more than a crumb. All that was sent
 * but a quarter ring at most gets its completion reported, so a quarter is
 * always reached when the peer reads.
 */
static bool smc_tx_has_room(const struct smc_conn *conn)
{
	return smc_conn_tx_free(conn) >= conn->ep.snd.size / 4;
}

/**
 * smc_tx_writable() - would poll() report room?
 * @conn: connection with an attached endpoint
 *
 * Who hears that there is none is woken when there is some.
 *
 * Context: Any.
 * Return: true if so.
 */
bool smc_tx_writable(struct smc_conn *conn)
{
	bool ret;

	spin_lock_bh(&conn->lock);
	ret = smc_tx_has_room(conn);
	if (!ret)
		conn->tx.wake_due = true;
	spin_unlock_bh(&conn->lock);
	return ret;
}

static void smc_tx_wake_queue(struct sock *sk, struct socket_wq *wq)
{
	if (wq_has_sleeper(&wq->wait))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT | EPOLLWRNORM |
					   EPOLLWRBAND);
	if (!(READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
}

/* Is somebody to be woken now? Says so once. */
static bool smc_tx_take_wake(struct smc_conn *conn)
{
	bool ret;

	spin_lock_bh(&conn->lock);
	ret = conn->tx.wake_due && smc_tx_has_room(conn);
	if (ret)
		conn->tx.wake_due = false;
	spin_unlock_bh(&conn->lock);
	return ret;
}

/**
 * smc_tx_wake() - wake who waits for room, if there is some
 * @conn: connection
 *
 * Context: Bottom halves disabled, no lock of the connection held.
 */
void smc_tx_wake(struct smc_conn *conn)
{
	struct socket_wq *wq;

	if (!smc_tx_take_wake(conn))
		return;
	rcu_read_lock();
	wq = rcu_dereference(conn->sk->sk_wq);
	/* No queue: the program has closed. */
	if (wq)
		smc_tx_wake_queue(conn->sk, wq);
	rcu_read_unlock();
}

/* May the program go on sending? The errnos are TCP's. */
static int smc_tx_check(struct smc_conn *conn)
{
	struct sock *sk = conn->sk;

	/* The socket's error, if there is one, replaces EPIPE in the end. */
	if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN))
		return -EPIPE;
	if (READ_ONCE(conn->rx.conn_flags) & SMC_CDC_CONN_CLOSED)
		return -ECONNRESET;
	return smc_conn_may_send(conn) ? 0 : -EPIPE;
}

static bool smc_tx_wait_over(struct smc_conn *conn)
{
	return smc_tx_writable(conn) || conn->sk->sk_err ||
	       (conn->sk->sk_shutdown & SEND_SHUTDOWN) ||
	       !smc_conn_may_send(conn);
}

static int smc_tx_wait(struct smc_conn *conn, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct sock *sk = conn->sk;
	int err = 0;

	add_wait_queue(sk_sleep(sk), &wait);
	for (;;) {
		sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
		if (smc_tx_wait_over(conn))
			break;
		if (!*timeo) {
			err = -EAGAIN;
			break;
		}
		if (signal_pending(current)) {
			err = sock_intr_errno(*timeo);
			break;
		}
		sk_wait_event(sk, timeo, smc_tx_wait_over(conn), &wait);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}

/* Copy into the free room, which may consist of two pieces. */
static size_t smc_tx_copy(struct smc_conn *conn, struct msghdr *msg, u32 room)
{
	u32 size = conn->ep.snd.size;
	u32 off = conn->tx.prep & (size - 1);
	size_t want = min_t(size_t, room, msg_data_left(msg));
	size_t first = min_t(size_t, want, size - off);
	size_t n;

	n = copy_from_iter(conn->ep.snd.addr + off, first, &msg->msg_iter);
	if (n == first && want > first)
		n += copy_from_iter(conn->ep.snd.addr, want - first,
				    &msg->msg_iter);
	return n;
}

/* Announce @n copied bytes; @last says the call brings no more. */
static void smc_tx_commit(struct smc_conn *conn, size_t n, int flags, bool last)
{
	struct smc_conn_tx *tx = &conn->tx;
	bool hold;

	spin_lock_bh(&conn->lock);
	tx->prep += n;
	if (last && (flags & MSG_OOB)) {
		tx->urg_end = tx->prep;
		tx->urg_pend = true;
		tx->ctrl_due = true;
	}
	/* From the first byte held: those that follow get no more time. */
	hold = last && (flags & MSG_MORE);
	if (hold && !tx->held)
		mod_timer(&conn->hold_timer, jiffies + SMC_TX_HOLD_MAX);
	tx->held = hold;
	smc_cdc_push(conn);
	spin_unlock_bh(&conn->lock);
	smc_stat_add(conn->sn, SMC_STAT_BYTES_COPIED_TX, n);
}

static u32 smc_tx_room(struct smc_conn *conn)
{
	u32 room;

	spin_lock_bh(&conn->lock);
	room = smc_conn_tx_free(conn);
	spin_unlock_bh(&conn->lock);
	return room;
}

/**
 * smc_tx_sendmsg() - send a program's bytes
 * @conn: connection
 * @msg: where from; MSG_DONTWAIT, MSG_MORE, MSG_OOB and MSG_NOSIGNAL count
 * @len: how many bytes
 * @corked: TCP_CORK is set
 *
 * Context: Socket lock held; it is released while waiting for room.
 * Return: Bytes taken, or what TCP would return: -EPIPE, -ECONNRESET, the
 * socket's error, -EAGAIN, -EFAULT, or by a signal.
 */
int smc_tx_sendmsg(struct smc_conn *conn, struct msghdr *msg, size_t len,
		   bool corked)
{
	struct sock *sk = conn->sk;
	int flags = msg->msg_flags;
	size_t sent = 0;
	long timeo;
	int err;

	sock_owned_by_me(sk);
	timeo = sock_sndtimeo(sk, flags & MSG_DONTWAIT);
	if (corked && !(flags & MSG_OOB))
		flags |= MSG_MORE;
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);

	err = smc_tx_check(conn);
	while (!err && msg_data_left(msg)) {
		u32 room = smc_tx_room(conn);
		size_t n;

		if (!room) {
			err = smc_tx_wait(conn, &timeo);
			if (!err)
				err = smc_tx_check(conn);
			continue;
		}
		n = smc_tx_copy(conn, msg, room);
		if (!n) {
			err = -EFAULT;
			break;
		}
		sent += n;
		smc_tx_commit(conn, n, flags, !msg_data_left(msg));
	}
	smc_stat_add(conn->sn, SMC_STAT_TX_BYTES, sent);
	trace_smc_sendmsg(conn, len, sent, err);
	if (sent)
		return sent;
	return sk_stream_error(sk, msg->msg_flags, err);
}

/**
 * smc_tx_outq() - SIOCOUTQ: bytes the peer may not have yet
 * @conn: connection with an attached endpoint
 *
 * Programs call this again and again to learn that all has arrived. Nobody
 * else needs to know of the last bytes, so the report is asked for here.
 *
 * Context: Process, socket lock held.
 * Return: Number of bytes.
 */
int smc_tx_outq(struct smc_conn *conn)
{
	struct smc_conn_tx *tx = &conn->tx;
	int n;

	spin_lock_bh(&conn->lock);
	if (tx->fin < tx->sent && tx->signalled <= tx->fin) {
		tx->report_due = true;
		tx->ctrl_due = true;
		smc_cdc_push(conn);
	}
	n = (int)(tx->prep - tx->fin);
	spin_unlock_bh(&conn->lock);
	return n;
}

/**
 * smc_tx_uncork() - send what was held back
 * @conn: connection
 *
 * Context: Process, socket lock held.
 */
void smc_tx_uncork(struct smc_conn *conn)
{
	spin_lock_bh(&conn->lock);
	conn->tx.held = false;
	smc_cdc_push(conn);
	spin_unlock_bh(&conn->lock);
}
