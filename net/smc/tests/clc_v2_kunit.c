// SPDX-License-Identifier: GPL-2.0
/*
 * Proposals with an extension of version 2: from the wire, by the layouts
 * filled in by hand, and bad ones.
 */
#include "vectors.h"
#include "../proto/clc_v2.h"

#define EYE		"e2d4c3d9 "
#define ID		"d5c1525400000001 "
#define GID		"fe80000000000000505400fffe000001 "
#define MAC		"525400000001 "
#define NO_V1		"00*8 00*16 00*6 0000 "
#define V1		ID GID MAC "0028 "
#define NET4		"0a010200 18 0000 00 "
#define NET6		"00*7 01 20010db8 00*12 40 "

/* Area of SMC-D: how far it is to the extension, our mark of the GID kind. */
#define AREA(off)	"00*8 0000 " off " 00*8 00 00*19 "
#define AREA_ROCE2(off)	"00*8 0000 " off " 00*8 01 00*19 "

#define GID4		"00*10 ffff0a000001 "
#define EID1		"534d435445535431 20*24 "
#define EID2		"4f544845522e4549442d32 20*21 "

/* Extension: number of EIDs and ISM devices, flags, offset of the latter. */
#define EXT(e, g, flags, off)	e " " g " 00 " flags " 0000 " off " "
#define REL1		GID4 "ff 02 0001 00*12 "

#define ID_BYTES	{ 0xd5, 0xc1, 0x52, 0x54, 0, 0, 0, 1 }
#define GID_BYTES	{ 0xfe, 0x80, [8] = 0x50, 0x54, 0, 0xff, 0xfe, 0, 0, 1 }
#define MAC_BYTES	{ 0x52, 0x54, 0, 0, 0, 1 }
#define GID4_BYTES	{ [10] = 0xff, 0xff, 10, 0, 0, 1 }

#define EID1_NAME	{ .name = "SMCTEST1                        " }
#define EID2_NAME	{ .name = "OTHER.EID-2                     " }

struct prop_row {
	const char *desc;
	const char *hex;
	bool ours;		/* encodes to the same bytes */
	struct smc_clc_proposal p;
	struct smc_clc_offer_v2 o;
};

#define PROP_V1(v2)	.version = 2, .v1_path = SMC_PATH_R, .v2_path = v2, \
			.peer_id = ID_BYTES, .gid = GID_BYTES, .mac = MAC_BYTES
#define PROP_NET4	.prefix4 = { 10, 1, 2, 0 }, .prefix4_len = 24
#define V2_ONLY(v2)	.version = 2, .v1_path = SMC_PATH_NONE, .v2_path = v2
#define OFFER_REL1	.release = 1, .gid = GID4_BYTES, .max_conns = 255, \
			.max_links = 2, .features = 1
#define OFFER_EID1	.num_eids = 1, .eid = { EID1_NAME }

