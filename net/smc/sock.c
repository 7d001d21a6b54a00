// SPDX-License-Identifier: GPL-2.0
/*
 * The socket object: its protos, creation, the table of all sockets, the
 * callbacks in the TCP socket underneath, and disposal.
 *
 * References: the program's struct socket holds one until release; the peer's
 * side one while a connection stands (close.c); a handshake one; the table one;
 * a child in a listener's list is held by the list instead of by a struct
 * socket.
 */
#include <linux/hash.h>
#include <linux/module.h>
#include <net/tcp.h>
#include "close.h"
#include "sock.h"
#include "tcpopt.h"
#include "tx.h"

/* Defaults of the rings; SO_SNDBUF and SO_RCVBUF count double, as with TCP. */
#define SMC_SOCK_BUF		(2 * 65536)

/* Own lockdep classes: this lock is outside of the TCP socket's. */
static struct lock_class_key smc_sock_key[2];
static struct lock_class_key smc_sock_slock_key[2];

/*
 * TCP's own calls for a family, taken from the first TCP socket made.
 * Immutable once set.
 */
static const struct proto_ops *smc_tcp_ops[2];

static int smc_family_idx(u16 family)
{
	return family == AF_INET6;
}

static void smc_sock_kick_hs(struct smc_sock *smc)
{
	struct sock *tcp = smc->conn.tcp->sk;

	read_lock_bh(&tcp->sk_callback_lock);
	if (smc->hs)
		smc_hs_kick(smc->hs);
	read_unlock_bh(&tcp->sk_callback_lock);
}

/* Workers did not wait for whoever has the socket. They get it after him. */
static void smc_sock_late(struct smc_sock *smc)
{
	struct smc_conn *conn = &smc->conn;

	if (test_and_clear_bit(SMC_LATE_CLOSE, &conn->late))
		smc_close_kick(conn);
	if (test_and_clear_bit(SMC_LATE_VERDICT, &conn->late) && conn->tcp)
		smc_sock_kick_hs(smc);
	if (test_and_clear_bit(SMC_LATE_PUMP, &conn->late))
		smc->lsn.kick(smc);
}

static void smc_sock_release_cb(struct sock *sk)
{
	struct smc_sock *smc = smc_sk(sk);

	smc_close_deferred(&smc->conn);
	if (unlikely(READ_ONCE(smc->conn.late)))
		smc_sock_late(smc);
}

static struct smc_sock_bucket *smc_sock_bucket(struct sock *sk)
{
	struct smc_net *sn = smc_net(sock_net(sk));

	return &sn->sockets[smc_family_idx(smc_sk(sk)->family)]
			   [hash_ptr(sk, ilog2(SMC_SOCK_BUCKETS))];
}

static int smc_sock_hash(struct sock *sk)
{
	struct smc_sock_bucket *b = smc_sock_bucket(sk);

	spin_lock_bh(&b->lock);
	sk_add_node(sk, &b->list);
	spin_unlock_bh(&b->lock);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
	return 0;
}

static void smc_sock_unhash(struct sock *sk)
{
	struct smc_sock_bucket *b = smc_sock_bucket(sk);
	bool was;

	spin_lock_bh(&b->lock);
	was = sk_del_node_init(sk);
	spin_unlock_bh(&b->lock);
	if (was)
		sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
}

static int smc_sock_inet_init(struct sock *sk)
{
	int err = smc_sock_setup(sk);

	/* Options of SOL_SOCKET come to us, as with AF_SMC. */
	if (!err && sk->sk_socket)
		set_bit(SOCK_CUSTOM_SOCKOPT, &sk->sk_socket->flags);
	return err;
}

/* inet_create() failed after its call of init. Observers may have it already. */
static void smc_sock_inet_destroy(struct sock *sk)
{
	struct socket *tcp;

	smc_sock_unhash(sk);
	lock_sock(sk);
	tcp = smc_sk(sk)->conn.tcp;
	smc_sk(sk)->conn.tcp = NULL;
	sk->sk_state = SMC_SK_CLOSED;
	release_sock(sk);
	if (tcp)
		sock_release(tcp);
}

struct proto smc_proto = {
	.name = "SMC",
	.owner = THIS_MODULE,
	.hash = smc_sock_hash,
	.unhash = smc_sock_unhash,
	.release_cb = smc_sock_release_cb,
	.obj_size = sizeof(struct smc_sock),
};

