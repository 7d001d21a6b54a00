# SPDX-License-Identifier: GPL-2.0
"""Peers that break the rules: of the handshake, of links, of RDMA writes.

Where all kinds of attacks are tried there is a neighbour with a link group of
its own. It exchanges data and makes new connections all the time, and may
notice nothing.
"""
import json
import re

from .core import BIN, counters, forget_mute, growth, in_netns, lab_test, \
    parse_pairs, rdma_add, rdma_del, rdma_resources, settle, smc_sockets
from .netns import read, sh, stacks_of_workers

ADDRESS = "10.0.0.77"
FIRST_PORT = 40000
# Of both versions together somewhat more than a million.
MESSAGES = 600000
# Longest time in which the neighbour gets no answer, on a host whose only CPU
# is under attack as well.
STALL_MS = 3000
OPEN_MS = 5000
# How counters of the host under test have to move for each outcome.
COUNTED = {
    "bad_header": ("bad_clc", "clc_bad_header"),
    "unexpected": ("bad_clc", "clc_unexpected"),
    "bad_proposal": ("bad_clc", "clc_bad_proposal"),
    "bad_accept": ("bad_clc", "clc_bad_accept"),
    "bad_decline": ("bad_clc", "clc_bad_decline"),
    "timeout": ("clc_timeout",),
    "served": ("decline_rx", "why_declined"),
    "garbled": ("decline_rx", "why_declined"),
    "plain": ("why_mute",),
    "mute": ("why_mute",),
    "no_option": ("why_no_option",),
    "declined": ("decline_tx",),
    # A link that nobody answers on is given up, or found to be down.
    "no_link": ("decline_tx", "link"),
    "cut": ("clc_cut",),
}
# Of these a connection moves one.
ONE_OF = ("bad_clc", "clc_cut", "clc_timeout", "decline_rx", "decline_tx")
REASONS = {
    0x03010000: "why_no_option",
    0x03030000: "why_no_device",
    0x03030002: "why_other",	# no RoCEv2 GID
    0x03030008: "why_other",	# no EID
    0x03030009: "why_other",	# release
    0x0303000a: "why_other",	# number of connections
    0x0303000b: "why_other",	# number of links
    0x03040000: "why_not_offered",
    0x03070000: "why_subnet",
    0x04000000: "why_out_of_sync",
    0x09990000: "why_internal",
    0x09990001: "why_rtoken",
    0x09990002: "link",
}


class Neighbour:
    """The one who must not notice."""

    def __init__(self, t, host, peer, port):
        self.t = t
        self.process = t.start(host, "%s/hostile neighbour --host %s --port %d"
                               % (BIN, peer, port), "neighbour ready",
                               timeout=1500)
        self.seen = 0

    def check(self, name):
        """How it was since the last time."""
        lines = []
        if self.process.running:
            self.process.write("?\n")
            lines = settle(self._lines, lambda got: len(got) > self.seen or
                           not self.process.running, 60)
        if len(lines) <= self.seen:
            self.t.sub(name, False, "the neighbour is dead: %s"
                       % self.process.stdout[-300:])
            return
        self.seen = len(lines)
        got = {key: int(value) for key, value in
               parse_pairs(lines[-1]).items()}
        self.t.sub(name, got["rounds"] > 0 and got["opened"] > 0 and
                   got["round_ms"] <= STALL_MS and got["open_ms"] <= OPEN_MS,
                   "rounds=%(rounds)d longest=%(round_ms)d ms "
                   "connections=%(opened)d longest=%(open_ms)d ms" % got)

    def _lines(self):
        return re.findall("^neighbour rounds=.*$", self.process.stdout, re.M)

    def end(self, name="neighbour_end"):
        """Nothing was wrong up to its end."""
        self.process.close_stdin()
        result = self.process.wait(60)
        self.t.sub(name, result.ok, "code=%s %s" % (
            result.code, "" if result.ok else result.stdout[-300:]))


def gids_of(t):
    """Kinds of GID that the hosts have."""
    return t.lab.gids if in_netns(t.h1) else "v2"


