"""Short messages at the bottom right: one at a time, five seconds, with undo where it is possible."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from app.ui import icons, theme
from app.ui.catalogue import tr

Kind = Literal["info", "good", "error"]
SHOWN_MS = 5000
MARGIN = 24
_ICONS: dict[Kind, tuple[str, str]] = {"info": ("info", "accent"), "good": ("check", "good"), "error": ("alert", "bad")}


@dataclass(frozen=True, slots=True)
class _Toast:
    text: str
    kind: Kind
    action: str
    do: Callable[[], object] | None


class Toasts(QFrame):
    """`Toasts(window).say("Saved", action="Undo", do=undo)`; errors stay until they are closed."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        theme.set_role(self, role="card")
        self._queue: deque[_Toast] = deque()
        self._shown: _Toast | None = None
        self._icon, self._label = QLabel(), QLabel()
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self.action, self.close_button = QPushButton(), QToolButton()
        theme.set_role(self.action, kind="quiet")
        theme.set_role(self.close_button, kind="quiet")
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._label, 1)
        row.addWidget(self.action)
        row.addWidget(self.close_button)
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._timer.timeout.connect(self.dismiss)
        self.action.clicked.connect(self._act)
        self.close_button.clicked.connect(self.dismiss)
        window.installEventFilter(self)
        self.hide()

    def say(
        self,
        sentence: str,
        /,
        kind: Kind = "info",
        *,
        action: str = "",
        do: Callable[[], object] | None = None,
        **values: object,
    ) -> None:
        """Queues a message; sentence and action are English sources, `do` runs when the action is pressed."""
        self._queue.append(_Toast(tr(sentence, **values), kind, tr(action), do))
        if self._shown is None:
            self._next()

    def text(self) -> str:
        """What is shown now, or nothing."""
        return self._shown.text if self._shown else ""

    def dismiss(self) -> None:
        """Takes the message away and shows the next one."""
        self._timer.stop()
        self._shown = None
        self._next()

    def _next(self) -> None:
        if not self._queue:
            self.hide()
            return
        self._shown = toast = self._queue.popleft()
        self._label.setText(toast.text)
        self.action.setText(toast.action)
        self.action.setAccessibleName(toast.action)
        self.action.setVisible(bool(toast.action) and toast.do is not None)
        self.close_button.setAccessibleName(tr("Close"))
        self.close_button.setToolTip(tr("Close"))
        self.setAccessibleName(toast.text)
        self.retheme()
        self.show()
        self._settle()
        self.raise_()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        if toast.kind != "error":
            self._timer.start()

    def _act(self) -> None:
        toast = self._shown
        self.dismiss()
        if toast is not None and toast.do is not None:
            toast.do()

    def retheme(self) -> None:
        """Icons in the theme's colours."""
        icons.set_icon(self.close_button, "close", "muted")
        if self._shown is not None:
            name, color = _ICONS[self._shown.kind]
            self._icon.setPixmap(icons.icon(name, color).pixmap(18, 18))

    def _settle(self) -> None:
        window = self.parentWidget()
        if window is None:
            return
        extra = 110 + (self.action.sizeHint().width() if self.action.isVisibleTo(self) else 0)
        wide = min(theme.measure(self._label.text(), 14, False) + extra, 420.0, window.width() - 2 * MARGIN)
        self.setFixedWidth(max(round(wide), 200))
        tall = max(self._row.totalHeightForWidth(self.width()), 44)
        self.setFixedHeight(tall)
        self.move(window.width() - self.width() - MARGIN, window.height() - tall - MARGIN)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._settle()
        return super().eventFilter(watched, event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if self._shown is not None and self._shown.kind != "error":
            self._timer.start()
        super().leaveEvent(event)
