/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/smc_gen_netlink.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_SMC_GEN_NETLINK_GEN_H
#define _LINUX_SMC_GEN_NETLINK_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/smc.h>

/* Global operation policy for SMC_GEN_NETLINK */
extern const struct nla_policy smc_gen_netlink_eid_table_nl_policy[SMC_NLA_EID_TABLE_ENTRY + 1];

/* Ops table for SMC_GEN_NETLINK */
extern const struct genl_small_ops smc_gen_netlink_nl_ops[4];

int smc_gen_netlink_nl_dump_ueid_dumpit(struct sk_buff *skb,
					struct netlink_callback *cb);
int smc_gen_netlink_nl_add_ueid_doit(struct sk_buff *skb,
				     struct genl_info *info);
int smc_gen_netlink_nl_remove_ueid_doit(struct sk_buff *skb,
					struct genl_info *info);
int smc_gen_netlink_nl_flush_ueid_doit(struct sk_buff *skb,
				       struct genl_info *info);

#endif /* _LINUX_SMC_GEN_NETLINK_GEN_H */
