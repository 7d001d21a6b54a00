# SPDX-License-Identifier: GPL-2.0
"""LLC and CDC messages: what each must look like on its own."""
from .fields import NUM, RAW, ZERO, gid_fits, is_gid, is_mac

LENGTH = 44
CDC = 0xfe
CONFIRM_LINK, ADD_LINK, ADD_LINK_CONT, DELETE_LINK, REQ_ADD_LINK, \
    CONFIRM_RKEY, TEST_LINK, CONFIRM_RKEY_CONT, DELETE_RKEY = range(1, 10)
NAMES = {CONFIRM_LINK: "confirm_link", ADD_LINK: "add_link",
         ADD_LINK_CONT: "add_link_cont", DELETE_LINK: "delete_link",
         REQ_ADD_LINK: "request_add_link", CONFIRM_RKEY: "confirm_rkey",
         TEST_LINK: "test_link", CONFIRM_RKEY_CONT: "confirm_rkey_cont",
         DELETE_RKEY: "delete_rkey"}
ONLY_V1 = (ADD_LINK_CONT, CONFIRM_RKEY_CONT)
LONG_V2 = (ADD_LINK, REQ_ADD_LINK)
RESPONSE, REJECTED, ALL_LINKS, ORDERLY = 0x80, 0x40, 0x40, 0x20
NEGATIVE, RETRY, NO_EYECATCHER = 0x20, 0x10, 0x03
FLAGS = {CONFIRM_LINK: NO_EYECATCHER, ADD_LINK: REJECTED,
         DELETE_LINK: ALL_LINKS | ORDERLY, CONFIRM_RKEY: NEGATIVE | RETRY,
         DELETE_RKEY: NEGATIVE}
REASONS = (0x00010000, 0x00020000, 0x00030000, 0x00040000, 0x00050000)
OUTCOMES = (0, 0x00100000, 0x00200000)

PORT = [("mac", 4, 6, RAW)]
LAYOUTS = {
    CONFIRM_LINK: PORT + [
        ("gid", 10, 16, RAW), ("qpn", 26, 3, NUM), ("link", 29, 1, NUM),
        ("user_id", 30, 4, NUM), ("max_links", 34, 1, NUM),
        ("max_conns", 35, 1, NUM), ("reserved_36", 36, 8, ZERO)],
    ADD_LINK: PORT + [
        ("reserved_10", 10, 2, ZERO), ("gid", 12, 16, RAW),
        ("qpn", 28, 3, NUM), ("link", 31, 1, NUM), ("mtu", 32, 1, NUM),
        ("psn", 33, 3, NUM), ("reserved_36", 36, 8, ZERO)],
    ADD_LINK_CONT: [
        ("link", 4, 1, NUM), ("left", 5, 1, NUM), ("reserved_6", 6, 2, ZERO),
        ("pairs", 8, 32, RAW), ("reserved_40", 40, 4, ZERO)],
    DELETE_LINK: [
        ("link", 4, 1, NUM), ("reason", 5, 4, NUM),
        ("reserved_9", 9, 35, ZERO)],
    REQ_ADD_LINK: [
        ("reserved_4", 4, 20, ZERO), ("gids", 24, 1, NUM),
        ("reserved_25", 25, 3, ZERO)],
    CONFIRM_RKEY: [
        ("others", 4, 1, NUM), ("rkey", 5, 4, NUM), ("vaddr", 9, 8, NUM),
        ("other_0", 17, 13, RAW), ("other_1", 30, 13, RAW),
        ("reserved_43", 43, 1, ZERO)],
    TEST_LINK: [("data", 4, 16, RAW), ("reserved_20", 20, 24, ZERO)],
    CONFIRM_RKEY_CONT: [("left", 4, 1, NUM), ("entries", 5, 39, RAW)],
    DELETE_RKEY: [
        ("rkeys", 4, 1, NUM), ("errors", 5, 1, NUM),
        ("reserved_6", 6, 2, ZERO), ("list", 8, 32, RAW),
        ("reserved_40", 40, 4, ZERO)],
}
ADD_LINK_EXT = [
    ("ext_flags", 44, 1, NUM), ("reserved_45", 45, 1, ZERO),
    ("target_gid", 46, 16, RAW), ("reserved_62", 62, 8, ZERO),
    ("rkeys", 70, 2, RAW)]

