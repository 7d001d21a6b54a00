# SPDX-License-Identifier: GPL-2.0
"""Loading, autoloading and unloading the modules."""
import os

from .core import (HERE, in_netns, lab_test, load_smc, rdma_resources,
                   reloads, slab_objects, smc_loaded, unload_smc)
from .netns import enter

SOCKET = "python3 -c 'import socket; socket.socket(%s)'"


def gone(t, host):
    """Nothing of the modules is left."""
    t.check(not smc_loaded(host), "smc is still loaded")
    t.equal(slab_objects(host, "(smc|SMC).*"), {}, "slab caches left")
    text = host.run("cat /proc/net/protocols; ls /proc/net").stdout
    t.check("SMC" not in text and "smc" not in text, "left in /proc/net")
    t.equal(rdma_resources(host).get("mr", 0), 0, "memory regions left")


@lab_test("module", two_hosts="autoload takes modules in /lib/modules")
def autoload(t):
    """By family, by protocol, by netlink family."""
    for name, command in (
            ("af_smc", SOCKET % "43, 1, 0"),
            ("af_smc6", SOCKET % "43, 1, 1"),
            ("ipproto_smc", SOCKET % "2, 1, 256"),
            ("ipproto_smc6", SOCKET % "10, 1, 256"),
            ("pnetid", "python3 -B %s family" %
             os.path.join(HERE, "labtests/pnet_nl.py"))):
        t.check(not smc_loaded(t.h1), "loaded before %s" % name)
        result = t.h1.run(command, check=False)
        t.sub(name, result.ok and smc_loaded(t.h1), result.stderr[-200:])
        t.h1.run("modprobe -r smc_diag smc")


@lab_test("module", two_hosts="the module is of the whole kernel")
def load_unload(t):
    """Again and again, and nothing stays behind."""
    gone(t, t.h1)
    for _ in range(10):
        load_smc(t.h1)
        unload_smc(t.h1)
    gone(t, t.h1)


@lab_test("module", two_hosts="autoload takes modules in /lib/modules")
def first_socket_runs(t):
    """A connection by autoload alone, then the group goes with the module."""
    port, server = t.serve(t.h2)
    t.load(t.h1, "rr", port, options="--conns 4")
    t.h1.run("modprobe smc_diag")
    t.load(t.h1, "rr", port, options="--expect smcr")
    t.check(rdma_resources(t.h1).get("mr", 0) > 0, "no memory region in use")
    unload_smc(t.h1)
    gone(t, t.h1)
    # The other side notices: its group ends, a new connection makes another
    load_smc(t.h1)
    t.load(t.h1, "rr", port, options="--expect smcr")
    server.stop()
    for host in (t.h1, t.h2):
        unload_smc(host)
        gone(t, host)


@lab_test("module", two_hosts="the module is of the whole kernel")
def busy_stays(t):
    """A socket pins the module."""
    load_smc(t.h1)
    holder = t.start(t.h1, "python3 -uc 'import socket, time;"
                     " s = socket.socket(43, 1, 0); print(1);"
                     " time.sleep(300)'", "1")
    result = t.h1.run("rmmod smc_diag; rmmod smc", check=False)
    t.check(not result.ok and smc_loaded(t.h1), "removed with a socket open")
    holder.stop()
    t.h1.run("rmmod smc")
    gone(t, t.h1)


# A connection over loopback, left to be closed with its process.
EXCHANGE = """
import socket
l = socket.socket(2, 1, 256)
l.bind(("127.0.0.1", 0))
l.listen()
c = socket.socket(2, 1, 256)
c.connect(l.getsockname())
a = l.accept()[0]
c.send(b"x")
assert a.recv(1) == b"x"
"""


def exchange(netns):
    enter(netns)
    exec(EXCHANGE, {})
    return 0


@lab_test("module")
def namespaces(t):
    """Network namespaces come and go with sockets in them."""
    load_smc(t.h1)
    for number in range(5):
        t.h1.run("ip netns add n%d && ip -n n%d link set lo up" %
                 (number, number))
        if in_netns(t.h1):
            t.equal(t.h1.call(exchange, "n%d" % number), 0, "exit code")
        else:
            t.h1.run("ip netns exec n%d python3 -c '%s'" % (number, EXCHANGE))
        t.h1.run("ip netns del n%d" % number)
    if reloads(t.h1):
        unload_smc(t.h1)
        gone(t, t.h1)
