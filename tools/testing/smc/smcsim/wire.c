// SPDX-License-Identifier: GPL-2.0
/*
 * Wire mode: messages as Ethernet frames.
 *
 * A message to an adapter of another kernel leaves as frames of a local
 * experimental EtherType over the port's network device. Each queue pair has
 * one message on the wire at a time. Its frames go out in bursts; the last of
 * each burst asks for an answer, which says how far the receiver has got, or
 * what became of the message. When none comes in time, the sender begins again
 * where the receiver was last, as often as the queue pair's retry count says.
 *
 * A frame may come from anybody on the network: all of it is checked before
 * it is believed. Frames that fit no queue pair, by number, GID and the peer's
 * number, are dropped without an answer, as adapters do.
 *
 * Locks: tx.lock is taken within the queue pair's req_lock, and not held when
 * its owner is called. A frame is taken under resp_lock from the first look at
 * it to the last, so none from before a reset gets into what comes after.
 */
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/pkt_sched.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "smcsim.h"
#include "wire.h"

/* IEEE 802 local experimental EtherType 1 */
#define SIM_WIRE_ETHERTYPE	0x88b5
#define SIM_WIRE_VERSION	1
#define SIM_WIRE_SEND_MAX	16384
#define SIM_WIRE_BURST		16	/* frames */
#define SIM_WIRE_TIMEOUT_MIN	(HZ / 10)
#define SIM_WIRE_TIMEOUT_MAX	(2 * HZ)
#define SIM_WIRE_BACKOFF	5U	/* times that the timeout is doubled */

enum sim_frame_op {
	SIM_FRAME_SEND = 1,
	SIM_FRAME_WRITE,
	SIM_FRAME_ANSWER,
};

#define SIM_FRAME_SOLICITED	BIT(0)
#define SIM_FRAME_ASK		BIT(1)	/* answer this one */
#define SIM_FRAME_FLAGS		(SIM_FRAME_SOLICITED | SIM_FRAME_ASK)

/**
 * struct sim_frame - what follows the Ethernet header
 * @version: SIM_WIRE_VERSION
 * @op: &enum sim_frame_op
 * @flags: SIM_FRAME_SOLICITED, SIM_FRAME_ASK
 * @answer: &enum sim_answer, in an answer
 * @dest_qpn: queue pair it is for
 * @src_qpn: queue pair it is from
 * @psn: number of the message
 * @round: number of the burst, repeated in its answer
 * @total: bytes of the message
 * @offset: bytes of the message before this frame's; in an answer, bytes that
 *	have arrived
 * @len: bytes of this frame's payload
 * @dma_len: WRITE: length announced
 * @raddr: WRITE: where the message goes
 * @rkey: WRITE: key of the memory there
 * @sgid: GID it is from
 * @dgid: GID it is for
 */
struct sim_frame {
	u8	version;
	u8	op;
	u8	flags;
	u8	answer;
	__be32	dest_qpn;
	__be32	src_qpn;
	__be32	psn;
	__be32	round;
	__be32	total;
	__be32	offset;
	__be32	len;
	__be32	dma_len;
	__be64	raddr;
	__be32	rkey;
	u8	sgid[16];
	u8	dgid[16];
} __packed;

static void sim_wire_count(struct sim_wire *wire, enum sim_wire_stat stat)
{
	atomic64_inc(&wire->stat[stat]);
}

