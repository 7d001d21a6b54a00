#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""One SMC_PNETID command; prints a JSON object with errno, extack, entries.

    pnet_nl.py add|del|get|flush|dump|family [name=N] [eth=D] [ib=D] [port=P]

Raw generic netlink: values are passed on as they are, right or wrong.
"""
import json
import os
import socket
import struct
import sys

NLM_REQUEST, NLM_ACK, NLM_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
GENL_ID_CTRL, CTRL_GETFAMILY, CTRL_ID, CTRL_NAME = 16, 3, 1, 2
SOL_NETLINK, NETLINK_EXT_ACK, NETLINK_CAP_ACK = 270, 11, 10
COMMANDS = {"get": 1, "dump": 1, "add": 2, "del": 3, "flush": 4}
ATTRS = {"name": 1, "eth": 2, "ib": 3, "port": 4}


def attr(kind, payload):
    data = struct.pack("HH", 4 + len(payload), kind) + payload
    return data + bytes(-len(data) % 4)


def attrs(data):
    found = {}
    while len(data) >= 4:
        size, kind = struct.unpack_from("HH", data)
        if size < 4:
            break
        found[kind & 0x3fff] = data[4:size]
        data = data[(size + 3) & ~3:]
    return found


def text(payload):
    return payload.rstrip(b"\0").decode()


class Netlink:
    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.sock.settimeout(10)

    def request(self, family, command, payload, flags):
        genl = struct.pack("BBH", command, 1, 0) + payload
        self.sock.send(struct.pack("IHHII", 16 + len(genl), family,
                                   NLM_REQUEST | flags, 1, 0) + genl)
        result = {"errno": 0, "extack": "", "attr": 0, "messages": []}
        while not self.take(self.sock.recv(65536), result, flags):
            pass
        return result

    def take(self, data, result, flags):
        """Takes one datagram; true if it was the last."""
        while len(data) >= 16:
            size, kind, nlflags, _, _ = struct.unpack_from("IHHII", data)
            body = data[16:size]
            if kind in (NLMSG_ERROR, NLMSG_DONE):
                result["errno"] = -struct.unpack_from("i", body)[0] \
                    if len(body) >= 4 else 0
                self.extack(body, kind, nlflags, result)
                return True
            result["messages"].append(attrs(body[4:]))
            data = data[(size + 3) & ~3:]
        return False

    @staticmethod
    def extack(body, kind, nlflags, result):
        if not nlflags & 0x200:		# NLM_F_ACK_TLVS
            return
        skip = 4
        if kind == NLMSG_ERROR:
            inner = struct.unpack_from("I", body, 4)[0]
            skip = 20 if nlflags & 0x100 else 4 + inner
        found = attrs(body[skip:])
        result["extack"] = text(found.get(1, b""))
        if 2 in found:
            result["attr"] = struct.unpack("I", found[2])[0]


def command(name, *words):
    """Carries a command out; returns what is to be printed."""
    words = dict(word.split("=", 1) for word in words)
    if words.pop("user", ""):
        os.setgid(65534)
        os.setuid(65534)
    netlink = Netlink()
    family = netlink.request(GENL_ID_CTRL, CTRL_GETFAMILY,
                             attr(CTRL_NAME, b"SMC_PNETID\0"), NLM_ACK)
    if family["errno"] or name == "family":
        return {"errno": family["errno"], "extack": "family"}
    number = struct.unpack("H", family["messages"][0][CTRL_ID])[0]
    payload = b""
    for key, value in words.items():
        payload += attr(ATTRS[key], struct.pack("B", int(value))
                        if key == "port" else value.encode() + b"\0")
    flags = NLM_DUMP if name == "dump" else NLM_ACK
    result = netlink.request(number, COMMANDS[name], payload, flags)
    result["entries"] = [
        [text(m.get(1, b"")), text(m.get(2, b"")), text(m.get(3, b"")),
         m.get(4, b"\0")[0]] for m in result.pop("messages")]
    return result


if __name__ == "__main__":
    print(json.dumps(command(*sys.argv[1:])))
