# SPDX-License-Identifier: GPL-2.0
"""GIDs of RoCEv2 only, or of both versions; all else runs on RoCEv1.

Nothing is configured here: no EID, no PNET ID.
"""
import re

from .core import (NO_DEVICE, counters, declined_by_server, growth, in_netns,
                   lab_test, rdma_add, rdma_del, settle, smc_sockets)
from .netns import DEBUGFS
from .sockets import run_variant

GIDS = {"v1": {"IB/RoCE v1"}, "v2": {"RoCE v2"},
        "both": {"IB/RoCE v1", "RoCE v2"}}


def gid_types(host):
    """Types of the GIDs that the host's device has."""
    path = "/sys/class/infiniband/%s/ports/1/gid_attrs/types/*" % host.rdma
    text = host.run("grep -hs . %s || true" % path).stdout
    return set(re.findall(r".+", text))


def device_has(t, gids):
    for host in (t.h1, t.h2):
        t.equal(gid_types(host), GIDS[gids], "GIDs of " + host.rdma)


def traffic(t):
    """One connection after the other, data in both directions."""
    for option, peer in (("", t.h2.ipv4), ("-6", t.h2.ipv6)):
        port, _ = t.serve(t.h2, options=option)
        t.load(t.h1, "bulk", port, peer=peer, options=option +
               " --conns 4 --count 2000000 --size 30000 --expect smcr")
        t.load(t.h1, "cycle", port, peer=peer, options=option +
               " --conns 4 --count 40 --expect smcr")


@lab_test("roce1")
def gids_v1(t):
    """What all other tests run on."""
    device_has(t, "v1")
    traffic(t)


def violations(host):
    """What the simulated device has refused, of any kind; by name."""
    with open("%s/smcsim/%s/counters" % (DEBUGFS, host.rdma),
              encoding="ascii") as file:
        pairs = [line.split() for line in file]
    found = {name: int(value) for name, value in pairs
             if name.startswith("viol_")}
    return found if "viol_mtu" in found else None


def set_mtu(host, mtu):
    """With the device made anew: links keep the MTU that they began with."""
    rdma_del(host)
    host.run("ip link set eth0 mtu " + mtu)
    rdma_add(host)


@lab_test("roce1")
def mtu_of_one_side(t):
    """The smaller of two MTUs holds for both, whoever has it."""
    for host in (t.h1, t.h2):
        mtu = re.search(r"\bmtu (\d+)", host.run("ip link show dev eth0").stdout)
        before = [violations(h) for h in (t.h1, t.h2)] if in_netns(host) \
            else None
        set_mtu(host, "1500")
        try:
            traffic(t)
        finally:
            set_mtu(host, mtu.group(1))
        if before:
            t.check(None not in before, "the simulator does not look at MTUs")
            t.equal([violations(h) for h in (t.h1, t.h2)], before,
                    "violations, MTU 1500 on " + host.name)


@lab_test("roce2")
def gids_v2(t):
    device_has(t, "v2")
    traffic(t)


@lab_test("roce2")
def smc(t):
    run_variant(t, "smc")


@lab_test("roce_both")
def gids_both(t):
    device_has(t, "both")
    traffic(t)


def set_gids(t, host, gids):
    """Makes the host's device anew, with these GIDs."""
    rdma_del(host)
    host.gids = gids
    rdma_add(host)
    found = settle(lambda: gid_types(host), lambda types: types == GIDS[gids])
    t.equal(found, GIDS[gids], "GIDs of " + host.rdma)


def version_of(mine, theirs):
    """The version that hosts with these GIDs use, None: TCP."""
    have = [{"both": {1, 2}, "v1": {1}, "v2": {2}}[gids]
            for gids in (mine, theirs)]
    return max(have[0] & have[1], default=None)


def first_smcr(t, version, options, peer, fresh=True):
    """The first connection is SMC-R; so are those that follow it.

    fresh: there is no link group for them yet; None: maybe.
    """
    before = counters(t.h1), counters(t.h2)
    port, server = t.serve(t.h2, options=options)
    for count in (1, 4):
        t.load(t.h1, "bulk", port, peer=peer, options=options +
               " --conns %d --count 300000 --size 30000 --expect smcr" % count)
    sides = [growth(b, counters(h)) for b, h in zip(before, (t.h1, t.h2))]
    for side, role in zip(sides, ("clnt", "srv")):
        t.equal(side["hs_" + role], 5, "connections")
        t.equal(side["hs_%s_v2" % role], 5 if version == 2 else 0,
                "connections of version 2")
        if fresh is not None:
            t.equal(side["first_contact"], int(fresh), "first contacts")
        t.equal(side["fallback_" + role], 0, "connections in TCP")
    holder = t.hold(t.h1, port, peer=peer, options=options)
    links = [s for s in smc_sockets(t.h1) if s["rport"] == str(port)]
    t.equal([(s["mode"], s["link"]) for s in links], [("0", "1")],
            "sockets with a link in sock_diag")
    holder.stop()
    server.stop()


def first_tcp(t, options, peer):
    """No GID fits."""
    port, server = declined_by_server(t, options, peer, NO_DEVICE)
    holder = t.hold(t.h1, port, peer=peer, options=options)
    mine = [s for s in smc_sockets(t.h2)
            if s["lport"] == str(port) and s["rport"] != "0"]
    t.equal([(s["mode"], int(s["reason"], 16)) for s in mine],
            [("1", NO_DEVICE)], "the server's socket: mode, reason")
    holder.stop()
    server.stop()


def mixed(t, mine, theirs):
    """A client's device and a server's, and no more than that."""
    set_gids(t, t.h1, mine)
    set_gids(t, t.h2, theirs)
    version = version_of(mine, theirs)
    for options, peer in (("", t.h2.ipv4), ("-6", t.h2.ipv6)):
        if version:
            # A RoCEv1 GID serves both, those of RoCEv2 are addresses.
            first_smcr(t, version, options, peer,
                       version == 2 or not options)
        else:
            first_tcp(t, options, peer)


def register_mixed():
    for mine in GIDS:
        for theirs in GIDS:
            def test(t, mine=mine, theirs=theirs):
                mixed(t, mine, theirs)
            test.__name__ = "client_%s_server_%s" % (mine, theirs)
            lab_test("roce_mixed")(test)


register_mixed()


@lab_test("roce_both")
def tcp_through_gateway(t):
    """Prefixes that fit do not make a neighbour of who is behind a router."""
    for host, peer in ((t.h1, t.h2), (t.h2, t.h1)):
        route = "{0}/32 via {0} dev eth0 onlink".format(peer.ipv4)
        host.run("ip route add " + route)
        t.on_exit(lambda host=host, route=route:
                  host.run("ip route del " + route, check=False))
        first_smcr(t, 1, "", t.h2.ipv4, None)
        host.run("ip route del " + route)
    first_smcr(t, 2, "", t.h2.ipv4, None)
