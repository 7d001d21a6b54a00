// SPDX-License-Identifier: GPL-2.0
/*
 * Ring arithmetic against tables and against a model that counts bytes since
 * the beginning of time in 64 bits.
 */
#include "vectors.h"
#include "../proto/ring.h"

#define K	1024u
#define WALK	20000

struct step_row {
	const char *desc;
	struct smc_cursor old, new;
	u32 size, max;
	int rc;
	u32 n;
};

static const struct step_row step_rows[] = {
	{ "same", { 0, 0 }, { 0, 0 }, 16 * K, 0, 0, 0 },
	{ "one byte", { 0, 0 }, { 0, 1 }, 16 * K, 1, 0, 1 },
	{ "up to the end", { 3, 9 }, { 3, 16383 }, 16 * K, 16384, 0, 16374 },
	{ "onto the start", { 3, 9 }, { 4, 0 }, 16 * K, 16384, 0, 16375 },
	{ "across the end", { 3, 16383 }, { 4, 5 }, 16 * K, 6, 0, 6 },
	{ "whole ring", { 0, 0 }, { 1, 0 }, 64 * K, 64 * K, 0, 64 * K },
	{ "whole ring, off start", { 8, 7 }, { 9, 7 }, 64 * K, 64 * K, 0,
	  64 * K },
	{ "wrap number wraps", { 65535, 100 }, { 0, 50 }, 16 * K, 16384, 0,
	  16334 },
	{ "largest ring", { 0, 1 }, { 1, 1 }, 512 * K * K, ~0u, 0,
	  512 * K * K },
	{ "one byte back", { 0, 1 }, { 0, 0 }, 16 * K, 16384, -ESTALE },
	{ "one wrap back", { 1, 5 }, { 0, 16383 }, 16 * K, 16384, -ESTALE },
	{ "back over the wrap number", { 0, 5 }, { 65535, 9 }, 16 * K, 16384,
	  -ESTALE },
	{ "far back", { 40000, 5 }, { 10000, 9 }, 16 * K, 16384, -ESTALE },
	{ "count is size", { 0, 0 }, { 0, 16384 }, 16 * K, 16384, -EPROTO },
	{ "count beyond size", { 0, 0 }, { 0, ~0u }, 16 * K, ~0u, -EPROTO },
	{ "count is size, behind", { 5, 0 }, { 4, 16384 }, 16 * K, 16384,
	  -EPROTO },
	{ "more than allowed", { 0, 0 }, { 0, 101 }, 16 * K, 100, -EPROTO },
	{ "more than allowed, wrapped", { 0, 16380 }, { 1, 0 }, 16 * K, 3,
	  -EPROTO },
	{ "more than a ring", { 0, 5 }, { 1, 6 }, 16 * K, ~0u, -EPROTO },
	{ "two wraps", { 0, 16383 }, { 2, 0 }, 16 * K, ~0u, -EPROTO },
	{ "two wraps over the wrap number", { 65535, 16383 }, { 1, 0 }, 16 * K,
	  ~0u, -EPROTO },
	{ "far ahead", { 0, 0 }, { 32767, 0 }, 16 * K, ~0u, -EPROTO },
	{ "so far ahead that it is behind", { 0, 0 }, { 32768, 0 }, 16 * K,
	  ~0u, -ESTALE },
};

KUNIT_ARRAY_PARAM_DESC(step, step_rows, desc);

static void cursor_step_checks_the_peer(struct kunit *test)
{
	const struct step_row *row = test->param_value;
	u32 n = 0xdeadbeef;
	int rc;

	rc = smc_cursor_step(row->old, row->new, row->size, row->max, &n);

	KUNIT_EXPECT_EQ(test, rc, row->rc);
	KUNIT_EXPECT_EQ(test, n, row->rc ? 0xdeadbeef : row->n);
	if (!rc)
		KUNIT_EXPECT_EQ(test, n, smc_cursor_diff(row->old, row->new,
							 row->size));
}

struct add_row {
	const char *desc;
	struct smc_cursor cur;
	u32 n;
	struct smc_cursor want;
};

static const struct add_row add_rows[] = {
	{ "nothing", { 7, 9 }, 0, { 7, 9 } },
	{ "inside", { 7, 9 }, 100, { 7, 109 } },
	{ "last byte", { 7, 16382 }, 1, { 7, 16383 } },
	{ "onto the end", { 7, 16383 }, 1, { 8, 0 } },
	{ "over the end", { 7, 16383 }, 3, { 8, 2 } },
	{ "whole ring", { 7, 9 }, 16384, { 8, 9 } },
	{ "whole ring from 0", { 7, 0 }, 16384, { 8, 0 } },
	{ "wrap number wraps", { 65535, 16000 }, 384, { 0, 0 } },
};

KUNIT_ARRAY_PARAM_DESC(add, add_rows, desc);

