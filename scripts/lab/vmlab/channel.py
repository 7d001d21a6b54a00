# SPDX-License-Identifier: GPL-2.0
"""Host's end of the channel to a guest's agent: commands and their output."""
import json
import signal
import sys
import threading
import time

from . import agent
from .errors import CommandFailed, CommandTimeout, LabError

# How long after a command's own deadline its guest may take to say so.
GRACE_S = 20


class Result:
    """Outcome of a command that has ended.

    code is the exit code, or minus the signal number; stdout and stderr are
    text (undecodable bytes are replaced).
    """

    def __init__(self, host, command, code, stdout, stderr, seconds):
        self.host = host
        self.command = command
        self.code = code
        self.stdout = stdout
        self.stderr = stderr
        self.seconds = seconds

    @property
    def ok(self):
        return self.code == 0

    def json(self):
        """Returns standard output parsed as JSON."""
        return json.loads(self.stdout)

    def __repr__(self):
        return "<%s: %s: exit %s>" % (self.host, self.command, self.code)


class Process:
    """A command started in a guest.

    on_output(fd, bytes), if given, sees output as it arrives, from the
    channel's reader thread.
    """

    def __init__(self, channel, ident, command, timeout, on_output=None):
        self.channel = channel
        self.ident = ident
        self.command = command
        self.timeout = timeout
        self.on_output = on_output
        self.began = time.monotonic()
        self.seconds = None
        self.out = {1: bytearray(), 2: bytearray()}
        self.code = None
        self.timed_out = False
        self.changed = threading.Condition()

    # Called by the reader thread.

    def _output(self, fd, data):
        with self.changed:
            self.out[fd] += data
            self.changed.notify_all()
        if self.on_output:
            self.on_output(fd, data)

    def _exit(self, code, timed_out):
        with self.changed:
            self.code = code
            self.timed_out = timed_out
            self.seconds = time.monotonic() - self.began
            self.changed.notify_all()

    # For callers.

    @property
    def running(self):
        return self.code is None

    @property
    def stdout(self):
        """Standard output so far."""
        with self.changed:
            return self.out[1].decode(errors="replace")

    @property
    def stderr(self):
        """Standard error so far."""
        with self.changed:
            return self.out[2].decode(errors="replace")

    def write(self, data):
        """Feeds standard input."""
        if isinstance(data, str):
            data = data.encode()
        if data:
            self.channel.send(agent.STDIN, self.ident, data)

    def close_stdin(self):
        """Standard input ends here."""
        self.channel.send(agent.STDIN, self.ident)

    def kill(self, sig=signal.SIGKILL):
        """Sends a signal to the command and all of its process group."""
        if self.running:
            self.channel.send_json(agent.SIGNAL, self.ident, int(sig))

    def resize(self, rows, columns):
        """Sets the size of the terminal of a command that has one."""
        self.channel.send_json(agent.WINSIZE, self.ident, [rows, columns])

    def wait_line(self, text, timeout=30, stream=1):
        """Waits until the output has a complete line that contains text.

        Returns the line.  Raises CommandTimeout, and CommandFailed if the
        command ended without the line.
        """
        return self._wait(lambda: self._find_line(text, stream), timeout,
                          "a line with %r" % text)

    def wait(self, timeout=None, check=False):
        """Waits for the end; returns a Result.

        Without a timeout the command's own deadline holds.  check raises
        CommandFailed unless the exit code is 0.
        """
        if timeout is None:
            left = self.timeout - (time.monotonic() - self.began)
            timeout = max(left, 0) + GRACE_S
        self._wait(lambda: self.code is not None, timeout, "its end")
        result = self._result()
        if self.timed_out:
            raise CommandTimeout(
                "%s: killed after %s s: %s\n%s%s"
                % (result.host, self.timeout, self.command,
                   result.stdout[-4000:], result.stderr[-4000:]))
        if check and not result.ok:
            raise CommandFailed(result)
        return result

    def stop(self, sig=signal.SIGTERM, timeout=10):
        """Ends a background command; returns its Result."""
        self.kill(sig)
        try:
            return self.wait(timeout)
        except CommandTimeout:
            self.kill(signal.SIGKILL)
            return self.wait(GRACE_S)

    def _result(self):
        return Result(self.channel.name, self.command, self.code, self.stdout,
                      self.stderr, self.seconds)

    def _find_line(self, text, stream):
        for line in self.out[stream].decode(errors="replace").splitlines(True):
            if text in line and line.endswith("\n"):
                return line.rstrip("\r\n")
        return None

    def _wait(self, found, timeout, what):
        with self.changed:
            end = time.monotonic() + timeout
            while True:
                value = found()
                if value:
                    return value
                if self.code is not None:
                    raise CommandFailed(self._result())
                if self.channel.lost:
                    raise LabError("%s: %s" % (self.channel.name,
                                               self.channel.lost))
                left = end - time.monotonic()
                if left <= 0:
                    raise CommandTimeout(
                        "%s: waited %s s for %s of: %s\n%s%s"
                        % (self.channel.name, timeout, what, self.command,
                           self.stdout[-2000:], self.stderr[-2000:]))
                self.changed.wait(left)


