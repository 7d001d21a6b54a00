// SPDX-License-Identifier: GPL-2.0
/*
 * Which offers of version 2 are taken, what is agreed on, and whether a peer
 * keeps to it. Also which addresses can be a peer's.
 */
#include "vectors.h"
#include "../proto/gid.h"
#include "../proto/negotiate_v2.h"

#define R	SMC_PATH_R
#define D	SMC_PATH_D
#define NONE	SMC_PATH_NONE
#define BOTH	SMC_PATH_BOTH

#define GID4(...)	{ [10] = 0xff, 0xff, __VA_ARGS__ }
#define FE80(...)	{ 0xfe, 0x80, 0, 0, ##__VA_ARGS__ }
#define MAC_OK		{ 0x52, 0x54, 0, 0, 0, 1 }

#define EID_A		{ "A                               " }
#define EID_B		{ "B                               " }
#define EID_C		{ "C                               " }

static const struct smc_eid own_eids[] = { EID_A, EID_B };
static const struct smc_eid nine_eids[] = {
	EID_A, EID_B, EID_C, EID_A, EID_B, EID_C, EID_A, EID_B, EID_C,
};

static const struct smc_v2_local own = {
	.eid = own_eids,
	.num_eids = ARRAY_SIZE(own_eids),
	.release = SMC_RELEASE,
	.max_conns = 200,
	.max_links = 2,
	.features = 0x0005,
};

/* What a client asks for. */
struct ask {
	u8 release, max_conns, max_links;
};

struct offer_row {
	const char *desc;
	u8 v2_path;
	u8 mac0;		/* first byte of the MAC */
	u8 gid[SMC_GID_LEN];
	struct ask ask;
	u8 num_eids;
	struct smc_eid eid[2];
	enum smc_decline want;
	struct smc_v2_terms terms;
};

#define ASKED		{ 1, 255, 2 }	/* what stock peers ask for */
#define GID_1		GID4(10, 0, 0, 1)
#define TERMS_A		{ .eid = EID_A, .features = 5, .release = 1, \
			  .max_conns = 200, .max_links = 2 }

static const struct offer_row offer_rows[] = {
	{ "as stock peers do", R, 0, GID_1, ASKED, 1, { EID_A }, 0, TERMS_A },
	{ "R or D", BOTH, 0, GID_1, ASKED, 1, { EID_A }, 0, TERMS_A },
	{ "IPv6", R, 0x52, FE80([15] = 1), ASKED, 1, { EID_A }, 0, TERMS_A },
	{ "second EID of the client", R, 0, GID_1, ASKED, 2, { EID_C, EID_A },
	  0, TERMS_A },
	{ "the client's order of EIDs counts", R, 0, GID_1, ASKED, 2,
	  { EID_B, EID_A }, 0,
	  { .eid = EID_B, .features = 5, .release = 1, .max_conns = 200,
	    .max_links = 2 } },
	{ "fewer connections and links", R, 0, GID_1, { 1, 16, 1 }, 1, { EID_A },
	  0, { .eid = EID_A, .features = 5, .release = 1, .max_conns = 16,
	       .max_links = 1 } },
	{ "a later release", R, 0, GID_1, { 15, 255, 255 }, 1, { EID_A }, 0,
	  TERMS_A },
	{ "release 0", R, 0, GID_1, { 0, 0, 0 }, 1, { EID_A }, 0,
	  { .eid = EID_A, .max_conns = 255, .max_links = 2 } },
	{ "version 2 is not offered", NONE, 0, GID_1, ASKED, 1, { EID_A },
	  SMC_DECL_NOV2EXT, { } },
	{ "D only", D, 0, GID_1, ASKED, 1, { EID_A }, SMC_DECL_NOSMCDEV, { } },
	{ "no EID", R, 0, GID_1, ASKED, 0, { EID_A }, SMC_DECL_NOUEID, { } },
	{ "unknown EIDs", R, 0, GID_1, ASKED, 2, { EID_C, { "a" } },
	  SMC_DECL_NOSMCDEV, { } },
	{ "no GID", R, 0, { 0 }, ASKED, 1, { EID_A }, SMC_DECL_NOSMCRDEV, { } },
	{ "multicast GID", R, 0, GID4(224, 0, 0, 1), ASKED, 1, { EID_A },
	  SMC_DECL_NOSMCRDEV, { } },
	{ "multicast MAC", R, 0x33, GID_1, ASKED, 1, { EID_A },
	  SMC_DECL_NOSMCRDEV, { } },
	{ "15 connections", R, 0, GID_1, { 1, 15, 2 }, 1, { EID_A },
	  SMC_DECL_MAXCONNERR, { } },
	{ "no connections", R, 0, GID_1, { 1, 0, 2 }, 1, { EID_A },
	  SMC_DECL_MAXCONNERR, { } },
	{ "no links", R, 0, GID_1, { 1, 255, 0 }, 1, { EID_A },
	  SMC_DECL_MAXLINKERR, { } },
};

