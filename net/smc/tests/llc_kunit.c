// SPDX-License-Identifier: GPL-2.0
/*
 * LLC messages of version 1. The bytes are those seen on the wire in version 2
 * framing, with the header that version 1 has, and for the rest the layouts of
 * RFC 7609 appendix A.3 filled in by hand.
 */
#include "vectors.h"
#include "../proto/llc.h"

struct llc_row {
	const char *desc;
	const char *hex;
	const char *meaning;	/* bits that are not reserved */
	struct smc_llc_msg msg;
};

#define CONFIRM_LINK_BITS	"ff ff 00 83 ff*32 00*8"
#define ADD_LINK_BITS		"ff ff 00 c0 ff*6 00*2 ff*20 0f ff*3 00*8"
#define REJECT_BITS		"ff ff 0f c0 ff*6 00*2 ff*20 0f ff*3 00*8"
#define CONT_BITS		"ff ff 00 80 ff ff 00 00 ff*32 00*4"
#define DELETE_LINK_BITS	"ff ff 00 e0 ff*5 00*35"
#define TEST_LINK_BITS		"ff ff 00 80 ff*16 00*24"

#define MAC_2			{ 0x52, 0x54, 0, 0, 0, 0x02 }
#define GID_2			{ [10] = 0xff, 0xff, 0x0a, 0, 0, 0x02 }
#define MAC_102			{ 0x52, 0x54, 0, 0, 0x01, 0x02 }
#define GID_66			{ [10] = 0xff, 0xff, 0x0a, 0, 0, 0x66 }

