/* SPDX-License-Identifier: GPL-2.0 */
/*
 * smcsim: an RDMA adapter made of software, for tests of upper layers.
 *
 * What stands where:
 *
 *	main.c		module, rdma link add
 *	device.c	one adapter: queries, events, birth and death
 *	netdev.c	what network devices say: ports up and down, wiring
 *	gid.c		GID tables, who owns a GID
 *	mr.c		protection domains, memory regions, keys
 *	cq.c		completion queues
 *	qp.c		queue pairs: making, ending, events
 *	state.c		queue pairs: states and attributes
 *	post.c		work requests into queues
 *	requester.c	the work item that executes send queues
 *	responder.c	what the other end does with a message
 *	debugfs.c	counters and settings
 *	fault.c		faults on demand
 *	mutate.c	messages rewritten on their way
 *	wire.c		messages as Ethernet frames to another kernel
 *
 * Life of a work request: post_send() copies it into the send queue and puts
 * the queue pair on its device's list of active ones; the device's work item
 * runs in softirq, takes one queue pair after the other, and one work request
 * after the other of each. It finds the queue pair at the other end, places
 * the bytes in that one's memory by itself, and makes the completions of both
 * ends. What must wait (receiver not ready, latency, a lost message) parks its
 * queue pair until a timer puts it on the list again. Hence the order within
 * a queue pair always holds, and on one CPU everything is deterministic.
 *
 * Locks, outer to inner. All but the mutexes are taken with bottom halves
 * disabled, none in hard interrupt context; consumers must not call with
 * interrupts off.
 *
 *	sim_qp.modify_mutex	one change of state at a time
 *	sim_qp.req_lock		the send queue is executed
 *	sim_qp.resp_lock	messages are received; that of the peer's queue
 *				pair is taken under our req_lock, and ours in a
 *				change of state, never the reverse
 *	sim_mr.lock		state of a region, while bytes are placed in it
 *	sim_qp.sq_lock, sim_qp.rq_lock, then sim_cq.lock, sim_dev.active_lock,
 *	sim_dev.shape_lock, sim_port.gid_lock, sim_qp.state_lock: leaves
 *
 * rtnl goes before sim_list_lock, which guards the list of devices.
 *
 * Memory. DMA addresses are kernel virtual addresses (the RDMA core does so
 * for devices without a DMA device), so bytes are placed by memcpy().
 */
#ifndef SMCSIM_SMCSIM_H
#define SMCSIM_SMCSIM_H

#include <linux/etherdevice.h>
#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/sched/clock.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <rdma/ib_addr.h>
#include <rdma/ib_verbs.h>
#include "count.h"
#include "fault.h"
#include "mutate.h"
#include "wire.h"

#define SIM_MAX_PORTS		2
#define SIM_MAX_GIDS		64	/* per port */
#define SIM_MAX_SGE		16
#define SIM_MAX_INLINE		256
#define SIM_MAX_WR		16384
#define SIM_MAX_CQE		65536
#define SIM_MAX_PD		16384
#define SIM_MAX_CQ		16384
#define SIM_MAX_QP		16384
#define SIM_MAX_MR		65536
#define SIM_MAX_MR_PAGES	SZ_128K
#define SIM_MAX_MSG		SZ_1G
#define SIM_PSN_MASK		0xffffff

/*
 * A SEND of up to this many bytes can be rewritten on its way: somewhat more
 * than any receiver of SMC has room for.
 */
#define SIM_MSG_BYTES		(SZ_8K + 256)

/* Key of all memory, for local use. No region has it. */
#define SIM_DMA_LKEY		0xffffff00

#define SIM_ROCE_TYPES		(BIT(IB_GID_TYPE_ROCE) | \
				 BIT(IB_GID_TYPE_ROCE_UDP_ENCAP))

struct dentry;
struct sim_source;

/* What an adapter has so many of, and no more. */
enum sim_object {
	SIM_PDS,
	SIM_CQS,
	SIM_QPS,
	SIM_MRS,
	SIM_OBJECTS
};

