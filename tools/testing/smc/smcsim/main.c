// SPDX-License-Identifier: GPL-2.0
/*
 * The module: adapters are made and unmade by iproute2,
 *
 *	rdma link add sim0 type smcsim netdev veth0
 *	rdma link del sim0
 *
 * in the namespace of the network device.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/if_arp.h>
#include <linux/module.h>
#include <net/net_namespace.h>
#include <rdma/rdma_netlink.h>
#include "compat.h"
#include "smcsim.h"

/* All devices; the mutex guards changes. Walked under RCU or the mutex. */
LIST_HEAD(sim_list);
DEFINE_MUTEX(sim_list_lock);	/* within rtnl */

/* Bottom half: executes send queues, waits for nothing. */
struct workqueue_struct *sim_bh_wq;
/* Events to consumers, which may sleep. */
struct workqueue_struct *sim_event_wq;

static uint gid_types = SIM_ROCE_TYPES;
module_param(gid_types, uint, 0644);
MODULE_PARM_DESC(gid_types,
		 "GIDs of new devices: sum of 2 (RoCEv1) and 4 (RoCEv2)");

static bool wire;
module_param(wire, bool, 0644);
MODULE_PARM_DESC(wire, "new devices reach peers outside this kernel");

static char port2[256];
module_param_string(port2, port2, sizeof(port2), 0644);
MODULE_PARM_DESC(port2,
		 "second ports: FIRST:SECOND[,FIRST:SECOND...], where a new device on network device FIRST gets another port on SECOND");

/* The partner of @ndev by @port2, held; NULL if it has none. */
static struct net_device *sim_second_port(const struct net_device *ndev)
{
	size_t len = strlen(ndev->name);
	char name[IFNAMSIZ];
	const char *at;

	for (at = port2; *at; at += strspn(at, ",\n")) {
		size_t n = strcspn(at, ",\n");

		if (n > len + 1 && n - len - 1 < IFNAMSIZ &&
		    !strncmp(at, ndev->name, len) && at[len] == ':') {
			strscpy(name, at + len + 1, n - len);
			return dev_get_by_name(dev_net(ndev), name) ?:
			       ERR_PTR(-ENODEV);
		}
		at += n;
	}
	return NULL;
}

static int sim_check_ndev(struct net_device *ndev)
{
	struct ib_device *ibdev;

	if (ndev->type != ARPHRD_ETHER)
		return -EINVAL;
	ibdev = ib_device_get_by_netdev(ndev, RDMA_DRIVER_UNKNOWN);
	if (!ibdev)
		return 0;
	ib_device_put(ibdev);
	return -EEXIST;
}

static int sim_newlink(const char *name, struct net_device *ndev)
{
	struct net_device *ndevs[SIM_MAX_PORTS] = { ndev };
	unsigned long types = gid_types & SIM_ROCE_TYPES;
	struct net_device *second;
	int err;

	if (!types)
		return -EINVAL;
	err = sim_check_ndev(ndev);
	if (err)
		return err;
	kernel_param_lock(THIS_MODULE);
	second = sim_second_port(ndev);
	kernel_param_unlock(THIS_MODULE);
	if (IS_ERR(second))
		return PTR_ERR(second);
	if (!second)
		return sim_dev_create(name, ndevs, 1, types, wire);

	ndevs[1] = second;
	err = second == ndev ? -EINVAL : sim_check_ndev(second);
	if (!err)
		err = sim_dev_create(name, ndevs, 2, types, wire);
	dev_put(second);
	return err;
}

static struct rdma_link_ops sim_link_ops = {
	.type = "smcsim",
	.newlink = sim_newlink,
};

static int __init sim_init(void)
{
	int err = -ENOMEM;

	sim_bh_wq = alloc_workqueue("smcsim", WQ_BH, 0);
	if (!sim_bh_wq)
		return err;
	sim_event_wq = alloc_workqueue("smcsim_event", WQ_UNBOUND, 0);
	if (!sim_event_wq)
		goto err_destroy_bh_wq;
	sim_debugfs_init();
	err = sim_netdev_init();
	if (err)
		goto err_exit_debugfs;
	rdma_link_register(&sim_link_ops);
	return 0;

err_exit_debugfs:
	sim_debugfs_exit();
	destroy_workqueue(sim_event_wq);
err_destroy_bh_wq:
	destroy_workqueue(sim_bh_wq);
	return err;
}

static void __exit sim_exit(void)
{
	rdma_link_unregister(&sim_link_ops);
	sim_dev_remove_all();
	sim_netdev_exit();
	/* One that had been queued for removal may not be through with it. */
	sim_debugfs_exit();
	destroy_workqueue(sim_event_wq);
	destroy_workqueue(sim_bh_wq);
	rcu_barrier();
}

module_init(sim_init);
module_exit(sim_exit);

MODULE_DESCRIPTION("Simulated RDMA adapter for tests");
MODULE_LICENSE("GPL");
MODULE_ALIAS_RDMA_LINK("smcsim");
