// SPDX-License-Identifier: GPL-2.0
/* Runs the KUnit suites of proto/ as a program and prints KTAP. */
#include <kunit/test.h>

#define SUITES_MAX	32

static struct kunit_suite *suites[SUITES_MAX];
static unsigned int num_suites;

void kunit_register(struct kunit_suite *suite)
{
	if (num_suites == SUITES_MAX)
		abort();
	suites[num_suites++] = suite;
}

static bool run_once(const struct kunit_case *c, const void *param)
{
	struct kunit *test = calloc(1, sizeof(*test));
	bool ok;

	if (!test)
		abort();
	test->param_value = param;
	if (!setjmp(test->end))
		c->run_case(test);
	ok = !test->failed;
	while (test->num_allocs)
		free(test->allocs[--test->num_allocs]);
	free(test);
	return ok;
}

static bool run_case(const struct kunit_case *c)
{
	char desc[KUNIT_PARAM_DESC_SIZE];
	const void *param = NULL;
	bool ok = true;

	if (!c->generate_params)
		return run_once(c, NULL);
	while ((param = c->generate_params(param, desc))) {
		bool one = run_once(c, param);

		if (!one)
			printf("        # %s: failed with \"%s\"\n", c->name,
			       desc);
		ok = ok && one;
	}
	return ok;
}

static bool run_suite(const struct kunit_suite *s)
{
	unsigned int num = 0, i;
	bool ok = true;

	while (s->test_cases[num].run_case)
		num++;
	printf("    KTAP version 1\n    # Subtest: %s\n    1..%u\n", s->name,
	       num);
	for (i = 0; i < num; i++) {
		bool one = run_case(&s->test_cases[i]);

		printf("    %s %u %s\n", one ? "ok" : "not ok", i + 1,
		       s->test_cases[i].name);
		ok = ok && one;
	}
	return ok && num;
}

int main(void)
{
	unsigned int i;
	bool ok = true;

	printf("KTAP version 1\n1..%u\n", num_suites);
	for (i = 0; i < num_suites; i++) {
		bool one = run_suite(suites[i]);

		printf("%s %u %s\n", one ? "ok" : "not ok", i + 1,
		       suites[i]->name);
		ok = ok && one;
	}
	return ok && num_suites ? 0 : 1;
}
