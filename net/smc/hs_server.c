// SPDX-License-Identifier: GPL-2.0
/*
 * The server's handshake (RFC 7609 section 3.5 and 4.7): Proposal, Accept,
 * Confirm, and on first contact the confirmation of the link.
 */
#include "hs.h"

static void smc_hs_server_proposal(struct smc_hs *hs);
static void smc_hs_server_join(struct smc_hs *hs);
static void smc_hs_server_accept(struct smc_hs *hs);
static void smc_hs_server_confirm(struct smc_hs *hs);
static void smc_hs_server_settle(struct smc_hs *hs);

/**
 * smc_hs_server_start() - first step: wait for the Proposal
 * @hs: handshake, both ends have sent the TCP option
 *
 * Context: Worker.
 */
void smc_hs_server_start(struct smc_hs *hs)
{
	smc_hs_next(hs, smc_hs_server_proposal, SMC_HS_CLC_WAIT);
	smc_hs_server_proposal(hs);
}

static enum smc_decline smc_hs_server_offer_v2(struct smc_hs *hs)
{
	const struct smc_clc_offer_v2 *o = &hs->proposal_v2;
	const struct smc_clc_proposal *p = &hs->proposal;
	struct smc_eid eids[SMC_EID_TABLE_SIZE];
	struct smc_v2_local own;
	enum smc_decline reason;
	bool subnet;

	subnet = !hs->route.gateway &&
		 smc_route_prefix_match(hs->conn->tcp->sk, &hs->route, p);
	smc_hs_local_v2(hs, subnet, eids, &own);
	reason = smc_negotiate_v2_proposal(p, o, &own, &hs->terms);
	if (reason)
		return reason;
	if (smc_hs_offer(hs, SMC_V2, smc_negotiate_v2_gids(o) |
			 SMC_GIDS_ON_SUBNET) ||
	    smc_route_hop(&hs->route, o->gid, &hs->hop))
		return SMC_DECL_NOSMCRDEV;
	reason = smc_negotiate_v2_direct(&hs->terms.eid, hs->hop.gateway);
	if (!reason)
		hs->version = SMC_V2;
	return reason;
}

static enum smc_decline smc_hs_server_offer_v1(struct smc_hs *hs)
{
	const struct smc_clc_proposal *p = &hs->proposal;
	bool have_kind[2] = { true, true };
	enum smc_decline reason;

	reason = smc_negotiate_proposal(p, have_kind);
	if (reason)
		return reason;
	reason = smc_hs_offer(hs, SMC_V1, smc_negotiate_gids(p));
	if (reason)
		return reason;
	if (!smc_route_prefix_match(hs->conn->tcp->sk, &hs->route, p))
		return SMC_DECL_DIFFPREFIX;
	hs->version = SMC_V1;
	return SMC_DECL_NONE;
}

/* Version 2 if that is possible, else version 1. */
static enum smc_decline smc_hs_server_offer(struct smc_hs *hs)
{
	enum smc_decline v2_reason, v1_reason;

	v1_reason = smc_hs_route(hs);
	if (v1_reason)
		return v1_reason;
	v2_reason = smc_hs_server_offer_v2(hs);
	if (!v2_reason)
		return SMC_DECL_NONE;
	v1_reason = smc_hs_server_offer_v1(hs);
	if (!v1_reason)
		return SMC_DECL_NONE;
	return smc_negotiate_reason(&hs->proposal, v2_reason, v1_reason);
}

static enum smc_decline smc_hs_server_attach(struct smc_hs *hs)
{
	const struct smc_clc_proposal *p = &hs->proposal;
	struct smc_attach want = {
		.peer_id = p->peer_id,
		.peer_gid = p->gid,
		.peer_mac = p->mac,
		.may_wait = time_before(jiffies, hs->deadline),
	};

	if (hs->version == SMC_V2)
		want.peer_gid = hs->proposal_v2.gid;
	return smc_hs_attach(hs, &want);
}

/*
 * Did the client send the option by mistake? Its data may come at any time:
 * once there was nothing to tell from, nothing more is looked at.
 */
