// SPDX-License-Identifier: GPL-2.0
/*
 * libsmc-preload.so - gives a program SMC sockets where it asks for TCP ones
 *
 * One function is interposed: socket(). An AF_SMC socket takes the same
 * addresses and options as a TCP socket, and becomes one by itself when the
 * peer does not speak SMC, so nothing else needs to be changed. If the kernel
 * refuses an AF_SMC socket, the program gets the socket it asked for.
 *
 * Environment, all optional:
 *	SMC_DEBUG=1		one line on standard error for each socket
 *	SMC_SNDBUF=bytes	size of the send buffer of SMC sockets
 *	SMC_RCVBUF=bytes	size of the receive buffer of SMC sockets
 */

#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AF_SMC
#define AF_SMC		43
#endif

/* Protocols of AF_SMC: which kind of addresses the socket takes. */
#define SMC_PROTO_SMC	0	/* IPv4 */
#define SMC_PROTO_SMC6	1	/* IPv6 */

typedef int (*socket_t)(int domain, int type, int protocol);

/*
 * Set once the kernel said that there is no AF_SMC. Asking again would have it
 * look for the module each time.
 */
static bool smc_missing;

static bool is_debugging(void)
{
	const char *on = getenv("SMC_DEBUG");

	return on && *on && strcmp(on, "0");
}

/* The socket() we stand in front of, which may be another library's. */
static int next_socket(int domain, int type, int protocol)
{
	static socket_t next;
	socket_t fn = __atomic_load_n(&next, __ATOMIC_RELAXED);

	if (!fn) {
		fn = (socket_t)dlsym(RTLD_NEXT, "socket");
		__atomic_store_n(&next, fn, __ATOMIC_RELAXED);
	}
	if (!fn)
		return syscall(SYS_socket, domain, type, protocol);
	return fn(domain, type, protocol);
}

static bool is_tcp(int domain, int type, int protocol)
{
	return (domain == AF_INET || domain == AF_INET6) &&
	       (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) == SOCK_STREAM &&
	       (protocol == 0 || protocol == IPPROTO_TCP);
}

static void set_buffer(int fd, int option, const char *variable)
{
	const char *text = getenv(variable);
	long bytes;
	char *end;
	int value;

	if (!text)
		return;
	bytes = strtol(text, &end, 10);
	if (end == text || *end || bytes <= 0 || bytes > 0x7fffffff)
		return;
	value = bytes;
	setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value));
}

static int smc_socket(int domain, int type)
{
	int protocol = domain == AF_INET6 ? SMC_PROTO_SMC6 : SMC_PROTO_SMC;
	int fd;

	if (__atomic_load_n(&smc_missing, __ATOMIC_RELAXED))
		return -1;
	fd = next_socket(AF_SMC, type, protocol);
	if (fd < 0) {
		if (errno == EAFNOSUPPORT)
			__atomic_store_n(&smc_missing, true, __ATOMIC_RELAXED);
		if (is_debugging())
			dprintf(STDERR_FILENO, "libsmc-preload: no AF_SMC: %s\n",
				strerror(errno));
		return -1;
	}
	set_buffer(fd, SO_SNDBUF, "SMC_SNDBUF");
	set_buffer(fd, SO_RCVBUF, "SMC_RCVBUF");
	if (is_debugging())
		dprintf(STDERR_FILENO, "libsmc-preload: fd %d is SMC\n", fd);
	return fd;
}

/**
 * socket() - make a socket; SMC where TCP is asked for
 * @domain: as for socket(2)
 * @type: as for socket(2)
 * @protocol: as for socket(2)
 *
 * Return: the file descriptor, or -1 with errno as the program expects it.
 */
__attribute__((visibility("default")))
int socket(int domain, int type, int protocol)
{
	int saved_errno = errno;
	int fd;

	if (!is_tcp(domain, type, protocol))
		return next_socket(domain, type, protocol);
	fd = smc_socket(domain, type);
	/* What went wrong inside is none of the program's business. */
	errno = saved_errno;
	return fd >= 0 ? fd : next_socket(domain, type, protocol);
}
