/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM smc

#if !defined(_SMC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SMC_TRACE_H

#include <linux/tracepoint.h>
#include <net/sock.h>
#include "conn.h"

/* A connection is named by its socket's cookie and its alert token. */

TRACE_EVENT(smc_conn_state,
	TP_PROTO(const struct smc_conn *conn, u8 event, u8 next),
	TP_ARGS(conn, event, next),
	TP_STRUCT__entry(
		__field(u64, cookie)
		__field(u32, token)
		__field(u8, state)
		__field(u8, event)
		__field(u8, next)
	),
	TP_fast_assign(
		__entry->cookie = atomic64_read(&conn->sk->sk_cookie);
		__entry->token = conn->ep.token;
		__entry->state = conn->state;
		__entry->event = event;
		__entry->next = next;
	),
	TP_printk("cookie=%llu token=%u state=%u event=%u next=%u",
		  __entry->cookie, __entry->token, __entry->state,
		  __entry->event, __entry->next)
);

TRACE_EVENT(smc_cdc_tx,
	TP_PROTO(const struct smc_conn *conn, const struct smc_xfer *x,
		 int err),
	TP_ARGS(conn, x, err),
	TP_STRUCT__entry(
		__field(u64, cookie)
		__field(u64, pos)
		__field(u32, token)
		__field(u32, len)
		__field(u16, seq)
		__field(u8, prod_flags)
		__field(u8, conn_flags)
		__field(bool, signal)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->cookie = atomic64_read(&conn->sk->sk_cookie);
		__entry->pos = x->pos;
		__entry->token = x->msg.token;
		__entry->len = (u32)(x->pos - conn->tx.sent);
		__entry->seq = x->msg.seq;
		__entry->prod_flags = x->msg.prod_flags;
		__entry->conn_flags = x->msg.conn_flags;
		__entry->signal = x->signal;
		__entry->err = err;
	),
	TP_printk("cookie=%llu peer_token=%u seq=%u len=%u pos=%llu pflags=%#x cflags=%#x signal=%d err=%d",
		  __entry->cookie, __entry->token, __entry->seq, __entry->len,
		  __entry->pos, __entry->prod_flags, __entry->conn_flags,
		  __entry->signal, __entry->err)
);

TRACE_EVENT(smc_cdc_rx,
	TP_PROTO(const struct smc_conn *conn, const struct smc_cdc *msg,
		 int got),
	TP_ARGS(conn, msg, got),
	TP_STRUCT__entry(
		__field(u64, cookie)
		__field(u32, token)
		__field(u16, seq)
		__field(u16, prod_wrap)
		__field(u32, prod)
		__field(u16, cons_wrap)
		__field(u32, cons)
		__field(u8, prod_flags)
		__field(u8, conn_flags)
		__field(int, got)
	),
	TP_fast_assign(
		__entry->cookie = atomic64_read(&conn->sk->sk_cookie);
		__entry->token = msg->token;
		__entry->seq = msg->seq;
		__entry->prod_wrap = msg->prod.wrap;
		__entry->prod = msg->prod.count;
		__entry->cons_wrap = msg->cons.wrap;
		__entry->cons = msg->cons.count;
		__entry->prod_flags = msg->prod_flags;
		__entry->conn_flags = msg->conn_flags;
		__entry->got = got;
	),
	TP_printk("cookie=%llu token=%u seq=%u prod=%u:%u cons=%u:%u pflags=%#x cflags=%#x got=%d",
		  __entry->cookie, __entry->token, __entry->seq,
		  __entry->prod_wrap, __entry->prod, __entry->cons_wrap,
		  __entry->cons, __entry->prod_flags, __entry->conn_flags,
		  __entry->got)
);

DECLARE_EVENT_CLASS(smc_user_msg,
	TP_PROTO(const struct smc_conn *conn, size_t len, size_t done,
		 int err),
	TP_ARGS(conn, len, done, err),
	TP_STRUCT__entry(
		__field(u64, cookie)
		__field(size_t, len)
		__field(size_t, done)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->cookie = atomic64_read(&conn->sk->sk_cookie);
		__entry->len = len;
		__entry->done = done;
		__entry->err = err;
	),
	TP_printk("cookie=%llu len=%zu done=%zu err=%d", __entry->cookie,
		  __entry->len, __entry->done, __entry->err)
);

DEFINE_EVENT(smc_user_msg, smc_sendmsg,
	TP_PROTO(const struct smc_conn *conn, size_t len, size_t done,
		 int err),
	TP_ARGS(conn, len, done, err)
);

DEFINE_EVENT(smc_user_msg, smc_recvmsg,
	TP_PROTO(const struct smc_conn *conn, size_t len, size_t done,
		 int err),
	TP_ARGS(conn, len, done, err)
);

TRACE_EVENT(smc_handshake,
	TP_PROTO(const struct sock *sk, u8 role, u32 decline, u32 diagnosis,
		 int err),
	TP_ARGS(sk, role, decline, diagnosis, err),
	TP_STRUCT__entry(
		__field(u64, cookie)
		__field(u8, role)
		__field(u32, decline)
		__field(u32, diagnosis)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->cookie = atomic64_read(&sk->sk_cookie);
		__entry->role = role;
		__entry->decline = decline;
		__entry->diagnosis = diagnosis;
		__entry->err = err;
	),
	TP_printk("cookie=%llu role=%s decline=%#x peer_diagnosis=%#x err=%d",
		  __entry->cookie, __entry->role ? "server" : "client",
		  __entry->decline, __entry->diagnosis, __entry->err)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
