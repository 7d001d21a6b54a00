# SPDX-License-Identifier: GPL-2.0
"""The pnet table over netlink: errno, extack, and what it does."""
import errno
import os

from . import pnet_nl
from .core import HERE, NO_DEVICE, counters, growth, in_netns, lab_test, \
    rdma_name
from .netns import enter

SCRIPT = os.path.join(HERE, "labtests/pnet_nl.py")


def inside(netns, *words):
    enter(netns)
    return pnet_nl.command(*words)


def pnet(host, *words, netns=""):
    """A command on a host, in its own or another network namespace."""
    if in_netns(host):
        return host.call(inside, netns or host.netns,
                         *[word.strip("'") for word in words])
    return host.run("%s python3 -B %s %s" % (
        "ip netns exec " + netns if netns else "", SCRIPT,
        " ".join(words))).json()


def pnet_initial(host, *words):
    """The same in the initial namespace, whose table has RDMA devices."""
    return pnet_nl.command(*words) if in_netns(host) else pnet(host, *words)


def expect(t, name, result, wanted, extack=True):
    """A refusal has the right errno, and says why."""
    passed = result["errno"] == wanted and \
        (not wanted or not extack or result["extack"])
    t.sub(name, bool(passed), "errno=%s extack=%r" % (
        errno.errorcode.get(result["errno"], result["errno"]),
        result["extack"]))


@lab_test("faults", two_hosts="RDMA devices have their PNET IDs in the initial "
          "namespace")
def pnet_commands(t):
    h = t.h1
    t.on_exit(lambda: pnet(h, "flush"))
    expect(t, "flush", pnet(h, "flush"), 0)
    expect(t, "add_eth", pnet(h, "add", "name=NETA", "eth=eth0"), 0)
    expect(t, "add_eth_again", pnet(h, "add", "name=NETB", "eth=eth0"),
           errno.EEXIST)
    expect(t, "add_ib", pnet(h, "add", "name=netb", "ib=" + rdma_name(h), "port=1"), 0)
    expect(t, "add_ib_again", pnet(h, "add", "name=NETB", "ib=" + rdma_name(h), "port=1"),
           errno.EEXIST)
    expect(t, "add_both", pnet(h, "add", "name=NETC", "eth=not0", "ib=not1",
                               "port=2"), 0)
    dump = pnet(h, "dump")
    want = [["NETA", "eth0", "n/a", 255], ["NETB", "n/a", rdma_name(h), 1],
            ["NETC", "not0", "n/a", 255], ["NETC", "n/a", "not1", 2]]
    t.sub("dump", sorted(dump["entries"]) == sorted(want), repr(dump))
    get = pnet(h, "get", "name=NETC")
    t.sub("get", sorted(get["entries"]) == sorted(want[2:]), repr(get))
    expect(t, "del_missing", pnet(h, "del", "name=NOSUCH"), errno.ENOENT)
    expect(t, "del", pnet(h, "del", "name=NETC"), 0)
    t.sub("deleted", len(pnet(h, "dump")["entries"]) == 2)
    expect(t, "flush_again", pnet(h, "flush"), 0)
    t.sub("flushed", not pnet(h, "dump")["entries"])


@lab_test("faults")
def pnet_refused(t):
    h = t.h1
    for name, words, wanted in (
            ("no_name", ("add", "eth=eth0"), errno.EINVAL),
            ("no_device", ("add", "name=NETA"), errno.EINVAL),
            ("del_no_name", ("del",), errno.EINVAL),
            ("get_no_name", ("get",), errno.EINVAL),
            ("empty_name", ("add", "name=", "eth=eth0"), errno.EINVAL),
            ("bad_character", ("add", "name=NET-A", "eth=eth0"), errno.EINVAL),
            ("blank_inside", ("add", "'name=NET A'", "eth=eth0"),
             errno.EINVAL),
            ("port_0", ("add", "name=NETA", "ib=" + rdma_name(h), "port=0"),
             errno.EINVAL),
            ("port_3", ("add", "name=NETA", "ib=" + rdma_name(h), "port=3"),
             errno.EINVAL),
            ("long_name", ("add", "name=" + "A" * 17, "eth=eth0"),
             errno.ERANGE),
            ("long_eth", ("add", "name=NETA", "eth=" + "e" * 16),
             errno.ERANGE),
            ("long_ib", ("add", "name=NETA", "ib=" + "i" * 64),
             errno.ERANGE)):
        result = pnet(h, *words)
        # The policy's own refusals may be EINVAL or ERANGE
        if wanted == errno.ERANGE and result["errno"] == errno.EINVAL:
            wanted = errno.EINVAL
        expect(t, name, result, wanted)
    for command in (("add", "name=NETA", "eth=eth0"), ("del", "name=NETA"),
                    ("flush",)):
        expect(t, "user_" + command[0], pnet(h, *command, "user=1"),
               errno.EPERM, extack=False)
    expect(t, "user_dump", pnet(h, "dump", "user=1"), 0)
    t.sub("table_empty", not pnet(h, "dump")["entries"])


@lab_test("faults")
def pnet_per_namespace(t):
    h = t.h1
    h.run("ip netns add pnet")
    t.on_exit(lambda: h.run("ip netns del pnet"))
    t.on_exit(lambda: pnet(h, "flush"))
    pnet(h, "add", "name=NETA", "eth=eth0")
    t.equal(pnet(h, "dump", netns="pnet")["entries"], [], "table of a new one")
    expect(t, "add", pnet(h, "add", "name=NETB", "eth=eth0", netns="pnet"), 0)
    expect(t, "no_rdma", pnet(h, "add", "name=NETB", "ib=" + rdma_name(h),
                              "port=1", netns="pnet"), errno.EEXIST)
    t.equal(pnet(h, "dump")["entries"], [["NETA", "eth0", "n/a", 255]],
            "the first one's table")


@lab_test("faults")
def pnet_selects_device(t):
    """An Ethernet device in a PNET excludes RDMA devices outside of it."""
    h = t.h1
    port, _ = t.serve(t.h2)
    t.on_exit(lambda: pnet_initial(h, "flush"))
    t.on_exit(lambda: pnet(h, "flush"))
    pnet(h, "add", "name=NETA", "eth=eth0")
    before = counters(t.h2)
    out = t.load(h, "rr", port, options="--expect tcp")
    t.equal(hex(out.reason()), hex(NO_DEVICE), "reason")
    t.check(growth(before, counters(t.h2))["decline_rx"] >= 1,
            "the client has not declined")
    pnet_initial(h, "add", "name=NETA", "ib=" + rdma_name(h), "port=1")
    t.load(h, "rr", port, options="--expect smcr")
    pnet(h, "flush")
    pnet_initial(h, "flush")
    t.load(h, "rr", port, options="--expect smcr")
