"""Calling the hub's functions: what its answers and the driver's errors mean, and how long one waits for them."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from typing import Any

from models.errors import Known
from models.sync.link import Offline

#: The hub ends a statement after a minute; who has heard nothing by now will not.
PATIENCE_SECONDS = 90.0


class TooNew(Known):
    """The hub does not know something that this node sends: the node keeps its log until the hub is upgraded."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The hub cannot take what this version sends ({what}).",
            "Have the hub upgraded: python main.py hub init. Nothing is lost meanwhile.",
            code=6,
            sentence_zh=f"中心无法接收此版本发送的内容（{what}）。",
            step_zh="请升级中心：python main.py hub init。期间不会丢失数据。",
        )


class Poison(Exception):
    """The hub cannot take something in this batch."""


def call(connection: Any, sql: str, parameters: tuple[Any, ...]) -> dict[str, Any]:
    """Call a function of the hub. Raises Offline, TooNew, Known, or Poison for rows that it cannot take."""
    return dict(ask(connection, sql, parameters)[0][0])


def ask(connection: Any, sql: str, parameters: tuple[Any, ...]) -> list[Any]:
    """The rows that a function of the hub gives; raises as `call` does.

    A middlebox that acknowledges and passes nothing on is seen by no timeout of TCP or of the hub, so a call that
    gets no answer for long has its connection cut.
    """
    import psycopg

    watch = threading.Timer(PATIENCE_SECONDS, _cut, (connection,))
    watch.daemon = True
    watch.start()
    try:
        return list(connection.execute(sql, parameters).fetchall())
    except psycopg.Error as error:
        raise _trouble(error) from error
    finally:
        watch.cancel()


def _cut(connection: Any) -> None:
    """End the connection under a call that waits in it; the call then fails as at a lost network."""
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


def _trouble(error: Any) -> Exception:
    import psycopg

    state, text = error.sqlstate or "", (str(error).splitlines() or [""])[0]
    if state == "AT426":
        return TooNew(text)
    if state in ("AT403", "42501", "28000"):
        return Known(f"The hub refuses this node: {text}.", "Have the node enrolled anew at the hub.", code=6)
    if state == "AT409":
        return Known(
            "Another copy of this node's store talks to the hub.",
            "Stop the other copy, or join this one to the hub as a node of its own.",
            code=6,
        )
    if state[:2] in ("21", "22", "23", "54") or state == "AT400" or isinstance(error, psycopg.DataError):
        return Poison(text)
    if state[:2] in ("42", "0A", "P0", "XX"):
        return Known(f"The hub has a fault: {text}.", "Have the hub upgraded: python main.py hub init.", code=6)
    return Offline(text or type(error).__name__)
