# SPDX-License-Identifier: GPL-2.0
"""What the lab tests are made of: registration, KTAP, hosts, programs."""
import ipaddress
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
TOP = os.path.realpath(os.path.join(HERE, "../../../../.."))
BIN = os.environ.get("SMC_SELFTEST_BIN", os.path.join(TOP, "build/selftests"))
sys.path.insert(0, os.path.join(TOP, "scripts/lab"))

from vmlab import Lab, LabError	 # noqa: E402
from vmlab.guest import TROUBLE	 # noqa: E402
from .netns import NetnsLab, shrink_slabs	 # noqa: E402

# Hosts and options of each lab. Tests of one lab share a boot.
LABS = {
    "sockets": {"snaplen": 0},
    "stress": {"snaplen": 0},
    # soft-RoCE warns when a queue pair goes whose peer host is dead, in the
    # last test; what other tests provoke is looked at right after them.
    "faults": {"allow": [r"rxe_pool\.c:\d+ __rxe_cleanup",
                         r"rxe_destroy_qp: cleanup failed", r"Call Trace:"]},
    "module": {"load": False, "snaplen": 0},
    "routed": {"hosts": 3, "no_smc": (3,), "snaplen": 128},
}
# Labs that exist only as namespaces of one kernel, over smcsim.
NETNS_LABS = {
    "hostile": {},
    "hostile_v2": {"gids": "v2"},
    "campaign": {},
    "campaign2": {"gids": "v2"},
    "roce1": {"gids": "v1"},
    "roce2": {"gids": "v2"},
    "roce_both": {"gids": "both"},
    "roce_mixed": {},
    "groups": {"gids": "v2"},
}
# Those of them with few tests: with --share, all are done by one.
WHOLE_LABS = {"roce1", "roce2", "roce_both", "roce_mixed", "groups"}

# Labs of interop.py and long.py, filled there: run by themselves, with
# --interop and --interop-long.
INTEROP_LABS = {}
LONG_LABS = {}

TESTS = []

PEER_NO_SMC = 0x03010000
PEER_MUTE = 0x03010001
NO_DEVICE = 0x03030000
OTHER_PREFIX = 0x03070000
PEER_DECLINED = 0x05000000
SYNC_ERROR = 0x04000000


class Failure(Exception):
    """A check of a test did not hold."""


class Test:
    """A registered test: a function, and the lab it runs in."""

    def __init__(self, lab, function, last, two_hosts):
        self.lab = lab
        self.function = function
        self.last = last	# it leaves the lab unusable
        self.two_hosts = two_hosts	# why one kernel will not do
        self.name = lab + "." + function.__name__


def lab_test(lab, last=False, two_hosts=""):
    """Registers a test; they run in the order of registration.

    two_hosts: why the test takes two kernels, or a kernel that nobody else
    uses; it is left out with --netns.
    """
    def register(function):
        TESTS.append(Test(lab, function, last, two_hosts))
        return function
    return register


class Report:
    """KTAP on standard output."""

    def __init__(self):
        self.count = 0
        self.skipped = 0
        self.failed = []
        print("TAP version 13", flush=True)

    def result(self, name, passed, note=""):
        self.count += 1
        if not passed:
            self.failed.append(name)
        print("%s %d %s%s" % ("ok" if passed else "not ok", self.count, name,
                              " # " + note if note else ""), flush=True)

    def skip(self, name, reason):
        self.count += 1
        self.skipped += 1
        print("ok %d %s # SKIP %s" % (self.count, name, reason), flush=True)

    def say(self, text):
        for line in text.splitlines():
            print("# " + line, flush=True)

    def end(self):
        print("1..%d" % self.count)
        for name in self.failed:
            self.say("failed: " + name)
        passed = self.count - self.skipped - len(self.failed)
        self.say("Totals: pass:%d fail:%d xfail:0 xpass:0 skip:%d error:0"
                 % (passed, len(self.failed), self.skipped))
        return 1 if self.failed or not passed else 0


