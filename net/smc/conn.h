/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection: two byte streams between local and remote ring, seen from one
 * end, and its state.
 *
 * Positions in a stream are 64-bit byte counts from its start, so that they
 * compare and subtract plainly; they become cursors only on the wire
 * (smc_conn_cursor()). For each stream, from behind to front:
 *
 *	send:	 tx_peer_cons <= tx_sent <= tx_prep,  tx_fin <= tx_sent,
 *		 tx_prep - tx_fin <= ep.snd.size
 *		 tx_sent - tx_peer_cons <= ep.peer_size
 *	receive: rx_conf <= rx_cons <= rx_prod,
 *		 rx_prod - rx_cons <= ep.rmb.size
 */
#ifndef _SMC_CONN_H
#define _SMC_CONN_H

#include <linux/spinlock.h>
#include <linux/timer.h>
#include <net/sock.h>
#include "proto/conn_fsm.h"
#include "stats.h"
#include "transport.h"

struct smc_conn;

/*
 * What is to be done about a connection, as bits of &smc_conn.todo. The first
 * ones are events for the state table, by their number there.
 */
#define SMC_TODO_RESET		(SMC_EV_NUM + 0)	/* there is no going on */
#define SMC_TODO_DEADLINE	(SMC_EV_NUM + 1)	/* the deadline has passed */
#define SMC_TODO_TCP		(SMC_EV_NUM + 2)	/* TCP changed its state */

/*
 * What a worker has left undone since a program had the socket, as bits of
 * &smc_conn.late; done again when it is released.
 */
enum smc_late {
	SMC_LATE_CLOSE,		/* close_work */
	SMC_LATE_VERDICT,	/* of the handshake */
	SMC_LATE_PUMP,		/* of a listener */
};

/* State of the one urgent byte a stream can have. */
enum smc_urg {
	SMC_URG_NONE,
	SMC_URG_NOTYET,		/* announced, byte not here */
	SMC_URG_PASSED,		/* read and consumed, the program is at it */
	SMC_URG_VALID,		/* byte here, not read */
	SMC_URG_READ,		/* read out of band, mark not reached */
};

/**
 * struct smc_conn_tx - the sending half; all under &smc_conn.lock
 * @prep: position behind the last byte taken from the program
 * @sent: position behind the last byte written to the peer
 * @fin: the send ring is free up to here
 * @peer_cons: the peer has consumed up to here
 * @signalled: position of the last message that will report completion
 * @urg_end: position behind the urgent byte, while @urg_pend
 * @seq: sequence number of the last message
 * @prod_flags: producer flags as last sent
 * @conn_flags: connection flags, those already sent and not taken back
 * @conn_flags_due: connection flags to send; DONE and CLOSED follow the data
 * @ctrl_due: a message is due though there may be no data for it
 * @report_due: the next message must report its completion
 * @urg_pend: urgent data announced, not written yet
 * @held: small writes are being collected (MSG_MORE, TCP_CORK)
 * @no_slot: the transport had no slot and will call tx_space
 * @wake_due: somebody wants to know when there is room
 * @open: sending is possible: the handshake is over, the transport not lost
 */
struct smc_conn_tx {
	u64 prep;
	u64 sent;
	u64 fin;
	u64 peer_cons;
	u64 signalled;
	u64 urg_end;
	u16 seq;
	u8 prod_flags;
	u8 conn_flags;
	u8 conn_flags_due;
	bool ctrl_due;
	bool report_due;
	bool urg_pend;
	bool held;
	bool no_slot;
	bool wake_due;
	bool open;
};

/**
 * struct smc_conn_rx - the receiving half; all under &smc_conn.lock
 * @prod: the peer has written up to here
 * @cons: the program has consumed up to here
 * @conf: the peer has been told of consumption up to here
 * @urg_pos: position of the urgent byte, unless @urg is NONE
 * @skip_pos: position of an urgent byte that was next in line when another
 *	one came, while @skip; ordinary reads pass over it
 * @skip: @skip_pos is still ahead
 * @seq: sequence number of the last message
 * @urg: state of the urgent byte
 * @urg_byte: the byte itself
 * @prod_flags: peer's producer flags, as last received
 * @conn_flags: peer's connection flags, all that were ever received
 * @closed: the program has closed; it will read nothing that comes now
 */
struct smc_conn_rx {
	u64 prod;
	u64 cons;
	u64 conf;
	u64 urg_pos;
	u64 skip_pos;
	u16 seq;
	enum smc_urg urg;
	u8 urg_byte;
	bool skip;
	u8 prod_flags;
	u8 conn_flags;
	bool closed;
};

