// SPDX-License-Identifier: GPL-2.0
/*
 * The module: brought up from the lowest layer to the highest, taken down in
 * the exact reverse.
 */
#include <linux/module.h>
#include <linux/smc.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include "af_smc.h"
#include "close.h"
#include "hs.h"
#include "ib.h"
#include "listen.h"
#include "netlink.h"
#include "pernet.h"
#include "pnet.h"
#include "rdma.h"
#include "sock.h"
#include "eid.h"
#include "mgmt.h"
#include "mute.h"
#include "stats.h"
#include "tcpopt.h"

static int smc_net_init(struct net *net)
{
	struct smc_net *sn = smc_net(net);
	int err;

	sn->net = net;
	err = smc_stats_net_init(sn);
	if (err)
		return err;
	err = smc_pnet_net_init(sn);
	if (err)
		goto err_stats;
	smc_eid_net_init(sn);
	err = smc_mute_net_init(sn);
	if (err)
		goto err_pnet;
	err = smcr_net_init(sn);
	if (err)
		goto err_mute;
	err = smc_sock_net_init(sn);
	if (err)
		goto err_smcr;
	return 0;

err_smcr:
	smcr_net_exit(sn);
err_mute:
	smc_mute_net_exit(sn);
err_pnet:
	smc_pnet_net_exit(sn);
err_stats:
	smc_stats_net_exit(sn);
	return err;
}

static void smc_net_exit(struct net *net)
{
	struct smc_net *sn = smc_net(net);

	smc_sock_net_exit(sn);
	smcr_net_exit(sn);
	smc_mute_net_exit(sn);
	smc_pnet_net_exit(sn);
	smc_stats_net_exit(sn);
}

struct smc_stage {
	int (*init)(void);
	void (*exit)(void);
};

static int smc_pernet_start(void)
{
	return smc_pernet_init(smc_net_init, smc_net_exit);
}

static int smc_tcpopt_start(void)
{
	smc_tcpopt_init();
	return 0;
}

/* What the module consists of, in the order of the layers. */
static const struct smc_stage smc_stages[] = {
	{ smc_ib_init, smc_ib_exit },
	{ smcr_init, smcr_exit },
	{ smc_pernet_start, smc_pernet_exit },
	{ smc_close_init, smc_close_exit },
	{ smc_hs_init, smc_hs_exit },
	{ smc_sock_init, smc_sock_exit },
	{ smc_listen_init, smc_listen_exit },
	{ smc_nl_init, smc_nl_exit },
	{ smc_mgmt_init, smc_mgmt_exit },
	{ smc_tcpopt_start, smc_tcpopt_exit },
	{ smc_family_init, smc_family_exit },
};

static void smc_stages_exit(unsigned int n)
{
	while (n--)
		smc_stages[n].exit();
}

static int __init smc_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(smc_stages); i++) {
		err = smc_stages[i].init();
		if (err) {
			smc_stages_exit(i);
			return err;
		}
	}
	return 0;
}

static void __exit smc_exit(void)
{
	smc_stages_exit(ARRAY_SIZE(smc_stages));
}

module_init(smc_init);
module_exit(smc_exit);

MODULE_DESCRIPTION("Shared Memory Communications over RDMA (SMC-R)");
MODULE_LICENSE("GPL");
MODULE_ALIAS_NETPROTO(PF_SMC);
MODULE_ALIAS_GENL_FAMILY(SMCR_GENL_FAMILY_NAME);
MODULE_ALIAS_GENL_FAMILY(SMC_GENL_FAMILY_NAME);
/* Numbers, since an alias is text: 256 is IPPROTO_SMC, 1 is SOCK_STREAM. */
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_INET, 256, 1);
#if IS_ENABLED(CONFIG_IPV6)
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_INET6, 256, 1);
#endif