struct proto smc_inet_proto = {
	.name = "INET_SMC",
	.owner = THIS_MODULE,
	.init = smc_sock_inet_init,
	.destroy = smc_sock_inet_destroy,
	.hash = smc_sock_hash,
	.unhash = smc_sock_unhash,
	.release_cb = smc_sock_release_cb,
	.obj_size = sizeof(struct smc_sock),
};

#if IS_ENABLED(CONFIG_IPV6)
struct proto smc_proto6 = {
	.name = "SMC6",
	.owner = THIS_MODULE,
	.hash = smc_sock_hash,
	.unhash = smc_sock_unhash,
	.release_cb = smc_sock_release_cb,
	.obj_size = sizeof(struct smc6_sock),
	.ipv6_pinfo_offset = offsetof(struct smc6_sock, inet6),
};

struct proto smc_inet6_proto = {
	.name = "INET6_SMC",
	.owner = THIS_MODULE,
	.init = smc_sock_inet_init,
	.destroy = smc_sock_inet_destroy,
	.hash = smc_sock_hash,
	.unhash = smc_sock_unhash,
	.release_cb = smc_sock_release_cb,
	.obj_size = sizeof(struct smc6_sock),
	.ipv6_pinfo_offset = offsetof(struct smc6_sock, inet6),
};
#endif

/**
 * smc_sock_is_smc() - does a struct sock belong to this module?
 * @sk: what a struct socket with our proto_ops leads to
 *
 * Context: Any.
 * Return: false if it is the TCP socket of a connection that fell back.
 */
bool smc_sock_is_smc(const struct sock *sk)
{
	return READ_ONCE(sk->sk_prot)->release_cb == smc_sock_release_cb;
}

/**
 * smc_sock_tcp_ops() - TCP's own calls for a TCP socket
 * @tcp: a TCP socket that was made for an SMC socket
 *
 * Context: Any.
 * Return: The calls.
 */
const struct proto_ops *smc_sock_tcp_ops(const struct sock *tcp)
{
	return READ_ONCE(smc_tcp_ops[smc_family_idx(tcp->sk_family)]);
}

/* The transport has news for the handshake. */
static void smc_sock_ready(struct smc_conn *conn)
{
	smc_sock_kick_hs(smc_conn_sock(conn));
}

static void smc_sock_prepare(struct smc_sock *smc, u16 family)
{
	struct sock *sk = &smc->inet.sk;
	int idx = smc_family_idx(family);

	smc->family = family;
#if IS_ENABLED(CONFIG_IPV6)
	if (family == AF_INET6)
		smc->inet.pinet6 = &((struct smc6_sock *)smc)->inet6;
#endif
	sk->sk_state = SMC_SK_INIT;
	sk->sk_sndbuf = SMC_SOCK_BUF;
	sk->sk_rcvbuf = SMC_SOCK_BUF;
	sock_lock_init_class_and_name(sk, idx ? "slock-SMC6" : "slock-SMC",
				      &smc_sock_slock_key[idx],
				      idx ? "sk_lock-SMC6" : "sk_lock-SMC",
				      &smc_sock_key[idx]);
	spin_lock_init(&smc->lsn.lock);
	INIT_LIST_HEAD(&smc->lsn.ready);
	INIT_LIST_HEAD(&smc->lsn.shaking);
	INIT_LIST_HEAD(&smc->child_node);
	smc_conn_init(&smc->conn, sk);
	smc->conn.ready = smc_sock_ready;
	smc_tx_init(&smc->conn);
	smc_close_setup(&smc->conn);
}

static void smc_sock_finish(struct smc_conn *conn)
{
	smc_sock_dispose(smc_conn_sock(conn));
	sock_put(conn->sk);
}

/**
 * smc_sock_setup() - make a new sock an SMC socket, with a TCP socket below
 * @sk: allocated and initialised by the core, of a family of ours or inet
 *
 * Context: Process.
 * Return: 0 or what creating a TCP socket returned; @sk has no TCP socket
 * then.
 */
