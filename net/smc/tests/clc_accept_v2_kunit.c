// SPDX-License-Identifier: GPL-2.0
/*
 * Accept and Confirm of version 2: from the wire, by the layouts filled in by
 * hand, and bad ones.
 */
#include "vectors.h"
#include "../proto/clc_v2.h"

#define EYE	"e2d4c3d9 "
#define WIRE	"7ebd525400000002 00000000000000000000ffff0a000002 525400000002 "
#define OTHER	"7ebd525400000002 00000000000000000000ffff0a000066 525400000102 "
#define CLIENT	"d5c1525400000001 00000000000000000000ffff0a000001 525400000001 "
#define QP	"000011 00000343 01 00000001 23 00 ff203641839a0000 00 ee3303 "
#define EID_ONLY "534d435445535431 20*24 "
#define EID	EID_ONLY "00*8 "
#define HOST	"286e6f6e6529 20*26 "
#define FCE	"80 21 0000 " HOST
#define FCE_0	"80 20 0000 " HOST
#define REL1	"ff 02 0001 00000000 00*8 "
#define GIDS	"02 000000 00*10 ffff0a000001 00*10 ffff0a000065 "
#define GID_A	"00*10 ffff0a000001 "

/* Every byte another one. */
#define COUNT_GID \
	"0102030405060708 090a0b0c0d0e0f101112131415161718 191a1b1c1d1e "
#define COUNT_QP \
	"1f2021 22232425 26 2728292a f5 00 2b2c2d2e2f303132 00 333435 "
#define COUNT_EID \
	"363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455 "
#define COUNT_HOST \
	"565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475 "

/* As QP: with reserved bits, with our mark of the GID kind, with other values. */
#define QP_RESERVED \
	"000011 00000343 01 00000001 23 ff ff203641839a0000 ff ee3303 "
#define QP_MARK	\
	"000011 00000343 01 00000001 23 01 ff203641839a0000 00 ee3303 "
#define QP_OF(qpn, mtu) \
	qpn " 00000343 01 00000001 " mtu " 00 ff203641839a0000 00 ee3303 "

struct accept_row {
	const char *desc;
	const char *hex;
	bool ours;		/* encodes to the same bytes */
	struct smc_clc_accept a;
	struct smc_clc_accept_v2 v2;
};

#define R_V2		.version = 2, .gid_kind = SMC_GID_ROCE_V2
#define R_FIRST		R_V2, .first_contact = true
#define R_WIRE		.peer_id = { 0x7e, 0xbd, 0x52, 0x54, 0, 0, 0, 2 }, \
			.gid = { [10] = 0xff, 0xff, 0x0a, 0, 0, 2 }, \
			.mac = { 0x52, 0x54, 0, 0, 0, 2 }
#define R_CLIENT	.peer_id = { 0xd5, 0xc1, 0x52, 0x54, 0, 0, 0, 1 }, \
			.gid = { [10] = 0xff, 0xff, 0x0a, 0, 0, 1 }, \
			.mac = { 0x52, 0x54, 0, 0, 0, 1 }
#define R_QP		.qpn = 0x11, .rkey = 0x343, .rmbe_idx = 1, \
			.token = 1, .size_code = 2, .mtu = 3, \
			.vaddr = 0xff203641839a0000, .psn = 0xee3303
#define R_EID		.eid = { "SMCTEST1                        " }
#define R_HOST		.host = "(none)                          "
#define R_FCE		.fce = { .direct = true, .os = SMC_CLC_OS_LINUX, \
				 .release = 1, .max_conns = 255, \
				 .max_links = 2, .features = 1, R_HOST }
#define R_FCE_0		.fce = { .direct = true, .os = SMC_CLC_OS_LINUX, \
				 R_HOST }
#define R_GID_A		{ [10] = 0xff, 0xff, 0x0a, 0, 0, 1 }
#define R_GID_B		{ [10] = 0xff, 0xff, 0x0a, 0, 0, 0x65 }
#define R_GIDS		.num_gids = 2, .gid = { R_GID_A, R_GID_B }

#define ROW_FIRST	0	/* index of an Accept on first contact */
#define ROW_CONFIRM	2	/* and of its Confirm */