static const struct prop_row prop_rows[] = {
	{ "version 2 only, from the wire",
	  EYE "01 009c 22 " NO_V1 AREA("001c") EXT("01", "00", "10", "0000")
	  REL1 EID1 EYE, true,
	  { V2_ONLY(SMC_PATH_R) }, { OFFER_REL1, OFFER_EID1 } },
	{ "version 2 only, peer ID and MAC filled in",
	  EYE "01 009c 22 " ID "00*16 " MAC "0000 " AREA("001c")
	  EXT("01", "00", "10", "0000") REL1 EID1 EYE, true,
	  { V2_ONLY(SMC_PATH_R), .peer_id = ID_BYTES, .mac = MAC_BYTES },
	  { OFFER_REL1, OFFER_EID1 } },
	{ "both versions, IPv4",
	  EYE "01 00a4 20 " V1 AREA("0024") NET4
	  EXT("01", "00", "10", "0000") REL1 EID1 EYE, true,
	  { PROP_V1(SMC_PATH_R), PROP_NET4 }, { OFFER_REL1, OFFER_EID1 } },
	{ "both versions, IPv4, RoCEv2 mark",
	  EYE "01 00a4 20 " V1 AREA_ROCE2("0024") NET4
	  EXT("01", "00", "10", "0000") REL1 EID1 EYE, true,
	  { PROP_V1(SMC_PATH_R), PROP_NET4, .gid_kind = SMC_GID_ROCE_V2 },
	  { OFFER_REL1, OFFER_EID1 } },
	{ "both versions, IPv6, two EIDs",
	  EYE "01 00d5 20 " V1 AREA("0035") NET6
	  EXT("02", "00", "10", "0000") REL1 EID2 EID1 EYE, true,
	  { PROP_V1(SMC_PATH_R), .num_prefix6 = 1,
	    .prefix6 = { { { 0x20, 0x01, 0x0d, 0xb8 }, 64 } } },
	  { OFFER_REL1, .num_eids = 2, .eid = { EID2_NAME, EID1_NAME } } },
	{ "no EID, and every field its own bytes",
	  EYE "01 007c 22 " NO_V1 AREA("001c") EXT("00", "00", "f1", "0000")
	  "101112131415161718191a1b1c1d1e1f 20 21 2223 00*12 " EYE, true,
	  { V2_ONLY(SMC_PATH_R) },
	  { .release = 15, .seid = true, .max_conns = 0x20, .max_links = 0x21,
	    .features = 0x2223,
	    .gid = { 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
		     31 } } },
	{ "release 0",
	  EYE "01 009c 22 " NO_V1 AREA("001c") EXT("01", "00", "00", "0000")
	  GID4 "00*16 " EID1 EYE, true,
	  { V2_ONLY(SMC_PATH_R) }, { .gid = GID4_BYTES, OFFER_EID1 } },
	{ "release 0, what release 1 has is reserved",
	  EYE "01 009c 22 " NO_V1 AREA("001c") EXT("01", "00", "00", "0000")
	  REL1 EID1 EYE, false,
	  { V2_ONLY(SMC_PATH_R) }, { .gid = GID4_BYTES, OFFER_EID1 } },
	{ "reserved bits are set",
	  EYE "01 009c 22 " NO_V1 AREA("001c") "01 00 ff 1e ffff 0000 "
	  GID4 "ff 02 0001 ff*12 " EID1 EYE, false,
	  { V2_ONLY(SMC_PATH_R) }, { OFFER_REL1, OFFER_EID1 } },
	{ "ISM devices named, but SMC-D not offered",
	  EYE "01 009c 22 " NO_V1 AREA("001c") EXT("01", "09", "10", "ffff")
	  REL1 EID1 EYE, false,
	  { V2_ONLY(SMC_PATH_R) }, { OFFER_REL1, OFFER_EID1 } },
	{ "version 7 is like 2",
	  EYE "01 009c 72 " NO_V1 AREA("001c") EXT("01", "00", "10", "0000")
	  REL1 EID1 EYE, false,
	  { .version = 7, .v1_path = SMC_PATH_NONE, .v2_path = SMC_PATH_R },
	  { OFFER_REL1, OFFER_EID1 } },
	{ "D and R, two ISM devices are skipped",
	  EYE "01 00e0 2e " NO_V1 AREA("001c") EXT("01", "02", "11", "0040")
	  REL1 EID1 "53*32 00*16 0102030405060708 ff00 1112131415161718 ff00 "
	  EYE, false,
	  { V2_ONLY(SMC_PATH_BOTH) },
	  { OFFER_REL1, OFFER_EID1, .seid = true } },
	{ "D only",
	  EYE "01 00ac 26 " NO_V1 AREA("001c") EXT("00", "00", "10", "0020")
	  "00*16 ff 02 0001 00*12 00*48 " EYE, false,
	  { V2_ONLY(SMC_PATH_D) },
	  { .release = 1, .max_conns = 255, .max_links = 2, .features = 1 } },
	{ "extension over the SMC-D area, which nobody forbids",
	  EYE "01 007c 22 " NO_V1 "00*8 0000 0001 00 "
	  EXT("00", "00", "10", "0000") REL1 "00*27 " EYE, false,
	  { V2_ONLY(SMC_PATH_R) }, { OFFER_REL1 } },
	{ "version 1 only",
	  EYE "01 005c 28 " V1 AREA("0000") NET4 EYE, true,
	  { PROP_V1(SMC_PATH_NONE), PROP_NET4 }, { 0 } },
	{ "version 1 only, an offset that means nothing",
	  EYE "01 005c 28 " V1 AREA("ffff") NET4 EYE, false,
	  { PROP_V1(SMC_PATH_NONE), PROP_NET4 }, { 0 } },
	{ "RFC 7609",
	  EYE "01 0034 10 " ID GID MAC "0000 " NET4 EYE, false,
	  { .version = 1, .v1_path = SMC_PATH_R, .v2_path = SMC_PATH_NONE,
	    .peer_id = ID_BYTES, .gid = GID_BYTES, .mac = MAC_BYTES,
	    PROP_NET4 }, { 0 } },
};

