// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of a link group.
 *
 * Buffers are made when a connection needs one and none of the size is idle;
 * they are lent to one connection at a time, and given back with the group.
 * An RMB stays registered, and known to the peer, while it is idle: lending
 * it again costs neither a registration nor an LLC exchange.
 *
 * An RMB is written to by the peer. Hence it is lent again only if the peer
 * has promised to write no more (its connection closed in both directions);
 * else it goes aside until the group's end, when nobody can write any more.
 *
 * Mapping. One compound page is one DMA range, which the send ring's local
 * key and the RMB's memory region need. Send buffers are read by the device
 * only: DMA_TO_DEVICE. RMBs are written by the device, but zeroed by the CPU
 * before they are lent again, and the device's view (a bounce buffer, say)
 * must get the zeros, or the peer could make a program see what another one
 * received: DMA_BIDIRECTIONAL.
 *
 * Ownership. Whoever borrowed a buffer may change it without a lock, with the
 * link pinned; LLC, which announces it for them, needs no pin, as it is LLC who
 * ends the link. smc_buf_pool_end() runs when the link is quiet: it takes the
 * device away from all buffers, but leaves those that are lent in the hands of
 * their borrowers, who may have received bytes still to read there.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "buf.h"

#define SMC_BUF_MAX_BYTES	(PAGE_SIZE << MAX_PAGE_ORDER)

static enum dma_data_direction smc_buf_dir(const struct smc_buf *buf)
{
	return buf->kind == SMC_BUF_SND ? DMA_TO_DEVICE : DMA_BIDIRECTIONAL;
}

static struct ib_device *smc_buf_dev(const struct smc_buf *buf)
{
	return buf->pool->link->rnic.ibdev->dev;
}

/**
 * smc_buf_pool_init() - set up an empty pool
 * @pool: zeroed memory
 * @link: the group's link; need not be created yet
 * @sn: namespace, for counters
 *
 * Context: Any.
 */
void smc_buf_pool_init(struct smc_buf_pool *pool, struct smc_link *link,
		       struct smc_net *sn)
{
	unsigned int i;

	pool->link = link;
	pool->sn = sn;
	spin_lock_init(&pool->lock);
	for (i = 0; i < SMC_BUF_KINDS; i++)
		INIT_LIST_HEAD(&pool->bufs[i]);
}

static int smc_buf_map(struct smc_buf *buf)
{
	struct ib_device *dev = smc_buf_dev(buf);

	sg_init_table(&buf->sg, 1);
	sg_set_page(&buf->sg, buf->page, buf->size, 0);
	if (ib_dma_map_sg(dev, &buf->sg, 1, smc_buf_dir(buf)) != 1)
		return -ENOMEM;
	buf->needs_sync = !ib_uses_virt_dma(dev) &&
			  dma_need_sync(dev->dma_device, smc_buf_dma(buf));
	return 0;
}

static void smc_buf_unmap(struct smc_buf *buf)
{
	ib_dma_unmap_sg(smc_buf_dev(buf), &buf->sg, 1, smc_buf_dir(buf));
}

static int smc_buf_make_mr(struct smc_buf *rmb)
{
	struct ib_mr *mr;

	mr = ib_alloc_mr(rmb->pool->link->pd, IB_MR_TYPE_MEM_REG,
			 DIV_ROUND_UP(rmb->size, PAGE_SIZE));
	if (IS_ERR(mr))
		return PTR_ERR(mr);
	if (ib_map_mr_sg(mr, &rmb->sg, 1, NULL, PAGE_SIZE) != 1) {
		ib_dereg_mr(mr);
		return -EIO;
	}
	rmb->mr = mr;
	return 0;
}

/* Take the device away; what was received stays readable. */
static void smc_buf_detach(struct smc_buf *buf)
{
	if (buf->mr)
		ib_dereg_mr(buf->mr);
	buf->mr = NULL;
	smc_buf_unmap(buf);
	buf->needs_sync = false;
}

