// SPDX-License-Identifier: GPL-2.0
/*
 * One life of a connection, step by step and both ends in turn: the handshake
 * runs in the kernel, so that one thread can connect before it accepts. A
 * fault can be aimed at the allocations of a step's system calls. A call that
 * failed so is repeated where that makes sense, and must then succeed with
 * not a byte lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/smc_diag.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <unistd.h>

#include "campaign.h"

#define SMALL		3000	/* bytes of a message of one call */
#define BULK_CHUNK	40000
#define SEED_SMALL	100
#define SEED_BULK	200
#define CLEAN_TRIES	4	/* a peer may have to learn of a loss first */

enum small { CLIENT_SENDS, SERVER_SENDS, CLIENT_SPLICES, SERVER_SPLICES,
	     SMALLS };

/**
 * struct life - a connection that is being worked on
 * @cy: what is wanted of it
 * @lfd: listener
 * @cfd: client's socket
 * @sfd: server's, once accepted
 * @epfd: epoll instance on the listener
 * @pipe: for splice
 * @port: of the listener
 * @sent: bytes sent of the small messages
 * @got: bytes received of them
 * @broken: whose program had an error and gave up
 */
struct life {
	struct cycle *cy;
	int lfd;
	int cfd;
	int sfd;
	int epfd;
	int pipe[2];
	int port;
	unsigned int sent[SMALLS];
	unsigned int got[SMALLS];
	enum camp_host broken;
};

/**
 * struct step - a system call or a few of them
 * @name: for reports
 * @host: whose program makes them
 * @call: does it; 0, or -1 with errno
 * @repeat: a failed call may be repeated
 * @aimed: only worth doing with a fault aimed at it
 */
struct step {
	const char *name;
	enum camp_host host;
	int (*call)(struct life *l);
	bool repeat;
	bool aimed;
};

static const int one = 1;

static int bound_waits(int fd)
{
	struct timeval tv = { .tv_sec = CAMP_WAIT_MS / 1000 };

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)))
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

/**
 * camp_keep_alive() - have a peer missed soon
 * @fd: socket
 *
 * A TCP peer that has gone, and of which nothing is heard: see left_tcp().
 *
 * Return: 0, or -1 with errno.
 */
int camp_keep_alive(int fd)
{
	if (setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &one, sizeof(one)))
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
}

static int do_listener(struct life *l)
{
	if (l->lfd < 0)
		l->lfd = camp_socket(CAMP_SERVER,
				     l->cy->kind != CAMP_TCP_SERVER);
	return l->lfd < 0 ? -1 : 0;
}

static int do_listener_options(struct life *l)
{
	int size = 65536;

	if (setsockopt(l->lfd, SOL_SOCKET, SO_REUSEADDR, &one,
		       sizeof(one)) ||
	    setsockopt(l->lfd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) ||
	    setsockopt(l->lfd, IPPROTO_TCP, TCP_NODELAY, &one,
		       sizeof(one)) ||
	    camp_keep_alive(l->lfd))
		return -1;
	return bound_waits(l->lfd);
}

static int do_bind(struct life *l)
{
	return camp_bind(l->lfd, CAMP_SERVER);
}

static int do_listen(struct life *l)
{
	if (listen(l->lfd, 8))
		return -1;
	l->port = camp_port(l->lfd);
	return 0;
}

static int do_client(struct life *l)
{
	if (l->cfd < 0)
		l->cfd = camp_socket(CAMP_CLIENT,
				     l->cy->kind != CAMP_TCP_CLIENT);
	return l->cfd < 0 ? -1 : bound_waits(l->cfd);
}

