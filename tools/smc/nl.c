// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink requests. Every answer ends in an errno; if the kernel had more to
 * say than that (NLMSGERR_ATTR_MSG), the text is kept for nl_error_text().
 */

#include <errno.h>
#include <string.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <sys/socket.h>

#include "smc.h"

/* Receive buffer. Dumps come in messages of at most 32 KiB. */
#define NL_BUFFER_BYTES		32768

/* What went wrong with the last request. */
static char error_text[256];

/* What an answer is made into. */
struct answer {
	nl_handler_t	handler;
	void		*data;
};

static void keep_ext_ack(const struct nlmsghdr *nlh, size_t offset)
{
	const struct nlattr *attr;
	const char *text;
	size_t len;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, nlh, offset) {
		if (mnl_attr_get_type(attr) != NLMSGERR_ATTR_MSG)
			continue;
		text = mnl_attr_get_payload(attr);
		len = strnlen(text, mnl_attr_get_payload_len(attr));
		snprintf(error_text, sizeof(error_text), "%.*s", (int)len,
			 text);
	}
}

static int on_error(const struct nlmsghdr *nlh, void *data)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(*err);

	(void)data;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err)) {
		errno = EBADMSG;
		return MNL_CB_ERROR;
	}
	/* Unless the kernel cut it off, our request stands in between. */
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += MNL_ALIGN(err->msg.nlmsg_len) - MNL_NLMSG_HDRLEN;
	keep_ext_ack(nlh, offset);
	if (!err->error)
		return MNL_CB_STOP;
	errno = err->error < 0 ? -err->error : err->error;
	return MNL_CB_ERROR;
}

static int on_done(const struct nlmsghdr *nlh, void *data)
{
	const int *error = mnl_nlmsg_get_payload(nlh);

	(void)data;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*error) || *error >= 0)
		return MNL_CB_STOP;
	keep_ext_ack(nlh, sizeof(*error));
	errno = -*error;
	return MNL_CB_ERROR;
}

static int on_overrun(const struct nlmsghdr *nlh, void *data)
{
	(void)nlh;
	(void)data;
	errno = EIO;
	return MNL_CB_ERROR;
}

static int on_noop(const struct nlmsghdr *nlh, void *data)
{
	(void)nlh;
	(void)data;
	return MNL_CB_OK;
}

static int on_message(const struct nlmsghdr *nlh, void *data)
{
	const struct answer *answer = data;

	return answer->handler ? answer->handler(nlh, answer->data) :
		MNL_CB_OK;
}

/**
 * nl_open() - open a netlink socket
 * @protocol: NETLINK_...
 *
 * Return: the socket, or NULL with errno set.
 */
struct mnl_socket *nl_open(int protocol)
{
	struct mnl_socket *nl = mnl_socket_open(protocol);
	int on = 1;

	if (!nl)
		return NULL;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(nl);
		return NULL;
	}
	/* Kernels without them answer with less text, that is all. */
	mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &on, sizeof(on));
	return nl;
}

/**
 * nl_request() - send a request and handle its answer
 * @nl: the socket
 * @nlh: the request, with NLM_F_DUMP or NLM_F_ACK, so that the answer ends
 * @handler: called for each message of the answer; may be NULL
 * @data: for @handler
 *
 * Return: 0, or -1 with errno set; then nl_error_text() may know more.
 */
int nl_request(struct mnl_socket *nl, struct nlmsghdr *nlh,
	       nl_handler_t handler, void *data)
{
	static mnl_cb_t control[] = {
		[NLMSG_NOOP]	= on_noop,
		[NLMSG_ERROR]	= on_error,
		[NLMSG_DONE]	= on_done,
		[NLMSG_OVERRUN]	= on_overrun,
	};
	struct answer answer = { .handler = handler, .data = data };
	static char buf[NL_BUFFER_BYTES];
	static unsigned int seq;
	ssize_t len;
	int rc;

	if (!seq)
		seq = time(NULL);
	nlh->nlmsg_seq = ++seq;
	error_text[0] = '\0';
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -1;
	do {
		len = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (len < 0)
			return -1;
		rc = mnl_cb_run2(buf, len, seq, mnl_socket_get_portid(nl),
				 on_message, &answer, control,
				 MNL_ARRAY_SIZE(control));
	} while (rc > MNL_CB_STOP);
	return rc == MNL_CB_STOP ? 0 : -1;
}

static int find_family_id(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
		    !mnl_attr_validate(attr, MNL_TYPE_U16))
			*(uint16_t *)data = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

/**
 * nl_genl_family() - number of a generic netlink family
 * @nl: a NETLINK_GENERIC socket
 * @name: name of the family; the kernel loads its module if it has to
 * @id: filled on success
 *
 * Return: 0, or -1 with errno set.
 */
int nl_genl_family(struct mnl_socket *nl, const char *name, uint16_t *id)
{
	struct nl_message message;
	struct genlmsghdr *genl;
	struct nlmsghdr *nlh;

	nlh = mnl_nlmsg_put_header(&message);
	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	*id = 0;
	if (nl_request(nl, nlh, find_family_id, id))
		return -1;
	if (!*id) {
		errno = ENOENT;
		return -1;
	}
	return 0;
}

/**
 * nl_error_text() - the kernel's words about the last refusal
 *
 * Return: the text, empty if there was none.
 */
const char *nl_error_text(void)
{
	return error_text;
}
