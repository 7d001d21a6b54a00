// SPDX-License-Identifier: GPL-2.0
/*
 * LLC messages in version 2 framing: from the wire, where the length is in the
 * order of the sender's CPU, and what no peer sent so far by the layouts filled
 * in by hand.
 */
#include "vectors.h"
#include "../proto/llc_v2.h"

#define LE	SMC_LLC_LITTLE
#define BE	SMC_LLC_BIG

struct llc_row {
	const char *desc;
	const char *hex;
	bool ours;		/* encodes to the same bytes */
	enum smc_llc_order order;
	struct smc_llc_msg msg;
	/* What there is of the larger part; the rest of it is zero. */
	struct {
		bool direct;
		u8 target_gid[SMC_LLC_GID_LEN];
		u8 num;		/* rkeys or GIDs */
		u8 num_invalid;
		struct smc_llc_rkey_pair pair[2];
		u8 gid[2][SMC_LLC_GID_LEN];
		u32 rkey[2];
	} ext;
};

#define MAC_2		{ 0x52, 0x54, 0, 0, 0, 0x02 }
#define GID_2		{ [10] = 0xff, 0xff, 0x0a, 0, 0, 0x02 }
#define MAC_102		{ 0x52, 0x54, 0, 0, 0x01, 0x02 }
#define GID_66		{ [10] = 0xff, 0xff, 0x0a, 0, 0, 0x66 }
#define GID_1		{ [10] = 0xff, 0xff, 0x0a, 0, 0, 0x01 }
#define GID_65		{ [10] = 0xff, 0xff, 0x0a, 0, 0, 0x65 }
#define HEX_66		"00*10 ffff0a000066 "
#define ADD_BASE	"525400000102 0000 " HEX_66 "000011 02 03 e43720 00*8 "
#define ADD_LINK_66	.add_link = { MAC_102, GID_66, 0x11, 2, 3, 0xe43720 }
#define PAIR_1		"00000343 00000369 ff203641839a0000 "
#define PAIR_1_VAL	{ 0x343, 0x369, 0xff203641839a0000 }
#define PAIR_2		"0000043a 000004e5 ff20364184120000 "
#define PAIR_2_VAL	{ 0x43a, 0x4e5, 0xff20364184120000 }

