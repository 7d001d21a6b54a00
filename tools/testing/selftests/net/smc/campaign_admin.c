// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations of the netlink commands of the PNET and EID tables, failed one by
 * one. A command that failed has changed nothing: repeated, it does what it
 * should.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/smc.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "campaign.h"

#define BUF		8192
#define PNET		"CAMPAIGN"
#define NDEV		"campaign0"	/* need not exist */
#define EID		"CAMPAIGN.1                      "	/* 32 characters */

struct request {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	char attrs[256];
};

static int pnet_family, eid_family;

static void request_init(struct request *rq, int type, int command, int flags)
{
	memset(rq, 0, sizeof(*rq));
	rq->nlh.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	rq->nlh.nlmsg_type = type;
	rq->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
	rq->genl.cmd = command;
	rq->genl.version = 1;
}

static void put_string(struct request *rq, int type, const char *value)
{
	struct nlattr *a = (void *)((char *)rq + rq->nlh.nlmsg_len);

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + strlen(value) + 1;
	memcpy((char *)a + NLA_HDRLEN, value, strlen(value) + 1);
	rq->nlh.nlmsg_len += NLA_ALIGN(a->nla_len);
}

/* An attribute of a message, or NULL. */
static const void *attr_of(const struct nlmsghdr *nlh, int type)
{
	const char *p = (const char *)NLMSG_DATA(nlh) + GENL_HDRLEN;
	const char *end = (const char *)nlh + nlh->nlmsg_len;

	while (p + NLA_HDRLEN <= end) {
		const struct nlattr *a = (const void *)p;

		if (a->nla_len < NLA_HDRLEN || p + a->nla_len > end)
			break;
		if (a->nla_type == type)
			return p + NLA_HDRLEN;
		p += NLA_ALIGN(a->nla_len);
	}
	return NULL;
}

/* One datagram: 1 at the end of the answer, -1 with errno if it is an error. */
static int take(const void *buf, unsigned int n,
		void (*fn)(const struct nlmsghdr *nlh, unsigned int *result),
		unsigned int *result)
{
	const struct nlmsghdr *nlh = buf;

	for (; NLMSG_OK(nlh, n); nlh = NLMSG_NEXT(nlh, n)) {
		const struct nlmsgerr *e = NLMSG_DATA(nlh);

		if (nlh->nlmsg_type == NLMSG_DONE ||
		    nlh->nlmsg_type == NLMSG_ERROR) {
			errno = -e->error;
			return e->error ? -1 : 1;
		}
		fn(nlh, result);
	}
	return 0;
}

/* Sends a request and reads to the end of the answer; 0, or -1 with errno. */
static int exchange(const struct request *rq,
		    void (*fn)(const struct nlmsghdr *nlh, unsigned int *res),
		    unsigned int *result)
{
	char buf[BUF] __aligned(8);
	struct timeval tv = { .tv_sec = CAMP_WAIT_MS / 1000 };
	int fd, n, end = -1, err;

	*result = 0;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		return -1;
	if (!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) &&
	    send(fd, rq, rq->nlh.nlmsg_len, 0) > 0) {
		do {
			n = recv(fd, buf, sizeof(buf), 0);
			end = n < 0 ? -1 : take(buf, n, fn, result);
		} while (!end);
	}
	err = errno;
	close(fd);
	errno = err;
	return end < 0 ? -1 : 0;
}

static void take_family(const struct nlmsghdr *nlh, unsigned int *result)
{
	const __u16 *id = attr_of(nlh, CTRL_ATTR_FAMILY_ID);

	if (id)
		*result = *id;
}

static void take_pnet(const struct nlmsghdr *nlh, unsigned int *result)
{
	const char *name = attr_of(nlh, SMC_PNETID_NAME);

	*result += name && !strcmp(name, PNET);
}

static void take_eid(const struct nlmsghdr *nlh, unsigned int *result)
{
	const char *name = attr_of(nlh, SMC_NLA_EID_TABLE_ENTRY);

	*result += name && !strcmp(name, EID);
}

static int pnet_command(int command, int flags, const char *name,
			const char *ndev, unsigned int *found)
{
	struct request rq;

	request_init(&rq, pnet_family, command, flags);
	if (name)
		put_string(&rq, SMC_PNETID_NAME, name);
	if (ndev)
		put_string(&rq, SMC_PNETID_ETHNAME, ndev);
	return exchange(&rq, take_pnet, found);
}

static int pnet_add(unsigned int *found)
{
	return pnet_command(SMC_PNETID_ADD, NLM_F_ACK, PNET, NDEV, found);
}

static int pnet_dump(unsigned int *found)
{
	return pnet_command(SMC_PNETID_GET, NLM_F_DUMP, NULL, NULL, found);
}

static int pnet_get(unsigned int *found)
{
	return pnet_command(SMC_PNETID_GET, NLM_F_ACK, PNET, NULL, found);
}