int smc_sock_setup(struct sock *sk)
{
	struct smc_sock *smc = smc_sk(sk);
	u16 family = AF_INET;
	int err;

#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_prot == &smc_proto6 || sk->sk_prot == &smc_inet6_proto)
		family = AF_INET6;
#endif
	smc_sock_prepare(smc, family);
	smc->conn.finish = smc_sock_finish;
	/* The program's own TCP socket in every respect but its struct file. */
	err = __sock_create(sock_net(sk), family, SOCK_STREAM, IPPROTO_TCP,
			    &smc->conn.tcp, 0);
	if (err) {
		smc->conn.tcp = NULL;
		sk->sk_state = SMC_SK_CLOSED;
		return err;
	}
	WRITE_ONCE(smc_tcp_ops[smc_family_idx(family)], smc->conn.tcp->ops);
	smc_sock_hash(sk);
	return 0;
}

/* What a TCP child has from its listener, an SMC child has, too. */
static void smc_sock_inherit(struct sock *sk, const struct sock *parent)
{
	const unsigned long flags = BIT(SOCK_URGINLINE) | BIT(SOCK_KEEPOPEN) |
				    BIT(SOCK_LINGER) | BIT(SOCK_DBG) |
				    BIT(SOCK_BROADCAST) | BIT(SOCK_LOCALROUTE);

	sk->sk_flags |= parent->sk_flags & flags;
	sk->sk_lingertime = parent->sk_lingertime;
	sk->sk_rcvtimeo = parent->sk_rcvtimeo;
	sk->sk_sndtimeo = parent->sk_sndtimeo;
	sk->sk_rcvlowat = parent->sk_rcvlowat;
	sk->sk_peek_off = parent->sk_peek_off;
	sk->sk_sndbuf = parent->sk_sndbuf;
	sk->sk_rcvbuf = parent->sk_rcvbuf;
	sk->sk_userlocks = parent->sk_userlocks;
	sk->sk_reuse = parent->sk_reuse;
	sk->sk_reuseport = parent->sk_reuseport;
	sk->sk_bound_dev_if = parent->sk_bound_dev_if;
	sk->sk_priority = parent->sk_priority;
	sk->sk_mark = parent->sk_mark;
	sk->sk_uid = parent->sk_uid;
}

/**
 * smc_sock_child() - make the SMC socket of a connection a listener got
 * @parent: the listener
 * @tcp: the accepted TCP socket, or NULL for a mere record of a fallback
 *
 * Context: Process.
 * Return: A socket with one reference, the caller's, which owns @tcp; or NULL
 * without memory.
 */
struct smc_sock *smc_sock_child(struct sock *parent, struct socket *tcp)
{
	struct smc_sock *smc;
	struct sock *sk;

	sk = sk_alloc(sock_net(parent), parent->sk_family, GFP_KERNEL,
		      parent->sk_prot, 0);
	if (!sk)
		return NULL;
	smc = smc_sk(sk);
	sock_init_data(NULL, sk);
	sk->sk_type = SOCK_STREAM;
	sk->sk_protocol = parent->sk_protocol;
	smc_sock_prepare(smc, smc_sk(parent)->family);
	smc->conn.finish = smc_sock_finish;
	smc->conn.tcp = tcp;
	smc_sock_inherit(sk, parent);
	smc->corked = smc_sk(parent)->corked;
	smc_sock_hash(sk);
	return smc;
}

/**
 * smc_sock_own() - a TCP socket that a worker has accepted is its program's
 * @tcp: TCP socket without a struct file
 * @uid: user of the program
 *
 * The worker is root, and routes may depend on the user.
 *
 * Context: Process.
 */
void smc_sock_own(struct socket *tcp, kuid_t uid)
{
	struct sock *sk = tcp->sk;

	write_lock_bh(&sk->sk_callback_lock);
	SOCK_INODE(tcp)->i_uid = uid;
	sk->sk_uid = uid;
	write_unlock_bh(&sk->sk_callback_lock);
}

static void smc_sock_set_state(struct sock *sk, u8 state)
{
	/* Pairs with those who look without the lock, as poll(). */
	smp_store_release(&sk->sk_state, state);
}

/**
 * smc_sock_phase() - a socket without a connection changes what it is
 * @smc: socket
 * @phase: what it becomes
 *
 * Context: Socket lock held, or nobody else knows @smc.
 */
void smc_sock_phase(struct smc_sock *smc, enum smc_phase phase)
{
	struct sock *sk = &smc->inet.sk;

	WRITE_ONCE(smc->phase, phase);
	if (phase == SMC_PHASE_LISTEN)
		smc_sock_set_state(sk, SMC_SK_LISTEN);
	else if (phase == SMC_PHASE_IDLE || phase == SMC_PHASE_CONNECTING)
		smc_sock_set_state(sk, SMC_SK_INIT);
	else if (phase == SMC_PHASE_FALLBACK)
		smc_sock_set_state(sk, SMC_SK_ACTIVE);
}

