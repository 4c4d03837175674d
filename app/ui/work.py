"""The only door off the UI thread: `Work.run(job, done, failed)`.

One thread, because the store is one SQLite file and reads are short; long work belongs to another
process (`app.ui.child`). A result is delivered on the UI thread, and dropped where its receiver is gone.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

Answer = TypeVar("Answer")


class Work(QObject):
    """Runs jobs in order on one background thread; `busy` fires when the queue fills or empties."""

    busy = Signal(bool)
    failed = Signal(object)
    _arrived = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="atrium-sql")
        self._waiting = 0
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        job: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Call `job()` on the thread, then `done(answer)` or `failed(error)` on the UI thread.

        `done` and `failed` are bound methods and held weakly. An error without `failed` is emitted as `failed`.
        """
        self._waiting += 1
        if self._waiting == 1:
            self.busy.emit(True)
        receipt = _Receipt(_weak(done), _weak(failed) if failed else None)
        self._pool.submit(job).add_done_callback(receipt.bind(self))

    def idle(self) -> bool:
        """Whether nothing waits."""
        return self._waiting == 0

    def close(self) -> None:
        """Finish the running job, forget the rest, end the thread; call before the last window dies."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _post(self, receipt: _Receipt, answer: object, error: object) -> None:
        self._arrived.emit(receipt, answer, error)

    def _deliver(self, receipt: _Receipt, answer: object, error: object) -> None:
        self._waiting -= 1
        if self._waiting == 0:
            self.busy.emit(False)
        if error is None:
            target = receipt.done()
            if target:
                target(answer)
            return
        target = receipt.failed() if receipt.failed else None
        if target:
            target(error)
        elif not receipt.failed:
            self.failed.emit(error)


class _Receipt:
    """Who gets the answer."""

    def __init__(self, done: Any, failed: Any) -> None:
        self.done = done
        self.failed = failed
        self._work: Work | None = None

    def bind(self, work: Work) -> Callable[[Future[Any]], None]:
        self._work = work
        return self.settle

    def settle(self, future: Future[Any]) -> None:
        if future.cancelled() or self._work is None:
            return
        error = future.exception()
        self._work._post(self, None if error else future.result(), error)


def _weak(method: Callable[..., Any]) -> Callable[[], Callable[..., Any] | None]:
    """A weak reference to a bound method; a plain function is kept alive."""
    if hasattr(method, "__self__"):
        return weakref.WeakMethod(method)
    return lambda: method
