// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options. Those of SOL_SOCKET are set on the SMC socket and on the
 * TCP socket alike, so that nothing needs copying when a connection falls
 * back; few belong to one of them. All others belong to the TCP socket; a few
 * mean something for SMC, too. Options are told apart by level and name, never
 * by name alone.
 *
 * A page of the program may take any time to come. So its memory is not touched
 * with the SMC socket locked: values that must be set under the lock are copied
 * first, and for all else TCP is called without it.
 */
#include <linux/in6.h>
#include <linux/tcp.h>
#include <net/tcp.h>
#include <uapi/linux/smc.h>
#include "sockopt.h"
#include "tx.h"

#ifndef SOL_SMC
#define SOL_SMC 286
#endif

/* No option that needs our lock has a longer value. */
#define SMC_OPT_MAX	64

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

/* Options the core keeps in struct sock. */
static int smc_setsockopt_socket(struct smc_sock *smc, struct socket *sock,
				 int name, sockptr_t val, unsigned int len)
{
	struct sock *sk = &smc->inet.sk;
	u8 buf[SMC_OPT_MAX];
	int err;

	err = smc_opt_fetch(buf, &val, &len);
	if (!err && !smc_tcp_option(name))
		err = sock_setsockopt(sock, SOL_SOCKET, name, val, len);
	if (err)
		return err;
	lock_sock(sk);
	if (smc->fallen) {	/* while we set it on the other one */
		err = sock_setsockopt(sock, SOL_SOCKET, name, val, len);
	} else if (smc->conn.tcp && !smc_own_option(name)) {
		err = sock_setsockopt(smc->conn.tcp, SOL_SOCKET, name, val,
				      len);
		smc_show_tcp_options(sk, smc->conn.tcp->sk);
	}
	release_sock(sk);
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

static int smc_setsockopt_pass(struct smc_sock *smc, int level, int name,
			       sockptr_t val, unsigned int len)
{
	struct sock *tcp;
	bool fallen;
	int err;

	tcp = smc_opt_tcp(smc, &fallen);
	err = READ_ONCE(tcp->sk_prot)->setsockopt(tcp, level, name, val, len);
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
	else
		err = READ_ONCE(tcp->sk_prot)->getsockopt(tcp, level, name,
							  val, len);
	sock_put(tcp);
	return err;
}
