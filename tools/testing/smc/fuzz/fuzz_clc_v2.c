// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a CLC message of both versions: what is refused leaves nothing
 * behind, what is accepted can be said again and means the same, the decoders
 * of version 1 agree, and negotiation copes with it.
 */
#include "fuzz.h"
#include "../../../../net/smc/proto/gid.h"
#include "../../../../net/smc/proto/negotiate_v2.h"

static u8 out[SMC_CLC_MAX_LEN];

static const struct smc_eid own_eids[] = {
	{ "SMCTEST1                        " },
	{ "OTHER.EID-2                     " },
};

static const struct smc_v2_local own = {
	.eid = own_eids,
	.num_eids = ARRAY_SIZE(own_eids),
	.subnet = true,
	.release = SMC_RELEASE,
	.max_conns = 200,
	.max_links = 2,
	.features = 1,
};

static void take_proposal(const struct smc_clc_proposal *p,
			  const struct smc_clc_offer_v2 *o)
{
	struct smc_v2_terms terms;

	smc_negotiate_v2_gids(o);
	if (smc_negotiate_v2_proposal(p, o, &own, &terms)) {
		MUST(!terms.max_conns && !terms.max_links);
		return;
	}
	MUST(p->v2_path == SMC_PATH_R || p->v2_path == SMC_PATH_BOTH);
	MUST(smc_eid_match(&terms.eid, 1, own.eid, own.num_eids) ||
	     smc_eid_equal(&terms.eid, &smc_eid_subnet));
	MUST(smc_eid_match(&terms.eid, 1, o->eid, o->num_eids));
	MUST(terms.release <= SMC_RELEASE && smc_gid_usable(o->gid));
	MUST(terms.max_conns >= SMC_V2_CONNS_MIN);
	MUST(terms.max_links >= SMC_V2_LINKS_MIN && terms.max_links <= 2);
}

static void check_proposal(const u8 *data, size_t size)
{
	struct smc_clc_proposal p, again;
	struct smc_clc_offer_v2 o, o_again;
	int rc, len;
	u8 i;

	memset(&p, 0xa5, sizeof(p));
	memset(&o, 0xa5, sizeof(o));
	rc = smc_clc_decode_proposal_v2(data, size, &p, &o);
	MUST(rc == smc_clc_decode_proposal(data, size, &again));
	MUST(!memcmp(&p, &again, sizeof(p)));
	if (rc) {
		MUST(rc == -EPROTO || rc == -EMSGSIZE);
		MUST(fuzz_all_zero(&p, sizeof(p)));
		MUST(fuzz_all_zero(&o, sizeof(o)));
		return;
	}
	MUST(o.num_eids <= SMC_CLC_MAX_EIDS);
	MUST(o.release <= SMC_CLC_MAX_RELEASE);
	MUST(o.release || (!o.max_conns && !o.max_links && !o.features));
	for (i = 0; i < o.num_eids; i++)
		smc_eid_valid(&o.eid[i]);
	take_proposal(&p, &o);

	/* Of SMC-D we say nothing; the rest can be said. */
	if (p.v2_path == SMC_PATH_D || p.v2_path == SMC_PATH_BOTH) {
		MUST(smc_clc_encode_proposal_v2(out, sizeof(out), &p, &o) ==
		     -EINVAL);
		p.v2_path = SMC_PATH_R;
	}
	len = smc_clc_encode_proposal_v2(out, sizeof(out), &p, &o);
	MUST(len > 0 && len <= (int)SMC_CLC_PROPOSAL_V2_MAX);
	MUST(smc_clc_encode_proposal_v2(out, (size_t)len - 1, &p, &o) ==
	     -EMSGSIZE);
	MUST(smc_clc_encode_proposal_v2(out, (size_t)len, &p, &o) == len);
	MUST(!smc_clc_decode_proposal_v2(out, (size_t)len, &again, &o_again));
	p.version = SMC_V2;	/* the only one we make */
	MUST(!memcmp(&p, &again, sizeof(p)));
	MUST(!memcmp(&o, &o_again, sizeof(o)));
}

static void take_accept(const struct smc_clc_accept *a,
			const struct smc_clc_accept_v2 *v2)
{
	struct smc_clc_proposal sent = { .v1_path = SMC_PATH_NONE,
					 .v2_path = SMC_PATH_R };
	struct smc_clc_offer_v2 offered = { .gid = { [10] = 0xff, 0xff, 10 } };
	struct smc_v2_terms terms;
	enum smc_decline why;

	smc_negotiate_v2_offer(&own, &offered);
	why = smc_negotiate_v2_accept(&sent, &offered, a, v2, &terms);
	if (!why) {
		MUST(a->version == SMC_V2 && a->path == SMC_PATH_R);
		MUST(smc_gid_usable(a->gid) && smc_mac_usable(a->mac));
		MUST(terms.release <= SMC_RELEASE);
		MUST(!a->first_contact || (terms.max_conns >= 16 &&
					   terms.max_links >= 1 &&
					   terms.max_links <= 2));
	}
	terms.eid = own_eids[0];
	terms.release = SMC_RELEASE;
	terms.features = 1;
	if (!smc_negotiate_v2_confirm(a, a, v2, &terms))
		MUST(!(terms.features & ~1) && a->version == SMC_V2);
}

