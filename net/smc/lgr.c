// SPDX-License-Identifier: GPL-2.0
/*
 * Link groups.
 *
 * A group is published when its first contact begins, in state SETUP, so that
 * other connections with the same peer wait for this one group (by a
 * deadline, and without a thread), and nobody waits for another. In ACTIVE it
 * takes connections. At its end it leaves the list first and is DEAD; the actor
 * (llc.c) then brings down the rest, and the memory goes with the last
 * reference.
 *
 * An endpoint is open to upcalls while the gate &smcr_ep.users stands open:
 * an upcall passes by smcr_ep_get() and leaves by smcr_ep_put(). Closing the
 * gate is done once, by loss or by release; whoever leaves last makes the
 * lost upcall, if it was a loss, and then reports quiet, which release waits
 * for. So lost is the last upcall, and none runs after release.
 */
#include <linux/jhash.h>
#include <linux/net.h>
#include <linux/slab.h>
#include "lgr.h"

/*
 * Numbers of groups, and alert tokens: unique in the module, so that a token
 * of a connection long gone means nobody rather than somebody else.
 */
static atomic_t smc_lgr_last_id;
static atomic_t smc_lgr_last_token;

/**
 * smc_lgr_create() - make a group nobody knows yet
 * @sn: namespace
 * @key: by what it will be found; copied
 * @terms: what was agreed upon with the peer; copied
 * @ops: who gets the news of its link, which is pinned for the caller
 *
 * Context: Sleeps.
 * Return: The group with one reference, the actor's; NULL if out of memory.
 */
struct smc_lgr *smc_lgr_create(struct smc_net *sn,
			       const struct smc_lgr_key *key,
			       const struct smc_v2_terms *terms,
			       const struct smc_link_ops *ops)
{
	struct smc_lgr *lgr;

	lgr = kzalloc(sizeof(*lgr), GFP_KERNEL);
	if (!lgr)
		return NULL;
	refcount_set(&lgr->ref, 1);
	lgr->sn = sn;
	INIT_LIST_HEAD(&lgr->node);
	lgr->id = atomic_inc_return(&smc_lgr_last_id);
	lgr->key = *key;
	lgr->key_rnic = *key->rnic;
	lgr->key.rnic = &lgr->key_rnic;
	lgr->terms = *terms;
	strscpy(lgr->ibdev_name, dev_name(&key->rnic->ibdev->dev->dev));
	lgr->state = SMC_LGR_SETUP;
	INIT_LIST_HEAD(&lgr->waiting);
	xa_init_flags(&lgr->eps, XA_FLAGS_LOCK_BH);
	smc_link_init(&lgr->link, sn, ops);
	smc_buf_pool_init(&lgr->pool, &lgr->link, sn);
	smc_rtokens_init(&lgr->rtokens);
	spin_lock_bh(&sn->lgr_lock);
	atomic_inc(&sn->lgr_count);
	spin_unlock_bh(&sn->lgr_lock);
	return lgr;
}

/**
 * smc_lgr_get() - take one more reference
 * @lgr: group the caller has a reference on
 *
 * Context: Any.
 */
void smc_lgr_get(struct smc_lgr *lgr)
{
	refcount_inc(&lgr->ref);
}

/**
 * smc_lgr_put() - drop a reference
 * @lgr: group
 *
 * Context: Any but hard interrupt.
 */
void smc_lgr_put(struct smc_lgr *lgr)
{
	struct smc_net *sn = lgr->sn;

	if (!refcount_dec_and_test(&lgr->ref))
		return;
	DEBUG_NET_WARN_ON_ONCE(!xa_empty(&lgr->eps));
	DEBUG_NET_WARN_ON_ONCE(!list_empty(&lgr->waiting));
	kfree(lgr->llc);
	kfree(lgr);
	/* Under the lock, as @sn goes away once the waiter sees 0. */
	spin_lock_bh(&sn->lgr_lock);
	if (atomic_dec_and_test(&sn->lgr_count))
		wake_up(&sn->lgr_wait);
	spin_unlock_bh(&sn->lgr_lock);
}

static bool smc_lgr_same_port(const struct smc_rnic *a,
			      const struct smc_rnic *b)
{
	return a->ibdev == b->ibdev && a->port == b->port &&
	       a->gid_kind == b->gid_kind &&
	       !memcmp(&a->gid, &b->gid, sizeof(a->gid));
}

