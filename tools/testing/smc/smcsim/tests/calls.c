// SPDX-License-Identifier: GPL-2.0
/*
 * Calls that make an object of a device: each undoes what it did, and returns
 * 0 or the call's errno.
 */
#include "fixture.h"

/**
 * try_alloc_pd() - make a protection domain, and end it
 * @side: side
 *
 * Return: 0 or a negative errno
 */
int try_alloc_pd(struct side *side)
{
	struct ib_pd *pd = ib_alloc_pd(side->ibdev, 0);

	if (IS_ERR(pd))
		return PTR_ERR(pd);
	ib_dealloc_pd(pd);
	return 0;
}

/**
 * try_create_cq() - make a completion queue, and end it
 * @side: side
 *
 * Return: 0 or a negative errno
 */
int try_create_cq(struct side *side)
{
	struct ib_cq_init_attr attr = { .cqe = 4 };
	struct ib_cq *cq;

	cq = ib_create_cq(side->ibdev, NULL, NULL, NULL, &attr);
	if (IS_ERR(cq))
		return PTR_ERR(cq);
	ib_destroy_cq(cq);
	return 0;
}

/**
 * try_create_qp() - make a queue pair, and end it
 * @side: side with objects
 *
 * Return: 0 or a negative errno
 */
int try_create_qp(struct side *side)
{
	struct ib_qp_init_attr attr = {
		.send_cq = side->cq,
		.recv_cq = side->cq,
		.cap.max_send_wr = 1,
		.cap.max_recv_wr = 1,
		.cap.max_send_sge = 1,
		.cap.max_recv_sge = 1,
		.qp_type = IB_QPT_RC,
	};
	struct ib_qp *qp = ib_create_qp(side->pd, &attr);

	if (IS_ERR(qp))
		return PTR_ERR(qp);
	return ib_destroy_qp(qp);
}

/**
 * try_alloc_mr() - make a memory region, and end it
 * @side: side with objects
 *
 * Return: 0 or a negative errno
 */
int try_alloc_mr(struct side *side)
{
	struct ib_mr *mr = ib_alloc_mr(side->pd, IB_MR_TYPE_MEM_REG, 1);

	if (IS_ERR(mr))
		return PTR_ERR(mr);
	return ib_dereg_mr(mr);
}
