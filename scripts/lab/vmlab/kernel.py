# SPDX-License-Identifier: GPL-2.0
"""The guests' kernel: where it is, its modules, our modules, the initramfs.

What is made from the kernel alone is cached under ~/.cache/af-smc, keyed by
content, and may be deleted at any time.
"""
import glob
import hashlib
import lzma
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

from .errors import LabError

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.expanduser("~/.cache/af-smc")
BUSYBOX = "/bin/busybox"

# Modules that the guests may want, as prefixes of paths below kernel/.
# Whatever these depend on comes with them.
WANTED = (
    "net/", "crypto/", "lib/", "arch/x86/crypto/",
    "fs/9p/", "fs/overlayfs/", "drivers/infiniband/core/",
    "drivers/infiniband/sw/", "drivers/net/bonding/", "drivers/net/team/",
    "drivers/net/netdevsim/", "drivers/net/virtio_net.ko",
    "drivers/net/veth.ko", "drivers/net/dummy.ko", "drivers/net/ifb.ko",
    "drivers/net/macvlan.ko", "drivers/net/vrf.ko", "drivers/net/tun.ko",
    "drivers/net/nlmon.ko",
)
# Loaded in the initramfs, before there is a root file system: what it takes
# to reach the root, and what every guest loads anyway (files are slow there).
EARLY = ("9p", "9pnet_virtio", "overlay", "virtio_net", "rdma_rxe")
# The same, where it is a module.
EARLY_IF_MODULE = ("virtio_pci", "virtio_console", "virtio_rng")
SERIES = "6.12"	# of kernels, unless another one is asked for
# Bumped when this file changes what is in the cache.
CACHE_FORMAT = 3

DEPMOD_CONF = "search updates built-in\n"


def unpack(path):
    """Returns the contents of a module file, decompressed."""
    with open(path, "rb") as file:
        data = file.read()
    if path.endswith(".xz"):
        return lzma.decompress(data)
    if path.endswith(".zst"):
        return subprocess.run(["zstd", "-dc", path], check=True,
                              stdout=subprocess.PIPE).stdout
    return data


def bare_name(path):
    """Returns a module's name for its file: a/b-c.ko.xz gives b_c."""
    return os.path.basename(path).split(".ko")[0].replace("-", "_")


def vermagic(path):
    """Returns the release of the kernel that a module was built for."""
    out = subprocess.run(["/sbin/modinfo", "-F", "vermagic", path],
                         stdout=subprocess.PIPE, text=True, check=True).stdout
    return out.split()[0]


class Kernel:
    """An installed or unpacked kernel package."""

    def __init__(self, image, modules):
        self.image = image
        self.modules = modules
        self.release = os.path.basename(modules)

    def __repr__(self):
        return "%s (%s)" % (self.release, self.image)


def candidates(series):
    """Returns the kernels of this machine and of the cache, newest first."""
    found = []
    for base in ["/"] + glob.glob(CACHE + "/linux-image-*/"):
        for image in glob.glob(base + "boot/vmlinuz-%s[.-]*-amd64" % series):
            release = os.path.basename(image)[len("vmlinuz-"):]
            for lib in ("lib/modules/", "usr/lib/modules/"):
                if os.path.isdir(base + lib + release + "/kernel"):
                    found.append(Kernel(image, base + lib + release))
                    break

    def version(kernel):
        return [int(n) for n in re.findall(r"\d+", kernel.release)]
    return sorted(found, key=version, reverse=True)


def find_kernel(release=None, series=SERIES):
    """Returns the kernel with this release, or the newest of a series."""
    for kernel in candidates(series):
        if release in (None, kernel.release):
            if not os.access(kernel.image, os.R_OK):
                raise LabError("cannot read %s: run as root" % kernel.image)
            return kernel
    raise LabError("no kernel %s for the lab: run scripts/deps %s" % (
        release or series, "lab" if series == SERIES else "interop"))


