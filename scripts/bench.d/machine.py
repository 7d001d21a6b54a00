# SPDX-License-Identifier: GPL-2.0
"""One run of smc_bench in a machine whose time is the instructions it runs.

QEMU counts instructions and advances the machine's clock by a nanosecond for
each; while the CPU is idle the clock jumps to the next timer.  So the same
machine with the same programs gives the same figures again, whatever else the
host does.  Caches, memory and contended locks cost nothing there.
"""
import hashlib
import json
import os
import re
import resource
import subprocess

from vmlab import LabError
from vmlab import kernel as vmkernel

HERE = os.path.dirname(os.path.abspath(__file__))
# Seconds of the host's time. A machine takes about 30 s when it has a CPU.
LIMIT_S = 1200

# RDRAND and RDSEED differ from run to run. Without cx16: QEMU 7.2 now and then
# returns from CMPXCHG16B with rubbish in EFLAGS.
QEMU = ["qemu-system-x86_64", "-nodefaults", "-no-user-config",
        "-accel", "tcg,thread=single", "-cpu", "max,-rdrand,-rdseed,-cx16",
        "-smp", "1", "-m", "1024M", "-nic", "none", "-display", "none",
        "-icount", "shift=0,sleep=off", "-rtc", "base=2026-01-01,clock=vm",
        "-no-reboot"]
# The same for all subjects: a longer line alone shifts figures.
CMDLINE = ("console=ttyS0 quiet loglevel=4 panic=-1 nokaslr norandmaps "
           "random.trust_cpu=off random.trust_bootloader=off "
           "ipv6.disable_ipv6=1 audit=0 apparmor=0 cryptomgr.notests")

# What a broken run may leave in the console's log, which ends with the
# kernel's whole log and this line. Its bits but these tell of a report:
# a module that is not of the kernel's tree, and one without a signature.
TAINTED = re.compile(r"^bench: tainted (\d+)\s*$", re.M)
TAINTS_ALLOWED = 1 << 12 | 1 << 13
REPORTS = ("BUG:", "WARNING:", "Kernel panic", "Oops", "insmod ",
           "unregister_netdevice", "INFO: task")


def version():
    """Returns QEMU's."""
    try:
        return subprocess.run([QEMU[0], "--version"], check=True,
                              stdout=subprocess.PIPE,
                              text=True).stdout.splitlines()[0]
    except FileNotFoundError as err:
        raise LabError("no %s: run scripts/deps bench" % QEMU[0]) from err


def module_order(by_name, wanted):
    """Returns module files in load order: wanted and all they need.

    by_name: {module name: file}
    """
    order = []

    def add(name):
        path = by_name.get(name)
        if path is None:
            raise LabError("no module %s for the bench" % name)
        if path in order:
            return
        needs = subprocess.run(["/sbin/modinfo", "-F", "depends", path],
                               check=True, stdout=subprocess.PIPE,
                               text=True).stdout.strip()
        for need in needs.split(",") if needs else []:
            add(need.replace("-", "_"))
        order.append(path)
    for name in wanted:
        add(name)
    return order


def find_modules(cache, ours):
    """Returns {name: file} of the kernel's modules, ours in their place."""
    by_name = {}
    for base, _, names in os.walk(cache + "/modules/kernel"):
        for name in names:
            by_name[vmkernel.bare_name(name)] = os.path.join(base, name)
    for path in ours:
        by_name[vmkernel.bare_name(path)] = path
    return by_name


class Machine:
    """Boots one subject and collects what smc_bench prints."""

    def __init__(self, subject, directory, kernel, program):
        self.subject = subject
        self.directory = directory
        self.kernel = kernel
        self.cache = vmkernel.prepare(kernel)
        self.program = program
        os.makedirs(directory, exist_ok=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write_initramfs(self, modules, args):
        """Writes the machine's only file system."""
        entry = vmkernel.cpio_entry
        with open(self.path("initramfs.cpio"), "wb") as out:
            for name in ("bin", "dev", "proc", "sys", "modules"):
                out.write(entry(name, 0o40755))
            for name, source in (("bin/busybox", vmkernel.BUSYBOX),
                                 ("bin/smc_bench", self.program),
                                 ("init", HERE + "/guest-init")):
                with open(source, "rb") as file:
                    out.write(entry(name, 0o100755, file.read()))
            for path in modules:
                stripped = self.path("module.ko")
                subprocess.run(["strip", "-g", "-o", stripped, path],
                               check=True)
                with open(stripped, "rb") as file:
                    out.write(entry("modules/" + os.path.basename(path),
                                    0o100644, file.read()))
                os.unlink(stripped)
            names = "".join(os.path.basename(path) + "\n"
                            for path in modules)
            out.write(entry("modules.list", 0o100644, names.encode()))
            out.write(entry("bench.args", 0o100644, args.encode()))
            out.write(entry("TRAILER!!!", 0))

    def digest(self):
        """Returns a key for all that the figures follow from."""
        key = hashlib.sha256(repr((QEMU, CMDLINE, version())).encode())
        for path in (self.cache + "/kernel", self.path("initramfs.cpio")):
            with open(path, "rb") as file:
                key.update(hashlib.sha256(file.read()).digest())
        return key.hexdigest()

    def run(self, modules, args):
        """Boots, waits for the end; returns the rows, as printed."""
        self.write_initramfs(modules, args)
        command = QEMU + [
            "-kernel", self.cache + "/kernel",
            "-initrd", self.path("initramfs.cpio"), "-append", CMDLINE,
            "-serial", "file:" + self.path("console"),
            "-serial", "file:" + self.path("rows")]
        for name in ("console", "rows"):
            with open(self.path(name), "wb"):
                pass
        with open(self.path("qemu.log"), "wb") as log:
            try:
                code = subprocess.run(command, stdin=subprocess.DEVNULL,
                                      stdout=log, stderr=log,
                                      timeout=LIMIT_S,
                                      preexec_fn=_no_core).returncode
            except subprocess.TimeoutExpired:
                raise LabError(self.explain("no end within %d s"
                                            % LIMIT_S)) from None
        if code:
            raise LabError(self.explain("QEMU's exit code is %d" % code))
        return self.result()

    def tail(self, name):
        with open(self.path(name), errors="replace", encoding="utf-8") as file:
            return "".join(file.readlines()[-30:])

    def explain(self, what):
        return "%s: %s\n%s%s" % (self.subject, what, self.tail("qemu.log"),
                                 self.tail("console"))

    def result(self):
        """Returns the rows if all were made and the kernel is content."""
        with open(self.path("console"), errors="replace",
                  encoding="utf-8") as file:
            console = file.read()
        for word in REPORTS:
            if word in console:
                raise LabError(self.explain("the console has \"%s\"" % word))
        tainted = TAINTED.search(console)
        if not tainted:
            raise LabError(self.explain("no word of the kernel's taints"))
        if int(tainted.group(1)) & ~TAINTS_ALLOWED:
            raise LabError(self.explain("the kernel's taints are "
                                        + tainted.group(1)))
        rows, end = [], None
        with open(self.path("rows"), encoding="utf-8") as file:
            for line in file.read().split("\n"):
                if not line.strip():
                    continue
                row = json.loads(line)
                end = row.get("end", end)
                if "row" in row:
                    rows.append(row)
        if end != "complete":
            raise LabError(self.explain("not all rows were measured"))
        return rows


def _no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