static void check_accept(const u8 *data, size_t size)
{
	struct smc_clc_accept_v2 v2, v2_again;
	struct smc_clc_accept a, again;
	int rc, len;

	memset(&a, 0xa5, sizeof(a));
	memset(&v2, 0xa5, sizeof(v2));
	rc = smc_clc_decode_accept_v2(data, size, &a, &v2);
	if (rc) {
		MUST(rc == -EPROTO || rc == -EMSGSIZE);
		MUST(fuzz_all_zero(&a, sizeof(a)));
		MUST(fuzz_all_zero(&v2, sizeof(v2)));
		return;
	}
	MUST(!smc_clc_decode_accept(data, size, &again));
	MUST(a.version <= SMC_V2 && a.qpn == again.qpn &&
	     a.vaddr == again.vaddr && a.psn == again.psn);
	MUST(v2.num_gids <= SMC_CLC_MAX_GIDS && v2.fce.release <= 15);
	take_accept(&a, &v2);

	len = smc_clc_encode_accept_v2(out, sizeof(out), &a, &v2);
	if (a.path != SMC_PATH_R) {
		MUST(len == -EINVAL);
		return;
	}
	MUST(len >= 68 && len <= (int)SMC_CLC_CONFIRM_V2_MAX);
	MUST(smc_clc_encode_accept_v2(out, (size_t)len - 1, &a, &v2) ==
	     -EMSGSIZE);
	MUST(smc_clc_encode_accept_v2(out, (size_t)len, &a, &v2) == len);
	MUST(!smc_clc_decode_accept_v2(out, (size_t)len, &again, &v2_again));
	MUST(!memcmp(&a, &again, sizeof(a)));
	MUST(!memcmp(&v2, &v2_again, sizeof(v2)));
}

/* Contents that are allowed, out of any bytes. */
static void check_made_offer(struct fuzz_input in)
{
	struct smc_clc_proposal p = { .version = SMC_V2, .v2_path = SMC_PATH_R };
	struct smc_clc_proposal again;
	struct smc_clc_offer_v2 o, o_again;
	u8 bits = fuzz_u8(&in);
	int len;
	u8 i;

	memset(&o, 0, sizeof(o));
	p.v1_path = bits & 1 ? SMC_PATH_R : SMC_PATH_NONE;
	if (bits & 1)
		p.num_prefix6 = (bits >> 1) % 9;
	for (i = 0; i < p.num_prefix6; i++)
		fuzz_bytes(&in, &p.prefix6[i], sizeof(p.prefix6[i]));
	fuzz_bytes(&in, p.peer_id, sizeof(p.peer_id));
	fuzz_bytes(&in, p.mac, sizeof(p.mac));
	o.release = fuzz_u8(&in) & 15;
	o.seid = bits & 0x80;
	fuzz_bytes(&in, o.gid, sizeof(o.gid));
	if (o.release) {
		o.max_conns = fuzz_u8(&in);
		o.max_links = fuzz_u8(&in);
		o.features = (u16)fuzz_u32(&in);
	}
	o.num_eids = fuzz_u8(&in) % (SMC_CLC_MAX_EIDS + 1);
	for (i = 0; i < o.num_eids; i++)
		fuzz_bytes(&in, o.eid[i].name, SMC_EID_LEN);

	len = smc_clc_encode_proposal_v2(out, sizeof(out), &p, &o);
	MUST(len > 0 && len <= (int)SMC_CLC_PROPOSAL_V2_MAX);
	MUST(!smc_clc_decode_proposal_v2(out, (size_t)len, &again, &o_again));
	MUST(!memcmp(&p, &again, sizeof(p)));
	MUST(!memcmp(&o, &o_again, sizeof(o)));
}

static void check_eid(struct fuzz_input in)
{
	char text[SMC_EID_LEN + 8] = { 0 };
	struct smc_eid eid, again;

	fuzz_bytes(&in, text, sizeof(text) - 1);
	memset(&eid, 0xa5, sizeof(eid));
	if (!smc_eid_parse(text, &eid)) {
		MUST(fuzz_all_zero(&eid, sizeof(eid)));
		return;
	}
	MUST(smc_eid_valid(&eid) && !memchr(eid.name, 0, sizeof(eid.name)));
	memset(text, 0, sizeof(text));
	memcpy(text, eid.name, sizeof(eid.name));
	MUST(smc_eid_parse(text, &again) && smc_eid_equal(&eid, &again));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };

	check_proposal(data, size);
	check_accept(data, size);
	check_made_offer(in);
	check_eid(in);
	return 0;
}