BLOCKED, URGENT_PENDING, URGENT, WANTS_UPDATE, FAILOVER = \
    0x80, 0x40, 0x20, 0x10, 0x08
DONE, CLOSED, ABORTED = 0x80, 0x40, 0x20
CDC_LAYOUT = [
    ("type", 0, 1, NUM), ("length", 1, 1, NUM), ("seq", 2, 2, NUM),
    ("token", 4, 4, NUM), ("reserved_8", 8, 2, ZERO),
    ("prod_wrap", 10, 2, NUM), ("prod", 12, 4, NUM),
    ("reserved_16", 16, 2, ZERO), ("cons_wrap", 18, 2, NUM),
    ("cons", 20, 4, NUM), ("prod_flags", 24, 1, NUM),
    ("conn_flags", 25, 1, NUM), ("reserved_26", 26, 18, ZERO)]


def name_of(data):
    """Kind of a message, for the report; None if it is not SMC's."""
    if data[:1] == bytes([CDC]):
        return "cdc"
    kind = None
    if len(data) >= 4 and data[0] >> 4 in (0, 2):
        kind = NAMES.get(data[0] & 15)
    return kind and "llc_%s%s" % (kind, "_response" * (data[3] >> 7))


def check_llc(m, version):
    """Takes the fields of a message on a link of this version."""
    data = m.data
    m.type = data[0] & 15
    m.response = bool(data[3] & RESPONSE)
    m.fields.update(type=data[0], flags=data[3])
    m.want("type", m.type | (0x20 if version == 2 else 0))
    m.want_that(m.type not in (ONLY_V1 if version == 2 else (REQ_ADD_LINK,)),
                "type", m.type, "one of this version")
    check_header(m, version)
    m.want_bits("flags", RESPONSE | FLAGS.get(m.type, 0))
    m.take(LAYOUTS[m.type])
    check = CHECKS.get(m.type)
    if check:
        check(m, version)
    if m.type not in LONG_V2 or version == 1:
        m.want_that(len(data) == LENGTH, "length", len(data), LENGTH)


def check_header(m, version):
    """The length: of version 2 in the order of bytes of either school."""
    data = m.data
    if version == 1:
        m.want_that(data[1] == LENGTH, "length", data[1], LENGTH)
        reject = m.type == ADD_LINK and data[3] == RESPONSE | REJECTED
        m.want_that(data[2] in ((1, 2) if reject else (0,)), "reserved_2",
                    data[2], "1 or 2" if reject else "zeroes")
        return
    little = len(data).to_bytes(2, "little")
    big = len(data).to_bytes(2, "big")
    m.little = data[1:3] == little
    m.want_that(data[1:3] in (little, big), "length", data[1:3],
                little.hex() + " or " + big.hex())


def check_port(m):
    m.want_that(is_mac(m["mac"]), "mac", m["mac"], "a unicast address")
    m.want_that(is_gid(m["gid"]) and gid_fits(m["gid"], m["mac"]), "gid",
                m["gid"], "a unicast address that fits the MAC")
    m.want_that(m["qpn"] > 1, "qpn", m["qpn"], "above 1")


def check_confirm_link(m, version):
    check_port(m)
    m.want_that(m["flags"] & NO_EYECATCHER == NO_EYECATCHER, "flags",
                m["flags"], "the bits for no eyecatcher")
    m.want_that(m["link"] != 0, "link", m["link"], "not 0")
    m.want_that(m["user_id"] & 0xff == m["link"] and m["user_id"] >> 8 != 0,
                "user_id", m["user_id"], "a group, and link %d" % m["link"])
    m.want_in("max_links", (1, 2), "1 or 2")
    if version == 1:
        m.want("max_conns", 0)


def check_add_link(m, version):
    rejected = bool(m["flags"] & REJECTED)
    m.want_that(not rejected or m.response, "flags", m["flags"],
                "a rejection only in a response")
    refusable = not m.response and not m["mtu"]	# there will be no link
    if refusable:
        for field in ("qpn", "psn"):
            m.want(field, 0)
    elif not rejected:
        check_port(m)
        m.want_that(1 <= m["mtu"] <= 5, "mtu", m["mtu"], "1 to 5")
        m.want_that(m["link"] != 0, "link", m["link"], "not 0")
    if version == 1 or rejected or refusable:
        m.want_that(len(m.data) == LENGTH, "length", len(m.data), LENGTH)
        return
    m.take(ADD_LINK_EXT)
    count = (len(m.data) - 72) // 16
    m.want_bits("ext_flags", 0x80)
    m.want_that(len(m.data) == 72 + 16 * count, "length", len(m.data),
                "72 and a multiple of 16")
    m.want("target_gid", m["gid"])
    m.want_that(int.from_bytes(m["rkeys"], "little" if m.little else "big")
                == count, "rkeys", m["rkeys"], "%d, as there are" % count)
    m.take([("rkeys_%d" % number, 72 + 16 * number, 16, RAW)
            for number in range(count)])


