// SPDX-License-Identifier: GPL-2.0
/*
 * CLC messages that answer: Accept, Confirm and Decline, and the header they
 * share with the Proposal.
 */
#include "vectors.h"
#include "../proto/clc.h"

#define EYE	"e2d4c3d9 "
#define BODY	"d5c1525400000001 fe80000000000000505400fffe000001 525400000001 "
#define WIRE	"7ebd525400000002 00000000000000000000ffff0a000002 525400000002 "
#define COUNT_GID \
	"0102030405060708 090a0b0c0d0e0f101112131415161718 191a1b1c1d1e "
#define QP	"000011 00000343 01 00000001 "
#define REST	"ff203641839a0000 00 ee3303 "
#define EID	"534d435445535431 20*24 00*8 "
#define FCE	"80 21 0000 286e6f6e6529 20*26 ff 02 0001 00000000 00*8 "
#define GIDS	"02 000000 00*10 ffff0a000001 00*10 ffff0a000065 "
#define OTHER	"7ebd525400000002 00000000000000000000ffff0a000066 525400000102 "

struct accept_row {
	const char *desc;
	const char *hex;
	struct smc_clc_accept a;
};

#define R_BODY		.peer_id = { 0xd5, 0xc1, 0x52, 0x54, 0, 0, 0, 1 }, \
			.gid = { 0xfe, 0x80, [8] = 0x50, 0x54, 0, 0xff, 0xfe, \
				 0, 0, 1 }, \
			.mac = { 0x52, 0x54, 0, 0, 0, 1 }
#define R_WIRE		.peer_id = { 0x7e, 0xbd, 0x52, 0x54, 0, 0, 0, 2 }, \
			.gid = { [10] = 0xff, 0xff, 0x0a, 0, 0, 2 }, \
			.mac = { 0x52, 0x54, 0, 0, 0, 2 }
#define R_QP		.qpn = 0x11, .rkey = 0x343, .rmbe_idx = 1, \
			.token = 1, .size_code = 2, .mtu = 3, \
			.vaddr = 0xff203641839a0000, .psn = 0xee3303

#define WIRE_V2	5	/* index of a message of version 2 */

static const struct accept_row accept_rows[] = {
	{ "Accept, first contact",
	  EYE "02 0044 18 " BODY QP "23 00 " REST EYE,
	  { .type = SMC_CLC_ACCEPT, .version = 1, .first_contact = true,
	    R_BODY, R_QP } },
	{ "Accept, RoCEv2 mark",
	  EYE "02 0044 10 " BODY QP "23 01 " REST EYE,
	  { .type = SMC_CLC_ACCEPT, .version = 1, R_BODY, R_QP,
	    .gid_kind = SMC_GID_ROCE_V2 } },
	{ "Confirm",
	  EYE "03 0044 10 " BODY QP "23 00 " REST EYE,
	  { .type = SMC_CLC_CONFIRM, .version = 1, R_BODY, R_QP } },
	{ "Confirm, smallest size and MTU",
	  EYE "03 0044 10 " BODY "000001 00000000 ff ffffffff 01 00 " REST EYE,
	  { .type = SMC_CLC_CONFIRM, .version = 1, R_BODY, .qpn = 1,
	    .rmbe_idx = 255, .token = 0xffffffff, .mtu = 1,
	    .vaddr = 0xff203641839a0000, .psn = 0xee3303 } },
	{ "Confirm, every field its own bytes",
	  EYE "03 0044 18 " COUNT_GID
	  "1f2021 22232425 26 2728292a f5 01 2b2c2d2e2f303132 00 333435 "
	  EYE,
	  { .type = SMC_CLC_CONFIRM, .version = 1, .first_contact = true,
	    .gid_kind = SMC_GID_ROCE_V2,
	    .peer_id = { 1, 2, 3, 4, 5, 6, 7, 8 },
	    .gid = { 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
		     24 },
	    .mac = { 25, 26, 27, 28, 29, 30 },
	    .qpn = 0x1f2021, .rkey = 0x22232425, .rmbe_idx = 0x26,
	    .token = 0x2728292a, .size_code = 15, .mtu = 5,
	    .vaddr = 0x2b2c2d2e2f303132, .psn = 0x333435 } },
	{ "Accept, version 2, first contact, from the wire",
	  EYE "02 00a0 28 " WIRE QP "23 00 " REST
	  EID FCE EYE,
	  { .type = SMC_CLC_ACCEPT, .version = 2, .first_contact = true,
	    R_WIRE, R_QP } },
	{ "Accept, version 2, subsequent, from the wire",
	  EYE "02 006c 20 " OTHER
	  "000011 0000043a 01 00000002 23 00 ff20364184120000 00 e43720 "
	  EID EYE,
	  { .type = SMC_CLC_ACCEPT, .version = 2,
	    .peer_id = { 0x7e, 0xbd, 0x52, 0x54, 0, 0, 0, 2 },
	    .gid = { [10] = 0xff, 0xff, 0x0a, 0, 0, 0x66 },
	    .mac = { 0x52, 0x54, 0, 0, 1, 2 },
	    .qpn = 0x11, .rkey = 0x43a, .rmbe_idx = 1, .token = 2,
	    .size_code = 2, .mtu = 3, .vaddr = 0xff20364184120000,
	    .psn = 0xe43720 } },
	{ "Confirm, version 2, first contact, two GIDs",
	  EYE "03 00c4 28 " WIRE QP "23 00 " REST
	  EID FCE GIDS EYE,
	  { .type = SMC_CLC_CONFIRM, .version = 2, .first_contact = true,
	    R_WIRE, R_QP } },
	{ "Accept, D",
	  "e2d4c3c4 02 0030 11 00*16 01 20 0000 00000001 00*12 e2d4c3c4",
	  { .type = SMC_CLC_ACCEPT, .version = 1, .path = SMC_PATH_D } },
	{ "Confirm, D, version 2",
	  "e2d4c3c4 03 004e 29 01*66 e2d4c3c4",
	  { .type = SMC_CLC_CONFIRM, .version = 2, .path = SMC_PATH_D,
	    .first_contact = true } },
};

