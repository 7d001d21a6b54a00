// SPDX-License-Identifier: GPL-2.0
/*
 * LLC messages of the actor (llc.c): making ours, and what those of the peer
 * mean. What concerns the life of the group is handed back as an event; the
 * rest is answered here: rkeys, ADD LINK, TEST LINK.
 *
 * One exchange of ours is under way at a time (RFC 7609 section 4.4): peers
 * expect that. The peer's requests are answered at once, whatever ours does.
 */
#include <linux/bitops.h>
#include "llc_msg.h"
#include "smcr_trace.h"

/* An answer without a key that comes later is taken for that to the next one. */
#define SMC_LLC_RKEY_WAIT	(2 * HZ)
#define SMC_LLC_ANY_RKEY	U64_MAX

/**
 * smc_llc_send() - send a message
 * @llc: actor
 * @msg: the message
 *
 * Context: The actor.
 * Return: 0, -EINVAL if it cannot be encoded, -EAGAIN or -ENOLINK if it cannot
 * be sent.
 */
int smc_llc_send(struct smc_llc *llc, const struct smc_llc_msg *msg)
{
	struct smc_lgr *lgr = llc->lgr;
	u8 buf[SMC_LLC_LEN];
	int err;

	if (lgr->key.version == SMC_V1)
		err = smc_llc_encode(buf, msg);
	else
		err = smc_llc_v2_encode_short(buf, msg,
					      READ_ONCE(llc->order));
	if (!err)
		err = smc_wr_send_ctrl(&lgr->link.wr, buf);
	trace_smc_llc_tx(lgr->id, msg->type, msg->flags, err);
	if (!err)
		smc_stat_inc(lgr->sn, SMC_STAT_LLC_TX);
	return err;
}

/**
 * smc_llc_send_confirm_link() - send CONFIRM LINK or its answer
 * @llc: actor
 * @flags: 0 or SMC_LLC_RESPONSE
 *
 * Context: The actor.
 * Return: As smc_llc_send().
 */
int smc_llc_send_confirm_link(struct smc_llc *llc, u8 flags)
{
	const struct smc_link *link = &llc->lgr->link;
	struct smc_llc_msg msg = {
		.type = SMC_LLC_CONFIRM_LINK,
		.flags = flags | SMC_LLC_CONFIRM_LINK_NO_EYE,
		.confirm_link = {
			.qpn = link->qp->qp_num,
			.link_no = link->link_no,
			.link_uid = llc->lgr->id << 8 | link->link_no,
			.max_links = 1,
		},
	};

	if (llc->lgr->terms.release) {
		msg.confirm_link.max_links = llc->lgr->terms.max_links;
		msg.confirm_link.max_conns = llc->lgr->terms.max_conns;
	}
	memcpy(msg.confirm_link.mac, link->rnic.mac, SMC_LLC_MAC_LEN);
	memcpy(msg.confirm_link.gid, &link->rnic.gid, SMC_LLC_GID_LEN);
	return smc_llc_send(llc, &msg);
}

/**
 * smc_llc_send_no_link() - tell the client that there will be no second link
 * @llc: actor of a server
 *
 * A client that could not agree on one link with us in the handshake waits for
 * ADD LINK before its program may go on, some seconds if none comes. One with
 * an MTU that cannot be is refused by every client at once.
 *
 * Context: The actor.
 */
void smc_llc_send_no_link(struct smc_llc *llc)
{
	const struct smc_link *link = &llc->lgr->link;
	struct smc_llc_msg msg = {
		.type = SMC_LLC_ADD_LINK,
		.add_link.link_no = link->link_no + 1,
	};

	memcpy(msg.add_link.mac, link->rnic.mac, SMC_LLC_MAC_LEN);
	memcpy(msg.add_link.gid, &link->rnic.gid, SMC_LLC_GID_LEN);
	llc->no_link_told = true;
	smc_llc_send(llc, &msg);
}

/**
 * smc_llc_send_delete_all() - send DELETE LINK for all links
 * @llc: actor
 * @flags: SMC_LLC_DELETE_LINK_*
 * @reason: SMC_LLC_DEL_*
 *
 * Context: The actor.
 */
void smc_llc_send_delete_all(struct smc_llc *llc, u8 flags, u32 reason)
{
	struct smc_llc_msg msg = {
		.type = SMC_LLC_DELETE_LINK,
		.flags = flags,
		.delete_link.reason = reason,
	};

	smc_llc_send(llc, &msg);
}

/**
 * smc_llc_answer_delete_link() - answer a DELETE LINK request
 * @llc: actor
 * @req: the request
 * @reason: SMC_LLC_DEL_DONE or why not
 *
 * Context: The actor.
 */
