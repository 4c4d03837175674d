"""This node and the hub: how fresh, what waits, what was refused, what gave way, whether both ends hold the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.health.state import State
from app.ui.turns import Steps
from app.ui.widgets.badge import Badge, Tone
from app.ui.widgets.card import Card
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.rows import Column
from models.sync.overview import Overview
from models.sync.quarantine import drop_quarantined, resend_quarantined
from models.sync.state import Freshness

#: A round that was complete is good for this long; offline is no fault, so beyond it the badge only warns.
FRESH_MS = 15 * 60_000
CHANNELS = {"core": mark("Customers, sales, settings"), "telemetry": mark("Counts")}
STATES = {"open": mark("Waits for a decision"), "resent": mark("Sent again"), "dropped": mark("Left unsent")}
NOT_JOINED = mark(
    "This site has joined no hub: it works by itself. IT joins it with an enrolment file: python main.py sync join FILE"
)


class HubTab(QWidget):
    """`done` asks for the state to be read again."""

    done = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.child: Child | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(12)

    def building(self) -> Steps:
        """The line of state, then a card each."""
        self._column.addWidget(self._top())
        yield
        self.channels = TableCard(self.desk, mark("Sync channels"), mark("One that stands still holds back no other"), (
            Column("name", "Sync channel", width=200), Column("pushed", "Rows sent", "count", 110),
            Column("pulled", "Rows taken", "count", 110), Column("at", "Last complete round", "instant", 170),
            Column("trouble", "Trouble"),
        ))  # fmt: skip
        yield
        self.nodes = TableCard(self.desk, mark("Nodes of this site"), mark("As the hub last told"), (
            Column("name", "Node"), Column("mine", "This one", "yes", 90), Column("program", "Atrium", width=100),
            Column("version", "Store version", "count", 110), Column("at", "Seen", "instant", 170),
        ))  # fmt: skip
        yield
        self.refused = TableCard(self.desk, mark("Refused by the hub"), mark("Neighbouring rows went through"), (
            Column("table", "Table", width=150), Column("key", "Row", width=200), Column("error", "Why"),
            Column("at", "Since", "instant", 170), Column("state", "State", width=140),
        ))  # fmt: skip
        self._add_decisions()
        yield
        self.decided = TableCard(
            self.desk, mark("Values that gave way"), mark("Two nodes changed one field; the later change stands"), (
            Column("table", "Table", width=130), Column("key", "Row", width=180), Column("field", "Field", width=130),
            Column("kept", "Stands"), Column("lost", "Gave way"), Column("node", "Changed at", width=130),
            Column("at", "When", "instant", 170),
        ))  # fmt: skip
        yield
        self.compared = TableCard(
            self.desk, mark("Comparison with the hub"), mark("Each night, row by row, by table and day"), (
            Column("table", "Table"), Column("same", "Days alike", "count", 120),
            Column("resent", "Days sent again", "count", 140), Column("at", "Last", "instant", 170),
        ))  # fmt: skip
        yield
        for card in self.cards():
            card.setMinimumHeight(220)
            self._column.addWidget(card)
        self._column.addStretch(1)
        yield

    def cards(self) -> tuple[TableCard, ...]:
        """The cards in the order of reading."""
        return (self.channels, self.nodes, self.refused, self.decided, self.compared)

    def show_state(self, state: State) -> None:
        """Everything as it stands."""
        sync = state.sync
        words, tone = badge_of(sync.fresh, state.now)
        self.badge.say(words, tone)
        self.says.setText(sentence_of(sync.fresh, state.now))
        self.now.setEnabled(sync.fresh.joined)
        self._show_lists(sync)
        for card in self.cards():  # a site on its own has nothing to list
            card.setVisible(sync.fresh.joined or bool(card.table.rows.rowCount()))

    def sync_now(self) -> None:
        """One round now, in a process of its own."""
        if self.child is not None and self.child.running():
            return
        self.child = Child(["--site", str(self.desk.folder), "sync", "now"], self)
        self.child.ended.connect(self._ended)
        self.now.setEnabled(False)
        self.child.start()

    def resend(self) -> None:
        """Send the chosen refused changes, or all, once more."""
        self._decide(resend_quarantined)

    def drop(self) -> None:
        """Leave the chosen refused changes unsent for good."""
        self._decide(drop_quarantined)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.now.setText(tr("Sync now"))
        if hasattr(self, "refused"):
            self.again.setText(tr("Send again"))
            self.leave.setText(tr("Leave unsent"))

    def _top(self) -> QWidget:
        card = Card(mark("The hub"), mark("Work goes on without it; what waits is sent when it is there"))
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(12)
        self.badge, self.says, self.now = Badge("", "neutral", parent=inside), QLabel(), QPushButton(tr("Sync now"))
        self.says.setWordWrap(True)
        theme.set_role(self.now, kind="primary")
        row.addWidget(self.badge)
        row.addWidget(self.says, 1)
        row.addWidget(self.now)
        self.now.clicked.connect(self.sync_now)
        card.set_body(inside)
        card.show_body()
        return card

    def _add_decisions(self) -> None:
        self.again, self.leave = QPushButton(tr("Send again")), QPushButton(tr("Leave unsent"))
        for button, act in ((self.again, self.resend), (self.leave, self.drop)):
            button.clicked.connect(act)
            self.refused.table.add_control(button)

    def _show_lists(self, sync: Overview) -> None:
        self.channels.table.set_empty("No round has been made yet.")
        self.channels.table.set_rows([
            {"name": tr(CHANNELS.get(c.channel, c.channel)), "pushed": c.pushed_rows, "pulled": c.pulled_rows,
             "at": c.pushed_at, "trouble": c.trouble or ""} for c in sync.channels
        ])  # fmt: skip
        self.nodes.table.set_empty("The hub tells of nodes once the site has joined it.")
        self.nodes.table.set_rows([
            {"name": n.name, "mine": n.mine, "program": n.program, "version": n.store_version, "at": n.seen_at}
            for n in sync.nodes
        ])  # fmt: skip
        self.refused.table.set_empty("Nothing was refused.")
        self.refused.table.set_rows([
            {"id": r.id.hex(), "table": r.table, "key": r.key, "error": r.error, "at": r.first_seen,
             "state": tr(STATES.get(r.state, r.state)), "open": r.state == "open"} for r in sync.refused
        ])  # fmt: skip
        waits = any(r.state == "open" for r in sync.refused)
        self.again.setEnabled(waits)
        self.leave.setEnabled(waits)
        self.decided.table.set_empty("No two nodes have changed the same field.")
        self.decided.table.set_rows([
            {"table": d.table, "key": d.key, "field": d.field, "kept": d.kept, "lost": d.lost,
             "node": d.lost_node or "", "at": d.at} for d in sync.decided
        ])  # fmt: skip
        self.compared.table.set_empty("No comparison yet: it runs each night once the site has joined a hub.")
        self.compared.table.set_rows([
            {"table": c.table, "same": c.same, "resent": c.resent, "at": c.at} for c in sync.compared
        ])  # fmt: skip

    def _decide(self, act: Callable[..., int]) -> None:
        rows: list[Any] = self.refused.table.selected_rows()
        ids = [str(row["id"]) for row in rows if row["open"]] or None
        self.desk.work.run(partial(act, self.desk.store, self.desk.actor, ids), self._decided, self.desk.fault)

    def _decided(self, changed: int) -> None:
        self.desk.say("{count} refused changes were decided.", "good", count=current().integer(changed))
        self.done.emit()

    def _ended(self, code: int, document: Mapping[str, Any]) -> None:
        if self.child is not None:
            self.child.deleteLater()
            self.child = None
        if code:
            self.desk.say(f"{document.get('error', '')} {document.get('step', '')}".strip(), "error")
        self.done.emit()


def badge_of(fresh: Freshness, now: int) -> tuple[str, Tone]:
    """The state in two words, and how grave it is."""
    if not fresh.joined:
        return mark("On its own"), "neutral"
    if fresh.stopped:
        return mark("Stopped"), "bad"
    if fresh.ok_at is None:
        return mark("Not yet synced"), "warning"
    if now - fresh.ok_at > FRESH_MS:
        return mark("Offline"), "warning"
    return mark("In step"), "good"


def sentence_of(fresh: Freshness, now: int) -> str:
    """The state in a sentence or two."""
    if not fresh.joined:
        return tr(NOT_JOINED)
    form = current()
    parts = [
        tr("Last complete round {ago} ago.", ago=form.duration((now - fresh.ok_at) / 1000))
        if fresh.ok_at is not None else tr("No complete round yet."),
        tr("{count} changes wait to be sent.", count=form.integer(fresh.waiting)),
    ]  # fmt: skip
    if fresh.waiting:
        parts.append(tr("The oldest is {age} old.", age=form.duration(fresh.behind_ms / 1000)))
    if fresh.quarantined:
        parts.append(tr("{count} were refused and wait for you.", count=form.integer(fresh.quarantined)))
    if fresh.stopped or fresh.last_error:
        parts.append(str(fresh.stopped or fresh.last_error))
    return " ".join(parts)