/* A frame that leaves by @wire, with room for @len bytes of payload. */
static struct sk_buff *sim_frame_alloc(struct sim_wire *wire, const u8 *dmac,
				       u32 len, struct sim_frame **frame)
{
	struct net_device *ndev = wire->ptype.dev;
	struct sk_buff *skb;

	skb = alloc_skb(LL_RESERVED_SPACE(ndev) + sizeof(**frame) + len +
			ndev->needed_tailroom, GFP_ATOMIC);
	if (!skb)
		goto err_count;
	skb_reserve(skb, LL_RESERVED_SPACE(ndev));
	skb_reset_network_header(skb);
	skb->dev = ndev;
	skb->protocol = htons(SIM_WIRE_ETHERTYPE);
	skb->priority = TC_PRIO_CONTROL;
	*frame = skb_put_zero(skb, sizeof(**frame));
	(*frame)->version = SIM_WIRE_VERSION;
	if (dev_hard_header(skb, ndev, SIM_WIRE_ETHERTYPE, dmac,
			    ndev->dev_addr, skb->len) < 0)
		goto err_free;
	return skb;

err_free:
	kfree_skb(skb);
err_count:
	sim_wire_count(wire, SIM_WIRE_TX_DROP);
	return NULL;
}

static void sim_frame_xmit(struct sim_wire *wire, struct sk_buff *skb)
{
	int rc = dev_queue_xmit(skb);

	sim_wire_count(wire, net_xmit_eval(rc) ? SIM_WIRE_TX_DROP :
						 SIM_WIRE_TX);
}

/* Bytes of payload that there are; those announced may be other. */
static u32 sim_wire_payload(const struct sim_msg *msg)
{
	return msg->bytes ? msg->len : msg->src->len;
}

/* One frame of the message under way. False: it is lost. */
static bool sim_wire_piece(struct sim_wire_qp *wqp, u32 off, u32 len, bool ask)
{
	const struct sim_msg *msg = wqp->tx.msg;
	struct sim_wire_path *path = &wqp->tx.path;
	struct sim_frame *frame;
	struct sk_buff *skb;
	u8 *payload;

	skb = sim_frame_alloc(path->wire, path->dmac, len, &frame);
	if (!skb)
		return false;
	frame->op = msg->opcode == IB_WR_SEND ? SIM_FRAME_SEND :
						SIM_FRAME_WRITE;
	frame->flags = (msg->solicited ? SIM_FRAME_SOLICITED : 0) |
		       (ask ? SIM_FRAME_ASK : 0);
	frame->dest_qpn = cpu_to_be32(path->dest_qpn);
	frame->src_qpn = cpu_to_be32(wqp->qp->qpn);
	frame->psn = cpu_to_be32(wqp->tx.psn);
	frame->round = cpu_to_be32(wqp->tx.round);
	frame->total = cpu_to_be32(sim_wire_payload(msg));
	frame->offset = cpu_to_be32(off);
	frame->len = cpu_to_be32(len);
	frame->dma_len = cpu_to_be32(msg->len);
	frame->raddr = cpu_to_be64(msg->remote_addr);
	frame->rkey = cpu_to_be32(msg->rkey);
	memcpy(frame->sgid, path->sgid, sizeof(frame->sgid));
	memcpy(frame->dgid, path->dgid, sizeof(frame->dgid));
	payload = skb_put(skb, len);
	rcu_read_lock();
	sim_msg_read(msg, off, payload, len);
	rcu_read_unlock();
	if (msg->flip_bits && msg->flip_at >= off && msg->flip_at - off < len)
		payload[msg->flip_at - off] ^= msg->flip_bits;
	sim_frame_xmit(path->wire, skb);
	return true;
}

/* The next burst, from where the receiver is. What fails here is lost. */
static void __sim_wire_burst(struct sim_wire_qp *wqp)
{
	struct sim_wire_tx *tx = &wqp->tx;
	u32 total = sim_wire_payload(tx->msg);
	u32 off = tx->from;
	unsigned int i;
	bool ask;
	u32 len;

	lockdep_assert_held(&tx->lock);
	tx->round++;
	for (i = 1; i <= SIM_WIRE_BURST; i++) {
		len = min(total - off, tx->path.mtu);
		ask = off + len == total || i == SIM_WIRE_BURST;
		if (!sim_wire_piece(wqp, off, len, ask))
			break;
		off += len;
		if (off == total)
			break;
	}
	mod_timer(&tx->timer, jiffies +
		  (tx->path.timeout << min(tx->tries, SIM_WIRE_BACKOFF)));
}

