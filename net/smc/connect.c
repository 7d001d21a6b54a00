// SPDX-License-Identifier: GPL-2.0
/*
 * Connecting. TCP's connect() is always started without waiting; a handshake
 * follows it in the background up to the verdict. So a blocking connect() is
 * a non-blocking one and a wait for the end of phase CONNECTING, which may be
 * interrupted or time out without disturbing what goes on.
 */
#include <linux/sched/signal.h>
#include <net/tcp.h>
#include "close.h"
#include "connect.h"
#include "fallback.h"
#include "mute.h"
#include "tcpopt.h"

/* Make the TCP socket as new, so that the program can try again. */
static void smc_connect_reset_tcp(struct smc_sock *smc)
{
	struct socket *tcp = smc->conn.tcp;
	struct sock *sk = tcp->sk;

	smc_sock_unhook(smc);
	lock_sock(sk);
	sk->sk_prot->disconnect(sk, 0);
	tcp->state = SS_UNCONNECTED;
	release_sock(sk);
}

static void smc_connect_failed(struct smc_sock *smc, int err)
{
	struct sock *sk = &smc->inet.sk;

	smc_connect_reset_tcp(smc);
	WRITE_ONCE(sk->sk_err, -err);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	sk->sk_socket->state = SS_UNCONNECTED;
	smc_sock_phase(smc, SMC_PHASE_IDLE);
	sk->sk_state_change(sk);
	sk_error_report(sk);
}

/*
 * The program may have given up while the last step waited, or between the
 * verdict and its taking effect. The server hears of that by a RST, then.
 */
static void smc_connect_verdict(struct smc_sock *smc, const struct smc_hs *hs)
{
	const struct smc_hs_verdict *v = &hs->verdict;
	bool cancelled = READ_ONCE(hs->cancelled);
	struct sock *sk = &smc->inet.sk;
	struct socket *sock = sk->sk_socket;

	switch (v->outcome) {
	case SMC_HS_NATIVE:
		if (cancelled) {
			smc->conn.ep.ops->release(&smc->conn.ep, false);
			smc_connect_failed(smc, -ECONNABORTED);
			break;
		}
		smc_sock_hook_end(smc);
		sock->state = SS_CONNECTED;
		smc_sock_phase(smc, SMC_PHASE_NATIVE);
		smc_close_established(&smc->conn);
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
		break;
	case SMC_HS_FALLBACK:
		if (cancelled) {
			smc_connect_failed(smc, -ECONNABORTED);
			break;
		}
		smc->reason = v->reason;
		smc->diagnosis = v->diagnosis;
		smc_sock_phase(smc, SMC_PHASE_FALLBACK);
		smc_fallback_switch(smc, sock);
		sock->state = SS_CONNECTED;
		sk->sk_state_change(sk);
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
		break;
	case SMC_HS_ERROR:
		smc_connect_failed(smc, v->err);
		break;
	}
}

/* The handshake has ended; the socket is locked. */
static void smc_connect_done(struct smc_hs *hs)
{
	struct smc_sock *smc = smc_conn_sock(hs->conn);
	struct sock *sk = &smc->inet.sk;
	bool native = hs->verdict.outcome == SMC_HS_NATIVE;
	bool failed = hs->verdict.outcome == SMC_HS_ERROR;
	bool dead;

	dead = sock_flag(sk, SOCK_DEAD);
	if (!dead) {
		smc_connect_verdict(smc, hs);
	} else if (native) {
		smc_sock_hook_end(smc);
		smc_sock_phase(smc, SMC_PHASE_NATIVE);
		smc_close_established(&smc->conn);
		smc_close_app(&smc->conn);
	} else if (failed && hs->exposed) {
		/* The server may have a connection; a FIN would not end it. */
		sock_no_linger(smc->conn.tcp->sk);
	}
	release_sock(sk);
	if (!dead)
		return;
	/* The program is gone; it left the disposal to us. */
	if (native)
		smc_close_kick(&smc->conn);
	else
		smc_sock_dispose(smc);
}