/* What the responder has to say about a message. */
enum sim_answer {
	SIM_ACK,
	SIM_NAK_RNR,		/* no receive posted */
	SIM_NAK_SEQUENCE,	/* a message is missing before this one */
	SIM_NAK_REQUEST,	/* cannot be done: length, opcode */
	SIM_NAK_ACCESS,		/* rkey, bounds or rights */
	SIM_NAK_OPERATION,	/* the responder itself failed */
	SIM_NO_ANSWER,		/* lost, or nobody there */
	SIM_IN_FLIGHT,		/* the answer comes later: sim_req_answer() */
};

/**
 * struct sim_msg - a message from a requester to a responder
 * @opcode: IB_WR_SEND or IB_WR_RDMA_WRITE
 * @src_qpn: queue pair that sends
 * @dest_qpn: queue pair that is to receive
 * @psn: its number, 24 bits. There are no packets: a message has one number
 * @solicited: the receiver asked to be woken by such a message
 * @injected: not sent by any work request: numbers are neither checked nor
 *	used up, nobody waits for the answer
 * @remote_addr: RDMA WRITE: where to
 * @rkey: RDMA WRITE: key of the memory there
 * @len: bytes of payload as announced
 * @packet: bytes of payload of its longest packet, 0 if it came as frames,
 *	which are as long as they are
 * @bytes: payload of a SEND of up to SIM_MSG_BYTES bytes, may be changed and
 *	has room for SIM_MSG_BYTES; NULL for all others
 * @src: payload if @bytes is NULL
 * @flip_at: byte of an RDMA WRITE's payload that is damaged on its way ...
 * @flip_bits: ... by an exclusive or with this, 0 for none
 */
struct sim_msg {
	enum ib_wr_opcode opcode;
	u32 src_qpn;
	u32 dest_qpn;
	u32 psn;
	bool solicited;
	bool injected;
	u64 remote_addr;
	u32 rkey;
	u32 len;
	u32 packet;
	u8 *bytes;
	const struct sim_source *src;
	u32 flip_at;
	u8 flip_bits;
};

/* One GID, as told by the RDMA core. */
struct sim_gid {
	union ib_gid gid;
	enum ib_gid_type type;
	u16 vlan_id;
	struct net_device *ndev;	/* the RDMA core has a reference */
	bool valid;
};

/**
 * struct sim_port - a port of an adapter
 * @sim: its adapter
 * @num: its number, from 1
 * @ndev: its network device
 * @tracker: of the reference on @ndev
 * @segment: names the network it is plugged into: ports with equal names reach
 *	each other. Written under rtnl, READ_ONCE elsewhere
 * @ndev_up: @ndev is up and has a carrier. Written under rtnl, READ_ONCE
 * @pulled: kept down by sim_port_set(), READ_ONCE
 * @told_active: the last event said so. Under rtnl
 * @gid_lock: protects @gids and @mac. BH-safe leaf
 * @mac: address of @ndev
 * @gids: as the RDMA core has them
 * @wire: frames to other kernels
 */
struct sim_port {
	struct sim_dev *sim;
	u32 num;
	struct net_device *ndev;
	netdevice_tracker tracker;
	const void *segment;
	bool ndev_up;
	bool pulled;
	bool told_active;
	spinlock_t gid_lock;		/* BH-safe leaf */
	u8 mac[ETH_ALEN];
	struct sim_gid gids[SIM_MAX_GIDS];
	struct sim_wire wire;
};

