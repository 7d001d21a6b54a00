// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets and connections of the kind that the running variant asks for, and
 * the proof that a connection really has the mode of its variant.
 */
#include <arpa/inet.h>
#include <linux/smc_diag.h>

#include "harness.h"

/**
 * t_kind() - kind of socket that this side uses in the running variant
 * @t: test
 *
 * Return: the kind.
 */
enum sock_kind t_kind(const struct test *t)
{
	return t->client ? t->v->client : t->v->server;
}

/**
 * t_is_smc() - does a connection of this variant run over SMC-R
 * @t: test
 *
 * Return: true if both sides use SMC sockets and the test does not disable it.
 */
bool t_is_smc(const struct test *t)
{
	return t->v->client != KIND_TCP && t->v->server != KIND_TCP &&
	       !(t->flags & T_FALLS_BACK);
}

/**
 * t_socket_kind() - make a socket of a kind
 * @t: test, gives the address family
 * @kind: kind
 * @type_flags: SOCK_NONBLOCK and the like, or 0
 *
 * Return: the socket.
 */
int t_socket_kind(struct test *t, enum sock_kind kind, int type_flags)
{
	int type = SOCK_STREAM | type_flags, fd = -1;

	switch (kind) {
	case KIND_TCP:
		fd = socket(t->family, type, IPPROTO_TCP);
		break;
	case KIND_SMC:
		fd = socket(AF_SMC, type, t->family == AF_INET6 ?
			    SMCPROTO_SMC6 : SMCPROTO_SMC);
		break;
	case KIND_INET_SMC:
		fd = socket(t->family, type, IPPROTO_SMC);
		break;
	}
	ASSERT_GE(fd, 0);
	return fd;
}

/**
 * t_socket() - make a blocking socket of this side's kind
 * @t: test
 *
 * Return: the socket.
 */
int t_socket(struct test *t)
{
	return t_socket_kind(t, t_kind(t), 0);
}

/**
 * t_addr_len() - length of a socket address of the test's family
 * @t: test
 *
 * Return: the length.
 */
socklen_t t_addr_len(const struct test *t)
{
	return t->family == AF_INET6 ? sizeof(struct sockaddr_in6) :
				       sizeof(struct sockaddr_in);
}

static void addr_set_port(struct sockaddr_storage *sa, int port)
{
	if (sa->ss_family == AF_INET6)
		((struct sockaddr_in6 *)sa)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)sa)->sin_port = htons(port);
}

/**
 * t_port() - port of a bound or connected socket
 * @fd: socket
 * @remote: the peer's port rather than the local one
 *
 * Return: the port in host order.
 */
int t_port(int fd, bool remote)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	if (remote)
		ASSERT_EQ(getpeername(fd, (struct sockaddr *)&sa, &len), 0);
	else
		ASSERT_EQ(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	if (sa.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&sa)->sin6_port);
	return ntohs(((struct sockaddr_in *)&sa)->sin_port);
}

/**
 * t_bind_any() - bind to the wildcard address and a free port
 * @t: test
 * @fd: socket
 *
 * Return: the port.
 */
int t_bind_any(struct test *t, int fd)
{
	struct sockaddr_storage sa = { .ss_family = t->family };

	ASSERT_EQ(bind(fd, (struct sockaddr *)&sa, t_addr_len(t)), 0);
	return t_port(fd, false);
}

/**
 * t_closed_port() - a port where nobody listens
 * @t: test
 *
 * Return: the port.
 */
int t_closed_port(struct test *t)
{
	int fd = t_socket_kind(t, KIND_TCP, 0), port = t_bind_any(t, fd);

	close(fd);
	return port;
}

/**
 * t_listen_fd() - bind a socket, listen, and tell the client the port
 * @t: test, server side
 * @fd: socket
 * @backlog: for listen()
 *
 * Return: @fd.
 */
int t_listen_fd(struct test *t, int fd, int backlog)
{
	int port = t_bind_any(t, fd);

	ASSERT_EQ(listen(fd, backlog), 0);
	ctl_send_num(t, "PORT", port);
	return fd;
}

/**
 * t_listen() - open a listener and tell the client its port
 * @t: test, server side
 * @backlog: for listen()
 *
 * Return: the listener.
 */
int t_listen(struct test *t, int backlog)
{
	return t_listen_fd(t, t_socket(t), backlog);
}

/**
 * t_accept() - accept one connection and prove its mode
 * @t: test, server side
 * @lfd: blocking listener
 *
 * Return: the connection.
 */
int t_accept(struct test *t, int lfd)
{
	int fd;

	wait_poll(lfd, POLLIN);
	fd = accept(lfd, NULL, NULL);
	ASSERT_GE(fd, 0);
	t_prove(t, fd);
	return fd;
}

