/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Link groups: what all connections with a peer in one role share, how they
 * are found, and which endpoint a received alert token means.
 */
#ifndef _SMC_LGR_H
#define _SMC_LGR_H

#include <linux/xarray.h>
#include "buf.h"
#include "transport.h"

#define SMC_LGR_TYPE_SINGLE	1

struct smc_llc;

enum smc_lgr_state {
	SMC_LGR_SETUP,		/* first contact is under way */
	SMC_LGR_ACTIVE,
	SMC_LGR_DEAD,		/* not in the list, takes no connection */
};

/**
 * struct smc_lgr_key - by what a group is found
 * @role: this host's role in the group
 * @peer_id: the peer
 * @peer_gid: its GID
 * @peer_mac: its MAC; version 1 only
 * @hop: how packets get there; version 2 only
 * @version: protocol version
 * @peer_qpn: number of its queue pair; client only, 0 for "any"
 * @vlan_id: VLAN of the connection
 * @rnic: the local port
 */
struct smc_lgr_key {
	enum smc_role role;
	u8 peer_id[SMC_PEER_ID_LEN];
	u8 peer_gid[SMC_GID_LEN];
	u8 peer_mac[SMC_MAC_LEN];
	struct smc_hop hop;
	u8 version;
	u32 peer_qpn;
	u16 vlan_id;
	const struct smc_rnic *rnic;
};

/**
 * struct smc_lgr - a link group
 * @ref: holders: the actor until the end, each endpoint, work that is queued
 * @sn: namespace; lives longer, as its exit waits for all groups
 * @node: in @sn's list, while the group can be found; under its lgr_lock
 * @id: number of the group
 * @key: by what it is found, without QP number; immutable. The port in it is
 *	a name only: no reference is held
 * @key_rnic: the port of @key
 * @terms: what was agreed upon with the peer; immutable
 * @confirmed_id: server: the peer's identity as its first Confirm had it;
 *	written before the group is active
 * @ibdev_name: name of its device
 * @state: enum smc_lgr_state; written under lgr_lock, READ_ONCE elsewhere
 * @conns: endpoints, attached or about to be; under lgr_lock
 * @waiting: endpoints that want to join, told when @state leaves SETUP, which
 *	also empties it; under lgr_lock
 * @num_waiting: their number
 * @was_active: @state was ACTIVE once; written by the actor, READ_ONCE
 *	elsewhere
 * @eps: alert token to &struct smcr_ep; readers use RCU, writers the xarray's
 *	lock (ep_lock in the documentation)
 * @link: the only link
 * @pool: our memory
 * @rtokens: the peer's
 * @llc: the actor (llc.c), freed with the group
 */
struct smc_lgr {
	refcount_t ref;
	struct smc_net *sn;
	struct list_head node;
	u32 id;
	struct smc_lgr_key key;
	struct smc_rnic key_rnic;
	struct smc_v2_terms terms;
	u8 confirmed_id[SMC_PEER_ID_LEN];
	char ibdev_name[IB_DEVICE_NAME_MAX];
	enum smc_lgr_state state;
	unsigned int conns;
	struct list_head waiting;
	unsigned int num_waiting;
	bool was_active;
	struct xarray eps;
	struct smc_link link;
	struct smc_buf_pool pool;
	struct smc_rtokens rtokens;
	struct smc_llc *llc;
};

/**
 * struct smc_llc_req - an rkey exchange
 * @node: in the list of those not begun, under ev_lock
 * @type: SMC_LLC_CONFIRM_RKEY or SMC_LLC_DELETE_RKEY
 * @rmb: what the peer is told of, registered before; NULL with DELETE RKEY
 * @rkey: its key
 * @done: called under ev_lock when the exchange has ended; the last use of the
 *	request
 * @result: how it has ended, -EINPROGRESS until then; written under ev_lock,
 *	READ_ONCE elsewhere. 0; -EREMOTEIO if the peer refuses; -ETIMEDOUT; or
 *	-ENOLINK
 */
struct smc_llc_req {
	struct list_head node;
	u8 type;
	struct smc_buf *rmb;
	u32 rkey;
	void (*done)(struct smc_llc_req *req);
	int result;
};

/**
 * struct smcr_ep - an endpoint's part of this transport
 * @user: as a sender on the link
 * @ep: the endpoint; may be used while @users is held
 * @lgr: its group, a reference is held
 * @snd: send buffer lent to it, until all its work requests are done
 * @rmb: RMB lent to it, until release
 * @asked: @announce was made use of
 * @announce: tells the peer of @rmb; subsequent contacts only
 * @peer_addr: address of the peer's RMBE, from learn
 * @peer_rkey: its key, from learn
 * @rtoken: number of its rtoken, -1 before learn; WRITE_ONCE, READ_ONCE
 * @token: own alert token
 * @users: upcalls under way, and one until the endpoint is lost or released
 * @quiet: @users has fallen to 0: no upcall will come any more
 * @closed: the one in @users was dropped
 * @err: why it is lost; 0 if released, or if nobody is to be told
 * @rcu: frees it
 */
struct smcr_ep {
	struct smc_wr_user user;
	struct smc_ep *ep;
	struct smc_lgr *lgr;
	struct smc_buf *snd;
	struct smc_buf *rmb;
	bool asked;
	struct smc_llc_req announce;
	u64 peer_addr;
	u32 peer_rkey;
	int rtoken;
	u32 token;
	refcount_t users;
	struct completion quiet;
	atomic_t closed;
	int err;
	struct rcu_head rcu;
};

struct smc_lgr *smc_lgr_create(struct smc_net *sn,
			       const struct smc_lgr_key *key,
			       const struct smc_v2_terms *terms,
			       const struct smc_link_ops *ops);
void smc_lgr_get(struct smc_lgr *lgr);
void smc_lgr_put(struct smc_lgr *lgr);
struct smc_lgr *smc_lgr_join(struct smc_net *sn, const struct smc_lgr_key *key,
			     struct smc_ep *ep);
void smc_lgr_withdraw(struct smc_net *sn, struct smc_ep *ep);
struct smc_lgr *smc_lgr_publish(struct smc_lgr *lgr, bool only_one);
bool smc_lgr_leave(struct smc_lgr *lgr);
void smc_lgr_set_active(struct smc_lgr *lgr);
void smc_lgr_unpublish(struct smc_lgr *lgr);
bool smc_lgr_unpublish_idle(struct smc_lgr *lgr);
unsigned int smc_lgr_conns(struct smc_lgr *lgr);
unsigned int smc_lgr_idle(struct smc_net *sn);
struct smc_lgr *smc_lgr_any(struct smc_net *sn);
void smc_lgr_wait_none(struct smc_net *sn);

void smcr_ep_init(struct smcr_ep *sep, struct smc_ep *ep, struct smc_lgr *lgr,
		  const struct smc_wr_user_ops *ops);
bool smcr_ep_get(struct smcr_ep *sep);
void smcr_ep_put(struct smcr_ep *sep);
void smcr_ep_close(struct smcr_ep *sep, int err);
int smc_lgr_add_ep(struct smc_lgr *lgr, struct smcr_ep *sep);
void smc_lgr_del_ep(struct smc_lgr *lgr, struct smcr_ep *sep);
void smc_lgr_rx_cdc(struct smc_lgr *lgr, const struct smc_cdc *msg);
void smc_lgr_tell_eps(struct smc_lgr *lgr);
void smc_lgr_lose_eps(struct smc_lgr *lgr, int err);
void smc_lgr_lose_rtoken(struct smc_lgr *lgr, int rtoken, int err);

#endif
