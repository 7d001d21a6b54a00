/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses of RDMA ports, as peers name them.
 */
#ifndef _SMC_PROTO_GID_H
#define _SMC_PROTO_GID_H

#include "clc.h"

#define SMC_IPV4_LEN	4

bool smc_gid_ipv4(const u8 gid[SMC_GID_LEN], u8 addr[SMC_IPV4_LEN]);
bool smc_gid_usable(const u8 gid[SMC_GID_LEN]);
bool smc_mac_usable(const u8 mac[SMC_MAC_LEN]);

#endif
