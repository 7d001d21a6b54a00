// SPDX-License-Identifier: GPL-2.0
/*
 * Codec of LLC messages in version 2 framing. There is no specification by the
 * IETF. As in version 1 reserved bits are zero on sending and ignored on
 * receiving, and values that only the link group can judge pass as they are.
 *
 * How much came is known for certain only from the receive completion. Length
 * and counts in the message must be possible with that, in one byte order or
 * the other.
 */
#include "llc_v2.h"
#include "llc_wire.h"

#define LLC_VERSION_2		0x20	/* in the byte of the type */
#define LLC_TYPE_BITS		0x0f
#define LLC_LEN_POS		1u	/* where the length is */

#define ADD_LINK_EXT_POS	44u	/* where ADD LINK goes on */
#define ADD_LINK_EXT_LEN	28u	/* of that, without rkeys */
#define ADD_LINK_DIRECT		0x80
#define RKEY_PAIR_LEN		16u
#define DELETE_RKEY_LEN		8u	/* without rkeys */
#define RKEY_LEN		4u
#define REQ_ADD_LINK_POS	24u	/* where the number of GIDs is */
#define REQ_ADD_LINK_LEN	28u	/* without GIDs */

/* Flags that have a meaning in messages of @type; 0 for an unknown type. */
static u8 known_flags(u8 type)
{
	switch (type) {
	case SMC_LLC_REQ_ADD_LINK:
		return SMC_LLC_RESPONSE;
	case SMC_LLC_ADD_LINK_CONT:
		return 0;	/* ADD LINK has all the rkeys */
	default:
		return smc_llc_known_flags(type);
	}
}

/**
 * smc_llc_v2_has_ext() - is there more to a message than in its struct?
 * @msg: the message, of version 2
 *
 * Context: any.
 * Return: true if &union smc_llc_v2_ext has a member for it.
 */
bool smc_llc_v2_has_ext(const struct smc_llc_msg *msg)
{
	switch (msg->type) {
	case SMC_LLC_ADD_LINK:
		return !(msg->flags & SMC_LLC_ADD_LINK_REJECTED);
	case SMC_LLC_REQ_ADD_LINK:
		return !(msg->flags & SMC_LLC_RESPONSE);
	default:
		return msg->type == SMC_LLC_DELETE_RKEY;
	}
}

static u16 in_order(u16 v, enum smc_llc_order order)
{
	return order == SMC_LLC_BIG ? v : (u16)(v << 8 | v >> 8);
}

static void write_add_link_ext(struct smc_writer *w,
			       const struct smc_llc_add_link_ext *m,
			       enum smc_llc_order order)
{
	u8 i;

	smc_write_u8(w, m->direct ? ADD_LINK_DIRECT : 0);
	smc_write_zero(w, 1);
	smc_write_bytes(w, m->target_gid, sizeof(m->target_gid));
	smc_write_zero(w, 8);
	smc_write_u16(w, in_order(m->num_rkeys, order));
	for (i = 0; i < m->num_rkeys; i++) {
		smc_write_u32(w, m->rkey[i].ref_rkey);
		smc_write_u32(w, m->rkey[i].rkey);
		smc_write_u64(w, m->rkey[i].vaddr);
	}
}

/*
 * A number that counts entries of which no more than @max can be there, in the
 * order of the length or else in the other one; a larger one than @max if both
 * are impossible.
 */
static size_t read_count(struct smc_reader *r, size_t max,
			 enum smc_llc_order order)
{
	u16 raw = smc_read_u16(r);
	u16 num = in_order(raw, order);

	if (num > max)
		num = in_order(num, SMC_LLC_LITTLE);	/* the other order */
	return num;
}

static int read_add_link_ext(struct smc_reader *r,
			     struct smc_llc_add_link_ext *m,
			     enum smc_llc_order order)
{
	size_t num, max, i;

	if (!smc_read_has(r, ADD_LINK_EXT_LEN))
		return -EPROTO;
	max = (r->left - ADD_LINK_EXT_LEN) / RKEY_PAIR_LEN;
	if (max > SMC_LLC_V2_MAX_RKEYS)
		max = SMC_LLC_V2_MAX_RKEYS;
	m->direct = smc_read_u8(r) & ADD_LINK_DIRECT;
	smc_read_skip(r, 1);
	smc_read_bytes(r, m->target_gid, sizeof(m->target_gid));
	smc_read_skip(r, 8);
	num = read_count(r, max, order);
	if (num > max)
		return -EPROTO;
	m->num_rkeys = (u8)num;
	for (i = 0; i < num; i++) {
		m->rkey[i].ref_rkey = smc_read_u32(r);
		m->rkey[i].rkey = smc_read_u32(r);
		m->rkey[i].vaddr = smc_read_u64(r);
	}
	return 0;
}

