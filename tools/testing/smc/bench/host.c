// SPDX-License-Identifier: GPL-2.0
/*
 * Two network namespaces of one kernel as two hosts:
 *
 *	client   veth0  10.0.0.1 ---- 10.0.0.2  veth1   server
 *	         sim0 (RDMA)                    sim1
 *	         plain0 10.0.1.1 ---- 10.0.1.2  plain1
 *
 * The second pair has no RDMA device, so SMC falls back there.
 */
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/smc.h>
#include <linux/veth.h>
#include <net/if.h>
#include <rdma/rdma_netlink.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define LOOPBACK	1	/* its index, in every namespace */

int host_ns[BENCH_HOSTS];
const char * const host_sim[BENCH_HOSTS] = { "sim0", "sim1" };
static const char * const host_pnetid[BENCH_HOSTS] = { "BENCHC", "BENCHS" };
static int init_ns;

struct host_pair {
	const char *dev[BENCH_HOSTS];
	const char *addr[BENCH_HOSTS];
};

static const struct host_pair pair_rdma = {
	{ "veth0", "veth1" }, { "10.0.0.1", "10.0.0.2" },
};

static const struct host_pair pair_plain = {
	{ "plain0", "plain1" }, { "10.0.1.1", "10.0.1.2" },
};

/**
 * host_enter() - make a namespace that of this thread
 * @ns: one of host_ns[]
 */
void host_enter(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		die("setns: %m");
}

/**
 * host_addr() - where the server of a row listens
 * @use: kind of the row's connections
 *
 * Return: the address, network order.
 */
in_addr_t host_addr(enum bench_use use)
{
	return inet_addr(use == USE_FALLBACK ? pair_plain.addr[BENCH_SRV] :
			 pair_rdma.addr[BENCH_SRV]);
}

static int current_ns(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("/proc/self/ns/net: %m");
	return fd;
}

static void link_up(int nl, unsigned int index)
{
	struct ifinfomsg ifi = {
		.ifi_index = index,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};
	struct nl_msg m;

	nl_begin(&m, RTM_NEWLINK, 0, &ifi, sizeof(ifi));
	nl_talk(nl, &m, "link up");
}

static void add_address(int nl, unsigned int index, const char *text)
{
	struct ifaddrmsg ifa = {
		.ifa_family = AF_INET,
		.ifa_prefixlen = 24,
		.ifa_index = index,
	};
	in_addr_t addr = inet_addr(text);
	struct nl_msg m;

	nl_begin(&m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &ifa,
		 sizeof(ifa));
	nl_attr(&m, IFA_LOCAL, &addr, sizeof(addr));
	nl_attr(&m, IFA_ADDRESS, &addr, sizeof(addr));
	nl_talk(nl, &m, text);
}

/* Called in the client's namespace. */
static void add_veth(int nl, const struct host_pair *pair)
{
	struct ifinfomsg ifi = { };
	size_t info, data, peer;
	struct nl_msg m;

	nl_begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi,
		 sizeof(ifi));
	nl_attr_str(&m, IFLA_IFNAME, pair->dev[BENCH_CLNT]);
	info = nl_nest(&m, IFLA_LINKINFO);
	nl_attr_str(&m, IFLA_INFO_KIND, "veth");
	data = nl_nest(&m, IFLA_INFO_DATA);
	peer = nl_nest(&m, VETH_INFO_PEER);
	/* Its payload begins with a header like that of the message. */
	m.nlh.nlmsg_len += sizeof(ifi);
	nl_attr_str(&m, IFLA_IFNAME, pair->dev[BENCH_SRV]);
	nl_attr(&m, IFLA_NET_NS_FD, &host_ns[BENCH_SRV], sizeof(int));
	nl_nest_end(&m, peer);
	nl_nest_end(&m, data);
	nl_nest_end(&m, info);
	nl_talk(nl, &m, "veth");
}

static void bring_up(int nl, int host, const struct host_pair *pair)
{
	unsigned int index = if_nametoindex(pair->dev[host]);

	if (!index)
		die("%s: %m", pair->dev[host]);
	add_address(nl, index, pair->addr[host]);
	link_up(nl, index);
}

/* As "rdma link add sim0 type smcsim netdev veth0" does. */
static void add_rdma(int host)
{
	int fd = nl_open(NETLINK_RDMA);
	struct nl_msg m;

	nl_begin(&m, RDMA_NL_GET_TYPE(RDMA_NL_NLDEV,
				      RDMA_NLDEV_CMD_NEWLINK), 0, NULL, 0);
	nl_attr_str(&m, RDMA_NLDEV_ATTR_DEV_NAME, host_sim[host]);
	nl_attr_str(&m, RDMA_NLDEV_ATTR_LINK_TYPE, "smcsim");
	nl_attr_str(&m, RDMA_NLDEV_ATTR_NDEV_NAME, pair_rdma.dev[host]);
	nl_talk(fd, &m, host_sim[host]);
	close(fd);
}

static void add_pnet(int family, const char *pnetid, int type,
		     const char *dev)
{
	struct genlmsghdr g = {
		.cmd = SMC_PNETID_ADD,
		.version = SMCR_GENL_FAMILY_VERSION,
	};
	__u8 port = 1;
	struct nl_msg m;
	int fd;

	nl_begin(&m, family, 0, &g, sizeof(g));
	nl_attr_str(&m, SMC_PNETID_NAME, pnetid);
	nl_attr_str(&m, type, dev);
	if (type == SMC_PNETID_IBNAME)
		nl_attr(&m, SMC_PNETID_IBPORT, &port, sizeof(port));
	fd = nl_open(NETLINK_GENERIC);
	nl_talk(fd, &m, dev);
	close(fd);
}

/*
 * Each host has a PNETID of its own. Else a module may think that the other
 * host's RDMA device, visible in all namespaces, is a second one of its own.
 */
static void add_pnets(void)
{
	int fd, family, host;

	fd = nl_open(NETLINK_GENERIC);
	family = nl_genl_family(fd, SMCR_GENL_FAMILY_NAME);
	close(fd);
	for (host = 0; host < BENCH_HOSTS; host++) {
		host_enter(init_ns);
		add_pnet(family, host_pnetid[host], SMC_PNETID_IBNAME,
			 host_sim[host]);
		host_enter(host_ns[host]);
		add_pnet(family, host_pnetid[host], SMC_PNETID_ETHNAME,
			 pair_rdma.dev[host]);
	}
	host_enter(init_ns);
}

/**
 * host_setup() - make both hosts
 * @rdma: with RDMA devices
 * @pnet: with PNETIDs
 *
 * This process is in neither of them afterwards.
 */
void host_setup(bool rdma, bool pnet)
{
	int nl[BENCH_HOSTS], host;

	init_ns = current_ns();
	for (host = 0; host < BENCH_HOSTS; host++) {
		if (unshare(CLONE_NEWNET))
			die("unshare: %m");
		host_ns[host] = current_ns();
		nl[host] = nl_open(NETLINK_ROUTE);
		link_up(nl[host], LOOPBACK);
	}
	add_veth(nl[BENCH_CLNT], &pair_rdma);
	add_veth(nl[BENCH_CLNT], &pair_plain);
	for (host = 0; host < BENCH_HOSTS; host++) {
		host_enter(host_ns[host]);
		bring_up(nl[host], host, &pair_rdma);
		bring_up(nl[host], host, &pair_plain);
		close(nl[host]);
	}
	for (host = 0; rdma && host < BENCH_HOSTS; host++) {
		host_enter(host_ns[host]);
		add_rdma(host);
	}
	host_enter(init_ns);
	if (pnet)
		add_pnets();
}
