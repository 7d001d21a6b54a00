// SPDX-License-Identifier: GPL-2.0
/*
 * The right messages that attacks on the handshake are made of, and their
 * fields.
 */
#include "clc_cases.h"

#define F(name, off, width)	{ name, off, width, 0xff }
#define BITS(name, off, mask)	{ name, off, 1, mask }

static const struct clc_field header_fields[] = {
	F("eyecatcher", 0, 4), F("type", 4, 1), F("length", 5, 2),
	BITS("version", 7, 0xf0),
	{}
};

static const struct clc_field proposal_fields[] = {
	BITS("v2_path", 7, 0x0c), BITS("v1_path", 7, 0x03),
	F("peer_id", 8, 8), F("gid", 16, 16), F("mac", 32, 6),
	F("ip_offset", 38, 2), F("ism_gid", 40, 8), F("ism_chid", 48, 2),
	F("v2_offset", 50, 2), F("oui", 52, 3), F("vendor", 55, 5),
	F("gid_kind", 60, 1), F("reserved", 61, 19), F("prefix", 80, 4),
	F("prefix_len", 84, 1), F("prefix_reserved", 85, 2),
	F("prefix6_count", 87, 1), F("trailer", 88, 4),
	{}
};

static const struct clc_field old_fields[] = {
	F("length", 5, 2), BITS("version", 7, 0xf0), BITS("v1_path", 7, 0x03),
	F("ip_offset", 38, 2), F("prefix", 40, 4), F("prefix_len", 44, 1),
	F("prefix6_count", 47, 1), F("trailer", 48, 4),
	{}
};

static const struct clc_field v6_fields[] = {
	F("length", 5, 2), BITS("v1_path", 7, 0x03), F("ip_offset", 38, 2),
	F("prefix6_count", 87, 1), F("prefix6", 88, 16),
	F("prefix6_len", 104, 1), F("last_prefix6_len", 223, 1),
	F("trailer", 224, 4),
	{}
};

static const struct clc_field extension_fields[] = {
	F("length", 5, 2), BITS("v2_path", 7, 0x0c), BITS("v1_path", 7, 0x03),
	F("v2_offset", 50, 2), F("eid_count", 88, 1), F("ism_count", 89, 1),
	F("flags", 91, 1), F("smcd_offset", 94, 2), F("v2_gid", 96, 16),
	F("max_conns", 112, 1), F("max_links", 113, 1),
	BITS("release", 91, 0xf0), F("features", 114, 2), F("eid", 128, 32),
	F("subnet_eid", 160, 32),
	{}
};

static const struct clc_field v2_fields[] = {
	F("peer_id", 8, 8), F("gid", 16, 16), F("mac", 32, 6),
	F("prefix", 80, 4), F("prefix_len", 84, 1), F("trailer", 192, 4),
	{}
};

static const struct clc_field d_fields[] = {
	F("seid", 192, 32), F("ism_gid", 240, 8),
	F("ism_chid", 248, 2), F("trailer", 250, 4),
	{}
};

static const struct clc_field accept_fields[] = {
	BITS("first_contact", 7, 0x08), BITS("bit2", 7, 0x04),
	BITS("path", 7, 0x03), F("peer_id", 8, 8), F("gid", 16, 16),
	F("mac", 32, 6), F("qpn", 38, 3), F("rkey", 41, 4),
	F("rmbe_index", 45, 1), F("token", 46, 4),
	BITS("rmbe_size", 50, 0xf0), BITS("mtu", 50, 0x0f),
	F("gid_kind", 51, 1), F("vaddr", 52, 8), F("reserved", 60, 1),
	F("psn", 61, 3),
	{}
};

static const struct clc_field accept_v1_fields[] = {
	F("trailer", 64, 4),
	{}
};

static const struct clc_field fce_fields[] = {
	F("eid", 64, 32), F("eid_end", 95, 1), F("reserved_v2", 96, 8),
	BITS("direct", 104, 0x80), BITS("reserved_bits", 104, 0x7f),
	BITS("os", 105, 0xf0), BITS("release", 105, 0x0f),
	F("fce_reserved", 106, 2), F("host", 108, 32), F("max_conns", 140, 1),
	F("max_links", 141, 1), F("features", 142, 2), F("fce_end", 144, 12),
	{}
};

static const struct clc_field accept_v2_fields[] = {
	F("trailer", 156, 4),
	{}
};

static const struct clc_field confirm_v2_fields[] = {
	F("gid_count", 156, 1), F("gids_reserved", 157, 3), F("gid_0", 160, 16),
	F("gid_1", 176, 16), F("trailer", 192, 4),
	{}
};

/* Just inside of the limits, and just outside. */
static const struct clc_edit accept_v2_edits[] = {
	{ "max_conns.15", 140, 15 }, { "max_conns.16", 140, 16 },
	{ "max_conns.254", 140, 254 }, { "max_links.2", 141, 2 },
	{ "release.2", 105, 0x22 }, { "features.ism", 143, 1 },
	{}
};

static const struct clc_edit confirm_v2_edits[] = {
	{ "max_conns.16", 140, 16 }, { "max_links.2", 141, 2 },
	{ "release.2", 105, 0x22 }, { "features.ism", 143, 1 },
	{ "gid_count.3", 156, 3 },
	{}
};