static const struct llc_row llc_rows[] = {
	{ "CONFIRM LINK request, from the wire",
	  "21 2c00 03 525400000002 00*10 ffff0a000002 000011 01 00000101 02 ff 00*8",
	  true, LE,
	  { .type = SMC_LLC_CONFIRM_LINK, .flags = 0x03,
	    .confirm_link = { MAC_2, GID_2, 0x11, 1, 0x101, 2, 255 } }, { 0 } },
	{ "CONFIRM LINK response, network order",
	  "21 002c 83 525400000002 00*10 ffff0a000002 000011 01 00000101 02 ff 00*8",
	  true, BE,
	  { .type = SMC_LLC_CONFIRM_LINK, .flags = 0x83,
	    .confirm_link = { MAC_2, GID_2, 0x11, 1, 0x101, 2, 255 } }, { 0 } },
	{ "ADD LINK request, one RMB, from the wire",
	  "22 5800 00 " ADD_BASE "80 00 " HEX_66 "00*8 0100 " PAIR_1, true, LE,
	  { .type = SMC_LLC_ADD_LINK, ADD_LINK_66 },
	  { .direct = true, GID_66, 1, .pair = { PAIR_1_VAL } } },
	{ "ADD LINK response, two RMBs",
	  "22 6800 80 " ADD_BASE "80 00 " HEX_66 "00*8 0200 " PAIR_1 PAIR_2,
	  true, LE,
	  { .type = SMC_LLC_ADD_LINK, .flags = 0x80, ADD_LINK_66 },
	  { .direct = true, GID_66, 2, .pair = { PAIR_1_VAL, PAIR_2_VAL } } },
	{ "ADD LINK request, two RMBs, network order",
	  "22 0068 00 " ADD_BASE "00 00 " HEX_66 "00*8 0002 " PAIR_1 PAIR_2,
	  true, BE,
	  { .type = SMC_LLC_ADD_LINK, ADD_LINK_66 },
	  { .direct = false, GID_66, 2, .pair = { PAIR_1_VAL, PAIR_2_VAL } } },
	{ "ADD LINK request, no RMB",
	  "22 4800 00 " ADD_BASE "80 00 " HEX_66 "00*8 0000 ", true, LE,
	  { .type = SMC_LLC_ADD_LINK, ADD_LINK_66 },
	  { .direct = true, GID_66 } },
	{ "ADD LINK request, only the length is in network order",
	  "22 0058 00 " ADD_BASE "80 00 " HEX_66 "00*8 0100 " PAIR_1, false, BE,
	  { .type = SMC_LLC_ADD_LINK, ADD_LINK_66 },
	  { .direct = true, GID_66, 1, .pair = { PAIR_1_VAL } } },
	{ "ADD LINK request, only the number is in network order",
	  "22 5800 00 " ADD_BASE "80 00 " HEX_66 "00*8 0001 " PAIR_1, false, LE,
	  { .type = SMC_LLC_ADD_LINK, ADD_LINK_66 },
	  { .direct = true, GID_66, 1, .pair = { PAIR_1_VAL } } },
	{ "ADD LINK request, one RMB announced, two sent",
	  "22 6800 00 " ADD_BASE "80 00 " HEX_66 "00*8 0100 " PAIR_1 PAIR_2,
	  false, LE,
	  { .type = SMC_LLC_ADD_LINK, ADD_LINK_66 },
	  { .direct = true, GID_66, 1, .pair = { PAIR_1_VAL } } },
	{ "ADD LINK request, more came than announced",
	  "22 5800 00 " ADD_BASE "80 00 " HEX_66 "00*8 0100 " PAIR_1 "ff*20 ",
	  false, LE,
	  { .type = SMC_LLC_ADD_LINK, ADD_LINK_66 },
	  { .direct = true, GID_66, 1, .pair = { PAIR_1_VAL } } },
	{ "ADD LINK request, reserved bits are set",
	  "22 5800 1f 525400000102 ffff " HEX_66
	  "000011 02 f3 e43720 ff*8 ff ff " HEX_66 "ff*8 0100 " PAIR_1,
	  false, LE,
	  { .type = SMC_LLC_ADD_LINK, ADD_LINK_66 },
	  { .direct = true, GID_66, 1, .pair = { PAIR_1_VAL } } },
	{ "ADD LINK rejection, from the wire",
	  "22 2c00 c0 " ADD_BASE, true, LE,
	  { .type = SMC_LLC_ADD_LINK, .flags = 0xc0, ADD_LINK_66 }, { 0 } },
	{ "ADD LINK rejection, all of the request sent back",
	  "22 5800 c0 " ADD_BASE "80 00 " HEX_66 "00*8 0100 " PAIR_1, false, LE,
	  { .type = SMC_LLC_ADD_LINK, .flags = 0xc0, ADD_LINK_66 }, { 0 } },
	{ "DELETE LINK request, from the wire",
	  "24 2c00 20 02 00010000 00*35", true, LE,
	  { .type = SMC_LLC_DELETE_LINK, .flags = 0x20,
	    .delete_link = { 2, SMC_LLC_DEL_LOST_PATH } }, { 0 } },
	{ "DELETE LINK response, from the wire",
	  "24 2c00 a0 02 00100000 00*35", true, LE,
	  { .type = SMC_LLC_DELETE_LINK, .flags = 0xa0,
	    .delete_link = { 2, SMC_LLC_DEL_UNKNOWN_LINK } }, { 0 } },
	{ "DELETE LINK, all, from the wire",
	  "24 2c00 40 00 00020000 00*35", true, LE,
	  { .type = SMC_LLC_DELETE_LINK, .flags = 0x40,
	    .delete_link = { 0, SMC_LLC_DEL_OPERATOR } }, { 0 } },
	{ "DELETE LINK, all, network order",
	  "24 002c 60 00 00020000 00*35", true, BE,
	  { .type = SMC_LLC_DELETE_LINK, .flags = 0x60,
	    .delete_link = { 0, SMC_LLC_DEL_OPERATOR } }, { 0 } },
	{ "REQUEST ADD LINK, one GID",
	  "25 2c00 00 00*20 01 000000 00*10 ffff0a000001", true, LE,
	  { .type = SMC_LLC_REQ_ADD_LINK },
	  { .num = 1, .gid = { GID_1 } } },
	{ "REQUEST ADD LINK, two GIDs",
	  "25 3c00 00 00*20 02 000000 00*10 ffff0a000001 00*10 ffff0a000065",
	  true, LE,
	  { .type = SMC_LLC_REQ_ADD_LINK },
	  { .num = 2, .gid = { GID_1, GID_65 } } },
	{ "REQUEST ADD LINK, two GIDs, network order",
	  "25 003c 00 00*20 02 000000 00*10 ffff0a000001 00*10 ffff0a000065",
	  true, BE,
	  { .type = SMC_LLC_REQ_ADD_LINK },
	  { .num = 2, .gid = { GID_1, GID_65 } } },
	{ "REQUEST ADD LINK response", "25 2c00 80 00*40", true, LE,
	  { .type = SMC_LLC_REQ_ADD_LINK, .flags = 0x80 }, { 0 } },
	{ "REQUEST ADD LINK response that repeats the request",
	  "25 2c00 80 00*20 01 000000 00*10 ffff0a000001", false, LE,
	  { .type = SMC_LLC_REQ_ADD_LINK, .flags = 0x80 }, { 0 } },
	{ "CONFIRM RKEY, one other link, from the wire",
	  "26 2c00 00 01 0000043a ff20364184120000 01 000004e5 ff20364184120000 00*13 00",
	  true, LE,
	  { .type = SMC_LLC_CONFIRM_RKEY,
	    .confirm_rkey = { 1, 0x43a, 0xff20364184120000,
		{ { 1, 0x4e5, 0xff20364184120000 } } } }, { 0 } },
	{ "CONFIRM RKEY, negative, more links than fit",
	  "26 2c00 b0 09 01020304 05060708090a0b0c 0d 0e0f1011 1213141516171819 1a 1b1c1d1e 1f20212223242526 00",
	  true, LE,
	  { .type = SMC_LLC_CONFIRM_RKEY, .flags = 0xb0,
	    .confirm_rkey = { 9, 0x01020304, 0x05060708090a0b0c,
		{ { 13, 0x0e0f1011, 0x1213141516171819 },
		  { 26, 0x1b1c1d1e, 0x1f20212223242526 } } } }, { 0 } },
	{ "TEST LINK request, from the wire", "27 2c00 00 00*40", true, LE,
	  { .type = SMC_LLC_TEST_LINK }, { 0 } },
	{ "TEST LINK response",
	  "27 2c00 80 0102030405060708090a0b0c0d0e0f10 00*24", true, LE,
	  { .type = SMC_LLC_TEST_LINK, .flags = 0x80,
	    .test_link = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
			     16 } } }, { 0 } },
	{ "DELETE RKEY request, from the wire",
	  "29 2c00 00 01 00 0000 00000414 00*32", true, LE,
	  { .type = SMC_LLC_DELETE_RKEY }, { .num = 1, .rkey = { 0x414 } } },
	{ "DELETE RKEY response, from the wire",
	  "29 2c00 80 01 00 0000 00*36", true, LE,
	  { .type = SMC_LLC_DELETE_RKEY, .flags = 0x80 }, { .num = 1 } },
	{ "DELETE RKEY response, negative, two rkeys",
	  "29 2c00 a0 02 01 0000 00000414 00000415 00*28", true, LE,
	  { .type = SMC_LLC_DELETE_RKEY, .flags = 0xa0 },
	  { .num = 2, .num_invalid = 1, .rkey = { 0x414, 0x415 } } },
	{ "DELETE RKEY request, nine rkeys",
	  "29 2c00 00 09 00 0000 00000414 00000415 00*28", true, LE,
	  { .type = SMC_LLC_DELETE_RKEY },
	  { .num = 9, .rkey = { 0x414, 0x415 } } },
	{ "DELETE RKEY request, ten rkeys",
	  "29 3000 00 0a 00 0000 00000414 00000415 00*32", true, LE,
	  { .type = SMC_LLC_DELETE_RKEY },
	  { .num = 10, .rkey = { 0x414, 0x415 } } },
};

