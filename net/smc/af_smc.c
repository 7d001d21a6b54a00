// SPDX-License-Identifier: GPL-2.0
/*
 * The calls a program makes, for AF_SMC and IPPROTO_SMC sockets alike.
 *
 * Each looks first at what sock->sk is: TCP's after a fallback, and then the
 * call is TCP's; else ours, and the phase decides. sock->sk is read once, as
 * the switch may happen at any time (fallback.c). A call that has to wait for
 * the end of connecting looks again after that.
 */
#include <asm/ioctls.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/splice.h>
#include <net/protocol.h>
#include <net/tcp.h>
#if IS_ENABLED(CONFIG_IPV6)
#include <net/transp_v6.h>
#endif
#include "af_smc.h"
#include "close.h"
#include "connect.h"
#include "fallback.h"
#include "listen.h"
#include "rx.h"
#include "sockopt.h"
#include "tcpopt.h"
#include "tx.h"

#define SMCPROTO_SMC	0	/* over IPv4 */
#define SMCPROTO_SMC6	1	/* over IPv6 */

/* The SMC socket of a program's socket, or NULL if it is TCP's by now. */
static struct smc_sock *smc_of(struct socket *sock)
{
	struct sock *sk = READ_ONCE(sock->sk);

	return sk && smc_sock_is_smc(sk) ? smc_sk(sk) : NULL;
}

static const struct proto_ops *smc_tcp(struct socket *sock)
{
	return smc_sock_tcp_ops(READ_ONCE(sock->sk));
}

/*
 * Lock the SMC socket of @sock, unless it fell back before the lock was had.
 * Returns NULL then, or if it is TCP's anyway.
 */
static struct smc_sock *smc_lock(struct socket *sock)
{
	struct smc_sock *smc = smc_of(sock);

	if (!smc)
		return NULL;
	lock_sock(&smc->inet.sk);
	if (likely(smc->conn.tcp))
		return smc;
	release_sock(&smc->inet.sk);
	return NULL;
}

static void smc_unlock(struct smc_sock *smc)
{
	release_sock(&smc->inet.sk);
}

/* What becomes of an SMC socket that the program has closed. */
static void smc_release_locked(struct smc_sock *smc)
{
	switch (smc->phase) {
	case SMC_PHASE_LISTEN:
		smc_listen_stop(smc);
		smc_sock_phase(smc, SMC_PHASE_IDLE);
		break;
	case SMC_PHASE_CONNECTING:
		smc_sock_cancel(smc);
		break;
	case SMC_PHASE_NATIVE:
		smc_close_app(&smc->conn);
		break;
	}
	sock_orphan(&smc->inet.sk);
}

static int smc_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct smc_sock *smc;
	u8 phase;

	if (!sk)
		return 0;
	/* Once locked it either has fallen back or will not do so any more. */
	smc = smc_lock(sock);
	if (!smc) {
		sk = READ_ONCE(sock->sk);
		smc_fallback_forget(sk);
		return smc_sock_tcp_ops(sk)->release(sock);
	}
	sock->sk = NULL;
	smc_release_locked(smc);
	phase = smc->phase;
	smc_unlock(smc);

	if (phase == SMC_PHASE_NATIVE)
		smc_close_kick(&smc->conn);
	else if (phase != SMC_PHASE_CONNECTING)
		smc_sock_dispose(smc);
	sock_put(sk);
	return 0;
}

static int smc_bind(struct socket *sock, struct sockaddr *addr, int alen)
{
	struct smc_sock *smc = smc_lock(sock);
	int err;

	if (!smc)
		return smc_tcp(sock)->bind(sock, addr, alen);
	/* A worker may have TCP disconnected at this moment. */
	if (smc->phase == SMC_PHASE_CONNECTING)
		err = -EINVAL;
	else
		err = READ_ONCE(smc->conn.tcp->ops)->bind(smc->conn.tcp, addr,
							  alen);
	smc_unlock(smc);
	return err;
}