static const struct accept_row accept_rows[] = {
	{ "Accept, first contact, from the wire",
	  EYE "02 00a0 28 " WIRE QP EID FCE REL1 EYE, true,
	  { .type = SMC_CLC_ACCEPT, R_FIRST, R_WIRE, R_QP },
	  { R_EID, R_FCE } },
	{ "Accept, subsequent contact, from the wire",
	  EYE "02 006c 20 " OTHER
	  "000011 0000043a 01 00000002 23 00 ff20364184120000 00 e43720 "
	  EID EYE, true,
	  { .type = SMC_CLC_ACCEPT, R_V2,
	    .peer_id = { 0x7e, 0xbd, 0x52, 0x54, 0, 0, 0, 2 },
	    .gid = { [10] = 0xff, 0xff, 0x0a, 0, 0, 0x66 },
	    .mac = { 0x52, 0x54, 0, 0, 1, 2 },
	    .qpn = 0x11, .rkey = 0x43a, .rmbe_idx = 1, .token = 2,
	    .size_code = 2, .mtu = 3, .vaddr = 0xff20364184120000,
	    .psn = 0xe43720 }, { R_EID } },
	{ "Confirm, first contact, two GIDs",
	  EYE "03 00c4 28 " CLIENT QP EID FCE REL1 GIDS EYE, true,
	  { .type = SMC_CLC_CONFIRM, R_FIRST, R_CLIENT, R_QP },
	  { R_EID, R_FCE, R_GIDS } },
	{ "Confirm, first contact, one GID",
	  EYE "03 00b4 28 " CLIENT QP EID FCE REL1 "01 000000 " GID_A EYE, true,
	  { .type = SMC_CLC_CONFIRM, R_FIRST, R_CLIENT, R_QP },
	  { R_EID, R_FCE, .num_gids = 1, .gid = { R_GID_A } } },
	{ "Confirm, subsequent contact",
	  EYE "03 006c 20 " CLIENT QP EID EYE, true,
	  { .type = SMC_CLC_CONFIRM, R_V2, R_CLIENT, R_QP }, { R_EID } },
	{ "Accept, every field its own bytes",
	  EYE "02 00a0 28 " COUNT_GID COUNT_QP COUNT_EID
	  "00*8 00 fe 0000 " COUNT_HOST "76 77 7879 00*12 " EYE, true,
	  { .type = SMC_CLC_ACCEPT, R_FIRST,
	    .peer_id = { 1, 2, 3, 4, 5, 6, 7, 8 },
	    .gid = { 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
		     24 },
	    .mac = { 25, 26, 27, 28, 29, 30 },
	    .qpn = 0x1f2021, .rkey = 0x22232425, .rmbe_idx = 0x26,
	    .token = 0x2728292a, .size_code = 15, .mtu = 5,
	    .vaddr = 0x2b2c2d2e2f303132, .psn = 0x333435 },
	  { .eid = { "6789:;<=>?@ABCDEFGHIJKLMNOPQRSTU" },
	    .fce = { .os = 15, .release = 14, .max_conns = 0x76,
		     .max_links = 0x77, .features = 0x7879,
		     .host = "VWXYZ[\\]^_`abcdefghijklmnopqrstu" } } },
	{ "Accept, release 0",
	  EYE "02 00a0 28 " WIRE QP EID FCE_0 "00*16 " EYE, true,
	  { .type = SMC_CLC_ACCEPT, R_FIRST, R_WIRE, R_QP },
	  { R_EID, R_FCE_0 } },
	{ "Accept, release 0, what release 1 has is reserved",
	  EYE "02 00a0 28 " WIRE QP EID FCE_0 REL1 EYE, false,
	  { .type = SMC_CLC_ACCEPT, R_FIRST, R_WIRE, R_QP },
	  { R_EID, R_FCE_0 } },
	{ "Accept, release 0, of the age before release 1",
	  EYE "02 0090 28 " WIRE QP EID FCE_0 EYE, false,
	  { .type = SMC_CLC_ACCEPT, R_FIRST, R_WIRE, R_QP },
	  { R_EID, R_FCE_0 } },
	{ "Confirm, release 0, of the age before release 1",
	  EYE "03 00b4 28 " CLIENT QP EID FCE_0 GIDS EYE, false,
	  { .type = SMC_CLC_CONFIRM, R_FIRST, R_CLIENT, R_QP },
	  { R_EID, R_FCE_0, R_GIDS } },
	{ "Confirm, release 0, of the age of release 1",
	  EYE "03 00c4 28 " CLIENT QP EID FCE_0 "00*16 " GIDS EYE, true,
	  { .type = SMC_CLC_CONFIRM, R_FIRST, R_CLIENT, R_QP },
	  { R_EID, R_FCE_0, R_GIDS } },
	{ "Confirm, release 0, old age, no GIDs",
	  EYE "03 0090 28 " CLIENT QP EID FCE_0 EYE, false,
	  { .type = SMC_CLC_CONFIRM, R_FIRST, R_CLIENT, R_QP },
	  { R_EID, R_FCE_0 } },
	{ "Confirm, no list of GIDs",
	  EYE "03 00a0 28 " CLIENT QP EID FCE REL1 EYE, false,
	  { .type = SMC_CLC_CONFIRM, R_FIRST, R_CLIENT, R_QP },
	  { R_EID, R_FCE } },
	{ "Confirm, empty list of GIDs",
	  EYE "03 00a4 28 " CLIENT QP EID FCE REL1 "00*4 " EYE, true,
	  { .type = SMC_CLC_CONFIRM, R_FIRST, R_CLIENT, R_QP },
	  { R_EID, R_FCE } },
	{ "Confirm, more GIDs than are kept",
	  EYE "03 0134 28 " CLIENT QP EID FCE REL1 "09 000000 41*128 42*16 "
	  EYE, false,
	  { .type = SMC_CLC_CONFIRM, R_FIRST, R_CLIENT, R_QP },
	  { R_EID, R_FCE, .num_gids = 8, .gid = {
#define G "AAAAAAAAAAAAAAAA"
		G, G, G, G, G, G, G, G } } },
	{ "Accept, something follows that we do not know",
	  EYE "02 00a5 28 " WIRE QP EID FCE REL1 "0102030405 " EYE, false,
	  { .type = SMC_CLC_ACCEPT, R_FIRST, R_WIRE, R_QP },
	  { R_EID, R_FCE } },
	{ "Accept, reserved bits are set",
	  EYE "02 00a0 2c " WIRE QP_RESERVED EID_ONLY "ff*8 ff 21 ffff " HOST
	  "ff 02 0001 ff*12 " EYE, false,
	  { .type = SMC_CLC_ACCEPT, R_FIRST, R_WIRE, R_QP },
	  { R_EID, R_FCE } },
	{ "Accept, host name with what a terminal would obey",
	  EYE "02 00a0 28 " WIRE QP EID "80 21 0000 6f6b1b5b324a 20*26 " REL1
	  EYE, false,
	  { .type = SMC_CLC_ACCEPT, R_FIRST, R_WIRE, R_QP },
	  { R_EID, .fce = { .direct = true, .os = SMC_CLC_OS_LINUX,
			    .release = 1, .max_conns = 255, .max_links = 2,
			    .features = 1 } } },
	{ "Accept, host name of 8-bit characters",
	  EYE "02 00a0 28 " WIRE QP EID "00 31 0000 20*31 7f " REL1 EYE, false,
	  { .type = SMC_CLC_ACCEPT, R_FIRST, R_WIRE, R_QP },
	  { R_EID, .fce = { .os = SMC_CLC_OS_AIX, .release = 1,
			    .max_conns = 255, .max_links = 2,
			    .features = 1 } } },
	{ "Accept, version 9 is like 2",
	  EYE "02 006c 90 " WIRE QP EID EYE, false,
	  { .type = SMC_CLC_ACCEPT, R_V2, R_WIRE, R_QP }, { R_EID } },
	{ "Accept, version 1",
	  EYE "02 0044 18 " WIRE QP EYE, true,
	  { .type = SMC_CLC_ACCEPT, .version = 1, .first_contact = true,
	    R_WIRE, R_QP }, { } },
	{ "Confirm, version 1, RoCEv2 mark",
	  EYE "03 0044 10 " CLIENT QP_MARK EYE, true,
	  { .type = SMC_CLC_CONFIRM, .version = 1, R_CLIENT, R_QP,
	    .gid_kind = SMC_GID_ROCE_V2 }, { } },
	{ "Accept, D",
	  "e2d4c3c4 02 004e 29 01*66 e2d4c3c4", false,
	  { .type = SMC_CLC_ACCEPT, .version = 2, .path = SMC_PATH_D,
	    .first_contact = true }, { } },
};

