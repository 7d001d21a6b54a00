// SPDX-License-Identifier: GPL-2.0
/*
 * Makes sockets for others to look at: a listener on the loopback address and
 * a number of connections to it. Prints "ready" when all are made, keeps them
 * until standard input ends, and exits with 0 if every call succeeded.
 *
 * usage: socket_farm DOMAIN PROTOCOL 4|6 PORT CONNECTIONS
 */

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
	struct sockaddr		sa;
	struct sockaddr_in	in;
	struct sockaddr_in6	in6;
};

static socklen_t loopback(union address *addr, int version, int port)
{
	if (version == 4) {
		addr->in.sin_family = AF_INET;
		addr->in.sin_port = htons(port);
		addr->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(addr->in);
	}
	addr->in6.sin6_family = AF_INET6;
	addr->in6.sin6_port = htons(port);
	addr->in6.sin6_addr = in6addr_loopback;
	return sizeof(addr->in6);
}

static int make_socket(int domain, int protocol)
{
	int fd = socket(domain, SOCK_STREAM, protocol);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

int main(int argc, char **argv)
{
	union address addr = {};
	struct rlimit limit;
	socklen_t addr_len;
	int domain, protocol, count, listener, on = 1;
	char byte;

	if (argc != 6)
		errx(2, "usage: socket_farm DOMAIN PROTOCOL 4|6 PORT CONNECTIONS");
	domain = atoi(argv[1]);
	protocol = atoi(argv[2]);
	addr_len = loopback(&addr, atoi(argv[3]), atoi(argv[4]));
	count = atoi(argv[5]);

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);

	listener = make_socket(domain, protocol);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, &addr.sa, addr_len) || listen(listener, 128))
		err(1, "listener");
	while (count--) {
		if (connect(make_socket(domain, protocol), &addr.sa, addr_len))
			err(1, "connect");
		if (accept(listener, NULL, NULL) < 0)
			err(1, "accept");
	}
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
