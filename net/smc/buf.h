/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of a link group: send buffers, RMBs and their registration, and what
 * is known of the peer's RMBs.
 */
#ifndef _SMC_BUF_H
#define _SMC_BUF_H

#include <linux/scatterlist.h>
#include "link.h"

#define SMC_RTOKENS_MAX		255	/* RMBs of a peer in a group */
/* Ours, as the peer keeps no more; less a margin for crossing exchanges. */
#define SMC_RMBS_MAX		(SMC_RTOKENS_MAX - 5)
/*
 * Those a server leaves alone: its client may have more of them lent, to
 * connections that have ended on the server and not yet on the client.
 * There may be even more, of sockets that were reset and are not closed: then
 * one connection is declined, and the server begins a new group (hs.c).
 */
#define SMC_RMBS_SPARE		8

struct smc_buf_pool;

enum smc_buf_kind {
	SMC_BUF_SND,
	SMC_BUF_RMB,
	SMC_BUF_KINDS
};

enum smc_buf_state {
	SMC_BUF_IDLE,		/* may be lent */
	SMC_BUF_LENT,		/* somebody has it */
	SMC_BUF_ASIDE,		/* an RMB the peer may still write to */
	SMC_BUF_ORPHAN,		/* lent, while the pool has come to its end */
};

/**
 * struct smc_buf - a piece of memory the device knows
 * @pool: where it belongs
 * @node: in the pool's list
 * @kind: what for
 * @state: under the pool's lock
 * @code: size code
 * @size: bytes
 * @page: memory, one compound page
 * @addr: the same, mapped
 * @sg: its DMA mapping, one range
 * @needs_sync: the CPU sees what the device wrote only after a sync
 * @mr: an RMB's memory region
 * @reg_posted: its registration was posted; by the owner, or by LLC for it
 * @registered: that has been carried out; by the completion, smp_load_acquire
 *	elsewhere
 * @told: the peer was told of it; as @reg_posted
 * @announced: the peer knows it; owner only
 */
struct smc_buf {
	struct smc_buf_pool *pool;
	struct list_head node;
	enum smc_buf_kind kind;
	enum smc_buf_state state;
	u8 code;
	u32 size;
	struct page *page;
	u8 *addr;
	struct scatterlist sg;
	bool needs_sync;
	struct ib_mr *mr;
	bool reg_posted;
	bool registered;
	bool told;
	bool announced;
};

/**
 * struct smc_buf_pool - buffers of a link group
 * @link: the group's link
 * @sn: namespace, for counters
 * @lock: protects the lists, the buffers' states and the counts. BH-safe;
 *	leaf: nothing of ours is taken under it
 * @bufs: all buffers, by kind
 * @num_rmbs: RMBs there are or about to be made
 * @num_aside: of these, those in state ASIDE
 * @ended: nothing is lent any more
 */
struct smc_buf_pool {
	struct smc_link *link;
	struct smc_net *sn;
	spinlock_t lock;	/* lists, states, counts */
	struct list_head bufs[SMC_BUF_KINDS];
	unsigned int num_rmbs;
	unsigned int num_aside;
	bool ended;
};

/**
 * struct smc_rtoken - an RMB of the peer
 * @vaddr: its address
 * @rkey: its key, on our only link
 * @used: the entry is in use
 */
struct smc_rtoken {
	u64 vaddr;
	u32 rkey;
	bool used;
};

/**
 * struct smc_rtokens - what the peer told of its RMBs
 * @lock: protects @entry. BH-safe; leaf: nothing of ours is taken under it
 * @entry: as many as a peer may have
 */
struct smc_rtokens {
	spinlock_t lock;	/* entry[] */
	struct smc_rtoken entry[SMC_RTOKENS_MAX];
};

void smc_buf_pool_init(struct smc_buf_pool *pool, struct smc_link *link,
		       struct smc_net *sn);
void smc_buf_pool_end(struct smc_buf_pool *pool);
bool smc_buf_pool_full(struct smc_buf_pool *pool, unsigned int conns);
bool smc_buf_pool_worn(struct smc_buf_pool *pool);
struct smc_buf *smc_buf_borrow(struct smc_buf_pool *pool,
			       enum smc_buf_kind kind, u32 bytes);
int smc_buf_register(struct smc_buf *rmb);
bool smc_buf_may_destroy(const struct smc_buf *rmb);
void smc_buf_return(struct smc_buf *buf);
void smc_buf_set_aside(struct smc_buf *rmb);
struct smc_buf *smc_buf_pick_spare(struct smc_buf_pool *pool);
void smc_buf_destroy(struct smc_buf *buf);
void smc_buf_sync_for_cpu(struct smc_buf *rmb, u32 off, u32 len);

/**
 * smc_buf_dma() - where the device finds a buffer
 * @buf: buffer that is mapped
 *
 * Return: Its DMA address.
 */
static inline u64 smc_buf_dma(const struct smc_buf *buf)
{
	return sg_dma_address(&buf->sg);
}

void smc_rtokens_init(struct smc_rtokens *tokens);
int smc_rtoken_add(struct smc_rtokens *tokens, u32 rkey, u64 vaddr);
int smc_rtoken_del(struct smc_rtokens *tokens, u32 rkey);
bool smc_rtokens_full(struct smc_rtokens *tokens);

#endif
