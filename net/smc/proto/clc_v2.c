// SPDX-License-Identifier: GPL-2.0
/*
 * Codec of what version 2 adds to CLC messages. The layouts have no RFC; IBM
 * has published them as "SMC-R version 2".
 *
 * Offsets and counts in a message are the peer's: everything is read through
 * the bounded reader, and what is too long to be kept is skipped only if it is
 * there.
 */
#include "clc_v2.h"
#include "clc_wire.h"

/* Extension of a Proposal. */
#define OFFER_SEID		0x01
#define OFFER_RELEASE_SHIFT	4

/* First contact extension. */
#define FCE_DIRECT		0x80
#define FCE_OS_SHIFT		4
#define FCE_RELEASE_BITS	0x0f
#define FCE_REL1_LEN		16u	/* what release 1 has put behind it */

#define ACCEPT_V2_LEN		108u
#define FCE_LEN			(36u + FCE_REL1_LEN)
#define GIDS_LEN		4u	/* of the list, without GIDs */

static bool is_printable(const u8 *text, size_t n)
{
	while (n--)
		if (text[n] < ' ' || text[n] > '~')
			return false;
	return true;
}

/**
 * smc_clc_set_host() - put the name of this host into a first contact extension
 * @fce: where to put it
 * @name: ended by NUL; of a longer one the first SMC_CLC_HOST_LEN characters
 *
 * Context: any.
 */
void smc_clc_set_host(struct smc_clc_fce *fce, const char *name)
{
	size_t i;

	memset(fce->host, ' ', sizeof(fce->host));
	for (i = 0; i < sizeof(fce->host) && name[i]; i++)
		fce->host[i] = (u8)name[i];
}

static void write_offer(struct smc_writer *w, const struct smc_clc_offer_v2 *o)
{
	u8 i;

	smc_write_u8(w, o->num_eids);
	smc_write_zero(w, 2);
	smc_write_u8(w, (u8)(o->release << OFFER_RELEASE_SHIFT) |
			(o->seid ? OFFER_SEID : 0));
	smc_write_zero(w, 4);
	smc_write_bytes(w, o->gid, sizeof(o->gid));
	smc_write_u8(w, o->release ? o->max_conns : 0);
	smc_write_u8(w, o->release ? o->max_links : 0);
	smc_write_u16(w, o->release ? o->features : 0);
	smc_write_zero(w, 12);
	for (i = 0; i < o->num_eids; i++)
		smc_write_bytes(w, o->eid[i].name, sizeof(o->eid[i].name));
}

/**
 * smc_clc_encode_proposal_v2() - make a Proposal of both versions
 * @buf: where to put it
 * @size: room in @buf, bytes; SMC_CLC_PROPOSAL_V2_MAX is enough
 * @p: its part of version 1, as for smc_clc_encode_proposal(), and what is
 *	offered
 * @o: its part of version 2; not looked at if that is not offered
 *
 * Peer ID and MAC are those of the host and port proposed, even if version 1
 * is not offered: servers find their link groups by the one, and may need the
 * other to reach us.
 *
 * Context: any.
 * Return: length of the message, -EINVAL if it offers SMC-D of version 2 or a
 * count or number in it is out of range, -EMSGSIZE if @buf is too small.
 */
int smc_clc_encode_proposal_v2(u8 *buf, size_t size,
			       const struct smc_clc_proposal *p,
			       const struct smc_clc_offer_v2 *o)
{
	struct smc_writer w = smc_writer_init(buf, size);
	size_t v1_len = smc_clc_v1_part_len(p), len;

	if (p->v2_path == SMC_PATH_NONE)
		return smc_clc_encode_proposal(buf, size, p);
	if (p->v2_path != SMC_PATH_R || !smc_clc_v1_part_ok(p) ||
	    o->num_eids > SMC_CLC_MAX_EIDS || o->release > SMC_CLC_MAX_RELEASE)
		return -EINVAL;

	len = v1_len + PROP_V2_LEN + SMC_EID_LEN * o->num_eids +
	      CLC_TRAILER_LEN;
	smc_clc_write_v1_part(&w, p, (u16)len,
			      (u16)(v1_len - PROP_V2_OFFSET_FROM));
	write_offer(&w, o);
	smc_write_u32(&w, CLC_EYE_SMCR);
	return w.bad ? -EMSGSIZE : (int)len;
}

