/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two adapters that reach each other, with a queue pair on each, driven
 * through the RDMA core.
 */
#ifndef SMCSIM_TEST_FIXTURE_H
#define SMCSIM_TEST_FIXTURE_H

#include <kunit/test.h>
#include <linux/scatterlist.h>
#include <rdma/ib_verbs.h>

#include "../smcsim.h"

#define MEM_PAGES	8
#define MEM_BYTES	(MEM_PAGES * PAGE_SIZE)
#define MSG_BYTES	44

/* A connection's parameters that tests differ in. */
struct pair_opts {
	u32 sq_psn;		/* of side a; side b the same backwards */
	u32 rq_psn;		/* of side b */
	u8 retry_cnt;
	u8 rnr_retry;
	u8 timeout;
	int qp_access;		/* of side b */
	int mr_access;		/* of side b */
	u32 cqe;
	u32 send_wr;
	enum ib_mtu mtu;
};

extern const struct pair_opts pair_defaults;

/**
 * struct side - one end of a connection
 * @test: the test it belongs to
 * @ibdev: adapter, held
 * @sim: the same
 * @pd: protection domain
 * @cq: for sends and receives
 * @qp: queue pair
 * @mr: region over @mem, registered for writing by the peer
 * @mem: memory that is sent from and received into
 * @gid: RoCEv1 GID of port 1
 * @gid_index: its index
 * @cq_calls: times the completion handler was called
 * @cq_waiting: entries of the queue when it was called last
 * @events: times the queue pair's event handler was called
 */
struct side {
	struct kunit *test;
	struct ib_device *ibdev;
	struct sim_dev *sim;
	struct ib_pd *pd;
	struct ib_cq *cq;
	struct ib_qp *qp;
	struct ib_mr *mr;
	u8 *mem;
	union ib_gid gid;
	u32 gid_index;
	atomic_t cq_calls;
	u32 cq_waiting;
	atomic_t events;
};

struct pair {
	struct side a;
	struct side b;
	struct pair_opts opts;
};

/* suite init and exit functions; test->priv is the pair, connected by need */
int pair_init(struct kunit *test);
void pair_exit(struct kunit *test);
struct pair *pair_new(struct kunit *test);
void pair_free(struct pair *pair);
void side_get(struct side *side, struct kunit *test, const char *name);
void side_put(struct side *side);
void side_objects(struct side *side, const struct pair_opts *opts);
void side_release(struct side *side);
const char *sim_name(unsigned int which);

int side_init_state(struct side *side, int access);
int side_to_rtr(struct side *side, const struct side *peer,
		const struct pair_opts *opts);
int side_to_rts(struct side *side, const struct pair_opts *opts, u32 sq_psn);
void pair_join(struct pair *pair);
void pair_connect(struct pair *pair);
void pair_register(struct pair *pair);
int side_register(struct side *side, int access);

/* calls.c */
int try_alloc_pd(struct side *side);
int try_create_cq(struct side *side);
int try_create_qp(struct side *side);
int try_alloc_mr(struct side *side);

int side_post(struct side *side, enum ib_wr_opcode opcode, u32 len, int flags,
	      u64 id);
int side_write(struct side *side, u64 raddr, u32 rkey, u32 len);
int side_recv(struct side *side, u32 off, u32 len, u64 id);
int side_set_mtu(struct side *side, int mtu);
bool side_poll(struct side *side, struct ib_wc *wc);
enum ib_wc_status side_status(struct side *side);
enum ib_qp_state side_state(struct side *side);
u64 side_count(struct side *side, enum sim_counter which);
u64 side_hits(struct side *side, enum sim_fault which);
int side_fault(struct side *side, enum sim_fault which, const char *text);
int side_rule(struct side *side, unsigned int slot, const char *text);

/* Wait until @cond, for a limited time; false if it did not come true. */
#define wait_until(cond)						\
({									\
	unsigned long __deadline = jiffies + 20 * HZ;			\
	bool __late = false;						\
	bool __ok;							\
									\
	/* Once more at the end: others may have had all of the time. */ \
	while (!(__ok = (cond)) && !__late) {				\
		usleep_range(50, 200);					\
		__late = time_after(jiffies, __deadline);		\
	}								\
	__ok;								\
})

#endif /* SMCSIM_TEST_FIXTURE_H */
