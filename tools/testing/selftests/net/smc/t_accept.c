// SPDX-License-Identifier: GPL-2.0
/*
 * listen() and accept(): flags, waiting, order, options that a child takes
 * from its listener, wrong calls, and the end of a listener.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <netinet/tcp.h>
#include <sys/time.h>

#include "harness.h"

#define MANY	8
#define RELISTENS	6

/* The client of tests in which only the server has something to check. */
static void plain_client(struct test *t)
{
	int fd = t_pair(t);

	exchange_byte(t, fd);
	close(fd);
}

static void accept4_flags_s(struct test *t)
{
	int lfd = t_listen(t, 4), fd;

	ASSERT_ERRNO(accept4(lfd, NULL, NULL, 0x40000000), EINVAL);
	wait_poll(lfd, POLLIN);
	fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ASSERT_GE(fd, 0);
	t_prove(t, fd);
	ASSERT(fcntl(fd, F_GETFL) & O_NONBLOCK);
	ASSERT(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	set_nonblock(fd, false);
	exchange_byte(t, fd);
	close(fd);
	close(lfd);
}

static void accept_nonblock_s(struct test *t)
{
	int lfd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK), fd;

	t_bind_any(t, lfd);
	ASSERT_EQ(listen(lfd, 4), 0);
	ASSERT_EQ(poll_now(lfd, POLLIN | POLLOUT), 0);
	ASSERT_ERRNO(accept(lfd, NULL, NULL), EAGAIN);
	ctl_send_num(t, "PORT", t_port(lfd, false));
	ASSERT_EQ(wait_poll(lfd, POLLIN), POLLIN);
	fd = accept(lfd, NULL, NULL);
	ASSERT_GE(fd, 0);
	t_prove(t, fd);
	ASSERT(!(fcntl(fd, F_GETFL) & O_NONBLOCK));
	ASSERT_EQ(poll_now(lfd, POLLIN), 0);
	ASSERT_ERRNO(accept(lfd, NULL, NULL), EAGAIN);
	exchange_byte(t, fd);
	close(fd);
	close(lfd);
}

/* A blocking accept that begins before the client comes. */
static void accept_blocking_s(struct test *t)
{
	int lfd = t_listen(t, 4), fd;

	fd = accept(lfd, NULL, NULL);
	ASSERT_GE(fd, 0);
	t_prove(t, fd);
	exchange_byte(t, fd);
	close(fd);
	close(lfd);
}

static bool same_addr(const struct sockaddr_storage *a,
		      const struct sockaddr_storage *b)
{
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;

	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET6)
		return a6->sin6_port == b6->sin6_port &&
		       !memcmp(&a6->sin6_addr, &b6->sin6_addr, 16);
	return a4->sin_port == b4->sin_port &&
	       a4->sin_addr.s_addr == b4->sin_addr.s_addr;
}

/* accept() gives the same address as getpeername(). */
static void accept_address_s(struct test *t)
{
	struct sockaddr_storage a = {}, b = {}, c = {};
	socklen_t alen = sizeof(a), blen = sizeof(b), clen = 4;
	int lfd = t_listen(t, 4), fd;

	wait_poll(lfd, POLLIN);
	fd = accept(lfd, (struct sockaddr *)&a, &alen);
	ASSERT_GE(fd, 0);
	t_prove(t, fd);
	ASSERT_EQ(alen, t_addr_len(t));
	ASSERT_EQ(getpeername(fd, (struct sockaddr *)&b, &blen), 0);
	ASSERT_EQ(blen, t_addr_len(t));
	ASSERT_EQ(a.ss_family, t->family);
	ASSERT(same_addr(&a, &b));
	ASSERT_EQ(getpeername(fd, (struct sockaddr *)&c, &clen), 0);
	ASSERT_EQ(clen, t_addr_len(t));
	ASSERT_EQ(memcmp(&c, &b, 4), 0);
	ctl_send_num(t, "CLIENT_PORT", t_port(fd, true));
	exchange_byte(t, fd);
	close(fd);
	close(lfd);
}

static void accept_address_c(struct test *t)
{
	struct sockaddr_storage a = {}, b;
	socklen_t len = sizeof(a);
	int fd = t_pair(t);

	ASSERT_EQ(getpeername(fd, (struct sockaddr *)&a, &len), 0);
	ASSERT_EQ(len, t_addr_len(t));
	t_peer_addr(t, &b, t_port(fd, true));
	ASSERT(same_addr(&a, &b));
	ASSERT_EQ(ctl_expect_num(t, "CLIENT_PORT"), t_port(fd, false));
	exchange_byte(t, fd);
	close(fd);
}

