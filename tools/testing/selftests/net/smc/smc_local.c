// SPDX-License-Identifier: GPL-2.0
/*
 * Tests that take one host only: sockets by themselves, and connections over
 * the loopback device. That one has no RDMA device, so SMC sockets must fall
 * back there, and behave like the TCP sockets beside them.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <linux/smc_diag.h>

#include "kselftest_harness.h"
#include "common.h"

#ifndef SOL_SMC
#define SOL_SMC		286
#endif
#define SMC_LIMIT_HS	1

#define MANY	200

FIXTURE(local) {
	int lfd;
	int fd;
	struct sockaddr_storage sa;
	socklen_t len;
};

FIXTURE_VARIANT(local) {
	int domain;
	int protocol;
	int family;	/* of the addresses */
	bool smc;
};

FIXTURE_VARIANT_ADD(local, tcp4) {
	.domain = AF_INET, .protocol = IPPROTO_TCP, .family = AF_INET,
};

FIXTURE_VARIANT_ADD(local, tcp6) {
	.domain = AF_INET6, .protocol = IPPROTO_TCP, .family = AF_INET6,
};

FIXTURE_VARIANT_ADD(local, smc4) {
	.domain = AF_SMC, .protocol = SMCPROTO_SMC, .family = AF_INET,
	.smc = true,
};

FIXTURE_VARIANT_ADD(local, smc6) {
	.domain = AF_SMC, .protocol = SMCPROTO_SMC6, .family = AF_INET6,
	.smc = true,
};

FIXTURE_VARIANT_ADD(local, inet_smc4) {
	.domain = AF_INET, .protocol = IPPROTO_SMC, .family = AF_INET,
	.smc = true,
};

FIXTURE_VARIANT_ADD(local, inet_smc6) {
	.domain = AF_INET6, .protocol = IPPROTO_SMC, .family = AF_INET6,
	.smc = true,
};

FIXTURE_SETUP(local)
{
	struct sockaddr_in6 *s6 = (struct sockaddr_in6 *)&self->sa;
	struct sockaddr_in *s4 = (struct sockaddr_in *)&self->sa;

	memset(&self->sa, 0, sizeof(self->sa));
	self->sa.ss_family = variant->family;
	if (variant->family == AF_INET6)
		s6->sin6_addr = in6addr_loopback;
	else
		s4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	self->len = variant->family == AF_INET6 ? sizeof(*s6) : sizeof(*s4);
	self->lfd = socket(variant->domain, SOCK_STREAM, variant->protocol);
	ASSERT_GE(self->lfd, 0);
	self->fd = socket(variant->domain, SOCK_STREAM, variant->protocol);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(bind(self->lfd, (struct sockaddr *)&self->sa, self->len), 0);
	ASSERT_EQ(getsockname(self->lfd, (struct sockaddr *)&self->sa,
			      &self->len), 0);
}

FIXTURE_TEARDOWN(local)
{
	close(self->fd);
	close(self->lfd);
}

static __u16 local_port(int fd)
{
	struct sockaddr_storage sa = {};
	socklen_t len = sizeof(sa);

	getsockname(fd, (struct sockaddr *)&sa, &len);
	return ntohs(((struct sockaddr_in *)&sa)->sin_port);
}

/* Over loopback: TCP, intact, and for SMC sockets with a reason on both ends */
TEST_F(local, loopback_exchange)
{
	struct smc_view v;
	char buf[8] = {};
	int child;

	ASSERT_EQ(listen(self->lfd, 4), 0);
	ASSERT_EQ(connect(self->fd, (struct sockaddr *)&self->sa, self->len), 0);
	child = accept(self->lfd, NULL, NULL);
	ASSERT_GE(child, 0);
	ASSERT_EQ(send(self->fd, "hello", 5, 0), 5);
	ASSERT_EQ(recv(child, buf, 5, MSG_WAITALL), 5);
	EXPECT_EQ(memcmp(buf, "hello", 5), 0);
	ASSERT_EQ(send(child, "back", 4, 0), 4);
	ASSERT_EQ(recv(self->fd, buf, 4, MSG_WAITALL), 4);
	EXPECT_EQ(memcmp(buf, "back", 4), 0);
	if (variant->smc) {
		ASSERT_EQ(smc_view_get(local_port(self->fd),
				       local_port(child), &v), 0);
		EXPECT_TRUE(v.found);
		EXPECT_EQ(v.mode, SMC_DIAG_MODE_FALLBACK_TCP);
		EXPECT_NE(v.reason, 0u);
		ASSERT_EQ(smc_view_get(local_port(child),
				       local_port(self->fd), &v), 0);
		EXPECT_TRUE(v.found);
		EXPECT_EQ(v.mode, SMC_DIAG_MODE_FALLBACK_TCP);
		EXPECT_NE(v.reason, 0u);
	}
	close(child);
	EXPECT_EQ(recv(self->fd, buf, 1, 0), 0);
}

