// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options. Those of SOL_SOCKET are set on the SMC socket and on the
 * TCP socket alike, so that nothing needs copying when a connection falls
 * back; few belong to one of them. All others belong to the TCP socket; a few
 * mean something for SMC, too. Options are told apart by level and name, never
 * by name alone.
 *
 * A page of the program may take any time to come, and workers wait for TCP's
 * lock. So no such page is waited for with one of the sockets locked, by us or
 * by TCP: values that we set are copied first. What TCP copies is brought in
 * and then used with page faults disabled, and that again if the page has gone
 * in between.
 */
#include <linux/filter.h>
#include <linux/in6.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/pagemap.h>
#include <linux/sizes.h>
#include <linux/tcp.h>
#include <linux/uaccess.h>
#include <net/tcp.h>
#include <uapi/linux/smc.h>
#include "sockopt.h"
#include "tx.h"

#ifndef SOL_SMC
#define SOL_SMC 286
#endif

/* No option that needs our lock has a longer value. */
#define SMC_OPT_MAX	64
/*
 * No option that TCP copies with its lock held is longer, but for lists of
 * addresses, which have the limit of what a socket may take in memory.
 */
#define SMC_OPT_PRESENT	65536
/* Nor is an answer that is a list. */
#define SMC_OPT_LIST	SZ_1M
/* Who takes away a page so often has it coming. */
#define SMC_OPT_TRIES	3

/* Bring the value of an option into the kernel, where @val leads to then. */
static int smc_opt_fetch(u8 buf[SMC_OPT_MAX], sockptr_t *val,
			 unsigned int *len)
{
	*len = min_t(unsigned int, *len, SMC_OPT_MAX);
	if (copy_from_sockptr(buf, *val, *len))
		return -EFAULT;
	*val = KERNEL_SOCKPTR(buf);
	return 0;
}

/*
 * The TCP socket of an SMC socket, held. It is the same all the time, and is
 * the program's own once that has fallen back.
 */
static struct sock *smc_opt_tcp(struct smc_sock *smc, bool *fallen)
{
	struct sock *sk = &smc->inet.sk;
	struct sock *tcp;

	lock_sock(sk);
	*fallen = smc->fallen;
	tcp = smc->fallen ?: smc->conn.tcp->sk;
	sock_hold(tcp);
	release_sock(sk);
	return tcp;
}

/* What an option of TCP means for SMC. */
enum smc_tcp_opt {
	SMC_TCP_PASS,		/* nothing */
	SMC_TCP_FASTOPEN,	/* impossible with SMC: the connection is TCP */
	SMC_TCP_NEVER,		/* would pull TCP from under us */
	SMC_TCP_INT,		/* its integer value is wanted here, too */
	SMC_TCP_CORK,		/* and TCP must not have it: see fallback.c */
};

static enum smc_tcp_opt smc_tcp_opt(int name)
{
	switch (name) {
	case TCP_FASTOPEN:
	case TCP_FASTOPEN_CONNECT:
	case TCP_FASTOPEN_KEY:
	case TCP_FASTOPEN_NO_COOKIE:
		return SMC_TCP_FASTOPEN;
	case TCP_NODELAY:
	case TCP_DEFER_ACCEPT:
		return SMC_TCP_INT;
	case TCP_CORK:
		return SMC_TCP_CORK;
	case TCP_REPAIR:
		return SMC_TCP_NEVER;
	default:
		return SMC_TCP_PASS;
	}
}

/* Carry out what the option means, once TCP has accepted it if it is asked. */
static void smc_tcp_opt_took(struct smc_sock *smc, int name, int val)
{
	bool native = smc->phase == SMC_PHASE_NATIVE;

	switch (name) {
	case TCP_NODELAY:
		if (val && native && !smc->corked)
			smc_tx_uncork(&smc->conn);
		break;
	case TCP_CORK:
		WRITE_ONCE(smc->corked, val);
		if (!val && native)
			smc_tx_uncork(&smc->conn);
		break;
	case TCP_DEFER_ACCEPT:
		smc->defer = val > 0 ? val : 0;
		break;
	}
}

/* @val is in the kernel. */
static int smc_setsockopt_tcp(struct smc_sock *smc, struct socket *tcp,
			      int name, sockptr_t val, unsigned int len)
{
	enum smc_tcp_opt opt = smc_tcp_opt(name);
	int err, num = 0;

	if (opt == SMC_TCP_NEVER)
		return -EOPNOTSUPP;
	if (opt == SMC_TCP_FASTOPEN && smc->phase != SMC_PHASE_IDLE)
		return -EINVAL;
	if (opt == SMC_TCP_CORK)
		err = len < sizeof(num) ? -EINVAL : 0;
	else
		err = READ_ONCE(tcp->ops)->setsockopt(tcp, SOL_TCP, name, val,
						      len);
	if (err)
		return err;
	if (opt == SMC_TCP_FASTOPEN)
		smc->refuse = SMC_DECL_OPTUNSUPP;
	if (opt >= SMC_TCP_INT && len >= sizeof(num)) {
		if (copy_from_sockptr(&num, val, sizeof(num)))
			return -EFAULT;
		smc_tcp_opt_took(smc, name, num);
	}
	return 0;
}

