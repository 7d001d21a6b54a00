# SPDX-License-Identifier: GPL-2.0
"""Tests of the decoder, on messages in hex: see vectors.txt and talks.txt."""
import copy
import os
import struct
import tempfile

from . import check_packets, check_pcap, clc, frames, llc
from .fields import Message, Report
from .packets import (BTH_LEN, ETH_IPV4, ETH_IPV6, ETH_ROCE1, ETH_SIM,
                      SIM_FRAME, Packet, parse_frame)

HERE = os.path.dirname(os.path.realpath(__file__))
FLIPS = (0x01, 0x80, 0xff)
MACS = [bytes.fromhex("525400000001"), bytes.fromhex("525400000002")]
IPS = {"4": [bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])],
       "6": [bytes.fromhex("20010db8" + "00" * 11 + end)
             for end in ("01", "02")]}
OPTION = bytes.fromhex("0101fe06e2d4c3d9")
SYN, ACK, MTU = 2, 16, 4096
SEND_ONLY, ACKNOWLEDGE = 4, 17


def unhex(line):
    """Bytes of a line of hex."""
    data = b""
    for word in line.replace("|", " ").split():
        word, _, times = word.partition("*")
        data += bytes.fromhex(word) * int(times or 1)
    return data


def read_lines(name):
    """(first letter if it is a sign, the rest) of each line that counts."""
    with open(os.path.join(HERE, name), encoding="ascii") as stream:
        for line in stream:
            line = line.rstrip("\n")
            if line and line[0] != "#":
                yield (line[0], line[2:]) if line[0] in "=:>~?" else ("", line)


class Vector:
    """A message and its fields."""

    def __init__(self, words):
        self.name, sender = words.split()
        self.sender = int(sender.rsplit(".", 1)[1]) - 1
        self.data = b""
        self.fields = {}

    def decode(self, data):
        """(fields, complaints) of this message, alone."""
        if self.name.startswith("frame"):
            packet = parsed([data])[0]
            return dict(vars(packet.rdma) if packet.rdma else {},
                        macs=data[:12]), []
        report = Report()
        packet = Packet(1, bytes(6) + MACS[self.sender], 0)
        packet.src = bytes(10) + b"\xff\xff" + IPS["4"][self.sender]
        m = Message(report, packet, self.name, data, False)
        if self.data[:4] == clc.SMCR:
            clc.check(m)
        elif self.data[0] == llc.CDC:
            llc.check_cdc(m)
        elif (llc.name_of(data) or "").startswith("llc"):
            llc.check_llc(m, 2 if self.data[0] >> 4 else 1)
        else:
            m.want_that(False, "type", data[0], "one that is known")
        return m.fields, report.lines()


def read_value(text):
    if text[0] == '"':
        return text.strip('"').encode().ljust(32)
    if text.startswith("0x") and len(text) % 2 == 0:
        return bytes.fromhex(text[2:])
    return int(text, 0)


def same(found, wanted):
    """Numbers may be written as bytes."""
    if isinstance(found, int) and isinstance(wanted, bytes):
        wanted = int.from_bytes(wanted, "big")
    return found == wanted


def read_vectors():
    vectors = []
    for sign, text in read_lines("vectors.txt"):
        if sign == "=":
            vectors.append(Vector(text))
        elif sign == ":":
            name, value = text.split(" ", 1)
            vectors[-1].fields[name] = read_value(value)
        else:
            vectors[-1].data += unhex(text)
    return vectors


def matches(vector, data):
    """All its fields, and no complaint?"""
    fields, complaints = vector.decode(data)
    wrong = ["%s is %r" % (name, value) for name, value in fields.items()
             if name not in vector.fields or
             not same(value, vector.fields[name])]
    wrong += ["no %s" % name for name in vector.fields if name not in fields]
    return wrong + complaints


def flipped(data, at, flip):
    return data[:at] + bytes([data[at] ^ flip]) + data[at + 1:]


class Step:
    """What one side says."""

    def __init__(self, words):
        side, self.kind, *rest = words.split()
        self.side = ("client", "server").index(side)
        self.stream = int(rest[0]) if self.kind == "clc" and rest else 1
        self.write = [int(word, 0) for word in rest] \
            if self.kind == "write" else None
        self.data = b""
        self.free = set()	# (offset, flip) that is as good
        self.optional = False


