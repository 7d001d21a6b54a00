# SPDX-License-Identifier: GPL-2.0
"""CLC messages: what each must look like on its own."""
import re

from .fields import (NUM, RAW, ZERO, from_mac, gid_fits, is_gid, is_ipv4,
                     is_mac, masked)
from .packets import MAPPED

SMCR = bytes.fromhex("e2d4c3d9")
SMCD = bytes.fromhex("e2d4c3c4")
HEADER_LEN = 8
PROPOSAL, ACCEPT, CONFIRM, DECLINE = 1, 2, 3, 4
NAMES = {PROPOSAL: "proposal", ACCEPT: "accept", CONFIRM: "confirm",
         DECLINE: "decline"}
ONLY_R, ONLY_D, NO_PATH, BOTH = 0, 1, 2, 3
FIRST_CONTACT = OUT_OF_SYNC = 8
SYNC_ERROR = 0x04000000
LINK_LOCAL = b"\xfe\x80" + bytes(14)
OS_LINUX = 2
MAX_RELEASE = 1
# Those of the table in the protocol's description that get onto the wire.
DIAGNOSES = {
    0x01010000, 0x02010000, 0x02020000, 0x03000000, 0x03010000, 0x03020000,
    0x03030000, 0x03030001, 0x03030002, 0x03030003, 0x03030004, 0x03030005,
    0x03030006, 0x03030007, 0x03030008, 0x03030009, 0x0303000a, 0x0303000b,
    0x03040000, 0x03050000, 0x03070000, 0x03080000, 0x03090000, 0x030a0000,
    0x030b0000, 0x030c0000, 0x030d0000, 0x030e0000, 0x030f0000, SYNC_ERROR,
    0x09990000, 0x09990001, 0x09990002, 0x09990003}
BUILT_IN_EID = b"AF-SMC.SAME-SUBNET".ljust(32)
EID = re.compile(rb"[A-Z0-9][A-Z0-9.-]* *")

HEADER = [("eyecatcher", 0, 4, RAW), ("type", 4, 1, NUM),
          ("length", 5, 2, NUM), ("flags", 7, 1, NUM)]
WHO = [("peer_id", 8, 8, RAW)]
PORT = WHO + [("gid", 16, 16, RAW), ("mac", 32, 6, RAW)]
# Byte 60 is reserved, and carries our mark of a RoCEv2 GID under version 1.
PROPOSE = PORT + [
    ("ip_offset", 38, 2, NUM), ("ism_gid", 40, 8, NUM),
    ("ism_chid", 48, 2, NUM), ("v2_offset", 50, 2, NUM),
    ("vendor", 52, 8, ZERO), ("mark", 60, 1, NUM), ("reserved", 61, 19, ZERO)]
PREFIX = [("subnet", 0, 4, RAW), ("mask_bits", 4, 1, NUM),
          ("prefix_reserved", 5, 2, ZERO), ("prefixes", 7, 1, NUM)]
EXTENSION = [
    ("eids", 0, 1, NUM), ("ism_gids", 1, 1, NUM), ("ext_reserved", 2, 1, ZERO),
    ("ext_flags", 3, 1, NUM), ("ext_reserved_4", 4, 2, ZERO),
    ("smcd_offset", 6, 2, NUM), ("gid_v2", 8, 16, RAW),
    ("max_conns", 24, 1, NUM), ("max_links", 25, 1, NUM),
    ("features", 26, 2, NUM), ("ext_reserved_28", 28, 12, ZERO)]
# Byte 51 carries the mark, likewise.
CHOSEN = PORT + [
    ("qpn", 38, 3, NUM), ("rkey", 41, 4, NUM), ("rmbe_index", 45, 1, NUM),
    ("token", 46, 4, NUM), ("size_mtu", 50, 1, NUM), ("mark", 51, 1, NUM),
    ("vaddr", 52, 8, NUM), ("reserved_60", 60, 1, ZERO), ("psn", 61, 3, NUM)]