static const struct llc_row llc_rows[] = {
	{ "CONFIRM LINK request",
	  "01 2c 00 03 525400000002 00000000000000000000ffff0a000002 000011 01 00000101 02 ff 00*8",
	  CONFIRM_LINK_BITS,
	  { .type = SMC_LLC_CONFIRM_LINK, .flags = 0x03,
	    .confirm_link = { MAC_2, GID_2, 0x11, 1, 0x101, 2, 255 } } },
	{ "CONFIRM LINK response",
	  "01 2c 00 83 010203040506 101112131415161718191a1b1c1d1e1f 202122 23 24252627 28 29 00*8",
	  CONFIRM_LINK_BITS,
	  { .type = SMC_LLC_CONFIRM_LINK, .flags = 0x83,
	    .confirm_link = { { 1, 2, 3, 4, 5, 6 },
			      { 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
				28, 29, 30, 31 },
			      0x202122, 0x23, 0x24252627, 0x28, 0x29 } } },
	{ "ADD LINK request",
	  "02 2c 00 00 525400000102 0000 00000000000000000000ffff0a000066 000011 02 03 e43720 00*8",
	  ADD_LINK_BITS,
	  { .type = SMC_LLC_ADD_LINK,
	    .add_link = { MAC_102, GID_66, 0x11, 2, 3, 0xe43720 } } },
	{ "ADD LINK response",
	  "02 2c 00 80 010203040506 0000 101112131415161718191a1b1c1d1e1f 202122 23 05 252627 00*8",
	  ADD_LINK_BITS,
	  { .type = SMC_LLC_ADD_LINK, .flags = 0x80,
	    .add_link = { { 1, 2, 3, 4, 5, 6 },
			  { 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
			    29, 30, 31 },
			  0x202122, 0x23, 5, 0x252627 } } },
	{ "ADD LINK rejection",
	  "02 2c 01 c0 525400000102 0000 00000000000000000000ffff0a000066 000011 02 03 e43720 00*8",
	  REJECT_BITS,
	  { .type = SMC_LLC_ADD_LINK, .flags = 0xc0,
	    .add_link = { MAC_102, GID_66, 0x11, 2, 3, 0xe43720,
			  SMC_LLC_REJ_NO_ALT_PATH } } },
	{ "ADD LINK invitation",
	  "02 2c 00 00 525400000102 0000 00000000000000000000ffff0a000066 00*16",
	  ADD_LINK_BITS,
	  { .type = SMC_LLC_ADD_LINK, .add_link = { MAC_102, GID_66 } } },
	{ "ADD LINK CONTINUATION",
	  "03 2c 00 80 02 03 0000 01020304 05060708 090a0b0c0d0e0f10 11121314 15161718 191a1b1c1d1e1f20 00*4",
	  CONT_BITS,
	  { .type = SMC_LLC_ADD_LINK_CONT, .flags = 0x80,
	    .add_link_cont = { 2, 3,
		{ { 0x01020304, 0x05060708, 0x090a0b0c0d0e0f10 },
		  { 0x11121314, 0x15161718, 0x191a1b1c1d1e1f20 } } } } },
	{ "DELETE LINK request",
	  "04 2c 00 20 02 00010000 00*35", DELETE_LINK_BITS,
	  { .type = SMC_LLC_DELETE_LINK, .flags = 0x20,
	    .delete_link = { 2, SMC_LLC_DEL_LOST_PATH } } },
	{ "DELETE LINK response",
	  "04 2c 00 a0 02 00100000 00*35", DELETE_LINK_BITS,
	  { .type = SMC_LLC_DELETE_LINK, .flags = 0xa0,
	    .delete_link = { 2, SMC_LLC_DEL_UNKNOWN_LINK } } },
	{ "DELETE LINK, all",
	  "04 2c 00 60 00 00020000 00*35", DELETE_LINK_BITS,
	  { .type = SMC_LLC_DELETE_LINK, .flags = 0x60,
	    .delete_link = { 0, SMC_LLC_DEL_OPERATOR } } },
	{ "CONFIRM RKEY, no other link",
	  "06 2c 00 00 00 0000043a ff20364184120000 00*27",
	  "ff ff 00 b0 ff*13 00*27",
	  { .type = SMC_LLC_CONFIRM_RKEY,
	    .confirm_rkey = { 0, 0x43a, 0xff20364184120000 } } },
	{ "CONFIRM RKEY, one other link",
	  "06 2c 00 00 01 0000043a ff20364184120000 01 000004e5 ff20364184120000 00*13 00",
	  "ff ff 00 b0 ff*26 00*14",
	  { .type = SMC_LLC_CONFIRM_RKEY,
	    .confirm_rkey = { 1, 0x43a, 0xff20364184120000,
		{ { 1, 0x4e5, 0xff20364184120000 } } } } },
	{ "CONFIRM RKEY, negative, more links than fit",
	  "06 2c 00 b0 09 01020304 05060708090a0b0c 0d 0e0f1011 1213141516171819 1a 1b1c1d1e 1f20212223242526 00",
	  "ff ff 00 b0 ff*39 00",
	  { .type = SMC_LLC_CONFIRM_RKEY, .flags = 0xb0,
	    .confirm_rkey = { 9, 0x01020304, 0x05060708090a0b0c,
		{ { 13, 0x0e0f1011, 0x1213141516171819 },
		  { 26, 0x1b1c1d1e, 0x1f20212223242526 } } } } },
	{ "TEST LINK request",
	  "07 2c 00 00 00*40", TEST_LINK_BITS,
	  { .type = SMC_LLC_TEST_LINK } },
	{ "TEST LINK response",
	  "07 2c 00 80 0102030405060708090a0b0c0d0e0f10 00*24",
	  TEST_LINK_BITS,
	  { .type = SMC_LLC_TEST_LINK, .flags = 0x80,
	    .test_link = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
			     16 } } } },
	{ "DELETE RKEY request",
	  "09 2c 00 00 01 00 0000 00000414 00*32",
	  "ff ff 00 a0 ff ff 00 00 ff*4 00*32",
	  { .type = SMC_LLC_DELETE_RKEY,
	    .delete_rkey = { 1, 0, { 0x414 } } } },
	{ "DELETE RKEY response, negative, eight rkeys",
	  "09 2c 00 a0 08 81 0000 00000001 00000002 00000003 00000004 00000005 00000006 00000007 fffffff8 00*4",
	  "ff ff 00 a0 ff ff 00 00 ff*32 00*4",
	  { .type = SMC_LLC_DELETE_RKEY, .flags = 0xa0,
	    .delete_rkey = { 8, 0x81, { 1, 2, 3, 4, 5, 6, 7,
					0xfffffff8 } } } },
};

KUNIT_ARRAY_PARAM_DESC(llc, llc_rows, desc);

static void vector_decodes(struct kunit *test)
{
	const struct llc_row *row = test->param_value;
	struct smc_llc_msg msg;
	struct smc_vec v;

	smc_vec_parse(test, &v, row->hex);
	KUNIT_ASSERT_EQ(test, v.len, (size_t)SMC_LLC_LEN);
	memset(&msg, 0xa5, sizeof(msg));

	KUNIT_ASSERT_EQ(test, smc_llc_decode(v.buf, v.len, &msg), 0);
	KUNIT_EXPECT_EQ(test, msg.type, row->msg.type);
	KUNIT_EXPECT_EQ(test, msg.flags, row->msg.flags);
	/* No row leaves padding behind: both sides began as zeroes. */
	KUNIT_EXPECT_MEMEQ(test, &msg, &row->msg, sizeof(msg));
}

