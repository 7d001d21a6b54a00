// SPDX-License-Identifier: GPL-2.0
/*
 * What we make of an offer. Version 1, SMC-R only: offers of version 2 and of
 * SMC-D are understood and not taken.
 */
#include "gid.h"
#include "negotiate.h"

static bool same_bits(const u8 *a, const u8 *b, unsigned int bits)
{
	unsigned int bytes = bits / 8;

	if (memcmp(a, b, bytes))
		return false;
	bits %= 8;
	return !bits || !((a[bytes] ^ b[bytes]) >> (8 - bits));
}

static bool gid_is_ipv4(const u8 *gid)
{
	u8 addr[SMC_IPV4_LEN];

	return smc_gid_ipv4(gid, addr);
}

/* Can a packet be sent to this GID: neither unset nor a group of hosts? */
static bool gid_is_unicast(const u8 *gid)
{
	static const u8 unset[SMC_GID_LEN];

	if (gid_is_ipv4(gid))
		return gid[12] && gid[12] < 224;
	return memcmp(gid, unset, sizeof(unset)) && gid[0] != 0xff;
}

static bool link_local6(const u8 *addr)
{
	return addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

/**
 * smc_prefix_match() - is a local address in the subnet of the peer?
 * @p: Proposal
 * @a: one address of the network device the TCP connection uses
 *
 * RFC 7609 section 3.5: version 1 does not go through routers. IPv6 link-local
 * addresses say nothing about that and never match.
 *
 * Context: any.
 * Return: true if family and prefix length are those of a prefix in @p, and
 * the bits are.
 */
bool smc_prefix_match(const struct smc_clc_proposal *p,
		      const struct smc_local_addr *a)
{
	unsigned int i;

	if (p->v1_path == SMC_PATH_NONE || a->v6 == !p->num_prefix6)
		return false;
	if (!a->v6)
		return a->len <= 32 && a->len == p->prefix4_len &&
		       same_bits(a->addr, p->prefix4, a->len);
	if (a->len > 128 || link_local6(a->addr))
		return false;
	for (i = 0; i < p->num_prefix6 && i < SMC_CLC_MAX_V6_PREFIXES; i++)
		if (a->len == p->prefix6[i].len &&
		    same_bits(a->addr, p->prefix6[i].addr, a->len))
			return true;
	return false;
}

/**
 * smc_negotiate_proposal() - does a Proposal offer something we can take?
 * @p: Proposal
 * @have_kind: which kinds of GID our own device has, by enum smc_gid_kind
 *
 * The prefix is the caller's next question, see smc_prefix_match().
 *
 * Context: any.
 * Return: SMC_DECL_NONE or the reason to decline with.
 */
enum smc_decline smc_negotiate_proposal(const struct smc_clc_proposal *p,
					bool have_kind[2])
{
	if (p->v1_path == SMC_PATH_NONE && p->v2_path == SMC_PATH_NONE)
		return SMC_DECL_PEERNOSMC;
	if (p->v1_path != SMC_PATH_R && p->v1_path != SMC_PATH_BOTH)
		return SMC_DECL_NOSMCDEV;
	if (!have_kind[p->gid_kind == SMC_GID_ROCE_V2])
		return SMC_DECL_NOSMCDEV;
	if (!gid_is_unicast(p->gid) || !smc_mac_usable(p->mac))
		return SMC_DECL_ERR_RDYLNK;
	return SMC_DECL_NONE;
}

/**
 * smc_negotiate_gids() - which of our GIDs reach the one in a Proposal
 * @p: Proposal
 *
 * Context: any.
 * Return: The set, bits 1 << enum smc_gid_kind and SMC_GIDS_NOT_*.
 */
unsigned int smc_negotiate_gids(const struct smc_clc_proposal *p)
{
	if (p->gid_kind == SMC_GID_ROCE_V1)
		return 1u << SMC_GID_ROCE_V1;
	return 1u << SMC_GID_ROCE_V2 | (gid_is_ipv4(p->gid) ?
					SMC_GIDS_NOT_IPV6 : SMC_GIDS_NOT_IPV4);
}

/**
 * smc_negotiate_accept() - is an Accept an answer to what we proposed?
 * @sent: our Proposal
 * @a: the peer's Accept
 *
 * A server that does not know our mark of the GID kind answers a RoCEv2 offer
 * with a RoCEv1 GID; such links would never carry a packet. Nor would those
 * between RoCEv2 GIDs of different IP versions.
 *
 * Context: any.
 * Return: SMC_DECL_NONE or the reason to decline with.
 */
enum smc_decline smc_negotiate_accept(const struct smc_clc_proposal *sent,
				      const struct smc_clc_accept *a)
{
	if (a->version != SMC_V1 || a->path != SMC_PATH_R)
		return SMC_DECL_MODEUNSUPP;
	if (sent->v1_path != SMC_PATH_R && sent->v1_path != SMC_PATH_BOTH)
		return SMC_DECL_MODEUNSUPP;
	if (a->gid_kind != sent->gid_kind)
		return SMC_DECL_MODEUNSUPP;
	if (a->gid_kind == SMC_GID_ROCE_V2 &&
	    gid_is_ipv4(a->gid) != gid_is_ipv4(sent->gid))
		return SMC_DECL_MODEUNSUPP;
	if (!gid_is_unicast(a->gid) || !smc_mac_usable(a->mac))
		return SMC_DECL_ERR_RDYLNK;
	return SMC_DECL_NONE;
}
