// SPDX-License-Identifier: GPL-2.0
/*
 * The way TCP goes: its network device and VLAN, the prefixes of the device,
 * and whether IPsec is in it (RFC 7609 section 3.5.1 and 4.7.1).
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/dst.h>
#include <net/inet_sock.h>
#include <net/ip6_route.h>
#include <net/ipv6_stubs.h>
#include <net/l3mdev.h>
#include <net/neighbour.h>
#include <net/route.h>
#include <net/xfrm.h>
#include "route.h"

/* How long a router may take to answer who has its address. */
#define SMC_HOP_WAIT	(HZ / 2)
#define SMC_HOP_POLL_MS	10

static bool smc_route_is_v4(const struct sock *tcp)
{
	return tcp->sk_family == AF_INET ||
	       ipv6_addr_v4mapped(&tcp->sk_v6_daddr);
}

static bool smc_route_ipsec(const struct sock *tcp, const struct dst_entry *dst)
{
#ifdef CONFIG_XFRM
	return rcu_access_pointer(tcp->sk_policy[0]) ||
	       rcu_access_pointer(tcp->sk_policy[1]) || dst_xfrm(dst);
#else
	return false;
#endif
}

static int smc_route_lower_vlan(struct net_device *lower,
				struct netdev_nested_priv *priv)
{
	if (!is_vlan_dev(lower))
		return 0;
	*(u16 *)priv->data = vlan_dev_vlan_id(lower);
	return 1;
}

static u16 smc_route_vlan(struct net_device *ndev)
{
	u16 vlan_id = 0;
	struct netdev_nested_priv priv = { .data = &vlan_id };

	if (is_vlan_dev(ndev))
		return vlan_dev_vlan_id(ndev);
	rcu_read_lock();
	netdev_walk_all_lower_dev_rcu(ndev, smc_route_lower_vlan, &priv);
	rcu_read_unlock();
	return vlan_id;
}

static bool smc_route_gateway(const struct dst_entry *dst)
{
	return dst->ops->family == AF_INET6 ?
	       dst_rt6_info(dst)->rt6i_flags & RTF_GATEWAY :
	       dst_rtable(dst)->rt_uses_gateway;
}

static void smc_route_local(const struct sock *tcp, struct in6_addr *local)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (tcp->sk_family == AF_INET6) {
		*local = tcp->sk_v6_rcv_saddr;
		return;
	}
#endif
	ipv6_addr_set_v4mapped(inet_sk(tcp)->inet_rcv_saddr, local);
}

/* A route holds its device only until that is unregistered. */
static struct net_device *smc_route_ndev(const struct dst_entry *dst)
{
	struct net_device *ndev;

	rcu_read_lock();
	ndev = dst_dev_rcu(dst);
	dev_hold(ndev);
	rcu_read_unlock();
	return ndev;
}

/**
 * smc_route_get() - find out where a TCP connection runs
 * @tcp: connected TCP socket
 * @route: filled; the device is held until smc_route_put()
 *
 * Context: Process.
 * Return: SMC_DECL_NONE, or the reason why SMC cannot go that way; nothing is
 * held then.
 */
enum smc_decline smc_route_get(struct sock *tcp, struct smc_route *route)
{
	enum smc_decline reason = SMC_DECL_NONE;
	struct dst_entry *dst = sk_dst_get(tcp);

	if (!dst)
		return SMC_DECL_CNFERR;
	if (smc_route_ipsec(tcp, dst)) {
		reason = SMC_DECL_IPSEC;
	} else {
		route->net = sock_net(tcp);
		route->ndev = smc_route_ndev(dst);
		route->vlan_id = smc_route_vlan(route->ndev);
		route->gateway = smc_route_gateway(dst);
		smc_route_local(tcp, &route->local);
	}
	dst_release(dst);
	return reason;
}

/**
 * smc_route_put() - undo smc_route_get()
 * @route: as filled there
 *
 * Context: Any.
 */
void smc_route_put(struct smc_route *route)
{
	dev_put(route->ndev);
	route->ndev = NULL;
}

