/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM smc

#if !defined(_SMCR_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SMCR_TRACE_H

#include <linux/tracepoint.h>
#include "link.h"
#include "proto/llc.h"

/*
 * A work request is named by queue pair and slot, from its posting to its
 * completion; a link group by its number.
 */

TRACE_EVENT(smc_wr_post,
	TP_PROTO(u32 qpn, unsigned int slot, unsigned int writes, u32 bytes,
		 bool signalled),
	TP_ARGS(qpn, slot, writes, bytes, signalled),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(unsigned int, slot)
		__field(unsigned int, writes)
		__field(u32, bytes)
		__field(bool, signalled)
	),
	TP_fast_assign(
		__entry->qpn = qpn;
		__entry->slot = slot;
		__entry->writes = writes;
		__entry->bytes = bytes;
		__entry->signalled = signalled;
	),
	TP_printk("qpn=%u slot=%u writes=%u bytes=%u signalled=%d",
		  __entry->qpn, __entry->slot, __entry->writes,
		  __entry->bytes, __entry->signalled)
);

TRACE_EVENT(smc_wr_complete,
	TP_PROTO(u32 qpn, unsigned int slot, int status),
	TP_ARGS(qpn, slot, status),
	TP_STRUCT__entry(
		__field(u32, qpn)
		__field(unsigned int, slot)
		__field(int, status)
	),
	TP_fast_assign(
		__entry->qpn = qpn;
		__entry->slot = slot;
		__entry->status = status;
	),
	TP_printk("qpn=%u slot=%u status=%d", __entry->qpn, __entry->slot,
		  __entry->status)
);

DECLARE_EVENT_CLASS(smc_llc_msg,
	TP_PROTO(u32 lgr_id, u8 type, u8 flags, int err),
	TP_ARGS(lgr_id, type, flags, err),
	TP_STRUCT__entry(
		__field(u32, lgr_id)
		__field(u8, type)
		__field(u8, flags)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->lgr_id = lgr_id;
		__entry->type = type;
		__entry->flags = flags;
		__entry->err = err;
	),
	TP_printk("lgr=%u type=%u flags=%#x err=%d", __entry->lgr_id,
		  __entry->type, __entry->flags, __entry->err)
);

DEFINE_EVENT(smc_llc_msg, smc_llc_rx,
	TP_PROTO(u32 lgr_id, u8 type, u8 flags, int err),
	TP_ARGS(lgr_id, type, flags, err)
);

DEFINE_EVENT(smc_llc_msg, smc_llc_tx,
	TP_PROTO(u32 lgr_id, u8 type, u8 flags, int err),
	TP_ARGS(lgr_id, type, flags, err)
);

TRACE_EVENT(smc_lgr_state,
	TP_PROTO(u32 lgr_id, u8 event, u8 state, u8 next, u16 actions),
	TP_ARGS(lgr_id, event, state, next, actions),
	TP_STRUCT__entry(
		__field(u32, lgr_id)
		__field(u8, event)
		__field(u8, state)
		__field(u8, next)
		__field(u16, actions)
	),
	TP_fast_assign(
		__entry->lgr_id = lgr_id;
		__entry->event = event;
		__entry->state = state;
		__entry->next = next;
		__entry->actions = actions;
	),
	TP_printk("lgr=%u event=%u state=%u next=%u actions=%#x",
		  __entry->lgr_id, __entry->event, __entry->state,
		  __entry->next, __entry->actions)
);

TRACE_EVENT(smc_link_connect,
	TP_PROTO(u32 lgr_id, u8 version, const struct smc_link_peer *to),
	TP_ARGS(lgr_id, version, to),
	TP_STRUCT__entry(
		__field(u32, lgr_id)
		__field(u8, version)
		__field(u8, hop_limit)
		__array(u8, gid, SMC_GID_LEN)
		__array(u8, mac, ETH_ALEN)
	),
	TP_fast_assign(
		__entry->lgr_id = lgr_id;
		__entry->version = version;
		__entry->hop_limit = to->hop_limit;
		memcpy(__entry->gid, to->gid, SMC_GID_LEN);
		memcpy(__entry->mac, to->mac, ETH_ALEN);
	),
	TP_printk("lgr=%u version=%u gid=%pI6 mac=%pM hops=%u",
		  __entry->lgr_id, __entry->version, __entry->gid,
		  __entry->mac, __entry->hop_limit)
);

TRACE_EVENT(smc_link_down,
	TP_PROTO(u32 lgr_id, int err),
	TP_ARGS(lgr_id, err),
	TP_STRUCT__entry(
		__field(u32, lgr_id)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->lgr_id = lgr_id;
		__entry->err = err;
	),
	TP_printk("lgr=%u err=%d", __entry->lgr_id, __entry->err)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE smcr_trace
#include <trace/define_trace.h>
