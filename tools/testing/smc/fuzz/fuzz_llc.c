// SPDX-License-Identifier: GPL-2.0
/* Any bytes as an LLC message; what is accepted can be said again. */
#include "fuzz.h"
#include "../../../../net/smc/proto/llc.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct smc_llc_msg msg, again;
	u8 buf[SMC_LLC_LEN];
	int rc;

	memset(&msg, 0xa5, sizeof(msg));
	rc = smc_llc_decode(data, size, &msg);
	if (rc) {
		MUST(rc == -EPROTO || rc == -EMSGSIZE || rc == -EOPNOTSUPP);
		MUST((rc == -EMSGSIZE) == (size < SMC_LLC_LEN));
		MUST(fuzz_all_zero(&msg, sizeof(msg)));
		return 0;
	}
	MUST(size >= SMC_LLC_LEN && data[0] == msg.type && data[1] == 44);
	MUST(!(msg.flags & ~data[3]));
	if (msg.type == SMC_LLC_DELETE_RKEY)
		MUST(msg.delete_rkey.num >= 1 &&
		     msg.delete_rkey.num <= SMC_LLC_DEL_RKEYS);

	memset(buf, 0xa5, sizeof(buf));
	MUST(!smc_llc_encode(buf, &msg));
	MUST(!smc_llc_decode(buf, sizeof(buf), &again));
	MUST(!memcmp(&msg, &again, sizeof(msg)));

	/* Nothing is invented: each byte said is one received, or zero. */
	for (size = 4; size < SMC_LLC_LEN; size++)
		MUST(!(buf[size] & ~data[size]));
	return 0;
}