static void write_req_add_link(struct smc_writer *w,
			       const struct smc_llc_req_add_link *m)
{
	u8 i;

	smc_write_u8(w, m->num_gids);
	smc_write_zero(w, 3);
	for (i = 0; i < m->num_gids; i++)
		smc_write_bytes(w, m->gid[i], sizeof(m->gid[i]));
}

/* A request without any GID asks for a link to nowhere. */
static int read_req_add_link(struct smc_reader *r,
			     struct smc_llc_req_add_link *m)
{
	u8 num = smc_read_u8(r), i;

	smc_read_skip(r, 3);
	if (!num || !smc_read_has(r, SMC_LLC_GID_LEN * num))
		return -EPROTO;
	m->num_gids = num < SMC_LLC_V2_MAX_GIDS ? num : SMC_LLC_V2_MAX_GIDS;
	for (i = 0; i < m->num_gids; i++)
		smc_read_bytes(r, m->gid[i], sizeof(m->gid[i]));
	return 0;
}

static void write_delete_rkeys(struct smc_writer *w,
			       const struct smc_llc_delete_rkeys *m)
{
	u8 i;

	smc_write_u8(w, m->num);
	smc_write_u8(w, m->num_invalid);
	smc_write_zero(w, 2);
	for (i = 0; i < m->num; i++)
		smc_write_u32(w, m->rkey[i]);
}

static int read_delete_rkeys(struct smc_reader *r,
			     struct smc_llc_delete_rkeys *m)
{
	u8 num = smc_read_u8(r), i;

	m->num_invalid = smc_read_u8(r);
	smc_read_skip(r, 2);
	if (!num || !smc_read_has(r, RKEY_LEN * num))
		return -EPROTO;
	m->num = num;
	for (i = 0; i < num; i++)
		m->rkey[i] = smc_read_u32(r);
	return 0;
}

/* How long a message is; 0 if it cannot be made. */
static size_t msg_len(const struct smc_llc_msg *msg,
		      const union smc_llc_v2_ext *ext)
{
	size_t len;

	if (!known_flags(msg->type))
		return 0;
	if (!smc_llc_v2_has_ext(msg))
		return SMC_LLC_LEN;
	if (!ext)
		return 0;
	switch (msg->type) {
	case SMC_LLC_ADD_LINK:
		return ADD_LINK_EXT_POS + ADD_LINK_EXT_LEN +
		       RKEY_PAIR_LEN * ext->add_link.num_rkeys;
	case SMC_LLC_REQ_ADD_LINK:
		if (!ext->req_add_link.num_gids ||
		    ext->req_add_link.num_gids > SMC_LLC_V2_MAX_GIDS)
			return 0;
		return REQ_ADD_LINK_LEN +
		       SMC_LLC_GID_LEN * ext->req_add_link.num_gids;
	default:
		if (!ext->delete_rkey.num)
			return 0;
		len = DELETE_RKEY_LEN + RKEY_LEN * ext->delete_rkey.num;
		return len > SMC_LLC_LEN ? len : SMC_LLC_LEN;
	}
}

/**
 * smc_llc_v2_encode() - make an LLC message of version 2
 * @buf: where to put it
 * @size: room in @buf, bytes; SMC_LLC_LEN is enough for what has no @ext
 * @msg: contents; the member of the union that belongs to its type. The reason
 *	of a rejected ADD LINK has no place in this framing
 * @ext: the rest if there is more, see smc_llc_v2_has_ext(); else NULL will do
 * @order: order of the length and of the number of rkeys in ADD LINK, the one
 *	that the peer expects
 *
 * Context: any.
 * Return: length of the message, -EINVAL if the type is none that we send, @ext
 * is missing or a number in it is out of range, -EMSGSIZE if @buf is too small.
 */