static void smc_buf_free(struct smc_buf *buf)
{
	__free_pages(buf->page, get_order(buf->size));
	kfree(buf);
}

static struct smc_buf *smc_buf_create(struct smc_buf_pool *pool,
				      enum smc_buf_kind kind, u8 code)
{
	gfp_t gfp = GFP_KERNEL | __GFP_COMP | __GFP_ZERO | __GFP_NOWARN |
		    __GFP_NORETRY;
	struct smc_buf *buf;

	buf = kzalloc(sizeof(*buf), GFP_KERNEL);
	if (!buf)
		return NULL;
	buf->pool = pool;
	buf->kind = kind;
	buf->state = SMC_BUF_LENT;
	buf->code = code;
	buf->size = smc_ring_bytes(code);
	buf->page = alloc_pages(gfp, get_order(buf->size));
	if (!buf->page)
		goto err_free_buf;
	buf->addr = page_address(buf->page);
	if (smc_buf_map(buf))
		goto err_free_pages;
	if (kind == SMC_BUF_RMB && smc_buf_make_mr(buf))
		goto err_unmap;
	return buf;

err_unmap:
	smc_buf_unmap(buf);
err_free_pages:
	__free_pages(buf->page, get_order(buf->size));
err_free_buf:
	kfree(buf);
	return NULL;
}

/* The largest code the allocator and the device can serve. */
static u8 smc_buf_max_code(const struct smc_buf_pool *pool,
			   enum smc_buf_kind kind)
{
	const struct ib_device *dev = pool->link->rnic.ibdev->dev;
	u64 max = SMC_BUF_MAX_BYTES;
	u8 code = 0;

	if (kind == SMC_BUF_RMB)
		max = min_t(u64, max, (u64)PAGE_SIZE *
			    dev->attrs.max_fast_reg_page_list_len);
	while (code < SMC_RING_MAX_CODE && smc_ring_bytes(code + 1) <= max)
		code++;
	return code;
}

static struct smc_buf *__smc_buf_find_idle(struct smc_buf_pool *pool,
					   enum smc_buf_kind kind, u8 code)
{
	struct smc_buf *buf;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry(buf, &pool->bufs[kind], node)
		if (buf->state == SMC_BUF_IDLE && buf->code == code)
			return buf;
	return NULL;
}

/*
 * Lend an idle buffer of the size, or take the right to make one. ERR_PTR on
 * refusal, NULL if one is to be made.
 */
static struct smc_buf *smc_buf_lend(struct smc_buf_pool *pool,
				    enum smc_buf_kind kind, u8 code)
{
	struct smc_buf *buf = ERR_PTR(-ENOLINK);

	spin_lock_bh(&pool->lock);
	if (pool->ended)
		goto out_unlock;
	buf = __smc_buf_find_idle(pool, kind, code);
	if (buf) {
		buf->state = SMC_BUF_LENT;
		/* Leaves the idle ones in front, where they are looked for. */
		list_move_tail(&buf->node, &pool->bufs[kind]);
	} else if (kind == SMC_BUF_RMB) {
		if (pool->num_rmbs >= SMC_RMBS_MAX)
			buf = ERR_PTR(-ENOSPC);
		else
			pool->num_rmbs++;
	}
out_unlock:
	spin_unlock_bh(&pool->lock);
	return buf;
}

static void smc_buf_publish(struct smc_buf *buf)
{
	struct smc_buf_pool *pool = buf->pool;

	spin_lock_bh(&pool->lock);
	list_add_tail(&buf->node, &pool->bufs[buf->kind]);
	spin_unlock_bh(&pool->lock);
}

static void smc_buf_unreserve(struct smc_buf_pool *pool,
			      enum smc_buf_kind kind)
{
	spin_lock_bh(&pool->lock);
	if (kind == SMC_BUF_RMB)
		pool->num_rmbs--;
	spin_unlock_bh(&pool->lock);
}