static void listen_errors(struct test *t)
{
	struct sockaddr_storage sa = { .ss_family = t->family };
	int fd = t_socket(t), plain = t_socket(t);
	socklen_t len = sizeof(sa);
	char c = 0;

	ASSERT_ERRNO(accept(plain, NULL, NULL), EINVAL);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	ASSERT_EQ(listen(fd, 1), 0);	/* binds by itself */
	ASSERT_GT(t_port(fd, false), 0);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
	ASSERT_EQ(listen(fd, 5), 0);
	ASSERT_ERRNO(t_connect_fd(t, fd, 9), EISCONN);
	ASSERT_ERRNO(recv(fd, &c, 1, 0), ENOTCONN);
	ASSERT_ERRNO(send(fd, &c, 1, MSG_NOSIGNAL), EPIPE);
	ASSERT_ERRNO(getpeername(fd, (struct sockaddr *)&sa, &len), ENOTCONN);
	ASSERT_ERRNO(bind(fd, (struct sockaddr *)&sa, t_addr_len(t)), EINVAL);
	close(fd);
	close(plain);
}

static void listen_connected(struct test *t)
{
	int fd = t_pair(t);

	ASSERT_ERRNO(listen(fd, 1), EINVAL);
	ASSERT_ERRNO(accept(fd, NULL, NULL), EINVAL);
	exchange_byte(t, fd);
	close(fd);
}

static void accept_timeout(struct test *t)
{
	struct timeval tv = { .tv_usec = 200000 };
	long long start = now_ms();
	int fd = t_socket(t);

	t_bind_any(t, fd);
	ASSERT_EQ(listen(fd, 1), 0);
	ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	ASSERT_ERRNO(accept(fd, NULL, NULL), EAGAIN);
	ASSERT_GE(now_ms() - start, 190);
	close(fd);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void accept_interrupted(struct test *t)
{
	struct itimerval it = { .it_value.tv_usec = 100000 };
	struct sigaction sa = { .sa_handler = on_alarm };
	int fd = t_socket(t);

	t_bind_any(t, fd);
	ASSERT_EQ(listen(fd, 1), 0);
	ASSERT_EQ(sigaction(SIGALRM, &sa, NULL), 0);
	ASSERT_EQ(setitimer(ITIMER_REAL, &it, NULL), 0);
	ASSERT_ERRNO(accept(fd, NULL, NULL), EINTR);
	close(fd);
}

static void *accept_in_thread(void *arg)
{
	int fd = accept(*(int *)arg, NULL, NULL);

	return (void *)(intptr_t)(fd < 0 ? errno : 0);
}

/* shutdown() on a listener ends an accept() that waits. */
static void listener_shutdown(struct test *t)
{
	int fd = t_socket(t);
	pthread_t thread;
	void *ret;

	t_bind_any(t, fd);
	ASSERT_EQ(listen(fd, 1), 0);
	ASSERT_EQ(pthread_create(&thread, NULL, accept_in_thread, &fd), 0);
	usleep(50000);	/* either order must do: only the usual one is aimed at */
	ASSERT_EQ(shutdown(fd, SHUT_RDWR), 0);
	ASSERT_EQ(pthread_join(thread, &ret), 0);
	ASSERT_EQ((intptr_t)ret, EINVAL);
	close(fd);
}

/* Several wait in the queue; all arrive, each with its own stream. */
static void accept_many_c(struct test *t)
{
	int port = ctl_expect_num(t, "PORT"), fd[MANY];
	__u8 i, c;

	for (i = 0; i < MANY; i++) {
		fd[i] = t_socket(t);
		ASSERT_EQ(t_connect_fd(t, fd[i], port), 0);
		t_prove(t, fd[i]);
		send_all(fd[i], &i, 1);
	}
	ctl_send(t, "CONNECTED");
	for (i = 0; i < MANY; i++) {
		recv_all(fd[i], &c, 1);
		ASSERT_EQ(c, i + 100);
		close(fd[i]);
	}
}

static void accept_many_s(struct test *t)
{
	int lfd = t_listen(t, MANY), fd[MANY], i;
	unsigned int seen = 0;
	__u8 c;

	ctl_expect(t, "CONNECTED");
	for (i = 0; i < MANY; i++)
		fd[i] = t_accept(t, lfd);
	for (i = 0; i < MANY; i++) {
		recv_all(fd[i], &c, 1);
		ASSERT(c < MANY);
		ASSERT_EQ(seen & (1u << c), 0);
		seen |= 1u << c;
		c += 100;
		send_all(fd[i], &c, 1);
	}
	ASSERT_EQ(seen, (1u << MANY) - 1);
	for (i = 0; i < MANY; i++) {
		expect_eof(fd[i]);
		close(fd[i]);
	}
	close(lfd);
}

/* A connection without the SMC option waits, and one of our kind behind it. */
static void behind_plain_c(struct test *t)
{
	int port = ctl_expect_num(t, "PORT");
	int plain = t_socket_kind(t, KIND_TCP, 0);
	int fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK);
	char c = 0;

	ASSERT_EQ(t_connect_fd(t, plain, port), 0);
	send_all(plain, "p", 1);
	if (t_connect_fd(t, fd, port))
		ASSERT_EQ(errno, EINPROGRESS);
	ctl_send(t, "QUEUED");
	wait_poll(fd, POLLOUT);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ERROR), 0);
	t_prove(t, fd);
	set_nonblock(fd, false);
	send_all(fd, "m", 1);
	recv_all(plain, &c, 1);
	ASSERT_EQ(c, 'P');
	recv_all(fd, &c, 1);
	ASSERT_EQ(c, 'M');
	close(plain);
	close(fd);
}

