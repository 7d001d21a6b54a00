/* SPDX-License-Identifier: GPL-2.0 */
/* Between the files that make the table of attacks on links. */
#ifndef _SMC_SELFTEST_RDMA_TABLE_H
#define _SMC_SELFTEST_RDMA_TABLE_H

#include "rdma_peer.h"

#define RESPONSE	0x80	/* flag of LLC messages */
#define CDC		0xfe	/* type */

/* In tables: no counter is zero. */
#define COUNTS(stat)	((stat) + 1)
#define ONES		"0xffffffffffffffff"

/* Values of a field: 0, 1, all ones, one more, one less, top bit changed. */
#define VALUES		6

/* rdma_table.c */
struct rdma_case *rdma_add(struct rdma_table *t, const char *group,
			   enum rdma_end attacker, const char *fmt, ...)
	__printf(4, 5);
void rdma_bad_llc(struct rdma_case *a, enum rdma_stat how);
void rdma_ignored(struct rdma_case *a, enum rdma_stat why);
void rdma_bad_cdc(struct rdma_case *a, enum rdma_stat how);
void rdma_inject(struct rdma_case *a, const __u8 *m);
const char *rdma_value_name(unsigned int which);
bool rdma_put_value(__u8 *m, unsigned int width, unsigned int which);

/* rdma_llc.c, rdma_setup.c */
void rdma_add_llc(struct rdma_table *t, enum rdma_end attacker);
void rdma_add_llc_v2(struct rdma_table *t, enum rdma_end attacker);
void rdma_add_setup(struct rdma_table *t, enum rdma_end attacker, bool v2);

#endif
