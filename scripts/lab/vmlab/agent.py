# SPDX-License-Identifier: GPL-2.0
"""The lab's agent: runs commands in a guest on behalf of the host.

In the guest this file is a program: it serves the virtio-serial port given
as its argument.  On the host it is imported for the framing, so that both
ends of the channel read one definition.

A frame is a header (type, command id, payload length) and its payload.  Ids
are chosen by the host and are never used twice.  The channel is reliable and
ordered; there is one agent for each guest.
"""
import os
import struct

HEADER = struct.Struct("!BII")

# Host to guest.
START = 1	# JSON: shell (text) or argv, env, cwd, timeout, tty
STDIN = 2	# bytes for the command's standard input; empty: end of file
SIGNAL = 3	# JSON number: signal for the command's process group
WINSIZE = 4	# JSON [rows, columns] for a command with a terminal
# Guest to host.
HELLO = 16	# the agent is up
STDOUT = 17	# bytes
STDERR = 18	# bytes
EXIT = 19	# JSON: code (negative: signal number), timed_out


def frame(kind, ident, payload=b""):
    """Returns one frame as bytes."""
    return HEADER.pack(kind, ident, len(payload)) + payload


class Deframer:
    """Cuts a byte stream into frames."""

    def __init__(self):
        self.buf = bytearray()

    def feed(self, data):
        """Takes bytes, yields each complete (kind, ident, payload)."""
        self.buf += data
        while len(self.buf) >= HEADER.size:
            kind, ident, size = HEADER.unpack_from(self.buf)
            end = HEADER.size + size
            if len(self.buf) < end:
                return
            payload = bytes(self.buf[HEADER.size:end])
            del self.buf[:end]
            yield kind, ident, payload


class Command:
    """A running command: its process group and its pipes."""

    def __init__(self, ident, pid, fds, deadline):
        self.ident = ident
        self.pid = pid
        self.stdin, self.stdout, self.stderr = fds
        self.pending = bytearray()	# for stdin
        self.stdin_eof = False
        self.deadline = deadline
        self.timed_out = False
        self.status = None


def wire_stdio(spec):
    """Returns (the child's three fds, our three fds) for a command."""
    if spec.get("tty"):
        ours, theirs = os.openpty()
        return (theirs, theirs, theirs), (ours, ours, -1)
    in_r, in_w = os.pipe()
    out_r, out_w = os.pipe()
    err_r, err_w = os.pipe()
    return (in_r, out_w, err_w), (in_w, out_r, err_r)


def exec_child(spec, fds):
    """Becomes the command; called in the child, never returns."""
    code = 126
    try:
        os.setsid()
        if spec.get("tty"):
            import fcntl
            import termios
            fcntl.ioctl(fds[0], termios.TIOCSCTTY, 0)
        for num, fd in enumerate(fds):
            os.dup2(fd, num)
        os.chdir(spec.get("cwd") or "/")
        argv = spec.get("argv") or ["/bin/bash", "-c", spec["shell"]]
        env = dict(os.environ, **spec.get("env", {}))
        os.execvpe(argv[0], argv, env)
    except FileNotFoundError as err:
        os.write(2, ("%s\n" % err).encode())
        code = 127
    except BaseException as err:	# whatever it was: this is a child
        os.write(2, ("%s\n" % err).encode())
    finally:
        os._exit(code)


