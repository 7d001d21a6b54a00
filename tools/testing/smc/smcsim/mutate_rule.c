// SPDX-License-Identifier: GPL-2.0
/*
 * Mutation: rules as text, in <device>/mutate/rule0 and so on.
 *
 * A rule is written as words: what it picks ("send", which may be left out,
 * or "write"; "type=N" or "type=any"; "qp=N" or "notqp=N"; a schedule) and what
 * it does (see sim_mut_words[] and sim_mut_ops[]). "off" ends it.
 */
#include <kunit/visibility.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "smcsim.h"
#include "mutate.h"

#define SIM_MUT_TEXT_MAX	512

static const char * const sim_mut_kinds[SIM_MUT_K_COUNT] = {
	[SIM_MUT_K_EDIT] = "edit",
	[SIM_MUT_K_FUZZ] = "fuzz",
	[SIM_MUT_K_TRUNC] = "trunc",
	[SIM_MUT_K_EXTEND] = "extend",
	[SIM_MUT_K_DUP] = "dup",
	[SIM_MUT_K_REPLAY] = "replay",
	[SIM_MUT_K_INJECT] = "inject",
	[SIM_MUT_K_DROP] = "drop",
	[SIM_MUT_K_WRITE] = "write",
};

/* "NAME=OFFSET:WIDTH:VALUE", without the value for rand */
static const char * const sim_mut_ops[] = {
	[SIM_MUT_SET] = "set",
	[SIM_MUT_XOR] = "xor",
	[SIM_MUT_ADD] = "add",
	[SIM_MUT_RAND] = "rand",
	[SIM_MUT_WALK] = "walk",
};

static int sim_mut_u16(const char *arg, u16 *to)
{
	return kstrtou16(arg, 0, to) ? -EINVAL : 0;
}

static int sim_mut_type(struct sim_mut_spec *spec, char *arg)
{
	spec->any = !strcmp(arg, "any");
	if (spec->any)
		return 0;
	return kstrtou8(arg, 0, &spec->type) ? -EINVAL : 0;
}

static int sim_mut_qp(struct sim_mut_spec *spec, char *arg)
{
	return kstrtou32(arg, 0, &spec->qp) || !spec->qp ? -EINVAL : 0;
}

static int sim_mut_notqp(struct sim_mut_spec *spec, char *arg)
{
	return kstrtou32(arg, 0, &spec->notqp) || !spec->notqp ? -EINVAL : 0;
}

static int sim_mut_fuzz(struct sim_mut_spec *spec, char *arg)
{
	return sim_mut_u16(arg, &spec->fuzz);
}

static int sim_mut_trunc(struct sim_mut_spec *spec, char *arg)
{
	spec->cut = true;
	return sim_mut_u16(arg, &spec->trunc);
}

static int sim_mut_extend(struct sim_mut_spec *spec, char *arg)
{
	return sim_mut_u16(arg, &spec->extend);
}

static int sim_mut_replay(struct sim_mut_spec *spec, char *arg)
{
	return sim_mut_u16(arg, &spec->replay);
}

static int sim_mut_inject(struct sim_mut_spec *spec, char *arg)
{
	return kstrtou32(arg, 0, &spec->inject) ? -EINVAL : 0;
}

static int sim_mut_flip(struct sim_mut_spec *spec, char *arg)
{
	char *bits = strchr(arg, ':');

	if (!bits)
		return -EINVAL;
	*bits++ = '\0';
	if (kstrtou32(arg, 0, &spec->flip_at) ||
	    kstrtou8(bits, 0, &spec->flip_bits) || !spec->flip_bits)
		return -EINVAL;
	return 0;
}

static const struct {
	const char	*name;
	int		(*parse)(struct sim_mut_spec *spec, char *arg);
} sim_mut_words[] = {
	{ "type", sim_mut_type },
	{ "qp", sim_mut_qp },
	{ "notqp", sim_mut_notqp },
	{ "fuzz", sim_mut_fuzz },
	{ "trunc", sim_mut_trunc },
	{ "extend", sim_mut_extend },
	{ "replay", sim_mut_replay },
	{ "inject", sim_mut_inject },
	{ "flip", sim_mut_flip },
};

