// SPDX-License-Identifier: GPL-2.0
/*
 * Listening. TCP listens; what it accepts comes in two sorts:
 *
 * - Connections without the SMC option stay in TCP's own accept queue, where
 *   accept() takes them from directly, as TCP sockets.
 * - Connections with the option are taken out by the pump, which gives each a
 *   handshake of its own. When that has a verdict the child goes to @ready,
 *   where accept() looks first. So accept order is completion order.
 *
 * Back pressure: the pump rests while handshakes and ready children make up
 * the backlog; then TCP's queue fills and TCP refuses more.
 *
 * A child holds its listener until it is accepted or closed; the list it is
 * in holds the child.
 */
#include <linux/sched/signal.h>
#include <linux/workqueue.h>
#include <net/tcp.h>
#include "close.h"
#include "fallback.h"
#include "listen.h"
#include "tcpopt.h"

/* SMC_LIMIT_HS: more than that make workers scarce, whatever the backlog. */
#define SMC_LISTEN_SHAKING_MAX	256

/* Runs the pumps; they wait for nothing but locks of TCP and children. */
static struct workqueue_struct *smc_listen_wq;

/**
 * smc_listen_init() - set up what listeners run on
 *
 * Context: Module init.
 * Return: 0 or -ENOMEM.
 */
int smc_listen_init(void)
{
	smc_listen_wq = alloc_workqueue("smc_listen", WQ_UNBOUND, 0);
	return smc_listen_wq ? 0 : -ENOMEM;
}

/**
 * smc_listen_exit() - undo smc_listen_init()
 *
 * Context: Module exit; no socket is left.
 */
void smc_listen_exit(void)
{
	destroy_workqueue(smc_listen_wq);
}

static void smc_listen_kick(struct smc_sock *smc)
{
	struct sock *sk = &smc->inet.sk;

	sock_hold(sk);
	if (!queue_work(smc_listen_wq, &smc->lsn.pump))
		sock_put(sk);
}

/*
 * TCP has woken those who wait for its listener: somebody is in its queue, or
 * it has been ended, by SOCK_DESTROY. Its queue is locked, interrupts are off.
 */
static int smc_listen_woken(wait_queue_entry_t *wait, unsigned int mode,
			    int sync, void *key)
{
	struct smc_sock *smc = container_of(wait, struct smc_sock, lsn.wait);
	struct sock *sk = &smc->inet.sk;

	if (smc_tcpopt_head(smc->conn.tcp->sk) == SMC_TCP_HEAD_PLAIN)
		sk->sk_data_ready(sk);
	else
		smc_listen_kick(smc);
	return 0;
}

/*
 * Is a connection without the option next? Without the lock: the socket may
 * stop to listen now, connect and fall back, which frees the one inside.
 */
static bool smc_listen_plain(struct smc_sock *smc)
{
	struct socket *tcp;
	struct sock *sk;
	bool plain;

	rcu_read_lock();
	tcp = READ_ONCE(smc->conn.tcp);
	sk = tcp ? READ_ONCE(tcp->sk) : NULL;
	plain = sk && smc_tcpopt_head(sk) == SMC_TCP_HEAD_PLAIN;
	rcu_read_unlock();
	return plain;
}

static bool smc_listen_has_room(struct smc_sock *smc)
{
	struct smc_listener *lsn = &smc->lsn;
	bool ret;

	spin_lock_bh(&lsn->lock);
	ret = lsn->open && lsn->num_ready + lsn->num_shaking <=
	      READ_ONCE(smc->inet.sk.sk_max_ack_backlog);
	spin_unlock_bh(&lsn->lock);
	return ret;
}

/*
 * SMC_LIMIT_HS: handshakes leave the other half of the backlog to those who
 * need none.
 */
static bool smc_listen_is_limited(struct smc_sock *smc)
{
	struct smc_listener *lsn = &smc->lsn;
	unsigned int max;
	bool ret;

	if (!READ_ONCE(lsn->limited))
		return false;
	max = min_t(unsigned int, SMC_LISTEN_SHAKING_MAX,
		    READ_ONCE(smc->inet.sk.sk_max_ack_backlog) / 2);
	spin_lock_bh(&lsn->lock);
	ret = lsn->num_shaking > max;
	spin_unlock_bh(&lsn->lock);
	return ret;
}