class Channel:
    """Multiplexes commands over the socket to one agent."""

    def __init__(self, name, sock):
        self.name = name
        self.sock = sock
        self.lost = None	# reason why no more commands can run
        self.ready = threading.Event()
        self.processes = {}
        self.next_id = 1
        self.send_lock = threading.Lock()	# one frame at a time
        self.table_lock = threading.Lock()	# processes, next_id, lost
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, kind, ident, payload=b""):
        with self.send_lock:
            try:
                for at in range(0, len(payload) or 1, 32768):
                    self.sock.sendall(
                        agent.frame(kind, ident, payload[at:at + 32768]))
            except OSError as err:
                raise LabError("%s: %s" % (self.name,
                                           self.lost or err)) from err

    def send_json(self, kind, ident, value):
        payload = json.dumps(value).encode()
        with self.send_lock:
            self.sock.sendall(agent.frame(kind, ident, payload))

    def start(self, command, timeout, on_output=None, **spec):
        """Starts a command, a text for the shell or an argument list."""
        spec.update({"timeout": timeout,
                     "shell" if isinstance(command, str) else "argv": command})
        with self.table_lock:
            if self.lost:
                raise LabError("%s: %s" % (self.name, self.lost))
            process = Process(self, self.next_id, command, timeout, on_output)
            self.processes[self.next_id] = process
            self.next_id += 1
        self.send_json(agent.START, process.ident, spec)
        return process

    def fail(self, reason):
        """Ends every wait: the guest is gone."""
        with self.table_lock:
            self.lost = self.lost or reason
            waiting = list(self.processes.values())
        self.ready.set()
        for process in waiting:
            with process.changed:
                process.changed.notify_all()

    def close(self):
        self.fail("the guest was shut down")
        self.sock.close()

    def _read(self):
        deframer = agent.Deframer()
        try:
            while True:
                data = self.sock.recv(1 << 16)
                if not data:
                    break
                for item in deframer.feed(data):
                    self._dispatch(*item)
        except OSError:
            pass
        except Exception as err:	# a broken callback must not go unseen
            print("lab: %s: reader: %r" % (self.name, err), file=sys.stderr)
        self.fail("the guest's QEMU has ended")

    def _dispatch(self, kind, ident, payload):
        if kind == agent.HELLO:
            self.ready.set()
            return
        process = self.processes.get(ident)
        if not process:
            return
        if kind == agent.STDOUT:
            process._output(1, payload)
        elif kind == agent.STDERR:
            process._output(2, payload)
        elif kind == agent.EXIT:
            with self.table_lock:
                del self.processes[ident]
            end = json.loads(payload)
            process._exit(end["code"], end["timed_out"])
