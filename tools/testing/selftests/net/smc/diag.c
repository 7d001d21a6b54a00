// SPDX-License-Identifier: GPL-2.0
/*
 * What sock_diag says about SMC sockets.
 */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/smc_diag.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

#define DIAG_BUF	32768
#define DIAG_SECONDS	10
#define DUMPS		5	/* to find a socket */

static int diag_request(int fd)
{
	struct {
		struct nlmsghdr nlh;
		struct smc_diag_req req;
	} msg = {
		.nlh = {
			.nlmsg_len = sizeof(msg),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.req = {
			.diag_family = AF_SMC,
			.diag_ext = (1u << (SMC_DIAG_CONNINFO - 1)) |
				    (1u << (SMC_DIAG_LGRINFO - 1)),
		},
	};
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK };

	return sendto(fd, &msg, sizeof(msg), 0, (struct sockaddr *)&nl,
		      sizeof(nl)) == sizeof(msg) ? 0 : -1;
}

static void diag_link(const struct rtattr *a, struct smc_view *view)
{
	const struct smc_diag_lgrinfo *info = RTA_DATA(a);
	const struct smc_diag_linkinfo *link = info->lnk;

	view->has_link = true;
	if (RTA_PAYLOAD(a) < sizeof(*info))
		return;
	snprintf(view->gid, sizeof(view->gid), "%.39s", link->gid);
	snprintf(view->peer_gid, sizeof(view->peer_gid), "%.39s",
		 link->peer_gid);
}

static void diag_message(const struct nlmsghdr *nlh, struct smc_view *view)
{
	const struct smc_diag_msg *m = NLMSG_DATA(nlh);
	int len = nlh->nlmsg_len - NLMSG_LENGTH(sizeof(*m));
	const struct rtattr *a = (const void *)(m + 1);

	memset(view, 0, sizeof(*view));
	view->found = true;
	view->family = m->diag_family;
	view->state = m->diag_state;
	view->mode = m->diag_mode;
	view->lport = ntohs(m->id.idiag_sport);
	view->rport = ntohs(m->id.idiag_dport);
	for (; RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		if (a->rta_type == SMC_DIAG_LGRINFO)
			diag_link(a, view);
		if (a->rta_type == SMC_DIAG_CONNINFO &&
		    RTA_PAYLOAD(a) >= sizeof(struct smc_diag_conninfo)) {
			const struct smc_diag_conninfo *c = RTA_DATA(a);

			view->sndbuf = c->sndbuf_size;
			view->rmbe = c->rmbe_size;
			view->peer_rmbe = c->peer_rmbe_size;
		}
		if (a->rta_type == SMC_DIAG_FALLBACK &&
		    RTA_PAYLOAD(a) >= sizeof(struct smc_diag_fallback)) {
			const struct smc_diag_fallback *f = RTA_DATA(a);

			view->reason = f->reason;
			view->peer_diagnosis = f->peer_diagnosis;
		}
	}
}

/* The messages of one datagram. 1 at the end of the dump, -1 with errno. */
static int diag_datagram(const void *buf, unsigned int n,
			 void (*fn)(const struct smc_view *view, void *arg),
			 void *arg)
{
	const struct nlmsghdr *nlh = buf;

	for (; NLMSG_OK(nlh, n); nlh = NLMSG_NEXT(nlh, n)) {
		const struct nlmsgerr *e = NLMSG_DATA(nlh);
		struct smc_view view;

		if (nlh->nlmsg_type == NLMSG_DONE)
			return 1;
		if (nlh->nlmsg_type == NLMSG_ERROR) {
			errno = -e->error;
			return -1;
		}
		if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
		    nlh->nlmsg_len < NLMSG_LENGTH(sizeof(struct smc_diag_msg)))
			continue;
		diag_message(nlh, &view);
		fn(&view, arg);
	}
	return 0;
}

/**
 * smc_view_each() - go through a dump of all SMC sockets of the namespace
 * @fn: called with each
 * @arg: passed on to it
 *
 * Return: 0, or -1 with errno if the dump failed.
 */
int smc_view_each(void (*fn)(const struct smc_view *view, void *arg), void *arg)
{
	struct timeval tv = { .tv_sec = DIAG_SECONDS };
	char buf[DIAG_BUF] __attribute__((aligned(8)));
	int fd, n, end = -1;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	if (!diag_request(fd)) {
		do {
			n = recv(fd, buf, sizeof(buf), 0);
			end = n > 0 ? diag_datagram(buf, n, fn, arg) : -1;
		} while (!end);
	}
	close(fd);
	return end < 0 ? -1 : 0;
}

struct wanted {
	__u16 lport;
	__u16 rport;
	struct smc_view *view;
};

static void take_wanted(const struct smc_view *view, void *arg)
{
	struct wanted *w = arg;

	if (view->lport == w->lport && view->rport == w->rport)
		*w->view = *view;
}

/**
 * smc_view_get() - look a socket up in a dump of all SMC sockets
 * @lport: its local port
 * @rport: its remote port, 0 for none
 * @view: receives what was found; @view->found is false if nothing was
 *
 * A dump in several parts skips sockets when others before them go meanwhile,
 * so it is taken again before a socket is said not to be there.
 *
 * Return: 0, or -1 with errno if the dump itself failed.
 */
int smc_view_get(__u16 lport, __u16 rport, struct smc_view *view)
{
	struct wanted w = { lport, rport, view };
	unsigned int i;

	memset(view, 0, sizeof(*view));
	for (i = 0; i < DUMPS && !view->found; i++)
		if (smc_view_each(take_wanted, &w))
			return -1;
	return 0;
}