KUNIT_ARRAY_PARAM_DESC(accept, accept_rows, desc);

/* The structs are compared as bytes: decoding clears padding, too. */
static void expect_same(struct kunit *test, const struct smc_clc_accept *a,
			const struct smc_clc_accept_v2 *v2,
			const struct smc_clc_accept *want,
			const struct smc_clc_accept_v2 *want_v2)
{
	KUNIT_EXPECT_EQ(test, a->version, want->version);
	KUNIT_EXPECT_EQ(test, a->first_contact, want->first_contact);
	KUNIT_EXPECT_EQ(test, a->gid_kind, want->gid_kind);
	KUNIT_EXPECT_MEMEQ(test, a, want, sizeof(*a));
	KUNIT_EXPECT_EQ(test, v2->fce.direct, want_v2->fce.direct);
	KUNIT_EXPECT_EQ(test, v2->fce.os, want_v2->fce.os);
	KUNIT_EXPECT_EQ(test, v2->fce.release, want_v2->fce.release);
	KUNIT_EXPECT_EQ(test, v2->fce.max_conns, want_v2->fce.max_conns);
	KUNIT_EXPECT_EQ(test, v2->fce.max_links, want_v2->fce.max_links);
	KUNIT_EXPECT_EQ(test, v2->fce.features, want_v2->fce.features);
	KUNIT_EXPECT_EQ(test, v2->num_gids, want_v2->num_gids);
	KUNIT_EXPECT_MEMEQ(test, v2, want_v2, sizeof(*v2));
}

