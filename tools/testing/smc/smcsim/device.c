// SPDX-License-Identifier: GPL-2.0
/*
 * One adapter: birth, what it says of itself, what can happen to it, death.
 *
 * Whoever removes it (rdma link del, a fault, the end of its network device,
 * the module's exit) unregisters it from the RDMA core, which has the
 * consumers let go, and then calls sim_dealloc(). Until then it stands in
 * sim_list.
 */
#include <linux/debugfs.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <rdma/ib_cache.h>
#include "compat.h"
#include "smcsim.h"

/* Of no other driver; the RDMA core finds our devices by it. */
#define SIM_DRIVER_ID		((enum rdma_driver_id)0x73696d)

#define SIM_PKEY		0xffff

/* So that numbers of one device mean nothing, or a wrong thing, to another. */
static atomic_t sim_dev_counter;

static const int sim_object_max[SIM_OBJECTS] = {
	[SIM_PDS] = SIM_MAX_PD,
	[SIM_CQS] = SIM_MAX_CQ,
	[SIM_QPS] = SIM_MAX_QP,
	[SIM_MRS] = SIM_MAX_MR,
};

/**
 * sim_object_take() - one more object is to be made
 * @sim: device
 * @which: kind of object
 *
 * Context: any.
 * Return: false if the device has as many as it says it can have; that is
 * counted.
 */
bool sim_object_take(struct sim_dev *sim, enum sim_object which)
{
	if (atomic_add_unless(&sim->objects[which], 1, sim_object_max[which]))
		return true;
	sim_count(sim, SIM_C_VIOL_LIMIT);
	return false;
}

/**
 * sim_object_give() - an object is gone, or was not made
 * @sim: device
 * @which: kind of object
 *
 * Context: any.
 */
void sim_object_give(struct sim_dev *sim, enum sim_object which)
{
	atomic_dec(&sim->objects[which]);
}

static u64 sim_node_guid(const struct net_device *ndev)
{
	__be64 guid;

	addrconf_addr_eui48((u8 *)&guid, ndev->dev_addr);
	return be64_to_cpu(guid);
}

static int sim_query_device(struct ib_device *ibdev,
			    struct ib_device_attr *attr, struct ib_udata *udata)
{
	memset(attr, 0, sizeof(*attr));
	attr->sys_image_guid = ibdev->node_guid;
	attr->max_mr_size = SIM_MAX_MR_PAGES * PAGE_SIZE;
	attr->page_size_cap = PAGE_MASK;
	attr->max_qp = sim_object_max[SIM_QPS];
	attr->max_qp_wr = SIM_MAX_WR;
	attr->device_cap_flags = IB_DEVICE_MEM_MGT_EXTENSIONS |
				 IB_DEVICE_PORT_ACTIVE_EVENT |
				 IB_DEVICE_RC_RNR_NAK_GEN |
				 IB_DEVICE_SYS_IMAGE_GUID;
	attr->kernel_cap_flags = IBK_LOCAL_DMA_LKEY | IBK_ALLOW_USER_UNREG;
	attr->max_send_sge = SIM_MAX_SGE;
	attr->max_recv_sge = SIM_MAX_SGE;
	attr->max_sge_rd = 1;
	attr->max_cq = sim_object_max[SIM_CQS];
	attr->max_cqe = SIM_MAX_CQE;
	attr->max_mr = sim_object_max[SIM_MRS];
	attr->max_pd = sim_object_max[SIM_PDS];
	attr->max_qp_rd_atom = 16;
	attr->max_qp_init_rd_atom = 16;
	attr->atomic_cap = IB_ATOMIC_NONE;
	attr->max_fast_reg_page_list_len = SIM_MAX_MR_PAGES;
	attr->max_pkeys = 1;
	return 0;
}

static int sim_query_port(struct ib_device *ibdev, u32 num,
			  struct ib_port_attr *attr)
{
	struct sim_port *port = &to_sim_dev(ibdev)->port[num - 1];