class Context:
    """What a test function gets: the running lab, and how to report."""

    _port = 21000	# where no protocol lives that tshark would see instead

    def __init__(self, lab, report, name):
        self.lab = lab
        self.report = report
        self.name = name
        self.h1 = lab[1]
        self.h2 = lab[2]
        self.background = []
        self.cleanups = []
        self.subtests = 0

    def say(self, text):
        self.report.say("%s: %s" % (self.name, text))

    def check(self, condition, text):
        if not condition:
            raise Failure(text)

    def equal(self, got, wanted, text):
        self.check(got == wanted,
                   "%s: got %r, wanted %r" % (text, got, wanted))

    def sub(self, name, passed, note=""):
        """Reports a part of the test under its own name."""
        self.subtests += 1
        self.report.result("%s.%s" % (self.name, name), passed, note)

    def port(self):
        """A port not used before in this run."""
        Context._port += 1
        return Context._port

    def on_exit(self, function):
        self.cleanups.append(function)

    def finish(self):
        """Undoes what the test did; returns what of it has failed."""
        problems = []
        for process in reversed(self.background):
            try:
                if process.running:
                    process.stop()
            except (LabError, OSError):
                pass	# its host is gone
        for function in reversed(self.cleanups):
            try:
                function()
            except (LabError, OSError) as err:
                problems.append("clean-up: %s" % err)
        return problems

    # Programs

    def start(self, host, command, line=None, timeout=600, wait=30):
        """Starts a program in the background; waits for a line of output."""
        process = host.start("exec " + command, timeout=timeout)
        self.background.append(process)
        if line:
            process.wait_line(line, timeout=wait)
        return process

    def serve(self, host, af="smc", port=None, options=""):
        """Starts the load server; returns (port, process)."""
        port = port or self.port()
        process = self.start(host, "%s/smc_load --server --af %s --port %d %s"
                             % (BIN, af, port, options), "listening")
        return port, process

    def load(self, host, mode, port, af="smc", peer=None, options="",
             timeout=120, check=True):
        """Runs the load client to its end; returns a LoadResult."""
        result = host.run(load_command(mode, peer or self.h2.ipv4, port, af,
                                       options), timeout=timeout, check=False)
        outcome = LoadResult(result.stdout, result.code, result.stderr)
        if check:
            self.check(outcome.good, "load %s: %s" % (mode, outcome.text()))
        return outcome

    def hold(self, host, port, af="smc", conns=1, peer=None, options=""):
        """Holds connections open; returns the process, ended by their end."""
        return self.start(host, load_command(
            "hold", peer or self.h2.ipv4, port, af,
            "--conns %d %s" % (conns, options)), "holding")


def load_command(mode, peer, port, af, options):
    return "%s/smc_load --mode %s --af %s --host %s --port %d %s" % (
        BIN, mode, af, peer, port, options)


class LoadResult:
    """Output of the load client, parsed."""

    def __init__(self, stdout, code, stderr=""):
        self.code = code
        self.stdout = stdout
        self.stderr = stderr
        self.total = parse_pairs(find_line(stdout, "mode="))
        self.view = parse_pairs(find_line(stdout, "view "))
        self.errors = [parse_pairs(line) for line in stdout.splitlines()
                       if line.startswith("conn=")]

    @property
    def good(self):
        return self.code == 0

    @property
    def rate(self):
        return float(self.total.get("rate", 0))

    def number(self, key):
        return int(self.total.get(key, -1))

    def reason(self, key="reason"):
        return int(self.view.get(key, "0"), 16)

    def text(self):
        return "exit %s: %s%s" % (self.code, self.stdout[-800:],
                                  self.stderr[-400:])


def find_line(text, start):
    found = [line for line in text.splitlines() if line.startswith(start)]
    return found[-1] if found else ""


def parse_pairs(line):
    """"a=1 b=2" to a dictionary."""
    return dict(word.split("=", 1) for word in line.split() if "=" in word)


def counters(host):
    """The namespace's counters."""
    text = host.proc_net("smc_stat") if in_netns(host) else \
        host.run("cat /proc/net/smc_stat").stdout
    return {words[0]: int(words[1]) for words in
            (line.split() for line in text.splitlines()) if len(words) == 2}


def mute_servers(host):
    """What the host remembers of mute servers, a list of words for each."""
    text = host.proc_net("smc_mute") if in_netns(host) else \
        host.run("cat /proc/net/smc_mute").stdout
    return [line.split() for line in text.splitlines()]


def forget_mute(host):
    """Makes the host forget them."""
    host.run("echo flush > /proc/net/smc_mute")


def growth(before, after):
    return {name: after[name] - before.get(name, 0) for name in after}


def declined_by_server(t, options, peer, diagnosis):
    """It finds no way for SMC-R and says so; TCP takes over, and it goes on."""
    port, server = t.serve(t.h2, options=options)
    out = t.load(t.h1, "bulk", port, peer=peer, options=options +
                 " --count 300000 --size 30000 --expect tcp")
    t.equal(hex(out.reason()), hex(PEER_DECLINED), "client's reason")
    t.equal(hex(out.reason("peer")), hex(diagnosis), "peer's diagnosis")
    return port, server


