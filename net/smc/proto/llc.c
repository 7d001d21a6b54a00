// SPDX-License-Identifier: GPL-2.0
/*
 * Codec of LLC messages, version 1 framing: 44 bytes, type first. Reserved
 * bits are zero on sending and ignored on receiving. Values that only the
 * link group can judge (link numbers, rkeys, MTU codes, reasons) pass as they
 * are: the answer to a bad one is a message of the same exchange.
 */
#include "llc_wire.h"

/**
 * smc_llc_known_flags() - flags that have a meaning
 * @type: type of the message, without version
 *
 * Context: any.
 * Return: The flags, 0 for a type that version 1 does not have.
 */
u8 smc_llc_known_flags(u8 type)
{
	switch (type) {
	case SMC_LLC_CONFIRM_LINK:
		return SMC_LLC_RESPONSE | SMC_LLC_CONFIRM_LINK_NO_EYE;
	case SMC_LLC_ADD_LINK:
		return SMC_LLC_RESPONSE | SMC_LLC_ADD_LINK_REJECTED;
	case SMC_LLC_DELETE_LINK:
		return SMC_LLC_RESPONSE | SMC_LLC_DELETE_LINK_ALL |
		       SMC_LLC_DELETE_LINK_ORDERLY;
	case SMC_LLC_CONFIRM_RKEY:
		return SMC_LLC_RESPONSE | SMC_LLC_RKEY_NEGATIVE |
		       SMC_LLC_RKEY_RETRY;
	case SMC_LLC_DELETE_RKEY:
		return SMC_LLC_RESPONSE | SMC_LLC_RKEY_NEGATIVE;
	case SMC_LLC_ADD_LINK_CONT:
	case SMC_LLC_TEST_LINK:
		return SMC_LLC_RESPONSE;
	default:
		return 0;
	}
}

static void write_confirm_link(struct smc_writer *w,
			       const struct smc_llc_confirm_link *m)
{
	smc_write_bytes(w, m->mac, sizeof(m->mac));
	smc_write_bytes(w, m->gid, sizeof(m->gid));
	smc_write_u24(w, m->qpn);
	smc_write_u8(w, m->link_no);
	smc_write_u32(w, m->link_uid);
	smc_write_u8(w, m->max_links);
	smc_write_u8(w, m->max_conns);
}

static void read_confirm_link(struct smc_reader *r,
			      struct smc_llc_confirm_link *m)
{
	smc_read_bytes(r, m->mac, sizeof(m->mac));
	smc_read_bytes(r, m->gid, sizeof(m->gid));
	m->qpn = smc_read_u24(r);
	m->link_no = smc_read_u8(r);
	m->link_uid = smc_read_u32(r);
	m->max_links = smc_read_u8(r);
	m->max_conns = smc_read_u8(r);
}

static void write_add_link(struct smc_writer *w,
			   const struct smc_llc_add_link *m)
{
	smc_write_bytes(w, m->mac, sizeof(m->mac));
	smc_write_zero(w, 2);
	smc_write_bytes(w, m->gid, sizeof(m->gid));
	smc_write_u24(w, m->qpn);
	smc_write_u8(w, m->link_no);
	smc_write_u8(w, m->mtu & 0x0f);
	smc_write_u24(w, m->psn);
}

static void read_add_link(struct smc_reader *r, struct smc_llc_add_link *m)
{
	smc_read_bytes(r, m->mac, sizeof(m->mac));
	smc_read_skip(r, 2);
	smc_read_bytes(r, m->gid, sizeof(m->gid));
	m->qpn = smc_read_u24(r);
	m->link_no = smc_read_u8(r);
	m->mtu = smc_read_u8(r) & 0x0f;
	m->psn = smc_read_u24(r);
}

static void write_add_link_cont(struct smc_writer *w,
				const struct smc_llc_add_link_cont *m)
{
	int i;

	smc_write_u8(w, m->link_no);
	smc_write_u8(w, m->num_rkeys);
	smc_write_zero(w, 2);
	for (i = 0; i < SMC_LLC_CONT_PAIRS; i++) {
		smc_write_u32(w, m->pair[i].ref_rkey);
		smc_write_u32(w, m->pair[i].rkey);
		smc_write_u64(w, m->pair[i].vaddr);
	}
}

