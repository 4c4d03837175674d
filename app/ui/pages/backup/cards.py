"""The four questions in cards: is there a backup, does it restore, where else is it, who could open it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.widgets.badge import Badge, Tone
from app.ui.widgets.card import Card

if TYPE_CHECKING:
    from app.service.recovery_state import RecoveryState
    from models.backup_log import BackupRecord

HOUR_MS = 3_600_000
DRILL_DAYS = 8


class StatusCard(Card):
    """A headline with a badge, what it means, and one thing to do: `wanted()`."""

    wanted = Signal()

    def __init__(self, title: str, action: str) -> None:
        super().__init__(title)
        self._action = action
        inside = QWidget()
        self.badge, self.headline, self.words = Badge(parent=inside), QLabel(), QLabel()
        theme.set_role(self.headline, role="section")
        theme.set_role(self.words, role="caption")
        for label in (self.headline, self.words):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.button = QPushButton(inside)
        self.button.clicked.connect(self.wanted)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.headline, 1)
        head.addWidget(self.badge, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        self.set_body(inside)
        self.retranslate()

    def tell(self, headline: str, words: str, badge: str, tone: Tone) -> None:
        """Headline and words in the language in force; the badge is an English source."""
        self.headline.setText(headline)
        self.words.setText(words)
        self.badge.say(badge, tone)

    def retranslate(self) -> None:
        """The button in the language in force."""
        super().retranslate()
        if hasattr(self, "button"):
            self.button.setText(tr(self._action))


class StatusRow(QWidget):
    """The four cards side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.last = StatusCard(mark("Last backup"), mark("Back up now"))
        self.drill = StatusCard(mark("Proof that it restores"), mark("Test a restore now"))
        self.copies = StatusCard(mark("Copies elsewhere"), mark("Set up folders"))
        self.code = StatusCard(mark("Recovery code"), mark("Make a recovery code"))
        theme.set_role(self.last.button, kind="primary")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for card in self.cards():
            row.addWidget(card, 1)

    def cards(self) -> tuple[StatusCard, ...]:
        """From left to right."""
        return self.last, self.drill, self.copies, self.code

    def show_state(self, state: RecoveryState) -> None:
        """All four."""
        self.last.tell(*_last(state))
        self.drill.tell(*_drill(state))
        self.copies.tell(*_copies(state))
        self.code.tell(*_code(state))


Told = tuple[str, str, str, Tone]


def _last(state: RecoveryState) -> Told:
    plan = tr("Every night at {time}, by the service.", time=state.at) if state.scheduled else tr("Switched off.")
    if state.last and state.last.state == "failed":
        return _when(state.good_at), _why(state.last), mark("Failed"), "bad"
    if state.good_at is None:
        return tr("None yet"), plan, mark("Look at this"), "warning"
    old = state.now - state.good_at > state.stale_hours * HOUR_MS
    size = state.files[0].size
    words = tr("{size} MB, encrypted and verified.", size=current().decimal(size / 1e6, 1))
    return _when(state.good_at), f"{words} {plan}", *((mark("Too old"), "bad") if old else (mark("Good"), "good"))


def _drill(state: RecoveryState) -> Told:
    plan = tr("Once a week the newest backup is restored into a scratch folder and compared.")
    drill = state.drill
    if drill is None:
        return tr("Not proved yet"), plan, mark("Look at this"), "warning"
    if drill.state == "failed":
        return _when(drill.at), _why(drill), mark("Failed"), "bad"
    words = tr(
        "{rows} rows and every key figure were the same; it took {time}.",
        rows=current().integer(drill.row_total or 0), time=current().duration(drill.seconds or 0),
    )  # fmt: skip
    if state.now - drill.at > DRILL_DAYS * 24 * HOUR_MS:
        return _when(drill.at), words, mark("Too old"), "warning"
    return _when(drill.at), words, mark("Good"), "good"


def _copies(state: RecoveryState) -> Told:
    folders = [folder for folder in (state.second, state.spare) if folder]
    if not folders:
        words = tr("A backup on the same disk dies with it. Choose a folder on another disk or machine.")
        return tr("None"), words, mark("Look at this"), "warning"
    lines = []
    if state.second:
        lines.append(tr("Second folder: {folder}", folder=state.second))
    if state.spare:
        lines.append(tr("Spare: {folder}", folder=state.spare))
    if state.last and state.last.state == "partial":
        return tr("A copy failed"), "\n".join([_why(state.last), *lines]), mark("Failed"), "bad"
    made = (state.last.copied_to or "") if state.last else ""
    if not all(folder in made for folder in folders):
        lines.append(tr("The next backup is copied there."))
        return tr("Folders are set"), "\n".join(lines), mark("Waiting"), "neutral"
    return tr("Up to date"), "\n".join(lines), mark("Good"), "good"


def _code(state: RecoveryState) -> Told:
    if state.code_at is None:
        words = tr("Without it, backups are worthless when this machine is gone: only its key opens them.")
        return tr("None yet"), words, mark("Look at this"), "warning"
    words = tr("Made {day}. It is on paper only; a new one is for the backups after it.", day=_when(state.code_at))
    if state.hub_at is not None:
        words += " " + tr("The key is also sealed for the hub.")
    return tr("There is one"), words, mark("Good"), "good"


def _when(at: int | None) -> str:
    return current().datetime(at) if at else tr("None yet")


def _why(record: BackupRecord) -> str:
    return record.message or ""
