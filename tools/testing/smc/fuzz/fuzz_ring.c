// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a life of two rings: a producer and a consumer that write, read
 * and tell each other, some of it wrong, against a model in 64 bits.
 */
#include "fuzz.h"
#include "../../../../net/smc/proto/ring.h"

struct life {
	unsigned int shift;
	u64 prod, cons;			/* model */
	struct smc_cursor pcur, ccur;	/* what is tested */
};

static struct smc_cursor cursor_of(const struct life *l, u64 pos)
{
	struct smc_cursor cur = {
		.wrap = (u16)(pos >> l->shift),
		.count = (u32)(pos & ((1ull << l->shift) - 1)),
	};

	return cur;
}

static void move(struct life *l, u64 *pos, struct smc_cursor *cur, u32 n)
{
	struct smc_cursor want;

	*pos += n;
	smc_cursor_add(cur, 1u << l->shift, n);
	want = cursor_of(l, *pos);
	MUST(cur->wrap == want.wrap && cur->count == want.count);
}

/* The peer says that it has moved by @delta, of which @max are allowed. */
static void hear(const struct life *l, u64 pos, s16 far, u32 near, u32 max)
{
	u64 size = 1ull << l->shift, base = 65536 * size + pos, told;
	u32 n = 0;
	int rc, want;

	/* Up to 16384 wraps away: further is not known from the other side. */
	told = base + (u64)((far / 2) * (int64_t)size) + near % size;
	if (told < base)
		want = -ESTALE;
	else if (told - base > size || told - base > max)
		want = -EPROTO;
	else
		want = 0;
	rc = smc_cursor_step(cursor_of(l, base), cursor_of(l, told),
			     (u32)size, max, &n);
	MUST(rc == want);
	if (!rc)
		MUST(n == told - base);
}

static void cut(struct fuzz_input *in)
{
	u32 a = 1u << fuzz_u8(in) % 30, b = 1u << fuzz_u8(in) % 30;
	u32 src = fuzz_u32(in) % a, dst = fuzz_u32(in) % b;
	u32 len = fuzz_u32(in) % ((a < b ? a : b) + 1), sum = 0;
	struct smc_span s[SMC_SPANS_MAX];
	unsigned int i, num;

	num = smc_ring_spans(s, src, a, dst, b, len);
	MUST(num <= SMC_SPANS_MAX);
	for (i = 0; i < num; i++) {
		MUST(s[i].len && s[i].len <= a - s[i].src &&
		     s[i].len <= b - s[i].dst);
		MUST(s[i].src == (src + sum) % a && s[i].dst == (dst + sum) % b);
		/* Cut only where a ring ends. */
		sum += s[i].len;
		if (i + 1 < num)
			MUST(!((src + sum) % a) || !((dst + sum) % b));
	}
	MUST(sum == len);
}

static void one_step(struct life *l, struct fuzz_input *in)
{
	u32 size = 1u << l->shift, n = fuzz_u32(in);
	u32 used = (u32)(l->prod - l->cons);
	s16 far;

	switch (fuzz_u8(in) % 4) {
	case 0:
		move(l, &l->prod, &l->pcur, n % (size - used + 1));
		break;
	case 1:
		move(l, &l->cons, &l->ccur, n % (used + 1));
		break;
	case 2:
		far = (s16)fuzz_u32(in);
		hear(l, l->prod, far, n, fuzz_u32(in));
		break;
	case 3:
		cut(in);
		break;
	}
	MUST(smc_cursor_diff(l->ccur, l->pcur, size) == l->prod - l->cons);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct life l = { .shift = 14 + fuzz_u8(&in) % 16 };
	u32 bytes = fuzz_u32(&in);
	u8 code = smc_ring_code(bytes);

	MUST(code <= SMC_RING_MAX_CODE);
	MUST(smc_ring_bytes(code) >= bytes || code == SMC_RING_MAX_CODE);
	MUST(!code || smc_ring_bytes(code - 1) < bytes);

	/* Begin shortly before the wrap number wraps. */
	l.prod = (u64)(65530 + fuzz_u8(&in) % 8) << l.shift;
	l.cons = l.prod;
	l.pcur = cursor_of(&l, l.prod);
	l.ccur = l.pcur;
	while (in.size)
		one_step(&l, &in);
	return 0;
}