KUNIT_ARRAY_PARAM_DESC(llc, llc_rows, desc);

/* A pair of structs, which are too large for the stack. */
struct got {
	struct smc_llc_msg msg;
	union smc_llc_v2_ext ext;
};

static struct got *new_got(struct kunit *test)
{
	struct got *got = kunit_kmalloc(test, sizeof(*got), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, got);
	memset(got, 0xa5, sizeof(*got));
	return got;
}

/* What a row has, in the form of the codec. */
static struct got *row_got(struct kunit *test, const struct llc_row *row)
{
	struct got *want = new_got(test);

	want->msg = row->msg;
	/* Where there is no more it is left as new_got() makes it. */
	if (!smc_llc_v2_has_ext(&row->msg))
		return want;
	memset(&want->ext, 0, sizeof(want->ext));
	switch (row->msg.type) {
	case SMC_LLC_ADD_LINK:
		want->ext.add_link.direct = row->ext.direct;
		memcpy(want->ext.add_link.target_gid, row->ext.target_gid,
		       SMC_LLC_GID_LEN);
		want->ext.add_link.num_rkeys = row->ext.num;
		memcpy(want->ext.add_link.rkey, row->ext.pair,
		       sizeof(row->ext.pair));
		break;
	case SMC_LLC_REQ_ADD_LINK:
		want->ext.req_add_link.num_gids = row->ext.num;
		memcpy(want->ext.req_add_link.gid, row->ext.gid,
		       sizeof(row->ext.gid));
		break;
	case SMC_LLC_DELETE_RKEY:
		want->ext.delete_rkey.num = row->ext.num;
		want->ext.delete_rkey.num_invalid = row->ext.num_invalid;
		memcpy(want->ext.delete_rkey.rkey, row->ext.rkey,
		       sizeof(row->ext.rkey));
		break;
	}
	return want;
}

