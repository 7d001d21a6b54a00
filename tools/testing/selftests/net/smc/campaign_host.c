// SPDX-License-Identifier: GPL-2.0
/*
 * The two hosts of the campaign: their namespaces and addresses, and sockets
 * there. All addresses are of one family.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "campaign.h"

/* The ports of sockets of both families are at one place. */
union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct camp_host_cfg camp_hosts[CAMP_HOSTS] = {
	{ .netns = "/run/netns/smc1", .ndev = "eth0", .rdma = "sim1" },
	{ .netns = "/run/netns/smc2", .ndev = "eth0", .rdma = "sim2" },
};

static union address address[CAMP_HOSTS];
static int entered = -1;

/* An IPv4 address stands in a GID as it is mapped into IPv6. */
static bool address_init(enum camp_host host, const char *text)
{
	union address *a = &address[host];
	struct in6_addr gid = {};
	unsigned int i;
	char *p = camp_hosts[host].gid;

	if (inet_pton(AF_INET, text, &a->v4.sin_addr) == 1) {
		a->any.sa_family = AF_INET;
		memset(&gid.s6_addr[10], 0xff, 2);
		memcpy(&gid.s6_addr[12], &a->v4.sin_addr, 4);
	} else if (inet_pton(AF_INET6, text, &a->v6.sin6_addr) == 1) {
		a->any.sa_family = AF_INET6;
		gid = a->v6.sin6_addr;
	} else {
		return false;
	}
	for (i = 0; i < sizeof(gid); i++)
		p += sprintf(p, "%s%02x", i && !(i % 2) ? ":" : "",
			     gid.s6_addr[i]);
	return true;
}

/**
 * camp_hosts_init() - find the hosts
 * @client: the client's address as text
 * @server: the server's
 */
void camp_hosts_init(const char *client, const char *server)
{
	enum camp_host host;

	if (!address_init(CAMP_CLIENT, client) ||
	    !address_init(CAMP_SERVER, server) ||
	    address[CAMP_CLIENT].any.sa_family !=
	    address[CAMP_SERVER].any.sa_family)
		camp_die("not two addresses: %s, %s", client, server);
	for (host = 0; host < CAMP_HOSTS; host++) {
		struct camp_host_cfg *h = &camp_hosts[host];

		h->netns_fd = open(h->netns, O_RDONLY | O_CLOEXEC);
		if (h->netns_fd < 0)
			camp_die("%s: %s", h->netns, strerror(errno));
	}
}

/**
 * camp_enter() - be on a host: sockets are made there from now on
 * @host: host
 */
void camp_enter(enum camp_host host)
{
	if (entered == (int)host)
		return;
	if (setns(camp_hosts[host].netns_fd, CLONE_NEWNET))
		camp_die("setns: %s", strerror(errno));
	entered = host;
}

/**
 * camp_socket() - a socket on a host
 * @host: host
 * @smc: of AF_SMC rather than TCP
 *
 * Return: the socket, or -1 with errno.
 */
int camp_socket(enum camp_host host, bool smc)
{
	int family = address[host].any.sa_family;
	int protocol = family == AF_INET ? SMCPROTO_SMC : SMCPROTO_SMC6;

	camp_enter(host);
	return socket(smc ? AF_SMC : family, SOCK_STREAM | SOCK_CLOEXEC,
		      smc ? protocol : IPPROTO_TCP);
}

/**
 * camp_port() - local port of a socket
 * @fd: socket
 *
 * Return: the port in host order.
 */
int camp_port(int fd)
{
	union address a = {};
	socklen_t len = sizeof(a);

	getsockname(fd, &a.any, &len);
	return ntohs(a.v4.sin_port);
}

/**
 * camp_bind() - bind a socket to its host's address and any port
 * @fd: socket
 * @host: host
 *
 * Return: 0, or -1 with errno.
 */
int camp_bind(int fd, enum camp_host host)
{
	return bind(fd, &address[host].any, sizeof(address[host]));
}

/**
 * camp_connect() - connect a socket to the server
 * @fd: socket
 * @port: port there
 *
 * Return: 0, or -1 with errno.
 */
int camp_connect(int fd, int port)
{
	union address a = address[CAMP_SERVER];

	a.v4.sin_port = htons(port);
	return connect(fd, &a.any, sizeof(a));
}

/**
 * camp_accept() - accept a connection
 * @fd: listener
 * @port: receives the client's port
 *
 * Return: the socket, or -1 with errno.
 */
int camp_accept(int fd, int *port)
{
	union address a = {};
	socklen_t len = sizeof(a);
	int new = accept4(fd, &a.any, &len, SOCK_CLOEXEC);

	*port = ntohs(a.v4.sin_port);
	return new;
}