/* Where the messages of @qp go; the caller holds its req_lock. */
static void sim_wire_path_fill(struct sim_qp *qp, struct sim_wire_path *path)
{
	unsigned long timeout;

	path->wire = &qp->port->wire;
	path->dest_qpn = qp->attr.dest_qp_num;
	path->mtu = ib_mtu_enum_to_int(qp->attr.path_mtu);
	path->retry_cnt = qp->attr.retry_cnt;
	memcpy(path->dmac, qp->path.dmac, ETH_ALEN);
	memcpy(path->sgid, qp->path.sgid.raw, sizeof(path->sgid));
	memcpy(path->dgid, qp->path.dgid.raw, sizeof(path->dgid));
	/* 4.096 us << timeout; an emulated peer needs more than a real one */
	timeout = usecs_to_jiffies(4ULL << min_t(u8, qp->attr.timeout, 20));
	path->timeout = clamp(timeout, (unsigned long)SIM_WIRE_TIMEOUT_MIN,
			      (unsigned long)SIM_WIRE_TIMEOUT_MAX);
}

/**
 * sim_wire_send() - send a message as frames
 * @qp: queue pair that sends; none of its messages is under way
 * @msg: the message; what it refers to stays until sim_req_answer()
 *
 * Context: bottom halves disabled; the caller holds the req_lock of @qp.
 * Return: SIM_IN_FLIGHT, and sim_req_answer() follows; SIM_NO_ANSWER if the
 * port takes no frames
 */
enum sim_answer sim_wire_send(struct sim_qp *qp, const struct sim_msg *msg)
{
	struct sim_wire_tx *tx = &qp->wire.tx;

	if (!qp->port || !READ_ONCE(qp->port->wire.ptype.func))
		return SIM_NO_ANSWER;
	spin_lock_bh(&tx->lock);
	tx->msg = msg;
	sim_wire_path_fill(qp, &tx->path);
	if (!tx->numbered)
		tx->psn = msg->psn & SIM_PSN_MASK;
	tx->numbered = true;
	tx->from = 0;
	tx->tries = 0;
	__sim_wire_burst(&qp->wire);
	spin_unlock_bh(&tx->lock);
	return SIM_IN_FLIGHT;
}

/* The message under way is answered, if by silence. Returns its number. */
static u32 __sim_wire_done(struct sim_wire_tx *tx, enum sim_answer answer)
{
	u32 psn = tx->msg->psn;

	lockdep_assert_held(&tx->lock);
	if (answer != SIM_NO_ANSWER && answer != SIM_NAK_RNR)
		tx->psn = (tx->psn + 1) & SIM_PSN_MASK;
	tx->msg = NULL;
	timer_delete(&tx->timer);
	return psn;
}

static void sim_wire_timeout(struct timer_list *timer)
{
	struct sim_wire_qp *wqp = from_timer(wqp, timer, tx.timer);
	struct sim_wire_tx *tx = &wqp->tx;
	bool lost = false;
	u32 psn = 0;

	spin_lock_bh(&tx->lock);
	/* Answered meanwhile, or another one set out? */
	if (!tx->msg || timer_pending(&tx->timer))
		goto out;
	lost = tx->tries++ == tx->path.retry_cnt;
	if (lost) {
		psn = __sim_wire_done(tx, SIM_NO_ANSWER);
	} else {
		sim_wire_count(tx->path.wire, SIM_WIRE_AGAIN);
		__sim_wire_burst(wqp);
	}
out:
	spin_unlock_bh(&tx->lock);
	if (lost)
		sim_req_answer(wqp->qp, psn, SIM_NO_ANSWER);
}