static void expect_nothing(struct kunit *test, const struct smc_clc_accept *a,
			   const struct smc_clc_accept_v2 *v2)
{
	static const struct smc_clc_accept_v2 no_v2;
	static const struct smc_clc_accept no_a;

	KUNIT_EXPECT_MEMEQ(test, a, &no_a, sizeof(no_a));
	KUNIT_EXPECT_MEMEQ(test, v2, &no_v2, sizeof(no_v2));
}

static void accept_decodes(struct kunit *test)
{
	const struct accept_row *row = test->param_value;
	struct smc_clc_accept_v2 v2;
	struct smc_clc_accept a;
	struct smc_vec v;

	smc_vec_parse(test, &v, row->hex);
	memset(&a, 0xa5, sizeof(a));
	memset(&v2, 0xa5, sizeof(v2));

	KUNIT_ASSERT_EQ(test, smc_clc_decode_accept_v2(v.buf, v.len, &a, &v2),
			0);
	expect_same(test, &a, &v2, &row->a, &row->v2);
}

static void accept_encodes(struct kunit *test)
{
	const struct accept_row *row = test->param_value;
	u8 buf[SMC_CLC_CONFIRM_V2_MAX];
	struct smc_clc_accept_v2 v2;
	struct smc_clc_accept a;
	struct smc_vec v;
	size_t size;
	int rc;

	smc_vec_parse(test, &v, row->hex);
	memset(buf, 0xa5, sizeof(buf));
	rc = smc_clc_encode_accept_v2(buf, sizeof(buf), &row->a, &row->v2);
	if (row->a.path != SMC_PATH_R) {
		KUNIT_EXPECT_EQ(test, rc, -EINVAL);
		return;
	}
	KUNIT_ASSERT_GT(test, rc, 0);
	if (row->a.type == SMC_CLC_ACCEPT)
		KUNIT_EXPECT_LE(test, rc, (int)SMC_CLC_ACCEPT_V2_MAX);
	if (row->ours) {
		KUNIT_ASSERT_EQ(test, (size_t)rc, v.len);
		KUNIT_EXPECT_MEMEQ(test, buf, v.buf, v.len);
	}
	KUNIT_ASSERT_EQ(test, smc_clc_decode_accept_v2(buf, rc, &a, &v2), 0);
	/* No name is said as zeroes, which are no name. */
	expect_same(test, &a, &v2, &row->a, &row->v2);
	for (size = 0; size < (size_t)rc; size++)
		KUNIT_EXPECT_EQ(test,
				smc_clc_encode_accept_v2(smc_vec_exact(test,
								       buf,
								       size),
							 size, &row->a,
							 &row->v2),
				-EMSGSIZE);
}