/*
 * A SYN with the option has come. TCP's listener is not locked. Its pointer
 * leads to ours, unless it listens no more and a sockmap has it.
 */
static bool smc_listen_congested(const struct sock *tcp)
{
	rwlock_t *lock = &((struct sock *)tcp)->sk_callback_lock;
	struct smc_sock *smc;
	bool ret;

	read_lock_bh(lock);
	smc = __locked_read_sk_user_data_with_flags(tcp, SK_USER_DATA_PSOCK) ||
	      __locked_read_sk_user_data_with_flags(tcp, SK_USER_DATA_BPF) ?
	      NULL : __locked_read_sk_user_data_with_flags(tcp,
							   SK_USER_DATA_NOCOPY);
	ret = smc && smc_listen_is_limited(smc);
	read_unlock_bh(lock);
	return ret;
}

/* Drop a child's hold on its listener. */
static void smc_listen_leave(struct smc_sock *child)
{
	struct sock *parent = child->parent;

	child->parent = NULL;
	sock_put(parent);
}

/* The child is to be accepted now, or never if the listener has closed. */
static void smc_listen_ready(struct smc_sock *child)
{
	struct sock *parent = child->parent;
	struct smc_listener *lsn = &smc_sk(parent)->lsn;
	bool open;

	spin_lock_bh(&lsn->lock);
	/* Not in a list: it belongs to an earlier listening, which ended. */
	open = lsn->open && !list_empty(&child->child_node);
	if (open) {
		list_move_tail(&child->child_node, &lsn->ready);
		lsn->num_shaking--;
		lsn->num_ready++;
		parent->sk_data_ready(parent);
	}
	spin_unlock_bh(&lsn->lock);
	if (!open) {
		smc_listen_leave(child);
		smc_sock_close_child(child);
	}
}

static void smc_listen_failed(struct smc_sock *child)
{
	struct smc_sock *smc = smc_sk(child->parent);
	struct smc_listener *lsn = &smc->lsn;

	spin_lock_bh(&lsn->lock);
	if (!list_empty(&child->child_node)) {
		list_del_init(&child->child_node);
		lsn->num_shaking--;
	}
	spin_unlock_bh(&lsn->lock);
	smc_listen_kick(smc);
	smc_listen_leave(child);
	smc_sock_close_child(child);
}

/* A child's handshake has ended; the child is locked. */
static void smc_listen_shaken(struct smc_hs *hs)
{
	const struct smc_hs_verdict *v = &hs->verdict;
	struct smc_sock *child = smc_conn_sock(hs->conn);
	struct sock *sk = &child->inet.sk;

	if (v->outcome == SMC_HS_NATIVE) {
		smc_sock_phase(child, SMC_PHASE_NATIVE);
		smc_close_established(&child->conn);
	} else if (v->outcome == SMC_HS_FALLBACK) {
		child->reason = v->reason;
		child->diagnosis = v->diagnosis;
		smc_sock_phase(child, SMC_PHASE_FALLBACK);
	}
	release_sock(sk);
	if (v->outcome == SMC_HS_ERROR) {
		smc_listen_failed(child);
		return;
	}
	smc_sock_hook_end(child);
	smc_listen_ready(child);
}

/* Own a TCP child with the option and begin its handshake. */
static void smc_listen_shake(struct smc_sock *smc, struct socket *tcp)
{
	struct smc_listener *lsn = &smc->lsn;
	struct smc_sock *child;
	struct smc_hs *hs;

	child = smc_sock_child(&smc->inet.sk, tcp);
	if (!child)
		goto err_tcp;
	hs = smc_hs_create(&child->conn, SMC_SERVER, smc_hs_server_start,
			   smc_listen_shaken, GFP_KERNEL);
	if (!hs)
		goto err_child;
	/* In a sockmap: nobody may read its first bytes. The client hears FIN. */
	if (!smc_sock_hook(child))
		goto err_hs;
	sock_hold(&smc->inet.sk);
	child->parent = &smc->inet.sk;
	spin_lock_bh(&lsn->lock);
	list_add_tail(&child->child_node, &lsn->shaking);
	lsn->num_shaking++;
	spin_unlock_bh(&lsn->lock);
	/* TCP can kick it from here on: it may have ended by our own kick. */
	smc_hs_get(hs);
	smc_sock_hook_begin(child, hs);
	smc_hs_kick(hs);
	smc_hs_put(hs);
	return;

err_hs:
	smc_hs_put(hs);
err_child:
	smc_sock_dispose(child);
	sock_put(&child->inet.sk);
	return;
err_tcp:
	sock_release(tcp);
}

