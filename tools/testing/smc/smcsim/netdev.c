// SPDX-License-Identifier: GPL-2.0
/*
 * Network devices: whether ports are up, and how they are wired.
 *
 * Two ports reach each other if their network devices are on one network:
 * the two ends of a veth pair, ports of one bridge (a veth device counts as
 * where its other end is), the bridge itself, or the same device. The
 * name of the network is the bridge, the end of the pair at the lower address,
 * or the device. It is found anew at each change, so namespaces do not matter,
 * nor do moves between them.
 */
#include <linux/rtnetlink.h>
#include <net/rtnetlink.h>
#include "smcsim.h"

/* Counts changes of what sim_gid_find_qp() looks at. */
atomic_t sim_topology;

static struct net_device *sim_veth_peer(struct net_device *ndev)
{
	const struct rtnl_link_ops *ops = ndev->rtnl_link_ops;

	ASSERT_RTNL();
	if (!ops || strcmp(ops->kind, "veth"))
		return NULL;
	return __dev_get_by_index(ops->get_link_net(ndev),
				  dev_get_iflink(ndev));
}

static struct net_device *sim_bridge_of(struct net_device *ndev)
{
	struct net_device *upper = netdev_master_upper_dev_get(ndev);

	return upper && netif_is_bridge_master(upper) ? upper : NULL;
}

static const void *sim_segment_of(struct net_device *ndev)
{
	struct net_device *peer = sim_veth_peer(ndev);
	struct net_device *bridge = sim_bridge_of(ndev);

	if (!bridge && peer)
		bridge = sim_bridge_of(peer);
	if (bridge)
		return bridge;
	return peer ? min(ndev, peer) : ndev;
}

/**
 * sim_port_tell() - report a port's state if it has changed
 * @port: port
 *
 * Context: rtnl held.
 */
void sim_port_tell(struct sim_port *port)
{
	struct ib_device *ibdev = &port->sim->ibdev;
	struct ib_event event = {
		.device = ibdev,
		.element.port_num = port->num,
	};
	bool active = sim_port_active(port);

	ASSERT_RTNL();
	if (active == port->told_active || !ib_device_try_get(ibdev))
		return;
	port->told_active = active;
	event.event = active ? IB_EVENT_PORT_ACTIVE : IB_EVENT_PORT_ERR;
	ib_dispatch_event(&event);
	ib_device_put(ibdev);
}

static bool sim_port_learn(struct sim_port *port)
{
	struct net_device *ndev = port->ndev;
	const void *segment = sim_segment_of(ndev);
	bool up = netif_running(ndev) && netif_carrier_ok(ndev);
	bool changed;

	changed = segment != port->segment || up != port->ndev_up ||
		  !ether_addr_equal(port->mac, ndev->dev_addr);
	WRITE_ONCE(port->segment, segment);
	WRITE_ONCE(port->ndev_up, up);
	spin_lock_bh(&port->gid_lock);
	ether_addr_copy(port->mac, ndev->dev_addr);
	spin_unlock_bh(&port->gid_lock);
	return changed;
}

/**
 * sim_netdev_rewire() - find out how all ports are wired
 *
 * Context: rtnl held. Takes sim_list_lock.
 */
void sim_netdev_rewire(void)
{
	bool changed = false;
	struct sim_dev *sim;
	unsigned int i;

	ASSERT_RTNL();
	mutex_lock(&sim_list_lock);
	list_for_each_entry(sim, &sim_list, node)
		for (i = 0; i < sim->num_ports; i++)
			changed |= sim_port_learn(&sim->port[i]);
	if (changed)
		atomic_inc(&sim_topology);
	list_for_each_entry(sim, &sim_list, node)
		for (i = 0; i < sim->num_ports; i++)
			sim_port_tell(&sim->port[i]);
	mutex_unlock(&sim_list_lock);
}

/* An adapter does not outlive any of its network devices. */
static void sim_netdev_gone(const struct net_device *ndev)
{
	struct sim_dev *sim;
	unsigned int i;

	mutex_lock(&sim_list_lock);
	list_for_each_entry(sim, &sim_list, node)
		for (i = 0; i < sim->num_ports; i++)
			if (sim->port[i].ndev == ndev)
				sim_remove(sim);
	mutex_unlock(&sim_list_lock);
}

static int sim_netdev_event(struct notifier_block *nb, unsigned long event,
			    void *arg)
{
	struct net_device *ndev = netdev_notifier_info_to_dev(arg);

	switch (event) {
	case NETDEV_UNREGISTER:
		/* A move to another namespace is one, too, but for this. */
		if (ndev->reg_state == NETREG_UNREGISTERING)
			sim_netdev_gone(ndev);
		fallthrough;
	case NETDEV_REGISTER:
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
	case NETDEV_CHANGEADDR:
	case NETDEV_CHANGEUPPER:
		sim_netdev_rewire();
		break;
	default:
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block sim_netdev_nb = {
	.notifier_call = sim_netdev_event,
};

/**
 * sim_netdev_init() - begin to listen
 *
 * Context: Module init. Takes rtnl.
 * Return: 0 or a negative errno.
 */
int sim_netdev_init(void)
{
	return register_netdevice_notifier(&sim_netdev_nb);
}

/**
 * sim_netdev_exit() - stop listening
 *
 * Context: Module exit. Takes rtnl.
 */
void sim_netdev_exit(void)
{
	unregister_netdevice_notifier(&sim_netdev_nb);
}
