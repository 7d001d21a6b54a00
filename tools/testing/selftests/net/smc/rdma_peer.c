// SPDX-License-Identifier: GPL-2.0
/*
 * The two hosts: sockets, counters and mutation rules of either one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/smc_diag.h>

#include "load.h"
#include "rdma_peer.h"

#define CONNECT_MS	15000
#define DUMPS		5
#define DEAD_MS		1000	/* for what a server may still accept */

static const char * const stat_names[ST_STATS] = {
	[ST_BAD_LLC] = "bad_llc",
	[ST_LLC_BAD_FORMAT] = "llc_bad_format",
	[ST_LLC_BAD_LINK] = "llc_bad_link",
	[ST_LLC_IGNORED] = "llc_ignored",
	[ST_LLC_UNKNOWN] = "llc_unknown",
	[ST_LLC_UNEXPECTED] = "llc_unexpected",
	[ST_LLC_FLOODED] = "llc_flooded",
	[ST_LLC_REFUSED] = "llc_refused",
	[ST_BAD_CDC] = "bad_cdc",
	[ST_CDC_BAD_FORMAT] = "cdc_bad_format",
	[ST_CDC_BAD_CURSOR] = "cdc_bad_cursor",
	[ST_CDC_UNKNOWN_TOKEN] = "cdc_unknown_token",
	[ST_CDC_STALE] = "cdc_stale",
	[ST_LINK_DOWN] = "link_down",
	[ST_LLC_RX] = "llc_rx",
	[ST_CDC_RX] = "cdc_rx",
	[ST_RMB_REUSE] = "rmb_reuse",
	[ST_LGR_ENDED] = "lgr_ended",
	[ST_HS_SRV_ERR] = "hs_srv_err",
};

/**
 * rdma_stat_name() - for reports
 * @stat: counter
 *
 * Return: its name.
 */
const char *rdma_stat_name(enum rdma_stat stat)
{
	return stat_names[stat];
}

/**
 * rdma_open() - get hold of a host
 * @host: to fill in
 * @netns: name of its network namespace
 * @dev: its smcsim device
 * @ip: its address
 *
 * Return: 0 or -1 with errno.
 */
int rdma_open(struct rdma_host *host, const char *netns, const char *dev,
	      const char *ip)
{
	char path[256];

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	host->ns = open(path, O_RDONLY | O_CLOEXEC);
	host->dev = dev;
	host->ip = ip;
	return host->ns < 0 ? -1 : 0;
}

static void enter(const struct rdma_host *host)
{
	if (setns(host->ns, CLONE_NEWNET)) {
		perror("setns");
		exit(1);
	}
}

static int smc_socket(const struct rdma_host *host)
{
	int fd, one = 1;

	enter(host);
	fd = socket(AF_SMC, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	load_set_timeout(fd, CONNECT_MS / 1000);
	return fd;
}

static struct sockaddr_in address(const struct rdma_host *host, __u16 port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = inet_addr(host->ip),
	};
}

/**
 * rdma_listen() - open the server's listener
 * @server: host
 * @port: port
 *
 * Return: the socket, or -1 with errno.
 */
int rdma_listen(const struct rdma_host *server, __u16 port)
{
	struct sockaddr_in sa = address(server, port);
	int fd = smc_socket(server);

	if (fd >= 0 && (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) ||
			listen(fd, 64))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, CONNECT_MS) == 1;
}

static __u16 port_of(int fd, bool peer)
{
	struct sockaddr_in sa = {};
	socklen_t len = sizeof(sa);

	if (peer)
		getpeername(fd, (struct sockaddr *)&sa, &len);
	else
		getsockname(fd, (struct sockaddr *)&sa, &len);
	return ntohs(sa.sin_port);
}

/* Is there something to accept? No longer is waited if the client has died. */
static bool wait_accept(int lfd, int client)
{
	struct pollfd p[2] = {
		{ .fd = lfd, .events = POLLIN }, { .fd = client },
	};

	return poll(p, 2, client < 0 ? DEAD_MS : CONNECT_MS) > 0 &&
	       (p[0].revents || poll(p, 1, DEAD_MS) == 1);
}