static void what_we_do_not_speak_is_not_made(struct kunit *test)
{
	struct smc_clc_accept_v2 v2 = accept_rows[ROW_CONFIRM].v2;
	struct smc_clc_accept a = accept_rows[ROW_CONFIRM].a;
	u8 buf[SMC_CLC_CONFIRM_V2_MAX];

#define MAKE()	smc_clc_encode_accept_v2(buf, sizeof(buf), &a, &v2)
	v2.num_gids = SMC_CLC_MAX_GIDS;
	KUNIT_EXPECT_EQ(test, MAKE(), (int)SMC_CLC_CONFIRM_V2_MAX);
	v2.num_gids++;
	KUNIT_EXPECT_EQ(test, MAKE(), -EINVAL);
	v2.num_gids = 1;
	v2.fce.os = 16;
	KUNIT_EXPECT_EQ(test, MAKE(), -EINVAL);
	v2.fce.os = 15;
	v2.fce.release = 16;
	KUNIT_EXPECT_EQ(test, MAKE(), -EINVAL);
	v2.fce.release = 15;
	a.gid_kind = SMC_GID_ROCE_V1;
	KUNIT_EXPECT_EQ(test, MAKE(), -EINVAL);
	a.gid_kind = SMC_GID_ROCE_V2;
	a.version = 3;
	KUNIT_EXPECT_EQ(test, MAKE(), -EINVAL);
	a.version = 0;
	KUNIT_EXPECT_EQ(test, MAKE(), -EINVAL);
	a.version = SMC_V2;
	a.type = SMC_CLC_DECLINE;
	KUNIT_EXPECT_EQ(test, MAKE(), -EINVAL);
	a.type = SMC_CLC_ACCEPT;
	KUNIT_EXPECT_EQ(test, MAKE(), (int)SMC_CLC_ACCEPT_V2_MAX);
#undef MAKE
}

static void limits_are_not_said_in_release_0(struct kunit *test)
{
	struct smc_clc_accept_v2 v2 = accept_rows[ROW_FIRST].v2;
	u8 buf[SMC_CLC_CONFIRM_V2_MAX];
	static const u8 zero[4];

	v2.fce.release = 0;
	KUNIT_ASSERT_EQ(test,
			smc_clc_encode_accept_v2(buf, sizeof(buf),
						 &accept_rows[ROW_FIRST].a,
						 &v2), 160);
	KUNIT_EXPECT_MEMEQ(test, buf + 140, zero, 4);
}

static void short_accept_is_refused(struct kunit *test)
{
	const struct accept_row *row = test->param_value;
	struct smc_clc_accept_v2 v2;
	struct smc_clc_accept a;
	struct smc_vec v;
	size_t len;

	smc_vec_parse(test, &v, row->hex);
	for (len = 0; len < v.len; len++) {
		u8 *buf = smc_vec_exact(test, v.buf, len);

		KUNIT_EXPECT_EQ(test, smc_clc_decode_accept_v2(buf, len, &a,
							       &v2), -EMSGSIZE);
		expect_nothing(test, &a, &v2);
	}
}

