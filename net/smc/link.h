/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A link: one RC queue pair between a local RDMA port and one of the peer,
 * from reset to ready to down, in a protection domain of its own.
 */
#ifndef _SMC_LINK_H
#define _SMC_LINK_H

#include "ib.h"
#include "wr.h"

struct smc_link;

/**
 * struct smc_link_ops - news about a link
 * @rx: a message arrived. BH
 * @ctrl_sent: all LLC messages posted so far have been delivered. BH
 * @down: the link cannot be used any more. Any context, also hard interrupt;
 *	may come more than once
 * @leaving: port or device goes away, and may still be able to carry a word
 *	to the peer; let go of it soon. BH; may come more than once
 */
struct smc_link_ops {
	void (*rx)(struct smc_link *link, const u8 *msg, u32 len);
	void (*ctrl_sent)(struct smc_link *link);
	void (*down)(struct smc_link *link, int err);
	void (*leaving)(struct smc_link *link);
};

/**
 * struct smc_link_peer - the other end of a link, in host order
 * @gid: its GID
 * @mac: its MAC, or that of the router before it
 * @hop_limit: of packets to it
 * @qpn: number of its queue pair
 * @psn: first PSN it sends with
 * @mtu: enum ib_mtu it can take
 */
struct smc_link_peer {
	u8 gid[SMC_GID_LEN];
	u8 mac[SMC_MAC_LEN];
	u8 hop_limit;
	u32 qpn;
	u32 psn;
	u8 mtu;
};

/**
 * struct smc_link - a link
 * @ops: who gets the news
 * @rnic: local port; holds its device
 * @watch: on @rnic
 * @pd: protection domain: the peer reaches no memory but that of its group
 * @qp: queue pair
 * @wr: its work requests
 * @pins: users of the above in process context, and one until
 *	smc_link_quiesce()
 * @unpinned: @pins has fallen to 0
 * @created: the above are there
 * @connected: something was posted, maybe, hence must be drained
 * @link_no: number of the link in its group, assigned by the server
 * @psn: first PSN we send with
 * @mtu: path MTU, enum ib_mtu
 * @peer: the other end, from smc_link_connect()
 *
 * Members are immutable once set; the order of the calls in link.c says when.
 */
struct smc_link {
	const struct smc_link_ops *ops;
	struct smc_rnic rnic;
	struct smc_ib_watch watch;
	struct ib_pd *pd;
	struct ib_qp *qp;
	struct smc_wr wr;
	refcount_t pins;
	struct completion unpinned;
	bool created;
	bool connected;
	u8 link_no;
	u32 psn;
	u8 mtu;
	struct smc_link_peer peer;
};

void smc_link_init(struct smc_link *link, struct smc_net *sn,
		   const struct smc_link_ops *ops);
int smc_link_create(struct smc_link *link, const struct smc_rnic *rnic,
		    bool long_rx);
int smc_link_connect(struct smc_link *link, const struct smc_link_peer *peer);
bool smc_link_pin(struct smc_link *link);
void smc_link_unpin(struct smc_link *link);
void smc_link_quiesce(struct smc_link *link);
void smc_link_destroy(struct smc_link *link);

#endif