static void vector_encodes(struct kunit *test)
{
	const struct llc_row *row = test->param_value;
	u8 buf[SMC_LLC_LEN];
	struct smc_vec v;

	smc_vec_parse(test, &v, row->hex);
	memset(buf, 0xa5, sizeof(buf));

	KUNIT_ASSERT_EQ(test, smc_llc_encode(buf, &row->msg), 0);
	KUNIT_EXPECT_MEMEQ(test, buf, v.buf, sizeof(buf));
}

struct refuse_row {
	const char *desc;
	const char *hex;
	int rc;
};

static const struct refuse_row refuse_rows[] = {
	{ "type 0", "00 2c 00 00 00*40", -EOPNOTSUPP },
	{ "type 5", "05 2c 00 00 00*40", -EOPNOTSUPP },
	{ "CONFIRM RKEY CONTINUATION", "08 2c 00 00 01 00*39", -EOPNOTSUPP },
	{ "type 10", "0a 2c 00 00 00*40", -EOPNOTSUPP },
	{ "type 0x8a", "8a 2c 00 00 00*40", -EOPNOTSUPP },
	{ "version 2 CONFIRM LINK", "21 2c00 03 00*40", -EOPNOTSUPP },
	{ "version 2 CONFIRM LINK, network order", "21 002c 03 00*40",
	  -EOPNOTSUPP },
	{ "version 2 ADD LINK", "22 5800 00 00*84", -EOPNOTSUPP },
	{ "version 2 REQUEST ADD LINK", "25 2c00 00 00*40", -EOPNOTSUPP },
	{ "a CDC message", "fe 2c 00 00 00*40", -EOPNOTSUPP },
	{ "length 43", "07 2b 00 00 00*40", -EPROTO },
	{ "length 45", "07 2d 00 00 00*41", -EPROTO },
	{ "length 0", "01 00 00 03 00*40", -EPROTO },
	{ "no rkey to delete", "09 2c 00 00 00 00*39", -EPROTO },
	{ "nine rkeys to delete", "09 2c 00 00 09 00*39", -EPROTO },
	{ "255 rkeys to delete", "09 2c 00 80 ff 00*39", -EPROTO },
};

KUNIT_ARRAY_PARAM_DESC(refuse, refuse_rows, desc);

static void refused_message_leaves_nothing(struct kunit *test)
{
	const struct refuse_row *row = test->param_value;
	struct smc_llc_msg msg, zero;
	struct smc_vec v;

	smc_vec_parse(test, &v, row->hex);
	memset(&msg, 0xa5, sizeof(msg));
	memset(&zero, 0, sizeof(zero));

	KUNIT_EXPECT_EQ(test, smc_llc_decode(v.buf, v.len, &msg), row->rc);
	KUNIT_EXPECT_MEMEQ(test, &msg, &zero, sizeof(msg));
}

static void what_cannot_be_sent_is_refused(struct kunit *test)
{
	struct smc_llc_msg msg = { .type = SMC_LLC_CONFIRM_RKEY_CONT };
	u8 buf[SMC_LLC_LEN];

	KUNIT_EXPECT_EQ(test, smc_llc_encode(buf, &msg), -EINVAL);
	msg.type = 0x21;
	KUNIT_EXPECT_EQ(test, smc_llc_encode(buf, &msg), -EINVAL);
	msg.type = SMC_LLC_DELETE_RKEY;
	msg.delete_rkey.num = 0;
	KUNIT_EXPECT_EQ(test, smc_llc_encode(buf, &msg), -EINVAL);
	msg.delete_rkey.num = 9;
	KUNIT_EXPECT_EQ(test, smc_llc_encode(buf, &msg), -EINVAL);
	msg.delete_rkey.num = 8;
	KUNIT_EXPECT_EQ(test, smc_llc_encode(buf, &msg), 0);
}

