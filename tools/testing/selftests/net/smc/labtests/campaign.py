# SPDX-License-Identifier: GPL-2.0
"""Fault campaigns: smc_campaign in two namespaces, over simulated adapters.

SMC_CAMPAIGN_SEED repeats a run of random faults, SMC_CAMPAIGN_ROUNDS makes it
shorter or longer. SMC_CAMPAIGN_EVERY=1 injects the faults of adapters at every
point of a connection's life, which takes an hour. scripts/uml has the kernel
for all this.
"""
import os
import time

from .core import (BIN, counters, find_line, growth, lab_test, parse_pairs,
                   settle, smc_sockets)

SEED = int(os.environ.get("SMC_CAMPAIGN_SEED", int(time.time()) & 0xffffffff))
ROUNDS = int(os.environ.get("SMC_CAMPAIGN_ROUNDS", 60))
STORM_ROUNDS = 14
STORM_FAULTS = 10000
FAULT_PARTS = 4
EVERY = os.environ.get("SMC_CAMPAIGN_EVERY", "") == "1"
TIMEOUT = 900


def groups_left(host):
    stat = counters(host)
    return stat["lgr_created"] - stat["lgr_ended"]


def version_used(t, before):
    """Connections were of the version that the lab's GIDs are for.

    Not quite all of them: without memory for its part of the Proposal version
    1 is what remains of version 2.
    """
    for host, role, old in zip((t.h1, t.h2), ("clnt", "srv"), before):
        made = growth(old, counters(host))
        t.check(made["hs_" + role], "no connection over SMC-R")
        share = made["hs_%s_v2" % role] / made["hs_" + role]
        t.say("%d connections of the %s, %.0f %% of them of version 2"
              % (made["hs_" + role], role, 100 * share))
        t.check(share > 0.9 if host.gids == "v2" else share == 0,
                "the wrong version")


def campaign(t, part, options="", least=None, ipv6=False):
    """Runs a part; least are numbers of its last line that it must reach."""
    before = counters(t.h1), counters(t.h2)
    result = t.h1.run("%s/smc_campaign --part %s --client %s --server %s %s"
                      % (BIN, part, *((h.ipv6 if ipv6 else h.ipv4)
                                      for h in (t.h1, t.h2)), options),
                      timeout=TIMEOUT, check=False)
    t.say(result.stdout.strip() + result.stderr)
    last = parse_pairs(find_line(result.stdout, "faults="))
    t.equal(result.code, 0, "exit code")
    for name in ("wrong", "hangs", "leaks"):
        t.equal(last.get(name), "0", name)
    for name, number in (least or {}).items():
        t.check(int(last.get(name, 0)) >= number,
                "%s: %s, wanted %d" % (name, last.get(name), number))
    version_used(t, before)
    for host in (t.h1, t.h2):
        t.equal(smc_sockets(host), [], "sockets left on " + host.name)
        groups = settle(lambda h=host: groups_left(h), lambda n: not n)
        t.equal(groups, 0, "groups left on " + host.name)


@lab_test("campaign")
def calls(t):
    """Every allocation of every system call, one at a time."""
    campaign(t, "calls", least={"allocations": 200, "survived": 100})


@lab_test("campaign2")
def calls_v2(t):
    campaign(t, "calls", least={"allocations": 200, "survived": 100})


@lab_test("campaign")
def module(t):
    """Every allocation on the module's behalf, one at a time."""
    campaign(t, "module", least={"allocations": 100, "fallbacks": 10})


@lab_test("campaign2")
def module_v2(t):
    """The same by IPv6, for whose routes and neighbours there is more."""
    campaign(t, "module", least={"allocations": 100, "fallbacks": 10},
             ipv6=True)


@lab_test("campaign2")
def faults_v2(t):
    """Some of an adapter's faults: among them those of all that is made."""
    campaign(t, "faults", "--slice 2/%d" % FAULT_PARTS,
             least={"device_faults": 50, "cases": 80, "errors": 10,
                    "fallbacks": 2}, ipv6=True)


def faults_of(part):
    """Registers a part of the kinds of faults: kernels can share them."""
    def faults(t):
        campaign(t, "faults", "--slice %d/%d%s" % (
            part, FAULT_PARTS, " --every" if EVERY else ""),
                 least={"device_faults": 50, "cases": 80, "errors": 10,
                        "fallbacks": 2})

    faults.__doc__ = "Faults of an adapter at many points of a life."
    faults.__name__ = "faults_%d" % part
    lab_test("campaign")(faults)


for _part in range(FAULT_PARTS):
    faults_of(_part)


@lab_test("campaign")
def storm(t):
    """Late, doubled, lost messages and the like: nobody may notice."""
    campaign(t, "storm", "--seed %d --rounds %d --faults %d" % (
        SEED, STORM_ROUNDS, STORM_FAULTS),
             least={"faults": STORM_FAULTS, "native": 8 * STORM_ROUNDS})


@lab_test("campaign")
def random(t):
    """Several faults at once on several connections, at random."""
    campaign(t, "random", "--seed %d --rounds %d" % (SEED, ROUNDS),
             least={"faults": ROUNDS, "errors": ROUNDS // 2})