/**
 * struct sim_dev - an adapter
 * @ibdev: what the RDMA core knows of it
 * @node: in sim_list; walked under RCU or sim_list_lock
 * @num_ports: 1 or 2
 * @port: its ports; number n is entry n - 1
 * @gid_types: bits 1 << enum ib_gid_type; under @settings
 * @settings: one change of settings at a time; taken before rtnl
 * @wire_on: peers outside this kernel are reached by frames
 * @fatal: sim_fatal() was called: nothing works any more
 * @objects: how many there are per &enum sim_object
 * @qps: queue pairs by number; looked up under RCU
 * @mrs: memory regions by the upper 24 bits of their keys; the same
 * @next_qpn: for cyclic allocation, under xa_lock of @qps
 * @next_mr: for cyclic allocation, under xa_lock of @mrs
 * @work: executes send queues
 * @active_lock: protects @active and @held. BH-safe leaf
 * @active: queue pairs that have something to do
 * @held: queue pair with a completion that others are to overtake
 * @shape_lock: protects @wire_free. BH-safe leaf
 * @wire_free: when all that was posted before has left the port
 * @latency_us: each message takes that long, READ_ONCE
 * @bandwidth_mbps: bits that leave per microsecond, 0 for no limit, READ_ONCE
 * @dir: debugfs directory
 * @counts: per CPU
 * @faults: fault.c
 * @mutator: mutate.c
 */
struct sim_dev {
	struct ib_device ibdev;
	struct list_head node;
	unsigned int num_ports;
	struct sim_port port[SIM_MAX_PORTS];
	unsigned long gid_types;
	struct mutex settings;		/* before rtnl */
	bool wire_on;
	bool fatal;
	atomic_t objects[SIM_OBJECTS];

	struct xarray qps;
	struct xarray mrs;
	u32 next_qpn;
	u32 next_mr;

	struct work_struct work;
	spinlock_t active_lock;		/* BH-safe leaf */
	struct list_head active;
	struct sim_qp *held;

	spinlock_t shape_lock;		/* BH-safe leaf */
	ktime_t wire_free;
	u32 latency_us;
	u32 bandwidth_mbps;

	struct dentry *dir;
	struct sim_counts __percpu *counts;
	struct sim_faults faults;
	struct sim_mutator mutator;
};

enum sim_mr_state {
	SIM_MR_FREE,		/* no access until a REG_MR is executed */
	SIM_MR_VALID,
	SIM_MR_DEAD,		/* deregistered */
};

/**
 * struct sim_mr - a memory region
 * @ibmr: what the RDMA core knows of it; @ibmr.rkey is the key that the
 *	consumer will use next
 * @rcu: frees it
 * @lock: protects @state, @key and @access; held while a peer's bytes are
 *	placed. BH-safe
 * @state: of the key
 * @key: valid key
 * @access: IB_ACCESS_*
 * @dma: all of memory, for local use
 * @contig: the pages follow each other
 * @max_pages: room in @pages
 * @num_pages: entries of @pages in use
 * @pages: kernel addresses of pages of @ibmr.page_size bytes
 */
struct sim_mr {
	struct ib_mr ibmr;
	struct rcu_head rcu;
	spinlock_t lock;		/* BH-safe, within resp_lock */
	enum sim_mr_state state;
	u32 key;
	int access;
	bool dma;
	bool contig;
	u32 max_pages;
	u32 num_pages;
	u64 *pages;
};

/* A completion in its queue, with what the poll gives back to whom. */
struct sim_cqe {
	struct ib_wc wc;
	struct sim_qp *qp;
	u32 freed;		/* the queue's slots before this one are free */
	bool is_recv;
};

enum sim_cq_arm {
	SIM_CQ_QUIET,
	SIM_CQ_SOLICITED,
	SIM_CQ_NEXT,
};

/**
 * struct sim_cq - a completion queue
 * @ibcq: what the RDMA core knows of it
 * @lock: protects the rest but @timer. BH-safe leaf
 * @ring: @size entries, a power of two
 * @size: entries
 * @head: next to poll, free running
 * @tail: next to fill, free running
 * @arm: what calls the handler
 * @overrun: an entry was lost; the queue is unusable
 * @mod_count: with moderation, entries that call the handler
 * @mod_period_us: with moderation, time after the first entry that does so
 * @mod_pending: entries since the handler was due
 * @timer: calls it after @mod_period_us
 */