static bool smc_route_prefix4(struct sock *tcp, struct net_device *ndev,
			      struct smc_clc_proposal *p)
{
	struct in_device *in_dev = __in_dev_get_rcu(ndev);
	const struct in_ifaddr *ifa;
	__be32 subnet;

	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		if (!inet_ifa_match(inet_sk(tcp)->inet_rcv_saddr, ifa))
			continue;
		subnet = ifa->ifa_address & ifa->ifa_mask;
		memcpy(p->prefix4, &subnet, sizeof(p->prefix4));
		p->prefix4_len = inet_mask_len(ifa->ifa_mask);
		return true;
	}
	return false;
}

#if IS_ENABLED(CONFIG_IPV6)
static bool smc_route_prefixes6(struct net_device *ndev,
				struct smc_clc_proposal *p)
{
	struct inet6_dev *in6_dev = __in6_dev_get(ndev);
	const struct inet6_ifaddr *ifa;
	struct smc_clc_prefix6 *to;

	if (!in6_dev)
		return false;
	read_lock_bh(&in6_dev->lock);
	list_for_each_entry(ifa, &in6_dev->addr_list, if_list) {
		struct in6_addr prefix;

		if (p->num_prefix6 == SMC_CLC_MAX_V6_PREFIXES)
			break;
		if (ipv6_addr_type(&ifa->addr) & IPV6_ADDR_LINKLOCAL)
			continue;
		ipv6_addr_prefix(&prefix, &ifa->addr, ifa->prefix_len);
		to = &p->prefix6[p->num_prefix6++];
		memcpy(to->addr, &prefix, sizeof(to->addr));
		to->len = ifa->prefix_len;
	}
	read_unlock_bh(&in6_dev->lock);
	return p->num_prefix6;
}

static bool smc_route_match6(struct net_device *ndev,
			     const struct smc_clc_proposal *p)
{
	struct inet6_dev *in6_dev = __in6_dev_get(ndev);
	struct smc_local_addr a = { .v6 = true };
	const struct inet6_ifaddr *ifa;
	bool match = false;

	if (!in6_dev)
		return false;
	read_lock_bh(&in6_dev->lock);
	list_for_each_entry(ifa, &in6_dev->addr_list, if_list) {
		if (ipv6_addr_type(&ifa->addr) & IPV6_ADDR_LINKLOCAL)
			continue;
		memcpy(a.addr, &ifa->addr, sizeof(a.addr));
		a.len = ifa->prefix_len;
		match = smc_prefix_match(p, &a);
		if (match)
			break;
	}
	read_unlock_bh(&in6_dev->lock);
	return match;
}
#else
static bool smc_route_prefixes6(struct net_device *ndev,
				struct smc_clc_proposal *p)
{
	return false;
}

static bool smc_route_match6(struct net_device *ndev,
			     const struct smc_clc_proposal *p)
{
	return false;
}
#endif

static bool smc_route_match4(struct net_device *ndev,
			     const struct smc_clc_proposal *p)
{
	struct in_device *in_dev = __in_dev_get_rcu(ndev);
	struct smc_local_addr a = { .v6 = false };
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		memcpy(a.addr, &ifa->ifa_address, sizeof(ifa->ifa_address));
		a.len = inet_mask_len(ifa->ifa_mask);
		if (smc_prefix_match(p, &a))
			return true;
	}
	return false;
}

/**
 * smc_route_prefixes() - the prefixes a client puts into its Proposal
 * @tcp: connected TCP socket
 * @route: its route
 * @p: prefix fields are filled, the rest is left alone
 *
 * Context: Process.
 * Return: true if there is one to offer.
 */
bool smc_route_prefixes(struct sock *tcp, const struct smc_route *route,
			struct smc_clc_proposal *p)
{
	bool found;

	rcu_read_lock();
	if (smc_route_is_v4(tcp))
		found = smc_route_prefix4(tcp, route->ndev, p);
	else
		found = smc_route_prefixes6(route->ndev, p);
	rcu_read_unlock();
	return found;
}

/**
 * smc_route_prefix_match() - are client and server on the same subnet?
 * @tcp: connected TCP socket of the server
 * @route: its route
 * @p: the client's Proposal
 *
 * Context: Process.
 * Return: true if an address of the device has a prefix the client listed.
 */
bool smc_route_prefix_match(struct sock *tcp, const struct smc_route *route,
			    const struct smc_clc_proposal *p)
{
	bool match = false;

	rcu_read_lock();
	if (p->num_prefix6) {
		if (!smc_route_is_v4(tcp))
			match = smc_route_match6(route->ndev, p);
	} else if (smc_route_is_v4(tcp)) {
		match = smc_route_match4(route->ndev, p);
	}
	rcu_read_unlock();
	return match;
}

