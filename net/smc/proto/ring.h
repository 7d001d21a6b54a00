/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ring arithmetic: cursors with wrap counts, spans of ring space, and the
 * power-of-two size codes of RMB elements (RFC 7609 section 4.4 and 4.5).
 *
 * A cursor names a position in a byte ring: @count is the offset, always
 * smaller than the size of the ring, and @wrap counts the times the end was
 * passed, modulo 65536. Two cursors of one ring are never more than the size
 * of the ring apart; a full ring is (wrap + 1, count) against (wrap, count).
 */
#ifndef _SMC_PROTO_RING_H
#define _SMC_PROTO_RING_H

#include "port.h"

#define SMC_RING_MIN_BYTES	16384u
#define SMC_RING_MAX_CODE	15u

/**
 * struct smc_cursor - a position in a ring
 * @wrap: number of passes over the end of the ring, modulo 65536
 * @count: offset in bytes from the start of the ring
 */
struct smc_cursor {
	u16 wrap;
	u32 count;
};

/**
 * struct smc_span - a piece of a copy from one ring to another
 * @src: offset in the source ring, bytes
 * @dst: offset in the destination ring, bytes
 * @len: length, bytes; never crosses the end of either ring
 */
struct smc_span {
	u32 src;
	u32 dst;
	u32 len;
};

/* One wrap in each of the two rings cuts a copy into three pieces at most. */
#define SMC_SPANS_MAX	3

void smc_cursor_add(struct smc_cursor *cur, u32 size, u32 n);
u32 smc_cursor_diff(struct smc_cursor old, struct smc_cursor new, u32 size);
int smc_cursor_step(struct smc_cursor old, struct smc_cursor new, u32 size,
		    u32 max, u32 *n);
unsigned int smc_ring_spans(struct smc_span *spans, u32 src, u32 src_size,
			    u32 dst, u32 dst_size, u32 len);
u32 smc_ring_bytes(u8 code);
u8 smc_ring_code(u32 bytes);

#endif
