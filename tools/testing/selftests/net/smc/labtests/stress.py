# SPDX-License-Identifier: GPL-2.0
"""Counters, bulk with every byte checked, silent peers, cycles and leaks."""
import os
import time

from .core import (BIN, counters, growth, lab_test, load_smc, mem_available,
                   rdma_resources, settle, slab_objects, smc_loaded,
                   smc_sockets, unload_smc)

ROUNDS = 10000
BULK_BYTES = int(os.environ.get("SMC_BULK_BYTES", (1 << 30) // 10))
BULK_CONNS = 16
CYCLES = int(os.environ.get("SMC_CYCLES", 2000))
CYCLE_THREADS = 16
SLABS = r"(smc|SMC|TCP|TCPv6|sock_inode_cache|kmalloc.*|request_sock_TCP.*)"


@lab_test("stress")
def rr_counters(t):
    """10,000 one-byte request/responses: what each costs."""
    port, _ = t.serve(t.h2, options="--nodelay")
    t.load(t.h1, "rr", port, options="--count 10")	# first contact
    before = counters(t.h1), counters(t.h2)
    out = t.load(t.h1, "rr", port, options="--nodelay --expect smcr --count %d"
                 % ROUNDS, timeout=400)
    moved = [growth(b, counters(h))
             for b, h in zip(before, (t.h1, t.h2))]
    for name, mine, other in (("clnt", moved[0], moved[1]),
                              ("srv", moved[1], moved[0])):
        doorbells = mine["doorbells"] / ROUNDS
        signalled = mine["signalled"] / ROUNDS
        copied = (mine["bytes_copied_tx"] + other["bytes_copied_rx"]) / \
            max(other["rx_bytes"], 1)
        t.say("%s: doorbells/message %.4f, work requests/message %.4f, "
              "signalled/message %.4f, copied/byte %.4f" % (
                  name, doorbells, mine["work_requests"] / ROUNDS, signalled,
                  copied))
        t.check(other["rx_bytes"] >= ROUNDS, "%s: bytes not counted" % name)
        t.sub("doorbells_" + name, 1.0 <= doorbells <= 1.01)
        t.sub("copied_" + name, 1.999 <= copied <= 2.001)
        t.sub("signalled_" + name, 0 < signalled <= 0.25)
    t.sub("rounds", out.number("total") == ROUNDS, "rate=%.0f" % out.rate)


@lab_test("stress")
def rr_parallel(t):
    """32 connections with requests of 1 byte to 100 kB."""
    port, _ = t.serve(t.h2)
    for size, count in ((1, 100), (1000, 50), (16385, 20), (100000, 10)):
        t.load(t.h1, "rr", port, options="--conns 32 --size %d --count %d "
               "--expect smcr" % (size, count), timeout=240)


@lab_test("stress")
def rr_ipv6(t):
    port, _ = t.serve(t.h2, options="-6")
    t.load(t.h1, "rr", port, peer=t.h2.ipv6,
           options="-6 --conns 8 --size 5000 --count 50 --expect smcr")


@lab_test("stress")
def bulk(t):
    """Both directions at once on many connections, every byte checked."""
    port, _ = t.serve(t.h2, options="--timeout 120")
    before = counters(t.h1)
    out = t.load(t.h1, "bulk", port, timeout=1200, options="--conns %d "
                 "--size 65536 --count %d --timeout 120 --expect smcr"
                 % (BULK_CONNS, BULK_BYTES))
    each = BULK_BYTES // BULK_CONNS * BULK_CONNS
    t.equal(out.number("total"), 2 * each, "bytes moved")
    moved = growth(before, counters(t.h1))
    t.check(moved["tx_bytes"] >= each and moved["rx_bytes"] >= each,
            "counters do not show the bytes: %r" % moved)
    t.equal(moved["fallback_clnt"], 0, "fallbacks")
    t.say("%.1f MB/s in all" % (out.rate / 1e6))


@lab_test("stress")
def bulk_odd_sizes(t):
    """Calls of a size that divides no ring."""
    port, _ = t.serve(t.h2)
    for size in (1001, 70001):
        t.load(t.h1, "bulk", port, timeout=300, options="--conns 4 "
               "--size %d --count %d --expect smcr" % (size, 8 << 20))


def rate_beside_silence(t, port, silent_port):
    """200 connections to one listener while peers say nothing to another."""
    run = "--conns 8 --count 200 --expect smcr"
    silent = t.start(
        t.h1, "sh -c 'while :; do %s/hostile silent --dev eth0 --ip 10.0.0.77 "
        "--host %s --port %d --conns 40; done'" % (BIN, t.h2.ipv4,
                                                    silent_port),
        "silent=40 offered=40")
    out = t.load(t.h1, "cycle", port, options=run)
    t.check(silent.running, "the silent peers ended early")
    silent.stop()
    t.equal(out.number("total"), 200, "connections")
    return out.rate


@lab_test("stress")
def silent_peers(t):
    """Peers with the option that say nothing delay nobody.

    Their packets cost these emulated hosts time wherever they go, hence the
    usual rate is that beside as many silent peers of another listener.
    """
    port, _ = t.serve(t.h2)
    other, _ = t.serve(t.h2)
    t.load(t.h1, "cycle", port, options="--conns 8 --count 200 --expect smcr")
    # A machine that has other things to do is slow at times; a delay that
    # silent peers cause is there each time.
    for _ in range(3):
        usual = rate_beside_silence(t, port, other)
        meanwhile = rate_beside_silence(t, port, port)
        t.say("200 connections: %.1f/s beside 40 silent peers, %.1f/s if those "
              "are another listener's" % (meanwhile, usual))
        if meanwhile > usual * 0.8:
            return
    t.check(False, "%.1f/s instead of %.1f/s" % (meanwhile, usual))


def snapshot(host):
    """What must not grow: objects of all kinds, and memory."""
    shot = {"rdma_" + k: v for k, v in rdma_resources(host).items()}
    shot["smc_sockets"] = len(smc_sockets(host))
    shot.update({"slab_" + k: v for k, v in
                 slab_objects(host, "(smc|SMC|TCP|TCPv6).*").items()})
    shot["mem"] = mem_available(host)
    return shot


def settled(host, sockets):
    """Closed connections take a moment to go (TCP's FIN, DELETE RKEY)."""
    settle(lambda: len(smc_sockets(host)), lambda n: n <= sockets, 30)
    return snapshot(host)


def grown(before, after):
    """Objects that became more than noise explains."""
    bad = []
    for key, value in after.items():
        # A group keeps as many as it ever needed at a time: two for each
        # thread's connection, and for some that are not quite gone.
        if key == "rdma_mr":
            most = 3 * CYCLE_THREADS
        elif key.startswith("slab_"):
            most = before.get(key, 0) + 32	# per-CPU caches
        else:
            most = before.get(key, 0)
        if key != "mem" and value > most:
            bad.append("%s: %d to %d" % (key, before.get(key, 0), value))
    if before["mem"] - after["mem"] > 32 << 10:
        bad.append("memory: %d KiB less" % (before["mem"] - after["mem"]))
    return bad


@lab_test("stress")
def cycles(t):
    """Connect, exchange, close, thousands of times."""
    port, _ = t.serve(t.h2)
    run = "--conns %d --expect smcr --count %%d" % CYCLE_THREADS
    t.load(t.h1, "cycle", port, options=run % (CYCLES // 4), timeout=300)
    before = [settled(h, n) for h, n in ((t.h1, 0), (t.h2, 1))]
    counts = counters(t.h1), counters(t.h2)
    out = t.load(t.h1, "cycle", port, options=run % CYCLES, timeout=900)
    after = [settled(h, n) for h, n in ((t.h1, 0), (t.h2, 1))]
    t.sub("all_done", out.number("total") == CYCLES, "rate=%.1f" % out.rate)
    for i, (host, role) in enumerate(((t.h1, "clnt"), (t.h2, "srv"))):
        bad = grown(before[i], after[i])
        moved = growth(counts[i], counters(host))
        t.say("%s: %r" % (role, after[i]))
        for line in bad:
            t.say("%s grew: %s" % (role, line))
        t.sub("no_growth_" + role, not bad)
        t.sub("no_fallback_" + role, moved["fallback_" + role] == 0 and
              moved["hs_%s_err" % role] == 0)


@lab_test("stress", two_hosts="the module is of the whole kernel; the end of "
          "the run unloads it")
def unload_after_cycles(t):
    """A module whose sockets have gone unloads at once, group or no group."""
    port, server = t.serve(t.h2)
    t.load(t.h1, "cycle", port, options="--expect smcr --conns %d --count %d"
           % (CYCLE_THREADS, CYCLE_THREADS * 4))
    server.stop()
    for host, role in ((t.h1, "clnt"), (t.h2, "srv")):
        began = time.monotonic()
        result = unload_smc(host, check=False)
        took = time.monotonic() - began
        t.sub("unload_" + role, result.ok and not smc_loaded(host) and
              took < 10, "seconds=%.1f %s" % (took, result.stderr.strip()))
        left = rdma_resources(host)
        t.sub("rdma_empty_" + role, left.get("qp", 0) <= 1 and
              not left.get("mr"), " ".join("%s=%d" % i for i in left.items()))
        t.sub("slabs_gone_" + role,
              not slab_objects(host, "(smc|SMC).*"))
        load_smc(host)
    port, _ = t.serve(t.h2)
    again = t.load(t.h1, "rr", port, options="--expect smcr", check=False)
    t.sub("works_again", again.good, again.text() if not again.good else "")
