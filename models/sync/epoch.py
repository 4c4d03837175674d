"""The epoch: one stretch of a store's life. A copy of the store that lives on must not be taken for the store.

A copy carries the sequence numbers of its original; if both sent under one cursor, the hub would take one's changes
for the other's. So a store remembers the machine and the file that it is, and begins a new epoch where it finds
itself to be another.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from models.ids import new_id
from models.store import Store, Transaction

MARK = "file_mark"
TAKEN = "taken_epoch"


def current_epoch(store: Store) -> str:
    """The store's epoch, renewed where the store's file is a copy."""
    mark = file_mark(store.site.database)
    with store.read() as connection:
        known = dict(
            connection.exec_driver_sql("SELECT name, value FROM meta WHERE name IN ('epoch', ?)", (MARK,)).fetchall()
        )
    if known.get(MARK) == mark:
        return str(known["epoch"])
    with store.write("sync", "marking the store's file") as tx:
        _put(tx, MARK, mark)
        if MARK in known:
            _put(tx, "epoch", new_id().hex())
            tx.audit("new_epoch", "store", why="the file is a copy")
        return str(tx.connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'epoch'").scalar_one())


def begin_epoch(tx: Transaction) -> str:
    """A new epoch, as after a restore."""
    epoch = new_id().hex()
    _put(tx, "epoch", epoch)
    return epoch


def has_taken_back(store: Store, epoch: str) -> bool:
    """Whether this store has taken back what it had sent in the epochs before this one.

    The store's own note, since a program that ends half-way must begin again though the hub knows the epoch by then.
    """
    with store.read() as connection:
        return bool(connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (TAKEN,)).scalar() == epoch)


def note_taken_back(tx: Transaction, epoch: str) -> None:
    """Everything of earlier epochs is here."""
    _put(tx, TAKEN, epoch)


def file_mark(path: Path) -> str:
    """What tells this file on this machine from a copy: the machine's id with the file's number, hashed."""
    found = path.stat()
    return hashlib.sha256(f"{machine_id()}|{found.st_dev}|{found.st_ino}".encode()).hexdigest()[:32]


def machine_id() -> str:
    """The operating system's id of this installation; empty where it has none."""
    if sys.platform == "win32":
        import winreg

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    for path in (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id")):
        if path.exists():
            return path.read_text("ascii").strip()
    return ""


def _put(tx: Transaction, name: str, value: str) -> None:
    tx.connection.exec_driver_sql(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