int smc_llc_v2_encode(u8 *buf, size_t size, const struct smc_llc_msg *msg,
		      const union smc_llc_v2_ext *ext, enum smc_llc_order order)
{
	size_t len = msg_len(msg, ext);
	struct smc_writer w = smc_writer_init(buf, len);

	if (!len)
		return -EINVAL;
	if (len > size)
		return -EMSGSIZE;
	smc_write_u8(&w, LLC_VERSION_2 | msg->type);
	smc_write_u16(&w, in_order((u16)len, order));
	smc_write_u8(&w, msg->flags & known_flags(msg->type));
	if (msg->type == SMC_LLC_DELETE_RKEY)
		write_delete_rkeys(&w, &ext->delete_rkey);
	else if (msg->type != SMC_LLC_REQ_ADD_LINK)
		smc_llc_write_body(&w, msg);
	if (msg->type == SMC_LLC_ADD_LINK && smc_llc_v2_has_ext(msg)) {
		smc_write_zero(&w, w.left + ADD_LINK_EXT_POS - len);
		write_add_link_ext(&w, &ext->add_link, order);
	}
	if (msg->type == SMC_LLC_REQ_ADD_LINK && smc_llc_v2_has_ext(msg)) {
		smc_write_zero(&w, w.left + REQ_ADD_LINK_POS - len);
		write_req_add_link(&w, &ext->req_add_link);
	}
	smc_write_zero(&w, w.left);
	return (int)len;
}

/* Can this be the length of a message of which @len bytes came? */
static bool len_fits(size_t announced, size_t len)
{
	return announced >= SMC_LLC_LEN && announced <= len;
}

/**
 * smc_llc_v2_order() - in which order does the peer write lengths?
 * @buf: a message that smc_llc_v2_decode() has accepted
 * @len: number of bytes received
 *
 * Context: any.
 * Return: The order in which the length in the message is the one received; if
 * it is in none, the one in which it is possible.
 */
enum smc_llc_order smc_llc_v2_order(const u8 *buf, size_t len)
{
	struct smc_reader r = smc_reader_at(buf, len, LLC_LEN_POS);
	u16 big = smc_read_u16(&r);
	u16 little = in_order(big, SMC_LLC_LITTLE);

	if (big != len && len_fits(little, len))
		return SMC_LLC_LITTLE;
	return SMC_LLC_BIG;
}

static int read_v2_body(const u8 *buf, size_t len, struct smc_llc_msg *msg,
			union smc_llc_v2_ext *ext)
{
	struct smc_reader r = smc_reader_at(buf, len, LLC_LEN_POS);
	enum smc_llc_order order = smc_llc_v2_order(buf, len);

	if (!len_fits(in_order(smc_read_u16(&r), order), len))
		return -EPROTO;
	smc_read_skip(&r, 1);
	if (smc_llc_v2_has_ext(msg))
		memset(ext, 0, sizeof(*ext));
	switch (msg->type) {
	case SMC_LLC_DELETE_RKEY:
		return read_delete_rkeys(&r, &ext->delete_rkey);
	case SMC_LLC_REQ_ADD_LINK:
		if (!smc_llc_v2_has_ext(msg))
			return 0;
		r = smc_reader_at(buf, len, REQ_ADD_LINK_POS);
		return read_req_add_link(&r, &ext->req_add_link);
	case SMC_LLC_ADD_LINK:
		smc_llc_read_body(&r, msg);
		if (!smc_llc_v2_has_ext(msg))
			return 0;
		r = smc_reader_at(buf, len, ADD_LINK_EXT_POS);
		return read_add_link_ext(&r, &ext->add_link, order);
	default:
		return smc_llc_read_body(&r, msg);
	}
}

/**
 * smc_llc_v2_decode() - read an LLC message of version 2
 * @buf: received bytes
 * @len: their number, as the receive completion has it
 * @msg: where to put the contents; all zero on error
 * @ext: where to put the rest if there is more, see smc_llc_v2_has_ext(); all
 *	zero on error, not touched if there is no more
 *
 * Context: any.
 * Return: 0, -EMSGSIZE with fewer than SMC_LLC_LEN bytes, -EOPNOTSUPP for a type
 * that is to be ignored (unknown, or of version 1), -EPROTO if length or a count
 * is out of range or bytes of what they announce are missing.
 */
int smc_llc_v2_decode(const u8 *buf, size_t len, struct smc_llc_msg *msg,
		      union smc_llc_v2_ext *ext)
{
	int rc = -EMSGSIZE;
	u8 type;

	memset(msg, 0, sizeof(*msg));
	if (len < SMC_LLC_LEN)
		goto err_clear;
	rc = -EOPNOTSUPP;
	type = buf[0] & LLC_TYPE_BITS;
	if (buf[0] != (LLC_VERSION_2 | type) || !known_flags(type))
		goto err_clear;
	msg->type = type;
	msg->flags = buf[3] & known_flags(type);
	rc = read_v2_body(buf, len, msg, ext);
	if (!rc)
		return 0;
err_clear:
	memset(msg, 0, sizeof(*msg));
	memset(ext, 0, sizeof(*ext));
	return rc;
}

