# SPDX-License-Identifier: GPL-2.0
"""Which connections share a link group, and hosts that disagree on it."""
from .core import (SYNC_ERROR, counters, gid_of, growth, lab_test, rdma_add,
                   rdma_del, settle, smc_sockets)
from .netns import DEBUGFS, read, sh, stacks_of_workers

MOST = 255	# connections in a group
RMBS = 242	# of a host in a group, with which it takes no more connections
KEPT = 230	# sockets that a client has not closed
ROUNDS = 40
VLAN = 5
SLOW = 4	# connections at a time
LATE_MS = 200	# and messages of their peer


def both(t):
    return counters(t.h1), counters(t.h2)


def grown(t, before):
    return [growth(b, counters(h)) for b, h in zip(before, (t.h1, t.h2))]


def no_groups(t):
    """Makes the devices anew: no group is left, nor idle ones."""
    for host in (t.h1, t.h2):
        rdma_del(host)
        rdma_add(host)
    left = settle(lambda: [c["lgr_created"] - c["lgr_ended"] for c in both(t)],
                  lambda numbers: numbers == [0, 0])
    t.equal(left, [0, 0], "link groups left")


def groups(t, before, number, text):
    """So many link groups were made since then, on both hosts."""
    made = [side["first_contact"] for side in grown(t, before)]
    t.equal(made, [number, number], "link groups made, " + text)


def smcr(t, port, peer=None, options=""):
    t.load(t.h1, "rr", port, peer=peer, options=options +
           " --conns 2 --count 20 --size 3000 --expect smcr")


def over_gids(t, peer, mine, theirs, text):
    """Connections over these addresses' GIDs, in a new group."""
    before = both(t)
    port, server = t.serve(t.h2)
    smcr(t, port, peer)
    holder = t.hold(t.h1, port, peer=peer)
    found = [(s["gid"], s["peer_gid"]) for s in smc_sockets(t.h1)
             if s["rport"] == str(port)]
    t.equal(found, [(gid_of(mine), gid_of(theirs))], "GIDs, " + text)
    groups(t, before, 1, text)
    holder.stop()
    server.stop()


@lab_test("groups")
def more_than_one_holds(t):
    no_groups(t)
    before = both(t)
    port, _ = t.serve(t.h2)
    conns = MOST + 20
    t.hold(t.h1, port, conns=conns, options="--timeout 200")
    for host, end in ((t.h1, "rport"), (t.h2, "lport")):
        found = [s for s in smc_sockets(host)
                 if s[end] == str(port) and s["rport"] != "0"]
        t.equal([s for s in found if s["link"] != "1"], [],
                "connections on %s without a link" % host.name)
        t.equal(len(found), conns, "connections on %s" % host.name)
    groups(t, before, 2, "%d connections" % conns)


@lab_test("groups")
def last_places(t):
    """Many connections at a time want what is left of a group."""
    no_groups(t)
    before = both(t)
    port, _ = t.serve(t.h2)
    t.hold(t.h1, port, conns=RMBS - 4, options="--timeout 200")
    for _ in range(ROUNDS):
        t.load(t.h1, "rr", port, options="--conns 12 --count 1 --size 100 "
                                         "--expect smcr")
    groups(t, before, 2, "%d rounds" % ROUNDS)


# Connects so often and holds on; an error is no reason to close.
HOLDER = """
import socket, sys
conns = []
for _ in range(int(sys.argv[3])):
    c = socket.socket(2, 1, 256)
    c.connect((sys.argv[1], int(sys.argv[2])))
    conns.append(c)
print("connected", flush=True)
sys.stdin.readline()
"""

ABORTER = """
import socket, struct, sys
l = socket.socket(2, 1, 256)
l.bind(("", int(sys.argv[1])))
l.listen(64)
print("listening", flush=True)
for c in [l.accept()[0] for _ in range(int(sys.argv[2]))]:
    c.setsockopt(1, 13, struct.pack("ii", 1, 0))
    c.close()
"""


def hold_open(t, port, number):
    t.start(t.h1, "python3 -c '%s' %s %d %d" % (HOLDER, t.h2.ipv4, port,
                                                number), "connected", wait=60)


@lab_test("groups")
def aborted_and_kept(t):
    """A client has no RMB left where its server has many: a new group."""
    no_groups(t)
    before = both(t)
    port = t.port()
    t.start(t.h2, "python3 -c '%s' %d %d" % (ABORTER, port, KEPT),
            "listening")
    hold_open(t, port, KEPT)
    left = settle(lambda: smc_sockets(t.h2), lambda socks: not socks)
    t.equal(left, [], "the server's sockets")
    port, _ = t.serve(t.h2)
    hold_open(t, port, 2 * (MOST - KEPT))
    sides = grown(t, before)
    t.equal([side["fallback_" + role] for side, role in
             zip(sides, ("clnt", "srv"))], [1, 1], "connections in TCP")
    groups(t, before, 2, "%d sockets kept" % KEPT)


