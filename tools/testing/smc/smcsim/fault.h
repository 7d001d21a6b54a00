/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults on demand: schedules set through debugfs that tell the simulator
 * when an operation shall fail, and how.
 */
#ifndef SMCSIM_FAULT_H
#define SMCSIM_FAULT_H

#include <linux/atomic.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "schedule.h"

struct dentry;
struct seq_file;
struct sim_dev;

/**
 * enum sim_fault - what can be made to fail
 *
 * The simulator asks sim_fault_hit() at each of these points; the last group
 * are events, which sim_fault_event() raises by itself.
 *
 * @SIM_FAULT_POST_SEND: ib_post_send() refuses a work request (negative errno)
 * @SIM_FAULT_POST_RECV: ib_post_recv() refuses a work request (negative errno)
 * @SIM_FAULT_CREATE_QP: creating a queue pair fails (negative errno)
 * @SIM_FAULT_MODIFY_QP: modifying a queue pair fails (negative errno)
 * @SIM_FAULT_ALLOC_PD: allocating a protection domain fails (negative errno)
 * @SIM_FAULT_CREATE_CQ: creating a completion queue fails (negative errno)
 * @SIM_FAULT_ALLOC_MR: allocating a memory region fails (negative errno)
 * @SIM_FAULT_MAP_MR: mapping pages into a memory region fails (negative errno)
 * @SIM_FAULT_REG_MR: a REG_MR work request completes in error (ib_wc_status)
 * @SIM_FAULT_SEND_STATUS: a SEND or RDMA WRITE completes with an ib_wc_status
 *	other than success, and the queue pair goes to the error state
 * @SIM_FAULT_RECV_STATUS: the same for a receive
 * @SIM_FAULT_COMP_DELAY: a completion is held back (microseconds)
 * @SIM_FAULT_COMP_REORDER: a completion is held back until completions of
 *	other queue pairs have passed it (at most so many microseconds)
 * @SIM_FAULT_FLUSH: the queue pair goes to the error state and all that is
 *	posted is flushed
 * @SIM_FAULT_MSG_LOST: a message is lost this many times in a row and sent
 *	again after the queue pair's timeout; more often than its retry count
 *	allows ends in IB_WC_RETRY_EXC_ERR (0: lost for good)
 * @SIM_FAULT_MSG_LATE: a message arrives late (microseconds)
 * @SIM_FAULT_MSG_DUP: a message arrives twice; the PSN check drops the second
 * @SIM_FAULT_RNR: the receiver is not ready this many times in a row, whatever
 *	it has posted (0: for ever)
 * @SIM_FAULT_EVENTS: the first event
 * @SIM_FAULT_PORT_DOWN: a port goes down, and up again after so many
 *	milliseconds (0: stays down)
 * @SIM_FAULT_PORT_UP: a port comes up
 * @SIM_FAULT_GID_CHANGE: the GIDs of a port are taken away and given back
 * @SIM_FAULT_FATAL: the device reports IB_EVENT_DEVICE_FATAL
 * @SIM_FAULT_REMOVE: the device is unregistered
 * @SIM_FAULT_COUNT: number of faults
 */
enum sim_fault {
	SIM_FAULT_POST_SEND,
	SIM_FAULT_POST_RECV,
	SIM_FAULT_CREATE_QP,
	SIM_FAULT_MODIFY_QP,
	SIM_FAULT_ALLOC_PD,
	SIM_FAULT_CREATE_CQ,
	SIM_FAULT_ALLOC_MR,
	SIM_FAULT_MAP_MR,
	SIM_FAULT_REG_MR,
	SIM_FAULT_SEND_STATUS,
	SIM_FAULT_RECV_STATUS,
	SIM_FAULT_COMP_DELAY,
	SIM_FAULT_COMP_REORDER,
	SIM_FAULT_FLUSH,
	SIM_FAULT_MSG_LOST,
	SIM_FAULT_MSG_LATE,
	SIM_FAULT_MSG_DUP,
	SIM_FAULT_RNR,
	SIM_FAULT_EVENTS,
	SIM_FAULT_PORT_DOWN = SIM_FAULT_EVENTS,
	SIM_FAULT_PORT_UP,
	SIM_FAULT_GID_CHANGE,
	SIM_FAULT_FATAL,
	SIM_FAULT_REMOVE,
	SIM_FAULT_COUNT
};

/**
 * struct sim_fault_rule - one fault of one device
 * @which: the fault; its index in the array that this is an element of
 * @sched: which events fail
 * @qp: only this queue pair number, 0 for all
 * @port: port of an event fault, or 0 for all
 * @value: what the caller of sim_fault_hit() gets; meaning per fault
 * @due_port: @port when the event that is to be raised was picked
 * @due_value: the same of @value
 * @hits: times this fault was injected since the device was made
 */
struct sim_fault_rule {
	enum sim_fault		which;
	struct sim_schedule	sched;
	u32			qp;
	u32			port;
	s32			value;
	u32			due_port;
	s32			due_value;
	atomic64_t		hits;
};

/**
 * struct sim_faults - the faults of one device
 * @armed: bit per &enum sim_fault that has a schedule; read without @lock
 * @lock: protects @rule, but for the hits
 * @rule: one for each fault
 * @events: bit per event fault that @event_work has to raise
 * @event_work: raises events, from process context
 * @up_work: brings ports up again
 */
struct sim_faults {
	unsigned long		armed;
	/* Protects @rule, but for the hits. IRQ-safe leaf. */
	spinlock_t		lock;
	struct sim_fault_rule	rule[SIM_FAULT_COUNT];
	unsigned long		events;
	struct work_struct	event_work;
	struct delayed_work	up_work;
};

/* Device life. init: before the device is visible; exit: after it is gone. */
void sim_faults_init(struct sim_dev *sim);
void sim_faults_debugfs(struct sim_dev *sim, struct dentry *dev_dir);
void sim_faults_exit(struct sim_dev *sim);
int sim_fault_set(struct sim_dev *sim, enum sim_fault which, char *text);
/* "fault_NAME COUNT" lines for the counters file */
void sim_faults_show(struct seq_file *seq, struct sim_dev *sim);

/* true: fail this one, *value says how. Any context. @value may be NULL. */
bool sim_fault_hit(struct sim_dev *sim, enum sim_fault which, u32 *value);
bool sim_fault_hit_qp(struct sim_dev *sim, enum sim_fault which, u32 qpn,
		      u32 *value);
/* Call once per message (SEND or WRITE) that starts on its way: runs the
 * schedules of the event faults.
 */
void sim_fault_event(struct sim_dev *sim, u32 qpn);

#endif /* SMCSIM_FAULT_H */
