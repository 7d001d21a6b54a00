// SPDX-License-Identifier: GPL-2.0
/*
 * Life of a link:
 *
 *	init		memory only; pinned by who will create it
 *	create		protection domain, completion queue, queue pair in
 *			RESET; the local half of the handshake can be told
 *	connect		INIT, RTR, receives posted, RTS; with the peer's half
 *	quiesce		stop posting, drain, wait for all who have it pinned
 *	destroy		give back all of the above and the device
 *
 * Who uses queue pair or protection domain from process context pins the link
 * for that time; pinning fails once the end has begun. The device may ask for
 * its removal at any time; the watch passes that on, and nothing between
 * quiesce and destroy waits for the peer.
 */
#include <linux/random.h>
#include "link.h"

/* RFC 7609 leaves these to the implementation. */
#define SMC_LINK_MIN_RNR_TIMER	5
/*
 * 4.096 us << 17 = 0.5 s, eight times until the link is given up. Others use
 * 15; but a virtual machine with soft-RoCE may stand still for a second.
 */
#define SMC_LINK_ACK_TIMEOUT	17
#define SMC_LINK_RETRIES	7
#define SMC_LINK_RNR_FOREVER	7

static struct smc_link *smc_link_of(struct smc_wr *wr)
{
	return container_of(wr, struct smc_link, wr);
}

static void smc_link_rx(struct smc_wr *wr, const u8 *msg, u32 len)
{
	struct smc_link *link = smc_link_of(wr);

	link->ops->rx(link, msg, len);
}

static void smc_link_ctrl_sent(struct smc_wr *wr)
{
	struct smc_link *link = smc_link_of(wr);

	link->ops->ctrl_sent(link);
}

static void smc_link_error(struct smc_wr *wr, int err)
{
	struct smc_link *link = smc_link_of(wr);

	link->ops->down(link, err);
}

static const struct smc_wr_ops smc_link_wr_ops = {
	.rx = smc_link_rx,
	.ctrl_sent = smc_link_ctrl_sent,
	.error = smc_link_error,
};

static void smc_link_dev_event(struct smc_ib_watch *watch,
			       enum smc_ib_event ev)
{
	struct smc_link *link = container_of(watch, struct smc_link, watch);

	link->ops->leaving(link);
}

static void smc_link_qp_event(struct ib_event *ev, void *arg)
{
	struct smc_link *link = arg;

	switch (ev->event) {
	case IB_EVENT_QP_FATAL:
	case IB_EVENT_QP_REQ_ERR:
	case IB_EVENT_QP_ACCESS_ERR:
	case IB_EVENT_DEVICE_FATAL:
		link->ops->down(link, -ECONNRESET);
		break;
	default:
		break;
	}
}

/* Inline messages save a DMA read each; not every device grants them. */
static int smc_link_create_qp(struct smc_link *link)
{
	struct ib_qp_init_attr attr = {
		.event_handler = smc_link_qp_event,
		.qp_context = link,
		.port_num = link->rnic.port,
	};
	struct ib_qp *qp;

	smc_wr_qp_caps(&link->wr, &attr);
	qp = ib_create_qp(link->pd, &attr);
	if (IS_ERR(qp)) {
		smc_wr_qp_caps(&link->wr, &attr);
		attr.cap.max_inline_data = 0;
		qp = ib_create_qp(link->pd, &attr);
	}
	if (IS_ERR(qp))
		return PTR_ERR(qp);
	link->qp = qp;
	smc_wr_set_qp(&link->wr, qp,
		      attr.cap.max_inline_data >= SMC_WR_MSG_LEN);
	return 0;
}

/**
 * smc_link_init() - set up a link's memory
 * @link: zeroed memory
 * @sn: namespace, for counters
 * @ops: who gets the news
 *
 * The link is pinned for the caller, who creates it and then unpins it; its
 * end may begin before that and waits.
 *
 * Context: Any.
 */
void smc_link_init(struct smc_link *link, struct smc_net *sn,
		   const struct smc_link_ops *ops)
{
	link->ops = ops;
	refcount_set(&link->pins, 2);
	init_completion(&link->unpinned);
	smc_wr_init(&link->wr, sn, &smc_link_wr_ops);
}

/**
 * smc_link_create() - make all that can be told to the peer
 * @link: initialised link, pinned
 * @rnic: local port
 * @long_rx: the peer may send long messages, see &smc_wr.long_rx
 *
 * Context: Sleeps.
 * Return: 0, -ENODEV if the device is leaving, or another negative errno.
 */
int smc_link_create(struct smc_link *link, const struct smc_rnic *rnic,
		    bool long_rx)
{
	int err;

	might_sleep();
	link->psn = get_random_u32() & 0xffffff;
	link->mtu = rnic->mtu;
	smc_ib_rnic_get(&link->rnic, rnic);

	link->pd = ib_alloc_pd(rnic->ibdev->dev, 0);
	if (IS_ERR(link->pd)) {
		err = PTR_ERR(link->pd);
		goto err_put_rnic;
	}
	err = smc_wr_create(&link->wr, rnic->ibdev->dev,
			    link->pd->local_dma_lkey, long_rx);
	if (err)
		goto err_dealloc_pd;
	err = smc_link_create_qp(link);
	if (err)
		goto err_destroy_wr;

	link->watch.rnic = &link->rnic;
	link->watch.event = smc_link_dev_event;
	err = smc_ib_watch_add(&link->watch);
	if (err)
		goto err_destroy_qp;
	link->created = true;
	return 0;

err_destroy_qp:
	ib_destroy_qp(link->qp);
err_destroy_wr:
	smc_wr_destroy(&link->wr);
err_dealloc_pd:
	ib_dealloc_pd(link->pd);
err_put_rnic:
	smc_ib_rnic_put(&link->rnic);
	return err;
}

