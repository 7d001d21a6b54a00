// SPDX-License-Identifier: GPL-2.0
/*
 * smc connection: the SMC sockets of a network namespace, from sock_diag.
 *
 * Keys are the names of the members of the structures in linux/smc_diag.h,
 * without their prefixes. A key that says nothing about a socket is left out.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/sock_diag.h>

#include <linux/smc_diag.h>

#include "smc.h"

#ifndef AF_SMC
#define AF_SMC		43
#endif

#define DIAG_EXT(attr)	(1U << ((attr) - 1))

static const char usage[] =
	"Usage: smc [OPTIONS] connection [show [FILTER ...]]\n"
	"       smc connection help\n"
	"\n"
	"FILTER:  state STATE     ACTIVE, LISTEN, INIT, CLOSED, ...\n"
	"         mode MODE       SMCR, TCP (fallen back) or SMCD\n"
	"         saddr ADDRESS   local address\n"
	"         sport PORT      local port\n"
	"         daddr ADDRESS   peer's address\n"
	"         dport PORT      peer's port\n"
	"         reason CODE     why the connection fell back\n"
	"         inode INODE     the socket's, as in /proc/PID/fd\n"
	"All filters must match. Try -d for buffers and cursors.\n";

/* A socket as the kernel shows it. What points into the message may be NULL. */
struct connection {
	const struct smc_diag_msg	*msg;
	const struct smc_diag_conninfo	*conn;
	const struct smc_diag_lgrinfo	*lgr;
	const struct smc_diag_fallback	*fallback;
	uint8_t				shutdown;	/* 1 receive, 2 send */
	char				saddr[INET6_ADDRSTRLEN];
	char				daddr[INET6_ADDRSTRLEN];
};

/* What the user wants to see; a condition counts if its bit is set. */
struct filter {
	unsigned int	state;
	unsigned int	mode;
	uint32_t	sport;
	uint32_t	dport;
	uint32_t	reason;
	uint32_t	inode;
	char		saddr[INET6_ADDRSTRLEN];
	char		daddr[INET6_ADDRSTRLEN];
	unsigned int	set;	/* bit per enum filter_key */
};

enum filter_key {
	FILTER_STATE,
	FILTER_MODE,
	FILTER_SADDR,
	FILTER_SPORT,
	FILTER_DADDR,
	FILTER_DPORT,
	FILTER_REASON,
	FILTER_INODE,
	__FILTER_KEYS
};

static const char *const filter_words[__FILTER_KEYS] = {
	[FILTER_STATE]	= "state",
	[FILTER_MODE]	= "mode",
	[FILTER_SADDR]	= "saddr",
	[FILTER_SPORT]	= "sport",
	[FILTER_DADDR]	= "daddr",
	[FILTER_DPORT]	= "dport",
	[FILTER_REASON]	= "reason",
	[FILTER_INODE]	= "inode",
};

/* Rewrites an address the way the kernel's are printed. */
static bool parse_address(const char *word, char *text)
{
	struct in6_addr addr;
	int family = strchr(word, ':') ? AF_INET6 : AF_INET;

	return inet_pton(family, word, &addr) == 1 &&
	       inet_ntop(family, &addr, text, INET6_ADDRSTRLEN);
}

static bool parse_condition(struct filter *filter, enum filter_key key,
			    const char *value)
{
	switch (key) {
	case FILTER_STATE:
		return smc_state_number(value, &filter->state);
	case FILTER_MODE:
		return smc_mode_number(value, &filter->mode);
	case FILTER_SADDR:
		return parse_address(value, filter->saddr);
	case FILTER_SPORT:
		return smc_parse_u32(value, UINT16_MAX, &filter->sport);
	case FILTER_DADDR:
		return parse_address(value, filter->daddr);
	case FILTER_DPORT:
		return smc_parse_u32(value, UINT16_MAX, &filter->dport);
	case FILTER_REASON:
		return smc_parse_u32(value, UINT32_MAX, &filter->reason);
	case FILTER_INODE:
		return smc_parse_u32(value, UINT32_MAX, &filter->inode);
	default:
		return false;
	}
}

static int parse_filter(struct filter *filter, int argc, char **argv)
{
	unsigned int key;
	int i;

	for (i = 0; i < argc; i += 2) {
		for (key = 0; key < __FILTER_KEYS; key++)
			if (!strcmp(argv[i], filter_words[key]))
				break;
		if (key == __FILTER_KEYS)
			return smc_usage_error("filter '%s' is unknown, try 'help'",
					       argv[i]);
		if (i + 1 == argc)
			return smc_usage_error("'%s' lacks a value", argv[i]);
		if (!parse_condition(filter, key, argv[i + 1]))
			return smc_usage_error("'%s' is no %s", argv[i + 1],
					       argv[i]);
		filter->set |= 1U << key;
	}
	return SMC_EXIT_OK;
}

