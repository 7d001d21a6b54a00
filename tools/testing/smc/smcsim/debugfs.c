// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/smcsim/DEVICE: counters and settings.
 *
 *	counters	"name value" lines; write anything to set our own to 0
 *	ports		how each port is wired, and its GIDs
 *	gid_types	"v1", "v2" or "v1 v2"
 *	wire		1: peers outside this kernel are reached by frames
 *	latency_us	each message takes that long
 *	bandwidth_mbps	bits per microsecond, 0: no limit
 */
#include <linux/debugfs.h>
#include <linux/if_vlan.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include "smcsim.h"

#define SIM_WORD		16	/* longest text written to a file */

static struct dentry *sim_debugfs_root;

static const char *const sim_counter_names[SIM_C_COUNT] = {
	[SIM_C_DOORBELLS] = "doorbells",
	[SIM_C_RECV_DOORBELLS] = "recv_doorbells",
	[SIM_C_WR_SEND] = "wr_send",
	[SIM_C_WR_WRITE] = "wr_write",
	[SIM_C_WR_REG_MR] = "wr_reg_mr",
	[SIM_C_WR_LOCAL_INV] = "wr_local_inv",
	[SIM_C_WR_RECV] = "wr_recv",
	[SIM_C_CQE_SIGNALLED] = "cqe_signalled",
	[SIM_C_CQE_RECV] = "cqe_recv",
	[SIM_C_CQE_ERROR] = "cqe_error",
	[SIM_C_CQE_FLUSHED] = "cqe_flushed",
	[SIM_C_CQ_EVENTS] = "cq_events",
	[SIM_C_POLLS] = "polls",
	[SIM_C_INLINE_BYTES] = "inline_bytes",
	[SIM_C_BYTES_WRITTEN] = "bytes_written",
	[SIM_C_BYTES_SENT] = "bytes_sent",
	[SIM_C_TIME_NS] = "time_ns",
	[SIM_C_RNR] = "rnr",
	[SIM_C_RETRIES] = "retries",
	[SIM_C_NO_PEER] = "no_peer",
	[SIM_C_NO_SGID] = "no_sgid",
	[SIM_C_DUPLICATES] = "duplicates",
	[SIM_C_VIOL_LKEY] = "viol_lkey",
	[SIM_C_VIOL_RKEY] = "viol_rkey",
	[SIM_C_VIOL_BOUNDS] = "viol_bounds",
	[SIM_C_VIOL_ACCESS] = "viol_access",
	[SIM_C_VIOL_QP_STATE] = "viol_qp_state",
	[SIM_C_VIOL_QP_ATTR] = "viol_qp_attr",
	[SIM_C_VIOL_RECV_LEN] = "viol_recv_len",
	[SIM_C_VIOL_PSN] = "viol_psn",
	[SIM_C_VIOL_OPCODE] = "viol_opcode",
	[SIM_C_VIOL_MR_STATE] = "viol_mr_state",
	[SIM_C_VIOL_QUEUE_FULL] = "viol_queue_full",
	[SIM_C_VIOL_CQ_OVERRUN] = "viol_cq_overrun",
	[SIM_C_VIOL_STRANGER] = "viol_stranger",
	[SIM_C_VIOL_MTU] = "viol_mtu",
	[SIM_C_VIOL_LIMIT] = "viol_limit",
};

static int sim_counters_show(struct seq_file *seq, void *unused)
{
	struct sim_dev *sim = seq->private;
	unsigned int i;
	u64 sum;
	int cpu;

	for (i = 0; i < SIM_C_COUNT; i++) {
		sum = 0;
		for_each_possible_cpu(cpu)
			sum += READ_ONCE(per_cpu_ptr(sim->counts, cpu)->v[i]);
		seq_printf(seq, "%s %llu\n", sim_counter_names[i], sum);
	}
	sim_faults_show(seq, sim);
	sim_mutator_show(seq, sim);
	return 0;
}

static int sim_counters_open(struct inode *inode, struct file *file)
{
	return single_open(file, sim_counters_show, inode->i_private);
}

/* What is counted at the same time on another CPU may survive. */
static ssize_t sim_counters_write(struct file *file, const char __user *from,
				  size_t len, loff_t *pos)
{
	struct sim_dev *sim = ((struct seq_file *)file->private_data)->private;
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu)
		for (i = 0; i < SIM_C_COUNT; i++)
			WRITE_ONCE(per_cpu_ptr(sim->counts, cpu)->v[i], 0);
	return len;
}

