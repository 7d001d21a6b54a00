# SPDX-License-Identifier: GPL-2.0
"""One guest: its QEMU process and what can be done with it."""
import ctypes
import os
import re
import signal
import socket
import subprocess
import threading

from .channel import Channel
from .errors import LabError

PR_SET_PDEATHSIG = 1
KVM_PROBE_S = 10

# Lines of a kernel log that make a run fail.
TROUBLE = re.compile(
    r"BUG:|WARNING:|\bOops\b|general protection|Kernel panic|Call Trace:"
    r"|INFO: task .* blocked|detected stall|self-detected|soft lockup"
    r"|hung_task|KASAN|KCSAN|UBSAN|refcount_t|leaked reference"
    r"|possible circular locking|inconsistent lock state|DMA-API"
    r"|unregister_netdevice: waiting|unreferenced object|double free"
    r"|Object already free|slab .*corrupt|Attempt to release|BUG [a-z]"
    r"|lab: ")

_libc = ctypes.CDLL(None, use_errno=True)


def choose_accel(cache):
    """Returns "kvm" if it can run the kernel in cache, else "tcg".

    LAB_ACCEL decides if it is set.  /dev/kvm may be there and yet be of no
    use for this kernel, so that is tried, once per boot of this machine.
    """
    want = os.environ.get("LAB_ACCEL", "")
    if want not in ("", "kvm", "tcg"):
        raise LabError("LAB_ACCEL is %r: set it to kvm or tcg" % want)
    if want or not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return want or "tcg"
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        known = "%s/kvm-%s" % (cache, file.read().strip())
    try:
        with open(known, encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        accel = "kvm" if kvm_boots(cache + "/kernel") else "tcg"
    with open("%s.%d" % (known, os.getpid()), "w", encoding="ascii") as file:
        file.write(accel)
    os.rename(file.name, known)
    return accel


def kvm_boots(kernel):
    """Tells whether KVM runs a kernel up to its first message."""
    args = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display",
            "none", "-no-reboot", "-M", "q35", "-m", "256", "-kernel", kernel,
            "-append", "console=ttyS0 earlyprintk=ttyS0 panic=-1",
            "-serial", "stdio", "-accel", "kvm", "-cpu", "host"]
    with subprocess.Popen(args, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          preexec_fn=_die_with_parent) as qemu:
        timer = threading.Timer(KVM_PROBE_S, qemu.kill)
        timer.start()
        seen = any(b"Run /init" in line or b"Linux version" in line
                   for line in qemu.stdout)
        timer.cancel()
        qemu.kill()
    return seen