def read_deps(kernel):
    """Returns {path below the modules directory: paths it depends on}."""
    path = kernel.modules + "/modules.dep"
    if not os.path.exists(path):	# a package that was only unpacked
        base = kernel.modules.rsplit("/lib/modules/", 1)[0]
        subprocess.run(["/sbin/depmod", "-b", base, kernel.release],
                       check=True)
    deps = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            name, _, rest = line.partition(":")
            deps[name] = rest.split()
    return deps


def closure(deps, wanted):
    """Returns wanted and all it depends on, each after what it needs."""
    order = []

    def add(path):
        if path not in order:
            for need in reversed(deps[path]):
                add(need)
            order.append(path)
    for path in wanted:
        add(path)
    return order


def select_modules(deps):
    """Returns the modules that guests may want, with dependencies."""
    wanted = set()
    for path in deps:
        below = path.split("/", 1)[1]
        if path.startswith("kernel/") and below.startswith(WANTED):
            wanted.update([path], deps[path])
    return sorted(wanted)


def early_modules(deps):
    """Returns what the initramfs loads, in order."""
    by_name = {bare_name(path): path for path in deps}
    also = [name for name in EARLY_IF_MODULE if name in by_name]
    return closure(deps, [by_name[name] for name in (*also, *EARLY)])


def cpio_entry(name, mode, data=b""):
    """Returns one entry of a "newc" cpio archive."""
    name = name.encode() + b"\0"
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
    out = b"070701" + b"".join(b"%08X" % f for f in fields) + name
    out += b"\0" * (-len(out) % 4) + data
    return out + b"\0" * (-len(out) % 4)


def write_initramfs(path, modules):
    """Writes the initramfs; modules are (name, contents) in load order."""
    with open(path, "wb") as out:
        for name in ("bin", "dev", "proc", "sys", "modules", "lower", "rw",
                     "root"):
            out.write(cpio_entry(name, 0o40755))
        for name, source in (("bin/busybox", BUSYBOX),
                             ("init", HERE + "/guest-init"),
                             ("agent.py", HERE + "/agent.py")):
            with open(source, "rb") as file:
                out.write(cpio_entry(name, 0o100755, file.read()))
        for name, data in modules:
            out.write(cpio_entry("modules/" + name, 0o100644, data))
        names = "".join(name + "\n" for name, _ in modules)
        out.write(cpio_entry("modules.list", 0o100644, names.encode()))
        out.write(cpio_entry("TRAILER!!!", 0))


def digest(kernel):
    """Returns a key for all that the cached files are made from."""
    key = hashlib.sha256(repr((CACHE_FORMAT, WANTED, EARLY,
                               EARLY_IF_MODULE)).encode())
    for path in (kernel.image, BUSYBOX, HERE + "/guest-init",
                 HERE + "/agent.py"):
        with open(path, "rb") as file:
            key.update(hashlib.sha256(file.read()).digest())
    return key.hexdigest()[:16]


def extract_vmlinux(image):
    """Returns the ELF kernel inside a bzImage, or None.

    QEMU starts it directly (by its PVH note), which saves the guest the
    decompression; that is slow, and too hard for some emulators of KVM.
    """
    with open(image, "rb") as file:
        data = file.read()
    if data[0x202:0x206] != b"HdrS":
        return None
    start = (data[0x1f1] + 1) * 512 + struct.unpack_from("<I", data, 0x248)[0]
    payload = data[start:start + struct.unpack_from("<I", data, 0x24c)[0]]
    # The last four bytes are the unpacked size, appended by kbuild.
    size = struct.unpack("<I", payload[-4:])[0]
    if payload.startswith(b"\xfd7zXZ\0"):
        elf = lzma.decompress(payload[:-4])
    elif payload.startswith(b"\x28\xb5\x2f\xfd"):
        elf = subprocess.run(["zstd", "-dcq"], input=payload[:-4],
                             stdout=subprocess.PIPE, check=True).stdout
    else:
        return None
    return elf if len(elf) == size and elf.startswith(b"\x7fELF") else None