KUNIT_ARRAY_PARAM_DESC(prop, prop_rows, desc);

/* The structs are compared as bytes: decoding clears padding, too. */
static void expect_row(struct kunit *test, const struct prop_row *row,
		       const struct smc_clc_proposal *p,
		       const struct smc_clc_offer_v2 *o)
{
	KUNIT_EXPECT_MEMEQ(test, p, &row->p, sizeof(*p));
	KUNIT_EXPECT_EQ(test, o->release, row->o.release);
	KUNIT_EXPECT_EQ(test, o->seid, row->o.seid);
	KUNIT_EXPECT_EQ(test, o->max_conns, row->o.max_conns);
	KUNIT_EXPECT_EQ(test, o->max_links, row->o.max_links);
	KUNIT_EXPECT_EQ(test, o->features, row->o.features);
	KUNIT_EXPECT_EQ(test, o->num_eids, row->o.num_eids);
	KUNIT_EXPECT_MEMEQ(test, o, &row->o, sizeof(*o));
}

static void proposal_decodes(struct kunit *test)
{
	const struct prop_row *row = test->param_value;
	struct smc_clc_proposal p;
	struct smc_clc_offer_v2 o;
	struct smc_vec v;

	smc_vec_parse(test, &v, row->hex);
	memset(&p, 0xa5, sizeof(p));
	memset(&o, 0xa5, sizeof(o));

	KUNIT_ASSERT_EQ(test, smc_clc_decode_proposal_v2(v.buf, v.len, &p, &o),
			0);
	expect_row(test, row, &p, &o);
}

/* Whoever knows version 1 only sees the same offer. */
static void decoder_of_version_1_agrees(struct kunit *test)
{
	const struct prop_row *row = test->param_value;
	struct smc_clc_proposal p;
	struct smc_vec v;

	smc_vec_parse(test, &v, row->hex);
	KUNIT_ASSERT_EQ(test, smc_clc_decode_proposal(v.buf, v.len, &p), 0);
	KUNIT_EXPECT_MEMEQ(test, &p, &row->p, sizeof(p));
}

static void proposal_encodes(struct kunit *test)
{
	const struct prop_row *row = test->param_value;
	u8 buf[SMC_CLC_PROPOSAL_V2_MAX];
	struct smc_clc_proposal p;
	struct smc_clc_offer_v2 o;
	struct smc_vec v;
	size_t size;
	int rc;

	smc_vec_parse(test, &v, row->hex);
	memset(buf, 0xa5, sizeof(buf));
	rc = smc_clc_encode_proposal_v2(buf, sizeof(buf), &row->p, &row->o);
	if (row->p.v2_path == SMC_PATH_D || row->p.v2_path == SMC_PATH_BOTH) {
		KUNIT_EXPECT_EQ(test, rc, -EINVAL);
		return;
	}
	KUNIT_ASSERT_GT(test, rc, 0);
	/* Peers look for a number of prefixes there, with prefixes or not. */
	KUNIT_EXPECT_EQ(test, buf[47], 0);
	if (row->ours) {
		KUNIT_ASSERT_EQ(test, (size_t)rc, v.len);
		KUNIT_EXPECT_MEMEQ(test, buf, v.buf, v.len);
	}
	KUNIT_ASSERT_EQ(test, smc_clc_decode_proposal_v2(buf, rc, &p, &o), 0);
	p.version = row->p.version;	/* we always say 2 */
	expect_row(test, row, &p, &o);
	for (size = 0; size < (size_t)rc; size++)
		KUNIT_EXPECT_EQ(test,
				smc_clc_encode_proposal_v2(smc_vec_exact(test,
									 buf,
									 size),
							   size, &row->p,
							   &row->o),
				-EMSGSIZE);
}

