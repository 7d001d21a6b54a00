// SPDX-License-Identifier: GPL-2.0
/*
 * The LLC actor of a link group.
 *
 * News come from completion handlers (messages, delivery, errors), from the
 * device (ports and queue pairs), from timers, and from threads that set up
 * or end connections. They leave a bit, a message or a request, and queue the
 * work item. It turns them into events for proto/llc_fsm.c and runs the
 * actions that come back. It never sleeps for the peer: that something does
 * not arrive is an event, too. Who needs an answer is called when it is there,
 * and can withdraw.
 *
 * The end of a group: it is unpublished and its endpoints are told; a last
 * message may go out; when that has arrived, or shortly after, the link is
 * quiesced and all that concerns the device is given back. Memory stays until
 * the last reference is gone.
 */
#include <linux/slab.h>
#include "llc_msg.h"
#include "smcr_trace.h"

/* protocol.md has these from RFC 7609 and from Linux; the last is ours. */
#define SMC_LLC_SETUP_SERVER	(2 * HZ)
#define SMC_LLC_SETUP_CLIENT	(4 * HZ)	/* let the server decide first */
#define SMC_LLC_ALIVE_INTERVAL	(30 * HZ)
#define SMC_LLC_ALIVE_WAIT	(2 * HZ)
#define SMC_LLC_IDLE_SERVER	(600 * HZ)
#define SMC_LLC_IDLE_CLIENT	(610 * HZ)	/* the server ends it first */
#define SMC_LLC_IDLE_GROUPS	64	/* of a namespace, kept when unused */
#define SMC_LLC_END_WAIT	(HZ / 2)

#define SMC_LLC_FIRST_LINK_NO	1

enum smc_llc_news {
	SMC_LLC_NEWS_UP,
	SMC_LLC_NEWS_DOWN,
	SMC_LLC_NEWS_SENT,
	SMC_LLC_NEWS_UNUSED,
	SMC_LLC_NEWS_OPERATOR,
	SMC_LLC_NEWS_VIOLATION,
};

/* What the end of a group means to the peer, to endpoints, to a handshake. */
struct smc_llc_cause {
	u8 flags;
	u32 reason;
	int err;
	enum smc_decline decline;
};

static const struct smc_llc_cause smc_llc_causes[SMC_LLC_EVENTS] = {
	[SMC_LLC_EV_CONFIRM_BAD] = { .decline = SMC_DECL_INTERR },
	[SMC_LLC_EV_CONFIRM_EYE] = { .decline = SMC_DECL_RMBE_EYE },
	[SMC_LLC_EV_SETUP_TIMEOUT] = { .decline = SMC_DECL_TIMEOUT_CL },
	[SMC_LLC_EV_DEL_ALL_CLIENT] = {
		.err = -ECONNRESET, .decline = SMC_DECL_TIMEOUT_CL },
	[SMC_LLC_EV_DEL_ALL_SERVER] = {
		.err = -ECONNRESET, .decline = SMC_DECL_TIMEOUT_CL },
	[SMC_LLC_EV_DEL_LINK_CLIENT] = { .err = -ECONNRESET },
	[SMC_LLC_EV_DEL_LINK_SERVER] = { .err = -ECONNRESET },
	[SMC_LLC_EV_LINK_DOWN] = { .decline = SMC_DECL_ERR_RDYLNK },
	[SMC_LLC_EV_END_IDLE] = {
		.flags = SMC_LLC_DELETE_LINK_ALL | SMC_LLC_DELETE_LINK_ORDERLY,
		.reason = SMC_LLC_DEL_PROGRAM, .err = -ECONNRESET },
	[SMC_LLC_EV_END_OPERATOR] = {
		.flags = SMC_LLC_DELETE_LINK_ALL,
		.reason = SMC_LLC_DEL_OPERATOR, .err = -ENETDOWN,
		.decline = SMC_DECL_INTERR },
	[SMC_LLC_EV_END_PROGRAM] = {
		.flags = SMC_LLC_DELETE_LINK_ALL,
		.reason = SMC_LLC_DEL_PROGRAM, .err = -ECONNRESET,
		.decline = SMC_DECL_INTERR },
	[SMC_LLC_EV_END_VIOLATION] = {
		.flags = SMC_LLC_DELETE_LINK_ALL,
		.reason = SMC_LLC_DEL_VIOLATION, .err = -ECONNRESET,
		.decline = SMC_DECL_INTERR },
};

static struct workqueue_struct *smc_llc_wq;