static struct dst_entry *smc_hop_dst4(const struct smc_route *route,
				      __be32 gid)
{
	struct flowi4 fl4 = {
		.daddr = gid,
		.saddr = route->local.s6_addr32[3],
		.flowi4_l3mdev = l3mdev_master_ifindex(route->ndev),
	};
	struct rtable *rt;

	if (!ipv6_addr_v4mapped(&route->local))
		return ERR_PTR(-EAFNOSUPPORT);
	rt = ip_route_output_flow(route->net, &fl4, NULL);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	return &rt->dst;
}

#if IS_ENABLED(CONFIG_IPV6)
static struct dst_entry *smc_hop_dst6(const struct smc_route *route,
				      const struct in6_addr *gid)
{
	struct flowi6 fl6 = {
		.daddr = *gid,
		.saddr = route->local,
		.flowi6_l3mdev = l3mdev_master_ifindex(route->ndev),
	};

	if (ipv6_addr_v4mapped(&route->local))
		return ERR_PTR(-EAFNOSUPPORT);
	if (ipv6_addr_type(gid) & IPV6_ADDR_LINKLOCAL)
		fl6.flowi6_oif = route->ndev->ifindex;
	return ipv6_stub->ipv6_dst_lookup_flow(route->net, NULL, &fl6, NULL);
}
#else
static struct dst_entry *smc_hop_dst6(const struct smc_route *route,
				      const struct in6_addr *gid)
{
	return ERR_PTR(-EAFNOSUPPORT);
}
#endif

/* A router counts if it is on the Ethernet that TCP, and the port, are on. */
static bool smc_hop_fits(const struct smc_route *route,
			 const struct net_device *ndev)
{
	return ndev == route->ndev && ndev->type == ARPHRD_ETHER &&
	       ndev->addr_len == ETH_ALEN;
}

/* The MAC of a neighbour; it is asked for if it is not known. */
static int smc_hop_mac(struct dst_entry *dst, const void *daddr,
		       u8 mac[ETH_ALEN])
{
	unsigned long deadline = jiffies + SMC_HOP_WAIT;
	struct neighbour *neigh = dst_neigh_lookup(dst, daddr);
	bool valid;

	if (!neigh)
		return -EHOSTUNREACH;
	for (;;) {
		valid = READ_ONCE(neigh->nud_state) & NUD_VALID;
		if (valid || time_after(jiffies, deadline))
			break;
		neigh_event_send(neigh, NULL);
		msleep(SMC_HOP_POLL_MS);
	}
	if (valid)
		neigh_ha_snapshot(mac, neigh, neigh->dev);
	neigh_release(neigh);
	return valid && is_valid_ether_addr(mac) ? 0 : -EHOSTUNREACH;
}

/**
 * smc_route_hop() - find out how packets get to a peer's GID
 * @route: of the connection
 * @gid: RoCEv2 GID, an IP address
 * @hop: filled
 *
 * Direct links take the MAC that the peer says it has. That of a router is
 * looked up; it has just carried TCP, so it should be known.
 *
 * Context: Process; waits for a router's MAC, for a bounded time.
 * Return: 0, or a negative errno if there is no way.
 */
int smc_route_hop(const struct smc_route *route, const u8 gid[SMC_GID_LEN],
		  struct smc_hop *hop)
{
	struct in6_addr addr;
	struct dst_entry *dst;
	int err = 0;
	bool v4;

	might_sleep();
	memset(hop, 0, sizeof(*hop));
	memcpy(&addr, gid, sizeof(addr));
	v4 = ipv6_addr_v4mapped(&addr);
	if (v4)
		dst = smc_hop_dst4(route, addr.s6_addr32[3]);
	else
		dst = smc_hop_dst6(route, &addr);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	hop->gateway = smc_route_gateway(dst);
	if (dst->error)
		err = dst->error;
	else if (hop->gateway && !smc_hop_fits(route, dst_dev(dst)))
		err = -EHOSTUNREACH;
	else if (hop->gateway)
		err = smc_hop_mac(dst, v4 ? (void *)&addr.s6_addr32[3] :
				  (void *)&addr, hop->mac);
	dst_release(dst);
	return err;
}
