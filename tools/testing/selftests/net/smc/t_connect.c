// SPDX-License-Identifier: GPL-2.0
/*
 * connect() and bind(): blocking, non-blocking, interrupted, refused, timed
 * out, wrong calls.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/time.h>

#include "harness.h"

#define SHUTDOWNS	32	/* connects that shutdown() ends */

static void connect_blocking(struct test *t)
{
	int fd = t_pair(t);

	exchange_byte(t, fd);
	close(fd);
}

static void connect_blocking_c(struct test *t)
{
	int fd = t_pair(t), port = t_port(fd, true);

	exchange_byte(t, fd);
	ASSERT_ERRNO(t_connect_fd(t, fd, port), EISCONN);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ERROR), 0);
	close(fd);
}

/* Start a non-blocking connect to the port that the server announces. */
static int start_connect(struct test *t, int fd)
{
	int port = ctl_expect_num(t, "PORT");

	ASSERT_ERRNO(t_connect_fd(t, fd, port), EINPROGRESS);
	return port;
}

/*
 * A connect() after one that finished in the background: Linux TCP reports
 * the success once more, POSIX has EISCONN; from then on it is EISCONN.
 */
static void expect_connected(struct test *t, int fd, int port)
{
	ASSERT(!t_connect_fd(t, fd, port) || errno == EISCONN);
	ASSERT_ERRNO(t_connect_fd(t, fd, port), EISCONN);
}

/* The connect is over, and it succeeded. */
static void finish_connect(struct test *t, int fd, int port)
{
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ERROR), 0);
	expect_connected(t, fd, port);
	t_prove(t, fd);
	set_nonblock(fd, false);
	exchange_byte(t, fd);
	close(fd);
}

static void nonblock_poll_c(struct test *t)
{
	int fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK), port;
	short ev;

	port = start_connect(t, fd);
	ev = wait_poll(fd, POLLOUT);
	ASSERT_EQ(ev, POLLOUT);
	finish_connect(t, fd, port);
}

static int epoll_with(int fd, __u32 events)
{
	struct epoll_event e = { .events = events };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_GE(ep, 0);
	ASSERT_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), 0);
	return ep;
}

/* Registered after connect(): level triggered. */
static void nonblock_epoll_after_c(struct test *t)
{
	int fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK), port, ep;
	struct epoll_event e;

	port = start_connect(t, fd);
	ep = epoll_with(fd, EPOLLIN | EPOLLOUT);
	ASSERT_EQ(epoll_wait(ep, &e, 1, WAIT_MS), 1);
	ASSERT_EQ(e.events, EPOLLOUT);
	ASSERT_EQ(epoll_wait(ep, &e, 1, 0), 1);
	close(ep);
	finish_connect(t, fd, port);
}

/* Registered before connect(), edge triggered: exactly one edge for it. */
static void nonblock_epoll_before_c(struct test *t)
{
	int fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK), port, ep;
	struct epoll_event e;

	ep = epoll_with(fd, EPOLLIN | EPOLLOUT | EPOLLET);
	ASSERT_EQ(epoll_wait(ep, &e, 1, 0), 1);
	ASSERT_EQ(e.events, EPOLLOUT | EPOLLHUP);
	port = start_connect(t, fd);
	do {
		ASSERT_EQ(epoll_wait(ep, &e, 1, WAIT_MS), 1);
	} while (!(e.events & EPOLLOUT));
	ASSERT_EQ(e.events, EPOLLOUT);
	close(ep);
	finish_connect(t, fd, port);
}

/* Registered before connect(), then data from the peer make a second edge. */
static void epoll_before_data_c(struct test *t)
{
	int fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK), ep;
	struct epoll_event e;
	char c;

	ep = epoll_with(fd, EPOLLIN | EPOLLRDHUP | EPOLLET);
	epoll_wait(ep, &e, 1, 0);
	start_connect(t, fd);
	do {
		ASSERT_EQ(epoll_wait(ep, &e, 1, WAIT_MS), 1);
	} while (!(e.events & EPOLLIN));
	ASSERT_EQ(e.events, EPOLLIN);
	ASSERT_EQ(recv(fd, &c, 1, 0), 1);
	t_prove(t, fd);
	ctl_send(t, "READ");
	do {
		ASSERT_EQ(epoll_wait(ep, &e, 1, WAIT_MS), 1);
	} while (!(e.events & EPOLLRDHUP));
	ASSERT_EQ(e.events, EPOLLIN | EPOLLRDHUP);
	close(ep);
	close(fd);
}

static void epoll_before_data_s(struct test *t)
{
	int fd = t_pair(t);

	send_all(fd, "x", 1);
	ctl_expect(t, "READ");
	close(fd);
}

