# SPDX-License-Identifier: GPL-2.0
"""The kernel's own module of 6.12 as the peer, for long: much data, many
connections, in each role and version, over IPv4.

SMC_BULK_BYTES: how much each way, all of it checked (1 GiB); SMC_CYCLES: how
many connections one after the other (500).
"""
import os

from . import interop
from .core import lab_test

BULK = int(os.environ.get("SMC_BULK_BYTES", 1 << 30))
CYCLES = int(os.environ.get("SMC_CYCLES", 500))
WORLD = interop.stock_612(long=True)
MADE = ["%s_v%d" % (role, version) for role in ("clnt", "srv")
        for version in (1, 2)]


def bulk(b):
    return "rate=%.1fMB/s" % (interop.move(b, BULK).rate / 1e6)


def cycles(b):
    return interop.cycles(b, CYCLES)


def statistics(t):
    """What the kernel's own module counts of all of that."""
    interop.prepare(t, WORLD)
    text = interop.ask_stats(t.h2).wait(check=True).stdout
    stats, _ = interop.smc_stats(t.h2, text)
    made = [stats.pop(name) for name in MADE]
    t.sub("connections", min(made) > CYCLES, " ".join(
        "%s=%d" % pair for pair in zip(MADE, made)))
    t.sub("no_fallback_no_error", not any(stats.values()), " ".join(
        "%s=%d" % pair for pair in stats.items()))


def register_all():
    for version in interop.VERSIONS:
        if version in WORLD.skip:
            continue
        for role in interop.ROLES:
            def function(t, version=version, role=role):
                interop.run_block(t, WORLD, role, version, "ipv4",
                                  (bulk, cycles))
            interop.register(WORLD, "%s.%s" % (role, version), function)
    lab_test(WORLD.lab)(statistics)


register_all()
