# SPDX-License-Identifier: GPL-2.0
"""The socket tests (smc_sock), each variant and both address families.

SMC_SOCK_ONLY takes a list for "smc_sock --only".
"""
import os
import re

from .core import BIN, lab_test, smc_sockets

PLAN = re.compile(r"^1\.\.(\d+)", re.M)
LINE = re.compile(r"(not ok|ok) \d+ (\S+)(?: # (.*))?")
ONLY = os.environ.get("SMC_SOCK_ONLY", "*")
BORING = re.compile(r"#( Totals|  RUN |            OK )")


def take_ktap(t, run):
    """Passes the KTAP of a program that has run on."""
    text = run.stdout
    results = []
    for line in text.splitlines():
        match = LINE.match(line)
        if match:
            results.append(match.group(1) == "ok" and "SKIP" not in line)
            t.sub(match.group(2), results[-1], match.group(3) or "")
        elif line.startswith("# ") and not BORING.match(line):
            t.say(line[2:])
    t.check("# Totals" in text, "the run did not end: %s" % text[-500:])
    plans = [int(number) for number in PLAN.findall(text)]
    t.check(results and plans == [len(results)],
            "%d results, planned %s" % (len(results), plans))
    t.check(run.code == 0 or not all(results),
            "exit code %s, though nothing failed" % run.code)


@lab_test("sockets")
def local(t):
    """What one host shows by itself."""
    take_ktap(t, t.h1.run(BIN + "/smc_local 2>&1", timeout=300, check=False))


# Connections with options of SOL_SOCKET that show on the packets' way: set
# before, and one of them changed after connecting. One process for all: a new
# interpreter takes its time where it is emulated or watched.
MARKED = """
import socket, sys
fds = []
for word in sys.argv[3:]:
    family, protocol, option, value = map(int, word.split(","))
    fd = socket.socket(family, socket.SOCK_STREAM, protocol)
    # Python knows the addresses of AF_INET only.
    fd = socket.socket(socket.AF_INET, socket.SOCK_STREAM, fileno=fd.detach())
    fd.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 5)
    fd.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 0x77)
    fd.connect((sys.argv[1], int(sys.argv[2])))
    fd.setsockopt(socket.SOL_SOCKET, option, value)
    print("port", fd.getsockname()[1], flush=True)
    fds.append(fd)
print("connected", flush=True)
sys.stdin.read()
"""
SO_MARK, SO_PRIORITY = 36, 12


@lab_test("sockets")
def forwarded(t):
    """Options that the core keeps reach the TCP socket below."""
    port, _ = t.serve(t.h2)
    cases = [(name, family, protocol, option) for name, family, protocol in
             (("tcp", 2, 6), ("smc", 43, 0), ("inet_smc", 2, 256))
             for option in (("mark", SO_MARK, 0x99, "fwmark:0x99",
                             "class_id:0x5"),
                            ("priority", SO_PRIORITY, 3, "fwmark:0x77",
                             "class_id:0x3"))]
    words = " ".join("%d,%d,%d,%d" % (family, protocol, option[1], option[2])
                     for _, family, protocol, option in cases)
    client = t.start(t.h1, "python3 -c '%s' %s %d %s" % (
        MARKED, t.h2.ipv4, port, words), "connected", wait=90)
    ports = re.findall(r"^port (\d+)$", client.stdout, re.M)
    shown = t.h1.run("ss -tneO --tos dport = %d" % port).stdout.splitlines()
    for (name, _, _, option), local in zip(cases, ports):
        line = [line for line in shown if ":%s " % local in line]
        t.sub("%s_%s" % (name, option[0]), len(line) == 1 and
              all(word in line[0] for word in option[3:]), "".join(line)[-80:])
    t.equal(len(ports), len(cases), "connections")


# Listeners that are destroyed from outside, with somebody in accept().
KILLED = """
import errno, os, select, socket, sys, threading
def accept(fd, codes):
    try:
        fd.accept()
    except OSError as error:
        codes.append(errno.errorcode[error.errno])
for word in sys.argv[1:]:
    name, family, protocol = word.split(",")
    fd = socket.socket(int(family), socket.SOCK_STREAM, int(protocol))
    fd = socket.socket(socket.AF_INET, socket.SOCK_STREAM, fileno=fd.detach())
    fd.bind(("", 0))
    fd.listen()
    codes = []
    thread = threading.Thread(target=accept, args=(fd, codes), daemon=True)
    thread.start()
    os.system("ss -Ktl sport = :%d > /dev/null" % fd.getsockname()[1])
    thread.join(20)
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    print(name, codes, [events for _, events in poll.poll(0)],
          fd.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), flush=True)
"""


