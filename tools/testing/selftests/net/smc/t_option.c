// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options, names, creation: what TCP programs set and read, what is
 * refused and with which errno, and options that make SMC step aside.
 */
#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "harness.h"

#ifndef TCP_FASTOPEN_CONNECT
#define TCP_FASTOPEN_CONNECT	30
#endif

#define DECL_PEERNOSMC		0x03010000

#define CORK_ROUNDS		6
#define CORKED_MS		200	/* TCP sends it after that at the earliest */

/* Once fallen back, a socket may show itself as the TCP socket that it is. */
static void check_identity(struct test *t, int fd, bool connected)
{
	static const int protocol[] = {
		[KIND_TCP] = IPPROTO_TCP, [KIND_INET_SMC] = IPPROTO_SMC,
	};
	enum sock_kind kind = t_kind(t);

	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
	if (connected && !t_is_smc(t) &&
	    get_int_opt(fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP)
		kind = KIND_TCP;
	if (kind == KIND_SMC) {
		ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_DOMAIN), AF_SMC);
		ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_PROTOCOL),
			  t->family == AF_INET6 ? SMCPROTO_SMC6 : SMCPROTO_SMC);
	} else {
		ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_DOMAIN), t->family);
		ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_PROTOCOL),
			  protocol[kind]);
	}
}

static void identity(struct test *t)
{
	int fd = t_socket(t);

	check_identity(t, fd, false);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	close(fd);
	fd = t_pair(t);
	check_identity(t, fd, true);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	exchange_byte(t, fd);
	close(fd);
}

/* Families, types and protocols that do not exist. */
static void creation_errors(struct test *t)
{
	int pair[2];

	if (t_kind(t) == KIND_SMC) {
		ASSERT_ERRNO(socket(AF_SMC, SOCK_DGRAM, 0), ESOCKTNOSUPPORT);
		ASSERT_ERRNO(socket(AF_SMC, SOCK_SEQPACKET, 0),
			     ESOCKTNOSUPPORT);
		ASSERT_ERRNO(socket(AF_SMC, SOCK_RAW, 0), ESOCKTNOSUPPORT);
		ASSERT_ERRNO(socket(AF_SMC, SOCK_STREAM, 2), EPROTONOSUPPORT);
		ASSERT_ERRNO(socket(AF_SMC, SOCK_STREAM, IPPROTO_TCP),
			     EPROTONOSUPPORT);
		ASSERT_ERRNO(socket(AF_SMC, SOCK_STREAM, -1), EPROTONOSUPPORT);
	} else if (t_kind(t) == KIND_INET_SMC) {
		int fd = socket(t->family, SOCK_DGRAM, IPPROTO_SMC);

		ASSERT_EQ(fd, -1);
		ASSERT(errno == ESOCKTNOSUPPORT || errno == EPROTONOSUPPORT);
	} else {
		ASSERT_ERRNO(socket(t->family, SOCK_STREAM, IPPROTO_UDP),
			     EPROTONOSUPPORT);
	}
	ASSERT_ERRNO(socketpair(t_kind(t) == KIND_SMC ? AF_SMC : t->family,
				SOCK_STREAM, 0, pair), EOPNOTSUPP);
}

/* Set before the connection, read back before and after it. */
static void tcp_options(struct test *t)
{
	static const struct {
		int level, opt, val;
	} set[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 90 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 11 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 5 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, 20000 },
		{ IPPROTO_TCP, TCP_QUICKACK, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ SOL_SOCKET, SO_REUSEADDR, 1 },
		{ SOL_SOCKET, SO_REUSEPORT, 1 },
		{ SOL_SOCKET, SO_PRIORITY, 3 },
	};
	const unsigned int n = ARRAY_SIZE(set);
	int fd = t_socket(t), lfd = fd;
	unsigned int i;

	for (i = 0; i < n; i++) {
		set_int_opt(fd, set[i].level, set[i].opt, set[i].val);
		ASSERT_EQ(get_int_opt(fd, set[i].level, set[i].opt),
			  set[i].val);
	}
	if (t->client) {
		ASSERT_EQ(t_connect_fd(t, fd, ctl_expect_num(t, "PORT")), 0);
		t_prove(t, fd);
	} else {
		t_listen_fd(t, lfd, 1);
		fd = t_accept(t, lfd);
		close(lfd);
	}
	for (i = 0; i < n; i++) {
		if (set[i].opt != TCP_QUICKACK)
			ASSERT_EQ(get_int_opt(fd, set[i].level, set[i].opt),
				  set[i].val);
	}
	set_int_opt(fd, IPPROTO_TCP, TCP_NODELAY, 0);
	ASSERT_EQ(get_int_opt(fd, IPPROTO_TCP, TCP_NODELAY), 0);
	exchange_byte(t, fd);
	close(fd);
}

