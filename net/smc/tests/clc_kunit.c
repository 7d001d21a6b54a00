// SPDX-License-Identifier: GPL-2.0
/*
 * CLC messages: what stock peers send (version 2, from the wire), version 1
 * by RFC 7609 appendix A.1, our own mark of the GID kind, and bad ones.
 */
#include "vectors.h"
#include "../proto/clc.h"

#define EYE		"e2d4c3d9 "
#define EYE_D		"e2d4c3c4 "
#define ID		"d5c1 525400000001 "
#define GID		"fe80000000000000 505400fffe000001 "
#define MAC		"525400000001 "

/* Longest Proposal of ours: all the IPv6 prefixes that fit. */
#define OURS_MAX	(84 + 8 + 8 * 17)

#define ID_BYTES	{ 0xd5, 0xc1, 0x52, 0x54, 0, 0, 0, 1 }
#define GID_BYTES	{ 0xfe, 0x80, [8] = 0x50, 0x54, 0, 0xff, 0xfe, 0, 0, 1 }
#define MAC_BYTES	{ 0x52, 0x54, 0, 0, 0, 1 }

/* The area between base and prefixes: no ISM, no extension, the mark. */
#define SMCD_AREA	"00*20 00 00*19 "
#define SMCD_AREA_ROCE2	"00*20 01 00*19 "
#define NET4		"0a010200 18 0000 00 "
#define AREA(v2_off)	"00*8 0000 " v2_off " 00*28 "
#define NO_V1		"00*8 00*16 00*6 0000 "

/* Proposal of version 2 only; its extension: EIDs, ISM devices, offset. */
#define V2_BASE(len, types, off) \
	EYE "01 " len " " types " " ID GID MAC "0000 " AREA(off)
#define V2_EXT(e, g, off) \
	e " " g " 00 10 0000 " off " 00*10 ffff0a000001 ff 02 0001 00*12 "
#define EID1		"534d435445535431 20*24 "
#define NET6_2		"00*7 02 20010db8 00*4 00*8 40 20010db8 00*3 01 00*8 40 "

struct prop_row {
	const char *desc;
	const char *hex;
	bool ours;		/* encodes to the same bytes */
	struct smc_clc_proposal p;
};

#define PROP(ver, v1, v2)	.version = ver, .v1_path = SMC_PATH_##v1, \
				.v2_path = SMC_PATH_##v2, .peer_id = ID_BYTES, \
				.gid = GID_BYTES, .mac = MAC_BYTES
#define PROP_NET4		.prefix4 = { 10, 1, 2, 0 }, .prefix4_len = 24
#define PROP_NET6_2		.num_prefix6 = 2, .prefix6 = { \
				{ { 0x20, 0x01, 0x0d, 0xb8 }, 64 }, \
				{ { 0x20, 0x01, 0x0d, 0xb8, [7] = 1 }, 64 } }

