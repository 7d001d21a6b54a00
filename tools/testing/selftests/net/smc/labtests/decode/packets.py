# SPDX-License-Identifier: GPL-2.0
"""Capture files, and the layers below SMC: Ethernet to TCP and RDMA."""
import struct

ETH_IPV4, ETH_IPV6, ETH_ROCE1 = 0x0800, 0x86dd, 0x8915
ETH_VLANS = (0x8100, 0x88a8)
ETH_SIM = 0x88b5	# wire mode of smcsim
SIM_FRAME = struct.Struct(">4B8IQI16s16s")
IP_TCP, IP_UDP = 6, 17
ROCE2_PORT = 4791
BTH_LEN, RETH_LEN, ICRC_LEN = 12, 16, 4
TCP_FIN, TCP_SYN, TCP_RST, TCP_ACK = 1, 2, 4, 16
MAPPED = bytes(10) + b"\xff\xff"	# what an IPv4 address as a GID begins with
PCAP_MAGICS = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">",
               b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}
PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"
LINK_ETHERNET = 1


class BadCapture(Exception):
    """The file is none, or not one of Ethernet."""


class Packet:
    """A frame, and what its headers say."""

    def __init__(self, frame, data, length):
        self.frame = frame	# number in the file, from 1
        self.data = data	# as captured
        self.length = length	# on the wire
        self.dst_mac = data[0:6]
        self.src_mac = data[6:12]
        self.vlan = 0
        self.src = self.dst = None	# IP addresses as GIDs
        self.hops = None
        self.tcp = None
        self.rdma = None	# a Roce, or a Piece
        self.roce = 0	# version of RoCE, if it is that


class Tcp:
    """A TCP segment; the payload is what was captured of it."""

    def __init__(self, data, length):
        self.sport, self.dport, self.seq, self.ack, offset, self.flags = \
            struct.unpack_from(">HHIIBB", data)
        header = (offset >> 4) * 4
        self.options = data[20:header]
        self.payload = data[header:length]
        self.cut = len(data) < length
        if len(data) < header:
            raise IndexError	# options that are not there


class Roce:
    """A RoCE packet; the payload is what was captured of it."""

    def __init__(self, data, length):
        (self.opcode, flags, self.pkey, dest, ack_psn) = \
            struct.unpack_from(">BBHII", data)
        self.solicited = bool(flags & 0x80)
        self.pad = flags >> 4 & 3
        self.tver = flags & 15
        self.qpn = dest & 0xffffff
        self.psn = ack_psn & 0xffffff
        self.reth = None
        begin = BTH_LEN
        if self.opcode in (6, 10):
            self.reth = struct.unpack_from(">QII", data, begin)
            begin += RETH_LEN
        self.size = length - begin - self.pad - ICRC_LEN
        self.payload = data[begin:begin + max(self.size, 0)]


class Piece:
    """A frame of smcsim; the payload is what was captured of it."""

    def __init__(self, data, length):
        (self.version, self.op, self.flags, self.answer, self.qpn,
         self.src_qpn, self.psn, self.round, self.total, self.offset,
         self.size, self.announced, self.vaddr, self.rkey, self.sgid,
         self.dgid) = SIM_FRAME.unpack_from(data)
        self.room = length - SIM_FRAME.size
        self.payload = data[SIM_FRAME.size:SIM_FRAME.size + self.size]


def read_pcap(stream, order):
    """(captured bytes, length on the wire) of each packet."""
    header = stream.read(20)
    if struct.unpack_from(order + "I", header, 16)[0] & 0xffff \
            != LINK_ETHERNET:
        raise BadCapture("not Ethernet")
    while True:
        record = stream.read(16)
        if len(record) < 16:
            return
        kept, length = struct.unpack(order + "8xII", record)
        data = stream.read(kept)
        if len(data) < kept:
            return	# it is still being written
        yield data, length


