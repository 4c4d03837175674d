"""How the desktop learns that something changed, whoever changed it: a look at the store each second."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from app.ui.work import Work
from models.store import Store

EVERY_MS = 1000


@dataclass(frozen=True)
class Versions:
    """SQLite's data version and, where it moved, the version of each relation."""

    data: int
    relations: dict[str, int]


class ChangeWatch(QObject):
    """Emits `moved(frozenset of relation names)` after another process or page changed them."""

    moved = Signal(object)

    def __init__(self, store: Store, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._work = work
        self._known: Versions | None = None
        self._asking = False
        self._connection = store.take_connection()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin looking."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Stop looking and let the connection go."""
        self._timer.stop()
        self._connection.close()

    def look(self) -> None:
        """Look now, unless a look is under way."""
        if not self._asking:
            self._asking = True
            self._work.run(self._read, self._compare)

    def _read(self) -> Versions:
        raw = self._connection
        data = int(raw.execute("PRAGMA data_version").fetchone()[0])
        if self._known is not None and data == self._known.data:
            return self._known
        return Versions(data, dict(raw.execute("SELECT relation, version FROM change").fetchall()))

    def _compare(self, found: Versions) -> None:
        self._asking = False
        before, self._known = self._known, found
        if before is None or before is found:
            return
        moved = frozenset(n for n, v in found.relations.items() if before.relations.get(n) != v)
        if moved:
            self.moved.emit(moved)
