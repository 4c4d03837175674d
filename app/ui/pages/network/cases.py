"""One case of possible fraud: what was found, the rows that show it, and the person's decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.network.words import case_kind, decision_words, named
from app.ui.sentences import finding_words
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from engines.fraud.engine import MINOR_DIGITS
from engines.fraud.queries import CaseRow

EVIDENCE = (
    Column("day", "Day", "day", 124), Column("minute", "Time", "text", 84),
    Column("other_minute", "To", "text", 84), Column("amount_minor", "Amount", "money", 104),
    Column("holder", "Customer", "text", 140), Column("other", "And", "text", 140),
    Column("receipts", "Receipts", "count", 80),
    Column("times", "Times", "count", 72), Column("minutes", "Minutes", "count", 80),
    Column("bought", "Bought", "count", 76),
)  # fmt: skip


def case_sentence(case: CaseRow, currency: str) -> str:
    """What was found, in the language in force."""
    facts = {
        **case.facts, "subject": case.tenant or "fraud", "subject_en": case.tenant, "subject_zh": case.tenant_zh,
        "day": case.last_day, "amount": case.amount_minor / 10 ** MINOR_DIGITS.get(currency, 2), "currency": currency,
    }  # fmt: skip
    return finding_words(case.sentence, facts)


class CasePanel(SidePanel):
    """`decided(fingerprint, decision, reason)` fires from its buttons."""

    decided = Signal(str, str, str)

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__(host)
        self.desk = desk
        self.case: CaseRow | None = None
        self._holders: Mapping[bytes, str] = {}
        self.caution, self.decision = QLabel(), QLabel()
        for label in (self.caution, self.decision):
            label.setWordWrap(True)
            theme.set_role(label, role="caption")
        self.reason = QLineEdit()
        self.confirm, self.dismiss, self.reopen = QPushButton(), QPushButton(), QPushButton()
        theme.set_role(self.confirm, kind="danger")
        row = QHBoxLayout()
        for button in (self.confirm, self.dismiss, self.reopen):
            row.addWidget(button)
        row.addStretch(1)
        self.confirm.clicked.connect(self._confirm)
        self.dismiss.clicked.connect(self._dismiss)
        self.reopen.clicked.connect(self._reopen)
        self.body.addWidget(self.caution)
        self.body.addWidget(self.decision)
        self.body.addWidget(self.reason)
        self.body.addLayout(row)
        self.table: DataTable | None = None

    def show_case(self, case: CaseRow, holders: Mapping[bytes, str]) -> None:
        """Open with a case; `holders` are masked names."""
        self.case, self._holders = case, holders
        self.reason.setText(case.reason)
        self._draw()
        self.open_panel()

    def retranslate(self) -> None:
        """Say it again in the language in force."""
        super().retranslate()
        if getattr(self, "case", None) is not None:
            self._draw()

    def _draw(self) -> None:
        case = self.case
        assert case is not None
        self.set_heading(case_kind(case.kind), case_sentence(case, self.desk.store.site.currency))
        form = current()
        self.caution.setText(
            tr("A case is a question, not a verdict: split bills, family cards and clock errors "
               "look alike. Strangeness "
               "{score} means a chance of about one in 10 to that power.", score=form.decimal(case.score, 1))
        )  # fmt: skip
        told = decision_words(case.decision) if case.decision else tr("Not decided yet.")
        self.decision.setText(f"{told} {case.actor}".strip())
        self.reason.setPlaceholderText(tr("Why (kept in the audit log)"))
        self.reason.setAccessibleName(tr("Why (kept in the audit log)"))
        self.confirm.setText(tr("Confirm fraud"))
        self.dismiss.setText(tr("Dismiss"))
        self.reopen.setText(tr("Open again"))
        self.confirm.setVisible(case.decision != "confirmed")
        self.dismiss.setVisible(case.decision != "dismissed")
        self.reopen.setVisible(bool(case.decision))
        self._draw_rows(case)

    def _draw_rows(self, case: CaseRow) -> None:
        if self.table is not None:
            self.table.hide()
            self.table.deleteLater()
        rows = [self._row(row) for row in case.evidence]
        shown = [column for column in EVIDENCE if any(row.get(column.key) not in (None, "") for row in rows)]
        self.table = DataTable(shown or EVIDENCE[:1], mark("Evidence"), filterable=False)
        self.table.setMinimumHeight(280)
        self.table.set_rows([{column.key: row.get(column.key) for column in shown} for row in rows])
        self.body.addWidget(self.table, 1)

    def _row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        made = dict(row)
        if made.get("other_minute") == made.get("minute"):
            made["other_minute"] = None
        for name in ("holder", "other"):
            if made.get(name):
                made[name] = self._holders.get(bytes.fromhex(str(made[name]))) or tr("card without a customer")
        for name in ("minute", "other_minute"):
            if made.get(name) is not None:
                made[name] = current().minute(int(made[name]))
        return made

    def _confirm(self) -> None:
        self._decide("confirmed")

    def _dismiss(self) -> None:
        self._decide("dismissed")

    def _reopen(self) -> None:
        self._decide("")

    def _decide(self, decision: str) -> None:
        if self.case is not None:
            self.decided.emit(self.case.fingerprint, decision, self.reason.text())
            self.close_panel()


def case_rows(cases: tuple[CaseRow, ...]) -> list[dict[str, Any]]:
    """Rows of the queue."""
    return [
        {"kind": c.kind, "tenant": named(c.tenant, c.tenant_zh), "last_day": c.last_day, "score": c.score,
         "amount_minor": c.amount_minor or None, "people": len(c.holders), "decision": c.decision, "case": c}
        for c in cases
    ]  # fmt: skip
