// SPDX-License-Identifier: GPL-2.0
/* CDC messages: bytes seen on the wire, and every way to spoil them. */
#include "vectors.h"
#include "../proto/cdc.h"

struct cdc_row {
	const char *desc;
	const char *hex;
	struct smc_cdc msg;
};

static const struct cdc_row cdc_rows[] = {
	{ "100 bytes written",
	  "fe 2c 0001 00000001 0000 0000 00000064 0000 0000 00000000 00 00 00*18",
	  { .seq = 1, .token = 1, .prod = { 0, 100 } } },
	{ "full ring, write blocked",
	  "fe 2c 0002 00000002 0000 0001 00000000 0000 0000 00000000 80 00 00*18",
	  { .seq = 2, .token = 2, .prod = { 1, 0 },
	    .prod_flags = SMC_CDC_WRITE_BLOCKED } },
	{ "urgent byte",
	  "fe 2c 0002 00000003 0000 0000 00000006 0000 0000 00000000 60 00 00*18",
	  { .seq = 2, .token = 3, .prod = { 0, 6 },
	    .prod_flags = SMC_CDC_URG_PENDING | SMC_CDC_URG_PRESENT } },
	{ "failover validation",
	  "fe 2c 0004 00000002 00*16 08 00 00*18",
	  { .seq = 4, .token = 2,
	    .prod_flags = SMC_CDC_FAILOVER_VALIDATION } },
	{ "every field its own bytes",
	  "fe 2c 0102 03040506 0000 0708 090a0b0c 0000 0d0e 0f101112 10 e0 00*18",
	  { .seq = 0x0102, .token = 0x03040506,
	    .prod = { 0x0708, 0x090a0b0c }, .cons = { 0x0d0e, 0x0f101112 },
	    .prod_flags = SMC_CDC_CONS_UPDATE_REQ,
	    .conn_flags = SMC_CDC_SENDING_DONE | SMC_CDC_CONN_CLOSED |
			  SMC_CDC_ABNORMAL_CLOSE } },
	{ "all ones",
	  "fe 2c ffff ffffffff 0000 ffff ffffffff 0000 ffff ffffffff f8 e0 00*18",
	  { .seq = 0xffff, .token = 0xffffffff,
	    .prod = { 0xffff, 0xffffffff }, .cons = { 0xffff, 0xffffffff },
	    .prod_flags = 0xf8, .conn_flags = 0xe0 } },
};

KUNIT_ARRAY_PARAM_DESC(cdc, cdc_rows, desc);

/* Bits with a meaning; all others are reserved. */
static const char cdc_meaning[] =
	"ff ff ff*2 ff*4 00*2 ff*2 ff*4 00*2 ff*2 ff*4 f8 e0 00*18";

static void expect_same(struct kunit *test, const struct smc_cdc *a,
			const struct smc_cdc *b)
{
	KUNIT_EXPECT_EQ(test, a->seq, b->seq);
	KUNIT_EXPECT_EQ(test, a->token, b->token);
	KUNIT_EXPECT_EQ(test, a->prod.wrap, b->prod.wrap);
	KUNIT_EXPECT_EQ(test, a->prod.count, b->prod.count);
	KUNIT_EXPECT_EQ(test, a->cons.wrap, b->cons.wrap);
	KUNIT_EXPECT_EQ(test, a->cons.count, b->cons.count);
	KUNIT_EXPECT_EQ(test, a->prod_flags, b->prod_flags);
	KUNIT_EXPECT_EQ(test, a->conn_flags, b->conn_flags);
}

static void vector_decodes(struct kunit *test)
{
	const struct cdc_row *row = test->param_value;
	struct smc_vec v;
	struct smc_cdc msg;

	smc_vec_parse(test, &v, row->hex);
	KUNIT_ASSERT_EQ(test, v.len, (size_t)SMC_CDC_LEN);

	KUNIT_ASSERT_EQ(test, smc_cdc_decode(v.buf, v.len, &msg), 0);
	expect_same(test, &msg, &row->msg);
}

