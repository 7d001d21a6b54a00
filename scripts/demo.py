#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""Shows unmodified programs on two hosts of the lab exchange data over SMC-R.

Each program runs under smc_run on both hosts, first with our module on both,
then with no module on the server's host.  One row for each: the mode that
sock_diag showed on each host during the transfer, why it fell back, how many
connections did, and whether the transfer was right.  Exits with 0 only if
every row is as it must be.
"""
import collections
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                "lab"))
from vmlab import Lab, LabError	# noqa: E402

MIB = 1 << 20
RUN = "exec build/tools/smc/smc_run "
SERVER = "10.0.0.2"
CLNT, SRV = 1, 2	# numbers of the hosts
PEER_DID_NOT_INDICATE = 0x03010000
FIRST_ROW_S = 180
# SMC messages are shorter than this; the payload of RDMA writes is not kept.
SNAPLEN = 512

# Looks at the connections again and again while a program runs: often enough
# to see each of them, and no more, since it takes the CPU from the program.
WATCH = ("while :; do build/tools/smc/smc -j connection show; echo; "
         "sleep %s; done")
WATCH_S = {"tcg": 0.2, "kvm": 0.02}

ROW = "%-26s %-6s %-6s %-10s %9s  %-32s %s"


class Outcome:
    """What a program achieved: a figure for people, and was it right."""

    def __init__(self, figure, right):
        self.figure = figure
        self.right = right


class Modes:
    """Samples the modes of the connections of a port on one host."""

    def __init__(self, host, port, accel):
        self.port = port
        self.watch = host.start(WATCH % WATCH_S[accel], timeout=600)
        self.watch.wait_line("]")	# it has looked once

    def stop(self):
        """Returns (modes seen, reasons seen) of established connections."""
        text = self.watch.stop().stdout
        modes, reasons = set(), set()
        for chunk in text.split("\n\n"):
            try:
                connections = json.loads(chunk)
            except ValueError:
                continue	# the last one may be cut off
            for conn in connections:
                if self.port in (conn.get("sport"), conn.get("dport")) and \
                   conn.get("state") not in ("LISTEN", "INIT"):
                    modes.add(conn["mode"])
                    if conn.get("reason"):
                        reasons.add((conn["reason"], conn["reason_text"]))
        return modes, reasons


def iperf(direction):
    """Returns a program that moves data one way with iperf3 for 5 s."""
    def program(lab):
        server = lab[SRV].start(RUN + "iperf3 -s -1 --forceflush")
        server.wait_line("listening")
        result = lab[CLNT].run(
            RUN + "iperf3 -J -t 5 -c %s %s" % (SERVER, direction),
            timeout=300, check=False)
        code = server.wait(timeout=60).code
        got = json.loads(result.stdout or "{}")
        moved = got.get("end", {}).get("sum_received", {})
        right = (result.ok and code == 0 and "error" not in got and
                 moved.get("bytes", 0) > 0)
        return Outcome("%.0f MiB, %.1f MB/s" % (
            moved.get("bytes", 0) / MIB,
            moved.get("bits_per_second", 0) / 8e6), right)
    return program


def http(lab):
    """curl fetches 64 MiB from Python's HTTP server."""
    lab[SRV].run("mkdir -p /tmp/www && head -c 64M /dev/urandom "
                 "> /tmp/www/data", timeout=120)
    want = lab[SRV].run("sha256sum < /tmp/www/data", timeout=120).stdout
    server = lab[SRV].start(
        RUN + "python3 -u -m http.server --directory /tmp/www 8000")
    server.wait_line("Serving HTTP", timeout=60)
    result = lab[CLNT].run(
        RUN + "curl -sS -o /tmp/data -w '%%{size_download} "
        "%%{speed_download}\\n' http://%s:8000/data" % SERVER,
        timeout=300, check=False)
    got = lab[CLNT].run("sha256sum < /tmp/data; rm -f /tmp/data", timeout=120,
                        check=False).stdout
    server.stop()
    size, speed = (result.stdout.split() + ["0", "0"])[:2]
    return Outcome("%.0f MiB, %.1f MB/s, sha256 %s" % (
        float(size) / MIB, float(speed) / 1e6,
        "same" if got == want else "DIFFERS"),
        result.ok and float(size) == 64 * MIB and got == want)


def request_response(lab):
    """smc_load: 32 connections at once, each byte of the answers checked."""
    rounds, conns, size = 200, 32, 4000
    server = lab[SRV].start(
        RUN + "build/selftests/smc_load --server --port 15000 --af tcp")
    lab[SRV].wait_for("ss -Hltn 'sport = 15000' | grep -q .")
    result = lab[CLNT].run(
        RUN + "build/selftests/smc_load --mode rr --af tcp --host %s "
        "--port 15000 --conns %d --count %d --size %d" % (
            SERVER, conns, rounds, size), timeout=300, check=False)
    server.stop()
    last = (result.stdout.splitlines() or [""])[-1]
    values = dict(word.split("=", 1) for word in last.split() if "=" in word)
    done = int(values.get("total", 0))
    return Outcome("%d rounds, %s/s" % (done, values.get("rate", "?")),
                   result.ok and done == rounds * conns)


