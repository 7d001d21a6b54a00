// SPDX-License-Identifier: GPL-2.0
/*
 * The engine under hs_client.c and hs_server.c: steps, deadlines, verdicts,
 * and the taking back of what a handshake acquired when it ends in TCP.
 *
 * Only the work touches a handshake, and it runs once at a time, so there is
 * no lock. Others kick it (TCP's callbacks, the transport, the timer) or cancel
 * it.
 */
#include <linux/slab.h>
#include <linux/utsname.h>
#include <linux/workqueue.h>
#include <net/inet_sock.h>
#include "hs.h"
#include "stats.h"
#include "trace.h"
#include "upcall.h"

/*
 * Runs the steps. Unbound and wide, since a step may wait for memory, or for
 * the MAC of a router.
 */
static struct workqueue_struct *smc_hs_wq;

/**
 * smc_hs_init() - set up what handshakes run on
 *
 * Context: Module init.
 * Return: 0 or -ENOMEM.
 */
int smc_hs_init(void)
{
	smc_hs_wq = alloc_workqueue("smc_hs", WQ_UNBOUND, WQ_MAX_ACTIVE);
	return smc_hs_wq ? 0 : -ENOMEM;
}

/**
 * smc_hs_exit() - undo smc_hs_init()
 *
 * Context: Module exit; no handshake is left.
 */
void smc_hs_exit(void)
{
	destroy_workqueue(smc_hs_wq);
}

/**
 * smc_hs_get() - take another reference
 * @hs: handshake, of which the caller has one
 *
 * Context: Any.
 */
void smc_hs_get(struct smc_hs *hs)
{
	refcount_inc(&hs->ref);
}

/**
 * smc_hs_put() - drop a reference
 * @hs: handshake
 *
 * Context: Any.
 */
void smc_hs_put(struct smc_hs *hs)
{
	if (!refcount_dec_and_test(&hs->ref))
		return;
	sock_put(hs->conn->sk);
	kfree(hs);
}

/**
 * smc_hs_kick() - something may have happened that a step waits for
 * @hs: handshake
 *
 * Context: Any.
 */
void smc_hs_kick(struct smc_hs *hs)
{
	refcount_inc(&hs->ref);
	if (!queue_work(smc_hs_wq, &hs->work))
		smc_hs_put(hs);
}

/**
 * smc_hs_cancel() - the connection is not wanted any more
 * @hs: handshake; its verdict will be an error
 *
 * Context: Any.
 */
void smc_hs_cancel(struct smc_hs *hs)
{
	WRITE_ONCE(hs->cancelled, true);
	smc_hs_kick(hs);
}

static void smc_hs_timeout(struct timer_list *t)
{
	struct smc_hs *hs = from_timer(hs, t, timer);

	smc_hs_kick(hs);
	smc_hs_put(hs);
}

/* The verdict takes effect as soon as no program has the socket. */
static void smc_hs_tell(struct smc_hs *hs)
{
	if (!smc_conn_trylock(hs->conn, SMC_LATE_VERDICT))
		return;
	hs->untold = false;
	hs->done(hs);
}

static void smc_hs_workfn(struct work_struct *work)
{
	struct smc_hs *hs = container_of(work, struct smc_hs, work);

	if (hs->untold)
		smc_hs_tell(hs);
	else if (hs->step && READ_ONCE(hs->cancelled))
		smc_hs_error(hs, -ECONNABORTED);
	else if (hs->step)
		hs->step(hs);
	smc_hs_put(hs);
}

/**
 * smc_hs_create() - make a handshake
 * @conn: the connection to be, with its TCP socket
 * @role: this host's part
 * @first: its first step
 * @done: told the verdict, once, from a worker with the socket locked, which
 *	it releases
 * @gfp: how to allocate
 *
 * The caller owns a reference; it kicks the handshake when TCP has news.
 *
 * Context: Any that @gfp allows.
 * Return: The handshake, or NULL without memory.
 */
struct smc_hs *smc_hs_create(struct smc_conn *conn, enum smc_role role,
			     smc_hs_step_t first,
			     void (*done)(struct smc_hs *hs), gfp_t gfp)
{
	struct smc_hs *hs = kzalloc(sizeof(*hs), gfp);

	if (!hs)
		return NULL;
	hs->conn = conn;
	sock_hold(conn->sk);
	hs->role = role;
	hs->done = done;
	hs->chan.tcp = conn->tcp;
	refcount_set(&hs->ref, 1);
	INIT_WORK(&hs->work, smc_hs_workfn);
	timer_setup(&hs->timer, smc_hs_timeout, 0);
	hs->step = first;
	return hs;
}