static const struct prop_row prop_rows[] = {
	{ "IPv4",
	  EYE "01 005c 28 " ID GID MAC "0028 " SMCD_AREA NET4 EYE, true,
	  { PROP(2, R, NONE), PROP_NET4 } },
	{ "IPv4, RoCEv2 mark",
	  EYE "01 005c 28 " ID GID MAC "0028 " SMCD_AREA_ROCE2 NET4 EYE, true,
	  { PROP(2, R, NONE), PROP_NET4,
	    .gid_kind = SMC_GID_ROCE_V2 } },
	{ "IPv6, two prefixes",
	  EYE "01 007e 28 " ID GID MAC "0028 " SMCD_AREA NET6_2 EYE, true,
	  { PROP(2, R, NONE), PROP_NET6_2 } },
	{ "R or D",
	  EYE "01 005c 2b " ID GID MAC "0028 " SMCD_AREA NET4 EYE, true,
	  { PROP(2, BOTH, NONE), PROP_NET4 } },
	{ "nothing offered",
	  EYE "01 0054 2a " ID GID MAC "0000 " SMCD_AREA EYE, true,
	  { PROP(2, NONE, NONE) } },
	{ "RFC 7609, IPv4",
	  EYE "01 0034 10 " ID GID MAC "0000 " NET4 EYE, false,
	  { PROP(1, R, NONE), PROP_NET4 } },
	{ "RFC 7609, IPv6",
	  EYE "01 0056 10 " ID GID MAC "0000 " NET6_2 EYE, false,
	  { PROP(1, R, NONE), PROP_NET6_2 } },
	{ "version 1 with SMC-D area, byte 60 is not ours",
	  EYE "01 005c 10 " ID GID MAC "0028 " SMCD_AREA_ROCE2 NET4 EYE, false,
	  { PROP(1, R, NONE), PROP_NET4 } },
	{ "version 1, D offered",
	  EYE "01 005c 11 " ID GID MAC "0028 " SMCD_AREA NET4 EYE, false,
	  { PROP(1, D, NONE), PROP_NET4 } },
	{ "version 1, some bytes skipped",
	  EYE "01 0037 10 " ID GID MAC "0003 ffffff " NET4 EYE, false,
	  { PROP(1, R, NONE), PROP_NET4 } },
	{ "version 1, version 2 bits mean nothing",
	  EYE "01 0034 14 " ID GID MAC "0000 " NET4 EYE, false,
	  { PROP(1, R, NONE), PROP_NET4 } },
	{ "another mark means nothing",
	  EYE "01 005c 28 " ID GID MAC "0028 00*20 02 00*19 " NET4 EYE,
	  false, { PROP(2, R, NONE), PROP_NET4 } },
	{ "prefix inside the SMC-D area, no mark",
	  EYE "01 005c 28 " ID GID MAC "0014 00*20 01010200 18 0000 00 00*20 " EYE, false,
	  { PROP(2, R, NONE), .prefix4 = { 1, 1, 2, 0 },
	    .prefix4_len = 24 } },
	{ "trailer of SMC-D",
	  EYE_D "01 005c 28 " ID GID MAC "0028 " SMCD_AREA NET4 EYE_D, false,
	  { PROP(2, R, NONE), PROP_NET4 } },
	{ "version 7 is like 2",
	  EYE "01 005c 78 " ID GID MAC "0028 " SMCD_AREA NET4 EYE, false,
	  { PROP(7, R, NONE), PROP_NET4 } },
	{ "stock, version 2 only, from the wire",
	  EYE "01 009c 22 " NO_V1 AREA("001c") V2_EXT("01", "00", "0000")
	  EID1 EYE, false,
	  { .version = 2, .v1_path = SMC_PATH_NONE, .v2_path = SMC_PATH_R } },
	{ "stock, both versions",
	  EYE "01 00a4 20 " ID GID MAC "0028 " AREA("0024") NET4
	  V2_EXT("01", "00", "0000") EID1 EYE, false,
	  { PROP(2, R, R), PROP_NET4 } },
	{ "everything at its largest",
	  EYE "01 028c 2f " ID GID MAC "0028 " AREA("00ac") "00*7 08 fd*136 "
	  V2_EXT("08", "08", "0120") "20*256 00*48 00*80 " EYE, false,
	  { PROP(2, BOTH, BOTH),
	    .num_prefix6 = 8, .prefix6 = {
#define FD { { 0xfd, 0xfd, 0xfd, 0xfd, 0xfd, 0xfd, 0xfd, 0xfd, 0xfd, 0xfd, \
	       0xfd, 0xfd, 0xfd, 0xfd, 0xfd, 0xfd }, 0xfd }
		FD, FD, FD, FD, FD, FD, FD, FD } } },
};

KUNIT_ARRAY_PARAM_DESC(prop, prop_rows, desc);

static void proposal_decodes(struct kunit *test)
{
	const struct prop_row *row = test->param_value;
	struct smc_clc_proposal p;
	struct smc_vec v;

	smc_vec_parse(test, &v, row->hex);
	memset(&p, 0xa5, sizeof(p));

	KUNIT_ASSERT_EQ(test, smc_clc_decode_proposal(v.buf, v.len, &p), 0);
	KUNIT_EXPECT_EQ(test, p.version, row->p.version);
	KUNIT_EXPECT_EQ(test, p.v1_path, row->p.v1_path);
	KUNIT_EXPECT_EQ(test, p.v2_path, row->p.v2_path);
	KUNIT_EXPECT_EQ(test, p.gid_kind, row->p.gid_kind);
	KUNIT_EXPECT_EQ(test, p.prefix4_len, row->p.prefix4_len);
	KUNIT_EXPECT_EQ(test, p.num_prefix6, row->p.num_prefix6);
	/* The rest; the struct is all bytes and has no padding. */
	KUNIT_EXPECT_MEMEQ(test, &p, &row->p, sizeof(p));
}