@lab_test("groups")
def second_address(t):
    """Each subnet has its own RoCEv2 GIDs."""
    for number, host in enumerate((t.h1, t.h2), 1):
        address = "10.9.0.%d" % number
        host.run("ip addr add %s/24 dev eth0" % address)
        host.wait_for("grep -qs ffff:0a09:000%d "
                      "/sys/class/infiniband/%s/ports/1/gids/*"
                      % (number, host.rdma))
    over_gids(t, "10.9.0.2", "10.9.0.1", "10.9.0.2", "second address")


@lab_test("groups")
def vlan(t):
    """A VLAN has GIDs and groups of its own."""
    for number, host in enumerate((t.h1, t.h2), 1):
        host.run("ip link add link eth0 name vlan{0} type vlan id {0} && "
                 "ip addr add 10.8.0.{1}/24 dev vlan{0} && "
                 "ip link set vlan{0} up".format(VLAN, number))
        host.wait_for("grep -qs ffff:0a08:000%d "
                      "/sys/class/infiniband/%s/ports/1/gids/*"
                      % (number, host.rdma))
    over_gids(t, "10.8.0.2", "10.8.0.1", "10.8.0.2", "VLAN")


def second_port(t, host, number):
    """Gives a host's eth1 a subnet of its own, and an adapter."""
    name = "sim%d" % (number + 2)
    host.ip("addr add 10.7.0.%d/24 dev eth1" % number)
    host.run("rdma link add %s type smcsim netdev eth1" % name)
    t.on_exit(lambda: host.run("rdma link del " + name, check=False))
    host.wait_for("grep -q ACTIVE {0}/state && grep -qs ffff:0a07:000{1} "
                  "{0}/gids/*".format("/sys/class/infiniband/%s/ports/1" % name,
                                      number))
    return name


@lab_test("groups")
def second_adapter(t):
    """Each connection takes the adapter of its own network device, whose GID
    is the one that the Proposal and the list in the Confirm have."""
    no_groups(t)
    sh("ip link add eth1 netns {0} type veth peer name eth1 netns {1}".format(
        t.h1.netns, t.h2.netns))
    t.on_exit(lambda: t.h1.ip("link del eth1"))
    for host in (t.h1, t.h2):
        host.ip("link set eth1 mtu 9000 up")
    name, _ = [second_port(t, host, number)
               for number, host in enumerate((t.h1, t.h2), 1)]
    over_gids(t, "10.7.0.2", "10.7.0.1", "10.7.0.2", "second adapter")
    over_gids(t, t.h2.ipv4, t.h1.ipv4, t.h2.ipv4, "first adapter")
    port, _ = t.serve(t.h2)
    lost = t.hold(t.h1, port, peer="10.7.0.2")
    stays = t.hold(t.h1, port)
    t.h1.run("rdma link del " + name)
    lost.wait(timeout=30)
    t.check(stays.running, "a connection over the other adapter ended")
    before = both(t)
    smcr(t, port)
    groups(t, before, 0, "once the second adapter is gone")


# connect() is given up, and made once more.
GIVEN_UP = """
import ctypes, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = socket.socket(43, socket.SOCK_STREAM, 0)
fd = socket.socket(socket.AF_INET, socket.SOCK_STREAM, fileno=fd.detach())
server = (sys.argv[1], int(sys.argv[2]))
fd.setblocking(False)
fd.connect_ex(server)
print("connecting", flush=True)
sys.stdin.readline()
code = libc.connect(fd.fileno(), bytes(16), 16)
print("disconnected", code and ctypes.get_errno(), flush=True)
sys.stdin.readline()
fd.setblocking(True)
print("connected", fd.connect_ex(server), flush=True)
sys.stdin.readline()
"""


def connecting(t, port):
    """A client that connects, and that waits for connect_again()."""
    return t.start(t.h1, "python3 -c '%s' %s %d" % (
        GIVEN_UP, t.h2.ipv4, port), "connecting")


def connect_again(t, client, host, fault):
    """The client gives up, and connects again when the fault is off."""
    client.write("\n")
    t.equal(client.wait_line("disconnected").split()[-1], "0", "disconnected")
    host.run("echo off > " + fault)
    client.write("\n")
    t.equal(client.wait_line("connected").split()[-1], "0", "connected again")


@lab_test("groups")
def given_up(t):
    """connect(AF_UNSPEC) while a slow link is being confirmed."""
    no_groups(t)
    port, _ = t.serve(t.h2)
    fault = "%s/smcsim/%s/fault/msg_late" % (DEBUGFS, t.h2.rdma)
    t.h2.run("echo 'every=1 value=1000000' > " + fault)
    t.on_exit(lambda: t.h2.run("echo off > " + fault))
    before = both(t)
    client = connecting(t, port)
    made = settle(lambda: grown(t, before)[0]["lgr_created"], bool)
    t.equal(made, 1, "groups begun")
    connect_again(t, client, t.h2, fault)
    modes = [s["mode"] for s in smc_sockets(t.h1) if s["rport"] == str(port)]
    t.equal(modes, ["0"], "modes of the client")