static int read_offer(const u8 *buf, size_t len, struct smc_clc_offer_v2 *o)
{
	struct smc_reader r = smc_reader_at(buf, len, PROP_V2_OFFSET_POS);
	u8 flags, i;

	r = smc_reader_at(buf, len, PROP_V2_OFFSET_FROM + smc_read_u16(&r));
	o->num_eids = smc_read_u8(&r);
	r.bad |= o->num_eids > SMC_CLC_MAX_EIDS;
	smc_read_skip(&r, 2);
	flags = smc_read_u8(&r);
	o->release = flags >> OFFER_RELEASE_SHIFT;
	o->seid = flags & OFFER_SEID;
	smc_read_skip(&r, 4);
	smc_read_bytes(&r, o->gid, sizeof(o->gid));
	if (o->release) {
		o->max_conns = smc_read_u8(&r);
		o->max_links = smc_read_u8(&r);
		o->features = smc_read_u16(&r);
	} else {
		smc_read_skip(&r, 4);
	}
	smc_read_skip(&r, 12);
	for (i = 0; i < o->num_eids && !r.bad; i++)
		smc_read_bytes(&r, o->eid[i].name, sizeof(o->eid[i].name));
	return r.bad ? -EPROTO : 0;
}

/**
 * smc_clc_decode_proposal_v2() - read a Proposal of any version
 * @buf: the message; of a longer one the first SMC_CLC_MAX_LEN bytes
 * @len: number of bytes that came; what follows the message is ignored
 * @p: where to put its part of version 1 and what is offered; all zero on error
 * @o: where to put its part of version 2; all zero on error and if version 2 is
 *	not offered. If only SMC-D of version 2 is, nobody has filled @o->gid
 *
 * What belongs to SMC-D is checked and skipped.
 *
 * Context: any.
 * Return: 0, -EMSGSIZE if bytes are missing, -EPROTO if it is no Proposal.
 */
int smc_clc_decode_proposal_v2(const u8 *buf, size_t len,
			       struct smc_clc_proposal *p,
			       struct smc_clc_offer_v2 *o)
{
	int rc;

	memset(o, 0, sizeof(*o));
	rc = smc_clc_decode_proposal(buf, len, p);
	if (!rc && p->v2_path != SMC_PATH_NONE)
		rc = read_offer(buf, len, o);
	if (rc) {
		memset(p, 0, sizeof(*p));
		memset(o, 0, sizeof(*o));
	}
	return rc;
}

static void write_fce(struct smc_writer *w, const struct smc_clc_fce *fce)
{
	smc_write_u8(w, fce->direct ? FCE_DIRECT : 0);
	smc_write_u8(w, (u8)(fce->os << FCE_OS_SHIFT) | fce->release);
	smc_write_zero(w, 2);
	smc_write_bytes(w, fce->host, sizeof(fce->host));
	smc_write_u8(w, fce->release ? fce->max_conns : 0);
	smc_write_u8(w, fce->release ? fce->max_links : 0);
	smc_write_u16(w, fce->release ? fce->features : 0);
	smc_write_zero(w, FCE_REL1_LEN - 4);
}

static void write_gids(struct smc_writer *w, const struct smc_clc_accept_v2 *v2)
{
	u8 i;

	smc_write_u8(w, v2->num_gids);
	smc_write_zero(w, 3);
	for (i = 0; i < v2->num_gids; i++)
		smc_write_bytes(w, v2->gid[i], sizeof(v2->gid[i]));
}

static bool can_say_accept(const struct smc_clc_accept *a,
			   const struct smc_clc_accept_v2 *v2)
{
	if (a->version != SMC_V2 || a->path != SMC_PATH_R ||
	    a->gid_kind != SMC_GID_ROCE_V2 ||
	    (a->type != SMC_CLC_ACCEPT && a->type != SMC_CLC_CONFIRM))
		return false;
	return v2->num_gids <= SMC_CLC_MAX_GIDS && v2->fce.os <= 15 &&
	       v2->fce.release <= SMC_CLC_MAX_RELEASE;
}

/**
 * smc_clc_encode_accept_v2() - make an Accept or a Confirm of any version
 * @buf: where to put it
 * @size: room in @buf, bytes; SMC_CLC_ACCEPT_V2_MAX is enough for an Accept,
 *	SMC_CLC_CONFIRM_V2_MAX for both
 * @a: what the versions have in common; of version 2 the kind of the GID must
 *	be RoCEv2
 * @v2: what version 2 adds; not looked at if @a is of version 1. Without first
 *	contact only the EID counts, in an Accept the GIDs do not
 *
 * Context: any.
 * Return: length of the message, -EINVAL if this is something we do not speak
 * or a number is out of range, -EMSGSIZE if @buf is too small.
 */
int smc_clc_encode_accept_v2(u8 *buf, size_t size,
			     const struct smc_clc_accept *a,
			     const struct smc_clc_accept_v2 *v2)
{
	struct smc_writer w = smc_writer_init(buf, size);
	bool gids = a->first_contact && a->type == SMC_CLC_CONFIRM;
	size_t len = ACCEPT_V2_LEN;

	if (a->version == SMC_V1)
		return smc_clc_encode_accept(buf, size, a);
	if (!can_say_accept(a, v2))
		return -EINVAL;
	if (a->first_contact)
		len += FCE_LEN;
	if (gids)
		len += GIDS_LEN + SMC_GID_LEN * v2->num_gids;

	smc_clc_write_accept_common(&w, a, (u16)len);
	smc_write_bytes(&w, v2->eid.name, sizeof(v2->eid.name));
	smc_write_zero(&w, 8);
	if (a->first_contact)
		write_fce(&w, &v2->fce);
	if (gids)
		write_gids(&w, v2);
	smc_write_u32(&w, CLC_EYE_SMCR);
	return w.bad ? -EMSGSIZE : (int)len;
}

