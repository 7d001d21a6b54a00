/* SPDX-License-Identifier: GPL-2.0 */
/* Between the two halves of the load program, client and server. */
#ifndef _SMC_SELFTEST_LOAD_H
#define _SMC_SELFTEST_LOAD_H

#include <sys/socket.h>

#include "common.h"

#define LOAD_MAGIC	0x4c4f4144u

enum load_mode {
	LOAD_RR = 1,	/* rounds of @size bytes each way */
	LOAD_BULK = 2,	/* @count bytes each way at once, checked */
	LOAD_HOLD = 3,	/* stay open until either side ends it */
};

/* What a client sends first on each connection, network order. */
struct load_request {
	__u32 magic;
	__u32 mode;
	__u32 size;		/* rr: bytes a message; bulk: bytes a call */
	__u32 seed;
	__u64 count;		/* rr: rounds; bulk: bytes each way */
};

/* What a server sends last on a bulk connection, network order. */
struct load_result {
	__u64 diff;		/* first difference, ~0 if none */
};

/* Why a connection ended early: an errno, or a name of our own. */
struct load_error {
	const char *what;	/* NULL if there was none */
	int err;
	long long at;		/* stream position, -1 if not applicable */
};

struct load_config {
	int af;			/* AF_INET, AF_INET6 or AF_SMC */
	int protocol;
	struct sockaddr_storage sa;
	socklen_t sa_len;
	int timeout_s;		/* of each blocking call */
	bool nodelay;
	int buffer;		/* bytes of either buffer, 0: default */
	int expect_mode;	/* SMC_DIAG_MODE_*, -1 for any */
};

bool load_has_mode(int fd, const struct load_config *cfg,
		   struct smc_view *view);
int load_socket(const struct load_config *cfg);
void load_set_timeout(int fd, int seconds);
bool load_send(int fd, const void *buf, size_t len, struct load_error *e);
bool load_recv(int fd, void *buf, size_t len, struct load_error *e);
void load_rr(int fd, __u32 size, __u64 rounds, bool first,
	     struct load_error *e);
void load_bulk(int fd, __u64 bytes, __u32 chunk, __u32 tx_seed,
	       __u32 rx_seed, struct load_error *e);
const char *load_errname(int err);
int load_serve(const struct load_config *cfg);

#endif