static int smc_shutdown_native(struct smc_sock *smc, int how)
{
	struct sock *sk = &smc->inet.sk;

	if (smc->conn.state == SMC_ST_PA || smc->conn.state == SMC_ST_CLOSED)
		return -ENOTCONN;
	if (how & RCV_SHUTDOWN) {
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
		sk->sk_state_change(sk);
	}
	if (how & SEND_SHUTDOWN)
		smc_close_shutdown_wr(&smc->conn);
	return 0;
}

static int smc_shutdown_locked(struct smc_sock *smc, int how)
{
	struct sock *sk = &smc->inet.sk;

	switch (smc->phase) {
	case SMC_PHASE_NATIVE:
		return smc_shutdown_native(smc, how);
	case SMC_PHASE_CONNECTING:
		smc_sock_cancel(smc);
		return 0;
	case SMC_PHASE_LISTEN:
		if (!(how & RCV_SHUTDOWN))
			return 0;
		smc_listen_stop(smc);
		kernel_sock_shutdown(smc->conn.tcp, SHUT_RD);
		smc_sock_phase(smc, SMC_PHASE_IDLE);
		sk->sk_state_change(sk);
		return 0;
	default:
		return -ENOTCONN;
	}
}

/*
 * connect() with AF_UNSPEC. A worker may have TCP in its hands, so an attempt
 * to connect is waited for; it ends at its next step.
 */
static int smc_disconnect_locked(struct smc_sock *smc, struct sockaddr *addr,
				 int alen, int flags)
{
	long timeo = MAX_SCHEDULE_TIMEOUT;
	struct sock *sk = &smc->inet.sk;
	struct socket *tcp;
	int err = 0;

	if (smc->phase == SMC_PHASE_LISTEN) {
		smc_shutdown_locked(smc, RCV_SHUTDOWN);
	} else if (smc->phase == SMC_PHASE_CONNECTING) {
		smc_sock_cancel(smc);
		err = smc_connect_wait(smc, &timeo, 0);
	}
	if (err)
		return err;
	if (smc->phase == SMC_PHASE_FALLBACK)	/* of another connect() */
		return 1;
	if (smc->phase != SMC_PHASE_IDLE)
		return -EOPNOTSUPP;
	tcp = smc->conn.tcp;
	err = READ_ONCE(tcp->ops)->connect(tcp, addr, alen, flags);
	if (err)
		return err;
	sock_error(sk);
	WRITE_ONCE(sk->sk_shutdown, 0);
	return 0;
}

/* Returns more than 0 if TCP is to do it: SMC is not offered, or fell back. */
static int smc_connect_locked(struct smc_sock *smc, struct socket *sock,
			      struct sockaddr *addr, int alen, int flags)
{
	struct sock *sk = &smc->inet.sk;
	long timeo;
	int err;

	if (alen >= (int)sizeof(addr->sa_family) &&
	    addr->sa_family == AF_UNSPEC)
		return smc_disconnect_locked(smc, addr, alen, flags);
	switch (smc->phase) {
	case SMC_PHASE_IDLE:
		if (sk->sk_err)	/* of an attempt nobody asked about yet */
			return sock_error(sk);
		err = smc_connect_start(smc, sock, addr, alen);
		if (smc->phase != SMC_PHASE_CONNECTING)
			return err;
		break;
	case SMC_PHASE_CONNECTING:
		err = -EALREADY;
		break;
	default:
		return -EISCONN;
	}
	timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	err = smc_connect_wait(smc, &timeo, err);
	if (err)
		return err;
	if (smc->phase == SMC_PHASE_IDLE)
		return sock_error(sk) ?: -ECONNABORTED;
	return 0;
}

static int smc_connect(struct socket *sock, struct sockaddr *addr, int alen,
		       int flags)
{
	struct smc_sock *smc = smc_lock(sock);
	int err;

	if (!smc)
		return smc_tcp(sock)->connect(sock, addr, alen, flags);
	err = smc_connect_locked(smc, sock, addr, alen, flags);
	smc_unlock(smc);
	/* TCP waits for the peer without our lock. */
	if (err > 0)
		return smc_tcp(sock)->connect(sock, addr, alen, flags);
	return err;
}

