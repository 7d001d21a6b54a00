# SPDX-License-Identifier: GPL-2.0
"""A link: its two ends, its RMBs, and the LLC messages on it."""
import collections

from . import llc

CLIENT, SERVER = 0, 1
MTUS = {1: 256, 2: 512, 3: 1024, 4: 2048, 5: 4096}

End = collections.namedtuple("End", "gid mac qpn psn")


class Link:
    """A pair of queue pairs. Lists have client and server, in this order."""

    def __init__(self, group, messages, mtu):
        self.group = group
        self.ends = [End(m["gid"], m["mac"], m["qpn"], m["psn"])
                     for m in messages]
        self.mtu = MTUS.get(mtu, 4096)
        self.psn = [end.psn for end in self.ends]	# due next
        self.begun = [False, False]	# has anything been sent?
        self.rmbs = ({}, {})	# rkey: address
        self.rings = ({}, {})	# rkey: connection it is the ring of
        self.partial = [b"", b""]
        self.writing = [None, None]	# bytes that are to come
        self.parts = [None, None]	# frames.Parts of a message under way
        self.number = None
        self.user_ids = {}
        self.up = False	# CONFIRM LINK was exchanged

    def ahead(self, side, psn):
        """How far this is ahead of what is due, signed."""
        return (psn - self.psn[side] + (1 << 23)) % (1 << 24) - (1 << 23)

    def due(self, m, side, psn):
        """Is this the one that is due? If not, it is counted."""
        ahead = self.ahead(side, psn)
        if not self.begun[side]:
            m.want_that(ahead == 0, "psn", psn, self.psn[side])
            self.begun[side] = True
        if ahead:
            # Behind a loss the receiver, too, waits for what was lost. If it
            # has that and the capture has not, its ACK says so.
            m.report.count("repeated" if ahead < 0 else "early", m.ours)
        return not ahead

    def check_addresses(self, m, sender):
        packet = m.packet
        mine, peer = self.ends[sender], self.ends[1 - sender]
        m.want_that(packet.src == mine.gid, "source", packet.src, mine.gid)
        m.ours_wants(packet.src_mac == mine.mac, "source MAC",
                     packet.src_mac, mine.mac)
        if self.group.direct[sender]:
            m.ours_wants(packet.dst_mac == peer.mac, "destination MAC",
                         packet.dst_mac, peer.mac)

    def check_up(self, m, what):
        m.want_that(self.up, "order", what, "CONFIRM LINK exchanged before")

    def written(self, m, sender, vaddr, rkey, length):
        """An RDMA WRITE begins."""
        conn = self.rings[1 - sender].get(rkey)
        single = len(self.group.links) == 1
        if single and m.want_that(conn, "rkey", rkey, "that of a connection"):
            m.want_that(rkey in self.rmbs[1 - sender], "rkey", rkey,
                        "one that was not deleted")
            conn.written(m, sender, vaddr, length)

    def llc(self, m, sender):
        """An LLC message; returns the link that it adds, if any."""
        if m.type not in (llc.CONFIRM_LINK, llc.DELETE_LINK):
            self.check_up(m, m.kind)
        check_sender(m, sender, self.group.version)
        request = None
        if m.response:
            request = self.answered(m, sender)
            if request is None:
                return None
        else:
            m.sent = self.group.sent[1 - sender]
            self.group.asked[sender].append(m)
        handle = getattr(self, llc.NAMES[m.type], None)
        return handle(m, sender, request) if handle else None

    def answered(self, m, sender):
        """The request that this is the response to."""
        asked = self.group.asked[1 - sender]
        for request in asked:
            if request.type == m.type:
                asked.remove(request)
                return request
        m.ours_wants(False, "flags", m["flags"],
                     "no response without a request")
        return None

    def confirm_link(self, m, sender, request):
        end = self.ends[sender]
        for field in ("mac", "gid", "qpn"):
            m.want(field, getattr(end, field))
        if self.group.terms:
            m.want("max_links", self.group.terms[0])
            m.want("max_conns", self.group.terms[1])
        elif self.group.version == 2:
            m.want("max_conns", 0)
        if self.number is None:
            m.want_that(all(link.number != m["link"]
                            for link in self.group.links), "link", m["link"],
                        "one that no other link has")
            self.number = m["link"]
        m.want("link", self.number)
        if request:
            self.up = True

    def confirm_rkey(self, m, sender, request):
        owner = sender if not request else 1 - sender
        others = sum(link.up for link in self.group.links) - 1
        if not request:
            m.want_that(m["others"] == others, "others", m["others"], others)
            return
        echo(m, request, 4, llc.LENGTH)
        if not m["flags"] & (llc.NEGATIVE | llc.RETRY):
            self.rmbs[owner][m["rkey"]] = m["vaddr"]

    def delete_rkey(self, m, sender, request):
        if not request:
            for rkey in llc.rkey_list(m):
                m.ours_wants(rkey in self.rmbs[sender], "list", rkey,
                             "an rkey the peer knows")
            return
        m.want("rkeys", request["rkeys"])
        if self.group.version == 1 or any(m["list"]):
            echo(m, request, 8, 40)
        for rkey in llc.rkey_list(request):
            self.rmbs[1 - sender].pop(rkey, None)

    def test_link(self, m, _, request):
        if request:
            echo(m, request, 4, llc.LENGTH)

    def delete_link(self, m, _, request):
        if request:
            m.want("link", request["link"])
        elif len(self.group.links) == 1 and not m["flags"] & llc.ALL_LINKS:
            m.want("link", self.number)

    def add_link(self, m, sender, request):
        if not request:
            if m["mtu"] or sender == SERVER:	# without MTU: to be refused
                m.ours_wants(m["link"] not in [0] + [
                    link.number for link in self.group.links], "link",
                             m["link"], "one that no other link has")
            else:
                m.want("link", 0)	# the client's invitation
            return None
        m.want_that(request["mtu"] or m["flags"] & llc.REJECTED, "flags",
                    m["flags"], "a refusal")
        if m["flags"] & llc.REJECTED:
            echo(m, request, 4, llc.LENGTH)
            return None
        m.want("link", request["link"])
        m.want_that(m["mtu"] <= request["mtu"], "mtu", m["mtu"],
                    "%d at most" % request["mtu"])
        ends = (request, m) if sender == SERVER else (m, request)
        return Link(self.group, ends, m["mtu"])


def check_sender(m, sender, version):
    """Is it for the client or the server to say this?"""
    asker = {llc.CONFIRM_LINK: SERVER, llc.REQ_ADD_LINK: CLIENT}.get(m.type)
    if m.type == llc.ADD_LINK and (version == 2 or m["mtu"]):
        asker = SERVER
    if asker is not None:
        wanted = 1 - asker if m.response else asker
        m.want_that(sender == wanted, "sender", sender, wanted)


def echo(m, request, begin, end):
    """These bytes are those of the request."""
    found, wanted = m.data[begin:end], request.data[begin:end]
    m.want_that(found == wanted, "bytes %d to %d" % (begin, end - 1), found,
                wanted)