def _die_with_parent():
    """Runs in the child: no QEMU may outlive the lab, however that ends."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Nic:
    """One Ethernet device of a guest."""

    def __init__(self, mac, ipv4, ipv6, mtu, rdma):
        self.mac = mac
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.mtu = mtu
        self.rdma = rdma
        self.sock = None	# our end of the cable; None: not plugged in
        self.pcap = None	# file to record its packets to
        self.snaplen = 0


class Guest:
    """A host of the lab.  Commands run as root in the repository."""

    def __init__(self, number, directory, nics, root):
        self.number = number
        self.name = "host%d" % number
        self.directory = directory
        self.nics = nics
        self.root = root	# working directory of commands
        self.qemu = None
        self.channel = None
        self.smc = None		# "ours", "stock" or "none"
        os.makedirs(directory, exist_ok=True)

    # Addresses on the first link, for tests.

    @property
    def ipv4(self):
        return self.nics[0].ipv4.split("/")[0]

    @property
    def ipv6(self):
        return self.nics[0].ipv6.split("/")[0]

    def path(self, name):
        return os.path.join(self.directory, name)

    def boot(self, kernel, initramfs, accel, cpus, memory_mb):
        """Starts QEMU; await_agent() waits for the guest.

        QEMU's emulation with a thread for each CPU crashes kernels that
        patch their code while it runs (static keys), so emulated CPUs take
        turns in one thread.
        """
        cpus = cpus or (2 if accel == "kvm" else 1)
        ours, theirs = socket.socketpair()
        args = self._qemu_args(kernel, initramfs, accel, cpus, memory_mb,
                               theirs.fileno())
        fds = [theirs.fileno()] + [nic.sock.fileno() for nic in self.nics]
        with open(self.path("qemu.log"), "wb") as log:
            log.write((" ".join(args) + "\n").encode())
            log.flush()
            try:
                self.qemu = subprocess.Popen(
                    args, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    pass_fds=fds, start_new_session=True,
                    preexec_fn=_die_with_parent)
            except FileNotFoundError as err:
                raise LabError("no %s: run scripts/deps lab"
                               % args[0]) from err
        theirs.close()
        for nic in self.nics:
            nic.sock.close()	# so that the far end sees the guest go
        self.channel = Channel(self.name, ours)

    def _qemu_args(self, kernel, initramfs, accel, cpus, memory_mb, agent_fd):
        cmdline = ("console=ttyS0 loglevel=5 panic=-1 net.ifnames=0 "
                   "mitigations=off audit=0 apparmor=0 "
                   "cryptomgr.notests no_timer_check ")
        if accel == "tcg":
            # An emulated CPU that the host does not run is no lockup.
            cmdline += ("watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=180"
                        " tsc=reliable ")
        args = ["qemu-system-x86_64", "-nodefaults", "-no-user-config",
                "-display", "none", "-no-reboot", "-M", "q35",
                "-name", self.name, "-m", str(memory_mb), "-smp", str(cpus),
                "-kernel", kernel, "-initrd", initramfs, "-append", cmdline,
                "-chardev", "file,id=console,path=" + self.path("console"),
                "-serial", "chardev:console",
                "-device", "virtio-rng-pci",
                "-device", "virtio-serial-pci",
                "-chardev", "socket,id=agent,fd=%d" % agent_fd,
                "-device", "virtserialport,chardev=agent,name=agent",
                "-fsdev", "local,id=root,path=/,readonly=on,"
                "security_model=none,multidevs=remap",
                "-device", "virtio-9p-pci,fsdev=root,mount_tag=hostroot"]
        if accel == "kvm":
            args += ["-accel", "kvm", "-cpu", "host"]
        else:
            thread = "multi" if cpus == 1 else "single"
            # A plain CPU: emulating wide vector instructions is slow.
            # Without cx16: QEMU 7.2 now and then returns from CMPXCHG16B
            # with rubbish in EFLAGS, and the kernel's allocator uses it.
            args += ["-accel", "tcg,thread=" + thread,
                     "-cpu", "qemu64,-cx16"]
        for index, nic in enumerate(self.nics):
            args += ["-netdev", "socket,id=n%d,fd=%d"
                     % (index, nic.sock.fileno()), "-device",
                     "virtio-net-pci,netdev=n%d,mac=%s,romfile=,host_mtu=%d"
                     % (index, nic.mac, max(nic.mtu, 1500))]
            if nic.pcap:
                args += ["-object", "filter-dump,id=d%d,netdev=n%d,file=%s,"
                         "maxlen=%d" % (index, index, nic.pcap, nic.snaplen)]
        return args

    def await_agent(self, timeout):
        """Waits until commands can be run."""
        if self.channel.ready.wait(timeout) and not self.channel.lost:
            return
        reason = self.channel.lost or "no word from it in %s s" % timeout
        raise LabError("%s did not boot: %s\n%s%s" % (
            self.name, reason, self.tail("qemu.log"), self.tail("console")))

    def start_setup(self, modules, smc, load, forward, names):
        """Starts the set-up script, whose output is the build id of smc."""
        self.smc = smc
        words = []
        for nic in self.nics:
            words += [nic.ipv4, nic.ipv6, str(nic.mtu), "%d" % nic.rdma]
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                              "guest-setup")
        return self.start(["/bin/sh", script], timeout=120, cwd="/", env={
            "LAB_HOST": str(self.number), "LAB_HOSTS": names,
            "LAB_MODULES": modules,
            "LAB_SMC": smc, "LAB_LOAD": "%d" % load,
            "LAB_NICS": " ".join(words), "LAB_FORWARD": "%d" % forward})

    def start(self, command, timeout=600, env=None, cwd=None, tty=False,
              on_output=None):
        """Starts a command in the guest; returns a channel.Process.

        command: text for bash, or an argument list.  timeout: seconds after
        which the guest kills the command and its process group.
        """
        return self.channel.start(command, timeout, on_output, tty=tty,
                                  env=env or {}, cwd=cwd or self.root)

    def run(self, command, timeout=60, check=True, stdin="", env=None,
            cwd=None):
        """Runs a command to its end; returns a channel.Result.

        Raises CommandTimeout, and with check CommandFailed on a nonzero exit.
        """
        process = self.start(command, timeout, env, cwd)
        process.write(stdin)
        process.close_stdin()
        return process.wait(check=check)

    def wait_for(self, command, timeout=30):
        """Repeats a command until it succeeds, at most for timeout seconds."""
        loop = "until { %s\n} > /dev/null 2>&1; do sleep 0.1; done" % command
        self.run(loop, timeout)

    def freeze(self):
        """Stops the guest dead, as a host that falls silent."""
        os.kill(self.qemu.pid, signal.SIGSTOP)

    def thaw(self):
        """Lets a frozen guest go on."""
        os.kill(self.qemu.pid, signal.SIGCONT)

    def kill(self):
        """Ends the guest at once, as by power loss."""
        self.qemu.kill()
        self.qemu.wait()
        self.channel.fail("the guest was killed")

    @property
    def alive(self):
        return self.qemu is not None and self.qemu.poll() is None

    def save_dmesg(self):
        """Saves the kernel log, if the guest still answers."""
        if not self.alive or self.channel.lost or not \
           self.channel.ready.is_set():
            return
        try:
            text = self.run("dmesg", timeout=20, cwd="/").stdout
        except LabError as err:
            text = "lab: %s\n" % err
        with open(self.path("dmesg"), "w", encoding="utf-8") as file:
            file.write(text)

    def shut_down(self):
        """Ends QEMU (which has nothing worth keeping but its pcap)."""
        if self.qemu is None:
            return
        if self.alive:
            self.thaw()
            self.qemu.terminate()
            try:
                self.qemu.wait(10)
            except subprocess.TimeoutExpired:
                self.qemu.kill()
                self.qemu.wait()
        self.channel.close()

    def trouble(self, allowed):
        """Returns the bad lines of this guest's kernel logs."""
        seen = []
        for name in ("console", "dmesg"):
            try:
                with open(self.path(name), encoding="utf-8",
                          errors="replace") as file:
                    lines = file.read().splitlines()
            except FileNotFoundError:
                continue
            for line in lines:
                text = line.split("] ", 1)[-1].rstrip()
                if TROUBLE.search(line) and text not in seen and \
                   not any(re.search(p, line) for p in allowed):
                    seen.append(text)
        return ["%s: %s" % (self.name, text) for text in seen]

    def tail(self, name, size=3000):
        """Returns the end of one of the guest's logs."""
        try:
            with open(self.path(name), "rb") as file:
                return file.read()[-size:].decode(errors="replace")
        except FileNotFoundError:
            return ""
