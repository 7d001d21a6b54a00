# SPDX-License-Identifier: GPL-2.0
"""Servers that send the SMC option and do not speak SMC."""
import re

from .core import BIN, PEER_DECLINED, PEER_MUTE, counters, forget_mute, \
    growth, lab_test, mute_servers, settle, smc_sockets

ADDRESS = "10.0.0.78"
SECOND = "10.0.0.79"	# of the client's host
FIRST_PORT = 41000
USABLE_MS = 2000	# from connect() on
PATIENCE_MS = 1500	# of the kernel
AT_ONCE_MS = 700	# on an emulated host; what it may not be is patience
# The kinds of server, in the order of odd.c.
KINDS = ("silent", "banner", "mirror", "fin", "rst", "start", "refuse", "gone",
         "good", "late")
LATE = 20	# servers that answer at about the end of patience
MSS = 400	# what TCP_MAXSEG is set to; less than that of the servers
CLAMP = 20000	# what TCP_WINDOW_CLAMP is set to; less than buffers have

# A client for each argument HOW:PORT[:SOURCE]; SOURCE may be "any". One process
# for all: a new interpreter takes its time where it is emulated or watched.
CLIENT = r"""
import errno, os, select, signal, socket, struct, sys, time
def connect(fd, how, address):
    if how in ("block", "mapped"):
        return fd.connect_ex(address)
    if how == "signal":
        # Python goes on waiting when it is interrupted.
        signal.signal(signal.SIGALRM, lambda *args: None)
        signal.setitimer(signal.ITIMER_REAL, 0.3, 0.3)
        code = fd.connect_ex(address)
        signal.setitimer(signal.ITIMER_REAL, 0)
        return code
    if how == "timeout":
        fd.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO,
                      struct.pack("ll", 0, 400000))
        code = fd.connect_ex(address)
        if code != errno.EINPROGRESS:
            return -1
        fd.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO,
                      struct.pack("ll", 20, 0))
        return fd.connect_ex(address)	# waits for the same connection
    fd.setblocking(False)
    if fd.connect_ex(address) != errno.EINPROGRESS:
        return -1
    poll = select.poll()
    poll.register(fd, select.POLLIN | select.POLLOUT)
    if how == "close":
        # Nothing to see in the first wait, nor while it connects again.
        ready = poll.poll(int(sys.argv[1]))
        fd.close()
        return -1 if ready else 0
    poll.poll(20000)
    fd.setblocking(True)
    return fd.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
def echoed(fd):
    data = os.urandom(1000)
    fd.settimeout(20)
    try:
        fd.sendall(data)
        return fd.recv(1000, socket.MSG_WAITALL) == data
    except OSError:
        return False
fds = []
for word in sys.argv[3:]:
    how, port, source = (word + ":0").split(":")[:3]
    mapped = how == "mapped"
    fd = socket.socket(43, socket.SOCK_STREAM, int(mapped))
    # Python knows the addresses of its own families only.
    fd = socket.socket(socket.AF_INET6 if mapped else socket.AF_INET,
                       socket.SOCK_STREAM, fileno=fd.detach())
    fd.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    fd.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, %d)
    fd.setsockopt(socket.IPPROTO_TCP, socket.TCP_WINDOW_CLAMP, %d)
    if source == "any":
        fd.bind(("", 0))
        source = fd.getsockname()[1]
    elif int(source):
        fd.bind(("", int(source)))
    began = time.monotonic()
    code = connect(fd, how, ("::ffff:" * mapped + sys.argv[2], int(port)))
    took = (time.monotonic() - began) * 1000
    if how == "close" or code:
        print("client", how, port, "errno=%%d ms=%%d" %% (code, took),
              flush=True)
        continue
    # TCP sets it anew when data have come.
    clamp = fd.getsockopt(socket.IPPROTO_TCP, socket.TCP_WINDOW_CLAMP)
    print("client", how, port, "errno=0 ms=%%d echoed=%%d source=%%d local=%%d "
          "alive=%%d mss=%%d clamp=%%d" %% (took, echoed(fd), int(source),
        fd.getsockname()[1],
        fd.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
        fd.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG), clamp),
          flush=True)
    fds.append(fd)
print("connected", flush=True)
sys.stdin.read()
""" % (MSS, CLAMP)