static void proposal_encodes(struct kunit *test)
{
	const struct prop_row *row = test->param_value;
	u8 buf[OURS_MAX];
	struct smc_vec v;
	size_t size;
	int rc;

	smc_vec_parse(test, &v, row->hex);
	memset(buf, 0xa5, sizeof(buf));
	rc = smc_clc_encode_proposal(buf, sizeof(buf), &row->p);
	if (row->p.v2_path != SMC_PATH_NONE) {
		KUNIT_EXPECT_EQ(test, rc, -EINVAL);
		return;
	}
	KUNIT_ASSERT_GT(test, rc, 0);
	if (row->ours) {
		KUNIT_ASSERT_EQ(test, (size_t)rc, v.len);
		KUNIT_EXPECT_MEMEQ(test, buf, v.buf, v.len);
	}
	for (size = 0; size < (size_t)rc; size++)
		KUNIT_EXPECT_EQ(test,
				smc_clc_encode_proposal(smc_vec_exact(test, buf,
								      size),
							size, &row->p),
				-EMSGSIZE);
}

/* The stock receiver looks for a prefix count there even if there is none. */
static void byte_47_of_our_proposals_is_zero(struct kunit *test)
{
	const struct prop_row *row = test->param_value;
	u8 buf[OURS_MAX];

	if (row->p.v2_path == SMC_PATH_NONE) {
		KUNIT_ASSERT_GT(test, smc_clc_encode_proposal(buf, sizeof(buf),
							      &row->p), 0);
		KUNIT_EXPECT_EQ(test, buf[47], 0);
	}
}

static void proposal_we_cannot_make_is_refused(struct kunit *test)
{
	struct smc_clc_proposal p = {
		.v1_path = SMC_PATH_R,
		.v2_path = SMC_PATH_NONE,
	};
	u8 buf[OURS_MAX];

	p.num_prefix6 = SMC_CLC_MAX_V6_PREFIXES;
	KUNIT_EXPECT_EQ(test, smc_clc_encode_proposal(buf, sizeof(buf), &p),
			OURS_MAX);
	p.num_prefix6++;
	KUNIT_EXPECT_EQ(test, smc_clc_encode_proposal(buf, sizeof(buf), &p),
			-EINVAL);
	p.num_prefix6 = 0;
	p.v1_path = 4;
	KUNIT_EXPECT_EQ(test, smc_clc_encode_proposal(buf, sizeof(buf), &p),
			-EINVAL);
}

static void short_proposal_is_refused(struct kunit *test)
{
	const struct prop_row *row = test->param_value;
	struct smc_clc_proposal p;
	struct smc_vec v;
	size_t len;

	smc_vec_parse(test, &v, row->hex);
	for (len = 0; len < v.len; len++) {
		u8 *buf = smc_vec_exact(test, v.buf, len);

		KUNIT_EXPECT_EQ(test, smc_clc_decode_proposal(buf, len, &p),
				-EMSGSIZE);
		if (len < SMC_CLC_HDR_LEN)
			continue;
		buf[5] = (u8)(len >> 8);
		buf[6] = (u8)len;
		KUNIT_EXPECT_EQ(test, smc_clc_decode_proposal(buf, len, &p),
				-EPROTO);
	}
}

static void spoilt_proposal_is_refused_or_understood(struct kunit *test)
{
	const struct prop_row *row = test->param_value;
	struct smc_clc_proposal p, again;
	u8 out[OURS_MAX], *buf;
	unsigned int val;
	struct smc_vec v;
	size_t i;
	int rc;

	smc_vec_parse(test, &v, row->hex);
	buf = smc_vec_exact(test, v.buf, v.len);
	for (i = 0; i < v.len; i++) {
		for (val = 0; val < 256; val++) {
			buf[i] = (u8)val;
			rc = smc_clc_decode_proposal(buf, v.len, &p);
			if (rc) {
				KUNIT_ASSERT_TRUE(test, rc == -EPROTO ||
						  rc == -EMSGSIZE);
				continue;
			}
			if (p.v2_path != SMC_PATH_NONE)
				continue;
			rc = smc_clc_encode_proposal(out, sizeof(out), &p);
			KUNIT_ASSERT_GT(test, rc, 0);
			KUNIT_ASSERT_EQ(test, 0,
					smc_clc_decode_proposal(out, rc,
								&again));
			p.version = SMC_V2;
			KUNIT_ASSERT_MEMEQ(test, &p, &again, sizeof(p));
		}
		buf[i] = v.buf[i];
	}
}