static void longest_proposal_fits(struct kunit *test)
{
	struct smc_clc_proposal p = {
		.v1_path = SMC_PATH_R,
		.v2_path = SMC_PATH_R,
		.num_prefix6 = SMC_CLC_MAX_V6_PREFIXES,
	};
	struct smc_clc_offer_v2 o = { .num_eids = SMC_CLC_MAX_EIDS };
	u8 *buf = kunit_kmalloc(test, SMC_CLC_PROPOSAL_V2_MAX, GFP_KERNEL);
	size_t size = SMC_CLC_PROPOSAL_V2_MAX;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_EXPECT_EQ(test, smc_clc_encode_proposal_v2(buf, size, &p, &o),
			(int)size);
	o.num_eids++;
	KUNIT_EXPECT_EQ(test, smc_clc_encode_proposal_v2(buf, size, &p, &o),
			-EINVAL);
	o.num_eids--;
	o.release = 16;
	KUNIT_EXPECT_EQ(test, smc_clc_encode_proposal_v2(buf, size, &p, &o),
			-EINVAL);
	o.release = 0;
	p.num_prefix6++;
	KUNIT_EXPECT_EQ(test, smc_clc_encode_proposal_v2(buf, size, &p, &o),
			-EINVAL);
	p.num_prefix6 = 0;
	p.v2_path = SMC_PATH_BOTH;
	KUNIT_EXPECT_EQ(test, smc_clc_encode_proposal_v2(buf, size, &p, &o),
			-EINVAL);
	p.v2_path = SMC_PATH_NONE;	/* what is in the rest counts not */
	o.num_eids = 255;
	KUNIT_EXPECT_EQ(test, smc_clc_encode_proposal_v2(buf, size, &p, &o),
			92);
}

static void limits_are_not_said_in_release_0(struct kunit *test)
{
	struct smc_clc_proposal p = { V2_ONLY(SMC_PATH_R) };
	struct smc_clc_offer_v2 o = { OFFER_REL1 };
	u8 buf[SMC_CLC_PROPOSAL_V2_MAX];
	static const u8 zero[4];

	KUNIT_ASSERT_EQ(test, smc_clc_encode_proposal_v2(buf, sizeof(buf), &p,
							 &o), 124);
	KUNIT_EXPECT_EQ(test, buf[104], 255);
	o.release = 0;
	KUNIT_ASSERT_EQ(test, smc_clc_encode_proposal_v2(buf, sizeof(buf), &p,
							 &o), 124);
	KUNIT_EXPECT_MEMEQ(test, buf + 104, zero, 4);
}

static void expect_nothing(struct kunit *test,
			   const struct smc_clc_proposal *p,
			   const struct smc_clc_offer_v2 *o)
{
	static const struct smc_clc_proposal no_p;
	static const struct smc_clc_offer_v2 no_o;

	KUNIT_EXPECT_MEMEQ(test, p, &no_p, sizeof(no_p));
	KUNIT_EXPECT_MEMEQ(test, o, &no_o, sizeof(no_o));
}

static void short_proposal_is_refused(struct kunit *test)
{
	const struct prop_row *row = test->param_value;
	struct smc_clc_proposal p;
	struct smc_clc_offer_v2 o;
	struct smc_vec v;
	size_t len;

	smc_vec_parse(test, &v, row->hex);
	for (len = 0; len < v.len; len++) {
		u8 *buf = smc_vec_exact(test, v.buf, len);

		KUNIT_EXPECT_EQ(test,
				smc_clc_decode_proposal_v2(buf, len, &p, &o),
				-EMSGSIZE);
		expect_nothing(test, &p, &o);
		if (len < SMC_CLC_HDR_LEN)
			continue;
		buf[5] = (u8)(len >> 8);
		buf[6] = (u8)len;
		KUNIT_EXPECT_EQ(test,
				smc_clc_decode_proposal_v2(buf, len, &p, &o),
				-EPROTO);
		expect_nothing(test, &p, &o);
	}
}

