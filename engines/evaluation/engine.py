"""Evaluation's card: each occasion and campaign before, during and after, under each baseline."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engines.calendar.site_days import SiteDays, site_days
from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.evaluation.baselines import RULES, ground
from engines.evaluation.cases import Case, Rows, adjusted, evaluate, notes_of
from engines.evaluation.placebo import ECHO
from engines.evaluation.series import PEOPLE_DAYS, SALES_DAYS, TENANT_ZONES, ZONE_DAYS, mall_series, part_series
from engines.evaluation.subjects import Series, Subject, busy_days, subjects
from engines.forecast.engine import FOOTFALL_HOUR
from engines.forecast.series import day_number, to_date
from models.errors import NotEnoughData
from models.mart import MART
from models.relations import of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_DAYS = 28
LONGEST = 92
BEYOND = LONGEST + ECHO

EFFECT = of_table(TABLES["occasion_effect"])
DAY = of_table(TABLES["occasion_day"])
PLACEBO = of_table(TABLES["occasion_placebo"])


def run(
    moment: Moment, *, occasion: pa.Table, campaign: pa.Table, footfall_hour: pa.Table, gate: pa.Table,
    calendar_day: pa.Table, evaluation_sales: pa.Table, evaluation_people: pa.Table, evaluation_zones: pa.Table,
    evaluation_tenant_zones: pa.Table,
) -> Frames:  # fmt: skip
    """Every occasion and campaign that has begun, against each baseline; the days up to yesterday count.

    Raises NotEnoughData without an occasion or campaign, or without four weeks of footfall or sales.
    """
    every = [s for s in subjects(occasion, campaign) if s.length <= LONGEST]
    begun = [s for s in every if s.first < day_number(moment.date)]
    made = mall_series(moment, footfall_hour, gate, evaluation_sales, evaluation_people)
    made += part_series(moment, evaluation_sales, evaluation_zones, evaluation_tenant_zones)
    if not begun:
        raise NotEnoughData(
            "No occasion or campaign has begun yet. Write one down on the Evaluation page, or import events.",
            missing_zh="尚无已开始的活动。请在“评估”页登记，或导入活动清单。",
        )
    if not any(np.isfinite(s.values).any(axis=0).sum() >= LEAST_DAYS for s in made):
        raise NotEnoughData(
            f"Evaluation needs {LEAST_DAYS} days of footfall or sales.",
            missing_zh=f"评估需要 {LEAST_DAYS} 天的客流或销售数据。",
        )
    first, today = min(s.first for s in made if s.values.size), moment.date
    beyond = today + timedelta(days=BEYOND)
    calendar = site_days(to_date(first), beyond, moment.country, moment.subdivision, calendar_day.to_pylist())
    rows = Rows([], [], [])
    for series in made:
        if series.values.size:
            _evaluate(series, begun, every, calendar, rows)
    effects = adjusted(rows.effects)
    return {
        r.name: as_frame(r, {name: [row[name] for row in found] for name in r.names()})
        for r, found in ((EFFECT, effects), (DAY, rows.days), (PLACEBO, rows.quiet))
    }


def _evaluate(series: Series, begun: list[Subject], every: list[Subject], calendar: SiteDays, rows: Rows) -> None:
    busy = busy_days(every, series.first, series.values.shape[1])
    land = ground(series.first, series.values, busy, calendar, BEYOND)
    modelled = series.scope == "mall" and series.measure in ("footfall", "sales")
    for subject in begun:
        start = subject.first - series.first
        if 0 <= start < land.size:
            mine = replace(land, weeks=subject.weeks)
            for rule in RULES if modelled else RULES[:2]:
                notes = notes_of(rule, land, subject, start, every)
                evaluate(Case(rule, series, subject, mine, notes), rows)


ENGINE = Engine(
    name="evaluation",
    title="Evaluation",
    title_zh="评估",
    version=1,
    run=run,
    takes=(
        MART["occasion"], MART["campaign"], FOOTFALL_HOUR, MART["gate"], MART["calendar_day"], SALES_DAYS, PEOPLE_DAYS,
        ZONE_DAYS, TENANT_ZONES,
    ),
    gives=(EFFECT, DAY, PLACEBO),
    every="03:20",
    figures=(
        Figure(
            "table", "Effects", "效果", "occasion_effect",
            ("code", "baseline", "measure", "scope", "lift", "low", "high", "p"),
        ),
        Figure(
            "band", "Observed and expected", "实际与预期", "occasion_day",
            ("day", "observed", "expected", "low", "high"),
        ),
        Figure("histogram", "Quiet times", "平常时段", "occasion_placebo", ("lift",)),
    ),
    budget_seconds=120.0,
    about="What each occasion and campaign changed against three baselines, with intervals from quiet times and the "
    "same test on times in which nothing happened.",
    about_zh="以三种基线评估每个活动带来的变化，区间来自平常时段，并对无活动时段做同样的检验。",
)  # fmt: skip