/* TCP_DEFER_ACCEPT: let the program have the socket when there is data. */
static void smc_accept_defer(struct socket *newsock, int seconds)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct smc_sock *smc = smc_lock(newsock);
	long timeo = min_t(u64, (u64)seconds * HZ, MAX_SCHEDULE_TIMEOUT - 1);
	struct sock *sk;

	if (!smc)
		return;
	sk = &smc->inet.sk;
	add_wait_queue(sk_sleep(sk), &wait);
	while (timeo && !signal_pending(current) &&
	       !smc_rx_readable(&smc->conn, 1) &&
	       !(sk->sk_shutdown & RCV_SHUTDOWN))
		sk_wait_event(sk, &timeo, smc_rx_readable(&smc->conn, 1) ||
			      (sk->sk_shutdown & RCV_SHUTDOWN), &wait);
	remove_wait_queue(sk_sleep(sk), &wait);
	smc_unlock(smc);
}

static int smc_accept(struct socket *sock, struct socket *newsock,
		      struct proto_accept_arg *arg)
{
	struct smc_sock *smc = smc_lock(sock);
	int defer, err;

	if (!smc)
		return smc_tcp(sock)->accept(sock, newsock, arg);
	err = smc_listen_accept(smc, newsock, arg);
	defer = arg->flags & O_NONBLOCK ? 0 : smc->defer;
	smc_unlock(smc);
	if (err)
		return err;
	set_bit(SOCK_CUSTOM_SOCKOPT, &newsock->flags);
	if (defer)
		smc_accept_defer(newsock, defer);
	return 0;
}

static int smc_getname(struct socket *sock, struct sockaddr *addr, int peer)
{
	struct smc_sock *smc = smc_lock(sock);
	int len;

	if (!smc)
		return smc_tcp(sock)->getname(sock, addr, peer);
	if (peer && smc->phase != SMC_PHASE_NATIVE)
		len = -ENOTCONN;
	else
		len = READ_ONCE(smc->conn.tcp->ops)->getname(smc->conn.tcp,
							     addr, peer);
	smc_unlock(smc);
	return len;
}

static __poll_t smc_poll_native(struct smc_sock *smc)
{
	struct smc_conn *conn = &smc->conn;
	struct sock *sk = &smc->inet.sk;
	__poll_t mask = 0;

	if (smc_rx_readable(conn, sock_rcvlowat(sk, 0, INT_MAX)))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(conn->rx.urg) == SMC_URG_VALID)
		mask |= EPOLLPRI;
	if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN) {
		mask |= EPOLLOUT | EPOLLWRNORM;
	} else {
		sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
		if (smc_tx_writable(conn))
			mask |= EPOLLOUT | EPOLLWRNORM;
	}
	return mask;
}

