# SPDX-License-Identifier: GPL-2.0
"""A lab of two network namespaces in the running kernel.

	        eth0, sim1 (smcsim)     eth0, sim2 (smcsim)
	  smc1 10.0.0.1, fd00::1 ------ 10.0.0.2, fd00::2 smc2
	                         veth

Its hosts look like those of scripts/lab and run commands through the same
agent, which lives in the host's network namespace and in a PID namespace of
its own, so that all of a host's processes go with it. The kernel, its log and
the smc module are common to both. A new program takes seconds in a kernel
with KASAN, so what can be done by a fork or by reading a file is.

Modules come from $AF_SMC_MOD, or from the directory given; what is loaded
already stays. To be run as root, in a kernel that nobody needs for long.
"""
import ctypes
import functools
import glob
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(HERE, "../../../../../.."))
VMLAB = os.path.join(TOP, "scripts/lab")
sys.path.insert(0, VMLAB)

from vmlab import LabError, agent	 # noqa: E402
from vmlab.channel import Channel	 # noqa: E402
from vmlab.guest import TROUBLE	 # noqa: E402

DEV = "eth0"
MTU = 9000
DEBUGFS = "/sys/kernel/debug"
# What takes no part in the kernel's autoload; built in, as a rule.
NEEDED = ("ib_core",)
OURS = ("smc", "smc_diag", "smcsim")
PR_SET_PDEATHSIG = 1
CLONE_NEWNET = 0x40000000
CLONE_NEWPID = 0x20000000

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name, *args):
    """A function of the C library that Python does not have."""
    if getattr(_libc, name)(*args):
        raise OSError(ctypes.get_errno(), name)


def fork(function, keep=()):
    """Runs a function in a child, with no file but keep; returns its pid."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        for name in os.listdir("/proc/self/fd"):
            if int(name) > 2 and int(name) not in keep:
                try:
                    os.close(int(name))
                except OSError:
                    pass	# that of listdir
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        function()
        code = 0
    except BaseException as err:	# whatever it was: this is a child
        os.write(2, ("%r\n" % err).encode())
    finally:
        os._exit(code)


def enter(netns):
    """Moves this process into a network namespace with a name."""
    fd = os.open("/run/netns/" + netns, os.O_RDONLY)
    _call("setns", fd, CLONE_NEWNET)
    os.close(fd)


def wait_gone(pid, timeout):
    """Waits for a child; returns whether it has ended."""
    end = time.monotonic() + timeout
    while os.waitpid(pid, os.WNOHANG)[0] != pid:
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def sh(command, check=True):
    """Runs a command in the initial namespaces; returns its output."""
    result = subprocess.run(command, shell=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, errors="replace", timeout=120)
    if check and result.returncode:
        raise LabError("%s: exit %d: %s" % (command, result.returncode,
                                            result.stdout[-2000:]))
    return result.stdout


def read(path, default=""):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return default


def stacks_of_workers():
    """What the kernel's workers are doing for SMC."""
    stacks = []
    for path in glob.glob("/proc/[0-9]*/stack"):
        if read(path.replace("stack", "comm")).startswith("kworker"):
            stacks.append(read(path))
    return [stack for stack in stacks if "smc_" in stack]


def loaded(name):
    """A module, or built into the kernel."""
    return os.path.isdir("/sys/module/" + name)


@functools.lru_cache()
def has_kasan():
    return " kasan_report\n" in read("/proc/kallsyms")


def shrink_slabs():
    """Makes the slab caches give up what nobody uses.

    KASAN keeps freed objects in quarantine, which count as active.
    """
    for path in glob.glob("/sys/kernel/slab/*/shrink"):
        try:
            with open(path, "w", encoding="ascii") as file:
                file.write("1")
        except OSError:
            pass	# the cache has just gone


def count_namespaces():
    """Network namespaces that the kernel has; not all have names.

    It keeps the last ones that went until others go: one goes here.
    """
    sh("ip netns add smc0 && ip netns del smc0")
    shrink_slabs()
    return int(re.search(r"^net_namespace +(\d+)", read("/proc/slabinfo"),
                         re.M).group(1))


class KernelLog:
    """What the kernel says from now on."""

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK |
                          os.O_CLOEXEC)
        os.lseek(self.fd, 0, os.SEEK_END)

    def lines(self):
        """What it has said since the last call."""
        found = []
        while True:
            try:
                record = os.read(self.fd, 16384)
            except BlockingIOError:
                return found
            except BrokenPipeError:
                found.append("lab: a part of the kernel log is lost")
                continue
            text = record.decode(errors="replace").split(";", 1)[-1]
            found.append(text.split("\n", 1)[0])

    def close(self):
        os.close(self.fd)