KUNIT_ARRAY_PARAM_DESC(offer, offer_rows, desc);

static void expect_terms(struct kunit *test, const struct smc_v2_terms *t,
			 const struct smc_v2_terms *want)
{
	KUNIT_EXPECT_TRUE(test, smc_eid_equal(&t->eid, &want->eid));
	KUNIT_EXPECT_EQ(test, t->release, want->release);
	KUNIT_EXPECT_EQ(test, t->max_conns, want->max_conns);
	KUNIT_EXPECT_EQ(test, t->max_links, want->max_links);
	KUNIT_EXPECT_EQ(test, t->features, want->features);
}

static void proposal_is_taken_or_declined(struct kunit *test)
{
	const struct offer_row *row = test->param_value;
	struct smc_clc_proposal p = { .v2_path = row->v2_path };
	struct smc_clc_offer_v2 o = {
		.release = row->ask.release,
		.max_conns = row->ask.max_conns,
		.max_links = row->ask.max_links,
		.features = 0xffff,
		.num_eids = row->num_eids,
	};
	struct smc_v2_terms terms;

	p.mac[0] = row->mac0;
	memcpy(o.gid, row->gid, sizeof(o.gid));
	memcpy(o.eid, row->eid, sizeof(row->eid));
	memset(&terms, 0xa5, sizeof(terms));

	KUNIT_EXPECT_EQ(test, smc_negotiate_v2_proposal(&p, &o, &own, &terms),
			row->want);
	expect_terms(test, &terms, &row->terms);
}

static void server_without_eids_takes_none(struct kunit *test)
{
	struct smc_v2_local nothing = own;
	struct smc_clc_proposal p = { .v2_path = R };
	struct smc_clc_offer_v2 o = { .num_eids = 1, .eid = { EID_A },
				      .gid = GID_1 };
	struct smc_v2_terms terms;

	nothing.eid = NULL;
	nothing.num_eids = 0;
	KUNIT_EXPECT_EQ(test, smc_negotiate_v2_proposal(&p, &o, &nothing,
							&terms),
			SMC_DECL_NOSMCDEV);
}

static void offer_says_what_we_can(struct kunit *test)
{
	struct smc_v2_local all = own;
	struct smc_clc_offer_v2 o;

	memset(&o, 0xa5, sizeof(o));
	smc_negotiate_v2_offer(&own, &o);
	KUNIT_EXPECT_EQ(test, o.release, 1);
	KUNIT_EXPECT_FALSE(test, o.seid);
	KUNIT_EXPECT_EQ(test, o.max_conns, 200);
	KUNIT_EXPECT_EQ(test, o.max_links, 2);
	KUNIT_EXPECT_EQ(test, o.features, 5);
	KUNIT_EXPECT_EQ(test, o.gid[0], 0xa5);	/* is the caller's */
	KUNIT_ASSERT_EQ(test, o.num_eids, 2);
	KUNIT_EXPECT_MEMEQ(test, o.eid, own_eids, sizeof(own_eids));

	all.eid = nine_eids;
	all.num_eids = ARRAY_SIZE(nine_eids);
	smc_negotiate_v2_offer(&all, &o);
	KUNIT_ASSERT_EQ(test, o.num_eids, 8);
	KUNIT_EXPECT_MEMEQ(test, o.eid, nine_eids, 8 * SMC_EID_LEN);

	all.num_eids = 0;
	all.eid = NULL;
	all.release = 0;
	smc_negotiate_v2_offer(&all, &o);
	KUNIT_EXPECT_EQ(test, o.num_eids, 0);
	KUNIT_EXPECT_EQ(test, o.release, 0);
	KUNIT_EXPECT_EQ(test, o.max_conns, 0);
	KUNIT_EXPECT_EQ(test, o.max_links, 0);
	KUNIT_EXPECT_EQ(test, o.features, 0);
}