def smc_sockets(host):
    """All SMC sockets of a host, as dictionaries of text."""
    lines = host.run([BIN + "/smc_socks"]).stdout.splitlines()
    return [parse_pairs(line) for line in lines if line.startswith("family=")]


def gid_of(address):
    """The GID of an address, as sock_diag writes it."""
    address = ipaddress.ip_address(address)
    if address.version == 4:
        address = ipaddress.ip_address("::ffff:%s" % address)
    return address.exploded


def in_netns(host):
    """The host is a namespace of the running kernel."""
    return hasattr(host, "netns")


def rdma_name(host):
    """The host's RDMA device."""
    return host.rdma if in_netns(host) else "rxe0"


# The device is up and has the GID of the IPv4 address.
RXE_READY = ("until grep -q ACTIVE /sys/class/infiniband/rxe0/ports/1/state && "
             "grep -qs 0000:0000:0000:0000:0000:ffff: "
             "/sys/class/infiniband/rxe0/ports/1/gids/*; do sleep 0.1; done")


def rdma_del(host):
    """Removes the host's RDMA device."""
    host.run("rdma link del " + rdma_name(host))


def rdma_add(host):
    """Brings it back and waits until it can be used."""
    if in_netns(host):
        host.add_rdma()
    else:
        host.run("rdma link add rxe0 type rxe netdev eth0")
        rdma_ready(host)


def rdma_ready(host):
    """Waits until the RDMA device can be used."""
    if in_netns(host):
        host.await_rdma()
    else:
        host.run(RXE_READY)


def rdma_resources(host):
    """Numbers of objects on the host's RDMA device: pd, cq, qp, mr, ..."""
    text = host.run(["rdma", "resource", "show"] +
                    [rdma_name(host)] * in_netns(host)).stdout
    totals = {}
    for name, number in re.findall(r"\b([a-z_]+) (\d+)", text):
        totals[name] = totals.get(name, 0) + int(number)
    return totals


def slab_objects(host, pattern):
    """Active objects of the slab caches whose name matches."""
    if in_netns(host):
        shrink_slabs()
    text = host.run("cat /proc/slabinfo").stdout
    return {words[0]: int(words[1]) for words in
            (line.split() for line in text.splitlines())
            if words and re.fullmatch(pattern, words[0])}


def slab_lines(pattern):
    """The slab caches of this kernel whose name matches, in use or not."""
    with open("/proc/slabinfo", encoding="ascii") as file:
        return [line.rstrip() for line in file if re.match(pattern, line)]


def mem_available(host):
    """MemAvailable in KiB, caches dropped."""
    text = host.run("sync; echo 3 > /proc/sys/vm/drop_caches;"
                    " grep MemAvailable /proc/meminfo").stdout
    return int(text.split()[1])


def settle(function, wanted, timeout=20):
    """Calls function until wanted(its value) holds; returns the last value."""
    end = time.monotonic() + timeout
    while True:
        value = function()
        if wanted(value) or time.monotonic() > end:
            return value
        time.sleep(0.2)


def smc_in_kernel():
    """The running kernel has smc loaded."""
    return os.path.exists("/sys/module/smc")


def smc_loaded(host):
    return host.run("test -e /sys/module/smc", check=False).ok


def reloads(host):
    """The module may be removed and come back in this kernel."""
    return not in_netns(host) or host.lab.reloads


def load_smc(host):
    if in_netns(host):
        host.lab.load_smc()
    else:
        host.run("modprobe -a smc smc_diag")


def unload_smc(host, check=True):
    """Removes both modules; returns the Result."""
    command = "rmmod smc_diag smc" if in_netns(host) else \
        "modprobe -r smc_diag smc"
    return host.run(command, timeout=60, check=check)


def kernel_trouble(host):
    """Lines of the kernel log that mean trouble."""
    return [line for line in host.run("dmesg").stdout.splitlines()
            if TROUBLE.search(line)]


def make_lab(kind, args, serial):
    """A lab of a kind, not yet started."""
    if args.netns:
        return NetnsLab("netns-" + kind, modules=args.modules,
                        **NETNS_LABS.get(kind, {}))
    options = dict(LABS[kind], stock=args.stock, deadline=1500) \
        if kind in LABS else dict({**INTEROP_LABS, **LONG_LABS}[kind])
    if args.modules:
        options["modules"] = args.modules
    return Lab(name="test-%s%s" % (kind, "-%d" % serial if serial else ""),
               **options)
