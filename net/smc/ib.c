// SPDX-License-Identifier: GPL-2.0
/*
 * RDMA devices as they come and go.
 *
 * A device is found in smc_ib_devs from the time the RDMA core adds it until
 * it begins to remove it. Nobody pins it: who uses a port holds a reference
 * on our struct smc_ibdev and watches it. Removal takes the device out of the
 * list, tells the watchers, and waits until they have let go.
 *
 * Which GID to use is decided here, because both ends of a link must come to
 * addresses that reach each other without having talked before: see
 * gid_rank().
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/etherdevice.h>
#include <linux/inetdevice.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/ipv6_stubs.h>
#include <rdma/ib_cache.h>
#include "ib.h"

/* The address handle of a QP has 8 bits for the index. */
#define SMC_IB_MAX_GIDS		256

/* What rdma_read_gid_l2_fields() reports for an untagged device. */
#define SMC_IB_NO_VLAN		0xffff

/* Those bits of a set of GIDs that are kinds. */
#define SMC_IB_KINDS		(BIT(SMC_GID_ROCE_V1) | BIT(SMC_GID_ROCE_V2))

/* A removal that takes longer is worth a line in the log. */
#define SMC_IB_REMOVE_PATIENCE	(10 * HZ)

/* Protects smc_ib_devs, and the making of smc_ib_own_id. */
static DEFINE_MUTEX(smc_ib_lock);
static LIST_HEAD(smc_ib_devs);

/* Our peer ID. Complete and constant once smc_ib_own_id_known is set. */
static u8 smc_ib_own_id[SMC_PEER_ID_LEN];
static bool smc_ib_own_id_known;

/* How well a GID fits. The lowest wins, then the lowest index. */
enum smc_gid_rank {
	SMC_GID_RANK_ROCE_V1,
	SMC_GID_RANK_IPV4,
	SMC_GID_RANK_IPV6,
	SMC_GID_RANK_UNROUTED,	/* made from the MAC, no address of ours */
	SMC_GID_RANK_NONE,
};

/* Search for a GID on one port. */
struct smc_gid_search {
	const struct smc_ib_want *want;
	struct net *home;	/* of the port's own netdev, NULL: unknown */
	unsigned int kinds;	/* of those wanted, the port's */
};

static void smc_ibdev_put(struct smc_ibdev *ibdev)
{
	if (refcount_dec_and_test(&ibdev->ref))
		complete(&ibdev->unused);
}

/* Tells the watchers of @port, or all of them if it is 0. */
static void tell_watchers(struct smc_ibdev *ibdev, u32 port,
			  enum smc_ib_event ev)
{
	struct smc_ib_watch *watch;

	lockdep_assert_held(&ibdev->watch_lock);
	list_for_each_entry(watch, &ibdev->watchers, node)
		if (!port || watch->rnic->port == port)
			watch->event(watch, ev);
}

static u8 gid_kind_of(const struct ib_gid_attr *attr)
{
	return attr->gid_type == IB_GID_TYPE_ROCE ? SMC_GID_ROCE_V1 :
						    SMC_GID_ROCE_V2;
}

/*
 * The RDMA core updates its view of the port before it reports a change, so a
 * watcher added because this was true hears of the end.
 */
static bool port_is_active(struct ib_device *dev, u32 port)
{
	enum ib_port_state state;

	return !ib_get_cached_port_state(dev, port, &state) &&
	       state == IB_PORT_ACTIVE;
}

static bool rnic_gid_exists(const struct smc_rnic *rnic)
{
	const struct ib_gid_attr *attr;
	bool same;

	attr = rdma_get_gid_attr(rnic->ibdev->dev, rnic->port,
				 rnic->gid_index);
	if (IS_ERR(attr))
		return false;
	same = !memcmp(&attr->gid, &rnic->gid, sizeof(rnic->gid)) &&
	       gid_kind_of(attr) == rnic->gid_kind;
	rdma_put_gid_attr(attr);
	return same;
}