static void subnet_eid_is_offered_last(struct kunit *test)
{
	struct smc_v2_local here = own;
	struct smc_clc_offer_v2 o = {};

	here.subnet = true;
	smc_negotiate_v2_offer(&here, &o);
	KUNIT_ASSERT_EQ(test, o.num_eids, 3);
	KUNIT_EXPECT_MEMEQ(test, o.eid, own_eids, sizeof(own_eids));
	KUNIT_EXPECT_TRUE(test, smc_eid_equal(&o.eid[2], &smc_eid_subnet));

	here.eid = nine_eids;
	here.num_eids = ARRAY_SIZE(nine_eids);
	smc_negotiate_v2_offer(&here, &o);
	KUNIT_ASSERT_EQ(test, o.num_eids, 8);
	KUNIT_EXPECT_MEMEQ(test, o.eid, nine_eids, 7 * SMC_EID_LEN);
	KUNIT_EXPECT_TRUE(test, smc_eid_equal(&o.eid[7], &smc_eid_subnet));

	here.eid = NULL;
	here.num_eids = 0;
	smc_negotiate_v2_offer(&here, &o);
	KUNIT_ASSERT_EQ(test, o.num_eids, 1);
	KUNIT_EXPECT_TRUE(test, smc_eid_equal(&o.eid[0], &smc_eid_subnet));
}

#define EID_SUBNET	{ "AF-SMC.SAME-SUBNET              " }

struct subnet_row {
	const char *desc;
	unsigned int num_own;	/* of own_eids */
	bool subnet;
	u8 num_eids;
	struct smc_eid eid[2];
	enum smc_decline want;
	struct smc_eid taken;
};

static const struct subnet_row subnet_rows[] = {
	{ "nothing configured", 0, true, 1, { EID_SUBNET }, 0, EID_SUBNET },
	{ "on other subnets", 0, false, 1, { EID_SUBNET }, SMC_DECL_NOSMCDEV },
	{ "on other subnets, the server has EIDs", 2, false, 1, { EID_SUBNET },
	  SMC_DECL_NOSMCDEV },
	{ "an EID in common", 2, true, 2, { EID_B, EID_SUBNET }, 0, EID_B },
	{ "an EID in common, behind ours", 2, true, 2, { EID_SUBNET, EID_B }, 0,
	  EID_B },
	{ "EIDs, none in common", 2, true, 2, { EID_C, EID_SUBNET }, 0,
	  EID_SUBNET },
	{ "the client did not offer it", 2, true, 1, { EID_C, EID_SUBNET },
	  SMC_DECL_NOSMCDEV },
};

KUNIT_ARRAY_PARAM_DESC(subnet, subnet_rows, desc);

static void subnet_eid_is_for_neighbours(struct kunit *test)
{
	const struct subnet_row *row = test->param_value;
	struct smc_clc_offer_v2 o = {
		.release = 1, .max_conns = 255, .max_links = 2,
		.num_eids = row->num_eids, .gid = GID_1,
	};
	struct smc_clc_proposal p = { .v2_path = R };
	struct smc_v2_local here = own;
	struct smc_v2_terms terms;

	here.num_eids = row->num_own;
	here.subnet = row->subnet;
	memcpy(o.eid, row->eid, sizeof(row->eid));
	KUNIT_EXPECT_EQ(test, smc_negotiate_v2_proposal(&p, &o, &here, &terms),
			row->want);
	KUNIT_EXPECT_TRUE(test, smc_eid_equal(&terms.eid, &row->taken));
}

static void subnet_eid_goes_through_no_gateway(struct kunit *test)
{
	static const struct smc_eid a = EID_A;

	KUNIT_EXPECT_EQ(test, smc_negotiate_v2_direct(&smc_eid_subnet, true),
			SMC_DECL_DIFFPREFIX);
	KUNIT_EXPECT_EQ(test, smc_negotiate_v2_direct(&smc_eid_subnet, false),
			SMC_DECL_NONE);
	KUNIT_EXPECT_EQ(test, smc_negotiate_v2_direct(&a, true),
			SMC_DECL_NONE);
}

struct addr {
	u8 gid[SMC_GID_LEN];
	u8 mac[SMC_MAC_LEN];
};

