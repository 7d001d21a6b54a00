// SPDX-License-Identifier: GPL-2.0
/*
 * Falling back. The TCP socket's struct sock moves from the internal struct
 * socket into the program's: sock->sk is TCP's from then on, as are its wait
 * queue and file. So TCP wakes who waits at the program's socket, whether
 * they began before or after, and a call costs what it costs on TCP.
 *
 * A call that is under way while the switch happens has either read the old
 * sock->sk, which stays valid until the program's socket is released, or the
 * new one, and decides by that (af_smc.c). There is no way back.
 *
 * The SMC socket stays as a record with the reason. It is found again when
 * the program closes, by the TCP socket, since that has no room for a pointer
 * to it that is not somebody else's.
 */
#include <linux/hash.h>
#include <net/tcp.h>
#include "fallback.h"
#include "tcpopt.h"

#define SMC_FALLEN_BITS		12

/* Records by TCP socket; each head's bit lock protects its list. */
static struct hlist_bl_head smc_fallen[1 << SMC_FALLEN_BITS];

static struct hlist_bl_head *smc_fallen_head(const struct sock *tcp)
{
	return &smc_fallen[hash_ptr(tcp, SMC_FALLEN_BITS)];
}

/**
 * smc_fallback_record() - keep why a program's socket is a TCP socket
 * @smc: socket in phase FALLBACK, reason filled in; the reference that the
 *	program's socket had on it, or the caller's, passes to the record
 * @tcp: the TCP socket the program uses
 *
 * Context: Process.
 */
void smc_fallback_record(struct smc_sock *smc, struct sock *tcp)
{
	struct hlist_bl_head *head = smc_fallen_head(tcp);

	/* Held, so that the record's key cannot come to life as another. */
	sock_hold(tcp);
	smc->fallen = tcp;
	local_bh_disable();
	hlist_bl_lock(head);
	hlist_bl_add_head(&smc->fallen_node, head);
	hlist_bl_unlock(head);
	local_bh_enable();
}

/**
 * smc_fallback_forget() - the program closes a TCP socket it got by fallback
 * @tcp: the TCP socket
 *
 * Context: Process, no lock held.
 */
void smc_fallback_forget(const struct sock *tcp)
{
	struct hlist_bl_head *head = smc_fallen_head(tcp);
	struct smc_sock *smc, *found = NULL;
	struct hlist_bl_node *node;
	struct sock *sk;

	local_bh_disable();
	hlist_bl_lock(head);
	hlist_bl_for_each_entry(smc, node, head, fallen_node) {
		if (smc->fallen == tcp) {
			found = smc;
			hlist_bl_del(&smc->fallen_node);
			break;
		}
	}
	hlist_bl_unlock(head);
	local_bh_enable();
	if (!found)
		return;

	sk = &found->inet.sk;
	lock_sock(sk);
	found->fallen = NULL;
	sock_orphan(sk);
	release_sock(sk);
	sock_put((struct sock *)tcp);
	smc_sock_dispose(found);
	sock_put(sk);
}

/**
 * smc_fallback_switch() - give the program the TCP socket
 * @smc: socket in phase FALLBACK with its TCP socket, reason filled in; the
 *	reference @sock had on it, or the caller's if @sock led to nothing
 *	yet, passes to the record
 * @sock: the program's socket
 *
 * Context: Process, socket lock of @smc held.
 */
void smc_fallback_switch(struct smc_sock *smc, struct socket *sock)
{
	struct socket *inner = smc->conn.tcp;
	struct sock *sk = &smc->inet.sk;
	struct sock *tcp = inner->sk;

	sock_owned_by_me(sk);
	smc_sock_unhook(smc);
	smc_fallback_record(smc, tcp);
	WRITE_ONCE(smc->conn.tcp, NULL);
	/* The program may disconnect it, and connect or listen again. */
	smc_tcpopt_offer(tcp, false);
	/* With it each message of the handshake would have been held back. */
	if (smc->corked)
		tcp_sock_set_cork(tcp, true);

	lock_sock(tcp);
	write_lock_bh(&tcp->sk_callback_lock);
	WRITE_ONCE(inner->sk, NULL);	/* poll() looks */
	rcu_assign_pointer(tcp->sk_wq, &sock->wq);
	sk_set_socket(tcp, sock);
	tcp->sk_uid = SOCK_INODE(sock)->i_uid;
	/* On for good: a fcntl() may have read the old sk and be waiting. */
	sock_set_flag(tcp, SOCK_FASYNC);
	/* Kept from TCP during the handshake, see sockopt.c. */
	WRITE_ONCE(tcp->sk_rcvlowat, sk->sk_rcvlowat);
	WRITE_ONCE(tcp->sk_peek_off, sk->sk_peek_off);
	sock->state = inner->state;
	/* Who finds the new sk finds it complete. */
	smp_store_release(&sock->sk, tcp);
	write_unlock_bh(&tcp->sk_callback_lock);
	release_sock(tcp);

	sock_release(inner);
}
