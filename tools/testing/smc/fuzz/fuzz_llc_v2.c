// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as an LLC message of version 2: what is refused leaves nothing
 * behind, and what is accepted can be said again in either byte order and
 * means the same. The reader that looks at no more than the beginning of a
 * message agrees with the other one.
 */
#include "fuzz.h"
#include "../../../../net/smc/proto/llc_v2.h"

static u8 out[SMC_LLC_V2_MAX_LEN];

static void say_again(const struct smc_llc_msg *msg,
		      const union smc_llc_v2_ext *ext, enum smc_llc_order order)
{
	static union smc_llc_v2_ext ext_again;
	struct smc_llc_msg again;
	int len;

	len = smc_llc_v2_encode(out, sizeof(out), msg, ext, order);
	MUST(len >= (int)SMC_LLC_LEN);
	MUST(len == SMC_LLC_LEN || smc_llc_v2_has_ext(msg));
	MUST(smc_llc_v2_encode(out, (size_t)len - 1, msg, ext, order) ==
	     -EMSGSIZE);
	MUST(smc_llc_v2_encode(out, (size_t)len, msg, ext, order) == len);
	/* Lengths like 0x0404 are the same in both. */
	MUST(smc_llc_v2_order(out, (size_t)len) == order || out[1] == out[2]);
	MUST(out[order == SMC_LLC_BIG ? 2 : 1] == (u8)len);

	memcpy(&ext_again, ext, sizeof(ext_again));
	MUST(!smc_llc_v2_decode(out, (size_t)len, &again, &ext_again));
	MUST(!memcmp(msg, &again, sizeof(again)));
	MUST(!memcmp(ext, &ext_again, sizeof(ext_again)));
}

static void check_counts(const struct smc_llc_msg *msg,
			 const union smc_llc_v2_ext *ext, size_t size)
{
	switch (msg->type) {
	case SMC_LLC_ADD_LINK:
		MUST(size >= 72 + 16u * ext->add_link.num_rkeys);
		break;
	case SMC_LLC_REQ_ADD_LINK:
		MUST(size >= 28 + 16u * ext->req_add_link.num_gids);
		MUST(ext->req_add_link.num_gids >= 1 &&
		     ext->req_add_link.num_gids <= SMC_LLC_V2_MAX_GIDS);
		break;
	case SMC_LLC_DELETE_RKEY:
		MUST(size >= 8 + 4u * ext->delete_rkey.num);
		MUST(ext->delete_rkey.num >= 1);
		break;
	}
}

/* It has no opinion on what it does not see. */
static void read_short(const u8 *data, size_t size,
		       const struct smc_llc_msg *msg, int rc)
{
	u8 begin[SMC_LLC_LEN] = { 0 };
	struct smc_llc_msg again;
	int short_rc;

	memset(&again, 0xa5, sizeof(again));
	memcpy(begin, data, size < sizeof(begin) ? size : sizeof(begin));
	short_rc = smc_llc_v2_decode_short(begin, size, &again);
	if (short_rc) {
		MUST(fuzz_all_zero(&again, sizeof(again)));
		MUST(short_rc == rc || (short_rc == -EOPNOTSUPP &&
					begin[4] > SMC_LLC_DEL_RKEYS));
	} else if (rc) {
		MUST(rc == -EPROTO && (again.type == SMC_LLC_ADD_LINK ||
				       again.type == SMC_LLC_REQ_ADD_LINK ||
				       again.type == SMC_LLC_DELETE_RKEY));
	} else if (msg->type != SMC_LLC_DELETE_RKEY) {
		MUST(!memcmp(msg, &again, sizeof(again)));
	} else {
		MUST(again.delete_rkey.num <= SMC_LLC_DEL_RKEYS);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static union smc_llc_v2_ext ext;
	struct smc_llc_msg msg;
	int rc;

	memset(&msg, 0xa5, sizeof(msg));
	memset(&ext, 0xa5, sizeof(ext));
	smc_llc_v2_order(data, size);
	rc = smc_llc_v2_decode(data, size, &msg, &ext);
	read_short(data, size, &msg, rc);
	if (rc) {
		MUST(rc == -EPROTO || rc == -EMSGSIZE || rc == -EOPNOTSUPP);
		MUST((rc == -EMSGSIZE) == (size < SMC_LLC_LEN));
		MUST(fuzz_all_zero(&msg, sizeof(msg)));
		MUST(fuzz_all_zero(&ext, sizeof(ext)));
		return 0;
	}
	MUST(size >= SMC_LLC_LEN && data[0] == (0x20 | msg.type));
	MUST(!(msg.flags & ~data[3]));
	if (smc_llc_v2_has_ext(&msg))
		check_counts(&msg, &ext, size);
	say_again(&msg, &ext, SMC_LLC_LITTLE);
	say_again(&msg, &ext, SMC_LLC_BIG);
	return 0;
}