static __poll_t smc_poll_smc(struct smc_sock *smc, u8 phase)
{
	struct sock *sk = &smc->inet.sk;
	u8 shutdown = READ_ONCE(sk->sk_shutdown);
	__poll_t mask = 0;

	if (phase == SMC_PHASE_LISTEN)
		return smc_listen_poll(smc);
	if (phase == SMC_PHASE_NATIVE)
		mask |= smc_poll_native(smc);
	else if (phase == SMC_PHASE_IDLE)
		mask |= EPOLLOUT | EPOLLWRNORM | EPOLLHUP;
	if (shutdown == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (READ_ONCE(sk->sk_err))
		mask |= EPOLLERR;
	return mask;
}

static __poll_t smc_poll(struct file *file, struct socket *sock,
			 poll_table *wait)
{
	struct smc_sock *smc = smc_of(sock);
	u8 phase;

	if (!smc)
		return smc_tcp(sock)->poll(file, sock, wait);
	sock_poll_wait(file, sock, wait);
	phase = READ_ONCE(smc->phase);
	if (phase != SMC_PHASE_FALLBACK)
		return smc_poll_smc(smc, phase);
	/* It fell back just now: registered already, so only look. */
	if (smc_of(sock))
		return 0;
	return smc_tcp(sock)->poll(file, sock, NULL);
}

static int smc_ioctl_native(struct smc_sock *smc, unsigned int cmd, int *val)
{
	struct smc_conn *conn = &smc->conn;

	switch (cmd) {
	case SIOCINQ:
		*val = smc_rx_inq(conn);
		return 0;
	case SIOCATMARK:
		*val = smc_rx_atmark(conn);
		return 0;
	case SIOCOUTQ:
		*val = smc_tx_outq(conn);
		return 0;
	case SIOCOUTQNSD:
		spin_lock_bh(&conn->lock);
		*val = (int)(conn->tx.prep - conn->tx.sent);
		spin_unlock_bh(&conn->lock);
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

static int smc_ioctl_locked(struct smc_sock *smc, unsigned int cmd, int *val)
{
	struct sock *tcp = smc->conn.tcp->sk;

	if (smc->phase == SMC_PHASE_NATIVE)
		return smc_ioctl_native(smc, cmd, val);
	return READ_ONCE(tcp->sk_prot)->ioctl(tcp, cmd, val);
}

static int smc_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct smc_sock *smc = smc_lock(sock);
	const struct proto_ops *ops;
	int val = 0, err;

	if (!smc)
		return smc_tcp(sock)->ioctl(sock, cmd, arg);
	err = smc_ioctl_locked(smc, cmd, &val);
	ops = READ_ONCE(smc->conn.tcp->ops);
	smc_unlock(smc);
	/* Not with the lock: the program's memory may take any time to come. */
	if (!err)
		return put_user(val, (int __user *)arg);
	if (err != -ENOIOCTLCMD)
		return err;
	/* Of addresses and routes: which socket it is does not count. */
	return ops->ioctl(sock, cmd, arg);
}

static int smc_listen(struct socket *sock, int backlog)
{
	struct smc_sock *smc = smc_lock(sock);
	int err = -EINVAL;

	if (!smc)
		return smc_tcp(sock)->listen(sock, backlog);
	if (smc->phase == SMC_PHASE_IDLE || smc->phase == SMC_PHASE_LISTEN)
		err = smc_listen_start(smc, backlog);
	smc_unlock(smc);
	return err;
}

static int smc_shutdown(struct socket *sock, int how)
{
	struct smc_sock *smc;
	int err;

	/* SHUT_RD, SHUT_WR, SHUT_RDWR become a mask. */
	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	smc = smc_lock(sock);
	if (!smc)
		return smc_tcp(sock)->shutdown(sock, how);
	err = smc_shutdown_locked(smc, how + 1);
	smc_unlock(smc);
	return err;
}

/*
 * Get ready to send or receive: wait for the end of connecting if need be.
 * Returns 0 with the socket native or not connected at all, 1 if it fell back
 * meanwhile, or -errno.
 */
static int smc_data_ready(struct smc_sock *smc, bool snd, int flags)
{
	struct sock *sk = &smc->inet.sk;
	long timeo;
	int err;

	if (likely(smc->phase == SMC_PHASE_NATIVE))
		return 0;
	if (smc->phase == SMC_PHASE_CONNECTING) {
		timeo = snd ? sock_sndtimeo(sk, flags & MSG_DONTWAIT) :
			      sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
		err = smc_connect_wait(smc, &timeo, -EAGAIN);
		if (err)
			return err;
	}
	return smc->phase == SMC_PHASE_FALLBACK;
}

/* MSG_FASTOPEN: SMC cannot do it, so the connection to be is a TCP one. */
static bool smc_fastopen(struct smc_sock *smc, struct socket *sock)
{
	if (smc->phase != SMC_PHASE_IDLE)
		return false;
	smc->reason = SMC_DECL_OPTUNSUPP;
	/* It may have been offered to a server that was not there. */
	smc_tcpopt_offer(smc->conn.tcp->sk, false);
	smc_stat_fallback(smc->conn.sn, false, smc->reason);
	smc_sock_phase(smc, SMC_PHASE_FALLBACK);
	smc_fallback_switch(smc, sock);
	return true;
}

static int smc_sendmsg_locked(struct smc_sock *smc, struct socket *sock,
			      struct msghdr *msg, size_t len, bool *tcp)
{
	struct sock *sk = &smc->inet.sk;
	int err;

	*tcp = (msg->msg_flags & MSG_FASTOPEN) && smc_fastopen(smc, sock);
	if (*tcp)
		return 0;
	err = smc_data_ready(smc, true, msg->msg_flags);
	*tcp = err > 0;
	if (err)
		return err;
	if (smc->phase != SMC_PHASE_NATIVE)
		return sk_stream_error(sk, msg->msg_flags, -EPIPE);
	if ((msg->msg_flags & MSG_OOB) && smc->conn.tx.urg_pend) {
		/* The byte that was urgent is an ordinary one now. */
		spin_lock_bh(&smc->conn.lock);
		smc->conn.tx.urg_pend = false;
		spin_unlock_bh(&smc->conn.lock);
	}
	return smc_tx_sendmsg(&smc->conn, msg, len, smc->corked);
}

static int smc_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct smc_sock *smc = smc_lock(sock);
	bool tcp;
	int rc;

	if (!smc)
		return smc_tcp(sock)->sendmsg(sock, msg, len);
	rc = smc_sendmsg_locked(smc, sock, msg, len, &tcp);
	smc_unlock(smc);
	if (tcp)
		return smc_tcp(sock)->sendmsg(sock, msg, len);
	return rc;
}

/* Who reads without a connection hears how the attempt at one ended, once. */
static int smc_recvmsg_idle(struct smc_sock *smc, int flags)
{
	struct sock *sk = &smc->inet.sk;

	if (smc->phase == SMC_PHASE_LISTEN)
		return -ENOTCONN;
	if (flags & MSG_OOB)
		return -EINVAL;
	if (sk->sk_err)
		return sock_error(sk);
	return sk->sk_shutdown & RCV_SHUTDOWN ? 0 : -ENOTCONN;
}

static int smc_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		       int flags)
{
	struct smc_sock *smc = smc_lock(sock);
	int rc;

	if (!smc)
		return smc_tcp(sock)->recvmsg(sock, msg, len, flags);
	if (flags & MSG_ERRQUEUE) {
		rc = READ_ONCE(smc->conn.tcp->ops)->recvmsg(smc->conn.tcp, msg,
							    len, flags);
		smc_unlock(smc);
		return rc;
	}
	rc = smc_data_ready(smc, false, flags);
	if (!rc && smc->phase == SMC_PHASE_NATIVE)
		rc = smc_rx_recvmsg(&smc->conn, msg, len, flags);
	else if (!rc)
		rc = smc_recvmsg_idle(smc, flags);
	else if (rc > 0)
		rc = -EISCONN;	/* to TCP; replaced below */
	smc_unlock(smc);
	if (rc == -EISCONN)
		return smc_tcp(sock)->recvmsg(sock, msg, len, flags);
	return rc;
}

