// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink family SMC_PNETID: the PNET table as seen by programs. The
 * requests are described in Documentation/netlink/specs/smc_pnetid.yaml; what
 * is odd about the answers is so for the sake of existing tools.
 */
#include <linux/module.h>
#include <net/genetlink.h>
#include "netlink.h"
#include "netlink_gen.h"
#include "pnet.h"

/* In answers, for what a line does not have. */
#define SMC_NL_NO_NAME	"n/a"
#define SMC_NL_NO_PORT	255

/*
 * A do request for a PNET ID is answered in one buffer. There are a few ports
 * on a network, so the first size will do for everybody; more than the last
 * one can be had by a dump.
 */
#define SMC_NL_FIRST_SIZE	4096
#define SMC_NL_LAST_SIZE	(64 * 1024)

static struct genl_family smc_nl_family;

/* An answer being made. */
struct smc_nl_answer {
	struct sk_buff *skb;
	struct netlink_callback *cb;	/* NULL: not a dump */
	u32 portid;
	u32 seq;
	const char *pnetid;		/* NULL: all lines */
	unsigned int shown;
};

/* A request, checked. */
struct smc_nl_line {
	char pnetid[SMC_PNETID_LEN + 1];
	const char *ethname;		/* NULL: none */
	const char *ibname;		/* NULL: none */
	u8 ibport;
};

static int put_line(const struct smc_pnet_info *line, void *arg)
{
	struct smc_nl_answer *answer = arg;
	struct sk_buff *skb = answer->skb;
	bool eth = line->ethname[0];
	void *hdr;

	if (answer->pnetid && strcmp(answer->pnetid, line->pnetid))
		return 0;
	hdr = genlmsg_put(skb, answer->portid, answer->seq, &smc_nl_family,
			  NLM_F_MULTI, SMC_PNETID_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_string(skb, SMC_PNETID_NAME, line->pnetid) ||
	    nla_put_string(skb, SMC_PNETID_ETHNAME,
			   eth ? line->ethname : SMC_NL_NO_NAME) ||
	    nla_put_string(skb, SMC_PNETID_IBNAME,
			   eth ? SMC_NL_NO_NAME : line->ibname) ||
	    nla_put_u8(skb, SMC_PNETID_IBPORT,
		       eth ? SMC_NL_NO_PORT : line->ibport)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	if (answer->cb)
		genl_dump_check_consistent(answer->cb, hdr);
	genlmsg_end(skb, hdr);
	answer->shown++;
	return 0;
}

/**
 * smc_pnetid_nl_get_dumpit() - answer SMC_PNETID_GET with all lines
 * @skb: the answer
 * @cb: state of the dump
 *
 * Context: Process, may sleep. Takes pnet_lock.
 * Return: Length of @skb, 0 at the end, -EMSGSIZE if it has no room at all.
 */
int smc_pnetid_nl_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct smc_nl_answer answer = {
		.skb = skb,
		.cb = cb,
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
	};
	int rc;

	rc = smc_pnet_show(sock_net(skb->sk), cb->args[0], &cb->seq, put_line,
			   &answer);
	cb->args[0] += answer.shown;
	return rc;
}

static int refuse(struct genl_info *info, const struct nlattr *attr, int err)
{
	NL_SET_BAD_ATTR(info->extack, attr);
	return err;
}

/* Checks attribute SMC_PNETID_NAME, required. */
static int get_pnetid(struct genl_info *info, char pnetid[SMC_PNETID_LEN + 1])
{
	struct nlattr *attr = info->attrs[SMC_PNETID_NAME];

	if (!attr) {
		GENL_SET_ERR_MSG(info, "a PNET ID is required");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, SMC_PNETID_NAME);
		return -EINVAL;
	}
	if (!smc_pnetid_normalize(nla_data(attr), pnetid)) {
		GENL_SET_ERR_MSG(info, "a PNET ID has 1 to 16 letters and digits");
		return refuse(info, attr, -EINVAL);
	}
	return 0;
}

