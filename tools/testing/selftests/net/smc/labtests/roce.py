# SPDX-License-Identifier: GPL-2.0
"""GIDs of RoCEv2 only, or of both versions; all else runs on RoCEv1."""
import re

from .core import in_netns, lab_test
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
