/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of KUnit as the suites of proto/ use, for running them as a program:
 * under the sanitizers, for coverage, or just quickly. A failed assertion ends
 * the case by longjmp, as in the kernel it ends the case's thread.
 */
#ifndef _SMC_FUZZ_KUNIT_TEST_H
#define _SMC_FUZZ_KUNIT_TEST_H

#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "../../../../../../net/smc/proto/port.h"

#define KUNIT_PARAM_DESC_SIZE	128
#define KUNIT_ALLOCS_MAX	4096
#define BIT(n)			(1ul << (n))
#define GFP_KERNEL		0

/* Longer strings than @size do not occur in tests. */
static inline ssize_t strscpy(char *dst, const char *src, size_t size)
{
	int len = snprintf(dst, size, "%s", src);

	return len < 0 || (size_t)len >= size ? -E2BIG : len;
}

struct kunit {
	const void *param_value;
	jmp_buf end;
	bool failed;
	void *allocs[KUNIT_ALLOCS_MAX];
	size_t num_allocs;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *prev, char *desc);
};

struct kunit_suite {
	const char *name;
	struct kunit_case *test_cases;
};

void kunit_register(struct kunit_suite *suite);

#define kunit_test_suite(suite)						\
	static void __attribute__((constructor)) kunit_register_it(void) \
	{								\
		kunit_register(&(suite));				\
	}								\
	struct kunit_suite

#define KUNIT_CASE(f)		{ .run_case = f, .name = #f }
#define KUNIT_CASE_PARAM(f, g)	\
	{ .run_case = f, .name = #f, .generate_params = g }

#define KUNIT_ARRAY_PARAM_DESC(id, array, member)			\
	static const void *id##_gen_params(const void *prev, char *desc) \
	{								\
		__typeof__(&(array)[0]) p = prev;			\
									\
		p = p ? p + 1 : (array);				\
		if (p == (array) + ARRAY_SIZE(array))			\
			return NULL;					\
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", p->member);	\
		return p;						\
	}								\
	struct kunit

static inline void *kunit_kmalloc(struct kunit *test, size_t n, int gfp)
{
	void *p = malloc(n);

	(void)gfp;
	if (!p || test->num_allocs == KUNIT_ALLOCS_MAX)
		abort();
	test->allocs[test->num_allocs++] = p;
	return p;
}

#define KUNIT_FAIL_AT(test, fatal, what, ...) do {			\
	printf("        # %s:%d: %s", __FILE__, __LINE__, what);	\
	printf(__VA_ARGS__);						\
	printf("\n");							\
	(test)->failed = true;						\
	if (fatal)							\
		longjmp((test)->end, 1);				\
} while (0)

#define KUNIT_CHECK(test, fatal, cond, what, ...) do {			\
	if (!(cond))							\
		KUNIT_FAIL_AT(test, fatal, what, __VA_ARGS__);		\
} while (0)

#define KUNIT_CMP(test, fatal, a, op, b, ...)				\
	KUNIT_CHECK(test, fatal, (a) op (b), #a " " #op " " #b, " " __VA_ARGS__)

#define KUNIT_EXPECT_EQ(t, a, b)	KUNIT_CMP(t, 0, a, ==, b)
#define KUNIT_EXPECT_NE(t, a, b)	KUNIT_CMP(t, 0, a, !=, b)
#define KUNIT_EXPECT_GT(t, a, b)	KUNIT_CMP(t, 0, a, >, b)
#define KUNIT_EXPECT_LE(t, a, b)	KUNIT_CMP(t, 0, a, <=, b)
#define KUNIT_EXPECT_TRUE(t, a)		KUNIT_CMP(t, 0, !!(a), ==, true)
#define KUNIT_EXPECT_FALSE(t, a)	KUNIT_CMP(t, 0, !!(a), ==, false)
#define KUNIT_EXPECT_MEMEQ(t, a, b, n)	KUNIT_CMP(t, 0, memcmp(a, b, n), ==, 0)
#define KUNIT_EXPECT_EQ_MSG(t, a, b, ...) \
	KUNIT_CMP(t, 0, a, ==, b, __VA_ARGS__)
#define KUNIT_EXPECT_TRUE_MSG(t, a, ...) \
	KUNIT_CMP(t, 0, !!(a), ==, true, __VA_ARGS__)

#define KUNIT_ASSERT_EQ(t, a, b)	KUNIT_CMP(t, 1, a, ==, b)
#define KUNIT_ASSERT_NE(t, a, b)	KUNIT_CMP(t, 1, a, !=, b)
#define KUNIT_ASSERT_GT(t, a, b)	KUNIT_CMP(t, 1, a, >, b)
#define KUNIT_ASSERT_GE(t, a, b)	KUNIT_CMP(t, 1, a, >=, b)
#define KUNIT_ASSERT_LT(t, a, b)	KUNIT_CMP(t, 1, a, <, b)
#define KUNIT_ASSERT_LE(t, a, b)	KUNIT_CMP(t, 1, a, <=, b)
#define KUNIT_ASSERT_TRUE(t, a)		KUNIT_CMP(t, 1, !!(a), ==, true)
#define KUNIT_ASSERT_NOT_NULL(t, a)	KUNIT_CMP(t, 1, !(a), ==, false)
#define KUNIT_ASSERT_MEMEQ(t, a, b, n)	KUNIT_CMP(t, 1, memcmp(a, b, n), ==, 0)
#define KUNIT_ASSERT_EQ_MSG(t, a, b, ...) \
	KUNIT_CMP(t, 1, a, ==, b, __VA_ARGS__)

#endif
