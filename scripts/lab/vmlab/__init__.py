# SPDX-License-Identifier: GPL-2.0
"""The lab: QEMU hosts with the stock Debian kernel, joined by Ethernet.

    from vmlab import Lab

    with Lab(name="example") as lab:
        server = lab[2].start("iperf3 -s -1")
        server.wait_line("listening")
        print(lab[1].run("iperf3 -c 10.0.0.2 -n 8M").stdout)

See README.md beside this directory.
"""
import atexit
import fcntl
import glob
import os
import shutil
import signal
import socket
import sys
import threading
import time

from . import kernel as kernels
from .channel import Process, Result
from .errors import CommandFailed, CommandTimeout, LabError
from .guest import Guest, Nic, choose_accel

__all__ = ["CommandFailed", "CommandTimeout", "KernelTrouble", "Lab",
           "LabError", "Process", "Result"]

REPOSITORY = os.path.realpath(os.path.join(os.path.dirname(__file__),
                                           "..", "..", ".."))
OUR_MODULES = ("smc.ko", "smc_diag.ko")


class KernelTrouble(LabError):
    """A guest's kernel complained; the text has the lines."""


def default_links(hosts):
    """Returns the cabling: pairs of host numbers, one for each link.

    Two hosts share a link; of three, the third is the router between them.
    """
    return {1: [(1,)], 2: [(1, 2)], 3: [(1, 3), (2, 3)]}[hosts]


