# SPDX-License-Identifier: GPL-2.0
"""Version 2 through a router: host1 and host2 on subnets of their own."""
import re
import time

from .core import (OTHER_PREFIX, counters, declined_by_server, gid_of, growth,
                   lab_test, load_smc, smc_sockets, unload_smc)
from .pcap import count
from .version2 import set_eids

WHY = "three hosts, and RDMA that goes through IP"
TRACE = "/sys/kernel/tracing"
EVENT = TRACE + "/events/smc/smc_link_connect/enable"
# The router's port towards each host.
ROUTER_MAC = {1: "52:54:00:00:00:03", 2: "52:54:00:00:01:03"}
HOPS = 64


def watch_links(t):
    """Has the kernels note each link that they bring up."""
    for host in (t.h1, t.h2):
        host.run("mountpoint -q {0} || mount -t tracefs none {0}; "
                 "echo > {0}/trace; echo 1 > {1}".format(TRACE, EVENT))
        t.on_exit(lambda host=host: host.run("echo 0 > " + EVENT))


def links(host):
    """The links noted, since the last call: dictionaries of text."""
    text = host.run("cat {0}/trace; echo > {0}/trace".format(TRACE)).stdout
    return [dict(re.findall(r"(\w+)=(\S+)", line))
            for line in text.splitlines() if " smc_link_connect: " in line]


def one_way(t, client, server, v6):
    """Connections from one host to the other, all over one routed link."""
    options = "-6" if v6 else ""
    address = {host: host.ipv6 if v6 else host.ipv4 for host in (t.h1, t.h2)}
    before = counters(client), counters(server)
    port, process = t.serve(server, options=options)
    t.load(client, "bulk", port, peer=address[server], options=options +
           " --conns 4 --count 2000000 --size 30000 --expect smcr")
    t.load(client, "rr", port, peer=address[server], options=options +
           " --conns 1 --count 100 --size 3000 --expect smcr")
    holder = t.hold(client, port, peer=address[server], options=options)
    for host, peer, end in ((client, server, "rport"),
                            (server, client, "lport")):
        found = [(s["gid"], s["peer_gid"]) for s in smc_sockets(host)
                 if s[end] == str(port) and s["link"] == "1"]
        t.equal(found, [(gid_of(address[host]), gid_of(address[peer]))],
                "GIDs of the connection on " + host.name)
        number = 1 if host is t.h1 else 2
        wanted = {"version": "2", "gid": gid_of(address[peer]),
                  "mac": ROUTER_MAC[number], "hops": str(HOPS)}
        found = [{key: link[key] for key in wanted} for link in links(host)]
        t.equal(found, [wanted], "links of " + host.name)
    holder.stop()
    sides = [growth(b, counters(h)) for b, h in zip(before, (client, server))]
    for side, role in zip(sides, ("clnt", "srv")):
        t.equal(side["hs_" + role], 6, "connections")
        t.equal(side["hs_%s_v2" % role], 6, "connections of version 2")
        t.equal(side["first_contact"], 1, "first contacts")
        t.equal(side["fallback_" + role], 0, "connections in TCP")
    process.stop()


def routed(t, v6):
    set_eids(t, ["ROUTED.1"], ["OTHER", "ROUTED.1"])
    watch_links(t)
    one_way(t, t.h1, t.h2, v6)
    one_way(t, t.h2, t.h1, v6)
    # On the Ethernet of host1: to the router, and from it with a hop less.
    hops = "ipv6.hlim" if v6 else "ip.ttl"
    for end, left in (("dst", HOPS), ("src", HOPS - 1)):
        number = count(t.lab.pcap, "udp.dstport == 4791 && eth.%s == %s && "
                       "%s == %d" % (end, ROUTER_MAC[1], hops, left))
        t.check(number > 100, "RoCEv2 packets with router as %s, %s %d: %d"
                % (end, hops, left, number))


@lab_test("routed", two_hosts=WHY)
def ipv4(t):
    routed(t, False)


@lab_test("routed", two_hosts=WHY)
def ipv6(t):
    routed(t, True)


@lab_test("routed", two_hosts=WHY)
def no_eid(t):
    """The EID of neighbours is not for hosts behind a router."""
    for options, peer in (("", t.h2.ipv4), ("-6", t.h2.ipv6)):
        declined_by_server(t, options, peer, OTHER_PREFIX)[1].stop()


def other_way_back(t, gateway):
    """From host2, packets to host1's GID take another way than TCP.

    TCP has a second address of host1, which is not its first GID.
    """
    set_eids(t, ["ROUTED.1"], ["ROUTED.1"])
    for host, undo, do in (
            (t.h1, "ip addr del 10.0.0.101/24 dev eth0",
             "ip addr add 10.0.0.101/24 dev eth0"),
            (t.h1, "ip route replace 10.0.1.0/24 via 10.0.0.3",
             "ip route replace 10.0.1.0/24 via 10.0.0.3 src 10.0.0.101"),
            (t.h2, "ip route del 10.0.0.1/32",
             "ip route add 10.0.0.1/32 via " + gateway)):
        host.run(do)
        t.on_exit(lambda host=host, undo=undo: host.run(undo))


@lab_test("routed", two_hosts=WHY)
def next_hop_is_asked_for(t):
    """A next hop that nobody has spoken to yet."""
    unload_smc(t.h2)	# and with it the groups
    load_smc(t.h2)
    t.lab[3].run("ip addr add 10.0.1.33/24 dev eth1")
    other_way_back(t, "10.0.1.33")
    watch_links(t)
    t.equal(t.h2.run("ip neigh show 10.0.1.33").stdout, "", "neighbour")
    port, process = t.serve(t.h2)
    t.load(t.h1, "bulk", port,
           options="--count 300000 --size 30000 --expect smcr")
    found = [(link["gid"], link["mac"]) for link in links(t.h2)]
    t.equal(found, [(gid_of("10.0.0.1"), ROUTER_MAC[2])], "links of host2")
    process.stop()


@lab_test("routed", two_hosts=WHY)
def next_hop_is_silent(t):
    """Nobody has the next hop's address: TCP, and soon."""
    other_way_back(t, "10.0.1.99")
    began = time.monotonic()
    declined_by_server(t, "", t.h2.ipv4, OTHER_PREFIX)[1].stop()
    took = time.monotonic() - began
    t.check(took < 10, "it took %.1f s" % took)
