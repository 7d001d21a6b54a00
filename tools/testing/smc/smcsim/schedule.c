// SPDX-License-Identifier: GPL-2.0
/*
 * Schedules: which ones of a series of events are picked.
 *
 * A schedule is written as words: one of "once", "every=N" and
 * "random=PERMILLE", then any of "after=N", "limit=N" and "seed=N". It counts
 * the events that pass and keeps its own random state, so that the same words
 * pick the same events again, whatever else goes on in the kernel.
 */
#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "schedule.h"

#define SIM_SCHEDULE_SEED	1

/**
 * sim_schedule_start() - begin a schedule anew
 * @sched: schedule whose words have been parsed
 *
 * Context: any; the caller holds the lock that covers @sched.
 */
void sim_schedule_start(struct sim_schedule *sched)
{
	sched->seen = 0;
	sched->picked = 0;
	prandom_seed_state(&sched->rnd, sched->seed);
}
EXPORT_SYMBOL_IF_KUNIT(sim_schedule_start);

/**
 * sim_schedule_pick() - an event passes: is it picked?
 * @sched: schedule
 *
 * A schedule that has nothing more to pick turns to SIM_NEVER.
 *
 * Context: any; the caller holds the lock that covers @sched.
 * Return: true if this event is picked
 */
bool sim_schedule_pick(struct sim_schedule *sched)
{
	bool pick = false;
	u64 nth;

	if (sched->when == SIM_NEVER)
		return false;
	nth = ++sched->seen;
	if (nth <= sched->after)
		return false;
	nth -= sched->after;

	switch (sched->when) {
	case SIM_ONCE:
		pick = true;
		break;
	case SIM_EVERY:
		pick = !do_div(nth, sched->every);
		break;
	case SIM_RANDOM:
		pick = prandom_u32_state(&sched->rnd) % 1000 < sched->permille;
		break;
	case SIM_NEVER:
		break;
	}
	if (!pick)
		return false;
	sched->picked++;
	if (sched->when == SIM_ONCE || sched->picked == sched->limit)
		sched->when = SIM_NEVER;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(sim_schedule_pick);

static int sim_schedule_when(struct sim_schedule *sched, enum sim_when when)
{
	if (sched->when != SIM_NEVER)
		return -EINVAL;
	sched->when = when;
	return 0;
}

/**
 * sim_schedule_parse() - take one word of a schedule
 * @sched: schedule to be filled; all zero before the first word
 * @word: NUL-terminated word
 *
 * Context: any.
 * Return: 0; -ENOENT when @word has nothing to do with schedules; -EINVAL when
 * it is wrong
 */
int sim_schedule_parse(struct sim_schedule *sched, const char *word)
{
	const char *arg = strchr(word, '=');
	u32 val;

	if (!sched->seed)
		sched->seed = SIM_SCHEDULE_SEED;
	if (!strcmp(word, "once"))
		return sim_schedule_when(sched, SIM_ONCE);
	if (!arg++)
		return -ENOENT;

	if (strstarts(word, "seed="))
		return kstrtou64(arg, 0, &sched->seed) || !sched->seed ?
			-EINVAL : 0;
	if (strstarts(word, "after="))
		return kstrtou32(arg, 0, &sched->after) ? -EINVAL : 0;
	if (strstarts(word, "limit="))
		return kstrtou32(arg, 0, &sched->limit) || !sched->limit ?
			-EINVAL : 0;
	if (strstarts(word, "every=")) {
		if (kstrtou32(arg, 0, &val) || !val)
			return -EINVAL;
		sched->every = val;
		return sim_schedule_when(sched, SIM_EVERY);
	}
	if (strstarts(word, "random=")) {
		if (kstrtou32(arg, 0, &val) || !val || val > 1000)
			return -EINVAL;
		sched->permille = val;
		return sim_schedule_when(sched, SIM_RANDOM);
	}
	return -ENOENT;
}
EXPORT_SYMBOL_IF_KUNIT(sim_schedule_parse);

/**
 * sim_schedule_show() - write a schedule as the words that made it
 * @seq: where to
 * @sched: schedule
 *
 * Context: any; the caller holds the lock that covers @sched.
 */
void sim_schedule_show(struct seq_file *seq, const struct sim_schedule *sched)
{
	switch (sched->when) {
	case SIM_NEVER:
		seq_puts(seq, "off");
		break;
	case SIM_ONCE:
		seq_puts(seq, "once");
		break;
	case SIM_EVERY:
		seq_printf(seq, "every=%u", sched->every);
		break;
	case SIM_RANDOM:
		seq_printf(seq, "random=%u", sched->permille);
		break;
	}
	if (sched->after)
		seq_printf(seq, " after=%u", sched->after);
	if (sched->limit)
		seq_printf(seq, " limit=%u", sched->limit);
	if (sched->seed)
		seq_printf(seq, " seed=%llu", sched->seed);
}