KUNIT_ARRAY_PARAM_DESC(accept, accept_rows, desc);

static void expect_same(struct kunit *test, const struct smc_clc_accept *a,
			const struct smc_clc_accept *b)
{
	KUNIT_EXPECT_EQ(test, a->type, b->type);
	KUNIT_EXPECT_EQ(test, a->version, b->version);
	KUNIT_EXPECT_EQ(test, a->path, b->path);
	KUNIT_EXPECT_EQ(test, a->first_contact, b->first_contact);
	KUNIT_EXPECT_EQ(test, a->gid_kind, b->gid_kind);
	KUNIT_EXPECT_MEMEQ(test, a->peer_id, b->peer_id, sizeof(a->peer_id));
	KUNIT_EXPECT_MEMEQ(test, a->gid, b->gid, sizeof(a->gid));
	KUNIT_EXPECT_MEMEQ(test, a->mac, b->mac, sizeof(a->mac));
	KUNIT_EXPECT_EQ(test, a->qpn, b->qpn);
	KUNIT_EXPECT_EQ(test, a->rkey, b->rkey);
	KUNIT_EXPECT_EQ(test, a->rmbe_idx, b->rmbe_idx);
	KUNIT_EXPECT_EQ(test, a->token, b->token);
	KUNIT_EXPECT_EQ(test, a->size_code, b->size_code);
	KUNIT_EXPECT_EQ(test, a->mtu, b->mtu);
	KUNIT_EXPECT_EQ(test, a->vaddr, b->vaddr);
	KUNIT_EXPECT_EQ(test, a->psn, b->psn);
}

static bool we_speak(const struct smc_clc_accept *a)
{
	return a->version == SMC_V1 && a->path == SMC_PATH_R;
}

static void accept_decodes(struct kunit *test)
{
	const struct accept_row *row = test->param_value;
	struct smc_clc_accept a;
	struct smc_vec v;

	smc_vec_parse(test, &v, row->hex);
	memset(&a, 0xa5, sizeof(a));

	KUNIT_ASSERT_EQ(test, smc_clc_decode_accept(v.buf, v.len, &a), 0);
	expect_same(test, &a, &row->a);
}

