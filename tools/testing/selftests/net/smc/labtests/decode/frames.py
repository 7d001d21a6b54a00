# SPDX-License-Identifier: GPL-2.0
"""Frames of smcsim's wire mode: pieces of messages, and answers.

All pieces of a message have its number and repeat its header. What is not
answered in time comes again, from where the receiver was.
"""
SEND, WRITE, ANSWER = 1, 2, 3
SOLICITED, ASK = 1, 2
ACK, NOT_READY, SO_FAR = 0, 1, 7
REPEATED = ("op", "total", "announced", "vaddr", "rkey")


class Parts:
    """A message of which the first piece has come."""

    def __init__(self, first):
        self.first = first
        self.size = 0	# of what has come
        self.data = b""	# what was captured of it


def take(m, link, sender):
    """A frame; True if a SEND is complete now, in m.data."""
    frame = m.packet.rdma
    check_header(m, link, sender)
    if frame.op == ANSWER:
        check_answer(m, link, 1 - sender)
        return False
    if not link.due(m, sender, frame.psn):
        return False
    ahead = frame.offset - came(link, sender)
    if ahead:
        m.report.count("repeated" if ahead < 0 else "early", m.ours)
        return False
    parts = link.parts[sender] or Parts(frame)
    check_piece(m, link, parts.first)
    if not frame.offset and frame.op == WRITE:
        link.check_up(m, "RDMA WRITE")
        link.written(m, sender, frame.vaddr, frame.rkey, frame.announced)
    parts.size += frame.size
    parts.data += frame.payload
    if parts.size < frame.total:
        link.parts[sender] = parts
        return False
    link.parts[sender] = None
    link.psn[sender] = (frame.psn + 1) & 0xffffff
    if frame.op == WRITE:
        m.report.count("rdma_write", m.ours)
        return False
    if len(parts.data) < parts.size:
        m.report.count("not_captured", m.ours)
        return False
    m.data = parts.data
    return True


def came(link, sender):
    """Bytes of the message under way."""
    parts = link.parts[sender]
    return parts.size if parts else 0


def check_header(m, link, sender):
    frame = m.packet.rdma
    link.check_addresses(m, sender)
    m.want_that(frame.src_qpn == link.ends[sender].qpn, "source qpn",
                frame.src_qpn, link.ends[sender].qpn)
    m.want_that(frame.version == 1, "version", frame.version, 1)
    m.want_that(frame.op in (SEND, WRITE, ANSWER), "opcode", frame.op,
                "SEND, RDMA WRITE or an answer")
    m.want_that(not frame.flags & ~(SOLICITED | ASK), "flags", frame.flags,
                "no bits but 3")
    m.want_that(frame.psn < 1 << 24, "psn", frame.psn, "24 bits")
    m.want_that(frame.size <= frame.room, "size", frame.size,
                "%d at most, as there are" % frame.room)


def check_piece(m, link, first):
    frame = m.packet.rdma
    m.kind = "rdma_write" if frame.op == WRITE else "rdma_send"
    for name in REPEATED:
        value, wanted = getattr(frame, name), getattr(first, name)
        m.want_that(value == wanted, name, value, "as before, %d" % wanted)
    size = min(link.mtu, frame.total - frame.offset)
    m.want_that(frame.size == size, "size", frame.size, size)
    m.want_that(frame.announced == frame.total, "announced", frame.announced,
                frame.total)
    m.want_that(frame.answer == 0, "answer", frame.answer, 0)
    solicited = int(frame.op == SEND)
    m.ours_wants(frame.flags & SOLICITED == solicited, "solicited",
                 frame.flags & SOLICITED, solicited)


def check_answer(m, link, asker):
    """It is to something that was sent, and nothing was refused."""
    frame = m.packet.rdma
    m.kind = "answer"
    ahead = link.ahead(asker, frame.psn)
    due = came(link, asker) if frame.answer == SO_FAR else 0
    m.want_that(ahead < 0 or not ahead and frame.offset <= due != 0, "psn",
                (frame.psn, frame.offset), "what was sent")
    m.want_that(frame.answer in (ACK, SO_FAR) or
                frame.answer == NOT_READY and not m.ours, "answer",
                frame.answer, "that it was taken")
    unused = (frame.flags, frame.total, frame.size, frame.announced,
              frame.vaddr, frame.rkey)
    m.want_that(not any(unused), "unused", unused, "zeroes")
    m.report.count("ack", m.ours)
