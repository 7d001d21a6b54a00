// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to a generic netlink family, each on a socket of its own.
 */

#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "smc.h"

static int refused(const char *what)
{
	const char *text = nl_error_text();

	if (*text)
		return smc_kernel_error("%s: %s (%s)", what, text,
					strerror(errno));
	return smc_kernel_error("%s: %s", what, strerror(errno));
}

static int no_family(const struct genl_request *request)
{
	if (errno == ENOENT)
		return smc_kernel_error("%s", request->missing);
	return refused(request->family);
}

/**
 * genl_request() - send a request and handle the answers
 * @request: what is asked of whom
 *
 * Return: the exit code; what went wrong has been said.
 */
int genl_request(const struct genl_request *request)
{
	struct nl_message message;
	struct genlmsghdr *genl;
	struct mnl_socket *nl;
	struct nlmsghdr *nlh;
	uint16_t family;
	int rc;

	nl = nl_open(NETLINK_GENERIC);
	if (!nl)
		return smc_kernel_error("netlink: %s", strerror(errno));
	if (nl_genl_family(nl, request->family, &family)) {
		rc = no_family(request);
		goto out;
	}
	nlh = mnl_nlmsg_put_header(&message);
	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | request->flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = request->cmd;
	genl->version = request->version;
	if (request->fill)
		request->fill(nlh, request->fill_data);
	rc = SMC_EXIT_OK;
	if (nl_request(nl, nlh, request->handler, request->data))
		rc = refused(request->what);
out:
	mnl_socket_close(nl);
	return rc;
}
