// SPDX-License-Identifier: GPL-2.0
/*
 * Receiving: the one copy of a byte on this side, from the RMBE into the
 * program's memory, and the waiting for bytes.
 *
 * The socket lock serialises readers and is held while copying. The bytes
 * between cons and prod belong to the reader; a control message that arrives
 * meanwhile only moves prod. A peer that breaks the rules can change bytes
 * under the copy, which costs nobody but the reader of its stream.
 *
 * The urgent byte is treated as TCP does: an ordinary read stops before it,
 * the next one skips it (or delivers it, with SO_OOBINLINE).
 */
#include <linux/sched/signal.h>
#include <linux/uio.h>
#include "cdc.h"
#include "rx.h"
#include "trace.h"

/* What can be read at a position without crossing the mark or the ring's end */
struct smc_rx_piece {
	u32 off;
	u32 len;
	bool skip;	/* the urgent byte, not to be delivered here */
	bool mark;	/* the piece starts at the urgent byte, or where it was */
};

static void smc_rx_look(struct smc_conn *conn, u64 pos,
			struct smc_rx_piece *p)
{
	struct smc_conn_rx *rx = &conn->rx;
	u32 size = conn->ep.rmb.size;
	u64 n;

	spin_lock_bh(&conn->lock);
	/* SO_PEEK_OFF may be ahead of what is here. */
	n = rx->prod > pos ? rx->prod - pos : 0;
	p->off = pos & (size - 1);
	p->mark = rx->urg == SMC_URG_PASSED && rx->urg_pos + 1 == pos;
	p->skip = n && rx->skip && rx->skip_pos == pos;
	if (p->skip)
		n = 1;
	else if (n && rx->skip && rx->skip_pos > pos)
		n = min(n, rx->skip_pos - pos);
	if (n && !p->skip && rx->urg >= SMC_URG_VALID && rx->urg_pos >= pos) {
		p->mark = rx->urg_pos == pos;
		p->skip = p->mark && !sock_flag(conn->sk, SOCK_URGINLINE);
		n = p->mark ? 1 : min(n, rx->urg_pos - pos);
	}
	p->len = min_t(u64, n, size - p->off);
	spin_unlock_bh(&conn->lock);
}

static void smc_rx_consume(struct smc_conn *conn, u32 n)
{
	spin_lock_bh(&conn->lock);
	smc_cdc_consumed(conn, n);
	spin_unlock_bh(&conn->lock);
}

static int smc_rx_copy(struct smc_conn *conn, struct msghdr *msg,
		       const struct smc_rx_piece *p, u32 n)
{
	size_t copied;

	conn->ep.ops->sync_rx(&conn->ep, p->off, n);
	copied = copy_to_iter(conn->ep.rmb.addr + p->off, n, &msg->msg_iter);
	smc_stat_add(conn->sn, SMC_STAT_BYTES_COPIED_RX, copied);
	return copied;
}

/* Nothing to read now: what does that mean for a read that got nothing yet? */
static int smc_rx_verdict(struct smc_conn *conn, bool *done)
{
	struct sock *sk = conn->sk;

	*done = true;
	/* As with TCP, an end that was announced stays one, whatever follows. */
	if (sock_flag(sk, SOCK_DONE))
		return 0;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	if (sk->sk_state == SMC_SK_CLOSED || sk->sk_state == SMC_SK_INIT ||
	    sk->sk_state == SMC_SK_LISTEN)
		return -ENOTCONN;
	*done = false;
	return 0;
}

static bool smc_rx_wait_over(struct smc_conn *conn, u64 pos)
{
	struct sock *sk = conn->sk;
	bool data;

	spin_lock_bh(&conn->lock);
	data = conn->rx.prod > pos;
	spin_unlock_bh(&conn->lock);
	return data || sk->sk_err || (sk->sk_shutdown & RCV_SHUTDOWN) ||
	       sk->sk_state == SMC_SK_CLOSED;
}

