// SPDX-License-Identifier: GPL-2.0
/*
 * Framing of CLC messages (RFC 7609 section 3.5). The TCP connection carries
 * user data after them if the handshake ends in fallback, so not one byte
 * beyond a message may be taken: the header is peeked at until it is whole,
 * then exactly as much as it announces is read, in as many pieces as it comes.
 */
#include <linux/uio.h>
#include <net/sock.h>
#include "clc.h"

static int smc_clc_read(struct socket *tcp, void *buf, u32 len, int flags)
{
	struct msghdr msg = { .msg_flags = flags | MSG_DONTWAIT };
	struct kvec iov = { .iov_base = buf, .iov_len = len };

	return kernel_recvmsg(tcp, &msg, &iov, 1, len, msg.msg_flags);
}

/* Has all come that the peer will send? To be asked before looking at it. */
static bool smc_clc_ended(const struct smc_clc_chan *chan)
{
	return READ_ONCE(chan->tcp->sk->sk_shutdown) & RCV_SHUTDOWN;
}

/* Look at the header; nothing is consumed. */
static int smc_clc_peek_hdr(struct smc_clc_chan *chan)
{
	bool ended = smc_clc_ended(chan);
	u8 raw[SMC_CLC_HDR_LEN];
	int n;

	n = smc_clc_read(chan->tcp, raw, sizeof(raw), MSG_PEEK);
	if (n < 0)
		return n;
	if (!n)
		return -ECONNRESET;
	if (n < sizeof(raw))
		return ended ? -ECONNRESET : -EAGAIN;
	return smc_clc_decode_hdr(raw, sizeof(raw), &chan->hdr);
}

/* Where the next bytes go: into the buffer, or nowhere once it is full. */
static int smc_clc_read_some(struct smc_clc_chan *chan)
{
	u32 left = chan->hdr.len - chan->have;
	u8 drop[128];
	int n;

	if (chan->have < sizeof(chan->buf))
		n = smc_clc_read(chan->tcp, chan->buf + chan->have,
				 min_t(u32, left,
				       sizeof(chan->buf) - chan->have), 0);
	else
		n = smc_clc_read(chan->tcp, drop,
				 min_t(u32, left, sizeof(drop)), 0);
	if (!n)
		return -ECONNRESET;
	if (n > 0)
		chan->have += n;
	return n < 0 ? n : 0;
}

/**
 * smc_clc_recv() - go on receiving a message
 * @chan: the exchange
 * @expected: the type awaited; a Decline may come instead
 *
 * When 0 is returned the message is in @chan->buf, @chan->hdr.len bytes of it
 * or as many as fit, and the next call begins with the next message.
 *
 * Context: Process; does not wait for the peer.
 * Return: 0, -EAGAIN if the message is not complete yet, -EPROTO if this is
 * not the beginning of a message, -ENOMSG if it is another than the one awaited,
 * -ECONNRESET if the peer finished before it was complete, or TCP's error.
 */
int smc_clc_recv(struct smc_clc_chan *chan, u8 expected)
{
	int err;

	if (!chan->have) {
		err = smc_clc_peek_hdr(chan);
		if (err)
			return err;
		if (chan->hdr.type != expected &&
		    chan->hdr.type != SMC_CLC_DECLINE)
			return -ENOMSG;
	}
	while (chan->have < chan->hdr.len) {
		err = smc_clc_read_some(chan);
		if (err)
			return err;
	}
	chan->have = 0;
	return 0;
}

/**
 * smc_clc_opening() - does the stream begin with CLC?
 * @chan: the exchange, of which nothing has been received yet
 * @expected: the type awaited; a Decline may come instead
 *
 * A peer whose SYN or SYN-ACK carried the option by mistake sends user data,
 * our own maybe, or waits for them. Nothing is consumed.
 *
 * Context: Process; does not wait for the peer.
 * Return: enum smc_clc_opening, what can be said by now; or TCP's error.
 */
int smc_clc_opening(struct smc_clc_chan *chan, u8 expected)
{
	/* A fourth byte tells SMC-R from SMC-D; the type follows. */
	static const u8 eye[] = { 0xe2, 0xd4, 0xc3 };
	bool ended = smc_clc_ended(chan);
	u8 raw[sizeof(eye) + 2], type;
	int n;

	n = smc_clc_read(chan->tcp, raw, sizeof(raw), MSG_PEEK);
	if (n == -EAGAIN)
		return SMC_CLC_OPENING_NONE;
	if (!n || n == -ECONNRESET || n == -EPIPE)
		return SMC_CLC_OPENING_END;
	if (n < 0)
		return n;
	if (memcmp(raw, eye, min_t(int, n, sizeof(eye))))
		return SMC_CLC_OPENING_OTHER;
	type = raw[sizeof(raw) - 1];
	if (n == sizeof(raw))
		return type == expected || type == SMC_CLC_DECLINE ?
		       SMC_CLC_OPENING_CLC : SMC_CLC_OPENING_STRAY;
	return ended ? SMC_CLC_OPENING_END : SMC_CLC_OPENING_NONE;
}

/**
 * smc_clc_send() - send a message
 * @tcp: TCP connection
 * @buf: the encoded message
 * @len: its length, bytes
 *
 * Context: Process; does not wait: the few messages of a handshake fit into
 * the empty send queue of a fresh connection.
 * Return: 0, -ENOMEM, TCP's error, or -ENETUNREACH if TCP took only a part.
 */
int smc_clc_send(struct socket *tcp, const u8 *buf, int len)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct kvec iov = { .iov_base = (void *)buf, .iov_len = len };
	int n;

	n = kernel_sendmsg(tcp, &msg, &iov, 1, len);
	if (n == len)
		return 0;
	/* There is room, so what TCP would have to wait for is memory. */
	if (n == -EAGAIN)
		return -ENOMEM;
	return n < 0 ? n : -ENETUNREACH;
}

/**
 * smc_clc_send_decline() - tell the peer that it will be TCP
 * @tcp: TCP connection
 * @version: protocol version of the message, 1 or 2
 * @reason: why
 * @peer_id: this host's identity, or NULL if there is none yet
 *
 * Context: Process; does not wait.
 * Return: as smc_clc_send().
 */
int smc_clc_send_decline(struct socket *tcp, u8 version,
			 enum smc_decline reason, const u8 *peer_id)
{
	struct smc_clc_decline decl = {
		.version = version,
		.out_of_sync = reason == SMC_DECL_SYNCERR,
		.diagnosis = reason,
	};
	u8 buf[SMC_CLC_DECLINE_V2_LEN];
	int len;

	if (peer_id)
		memcpy(decl.peer_id, peer_id, SMC_PEER_ID_LEN);
	len = smc_clc_encode_decline(buf, sizeof(buf), &decl);
	return len < 0 ? len : smc_clc_send(tcp, buf, len);
}
