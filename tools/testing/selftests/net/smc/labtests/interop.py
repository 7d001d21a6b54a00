# SPDX-License-Identifier: GPL-2.0
"""Our module against others: the kernel's own of 6.12 and 6.1, and itself.

A result is named interop.PEER.ROLE.VERSION.IP.WORKLOAD; ROLE is that of
host1, which has our module. Version 2 runs over soft-RoCE. Version 1 of the
kernel's own module takes RoCEv1 GIDs, which soft-RoCE has not: it runs over
smcsim, whose messages are frames between the two hosts. With 6.1 all does.
"""
import os
import re
import subprocess
import time

from . import core, decode
from .core import (BIN, RXE_READY, TOP, Failure, LabError, LoadResult, counters,
                   find_line, parse_pairs, settle, smc_sockets)
from .pcap import KINDS_V2

SMC = os.path.join(TOP, "build/tools/smc/smc")
EID = "INTEROP"
BUFFERS = [1 << code for code in range(14, 20)]	# 16 KiB to 512 KiB
CONNECT_MS = 2000	# what waits for ADD LINK in vain takes 3 s
ACTIVE = "1"	# as sock_diag has it
LOST = {"0", "ECONNRESET", "EPIPE"}	# "0" is an end of file
IDLE_TESTS = 4	# TEST LINKs of each link group that an idle link must see

VERSIONS = ("v1", "v2", "v2.1")
ROLES = ("client", "server")
FAMILIES = ("ipv4", "ipv6")
RELEASE = {"v2": "0", "v2.1": "1"}


class World:
    """A kind of peer, host2 of a lab.

    long: it is for labtests.long.
    skip: {version: fact that says why it cannot be had with this peer}.
    rxe: version 2 runs over soft-RoCE; else over smcsim, too.
    instead: {(version, family): version that they agree on}.
    """

    def __init__(self, name, smcsim, skip, stock=True, series=None,
                 instead=None, rxe=True, long=False):
        self.name = name
        self.lab = ("long." if long else "interop.") + name
        self.deadline = 7200 if long else 1500
        self.smcsim = smcsim
        self.stock = stock
        self.series = series
        self.rxe = rxe
        self.skip = skip
        self.instead = instead or {}
        options = {"snaplen": 0 if long else 65535, "stock": (2,) * stock,
                   "deadline": self.deadline,
                   "no_rdma": () if rxe else (1, 2)}
        if series:
            options["kernels"] = {2: series}
        labs = core.LONG_LABS if long else core.INTEROP_LABS
        labs[self.lab] = options

    def agreed(self, version, family):
        return self.instead.get((version, family), version)


# The kernel's own module offers version 2 on AF_INET sockets only.
NO_V2_IPV6 = {("v2", "ipv6"): "v1", ("v2.1", "ipv6"): "v1"}


def stock_612(long=False):
    return World("stock6.12", "build/smcsim.ko", instead=NO_V2_IPV6, long=long,
                 skip={"v2": "stock 6.12 offers and accepts release 1"})


WORLDS = (
    World("ours", "build/smcsim.ko", stock=False,
          skip={"v2": "both sides know release 1, and agree on it"}),
    stock_612(),
    # After the Confirm stock 6.1 sends nothing over its soft-RoCE, ever.
    World("stock6.1", "build/interop-6.1/smcsim.ko", series="6.1",
          instead=NO_V2_IPV6, rxe=False,
          skip={"v2.1": "stock 6.1 knows release 0 only"}),
)

# What became of each cell, for the table: {(row, workload): text}.
CELLS = {}


# Hosts

SIM_READY = ("until grep -q ACTIVE /sys/class/infiniband/sim0/ports/1/state && "
             "[ $(grep -hs %s "
             "/sys/class/infiniband/sim0/ports/1/gid_attrs/types/* | wc -l) "
             "-ge 3 ]; do sleep 0.1; done")


def add_devices(host, module, rxe):
    """Ours takes the first port that will do: sim0 must go before rxe0."""
    if rxe:
        host.run("rdma link del rxe0")
    host.run("insmod %s gid_types=%d wire=1 && rdma link add sim0 type smcsim "
             "netdev eth0" % (module, 2 if rxe else 2 + 4), timeout=120)
    host.run(SIM_READY % "v1")
    if rxe:
        host.run("rdma link add rxe0 type rxe netdev eth0")
        host.run(RXE_READY)
    else:
        host.run(SIM_READY % "v2")