class Namespace:
    """A host of the lab: one network namespace, one agent."""

    def __init__(self, lab, number):
        self.lab = lab
        self.number = number
        self.name = "host%d" % number
        self.netns = "smc%d" % number
        self.rdma = "sim%d" % number
        self.gids = lab.gids	# of the RDMA device when it is made
        self.ipv4 = "10.0.0.%d" % number
        self.ipv6 = "fd00::%d" % number
        self.smc = "ours"
        self.agent = 0		# pid of the parent of its process 1
        self.channel = None

    def ip(self, command):
        sh("ip -n %s %s" % (self.netns, command))

    def set_up(self):
        """Everything but the cable, which the lab has laid."""
        ours, theirs = socket.socketpair()
        self.agent = fork(lambda: self._serve(theirs.fileno()),
                          [theirs.fileno()])
        theirs.close()
        self.channel = Channel(self.name, ours)
        if not self.channel.ready.wait(60) or self.channel.lost:
            raise LabError("%s: no agent: %s" % (self.name, self.channel.lost))
        for dev in ("all", "default", DEV):
            self.run("echo 0 > /proc/sys/net/ipv6/conf/%s/accept_dad" % dev)
        self.ip("link set lo up")
        self.ip("link set %s mtu %d up" % (DEV, MTU))
        self.ip("addr add %s/24 dev %s" % (self.ipv4, DEV))
        self.ip("addr add %s/64 dev %s" % (self.ipv6, DEV))

    def _serve(self, channel):
        """In the child: makes process 1 of the host, and stays for it."""
        os.setsid()
        enter(self.netns)
        _call("unshare", CLONE_NEWPID)
        os.waitpid(fork(lambda: agent.Agent(channel).serve(), [channel]), 0)

    def call(self, function, *args, timeout=60):
        """Calls a function in the namespace; returns what it returns."""
        read_end, write_end = os.pipe()

        def child():
            enter(self.netns)
            os.write(write_end, json.dumps(function(*args)).encode())

        pid = fork(child, [write_end])
        os.close(write_end)
        if not wait_gone(pid, timeout):
            os.kill(pid, signal.SIGKILL)
            os.close(read_end)
            raise LabError("%s: %s did not return" % (self.name, function))
        with os.fdopen(read_end, "rb") as file:
            data = file.read()
        if not data:
            raise LabError("%s: %s failed" % (self.name, function))
        return json.loads(data)

    def proc_net(self, name):
        """Contents of a file of /proc/net."""
        return read("/proc/%d/net/%s" % (self.agent, name))

    def add_rdma(self):
        """Makes the RDMA device and waits until it can be used."""
        self.run("rdma link add %s type smcsim netdev %s" % (self.rdma, DEV))
        if self.gids != "both":
            gids = "%s/smcsim/%s/gid_types" % (DEBUGFS, self.rdma)
            with open(gids, "w", encoding="ascii") as file:
                file.write(self.gids)
        self.await_rdma()

    def del_rdma(self):
        self.run("rdma link del " + self.rdma)

    def await_rdma(self):
        """Waits for an active port with the GID of the IPv4 address."""
        port = "/sys/class/infiniband/%s/ports/1" % self.rdma
        self.wait_for("grep -q ACTIVE {0}/state && grep -qs "
                      "0000:0000:0000:0000:0000:ffff: {0}/gids/*".format(port))

    def start(self, command, timeout=600, env=None, cwd=None, tty=False,
              on_output=None):
        """Starts a command in the namespace; returns a channel.Process."""
        return self.channel.start(command, timeout, on_output, tty=tty,
                                  env=env or {}, cwd=cwd or TOP)

    def run(self, command, timeout=60, check=True, stdin="", env=None,
            cwd=None):
        """Runs a command to its end; returns a channel.Result."""
        process = self.start(command, timeout, env, cwd)
        process.write(stdin)
        process.close_stdin()
        return process.wait(check=check)

    def wait_for(self, command, timeout=30):
        """Repeats a command until it succeeds."""
        loop = "until { %s\n} > /dev/null 2>&1; do sleep 0.1; done" % command
        self.run(loop, timeout)

    @property
    def alive(self):
        if self.agent and os.waitpid(self.agent, os.WNOHANG)[0]:
            self.agent = 0
        return bool(self.agent)

    def end(self):
        """Ends all of the host's processes."""
        if not self.agent:
            return
        if self.channel:
            # The agent ends, and with it the PID namespace.
            self.channel.close()
        if not wait_gone(self.agent, 10):
            os.kill(self.agent, signal.SIGKILL)
            os.waitpid(self.agent, 0)
        self.agent = 0