def prepare(kernel):
    """Returns the cache directory for a kernel, filling it if need be.

    It holds kernel, initramfs.cpio and modules/, a modules directory
    without indices.  Safe against others who do the same at the same time.
    """
    if not os.path.exists(BUSYBOX):
        raise LabError("no busybox-static: run scripts/deps lab")
    done = "%s/lab-%s-%s" % (CACHE, kernel.release, digest(kernel))
    if os.path.isdir(done):
        return done
    print("lab: unpacking modules of %s to %s" % (kernel.release, done),
          file=sys.stderr, flush=True)
    os.makedirs(CACHE, exist_ok=True)
    work = tempfile.mkdtemp(prefix="lab-new-", dir=CACHE)
    try:
        deps = read_deps(kernel)
        early = set(early_modules(deps))
        early_data = {}
        for path in sorted(early.union(select_modules(deps))):
            data = unpack(kernel.modules + "/" + path)
            target = "%s/modules/%s.ko" % (work, path.split(".ko")[0])
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(data)
            if path in early:
                early_data[path] = data
        for path in glob.glob(kernel.modules + "/modules.builtin*"):
            shutil.copy(path, work + "/modules/")
        shutil.copy(kernel.modules + "/modules.order", work + "/modules/")
        with open(work + "/kernel", "wb") as file:
            with open(kernel.image, "rb") as image:
                file.write(extract_vmlinux(kernel.image) or image.read())
        write_initramfs(work + "/initramfs.cpio",
                        [(bare_name(path) + ".ko", early_data[path])
                         for path in early_modules(deps)])
        try:
            os.rename(work, done)
        except OSError:
            if not os.path.isdir(done):
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return done


def modules_tree(kernel, cache, target, ours):
    """Makes target/lib/modules/RELEASE for guests.

    ours: module files to put under updates/, so that modprobe prefers them.
    """
    tree = "%s/lib/modules/%s" % (target, kernel.release)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(cache + "/modules", tree, copy_function=os.link
                    if os.stat(cache).st_dev == parent_dev(target)
                    else shutil.copy)
    os.mkdir(tree + "/updates")
    for path in ours:
        built_for = vermagic(path)
        if built_for != kernel.release:
            raise LabError("%s is for kernel %s, the lab's is %s: run make"
                           % (path, built_for, kernel.release))
        subprocess.run(["strip", "-g", "-o", "%s/updates/%s"
                        % (tree, os.path.basename(path)), path], check=True)
    conf = target + "/depmod.conf"
    with open(conf, "w", encoding="ascii") as file:
        file.write(DEPMOD_CONF)
    subprocess.run(["/sbin/depmod", "-C", conf, "-b", target, kernel.release],
                   check=True)
    return tree


def find_module(tree, name):
    """Returns the file that modprobe takes for a module of a tree."""
    with open(tree + "/modules.dep", encoding="ascii") as file:
        for line in file:
            path = line.split(":")[0]
            if bare_name(path) == name:
                return tree + "/" + path
    raise LabError("no module %s in %s" % (name, tree))


def build_id_note(path):
    """Returns the contents of a module's build id note."""
    return subprocess.run(["objcopy", "-O", "binary", "--only-section=.note."
                           "gnu.build-id", path, "/dev/stdout"], check=True,
                          stdout=subprocess.PIPE).stdout


def describe_module(path):
    """Returns what to tell people of a module file."""
    info = subprocess.run(["/sbin/modinfo", path], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    words = dict(line.split(":", 1) for line in info.splitlines()
                 if ":" in line)
    return "%s, build id %s%s" % (
        path.split("/lib/modules/", 1)[1], build_id_note(path)[-20:].hex(),
        ", version " + words["version"].strip() if "version" in words else "")


def parent_dev(path):
    """Returns the file system of the nearest directory that exists."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return os.stat(path).st_dev
