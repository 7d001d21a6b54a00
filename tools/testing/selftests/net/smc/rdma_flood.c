// SPDX-License-Identifier: GPL-2.0
/*
 * Floods: messages by the hundred thousand that mean nothing, which the
 * receiver has to drop and to count, each one.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "rdma_peer.h"

#define CHUNK		1000	/* messages behind each real one */
#define QUIET_ROUNDS	3	/* exchanges after which all are counted */
#define CARRIED_MS	20000	/* longest wait until they are on their way */
#define COUNTED_MS	20000	/* longest wait until all are counted */

/**
 * struct flood - one kind
 * @name:	its name
 * @type:	of LLC messages, without version
 * @flags:	of those
 * @edit:	what else makes the messages out of a CDC message
 * @stat:	each one moves one of these, plus one; 0 for none
 * @copies:	nothing is changed: not among the messages that are asked for
 * @v2:		only of version 2, which has such messages
 */
struct flood {
	const char *name;
	__u8 type;
	__u8 flags;
	const char *edit;
	__u8 stat[3];
	bool copies;
	bool v2;
};

#define COUNTS(stat)	((stat) + 1)

static const struct flood floods[] = {
	{ "unknown_token", 0, 0, "walk=4:4:0x90000000",
	  { COUNTS(ST_CDC_UNKNOWN_TOKEN) } },
	{ "stale", 0, 0, "xor=2:2:0x8000", { COUNTS(ST_CDC_STALE) } },
	{ "copies", 0, 0, "xor=8:1:0", { COUNTS(ST_CDC_RX) }, .copies = true },
	{ "failover", 0, 0, "set=24:1:8 rand=10:6", { COUNTS(ST_CDC_RX) } },
	{ "unknown_type", 0, 0, "set=0:1:0x55 rand=4:8",
	  { COUNTS(ST_LLC_UNKNOWN) } },
	{ "test_link", 7, 0, "rand=4:8 rand=12:8", { COUNTS(ST_LLC_RX) } },
	{ "answers", 7, 0x80, "rand=4:8", { COUNTS(ST_LLC_RX) } },
	{ "confirm_link", 1, 0x03, "rand=4:8 rand=12:8 rand=20:8",
	  { COUNTS(ST_LLC_UNEXPECTED), COUNTS(ST_LLC_FLOODED) } },
	{ "add_link", 2, 0, "rand=4:8 rand=12:8 rand=28:8",
	  { COUNTS(ST_LLC_REFUSED), COUNTS(ST_LLC_FLOODED) } },
	{ "delete_link", 4, 0, "set=4:1:99 rand=5:4",
	  { COUNTS(ST_LLC_REFUSED), COUNTS(ST_LLC_FLOODED) } },
	{ "delete_rkey", 9, 0, "set=4:4:0x08000000 walk=8:4:0xc0000000",
	  { COUNTS(ST_LLC_REFUSED), COUNTS(ST_LLC_FLOODED) } },
	{ "req_add_link", 5, 0, "rand=4:8 rand=24:8",
	  { COUNTS(ST_LLC_REFUSED), COUNTS(ST_LLC_UNEXPECTED),
	    COUNTS(ST_LLC_FLOODED) }, .v2 = true },
	{ "many_rkeys", 9, 0, "set=4:1:255 rand=8:8 extend=984",
	  { COUNTS(ST_LLC_UNKNOWN) }, .v2 = true },
	/* Fills the table of keys: no connection joins the group after it */
	{ "confirm_rkey", 6, 0, "set=4:1:0 rand=5:4 rand=9:8",
	  { COUNTS(ST_LLC_RX) } },
};

static void make_rule(char *rule, size_t size, const struct flood *f, bool v2)
{
	size_t len = snprintf(rule, size, "every=1 type=0xfe keep inject=%d",
			      CHUNK);

	if (f->type && v2)
		len += snprintf(rule + len, size - len, " set=0:4:%#x",
				(0x20u | f->type) << 24 | MSG_LEN << 8 |
				f->flags);
	else if (f->type)
		len += snprintf(rule + len, size - len, " set=0:4:%#x",
				f->type << 24 | MSG_LEN << 16 | f->flags);
	snprintf(rule + len, size - len, " %s", f->edit);
}

static __u64 moved(const struct flood *f, const struct rdma_stats *before,
		   const struct rdma_stats *now)
{
	__u64 sum = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(f->stat); i++)
		if (f->stat[i])
			sum += now->v[f->stat[i] - 1] -
			       before->v[f->stat[i] - 1];
	return sum;
}

