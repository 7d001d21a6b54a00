/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything this module keeps per network namespace, found by net_generic().
 */
#ifndef _SMC_PERNET_H
#define _SMC_PERNET_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <net/net_namespace.h>
#include "proto/eid.h"

#define SMC_SOCK_BUCKETS	256	/* per family; a power of two */
#define SMC_LGR_BUCKETS		64	/* a power of two */
#define SMC_EID_TABLE_SIZE	4	/* as all SMC-R hosts have it */

struct smc_mute_table;
struct smc_stats;

/**
 * struct smc_sock_bucket - part of the table of sockets
 * @lock: protects @list. BH-safe; leaf: nothing of ours is taken under it
 * @list: &struct sock.sk_node
 */
struct smc_sock_bucket {
	spinlock_t lock;		/* of @list */
	struct hlist_head list;
};

/**
 * struct smc_net - state of one namespace
 * @net: the namespace
 * @stats: counters; immutable pointer (stats.c)
 * @pnet_lock: protects @pnet_list and @pnet_gen; readers use RCU (pnet.c)
 * @pnet_list: PNET table: Ethernet devices of this namespace, and RDMA ports
 *	in the initial one
 * @pnet_gen: changes of the table, never 0
 * @eid_lock: protects @eids and @num_eids. BH-safe; leaf (eid.c)
 * @eids: user-defined EIDs
 * @num_eids: their number
 * @mute_lock: protects what @mutes leads to. BH-safe; leaf (mute.c)
 * @mutes: memory of servers; immutable pointer
 * @lgr_lock: protects @lgr_lists and @lgr_idle. BH-safe; outside of a group's
 *	ep_lock (lgr.c)
 * @lgr_lists: link groups of this namespace, by the peer's GID
 * @lgr_idle: those in @lgr_lists without a connection
 * @lgr_count: groups not yet freed, also those not in @lgr_lists
 * @lgr_wait: woken when @lgr_count falls to 0
 * @sockets: all sockets, by family (0: IPv4, 1: IPv6) and bucket (sock.c)
 */
struct smc_net {
	struct net *net;
	struct smc_stats __percpu *stats;

	struct mutex pnet_lock;		/* of the next two */
	struct list_head pnet_list;
	unsigned int pnet_gen;

	spinlock_t eid_lock;		/* of the next two */
	struct smc_eid eids[SMC_EID_TABLE_SIZE];
	unsigned int num_eids;

	spinlock_t mute_lock;		/* of *mutes */
	struct smc_mute_table *mutes;

	spinlock_t lgr_lock;		/* of the next two */
	struct list_head lgr_lists[SMC_LGR_BUCKETS];
	unsigned int lgr_idle;
	atomic_t lgr_count;
	wait_queue_head_t lgr_wait;

	struct smc_sock_bucket *sockets[2];
};

struct smc_net *smc_net(const struct net *net);
int smc_pernet_init(int (*init)(struct net *net),
		    void (*exit)(struct net *net));
void smc_pernet_exit(void);

#endif
