// SPDX-License-Identifier: GPL-2.0
/*
 * A small TCP on a packet socket. It lives behind an IP address that nobody
 * else on the segment has and answers ARP for it, so the kernel of the host it
 * runs on sees its segments as somebody else's and leaves them alone. One
 * thread; segments in order only; resends until acknowledged.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"
#include "fibre.h"
#include "minitcp.h"

#define RESEND_MS	300

#define F_FIN		0x01
#define F_SYN		0x02
#define F_RST		0x04
#define F_PSH		0x08
#define F_ACK		0x10

#define OFF_IP		14
#define OFF_TCP		34	/* we send no IP options */

static const __u8 smc_option[8] = {
	1, 1, 0xfe, 6, 0xe2, 0xd4, 0xc3, 0xd9,
};

static __u16 get16(const __u8 *p)
{
	return p[0] << 8 | p[1];
}

static __u32 get32(const __u8 *p)
{
	return (__u32)get16(p) << 16 | get16(p + 2);
}

static void put16(__u8 *p, __u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(__u8 *p, __u32 v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static __u32 sum16(const __u8 *p, size_t len, __u32 sum)
{
	for (; len > 1; len -= 2, p += 2)
		sum += get16(p);
	if (len)
		sum += p[0] << 8;
	return sum;
}

static __u16 fold(__u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static void put_ip(__u8 *ip, __u32 src, __u32 dst, size_t len)
{
	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, len);
	ip[8] = 64;
	ip[9] = IPPROTO_TCP;
	memcpy(ip + 12, &src, 4);
	memcpy(ip + 16, &dst, 4);
	put16(ip + 10, fold(sum16(ip, 20, 0)));
}

static void emit(struct mt_conn *c, __u8 flags, __u32 seq,
		 const void *data, size_t len)
{
	__u8 f[OFF_TCP + 40 + MT_MSS] = {}, *tcp = f + OFF_TCP;
	size_t hdr = 20;
	__u32 sum;

	if ((flags & F_SYN) && c->offer) {
		memcpy(tcp + hdr, smc_option, sizeof(smc_option));
		hdr += sizeof(smc_option);
	}
	memcpy(f, c->peer_mac, 6);
	memcpy(f + 6, c->host->mac, 6);
	put16(f + 12, ETH_P_IP);
	put_ip(f + OFF_IP, c->host->ip, c->peer_ip, 20 + hdr + len);
	put16(tcp, c->lport);
	put16(tcp + 2, c->rport);
	put32(tcp + 4, seq);
	if (flags & F_ACK)
		put32(tcp + 8, c->rcv_nxt);
	tcp[12] = hdr / 4 << 4;
	tcp[13] = flags;
	put16(tcp + 14, 32768);
	memcpy(tcp + hdr, data, len);
	sum = sum16(f + OFF_IP + 12, 8, IPPROTO_TCP + hdr + len);
	put16(tcp + 16, fold(sum16(tcp, hdr + len, sum)));
	if (send(c->host->fd, f, OFF_TCP + hdr + len, 0) < 0)
		perror("packet socket");
}

static bool has_option(const __u8 *opt, size_t len)
{
	while (len >= 2) {
		if (opt[0] == 0)
			break;
		if (opt[0] == 1) {
			opt++;
			len--;
			continue;
		}
		if (opt[1] < 2 || opt[1] > len)
			break;
		if (opt[0] == 0xfe && opt[1] >= 6 &&
		    get32(opt + 2) == 0xe2d4c3d9)
			return true;
		len -= opt[1];
		opt += opt[1];
	}
	return false;
}

static struct mt_conn *conn_new(struct mt_host *h)
{
	static __u16 next_port = 20000;
	struct mt_conn *c;
	int i;

	for (i = 0; i < MT_MAX_CONNS && h->conns[i]; i++)
		;
	if (i == MT_MAX_CONNS)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->host = h;
	c->lport = next_port++;
	c->snd_nxt = now_ms() * 250000 + c->lport;
	c->snd_una = c->snd_nxt;
	h->conns[i] = c;
	return c;
}

/**
 * mt_free() - forget a connection; nothing is sent
 * @c: connection
 */
void mt_free(struct mt_conn *c)
{
	int i;

	for (i = 0; i < MT_MAX_CONNS; i++)
		if (c->host->conns[i] == c)
			c->host->conns[i] = NULL;
	free(c);
}

static void arp_reply(struct mt_host *h, const __u8 *f, size_t len)
{
	__u8 r[42] = {};

	if (len < 42 || get16(f + 20) != 1 || memcmp(f + 38, &h->ip, 4))
		return;
	memcpy(r, f + 6, 6);
	memcpy(r + 6, h->mac, 6);
	memcpy(r + 12, f + 12, 8);	/* type and ARP constants */
	put16(r + 20, 2);
	memcpy(r + 22, h->mac, 6);
	memcpy(r + 28, &h->ip, 4);
	memcpy(r + 32, f + 22, 10);
	send(h->fd, r, sizeof(r), 0);
}

static void conn_segment(struct mt_conn *c, const __u8 *tcp, size_t hdr,
			 const __u8 *data, size_t len)
{
	__u32 seq = get32(tcp + 4);
	__u8 flags = tcp[13];

	if (flags & F_RST) {
		c->rst = true;
		return;
	}
	if (flags & F_SYN) {
		c->offered = has_option(tcp + 20, hdr - 20);
		c->rcv_nxt = seq + 1;
		if (!(flags & F_ACK) && c->refuse) {
			mt_rst(c);
			c->rst = true;
			return;
		}
		if (!(flags & F_ACK)) {		/* also a repeated SYN */
			emit(c, F_SYN | F_ACK, c->snd_una, NULL, 0);
			c->snd_nxt = c->snd_una + 1;
			return;
		}
	}
	if (flags & F_ACK) {
		__u32 ack = get32(tcp + 8);

		if ((int32_t)(ack - c->snd_una) > 0 &&
		    (int32_t)(c->snd_nxt - ack) >= 0)
			c->snd_una = ack;
		if (c->snd_una == c->snd_nxt)
			c->open = true;
	}
	if (!(flags & (F_SYN | F_FIN)) && !len)
		return;
	if (seq == c->rcv_nxt && len && c->rx_len + len <= MT_RX_SIZE) {
		memcpy(c->rx + c->rx_len, data, len);
		c->rx_len += len;
		c->rcv_nxt += len;
		seq += len;
	}
	if ((flags & F_FIN) && seq == c->rcv_nxt && !c->fin) {
		c->fin = true;
		c->rcv_nxt++;
	}
	emit(c, F_ACK, c->snd_nxt, NULL, 0);
}

/* Not one that was reset: the peer may use its port again. */
static struct mt_conn *conn_find(struct mt_host *h, __u32 ip, __u16 rport,
				 __u16 lport)
{
	int i;

	for (i = 0; i < MT_MAX_CONNS; i++) {
		struct mt_conn *c = h->conns[i];

		if (c && !c->rst && c->peer_ip == ip && c->rport == rport &&
		    c->lport == lport)
			return c;
	}
	return NULL;
}

static void ip_packet(struct mt_host *h, const __u8 *f, size_t len)
{
	const __u8 *ip = f + OFF_IP, *tcp;
	size_t total, ihl, hdr;
	struct mt_conn *c;
	__u32 src;

	ihl = (ip[0] & 15) * 4;
	total = get16(ip + 2);
	if (ihl < 20 || total < ihl + 20 || total + OFF_IP > len ||
	    ip[9] != IPPROTO_TCP || memcmp(ip + 16, &h->ip, 4))
		return;
	tcp = ip + ihl;
	hdr = (tcp[12] >> 4) * 4;
	if (hdr < 20 || ihl + hdr > total)
		return;
	memcpy(&src, ip + 12, 4);
	c = conn_find(h, src, get16(tcp), get16(tcp + 2));
	if (!c && (tcp[13] & (F_SYN | F_ACK)) == F_SYN && h->accept) {
		c = conn_new(h);
		if (!c)
			return;
		c->peer_ip = src;
		c->rport = get16(tcp);
		c->lport = get16(tcp + 2);
		memcpy(c->peer_mac, f + 6, 6);
		if (!h->accept(c)) {
			mt_free(c);
			return;
		}
	}
	if (c)
		conn_segment(c, tcp, hdr, tcp + hdr, total - ihl - hdr);
}

/**
 * mt_poll() - handle what comes in
 * @h: host
 * @timeout_ms: longest wait for the first frame
 *
 * A fibre gives way instead: the main loop polls.
 */
void mt_poll(struct mt_host *h, int timeout_ms)
{
	struct pollfd p = { .fd = h->fd, .events = POLLIN };
	static __u8 f[65536 + 64];
	struct sockaddr_ll from;
	socklen_t flen;
	ssize_t n;

	if (fibre_inside()) {
		fibre_pause();
		return;
	}
	if (poll(&p, 1, timeout_ms) <= 0)
		return;
	for (;;) {
		flen = sizeof(from);
		n = recvfrom(h->fd, f, sizeof(f), MSG_DONTWAIT,
			     (struct sockaddr *)&from, &flen);
		if (n < OFF_TCP)
			break;
		if (from.sll_pkttype == PACKET_OUTGOING)
			continue;
		if (get16(f + 12) == ETH_P_ARP)
			arp_reply(h, f, n);
		else if (get16(f + 12) == ETH_P_IP)
			ip_packet(h, f, n);
	}
}

/**
 * mt_open() - appear on a segment
 * @h: host to fill in; @h->accept is kept
 * @dev: network interface
 * @ip: an IPv4 address that no host of the segment has
 *
 * Return: 0 or -1 with errno.
 */
int mt_open(struct mt_host *h, const char *dev, const char *ip)
{
	struct sockaddr_ll sa = { .sll_family = AF_PACKET };
	struct ifreq ifr = {};
	int size = 4 << 20;

	if (inet_pton(AF_INET, ip, &h->ip) != 1)
		return -1;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	h->fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	if (h->fd < 0)
		return -1;
	setsockopt(h->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	h->ifindex = if_nametoindex(dev);
	sa.sll_ifindex = h->ifindex;
	sa.sll_protocol = htons(ETH_P_ALL);
	if (!h->ifindex || ioctl(h->fd, SIOCGIFHWADDR, &ifr) ||
	    bind(h->fd, (struct sockaddr *)&sa, sizeof(sa))) {
		close(h->fd);
		return -1;
	}
	memcpy(h->mac, ifr.ifr_hwaddr.sa_data, 6);
	return 0;
}

/**
 * mt_resolve() - ask for a MAC and wait for it: any ARP reply from that address
 * @h: host
 * @ip: whose, network order
 * @timeout_ms: longest wait
 *
 * Not for fibres. Other frames that come meanwhile are lost.
 *
 * Return: @h knows where to send to, for mt_connect().
 */
bool mt_resolve(struct mt_host *h, __u32 ip, int timeout_ms)
{
	long long end = now_ms() + timeout_ms, next = 0;
	static const __u8 head[8] = { 8, 6, 0, 1, 8, 0, 6, 4 };
	__u8 f[2048], q[42];
	ssize_t n;

	memset(q, 0, sizeof(q));
	memset(q, 0xff, 6);
	memcpy(q + 6, h->mac, 6);
	memcpy(q + 12, head, sizeof(head));
	put16(q + 20, 1);
	memcpy(q + 22, h->mac, 6);
	memcpy(q + 28, &h->ip, 4);
	memcpy(q + 38, &ip, 4);
	while (now_ms() < end) {
		struct pollfd p = { .fd = h->fd, .events = POLLIN };

		if (now_ms() >= next) {
			send(h->fd, q, sizeof(q), 0);
			next = now_ms() + RESEND_MS;
		}
		if (poll(&p, 1, 50) <= 0)
			continue;
		n = recv(h->fd, f, sizeof(f), MSG_DONTWAIT);
		if (n >= 42 && get16(f + 12) == ETH_P_ARP &&
		    get16(f + 20) == 2 && !memcmp(f + 28, &ip, 4)) {
			memcpy(h->peer_mac, f + 22, 6);
			h->peer_ip = ip;
			return true;
		}
	}
	return false;
}

/**
 * mt_connect() - open a connection
 * @h: host
 * @port: port of the host that mt_resolve() found
 * @offer: send the SMC option
 * @timeout_ms: longest wait
 *
 * Return: the connection, or NULL if there was no SYN-ACK.
 */
struct mt_conn *mt_connect(struct mt_host *h, __u16 port, bool offer,
			   int timeout_ms)
{
	long long end = now_ms() + timeout_ms, next = 0;
	struct mt_conn *c = conn_new(h);

	if (!c)
		return NULL;
	c->peer_ip = h->peer_ip;
	c->rport = port;
	c->offer = offer;
	memcpy(c->peer_mac, h->peer_mac, 6);
	c->snd_nxt = c->snd_una + 1;
	while (!c->open && !c->rst && now_ms() < end) {
		if (now_ms() >= next) {
			emit(c, F_SYN, c->snd_una, NULL, 0);
			next = now_ms() + RESEND_MS;
		}
		mt_poll(h, 20);
	}
	if (c->open)
		return c;
	mt_free(c);
	return NULL;
}

/**
 * mt_send() - send bytes and wait until they are acknowledged
 * @c: connection
 * @buf: data
 * @len: number of bytes
 * @timeout_ms: longest wait for each segment
 *
 * Return: acknowledged. False if the peer reset or does not answer.
 */
bool mt_send(struct mt_conn *c, const void *buf, size_t len, int timeout_ms)
{
	const __u8 *p = buf;

	while (len) {
		size_t n = len > MT_MSS ? MT_MSS : len;
		long long end = now_ms() + timeout_ms, next = 0;
		__u32 seq = c->snd_nxt;

		c->snd_nxt += n;
		while (c->snd_una != c->snd_nxt) {
			if (c->rst || now_ms() > end)
				return false;
			if (now_ms() >= next) {
				emit(c, F_ACK | F_PSH, seq, p, n);
				next = now_ms() + RESEND_MS;
			}
			mt_poll(c->host, 20);
		}
		p += n;
		len -= n;
	}
	return true;
}

/**
 * mt_push() - send a byte in a segment of its own, once
 * @c: connection
 * @byte: the byte
 */
void mt_push(struct mt_conn *c, __u8 byte)
{
	emit(c, F_ACK | F_PSH, c->snd_nxt, &byte, 1);
	c->snd_nxt++;
}

/**
 * mt_peek() - wait for bytes; they stay in @c->rx
 * @c: connection
 * @want: number waited for
 * @timeout_ms: longest wait
 *
 * Return: number that is there; less than @want at the end of the stream.
 */
size_t mt_peek(struct mt_conn *c, size_t want, int timeout_ms)
{
	long long end = now_ms() + timeout_ms;

	while (c->rx_len < want && !c->fin && !c->rst && now_ms() < end)
		mt_poll(c->host, 20);
	return c->rx_len;
}

/**
 * mt_take() - drop bytes from the front of what was received
 * @c: connection
 * @len: number, at most @c->rx_len
 */
void mt_take(struct mt_conn *c, size_t len)
{
	memmove(c->rx, c->rx + len, c->rx_len - len);
	c->rx_len -= len;
}

/**
 * mt_wait_end() - wait until the peer ends the connection
 * @c: connection
 * @timeout_ms: longest wait
 *
 * Return: it has sent FIN or RST.
 */
bool mt_wait_end(struct mt_conn *c, int timeout_ms)
{
	long long end = now_ms() + timeout_ms;

	while (!c->fin && !c->rst && now_ms() < end)
		mt_poll(c->host, 20);
	return c->fin || c->rst;
}

/**
 * mt_fin() - end our direction
 * @c: connection
 */
void mt_fin(struct mt_conn *c)
{
	emit(c, F_FIN | F_ACK, c->snd_nxt, NULL, 0);
	c->snd_nxt++;
}

/**
 * mt_rst() - reset the connection
 * @c: connection
 */
void mt_rst(struct mt_conn *c)
{
	emit(c, F_RST | F_ACK, c->snd_nxt, NULL, 0);
}