static int smc_setsockopt_smc(struct smc_sock *smc, int name, sockptr_t val,
			      unsigned int len)
{
	int num;

	if (name != SMC_LIMIT_HS)
		return -EOPNOTSUPP;
	if (len < sizeof(num))
		return -EINVAL;
	if (copy_from_sockptr(&num, val, sizeof(num)))
		return -EFAULT;
	WRITE_ONCE(smc->limit_hs, num);
	return 0;
}

/* These concern reading, and TCP's reader is the handshake: see fallback.c. */
static bool smc_own_option(int name)
{
	return name == SO_RCVLOWAT || name == SO_PEEK_OFF;
}

/* These concern ports or memory of TCP; the core takes them from it only. */
static bool smc_tcp_option(int name)
{
	switch (name) {
	case SO_REUSEPORT:
	case SO_ATTACH_REUSEPORT_CBPF:
	case SO_ATTACH_REUSEPORT_EBPF:
	case SO_DETACH_REUSEPORT_BPF:
	case SO_RESERVE_MEM:
		return true;
	default:
		return false;
	}
}

/* The core answers getsockopt() from the SMC socket. */
static void smc_show_tcp_options(struct sock *sk, const struct sock *tcp)
{
	sk->sk_reuseport = tcp->sk_reuseport;
	WRITE_ONCE(sk->sk_reserved_mem, READ_ONCE(tcp->sk_reserved_mem));
}

/* The value of these leads to instructions in the program's memory. */
static bool smc_filter_option(int name)
{
	return name == SO_ATTACH_FILTER || name == SO_ATTACH_REUSEPORT_CBPF;
}

static void smc_filter_fault_in(sockptr_t val, unsigned int len)
{
	struct sock_fprog prog;

	if (!copy_bpf_fprog_from_user(&prog, val, len))
		fault_in_readable((char __user *)prog.filter,
				  bpf_classic_proglen((&prog)));
}

/* Set what is in the kernel, or was brought in, on our socket. */
static int smc_setsockopt_own(struct socket *sock, int name, sockptr_t val,
			      unsigned int len)
{
	int err;

	if (smc_tcp_option(name))
		return 0;
	pagefault_disable();
	err = sock_setsockopt(sock, SOL_SOCKET, name, val, len);
	pagefault_enable();
	return err;
}

/* The same on TCP's socket. */
static int smc_setsockopt_below(struct smc_sock *smc, struct socket *sock,
				int name, sockptr_t val, unsigned int len)
{
	struct sock *sk = &smc->inet.sk;
	int err = 0;

	lock_sock(sk);
	pagefault_disable();
	if (smc->fallen) {	/* while we set it on the other one */
		err = sock_setsockopt(sock, SOL_SOCKET, name, val, len);
	} else if (smc->conn.tcp && !smc_own_option(name)) {
		err = sock_setsockopt(smc->conn.tcp, SOL_SOCKET, name, val,
				      len);
		smc_show_tcp_options(sk, smc->conn.tcp->sk);
	}
	pagefault_enable();
	release_sock(sk);
	return err;
}

/* Options the core keeps in struct sock. */
static int smc_setsockopt_socket(struct smc_sock *smc, struct socket *sock,
				 int name, sockptr_t val, unsigned int len)
{
	bool filter = smc_filter_option(name);
	int tries = SMC_OPT_TRIES;
	u8 buf[SMC_OPT_MAX];
	int err;

	err = smc_opt_fetch(buf, &val, &len);
	if (err)
		return err;
	do {
		if (filter)
			smc_filter_fault_in(val, len);
		err = smc_setsockopt_own(sock, name, val, len);
		if (!err)
			err = smc_setsockopt_below(smc, sock, name, val, len);
	} while (filter && err == -EFAULT && --tries);
	return err;
}

static int smc_setsockopt_fallen(struct socket *sock, struct sock *tcp,
				 int level, int name, sockptr_t val,
				 unsigned int len)
{
	if (level == SOL_SOCKET)
		return sock_setsockopt(sock, level, name, val, len);
	return smc_sock_tcp_ops(tcp)->setsockopt(sock, level, name, val, len);
}