/* @arg is "OFFSET:WIDTH[:VALUE]". */
static int sim_mut_edit(struct sim_mut_spec *spec, enum sim_mut_op op,
			char *arg)
{
	char *off = strsep(&arg, ":");
	char *width = strsep(&arg, ":");
	struct sim_mut_edit *edit;

	if (spec->edits == SIM_MUTATE_EDITS)
		return -EINVAL;
	if (!width || (arg ? op == SIM_MUT_RAND : op != SIM_MUT_RAND))
		return -EINVAL;
	edit = &spec->edit[spec->edits];
	edit->op = op;
	if (kstrtou16(off, 0, &edit->off) || kstrtou8(width, 0, &edit->width))
		return -EINVAL;
	if (!edit->width || edit->width > sizeof(edit->value))
		return -EINVAL;
	if (arg && kstrtou64(arg, 0, &edit->value))
		return -EINVAL;
	spec->edits++;
	return 0;
}

static int sim_mut_word(struct sim_mut_spec *spec, char *word)
{
	char *arg;
	int i;

	i = sim_schedule_parse(&spec->sched, word);
	if (i != -ENOENT)
		return i;
	arg = strchr(word, '=');
	if (!arg) {
		if (!strcmp(word, "write"))
			spec->write = true;
		else if (!strcmp(word, "keep"))
			spec->keep = true;
		else if (!strcmp(word, "dup"))
			spec->dup = true;
		else if (strcmp(word, "send"))
			return -EINVAL;
		return 0;
	}
	*arg++ = '\0';
	for (i = 0; i < ARRAY_SIZE(sim_mut_words); i++)
		if (!strcmp(word, sim_mut_words[i].name))
			return sim_mut_words[i].parse(spec, arg);
	i = match_string(sim_mut_ops, ARRAY_SIZE(sim_mut_ops), word);
	return i < 0 ? -EINVAL : sim_mut_edit(spec, i, arg);
}

/* Do the words of a rule make sense together? */
static bool sim_mut_sane(const struct sim_mut_spec *spec)
{
	bool send = spec->fuzz || spec->cut || spec->extend || spec->replay ||
		spec->dup || spec->inject;
	unsigned int i;

	if (spec->sched.when == SIM_NEVER)
		return false;
	if (spec->keep && !spec->inject)
		return false;
	if (!spec->write)
		return !spec->flip_bits && (spec->any || spec->type) &&
			(send || spec->edits);
	for (i = 0; i < spec->edits; i++)
		if (spec->edit[i].off + spec->edit[i].width > SIM_RETH_BYTES)
			return false;
	return !send && !spec->any && !spec->type &&
		(spec->edits || spec->flip_bits);
}

static int sim_mut_parse(struct sim_mut_spec *spec, char *text)
{
	char *word, *rest = strim(text);
	int err;

	if (!strcmp(rest, "off"))
		return 0;
	while ((word = strsep(&rest, " \t"))) {
		if (!*word)
			continue;
		err = sim_mut_word(spec, word);
		if (err)
			return err;
	}
	return sim_mut_sane(spec) ? 0 : -EINVAL;
}

/* A rule is the private data of its file; it knows its place in the array. */
static struct sim_dev *sim_mut_dev(struct sim_mut_rule *rule)
{
	return container_of(rule, struct sim_dev, mutator.rule[rule->slot]);
}

/**
 * sim_mut_set() - set a rule as its file does
 * @rule: rule
 * @text: words, NUL-terminated; changed
 *
 * Context: process, may sleep.
 * Return: 0, -EINVAL or -ENOMEM
 */
int sim_mut_set(struct sim_mut_rule *rule, char *text)
{
	struct sim_mut_spec spec = {};
	int err;

	err = sim_mut_parse(&spec, text);
	if (err)
		return err;
	return sim_mut_arm(sim_mut_dev(rule), rule, &spec);
}
EXPORT_SYMBOL_IF_KUNIT(sim_mut_set);

