/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The socket object.
 *
 * A program's struct socket leads to a &struct smc_sock, which owns a complete
 * TCP socket, &smc_conn.tcp. When a connection falls back, the program's
 * struct socket is made to lead to that TCP socket's struct sock instead, and
 * from then on every call is TCP's own; the &struct smc_sock stays behind as
 * the record of why (fallback.c).
 */
#ifndef _SMC_SOCK_H
#define _SMC_SOCK_H

#include <linux/ipv6.h>
#include <linux/processor.h>
#include <linux/list_bl.h>
#include <net/inet_sock.h>
#include "conn.h"
#include "hs.h"

struct smc_sock;

/**
 * struct smc_listener - what a listening socket needs besides
 * @lock: protects @ready, @shaking, their counts and @open. BH-safe; leaf
 * @ready: children to be accepted, &smc_sock.child_node
 * @shaking: children in their handshake, &smc_sock.child_node
 * @num_ready: length of @ready
 * @num_shaking: length of @shaking
 * @open: children are welcome
 * @limited: but not those with the option, if many are in their handshake
 * @kick: queues @pump; may be called with the listener's spinlock held
 * @pump: takes children with the option from TCP's queue
 * @wait: in the queue of those who wait for TCP's listener
 */
struct smc_listener {
	spinlock_t lock;		/* of what follows, to @open */
	struct list_head ready;
	struct list_head shaking;
	unsigned int num_ready;
	unsigned int num_shaking;
	bool open;
	bool limited;
	void (*kick)(struct smc_sock *smc);
	struct work_struct pump;
	wait_queue_entry_t wait;
};

/* How far a socket is, as long as there is no connection. */
enum smc_phase {
	SMC_PHASE_IDLE,		/* new, or connect() failed */
	SMC_PHASE_CONNECTING,
	SMC_PHASE_LISTEN,
	SMC_PHASE_NATIVE,	/* smc_conn.state tells more */
	SMC_PHASE_FALLBACK,
};

/**
 * struct smc_sock - an SMC socket
 * @inet: must be first: the kernel's code for inet sockets creates and looks
 *	at IPPROTO_SMC sockets as such
 * @conn: the connection
 * @lsn: listening sockets only
 * @family: AF_INET or AF_INET6, of the TCP socket
 * @phase: enum smc_phase; written under the socket lock
 * @hs: handshake under way; under the TCP socket's sk_callback_lock
 * @hooked: our callbacks are in the TCP socket; same lock
 * @tcp_data_ready: TCP's own callback while @hooked
 * @tcp_state_change: same
 * @parent: a child before it is accepted: its listener, held
 * @child_node: in a list of @parent; under its lock
 * @refuse: the program set an option SMC cannot honour: TCP only
 * @limit_hs: SMC_LIMIT_HS, as set by the program; counts at listen()
 * @defer: TCP_DEFER_ACCEPT in seconds, as set by the program
 * @corked: TCP_CORK is on; socket lock
 * @reason: FALLBACK: why
 * @diagnosis: FALLBACK: what the peer said, if it declined
 * @fallen: FALLBACK: the TCP socket the program uses now, held
 * @fallen_node: in the table of records, see fallback.c
 */
struct smc_sock {
	struct inet_sock inet;
	struct smc_conn conn;
	struct smc_listener lsn;

	u16 family;
	u8 phase;
	struct smc_hs *hs;
	bool hooked;
	void (*tcp_data_ready)(struct sock *tcp);
	void (*tcp_state_change)(struct sock *tcp);

	struct sock *parent;
	struct list_head child_node;

	enum smc_decline refuse;
	bool limit_hs;
	int defer;
	bool corked;

	enum smc_decline reason;
	u32 diagnosis;
	struct sock *fallen;
	struct hlist_bl_node fallen_node;
};

#if IS_ENABLED(CONFIG_IPV6)
/* What inet6_create() expects: &proto.ipv6_pinfo_offset leads to @inet6. */
struct smc6_sock {
	struct smc_sock smc;
	struct ipv6_pinfo inet6;
};
#endif

static inline struct smc_sock *smc_sk(const struct sock *sk)
{
	return (struct smc_sock *)sk;
}

static inline struct smc_sock *smc_conn_sock(struct smc_conn *conn)
{
	return container_of(conn, struct smc_sock, conn);
}

/**
 * struct smc_sock_iter - where a walk over all sockets of a family stands
 * @bucket: bucket of the table
 * @pos: sockets of the bucket already seen
 */
struct smc_sock_iter {
	unsigned int bucket;
	unsigned int pos;
};

/**
 * struct smc_sock_info - a snapshot for observers
 * @family: AF_SMC, or AF_INET or AF_INET6 with IPPROTO_SMC
 * @state: &enum smc_sk_state
 * @mode: 0 SMC-R, 1 TCP
 * @shutdown: RCV_SHUTDOWN and SEND_SHUTDOWN
 * @sport: our port
 * @dport: the peer's port
 * @src: our address, IPv4 in the first word
 * @dst: the peer's address
 * @bound_dev_if: index of the device bound to, or 0
 * @uid: owner
 * @inode: inode number of the socket, 0 without one
 * @fallback_reason: why TCP, 0 if not
 * @peer_diag: what the peer's Decline gave as the reason
 * @has_conn: @conn is filled in
 * @conn: the connection
 * @has_link: @link is filled in
 * @link: the connection's way through the transport
 *
 * Members are those of &struct smc_diag_msg and its attributes, in the order
 * and byte order that protocol has them there.
 */
struct smc_sock_info {
	u8 family;
	u8 state;
	u8 mode;
	u8 shutdown;
	__be16 sport;
	__be16 dport;
	__be32 src[4];
	__be32 dst[4];
	int bound_dev_if;
	kuid_t uid;
	u64 inode;
	u32 fallback_reason;
	u32 peer_diag;
	bool has_conn;
	struct smc_conn_info conn;
	bool has_link;
	struct smc_ep_info link;
};

extern struct proto smc_proto;
extern struct proto smc_inet_proto;
#if IS_ENABLED(CONFIG_IPV6)
extern struct proto smc_proto6;
extern struct proto smc_inet6_proto;
#endif

int smc_sock_init(void);
void smc_sock_exit(void);
int smc_sock_net_init(struct smc_net *sn);
void smc_sock_net_exit(struct smc_net *sn);

bool smc_sock_is_smc(const struct sock *sk);
const struct proto_ops *smc_sock_tcp_ops(const struct sock *tcp);
int smc_sock_setup(struct sock *sk);
struct smc_sock *smc_sock_child(struct sock *parent, struct socket *tcp);
void smc_sock_own(struct socket *tcp, kuid_t uid);
void smc_sock_dispose(struct smc_sock *smc);
void smc_sock_close_child(struct smc_sock *smc);
bool smc_sock_hook(struct smc_sock *smc);
void smc_sock_hook_begin(struct smc_sock *smc, struct smc_hs *hs);
void smc_sock_hook_end(struct smc_sock *smc);
void smc_sock_unhook(struct smc_sock *smc);
void smc_sock_cancel(struct smc_sock *smc);
void smc_sock_phase(struct smc_sock *smc, enum smc_phase phase);

struct sock *smc_sock_iter_next(struct net *net, int family_idx,
				struct smc_sock_iter *it);
void smc_sock_info(struct sock *sk, struct smc_sock_info *info);

#endif
