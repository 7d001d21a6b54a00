// SPDX-License-Identifier: GPL-2.0
/*
 * The client's handshake (RFC 7609 section 3.5 and 4.7): TCP, Proposal,
 * Accept, Confirm, and on first contact the confirmation of the link.
 */
#include <net/tcp.h>
#include "hs.h"
#include "tcpopt.h"

static void smc_hs_client_accept(struct smc_hs *hs);

static enum smc_decline smc_hs_client_offer_v1(struct smc_hs *hs)
{
	const struct smc_offer *offer = smc_hs_offer_of(hs, SMC_V1);
	struct smc_clc_proposal *p = &hs->proposal;
	enum smc_decline reason;

	reason = smc_hs_offer(hs, SMC_V1,
			      BIT(SMC_GID_ROCE_V1) | BIT(SMC_GID_ROCE_V2));
	if (reason)
		return reason;
	if (!smc_route_prefixes(hs->conn->tcp->sk, &hs->route, p))
		return SMC_DECL_CNFERR;
	p->v1_path = SMC_PATH_R;
	memcpy(p->gid, offer->gid, sizeof(p->gid));
	p->gid_kind = offer->gid_kind;
	return SMC_DECL_NONE;
}

static enum smc_decline smc_hs_client_offer_v2(struct smc_hs *hs)
{
	const struct smc_offer *offer = smc_hs_offer_of(hs, SMC_V2);
	struct smc_eid eids[SMC_EID_TABLE_SIZE];
	struct smc_v2_local own;
	enum smc_decline reason;
	bool subnet;

	/* What a server knows a subnet by is in the part of version 1. */
	subnet = hs->proposal.v1_path == SMC_PATH_R && !hs->route.gateway;
	smc_hs_local_v2(hs, subnet, eids, &own);
	if (!own.num_eids && !own.subnet)
		return SMC_DECL_NOUEID;
	reason = smc_hs_offer(hs, SMC_V2,
			      BIT(SMC_GID_ROCE_V2) | SMC_GIDS_ON_SUBNET);
	if (reason)
		return reason;
	smc_negotiate_v2_offer(&own, &hs->proposal_v2);
	memcpy(hs->proposal_v2.gid, offer->gid, sizeof(hs->proposal_v2.gid));
	hs->proposal.v2_path = SMC_PATH_R;
	return SMC_DECL_NONE;
}

static enum smc_decline smc_hs_client_offer(struct smc_hs *hs)
{
	const struct smc_offer *offer = smc_hs_offer_of(hs, SMC_V1);
	struct smc_clc_proposal *p = &hs->proposal;
	enum smc_decline reason;

	p->version = SMC_V2;
	p->v1_path = SMC_PATH_NONE;
	p->v2_path = SMC_PATH_NONE;
	reason = smc_hs_route(hs);
	if (reason)
		return reason;
	reason = smc_hs_client_offer_v1(hs);
	if (smc_hs_client_offer_v2(hs) && reason)
		return reason;
	/* Also where version 1 is not offered, for the sake of servers. */
	if (!offer->priv)
		offer = smc_hs_offer_of(hs, SMC_V2);
	memcpy(p->peer_id, offer->peer_id, sizeof(p->peer_id));
	memcpy(p->mac, offer->mac, sizeof(p->mac));
	return SMC_DECL_NONE;
}

static void smc_hs_client_propose(struct smc_hs *hs)
{
	enum smc_decline reason = smc_hs_client_offer(hs);
	int len, err;

	if (reason) {
		smc_hs_decline(hs, reason);
		return;
	}
	/* The receive buffer is not in use yet; it serves as scratch. */
	len = smc_clc_encode_proposal_v2(hs->chan.buf, sizeof(hs->chan.buf),
					 &hs->proposal, &hs->proposal_v2);
	err = len < 0 ? len : smc_clc_send(hs->conn->tcp, hs->chan.buf, len);
	if (err) {
		smc_hs_error(hs, err);
		return;
	}
	smc_hs_next(hs, smc_hs_client_accept, SMC_HS_CLC_WAIT);
	/* What has come already will not be reported again. */
	smc_hs_client_accept(hs);
}

/**
 * smc_hs_client_start() - first step: is TCP connected, and does the peer
 *	speak SMC?
 * @hs: handshake
 *
 * TCP has its own timeout for connecting.
 *
 * Context: Worker.
 */
void smc_hs_client_start(struct smc_hs *hs)
{
	struct sock *tcp = hs->conn->tcp->sk;
	int state = inet_sk_state_load(tcp);

	if (state == TCP_SYN_SENT || state == TCP_SYN_RECV)
		return;
	if (tcp->sk_err || state == TCP_CLOSE) {
		smc_hs_error(hs, sock_error(tcp) ?: -ECONNABORTED);
		return;
	}
	if (!smc_tcpopt_agreed(tcp))
		smc_hs_fallback(hs, SMC_DECL_PEERNOSMC, 0);
	else
		smc_hs_client_propose(hs);
}

/* The server says whether it sees a router in between; we must see one, too. */
static enum smc_decline smc_hs_client_hop(struct smc_hs *hs,
					  const struct smc_clc_accept *a,
					  const struct smc_clc_fce *fce)
{
	enum smc_decline reason;
	int err;

	if (a->version != SMC_V2 || !a->first_contact || fce->direct)
		return SMC_DECL_NONE;
	reason = smc_negotiate_v2_direct(&hs->terms.eid, true);
	if (reason)
		return reason;
	err = smc_route_hop(&hs->route, a->gid, &hs->hop);
	return smc_negotiate_v2_route(fce, !err, hs->hop.gateway);
}

static enum smc_decline smc_hs_client_attach(struct smc_hs *hs,
					     const struct smc_clc_accept *a,
					     const struct smc_clc_accept_v2 *v2)
{
	struct smc_ep *ep = &hs->conn->ep;
	struct smc_attach want = {
		.peer_id = a->peer_id,
		.peer_gid = a->gid,
		.peer_mac = a->mac,
		.peer_qpn = a->qpn,
		.first_contact = a->first_contact,
	};
	enum smc_decline reason;

	hs->version = a->version;
	reason = smc_negotiate_v2_accept(&hs->proposal, &hs->proposal_v2, a,
					 v2, &hs->terms);
	if (!reason)
		reason = smc_hs_client_hop(hs, a, &v2->fce);
	if (!reason)
		reason = smc_hs_attach(hs, &want);
	return reason ?: ep->ops->learn(ep, a);
}

/* The Accept has come, or its time is over. */
static void smc_hs_client_accept(struct smc_hs *hs)
{
	struct smc_ep *ep = &hs->conn->ep;
	struct smc_clc_accept_v2 v2;
	enum smc_decline reason;
	struct smc_clc_accept a;
	int err = 0;

	if (!smc_hs_recv(hs, SMC_CLC_ACCEPT))
		return;
	if (smc_clc_decode_accept_v2(hs->chan.buf, hs->chan.hdr.len, &a, &v2)) {
		smc_hs_violation(hs, SMC_STAT_CLC_BAD_ACCEPT);
		return;
	}
	reason = smc_hs_client_attach(hs, &a, &v2);
	if (!reason)
		err = smc_hs_send_half(hs, SMC_CLC_CONFIRM, &reason);
	if (err) {
		smc_hs_error(hs, err);
		return;
	}
	if (reason) {
		smc_hs_decline(hs, reason);
		return;
	}
	reason = ep->ops->activate(ep, jiffies + SMC_HS_LINK_CLIENT);
	if (reason)
		smc_hs_decline_unless_peer(hs, reason);
	else
		smc_hs_native(hs);
}