static void accept_encodes(struct kunit *test)
{
	const struct accept_row *row = test->param_value;
	u8 buf[SMC_CLC_ACCEPT_LEN];
	struct smc_vec v;
	size_t size;

	smc_vec_parse(test, &v, row->hex);
	memset(buf, 0xa5, sizeof(buf));
	if (!we_speak(&row->a)) {
		KUNIT_EXPECT_EQ(test, smc_clc_encode_accept(buf, sizeof(buf),
							    &row->a), -EINVAL);
		return;
	}
	KUNIT_ASSERT_EQ(test, smc_clc_encode_accept(buf, sizeof(buf), &row->a),
			68);
	KUNIT_EXPECT_MEMEQ(test, buf, v.buf, v.len);
	for (size = 0; size < sizeof(buf); size++)
		KUNIT_EXPECT_EQ(test,
				smc_clc_encode_accept(smc_vec_exact(test, buf,
								    size),
						      size, &row->a),
				-EMSGSIZE);
}

static void accept_of_another_type_is_not_made(struct kunit *test)
{
	struct smc_clc_accept a = accept_rows[0].a;
	u8 buf[SMC_CLC_ACCEPT_LEN];

	a.type = SMC_CLC_PROPOSAL;
	KUNIT_EXPECT_EQ(test, smc_clc_encode_accept(buf, sizeof(buf), &a),
			-EINVAL);
}

static void short_accept_is_refused(struct kunit *test)
{
	const struct accept_row *row = test->param_value;
	struct smc_clc_accept a;
	struct smc_vec v;
	size_t len;

	smc_vec_parse(test, &v, row->hex);
	for (len = 0; len < v.len; len++) {
		u8 *buf = smc_vec_exact(test, v.buf, len);

		KUNIT_EXPECT_EQ(test, smc_clc_decode_accept(buf, len, &a),
				-EMSGSIZE);
		if (len < SMC_CLC_HDR_LEN)
			continue;
		buf[5] = (u8)(len >> 8);
		buf[6] = (u8)len;
		KUNIT_EXPECT_EQ(test, smc_clc_decode_accept(buf, len, &a),
				-EPROTO);
	}
}

static void spoilt_accept_is_refused_or_understood(struct kunit *test)
{
	const struct accept_row *row = test->param_value;
	struct smc_clc_accept a, again;
	u8 out[SMC_CLC_ACCEPT_LEN], *buf;
	unsigned int val;
	struct smc_vec v;
	size_t i;
	int rc;

	smc_vec_parse(test, &v, row->hex);
	buf = smc_vec_exact(test, v.buf, v.len);
	for (i = 0; i < v.len; i++) {
		for (val = 0; val < 256; val++) {
			buf[i] = (u8)val;
			rc = smc_clc_decode_accept(buf, v.len, &a);
			if (rc) {
				KUNIT_ASSERT_TRUE(test, rc == -EPROTO ||
						  rc == -EMSGSIZE);
				continue;
			}
			rc = smc_clc_encode_accept(out, sizeof(out), &a);
			if (!we_speak(&a)) {
				KUNIT_ASSERT_EQ(test, rc, -EINVAL);
				continue;
			}
			KUNIT_ASSERT_EQ(test, rc, 68);
			KUNIT_ASSERT_EQ(test, 0,
					smc_clc_decode_accept(out, rc, &again));
			expect_same(test, &a, &again);
		}
		buf[i] = v.buf[i];
	}
}

/* Nobody has defined messages that long, but they can be announced. */
static void overlong_accept_of_version_2_is_understood(struct kunit *test)
{
	u8 *buf = kunit_kmalloc(test, SMC_CLC_MAX_LEN, GFP_KERNEL);
	struct smc_clc_accept a;
	struct smc_vec v;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	smc_vec_parse(test, &v, accept_rows[WIRE_V2].hex);
	memset(buf, 0, SMC_CLC_MAX_LEN);
	memcpy(buf, v.buf, v.len);
	buf[5] = 0xff;
	buf[6] = 0xff;

	KUNIT_ASSERT_EQ(test, smc_clc_decode_accept(buf, SMC_CLC_MAX_LEN, &a),
			0);
	expect_same(test, &a, &accept_rows[WIRE_V2].a);
	KUNIT_EXPECT_EQ(test, smc_clc_decode_accept(buf, SMC_CLC_MAX_LEN - 1,
						    &a), -EMSGSIZE);
	/* All of it came; what was kept ends where the allocation does. */
	KUNIT_ASSERT_EQ(test, smc_clc_decode_accept(buf, 65535, &a), 0);
	expect_same(test, &a, &accept_rows[WIRE_V2].a);
}