def read_pcapng(stream):
    """The same for pcapng: its enhanced and simple packet blocks."""
    order, snaplen = "<", 0
    head = PCAPNG_MAGIC + stream.read(4)
    while len(head) == 8:
        if head[:4] == PCAPNG_MAGIC:
            magic = stream.read(4)
            order = "<" if magic == b"\x4d\x3c\x2b\x1a" else ">"
            taken = 12
        else:
            taken = 8
        kind, size = struct.unpack(order + "II", head)
        body = stream.read(max(size - taken, 0))
        if len(body) < size - taken:
            return
        if kind == 1:
            link, snaplen = struct.unpack_from(order + "H2xI", body)
            if link != LINK_ETHERNET:
                raise BadCapture("not Ethernet")
        elif kind == 6:
            kept, length = struct.unpack_from(order + "12xII", body)
            yield body[20:20 + kept], length
        elif kind == 3:
            length, = struct.unpack_from(order + "I", body)
            yield body[4:4 + min(length, snaplen or length)], length
        head = stream.read(8)


def read_packets(path):
    """All packets of a capture file, as far as they can be parsed."""
    with open(path, "rb") as stream:
        magic = stream.read(4)
        if magic in PCAP_MAGICS:
            records = read_pcap(stream, PCAP_MAGICS[magic])
        elif magic == PCAPNG_MAGIC:
            records = read_pcapng(stream)
        else:
            raise BadCapture("neither pcap nor pcapng")
        for frame, (data, length) in enumerate(records, 1):
            packet = Packet(frame, data, length)
            try:
                parse_frame(packet)
            except (struct.error, IndexError):
                continue	# too short for what it says it is
            yield packet


def parse_frame(packet):
    data, begin = packet.data, 14
    kind, = struct.unpack_from(">H", data, 12)
    while kind in ETH_VLANS:
        packet.vlan, kind = struct.unpack_from(">HH", data, begin)
        packet.vlan &= 0xfff
        begin += 4
    data = data[begin:]
    if kind == ETH_IPV4:
        parse_ipv4(packet, data)
    elif kind == ETH_IPV6:
        parse_ipv6(packet, data)
    elif kind == ETH_ROCE1:
        # A GRH looks like an IPv6 header, and its length has the ICRC in it.
        length, _, packet.hops = struct.unpack_from(">HBB", data, 4)
        packet.src, packet.dst = data[8:24], data[24:40]
        packet.rdma, packet.roce = Roce(data[40:], length), 1
    elif kind == ETH_SIM:
        packet.rdma = Piece(data, packet.length - begin)
        packet.src, packet.dst = packet.rdma.sgid, packet.rdma.dgid


def parse_ipv4(packet, data):
    header = (data[0] & 15) * 4
    length, fragment, packet.hops, proto = struct.unpack_from(
        ">2xH2xHBB", data)
    packet.src, packet.dst = MAPPED + data[12:16], MAPPED + data[16:20]
    if not fragment & 0x3fff:
        parse_transport(packet, proto, data[header:], length - header)


def parse_ipv6(packet, data):
    length, proto, packet.hops = struct.unpack_from(">HBB", data, 4)
    packet.src, packet.dst = data[8:24], data[24:40]
    parse_transport(packet, proto, data[40:], length)


def parse_transport(packet, proto, data, length):
    if proto == IP_TCP:
        # Behind segmentation offload the IP header may say 0.
        packet.tcp = Tcp(data, length if length > 0 else len(data))
    elif proto == IP_UDP:
        _, port, size = struct.unpack_from(">HHH", data)
        if port == ROCE2_PORT:
            packet.rdma, packet.roce = Roce(data[8:], size - 8), 2


class Flow:
    """One direction of a TCP connection: bytes in their order."""

    def __init__(self, seq):
        self.next = seq
        self.early = {}
        self.data = b""

    def ahead(self, seq):
        """How far a sequence number is ahead of what is due, signed."""
        return (seq - self.next + (1 << 31)) % (1 << 32) - (1 << 31)

    def add(self, seq, payload):
        """Takes a segment; True if there are new bytes in .data."""
        if payload:
            self.early[seq] = max(self.early.get(seq, b""), payload, key=len)
        before = len(self.data)
        while True:
            due = [seq for seq in self.early if self.ahead(seq) <= 0]
            if not due:
                break
            for seq in due:
                fresh = self.early.pop(seq)[-self.ahead(seq):]
                self.data += fresh
                self.next = (self.next + len(fresh)) % (1 << 32)
        return len(self.data) > before

    def cut(self, size):
        """The first bytes, which then are gone."""
        head, self.data = self.data[:size], self.data[size:]
        return head
