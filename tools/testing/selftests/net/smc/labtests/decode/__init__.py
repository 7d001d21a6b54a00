# SPDX-License-Identifier: GPL-2.0
"""A decoder of SMC-R of our own, in both versions: what does a capture hold,
and what in it breaks the protocol?

It shares nothing with the module, and follows what is written of the protocol.
The levels, from below: packets, fields, clc and llc (single messages), roce
and frames (what carries messages), links, conns, groups, tcp (what messages
must agree on).
"""
from .packets import BadCapture, read_packets
from .fields import Report
from .tcp import Streams

__all__ = ["BadCapture", "Report", "check_packets", "check_pcap"]


def check_packets(packets, ours=None):
    """As check_pcap(), for packets that have been read."""
    macs = None if ours is None else {
        bytes.fromhex(mac.replace(":", "")) for mac in ours}
    report = Report()
    streams = Streams(report, lambda mac: macs is None or mac in macs)
    packet = None
    for packet in packets:
        if packet.tcp:
            streams.packet(packet)
        elif packet.rdma:
            streams.groups.packet(packet)
    if packet:
        streams.end(packet)
    return report


def check_pcap(path, ours=None):
    """Checks all SMC messages of a capture file; returns a Report.

    path: pcap or pcapng, of a host or of the network between them. Handshakes
	before its beginning are unknown; so is what was sent on their links.
    ours: MAC addresses as text, of hosts whose messages must have all that we
	say of ours; of others only what holds for any. None: all are ours.
    """
    return check_packets(read_packets(path), ours)