/* Others of that length are wrong, and are not read to their end to see it. */
static void other_overlong_message_is_refused(struct kunit *test)
{
	u8 *buf = kunit_kmalloc(test, SMC_CLC_MAX_LEN, GFP_KERNEL);
	struct smc_clc_proposal p;
	struct smc_clc_decline d;
	struct smc_vec v;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	memset(buf, 0, SMC_CLC_MAX_LEN);
	smc_vec_parse(test, &v, EYE "01 ffff 20");
	memcpy(buf, v.buf, v.len);
	KUNIT_EXPECT_EQ(test, smc_clc_decode_proposal(buf, 65535, &p), -EPROTO);
	KUNIT_EXPECT_EQ(test, smc_clc_decode_proposal(buf, SMC_CLC_MAX_LEN, &p),
			-EPROTO);
	buf[4] = SMC_CLC_DECLINE;
	KUNIT_EXPECT_EQ(test, smc_clc_decode_decline(buf, 65535, &d), -EPROTO);
	KUNIT_EXPECT_EQ(test, smc_clc_decode_decline(buf, SMC_CLC_MAX_LEN, &d),
			-EPROTO);
}

struct bad_row {
	const char *desc;
	const char *hex;
};

static const struct bad_row bad_accepts[] = {
	{ "a Proposal", EYE "01 0044 10 " BODY QP "23 00 " REST EYE },
	{ "a Decline", EYE "04 0044 10 " BODY QP "23 00 " REST EYE },
	{ "version 0", EYE "02 0044 00 " BODY QP "23 00 " REST EYE },
	{ "no eyecatcher", "e3d4c3d9 02 0044 10 " BODY QP "23 00 " REST EYE },
	{ "no trailer", EYE "02 0044 10 " BODY QP "23 00 " REST "00*4" },
	{ "path none", EYE "02 0044 12 " BODY QP "23 00 " REST EYE },
	{ "path both", EYE "02 0044 13 " BODY QP "23 00 " REST EYE },
	{ "one byte more", EYE "02 0045 10 " BODY QP "23 00 " REST "00 " EYE },
	{ "length of D", EYE "02 0030 10 " BODY "00*6 " EYE },
	{ "D, length of R", EYE "02 0044 11 " BODY QP "23 00 " REST EYE },
	{ "version 2, length of version 1",
	  EYE "02 0044 20 " BODY QP "23 00 " REST EYE },
	{ "version 2, 107 bytes",
	  EYE "02 006b 20 " BODY QP "23 00 " REST "20*39 " EYE },
	{ "version 2, D, 77 bytes", EYE "02 004d 21 00*65 " EYE },
	{ "QP 0",
	  EYE "02 0044 10 " BODY "000000 00000343 01 00000001 23 00 " REST EYE },
	{ "RMBE index 0",
	  EYE "02 0044 10 " BODY "000011 00000343 00 00000001 23 00 " REST EYE },
	{ "token 0",
	  EYE "02 0044 10 " BODY "000011 00000343 01 00000000 23 00 " REST EYE },
	{ "MTU code 0", EYE "02 0044 10 " BODY QP "20 00 " REST EYE },
	{ "MTU code 6", EYE "02 0044 10 " BODY QP "26 00 " REST EYE },
	{ "MTU code 15", EYE "02 0044 10 " BODY QP "2f 00 " REST EYE },
};

KUNIT_ARRAY_PARAM_DESC(bad_accept, bad_accepts, desc);

static void bad_accept_leaves_nothing(struct kunit *test)
{
	const struct bad_row *row = test->param_value;
	struct smc_clc_accept a, zero;
	struct smc_vec v;

	smc_vec_parse(test, &v, row->hex);
	memset(&a, 0xa5, sizeof(a));
	memset(&zero, 0, sizeof(zero));

	KUNIT_EXPECT_EQ(test, smc_clc_decode_accept(v.buf, v.len, &a),
			-EPROTO);
	expect_same(test, &a, &zero);
}

struct decline_row {
	const char *desc;
	const char *hex;
	struct smc_clc_decline d;
};