/* An answer from the peer, which may have been to an earlier burst. */
static void sim_wire_rx_answer(struct sim_wire_qp *wqp,
			       const struct sim_frame *frame)
{
	u32 offset = be32_to_cpu(frame->offset);
	struct sim_wire_tx *tx = &wqp->tx;
	enum sim_answer answer = frame->answer;
	bool tell = false;
	u32 psn = 0;
	bool now;

	spin_lock_bh(&tx->lock);
	if (!tx->msg || be32_to_cpu(frame->psn) != tx->psn ||
	    be32_to_cpu(frame->src_qpn) != tx->path.dest_qpn ||
	    memcmp(frame->sgid, tx->path.dgid, sizeof(frame->sgid)))
		goto out;
	now = be32_to_cpu(frame->round) == tx->round;
	if (answer == SIM_IN_FLIGHT) {
		if (offset > sim_wire_payload(tx->msg))
			goto out;
		/* Progress counts, however late one hears of it. */
		if (offset > tx->from)
			tx->tries = 0;
		else if (now)
			sim_wire_count(tx->path.wire, SIM_WIRE_AGAIN);
		else
			goto out;
		tx->from = offset;
		__sim_wire_burst(wqp);
	} else if (now || answer != SIM_NAK_RNR) {
		psn = __sim_wire_done(tx, answer);
		tell = true;
	}
out:
	spin_unlock_bh(&tx->lock);
	if (tell)
		sim_req_answer(wqp->qp, psn, answer);
}

/* What to do with a frame, by its place in the series. */
enum sim_rx_verdict {
	SIM_RX_STRAY,		/* nothing, it is not from our peer */
	SIM_RX_DROP,		/* nothing */
	SIM_RX_ANSWER,		/* say how far we are */
	SIM_RX_PIECE,		/* more is to come */
	SIM_RX_LAST,		/* now the message is complete */
};

static bool __sim_rx_ours(const struct sim_qp *qp,
			  const struct sim_frame *frame)
{
	u32 peer_qpn = qp->attr.dest_qp_num;

	lockdep_assert_held(&qp->resp_lock);
	return peer_qpn && be32_to_cpu(frame->src_qpn) == peer_qpn &&
	       !memcmp(frame->sgid, &qp->path.dgid, sizeof(frame->sgid)) &&
	       !memcmp(frame->dgid, &qp->path.sgid, sizeof(frame->dgid));
}

/* Look @frame over, and find room for a piece. */
static enum sim_rx_verdict __sim_rx_begin(struct sim_wire_qp *wqp,
					  const struct sim_frame *frame)
{
	struct sim_wire_rx *rx = &wqp->rx;
	u32 offset = be32_to_cpu(frame->offset);
	u32 total = be32_to_cpu(frame->total);
	u32 psn = be32_to_cpu(frame->psn);
	u32 len = be32_to_cpu(frame->len);
	bool send;

	lockdep_assert_held(&wqp->qp->resp_lock);
	if (!__sim_rx_ours(wqp->qp, frame))
		return SIM_RX_STRAY;
	/* In error state, too, who missed the answer can have it again. */
	if (rx->answered && psn == ((rx->psn - 1) & SIM_PSN_MASK))
		return SIM_RX_ANSWER;
	if (!__sim_resp_ready(wqp->qp) || psn != rx->psn)
		return SIM_RX_DROP;
	if (offset != rx->off || (offset && total != rx->len))
		return SIM_RX_ANSWER;
	if (!offset) {
		rx->len = total;
		kfree(rx->buf);
		rx->buf = NULL;
		if (frame->op == SIM_FRAME_SEND && len < total) {
			rx->buf = kmalloc(total, GFP_ATOMIC);
			if (!rx->buf)
				return SIM_RX_DROP;
		}
	}
	/* Neither kind may become the other in the middle. */
	send = frame->op == SIM_FRAME_SEND;
	if (offset && send == !rx->buf)
		return SIM_RX_DROP;
	return offset + len == total ? SIM_RX_LAST : SIM_RX_PIECE;
}

/* @answer is to the piece that __sim_rx_begin() let in. */
static void __sim_rx_finish(struct sim_wire_qp *wqp,
			    const struct sim_frame *frame,
			    enum sim_answer answer)
{
	struct sim_wire_rx *rx = &wqp->rx;