static bool smc_lgr_match(const struct smc_lgr *lgr,
			  const struct smc_lgr_key *key)
{
	const struct smc_lgr_key *own = &lgr->key;

	if (own->role != key->role || own->vlan_id != key->vlan_id ||
	    own->version != key->version ||
	    memcmp(own->peer_id, key->peer_id, sizeof(key->peer_id)) ||
	    memcmp(own->peer_gid, key->peer_gid, sizeof(key->peer_gid)))
		return false;
	if (own->version == SMC_V1 &&
	    memcmp(own->peer_mac, key->peer_mac, sizeof(key->peer_mac)))
		return false;
	/* The Accept names the link; else the link must use the port offered. */
	if (key->role == SMC_CLIENT)
		return lgr->state == SMC_LGR_ACTIVE &&
		       lgr->link.peer.qpn == key->peer_qpn;
	return smc_lgr_same_port(own->rnic, key->rnic);
}

/* The server decides; a client that has no room declines for that reason. */
static bool smc_lgr_has_room(struct smc_lgr *lgr)
{
	if (lgr->key.role == SMC_CLIENT)
		return true;
	return lgr->conns < lgr->terms.max_conns &&
	       !smc_rtokens_full(&lgr->rtokens) &&
	       !smc_buf_pool_full(&lgr->pool, lgr->conns) &&
	       !smc_buf_pool_worn(&lgr->pool);
}

static struct list_head *smc_lgr_bucket(struct smc_net *sn,
					const struct smc_lgr_key *key)
{
	static u32 seed __read_mostly;
	u32 hash;

	/* Peers choose what they call their GID. */
	net_get_random_once(&seed, sizeof(seed));
	hash = jhash(key->peer_gid, sizeof(key->peer_gid), seed);
	return &sn->lgr_lists[hash & (SMC_LGR_BUCKETS - 1)];
}

/* There is no use in waiting for a group that those before one will fill. */
static bool smc_lgr_may_wait(struct smc_lgr *lgr)
{
	unsigned int conns = lgr->conns + lgr->num_waiting;

	return lgr->state == SMC_LGR_SETUP && conns < lgr->terms.max_conns &&
	       !smc_buf_pool_full(&lgr->pool, conns);
}

/* An active group with room, or else one that is being set up. */
static struct smc_lgr *__smc_lgr_find(struct smc_net *sn,
				      const struct smc_lgr_key *key)
{
	struct list_head *bucket = smc_lgr_bucket(sn, key);
	struct smc_lgr *lgr, *setup = NULL;

	lockdep_assert_held(&sn->lgr_lock);
	list_for_each_entry(lgr, bucket, node) {
		if (!smc_lgr_match(lgr, key))
			continue;
		if (lgr->state == SMC_LGR_ACTIVE && smc_lgr_has_room(lgr))
			return lgr;
		if (!setup && smc_lgr_may_wait(lgr))
			setup = lgr;
	}
	return setup;
}

static void __smc_lgr_wait(struct smc_lgr *lgr, struct smc_ep *ep)
{
	list_add_tail(&ep->wait, &lgr->waiting);
	ep->wait_for = lgr;
	lgr->num_waiting++;
}

static void __smc_lgr_unwait(struct smc_ep *ep)
{
	struct smc_lgr *lgr = ep->wait_for;

	if (!lgr)
		return;
	list_del_init(&ep->wait);
	ep->wait_for = NULL;
	lgr->num_waiting--;
}

/**
 * smc_lgr_join() - find a group for a connection
 * @sn: namespace
 * @key: what the connection needs
 * @ep: where the only group is being set up, have this one told when that has
 *	ended; NULL to look no further
 *
 * Context: Any but hard interrupt. Takes lgr_lock.
 * Return: The group, a reference and a connection counted for the caller;
 * -EINPROGRESS if @ep will be told; NULL if there is none.
 */
struct smc_lgr *smc_lgr_join(struct smc_net *sn, const struct smc_lgr_key *key,
			     struct smc_ep *ep)
{
	struct smc_lgr *lgr;