/**
 * smc_hs_next() - set the next step
 * @hs: handshake
 * @step: what to do when something has come in
 * @delay: its deadline from now, jiffies
 *
 * Context: A step.
 */
void smc_hs_next(struct smc_hs *hs, smc_hs_step_t step, unsigned long delay)
{
	hs->step = step;
	hs->deadline = jiffies + delay;
	refcount_inc(&hs->ref);
	if (mod_timer(&hs->timer, hs->deadline))
		smc_hs_put(hs);
}

/**
 * smc_hs_unoffer() - let go of the devices that SMC would have used
 * @hs: handshake; from here on it can only end
 *
 * Nobody can remove a device before that.
 *
 * Context: A step.
 */
void smc_hs_unoffer(struct smc_hs *hs)
{
	if (hs->transport) {
		hs->transport->unoffer(smc_hs_offer_of(hs, SMC_V1));
		hs->transport->unoffer(smc_hs_offer_of(hs, SMC_V2));
	}
	if (hs->have_route)
		smc_route_put(&hs->route);
	hs->have_route = false;
}

static void smc_hs_end(struct smc_hs *hs)
{
	const struct smc_hs_verdict *v = &hs->verdict;
	bool srv = hs->role == SMC_SERVER;
	struct smc_net *sn = hs->conn->sn;

	hs->step = NULL;
	if (timer_delete_sync(&hs->timer))
		smc_hs_put(hs);
	smc_hs_unoffer(hs);
	trace_smc_handshake(hs->conn->sk, hs->role, v->reason, v->diagnosis,
			    v->err);
	if (v->outcome == SMC_HS_NATIVE && hs->conn->ep.first_contact)
		smc_stat_inc(sn, SMC_STAT_FIRST_CONTACT);
	if (v->outcome == SMC_HS_NATIVE && hs->version == SMC_V2)
		smc_stat_inc(sn, srv ? SMC_STAT_HS_SRV_V2 :
				       SMC_STAT_HS_CLNT_V2);
	if (v->outcome == SMC_HS_NATIVE)
		smc_stat_inc(sn, srv ? SMC_STAT_HS_SRV : SMC_STAT_HS_CLNT);
	else if (v->outcome == SMC_HS_FALLBACK)
		smc_stat_fallback(sn, srv, v->reason);
	else
		smc_stat_inc(sn, srv ? SMC_STAT_HS_SRV_ERR :
				       SMC_STAT_HS_CLNT_ERR);
	hs->untold = true;
	smc_hs_tell(hs);
}

static void smc_hs_detach(struct smc_hs *hs)
{
	if (hs->waiting)
		hs->transport->withdraw(&hs->conn->ep, hs->route.net);
	hs->waiting = false;
	if (hs->attached)
		hs->conn->ep.ops->release(&hs->conn->ep, !hs->exposed);
	hs->attached = false;
}

/**
 * smc_hs_native() - verdict: the connection stands
 * @hs: handshake
 *
 * Context: A step, its last act.
 */
void smc_hs_native(struct smc_hs *hs)
{
	hs->verdict.outcome = SMC_HS_NATIVE;
	smc_hs_end(hs);
}

/**
 * smc_hs_error() - verdict: the TCP connection is of no use either
 * @hs: handshake
 * @err: negative errno
 *
 * Context: A step, its last act.
 */
void smc_hs_error(struct smc_hs *hs, int err)
{
	smc_hs_detach(hs);
	hs->verdict.outcome = SMC_HS_ERROR;
	hs->verdict.err = err;
	smc_hs_end(hs);
}

/**
 * smc_hs_violation() - verdict: the peer broke the protocol
 * @hs: handshake
 * @how: counter of this kind of violation
 *
 * Context: A step, its last act.
 */
void smc_hs_violation(struct smc_hs *hs, enum smc_stat how)
{
	smc_stat_inc(hs->conn->sn, SMC_STAT_BAD_CLC);
	smc_stat_inc(hs->conn->sn, how);
	smc_hs_error(hs, -EPROTO);
}

/**
 * smc_hs_no_msg() - verdict: the peer did not say what was awaited
 * @hs: handshake
 * @err: -ETIMEDOUT, or what smc_clc_recv() returned
 *
 * Context: A step, its last act.
 */
