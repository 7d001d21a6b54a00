// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/smc_gen_netlink.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "mgmt_gen.h"

#include <uapi/linux/smc.h>

/* Global operation policy for SMC_GEN_NETLINK */
const struct nla_policy smc_gen_netlink_eid_table_nl_policy[SMC_NLA_EID_TABLE_ENTRY + 1] = {
	[SMC_NLA_EID_TABLE_ENTRY] = { .type = NLA_NUL_STRING, .len = 32, },
};

/* Ops table for SMC_GEN_NETLINK */
const struct genl_small_ops smc_gen_netlink_nl_ops[4] = {
	{
		.cmd	= SMC_NETLINK_DUMP_UEID,
		.dumpit	= smc_gen_netlink_nl_dump_ueid_dumpit,
	},
	{
		.cmd	= SMC_NETLINK_ADD_UEID,
		.doit	= smc_gen_netlink_nl_add_ueid_doit,
		.flags	= GENL_ADMIN_PERM,
	},
	{
		.cmd	= SMC_NETLINK_REMOVE_UEID,
		.doit	= smc_gen_netlink_nl_remove_ueid_doit,
		.flags	= GENL_ADMIN_PERM,
	},
	{
		.cmd	= SMC_NETLINK_FLUSH_UEID,
		.doit	= smc_gen_netlink_nl_flush_ueid_doit,
		.flags	= GENL_ADMIN_PERM,
	},
};