CHOSEN_V2 = [("eid", 64, 32, RAW), ("reserved_96", 96, 8, ZERO)]
FCE = [("fce_flags", 104, 1, NUM), ("os_release", 105, 1, NUM),
       ("fce_reserved", 106, 2, ZERO), ("host", 108, 32, RAW)]
# With release 1 it has grown by these.
FCE_REL1 = [
    ("max_conns", 140, 1, NUM), ("max_links", 141, 1, NUM),
    ("features", 142, 2, NUM), ("fce_vendor", 144, 4, ZERO),
    ("fce_reserved_148", 148, 8, ZERO)]
GIDS = [("gids", 0, 1, NUM), ("gids_reserved", 1, 3, ZERO)]
REFUSE = WHO + [("diagnosis", 16, 4, NUM), ("os", 20, 1, NUM),
                ("reserved_21", 21, 3, ZERO)]
REFUSE_V2 = [("more_diagnoses", 24, 16, ZERO)]


def length_of(data):
    """Length that the header announces, or None if there is no header."""
    if len(data) < HEADER_LEN or data[:4] not in (SMCR, SMCD):
        return None
    return int.from_bytes(data[5:7], "big")


def check(m):
    """Takes the fields of a message and checks those that stand alone."""
    m.take(HEADER)
    m.version = m["flags"] >> 4
    m.want("eyecatcher", SMCR)
    m.want_in("type", NAMES, "a type of CLC message")
    m.want_that(m.version in (1, 2), "version", m.version, "1 or 2")
    m.want_that(m["length"] == len(m.data), "length", m["length"],
                len(m.data))
    if m["type"] == PROPOSAL:
        check_proposal(m)
    elif m["type"] in (ACCEPT, CONFIRM):
        check_chosen(m)
    elif m["type"] == DECLINE:
        check_decline(m)
    m.want_that(m.data[-4:] == SMCR, "trailer", m.data[-4:], SMCR)


def check_length(m, wanted):
    m.want_that(len(m.data) == wanted, "length", len(m.data), wanted)


def check_peer_id(m, needed=True):
    """Two bytes at random, then the MAC of a port."""
    if needed or any(m["peer_id"]):
        m.want_that(is_mac(m["peer_id"][2:]), "peer_id", m["peer_id"],
                    "a MAC from byte 2 on")


def check_port(m, gid="gid", roce_v2=False):
    """Is that a port, and of the kind of GID that goes with the message?"""
    m.want_that(is_mac(m["mac"]), "mac", m["mac"], "a unicast address")
    m.want_that(is_gid(m[gid]), gid, m[gid], "a unicast address")
    m.want_that(gid_fits(m[gid], m["mac"]), gid, m[gid],
                "that of MAC " + from_mac(m["mac"]).hex())
    if roce_v2 and is_ipv4(m.packet.src):
        m.want_that(is_ipv4(m[gid]), gid, m[gid], "an IPv4 address, as TCP's")


def check_mark(m, allowed):
    """Of the kind of GID, which only we put there."""
    if allowed and m.ours:
        m.want_in("mark", (0, 1), "0 or 1")
    else:
        m.want("mark", 0)


def check_proposal(m):
    m.v1, m.v2 = m["flags"] & 3, m["flags"] >> 2 & 3
    m.take(PROPOSE)
    end = 80
    if m.ours:
        m.want_that((m.v1, m.v2) in ((ONLY_R, ONLY_R), (ONLY_R, NO_PATH),
                                     (NO_PATH, ONLY_R)),
                    "paths", m["flags"] & 15, "SMC-R in one version or both")
        m.want_that(m.version == 2, "version", m.version, 2)
    m.want("ism_gid", 0)
    m.want("ism_chid", 0)
    offers_v1 = m.v1 != NO_PATH
    m.want("ip_offset", 40 if offers_v1 else 0)
    check_peer_id(m, m.ours or offers_v1)
    if m.ours or offers_v1:
        m.want_that(is_mac(m["mac"]), "mac", m["mac"], "a unicast address")
    if offers_v1:
        check_port(m)
        end = check_prefixes(m, 40 + m["ip_offset"])
    check_mark(m, offers_v1)
    m.want("v2_offset", end - 52 if m.v2 != NO_PATH else 0)
    if m.v2 != NO_PATH:
        end = check_extension(m, end)
    check_length(m, end + 4)