@lab_test("sockets")
def killed_listener(t):
    """SOCK_DESTROY of the TCP socket below ends the listening."""
    run = t.h1.run("python3 -c '%s' tcp,2,6 smc,43,0 inet_smc,2,256" % KILLED,
                   timeout=120)
    seen = dict(line.split(" ", 1) for line in run.stdout.splitlines())
    t.check("EINVAL" in seen["tcp"], run.stdout)
    for name in ("smc", "inet_smc"):
        t.sub(name, seen.get(name) == seen["tcp"], seen.get(name, "none"))


# A connection that another listener of the port gets when its own is closed.
# Who waits with epoll hears of data only when it is woken.
MIGRATED = """
import select, socket, sys
def listener(protocol, port):
    fd = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    fd.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    fd.bind(("127.0.0.1", port))
    fd.listen()
    return fd
for word in sys.argv[1:]:
    name, protocol = word.split(",")
    first = listener(int(protocol), 0)
    if protocol == "256":
        first.setsockopt(286, 1, 1)	# SMC_LIMIT_HS
        first.listen()
    client = socket.create_connection(first.getsockname())
    second = listener(socket.IPPROTO_TCP, first.getsockname()[1])
    first.close()
    child, _ = second.accept()
    epoll = select.epoll()
    epoll.register(child, select.EPOLLIN)
    quiet = epoll.poll(0)
    client.send(b"x")
    print(name, quiet, [event for _, event in epoll.poll(5)], flush=True)
"""


@lab_test("sockets")
def migrated(t):
    """What TCP passes on to another listener is nothing of ours."""
    switch = "/proc/sys/net/ipv4/tcp_migrate_req"
    before = t.h1.run("cat " + switch).stdout.strip()
    t.on_exit(lambda: t.h1.run("echo %s > %s" % (before, switch)))
    t.h1.run("echo 1 > " + switch)
    lines = t.h1.run("python3 -c '%s' tcp,6 inet_smc,256" % MIGRATED,
                     timeout=60).stdout.splitlines()
    for name in ("tcp", "inet_smc"):
        t.sub(name, name + " [] [1]" in lines, repr(lines))


# A server that is nobody.
OWNED = """
import os, socket, sys
os.setuid(65534)
fd = socket.socket(43, socket.SOCK_STREAM, 0)
fd = socket.socket(socket.AF_INET, socket.SOCK_STREAM, fileno=fd.detach())
fd.bind(("", int(sys.argv[1])))
fd.listen()
print("listening", flush=True)
child, _ = fd.accept()
print("accepted", flush=True)
sys.stdin.read()
"""
CLIENT = """
import socket, sys
fd = socket.socket(43, socket.SOCK_STREAM, 0)
fd = socket.socket(socket.AF_INET, socket.SOCK_STREAM, fileno=fd.detach())
fd.connect((sys.argv[1], int(sys.argv[2])))
print("connected", flush=True)
sys.stdin.read()
"""


@lab_test("sockets")
def owner(t):
    """The TCP socket of an accepted connection is its program's."""
    port = t.port()
    server = t.start(t.h2, "python3 -c '%s' %d" % (OWNED, port), "listening",
                     wait=90)
    t.start(t.h1, "python3 -c '%s' %s %d" % (CLIENT, t.h2.ipv4, port),
            "connected", wait=90)
    server.wait_line("accepted", timeout=90)
    shown = t.h2.run("ss -tneO state established sport = :%d" % port).stdout
    t.sub("native", any(s["mode"] != "1" for s in smc_sockets(t.h2)
                        if s["rport"] != "0" and int(s["lport"]) == port))
    t.sub("uid", "uid:65534" in shown, shown[-160:])


def run_variant(t, variant):
    port = t.port()
    server = t.start(t.h2, "%s/smc_sock --server --sessions 1 --control %d"
                     % (BIN, port), "listening", timeout=900)
    result = t.h1.run("%s/smc_sock --peer4 %s --peer6 %s --control %d "
                      "--variant %s --only '%s'"
                      % (BIN, t.h2.ipv4, t.h2.ipv6, port, variant, ONLY),
                      timeout=850, check=False)
    server.stop()
    take_ktap(t, result)


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