	attr->state = sim_port_active(port) ? IB_PORT_ACTIVE : IB_PORT_DOWN;
	attr->phys_state = attr->state == IB_PORT_ACTIVE ?
			   IB_PORT_PHYS_STATE_LINK_UP :
			   IB_PORT_PHYS_STATE_DISABLED;
	attr->max_mtu = IB_MTU_4096;
	attr->active_mtu = sim_port_mtu(port);
	attr->gid_tbl_len = SIM_MAX_GIDS;
	attr->ip_gids = true;
	attr->max_msg_sz = SIM_MAX_MSG;
	attr->pkey_tbl_len = 1;
	attr->max_vl_num = 1;
	attr->active_width = IB_WIDTH_4X;
	attr->active_speed = IB_SPEED_EDR;
	return 0;
}

static int sim_port_immutable(struct ib_device *ibdev, u32 num,
			      struct ib_port_immutable *immutable)
{
	immutable->pkey_tbl_len = 1;
	immutable->gid_tbl_len = SIM_MAX_GIDS;
	/*
	 * All kinds, so that the core keeps room for the default GIDs of all;
	 * sim_enable() takes away what is not wanted, where it can.
	 */
	immutable->core_cap_flags =
		sim_gid_core_caps(SIM_GIDS_STAY ? to_sim_dev(ibdev)->gid_types :
						  SIM_ROCE_TYPES);
	return 0;
}

static enum rdma_link_layer sim_link_layer(struct ib_device *ibdev, u32 num)
{
	return IB_LINK_LAYER_ETHERNET;
}

static int sim_query_pkey(struct ib_device *ibdev, u32 num, u16 index,
			  u16 *pkey)
{
	if (index)
		return -EINVAL;
	*pkey = SIM_PKEY;
	return 0;
}

/*
 * There are no user contexts. The core asks for this operation before it
 * moves a device to another namespace.
 */
static void sim_disassociate(struct ib_ucontext *context)
{
}

/* Registered, but no consumer knows of it yet. */
static int sim_enable(struct ib_device *ibdev)
{
	struct sim_dev *sim = to_sim_dev(ibdev);

	if (!sim->dir)
		sim_debugfs_add(sim, dev_name(&ibdev->dev));
	mutex_lock(&sim->settings);
	if (sim->gid_types != SIM_ROCE_TYPES)
		__sim_gid_types_set(sim, sim->gid_types);
	mutex_unlock(&sim->settings);
	return 0;
}

static void sim_dealloc(struct ib_device *ibdev)
{
	struct sim_dev *sim = to_sim_dev(ibdev);
	struct sim_port *port;

	debugfs_remove_recursive(sim->dir);
	sim_faults_exit(sim);
	mutex_lock(&sim->settings);
	__sim_wire_switch(sim, false);
	mutex_unlock(&sim->settings);

	mutex_lock(&sim_list_lock);
	list_del_rcu(&sim->node);
	mutex_unlock(&sim_list_lock);

	sim_mutator_exit(sim);
	cancel_work_sync(&sim->work);
	xa_destroy(&sim->qps);
	xa_destroy(&sim->mrs);
	free_percpu(sim->counts);
	for (port = sim->port; port < sim->port + sim->num_ports; port++)
		netdev_put(port->ndev, &port->tracker);
	mutex_destroy(&sim->settings);
	/* Others may look at the ports under RCU; the core frees after that. */
}

static const struct ib_device_ops sim_dev_ops = {
	.owner = THIS_MODULE,
	.driver_id = SIM_DRIVER_ID,
	.query_device = sim_query_device,
	.query_port = sim_query_port,
	.query_pkey = sim_query_pkey,
	.get_port_immutable = sim_port_immutable,
	.get_link_layer = sim_link_layer,
	.add_gid = sim_gid_add,
	.del_gid = sim_gid_del,
	.disassociate_ucontext = sim_disassociate,
	.enable_driver = sim_enable,
	.dealloc_driver = sim_dealloc,
};

