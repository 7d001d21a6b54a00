// SPDX-License-Identifier: GPL-2.0
/* Any bytes as a CDC message, and its cursors as steps in a ring. */
#include "fuzz.h"
#include "../../../../net/smc/proto/cdc.h"

static void check_step(struct smc_cursor old, struct smc_cursor new, u8 code)
{
	u32 size = smc_ring_bytes(code), n = 0xffffffff;
	int rc;

	old.count %= size;
	rc = smc_cursor_step(old, new, size, size, &n);
	if (rc) {
		MUST(rc == -ESTALE || rc == -EPROTO);
		MUST(n == 0xffffffff);
		return;
	}
	MUST(n <= size && new.count < size);
	smc_cursor_add(&old, size, n);
	MUST(old.wrap == new.wrap && old.count == new.count);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 buf[SMC_CDC_LEN];
	struct smc_cdc msg;
	size_t i;
	int rc;

	rc = smc_cdc_decode(data, size, &msg);
	if (rc) {
		MUST(rc == -EPROTO || rc == -EMSGSIZE);
		MUST((rc == -EMSGSIZE) == (size < SMC_CDC_LEN));
		return 0;
	}
	memset(buf, 0xa5, sizeof(buf));
	smc_cdc_encode(buf, &msg);
	for (i = 0; i < SMC_CDC_LEN; i++) {
		bool reserved = i == 8 || i == 9 || i == 16 || i == 17 || i > 25;
		u8 bits = i == 24 ? 0xf8 : i == 25 ? 0xe0 : reserved ? 0 : 0xff;

		MUST(buf[i] == (data[i] & bits));
	}
	check_step(msg.cons, msg.prod, data[26]);
	check_step(msg.prod, msg.cons, data[27]);
	return 0;
}
