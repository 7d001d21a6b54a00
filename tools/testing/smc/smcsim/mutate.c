// SPDX-License-Identifier: GPL-2.0
/*
 * Mutation: what rules do to messages.
 *
 * A rule picks messages by kind, type byte and queue pair and changes them in
 * place before the receiver sees them. It may also inject: the real message
 * is then the template of messages that nobody sent, which a work item hands
 * to the receiver as fast as it takes them, each changed anew. The receiver's
 * queue pair cannot tell them from real ones; what fails is its owner.
 *
 * Lock: struct sim_mutator.lock, a leaf; held for one message at a time.
 */
#include <kunit/visibility.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <rdma/ib_verbs.h>

#include "compat.h"
#include "smcsim.h"
#include "mutate.h"

/* How long the receiver of an injected message may be without buffers. */
#define SIM_INJECT_PATIENCE	(5 * HZ)
#define SIM_HISTORY_LEN		64
#define SIM_HISTORY_BYTES	64

/* A SEND's payload as it was sent; longer ones are not kept. */
struct sim_past {
	u32	qpn;
	u32	len;
	u8	bytes[SIM_HISTORY_BYTES];
};

struct sim_history {
	unsigned int	next;
	struct sim_past	past[SIM_HISTORY_LEN];
};

/**
 * struct sim_injector - a rule's source of messages
 * @sim: device they pretend to come from
 * @rule: how to change them
 * @work: delivers them
 * @stopped: the rule was changed: what waits for buffers is given up
 * @left: messages to inject as the rule says
 * @same: messages to deliver as they are in @copy
 * @msg: template
 * @orig: its payload
 * @orig_len: bytes in @orig
 * @copy: payload of the message that was to be delivered twice
 * @copy_len: bytes in @copy
 * @bytes: of @work, payload of the message on its way
 */
struct sim_injector {
	struct sim_dev		*sim;
	struct sim_mut_rule	*rule;
	struct work_struct	work;
	bool			stopped;
	u32			left;
	u32			same;
	struct sim_msg		msg;
	u8			orig[SIM_MSG_BYTES];
	u32			orig_len;
	u8			copy[SIM_MSG_BYTES];
	u32			copy_len;
	u8			bytes[SIM_MSG_BYTES];
};

static void sim_mut_count(struct sim_dev *sim, enum sim_mut_kind kind)
{
	atomic64_inc(&sim->mutator.count[kind]);
}

static u64 sim_field_get(const u8 *at, unsigned int width)
{
	u64 value = 0;

	while (width--)
		value = value << 8 | *at++;
	return value;
}

static void sim_field_put(u8 *at, unsigned int width, u64 value)
{
	while (width--) {
		at[width] = value;
		value >>= 8;
	}
}

static u64 sim_rand64(struct rnd_state *rnd)
{
	u64 high = prandom_u32_state(rnd);

	return high << 32 | prandom_u32_state(rnd);
}

/*
 * Apply the edits of @rule to @len bytes; those beyond the end do nothing.
 * Whether any byte is another one now goes to @changed.
 */
static bool sim_mut_edit(struct sim_mut_rule *rule, u8 *bytes, u32 len,
			 bool *changed)
{
	struct sim_mut_spec *spec = &rule->spec;
	const struct sim_mut_edit *edit;
	bool done = false;
	u64 value, old;
	unsigned int i;

	*changed = false;
	for (i = 0; i < spec->edits; i++) {
		edit = &spec->edit[i];
		if (edit->off + edit->width > len)
			continue;
		old = sim_field_get(bytes + edit->off, edit->width);
		value = old;
		switch (edit->op) {
		case SIM_MUT_SET:
			value = edit->value;
			break;
		case SIM_MUT_XOR:
			value ^= edit->value;
			break;
		case SIM_MUT_ADD:
			value += edit->value;
			break;
		case SIM_MUT_RAND:
			value = sim_rand64(&spec->sched.rnd);
			break;
		case SIM_MUT_WALK:
			value = edit->value + rule->made;
			break;
		}
		sim_field_put(bytes + edit->off, edit->width, value);
		if (sim_field_get(bytes + edit->off, edit->width) != old)
			*changed = true;
		done = true;
	}
	return done;
}

static void sim_mut_fuzz(struct sim_mut_rule *rule, u8 *bytes, u32 len)
{
	struct rnd_state *rnd = &rule->spec.sched.rnd;
	unsigned int i;

	for (i = 0; i < rule->spec.fuzz; i++) {
		u32 at = prandom_u32_state(rnd) % len;

		bytes[at] = prandom_u32_state(rnd);
	}
}