void smc_hs_no_msg(struct smc_hs *hs, int err)
{
	switch (err) {
	case -EPROTO:
		smc_hs_violation(hs, SMC_STAT_CLC_BAD_HEADER);
		return;
	case -ENOMSG:
		smc_hs_violation(hs, SMC_STAT_CLC_UNEXPECTED);
		return;
	case -ETIMEDOUT:
		smc_stat_inc(hs->conn->sn, SMC_STAT_CLC_TIMEOUT);
		break;
	default:
		smc_stat_inc(hs->conn->sn, SMC_STAT_CLC_CUT);
		/* A client that ends in order before its Confirm never writes. */
		if (hs->role == SMC_SERVER && err == -ECONNRESET &&
		    inet_sk_state_load(hs->conn->tcp->sk) == TCP_CLOSE_WAIT)
			hs->exposed = false;
	}
	smc_hs_error(hs, err);
}

/**
 * smc_hs_fallback() - verdict: go on as TCP, the peer knows
 * @hs: handshake
 * @reason: why
 * @diagnosis: with SMC_DECL_PEERDECL, what the peer said
 *
 * Context: A step, its last act.
 */
void smc_hs_fallback(struct smc_hs *hs, enum smc_decline reason, u32 diagnosis)
{
	smc_hs_detach(hs);
	hs->verdict.outcome = SMC_HS_FALLBACK;
	hs->verdict.reason = reason;
	hs->verdict.diagnosis = diagnosis;
	smc_hs_end(hs);
}

/* This host's identity, zeros if it has none yet. */
static void smc_hs_peer_id(struct smc_hs *hs, u8 peer_id[SMC_PEER_ID_LEN])
{
	const struct smc_offer *offer = smc_hs_offer_of(hs, SMC_V1);

	if (!offer->priv)
		offer = smc_hs_offer_of(hs, SMC_V2);
	memcpy(peer_id, offer->peer_id, SMC_PEER_ID_LEN);
}

/**
 * smc_hs_decline() - verdict: go on as TCP, and tell the peer
 * @hs: handshake
 * @reason: why
 *
 * Context: A step, its last act.
 */
void smc_hs_decline(struct smc_hs *hs, enum smc_decline reason)
{
	u8 version = hs->version ?: SMC_V1;
	u8 peer_id[SMC_PEER_ID_LEN];
	int err;

	if (hs->role == SMC_SERVER && hs->proposal.version > SMC_V1)
		version = SMC_V2;
	smc_hs_peer_id(hs, peer_id);
	/*
	 * The endpoint goes before the peer hears of it, so that a peer that
	 * takes the Decline as an end finds nothing half open here.
	 */
	smc_hs_detach(hs);
	err = smc_clc_send_decline(hs->conn->tcp, version, reason, peer_id);
	if (err) {
		smc_hs_error(hs, err);
		return;
	}
	smc_stat_inc(hs->conn->sn, SMC_STAT_DECLINE_TX);
	smc_hs_fallback(hs, reason, 0);
}

static void smc_hs_got_decline(struct smc_hs *hs)
{
	struct smc_clc_decline decl;

	if (smc_clc_decode_decline(hs->chan.buf, hs->chan.hdr.len, &decl)) {
		smc_hs_violation(hs, SMC_STAT_CLC_BAD_DECLINE);
		return;
	}
	smc_stat_inc(hs->conn->sn, SMC_STAT_DECLINE_RX);
	/* A client that has no RMB left in a group cannot choose another. */
	if (hs->attached &&
	    (decl.out_of_sync || (decl.diagnosis == SMC_DECL_MEM &&
				  !hs->conn->ep.first_contact)))
		hs->transport->out_of_sync(&hs->conn->ep);
	/* Other reasons may have to do with our RMB: it may not do next time. */
	if (decl.diagnosis == SMC_DECL_MEM)
		hs->exposed = false;
	smc_hs_fallback(hs, SMC_DECL_PEERDECL, decl.diagnosis);
}

/**
 * smc_hs_recv() - see whether a message has come
 * @hs: handshake
 * @type: the type awaited
 *
 * A Decline, an error or the passing of the deadline is dealt with here.
 *
 * Context: A step.
 * Return: true if the message is in @hs->chan; else the step ends here.
 */