# A client bound to an address and any port, which another takes meanwhile.
TAKEN = """
import select, socket, sys
def reuse(fd):
    fd.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return fd
fd = socket.socket(43, socket.SOCK_STREAM, 0)
fd = reuse(socket.socket(socket.AF_INET, fileno=fd.detach()))
fd.bind((sys.argv[1], 0))
port = fd.getsockname()[1]
fd.setblocking(False)
fd.connect_ex((sys.argv[2], int(sys.argv[3])))
other = reuse(socket.socket())
other.bind((sys.argv[1], port))
other.listen()
poll = select.poll()
poll.register(fd, select.POLLOUT)
poll.poll(20000)
print("errno=%d same_port=%d source=%s" % (
    fd.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR),
    fd.getsockname()[1] == port, fd.getsockname()[0]))
"""


class Odd:
    """The servers, on host 1, and how clients on host 2 fare with them."""

    def __init__(self, t):
        self.t = t
        self.first = FIRST_PORT
        self.start()
        forget_mute(t.h2)
        t.on_exit(lambda: forget_mute(t.h2))

    def start(self):
        self.servers = self.t.start(
            self.t.h1, "%s/hostile odd --dev eth0 --ip %s --port %d"
            % (BIN, ADDRESS, self.first), "listening")

    def port(self, kind):
        return self.first + KINDS.index(kind)

    def seen(self, kind, number=0):
        """What a server has seen of its connections, in order of their end."""
        return re.findall(r"^odd %d from=(\d+) option=(\d) echoed=(\d) .*$"
                          % (KINDS.index(kind) + number),
                          self.servers.stdout, re.M)

    def connect(self, *hows, close_ms=0):
        """Runs clients; returns their results, and sockets meanwhile."""
        client = self.t.start(self.t.h2, "python3 -c '%s' %d %s %s" % (
            CLIENT, close_ms, ADDRESS, " ".join(hows)), "connected", wait=120)
        sockets = {int(s["rport"]): s for s in smc_sockets(self.t.h2)
                   if s["rport"] != "0"}
        client.close_stdin()
        results = []
        for line in re.findall("^client .*$", client.stdout, re.M):
            pairs = dict(word.split("=") for word in line.split()[3:])
            result = {key: int(value) for key, value in pairs.items()}
            result["port"] = int(line.split()[2])
            view = sockets.get(result["port"], {"mode": "-", "reason": "0"})
            result["mode"] = view["mode"]
            result["reason"] = int(view["reason"], 16)
            results.append(result)
        self.t.equal(len(results), len(hows), "clients")
        return results

    def known(self):
        """Ports of servers that host 2 knows to be mute."""
        return [int(line[1]) for line in mute_servers(self.t.h2)
                if line[0] == ADDRESS]


def as_tcp(result, reason=PEER_MUTE, most=USABLE_MS, least=0):
    return result["errno"] == 0 and result["echoed"] == 1 and \
        result["alive"] == 1 and 0 < result["mss"] <= MSS and \
        result["mode"] == "1" and \
        result["reason"] == reason and least <= result["ms"] < most


@lab_test("stress")
def mute_server(t):
    """It is waited for once, and not again until that is forgotten."""
    odd = Odd(t)
    port = odd.port("silent")
    before = counters(t.h2)
    first, second = odd.connect("block:%d" % port, "block:%d" % port)
    t.sub("first", as_tcp(first, least=PATIENCE_MS - 300), str(first))
    t.sub("second", as_tcp(second, most=AT_ONCE_MS), str(second))
    t.equal([first["clamp"], second["clamp"]], [CLAMP, CLAMP],
            "TCP_WINDOW_CLAMP of both")
    forget_mute(t.h2)
    first, second = odd.connect("mapped:%d" % port, "block:%d" % port)
    t.sub("mapped", as_tcp(first, least=PATIENCE_MS - 300) and
          as_tcp(second, most=AT_ONCE_MS), "%s %s" % (first, second))
    moved = growth(before, counters(t.h2))
    t.sub("counted", (moved["clc_mute"], moved["why_mute"],
                      moved["fallback_clnt"], moved["hs_clnt_err"]) ==
          (2, 4, 4, 0), "clc_mute=%(clc_mute)d why_mute=%(why_mute)d" % moved)
    lines = [line for line in mute_servers(t.h2) if line[1] == str(port)]
    t.sub("remembered", len(lines) == 1 and lines[0][0] == ADDRESS and
          0 < int(lines[0][3]) <= 10 and lines[0][4] == "1", repr(lines))
    t.sub("not_elsewhere", not mute_servers(t.h1))
    refused = t.h2.run("echo forget > /proc/net/smc_mute", check=False)
    t.sub("wrong_word", not refused.ok and odd.known() == [port])
    forget_mute(t.h2)
    t.sub("flushed", not mute_servers(t.h2))
    again, = odd.connect("block:%d" % port)
    t.sub("asked_again", as_tcp(again, least=PATIENCE_MS - 300), str(again))
    seen = settle(lambda: odd.seen("silent"), lambda seen: len(seen) >= 8)
    t.sub("option", [word[1] for word in seen] ==
          ["1", "0", "0", "1", "0", "0", "1", "0"] and
          [word[2] for word in seen] ==
          ["0", "1", "1", "0", "1", "1", "0", "1"], repr(seen))


