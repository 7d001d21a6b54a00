// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's own smc module says of itself by SMC_GEN_NETLINK: its link
 * groups, a line of "key=value" pairs each, and a line with how connections
 * came about. The module under test has /proc/net/smc_stat.
 */
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/smc.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

#define BUF_SIZE	32768
#define SECONDS		10

struct attrs {
	const struct nlattr *first;
	int len;
};

typedef void (*message_fn)(struct attrs attrs);

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* An attribute's payload as attributes; empty if it is not there. */
static struct attrs find(struct attrs in, int type)
{
	const struct nlattr *a = in.first;
	struct attrs none = {};

	while (in.len >= NLA_HDRLEN && a->nla_len >= NLA_HDRLEN &&
	       a->nla_len <= in.len) {
		int whole = NLA_ALIGN(a->nla_len);

		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return (struct attrs){
				(const void *)((const char *)a + NLA_HDRLEN),
				a->nla_len - NLA_HDRLEN,
			};
		in.len -= whole;
		a = (const void *)((const char *)a + whole);
	}
	return none;
}

/* A number of any size, host order; 0 if it is not there. */
static unsigned long long number(struct attrs in, int type)
{
	struct attrs a = find(in, type);
	unsigned long long n = 0;

	if (a.len > 0 && a.len <= (int)sizeof(n))
		memcpy(&n, a.first, a.len);
	return n;
}

static void print_group(struct attrs attrs)
{
	struct attrs group = find(attrs, SMC_GEN_LGR_SMCR);
	struct attrs v2 = find(group, SMC_NLA_LGR_R_V2_COMMON);

	if (!group.first)
		return;
	printf("group id=%llu role=%s conns=%llu version=%llu release=%llu\n",
	       number(group, SMC_NLA_LGR_R_ID),
	       number(group, SMC_NLA_LGR_R_ROLE) ? "server" : "client",
	       number(group, SMC_NLA_LGR_R_CONNS_NUM),
	       v2.first ? number(v2, SMC_NLA_LGR_V2_VER) : 1ULL,
	       number(v2, SMC_NLA_LGR_V2_REL));
}

static void print_stats(struct attrs attrs)
{
	struct attrs stats = find(attrs, SMC_GEN_STATS);
	struct attrs tech = find(stats, SMC_NLA_STATS_SMCR_TECH);

	if (!tech.first)
		return;
	printf("clnt_v1=%llu clnt_v2=%llu srv_v1=%llu srv_v2=%llu ",
	       number(tech, SMC_NLA_STATS_T_CLNT_V1_SUCC),
	       number(tech, SMC_NLA_STATS_T_CLNT_V2_SUCC),
	       number(tech, SMC_NLA_STATS_T_SRV_V1_SUCC),
	       number(tech, SMC_NLA_STATS_T_SRV_V2_SUCC));
	printf("clnt_err=%llu srv_err=%llu ",
	       number(stats, SMC_NLA_STATS_CLNT_HS_ERR_CNT),
	       number(stats, SMC_NLA_STATS_SRV_HS_ERR_CNT));
}

static unsigned long long fallbacks[2];	/* of clients, of servers */

/* Only the first message of the dump has the totals. */
static void take_fallbacks(struct attrs attrs)
{
	struct attrs fback = find(attrs, SMC_GEN_FBACK_STATS);

	fallbacks[0] += number(fback, SMC_NLA_FBACK_STATS_CLNT_CNT);
	fallbacks[1] += number(fback, SMC_NLA_FBACK_STATS_SRV_CNT);
}

static void request(int fd, int type, int flags, int cmd, const char *name)
{
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
		struct nlattr attr;
		char name[GENL_NAMSIZ];
	} msg = {
		.nlh = {
			.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN),
			.nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST | flags,
		},
		.genl = { .cmd = cmd, .version = 1 },
	};

	if (name) {
		msg.attr.nla_type = CTRL_ATTR_FAMILY_NAME;
		msg.attr.nla_len = NLA_HDRLEN + strlen(name) + 1;
		snprintf(msg.name, sizeof(msg.name), "%s", name);
		msg.nlh.nlmsg_len += NLA_ALIGN(msg.attr.nla_len);
	}
	if (send(fd, &msg, msg.nlh.nlmsg_len, 0) < 0)
		die("netlink");
}

/* Reads the answer; returns at its end. */
static void answer(int fd, bool dump, message_fn fn)
{
	static char buf[BUF_SIZE] __attribute__((aligned(8)));

	do {
		const struct nlmsghdr *nlh = (void *)buf;
		int n = recv(fd, buf, sizeof(buf), 0);

		if (n < 0)
			die("netlink");
		for (; NLMSG_OK(nlh, (unsigned int)n);
		     nlh = NLMSG_NEXT(nlh, n)) {
			const struct nlmsgerr *e = NLMSG_DATA(nlh);
			struct attrs attrs;

			if (nlh->nlmsg_type == NLMSG_DONE)
				return;
			if (nlh->nlmsg_type == NLMSG_ERROR) {
				errno = -e->error;
				die("SMC_GEN_NETLINK");
			}
			attrs.first = (const void *)((const char *)
				      NLMSG_DATA(nlh) + GENL_HDRLEN);
			attrs.len = nlh->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN);
			fn(attrs);
		}
	} while (dump);
}

static int family;

static void take_family(struct attrs attrs)
{
	family = number(attrs, CTRL_ATTR_FAMILY_ID);
}

int main(void)
{
	struct timeval tv = { .tv_sec = SECONDS };
	int fd;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	request(fd, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, SMC_GENL_FAMILY_NAME);
	answer(fd, false, take_family);
	request(fd, family, NLM_F_DUMP, SMC_NETLINK_GET_LGR_SMCR, NULL);
	answer(fd, true, print_group);
	printf("stats ");
	request(fd, family, NLM_F_DUMP, SMC_NETLINK_GET_STATS, NULL);
	answer(fd, true, print_stats);
	request(fd, family, NLM_F_DUMP, SMC_NETLINK_GET_FBACK_STATS, NULL);
	answer(fd, true, take_fallbacks);
	printf("fback_clnt=%llu fback_srv=%llu\n", fallbacks[0], fallbacks[1]);
	return 0;
}
