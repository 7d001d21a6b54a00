// SPDX-License-Identifier: GPL-2.0
/*
 * The client's handshake (RFC 7609 section 3.5 and 4.7): TCP, Proposal,
 * Accept, Confirm, and on first contact the confirmation of the link.
 */
#include <net/tcp.h>
#include "hs.h"
#include "mute.h"
#include "stats.h"
#include "tcpopt.h"

static void smc_hs_client_listen(struct smc_hs *hs);
static void smc_hs_client_accept(struct smc_hs *hs);
static void smc_hs_client_confirm(struct smc_hs *hs);
static void smc_hs_client_settle(struct smc_hs *hs);

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

/*
 * A Proposal has room for one MAC, and servers use it for version 2, too. Of
 * two ports one is proposed: version 1 does not lead through a router, and
 * without one any server will do with it.
 */
static void smc_hs_client_one_port(struct smc_hs *hs)
{
	const struct smc_offer *v1 = smc_hs_offer_of(hs, SMC_V1);
	const struct smc_offer *v2 = smc_hs_offer_of(hs, SMC_V2);
	struct smc_clc_proposal *p = &hs->proposal;

	if (p->v1_path != SMC_PATH_R || p->v2_path != SMC_PATH_R ||
	    !memcmp(v1->mac, v2->mac, sizeof(v1->mac)))
		return;
	if (hs->route.gateway)
		p->v1_path = SMC_PATH_NONE;
	else
		p->v2_path = SMC_PATH_NONE;
}

static enum smc_decline smc_hs_client_offer(struct smc_hs *hs)
{
	struct smc_clc_proposal *p = &hs->proposal;
	const struct smc_offer *offer;
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
	smc_hs_client_one_port(hs);
	/* Also where version 1 is not offered, for the sake of servers. */
	offer = smc_hs_offer_of(hs, p->v1_path == SMC_PATH_R ? SMC_V1 : SMC_V2);
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
	hs->answer_by = jiffies + SMC_HS_CLC_WAIT;
	smc_hs_next(hs, smc_hs_client_listen, SMC_HS_MUTE_WAIT);
	/* What has come already will not be reported again. */
	smc_hs_client_listen(hs);
}

/* The peer goes on as TCP, or does not even know that it could be SMC. */
static void smc_hs_client_no_option(struct smc_hs *hs)
{
	if (!hs->anew) {
		smc_hs_fallback(hs, SMC_DECL_PEERNOSMC, 0);
		return;
	}
	/* Not before: there is no telling from a server that is gone. */
	smc_mute_learn(hs->conn->tcp->sk, &hs->server, hs->proof);
	smc_hs_fallback(hs, SMC_DECL_PEERMUTE, 0);
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
		smc_hs_client_no_option(hs);
	else
		smc_hs_client_propose(hs);
}

/*
 * It is silent: is that a proof? Not if nobody has taken the Proposal, as in
 * an outage of the network.
 */
static enum smc_mute_proof smc_hs_client_silence_proves(struct smc_hs *hs)
{
	struct sock *tcp = hs->conn->tcp->sk;
	bool taken;

	lock_sock(tcp);
	taken = tcp_sk(tcp)->snd_una == tcp_sk(tcp)->write_seq;
	release_sock(tcp);
	return taken ? SMC_MUTE_SAID_NOTHING : SMC_MUTE_NO_PROOF;
}

/*
 * A port that bind() chose is given back when a connection ends, in contrast
 * to one that the program chose. If another socket has it by now, TCP takes
 * any port of the same address, which a bind() that fails forgets.
 */
static int smc_hs_client_rebind(struct smc_hs *hs)
{
	struct socket *tcp = hs->conn->tcp;
	struct sockaddr_storage own;
	int len, err;

	if (!hs->port || inet_sk(tcp->sk)->inet_num)
		return 0;
	len = kernel_getsockname(tcp, (struct sockaddr *)&own);
	if (len < 0)
		return len;
	/* Both families have it there. */
	((struct sockaddr_in *)&own)->sin_port = htons(hs->port);
	err = kernel_bind(tcp, (struct sockaddr *)&own, len);
	if (err) {
		((struct sockaddr_in *)&own)->sin_port = 0;
		err = kernel_bind(tcp, (struct sockaddr *)&own, len);
	}
	lock_sock(tcp->sk);
	tcp->sk->sk_userlocks &= ~SOCK_BINDPORT_LOCK;
	release_sock(tcp->sk);
	return err;
}

/*
 * Forget the connection. What the program set stays, the MSS and the clamp of
 * the window, as it was before, at our asking: TCP forgets both.
 */
