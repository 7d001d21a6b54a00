/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages as text, and numbers that look random and are not: what the suites
 * of proto/ share.
 */
#ifndef _SMC_TESTS_VECTORS_H
#define _SMC_TESTS_VECTORS_H

#include <kunit/test.h>

#define SMC_VEC_MAX	700	/* longer than any valid message here */

/* A message: @len bytes at @buf, which has room for more. */
struct smc_vec {
	u8 *buf;
	size_t len;
};

static inline int smc_vec_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/*
 * Two digits make a byte, "00*12" makes twelve, everything that is not a
 * lower-case digit separates.
 */
static inline void smc_vec_parse(struct kunit *test, struct smc_vec *v,
				 const char *hex)
{
	v->len = 0;
	v->buf = kunit_kmalloc(test, SMC_VEC_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, v->buf);
	while (*hex) {
		size_t n = 1;
		u8 byte;

		if (smc_vec_digit(hex[0]) < 0) {
			hex++;
			continue;
		}
		KUNIT_ASSERT_GE(test, smc_vec_digit(hex[1]), 0);
		byte = smc_vec_digit(hex[0]) << 4 | smc_vec_digit(hex[1]);
		hex += 2;
		if (*hex == '*')
			for (n = 0, hex++; *hex >= '0' && *hex <= '9'; hex++)
				n = n * 10 + (*hex - '0');
		KUNIT_ASSERT_LE(test, v->len + n, (size_t)SMC_VEC_MAX);
		memset(v->buf + v->len, byte, n);
		v->len += n;
	}
}

/* A copy that ends where an allocation ends: one byte further is a report. */
static inline u8 *smc_vec_exact(struct kunit *test, const u8 *buf, size_t len)
{
	u8 *copy = kunit_kmalloc(test, len ? len : 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, buf, len);
	return len ? copy : copy + 1;
}

/* The same sequence for the same seed, everywhere. */
static inline u32 smc_vec_random(u64 *seed)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return (u32)(*seed >> 32);
}

/* A number from 0 to @limit - 1. */
static inline u32 smc_vec_below(u64 *seed, u32 limit)
{
	return (u32)(((u64)smc_vec_random(seed) * limit) >> 32);
}

#endif