	spin_lock_bh(&sn->lgr_lock);
	if (ep)
		__smc_lgr_unwait(ep);
	lgr = __smc_lgr_find(sn, key);
	if (lgr && lgr->state == SMC_LGR_ACTIVE) {
		if (!lgr->conns++)
			sn->lgr_idle--;
		smc_lgr_get(lgr);
	} else if (lgr && ep) {
		__smc_lgr_wait(lgr, ep);
		lgr = ERR_PTR(-EINPROGRESS);
	} else {
		lgr = NULL;
	}
	spin_unlock_bh(&sn->lgr_lock);
	return lgr;
}

/**
 * smc_lgr_withdraw() - an endpoint does not wait to join any more
 * @sn: namespace
 * @ep: endpoint, waiting or not
 *
 * Context: Any but hard interrupt. Takes lgr_lock.
 */
void smc_lgr_withdraw(struct smc_net *sn, struct smc_ep *ep)
{
	spin_lock_bh(&sn->lgr_lock);
	__smc_lgr_unwait(ep);
	spin_unlock_bh(&sn->lgr_lock);
}

/* The group is set up, or will not be. The upcall runs under lgr_lock. */
static void __smc_lgr_wake(struct smc_lgr *lgr)
{
	struct smc_ep *ep, *next;

	lockdep_assert_held(&lgr->sn->lgr_lock);
	list_for_each_entry_safe(ep, next, &lgr->waiting, wait) {
		__smc_lgr_unwait(ep);
		ep->up->ready(ep);
	}
}

/**
 * smc_lgr_publish() - let others find a new group
 * @lgr: the group, in state SETUP
 * @only_one: do so only if no other fits
 *
 * Context: Process. Takes lgr_lock.
 * Return: @lgr, now with a reference and a connection counted for the caller;
 * or NULL if there is another group to join.
 */
struct smc_lgr *smc_lgr_publish(struct smc_lgr *lgr, bool only_one)
{
	struct smc_net *sn = lgr->sn;

	spin_lock_bh(&sn->lgr_lock);
	if (only_one && __smc_lgr_find(sn, &lgr->key)) {
		lgr = NULL;
	} else {
		smc_lgr_get(lgr);
		lgr->conns++;
		list_add_tail(&lgr->node, smc_lgr_bucket(sn, &lgr->key));
	}
	spin_unlock_bh(&sn->lgr_lock);
	return lgr;
}

/**
 * smc_lgr_leave() - a connection is done with its group
 * @lgr: group; the caller's reference is kept
 *
 * Context: Any but hard interrupt. Takes lgr_lock.
 * Return: true if it was the last one; the actor must be told.
 */
bool smc_lgr_leave(struct smc_lgr *lgr)
{
	bool last;

	spin_lock_bh(&lgr->sn->lgr_lock);
	last = !--lgr->conns;
	if (last && !list_empty(&lgr->node))
		lgr->sn->lgr_idle++;
	spin_unlock_bh(&lgr->sn->lgr_lock);
	return last;
}

/**
 * smc_lgr_set_active() - first contact is complete
 * @lgr: group
 *
 * Context: The actor. Takes lgr_lock.
 */
void smc_lgr_set_active(struct smc_lgr *lgr)
{
	spin_lock_bh(&lgr->sn->lgr_lock);
	if (lgr->state == SMC_LGR_SETUP)
		WRITE_ONCE(lgr->state, SMC_LGR_ACTIVE);
	WRITE_ONCE(lgr->was_active, true);
	__smc_lgr_wake(lgr);
	spin_unlock_bh(&lgr->sn->lgr_lock);
}

static void __smc_lgr_unpublish(struct smc_lgr *lgr)
{
	lockdep_assert_held(&lgr->sn->lgr_lock);
	WRITE_ONCE(lgr->state, SMC_LGR_DEAD);
	if (!lgr->conns && !list_empty(&lgr->node))
		lgr->sn->lgr_idle--;
	list_del_init(&lgr->node);
	__smc_lgr_wake(lgr);
}

/**
 * smc_lgr_unpublish() - let nobody find a group any more
 * @lgr: group; no effect if that was done before
 *
 * Context: Any but hard interrupt. Takes lgr_lock.
 */
void smc_lgr_unpublish(struct smc_lgr *lgr)
{
	spin_lock_bh(&lgr->sn->lgr_lock);
	__smc_lgr_unpublish(lgr);
	spin_unlock_bh(&lgr->sn->lgr_lock);
}

