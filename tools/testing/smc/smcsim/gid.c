// SPDX-License-Identifier: GPL-2.0
/*
 * GIDs: what the RDMA core put into the tables of ports, and which queue pair
 * a pair of addresses leads to.
 *
 * The core makes one GID of each kind for the MAC and for each IP address of
 * the port's network device and of the VLANs on it. Kinds are switched by
 * changing what the port says it can, and having its table made anew.
 */
#include <linux/rculist.h>
#include <rdma/ib_cache.h>
#include "compat.h"
#include "smcsim.h"

static struct sim_port *sim_gid_port(const struct ib_gid_attr *attr)
{
	return &to_sim_dev(attr->device)->port[attr->port_num - 1];
}

/**
 * sim_gid_add() - the RDMA core added a GID
 * @attr: the GID
 * @context: unused
 *
 * Context: Sleeps. Takes gid_lock.
 * Return: 0 or -EINVAL.
 */
int sim_gid_add(const struct ib_gid_attr *attr, void **context)
{
	struct sim_port *port = sim_gid_port(attr);
	struct sim_gid *gid;
	u16 vlan_id;
	int err;

	if (attr->index >= SIM_MAX_GIDS)
		return -EINVAL;
	err = rdma_read_gid_l2_fields(attr, &vlan_id, NULL);
	if (err)
		return err;
	gid = &port->gids[attr->index];
	spin_lock_bh(&port->gid_lock);
	gid->gid = attr->gid;
	gid->type = attr->gid_type;
	gid->vlan_id = vlan_id;
	gid->ndev = rcu_access_pointer(attr->ndev);
	gid->valid = true;
	spin_unlock_bh(&port->gid_lock);
	atomic_inc(&sim_topology);
	return 0;
}

/**
 * sim_gid_del() - the RDMA core removes a GID
 * @attr: the GID
 * @context: unused
 *
 * Context: Sleeps. Takes gid_lock.
 * Return: 0.
 */
int sim_gid_del(const struct ib_gid_attr *attr, void **context)
{
	struct sim_port *port = sim_gid_port(attr);

	spin_lock_bh(&port->gid_lock);
	port->gids[attr->index].valid = false;
	spin_unlock_bh(&port->gid_lock);
	atomic_inc(&sim_topology);
	return 0;
}

/* Has the port this GID, of the kind and in the VLAN of the path? */
static bool sim_port_has_gid(struct sim_port *port, const struct sim_path *path,
			     const union ib_gid *want)
{
	const struct sim_gid *gid;
	bool found = false;
	unsigned int i;

	spin_lock_bh(&port->gid_lock);
	for (i = 0; i < SIM_MAX_GIDS && !found; i++) {
		gid = &port->gids[i];
		found = gid->valid && gid->type == path->gid_type &&
			gid->vlan_id == path->vlan_id &&
			!memcmp(&gid->gid, want, sizeof(*want));
	}
	spin_unlock_bh(&port->gid_lock);
	return found;
}

static bool sim_port_is_dest(struct sim_port *port, const struct sim_path *path)
{
	bool same;

	spin_lock_bh(&port->gid_lock);
	same = ether_addr_equal(port->mac, path->dmac);
	spin_unlock_bh(&port->gid_lock);
	return same && sim_port_has_gid(port, path, &path->dgid);
}

/**
 * sim_gid_is_source() - can messages leave by a path?
 * @port: port that sends
 * @path: addresses
 *
 * A GID that has been taken away is not sent from any more. One that has come
 * back is the same, at whatever place.
 *
 * Context: BH. Takes gid_lock of the port.
 * Return: true if the port has the path's source GID.
 */
bool sim_gid_is_source(struct sim_port *port, const struct sim_path *path)
{
	return sim_port_has_gid(port, path, &path->sgid);
}

static struct sim_qp *sim_port_find_qp(struct sim_port *port, u32 qpn)
{
	struct sim_qp *qp;

	qp = sim_qp_get(port->sim, qpn);
	if (qp && READ_ONCE(qp->port) != port) {
		sim_qp_put(qp);
		qp = NULL;
	}
	return qp;
}