static void spoilt_proposal_is_refused_or_understood(struct kunit *test)
{
	const struct prop_row *row = test->param_value;
	size_t i, size = SMC_CLC_PROPOSAL_V2_MAX;
	struct smc_clc_proposal p, p_again;
	struct smc_clc_offer_v2 o, o_again;
	unsigned int val, understood = 0;
	struct smc_vec v;
	u8 *out, *buf;
	int rc;

	smc_vec_parse(test, &v, row->hex);
	buf = smc_vec_exact(test, v.buf, v.len);
	out = kunit_kmalloc(test, size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, out);
	for (i = 0; i < v.len; i++) {
		for (val = 0; val < 256; val++) {
			buf[i] = (u8)val;
			rc = smc_clc_decode_proposal_v2(buf, v.len, &p, &o);
			KUNIT_ASSERT_EQ(test, rc,
					smc_clc_decode_proposal(buf, v.len,
								&p_again));
			if (rc) {
				expect_nothing(test, &p, &o);
				continue;
			}
			KUNIT_ASSERT_MEMEQ(test, &p, &p_again, sizeof(p));
			/* We have nothing to say about SMC-D. */
			if (p.v2_path == SMC_PATH_D ||
			    p.v2_path == SMC_PATH_BOTH)
				p.v2_path = SMC_PATH_R;
			rc = smc_clc_encode_proposal_v2(out, size, &p, &o);
			KUNIT_ASSERT_GT(test, rc, 0);
			KUNIT_ASSERT_EQ(test, 0,
					smc_clc_decode_proposal_v2(out, rc,
								   &p_again,
								   &o_again));
			p.version = SMC_V2;
			KUNIT_ASSERT_MEMEQ(test, &p, &p_again, sizeof(p));
			KUNIT_ASSERT_MEMEQ(test, &o, &o_again, sizeof(o));
			understood++;
		}
		buf[i] = v.buf[i];
	}
	/* Most bytes are values and not structure. */
	KUNIT_EXPECT_GT(test, understood, (unsigned int)v.len * 128);
}

/*
 * Every offset to the extension, and in it to what SMC-D has: nothing is read
 * behind the message, whatever they are.
 */
static void any_offset_stays_inside(struct kunit *test)
{
	const struct prop_row *row = test->param_value;
	struct smc_clc_proposal p;
	struct smc_clc_offer_v2 o;
	unsigned int off, taken;
	struct smc_vec v;
	u8 *buf;
	int rc;

	smc_vec_parse(test, &v, row->hex);
	buf = smc_vec_exact(test, v.buf, v.len);
	for (off = 0, taken = 0; off < 65536; off++) {
		buf[50] = (u8)(off >> 8);
		buf[51] = (u8)off;
		rc = smc_clc_decode_proposal_v2(buf, v.len, &p, &o);
		KUNIT_ASSERT_TRUE(test, !rc || rc == -EPROTO);
		if (rc)
			expect_nothing(test, &p, &o);
		else if (p.v2_path != SMC_PATH_NONE)
			KUNIT_ASSERT_TRUE(test, off && off <= 172);
		taken += !rc;
	}
	if (row->p.version >= SMC_V2)
		KUNIT_EXPECT_GT(test, taken, 0u);
}

struct bad_row {
	const char *desc;
	const char *hex;
};