/* Options of the network layer reach the socket that sends the packets. */
static void ip_options(struct test *t)
{
	int fd = t_socket(t);

	if (t->family == AF_INET6) {
		set_int_opt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
		ASSERT_EQ(get_int_opt(fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
		/* The number of TCP_FASTOPEN, at another level */
		set_int_opt(fd, IPPROTO_IPV6, 23, 0);
		set_int_opt(fd, IPPROTO_IPV6, IPV6_TCLASS, 0x20);
	} else {
		set_int_opt(fd, IPPROTO_IP, IP_TOS, 0x10);
		ASSERT_EQ(get_int_opt(fd, IPPROTO_IP, IP_TOS), 0x10);
		set_int_opt(fd, IPPROTO_IP, IP_TTL, 33);
		/* The number of TCP_FASTOPEN, at another level */
		set_int_opt(fd, IPPROTO_IP, 23, 0);
	}
	if (t->client) {
		ASSERT_EQ(t_connect_fd(t, fd, ctl_expect_num(t, "PORT")), 0);
		t_prove(t, fd);
		if (t->family == AF_INET)
			ASSERT_EQ(get_int_opt(fd, IPPROTO_IP, IP_TTL), 33);
	} else {
		int lfd = t_listen_fd(t, fd, 1);

		fd = t_accept(t, lfd);
		close(lfd);
	}
	exchange_byte(t, fd);
	close(fd);
}

static void option_errors(struct test *t)
{
	int fd = t_pair(t), val = 1;
	socklen_t len = sizeof(val);

	ASSERT_ERRNO(setsockopt(fd, IPPROTO_TCP, 9999, &val, len), ENOPROTOOPT);
	ASSERT_ERRNO(getsockopt(fd, IPPROTO_TCP, 9999, &val, &len),
		     ENOPROTOOPT);
	ASSERT_ERRNO(setsockopt(fd, SOL_SOCKET, 9999, &val, len), ENOPROTOOPT);
	ASSERT_ERRNO(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &val, 2), EINVAL);
	ASSERT_ERRNO(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, (void *)8, len),
		     EFAULT);
	ASSERT_ERRNO(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, (void *)8, &len),
		     EFAULT);
	ASSERT_ERRNO(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &val, NULL),
		     EFAULT);
	exchange_byte(t, fd);
	close(fd);
}

/*
 * Corked sockets connect as fast as others: what is held back is the program's
 * data, not the handshake, of which each message would take 200 ms.
 */
static void cork_c(struct test *t)
{
	long long best = CORKED_MS, took;
	int i;

	for (i = 0; i < CORK_ROUNDS; i++) {
		int port = ctl_expect_num(t, "PORT"), fd = t_socket(t);

		set_int_opt(fd, IPPROTO_TCP, TCP_CORK, 1);
		took = -now_ms();
		ASSERT_EQ(t_connect_fd(t, fd, port), 0);
		took += now_ms();
		if (took < best)
			best = took;
		t_prove(t, fd);
		ASSERT_EQ(get_int_opt(fd, IPPROTO_TCP, TCP_CORK), 1);
		set_int_opt(fd, IPPROTO_TCP, TCP_CORK, 0);
		ASSERT_EQ(get_int_opt(fd, IPPROTO_TCP, TCP_CORK), 0);
		exchange_byte(t, fd);
		close(fd);
	}
	ASSERT_LE(best, CORKED_MS - 1);
}

static void cork_s(struct test *t)
{
	int lfd = t_socket(t), i, fd;

	set_int_opt(lfd, IPPROTO_TCP, TCP_CORK, 1);
	t_listen_fd(t, lfd, 4);
	for (i = 0; i < CORK_ROUNDS; i++) {
		if (i)
			ctl_send_num(t, "PORT", t_port(lfd, false));
		fd = t_accept(t, lfd);
		ASSERT_EQ(get_int_opt(fd, IPPROTO_TCP, TCP_CORK), 1);
		set_int_opt(fd, IPPROTO_TCP, TCP_CORK, 0);
		exchange_byte(t, fd);
		close(fd);
	}
	close(lfd);
}

