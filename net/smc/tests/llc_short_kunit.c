// SPDX-License-Identifier: GPL-2.0
/*
 * The short forms of LLC messages of version 2: what a group with one link
 * needs of them is in the first SMC_LLC_LEN bytes.
 */
#include <kunit/test.h>
#include "../proto/llc_v2.h"

/* ADD LINK of 88 bytes, as Linux sends it. */
static const u8 add_link_head[SMC_LLC_LEN] = {
	0x22, 0x58, 0x00, 0x00, 0x52, 0x54, 0x00, 0x00, 0x01, 0x02, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 0x66,
	0x00, 0x00, 0x11, 0x02, 0x03, 0xe4, 0x37, 0x20,
};

struct head_row {
	const char *desc;
	u8 buf[SMC_LLC_LEN];
	size_t len;
	int want;
	u8 type;
};

#define HEAD(type, len)	{ type, len }

static const struct head_row head_rows[] = {
	{ "TEST LINK", HEAD(0x27, 44), 44, 0, SMC_LLC_TEST_LINK },
	{ "TEST LINK, other byte order", { 0x27, 0, 44 }, 44, 0,
	  SMC_LLC_TEST_LINK },
	{ "REQUEST ADD LINK, long", HEAD(0x25, 60), 60, 0,
	  SMC_LLC_REQ_ADD_LINK },
	{ "one rkey", { 0x29, 44, 0, 0, 1 }, 44, 0, SMC_LLC_DELETE_RKEY },
	{ "eight rkeys", { 0x29, 44, 0, 0, 8 }, 44, 0, SMC_LLC_DELETE_RKEY },
	{ "nine rkeys", { 0x29, 44, 0, 0, 9 }, 44, -EOPNOTSUPP },
	{ "no rkey", { 0x29, 44, 0, 0, 0 }, 44, -EPROTO },
	{ "answer without", { 0x29, 44, 0, 0x80, 0 }, 44, 0,
	  SMC_LLC_DELETE_RKEY },
	{ "too short", HEAD(0x27, 44), 43, -EMSGSIZE },
	{ "says to be shorter", HEAD(0x27, 43), 44, -EPROTO },
	{ "says to be longer", HEAD(0x27, 45), 44, -EPROTO },
	{ "version 1", HEAD(0x07, 44), 44, -EOPNOTSUPP },
	{ "type of version 1 only", HEAD(0x23, 44), 44, -EOPNOTSUPP },
	{ "no type", HEAD(0x2f, 44), 44, -EOPNOTSUPP },
};

KUNIT_ARRAY_PARAM_DESC(head, head_rows, desc);

static void head_is_read_or_refused(struct kunit *test)
{
	const struct head_row *row = test->param_value;
	struct smc_llc_msg msg, none = { };

	KUNIT_EXPECT_EQ(test, smc_llc_v2_decode_short(row->buf, row->len, &msg),
			row->want);
	if (row->want)
		KUNIT_EXPECT_MEMEQ(test, &msg, &none, sizeof(msg));
	else
		KUNIT_EXPECT_EQ(test, msg.type, row->type);
}

static void long_add_link_can_be_refused(struct kunit *test)
{
	u8 buf[SMC_LLC_LEN], want[SMC_LLC_LEN];
	struct smc_llc_msg msg;

	KUNIT_ASSERT_EQ(test, smc_llc_v2_decode_short(add_link_head, 88, &msg),
			0);
	KUNIT_EXPECT_EQ(test, msg.add_link.link_no, 2);
	KUNIT_EXPECT_EQ(test, msg.add_link.qpn, 0x11);
	KUNIT_EXPECT_EQ(test, msg.add_link.psn, 0xe43720);

	msg.flags = SMC_LLC_RESPONSE | SMC_LLC_ADD_LINK_REJECTED;
	KUNIT_ASSERT_EQ(test, smc_llc_v2_encode_short(buf, &msg,
						      SMC_LLC_LITTLE), 0);
	memcpy(want, add_link_head, sizeof(want));
	want[1] = SMC_LLC_LEN;
	want[3] = 0xc0;
	KUNIT_EXPECT_MEMEQ(test, buf, want, sizeof(buf));
}

static void answer_is_what_was_meant(struct kunit *test)
{
	struct smc_llc_msg msg = {
		.type = SMC_LLC_DELETE_RKEY,
		.flags = SMC_LLC_RESPONSE | SMC_LLC_RKEY_NEGATIVE,
		.delete_rkey = { .num = 2, .err_mask = 1,
				 .rkey = { 0x11223344, 0x55667788 } },
	};
	static const u8 want[SMC_LLC_LEN] = {
		0x29, 0, 44, 0xa0, 2, 1, 0, 0,
		0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
	};
	struct smc_llc_msg back;
	u8 buf[SMC_LLC_LEN];

	KUNIT_ASSERT_EQ(test, smc_llc_v2_encode_short(buf, &msg, SMC_LLC_BIG),
			0);
	KUNIT_EXPECT_MEMEQ(test, buf, want, sizeof(buf));
	KUNIT_ASSERT_EQ(test, smc_llc_v2_decode_short(buf, sizeof(buf), &back),
			0);
	KUNIT_EXPECT_EQ(test, back.delete_rkey.num, 2);
	KUNIT_EXPECT_EQ(test, back.delete_rkey.rkey[1], 0x55667788);
}

static void nonsense_is_not_sent(struct kunit *test)
{
	struct smc_llc_msg msg = { .type = SMC_LLC_DELETE_RKEY };
	u8 buf[SMC_LLC_LEN];

	KUNIT_EXPECT_EQ(test, smc_llc_v2_encode_short(buf, &msg, SMC_LLC_BIG),
			-EINVAL);
	msg.delete_rkey.num = SMC_LLC_DEL_RKEYS + 1;
	KUNIT_EXPECT_EQ(test, smc_llc_v2_encode_short(buf, &msg, SMC_LLC_BIG),
			-EINVAL);
	msg.type = SMC_LLC_ADD_LINK_CONT;
	KUNIT_EXPECT_EQ(test, smc_llc_v2_encode_short(buf, &msg, SMC_LLC_BIG),
			-EINVAL);
	msg.type = SMC_LLC_REQ_ADD_LINK;
	KUNIT_EXPECT_EQ(test, smc_llc_v2_encode_short(buf, &msg, SMC_LLC_BIG),
			0);
	KUNIT_EXPECT_EQ(test, buf[0], 0x25);
}

static struct kunit_case llc_short_cases[] = {
	KUNIT_CASE_PARAM(head_is_read_or_refused, head_gen_params),
	KUNIT_CASE(long_add_link_can_be_refused),
	KUNIT_CASE(answer_is_what_was_meant),
	KUNIT_CASE(nonsense_is_not_sent),
	{}
};

static struct kunit_suite llc_short_suite = {
	.name = "smc_llc_short",
	.test_cases = llc_short_cases,
};

kunit_test_suite(llc_short_suite);