class Talk:
    """A conversation, as packets."""

    def __init__(self, words):
        self.name, self.ip, self.roce, self.vlan = words.split()
        self.steps = []

    def psns(self):
        """The first PSN of each side, of its first Accept or Confirm."""
        found = [None, None]
        for step in self.steps:
            if step.kind == "clc" and step.data[4] in (2, 3) and \
                    found[step.side] is None:
                found[step.side] = int.from_bytes(step.data[61:64], "big")
        return found

    def qpns(self):
        return [next(step.data[38:41] for step in self.steps
                     if step.kind == "clc" and step.data[4] == kind)
                for kind in (3, 2)]

    def gids(self):
        return [next(step.data[16:32] for step in self.steps
                     if step.kind == "clc" and step.data[4] == kind)
                for kind in (3, 2)]

    def framed(self):
        """The same over the wire of smcsim."""
        talk = copy.copy(self)
        talk.name, talk.roce = self.name + "_framed", "sim"
        return talk

    def header_len(self):
        return SIM_FRAME.size if self.roce == "sim" else BTH_LEN

    def frames(self):
        """(frame, begin and end of what is SMC's, step) of each packet."""
        found, psn, seq = [], self.psns(), {}
        carry = self.in_frames if self.roce == "sim" else self.in_packets
        for step in self.steps:
            side = step.side
            if step.kind == "clc":
                if step.stream not in seq:
                    seq[step.stream] = [1, 1]
                    for end, flags in ((0, SYN), (1, SYN | ACK)):
                        found.append((self.tcp(end, step.stream, 0, flags,
                                                b""), 0, 0, None))
                frame = self.tcp(side, step.stream, seq[step.stream][side],
                                 ACK, step.data)
                seq[step.stream][side] += len(step.data)
                found.append((frame, len(frame) - len(step.data), len(frame),
                              step))
                continue
            found += carry(step, psn)
        return found

    def in_packets(self, step, psn):
        """A message as RoCE packets, each with its ACK."""
        side, qpns, gids, found = step.side, self.qpns(), self.gids(), []
        for opcode, more, payload in parts(step):
            bth = struct.pack(">BBH", opcode,
                              0x80 if opcode == SEND_ONLY else 0, 0xffff)
            bth += b"\0" + qpns[1 - side] + b"\x80"
            bth += psn[side].to_bytes(3, "big") + more
            frame, begin = self.rocev(side, gids, bth + payload)
            end = begin + len(bth) + (len(payload) if not step.write else 0)
            found.append((frame, begin, end, step))
            ack = struct.pack(">BBH", ACKNOWLEDGE, 0, 0xffff) + b"\0" + \
                qpns[side] + b"\0" + psn[side].to_bytes(3, "big")
            frame, _ = self.rocev(1 - side, gids, ack + bytes(4))
            found.append((frame, 0, 0, None))
            psn[side] = (psn[side] + 1) & 0xffffff
        return found

    def in_frames(self, step, psn):
        """A message as frames of smcsim, each with an answer."""
        side, found = step.side, []
        rkey, vaddr, total = step.write or (0, 0, len(step.data))
        data = step.data or bytes(total)
        op = frames.WRITE if step.write else frames.SEND
        for offset in range(0, total, MTU):
            piece = data[offset:offset + MTU]
            end = offset + len(piece)
            flags = frames.ASK + (0 if step.write else frames.SOLICITED)
            frame = self.sim(side, op, flags, 0, psn[side], total, offset,
                             len(piece), total, vaddr, rkey)
            begin = len(frame) - SIM_FRAME.size
            kept = len(frame) + (0 if step.write else len(piece))
            found.append((frame + piece, begin, kept, step))
            answer = frames.ACK if end == total else frames.SO_FAR
            found.append((self.answer(1 - side, psn[side], answer,
                                      end % total), 0, 0, None))
        psn[side] = (psn[side] + 1) & 0xffffff
        return found

    def sim(self, side, op, flags, answer, psn, total, offset, *rest):
        qpns = [int.from_bytes(qpn, "big") for qpn in self.qpns()]
        gids = self.gids()
        return self.ethernet(side, ETH_SIM, SIM_FRAME.pack(
            1, op, flags, answer, qpns[1 - side], qpns[side], psn, 1, total,
            offset, *rest, gids[side], gids[1 - side]))

    def answer(self, side, psn, answer, offset):
        return self.sim(side, frames.ANSWER, 0, answer, psn, 0, offset, 0, 0,
                        0, 0)

    def ethernet(self, side, kind, payload):
        frame = MACS[1 - side] + MACS[side]
        if int(self.vlan):
            frame += struct.pack(">HH", 0x8100, int(self.vlan))
        return frame + struct.pack(">H", kind) + payload

    def over_ip(self, side, ip, addresses, proto, hops, payload):
        source, target = addresses[side], addresses[1 - side]
        if ip == "4":
            return self.ethernet(side, ETH_IPV4, struct.pack(
                ">BBHIBBH", 0x45, 0, 20 + len(payload), 0x4000, hops, proto,
                0) + source + target + payload)
        kind = ETH_IPV6 if proto != 27 else ETH_ROCE1
        return self.ethernet(side, kind, struct.pack(
            ">IHBB", 0x60000000, len(payload), proto, hops) + source + target +
                             payload)

    def tcp(self, side, stream, seq, flags, payload):
        ports = [4000 + stream, 5000]
        options = OPTION if flags & SYN else b""
        header = struct.pack(">HHIIBBHI", ports[side], ports[1 - side], seq,
                             0, (20 + len(options)) << 2, flags, 100, 0)
        return self.over_ip(side, self.ip, IPS[self.ip], 6, 64,
                            header + options + payload)

    def rocev(self, side, gids, packet):
        """A frame, and where the BTH is in it."""
        packet += bytes(4)
        if self.roce == "2":
            frame = self.over_ip(side, self.ip, IPS[self.ip], 17, 1,
                                 struct.pack(">HHHH", 50000, 4791,
                                             8 + len(packet), 0) + packet)
        else:
            frame = self.over_ip(side, "6", gids, 27, 1, packet)
        return frame, len(frame) - len(packet)