/* Queue the work. The caller has a reference, or the link is alive. */
static void smc_llc_kick(struct smc_llc *llc)
{
	smc_lgr_get(llc->lgr);
	if (!queue_work(smc_llc_wq, &llc->work))
		smc_lgr_put(llc->lgr);
}

static void smc_llc_tell(struct smc_llc *llc, enum smc_llc_news news)
{
	set_bit(news, &llc->news);
	smc_llc_kick(llc);
}

static bool smc_llc_told(struct smc_llc *llc, enum smc_llc_news news)
{
	return test_and_clear_bit(news, &llc->news);
}

static void smc_llc_timer(struct timer_list *timer)
{
	smc_llc_kick(from_timer((struct smc_llc *)NULL, timer, timer));
}

static bool smc_llc_expired(struct smc_llc *llc, enum smc_llc_timer timer)
{
	return test_bit(timer, &llc->armed) &&
	       time_after_eq(jiffies, llc->expires[timer]) &&
	       __test_and_clear_bit(timer, &llc->armed);
}

/* Have the work queued when the next timer expires. */
static void smc_llc_set_timer(struct smc_llc *llc)
{
	unsigned long next = 0;
	bool any = false;
	unsigned int i;

	for_each_set_bit(i, &llc->armed, SMC_LLC_TIMERS) {
		if (!any || time_before(llc->expires[i], next))
			next = llc->expires[i];
		any = true;
	}
	if (any)
		mod_timer(&llc->timer, next);
}

static void smc_llc_set_result(struct smc_llc *llc, enum smc_decline result)
{
	WRITE_ONCE(llc->setup_result, result);
	smc_lgr_tell_eps(llc->lgr);
}

static void smc_llc_fail_setup(struct smc_llc *llc, enum smc_decline why)
{
	smc_llc_disarm(llc, SMC_LLC_TIMER_SETUP);
	/* Nobody needs to wait for it any more. */
	smc_lgr_unpublish(llc->lgr);
	smc_llc_set_result(llc, why);
}

static void smc_llc_activate(struct smc_llc *llc)
{
	smc_llc_disarm(llc, SMC_LLC_TIMER_SETUP);
	smc_llc_arm(llc, SMC_LLC_TIMER_ALIVE, SMC_LLC_ALIVE_INTERVAL);
	smc_wr_open(&llc->lgr->link.wr);
	smc_lgr_set_active(llc->lgr);
	smc_llc_set_result(llc, SMC_DECL_NONE);
}

static void smc_llc_close(struct smc_llc *llc, int err)
{
	struct smc_lgr *lgr = llc->lgr;

	llc->end_err = err;
	smc_llc_disarm(llc, SMC_LLC_TIMER_SETUP);
	smc_llc_disarm(llc, SMC_LLC_TIMER_ALIVE);
	smc_llc_disarm(llc, SMC_LLC_TIMER_IDLE);
	smc_lgr_unpublish(lgr);
	smc_wr_close(&lgr->link.wr);
	smc_llc_close_reqs(llc);
	/* A handshake under way learns from its next call. */
	smc_lgr_lose_eps(lgr, lgr->was_active ? err : 0);
}

/*
 * Nothing in here waits for the peer. The link becomes quiet first; then the
 * endpoints that were attached while it did are closed, too; then there is
 * nobody left who uses the device on behalf of this group.
 */
static void smc_llc_teardown(struct smc_llc *llc)
{
	struct smc_lgr *lgr = llc->lgr;

	smc_link_quiesce(&lgr->link);
	/* Who attached while the group was ending has not been told yet. */
	smc_lgr_lose_eps(lgr, lgr->was_active ? llc->end_err : 0);
	smc_buf_pool_end(&lgr->pool);
	smc_link_destroy(&lgr->link);
	timer_shutdown_sync(&llc->timer);
	llc->armed = 0;
	smc_stat_inc(lgr->sn, SMC_STAT_LGR_ENDED);
	smc_lgr_put(lgr);
}

