"""The tab Forecast: weeks and months ahead with their band, the back-test beside it, and a person's assumptions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtWidgets import QLabel, QSpinBox

from app.ui import theme
from app.ui.charts.data import Series
from app.ui.charts.line import Band, Line
from app.ui.desk import Desk
from app.ui.format import MISSING, current
from app.ui.i18n import language, mark, tr
from app.ui.pages.money.panel import Shown
from app.ui.pages.money.state import State
from app.ui.pages.money.tab import Tab
from app.ui.pages.money.words import FORECAST, GRAINS, MEASURES, METHODS, PARTS, named, said
from app.ui.widgets.defined_card import DefinedCard, TableCard
from app.ui.widgets.head_tools import Choice
from app.ui.widgets.rows import Column
from app.ui.widgets.spin import indented
from engines.finance.queries import Forecast, parts_against_whole

PAST = {"week": 26, "month": 13}


def small(value: Any) -> str:
    """An error to three digits."""
    return MISSING if value is None else current().decimal(value, 3)


def compact(value: Any) -> str:
    """An amount in short."""
    return MISSING if value is None else current().money(value, compact=True)


def share(value: Any) -> str:
    """A share with one digit."""
    return MISSING if value is None else current().percent(value)


def whole(value: Any) -> str:
    """A share in whole per cent."""
    return MISSING if value is None else f"{current().decimal(value * 100, 0)}%"


SERIES = (
    Column("name", "Series"), Column("total", "P50, in all", "money", 132), Column("method", "Method", width=190),
    Column("wape", "WAPE", "decimal", 76, small), Column("rule", "Last week repeated", "decimal", 140, small),
    Column("mase", "MASE", "decimal", 76, small), Column("coverage", "Inside the band", "percent", 116, whole),
    Column("says", "Says", width=220),
)  # fmt: skip
POINTS = (
    Column("first_day", "From", "day", 112), Column("p10", "P10", "money", 84, compact),
    Column("p50", "P50", "money", 76, compact), Column("p90", "P90", "money", 76, compact),
    Column("checked", "Checked", "yes"),
)  # fmt: skip
TRIED = (
    Column("method", "Method"), Column("wape", "WAPE", "decimal", 84, small),
    Column("mase", "MASE", "decimal", 84, small), Column("coverage", "Inside the band", "percent", 116, whole),
)  # fmt: skip
NONE = mark("Nothing has been forecast yet. Import sales or leases; the nightly run does the rest.")


class ForecastTab(Tab):
    """Choices on top, the chosen series' band, its steps, and all series with their back-tests."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.measure, self.by = Choice("Forecast of"), Choice("Parts")
        self.grain, self.code = Choice("How far"), Choice("Series")
        self.first_words, self.second_words = QLabel(), QLabel()
        self.first, self.second = _driver(), _driver()
        for widget in (self.measure, self.by, self.grain, self.code):
            self.top.addWidget(widget)
        self.top.addStretch(1)
        self.chart = DefinedCard(desk, "Ahead", "forecast")
        for label, box in ((self.first_words, self.first), (self.second_words, self.second)):
            theme.set_role(label, role="caption")
            self.chart.add_choice(label)
            self.chart.add_choice(box)
            box.valueChanged.connect(self.assume)
        self.points = TableCard(desk, "Steps ahead", "", POINTS)
        self.series = TableCard(desk, "Series and their back-tests", "", SERIES, "forecast")
        self.place(self.chart, 8, 420, 560)
        self.place(self.points, 4, 420, 380)
        self.place(self.series, 12, 300)
        self.measure.chosen.connect(self.choose_measure)
        self.by.chosen.connect(self.choose_parts)
        self.grain.chosen.connect(self.choose_grain)
        self.code.chosen.connect(self.choose_series)
        self.series.table.activated.connect(self._open_row)

    def draw(self, state: State) -> None:
        """The chosen series and all of them, or what is missing."""
        found = chosen(state)
        self._offer(state)
        self.note.setText(_note(state, found))
        if found is None:
            self.chart.explain(NONE, "Import sales", "intake", {"kind": "sales"})
            self.points.table.set_rows([])
            self.series.table.set_rows([])
            return
        title = named(state, state.ask.by, found.code)
        self.chart.set_title("Ahead", "{words}", words=f"{said(MEASURES, found.measure)}, {title}")
        if found.refused:
            self.chart.explain("{reason}", "Import sales", "intake", {"kind": "sales"}, reason=refusal(found))
        else:
            self.chart.show_chart(band(found, self._factor(state)))
        self.points.table.set_rows(
            [{"first_day": p.first_day, "p10": p.p10, "p50": p.p50, "p90": p.p90, "checked": p.checked}
             for p in found.points]
        )  # fmt: skip
        self.series.table.set_rows([_line(state, f) for f in state.forecasts])

    def define(self, _name: str) -> None:
        """What the forecast is, with every method that was tried on the series."""
        found = chosen(self.state) if self.state else None
        if self.state is None or found is None:
            self.explained.emit(Shown(tr("Forecast"), "", FORECAST))
            return
        rows = [{**dict(t), "method": said(METHODS, str(t["method"]))} for t in found.tried]
        self.explained.emit(Shown(named(self.state, self.state.ask.by, found.code), "", FORECAST, TRIED, rows))

    def assume(self, _value: int = 0) -> None:
        """A person's assumptions about what drives the money."""
        wanted = (self.first.value(), self.second.value())
        if self.state is not None and wanted != self.state.ask.scenario:
            self.look(scenario=wanted)

    def choose_measure(self, code: str) -> None:
        """Sales or rent; rent has no parts."""
        by = "mall" if code == "rent" or self.state is None else self.state.ask.by
        self.look(measure=code, by=by, code="", scenario=(0, 0))

    def choose_parts(self, code: str) -> None:
        """Other parts of the mall."""
        self.look(by=code, code="")

    def choose_grain(self, code: str) -> None:
        """13 weeks or 12 months."""
        self.look(grain=code)

    def choose_series(self, code: str) -> None:
        """Another series."""
        self.look(code=code)

    def _open_row(self, row: dict[str, Any]) -> None:
        self.look(code=row["code"])

    def _offer(self, state: State) -> None:
        ask = state.ask
        parts = tuple(c for c in PARTS if ask.measure == "sales" or c == "mall")
        offers: tuple[tuple[Choice, Sequence[tuple[str, str]], str], ...] = (
            (self.measure, [(c, said(MEASURES, c)) for c in MEASURES], ask.measure),
            (self.by, [(c, said(PARTS, c)) for c in parts], ask.by),
            (self.grain, [(c, said(GRAINS, c)) for c in GRAINS], ask.grain),
        )
        for box, items, code in offers:
            box.offer(tuple(items), code)
            box.choose(code)
        found = chosen(state)
        self.code.setVisible(len(state.forecasts) > 1)
        self.code.offer(
            tuple((f.code, named(state, ask.by, f.code)) for f in state.forecasts), found.code if found else ""
        )
        self.code.choose(found.code if found else "")
        sales = ask.measure == "sales"
        self.first_words.setText(tr("If transactions change by") if sales else tr("If rent changes by"))
        self.second_words.setText(tr("and the basket by"))
        for widget in (self.second_words, self.second):
            widget.setVisible(sales)
        for spin, value, label in zip(
            (self.first, self.second), ask.scenario, (self.first_words, self.second_words), strict=True
        ):
            spin.setAccessibleName(label.text())
            spin.blockSignals(True)
            spin.setValue(value)
            spin.blockSignals(False)

    def _factor(self, state: State) -> float:
        first, second = state.ask.scenario
        return (1 + first / 100) * (1 + (second / 100 if state.ask.measure == "sales" else 0))


