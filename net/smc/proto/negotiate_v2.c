// SPDX-License-Identifier: GPL-2.0
/*
 * What we make of an offer of version 2. The server decides and the client may
 * only agree: each value goes from Proposal to Accept to Confirm, never grows
 * on its way, and a peer that breaks this is declined.
 */
#include "gid.h"
#include "negotiate.h"
#include "negotiate_v2.h"

static u8 at_most(u8 a, u8 b)
{
	return a < b ? a : b;
}

static bool offers_r(u8 path)
{
	return path == SMC_PATH_R || path == SMC_PATH_BOTH;
}

/* A link goes to one host, and both its ends speak the same IP. */
static bool gids_fit(const u8 *a, const u8 *b)
{
	u8 addr[SMC_IPV4_LEN];

	return smc_gid_usable(a) && smc_gid_usable(b) &&
	       smc_gid_ipv4(a, addr) == smc_gid_ipv4(b, addr);
}

/**
 * smc_negotiate_v2_offer() - what a client puts into its Proposal
 * @own: what this host can do; of more EIDs than fit the first are taken
 * @o: filled but for the GID, which is left alone
 *
 * Context: any.
 */
void smc_negotiate_v2_offer(const struct smc_v2_local *own,
			    struct smc_clc_offer_v2 *o)
{
	unsigned int room = SMC_CLC_MAX_EIDS - own->subnet;
	unsigned int num = own->num_eids;

	if (num > room)
		num = room;
	o->release = own->release;
	o->seid = false;
	o->max_conns = own->release ? own->max_conns : 0;
	o->max_links = own->release ? own->max_links : 0;
	o->features = own->release ? own->features : 0;
	o->num_eids = (u8)(num + own->subnet);
	memset(o->eid, 0, sizeof(o->eid));
	if (num)
		memcpy(o->eid, own->eid, num * sizeof(o->eid[0]));
	/* The last one: where operators have said something, that counts. */
	if (own->subnet)
		o->eid[num] = smc_eid_subnet;
}

static const struct smc_eid *common_eid(const struct smc_clc_offer_v2 *o,
					const struct smc_v2_local *own)
{
	const struct smc_eid *eid;

	eid = smc_eid_match(o->eid, o->num_eids, own->eid, own->num_eids);
	if (!eid && own->subnet)
		eid = smc_eid_match(o->eid, o->num_eids, &smc_eid_subnet, 1);
	return eid;
}

/**
 * smc_negotiate_v2_proposal() - does a Proposal offer a version 2 we can take?
 * @p: Proposal
 * @o: its part of version 2
 * @own: what this host can do
 * @terms: filled for the Accept; all zero if it is declined
 *
 * Whether there is a port and a way to the GID is the caller's next question,
 * see smc_negotiate_v2_gids(). A reason to decline is one not to take version
 * 2; version 1 may still be possible, see smc_negotiate_reason().
 *
 * Context: any; whoever can change the EIDs in @own must be kept from it.
 * Return: SMC_DECL_NONE or the reason.
 */
enum smc_decline
smc_negotiate_v2_proposal(const struct smc_clc_proposal *p,
			  const struct smc_clc_offer_v2 *o,
			  const struct smc_v2_local *own,
			  struct smc_v2_terms *terms)
{
	struct smc_v2_terms t = {
		.release = at_most(o->release, own->release),
		.max_conns = SMC_V2_CONNS_MAX,
		.max_links = SMC_V2_LINKS_MAX,
	};
	const struct smc_eid *eid;

	memset(terms, 0, sizeof(*terms));
	if (p->v2_path == SMC_PATH_NONE)
		return SMC_DECL_NOV2EXT;
	if (!offers_r(p->v2_path))
		return SMC_DECL_NOSMCDEV;
	if (!o->num_eids)
		return SMC_DECL_NOUEID;
	eid = common_eid(o, own);
	if (!eid)
		return SMC_DECL_NOSMCDEV;
	/* A client that offers only this need not name its MAC. */
	if (!smc_gid_usable(o->gid) || p->mac[0] & 1)
		return SMC_DECL_NOSMCRDEV;