static int pnet_del(unsigned int *found)
{
	return pnet_command(SMC_PNETID_DEL, NLM_F_ACK, PNET, NULL, found);
}

static int pnet_flush(unsigned int *found)
{
	return pnet_command(SMC_PNETID_FLUSH, NLM_F_ACK, NULL, NULL, found);
}

static int eid_command(int command, int flags, const char *name,
		       unsigned int *found)
{
	struct request rq;

	request_init(&rq, eid_family, command, flags);
	if (name)
		put_string(&rq, SMC_NLA_EID_TABLE_ENTRY, name);
	return exchange(&rq, take_eid, found);
}

static int eid_add(unsigned int *found)
{
	return eid_command(SMC_NETLINK_ADD_UEID, NLM_F_ACK, EID, found);
}

static int eid_dump(unsigned int *found)
{
	return eid_command(SMC_NETLINK_DUMP_UEID, NLM_F_DUMP, NULL, found);
}

static int eid_del(unsigned int *found)
{
	return eid_command(SMC_NETLINK_REMOVE_UEID, NLM_F_ACK, EID, found);
}

static int eid_flush(unsigned int *found)
{
	return eid_command(SMC_NETLINK_FLUSH_UEID, NLM_F_ACK, NULL, found);
}

/* What is needed to look after a table. */
struct table {
	int (*add)(unsigned int *found);
	int (*dump)(unsigned int *found);
	int (*flush)(unsigned int *found);
};

static const struct table pnets = { pnet_add, pnet_dump, pnet_flush };
static const struct table eids = { eid_add, eid_dump, eid_flush };

/**
 * struct command - what is to be done with a table
 * @name: for reports
 * @table: with which
 * @call: does it
 * @before: there must be an entry first
 * @again: errno of doing it twice, when only the answer was lost
 * @after: entries afterwards
 */
static const struct command {
	const char *name;
	const struct table *table;
	int (*call)(unsigned int *found);
	bool before;
	int again;
	unsigned int after;
} commands[] = {
	{ "pnet add",	&pnets,	pnet_add,	false,	EEXIST,	1 },
	{ "pnet dump",	&pnets,	pnet_dump,	true,	0,	1 },
	{ "pnet get",	&pnets,	pnet_get,	true,	0,	1 },
	{ "pnet del",	&pnets,	pnet_del,	true,	ENOENT,	0 },
	{ "pnet flush",	&pnets,	pnet_flush,	true,	0,	0 },
	{ "eid add",	&eids,	eid_add,	false,	EEXIST,	1 },
	{ "eid dump",	&eids,	eid_dump,	true,	0,	1 },
	{ "eid del",	&eids,	eid_del,	true,	ENOENT,	0 },
	{ "eid flush",	&eids,	eid_flush,	true,	0,	0 },
};

static void entry_set(const struct table *table, bool there)
{
	unsigned int found;

	if (table->flush(&found) || (there && table->add(&found)))
		camp_wrong("the table: %s without a fault", strerror(errno));
}

/* Returns false when the command has fewer allocations than that. */
static bool run_command(const struct command *c, unsigned int nth)
{
	unsigned int found;
	int r, err = 0;
	bool hit;

	camp_case("%s, allocation %u", c->name, nth);
	entry_set(c->table, c->before);
	inject_nth_arm(nth);
	r = c->call(&found);
	if (r)
		err = errno;
	hit = inject_nth_disarm();
	camp_total.cases++;
	if (r && !hit)
		camp_wrong("%s without a fault", strerror(err));
	if (r && hit) {
		camp_saw_error(c->name, err);
		r = c->call(&found);
		/* The command was carried out, only the answer got lost. */
		if (r && err == ENOBUFS && errno == c->again)
			r = 0;
		if (r)
			camp_wrong("%s after %s", strerror(errno),
				   strerror(err));
		else
			camp_total.survived++;
	}
	if (c->table->dump(&found))
		camp_wrong("dump: %s without a fault", strerror(errno));
	else if (found != c->after)
		camp_wrong("%u entries instead of %u", found, c->after);
	return hit;
}

static int family_id(const char *name)
{
	struct request rq;
	unsigned int id;

	request_init(&rq, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	put_string(&rq, CTRL_ATTR_FAMILY_NAME, name);
	if (exchange(&rq, take_family, &id) || !id)
		camp_die("no %s", name);
	return id;
}

/**
 * admin_run() - fail the allocations of all commands, one at a time
 */
void admin_run(void)
{
	unsigned int i, nth;

	camp_enter(CAMP_SERVER);
	pnet_family = family_id(SMCR_GENL_FAMILY_NAME);
	eid_family = family_id(SMC_GENL_FAMILY_NAME);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		for (nth = 1; run_command(&commands[i], nth); nth++)
			;
		camp_said("%s: %u allocations", commands[i].name, nth - 1);
	}
	entry_set(&pnets, false);
	entry_set(&eids, false);
}