static ssize_t smc_splice_read(struct socket *sock, loff_t *ppos,
			       struct pipe_inode_info *pipe, size_t len,
			       unsigned int flags)
{
	struct smc_sock *smc = smc_of(sock);
	struct sock *sk;

	if (!smc)
		return smc_tcp(sock)->splice_read(sock, ppos, pipe, len, flags);
	sk = &smc->inet.sk;
	if ((flags & SPLICE_F_NONBLOCK) &&
	    READ_ONCE(smc->phase) == SMC_PHASE_NATIVE && !sk->sk_err &&
	    !(sk->sk_shutdown & RCV_SHUTDOWN) &&
	    !smc_rx_readable(&smc->conn, 1))
		return -EAGAIN;
	/* The bytes are copied out of the ring once, here into pipe pages. */
	return copy_splice_read(sock->file, ppos, pipe, len, flags);
}

static int smc_set_rcvlowat(struct sock *sk, int val)
{
	if (!smc_sock_is_smc(sk))
		return smc_sock_tcp_ops(sk)->set_rcvlowat(sk, val);
	WRITE_ONCE(sk->sk_rcvlowat, val ? : 1);
	return 0;
}

#define SMC_PROTO_OPS(fam)						\
	{								\
		.family = fam,						\
		.owner = THIS_MODULE,					\
		.release = smc_release,					\
		.bind = smc_bind,					\
		.connect = smc_connect,					\
		.socketpair = sock_no_socketpair,			\
		.accept = smc_accept,					\
		.getname = smc_getname,					\
		.poll = smc_poll,					\
		.ioctl = smc_ioctl,					\
		.gettstamp = sock_gettstamp,				\
		.listen = smc_listen,					\
		.shutdown = smc_shutdown,				\
		.setsockopt = smc_setsockopt,				\
		.getsockopt = smc_getsockopt,				\
		.sendmsg = smc_sendmsg,					\
		.recvmsg = smc_recvmsg,					\
		.mmap = sock_no_mmap,					\
		.splice_read = smc_splice_read,				\
		.set_peek_off = sk_set_peek_off,			\
		.set_rcvlowat = smc_set_rcvlowat,			\
	}

