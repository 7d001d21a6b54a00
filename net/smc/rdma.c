// SPDX-License-Identifier: GPL-2.0
/*
 * SMC-R as a transport: what the seam (transport.h) asks for, in terms of
 * link groups, buffers and work requests.
 *
 * Attaching an endpoint joins or begins a group, borrows a send buffer and an
 * RMB, and gives the endpoint an alert token. The endpoint's part of this
 * layer, struct smcr_ep, is memory of its own: work requests may refer to it
 * after the socket is gone. release cuts the two apart at once; the send
 * buffer follows when the last work request that reads it is done, so nobody
 * has to wait for that.
 *
 * Errors an endpoint is lost with: -ETIMEDOUT if the peer does not answer any
 * more, -ECONNRESET if it ended the group or broke the protocol, -ENETDOWN if
 * the local port or device is gone or the module is unloaded.
 */
#include <linux/jiffies.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include "llc.h"
#include "pnet.h"
#include "rdma.h"
#include "smcr_trace.h"

/* Links of one subnet stay in it (RFC 7609 section 2.3); routed ones do not. */
#define SMCR_HOPS_DIRECT	1
#define SMCR_HOPS_ROUTED	64

static struct smcr_ep *smcr_ep_of(struct smc_wr_user *user)
{
	return container_of(user, struct smcr_ep, user);
}

static void smcr_tx_done(struct smc_wr_user *user, u64 pos)
{
	struct smcr_ep *sep = smcr_ep_of(user);

	if (!smcr_ep_get(sep))
		return;
	sep->ep->up->tx_done(sep->ep, pos);
	smcr_ep_put(sep);
}

static void smcr_tx_space(struct smc_wr_user *user)
{
	struct smcr_ep *sep = smcr_ep_of(user);

	if (!smcr_ep_get(sep))
		return;
	sep->ep->up->tx_space(sep->ep);
	smcr_ep_put(sep);
}

/* Nothing refers to it but readers under RCU. */
static void smcr_ep_free(struct smcr_ep *sep)
{
	struct smc_lgr *lgr = sep->lgr;

	if (sep->snd)
		smc_buf_return(sep->snd);
	kfree_rcu(sep, rcu);
	smc_lgr_put(lgr);
}

static void smcr_tx_unused(struct smc_wr_user *user)
{
	smcr_ep_free(smcr_ep_of(user));
}

static const struct smc_wr_user_ops smcr_user_ops = {
	.done = smcr_tx_done,
	.space = smcr_tx_space,
	.unused = smcr_tx_unused,
};

static enum smc_decline smcr_offer(const struct smc_route *route,
				   unsigned int kinds, struct smc_offer *offer)
{
	const struct smc_ib_want want = {
		.net = route->net,
		.vlan_id = route->vlan_id,
		.kinds = kinds,
		.local = route->local,
	};
	struct smc_rnic *rnic;
	int err;

	memset(offer, 0, sizeof(*offer));
	rnic = kzalloc(sizeof(*rnic), GFP_KERNEL);
	if (!rnic)
		return SMC_DECL_MEM;
	err = smc_pnet_find_rnic(route->ndev, &want, rnic);
	if (err)
		goto err_free_rnic;
	err = -ENODEV;
	if (!smc_ib_peer_id(offer->peer_id))
		goto err_put_rnic;
	memcpy(offer->gid, &rnic->gid, sizeof(offer->gid));
	memcpy(offer->mac, rnic->mac, sizeof(offer->mac));
	offer->gid_kind = rnic->gid_kind;
	offer->vlan_id = route->vlan_id;
	offer->priv = rnic;
	return SMC_DECL_NONE;

err_put_rnic:
	smc_ib_rnic_put(rnic);
err_free_rnic:
	kfree(rnic);
	return err == -ENOMEM ? SMC_DECL_MEM : SMC_DECL_NOSMCDEV;
}

static void smcr_unoffer(struct smc_offer *offer)
{
	struct smc_rnic *rnic = offer->priv;

	if (!rnic)
		return;
	offer->priv = NULL;
	smc_ib_rnic_put(rnic);
	kfree(rnic);
}

/* Leave a group that was joined; the reference is dropped by the caller. */
static void smcr_leave(struct smc_lgr *lgr)
{
	if (smc_lgr_leave(lgr))
		smc_llc_unused(lgr);
}

