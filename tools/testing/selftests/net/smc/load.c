// SPDX-License-Identifier: GPL-2.0
/*
 * One connection of the load program: request/response rounds and checked
 * bulk transfer, the same code on both sides; and the server.
 */
#include <endian.h>
#include <errno.h>
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "load.h"

#define STACK		(256 * 1024)
#define MAX_CHUNK	(1024 * 1024)
#define DRAIN_STEP	50	/* ms between looks at a held connection */

/**
 * load_errname() - symbolic name of an errno
 * @err: errno
 *
 * Return: its name.
 */
const char *load_errname(int err)
{
	const char *name = strerrorname_np(err);

	return name ? name : "E?";
}

static bool fail(struct load_error *e, const char *what, int err, long long at)
{
	if (!e->what) {
		e->what = what;
		e->err = err;
		e->at = at;
	}
	return false;
}

/**
 * load_set_timeout() - bound every blocking call on a socket
 * @fd: socket
 * @seconds: bound
 */
void load_set_timeout(int fd, int seconds)
{
	struct timeval tv = { .tv_sec = seconds };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

/**
 * load_socket() - a socket of the configured kind, calls bounded
 * @cfg: configuration
 *
 * Return: the socket, or -1 with errno.
 */
int load_socket(const struct load_config *cfg)
{
	int fd = socket(cfg->af, SOCK_STREAM | SOCK_CLOEXEC, cfg->protocol);
	int one = 1;

	if (fd < 0)
		return -1;
	load_set_timeout(fd, cfg->timeout_s);
	if (cfg->nodelay)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (cfg->buffer) {
		setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &cfg->buffer,
			   sizeof(cfg->buffer));
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &cfg->buffer,
			   sizeof(cfg->buffer));
	}
	return fd;
}

static __u16 port_of(int fd, int (*get)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_storage sa = {};
	socklen_t len = sizeof(sa);

	get(fd, (struct sockaddr *)&sa, &len);
	return ntohs(((struct sockaddr_in *)&sa)->sin_port);
}

/**
 * load_has_mode() - ask sock_diag whether a connection is of the mode expected
 * @fd: connection
 * @cfg: configuration
 * @view: receives what was found
 *
 * Return: true if it is.
 */
bool load_has_mode(int fd, const struct load_config *cfg, struct smc_view *view)
{
	return !smc_view_get(port_of(fd, getsockname),
			     port_of(fd, getpeername), view) &&
	       view->found && view->mode == cfg->expect_mode;
}

/**
 * load_send() - send a whole buffer
 * @fd: socket
 * @buf: data
 * @len: number of bytes
 * @e: filled in when it fails
 *
 * Return: success.
 */
bool load_send(int fd, const void *buf, size_t len, struct load_error *e)
{
	const char *p = buf;

	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n < 0)
			return fail(e, "send", errno, -1);
		p += n;
		len -= n;
	}
	return true;
}

/**
 * load_recv() - receive a whole buffer
 * @fd: socket
 * @buf: buffer
 * @len: its size
 * @e: filled in when it fails
 *
 * Return: success.
 */
bool load_recv(int fd, void *buf, size_t len, struct load_error *e)
{
	char *p = buf;

	while (len) {
		ssize_t n = recv(fd, p, len, 0);

		if (n < 0)
			return fail(e, "recv", errno, -1);
		if (!n)
			return fail(e, "eof", 0, -1);
		p += n;
		len -= n;
	}
	return true;
}

/**
 * load_rr() - request/response rounds, each message checked
 * @fd: connection
 * @size: bytes of a message
 * @rounds: number of rounds
 * @first: this side sends the requests
 * @e: filled in when a round fails
 */
void load_rr(int fd, __u32 size, __u64 rounds, bool first,
	     struct load_error *e)
{
	__u8 *buf = malloc(size);
	__u64 i;

	if (!buf) {
		fail(e, "malloc", ENOMEM, -1);
		return;
	}
	for (i = 0; i < rounds && !e->what; i++) {
		if (first) {
			pat_fill(buf, size, 1, i);
			if (!load_send(fd, buf, size, e))
				break;
		}
		if (!load_recv(fd, buf, size, e))
			break;
		if (pat_diff(buf, size, first ? 2 : 1, i) >= 0) {
			fail(e, "difference", 0, i);
			break;
		}
		if (!first) {
			pat_fill(buf, size, 2, i);
			load_send(fd, buf, size, e);
		}
	}
	free(buf);
}

struct bulk_half {
	int fd;
	__u64 bytes;
	__u32 chunk;
	__u32 seed;
	struct load_error e;
};

static void *bulk_writer(void *arg)
{
	struct bulk_half *h = arg;
	__u8 *buf = malloc(h->chunk);
	__u64 off = 0;

	if (!buf)
		fail(&h->e, "malloc", ENOMEM, -1);
	while (buf && off < h->bytes) {
		__u64 n = h->bytes - off;

		if (n > h->chunk)
			n = h->chunk;
		pat_fill(buf, n, h->seed, off);
		if (!load_send(h->fd, buf, n, &h->e))
			break;
		off += n;
	}
	if (h->e.what)
		h->e.at = off;
	free(buf);
	return NULL;
}