def parts(step):
    """(opcode, RETH, payload) of each packet."""
    if not step.write:
        return [(SEND_ONLY, b"", step.data)]
    rkey, vaddr, length = step.write
    reth = struct.pack(">QII", vaddr, rkey, length)
    sizes = [min(MTU, length - done) for done in range(0, length, MTU)]
    if len(sizes) == 1:
        return [(10, reth, bytes(length))]
    return [(6 if not i else 8 if i == len(sizes) - 1 else 7,
             b"" if i else reth, bytes(size)) for i, size in enumerate(sizes)]


def read_talks():
    talks = []
    for sign, text in read_lines("talks.txt"):
        if sign == "=":
            talks.append(Talk(text))
        elif sign == ">":
            talks[-1].steps.append(Step(text))
        elif sign == "?":
            talks[-1].steps[-1].optional = True
        elif sign == "~":
            first, last, *flips = text.split("\t")[0].split()
            talks[-1].steps[-1].free |= {
                (at, int(flip, 16)) for flip in flips
                for at in range(int(first), int(last) + 1)}
        else:
            talks[-1].steps[-1].data += unhex(text)
    return talks


def parsed(frames):
    packets = []
    for number, frame in enumerate(frames, 1):
        packet = Packet(number, frame, len(frame))
        parse_frame(packet)
        packets.append(packet)
    return packets


def write_pcap(path, frames, order):
    with open(path, "wb") as stream:
        stream.write(struct.pack(order + "IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0,
                                 65535, 1))
        for frame in frames:
            stream.write(struct.pack(order + "IIII", 0, 0, len(frame),
                                     len(frame)) + frame)


def write_pcapng(path, frames):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        size = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + size + body + size

    with open(path, "wb") as stream:
        stream.write(block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0,
                                                   -1)))
        stream.write(block(1, struct.pack("<HHI", 1, 0, 65535)))
        for frame in frames:
            stream.write(block(6, struct.pack("<IIIII", 0, 0, 0, len(frame),
                                              len(frame)) + frame))


def test_vectors(report):
    for vector in read_vectors():
        wrong = matches(vector, vector.data)
        # Each byte belongs to a field, or must be what it is.
        unnoticed = [(at, flip) for at in range(len(vector.data))
                     for flip in FLIPS
                     if not matches(vector, flipped(vector.data, at, flip))]
        for line in wrong:
            report.say("%s: %s" % (vector.name, line))
        for at, flip in unnoticed:
            report.say("%s: byte %d ^ %02x goes unnoticed" % (
                vector.name, at, flip))
        report.result("vector." + vector.name, not wrong + unnoticed,
                      "fields=%d bytes=%d" % (len(vector.fields),
                                              len(vector.data)))


# What is reserved or not checked in a header: of RoCE the request for an ACK,
# of a frame the number of the burst and, in a SEND, the address.
FREE = {BTH_LEN: {4, 8}, SIM_FRAME.size: set(range(16, 20))}
ADDRESS = set(range(36, 48))


def flips_of(talk, step, at):
    """(flip, must it be reported?) for a byte of a packet of SMC's."""
    in_frames = talk.roce == "sim"
    if step.kind != "clc":
        header = talk.header_len()
        unused = ADDRESS if in_frames and not step.write else ()
        if at in FREE[header] or at in unused:
            return []
        at -= header
    elif in_frames:
        return []	# as over RoCE
    return [(flip, (at, flip) not in step.free) for flip in FLIPS]


