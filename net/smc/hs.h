/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Handshakes: from a TCP connection to a verdict.
 *
 * A handshake is a chain of steps. Each runs in a worker as soon as TCP or the
 * transport reports something or the step's deadline has passed, looks at what
 * has come and either waits on or sets the next step. So a silent peer costs
 * memory and a timer, but no thread.
 */
#ifndef _SMC_HS_H
#define _SMC_HS_H

#include <linux/refcount.h>
#include "clc.h"
#include "conn.h"
#include "eid.h"
#include "route.h"
#include "proto/mute.h"

struct smc_hs;

enum smc_hs_outcome {
	SMC_HS_NATIVE,		/* data go by the transport */
	SMC_HS_FALLBACK,	/* data go by TCP */
	SMC_HS_ERROR,		/* the connection is of no use */
};

/**
 * struct smc_hs_verdict - how a handshake ended
 * @outcome: in one word
 * @reason: FALLBACK: why
 * @diagnosis: FALLBACK with SMC_DECL_PEERDECL: what the peer said
 * @err: ERROR: negative errno
 */
struct smc_hs_verdict {
	enum smc_hs_outcome outcome;
	enum smc_decline reason;
	u32 diagnosis;
	int err;
};

typedef void (*smc_hs_step_t)(struct smc_hs *hs);

/**
 * struct smc_hs - a handshake
 * @conn: the connection to be; its socket is held
 * @role: this host's part
 * @ref: one for the owner, one each for queued work and armed timer
 * @work: runs @step
 * @timer: queues @work at @deadline
 * @deadline: of the present step, jiffies
 * @step: what to do next; NULL when the verdict is given. Written by the
 *	work only
 * @done: told the verdict, once, from the work with the socket locked, which
 *	it releases
 * @untold: the verdict is given, and @done not told yet; for the work only
 * @cancelled: nobody wants the connection any more; atomic
 * @server: client: the address that the program gave; zero beyond its length
 * @server_len: client: its length, bytes
 * @port: client: what the program has bound to, or 0; host byte order
 * @clamp: client: TCP_WINDOW_CLAMP as set before connecting, which replaces it
 * @anew: client: the server was mute, this is the connection without SMC
 * @proof: client: what the server did instead of answering
 * @answer_by: client: the Accept must be here by then, jiffies
 * @chan: CLC messages received
 * @route: where TCP goes; the device is held while @have_route
 * @have_route: @route is valid
 * @offer: local ports for versions 1 and 2, see smc_hs_offer_of(); held
 * @transport: the transport that made @offer
 * @proposal: sent (client) or received (server)
 * @proposal_v2: what version 2 adds to it
 * @version: protocol version chosen by the server, 0 before that
 * @terms: what was agreed on
 * @hop: version 2: how packets get to the peer
 * @waiting: attaching goes on when another handshake with this peer has ended
 * @attached: the connection's endpoint is attached
 * @exposed: the peer was told where to write, and has not said that it won't
 * @unsure: reason to decline with if the peer does not decline by itself
 * @verdict: the outcome
 */
struct smc_hs {
	struct smc_conn *conn;
	enum smc_role role;
	refcount_t ref;
	struct work_struct work;
	struct timer_list timer;
	unsigned long deadline;
	smc_hs_step_t step;
	void (*done)(struct smc_hs *hs);
	bool untold;
	bool cancelled;
	struct sockaddr_storage server;
	int server_len;
	u16 port;
	u32 clamp;
	bool anew;
	enum smc_mute_proof proof;
	unsigned long answer_by;
	struct smc_clc_chan chan;
	struct smc_route route;
	bool have_route;
	struct smc_offer offer[SMC_V2];
	const struct smc_transport *transport;
	struct smc_clc_proposal proposal;
	struct smc_clc_offer_v2 proposal_v2;
	u8 version;
	struct smc_v2_terms terms;
	struct smc_hop hop;
	bool waiting;
	bool attached;
	bool exposed;
	enum smc_decline unsure;
	struct smc_hs_verdict verdict;
};

int smc_hs_init(void);
void smc_hs_exit(void);
struct smc_hs *smc_hs_create(struct smc_conn *conn, enum smc_role role,
			     smc_hs_step_t first,
			     void (*done)(struct smc_hs *hs), gfp_t gfp);
void smc_hs_kick(struct smc_hs *hs);
void smc_hs_cancel(struct smc_hs *hs);
void smc_hs_get(struct smc_hs *hs);
void smc_hs_put(struct smc_hs *hs);

/* For hs_client.c and hs_server.c only. */
void smc_hs_next(struct smc_hs *hs, smc_hs_step_t step, unsigned long delay);
bool smc_hs_recv(struct smc_hs *hs, u8 type);
void smc_hs_native(struct smc_hs *hs);
void smc_hs_error(struct smc_hs *hs, int err);
void smc_hs_violation(struct smc_hs *hs, enum smc_stat how);
void smc_hs_no_msg(struct smc_hs *hs, int err);
void smc_hs_fallback(struct smc_hs *hs, enum smc_decline reason,
		     u32 diagnosis);
void smc_hs_decline(struct smc_hs *hs, enum smc_decline reason);
void smc_hs_decline_unless_peer(struct smc_hs *hs, enum smc_decline reason);
enum smc_decline smc_hs_route(struct smc_hs *hs);
enum smc_decline smc_hs_offer(struct smc_hs *hs, u8 version,
			      unsigned int kinds);
void smc_hs_unoffer(struct smc_hs *hs);
void smc_hs_local_v2(struct smc_hs *hs, bool subnet,
		     struct smc_eid eids[SMC_EID_TABLE_SIZE],
		     struct smc_v2_local *own);
enum smc_decline smc_hs_attach(struct smc_hs *hs, struct smc_attach *want);
void smc_hs_wait(struct smc_hs *hs);
enum smc_decline smc_hs_settled(const struct smc_hs *hs);
bool smc_hs_send_half(struct smc_hs *hs, u8 type);

/* The local port for a version; its priv is NULL if there is none. */
static inline struct smc_offer *smc_hs_offer_of(struct smc_hs *hs, u8 version)
{
	return &hs->offer[version - SMC_V1];
}

/* The first steps. */
void smc_hs_client_start(struct smc_hs *hs);
void smc_hs_server_start(struct smc_hs *hs);

/* RFC 7609 leaves times to the implementation; these are what peers use. */
#define SMC_HS_CLC_WAIT		(6 * HZ)
/*
 * Ours: a server that has said nothing at all by now does not speak CLC. TCP
 * has sent the Proposal again by then, had it been lost.
 */
#define SMC_HS_MUTE_WAIT	(3 * HZ / 2)
/* Ours: for somebody else's first contact, before beginning one beside it. */
#define SMC_HS_JOIN_WAIT	(3 * HZ / 2)
/* Ours: for the peer to learn of memory; less than it waits for our half. */
#define SMC_HS_DESCRIBE_WAIT	(3 * HZ)
#define SMC_HS_LINK_CLIENT	(4 * HZ)
#define SMC_HS_LINK_SERVER	(2 * HZ)
/*
 * How long the other one may take to decline. A server that does not see the
 * end of its link does so after SMC_HS_LINK_SERVER: Linux's own at once, ours
 * after its wait. So the client's ends between these.
 */
#define SMC_HS_DECLINE_SERVER	(1 * HZ)
#define SMC_HS_DECLINE_CLIENT	(5 * HZ / 2)

#endif
