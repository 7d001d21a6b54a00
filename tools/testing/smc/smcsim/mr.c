// SPDX-License-Identifier: GPL-2.0
/*
 * Protection domains and memory regions.
 *
 * A region is found by its key: 24 bits of index and 8 bits that the consumer
 * counts up with each registration, so that old keys do not fit any more.
 * Only REG_MR makes a key valid, and LOCAL_INV or the end of the region
 * invalid again. Bytes from a peer are placed under the region's lock, so
 * when either of these has returned, nobody writes any more.
 */
#include <linux/slab.h>
#include "smcsim.h"

#define SIM_KEY_BITS		8

/* There is nothing to know but who is in which. */
struct sim_pd {
	struct ib_pd ibpd;
};

/* Index 0 and that of SIM_DMA_LKEY belong to no region. */
#define SIM_MR_INDEX		XA_LIMIT(1, (SIM_DMA_LKEY >> SIM_KEY_BITS) - 1)

static int sim_alloc_pd(struct ib_pd *ibpd, struct ib_udata *udata)
{
	struct sim_dev *sim = to_sim_dev(ibpd->device);
	u32 err;

	if (sim->fatal)
		return -EIO;
	if (sim_fault_hit(sim, SIM_FAULT_ALLOC_PD, &err))
		return (int)err;
	return sim_object_take(sim, SIM_PDS) ? 0 : -ENOMEM;
}

static int sim_dealloc_pd(struct ib_pd *ibpd, struct ib_udata *udata)
{
	sim_object_give(to_sim_dev(ibpd->device), SIM_PDS);
	return 0;
}

/* Publishes a region. */
static int sim_mr_insert(struct sim_dev *sim, struct sim_mr *mr)
{
	u32 index;
	int err;

	if (!sim_object_take(sim, SIM_MRS))
		return -ENOMEM;
	spin_lock_init(&mr->lock);
	err = xa_alloc_cyclic_bh(&sim->mrs, &index, NULL, SIM_MR_INDEX,
				 &sim->next_mr, GFP_KERNEL);
	if (err < 0) {
		sim_object_give(sim, SIM_MRS);
		return err;
	}
	mr->key = index << SIM_KEY_BITS;
	mr->ibmr.lkey = mr->key;
	mr->ibmr.rkey = mr->key;
	/* The entry is reserved, so this needs no memory. */
	xa_store_bh(&sim->mrs, index, mr, GFP_KERNEL);
	return 0;
}

static struct ib_mr *sim_get_dma_mr(struct ib_pd *pd, int access)
{
	struct sim_dev *sim = to_sim_dev(pd->device);
	struct sim_mr *mr;
	int err;

	mr = kzalloc(sizeof(*mr), GFP_KERNEL);
	if (!mr)
		return ERR_PTR(-ENOMEM);
	mr->ibmr.pd = pd;
	mr->dma = true;
	mr->state = SIM_MR_VALID;
	/* Peers are not to see all of memory, whatever the consumer says. */
	mr->access = access & IB_ACCESS_LOCAL_WRITE;
	err = sim_mr_insert(sim, mr);
	if (err) {
		kfree(mr);
		return ERR_PTR(err);
	}
	return &mr->ibmr;
}

static struct ib_mr *sim_alloc_mr(struct ib_pd *pd, enum ib_mr_type type,
				  u32 max_num_sg)
{
	struct sim_dev *sim = to_sim_dev(pd->device);
	struct sim_visit visit __cleanup(sim_visit_end) = sim_visit_begin(sim);
	struct sim_mr *mr;
	int err = -ENOMEM;
	u32 fault;

	if (type != IB_MR_TYPE_MEM_REG)
		return ERR_PTR(-EOPNOTSUPP);
	if (!max_num_sg || max_num_sg > SIM_MAX_MR_PAGES)
		return ERR_PTR(-EINVAL);
	if (sim->fatal)
		return ERR_PTR(-EIO);
	if (sim_fault_hit(sim, SIM_FAULT_ALLOC_MR, &fault))
		return ERR_PTR((int)fault);

	mr = kzalloc(sizeof(*mr), GFP_KERNEL);
	if (!mr)
		return ERR_PTR(-ENOMEM);
	mr->pages = kvcalloc(max_num_sg, sizeof(*mr->pages), GFP_KERNEL);
	if (!mr->pages)
		goto err_free_mr;
	mr->max_pages = max_num_sg;
	mr->ibmr.pd = pd;
	err = sim_mr_insert(sim, mr);
	if (err)
		goto err_free_pages;
	return &mr->ibmr;

err_free_pages:
	kvfree(mr->pages);
err_free_mr:
	kfree(mr);
	return ERR_PTR(err);
}