/**
 * struct smc_conn - a connection
 * @ep: its end of the transport
 * @sk: the socket that contains it
 * @sn: namespace, for counters
 * @lock: protects @tx and @rx and serialises &smc_ep_ops.xmit. BH-safe; inside
 *	the socket lock, outside of everything of the transport
 * @tx: sending half
 * @rx: receiving half
 * @state: enum smc_conn_state; written by smc_conn_set_state() only, under the
 *	socket lock
 * @hold_timer: ends the holding back of small writes
 * @todo: events and SMC_TODO_* that nobody could handle yet; atomic bits
 * @late: enum smc_late; set with the socket's spinlock held, atomic bits
 * @lost_err: why the transport lost the peer, negative errno; set once
 * @close_work: what must sleep after a change of state (close.c)
 * @deadline: ends the waiting for a peer that owes us an answer (close.c)
 * @orphan_cons: &smc_conn_tx.peer_cons when @deadline was set for an orphan
 * @tcp: the TCP connection underneath; closed in step with this one. Set from
 *	creation to the end of the socket or its fall-back to TCP
 * @ready: the transport has news for the handshake; called with bottom halves
 *	disabled
 * @finish: called from @close_work when a closed connection has been taken
 *	down; drops the reference the peer's side held
 * @peer_on_tcp: the peer has sent bytes by TCP that were not for the handshake;
 *	set once that has ended, under TCP's lock
 * @established: the handshake has ended well
 * @finished: @finish was called or will be
 */
struct smc_conn {
	struct smc_ep ep;
	struct sock *sk;
	struct smc_net *sn;

	spinlock_t lock ____cacheline_aligned_in_smp;
	struct smc_conn_tx tx;
	struct smc_conn_rx rx;

	u8 state;
	struct timer_list hold_timer;
	unsigned long todo;
	unsigned long late;
	int lost_err;
	struct work_struct close_work;
	struct timer_list deadline;
	u64 orphan_cons;
	struct socket *tcp;
	void (*ready)(struct smc_conn *conn);
	void (*finish)(struct smc_conn *conn);
	bool peer_on_tcp;
	bool established;
	bool finished;
};

/**
 * smc_conn_cursor() - wire form of a stream position
 * @pos: position
 * @size: size of the ring, a power of two
 *
 * Context: Any.
 * Return: The cursor.
 */
static inline struct smc_cursor smc_conn_cursor(u64 pos, u32 size)
{
	return (struct smc_cursor) {
		.wrap = (u16)(pos >> ilog2(size)),
		.count = (u32)(pos & (size - 1)),
	};
}

static inline u32 smc_conn_tx_free(const struct smc_conn *conn)
{
	return conn->ep.snd.size - (u32)(conn->tx.prep - conn->tx.fin);
}

static inline u32 smc_conn_peer_free(const struct smc_conn *conn)
{
	return conn->ep.peer_size -
	       (u32)(conn->tx.sent - conn->tx.peer_cons);
}

/**
 * struct smc_conn_info - a snapshot for observers, cursors as on the wire
 * @token: our alert token
 * @sndbuf_size: size of the send buffer, bytes
 * @rmbe_size: size of our RMBE, bytes
 * @peer_rmbe_size: size of the peer's RMBE, bytes
 * @rx_prod: producer cursor in the peer's last message
 * @rx_cons: consumer cursor in the peer's last message
 * @tx_prod: producer cursor as last sent
 * @tx_cons: consumer cursor as last sent
 * @tx_prep: end of the program's data in the send buffer
 * @tx_sent: end of what of it is posted
 * @tx_fin: end of what of it may be overwritten
 * @rx_pflags: producer flags of the peer's last message
 * @rx_cflags: connection state flags of the peer's last message
 * @tx_pflags: producer flags of our last message
 * @tx_cflags: connection state flags of our last message
 */
struct smc_conn_info {
	u32 token;
	u32 sndbuf_size;
	u32 rmbe_size;
	u32 peer_rmbe_size;
	struct smc_cursor rx_prod;
	struct smc_cursor rx_cons;
	struct smc_cursor tx_prod;
	struct smc_cursor tx_cons;
	struct smc_cursor tx_prep;
	struct smc_cursor tx_sent;
	struct smc_cursor tx_fin;
	u8 rx_pflags;
	u8 rx_cflags;
	u8 tx_pflags;
	u8 tx_cflags;
};

void smc_conn_init(struct smc_conn *conn, struct sock *sk);
void smc_conn_reset(struct smc_conn *conn);
bool smc_conn_trylock(struct smc_conn *conn, enum smc_late late);
u8 smc_conn_set_state(struct smc_conn *conn, enum smc_conn_event event);
bool smc_conn_may_send(const struct smc_conn *conn);
u32 smc_conn_readable(const struct smc_conn *conn);
void smc_conn_fill_info(struct smc_conn *conn, struct smc_conn_info *info);

#endif