/* Run an event through the table, and the actions in their order. */
static void smc_llc_event(struct smc_llc *llc, enum smc_llc_event event)
{
	struct smc_llc_step step = smc_llc_fsm(llc->state, event);
	struct smc_llc_cause cause;

	if (!step.actions)
		return;
	/* Without an answer there is no link; what comes next is its end. */
	if (step.actions & SMC_LLC_ACT_CONFIRM_RSP &&
	    smc_llc_send_confirm_link(llc, SMC_LLC_RESPONSE)) {
		smc_llc_link_failed(llc->lgr, -ECONNRESET);
		return;
	}
	cause = smc_llc_causes[event];
	trace_smc_lgr_state(llc->lgr->id, event, llc->state, step.next,
			    step.actions);
	llc->state = step.next;
	if (event == SMC_LLC_EV_LINK_DOWN)
		cause.err = READ_ONCE(llc->down_err);

	if (step.actions & SMC_LLC_ACT_ARM_SETUP)
		smc_llc_arm(llc, SMC_LLC_TIMER_SETUP,
			    llc->lgr->key.role == SMC_SERVER ?
			    SMC_LLC_SETUP_SERVER : SMC_LLC_SETUP_CLIENT);
	if (step.actions & SMC_LLC_ACT_CONFIRM_REQ)
		smc_llc_send_confirm_link(llc, 0);
	/* Data must not overtake the confirmation. */
	if (step.actions & SMC_LLC_ACT_ACTIVATE)
		smc_llc_activate(llc);
	if (event == SMC_LLC_EV_CONFIRM_RSP && llc->state == SMC_LLC_ACTIVE &&
	    min(llc->lgr->terms.max_links, llc->peer_links) > 1)
		smc_llc_send_no_link(llc);
	if (step.actions & SMC_LLC_ACT_FAIL_SETUP)
		smc_llc_fail_setup(llc, cause.decline);
	if (step.actions & SMC_LLC_ACT_CLOSE)
		smc_llc_close(llc, cause.err);
	if (step.actions & SMC_LLC_ACT_DEL_ALL)
		smc_llc_send_delete_all(llc, cause.flags, cause.reason);
	if (step.actions & SMC_LLC_ACT_DEL_ECHO)
		smc_llc_send(llc, &llc->del_link);
	if (step.actions & SMC_LLC_ACT_DEL_RSP)
		smc_llc_answer_delete_link(llc, &llc->del_link,
					   SMC_LLC_DEL_DONE);
	if (step.actions & SMC_LLC_ACT_ARM_END)
		smc_llc_arm(llc, SMC_LLC_TIMER_END, SMC_LLC_END_WAIT);
	if (step.actions & SMC_LLC_ACT_TEARDOWN)
		smc_llc_teardown(llc);
}

static bool smc_llc_take_msg(struct smc_llc *llc, struct smc_llc_msg *msg)
{
	bool any;

	spin_lock_bh(&llc->ev_lock);
	any = llc->num_msgs;
	if (any) {
		*msg = llc->msgs[llc->first_msg];
		llc->first_msg = (llc->first_msg + 1) % SMC_LLC_QUEUE;
		llc->num_msgs--;
	}
	spin_unlock_bh(&llc->ev_lock);
	return any;
}

/* No connection is left, or so it was a moment ago. */
static void smc_llc_check_unused(struct smc_llc *llc)
{
	struct smc_lgr *lgr = llc->lgr;

	if (smc_lgr_conns(lgr))
		return;
	if (llc->state != SMC_LLC_ACTIVE) {
		smc_llc_event(llc, SMC_LLC_EV_END_PROGRAM);
		return;
	}
	smc_llc_arm(llc, SMC_LLC_TIMER_IDLE, lgr->key.role == SMC_SERVER ?
		    SMC_LLC_IDLE_SERVER : SMC_LLC_IDLE_CLIENT);
	/* Peers can cause groups: not many are kept for later. */
	if ((smc_buf_pool_worn(&lgr->pool) ||
	     READ_ONCE(lgr->state) == SMC_LGR_DEAD ||
	     smc_lgr_idle(lgr->sn) > SMC_LLC_IDLE_GROUPS) &&
	    smc_lgr_unpublish_idle(lgr))
		smc_llc_event(llc, SMC_LLC_EV_END_IDLE);
}

/* Keepalive: ask after silence, give up after more of it. */
static void smc_llc_check_alive(struct smc_llc *llc)
{
	struct smc_llc_msg msg = { .type = SMC_LLC_TEST_LINK };
	unsigned long last = READ_ONCE(llc->lgr->link.wr.last_rx);

	if (llc->testing && time_before(last, llc->test_sent)) {
		smc_llc_link_failed(llc->lgr, -ETIMEDOUT);
		return;
	}
	llc->testing = time_after_eq(jiffies, last + SMC_LLC_ALIVE_INTERVAL);
	if (!llc->testing) {
		smc_llc_arm(llc, SMC_LLC_TIMER_ALIVE,
			    last + SMC_LLC_ALIVE_INTERVAL - jiffies);
		return;
	}
	llc->test_sent = jiffies;
	smc_llc_send(llc, &msg);
	smc_llc_arm(llc, SMC_LLC_TIMER_ALIVE, SMC_LLC_ALIVE_WAIT);
}