static void check_gids(struct smc_ibdev *ibdev, u32 port)
{
	struct smc_ib_watch *watch;

	lockdep_assert_held(&ibdev->watch_lock);
	list_for_each_entry(watch, &ibdev->watchers, node)
		if (watch->rnic->port == port && !rnic_gid_exists(watch->rnic))
			watch->event(watch, SMC_IB_PORT_DOWN);
}

/*
 * Runs in process context, and not any more when ib_unregister_event_handler()
 * has returned.
 */
static void smc_ib_handle_event(struct ib_event_handler *handler,
				struct ib_event *event)
{
	struct smc_ibdev *ibdev = container_of(handler, struct smc_ibdev,
					       event_handler);

	spin_lock_bh(&ibdev->watch_lock);
	switch (event->event) {
	case IB_EVENT_DEVICE_FATAL:
		WRITE_ONCE(ibdev->failed, true);
		tell_watchers(ibdev, 0, SMC_IB_DEV_GONE);
		break;
	case IB_EVENT_PORT_ERR:
		tell_watchers(ibdev, event->element.port_num, SMC_IB_PORT_DOWN);
		break;
	case IB_EVENT_GID_CHANGE:
		check_gids(ibdev, event->element.port_num);
		break;
	default:
		break;
	}
	spin_unlock_bh(&ibdev->watch_lock);
}

/* RMBs are registered by work requests, without exposing all memory. */
static bool smc_ib_can_use(const struct ib_device *dev)
{
	return dev->node_type == RDMA_NODE_IB_CA &&
	       dev->attrs.device_cap_flags & IB_DEVICE_MEM_MGT_EXTENSIONS;
}

static int smc_ib_add_one(struct ib_device *dev);
static void smc_ib_remove_one(struct ib_device *dev, void *client_data);

static struct ib_client smc_ib_client = {
	.name	= "smc",
	.add	= smc_ib_add_one,
	.remove	= smc_ib_remove_one,
};

static int smc_ib_add_one(struct ib_device *dev)
{
	struct smc_ibdev *ibdev;

	if (!smc_ib_can_use(dev))
		return -EOPNOTSUPP;
	ibdev = kzalloc(sizeof(*ibdev), GFP_KERNEL);
	if (!ibdev)
		return -ENOMEM;

	ibdev->dev = dev;
	refcount_set(&ibdev->ref, 1);	/* put by smc_ib_remove_one() */
	init_completion(&ibdev->unused);
	spin_lock_init(&ibdev->watch_lock);
	INIT_LIST_HEAD(&ibdev->watchers);
	ib_set_client_data(dev, &smc_ib_client, ibdev);
	INIT_IB_EVENT_HANDLER(&ibdev->event_handler, dev, smc_ib_handle_event);
	ib_register_event_handler(&ibdev->event_handler);

	mutex_lock(&smc_ib_lock);
	list_add_tail(&ibdev->node, &smc_ib_devs);
	mutex_unlock(&smc_ib_lock);
	return 0;
}

static void smc_ib_remove_one(struct ib_device *dev, void *client_data)
{
	struct smc_ibdev *ibdev = client_data;

	mutex_lock(&smc_ib_lock);
	list_del(&ibdev->node);
	mutex_unlock(&smc_ib_lock);

	spin_lock_bh(&ibdev->watch_lock);
	WRITE_ONCE(ibdev->failed, true);
	tell_watchers(ibdev, 0, SMC_IB_DEV_GONE);
	spin_unlock_bh(&ibdev->watch_lock);

	ib_unregister_event_handler(&ibdev->event_handler);
	smc_ibdev_put(ibdev);
	while (!wait_for_completion_timeout(&ibdev->unused,
					    SMC_IB_REMOVE_PATIENCE))
		pr_warn_ratelimited("removal of %s waits for %u users\n",
				    dev_name(&dev->dev),
				    refcount_read(&ibdev->ref));
	kfree(ibdev);
}

