/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What 6.12, the kernel that this is written for, has and 6.1 has not. There
 * it does for what the interop tests need: GIDs stay as they were made.
 */
#ifndef SMCSIM_COMPAT_H
#define SMCSIM_COMPAT_H

#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/version.h>
#include <rdma/ib_verbs.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)

#include <asm/unaligned.h>

#define SIM_GIDS_STAY	true
/* What the caller of create_cq() may want to say, which is nothing here. */
#define SIM_CQ_ARG	struct ib_udata
/* Runs in a thread: sim_enter() disables bottom halves. */
#define WQ_BH		WQ_HIGHPRI

#define DEFINE_SHOW_STORE_ATTRIBUTE(__name)				\
static int __name ## _open(struct inode *inode, struct file *file)	\
{									\
	return single_open(file, __name ## _show, inode->i_private);	\
}									\
static const struct file_operations __name ## _fops = {			\
	.owner		= THIS_MODULE,					\
	.open		= __name ## _open,				\
	.read		= seq_read,					\
	.write		= __name ## _write,				\
	.llseek		= seq_lseek,					\
	.release	= single_release,				\
}

static inline void roce_del_all_netdev_gids(struct ib_device *dev, u32 port,
					    struct net_device *ndev)
{
}

static inline void rdma_roce_rescan_port(struct ib_device *dev, u32 port)
{
	rdma_roce_rescan_device(dev);
}

#else
#include <linux/unaligned.h>

#define SIM_GIDS_STAY	false
#define SIM_CQ_ARG	struct uverbs_attr_bundle
#endif

#endif