struct accept_row {
	const char *desc;
	u8 sent_path;
	u8 sent_release;	/* asking for 100 connections, 2 links */
	u8 version, path;
	bool first;
	struct addr addr;
	struct smc_eid eid;
	struct smc_clc_fce fce;
	enum smc_decline want;
	struct smc_v2_terms terms;
};

#define FCE(rel, conns, links, feats)	{ .release = rel, .max_conns = conns, \
					  .max_links = links, .features = feats }
#define OK_ADDR		{ GID4(10, 0, 0, 2), MAC_OK }

static const struct accept_row accept_rows[] = {
	{ "first contact", R, 1, 2, R, true, OK_ADDR, EID_B,
	  FCE(1, 100, 2, 0xff), 0,
	  { .eid = EID_B, .release = 1, .max_conns = 100, .max_links = 2,
	    .features = 5 } },
	{ "R of both", BOTH, 1, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 16, 1, 0), 0,
	  { .eid = EID_A, .release = 1, .max_conns = 16, .max_links = 1 } },
	{ "subsequent contact", R, 1, 2, R, false, OK_ADDR, EID_A,
	  FCE(9, 9, 9, 9), 0, { .eid = EID_A } },
	{ "release 0", R, 1, 2, R, true, OK_ADDR, EID_A, FCE(0, 0, 0, 0), 0,
	  { .eid = EID_A, .max_conns = 255, .max_links = 2 } },
	{ "a release that was not offered", R, 1, 2, R, true, OK_ADDR, EID_A,
	  FCE(2, 100, 2, 0), SMC_DECL_RELEASEERR, { } },
	{ "release 1, 0 was offered", R, 0, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 100, 2, 0), SMC_DECL_RELEASEERR, { } },
	{ "15 connections", R, 1, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 15, 2, 0), SMC_DECL_MAXCONNERR, { } },
	{ "more connections than wanted", R, 1, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 101, 2, 0), SMC_DECL_MAXCONNERR, { } },
	{ "no links", R, 1, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 100, 0, 0), SMC_DECL_MAXLINKERR, { } },
	{ "more links than wanted", R, 1, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 100, 3, 0), SMC_DECL_MAXLINKERR, { } },
	{ "an EID that was not offered", R, 1, 2, R, true, OK_ADDR, EID_C,
	  FCE(1, 100, 2, 0), SMC_DECL_MODEUNSUPP, { } },
	{ "no EID", R, 1, 2, R, false, OK_ADDR, { { 0 } }, FCE(0, 0, 0, 0),
	  SMC_DECL_MODEUNSUPP, { } },
	{ "version 2 was not offered", NONE, 1, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 100, 2, 0), SMC_DECL_MODEUNSUPP, { } },
	{ "only D was offered", D, 1, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 100, 2, 0), SMC_DECL_MODEUNSUPP, { } },
	{ "D", R, 1, 2, D, true, OK_ADDR, EID_A, FCE(1, 100, 2, 0),
	  SMC_DECL_MODEUNSUPP, { } },
	{ "IPv6, IPv4 was offered", R, 1, 2, R, true, { FE80([15] = 1), MAC_OK },
	  EID_A, FCE(1, 100, 2, 0), SMC_DECL_MODEUNSUPP, { } },
	{ "no GID", R, 1, 2, R, true, { { 0 }, MAC_OK }, EID_A, FCE(1, 100, 2, 0),
	  SMC_DECL_MODEUNSUPP, { } },
	{ "no MAC", R, 1, 2, R, true, { GID4(10, 0, 0, 2), { 0 } }, EID_A,
	  FCE(1, 100, 2, 0), SMC_DECL_ERR_RDYLNK, { } },
	{ "broadcast MAC", R, 1, 2, R, true,
	  { GID4(10, 0, 0, 2), { 255, 255, 255, 255, 255, 255 } }, EID_A, FCE(1, 100, 2, 0),
	  SMC_DECL_ERR_RDYLNK, { } },
	{ "version 1", R, 1, 1, R, true, OK_ADDR, { { 0 } }, FCE(0, 0, 0, 0),
	  0, { } },
	{ "version 1, D", R, 1, 1, D, true, OK_ADDR, { { 0 } }, FCE(0, 0, 0, 0),
	  SMC_DECL_MODEUNSUPP, { } },
};

