# SPDX-License-Identifier: GPL-2.0
"""What a protocol analyser sees on the wire."""
import shutil
import subprocess

from .core import lab_test

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


def count(pcap, display_filter):
    result = subprocess.run(
        ["tshark", "-n", "-r", pcap, "-Y", display_filter, "-T", "fields",
         "-e", "frame.number"], check=True, capture_output=True, text=True,
        timeout=300)
    return len(result.stdout.split())


@lab_test("faults", two_hosts="smcsim moves messages and data in memory")
def pcap(t):
    """First in its lab: only well-behaved traffic is in the file."""
    for option, peer in (("", t.h2.ipv4), ("-6", t.h2.ipv6)):
        port, _ = t.serve(t.h2, options=option)
        t.load(t.h1, "rr", port, peer=peer, options=option +
               " --conns 8 --count 20 --size 3000 --expect smcr")
        t.load(t.h1, "bulk", port, peer=peer, options=option +
               " --conns 2 --count 2000000 --size 30000 --expect smcr")
        t.load(t.h1, "cycle", port, peer=peer, options=option +
               " --conns 2 --count 10 --expect smcr")
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