struct sim_cq {
	struct ib_cq ibcq;
	spinlock_t lock;		/* BH-safe leaf */
	struct sim_cqe *ring;
	u32 size;
	u32 head;
	u32 tail;
	enum sim_cq_arm arm;
	bool overrun;
	u16 mod_count;
	u16 mod_period_us;
	u16 mod_pending;
	struct hrtimer timer;
};

/* A send work request in its queue. */
struct sim_swqe {
	struct ib_cqe *wr_cqe;
	enum ib_wr_opcode opcode;
	bool signalled;
	bool solicited;
	bool is_inline;
	u8 num_sge;
	u32 len;
	ktime_t due;		/* on the wire until then, 0: no delay */
	union {
		struct {
			u64 raddr;
			u32 rkey;
		} write;
		struct {
			struct sim_mr *mr;
			u32 key;
			int access;
		} reg;
		u32 inv_key;
	};
	union {
		DECLARE_FLEX_ARRAY(struct ib_sge, sge);
		DECLARE_FLEX_ARRAY(u8, bytes);
	};
};

/* A receive work request in its queue. */
struct sim_rwqe {
	struct ib_cqe *wr_cqe;
	u32 len;
	u8 num_sge;
	struct ib_sge sge[];
};

/**
 * struct sim_queue - a ring of work requests
 * @mem: the slots
 * @stride: bytes of a slot
 * @size: slots, a power of two
 * @depth: slots a consumer may use
 * @max_sge: per slot
 * @prod: next slot to fill, free running; release/acquire
 * @cons: next slot to execute, free running
 * @freed: slots before this one can be filled again: their completions have
 *	been polled. Written under the completion queue's lock, READ_ONCE
 */
struct sim_queue {
	u8 *mem;
	u32 stride;
	u32 size;
	u32 depth;
	u32 max_sge;
	u32 prod;
	u32 cons;
	u32 freed;
};

/* A piece of the sender's memory; a region's pages if @mr is set. */
struct sim_piece {
	const struct sim_mr *mr;
	u64 addr;
	u32 len;
};

/* Payload of a message. */
struct sim_source {
	struct sim_piece piece[SIM_MAX_SGE];
	unsigned int num;
	u32 len;		/* sum of all */
};

/* How far the send work request in turn got. */
enum sim_step {
	SIM_STEP_START,		/* nothing done yet */
	SIM_STEP_SEND,		/* the message is made, to be delivered */
	SIM_STEP_WIRE,		/* handed to wire.c, no answer yet */
	SIM_STEP_ANSWERED,	/* wire.c gave the answer */
	SIM_STEP_DONE,		/* executed, to be completed */
};

/**
 * struct sim_requester - execution of a send queue, under req_lock
 * @step: of the work request at sq.cons
 * @held: its completion was delayed already
 * @overtaken: others completed meanwhile: the wait is over. READ_ONCE
 * @late: its delivery was delayed already
 * @dup: it is to arrive twice
 * @answer: of the peer, through the wire
 * @status: it will complete with this
 * @psn: number of the message in turn
 * @retries: sent again without an answer
 * @rnr_retries: sent again after the peer was not ready
 * @lose: times to lose it
 * @fake_rnr: times to find the peer not ready
 * @wake_at: do nothing before this time; 0: no wait
 * @timer: ends the wait
 * @msg: the message
 * @src: its payload
 * @bytes: payload of a small SEND
 */
struct sim_requester {
	enum sim_step step;
	bool held;
	bool overtaken;
	bool late;
	bool dup;
	enum sim_answer answer;
	enum ib_wc_status status;
	u32 psn;
	u32 retries;
	u32 rnr_retries;
	u32 lose;
	u32 fake_rnr;
	ktime_t wake_at;
	struct hrtimer timer;
	struct sim_msg msg;
	struct sim_source src;
	u8 bytes[SIM_MSG_BYTES];
};

