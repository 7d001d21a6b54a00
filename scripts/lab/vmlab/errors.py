# SPDX-License-Identifier: GPL-2.0
"""What the lab raises."""


class LabError(Exception):
    """The lab cannot do what was asked; the text says what to do."""


class CommandFailed(LabError):
    """A command ended with an exit code that the caller did not allow."""

    def __init__(self, result):
        self.result = result
        super().__init__("%s: exit %s: %s\n%s%s" % (
            result.host, result.code, result.command,
            result.stdout[-4000:], result.stderr[-4000:]))


class CommandTimeout(LabError):
    """A command, or a wait on its output, went past its deadline."""