static const struct file_operations sim_counters_fops = {
	.owner = THIS_MODULE,
	.open = sim_counters_open,
	.read = seq_read,
	.write = sim_counters_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static void sim_port_show(struct seq_file *seq, struct sim_port *port)
{
	const struct sim_gid *gid;
	unsigned int i;

	seq_printf(seq, "port %u netdev %s state %s segment %p mac %pM\n",
		   port->num, netdev_name(port->ndev),
		   sim_port_active(port) ? "active" : "down",
		   READ_ONCE(port->segment), port->mac);
	spin_lock_bh(&port->gid_lock);
	for (i = 0; i < SIM_MAX_GIDS; i++) {
		gid = &port->gids[i];
		if (!gid->valid)
			continue;
		seq_printf(seq, "port %u gid %u %pI6 %s", port->num, i,
			   gid->gid.raw,
			   gid->type == IB_GID_TYPE_ROCE ? "v1" : "v2");
		if (gid->vlan_id < VLAN_N_VID)
			seq_printf(seq, " vlan %u", gid->vlan_id);
		seq_putc(seq, '\n');
	}
	spin_unlock_bh(&port->gid_lock);
	if (READ_ONCE(port->sim->wire_on))
		sim_wire_show(seq, &port->wire);
}

static int sim_ports_show(struct seq_file *seq, void *unused)
{
	struct sim_dev *sim = seq->private;
	unsigned int i;

	for (i = 0; i < sim->num_ports; i++)
		sim_port_show(seq, &sim->port[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(sim_ports);

static ssize_t sim_gid_types_read(struct file *file, char __user *to,
				  size_t len, loff_t *pos)
{
	struct sim_dev *sim = file->private_data;
	unsigned long types;
	char word[SIM_WORD];
	int n;

	mutex_lock(&sim->settings);
	types = sim->gid_types;
	mutex_unlock(&sim->settings);
	n = scnprintf(word, sizeof(word), "%s%s%s\n",
		      types & BIT(IB_GID_TYPE_ROCE) ? "v1" : "",
		      types == SIM_ROCE_TYPES ? " " : "",
		      types & BIT(IB_GID_TYPE_ROCE_UDP_ENCAP) ? "v2" : "");
	return simple_read_from_buffer(to, len, pos, word, n);
}

static ssize_t sim_gid_types_write(struct file *file, const char __user *from,
				   size_t len, loff_t *pos)
{
	struct sim_dev *sim = file->private_data;
	unsigned long types = 0;
	char buf[SIM_WORD] = "";
	char *rest, *word;

	if (len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, from, len))
		return -EFAULT;
	rest = strim(buf);
	while ((word = strsep(&rest, " ,"))) {
		if (!strcmp(word, "v1"))
			types |= BIT(IB_GID_TYPE_ROCE);
		else if (!strcmp(word, "v2"))
			types |= BIT(IB_GID_TYPE_ROCE_UDP_ENCAP);
		else
			return -EINVAL;
	}
	if (!ib_device_try_get(&sim->ibdev))
		return -ENODEV;
	mutex_lock(&sim->settings);
	__sim_gid_types_set(sim, types);
	mutex_unlock(&sim->settings);
	ib_device_put(&sim->ibdev);
	return len;
}

static const struct file_operations sim_gid_types_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = sim_gid_types_read,
	.write = sim_gid_types_write,
	.llseek = default_llseek,
};

static int sim_wire_get(void *data, u64 *on)
{
	struct sim_dev *sim = data;

	*on = READ_ONCE(sim->wire_on);
	return 0;
}

static int sim_wire_set(void *data, u64 on)
{
	struct sim_dev *sim = data;

	if (on > 1)
		return -EINVAL;
	mutex_lock(&sim->settings);
	__sim_wire_switch(sim, on);
	mutex_unlock(&sim->settings);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(sim_wire_fops, sim_wire_get, sim_wire_set, "%llu\n");

/**
 * sim_debugfs_init() - make the directory of all devices
 *
 * Context: Module init.
 */
void sim_debugfs_init(void)
{
	sim_debugfs_root = debugfs_create_dir("smcsim", NULL);
}

/**
 * sim_debugfs_exit() - remove the directory of all devices
 *
 * Context: Module exit.
 */
void sim_debugfs_exit(void)
{
	debugfs_remove_recursive(sim_debugfs_root);
}

/**
 * sim_debugfs_add() - make the directory of a device
 * @sim: device; sim_dealloc() removes it
 * @name: of the directory
 *
 * Context: Sleeps.
 */
void sim_debugfs_add(struct sim_dev *sim, const char *name)
{
	struct dentry *dir = debugfs_create_dir(name, sim_debugfs_root);

	sim->dir = dir;
	debugfs_create_file("counters", 0644, dir, sim, &sim_counters_fops);
	debugfs_create_file("ports", 0444, dir, sim, &sim_ports_fops);
	debugfs_create_file("gid_types", 0644, dir, sim, &sim_gid_types_fops);
	debugfs_create_file_unsafe("wire", 0644, dir, sim, &sim_wire_fops);
	debugfs_create_u32("latency_us", 0644, dir, &sim->latency_us);
	debugfs_create_u32("bandwidth_mbps", 0644, dir, &sim->bandwidth_mbps);
	sim_faults_debugfs(sim, dir);
	sim_mutator_debugfs(sim, dir);
}