static void read_add_link_cont(struct smc_reader *r,
			       struct smc_llc_add_link_cont *m)
{
	int i;

	m->link_no = smc_read_u8(r);
	m->num_rkeys = smc_read_u8(r);
	smc_read_skip(r, 2);
	for (i = 0; i < SMC_LLC_CONT_PAIRS; i++) {
		m->pair[i].ref_rkey = smc_read_u32(r);
		m->pair[i].rkey = smc_read_u32(r);
		m->pair[i].vaddr = smc_read_u64(r);
	}
}

static void write_delete_link(struct smc_writer *w,
			      const struct smc_llc_delete_link *m)
{
	smc_write_u8(w, m->link_no);
	smc_write_u32(w, m->reason);
}

static void read_delete_link(struct smc_reader *r,
			     struct smc_llc_delete_link *m)
{
	m->link_no = smc_read_u8(r);
	m->reason = smc_read_u32(r);
}

static void write_confirm_rkey(struct smc_writer *w,
			       const struct smc_llc_confirm_rkey *m)
{
	int i;

	smc_write_u8(w, m->num_other);
	smc_write_u32(w, m->rkey);
	smc_write_u64(w, m->vaddr);
	for (i = 0; i < SMC_LLC_OTHER_LINKS && i < m->num_other; i++) {
		smc_write_u8(w, m->other[i].link_no);
		smc_write_u32(w, m->other[i].rkey);
		smc_write_u64(w, m->other[i].vaddr);
	}
}

static void read_confirm_rkey(struct smc_reader *r,
			      struct smc_llc_confirm_rkey *m)
{
	int i;

	m->num_other = smc_read_u8(r);
	m->rkey = smc_read_u32(r);
	m->vaddr = smc_read_u64(r);
	for (i = 0; i < SMC_LLC_OTHER_LINKS && i < m->num_other; i++) {
		m->other[i].link_no = smc_read_u8(r);
		m->other[i].rkey = smc_read_u32(r);
		m->other[i].vaddr = smc_read_u64(r);
	}
}

static int write_delete_rkey(struct smc_writer *w,
			     const struct smc_llc_delete_rkey *m)
{
	int i;

	if (!m->num || m->num > SMC_LLC_DEL_RKEYS)
		return -EINVAL;
	smc_write_u8(w, m->num);
	smc_write_u8(w, m->err_mask);
	smc_write_zero(w, 2);
	for (i = 0; i < m->num; i++)
		smc_write_u32(w, m->rkey[i]);
	return 0;
}

static int read_delete_rkey(struct smc_reader *r,
			    struct smc_llc_delete_rkey *m)
{
	u8 num = smc_read_u8(r);
	int i;

	if (!num || num > SMC_LLC_DEL_RKEYS)
		return -EPROTO;
	m->num = num;
	m->err_mask = smc_read_u8(r);
	smc_read_skip(r, 2);
	for (i = 0; i < num; i++)
		m->rkey[i] = smc_read_u32(r);
	return 0;
}

/**
 * smc_llc_write_body() - write what follows the header
 * @w: where to
 * @msg: contents; the member of the union that belongs to its type
 *
 * Context: any.
 * Return: 0, -EINVAL if the type is none that we send or the number of rkeys
 * of a DELETE RKEY is out of range.
 */
int smc_llc_write_body(struct smc_writer *w, const struct smc_llc_msg *msg)
{
	switch (msg->type) {
	case SMC_LLC_CONFIRM_LINK:
		write_confirm_link(w, &msg->confirm_link);
		return 0;
	case SMC_LLC_ADD_LINK:
		write_add_link(w, &msg->add_link);
		return 0;
	case SMC_LLC_ADD_LINK_CONT:
		write_add_link_cont(w, &msg->add_link_cont);
		return 0;
	case SMC_LLC_DELETE_LINK:
		write_delete_link(w, &msg->delete_link);
		return 0;
	case SMC_LLC_CONFIRM_RKEY:
		write_confirm_rkey(w, &msg->confirm_rkey);
		return 0;
	case SMC_LLC_DELETE_RKEY:
		return write_delete_rkey(w, &msg->delete_rkey);
	case SMC_LLC_TEST_LINK:
		smc_write_bytes(w, msg->test_link.data, SMC_LLC_TEST_DATA_LEN);
		return 0;
	default:
		return -EINVAL;
	}
}