/*
 * TCP has news for a connection. Without TCP's lock a FIN that is being taken
 * in looks like a byte.
 */
static void smc_sock_tcp_news(struct smc_conn *conn, struct sock *tcp,
			      bool state)
{
	bool data = tcp_inq(tcp) > 0;

	if (data)
		WRITE_ONCE(conn->peer_on_tcp, true);
	if (!data && !state)
		return;
	set_bit(SMC_TODO_TCP, &conn->todo);
	smc_close_kick(conn);
}

/* TCP has news. Its socket lock is held, so nothing of ours is taken. */
static void smc_sock_tcp_event(struct sock *tcp, bool state)
{
	struct smc_sock *smc;

	read_lock_bh(&tcp->sk_callback_lock);
	smc = __locked_read_sk_user_data_with_flags(tcp, 0);
	if (smc && smc->hs)
		smc_hs_kick(smc->hs);
	else if (smc)
		smc_sock_tcp_news(&smc->conn, tcp, state);
	read_unlock_bh(&tcp->sk_callback_lock);
}

static void smc_sock_tcp_data_ready(struct sock *tcp)
{
	smc_sock_tcp_event(tcp, false);
}

static void smc_sock_tcp_state_change(struct sock *tcp)
{
	smc_sock_tcp_event(tcp, true);
}

/**
 * smc_sock_hook() - hear of what happens to the TCP socket
 * @smc: socket with a TCP socket
 *
 * Context: Process.
 * Return: false if TCP is another's: a BPF program may have put it into a
 * sockmap. Nothing is done then.
 */
bool smc_sock_hook(struct smc_sock *smc)
{
	struct sock *tcp = smc->conn.tcp->sk;

	write_lock_bh(&tcp->sk_callback_lock);
	smc->hooked = !rcu_access_pointer(__sk_user_data(tcp));
	if (smc->hooked) {
		smc->tcp_data_ready = tcp->sk_data_ready;
		smc->tcp_state_change = tcp->sk_state_change;
		tcp->sk_data_ready = smc_sock_tcp_data_ready;
		tcp->sk_state_change = smc_sock_tcp_state_change;
		rcu_assign_sk_user_data(tcp, smc);
	}
	write_unlock_bh(&tcp->sk_callback_lock);
	return smc->hooked;
}

/**
 * smc_sock_hook_begin() - have a handshake kicked by TCP and the transport
 * @smc: hooked socket
 * @hs: the handshake; its owner's reference passes to @smc
 *
 * Context: Process. What TCP did before is for the caller to look for.
 */
void smc_sock_hook_begin(struct smc_sock *smc, struct smc_hs *hs)
{
	struct sock *tcp = smc->conn.tcp->sk;

	write_lock_bh(&tcp->sk_callback_lock);
	smc->hs = hs;
	/* It may have been the first bytes of the handshake. */
	smc->conn.peer_on_tcp = false;
	write_unlock_bh(&tcp->sk_callback_lock);
}

/**
 * smc_sock_hook_end() - the handshake is over, the connection still listens
 * @smc: hooked socket
 *
 * Context: Process. Drops the handshake's reference.
 */
void smc_sock_hook_end(struct smc_sock *smc)
{
	struct sock *tcp = smc->conn.tcp->sk;
	struct smc_hs *hs;

	write_lock_bh(&tcp->sk_callback_lock);
	hs = smc->hs;
	smc->hs = NULL;
	write_unlock_bh(&tcp->sk_callback_lock);
	if (hs)
		smc_hs_put(hs);
	/* What TCP reported to the last step of the handshake was not heard. */
	lock_sock(tcp);
	smc_sock_tcp_news(&smc->conn, tcp,
			  inet_sk_state_load(tcp) != TCP_ESTABLISHED);
	release_sock(tcp);
}

/**
 * smc_sock_unhook() - leave the TCP socket alone
 * @smc: socket with a TCP socket, hooked or not
 *
 * Context: Process.
 */
