// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as any CLC message: what is refused leaves nothing behind, what is
 * accepted can be said again and means the same, and negotiation copes with
 * it. Then the other way, from contents to bytes and back.
 */
#include "fuzz.h"
#include "../../../../net/smc/proto/negotiate.h"

static void check_proposal(const u8 *data, size_t size)
{
	struct smc_clc_proposal p, again;
	struct smc_local_addr addr = { .len = 24 };
	bool have[2] = { true, false };
	u8 buf[SMC_CLC_MAX_LEN];
	int rc, len;

	memset(&p, 0xa5, sizeof(p));
	rc = smc_clc_decode_proposal(data, size, &p);
	if (rc) {
		MUST(rc == -EPROTO || rc == -EMSGSIZE);
		MUST(fuzz_all_zero(&p, sizeof(p)));
		return;
	}
	MUST(p.version >= SMC_V1 && p.v1_path <= SMC_PATH_BOTH);
	MUST(p.v2_path <= SMC_PATH_BOTH && p.gid_kind <= SMC_GID_ROCE_V2);
	MUST(p.num_prefix6 <= SMC_CLC_MAX_V6_PREFIXES);

	smc_negotiate_proposal(&p, have);
	memcpy(addr.addr, p.prefix4, sizeof(p.prefix4));
	addr.len = p.prefix4_len;
	if (p.v1_path != SMC_PATH_NONE && !p.num_prefix6)
		MUST(smc_prefix_match(&p, &addr) == (addr.len <= 32));
	addr.v6 = true;
	memcpy(addr.addr, p.prefix6[0].addr, sizeof(addr.addr));
	addr.len = p.prefix6[0].len;
	if (addr.len > 128 || !p.num_prefix6)
		MUST(!smc_prefix_match(&p, &addr));

	len = smc_clc_encode_proposal(buf, sizeof(buf), &p);
	if (p.v2_path != SMC_PATH_NONE) {
		MUST(len == -EINVAL);
		return;
	}
	MUST(len > 0 && len <= 228);
	MUST(smc_clc_encode_proposal(buf, (size_t)len - 1, &p) == -EMSGSIZE);
	MUST(smc_clc_encode_proposal(buf, (size_t)len, &p) == len);
	MUST(!smc_clc_decode_proposal(buf, (size_t)len, &again));
	p.version = SMC_V2;	/* the only one we make */
	MUST(!memcmp(&p, &again, sizeof(p)));
}

static bool same_accept(const struct smc_clc_accept *a,
			const struct smc_clc_accept *b)
{
	return a->type == b->type && a->version == b->version &&
	       a->path == b->path && a->first_contact == b->first_contact &&
	       a->gid_kind == b->gid_kind &&
	       !memcmp(a->peer_id, b->peer_id, sizeof(a->peer_id)) &&
	       !memcmp(a->gid, b->gid, sizeof(a->gid)) &&
	       !memcmp(a->mac, b->mac, sizeof(a->mac)) && a->qpn == b->qpn &&
	       a->rkey == b->rkey && a->rmbe_idx == b->rmbe_idx &&
	       a->token == b->token && a->size_code == b->size_code &&
	       a->mtu == b->mtu && a->vaddr == b->vaddr && a->psn == b->psn;
}

static void say_accept_again(const struct smc_clc_accept *a)
{
	u8 buf[SMC_CLC_ACCEPT_LEN];
	struct smc_clc_accept again;

	MUST(smc_clc_encode_accept(buf, sizeof(buf), a) == sizeof(buf));
	MUST(!smc_clc_decode_accept(buf, sizeof(buf), &again));
	MUST(same_accept(a, &again));
}

static void check_accept(const u8 *data, size_t size)
{
	struct smc_clc_proposal sent = { .v2_path = SMC_PATH_NONE };
	struct smc_clc_accept a;
	enum smc_decline why;
	int rc;

	memset(&a, 0xa5, sizeof(a));
	rc = smc_clc_decode_accept(data, size, &a);
	if (rc) {
		MUST(rc == -EPROTO || rc == -EMSGSIZE);
		MUST(fuzz_all_zero(&a, sizeof(a)));
		return;
	}
	why = smc_negotiate_accept(&sent, &a);
	if (a.path != SMC_PATH_R || a.version != SMC_V1) {
		MUST(why == SMC_DECL_MODEUNSUPP);
		return;
	}
	MUST(a.qpn && a.qpn < 1u << 24 && a.psn < 1u << 24 && a.token);
	MUST(a.rmbe_idx && a.size_code <= 15 && a.mtu >= 1 && a.mtu <= 5);
	say_accept_again(&a);
}

static void check_decline(const u8 *data, size_t size)
{
	struct smc_clc_decline d, again;
	u8 buf[SMC_CLC_DECLINE_V2_LEN];
	int rc, len;

	rc = smc_clc_decode_decline(data, size, &d);
	if (rc) {
		MUST(rc == -EPROTO || rc == -EMSGSIZE);
		return;
	}
	len = smc_clc_encode_decline(buf, sizeof(buf), &d);
	MUST(len == (d.version > SMC_V1 ? 44 : 28));
	MUST(!smc_clc_decode_decline(buf, (size_t)len, &again));
	MUST(d.version == again.version && d.diagnosis == again.diagnosis &&
	     d.out_of_sync == again.out_of_sync &&
	     !memcmp(d.peer_id, again.peer_id, sizeof(d.peer_id)));
}

/* Contents that are allowed, out of any bytes. */
static void check_made_accept(struct fuzz_input in)
{
	struct smc_clc_accept a = { .version = SMC_V1, .path = SMC_PATH_R };
	u8 bits = fuzz_u8(&in);

	a.type = bits & 1 ? SMC_CLC_ACCEPT : SMC_CLC_CONFIRM;
	a.first_contact = bits & 2;
	a.gid_kind = bits & 4 ? SMC_GID_ROCE_V2 : SMC_GID_ROCE_V1;
	a.size_code = bits >> 4;
	a.mtu = fuzz_u8(&in) % 5 + 1;
	fuzz_bytes(&in, a.peer_id, sizeof(a.peer_id));
	fuzz_bytes(&in, a.gid, sizeof(a.gid));
	fuzz_bytes(&in, a.mac, sizeof(a.mac));
	a.qpn = fuzz_u32(&in) % 0xffffff + 1;
	a.psn = fuzz_u32(&in) & 0xffffff;
	a.rkey = fuzz_u32(&in);
	a.token = fuzz_u32(&in) | 1;
	a.rmbe_idx = fuzz_u8(&in) | 1;
	a.vaddr = (u64)fuzz_u32(&in) << 32;
	a.vaddr |= fuzz_u32(&in);
	say_accept_again(&a);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct smc_clc_hdr hdr;
	int rc;

	rc = smc_clc_decode_hdr(data, size, &hdr);
	MUST((rc == -EMSGSIZE) == (size < SMC_CLC_HDR_LEN));
	if (!rc)
		MUST(hdr.version && hdr.type >= 1 && hdr.type <= 4 &&
		     hdr.len >= 28);
	check_proposal(data, size);
	check_accept(data, size);
	check_decline(data, size);
	check_made_accept(in);
	return 0;
}