def check_prefixes(m, begin):
    """The client's subnets; returns where the area ends."""
    m.take(PREFIX, begin)
    count, end = m["prefixes"], begin + 8
    m.want_that(count <= 8, "prefixes", count, "8 at most")
    tcp = m.packet.src
    if is_ipv4(tcp):
        m.want("prefixes", 0)
        m.want_that(1 <= m["mask_bits"] <= 32, "mask_bits", m["mask_bits"],
                    "1 to 32")
        m.want("subnet", masked(tcp[12:], m["mask_bits"]))
        return end
    m.want("subnet", bytes(4))
    m.want("mask_bits", 0)
    m.want_that(count > 0, "prefixes", count, "at least 1")
    holds_tcp = tcp[:2] == b"\xfe\x80"
    for number in range(count):
        name = "prefix_%d" % number
        m.take([(name, end, 16, RAW), (name + "_bits", end + 16, 1, NUM)])
        prefix, bits = m[name], m[name + "_bits"]
        end += 17
        m.want_that(1 <= bits <= 128, name + "_bits", bits, "1 to 128")
        m.want_that(masked(prefix, bits) == prefix, name, prefix,
                    "no bits behind the first %d" % bits)
        m.want_that(prefix[:2] != b"\xfe\x80", name, prefix,
                    "not link-local")
        holds_tcp |= masked(tcp, bits) == prefix
    m.want_that(holds_tcp, "prefixes", count, "one with TCP's own address")
    return end


def check_eid(m, name, eid):
    m.want_that(len(eid) == 32 and EID.fullmatch(eid), name, eid,
                "an EID, padded with blanks")


def check_extension(m, begin):
    m.take(EXTENSION, begin)
    m.eids = []
    m.want("ism_gids", 0)
    m.want("smcd_offset", 0)
    m.want_that(m["ext_flags"] & 15 == 0, "ext_flags", m["ext_flags"],
                "no system EID, no reserved bits")
    m.release = m["ext_flags"] >> 4
    if m.ours:
        m.want_that(m.release == MAX_RELEASE, "release", m.release,
                    MAX_RELEASE)
        m.want_that(1 <= m["eids"] <= 8, "eids", m["eids"], "1 to 8")
    check_gid_v2(m)
    check_terms(m)
    end = begin + 40
    for number in range(m["eids"]):
        name = "eid_%d" % number
        m.take([(name, end, 32, RAW)])
        eid = m[name]
        check_eid(m, name, eid)
        m.want_that(eid not in m.eids, name, eid,
                    "one that was not named before")
        m.eids.append(eid)
        end += 32
    return end


def check_gid_v2(m):
    """An address of TCP's family, of ours on TCP's subnet."""
    gid, tcp = m["gid_v2"], m.packet.src
    m.want_that(is_gid(gid), "gid_v2", gid, "a unicast address")
    m.want_that(is_ipv4(gid) == is_ipv4(tcp), "gid_v2", gid,
                "of the family of TCP's address")
    if m.v1 == NO_PATH:
        return	# it does not say what the subnet is
    if is_ipv4(tcp):
        subnets = [(MAPPED + m["subnet"], 96 + m["mask_bits"])]
    else:
        subnets = [(LINK_LOCAL, 64)] * (tcp[:8] == LINK_LOCAL[:8]) + [
            (m["prefix_%d" % i], m["prefix_%d_bits" % i])
            for i in range(m["prefixes"])]
    m.ours_wants(any(masked(gid, bits) == subnet for subnet, bits in subnets),
                 "gid_v2", gid, "an address on TCP's subnet")