void smc_sock_unhook(struct smc_sock *smc)
{
	struct sock *tcp = smc->conn.tcp->sk;
	struct smc_hs *hs = NULL;

	write_lock_bh(&tcp->sk_callback_lock);
	if (smc->hooked) {
		hs = smc->hs;
		smc->hs = NULL;
		smc->hooked = false;
		tcp->sk_data_ready = smc->tcp_data_ready;
		tcp->sk_state_change = smc->tcp_state_change;
		rcu_assign_sk_user_data(tcp, NULL);
	}
	write_unlock_bh(&tcp->sk_callback_lock);
	if (hs)
		smc_hs_put(hs);
}

/**
 * smc_sock_cancel() - the handshake of a socket is not wanted any more
 * @smc: socket, maybe with a handshake under way
 *
 * Context: Process, socket lock held.
 */
void smc_sock_cancel(struct smc_sock *smc)
{
	struct sock *tcp;

	sock_owned_by_me(&smc->inet.sk);
	if (!smc->conn.tcp)
		return;
	tcp = smc->conn.tcp->sk;
	read_lock_bh(&tcp->sk_callback_lock);
	if (smc->hs)
		smc_hs_cancel(smc->hs);
	read_unlock_bh(&tcp->sk_callback_lock);
}

/**
 * smc_sock_dispose() - take an orphaned socket apart
 * @smc: socket whose connection, if there was one, is closed; the caller
 *	holds a reference
 *
 * Context: Process; a listener may be locked if @smc is a child of it.
 */
void smc_sock_dispose(struct smc_sock *smc)
{
	struct sock *sk = &smc->inet.sk;
	struct socket *tcp;

	smc_sock_unhash(sk);
	lock_sock_nested(sk, SINGLE_DEPTH_NESTING);
	smc_sock_set_state(sk, SMC_SK_CLOSED);
	tcp = smc->conn.tcp;
	if (tcp)
		smc_sock_unhook(smc);
	smc->conn.tcp = NULL;
	release_sock(sk);
	/* The program has lingered if it wanted to; a worker does not. */
	if (tcp && tcp->sk->sk_lingertime)
		sock_reset_flag(tcp->sk, SOCK_LINGER);
	if (tcp)
		sock_release(tcp);
	smc_tx_stop(&smc->conn);
}

/**
 * smc_sock_close_child() - close a child that nobody accepted
 * @smc: the child; the caller's reference is taken
 *
 * Context: Process; its listener may be locked.
 */
void smc_sock_close_child(struct smc_sock *smc)
{
	struct sock *sk = &smc->inet.sk;
	bool native;

	lock_sock_nested(sk, SINGLE_DEPTH_NESTING);
	native = smc->phase == SMC_PHASE_NATIVE;
	sock_orphan(sk);
	/* As TCP resets a connection that its listener never handed out. */
	sk->sk_lingertime = 0;
	sock_set_flag(sk, SOCK_LINGER);
	if (smc->conn.tcp)
		sock_no_linger(smc->conn.tcp->sk);
	if (native)
		smc_close_app(&smc->conn);
	release_sock(sk);
	if (native)
		smc_close_kick(&smc->conn);
	else
		smc_sock_dispose(smc);
	sock_put(sk);
}

/**
 * smc_sock_iter_next() - next socket of a walk
 * @net: namespace
 * @family_idx: 0 for IPv4, 1 for IPv6
 * @it: where the walk stands, zeroed at first; moved on
 *
 * A walk is no snapshot: while sockets come and go, one may be missed or seen
 * twice.
 *
 * Context: Process.
 * Return: A socket with a reference for the caller, or NULL at the end.
 */
struct sock *smc_sock_iter_next(struct net *net, int family_idx,
				struct smc_sock_iter *it)
{
	struct smc_sock_bucket *table = smc_net(net)->sockets[family_idx];
	struct sock *sk;

	for (; it->bucket < SMC_SOCK_BUCKETS; it->bucket++, it->pos = 0) {
		struct smc_sock_bucket *b = &table[it->bucket];
		unsigned int pos = 0;

		spin_lock_bh(&b->lock);
		sk_for_each(sk, &b->list) {
			if (pos++ < it->pos)
				continue;
			it->pos = pos;
			sock_hold(sk);
			spin_unlock_bh(&b->lock);
			return sk;
		}
		spin_unlock_bh(&b->lock);
	}
	return NULL;
}
EXPORT_SYMBOL_GPL(smc_sock_iter_next);

static void smc_sock_info_addr(const struct sock *tcp,
			       struct smc_sock_info *info)
{
	const struct inet_sock *inet = inet_sk(tcp);