/**
 * smc_llc_encode() - make an LLC message
 * @buf: where to put its SMC_LLC_LEN bytes
 * @msg: contents; the member of the union that belongs to its type
 *
 * Context: any.
 * Return: 0, -EINVAL if the type is none that we send or the number of rkeys
 * of a DELETE RKEY is out of range.
 */
int smc_llc_encode(u8 buf[SMC_LLC_LEN], const struct smc_llc_msg *msg)
{
	struct smc_writer w = smc_writer_init(buf, SMC_LLC_LEN);
	u8 flags = msg->flags & smc_llc_known_flags(msg->type);
	u8 reason = 0;
	int rc;

	if (msg->type == SMC_LLC_ADD_LINK && flags & SMC_LLC_ADD_LINK_REJECTED)
		reason = msg->add_link.reject_reason & 0x0f;
	smc_write_u8(&w, msg->type);
	smc_write_u8(&w, SMC_LLC_LEN);
	smc_write_u8(&w, reason);
	smc_write_u8(&w, flags);
	rc = smc_llc_write_body(&w, msg);
	smc_write_zero(&w, w.left);
	return rc;
}

/**
 * smc_llc_read_body() - read what follows the header
 * @r: where from
 * @msg: its type says what to read; the member of the union that belongs to it
 *	is filled
 *
 * Context: any.
 * Return: 0, -EOPNOTSUPP if the type is none that we know, -EPROTO if a count is
 * out of range. Whether bytes were missing @r knows.
 */
int smc_llc_read_body(struct smc_reader *r, struct smc_llc_msg *msg)
{
	switch (msg->type) {
	case SMC_LLC_CONFIRM_LINK:
		read_confirm_link(r, &msg->confirm_link);
		return 0;
	case SMC_LLC_ADD_LINK:
		read_add_link(r, &msg->add_link);
		return 0;
	case SMC_LLC_ADD_LINK_CONT:
		read_add_link_cont(r, &msg->add_link_cont);
		return 0;
	case SMC_LLC_DELETE_LINK:
		read_delete_link(r, &msg->delete_link);
		return 0;
	case SMC_LLC_CONFIRM_RKEY:
		read_confirm_rkey(r, &msg->confirm_rkey);
		return 0;
	case SMC_LLC_DELETE_RKEY:
		return read_delete_rkey(r, &msg->delete_rkey);
	case SMC_LLC_TEST_LINK:
		smc_read_bytes(r, msg->test_link.data, SMC_LLC_TEST_DATA_LEN);
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/**
 * smc_llc_decode() - read an LLC message
 * @buf: received bytes
 * @len: their number; what follows the first SMC_LLC_LEN is ignored
 * @msg: where to put the contents; all zero on error
 *
 * Context: any.
 * Return: 0, -EMSGSIZE if bytes are missing, -EOPNOTSUPP for a type that is to
 * be ignored (unknown, of version 2, or CONFIRM RKEY CONTINUATION, which needs
 * more links than we have), -EPROTO if length field or a count is out of range.
 */
int smc_llc_decode(const u8 *buf, size_t len, struct smc_llc_msg *msg)
{
	struct smc_reader r = smc_reader_at(buf, len, 0);
	u8 length, reason;
	int rc;

	memset(msg, 0, sizeof(*msg));
	if (len < SMC_LLC_LEN)
		return -EMSGSIZE;

	msg->type = smc_read_u8(&r);
	length = smc_read_u8(&r);
	reason = smc_read_u8(&r) & 0x0f;
	msg->flags = smc_read_u8(&r) & smc_llc_known_flags(msg->type);
	rc = smc_llc_read_body(&r, msg);
	if (!rc && length != SMC_LLC_LEN)
		rc = -EPROTO;
	if (rc) {
		memset(msg, 0, sizeof(*msg));
		return rc;
	}
	if (msg->type == SMC_LLC_ADD_LINK &&
	    msg->flags & SMC_LLC_ADD_LINK_REJECTED)
		msg->add_link.reject_reason = reason;
	return 0;
}
