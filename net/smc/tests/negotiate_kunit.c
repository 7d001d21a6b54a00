// SPDX-License-Identifier: GPL-2.0
/* Which offers are taken, and which prefixes are the same network. */
#include "vectors.h"
#include "../proto/negotiate.h"

#define R	SMC_PATH_R
#define D	SMC_PATH_D
#define NONE	SMC_PATH_NONE
#define BOTH	SMC_PATH_BOTH
#define ROCE1	SMC_GID_ROCE_V1
#define ROCE2	SMC_GID_ROCE_V2

#define DB8(...)	{ 0x20, 0x01, 0x0d, 0xb8, ##__VA_ARGS__ }
#define FE80(...)	{ 0xfe, 0x80, 0, 0, ##__VA_ARGS__ }

struct prefix_row {
	const char *desc;
	struct smc_clc_proposal p;
	struct smc_local_addr a;
	bool match;
};

static const struct prefix_row prefix_rows[] = {
	{ "same /24", { .prefix4 = { 10, 1, 2, 0 }, .prefix4_len = 24 },
	  { .len = 24, .addr = { 10, 1, 2, 77 } }, true },
	{ "neighbour /24", { .prefix4 = { 10, 1, 3, 0 }, .prefix4_len = 24 },
	  { .len = 24, .addr = { 10, 1, 2, 77 } }, false },
	{ "shorter here", { .prefix4 = { 10, 1, 2, 0 }, .prefix4_len = 24 },
	  { .len = 16, .addr = { 10, 1, 2, 77 } }, false },
	{ "longer here", { .prefix4 = { 10, 1, 2, 0 }, .prefix4_len = 24 },
	  { .len = 25, .addr = { 10, 1, 2, 7 } }, false },
	{ "/20, same", { .prefix4 = { 172, 16, 32, 0 }, .prefix4_len = 20 },
	  { .len = 20, .addr = { 172, 16, 47, 255 } }, true },
	{ "/20, next", { .prefix4 = { 172, 16, 32, 0 }, .prefix4_len = 20 },
	  { .len = 20, .addr = { 172, 16, 48, 0 } }, false },
	{ "/31, same", { .prefix4 = { 10, 0, 0, 6 }, .prefix4_len = 31 },
	  { .len = 31, .addr = { 10, 0, 0, 7 } }, true },
	{ "/31, next", { .prefix4 = { 10, 0, 0, 6 }, .prefix4_len = 31 },
	  { .len = 31, .addr = { 10, 0, 0, 4 } }, false },
	{ "/32, same", { .prefix4 = { 10, 0, 0, 6 }, .prefix4_len = 32 },
	  { .len = 32, .addr = { 10, 0, 0, 6 } }, true },
	{ "/32, other", { .prefix4 = { 10, 0, 0, 6 }, .prefix4_len = 32 },
	  { .len = 32, .addr = { 10, 0, 0, 7 } }, false },
	{ "/0", { .prefix4_len = 0 }, { .len = 0, .addr = { 10, 0, 0, 1 } },
	  true },
	{ "length no IPv4 address has",
	  { .prefix4 = { 10, 1, 2, 3 }, .prefix4_len = 33 },
	  { .len = 33, .addr = { 10, 1, 2, 3 } }, false },
	{ "host bits of the peer are set",
	  { .prefix4 = { 10, 1, 2, 9 }, .prefix4_len = 24 },
	  { .len = 24, .addr = { 10, 1, 2, 77 } }, true },
	{ "version 1 not offered", { .v1_path = NONE, .prefix4_len = 0 },
	  { .len = 0 }, false },
	{ "IPv4 offer, IPv6 address",
	  { .prefix4 = { 0x20, 1, 0, 0 }, .prefix4_len = 24 },
	  { .v6 = true, .len = 24, .addr = { 0x20, 1 } }, false },
	{ "IPv6 offer, IPv4 address",
	  { .num_prefix6 = 1, .prefix6 = { { { 10, 1, 2 }, 24 } } },
	  { .len = 24, .addr = { 10, 1, 2, 77 } }, false },
	{ "IPv6 /64", { .num_prefix6 = 1, .prefix6 = { { DB8(), 64 } } },
	  { .v6 = true, .len = 64, .addr = DB8([15] = 9) }, true },
	{ "IPv6 /64, next",
	  { .num_prefix6 = 1, .prefix6 = { { DB8(), 64 } } },
	  { .v6 = true, .len = 64, .addr = DB8([7] = 1) }, false },
	{ "IPv6 /64 against /60",
	  { .num_prefix6 = 1, .prefix6 = { { DB8(), 64 } } },
	  { .v6 = true, .len = 60, .addr = DB8([15] = 9) }, false },
	{ "IPv6 /61",
	  { .num_prefix6 = 1, .prefix6 = { { DB8([7] = 8), 61 } } },
	  { .v6 = true, .len = 61, .addr = DB8([7] = 15) }, true },
	{ "IPv6 /61, next",
	  { .num_prefix6 = 1, .prefix6 = { { DB8([7] = 8), 61 } } },
	  { .v6 = true, .len = 61, .addr = DB8([7] = 7) }, false },
	{ "second of two",
	  { .num_prefix6 = 2,
	    .prefix6 = { { { 0x20, 2 }, 64 }, { DB8(), 64 } } },
	  { .v6 = true, .len = 64, .addr = DB8([15] = 9) }, true },
	{ "eighth of eight",
	  { .num_prefix6 = 8, .prefix6 = { [7] = { DB8(), 128 } } },
	  { .v6 = true, .len = 128, .addr = DB8() }, true },
	{ "behind the last",
	  { .num_prefix6 = 1, .prefix6 = { [1] = { DB8(), 64 } } },
	  { .v6 = true, .len = 64, .addr = DB8() }, false },
	{ "IPv6 link-local",
	  { .num_prefix6 = 1, .prefix6 = { { FE80(), 64 } } },
	  { .v6 = true, .len = 64, .addr = FE80([15] = 1) }, false },
	{ "IPv6 link-local, odd prefix",
	  { .num_prefix6 = 1, .prefix6 = { { { 0xfe, 0xbf }, 16 } } },
	  { .v6 = true, .len = 16, .addr = { 0xfe, 0xbf, [15] = 1 } }, false },
	{ "IPv6 site-local is not link-local",
	  { .num_prefix6 = 1, .prefix6 = { { { 0xfe, 0xc0 }, 64 } } },
	  { .v6 = true, .len = 64, .addr = { 0xfe, 0xc0, [15] = 1 } }, true },
	{ "length no IPv6 address has",
	  { .num_prefix6 = 1, .prefix6 = { { DB8(), 129 } } },
	  { .v6 = true, .len = 129, .addr = DB8() }, false },
};