static bool smc_hs_server_heard(struct smc_hs *hs)
{
	switch (smc_clc_opening(&hs->chan, SMC_CLC_PROPOSAL)) {
	case SMC_CLC_OPENING_NONE:
		if (time_after_eq(jiffies, hs->deadline))
			smc_hs_no_msg(hs, -ETIMEDOUT);
		return false;
	case SMC_CLC_OPENING_OTHER:
		smc_hs_fallback(hs, SMC_DECL_PEERMUTE, 0);
		return false;
	default:
		return true;
	}
}

/* The Proposal has come, or something else, or its time is over. */
static void smc_hs_server_proposal(struct smc_hs *hs)
{
	enum smc_decline reason;

	if (!hs->chan.have && !smc_hs_server_heard(hs))
		return;
	if (!smc_hs_recv(hs, SMC_CLC_PROPOSAL))
		return;
	if (smc_clc_decode_proposal_v2(hs->chan.buf, hs->chan.hdr.len,
				       &hs->proposal, &hs->proposal_v2)) {
		smc_hs_violation(hs, SMC_STAT_CLC_BAD_PROPOSAL);
		return;
	}
	reason = smc_hs_server_offer(hs);
	if (reason) {
		smc_hs_decline(hs, reason);
		return;
	}
	smc_hs_next(hs, smc_hs_server_join, SMC_HS_JOIN_WAIT);
	smc_hs_server_join(hs);
}

/* There may be a group now, or its first contact takes too long. */
static void smc_hs_server_join(struct smc_hs *hs)
{
	enum smc_decline reason = smc_hs_server_attach(hs);

	if (reason == SMC_DECL_LATER) {
		smc_hs_wait(hs);
		return;
	}
	if (reason) {
		smc_hs_decline(hs, reason);
		return;
	}
	smc_hs_next(hs, smc_hs_server_accept, SMC_HS_DESCRIBE_WAIT);
	smc_hs_server_accept(hs);
}

/* The client knows all it must know, or will not learn it in time. */
static void smc_hs_server_accept(struct smc_hs *hs)
{
	if (!smc_hs_send_half(hs, SMC_CLC_ACCEPT))
		return;
	smc_hs_next(hs, smc_hs_server_confirm, SMC_HS_CLC_WAIT);
	/* What came along with the Proposal will not be reported again. */
	smc_hs_server_confirm(hs);
}

static enum smc_decline
smc_hs_server_check(struct smc_hs *hs, const struct smc_clc_accept *c,
		    const struct smc_clc_accept_v2 *v2)
{
	const struct smc_clc_accept sent = {
		.version = hs->version,
		.first_contact = hs->conn->ep.first_contact,
	};

	if (hs->version == SMC_V1)
		return SMC_DECL_NONE;
	return smc_negotiate_v2_confirm(&sent, c, v2, &hs->terms);
}

static void smc_hs_server_no_link(struct smc_hs *hs, enum smc_decline reason)
{
	if (hs->conn->ep.first_contact)
		smc_hs_decline_unless_peer(hs, reason);
	else
		/* The client has gone on: it would not read a Decline. */
		smc_hs_error(hs, -EPROTO);
}

/* The Confirm has come, or its time is over. */
static void smc_hs_server_confirm(struct smc_hs *hs)
{
	struct smc_ep *ep = &hs->conn->ep;
	struct smc_clc_accept_v2 v2;
	enum smc_decline reason;
	struct smc_clc_accept c;

	if (!smc_hs_recv(hs, SMC_CLC_CONFIRM))
		return;
	if (smc_clc_decode_accept_v2(hs->chan.buf, hs->chan.hdr.len, &c, &v2) ||
	    c.version != hs->version || c.path != SMC_PATH_R) {
		smc_hs_violation(hs, SMC_STAT_CLC_BAD_ACCEPT);
		return;
	}
	reason = smc_hs_server_check(hs, &c, &v2);
	if (!reason)
		reason = ep->ops->learn(ep, &c);
	if (reason) {
		smc_hs_server_no_link(hs, reason);
		return;
	}
	smc_hs_next(hs, smc_hs_server_settle, SMC_HS_LINK_SERVER);
	smc_hs_server_settle(hs);
}

/* The link is confirmed, or its time is over. */
static void smc_hs_server_settle(struct smc_hs *hs)
{
	enum smc_decline reason = smc_hs_settled(hs);

	if (!reason)
		smc_hs_native(hs);
	else if (reason == SMC_DECL_LATER)
		smc_hs_wait(hs);
	else
		smc_hs_server_no_link(hs, reason);
}