/*
 * Before there was release 1 the extension ended where that goes on now, and
 * the list of GIDs came next. Hosts of that age are still about. They say
 * release 0, and so do newer ones, with zeroes in what release 1 has added.
 */
static bool fce_is_short(const struct smc_reader *r,
			 const struct smc_clc_fce *fce)
{
	if (fce->release)
		return false;
	return r->left < FCE_REL1_LEN ||
	       r->left == GIDS_LEN + SMC_GID_LEN * r->pos[0];
}

static void read_fce(struct smc_reader *r, struct smc_clc_fce *fce)
{
	u8 os;

	fce->direct = smc_read_u8(r) & FCE_DIRECT;
	os = smc_read_u8(r);
	fce->os = os >> FCE_OS_SHIFT;
	fce->release = os & FCE_RELEASE_BITS;
	smc_read_skip(r, 2);
	smc_read_bytes(r, fce->host, sizeof(fce->host));
	if (!is_printable(fce->host, sizeof(fce->host)))
		memset(fce->host, 0, sizeof(fce->host));
	if (fce_is_short(r, fce))
		return;
	if (fce->release) {
		fce->max_conns = smc_read_u8(r);
		fce->max_links = smc_read_u8(r);
		fce->features = smc_read_u16(r);
	} else {
		smc_read_skip(r, 4);
	}
	smc_read_skip(r, FCE_REL1_LEN - 4);
}

/* The list only helps to choose further links: it may be missing. */
static void read_gids(struct smc_reader *r, struct smc_clc_accept_v2 *v2)
{
	u8 num, i;

	if (!r->left)
		return;
	num = smc_read_u8(r);
	smc_read_skip(r, 3);
	if (!smc_read_has(r, SMC_GID_LEN * num))
		return;
	v2->num_gids = num < SMC_CLC_MAX_GIDS ? num : SMC_CLC_MAX_GIDS;
	for (i = 0; i < v2->num_gids; i++)
		smc_read_bytes(r, v2->gid[i], sizeof(v2->gid[i]));
}

static int read_accept_v2(const u8 *buf, size_t len,
			  const struct smc_clc_accept *a,
			  struct smc_clc_accept_v2 *v2)
{
	struct smc_reader r = smc_reader_at(buf, len, ACCEPT_COMMON_LEN);

	smc_read_bytes(&r, v2->eid.name, sizeof(v2->eid.name));
	smc_read_skip(&r, 8);
	if (a->first_contact) {
		read_fce(&r, &v2->fce);
		if (a->type == SMC_CLC_CONFIRM)
			read_gids(&r, v2);
	}
	return r.bad ? -EPROTO : 0;
}

/**
 * smc_clc_decode_accept_v2() - read an Accept or a Confirm of any version
 * @buf: the message; of a longer one the first SMC_CLC_MAX_LEN bytes
 * @len: number of bytes that came; what follows the message is ignored
 * @a: where to put what the versions have in common; all zero on error. Of a
 *	version above 2 it says 2, which it is like; of version 2 the kind of
 *	the GID is RoCEv2
 * @v2: where to put what version 2 adds; all zero on error, and if this is of
 *	version 1 or about SMC-D
 *
 * A message of version 2 that is longer than SMC_CLC_MAX_LEN is refused.
 *
 * Context: any.
 * Return: 0, -EMSGSIZE if bytes are missing, -EPROTO if it is neither Accept nor
 * Confirm or a value in it is out of range.
 */
int smc_clc_decode_accept_v2(const u8 *buf, size_t len,
			     struct smc_clc_accept *a,
			     struct smc_clc_accept_v2 *v2)
{
	struct smc_clc_hdr hdr;
	int rc;

	memset(v2, 0, sizeof(*v2));
	rc = smc_clc_decode_accept(buf, len, a);
	if (rc || a->version < SMC_V2)
		return rc;
	a->version = SMC_V2;
	if (a->path != SMC_PATH_R)
		return 0;
	a->gid_kind = SMC_GID_ROCE_V2;
	rc = smc_clc_decode_hdr(buf, len, &hdr);
	if (!rc && hdr.len > SMC_CLC_MAX_LEN)
		rc = -EPROTO;
	if (!rc)
		rc = read_accept_v2(buf, hdr.len - CLC_TRAILER_LEN, a, v2);
	if (rc) {
		memset(a, 0, sizeof(*a));
		memset(v2, 0, sizeof(*v2));
	}
	return rc;
}