/*
 * Begin a group. It comes pinned, referenced and counted, like one that was
 * joined. NULL with *@why set, or without if there is one to join instead.
 */
static struct smc_lgr *smcr_begin(struct smc_net *sn,
				  const struct smc_lgr_key *key,
				  const struct smc_v2_terms *terms, bool only_one,
				  enum smc_decline *why)
{
	struct smc_lgr *lgr;

	lgr = smc_lgr_create(sn, key, terms, &smc_llc_link_ops);
	if (!lgr) {
		*why = SMC_DECL_MEM;
		return NULL;
	}
	if (smc_llc_create(lgr)) {
		*why = SMC_DECL_MEM;
		goto err_put_actor;
	}
	if (!smc_lgr_publish(lgr, only_one))
		goto err_put_actor;
	smc_stat_inc(sn, SMC_STAT_LGR_CREATED);
	if (smc_link_create(&lgr->link, key->rnic, key->version == SMC_V2)) {
		*why = SMC_DECL_INTERR;
		goto err_leave;
	}
	return lgr;

err_leave:
	smc_link_unpin(&lgr->link);
	smcr_leave(lgr);
	smc_lgr_put(lgr);
	return NULL;

err_put_actor:
	smc_lgr_put(lgr);
	return NULL;
}

static struct smc_lgr *smcr_join(struct smc_net *sn,
				 const struct smc_lgr_key *key,
				 struct smc_ep *ep)
{
	struct smc_lgr *lgr;

	for (;;) {
		lgr = smc_lgr_join(sn, key, ep);
		if (IS_ERR_OR_NULL(lgr) || smc_link_pin(&lgr->link))
			return lgr;
		/* Coming down, hence not in the list any more. */
		smcr_leave(lgr);
		smc_lgr_put(lgr);
	}
}

static struct smc_lgr *smcr_find_client(struct smc_net *sn,
					const struct smc_lgr_key *key,
					struct smc_ep *ep,
					const struct smc_v2_terms *terms,
					enum smc_decline *why)
{
	struct smc_lgr *lgr;

	if (ep->first_contact)
		return smcr_begin(sn, key, terms, false, why);
	lgr = smcr_join(sn, key, NULL);
	if (!lgr)
		*why = SMC_DECL_SYNCERR;
	return lgr;
}

static struct smc_lgr *smcr_find_server(struct smc_net *sn,
					const struct smc_lgr_key *key,
					struct smc_ep *ep,
					const struct smc_attach *want,
					enum smc_decline *why)
{
	struct smc_lgr *lgr;

	if (!want->may_wait)
		smc_lgr_withdraw(sn, ep);
	do {
		lgr = smcr_join(sn, key, want->may_wait ? ep : NULL);
		if (IS_ERR(lgr)) {
			*why = SMC_DECL_LATER;
			return NULL;
		}
		ep->first_contact = !lgr;
		if (!lgr)
			lgr = smcr_begin(sn, key, &want->terms, want->may_wait,
					 why);
	} while (!lgr && *why == SMC_DECL_NONE);
	return lgr;
}

static struct smc_lgr *smcr_find_lgr(struct smc_ep *ep,
				     const struct smc_attach *want,
				     enum smc_decline *why)
{
	struct smc_net *sn = smc_net(want->net);
	struct smc_lgr_key key = {
		.role = want->role,
		.vlan_id = want->offer->vlan_id,
		.rnic = want->offer->priv,
		.version = want->version,
		.hop = want->hop,
	};

	memcpy(key.peer_id, want->peer_id, sizeof(key.peer_id));
	memcpy(key.peer_gid, want->peer_gid, sizeof(key.peer_gid));
	if (key.version == SMC_V1)
		memcpy(key.peer_mac, want->peer_mac, sizeof(key.peer_mac));
	if (want->role == SMC_SERVER)
		return smcr_find_server(sn, &key, ep, want, why);
	key.peer_qpn = want->peer_qpn;
	ep->first_contact = want->first_contact;
	return smcr_find_client(sn, &key, ep, &want->terms, why);
}

/* Make room for another RMB by giving up an idle one of another size. */
static bool smcr_trim(struct smc_lgr *lgr)
{
	struct smc_buf *spare = smc_buf_pick_spare(&lgr->pool);

	if (!spare)
		return false;
	if (spare->told)
		smc_llc_delete_rkey(lgr, spare->mr->rkey);
	smc_buf_destroy(spare);
	return true;
}