class Lab:
    """A set of running hosts; use it as a context manager.

    hosts: 1 to 3.  stock, no_smc: numbers of hosts with the stock module,
    or with none; the others have ours.  no_rdma: hosts without soft-RoCE.
    kernels: {host: series} of hosts whose kernel is another one than 6.12.
    load: load smc at set-up (else autoload is left to do it).
    links: cabling, see default_links().  mtu: of every Ethernet device
    (jumbo frames let RDMA use its largest MTU, 4096).
    snaplen: bytes kept of each packet in the pcaps; 0 makes no pcap.
    deadline: seconds after which everything is killed.
    modules: directory of our modules (default build/).
    allow: regular expressions of kernel log lines that are no failure.
    cpus: of each host; default 2 with KVM, 1 without (see Guest.boot()).

    Leaving the context saves the logs, ends the hosts and raises
    KernelTrouble if a kernel complained.  To be used from the main thread:
    the hosts die with the thread that made them.
    """

    def __init__(self, hosts=2, name="lab", stock=(), no_smc=(), no_rdma=(),
                 load=True, links=None, mtu=9000, snaplen=65535, deadline=600,
                 modules=None, allow=(), memory_mb=1024, cpus=None, quiet=False,
                 kernels=None):
        self.name = name
        self.directory = os.path.join(REPOSITORY, "build", "lab", name)
        self.deadline = deadline
        self.allow = list(allow)
        self.load = load
        self.quiet = quiet
        self.modules = modules or os.path.join(REPOSITORY, "build")
        self.memory_mb = memory_mb
        self.cpus = cpus
        self.series = kernels or {}
        self.accel = None	# "kvm" or "tcg", known once started
        self.expired = False
        self.on_expiry = None	# called when the deadline passes
        self.closed = False
        self.timer = None
        self.lock = None
        self.smc = {n: "stock" if n in stock else
                    "none" if n in no_smc else "ours"
                    for n in range(1, hosts + 1)}
        self.links = links or default_links(hosts)
        self._lock_directory()
        self.hosts = self._make_hosts(hosts, no_rdma, mtu, snaplen)

    def __getitem__(self, number):
        return self.hosts[number]

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, _):
        self.stop()
        if self.expired:
            raise LabError("the lab's deadline of %s s passed" % self.deadline)
        trouble = self.trouble()
        if trouble:
            raise KernelTrouble("the kernel complained (%s):\n%s" % (
                self.directory, "\n".join(trouble))) from value

    def say(self, text):
        if not self.quiet:
            print("lab: " + text, file=sys.stderr, flush=True)

    def _lock_directory(self):
        os.makedirs(self.directory, exist_ok=True)
        self.lock = open(self.directory + "/.lock", "w", encoding="ascii")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise LabError("a lab named %s is running: give this one another "
                           "name" % self.name) from err
        for entry in os.scandir(self.directory):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            elif entry.name != ".lock":
                os.unlink(entry.path)

    def _make_hosts(self, count, no_rdma, mtu, snaplen):
        nics = {n: [] for n in range(1, count + 1)}
        for link, ends in enumerate(self.links):
            for n in ends:
                nics[n].append(Nic(
                    "52:54:00:00:%02x:%02x" % (link, n),
                    "10.0.%d.%d/24" % (link, n),
                    "fd00:%s::%d/64" % (link or "", n) if link
                    else "fd00::%d/64" % n, mtu, n not in no_rdma))
            first = nics[ends[0]][-1]
            if snaplen:
                first.pcap = "%s/link%d.pcap" % (self.directory, link)
                first.snaplen = snaplen
            first.sock, far = socket.socketpair()
            if len(ends) == 2:
                nics[ends[1]][-1].sock = far
            else:
                far.close()	# what is sent goes nowhere
        return {n: Guest(n, "%s/host%d" % (self.directory, n), nics[n],
                         REPOSITORY) for n in nics}

    @property
    def pcap(self):
        """File with the packets of the first link."""
        return self.directory + "/link0.pcap"

    def _find_kernel(self, number, ours):
        """Returns the kernel of a host; ours are our modules."""
        release = None
        if "ours" in self.smc.values():
            for path in ours:
                if not os.path.exists(path):
                    raise LabError("no %s: run make" % path)
            release = kernels.vermagic(ours[0])
        if number in self.series:
            return kernels.find_kernel(series=self.series[number])
        return kernels.find_kernel(release)

    def _module_trees(self):
        """Returns for each host its kernel, that one's cache, its modules."""
        ours = [os.path.join(self.modules, name) for name in OUR_MODULES]
        trees = {}
        hosts = {}
        for number, kind in self.smc.items():
            kernel = self._find_kernel(number, ours)
            cache = kernels.prepare(kernel)
            key = "%s-%s" % (kind, kernel.release)
            if key not in trees:
                trees[key] = kernels.modules_tree(
                    kernel, cache, "%s/modules-%s" % (self.directory, key),
                    ours if kind == "ours" else [])
            hosts[number] = kernel, cache, trees[key]
        return hosts

    def start(self):
        """Boots and sets up all hosts."""
        began = time.monotonic()
        atexit.register(self.stop)
        self.timer = threading.Timer(self.deadline, self._expire)
        self.timer.daemon = True
        self.timer.start()
        try:
            booted = self._module_trees()
            for number, host in self.hosts.items():
                cache = booted[number][1]
                self.accel = choose_accel(cache)
                host.boot(cache + "/kernel", cache + "/initramfs.cpio",
                          self.accel, self.cpus, self.memory_mb)
            names = "\n".join("%s %s\n%s %s" % (h.ipv4, h.name, h.ipv6, h.name)
                              for h in self.hosts.values())
            setups = []
            for number, host in self.hosts.items():
                host.await_agent(timeout=180)
                kind = self.smc[number]
                tree = booted[number][2]
                setups.append((host, tree, host.start_setup(
                    os.path.dirname(tree), kind, self.load, number == 3,
                    names)))
            loaded = [(host, tree, setup.wait(check=True).stdout)
                      for host, tree, setup in setups]
            self._add_routes()
        except BaseException:
            self.stop()
            raise
        self.say("%d host%s up in %.1f s (%s, kernel %s), logs in %s" % (
            len(self.hosts), "s" * (len(self.hosts) > 1),
            time.monotonic() - began, self.accel,
            ", ".join(sorted({kernel.release for kernel, _, _ in
                              booted.values()})),
            os.path.relpath(self.directory)))
        for host, tree, note in loaded:
            self._check_smc(host, tree, bytes.fromhex(note))
        return self

    def _check_smc(self, host, tree, note):
        """Makes sure that a host has the smc meant for it, and says which."""
        if host.smc == "none":
            self.say("%s: no smc" % host.name)
            return
        path = kernels.find_module(tree, "smc")
        if self.load and kernels.build_id_note(path) != note:
            raise LabError("%s loaded another smc than %s"
                           % (host.name, path))
        self.say("%s: %s smc%s, %s" % (
            host.name, host.smc, "" if self.load else " (on demand)",
            kernels.describe_module(path)))

    def _add_routes(self):
        """With a router between them, hosts 1 and 2 reach each other."""
        if len(self.hosts) < 3:
            return
        for number, link in ((1, 0), (2, 1)):
            far = 1 - link
            self.hosts[number].run(
                "ip route add 10.0.%d.0/24 via 10.0.%d.3 && "
                "ip -6 route add %s via %s" % (
                    far, link, ("fd00::/64", "fd00:1::/64")[far],
                    ("fd00::3", "fd00:1::3")[link]), cwd="/")

    def _expire(self):
        self.expired = True
        self.say("deadline of %s s passed: killing the hosts" % self.deadline)
        for host in self.hosts.values():
            if host.alive:
                host.qemu.kill()
        if self.on_expiry:
            self.on_expiry()

    def trouble(self):
        """Returns the lines with which the kernels complained."""
        return [line for host in self.hosts.values()
                for line in host.trouble(self.allow)]

    def stop(self):
        """Saves the logs and ends the hosts; may be called again."""
        if self.closed:
            return
        self.closed = True
        atexit.unregister(self.stop)
        if self.timer:
            self.timer.cancel()
        # A second ^C must not leave a host behind.
        previous = None
        if threading.current_thread() is threading.main_thread():
            previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            for host in self.hosts.values():
                host.save_dmesg()
            for host in self.hosts.values():
                host.shut_down()
            for tree in glob.glob(self.directory + "/modules-*"):
                shutil.rmtree(tree, ignore_errors=True)
        finally:
            if previous is not None:
                signal.signal(signal.SIGINT, previous)
            self.lock.close()
