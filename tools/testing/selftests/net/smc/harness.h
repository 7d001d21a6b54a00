/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two-host socket test harness: one process per host, a table of tests with
 * a client and a server function each, a TCP control channel between them.
 *
 * Each test runs in a forked child on either host. A child fails by calling
 * test_fail() (through the ASSERT macros), which leaves its message in memory
 * shared with the runner. The runners kill children that overrun the deadline,
 * so that a test may use blocking calls freely.
 */
#ifndef _SMC_SELFTEST_HARNESS_H
#define _SMC_SELFTEST_HARNESS_H

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

#define WAIT_MS		10000	/* longest wait for one event */
#define TEST_SECONDS	40	/* longest run of one test */

/* What kind of socket one side of a connection uses. */
enum sock_kind {
	KIND_TCP,	/* AF_INET/AF_INET6, IPPROTO_TCP */
	KIND_SMC,	/* AF_SMC, protocol 0 or 1 */
	KIND_INET_SMC,	/* AF_INET/AF_INET6, IPPROTO_SMC */
};

/**
 * struct variant - a combination of socket kinds that every test runs under
 * @name:	name on the command line and in the KTAP output
 * @client:	kind of the client's sockets
 * @server:	kind of the server's sockets
 */
struct variant {
	const char *name;
	enum sock_kind client;
	enum sock_kind server;
};

#define T_NO_CONN	0x01	/* makes no connection whose mode could be proved */
#define T_FALLS_BACK	0x02	/* an SMC pair must end as TCP, with a reason */
#define T_ONE_FAMILY	0x04	/* takes long: over IPv4 only */

/**
 * struct test - what a test function knows about its run
 * @v:		variant
 * @family:	AF_INET or AF_INET6
 * @client:	this is the client side
 * @flags:	T_* of the test case
 * @ctl:	control channel to the other side, -1 if the test has no server
 * @peer:	the server's address (client side only), port 0
 */
struct test {
	const struct variant *v;
	int family;
	bool client;
	unsigned int flags;
	int ctl;
	struct sockaddr_storage peer;
};

/**
 * struct test_case - one row of a test table
 * @name:	stable KTAP name
 * @client:	client side
 * @server:	server side, NULL if the test needs none
 * @flags:	T_*
 */
struct test_case {
	const char *name;
	void (*client)(struct test *t);
	void (*server)(struct test *t);
	unsigned int flags;
};

extern const struct test_case connect_tests[];
extern const struct test_case accept_tests[];
extern const struct test_case data_tests[];
extern const struct test_case buffer_tests[];
extern const struct test_case poll_tests[];
extern const struct test_case urgent_tests[];
extern const struct test_case close_tests[];
extern const struct test_case splice_tests[];
extern const struct test_case option_tests[];
extern const struct test_case absent_tests[];
extern const struct test_case process_tests[];

/* Failing; see harness.c. */
__printf(3, 4)
_Noreturn void test_fail(const char *file, int line, const char *fmt, ...);

#define ASSERT(cond) do {						\
	if (!(cond))							\
		test_fail(__FILE__, __LINE__, "%s (errno %d %s)",	\
			  #cond, errno, strerror(errno));		\
} while (0)

#define ASSERT_OP(a, op, b) do {					\
	long long __a = (long long)(a);					\
	long long __b = (long long)(b);					\
									\
	if (!(__a op __b))						\
		test_fail(__FILE__, __LINE__,				\
			  "%s is %lld, wanted " #op " %s (%lld), errno %d %s", \
			  #a, __a, #b, __b, errno, strerror(errno));	\
} while (0)

#define ASSERT_EQ(a, b)	ASSERT_OP(a, ==, b)
#define ASSERT_GE(a, b)	ASSERT_OP(a, >=, b)
#define ASSERT_LE(a, b)	ASSERT_OP(a, <=, b)
#define ASSERT_GT(a, b)	ASSERT_OP(a, >, b)

/* @expr must return -1 with @err. */
#define ASSERT_ERRNO(expr, err) do {					\
	long long __r;							\
									\
	errno = 0;							\
	__r = (long long)(expr);					\
	if (__r != -1 || errno != (err))				\
		test_fail(__FILE__, __LINE__,				\
			  "%s is %lld errno %d %s, wanted -1 %s",	\
			  #expr, __r, errno, strerror(errno), #err);	\
} while (0)

/* Control channel (control.c). Lines are "NAME number". */
int ctl_listen(int port);
int ctl_dial(const struct sockaddr *sa, socklen_t len);
int ctl_read_line(int fd, char *buf, size_t size, int timeout_ms);
__printf(2, 3) int ctl_write_line(int fd, const char *fmt, ...);
void ctl_send(struct test *t, const char *name);
void ctl_send_num(struct test *t, const char *name, long long num);
void ctl_expect(struct test *t, const char *name);
long long ctl_expect_num(struct test *t, const char *name);
void ctl_sync(struct test *t, const char *name);

/* Sockets of the variant (peer.c). */
enum sock_kind t_kind(const struct test *t);
int t_socket_kind(struct test *t, enum sock_kind kind, int type_flags);
int t_socket(struct test *t);
int t_bind_any(struct test *t, int fd);
int t_closed_port(struct test *t);
int t_listen_fd(struct test *t, int fd, int backlog);
int t_listen(struct test *t, int backlog);
int t_accept(struct test *t, int lfd);
void t_peer_addr(struct test *t, struct sockaddr_storage *sa, int port);
socklen_t t_addr_len(const struct test *t);
int t_connect_fd(struct test *t, int fd, int port);
int t_connect(struct test *t);
int t_pair(struct test *t);
void t_prove(struct test *t, int fd);
int t_port(int fd, bool remote);
bool t_is_smc(const struct test *t);

/* A listener that drops every further SYN, for connects that hang (peer.c). */
struct blackhole {
	int lfd;
	int filler[3];
	int port;
};

void blackhole_open(struct test *t, struct blackhole *b);
void blackhole_release(struct blackhole *b);

/* Data and waiting (data.c). */
void send_all(int fd, const void *buf, size_t len);
size_t recv_upto(int fd, void *buf, size_t len);
void recv_all(int fd, void *buf, size_t len);
void send_pat(int fd, size_t len, __u32 seed, __u64 off, size_t chunk);
void recv_pat(int fd, size_t len, __u32 seed, __u64 off, size_t chunk);
void expect_eof(int fd);
void exchange_byte(struct test *t, int fd);
short wait_poll(int fd, short events);
short poll_now(int fd, short events);
void wait_inq(int fd, int bytes);
int get_int_opt(int fd, int level, int opt);
void set_int_opt(int fd, int level, int opt, int val);
void set_nonblock(int fd, bool on);

/* Runner (harness.c). */
void harness_mark_proved(void);

#endif