static void smc_buf_wipe(struct smc_buf *rmb)
{
	memset(rmb->addr, 0, rmb->size);
	ib_dma_sync_single_for_device(smc_buf_dev(rmb), smc_buf_dma(rmb),
				      rmb->size, smc_buf_dir(rmb));
}

/**
 * smc_buf_borrow() - get a buffer for a connection
 * @pool: pool of a group whose link the caller has pinned
 * @kind: send buffer or RMB
 * @bytes: wanted size; the next size code up is taken, or a smaller one if
 *	memory is short
 *
 * An RMB is zeroed, mapped, and has a memory region, but is registered only
 * if the peer was told of it before.
 *
 * Context: Sleeps. Takes the pool's lock.
 * Return: The buffer, or ERR_PTR: -ENOMEM; -ENOSPC if the group can have no
 * more RMBs; -ENOLINK if it has come to its end.
 */
struct smc_buf *smc_buf_borrow(struct smc_buf_pool *pool,
			       enum smc_buf_kind kind, u32 bytes)
{
	u8 code = min(smc_ring_code(bytes), smc_buf_max_code(pool, kind));
	struct smc_buf *buf;

	might_sleep();
	for (;; code--) {
		buf = smc_buf_lend(pool, kind, code);
		if (IS_ERR(buf))
			return buf;
		if (buf) {
			if (kind == SMC_BUF_RMB) {
				smc_buf_wipe(buf);
				smc_stat_inc(pool->sn, SMC_STAT_RMB_REUSE);
			}
			return buf;
		}
		buf = smc_buf_create(pool, kind, code);
		if (buf)
			break;
		smc_buf_unreserve(pool, kind);
		if (!code)
			return ERR_PTR(-ENOMEM);
	}
	smc_buf_publish(buf);
	if (kind == SMC_BUF_RMB)
		smc_stat_inc(pool->sn, SMC_STAT_RMB_ALLOC);
	return buf;
}

/**
 * smc_buf_may_destroy() - has the device done what it was asked to do?
 * @rmb: RMB
 *
 * Context: Any.
 * Return: false while it is to be registered.
 */
bool smc_buf_may_destroy(const struct smc_buf *rmb)
{
	/* Pairs with the completion of smc_wr_register(). */
	return !rmb->reg_posted || smp_load_acquire(&rmb->registered);
}

/**
 * smc_buf_register() - let the peer write to an RMB
 * @rmb: borrowed RMB; no effect if that was done before
 *
 * It is registered before any message that is sent after this arrives.
 *
 * Context: Any but hard interrupt; the link can send, and does not end now.
 * Return: 0; -EAGAIN or -ENOLINK, and nothing was done.
 */
int smc_buf_register(struct smc_buf *rmb)
{
	int err;

	if (rmb->reg_posted)
		return 0;
	err = smc_wr_register(&rmb->pool->link->wr, rmb->mr,
			      IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE,
			      &rmb->registered);
	if (!err)
		rmb->reg_posted = true;
	return err;
}

/* Change the state of a lent buffer; free it if the pool is gone. */
static void smc_buf_take_back(struct smc_buf *buf, enum smc_buf_state state)
{
	struct smc_buf_pool *pool = buf->pool;
	bool orphan;

	spin_lock_bh(&pool->lock);
	orphan = buf->state == SMC_BUF_ORPHAN;
	if (orphan)
		list_del(&buf->node);
	else
		buf->state = state;
	if (!orphan && state == SMC_BUF_ASIDE) {
		pool->num_aside++;
		smc_stat_inc(pool->sn, SMC_STAT_RMB_KEPT_ASIDE);
	}
	spin_unlock_bh(&pool->lock);
	if (orphan)
		smc_buf_free(buf);
}

/**
 * smc_buf_return() - give back a borrowed buffer, to be lent again
 * @buf: the buffer; neither this host nor the peer will write to it
 *
 * Context: Any but hard interrupt. Takes the pool's lock.
 */
void smc_buf_return(struct smc_buf *buf)
{
	smc_buf_take_back(buf, SMC_BUF_IDLE);
}