KUNIT_ARRAY_PARAM_DESC(accept, accept_rows, desc);

static void accept_must_answer_the_proposal(struct kunit *test)
{
	const struct accept_row *row = test->param_value;
	struct smc_clc_proposal sent = { .v1_path = R,
					 .v2_path = row->sent_path };
	struct smc_clc_accept_v2 v2 = { .eid = row->eid, .fce = row->fce };
	struct smc_clc_offer_v2 offered = {
		.release = row->sent_release, .gid = GID4(10, 0, 0, 1),
		.max_conns = 100, .max_links = 2, .features = 5,
		.num_eids = 2, .eid = { EID_A, EID_B },
	};
	struct smc_clc_accept a = {
		.version = row->version, .path = row->path,
		.first_contact = row->first,
	};
	struct smc_v2_terms terms;

	memcpy(a.gid, row->addr.gid, sizeof(a.gid));
	memcpy(a.mac, row->addr.mac, sizeof(a.mac));
	memset(&terms, 0xa5, sizeof(terms));

	KUNIT_EXPECT_EQ(test, smc_negotiate_v2_accept(&sent, &offered, &a, &v2,
						      &terms), row->want);
	expect_terms(test, &terms, &row->terms);
}

struct confirm_row {
	const char *desc;
	bool sent_first;
	struct smc_v2_terms terms;
	u8 version, path;
	bool first;
	struct addr addr;
	struct smc_eid eid;
	struct smc_clc_fce fce;
	enum smc_decline want;
	u16 features;		/* after it */
};

#define SAID	{ .eid = EID_A, .features = 5, .release = 1, .max_conns = 100, \
		  .max_links = 2 }
#define SAID_0	{ .eid = EID_A, .max_conns = 255, .max_links = 2 }

static const struct confirm_row confirm_rows[] = {
	{ "first contact", true, SAID, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 100, 2, 5), 0, 5 },
	{ "fewer features", true, SAID, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 100, 2, 4), 0, 4 },
	{ "features of its own", true, SAID, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 100, 2, 0xfff2), 0, 0 },
	{ "release 0", true, SAID_0, 2, R, true, OK_ADDR, EID_A,
	  FCE(0, 0, 0, 0), 0, 0 },
	{ "subsequent contact", false, SAID, 2, R, false, OK_ADDR, EID_A,
	  FCE(0, 0, 0, 0), 0, 5 },
	{ "subsequent contact, the client takes it for the first", false, SAID,
	  2, R, true, OK_ADDR, EID_A, FCE(9, 9, 9, 0), 0, 5 },
	{ "first contact, the client knows better", true, SAID, 2, R, false,
	  OK_ADDR, EID_A, FCE(0, 0, 0, 0), SMC_DECL_RELEASEERR, 5 },
	{ "first contact, release 0, the client knows better", true, SAID_0, 2,
	  R, false, OK_ADDR, EID_A, FCE(0, 0, 0, 0), SMC_DECL_RELEASEERR, 0 },
	{ "another release", true, SAID, 2, R, true, OK_ADDR, EID_A,
	  FCE(2, 100, 2, 5), SMC_DECL_RELEASEERR, 5 },
	{ "release 0 instead of 1", true, SAID, 2, R, true, OK_ADDR, EID_A,
	  FCE(0, 0, 0, 0), SMC_DECL_RELEASEERR, 5 },
	{ "more connections", true, SAID, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 101, 2, 5), SMC_DECL_MAXCONNERR, 5 },
	{ "fewer connections", true, SAID, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 99, 2, 5), SMC_DECL_MAXCONNERR, 5 },
	{ "fewer links", true, SAID, 2, R, true, OK_ADDR, EID_A,
	  FCE(1, 100, 1, 5), SMC_DECL_MAXLINKERR, 5 },
	{ "another EID", true, SAID, 2, R, true, OK_ADDR, EID_B,
	  FCE(1, 100, 2, 5), SMC_DECL_MODEUNSUPP, 5 },
	{ "another EID, subsequent contact", false, SAID, 2, R, false, OK_ADDR,
	  EID_B, FCE(0, 0, 0, 0), SMC_DECL_MODEUNSUPP, 5 },
	{ "version 1", false, SAID, 1, R, false, OK_ADDR, EID_A,
	  FCE(0, 0, 0, 0), SMC_DECL_MODEUNSUPP, 5 },
	{ "D", true, SAID, 2, D, true, OK_ADDR, EID_A, FCE(1, 100, 2, 5),
	  SMC_DECL_MODEUNSUPP, 5 },
	{ "multicast GID", true, SAID, 2, R, true,
	  { GID4(239, 0, 0, 1), MAC_OK }, EID_A, FCE(1, 100, 2, 5), SMC_DECL_ERR_RDYLNK, 5 },
	{ "no MAC", true, SAID, 2, R, true,
	  { GID4(10, 0, 0, 1), { 0 } }, EID_A, FCE(1, 100, 2, 5), SMC_DECL_ERR_RDYLNK, 5 },
};