static const struct proto_ops smc_ops = SMC_PROTO_OPS(PF_SMC);
static const struct proto_ops smc_inet_ops = SMC_PROTO_OPS(PF_INET);

static int smc_create(struct net *net, struct socket *sock, int protocol,
		      int kern)
{
	struct proto *prot;
	struct sock *sk;
	int err;

	if (sock->type != SOCK_STREAM)
		return -ESOCKTNOSUPPORT;
	if (protocol == SMCPROTO_SMC)
		prot = &smc_proto;
#if IS_ENABLED(CONFIG_IPV6)
	else if (protocol == SMCPROTO_SMC6)
		prot = &smc_proto6;
#endif
	else
		return -EPROTONOSUPPORT;

	sk = sk_alloc(net, PF_SMC, GFP_KERNEL, prot, kern);
	if (!sk)
		return -ENOBUFS;
	sock_init_data(sock, sk);
	sk->sk_protocol = protocol;
	err = smc_sock_setup(sk);
	if (err) {
		sock->sk = NULL;
		sock_orphan(sk);
		sock_put(sk);
		return err;
	}
	sock->ops = &smc_ops;
	set_bit(SOCK_CUSTOM_SOCKOPT, &sock->flags);
	return 0;
}

static const struct net_proto_family smc_family = {
	.family = PF_SMC,
	.owner = THIS_MODULE,
	.create = smc_create,
};

static struct inet_protosw smc_inet_protosw = {
	.type = SOCK_STREAM,
	.protocol = IPPROTO_SMC,
	.prot = &smc_inet_proto,
	.ops = &smc_inet_ops,
};

#if IS_ENABLED(CONFIG_IPV6)
static const struct proto_ops smc_inet6_ops = SMC_PROTO_OPS(PF_INET6);

static struct inet_protosw smc_inet6_protosw = {
	.type = SOCK_STREAM,
	.protocol = IPPROTO_SMC,
	.prot = &smc_inet6_proto,
	.ops = &smc_inet6_ops,
};
#endif

/**
 * smc_family_init() - let programs make sockets
 *
 * Context: Module init, when all below is ready.
 * Return: 0 or -errno.
 */
int smc_family_init(void)
{
	int err;

	err = sock_register(&smc_family);
	if (err)
		return err;
	inet_register_protosw(&smc_inet_protosw);
#if IS_ENABLED(CONFIG_IPV6)
	err = inet6_register_protosw(&smc_inet6_protosw);
	if (err)
		goto err_inet;
#endif
	return 0;

#if IS_ENABLED(CONFIG_IPV6)
err_inet:
	inet_unregister_protosw(&smc_inet_protosw);
	sock_unregister(PF_SMC);
	return err;
#endif
}

/**
 * smc_family_exit() - undo smc_family_init()
 *
 * Context: Module exit; no socket is left.
 */
void smc_family_exit(void)
{
#if IS_ENABLED(CONFIG_IPV6)
	inet6_unregister_protosw(&smc_inet6_protosw);
#endif
	inet_unregister_protosw(&smc_inet_protosw);
	sock_unregister(PF_SMC);
}