static int smc_hs_client_disconnect(struct smc_hs *hs)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	struct sock *tcp = hs->conn->tcp->sk;
	u16 mss = READ_ONCE(tcp_sk(tcp)->rx_opt.user_mss);
	int err;

	err = kernel_connect(hs->conn->tcp, &unspec, sizeof(unspec), 0);
	if (err)
		return err;
	/* That of the end we gave it. */
	sock_error(tcp);
	lock_sock(tcp);
	WRITE_ONCE(tcp_sk(tcp)->rx_opt.user_mss, mss);
	WRITE_ONCE(tcp_sk(tcp)->window_clamp, hs->clamp);
	release_sock(tcp);
	return smc_hs_client_rebind(hs);
}

/*
 * The server takes our Proposal for data of the program, so this connection is
 * spoilt. A new one to the same address, without the option, is what TCP would
 * have made. What the program set and bound stays with the socket.
 */
static void smc_hs_client_anew(struct smc_hs *hs, enum smc_mute_proof proof)
{
	struct sockaddr *server = (struct sockaddr *)&hs->server;
	struct socket *tcp = hs->conn->tcp;
	int err;

	smc_stat_inc(hs->conn->sn, SMC_STAT_CLC_MUTE);
	hs->anew = true;
	hs->proof = proof;
	hs->step = smc_hs_client_start;
	/* TCP may take minutes to connect. */
	smc_hs_unoffer(hs);
	err = smc_hs_client_disconnect(hs);
	if (!err) {
		smc_tcpopt_offer(tcp->sk, false);
		err = kernel_connect(tcp, server, hs->server_len, O_NONBLOCK);
	}
	if (err && err != -EINPROGRESS)
		smc_hs_error(hs, err);
}

/* How long the server may still take for its Accept, jiffies. */
static unsigned long smc_hs_client_left(const struct smc_hs *hs)
{
	unsigned long now = jiffies;

	return time_before(now, hs->answer_by) ? hs->answer_by - now : 0;
}

/* It speaks CLC. */
static void smc_hs_client_heard(struct smc_hs *hs)
{
	smc_mute_heard_from(hs->conn->tcp->sk, &hs->server);
	smc_hs_next(hs, smc_hs_client_accept, smc_hs_client_left(hs));
	smc_hs_client_accept(hs);
}

/* It has said nothing for some time. One that has answered others is busy. */
static void smc_hs_client_silence(struct smc_hs *hs)
{
	enum smc_mute_proof proof = smc_hs_client_silence_proves(hs);
	unsigned long left = smc_hs_client_left(hs);

	if (left && (proof == SMC_MUTE_NO_PROOF ||
		     smc_mute_ask(hs->conn->tcp->sk, &hs->server) ==
		     SMC_MUTE_TALKS))
		smc_hs_next(hs, smc_hs_client_listen, left);
	else
		smc_hs_client_anew(hs, proof);
}

/* The server has begun to answer, or does not speak CLC, or is silent. */
static void smc_hs_client_listen(struct smc_hs *hs)
{
	int opening = smc_clc_opening(&hs->chan, SMC_CLC_ACCEPT);

	if (opening < 0) {
		smc_hs_error(hs, opening);
		return;
	}
	switch (opening) {
	case SMC_CLC_OPENING_NONE:
		if (time_after_eq(jiffies, hs->deadline))
			smc_hs_client_silence(hs);
		break;
	case SMC_CLC_OPENING_CLC:
		smc_hs_client_heard(hs);
		break;
	case SMC_CLC_OPENING_END:
		smc_hs_client_anew(hs, smc_hs_client_silence_proves(hs));
		break;
	default:
		smc_hs_client_anew(hs, SMC_MUTE_SAID_ELSE);
	}
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
	struct smc_clc_accept_v2 v2;
	enum smc_decline reason;
	struct smc_clc_accept a;

	if (!smc_hs_recv(hs, SMC_CLC_ACCEPT))
		return;
	if (smc_clc_decode_accept_v2(hs->chan.buf, hs->chan.hdr.len, &a, &v2)) {
		smc_hs_violation(hs, SMC_STAT_CLC_BAD_ACCEPT);
		return;
	}
	reason = smc_hs_client_attach(hs, &a, &v2);
	if (reason) {
		smc_hs_decline(hs, reason);
		return;
	}
	smc_hs_next(hs, smc_hs_client_confirm, SMC_HS_DESCRIBE_WAIT);
	smc_hs_client_confirm(hs);
}

/* The server knows all it must know, or will not learn it in time. */
static void smc_hs_client_confirm(struct smc_hs *hs)
{
	if (!smc_hs_send_half(hs, SMC_CLC_CONFIRM))
		return;
	smc_hs_next(hs, smc_hs_client_settle, SMC_HS_LINK_CLIENT);
	smc_hs_client_settle(hs);
}

/* The link is confirmed, or its time is over. */
static void smc_hs_client_settle(struct smc_hs *hs)
{
	enum smc_decline reason = smc_hs_settled(hs);

	if (!reason)
		smc_hs_native(hs);
	else if (reason == SMC_DECL_LATER)
		smc_hs_wait(hs);
	else
		smc_hs_decline_unless_peer(hs, reason);
}