KUNIT_ARRAY_PARAM_DESC(confirm, confirm_rows, desc);

static void confirm_must_repeat_the_accept(struct kunit *test)
{
	const struct confirm_row *row = test->param_value;
	struct smc_clc_accept_v2 v2 = { .eid = row->eid, .fce = row->fce };
	struct smc_clc_accept sent = { .version = 2,
				       .first_contact = row->sent_first };
	struct smc_clc_accept c = {
		.version = row->version, .path = row->path,
		.first_contact = row->first,
	};
	struct smc_v2_terms want = row->terms, terms = row->terms;

	memcpy(c.gid, row->addr.gid, sizeof(c.gid));
	memcpy(c.mac, row->addr.mac, sizeof(c.mac));
	want.features = row->features;

	KUNIT_EXPECT_EQ(test, smc_negotiate_v2_confirm(&sent, &c, &v2, &terms),
			row->want);
	expect_terms(test, &terms, &want);
}

static void limits_are_not_said_in_release_0(struct kunit *test)
{
	struct smc_v2_terms terms = SAID;
	struct smc_clc_fce fce = { .direct = true, .os = 2, .host = "host" };

	smc_negotiate_v2_fce(&terms, &fce);
	KUNIT_EXPECT_EQ(test, fce.release, 1);
	KUNIT_EXPECT_EQ(test, fce.max_conns, 100);
	KUNIT_EXPECT_EQ(test, fce.max_links, 2);
	KUNIT_EXPECT_EQ(test, fce.features, 5);

	terms.release = 0;
	smc_negotiate_v2_fce(&terms, &fce);
	KUNIT_EXPECT_EQ(test, fce.release, 0);
	KUNIT_EXPECT_EQ(test, fce.max_conns, 0);
	KUNIT_EXPECT_EQ(test, fce.max_links, 0);
	KUNIT_EXPECT_EQ(test, fce.features, 0);
	KUNIT_EXPECT_TRUE(test, fce.direct);
	KUNIT_EXPECT_EQ(test, fce.os, 2);
	KUNIT_EXPECT_MEMEQ(test, fce.host, "host", 5);
}

/* What is sent, and received at the other end. */
struct exchange {
	struct smc_clc_proposal p, p_rx;
	struct smc_clc_offer_v2 o, o_rx;
	struct smc_clc_accept a, a_rx;
	struct smc_clc_accept_v2 v2, v2_rx;
	u8 buf[SMC_CLC_PROPOSAL_V2_MAX];
};

static void send_proposal(struct kunit *test, struct exchange *x)
{
	int len = smc_clc_encode_proposal_v2(x->buf, sizeof(x->buf), &x->p,
					     &x->o);

	KUNIT_ASSERT_EQ(test, 0,
			smc_clc_decode_proposal_v2(x->buf, len, &x->p_rx,
						   &x->o_rx));
}

static void send_accept(struct kunit *test, struct exchange *x)
{
	int len = smc_clc_encode_accept_v2(x->buf, sizeof(x->buf), &x->a,
					   &x->v2);

	KUNIT_ASSERT_EQ(test, 0,
			smc_clc_decode_accept_v2(x->buf, len, &x->a_rx,
						 &x->v2_rx));
}