/* A server that accepts once each time poll() tells it to. */
static void behind_plain_s(struct test *t)
{
	int lfd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK), fd[2], i;
	bool seen_plain = false;
	char c;

	t_listen_fd(t, lfd, 4);
	ctl_expect(t, "QUEUED");
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(wait_poll(lfd, POLLIN), POLLIN);
		fd[i] = accept(lfd, NULL, NULL);
		ASSERT_GE(fd[i], 0);
	}
	ASSERT_EQ(poll_now(lfd, POLLIN), 0);
	for (i = 0; i < 2; i++) {
		recv_all(fd[i], &c, 1);
		ASSERT(c == 'p' || c == 'm');
		if (c == 'm')
			t_prove(t, fd[i]);
		else
			seen_plain = true;
		c += 'A' - 'a';
		send_all(fd[i], &c, 1);
	}
	ASSERT(seen_plain);
	for (i = 0; i < 2; i++) {
		expect_eof(fd[i]);
		close(fd[i]);
	}
	close(lfd);
}

/*
 * The listener ends and begins anew while somebody connects. Either that one
 * gets an error, at once or after connect(), or it is accepted by the second
 * listening and served.
 */
static void relisten_c(struct test *t)
{
	int fd, i, port, err, n;
	char c = 0;

	for (i = 0; i < RELISTENS; i++) {
		port = ctl_expect_num(t, "PORT");
		fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK);
		if (t_connect_fd(t, fd, port))
			ASSERT_EQ(errno, EINPROGRESS);
		ctl_send(t, "CONNECTING");
		wait_poll(fd, POLLOUT);
		err = get_int_opt(fd, SOL_SOCKET, SO_ERROR);
		if (!err && send(fd, "r", 1, MSG_NOSIGNAL) < 0)
			err = errno;
		if (!err) {
			wait_poll(fd, POLLIN);
			n = recv(fd, &c, 1, 0);
			err = n < 0 ? errno : 0;
			ASSERT(n == 1 || err);
			ASSERT(err || c == 'R');
		}
		ASSERT(!err || err == ECONNREFUSED || err == ECONNRESET ||
		       err == EPIPE);
		close(fd);
		ctl_send(t, "ENDED");
	}
	fd = t_connect(t);
	exchange_byte(t, fd);
	close(fd);
}

/* Serve whom the second listening gets, until the client has an outcome. */
static void relisten_serve(struct test *t, int lfd)
{
	struct pollfd p[2] = {
		{ .fd = lfd, .events = POLLIN },
		{ .fd = t->ctl, .events = POLLIN },
	};
	char c = 0;
	int fd;

	do {
		ASSERT_GT(poll(p, 2, WAIT_MS), 0);
		fd = accept(lfd, NULL, NULL);
		if (fd < 0) {
			ASSERT_EQ(errno, EAGAIN);
			continue;
		}
		recv_all(fd, &c, 1);
		ASSERT_EQ(c, 'r');
		send_all(fd, "R", 1);
		close(fd);
	} while (!p[1].revents);
	ctl_expect(t, "ENDED");
}