/* The SEND @ago messages of its queue pair and type before the last. */
static const struct sim_past *
sim_history_find(const struct sim_history *history,
		 const struct sim_mut_spec *spec, u32 qpn, unsigned int ago)
{
	const struct sim_past *past;
	unsigned int i;

	for (i = 1; i <= SIM_HISTORY_LEN; i++) {
		past = &history->past[(history->next - i) % SIM_HISTORY_LEN];
		if (!past->len || past->qpn != qpn)
			continue;
		if (!spec->any && past->bytes[0] != spec->type)
			continue;
		if (!ago--)
			return past;
	}
	return NULL;
}

static void sim_history_add(struct sim_history *history,
			    const struct sim_msg *msg)
{
	struct sim_past *past;

	if (!msg->len || msg->len > SIM_HISTORY_BYTES)
		return;
	past = &history->past[history->next++ % SIM_HISTORY_LEN];
	past->qpn = msg->src_qpn;
	past->len = msg->len;
	memcpy(past->bytes, msg->bytes, msg->len);
}

/* Change a SEND as @rule says. False: there is no older one to replay. */
static bool sim_mut_send(struct sim_dev *sim, struct sim_mut_rule *rule,
			 struct sim_msg *msg)
{
	struct sim_mut_spec *spec = &rule->spec;
	const struct sim_past *past;
	bool done = false, changed;

	if (spec->replay) {
		past = sim_history_find(sim->mutator.history, spec,
					msg->src_qpn, spec->replay);
		if (!past)
			return false;
		memcpy(msg->bytes, past->bytes, past->len);
		msg->len = past->len;
		sim_mut_count(sim, SIM_MUT_K_REPLAY);
		done = true;
	}
	if (spec->fuzz && msg->len) {
		sim_mut_fuzz(rule, msg->bytes, msg->len);
		sim_mut_count(sim, SIM_MUT_K_FUZZ);
		done = true;
	}
	if (sim_mut_edit(rule, msg->bytes, msg->len, &changed))
		done = true;
	if (changed)
		sim_mut_count(sim, SIM_MUT_K_EDIT);
	if (spec->cut && spec->trunc < msg->len) {
		msg->len = spec->trunc;
		sim_mut_count(sim, SIM_MUT_K_TRUNC);
		done = true;
	}
	if (spec->extend && msg->len + spec->extend <= SIM_MSG_BYTES) {
		prandom_bytes_state(&spec->sched.rnd, msg->bytes + msg->len,
				    spec->extend);
		msg->len += spec->extend;
		sim_mut_count(sim, SIM_MUT_K_EXTEND);
		done = true;
	}
	if (done)
		rule->made++;
	return true;
}

static void sim_mut_write(struct sim_dev *sim, struct sim_mut_rule *rule,
			  struct sim_msg *msg)
{
	const struct sim_mut_spec *spec = &rule->spec;
	u8 reth[SIM_RETH_BYTES];
	bool done = false, changed;

	put_unaligned_be64(msg->remote_addr, reth);
	put_unaligned_be32(msg->rkey, reth + 8);
	put_unaligned_be32(msg->len, reth + 12);
	if (sim_mut_edit(rule, reth, sizeof(reth), &changed)) {
		msg->remote_addr = get_unaligned_be64(reth);
		msg->rkey = get_unaligned_be32(reth + 8);
		msg->len = get_unaligned_be32(reth + 12);
		done = true;
	}
	if (spec->flip_bits && spec->flip_at < msg->len) {
		msg->flip_at = spec->flip_at;
		msg->flip_bits = spec->flip_bits;
		done = true;
	}
	if (done) {
		rule->made++;
		sim_mut_count(sim, SIM_MUT_K_WRITE);
	}
}

static bool sim_mut_matches(const struct sim_mut_spec *spec,
			    const struct sim_msg *msg, bool write)
{
	if (spec->write != write || (spec->qp && spec->qp != msg->src_qpn) ||
	    spec->notqp == msg->src_qpn)
		return false;
	if (write || spec->any)
		return true;
	return msg->len && msg->bytes[0] == spec->type;
}