/* Why not even to offer SMC to the server of @hs; or SMC_DECL_NONE. */
static enum smc_decline smc_connect_plain(const struct smc_sock *smc,
					  const struct smc_hs *hs)
{
	const struct smc_transport *transport = smc_transport_get();
	const struct sock *tcp = smc->conn.tcp->sk;

	if (smc->refuse)
		return smc->refuse;
	/* A Decline would spoil the connection if the server is an odd one. */
	if (!transport || !transport->present(sock_net(tcp)))
		return SMC_DECL_NOSMCDEV;
	return smc_mute_ask(tcp, &hs->server) == SMC_MUTE_SILENT ?
	       SMC_DECL_PEERMUTE : SMC_DECL_NONE;
}

/* A handshake with the server at @addr and TCP hooked, or NULL and the reason. */
static struct smc_hs *smc_connect_prepare(struct smc_sock *smc,
					  const struct sockaddr *addr, int alen)
{
	struct smc_hs *hs;

	hs = smc_hs_create(&smc->conn, SMC_CLIENT, smc_hs_client_start,
			   smc_connect_done, GFP_KERNEL);
	if (!hs) {
		smc->reason = SMC_DECL_MEM;
		return NULL;
	}
	hs->server_len = min_t(int, alen, sizeof(hs->server));
	memcpy(&hs->server, addr, hs->server_len);
	hs->port = inet_sk(smc->conn.tcp->sk)->inet_num;
	hs->clamp = READ_ONCE(tcp_sk(smc->conn.tcp->sk)->window_clamp);
	smc->reason = smc_connect_plain(smc, hs);
	/* From here on nobody else can have TCP. */
	if (!smc->reason && !smc_sock_hook(smc))
		smc->reason = SMC_DECL_OPTUNSUPP;
	if (!smc->reason)
		return hs;
	smc_hs_put(hs);
	return NULL;
}

/**
 * smc_connect_start() - begin to connect
 * @smc: socket in phase IDLE
 * @sock: the program's socket
 * @addr: peer
 * @alen: length of @addr
 *
 * Context: Process, socket lock held.
 * Return: -EINPROGRESS with phase CONNECTING; 1 with phase FALLBACK, if the
 * program has set options SMC cannot honour, this host has no RDMA port, or
 * the server is known not to speak SMC, and TCP is still to be connected;
 * or the error of TCP's connect().
 */
int smc_connect_start(struct smc_sock *smc, struct socket *sock,
		      struct sockaddr *addr, int alen)
{
	struct socket *tcp = smc->conn.tcp;
	struct sock *sk = &smc->inet.sk;
	struct smc_hs *hs;
	int err;

	sock_owned_by_me(sk);
	smc_conn_reset(&smc->conn);
	hs = smc_connect_prepare(smc, addr, alen);
	smc_tcpopt_offer(tcp->sk, !!hs);
	if (!hs) {
		smc_stat_fallback(smc->conn.sn, false, smc->reason);
		smc_sock_phase(smc, SMC_PHASE_FALLBACK);
		smc_fallback_switch(smc, sock);
		return 1;
	}
	WRITE_ONCE(sk->sk_shutdown, 0);
	err = READ_ONCE(tcp->ops)->connect(tcp, addr, alen, O_NONBLOCK);
	if (err && err != -EINPROGRESS) {
		smc_sock_unhook(smc);
		smc_hs_put(hs);
		return err;
	}
	smc_sock_phase(smc, SMC_PHASE_CONNECTING);
	sock->state = SS_CONNECTING;
	smc_sock_hook_begin(smc, hs);
	/* What TCP did before that is found by looking. */
	smc_hs_kick(hs);
	return -EINPROGRESS;
}

/**
 * smc_connect_wait() - wait for the end of connecting
 * @smc: socket, in phase CONNECTING or later
 * @timeo: longest wait, jiffies; what is left of it on return
 * @again: what to return if that was not enough
 *
 * Context: Process, socket lock held; released while waiting.
 * Return: 0 with another phase than CONNECTING, @again, or by a signal.
 */
int smc_connect_wait(struct smc_sock *smc, long *timeo, int again)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct sock *sk = &smc->inet.sk;
	int err = 0;

	add_wait_queue(sk_sleep(sk), &wait);
	while (smc->phase == SMC_PHASE_CONNECTING) {
		if (!*timeo) {
			err = again;
			break;
		}
		if (signal_pending(current)) {
			err = sock_intr_errno(*timeo);
			break;
		}
		sk_wait_event(sk, timeo, smc->phase != SMC_PHASE_CONNECTING,
			      &wait);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}