/**
 * sim_gid_find_qp() - who is at the other end?
 * @from: port that sends
 * @path: addresses
 * @qpn: number of the queue pair there
 *
 * The port must be up, in the same network, in the same VLAN, and have both
 * the MAC and a GID of the right kind, and the sender its own GID.
 *
 * Context: BH, under RCU. Takes gid_lock of ports.
 * Return: the queue pair with a reference, or NULL.
 */
struct sim_qp *sim_gid_find_qp(struct sim_port *from,
			       const struct sim_path *path, u32 qpn)
{
	const void *segment = READ_ONCE(from->segment);
	struct sim_port *port;
	struct sim_dev *sim;
	struct sim_qp *qp;
	unsigned int i;

	if (!sim_port_active(from) || !sim_gid_is_source(from, path))
		return NULL;
	list_for_each_entry_rcu(sim, &sim_list, node) {
		for (i = 0; i < sim->num_ports; i++) {
			port = &sim->port[i];
			if (READ_ONCE(port->segment) != segment ||
			    !sim_port_active(port) ||
			    !sim_port_is_dest(port, path))
				continue;
			qp = sim_port_find_qp(port, qpn);
			if (qp)
				return qp;
		}
	}
	return NULL;
}

/**
 * sim_gid_core_caps() - port capabilities that make the core add GIDs
 * @types: bits 1 << enum ib_gid_type
 *
 * Without management datagrams and connection manager, as there are only RC
 * queue pairs.
 *
 * Return: RDMA_CORE_CAP_*.
 */
u32 sim_gid_core_caps(unsigned long types)
{
	u32 caps = RDMA_CORE_CAP_ETH_AH;

	if (types & BIT(IB_GID_TYPE_ROCE))
		caps |= RDMA_CORE_CAP_PROT_ROCE;
	if (types & BIT(IB_GID_TYPE_ROCE_UDP_ENCAP))
		caps |= RDMA_CORE_CAP_PROT_ROCE_UDP_ENCAP;
	return caps;
}

/* A network device that has GIDs, held, or NULL. */
static struct net_device *sim_gid_any_ndev(struct sim_port *port)
{
	struct net_device *ndev = NULL;
	unsigned int i;

	spin_lock_bh(&port->gid_lock);
	for (i = 0; i < SIM_MAX_GIDS && !ndev; i++)
		if (port->gids[i].valid)
			ndev = port->gids[i].ndev;
	/* As long as the GID is valid the core has a reference. */
	dev_hold(ndev);
	spin_unlock_bh(&port->gid_lock);
	return ndev;
}

static void sim_gid_remove_all(struct sim_port *port)
{
	struct net_device *ndev;

	while (!SIM_GIDS_STAY && (ndev = sim_gid_any_ndev(port))) {
		roce_del_all_netdev_gids(&port->sim->ibdev, port->num, ndev);
		dev_put(ndev);
	}
}

/**
 * __sim_gid_rescan() - take all GIDs of a port away and have them made anew
 * @sim: device
 * @port: its port
 *
 * Context: Sleeps. The device's settings mutex is held. Takes rtnl.
 */
void __sim_gid_rescan(struct sim_dev *sim, struct sim_port *port)
{
	lockdep_assert_held(&sim->settings);
	sim_gid_remove_all(port);
	rdma_roce_rescan_port(&sim->ibdev, port->num);
}

/**
 * __sim_gid_types_set() - change which kinds of GIDs a device has
 * @sim: device
 * @types: bits 1 << enum ib_gid_type, not none
 *
 * Context: Sleeps. The device's settings mutex is held. Takes rtnl.
 */
void __sim_gid_types_set(struct sim_dev *sim, unsigned long types)
{
	struct ib_port_immutable *immutable;
	struct sim_port *port;
	unsigned int i;

	lockdep_assert_held(&sim->settings);
	sim->gid_types = types;
	for (i = 0; i < sim->num_ports; i++) {
		port = &sim->port[i];
		sim_gid_remove_all(port);
		/* The core asks for it only once, when the device is new. */
		immutable = &sim->ibdev.port_data[port->num].immutable;
		WRITE_ONCE(immutable->core_cap_flags, sim_gid_core_caps(types));
		rdma_roce_rescan_port(&sim->ibdev, port->num);
	}
}
