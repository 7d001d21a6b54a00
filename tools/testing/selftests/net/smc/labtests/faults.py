# SPDX-License-Identifier: GPL-2.0
"""Fallback, each case with its reason; and losses of every kind."""
import contextlib
import time

from .core import (BIN, NO_DEVICE, OTHER_PREFIX, PEER_DECLINED, PEER_NO_SMC,
                   SYNC_ERROR,
                   LoadResult, counters, growth, in_netns, lab_test, load_smc,
                   rdma_add, rdma_del, rdma_ready, reloads, settle, smc_sockets,
                   unload_smc)
from .pcap import KINDS, decode_all

# What may end a connection that is lost. An end of file is not among them: a
# program would take it for the peer's last word.
LOST = {"ECONNRESET", "EPIPE", "ECONNABORTED", "ETIMEDOUT", "ENETDOWN"}
END_OF_FILE = {"0"}
# So long who has closed waits for a peer that does nothing.
ORPHAN_SECONDS = 60


def fallback(t, clnt_reason, srv_reason, clnt_peer=0, srv_peer=0,
             clnt_af="smc", srv_af="smc"):
    """One connection must end as TCP, intact, with these reasons."""
    port, _ = t.serve(t.h2, af=srv_af)
    before = counters(t.h1), counters(t.h2)
    expect = "--expect tcp" if clnt_af == "smc" else ""
    out = t.load(t.h1, "bulk", port, af=clnt_af,
                 options="--count 1000000 --size 5000 " + expect)
    if clnt_af == "smc":
        t.equal(hex(out.reason()), hex(clnt_reason), "client's reason")
        t.equal(hex(out.reason("peer")), hex(clnt_peer), "peer's diagnosis")
        t.check(growth(before[0], counters(t.h1))["fallback_clnt"] >= 1,
                "the client's fallback was not counted")
    holder = t.hold(t.h1, port, af=clnt_af)
    if srv_af == "smc":
        mine = [s for s in smc_sockets(t.h2) if s["lport"] == str(port) and
                s["rport"] != "0"]
        t.equal(len(mine), 1, "server sockets in sock_diag")
        t.equal(mine[0]["mode"], "1", "mode on the server")
        t.equal(hex(int(mine[0]["reason"], 16)), hex(srv_reason),
                "server's reason")
        t.equal(hex(int(mine[0]["peer"], 16)), hex(srv_peer),
                "server's peer diagnosis")
        t.check(growth(before[1], counters(t.h2))["fallback_srv"] >= 1,
                "the server's fallback was not counted")
    holder.stop()


def smcr_works(t):
    """An ordinary connection runs over SMC-R."""
    port, server = t.serve(t.h2)
    t.load(t.h1, "rr", port, options="--expect smcr")
    server.stop()


def smcr_again(t):
    """The same after the client lost its device.

    The server may still hold the old group: one Decline clears it.
    """
    port, _ = t.serve(t.h2)
    out = t.load(t.h1, "rr", port, options="--expect smcr", check=False)
    t.check(out.good or (out.view.get("mode") == "1" and
                         out.reason() == SYNC_ERROR and
                         out.number("errors") == 0), out.text())
    t.load(t.h1, "rr", port, options="--expect smcr")


@contextlib.contextmanager
def no_device(host):
    """The host's RDMA device goes, and comes back at the end."""
    rdma_del(host)
    try:
        yield
    finally:
        rdma_add(host)


# Sends what both rings take; what it does then follows.
SENDER = """
import select, socket, struct, sys
l = socket.socket(2, 1, 256)
l.bind(("", int(sys.argv[1])))
l.listen(1)
print("listening", flush=True)
c = l.accept()[0]
poll = select.poll()
poll.register(c, select.POLLOUT)
sent = 0
while poll.poll(1000):
    sent += c.send(bytes(65536), 64)
"""

DEPARTED = SENDER + """
c.close()
print("sent", sent, flush=True)
"""

# Reads so much every so many seconds, for so many; then all the rest.
SLOW_READER = """
import socket, sys, time
much, every, seconds = (int(word) for word in sys.argv[3:])
c = socket.socket(2, 1, 256)
c.connect((sys.argv[1], int(sys.argv[2])))
print("connected", flush=True)
sys.stdin.readline()
got, began = 0, time.monotonic()
while time.monotonic() - began < seconds:
    got += len(c.recv(much))
    time.sleep(every)
while True:
    data = c.recv(65536)
    if not data:
        break
    got += len(data)
print("got", got, flush=True)
"""


