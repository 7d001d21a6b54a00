/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The seam between connections and what carries their bytes.
 *
 * A connection owns an endpoint, struct smc_ep. A transport fills it: it finds
 * the way to the peer, lends two rings of memory, moves bytes into the peer's
 * ring and control messages after them, and reports by upcalls. Neither side
 * includes the other's headers. A transport keeps what it needs behind
 * @priv; the connection finds itself by container_of().
 *
 * Life of an endpoint:
 *
 *	client: offer, (Proposal, Accept), attach, learn, describe, (Confirm),
 *		settled, data, release
 *	server: (Proposal), offer, attach, describe, (Accept, Confirm), learn,
 *		settled, data, release
 *
 * Set-up calls and release sleep; of our locks only the socket's may be held,
 * which upcalls do not wait for. They do not wait for the peer: attach, describe
 * and settled say SMC_DECL_LATER where something of it must come first, and the
 * ready upcall says when to ask again. From a successful attach on, upcalls may
 * come; after release returned none will.
 */
#ifndef _SMC_TRANSPORT_H
#define _SMC_TRANSPORT_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/types.h>
#include "proto/cdc.h"
#include "proto/negotiate_v2.h"
#include "proto/ring.h"

struct net;
struct smc_ep;
struct smc_ep_ops;

/* No reason to decline: nothing is decided yet. Never leaves a handshake. */
#define SMC_DECL_LATER	((enum smc_decline)1)

enum smc_role {
	SMC_CLIENT = 0,
	SMC_SERVER = 1,
};

/**
 * struct smc_route - where the TCP connection runs
 * @net: network namespace
 * @ndev: device that TCP sends through; held by the caller during the call
 * @vlan_id: VLAN of @ndev or of a device below it, 0 for none
 * @gateway: it sends to a router
 * @local: TCP's own address, IPv4 mapped into IPv6
 */
struct smc_route {
	struct net *net;
	struct net_device *ndev;
	u16 vlan_id;
	bool gateway;
	struct in6_addr local;
};

/**
 * struct smc_hop - how packets get to a peer
 * @gateway: through a router
 * @mac: MAC of that router
 */
struct smc_hop {
	bool gateway;
	u8 mac[SMC_MAC_LEN];
};

/**
 * struct smc_offer - one local port of a transport, chosen for a route
 * @peer_id: this host's identity
 * @gid: address of the port
 * @mac: MAC of the port
 * @gid_kind: enum smc_gid_kind of @gid
 * @vlan_id: VLAN the port was chosen for
 * @priv: the transport's hold on the port
 */
struct smc_offer {
	u8 peer_id[SMC_PEER_ID_LEN];
	u8 gid[SMC_GID_LEN];
	u8 mac[SMC_MAC_LEN];
	u8 gid_kind;
	u16 vlan_id;
	void *priv;
};

/**
 * struct smc_attach - what an endpoint is to be attached to
 * @role: this host's part in the handshake
 * @net: network namespace of the connection
 * @offer: the local port, from the transport's offer
 * @peer_id: peer's identity, from Proposal (server) or Accept (client)
 * @peer_gid: peer's GID, same source
 * @peer_mac: version 1: peer's MAC, same source. With version 2 the peer says
 *	it in its half of the handshake, see learn
 * @version: protocol version
 * @hop: version 2: how packets get to @peer_gid
 * @terms: what was agreed on for a new link group; of version 1 the limits
 * @peer_qpn: client only: QP number in the Accept
 * @first_contact: client only: F of the Accept; the server's part decides it
 *	itself and tells in &smc_ep.first_contact
 * @may_wait: server only: where a first contact with this peer is under way,
 *	do not begin another one beside it
 * @snd_bytes: wanted size of the local send ring, a wish
 * @rmb_bytes: wanted size of the local RMBE, a wish
 */
struct smc_attach {
	enum smc_role role;
	struct net *net;
	const struct smc_offer *offer;
	const u8 *peer_id;
	const u8 *peer_gid;
	const u8 *peer_mac;
	u8 version;
	struct smc_hop hop;
	struct smc_v2_terms terms;
	u32 peer_qpn;
	bool first_contact;
	bool may_wait;
	u32 snd_bytes;
	u32 rmb_bytes;
};

/**
 * struct smc_ring_mem - a ring of kernel memory lent by the transport
 * @addr: start; virtually contiguous
 * @size: bytes, 16384 << n
 */
struct smc_ring_mem {
	u8 *addr;
	u32 size;
};

/**
 * struct smc_xfer - one step of sending: bytes, and the message about them
 * @span: copies from the local send ring to the peer's RMBE, in order
 * @num_spans: valid entries in @span, may be 0 for a bare message
 * @signal: the caller needs tx_done for this one soon
 * @pos: position in the stream behind the last byte, handed to tx_done
 * @msg: control message, delivered after the bytes
 */
struct smc_xfer {
	struct smc_span span[SMC_SPANS_MAX];
	unsigned int num_spans;
	bool signal;
	u64 pos;
	struct smc_cdc msg;
};

/**
 * struct smc_ep_info - a snapshot for observers
 * @lgr_id: number of the link group
 * @link_no: number of the link
 * @ibdev: name of the RDMA device
 * @port: its port
 * @gid: own GID
 * @peer_gid: peer's GID
 * @role: enum smc_role of this host in the group
 * @type: type of the group, 1 = single link
 */
struct smc_ep_info {
	u32 lgr_id;
	u8 link_no;
	char ibdev[64];
	u8 port;
	u8 gid[SMC_GID_LEN];
	u8 peer_gid[SMC_GID_LEN];
	u8 role;
	u8 type;
};