static bool is_match(const struct filter *filter, enum filter_key key,
		     const struct connection *c)
{
	switch (key) {
	case FILTER_STATE:
		return c->msg->diag_state == filter->state;
	case FILTER_MODE:
		return c->msg->diag_mode == filter->mode;
	case FILTER_SADDR:
		return !strcmp(c->saddr, filter->saddr);
	case FILTER_SPORT:
		return ntohs(c->msg->id.idiag_sport) == filter->sport;
	case FILTER_DADDR:
		return !strcmp(c->daddr, filter->daddr);
	case FILTER_DPORT:
		return ntohs(c->msg->id.idiag_dport) == filter->dport;
	case FILTER_REASON:
		return c->fallback && c->fallback->reason == filter->reason;
	case FILTER_INODE:
		return c->msg->diag_inode == filter->inode;
	default:
		return false;
	}
}

static bool is_wanted(const struct filter *filter, const struct connection *c)
{
	unsigned int key;

	for (key = 0; key < __FILTER_KEYS; key++)
		if ((filter->set & (1U << key)) && !is_match(filter, key, c))
			return false;
	return true;
}

static bool is_zero(const __be32 *words, unsigned int n)
{
	while (n--)
		if (words[n])
			return false;
	return true;
}

/*
 * The family of an AF_SMC socket does not say which kind its addresses are.
 * An IPv4 address fills one word and leaves three zero, and no host has an
 * IPv6 address like that. Nothing but zero is "any" of either kind, or what
 * the kernel did not tell; it stays as it is.
 */
static void fill_addresses(struct connection *c)
{
	const struct inet_diag_sockid *id = &c->msg->id;
	int family = c->msg->diag_family;

	if (is_zero(id->idiag_src, 4) && is_zero(id->idiag_dst, 4) &&
	    family == AF_SMC)
		return;
	if (family == AF_SMC)
		family = is_zero(&id->idiag_src[1], 3) &&
			 is_zero(&id->idiag_dst[1], 3) ? AF_INET : AF_INET6;
	if (family != AF_INET)
		family = AF_INET6;
	inet_ntop(family, id->idiag_src, c->saddr, sizeof(c->saddr));
	inet_ntop(family, id->idiag_dst, c->daddr, sizeof(c->daddr));
}

static bool parse_message(const struct nlmsghdr *nlh, struct connection *c)
{
	const struct nlattr *attr;
	const void *payload;
	size_t len;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*c->msg))
		return false;
	c->msg = mnl_nlmsg_get_payload(nlh);
	mnl_attr_for_each(attr, nlh, sizeof(*c->msg)) {
		payload = mnl_attr_get_payload(attr);
		len = mnl_attr_get_payload_len(attr);
		switch (mnl_attr_get_type(attr)) {
		case SMC_DIAG_CONNINFO:
			c->conn = len < sizeof(*c->conn) ? NULL : payload;
			break;
		case SMC_DIAG_LGRINFO:
			c->lgr = len < sizeof(*c->lgr) ? NULL : payload;
			break;
		case SMC_DIAG_SHUTDOWN:
			c->shutdown = len ? *(const uint8_t *)payload : 0;
			break;
		case SMC_DIAG_FALLBACK:
			c->fallback = len < sizeof(*c->fallback) ? NULL :
				      payload;
			break;
		}
	}
	fill_addresses(c);
	return true;
}

static const char *family_name(unsigned int family)
{
	switch (family) {
	case AF_INET:
		return "inet";
	case AF_INET6:
		return "inet6";
	default:
		return "smc";
	}
}

/* A number with a word of its own is printed as that word. */
static void print_word(const char *key, const char *word, unsigned int number)
{
	if (word)
		out_str(key, word);
	else
		out_u64(key, number);
}

static void print_base(const struct connection *c)
{
	const struct smc_diag_msg *msg = c->msg;

	out_str("family", family_name(msg->diag_family));
	print_word("state", smc_state_name(msg->diag_state), msg->diag_state);
	print_word("mode", smc_mode_name(msg->diag_mode), msg->diag_mode);
	out_str("saddr", c->saddr);
	out_u64("sport", ntohs(msg->id.idiag_sport));
	out_str("daddr", c->daddr);
	out_u64("dport", ntohs(msg->id.idiag_dport));
	if (msg->id.idiag_if)
		out_u64("if", msg->id.idiag_if);
	out_u64("uid", msg->diag_uid);
	out_u64("inode", msg->diag_inode);
	if (!smc_options.details)
		return;
	out_u64("cookie", msg->id.idiag_cookie[0] |
		(uint64_t)msg->id.idiag_cookie[1] << 32);
	out_u64("shutdown", c->shutdown);
}

static void print_fallback(const struct connection *c)
{
	const struct smc_diag_fallback *fallback = c->fallback;

	if (!fallback)
		return;
	if (c->msg->diag_mode == SMC_DIAG_MODE_FALLBACK_TCP ||
	    fallback->reason) {
		out_hex("reason", fallback->reason);
		out_str("reason_text", smc_reason_name(fallback->reason));
	}
	if (fallback->peer_diagnosis) {
		out_hex("peer_diagnosis", fallback->peer_diagnosis);
		out_str("peer_diagnosis_text",
			smc_reason_name(fallback->peer_diagnosis));
	}
}