bool smc_hs_recv(struct smc_hs *hs, u8 type)
{
	int err = smc_clc_recv(&hs->chan, type);

	if (err == -EAGAIN) {
		if (time_after_eq(jiffies, hs->deadline))
			smc_hs_no_msg(hs, -ETIMEDOUT);
		return false;
	}
	if (err) {
		smc_hs_no_msg(hs, err);
		return false;
	}
	if (hs->chan.hdr.type == SMC_CLC_DECLINE) {
		smc_hs_got_decline(hs);
		return false;
	}
	/* What does not fit into the buffer is no message we know. */
	if (hs->chan.hdr.len > sizeof(hs->chan.buf)) {
		smc_hs_violation(hs, SMC_STAT_CLC_BAD_HEADER);
		return false;
	}
	return true;
}

static void smc_hs_await_decline(struct smc_hs *hs)
{
	int err = smc_clc_recv(&hs->chan, SMC_CLC_DECLINE);

	if (!err)
		smc_hs_got_decline(hs);
	else if (err != -EAGAIN)
		smc_hs_no_msg(hs, err);
	else if (!time_after_eq(jiffies, hs->deadline))
		return;
	else if (hs->chan.have)
		/* The rest of a message must not become the program's data. */
		smc_hs_no_msg(hs, -ETIMEDOUT);
	else
		smc_hs_decline(hs, hs->unsure);
}

/**
 * smc_hs_decline_unless_peer() - the link did not come up: who declines?
 * @hs: handshake
 * @reason: our reason
 *
 * Two Declines that cross would leave one of them in the stream of user data.
 * Both hosts see the end of a link, and at the same moment: so the server
 * declines at once, unless the client has done so already, and the client
 * gives it time to. After a timeout either is as likely to have declined.
 *
 * Context: A step, its last act.
 */
void smc_hs_decline_unless_peer(struct smc_hs *hs, enum smc_decline reason)
{
	unsigned long wait = 0;

	if (hs->role == SMC_CLIENT)
		wait = SMC_HS_DECLINE_CLIENT;
	else if (reason == SMC_DECL_TIMEOUT_CL)
		wait = SMC_HS_DECLINE_SERVER;
	hs->unsure = reason;
	smc_hs_next(hs, smc_hs_await_decline, wait);
	smc_hs_await_decline(hs);
}

/**
 * smc_hs_route() - find out where TCP goes
 * @hs: handshake
 *
 * Context: A step; once.
 * Return: SMC_DECL_NONE with @hs->route filled, or the reason to decline with.
 */
enum smc_decline smc_hs_route(struct smc_hs *hs)
{
	enum smc_decline reason;

	hs->transport = smc_transport_get();
	if (!hs->transport)
		return SMC_DECL_NOSMCDEV;
	reason = smc_route_get(hs->conn->tcp->sk, &hs->route);
	if (reason)
		return reason;
	hs->have_route = true;
	hs->conn->ep.up = &smc_upcalls;
	return SMC_DECL_NONE;
}

/**
 * smc_hs_offer() - find a local port
 * @hs: handshake with a route
 * @version: protocol version it is for
 * @kinds: GIDs that will do: 1 << enum smc_gid_kind, SMC_GIDS_*
 *
 * Context: A step; once for each version.
 * Return: SMC_DECL_NONE with smc_hs_offer_of() filled, or the reason.
 */
enum smc_decline smc_hs_offer(struct smc_hs *hs, u8 version,
			      unsigned int kinds)
{
	return hs->transport->offer(&hs->route, kinds,
				    smc_hs_offer_of(hs, version));
}

/**
 * smc_hs_local_v2() - what this host can do and wants in version 2
 * @hs: handshake
 * @subnet: client and server are on one subnet, for all this host can know
 * @eids: filled with the operator's EIDs
 * @own: filled
 *
 * A link group has one link here. To say so keeps peers from waiting for
 * another one to be added.
 *
 * Context: A step.
 */
void smc_hs_local_v2(struct smc_hs *hs, bool subnet,
		     struct smc_eid eids[SMC_EID_TABLE_SIZE],
		     struct smc_v2_local *own)
{
	*own = (struct smc_v2_local) {
		.eid = eids,
		.num_eids = smc_eid_copy(hs->conn->sn, eids),
		.subnet = subnet,
		.release = SMC_RELEASE,
		.max_conns = SMC_V2_CONNS_MAX,
		.max_links = SMC_V2_LINKS_MIN,
	};
}

/**
 * smc_hs_attach() - attach the connection's endpoint
 * @hs: handshake whose version, terms and hop are known
 * @want: what concerns the peer is filled
 *
 * Context: A step; sleeps.
 * Return: SMC_DECL_NONE, or the reason to decline with, or SMC_DECL_LATER: the
 * step is to run once more.
 */
