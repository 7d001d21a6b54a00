// SPDX-License-Identifier: GPL-2.0
/*
 * Codec of CLC messages of version 1, and of what the versions have in common:
 * of version 2 this file knows enough to skip what it adds, as a Proposal names
 * both. What it adds is read and made in clc_v2.c.
 *
 * Reserved bits are zero on sending and ignored on receiving, but for the two
 * bytes that carry our mark of the GID kind. Those say RoCEv2 when they are 1,
 * and RoCEv1, the only kind version 1 knows, in every other case.
 */
#include "clc_wire.h"
#include "eid.h"

/* Low bits of the last header byte. */
#define CLC_PATH_BITS		0x03
#define CLC_V2_PATH_SHIFT	2
#define CLC_FIRST_CONTACT	0x08
#define CLC_OUT_OF_SYNC		0x08

/* Proposal: base, SMC-D area, prefix area, two extensions, trailer. */
#define PROP_BASE_LEN		40u
#define PROP_SMCD_LEN		40u
#define PROP_MAX_IP_OFFSET	40u
#define PROP_PREFIX_LEN		8u
#define PROP_PREFIX6_LEN	17u
#define PROP_MAX_V2_OFFSET	172u
#define PROP_KIND_POS		60u
#define PROP_V2_SMCD_FROM	8u	/* where the offset in it counts from */
#define PROP_MAX_SMCD_OFFSET	288u
#define PROP_V2_SMCD_LEN	48u
#define PROP_MAX_ISM		8u
#define PROP_ISM_LEN		10u

#define ACCEPT_D_LEN		48u
#define ACCEPT_V2_LEN		108u
#define ACCEPT_V2_D_LEN		78u

#define DECLINE_OS_LINUX	0x20

static bool offers_d(u8 path)
{
	return path == SMC_PATH_D || path == SMC_PATH_BOTH;
}

static u8 read_kind(struct smc_reader *r)
{
	return smc_read_u8(r) == SMC_GID_ROCE_V2 ? SMC_GID_ROCE_V2 :
						   SMC_GID_ROCE_V1;
}

static bool is_eyecatcher(u32 word)
{
	return word == CLC_EYE_SMCR || word == CLC_EYE_SMCD;
}

static bool trailer_ok(const u8 *buf, u16 len)
{
	struct smc_reader r = smc_reader_at(buf, len, len - CLC_TRAILER_LEN);

	return is_eyecatcher(smc_read_u32(&r));
}

static void write_hdr(struct smc_writer *w, u8 type, u16 len, u8 version,
		      u8 flags)
{
	smc_write_u32(w, CLC_EYE_SMCR);
	smc_write_u8(w, type);
	smc_write_u16(w, len);
	smc_write_u8(w, (u8)(version << 4) | flags);
}

static u16 min_len(u8 type)
{
	switch (type) {
	case SMC_CLC_PROPOSAL:
		return PROP_BASE_LEN + PROP_PREFIX_LEN + CLC_TRAILER_LEN;
	case SMC_CLC_ACCEPT:
	case SMC_CLC_CONFIRM:
		return ACCEPT_D_LEN;
	default:
		return SMC_CLC_DECLINE_LEN;
	}
}

/**
 * smc_clc_decode_hdr() - read the header of a CLC message
 * @buf: first bytes of the message
 * @len: their number
 * @hdr: where to put the contents; untouched on error
 *
 * The length in @hdr is at least the smallest the type can have and at most
 * what 16 bits hold: the caller decides what is too long to be kept.
 *
 * Context: any.
 * Return: 0, -EMSGSIZE with fewer than SMC_CLC_HDR_LEN bytes, -EPROTO if this
 * is not the beginning of a CLC message.
 */