static void smc_llc_run_timers(struct smc_llc *llc)
{
	if (smc_llc_expired(llc, SMC_LLC_TIMER_SETUP))
		smc_llc_event(llc, SMC_LLC_EV_SETUP_TIMEOUT);
	if (smc_llc_expired(llc, SMC_LLC_TIMER_RKEY))
		smc_llc_finish_req(llc, -ETIMEDOUT);
	if (smc_llc_expired(llc, SMC_LLC_TIMER_ALIVE))
		smc_llc_check_alive(llc);
	if (smc_llc_expired(llc, SMC_LLC_TIMER_IDLE) &&
	    smc_lgr_unpublish_idle(llc->lgr))
		smc_llc_event(llc, SMC_LLC_EV_END_IDLE);
	if (smc_llc_expired(llc, SMC_LLC_TIMER_END))
		smc_llc_event(llc, SMC_LLC_EV_END_TIMEOUT);
}

/*
 * Messages come before news of the link's end, so that a DELETE LINK which
 * arrived before the peer's queue pair went away tells the reason. Their number
 * is bounded, so that a peer cannot keep the other news out.
 */
static void smc_llc_work(struct work_struct *work)
{
	struct smc_llc *llc = container_of(work, struct smc_llc, work);
	struct smc_lgr *lgr = llc->lgr;
	int budget = SMC_LLC_QUEUE;
	struct smc_llc_msg msg;

	if (smc_llc_told(llc, SMC_LLC_NEWS_UP))
		smc_llc_event(llc, lgr->key.role == SMC_SERVER ?
			      SMC_LLC_EV_UP_SERVER : SMC_LLC_EV_UP_CLIENT);
	while (budget-- && smc_llc_take_msg(llc, &msg))
		smc_llc_event(llc, smc_llc_handle_msg(llc, &msg));
	if (budget < 0)
		smc_llc_kick(llc);
	if (smc_llc_told(llc, SMC_LLC_NEWS_DOWN))
		smc_llc_event(llc, SMC_LLC_EV_LINK_DOWN);
	if (smc_llc_told(llc, SMC_LLC_NEWS_VIOLATION))
		smc_llc_event(llc, SMC_LLC_EV_END_VIOLATION);
	if (smc_llc_told(llc, SMC_LLC_NEWS_OPERATOR))
		smc_llc_event(llc, SMC_LLC_EV_END_OPERATOR);
	if (smc_llc_told(llc, SMC_LLC_NEWS_UNUSED))
		smc_llc_check_unused(llc);
	if (smc_llc_told(llc, SMC_LLC_NEWS_SENT) &&
	    llc->state == SMC_LLC_ENDING &&
	    !smc_wr_ctrl_pending(&lgr->link.wr))
		smc_llc_event(llc, SMC_LLC_EV_ALL_SENT);
	smc_llc_run_timers(llc);
	smc_llc_start_req(llc);
	smc_llc_set_timer(llc);
	smc_lgr_put(lgr);
}

static struct smc_lgr *smc_llc_lgr(struct smc_link *link)
{
	return container_of(link, struct smc_lgr, link);
}

static void smc_llc_note_down(struct smc_lgr *lgr, int err)
{
	if (cmpxchg(&lgr->llc->down_err, 0, err))
		return;
	smc_stat_inc(lgr->sn, SMC_STAT_LINK_DOWN);
	trace_smc_link_down(lgr->id, err);
}

static void smc_llc_violation(struct smc_lgr *lgr, enum smc_stat sum,
			      enum smc_stat how)
{
	smc_stat_inc(lgr->sn, sum);
	smc_stat_inc(lgr->sn, how);
	smc_llc_tell(lgr->llc, SMC_LLC_NEWS_VIOLATION);
}

static void smc_llc_queue_msg(struct smc_llc *llc,
			      const struct smc_llc_msg *msg)
{
	bool full;

	spin_lock_bh(&llc->ev_lock);
	full = llc->num_msgs == SMC_LLC_QUEUE;
	if (!full)
		llc->msgs[(llc->first_msg + llc->num_msgs++) %
			  SMC_LLC_QUEUE] = *msg;
	spin_unlock_bh(&llc->ev_lock);
	if (full)
		smc_llc_ignore(llc, SMC_STAT_LLC_FLOODED);
	else
		smc_llc_kick(llc);
}