	lockdep_assert_held(&wqp->qp->resp_lock);
	if (answer == SIM_IN_FLIGHT) {
		rx->off += be32_to_cpu(frame->len);
		return;
	}
	rx->off = 0;
	kfree(rx->buf);
	rx->buf = NULL;
	if (answer == SIM_NAK_RNR || answer == SIM_NO_ANSWER)
		return;
	rx->last = answer;
	rx->answered = true;
	rx->psn = (rx->psn + 1) & SIM_PSN_MASK;
}

/* Hand a piece to the queue pair. SIM_IN_FLIGHT: all is well so far. */
static enum sim_answer __sim_rx_deliver(struct sim_wire_qp *wqp,
					const struct sim_frame *frame,
					u8 *payload, bool last)
{
	u32 offset = be32_to_cpu(frame->offset);
	u32 total = be32_to_cpu(frame->total);
	u32 src_qpn = be32_to_cpu(frame->src_qpn);
	u64 raddr = be64_to_cpu(frame->raddr);
	u32 dma_len = be32_to_cpu(frame->dma_len);
	u32 rkey = be32_to_cpu(frame->rkey);
	u32 len = be32_to_cpu(frame->len);
	u8 *buf = wqp->rx.buf;
	enum sim_answer answer;

	lockdep_assert_held(&wqp->qp->resp_lock);
	if (frame->op == SIM_FRAME_SEND) {
		if (buf)
			memcpy(buf + offset, payload, len);
		if (!last)
			return SIM_IN_FLIGHT;
		return __sim_qp_recv(wqp->qp, src_qpn, buf ?: payload, total,
				     frame->flags & SIM_FRAME_SOLICITED);
	}
	if (!offset) {
		answer = __sim_qp_write_check(wqp->qp, src_qpn, raddr, rkey,
					      dma_len);
		if (answer == SIM_ACK && dma_len != total)
			answer = SIM_NAK_REQUEST;
		if (answer != SIM_ACK)
			return answer;
	}
	if (!len)
		return SIM_ACK;
	answer = __sim_qp_write(wqp->qp, raddr + offset, rkey, payload, len);
	if (answer == SIM_ACK && !last)
		answer = SIM_IN_FLIGHT;
	return answer;
}

static void sim_wire_answer(struct sim_wire *wire, const u8 *dmac,
			    const struct sim_frame *to, enum sim_answer answer,
			    u32 offset)
{
	struct sim_frame *frame;
	struct sk_buff *skb;

	skb = sim_frame_alloc(wire, dmac, 0, &frame);
	if (!skb)
		return;
	frame->op = SIM_FRAME_ANSWER;
	frame->answer = answer;
	frame->dest_qpn = to->src_qpn;
	frame->src_qpn = to->dest_qpn;
	frame->psn = to->psn;
	frame->round = to->round;
	frame->offset = cpu_to_be32(offset);
	memcpy(frame->sgid, to->dgid, sizeof(frame->sgid));
	memcpy(frame->dgid, to->sgid, sizeof(frame->dgid));
	sim_frame_xmit(wire, skb);
}

static void sim_wire_rx_piece(struct sim_wire *wire, struct sim_wire_qp *wqp,
			      const struct sim_frame *frame, u8 *payload,
			      const u8 *smac)
{
	bool ask = frame->flags & SIM_FRAME_ASK;
	enum sim_answer answer = SIM_IN_FLIGHT;
	struct sim_wire_rx *rx = &wqp->rx;
	enum sim_rx_verdict verdict;
	struct sim_qp *qp = wqp->qp;
	u32 offset;

	rcu_read_lock();
	spin_lock_bh(&qp->resp_lock);
	verdict = __sim_rx_begin(wqp, frame);
	if (verdict == SIM_RX_PIECE || verdict == SIM_RX_LAST) {
		answer = __sim_rx_deliver(wqp, frame, payload,
					  verdict == SIM_RX_LAST);
		__sim_rx_finish(wqp, frame, answer);
		/* What ends a message is told even when nobody asked. */
		ask |= answer != SIM_IN_FLIGHT;
	} else if (verdict == SIM_RX_STRAY) {
		sim_wire_count(wire, SIM_WIRE_RX_STRAY);
	} else {
		sim_wire_count(wire, SIM_WIRE_RX_ORDER);
		if (be32_to_cpu(frame->psn) != rx->psn)
			answer = rx->last;
	}
	offset = rx->off;
	spin_unlock_bh(&qp->resp_lock);
	rcu_read_unlock();

	if (ask && verdict >= SIM_RX_ANSWER && answer != SIM_NO_ANSWER)
		sim_wire_answer(wire, smac, frame, answer, offset);
}