static ssize_t sim_rule_write(struct file *file, const char __user *ubuf,
			      size_t count, loff_t *pos)
{
	struct seq_file *seq = file->private_data;
	char *text;
	int err;

	if (count > SIM_MUT_TEXT_MAX)
		return -EINVAL;
	text = memdup_user_nul(ubuf, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	err = sim_mut_set(seq->private, text);
	kfree(text);
	return err ?: count;
}

static void sim_spec_show(struct seq_file *seq, const struct sim_mut_spec *spec)
{
	const struct sim_mut_edit *edit;
	unsigned int i;

	if (spec->write)
		seq_puts(seq, " write");
	else if (spec->any)
		seq_puts(seq, " send type=any");
	else if (spec->type)
		seq_printf(seq, " send type=%#x", spec->type);
	if (spec->qp)
		seq_printf(seq, " qp=%u", spec->qp);
	if (spec->notqp)
		seq_printf(seq, " notqp=%u", spec->notqp);
	for (i = 0; i < spec->edits; i++) {
		edit = &spec->edit[i];
		seq_printf(seq, " %s=%u:%u", sim_mut_ops[edit->op], edit->off,
			   edit->width);
		if (edit->op != SIM_MUT_RAND)
			seq_printf(seq, ":%#llx", edit->value);
	}
	if (spec->fuzz)
		seq_printf(seq, " fuzz=%u", spec->fuzz);
	if (spec->cut)
		seq_printf(seq, " trunc=%u", spec->trunc);
	if (spec->extend)
		seq_printf(seq, " extend=%u", spec->extend);
	if (spec->replay)
		seq_printf(seq, " replay=%u", spec->replay);
	if (spec->flip_bits)
		seq_printf(seq, " flip=%u:%#x", spec->flip_at, spec->flip_bits);
	if (spec->inject)
		seq_printf(seq, " inject=%u", spec->inject);
	if (spec->dup)
		seq_puts(seq, " dup");
	if (spec->keep)
		seq_puts(seq, " keep");
}

static int sim_rule_show(struct seq_file *seq, void *unused)
{
	struct sim_mut_rule *rule = seq->private;
	struct sim_mutator *mut = &sim_mut_dev(rule)->mutator;

	spin_lock_bh(&mut->lock);
	sim_schedule_show(seq, &rule->spec.sched);
	sim_spec_show(seq, &rule->spec);
	seq_printf(seq, "\nseen %llu\npicked %llu\nmade %llu\npending %u\n",
		   rule->spec.sched.seen, rule->spec.sched.picked, rule->made,
		   sim_mut_pending(rule));
	spin_unlock_bh(&mut->lock);
	return 0;
}
DEFINE_SHOW_STORE_ATTRIBUTE(sim_rule);

/**
 * sim_mutator_debugfs() - make the files of a device's rules
 * @sim: device
 * @dev_dir: its directory in debugfs, whose removal removes the files
 *
 * Context: process, may sleep.
 */
void sim_mutator_debugfs(struct sim_dev *sim, struct dentry *dev_dir)
{
	struct dentry *dir = debugfs_create_dir("mutate", dev_dir);
	char name[sizeof("rule0")];
	unsigned int i;

	for (i = 0; i < SIM_MUTATE_RULES; i++) {
		snprintf(name, sizeof(name), "rule%u", i);
		debugfs_create_file(name, 0600, dir, &sim->mutator.rule[i],
				    &sim_rule_fops);
	}
}

/**
 * sim_mutator_show() - count what was changed
 * @seq: gets a line "mutate_KIND COUNT" for each kind
 * @sim: device
 *
 * Context: any.
 */
void sim_mutator_show(struct seq_file *seq, struct sim_dev *sim)
{
	int i;

	for (i = 0; i < SIM_MUT_K_COUNT; i++)
		seq_printf(seq, "mutate_%s %lld\n", sim_mut_kinds[i],
			   atomic64_read(&sim->mutator.count[i]));
}