static int smc_llc_read(struct smc_lgr *lgr, const u8 *buf, u32 len,
			struct smc_llc_msg *msg)
{
	int err;

	if (lgr->key.version == SMC_V1)
		return smc_llc_decode(buf, len, msg);
	err = smc_llc_v2_decode_short(buf, len, msg);
	if (!err)
		WRITE_ONCE(lgr->llc->order, smc_llc_v2_order(buf, len));
	return err;
}

static void smc_llc_link_rx(struct smc_link *link, const u8 *buf, u32 len)
{
	struct smc_lgr *lgr = smc_llc_lgr(link);
	struct smc_llc_msg msg;
	struct smc_cdc cdc;
	int err;

	if (len && buf[0] == SMC_CDC_TYPE) {
		if (smc_cdc_decode(buf, min_t(u32, len, SMC_WR_MSG_LEN), &cdc))
			smc_llc_violation(lgr, SMC_STAT_BAD_CDC,
					  SMC_STAT_CDC_BAD_FORMAT);
		else
			smc_lgr_rx_cdc(lgr, &cdc);
		return;
	}
	smc_stat_inc(lgr->sn, SMC_STAT_LLC_RX);
	err = smc_llc_read(lgr, buf, len, &msg);
	if (!err)
		smc_llc_queue_msg(lgr->llc, &msg);
	else if (err == -EOPNOTSUPP)
		smc_llc_ignore(lgr->llc, SMC_STAT_LLC_UNKNOWN);
	else
		smc_llc_violation(lgr, SMC_STAT_BAD_LLC,
				  SMC_STAT_LLC_BAD_FORMAT);
}

static void smc_llc_link_sent(struct smc_link *link)
{
	smc_llc_tell(smc_llc_lgr(link)->llc, SMC_LLC_NEWS_SENT);
}

static void smc_llc_link_down(struct smc_link *link, int err)
{
	smc_llc_link_failed(smc_llc_lgr(link), err);
}

/* As when the module goes: the peer hears of it if that is possible. */
static void smc_llc_link_leaving(struct smc_link *link)
{
	struct smc_lgr *lgr = smc_llc_lgr(link);

	smc_llc_note_down(lgr, -ENETDOWN);
	smc_llc_tell(lgr->llc, SMC_LLC_NEWS_OPERATOR);
}

const struct smc_link_ops smc_llc_link_ops = {
	.rx = smc_llc_link_rx,
	.ctrl_sent = smc_llc_link_sent,
	.down = smc_llc_link_down,
	.leaving = smc_llc_link_leaving,
};

/**
 * smc_llc_init() - make the work queue of all actors
 *
 * Groups do not wait for each other, hence unbound and as parallel as it
 * goes; no memory is reclaimed by this work.
 *
 * Context: Module init.
 * Return: 0 or -ENOMEM.
 */
int smc_llc_init(void)
{
	smc_llc_wq = alloc_workqueue("smc_llc", WQ_UNBOUND, 0);
	return smc_llc_wq ? 0 : -ENOMEM;
}

/**
 * smc_llc_exit() - undo smc_llc_init()
 *
 * Context: Module exit; all groups are gone.
 */
void smc_llc_exit(void)
{
	destroy_workqueue(smc_llc_wq);
}

/**
 * smc_llc_create() - give a new group its actor
 * @lgr: group, not published
 *
 * Context: Sleeps.
 * Return: 0 or -ENOMEM.
 */
int smc_llc_create(struct smc_lgr *lgr)
{
	struct smc_llc *llc;

	llc = kzalloc(sizeof(*llc), GFP_KERNEL);
	if (!llc)
		return -ENOMEM;
	llc->lgr = lgr;
	INIT_WORK(&llc->work, smc_llc_work);
	timer_setup(&llc->timer, smc_llc_timer, 0);
	llc->setup_result = SMC_DECL_LATER;
	spin_lock_init(&llc->ev_lock);
	INIT_LIST_HEAD(&llc->reqs);
	llc->state = SMC_LLC_NEW;
	/* Most other hosts have Linux on x86; those with our own EID have us. */
	llc->order = smc_eid_equal(&lgr->terms.eid, &smc_eid_subnet) ?
		     SMC_LLC_BIG : SMC_LLC_LITTLE;
	if (lgr->key.role == SMC_SERVER)
		lgr->link.link_no = SMC_LLC_FIRST_LINK_NO;
	lgr->llc = llc;
	return 0;
}