static void sim_dev_init(struct sim_dev *sim, unsigned long gid_types)
{
	u32 first = (atomic_inc_return(&sim_dev_counter) & 0xff) << 8;

	sim->gid_types = gid_types;
	mutex_init(&sim->settings);
	xa_init_flags(&sim->qps, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	xa_init_flags(&sim->mrs, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	sim->next_qpn = first;
	sim->next_mr = first;
	INIT_WORK(&sim->work, sim_req_work);
	spin_lock_init(&sim->active_lock);
	INIT_LIST_HEAD(&sim->active);
	spin_lock_init(&sim->shape_lock);
	sim_faults_init(sim);
	sim_mutator_init(sim);
}

static void sim_dev_init_ports(struct sim_dev *sim, struct net_device **ndevs,
			       unsigned int num)
{
	struct sim_port *port;
	unsigned int i;

	sim->num_ports = num;
	for (i = 0; i < num; i++) {
		port = &sim->port[i];
		port->sim = sim;
		port->num = i + 1;
		port->ndev = ndevs[i];
		netdev_hold(port->ndev, &port->tracker, GFP_KERNEL);
		spin_lock_init(&port->gid_lock);
	}
}

/* Into the list, and know the ports' state before the core asks for it. */
static int sim_dev_publish(struct sim_dev *sim)
{
	unsigned int i;
	int err = 0;

	rtnl_lock();
	mutex_lock(&sim_list_lock);
	list_add_tail_rcu(&sim->node, &sim_list);
	mutex_unlock(&sim_list_lock);
	for (i = 0; i < sim->num_ports; i++)
		if (sim->port[i].ndev->reg_state != NETREG_REGISTERED)
			err = -ENODEV;
	sim_netdev_rewire();
	for (i = 0; i < sim->num_ports; i++)
		sim->port[i].told_active = sim_port_active(&sim->port[i]);
	rtnl_unlock();
	return err;
}

static int sim_dev_set_netdevs(struct sim_dev *sim)
{
	unsigned int i;
	int err;

	for (i = 0; i < sim->num_ports; i++) {
		err = ib_device_set_netdev(&sim->ibdev, sim->port[i].ndev,
					   i + 1);
		if (err)
			return err;
	}
	return 0;
}

/* A network device that was unregistered in between was not seen to go. */
static void sim_dev_recheck(struct sim_dev *sim)
{
	unsigned int i;

	rtnl_lock();
	sim_netdev_rewire();
	for (i = 0; i < sim->num_ports; i++)
		if (sim->port[i].ndev->reg_state != NETREG_REGISTERED)
			sim_remove(sim);
	rtnl_unlock();
}

/**
 * sim_dev_create() - make an adapter
 * @name: of the RDMA device
 * @ndevs: Ethernet devices of its ports
 * @num: how many ports
 * @gid_types: bits 1 << enum ib_gid_type
 * @wire: begin in wire mode
 *
 * Context: Sleeps. Takes rtnl.
 * Return: 0 or a negative errno.
 */
int sim_dev_create(const char *name, struct net_device **ndevs,
		   unsigned int num, unsigned long gid_types, bool wire)
{
	struct sim_dev *sim;
	int err = -ENOMEM;

	sim = ib_alloc_device(sim_dev, ibdev);
	if (!sim)
		return err;
	sim->ibdev.node_type = RDMA_NODE_IB_CA;
	sim->ibdev.phys_port_cnt = num;
	sim->ibdev.num_comp_vectors = 1;
	sim->ibdev.local_dma_lkey = SIM_DMA_LKEY;
	sim->ibdev.node_guid = cpu_to_be64(sim_node_guid(ndevs[0]));
	strscpy(sim->ibdev.node_desc, "smcsim", sizeof(sim->ibdev.node_desc));
	sim_dev_init(sim, gid_types);
	sim->counts = alloc_percpu(struct sim_counts);
	if (!sim->counts) {
		/* Nothing for sim_dealloc() to undo. */
		ib_dealloc_device(&sim->ibdev);
		return err;
	}
	sim_dev_init_ports(sim, ndevs, num);
	ib_set_device_ops(&sim->ibdev, &sim_mr_ops);
	ib_set_device_ops(&sim->ibdev, &sim_cq_ops);
	ib_set_device_ops(&sim->ibdev, &sim_qp_ops);
	ib_set_device_ops(&sim->ibdev, &sim_dev_ops);

	err = sim_dev_publish(sim);
	if (err)
		goto err_dealloc;
	err = sim_dev_set_netdevs(sim);
	if (err)
		goto err_dealloc;
	mutex_lock(&sim->settings);
	__sim_wire_switch(sim, wire);
	mutex_unlock(&sim->settings);

	/* After this somebody else may remove it at any time. */
	get_device(&sim->ibdev.dev);
	err = ib_register_device(&sim->ibdev, name, NULL);
	if (!err)
		sim_dev_recheck(sim);
	put_device(&sim->ibdev.dev);
	if (err)
		goto err_dealloc;
	return 0;

err_dealloc:
	ib_dealloc_device(&sim->ibdev);
	return err;
}

/**
 * sim_dev_remove_all() - remove all adapters
 *
 * Context: Sleeps; waits for consumers to let go.
 */
void sim_dev_remove_all(void)
{
	ib_unregister_driver(SIM_DRIVER_ID);
}

/**
 * sim_remove() - remove an adapter, soon
 * @sim: device; removing it again has no effect
 *
 * Context: any process context.
 */
void sim_remove(struct sim_dev *sim)
{
	if (!ib_device_try_get(&sim->ibdev))
		return;
	ib_unregister_device_queued(&sim->ibdev);
	ib_device_put(&sim->ibdev);
}

/**
 * sim_port_set() - pull or plug the cable of a port
 * @sim: device
 * @port: number, 0 for all
 * @up: plugged
 *
 * Context: Sleeps. Takes rtnl.
 */
void sim_port_set(struct sim_dev *sim, u32 port, bool up)
{
	unsigned int i;

	rtnl_lock();
	for (i = 0; i < sim->num_ports; i++)
		if (!port || port == i + 1)
			WRITE_ONCE(sim->port[i].pulled, !up);
	atomic_inc(&sim_topology);
	for (i = 0; i < sim->num_ports; i++)
		sim_port_tell(&sim->port[i]);
	rtnl_unlock();
}

/**
 * sim_gid_change() - take the GIDs of a port away and give them back
 * @sim: device
 * @port: number, 0 for all
 *
 * Context: Sleeps. Takes rtnl.
 */
void sim_gid_change(struct sim_dev *sim, u32 port)
{
	unsigned int i;

	if (!ib_device_try_get(&sim->ibdev))
		return;
	mutex_lock(&sim->settings);
	for (i = 0; i < sim->num_ports; i++)
		if (!port || port == i + 1)
			__sim_gid_rescan(sim, &sim->port[i]);
	mutex_unlock(&sim->settings);
	ib_device_put(&sim->ibdev);
}

static void sim_qp_die(struct sim_qp *qp)
{
	spin_lock_bh(&qp->req_lock);
	if (!qp->dead)
		sim_qp_error(qp);
	spin_unlock_bh(&qp->req_lock);
}

/**
 * sim_fatal() - the adapter breaks and stays so until it is removed
 * @sim: device
 *
 * Queue pairs go to the error state, so what is posted is flushed; new things
 * cannot be made.
 *
 * Context: Sleeps.
 */
void sim_fatal(struct sim_dev *sim)
{
	struct ib_event event = {
		.device = &sim->ibdev,
		.event = IB_EVENT_DEVICE_FATAL,
	};
	unsigned long qpn;
	struct sim_qp *qp;

	if (!ib_device_try_get(&sim->ibdev))
		return;
	WRITE_ONCE(sim->fatal, true);
	atomic_inc(&sim_topology);
	xa_for_each(&sim->qps, qpn, qp) {
		qp = sim_qp_get(sim, qpn);
		if (!qp)
			continue;
		sim_qp_die(qp);
		sim_qp_put(qp);
	}
	ib_dispatch_event(&event);
	ib_device_put(&sim->ibdev);
}

/**
 * __sim_wire_switch() - reach peers outside this kernel, or not
 * @sim: device
 * @on: reach them
 *
 * Context: Sleeps. The device's settings mutex is held.
 */
void __sim_wire_switch(struct sim_dev *sim, bool on)
{
	struct sim_port *port;

	lockdep_assert_held(&sim->settings);
	if (on == sim->wire_on)
		return;
	WRITE_ONCE(sim->wire_on, on);
	for (port = sim->port; port < sim->port + sim->num_ports; port++) {
		if (on)
			sim_wire_start(&port->wire, sim, port->num, port->ndev);
		else
			sim_wire_stop(&port->wire);
	}
}
