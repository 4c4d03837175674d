"""What waits for a second person, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import language, mark, tr
from app.ui.pages.users.state import State
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from engines.access.approvals import ACTS, Asked, decide

STATES = {
    "asked": mark("waits"), "approved": mark("approved"), "refused": mark("refused"), "done": mark("done"),
    "expired": mark("too old"),
}  # fmt: skip


class ApprovalsTab(QWidget):
    """Approve or refuse what another person asked for; one's own request cannot be decided."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.table = DataTable(
            (
                Column("act", "What", width=250, write=_act), Column("what", "Of what", width=260, write=_what),
                Column("reason", "Reason", width=120), Column("asked_by", "Asked by", width=120),
                Column("asked_at", "When", "instant", 170), Column("state", "State", width=100, write=_state),
                Column("decided_by", "Decided by", width=120),
            ),
            "Approvals", export=True,
        )  # fmt: skip
        self.table.set_empty("Nothing waits for a second person.")
        self.yes, self.no = QPushButton(), QPushButton()
        theme.set_role(self.yes, kind="primary")
        for button in (self.no, self.yes):
            self.table.add_control(button)
            button.setEnabled(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.addWidget(self.table, 1)
        self.yes.clicked.connect(self.approve)
        self.no.clicked.connect(self.refuse)
        self.table.selected.connect(self._chosen)
        self.table.export_wanted.connect(self.export)
        self.retranslate()

    def show_state(self, state: State) -> None:
        """The requests as they stand."""
        self.table.set_rows(state.approvals)
        self._chosen(())

    def approve(self) -> None:
        """Let it be done, once, within a day."""
        self._decide(approve=True)

    def refuse(self) -> None:
        """Say no."""
        self._decide(approve=False)

    def export(self) -> None:
        """The requests as CSV or Excel."""
        save_table(self.desk, self, tr("Approvals"), self.table)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.yes.setText(tr("Approve"))
        self.no.setText(tr("Refuse"))

    def _decide(self, *, approve: bool) -> None:
        chosen = self.table.selected_rows()
        if chosen and isinstance(chosen[0], Asked):
            job = partial(decide, self.desk.store, self.desk.actor, chosen[0].id, approve=approve)
            self.desk.work.run(job, self._decided, self.desk.fault)

    def _chosen(self, rows: Sequence[object]) -> None:
        one = rows[0] if rows else None
        open_one = isinstance(one, Asked) and one.state == "asked"
        for button in (self.yes, self.no):
            button.setEnabled(open_one and self.desk.may("approve"))

    def _decided(self, _: object) -> None:
        self.desk.say("Decision kept.", "good")
        self.done.emit()


def _act(act: object) -> str:
    return ACTS[str(act)][language() == "zh"] if act in ACTS else str(act)


def _what(what: object) -> str:
    if not isinstance(what, dict):
        return ""
    return "  ".join(f"{value}" for value in what.values() if not isinstance(value, list))


def _state(state: object) -> str:
    return tr(STATES.get(str(state), str(state)))