def expected(text):
    """What the attacker says that has to be counted: sums per counter.

    Nobody can tell what was read of a connection when its reset came. The
    third are the numbers of those that may move each counter, too.
    """
    want = parse_pairs(re.search("^expect .*$", text, re.M).group(0))
    want = {key: int(value) for key, value in want.items()}
    sums = {}
    for outcome, names in COUNTED.items():
        for name in names:
            sums[name] = sums.get(name, 0) + want[outcome]
    for value in re.findall("^diagnosis (0x.*)$", text, re.M):
        name = REASONS[int(value, 16)]
        sums[name] = sums.get(name, 0) + 1
    loose = {"clc_cut": want["none"]}
    for outcome, value in re.findall("^may (.*) (0x.*)$", text, re.M):
        names = COUNTED[outcome]
        if outcome == "declined":
            names += (REASONS[int(value, 16)],)
        for name in set(names) - {"clc_cut"}:
            loose[name] = loose.get(name, 0) + 1
    return want, sums, loose


def wrong_counters(moved, sums, loose):
    """Says which counters have not moved as they have to."""
    wrong = ["%s=%d wanted %d to %d" % (name, moved[name], least, most)
             for name, least, most in
             ((name, number, number + loose.get(name, 0))
              for name, number in sorted(sums.items()))
             if not least <= moved[name] <= most]
    more = sum(moved[name] - sums[name] for name in ONE_OF)
    if more > loose["clc_cut"]:
        wrong.append("%d too many in all, of %d that are reset"
                     % (more, loose["clc_cut"]))
    return wrong


def handshake_results(t, text, target, before, least, client=False):
    """Judges one side's attacks on the handshake, and the counters."""
    problems = re.findall("^problem .*$", text, re.M)
    for line in problems[:60]:
        t.say(line)
    t.check("expect " in text, "the attacks did not end: " + text[-1000:])
    want, sums, loose = expected(text)
    # A client connects anew, and does when an answer comes too late.
    void = len(re.findall("^void ", text, re.M))
    sums["why_mute"] += void
    sums["clc_mute"] = want["mute"] + void if client else 0
    if client:
        loose["clc_mute"] = len(re.findall("^may mute ", text, re.M))
    t.sub("attacks", not problems and want["cases"] >= least,
          "cases=%d problems=%d void=%d outcomes: %s" % (
              want["cases"], len(problems), void, " ".join(
                  "%s=%d" % (name, want[name]) for name in sorted(want)
                  if name not in ("cases", "accepts") and want[name])))
    moved = growth(before, settle(
        lambda: counters(target), lambda now:
        growth(before, now)["clc_cut"] >= sums["clc_cut"] and
        growth(before, now)["clc_timeout"] >= sums["clc_timeout"]))
    moved["link"] = moved["why_link_timeout"] + moved["why_link_setup"]
    wrong = wrong_counters(moved, sums, loose)
    if moved["bad_clc"] != sum(moved[name] for name in (
            "clc_bad_header", "clc_unexpected", "clc_bad_proposal",
            "clc_bad_accept", "clc_bad_decline")):
        wrong.append("bad_clc is not the sum of its parts")
    if moved["fallback_clnt"] + moved["fallback_srv"] != sum(
            number for name, number in moved.items()
            if name.startswith("why_")):
        wrong.append("fallback_* is not the sum of why_*")
    t.sub("counted", not wrong, "; ".join(wrong) or " ".join(
        "%s=%d" % (name, moved[name]) for name in sorted(sums)))


def links(host):
    """Queue pairs of links, and those that the device has for itself."""
    return rdma_resources(host).get("qp", 0)


def nothing_left(t, sockets, links_before):
    """No socket, and one link group more than before in each role at most."""
    for number, host in enumerate((t.h1, t.h2), 1):
        left = settle(lambda: smc_sockets(host),
                      lambda found: len(found) <= sockets[number - 1], 90)
        t.sub("no_socket_left_%d" % number, len(left) <= sockets[number - 1],
              "sockets=%d" % len(left))
        before = links_before[number - 1]
        left = settle(lambda: links(host), lambda found: found <= before + 2,
                      90)
        t.sub("no_link_left_%d" % number, left <= before + 2,
              "queue pairs=%d before=%d" % (left, before))


