// SPDX-License-Identifier: GPL-2.0
/*
 * The judge's rules of version 2: what was agreed on goes from Proposal to
 * Accept to Confirm, and may not grow on its way.
 */
#include <arpa/inet.h>
#include <string.h>

#include "clc_rules.h"

/* What our module offers as a client and wants as a server. */
#define OUR_RELEASE	1
#define MIN_CONNS	16
#define OUR_CONNS	255
#define OUR_LINKS	1

/* Where things are in a Proposal's extension. */
#define EXT_RELEASE	3
#define EXT_GID		8
#define EXT_CONNS	24
#define EXT_LINKS	25
#define EXT_EIDS	40
#define EID_LEN		32
#define GID_LEN		16

/* And in an Accept or Confirm. */
#define V2_ACCEPT_LEN	108	/* all but the following */
#define FCE_AT		104
#define FCE_SHORT	36	/* without what release 1 has added */
#define FCE_MORE	16

static bool our_eid(const __u8 *eid)
{
	__u8 want[EID_LEN];

	memset(want, ' ', sizeof(want));
	memcpy(want, V2_EID, strlen(V2_EID));
	return !memcmp(eid, want, sizeof(want));
}

static const __u8 *extension(const __u8 *p)
{
	return p + 52 + be16(p + 50);
}

static bool has_our_eid(const __u8 *ext)
{
	unsigned int i;

	for (i = 0; i < ext[0]; i++)
		if (our_eid(ext + EXT_EIDS + i * EID_LEN))
			return true;
	return false;
}

/* A GID is the address of one host; version 2 takes no unset half of one. */
static bool host_gid(const __u8 *gid)
{
	if (ipv4_gid(gid))
		return gid[12] && gid[12] < 224;
	return !all_zero(gid, 12) && gid[0] != 0xff;
}

static bool host_mac(const __u8 *mac)
{
	return !(mac[0] & 1) && !all_zero(mac, 6);
}

/* Over the Ethernet that TCP, which is IPv4, goes over, and by no router. */
static bool has_route(const struct hostile *h, const __u8 *gid)
{
	__u32 addr, mask = htonl(~0u << (32 - h->prefix_len));

	memcpy(&addr, gid + 12, 4);
	return ipv4_gid(gid) && !((addr ^ h->target_ip) & mask);
}

/**
 * v2_proposal() - does a server take a Proposal by version 2?
 * @h: hostile host
 * @p: the Proposal, which is well formed
 * @subnet: it shows that the client is on the same subnet
 * @t: filled if so
 *
 * Return: the reason why not, or 0.
 */
__u32 v2_proposal(const struct hostile *h, const __u8 *p, bool subnet,
		  struct v2_terms *t)
{
	unsigned int paths = p[7] >> 2 & 3;
	const __u8 *ext;

	if (p[7] >> 4 < 2 || paths == 2)
		return DECL_NO_V2;
	ext = extension(p);
	if (paths == 1)
		return DECL_NO_DEVICE;
	if (!ext[0])
		return DECL_NO_EID;
	if (!subnet || !has_our_eid(ext))
		return DECL_NO_DEVICE;
	if (!host_gid(ext + EXT_GID) || p[32] & 1)
		return DECL_NO_RDMA_DEVICE;
	t->release = ext[EXT_RELEASE] >> 4 ? OUR_RELEASE : 0;
	t->conns = t->release ? ext[EXT_CONNS] : OUR_CONNS;
	if (t->conns < MIN_CONNS)
		return DECL_CONNS;
	if (t->release && !ext[EXT_LINKS])
		return DECL_LINKS;
	if (!(h->kinds & 2) || !has_route(h, ext + EXT_GID))
		return DECL_NO_RDMA_DEVICE;
	return 0;
}

/* Where the first contact extension ends; past the end if it is not there. */
static size_t fce_end(const __u8 *b, size_t body)
{
	size_t at = FCE_AT + FCE_SHORT, left = body - at;

	if (body < at)
		return at;
	/* Hosts older than release 1 let the list of GIDs follow here. */
	if (!(b[FCE_AT + 1] & 15) &&
	    (left < FCE_MORE || left == 4u + GID_LEN * b[at]))
		return at;
	return at + FCE_MORE;
}

/**
 * v2_accept_whole() - is there all that an Accept or Confirm has to hold?
 * @b: the message, of version 2, about SMC-R
 * @len: its length
 *
 * Return: it is.
 */
bool v2_accept_whole(const __u8 *b, size_t len)
{
	size_t body = len - 4, at;

	if (len < V2_ACCEPT_LEN)
		return false;
	if (!(b[7] & 8))
		return true;
	at = fce_end(b, body);
	if (at > body)
		return false;
	/* The GIDs of a client may be left out, but not be cut off. */
	return b[4] != CLC_CONFIRM || at == body ||
	       (at + 4 <= body && at + 4 + GID_LEN * b[at] <= body);
}

/**
 * v2_accept() - does a client take an Accept of version 2?
 * @h: hostile host
 * @b: the Accept, which is well formed
 *
 * Return: the reason why not, or 0.
 */
__u32 v2_accept(const struct hostile *h, const __u8 *b)
{
	const __u8 *fce = b + FCE_AT;
	bool first = b[7] & 8;

	if (!(h->kinds & 2) || b[7] & 3 || !our_eid(b + 64) ||
	    !ipv4_gid(b + 16) || !host_gid(b + 16))
		return DECL_NOT_OFFERED;
	if (!host_mac(b + 32))
		return DECL_LINK;
	if (!first)
		return DECL_OUT_OF_SYNC;
	if ((fce[1] & 15) > OUR_RELEASE)
		return DECL_RELEASE;
	if (fce[1] & 15 && fce[FCE_SHORT] < MIN_CONNS)
		return DECL_CONNS;
	if (fce[1] & 15 && fce[FCE_SHORT + 1] != OUR_LINKS)
		return DECL_LINKS;
	/* The EID is for hosts with no gateway in between. */
	return fce[0] & 0x80 ? 0 : DECL_PREFIX;
}

/**
 * v2_confirm() - does a server take a Confirm of version 2?
 * @t: what it said in its Accept, which was of version 2
 * @p: the Proposal
 * @b: the Confirm, which is well formed, of version 2 and about SMC-R
 *
 * Return: the reason why not, or 0.
 */
__u32 v2_confirm(const struct v2_terms *t, const __u8 *p, const __u8 *b)
{
	const __u8 *fce = b + FCE_AT;

	if (!our_eid(b + 64))
		return DECL_NOT_OFFERED;
	if (!host_gid(b + 16) || !host_mac(b + 32))
		return DECL_LINK;
	if (!(b[7] & 8) || (fce[1] & 15) != t->release)
		return DECL_RELEASE;
	if (t->release && fce[FCE_SHORT] != t->conns)
		return DECL_CONNS;
	if (t->release && fce[FCE_SHORT + 1] != OUR_LINKS)
		return DECL_LINKS;
	if (memcmp(b + 8, p + 8, 8) ||
	    memcmp(b + 16, extension(p) + EXT_GID, GID_LEN))
		return DECL_INTERNAL;
	return 0;
}