/*
 * Where listeners share a port TCP may pass on to another what this one has not
 * accepted. These are clones of the listener. Who comes between this and its
 * end, or was passed on by SOCK_DESTROY, keeps what SMC_LIMIT_HS has set; it is
 * used only if such a child becomes a listener itself.
 */
static void smc_listen_unlimit_queue(struct sock *tcp)
{
	struct request_sock_queue *queue = &inet_csk(tcp)->icsk_accept_queue;
	struct request_sock *req;

	spin_lock_bh(&queue->rskq_lock);
	for (req = queue->rskq_accept_head; req; req = req->dl_next)
		if (req->sk)
			smc_tcpopt_limit(req->sk, NULL);
	spin_unlock_bh(&queue->rskq_lock);
}

/* Take what has the option out of TCP's queue, as far as there is room. */
static void smc_listen_take(struct smc_sock *smc)
{
	struct sock *sk = &smc->inet.sk;
	struct socket *tcp, *child;
	int err;

	sock_owned_by_me(sk);
	tcp = smc->conn.tcp;
	while (tcp && smc_tcpopt_head(tcp->sk) == SMC_TCP_HEAD_SMC &&
	       smc_listen_has_room(smc)) {
		err = kernel_accept(tcp, &child, O_NONBLOCK);
		if (err)
			break;
		smc_sock_own(child, sk->sk_uid);
		smc_tcpopt_limit(child->sk, NULL);
		smc_listen_shake(smc, child);
	}
}

/* The head of TCP's queue is another one: see to it, or wake who will. */
static void smc_listen_next(struct smc_sock *smc)
{
	struct sock *sk = &smc->inet.sk;

	smc_listen_take(smc);
	if (smc_tcpopt_head(smc->conn.tcp->sk) == SMC_TCP_HEAD_PLAIN)
		sk->sk_data_ready(sk);
}

/*
 * Wait at TCP's listener for what it has to tell; not by its callbacks, which
 * its children would be born with. The pointer, which they are not, is for
 * smc_listen_congested(), and keeps sockmaps away.
 */
static bool smc_listen_hook(struct smc_sock *smc)
{
	static struct lock_class_key key;
	struct sock *tcp = smc->conn.tcp->sk;
	bool ours;

	write_lock_bh(&tcp->sk_callback_lock);
	ours = !rcu_access_pointer(__sk_user_data(tcp));
	if (ours)
		__rcu_assign_sk_user_data_with_flags(tcp, smc,
						     SK_USER_DATA_NOCOPY);
	write_unlock_bh(&tcp->sk_callback_lock);
	if (!ours)
		return false;
	/* Under it the program's own queue is woken. */
	lockdep_set_class(&smc->conn.tcp->wq.wait.lock, &key);
	init_waitqueue_func_entry(&smc->lsn.wait, smc_listen_woken);
	add_wait_queue(sk_sleep(tcp), &smc->lsn.wait);
	return true;
}

static void smc_listen_unhook(struct smc_sock *smc)
{
	struct sock *tcp = smc->conn.tcp->sk;

	remove_wait_queue(sk_sleep(tcp), &smc->lsn.wait);
	write_lock_bh(&tcp->sk_callback_lock);
	rcu_assign_sk_user_data(tcp, NULL);
	write_unlock_bh(&tcp->sk_callback_lock);
}

static struct smc_sock *smc_listen_pop(struct smc_listener *lsn)
{
	struct smc_sock *child;

	spin_lock_bh(&lsn->lock);
	child = list_first_entry_or_null(&lsn->ready, struct smc_sock,
					 child_node);
	if (child) {
		list_del_init(&child->child_node);
		lsn->num_ready--;
	}
	spin_unlock_bh(&lsn->lock);
	return child;
}

static void smc_listen_cancel(struct smc_sock *child)
{
	struct sock *sk = &child->inet.sk;

	lock_sock_nested(sk, SINGLE_DEPTH_NESTING);
	smc_sock_cancel(child);
	release_sock(sk);
}

