"""The health board: what `doctor` finds, run as a process of its own, and what to do about each finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.widgets.badge import Badge, Tone
from app.ui.widgets.card import Card
from models.cache import Use, cache_of

STATES: dict[str, tuple[str, Tone]] = {
    "ok": (mark("Good"), "good"),
    "warning": (mark("Look at this"), "warning"),
    "bad": (mark("Not working"), "bad"),
    "off": (mark("Not in use"), "neutral"),
}
TROUBLES = ("bad", "warning", "off", "ok")
FRESH_MS = 60_000
MEMORY = mark(
    "Of {reads} reads of key figures since the desktop began, {hits} were answered from memory and {misses} from the "
    "store. {held} are held, {size} of at most {most} MB; each is read anew once its tables have moved."
)
NO_MEMORY = mark("No key figure has been read since the desktop began.")


class HealthBoard(Card):
    """`look()` runs the checks unless they are fresh."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("What works and what does not", "The same checks as the command doctor.")
        self.desk = desk
        self.child: Child | None = None
        self._checks: list[Mapping[str, Any]] = []
        self._at = 0
        self.again = QPushButton()
        self.again.clicked.connect(self.check)
        self.add_header(self.again)
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.set_body(self._inside)
        self.show_empty("The checks have not run yet.")
        self._say()

    def look(self) -> None:
        """The page shows the board: check if what is shown is old."""
        if self.desk.now() - self._at > FRESH_MS:
            self.check()

    def check(self) -> None:
        """Run the checks now."""
        if self.child is not None and self.child.running():
            return
        self.child = Child(["--site", str(self.desk.folder), "doctor"], self)
        self.child.ended.connect(self._ended)
        self.set_loading(True)
        self.again.setEnabled(False)
        self.child.start()

    def show_checks(self, checks: list[Mapping[str, Any]]) -> None:
        """One line a check, troubles first."""
        self._checks = sorted(checks, key=_rank)
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.deleteLater()
        for check in (*self._checks, memory_check(cache_of(self.desk.store).use())):
            self._column.addWidget(_line(check))
        if checks:
            self.show_body()
        else:
            self.show_empty("The checks gave no answer.")

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "_checks"):  # the card translates its title while it is made
            self._say()
            if self._checks:
                self.show_checks(self._checks)

    def _ended(self, _code: int, document: Mapping[str, Any]) -> None:
        self.set_loading(False)
        self.again.setEnabled(True)
        if self.child is not None:
            self.child.deleteLater()
            self.child = None
        checks = document.get("checks")
        if not isinstance(checks, list):
            self.show_empty(f"{document.get('error', '')} {document.get('step', '')}".strip())
            return
        self._at = self.desk.now()
        self.show_checks(checks)
        self.set_age(self._at, self._at)

    def _say(self) -> None:
        self.again.setText(tr("Check again"))


def memory_check(use: Use) -> Mapping[str, Any]:
    """How this desktop's memory of key figures was used, as a check; `doctor`, another process, cannot know it."""
    form, asked = current(), use.hits + use.misses
    facts = {
        "reads": form.integer(asked), "hits": form.integer(use.hits), "misses": form.integer(use.misses),
        "held": form.integer(use.reads), "size": form.decimal(use.size / 1e6, 1),
        "most": form.decimal(use.most / 1e6, 0),
    }  # fmt: skip
    return {
        "name": "memory", "state": "ok" if asked else "off", "title": "Figures in memory", "title_zh": "内存中的指标",
        "says_template": MEMORY if asked else NO_MEMORY, "facts": facts,
    }  # fmt: skip


def state_of(check: Mapping[str, Any]) -> str:
    """ok, warning, bad or off."""
    found = str(check.get("state", ""))
    return found if found in STATES else "bad"


def _rank(check: Mapping[str, Any]) -> int:
    return TROUBLES.index(state_of(check))


def _said(check: Mapping[str, Any], part: str) -> str:
    """The check's sentence in the language in force: its template is translated, its facts are not."""
    template, facts = str(check.get(f"{part}_template", "")), check.get("facts")
    if not template or not isinstance(facts, Mapping):
        return str(check.get(part, ""))
    return tr(template, **facts) if facts else tr(template)


def _line(check: Mapping[str, Any]) -> QWidget:
    made = QWidget()
    words = QVBoxLayout()
    words.setSpacing(2)
    title = check.get("title_zh" if language() == "zh" else "title") or check.get("name", "")
    name, says = QLabel(str(title)), QLabel(_said(check, "says"))
    theme.set_role(name, role="card-title")
    says.setWordWrap(True)
    words.addWidget(name)
    words.addWidget(says)
    advice = _said(check, "step")
    if advice and state_of(check) != "ok":
        step = QLabel(advice)
        step.setWordWrap(True)
        step.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        theme.set_role(step, role="caption")
        words.addWidget(step)
    badge = Badge(*STATES[state_of(check)], parent=made)
    row = QHBoxLayout()
    row.setContentsMargins(0, 8, 0, 8)
    row.setSpacing(16)
    row.addLayout(words, 1)
    row.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
    line = QFrame()
    theme.set_role(line, role="line")
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(0)
    grid.addWidget(line, 0, 0)
    grid.addLayout(row, 1, 0)
    made.setAccessibleName(f"{name.text()}: {badge.text()}. {says.text()}")
    return made
