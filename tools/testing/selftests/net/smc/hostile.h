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
#define DECLINE_LEN	28

/* The kernel waits 6 s for a CLC message; what is due must come before this. */
#define CLC_DEADLINE_MS	9000

/**
 * struct hostile - the hostile host and what it is pointed at
 * @host:	our end
 * @target_ip:	host under test, network order
 * @port:	its listener, or the first port that we listen on
 * @good:	how to make an ordinary connection to the same listener
 * @prefix_len:	of the segment's IPv4 subnet
 * @only:	run only the attack of this name, NULL for all
 */
struct hostile {
	struct mt_host host;
	__u32 target_ip;
	__u16 port;
	struct load_config good;
	int prefix_len;
	const char *only;
};

/* clc_bytes.c: right messages, to be spoilt by the caller */
size_t clc_proposal(__u8 *b, const struct hostile *h);
size_t clc_accept(__u8 *b, const struct hostile *h, __u8 type);
size_t clc_decline(__u8 *b, __u32 diagnosis, bool out_of_sync);
size_t clc_read(struct mt_conn *c, __u8 *b, int timeout_ms);
__u32 clc_diagnosis(const __u8 *b);

/* hostile.c */
bool served(struct mt_conn *c);
const char *good_connection(const struct hostile *h);
void say_begin(unsigned int n);
void say(const char *name, const char *problem, const char *note);
int say_end(void);

/* attack_listener.c, attack_client.c */
unsigned int listener_attacks(struct hostile *h);
unsigned int listener_attack_count(const struct hostile *h);
int client_attacks(struct hostile *h);
void client_attack_list(void);

#endif