/* Are the numbers in @frame possible, with @room bytes of payload behind it? */
static bool sim_frame_sane(const struct sim_frame *frame, u32 room)
{
	u32 offset = be32_to_cpu(frame->offset);
	u32 total = be32_to_cpu(frame->total);
	u32 len = be32_to_cpu(frame->len);
	u32 numbers;

	if (frame->version != SIM_WIRE_VERSION ||
	    (frame->flags & ~SIM_FRAME_FLAGS))
		return false;
	numbers = be32_to_cpu(frame->dest_qpn) | be32_to_cpu(frame->src_qpn) |
		  be32_to_cpu(frame->psn);
	if (numbers & ~SIM_PSN_MASK)
		return false;
	if (frame->op == SIM_FRAME_ANSWER)
		return !len && frame->answer <= SIM_IN_FLIGHT &&
		       frame->answer != SIM_NO_ANSWER &&
		       frame->answer != SIM_NAK_SEQUENCE;
	if (frame->op != SIM_FRAME_SEND && frame->op != SIM_FRAME_WRITE)
		return false;
	if (total > (frame->op == SIM_FRAME_SEND ? SIM_WIRE_SEND_MAX :
						   SIM_MAX_MSG))
		return false;
	/* Only an empty message has an empty frame. */
	return len <= room && offset <= total && len <= total - offset &&
	       (len || !total);
}

static int sim_wire_rx(struct sk_buff *skb, struct net_device *ndev,
		       struct packet_type *ptype, struct net_device *orig_ndev)
{
	struct sim_wire *wire = container_of(ptype, struct sim_wire, ptype);
	struct sim_frame *frame;
	struct sim_qp *qp;
	u8 *payload;

	if (skb->pkt_type != PACKET_HOST)
		goto drop;
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return NET_RX_DROP;
	if (skb->len < sizeof(*frame) || skb_linearize(skb))
		goto bad;
	frame = (struct sim_frame *)skb->data;
	payload = skb->data + sizeof(*frame);
	if (!sim_frame_sane(frame, skb->len - sizeof(*frame)))
		goto bad;
	sim_wire_count(wire, SIM_WIRE_RX);
	qp = sim_qp_get(wire->sim, be32_to_cpu(frame->dest_qpn));
	if (!qp) {
		sim_wire_count(wire, SIM_WIRE_RX_STRAY);
		goto drop;
	}
	if (frame->op == SIM_FRAME_ANSWER)
		sim_wire_rx_answer(&qp->wire, frame);
	else
		sim_wire_rx_piece(wire, &qp->wire, frame, payload,
				  eth_hdr(skb)->h_source);
	sim_qp_put(qp);
	consume_skb(skb);
	return NET_RX_SUCCESS;

bad:
	sim_wire_count(wire, SIM_WIRE_RX_BAD);
drop:
	kfree_skb(skb);
	return NET_RX_DROP;
}

/**
 * sim_wire_qp_init() - set up the wire's part of a queue pair
 * @wqp: embedded in @qp
 * @qp: queue pair that nobody else sees yet
 *
 * Context: any.
 */
void sim_wire_qp_init(struct sim_wire_qp *wqp, struct sim_qp *qp)
{
	wqp->qp = qp;
	spin_lock_init(&wqp->tx.lock);
	timer_setup(&wqp->tx.timer, sim_wire_timeout, 0);
}

