// SPDX-License-Identifier: GPL-2.0
/*
 * Data in both directions on some connections at once, by one thread: every
 * byte is checked, and so is the end of every stream. What may happen to an
 * end is that all its data arrive and then the end of stream, or an error. An
 * early end of stream is neither.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "campaign.h"

#define MAX_ENDS	64
#define MAX_CHUNK	65536

/**
 * pump_pair() - describe a connection that is to be used in both directions
 * @c: client's end, written here
 * @cfd: its socket
 * @s: server's end, written here
 * @sfd: its socket
 * @seed: of the two streams, even
 * @bytes: length of each
 * @chunk: most bytes a call
 */
void pump_pair(struct pump_end *c, int cfd, struct pump_end *s, int sfd,
	       __u32 seed, __u64 bytes, __u32 chunk)
{
	*c = (struct pump_end){
		.fd = cfd, .host = CAMP_CLIENT, .peer = s,
		.tx_seed = seed, .rx_seed = seed + 1,
		.tx_len = bytes, .rx_len = bytes,
		.chunk = chunk > MAX_CHUNK ? MAX_CHUNK : chunk,
	};
	*s = *c;
	s->fd = sfd;
	s->host = CAMP_SERVER;
	s->peer = c;
	s->tx_seed = c->rx_seed;
	s->rx_seed = c->tx_seed;
}

static bool finished(const struct pump_end *e)
{
	bool got_all = e->unended && e->rx_off == e->rx_len;

	return e->fd < 0 || (e->shut && (e->eof || got_all));
}

static const char *host_name(const struct pump_end *e)
{
	return e->host == CAMP_CLIENT ? "client" : "server";
}

static void end_with(struct pump_end *e, int err, const char *call)
{
	e->err = err;
	close(e->fd);
	e->fd = -1;
	camp_saw_error(call, err);
}

static void pump_send(struct pump_end *e)
{
	static __u8 buf[MAX_CHUNK];
	__u64 n = e->tx_len - e->tx_off;
	ssize_t r;

	if (n > e->chunk)
		n = e->chunk;
	pat_fill(buf, n, e->tx_seed, e->tx_off);
	r = send(e->fd, buf, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (r >= 0)
		e->tx_off += r;
	else if (errno == ENOMEM || errno == ENOBUFS)
		camp_total.survived++;	/* to be repeated */
	else if (errno != EAGAIN)
		end_with(e, errno, "send");
}

/* As with TCP a connection that has died is not connected; why, is told. */
static void pump_shut(struct pump_end *e)
{
	socklen_t len = sizeof(int);
	int err;

	if (!shutdown(e->fd, SHUT_WR)) {
		e->shut = true;
		return;
	}
	err = errno;
	if (err == ENOTCONN)
		getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	end_with(e, err, "shutdown");
}

static void pump_eof(struct pump_end *e)
{
	e->eof = true;
	if (e->alone || e->rx_off == e->rx_len)
		return;
	camp_wrong("%s: end of stream at %llu of %llu (peer: %s)",
		   host_name(e), (unsigned long long)e->rx_off,
		   (unsigned long long)e->rx_len,
		   e->peer->err ? strerror(e->peer->err) : "no error");
	/* Nothing more can come of it. */
	close(e->fd);
	e->fd = -1;
}

static void pump_recv(struct pump_end *e)
{
	static __u8 buf[MAX_CHUNK];
	ssize_t r = recv(e->fd, buf, e->chunk, MSG_DONTWAIT);
	long long diff;

	if (!r) {
		pump_eof(e);
		return;
	}
	if (r < 0) {
		if (errno == ENOMEM || errno == ENOBUFS)
			camp_total.survived++;
		else if (errno != EAGAIN)
			end_with(e, errno, "recv");
		return;
	}
	diff = pat_diff(buf, r, e->rx_seed, e->rx_off);
	if (diff >= 0)
		camp_wrong("%s: wrong byte at %lld", host_name(e), diff);
	e->rx_off += r;
	camp_total.bytes += r;
	if (e->rx_off > e->rx_len)
		camp_wrong("%s: more bytes than were sent", host_name(e));
}

static void pump_one(struct pump_end *e, short revents)
{
	if (revents & (POLLIN | POLLERR | POLLHUP) && !e->eof)
		pump_recv(e);
	if (e->fd >= 0 && revents & (POLLOUT | POLLERR | POLLHUP)) {
		if (e->tx_off < e->tx_len)
			pump_send(e);
		else if (!e->shut)
			pump_shut(e);
	}
}

static short wanted(const struct pump_end *e)
{
	return (e->eof ? 0 : POLLIN) | (e->shut ? 0 : POLLOUT);
}

static void pump_stuck(struct pump_end *ends, unsigned int num)
{
	unsigned int i;

	for (i = 0; i < num; i++) {
		struct pump_end *e = ends + i;

		if (finished(e))
			continue;
		camp_hang("%s: sent %llu of %llu, received %llu of %llu%s",
			  host_name(e), (unsigned long long)e->tx_off,
			  (unsigned long long)e->tx_len,
			  (unsigned long long)e->rx_off,
			  (unsigned long long)e->rx_len, e->eof ? ", end" : "");
	}
}

/**
 * pump_run() - exchange the data of some connections
 * @ends: ends of connections, see pump_pair()
 * @num: number of ends
 *
 * Ends that got an error are closed, the others stay open. What must not be
 * is reported.
 */
void pump_run(struct pump_end *ends, unsigned int num)
{
	long long deadline = now_ms() + CAMP_WAIT_MS;
	struct pollfd p[MAX_ENDS];
	unsigned int i, busy;

	if (num > MAX_ENDS)
		camp_die("%u ends are too many", num);
	for (;;) {
		for (i = 0, busy = 0; i < num; i++) {
			p[i].fd = finished(ends + i) ? -1 : ends[i].fd;
			p[i].events = wanted(ends + i);
			p[i].revents = 0;
			busy += p[i].fd >= 0;
		}
		if (!busy)
			return;
		/* It is for the kernel to wake us: no looks in between. */
		if (poll(p, num, CAMP_WAIT_MS) < 0 && errno != EINTR &&
		    errno != ENOMEM)
			camp_die("poll: %s", strerror(errno));
		if (now_ms() > deadline) {
			pump_stuck(ends, num);
			return;
		}
		for (i = 0; i < num; i++)
			if (p[i].fd >= 0 && p[i].revents)
				pump_one(ends + i, p[i].revents);
	}
}