/* First rule that picks @msg. */
static struct sim_mut_rule *sim_mut_pick(struct sim_mutator *mut,
					 const struct sim_msg *msg, bool write)
{
	struct sim_mut_rule *rule;
	unsigned int i;

	for (i = 0; i < SIM_MUTATE_RULES; i++) {
		rule = &mut->rule[i];
		if (rule->spec.sched.when == SIM_NEVER ||
		    !sim_mut_matches(&rule->spec, msg, write))
			continue;
		if (!sim_schedule_pick(&rule->spec.sched))
			continue;
		if (rule->spec.sched.when == SIM_NEVER)
			clear_bit(i, &mut->armed);
		return rule;
	}
	return NULL;
}

/* @msg as it was sent is what the injected messages are made of. */
static void sim_mut_template(struct sim_mut_rule *rule,
			     const struct sim_msg *msg)
{
	struct sim_injector *inj = rule->inj;

	inj->msg = *msg;
	inj->msg.injected = true;
	inj->stopped = false;
	inj->orig_len = msg->len;
	memcpy(inj->orig, msg->bytes, msg->len);
	inj->left += min(rule->spec.inject, U32_MAX - inj->left);
}

/**
 * sim_mutate() - change a message on its way, if a rule says so
 * @sim: device that sends it
 * @msg: message; the bytes of a SEND may be written to
 *
 * Context: bottom halves disabled.
 */
void sim_mutate(struct sim_dev *sim, struct sim_msg *msg)
{
	struct sim_mutator *mut = &sim->mutator;
	struct sim_mut_rule *rule;
	struct sim_mut_spec *spec;
	bool write;

	if (likely(!READ_ONCE(mut->armed)))
		return;
	write = msg->opcode == IB_WR_RDMA_WRITE ||
		msg->opcode == IB_WR_RDMA_WRITE_WITH_IMM;
	if (!write && !msg->bytes)
		return;

	spin_lock_bh(&mut->lock);
	if (!write && mut->history)
		sim_history_add(mut->history, msg);
	rule = sim_mut_pick(mut, msg, write);
	if (!rule)
		goto out;
	spec = &rule->spec;
	if (write) {
		sim_mut_write(sim, rule, msg);
		goto out;
	}
	if (spec->inject)
		sim_mut_template(rule, msg);
	if (!spec->keep)
		sim_mut_send(sim, rule, msg);
	if (spec->dup) {
		rule->inj->msg = *msg;
		rule->inj->msg.injected = true;
		rule->inj->stopped = false;
		memcpy(rule->inj->copy, msg->bytes, msg->len);
		rule->inj->copy_len = msg->len;
		rule->inj->same = 1;
	}
	if (spec->inject || spec->dup)
		queue_work(system_unbound_wq, &rule->inj->work);
out:
	spin_unlock_bh(&mut->lock);
}

/* What is still to be injected will not be. */
static void sim_inject_stop(struct sim_injector *inj)
{
	lockdep_assert_held(&inj->sim->mutator.lock);
	inj->left = 0;
	inj->same = 0;
	WRITE_ONCE(inj->stopped, true);
}

/* The next message to inject. False: no more for now. */
static bool sim_inject_next(struct sim_injector *inj, struct sim_msg *msg)
{
	struct sim_mutator *mut = &inj->sim->mutator;
	bool more = false;

	spin_lock_bh(&mut->lock);
	*msg = inj->msg;
	msg->bytes = inj->bytes;
	if (inj->same) {
		inj->same--;
		msg->len = inj->copy_len;
		memcpy(msg->bytes, inj->copy, msg->len);
		sim_mut_count(inj->sim, SIM_MUT_K_DUP);
		more = true;
	} else if (inj->left) {
		inj->left--;
		msg->len = inj->orig_len;
		memcpy(msg->bytes, inj->orig, msg->len);
		more = sim_mut_send(inj->sim, inj->rule, msg);
		if (!more)
			inj->left = 0;
	}
	spin_unlock_bh(&mut->lock);
	return more;
}

/* Hand @msg over; wait for the receiver to post buffers, but not for ever. */
static enum sim_answer sim_inject_one(struct sim_injector *inj,
				      struct sim_msg *msg)
{
	unsigned long deadline = jiffies + SIM_INJECT_PATIENCE;
	enum sim_answer answer;

	for (;;) {
		local_bh_disable();
		answer = sim_req_inject(inj->sim, msg);
		local_bh_enable();
		if (answer != SIM_NAK_RNR || time_after(jiffies, deadline))
			return answer;
		if (READ_ONCE(inj->stopped))
			return SIM_NO_ANSWER;
		usleep_range(20, 100);
	}
}