static enum smc_decline smcr_borrow(struct smcr_ep *sep,
				    const struct smc_attach *want)
{
	struct smc_lgr *lgr = sep->lgr;
	struct smc_buf *buf;

	buf = smc_buf_borrow(&lgr->pool, SMC_BUF_SND, want->snd_bytes);
	if (IS_ERR(buf))
		return SMC_DECL_MEM;
	sep->snd = buf;
	buf = smc_buf_borrow(&lgr->pool, SMC_BUF_RMB, want->rmb_bytes);
	/* Another connection may be quicker to take the place made. */
	while (buf == ERR_PTR(-ENOSPC) && smcr_trim(lgr))
		buf = smc_buf_borrow(&lgr->pool, SMC_BUF_RMB, want->rmb_bytes);
	if (IS_ERR(buf))
		return SMC_DECL_MEM;
	sep->rmb = buf;
	return SMC_DECL_NONE;
}

static const struct smc_ep_ops smcr_ep_ops;

static void smcr_fill_ep(struct smc_ep *ep, struct smcr_ep *sep)
{
	ep->ops = &smcr_ep_ops;
	ep->priv = sep;
	ep->snd.addr = sep->snd->addr;
	ep->snd.size = sep->snd->size;
	ep->rmb.addr = sep->rmb->addr;
	ep->rmb.size = sep->rmb->size;
}

static void smcr_clear_ep(struct smc_ep *ep)
{
	ep->ops = NULL;
	ep->priv = NULL;
	ep->snd = (struct smc_ring_mem){ };
	ep->rmb = (struct smc_ring_mem){ };
	ep->token = 0;
}

/*
 * What the peer has refused it would refuse again. An RMB that it has not
 * answered for is told of once more, as the same one, when it is lent again.
 */
static void smcr_give_back_rmb(struct smcr_ep *sep, bool peer_quiet)
{
	struct smc_link *link = &sep->lgr->link;
	struct smc_buf *rmb = sep->rmb;

	sep->rmb = NULL;
	if (peer_quiet && sep->announce.result != -EREMOTEIO) {
		smc_buf_return(rmb);
	} else if (peer_quiet && smc_buf_may_destroy(rmb) &&
		   smc_link_pin(link)) {
		smc_buf_destroy(rmb);
		smc_link_unpin(link);
	} else {
		smc_buf_set_aside(rmb);
	}
}

/* Give everything back; no upcall comes any more. */
static void smcr_detach(struct smcr_ep *sep, bool peer_quiet)
{
	struct smc_lgr *lgr = sep->lgr;

	if (sep->asked)
		smc_llc_withdraw(lgr, &sep->announce);
	if (sep->rmb)
		smcr_give_back_rmb(sep, peer_quiet);
	smcr_leave(lgr);
	if (smc_wr_leave(&lgr->link.wr, &sep->user))
		smcr_ep_free(sep);
}

/* Fit out an endpoint in a group that is joined, with the link pinned. */
static enum smc_decline smcr_equip(struct smc_ep *ep, struct smc_lgr *lgr,
				   const struct smc_attach *want)
{
	enum smc_decline why;
	struct smcr_ep *sep;

	sep = kzalloc(sizeof(*sep), GFP_KERNEL);
	if (!sep) {
		smcr_leave(lgr);
		smc_lgr_put(lgr);
		return SMC_DECL_MEM;
	}
	smcr_ep_init(sep, ep, lgr, &smcr_user_ops);
	why = smcr_borrow(sep, want);
	if (why)
		goto err_detach;
	smcr_fill_ep(ep, sep);
	why = SMC_DECL_MEM;
	if (smc_lgr_add_ep(lgr, sep))
		goto err_clear_ep;
	return SMC_DECL_NONE;

err_clear_ep:
	smcr_clear_ep(ep);
err_detach:
	smcr_detach(sep, true);
	return why;
}