/**
 * struct sim_path - where the messages of a queue pair go; written under both
 * req_lock and resp_lock
 * @gid_type: of both GIDs
 * @vlan_id: of both
 * @sgid: our GID
 * @dgid: GID of the peer
 * @dmac: MAC of the peer's port
 */
struct sim_path {
	enum ib_gid_type gid_type;
	u16 vlan_id;
	union ib_gid sgid;
	union ib_gid dgid;
	u8 dmac[ETH_ALEN];
};

/**
 * struct sim_qp - a queue pair. Outlives the RDMA core's for as long as
 * somebody has a reference
 * @ibqp: what the RDMA core knows; valid unless @dead
 * @sim: adapter; valid unless @dead
 * @ref: references
 * @rcu: frees it
 * @qpn: number, 24 bits
 * @scq: completions of sends
 * @rcq: completions of receives
 * @pd: protection domain
 * @sig_all: each send is signalled
 * @max_inline: granted
 * @port: its port, NULL before INIT. Under req_lock and resp_lock
 * @modify_mutex: one change of state at a time
 * @state: enum ib_qp_state; written under @state_lock, READ_ONCE elsewhere
 * @state_lock: leaf
 * @dead: destroyed. Written under @req_lock and @resp_lock
 * @attr: attributes as given; under @req_lock and @resp_lock
 * @path: peer's address; the same
 * @req_lock: protects @sq.cons, @req, @peer, @peer_gen
 * @req: execution of the send queue
 * @peer: queue pair that messages go to, with a reference; NULL: not known
 * @peer_gen: sim_topology at the time @peer was found
 * @resp_lock: protects @rq.cons, @epsn, @heard, @wire.rx
 * @epsn: number of the message expected next
 * @heard: a message came
 * @sq_lock: protects @sq.prod
 * @sq: send queue
 * @rq_lock: protects @rq.prod
 * @rq: receive queue
 * @active: in the device's list; under active_lock
 * @events: bits of enum ib_event_type to report
 * @event_work: reports them
 * @wire: wire.c
 */
struct sim_qp {
	struct ib_qp *ibqp;
	struct sim_dev *sim;
	refcount_t ref;
	struct rcu_head rcu;
	u32 qpn;
	struct sim_cq *scq;
	struct sim_cq *rcq;
	struct ib_pd *pd;
	bool sig_all;
	u32 max_inline;

	struct mutex modify_mutex;	/* before all locks here */
	spinlock_t state_lock;		/* BH-safe leaf */
	enum ib_qp_state state;
	bool dead;
	struct sim_port *port;
	struct ib_qp_attr attr;
	struct sim_path path;

	spinlock_t req_lock ____cacheline_aligned_in_smp;
	struct sim_requester req;
	struct sim_qp *peer;
	unsigned int peer_gen;

	spinlock_t resp_lock ____cacheline_aligned_in_smp;
	u32 epsn;
	bool heard;

	spinlock_t sq_lock ____cacheline_aligned_in_smp;
	struct sim_queue sq;
	spinlock_t rq_lock;		/* BH-safe, leaf but for reset */
	struct sim_queue rq;

	struct list_head active;
	unsigned long events;
	struct work_struct event_work;
	struct sim_wire_qp wire;
};

/* The RDMA core allocates and frees this one. */
struct sim_ibqp {
	struct ib_qp ibqp;
	struct sim_qp *qp;
};

/* Time that sim_clock() leaves out. */
DECLARE_PER_CPU(u64, sim_away);

static inline struct sim_dev *to_sim_dev(struct ib_device *ibdev)
{
	return container_of(ibdev, struct sim_dev, ibdev);
}

static inline struct sim_mr *to_sim_mr(struct ib_mr *ibmr)
{
	return container_of(ibmr, struct sim_mr, ibmr);
}

static inline struct sim_cq *to_sim_cq(struct ib_cq *ibcq)
{
	return container_of(ibcq, struct sim_cq, ibcq);
}

