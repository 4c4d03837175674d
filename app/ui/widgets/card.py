"""The card: a titled frame that owns loading, age, staleness and emptiness, so that no page has to."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QStackedLayout, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.catalogue import tr
from app.ui.format import current
from app.ui.widgets.badge import Badge
from app.ui.widgets.empty import EmptyState

WAIT_MS = 300
"""Nothing moves for shorter waits; after it a thin bar appears."""


class _Veil(QWidget):
    """Greys what lies under it without touching it, and lets the mouse through."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        color = QColor(theme.tokens().card)
        color.setAlphaF(0.55)
        painter.fillRect(self.rect(), color)
        painter.end()


class Card(QFrame):
    """`Card("Entries by hour", subtitle)`; put the content in with `set_body(widget)`.

    Title and subtitle are English sources. `acted()` fires from the empty state's button.
    """

    acted = Signal()

    def __init__(self, title: str = "", subtitle: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_role(self, role="card")
        self._title, self._subtitle = title, subtitle
        self._values: dict[str, object] = {}
        self._heading, self._below = QLabel(), QLabel()
        for label in (self._heading, self._below):
            label.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_role(self._heading, role="card-title")
        theme.set_role(self._below, role="caption")
        self._age = Badge(parent=self)
        self._as_of: tuple[int, int, bool] | None = None
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        theme.set_role(self._bar, role="thin")
        self._wait = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._wait.timeout.connect(self._show_bar)
        self._empty = EmptyState()
        self._empty.acted.connect(self.acted)
        self._body: QWidget | None = None
        self._build()
        self.retranslate()

    def _build(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._heading)
        words.addWidget(self._below)
        self._header = QHBoxLayout()
        self._header.setSpacing(8)
        self._header.addLayout(words, 1)
        self._header.addWidget(self._age, alignment=Qt.AlignmentFlag.AlignTop)
        self._holder = QWidget()
        theme.set_role(self._holder, role="body")
        self._stack = QStackedLayout(self._holder)
        self._stack.addWidget(self._empty)
        self._veil = _Veil(self._holder)
        self._holder.installEventFilter(self)
        strip = QWidget()
        strip.setFixedHeight(2)
        slot = QVBoxLayout(strip)
        slot.setContentsMargins(0, 0, 0, 0)
        slot.addWidget(self._bar)
        self._bar.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        column.addLayout(self._header)
        column.addWidget(strip)
        column.addWidget(self._holder, 1)

    # ---- content

    def set_title(self, title: str, subtitle: str = "", **values: object) -> None:
        """English sources; `values` fill the `{names}` of both."""
        self._title, self._subtitle, self._values = title, subtitle, values
        self.retranslate()

    def add_header(self, widget: QWidget) -> None:
        """Puts a small control at the right end of the title row."""
        self._header.addWidget(widget, alignment=Qt.AlignmentFlag.AlignTop)

    def set_body(self, widget: QWidget) -> None:
        """Shows the widget; the card owns it. An earlier body is deleted."""
        if self._body is not None and self._body is not widget:
            self._stack.removeWidget(self._body)
            self._body.deleteLater()
        self._body = widget
        self._stack.addWidget(widget)
        self.show_body()

    def body(self) -> QWidget | None:
        """The content, whether it shows or not."""
        return self._body

    def show_body(self) -> None:
        """Back from the empty state to the content."""
        if self._body is not None:
            self._stack.setCurrentWidget(self._body)

    def show_empty(self, sentence: str, action: str = "", **values: object) -> None:
        """Why there is nothing, and one action (English sources); `acted` fires from its button."""
        self._empty.say(sentence, action, **values)
        self._stack.setCurrentWidget(self._empty)

    # ---- waiting and age

    def set_loading(self, loading: bool) -> None:
        """A thin bar under the title once it takes longer than 300 ms; the old content stays."""
        if loading:
            if not self._bar.isVisible():
                self._wait.start()
        else:
            self._wait.stop()
            self._bar.hide()

    def _show_bar(self) -> None:
        self._bar.show()

    def set_stale(self, stale: bool) -> None:
        """Greys the content."""
        self._veil.setGeometry(self._holder.rect())
        self._veil.setVisible(stale)
        self._veil.raise_()

    def set_age(self, as_of: int | None, now: int = 0, *, stale_after: int = 15 * 60_000) -> None:
        """The badge "5 min ago"; instants in UTC ms. Older than `stale_after` ms greys the content; None hides it."""
        if as_of is None:
            self._as_of = None
            self._age.say("")
            self.set_stale(False)
            return
        old = now - as_of > stale_after
        self._as_of = (as_of, now, old)
        self.set_stale(old)
        self._say_age()

    def _say_age(self) -> None:
        if self._as_of is None:
            return
        as_of, now, old = self._as_of
        if now - as_of < 60_000:
            self._age.say("just now")
        else:
            age = current().duration((now - as_of) // 60_000 * 60)
            self._age.say("{age} ago", "warning" if old else "neutral", age=age)
        self._age.setToolTip(current().datetime(as_of))

    def retranslate(self) -> None:
        """Title, subtitle and age in the chosen language."""
        title = tr(self._title, **self._values) if self._title else ""
        subtitle = tr(self._subtitle, **self._values) if self._subtitle else ""
        self._heading.setText(title)
        self._heading.setVisible(bool(title))
        self._below.setText(subtitle)
        self._below.setVisible(bool(subtitle))
        self.setAccessibleName(title)
        self._say_age()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._holder and event.type() == QEvent.Type.Resize:
            self._veil.setGeometry(self._holder.rect())
        return super().eventFilter(watched, event)