/* Room for the rkeys of a DELETE RKEY in the first SMC_LLC_LEN bytes. */
static int read_few_rkeys(struct smc_reader *r, struct smc_llc_delete_rkey *m,
			  bool response)
{
	u8 num = smc_read_u8(r), i;

	if (!num && !response)
		return -EPROTO;
	if (num > SMC_LLC_DEL_RKEYS)
		return -EOPNOTSUPP;
	m->num = num;
	smc_read_skip(r, 3);
	for (i = 0; i < num; i++)
		m->rkey[i] = smc_read_u32(r);
	return 0;
}

/**
 * smc_llc_v2_decode_short() - read the beginning of an LLC message of version 2
 * @buf: the first SMC_LLC_LEN bytes of it
 * @len: number of bytes received
 * @msg: where to put the contents; all zero on error
 *
 * For a group that has one link and so needs neither the rkeys of an ADD LINK
 * nor the GIDs of a REQUEST ADD LINK. What they have is in @msg but for that.
 * DELETE RKEY is in &smc_llc_msg.delete_rkey, as in version 1.
 *
 * Context: any.
 * Return: as smc_llc_v2_decode(); -EOPNOTSUPP also for DELETE RKEY with more
 * than SMC_LLC_DEL_RKEYS.
 */
int smc_llc_v2_decode_short(const u8 buf[SMC_LLC_LEN], size_t len,
			    struct smc_llc_msg *msg)
{
	struct smc_reader r = smc_reader_at(buf, SMC_LLC_LEN, LLC_LEN_POS);
	enum smc_llc_order order;
	int rc;
	u8 type;

	memset(msg, 0, sizeof(*msg));
	if (len < SMC_LLC_LEN)
		return -EMSGSIZE;
	type = buf[0] & LLC_TYPE_BITS;
	if (buf[0] != (LLC_VERSION_2 | type) || !known_flags(type))
		return -EOPNOTSUPP;
	order = smc_llc_v2_order(buf, len);
	if (!len_fits(in_order(smc_read_u16(&r), order), len))
		return -EPROTO;
	smc_read_skip(&r, 1);
	msg->type = type;
	msg->flags = buf[3] & known_flags(type);
	if (type == SMC_LLC_DELETE_RKEY)
		rc = read_few_rkeys(&r, &msg->delete_rkey,
				    msg->flags & SMC_LLC_RESPONSE);
	else if (type == SMC_LLC_REQ_ADD_LINK)
		rc = 0;
	else
		rc = smc_llc_read_body(&r, msg);
	if (rc)
		memset(msg, 0, sizeof(*msg));
	return rc;
}

/**
 * smc_llc_v2_encode_short() - make an LLC message of version 2
 * @buf: where to put it
 * @msg: contents, as smc_llc_v2_decode_short() has them. A request of ADD LINK
 *	lacks the second half, so it must be one that peers do not take
 * @order: as for smc_llc_v2_encode()
 *
 * Context: any.
 * Return: 0, or -EINVAL if the type is none that we send or the number of rkeys
 * is out of range.
 */
int smc_llc_v2_encode_short(u8 buf[SMC_LLC_LEN], const struct smc_llc_msg *msg,
			    enum smc_llc_order order)
{
	struct smc_writer w = smc_writer_init(buf, SMC_LLC_LEN);
	const struct smc_llc_delete_rkey *m = &msg->delete_rkey;
	u8 i;

	if (!known_flags(msg->type))
		return -EINVAL;
	smc_write_u8(&w, LLC_VERSION_2 | msg->type);
	smc_write_u16(&w, in_order(SMC_LLC_LEN, order));
	smc_write_u8(&w, msg->flags & known_flags(msg->type));
	if (msg->type == SMC_LLC_DELETE_RKEY) {
		if (!m->num || m->num > SMC_LLC_DEL_RKEYS)
			return -EINVAL;
		smc_write_u8(&w, m->num);
		smc_write_u8(&w, m->err_mask);
		smc_write_zero(&w, 2);
		for (i = 0; i < m->num; i++)
			smc_write_u32(&w, m->rkey[i]);
	} else if (msg->type != SMC_LLC_REQ_ADD_LINK) {
		smc_llc_write_body(&w, msg);
	}
	smc_write_zero(&w, w.left);
	return 0;
}