enum smc_decline smc_hs_attach(struct smc_hs *hs, struct smc_attach *want)
{
	struct smc_conn *conn = hs->conn;
	enum smc_decline reason;

	want->role = hs->role;
	want->net = hs->route.net;
	want->offer = smc_hs_offer_of(hs, hs->version);
	want->version = hs->version;
	/* What an attempt at version 2 may have left is not for version 1. */
	if (hs->version == SMC_V2) {
		want->hop = hs->hop;
		want->terms = hs->terms;
	} else {
		want->terms.max_conns = SMC_V2_CONNS_MAX;
		want->terms.max_links = SMC_V2_LINKS_MAX;
	}
	want->snd_bytes = READ_ONCE(conn->sk->sk_sndbuf) / 2;
	want->rmb_bytes = READ_ONCE(conn->sk->sk_rcvbuf) / 2;
	reason = hs->transport->attach(&conn->ep, want);
	hs->attached = !reason;
	hs->waiting = reason == SMC_DECL_LATER;
	return reason;
}

/**
 * smc_hs_wait() - nothing is decided yet: go on waiting, unless TCP is gone
 * @hs: handshake
 *
 * Context: A step, its last act.
 */
void smc_hs_wait(struct smc_hs *hs)
{
	struct sock *tcp = hs->conn->tcp->sk;

	if (inet_sk_state_load(tcp) == TCP_CLOSE)
		smc_hs_error(hs, sock_error(tcp) ?: -ECONNRESET);
}

/**
 * smc_hs_settled() - has first contact ended?
 * @hs: handshake whose endpoint has learned and described all
 *
 * Context: A step with a deadline.
 * Return: SMC_DECL_NONE, or the reason to decline with, or SMC_DECL_LATER: the
 * step is to run once more.
 */
enum smc_decline smc_hs_settled(const struct smc_hs *hs)
{
	const struct smc_ep *ep = &hs->conn->ep;
	enum smc_decline reason = ep->ops->settled(ep);

	if (reason == SMC_DECL_LATER && time_after_eq(jiffies, hs->deadline))
		return SMC_DECL_TIMEOUT_CL;
	return reason;
}

static void smc_hs_describe_v2(struct smc_hs *hs,
			       const struct smc_clc_accept *mine,
			       struct smc_clc_accept_v2 *v2)
{
	memset(v2, 0, sizeof(*v2));
	v2->eid = hs->terms.eid;
	if (!mine->first_contact)
		return;
	smc_negotiate_v2_fce(&hs->terms, &v2->fce);
	v2->fce.direct = !hs->hop.gateway;
	v2->fce.os = SMC_CLC_OS_LINUX;
	smc_clc_set_host(&v2->fce, init_utsname()->nodename);
	if (mine->type == SMC_CLC_CONFIRM) {
		v2->num_gids = 1;
		memcpy(v2->gid[0], mine->gid, sizeof(v2->gid[0]));
	}
}

static int smc_hs_send_mine(struct smc_hs *hs,
			    const struct smc_clc_accept *mine)
{
	u8 buf[SMC_CLC_CONFIRM_V2_MAX];
	struct smc_clc_accept_v2 v2;
	int len;

	smc_hs_describe_v2(hs, mine, &v2);
	len = smc_clc_encode_accept_v2(buf, sizeof(buf), mine, &v2);
	hs->exposed = true;
	return len < 0 ? len : smc_clc_send(hs->conn->tcp, buf, len);
}

/**
 * smc_hs_send_half() - send our half of the handshake
 * @hs: handshake with an attached endpoint
 * @type: SMC_CLC_ACCEPT or SMC_CLC_CONFIRM
 *
 * That the peer must know something before and takes too long, or an error, is
 * dealt with here.
 *
 * Context: A step with a deadline; sleeps.
 * Return: true if it was sent; else the step ends here.
 */
bool smc_hs_send_half(struct smc_hs *hs, u8 type)
{
	struct smc_clc_accept mine = { .type = type };
	struct smc_ep *ep = &hs->conn->ep;
	enum smc_decline reason;
	int err;

	reason = ep->ops->describe(ep, &mine);
	if (reason == SMC_DECL_LATER && time_after_eq(jiffies, hs->deadline))
		reason = SMC_DECL_ERR_REGBUF;
	if (reason == SMC_DECL_LATER) {
		smc_hs_wait(hs);
		return false;
	}
	if (reason) {
		smc_hs_decline(hs, reason);
		return false;
	}
	err = smc_hs_send_mine(hs, &mine);
	if (err)
		smc_hs_error(hs, err);
	return !err;
}