static const struct bad_row bad_rows[] = {
	{ "no trailer",
	  EYE "01 009c 22 " NO_V1 AREA("001c") EXT("01", "00", "10", "0000")
	  REL1 EID1 "e2d4c3da " },
	{ "an Accept",
	  EYE "02 009c 22 " NO_V1 AREA("001c") EXT("01", "00", "10", "0000")
	  REL1 EID1 EYE },
	{ "extension offset 0",
	  EYE "01 009c 22 " NO_V1 AREA("0000") EXT("01", "00", "10", "0000")
	  REL1 EID1 EYE },
	{ "extension offset 173",
	  EYE "01 009c 22 " NO_V1 AREA("00ad") EXT("01", "00", "10", "0000")
	  REL1 EID1 EYE },
	{ "extension offset 65535",
	  EYE "01 009c 22 " NO_V1 AREA("ffff") EXT("01", "00", "10", "0000")
	  REL1 EID1 EYE },
	{ "extension one byte late, its end is in the trailer",
	  EYE "01 009c 22 " NO_V1 AREA("001d") "00 "
	  EXT("01", "00", "10", "0000") REL1 EID1 EYE },
	{ "nine EIDs",
	  EYE "01 019c 22 " NO_V1 AREA("001c") EXT("09", "00", "10", "0000")
	  REL1 "41*288 " EYE },
	{ "255 EIDs",
	  EYE "01 009c 22 " NO_V1 AREA("001c") EXT("ff", "00", "10", "0000")
	  REL1 EID1 EYE },
	{ "more EIDs than bytes",
	  EYE "01 009c 22 " NO_V1 AREA("001c") EXT("02", "00", "10", "0000")
	  REL1 EID1 EYE },
	{ "more bytes than EIDs",
	  EYE "01 009c 22 " NO_V1 AREA("001c") EXT("00", "00", "10", "0000")
	  REL1 EID1 EYE },
	{ "D offered, nine ISM devices",
	  EYE "01 0126 2e " NO_V1 AREA("001c") EXT("01", "09", "10", "0040")
	  REL1 EID1 "00*138 " EYE },
	{ "D offered, its offset is 289",
	  EYE "01 00cc 2e " NO_V1 AREA("001c") EXT("01", "00", "10", "0121")
	  REL1 EID1 "00*48 " EYE },
	{ "D offered, its part begins too late",
	  EYE "01 00cc 2e " NO_V1 AREA("001c") EXT("01", "00", "10", "0041")
	  REL1 EID1 "00*48 " EYE },
	{ "D offered, its part is missing",
	  EYE "01 009c 2e " NO_V1 AREA("001c") EXT("01", "00", "10", "0040")
	  REL1 EID1 EYE },
	{ "extension but version 1 in the header",
	  EYE "01 00a4 10 " V1 AREA("0024") NET4 EXT("01", "00", "10", "0000")
	  REL1 EID1 EYE },
	{ "extension but version 2 is not offered",
	  EYE "01 00a4 28 " V1 AREA("0024") NET4 EXT("01", "00", "10", "0000")
	  REL1 EID1 EYE },
};

KUNIT_ARRAY_PARAM_DESC(bad, bad_rows, desc);

static void bad_proposal_leaves_nothing(struct kunit *test)
{
	const struct bad_row *row = test->param_value;
	struct smc_clc_proposal p;
	struct smc_clc_offer_v2 o;
	struct smc_vec v;
	u8 *buf;

	smc_vec_parse(test, &v, row->hex);
	buf = smc_vec_exact(test, v.buf, v.len);
	memset(&p, 0xa5, sizeof(p));
	memset(&o, 0xa5, sizeof(o));

	KUNIT_EXPECT_EQ(test, smc_clc_decode_proposal_v2(buf, v.len, &p, &o),
			-EPROTO);
	expect_nothing(test, &p, &o);
}

static struct kunit_case clc_v2_cases[] = {
	KUNIT_CASE_PARAM(proposal_decodes, prop_gen_params),
	KUNIT_CASE_PARAM(decoder_of_version_1_agrees, prop_gen_params),
	KUNIT_CASE_PARAM(proposal_encodes, prop_gen_params),
	KUNIT_CASE(longest_proposal_fits),
	KUNIT_CASE(limits_are_not_said_in_release_0),
	KUNIT_CASE_PARAM(short_proposal_is_refused, prop_gen_params),
	KUNIT_CASE_PARAM(spoilt_proposal_is_refused_or_understood,
			 prop_gen_params),
	KUNIT_CASE_PARAM(any_offset_stays_inside, prop_gen_params),
	KUNIT_CASE_PARAM(bad_proposal_leaves_nothing, bad_gen_params),
	{}
};

static struct kunit_suite clc_v2_suite = {
	.name = "smc_clc_v2",
	.test_cases = clc_v2_cases,
};

kunit_test_suite(clc_v2_suite);