	info->sport = inet->inet_sport;
	info->dport = inet->inet_dport;
	info->bound_dev_if = tcp->sk_bound_dev_if;
#if IS_ENABLED(CONFIG_IPV6)
	if (tcp->sk_family == AF_INET6) {
		memcpy(info->src, &tcp->sk_v6_rcv_saddr, sizeof(info->src));
		memcpy(info->dst, &tcp->sk_v6_daddr, sizeof(info->dst));
		return;
	}
#endif
	info->src[0] = inet->inet_saddr;
	info->dst[0] = inet->inet_daddr;
}

/**
 * smc_sock_info() - snapshot of a socket for observers
 * @sk: SMC socket, held
 * @info: filled
 *
 * Context: Process; takes the socket lock.
 */
void smc_sock_info(struct sock *sk, struct smc_sock_info *info)
{
	struct smc_sock *smc = smc_sk(sk);
	struct smc_conn *conn = &smc->conn;

	memset(info, 0, sizeof(*info));
	lock_sock(sk);
	info->family = sk->sk_family;
	info->state = sk->sk_state;
	info->uid = sock_i_uid(sk);
	info->inode = sock_i_ino(sk);
	info->shutdown = sk->sk_shutdown;
	if (smc->phase == SMC_PHASE_FALLBACK) {
		info->mode = 1;
		info->fallback_reason = smc->reason;
		info->peer_diag = smc->diagnosis;
	}
	if (smc->fallen)
		smc_sock_info_addr(smc->fallen, info);
	else if (conn->tcp)
		smc_sock_info_addr(conn->tcp->sk, info);
	if (smc->phase == SMC_PHASE_NATIVE && !conn->finished) {
		info->has_conn = true;
		smc_conn_fill_info(conn, &info->conn);
		info->has_link = true;
		conn->ep.ops->info(&conn->ep, &info->link);
	}
	release_sock(sk);
}
EXPORT_SYMBOL_GPL(smc_sock_info);

/**
 * smc_sock_net_init() - make the tables of a namespace
 * @sn: the namespace's state
 *
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int smc_sock_net_init(struct smc_net *sn)
{
	unsigned int f, i;

	for (f = 0; f < 2; f++) {
		sn->sockets[f] = kvcalloc(SMC_SOCK_BUCKETS,
					  sizeof(*sn->sockets[f]), GFP_KERNEL);
		if (!sn->sockets[f]) {
			smc_sock_net_exit(sn);
			return -ENOMEM;
		}
		for (i = 0; i < SMC_SOCK_BUCKETS; i++)
			spin_lock_init(&sn->sockets[f][i].lock);
	}
	return 0;
}

/**
 * smc_sock_net_exit() - undo smc_sock_net_init()
 * @sn: the namespace's state; no socket of it is left, each held it
 *
 * Context: Process.
 */
void smc_sock_net_exit(struct smc_net *sn)
{
	unsigned int f;

	for (f = 0; f < 2; f++) {
		kvfree(sn->sockets[f]);
		sn->sockets[f] = NULL;
	}
}

/**
 * smc_sock_init() - register the protos
 *
 * Context: Module init.
 * Return: 0 or what proto_register() returned.
 */
int smc_sock_init(void)
{
	int err;

	err = proto_register(&smc_proto, 1);
	if (err)
		return err;
	err = proto_register(&smc_inet_proto, 1);
	if (err)
		goto err_proto;
#if IS_ENABLED(CONFIG_IPV6)
	err = proto_register(&smc_proto6, 1);
	if (err)
		goto err_inet_proto;
	err = proto_register(&smc_inet6_proto, 1);
	if (err)
		goto err_proto6;
#endif
	return 0;

#if IS_ENABLED(CONFIG_IPV6)
err_proto6:
	proto_unregister(&smc_proto6);
err_inet_proto:
	proto_unregister(&smc_inet_proto);
#endif
err_proto:
	proto_unregister(&smc_proto);
	return err;
}

/**
 * smc_sock_exit() - undo smc_sock_init()
 *
 * Context: Module exit; no socket is left.
 */
void smc_sock_exit(void)
{
#if IS_ENABLED(CONFIG_IPV6)
	proto_unregister(&smc_inet6_proto);
	proto_unregister(&smc_proto6);
#endif
	proto_unregister(&smc_inet_proto);
	proto_unregister(&smc_proto);
}
