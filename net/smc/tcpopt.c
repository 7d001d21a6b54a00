// SPDX-License-Identifier: GPL-2.0
/*
 * The TCP option that says "SMC is possible" (RFC 7609 section 3.1). The TCP
 * stack writes and reads it by itself once its static key is on and a socket
 * is marked; the mark tells the outcome after the handshake. The hooks exist
 * only in kernels configured with SMC.
 */
#include <linux/jump_label.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/request_sock.h>
#include <net/tcp.h>
#include "tcpopt.h"

#if !IS_ENABLED(CONFIG_SMC)
#error "TCP can carry the SMC option only in a kernel built with CONFIG_SMC=y or m"
#endif

/**
 * smc_tcpopt_init() - let TCP handle the option
 *
 * Context: Process, may sleep.
 */
void smc_tcpopt_init(void)
{
	static_branch_inc(&tcp_have_smc);
}

/**
 * smc_tcpopt_exit() - undo smc_tcpopt_init()
 *
 * Context: Process, may sleep.
 */
void smc_tcpopt_exit(void)
{
	static_branch_dec(&tcp_have_smc);
}

/**
 * smc_tcpopt_offer() - put the option into the handshake, or keep it out
 * @tcp: TCP socket before connect() or listen()
 * @on: offer SMC
 *
 * Context: Process.
 */
void smc_tcpopt_offer(struct sock *tcp, bool on)
{
	lock_sock(tcp);
	tcp_sk(tcp)->syn_smc = on;
	release_sock(tcp);
}

/**
 * smc_tcpopt_limit() - have somebody asked when a SYN with the option comes
 * @tcp: TCP socket that listens or will, which keeps it, or a child that has it
 *	from there
 * @congested: true: the answer is to be without the option; or NULL, for a
 *	child only, as TCP may be about to call it
 *
 * Context: Process. @congested is called in softirq with @tcp not locked.
 */
void smc_tcpopt_limit(struct sock *tcp,
		      bool (*congested)(const struct sock *tcp))
{
	WRITE_ONCE(tcp_sk(tcp)->smc_hs_congested, congested);
}

/**
 * smc_tcpopt_agreed() - did both ends send the option?
 * @tcp: connected TCP socket
 *
 * Context: Any; the mark does not change after the TCP handshake.
 * Return: true if so.
 */
bool smc_tcpopt_agreed(const struct sock *tcp)
{
	return tcp_sk(tcp)->syn_smc;
}

/**
 * smc_tcpopt_head() - what waits first in line at a listener
 * @tcp: listening TCP socket
 *
 * Context: Any, also with interrupts off. Another task may accept it before the
 * caller does.
 * Return: enum smc_tcp_head.
 */
enum smc_tcp_head smc_tcpopt_head(struct sock *tcp)
{
	struct request_sock_queue *queue;
	enum smc_tcp_head head = SMC_TCP_HEAD_NONE;
	struct request_sock *req;
	unsigned long flags;

	if (inet_sk_state_load(tcp) != TCP_LISTEN)
		return SMC_TCP_HEAD_NONE;
	queue = &inet_csk(tcp)->icsk_accept_queue;
	spin_lock_irqsave(&queue->rskq_lock, flags);
	req = queue->rskq_accept_head;
	if (req)
		head = req->sk && tcp_sk(req->sk)->syn_smc ?
		       SMC_TCP_HEAD_SMC : SMC_TCP_HEAD_PLAIN;
	spin_unlock_irqrestore(&queue->rskq_lock, flags);
	return head;
}
