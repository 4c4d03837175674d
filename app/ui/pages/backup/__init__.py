"""Backup: is there one, does it restore, where else is it, who can open it; and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from app.ui import theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.backup.cards import StatusRow
from app.ui.pages.backup.code import CodePanel
from app.ui.pages.backup.wizard import RestorePanel
from app.ui.period import Period
from app.ui.turns import Steps
from app.ui.widgets.card import Card
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.progress import ProgressStrip
from app.ui.widgets.rows import Column
from app.ui.widgets.save_book import save_book
from models import recovery
from models.errors import Known
from models.store import Store

if TYPE_CHECKING:
    from app.service.recovery_state import RecoveryState

CLOCK_MS = 30_000
KINDS = {"backup": mark("Backup"), "drill": mark("Restore test"), "restore": mark("Restore")}
STATES = {"done": mark("Good"), "partial": mark("A copy failed"), "failed": mark("Failed")}
PERCENT = ("{done} %", "{done} %")
HELD = mark(
    "{file} was restored {time}. Nothing is sent to the hub or to other programs until you have looked at the site and "
    "release it."
)


def read(store: Store, _period: Period, _argument: object) -> RecoveryState:
    """How the site would come back."""
    from app.service.recovery_state import recovery_state

    return recovery_state(store)


class BackupPage(Page):
    """Four cards, what is held, the backups that are here, and what was done."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, ("backup_run", "setting", "lease_row"), clock_ms=CLOCK_MS))
        self.child: Child | None = None
        self.turns.add(self.building())

    def building(self) -> Steps:
        """Cards, strip of what is held, progress, tables, panels."""
        desk = self.desk
        self.held = HeldStrip()
        self.status, self.progress = StatusRow(), ProgressStrip()
        for part in (self.held, self.status, self.progress):
            self.body.addWidget(part)
        yield
        self.files = TableCard(desk, mark("Backups here"), mark("A double click restores one"), FILES)
        self.files.setMinimumHeight(220)
        self.other = QPushButton()
        theme.set_role(self.other, kind="quiet")
        self.files.add_header(self.other)
        yield
        self.runs = TableCard(desk, mark("Backups and tests that were made"), "", RUNS)
        self.runs.setMinimumHeight(220)
        across = QHBoxLayout()
        across.setSpacing(12)
        across.addWidget(self.files, 2)
        across.addWidget(self.runs, 3)
        self.body.addLayout(across, 1)
        yield
        self.code, self.wizard = CodePanel(self, desk), RestorePanel(self, desk)
        self._connect()
        self.retranslate()
        yield

    def drawing(self) -> Steps:
        """Everything from the state."""
        state: Any = self.model.state
        if state is None:
            return
        self.held.show_held(state.held)
        self.status.show_state(state)
        yield
        self.files.table.set_empty("No backup in this site's folder yet.", "Back up now")
        self.files.table.set_rows(
            [{"at": f.made_at, "size": f.size / 1e6, "whole": f.whole, "path": str(f.path)} for f in state.files]
        )
        yield
        self.runs.table.set_empty("Nothing was recorded yet.")
        self.runs.table.set_rows([_row(record) for record in state.records])
        yield

    def back_up(self) -> None:
        """Make a backup in a process of its own."""
        self._run(mark("Backing up"), "backup")

    def prove(self) -> None:
        """Restore the newest into a scratch folder."""
        self._run(mark("Testing a restore"), "backup", "--prove")

    def set_up_folders(self) -> None:
        """To the settings."""
        self.desk.go("settings", "backup.second")

    def restore(self, row: object) -> None:
        """Open the panel for a backup of the list."""
        assert isinstance(row, Mapping)
        self._begin_restore(Path(str(row["path"])))

    def choose_file(self) -> None:
        """A backup from elsewhere (a stick, a share)."""
        name, _ = QFileDialog.getOpenFileName(self, tr("Choose a backup"), "", "atrium-*.db")
        if name:
            self._begin_restore(Path(name))

    def release(self) -> None:
        """Let go out what is held."""
        job = partial(recovery.release, self.desk.store, self.desk.actor)
        self.desk.work.run(job, self._released, self.desk.fault)

    def make_way(self) -> None:
        """The restore waits for this process to end."""
        self.window().close()

    def retranslate(self) -> None:
        """Words in the language in force."""
        if hasattr(self, "other"):
            self.other.setText(tr("Another file…"))
        super().retranslate()

    def export(self) -> None:
        """Both tables."""
        save_book(self.desk, self, tr("Backup"), [card.sheet() for card in (self.files, self.runs)])

    def leave(self) -> None:
        """The code is not left on the screen."""
        if hasattr(self, "code"):
            self.code.close_panel()
        super().leave()

    def _connect(self) -> None:
        self.held.wanted.clicked.connect(self.release)
        for card, act in zip(
            self.status.cards(), (self.back_up, self.prove, self.set_up_folders, self.code.begin), strict=True
        ):
            card.wanted.connect(act)
        self.files.table.activated.connect(self.restore)
        self.files.table.empty.acted.connect(self.back_up)
        self.other.clicked.connect(self.choose_file)
        self.wizard.restoring.connect(self.make_way)
        self.progress.stop.hide()

    def _run(self, words: str, *arguments: str) -> None:
        if self.child is not None and self.child.running():
            return
        self.child = Child(["--site", str(self.desk.folder), *arguments, "--child"], self)
        self.child.progressed.connect(self.progress.show_report)
        self.child.ended.connect(self._ended)
        self._busy(True)
        self.progress.begin(words, PERCENT)
        self.progress.stop.hide()
        self.child.start()

    def _ended(self, code: int, document: Mapping[str, Any]) -> None:
        self.progress.end()
        self._busy(False)
        if code:
            self.desk.fault(Known(str(document["error"]), str(document.get("step", ""))))
        else:
            self.desk.say("Done: {time}.", "good", time=current().duration(float(document.get("seconds", 0.0))))
        self.model.refresh()

    def _busy(self, busy: bool) -> None:
        for card in (self.status.last, self.status.drill):
            card.button.setEnabled(not busy)

    def _begin_restore(self, file: Path) -> None:
        state: Any = self.model.state
        foreign = state.served_by if state is not None and not self.desk.owns_service else ""
        self.wizard.begin(file, foreign)

    def _released(self, _gone: bool) -> None:
        self.desk.say("What goes out is released.", "good")
        self.model.refresh()


