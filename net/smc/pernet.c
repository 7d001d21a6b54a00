// SPDX-License-Identifier: GPL-2.0
/*
 * Allocation of and access to the per-namespace state. What each member needs
 * to be set up is done by the file that owns it, called from main.c.
 */
#include <net/netns/generic.h>
#include "pernet.h"

static unsigned int smc_net_id __read_mostly;

/**
 * smc_net() - this module's state of a namespace
 * @net: namespace
 *
 * Context: Any, while a reference on @net is held or within its exit.
 * Return: The state, never NULL.
 */
struct smc_net *smc_net(const struct net *net)
{
	return net_generic(net, smc_net_id);
}

static struct pernet_operations smc_pernet_ops = {
	.id = &smc_net_id,
	.size = sizeof(struct smc_net),
};

/**
 * smc_pernet_init() - make &struct smc_net for every namespace
 * @init: sets up the state of one namespace
 * @exit: undoes it
 *
 * Context: Module init.
 * Return: 0 or -ENOMEM, or what @init returned.
 */
int smc_pernet_init(int (*init)(struct net *net),
		    void (*exit)(struct net *net))
{
	smc_pernet_ops.init = init;
	smc_pernet_ops.exit = exit;
	return register_pernet_subsys(&smc_pernet_ops);
}

/**
 * smc_pernet_exit() - undo smc_pernet_init()
 *
 * Context: Module exit.
 */
void smc_pernet_exit(void)
{
	unregister_pernet_subsys(&smc_pernet_ops);
}