def native(t, server, client, options=""):
    """Starts two programs that connect; their connection is SMC-R."""
    port = t.port()
    server = t.start(t.h2, "python3 -c '%s' %d" % (server, port), "listening")
    client = t.start(t.h1, "python3 -c '%s' %s %d %s" % (
        client, t.h2.ipv4, port, options), "connected")
    modes = [s["mode"] for s in smc_sockets(t.h1) if s["rport"] == str(port)]
    t.equal(modes, ["0"], "modes of the client")
    return server, client


# First, as it waits longest: others go on meanwhile.
@lab_test("faults")
def slow_reader_of_who_has_closed(t):
    """It gets everything, however long it takes."""
    server, client = native(t, DEPARTED, SLOW_READER,
                            "8192 6 %d" % (ORPHAN_SECONDS + 10))
    sent = server.wait(30).stdout.split()[-1]
    client.write("go\n")
    outcome = client.wait(ORPHAN_SECONDS + 60)
    t.equal(outcome.stdout.split()[-1:], [sent], "bytes read, of those sent; " +
            outcome.stderr)


@lab_test("faults")
def fallback_plain_server(t):
    fallback(t, PEER_NO_SMC, 0, srv_af="tcp")


@lab_test("faults")
def fallback_plain_client(t):
    fallback(t, 0, PEER_NO_SMC, clnt_af="tcp")


@lab_test("faults", two_hosts="the module is of the whole kernel")
def fallback_peer_without_module(t):
    unload_smc(t.h2)
    t.on_exit(lambda: load_smc(t.h2))
    port, _ = t.serve(t.h2, af="tcp")
    out = t.load(t.h1, "bulk", port, options="--count 1000000 --size 5000 "
                 "--expect tcp")
    t.equal(hex(out.reason()), hex(PEER_NO_SMC), "reason")


@lab_test("faults")
def fallback_syncookies(t):
    t.h2.run("sysctl -qw net.ipv4.tcp_syncookies=2")
    try:
        fallback(t, PEER_NO_SMC, PEER_NO_SMC)
    finally:
        t.h2.run("sysctl -qw net.ipv4.tcp_syncookies=1")
    smcr_works(t)


@lab_test("faults")
def fallback_no_device_on_client(t):
    """If there is none at all SMC is not even offered."""
    with no_device(t.h1):
        if in_netns(t.h1):	# the other one's is there, but of no use
            fallback(t, NO_DEVICE, PEER_DECLINED, srv_peer=NO_DEVICE)
        else:
            fallback(t, NO_DEVICE, PEER_NO_SMC)
    smcr_again(t)


@lab_test("faults")
def fallback_no_device_on_server(t):
    with no_device(t.h2):
        fallback(t, PEER_DECLINED, NO_DEVICE, clnt_peer=NO_DEVICE)
    smcr_works(t)


@lab_test("faults")
def fallback_other_prefix(t):
    # The old one first: deleting an address deletes its GID
    def change(new, old):
        t.h2.run("ip addr del {0}/{2} dev eth0; ip addr add {0}/{1} dev eth0"
                 .format(t.h2.ipv4, new, old))
        rdma_ready(t.h2)

    change(25, 24)
    try:
        fallback(t, PEER_DECLINED, OTHER_PREFIX, clnt_peer=OTHER_PREFIX)
    finally:
        change(24, 25)
    smcr_works(t)


def ended(t, process, wait, what, wanted=frozenset(LOST)):
    """A holding client must end by itself, in time and as wanted."""
    began = time.monotonic()
    result = process.wait(timeout=wait)
    out = LoadResult(result.stdout, result.code)
    names = {e.get("errno") for e in out.errors}
    t.say("%s: %s after %.1f s" % (what, ",".join(sorted(names)),
                                  time.monotonic() - began))
    t.check(out.errors and names <= wanted, "%s ended with %r" % (what, names))