class HeldStrip(Card):
    """Says that outgoing is held, and lets a person release it; hidden where nothing is held."""

    def __init__(self) -> None:
        super().__init__(mark("What goes out is held"))
        inside = QWidget()
        self.words, self.wanted = QLabel(), QPushButton()
        self.words.setWordWrap(True)
        theme.set_role(self.words, role="caption")
        theme.set_role(self.wanted, kind="primary")
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 4)
        row.setSpacing(12)
        row.addWidget(self.words, 1)
        row.addWidget(self.wanted)
        self.set_body(inside)
        self.hide()

    def show_held(self, held: recovery.Held | None) -> None:
        """Since when, and which backup."""
        self.setVisible(held is not None)
        self.wanted.setText(tr("Release"))
        if held is not None:
            words = tr(HELD, file=held.file, time=current().datetime(held.since))
            self.words.setText(words)


def _row(record: Any) -> dict[str, Any]:
    return {
        "at": record.at, "kind": tr(KINDS[record.kind]), "state": tr(STATES[record.state]),
        "size": record.size / 1e6 if record.size else None, "seconds": record.seconds,
        "message": record.message or (Path(record.path).name if record.path else ""),
    }  # fmt: skip


FILES = (
    Column("at", "Made", "instant", 150), Column("size", "MB", "decimal", 70),
    Column("whole", "With manifest", "yes", 120),
)  # fmt: skip
RUNS = (
    Column("at", "When", "instant", 150), Column("kind", "What", "text", 100), Column("state", "Result", "text", 100),
    Column("size", "MB", "decimal", 70), Column("seconds", "Took", "seconds", 70), Column("message", "Which, or why"),
)  # fmt: skip


def make(desk: Desk) -> Page:
    """The page of backups."""
    return BackupPage(desk)