def hostile_clients(t, options=""):
    """Misbehaving clients against a listener on host 2."""
    port, _ = t.serve(t.h2)
    neighbour = Neighbour(t, t.h1, t.h2.ipv4, port)
    queue_pairs = [links(host) for host in (t.h1, t.h2)]
    before = counters(t.h2)
    result = t.h1.run("%s/hostile listener --dev eth0 --ip %s --host %s "
                      "--port %d --gids %s %s" % (BIN, ADDRESS, t.h2.ipv4,
                                                  port, gids_of(t), options),
                      timeout=1400, check=False)
    handshake_results(t, result.stdout + result.stderr, t.h2, before, 300)
    neighbour.check("neighbour")
    neighbour.end()
    nothing_left(t, (0, 1), queue_pairs)


def hostile_servers(t, options=""):
    """Clients on host 2 against servers that misbehave."""
    port, _ = t.serve(t.h2)
    neighbour = Neighbour(t, t.h1, t.h2.ipv4, port)
    attacker = t.start(t.h1, "%s/hostile client --dev eth0 --ip %s --port %d "
                       "--gids %s %s" % (BIN, ADDRESS, FIRST_PORT, gids_of(t),
                                         options), "listening", timeout=1500)
    forget_mute(t.h2)
    queue_pairs = [links(host) for host in (t.h1, t.h2)]
    before = counters(t.h2)
    result = t.h2.run("%s/hostile victims --host %s --port %d --gids %s %s" % (
        BIN, ADDRESS, FIRST_PORT, gids_of(t), options), timeout=1400,
        check=False)
    handshake_results(t, result.stdout + result.stderr + attacker.stdout,
                      t.h2, before, 150, client=True)
    neighbour.check("neighbour")
    neighbour.end()
    nothing_left(t, (0, 1), queue_pairs)


def look_at_unlinked(t, port):
    """What workers do while links do not come up, and what there is of them."""
    before = counters(t.h2)
    peers = t.start(t.h1, "%s/hostile unlinked --dev eth0 --ip %s --host %s "
                    "--port %d --conns 6 --gids %s" % (
                        BIN, ADDRESS, t.h2.ipv4, port, gids_of(t)),
                    "unlinked=12", wait=60)
    seen = [stacks_of_workers() for _ in range(3)]
    now = growth(before, counters(t.h2))
    peers.write("\n")
    t.equal(peers.wait(60).code, 0, "exit code of the peers")
    end = settle(lambda: growth(before, counters(t.h2)),
                 lambda c: c["lgr_created"] == c["lgr_ended"])
    t.equal(end["lgr_ended"], end["lgr_created"], "link groups ended")
    return seen, now


@lab_test("hostile")
def unlinked(t):
    """Handshakes whose link or group does not come up keep no worker."""
    t.check(read("/proc/self/stack").strip(), "no stacks to look at")
    port, _ = t.serve(t.h2)
    # A busy machine may look too late.
    for _ in range(3):
        seen, now = look_at_unlinked(t, port)
        if not now["lgr_ended"]:
            break
    # More, if those that wait for the first one's group are out of patience.
    t.check(now["lgr_created"] >= 6 and not now["lgr_ended"],
            "link groups begun and ended: %d, %d" % (now["lgr_created"],
                                                     now["lgr_ended"]))
    t.check(not all(seen), "workers wait: %s" % seen[-1][:1])


# In namespaces they have a lab of their own.
lab_test("stress", two_hosts="the lab hostile has it")(hostile_clients)
lab_test("stress", two_hosts="the lab hostile has it")(hostile_servers)
lab_test("hostile")(hostile_clients)
lab_test("hostile")(hostile_servers)


@lab_test("hostile_v2")
def hostile_clients_v2(t):
    """The same where version 2 is agreed on."""
    hostile_clients(t, "--v2")


@lab_test("hostile_v2")
def hostile_servers_v2(t):
    hostile_servers(t, "--v2")