static const struct decline_row decline_rows[] = {
	{ "version 1, from the wire",
	  EYE "04 001c 10 d5c1525400000001 03030000 00 000000 " EYE,
	  { .version = 1, .peer_id = { 0xd5, 0xc1, 0x52, 0x54, 0, 0, 0, 1 },
	    .diagnosis = SMC_DECL_NOSMCDEV } },
	{ "version 2, from the wire",
	  EYE "04 002c 20 8514525400000002 03030000 20 000000 00*16 " EYE,
	  { .version = 2, .peer_id = { 0x85, 0x14, 0x52, 0x54, 0, 0, 0, 2 },
	    .diagnosis = SMC_DECL_NOSMCDEV } },
	{ "out of sync",
	  EYE "04 001c 18 d5c1525400000001 04000000 00 000000 " EYE,
	  { .version = 1, .out_of_sync = true,
	    .peer_id = { 0xd5, 0xc1, 0x52, 0x54, 0, 0, 0, 1 },
	    .diagnosis = SMC_DECL_SYNCERR } },
	{ "out of sync, version 15, a reason of their own",
	  EYE "04 002c f8 0000000000000000 89abcdef 20 000000 00*16 " EYE,
	  { .version = 15, .out_of_sync = true, .diagnosis = 0x89abcdef } },
};

KUNIT_ARRAY_PARAM_DESC(decline, decline_rows, desc);

static void decline_goes_both_ways(struct kunit *test)
{
	const struct decline_row *row = test->param_value;
	struct smc_clc_decline d;
	u8 buf[SMC_CLC_DECLINE_V2_LEN];
	struct smc_vec v;
	size_t size;

	smc_vec_parse(test, &v, row->hex);
	memset(&d, 0xa5, sizeof(d));
	memset(buf, 0xa5, sizeof(buf));

	KUNIT_ASSERT_EQ(test, smc_clc_decode_decline(v.buf, v.len, &d), 0);
	KUNIT_EXPECT_EQ(test, d.version, row->d.version);
	KUNIT_EXPECT_EQ(test, d.out_of_sync, row->d.out_of_sync);
	KUNIT_EXPECT_EQ(test, d.diagnosis, row->d.diagnosis);
	KUNIT_EXPECT_MEMEQ(test, d.peer_id, row->d.peer_id, sizeof(d.peer_id));

	KUNIT_ASSERT_EQ(test, smc_clc_encode_decline(buf, sizeof(buf), &row->d),
			(int)v.len);
	KUNIT_EXPECT_MEMEQ(test, buf, v.buf, v.len);
	for (size = 0; size < v.len; size++) {
		u8 *small = smc_vec_exact(test, v.buf, size);

		KUNIT_EXPECT_EQ(test, smc_clc_decode_decline(small, size, &d),
				-EMSGSIZE);
		KUNIT_EXPECT_EQ(test, smc_clc_encode_decline(small, size,
							     &row->d),
				-EMSGSIZE);
	}
}

static void decline_needs_no_trailer(struct kunit *test)
{
	struct smc_clc_decline d;
	struct smc_vec v;

	smc_vec_parse(test, &v, decline_rows[0].hex);
	memset(v.buf + 24, 0, 4);
	KUNIT_EXPECT_EQ(test, smc_clc_decode_decline(v.buf, v.len, &d), 0);
}

static const struct bad_row bad_declines[] = {
	{ "an Accept", EYE "02 0044 10 " BODY QP "23 00 " REST EYE },
	{ "version 0", EYE "04 001c 00 00*8 03030000 00*4 " EYE },
	{ "27 bytes", EYE "04 001b 10 00*8 03030000 00*3 " EYE },
	{ "29 bytes", EYE "04 001d 10 00*8 03030000 00*5 " EYE },
	{ "version 1, length of version 2",
	  EYE "04 002c 10 00*8 03030000 20 000000 00*16 " EYE },
	{ "version 2, length of version 1",
	  EYE "04 001c 20 00*8 03030000 00*4 " EYE },
	{ "version 2, 45 bytes",
	  EYE "04 002d 20 00*8 03030000 20 000000 00*17 " EYE },
};

KUNIT_ARRAY_PARAM_DESC(bad_decline, bad_declines, desc);

static void bad_decline_is_refused(struct kunit *test)
{
	const struct bad_row *row = test->param_value;
	struct smc_clc_decline d;
	struct smc_vec v;

	smc_vec_parse(test, &v, row->hex);
	KUNIT_EXPECT_EQ(test, smc_clc_decode_decline(v.buf, v.len, &d),
			-EPROTO);
}

static void decline_of_no_version_is_not_made(struct kunit *test)
{
	struct smc_clc_decline d = { .version = 0 };
	u8 buf[SMC_CLC_DECLINE_V2_LEN];

	KUNIT_EXPECT_EQ(test, smc_clc_encode_decline(buf, sizeof(buf), &d),
			-EINVAL);
	d.version = 16;
	KUNIT_EXPECT_EQ(test, smc_clc_encode_decline(buf, sizeof(buf), &d),
			-EINVAL);
}