	t.eid = *eid;
	if (t.release) {
		t.max_conns = at_most(o->max_conns, own->max_conns);
		t.max_links = at_most(o->max_links, own->max_links);
		t.features = own->features;
	}
	if (t.max_conns < SMC_V2_CONNS_MIN)
		return SMC_DECL_MAXCONNERR;
	if (t.max_links < SMC_V2_LINKS_MIN)
		return SMC_DECL_MAXLINKERR;
	*terms = t;
	return SMC_DECL_NONE;
}

/**
 * smc_negotiate_v2_direct() - does an EID allow of the way to the peer's GID?
 * @eid: the EID agreed on
 * @gateway: the way leads through a gateway
 *
 * The prefixes in a Proposal are the peer's words, and so is what an Accept
 * says of gateways.
 *
 * Context: any.
 * Return: SMC_DECL_NONE or the reason to decline with.
 */
enum smc_decline smc_negotiate_v2_direct(const struct smc_eid *eid,
					 bool gateway)
{
	return gateway && smc_eid_equal(eid, &smc_eid_subnet) ?
	       SMC_DECL_DIFFPREFIX : SMC_DECL_NONE;
}

/**
 * smc_negotiate_v2_gids() - which of our GIDs reach the one in a Proposal
 * @o: its part of version 2
 *
 * Context: any.
 * Return: The set, bits 1 << SMC_GID_ROCE_V2 and SMC_GIDS_NOT_*.
 */
unsigned int smc_negotiate_v2_gids(const struct smc_clc_offer_v2 *o)
{
	u8 addr[SMC_IPV4_LEN];

	return 1u << SMC_GID_ROCE_V2 | (smc_gid_ipv4(o->gid, addr) ?
					SMC_GIDS_NOT_IPV6 : SMC_GIDS_NOT_IPV4);
}

/**
 * smc_negotiate_v2_fce() - say in an Accept or a Confirm what was agreed on
 * @terms: what was agreed on
 * @fce: release, limits and features are filled, the rest is left alone
 *
 * Context: any.
 */
void smc_negotiate_v2_fce(const struct smc_v2_terms *terms,
			  struct smc_clc_fce *fce)
{
	bool rel1 = terms->release;

	fce->release = terms->release;
	fce->max_conns = rel1 ? terms->max_conns : 0;
	fce->max_links = rel1 ? terms->max_links : 0;
	fce->features = rel1 ? terms->features : 0;
}

static enum smc_decline accept_terms(const struct smc_clc_offer_v2 *offered,
				     const struct smc_clc_fce *fce,
				     struct smc_v2_terms *t)
{
	t->max_conns = SMC_V2_CONNS_MAX;
	t->max_links = SMC_V2_LINKS_MAX;
	if (fce->release > offered->release)
		return SMC_DECL_RELEASEERR;
	if (!fce->release)
		return SMC_DECL_NONE;
	if (fce->max_conns < SMC_V2_CONNS_MIN ||
	    fce->max_conns > offered->max_conns)
		return SMC_DECL_MAXCONNERR;
	if (fce->max_links < SMC_V2_LINKS_MIN ||
	    fce->max_links > offered->max_links)
		return SMC_DECL_MAXLINKERR;
	t->release = fce->release;
	t->max_conns = fce->max_conns;
	t->max_links = fce->max_links;
	t->features = fce->features & offered->features;
	return SMC_DECL_NONE;
}

/**
 * smc_negotiate_v2_accept() - is an Accept an answer to what we proposed?
 * @sent: our Proposal
 * @offered: its part of version 2
 * @a: the peer's Accept, of version 1 or 2
 * @v2: its part of version 2
 * @terms: filled for the Confirm if @a is of version 2; else, and if it is
 *	declined, all zero. Without first contact only the EID: the rest is what
 *	the link group has since its own
 *
 * Whether the peer can be reached is the caller's next question, see
 * smc_negotiate_v2_route(). What is wanted of an Accept of version 1 is the
 * matter of smc_negotiate_accept(), which is called for it.
 *
 * Context: any.
 * Return: SMC_DECL_NONE or the reason to decline with.
 */
