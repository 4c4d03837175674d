"""One prospect: dimensions, what makes the score, its course with causes, and what to do next."""

from __future__ import annotations

from datetime import date
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.ui import theme
from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.line import Line as LineChart
from app.ui.charts.radar import Radar
from app.ui.charts.view import ChartView
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.leads.reading import Detail, Line, read_detail
from app.ui.pages.leads.words import PARTS, cause_name, factor_name, rung_name, said, step_name
from app.ui.widgets.badge import Badge
from app.ui.widgets.panel import SidePanel
from engines.leads.queries import PARTS as COMPONENTS
from engines.leads.queries import Moved

FACTORS = 5
TITLES = (mark("Dimensions, 0 to 100"), mark("What makes the score"), mark("Course of the score"))
CAUSES = 6


class LeadPanel(SidePanel):
    """`show_lead(line)` reads and opens; `wanted(person_id)` asks for the person's profile."""

    wanted = Signal(object)

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__(host)
        self.desk = desk
        self.detail: Detail | None = None
        self.figure, self.rung = QLabel(), Badge()
        theme.set_role(self.figure, role="figure")
        top = QHBoxLayout()
        top.addWidget(self.figure)
        top.addWidget(self.rung)
        top.addStretch(1)
        self.profile = QPushButton()
        top.addWidget(self.profile)
        self.body.addLayout(top)
        self.step, self.chance = QLabel(), QLabel()
        self.radar, self.factors, self.course = (ChartView(name) for name in ("Dimensions", "Factors", "Course"))
        self.radar.setFixedHeight(230)
        self.factors.setFixedHeight(190)
        self.course.setFixedHeight(150)
        self.causes = QLabel()
        self.titles = [QLabel() for _ in range(3)]
        for label in self.titles:
            theme.set_role(label, role="card-title")
        for label in (self.chance, self.causes):
            theme.set_role(label, role="caption")
        for label in (self.step, self.chance, self.causes):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        parts: tuple[QWidget, ...] = (
            self.step, self.chance, self.titles[0], self.radar, self.titles[1], self.factors, self.titles[2],
            self.course, self.causes,
        )  # fmt: skip
        for part in parts:
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.profile.clicked.connect(self._go)

    def show_lead(self, line: Line) -> None:
        """Read the prospect's score and its history, then open."""
        lead = line.lead
        self.desk.work.run(partial(read_detail, self.desk.store, lead.use, lead.subject_id), self._arrived)

    def retranslate(self) -> None:
        """Say it again in the language in force."""
        super().retranslate()
        if getattr(self, "detail", None) is not None:
            self._draw()

    def _arrived(self, detail: Detail | None) -> None:
        if detail is None:
            self.desk.say("This prospect has bought or closed since; it has no score any more.")
            return
        self.detail = detail
        self._draw()
        self.open_panel()

    def _draw(self) -> None:
        assert self.detail is not None
        lead, form = self.detail.line.lead, current()
        self.set_heading(self.detail.line.label, tr("As of {when}", when=form.datetime(lead.as_of)))
        self.figure.setText(form.decimal(lead.composite, 1))
        self.rung.say(rung_name(lead.rung), "accent")
        self.profile.setText(tr("Open the profile"))
        self.profile.setVisible(lead.use == "member")
        self.step.setText(tr("Next step: {step}", step=step_name(lead.next_step)))
        self.chance.setText(self._chance())
        for label, text in zip(self.titles, TITLES, strict=True):
            label.setText(tr(text))
        values = [getattr(lead, name) for name in COMPONENTS]
        spokes = [(said(PARTS, n), v) for n, v in zip(COMPONENTS, values, strict=True) if v is not None]
        series = Series(tr("Score"), tuple(float(v) for _, v in spokes))
        self.radar.show_chart(Radar(tuple(name for name, _ in spokes), (series,), 100.0))
        factors = lead.factors[:FACTORS]
        points = Series(tr("Points of the score"), tuple(float(f["points"]) for f in factors))
        self.factors.show_chart(
            Bars(tuple(factor_name(f) for f in factors), (points,), "ranked", "decimal"), empty="Nothing is known yet."
        )
        self._draw_course(self.detail.moves)

    def _draw_course(self, moves: tuple[Moved, ...]) -> None:
        assert self.detail is not None
        lead = self.detail.line.lead
        form = current()
        days = [form.day(date.fromisoformat(m.day), "short") for m in moves]
        values = [m.composite for m in moves]
        if moves and moves[-1].at < lead.as_of:
            days.append(tr("Now"))
            values.append(lead.composite)
        self.course.setVisible(len(values) > 1)
        if len(values) > 1:
            self.course.show_chart(LineChart(tuple(days), (Series(tr("Score"), tuple(values)),), "decimal"))
        lines = [_cause(m) for m in reversed(moves)][:CAUSES]
        self.causes.setText("\n".join(lines) or tr("No move of 5 points or a rung yet."))

    def _chance(self) -> str:
        assert self.detail is not None
        lead, form = self.detail.line.lead, current()
        weights = tr("Weights version {version}.", version=lead.weights_version)
        if lead.probability is None or lead.low is None or lead.high is None:
            return tr("No predicted chance: the other parts share its weight.") + " " + weights
        return tr(
            "Predicted chance {chance} (80 % interval {low} to {high}), model version {version}.",
            chance=form.percent(lead.probability), low=form.percent(lead.low), high=form.percent(lead.high),
            version=lead.model_version,
        ) + " " + weights  # fmt: skip

    def _go(self) -> None:
        if self.detail is not None:
            self.wanted.emit(self.detail.line.lead.subject_id)


def _cause(move: Moved) -> str:
    form = current()
    day, score = form.day(date.fromisoformat(move.day), "short"), form.decimal(move.composite, 1)
    if move.before is None:
        return f"{day}  ·  {score}  ·  {cause_name(move.cause, move.detail)}"
    change = move.composite - move.before
    sign = "+" if change >= 0 else "−"
    return f"{day}  ·  {score} ({sign}{form.decimal(abs(change), 1)})  ·  {cause_name(move.cause, move.detail)}"