def test_talk(report, talk):
    sent = talk.frames()
    whole = [frame[0] for frame in sent]
    good = check_packets(parsed(whole))
    for line in good.lines():
        report.say("%s: %s" % (talk.name, line))
    packets, tried, wrong = parsed(whole), 0, 0
    for number, (frame, begin, end, step) in enumerate(sent):
        for at in range(begin, end):
            for flip, wanted in flips_of(talk, step, at - begin):
                changed = parsed([flipped(frame, at, flip)])
                changed[0].frame = number + 1
                found = check_packets(packets[:number] + changed +
                                      packets[number + 1:]).number
                tried += 1
                if bool(found) == wanted:
                    continue
                wrong += 1
                report.say("%s: packet %d, %s: byte %d ^ %02x is %sreported" %
                           (talk.name, number + 1, step.kind, at - begin -
                            talk.header_len() * (step.kind != "clc"), flip,
                            "" if found else "not "))
    report.result("talk." + talk.name, not good.number and good.ours["cdc"]
                  and not wrong, "flips=%d %s" % (tried, good.totals()))


def test_left_out(report, talk):
    """What one side does not say must be missed, or be optional."""
    wrong, steps = 0, talk.steps
    for number, step in enumerate(steps):
        # Nothing can be known of a link whose Accept or Confirm is not there.
        if step.kind == "clc" and step.stream == 1:
            continue
        talk.steps = steps[:number] + steps[number + 1:]
        found = check_packets(parsed(f[0] for f in talk.frames())).number
        if bool(found) == step.optional:
            wrong += 1
            report.say("%s: step %d, %s, is %smissed" % (
                talk.name, number + 1, step.kind, "" if found else "not "))
    talk.steps = steps
    report.result("left_out." + talk.name, not wrong, "steps=%d" % len(steps))


def test_tcp(report, talk):
    """What is wrong with TCP segments, rather than with messages."""
    frames = [frame[0] for frame in talk.frames()]
    seq = 1 + sum(len(step.data) for step in talk.steps if step.kind == "clc"
                  and step.stream == 1 and not step.side)
    late = talk.tcp(0, 1, seq, ACK, b"payload")
    in_ack = talk.tcp(0, 1, seq, SYN, b"")
    in_ack = in_ack.replace(bytes([28 << 2, SYN]), bytes([28 << 2, ACK]))
    cases = {
        "payload_after_confirm": frames + [late],
        "option_without_syn": frames + [in_ack],
        "option_not_last": [frames[0].replace(OPTION, OPTION[2:] + b"\1\1")]
                           + frames[1:],
        "option_unasked": [frames[0].replace(OPTION, b"\1" * 8)] + frames[1:],
    }
    for name, changed in cases.items():
        found = check_packets(parsed(changed))
        report.result("tcp." + name, found.number > 0 and
                      found.violations[0].message == "tcp",
                      " ".join(found.lines(1)))


def test_unanswered(report, talk):
    """The server's TEST LINK waits while the client says a lot else."""
    def test_link(side, flags):
        step = Step(side + " send")
        step.data = unhex("27 002c %s 00*40" % flags)
        return step

    steps = talk.steps
    begin = [step for step in steps if step.kind == "clc"][:3] + \
        [step for step in steps if step.kind == "send"][:2] + \
        [test_link("server", "00")]
    for name, times, wanted in (("yet", 99, 0), ("at_all", 100, 1)):
        talk.steps = begin + [test_link("client", "00"),
                              test_link("server", "80")] * times
        found = check_packets(parsed(f[0] for f in talk.frames()))
        report.result("unanswered." + name, found.number == wanted,
                      " ".join(found.lines(2)))
    talk.steps = steps


def test_order(report, talk):
    """The length of LLC is little endian, but under the built-in EID."""
    def test(name, wanted, eid, little):
        said = copy.deepcopy(talk)
        for step in said.steps:
            if step.kind == "clc":
                step.data = step.data.replace(clc.BUILT_IN_EID, eid)
            elif little and step.kind == "send" and step.data[0] != llc.CDC:
                step.data = step.data[:1] + step.data[2:0:-1] + step.data[3:]
        found = check_packets(parsed(f[0] for f in said.frames()))
        report.result("order." + name, {v.field for v in found.violations} ==
                      wanted, " ".join(found.lines(1)))

    others = b"LAB.TEST".ljust(32)
    test("network", set(), clc.BUILT_IN_EID, False)
    test("network_to_others", {"length"}, others, False)
    test("x86", {"length"}, clc.BUILT_IN_EID, True)
    test("x86_to_others", set(), others, True)