static unsigned int port_kinds(struct ib_device *dev, u32 port)
{
	unsigned int kinds = 0;

	if (rdma_protocol_roce_eth_encap(dev, port))
		kinds |= BIT(SMC_GID_ROCE_V1);
	if (rdma_protocol_roce_udp_encap(dev, port))
		kinds |= BIT(SMC_GID_ROCE_V2);
	return kinds;
}

static u32 last_port(const struct ib_device *dev)
{
	return min_t(u32, rdma_end_port(dev), SMC_IB_MAX_PORTS);
}

/*
 * A GID that belongs to a third namespace would tie the link to addresses
 * that come and go with somebody else's container.
 */
static bool gid_netdev_fits(const struct net_device *ndev,
			    const struct smc_gid_search *s)
{
	return net_eq(dev_net(ndev), s->want->net) || !s->home ||
	       net_eq(dev_net(ndev), s->home);
}

static bool gid_on_subnet4(__be32 gid, __be32 local,
			   const struct net_device *ndev)
{
	struct in_device *in_dev = __in_dev_get_rcu(ndev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (ifa->ifa_local == gid && inet_ifa_match(local, ifa))
			return true;
	return false;
}

#if IS_ENABLED(CONFIG_IPV6)
static bool gid_on_subnet6(const struct in6_addr *gid,
			   const struct in6_addr *local,
			   const struct net_device *ndev)
{
	struct inet6_dev *in6_dev = __in6_dev_get(ndev);
	const struct inet6_ifaddr *ifa;
	bool found = false;

	if (!in6_dev)
		return false;
	read_lock_bh(&in6_dev->lock);
	list_for_each_entry(ifa, &in6_dev->addr_list, if_list) {
		if (!ipv6_addr_equal(&ifa->addr, gid))
			continue;
		found = ipv6_prefix_equal(&ifa->addr, local, ifa->prefix_len);
		break;
	}
	read_unlock_bh(&in6_dev->lock);
	return found;
}
#else
static bool gid_on_subnet6(const struct in6_addr *gid,
			   const struct in6_addr *local,
			   const struct net_device *ndev)
{
	return false;
}
#endif

/*
 * Packets of version 2 may cross routers, so the GID must be an address that
 * the peer's network knows a way to: one beside TCP's own, of the same family.
 */
static bool gid_on_subnet(const struct in6_addr *gid,
			  const struct in6_addr *local,
			  const struct net_device *ndev)
{
	if (ipv6_addr_v4mapped(gid) != ipv6_addr_v4mapped(local))
		return false;
	if (ipv6_addr_v4mapped(gid))
		return gid_on_subnet4(gid->s6_addr32[3], local->s6_addr32[3],
				      ndev);
	return gid_on_subnet6(gid, local, ndev);
}

/*
 * RoCEv1 reaches the peer by its MAC, so any GID is as good as another and the
 * first one is taken. RoCEv2 routes GIDs as IP addresses, hence both ends must
 * use the same IP version. Each end decides for itself; taking IPv4 whenever
 * there is an IPv4 GID makes them agree unless only one of them has IPv4 on
 * this network. Without, an address that the network device really has comes
 * before the default GID: that one is derived from the MAC, and a software
 * device, which resolves the peer's GID like any IP address, gets no answer
 * if the peer's own link-local address is made in another way.
 * A server knows the client's GID and limits @s->kinds to one IP version.
 */
static enum smc_gid_rank gid_rank(const struct ib_gid_attr *attr,
				  const struct smc_gid_search *s)
{
	const struct in6_addr *addr = (const struct in6_addr *)attr->gid.raw;
	enum smc_gid_rank rank = SMC_GID_RANK_NONE;
	struct net_device *ndev;

	if (!(s->kinds & BIT(gid_kind_of(attr))))
		return rank;
	if (gid_kind_of(attr) == SMC_GID_ROCE_V2 &&
	    s->kinds & (ipv6_addr_v4mapped(addr) ? SMC_GIDS_NOT_IPV4 :
						   SMC_GIDS_NOT_IPV6))
		return rank;

	rcu_read_lock();
	ndev = rdma_read_gid_attr_ndev_rcu(attr);
	if (IS_ERR(ndev) || !gid_netdev_fits(ndev, s))
		goto out_unlock;
	if (s->kinds & SMC_GIDS_ON_SUBNET &&
	    !gid_on_subnet(addr, &s->want->local, ndev))
		goto out_unlock;
	if (gid_kind_of(attr) == SMC_GID_ROCE_V1)
		rank = SMC_GID_RANK_ROCE_V1;
	else if (ipv6_addr_v4mapped(addr))
		rank = SMC_GID_RANK_IPV4;
	else if (ipv6_stub->ipv6_dev_find(dev_net(ndev), addr, ndev) == ndev)
		rank = SMC_GID_RANK_IPV6;
	else
		rank = SMC_GID_RANK_UNROUTED;
out_unlock:
	rcu_read_unlock();
	return rank;
}

/* Puts a GID into @rnic if it is better than @best; returns what is the best. */
static enum smc_gid_rank take_gid(struct smc_rnic *rnic,
				  const struct ib_gid_attr *attr,
				  const struct smc_gid_search *s,
				  enum smc_gid_rank best)
{
	enum smc_gid_rank rank = gid_rank(attr, s);
	u8 mac[ETH_ALEN];
	u16 vlan_id;

	if (rank >= best || rdma_read_gid_l2_fields(attr, &vlan_id, mac))
		return best;
	if (vlan_id == SMC_IB_NO_VLAN)
		vlan_id = 0;
	if (vlan_id != s->want->vlan_id)
		return best;

	rnic->gid = attr->gid;
	rnic->gid_index = attr->index;
	rnic->gid_kind = gid_kind_of(attr);
	rnic->vlan_id = vlan_id;
	ether_addr_copy(rnic->mac, mac);
	return rank;
}

/* Finds the best GID of the port set in @rnic. */
static bool find_gid(struct smc_rnic *rnic, const struct smc_gid_search *s)
{
	enum smc_gid_rank best = SMC_GID_RANK_NONE;
	const struct ib_gid_attr *attr;
	enum smc_gid_rank ideal;
	int i;

	ideal = s->kinds & BIT(SMC_GID_ROCE_V1) ? SMC_GID_RANK_ROCE_V1 :
						  SMC_GID_RANK_IPV4;
	for (i = 0; i < SMC_IB_MAX_GIDS && best > ideal; i++) {
		attr = rdma_get_gid_attr(rnic->ibdev->dev, rnic->port, i);
		if (attr == ERR_PTR(-EINVAL))
			break;		/* behind the table's end */
		if (IS_ERR(attr))
			continue;	/* no GID here */
		best = take_gid(rnic, attr, s, best);
		rdma_put_gid_attr(attr);
	}
	return best != SMC_GID_RANK_NONE;
}

/* Finds out if the port set in @rnic can be used, and by which GID. */
static bool use_port(struct smc_rnic *rnic, const struct smc_ib_want *want)
{
	struct ib_device *dev = rnic->ibdev->dev;
	struct smc_gid_search search = { .want = want };
	struct net_device *ndev;
	bool found;

	search.kinds = want->kinds &
		       (~SMC_IB_KINDS | port_kinds(dev, rnic->port));
	if (!(search.kinds & SMC_IB_KINDS) || !port_is_active(dev, rnic->port))
		return false;

	ndev = ib_device_get_netdev(dev, rnic->port);
	if (ndev)
		search.home = dev_net(ndev);
	found = find_gid(rnic, &search);
	dev_put(ndev);
	return found;
}

/* The host's name towards its peers: that of the first port it used. */
static void learn_own_id(const u8 *mac)
{
	lockdep_assert_held(&smc_ib_lock);
	if (smc_ib_own_id_known)
		return;
	ether_addr_copy(smc_ib_own_id + SMC_PEER_ID_LEN - ETH_ALEN, mac);
	/* Pairs with smc_ib_peer_id(). */
	smp_store_release(&smc_ib_own_id_known, true);
}

/* Asks the device, which may take its time, hence no lock is held. */
static int learn_mtu(struct smc_rnic *rnic)
{
	struct ib_port_attr attr;
	int rc;

	rc = ib_query_port(rnic->ibdev->dev, rnic->port, &attr);
	if (!rc)
		rnic->mtu = attr.active_mtu;
	return rc;
}

static bool device_has_port(struct smc_ibdev *ibdev,
			    const struct smc_ib_want *want,
			    smc_ib_match_t match, void *arg,
			    struct smc_rnic *rnic)
{
	u32 port;

	rnic->ibdev = ibdev;
	for (port = 1; port <= last_port(ibdev->dev); port++) {
		rnic->port = port;
		if (match(ibdev->dev, port, arg) && use_port(rnic, want))
			return true;
	}
	return false;
}

/**
 * smc_ib_find() - find a port for a connection, and the GID to use on it
 * @want: what the connection needs
 * @match: which ports are considered
 * @arg: handed to @match
 * @rnic: filled on success; the caller ends with smc_ib_rnic_put()
 *
 * Takes the first active port, in the order in which devices were added. On
 * this port a RoCEv1 GID goes before a RoCEv2 one.
 *
 * Context: Process, may sleep. Takes smc_ib_lock; @match is called under it.
 * Return: 0, or -ENODEV if there is no such port.
 */
int smc_ib_find(const struct smc_ib_want *want, smc_ib_match_t match, void *arg,
		struct smc_rnic *rnic)
{
	struct smc_ibdev *ibdev;
	int rc = -ENODEV;

	might_sleep();
	memset(rnic, 0, sizeof(*rnic));
	mutex_lock(&smc_ib_lock);
	list_for_each_entry(ibdev, &smc_ib_devs, node) {
		if (READ_ONCE(ibdev->failed) ||
		    !rdma_dev_access_netns(ibdev->dev, want->net) ||
		    !device_has_port(ibdev, want, match, arg, rnic))
			continue;
		learn_own_id(rnic->mac);
		refcount_inc(&ibdev->ref);	/* smc_ib_rnic_put() */
		rc = 0;
		break;
	}
	mutex_unlock(&smc_ib_lock);
	if (rc) {
		rnic->ibdev = NULL;
		return rc;
	}
	if (learn_mtu(rnic)) {
		smc_ib_rnic_put(rnic);
		return -ENODEV;
	}
	return 0;
}

static bool has_active_port(struct smc_ibdev *ibdev)
{
	u32 port;

	for (port = 1; port <= last_port(ibdev->dev); port++)
		if (port_is_active(ibdev->dev, port))
			return true;
	return false;
}

/**
 * smc_ib_present() - is there any port that connections could use?
 * @net: their namespace
 *
 * Context: Process, may sleep. Takes smc_ib_lock.
 * Return: false if smc_ib_find() would find none, whatever is wanted.
 */
bool smc_ib_present(const struct net *net)
{
	struct smc_ibdev *ibdev;
	bool present = false;

	mutex_lock(&smc_ib_lock);
	list_for_each_entry(ibdev, &smc_ib_devs, node) {
		present = !READ_ONCE(ibdev->failed) &&
			  rdma_dev_access_netns(ibdev->dev, net) &&
			  has_active_port(ibdev);
		if (present)
			break;
	}
	mutex_unlock(&smc_ib_lock);
	return present;
}

/**
 * smc_ib_visit_ports() - show all ports of all devices
 * @match: called for each port, in no matter which state, until it returns
 *	true
 * @arg: handed to @match
 *
 * Context: Process, may sleep. Takes smc_ib_lock; @match is called under it.
 */
void smc_ib_visit_ports(smc_ib_match_t match, void *arg)
{
	struct smc_ibdev *ibdev;
	u32 port;

	mutex_lock(&smc_ib_lock);
	list_for_each_entry(ibdev, &smc_ib_devs, node)
		for (port = 1; port <= last_port(ibdev->dev); port++)
			if (match(ibdev->dev, port, arg))
				goto out_unlock;
out_unlock:
	mutex_unlock(&smc_ib_lock);
}

/**
 * smc_ib_rnic_get() - copy a port with its reference
 * @to: the copy, to be given back by smc_ib_rnic_put()
 * @from: a port on which the caller has a reference
 *
 * Context: Any.
 */
void smc_ib_rnic_get(struct smc_rnic *to, const struct smc_rnic *from)
{
	*to = *from;
	refcount_inc(&to->ibdev->ref);
}

/**
 * smc_ib_rnic_put() - let go of a port
 * @rnic: filled by smc_ib_find() or smc_ib_rnic_get(), or already put
 *
 * The device may be gone when this returns.
 *
 * Context: Any.
 */
void smc_ib_rnic_put(struct smc_rnic *rnic)
{
	struct smc_ibdev *ibdev = rnic->ibdev;

	rnic->ibdev = NULL;
	if (ibdev)
		smc_ibdev_put(ibdev);
}

/**
 * smc_ib_watch_add() - ask to be told when a port or its GID goes away
 * @watch: @rnic and @event are set; the caller holds a reference on the port
 *	as long as it watches
 *
 * Whatever happens after a successful return is reported.
 *
 * Context: Any but hard interrupt. Takes the device's watch_lock.
 * Return: 0, or -ENODEV if the port went away since it was found; then @watch
 *	is not added.
 */
int smc_ib_watch_add(struct smc_ib_watch *watch)
{
	const struct smc_rnic *rnic = watch->rnic;
	struct smc_ibdev *ibdev = rnic->ibdev;
	int rc = -ENODEV;

	spin_lock_bh(&ibdev->watch_lock);
	if (!ibdev->failed && port_is_active(ibdev->dev, rnic->port) &&
	    rnic_gid_exists(rnic)) {
		list_add_tail(&watch->node, &ibdev->watchers);
		rc = 0;
	}
	spin_unlock_bh(&ibdev->watch_lock);
	return rc;
}

/**
 * smc_ib_watch_del() - do not watch any longer
 * @watch: added by smc_ib_watch_add()
 *
 * No event is reported after this returned.
 *
 * Context: Any but hard interrupt, not from the event callback. Takes the
 * device's watch_lock.
 */
void smc_ib_watch_del(struct smc_ib_watch *watch)
{
	struct smc_ibdev *ibdev = watch->rnic->ibdev;

	spin_lock_bh(&ibdev->watch_lock);
	list_del(&watch->node);
	spin_unlock_bh(&ibdev->watch_lock);
}

/**
 * smc_ib_peer_id() - by what peers know this host
 * @peer_id: filled, with zeros if the ID is not known yet
 *
 * The ID has a random part, new each time the module is loaded, and the MAC
 * of the first port that smc_ib_find() found. It does not change after that.
 *
 * Context: Any.
 * Return: Whether the ID is known; always so after smc_ib_find() succeeded.
 */
bool smc_ib_peer_id(u8 peer_id[SMC_PEER_ID_LEN])
{
	/* Pairs with learn_own_id(). */
	if (!smp_load_acquire(&smc_ib_own_id_known)) {
		memset(peer_id, 0, SMC_PEER_ID_LEN);
		return false;
	}
	memcpy(peer_id, smc_ib_own_id, SMC_PEER_ID_LEN);
	return true;
}

/**
 * smc_ib_init() - begin to follow RDMA devices
 *
 * Context: Module init, may sleep.
 * Return: 0, or a negative errno of ib_register_client().
 */
int smc_ib_init(void)
{
	get_random_bytes(smc_ib_own_id, SMC_PEER_ID_LEN - ETH_ALEN);
	return ib_register_client(&smc_ib_client);
}

/**
 * smc_ib_exit() - stop following RDMA devices
 *
 * Tells the watchers that their devices are gone and waits for them.
 *
 * Context: Module exit, may sleep.
 */
void smc_ib_exit(void)
{
	ib_unregister_client(&smc_ib_client);
}