static void vector_decodes(struct kunit *test)
{
	const struct llc_row *row = test->param_value;
	struct got *want = row_got(test, row);
	struct got *got = new_got(test);
	struct smc_vec v;

	smc_vec_parse(test, &v, row->hex);
	KUNIT_ASSERT_EQ(test, smc_llc_v2_decode(v.buf, v.len, &got->msg,
						&got->ext), 0);
	KUNIT_EXPECT_EQ(test, got->msg.type, row->msg.type);
	KUNIT_EXPECT_EQ(test, got->msg.flags, row->msg.flags);
	KUNIT_EXPECT_MEMEQ(test, &got->msg, &want->msg, sizeof(got->msg));
	KUNIT_EXPECT_MEMEQ(test, &got->ext, &want->ext, sizeof(got->ext));
	KUNIT_EXPECT_EQ(test, smc_llc_v2_order(v.buf, v.len), row->order);
}

static void vector_encodes(struct kunit *test)
{
	const struct llc_row *row = test->param_value;
	struct got *want = row_got(test, row);
	struct got *got = new_got(test);
	u8 buf[128];
	struct smc_vec v;
	int len;

	smc_vec_parse(test, &v, row->hex);
	memset(buf, 0xa5, sizeof(buf));
	len = smc_llc_v2_encode(buf, sizeof(buf), &want->msg, &want->ext,
				row->order);
	KUNIT_ASSERT_GE(test, len, (int)SMC_LLC_LEN);
	if (row->ours) {
		KUNIT_ASSERT_EQ(test, (size_t)len, v.len);
		KUNIT_EXPECT_MEMEQ(test, buf, v.buf, v.len);
	}
	KUNIT_EXPECT_EQ(test, buf[len], 0xa5);
	KUNIT_EXPECT_EQ(test, smc_llc_v2_order(buf, len), row->order);
	KUNIT_ASSERT_EQ(test, smc_llc_v2_decode(buf, len, &got->msg,
						&got->ext), 0);
	KUNIT_EXPECT_MEMEQ(test, got, want, sizeof(*got));
	while (len--)
		KUNIT_EXPECT_EQ(test,
				smc_llc_v2_encode(smc_vec_exact(test, buf, len),
						  len, &want->msg, &want->ext,
						  row->order), -EMSGSIZE);
}