static const struct clc_edit proposal_v2_edits[] = {
	{ "max_conns.15", 112, 15 }, { "max_conns.16", 112, 16 },
	{ "max_links.2", 113, 2 }, { "release.2", 91, 0x20 },
	{ "eid_count.3", 88, 3 }, { "eid_count.9", 88, 9 },
	{ "v2_gid.elsewhere", 110, 0xee },
	{}
};

static const struct clc_field diagnosis_fields[] = {
	BITS("out_of_sync", 7, 0x08), BITS("low_bits", 7, 0x07),
	F("peer_id", 8, 8), F("diagnosis", 16, 4), F("os", 20, 1),
	F("reserved", 21, 3),
	{}
};

static const struct clc_field decline_fields[] = {
	F("trailer", 24, 4),
	{}
};

static const struct clc_field decline_v2_fields[] = {
	F("more", 24, 16), F("trailer", 40, 4),
	{}
};

static size_t make_accept(__u8 *b, const struct hostile *h, unsigned int tag)
{
	return clc_accept(b, h, tag, CLC_ACCEPT);
}

static size_t make_accept_v2(__u8 *b, const struct hostile *h, unsigned int tag)
{
	return clc_accept_v2(b, h, tag, CLC_ACCEPT);
}

static size_t make_confirm(__u8 *b, const struct hostile *h, unsigned int tag)
{
	return clc_accept(b, h, tag, CLC_CONFIRM);
}

static size_t make_confirm_v2(__u8 *b, const struct hostile *h,
			      unsigned int tag)
{
	return clc_accept_v2(b, h, tag, CLC_CONFIRM);
}

static size_t make_decline(__u8 *b, const struct hostile *h, unsigned int tag)
{
	(void)h;
	(void)tag;
	return clc_decline(b, 0x03030000, false);
}

static size_t make_decline_v2(__u8 *b, const struct hostile *h,
			      unsigned int tag)
{
	(void)h;
	(void)tag;
	return clc_decline_v2(b, 0x03030000);
}

static const struct clc_base server_bases[] = {
	{ "proposal", CLC_FIRST, clc_proposal, .cut = true,
	  .fields = { header_fields, proposal_fields } },
	{ "proposal_old", CLC_FIRST, clc_proposal_old,
	  .fields = { old_fields } },
	{ "proposal_v6", CLC_FIRST, clc_proposal_v6, .fields = { v6_fields } },
	{ "proposal_v2", CLC_FIRST, clc_proposal_v2,
	  .fields = { extension_fields, v2_fields } },
	{ "proposal_d", CLC_FIRST, clc_proposal_d,
	  .fields = { extension_fields, d_fields } },
	{ "decline", CLC_FIRST, make_decline, .cut = true,
	  .fields = { header_fields, diagnosis_fields, decline_fields } },
	{ "decline_v2", CLC_FIRST, make_decline_v2,
	  .fields = { header_fields, diagnosis_fields, decline_v2_fields } },
	{ "confirm", CLC_SECOND, make_confirm, .cut = true,
	  .fields = { header_fields, accept_fields, accept_v1_fields } },
	{ "confirm_v2", CLC_SECOND, make_confirm_v2 },
	{ "confirm_decline", CLC_SECOND, make_decline,
	  .fields = { header_fields, diagnosis_fields, decline_fields } },
	{}
};

static const struct clc_base server_bases_v2[] = {
	{ "proposal_v2", CLC_FIRST, clc_proposal_v2, .sizes = true,
	  .fields = { extension_fields, v2_fields },
	  .edits = proposal_v2_edits },
	{ "proposal_d", CLC_FIRST, clc_proposal_d, .sizes = true,
	  .fields = { extension_fields, d_fields } },
	{ "confirm_v2", CLC_SECOND_V2, make_confirm_v2, .cut = true,
	  .sizes = true,
	  .fields = { header_fields, accept_fields, fce_fields,
		      confirm_v2_fields },
	  .edits = confirm_v2_edits },
	{ "confirm_v1", CLC_SECOND_V2, make_confirm,
	  .fields = { header_fields } },
	{ "confirm_decline_v2", CLC_SECOND_V2, make_decline_v2,
	  .fields = { header_fields, diagnosis_fields, decline_v2_fields } },
	{}
};

static const struct clc_base client_bases[] = {
	{ "accept", CLC_FIRST, make_accept, .cut = true,
	  .fields = { header_fields, accept_fields, accept_v1_fields } },
	{ "accept_v2", CLC_FIRST, make_accept_v2 },
	{ "decline", CLC_FIRST, make_decline, .cut = true,
	  .fields = { header_fields, diagnosis_fields, decline_fields } },
	{ "decline_v2", CLC_FIRST, make_decline_v2,
	  .fields = { header_fields, diagnosis_fields, decline_v2_fields } },
	{}
};

static const struct clc_base client_bases_v2[] = {
	{ "accept_v2", CLC_FIRST, make_accept_v2, .cut = true, .sizes = true,
	  .fields = { header_fields, accept_fields, fce_fields,
		      accept_v2_fields },
	  .edits = accept_v2_edits },
	{}
};

/**
 * clc_bases() - right messages to start from
 * @server: for attacks on servers
 * @v2: of handshakes of version 2
 *
 * Return: the list, which ends with one that has no name.
 */
const struct clc_base *clc_bases(bool server, bool v2)
{
	if (server)
		return v2 ? server_bases_v2 : server_bases;
	return v2 ? client_bases_v2 : client_bases;
}