/* Fills @answer's buffer; the end mark is in the same buffer. */
static int fill_answer(struct net *net, struct smc_nl_answer *answer)
{
	struct nlmsghdr *done;
	unsigned int gen;
	int rc;

	rc = smc_pnet_show(net, 0, &gen, put_line, answer);
	if (rc)
		return rc;
	done = nlmsg_put(answer->skb, answer->portid, answer->seq, NLMSG_DONE,
			 sizeof(int), NLM_F_MULTI);
	if (!done)
		return -EMSGSIZE;
	memset(nlmsg_data(done), 0, sizeof(int));	/* no error */
	nlmsg_end(answer->skb, done);
	return 0;
}

/**
 * smc_pnetid_nl_get_doit() - answer SMC_PNETID_GET for one PNET ID
 * @skb: the request
 * @info: its attributes
 *
 * Context: Process, may sleep. Takes pnet_lock.
 * Return: 0, -EINVAL without a valid PNET ID, -EMSGSIZE if it has more lines
 * than fit in an answer, -ENOMEM, or what sending the answer returned.
 */
int smc_pnetid_nl_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct smc_nl_answer answer = {
		.portid = info->snd_portid,
		.seq = info->snd_seq,
	};
	char pnetid[SMC_PNETID_LEN + 1];
	size_t size = SMC_NL_FIRST_SIZE;
	int rc;

	rc = get_pnetid(info, pnetid);
	if (rc)
		return rc;
	answer.pnetid = pnetid;
	do {
		answer.skb = nlmsg_new(size, GFP_KERNEL);
		if (!answer.skb) {
			GENL_SET_ERR_MSG(info, "no memory for the answer");
			return -ENOMEM;
		}
		rc = fill_answer(genl_info_net(info), &answer);
		if (!rc)
			return genlmsg_reply(answer.skb, info);
		nlmsg_free(answer.skb);
		size *= 4;
	} while (rc == -EMSGSIZE && size <= SMC_NL_LAST_SIZE);

	GENL_SET_ERR_MSG(info, "too many entries for one answer, use a dump");
	return rc;
}

static int get_line(struct genl_info *info, struct smc_nl_line *line)
{
	struct nlattr *ethname = info->attrs[SMC_PNETID_ETHNAME];
	struct nlattr *ibname = info->attrs[SMC_PNETID_IBNAME];
	struct nlattr *ibport = info->attrs[SMC_PNETID_IBPORT];
	int rc;

	rc = get_pnetid(info, line->pnetid);
	if (rc)
		return rc;
	if (!ethname && !ibname) {
		GENL_SET_ERR_MSG(info, "an Ethernet or RDMA device is required");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, SMC_PNETID_ETHNAME);
		return -EINVAL;
	}
	line->ethname = ethname ? nla_data(ethname) : NULL;
	if (ethname && !dev_valid_name(line->ethname)) {
		GENL_SET_ERR_MSG(info, "no network device can have this name");
		return refuse(info, ethname, -EINVAL);
	}
	line->ibname = ibname ? nla_data(ibname) : NULL;
	if (ibname && !line->ibname[0]) {
		GENL_SET_ERR_MSG(info, "the name of the RDMA device is empty");
		return refuse(info, ibname, -EINVAL);
	}
	line->ibport = ibport ? nla_get_u8(ibport) : 1;
	if (!line->ibport || line->ibport > SMC_IB_MAX_PORTS) {
		GENL_SET_ERR_MSG(info, "the port of an RDMA device is 1 or 2");
		return refuse(info, ibport, -EINVAL);
	}
	return 0;
}

static int refuse_add(struct genl_info *info, int rc, unsigned int type)
{
	if (rc == -ENOMEM)
		GENL_SET_ERR_MSG(info, "no memory for the entry");
	else if (type == SMC_PNETID_ETHNAME)
		GENL_SET_ERR_MSG(info, "the Ethernet device has a PNET ID already");
	else
		GENL_SET_ERR_MSG(info, "the RDMA device has a PNET ID already");
	return refuse(info, info->attrs[type], rc);
}