/**
 * sim_wire_qp_ready() - take messages from now on
 * @wqp: part of a queue pair whose peer is known
 * @rq_psn: number of the first message
 *
 * Context: bottom halves disabled; the caller holds the queue pair's
 * resp_lock.
 */
void sim_wire_qp_ready(struct sim_wire_qp *wqp, u32 rq_psn)
{
	lockdep_assert_held(&wqp->qp->resp_lock);
	wqp->rx.psn = rq_psn & SIM_PSN_MASK;
	wqp->rx.answered = false;
	wqp->rx.off = 0;
}

/**
 * sim_wire_qp_reset() - send no more
 * @wqp: part of a queue pair in reset or error state
 *
 * The message under way is forgotten. An answer that arrived before may still
 * be on its way to sim_req_answer().
 *
 * Context: any but hard interrupts; the queue pair's locks may be held.
 */
void sim_wire_qp_reset(struct sim_wire_qp *wqp)
{
	spin_lock_bh(&wqp->tx.lock);
	wqp->tx.msg = NULL;
	wqp->tx.numbered = false;
	timer_delete(&wqp->tx.timer);
	spin_unlock_bh(&wqp->tx.lock);
}

/**
 * sim_wire_qp_exit() - end the timer of a queue pair
 * @wqp: part of a queue pair that was reset and that sim_qp_get() does not
 *	find any more
 *
 * Context: process, may sleep.
 */
void sim_wire_qp_exit(struct sim_wire_qp *wqp)
{
	timer_shutdown_sync(&wqp->tx.timer);
}

/**
 * sim_wire_qp_free() - free what the wire's part of a queue pair has
 * @wqp: part of a queue pair that nobody has a reference to any more
 *
 * Until then a frame may be on its way into the buffer.
 *
 * Context: any.
 */
void sim_wire_qp_free(struct sim_wire_qp *wqp)
{
	kfree(wqp->rx.buf);
}

/**
 * sim_wire_start() - take frames from a port's network device
 * @wire: the wire's part of the port
 * @sim: device
 * @port: number of the port
 * @ndev: the network device, which stays until sim_wire_stop()
 *
 * Context: process.
 */
void sim_wire_start(struct sim_wire *wire, struct sim_dev *sim, u32 port,
		    struct net_device *ndev)
{
	wire->sim = sim;
	wire->port = port;
	wire->ptype.type = htons(SIM_WIRE_ETHERTYPE);
	wire->ptype.dev = ndev;
	WRITE_ONCE(wire->ptype.func, sim_wire_rx);
	dev_add_pack(&wire->ptype);
}

/**
 * sim_wire_stop() - take no more frames
 * @wire: the wire's part of a port, started or not
 *
 * Nothing arrives from the wire after this returned.
 *
 * Context: process, may sleep.
 */
void sim_wire_stop(struct sim_wire *wire)
{
	if (!wire->ptype.func)
		return;
	dev_remove_pack(&wire->ptype);
	WRITE_ONCE(wire->ptype.func, NULL);
}

static const char * const sim_wire_stats[SIM_WIRE_STATS] = {
	[SIM_WIRE_TX] = "tx",
	[SIM_WIRE_TX_DROP] = "tx_drop",
	[SIM_WIRE_AGAIN] = "again",
	[SIM_WIRE_RX] = "rx",
	[SIM_WIRE_RX_BAD] = "rx_bad",
	[SIM_WIRE_RX_STRAY] = "rx_stray",
	[SIM_WIRE_RX_ORDER] = "rx_order",
};

/**
 * sim_wire_show() - count the frames of a port
 * @seq: gets a line "portN_wire_NAME COUNT" for each counter
 * @wire: the wire's part of the port
 *
 * Context: any.
 */
void sim_wire_show(struct seq_file *seq, struct sim_wire *wire)
{
	int i;

	for (i = 0; i < SIM_WIRE_STATS; i++)
		seq_printf(seq, "port%u_wire_%s %lld\n", wire->port,
			   sim_wire_stats[i], atomic64_read(&wire->stat[i]));
}
