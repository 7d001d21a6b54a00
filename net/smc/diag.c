// SPDX-License-Identifier: GPL-2.0
/*
 * sock_diag for AF_SMC: shows every SMC socket of a network namespace.
 *
 * One message per socket: struct smc_diag_msg, then attributes. Shutdown and
 * fallback are always there, connection and link group on request and if the
 * socket has them. The layouts are those of include/uapi/linux/smc_diag.h.
 *
 * All knowledge about a socket comes from smc_sock_info(), a snapshot taken
 * under the locks of whoever owns the fields; nothing here looks inside a
 * socket. The position of a dump is kept in netlink_callback::ctx, and moves
 * past a socket only once that socket's message is complete, so a dump which
 * fills one skb resumes with the very socket that did not fit.
 */

#include <linux/module.h>
#include <linux/sock_diag.h>
#include <linux/smc.h>
#include <linux/smc_diag.h>
#include <net/genetlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "sock.h"

#if !defined(_UAPI_SMC_OVERLAY) || !defined(_UAPI_SMC_DIAG_OVERLAY)
#error "<linux/smc*.h> are the kernel's: put include/uapi of this tree first"
#endif

/* Passes over the sockets: IPv4 first, then IPv6. */
#define SMC_DIAG_PASSES		2

#define SMC_DIAG_EXT(attr)	(1U << ((attr) - 1))

/* Where a dump continues. Zero is the beginning. */
struct smc_diag_ctx {
	int			pass;	/* 0: IPv4, 1: IPv6, 2: finished */
	struct smc_sock_iter	iter;	/* just before the next socket */
};

static_assert(sizeof(struct smc_diag_ctx) <=
	      sizeof_field(struct netlink_callback, ctx));

/* Numbers of the ABI. */
static_assert(sizeof(struct smc_diag_req) == 52);
static_assert(sizeof(struct smc_diag_msg) == 64);
static_assert(sizeof(struct smc_diag_conninfo) == 76);
static_assert(sizeof(struct smc_diag_lgrinfo) == 147);
static_assert(sizeof(struct smc_diag_fallback) == 8);

static struct smc_diag_cursor smc_diag_cursor(struct smc_cursor cursor)
{
	return (struct smc_diag_cursor) {
		.wrap	= cursor.wrap,
		.count	= cursor.count,
	};
}

static int smc_diag_put_conn(struct sk_buff *skb,
			     const struct smc_conn_info *conn)
{
	struct smc_diag_conninfo ci = {
		.token			= conn->token,
		.sndbuf_size		= conn->sndbuf_size,
		.rmbe_size		= conn->rmbe_size,
		.peer_rmbe_size		= conn->peer_rmbe_size,
		.rx_prod		= smc_diag_cursor(conn->rx_prod),
		.rx_cons		= smc_diag_cursor(conn->rx_cons),
		.tx_prod		= smc_diag_cursor(conn->tx_prod),
		.tx_cons		= smc_diag_cursor(conn->tx_cons),
		.rx_prod_flags		= conn->rx_pflags,
		.rx_conn_state_flags	= conn->rx_cflags,
		.tx_prod_flags		= conn->tx_pflags,
		.tx_conn_state_flags	= conn->tx_cflags,
		.tx_prep		= smc_diag_cursor(conn->tx_prep),
		.tx_sent		= smc_diag_cursor(conn->tx_sent),
		.tx_fin			= smc_diag_cursor(conn->tx_fin),
	};

	return nla_put(skb, SMC_DIAG_CONNINFO, sizeof(ci), &ci);
}

static int smc_diag_put_lgr(struct sk_buff *skb, const struct smc_ep_info *ep)
{
	struct smc_diag_lgrinfo li = {
		.lnk[0].link_id	= ep->link_no,
		.lnk[0].ibport	= ep->port,
		.role		= ep->role,
	};
	struct smc_diag_linkinfo *lnk = &li.lnk[0];

	static_assert(sizeof(ep->ibdev) == sizeof(lnk->ibname));
	memcpy(lnk->ibname, ep->ibdev, sizeof(lnk->ibname));
	lnk->ibname[sizeof(lnk->ibname) - 1] = '\0';
	snprintf(lnk->gid, sizeof(lnk->gid), "%pI6", ep->gid);
	snprintf(lnk->peer_gid, sizeof(lnk->peer_gid), "%pI6", ep->peer_gid);
	return nla_put(skb, SMC_DIAG_LGRINFO, sizeof(li), &li);
}