/**
 * smc_buf_set_aside() - give back an RMB that must not be lent again
 * @rmb: the RMB; the peer may write to it until the group's end
 *
 * Context: Any but hard interrupt. Takes the pool's lock.
 */
void smc_buf_set_aside(struct smc_buf *rmb)
{
	smc_buf_take_back(rmb, SMC_BUF_ASIDE);
}

/**
 * smc_buf_pick_spare() - find an RMB to do without
 * @pool: pool that has as many RMBs as it may
 *
 * Context: Any but hard interrupt. Takes the pool's lock.
 * Return: An RMB that was idle and now belongs to the caller, who tells the
 * peer and calls smc_buf_destroy(); NULL if none is idle and may be destroyed.
 */
struct smc_buf *smc_buf_pick_spare(struct smc_buf_pool *pool)
{
	struct smc_buf *buf, *found = NULL;

	spin_lock_bh(&pool->lock);
	list_for_each_entry(buf, &pool->bufs[SMC_BUF_RMB], node) {
		if (!pool->ended && buf->state == SMC_BUF_IDLE &&
		    smc_buf_may_destroy(buf)) {
			buf->state = SMC_BUF_LENT;
			found = buf;
			break;
		}
	}
	spin_unlock_bh(&pool->lock);
	return found;
}

/**
 * smc_buf_destroy() - free a borrowed buffer
 * @buf: the buffer, see smc_buf_may_destroy(); the link is pinned
 *
 * Context: Sleeps. Takes the pool's lock.
 */
void smc_buf_destroy(struct smc_buf *buf)
{
	struct smc_buf_pool *pool = buf->pool;

	might_sleep();
	spin_lock_bh(&pool->lock);
	list_del(&buf->node);
	spin_unlock_bh(&pool->lock);
	smc_buf_detach(buf);
	smc_buf_unreserve(pool, buf->kind);
	smc_buf_free(buf);
}

/**
 * smc_buf_sync_for_cpu() - make what the device wrote visible
 * @rmb: RMB that needs it; the link is pinned
 * @off: offset, bytes
 * @len: length, bytes
 *
 * Context: Any.
 */
void smc_buf_sync_for_cpu(struct smc_buf *rmb, u32 off, u32 len)
{
	ib_dma_sync_single_for_cpu(smc_buf_dev(rmb), smc_buf_dma(rmb) + off,
				   len, smc_buf_dir(rmb));
}

/**
 * smc_buf_pool_full() - is there no RMB for one more connection?
 * @pool: pool
 * @conns: connections that have one, or are about to borrow it
 *
 * Context: Any but hard interrupt. Takes the pool's lock.
 * Return: true if these, and what is aside, are all RMBs there may be, but for
 * SMC_RMBS_SPARE.
 */
bool smc_buf_pool_full(struct smc_buf_pool *pool, unsigned int conns)
{
	bool full;

	spin_lock_bh(&pool->lock);
	full = conns + pool->num_aside >= SMC_RMBS_MAX - SMC_RMBS_SPARE;
	spin_unlock_bh(&pool->lock);
	return full;
}

/**
 * smc_buf_pool_worn() - is too much memory aside to keep the group idle?
 * @pool: pool
 *
 * Context: Any but hard interrupt. Takes the pool's lock.
 * Return: true if half of the RMBs there may be are aside.
 */
bool smc_buf_pool_worn(struct smc_buf_pool *pool)
{
	bool worn;

	spin_lock_bh(&pool->lock);
	worn = pool->num_aside >= SMC_RMBS_MAX / 2;
	spin_unlock_bh(&pool->lock);
	return worn;
}

/**
 * smc_buf_pool_end() - take the device away from all buffers
 * @pool: pool of a group whose link is quiesced and not destroyed
 *
 * Buffers still lent lose their registration and mapping only; they are freed
 * when given back.
 *
 * Context: Sleeps. Takes the pool's lock.
 */