void smc_llc_answer_delete_link(struct smc_llc *llc,
				const struct smc_llc_msg *req, u32 reason)
{
	struct smc_llc_msg msg = *req;

	msg.flags |= SMC_LLC_RESPONSE;
	msg.delete_link.reason = reason;
	smc_llc_send(llc, &msg);
}

static void __smc_llc_end_req(struct smc_llc_req *req, int result)
{
	WRITE_ONCE(req->result, result);
	req->done(req);
}

/**
 * smc_llc_finish_req() - the exchange under way is over
 * @llc: actor
 * @result: for who waits for it, if somebody still does
 *
 * Context: The actor. Takes ev_lock.
 */
void smc_llc_finish_req(struct smc_llc *llc, int result)
{
	smc_llc_disarm(llc, SMC_LLC_TIMER_RKEY);
	spin_lock_bh(&llc->ev_lock);
	if (llc->current_req)
		__smc_llc_end_req(llc->current_req, result);
	llc->current_req = NULL;
	spin_unlock_bh(&llc->ev_lock);
}

/**
 * smc_llc_close_reqs() - take no more requests, and end those there are
 * @llc: actor
 *
 * Context: The actor. Takes ev_lock.
 */
void smc_llc_close_reqs(struct smc_llc *llc)
{
	struct smc_llc_req *req, *next;

	smc_llc_finish_req(llc, -ENOLINK);
	spin_lock_bh(&llc->ev_lock);
	llc->closed = true;
	list_for_each_entry_safe(req, next, &llc->reqs, node) {
		list_del_init(&req->node);
		__smc_llc_end_req(req, -ENOLINK);
	}
	spin_unlock_bh(&llc->ev_lock);
}

/* The message of a request; what it tells the peer of is registered before. */
static int __smc_llc_begin_req(struct smc_llc_req *req, struct smc_llc_msg *msg)
{
	int err;

	msg->type = req->type;
	if (req->type == SMC_LLC_DELETE_RKEY) {
		msg->delete_rkey.num = 1;
		msg->delete_rkey.rkey[0] = req->rkey;
		return 0;
	}
	msg->confirm_rkey.rkey = req->rkey;
	msg->confirm_rkey.vaddr = req->rmb->mr->iova;
	err = smc_buf_register(req->rmb);
	if (!err)
		req->rmb->told = true;
	return err;
}

/* No slot is free; LLC messages are in some, whose completion queues the actor. */
static void smc_llc_put_req_off(struct smc_llc *llc)
{
	spin_lock_bh(&llc->ev_lock);
	if (llc->current_req)
		list_add(&llc->current_req->node, &llc->reqs);
	llc->current_req = NULL;
	spin_unlock_bh(&llc->ev_lock);
}

/**
 * smc_llc_start_req() - begin the next exchange unless one is under way
 * @llc: actor
 *
 * Context: The actor. Takes ev_lock.
 */
void smc_llc_start_req(struct smc_llc *llc)
{
	struct smc_llc_msg msg = { };
	struct smc_llc_req *req;
	int err = 0;

	if (llc->state != SMC_LLC_ACTIVE ||
	    llc->armed & BIT(SMC_LLC_TIMER_RKEY))
		return;
	spin_lock_bh(&llc->ev_lock);
	req = list_first_entry_or_null(&llc->reqs, struct smc_llc_req, node);
	if (req) {
		list_del_init(&req->node);
		llc->current_req = req;
		llc->asked_type = req->type;
		llc->asked_rkey = req->rkey;
		err = __smc_llc_begin_req(req, &msg);
	}
	spin_unlock_bh(&llc->ev_lock);
	if (!msg.type)
		return;

	if (!err)
		err = smc_llc_send(llc, &msg);
	if (!err)
		smc_llc_arm(llc, SMC_LLC_TIMER_RKEY, SMC_LLC_RKEY_WAIT);
	else if (err == -EAGAIN)
		smc_llc_put_req_off(llc);
	else
		smc_llc_finish_req(llc, err);
}

/**
 * smc_llc_ignore() - count a message that means nothing
 * @llc: actor
 * @why: counter of the reason
 *
 * Context: Any.
 */
void smc_llc_ignore(struct smc_llc *llc, enum smc_stat why)
{
	smc_stat_inc(llc->lgr->sn, SMC_STAT_LLC_IGNORED);
	smc_stat_inc(llc->lgr->sn, why);
}

static void smc_llc_unexpected(struct smc_llc *llc)
{
	smc_llc_ignore(llc, SMC_STAT_LLC_UNEXPECTED);
}