int smc_clc_decode_hdr(const u8 *buf, size_t len, struct smc_clc_hdr *hdr)
{
	struct smc_reader r = smc_reader_at(buf, len, 0);
	struct smc_clc_hdr h;
	u32 eye;
	u8 last;

	if (len < SMC_CLC_HDR_LEN)
		return -EMSGSIZE;
	eye = smc_read_u32(&r);
	h.type = smc_read_u8(&r);
	h.len = smc_read_u16(&r);
	last = smc_read_u8(&r);
	h.version = last >> 4;
	h.flags = last & 0x0f;

	if (!is_eyecatcher(eye) || h.version < SMC_V1)
		return -EPROTO;
	if (h.type < SMC_CLC_PROPOSAL || h.type > SMC_CLC_DECLINE)
		return -EPROTO;
	if (h.len < min_len(h.type))
		return -EPROTO;
	*hdr = h;
	return 0;
}

/* Header of a message that has to be all there. */
static int decode_whole(const u8 *buf, size_t len, u8 type,
			struct smc_clc_hdr *hdr)
{
	int rc = smc_clc_decode_hdr(buf, len, hdr);

	if (rc)
		return rc;
	if (hdr->type != type || hdr->len > SMC_CLC_MAX_LEN)
		return -EPROTO;
	return hdr->len > len ? -EMSGSIZE : 0;
}

static void write_prefixes(struct smc_writer *w,
			   const struct smc_clc_proposal *p)
{
	u8 i;

	if (p->num_prefix6) {
		smc_write_zero(w, sizeof(p->prefix4) + 3);
	} else {
		smc_write_bytes(w, p->prefix4, sizeof(p->prefix4));
		smc_write_u8(w, p->prefix4_len);
		smc_write_zero(w, 2);
	}
	smc_write_u8(w, p->num_prefix6);
	for (i = 0; i < p->num_prefix6; i++) {
		smc_write_bytes(w, p->prefix6[i].addr,
				sizeof(p->prefix6[i].addr));
		smc_write_u8(w, p->prefix6[i].len);
	}
}

static void read_prefixes(struct smc_reader *r, struct smc_clc_proposal *p)
{
	u8 i, num;

	smc_read_bytes(r, p->prefix4, sizeof(p->prefix4));
	p->prefix4_len = smc_read_u8(r);
	smc_read_skip(r, 2);
	num = smc_read_u8(r);
	if (num > SMC_CLC_MAX_V6_PREFIXES) {
		r->bad = true;
		return;
	}
	p->num_prefix6 = num;
	if (!num)
		return;
	memset(p->prefix4, 0, sizeof(p->prefix4));
	p->prefix4_len = 0;
	for (i = 0; i < num; i++) {
		smc_read_bytes(r, p->prefix6[i].addr,
			       sizeof(p->prefix6[i].addr));
		p->prefix6[i].len = smc_read_u8(r);
	}
}

/**
 * smc_clc_v1_part_ok() - can what version 1 has of a Proposal be said?
 * @p: contents
 *
 * Context: any.
 * Return: true if its counts and choices are in range.
 */
bool smc_clc_v1_part_ok(const struct smc_clc_proposal *p)
{
	return p->v1_path <= SMC_PATH_BOTH &&
	       p->num_prefix6 <= SMC_CLC_MAX_V6_PREFIXES;
}

/**
 * smc_clc_v1_part_len() - length of what version 1 has of a Proposal
 * @p: contents
 *
 * Context: any.
 * Return: bytes from the beginning of the message to where an extension of
 * version 2, or the trailer, follows.
 */
size_t smc_clc_v1_part_len(const struct smc_clc_proposal *p)
{
	size_t len = PROP_BASE_LEN + PROP_SMCD_LEN;

	if (p->v1_path != SMC_PATH_NONE)
		len += PROP_PREFIX_LEN + PROP_PREFIX6_LEN * p->num_prefix6;
	return len;
}

/**
 * smc_clc_write_v1_part() - write a Proposal up to what version 2 adds
 * @w: where to
 * @p: contents, fit for smc_clc_v1_part_ok(); the version is not looked at,
 *	the header says 2, as every peer expects of a client that knows the
 *	SMC-D area
 * @len: length of the whole message
 * @v2_offset: how far it is to the extension, 0 if there is none
 *
 * Context: any.
 */
