# SPDX-License-Identifier: GPL-2.0
"""TCP connections: the option, and the handshake of CLC messages."""
from . import clc
from .fields import Message, is_ipv4
from .groups import Groups
from .packets import TCP_ACK, TCP_SYN, Flow

CLIENT, SERVER = 0, 1
NAMES = ("client", "server")
OPTION = bytes.fromhex("fe06e2d4c3d9")
NOPS = b"\x01\x01"


def find_option(options):
    """Where SMC's option begins, or -1."""
    at = 0
    while at < len(options) and options[at]:
        if options[at] == 1:
            at += 1
            continue
        if options[at] == OPTION[0] and options[at + 2:at + 6] == OPTION[2:]:
            return at
        at += max(options[at + 1] if at + 1 < len(options) else 2, 2)
    return -1


class Stream:
    """A TCP connection whose client asked for SMC."""

    def __init__(self, packet):
        self.flows = [Flow((packet.tcp.seq + 1) % (1 << 32)), None]
        self.isn = packet.tcp.seq
        self.asked = [False, False]
        self.said = {}	# type of CLC message: the message
        self.over = False	# it is plain TCP, or cannot be followed


class Streams:
    """All of them, by addresses."""

    def __init__(self, report, is_ours):
        self.report = report
        self.is_ours = is_ours
        self.streams = {}
        self.groups = Groups(report, is_ours)

    def packet(self, packet):
        tcp = packet.tcp
        key = (packet.src, tcp.sport, packet.dst, tcp.dport)
        at = find_option(tcp.options)
        if at >= 0:
            self.option(packet, at)
        if tcp.flags & (TCP_SYN | TCP_ACK) == TCP_SYN:
            known = self.streams.get(key)
            if not known or known.isn != tcp.seq:
                self.streams[key] = Stream(packet)
            self.streams[key].asked[CLIENT] = at >= 0
            return
        side = CLIENT if key in self.streams else SERVER
        stream = self.streams.get(key if side == CLIENT else key[2:] + key[:2])
        if not stream:
            return
        if tcp.flags & TCP_SYN:
            stream.flows[SERVER] = Flow((tcp.seq + 1) % (1 << 32))
            stream.asked[SERVER] = at >= 0
            if at >= 0 and not stream.asked[CLIENT]:
                self.wrong(packet, "tcp", "option", OPTION,
                           "none, as the SYN had none")
        elif all(stream.asked) and stream.flows[side] and not stream.over:
            if tcp.cut:
                self.report.count("not_captured", self.is_ours(packet.src_mac))
                stream.over = True
            elif stream.flows[side].add(tcp.seq, tcp.payload):
                self.bytes(packet, stream, side)

    def end(self, packet):
        """The last packet: no message may have come only in part."""
        for stream in self.streams.values():
            for side, flow in enumerate(stream.flows):
                if flow and flow.data and not stream.over:
                    self.report.wrong(packet.frame, NAMES[side], "clc",
                                      "payload", flow.data[:16],
                                      "a whole message by the end")

    def wrong(self, packet, kind, field, found, wanted):
        """A violation, if it was us."""
        if self.is_ours(packet.src_mac):
            self.report.wrong(packet.frame, packet.src_mac.hex(":"), kind,
                              field, found, wanted)

    def option(self, packet, at):
        options = packet.tcp.options
        found = options[max(at - 2, 0):]
        if not packet.tcp.flags & TCP_SYN:
            self.wrong(packet, "tcp", "option", found, "none without SYN")
        if found != NOPS + OPTION:
            self.wrong(packet, "tcp", "option", found,
                       "two NOPs and the option, last")
        self.report.count("synack" if packet.tcp.flags & TCP_ACK else "syn",
                          self.is_ours(packet.src_mac))

    def bytes(self, packet, stream, side):
        """Cuts messages out of what has come, while it is SMC."""
        flow = stream.flows[side]
        while flow.data and not stream.over:
            head = (clc.SMCR, clc.SMCD)
            if not any(eye.startswith(flow.data[:4]) or
                       flow.data.startswith(eye) for eye in head):
                kind = "clc" if clc.CONFIRM not in stream.said else "tcp"
                self.wrong(packet, kind, "payload", flow.data[:16],
                           "a CLC message" if kind == "clc" else
                           "none in a connection that uses SMC")
                stream.over = True
                return
            size = clc.length_of(flow.data)
            if size is None or len(flow.data) < size:
                return
            if size < clc.HEADER_LEN + 4:
                self.wrong(packet, "clc", "length", size, "12 at least")
                stream.over = True
                return
            self.message(packet, stream, side, flow.cut(size))

    def message(self, packet, stream, side, data):
        ours = self.is_ours(packet.src_mac)
        kind = clc.NAMES.get(data[4], "clc")
        m = Message(self.report, packet, kind, data, ours)
        clc.check(m)
        self.report.count("%s_v%d" % (kind, m.version), ours)
        said = stream.said
        if m["type"] == clc.DECLINE:
            check_decline_version(m, said, side)
            stream.over = True
            return
        before = {clc.PROPOSAL: (), clc.ACCEPT: (clc.PROPOSAL,),
                  clc.CONFIRM: (clc.PROPOSAL, clc.ACCEPT)}.get(m["type"])
        sender = SERVER if m["type"] == clc.ACCEPT else CLIENT
        if not m.want_that(side == sender and tuple(said) == before, "order",
                           tuple(said), "sent by %s after %s" % (
                               NAMES[sender], before)):
            stream.over = True
            return
        said[m["type"]] = m
        if m["type"] == clc.ACCEPT:
            check_accept(m, said[clc.PROPOSAL])
        elif m["type"] == clc.CONFIRM:
            check_confirm(m, said[clc.PROPOSAL], said[clc.ACCEPT])
        if m["type"] != clc.PROPOSAL:
            self.groups.handshake(m, said)