/* Wait for bytes behind @pos. The caller looks again whatever woke us. */
static int smc_rx_wait(struct smc_conn *conn, u64 pos, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct sock *sk = conn->sk;

	if (!*timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(*timeo);
	add_wait_queue(sk_sleep(sk), &wait);
	sk_set_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	sk_wait_event(sk, timeo, smc_rx_wait_over(conn, pos), &wait);
	sk_clear_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	remove_wait_queue(sk_sleep(sk), &wait);
	return 0;
}

/* recv(MSG_OOB) */
static int smc_rx_urgent(struct smc_conn *conn, struct msghdr *msg, size_t len,
			 int flags)
{
	struct smc_conn_rx *rx = &conn->rx;
	struct sock *sk = conn->sk;
	enum smc_urg urg;
	u8 byte;

	spin_lock_bh(&conn->lock);
	urg = rx->urg;
	byte = rx->urg_byte;
	if (urg == SMC_URG_VALID && !(flags & MSG_PEEK) &&
	    !sock_flag(sk, SOCK_URGINLINE)) {
		rx->urg = SMC_URG_READ;
		smc_cdc_consumed(conn, 0);
	}
	spin_unlock_bh(&conn->lock);

	if (sock_flag(sk, SOCK_URGINLINE) || urg == SMC_URG_NONE ||
	    urg == SMC_URG_PASSED || urg == SMC_URG_READ)
		return -EINVAL;
	if (urg == SMC_URG_NOTYET)
		return sk->sk_shutdown & RCV_SHUTDOWN ? 0 : -EAGAIN;
	msg->msg_flags |= MSG_OOB;
	if (!len) {
		msg->msg_flags |= MSG_TRUNC;
		return 0;
	}
	if (!(flags & MSG_TRUNC) && memcpy_to_msg(msg, &byte, 1))
		return -EFAULT;
	return 1;
}

struct smc_rx_call {
	size_t len;
	size_t copied;
	int target;
	int flags;
	long timeo;
	u64 pos;	/* next byte to look at; ahead of cons when peeking */
};

/* Outcome of a step of reading, if not a negative errno. */
enum smc_rx_step {
	SMC_RX_EMPTY,		/* nothing there */
	SMC_RX_MORE,		/* got something, go on */
	SMC_RX_STOP,		/* the mark ends this read */
};

/* Deliver one piece. Returns enum smc_rx_step or -EFAULT. */
static int smc_rx_deliver(struct smc_conn *conn, struct msghdr *msg,
			  struct smc_rx_call *c)
{
	struct smc_rx_piece p;
	u32 n;

	/* Another reader may have come between while we waited. */
	if (!(c->flags & MSG_PEEK) || c->pos < conn->rx.cons)
		c->pos = conn->rx.cons;
	smc_rx_look(conn, c->pos, &p);
	/* A read ends before the mark, and starts anew at it. */
	if (p.mark && c->copied)
		return SMC_RX_STOP;
	if (!p.len)
		return SMC_RX_EMPTY;
	n = min_t(size_t, p.len, c->len - c->copied);
	if (!n)
		return SMC_RX_STOP;
	if (p.skip) {
		n = 1;
	} else if (!(c->flags & MSG_TRUNC)) {
		n = smc_rx_copy(conn, msg, &p, n);
		if (!n)
			return -EFAULT;
	}
	c->pos += n;
	if (!p.skip)
		c->copied += n;
	if (!(c->flags & MSG_PEEK))
		smc_rx_consume(conn, n);
	return SMC_RX_MORE;
}

static int smc_rx_loop(struct smc_conn *conn, struct msghdr *msg,
		       struct smc_rx_call *c)
{
	bool done;
	int rc;

	/* As with TCP, a read of no bytes waits for some, too. */
	do {
		rc = smc_rx_deliver(conn, msg, c);
		if (rc == SMC_RX_MORE)
			continue;
		if (rc < 0)
			return rc;
		if (rc == SMC_RX_STOP || c->copied >= c->target)
			return 0;
		if (c->copied && (conn->sk->sk_err ||
				  (conn->sk->sk_shutdown & RCV_SHUTDOWN)))
			return 0;
		rc = smc_rx_verdict(conn, &done);
		if (done)
			return rc;
		rc = smc_rx_wait(conn, c->pos, &c->timeo);
		if (rc)
			return rc;
	} while (c->copied < c->len);
	return 0;
}

/**
 * smc_rx_recvmsg() - give received bytes to a program
 * @conn: connection with an attached endpoint
 * @msg: where to
 * @len: how many bytes at most
 * @flags: MSG_DONTWAIT, MSG_WAITALL, MSG_PEEK, MSG_TRUNC and MSG_OOB count
 *
 * Context: Socket lock held; it is released while waiting for bytes.
 * Return: Number of bytes, 0 at the end of the stream, or as TCP: -EAGAIN,
 * -ENOTCONN, -EFAULT, the socket's error, -EINVAL for no urgent byte, or by
 * a signal.
 */
int smc_rx_recvmsg(struct smc_conn *conn, struct msghdr *msg, size_t len,
		   int flags)
{
	struct sock *sk = conn->sk;
	struct smc_rx_call c = {
		.len = len,
		.flags = flags,
		.pos = conn->rx.cons,
	};
	int rc;

	sock_owned_by_me(sk);
	if (flags & MSG_OOB)
		return smc_rx_urgent(conn, msg, len, flags);

	c.pos += max(sk_peek_offset(sk, flags), 0);
	c.target = sock_rcvlowat(sk, flags & MSG_WAITALL, len);
	c.timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	rc = smc_rx_loop(conn, msg, &c);
	if (flags & MSG_PEEK)
		sk_peek_offset_fwd(sk, c.copied);
	else
		sk_peek_offset_bwd(sk, c.copied);
	if (!(flags & MSG_PEEK))
		smc_stat_add(conn->sn, SMC_STAT_RX_BYTES, c.copied);
	trace_smc_recvmsg(conn, len, c.copied, rc);
	return c.copied ? c.copied : rc;
}

/**
 * smc_rx_inq() - SIOCINQ: bytes readable without reaching the urgent mark
 * @conn: connection with an attached endpoint
 *
 * Context: Socket lock held.
 * Return: Number of bytes.
 */
int smc_rx_inq(struct smc_conn *conn)
{
	const struct smc_conn_rx *rx = &conn->rx;
	u64 end;

	spin_lock_bh(&conn->lock);
	end = rx->prod;
	if (rx->urg >= SMC_URG_VALID && rx->urg_pos >= rx->cons &&
	    !sock_flag(conn->sk, SOCK_URGINLINE))
		end = rx->urg_pos;
	end -= rx->cons;
	if (end && rx->skip)
		end--;
	spin_unlock_bh(&conn->lock);
	return (int)end;
}

/**
 * smc_rx_atmark() - SIOCATMARK: is the urgent byte the next one?
 * @conn: connection with an attached endpoint
 *
 * Context: Socket lock held.
 * Return: 1 or 0.
 */
int smc_rx_atmark(struct smc_conn *conn)
{
	const struct smc_conn_rx *rx = &conn->rx;
	bool ret;

	spin_lock_bh(&conn->lock);
	ret = (rx->urg >= SMC_URG_VALID && rx->urg_pos == rx->cons) ||
	      (rx->urg == SMC_URG_PASSED && rx->urg_pos + 1 == rx->cons);
	spin_unlock_bh(&conn->lock);
	return ret;
}

/**
 * smc_rx_readable() - would poll() report input?
 * @conn: connection with an attached endpoint
 * @target: low-water mark, bytes
 *
 * Context: Any.
 * Return: true if at least @target bytes can be read.
 */
bool smc_rx_readable(struct smc_conn *conn, int target)
{
	u32 n;

	spin_lock_bh(&conn->lock);
	n = smc_conn_readable(conn);
	/* The peer sends no more until some of this is read. */
	if (conn->rx.prod - conn->rx.conf == conn->ep.rmb.size)
		target = 1;
	spin_unlock_bh(&conn->lock);
	return n >= target;
}