/* Proposal, Accept and Confirm through the codec, between two of us. */
static void two_of_us_agree(struct kunit *test)
{
	static const struct smc_eid client_eids[] = { EID_C, EID_B };
	static const struct exchange begin = {
		.p = { .version = 2, .v1_path = NONE, .v2_path = R,
		       .mac = MAC_OK },
		.o = { .gid = GID_1 },
		.a = { .type = SMC_CLC_ACCEPT, .version = 2,
		       .first_contact = true, .gid_kind = SMC_GID_ROCE_V2,
		       .gid = GID4(10, 0, 0, 2), .mac = MAC_OK, .qpn = 1,
		       .rmbe_idx = 1, .token = 1, .mtu = 3 },
		.v2 = { .num_gids = 1 },
	};
	struct exchange *x = kunit_kmalloc(test, sizeof(*x), GFP_KERNEL);
	struct smc_v2_terms at_server, at_client;
	struct smc_v2_local client = own;

	KUNIT_ASSERT_NOT_NULL(test, x);
	*x = begin;
	client.eid = client_eids;
	client.features = 0x000c;
	client.max_conns = 32;
	smc_negotiate_v2_offer(&client, &x->o);
	send_proposal(test, x);
	KUNIT_ASSERT_EQ(test, SMC_DECL_NONE,
			smc_negotiate_v2_proposal(&x->p_rx, &x->o_rx, &own,
						  &at_server));

	x->v2.eid = at_server.eid;
	smc_negotiate_v2_fce(&at_server, &x->v2.fce);
	send_accept(test, x);
	KUNIT_ASSERT_EQ(test, SMC_DECL_NONE,
			smc_negotiate_v2_accept(&x->p, &x->o, &x->a_rx,
						&x->v2_rx, &at_client));

	x->a.type = SMC_CLC_CONFIRM;
	smc_negotiate_v2_fce(&at_client, &x->v2.fce);
	send_accept(test, x);
	KUNIT_ASSERT_EQ(test, SMC_DECL_NONE,
			smc_negotiate_v2_confirm(&x->a, &x->a_rx, &x->v2_rx,
						 &at_server));
	expect_terms(test, &at_server, &at_client);
	KUNIT_EXPECT_TRUE(test, smc_eid_equal(&at_client.eid, &client_eids[1]));
	KUNIT_EXPECT_EQ(test, at_client.release, 1);
	KUNIT_EXPECT_EQ(test, at_client.max_conns, 32);
	KUNIT_EXPECT_EQ(test, at_client.features, 4);
}

static void both_must_see_a_gateway(struct kunit *test)
{
	struct smc_clc_fce direct = { .direct = true }, routed = { };
	int i;

	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, SMC_DECL_NONE,
				smc_negotiate_v2_route(&direct, i & 1, i & 2));
	KUNIT_EXPECT_EQ(test, smc_negotiate_v2_route(&routed, false, false),
			SMC_DECL_NOROUTE);
	KUNIT_EXPECT_EQ(test, smc_negotiate_v2_route(&routed, true, false),
			SMC_DECL_NOINDIRECT);
	KUNIT_EXPECT_EQ(test, smc_negotiate_v2_route(&routed, true, true),
			SMC_DECL_NONE);
}

static void reason_is_that_of_the_version_tried_last(struct kunit *test)
{
	static const struct {
		u8 v1_path, v2_path;
		enum smc_decline want;
	} rows[] = {
		{ R, NONE, SMC_DECL_DIFFPREFIX },
		{ R, R, SMC_DECL_DIFFPREFIX },
		{ NONE, R, SMC_DECL_NOUEID },
		{ NONE, D, SMC_DECL_NOUEID },
		{ NONE, NONE, SMC_DECL_DIFFPREFIX },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct smc_clc_proposal p = {
			.v1_path = rows[i].v1_path,
			.v2_path = rows[i].v2_path,
		};

		KUNIT_EXPECT_EQ(test, rows[i].want,
				smc_negotiate_reason(&p, SMC_DECL_NOUEID,
						     SMC_DECL_DIFFPREFIX));
	}
}

#define V2_4	(BIT(SMC_GID_ROCE_V2) | SMC_GIDS_NOT_IPV6)
#define V2_6	(BIT(SMC_GID_ROCE_V2) | SMC_GIDS_NOT_IPV4)

struct gid_row {
	const char *desc;
	u8 gid[SMC_GID_LEN];
	bool usable;
	bool ipv4;
	u8 addr[SMC_IPV4_LEN];
	unsigned int gids;
};