def chosen(state: State) -> Forecast | None:
    """The series that is looked at: the chosen one, else the largest."""
    return next((f for f in state.forecasts if f.code == state.ask.code), next(iter(state.forecasts), None))


def refusal(forecast: Forecast) -> str:
    """What a refused forecast lacks, in the language in force."""
    return forecast.refused_zh if language() == "zh" else forecast.refused


def band(found: Forecast, factor: float) -> Line:
    """The past, the median ahead, the band, and with assumptions the median times their factor."""
    past = found.course[-PAST[found.grain] :]
    ahead, gap = found.points, math.nan
    x = tuple(date.fromisoformat(d) for d in (*(day for day, _ in past), *(p.first_day for p in ahead)))
    before, after = (gap,) * len(past), (gap,) * len(ahead)
    middle = (*before, *(p.p50 for p in ahead))
    guess = None if factor == 1 else Series(tr("Your assumption"), tuple(value * factor for value in middle))
    return Line(
        x,
        (Series(tr("Known"), (*(v for _, v in past), *after)), Series(tr("P50"), middle)),
        "money",
        Band(tr("P10 to P90"), (*before, *(p.p10 for p in ahead)), (*before, *(p.p90 for p in ahead))),
        guess,
    )


def _driver() -> QSpinBox:
    box = indented(QSpinBox())
    box.setRange(-50, 50)
    box.setSingleStep(5)
    box.setSuffix(" %")
    box.setKeyboardTracking(False)
    return box


def _line(state: State, f: Forecast) -> dict[str, Any]:
    if f.refused:
        says = refusal(f)
    elif f.method == f.baseline:
        says = tr("No method beat last week repeated.")
    else:
        says = tr("Better than last week repeated.")
    return {
        "code": f.code, "name": named(state, state.ask.by, f.code), "total": f.total if f.points else None,
        "method": said(METHODS, f.method) if f.method else "", "wape": f.wape, "rule": f.baseline_wape, "mase": f.mase,
        "coverage": f.coverage, "says": says,
    }  # fmt: skip


def _tested(found: Forecast) -> str:
    """How the method did on the past, beside the rule to beat."""
    form = current()
    values = {
        "method": said(METHODS, found.method), "origins": form.integer(found.origins), "wape": share(found.wape),
        "rule": share(found.baseline_wape), "inside": whole(found.coverage),
    }  # fmt: skip
    if found.method == found.baseline:
        return tr(
            "{method}, which no method beat: over {origins} past forecasts it was off by {wape} of the total (WAPE); "
            "{inside} of the past lay inside the band.",
            **values,
        )
    return tr(
        "{method}: over {origins} past forecasts it was off by {wape} of the total (WAPE), last week repeated by "
        "{rule}; {inside} of the past lay inside the band.",
        **values,
    )


def _note(state: State, found: Forecast | None) -> str:
    if found is None:
        return ""
    form = current()
    words = [] if found.refused else [_tested(found)]
    if (
        state.ask.by in ("category", "segment")
        and (gap := parts_against_whole(state.forecasts, state.whole)) is not None
    ):
        apart = form.percent(abs(gap))
        words.append(
            tr("The parts add up to {share} more than the mall's own forecast.", share=apart)
            if gap >= 0
            else tr("The parts add up to {share} less than the mall's own forecast.", share=apart)
        )
    if state.ask.scenario != (0, 0) and found.points:
        words.append(tr("The dashed line is your assumption, not a forecast."))
    if any(not p.checked for p in found.points):
        words.append(tr("The last steps were never reached by a past forecast."))
    return " ".join(words)
