/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bounded reader and writer over a byte buffer, network order on the wire.
 *
 * An access past the end reads zeroes or writes nothing and sets @bad, which
 * stays set: a codec goes through all its fields and asks once at the end.
 */
#ifndef _SMC_PROTO_BYTES_H
#define _SMC_PROTO_BYTES_H

#include "port.h"

struct smc_reader {
	const u8 *pos;
	size_t left;
	bool bad;
};

struct smc_writer {
	u8 *pos;
	size_t left;
	bool bad;
};

/* The bytes of @buf from @off on; an offset past the end is remembered. */
static inline struct smc_reader smc_reader_at(const u8 *buf, size_t len,
					      size_t off)
{
	struct smc_reader r = { .pos = buf, .left = len };

	if (off > len) {
		r.left = 0;
		r.bad = true;
		return r;
	}
	r.pos += off;
	r.left -= off;
	return r;
}

/* Are @n bytes left? They lie at @pos, or before it once they are skipped. */
static inline bool smc_read_has(struct smc_reader *r, size_t n)
{
	if (n <= r->left)
		return true;
	r->left = 0;
	r->bad = true;
	return false;
}

static inline void smc_read_skip(struct smc_reader *r, size_t n)
{
	if (!smc_read_has(r, n))
		return;
	r->pos += n;
	r->left -= n;
}

static inline void smc_read_bytes(struct smc_reader *r, u8 *dst, size_t n)
{
	if (smc_read_has(r, n))
		memcpy(dst, r->pos, n);
	else
		memset(dst, 0, n);
	smc_read_skip(r, n);
}

/* An unsigned number of @n <= 8 bytes. */
static inline u64 smc_read_num(struct smc_reader *r, size_t n)
{
	u64 v = 0;
	size_t i;

	if (smc_read_has(r, n))
		for (i = 0; i < n; i++)
			v = v << 8 | r->pos[i];
	smc_read_skip(r, n);
	return v;
}

static inline u8 smc_read_u8(struct smc_reader *r)
{
	return (u8)smc_read_num(r, 1);
}

static inline u16 smc_read_u16(struct smc_reader *r)
{
	return (u16)smc_read_num(r, 2);
}

static inline u32 smc_read_u24(struct smc_reader *r)
{
	return (u32)smc_read_num(r, 3);
}

static inline u32 smc_read_u32(struct smc_reader *r)
{
	return (u32)smc_read_num(r, 4);
}

static inline u64 smc_read_u64(struct smc_reader *r)
{
	return smc_read_num(r, 8);
}

static inline struct smc_writer smc_writer_init(u8 *buf, size_t size)
{
	struct smc_writer w = { .pos = buf, .left = size };

	return w;
}

static inline u8 *smc_write_take(struct smc_writer *w, size_t n)
{
	u8 *p = w->pos;

	if (n > w->left) {
		w->left = 0;
		w->bad = true;
		return NULL;
	}
	w->pos += n;
	w->left -= n;
	return p;
}

static inline void smc_write_bytes(struct smc_writer *w, const u8 *src,
				   size_t n)
{
	u8 *p = smc_write_take(w, n);

	if (p)
		memcpy(p, src, n);
}

static inline void smc_write_zero(struct smc_writer *w, size_t n)
{
	u8 *p = smc_write_take(w, n);

	if (p)
		memset(p, 0, n);
}

/* The low @n <= 8 bytes of @v. */
static inline void smc_write_num(struct smc_writer *w, u64 v, size_t n)
{
	u8 *p = smc_write_take(w, n);

	while (p && n) {
		p[--n] = (u8)v;
		v >>= 8;
	}
}

static inline void smc_write_u8(struct smc_writer *w, u8 v)
{
	smc_write_num(w, v, 1);
}

static inline void smc_write_u16(struct smc_writer *w, u16 v)
{
	smc_write_num(w, v, 2);
}

static inline void smc_write_u24(struct smc_writer *w, u32 v)
{
	smc_write_num(w, v, 3);
}

static inline void smc_write_u32(struct smc_writer *w, u32 v)
{
	smc_write_num(w, v, 4);
}

static inline void smc_write_u64(struct smc_writer *w, u64 v)
{
	smc_write_num(w, v, 8);
}

#endif