def prepare(t, world):
    """Once for each lab that was booted."""
    if hasattr(t.lab, "eids"):
        return
    for host, module in ((t.h1, "build/smcsim.ko"), (t.h2, world.smcsim)):
        stripped = "%s/smcsim-%s.ko" % (t.lab.directory, host.name)
        subprocess.run(["strip", "-g", "-o", stripped,
                        os.path.join(TOP, module)], check=True)
        add_devices(host, stripped, world.rxe)
    if world.series:
        # Stock 6.1 finds devices of drivers without get_netdev by name only.
        for device in ("eth eth0", "ib sim0"):
            t.h2.run("%s pnet add NET %s" % (SMC, device))
    if world.stock:
        t.h2.run("sysctl -qw net.smc.smcr_testlink_time=1")
    t.lab.world = world
    t.lab.eids = None
    t.lab.servers = {}	# that outlive a test: {(host, what): port}


def set_version(t, version):
    """Version 2 takes an EID that both hosts have, and RoCEv2 GIDs. Two of
    ours on one subnet have one built in, so version 1 is what is left when
    the port with these GIDs is gone."""
    want = version != "v1"
    if t.lab.eids == want:
        return
    for host in (t.h1, t.h2):
        if t.lab.world.stock:
            host.run(SMC + (" eid add " + EID if want else " eid flush"))
            continue
        host.run("rdma link del rxe0 2>/dev/null", check=False)
        if want:
            host.run("rdma link add rxe0 type rxe netdev eth0")
            host.run(RXE_READY)
    t.lab.eids = want


def ask_stats(host):
    """Starts what smc_stats() takes the output of."""
    return host.start("cat /proc/net/smc_stat" if host.smc == "ours" else
                      BIN + "/smc_groups", timeout=60)


def smc_stats(host, text):
    """How connections came about, and the link groups, where those are told."""
    if host.smc == "stock":
        stats = parse_pairs(find_line(text, "stats "))
        return {name: int(number) for name, number in stats.items()}, [
            parse_pairs(line) for line in text.splitlines()
            if line.startswith("group ")]
    ours = {name: int(number) for name, number in
            (line.split() for line in text.splitlines())}
    stats = {"fback_" + role: ours["fallback_" + role]
             for role in ("clnt", "srv")}
    for role in ("clnt", "srv"):
        stats[role + "_v2"] = ours["hs_%s_v2" % role]
        stats[role + "_v1"] = ours["hs_" + role] - stats[role + "_v2"]
        stats[role + "_err"] = ours["hs_%s_err" % role]
    return stats, []


# One combination of role, version and address family