static inline struct sim_qp *to_sim_qp(struct ib_qp *ibqp)
{
	return container_of(ibqp, struct sim_ibqp, ibqp)->qp;
}

static inline void sim_count_add(struct sim_dev *sim, enum sim_counter which,
				 u64 n)
{
	this_cpu_add(sim->counts->v[which], n);
}

static inline void sim_count(struct sim_dev *sim, enum sim_counter which)
{
	this_cpu_inc(sim->counts->v[which]);
}

/*
 * A clock of this CPU that stands still in consumers' handlers, and jumps back
 * over what has been counted, so that of parts that are nested each counts for
 * itself only. Bottom halves are disabled.
 */
static inline u64 sim_clock(void)
{
	return local_clock() - __this_cpu_read(sim_away);
}

/*
 * Around all that a benchmark wants to take out. Bottom halves are off in
 * between, so that no consumer's work is measured with ours.
 */
static inline u64 sim_enter(void)
{
	local_bh_disable();
	return sim_clock();
}

static inline void sim_leave(struct sim_dev *sim, u64 entered)
{
	u64 spent = sim_clock() - entered;

	sim_count_add(sim, SIM_C_TIME_NS, spent);
	__this_cpu_add(sim_away, spent);
	local_bh_enable();
}

/*
 * The same around what may sleep, in process context: from the declaration of
 * a variable with __cleanup(sim_visit_end) to the end of the function.
 */
struct sim_visit {
	struct sim_dev *sim;
	unsigned long switches;
	u64 entered;
};

static inline struct sim_visit sim_visit_begin(struct sim_dev *sim)
{
	struct sim_visit visit = { .sim = sim };

	migrate_disable();
	visit.switches = current->nvcsw + current->nivcsw;
	visit.entered = sim_enter();
	local_bh_enable();
	return visit;
}

static inline void sim_visit_end(const struct sim_visit *visit)
{
	local_bh_disable();
	/* How much of it others had is not known: then none of it counts. */
	if (visit->switches == current->nvcsw + current->nivcsw)
		sim_leave(visit->sim, visit->entered);
	else
		local_bh_enable();
	migrate_enable();
}

/* State of a queue pair as of now; it can change at any time to ERR. */
static inline enum ib_qp_state sim_qp_state(const struct sim_qp *qp)
{
	return READ_ONCE(qp->state);
}

static inline void *sim_queue_slot(const struct sim_queue *q, u32 index)
{
	return q->mem + (index & (q->size - 1)) * q->stride;
}

/* What the Ethernet device takes, which may have changed since the last look */
static inline enum ib_mtu sim_port_mtu(const struct sim_port *port)
{
	return iboe_get_mtu(READ_ONCE(port->ndev->mtu));
}

static inline bool sim_port_active(const struct sim_port *port)
{
	return READ_ONCE(port->ndev_up) && !READ_ONCE(port->pulled) &&
	       !READ_ONCE(port->sim->fatal);
}

/* main.c */
extern struct list_head sim_list;
extern struct mutex sim_list_lock;
extern struct workqueue_struct *sim_bh_wq;
extern struct workqueue_struct *sim_event_wq;

/* device.c */
bool sim_object_take(struct sim_dev *sim, enum sim_object which);
void sim_object_give(struct sim_dev *sim, enum sim_object which);
void sim_port_set(struct sim_dev *sim, u32 port, bool up);
void sim_gid_change(struct sim_dev *sim, u32 port);
void sim_fatal(struct sim_dev *sim);
void sim_remove(struct sim_dev *sim);
int sim_dev_create(const char *name, struct net_device **ndevs,
		   unsigned int num, unsigned long gid_types, bool wire);
void sim_dev_remove_all(void);
void __sim_wire_switch(struct sim_dev *sim, bool on);

/* netdev.c */
extern atomic_t sim_topology;
void sim_netdev_rewire(void);
int sim_netdev_init(void);
void sim_netdev_exit(void);
void sim_port_tell(struct sim_port *port);