KUNIT_ARRAY_PARAM_DESC(prefix, prefix_rows, desc);

static void prefix_tells_the_network(struct kunit *test)
{
	const struct prefix_row *row = test->param_value;

	KUNIT_EXPECT_EQ(test, smc_prefix_match(&row->p, &row->a), row->match);
}

/* Against a comparison bit by bit. */
static void prefix_agrees_with_model(struct kunit *test)
{
	unsigned int matches = 0;
	u64 seed = 64;
	int i, b;

	for (i = 0; i < 20000; i++) {
		struct smc_clc_proposal p = { .num_prefix6 = 1 };
		struct smc_local_addr a = { .v6 = true };
		bool same = true;

		a.len = (u8)smc_vec_below(&seed, 129);
		p.prefix6[0].len = a.len;
		for (b = 0; b < 16; b++)
			p.prefix6[0].addr[b] = (u8)smc_vec_random(&seed);
		p.prefix6[0].addr[0] = 0x20;
		memcpy(a.addr, p.prefix6[0].addr, 16);
		b = smc_vec_below(&seed, 120) + 8;
		a.addr[b / 8] ^= 0x80 >> b % 8;

		for (b = 0; b < a.len; b++) {
			u8 diff = a.addr[b / 8] ^ p.prefix6[0].addr[b / 8];

			if (diff & (0x80 >> b % 8))
				same = false;
		}
		KUNIT_ASSERT_EQ(test, smc_prefix_match(&p, &a), same);
		matches += same;
	}
	KUNIT_EXPECT_GT(test, matches, 1000u);
	KUNIT_EXPECT_GT(test, 19000u, matches);
}

static const u8 gid4[SMC_GID_LEN] = { [10] = 0xff, 0xff, 10, 0, 0, 1 };
static const u8 gid4_not[SMC_GID_LEN] = { [9] = 1, 0xff, 0xff, 10, 0, 0, 1 };
static const u8 gid6[SMC_GID_LEN] = FE80([8] = 0x50, 0x54, 0, 0xff, 0xfe);
static const u8 mac_ok[SMC_MAC_LEN] = { 0x52, 0x54, 0, 0, 0, 1 };

struct proposal_row {
	const char *desc;
	u8 v1_path, v2_path, gid_kind;
	bool have[2];
	enum smc_decline want;
};

