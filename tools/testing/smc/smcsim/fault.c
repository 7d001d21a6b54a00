// SPDX-License-Identifier: GPL-2.0
/*
 * Faults on demand.
 *
 * Each fault of a device has a file in debugfs, <device>/fault/<name>, and a
 * schedule of its own. The simulator asks sim_fault_hit() wherever hardware
 * might fail; as long as nothing is armed that is one load. Events (a port
 * that goes down, a device that is removed) have schedules too, which the
 * messages on their way drive; they sleep, so a work item raises them.
 *
 * Lock: struct sim_faults.lock, a leaf, taken with interrupts off.
 */
#include <kunit/visibility.h>
#include <linux/debugfs.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <rdma/ib_verbs.h>

#include "compat.h"
#include "smcsim.h"
#include "fault.h"

#define SIM_FAULT_TEXT_MAX	256
#define SIM_FAULT_PORTS		2
#define SIM_FAULT_DELAY_MAX_US	(10 * USEC_PER_SEC)
#define SIM_FAULT_DOWN_MAX_MS	(60 * MSEC_PER_SEC)

/* What the value of a fault means */
enum sim_fault_arg {
	SIM_ARG_ERRNO,
	SIM_ARG_STATUS,
	SIM_ARG_DELAY_US,
	SIM_ARG_COUNT,
	SIM_ARG_DOWN_MS,
	SIM_ARG_NONE,
};

/**
 * struct sim_fault_desc - one kind of fault
 * @name: of its file
 * @arg: what its value means
 * @value: its value when none is given
 * @qp: it can be limited to one queue pair
 */
struct sim_fault_desc {
	const char		*name;
	enum sim_fault_arg	arg;
	s32			value;
	bool			qp;
};

static const struct sim_fault_desc sim_fault_descs[SIM_FAULT_COUNT] = {
	[SIM_FAULT_POST_SEND] = { "post_send", SIM_ARG_ERRNO, -ENOMEM, true },
	[SIM_FAULT_POST_RECV] = { "post_recv", SIM_ARG_ERRNO, -ENOMEM, true },
	[SIM_FAULT_CREATE_QP] = { "create_qp", SIM_ARG_ERRNO, -ENOMEM },
	[SIM_FAULT_MODIFY_QP] = { "modify_qp", SIM_ARG_ERRNO, -EINVAL, true },
	[SIM_FAULT_ALLOC_PD] = { "alloc_pd", SIM_ARG_ERRNO, -ENOMEM },
	[SIM_FAULT_CREATE_CQ] = { "create_cq", SIM_ARG_ERRNO, -ENOMEM },
	[SIM_FAULT_ALLOC_MR] = { "alloc_mr", SIM_ARG_ERRNO, -ENOMEM },
	[SIM_FAULT_MAP_MR] = { "map_mr", SIM_ARG_ERRNO, -EINVAL },
	[SIM_FAULT_REG_MR] = {
		"reg_mr", SIM_ARG_STATUS, IB_WC_MW_BIND_ERR, true
	},
	[SIM_FAULT_SEND_STATUS] = {
		"send_status", SIM_ARG_STATUS, IB_WC_RETRY_EXC_ERR, true
	},
	[SIM_FAULT_RECV_STATUS] = {
		"recv_status", SIM_ARG_STATUS, IB_WC_LOC_PROT_ERR, true
	},
	[SIM_FAULT_COMP_DELAY] = {
		"comp_delay", SIM_ARG_DELAY_US, 10000, true
	},
	[SIM_FAULT_COMP_REORDER] = {
		"comp_reorder", SIM_ARG_DELAY_US, 10000, true
	},
	[SIM_FAULT_FLUSH] = { "flush", SIM_ARG_NONE, 0, true },
	[SIM_FAULT_MSG_LOST] = { "msg_lost", SIM_ARG_COUNT, 0, true },
	[SIM_FAULT_MSG_LATE] = { "msg_late", SIM_ARG_DELAY_US, 10000, true },
	[SIM_FAULT_MSG_DUP] = { "msg_dup", SIM_ARG_NONE, 0, true },
	[SIM_FAULT_RNR] = { "rnr", SIM_ARG_COUNT, 1, true },
	[SIM_FAULT_PORT_DOWN] = { "port_down", SIM_ARG_DOWN_MS, 0, true },
	[SIM_FAULT_PORT_UP] = { "port_up", SIM_ARG_NONE, 0, true },
	[SIM_FAULT_GID_CHANGE] = { "gid_change", SIM_ARG_NONE, 0, true },
	[SIM_FAULT_FATAL] = { "fatal", SIM_ARG_NONE, 0, true },
	[SIM_FAULT_REMOVE] = { "remove", SIM_ARG_NONE, 0, true },
};

