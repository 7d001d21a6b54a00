/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PNET IDs: which RDMA port belongs to a network device.
 */
#ifndef _SMC_PNET_H
#define _SMC_PNET_H

#include <linux/if.h>
#include <rdma/ib_verbs.h>
#include "ib.h"
#include "pernet.h"
#include "proto/pnetid.h"

/**
 * struct smc_pnet_info - one line of a PNET table
 * @pnetid: name of the physical network, see smc_pnetid_normalize()
 * @ethname: Ethernet device, empty if the line is about an RDMA port
 * @ibname: RDMA device or its parent, empty if the line is about an Ethernet
 *	device
 * @ibport: port of the RDMA device
 */
struct smc_pnet_info {
	char pnetid[SMC_PNETID_LEN + 1];
	char ethname[IFNAMSIZ];
	char ibname[IB_DEVICE_NAME_MAX];
	u8 ibport;
};

/**
 * typedef smc_pnet_show_t - take a line of a PNET table
 * @info: the line
 * @arg: the caller's
 *
 * Context: under pnet_lock, may sleep.
 * Return: 0 to go on, anything else to stop.
 */
typedef int (*smc_pnet_show_t)(const struct smc_pnet_info *info, void *arg);

int smc_pnet_net_init(struct smc_net *sn);
void smc_pnet_net_exit(struct smc_net *sn);
int smc_pnet_find_rnic(struct net_device *ndev, const struct smc_ib_want *want,
		       struct smc_rnic *rnic);

int smc_pnet_add_eth(struct net *net, const char *pnetid, const char *ethname);
int smc_pnet_add_ib(const char *pnetid, const char *ibname, u8 ibport);
bool smc_pnet_remove(struct net *net, const char *pnetid);
int smc_pnet_show(struct net *net, unsigned int skip, unsigned int *gen,
		  smc_pnet_show_t show, void *arg);

#endif