/* A string of the kernel in an array, which it need not fill. */
static void print_array(const char *key, const uint8_t *array, size_t size)
{
	char text[sizeof(((struct smc_diag_linkinfo *)NULL)->ibname) + 1];

	snprintf(text, sizeof(text), "%.*s", (int)size, (const char *)array);
	out_str(key, text);
}

static void print_lgr(const struct smc_diag_lgrinfo *lgr)
{
	const struct smc_diag_linkinfo *link;

	if (!lgr)
		return;
	link = &lgr->lnk[0];
	out_str("role", lgr->role ? "server" : "client");
	out_u64("link_id", link->link_id);
	print_array("ibname", link->ibname, sizeof(link->ibname));
	out_u64("ibport", link->ibport);
	print_array("gid", link->gid, sizeof(link->gid));
	print_array("peer_gid", link->peer_gid, sizeof(link->peer_gid));
}

static void print_cursor(const char *key, const struct smc_diag_cursor *cursor)
{
	out_nest_begin(key);
	out_u64("wrap", cursor->wrap);
	out_u64("count", cursor->count);
	out_nest_end();
}

static void print_conn(const struct smc_diag_conninfo *conn)
{
	if (!conn || !smc_options.details)
		return;
	out_hex("token", conn->token);
	out_u64("sndbuf_size", conn->sndbuf_size);
	out_u64("rmbe_size", conn->rmbe_size);
	out_u64("peer_rmbe_size", conn->peer_rmbe_size);
	print_cursor("rx_prod", &conn->rx_prod);
	print_cursor("rx_cons", &conn->rx_cons);
	print_cursor("tx_prod", &conn->tx_prod);
	print_cursor("tx_cons", &conn->tx_cons);
	out_u64("rx_prod_flags", conn->rx_prod_flags);
	out_u64("rx_conn_state_flags", conn->rx_conn_state_flags);
	out_u64("tx_prod_flags", conn->tx_prod_flags);
	out_u64("tx_conn_state_flags", conn->tx_conn_state_flags);
	print_cursor("tx_prep", &conn->tx_prep);
	print_cursor("tx_sent", &conn->tx_sent);
	print_cursor("tx_fin", &conn->tx_fin);
}

static int print_connection(const struct nlmsghdr *nlh, void *data)
{
	const struct filter *filter = data;
	struct connection c = { .saddr = "*", .daddr = "*" };

	if (!parse_message(nlh, &c)) {
		errno = EBADMSG;
		return MNL_CB_ERROR;
	}
	if (!is_wanted(filter, &c))
		return MNL_CB_OK;
	out_object_begin();
	print_base(&c);
	print_fallback(&c);
	print_lgr(c.lgr);
	print_conn(c.conn);
	out_object_end();
	return MNL_CB_OK;
}

static int refused(void)
{
	const char *text = nl_error_text();

	/* Nobody answers for the family. */
	if (errno == ENOENT)
		return smc_kernel_error("no SMC sockets: modules smc and smc_diag are not loaded");
	return smc_kernel_error("sock_diag: %s", *text ? text :
				strerror(errno));
}

static int connection_show(int argc, char **argv)
{
	struct filter filter = {};
	struct nl_message message;
	struct smc_diag_req *req;
	struct mnl_socket *nl;
	struct nlmsghdr *nlh;
	int rc;

	rc = parse_filter(&filter, argc, argv);
	if (rc)
		return rc;
	nl = nl_open(NETLINK_SOCK_DIAG);
	if (!nl)
		return smc_kernel_error("netlink: %s", strerror(errno));
	nlh = mnl_nlmsg_put_header(&message);
	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	req = mnl_nlmsg_put_extra_header(nlh, sizeof(*req));
	req->diag_family = AF_SMC;
	req->diag_ext = DIAG_EXT(SMC_DIAG_CONNINFO) |
			DIAG_EXT(SMC_DIAG_LGRINFO);
	rc = nl_request(nl, nlh, print_connection, &filter) ? refused() :
		SMC_EXIT_OK;
	mnl_socket_close(nl);
	if (!rc)
		out_close();
	return rc;
}

static int connection_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fputs(usage, stdout);
	return SMC_EXIT_OK;
}

/**
 * smc_connection_main() - the object "connection"
 * @argc: number of words after it
 * @argv: the words
 *
 * Return: the exit code.
 */
int smc_connection_main(int argc, char **argv)
{
	static const struct smc_command commands[] = {
		{ "show",	connection_show },
		{ "help",	connection_help },
		{ NULL,		NULL }
	};

	if (!argc)
		return connection_show(argc, argv);
	return smc_dispatch(commands, "command", argc, argv);
}
