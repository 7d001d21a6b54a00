# SPDX-License-Identifier: GPL-2.0
"""Messages as fields, and the book in which is written what is wrong."""
import collections
import fnmatch

from .packets import MAPPED

NUM, RAW, ZERO = "number", "bytes", "reserved"

Violation = collections.namedtuple("Violation",
                                   "frame sender message field found wanted")


def show(value):
    if isinstance(value, (bytes, bytearray)):
        return value.hex() or "nothing"
    return hex(value) if isinstance(value, int) and value > 9 else str(value)


class Report:
    """What a capture holds, and what breaks the protocol.

    ours, peers: number of messages by kind, sent by us and by others
    violations: list of Violation
    """

    MOST = 200	# violations that are kept

    def __init__(self):
        self.ours = collections.Counter()
        self.peers = collections.Counter()
        self.violations = []
        self.number = 0	# of violations, also those not kept

    def count(self, kind, ours):
        (self.ours if ours else self.peers)[kind] += 1

    def wrong(self, *what):
        self.number += 1
        if len(self.violations) < self.MOST:
            self.violations.append(Violation(*what))

    def missing(self, kinds):
        """Which kinds of message, as patterns, did we never send?"""
        return [kind for kind in kinds if not fnmatch.filter(self.ours, kind)]

    def lines(self, most=20):
        """The violations as text."""
        text = ["packet %d, %s of %s: %s is %s, wanted %s" % (
            v.frame, v.message, v.sender, v.field, show(v.found),
            v.wanted if isinstance(v.wanted, str) else show(v.wanted))
                for v in self.violations[:most]]
        if self.number > most:
            text.append("%d violations more" % (self.number - most))
        return text

    def totals(self):
        return " ".join("%s=%d" % pair for pair in sorted(self.ours.items()))


class Message:
    """Fields of a message, by name; checks complain to the report.

    A layout is a list of (name, offset, size, kind). Reserved fields are
    checked as they are taken. Bytes that are missing count as zero; that the
    length is wrong is for the caller to see.
    """

    def __init__(self, report, packet, kind, data, ours):
        self.report = report
        self.packet = packet
        self.kind = kind
        self.data = data
        self.ours = ours
        self.fields = {}

    def __getitem__(self, name):
        return self.fields[name]

    def __contains__(self, name):
        return name in self.fields

    def take(self, layout, base=0):
        for name, offset, size, kind in layout:
            value = self.data[base + offset:base + offset + size]
            value = value.ljust(size, b"\0")
            if kind == ZERO:
                self.want_that(not any(value), name, value, "zeroes")
            else:
                self.fields[name] = value if kind == RAW else \
                    int.from_bytes(value, "big")

    def want_that(self, holds, field, found, wanted):
        if not holds:
            self.report.wrong(self.packet.frame,
                              self.packet.src_mac.hex(":"), self.kind, field,
                              found, wanted)
        return holds

    def want(self, field, wanted):
        return self.want_that(self[field] == wanted, field, self[field],
                              wanted)

    def want_in(self, field, wanted, text):
        return self.want_that(self[field] in wanted, field, self[field], text)

    def want_bits(self, field, allowed):
        """No other bits than these."""
        return self.want_that(not self[field] & ~allowed, field, self[field],
                              "no bits but " + hex(allowed))

    def ours_wants(self, holds, field, found, wanted):
        """What holds for our messages, but not for those of all others."""
        return not self.ours or self.want_that(holds, field, found, wanted)


def is_mac(mac):
    """A unicast address."""
    return any(mac) and not mac[0] & 1


def is_gid(gid):
    return any(gid) and gid[0] != 0xff


def is_ipv4(gid):
    return gid[:12] == MAPPED


def from_mac(mac):
    """The interface ID of a link-local address."""
    return bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]


def gid_fits(gid, mac):
    """A link-local GID that is made of a MAC is made of this one."""
    return gid[:8] != b"\xfe\x80" + bytes(6) or \
        gid[11:13] != b"\xff\xfe" or gid[8:] == from_mac(mac)


def masked(address, bits):
    """The address without its host bits."""
    size = 8 * len(address)
    mask = (1 << size) - (1 << (size - min(bits, size)))
    return (int.from_bytes(address, "big") & mask).to_bytes(len(address),
                                                            "big")
