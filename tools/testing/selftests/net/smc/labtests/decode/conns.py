# SPDX-License-Identifier: GPL-2.0
"""A connection: cursors, flags, and the bytes written for them."""
from . import llc

CLIENT, SERVER = 0, 1
WRAPS = 1 << 16


class Ring:
    """A receive ring and the two positions in it, counted over all wraps."""

    def __init__(self, m):
        self.rkey = m["rkey"]
        self.vaddr = m["vaddr"]
        self.size = m.size
        self.produced = 0	# by the other side
        self.consumed = 0	# by the owner
        self.written = 0	# behind produced; no CDC message said so yet

    def ahead(self, after, before):
        return (after - before) % (self.size * WRAPS)


class Conn:
    """Lists have what belongs to client and server, in this order."""

    def __init__(self, link, accept, confirm):
        self.link = link
        self.rings = [Ring(confirm), Ring(accept)]
        self.seq = [0, 0]	# of the last message
        self.flags = [0, 0]
        for side, m in enumerate((confirm, accept)):
            link.group.tokens[(side, m["token"])] = self
            link.rings[side][m["rkey"]] = self

    def single(self):
        """Has the group one link? Otherwise connections may move."""
        return len(self.link.group.links) == 1

    def written(self, m, sender, vaddr, length):
        """The first packet of an RDMA WRITE, for all of it."""
        ring = self.rings[1 - sender]
        begin = (ring.produced + ring.written) % ring.size
        m.want_that(vaddr == ring.vaddr + begin, "address", vaddr,
                    ring.vaddr + begin)
        m.want_that(length and begin + length <= ring.size, "length", length,
                    "%d at most, to the end of the ring" % (
                        ring.size - begin))
        ring.written += length
        self.check_room(m, ring, ring.produced + ring.written)
        m.want_that(not self.flags[sender], "order", "RDMA WRITE",
                    "none after the end of sending")

    def check_room(self, m, ring, produced):
        used = ring.ahead(produced, ring.consumed)
        m.want_that(used <= ring.size, "ring space", used,
                    "%d at most" % ring.size)

    def cdc(self, m, sender):
        if not self.single():
            return
        if m["prod_flags"] & llc.FAILOVER:
            m.ours_wants(False, "prod_flags", m["prod_flags"],
                         "no failover, with one link")
            return
        due = (self.seq[sender] + 1) & 0xffff
        m.want_that(m["seq"] == due, "seq", m["seq"], due)
        self.seq[sender] = m["seq"]
        self.produce(m, sender, self.rings[1 - sender])
        self.consume(m, self.rings[sender])
        lost = self.flags[sender] & ~m["conn_flags"]
        m.want_that(not lost, "conn_flags", m["conn_flags"],
                    "still " + hex(self.flags[sender]))
        self.flags[sender] |= m["conn_flags"]

    def produce(self, m, sender, ring):
        m.want_that(m["prod"] < ring.size, "prod", m["prod"],
                    "below %d" % ring.size)
        after = m["prod_wrap"] * ring.size + m["prod"]
        step = ring.ahead(after, ring.produced)
        m.want_that(step == ring.written, "producer cursor",
                    "%d bytes on" % step, "as much as was written, %d"
                    % ring.written)
        m.want_that(not step or not self.flags[sender], "producer cursor",
                    "%d bytes on" % step, "at its end")
        m.want_that(not m["prod_flags"] & llc.URGENT or after,
                    "prod_flags", m["prod_flags"], "a byte that is urgent")
        ring.produced, ring.written = after, 0
        self.check_room(m, ring, after)

    def consume(self, m, ring):
        m.want_that(m["cons"] < ring.size, "cons", m["cons"],
                    "below %d" % ring.size)
        after = m["cons_wrap"] * ring.size + m["cons"]
        step = ring.ahead(after, ring.consumed)
        there = ring.ahead(ring.produced, ring.consumed)
        if m.want_that(step <= there, "consumer cursor", "%d bytes on" % step,
                       "%d at most, as there are" % there):
            ring.consumed = after