static const struct proposal_row proposal_rows[] = {
	{ "RoCEv1, have it", R, NONE, ROCE1, { true, false }, SMC_DECL_NONE },
	{ "RoCEv2, have it", R, NONE, ROCE2, { false, true }, SMC_DECL_NONE },
	{ "RoCEv1, have both", R, R, ROCE1, { true, true }, SMC_DECL_NONE },
	{ "RoCEv2, have both", R, R, ROCE2, { true, true }, SMC_DECL_NONE },
	{ "R or D", BOTH, NONE, ROCE1, { true, false }, SMC_DECL_NONE },
	{ "RoCEv1, have RoCEv2", R, NONE, ROCE1, { false, true },
	  SMC_DECL_NOSMCDEV },
	{ "RoCEv2, have RoCEv1", R, NONE, ROCE2, { true, false },
	  SMC_DECL_NOSMCDEV },
	{ "no device", R, BOTH, ROCE1, { false, false }, SMC_DECL_NOSMCDEV },
	{ "D only", D, NONE, ROCE1, { true, true }, SMC_DECL_NOSMCDEV },
	{ "version 2 only", NONE, R, ROCE1, { true, true },
	  SMC_DECL_NOSMCDEV },
	{ "version 2 D only", NONE, D, ROCE1, { true, true },
	  SMC_DECL_NOSMCDEV },
	{ "nothing", NONE, NONE, ROCE1, { true, true }, SMC_DECL_PEERNOSMC },
};

KUNIT_ARRAY_PARAM_DESC(proposal, proposal_rows, desc);

static void proposal_is_taken_or_declined(struct kunit *test)
{
	const struct proposal_row *row = test->param_value;
	struct smc_clc_proposal p = {
		.v1_path = row->v1_path,
		.v2_path = row->v2_path,
		.gid_kind = row->gid_kind,
	};
	bool have[2] = { row->have[0], row->have[1] };

	memcpy(p.gid, gid6, sizeof(p.gid));
	memcpy(p.mac, mac_ok, sizeof(p.mac));
	KUNIT_EXPECT_EQ(test, smc_negotiate_proposal(&p, have), row->want);
}

struct accept_row {
	const char *desc;
	u8 sent_path, sent_kind, version, path, kind;
	enum smc_decline want;
};

static const struct accept_row accept_rows[] = {
	{ "as proposed", R, ROCE1, 1, R, ROCE1, SMC_DECL_NONE },
	{ "as proposed, RoCEv2", R, ROCE2, 1, R, ROCE2, SMC_DECL_NONE },
	{ "R of both", BOTH, ROCE1, 1, R, ROCE1, SMC_DECL_NONE },
	{ "mark not understood", R, ROCE2, 1, R, ROCE1, SMC_DECL_MODEUNSUPP },
	{ "mark made up", R, ROCE1, 1, R, ROCE2, SMC_DECL_MODEUNSUPP },
	{ "version 2", R, ROCE1, 2, R, ROCE1, SMC_DECL_MODEUNSUPP },
	{ "D", R, ROCE1, 1, D, ROCE1, SMC_DECL_MODEUNSUPP },
	{ "R, but D proposed", D, ROCE1, 1, R, ROCE1, SMC_DECL_MODEUNSUPP },
	{ "R, but nothing proposed", NONE, ROCE1, 1, R, ROCE1,
	  SMC_DECL_MODEUNSUPP },
};

KUNIT_ARRAY_PARAM_DESC(accept, accept_rows, desc);

static void accept_must_answer_the_proposal(struct kunit *test)
{
	const struct accept_row *row = test->param_value;
	struct smc_clc_proposal sent = {
		.v1_path = row->sent_path,
		.v2_path = NONE,
		.gid_kind = row->sent_kind,
	};
	struct smc_clc_accept a = {
		.version = row->version,
		.path = row->path,
		.gid_kind = row->kind,
	};

	memcpy(a.gid, gid6, sizeof(a.gid));
	memcpy(a.mac, mac_ok, sizeof(a.mac));
	KUNIT_EXPECT_EQ(test, smc_negotiate_accept(&sent, &a), row->want);
}

struct gid_row {
	const char *desc;
	u8 kind;
	const u8 *sent;
	const u8 *accepted;
	unsigned int gids;
	enum smc_decline want;
};

#define V2_4	(BIT(ROCE2) | SMC_GIDS_NOT_IPV6)
#define V2_6	(BIT(ROCE2) | SMC_GIDS_NOT_IPV4)