static int do_client_options(struct life *l)
{
	int size = 65536;

	if (camp_keep_alive(l->cfd))
		return -1;
	return setsockopt(l->cfd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static int do_connect(struct life *l)
{
	return camp_connect(l->cfd, l->port);
}

/* The client hears of it if the server's side of the handshake failed. */
static int do_await(struct life *l)
{
	struct pollfd p[2] = {
		{ .fd = l->lfd, .events = POLLIN },
		{ .fd = l->cfd, .events = POLLIN },
	};
	int n = poll(p, 2, CAMP_WAIT_MS);
	char c;

	if (n < 0)
		return -1;
	if (!n) {
		camp_hang("connected, but nobody to accept");
		errno = ETIMEDOUT;
		return -1;
	}
	if (p[0].revents & POLLIN)
		return 0;
	n = recv(l->cfd, &c, 1, MSG_DONTWAIT);
	if (n >= 0) {
		camp_wrong("client: %s before it was accepted",
			   n ? "a byte" : "end of stream");
		errno = ECONNRESET;
	}
	return -1;
}

static int do_epoll(struct life *l)
{
	struct epoll_event ev = { .events = EPOLLIN };

	if (l->epfd < 0)
		l->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epfd < 0)
		return -1;
	if (epoll_ctl(l->epfd, EPOLL_CTL_ADD, l->lfd, &ev) && errno != EEXIST)
		return -1;
	if (epoll_wait(l->epfd, &ev, 1, CAMP_WAIT_MS) == 1)
		return 0;
	camp_wrong("epoll does not see what poll saw");
	return -1;
}

static int do_accept(struct life *l)
{
	camp_enter(CAMP_SERVER);
	if (l->sfd < 0)
		l->sfd = accept4(l->lfd, NULL, NULL, SOCK_CLOEXEC);
	return l->sfd < 0 ? -1 : bound_waits(l->sfd);
}

static int view_of(enum camp_host host, int lport, int rport,
		   struct smc_view *v)
{
	camp_enter(host);
	return smc_view_get(lport, rport, v);
}

/* May this life go wrong at all? Not once what was hit has succeeded. */
static bool may_fail(const struct cycle *cy)
{
	return cy->armed || (cy->hit && !cy->over);
}

/* Both ends must agree on how to go on, and a fallback has a reason. */
static int do_view(struct life *l)
{
	int cport = camp_port(l->cfd);
	struct smc_view c, s;

	if (view_of(CAMP_CLIENT, cport, l->port, &c) ||
	    view_of(CAMP_SERVER, l->port, cport, &s))
		return -1;
	if (l->cy->kind == CAMP_TCP_CLIENT)
		c = s;
	else if (l->cy->kind == CAMP_TCP_SERVER)
		s = c;
	if (!c.found || !s.found) {
		/* Without memory a TCP peer is accepted all the same. */
		if (l->cy->kind == CAMP_TCP_CLIENT && l->cy->hit)
			return 0;
		camp_wrong("sock_diag does not know the %s",
			   c.found ? "server" : "client");
		return 0;
	}
	l->cy->made = true;
	l->cy->early = sim_hits_yet();
	l->cy->native = c.mode == SMC_DIAG_MODE_SMCR;
	l->cy->reason = c.reason;
	l->cy->split = c.mode != s.mode;
	if (l->cy->split && !may_fail(l->cy))
		camp_wrong("modes %u and %u, reasons 0x%08x and 0x%08x",
			   c.mode, s.mode, c.reason, s.reason);
	else if (l->cy->split)
		camp_total.splits++;
	else if (l->cy->native)
		camp_total.native++;
	else if (c.reason && s.reason)
		camp_total.fallbacks++;
	else
		camp_wrong("fallback without a reason: 0x%08x, 0x%08x",
			   c.reason, s.reason);
	return 0;
}

/* Send what remains of a small message. */
static int small_send(struct life *l, int fd, enum small which)
{
	unsigned int *off = &l->sent[which];
	__u8 buf[SMALL];

	pat_fill(buf, SMALL, SEED_SMALL + which, 0);
	while (*off < SMALL) {
		ssize_t n = send(fd, buf + *off, SMALL - *off, MSG_NOSIGNAL);

		if (n < 0)
			return -1;
		*off += n;
	}
	return 0;
}

/* What was received continues a small message. */
static int small_check(struct life *l, const __u8 *buf, ssize_t n,
		       enum small which)
{
	unsigned int *off = &l->got[which];
	long long diff;

	if (n < 0)
		return -1;
	if (!n) {
		camp_wrong("end of stream at %u of a message", *off);
		errno = ECONNRESET;
		return -1;
	}
	diff = pat_diff(buf, n, SEED_SMALL + which, *off);
	if (diff >= 0)
		camp_wrong("wrong byte at %lld of message %d", diff, which);
	*off += n;
	camp_total.bytes += n;
	return 0;
}

static int small_recv(struct life *l, int fd, enum small which)
{
	__u8 buf[SMALL];

	while (l->got[which] < SMALL) {
		ssize_t n = recv(fd, buf, SMALL - l->got[which], 0);

		if (small_check(l, buf, n, which))
			return -1;
	}
	return 0;
}

static int do_client_send(struct life *l)
{
	return small_send(l, l->cfd, CLIENT_SENDS);
}

static int do_server_recv(struct life *l)
{
	return small_recv(l, l->sfd, CLIENT_SENDS);
}

static int do_server_send(struct life *l)
{
	return small_send(l, l->sfd, SERVER_SENDS);
}

static int do_client_recv(struct life *l)
{
	return small_recv(l, l->cfd, SERVER_SENDS);
}

/* The pipe is filled by do_pipe(), of which nothing may fail. */
static int do_splice_in(struct life *l)
{
	unsigned int *off = &l->sent[CLIENT_SPLICES];

	while (*off < SMALL) {
		ssize_t n = splice(l->pipe[0], NULL, l->cfd, NULL,
				   SMALL - *off, 0);

		if (n <= 0)
			return -1;
		*off += n;
	}
	return 0;
}

static int do_pipe(struct life *l)
{
	__u8 buf[SMALL];

	pat_fill(buf, SMALL, SEED_SMALL + CLIENT_SPLICES, 0);
	if (pipe2(l->pipe, O_CLOEXEC) ||
	    write(l->pipe[1], buf, SMALL) != SMALL)
		return -1;
	return 0;
}

static int do_spliced_recv(struct life *l)
{
	return small_recv(l, l->sfd, CLIENT_SPLICES);
}

static int do_splice_peer(struct life *l)
{
	return small_send(l, l->sfd, SERVER_SPLICES);
}

static int do_splice_out(struct life *l)
{
	__u8 buf[SMALL];

	while (l->got[SERVER_SPLICES] < SMALL) {
		ssize_t n = splice(l->cfd, NULL, l->pipe[1], NULL,
				   SMALL - l->got[SERVER_SPLICES], 0);

		if (n > 0)
			n = read(l->pipe[0], buf, n);
		if (small_check(l, buf, n, SERVER_SPLICES))
			return -1;
	}
	return 0;
}

/* After this both ends have seen the end of the stream. */
static int do_bulk(struct life *l)
{
	struct pump_end ends[2];

	if (!l->cy->bytes)
		return 0;
	pump_pair(&ends[0], l->cfd, &ends[1], l->sfd, SEED_BULK,
		  l->cy->bytes, BULK_CHUNK);
	pump_run(ends, 2);
	l->cfd = ends[0].fd;
	l->sfd = ends[1].fd;
	if (!ends[0].err && !ends[1].err)
		return 0;
	errno = ends[0].err ? ends[0].err : ends[1].err;
	return -1;
}

static int do_shutdown(struct life *l)
{
	if (l->cy->bytes)
		return 0;	/* done already */
	return shutdown(l->cfd, SHUT_WR);
}

static int do_end(struct life *l)
{
	ssize_t n;
	char c;

	if (l->cy->bytes)
		return 0;
	n = recv(l->sfd, &c, 1, 0);
	if (n > 0)
		camp_wrong("a byte after the end of the stream");
	return n < 0 ? -1 : 0;
}

static int do_diag(struct life *l)
{
	struct smc_view v;

	if (view_of(CAMP_SERVER, l->port, camp_port(l->cfd), &v))
		return -1;
	if (!v.found && l->cy->kind != CAMP_TCP_SERVER)
		camp_wrong("an open connection is missing from the dump");
	return 0;
}

static int close_one(int *fd)
{
	int old = *fd;

	*fd = -1;
	return old < 0 ? 0 : close(old);
}

static int do_close_client(struct life *l)
{
	return close_one(&l->cfd);
}

static int do_close_server(struct life *l)
{
	return close_one(&l->sfd);
}

static int do_close_listener(struct life *l)
{
	return close_one(&l->lfd);
}

static const struct step steps[] = {
	{ "socket (listener)",	CAMP_SERVER, do_listener,	true },
	{ "setsockopt (listener)", CAMP_SERVER, do_listener_options, true },
	{ "bind",		CAMP_SERVER, do_bind,		true },
	{ "listen",		CAMP_SERVER, do_listen,		true },
	{ "socket (client)",	CAMP_CLIENT, do_client,		true },
	{ "setsockopt (client)", CAMP_CLIENT, do_client_options, true },
	{ "connect",		CAMP_CLIENT, do_connect,	false },
	{ "poll",		CAMP_SERVER, do_await,		false },
	{ "epoll",		CAMP_SERVER, do_epoll,		true, true },
	{ "accept",		CAMP_SERVER, do_accept,		true },
	{ "views",		CAMP_SERVER, do_view,		true },
	{ "send (client)",	CAMP_CLIENT, do_client_send,	true },
	{ "recv (server)",	CAMP_SERVER, do_server_recv,	true },
	{ "send (server)",	CAMP_SERVER, do_server_send,	true },
	{ "recv (client)",	CAMP_CLIENT, do_client_recv,	true },
	{ "pipe",		CAMP_CLIENT, do_pipe,		false },
	{ "splice to socket",	CAMP_CLIENT, do_splice_in,	true },
	{ "recv of spliced",	CAMP_SERVER, do_spliced_recv,	true },
	{ "send to splice",	CAMP_SERVER, do_splice_peer,	true },
	{ "splice from socket",	CAMP_CLIENT, do_splice_out,	true },
	{ "sock_diag",		CAMP_SERVER, do_diag,		true, true },
	{ "bulk",		CAMP_CLIENT, do_bulk,		false },
	{ "shutdown",		CAMP_CLIENT, do_shutdown,	true },
	{ "recv of the end",	CAMP_SERVER, do_end,		true },
	{ "close (client)",	CAMP_CLIENT, do_close_client,	false },
	{ "close (server)",	CAMP_SERVER, do_close_server,	false },
	{ "close (listener)",	CAMP_SERVER, do_close_listener,	false },
};

/**
 * cycle_steps() - number of steps of a life
 *
 * Return: the number.
 */
unsigned int cycle_steps(void)
{
	return ARRAY_SIZE(steps);
}

/**
 * cycle_step_name() - name of a step
 * @step: step
 *
 * Return: its name.
 */
const char *cycle_step_name(unsigned int step)
{
	return steps[step].name;
}

/**
 * cycle_step_is_for() - is a step worth aiming at?
 * @step: step
 * @kind: who speaks SMC
 *
 * Left out are the bulk transfer, what only serves the other steps, sockets
 * of plain TCP, and shutdown() on TCP, which forgets a FIN that it has no
 * memory for.
 *
 * Return: true if so.
 */
bool cycle_step_is_for(unsigned int step, enum camp_kind kind)
{
	int (*call)(struct life *l) = steps[step].call;

	if (call == do_pipe || call == do_bulk || call == do_view)
		return false;
	if (call == do_shutdown)
		return kind == CAMP_NATIVE;
	if (kind == CAMP_TCP_SERVER)
		return call != do_listener && call != do_listener_options &&
		       call != do_bind && call != do_listen;
	return kind != CAMP_TCP_CLIENT ||
	       (call != do_client && call != do_client_options);
}

static int run_aimed(struct life *l, const struct step *s)
{
	struct cycle *cy = l->cy;
	int r, err;

	inject_nth_arm(cy->nth);
	r = s->call(l);
	err = errno;
	cy->hit = inject_nth_disarm();
	if (!r || !cy->hit || !s->repeat) {
		cy->over = !r;
		errno = err;
		return r;
	}
	camp_saw_error(s->name, err);
	cy->over = true;
	r = s->call(l);
	if (!r)
		camp_total.survived++;
	return r;
}

static bool run_step(struct life *l, unsigned int i)
{
	const struct step *s = &steps[i];
	struct cycle *cy = l->cy;
	int r;

	if (s->aimed && cy->aim != (int)i)
		return true;
	camp_enter(s->host);
	errno = 0;
	r = cy->aim == (int)i ? run_aimed(l, s) : s->call(l);
	if (!r)
		return true;
	cy->err = errno;
	cy->where = s->name;
	l->broken = s->host;
	if (may_fail(cy))
		camp_saw_error(s->name, cy->err);
	else
		camp_wrong("%s: %s %s", s->name, strerror(cy->err),
			   cy->hit ? "after the fault" : "without a fault");
	return false;
}

/* Of an end that is left alone nothing more is wanted than that it ends. */
static void finish_alone(int *fd, enum camp_host host)
{
	char buf[SMALL];
	ssize_t n;

	if (*fd < 0)
		return;
	do {
		n = recv(*fd, buf, sizeof(buf), 0);
	} while (n > 0);
	if (n < 0)
		camp_saw_error(host == CAMP_SERVER ? "server's end" :
			       "client's end", errno);
	close_one(fd);
}

/* The life ended early: a program leaves, the other hears of it. */
static void life_break(struct life *l)
{
	if (l->broken == CAMP_CLIENT) {
		close_one(&l->cfd);
		finish_alone(&l->sfd, CAMP_SERVER);
	} else if (l->sfd >= 0) {
		close_one(&l->sfd);
		finish_alone(&l->cfd, CAMP_CLIENT);
	}
}

static void life_end(struct life *l)
{
	close_one(&l->cfd);
	close_one(&l->sfd);
	close_one(&l->lfd);
	close_one(&l->epfd);
	close_one(&l->pipe[0]);
	close_one(&l->pipe[1]);
}

/**
 * cycle_run() - one life of a connection
 * @cy: what is wanted, and the result
 *
 * With @cy->armed it is for the caller to look at what is left, and for how
 * long it took.
 */
void cycle_run(struct cycle *cy)
{
	struct life l = {
		.cy = cy, .lfd = -1, .cfd = -1, .sfd = -1, .epfd = -1,
		.pipe = { -1, -1 },
	};
	long long began_ms = now_ms();
	unsigned int i;

	cy->hit = false;
	cy->over = false;
	cy->native = false;
	cy->made = false;
	cy->early = 0;
	cy->split = false;
	cy->err = 0;
	cy->where = NULL;
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		if (!run_step(&l, i))
			break;
	cy->done = i == ARRAY_SIZE(steps);
	if (cy->done && cy->split)
		camp_wrong("one end fell back, and yet both got all");
	if (!cy->done)
		life_break(&l);
	life_end(&l);
	if (!cy->armed) {
		left_sockets();
		camp_took(cy->aim >= 0 ? CAMP_LIFE : CAMP_CALM, began_ms);
	}
	if (cy->armed || cy->aim >= 0)
		camp_total.cases++;
	else
		camp_total.clean++;
}

/**
 * cycle_clean() - a life without a fault: all must work as ever
 * @kind: who speaks SMC
 *
 * A host that still believes in a group that the other has lost may decline
 * once.
 */
void cycle_clean(enum camp_kind kind)
{
	unsigned int i;

	for (i = 0; i < CLEAN_TRIES; i++) {
		struct cycle cy = { .kind = kind, .aim = -1, .bytes = 3000 };

		cycle_run(&cy);
		if (!cy.done || kind != CAMP_NATIVE || cy.native)
			return;
	}
	camp_wrong("no SMC-R any more in %u tries", CLEAN_TRIES);
}
