// SPDX-License-Identifier: GPL-2.0
/*
 * What sock_diag says about SMC sockets: did a connection run in the mode that
 * the row is about?
 */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <linux/smc_diag.h>
#include <linux/sock_diag.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define SEEN_MAX	512
#define LEFT_MS		5000	/* for sockets to go after close() */
#define STATE_ACTIVE	1
#define STATE_LISTEN	10

static void dump_request(int fd)
{
	struct smc_diag_req req = { .diag_family = AF_SMC };
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK };
	struct nl_msg m;

	nl_begin(&m, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &req, sizeof(req));
	m.nlh.nlmsg_flags &= ~NLM_F_ACK;
	if (sendto(fd, &m, m.nlh.nlmsg_len, 0, (struct sockaddr *)&nl,
		   sizeof(nl)) != m.nlh.nlmsg_len)
		die("sock_diag: %m");
}

/**
 * smc_sockets() - dump the SMC sockets of the current namespace
 * @seen: receives those that are connected or have been
 * @max: entries in @seen
 *
 * Return: how many there are.
 */
unsigned int smc_sockets(struct smc_seen *seen, unsigned int max)
{
	char buf[32768] __attribute__((aligned(8)));
	int fd = nl_open(NETLINK_SOCK_DIAG);
	const struct nlmsghdr *nlh;
	unsigned int num = 0;
	ssize_t n;

	dump_request(fd);
	for (;;) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n <= 0)
			die("sock_diag: no answer: %m");
		for (nlh = (void *)buf; NLMSG_OK(nlh, n);
		     nlh = NLMSG_NEXT(nlh, n)) {
			const struct smc_diag_msg *d = NLMSG_DATA(nlh);
			const struct nlmsgerr *e = NLMSG_DATA(nlh);

			if (nlh->nlmsg_type == NLMSG_DONE) {
				close(fd);
				return num;
			}
			if (nlh->nlmsg_type == NLMSG_ERROR) {
				errno = -e->error;
				die("sock_diag: %m");
			}
			if (d->diag_state == STATE_LISTEN)
				continue;
			if (num == max)
				die("sock_diag: more than %u sockets", max);
			seen[num].lport = ntohs(d->id.idiag_sport);
			seen[num].rport = ntohs(d->id.idiag_dport);
			seen[num].mode = d->diag_mode;
			num++;
		}
	}
}

static int mode_of(const struct smc_seen *seen, unsigned int num, int fd)
{
	struct sockaddr_in local, remote;
	socklen_t len = sizeof(local);
	unsigned int i;

	if (getsockname(fd, (struct sockaddr *)&local, &len))
		die("getsockname: %m");
	len = sizeof(remote);
	if (getpeername(fd, (struct sockaddr *)&remote, &len))
		die("getpeername: %m");
	for (i = 0; i < num; i++) {
		if (seen[i].lport == ntohs(local.sin_port) &&
		    seen[i].rport == ntohs(remote.sin_port))
			return seen[i].mode;
	}
	return -1;
}

/**
 * check_modes() - end the program unless connections are what they must be
 * @run: the run
 * @host: this process is on
 * @fds: connections
 * @num: of them
 */
void check_modes(const struct bench_run *run, int host, const int *fds,
		 unsigned int num)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct smc_seen seen[SEEN_MAX];
	unsigned int i, have;

	if (run->subject == SUBJECT_TCP)
		return;
	pthread_mutex_lock(&lock);
	have = smc_sockets(seen, SEEN_MAX);
	for (i = 0; i < num; i++) {
		int mode = mode_of(seen, have, fds[i]);

		if (mode != run->mode[host])
			die("%s: connection %u of %u of host %d has mode %d instead of %d",
			    run->row->name, i, num, host, mode,
			    run->mode[host]);
	}
	pthread_mutex_unlock(&lock);
}

/**
 * sockets_left() - give closed sockets of this namespace time to go
 *
 * Return: how many are still there after some seconds.
 */
unsigned int sockets_left(void)
{
	static struct smc_seen seen[SEEN_MAX];
	unsigned int ms, num;

	for (ms = 0; ms < LEFT_MS; ms += 10) {
		num = smc_sockets(seen, SEEN_MAX);
		if (!num)
			break;
		usleep(10000);
	}
	return num;
}