/* The server's half of all tests that need a connect to hang. */
static void blackhole_s(struct test *t)
{
	struct blackhole b;

	blackhole_open(t, &b);
	ctl_expect(t, "DONE");
	close(b.lfd);
}

static void connect_again_c(struct test *t)
{
	int fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK), port;

	port = start_connect(t, fd);
	ASSERT_ERRNO(t_connect_fd(t, fd, port), EALREADY);
	ASSERT_EQ(poll_now(fd, POLLIN | POLLOUT), 0);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ERROR), 0);
	close(fd);
	ctl_send(t, "DONE");
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void arm_alarm(int ms)
{
	struct itimerval it = { .it_value.tv_usec = ms * 1000 };
	struct sigaction sa = { .sa_handler = on_alarm };

	ASSERT_EQ(sigaction(SIGALRM, &sa, NULL), 0);
	ASSERT_EQ(setitimer(ITIMER_REAL, &it, NULL), 0);
}

/* Interrupted, the connect goes on and can still succeed. */
static void connect_interrupted_c(struct test *t)
{
	int fd = t_socket(t), port = ctl_expect_num(t, "PORT");

	arm_alarm(200);
	ASSERT_ERRNO(t_connect_fd(t, fd, port), EINTR);
	set_nonblock(fd, true);
	ASSERT_ERRNO(t_connect_fd(t, fd, port), EALREADY);
	ctl_send(t, "RELEASE");
	ASSERT_EQ(wait_poll(fd, POLLOUT) & (POLLOUT | POLLERR), POLLOUT);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ERROR), 0);
	expect_connected(t, fd, port);
	ctl_send(t, "DONE");
	close(fd);
}

static void connect_interrupted_s(struct test *t)
{
	struct blackhole b;

	blackhole_open(t, &b);
	ctl_expect(t, "RELEASE");
	blackhole_release(&b);
	ctl_expect(t, "DONE");
	close(b.lfd);
}

static void connect_sndtimeo_c(struct test *t)
{
	int fd = t_socket(t), port = ctl_expect_num(t, "PORT");
	struct timeval tv = { .tv_usec = 300000 };
	long long start = now_ms();

	ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)), 0);
	ASSERT_ERRNO(t_connect_fd(t, fd, port), EINPROGRESS);
	ASSERT_GE(now_ms() - start, 290);
	ASSERT_LE(now_ms() - start, 3000);
	ASSERT_ERRNO(t_connect_fd(t, fd, port), EALREADY);
	close(fd);
	ctl_send(t, "DONE");
}

static void connect_timeout_c(struct test *t)
{
	int fd = t_socket(t), port = ctl_expect_num(t, "PORT");

	set_int_opt(fd, IPPROTO_TCP, TCP_SYNCNT, 1);
	ASSERT_ERRNO(t_connect_fd(t, fd, port), ETIMEDOUT);
	close(fd);
	ctl_send(t, "DONE");
}

/* Refused, then again on the same socket to a port that listens. */
static void connect_refused_c(struct test *t)
{
	int closed = ctl_expect_num(t, "CLOSED");
	int fd = t_socket(t), port;

	ASSERT_ERRNO(t_connect_fd(t, fd, closed), ECONNREFUSED);
	port = ctl_expect_num(t, "PORT");
	ASSERT_EQ(t_connect_fd(t, fd, port), 0);
	t_prove(t, fd);
	exchange_byte(t, fd);
	close(fd);
}

static void connect_refused_s(struct test *t)
{
	ctl_send_num(t, "CLOSED", t_closed_port(t));
	connect_blocking(t);
}

static void nonblock_refused_c(struct test *t)
{
	int fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK);

	start_connect(t, fd);
	ASSERT_EQ(wait_poll(fd, POLLIN | POLLOUT) & (POLLERR | POLLHUP),
		  POLLERR | POLLHUP);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ERROR), 0);
	close(fd);
	ctl_send(t, "DONE");
}

/* Who reads hears of the refusal, once; for who writes it is too late then. */
static void refused_recv_c(struct test *t)
{
	int fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK);
	char c = 0;

	start_connect(t, fd);
	wait_poll(fd, POLLIN | POLLOUT);
	ASSERT_ERRNO(recv(fd, &c, 1, MSG_OOB), EINVAL);
	ASSERT_ERRNO(recv(fd, &c, 1, 0), ECONNREFUSED);
	ASSERT_EQ(recv(fd, &c, 1, 0), 0);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ERROR), 0);
	ASSERT_ERRNO(send(fd, &c, 1, MSG_NOSIGNAL), EPIPE);
	close(fd);
	ctl_send(t, "DONE");
}

