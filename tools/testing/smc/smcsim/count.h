/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an adapter counts. Each counter is one line of the debugfs file
 * "counters", by the name of its constant without the prefix.
 */
#ifndef SMCSIM_COUNT_H
#define SMCSIM_COUNT_H

#include <linux/types.h>

/* Doorbells are calls of post_send and post_recv, however long the chain. */
enum sim_counter {
	SIM_C_DOORBELLS,
	SIM_C_RECV_DOORBELLS,
	SIM_C_WR_SEND,
	SIM_C_WR_WRITE,
	SIM_C_WR_REG_MR,
	SIM_C_WR_LOCAL_INV,
	SIM_C_WR_RECV,
	SIM_C_CQE_SIGNALLED,
	SIM_C_CQE_RECV,
	SIM_C_CQE_ERROR,
	SIM_C_CQE_FLUSHED,
	SIM_C_CQ_EVENTS,
	SIM_C_POLLS,
	SIM_C_INLINE_BYTES,
	SIM_C_BYTES_WRITTEN,
	SIM_C_BYTES_SENT,
	SIM_C_TIME_NS,
	SIM_C_RNR,
	SIM_C_RETRIES,
	SIM_C_NO_PEER,
	SIM_C_NO_SGID,
	SIM_C_DUPLICATES,
	SIM_C_VIOL_LKEY,
	SIM_C_VIOL_RKEY,
	SIM_C_VIOL_BOUNDS,
	SIM_C_VIOL_ACCESS,
	SIM_C_VIOL_QP_STATE,
	SIM_C_VIOL_QP_ATTR,
	SIM_C_VIOL_RECV_LEN,
	SIM_C_VIOL_PSN,
	SIM_C_VIOL_OPCODE,
	SIM_C_VIOL_MR_STATE,
	SIM_C_VIOL_QUEUE_FULL,
	SIM_C_VIOL_CQ_OVERRUN,
	SIM_C_VIOL_STRANGER,
	SIM_C_VIOL_MTU,
	SIM_C_VIOL_LIMIT,
	SIM_C_COUNT
};

/* One CPU's share. */
struct sim_counts {
	u64 v[SIM_C_COUNT];
};

#endif /* SMCSIM_COUNT_H */
