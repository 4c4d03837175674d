"""By which signs someone is known: masked, and plain for a minute to whoever gives a reason, which is booked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import cast

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.people_words import identifier_name
from engines.people.actions import SHORTEST_REASON, Revealed, reveal
from engines.people.profile import Profile, Related

SHOWN_SECONDS = 60


class IdentityCard(Card):
    """`opened(person_id)` fires from the button beside a related person.

    The plain values hide after `SHOWN_SECONDS`, when another person is shown and when the page is left.
    """

    opened = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__("Known by")
        self.desk = desk
        self.profile: Profile | None = None
        self.plain: Revealed | None = None
        self._left = 0
        self._asked = False
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self.tick)
        self.button = QPushButton()
        theme.set_role(self.button, kind="quiet")
        self.button.clicked.connect(self._press)
        self.add_header(self.button)
        self.asking = ReasonForm()
        self.asking.given.connect(self._reveal)
        self.asking.dropped.connect(self.hide_plain)
        self._rows, self._others = QWidget(), QWidget()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.asking)
        column.addWidget(self._rows)
        column.addWidget(self._others)
        column.addStretch(1)
        self._column = column
        self.set_body(inside)

    def show_profile(self, profile: Profile) -> None:
        """The signs of a person; plain values stay only while it is the same person."""
        same = self.profile is not None and self.profile.person_id == profile.person_id
        self.profile = profile
        if not same:
            self.hide_plain()
        else:
            self._draw()

    def hide_plain(self) -> None:
        """Back to the masked values."""
        self._clock.stop()
        self.plain, self._asked = None, False
        self._left = 0
        self.asking.close_form()
        self._draw()

    def tick(self) -> None:
        """A second has passed."""
        self._left -= 1
        if self._left <= 0:
            self.hide_plain()
        else:
            self._say()

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "_column"):
            self._draw()

    # ---- inside

    def _press(self) -> None:
        if self.plain is not None:
            self.hide_plain()
        else:
            self.asking.open_form()
            self.button.hide()

    def _reveal(self, reason: str) -> None:
        assert self.profile is not None
        person, self._asked = self.profile.person_id, True
        job = partial(_revealed, self.desk, person, reason)
        self.desk.work.run(job, self._show_plain, self._refused)

    def _show_plain(self, answer: tuple[bytes, Revealed]) -> None:
        person, plain = answer
        if not self._asked or self.profile is None or self.profile.person_id != person:
            return
        self.plain, self._left = plain, SHOWN_SECONDS
        self.asking.close_form()
        self._clock.start()
        self._draw()
        self.button.setFocus()

    def _refused(self, error: Exception) -> None:
        self.asking.setEnabled(True)
        self.desk.fault(error)

    def _draw(self) -> None:
        if self.profile is None:
            return
        self._rows = self._swap(self._rows, _signs(self.profile, self.plain))
        self._others = self._swap(self._others, self._related(self.profile.related))
        self._others.setVisible(bool(self.profile.related))
        self._say()

    def _say(self) -> None:
        self.button.setVisible(self.asking.isHidden())
        if self.plain is None:
            self.button.setText(tr("Reveal…"))
            self.button.setToolTip(tr("Show the plain values; the reason is booked in the audit log."))
        else:
            self.button.setText(tr("Hide ({seconds} s)", seconds=current().integer(self._left)))
            self.button.setToolTip("")

    def _related(self, related: Sequence[Related]) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        for one in related:
            line = _Other(one)
            line.opened.connect(self.opened)
            column.addWidget(line)
        return inside

    def _swap(self, old: QWidget, new: QWidget) -> QWidget:
        self._column.replaceWidget(old, new)
        old.hide()
        old.deleteLater()
        return new


class ReasonForm(QWidget):
    """Asks why, in place. `given(reason)` on Enter or the button, `dropped()` on Esc or Cancel."""

    given = Signal(str)
    dropped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.reason = QLineEdit()
        self.reason.setMaxLength(200)
        self.show_button, self.cancel_button = QPushButton(), QPushButton()
        theme.set_role(self.show_button, kind="primary")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.reason, 1)
        row.addWidget(self.show_button)
        row.addWidget(self.cancel_button)
        self.reason.textChanged.connect(self._typed)
        self.reason.returnPressed.connect(self._give)
        self.reason.installEventFilter(self)
        self.show_button.clicked.connect(self._give)
        self.cancel_button.clicked.connect(self.dropped)
        self.hide()
        self.retranslate()

    def open_form(self) -> None:
        """Ask."""
        self.reason.clear()
        self.setEnabled(True)
        self._typed("")
        self.show()
        self.reason.setFocus()

    def close_form(self) -> None:
        """Ask no longer."""
        self.hide()

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.reason.setPlaceholderText(tr("Why do you need the plain values?"))
        self.reason.setAccessibleName(tr("Why do you need the plain values?"))
        self.show_button.setText(tr("Show for a minute"))
        self.cancel_button.setText(tr("Cancel"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = watched is self.reason and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if pressed and cast(QKeyEvent, event).key() == Qt.Key.Key_Escape:
            self.dropped.emit()
            return True
        return super().eventFilter(watched, event)

    def _typed(self, text: str) -> None:
        self.show_button.setEnabled(len(text.strip()) >= SHORTEST_REASON)

    def _give(self) -> None:
        if self.show_button.isEnabled():
            self.setEnabled(False)
            self.given.emit(self.reason.text().strip())


class _Other(QWidget):
    """Someone who gave the same phone or address, with the way to the profile."""

    opened = Signal(object)

    def __init__(self, related: Related) -> None:
        super().__init__()
        self._related = related
        words = QLabel(_related_words(related))
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_role(words, role="caption")
        tag = Badge(parent=self)
        tag.say("Perhaps one person" if related.alike else "Household?", "warning" if related.alike else "neutral")
        look = QPushButton(tr("Open"))
        theme.set_role(look, kind="quiet")
        look.setAccessibleName(f"{tr('Open')}: {related.label}")
        look.clicked.connect(self._open)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(tag)
        row.addWidget(words, 1)
        row.addWidget(look)

    def _open(self) -> None:
        self.opened.emit(self._related.person_id)


def _related_words(related: Related) -> str:
    return tr(
        "{kind} {shown} was also given by {name}",
        kind=identifier_name(related.kind), shown=related.shown, name=related.label,
    )  # fmt: skip


def _signs(profile: Profile, plain: Revealed | None) -> QWidget:
    """A row a sign: its kind, its value, whether it was checked."""
    rows = [(identifier_name(k.kind), k.shown, k.verified) for k in profile.known_by]
    if plain is not None:
        names = [(tr("Name"), name or "–", False) for name, _ in plain.cards]
        checked = [k.verified for k in profile.known_by] + [False] * len(plain.identifiers)
        known = zip(plain.identifiers, checked, strict=False)
        rows = names + [(identifier_name(kind), value or "–", ok) for (kind, value), ok in known]
    inside = QWidget()
    grid = QGridLayout(inside)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(2, 1)
    for row, (kind, value, verified) in enumerate(rows):
        name, shown = QLabel(kind), QLabel(value)
        theme.set_role(name, role="muted")
        shown.setTextFormat(Qt.TextFormat.PlainText)
        shown.setAccessibleName(f"{kind}: {value}")
        if plain is not None:
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(name, row, 0)
        grid.addWidget(shown, row, 1)
        if verified:
            tag = Badge("checked", "good", inside)
            grid.addWidget(tag, row, 2, Qt.AlignmentFlag.AlignLeft)
    return inside


def _revealed(desk: Desk, person_id: bytes, reason: str) -> tuple[bytes, Revealed]:
    return person_id, reveal(desk.store, desk.actor, person_id, reason)