static void smc_diag_fill_msg(struct smc_diag_msg *msg, struct sock *sk,
			      const struct smc_sock_info *info,
			      struct user_namespace *user_ns)
{
	memset(msg, 0, sizeof(*msg));
	msg->diag_family = info->family;
	msg->diag_state = info->state;
	msg->diag_mode = info->mode;
	msg->id.idiag_sport = info->sport;
	msg->id.idiag_dport = info->dport;
	memcpy(msg->id.idiag_src, info->src, sizeof(msg->id.idiag_src));
	memcpy(msg->id.idiag_dst, info->dst, sizeof(msg->id.idiag_dst));
	msg->id.idiag_if = info->bound_dev_if;
	sock_diag_save_cookie(sk, msg->id.idiag_cookie);
	msg->diag_uid = from_kuid_munged(user_ns, info->uid);
	msg->diag_inode = info->inode;
}

static int smc_diag_put_attrs(struct sk_buff *skb, u8 ext,
			      const struct smc_sock_info *info)
{
	struct smc_diag_fallback fallback = {
		.reason		= info->fallback_reason,
		.peer_diagnosis	= info->peer_diag,
	};
	int rc;

	rc = nla_put_u8(skb, SMC_DIAG_SHUTDOWN, info->shutdown);
	if (!rc)
		rc = nla_put(skb, SMC_DIAG_FALLBACK, sizeof(fallback),
			     &fallback);
	if (!rc && info->has_conn && (ext & SMC_DIAG_EXT(SMC_DIAG_CONNINFO)))
		rc = smc_diag_put_conn(skb, &info->conn);
	if (!rc && info->has_link && (ext & SMC_DIAG_EXT(SMC_DIAG_LGRINFO)))
		rc = smc_diag_put_lgr(skb, &info->link);
	return rc;
}

/* Returns -EMSGSIZE, with @skb as it was, if the message does not fit. */
static int smc_diag_put_sock(struct sk_buff *skb, struct netlink_callback *cb,
			     struct sock *sk)
{
	const struct smc_diag_req *req = nlmsg_data(cb->nlh);
	struct smc_sock_info info = {};
	struct nlmsghdr *nlh;

	smc_sock_info(sk, &info);
	nlh = nlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			SOCK_DIAG_BY_FAMILY, sizeof(struct smc_diag_msg),
			NLM_F_MULTI);
	if (!nlh)
		return -EMSGSIZE;
	smc_diag_fill_msg(nlmsg_data(nlh), sk, &info,
			  sk_user_ns(NETLINK_CB(cb->skb).sk));
	if (smc_diag_put_attrs(skb, req->diag_ext, &info)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}

static int smc_diag_dump_pass(struct sk_buff *skb, struct netlink_callback *cb,
			      struct smc_diag_ctx *ctx)
{
	struct smc_sock_iter next = ctx->iter;
	struct net *net = sock_net(skb->sk);
	struct sock *sk;
	int rc;

	while ((sk = smc_sock_iter_next(net, ctx->pass, &next))) {
		rc = smc_diag_put_sock(skb, cb, sk);
		sock_put(sk);
		if (rc)
			return rc;
		ctx->iter = next;
	}
	return 0;
}

static int smc_diag_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct smc_diag_ctx *ctx = (struct smc_diag_ctx *)cb->ctx;
	int rc;

	while (ctx->pass < SMC_DIAG_PASSES) {
		rc = smc_diag_dump_pass(skb, cb, ctx);
		if (rc)
			return rc;
		ctx->pass++;
		memset(&ctx->iter, 0, sizeof(ctx->iter));
	}
	return skb->len;
}

static int smc_diag_rcv(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	struct netlink_dump_control control = {
		.dump	= smc_diag_dump,
	};

	if (nlmsg_len(nlh) < sizeof(struct smc_diag_req))
		return -EINVAL;
	/* The ABI has dumps only, and answers anything else with success. */
	if (!(nlh->nlmsg_flags & NLM_F_DUMP))
		return 0;
	return netlink_dump_start(sock_net(skb->sk)->diag_nlsk, skb, nlh,
				  &control);
}

static const struct sock_diag_handler smc_diag_handler = {
	.owner	= THIS_MODULE,
	.family	= AF_SMC,
	.dump	= smc_diag_rcv,
};

static int __init smc_diag_init(void)
{
	return sock_diag_register(&smc_diag_handler);
}

static void __exit smc_diag_exit(void)
{
	sock_diag_unregister(&smc_diag_handler);
}

module_init(smc_diag_init);
module_exit(smc_diag_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SMC socket monitoring via SOCK_DIAG");
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_NETLINK, NETLINK_SOCK_DIAG, AF_SMC);