/**
 * t_peer_addr() - the server's address with a port
 * @t: test, client side
 * @sa: receives it
 * @port: port
 */
void t_peer_addr(struct test *t, struct sockaddr_storage *sa, int port)
{
	*sa = t->peer;
	addr_set_port(sa, port);
}

/**
 * t_connect_fd() - connect a socket to a port of the server host
 * @t: test, client side
 * @fd: socket
 * @port: port
 *
 * Return: what connect() returned.
 */
int t_connect_fd(struct test *t, int fd, int port)
{
	struct sockaddr_storage sa;

	t_peer_addr(t, &sa, port);
	return connect(fd, (struct sockaddr *)&sa, t_addr_len(t));
}

/**
 * t_connect() - connect to the listener that the server announces
 * @t: test, client side
 *
 * Return: the connection, its mode proved.
 */
int t_connect(struct test *t)
{
	int port = ctl_expect_num(t, "PORT"), fd = t_socket(t);

	ASSERT_EQ(t_connect_fd(t, fd, port), 0);
	t_prove(t, fd);
	return fd;
}

/**
 * t_pair() - one connection between the two sides
 * @t: test, either side
 *
 * Return: this side's end, its mode proved.
 */
int t_pair(struct test *t)
{
	int lfd, fd;

	if (t->client)
		return t_connect(t);
	lfd = t_listen(t, 4);
	fd = t_accept(t, lfd);
	close(lfd);
	return fd;
}

static void prove_smcr(const struct smc_view *view)
{
	if (view->mode != SMC_DIAG_MODE_SMCR)
		test_fail(__FILE__, __LINE__,
			  "not over SMC-R: mode %u reason 0x%08x peer 0x%08x",
			  view->mode, view->reason, view->peer_diagnosis);
	ASSERT(view->has_link);
}

static void prove_tcp(const struct smc_view *view)
{
	ASSERT_EQ(view->mode, SMC_DIAG_MODE_FALLBACK_TCP);
	ASSERT(view->reason != 0);
}

/**
 * t_prove() - prove that a connection has the mode of the running variant
 * @t: test
 * @fd: connected socket
 *
 * The kernel's sock_diag is asked about the socket with these ports. A plain
 * TCP socket must not be known to SMC at all.
 */
void t_prove(struct test *t, int fd)
{
	struct smc_view view;

	if (t_kind(t) == KIND_TCP) {
		ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_PROTOCOL),
			  IPPROTO_TCP);
		harness_mark_proved();
		return;
	}
	ASSERT_EQ(smc_view_get(t_port(fd, false), t_port(fd, true), &view), 0);
	ASSERT(view.found);
	if (t_is_smc(t))
		prove_smcr(&view);
	else
		prove_tcp(&view);
	harness_mark_proved();
}

/**
 * blackhole_open() - make a TCP listener that answers no further SYN
 * @t: test, server side
 * @b: receives the sockets and the port
 *
 * A listener whose accept queue is full drops SYNs, so that a connect to it
 * neither succeeds nor fails. It is plain TCP in every variant.
 */
void blackhole_open(struct test *t, struct blackhole *b)
{
	struct sockaddr_storage sa = { .ss_family = t->family };
	socklen_t len = t_addr_len(t);
	unsigned int i;

	b->lfd = t_socket_kind(t, KIND_TCP, 0);
	b->port = t_bind_any(t, b->lfd);
	ASSERT_EQ(listen(b->lfd, 0), 0);
	if (t->family == AF_INET6)
		((struct sockaddr_in6 *)&sa)->sin6_addr = in6addr_loopback;
	else
		((struct sockaddr_in *)&sa)->sin_addr.s_addr =
			htonl(INADDR_LOOPBACK);
	addr_set_port(&sa, b->port);
	for (i = 0; i < ARRAY_SIZE(b->filler); i++) {
		b->filler[i] = t_socket_kind(t, KIND_TCP, SOCK_NONBLOCK);
		if (connect(b->filler[i], (struct sockaddr *)&sa, len))
			ASSERT_EQ(errno, EINPROGRESS);
	}
	wait_poll(b->lfd, POLLIN);
	ctl_send_num(t, "PORT", b->port);
}

/**
 * blackhole_release() - let the listener answer again
 * @b: black hole; its fillers are gone afterwards
 */
void blackhole_release(struct blackhole *b)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(b->filler); i++)
		close(b->filler[i]);
	set_nonblock(b->lfd, true);
	for (;;) {
		int fd = accept(b->lfd, NULL, NULL);

		if (fd < 0)
			break;
		close(fd);
	}
	set_nonblock(b->lfd, false);
}