void smc_buf_pool_end(struct smc_buf_pool *pool)
{
	struct smc_buf *buf, *next;
	unsigned int kind;
	LIST_HEAD(dead);

	might_sleep();
	spin_lock_bh(&pool->lock);
	pool->ended = true;
	spin_unlock_bh(&pool->lock);

	for (kind = 0; kind < SMC_BUF_KINDS; kind++) {
		/*
		 * Now nobody adds to the list, and only what is ORPHAN is
		 * removed; that comes below, after the device is gone.
		 */
		list_for_each_entry(buf, &pool->bufs[kind], node)
			smc_buf_detach(buf);

		spin_lock_bh(&pool->lock);
		list_for_each_entry_safe(buf, next, &pool->bufs[kind], node) {
			if (buf->state == SMC_BUF_LENT)
				buf->state = SMC_BUF_ORPHAN;
			else
				list_move(&buf->node, &dead);
		}
		spin_unlock_bh(&pool->lock);
	}
	list_for_each_entry_safe(buf, next, &dead, node)
		smc_buf_free(buf);
}

/**
 * smc_rtokens_init() - set up an empty table
 * @tokens: zeroed memory
 *
 * Context: Any.
 */
void smc_rtokens_init(struct smc_rtokens *tokens)
{
	spin_lock_init(&tokens->lock);
}

static int __smc_rtoken_find(const struct smc_rtokens *tokens, u32 rkey)
{
	int i;

	lockdep_assert_held(&tokens->lock);
	for (i = 0; i < SMC_RTOKENS_MAX; i++)
		if (tokens->entry[i].used && tokens->entry[i].rkey == rkey)
			return i;
	return -ENOENT;
}

/**
 * smc_rtoken_add() - enter an RMB of the peer, if it is not known yet
 * @tokens: table
 * @rkey: its key
 * @vaddr: its address
 *
 * Context: Any but hard interrupt. Takes the table's lock.
 * Return: Number of the entry; -ENOSPC if the table is full; -EEXIST if the
 * key is known with another address.
 */
int smc_rtoken_add(struct smc_rtokens *tokens, u32 rkey, u64 vaddr)
{
	int i;

	spin_lock_bh(&tokens->lock);
	i = __smc_rtoken_find(tokens, rkey);
	if (i >= 0) {
		if (tokens->entry[i].vaddr != vaddr)
			i = -EEXIST;
		goto out_unlock;
	}
	for (i = 0; i < SMC_RTOKENS_MAX; i++)
		if (!tokens->entry[i].used)
			break;
	if (i == SMC_RTOKENS_MAX) {
		i = -ENOSPC;
		goto out_unlock;
	}
	tokens->entry[i].vaddr = vaddr;
	tokens->entry[i].rkey = rkey;
	tokens->entry[i].used = true;
out_unlock:
	spin_unlock_bh(&tokens->lock);
	return i;
}

/**
 * smc_rtoken_del() - the peer takes an RMB back
 * @tokens: table
 * @rkey: its key
 *
 * Context: Any but hard interrupt. Takes the table's lock.
 * Return: Number of the former entry, or -ENOENT.
 */
int smc_rtoken_del(struct smc_rtokens *tokens, u32 rkey)
{
	int i;

	spin_lock_bh(&tokens->lock);
	i = __smc_rtoken_find(tokens, rkey);
	if (i >= 0)
		tokens->entry[i].used = false;
	spin_unlock_bh(&tokens->lock);
	return i;
}

/**
 * smc_rtokens_full() - has the peer as many RMBs as it may?
 * @tokens: table
 *
 * Context: Any but hard interrupt. Takes the table's lock.
 * Return: true if no entry is free.
 */
bool smc_rtokens_full(struct smc_rtokens *tokens)
{
	bool full = true;
	int i;

	spin_lock_bh(&tokens->lock);
	for (i = 0; i < SMC_RTOKENS_MAX && full; i++)
		full = tokens->entry[i].used;
	spin_unlock_bh(&tokens->lock);
	return full;
}