@lab_test("faults")
def kill_server(t):
    """kill -9 of the server: its clients see the end at once."""
    port, server = t.serve(t.h2)
    holder = t.hold(t.h1, port, conns=8, options="--expect smcr --timeout 60")
    server.kill(9)
    ended(t, holder, 10, "clients", END_OF_FILE)
    left = settle(lambda: smc_sockets(t.h2), lambda s: not s)
    t.equal(len(left), 0, "sockets left on the server")


@lab_test("faults")
def kill_client(t):
    """kill -9 of the client in the middle of a transfer."""
    port, _ = t.serve(t.h2)
    client = t.start(t.h1, transfer(t, port))
    busy(t, t.h1)
    client.kill(9)
    left = settle(lambda: smc_sockets(t.h2), lambda s: len(s) == 1, 30)
    t.equal(len(left), 1, "sockets left on the server")
    t.equal(len(settle(lambda: smc_sockets(t.h1), lambda s: not s, 30)), 0,
            "sockets left on the client")
    smcr_works(t)


def transfer(t, port):
    """A bulk transfer that does not end by itself."""
    return ("%s --mode bulk --af smc --host %s --port %d --conns 4 --size "
            "65536 --count %d --expect smcr --timeout 60" % (
                BIN + "/smc_load", t.h2.ipv4, port, 1 << 40))


def busy(t, host, bytes_=4 << 20):
    """Waits until so many bytes more were received over SMC-R."""
    start = counters(host)["rx_bytes"]
    end = settle(lambda: counters(host)["rx_bytes"],
                 lambda n: n >= start + bytes_, 60)
    t.check(end >= start + bytes_, "the transfer does not run")


def transfer_ends(t, client, wait, what):
    result = client.wait(timeout=wait)
    out = LoadResult(result.stdout, result.code)
    names = {e.get("errno") for e in out.errors}
    t.say("%s: %s" % (what, ",".join(sorted(names))))
    t.check(len(out.errors) == 4 and names <= LOST,
            "%s ended with %r: %s" % (what, names, out.text()))


@lab_test("faults")
def tcp_reset(t):
    """The TCP connection under an SMC-R one is reset."""
    port, _ = t.serve(t.h2)
    holder = t.hold(t.h1, port, conns=4, options="--expect smcr --timeout 60")
    killed = t.h1.run("ss -K -n dst %s dport = %d" % (t.h2.ipv4, port)).stdout
    t.check(killed.count("ESTAB") == 4, "ss did not reset: %r" % killed)
    ended(t, holder, 20, "clients")
    left = settle(lambda: smc_sockets(t.h2), lambda s: len(s) <= 1, 20)
    t.equal(len(left), 1, "sockets left on the server")
    smcr_works(t)


def device_lost(t, host):
    port, _ = t.serve(t.h2)
    client = t.start(t.h1, transfer(t, port))
    busy(t, t.h1)
    with no_device(host):
        transfer_ends(t, client, 40, "transfer")
        left = settle(lambda: smc_sockets(t.h2), lambda s: len(s) <= 1, 40)
        t.equal(len(left), 1, "sockets left on the server")
        fallback_out = t.load(t.h1, "rr", port, options="--expect tcp")
        t.check(fallback_out.good, "no fallback without the device")


@lab_test("faults")
def device_lost_on_client(t):
    device_lost(t, t.h1)
    smcr_again(t)


@lab_test("faults")
def device_lost_on_server(t):
    device_lost(t, t.h2)
    smcr_works(t)


def module_users(host):
    """Who holds the module; smc_diag is one of them."""
    return int(host.run("cat /sys/module/smc/refcnt").stdout)


# A server with little room takes what is there, once, and closes. Its clients
# have closed already, with more on their hands than it had room for.
LEAVER = """
import socket, sys
l = socket.socket(2, 1, 256)
l.setsockopt(1, 8, 16384)
l.bind(("", int(sys.argv[1])))
l.listen(16)
print("listening", flush=True)
conns = [l.accept()[0] for n in range(int(sys.argv[2]))]
sys.stdin.readline()
for c in conns:
    c.recv(1 << 20)
    c.close()
"""