struct bad_row {
	const char *desc;
	const char *hex;
};

static const struct bad_row bad_props[] = {
	{ "no eyecatcher",
	  "e2d4c3d8 01 005c 28 " ID GID MAC "0028 " SMCD_AREA NET4 EYE },
	{ "no trailer",
	  EYE "01 005c 28 " ID GID MAC "0028 " SMCD_AREA NET4 "e2d4c3da" },
	{ "version 0",
	  EYE "01 005c 08 " ID GID MAC "0028 " SMCD_AREA NET4 EYE },
	{ "type 0", EYE "00 005c 28 " ID GID MAC "0028 " SMCD_AREA NET4 EYE },
	{ "type 5", EYE "05 005c 28 " ID GID MAC "0028 " SMCD_AREA NET4 EYE },
	{ "an Accept", EYE "02 005c 28 " ID GID MAC "0028 " SMCD_AREA NET4 EYE },
	{ "a Decline", EYE "04 005c 28 " ID GID MAC "0028 " SMCD_AREA NET4 EYE },
	{ "length 51",
	  EYE "01 0033 10 " ID GID MAC "0000 0a010200 18 0000 " EYE },
	{ "length 0",
	  EYE "01 0000 28 " ID GID MAC "0028 " SMCD_AREA NET4 EYE },
	{ "version 2 without SMC-D area",
	  EYE "01 0034 20 " ID GID MAC "0000 " NET4 EYE },
	{ "one byte too many",
	  EYE "01 005d 28 " ID GID MAC "0028 " SMCD_AREA NET4 "00 " EYE },
	{ "prefix area, but version 1 not offered",
	  EYE "01 005c 2a " ID GID MAC "0028 " SMCD_AREA NET4 EYE },
	{ "no prefix area, but version 1 offered",
	  EYE "01 0054 28 " ID GID MAC "0028 " SMCD_AREA EYE },
	{ "version 1 that offers nothing",
	  EYE "01 0034 12 " ID GID MAC "0000 " NET4 EYE },
	{ "IP area offset 41",
	  EYE "01 005d 10 " ID GID MAC "0029 " SMCD_AREA "00 " NET4 EYE },
	{ "IP area offset 65535",
	  EYE "01 005c 28 " ID GID MAC "ffff " SMCD_AREA NET4 EYE },
	{ "D without its area",
	  EYE "01 0034 11 " ID GID MAC "0000 " NET4 EYE },
	{ "R or D without its area",
	  EYE "01 005c 2b " ID GID MAC "0000 " NET4 "00*40 " EYE },
	{ "nine IPv6 prefixes",
	  EYE "01 00f5 28 " ID GID MAC "0028 " SMCD_AREA "00*7 09 00*153 " EYE },
	{ "255 IPv6 prefixes",
	  EYE "01 005c 28 " ID GID MAC "0028 " SMCD_AREA "00*7 ff " EYE },
	{ "more IPv6 prefixes than bytes",
	  EYE "01 007e 28 " ID GID MAC "0028 " SMCD_AREA "00*7 03 00*34 " EYE },
	{ "more bytes than IPv6 prefixes",
	  EYE "01 007e 28 " ID GID MAC "0028 " SMCD_AREA "00*7 01 00*34 " EYE },
	{ "version 2 without extension",
	  V2_BASE("0054", "22", "0000") EYE },
	{ "extension offset 0",
	  V2_BASE("007c", "22", "0000") V2_EXT("00", "00", "0000") EYE },
	{ "extension offset 173",
	  V2_BASE("007c", "22", "00ad") V2_EXT("00", "00", "0000") EYE },
	{ "extension one byte late",
	  V2_BASE("007c", "22", "001d") V2_EXT("00", "00", "0000") EYE },
	{ "extension behind the end",
	  V2_BASE("007c", "22", "00ac") V2_EXT("00", "00", "0000") EYE },
	{ "nine EIDs",
	  V2_BASE("019c", "22", "001c") V2_EXT("09", "00", "0000")
	  "20*288 " EYE },
	{ "more EIDs than bytes",
	  V2_BASE("009c", "22", "001c") V2_EXT("02", "00", "0000")
	  "20*32 " EYE },
	{ "more bytes than EIDs",
	  V2_BASE("009c", "22", "001c") V2_EXT("00", "00", "0000")
	  "20*32 " EYE },
	{ "version 2 D without its extension",
	  V2_BASE("007c", "26", "001c") V2_EXT("00", "00", "0020") EYE },
	{ "nine ISM devices",
	  V2_BASE("0106", "26", "001c") V2_EXT("00", "09", "0020")
	  "00*48 00*90 " EYE },
	{ "SMC-D extension offset 289",
	  V2_BASE("00ac", "26", "001c") V2_EXT("00", "00", "0121")
	  "00*48 " EYE },
	{ "SMC-D extension behind the end",
	  V2_BASE("00ac", "26", "001c") V2_EXT("00", "00", "0021")
	  "00*48 " EYE },
};