class NetnsLab:
    """Two namespaces, with the interface of vmlab.Lab that tests use.

    gids: "v1", "v2" or "both", RoCE versions of the GIDs.
    """

    netns = True

    def __init__(self, name, modules=None, gids="v1", quiet=False):
        self.name = name
        self.gids = gids
        self.quiet = quiet
        self.modules = os.environ.get("AF_SMC_MOD") or modules or TOP + "/build"
        self.directory = os.path.join(TOP, "build", "lab", name)
        # Under KASAN a module's memory may be poisoned when it is used again.
        self.reloads = not has_kasan()
        self.hosts = {n: Namespace(self, n) for n in (1, 2)}
        self.log = KernelLog()
        self.complaints = []
        self.unseen = 0		# index of the first complaint not yet told
        self.namespaces = 0	# of others, before the start
        self.closed = False

    def __getitem__(self, number):
        return self.hosts[number]

    def say(self, text):
        if not self.quiet:
            print("lab: " + text, file=sys.stderr, flush=True)

    def load_smc(self):
        for name in NEEDED:
            sh("modprobe -q " + name, check=False)
        for name in OURS:
            path = "%s/%s.ko" % (self.modules, name)
            if not loaded(name):
                sh("insmod " + path)

    def unload_smc(self):
        """Removes smc; returns what was wrong, if anything."""
        return sh("rmmod smc_diag smc", check=False)

    def start(self):
        began = time.monotonic()
        os.makedirs(self.directory, exist_ok=True)
        if not os.path.isdir(DEBUGFS + "/smcsim"):
            sh("mountpoint -q {0} || mount -t debugfs none {0}".format(DEBUGFS))
        self._sweep()
        self.load_smc()
        self.namespaces = count_namespaces()
        try:
            for host in self.hosts.values():
                sh("ip netns add " + host.netns)
            one, two = (host.netns for host in self.hosts.values())
            sh("ip link add {0} netns {1} type veth peer name {0} netns {2}"
               .format(DEV, one, two))
            for host in self.hosts.values():
                host.set_up()
            for host in self.hosts.values():
                host.add_rdma()
        except BaseException:
            self.stop()
            raise
        self.say("two namespaces up in %.1f s, RoCE GIDs: %s"
                 % (time.monotonic() - began, self.gids))
        return self

    def _sweep(self):
        """Removes what a run that was killed has left."""
        for host in self.hosts.values():
            if os.path.exists("/run/netns/" + host.netns):
                sh("ip netns del " + host.netns)

    def new_trouble(self):
        """Kernel complaints since the last look."""
        for line in self.log.lines():
            if TROUBLE.search(line):
                self.complaints.append(line)
        new = self.complaints[self.unseen:]
        self.unseen = len(self.complaints)
        return new

    def trouble(self):
        """All complaints, of the kernel and about what was left behind."""
        self.new_trouble()
        return list(self.complaints)

    def stop(self):
        """Takes everything down and looks for what is left."""
        if self.closed:
            return
        self.closed = True
        for host in self.hosts.values():
            host.end()
        for host in self.hosts.values():
            if os.path.exists("/run/netns/" + host.netns):
                # The devices go with the namespace, in use or not.
                sh("ip netns del " + host.netns, check=False)
        self._expect("RDMA devices stay", self._rdma_left)
        self._expect("network namespaces stay", self._namespaces_left)
        self.new_trouble()

    def _expect(self, what, left, timeout=30):
        end = time.monotonic() + timeout
        while True:
            found = left()
            if not found:
                return
            if time.monotonic() > end:
                self.complaints.append("lab: %s: %s" % (what, found))
                return
            time.sleep(0.2)

    def _rdma_left(self):
        names = [host.rdma for host in self.hosts.values()]
        return [name for name in names
                if os.path.exists("/sys/class/infiniband/" + name)]

    def _namespaces_left(self):
        return max(count_namespaces() - self.namespaces, 0)
