// SPDX-License-Identifier: GPL-2.0
/*
 * The client's handshake (RFC 7609 section 3.5 and 4.7): TCP, Proposal,
 * Accept, Confirm, and on first contact the confirmation of the link.
 */
#include <net/tcp.h>
#include "hs.h"
#include "tcpopt.h"

static void smc_hs_client_accept(struct smc_hs *hs);

static enum smc_decline smc_hs_client_offer(struct smc_hs *hs)
{
	struct smc_clc_proposal *p = &hs->proposal;
	enum smc_decline reason;

	reason = smc_hs_offer(hs, BIT(SMC_GID_ROCE_V1) | BIT(SMC_GID_ROCE_V2));
	if (reason)
		return reason;
	if (!smc_route_prefixes(hs->conn->tcp->sk, &hs->route, p))
		return SMC_DECL_CNFERR;
	p->version = SMC_V2;
	p->v1_path = SMC_PATH_R;
	p->v2_path = SMC_PATH_NONE;
	memcpy(p->peer_id, hs->offer.peer_id, sizeof(p->peer_id));
	memcpy(p->gid, hs->offer.gid, sizeof(p->gid));
	memcpy(p->mac, hs->offer.mac, sizeof(p->mac));
	p->gid_kind = hs->offer.gid_kind;
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
	len = smc_clc_encode_proposal(hs->chan.buf, sizeof(hs->chan.buf),
				      &hs->proposal);
	err = len < 0 ? len : smc_clc_send(hs->conn->tcp, hs->chan.buf, len);
	if (err) {
		smc_hs_error(hs, err);
		return;
	}
	smc_hs_next(hs, smc_hs_client_accept, SMC_HS_CLC_WAIT);
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

static enum smc_decline smc_hs_client_attach(struct smc_hs *hs,
					     const struct smc_clc_accept *a)
{
	struct smc_conn *conn = hs->conn;
	struct smc_attach want = {
		.role = SMC_CLIENT,
		.net = hs->route.net,
		.offer = &hs->offer,
		.peer_id = a->peer_id,
		.peer_gid = a->gid,
		.peer_mac = a->mac,
		.peer_qpn = a->qpn,
		.first_contact = a->first_contact,
		.snd_bytes = READ_ONCE(conn->sk->sk_sndbuf) / 2,
		.rmb_bytes = READ_ONCE(conn->sk->sk_rcvbuf) / 2,
		.deadline = jiffies + SMC_HS_ATTACH_WAIT,
	};
	enum smc_decline reason = hs->transport->attach(&conn->ep, &want);

	if (reason)
		return reason;
	hs->attached = true;
	return conn->ep.ops->learn(&conn->ep, a);
}

static int smc_hs_client_confirm(struct smc_hs *hs, enum smc_decline *reason)
{
	struct smc_ep *ep = &hs->conn->ep;
	struct smc_clc_accept c = { .type = SMC_CLC_CONFIRM };
	u8 buf[SMC_CLC_ACCEPT_LEN];
	int len;

	*reason = ep->ops->describe(ep, &c);
	if (*reason)
		return 0;
	len = smc_clc_encode_accept(buf, sizeof(buf), &c);
	return len < 0 ? len : smc_clc_send(hs->conn->tcp, buf, len);
}

/* The Accept has come, or its time is over. */
static void smc_hs_client_accept(struct smc_hs *hs)
{
	struct smc_ep *ep = &hs->conn->ep;
	enum smc_decline reason;
	struct smc_clc_accept a;
	int err = 0;

	if (!smc_hs_recv(hs, SMC_CLC_ACCEPT))
		return;
	if (smc_clc_decode_accept(hs->chan.buf, hs->chan.hdr.len, &a)) {
		smc_hs_violation(hs, SMC_STAT_CLC_BAD_ACCEPT);
		return;
	}
	reason = smc_negotiate_accept(&hs->proposal, &a);
	if (!reason)
		reason = smc_hs_client_attach(hs, &a);
	if (!reason)
		err = smc_hs_client_confirm(hs, &reason);
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
