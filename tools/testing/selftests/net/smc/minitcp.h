/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A TCP of our own on a packet socket, for peers that no kernel would be: it
 * chooses the SMC option freely, falls silent, and ends where it likes.
 */
#ifndef _SMC_SELFTEST_MINITCP_H
#define _SMC_SELFTEST_MINITCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#define MT_RX_SIZE	8192
#define MT_MAX_CONNS	512
#define MT_MSS		1400

struct mt_conn;

/**
 * struct mt_host - a host of our own on an Ethernet segment
 * @fd:		packet socket
 * @ifindex:	interface
 * @mac:	its MAC, shared with the real host
 * @ip:		our address, network order; no other host may have it
 * @peer_ip:	host to connect to, network order, see mt_resolve()
 * @peer_mac:	its MAC
 * @port:	for who uses it: its first port
 * @conns:	open connections
 * @accept:	called with a new connection for each SYN, NULL to refuse
 */
struct mt_host {
	int fd;
	int ifindex;
	__u8 mac[6];
	__u32 ip;
	__u32 peer_ip;
	__u8 peer_mac[6];
	__u16 port;
	struct mt_conn *conns[MT_MAX_CONNS];
	bool (*accept)(struct mt_conn *c);
};

/**
 * struct mt_conn - one connection
 * @host:	our end
 * @peer_mac:	next hop
 * @peer_ip:	peer's address, network order
 * @lport:	our port, host order
 * @rport:	peer's port
 * @snd_nxt:	next sequence number to send
 * @snd_una:	oldest one not acknowledged
 * @rcv_nxt:	next one expected
 * @offer:	our SYN or SYN-ACK carries the SMC option
 * @offered:	the peer's did
 * @refuse:	answer the peer's SYN with RST
 * @open:	handshake done
 * @fin:	peer has sent FIN
 * @rst:	peer has sent RST
 * @rx:		bytes received and not yet taken
 * @rx_len:	their number
 * @owner:	for who uses it
 */
struct mt_conn {
	struct mt_host *host;
	__u8 peer_mac[6];
	__u32 peer_ip;
	__u16 lport;
	__u16 rport;
	__u32 snd_nxt;
	__u32 snd_una;
	__u32 rcv_nxt;
	bool offer;
	bool offered;
	bool refuse;
	bool open;
	bool fin;
	bool rst;
	__u8 rx[MT_RX_SIZE];
	size_t rx_len;
	void *owner;
};

int mt_open(struct mt_host *h, const char *dev, const char *ip);
void mt_poll(struct mt_host *h, int timeout_ms);
bool mt_resolve(struct mt_host *h, __u32 ip, int timeout_ms);
struct mt_conn *mt_connect(struct mt_host *h, __u16 port, bool offer,
			   int timeout_ms);
bool mt_send(struct mt_conn *c, const void *buf, size_t len, int timeout_ms);
void mt_push(struct mt_conn *c, __u8 byte);
size_t mt_peek(struct mt_conn *c, size_t want, int timeout_ms);
void mt_take(struct mt_conn *c, size_t len);
bool mt_wait_end(struct mt_conn *c, int timeout_ms);
void mt_fin(struct mt_conn *c);
void mt_rst(struct mt_conn *c);
void mt_free(struct mt_conn *c);

#endif