/* Listeners that share a port, and a program that says who gets what. */
static void reuseport(struct test *t)
{
	struct sock_filter first = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog prog = { .len = 1, .filter = &first };
	int fd[2] = { t_socket(t), t_socket(t) }, one = 1, i;
	struct sockaddr_storage sa = { .ss_family = t->family };

	ASSERT_ERRNO(setsockopt(fd[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF,
				&prog, sizeof(prog)), EINVAL);
	for (i = 0; i < 2; i++) {
		socklen_t len = sizeof(sa);

		set_int_opt(fd[i], SOL_SOCKET, SO_REUSEPORT, one);
		ASSERT_EQ(get_int_opt(fd[i], SOL_SOCKET, SO_REUSEPORT), one);
		ASSERT_EQ(bind(fd[i], (struct sockaddr *)&sa, t_addr_len(t)),
			  0);
		ASSERT_EQ(listen(fd[i], 1), 0);
		ASSERT_EQ(setsockopt(fd[i], SOL_SOCKET,
				     SO_ATTACH_REUSEPORT_CBPF, &prog,
				     sizeof(prog)), 0);
		ASSERT_EQ(getsockname(fd[i], (struct sockaddr *)&sa, &len), 0);
	}
	ASSERT_EQ(setsockopt(fd[0], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &one,
			     sizeof(one)), 0);
	ASSERT_ERRNO(setsockopt(fd[0], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF,
				&one, sizeof(one)), ENOENT);
	close(fd[0]);
	close(fd[1]);
}

/* TCP takes neither here; on SMC sockets they are refused as such. */
static void check_refused(struct test *t, int fd)
{
	int inet = AF_INET, want = EOPNOTSUPP;

	if (t_kind(t) == KIND_TCP)
		want = ENOENT;
	ASSERT_ERRNO(setsockopt(fd, IPPROTO_TCP, TCP_ULP, "none-such", 9),
		     want);
	if (t_kind(t) == KIND_TCP)
		want = t->family == AF_INET6 ? EADDRNOTAVAIL : ENOPROTOOPT;
	ASSERT_ERRNO(setsockopt(fd, IPPROTO_IPV6, IPV6_ADDRFORM, &inet,
				sizeof(inet)), want);
}

static void refused_options(struct test *t)
{
	int fd = t_socket(t);

	if (t_kind(t) != KIND_TCP)	/* TCP refuses before connecting, too */
		check_refused(t, fd);
	close(fd);
	fd = t_pair(t);
	check_refused(t, fd);
	exchange_byte(t, fd);
	close(fd);
}

/*
 * A socket bound to a device that does not lead to the peer: it ends like a
 * TCP socket. Without the option the peer would refuse the connection.
 */
static void bind_device(struct test *t)
{
	int plain = t_socket_kind(t, KIND_TCP, SOCK_NONBLOCK), want;
	int fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK);

	ASSERT_EQ(setsockopt(plain, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), 0);
	ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), 0);
	ASSERT_EQ(t_connect_fd(t, plain, 9), -1);
	want = errno;
	ASSERT_ERRNO(t_connect_fd(t, fd, 9), want);
	if (want == EINPROGRESS) {
		struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

		ASSERT_EQ(poll(&p, 1, 300), 0);
	}
	close(plain);
	close(fd);
}

static void tcp_info(struct test *t)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);
	int fd = t_pair(t);

	ASSERT_EQ(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	ASSERT_EQ(info.tcpi_state, 1);	/* established */
	ASSERT_GT(get_int_opt(fd, IPPROTO_TCP, TCP_MAXSEG), 500);
	exchange_byte(t, fd);
	close(fd);
}