def test_cut(report, talk):
    """What was not captured is counted, and not taken for wrong."""
    frames = [frame[0] for frame in talk.frames()]
    packets = []
    for number, frame in enumerate(frames, 1):
        packets.append(Packet(number, frame[:96], len(frame)))
        parse_frame(packets[-1])
    found = check_packets(packets)
    report.result("cut", not found.number and found.ours["not_captured"] > 0,
                  found.totals())


def test_no_rdma(report, talk):
    """RDMA that is nowhere to be seen is missed."""
    packets = [packet for packet in parsed(f[0] for f in talk.frames())
               if not packet.rdma]
    report.result("no_rdma", check_packets(packets).number > 0)


def test_loss(report, talk):
    """Lost on the way and sent again is no fault; lost in the capture is."""
    frames = talk.frames()
    at = next(i for i, f in enumerate(frames) if f[3] and f[3].write)
    whole = [frame[0] for frame in frames]
    later = whole[:at] + whole[at + 2:at + 4] + whole[at:at + 2] + \
        whole[at + 2:]
    del later[at + 1]	# the ACK of what came too early
    found = check_packets(parsed(later))
    report.result("loss.sent_again", not found.number and
                  found.ours["early"] == 1, " ".join(found.lines(2)))
    found = check_packets(parsed(whole[:at] + whole[at + 1:]))
    report.result("loss.of_capture", found.number > 0 and
                  found.violations[0].field == "psn",
                  " ".join(found.lines(1)))


def test_frames(report, talk):
    """What is wrong with frames and answers, and what is not."""
    sent = talk.frames()
    at = next(i for i, f in enumerate(sent) if f[3] and f[3].write)
    writer, psn = sent[at][3].side, talk.psns()[sent[at][3].side] + 1
    whole = [frame[0] for frame in sent]

    def answer(*what):
        return talk.answer(1 - writer, *what)

    def test(name, wanted, changed):
        found = check_packets(parsed(changed))
        seen = found.violations[0].field if found.number else \
            next((kind for kind in ("repeated", "early") if found.ours[kind]),
                 "nothing")
        report.result("frames." + name, seen == wanted, " ".join(
            found.lines(1)))

    begin, end = whole[:at], whole[at:]
    test("as_they_are", "nothing", whole)
    test("piece_again", "repeated", whole[:at + 1] + end)
    test("piece_lost", "early", begin + whole[at + 2:at + 3] + end)
    test("message_again", "repeated", whole[:at + 8] + end)
    test("lost_in_capture", "psn", begin + end[2:])
    test("answer_late", "nothing", whole[:at + 8] + [answer(
        psn, frames.SO_FAR, MTU)] + whole[at + 8:])
    test("answer_to_nothing", "psn", begin + [answer(
        psn, frames.ACK, 0)] + end)
    test("answer_to_more", "psn", whole[:at + 1] + [answer(
        psn, frames.SO_FAR, 2 * MTU)] + end[1:])
    for name, number in (("not_ready", frames.NOT_READY), ("refused", 4)):
        test(name, "answer", whole[:at + 7] + [answer(psn, number, 0)] +
             whole[at + 8:])
    stranger = talk.sim(writer, frames.ANSWER, 0, 0, psn, 0, 0, 0, 0, 0, 0)
    test("stranger", "source qpn", begin + [stranger[:22] + bytes(4) +
                                            stranger[26:]] + end)


def test_files(report, talk):
    """The same from a file, of each format."""
    frames = [frame[0] for frame in talk.frames()]
    wanted = check_packets(parsed(frames)).totals()
    for name, write in (("pcap", lambda p: write_pcap(p, frames, "<")),
                        ("pcap_big", lambda p: write_pcap(p, frames, ">")),
                        ("pcapng", lambda p: write_pcapng(p, frames))):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, name)
            write(path)
            found = check_pcap(path)
        report.result("file." + name, found.totals() == wanted and
                      not found.number, found.totals())


def run(report):
    test_vectors(report)
    talks = read_talks()
    for talk in talks + [talks[1].framed()]:
        test_talk(report, talk)
        test_left_out(report, talk)
    test_frames(report, talks[0].framed())
    test_tcp(report, talks[0])
    test_unanswered(report, talks[0])
    test_no_rdma(report, talks[0])
    test_order(report, talks[0])
    test_cut(report, talks[0])
    test_loss(report, talks[0])
    test_files(report, talks[0])