struct hdr_row {
	const char *desc;
	const char *hex;
	int rc;
	struct smc_clc_hdr hdr;
};

static const struct hdr_row hdr_rows[] = {
	{ "Proposal", "e2d4c3d9 01 009c 22", 0, { 1, 2, 2, 156 } },
	{ "shortest Proposal", "e2d4c3d9 01 0034 10", 0, { 1, 1, 0, 52 } },
	{ "longest Proposal", "e2d4c3d9 01 ffff ff", 0, { 1, 15, 15, 65535 } },
	{ "Accept", "e2d4c3d9 02 0044 18", 0, { 2, 1, 8, 68 } },
	{ "shortest Confirm, D", "e2d4c3c4 03 0030 11", 0, { 3, 1, 1, 48 } },
	{ "Decline", "e2d4c3d9 04 001c 18", 0, { 4, 1, 8, 28 } },
	{ "nothing", "", -EMSGSIZE },
	{ "seven bytes", "e2d4c3d9 01 009c", -EMSGSIZE },
	{ "text", "47455420 2f206e6f", -EPROTO },
	{ "eyecatcher in ASCII", "534d4352 01 009c 22", -EPROTO },
	{ "version 0", "e2d4c3d9 01 009c 02", -EPROTO },
	{ "type 0", "e2d4c3d9 00 009c 22", -EPROTO },
	{ "type 5", "e2d4c3d9 05 009c 22", -EPROTO },
	{ "Proposal too short", "e2d4c3d9 01 0033 10", -EPROTO },
	{ "Accept too short", "e2d4c3d9 02 002f 10", -EPROTO },
	{ "Confirm too short", "e2d4c3d9 03 002f 10", -EPROTO },
	{ "Decline too short", "e2d4c3d9 04 001b 10", -EPROTO },
	{ "length 0", "e2d4c3d9 04 0000 10", -EPROTO },
};

KUNIT_ARRAY_PARAM_DESC(hdr, hdr_rows, desc);

static void header_decodes_or_is_refused(struct kunit *test)
{
	const struct hdr_row *row = test->param_value;
	struct smc_clc_hdr hdr = { .type = 0xa5 };
	struct smc_vec v;
	u8 *buf;

	smc_vec_parse(test, &v, row->hex);
	buf = smc_vec_exact(test, v.buf, v.len);

	KUNIT_ASSERT_EQ(test, smc_clc_decode_hdr(buf, v.len, &hdr), row->rc);
	if (row->rc) {
		KUNIT_EXPECT_EQ(test, hdr.type, 0xa5);
		return;
	}
	KUNIT_EXPECT_EQ(test, hdr.type, row->hdr.type);
	KUNIT_EXPECT_EQ(test, hdr.version, row->hdr.version);
	KUNIT_EXPECT_EQ(test, hdr.flags, row->hdr.flags);
	KUNIT_EXPECT_EQ(test, hdr.len, row->hdr.len);
}

static struct kunit_case clc_reply_cases[] = {
	KUNIT_CASE_PARAM(accept_decodes, accept_gen_params),
	KUNIT_CASE_PARAM(accept_encodes, accept_gen_params),
	KUNIT_CASE(accept_of_another_type_is_not_made),
	KUNIT_CASE_PARAM(short_accept_is_refused, accept_gen_params),
	KUNIT_CASE_PARAM(spoilt_accept_is_refused_or_understood,
			 accept_gen_params),
	KUNIT_CASE(overlong_accept_of_version_2_is_understood),
	KUNIT_CASE(other_overlong_message_is_refused),
	KUNIT_CASE_PARAM(bad_accept_leaves_nothing, bad_accept_gen_params),
	KUNIT_CASE_PARAM(decline_goes_both_ways, decline_gen_params),
	KUNIT_CASE(decline_needs_no_trailer),
	KUNIT_CASE_PARAM(bad_decline_is_refused, bad_decline_gen_params),
	KUNIT_CASE(decline_of_no_version_is_not_made),
	KUNIT_CASE_PARAM(header_decodes_or_is_refused, hdr_gen_params),
	{}
};

static struct kunit_suite clc_reply_suite = {
	.name = "smc_clc_reply",
	.test_cases = clc_reply_cases,
};

kunit_test_suite(clc_reply_suite);
