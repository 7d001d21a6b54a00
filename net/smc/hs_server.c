// SPDX-License-Identifier: GPL-2.0
/*
 * The server's handshake (RFC 7609 section 3.5 and 4.7): Proposal, Accept,
 * Confirm, and on first contact the confirmation of the link.
 */
#include "hs.h"

static void smc_hs_server_proposal(struct smc_hs *hs);
static void smc_hs_server_confirm(struct smc_hs *hs);

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

static enum smc_decline smc_hs_server_attach(struct smc_hs *hs)
{
	const struct smc_clc_proposal *p = &hs->proposal;
	struct smc_conn *conn = hs->conn;
	struct smc_attach want = {
		.role = SMC_SERVER,
		.offer = &hs->offer,
		.peer_id = p->peer_id,
		.peer_gid = p->gid,
		.peer_mac = p->mac,
		.snd_bytes = READ_ONCE(conn->sk->sk_sndbuf) / 2,
		.rmb_bytes = READ_ONCE(conn->sk->sk_rcvbuf) / 2,
		.deadline = jiffies + SMC_HS_ATTACH_WAIT,
	};
	bool have_kind[2] = { true, true };
	enum smc_decline reason;

	reason = smc_negotiate_proposal(p, have_kind);
	if (reason)
		return reason;
	reason = smc_hs_offer(hs, smc_negotiate_gids(p));
	if (reason)
		return reason;
	if (!smc_route_prefix_match(conn->tcp->sk, &hs->route, p))
		return SMC_DECL_DIFFPREFIX;
	want.net = hs->route.net;
	reason = hs->transport->attach(&conn->ep, &want);
	hs->attached = !reason;
	return reason;
}

static int smc_hs_server_accept(struct smc_hs *hs, enum smc_decline *reason)
{
	struct smc_ep *ep = &hs->conn->ep;
	struct smc_clc_accept a = { .type = SMC_CLC_ACCEPT };
	u8 buf[SMC_CLC_ACCEPT_LEN];
	int len;

	*reason = ep->ops->describe(ep, &a);
	if (*reason)
		return 0;
	len = smc_clc_encode_accept(buf, sizeof(buf), &a);
	return len < 0 ? len : smc_clc_send(hs->conn->tcp, buf, len);
}

/* The Proposal has come, or something else, or its time is over. */
static void smc_hs_server_proposal(struct smc_hs *hs)
{
	enum smc_decline reason;
	int err = 0;

	if (smc_clc_is_plain(&hs->chan)) {
		smc_hs_fallback(hs, SMC_DECL_PEERNOSMC, 0);
		return;
	}
	if (!smc_hs_recv(hs, SMC_CLC_PROPOSAL))
		return;
	if (smc_clc_decode_proposal(hs->chan.buf, hs->chan.hdr.len,
				    &hs->proposal)) {
		smc_hs_violation(hs, SMC_STAT_CLC_BAD_PROPOSAL);
		return;
	}
	reason = smc_hs_server_attach(hs);
	if (!reason)
		err = smc_hs_server_accept(hs, &reason);
	if (err)
		smc_hs_error(hs, err);
	else if (reason)
		smc_hs_decline(hs, reason);
	else
		smc_hs_next(hs, smc_hs_server_confirm, SMC_HS_CLC_WAIT);
}

/* The Confirm has come, or its time is over. */
static void smc_hs_server_confirm(struct smc_hs *hs)
{
	struct smc_ep *ep = &hs->conn->ep;
	enum smc_decline reason;
	struct smc_clc_accept c;

	if (!smc_hs_recv(hs, SMC_CLC_CONFIRM))
		return;
	if (smc_clc_decode_accept(hs->chan.buf, hs->chan.hdr.len, &c) ||
	    c.version != SMC_V1 || c.path != SMC_PATH_R) {
		smc_hs_violation(hs, SMC_STAT_CLC_BAD_ACCEPT);
		return;
	}
	reason = ep->ops->learn(ep, &c);
	if (!reason)
		reason = ep->ops->activate(ep, jiffies + SMC_HS_LINK_SERVER);
	if (reason)
		smc_hs_decline_unless_peer(hs, reason);
	else
		smc_hs_native(hs);
}