@lab_test("stress")
def mute_manners(t):
    """What else servers do instead of an answer."""
    odd = Odd(t)
    for kind in ("banner", "mirror", "fin", "rst", "start"):
        most = USABLE_MS if kind == "start" else PATIENCE_MS
        hold = range(11, 61) if kind in ("banner", "mirror") else range(1, 11)
        result, = odd.connect("block:%d" % odd.port(kind))
        left = [int(line[3]) for line in mute_servers(t.h2)
                if line[1] == str(odd.port(kind))]
        t.sub(kind, as_tcp(result, most=most) and len(left) == 1 and
              left[0] in hold, "%s, remembered for %s s" % (result, left))
    source = t.port()
    before = counters(t.h2)
    bound, refuse = odd.connect("poll:%d:%d" % (odd.port("silent"), source),
                                "poll:%d" % odd.port("refuse"))
    t.sub("nonblocking", as_tcp(bound, least=PATIENCE_MS - 300) and
          bound["local"] == source, str(bound))
    seen = settle(lambda: odd.seen("silent"), lambda seen: len(seen) >= 2)
    t.sub("source_port", [word[0] for word in seen] == [str(source)] * 2,
          repr(seen))
    t.sub("refused", refuse["errno"] == 111 and
          odd.port("refuse") not in odd.known(), str(refuse))
    moved = growth(before, counters(t.h2))
    t.sub("refused_counted", moved["hs_clnt_err"] == 1 and
          moved["clc_mute"] == 2)
    forget_mute(t.h2)
    for kind in ("silent", "fin", "rst"):
        chosen, = odd.connect("block:%d:any" % odd.port(kind))
        t.sub("chosen_port_" + kind, as_tcp(chosen) and
              chosen["local"] == chosen["source"], str(chosen))
    forget_mute(t.h2)
    signal, = odd.connect("signal:%d" % odd.port("silent"))
    t.sub("interrupted", as_tcp(signal), str(signal))
    forget_mute(t.h2)
    timeout, = odd.connect("timeout:%d" % odd.port("silent"))
    t.sub("sndtimeo", as_tcp(timeout), str(timeout))


@lab_test("stress")
def mute_port_taken(t):
    """The port has gone to another meanwhile; the address may not change."""
    odd = Odd(t)
    t.h2.run("ip addr add %s/24 dev eth0" % SECOND)
    t.on_exit(lambda: t.h2.run("ip addr del %s/24 dev eth0" % SECOND))
    result = t.h2.run("python3 -c '%s' %s %s %d" % (
        TAKEN, SECOND, ADDRESS, odd.port("silent")), timeout=60).stdout.strip()
    t.sub("source", result == "errno=0 same_port=0 source=" + SECOND, result)


@lab_test("stress")
def mute_close(t):
    """close() while the server is waited for, and while TCP connects again."""
    odd = Odd(t)
    for name, kind, wait in (("waiting", "silent", 500),
                             ("connecting", "gone", 2500)):
        result, = odd.connect("close:%d" % odd.port(kind), close_ms=wait)
        left = settle(lambda: smc_sockets(t.h2), lambda left: not left)
        t.sub(name, result["errno"] == 0 and not left, "%s sockets=%d" % (
            result, len(left)))
    t.sub("not_remembered", not odd.known(), repr(odd.known()))


@lab_test("stress")
def mute_race(t):
    """A server that answers at the moment when the client gives up."""
    odd = Odd(t)
    ports = [odd.port("late") + i for i in range(LATE)]
    results = odd.connect(*["block:%d" % port for port in ports])
    mute = sum(result["reason"] == PEER_MUTE for result in results)
    good = sum(as_tcp(result, result["reason"]) and
               result["reason"] in (PEER_MUTE, PEER_DECLINED)
               for result in results)
    t.sub("usable", good == LATE and 0 < mute < LATE,
          "%d of %d, %d declined in time" % (good, LATE, LATE - mute))
    for result in results:
        if not as_tcp(result, result["reason"]):
            t.say(str(result))