#define SIM_FAULT_EVENT_MASK \
	GENMASK(SIM_FAULT_COUNT - 1, SIM_FAULT_EVENTS)

static bool sim_fault_is_event(enum sim_fault which)
{
	return which >= SIM_FAULT_EVENTS;
}

/* To be raised as its rule is now, which may be another one by then. */
static void __sim_fault_due(struct sim_faults *faults, enum sim_fault which)
{
	struct sim_fault_rule *rule = &faults->rule[which];

	lockdep_assert_held(&faults->lock);
	rule->due_port = rule->port;
	rule->due_value = rule->value;
	set_bit(which, &faults->events);
}

/* An event passes the schedule of @which. */
static bool sim_fault_pass(struct sim_faults *faults, enum sim_fault which,
			   u32 qpn, u32 *value)
{
	struct sim_fault_rule *rule = &faults->rule[which];
	unsigned long flags;
	bool hit = false;

	spin_lock_irqsave(&faults->lock, flags);
	if (!rule->qp || rule->qp == qpn)
		hit = sim_schedule_pick(&rule->sched);
	if (hit && value)
		*value = rule->value;
	if (hit && sim_fault_is_event(which))
		__sim_fault_due(faults, which);
	if (rule->sched.when == SIM_NEVER)
		clear_bit(which, &faults->armed);
	spin_unlock_irqrestore(&faults->lock, flags);
	return hit;
}

/**
 * sim_fault_hit_qp() - shall this operation of a queue pair fail?
 * @sim: device
 * @which: the operation
 * @qpn: number of the queue pair
 * @value: what the fault's value is put in when it shall; may be NULL
 *
 * Context: any.
 * Return: true if it shall fail
 */
bool sim_fault_hit_qp(struct sim_dev *sim, enum sim_fault which, u32 qpn,
		      u32 *value)
{
	struct sim_faults *faults = &sim->faults;

	if (likely(!(READ_ONCE(faults->armed) & BIT(which))))
		return false;
	if (!sim_fault_pass(faults, which, qpn, value))
		return false;
	atomic64_inc(&faults->rule[which].hits);
	return true;
}

/**
 * sim_fault_hit() - shall this operation fail?
 * @sim: device
 * @which: the operation
 * @value: what the fault's value is put in when it shall; may be NULL
 *
 * Context: any.
 * Return: true if it shall fail
 */
bool sim_fault_hit(struct sim_dev *sim, enum sim_fault which, u32 *value)
{
	return sim_fault_hit_qp(sim, which, 0, value);
}

/**
 * sim_fault_event() - a message sets out: raise the events that are due
 * @sim: device that sends
 * @qpn: queue pair that sends
 *
 * Context: any.
 */
void sim_fault_event(struct sim_dev *sim, u32 qpn)
{
	struct sim_faults *faults = &sim->faults;
	unsigned long armed;
	unsigned int which;
	bool due = false;

	armed = READ_ONCE(faults->armed) & SIM_FAULT_EVENT_MASK;
	if (likely(!armed))
		return;
	for_each_set_bit(which, &armed, SIM_FAULT_COUNT)
		due |= sim_fault_pass(faults, which, qpn, NULL);
	if (due)
		queue_work(system_unbound_wq, &faults->event_work);
}

static void sim_fault_raise(struct sim_dev *sim, enum sim_fault which)
{
	struct sim_faults *faults = &sim->faults;
	u32 port, down_ms;

	spin_lock_irq(&faults->lock);
	port = faults->rule[which].due_port;
	down_ms = faults->rule[which].due_value;
	spin_unlock_irq(&faults->lock);

	atomic64_inc(&faults->rule[which].hits);
	switch (which) {
	case SIM_FAULT_PORT_DOWN:
		sim_port_set(sim, port, false);
		if (down_ms)
			mod_delayed_work(system_unbound_wq, &faults->up_work,
					 msecs_to_jiffies(down_ms));
		break;
	case SIM_FAULT_PORT_UP:
		sim_port_set(sim, port, true);
		break;
	case SIM_FAULT_GID_CHANGE:
		sim_gid_change(sim, port);
		break;
	case SIM_FAULT_FATAL:
		sim_fatal(sim);
		break;
	case SIM_FAULT_REMOVE:
		sim_remove(sim);
		break;
	default:
		break;
	}
}