/**
 * smc_lgr_unpublish_idle() - the same, if it has no connection
 * @lgr: group
 *
 * Context: Any but hard interrupt. Takes lgr_lock.
 * Return: true if nobody uses it nor will.
 */
bool smc_lgr_unpublish_idle(struct smc_lgr *lgr)
{
	bool idle;

	spin_lock_bh(&lgr->sn->lgr_lock);
	idle = !lgr->conns;
	if (idle)
		__smc_lgr_unpublish(lgr);
	spin_unlock_bh(&lgr->sn->lgr_lock);
	return idle;
}

/**
 * smc_lgr_conns() - how many connections use a group?
 * @lgr: group
 *
 * Context: Any but hard interrupt. Takes lgr_lock.
 * Return: Their number at the moment.
 */
unsigned int smc_lgr_conns(struct smc_lgr *lgr)
{
	unsigned int conns;

	spin_lock_bh(&lgr->sn->lgr_lock);
	conns = lgr->conns;
	spin_unlock_bh(&lgr->sn->lgr_lock);
	return conns;
}

/**
 * smc_lgr_idle() - how many groups are kept without a connection?
 * @sn: namespace
 *
 * Context: Any but hard interrupt. Takes lgr_lock.
 * Return: Their number at the moment.
 */
unsigned int smc_lgr_idle(struct smc_net *sn)
{
	unsigned int idle;

	spin_lock_bh(&sn->lgr_lock);
	idle = sn->lgr_idle;
	spin_unlock_bh(&sn->lgr_lock);
	return idle;
}

static struct smc_lgr *__smc_lgr_any(struct smc_net *sn)
{
	int i;

	lockdep_assert_held(&sn->lgr_lock);
	for (i = 0; i < SMC_LGR_BUCKETS; i++)
		if (!list_empty(&sn->lgr_lists[i]))
			return list_first_entry(&sn->lgr_lists[i],
						struct smc_lgr, node);
	return NULL;
}

/**
 * smc_lgr_any() - take some group out of its list, to end it
 * @sn: namespace
 *
 * Context: Any but hard interrupt. Takes lgr_lock.
 * Return: A group, no longer found by others, with a reference for the
 * caller; NULL if there is none.
 */
struct smc_lgr *smc_lgr_any(struct smc_net *sn)
{
	struct smc_lgr *lgr;

	spin_lock_bh(&sn->lgr_lock);
	lgr = __smc_lgr_any(sn);
	if (lgr) {
		smc_lgr_get(lgr);
		__smc_lgr_unpublish(lgr);
	}
	spin_unlock_bh(&sn->lgr_lock);
	return lgr;
}

/**
 * smc_lgr_wait_none() - wait until all groups of a namespace are freed
 * @sn: namespace; no socket is left in it
 *
 * Each group ends in bounded time by itself once told to, and endpoints,
 * which also hold it, went with their sockets.
 *
 * Context: Sleeps.
 */
void smc_lgr_wait_none(struct smc_net *sn)
{
	wait_event(sn->lgr_wait, !atomic_read(&sn->lgr_count));
	/* Wait for the waker to be out of @sn. */
	spin_lock_bh(&sn->lgr_lock);
	spin_unlock_bh(&sn->lgr_lock);
}

/**
 * smcr_ep_init() - set up an endpoint's part, open to upcalls
 * @sep: zeroed memory
 * @ep: the endpoint
 * @lgr: group; the caller's reference goes to @sep
 * @ops: news as a sender
 *
 * Context: Any.
 */
void smcr_ep_init(struct smcr_ep *sep, struct smc_ep *ep, struct smc_lgr *lgr,
		  const struct smc_wr_user_ops *ops)
{
	smc_wr_user_init(&sep->user, ops);
	sep->ep = ep;
	sep->lgr = lgr;
	sep->rtoken = -1;
	refcount_set(&sep->users, 1);
	init_completion(&sep->quiet);
}

/**
 * smcr_ep_get() - begin an upcall
 * @sep: endpoint, found under RCU
 *
 * Context: Any.
 * Return: false if it is lost or released: no upcall then.
 */
bool smcr_ep_get(struct smcr_ep *sep)
{
	return !atomic_read(&sep->closed) &&
	       refcount_inc_not_zero(&sep->users);
}

/**
 * smcr_ep_put() - end an upcall
 * @sep: endpoint
 *
 * Context: Bottom halves disabled. May make the lost upcall.
 */
