// SPDX-License-Identifier: GPL-2.0
/*
 * Mute servers: a server, or something on the way to it, sends the SMC option
 * back in its SYN-ACK, and then nobody answers the Proposal. The client finds
 * that out by waiting, and begins anew as TCP. It is remembered here for some
 * time, so that the next connection to that server does not wait.
 *
 * /proc/net/smc_mute shows a line "address port device seconds times" for
 * each. Who writes "flush" to it makes all be forgotten.
 */
#include <linux/proc_fs.h>
#include <linux/random.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include "mute.h"

#define SMC_MUTE_LINES	(SMC_MUTE_SETS * SMC_MUTE_WAYS)

/* The name that a server goes by; false if this is no address of TCP. */
static bool smc_mute_name(const struct sock *tcp,
			  const struct sockaddr_storage *server,
			  struct smc_mute_name *name)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)server;
	const struct sockaddr_in *in = (const struct sockaddr_in *)server;
	struct in6_addr addr;

	memset(name, 0, sizeof(*name));
	name->dev = READ_ONCE(tcp->sk_bound_dev_if);
	switch (server->ss_family) {
	case AF_INET:
		ipv6_addr_set_v4mapped(in->sin_addr.s_addr, &addr);
		name->port = ntohs(in->sin_port);
		break;
	case AF_INET6:
		addr = in6->sin6_addr;
		name->port = ntohs(in6->sin6_port);
		if (ipv6_addr_type(&addr) & IPV6_ADDR_LINKLOCAL)
			name->dev = in6->sin6_scope_id ?: name->dev;
		break;
	default:
		return false;
	}
	memcpy(name->addr, &addr, sizeof(name->addr));
	return true;
}

/**
 * smc_mute_ask() - what is known of a server?
 * @tcp: the TCP socket that is to be connected to it
 * @server: its address; unused bytes are zero
 *
 * Context: Any but hard interrupt. Takes mute_lock.
 * Return: SMC_MUTE_SILENT if it does not speak SMC, SMC_MUTE_TALKS if it has
 * done so lately, SMC_MUTE_UNKNOWN in all other cases.
 */
enum smc_mute_state smc_mute_ask(const struct sock *tcp,
				 const struct sockaddr_storage *server)
{
	struct smc_net *sn = smc_net(sock_net(tcp));
	enum smc_mute_state state;
	struct smc_mute_name name;

	if (!smc_mute_name(tcp, server, &name))
		return SMC_MUTE_UNKNOWN;
	spin_lock_bh(&sn->mute_lock);
	state = smc_mute_look(sn->mutes, &name, ktime_get_seconds());
	spin_unlock_bh(&sn->mute_lock);
	return state;
}

/**
 * smc_mute_heard_from() - remember that a server speaks CLC
 * @tcp: the TCP socket that is connected to it
 * @server: its address; unused bytes are zero
 *
 * Context: Any but hard interrupt. Takes mute_lock.
 */
void smc_mute_heard_from(const struct sock *tcp,
			 const struct sockaddr_storage *server)
{
	struct smc_net *sn = smc_net(sock_net(tcp));
	struct smc_mute_name name;

	if (!smc_mute_name(tcp, server, &name))
		return;
	spin_lock_bh(&sn->mute_lock);
	smc_mute_heard(sn->mutes, &name, ktime_get_seconds());
	spin_unlock_bh(&sn->mute_lock);
}

/**
 * smc_mute_learn() - remember that a server has not answered
 * @tcp: the TCP socket that is connected to it without SMC
 * @server: its address; unused bytes are zero
 * @proof: what it did instead
 *
 * Context: Any but hard interrupt. Takes mute_lock.
 */
void smc_mute_learn(const struct sock *tcp,
		    const struct sockaddr_storage *server,
		    enum smc_mute_proof proof)
{
	struct smc_net *sn = smc_net(sock_net(tcp));
	struct smc_mute_name name;

	if (!smc_mute_name(tcp, server, &name))
		return;
	spin_lock_bh(&sn->mute_lock);
	smc_mute_not_heard(sn->mutes, &name, proof, ktime_get_seconds());
	spin_unlock_bh(&sn->mute_lock);
}

static void *smc_mute_seq_start(struct seq_file *seq, loff_t *pos)
{
	struct smc_net *sn = smc_net(seq_file_net(seq));

	if (*pos >= SMC_MUTE_LINES)
		return NULL;
	return &sn->mutes->line[*pos / SMC_MUTE_WAYS][*pos % SMC_MUTE_WAYS];
}

static void *smc_mute_seq_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return smc_mute_seq_start(seq, pos);
}

static void smc_mute_seq_stop(struct seq_file *seq, void *v)
{
}

static int smc_mute_seq_show(struct seq_file *seq, void *v)
{
	struct smc_net *sn = smc_net(seq_file_net(seq));
	struct smc_mute mute;
	struct in6_addr addr;
	u64 left;

	spin_lock_bh(&sn->mute_lock);
	mute = *(const struct smc_mute *)v;
	spin_unlock_bh(&sn->mute_lock);

	left = smc_mute_left(&mute, ktime_get_seconds());
	if (mute.state != SMC_MUTE_SILENT || !left)
		return 0;
	memcpy(&addr, mute.name.addr, sizeof(addr));
	if (ipv6_addr_v4mapped(&addr))
		seq_printf(seq, "%pI4", &addr.s6_addr32[3]);
	else
		seq_printf(seq, "%pI6c", &addr);
	seq_printf(seq, " %u %u %llu %u\n", mute.name.port, mute.name.dev, left,
		   mute.times);
	return 0;
}

static const struct seq_operations smc_mute_seq_ops = {
	.start = smc_mute_seq_start,
	.next = smc_mute_seq_next,
	.stop = smc_mute_seq_stop,
	.show = smc_mute_seq_show,
};

static int smc_mute_write(struct file *file, char *buf, size_t size)
{
	struct net *net = seq_file_net(file->private_data);
	struct smc_net *sn = smc_net(net);

	/* Whoever opened it, since anybody may be made to write. */
	if (!file_ns_capable(file, net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (!sysfs_streq(buf, "flush"))
		return -EINVAL;
	spin_lock_bh(&sn->mute_lock);
	smc_mute_forget(sn->mutes);
	spin_unlock_bh(&sn->mute_lock);
	return 0;
}

/**
 * smc_mute_net_init() - begin without memory
 * @sn: the namespace's state
 *
 * Context: Process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int smc_mute_net_init(struct smc_net *sn)
{
	spin_lock_init(&sn->mute_lock);
	sn->mutes = kvzalloc(sizeof(*sn->mutes), GFP_KERNEL_ACCOUNT);
	if (!sn->mutes)
		return -ENOMEM;
	sn->mutes->seed = get_random_u32();
	if (!proc_create_net_data_write("smc_mute", 0644, sn->net->proc_net,
					&smc_mute_seq_ops, smc_mute_write,
					sizeof(struct seq_net_private), NULL)) {
		kvfree(sn->mutes);
		return -ENOMEM;
	}
	return 0;
}

/**
 * smc_mute_net_exit() - undo smc_mute_net_init()
 * @sn: the namespace's state
 *
 * Context: Process, may sleep; nobody connects any more.
 */
void smc_mute_net_exit(struct smc_net *sn)
{
	remove_proc_entry("smc_mute", sn->net->proc_net);
	kvfree(sn->mutes);
}