/**
 * smc_listen_stop() - no more listening: close all that was not accepted
 * @smc: listening socket
 *
 * Handshakes under way are cancelled; they end by themselves.
 *
 * Context: Process, socket lock held.
 */
void smc_listen_stop(struct smc_sock *smc)
{
	struct smc_listener *lsn = &smc->lsn;
	struct smc_sock *child;

	sock_owned_by_me(&smc->inet.sk);
	smc_listen_unhook(smc);
	smc_listen_unlimit_queue(smc->conn.tcp->sk);
	spin_lock_bh(&lsn->lock);
	lsn->open = false;
	while ((child = list_first_entry_or_null(&lsn->shaking,
						 struct smc_sock,
						 child_node))) {
		list_del_init(&child->child_node);
		lsn->num_shaking--;
		sock_hold(&child->inet.sk);
		spin_unlock_bh(&lsn->lock);
		smc_listen_cancel(child);
		sock_put(&child->inet.sk);
		spin_lock_bh(&lsn->lock);
	}
	spin_unlock_bh(&lsn->lock);
	while ((child = smc_listen_pop(lsn))) {
		smc_listen_leave(child);
		smc_sock_close_child(child);
	}
}

/* TCP does not listen any more, and it was not us. */
static void smc_listen_lost(struct smc_sock *smc)
{
	struct sock *sk = &smc->inet.sk;

	smc_listen_stop(smc);
	WRITE_ONCE(sk->sk_err, -sock_error(smc->conn.tcp->sk));
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	smc_sock_phase(smc, SMC_PHASE_IDLE);
	sk->sk_state_change(sk);
	sk_error_report(sk);
}

static void smc_listen_pump(struct work_struct *work)
{
	struct smc_sock *smc = container_of(work, struct smc_sock, lsn.pump);
	struct sock *sk = &smc->inet.sk;

	if (smc_conn_trylock(&smc->conn, SMC_LATE_PUMP)) {
		if (smc->phase == SMC_PHASE_LISTEN &&
		    inet_sk_state_load(smc->conn.tcp->sk) == TCP_LISTEN)
			smc_listen_next(smc);
		else if (smc->phase == SMC_PHASE_LISTEN)
			smc_listen_lost(smc);
		release_sock(sk);
	}
	sock_put(sk);
}

/**
 * smc_listen_start() - listen()
 * @smc: socket that is new or listens already
 * @backlog: as given by the program, clamped by the core
 *
 * Context: Process, socket lock held.
 * Return: 0, TCP's error, or -EBUSY if TCP is in a sockmap.
 */
int smc_listen_start(struct smc_sock *smc, int backlog)
{
	struct socket *tcp = smc->conn.tcp;
	struct sock *sk = &smc->inet.sk;
	int err;

	sock_owned_by_me(sk);
	if (smc->phase == SMC_PHASE_IDLE) {
		/* Once: it may still be queued from an earlier listening. */
		if (!smc->lsn.pump.func)
			INIT_WORK(&smc->lsn.pump, smc_listen_pump);
		smc->lsn.kick = smc_listen_kick;
		if (!smc_listen_hook(smc))
			return -EBUSY;
		smc_tcpopt_offer(tcp->sk, !smc->refuse);
		smc->lsn.open = true;
		sk->sk_shutdown = 0;
	}
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	WRITE_ONCE(smc->lsn.limited, READ_ONCE(smc->limit_hs));
	/* For good, see smc_tcpopt_limit(); so only where it is asked for. */
	if (smc->lsn.limited)
		smc_tcpopt_limit(tcp->sk, smc_listen_congested);
	err = READ_ONCE(tcp->ops)->listen(tcp, backlog);
	if (!err) {
		smc_sock_phase(smc, SMC_PHASE_LISTEN);
	} else if (smc->phase == SMC_PHASE_IDLE) {
		smc->lsn.open = false;
		smc_listen_unhook(smc);
	}
	return err;
}

/* Make @newsock the program's end of a child that passed its handshake. */
static void smc_listen_graft(struct smc_sock *child, struct socket *newsock)
{
	struct sock *sk = &child->inet.sk;

	lock_sock_nested(sk, SINGLE_DEPTH_NESTING);
	if (child->phase == SMC_PHASE_FALLBACK) {
		sk_set_socket(sk, newsock);
		smc_fallback_switch(child, newsock);
	} else {
		sock_graft(sk, newsock);
		smc_sock_own(child->conn.tcp, sk->sk_uid);
	}
	newsock->state = SS_CONNECTED;
	release_sock(sk);
}