void smc_clc_write_v1_part(struct smc_writer *w,
			   const struct smc_clc_proposal *p, u16 len,
			   u16 v2_offset)
{
	bool v1 = p->v1_path != SMC_PATH_NONE;

	write_hdr(w, SMC_CLC_PROPOSAL, len, SMC_V2,
		  (u8)(p->v2_path << CLC_V2_PATH_SHIFT) | p->v1_path);
	smc_write_bytes(w, p->peer_id, sizeof(p->peer_id));
	smc_write_bytes(w, p->gid, sizeof(p->gid));
	smc_write_bytes(w, p->mac, sizeof(p->mac));
	smc_write_u16(w, v1 ? PROP_SMCD_LEN : 0);

	/* The SMC-D area: no ISM device. */
	smc_write_zero(w, PROP_V2_OFFSET_POS - PROP_BASE_LEN);
	smc_write_u16(w, v2_offset);
	smc_write_zero(w, PROP_KIND_POS - PROP_V2_OFFSET_FROM);
	smc_write_u8(w, v1 ? p->gid_kind : 0);
	smc_write_zero(w, PROP_BASE_LEN + PROP_SMCD_LEN - PROP_KIND_POS - 1);
	if (v1)
		write_prefixes(w, p);
}

/**
 * smc_clc_encode_proposal() - make a Proposal
 * @buf: where to put it
 * @size: room in @buf, bytes
 * @p: contents; @p->version is not looked at, the header says 2, as every peer
 *	expects of a client that knows the SMC-D area
 *
 * Context: any.
 * Return: length of the message, -EINVAL if it offers version 2 or has too many
 * prefixes, -EMSGSIZE if @buf is too small.
 */
int smc_clc_encode_proposal(u8 *buf, size_t size,
			    const struct smc_clc_proposal *p)
{
	u16 len = (u16)smc_clc_v1_part_len(p) + CLC_TRAILER_LEN;
	struct smc_writer w = smc_writer_init(buf, size);

	if (p->v2_path != SMC_PATH_NONE || !smc_clc_v1_part_ok(p))
		return -EINVAL;
	smc_clc_write_v1_part(&w, p, len, 0);
	smc_write_u32(&w, CLC_EYE_SMCR);
	return w.bad ? -EMSGSIZE : len;
}

/*
 * Walk through the version 2 part of a Proposal, of which nothing is kept, and
 * say how long it is; 0 if it does not hold together.
 */
static size_t v2_part_len(const u8 *buf, size_t body, u8 v2_path)
{
	struct smc_reader r = smc_reader_at(buf, body, PROP_V2_OFFSET_POS);
	u16 offset = smc_read_u16(&r), smcd_offset;
	size_t ext = PROP_V2_OFFSET_FROM + offset;
	size_t len = PROP_V2_LEN;
	u8 eids, isms;

	if (!offset || offset > PROP_MAX_V2_OFFSET)
		return 0;
	r = smc_reader_at(buf, body, ext);
	eids = smc_read_u8(&r);
	isms = smc_read_u8(&r);
	smc_read_skip(&r, 4);
	smcd_offset = smc_read_u16(&r);
	if (eids > SMC_CLC_MAX_EIDS)
		return 0;
	len += SMC_EID_LEN * eids;
	smc_read_skip(&r, len - PROP_V2_SMCD_FROM);

	if (offers_d(v2_path)) {
		size_t smcd = PROP_V2_SMCD_LEN + PROP_ISM_LEN * isms;

		if (isms > PROP_MAX_ISM || smcd_offset > PROP_MAX_SMCD_OFFSET)
			return 0;
		r.bad |= smc_reader_at(buf, body, ext + PROP_V2_SMCD_FROM +
						  smcd_offset + smcd).bad;
		len += smcd;
	}
	return r.bad ? 0 : len;
}

