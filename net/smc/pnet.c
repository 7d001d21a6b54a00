// SPDX-License-Identifier: GPL-2.0
/*
 * Which RDMA port is on the same physical network as a network device.
 *
 * Without configuration it is the port behind the device itself. The PNET
 * table overrides that: it names physical networks (PNET IDs), and an Ethernet
 * device that has a name goes with the RDMA ports of the same name.
 *
 * The table of a namespace lists its Ethernet devices; that of the initial
 * namespace lists the RDMA ports as well. Lines are about names, not devices:
 * they are compared when a port is looked up, so a device may come and go, and
 * a device that is renamed takes the line of its new name.
 *
 * Lines are constant once published. Lookup goes by RCU, changes by pnet_lock.
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "pnet.h"

struct smc_pnet_entry {
	struct list_head node;
	struct rcu_head rcu;
	struct smc_pnet_info info;
};

/* What smc_ib_find() is to look for. */
struct pnet_search {
	struct net_device *ndev;
	char pnetid[SMC_PNETID_LEN + 1];	/* of @ndev, empty: none */
};

/* The other name of an RDMA device. */
struct pnet_alias {
	const char *name;
	char other[IB_DEVICE_NAME_MAX];
};

/* The PNET ID of an Ethernet device by its own name, or NULL. */
static const char *eth_pnetid_rcu(const struct net_device *ndev)
{
	struct smc_net *sn = smc_net(dev_net(ndev));
	struct smc_pnet_entry *entry;

	list_for_each_entry_rcu(entry, &sn->pnet_list, node)
		if (entry->info.ethname[0] &&
		    !strncmp(entry->info.ethname, ndev->name, IFNAMSIZ))
			return entry->info.pnetid;
	return NULL;
}

static int lower_pnetid_rcu(struct net_device *lower,
			    struct netdev_nested_priv *priv)
{
	const char **pnetid = priv->data;

	*pnetid = eth_pnetid_rcu(lower);
	return !!*pnetid;
}

static struct net_device *without_vlan(struct net_device *ndev)
{
	return is_vlan_dev(ndev) ? vlan_dev_real_dev(ndev) : ndev;
}

/*
 * The line of the lowest device decides: physical networks are a matter of
 * ports and cables.
 */
static void route_pnetid(struct net_device *ndev,
			 char pnetid[SMC_PNETID_LEN + 1])
{
	struct net_device *base = without_vlan(ndev);
	const char *found = NULL;
	struct netdev_nested_priv priv = { .data = &found };

	rcu_read_lock();
	if (netif_is_lag_master(base))
		netdev_walk_all_lower_dev_rcu(base, lower_pnetid_rcu, &priv);
	if (!found)
		found = eth_pnetid_rcu(base);
	if (!found && ndev != base)
		found = eth_pnetid_rcu(ndev);
	strscpy(pnetid, found ?: "", SMC_PNETID_LEN + 1);
	rcu_read_unlock();
}

static bool ib_has_name(const struct ib_device *dev, const char *name)
{
	return !strncmp(dev->name, name, IB_DEVICE_NAME_MAX) ||
	       (dev->dev.parent && !strcmp(dev_name(dev->dev.parent), name));
}

static const char *port_pnetid_rcu(const struct ib_device *dev, u8 port)
{
	struct smc_net *sn = smc_net(&init_net);
	struct smc_pnet_entry *entry;

	list_for_each_entry_rcu(entry, &sn->pnet_list, node)
		if (entry->info.ibname[0] && entry->info.ibport == port &&
		    ib_has_name(dev, entry->info.ibname))
			return entry->info.pnetid;
	return NULL;
}

/* Is the port's network device @ndev, or below it through VLAN and bond? */
static bool port_is_behind(struct ib_device *dev, u8 port,
			   struct net_device *ndev)
{
	struct net_device *own = ib_device_get_netdev(dev, port);
	struct net_device *base = without_vlan(ndev);
	struct net_device *master;
	bool behind;

	if (!own)
		return false;
	rcu_read_lock();
	master = netdev_master_upper_dev_get_rcu(own);
	behind = own == ndev || own == base ||
		 (master && master == base && netif_is_lag_master(master));
	rcu_read_unlock();
	dev_put(own);
	return behind;
}

static bool port_fits(struct ib_device *dev, u8 port, void *arg)
{
	const struct pnet_search *search = arg;
	const char *pnetid;
	bool same;

	rcu_read_lock();
	pnetid = port_pnetid_rcu(dev, port);
	same = !strcmp(pnetid ?: "", search->pnetid);
	rcu_read_unlock();
	return same &&
	       (search->pnetid[0] || port_is_behind(dev, port, search->ndev));
}

/**
 * smc_pnet_find_rnic() - find the RDMA port to use beside a network device
 * @ndev: device that TCP sends through, held by the caller
 * @want: what the connection needs
 * @rnic: filled on success; the caller ends with smc_ib_rnic_put()
 *
 * If @ndev or a device below it has a PNET ID, this is a port with the same
 * one. If not, it is the port behind @ndev, unless that has a PNET ID.
 *
 * Context: Process, may sleep. Takes smc_ib_lock.
 * Return: 0, or -ENODEV if there is no such port.
 */
int smc_pnet_find_rnic(struct net_device *ndev, const struct smc_ib_want *want,
		       struct smc_rnic *rnic)
{
	struct pnet_search search = { .ndev = ndev };

	route_pnetid(ndev, search.pnetid);
	return smc_ib_find(want, port_fits, &search, rnic);
}

/* Do two lines speak of the same device? @alias is another name of @a's. */
static bool same_device(const struct smc_pnet_info *a, const char *alias,
			const struct smc_pnet_info *b)
{
	if (a->ethname[0])
		return !strcmp(a->ethname, b->ethname);
	return b->ibname[0] && (!strcmp(a->ibname, b->ibname) ||
				!strcmp(alias, b->ibname));
}

