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

static enum smc_stat smc_stat_why(enum smc_decline reason)
{
	switch (reason) {
	case SMC_DECL_MEM:
		return SMC_STAT_WHY_MEMORY;
	case SMC_DECL_TIMEOUT_CL:
		return SMC_STAT_WHY_LINK_TIMEOUT;
	case SMC_DECL_CNFERR:
		return SMC_STAT_WHY_CONFIG;
	case SMC_DECL_PEERNOSMC:
		return SMC_STAT_WHY_NO_OPTION;
	case SMC_DECL_PEERMUTE:
		return SMC_STAT_WHY_MUTE;
	case SMC_DECL_IPSEC:
		return SMC_STAT_WHY_IPSEC;
	case SMC_DECL_NOSMCDEV:
		return SMC_STAT_WHY_NO_DEVICE;
	case SMC_DECL_MODEUNSUPP:
		return SMC_STAT_WHY_NOT_OFFERED;
	case SMC_DECL_RMBE_EYE:
		return SMC_STAT_WHY_EYECATCHER;
	case SMC_DECL_OPTUNSUPP:
		return SMC_STAT_WHY_LOCAL_OPTION;
	case SMC_DECL_DIFFPREFIX:
		return SMC_STAT_WHY_SUBNET;
	case SMC_DECL_NOACTLINK:
		return SMC_STAT_WHY_NO_LINK;
	case SMC_DECL_SYNCERR:
		return SMC_STAT_WHY_OUT_OF_SYNC;
	case SMC_DECL_PEERDECL:
		return SMC_STAT_WHY_DECLINED;
	case SMC_DECL_INTERR:
		return SMC_STAT_WHY_INTERNAL;
	case SMC_DECL_ERR_RTOK:
		return SMC_STAT_WHY_RTOKEN;
	case SMC_DECL_ERR_RDYLNK:
		return SMC_STAT_WHY_LINK_SETUP;
	case SMC_DECL_ERR_REGBUF:
		return SMC_STAT_WHY_REGISTER;
	default:
		return SMC_STAT_WHY_OTHER;
	}
}

/**
 * smc_stat_fallback() - count a connection that goes on as TCP
 * @sn: namespace
 * @server: it was accepted, not connected
 * @reason: why
 *
 * Context: Any but hard interrupt.
 */
void smc_stat_fallback(struct smc_net *sn, bool server,
		       enum smc_decline reason)
{
	smc_stat_inc(sn, server ? SMC_STAT_FALLBACK_SRV :
				  SMC_STAT_FALLBACK_CLNT);
	smc_stat_inc(sn, smc_stat_why(reason));
}

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