static void sim_inject_work(struct work_struct *work)
{
	struct sim_injector *inj =
		container_of(work, struct sim_injector, work);
	struct sim_mutator *mut = &inj->sim->mutator;
	enum sim_answer answer;
	struct sim_msg msg;

	while (sim_inject_next(inj, &msg)) {
		answer = sim_inject_one(inj, &msg);
		sim_mut_count(inj->sim, answer == SIM_ACK ? SIM_MUT_K_INJECT :
							    SIM_MUT_K_DROP);
		/* The connection is gone; nothing more can arrive on it. */
		if (answer == SIM_NO_ANSWER) {
			spin_lock_bh(&mut->lock);
			sim_inject_stop(inj);
			spin_unlock_bh(&mut->lock);
		}
		cond_resched();
	}
}

/* Rules that inject or replay need memory, which stays until the exit. */
static int sim_mut_memory(struct sim_dev *sim, struct sim_mut_rule *rule,
			  const struct sim_mut_spec *spec)
{
	struct sim_history *history = NULL;
	struct sim_injector *inj = NULL;

	if (spec->replay) {
		history = kzalloc(sizeof(*history), GFP_KERNEL);
		if (!history)
			return -ENOMEM;
	}
	if (spec->inject || spec->dup) {
		inj = kzalloc(sizeof(*inj), GFP_KERNEL);
		if (!inj) {
			kfree(history);
			return -ENOMEM;
		}
		inj->sim = sim;
		inj->rule = rule;
		INIT_WORK(&inj->work, sim_inject_work);
	}
	spin_lock_bh(&sim->mutator.lock);
	if (!sim->mutator.history)
		swap(sim->mutator.history, history);
	if (!rule->inj)
		swap(rule->inj, inj);
	spin_unlock_bh(&sim->mutator.lock);
	kfree(history);
	kfree(inj);
	return 0;
}

/**
 * sim_mut_arm() - set a rule
 * @sim: device
 * @rule: one of its rules
 * @spec: what it shall do from now on
 *
 * What the rule had still to inject is given up.
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM
 */
int sim_mut_arm(struct sim_dev *sim, struct sim_mut_rule *rule,
		const struct sim_mut_spec *spec)
{
	struct sim_mutator *mut = &sim->mutator;
	int err;

	err = sim_mut_memory(sim, rule, spec);
	if (err)
		return err;
	spin_lock_bh(&mut->lock);
	rule->spec = *spec;
	rule->made = 0;
	sim_schedule_start(&rule->spec.sched);
	if (rule->inj)
		sim_inject_stop(rule->inj);
	if (spec->sched.when == SIM_NEVER)
		clear_bit(rule->slot, &mut->armed);
	else
		set_bit(rule->slot, &mut->armed);
	spin_unlock_bh(&mut->lock);
	return 0;
}

/**
 * sim_mut_pending() - how many messages a rule has still to inject
 * @rule: rule
 *
 * Context: any; the caller holds the mutator's lock.
 * Return: number of messages
 */
u32 sim_mut_pending(const struct sim_mut_rule *rule)
{
	return rule->inj ? rule->inj->left + rule->inj->same : 0;
}
EXPORT_SYMBOL_IF_KUNIT(sim_mut_pending);

/**
 * sim_mutator_init() - set up a device's mutator, no rule armed
 * @sim: device that nobody else sees yet
 *
 * Context: any.
 */
void sim_mutator_init(struct sim_dev *sim)
{
	struct sim_mutator *mut = &sim->mutator;
	unsigned int i;

	spin_lock_init(&mut->lock);
	for (i = 0; i < SIM_MUTATE_RULES; i++)
		mut->rule[i].slot = i;
}

/**
 * sim_mutator_exit() - end a device's mutator
 * @sim: device that sends nothing any more and whose debugfs files are gone
 *
 * Context: process, may sleep.
 */
void sim_mutator_exit(struct sim_dev *sim)
{
	struct sim_mutator *mut = &sim->mutator;
	struct sim_injector *inj;
	unsigned int i;

	for (i = 0; i < SIM_MUTATE_RULES; i++) {
		inj = mut->rule[i].inj;
		if (!inj)
			continue;
		spin_lock_bh(&mut->lock);
		sim_inject_stop(inj);
		spin_unlock_bh(&mut->lock);
		cancel_work_sync(&inj->work);
		mut->rule[i].inj = NULL;
		kfree(inj);
	}
	kfree(mut->history);
	mut->history = NULL;
}