static void sim_fault_event_work(struct work_struct *work)
{
	struct sim_faults *faults =
		container_of(work, struct sim_faults, event_work);
	struct sim_dev *sim = container_of(faults, struct sim_dev, faults);
	unsigned int which;

	for (which = SIM_FAULT_EVENTS; which < SIM_FAULT_COUNT; which++)
		if (test_and_clear_bit(which, &faults->events))
			sim_fault_raise(sim, which);
}

static void sim_fault_up_work(struct work_struct *work)
{
	struct sim_faults *faults =
		container_of(work, struct sim_faults, up_work.work);

	sim_port_set(container_of(faults, struct sim_dev, faults), 0, true);
}

/* Is @rule's value one that its kind of fault can have? */
static bool sim_fault_value_ok(enum sim_fault_arg arg, s32 value)
{
	switch (arg) {
	case SIM_ARG_ERRNO:
		return value < 0 && value >= -MAX_ERRNO;
	case SIM_ARG_STATUS:
		return value > IB_WC_SUCCESS && value <= IB_WC_GENERAL_ERR;
	case SIM_ARG_DELAY_US:
		return value > 0 && value <= SIM_FAULT_DELAY_MAX_US;
	case SIM_ARG_COUNT:
		return value >= 0;
	case SIM_ARG_DOWN_MS:
		return value >= 0 && value <= SIM_FAULT_DOWN_MAX_MS;
	case SIM_ARG_NONE:
		return !value;
	}
	return false;
}

static int sim_fault_word(struct sim_fault_rule *rule, enum sim_fault which,
			  const char *word)
{
	const struct sim_fault_desc *desc = &sim_fault_descs[which];
	const char *arg = strchr(word, '=');
	int err;

	err = sim_schedule_parse(&rule->sched, word);
	if (err != -ENOENT)
		return err;
	if (!arg++)
		return -EINVAL;
	if (strstarts(word, "value="))
		return kstrtos32(arg, 0, &rule->value) ||
			!sim_fault_value_ok(desc->arg, rule->value) ?
			-EINVAL : 0;
	if (strstarts(word, "qp=") && desc->qp)
		return kstrtou32(arg, 0, &rule->qp) || !rule->qp ?
			-EINVAL : 0;
	if (strstarts(word, "port=") && sim_fault_is_event(which))
		return kstrtou32(arg, 0, &rule->port) ||
			rule->port > SIM_FAULT_PORTS ? -EINVAL : 0;
	return -EINVAL;
}

/* The words of @text make @rule; *now is set for an event to be raised. */
static int sim_fault_parse(struct sim_fault_rule *rule, enum sim_fault which,
			   char *text, bool *now)
{
	char *word, *rest = strim(text);
	bool off = false;
	int err;

	rule->value = sim_fault_descs[which].value;
	if (!strcmp(rest, "off"))
		return 0;
	while ((word = strsep(&rest, " \t"))) {
		if (!*word)
			continue;
		if (!strcmp(word, "now") && sim_fault_is_event(which)) {
			*now = true;
			continue;
		}
		err = sim_fault_word(rule, which, word);
		if (err)
			return err;
	}
	off = rule->sched.when == SIM_NEVER;
	return off == *now ? 0 : -EINVAL;
}

static void sim_fault_arm(struct sim_faults *faults, enum sim_fault which,
			  const struct sim_fault_rule *new, bool now)
{
	struct sim_fault_rule *rule = &faults->rule[which];

	spin_lock_irq(&faults->lock);
	rule->sched = new->sched;
	rule->qp = new->qp;
	rule->port = new->port;
	rule->value = new->value;
	sim_schedule_start(&rule->sched);
	if (rule->sched.when == SIM_NEVER)
		clear_bit(which, &faults->armed);
	else
		set_bit(which, &faults->armed);
	if (now)
		__sim_fault_due(faults, which);
	spin_unlock_irq(&faults->lock);
}

/* A rule is the private data of its file; it knows its place in the array. */
static struct sim_faults *sim_fault_of(struct sim_fault_rule *rule,
				       enum sim_fault *which)
{
	*which = rule->which;
	return container_of(rule, struct sim_faults, rule[rule->which]);
}

/**
 * sim_fault_set() - set a fault as its file does
 * @sim: device
 * @which: the fault
 * @text: words, NUL-terminated; changed
 *
 * Raises an event that is to happen now. Events that are due have happened
 * when it returns, and the RDMA core has told who uses the device, which it
 * does in its own time.
 *
 * Context: process, may sleep.
 * Return: 0 or -EINVAL
 */