def second_segment(t):
    """Another cable with RDMA devices of its own, for the neighbour."""
    t.h1.run("ip link add eth1 type veth peer name eth1 netns %s"
             % t.h2.netns)
    t.on_exit(lambda: t.h1.run("ip link del eth1", check=False))
    for host in (t.h1, t.h2):
        device = host.rdma + "1"
        host.run("ip link set eth1 up; ip addr add 10.0.1.%d/24 dev eth1;"
                 "rdma link add %s type smcsim netdev eth1"
                 % (host.number, device))
        t.on_exit(lambda host=host, device=device: host.run(
            "rdma link del " + device, check=False))
    for host in (t.h1, t.h2):
        host.wait_for("grep -q ACTIVE /sys/class/infiniband/%s1/ports/1/state"
                      % host.rdma)


def only_link(t, host):
    """Number of the queue pair of the one link that a device has."""
    # Who owns it is seen from the first PID namespace only.
    found = [pair["lqpn"] for pair in json.loads(sh("rdma -j resource show qp"))
             if pair["ifname"] == host.rdma and pair["type"] == "RC"]
    t.check(len(found) == 1, "%s: queue pairs %s" % (host.rdma, found))
    return found[0]


def links_attacked(t, least, options=""):
    """Messages of links and RDMA writes, changed on their way or made up.

    One of the neighbours is on other devices. The other one is on those that
    are attacked: its server is where the clients are, so its group is its own.
    """
    for host in (t.h1, t.h2):	# with what earlier tests have left
        rdma_del(host)
        rdma_add(host)
    second_segment(t)
    port, _ = t.serve(t.h2)
    neighbour = Neighbour(t, t.h1, "10.0.1.2", port)
    port, _ = t.serve(t.h1)
    near = Neighbour(t, t.h2, t.h1.ipv4, port)
    queue_pairs = [links(host) for host in (t.h1, t.h2)]
    hosts = ["%s,%s,%s,%d" % (host.netns, host.rdma, host.ipv4,
                              only_link(t, host)) for host in (t.h1, t.h2)]
    result = t.h1.run("%s/hostile rdma --client %s --server %s --port %d "
                      "--messages %d %s" % (
                          BIN, hosts[0], hosts[1], t.port(), MESSAGES,
                          options), timeout=900, check=False)
    text = result.stdout + result.stderr
    t.check("rdma cases=" in text, "the attacks did not end: " + text[-1000:])
    for name, cases, bad, took in re.findall(
            r"^group (\S+) cases=(\d+) bad=(\d+) ms=(\d+)", text, re.M):
        for line in re.findall("^problem %s.*$" % re.escape(name + "."), text,
                               re.M)[:20]:
            t.say(line)
        t.sub(name, bad == "0", "cases=%s bad=%s time=%s ms" % (
            cases, bad, took))
    changed = 0
    for name, sent, mutated, counted, note in re.findall(
            r"^flood (\S+) injected=(\d+) mutated=(\d+) counted=(\d+) (.*)$",
            text, re.M):
        changed += int(mutated)
        t.sub("flood_" + name, int(counted) >= int(sent) > 0 and
              "lost" not in note, "injected=%s mutated=%s counted=%s %s" % (
                  sent, mutated, counted, note))
    for line in re.findall("^too late to .*$", text, re.M):
        t.say(line)
    cases = int(re.search(r"^rdma cases=(\d+)", text, re.M).group(1))
    t.sub("cases", cases >= least and result.ok, "distinct cases=%d" % cases)
    t.sub("messages", changed >= MESSAGES, "mutated messages=%d" % changed)
    near.check("near_neighbour")
    neighbour.check("neighbour")
    near.end("near_neighbour_end")
    neighbour.end()
    nothing_left(t, (1, 1), queue_pairs)


@lab_test("hostile")
def hostile_links(t):
    links_attacked(t, 1200)


@lab_test("hostile_v2")
def hostile_links_v2(t):
    before = counters(t.h2)
    links_attacked(t, 1200, "--v2")
    moved = growth(before, counters(t.h2))
    t.sub("version", moved["hs_srv_v2"] == moved["hs_srv"] > 0,
          "connections=%(hs_srv)d of version 2=%(hs_srv_v2)d" % moved)