/**
 * smc_llc_link_up() - the link can send and receive: confirm it
 * @lgr: new group
 *
 * Context: Any.
 */
void smc_llc_link_up(struct smc_lgr *lgr)
{
	smc_llc_tell(lgr->llc, SMC_LLC_NEWS_UP);
}

/**
 * smc_llc_setup_result() - how has first contact ended?
 * @lgr: group
 *
 * Context: Any.
 * Return: SMC_DECL_NONE, why there is no group, or SMC_DECL_LATER.
 */
enum smc_decline smc_llc_setup_result(const struct smc_lgr *lgr)
{
	return READ_ONCE(lgr->llc->setup_result);
}

static int smc_llc_submit(struct smc_llc *llc, struct smc_llc_req *req)
{
	bool closed;

	req->result = -EINPROGRESS;
	spin_lock_bh(&llc->ev_lock);
	closed = llc->closed;
	if (!closed)
		list_add_tail(&req->node, &llc->reqs);
	spin_unlock_bh(&llc->ev_lock);
	if (closed)
		return -ENOLINK;
	smc_llc_kick(llc);
	return 0;
}

/**
 * smc_llc_confirm_rkey() - tell the peer of an RMB
 * @lgr: active group
 * @req: zeroed memory with &smc_llc_req.done; until that has been called, for
 *	which a result is no proof, or smc_llc_withdraw()
 * @rmb: the RMB, which is registered first if it is not; until then, too
 *
 * Context: Any but hard interrupt. Takes ev_lock.
 * Return: 0, and @req will have the result; or -ENOLINK, and it is not used.
 */
int smc_llc_confirm_rkey(struct smc_lgr *lgr, struct smc_llc_req *req,
			 struct smc_buf *rmb)
{
	req->type = SMC_LLC_CONFIRM_RKEY;
	req->rmb = rmb;
	req->rkey = rmb->mr->rkey;
	return smc_llc_submit(lgr->llc, req);
}

/**
 * smc_llc_withdraw() - nobody waits for the result any more
 * @lgr: the group
 * @req: request of smc_llc_confirm_rkey(), whether it has ended or not; it is
 *	the caller's again, and keeps -EINPROGRESS if it has not
 *
 * Context: Any but hard interrupt. Takes ev_lock.
 */
void smc_llc_withdraw(struct smc_lgr *lgr, struct smc_llc_req *req)
{
	struct smc_llc *llc = lgr->llc;

	spin_lock_bh(&llc->ev_lock);
	if (req->result == -EINPROGRESS)
		list_del_init(&req->node);
	if (llc->current_req == req)
		llc->current_req = NULL;
	spin_unlock_bh(&llc->ev_lock);
}

static void smc_llc_free_req(struct smc_llc_req *req)
{
	kfree(req);
}

/**
 * smc_llc_delete_rkey() - tell the peer that an RMB is given up
 * @lgr: active group
 * @rkey: its key
 *
 * A peer that does not hear of it keeps a key that is no good any more.
 *
 * Context: Process. Takes ev_lock.
 */
void smc_llc_delete_rkey(struct smc_lgr *lgr, u32 rkey)
{
	struct smc_llc_req *req = kzalloc(sizeof(*req), GFP_KERNEL);

	if (!req)
		return;
	req->type = SMC_LLC_DELETE_RKEY;
	req->rkey = rkey;
	req->done = smc_llc_free_req;
	if (smc_llc_submit(lgr->llc, req))
		kfree(req);
}

/**
 * smc_llc_unused() - the last connection has left
 * @lgr: group
 *
 * Context: Any.
 */
void smc_llc_unused(struct smc_lgr *lgr)
{
	smc_llc_tell(lgr->llc, SMC_LLC_NEWS_UNUSED);
}

/**
 * smc_llc_link_failed() - the link cannot be used any more
 * @lgr: group
 * @err: why; the first one counts
 *
 * Context: Any, also hard interrupt.
 */
void smc_llc_link_failed(struct smc_lgr *lgr, int err)
{
	smc_llc_note_down(lgr, err);
	smc_llc_tell(lgr->llc, SMC_LLC_NEWS_DOWN);
}

/**
 * smc_llc_end_operator() - end a group as the module or namespace goes away
 * @lgr: group
 *
 * Context: Any.
 */
void smc_llc_end_operator(struct smc_lgr *lgr)
{
	smc_llc_tell(lgr->llc, SMC_LLC_NEWS_OPERATOR);
}
