/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is remembered of servers: who answers the Proposal, and who does not
 * though the SYN-ACK said so.
 */
#ifndef _SMC_PROTO_MUTE_H
#define _SMC_PROTO_MUTE_H

#include "port.h"

/* A server is looked for in one set only. Powers of two. */
#define SMC_MUTE_SETS		64
#define SMC_MUTE_WAYS		4

/*
 * RFC 7609 knows nothing of this; the times are ours, in seconds. Whoever was
 * just busy is soon asked again, and whoever never answers ever more seldom.
 */
#define SMC_MUTE_FIRST_SILENT	10
#define SMC_MUTE_FIRST_STRANGE	60
#define SMC_MUTE_MOST		960
#define SMC_MUTE_TIMES_MAX	8
#define SMC_MUTE_TRUST		600
#define SMC_MUTE_DOUBT		10

enum smc_mute_state {
	SMC_MUTE_UNKNOWN,
	SMC_MUTE_SILENT,	/* do not ask */
	SMC_MUTE_TALKS,		/* if it does not answer it is busy */
	SMC_MUTE_DOUBTED,	/* talked, until just now; within the memory */
};

/* What a server did instead of answering. */
enum smc_mute_proof {
	SMC_MUTE_NO_PROOF,	/* the Proposal may not even have arrived */
	SMC_MUTE_SAID_NOTHING,	/* it may have been busy, or restarted */
	SMC_MUTE_SAID_ELSE,	/* something that is not SMC */
};

/**
 * struct smc_mute_name - a server
 * @addr: IPv6 address, or an IPv4 address mapped into one
 * @dev: index of the network device that the address is of, 0 for any
 * @port: TCP port
 */
struct smc_mute_name {
	u8 addr[16];
	u32 dev;
	u16 port;
};

/**
 * struct smc_mute - what is known of a server
 * @name: the server
 * @state: enum smc_mute_state; SMC_MUTE_UNKNOWN for a free line
 * @times: SILENT: how often that has been found, at most SMC_MUTE_TIMES_MAX
 * @first: SILENT: how long it holds when found once, seconds
 * @since: when, seconds of the caller's clock
 */
struct smc_mute {
	struct smc_mute_name name;
	u8 state;
	u8 times;
	u8 first;
	u64 since;
};

/**
 * struct smc_mute_table - a namespace's memory
 * @seed: makes it hard to tell which servers are in one set
 * @line: a set replaces its oldest line, but those that hold last
 */
struct smc_mute_table {
	u32 seed;
	struct smc_mute line[SMC_MUTE_SETS][SMC_MUTE_WAYS];
};

enum smc_mute_state smc_mute_look(const struct smc_mute_table *table,
				  const struct smc_mute_name *name, u64 now);
u64 smc_mute_left(const struct smc_mute *mute, u64 now);
void smc_mute_heard(struct smc_mute_table *table,
		    const struct smc_mute_name *name, u64 now);
void smc_mute_not_heard(struct smc_mute_table *table,
			const struct smc_mute_name *name,
			enum smc_mute_proof proof, u64 now);
void smc_mute_forget(struct smc_mute_table *table);

#endif
