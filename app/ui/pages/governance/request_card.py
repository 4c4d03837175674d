"""One request: its clock, what is to be done next, and the proof of what was done."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.governance.words import (
    ACTS,
    article,
    kind_name,
    left_tone,
    left_words,
    state_name,
    way_name,
)
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.scrolled import scrolled
from engines.privacy.rectification import ATTRS, SIGNS
from engines.privacy.requests import WAYS, Request, extend_request, refuse_request, verify_request
from models.errors import Known

#: What carrying out means, for whoever is about to do it.
MEANS = {
    "access": mark("Writes everything that is held of the person into a ZIP: data, tables and a page to read."),
    "portability": mark("Writes what the person gave and did into a ZIP that another system can read."),
    "erasure": mark("Erases the person everywhere here. Receipts stay without a name. It cannot be undone."),
    "restriction": mark("Keeps the data and uses them for nothing: no message, no exported list, no suggestion."),
    "objection": mark("Books a refusal of marketing and profiling on each of the person's signs."),
    "rectification": mark("Sets the right value wherever the wrong one stands."),
}
ATTR_NAMES = {
    "name": mark("Name"), "gender": mark("Gender"), "birth_year": mark("Year of birth"), "language": mark("Language"),
    "home_area": mark("Home area"), "phone": mark("Phone"), "email": mark("E-mail"),
}  # fmt: skip


class RequestCard(Card):
    """`done` fires after each act, `fresh_wanted` to book another."""

    done = Signal()
    fresh_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.request: Request | None = None
        self.child: Child | None = None
        self._sure = False
        self.clock = Badge(parent=self)
        self.kind, self.facts, self.meaning, self.proof = QLabel(), QLabel(), QLabel(), QLabel()
        theme.set_role(self.kind, role="card-title")
        for label in (self.kind, self.facts, self.meaning, self.proof):
            label.setWordWrap(True)
        theme.set_role(self.meaning, role="caption")
        theme.set_role(self.proof, role="caption")
        self.way, self.attr = QComboBox(), QComboBox()
        self.value, self.reason = QLineEdit(), QLineEdit()
        self.verify, self.run, self.extend, self.refuse, self.fresh = (QPushButton() for _ in range(5))
        theme.set_role(self.verify, kind="primary")
        theme.set_role(self.run, kind="primary")
        for button in (self.extend, self.refuse, self.fresh):
            theme.set_role(button, kind="quiet")
        self.set_body(scrolled(self._fields()))
        self.verify.clicked.connect(self.check)
        self.run.clicked.connect(self.carry_out)
        self.extend.clicked.connect(self.put_off)
        self.refuse.clicked.connect(self.turn_down)
        self.fresh.clicked.connect(self.fresh_wanted)

    def show_request(self, request: Request) -> None:
        """Show it as it stands."""
        if self.request is None or self.request.code != request.code:
            self.reason.clear()
            self.value.clear()
            self._sure = False
            theme.set_role(self.run, kind="primary")
        self.request = request
        self._say()

    def check(self) -> None:
        """Book how the identity was checked."""
        self._act(partial(verify_request, self.desk.store, self.desk.actor, self._code(), str(self.way.currentData())))

    def put_off(self) -> None:
        """Extend the clock."""
        self._act(partial(extend_request, self.desk.store, self.desk.actor, self._code(), self.reason.text()))

    def turn_down(self) -> None:
        """Refuse."""
        self._act(partial(refuse_request, self.desk.store, self.desk.actor, self._code(), self.reason.text()))

    def carry_out(self) -> None:
        """Do it, in a process of its own: it writes the mart anew and may take a while. An erasure asks once more."""
        request = self.request
        if request is None or self.child is not None:
            return
        if request.kind == "erasure" and not self._sure:
            self._sure = True
            self.run.setText(tr("Erase for good"))
            theme.set_role(self.run, kind="danger")
            return
        words = ["--site", str(self.desk.folder), "privacy", "run", request.code]
        if request.kind in ("access", "portability"):
            title = tr("Package for the person")
            name, _ = QFileDialog.getSaveFileName(self, title, f"{request.code}.zip", "ZIP (*.zip)")
            if not name:
                return
            words += ["--to", name if Path(name).suffix == ".zip" else f"{name}.zip"]
        if request.kind == "rectification":
            words += ["--set", f"{self.attr.currentData()}={self.value.text().strip()}"]
        if self.reason.text().strip():
            words += ["--reason", self.reason.text().strip()]
        self.child = Child(words, self)
        self.child.ended.connect(self._ended)
        self.set_loading(True)
        self.run.setEnabled(False)
        self.child.start()

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if getattr(self, "request", None) is not None:
            self._say()

    def _say(self) -> None:
        request, form = self.request, current()
        assert request is not None
        self.kind.setText(f"{kind_name(request.kind)}  {request.code}")
        self.clock.say(left_words(request), left_tone(request))  # type: ignore[arg-type]
        self.facts.setText(
            "\n".join(
                (
                    tr("{article}: due on {day}", article=article(request), day=form.day(_day(request.due_day))),
                    tr("State: {state}", state=state_name(request.state)),
                )
            )
        )
        self.meaning.setText(tr(MEANS[request.kind]))
        self._offer(request)
        self._fill()
        self.proof.setText(proof_words(request))

    def _offer(self, request: Request) -> None:
        """Only what can be done next."""
        opened, verified = request.state == "open", request.state == "verified"
        self.way.setVisible(opened)
        self.verify.setVisible(opened)
        self.run.setVisible(verified)
        self.run.setEnabled(self.child is None)
        wrong = verified and request.kind == "rectification"
        self.attr.setVisible(wrong)
        self.value.setVisible(wrong)
        self.reason.setVisible(opened or verified)
        self.refuse.setVisible(opened or verified)
        self.extend.setVisible(request.may_extend)

    def _fill(self) -> None:
        for box, names in ((self.way, {w: way_name(w) for w in WAYS}), (self.attr, _attrs())):
            with QSignalBlocker(box):
                kept = box.currentData() or next(iter(names))
                box.clear()
                for name, text in names.items():
                    box.addItem(text, name)
                box.setCurrentIndex(max(0, box.findData(kept)))
        self.way.setAccessibleName(tr("How the identity was checked"))
        self.attr.setAccessibleName(tr("What is wrong"))
        self.value.setPlaceholderText(tr("The right value"))
        self.reason.setPlaceholderText(tr("Reason, for an extension or a refusal"))
        self.verify.setText(tr("Identity is checked"))
        self.run.setText(tr("Erase for good") if self._sure else tr("Carry out"))
        self.extend.setText(tr("Extend"))
        self.refuse.setText(tr("Refuse"))
        self.fresh.setText(tr("Book another request"))

    def _fields(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        for part in (
            self.kind, self.clock, self.facts, self.meaning, self.way, self.verify, self.attr, self.value, self.run,
            self.reason,
        ):  # fmt: skip
            column.addWidget(part)
        row = QHBoxLayout()
        row.addWidget(self.extend)
        row.addWidget(self.refuse)
        column.addLayout(row)
        column.addWidget(self.proof)
        column.addStretch(1)
        column.addWidget(self.fresh)
        return inside

    def _code(self) -> str:
        return self.request.code if self.request else ""

    def _act(self, job: Any) -> None:
        self.desk.work.run(job, self._acted, self.desk.fault)

    def _acted(self, _: object) -> None:
        self.done.emit()

    def _ended(self, code: int, document: dict[str, Any]) -> None:
        self.child = None
        self.set_loading(False)
        self.run.setEnabled(True)
        if code:
            self.desk.fault(Known(str(document.get("error", "")), str(document.get("step", ""))))
        else:
            self.desk.say("{code} is carried out; its proof is kept.", "good", code=self._code())
        self.done.emit()


def proof_words(request: Request) -> str:
    """The steps with who and when, and what was counted."""
    form, lines = current(), []
    for step in request.evidence.get("steps", []):
        lines.append(f"{form.datetime(step['at'])}  {tr(ACTS.get(step['act'], step['act']))}, {step['by']}")
        lines += [f"    {line}" for line in _details(step)]
    return "\n".join(lines)


def _details(step: dict[str, Any]) -> list[str]:
    form, told = current(), []
    if "how" in step:
        told.append(way_name(step["how"]))
    if step.get("reason"):
        told.append(str(step["reason"]))
    rows = step.get("rows")
    if isinstance(rows, dict):
        told.append(tr("{n} rows in {tables} tables", n=form.integer(sum(rows.values())), tables=len(rows)))
    elif isinstance(rows, int):
        told.append(tr("{n} rows", n=form.integer(rows)))
    if "file" in step:
        told.append(f"{step['file']}  SHA-256 {str(step['sha256'])[:16]}…")
    if "tombstones" in step:
        told.append(tr("{n} signs kept out for good", n=len(step["tombstones"])))
    backups = step.get("backups") or []
    ends = [b["gone_on"] for b in backups if b["gone_on"]]
    if ends:
        told.append(tr("{n} backups still hold the person; the last goes on {day}", n=len(backups), day=max(ends)))
    elif backups:
        told.append(tr("{n} copies of the store hold the person and go only by hand", n=len(backups)))
    return told


def _attrs() -> dict[str, str]:
    return {name: tr(ATTR_NAMES[name]) for name in (*ATTRS, *SIGNS)}


def _day(text: str) -> date:
    return date.fromisoformat(text)