static const struct gid_row gid_rows[] = {
	{ "IPv4", GID4(10, 1, 2, 3), true, true, { 10, 1, 2, 3 }, V2_4 },
	{ "IPv4, the old way to write it", { [12] = 10, 1, 2, 3 }, false, false,
	  { 0 }, V2_6 },
	{ "last IPv4 of hosts", GID4(223, 255, 255, 254), true, true,
	  { 223, 255, 255, 254 }, V2_4 },
	{ "IPv4 multicast", GID4(224, 0, 0, 1), false, true, { 224, 0, 0, 1 },
	  V2_4 },
	{ "IPv4 broadcast", GID4(255, 255, 255, 255), false, true,
	  { 255, 255, 255, 255 }, V2_4 },
	{ "no IPv4", GID4(0, 0, 0, 0), false, true, { 0 }, V2_4 },
	{ "nothing", { 0 }, false, false, { 0 }, V2_6 },
	{ "IPv6 loopback", { [15] = 1 }, false, false, { 0 }, V2_6 },
	{ "link-local", FE80([15] = 1), true, false, { 0 }, V2_6 },
	{ "global", { 0x20, 1, 0x0d, 0xb8, [15] = 1 }, true, false, { 0 },
	  V2_6 },
	{ "IPv6 multicast", { 0xff, 2, [15] = 1 }, false, false, { 0 }, V2_6 },
	{ "not quite IPv4, ff00", { [10] = 0xff, 0, 10, 0, 0, 1 }, true, false,
	  { 0 }, V2_6 },
	{ "not quite IPv4, 00ff", { [11] = 0xff, 10, 0, 0, 1 }, true, false,
	  { 0 }, V2_6 },
	{ "not quite IPv4, more before it",
	  { [9] = 1, 0xff, 0xff, 10, 0, 0, 1 }, true, false, { 0 }, V2_6 },
};

KUNIT_ARRAY_PARAM_DESC(gid, gid_rows, desc);

static void gid_is_understood(struct kunit *test)
{
	const struct gid_row *row = test->param_value;
	struct smc_clc_offer_v2 o = { };
	u8 addr[SMC_IPV4_LEN] = { 1, 1, 1, 1 };

	memcpy(o.gid, row->gid, sizeof(o.gid));
	KUNIT_EXPECT_EQ(test, smc_gid_usable(row->gid), row->usable);
	KUNIT_EXPECT_EQ(test, smc_gid_ipv4(row->gid, addr), row->ipv4);
	KUNIT_EXPECT_MEMEQ(test, addr, row->addr, sizeof(addr));
	KUNIT_EXPECT_EQ(test, smc_negotiate_v2_gids(&o), row->gids);
}

static void mac_is_one_host(struct kunit *test)
{
	static const struct {
		u8 mac[SMC_MAC_LEN];
		bool usable;
	} rows[] = {
		{ MAC_OK, true },
		{ { 0, 0, 0, 0, 0, 1 }, true },
		{ { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff }, true },
		{ { 0 }, false },
		{ { 0x01, 0x00, 0x5e, 0, 0, 1 }, false },
		{ { 0x33, 0x33, 0, 0, 0, 1 }, false },
		{ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ(test, smc_mac_usable(rows[i].mac),
				rows[i].usable);
}

static struct kunit_case negotiate_v2_cases[] = {
	KUNIT_CASE_PARAM(proposal_is_taken_or_declined, offer_gen_params),
	KUNIT_CASE(server_without_eids_takes_none),
	KUNIT_CASE(offer_says_what_we_can),
	KUNIT_CASE(subnet_eid_is_offered_last),
	KUNIT_CASE_PARAM(subnet_eid_is_for_neighbours, subnet_gen_params),
	KUNIT_CASE(subnet_eid_goes_through_no_gateway),
	KUNIT_CASE_PARAM(accept_must_answer_the_proposal, accept_gen_params),
	KUNIT_CASE_PARAM(confirm_must_repeat_the_accept, confirm_gen_params),
	KUNIT_CASE(limits_are_not_said_in_release_0),
	KUNIT_CASE(two_of_us_agree),
	KUNIT_CASE(both_must_see_a_gateway),
	KUNIT_CASE(reason_is_that_of_the_version_tried_last),
	KUNIT_CASE_PARAM(gid_is_understood, gid_gen_params),
	KUNIT_CASE(mac_is_one_host),
	{}
};

static struct kunit_suite negotiate_v2_suite = {
	.name = "smc_negotiate_v2",
	.test_cases = negotiate_v2_cases,
};

kunit_test_suite(negotiate_v2_suite);