static int read_proposal(const u8 *buf, const struct smc_clc_hdr *hdr,
			 struct smc_clc_proposal *p)
{
	size_t body = hdr->len - CLC_TRAILER_LEN, want = PROP_BASE_LEN, v2;
	struct smc_reader r = smc_reader_at(buf, body, SMC_CLC_HDR_LEN);
	bool smcd_area = hdr->version >= SMC_V2;
	u16 ip_offset;

	p->version = hdr->version;
	p->v1_path = hdr->flags & CLC_PATH_BITS;
	p->v2_path = smcd_area ? hdr->flags >> CLC_V2_PATH_SHIFT :
				 SMC_PATH_NONE;
	smc_read_bytes(&r, p->peer_id, sizeof(p->peer_id));
	smc_read_bytes(&r, p->gid, sizeof(p->gid));
	smc_read_bytes(&r, p->mac, sizeof(p->mac));
	ip_offset = smc_read_u16(&r);
	if (ip_offset > PROP_MAX_IP_OFFSET)
		return -EPROTO;
	want += smcd_area ? PROP_SMCD_LEN : ip_offset;

	if (p->v1_path == SMC_PATH_NONE) {
		if (!smcd_area)
			return -EPROTO;
	} else {
		if (offers_d(p->v1_path) && ip_offset != PROP_SMCD_LEN)
			return -EPROTO;
		/* Else the byte may belong to a prefix. */
		if (smcd_area && ip_offset == PROP_SMCD_LEN) {
			r = smc_reader_at(buf, body, PROP_KIND_POS);
			p->gid_kind = read_kind(&r);
		}
		r = smc_reader_at(buf, body, PROP_BASE_LEN + ip_offset);
		read_prefixes(&r, p);
		want += PROP_PREFIX_LEN + PROP_PREFIX6_LEN * p->num_prefix6;
	}
	if (p->v2_path != SMC_PATH_NONE) {
		v2 = v2_part_len(buf, body, p->v2_path);
		if (!v2)
			return -EPROTO;
		want += v2;
	}
	return r.bad || want != body ? -EPROTO : 0;
}

/**
 * smc_clc_decode_proposal() - read a Proposal
 * @buf: the message; of a longer one the first SMC_CLC_MAX_LEN bytes
 * @len: number of bytes that came; what follows the message is ignored
 * @p: where to put the contents; all zero on error
 *
 * No Proposal is longer than SMC_CLC_MAX_LEN. Whatever @len is, nothing beyond
 * is read.
 *
 * Context: any.
 * Return: 0, -EMSGSIZE if bytes are missing, -EPROTO if it is no Proposal.
 */
int smc_clc_decode_proposal(const u8 *buf, size_t len,
			    struct smc_clc_proposal *p)
{
	struct smc_clc_hdr hdr;
	int rc;

	memset(p, 0, sizeof(*p));
	rc = decode_whole(buf, len, SMC_CLC_PROPOSAL, &hdr);
	if (rc)
		return rc;
	if (!trailer_ok(buf, hdr.len))
		return -EPROTO;
	rc = read_proposal(buf, &hdr, p);
	if (rc)
		memset(p, 0, sizeof(*p));
	return rc;
}

/**
 * smc_clc_write_accept_common() - write what Accept and Confirm begin with
 * @w: where to
 * @a: contents; the mark of the GID kind is for version 1, the other one knows
 *	RoCEv2 only
 * @len: length of the whole message
 *
 * Context: any.
 */