/* Options of TCP that mean something for SMC. */
static int smc_setsockopt_both(struct smc_sock *smc, struct socket *sock,
			       int name, sockptr_t val, unsigned int len)
{
	struct sock *sk = &smc->inet.sk;
	u8 buf[SMC_OPT_MAX];
	int err;

	err = smc_opt_fetch(buf, &val, &len);
	if (err)
		return err;
	lock_sock(sk);
	if (smc->conn.tcp)
		err = smc_setsockopt_tcp(smc, smc->conn.tcp, name, val, len);
	else	/* it fell back before we had the lock */
		err = smc_setsockopt_fallen(sock, smc->fallen, SOL_TCP, name,
					    val, len);
	release_sock(sk);
	return err;
}

/* Netfilter's are not of a socket, nor copied with one locked. */
static bool smc_opt_netfilter(int level, int name)
{
	if (level == SOL_IP)
		return name >= IPT_BASE_CTL;
	/* IPV6_RECVTCLASS, for one, is among them. */
	return level == SOL_IPV6 &&
	       (name == IP6T_SO_SET_REPLACE || name == IP6T_SO_GET_INFO ||
		name == IP6T_SO_SET_ADD_COUNTERS ||
		name == IP6T_SO_GET_ENTRIES ||
		name == IP6T_SO_GET_REVISION_MATCH ||
		name == IP6T_SO_GET_REVISION_TARGET);
}

static int smc_setsockopt_present(struct sock *tcp, int level, int name,
				  sockptr_t val, unsigned int len)
{
	const struct proto *prot = READ_ONCE(tcp->sk_prot);
	size_t limit = max(READ_ONCE(sock_net(tcp)->core.sysctl_optmem_max),
			   SMC_OPT_PRESENT);
	size_t used = min_t(size_t, len, limit);
	int tries = SMC_OPT_TRIES;
	int err;

	do {
		/* What cannot be brought in TCP may not need. */
		fault_in_readable(val.user, used);
		pagefault_disable();
		err = prot->setsockopt(tcp, level, name, val, len);
		pagefault_enable();
	} while (err == -EFAULT && --tries);
	return err;
}

/*
 * A label that TCP chooses is lost if it cannot be written at once. So TCP has
 * the request in the kernel.
 */
static int smc_setsockopt_flowlabel(struct sock *tcp, sockptr_t val,
				    unsigned int len)
{
	const size_t head = CMSG_ALIGN(sizeof(struct in6_flowlabel_req));
	const struct proto *prot = READ_ONCE(tcp->sk_prot);
	struct in6_flowlabel_req __user *user = val.user;
	struct in6_flowlabel_req *req;
	__be32 asked;
	int err;

	if (len < sizeof(*req))
		return -EINVAL;
	req = memdup_user(user, min_t(size_t, len, head + SMC_OPT_PRESENT));
	if (IS_ERR(req))
		return PTR_ERR(req);
	asked = req->flr_label;
	err = prot->setsockopt(tcp, SOL_IPV6, IPV6_FLOWLABEL_MGR,
			       KERNEL_SOCKPTR(req), len);
	/* If that fails the label is there all the same, as with TCP. */
	if (!err && req->flr_label != asked)
		put_user(req->flr_label, &user->flr_label);
	kfree(req);
	return err;
}

static int smc_setsockopt_pass(struct smc_sock *smc, int level, int name,
			       sockptr_t val, unsigned int len)
{
	struct sock *tcp;
	bool fallen;
	int err;

	tcp = smc_opt_tcp(smc, &fallen);
	if (fallen || sockptr_is_kernel(val) || smc_opt_netfilter(level, name))
		err = READ_ONCE(tcp->sk_prot)->setsockopt(tcp, level, name,
							  val, len);
	else if (tcp->sk_family == AF_INET6 && level == SOL_IPV6 &&
		 name == IPV6_FLOWLABEL_MGR)
		err = smc_setsockopt_flowlabel(tcp, val, len);
	else
		err = smc_setsockopt_present(tcp, level, name, val, len);
	sock_put(tcp);
	return err;
}

/**
 * smc_setsockopt() - set an option
 * @sock: the program's socket
 * @level: SOL_SOCKET, SOL_SMC, SOL_TCP, SOL_IP ...
 * @name: option of that level
 * @val: value
 * @len: its length, bytes
 *
 * Context: Process.
 * Return: 0, TCP's error, -EOPNOTSUPP for what SMC refuses, -EINVAL for what
 * must come before connecting, -EFAULT.
 */