void smcr_ep_put(struct smcr_ep *sep)
{
	if (!refcount_dec_and_test(&sep->users))
		return;
	if (sep->err)
		sep->ep->up->lost(sep->ep, sep->err);
	complete_all(&sep->quiet);
}

/**
 * smcr_ep_close() - no more upcalls
 * @sep: endpoint; no effect if that was done before
 * @err: tell it that it is lost, and why; 0 tells nothing
 *
 * Context: Any but hard interrupt, in an RCU read-side section unless the
 * endpoint is the caller's own. May make the lost upcall.
 */
void smcr_ep_close(struct smcr_ep *sep, int err)
{
	if (atomic_xchg(&sep->closed, 1))
		return;
	sep->err = err;
	local_bh_disable();
	smcr_ep_put(sep);
	local_bh_enable();
}

/**
 * smc_lgr_add_ep() - give an endpoint its alert token
 * @lgr: group
 * @sep: endpoint; from now on messages for it are delivered
 *
 * Context: Sleeps.
 * Return: 0 or -ENOMEM.
 */
int smc_lgr_add_ep(struct smc_lgr *lgr, struct smcr_ep *sep)
{
	int err;

	do {
		do {
			sep->token = atomic_inc_return(&smc_lgr_last_token);
		} while (!sep->token);
		sep->ep->token = sep->token;
		err = xa_insert_bh(&lgr->eps, sep->token, sep, GFP_KERNEL);
	} while (err == -EBUSY);
	return err;
}

/**
 * smc_lgr_del_ep() - take the alert token back
 * @lgr: group
 * @sep: endpoint
 *
 * Context: Any but hard interrupt.
 */
void smc_lgr_del_ep(struct smc_lgr *lgr, struct smcr_ep *sep)
{
	xa_erase_bh(&lgr->eps, sep->token);
}

/**
 * smc_lgr_rx_cdc() - deliver a CDC message
 * @lgr: group it came for
 * @msg: decoded message
 *
 * Context: BH.
 */
void smc_lgr_rx_cdc(struct smc_lgr *lgr, const struct smc_cdc *msg)
{
	struct smcr_ep *sep;

	rcu_read_lock();
	sep = xa_load(&lgr->eps, msg->token);
	if (sep && smcr_ep_get(sep)) {
		smc_stat_inc(lgr->sn, SMC_STAT_CDC_RX);
		sep->ep->up->rx_ctrl(sep->ep, msg);
		smcr_ep_put(sep);
	} else {
		smc_stat_inc(lgr->sn, SMC_STAT_CDC_UNKNOWN_TOKEN);
	}
	rcu_read_unlock();
}

/**
 * smc_lgr_tell_eps() - first contact has ended, one way or the other
 * @lgr: group
 *
 * Context: Process.
 */
void smc_lgr_tell_eps(struct smc_lgr *lgr)
{
	struct smcr_ep *sep;
	unsigned long token;

	rcu_read_lock();
	local_bh_disable();
	xa_for_each(&lgr->eps, token, sep) {
		if (!smcr_ep_get(sep))
			continue;
		sep->ep->up->ready(sep->ep);
		smcr_ep_put(sep);
	}
	local_bh_enable();
	rcu_read_unlock();
}

/**
 * smc_lgr_lose_eps() - tell all endpoints that their group is gone
 * @lgr: group
 * @err: negative errno for them, or 0 to close them silently
 *
 * Context: Process.
 */
void smc_lgr_lose_eps(struct smc_lgr *lgr, int err)
{
	struct smcr_ep *sep;
	unsigned long token;

	rcu_read_lock();
	xa_for_each(&lgr->eps, token, sep)
		smcr_ep_close(sep, err);
	rcu_read_unlock();
}

/**
 * smc_lgr_lose_rtoken() - end the connections to an RMB the peer took back
 * @lgr: group
 * @rtoken: number of the entry
 * @err: negative errno for them
 *
 * Context: Process.
 */
void smc_lgr_lose_rtoken(struct smc_lgr *lgr, int rtoken, int err)
{
	struct smcr_ep *sep;
	unsigned long token;

	rcu_read_lock();
	xa_for_each(&lgr->eps, token, sep)
		if (READ_ONCE(sep->rtoken) == rtoken)
			smcr_ep_close(sep, err);
	rcu_read_unlock();
}
