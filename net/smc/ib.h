/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RDMA devices as this module sees them: devices, their ports and GIDs as
 * they come and go, and watchers that are told when one they use fails.
 */
#ifndef _SMC_IB_H
#define _SMC_IB_H

#include <linux/completion.h>
#include <linux/if_ether.h>
#include <linux/in6.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <rdma/ib_verbs.h>
#include "proto/clc.h"

#define SMC_IB_MAX_PORTS	2	/* per device, as all SMC-R hosts have it */

struct smc_ib_watch;

enum smc_ib_event {
	SMC_IB_PORT_DOWN,	/* port went down, or its GID of the link is gone */
	SMC_IB_DEV_GONE,	/* device fails for good or is being removed */
};

/**
 * struct smc_ibdev - an RDMA device
 * @dev: the device; valid while a reference is held
 * @ref: users; the removal of the device waits for the last to leave, so who
 *	holds one watches the device (smc_ib_watch) and leaves soon when told
 * @unused: completed when @ref falls to 0
 * @node: in the list of devices, under smc_ib_lock
 * @event_handler: how the RDMA core tells us of events
 * @watch_lock: protects the members below. BH-safe; taken outside of whatever
 *	the watchers' callbacks take
 * @failed: the device reported a fatal error or is being removed; never
 *	cleared, also read without the lock
 * @watchers: &struct smc_ib_watch.node
 *
 * All but @dev is private to ib.c.
 */
struct smc_ibdev {
	struct ib_device *dev;
	refcount_t ref;
	struct completion unused;
	struct list_head node;
	struct ib_event_handler event_handler;

	spinlock_t watch_lock;	/* see above */
	bool failed;
	struct list_head watchers;
};

/**
 * struct smc_rnic - a port of an RDMA device and the GID to use on it
 * @ibdev: the device, a reference is held
 * @port: port number, from 1
 * @gid_index: index of @gid in the port's GID table
 * @gid_kind: enum smc_gid_kind
 * @gid: the GID
 * @mac: MAC of the GID's network device
 * @vlan_id: VLAN of the GID's network device, 0 for none
 * @mtu: active MTU of the port
 */
struct smc_rnic {
	struct smc_ibdev *ibdev;
	u8 port;
	u8 gid_index;
	u8 gid_kind;
	union ib_gid gid;
	u8 mac[ETH_ALEN];
	u16 vlan_id;
	enum ib_mtu mtu;
};

/**
 * struct smc_ib_watch - somebody who uses a port and wants to know its end
 * @node: private to ib.c
 * @rnic: what is used; immutable while registered
 * @event: called with bottom halves disabled under the device's watch_lock;
 *	does not sleep, does not unregister; may be called more than once
 */
struct smc_ib_watch {
	struct list_head node;
	const struct smc_rnic *rnic;
	void (*event)(struct smc_ib_watch *watch, enum smc_ib_event ev);
};

/**
 * struct smc_ib_want - what a connection needs of a port
 * @net: namespace of the connection; it must have access to the device
 * @vlan_id: VLAN of the connection, 0 for none; the GID's network device is in
 *	this VLAN
 * @kinds: GIDs that will do: bits 1 << enum smc_gid_kind, SMC_GIDS_*
 * @local: the connection's own address, IPv4 mapped into IPv6
 */
struct smc_ib_want {
	struct net *net;
	u16 vlan_id;
	unsigned int kinds;
	struct in6_addr local;
};

/**
 * typedef smc_ib_match_t - does a port fit?
 * @dev: device
 * @port: port number
 * @arg: the caller's
 *
 * Context: under smc_ib_lock, may sleep.
 */
typedef bool (*smc_ib_match_t)(struct ib_device *dev, u8 port, void *arg);

int smc_ib_init(void);
void smc_ib_exit(void);
int smc_ib_find(const struct smc_ib_want *want, smc_ib_match_t match, void *arg,
		struct smc_rnic *rnic);
bool smc_ib_present(const struct net *net);
void smc_ib_visit_ports(smc_ib_match_t match, void *arg);
void smc_ib_rnic_get(struct smc_rnic *to, const struct smc_rnic *from);
void smc_ib_rnic_put(struct smc_rnic *rnic);
int smc_ib_watch_add(struct smc_ib_watch *watch);
void smc_ib_watch_del(struct smc_ib_watch *watch);
bool smc_ib_peer_id(u8 peer_id[SMC_PEER_ID_LEN]);

#endif
