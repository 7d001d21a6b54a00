/* SPDX-License-Identifier: GPL-2.0 */
/* Between the parts of the hostile peer. */
#ifndef _SMC_SELFTEST_HOSTILE_H
#define _SMC_SELFTEST_HOSTILE_H

#include "load.h"
#include "minitcp.h"

#define CLC_PROPOSAL	1
#define CLC_ACCEPT	2
#define CLC_CONFIRM	3
#define CLC_DECLINE	4
#define CLC_BUF		4096

#define PROPOSAL_LEN	92	/* version 2 header, version 1 offered, IPv4 */
#define ACCEPT_LEN	68
#define ACCEPT_V2_LEN	160	/* version 2, first contact, release 1 */
#define DECLINE_LEN	28

/* Of version 2: what our messages say, and what our module wants. */
#define V2_EID		"AF-SMC.SAME-SUBNET"
#define V2_CONNS	200

/* The kernel waits 6 s for a CLC message; what is due must come before this. */
#define CLC_DEADLINE_MS	9000

/**
 * struct hostile - the hostile host and what it is pointed at
 * @host:	our end
 * @target_ip:	host under test, network order
 * @port:	its listener, or the first port that we listen on
 * @good:	how to make an ordinary connection to the same listener
 * @prefix_len:	of the segment's IPv4 subnet
 * @kind:	of our GIDs: 0 RoCEv1, 1 RoCEv2 over IPv4
 * @kinds:	a bit for each kind that the host under test has
 * @ipv6_gids:	its RoCEv2 GIDs are also of IPv6
 * @v2:		make the attacks on version 2
 * @only:	run only attacks whose name matches, NULL for all
 * @batch:	attacks made at the same time
 */
struct hostile {
	struct mt_host host;
	__u32 target_ip;
	__u16 port;
	struct load_config good;
	int prefix_len;
	__u8 kind;
	unsigned int kinds;
	bool ipv6_gids;
	bool v2;
	const char *only;
	unsigned int batch;
};

/* clc_bytes.c: right messages, to be spoilt by the caller */
size_t clc_proposal(__u8 *b, const struct hostile *h, unsigned int tag);
size_t clc_proposal_old(__u8 *b, const struct hostile *h, unsigned int tag);
size_t clc_proposal_v6(__u8 *b, const struct hostile *h, unsigned int tag);
size_t clc_proposal_v2(__u8 *b, const struct hostile *h, unsigned int tag);
size_t clc_proposal_d(__u8 *b, const struct hostile *h, unsigned int tag);
size_t clc_accept(__u8 *b, const struct hostile *h, unsigned int tag,
		  __u8 type);
size_t clc_accept_v2(__u8 *b, const struct hostile *h, unsigned int tag,
		     __u8 type);
bool clc_agreed(const __u8 *b);
size_t clc_decline(__u8 *b, __u32 diagnosis, bool out_of_sync);
size_t clc_decline_v2(__u8 *b, __u32 diagnosis);
size_t clc_read(struct mt_conn *c, __u8 *b, int timeout_ms);
__u32 clc_diagnosis(const __u8 *b);

/* hostile.c */
bool served(struct mt_conn *c);

/* attack_listener.c, attack_client.c */
int listener_attacks(struct hostile *h);
int client_attacks(struct hostile *h);
int client_victims(struct hostile *h);

/* odd.c */
int odd_servers(struct hostile *h);

/* neighbour.c */
int neighbour(const struct hostile *h);

#endif