static void reserved_bits_are_not_sent(struct kunit *test)
{
	struct smc_llc_msg msg = { .type = SMC_LLC_ADD_LINK, .flags = 0xbf };
	u8 buf[SMC_LLC_LEN];

	msg.add_link.mtu = 0xf3;
	msg.add_link.reject_reason = 0xff;	/* but it is no rejection */
	KUNIT_ASSERT_EQ(test, smc_llc_encode(buf, &msg), 0);
	KUNIT_EXPECT_EQ(test, buf[2], 0);
	KUNIT_EXPECT_EQ(test, buf[3], 0x80);
	KUNIT_EXPECT_EQ(test, buf[32], 0x03);

	msg.flags = 0xff;
	KUNIT_ASSERT_EQ(test, smc_llc_encode(buf, &msg), 0);
	KUNIT_EXPECT_EQ(test, buf[2], 0x0f);
	KUNIT_EXPECT_EQ(test, buf[3], 0xc0);
}

static void reason_counts_only_in_a_rejection(struct kunit *test)
{
	struct smc_llc_msg msg;
	struct smc_vec v;

	smc_vec_parse(test, &v, "02 2c 02 80 00*40");
	KUNIT_ASSERT_EQ(test, smc_llc_decode(v.buf, v.len, &msg), 0);
	KUNIT_EXPECT_EQ(test, msg.add_link.reject_reason, 0);
	v.buf[3] = 0xc0;
	KUNIT_ASSERT_EQ(test, smc_llc_decode(v.buf, v.len, &msg), 0);
	KUNIT_EXPECT_EQ(test, msg.add_link.reject_reason,
			SMC_LLC_REJ_INVALID_MTU);
}

static void short_message_is_refused(struct kunit *test)
{
	const struct llc_row *row = test->param_value;
	struct smc_llc_msg msg;
	struct smc_vec v;
	size_t len;

	smc_vec_parse(test, &v, row->hex);
	for (len = 0; len < v.len; len++)
		KUNIT_EXPECT_EQ(test,
				smc_llc_decode(smc_vec_exact(test, v.buf, len),
					       len, &msg),
				-EMSGSIZE);
}

/* Type, length, or a count that decides what else there is. */
static bool decides(const struct smc_llc_msg *msg, size_t i)
{
	switch (msg->type) {
	case SMC_LLC_CONFIRM_RKEY:
	case SMC_LLC_DELETE_RKEY:
		return i < 2 || i == 4;
	case SMC_LLC_ADD_LINK:
		return i < 2 || i == 3;
	default:
		return i < 2;
	}
}

static void every_corruption_is_understood(struct kunit *test)
{
	const struct llc_row *row = test->param_value;
	struct smc_llc_msg msg, again;
	struct smc_vec v, meaning;
	u8 *buf, out[SMC_LLC_LEN];
	unsigned int val;
	size_t i, k;

	smc_vec_parse(test, &v, row->hex);
	smc_vec_parse(test, &meaning, row->meaning);
	KUNIT_ASSERT_EQ(test, meaning.len, (size_t)SMC_LLC_LEN);
	buf = smc_vec_exact(test, v.buf, v.len);
	for (i = 0; i < v.len; i++) {
		for (val = 0; val < 256; val++) {
			int rc;

			buf[i] = (u8)val;
			rc = smc_llc_decode(buf, v.len, &msg);
			if (!decides(&row->msg, i))
				KUNIT_ASSERT_EQ(test, rc, 0);
			if (rc)
				continue;
			KUNIT_ASSERT_EQ(test, smc_llc_encode(out, &msg), 0);
			KUNIT_ASSERT_EQ(test, smc_llc_decode(out, sizeof(out),
							     &again), 0);
			KUNIT_ASSERT_MEMEQ(test, &again, &msg, sizeof(msg));
			for (k = 0; k < v.len && !decides(&row->msg, i); k++)
				KUNIT_ASSERT_EQ_MSG(test, out[k],
						    buf[k] & meaning.buf[k],
						    "byte %zu, spoilt %zu", k,
						    i);
		}
		buf[i] = v.buf[i];
	}
}

static struct kunit_case llc_cases[] = {
	KUNIT_CASE_PARAM(vector_decodes, llc_gen_params),
	KUNIT_CASE_PARAM(vector_encodes, llc_gen_params),
	KUNIT_CASE_PARAM(refused_message_leaves_nothing, refuse_gen_params),
	KUNIT_CASE(what_cannot_be_sent_is_refused),
	KUNIT_CASE(reserved_bits_are_not_sent),
	KUNIT_CASE(reason_counts_only_in_a_rejection),
	KUNIT_CASE_PARAM(short_message_is_refused, llc_gen_params),
	KUNIT_CASE_PARAM(every_corruption_is_understood, llc_gen_params),
	{}
};

static struct kunit_suite llc_suite = {
	.name = "smc_llc",
	.test_cases = llc_cases,
};

kunit_test_suite(llc_suite);