void smc_clc_write_accept_common(struct smc_writer *w,
				 const struct smc_clc_accept *a, u16 len)
{
	write_hdr(w, a->type, len, a->version,
		  a->path | (a->first_contact ? CLC_FIRST_CONTACT : 0));
	smc_write_bytes(w, a->peer_id, sizeof(a->peer_id));
	smc_write_bytes(w, a->gid, sizeof(a->gid));
	smc_write_bytes(w, a->mac, sizeof(a->mac));
	smc_write_u24(w, a->qpn);
	smc_write_u32(w, a->rkey);
	smc_write_u8(w, a->rmbe_idx);
	smc_write_u32(w, a->token);
	smc_write_u8(w, (u8)(a->size_code << 4) | (a->mtu & 0x0f));
	smc_write_u8(w, a->version == SMC_V1 ? a->gid_kind : 0);
	smc_write_u64(w, a->vaddr);
	smc_write_zero(w, 1);
	smc_write_u24(w, a->psn);
}

/**
 * smc_clc_encode_accept() - make an Accept or a Confirm of version 1
 * @buf: where to put it
 * @size: room in @buf, bytes
 * @a: contents
 *
 * Context: any.
 * Return: length of the message, -EINVAL if @a is something we do not speak,
 * -EMSGSIZE if @buf is too small.
 */
int smc_clc_encode_accept(u8 *buf, size_t size, const struct smc_clc_accept *a)
{
	struct smc_writer w = smc_writer_init(buf, size);

	if (a->version != SMC_V1 || a->path != SMC_PATH_R ||
	    (a->type != SMC_CLC_ACCEPT && a->type != SMC_CLC_CONFIRM))
		return -EINVAL;
	smc_clc_write_accept_common(&w, a, SMC_CLC_ACCEPT_LEN);
	smc_write_u32(&w, CLC_EYE_SMCR);
	return w.bad ? -EMSGSIZE : (int)SMC_CLC_ACCEPT_LEN;
}

static bool accept_len_ok(const struct smc_clc_hdr *hdr, u8 path)
{
	bool d = path == SMC_PATH_D;

	if (hdr->version >= SMC_V2)
		return hdr->len >= (d ? ACCEPT_V2_D_LEN : ACCEPT_V2_LEN);
	return hdr->len == (d ? ACCEPT_D_LEN : SMC_CLC_ACCEPT_LEN);
}

/* The part that SMC-R has in common in all versions. */
static int read_accept(const u8 *buf, size_t len, struct smc_clc_accept *a)
{
	struct smc_reader r = smc_reader_at(buf, len, SMC_CLC_HDR_LEN);
	u8 size_mtu;

	smc_read_bytes(&r, a->peer_id, sizeof(a->peer_id));
	smc_read_bytes(&r, a->gid, sizeof(a->gid));
	smc_read_bytes(&r, a->mac, sizeof(a->mac));
	a->qpn = smc_read_u24(&r);
	a->rkey = smc_read_u32(&r);
	a->rmbe_idx = smc_read_u8(&r);
	a->token = smc_read_u32(&r);
	size_mtu = smc_read_u8(&r);
	a->size_code = size_mtu >> 4;
	a->mtu = size_mtu & 0x0f;
	a->gid_kind = read_kind(&r);
	a->vaddr = smc_read_u64(&r);
	smc_read_skip(&r, 1);
	a->psn = smc_read_u24(&r);

	if (r.bad || !a->qpn || !a->rmbe_idx || !a->token)
		return -EPROTO;
	return a->mtu >= 1 && a->mtu <= 5 ? 0 : -EPROTO;
}

/**
 * smc_clc_decode_accept() - read an Accept or a Confirm
 * @buf: the message; of a longer one the first SMC_CLC_MAX_LEN bytes
 * @len: number of bytes that came; what follows the message is ignored
 * @a: where to put the contents; all zero on error
 *
 * A message longer than SMC_CLC_MAX_LEN can be one of version 2. Its trailer
 * is not looked at, nor is anything else after the part common to all versions.
 * Whatever @len is, nothing beyond SMC_CLC_MAX_LEN is read.
 *
 * Context: any.
 * Return: 0, -EMSGSIZE if bytes are missing, -EPROTO if it is neither Accept nor
 * Confirm or a value in it is out of range.
 */
