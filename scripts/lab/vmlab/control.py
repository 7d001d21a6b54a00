# SPDX-License-Identifier: GPL-2.0
"""Commands for a running lab from other processes, such as shell tests.

The lab listens on an abstract Unix socket named after its directory and
serves the user that started it only.  A client sends one START frame (JSON as
for the agent, and "host"), then STDIN frames; it gets STDOUT, STDERR and one
EXIT frame.  When the client goes, its command is killed.
"""
import hashlib
import json
import os
import signal
import socket
import struct
import sys
import threading

from . import agent
from .errors import LabError


def address(directory):
    """Returns the socket address for a lab's directory."""
    key = hashlib.sha256(os.path.realpath(directory).encode()).hexdigest()
    return "\0af-smc-lab-" + key[:24]


class Server:
    """Serves a Lab's control socket until closed."""

    def __init__(self, lab):
        self.lab = lab
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.bind(address(lab.directory))
        self.sock.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.sock.close()

    def _accept(self):
        while True:
            try:
                conn, _ = self.sock.accept()
            except OSError:
                return
            cred = conn.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            if struct.unpack("iII", cred)[1] == os.geteuid():
                threading.Thread(target=self._serve, args=(conn,),
                                 daemon=True).start()
            else:
                conn.close()

    def _serve(self, conn):
        lock = threading.Lock()		# of writing to conn
        process = None

        def reply(kind, payload):
            try:
                with lock:
                    conn.sendall(agent.frame(kind, 0, payload))
            except OSError:
                pass	# gone; the reading side sees that

        def finish():
            try:
                result = process.wait()
                end = {"code": result.code, "timed_out": False}
            except LabError as err:
                reply(agent.STDERR, ("lab: %s\n" % str(err).splitlines()[0])
                      .encode())
                end = {"code": 125, "timed_out": process.timed_out}
            reply(agent.EXIT, json.dumps(end).encode())

        deframer = agent.Deframer()
        try:
            while True:
                data = conn.recv(1 << 16)
                if not data:
                    break
                for kind, _, payload in deframer.feed(data):
                    if kind == agent.START and not process:
                        process = self._start(json.loads(payload), reply)
                        if not process:
                            return
                        threading.Thread(target=finish, daemon=True).start()
                    elif kind == agent.STDIN and process:
                        process.channel.send(kind, process.ident, payload)
        except (OSError, LabError):
            pass
        finally:
            if process:
                try:
                    process.kill()
                except (OSError, LabError):
                    pass
            conn.close()

    def _start(self, spec, reply):
        """Does one request; returns a process if that has to be waited for."""
        kinds = {1: agent.STDOUT, 2: agent.STDERR}
        code = 0
        try:
            host = self.lab.hosts.get(spec.pop("host"))
            if not host:
                raise LabError("there is no such host")
            verb = spec.pop("verb", None)
            if verb:
                getattr(host, verb)()
            else:
                return host.start(
                    spec.get("argv") or spec["shell"], spec["timeout"],
                    on_output=lambda fd, data: reply(kinds[fd], data))
        except (LabError, OSError) as err:
            reply(agent.STDERR, ("lab: %s\n" % err).encode())
            code = 125
        reply(agent.EXIT, json.dumps({"code": code,
                                      "timed_out": False}).encode())
        return None


def _feed_stdin(sock):
    while True:
        data = os.read(0, 32768)
        sock.sendall(agent.frame(agent.STDIN, 0, data))
        if not data:
            return


def request(directory, spec, with_stdin=False):
    """Sends a request to a lab, copies the output; returns an exit code."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(address(directory))
    except OSError as err:
        raise LabError("no lab is running in %s: start one with "
                       "scripts/lab/lab run" % directory) from err
    sock.sendall(agent.frame(agent.START, 0, json.dumps(spec).encode()))
    if with_stdin:
        threading.Thread(target=_feed_stdin, args=(sock,),
                         daemon=True).start()
    else:
        sock.sendall(agent.frame(agent.STDIN, 0))
    deframer = agent.Deframer()
    files = {agent.STDOUT: sys.stdout.buffer, agent.STDERR: sys.stderr.buffer}
    while True:
        data = sock.recv(1 << 16)
        if not data:
            raise LabError("the lab has ended")
        for kind, _, payload in deframer.feed(data):
            if kind == agent.EXIT:
                return exit_code(json.loads(payload))
            files[kind].write(payload)
            files[kind].flush()


def exit_code(end):
    """Returns the code a shell would give for the end of a command."""
    if end["timed_out"]:
        return 124
    return end["code"] if end["code"] >= 0 else 128 - end["code"]


def terminate(*_):
    """Signal handler: unwinds like ^C."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + signal.SIGTERM)