static void vector_encodes(struct kunit *test)
{
	const struct cdc_row *row = test->param_value;
	u8 buf[SMC_CDC_LEN];
	struct smc_vec v;

	smc_vec_parse(test, &v, row->hex);
	memset(buf, 0xa5, sizeof(buf));

	smc_cdc_encode(buf, &row->msg);
	KUNIT_EXPECT_MEMEQ(test, buf, v.buf, sizeof(buf));
}

static void reserved_flags_are_not_sent(struct kunit *test)
{
	struct smc_cdc msg = { .prod_flags = 0xff, .conn_flags = 0xff };
	u8 buf[SMC_CDC_LEN];

	smc_cdc_encode(buf, &msg);

	KUNIT_EXPECT_EQ(test, buf[24], 0xf8);
	KUNIT_EXPECT_EQ(test, buf[25], 0xe0);
}

static void short_message_is_refused(struct kunit *test)
{
	const struct cdc_row *row = test->param_value;
	struct smc_cdc msg, before;
	struct smc_vec v;
	size_t len;

	smc_vec_parse(test, &v, row->hex);
	memset(&before, 0xa5, sizeof(before));
	for (len = 0; len < v.len; len++) {
		u8 *buf = smc_vec_exact(test, v.buf, len);

		msg = before;
		KUNIT_EXPECT_EQ(test, smc_cdc_decode(buf, len, &msg),
				-EMSGSIZE);
		KUNIT_EXPECT_MEMEQ(test, &msg, &before, sizeof(msg));
	}
}

static void longer_message_is_taken(struct kunit *test)
{
	struct smc_cdc msg;
	struct smc_vec v;

	smc_vec_parse(test, &v, cdc_rows[0].hex);
	memset(v.buf + v.len, 0xff, 20);

	KUNIT_ASSERT_EQ(test, smc_cdc_decode(v.buf, v.len + 20, &msg), 0);
	expect_same(test, &msg, &cdc_rows[0].msg);
}

/* Any one byte may be anything; what is accepted encodes to what it meant. */
static void every_corruption_is_understood(struct kunit *test)
{
	const struct cdc_row *row = test->param_value;
	struct smc_vec v, meaning;
	u8 *buf, out[SMC_CDC_LEN];
	struct smc_cdc msg;
	unsigned int val;
	size_t i, k;

	smc_vec_parse(test, &v, row->hex);
	smc_vec_parse(test, &meaning, cdc_meaning);
	KUNIT_ASSERT_EQ(test, meaning.len, (size_t)SMC_CDC_LEN);
	buf = smc_vec_exact(test, v.buf, v.len);
	for (i = 0; i < v.len; i++) {
		for (val = 0; val < 256; val++) {
			bool good = i > 1 || val == v.buf[i];

			buf[i] = (u8)val;
			KUNIT_ASSERT_EQ_MSG(test,
					    smc_cdc_decode(buf, v.len, &msg),
					    good ? 0 : -EPROTO,
					    "byte %zu is %02x", i, val);
			if (!good)
				continue;
			smc_cdc_encode(out, &msg);
			for (k = 0; k < v.len; k++)
				KUNIT_ASSERT_EQ(test, out[k],
						buf[k] & meaning.buf[k]);
		}
		buf[i] = v.buf[i];
	}
}

static struct kunit_case cdc_cases[] = {
	KUNIT_CASE_PARAM(vector_decodes, cdc_gen_params),
	KUNIT_CASE_PARAM(vector_encodes, cdc_gen_params),
	KUNIT_CASE(reserved_flags_are_not_sent),
	KUNIT_CASE_PARAM(short_message_is_refused, cdc_gen_params),
	KUNIT_CASE(longer_message_is_taken),
	KUNIT_CASE_PARAM(every_corruption_is_understood, cdc_gen_params),
	{}
};

static struct kunit_suite cdc_suite = {
	.name = "smc_cdc",
	.test_cases = cdc_cases,
};

kunit_test_suite(cdc_suite);
