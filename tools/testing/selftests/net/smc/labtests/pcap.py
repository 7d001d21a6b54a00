# SPDX-License-Identifier: GPL-2.0
"""What a protocol analyser sees on the wire."""
import shutil
import subprocess

from .core import lab_test
from .decode import check_pcap
from .version2 import set_eids, WHY

# Name of the check, display filter, at least so many packets.
WANTED = (
    ("syn_option", "tcp.flags.syn == 1 && tcp.flags.ack == 0 && "
     "tcp.options contains fe:06:e2:d4:c3:d9", 2),
    ("synack_option", "tcp.flags.syn == 1 && tcp.flags.ack == 1 && "
     "tcp.options contains fe:06:e2:d4:c3:d9", 2),
    ("clc_proposal", "smc.clc_msg == 1", 2),
    ("clc_accept", "smc.clc_msg == 2", 2),
    ("clc_confirm", "smc.clc_msg == 3", 2),
    ("llc_confirm_link", "smc.llc_msg in {1, 0x21}", 2),
    ("llc_confirm_rkey", "smc.llc_msg in {6, 0x26}", 2),
    ("cdc", "smc.llc_msg == 0xfe", 20),
)

# What the decoder must have seen of us, as patterns.
KINDS = ("syn", "synack", "proposal_v2", "accept_v?", "confirm_v?",
         "llc_confirm_link", "llc_confirm_link_response", "llc_confirm_rkey",
         "llc_confirm_rkey_response", "cdc", "rdma_write", "ack")
KINDS_V2 = ("accept_v2", "confirm_v2") + KINDS


def count(pcap, display_filter):
    result = subprocess.run(
        ["tshark", "-n", "-r", pcap, "-Y", display_filter, "-T", "fields",
         "-e", "frame.number"], check=True, capture_output=True, text=True,
        timeout=300)
    return len(result.stdout.split())


def traffic(t):
    """Well-behaved connections, by IPv4 and IPv6."""
    for option, peer in (("", t.h2.ipv4), ("-6", t.h2.ipv6)):
        port, _ = t.serve(t.h2, options=option)
        t.load(t.h1, "rr", port, peer=peer, options=option +
               " --conns 8 --count 20 --size 3000 --expect smcr")
        t.load(t.h1, "bulk", port, peer=peer, options=option +
               " --conns 2 --count 2000000 --size 30000 --expect smcr")
        t.load(t.h1, "cycle", port, peer=peer, options=option +
               " --conns 2 --count 10 --expect smcr")


@lab_test("faults", two_hosts="smcsim moves messages and data in memory")
def pcap(t):
    """First in its lab: only well-behaved traffic is in the file."""
    traffic(t)
    copy = t.lab.directory + "/wellbehaved.pcap"
    shutil.copy(t.lab.pcap, copy)
    for name, display_filter, least in WANTED:
        number = count(copy, display_filter)
        t.sub(name, number >= least, "packets=%d" % number)
    number = count(copy, "smc && _ws.malformed")
    t.sub("none_malformed", number == 0, "packets=%d" % number)
    number = count(copy, "tcp.len > 0 && tcp.port >= 21000 && "
                   "tcp.port < 22000 && !smc && "
                   "!(tcp.payload contains e2:d4:c3:d9)")
    t.sub("no_data_on_tcp", number == 0, "packets=%d" % number)


def decode_all(t, kinds):
    """Whatever the lab has said so far must be as it is written."""
    found = check_pcap(t.lab.pcap)
    t.say(found.totals())
    missing = found.missing(kinds)
    t.sub("kinds", not missing, " ".join(missing))
    blind = found.ours["elsewhere"] + found.ours["not_captured"]
    t.sub("all_followed", blind == 0, "packets=%d" % blind)
    for line in found.lines():
        t.say(line)
    t.sub("violations", found.number == 0, "number=%d" % found.number)


@lab_test("faults", two_hosts="smcsim moves messages and data in memory")
def decoder(t):
    traffic(t)
    decode_all(t, KINDS)


@lab_test("faults", two_hosts=WHY)
def decoder_v2(t):
    set_eids(t, ["ONE", "TWO.2"], ["TWO.2"])
    traffic(t)
    decode_all(t, KINDS_V2)