/* Messages of 44 bytes need nothing but their struct. */
static void ext_is_needed_where_it_is_said(struct kunit *test)
{
	const struct llc_row *row = test->param_value;
	struct got *want = row_got(test, row);
	u8 buf[SMC_LLC_LEN];
	int len;

	len = smc_llc_v2_encode(buf, sizeof(buf), &want->msg, NULL, LE);
	KUNIT_EXPECT_EQ(test, len, smc_llc_v2_has_ext(&want->msg) ?
				   -EINVAL : (int)SMC_LLC_LEN);
}

struct refuse_row {
	const char *desc;
	const char *hex;
	int rc;
};

static const struct refuse_row refuse_rows[] = {
	{ "type 0", "20 2c00 00 00*40", -EOPNOTSUPP },
	{ "ADD LINK CONTINUATION", "23 2c00 00 00*40", -EOPNOTSUPP },
	{ "CONFIRM RKEY CONTINUATION", "28 2c00 00 00*40", -EOPNOTSUPP },
	{ "type 10", "2a 2c00 00 00*40", -EOPNOTSUPP },
	{ "version 1 CONFIRM LINK", "01 2c 00 03 00*40", -EOPNOTSUPP },
	{ "version 3 CONFIRM LINK", "31 2c00 03 00*40", -EOPNOTSUPP },
	{ "a CDC message", "fe 2c 00 00 00*40", -EOPNOTSUPP },
	{ "length 0", "27 0000 00 00*40", -EPROTO },
	{ "length 43", "27 2b00 00 00*40", -EPROTO },
	{ "length 43, network order", "27 002b 00 00*40", -EPROTO },
	{ "length 45", "27 2d00 00 00*40", -EPROTO },
	{ "length 45, network order", "27 002d 00 00*40", -EPROTO },
	{ "length 65535", "27 ffff 00 00*40", -EPROTO },
	{ "ADD LINK without what it has grown by", "22 2c00 00 " ADD_BASE,
	  -EPROTO },
	{ "ADD LINK response without what it has grown by",
	  "22 2c00 80 " ADD_BASE, -EPROTO },
	{ "ADD LINK, 71 bytes", "22 4700 00 " ADD_BASE "00*27", -EPROTO },
	{ "ADD LINK, one RMB announced, none sent",
	  "22 4800 00 " ADD_BASE "80 00 " HEX_66 "00*8 0100 ", -EPROTO },
	{ "ADD LINK, one RMB announced, a byte is missing",
	  "22 5700 00 " ADD_BASE "80 00 " HEX_66 "00*8 0100 00*15", -EPROTO },
	{ "ADD LINK, 256 RMBs in any order",
	  "22 5800 00 " ADD_BASE "80 00 " HEX_66 "00*8 ffff " PAIR_1, -EPROTO },
	{ "REQUEST ADD LINK without GIDs", "25 2c00 00 00*40", -EPROTO },
	{ "REQUEST ADD LINK, two GIDs in the room of one",
	  "25 2c00 00 00*20 02 000000 00*16", -EPROTO },
	{ "REQUEST ADD LINK, 255 GIDs",
	  "25 3c00 00 00*20 ff 000000 00*32", -EPROTO },
	{ "REQUEST ADD LINK, nine GIDs announced, eight sent",
	  "25 9c00 00 00*20 09 000000 41*128", -EPROTO },
	{ "no rkey to delete", "29 2c00 00 00 00 00*38", -EPROTO },
	{ "no rkey in the response", "29 2c00 80 00 00 00*38", -EPROTO },
	{ "ten rkeys in the room of nine", "29 2c00 00 0a 00 00*38", -EPROTO },
	{ "255 rkeys to delete", "29 2c00 00 ff 00 00*38", -EPROTO },
};

