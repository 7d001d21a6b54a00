// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink family SMC_GEN_NETLINK, described in
 * Documentation/netlink/specs/smc_gen_netlink.yaml: the EID table of the
 * caller's namespace.
 */
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include "eid.h"
#include "mgmt.h"
#include "mgmt_gen.h"

static struct genl_family smc_mgmt_family;

static int put_eid(struct sk_buff *skb, struct netlink_callback *cb,
		   const struct smc_eid *eid)
{
	char text[SMC_EID_LEN + 1];
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &smc_mgmt_family, NLM_F_MULTI,
			  SMC_NETLINK_DUMP_UEID);
	if (!hdr)
		return -EMSGSIZE;
	memcpy(text, eid->name, SMC_EID_LEN);
	text[SMC_EID_LEN] = 0;
	if (nla_put_string(skb, SMC_NLA_EID_TABLE_ENTRY, text)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * smc_gen_netlink_nl_dump_ueid_dumpit() - answer SMC_NETLINK_DUMP_UEID
 * @skb: the answer
 * @cb: state of the dump
 *
 * Context: Process, may sleep. Takes eid_lock.
 * Return: Length of @skb, 0 at the end, -EMSGSIZE if it has no room at all.
 */
int smc_gen_netlink_nl_dump_ueid_dumpit(struct sk_buff *skb,
					struct netlink_callback *cb)
{
	struct smc_net *sn = smc_net(sock_net(skb->sk));
	struct smc_eid eids[SMC_EID_TABLE_SIZE];
	unsigned int n = smc_eid_copy(sn, eids);
	int err = 0;

	while (cb->args[0] < n && !err) {
		err = put_eid(skb, cb, &eids[cb->args[0]]);
		if (!err)
			cb->args[0]++;
	}
	return err;
}

static int refuse(struct genl_info *info, int err)
{
	NL_SET_BAD_ATTR(info->extack, info->attrs[SMC_NLA_EID_TABLE_ENTRY]);
	return err;
}

static int get_eid(struct genl_info *info, const struct smc_eid **eid)
{
	struct nlattr *attr = info->attrs[SMC_NLA_EID_TABLE_ENTRY];

	if (!attr) {
		GENL_SET_ERR_MSG(info, "a UEID is required");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL,
				     SMC_NLA_EID_TABLE_ENTRY);
		return -EINVAL;
	}
	*eid = nla_data(attr);
	if (nla_len(attr) != SMC_EID_LEN + 1 || !smc_eid_valid(*eid)) {
		GENL_SET_ERR_MSG(info,
				 "a UEID has 32 of A-Z 0-9 . - padded with blanks");
		return refuse(info, -EINVAL);
	}
	return 0;
}

/**
 * smc_gen_netlink_nl_add_ueid_doit() - add a UEID
 * @skb: the request
 * @info: its attributes
 *
 * Context: Process. Takes eid_lock.
 * Return: 0, -EINVAL without a valid UEID, -EEXIST, -ERANGE if the table is
 * full.
 */
int smc_gen_netlink_nl_add_ueid_doit(struct sk_buff *skb,
				     struct genl_info *info)
{
	const struct smc_eid *eid;
	int err;

	err = get_eid(info, &eid);
	if (err)
		return err;
	err = smc_eid_add(smc_net(genl_info_net(info)), eid);
	if (!err)
		return 0;
	if (err == -ERANGE)
		GENL_SET_ERR_MSG(info, "the table has no room for more UEIDs");
	else
		GENL_SET_ERR_MSG(info, "the UEID is in the table already");
	return refuse(info, err);
}

/**
 * smc_gen_netlink_nl_remove_ueid_doit() - remove a UEID
 * @skb: the request
 * @info: its attributes
 *
 * Context: Process. Takes eid_lock.
 * Return: 0, -EINVAL without a valid UEID, -ENOENT.
 */
int smc_gen_netlink_nl_remove_ueid_doit(struct sk_buff *skb,
					struct genl_info *info)
{
	const struct smc_eid *eid;
	int err;

	err = get_eid(info, &eid);
	if (err)
		return err;
	err = smc_eid_remove(smc_net(genl_info_net(info)), eid);
	if (!err)
		return 0;
	GENL_SET_ERR_MSG(info, "the UEID is not in the table");
	return refuse(info, err);
}

/**
 * smc_gen_netlink_nl_flush_ueid_doit() - remove all UEIDs
 * @skb: the request
 * @info: its attributes
 *
 * Context: Process. Takes eid_lock.
 * Return: 0.
 */
int smc_gen_netlink_nl_flush_ueid_doit(struct sk_buff *skb,
				       struct genl_info *info)
{
	smc_eid_flush(smc_net(genl_info_net(info)));
	return 0;
}

static struct genl_family smc_mgmt_family __ro_after_init = {
	.name		= SMC_GENL_FAMILY_NAME,
	.version	= SMC_GENL_FAMILY_VERSION,
	.maxattr	= SMC_NLA_EID_TABLE_MAX,
	.policy		= smc_gen_netlink_eid_table_nl_policy,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.small_ops	= smc_gen_netlink_nl_ops,
	.n_small_ops	= ARRAY_SIZE(smc_gen_netlink_nl_ops),
	.resv_start_op	= SMC_NETLINK_DISABLE_HS_LIMITATION + 1,
};

/**
 * smc_mgmt_init() - begin to take requests
 *
 * Context: Module init, after the tables are set up. May sleep.
 * Return: 0, or what genl_register_family() returned.
 */
int smc_mgmt_init(void)
{
	return genl_register_family(&smc_mgmt_family);
}

/**
 * smc_mgmt_exit() - take no more requests
 *
 * Context: Module exit, may sleep.
 */
void smc_mgmt_exit(void)
{
	genl_unregister_family(&smc_mgmt_family);
}
