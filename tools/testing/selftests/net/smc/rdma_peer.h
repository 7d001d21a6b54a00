/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attacks below the handshake: on the messages of a link, and on the RDMA
 * writes, of two hosts that are namespaces of this kernel over smcsim. One
 * program is at both ends.
 */
#ifndef _SMC_SELFTEST_RDMA_PEER_H
#define _SMC_SELFTEST_RDMA_PEER_H

#include <linux/types.h>

#include "common.h"

struct hostile;

#define MSG_LEN		44	/* of LLC and CDC messages */
#define RING		65536	/* of an RMB of default size */

/* Counters of rejections, all looked at in each case. */
enum rdma_stat {
	ST_BAD_LLC,
	ST_LLC_BAD_FORMAT,
	ST_LLC_BAD_LINK,
	ST_LLC_IGNORED,
	ST_LLC_UNKNOWN,
	ST_LLC_UNEXPECTED,
	ST_LLC_FLOODED,
	ST_LLC_REFUSED,
	ST_BAD_CDC,
	ST_CDC_BAD_FORMAT,
	ST_CDC_BAD_CURSOR,
	ST_CDC_UNKNOWN_TOKEN,
	ST_CDC_STALE,
	ST_LINK_DOWN,
	ST_REJECTIONS,		/* those above must be as told */
	ST_LLC_RX = ST_REJECTIONS,
	ST_CDC_RX,
	ST_RMB_REUSE,
	ST_LGR_ENDED,
	ST_HS_SRV_ERR,
	ST_STATS
};

struct rdma_stats {
	__u64 v[ST_STATS];
};

/**
 * struct rdma_host - one of the two
 * @ns:		its network namespace, a file
 * @dev:	its smcsim device
 * @ip:		its address
 * @spared:	queue pair of a neighbour, which is not attacked; 0 for none
 */
struct rdma_host {
	int ns;
	const char *dev;
	const char *ip;
	unsigned int spared;
};

/**
 * struct rdma_pair - a connection
 * @fd:		its ends, client and server
 * @port:	their ports
 */
struct rdma_pair {
	int fd[2];
	__u16 port[2];
};

enum rdma_end {
	END_CLIENT,
	END_SERVER,
};

/* rdma_peer.c */
int rdma_open(struct rdma_host *host, const char *netns, const char *dev,
	      const char *ip);
int rdma_listen(const struct rdma_host *server, __u16 port);
bool rdma_connect(struct rdma_pair *p, const struct rdma_host *hosts, int lfd,
		  __u16 port);
void rdma_close(struct rdma_pair *p);
bool rdma_native(const struct rdma_host *hosts, const struct rdma_pair *p,
		 enum rdma_end end, __u32 *reason);
bool rdma_rule(const struct rdma_host *host, const char *text);
__u64 rdma_counter(const struct rdma_host *host, const char *start);
bool rdma_stats(const struct rdma_host *host, struct rdma_stats *s);
const char *rdma_stat_name(enum rdma_stat stat);
bool rdma_exchange(const struct rdma_pair *p, enum rdma_end first, size_t len);

/**
 * enum rdma_when - when the rule is set
 * @AT_DATA:	on an idle connection, then one byte is sent
 * @AT_FIRST:	before the connection that makes the link group
 * @AT_JOIN:	before a second connection of the group
 */
enum rdma_when {
	AT_DATA,
	AT_FIRST,
	AT_JOIN,
};

/**
 * enum rdma_outcome - what is left
 * @R_FINE:	everything
 * @R_EXTRA:	everything, but there are bytes that were not sent
 * @R_EOF:	the stream is at its end for the victim
 * @R_MUTE:	nothing of the attacker gets through any more
 * @R_CONN_LOST: the other connections of the group
 * @R_GROUP_LOST: nothing of the group
 * @R_TCP:	the connection about to be made is a TCP connection
 * @R_RESET:	it is reset, for the attacker, too
 */
enum rdma_outcome {
	R_FINE,
	R_EXTRA,
	R_EOF,
	R_MUTE,
	R_CONN_LOST,
	R_GROUP_LOST,
	R_TCP,
	R_RESET,
};

/**
 * struct rdma_case - one attack
 * @group:	kind of attack
 * @name:	the attack
 * @attacker:	whose messages are changed
 * @when:	when
 * @rule:	for the attacker's device
 * @want:	what has to be left
 * @extra:	with R_EXTRA: number of bytes
 * @reason:	with R_TCP: of the victim, 0 for any
 * @history:	the rule knows what was sent before
 * @stat:	counters of the victim that have to move
 * @sim_viol:	a violation is counted by the victim's device
 */
struct rdma_case {
	const char *group;
	char name[80];
	enum rdma_end attacker;
	enum rdma_when when;
	char rule[400];
	enum rdma_outcome want;
	unsigned int extra;
	__u32 reason;
	bool history;
	__u8 stat[ST_REJECTIONS];
	bool sim_viol;
};

/**
 * struct rdma_table - all of them
 * @cases:	the attacks
 * @num:	their number
 * @room:	entries allocated
 */
struct rdma_table {
	struct rdma_case *cases;
	unsigned int num;
	unsigned int room;
};

/* rdma_cases.c */
void rdma_cases_make(struct rdma_table *t, bool v2);

/* attack_rdma.c */
int rdma_attacks(const struct rdma_host *hosts, const struct hostile *h,
		 __u64 messages);

/* rdma_flood.c */
bool rdma_floods(const struct rdma_host *hosts, int lfd, __u16 port, bool v2,
		 __u64 messages);

#endif