static void bulk_reader(struct bulk_half *h)
{
	__u8 *buf = malloc(h->chunk);
	__u64 off = 0;

	if (!buf)
		fail(&h->e, "malloc", ENOMEM, -1);
	while (buf && off < h->bytes && !h->e.what) {
		size_t n = h->bytes - off > h->chunk ? h->chunk : h->bytes - off;
		ssize_t r = recv(h->fd, buf, n, 0);
		long long diff;

		if (r <= 0) {
			fail(&h->e, r ? "recv" : "eof", r ? errno : 0, off);
			break;
		}
		diff = pat_diff(buf, r, h->seed, off);
		if (diff >= 0)
			fail(&h->e, "difference", 0, diff);
		off += r;
	}
	free(buf);
}

/**
 * load_bulk() - so many bytes in each direction at once, every byte checked
 * @fd: connection
 * @bytes: bytes each way
 * @chunk: bytes a call
 * @tx_seed: stream that this side sends
 * @rx_seed: stream that it must receive
 * @e: filled in when something fails
 */
void load_bulk(int fd, __u64 bytes, __u32 chunk, __u32 tx_seed,
	       __u32 rx_seed, struct load_error *e)
{
	struct bulk_half tx = { fd, bytes, chunk, tx_seed, {} };
	struct bulk_half rx = { fd, bytes, chunk, rx_seed, {} };
	pthread_t thread;

	if (pthread_create(&thread, NULL, bulk_writer, &tx)) {
		fail(e, "thread", errno, -1);
		return;
	}
	bulk_reader(&rx);
	if (rx.e.what)
		shutdown(fd, SHUT_RDWR);	/* the writer must end, too */
	pthread_join(thread, NULL);
	/* An error is told once: the writer may have it, the reader an end */
	*e = rx.e.what && !(tx.e.err && !rx.e.err) ? rx.e : tx.e;
}

/* Held connections cost no traffic: wait for the peer's end of it. */
static void serve_hold(int fd)
{
	char c;

	load_set_timeout(fd, 3600);
	while (recv(fd, &c, 1, 0) > 0)
		;
}

static void serve_bulk(int fd, const struct load_request *rq)
{
	struct load_result result = { .diff = ~0ULL };
	struct load_error e = {};

	load_bulk(fd, be64toh(rq->count), ntohl(rq->size), ntohl(rq->seed) + 1,
		  ntohl(rq->seed), &e);
	if (e.what && !strcmp(e.what, "difference"))
		result.diff = htobe64(e.at);
	else if (e.what)
		return;
	load_send(fd, &result, sizeof(result), &e);
}

static const struct load_config *server_cfg;

/* A connection of the wrong mode is told and not served. */
static bool serve_mode(int fd)
{
	struct smc_view v;

	if (server_cfg->expect_mode < 0 || load_has_mode(fd, server_cfg, &v))
		return true;
	printf("wrong found=%d state=%u mode=%u reason=0x%08x peer=0x%08x\n",
	       v.found, v.state, v.mode, v.reason, v.peer_diagnosis);
	fflush(stdout);
	return false;
}

static void *serve_one(void *arg)
{
	int fd = (intptr_t)arg;
	struct load_request rq;
	struct load_error e = {};

	if (!serve_mode(fd) || !load_recv(fd, &rq, sizeof(rq), &e) ||
	    ntohl(rq.magic) != LOAD_MAGIC || !rq.size ||
	    ntohl(rq.size) > MAX_CHUNK)
		goto out;
	switch (ntohl(rq.mode)) {
	case LOAD_RR:
		load_rr(fd, ntohl(rq.size), be64toh(rq.count), false, &e);
		load_recv(fd, &rq, 1, &e);	/* the client closes first */
		break;
	case LOAD_BULK:
		serve_bulk(fd, &rq);
		load_recv(fd, &rq, 1, &e);
		break;
	case LOAD_HOLD:
		if (load_send(fd, "h", 1, &e))
			serve_hold(fd);
		break;
	}
out:
	close(fd);
	return NULL;
}

/**
 * load_serve() - serve load connections for good, a thread each
 * @cfg: configuration; the address is where to listen
 *
 * Return: exit code, if it cannot start.
 */
int load_serve(const struct load_config *cfg)
{
	int lfd = load_socket(cfg), one = 1, fd;
	pthread_attr_t attr;
	pthread_t thread;

	server_cfg = cfg;
	if (lfd < 0) {
		perror("socket");
		return 1;
	}
	load_set_timeout(lfd, 0);
	setsockopt(lfd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(lfd, (const struct sockaddr *)&cfg->sa, cfg->sa_len) ||
	    listen(lfd, 1024)) {
		perror("listen");
		return 1;
	}
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK);
	printf("listening\n");
	fflush(stdout);
	for (;;) {
		fd = accept4(lfd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0) {
			struct pollfd p = { .fd = -1 };

			if (errno == EMFILE || errno == ENFILE)
				poll(&p, 0, DRAIN_STEP);
			continue;
		}
		load_set_timeout(fd, cfg->timeout_s);
		if (cfg->nodelay)
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
				   sizeof(one));
		if (pthread_create(&thread, &attr, serve_one,
				   (void *)(intptr_t)fd))
			close(fd);
	}
}