@lab_test("groups")
def fell_back_for_good(t):
    """After a Decline the socket is TCP's: it does not offer SMC again."""
    no_groups(t)
    port, _ = t.serve(t.h2)
    fault = "%s/smcsim/%s/fault/create_qp" % (DEBUGFS, t.h1.rdma)
    t.h1.run("echo every=1 > " + fault)
    t.on_exit(lambda: t.h1.run("echo off > " + fault))
    before = both(t)
    client = connecting(t, port)
    declined = settle(lambda: grown(t, before)[0]["fallback_clnt"], bool)
    t.equal(declined, 1, "fallbacks of the client")
    before = both(t)
    connect_again(t, client, t.h1, fault)
    why = settle(lambda: grown(t, before)[1],
                 lambda side: side["fallback_srv"] or side["hs_srv_err"])
    t.equal((why["why_no_option"], why["fallback_srv"]), (1, 1),
            "connections without the option, of those that fell back")


# Connects so often at a time.
AT_ONCE = """
import select, socket, sys
conns = [socket.socket(2, 1, 256) for _ in range(int(sys.argv[3]))]
for c in conns:
    c.setblocking(False)
    c.connect_ex((sys.argv[1], int(sys.argv[2])))
print("connecting", flush=True)
for c in conns:
    select.select([], [c], [], 30)
print("connected", [c.getsockopt(1, 4) for c in conns], flush=True)
sys.stdin.readline()
"""


@lab_test("groups")
def slow_to_learn(t):
    """A peer that takes its time to learn of memory keeps no worker."""
    t.check(read("/proc/self/stack").strip(), "no stacks to look at")
    no_groups(t)
    port, _ = t.serve(t.h2)
    t.hold(t.h1, port, conns=1)
    fault = "%s/smcsim/%s/fault/msg_late" % (DEBUGFS, t.h2.rdma)
    t.h2.run("echo 'every=1 value=%d' > %s" % (LATE_MS * 1000, fault))
    t.on_exit(lambda: t.h2.run("echo off > " + fault))
    before = both(t)
    client = t.start(t.h1, "python3 -c '%s' %s %d %d" % (
        AT_ONCE, t.h2.ipv4, port, SLOW), "connecting")
    # Each exchange waits for the one before it. The server has time: since
    # the first connection the client knows that it answers.
    seen = []
    while len(seen) < 1000 and sum(grown(t, before)[1][name] for name in (
            "hs_srv", "fallback_srv", "hs_srv_err")) < SLOW:
        seen.append(bool(stacks_of_workers()))
    t.equal(client.wait_line("connected", timeout=60),
            "connected %s" % ([0] * SLOW), "errors of connections")
    t.h2.run("echo off > " + fault)
    t.check(len(seen) > 4 and sum(seen) < len(seen) / 2,
            "workers wait: %d of %d times" % (sum(seen), len(seen)))
    sides = grown(t, before)
    t.equal([side["rmb_alloc"] >= SLOW for side in sides], [True, True],
            "memory that the peer had to learn of")
    modes = [s["mode"] for s in smc_sockets(t.h1) if s["rport"] == str(port)]
    t.equal(modes, ["0"] * (SLOW + 1), "modes of the client")
    groups(t, before, 0, "%d slow connections" % SLOW)


def forget(t, host):
    """The host loses its groups, and cannot tell the other one."""
    ended = counters(t.h2 if host is t.h1 else t.h1)["lgr_ended"]
    fault = "%s/smcsim/%s/fault/msg_lost" % (DEBUGFS, host.rdma)
    host.run("echo 'every=1 value=0' > " + fault)
    rdma_del(host)
    rdma_add(host)
    t.equal(counters(t.h2 if host is t.h1 else t.h1)["lgr_ended"], ended,
            "groups that the other host ended")


@lab_test("groups")
def client_forgets(t):
    """The server offers a group that the client has not: one Decline."""
    no_groups(t)
    port, _ = t.serve(t.h2)
    smcr(t, port)
    forget(t, t.h1)
    before = both(t)
    out = t.load(t.h1, "rr", port, options="--count 20 --expect tcp")
    t.equal(hex(out.reason()), hex(SYNC_ERROR), "client's reason")
    server = settle(lambda: grown(t, before)[1],
                    lambda side: side["lgr_ended"])
    t.equal(server["lgr_ended"], 1, "groups that the server ended")
    t.equal(server["decline_rx"], 1, "Declines received by the server")
    smcr(t, port)
    groups(t, before, 1, "after the Decline")


@lab_test("groups")
def server_forgets(t):
    """The server asks for a new group where the client has one."""
    no_groups(t)
    port, _ = t.serve(t.h2)
    smcr(t, port)
    forget(t, t.h2)
    before = both(t)
    smcr(t, port)
    groups(t, before, 1, "after the server lost its own")
    t.equal([side["decline_tx"] for side in grown(t, before)], [0, 0],
            "Declines")