/* An SMC client and a plain TCP server, and the other way round */
TEST_F(local, mixed_with_tcp)
{
	struct sockaddr_storage sa = self->sa;
	socklen_t len = sizeof(sa);
	int tcp, other, child;
	char c;

	ASSERT_EQ(listen(self->lfd, 4), 0);
	tcp = socket(variant->family, SOCK_STREAM, IPPROTO_TCP);
	ASSERT_GE(tcp, 0);
	ASSERT_EQ(connect(tcp, (struct sockaddr *)&self->sa, self->len), 0);
	child = accept(self->lfd, NULL, NULL);
	ASSERT_GE(child, 0);
	ASSERT_EQ(send(tcp, "a", 1, 0), 1);
	ASSERT_EQ(recv(child, &c, 1, 0), 1);
	close(child);
	close(tcp);

	tcp = socket(variant->family, SOCK_STREAM, IPPROTO_TCP);
	ASSERT_GE(tcp, 0);
	ASSERT_EQ(listen(tcp, 4), 0);
	ASSERT_EQ(getsockname(tcp, (struct sockaddr *)&sa, &len), 0);
	if (variant->family == AF_INET6)
		((struct sockaddr_in6 *)&sa)->sin6_addr = in6addr_loopback;
	else
		((struct sockaddr_in *)&sa)->sin_addr.s_addr =
			htonl(INADDR_LOOPBACK);
	ASSERT_EQ(connect(self->fd, (struct sockaddr *)&sa, len), 0);
	other = accept(tcp, NULL, NULL);
	ASSERT_GE(other, 0);
	ASSERT_EQ(send(self->fd, "b", 1, 0), 1);
	ASSERT_EQ(recv(other, &c, 1, 0), 1);
	EXPECT_EQ(c, 'b');
	close(other);
	close(tcp);
}

/* A listener seen from outside, and one that vanishes with its children */
TEST_F(local, listener_closes)
{
	struct smc_view v;
	char c;

	ASSERT_EQ(listen(self->lfd, 4), 0);
	if (variant->smc) {
		ASSERT_EQ(smc_view_get(local_port(self->lfd), 0, &v), 0);
		EXPECT_TRUE(v.found);
		EXPECT_EQ(v.state, 10);
	}
	ASSERT_EQ(connect(self->fd, (struct sockaddr *)&self->sa, self->len), 0);
	ASSERT_EQ(close(self->lfd), 0);
	EXPECT_EQ(recv(self->fd, &c, 1, 0), -1);
	EXPECT_EQ(errno, ECONNRESET);
	self->lfd = -1;
}

TEST_F(local, many_sockets)
{
	int fd[MANY], i;

	for (i = 0; i < MANY; i++) {
		fd[i] = socket(variant->domain, SOCK_STREAM | SOCK_CLOEXEC |
			       SOCK_NONBLOCK, variant->protocol);
		ASSERT_GE(fd[i], 0);
		EXPECT_TRUE(fcntl(fd[i], F_GETFL) & O_NONBLOCK);
		EXPECT_TRUE(fcntl(fd[i], F_GETFD) & FD_CLOEXEC);
	}
	for (i = 0; i < MANY; i++)
		EXPECT_EQ(close(fd[i]), 0);
}

TEST_F(local, out_of_descriptors)
{
	struct rlimit lim = { .rlim_cur = 3, .rlim_max = 3 };
	int fd;

	ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lim), 0);
	fd = socket(variant->domain, SOCK_STREAM, variant->protocol);
	EXPECT_EQ(fd, -1);
	EXPECT_EQ(errno, EMFILE);
}

TEST_F(local, unprivileged)
{
	int fd;

	ASSERT_EQ(setgid(65534), 0);
	ASSERT_EQ(setuid(65534), 0);
	fd = socket(variant->domain, SOCK_STREAM, variant->protocol);
	ASSERT_GE(fd, 0);
	((struct sockaddr_in *)&self->sa)->sin_port = htons(80);
	EXPECT_EQ(bind(fd, (struct sockaddr *)&self->sa, self->len), -1);
	EXPECT_EQ(errno, EACCES);
	close(fd);
}

TEST_F(local, limit_hs_option)
{
	socklen_t len = sizeof(int);
	int val = 5;

	if (!variant->smc) {
		EXPECT_EQ(setsockopt(self->fd, SOL_SMC, SMC_LIMIT_HS, &val,
				     len), -1);
		EXPECT_EQ(errno, ENOPROTOOPT);
		return;
	}
	ASSERT_EQ(setsockopt(self->fd, SOL_SMC, SMC_LIMIT_HS, &val, len), 0);
	val = -1;
	ASSERT_EQ(getsockopt(self->fd, SOL_SMC, SMC_LIMIT_HS, &val, &len), 0);
	EXPECT_EQ(val, 1);
	EXPECT_EQ(setsockopt(self->fd, SOL_SMC, SMC_LIMIT_HS, &val, 3), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(setsockopt(self->fd, SOL_SMC, 99, &val, len), -1);
	EXPECT_EQ(errno, EOPNOTSUPP);
	EXPECT_EQ(setsockopt(self->fd, SOL_SMC, SMC_LIMIT_HS, (void *)8, len),
		  -1);
	EXPECT_EQ(errno, EFAULT);
}

TEST_HARNESS_MAIN