/* What is cut off and says so has no trailer any more; give it one. */
static void cut_first_contact_is_refused(struct kunit *test)
{
	const struct smc_clc_accept_v2 *full = &accept_rows[ROW_FIRST].v2;
	struct smc_clc_accept_v2 v2;
	struct smc_clc_accept a;
	struct smc_vec v;
	size_t len;
	int rc;

	smc_vec_parse(test, &v, accept_rows[ROW_FIRST].hex);
	for (len = 108; len <= v.len; len++) {
		u8 *buf = smc_vec_exact(test, v.buf, len);

		buf[5] = (u8)(len >> 8);
		buf[6] = (u8)len;
		memcpy(buf + len - 4, v.buf, 4);
		rc = smc_clc_decode_accept_v2(buf, len, &a, &v2);
		KUNIT_EXPECT_EQ(test, rc, len < v.len ? -EPROTO : 0);
		if (rc)
			expect_nothing(test, &a, &v2);
		else
			KUNIT_EXPECT_MEMEQ(test, &v2, full, sizeof(v2));
	}
}

static void spoilt_accept_is_refused_or_understood(struct kunit *test)
{
	const struct accept_row *row = test->param_value;
	struct smc_clc_accept_v2 v2, v2_again;
	struct smc_clc_accept a, a_again;
	u8 out[SMC_CLC_CONFIRM_V2_MAX], *buf;
	unsigned int val;
	struct smc_vec v;
	size_t i;
	int rc;

	smc_vec_parse(test, &v, row->hex);
	buf = smc_vec_exact(test, v.buf, v.len);
	for (i = 0; i < v.len; i++) {
		for (val = 0; val < 256; val++) {
			buf[i] = (u8)val;
			rc = smc_clc_decode_accept_v2(buf, v.len, &a, &v2);
			if (rc) {
				KUNIT_ASSERT_TRUE(test, rc == -EPROTO ||
						  rc == -EMSGSIZE);
				expect_nothing(test, &a, &v2);
				continue;
			}
			rc = smc_clc_encode_accept_v2(out, sizeof(out), &a,
						      &v2);
			if (a.path != SMC_PATH_R) {
				KUNIT_ASSERT_EQ(test, rc, -EINVAL);
				continue;
			}
			KUNIT_ASSERT_GT(test, rc, 0);
			KUNIT_ASSERT_EQ(test, 0,
					smc_clc_decode_accept_v2(out, rc,
								 &a_again,
								 &v2_again));
			KUNIT_ASSERT_MEMEQ(test, &a, &a_again, sizeof(a));
			KUNIT_ASSERT_MEMEQ(test, &v2, &v2_again, sizeof(v2));
		}
		buf[i] = v.buf[i];
	}
}

/* Nobody has defined messages that long, but they can be announced. */
static void overlong_accept_is_refused(struct kunit *test)
{
	u8 *buf = kunit_kmalloc(test, SMC_CLC_MAX_LEN, GFP_KERNEL);
	struct smc_clc_accept_v2 v2;
	struct smc_clc_accept a;
	struct smc_vec v;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	smc_vec_parse(test, &v, accept_rows[ROW_CONFIRM].hex);
	memset(buf, 0, SMC_CLC_MAX_LEN);
	memcpy(buf, v.buf, v.len);
	buf[5] = 0xff;
	buf[6] = 0xff;
	KUNIT_EXPECT_EQ(test, smc_clc_decode_accept_v2(buf, 65535, &a, &v2),
			-EPROTO);
	expect_nothing(test, &a, &v2);

	/* The longest that is taken. */
	buf[5] = SMC_CLC_MAX_LEN >> 8;
	buf[6] = SMC_CLC_MAX_LEN & 0xff;
	memcpy(buf + SMC_CLC_MAX_LEN - 4, v.buf, 4);
	KUNIT_EXPECT_EQ(test, smc_clc_decode_accept_v2(buf, 65535, &a, &v2), 0);
	KUNIT_EXPECT_EQ(test, v2.num_gids, 2);
}

struct bad_row {
	const char *desc;
	const char *hex;
};