PROGRAMS = (
    ("iperf3, client sends", 5201, iperf("")),
    ("iperf3, server sends", 5201, iperf("-R")),
    ("HTTP server and curl", 8000, http),
    ("32 x request/response", 15000, request_response),
)


def fallbacks(host):
    """Returns how many connections of a host have fallen back."""
    lines = host.run("cat /proc/net/smc_stat").stdout.splitlines()
    stats = dict(line.split() for line in lines)
    return int(stats["fallback_clnt"]) + int(stats["fallback_srv"])


def run_program(lab, name, port, program, with_smc):
    """Runs one program; prints its row; returns whether that is right."""
    watched = [lab[n] for n in (CLNT, SRV) if lab[n].smc == "ours"]
    before = sum(fallbacks(host) for host in watched)
    samplers = {host.number: Modes(host, port, lab.accel) for host in watched}
    outcome = program(lab)
    seen = {n: sampler.stop() for n, sampler in samplers.items()}
    fell_back = sum(fallbacks(host) for host in watched) - before
    modes = {n: seen[n][0] if n in seen else {"no smc"} for n in (CLNT, SRV)}
    reasons = set().union(*(reason for _, reason in seen.values()))
    if with_smc:
        right = modes == {CLNT: {"SMCR"}, SRV: {"SMCR"}} and \
            fell_back == 0 and not reasons
    else:
        right = modes[CLNT] == {"TCP"} and fell_back > 0 and \
            {code for code, _ in reasons} == {PEER_DID_NOT_INDICATE}
    right = right and outcome.right
    print(ROW % (name, *["/".join(sorted(modes[n])) or "none"
                         for n in (CLNT, SRV)],
                 ",".join("%08x" % code for code, _ in sorted(reasons)) or "-",
                 fell_back, outcome.figure, "ok" if right else "WRONG"),
          flush=True)
    for code, text in sorted(reasons):
        print("%26s %08x: %s" % ("", code, text))
    return right


def run_all(lab, title, with_smc):
    """Runs all programs; returns whether all rows are right."""
    print("\n%s\n" % title + ROW % ("program", "client", "server", "reason",
                                    "fallbacks", "result", "row"), flush=True)
    right = True
    for number, (name, port, program) in enumerate(PROGRAMS):
        right &= run_program(lab, name, port, program, with_smc)
        if with_smc and number == 0:
            right &= first_row()
    return right


def first_row():
    """Says how long the first row took; returns whether that is in time."""
    start = os.environ.get("DEMO_START")
    if not start:
        return True
    took = time.time() - float(start)
    print("%26s (first row %.0f s after the packages were there)" % ("", took))
    return took <= FIRST_ROW_S


def analyse(pcap):
    """Counts the SMC messages in a pcap with tshark; True if it is right."""
    print("\nWhat tshark sees in %s" % os.path.relpath(pcap))
    out = subprocess.run(
        ["tshark", "-n", "-r", pcap, "-Y", "smc || tcp.flags.syn == 1",
         "-T", "fields", "-E", "occurrence=f", "-e", "tcp.flags.syn", "-e",
         "tcp.flags.ack", "-e", "tcp.options", "-e", "smc.clc_msg", "-e",
         "smc.llc_msg", "-e", "_ws.malformed"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        check=True, timeout=300).stdout
    clc = {"1": "Proposal", "2": "Accept", "3": "Confirm", "4": "Decline"}
    count = collections.Counter()
    for line in out.splitlines():
        syn, ack, options, clc_type, llc_type, bad = line.split("\t")
        if syn == "1" and "e2d4c3d9" in options:
            count["SYN-ACK with option" if ack == "1" else
                  "SYN with option"] += 1
        elif syn == "1":
            count["SYN without option"] += 1
        if bad:
            count["malformed SMC"] += 1
        if clc_type:
            number = str(int(clc_type, 0))
            count["CLC " + clc.get(number, "type " + number)] += 1
        elif llc_type:
            count["CDC" if int(llc_type, 0) == 0xfe else "LLC"] += 1
    wanted = ("SYN with option", "SYN-ACK with option", "CLC Proposal",
              "CLC Accept", "CLC Confirm", "LLC", "CDC")
    unwanted = ("SYN without option", "CLC Decline", "malformed SMC")
    right = True
    for what in wanted + unwanted:
        good = (count[what] > 0) == (what in wanted)
        print("  %-20s %6d  %s" % (what, count[what],
                                   "ok" if good else "WRONG"))
        right &= good
    return right


def main():
    right = True
    with Lab(name="demo", snaplen=SNAPLEN, deadline=900) as lab:
        right &= run_all(lab, "Both hosts have the module", True)
    pcap = lab.pcap
    with Lab(name="demo-no-module", no_smc=(SRV,), snaplen=SNAPLEN,
             deadline=900) as lab:
        right &= run_all(lab, "The server's host has no module", False)
    right &= analyse(pcap)
    print("\ndemo: %s" % ("all rows are right" if right else
                          "something is WRONG, see above"))
    return 0 if right else 1


try:
    sys.exit(main())
except LabError as err:
    print("demo: %s" % err, file=sys.stderr)
    sys.exit(1)
except KeyboardInterrupt:
    sys.exit(130)
