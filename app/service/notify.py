"""Telling systemd how the service is (sd_notify(3)): ready, alive, stopping. Elsewhere nothing is told."""

from __future__ import annotations

import os
import socket


def tell(state: str) -> bool:
    """Send one state, such as READY=1 or WATCHDOG=1; False where nobody listens.

    The socket's address is in NOTIFY_SOCKET; one that begins with @ is in Linux's abstract name space.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address or not hasattr(socket, "AF_UNIX"):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(state.encode(), address)
    except OSError:
        return False  # the manager restarts a service that it does not hear; nothing better can be done here
    return True