/* gid.c */
int sim_gid_add(const struct ib_gid_attr *attr, void **context);
int sim_gid_del(const struct ib_gid_attr *attr, void **context);
u32 sim_gid_core_caps(unsigned long types);
void __sim_gid_rescan(struct sim_dev *sim, struct sim_port *port);
void __sim_gid_types_set(struct sim_dev *sim, unsigned long types);
bool sim_gid_is_source(struct sim_port *port, const struct sim_path *path);
struct sim_qp *sim_gid_find_qp(struct sim_port *from,
			       const struct sim_path *path, u32 qpn);

/* mr.c */
extern const struct ib_device_ops sim_mr_ops;
enum ib_wc_status sim_mr_register(struct sim_dev *sim,
				  const struct sim_swqe *wqe);
enum ib_wc_status sim_mr_invalidate(struct sim_dev *sim,
				    const struct ib_pd *pd, u32 key);
bool sim_mr_local(struct sim_dev *sim, const struct ib_pd *pd,
		  const struct ib_sge *sge, int access,
		  struct sim_piece *piece);
u8 *sim_mr_at(const struct sim_mr *mr, u64 addr, u32 *len);
struct sim_mr *sim_mr_find(struct sim_dev *sim, u32 rkey);
bool __sim_mr_may_write(struct sim_dev *sim, const struct sim_mr *mr,
			const struct ib_pd *pd, u32 rkey, u64 addr, u32 len);

/* cq.c */
extern const struct ib_device_ops sim_cq_ops;
bool sim_cq_push(struct sim_cq *cq, const struct sim_cqe *cqe, bool solicited);
void sim_cq_purge(struct sim_cq *cq, const struct sim_qp *qp);

/* qp.c */
extern const struct ib_device_ops sim_qp_ops;
struct sim_qp *sim_qp_get(struct sim_dev *sim, u32 qpn);
void sim_qp_put(struct sim_qp *qp);
void sim_qp_activate(struct sim_qp *qp);
void sim_qp_error(struct sim_qp *qp);
void sim_qp_event(struct sim_qp *qp, enum ib_event_type type);

/* state.c */
int sim_qp_modify(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		  struct ib_udata *udata);
int sim_qp_query(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		 struct ib_qp_init_attr *init);

/* post.c */
int sim_post_send(struct ib_qp *ibqp, const struct ib_send_wr *wr,
		  const struct ib_send_wr **bad);
int sim_post_recv(struct ib_qp *ibqp, const struct ib_recv_wr *wr,
		  const struct ib_recv_wr **bad);

/* requester.c */
void sim_req_init(struct sim_qp *qp);
void __sim_req_reset(struct sim_qp *qp);
void sim_req_work(struct work_struct *work);
enum sim_answer sim_req_inject(struct sim_dev *sim, struct sim_msg *msg);
void sim_req_answer(struct sim_qp *qp, u32 psn, enum sim_answer answer);
void sim_msg_read(const struct sim_msg *msg, u32 off, void *to, u32 len);

/* responder.c */
bool __sim_resp_ready(struct sim_qp *qp);
enum sim_answer sim_resp_message(struct sim_qp *qp, const struct sim_path *from,
				 const struct sim_msg *msg);
void sim_resp_flush(struct sim_qp *qp);
enum sim_answer __sim_qp_recv(struct sim_qp *qp, u32 src_qpn, const void *data,
			      u32 len, bool solicited);
enum sim_answer __sim_qp_write_check(struct sim_qp *qp, u32 src_qpn, u64 raddr,
				     u32 rkey, u32 dma_len);
enum sim_answer __sim_qp_write(struct sim_qp *qp, u64 raddr, u32 rkey,
			       const void *data, u32 len);

/* debugfs.c */
void sim_debugfs_init(void);
void sim_debugfs_exit(void);
void sim_debugfs_add(struct sim_dev *sim, const char *name);

#endif /* SMCSIM_SMCSIM_H */
