"""Atrium: the desktop, the background service and the command line behind one entry."""

from __future__ import annotations

import os
import sys

# The numeric libraries make a thread for each core and wait for each other, which beside counting and a language model
# is many times slower than one thread.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")


def start(arguments: list[str]) -> int:
    """Run the command; the process that only reads a camera loads nothing else, since there is one for each."""
    if getattr(sys, "frozen", False):
        from multiprocessing import freeze_support

        freeze_support()  # in a package a worker process is this program again, and must not start over as one
    if arguments == ["camera-read"]:
        from vision.reader import main as read_camera

        return read_camera()
    from app.cli.entry import main

    return main(arguments, own_process=True)


if __name__ == "__main__":
    sys.exit(start(sys.argv[1:]))