static int smc_link_to_init(struct smc_link *link)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_INIT,
		.pkey_index = 0,
		.port_num = link->rnic.port,
		.qp_access_flags = IB_ACCESS_LOCAL_WRITE |
				   IB_ACCESS_REMOTE_WRITE,
	};

	return ib_modify_qp(link->qp, &attr, IB_QP_STATE | IB_QP_PKEY_INDEX |
			    IB_QP_PORT | IB_QP_ACCESS_FLAGS);
}

static int smc_link_to_rtr(struct smc_link *link)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RTR,
		.path_mtu = link->mtu,
		.dest_qp_num = link->peer.qpn,
		.rq_psn = link->peer.psn,
		.max_dest_rd_atomic = 1,
		.min_rnr_timer = SMC_LINK_MIN_RNR_TIMER,
	};
	union ib_gid dgid;

	memcpy(&dgid, link->peer.gid, sizeof(dgid));
	attr.ah_attr.type = rdma_ah_find_type(link->rnic.ibdev->dev,
					      link->rnic.port);
	if (attr.ah_attr.type != RDMA_AH_ATTR_TYPE_ROCE)
		return -EOPNOTSUPP;
	rdma_ah_set_port_num(&attr.ah_attr, link->rnic.port);
	rdma_ah_set_grh(&attr.ah_attr, &dgid, 0, link->rnic.gid_index,
			link->peer.hop_limit, 0);
	memcpy(attr.ah_attr.roce.dmac, link->peer.mac, ETH_ALEN);
	return ib_modify_qp(link->qp, &attr, IB_QP_STATE | IB_QP_AV |
			    IB_QP_PATH_MTU | IB_QP_DEST_QPN | IB_QP_RQ_PSN |
			    IB_QP_MAX_DEST_RD_ATOMIC | IB_QP_MIN_RNR_TIMER);
}

static int smc_link_to_rts(struct smc_link *link)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RTS,
		.timeout = SMC_LINK_ACK_TIMEOUT,
		.retry_cnt = SMC_LINK_RETRIES,
		.rnr_retry = SMC_LINK_RNR_FOREVER,
		.sq_psn = link->psn,
		.max_rd_atomic = 1,
	};

	return ib_modify_qp(link->qp, &attr, IB_QP_STATE | IB_QP_TIMEOUT |
			    IB_QP_RETRY_CNT | IB_QP_RNR_RETRY | IB_QP_SQ_PSN |
			    IB_QP_MAX_QP_RD_ATOMIC);
}

/**
 * smc_link_connect() - bring the queue pair up
 * @link: created link, pinned by the caller, who calls this once
 * @peer: the other end, checked
 *
 * When this returns with success messages may arrive, and LLC messages and
 * registrations can be posted.
 *
 * Context: Sleeps.
 * Return: 0, or a negative errno of the device.
 */
int smc_link_connect(struct smc_link *link, const struct smc_link_peer *peer)
{
	int err;

	might_sleep();
	link->peer = *peer;
	link->mtu = min_t(u8, link->rnic.mtu, peer->mtu);
	err = smc_link_to_init(link);
	if (err)
		return err;
	err = smc_link_to_rtr(link);
	if (err)
		return err;
	link->connected = true;
	err = smc_wr_start(&link->wr);
	if (err)
		return err;
	return smc_link_to_rts(link);
}

/**
 * smc_link_pin() - keep queue pair and protection domain for a while
 * @link: link
 *
 * What is done under the pin must be bounded.
 *
 * Context: Any.
 * Return: false if the link is not there or coming down.
 */
bool smc_link_pin(struct smc_link *link)
{
	return refcount_inc_not_zero(&link->pins);
}

/**
 * smc_link_unpin() - undo smc_link_pin()
 * @link: link
 *
 * Context: Any.
 */
void smc_link_unpin(struct smc_link *link)
{
	if (refcount_dec_and_test(&link->pins))
		complete(&link->unpinned);
}

/**
 * smc_link_quiesce() - stop a link for good
 * @link: link, called once
 *
 * On return no work request is posted, no completion handler runs or will
 * run, and nobody has the link pinned.
 *
 * Context: Sleeps; waits for nobody but the device and those who pin.
 */
void smc_link_quiesce(struct smc_link *link)
{
	might_sleep();
	/*
	 * Whoever is in smc_link_connect() either started the work requests
	 * before this, and connected is seen, or will fail to.
	 */
	smc_wr_stop(&link->wr);
	if (link->connected) {
		ib_drain_qp(link->qp);
		smc_wr_flush(&link->wr);
	}
	smc_link_unpin(link);
	wait_for_completion(&link->unpinned);
}

/**
 * smc_link_destroy() - give everything back
 * @link: quiesced link, created or not; all memory regions are gone
 *
 * Context: Sleeps.
 */
void smc_link_destroy(struct smc_link *link)
{
	might_sleep();
	if (!link->created)
		return;
	link->created = false;
	smc_ib_watch_del(&link->watch);
	ib_destroy_qp(link->qp);
	smc_wr_destroy(&link->wr);
	ib_dealloc_pd(link->pd);
	smc_ib_rnic_put(&link->rnic);
}
