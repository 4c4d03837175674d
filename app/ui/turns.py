"""Long work on the UI thread in short turns of its loop, so that the window answers between them.

The work is a generator that yields wherever the loop may turn: `turns.add(self.building())`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer, Signal

Steps = Iterator[None]
SLICE_S = 0.012
"""What one turn may take before the next step waits for the next turn, seconds; a single step may take longer."""


class _Way:
    at_once = False


def all_at_once(wanted: bool) -> None:
    """Whether work is done to its end where it is added: for tests that look at a page right after its data came."""
    _Way.at_once = wanted


class Turns(QObject):
    """Runs works one after the other, some steps a turn; `finished` fires when nothing is left."""

    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._works: list[tuple[str, Steps]] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)
        self._running = False

    def add(self, work: Steps, name: str = "") -> None:
        """Put work at the end of the queue; work of the same name that waits or has begun is dropped for it."""
        if name:
            self._works = [held for held in self._works if held[0] != name]
        self._works.append((name, work))
        if _Way.at_once:
            self.finish()
        elif not self._running:
            self._timer.start()

    def idle(self) -> bool:
        """Whether nothing is left."""
        return not self._works

    def finish(self) -> None:
        """Do what is left now; nothing where it is called from within a step, whose work goes on afterwards."""
        if self._running:
            return
        while self._works:
            self._step()
        self._timer.stop()
        self.finished.emit()

    def _turn(self) -> None:
        until = time.perf_counter() + SLICE_S
        while self._works:
            self._step()
            if time.perf_counter() >= until:
                break
        if self._works:
            self._timer.start()
        else:
            self.finished.emit()

    def _step(self) -> None:
        """One step of the first work. A fault in it ends that work and goes on to the caller; the rest stays."""
        held = self._works[0]
        self._running = True
        try:
            next(held[1])
        except StopIteration:
            self._drop(held)
        except BaseException:
            self._drop(held)
            if self._works:
                self._timer.start()
            raise
        finally:
            self._running = False

    def _drop(self, held: tuple[str, Steps]) -> None:
        self._works = [one for one in self._works if one is not held]