static const struct gid_row gid_rows[] = {
	{ "RoCEv1", ROCE1, gid6, gid6, BIT(ROCE1), SMC_DECL_NONE },
	{ "RoCEv1, what looks like IPv4 is not", ROCE1, gid4, gid6, BIT(ROCE1),
	  SMC_DECL_NONE },
	{ "both IPv4", ROCE2, gid4, gid4, V2_4, SMC_DECL_NONE },
	{ "both IPv6", ROCE2, gid6, gid6, V2_6, SMC_DECL_NONE },
	{ "IPv4, then IPv6", ROCE2, gid4, gid6, V2_4, SMC_DECL_MODEUNSUPP },
	{ "IPv6, then IPv4", ROCE2, gid6, gid4, V2_6, SMC_DECL_MODEUNSUPP },
	{ "not quite IPv4", ROCE2, gid4_not, gid6, V2_6, SMC_DECL_NONE },
};

KUNIT_ARRAY_PARAM_DESC(gid, gid_rows, desc);

static void gids_must_speak_the_same_ip(struct kunit *test)
{
	const struct gid_row *row = test->param_value;
	struct smc_clc_proposal sent = {
		.v1_path = R,
		.v2_path = NONE,
		.gid_kind = row->kind,
	};
	struct smc_clc_accept a = {
		.version = SMC_V1,
		.path = R,
		.gid_kind = row->kind,
	};

	memcpy(sent.gid, row->sent, sizeof(sent.gid));
	memcpy(a.gid, row->accepted, sizeof(a.gid));
	memcpy(a.mac, mac_ok, sizeof(a.mac));
	KUNIT_EXPECT_EQ(test, smc_negotiate_gids(&sent), row->gids);
	KUNIT_EXPECT_EQ(test, smc_negotiate_accept(&sent, &a), row->want);
}

#define GID4(...) { [10] = 0xff, 0xff, __VA_ARGS__ }

struct addr_row {
	const char *desc;
	u8 gid[SMC_GID_LEN];
	u8 mac[SMC_MAC_LEN];
	bool good;
};

static const struct addr_row addr_rows[] = {
	{ "link-local", FE80([15] = 1), { 2 }, true },
	{ "IPv4", GID4(192, 168, 0, 1), { 2 }, true },
	{ "last IPv4 of hosts", GID4(223, 255, 255, 254), { 2 }, true },
	{ "no GID", { 0 }, { 2 }, false },
	{ "no IPv4", GID4(0, 0, 0, 0), { 2 }, false },
	{ "IPv4 multicast", GID4(224, 0, 0, 1), { 2 }, false },
	{ "IPv4 broadcast", GID4(255, 255, 255, 255), { 2 }, false },
	{ "IPv6 multicast", { 0xff, 2, [15] = 1 }, { 2 }, false },
	{ "no MAC", FE80([15] = 1), { 0 }, false },
	{ "multicast MAC", FE80([15] = 1), { 1, 0, 0x5e }, false },
	{ "broadcast MAC", FE80([15] = 1),
	  { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, false },
};

KUNIT_ARRAY_PARAM_DESC(addr, addr_rows, desc);

static void links_lead_to_one_host(struct kunit *test)
{
	const struct addr_row *row = test->param_value;
	enum smc_decline want = row->good ? SMC_DECL_NONE :
					    SMC_DECL_ERR_RDYLNK;
	struct smc_clc_proposal p = { .v1_path = R, .v2_path = NONE };
	struct smc_clc_accept a = { .version = SMC_V1, .path = R };
	bool have[2] = { true, true };

	memcpy(p.gid, row->gid, sizeof(p.gid));
	memcpy(p.mac, row->mac, sizeof(p.mac));
	memcpy(a.gid, row->gid, sizeof(a.gid));
	memcpy(a.mac, row->mac, sizeof(a.mac));
	KUNIT_EXPECT_EQ(test, smc_negotiate_proposal(&p, have), want);
	KUNIT_EXPECT_EQ(test, smc_negotiate_accept(&p, &a), want);
}

static struct kunit_case negotiate_cases[] = {
	KUNIT_CASE_PARAM(prefix_tells_the_network, prefix_gen_params),
	KUNIT_CASE(prefix_agrees_with_model),
	KUNIT_CASE_PARAM(proposal_is_taken_or_declined, proposal_gen_params),
	KUNIT_CASE_PARAM(accept_must_answer_the_proposal, accept_gen_params),
	KUNIT_CASE_PARAM(gids_must_speak_the_same_ip, gid_gen_params),
	KUNIT_CASE_PARAM(links_lead_to_one_host, addr_gen_params),
	{}
};

static struct kunit_suite negotiate_suite = {
	.name = "smc_negotiate",
	.test_cases = negotiate_cases,
};

kunit_test_suite(negotiate_suite);
