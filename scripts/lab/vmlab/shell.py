# SPDX-License-Identifier: GPL-2.0
"""Interactive shells on the hosts of a lab, on one terminal."""
import os
import select
import shutil
import sys
import termios
import tty

from .errors import LabError

ESCAPE = b"\x1d"	# ^]


class Shells:
    """One shell for each host; the terminal shows one of them at a time."""

    def __init__(self, lab):
        self.lab = lab
        self.current = 1
        self.hidden = {n: bytearray() for n in lab.hosts}
        self.shells = {}

    def _open(self, number):
        def output(_, data):
            if number == self.current:
                os.write(1, data)
            else:
                self.hidden[number] += data
                del self.hidden[number][:-65536]
        shell = self.lab[number].start(
            ["/bin/bash", "-i"], timeout=None, tty=True, on_output=output,
            env={"TERM": os.environ.get("TERM", "dumb")})
        size = shutil.get_terminal_size()
        shell.resize(size.lines, size.columns)
        self.shells[number] = shell

    def _switch(self, number):
        if number not in self.lab.hosts:
            return
        self.current = number
        os.write(1, b"\r\n[host %d]\r\n" % number)
        os.write(1, bytes(self.hidden[number]))
        self.hidden[number].clear()
        if number not in self.shells or not self.shells[number].running:
            self._open(number)

    def run(self):
        """Returns when the user leaves or the current shell ends."""
        if not sys.stdin.isatty():
            raise LabError("--shell needs a terminal")
        print("^] 1, ^] 2: go to that host; ^] q: end the lab\r")
        saved = termios.tcgetattr(0)
        try:
            tty.setraw(0)
            self._switch(1)
            self._relay()
        finally:
            termios.tcsetattr(0, termios.TCSADRAIN, saved)

    def _relay(self):
        while self.shells[self.current].running and not self.lab.expired:
            if not select.select([0], [], [], 0.2)[0]:
                continue
            data = os.read(0, 1024)
            if not data:
                return
            before, escape, after = data.partition(ESCAPE)
            self.shells[self.current].write(before)
            if not escape:
                continue
            key = after[:1] or os.read(0, 1)
            if key == b"q":
                return
            if key.isdigit():
                self._switch(int(key))
            elif key == ESCAPE:
                self.shells[self.current].write(ESCAPE)
