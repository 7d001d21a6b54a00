/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzz targets share. A broken property aborts, which is a crash. */
#ifndef _SMC_FUZZ_H
#define _SMC_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "../../../../net/smc/proto/port.h"

#define MUST(cond) do {							\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: violated: %s\n", __FILE__,	\
			__LINE__, #cond);				\
		abort();						\
	}								\
} while (0)

/* The entry point of libFuzzer, and of replay.c. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* The next @n bytes of the input, zeroes after its end. */
struct fuzz_input {
	const u8 *data;
	size_t size;
};

static inline void fuzz_bytes(struct fuzz_input *in, void *dst, size_t n)
{
	size_t have = n < in->size ? n : in->size;

	memset(dst, 0, n);
	if (have)
		memcpy(dst, in->data, have);
	in->data += have;
	in->size -= have;
}

static inline u32 fuzz_u32(struct fuzz_input *in)
{
	u8 b[4];

	fuzz_bytes(in, b, sizeof(b));
	return (u32)b[0] << 24 | (u32)b[1] << 16 | (u32)b[2] << 8 | b[3];
}

static inline u8 fuzz_u8(struct fuzz_input *in)
{
	u8 b;

	fuzz_bytes(in, &b, 1);
	return b;
}

static inline bool fuzz_all_zero(const void *p, size_t n)
{
	const u8 *b = p;

	while (n--)
		if (*b++)
			return false;
	return true;
}

#endif