class Block:
    """What its workloads need."""

    def __init__(self, t, world, role, version, family):
        self.t = t
        self.world = world
        self.role = role
        self.family = family
        self.version = world.agreed(version, family)
        self.row = (world.name, role, version, family)
        self.client, self.server = (t.h1, t.h2) if role == "client" else \
            (t.h2, t.h1)
        self.option = "-6" if family == "ipv6" else ""
        self.peer = self.server.ipv6 if self.option else self.server.ipv4
        self.stats = self.look()

    def serve(self):
        """Starts a server; connections must be SMC-R to it."""
        return self.t.serve(self.server, options="--expect smcr " +
                            self.option)

    def server_port(self, command, *options):
        """Port of a server that is started once for all tests of the lab."""
        key = (self.server.name, command, *options)
        if key not in self.t.lab.servers:
            port = self.t.port()
            server = self.server.start("exec %s/%s %d %s" % (
                BIN, command, port, " ".join(options)),
                                       timeout=self.world.deadline)
            server.wait_line("listening", timeout=30)
            self.t.lab.servers[key] = port
        return self.t.lab.servers[key]

    def load_port(self, *options):
        return self.server_port("smc_load --server --af smc --expect smcr "
                                "--port", self.option, *options)

    def load(self, mode, options, timeout=60):
        return self.t.load(self.client, mode, self.load_port(),
                           peer=self.peer, timeout=timeout,
                           options="%s --expect smcr %s" % (self.option,
                                                            options))

    def hold(self, port, conns=2):
        return self.t.hold(self.client, port, conns=conns, peer=self.peer,
                           options="%s --expect smcr --timeout 600"
                           % self.option)

    def sock(self, tests):
        """Tests of smc_sock; they prove the mode on both hosts."""
        t = self.t
        result = self.client.run(
            "%s/smc_sock --peer4 %s --peer6 %s --control %d --variant smc "
            "--family %s --only '%s'" % (
                BIN, self.server.ipv4, self.server.ipv6,
                self.server_port("smc_sock --server --control"), self.family[-1], tests), timeout=150, check=False)
        passed = re.findall(r"^ok \d+ ", result.stdout, re.M)
        t.check(result.ok and len(passed) == len(tests.split(",")),
                result.stdout[-600:])

    def sockets(self, port):
        """Connections of a server, as sock_diag has them there."""
        return [s for s in smc_sockets(self.server) if
                s["lport"] == str(port) and s["rport"] != "0"]

    def look(self):
        hosts = self.client, self.server
        asked = [ask_stats(host) for host in hosts]	# both at a time
        return [smc_stats(host, process.wait(check=True).stdout)
                for host, process in zip(hosts, asked)]

    def check_version(self):
        """All connections since the last look are of the version; returns
        their number."""
        t = self.t
        digit = self.version[1]
        before, self.stats = self.stats, self.look()
        made = []
        for (old, _), (new, groups), role in zip(before, self.stats,
                                                 ("clnt", "srv")):
            self.check_release(groups, role)
            grown = {name: new[name] - old[name] for name in new}
            made.append(grown["%s_v%s" % (role, digit)])
            t.check(made[-1] > 0, "%s: no connection of %s: %r" % (
                role, self.version, grown))
            t.equal({name: n for name, n in grown.items()
                     if n and name != "%s_v%s" % (role, digit)}, {},
                    role + ": also")
        t.equal(made[0], made[1], "connections of client and server")
        return made[0]

    def check_release(self, groups, role):
        """The kernel's own module tells what its groups agreed on."""
        host = self.client if role == "clnt" else self.server
        if host.smc != "stock":
            return
        role = "client" if role == "clnt" else "server"
        mine = [g for g in groups if g["role"] == role and
                g["version"] == self.version[1]]
        self.t.check(mine, "no %s group of %s" % (role, self.version))
        self.t.equal({g["release"] for g in mine},
                     {RELEASE.get(self.version, "0")}, "release")


# Workloads

