// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations of the PNET table's netlink commands, failed one by one. A
 * command that failed has changed nothing: repeated, it does what it should.
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
#define NAME		"CAMPAIGN"
#define NDEV		"campaign0"	/* need not exist */

struct request {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	char attrs[256];
};

static int family;

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

static void take_entry(const struct nlmsghdr *nlh, unsigned int *result)
{
	const char *name = attr_of(nlh, SMC_PNETID_NAME);

	*result += name && !strcmp(name, NAME);
}

static int pnet_add(unsigned int *found)
{
	struct request rq;

	request_init(&rq, family, SMC_PNETID_ADD, NLM_F_ACK);
	put_string(&rq, SMC_PNETID_NAME, NAME);
	put_string(&rq, SMC_PNETID_ETHNAME, NDEV);
	return exchange(&rq, take_entry, found);
}

static int pnet_dump(unsigned int *found)
{
	struct request rq;

	request_init(&rq, family, SMC_PNETID_GET, NLM_F_DUMP);
	return exchange(&rq, take_entry, found);
}

static int pnet_get(unsigned int *found)
{
	struct request rq;

	request_init(&rq, family, SMC_PNETID_GET, NLM_F_ACK);
	put_string(&rq, SMC_PNETID_NAME, NAME);
	return exchange(&rq, take_entry, found);
}

static int pnet_del(unsigned int *found)
{
	struct request rq;

	request_init(&rq, family, SMC_PNETID_DEL, NLM_F_ACK);
	put_string(&rq, SMC_PNETID_NAME, NAME);
	return exchange(&rq, take_entry, found);
}

static int pnet_flush(unsigned int *found)
{
	struct request rq;

	request_init(&rq, family, SMC_PNETID_FLUSH, NLM_F_ACK);
	return exchange(&rq, take_entry, found);
}

/**
 * struct command - what is to be done with the table
 * @name: for reports
 * @call: does it
 * @before: there must be an entry first
 * @again: errno of doing it twice, when only the answer was lost
 * @after: entries afterwards
 */
static const struct command {
	const char *name;
	int (*call)(unsigned int *found);
	bool before;
	int again;
	unsigned int after;
} commands[] = {
	{ "pnet add",	pnet_add,	false,	EEXIST,	1 },
	{ "pnet dump",	pnet_dump,	true,	0,	1 },
	{ "pnet get",	pnet_get,	true,	0,	1 },
	{ "pnet del",	pnet_del,	true,	ENOENT,	0 },
	{ "pnet flush",	pnet_flush,	true,	0,	0 },
};

static void entry_set(bool there)
{
	unsigned int found;

	if (pnet_flush(&found) || (there && pnet_add(&found)))
		camp_wrong("the table: %s without a fault", strerror(errno));
}

/* Returns false when the command has fewer allocations than that. */
static bool run_command(const struct command *c, unsigned int nth)
{
	unsigned int found;
	int r, err = 0;
	bool hit;

	camp_case("%s, allocation %u", c->name, nth);
	entry_set(c->before);
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
	if (pnet_dump(&found))
		camp_wrong("dump: %s without a fault", strerror(errno));
	else if (found != c->after)
		camp_wrong("%u entries instead of %u", found, c->after);
	return hit;
}

/**
 * admin_run() - fail the allocations of all commands, one at a time
 */
void admin_run(void)
{
	unsigned int i, nth, found;
	struct request rq;

	camp_enter(CAMP_SERVER);
	request_init(&rq, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	put_string(&rq, CTRL_ATTR_FAMILY_NAME, SMCR_GENL_FAMILY_NAME);
	if (exchange(&rq, take_family, &found) || !found)
		camp_die("no " SMCR_GENL_FAMILY_NAME);
	family = found;
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		for (nth = 1; run_command(&commands[i], nth); nth++)
			;
		camp_said("%s: %u allocations", commands[i].name, nth - 1);
	}
	entry_set(false);
}
