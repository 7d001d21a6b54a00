// SPDX-License-Identifier: GPL-2.0
/*
 * PNET IDs as users write them.
 */
#include <kunit/test.h>
#include "../proto/pnetid.h"

struct pnetid_row {
	const char *desc;
	const char *text;
	const char *pnetid;	/* NULL: invalid */
};

static const struct pnetid_row pnetid_rows[] = {
	{ "plain", "NET1", "NET1" },
	{ "shortest", "0", "0" },
	{ "longest", "ABCDEFGHIJ012345", "ABCDEFGHIJ012345" },
	{ "lower case becomes upper", "azAZ09", "AZAZ09" },
	{ "blanks around", "  net1 ", "NET1" },
	{ "tabs around", "\tnet1\t", "NET1" },
	{ "longest with blanks", " abcdefghij012345 ", "ABCDEFGHIJ012345" },
	{ "empty", "", NULL },
	{ "only blanks", "   ", NULL },
	{ "blank inside", "NET 1", NULL },
	{ "one too long", "ABCDEFGHIJ0123456", NULL },
	{ "much too long", "ABCDEFGHIJ0123456ABCDEFGHIJ0123456", NULL },
	{ "dash", "NET-1", NULL },
	{ "before the digits", "NET/", NULL },
	{ "after the digits", "NET:", NULL },
	{ "before upper case", "NET@", NULL },
	{ "after upper case", "NET[", NULL },
	{ "before lower case", "NET`", NULL },
	{ "after lower case", "NET{", NULL },
	{ "line feed", "NET1\n", NULL },
	{ "letter of Latin-1", "N\xc9T", NULL },
	{ "letter of UTF-8", "N\xc3\x89T", NULL },
};

KUNIT_ARRAY_PARAM_DESC(pnetid, pnetid_rows, desc);

static void pnetid_is_normalized_or_refused(struct kunit *test)
{
	const struct pnetid_row *row = test->param_value;
	char want[SMC_PNETID_LEN + 1] = {};
	char got[SMC_PNETID_LEN + 1];
	bool valid;

	memset(got, 0xff, sizeof(got));
	valid = smc_pnetid_normalize(row->text, got);

	KUNIT_ASSERT_EQ(test, valid, !!row->pnetid);
	if (!valid)
		return;
	strscpy(want, row->pnetid, sizeof(want));
	KUNIT_EXPECT_MEMEQ(test, got, want, sizeof(want));
}

static void pnetid_stays_when_normalized_again(struct kunit *test)
{
	const struct pnetid_row *row = test->param_value;
	char twice[SMC_PNETID_LEN + 1];
	char once[SMC_PNETID_LEN + 1];

	if (!smc_pnetid_normalize(row->text, once))
		return;
	KUNIT_EXPECT_TRUE(test, smc_pnetid_normalize(once, twice));
	KUNIT_EXPECT_MEMEQ(test, once, twice, sizeof(once));
}

static struct kunit_case pnetid_cases[] = {
	KUNIT_CASE_PARAM(pnetid_is_normalized_or_refused, pnetid_gen_params),
	KUNIT_CASE_PARAM(pnetid_stays_when_normalized_again, pnetid_gen_params),
	{}
};

static struct kunit_suite pnetid_suite = {
	.name = "smc_pnetid",
	.test_cases = pnetid_cases,
};

kunit_test_suite(pnetid_suite);