def check_decline_version(m, said, side):
    """The version, and which diagnosis each side has at that stage."""
    if clc.ACCEPT in said:
        wanted = said[clc.ACCEPT].version
    elif clc.PROPOSAL in said and side == SERVER:
        wanted = said[clc.PROPOSAL].version
    else:
        wanted = 1
    m.want_that(m.version == wanted, "version", m.version, wanted)
    m.ours_wants(m["diagnosis"] != clc.SYNC_ERROR or
                 side == CLIENT and clc.ACCEPT in said, "diagnosis",
                 m["diagnosis"], "this only after an Accept")


def check_accept(m, proposal):
    """Does it choose what was offered?"""
    offered = (proposal.v2 if m.version == 2 else proposal.v1)
    m.want_that(offered in (clc.ONLY_R, clc.BOTH), "version", m.version,
                "one that was offered")
    if m.version == 1:
        m.ours_wants(m["mark"] == proposal["mark"], "mark", m["mark"],
                     proposal["mark"])
        if m["mark"]:
            check_family(m, proposal, "gid")
        return
    if proposal.v2 not in (clc.ONLY_R, clc.BOTH):
        return
    m.want_that(m["eid"] in proposal.eids, "eid", m["eid"],
                "one of the Proposal's")
    check_family(m, proposal, "gid_v2")
    if m.first:
        wanted = min(proposal.release, clc.MAX_RELEASE)
        # Others may know less.
        m.want_that(m.release == wanted if m.ours else m.release <= wanted,
                    "release", m.release, wanted)
        for field in ("max_conns", "max_links") if m.release else ():
            m.want_that(m[field] <= proposal[field], field, m[field],
                        "%d at most" % proposal[field])


def check_family(m, proposal, field):
    m.want_that(is_ipv4(m["gid"]) == is_ipv4(proposal[field]), "gid",
                m["gid"], "an address of the other one's family")


def check_confirm(m, proposal, accept):
    """Does it repeat what was agreed on?"""
    m.want_that(m.version == accept.version, "version", m.version,
                accept.version)
    m.want_that(m.first == accept.first, "flags", m["flags"],
                "first contact as in the Accept: %s" % accept.first)
    m.want_that(m.mtu <= accept.mtu, "mtu", m.mtu,
                "%d at most" % accept.mtu)
    if m.version == 1:
        m.want("mark", accept["mark"])
    elif accept.version == 2:
        m.want("eid", accept["eid"])
    if m.ours or any(proposal["peer_id"]):
        m.want("peer_id", proposal["peer_id"])
    if m.first:
        gid = proposal["gid_v2"] if m.version == 2 and "gid_v2" in proposal \
            else proposal["gid"]
        m.want("gid", gid)
        if m.ours:
            m.want("mac", proposal["mac"])
    if m.version == 2 and m.first and accept.first and accept.version == 2:
        m.want_that(m.release == accept.release, "release", m.release,
                    accept.release)
        if not m.release or not accept.release:
            return
        m.want("max_conns", accept["max_conns"])
        m.want("max_links", accept["max_links"])
        m.want_that(not m["features"] & ~accept["features"], "features",
                    m["features"], "none that the Accept does not have")