/* Kernel memory only; the RDMA core insists on the operation. */
static struct ib_mr *sim_reg_user_mr(struct ib_pd *pd, u64 start, u64 length,
				     u64 virt_addr, int access,
				     struct ib_udata *udata)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static int sim_dereg_mr(struct ib_mr *ibmr, struct ib_udata *udata)
{
	struct sim_dev *sim = to_sim_dev(ibmr->device);
	struct sim_mr *mr = to_sim_mr(ibmr);
	struct sim_visit visit __cleanup(sim_visit_end) = sim_visit_begin(sim);

	xa_erase_bh(&sim->mrs, mr->key >> SIM_KEY_BITS);
	spin_lock_bh(&mr->lock);
	mr->state = SIM_MR_DEAD;
	spin_unlock_bh(&mr->lock);
	kvfree(mr->pages);
	kfree_rcu(mr, rcu);
	sim_object_give(sim, SIM_MRS);
	return 0;
}

static int sim_mr_set_page(struct ib_mr *ibmr, u64 addr)
{
	struct sim_mr *mr = to_sim_mr(ibmr);

	if (mr->num_pages == mr->max_pages)
		return -ENOMEM;
	mr->pages[mr->num_pages] = addr;
	if (addr != mr->pages[0] + (u64)mr->num_pages * ibmr->page_size)
		mr->contig = false;
	mr->num_pages++;
	return 0;
}

static int sim_map_mr_sg(struct ib_mr *ibmr, struct scatterlist *sg,
			 int sg_nents, unsigned int *sg_offset)
{
	struct sim_dev *sim = to_sim_dev(ibmr->device);
	struct sim_mr *mr = to_sim_mr(ibmr);
	struct sim_visit visit __cleanup(sim_visit_end) = sim_visit_begin(sim);
	u32 fault;

	if (sim_fault_hit(sim, SIM_FAULT_MAP_MR, &fault))
		return (int)fault;
	/* The adapter reads the list while the key is valid. */
	if (READ_ONCE(mr->state) != SIM_MR_FREE) {
		sim_count(sim, SIM_C_VIOL_MR_STATE);
		return -EBUSY;
	}
	mr->num_pages = 0;
	mr->contig = true;
	return ib_sg_to_pages(ibmr, sg, sg_nents, sg_offset, sim_mr_set_page);
}

/**
 * sim_mr_register() - execute a REG_MR
 * @sim: device
 * @wqe: the work request
 *
 * Context: BH. Takes the region's lock.
 * Return: status of the completion.
 */
enum ib_wc_status sim_mr_register(struct sim_dev *sim,
				  const struct sim_swqe *wqe)
{
	enum ib_wc_status status = IB_WC_MW_BIND_ERR;
	struct sim_mr *mr = wqe->reg.mr;

	/* What a peer may change is not to be kept from its owner. */
	if (wqe->reg.access & IB_ACCESS_REMOTE_WRITE &&
	    !(wqe->reg.access & IB_ACCESS_LOCAL_WRITE)) {
		sim_count(sim, SIM_C_VIOL_ACCESS);
		return status;
	}
	spin_lock(&mr->lock);
	if (mr->state == SIM_MR_FREE && !mr->dma && mr->num_pages &&
	    wqe->reg.key >> SIM_KEY_BITS == mr->key >> SIM_KEY_BITS) {
		mr->key = wqe->reg.key;
		mr->access = wqe->reg.access;
		WRITE_ONCE(mr->state, SIM_MR_VALID);
		status = IB_WC_SUCCESS;
	}
	spin_unlock(&mr->lock);
	if (status)
		sim_count(sim, SIM_C_VIOL_MR_STATE);
	return status;
}

/**
 * sim_mr_invalidate() - execute a LOCAL_INV
 * @sim: device
 * @pd: protection domain of the queue pair
 * @key: key of the region
 *
 * Context: BH, under RCU. Takes the region's lock.
 * Return: status of the completion.
 */
enum ib_wc_status sim_mr_invalidate(struct sim_dev *sim,
				    const struct ib_pd *pd, u32 key)
{
	enum ib_wc_status status = IB_WC_MW_BIND_ERR;
	struct sim_mr *mr;

	mr = xa_load(&sim->mrs, key >> SIM_KEY_BITS);
	if (mr) {
		spin_lock(&mr->lock);
		if (mr->state == SIM_MR_VALID && mr->key == key && !mr->dma &&
		    mr->ibmr.pd == pd) {
			WRITE_ONCE(mr->state, SIM_MR_FREE);
			status = IB_WC_SUCCESS;
		}
		spin_unlock(&mr->lock);
	}
	if (status)
		sim_count(sim, SIM_C_VIOL_MR_STATE);
	return status;
}