KUNIT_ARRAY_PARAM_DESC(refuse, refuse_rows, desc);

static void expect_nothing(struct kunit *test, const struct got *got)
{
	const u8 *b = (const u8 *)got;
	size_t i, bad = 0;

	for (i = 0; i < sizeof(*got); i++)
		bad += !!b[i];
	KUNIT_EXPECT_EQ(test, bad, (size_t)0);
}

static void refused_message_leaves_nothing(struct kunit *test)
{
	const struct refuse_row *row = test->param_value;
	struct got *got = new_got(test);
	struct smc_vec v;
	u8 *buf;

	smc_vec_parse(test, &v, row->hex);
	buf = smc_vec_exact(test, v.buf, v.len);
	KUNIT_EXPECT_EQ(test, smc_llc_v2_decode(buf, v.len, &got->msg,
						&got->ext), row->rc);
	expect_nothing(test, got);
}

static void short_message_is_refused(struct kunit *test)
{
	const struct llc_row *row = test->param_value;
	struct got *got = new_got(test);
	struct smc_vec v;
	size_t len;
	int rc;

	smc_vec_parse(test, &v, row->hex);
	for (len = 0; len < v.len; len++) {
		u8 *buf = smc_vec_exact(test, v.buf, len);

		rc = smc_llc_v2_decode(buf, len, &got->msg, &got->ext);
		if (len < SMC_LLC_LEN)
			KUNIT_EXPECT_EQ(test, rc, -EMSGSIZE);
		if (rc)
			expect_nothing(test, got);
	}
}

static void what_cannot_be_sent_is_refused(struct kunit *test)
{
	struct got *got = new_got(test);
	u8 buf[SMC_LLC_LEN];
	u8 type;

#define MAKE()	smc_llc_v2_encode(buf, sizeof(buf), &got->msg, &got->ext, LE)
	memset(got, 0, sizeof(*got));
	for (type = 0; type < 16; type++) {
		got->msg.type = type;
		if (type < SMC_LLC_CONFIRM_LINK || type > SMC_LLC_DELETE_RKEY ||
		    type == SMC_LLC_ADD_LINK_CONT ||
		    type == SMC_LLC_CONFIRM_RKEY_CONT)
			KUNIT_EXPECT_EQ(test, MAKE(), -EINVAL);
	}
	got->msg.type = 0x21;
	KUNIT_EXPECT_EQ(test, MAKE(), -EINVAL);
	got->msg.type = SMC_LLC_DELETE_RKEY;
	KUNIT_EXPECT_EQ(test, MAKE(), -EINVAL);
	got->ext.delete_rkey.num = 9;
	KUNIT_EXPECT_EQ(test, MAKE(), 44);
	got->ext.delete_rkey.num = 10;
	KUNIT_EXPECT_EQ(test, MAKE(), -EMSGSIZE);
	got->msg.type = SMC_LLC_REQ_ADD_LINK;
	got->ext.req_add_link.num_gids = 0;
	KUNIT_EXPECT_EQ(test, MAKE(), -EINVAL);
	got->ext.req_add_link.num_gids = 9;
	KUNIT_EXPECT_EQ(test, MAKE(), -EINVAL);
	got->ext.req_add_link.num_gids = 8;
	KUNIT_EXPECT_EQ(test, MAKE(), -EMSGSIZE);
	got->ext.req_add_link.num_gids = 1;
	KUNIT_EXPECT_EQ(test, MAKE(), 44);
#undef MAKE
}

