/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Schedules: which ones of a series of events are picked, by number or by
 * seeded chance. Faults and mutations both use them.
 */
#ifndef SMCSIM_SCHEDULE_H
#define SMCSIM_SCHEDULE_H

#include <linux/prandom.h>
#include <linux/types.h>

struct seq_file;

/**
 * enum sim_when - which of the passing events are chosen
 * @SIM_NEVER: none
 * @SIM_ONCE: the one after @after others
 * @SIM_EVERY: after @after others, each @every-th
 * @SIM_RANDOM: after @after others, @permille of a thousand
 */
enum sim_when {
	SIM_NEVER,
	SIM_ONCE,
	SIM_EVERY,
	SIM_RANDOM,
};

/**
 * struct sim_schedule - picks some of a series of events
 * @when: how they are picked
 * @after: events to let pass before the first is picked
 * @every: with SIM_EVERY, pick one out of so many
 * @permille: with SIM_RANDOM, chance of each in 1/1000
 * @limit: pick no more than so many, 0 for no limit
 * @seed: start of @rnd, so that a seed gives the same picks again
 * @seen: events that passed since the schedule was set
 * @picked: events picked since the schedule was set
 * @rnd: random state, of this schedule alone
 *
 * Protected by the lock of whatever it is embedded in.
 */
struct sim_schedule {
	enum sim_when		when;
	u32			after;
	u32			every;
	u32			permille;
	u32			limit;
	u64			seed;
	u64			seen;
	u64			picked;
	struct rnd_state	rnd;
};

void sim_schedule_start(struct sim_schedule *sched);
bool sim_schedule_pick(struct sim_schedule *sched);
int sim_schedule_parse(struct sim_schedule *sched, const char *word);
void sim_schedule_show(struct seq_file *seq, const struct sim_schedule *sched);

#endif /* SMCSIM_SCHEDULE_H */