static void smc_llc_refused(struct smc_llc *llc)
{
	smc_stat_inc(llc->lgr->sn, SMC_STAT_LLC_REFUSED);
}

static bool smc_llc_confirm_link_ok(const struct smc_llc *llc,
				    const struct smc_llc_msg *msg)
{
	const struct smc_llc_confirm_link *m = &msg->confirm_link;
	const struct smc_link *link = &llc->lgr->link;

	return m->qpn == link->peer.qpn &&
	       !memcmp(m->gid, link->peer.gid, sizeof(m->gid)) &&
	       (llc->lgr->key.role == SMC_SERVER ? m->link_no == link->link_no :
		m->link_no);
}

static enum smc_llc_event smc_llc_rx_confirm_link(struct smc_llc *llc,
						  const struct smc_llc_msg *msg)
{
	bool server = llc->lgr->key.role == SMC_SERVER;

	if (server != !!(msg->flags & SMC_LLC_RESPONSE) ||
	    llc->state != (server ? SMC_LLC_WAIT_RSP : SMC_LLC_WAIT_REQ)) {
		smc_llc_unexpected(llc);
		return SMC_LLC_EVENTS;
	}
	if (!(msg->flags & SMC_LLC_CONFIRM_LINK_NO_EYE))
		return SMC_LLC_EV_CONFIRM_EYE;
	if (!smc_llc_confirm_link_ok(llc, msg)) {
		smc_stat_inc(llc->lgr->sn, SMC_STAT_BAD_LLC);
		smc_stat_inc(llc->lgr->sn, SMC_STAT_LLC_BAD_LINK);
		return SMC_LLC_EV_CONFIRM_BAD;
	}
	if (server) {
		llc->peer_links = msg->confirm_link.max_links;
		return SMC_LLC_EV_CONFIRM_RSP;
	}
	llc->lgr->link.link_no = msg->confirm_link.link_no;
	return SMC_LLC_EV_CONFIRM_REQ;
}

/* One link per group is what we do: no alternate path. */
static void smc_llc_rx_add_link(struct smc_llc *llc, struct smc_llc_msg *msg)
{
	if (msg->flags & SMC_LLC_RESPONSE && llc->no_link_told) {
		llc->no_link_told = false;
		return;
	}
	if (msg->flags & SMC_LLC_RESPONSE || llc->state != SMC_LLC_ACTIVE) {
		smc_llc_unexpected(llc);
		return;
	}
	smc_llc_refused(llc);
	msg->flags = SMC_LLC_RESPONSE | SMC_LLC_ADD_LINK_REJECTED;
	msg->add_link.reject_reason = SMC_LLC_REJ_NO_ALT_PATH;
	smc_llc_send(llc, msg);
}

/* Nor is there one if the client asks. */
static void smc_llc_rx_req_add_link(struct smc_llc *llc,
				    struct smc_llc_msg *msg)
{
	if (msg->flags & SMC_LLC_RESPONSE || llc->state != SMC_LLC_ACTIVE ||
	    llc->lgr->key.role != SMC_SERVER) {
		smc_llc_unexpected(llc);
		return;
	}
	smc_llc_refused(llc);
	msg->flags = SMC_LLC_RESPONSE;
	smc_llc_send(llc, msg);
}

static enum smc_llc_event smc_llc_rx_delete_link(struct smc_llc *llc,
						 const struct smc_llc_msg *msg)
{
	bool server = llc->lgr->key.role == SMC_SERVER;

	if (msg->flags & SMC_LLC_RESPONSE) {
		smc_llc_unexpected(llc);
		return SMC_LLC_EVENTS;
	}
	llc->del_link = *msg;
	if (msg->flags & SMC_LLC_DELETE_LINK_ALL)
		return server ? SMC_LLC_EV_DEL_ALL_SERVER :
				SMC_LLC_EV_DEL_ALL_CLIENT;
	if (msg->delete_link.link_no == llc->lgr->link.link_no)
		return server ? SMC_LLC_EV_DEL_LINK_SERVER :
				SMC_LLC_EV_DEL_LINK_CLIENT;
	if (llc->state == SMC_LLC_ACTIVE) {
		smc_llc_refused(llc);
		smc_llc_answer_delete_link(llc, msg, SMC_LLC_DEL_UNKNOWN_LINK);
	} else {
		smc_llc_unexpected(llc);
	}
	return SMC_LLC_EVENTS;
}

/* Does an answer belong to the exchange under way? */
static bool smc_llc_req_matches(const struct smc_llc *llc, u8 type, u64 rkey)
{
	return llc->armed & BIT(SMC_LLC_TIMER_RKEY) &&
	       llc->asked_type == type &&
	       (rkey == SMC_LLC_ANY_RKEY || llc->asked_rkey == rkey);
}