KUNIT_ARRAY_PARAM_DESC(bad_prop, bad_props, desc);

static void bad_proposal_leaves_nothing(struct kunit *test)
{
	const struct bad_row *row = test->param_value;
	struct smc_clc_proposal p, zero;
	struct smc_vec v;
	u8 *buf;

	smc_vec_parse(test, &v, row->hex);
	buf = smc_vec_exact(test, v.buf, v.len);
	memset(&p, 0xa5, sizeof(p));
	memset(&zero, 0, sizeof(zero));

	KUNIT_EXPECT_EQ(test, smc_clc_decode_proposal(buf, v.len, &p),
			-EPROTO);
	KUNIT_EXPECT_MEMEQ(test, &p, &zero, sizeof(p));
}

static void well_formed_v2_part_is_skipped(struct kunit *test)
{
	static const char * const good[] = {
		V2_BASE("007c", "22", "001c") V2_EXT("00", "00", "0000") EYE,
		V2_BASE("00b6", "26", "001c") V2_EXT("00", "01", "0020")
		"00*48 00*10 " EYE,
		V2_BASE("00cc", "2e", "001c") V2_EXT("01", "00", "0040")
		"20*32 00*48 " EYE,
	};
	static const u8 paths[] = { SMC_PATH_R, SMC_PATH_D, SMC_PATH_BOTH };
	struct smc_clc_proposal p;
	struct smc_vec v;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		smc_vec_parse(test, &v, good[i]);
		if (paths[i] == SMC_PATH_BOTH)	/* v2 bits 11, v1 bits 10 */
			KUNIT_ASSERT_EQ(test, v.buf[7], 0x2e);
		KUNIT_ASSERT_EQ(test,
				smc_clc_decode_proposal(v.buf, v.len, &p), 0);
		KUNIT_EXPECT_EQ(test, p.v2_path, paths[i]);
		KUNIT_EXPECT_EQ(test, p.v1_path, SMC_PATH_NONE);
	}
}

static struct kunit_case clc_cases[] = {
	KUNIT_CASE_PARAM(proposal_decodes, prop_gen_params),
	KUNIT_CASE_PARAM(proposal_encodes, prop_gen_params),
	KUNIT_CASE_PARAM(byte_47_of_our_proposals_is_zero, prop_gen_params),
	KUNIT_CASE(proposal_we_cannot_make_is_refused),
	KUNIT_CASE_PARAM(short_proposal_is_refused, prop_gen_params),
	KUNIT_CASE_PARAM(spoilt_proposal_is_refused_or_understood,
			 prop_gen_params),
	KUNIT_CASE_PARAM(bad_proposal_leaves_nothing, bad_prop_gen_params),
	KUNIT_CASE(well_formed_v2_part_is_skipped),
	{}
};

static struct kunit_suite clc_suite = {
	.name = "smc_clc",
	.test_cases = clc_cases,
};

kunit_test_suite(clc_suite);