int sim_fault_set(struct sim_dev *sim, enum sim_fault which, char *text)
{
	struct sim_faults *faults = &sim->faults;
	struct sim_fault_rule new = {};
	bool now = false;
	int err;

	err = sim_fault_parse(&new, which, text, &now);
	if (err)
		return err;
	sim_fault_arm(faults, which, &new, now);
	if (now)
		queue_work(system_unbound_wq, &faults->event_work);
	flush_work(&faults->event_work);
	flush_workqueue(ib_wq);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(sim_fault_set);

static ssize_t sim_fault_write(struct file *file, const char __user *ubuf,
			       size_t count, loff_t *pos)
{
	struct seq_file *seq = file->private_data;
	struct sim_faults *faults;
	enum sim_fault which;
	char *text;
	int err;

	if (count > SIM_FAULT_TEXT_MAX)
		return -EINVAL;
	text = memdup_user_nul(ubuf, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	faults = sim_fault_of(seq->private, &which);
	err = sim_fault_set(container_of(faults, struct sim_dev, faults), which,
			    text);
	kfree(text);
	return err ?: count;
}

static int sim_fault_show(struct seq_file *seq, void *unused)
{
	struct sim_fault_rule *rule = seq->private;
	struct sim_faults *faults;
	enum sim_fault which;

	faults = sim_fault_of(rule, &which);
	spin_lock_irq(&faults->lock);
	sim_schedule_show(seq, &rule->sched);
	if (sim_fault_descs[which].arg != SIM_ARG_NONE)
		seq_printf(seq, " value=%d", rule->value);
	if (rule->qp)
		seq_printf(seq, " qp=%u", rule->qp);
	if (rule->port)
		seq_printf(seq, " port=%u", rule->port);
	seq_printf(seq, "\nseen %llu\npicked %llu\nhits %lld\n",
		   rule->sched.seen, rule->sched.picked,
		   atomic64_read(&rule->hits));
	spin_unlock_irq(&faults->lock);
	return 0;
}
DEFINE_SHOW_STORE_ATTRIBUTE(sim_fault);

/**
 * sim_faults_debugfs() - make the files of a device's faults
 * @sim: device
 * @dev_dir: its directory in debugfs, whose removal removes the files
 *
 * Context: process, may sleep.
 */
void sim_faults_debugfs(struct sim_dev *sim, struct dentry *dev_dir)
{
	struct dentry *dir = debugfs_create_dir("fault", dev_dir);
	struct sim_faults *faults = &sim->faults;
	int i;

	for (i = 0; i < SIM_FAULT_COUNT; i++)
		debugfs_create_file(sim_fault_descs[i].name, 0600, dir,
				    &faults->rule[i], &sim_fault_fops);
}

/**
 * sim_faults_show() - count the faults injected
 * @seq: gets a line "fault_NAME COUNT" for each
 * @sim: device
 *
 * Context: any.
 */
void sim_faults_show(struct seq_file *seq, struct sim_dev *sim)
{
	int i;

	for (i = 0; i < SIM_FAULT_COUNT; i++)
		seq_printf(seq, "fault_%s %lld\n", sim_fault_descs[i].name,
			   atomic64_read(&sim->faults.rule[i].hits));
}

/**
 * sim_faults_init() - set up a device's faults, none of them armed
 * @sim: device that nobody else sees yet
 *
 * Context: any.
 */
void sim_faults_init(struct sim_dev *sim)
{
	struct sim_faults *faults = &sim->faults;
	int i;

	spin_lock_init(&faults->lock);
	INIT_WORK(&faults->event_work, sim_fault_event_work);
	INIT_DELAYED_WORK(&faults->up_work, sim_fault_up_work);
	for (i = 0; i < SIM_FAULT_COUNT; i++) {
		faults->rule[i].which = i;
		faults->rule[i].value = sim_fault_descs[i].value;
		atomic64_set(&faults->rule[i].hits, 0);
	}
}

/**
 * sim_faults_exit() - end a device's faults
 * @sim: device whose queue pairs and debugfs files are gone
 *
 * Context: process, may sleep; not from sim_remove().
 */
void sim_faults_exit(struct sim_dev *sim)
{
	cancel_work_sync(&sim->faults.event_work);
	cancel_delayed_work_sync(&sim->faults.up_work);
}
