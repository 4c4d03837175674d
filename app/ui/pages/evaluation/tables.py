"""Rows of the tables of the Evaluation page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.evaluation.words import (
    BASELINES,
    MEASURES,
    OUTLOOKS,
    PHASES,
    STAGES,
    STATES,
    SUBJECTS,
    VERDICTS,
    Ranged,
    chance,
    days,
    figure,
    lift,
    named,
    ranged,
    said,
    verdict,
)
from app.ui.widgets.rows import Column
from engines.attribution.queries import RateRow
from engines.evaluation.queries import Advice, EffectRow, PlaybookRow, SubjectRow

SUBJECT = (
    Column("name", "Name"),
    Column("kind", "Kind", width=92),
    Column("days", "Days", width=196),
    Column("measure", "Measure", width=84),
    Column("lift", "Effect", "percent", 196, ranged),
    Column("verdict", "Says", width=144),
    Column("baseline", "Baseline", width=116),
)
EFFECTS = (
    Column("baseline", "Baseline", width=124),
    Column("measure", "Measure"),
    Column("phase", "When", width=120),
    Column("observed", "Observed", "count", 84, ranged),
    Column("expected", "Expected", "count", 84, ranged),
    Column("lift", "Effect", "percent", 192, ranged),
)
PLACES = (
    Column("name", "Tenant or zone"),
    Column("measure", "Measure", width=92),
    Column("observed", "Observed", "count", 92, ranged),
    Column("expected", "Expected", "count", 92, ranged),
    Column("lift", "Effect", "percent", 216, ranged),
    Column("p", "p, corrected", "decimal", 112, chance),
)
RATES = (
    Column("name", "Campaign"),
    Column("stage", "Stage", width=184),
    Column("rate", "Rate", "percent", 76),
    Column("band", "Band of earlier ones", width=152),
    Column("state", "Says", width=120),
)
EVIDENCE = (
    Column("name", "Campaign or playbook"),
    Column("lift", "Measured lift, 80 %", "percent", 208, ranged),
    Column("people", "Sent / held back", width=128),
    Column("says", "Says", width=132),
)


@dataclass(frozen=True)
class SubjectLine:
    """A line of the list."""

    subject: str
    code: str
    name: str
    kind: str
    days: str
    lift: Ranged | None
    verdict: str
    baseline: str
    measure: str


def subject_lines(rows: Sequence[SubjectRow], today: str) -> list[SubjectLine]:
    """The list, the newest first; what begins on `today` or later has no verdict yet."""
    return [
        SubjectLine(
            row.subject, row.code, named(row.name, row.name_zh), said(SUBJECTS, row.subject),
            days(row.from_day, row.to_day), lift(row.effect),
            (said(VERDICTS, "ahead") if row.from_day >= today else verdict(row.effect))
            + (f" · {tr('accepted')}" if row.accepted else ""),
            said(BASELINES, row.baseline) + ("" if row.baseline == row.assigned else " *"),
            said(MEASURES, row.effect.measure) if row.effect is not None and row.effect.lift is not None else "",
        )
        for row in rows
    ]  # fmt: skip


def effect_lines(rows: Sequence[EffectRow]) -> list[dict[str, Any]]:
    """Every measure under every baseline that has a figure."""
    order = list(BASELINES)
    known = [row for row in rows if row.lift is not None]
    known.sort(key=lambda r: (list(MEASURES).index(r.measure), r.phase == "after", order.index(r.baseline)))
    return [
        {
            "baseline": said(BASELINES, row.baseline), "measure": said(MEASURES, row.measure),
            "phase": said(PHASES, row.phase), "observed": _sum(row.observed, row),
            "expected": _sum(row.expected, row), "lift": lift(row),
        }
        for row in known
    ]  # fmt: skip


def place_lines(rows: Sequence[EffectRow]) -> list[dict[str, Any]]:
    """Tenants and zones with a figure, the surest first."""
    return [
        {
            "code": row.scope_code, "scope": row.scope, "name": named(row.name, row.name_zh),
            "measure": said(MEASURES, row.measure), "observed": _sum(row.observed, row),
            "expected": _sum(row.expected, row), "lift": lift(row),
            "p": row.p_adjusted,
        }
        for row in rows
        if row.lift is not None
    ]  # fmt: skip


def _sum(value: float | None, row: EffectRow) -> Ranged:
    return Ranged(value or 0.0, figure(value, row.measure))


def _band(row: RateRow) -> str:
    form = current()
    if row.low is None or row.high is None:
        return tr("needs {n} more", n=form.integer(max(0, 4 - row.earlier)))
    return f"{form.percent(row.low)} – {form.percent(row.high)}"


def rate_lines(rows: Sequence[RateRow]) -> list[dict[str, Any]]:
    """Every campaign's answers."""
    return [
        {
            "code": row.campaign, "name": named(row.name, row.name_zh), "stage": said(STAGES, row.stage),
            "rate": row.rate,
            "band": _band(row), "state": said(STATES, row.state),
        }
        for row in rows
    ]  # fmt: skip


def evidence_lines(campaigns: Sequence[Advice], kept: Sequence[PlaybookRow]) -> list[dict[str, Any]]:
    """Kept playbooks, then single campaigns by what their holdout says of buyers, each the best lower end first."""
    form = current()
    found: list[dict[str, Any]] = [
        {
            "name": f"★ {row.name}", "people": "",
            "lift": Ranged(row.lift, f"{form.percent(row.lift)} ({form.percent(row.low)} – {form.percent(row.high)})"),
            "says": said(OUTLOOKS, "promising" if row.low > 0 else "harmful" if row.high < 0 else "unclear"),
        }
        for row in kept
    ]  # fmt: skip
    for one in campaigns:
        if one.buyers is not None:
            points = [form.decimal(v * 100, 1) for v in (one.buyers.difference, one.buyers.low, one.buyers.high)]
            words = tr("{points} pp", points=points[0]) + f" ({points[1]} – {points[2]})"
            found.append(
                {
                    "name": named(one.name, one.name_zh), "lift": Ranged(one.buyers.difference, words),
                    "people": f"{form.integer(one.buyers.sent)} / {form.integer(one.buyers.held)}",
                    "says": said(OUTLOOKS, one.buyers.verdict),
                }
            )  # fmt: skip
    return found
