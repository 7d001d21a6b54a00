// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of a namespace and their text form, /proc/net/smc_stat: a line
 * "name value" for each.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include "stats.h"

static const char * const smc_stat_names[SMC_STAT_NUM] = {
#define X(id, name) [SMC_STAT_##id] = name,
	SMC_STATS_LIST(X)
#undef X
};

static int smc_stats_show(struct seq_file *seq, void *v)
{
	struct smc_net *sn = smc_net(seq_file_single_net(seq));
	unsigned int i;
	int cpu;

	for (i = 0; i < SMC_STAT_NUM; i++) {
		u64 sum = 0;

		for_each_possible_cpu(cpu)
			sum += READ_ONCE(per_cpu_ptr(sn->stats, cpu)->c[i]);
		seq_printf(seq, "%s %llu\n", smc_stat_names[i], sum);
	}
	return 0;
}

/**
 * smc_stats_net_init() - set up the counters of a namespace
 * @sn: the namespace's state
 *
 * Context: Process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int smc_stats_net_init(struct smc_net *sn)
{
	sn->stats = alloc_percpu(struct smc_stats);
	if (!sn->stats)
		return -ENOMEM;
	if (!proc_create_net_single("smc_stat", 0444, sn->net->proc_net,
				    smc_stats_show, NULL)) {
		free_percpu(sn->stats);
		return -ENOMEM;
	}
	return 0;
}

/**
 * smc_stats_net_exit() - undo smc_stats_net_init()
 * @sn: the namespace's state
 *
 * Context: Process, may sleep; nothing counts any more.
 */
void smc_stats_net_exit(struct smc_net *sn)
{
	remove_proc_entry("smc_stat", sn->net->proc_net);
	free_percpu(sn->stats);
}
