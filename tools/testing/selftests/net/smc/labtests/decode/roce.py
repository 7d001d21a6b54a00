# SPDX-License-Identifier: GPL-2.0
"""RoCE packets of a link: headers, numbers, and messages made of some."""
from .packets import ICRC_LEN

SEND_FIRST, SEND_MIDDLE, SEND_LAST, SEND_ONLY = 0, 1, 2, 4
WRITE_FIRST, WRITE_MIDDLE, WRITE_LAST, WRITE_ONLY = 6, 7, 8, 10
SENDS = (SEND_FIRST, SEND_MIDDLE, SEND_LAST, SEND_ONLY)
WRITES = (WRITE_FIRST, WRITE_MIDDLE, WRITE_LAST, WRITE_ONLY)
ACK = 17
NAK = 3	# upper bits of the syndrome of an ACK


def take(m, link, sender):
    """A packet; True if a SEND is complete now, in m.data."""
    roce = m.packet.rdma
    check_headers(m, link, sender)
    if roce.opcode == ACK:
        check_ack(m, link, 1 - sender)
        return False
    m.ours_wants(roce.opcode in SENDS + WRITES, "opcode", roce.opcode,
                 "SEND or RDMA WRITE")
    if not link.due(m, sender, roce.psn):
        return False
    link.psn[sender] = (roce.psn + 1) & 0xffffff
    m.want_that(roce.size <= link.mtu, "size", roce.size,
                "%d at most, the MTU" % link.mtu)
    if roce.opcode in WRITES:
        take_write(m, link, sender)
        return False
    return roce.opcode in SENDS and take_send(m, link, sender)


def check_ack(m, link, receiver):
    roce = m.packet.rdma
    ahead = link.ahead(receiver, roce.psn)
    if roce.payload[:1] and roce.payload[0] >> 5 == NAK:
        ahead -= 1	# it names the one that is due
    m.want_that(ahead < 0, "psn", roce.psn, "one that was sent")
    m.report.count("ack", m.ours)


def take_send(m, link, sender):
    roce = m.packet.rdma
    if roce.opcode == SEND_ONLY:
        m.ours_wants(roce.solicited, "solicited", 0, 1)
    else:
        begun = b"" if roce.opcode == SEND_FIRST else link.partial[sender]
        link.partial[sender] = m.data = begun + m.data
        if roce.opcode != SEND_LAST:
            return False
    if len(roce.payload) < roce.size:
        m.report.count("not_captured", m.ours)
        return False
    return True


def take_write(m, link, sender):
    roce = m.packet.rdma
    link.check_up(m, "RDMA WRITE")
    m.kind = "rdma_write"
    m.ours_wants(not roce.solicited, "solicited", 1, 0)
    m.report.count("rdma_write", m.ours)
    if roce.opcode in (WRITE_FIRST, WRITE_ONLY):
        m.want_that(not link.writing[sender], "opcode", roce.opcode,
                    "the rest of the write before")
        vaddr, rkey, length = roce.reth
        link.written(m, sender, vaddr, rkey, length)
        link.writing[sender] = length
    elif not m.want_that(link.writing[sender], "opcode", roce.opcode,
                         "the beginning of a write"):
        return
    link.writing[sender] -= roce.size
    left = link.writing[sender]
    if roce.opcode in (WRITE_FIRST, WRITE_MIDDLE):
        m.want_that(roce.size == link.mtu and left > 0, "size", roce.size,
                    "the MTU, %d" % link.mtu)
    else:
        m.want_that(left == 0, "size", roce.size,
                    "as much as was announced, %d more" % left)
        link.writing[sender] = None


def check_headers(m, link, sender):
    """Addresses, and what else of the headers queue pairs have in common."""
    packet, roce, group = m.packet, m.packet.rdma, link.group
    link.check_addresses(m, sender)
    m.want_that(packet.roce == group.roce, "RoCE version", packet.roce,
                group.roce)
    m.want_that(roce.pkey == 0xffff, "pkey", roce.pkey, 0xffff)
    m.want_that(roce.tver == 0, "tver", roce.tver, 0)
    m.want_that(roce.size == 0 or (roce.size + roce.pad) % 4 == 0, "pad",
                roce.pad, "enough for %d bytes" % roce.size)
    m.want_that(roce.size + ICRC_LEN >= ICRC_LEN, "size", roce.size,
                "0 at least")
    if m.ours:
        hops = 1 if group.direct[sender] else 64
        m.want_that(packet.hops == hops, "hop limit", packet.hops, hops)