static enum smc_decline smcr_attach(struct smc_ep *ep,
				    const struct smc_attach *want)
{
	enum smc_decline why = SMC_DECL_NONE;
	struct smc_lgr *lgr;

	might_sleep();
	lgr = smcr_find_lgr(ep, want, &why);
	if (!lgr)
		return why;
	/* The endpoint takes over count and reference, the pin ends here. */
	smc_lgr_get(lgr);
	why = smcr_equip(ep, lgr, want);
	smc_link_unpin(&lgr->link);
	smc_lgr_put(lgr);
	return why;
}

static void smcr_release(struct smc_ep *ep, bool peer_quiet)
{
	struct smcr_ep *sep = ep->priv;

	might_sleep();
	smcr_ep_close(sep, 0);
	/* Upcalls under way end by themselves; they do not sleep. */
	wait_for_completion(&sep->quiet);
	smc_lgr_del_ep(sep->lgr, sep);
	smcr_clear_ep(ep);
	smcr_detach(sep, peer_quiet);
}

static void smcr_announced(struct smc_llc_req *req)
{
	struct smcr_ep *sep = container_of(req, struct smcr_ep, announce);

	sep->ep->up->ready(sep->ep);
}

/* Subsequent contact: the peer must be able to use the RMB from now on. */
static enum smc_decline smcr_announce(struct smcr_ep *sep)
{
	if (sep->rmb->announced)
		return SMC_DECL_NONE;
	if (!sep->asked) {
		sep->announce.done = smcr_announced;
		if (smc_llc_confirm_rkey(sep->lgr, &sep->announce, sep->rmb))
			return SMC_DECL_ERR_REGBUF;
		sep->asked = true;
	}
	switch (READ_ONCE(sep->announce.result)) {
	case 0:
		return SMC_DECL_NONE;
	case -EINPROGRESS:
		return SMC_DECL_LATER;
	default:
		return SMC_DECL_ERR_REGBUF;
	}
}

static void smcr_fill_half(const struct smc_ep *ep, struct smc_clc_accept *mine)
{
	const struct smcr_ep *sep = ep->priv;
	const struct smc_link *link = &sep->lgr->link;
	const struct smc_buf *rmb = sep->rmb;

	mine->version = sep->lgr->key.version;
	mine->path = SMC_PATH_R;
	mine->first_contact = ep->first_contact;
	mine->gid_kind = link->rnic.gid_kind;
	smc_ib_peer_id(mine->peer_id);
	memcpy(mine->gid, &link->rnic.gid, sizeof(mine->gid));
	memcpy(mine->mac, link->rnic.mac, sizeof(mine->mac));
	mine->qpn = link->qp->qp_num;
	mine->rkey = rmb->mr->rkey;
	mine->rmbe_idx = 1;
	mine->token = ep->token;
	mine->size_code = rmb->code;
	mine->mtu = link->mtu;
	mine->vaddr = rmb->mr->iova;
	mine->psn = link->psn;
}

static enum smc_decline smcr_describe(struct smc_ep *ep,
				      struct smc_clc_accept *mine)
{
	struct smcr_ep *sep = ep->priv;
	struct smc_link *link = &sep->lgr->link;
	enum smc_decline why = SMC_DECL_NONE;

	might_sleep();
	if (!smc_link_pin(link))
		return SMC_DECL_NOACTLINK;
	if (!ep->first_contact)
		why = smcr_announce(sep);
	if (!why) {
		smcr_fill_half(ep, mine);
		sep->rmb->told = true;
		sep->rmb->announced = true;
	}
	smc_link_unpin(link);
	return why;
}

/* Bring the link of a new group up with what the peer said. */
static enum smc_decline smcr_connect(struct smcr_ep *sep,
				     const struct smc_clc_accept *peer)
{
	struct smc_lgr *lgr = sep->lgr;
	struct smc_link_peer to = {
		.qpn = peer->qpn,
		.psn = peer->psn,
		.mtu = peer->mtu,
		.hop_limit = lgr->key.hop.gateway ? SMCR_HOPS_ROUTED :
						    SMCR_HOPS_DIRECT,
	};
	enum smc_decline why = SMC_DECL_ERR_RDYLNK;

	memcpy(to.gid, lgr->key.peer_gid, sizeof(to.gid));
	if (lgr->key.version == SMC_V1)
		memcpy(to.mac, lgr->key.peer_mac, sizeof(to.mac));
	else if (lgr->key.hop.gateway)
		memcpy(to.mac, lgr->key.hop.mac, sizeof(to.mac));
	else
		memcpy(to.mac, peer->mac, sizeof(to.mac));
	if (!smc_link_pin(&lgr->link))
		return SMC_DECL_NOACTLINK;
	trace_smc_link_connect(lgr->id, lgr->key.version, &to);
	if (smc_link_connect(&lgr->link, &to))
		goto out_unpin;
	why = SMC_DECL_ERR_REGBUF;
	if (smc_buf_register(sep->rmb))
		goto out_unpin;
	why = SMC_DECL_NONE;
	smc_llc_link_up(lgr);
out_unpin:
	smc_link_unpin(&lgr->link);
	return why;
}