/**
 * struct smc_ep_upcalls - what a transport reports about an endpoint
 * @rx_ctrl: a control message arrived; @msg is decoded, but not checked
 * @tx_done: everything sent up to stream position @pos has left the send
 *	ring for good; positions never go backwards
 * @tx_space: xmit may be tried again after it returned -EAGAIN
 * @ready: what attach, describe or settled said SMC_DECL_LATER to may have
 *	changed. The only one that comes without an attached endpoint, and with
 *	locks of the transport held: nothing of it may be called from there
 * @lost: the way to the peer is gone, @err says how (negative errno); comes
 *	at most once and is the last upcall but for ready
 *
 * Context: all with bottom halves disabled, from softirq or process context,
 * none from within an op of the same endpoint and without any lock that
 * &smc_ep_ops.xmit takes. They do not sleep.
 */
struct smc_ep_upcalls {
	void (*rx_ctrl)(struct smc_ep *ep, const struct smc_cdc *msg);
	void (*tx_done)(struct smc_ep *ep, u64 pos);
	void (*tx_space)(struct smc_ep *ep);
	void (*ready)(struct smc_ep *ep);
	void (*lost)(struct smc_ep *ep, int err);
};

/**
 * struct smc_ep - a connection's end of a transport
 * @ops: the transport's operations; NULL while not attached
 * @up: the connection's upcalls, set before attach
 * @priv: the transport's part
 * @wait: the transport's while attach has said SMC_DECL_LATER, else empty; under
 *	a lock of the transport's
 * @wait_for: what @wait is for, else NULL; the transport's as well
 * @snd: local send ring, valid from attach to release
 * @rmb: local RMBE, valid from attach to release
 * @token: own alert token, never 0 while attached
 * @peer_token: peer's alert token, from learn
 * @peer_size: size of the peer's RMBE in bytes, from learn
 * @first_contact: this endpoint's handshake makes a new link group
 */
struct smc_ep {
	const struct smc_ep_ops *ops;
	const struct smc_ep_upcalls *up;
	void *priv;
	struct list_head wait;
	void *wait_for;
	struct smc_ring_mem snd;
	struct smc_ring_mem rmb;
	u32 token;
	u32 peer_token;
	u32 peer_size;
	bool first_contact;
};

/**
 * struct smc_ep_ops - what a transport does for an attached endpoint
 * @describe: fill our half of the handshake (everything but the type). On a
 *	subsequent contact all that the peer must know before it gets that is
 *	confirmed then. Sleeps
 * @learn: take the peer's half, which was decoded and whose peer ID and GID
 *	the transport compares with those given to attach; makes the link able
 *	to receive. Sleeps
 * @settled: how has first contact ended? Always well for others. Does not sleep
 * @xmit: send @x as one unit. Returns 0, -EAGAIN when there is no slot
 *	(tx_space will follow), or -ENOLINK when the link is gone. Called under
 *	the connection's lock with bottom halves disabled, also from within
 *	upcalls; calls for one endpoint are serialised by the caller
 * @sync_rx: make @len bytes at @off of the RMBE visible to the CPU; the range
 *	does not cross the end. Any context
 * @info: fill a snapshot. Does not sleep; the endpoint must stay attached
 * @release: detach. @peer_quiet says that the peer has promised to write no
 *	more, so that the RMBE may be lent again; otherwise the memory is kept
 *	aside until the link group ends. Waits, bounded, for own writes to
 *	complete. Sleeps
 *
 * describe, learn and settled return SMC_DECL_NONE or the reason to decline
 * with, all but learn also SMC_DECL_LATER; after a reason the caller releases
 * the endpoint.
 */
struct smc_ep_ops {
	enum smc_decline (*describe)(struct smc_ep *ep,
				     struct smc_clc_accept *mine);
	enum smc_decline (*learn)(struct smc_ep *ep,
				  const struct smc_clc_accept *peer);
	enum smc_decline (*settled)(const struct smc_ep *ep);
	int (*xmit)(struct smc_ep *ep, const struct smc_xfer *x);
	void (*sync_rx)(struct smc_ep *ep, u32 off, u32 len);
	void (*info)(const struct smc_ep *ep, struct smc_ep_info *info);
	void (*release)(struct smc_ep *ep, bool peer_quiet);
};

/**
 * struct smc_transport - a transport, registered once by main.c
 * @name: for observers
 * @present: could there be an offer for any connection of this namespace now?
 *	Sleeps
 * @offer: choose a local port for @route whose GID kind is in the bit mask
 *	@kinds (1 << enum smc_gid_kind and SMC_GIDS_*; RoCEv1 wins if both
 *	fit), fill @offer.
 *	Returns SMC_DECL_NONE or the reason. Sleeps
 * @unoffer: give back what offer took
 * @attach: attach @ep, set its @ops and rings. Returns SMC_DECL_NONE, or the
 *	reason with @ep not attached, or SMC_DECL_LATER: to be called again, or
 *	withdraw. Sleeps
 * @withdraw: attach is not called again; no upcall will come. Does not sleep
 * @out_of_sync: the peer's Decline says the group of @ep is stale: take it out
 *	of use for new connections. Called before release. Sleeps
 */
struct smc_transport {
	const char *name;
	bool (*present)(const struct net *net);
	enum smc_decline (*offer)(const struct smc_route *route,
				  unsigned int kinds, struct smc_offer *offer);
	void (*unoffer)(struct smc_offer *offer);
	enum smc_decline (*attach)(struct smc_ep *ep,
				   const struct smc_attach *want);
	void (*withdraw)(struct smc_ep *ep, const struct net *net);
	void (*out_of_sync)(struct smc_ep *ep);
};

void smc_transport_register(const struct smc_transport *t);
void smc_transport_unregister(const struct smc_transport *t);
const struct smc_transport *smc_transport_get(void);

#endif