/* Take the first of TCP's queue, a connection without the option. */
static int smc_listen_accept_plain(struct smc_sock *smc,
				   struct socket *newsock, int flags)
{
	struct proto_accept_arg arg = { .flags = flags | O_NONBLOCK };
	struct socket *tcp = smc->conn.tcp;
	struct smc_sock *record;
	int err;

	err = READ_ONCE(tcp->ops)->accept(tcp, newsock, &arg);
	if (err)
		return err;
	smc_tcpopt_limit(newsock->sk, NULL);
	WRITE_ONCE(newsock->sk->sk_rcvlowat, smc->inet.sk.sk_rcvlowat);
	WRITE_ONCE(newsock->sk->sk_peek_off, smc->inet.sk.sk_peek_off);
	if (smc->corked)
		tcp_sock_set_cork(newsock->sk, true);
	smc_stat_fallback(smc->conn.sn, true,
			  smc->refuse ?: SMC_DECL_PEERNOSMC);
	/* Without memory for the record it is a TCP connection all the same. */
	record = smc_sock_child(&smc->inet.sk, NULL);
	if (record) {
		record->reason = smc->refuse ?: SMC_DECL_PEERNOSMC;
		sk_set_socket(&record->inet.sk, newsock);
		smc_sock_phase(record, SMC_PHASE_FALLBACK);
		smc_fallback_record(record, newsock->sk);
	}
	return 0;
}

/* Try once. Returns 0, -EAGAIN if nobody is there, or TCP's error. */
static int smc_listen_try(struct smc_sock *smc, struct socket *newsock,
			  int flags)
{
	struct smc_sock *child = smc_listen_pop(&smc->lsn);
	int err;

	if (child) {
		smc_listen_leave(child);
		smc_listen_graft(child, newsock);
		/* There may be room for more handshakes now. */
		smc_listen_next(smc);
		return 0;
	}
	smc_listen_take(smc);
	if (smc_tcpopt_head(smc->conn.tcp->sk) != SMC_TCP_HEAD_PLAIN)
		return -EAGAIN;
	err = smc_listen_accept_plain(smc, newsock, flags);
	if (!err)
		smc_listen_next(smc);
	return err;
}

static bool smc_listen_wait_over(struct smc_sock *smc)
{
	return smc->phase != SMC_PHASE_LISTEN || smc_listen_poll(smc);
}

static int smc_listen_wait(struct smc_sock *smc, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct sock *sk = &smc->inet.sk;

	if (!*timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(*timeo);
	add_wait_queue_exclusive(sk_sleep(sk), &wait);
	sk_wait_event(sk, timeo, smc_listen_wait_over(smc), &wait);
	remove_wait_queue(sk_sleep(sk), &wait);
	return 0;
}

/**
 * smc_listen_accept() - accept()
 * @smc: listening socket
 * @newsock: made to lead to the accepted socket, SMC or TCP
 * @arg: flags
 *
 * Context: Process, socket lock held; released while waiting.
 * Return: 0, or as TCP: -EINVAL if the socket does not listen, -EAGAIN, or by
 * a signal.
 */
int smc_listen_accept(struct smc_sock *smc, struct socket *newsock,
		      struct proto_accept_arg *arg)
{
	struct sock *sk = &smc->inet.sk;
	long timeo = sock_rcvtimeo(sk, arg->flags & O_NONBLOCK);
	int err;

	sock_owned_by_me(sk);
	for (;;) {
		if (smc->phase != SMC_PHASE_LISTEN)
			return -EINVAL;
		err = smc_listen_try(smc, newsock, arg->flags);
		if (err != -EAGAIN)
			return err;
		err = smc_listen_wait(smc, &timeo);
		if (err)
			return err;
	}
}

/**
 * smc_listen_poll() - would accept() find somebody?
 * @smc: listening socket
 *
 * Context: Any.
 * Return: EPOLLIN | EPOLLRDNORM or 0.
 */
__poll_t smc_listen_poll(struct smc_sock *smc)
{
	bool found = READ_ONCE(smc->lsn.num_ready) || smc_listen_plain(smc);

	return found ? EPOLLIN | EPOLLRDNORM : 0;
}
