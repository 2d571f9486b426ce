"""Run a program that ends when its parent dies: `python tied.py PROGRAM ARGUMENT...`.

A supervisor that is killed with -9 can't stop its children; on Linux the kernel does it for it
(prctl(2), PR_SET_PDEATHSIG, which survives exec). Elsewhere the program just runs, and the next
`make up` ends what is left. Run as a file: importing the project would cost each start 0.3 s.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie(parent: int, number: int = signal.SIGTERM) -> None:
    """Have the kernel send a signal to this process when its parent dies. Linux only."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it died before the call
        sys.exit(1)


def tie_children() -> None:
    """Have every process that this one forks, and those that they fork, end with its parent at once."""
    parents = [0]
    os.register_at_fork(before=lambda: parents.__setitem__(0, os.getpid()))
    os.register_at_fork(after_in_child=lambda: tie(parents[0], signal.SIGKILL))


if __name__ == "__main__":
    tie(os.getppid())
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - no shell is meant
