# SPDX-License-Identifier: GPL-2.0
"""The socket tests (smc_sock), each variant and both address families."""
import re

from .core import BIN, lab_test

LINE = re.compile(r"(not ok|ok) \d+ (\S+)(?: # (.*))?")
BORING = re.compile(r"#( Totals|  RUN |            OK )")


def take_ktap(t, text):
    """Passes a program's KTAP on."""
    for line in text.splitlines():
        match = LINE.match(line)
        if match:
            t.sub(match.group(2), match.group(1) == "ok" and
                  "SKIP" not in line, match.group(3) or "")
        elif line.startswith("# ") and not BORING.match(line):
            t.say(line[2:])
    t.check("# Totals" in text, "the run did not end: %s" % text[-500:])


@lab_test("sockets")
def local(t):
    """What one host shows by itself."""
    take_ktap(t, t.h1.run(BIN + "/smc_local 2>&1", timeout=300,
                          check=False).stdout)


def run_variant(t, variant):
    port = t.port()
    server = t.start(t.h2, "%s/smc_sock --server --sessions 1 --control %d"
                     % (BIN, port), "listening", timeout=900)
    result = t.h1.run("%s/smc_sock --peer4 %s --peer6 %s --control %d "
                      "--variant %s" % (BIN, t.h2.ipv4, t.h2.ipv6, port,
                                        variant), timeout=850, check=False)
    server.stop()
    take_ktap(t, result.stdout)


@lab_test("sockets")
def tcp(t):
    run_variant(t, "tcp")


@lab_test("sockets")
def smc(t):
    run_variant(t, "smc")


@lab_test("sockets")
def fallback_clnt(t):
    run_variant(t, "fallback-clnt")


@lab_test("sockets")
def fallback_srv(t):
    run_variant(t, "fallback-srv")


@lab_test("sockets")
def inet_smc(t):
    run_variant(t, "inet-smc")
