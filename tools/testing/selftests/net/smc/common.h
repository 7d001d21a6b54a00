/* SPDX-License-Identifier: GPL-2.0 */
/* What the socket tests, the load program and the hostile peer share. */
#ifndef _SMC_SELFTEST_COMMON_H
#define _SMC_SELFTEST_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif
#ifndef __printf
#define __printf(a, b)	__attribute__((format(printf, a, b)))
#endif
#ifndef AF_SMC
#define AF_SMC		43
#endif
#ifndef IPPROTO_SMC
#define IPPROTO_SMC	256
#endif
#define SMCPROTO_SMC	0	/* AF_SMC over IPv4 */
#define SMCPROTO_SMC6	1	/* AF_SMC over IPv6 */

/**
 * struct smc_view - what sock_diag says about one SMC socket
 * @found:	the socket is known to SMC
 * @family:	AF_SMC, or AF_INET/AF_INET6 for IPPROTO_SMC
 * @state:	connection state
 * @mode:	SMC_DIAG_MODE_*
 * @has_link:	link group information was present
 * @reason:	fallback reason
 * @peer_diagnosis: what the peer's Decline said
 * @lport:	local port
 * @rport:	remote port, 0 for none
 * @sndbuf:	bytes of the send buffer, 0 without SMC-R; so are the next two
 * @rmbe:	bytes of the receive buffer
 * @peer_rmbe:	bytes of the peer's
 * @gid:	own GID as text, empty without a link
 * @peer_gid:	the peer's
 */
struct smc_view {
	bool found;
	__u8 family;
	__u8 state;
	__u8 mode;
	bool has_link;
	__u32 reason;
	__u32 peer_diagnosis;
	__u16 lport;
	__u16 rport;
	__u32 sndbuf;
	__u32 rmbe;
	__u32 peer_rmbe;
	char gid[40];
	char peer_gid[40];
};

/* diag.c */
int smc_view_each(void (*fn)(const struct smc_view *view, void *arg),
		  void *arg);
int smc_view_get(__u16 lport, __u16 rport, struct smc_view *view);

/* pattern.c */
void pat_fill(__u8 *buf, size_t len, __u32 seed, __u64 off);
long long pat_diff(const __u8 *buf, size_t len, __u32 seed, __u64 off);
__u32 rnd(__u32 *state);
long long now_ms(void);

#endif