int smc_clc_decode_accept(const u8 *buf, size_t len, struct smc_clc_accept *a)
{
	struct smc_clc_hdr hdr;
	u8 path;
	int rc;

	memset(a, 0, sizeof(*a));
	if (len > SMC_CLC_MAX_LEN)
		len = SMC_CLC_MAX_LEN;
	rc = smc_clc_decode_hdr(buf, len, &hdr);
	if (rc)
		return rc;
	path = hdr.flags & CLC_PATH_BITS;
	if (hdr.type != SMC_CLC_ACCEPT && hdr.type != SMC_CLC_CONFIRM)
		return -EPROTO;
	if (path > SMC_PATH_D || !accept_len_ok(&hdr, path))
		return -EPROTO;
	if (hdr.len > len && len < SMC_CLC_MAX_LEN)
		return -EMSGSIZE;
	if (hdr.len <= len && !trailer_ok(buf, hdr.len))
		return -EPROTO;
	if (path == SMC_PATH_R)
		rc = read_accept(buf, len, a);
	if (rc) {
		memset(a, 0, sizeof(*a));
		return rc;
	}
	a->type = hdr.type;
	a->version = hdr.version;
	a->path = path;
	a->first_contact = hdr.flags & CLC_FIRST_CONTACT;
	return 0;
}

static u16 decline_len(u8 version)
{
	return version > SMC_V1 ? SMC_CLC_DECLINE_V2_LEN : SMC_CLC_DECLINE_LEN;
}

/**
 * smc_clc_encode_decline() - make a Decline
 * @buf: where to put it
 * @size: room in @buf, bytes
 * @d: contents
 *
 * Context: any.
 * Return: length of the message, -EINVAL if the version is not 1 to 15,
 * -EMSGSIZE if @buf is too small.
 */
int smc_clc_encode_decline(u8 *buf, size_t size,
			   const struct smc_clc_decline *d)
{
	struct smc_writer w = smc_writer_init(buf, size);
	u16 len = decline_len(d->version);
	bool v2 = d->version > SMC_V1;

	if (d->version < SMC_V1 || d->version > 0x0f)
		return -EINVAL;

	write_hdr(&w, SMC_CLC_DECLINE, len, d->version,
		  d->out_of_sync ? CLC_OUT_OF_SYNC : 0);
	smc_write_bytes(&w, d->peer_id, sizeof(d->peer_id));
	smc_write_u32(&w, d->diagnosis);
	smc_write_u8(&w, v2 ? DECLINE_OS_LINUX : 0);
	smc_write_zero(&w, v2 ? 3 + 16 : 3);
	smc_write_u32(&w, CLC_EYE_SMCR);
	return w.bad ? -EMSGSIZE : len;
}

/**
 * smc_clc_decode_decline() - read a Decline
 * @buf: the message; of a longer one the first SMC_CLC_MAX_LEN bytes
 * @len: number of bytes that came; what follows the message is ignored
 * @d: where to put the contents; untouched on error
 *
 * The trailer is not looked at: whoever declines need not do it in style.
 *
 * Context: any.
 * Return: 0, -EMSGSIZE if bytes are missing, -EPROTO if it is no Decline.
 */
int smc_clc_decode_decline(const u8 *buf, size_t len,
			   struct smc_clc_decline *d)
{
	struct smc_reader r = smc_reader_at(buf, len, SMC_CLC_HDR_LEN);
	struct smc_clc_hdr hdr;
	int rc;

	rc = decode_whole(buf, len, SMC_CLC_DECLINE, &hdr);
	if (rc)
		return rc;
	if (hdr.len != decline_len(hdr.version))
		return -EPROTO;

	d->version = hdr.version;
	d->out_of_sync = hdr.flags & CLC_OUT_OF_SYNC;
	smc_read_bytes(&r, d->peer_id, sizeof(d->peer_id));
	d->diagnosis = smc_read_u32(&r);
	return 0;
}
