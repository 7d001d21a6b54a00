/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, per CPU and per network namespace. One list names them all; it
 * makes the enum and the names shown in /proc/net/smc_stat.
 */
#ifndef _SMC_STATS_H
#define _SMC_STATS_H

#include <linux/percpu.h>
#include "pernet.h"
#include "proto/clc.h"

/*	enum suffix		name shown */
#define SMC_STATS_LIST(X)						\
	/* data path */							\
	X(DOORBELLS,		"doorbells")	/* ib_post_send calls for CDC */ \
	X(WORK_REQUESTS,	"work_requests") /* WRs in these */	\
	X(SIGNALLED,		"signalled")	/* of these, with a completion */ \
	X(CDC_TX,		"cdc_tx")				\
	X(CDC_RX,		"cdc_rx")				\
	X(TX_BYTES,		"tx_bytes")	/* accepted from programs */ \
	X(RX_BYTES,		"rx_bytes")	/* handed to programs */ \
	X(BYTES_COPIED_TX,	"bytes_copied_tx")			\
	X(BYTES_COPIED_RX,	"bytes_copied_rx")			\
	X(RDMA_BYTES,		"rdma_bytes")	/* written to peers */	\
	X(TX_NO_SLOT,		"tx_no_slot")	/* xmit found no send slot */ \
	/* handshake */							\
	X(HS_CLNT,		"hs_clnt")	/* connections made over SMC-R */ \
	X(HS_SRV,		"hs_srv")				\
	X(HS_CLNT_V2,		"hs_clnt_v2")	/* of these, by version 2 */ \
	X(HS_SRV_V2,		"hs_srv_v2")				\
	X(HS_CLNT_ERR,		"hs_clnt_err")	/* failed, not even TCP left */ \
	X(HS_SRV_ERR,		"hs_srv_err")				\
	X(FIRST_CONTACT,	"first_contact")			\
	X(FALLBACK_CLNT,	"fallback_clnt")			\
	X(FALLBACK_SRV,		"fallback_srv")				\
	X(DECLINE_TX,		"decline_tx")				\
	X(DECLINE_RX,		"decline_rx")				\
	/* why TCP: add up to the two fallback counters */		\
	X(WHY_MEMORY,		"why_memory")				\
	X(WHY_LINK_TIMEOUT,	"why_link_timeout")			\
	X(WHY_CONFIG,		"why_config")				\
	X(WHY_NO_OPTION,	"why_no_option")			\
	X(WHY_MUTE,		"why_mute")	/* the option, but no CLC */ \
	X(WHY_IPSEC,		"why_ipsec")				\
	X(WHY_NO_DEVICE,	"why_no_device")			\
	X(WHY_NOT_OFFERED,	"why_not_offered")			\
	X(WHY_EYECATCHER,	"why_eyecatcher")			\
	X(WHY_LOCAL_OPTION,	"why_local_option")			\
	X(WHY_SUBNET,		"why_subnet")				\
	X(WHY_NO_LINK,		"why_no_link")				\
	X(WHY_OUT_OF_SYNC,	"why_out_of_sync")			\
	X(WHY_DECLINED,		"why_declined")	/* by the peer */	\
	X(WHY_INTERNAL,		"why_internal")				\
	X(WHY_RTOKEN,		"why_rtoken")				\
	X(WHY_LINK_SETUP,	"why_link_setup")			\
	X(WHY_REGISTER,		"why_register")				\
	X(WHY_OTHER,		"why_other")				\
	/* handshake messages of peers; the first is the sum of the five */ \
	X(BAD_CLC,		"bad_clc")				\
	X(CLC_BAD_HEADER,	"clc_bad_header")			\
	X(CLC_UNEXPECTED,	"clc_unexpected") /* not the type awaited */ \
	X(CLC_BAD_PROPOSAL,	"clc_bad_proposal")			\
	X(CLC_BAD_ACCEPT,	"clc_bad_accept") /* or Confirm */	\
	X(CLC_BAD_DECLINE,	"clc_bad_decline")			\
	X(CLC_CUT,		"clc_cut")	/* peer ended the handshake */ \
	X(CLC_TIMEOUT,		"clc_timeout")				\
	X(CLC_MUTE,		"clc_mute")	/* clients that began anew */ \
	/* link messages of peers: two sums with their parts */		\
	X(BAD_LLC,		"bad_llc")	/* each ends its group */ \
	X(LLC_BAD_FORMAT,	"llc_bad_format") /* length, count */	\
	X(LLC_BAD_LINK,		"llc_bad_link")	/* CONFIRM LINK of another */ \
	X(LLC_IGNORED,		"llc_ignored")				\
	X(LLC_UNKNOWN,		"llc_unknown")	/* type */		\
	X(LLC_UNEXPECTED,	"llc_unexpected") /* now, or from this role */ \
	X(LLC_FLOODED,		"llc_flooded")	/* faster than we handle */ \
	X(LLC_REFUSED,		"llc_refused")	/* answered in the negative */ \
	/* messages of peers' connections: a sum with its parts */	\
	X(BAD_CDC,		"bad_cdc")				\
	X(CDC_BAD_FORMAT,	"cdc_bad_format") /* ends the group */	\
	X(CDC_BAD_CURSOR,	"cdc_bad_cursor") /* ends the connection */ \
	X(CDC_UNKNOWN_TOKEN,	"cdc_unknown_token")			\
	X(CDC_STALE,		"cdc_stale")	/* old sequence number, ignored */ \
	/* link groups, LLC */						\
	X(LGR_CREATED,		"lgr_created")				\
	X(LGR_ENDED,		"lgr_ended")				\
	X(LINK_DOWN,		"link_down")				\
	X(LLC_TX,		"llc_tx")				\
	X(LLC_RX,		"llc_rx")				\
	X(RMB_ALLOC,		"rmb_alloc")				\
	X(RMB_REUSE,		"rmb_reuse")				\
	X(RMB_KEPT_ASIDE,	"rmb_kept_aside") /* peer may still write */ \
	/* connections */						\
	X(ABORT_TX,		"abort_tx")				\
	X(ABORT_RX,		"abort_rx")				\
	X(CONN_LOST,		"conn_lost")				\
	X(ORPHAN_TIMEOUT,	"orphan_timeout")

enum smc_stat {
#define X(id, name) SMC_STAT_##id,
	SMC_STATS_LIST(X)
#undef X
	SMC_STAT_NUM
};

struct smc_stats {
	u64 c[SMC_STAT_NUM];
};

/**
 * smc_stat_add() - add to a counter
 * @sn: namespace
 * @stat: which
 * @n: how much
 *
 * Context: Any but hard interrupt.
 */
static inline void smc_stat_add(struct smc_net *sn, enum smc_stat stat, u64 n)
{
	this_cpu_add(sn->stats->c[stat], n);
}

static inline void smc_stat_inc(struct smc_net *sn, enum smc_stat stat)
{
	smc_stat_add(sn, stat, 1);
}

void smc_stat_fallback(struct smc_net *sn, bool server,
		       enum smc_decline reason);
int smc_stats_net_init(struct smc_net *sn);
void smc_stats_net_exit(struct smc_net *sn);

#endif