enum smc_decline
smc_negotiate_v2_accept(const struct smc_clc_proposal *sent,
			const struct smc_clc_offer_v2 *offered,
			const struct smc_clc_accept *a,
			const struct smc_clc_accept_v2 *v2,
			struct smc_v2_terms *terms)
{
	struct smc_v2_terms t = { .eid = v2->eid };
	enum smc_decline reason = SMC_DECL_NONE;

	memset(terms, 0, sizeof(*terms));
	if (a->version == SMC_V1)
		return smc_negotiate_accept(sent, a);
	if (a->path != SMC_PATH_R || !offers_r(sent->v2_path))
		return SMC_DECL_MODEUNSUPP;
	if (!smc_eid_match(&v2->eid, 1, offered->eid, offered->num_eids))
		return SMC_DECL_MODEUNSUPP;
	if (!gids_fit(a->gid, offered->gid))
		return SMC_DECL_MODEUNSUPP;
	if (!smc_mac_usable(a->mac))
		return SMC_DECL_ERR_RDYLNK;
	if (a->first_contact)
		reason = accept_terms(offered, &v2->fce, &t);
	if (!reason)
		*terms = t;
	return reason;
}

/**
 * smc_negotiate_v2_route() - do client and server see the same way?
 * @fce: from the Accept
 * @have_route: the client has a route to the server's GID
 * @have_gateway: that route leads through a gateway
 *
 * If the server needs no gateway, none is used, whatever the client's routes
 * say.
 *
 * Context: any.
 * Return: SMC_DECL_NONE or the reason to decline with.
 */
enum smc_decline smc_negotiate_v2_route(const struct smc_clc_fce *fce,
					bool have_route, bool have_gateway)
{
	if (fce->direct)
		return SMC_DECL_NONE;
	if (!have_route)
		return SMC_DECL_NOROUTE;
	return have_gateway ? SMC_DECL_NONE : SMC_DECL_NOINDIRECT;
}

/**
 * smc_negotiate_v2_confirm() - does a Confirm repeat our Accept?
 * @sent: our Accept, of version 2
 * @c: the peer's Confirm
 * @v2: its part of version 2
 * @terms: as agreed on with the Proposal; on first contact the features become
 *	those both know. Not changed if it is declined
 *
 * That the GID is the one proposed is the transport's concern.
 *
 * Context: any.
 * Return: SMC_DECL_NONE or the reason to decline with.
 */
enum smc_decline
smc_negotiate_v2_confirm(const struct smc_clc_accept *sent,
			 const struct smc_clc_accept *c,
			 const struct smc_clc_accept_v2 *v2,
			 struct smc_v2_terms *terms)
{
	const struct smc_clc_fce *fce = &v2->fce;

	if (c->version != SMC_V2 || c->path != SMC_PATH_R ||
	    !smc_eid_equal(&v2->eid, &terms->eid))
		return SMC_DECL_MODEUNSUPP;
	if (!smc_gid_usable(c->gid) || !smc_mac_usable(c->mac))
		return SMC_DECL_ERR_RDYLNK;
	if (!sent->first_contact)
		return SMC_DECL_NONE;
	if (!c->first_contact || fce->release != terms->release)
		return SMC_DECL_RELEASEERR;
	if (!fce->release)
		return SMC_DECL_NONE;
	if (fce->max_conns != terms->max_conns)
		return SMC_DECL_MAXCONNERR;
	if (fce->max_links != terms->max_links)
		return SMC_DECL_MAXLINKERR;
	terms->features &= fce->features;
	return SMC_DECL_NONE;
}

/**
 * smc_negotiate_reason() - which reason a server that takes nothing gives
 * @p: Proposal
 * @v2_reason: why not version 2
 * @v1_reason: why not version 1
 *
 * Context: any.
 * Return: That of the version tried last, out of those offered.
 */
enum smc_decline smc_negotiate_reason(const struct smc_clc_proposal *p,
				      enum smc_decline v2_reason,
				      enum smc_decline v1_reason)
{
	if (p->v1_path == SMC_PATH_NONE && p->v2_path != SMC_PATH_NONE)
		return v2_reason;
	return v1_reason;
}
