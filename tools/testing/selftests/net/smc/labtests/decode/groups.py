# SPDX-License-Identifier: GPL-2.0
"""Link groups: who may send what on a link, and what that must agree with."""
from . import clc, frames, llc, roce
from .conns import Conn
from .fields import Message
from .links import MTUS, Link

CLIENT, SERVER = 0, 1
# Requests that are answered at once, and how many messages may come before.
ANSWERED = (llc.CONFIRM_LINK, llc.CONFIRM_RKEY, llc.TEST_LINK, llc.DELETE_RKEY)
PATIENCE = 100


class Group:
    """A link group, from the handshake that made it."""

    def __init__(self, accept, confirm):
        self.version = accept.version
        self.eid = accept["eid"] if accept.version == 2 else None
        self.roce = 2 if accept.version == 2 or accept["mark"] else 1
        self.terms = (accept["max_links"], accept["max_conns"]) if \
            "max_links" in accept and accept.release else None
        self.peer_ids = (confirm["peer_id"], accept["peer_id"])
        self.direct = [bool(m["fce_flags"]) if "fce_flags" in m else True
                       for m in (confirm, accept)]
        self.links = []
        self.tokens = {}	# (receiver of CDC, token): connection
        self.asked = ([], [])	# LLC requests that wait for a response
        self.sent = [0, 0]	# messages

    def check_answered(self, m, sender):
        """Has the sender of this one still not answered to an older one?"""
        self.sent[sender] += 1
        for request in self.asked[1 - sender]:
            if request.type in ANSWERED and \
                    self.sent[sender] - request.sent == PATIENCE:
                m.ours_wants(False, "order", m.kind, "a response to the %s "
                             "of packet %d" % (request.kind,
                                               request.packet.frame))


class Groups:
    """All link groups, by what leads to them: the ends of their links."""

    def __init__(self, report, is_ours):
        self.report = report
        self.is_ours = is_ours
        self.ends = {}	# (GID, QP number): (link, side)

    def handshake(self, m, said):
        """An Accept or a Confirm."""
        accept, confirm = said[clc.ACCEPT], said.get(clc.CONFIRM)
        if accept.first:
            if confirm:
                self.first_contact(accept, confirm)
            return
        link, side = self.ends.get((accept["gid"], accept["qpn"]),
                                   (None, None))
        if not accept.want_that(link and side == SERVER, "qpn", accept["qpn"],
                                "a link of a group with this server"):
            return
        group = link.group
        side = SERVER if m is accept else CLIENT
        end = link.ends[side]
        m.want_that(m.version == group.version, "version", m.version,
                    group.version)
        m.want("peer_id", group.peer_ids[side])
        for field in ("gid", "mac", "qpn", "psn"):
            m.want(field, getattr(end, field))
        if m is confirm:
            m.want_that(MTUS.get(m.mtu) == link.mtu, "mtu", m.mtu,
                        "that of the link, %d bytes" % link.mtu)
        check_announced(m, link, side)
        if confirm:
            Conn(link, accept, confirm)

    def first_contact(self, accept, confirm):
        group = Group(accept, confirm)
        link = Link(group, (confirm, accept), confirm.mtu)
        self.add_link(link)
        for side, m in enumerate((confirm, accept)):
            link.rmbs[side][m["rkey"]] = m["vaddr"]
        Conn(link, accept, confirm)

    def add_link(self, link):
        link.group.links.append(link)
        for side, end in enumerate(link.ends):
            self.ends[(end.gid, end.qpn)] = (link, side)

    def packet(self, packet):
        """RDMA; that to queue pairs of others is not looked at."""
        qpn = packet.rdma.qpn
        link, receiver = self.ends.get((packet.dst, qpn), (None, None))
        if not link:
            if qpn > 1:
                self.report.count("elsewhere", self.is_ours(packet.src_mac))
            return
        sender = 1 - receiver
        m = Message(self.report, packet, "rdma", packet.rdma.payload,
                    self.is_ours(packet.src_mac))
        carrier = roce if packet.roce else frames
        if carrier.take(m, link, sender):
            self.send(m, link, sender)

    def send(self, m, link, sender):
        data = m.data
        m.kind = llc.name_of(data)
        known = m.kind and len(data) >= llc.LENGTH
        if not known:
            m.kind = "llc"
            m.ours_wants(False, "message", data[:8], "an LLC or CDC message")
            return
        self.report.count(m.kind, m.ours)
        link.group.check_answered(m, sender)
        if m.kind == "cdc":
            llc.check_cdc(m)
            link.check_up(m, "CDC")
            conn = link.group.tokens.get((1 - sender, m["token"]))
            if m.want_that(conn, "token", m["token"],
                           "that of a connection of the link group"):
                conn.cdc(m, sender)
            return
        version = link.group.version
        self.report.count("llc_v%d" % version, m.ours)
        llc.check_llc(m, version)
        if version == 2:
            check_order(m, link)
        added = link.llc(m, sender)
        if added:
            self.add_link(added)


def check_announced(m, link, side):
    """What LLC must have said before an Accept or a Confirm."""
    m.want_that(link.up, "order", m.kind, "the link confirmed before")
    m.want_that(link.rmbs[side].get(m["rkey"]) == m["vaddr"], "rkey",
                (m["rkey"], m["vaddr"]), "named by CONFIRM RKEY before")


def check_order(m, link):
    """A peer that may not be ours reads its own order only, x86's. The
    built-in EID is that of two of ours; then it is the network's."""
    little = link.group.eid != clc.BUILT_IN_EID
    m.ours_wants(m.little == little, "length", m.data[1:3],
                 "little endian, toward others" if little else
                 "big endian, among ours")