static void cursor_add_wraps(struct kunit *test)
{
	const struct add_row *row = test->param_value;
	struct smc_cursor cur = row->cur;

	smc_cursor_add(&cur, 16 * K, row->n);

	KUNIT_EXPECT_EQ(test, cur.wrap, row->want.wrap);
	KUNIT_EXPECT_EQ(test, cur.count, row->want.count);
	KUNIT_EXPECT_EQ(test, smc_cursor_diff(row->cur, cur, 16 * K), row->n);
}

/* The size of the rings here is a power of two, so shifts will do. */
static struct smc_cursor model_cursor(u64 pos, unsigned int shift)
{
	struct smc_cursor cur = {
		.wrap = (u16)(pos >> shift),
		.count = (u32)(pos & ((1ull << shift) - 1)),
	};

	return cur;
}

static void cursor_walk_agrees_with_model(struct kunit *test)
{
	u64 seed = 7609, pos = 0;
	struct smc_cursor cur = { 0, 0 };
	const unsigned int shift = 14;
	int i;

	/* Big steps, so that the 16-bit wrap number wraps on the way. */
	for (i = 0; i < 8 * WALK; i++) {
		u32 n = smc_vec_below(&seed, (1u << shift) + 1);
		struct smc_cursor before = cur, want;

		smc_cursor_add(&cur, 1u << shift, n);
		pos += n;
		want = model_cursor(pos, shift);
		KUNIT_ASSERT_EQ(test, cur.wrap, want.wrap);
		KUNIT_ASSERT_EQ(test, cur.count, want.count);
		KUNIT_ASSERT_EQ(test, smc_cursor_diff(before, cur, 1u << shift),
				n);
	}
	KUNIT_EXPECT_GT(test, pos >> shift, 65536ull);
}

static void cursor_step_agrees_with_model(struct kunit *test)
{
	int i, stale = 0, wrong = 0, good = 0;
	u64 seed = 43;

	for (i = 0; i < WALK; i++) {
		unsigned int shift = 14 + smc_vec_below(&seed, 16);
		u32 size = 1u << shift, n = 0, max;
		u64 old, new;
		int rc, want;

		/* Far from 0, that "behind" stays positive. */
		old = ((u64)smc_vec_below(&seed, 1 << 18) + 4) << shift;
		old += smc_vec_below(&seed, size);
		new = old + smc_vec_below(&seed, 2 * size + 2) - size / 2;
		max = smc_vec_below(&seed, size + size / 4);

		want = new < old ? -ESTALE :
		       new - old > size || new - old > max ? -EPROTO : 0;
		rc = smc_cursor_step(model_cursor(old, shift),
				     model_cursor(new, shift), size, max, &n);
		KUNIT_ASSERT_EQ_MSG(test, rc, want, "%llu -> %llu, %u max %u",
				    (unsigned long long)old,
				    (unsigned long long)new, size, max);
		if (!rc)
			KUNIT_ASSERT_EQ(test, (u64)n, new - old);
		stale += rc == -ESTALE;
		wrong += rc == -EPROTO;
		good += !rc;
	}
	/* The walk has been everywhere. */
	KUNIT_EXPECT_GT(test, stale, WALK / 20);
	KUNIT_EXPECT_GT(test, wrong, WALK / 20);
	KUNIT_EXPECT_GT(test, good, WALK / 20);
}

struct span_row {
	const char *desc;
	u32 src, src_size, dst, dst_size, len;
	unsigned int num;
	struct smc_span want[SMC_SPANS_MAX];
};

static const struct span_row span_rows[] = {
	{ "nothing", 5, 64, 9, 64, 0, 0 },
	{ "straight", 5, 64, 9, 64, 40, 1, { { 5, 9, 40 } } },
	{ "both up to the end", 24, 64, 24, 64, 40, 1, { { 24, 24, 40 } } },
	{ "source ends", 60, 64, 0, 64, 10, 2, { { 60, 0, 4 }, { 0, 4, 6 } } },
	{ "destination ends", 0, 64, 60, 64, 10, 2,
	  { { 0, 60, 4 }, { 4, 0, 6 } } },
	{ "both end at once", 60, 64, 60, 64, 10, 2,
	  { { 60, 60, 4 }, { 0, 0, 6 } } },
	{ "source ends first", 60, 64, 58, 64, 10, 3,
	  { { 60, 58, 4 }, { 0, 62, 2 }, { 2, 0, 4 } } },
	{ "destination ends first", 58, 64, 60, 64, 10, 3,
	  { { 58, 60, 4 }, { 62, 0, 2 }, { 0, 2, 4 } } },
	{ "whole ring", 1, 64, 63, 64, 64, 3,
	  { { 1, 63, 1 }, { 2, 0, 62 }, { 0, 62, 1 } } },
	{ "unequal rings", 30, 32, 100, 128, 32, 3,
	  { { 30, 100, 2 }, { 0, 102, 26 }, { 26, 0, 4 } } },
};

