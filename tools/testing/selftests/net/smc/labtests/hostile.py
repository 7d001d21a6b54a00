# SPDX-License-Identifier: GPL-2.0
"""Peers that break the rules of the handshake, in both roles."""
from .core import BIN, LoadResult, counters, growth, lab_test, load_command, \
    smc_sockets, settle
from .sockets import take_ktap

ADDRESS = "10.0.0.77"
FIRST_PORT = 9000


@lab_test("stress")
def hostile_clients(t):
    """A misbehaving client against a listener on host 2."""
    port, _ = t.serve(t.h2)
    before = counters(t.h2)
    result = t.h1.run("%s/hostile listener --dev eth0 --ip %s --host %s "
                      "--port %d" % (BIN, ADDRESS, t.h2.ipv4, port),
                      timeout=1000, check=False)
    take_ktap(t, result.stdout)
    moved = growth(before, counters(t.h2))
    t.sub("counted", moved["bad_clc"] > 20 and moved["decline_rx"] > 2 and
          moved["decline_tx"] > 2, "bad_clc=%(bad_clc)d "
          "decline_rx=%(decline_rx)d decline_tx=%(decline_tx)d" % moved)
    left = settle(lambda: smc_sockets(t.h2), lambda s: len(s) <= 1)
    t.sub("no_socket_left", len(left) <= 1, "sockets=%d" % len(left))


@lab_test("stress")
def hostile_servers(t):
    """Clients on host 2 against servers that misbehave."""
    t.start(t.h1, "%s/hostile client --dev eth0 --ip %s --port %d"
            % (BIN, ADDRESS, FIRST_PORT), "listening")
    listing = t.h1.run(BIN + "/hostile list").stdout
    for number, name, want in (line.split() for line in listing.splitlines()):
        result = t.h2.run(
            load_command("rr", ADDRESS, FIRST_PORT + int(number), "smc",
                         "--expect tcp --timeout 20"), timeout=60, check=False)
        out = LoadResult(result.stdout, result.code)
        got = "tcp" if out.good else \
            (out.errors or [{}])[0].get("errno", "nothing")
        if out.errors and out.errors[0].get("what") != "connect":
            got = "%s at %s" % (got, out.errors[0].get("what"))
        t.sub(name, got in want.split(","), "got=%s wanted=%s" % (got, want))
    left = settle(lambda: smc_sockets(t.h2), lambda s: not s)
    t.sub("no_socket_left", not left, "sockets=%d" % len(left))
