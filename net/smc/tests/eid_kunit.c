// SPDX-License-Identifier: GPL-2.0
/* EIDs as users write them, and which of two lists both have. */
#include "vectors.h"
#include "../proto/eid.h"

struct eid_row {
	const char *desc;
	const char *text;
	const char *eid;	/* NULL: invalid */
};

#define LONGEST	"ABCDEFGHIJKLMNOPQRSTUVWXYZ.-0189"

static const struct eid_row eid_rows[] = {
	{ "plain", "SMCTEST1", "SMCTEST1                        " },
	{ "one letter", "A", "A                               " },
	{ "one digit", "0", "0                               " },
	{ "longest", LONGEST, LONGEST },
	{ "dots and hyphens", "Z-9..A--", "Z-9..A--                        " },
	{ "padded", "SMCTEST1                        ",
	  "SMCTEST1                        " },
	{ "some blanks at the end", "AB  ",
	  "AB                              " },
	{ "empty", "", NULL },
	{ "one blank", " ", NULL },
	{ "only blanks", "                                ", NULL },
	{ "blank before", " SMCTEST1", NULL },
	{ "blank inside", "SMC TEST1", NULL },
	{ "33 characters", LONGEST "A", NULL },
	{ "33 characters, the last is a blank", LONGEST " ", NULL },
	{ "much too long", LONGEST LONGEST, NULL },
	{ "lower case", "SMCtEST1", NULL },
	{ "lower case first", "sMCTEST1", NULL },
	{ "dot first", ".SMCTEST1", NULL },
	{ "hyphen first", "-SMCTEST1", NULL },
	{ "wildcard", "SMC*", NULL },
	{ "one character of any kind", "SMC?", NULL },
	{ "underscore", "SMC_TEST", NULL },
	{ "before the dot", "SMC,", NULL },
	{ "after the dot", "SMC/", NULL },
	{ "after the digits", "SMC:", NULL },
	{ "before upper case", "SMC@", NULL },
	{ "after upper case", "SMC[", NULL },
	{ "tab", "SMC\t", NULL },
	{ "line feed", "SMCTEST1\n", NULL },
	{ "letter of Latin-1", "SMC\xc9", NULL },
	{ "letter of UTF-8", "\xc3\x89SMC", NULL },
};

KUNIT_ARRAY_PARAM_DESC(eid, eid_rows, desc);

static void eid_is_padded_or_refused(struct kunit *test)
{
	const struct eid_row *row = test->param_value;
	static const struct smc_eid none;
	struct smc_eid eid;
	bool valid;

	memset(&eid, 0xa5, sizeof(eid));
	valid = smc_eid_parse(row->text, &eid);

	KUNIT_ASSERT_EQ(test, valid, !!row->eid);
	KUNIT_EXPECT_MEMEQ(test, eid.name, row->eid ? (const u8 *)row->eid :
						      none.name, SMC_EID_LEN);
	KUNIT_EXPECT_EQ(test, smc_eid_valid(&eid), valid);
}

static void eid_stays_when_parsed_again(struct kunit *test)
{
	const struct eid_row *row = test->param_value;
	char text[SMC_EID_LEN + 1] = {};
	struct smc_eid once, twice;

	if (!smc_eid_parse(row->text, &once))
		return;
	memcpy(text, once.name, SMC_EID_LEN);
	KUNIT_ASSERT_TRUE(test, smc_eid_parse(text, &twice));
	KUNIT_EXPECT_TRUE(test, smc_eid_equal(&once, &twice));
}

/* Against one character at a time: which are good where. */
static void every_character_is_judged(struct kunit *test)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	struct smc_eid eid;
	unsigned int c;
	bool good;
	int pos;

	for (c = 0; c < 256; c++) {
		good = c && memchr(first, (int)c, sizeof(first) - 1);
		for (pos = 0; pos < SMC_EID_LEN; pos++) {
			bool want = good || (pos && (c == '.' || c == '-')) ||
				    (pos == SMC_EID_LEN - 1 && c == ' ');

			memset(&eid, 'X', sizeof(eid));
			eid.name[pos] = (u8)c;
			KUNIT_ASSERT_EQ(test, smc_eid_valid(&eid), want);
		}
	}
}

static void built_in_eid_is_valid(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, smc_eid_valid(&smc_eid_subnet));
}

#define MAX_EIDS	3

struct match_row {
	const char *desc;
	const char *offered[MAX_EIDS];
	const char *own[MAX_EIDS];
	int match;		/* index in offered, -1: none */
};

static const struct match_row match_rows[] = {
	{ "the same", { "A" }, { "A" }, 0 },
	{ "another", { "A" }, { "B" }, -1 },
	{ "nothing offered", { NULL }, { "A" }, -1 },
	{ "nothing here", { "A" }, { NULL }, -1 },
	{ "nothing at all", { NULL }, { NULL }, -1 },
	{ "second here", { "A" }, { "B", "A" }, 0 },
	{ "second offered", { "A", "B" }, { "B" }, 1 },
	{ "the client's order counts", { "C", "B", "A" }, { "A", "B" }, 1 },
	{ "last of both", { "A", "B", "C" }, { "D", "E", "C" }, 2 },
	{ "beginning is not enough", { "AB" }, { "A", "ABC" }, -1 },
	{ "no wildcards", { "A.", "A-B" }, { "AB", "A.B" }, -1 },
	{ "all bytes count", { "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345" },
	  { "ABCDEFGHIJKLMNOPQRSTUVWXYZ012346" }, -1 },
};

KUNIT_ARRAY_PARAM_DESC(match, match_rows, desc);

static unsigned int parse_all(struct kunit *test, const char * const *texts,
			      struct smc_eid *eids)
{
	unsigned int num = 0;

	while (num < MAX_EIDS && texts[num]) {
		KUNIT_ASSERT_TRUE(test, smc_eid_parse(texts[num], &eids[num]));
		num++;
	}
	return num;
}

static void first_common_eid_is_found(struct kunit *test)
{
	const struct match_row *row = test->param_value;
	struct smc_eid offered[MAX_EIDS], own[MAX_EIDS];
	const struct smc_eid *want = NULL;
	unsigned int num_offered, num_own;

	num_offered = parse_all(test, row->offered, offered);
	num_own = parse_all(test, row->own, own);
	if (row->match >= 0)
		want = &offered[row->match];

	KUNIT_EXPECT_TRUE(test, smc_eid_match(offered, num_offered, own,
					      num_own) == want);
}

static struct kunit_case eid_cases[] = {
	KUNIT_CASE_PARAM(eid_is_padded_or_refused, eid_gen_params),
	KUNIT_CASE_PARAM(eid_stays_when_parsed_again, eid_gen_params),
	KUNIT_CASE(every_character_is_judged),
	KUNIT_CASE(built_in_eid_is_valid),
	KUNIT_CASE_PARAM(first_common_eid_is_found, match_gen_params),
	{}
};

static struct kunit_suite eid_suite = {
	.name = "smc_eid",
	.test_cases = eid_cases,
};

kunit_test_suite(eid_suite);