KUNIT_ARRAY_PARAM_DESC(span, span_rows, desc);

static void spans_cut_where_a_ring_ends(struct kunit *test)
{
	const struct span_row *row = test->param_value;
	struct smc_span got[SMC_SPANS_MAX];
	unsigned int i, num;

	num = smc_ring_spans(got, row->src, row->src_size, row->dst,
			     row->dst_size, row->len);

	KUNIT_ASSERT_EQ(test, num, row->num);
	for (i = 0; i < num; i++) {
		KUNIT_EXPECT_EQ(test, got[i].src, row->want[i].src);
		KUNIT_EXPECT_EQ(test, got[i].dst, row->want[i].dst);
		KUNIT_EXPECT_EQ(test, got[i].len, row->want[i].len);
	}
}

/* Copy byte by byte, as the definition of a ring has it. */
static void model_copy(const u8 *from, u32 src, u32 src_size, u8 *to, u32 dst,
		       u32 dst_size, u32 len)
{
	while (len--) {
		to[dst] = from[src];
		src = (src + 1) % src_size;
		dst = (dst + 1) % dst_size;
	}
}

static void spans_agree_with_model(struct kunit *test)
{
	u8 from[128], want[128], got[128];
	u64 seed = 11;
	int i;
	u32 b;

	for (b = 0; b < sizeof(from); b++)
		from[b] = (u8)(b + 1);
	for (i = 0; i < WALK; i++) {
		u32 src_size = 1u << smc_vec_below(&seed, 8);
		u32 dst_size = 1u << smc_vec_below(&seed, 8);
		u32 src = smc_vec_below(&seed, src_size);
		u32 dst = smc_vec_below(&seed, dst_size);
		u32 most = src_size < dst_size ? src_size : dst_size;
		u32 len = smc_vec_below(&seed, most + 1);
		struct smc_span s[SMC_SPANS_MAX + 1];
		unsigned int k, num;

		s[SMC_SPANS_MAX].len = 0xabcd;
		num = smc_ring_spans(s, src, src_size, dst, dst_size, len);
		KUNIT_ASSERT_LE(test, num, (unsigned int)SMC_SPANS_MAX);
		KUNIT_ASSERT_EQ(test, s[SMC_SPANS_MAX].len, 0xabcdu);

		memset(want, 0, sizeof(want));
		memset(got, 0, sizeof(got));
		model_copy(from, src, src_size, want, dst, dst_size, len);
		for (k = 0; k < num; k++) {
			KUNIT_ASSERT_GT(test, s[k].len, 0u);
			KUNIT_ASSERT_LE(test, s[k].src + s[k].len, src_size);
			KUNIT_ASSERT_LE(test, s[k].dst + s[k].len, dst_size);
			memcpy(got + s[k].dst, from + s[k].src, s[k].len);
		}
		KUNIT_ASSERT_MEMEQ(test, got, want, sizeof(want));
	}
}

static void size_codes_are_powers_of_two(struct kunit *test)
{
	u8 code;

	for (code = 0; code <= SMC_RING_MAX_CODE; code++) {
		u32 bytes = smc_ring_bytes(code);

		KUNIT_EXPECT_EQ(test, bytes, 16 * K * (1u << code));
		KUNIT_EXPECT_EQ(test, smc_ring_code(bytes), code);
		KUNIT_EXPECT_EQ(test, smc_ring_code(bytes - 1), code);
		if (code < SMC_RING_MAX_CODE)
			KUNIT_EXPECT_EQ(test, smc_ring_code(bytes + 1),
					code + 1);
	}
}

static void size_codes_end_at_512_mib(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, smc_ring_bytes(15), 512 * K * K);
	KUNIT_EXPECT_EQ(test, smc_ring_bytes(16), 512 * K * K);
	KUNIT_EXPECT_EQ(test, smc_ring_bytes(255), 512 * K * K);
	KUNIT_EXPECT_EQ(test, smc_ring_code(0), 0);
	KUNIT_EXPECT_EQ(test, smc_ring_code(512 * K * K + 1), 15);
	KUNIT_EXPECT_EQ(test, smc_ring_code(~0u), 15);
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE_PARAM(cursor_step_checks_the_peer, step_gen_params),
	KUNIT_CASE_PARAM(cursor_add_wraps, add_gen_params),
	KUNIT_CASE(cursor_walk_agrees_with_model),
	KUNIT_CASE(cursor_step_agrees_with_model),
	KUNIT_CASE_PARAM(spans_cut_where_a_ring_ends, span_gen_params),
	KUNIT_CASE(spans_agree_with_model),
	KUNIT_CASE(size_codes_are_powers_of_two),
	KUNIT_CASE(size_codes_end_at_512_mib),
	{}
};

static struct kunit_suite ring_suite = {
	.name = "smc_ring",
	.test_cases = ring_cases,
};

kunit_test_suite(ring_suite);
