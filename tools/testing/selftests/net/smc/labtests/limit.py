# SPDX-License-Identifier: GPL-2.0
"""SMC_LIMIT_HS: a listener with many handshakes under way offers no more."""
import re

from .core import BIN, counters, growth, lab_test

ADDRESS = "10.0.0.77"
BACKLOG = 16
SILENT = BACKLOG
# Listens at two ports, at the second with the option. It keeps all that come to
# a port until it is told the port's index, and closes what comes there later.
SERVER = """
import select, socket, sys
lsns = []
for limit, port in enumerate(sys.argv[2:]):
    fd = socket.socket(43, socket.SOCK_STREAM, 0)
    fd = socket.socket(socket.AF_INET, socket.SOCK_STREAM, fileno=fd.detach())
    fd.setsockopt(286, 1, limit)
    fd.bind((sys.argv[1], int(port)))
    fd.listen(%d)
    lsns.append(fd)
print("listening", flush=True)
kept, done = [], set()
while True:
    for fd in select.select(lsns + [sys.stdin], [], [])[0]:
        if fd is sys.stdin:
            done.add(lsns[int(fd.readline())])
            kept.clear()
        else:
            conn = fd.accept()
            if fd not in done:
                kept.append(conn)
            conn = None
""" % BACKLOG
# Connects when told to: those who are silent are so for six seconds.
CLIENT = """
import socket, sys
print("ready", flush=True)
for line in sys.stdin:
    fd = socket.socket(43, socket.SOCK_STREAM, 0)
    fd = socket.socket(socket.AF_INET, socket.SOCK_STREAM, fileno=fd.detach())
    fd.connect((sys.argv[1], int(line)))
    print("connected", line, flush=True)
    fd.close()
"""


def silent_peers(t, port):
    """Peers that say nothing; returns how many were offered SMC."""
    silent = t.start(t.h1, "%s/hostile silent --dev eth0 --ip %s --host %s "
                     "--port %d --conns %d" % (BIN, ADDRESS, t.h2.ipv4, port,
                                               SILENT), "silent=", wait=60)
    return silent, int(re.search("offered=([0-9]+)", silent.stdout).group(1))


@lab_test("hostile")
def limit(t):
    """Half of the backlog is for those who need no handshake."""
    ports = (t.port(), t.port())
    server = t.start(t.h2, "python3 -c '%s' %s %d %d" % (
        SERVER, t.h2.ipv4, *ports), "listening", wait=90)
    client = t.start(t.h1, "python3 -c '%s' %s" % (CLIENT, t.h2.ipv4),
                     "ready", wait=90)
    for limited, port in enumerate(ports):
        before = counters(t.h1)
        silent, offered = silent_peers(t, port)
        client.write("%d\n" % port)
        client.wait_line("connected %d" % port, timeout=30)
        moved = growth(before, counters(t.h1))
        server.write("%d\n" % limited)
        silent.wait(60)
        t.sub("offered_%d" % limited, BACKLOG / 2 < offered < SILENT
              if limited else offered == SILENT, "%d of %d" % (offered,
                                                               SILENT))
        t.sub("client_%d" % limited, moved["why_no_option"] == limited and
              moved["hs_clnt"] == 1 - limited,
              "without option %(why_no_option)d, SMC-R %(hs_clnt)d" % moved)