/* The same for who waits to read while the connect hangs. */
static void timeout_recv_c(struct test *t)
{
	int fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK);
	char c;

	set_int_opt(fd, IPPROTO_TCP, TCP_SYNCNT, 1);
	start_connect(t, fd);
	set_nonblock(fd, false);
	ASSERT_ERRNO(recv(fd, &c, 1, 0), ETIMEDOUT);
	ASSERT_EQ(recv(fd, &c, 1, 0), 0);
	close(fd);
	ctl_send(t, "DONE");
}

static void nonblock_refused_s(struct test *t)
{
	ctl_send_num(t, "PORT", t_closed_port(t));
	ctl_expect(t, "DONE");
}

/* Calls on a socket while its connect hangs. */
static void connecting_state_c(struct test *t)
{
	int fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK);
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	char c = 0;

	start_connect(t, fd);
	ASSERT_ERRNO(send(fd, &c, 1, MSG_NOSIGNAL), EAGAIN);
	ASSERT_ERRNO(recv(fd, &c, 1, 0), EAGAIN);
	ASSERT_ERRNO(getpeername(fd, (struct sockaddr *)&sa, &len), ENOTCONN);
	ASSERT_ERRNO(listen(fd, 1), EINVAL);
	close(fd);
	ctl_send(t, "DONE");
}

/*
 * shutdown() at all moments of connecting: never is a connection left open
 * that the program believes shut.
 */
static void connect_shutdown_c(struct test *t)
{
	int port = ctl_expect_num(t, "PORT"), fd, i;

	for (i = 0; i < SHUTDOWNS; i++) {
		fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK);
		ASSERT_ERRNO(t_connect_fd(t, fd, port), EINPROGRESS);
		poll(NULL, 0, i % 8);
		ASSERT_EQ(shutdown(fd, SHUT_RDWR), 0);
		ASSERT_EQ(wait_poll(fd, 0) & POLLHUP, POLLHUP);
		ASSERT_EQ(send(fd, "x", 1, MSG_NOSIGNAL), -1);
		close(fd);
	}
	ctl_send(t, "DONE");
}

static void connect_shutdown_s(struct test *t)
{
	int lfd = t_listen(t, SHUTDOWNS);

	ctl_expect(t, "DONE");
	close(lfd);
}

static int disconnect_fd(int fd)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	return connect(fd, &sa, sizeof(sa));
}

/* Nothing of an attempt that was given up is left in the next one. */
static void disconnect_pending_c(struct test *t)
{
	int fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK), port;

	port = start_connect(t, fd);
	ASSERT_EQ(disconnect_fd(fd), 0);
	ASSERT_ERRNO(t_connect_fd(t, fd, port), EINPROGRESS);
	ASSERT_EQ(poll_now(fd, POLLIN | POLLOUT), 0);
	ctl_send(t, "RELEASE");
	ASSERT_EQ(wait_poll(fd, POLLOUT) & (POLLOUT | POLLERR), POLLOUT);
	ASSERT_EQ(get_int_opt(fd, SOL_SOCKET, SO_ERROR), 0);
	expect_connected(t, fd, port);
	ctl_send(t, "DONE");
	close(fd);
}

static void disconnect_refused_c(struct test *t)
{
	int fd = t_socket_kind(t, t_kind(t), SOCK_NONBLOCK), port;

	port = start_connect(t, fd);
	wait_poll(fd, POLLIN | POLLOUT);
	ASSERT_EQ(disconnect_fd(fd), 0);
	ASSERT_ERRNO(t_connect_fd(t, fd, port), EINPROGRESS);
	close(fd);
	ctl_send(t, "DONE");
}

static void disconnect_listener(struct test *t)
{
	int fd = t_socket(t);

	t_bind_any(t, fd);
	ASSERT_EQ(listen(fd, 1), 0);
	ASSERT_EQ(disconnect_fd(fd), 0);
	ASSERT_ERRNO(accept(fd, NULL, NULL), EINVAL);
	ASSERT_EQ(listen(fd, 1), 0);
	close(fd);
}

/* SMC-R has no way back to a socket as new; see smc.rst. */
static void disconnect_connected_c(struct test *t)
{
	int fd = t_pair(t);

	if (t_is_smc(t))
		ASSERT_ERRNO(disconnect_fd(fd), EOPNOTSUPP);
	exchange_byte(t, fd);
	if (!t_is_smc(t))
		ASSERT_EQ(disconnect_fd(fd), 0);
	close(fd);
}