static const struct bad_row bad_rows[] = {
	{ "a Proposal", EYE "01 00a0 28 " WIRE QP EID FCE REL1 EYE },
	{ "a Decline", EYE "04 00a0 28 " WIRE QP EID FCE REL1 EYE },
	{ "no trailer", EYE "02 00a0 28 " WIRE QP EID FCE REL1 "00*4 " },
	{ "path none", EYE "02 006c 22 " WIRE QP EID EYE },
	{ "length of version 1", EYE "02 0044 20 " WIRE QP EYE },
	{ "107 bytes", EYE "02 006b 20 " WIRE QP "20*39 " EYE },
	{ "first contact without its extension",
	  EYE "02 006c 28 " WIRE QP EID EYE },
	{ "release 1 with the extension of release 0",
	  EYE "02 0090 28 " WIRE QP EID FCE EYE },
	{ "Confirm, release 1 with the extension of release 0",
	  EYE "03 00b4 28 " CLIENT QP EID FCE GIDS EYE },
	{ "extension of release 0, one byte short",
	  EYE "02 008f 28 " WIRE QP EID "80 20 0000 20*31 " EYE },
	{ "Confirm, more GIDs than bytes",
	  EYE "03 00b4 28 " CLIENT QP EID FCE REL1 "02 000000 " GID_A EYE },
	{ "Confirm, 255 GIDs",
	  EYE "03 00c4 28 " CLIENT QP EID FCE REL1 "ff 000000 00*32 " EYE },
	{ "Confirm, nine GIDs announced, eight sent",
	  EYE "03 0124 28 " CLIENT QP EID FCE REL1 "09 000000 41*128 " EYE },
	{ "Confirm, half a list of GIDs",
	  EYE "03 00a2 28 " CLIENT QP EID FCE REL1 "0000 " EYE },
	{ "Confirm, release 0, old age, more GIDs than bytes",
	  EYE "03 0098 28 " CLIENT QP EID FCE_0 "01 000000 00*4 " EYE },
	{ "QP 0",
	  EYE "02 006c 20 " WIRE QP_OF("000000", "23") EID EYE },
	{ "MTU code 0",
	  EYE "02 006c 20 " WIRE QP_OF("000011", "20") EID EYE },
};

KUNIT_ARRAY_PARAM_DESC(bad, bad_rows, desc);

static void bad_accept_leaves_nothing(struct kunit *test)
{
	const struct bad_row *row = test->param_value;
	struct smc_clc_accept_v2 v2;
	struct smc_clc_accept a;
	struct smc_vec v;
	u8 *buf;

	smc_vec_parse(test, &v, row->hex);
	buf = smc_vec_exact(test, v.buf, v.len);
	memset(&a, 0xa5, sizeof(a));
	memset(&v2, 0xa5, sizeof(v2));

	KUNIT_EXPECT_EQ(test, smc_clc_decode_accept_v2(buf, v.len, &a, &v2),
			-EPROTO);
	expect_nothing(test, &a, &v2);
}

static void host_name_is_padded_or_cut(struct kunit *test)
{
	static const char * const names[][2] = {
		{ "", "                                " },
		{ "h", "h                               " },
		{ "abcdefghijklmnopqrstuvwxyz.12345",
		  "abcdefghijklmnopqrstuvwxyz.12345" },
		{ "abcdefghijklmnopqrstuvwxyz.123456",
		  "abcdefghijklmnopqrstuvwxyz.12345" },
	};
	struct smc_clc_fce fce;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		smc_clc_set_host(&fce, names[i][0]);
		KUNIT_EXPECT_MEMEQ(test, fce.host, names[i][1],
				   sizeof(fce.host));
	}
}

static struct kunit_case clc_accept_v2_cases[] = {
	KUNIT_CASE_PARAM(accept_decodes, accept_gen_params),
	KUNIT_CASE_PARAM(accept_encodes, accept_gen_params),
	KUNIT_CASE(what_we_do_not_speak_is_not_made),
	KUNIT_CASE(limits_are_not_said_in_release_0),
	KUNIT_CASE_PARAM(short_accept_is_refused, accept_gen_params),
	KUNIT_CASE(cut_first_contact_is_refused),
	KUNIT_CASE_PARAM(spoilt_accept_is_refused_or_understood,
			 accept_gen_params),
	KUNIT_CASE(overlong_accept_is_refused),
	KUNIT_CASE_PARAM(bad_accept_leaves_nothing, bad_gen_params),
	KUNIT_CASE(host_name_is_padded_or_cut),
	{}
};

static struct kunit_suite clc_accept_v2_suite = {
	.name = "smc_clc_accept_v2",
	.test_cases = clc_accept_v2_cases,
};

kunit_test_suite(clc_accept_v2_suite);
