"""One import at a time for a site, kept by the operating system: the lock ends with the process that holds it.

So a batch found 'loading' by whoever holds the lock belongs to a process that died.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from models.errors import Cancelled
from models.site import Site

LOOK_AGAIN_SECONDS = 0.05


@contextmanager
def import_lock(site: Site, cancelled: Callable[[], bool] | None = None) -> Iterator[None]:
    """Hold the site's import lock, waiting for the import that has it. Raises Cancelled while waiting."""
    descriptor = os.open(site.folder / "import.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not _take(descriptor):
            if cancelled is not None and cancelled():
                raise Cancelled
            time.sleep(LOOK_AGAIN_SECONDS)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> bool:
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