def check_chosen(m):
    """Accept and Confirm."""
    m.first = bool(m["flags"] & FIRST_CONTACT)
    m.want_that(not m["flags"] & 7, "flags", m["flags"],
                "SMC-R, no reserved bit")
    m.take(CHOSEN)
    check_peer_id(m)
    check_mark(m, m.version == 1)
    check_port(m, roce_v2=m.version == 2)
    m.want_that(m["qpn"] > 1, "qpn", m["qpn"], "above 1")
    m.want("rmbe_index", 1)
    m.want_that(m["token"] != 0, "token", m["token"], "not 0")
    m.mtu = m["size_mtu"] & 15
    m.size = 16384 << (m["size_mtu"] >> 4)
    m.want_that(1 <= m.mtu <= 5, "mtu", m.mtu, "1 to 5")
    if m.version < 2:
        check_length(m, 68)
        return
    m.take(CHOSEN_V2)
    check_eid(m, "eid", m["eid"])
    end = 104
    if m.first:
        end = check_fce(m)
        if m["type"] == CONFIRM:
            end = check_gids(m, end)
    check_length(m, end + 4)


def check_fce(m):
    m.take(FCE)
    m.want_bits("fce_flags", 0x80)
    m.release = m["os_release"] & 15
    m.want_that(m["os_release"] >> 4 == OS_LINUX, "os", m["os_release"] >> 4,
                OS_LINUX)
    host = m["host"]
    m.want_that(all(32 <= c < 127 for c in host) and host.rstrip() and
                host[:1] != b" ", "host", host,
                "a name in ASCII, padded with blanks")
    if is_short(m):
        return 140
    m.take(FCE_REL1)
    check_terms(m)
    return 156


def is_short(m):
    """Hosts from before release 1 end it where that goes on, and we never."""
    if m.ours or m.release:
        return False
    if m["type"] == ACCEPT:
        return len(m.data) == 144
    return len(m.data) == 148 + 16 * int.from_bytes(m.data[140:141], "big")


def check_terms(m):
    """What release 1 has added, here and in the Proposal."""
    if m.release:
        m.want_that(m["max_conns"] >= 16, "max_conns", m["max_conns"],
                    "16 to 255")
        m.want_in("max_links", (1, 2), "1 or 2")
        m.want_bits("features", 1)
    else:
        for field in ("max_conns", "max_links", "features"):
            m.want(field, 0)


def check_gids(m, begin):
    m.take(GIDS, begin)
    count, end = m["gids"], begin + 4
    m.want_that(1 <= count <= 2, "gids", count, "1 or 2")
    for number in range(count):
        name = "gids_%d" % number
        m.take([(name, end, 16, RAW)])
        gid = m[name]
        m.want_that(is_gid(gid), name, gid, "a unicast address")
        if number:
            m.want_that(gid != m["gid"], name, gid, "another one")
        else:
            m.want_that(gid == m["gid"], name, gid, m["gid"])
        end += 16
    return end


def check_decline(m):
    m.take(REFUSE)
    v2 = m.version > 1
    m.want_that(bool(m["flags"] & OUT_OF_SYNC) ==
                (m["diagnosis"] == SYNC_ERROR), "flags", m["flags"],
                "out of sync, if and only if that is the diagnosis")
    m.want_that(not m["flags"] & 7, "flags", m["flags"], "no reserved bits")
    check_peer_id(m, False)
    m.ours_wants(m["diagnosis"] in DIAGNOSES, "diagnosis", m["diagnosis"],
                 "one that is known")
    m.want("os", OS_LINUX << 4 if v2 else 0)
    if v2:
        m.take(REFUSE_V2)
    check_length(m, 44 if v2 else 28)
