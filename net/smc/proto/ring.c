// SPDX-License-Identifier: GPL-2.0
/*
 * Ring arithmetic. Sizes are powers of two between 16 KiB and 512 MiB, so the
 * sum of an offset and a length always fits into 32 bits.
 */
#include "ring.h"

/**
 * smc_cursor_add() - move a cursor forward
 * @cur: cursor, its count smaller than @size
 * @size: size of the ring, bytes
 * @n: distance, bytes, at most @size
 *
 * Context: any.
 */
void smc_cursor_add(struct smc_cursor *cur, u32 size, u32 n)
{
	cur->count += n;
	if (cur->count >= size) {
		cur->count -= size;
		cur->wrap++;
	}
}

/**
 * smc_cursor_diff() - number of bytes from one cursor to a later one
 * @old: earlier cursor
 * @new: later cursor, at most one ring size ahead of @old
 * @size: size of the ring, bytes
 *
 * For cursors of our own making; what a peer sent goes to smc_cursor_step().
 *
 * Context: any.
 * Return: distance in bytes, 0 to @size.
 */
u32 smc_cursor_diff(struct smc_cursor old, struct smc_cursor new, u32 size)
{
	if (old.wrap == new.wrap)
		return new.count - old.count;
	return size - old.count + new.count;
}

/**
 * smc_cursor_step() - check a cursor received from the peer
 * @old: last accepted value of the cursor
 * @new: received value
 * @size: size of the ring, bytes
 * @max: longest step the peer may take now, bytes
 * @n: where to put the length of the step, bytes; untouched on error
 *
 * A cursor never moves back, so an older value is a message overtaken by a
 * later one and means nothing. A value outside the ring, or further ahead than
 * the peer had room for, is a violation.
 *
 * Context: any.
 * Return: 0, -ESTALE if @new lies behind @old, -EPROTO if it cannot be.
 */
int smc_cursor_step(struct smc_cursor old, struct smc_cursor new, u32 size,
		    u32 max, u32 *n)
{
	u16 wraps = (u16)(new.wrap - old.wrap);
	u32 step;

	if (new.count >= size)
		return -EPROTO;
	if ((s16)wraps < 0 || (!wraps && new.count < old.count))
		return -ESTALE;
	if (wraps > 1)
		return -EPROTO;

	step = smc_cursor_diff(old, new, size);
	if (step > size || step > max)
		return -EPROTO;
	*n = step;
	return 0;
}

/**
 * smc_ring_spans() - cut a copy between two rings where either one ends
 * @spans: room for SMC_SPANS_MAX pieces
 * @src: start in the source ring, smaller than @src_size
 * @src_size: size of the source ring, bytes
 * @dst: start in the destination ring, smaller than @dst_size
 * @dst_size: size of the destination ring, bytes
 * @len: length of the copy, at most the smaller size
 *
 * Context: any.
 * Return: number of pieces, in order; 0 if @len is 0.
 */
unsigned int smc_ring_spans(struct smc_span *spans, u32 src, u32 src_size,
			    u32 dst, u32 dst_size, u32 len)
{
	unsigned int num = 0;

	while (len && num < SMC_SPANS_MAX) {
		u32 piece = len;

		if (piece > src_size - src)
			piece = src_size - src;
		if (piece > dst_size - dst)
			piece = dst_size - dst;

		spans[num].src = src;
		spans[num].dst = dst;
		spans[num].len = piece;
		num++;

		src = src + piece == src_size ? 0 : src + piece;
		dst = dst + piece == dst_size ? 0 : dst + piece;
		len -= piece;
	}
	return num;
}

/**
 * smc_ring_bytes() - size of an RMB element from its code
 * @code: size code of CLC messages; above SMC_RING_MAX_CODE counts as that
 *
 * Context: any.
 * Return: size in bytes.
 */
u32 smc_ring_bytes(u8 code)
{
	if (code > SMC_RING_MAX_CODE)
		code = SMC_RING_MAX_CODE;
	return SMC_RING_MIN_BYTES << code;
}

/**
 * smc_ring_code() - code of the smallest ring that holds a number of bytes
 * @bytes: wanted size
 *
 * Context: any.
 * Return: size code, SMC_RING_MAX_CODE if no ring is large enough.
 */
u8 smc_ring_code(u32 bytes)
{
	u8 code = 0;

	while (code < SMC_RING_MAX_CODE && smc_ring_bytes(code) < bytes)
		code++;
	return code;
}