STUFFER = """
import socket, sys
conns = []
for n in range(int(sys.argv[3])):
    c = socket.socket(2, 1, 256)
    c.setsockopt(1, 7, 1 << 19)
    c.connect((sys.argv[1], int(sys.argv[2])))
    c.setblocking(False)
    try:
        while c.send(bytes(65536)):
            pass
    except BlockingIOError:
        conns.append(c)
print("full", flush=True)
sys.stdin.readline()
"""


@lab_test("faults")
def both_close_with_data(t):
    """Data that nobody will read any more hold no socket."""
    port, number = t.port(), 8
    server = t.start(t.h2, "python3 -c '%s' %d %d" % (LEAVER, port, number),
                     "listening")
    client = t.start(t.h1, "python3 -c '%s' %s %d %d" % (
        STUFFER, t.h2.ipv4, port, number), "full")
    modes = [s["mode"] for s in smc_sockets(t.h1) if s["rport"] == str(port)]
    t.equal(modes, ["0"] * number, "modes of the clients")
    for process, name in ((client, "client"), (server, "server")):
        process.write("go\n")
        t.equal(process.wait(10).code, 0, "exit code of the " + name)
    for host in (t.h1, t.h2):
        left = settle(lambda h=host: smc_sockets(h), lambda s: not s, 5)
        t.check(not left, "%s: sockets left: %r" % (host.name, left))


# A server that lingers over what its client does not read.
LINGERER = SENDER + """
c.setsockopt(1, 13, struct.pack("ii", 1, 60))
print("closing", flush=True)
c.close()
"""

LATECOMER = """
import select, socket, sys
c = socket.socket(2, 1, 256)
c.connect((sys.argv[1], int(sys.argv[2])))
print("connected", flush=True)
sys.stdin.readline()
c.send(b"x")
poll = select.poll()
poll.register(c, select.POLLERR)
print("events", poll.poll(20000) and c.getsockopt(1, 4), flush=True)
"""


@lab_test("faults")
def data_for_who_lingers(t):
    """Data that come while close() lingers are refused, as by TCP."""
    server, client = native(t, LINGERER, LATECOMER)
    server.wait_line("closing", timeout=30)
    client.write("go\n")
    outcome = client.wait(25)
    t.equal(outcome.code, 0, "exit code of the client: " + outcome.stderr)
    t.check("events 104" in client.stdout, client.stdout)
    t.equal(server.wait(10).code, 0, "exit code of the server")


@lab_test("faults")
def unload_under_load(t):
    """A module in use stays; once the programs are gone it goes at once."""
    port, server = t.serve(t.h2)
    client = t.start(t.h1, transfer(t, port))
    busy(t, t.h1)
    if reloads(t.h1):
        t.check(not unload_smc(t.h1, check=False).ok, "unloaded while in use")
        load_smc(t.h1)	# the removal may have taken smc_diag
    t.check(module_users(t.h1) > 1, "a busy module has no users")
    client.kill(9)
    server.kill(9)
    for host in (t.h1, t.h2):
        left = settle(lambda h=host: smc_sockets(h), lambda s: not s, 30)
        t.check(not left, "%s: sockets left: %r" % (host.name, left))
    for host in (t.h1, t.h2):
        users = settle(lambda h=host: module_users(h), lambda n: n <= 1)
        t.equal(users, 1, "users of smc beside smc_diag")
        if not reloads(host):
            continue
        result = unload_smc(host, check=False)
        t.check(result.ok, "%s: %s" % (host.name, result.stderr))
        load_smc(host)
    smcr_works(t)


@lab_test("faults", two_hosts="smcsim moves messages and data in memory")
def decoder_of_all(t):
    """All of the above is by the protocol, too."""
    smcr_works(t)
    decode_all(t, KINDS)


@lab_test("faults", last=True, two_hosts="one of them loses its power")
def peer_host_dies(t):
    """The peer's host loses its power."""
    port, _ = t.serve(t.h2)
    holder = t.hold(t.h1, port, conns=2, options="--expect smcr --timeout 200")
    client = t.start(t.h1, transfer(t, port))
    busy(t, t.h1)
    t.h2.kill()
    transfer_ends(t, client, 75, "transfer")
    ended(t, holder, 90, "idle connections")
    left = settle(lambda: smc_sockets(t.h1), lambda s: not s, 30)
    t.equal(len(left), 0, "sockets left")
    unload_smc(t.h1)