static void connect_bad_address(struct test *t)
{
	struct sockaddr_storage sa;
	int fd = t_socket(t);

	t_peer_addr(t, &sa, 9);
	ASSERT_ERRNO(connect(fd, (struct sockaddr *)&sa, 1), EINVAL);
	ASSERT_ERRNO(connect(fd, (struct sockaddr *)&sa, 8), EINVAL);
	ASSERT_ERRNO(connect(fd, (struct sockaddr *)8, t_addr_len(t)), EFAULT);
	sa.ss_family = AF_UNIX;
	ASSERT_ERRNO(connect(fd, (struct sockaddr *)&sa, t_addr_len(t)),
		     EAFNOSUPPORT);
	ASSERT_ERRNO(connect(-1, (struct sockaddr *)&sa, t_addr_len(t)), EBADF);
	close(fd);
}

static void bind_errors(struct test *t)
{
	struct sockaddr_storage sa = { .ss_family = t->family };
	socklen_t len = t_addr_len(t);
	int a = t_socket(t), b = t_socket(t), port;

	ASSERT_EQ(t_port(a, false), 0);
	ASSERT_ERRNO(bind(a, (struct sockaddr *)&sa, 4), EINVAL);
	port = t_bind_any(t, a);
	ASSERT_GT(port, 0);
	ASSERT_ERRNO(bind(a, (struct sockaddr *)&sa, len), EINVAL);
	if (t->family == AF_INET6)
		((struct sockaddr_in6 *)&sa)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)&sa)->sin_port = htons(port);
	ASSERT_EQ(listen(a, 1), 0);
	ASSERT_ERRNO(bind(b, (struct sockaddr *)&sa, len), EADDRINUSE);
	sa.ss_family = AF_UNIX;
	ASSERT_ERRNO(bind(b, (struct sockaddr *)&sa, len), EAFNOSUPPORT);
	close(a);
	close(b);
}

/* An explicitly bound client port is the one that the server sees. */
static void bind_before_connect_c(struct test *t)
{
	int fd = t_socket(t), port = ctl_expect_num(t, "PORT"), mine;

	mine = t_bind_any(t, fd);
	ASSERT_EQ(t_connect_fd(t, fd, port), 0);
	t_prove(t, fd);
	ASSERT_EQ(t_port(fd, false), mine);
	ctl_send_num(t, "MINE", mine);
	exchange_byte(t, fd);
	close(fd);
}

static void bind_before_connect_s(struct test *t)
{
	int fd = t_pair(t);

	ASSERT_EQ(t_port(fd, true), ctl_expect_num(t, "MINE"));
	exchange_byte(t, fd);
	close(fd);
}

const struct test_case connect_tests[] = {
	{ "connect_blocking", connect_blocking_c, connect_blocking },
	{ "connect_nonblock_poll", nonblock_poll_c, connect_blocking },
	{ "connect_epoll_after", nonblock_epoll_after_c, connect_blocking },
	{ "connect_epoll_before", nonblock_epoll_before_c, connect_blocking },
	{ "connect_epoll_before_data", epoll_before_data_c,
	  epoll_before_data_s },
	{ "connect_again", connect_again_c, blackhole_s, T_NO_CONN },
	{ "connect_interrupted", connect_interrupted_c, connect_interrupted_s,
	  T_NO_CONN },
	{ "connect_sndtimeo", connect_sndtimeo_c, blackhole_s, T_NO_CONN },
	{ "connect_timeout", connect_timeout_c, blackhole_s, T_NO_CONN },
	{ "connect_refused", connect_refused_c, connect_refused_s },
	{ "connect_nonblock_refused", nonblock_refused_c, nonblock_refused_s,
	  T_NO_CONN },
	{ "connect_refused_recv", refused_recv_c, nonblock_refused_s,
	  T_NO_CONN },
	{ "connect_timeout_recv", timeout_recv_c, blackhole_s, T_NO_CONN },
	{ "connect_in_progress_calls", connecting_state_c, blackhole_s,
	  T_NO_CONN },
	{ "connect_shutdown", connect_shutdown_c, connect_shutdown_s,
	  T_NO_CONN },
	{ "disconnect_pending", disconnect_pending_c, connect_interrupted_s,
	  T_NO_CONN },
	{ "disconnect_refused", disconnect_refused_c, nonblock_refused_s,
	  T_NO_CONN },
	{ "disconnect_listener", disconnect_listener, NULL, T_NO_CONN },
	{ "disconnect_connected", disconnect_connected_c, connect_blocking },
	{ "connect_bad_address", connect_bad_address, NULL, T_NO_CONN },
	{ "bind_errors", bind_errors, NULL, T_NO_CONN },
	{ "bind_before_connect", bind_before_connect_c, bind_before_connect_s },
	{}
};
