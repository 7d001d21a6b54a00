// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink requests that are answered by an acknowledgment. Just enough to
 * set up two namespaces without any tool.
 */
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define NL_SECONDS	10

/**
 * nl_open() - open a netlink socket in the namespace of this process
 * @protocol: NETLINK_*
 *
 * Return: the socket.
 */
int nl_open(int protocol)
{
	struct timeval tv = { .tv_sec = NL_SECONDS };
	int fd;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		die("netlink protocol %d: %m", protocol);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

static void nl_put(struct nl_msg *m, const void *data, size_t len)
{
	size_t off = NLMSG_ALIGN(m->nlh.nlmsg_len);

	if (off + len > sizeof(*m))
		die("netlink message too long");
	memcpy((char *)m + off, data, len);
	m->nlh.nlmsg_len = off + len;
}

/**
 * nl_begin() - begin a request
 * @m: the message
 * @type: its type
 * @flags: beside NLM_F_REQUEST and NLM_F_ACK
 * @head: the protocol's own header
 * @len: its length
 */
void nl_begin(struct nl_msg *m, int type, int flags, const void *head,
	      size_t len)
{
	memset(m, 0, sizeof(*m));
	m->nlh.nlmsg_len = NLMSG_HDRLEN;
	m->nlh.nlmsg_type = type;
	m->nlh.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nl_put(m, head, len);
}

/**
 * nl_attr() - add an attribute
 * @m: the message
 * @type: the attribute's type
 * @data: its payload
 * @len: its length
 */
void nl_attr(struct nl_msg *m, int type, const void *data, size_t len)
{
	struct nlattr nla = {
		.nla_len = NLA_HDRLEN + len,
		.nla_type = type,
	};

	nl_put(m, &nla, sizeof(nla));
	nl_put(m, data, len);
}

/**
 * nl_attr_str() - add a string
 * @m: the message
 * @type: the attribute's type
 * @str: the string
 */
void nl_attr_str(struct nl_msg *m, int type, const char *str)
{
	nl_attr(m, type, str, strlen(str) + 1);
}

/**
 * nl_nest() - begin an attribute that contains what follows
 * @m: the message
 * @type: the attribute's type
 *
 * Return: what nl_nest_end() takes.
 */
size_t nl_nest(struct nl_msg *m, int type)
{
	size_t nest = NLMSG_ALIGN(m->nlh.nlmsg_len);

	nl_attr(m, type, NULL, 0);
	return nest;
}

/**
 * nl_nest_end() - end it
 * @m: the message
 * @nest: what nl_nest() returned
 */
void nl_nest_end(struct nl_msg *m, size_t nest)
{
	struct nlattr *nla = (struct nlattr *)((char *)m + nest);

	nla->nla_len = m->nlh.nlmsg_len - nest;
}

/* Sends a request; the answer's first message, or the acknowledgment. */
static const struct nlmsghdr *nl_ask(int fd, struct nl_msg *m, void *buf,
				     size_t size, const char *what)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK };
	const struct nlmsghdr *nlh = buf;
	ssize_t n;

	if (sendto(fd, m, m->nlh.nlmsg_len, 0, (struct sockaddr *)&nl,
		   sizeof(nl)) != m->nlh.nlmsg_len)
		die("%s: cannot send: %m", what);
	n = recv(fd, buf, size, 0);
	if (n < 0)
		die("%s: no answer: %m", what);
	if (!NLMSG_OK(nlh, n))
		die("%s: short answer", what);
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = NLMSG_DATA(nlh);

		errno = -e->error;
		if (errno)
			die("%s: %m", what);
	}
	return nlh;
}

/**
 * nl_talk() - send a request and take its acknowledgment
 * @fd: the socket
 * @m: the request
 * @what: it does, for the message when it fails; that ends the program
 */
void nl_talk(int fd, struct nl_msg *m, const char *what)
{
	char buf[8192] __attribute__((aligned(8)));

	nl_ask(fd, m, buf, sizeof(buf), what);
}

/**
 * nl_genl_family() - find out a generic netlink family's number
 * @fd: a socket of protocol NETLINK_GENERIC, of no use after this
 * @name: the family
 *
 * Return: its number.
 */
int nl_genl_family(int fd, const char *name)
{
	struct genlmsghdr g = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 };
	char buf[8192] __attribute__((aligned(8)));
	const struct nlmsghdr *nlh;
	const struct rtattr *a;
	struct nl_msg m;
	int len;

	nl_begin(&m, GENL_ID_CTRL, 0, &g, sizeof(g));
	nl_attr_str(&m, CTRL_ATTR_FAMILY_NAME, name);
	nlh = nl_ask(fd, &m, buf, sizeof(buf), name);
	a = (const void *)((const char *)NLMSG_DATA(nlh) + GENL_HDRLEN);
	len = nlh->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN);
	for (; RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		if (a->rta_type == CTRL_ATTR_FAMILY_ID)
			return *(const __u16 *)RTA_DATA(a);
	}
	die("%s: family without number", name);
}