/* Send a byte, and wait for the messages that follow it. */
static bool carry(const struct rdma_host *from, const struct rdma_pair *p,
		  enum rdma_end attacker, __u64 until)
{
	long long end = now_ms() + CARRIED_MS;
	char byte;

	if (send(p->fd[attacker], "f", 1, MSG_NOSIGNAL) != 1 ||
	    recv(p->fd[!attacker], &byte, 1, 0) != 1 || byte != 'f')
		return false;
	while (rdma_counter(from, "mutate_inject") < until) {
		if (now_ms() > end)
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

/*
 * Answers to the flood before this one, of which the victim was the attacker,
 * are counted, too. Wait until some exchanges of data move no counter.
 */
static bool calm(const struct rdma_host *victim, const struct rdma_pair *p,
		 enum rdma_end attacker, const struct flood *f)
{
	long long end = now_ms() + COUNTED_MS;
	struct rdma_stats before, now;
	int same = 0;

	while (same < QUIET_ROUNDS && now_ms() < end) {
		if (!rdma_stats(victim, &before) ||
		    !rdma_exchange(p, attacker, 64) ||
		    !rdma_stats(victim, &now))
			return false;
		same = moved(f, &before, &now) ? 0 : same + 1;
	}
	return same == QUIET_ROUNDS;
}

static bool flood(const struct rdma_host *hosts, const struct rdma_pair *p,
		  enum rdma_end attacker, const struct flood *f, bool v2,
		  __u64 messages)
{
	const struct rdma_host *from = &hosts[attacker], *to = &hosts[!attacker];
	__u64 first = rdma_counter(from, "mutate_inject"), sent, got = 0;
	__u64 edited = rdma_counter(from, "mutate_edit");
	long long start = now_ms(), end;
	struct rdma_stats before, now;
	char rule[256];
	bool ok;

	make_rule(rule, sizeof(rule), f, v2);
	ok = (f->stat[0] > ST_REJECTIONS || calm(to, p, attacker, f)) &&
	     rdma_stats(to, &before) && rdma_rule(from, rule);
	for (sent = 0; ok && sent < messages; sent += CHUNK)
		ok = carry(from, p, attacker, first + sent + CHUNK);
	ok &= rdma_rule(from, "off") && rdma_exchange(p, attacker, 64);
	sent = rdma_counter(from, "mutate_inject") - first;
	edited = rdma_counter(from, "mutate_edit") - edited;
	end = now_ms() + COUNTED_MS;
	while (ok && got < sent && now_ms() < end) {
		rdma_stats(to, &now);
		got = moved(f, &before, &now);
	}
	printf("flood %s.by_%s injected=%llu mutated=%llu counted=%llu ms=%lld%s\n",
	       f->name, attacker ? "server" : "client",
	       (unsigned long long)sent, (unsigned long long)edited,
	       (unsigned long long)got, now_ms() - start,
	       ok ? "" : " connection lost");
	fflush(stdout);
	/* Real messages, also of others, move counters that are no rejections */
	return ok && sent >= messages && edited <= sent && got >= sent &&
	       (got == sent || f->stat[0] > ST_REJECTIONS);
}

/**
 * rdma_floods() - flood each end with each kind of message
 * @hosts: client and server
 * @lfd: listener
 * @port: its port
 * @v2: links are of version 2
 * @messages: in all, about; copies not included
 *
 * Return: all were counted, and the connections have survived.
 */
bool rdma_floods(const struct rdma_host *hosts, int lfd, __u16 port, bool v2,
		 __u64 messages)
{
	unsigned int i, kinds = 0;
	enum rdma_end attacker;
	struct rdma_pair p;
	bool ok = true;
	__u64 each;

	for (i = 0; i < ARRAY_SIZE(floods); i++)
		kinds += !floods[i].copies && (v2 || !floods[i].v2);
	each = messages / (2 * kinds) / CHUNK * CHUNK + CHUNK;
	for (i = 0; i < ARRAY_SIZE(floods); i++) {
		if (floods[i].v2 && !v2)
			continue;
		for (attacker = END_CLIENT; attacker <= END_SERVER; attacker++) {
			if (!rdma_connect(&p, hosts, lfd, port)) {
				printf("flood: no connection\n");
				return false;
			}
			ok &= flood(hosts, &p, attacker, &floods[i], v2, each);
			rdma_close(&p);
		}
	}
	return ok;
}
