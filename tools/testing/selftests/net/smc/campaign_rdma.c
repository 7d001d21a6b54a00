// SPDX-License-Identifier: GPL-2.0
/*
 * The RDMA core by netlink: what it counts on a device, and a new device.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <rdma/rdma_netlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "campaign.h"

#define BUF		8192
#define ATTR_DATA(a)	((const void *)((const char *)(a) + NLA_HDRLEN))

struct request {
	struct nlmsghdr nlh;
	char attrs[256];
};

static void request_init(struct request *rq, int command, int flags)
{
	memset(rq, 0, sizeof(*rq));
	rq->nlh.nlmsg_len = NLMSG_HDRLEN;
	rq->nlh.nlmsg_type = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, command);
	rq->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
}

static void put_string(struct request *rq, int type, const char *value)
{
	struct nlattr *a = (void *)((char *)rq + rq->nlh.nlmsg_len);

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + strlen(value) + 1;
	memcpy((char *)a + NLA_HDRLEN, value, strlen(value) + 1);
	rq->nlh.nlmsg_len += NLA_ALIGN(a->nla_len);
}

static int rdma_open(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_RDMA);
}

static const struct nlattr *attr_next(const struct nlattr *a, int *len)
{
	int step = NLA_ALIGN(a->nla_len);

	*len -= step;
	return (const void *)((const char *)a + step);
}

static bool attr_ok(const struct nlattr *a, int len)
{
	return len >= NLA_HDRLEN && a->nla_len >= NLA_HDRLEN &&
	       a->nla_len <= len;
}

static const struct nlattr *attr_find(const void *data, int len, int type)
{
	const struct nlattr *a = data;

	for (; attr_ok(a, len); a = attr_next(a, &len))
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
	return NULL;
}

static void take_entry(const struct nlattr *entry, struct rdma_counts *counts)
{
	int len = entry->nla_len - NLA_HDRLEN;
	const struct nlattr *name, *curr;
	__u64 value;

	name = attr_find(ATTR_DATA(entry), len,
			 RDMA_NLDEV_ATTR_RES_SUMMARY_ENTRY_NAME);
	curr = attr_find(ATTR_DATA(entry), len,
			 RDMA_NLDEV_ATTR_RES_SUMMARY_ENTRY_CURR);
	if (!name || !curr)
		return;
	memcpy(&value, ATTR_DATA(curr), sizeof(value));
	if (!strcmp(ATTR_DATA(name), "pd"))
		counts->pd = value;
	else if (!strcmp(ATTR_DATA(name), "cq"))
		counts->cq = value;
	else if (!strcmp(ATTR_DATA(name), "qp"))
		counts->qp = value;
	else if (!strcmp(ATTR_DATA(name), "mr"))
		counts->mr = value;
}

static bool take_device(const struct nlmsghdr *nlh, const char *device,
			struct rdma_counts *counts)
{
	int len = nlh->nlmsg_len - NLMSG_HDRLEN;
	const struct nlattr *a;

	a = attr_find(NLMSG_DATA(nlh), len, RDMA_NLDEV_ATTR_DEV_NAME);
	if (!a || strcmp(ATTR_DATA(a), device))
		return false;
	a = attr_find(NLMSG_DATA(nlh), len, RDMA_NLDEV_ATTR_RES_SUMMARY);
	if (!a)
		return false;
	len = a->nla_len - NLA_HDRLEN;
	for (a = ATTR_DATA(a); attr_ok(a, len); a = attr_next(a, &len))
		take_entry(a, counts);
	return true;
}

/* One datagram of the dump. Returns true at the end of the dump. */
static bool take_datagram(const void *buf, unsigned int n, const char *device,
			  struct rdma_counts *counts, bool *found)
{
	const struct nlmsghdr *nlh = buf;

	for (; NLMSG_OK(nlh, n); nlh = NLMSG_NEXT(nlh, n)) {
		if (nlh->nlmsg_type == NLMSG_DONE ||
		    nlh->nlmsg_type == NLMSG_ERROR)
			return true;
		if (take_device(nlh, device, counts))
			*found = true;
	}
	return false;
}

/**
 * rdma_count() - what is there on a device
 * @device: its name
 * @counts: receives the numbers
 *
 * Return: 0, or -1 if there is no such device.
 */
int rdma_count(const char *device, struct rdma_counts *counts)
{
	char buf[BUF] __aligned(8);
	bool found = false;
	struct request rq;
	int fd, n;

	memset(counts, 0, sizeof(*counts));
	fd = rdma_open();
	if (fd < 0)
		camp_die("netlink: %s", strerror(errno));
	request_init(&rq, RDMA_NLDEV_CMD_RES_GET, NLM_F_DUMP);
	if (send(fd, &rq, rq.nlh.nlmsg_len, 0) < 0)
		camp_die("rdma resource: %s", strerror(errno));
	do {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n < 0)
			camp_die("rdma resource: %s", strerror(errno));
	} while (n && !take_datagram(buf, n, device, counts, &found));
	close(fd);
	return found ? 0 : -1;
}

/**
 * rdma_add_link() - make a smcsim device in the namespace entered
 * @device: its name
 * @netdev: its network device
 *
 * Return: 0, or -1 with errno.
 */
int rdma_add_link(const char *device, const char *netdev)
{
	char buf[BUF] __aligned(8);
	const struct nlmsghdr *nlh = (void *)buf;
	const struct nlmsgerr *e;
	struct request rq;
	int fd, n;

	fd = rdma_open();
	if (fd < 0)
		return -1;
	request_init(&rq, RDMA_NLDEV_CMD_NEWLINK, NLM_F_ACK);
	put_string(&rq, RDMA_NLDEV_ATTR_DEV_NAME, device);
	put_string(&rq, RDMA_NLDEV_ATTR_LINK_TYPE, "smcsim");
	put_string(&rq, RDMA_NLDEV_ATTR_NDEV_NAME, netdev);
	n = send(fd, &rq, rq.nlh.nlmsg_len, 0);
	if (n > 0)
		n = recv(fd, buf, sizeof(buf), 0);
	close(fd);
	if (n < (int)NLMSG_LENGTH(sizeof(*e)) ||
	    nlh->nlmsg_type != NLMSG_ERROR)
		return -1;
	e = NLMSG_DATA(nlh);
	errno = -e->error;
	return e->error ? -1 : 0;
}
