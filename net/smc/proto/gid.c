// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses of RDMA ports: what a peer says may be anything, and a queue pair
 * is to be aimed at one host. RoCEv2 GIDs are IP addresses.
 */
#include "gid.h"

static bool all_zero(const u8 *bytes, size_t n)
{
	while (n)
		if (bytes[--n])
			return false;
	return true;
}

/**
 * smc_gid_ipv4() - is a RoCEv2 GID an IPv4 address?
 * @gid: the GID
 * @addr: the address, in network order; zero if there is none
 *
 * It is written as an IPv4-mapped IPv6 address.
 *
 * Context: any.
 * Return: true if it is.
 */
bool smc_gid_ipv4(const u8 gid[SMC_GID_LEN], u8 addr[SMC_IPV4_LEN])
{
	if (all_zero(gid, 10) && gid[10] == 0xff && gid[11] == 0xff) {
		memcpy(addr, gid + SMC_GID_LEN - SMC_IPV4_LEN, SMC_IPV4_LEN);
		return true;
	}
	memset(addr, 0, SMC_IPV4_LEN);
	return false;
}

/**
 * smc_gid_usable() - can packets be sent to a GID?
 * @gid: the GID, of any kind
 *
 * Context: any.
 * Return: true unless it is unset or means a group of hosts.
 */
bool smc_gid_usable(const u8 gid[SMC_GID_LEN])
{
	u8 addr[SMC_IPV4_LEN];

	if (smc_gid_ipv4(gid, addr))
		return addr[0] && addr[0] < 224;
	/* Neither ::, nor ::1, nor an IPv4 address in the old way. */
	return !all_zero(gid, 12) && gid[0] != 0xff;
}

/**
 * smc_mac_usable() - can packets be sent to a MAC?
 * @mac: the MAC
 *
 * Context: any.
 * Return: true unless it is unset or means a group of hosts.
 */
bool smc_mac_usable(const u8 mac[SMC_MAC_LEN])
{
	return !(mac[0] & 1) && !all_zero(mac, SMC_MAC_LEN);
}