class Agent:
    """Serves one channel until the guest goes down."""

    def __init__(self, channel):
        import select
        import signal
        import time
        self.signal = signal
        self.now = time.monotonic
        self.channel = channel
        self.deframer = Deframer()
        self.commands = {}
        self.files = {}		# fd -> (Command, STDOUT, STDERR or STDIN)
        self.poll = select.poll()
        self.poll.register(channel, select.POLLIN)
        self.POLLIN, self.POLLOUT = select.POLLIN, select.POLLOUT
        self.wake_r, wake_w = os.pipe()
        os.set_blocking(wake_w, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_w, warn_on_full_buffer=False)
        self.poll.register(self.wake_r, select.POLLIN)

    def send(self, kind, ident, payload=b""):
        """Writes one frame; blocks while the host does not read."""
        data = memoryview(frame(kind, ident, payload))
        while data:
            data = data[os.write(self.channel, data):]

    def send_json(self, kind, ident, value):
        import json
        self.send(kind, ident, json.dumps(value).encode())

    def start(self, ident, spec):
        theirs, ours = wire_stdio(spec)
        pid = os.fork()
        if pid == 0:
            self.signal.set_wakeup_fd(-1)
            for sig in (self.signal.SIGPIPE, self.signal.SIGCHLD):
                self.signal.signal(sig, self.signal.SIG_DFL)
            exec_child(spec, theirs)
        for fd in set(theirs):
            os.close(fd)
        limit = spec.get("timeout")
        cmd = Command(ident, pid, ours, self.now() + limit if limit else None)
        self.commands[ident] = cmd
        os.set_blocking(cmd.stdin, False)
        self.watch(cmd.stdout, cmd, STDOUT)
        if cmd.stderr >= 0:
            self.watch(cmd.stderr, cmd, STDERR)

    def watch(self, fd, cmd, kind):
        self.files[fd] = (cmd, kind)
        self.poll.register(fd, self.POLLIN)

    def close_output(self, fd):
        cmd, kind = self.files.pop(fd)
        self.poll.unregister(fd)
        if kind == STDOUT:
            if cmd.stdin == fd:
                cmd.stdin = -1
            cmd.stdout = -1
        else:
            cmd.stderr = -1
        os.close(fd)
        self.finish(cmd)

    def read_output(self, fd):
        cmd, kind = self.files[fd]
        try:
            data = os.read(fd, 65536)
        except OSError:		# a terminal whose last user has gone
            data = b""
        if data:
            self.send(kind, cmd.ident, data)
        else:
            self.close_output(fd)

    def finish(self, cmd):
        """Reports the exit once the process and its output have ended."""
        if cmd.status is None or cmd.stdout >= 0 or cmd.stderr >= 0:
            return
        if cmd.stdin >= 0:
            self.close_stdin(cmd)
        del self.commands[cmd.ident]
        code = os.waitstatus_to_exitcode(cmd.status)
        self.send_json(EXIT, cmd.ident,
                       {"code": code, "timed_out": cmd.timed_out})

    def close_stdin(self, cmd):
        if cmd.stdin in self.files:
            del self.files[cmd.stdin]
            self.poll.unregister(cmd.stdin)
        os.close(cmd.stdin)
        cmd.stdin = -1

    def flush_stdin(self, cmd):
        """Feeds what the command takes now; waits for POLLOUT otherwise."""
        tty = cmd.stdin == cmd.stdout
        try:
            while cmd.pending:
                del cmd.pending[:os.write(cmd.stdin, cmd.pending)]
        except BlockingIOError:
            if not tty and cmd.stdin not in self.files:
                self.files[cmd.stdin] = (cmd, STDIN)
                self.poll.register(cmd.stdin, self.POLLOUT)
            return
        except OSError:		# the command no longer reads
            cmd.pending.clear()
            cmd.stdin_eof = True
        if tty:
            return
        if cmd.stdin_eof:
            self.close_stdin(cmd)
        elif cmd.stdin in self.files:
            del self.files[cmd.stdin]
            self.poll.unregister(cmd.stdin)

    def kill(self, cmd, sig):
        # A child that was just made may not lead its process group yet.
        for kill in (os.killpg, os.kill):
            try:
                kill(cmd.pid, sig)
                return
            except ProcessLookupError:
                continue

    def reap(self):
        """Collects ended processes, the orphans that pid 1 adopts too."""
        os.read(self.wake_r, 4096)
        by_pid = {c.pid: c for c in self.commands.values()}
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            cmd = by_pid.get(pid)
            if cmd:
                cmd.status = status
                self.finish(cmd)

    def expire(self):
        """Kills what is over its deadline; returns the next one in ms."""
        nearest = None
        for cmd in list(self.commands.values()):
            if cmd.deadline is None or cmd.timed_out:
                continue
            left = cmd.deadline - self.now()
            if left <= 0:
                cmd.timed_out = True
                self.kill(cmd, self.signal.SIGKILL)
                self.drop_output(cmd)
            elif nearest is None or left < nearest:
                nearest = left
        return None if nearest is None else int(nearest * 1000) + 1

    def drop_output(self, cmd):
        """Stops reading: strangers may hold the pipes of a killed command."""
        for fd in {cmd.stdout, cmd.stderr} - {-1}:
            self.read_ready(fd)
            if fd in self.files:
                self.close_output(fd)

    def read_ready(self, fd):
        """Passes on what is in a pipe already."""
        os.set_blocking(fd, False)
        cmd, kind = self.files[fd]
        try:
            data = os.read(fd, 1 << 20)
        except OSError:
            return
        if data:
            self.send(kind, cmd.ident, data)

    def request(self, kind, ident, payload):
        import json
        if kind == START:
            try:
                self.start(ident, json.loads(payload))
            except OSError as err:
                self.send(STDERR, ident, ("%s\n" % err).encode())
                self.send_json(EXIT, ident, {"code": 126, "timed_out": False})
            return
        cmd = self.commands.get(ident)
        if not cmd:
            return
        if kind == SIGNAL:
            self.kill(cmd, json.loads(payload))
        elif kind == WINSIZE and cmd.stdout >= 0:
            import fcntl
            import termios
            fcntl.ioctl(cmd.stdout, termios.TIOCSWINSZ,
                        struct.pack("HHHH", *json.loads(payload), 0, 0))
        elif kind == STDIN and cmd.stdin >= 0:
            cmd.pending += payload
            cmd.stdin_eof |= not payload
            self.flush_stdin(cmd)

    def serve(self):
        self.send(HELLO, 0)
        while True:
            for fd, _ in self.poll.poll(self.expire()):
                if fd == self.channel:
                    data = os.read(fd, 1 << 16)
                    if not data:	# the host is not connected
                        return
                    for item in self.deframer.feed(data):
                        self.request(*item)
                elif fd == self.wake_r:
                    self.reap()
                elif fd in self.files:
                    if self.files[fd][1] == STDIN:
                        self.flush_stdin(self.files[fd][0])
                    else:
                        self.read_output(fd)


if __name__ == "__main__":
    import sys
    Agent(os.open(sys.argv[1], os.O_RDWR | os.O_CLOEXEC)).serve()