/*
 * Clients that offer version 2 only leave their ID out of the Proposal. It is
 * in the first Confirm then, and all others have to repeat it.
 */
static bool smcr_same_host(const struct smc_ep *ep, struct smc_lgr *lgr,
			   const u8 *peer_id)
{
	if (lgr->key.version == SMC_V1 || lgr->key.role == SMC_CLIENT ||
	    memchr_inv(lgr->key.peer_id, 0, SMC_PEER_ID_LEN))
		return !memcmp(peer_id, lgr->key.peer_id, SMC_PEER_ID_LEN);
	if (ep->first_contact)
		memcpy(lgr->confirmed_id, peer_id, SMC_PEER_ID_LEN);
	return !memcmp(peer_id, lgr->confirmed_id, SMC_PEER_ID_LEN);
}

/* Is this the host, and in a known group the link, we are talking to? */
static bool smcr_same_peer(const struct smc_ep *ep, struct smc_lgr *lgr,
			   const struct smc_clc_accept *peer)
{
	return peer->path == SMC_PATH_R &&
	       peer->gid_kind == lgr->key_rnic.gid_kind &&
	       smcr_same_host(ep, lgr, peer->peer_id) &&
	       !memcmp(peer->gid, lgr->key.peer_gid, SMC_GID_LEN) &&
	       (ep->first_contact || peer->qpn == lgr->link.peer.qpn);
}

static enum smc_decline smcr_learn_rmbe(struct smc_ep *ep,
					const struct smc_clc_accept *peer)
{
	u32 size = smc_ring_bytes(peer->size_code);
	struct smcr_ep *sep = ep->priv;
	u64 first, end;
	int rtoken;

	if (!peer->rmbe_idx || !peer->token ||
	    check_add_overflow(peer->vaddr, (u64)size * (peer->rmbe_idx - 1),
			       &first) ||
	    check_add_overflow(first, (u64)size - 1, &end))
		return SMC_DECL_ERR_RTOK;
	rtoken = smc_rtoken_add(&sep->lgr->rtokens, peer->rkey, peer->vaddr);
	if (rtoken < 0)
		return SMC_DECL_ERR_RTOK;
	sep->peer_addr = first;
	sep->peer_rkey = peer->rkey;
	WRITE_ONCE(sep->rtoken, rtoken);
	ep->peer_token = peer->token;
	ep->peer_size = size;
	return SMC_DECL_NONE;
}

static enum smc_decline smcr_learn(struct smc_ep *ep,
				   const struct smc_clc_accept *peer)
{
	struct smcr_ep *sep = ep->priv;
	struct smc_lgr *lgr = sep->lgr;
	enum smc_decline why;

	might_sleep();
	if (!smcr_same_peer(ep, lgr, peer))
		return SMC_DECL_INTERR;
	why = smcr_learn_rmbe(ep, peer);
	if (why || !ep->first_contact)
		return why;
	if (peer->mtu < IB_MTU_256 || peer->mtu > IB_MTU_4096 || !peer->qpn)
		return SMC_DECL_ERR_RDYLNK;
	return smcr_connect(sep, peer);
}

static enum smc_decline smcr_settled(const struct smc_ep *ep)
{
	const struct smcr_ep *sep = ep->priv;

	return ep->first_contact ? smc_llc_setup_result(sep->lgr) :
				   SMC_DECL_NONE;
}

static int smcr_xmit(struct smc_ep *ep, const struct smc_xfer *x)
{
	struct smcr_ep *sep = ep->priv;
	const struct smc_wr_job job = {
		.span = x->span,
		.num_spans = x->num_spans,
		.snd_addr = smc_buf_dma(sep->snd),
		.rmb_addr = sep->peer_addr,
		.rkey = sep->peer_rkey,
		.signal = x->signal,
		.pos = x->pos,
		.msg = &x->msg,
	};

	if (atomic_read(&sep->closed))
		return -ENOLINK;
	return smc_wr_send(&sep->lgr->link.wr, &sep->user, &job);
}