static bool sim_mr_covers(const struct sim_mr *mr, u64 addr, u32 len)
{
	return addr >= mr->ibmr.iova && len <= mr->ibmr.length &&
	       addr - mr->ibmr.iova <= mr->ibmr.length - len;
}

/**
 * sim_mr_local() - check an element of a scatter/gather list
 * @sim: device
 * @pd: protection domain of the queue pair
 * @sge: the element
 * @access: IB_ACCESS_LOCAL_WRITE if bytes are placed there, or 0
 * @piece: filled: where the bytes are
 *
 * The consumer keeps the region for as long as the work request is posted, as
 * it must.
 *
 * Context: BH, under RCU. Takes the region's lock.
 * Return: false if the key does not allow it; that is counted.
 */
bool sim_mr_local(struct sim_dev *sim, const struct ib_pd *pd,
		  const struct ib_sge *sge, int access,
		  struct sim_piece *piece)
{
	struct sim_mr *mr;
	bool ok = false;

	piece->mr = NULL;
	piece->addr = sge->addr;
	piece->len = sge->length;
	if (likely(sge->lkey == SIM_DMA_LKEY) || !sge->length)
		return true;

	mr = xa_load(&sim->mrs, sge->lkey >> SIM_KEY_BITS);
	if (mr) {
		spin_lock(&mr->lock);
		ok = mr->state == SIM_MR_VALID && mr->key == sge->lkey &&
		     mr->ibmr.pd == pd && (mr->access & access) == access &&
		     (mr->dma || sim_mr_covers(mr, sge->addr, sge->length));
		spin_unlock(&mr->lock);
		if (ok && !mr->dma)
			piece->mr = mr;
	}
	if (!ok)
		sim_count(sim, SIM_C_VIOL_LKEY);
	return ok;
}

/**
 * sim_mr_at() - find bytes of a region
 * @mr: region that covers them
 * @addr: address within the region
 * @len: bytes wanted; set to those that follow in one piece
 *
 * Context: any; the region is valid.
 * Return: kernel address.
 */
u8 *sim_mr_at(const struct sim_mr *mr, u64 addr, u32 *len)
{
	u32 size = mr->ibmr.page_size;
	u64 off = addr - (mr->ibmr.iova & ~((u64)size - 1));
	u32 in_page;

	if (likely(mr->contig))
		return (u8 *)(uintptr_t)(mr->pages[0] + off);
	in_page = off & (size - 1);
	*len = min(*len, size - in_page);
	return (u8 *)(uintptr_t)(mr->pages[div_u64(off, size)] + in_page);
}

/**
 * sim_mr_find() - find the region of a peer's key
 * @sim: device
 * @rkey: key the peer gave
 *
 * Context: under RCU.
 * Return: the region, which need not be valid, or NULL; that is counted.
 */
struct sim_mr *sim_mr_find(struct sim_dev *sim, u32 rkey)
{
	struct sim_mr *mr = xa_load(&sim->mrs, rkey >> SIM_KEY_BITS);

	if (!mr)
		sim_count(sim, SIM_C_VIOL_RKEY);
	return mr;
}

/**
 * __sim_mr_may_write() - check a peer's access
 * @sim: device
 * @mr: region
 * @pd: protection domain of the queue pair
 * @rkey: key the peer gave
 * @addr: address the peer gave
 * @len: bytes, not 0
 *
 * Context: the region's lock is held.
 * Return: false if it must not be written to; that is counted.
 */
bool __sim_mr_may_write(struct sim_dev *sim, const struct sim_mr *mr,
			const struct ib_pd *pd, u32 rkey, u64 addr, u32 len)
{
	lockdep_assert_held(&mr->lock);
	if (mr->state != SIM_MR_VALID || mr->key != rkey || mr->dma ||
	    mr->ibmr.pd != pd)
		sim_count(sim, SIM_C_VIOL_RKEY);
	else if (!(mr->access & IB_ACCESS_REMOTE_WRITE))
		sim_count(sim, SIM_C_VIOL_ACCESS);
	else if (!sim_mr_covers(mr, addr, len))
		sim_count(sim, SIM_C_VIOL_BOUNDS);
	else
		return true;
	return false;
}

const struct ib_device_ops sim_mr_ops = {
	.alloc_pd = sim_alloc_pd,
	.dealloc_pd = sim_dealloc_pd,
	.get_dma_mr = sim_get_dma_mr,
	.alloc_mr = sim_alloc_mr,
	.reg_user_mr = sim_reg_user_mr,
	.map_mr_sg = sim_map_mr_sg,
	.dereg_mr = sim_dereg_mr,

	INIT_RDMA_OBJ_SIZE(ib_pd, sim_pd, ibpd),
};