/* Of what is accepted, those that are left from an attack are dropped. */
static int accept_from(int lfd, __u16 port, int client)
{
	int fd;

	while (wait_accept(lfd, client)) {
		fd = accept4(lfd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			return -1;
		if (port_of(fd, true) == port)
			return fd;
		close(fd);
	}
	return -1;
}

/**
 * rdma_connect() - make a connection
 * @p: to fill in, -1 for an end that there is not; to be closed in any case
 * @hosts: client and server
 * @lfd: listener
 * @port: its port
 *
 * Return: there are both ends.
 */
bool rdma_connect(struct rdma_pair *p, const struct rdma_host *hosts, int lfd,
		  __u16 port)
{
	struct sockaddr_in sa = address(&hosts[END_SERVER], port);
	socklen_t len = sizeof(int);
	__u16 from;
	int err;

	p->fd[END_SERVER] = -1;
	p->port[END_SERVER] = port;
	p->fd[END_CLIENT] = smc_socket(&hosts[END_CLIENT]);
	if (p->fd[END_CLIENT] < 0)
		return false;
	fcntl(p->fd[END_CLIENT], F_SETFL, O_NONBLOCK);
	if (connect(p->fd[END_CLIENT], (struct sockaddr *)&sa, sizeof(sa)) &&
	    errno != EINPROGRESS) {
		rdma_close(p);
		return false;
	}
	from = port_of(p->fd[END_CLIENT], false);
	p->port[END_CLIENT] = from;
	if (!wait_for(p->fd[END_CLIENT], POLLOUT) ||
	    getsockopt(p->fd[END_CLIENT], SOL_SOCKET, SO_ERROR, &err, &len) ||
	    err) {
		close(p->fd[END_CLIENT]);
		p->fd[END_CLIENT] = -1;
	} else {
		fcntl(p->fd[END_CLIENT], F_SETFL, 0);
	}
	p->fd[END_SERVER] = accept_from(lfd, from, p->fd[END_CLIENT]);
	if (p->fd[END_SERVER] >= 0)
		load_set_timeout(p->fd[END_SERVER], CONNECT_MS / 1000);
	return p->fd[END_CLIENT] >= 0 && p->fd[END_SERVER] >= 0;
}

/**
 * rdma_close() - close both ends, those that are open
 * @p: connection
 */
void rdma_close(struct rdma_pair *p)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (p->fd[i] >= 0)
			close(p->fd[i]);
		p->fd[i] = -1;
	}
}

/**
 * rdma_native() - is this end of a connection SMC-R?
 * @hosts: client and server
 * @p: connection
 * @end: the end, which is open
 * @reason: if it is TCP, why; else 0
 *
 * The other end may have reset it: a socket that has no peer is known by its
 * ports still.
 *
 * Return: it is.
 */
bool rdma_native(const struct rdma_host *hosts, const struct rdma_pair *p,
		 enum rdma_end end, __u32 *reason)
{
	struct smc_view v = {};
	unsigned int tries;

	*reason = 0;
	enter(&hosts[end]);
	/* A dump may miss one while others come and go */
	for (tries = 0; !v.found && tries < DUMPS; tries++)
		if (smc_view_get(p->port[end], p->port[!end], &v))
			return false;
	if (!v.found)
		return false;
	*reason = v.reason;
	return v.mode == SMC_DIAG_MODE_SMCR;
}

/**
 * rdma_rule() - set the only rule of a device
 * @host: whose
 * @text: the rule
 *
 * Return: the device took it.
 */
bool rdma_rule(const struct rdma_host *host, const char *text)
{
	char path[256], rule[512];
	size_t len;
	bool ok;
	int fd;

	len = snprintf(rule, sizeof(rule), "%s", text);
	if (host->spared && strcmp(text, "off"))
		len += snprintf(rule + len, sizeof(rule) - len, " notqp=%u",
				host->spared);
	snprintf(path, sizeof(path), "/sys/kernel/debug/smcsim/%s/mutate/rule0",
		 host->dev);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ok = write(fd, rule, len) == (ssize_t)len;
	close(fd);
	return ok;
}

/* Read a file of lines "NAME NUMBER"; @fn is called with each. */
static bool each_line(const char *path,
		      void (*fn)(const char *name, __u64 n, void *arg),
		      void *arg)
{
	unsigned long long n;
	char name[64];
	FILE *f = fopen(path, "re");

	if (!f)
		return false;
	while (fscanf(f, "%63s %llu\n", name, &n) == 2)
		fn(name, n, arg);
	fclose(f);
	return true;
}

struct sum {
	const char *start;
	__u64 total;
};

static void add_up(const char *name, __u64 n, void *arg)
{
	struct sum *s = arg;

	if (!strncmp(name, s->start, strlen(s->start)))
		s->total += n;
}

/**
 * rdma_counter() - counters of a device
 * @host: whose
 * @start: with what the names begin
 *
 * Return: their sum.
 */
__u64 rdma_counter(const struct rdma_host *host, const char *start)
{
	struct sum s = { .start = start };
	char path[256];

	snprintf(path, sizeof(path), "/sys/kernel/debug/smcsim/%s/counters",
		 host->dev);
	each_line(path, add_up, &s);
	return s.total;
}

static void take_stat(const char *name, __u64 n, void *arg)
{
	struct rdma_stats *s = arg;
	int i;

	for (i = 0; i < ST_STATS; i++)
		if (!strcmp(name, stat_names[i]))
			s->v[i] = n;
}

/**
 * rdma_stats() - counters of SMC on a host
 * @host: host
 * @s: where to put them
 *
 * Return: they could be read.
 */
bool rdma_stats(const struct rdma_host *host, struct rdma_stats *s)
{
	memset(s, 0, sizeof(*s));
	enter(host);
	return each_line("/proc/self/net/smc_stat", take_stat, s);
}

/**
 * rdma_exchange() - so many bytes one way, then the other way, checked
 * @p: connection
 * @first: who begins
 * @len: number of bytes, at most 4096
 *
 * Return: success.
 */
bool rdma_exchange(const struct rdma_pair *p, enum rdma_end first, size_t len)
{
	struct load_error e = {};
	__u8 buf[4096];
	int i, from;

	for (i = 0; i < 2; i++) {
		from = i ? !first : first;
		pat_fill(buf, len, i + 1, len);
		if (!load_send(p->fd[from], buf, len, &e) ||
		    !load_recv(p->fd[!from], buf, len, &e) ||
		    pat_diff(buf, len, i + 1, len) >= 0)
			return false;
	}
	return true;
}