def move(b, size):
    """So many bytes each way, all of them checked."""
    out = b.load("bulk", "--conns 2 --count %d --size 60000" % size,
                 timeout=60 + size // 500000)
    b.t.equal(out.number("total"), 2 * size, "bytes")
    return out


def bulk(b):
    out = move(b, 2000000)
    # The first contact: nobody waits for a message that does not come.
    b.t.check(out.number("connect_ms") < CONNECT_MS,
              "connect() took %d ms" % out.number("connect_ms"))
    return "connect=%dms rate=%.1fMB/s" % (out.number("connect_ms"),
                                           out.rate / 1e6)


def rr(b):
    b.load("rr", "--conns 2 --count 50 --size 500")


def cycles(b, count=20):
    out = b.load("cycle", "--count %d" % count, timeout=60 + count)
    b.t.equal(out.number("total"), count, "cycles")
    return "rate=%.0f/s" % out.rate


def half_close(b):
    b.sock("shutdown_wr_half_close")


def abort(b):
    b.sock("close_abort")


def urgent(b):
    """The client sends. A read of the kernel's own module goes across the
    mark; there it counts that each byte is read, out of band and in line."""
    if b.server.smc == "stock":
        b.sock("urgent_rounds")
    else:
        b.sock("urgent_normal,urgent_inline,urgent_rounds")


def ended(b, holder):
    out = LoadResult(holder.wait(timeout=15).stdout, 1)
    names = {e.get("errno") for e in out.errors}
    b.t.check(out.errors and names <= LOST, "ended with %r" % names)


def kill(b):
    """kill -9, first of the server, then of the client."""
    port, server = b.serve()
    holder = b.hold(port)
    server.kill(9)
    ended(b, holder)
    left = settle(lambda: b.sockets(port), lambda s: not s)
    b.t.check(not left, "left of a killed server: %r" % left)
    port, _ = b.serve()
    holder = b.hold(port)
    b.t.equal([s["mode"] for s in b.sockets(port)], ["0", "0"], "modes")
    holder.kill(9)
    left = settle(lambda: b.sockets(port), lambda s: not s)
    b.t.check(not left, "left of a killed client: %r" % left)


def buffers(b):
    """Each size on both sides, and sock_diag says so."""
    commands = [core.load_command(
        "bulk", b.peer, b.load_port("--buffer", str(size)), "smc",
        "%s --expect smcr --buffer %d --count %d --size 50000 || echo bad &" % (
            b.option, size, max(4 * size, 200000))) for size in BUFFERS]
    out = b.client.run(" ".join(commands) + " wait", timeout=90).stdout
    views = [parse_pairs(line) for line in out.splitlines()
             if line.startswith("view ")]
    b.t.check("bad" not in out and out.count("errors=0") == len(BUFFERS), out)
    got = [tuple(int(view[name]) for name in ("sndbuf", "rmbe", "peer_rmbe"))
           for view in views]
    b.t.equal(sorted(got), [(size,) * 3 for size in BUFFERS],
              "send buffer, receive buffer, the peer's")


WORKLOADS = (bulk, rr, cycles, half_close, abort, urgent, kill, buffers)
NAMES = [workload.__name__ for workload in WORKLOADS] + ["idle"]


def record(b, workload, problem, note):
    """Reports a cell."""
    t = b.t
    if problem:
        t.say("%s: %s" % (workload, problem))
    CELLS[b.row, workload] = "FAILED" if problem else b.version
    t.subtests += 1
    t.report.result(".".join((b.world.lab,) + b.row[1:] + (workload,)),
                    not problem, "mode=smcr version=%s %s" % (b.version, note))


def attempt(function):
    """Returns what was wrong (or None), and what the function returned."""
    try:
        return None, function()
    except Failure as err:
        return str(err), None
    except (LabError, KeyError, ValueError) as err:
        return "%s: %s" % (type(err).__name__, err), None


def run_cell(b, workload):
    note = workload(b)
    conns = b.check_version()
    return "conns=%d %s" % (conns, note or "")


def run_block(t, world, role, version, family, workloads=WORKLOADS):
    prepare(t, world)
    set_version(t, version)
    b = Block(t, world, role, version, family)
    for workload in workloads:
        began = time.monotonic()
        problem, note = attempt(lambda: run_cell(b, workload))
        record(b, workload.__name__, problem, "%s time=%.1fs" % (
            note or "", time.monotonic() - began))
        if problem:	# what it left shall not count for the next one
            t.finish()
            t.lab.servers.clear()
            b = Block(t, world, role, version, family)


def link_messages(t):
    return sum(counters(host)["llc_rx"] for host in (t.h1, t.h2)
               if host.smc == "ours")


def run_idle(t, world):
    """Connections of all kinds idle; TEST LINK keeps their links alive."""
    prepare(t, world)
    blocks = []
    for version in VERSIONS:
        if version in world.skip:
            continue
        set_version(t, version)
        for role in ROLES:
            for family in FAMILIES:
                b = Block(t, world, role, version, family)
                b.port, _ = b.serve()
                b.holder = b.hold(b.port)
                b.failed, _ = attempt(b.check_version)
                blocks.append(b)
    ours = counters(t.h1)
    alive = ours["lgr_created"] - ours["lgr_ended"]
    # Ours asks after 30 s of silence only
    want = link_messages(t) + alive * (IDLE_TESTS if world.stock else 2)
    began = time.monotonic()
    seen = settle(lambda: link_messages(t), lambda n: n >= want, 60)
    idle = time.monotonic() - began
    down = counters(t.h1)["link_down"] - ours["link_down"]
    for b in blocks:
        def check(b=b):
            t.check(not b.failed, b.failed)
            t.check(seen >= want, "%d link messages, wanted %d" % (seen, want))
            t.equal(down, 0, "links down")
            t.check(b.holder.running, "the client has ended")
            t.equal([(s["mode"], s["state"]) for s in b.sockets(b.port)],
                    [("0", ACTIVE)] * 2, "mode and state at the server")
        problem, _ = attempt(check)
        record(b, "idle", problem, "groups=%d time=%.1fs" % (alive, idle))


# What a protocol analyser says of it

DECODED = KINDS_V2 + ("accept_v1", "confirm_v1", "llc_v1", "llc_v2")

def packets(pcap):
    """CLC type, LLC type, malformed or not, TCP payload of each packet."""
    text = subprocess.run(
        ["tshark", "-n", "-r", pcap, "-Y", "smc", "-T", "fields",
         "-E", "occurrence=f", "-e", "smc.clc_msg", "-e", "smc.llc_msg",
         "-e", "_ws.malformed", "-e", "tcp.payload"],
        check=True, capture_output=True, text=True, timeout=300).stdout
    return [line.split("\t") for line in text.splitlines()]


def accept_release(payload):
    """Release in an Accept of version 2 at first contact, or None."""
    data = bytes.fromhex(payload.replace(":", ""))
    if len(data) < 160 or data[4] != 2 or data[7] != 0x28:
        return None
    return str(data[105] & 0xf)


def run_decoder(t, world):
    """Field by field: all of ours, and of others what holds for anybody."""
    macs = {host.run("cat /sys/class/net/eth0/address").stdout.strip()
            for host in (t.h1, t.h2)[:1 if world.stock else 2]}
    found = decode.check_pcap(t.lab.pcap, ours=macs)
    t.say(found.totals())
    missing = found.missing(DECODED)
    t.sub("decoded", not missing, " ".join(missing))
    blind = found.ours["elsewhere"] + found.ours["not_captured"]
    t.sub("all_followed", blind == 0, "packets=%d" % blind)
    for line in found.lines():
        t.say(line)
    t.sub("decoder", found.number == 0, "violations=%d" % found.number)


def run_pcap(t, world):
    """tshark wants lengths of LLC messages of version 2 in network order. The
    kernel's own module sends and reads them in the host's, so only what two of
    ours say under their EID can be as tshark has it; the decoder looks at who
    uses which."""
    prepare(t, world)
    seen = packets(t.lab.pcap)
    for name, kind in (("proposal", "1"), ("accept", "2"), ("confirm", "3")):
        number = sum(int(p[0] or "0", 0) == int(kind) for p in seen)
        t.sub("clc_" + name, number >= 8, "packets=%d" % number)
    bad = [p for p in seen if p[2] and not (
        world.stock and not p[0] and 0x21 <= int(p[1] or "0", 0) <= 0x29)]
    if bad:
        t.say("malformed: %r" % bad[:5])
    t.sub("none_malformed", not bad, "packets=%d of %d" % (len(bad),
                                                           len(seen)))
    run_decoder(t, world)
    releases = {accept_release(p[3]) for p in seen
                if int(p[0] or "0", 0) == 2} - {None}
    want = {RELEASE[v] for v in ("v2", "v2.1") if v not in world.skip}
    t.sub("release", releases == want, "releases=%s" %
          ",".join(sorted(releases)))


def skip(t, row, reason):
    for name in NAMES:
        CELLS[row, name] = "-"
    t.subtests += 1
    t.report.skip("interop." + ".".join(row), reason)


def register(world, name, function):
    def run(t):
        function(t)
    run.__name__ = name
    run.__module__ = __name__
    core.lab_test(world.lab)(run)


def register_all():
    for world in WORLDS:
        for version in VERSIONS:
            for role in ROLES:
                for family in FAMILIES:
                    row = (world.name, role, version, family)
                    if version in world.skip:
                        def function(t, row=row, world=world):
                            skip(t, row, world.skip[row[2]])
                    else:
                        def function(t, row=row, world=world):
                            run_block(t, world, *row[1:])
                    register(world, ".".join(row[1:]), function)
        register(world, "idle", lambda t, world=world: run_idle(t, world))
        register(world, "pcap", lambda t, world=world: run_pcap(t, world))


register_all()


def table():
    """The matrix: a row for each combination, its agreed versions."""
    rows = list(dict.fromkeys(row for row, _ in CELLS))
    lines = ["%-29s" % "peer role version ip" +
             "".join("%-11s" % name for name in NAMES)]
    for row in rows:
        lines.append("%-10s%-7s%-6s%-6s" % row + "".join(
            "%-11s" % CELLS.get((row, name), "?") for name in NAMES))
    lines.append("the version agreed upon; -: cannot be, see SKIP; ?: not run")
    return "\n".join("table: " + line.rstrip() for line in lines)
