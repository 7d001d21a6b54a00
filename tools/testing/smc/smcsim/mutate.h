/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mutation: rewriting messages between the sender's work request and the
 * receiver, and injecting messages that nobody sent.
 */
#ifndef SMCSIM_MUTATE_H
#define SMCSIM_MUTATE_H

#include <linux/atomic.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "schedule.h"

struct dentry;
struct seq_file;
struct sim_dev;
struct sim_msg;

#define SIM_MUTATE_RULES	4
#define SIM_MUTATE_EDITS	8

/* Header of an RDMA WRITE: address 8, key 4, length 4 */
#define SIM_RETH_BYTES		16

/**
 * enum sim_mut_op - what is done to a field
 * @SIM_MUT_SET: operand instead of the value
 * @SIM_MUT_XOR: exclusive or with the operand
 * @SIM_MUT_ADD: sum with the operand
 * @SIM_MUT_RAND: random value
 * @SIM_MUT_WALK: operand plus the number of messages made so far
 */
enum sim_mut_op {
	SIM_MUT_SET,
	SIM_MUT_XOR,
	SIM_MUT_ADD,
	SIM_MUT_RAND,
	SIM_MUT_WALK,
};

/**
 * struct sim_mut_edit - change of one big endian field
 * @op: what is done to it
 * @off: where it begins, in bytes
 * @width: bytes, 1 to 8
 * @value: operand
 */
struct sim_mut_edit {
	enum sim_mut_op	op;
	u16		off;
	u8		width;
	u64		value;
};

/**
 * enum sim_mut_kind - what is counted
 * @SIM_MUT_K_EDIT: SEND with fields changed, to other values
 * @SIM_MUT_K_FUZZ: SEND with random bytes at random places
 * @SIM_MUT_K_TRUNC: SEND cut short
 * @SIM_MUT_K_EXTEND: SEND made longer
 * @SIM_MUT_K_DUP: SEND delivered a second time
 * @SIM_MUT_K_REPLAY: SEND with the payload of an older one
 * @SIM_MUT_K_INJECT: SEND that was injected, and that the receiver took
 * @SIM_MUT_K_DROP: injected SEND that the receiver did not take
 * @SIM_MUT_K_WRITE: RDMA WRITE changed
 * @SIM_MUT_K_COUNT: number of kinds
 */
enum sim_mut_kind {
	SIM_MUT_K_EDIT,
	SIM_MUT_K_FUZZ,
	SIM_MUT_K_TRUNC,
	SIM_MUT_K_EXTEND,
	SIM_MUT_K_DUP,
	SIM_MUT_K_REPLAY,
	SIM_MUT_K_INJECT,
	SIM_MUT_K_DROP,
	SIM_MUT_K_WRITE,
	SIM_MUT_K_COUNT
};

/**
 * struct sim_mut_spec - which messages are changed, and how
 * @sched: which of the messages that match
 * @write: RDMA WRITEs; else SENDs
 * @any: SENDs of any type
 * @type: first byte of the SENDs to match, unless @any
 * @qp: only this sending queue pair, 0 for all
 * @notqp: this one is left alone, 0 for none
 * @keep: real messages pass unharmed; only injected ones are changed
 * @dup: deliver the message a second time
 * @edits: entries of @edit in use
 * @edit: fields to change. Of a WRITE: address, key and length stand at
 *	offsets 0, 8 and 12, as in its transport header
 * @fuzz: bytes to overwrite at random
 * @cut: the length is to become @trunc
 * @trunc: length to cut to
 * @extend: random bytes to append
 * @replay: take the payload of the message so many before this one
 * @flip_at: byte of a WRITE's payload that is changed ...
 * @flip_bits: ... in these bits
 * @inject: messages to inject after each real one
 */
struct sim_mut_spec {
	struct sim_schedule	sched;
	bool			write;
	bool			any;
	u8			type;
	u32			qp;
	u32			notqp;
	bool			keep;
	bool			dup;
	u8			edits;
	struct sim_mut_edit	edit[SIM_MUTATE_EDITS];
	u16			fuzz;
	bool			cut;
	u16			trunc;
	u16			extend;
	u16			replay;
	u32			flip_at;
	u8			flip_bits;
	u32			inject;
};

struct sim_history;
struct sim_injector;

/**
 * struct sim_mut_rule - one rule of one device
 * @slot: index in the array that this is an element of
 * @spec: what it does
 * @made: messages changed since @spec was set
 * @inj: where injected messages come from; set once, NULL if never needed
 */
struct sim_mut_rule {
	unsigned int		slot;
	struct sim_mut_spec	spec;
	u64			made;
	struct sim_injector	*inj;
};

/**
 * struct sim_mutator - the rules of one device, applied to what it sends
 * @armed: bit per rule in use; read without @lock
 * @lock: protects all below but @count
 * @rule: the rules; the first that picks a message takes it
 * @history: SENDs of late; set once, NULL as long as no rule replayed
 * @count: messages per &enum sim_mut_kind since the device was made
 */
struct sim_mutator {
	unsigned long		armed;
	/* Protects @rule, @history and the injectors. BH-safe leaf. */
	spinlock_t		lock;
	struct sim_mut_rule	rule[SIM_MUTATE_RULES];
	struct sim_history	*history;
	atomic64_t		count[SIM_MUT_K_COUNT];
};

/* Life of a device: init before anybody sees it, exit before its queue pairs'
 * memory goes (or after; no message may be under way any more).
 */
void sim_mutator_init(struct sim_dev *sim);
void sim_mutator_debugfs(struct sim_dev *sim, struct dentry *dev_dir);
void sim_mutator_exit(struct sim_dev *sim);
int sim_mut_set(struct sim_mut_rule *rule, char *text);
int sim_mut_arm(struct sim_dev *sim, struct sim_mut_rule *rule,
		const struct sim_mut_spec *spec);
u32 sim_mut_pending(const struct sim_mut_rule *rule);

/* "mutate_KIND COUNT" lines for the counters file */
void sim_mutator_show(struct seq_file *seq, struct sim_dev *sim);

/* Once for each message that leaves @sim, not again when it is offered again
 * after RNR or loss. May change @msg and its bytes, with bottom halves
 * disabled. A WRITE's len may become larger than what its segments hold: the
 * responder refuses that with SIM_NAK_REQUEST after its bounds check.
 */
void sim_mutate(struct sim_dev *sim, struct sim_msg *msg);

#endif /* SMCSIM_MUTATE_H */