@lab_test("stress")
def mute_reformed(t):
    """A mute server's address is a good one's later."""
    odd = Odd(t)
    port = odd.port("good")
    mute, = odd.connect("block:%d" % port)
    forget_mute(t.h2)
    declined, = odd.connect("block:%d" % port)
    t.sub("answers_later", as_tcp(mute) and
          as_tcp(declined, PEER_DECLINED) and not odd.known(),
          "%s %s" % (mute, declined))
    mute, = odd.connect("block:%d" % odd.port("silent"))
    odd.servers.stop()
    t.h1.run("ip addr add %s/24 dev eth0" % ADDRESS)
    t.on_exit(lambda: t.h1.run("ip addr del %s/24 dev eth0" % ADDRESS))
    port, _ = t.serve(t.h1, port=odd.port("silent"))
    t.load(t.h2, "cycle", port, peer=ADDRESS, options="--expect tcp")
    t.check(odd.known() == [port], "the mute server is forgotten")
    forget_mute(t.h2)
    t.load(t.h2, "cycle", port, peer=ADDRESS,
           options="--count 10 --expect smcr")


class Island:
    """A namespace of host 2 with a device of its own, and odd servers."""

    def __init__(self, t):
        self.t = t
        self.host = t.h2
        self.name = "smcmute"
        self.device = t.h2.rdma + "9"
        self.inside = "ip netns exec %s " % self.name
        self.host.run("ip netns add " + self.name)
        t.on_exit(lambda: self.host.run("ip netns del " + self.name,
                                        check=False))
        self.run("sh -c 'ip link set lo up; ip link add odd0 type veth "
                 "peer name odd1 && ip addr add 10.0.9.1/24 dev odd0 && "
                 "ip link set odd0 up && ip link set odd1 up && "
                 "rdma link add %s type smcsim netdev odd0'" % self.device)
        port = "/sys/class/infiniband/%s/ports/1" % self.device
        self.host.wait_for("grep -q ACTIVE {0}/state && grep -qs "
                           "0000:0000:0000:0000:0000:ffff: {0}/gids/*"
                           .format(port))
        self.odd = t.start(self.host, self.inside + "%s/hostile odd "
                           "--dev odd1 --ip 10.0.9.78 --port %d"
                           % (BIN, FIRST_PORT), "listening")

    def run(self, command):
        return self.host.run(self.inside + command)

    def connect(self, kind, how="block", line="connected", close_ms=0):
        return self.t.start(self.host, self.inside + "python3 -c '%s' %d "
                            "10.0.9.78 %s:%d" % (CLIENT, close_ms, how,
                            FIRST_PORT + KINDS.index(kind)), line, wait=60)

    def device_gone(self):
        return "test ! -e /sys/class/infiniband/" + self.device


@lab_test("hostile")
def mute_namespace(t):
    """A namespace goes with all that it remembers."""
    island = Island(t)
    client = island.connect("silent")
    shown = island.run("cat /proc/net/smc_mute").stdout
    t.check("errno=0" in client.stdout and "echoed=1" in client.stdout,
            client.stdout)
    t.check(shown.startswith("10.0.9.78 %d " % FIRST_PORT), shown)
    t.check(not [line for line in mute_servers(t.h2)
                 if line[0] == "10.0.9.78"], "remembered in two namespaces")
    client.stop()
    island.odd.stop()
    t.h2.run("ip netns del " + island.name)
    t.h2.wait_for(island.device_gone())


@lab_test("hostile")
def mute_device(t):
    """Devices can go while TCP connects to a mute server once more."""
    island = Island(t)
    again = "ss -Htn state syn-sent dport = %d" % (
        FIRST_PORT + KINDS.index("gone"))
    client = island.connect("gone", "close", None, close_ms=100000)
    island.odd.wait_line("option=1", timeout=30)
    t.h2.wait_for(island.inside + again + " | grep -q .")
    island.run("rdma link del " + island.device)
    t.h2.wait_for(island.device_gone(), timeout=5)
    t.check(client.running, "the client has ended: " + client.stdout)
    t.h2.run(island.inside + "ip link del odd0", timeout=5)
    client.stop()