static void relisten_s(struct test *t)
{
	int lfd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK), fd, i;

	t_listen_fd(t, lfd, 4);
	for (i = 0; i < RELISTENS; i++) {
		ctl_expect(t, "CONNECTING");
		ASSERT_EQ(shutdown(lfd, SHUT_RDWR), 0);
		ASSERT_EQ(listen(lfd, 4), 0);	/* on a new port */
		relisten_serve(t, lfd);
		ctl_send_num(t, "PORT", t_port(lfd, false));
	}
	set_nonblock(lfd, false);
	fd = t_accept(t, lfd);
	exchange_byte(t, fd);
	close(fd);
	close(lfd);
}

/* What an accepted socket takes from its listener. */
static void accept_inherits_s(struct test *t)
{
	struct linger lg = { .l_onoff = 1, .l_linger = 7 }, got = {};
	socklen_t len = sizeof(got);
	int lfd = t_socket(t), fd;

	set_int_opt(lfd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int_opt(lfd, SOL_SOCKET, SO_OOBINLINE, 1);
	set_int_opt(lfd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_int_opt(lfd, IPPROTO_TCP, TCP_KEEPIDLE, 77);
	ASSERT_EQ(setsockopt(lfd, SOL_SOCKET, SO_LINGER, &lg, sizeof(lg)), 0);
	t_listen_fd(t, lfd, 4);
	fd = t_accept(t, lfd);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_OOBINLINE), 1);
	ASSERT_EQ(get_int_opt(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	ASSERT_EQ(get_int_opt(fd, IPPROTO_TCP, TCP_KEEPIDLE), 77);
	ASSERT_EQ(getsockopt(fd, SOL_SOCKET, SO_LINGER, &got, &len), 0);
	ASSERT_EQ(got.l_onoff, 1);
	ASSERT_EQ(got.l_linger, 7);
	exchange_byte(t, fd);
	close(fd);
	close(lfd);
}

/* The listener goes with a child unaccepted that holds data: reset. */
static void listener_close_pending_c(struct test *t)
{
	int fd = t_connect(t);
	char c;

	send_all(fd, "x", 1);
	ctl_send(t, "SENT");
	ctl_expect(t, "CLOSED");
	wait_poll(fd, POLLIN);
	ASSERT_ERRNO(recv(fd, &c, 1, 0), ECONNRESET);
	close(fd);
}

static void listener_close_pending_s(struct test *t)
{
	int lfd = t_listen(t, 4);

	ctl_expect(t, "SENT");
	wait_poll(lfd, POLLIN);
	close(lfd);
	ctl_send(t, "CLOSED");
	harness_mark_proved();	/* this side has no socket left; the client's is */
}

/* The listener goes; accepted connections stay. */
static void listener_close_accepted_s(struct test *t)
{
	int lfd = t_listen(t, 4), fd = t_accept(t, lfd);

	close(lfd);
	ctl_send(t, "CLOSED");
	exchange_byte(t, fd);
	close(fd);
}

static void listener_close_accepted_c(struct test *t)
{
	int port = ctl_expect_num(t, "PORT"), fd = t_socket(t), fd2;

	ASSERT_EQ(t_connect_fd(t, fd, port), 0);
	t_prove(t, fd);
	ctl_expect(t, "CLOSED");
	fd2 = t_socket(t);
	ASSERT_ERRNO(t_connect_fd(t, fd2, port), ECONNREFUSED);
	exchange_byte(t, fd);
	close(fd2);
	close(fd);
}

const struct test_case accept_tests[] = {
	{ "accept4_flags", plain_client, accept4_flags_s },
	{ "accept_nonblock", plain_client, accept_nonblock_s },
	{ "accept_blocking", plain_client, accept_blocking_s },
	{ "accept_address", accept_address_c, accept_address_s },
	{ "accept_many", accept_many_c, accept_many_s },
	{ "accept_behind_plain", behind_plain_c, behind_plain_s },
	{ "accept_relisten", relisten_c, relisten_s },
	{ "accept_inherits", plain_client, accept_inherits_s },
	{ "accept_timeout", accept_timeout, NULL, T_NO_CONN },
	{ "accept_interrupted", accept_interrupted, NULL, T_NO_CONN },
	{ "listen_errors", listen_errors, NULL, T_NO_CONN },
	{ "listen_connected", listen_connected, listen_connected },
	{ "listener_shutdown", listener_shutdown, NULL, T_NO_CONN },
	{ "listener_close_pending", listener_close_pending_c,
	  listener_close_pending_s },
	{ "listener_close_accepted", listener_close_accepted_c,
	  listener_close_accepted_s },
	{}
};