static void smcr_sync_rx(struct smc_ep *ep, u32 off, u32 len)
{
	struct smcr_ep *sep = ep->priv;
	struct smc_buf *rmb = sep->rmb;

	/* Once the link has come down, unmapping has done it. */
	if (!READ_ONCE(rmb->needs_sync) || !smc_link_pin(&sep->lgr->link))
		return;
	smc_buf_sync_for_cpu(rmb, off, len);
	smc_link_unpin(&sep->lgr->link);
}

static void smcr_info(const struct smc_ep *ep, struct smc_ep_info *info)
{
	const struct smcr_ep *sep = ep->priv;
	const struct smc_lgr *lgr = sep->lgr;

	memset(info, 0, sizeof(*info));
	info->lgr_id = lgr->id;
	info->link_no = lgr->link.link_no;
	strscpy(info->ibdev, lgr->ibdev_name);
	info->port = lgr->key_rnic.port;
	memcpy(info->gid, &lgr->key_rnic.gid, sizeof(info->gid));
	memcpy(info->peer_gid, lgr->key.peer_gid, sizeof(info->peer_gid));
	info->role = lgr->key.role;
	info->type = SMC_LGR_TYPE_SINGLE;
}

static void smcr_withdraw(struct smc_ep *ep, const struct net *net)
{
	smc_lgr_withdraw(smc_net(net), ep);
}

static void smcr_out_of_sync(struct smc_ep *ep)
{
	struct smcr_ep *sep = ep->priv;

	/*
	 * No more than that: anybody can name a peer's group in a Proposal
	 * and then say it were stale. If it is, its link will tell.
	 */
	smc_lgr_unpublish(sep->lgr);
}

static const struct smc_ep_ops smcr_ep_ops = {
	.describe = smcr_describe,
	.learn = smcr_learn,
	.settled = smcr_settled,
	.xmit = smcr_xmit,
	.sync_rx = smcr_sync_rx,
	.info = smcr_info,
	.release = smcr_release,
};

static const struct smc_transport smcr_transport = {
	.name = "smcr",
	.present = smc_ib_present,
	.offer = smcr_offer,
	.unoffer = smcr_unoffer,
	.attach = smcr_attach,
	.withdraw = smcr_withdraw,
	.out_of_sync = smcr_out_of_sync,
};

/**
 * smcr_init() - make SMC-R available
 *
 * Context: Module init, after ib.c and pnet.c.
 * Return: 0 or -ENOMEM.
 */
int smcr_init(void)
{
	int err;

	err = smc_llc_init();
	if (err)
		return err;
	smc_transport_register(&smcr_transport);
	return 0;
}

/**
 * smcr_exit() - undo smcr_init()
 *
 * Context: Module exit; all namespaces are done with it.
 */
void smcr_exit(void)
{
	smc_transport_unregister(&smcr_transport);
	smc_llc_exit();
}

/**
 * smcr_net_init() - set up a namespace for SMC-R
 * @sn: the namespace's state
 *
 * Context: Process.
 * Return: 0.
 */
int smcr_net_init(struct smc_net *sn)
{
	int i;

	spin_lock_init(&sn->lgr_lock);
	for (i = 0; i < SMC_LGR_BUCKETS; i++)
		INIT_LIST_HEAD(&sn->lgr_lists[i]);
	atomic_set(&sn->lgr_count, 0);
	init_waitqueue_head(&sn->lgr_wait);
	return 0;
}

/**
 * smcr_net_exit() - end all link groups of a namespace
 * @sn: the namespace's state; no socket is left in it
 *
 * The groups end side by side. Each tells its peer, and waits for half a
 * second at most that the peer hears it.
 *
 * Context: Sleeps.
 */
void smcr_net_exit(struct smc_net *sn)
{
	struct smc_lgr *lgr;

	while ((lgr = smc_lgr_any(sn))) {
		smc_llc_end_operator(lgr);
		smc_lgr_put(lgr);
	}
	smc_lgr_wait_none(sn);
}