int smc_setsockopt(struct socket *sock, int level, int name, sockptr_t val,
		   unsigned int len)
{
	struct sock *sk = READ_ONCE(sock->sk);
	struct smc_sock *smc = smc_sk(sk);

	/* They would replace sock->ops, which are ours whatever sk is. */
	if ((level == SOL_TCP && name == TCP_ULP) ||
	    (level == SOL_IPV6 && name == IPV6_ADDRFORM))
		return -EOPNOTSUPP;
	if (!smc_sock_is_smc(sk))
		return smc_setsockopt_fallen(sock, sk, level, name, val, len);
	if (level == SOL_SOCKET)
		return smc_setsockopt_socket(smc, sock, name, val, len);
	if (level == SOL_SMC)
		return smc_setsockopt_smc(smc, name, val, len);
	if (level == SOL_TCP && smc_tcp_opt(name) != SMC_TCP_PASS)
		return smc_setsockopt_both(smc, sock, name, val, len);
	return smc_setsockopt_pass(smc, level, name, val, len);
}

static int smc_getsockopt_smc(struct smc_sock *smc, int name,
			      char __user *val, int __user *len)
{
	int num = READ_ONCE(smc->limit_hs);
	int n;

	if (name != SMC_LIMIT_HS)
		return -EOPNOTSUPP;
	if (get_user(n, len))
		return -EFAULT;
	if (n < (int)sizeof(num))
		return -EINVAL;
	n = sizeof(num);
	if (put_user(n, len) || copy_to_user(val, &num, n))
		return -EFAULT;
	return 0;
}

/* TCP gives as much of it as there is room for. */
static int smc_getsockopt_cork(struct smc_sock *smc, char __user *val,
			       int __user *len)
{
	int num = READ_ONCE(smc->corked);
	int n;

	if (get_user(n, len))
		return -EFAULT;
	if (n < 0)
		return -EINVAL;
	n = min_t(int, n, sizeof(num));
	if (put_user(n, len) || copy_to_user(val, &num, n))
		return -EFAULT;
	return 0;
}

/*
 * How many bytes TCP may write where there is room for @room of them. Of a list
 * the program says in its first element how many elements it has room for.
 */
static size_t smc_opt_answer(int level, int name, const void __user *val,
			     int room)
{
	const struct tcp_ao_getsockopt __user *first = val;
	u32 num;

	room = clamp(room, 0, SMC_OPT_PRESENT);
	if (level != SOL_TCP || name != TCP_AO_GET_KEYS ||
	    room < (int)offsetofend(struct tcp_ao_getsockopt, nkeys) ||
	    get_user(num, &first->nkeys))
		return room;
	return clamp_t(u64, (u64)room * num, room, SMC_OPT_LIST);
}

static int smc_getsockopt_present(struct sock *tcp, int level, int name,
				  char __user *val, int __user *len)
{
	const struct proto *prot = READ_ONCE(tcp->sk_prot);
	int tries = SMC_OPT_TRIES;
	int n, err;

	do {
		if (get_user(n, len))
			return -EFAULT;
		fault_in_safe_writeable(val,
					smc_opt_answer(level, name, val, n));
		fault_in_safe_writeable((char __user *)len, sizeof(*len));
		pagefault_disable();
		err = prot->getsockopt(tcp, level, name, val, len);
		pagefault_enable();
		/* Some say how many bytes are missing. */
		if (err > 0)
			err = -EFAULT;
	} while (err == -EFAULT && --tries);
	return err;
}

/**
 * smc_getsockopt() - get an option of another level than SOL_SOCKET
 * @sock: the program's socket
 * @level: SOL_SMC, SOL_TCP, SOL_IP ...
 * @name: option of that level
 * @val: where to
 * @len: size of @val; set to what was written
 *
 * Context: Process.
 * Return: 0, TCP's error, -EOPNOTSUPP, -EINVAL, -EFAULT.
 */
int smc_getsockopt(struct socket *sock, int level, int name,
		   char __user *val, int __user *len)
{
	struct sock *sk = READ_ONCE(sock->sk);
	struct smc_sock *smc = smc_sk(sk);
	struct sock *tcp;
	bool fallen;
	int err;

	if (!smc_sock_is_smc(sk))
		return smc_sock_tcp_ops(sk)->getsockopt(sock, level, name,
							val, len);
	if (level == SOL_SMC)
		return smc_getsockopt_smc(smc, name, val, len);

	tcp = smc_opt_tcp(smc, &fallen);
	if (!fallen && level == SOL_TCP && name == TCP_ZEROCOPY_RECEIVE)
		err = -EOPNOTSUPP;	/* the bytes are not in TCP */
	else if (!fallen && level == SOL_TCP && name == TCP_CORK)
		err = smc_getsockopt_cork(smc, val, len);
	else if (!fallen && !smc_opt_netfilter(level, name))
		err = smc_getsockopt_present(tcp, level, name, val, len);
	else
		err = READ_ONCE(tcp->sk_prot)->getsockopt(tcp, level, name,
							  val, len);
	sock_put(tcp);
	return err;
}