static void reserved_bits_are_not_sent(struct kunit *test)
{
	struct got *got = new_got(test);
	u8 buf[128];

	memset(got, 0, sizeof(*got));
	got->msg.type = SMC_LLC_ADD_LINK;
	got->msg.flags = 0xbf;
	got->msg.add_link.mtu = 0xf3;
	got->msg.add_link.reject_reason = 0xff;
	KUNIT_ASSERT_EQ(test, smc_llc_v2_encode(buf, sizeof(buf), &got->msg,
						&got->ext, BE), 72);
	KUNIT_EXPECT_EQ(test, buf[1], 0);
	KUNIT_EXPECT_EQ(test, buf[2], 72);
	KUNIT_EXPECT_EQ(test, buf[3], 0x80);
	KUNIT_EXPECT_EQ(test, buf[32], 0x03);

	got->msg.type = SMC_LLC_REQ_ADD_LINK;
	got->msg.flags = 0xff;
	KUNIT_ASSERT_EQ(test, smc_llc_v2_encode(buf, sizeof(buf), &got->msg,
						NULL, LE), 44);
	KUNIT_EXPECT_EQ(test, buf[1], 44);
	KUNIT_EXPECT_EQ(test, buf[2], 0);
	KUNIT_EXPECT_EQ(test, buf[3], 0x80);
}

/* As many rkeys as a link group has, in each order. */
static void longest_messages_go_both_ways(struct kunit *test)
{
	u8 *buf = kunit_kmalloc(test, SMC_LLC_V2_MAX_LEN, GFP_KERNEL);
	struct got *want = new_got(test), *got = new_got(test);
	u8 type;
	int i, k, len;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	for (i = 0; i < 4; i++) {
		enum smc_llc_order order = i & 1 ? BE : LE;

		type = i & 2 ? SMC_LLC_ADD_LINK : SMC_LLC_DELETE_RKEY;
		memset(want, 0, sizeof(*want));
		want->msg.type = type;
		if (type == SMC_LLC_ADD_LINK)
			want->ext.add_link.num_rkeys = SMC_LLC_V2_MAX_RKEYS;
		else
			want->ext.delete_rkey.num = SMC_LLC_V2_MAX_RKEYS;
		for (k = 0; k < SMC_LLC_V2_MAX_RKEYS; k++) {
			struct smc_llc_rkey_pair pair = { k, k + 1, k + 2 };

			if (type == SMC_LLC_ADD_LINK)
				want->ext.add_link.rkey[k] = pair;
			else
				want->ext.delete_rkey.rkey[k] = k;
		}
		len = smc_llc_v2_encode(buf, SMC_LLC_V2_MAX_LEN, &want->msg,
					&want->ext, order);
		KUNIT_ASSERT_EQ(test, len, type == SMC_LLC_ADD_LINK ?
					   72 + 16 * 255 : 8 + 4 * 255);
		/* The other length is 0x0404. */
		if (type == SMC_LLC_ADD_LINK)
			KUNIT_EXPECT_EQ(test, smc_llc_v2_order(buf, len),
					order);
		KUNIT_ASSERT_EQ(test, 0,
				smc_llc_v2_decode(buf, len, &got->msg,
						  &got->ext));
		KUNIT_EXPECT_MEMEQ(test, got, want, sizeof(*got));
	}
}

/* 252 rkeys: the length is 0x1008, and 0x0810 would be possible, too. */
static void length_received_decides_on_the_order(struct kunit *test)
{
	u8 *buf = kunit_kmalloc(test, SMC_LLC_V2_MAX_LEN, GFP_KERNEL);
	struct got *want = new_got(test);
	int len;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	memset(want, 0, sizeof(*want));
	want->msg.type = SMC_LLC_ADD_LINK;
	want->ext.add_link.num_rkeys = 252;
	len = smc_llc_v2_encode(buf, SMC_LLC_V2_MAX_LEN, &want->msg,
				&want->ext, BE);
	KUNIT_ASSERT_EQ(test, len, 0x1008);
	KUNIT_EXPECT_EQ(test, smc_llc_v2_order(buf, len), BE);
	KUNIT_EXPECT_EQ(test, smc_llc_v2_order(buf, len + 1), LE);
}