static int add_line(struct net *net, const struct smc_pnet_info *info,
		    const char *alias)
{
	struct smc_net *sn = smc_net(net);
	struct smc_pnet_entry *entry, *old;

	entry = kzalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT);
	if (!entry)
		return -ENOMEM;
	entry->info = *info;

	mutex_lock(&sn->pnet_lock);
	list_for_each_entry(old, &sn->pnet_list, node) {
		if (same_device(info, alias, &old->info)) {
			mutex_unlock(&sn->pnet_lock);
			kfree(entry);
			return -EEXIST;
		}
	}
	list_add_tail_rcu(&entry->node, &sn->pnet_list);
	sn->pnet_gen = sn->pnet_gen + 1 ?: 1;
	mutex_unlock(&sn->pnet_lock);
	return 0;
}

/**
 * smc_pnet_add_eth() - give an Ethernet device a PNET ID
 * @net: namespace
 * @pnetid: normalized PNET ID
 * @ethname: name of the device, which need not exist, at most 15 characters
 *
 * Context: Process, may sleep. Takes pnet_lock.
 * Return: 0, -EEXIST if the name has a PNET ID already, or -ENOMEM.
 */
int smc_pnet_add_eth(struct net *net, const char *pnetid, const char *ethname)
{
	struct smc_pnet_info info = {};

	strscpy(info.pnetid, pnetid);
	strscpy(info.ethname, ethname);
	return add_line(net, &info, "");
}

static bool find_alias(struct ib_device *dev, u8 port, void *arg)
{
	struct pnet_alias *alias = arg;

	if (!ib_has_name(dev, alias->name))
		return false;
	if (strncmp(dev->name, alias->name, IB_DEVICE_NAME_MAX))
		strscpy(alias->other, dev->name);
	else if (dev->dev.parent)
		strscpy(alias->other, dev_name(dev->dev.parent));
	return true;
}

/**
 * smc_pnet_add_ib() - give a port of an RDMA device a PNET ID
 * @pnetid: normalized PNET ID
 * @ibname: name of the RDMA device or of its parent, which need not exist, at
 *	most 63 characters
 * @ibport: port, from 1
 *
 * As in all SMC-R hosts, a device can have only one of its ports in the table.
 *
 * Context: Process, may sleep. Takes smc_ib_lock and, after it, pnet_lock.
 * Return: 0, -EEXIST if a port of the device has a PNET ID already, or -ENOMEM.
 */
int smc_pnet_add_ib(const char *pnetid, const char *ibname, u8 ibport)
{
	struct pnet_alias alias = { .name = ibname };
	struct smc_pnet_info info = { .ibport = ibport };

	strscpy(info.pnetid, pnetid);
	strscpy(info.ibname, ibname);
	smc_ib_visit_ports(find_alias, &alias);
	return add_line(&init_net, &info, alias.other);
}

/**
 * smc_pnet_remove() - remove a PNET ID
 * @net: namespace
 * @pnetid: normalized PNET ID, NULL for all
 *
 * Connections that exist are not affected.
 *
 * Context: Process, may sleep. Takes pnet_lock.
 * Return: Whether there was a line to remove.
 */
bool smc_pnet_remove(struct net *net, const char *pnetid)
{
	struct smc_net *sn = smc_net(net);
	struct smc_pnet_entry *entry, *next;
	bool removed = false;

	mutex_lock(&sn->pnet_lock);
	list_for_each_entry_safe(entry, next, &sn->pnet_list, node) {
		if (pnetid && strcmp(entry->info.pnetid, pnetid))
			continue;
		list_del_rcu(&entry->node);
		kfree_rcu(entry, rcu);
		removed = true;
	}
	if (removed)
		sn->pnet_gen = sn->pnet_gen + 1 ?: 1;
	mutex_unlock(&sn->pnet_lock);
	return removed;
}

/**
 * smc_pnet_show() - show a namespace's table, line by line
 * @net: namespace
 * @skip: number of lines to leave out at the beginning
 * @gen: set to a number that differs between two calls, and from 0, if the
 *	table was changed in between
 * @show: called for each line
 * @arg: handed to @show
 *
 * Context: Process, may sleep. Takes pnet_lock; @show is called under it.
 * Return: 0, or what @show returned if it stopped.
 */
int smc_pnet_show(struct net *net, unsigned int skip, unsigned int *gen,
		  smc_pnet_show_t show, void *arg)
{
	struct smc_net *sn = smc_net(net);
	struct smc_pnet_entry *entry;
	int rc = 0;

	mutex_lock(&sn->pnet_lock);
	*gen = sn->pnet_gen;
	list_for_each_entry(entry, &sn->pnet_list, node) {
		if (skip) {
			skip--;
			continue;
		}
		rc = show(&entry->info, arg);
		if (rc)
			break;
	}
	mutex_unlock(&sn->pnet_lock);
	return rc;
}

/**
 * smc_pnet_net_init() - begin with an empty table
 * @sn: state of the namespace
 *
 * Context: Namespace init.
 * Return: 0.
 */
int smc_pnet_net_init(struct smc_net *sn)
{
	mutex_init(&sn->pnet_lock);
	INIT_LIST_HEAD(&sn->pnet_list);
	sn->pnet_gen = 1;
	return 0;
}

/**
 * smc_pnet_net_exit() - free a namespace's table
 * @sn: state of the namespace
 *
 * Context: Namespace exit, when nobody looks anything up any more.
 */
void smc_pnet_net_exit(struct smc_net *sn)
{
	smc_pnet_remove(sn->net, NULL);
	mutex_destroy(&sn->pnet_lock);
}