/* RDMA devices are in the initial namespace's table only. */
static int add_ib(struct genl_info *info, const struct smc_nl_line *line)
{
	int rc;

	if (!net_eq(genl_info_net(info), &init_net)) {
		GENL_SET_ERR_MSG(info, "RDMA devices can only be named in the initial namespace");
		return refuse(info, info->attrs[SMC_PNETID_IBNAME], -EEXIST);
	}
	rc = smc_pnet_add_ib(line->pnetid, line->ibname, line->ibport);
	return rc ? refuse_add(info, rc, SMC_PNETID_IBNAME) : 0;
}

/**
 * smc_pnetid_nl_add_doit() - give devices a PNET ID
 * @skb: the request
 * @info: its attributes
 *
 * If only one of two devices could be named this is a success, and the
 * extended ack says what happened to the other one.
 *
 * Context: Process, may sleep. Takes smc_ib_lock and pnet_lock.
 * Return: 0 if a line was added, -EINVAL for bad attributes, -EEXIST if there
 * was nothing to add, -ENOMEM.
 */
int smc_pnetid_nl_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	bool added = false;
	struct smc_nl_line line;
	int rc;

	rc = get_line(info, &line);
	if (rc)
		return rc;
	if (line.ethname) {
		rc = smc_pnet_add_eth(genl_info_net(info), line.pnetid,
				      line.ethname);
		if (rc)
			refuse_add(info, rc, SMC_PNETID_ETHNAME);
		else
			added = true;
	}
	if (line.ibname) {
		rc = add_ib(info, &line);
		if (!rc)
			added = true;
	}
	return added ? 0 : rc;
}

/**
 * smc_pnetid_nl_del_doit() - remove a PNET ID
 * @skb: the request
 * @info: its attributes
 *
 * Context: Process, may sleep. Takes pnet_lock.
 * Return: 0, -EINVAL without a valid PNET ID, -ENOENT if it is not in the
 * table.
 */
int smc_pnetid_nl_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	char pnetid[SMC_PNETID_LEN + 1];
	int rc;

	rc = get_pnetid(info, pnetid);
	if (rc)
		return rc;
	if (!smc_pnet_remove(genl_info_net(info), pnetid)) {
		GENL_SET_ERR_MSG(info, "no entry has this PNET ID");
		return refuse(info, info->attrs[SMC_PNETID_NAME], -ENOENT);
	}
	return 0;
}

/**
 * smc_pnetid_nl_flush_doit() - remove all PNET IDs
 * @skb: the request
 * @info: its attributes
 *
 * Context: Process, may sleep. Takes pnet_lock.
 * Return: 0.
 */
int smc_pnetid_nl_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	smc_pnet_remove(genl_info_net(info), NULL);
	return 0;
}

static struct genl_family smc_nl_family __ro_after_init = {
	.name		= SMCR_GENL_FAMILY_NAME,
	.version	= SMCR_GENL_FAMILY_VERSION,
	.maxattr	= SMC_PNETID_MAX,
	.policy		= smc_pnetid_entry_nl_policy,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.small_ops	= smc_pnetid_nl_ops,
	.n_small_ops	= ARRAY_SIZE(smc_pnetid_nl_ops),
	.resv_start_op	= SMC_PNETID_FLUSH + 1,
};

/**
 * smc_nl_init() - begin to take requests
 *
 * Context: Module init, after the PNET tables are set up. May sleep.
 * Return: 0, or what genl_register_family() returned.
 */
int smc_nl_init(void)
{
	return genl_register_family(&smc_nl_family);
}

/**
 * smc_nl_exit() - take no more requests
 *
 * Context: Module exit, may sleep.
 */
void smc_nl_exit(void)
{
	genl_unregister_family(&smc_nl_family);
}