/* More GIDs than are kept, and more rkeys than there can be. */
static void too_many_entries_are_cut_or_refused(struct kunit *test)
{
	u8 *buf = kunit_kmalloc(test, SMC_LLC_V2_MAX_LEN, GFP_KERNEL);
	struct got *got = new_got(test);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	memset(buf, 0, SMC_LLC_V2_MAX_LEN);
	buf[0] = 0x25;
	buf[1] = 28 + 9 * 16;
	buf[24] = 9;
	buf[28 + 7 * 16] = 7;
	buf[28 + 8 * 16] = 8;
	KUNIT_ASSERT_EQ(test, smc_llc_v2_decode(buf, 28 + 9 * 16, &got->msg,
						&got->ext), 0);
	KUNIT_EXPECT_EQ(test, got->ext.req_add_link.num_gids, 8);
	KUNIT_EXPECT_EQ(test, got->ext.req_add_link.gid[7][0], 7);

	/* 256 pairs would be there. */
	memset(buf, 0, SMC_LLC_V2_MAX_LEN);
	buf[0] = 0x22;
	buf[1] = (72 + 16 * 256) >> 8;
	buf[2] = (72 + 16 * 256) & 0xff;
	buf[70] = 1;
	KUNIT_ASSERT_EQ(test, smc_llc_v2_decode(buf, 72 + 16 * 256, &got->msg,
						&got->ext), 0);
	KUNIT_EXPECT_EQ(test, got->ext.add_link.num_rkeys, 1);
	buf[71] = 1;
	KUNIT_EXPECT_EQ(test, smc_llc_v2_decode(buf, 72 + 16 * 256, &got->msg,
						&got->ext), -EPROTO);
	expect_nothing(test, got);
}

static void every_corruption_is_understood(struct kunit *test)
{
	const struct llc_row *row = test->param_value;
	struct got *got = new_got(test), *again = new_got(test);
	unsigned int val, understood = 0;
	u8 *buf, out[128];
	struct smc_vec v;
	size_t i;
	int rc;

	smc_vec_parse(test, &v, row->hex);
	buf = smc_vec_exact(test, v.buf, v.len);
	for (i = 0; i < v.len; i++) {
		for (val = 0; val < 256; val++) {
			buf[i] = (u8)val;
			rc = smc_llc_v2_decode(buf, v.len, &got->msg,
					       &got->ext);
			if (rc) {
				KUNIT_ASSERT_TRUE(test, rc == -EPROTO ||
						  rc == -EOPNOTSUPP);
				continue;
			}
			rc = smc_llc_v2_encode(out, sizeof(out), &got->msg,
					       &got->ext,
					       smc_llc_v2_order(buf, v.len));
			KUNIT_ASSERT_GE(test, rc, (int)SMC_LLC_LEN);
			KUNIT_ASSERT_EQ(test, 0,
					smc_llc_v2_decode(out, rc, &again->msg,
							  &again->ext));
			/* No row has more than the first bytes of the rest. */
			KUNIT_ASSERT_MEMEQ(test, &again->msg, &got->msg,
					   sizeof(got->msg));
			if (smc_llc_v2_has_ext(&got->msg))
				KUNIT_ASSERT_MEMEQ(test, &again->ext, &got->ext,
						   256);
			understood++;
		}
		buf[i] = v.buf[i];
	}
	/* Type, length and a count decide; all other bytes are values. */
	KUNIT_EXPECT_GT(test, understood, 256u * (unsigned int)(v.len - 6));
}

static struct kunit_case llc_v2_cases[] = {
	KUNIT_CASE_PARAM(vector_decodes, llc_gen_params),
	KUNIT_CASE_PARAM(vector_encodes, llc_gen_params),
	KUNIT_CASE_PARAM(ext_is_needed_where_it_is_said, llc_gen_params),
	KUNIT_CASE_PARAM(refused_message_leaves_nothing, refuse_gen_params),
	KUNIT_CASE_PARAM(short_message_is_refused, llc_gen_params),
	KUNIT_CASE(what_cannot_be_sent_is_refused),
	KUNIT_CASE(reserved_bits_are_not_sent),
	KUNIT_CASE(longest_messages_go_both_ways),
	KUNIT_CASE(length_received_decides_on_the_order),
	KUNIT_CASE(too_many_entries_are_cut_or_refused),
	KUNIT_CASE_PARAM(every_corruption_is_understood, llc_gen_params),
	{}
};

static struct kunit_suite llc_v2_suite = {
	.name = "smc_llc_v2",
	.test_cases = llc_v2_cases,
};

kunit_test_suite(llc_v2_suite);