/* With TCP_DEFER_ACCEPT an accepted socket has data at once. */
static void defer_accept_s(struct test *t)
{
	int lfd = t_socket(t), fd;
	char c = 0;

	set_int_opt(lfd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 8);
	ASSERT_GT(get_int_opt(lfd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
	t_listen_fd(t, lfd, 4);
	fd = accept(lfd, NULL, NULL);
	ASSERT_GE(fd, 0);
	t_prove(t, fd);
	ASSERT_EQ(recv(fd, &c, 1, MSG_DONTWAIT), 1);
	ASSERT_EQ(c, 'c');
	send_all(fd, "s", 1);
	expect_eof(fd);
	close(fd);
	close(lfd);
}

static void defer_accept_c(struct test *t)
{
	int fd = t_pair(t);

	exchange_byte(t, fd);
	close(fd);
}

/* A fast open option on the listener: plain TCP for all its connections. */
static void fastopen_server_s(struct test *t)
{
	int lfd = t_socket(t), fd;

	set_int_opt(lfd, IPPROTO_TCP, TCP_FASTOPEN, 5);
	t_listen_fd(t, lfd, 4);
	fd = t_accept(t, lfd);
	exchange_byte(t, fd);
	close(fd);
	close(lfd);
}

/* MSG_FASTOPEN connects and sends in one call. */
static void fastopen_send(struct test *t, int fd)
{
	int port = ctl_expect_num(t, "PORT");
	struct sockaddr_storage sa;
	char c = 0;

	t_peer_addr(t, &sa, port);
	ASSERT_EQ(sendto(fd, "c", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
			 (struct sockaddr *)&sa, t_addr_len(t)), 1);
	recv_all(fd, &c, 1);
	ASSERT_EQ(c, 's');
	t_prove(t, fd);
	ctl_send(t, "PROVED");
	close(fd);
}

static void fastopen_client_c(struct test *t)
{
	fastopen_send(t, t_socket(t));
}

/* A client that asked for SMC and then sent no Proposal would be odd. */
static void prove_not_offered(struct test *t, int fd)
{
	struct smc_view view;

	if (t_kind(t) == KIND_TCP)
		return;
	ASSERT_EQ(smc_view_get(t_port(fd, false), t_port(fd, true), &view), 0);
	ASSERT_EQ(view.reason, DECL_PEERNOSMC);
}

static void fastopen_client_s(struct test *t)
{
	int fd = t_pair(t);

	prove_not_offered(t, fd);
	exchange_byte(t, fd);
	ctl_expect(t, "PROVED");
	close(fd);
}

/* Nothing must be left of what connect() prepared for SMC. */
static void fastopen_refused_c(struct test *t)
{
	int closed = ctl_expect_num(t, "CLOSED"), fd = t_socket(t);

	ASSERT_ERRNO(t_connect_fd(t, fd, closed), ECONNREFUSED);
	fastopen_send(t, fd);
}

static void fastopen_refused_s(struct test *t)
{
	ctl_send_num(t, "CLOSED", t_closed_port(t));
	fastopen_client_s(t);
}

/* TCP_FASTOPEN_CONNECT: connect() returns at once, the first send connects. */
static void fastopen_connect_c(struct test *t)
{
	int fd = t_socket(t), port = ctl_expect_num(t, "PORT");

	set_int_opt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
	ASSERT_EQ(t_connect_fd(t, fd, port), 0);
	exchange_byte(t, fd);
	t_prove(t, fd);
	ctl_send(t, "PROVED");
	close(fd);
}

/* Too late for fast open: TCP refuses it, and the connection is unharmed. */
static void fastopen_late(struct test *t)
{
	int fd = t_pair(t), one = 1;

	ASSERT_ERRNO(setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one,
				sizeof(one)), EINVAL);
	exchange_byte(t, fd);
	close(fd);
}

static void names_unconnected(struct test *t)
{
	struct sockaddr_storage sa = {};
	socklen_t len = sizeof(sa);
	int fd = t_socket(t);

	ASSERT_EQ(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	ASSERT_EQ(sa.ss_family, t->family);
	ASSERT_EQ(len, t_addr_len(t));
	ASSERT_ERRNO(getpeername(fd, (struct sockaddr *)&sa, &len), ENOTCONN);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ERROR), 0);
	close(fd);
	ASSERT_ERRNO(getsockname(fd, (struct sockaddr *)&sa, &len), EBADF);
	ASSERT_ERRNO(getsockname(STDOUT_FILENO, (struct sockaddr *)&sa, &len),
		     ENOTSOCK);
}

const struct test_case option_tests[] = {
	{ "option_identity", identity, identity },
	{ "option_creation_errors", creation_errors, NULL, T_NO_CONN },
	{ "option_tcp", tcp_options, tcp_options },
	{ "option_ip", ip_options, ip_options },
	{ "option_errors", option_errors, option_errors },
	{ "option_cork", cork_c, cork_s },
	{ "option_reuseport", reuseport, NULL, T_NO_CONN },
	{ "option_refused", refused_options, refused_options },
	{ "option_bind_device", bind_device, NULL, T_NO_CONN },
	{ "option_tcp_info", tcp_info, tcp_info },
	{ "option_defer_accept", defer_accept_c, defer_accept_s },
	{ "option_names_unconnected", names_unconnected, NULL, T_NO_CONN },
	{ "fastopen_listener", defer_accept_c, fastopen_server_s,
	  T_FALLS_BACK },
	{ "fastopen_sendto", fastopen_client_c, fastopen_client_s,
	  T_FALLS_BACK },
	{ "fastopen_after_refused", fastopen_refused_c, fastopen_refused_s,
	  T_FALLS_BACK },
	{ "fastopen_connect", fastopen_connect_c, fastopen_client_s,
	  T_FALLS_BACK },
	{ "fastopen_late", fastopen_late, fastopen_late },
	{}
};