static void smc_llc_rx_rkey_answer(struct smc_llc *llc,
				   const struct smc_llc_msg *msg, u64 rkey)
{
	/* Linux leaves the key out of answers of version 2. */
	if (!rkey && llc->lgr->key.version == SMC_V2)
		rkey = SMC_LLC_ANY_RKEY;
	if (smc_llc_req_matches(llc, msg->type, rkey))
		smc_llc_finish_req(llc, msg->flags & SMC_LLC_RKEY_NEGATIVE ?
				   -EREMOTEIO : 0);
	else
		smc_llc_unexpected(llc);
}

static void smc_llc_rx_confirm_rkey(struct smc_llc *llc,
				    struct smc_llc_msg *msg)
{
	struct smc_llc_confirm_rkey *m = &msg->confirm_rkey;

	if (msg->flags & SMC_LLC_RESPONSE) {
		smc_llc_rx_rkey_answer(llc, msg, m->rkey);
		return;
	}
	/* Values for links that we do not have are of no interest. */
	msg->flags = SMC_LLC_RESPONSE;
	if (smc_rtoken_add(&llc->lgr->rtokens, m->rkey, m->vaddr) < 0) {
		smc_llc_refused(llc);
		msg->flags |= SMC_LLC_RKEY_NEGATIVE | SMC_LLC_RKEY_RETRY;
	}
	smc_llc_send(llc, msg);
}

static void smc_llc_rx_delete_rkey(struct smc_llc *llc,
				   struct smc_llc_msg *msg)
{
	struct smc_llc_delete_rkey *m = &msg->delete_rkey;
	unsigned int i;
	int rtoken;

	if (msg->flags & SMC_LLC_RESPONSE) {
		smc_llc_rx_rkey_answer(llc, msg, m->rkey[0]);
		return;
	}
	msg->flags = SMC_LLC_RESPONSE;
	m->err_mask = 0;
	for (i = 0; i < m->num; i++) {
		rtoken = smc_rtoken_del(&llc->lgr->rtokens, m->rkey[i]);
		if (rtoken < 0)
			m->err_mask |= 0x80 >> i;
		else
			smc_lgr_lose_rtoken(llc->lgr, rtoken, -ECONNRESET);
	}
	if (m->err_mask) {
		smc_llc_refused(llc);
		msg->flags |= SMC_LLC_RKEY_NEGATIVE;
	}
	/* Version 2 has a number there. */
	if (llc->lgr->key.version == SMC_V2)
		m->err_mask = hweight8(m->err_mask);
	smc_llc_send(llc, msg);
}

static void smc_llc_rx_test_link(struct smc_llc *llc, struct smc_llc_msg *msg)
{
	/* Any message shows that the peer is there; an answer does no more. */
	if (msg->flags & SMC_LLC_RESPONSE)
		return;
	msg->flags = SMC_LLC_RESPONSE;
	smc_llc_send(llc, msg);
}

/**
 * smc_llc_handle_msg() - answer a received message, or say what it means
 * @llc: actor
 * @msg: decoded message; changed
 *
 * Context: The actor.
 * Return: The event it is for the group; SMC_LLC_EVENTS if none.
 */
enum smc_llc_event smc_llc_handle_msg(struct smc_llc *llc,
				      struct smc_llc_msg *msg)
{
	trace_smc_llc_rx(llc->lgr->id, msg->type, msg->flags, 0);
	/* Before the link is up nothing could be answered. */
	if (llc->state == SMC_LLC_NEW || llc->state == SMC_LLC_ENDING ||
	    llc->state == SMC_LLC_DOWN) {
		smc_llc_unexpected(llc);
		return SMC_LLC_EVENTS;
	}
	switch (msg->type) {
	case SMC_LLC_CONFIRM_LINK:
		return smc_llc_rx_confirm_link(llc, msg);
	case SMC_LLC_DELETE_LINK:
		return smc_llc_rx_delete_link(llc, msg);
	case SMC_LLC_ADD_LINK:
		smc_llc_rx_add_link(llc, msg);
		break;
	case SMC_LLC_REQ_ADD_LINK:
		smc_llc_rx_req_add_link(llc, msg);
		break;
	case SMC_LLC_CONFIRM_RKEY:
		smc_llc_rx_confirm_rkey(llc, msg);
		break;
	case SMC_LLC_DELETE_RKEY:
		smc_llc_rx_delete_rkey(llc, msg);
		break;
	case SMC_LLC_TEST_LINK:
		smc_llc_rx_test_link(llc, msg);
		break;
	default:
		smc_llc_unexpected(llc);
	}
	return SMC_LLC_EVENTS;
}
