"""Alerts as sentences with what shows them: acknowledged and closed with one press, and taken back with another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.sentences import day_words, finding_words
from app.ui.widgets.alert_ways import way_of
from app.ui.widgets.badge import Badge, Tone

if TYPE_CHECKING:
    from app.ui.widgets.evidence import EvidencePanel
    from engines.alerts.queries import Alert

SEVERITIES: dict[str, tuple[str, Tone]] = {
    "critical": (mark("Critical"), "bad"),
    "warning": (mark("Warning"), "warning"),
    "notice": (mark("Notice"), "accent"),
}
KINDS: dict[str, str] = {
    "segment_drift": mark("Segment held wrongly"),
    "unusual_day": mark("Unusual day"), "unusual_hours": mark("Unusual hours"), "silent_hours": mark("No counts"),
    "level_change": mark("Change of level"), "customer_risk": mark("Customer to look after"),
    "unusual_week": mark("Unusual week"), "unusual_share": mark("Unusual share"), "slow_job": mark("Slow job"),
    "failing_job": mark("Failing job"), "dropped_frames": mark("Dropped pictures"),
    "rejected_rows": mark("Refused rows"), "more_findings": mark("More findings"),
    "fraud_duplicate": mark("One slip on two cards"), "fraud_double_source": mark("Two sources, same receipts"),
    "fraud_burst": mark("Many receipts at once"), "fraud_distant": mark("Two floors in a minute"),
    "fraud_closing": mark("Round amounts at closing"), "fraud_ring": mark("Referral ring"),
    "access_lockout": mark("Account locked"), "access_spray": mark("Passwords guessed"),
    "access_exports": mark("Unusual exports"), "access_reveals": mark("Unusual reveals"),
    "audit_broken": mark("Audit trail broken"),
    "backup_stale": mark("Backup too old"), "backup_none": mark("No backup"), "backup_failed": mark("Backup failed"),
    "backup_copy": mark("Copy of the backup failed"), "restore_drill": mark("Restore test failed"),
    "outgoing_held": mark("Outgoing held"),
    "fraud_self_referral": mark("Brought themselves"), "fraud_digest": mark("More possible fraud"),
}  # fmt: skip


def sentence_of(alert: Alert) -> str:
    """The alert's sentence in the language in force, filled from its facts."""
    return finding_words(alert.sentence, alert.facts)


class AlertRow(QFrame):
    """One alert: how serious, what, since when, and what to do with it."""

    opened = Signal(object)
    gone = Signal(object)
    decided = Signal(object, str)

    def __init__(self, alert: Alert) -> None:
        super().__init__()
        self.alert = alert
        self.badge, self.when = Badge(parent=self), QLabel()
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_role(self.when, role="caption")
        self.show_button, self.page_button = QPushButton(), QPushButton()
        self.seen_button, self.close_button = QPushButton(), QPushButton()
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.show_button, self.page_button, self.seen_button, self.close_button):
            theme.set_role(button, kind="quiet")
            buttons.addWidget(button)
        buttons.addStretch(1)
        top = QHBoxLayout()
        top.addWidget(self.badge)
        top.addWidget(self.when, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 2)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.sentence)
        column.addLayout(buttons)
        self.show_button.clicked.connect(self._open)
        self.page_button.clicked.connect(self._go)
        self.seen_button.clicked.connect(self._acknowledge)
        self.close_button.clicked.connect(self._close)
        self.retranslate()

    def retranslate(self) -> None:
        """The sentence in the language in force."""
        text, tone = SEVERITIES.get(self.alert.severity, (self.alert.severity, "neutral"))
        self.badge.say(text, tone)
        kind = KINDS.get(self.alert.kind, self.alert.kind)
        words = [tr(kind), day_words(self.alert.day)]
        if self.alert.state == "acknowledged":
            words.append(tr("seen by {name}", name=self.alert.decided_by or "–"))
        self.when.setText("  ·  ".join(words))
        self.sentence.setText(sentence_of(self.alert))
        self.show_button.setText(tr("Show evidence"))
        way = way_of(self.alert)
        self.page_button.setText(tr(way.words) if way else "")
        self.page_button.setVisible(way is not None)
        self.seen_button.setText(tr("Acknowledge"))
        self.seen_button.setVisible(self.alert.state == "open")
        self.close_button.setText(tr("Close"))
        for button in (self.show_button, self.page_button, self.seen_button, self.close_button):
            button.setAccessibleName(f"{button.text()}: {self.sentence.text()}")

    def _open(self) -> None:
        self.opened.emit(self.alert)

    def _go(self) -> None:
        self.gone.emit(self.alert)

    def _acknowledge(self) -> None:
        self.decided.emit(self.alert, "acknowledged")

    def _close(self) -> None:
        self.decided.emit(self.alert, "closed")


class AlertList(QWidget):
    """`show_alerts(alerts)`; opens evidence in a panel over `host`, decides in the person's name, offers undo."""

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__()
        self.desk = desk
        self.rows: list[AlertRow] = []
        self._host = host
        self.panel: EvidencePanel | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)

    def show_alerts(self, alerts: Sequence[Alert]) -> None:
        """One row an alert; rows that did not change stay, so that the focus stays."""
        if [row.alert for row in self.rows] == list(alerts):
            return
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        for alert in alerts:
            row = AlertRow(alert)
            row.opened.connect(self.show_evidence)
            row.gone.connect(self.go)
            row.decided.connect(self.decide)
            self._column.insertWidget(len(self.rows), row)
            self.rows.append(row)

    def show_evidence(self, alert: Alert) -> None:
        """Open what shows an alert."""
        if self.panel is None:
            from app.ui.widgets.evidence import EvidencePanel

            self.panel = EvidencePanel(self._host)
        self.panel.show_alert(alert)

    def go(self, alert: Alert) -> None:
        """Open the page that the alert is about."""
        if way := way_of(alert):
            self.desk.go(way.page, way.argument)

    def decide(self, alert: Alert, state: str) -> None:
        """Acknowledge or close the alert, and offer to take it back."""
        self.desk.work.run(_Decision(self.desk, alert, state, alert.state).carry_out, _Decision.tell)


SAID = {
    "acknowledged": mark("Alert acknowledged."),
    "closed": mark("Alert closed."),
    "open": mark("Alert open again."),
}


class _Decision:
    """One decision on an alert; it holds no widget, so that its undo outlives the page."""

    def __init__(self, desk: Desk, alert: Alert, state: str, before: str) -> None:
        self._desk, self._alert, self._state, self._before = desk, alert, state, before

    def carry_out(self) -> _Decision:
        from engines.alerts.actions import decide_alert

        decide_alert(self._desk.store, self._desk.actor, self._alert.id, self._state)
        return self

    def undo(self) -> None:
        back = _Decision(self._desk, self._alert, self._before, self._state)
        self._desk.work.run(back.carry_out, _Decision.tell_back)

    @staticmethod
    def tell(done: _Decision) -> None:
        """Plain functions, because nothing else keeps the decision alive until it is done."""
        done._desk.say(SAID[done._state], "good", "Undo", done.undo)
        done._desk.moved.emit(frozenset({"alert"}))

    @staticmethod
    def tell_back(done: _Decision) -> None:
        done._desk.moved.emit(frozenset({"alert"}))
