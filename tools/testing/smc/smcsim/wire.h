/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Wire mode: the simulator's messages as Ethernet frames, for a peer that is
 * not in this kernel.
 */
#ifndef SMCSIM_WIRE_H
#define SMCSIM_WIRE_H

#include <linux/atomic.h>
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/types.h>

struct seq_file;
struct sim_dev;
struct sim_msg;
struct sim_qp;

/**
 * struct sim_wire_path - where a queue pair's frames go
 * @wire: port they leave by
 * @dmac: Ethernet address of the peer's port
 * @sgid: our GID
 * @dgid: the peer's GID
 * @dest_qpn: the peer's queue pair
 * @mtu: bytes of payload per frame
 * @timeout: in jiffies, until the rest of a message is sent again
 * @retry_cnt: how often, without progress
 */
struct sim_wire_path {
	struct sim_wire	*wire;
	u8		dmac[ETH_ALEN];
	u8		sgid[16];
	u8		dgid[16];
	u32		dest_qpn;
	u32		mtu;
	unsigned long	timeout;
	u8		retry_cnt;
};

/**
 * struct sim_wire_tx - a queue pair's sending half
 * @lock: protects the rest; taken within the queue pair's req_lock. BH-safe
 * @numbered: @psn has been set by the first message
 * @psn: number of the message under way, or else of the next
 * @round: counts the bursts of frames, so that an answer tells which one it
 *	answers
 * @from: bytes of the message that the receiver has
 * @tries: times sent again since it got more of it
 * @msg: the message under way, NULL if there is none; what it refers to stays
 *	until it is answered
 * @path: where it goes
 * @timer: sends it again
 */
struct sim_wire_tx {
	/* Protects the rest. BH-safe, within the queue pair's req_lock. */
	spinlock_t		lock;
	bool			numbered;
	u32			psn;
	u32			round;
	u32			from;
	u32			tries;
	const struct sim_msg	*msg;
	struct sim_wire_path	path;
	struct timer_list	timer;
};

/**
 * struct sim_wire_rx - a queue pair's receiving half, under its resp_lock
 * @answered: there was a message before this one
 * @psn: number of the message expected next
 * @off: bytes of it that have arrived
 * @len: length of it, if @off is not zero
 * @buf: what arrived of a SEND
 * @last: &enum sim_answer to the message before, for when that comes again
 */
struct sim_wire_rx {
	bool		answered;
	u32		psn;
	u32		off;
	u32		len;
	u8		*buf;
	u8		last;
};

/**
 * struct sim_wire_qp - the wire's part of a queue pair
 * @qp: queue pair it is embedded in
 * @tx: sends
 * @rx: receives
 */
struct sim_wire_qp {
	struct sim_qp		*qp;
	struct sim_wire_tx	tx;
	struct sim_wire_rx	rx;
};

/**
 * enum sim_wire_stat - what is counted
 * @SIM_WIRE_TX: frames sent
 * @SIM_WIRE_TX_DROP: frames that could not be sent
 * @SIM_WIRE_AGAIN: messages, or the rest of them, sent again
 * @SIM_WIRE_RX: frames taken
 * @SIM_WIRE_RX_BAD: frames dropped because they make no sense
 * @SIM_WIRE_RX_STRAY: frames dropped because they fit no queue pair of ours
 * @SIM_WIRE_RX_ORDER: frames dropped because one before them is missing
 * @SIM_WIRE_STATS: number of these
 */
enum sim_wire_stat {
	SIM_WIRE_TX,
	SIM_WIRE_TX_DROP,
	SIM_WIRE_AGAIN,
	SIM_WIRE_RX,
	SIM_WIRE_RX_BAD,
	SIM_WIRE_RX_STRAY,
	SIM_WIRE_RX_ORDER,
	SIM_WIRE_STATS
};

/**
 * struct sim_wire - the wire's part of a port
 * @sim: device
 * @port: port number
 * @ptype: receives our frames from the port's network device
 * @stat: counts per &enum sim_wire_stat since the device was made
 */
struct sim_wire {
	struct sim_dev		*sim;
	u32			port;
	struct packet_type	ptype;
	atomic64_t		stat[SIM_WIRE_STATS];
};

/* start may be called again after stop; stop is idempotent and sleeps. */
void sim_wire_start(struct sim_wire *wire, struct sim_dev *sim, u32 port,
		    struct net_device *ndev);
void sim_wire_stop(struct sim_wire *wire);
/* "portN_wire_NAME COUNT" lines for the counters file */
void sim_wire_show(struct seq_file *seq, struct sim_wire *wire);

/* At create; at modify to RTR (receiving from @rq_psn on); at reset or error
 * (forgets what is under way: no sim_req_answer() for it after it returned,
 * unless it is already running); at destroy (may sleep); with the last
 * reference.
 */
void sim_wire_qp_init(struct sim_wire_qp *wqp, struct sim_qp *qp);
void sim_wire_qp_ready(struct sim_wire_qp *wqp, u32 rq_psn);
void sim_wire_qp_reset(struct sim_wire_qp *wqp);
void sim_wire_qp_exit(struct sim_wire_qp *wqp);
void sim_wire_qp_free(struct sim_wire_qp *wqp);

/* One message of a queue pair at a time: SIM_IN_FLIGHT, then sim_req_answer()
 * once; or SIM_NO_ANSWER.
 */
enum sim_answer sim_wire_send(struct sim_qp *qp, const struct sim_msg *msg);

#endif /* SMCSIM_WIRE_H */