def check_delete_link(m, _):
    if m["flags"] & ALL_LINKS:
        m.want("link", 0)
        m.want_that(not m.response, "flags", m["flags"], "no response")
    else:
        m.want_that(m["link"] != 0, "link", m["link"], "not 0")
    m.want_in("reason", OUTCOMES if m.response else REASONS,
              "one that is known")


def check_req_add_link(m, version):
    if m.response:
        m.want("gids", 0)
        m.want_that(len(m.data) == LENGTH and not any(m.data[28:]), "length",
                    m.data[28:], "44 bytes, zeroes from byte 28 on")
        return
    m.want_that(m["gids"] > 1, "gids", m["gids"], "at least 2")
    m.want_that(len(m.data) == 28 + 16 * m["gids"], "length", len(m.data),
                28 + 16 * m["gids"])


def check_confirm_rkey(m, _):
    refused = m["flags"] & (NEGATIVE | RETRY)
    m.want_that(not refused or m.response, "flags", m["flags"],
                "an answer only in a response")
    m.want_in("others", (0, 1, 2), "0 to 2")
    for number in range(2):
        entry = m["other_%d" % number]
        m.want_that((entry[0] != 0) == (number < m["others"]) and
                    (number < m["others"] or not any(entry)),
                    "other_%d" % number, entry,
                    "a link, or zeroes behind the last one")


def check_test_link(m, _):
    m.ours_wants(m.response or not any(m["data"]), "data", m["data"],
                 "zeroes")


def check_delete_rkey(m, version):
    m.want_that(1 <= m["rkeys"] <= 8, "rkeys", m["rkeys"], "1 to 8")
    m.want_that(m.response or not m["flags"] & NEGATIVE, "flags", m["flags"],
                "an answer only in a response")
    if not m.response:
        m.want("errors", 0)
    elif version == 1:
        m.want_that(bool(m["errors"]) == bool(m["flags"] & NEGATIVE) and
                    not m["errors"] & (0xff >> min(m["rkeys"], 8)), "errors",
                    m["errors"], "bits of those that failed")
    else:
        m.want_that(m["errors"] <= m["rkeys"], "errors", m["errors"],
                    "no more than there are")
    behind = m["list"][4 * m["rkeys"]:]
    m.want_that(not any(behind), "list", behind, "zeroes behind the last one")


CHECKS = {CONFIRM_LINK: check_confirm_link, ADD_LINK: check_add_link,
          DELETE_LINK: check_delete_link, REQ_ADD_LINK: check_req_add_link,
          CONFIRM_RKEY: check_confirm_rkey, TEST_LINK: check_test_link,
          DELETE_RKEY: check_delete_rkey}


def rkey_list(m):
    """The rkeys of a DELETE RKEY."""
    return [int.from_bytes(m["list"][4 * i:4 * i + 4], "big")
            for i in range(min(m["rkeys"], 8))]


def check_cdc(m):
    m.take(CDC_LAYOUT)
    m.want("length", LENGTH)
    m.want_that(len(m.data) == LENGTH, "length", len(m.data), LENGTH)
    m.want_that(m["token"] != 0, "token", m["token"], "not 0")
    m.want_bits("prod_flags", BLOCKED | URGENT_PENDING | URGENT |
                WANTS_UPDATE | FAILOVER)
    m.want_bits("conn_flags", DONE | CLOSED | ABORTED)
    if m["prod_flags"] & FAILOVER:
        for field in ("prod_wrap", "prod", "cons_wrap", "cons"):
            m.want(field, 0)
    m.want_that(not m["prod_flags"] & URGENT or
                m["prod_flags"] & URGENT_PENDING, "prod_flags",
                m["prod_flags"], "urgent data pending if they are there")
