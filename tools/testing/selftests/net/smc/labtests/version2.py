# SPDX-License-Identifier: GPL-2.0
"""SMC-R version 2: hosts on one subnet, with Enterprise IDs and without."""
import os

from .core import TOP, counters, growth, lab_test

SMC = os.path.join(TOP, "build/tools/smc/smc")
WHY = "in one kernel the lab roce2 has RoCEv2 GIDs"


def v2_test(function):
    """Registers a test, for virtual machines and for namespaces."""
    lab_test("stress", two_hosts=WHY)(function)
    lab_test("roce2")(function)
    return function


def set_eids(t, ours, theirs):
    """Gives each host its EIDs, until the end of the test."""
    for host, names in ((t.h1, ours), (t.h2, theirs)):
        for name in names:
            host.run("%s eid add %s" % (SMC, name))
        t.on_exit(lambda host=host: host.run(SMC + " eid flush"))


def version2(t):
    """Traffic by IPv4 and IPv6; did version 2 carry it?"""
    for option, peer in (("", t.h2.ipv4), ("-6", t.h2.ipv6)):
        before = counters(t.h1), counters(t.h2)
        port, _ = t.serve(t.h2, options=option)
        t.load(t.h1, "bulk", port, peer=peer, options=option +
               " --conns 4 --count 2000000 --size 30000 --expect smcr")
        t.load(t.h1, "cycle", port, peer=peer, options=option +
               " --conns 4 --count 20 --expect smcr")
        moved = [growth(b, counters(h))
                 for b, h in zip(before, (t.h1, t.h2))]
        for side, role in zip(moved, ("clnt", "srv")):
            t.equal(side["hs_" + role], 24, "connections")
            t.equal(side["hs_%s_v2" % role], 24,
                    "connections of version 2")


@v2_test
def v2_common_eid(t):
    set_eids(t, ["ONE", "TWO.2"], ["TWO.2"])
    version2(t)


@v2_test
def v2_no_eid(t):
    version2(t)


@v2_test
def v2_no_common_eid(t):
    """The built-in one is left."""
    set_eids(t, ["ONE"], ["TWO.2"])
    version2(t)


@v2_test
def v2_table(t):
    """What the table of EIDs takes and refuses."""
    def smc(words):
        result = t.h1.run("%s eid %s" % (SMC, words), check=False)
        return result.code, result.stdout + result.stderr

    t.on_exit(lambda: t.h1.run(SMC + " eid flush"))
    for name in ("A", "B.-9", "7", "X" * 32):
        t.equal(smc("add " + name)[0], 0, "add " + name)
    for words, text in (("add LAST", "no room"), ("add A", "already"),
                        ("add AF-SMC.SAME-SUBNET", "already"),
                        ("add lower", "A-Z"), ("add .DOT", "A-Z"),
                        ("del NONE", "not in the table")):
        code, output = smc(words)
        t.check(code == 2 and text in output, "%s: %s" % (words, output))
    t.equal(smc("del B.-9")[0], 0, "del")
    t.equal(smc("show")[1].split(), ["name", "A", "name", "7", "name",
                                     "X" * 32], "show")
    t.equal(smc("flush")[0], 0, "flush")
    t.equal(smc("show")[1], "", "show after flush")


@lab_test("roce2")
def eids_per_namespace(t):
    """What one host does with its table is nothing to the other."""
    def smc(host, words):
        return host.run("%s eid %s" % (SMC, words)).stdout.split()

    set_eids(t, ["ONE", "BOTH"], ["BOTH"])
    t.equal(smc(t.h2, "show"), ["name", "BOTH"], "the other host's table")
    smc(t.h2, "del BOTH")
    smc(t.h2, "add TWO")
    smc(t.h1, "flush")
    t.equal(smc(t.h1, "show"), [], "the table after its flush")
    t.equal(smc(t.h2, "show"), ["name", "TWO"], "the other host's after that")
