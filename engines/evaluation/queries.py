"""Reads for the Evaluation page and command: what was evaluated, each result in full, and what the past advises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from engines.attribution.queries import LiftRow, campaign_names, lifts
from engines.evaluation.advisor import Evidence, Holdout, Outlook, holdout, outlook, smallest_lift
from models.errors import Known
from models.store import Store

MEASURES = ("footfall", "sales", "people", "first_timers")


@dataclass(frozen=True)
class EffectRow:
    """Observed against expected of one place and phase; see the table `occasion_effect`. `name` is the place's."""

    baseline: str
    measure: str
    scope: str
    scope_code: str
    phase: str
    days: int
    observed: float | None
    expected: float | None
    lift: float | None
    low: float | None
    high: float | None
    p: float | None
    p_adjusted: float | None
    placebos: int
    state: str
    note: str
    name: str = ""
    name_zh: str | None = None

    @property
    def verdict(self) -> str:
        """up or down where the interval (and, of many places, the corrected p) leaves 0 out; else unclear or short."""
        if self.low is None or self.high is None:
            return "short"
        sure = self.scope == "mall" or (self.p_adjusted is not None and self.p_adjusted < 0.05)
        return "up" if sure and self.low > 0 else "down" if sure and self.high < 0 else "unclear"


@dataclass(frozen=True)
class SubjectRow:
    """An occasion or campaign in the list, with its effect on its measure under the baseline in force.

    `assigned` is the baseline assigned first, `baseline` the one in force; `accepted` by whom, None where nobody did.
    """

    subject: str
    code: str
    name: str
    name_zh: str | None
    kind: str
    scope: str
    scope_code: str | None
    from_day: str
    to_day: str
    cost_minor: int | None
    assigned: str
    weeks: int
    baseline: str
    accepted: str | None
    effect: EffectRow | None


@dataclass(frozen=True)
class DayRow:
    """A day around the subject: observed, expected with P5 to P95, and its phase."""

    day: str
    phase: str
    observed: float | None
    expected: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Cost:
    """What one more visit cost, in minor units: cost / visits added, with the ends of the effect's interval.

    `high` is None where the interval reaches 0: no upper end can be told.
    """

    middle: float | None
    low: float
    high: float | None


@dataclass(frozen=True)
class Detail:
    """A subject's results under one baseline: effects on the mall under every baseline, places, days, quiet lifts."""

    row: SubjectRow
    effects: tuple[EffectRow, ...]
    places: tuple[EffectRow, ...]
    days: tuple[DayRow, ...]
    quiet: tuple[float, ...]
    cost: Cost | None
    first_share: tuple[float, float] | None
    choices: tuple[tuple[str, str, str, int], ...]


@dataclass(frozen=True)
class Advice:
    """What a channel's (or one campaign's) past says of the next: lifts per person in money and in buyers."""

    code: str
    name: str
    name_zh: str | None
    channel: str
    spend: Outlook
    buyers: Outlook | None
    base: float


@dataclass(frozen=True)
class AudiencePlan:
    """A plan for an audience: money expected (low, middle, high), how many to hold back, the least lift 10 % show."""

    spend: tuple[float, float, float]
    holdout: Holdout
    smallest: float | None


@dataclass(frozen=True)
class PlaybookRow:
    """A kept playbook with what it had changed when it was kept."""

    code: str
    name: str
    subject: str
    subject_code: str
    channel: str | None
    days: int
    measure: str
    lift: float
    low: float
    high: float
    note: str | None
    actor: str
    at: int


_SUBJECTS = """
SELECT 'occasion' AS subject, o.code, o.name, o.name_zh, o.kind, o.scope, o.scope_code, o.from_day, o.to_day,
  coalesce((SELECT sum(m.amount_minor) FROM money_line m WHERE m.occasion_id = o.id AND m.side = 'cost'), o.cost_minor),
  o.baseline, o.baseline_weeks FROM occasion o
UNION ALL
SELECT 'campaign', c.code, c.name, c.name_zh, c.channel, 'mall', NULL, c.from_day, c.to_day,
  coalesce((SELECT sum(m.amount_minor) FROM money_line m WHERE m.campaign_id = c.id AND m.side = 'cost'),
    c.budget_minor), 'weeks', 4 FROM campaign c
ORDER BY 8 DESC, 1, 2
"""
_NAMES = tuple(EffectRow.__dataclass_fields__)[:-2]


def subjects(store: Store) -> list[SubjectRow]:
    """Every occasion and campaign, the newest first, with its effect on footfall (sales where nobody counts)."""
    picked = "SELECT subject, code, baseline FROM baseline_choice ORDER BY number"
    with store.read() as connection:
        rows = [tuple(row) for row in connection.exec_driver_sql(_SUBJECTS)]
        chosen = connection.exec_driver_sql(picked).fetchall()
        accepted = connection.exec_driver_sql("SELECT subject, code, actor FROM accepted_result").fetchall()
        effects = connection.exec_driver_sql(
            f"SELECT subject, code, {', '.join(_NAMES)} FROM occasion_effect "  # noqa: S608 - declared names
            "WHERE scope = 'mall' AND phase = 'during' AND measure IN ('footfall', 'sales')"
        ).fetchall()
    force = {(s, c): baseline for s, c, baseline in chosen}
    hands = {(s, c): actor for s, c, actor in accepted}
    found = {(e[0], e[1], e[2], e[3]): EffectRow(*e[2:]) for e in effects}
    made = []
    for row in rows:
        key, baseline = (row[0], row[1]), force.get((row[0], row[1]), row[10])
        effect = _shown(found.get((*key, baseline, "footfall")), found.get((*key, baseline, "sales")))
        made.append(SubjectRow(*(*row, baseline, hands.get(key), effect)))
    return made


def subject(store: Store, code: str, kind: str | None = None) -> SubjectRow:
    """The occasion or campaign of that code. Raises Known where there is none."""
    for row in subjects(store):
        if row.code == code and kind in (None, row.subject):
            return row
    raise Known(f"There is no occasion or campaign '{code}'.", "Run: python main.py evaluation list", code=2)


def detail(store: Store, row: SubjectRow, baseline: str | None = None, measure: str = "footfall") -> Detail:
    """A subject's results under a baseline (the one in force where none is given)."""
    shown, key = baseline or row.baseline, (row.subject, row.code)
    with store.read() as connection:
        effects = [EffectRow(*r) for r in connection.exec_driver_sql(
            f"SELECT {', '.join(_NAMES)} FROM occasion_effect WHERE subject = ? AND code = ? AND scope = 'mall'",  # noqa: S608
            key,
        )]  # fmt: skip
        days = connection.exec_driver_sql(
            "SELECT day, phase, observed, expected, low, high FROM occasion_day "
            "WHERE subject = ? AND code = ? AND baseline = ? AND measure = ? ORDER BY day",
            (*key, shown, measure),
        ).fetchall()
        quiet = connection.exec_driver_sql(
            "SELECT lift FROM occasion_placebo WHERE subject = ? AND code = ? AND baseline = ? AND measure = ? "
            "ORDER BY first_day",
            (*key, shown, measure),
        ).fetchall()
        choices = connection.exec_driver_sql(
            "SELECT baseline, reason, actor, at FROM baseline_choice WHERE subject = ? AND code = ? ORDER BY number",
            key,
        ).fetchall()
    mine = [e for e in effects if e.baseline == shown]
    return Detail(
        row, tuple(effects), tuple(_places(store, key, shown)), tuple(DayRow(*d) for d in days),
        tuple(q[0] for q in quiet), _cost(row.cost_minor, _one(mine, "footfall")), _first_share(mine),
        tuple((c[0], c[1], c[2], c[3]) for c in choices),
    )  # fmt: skip


def advice(store: Store) -> list[Advice]:
    """Channels by what their campaigns' holdouts measured, the best lower end first; empty without a holdout."""
    with store.read() as connection:
        channel = dict(connection.exec_driver_sql("SELECT code, channel FROM campaign").fetchall())
    usable = [row for row in lifts(store) if row.readable and not row.days_left]
    groups: dict[str, list[LiftRow]] = {}
    for row in usable:
        if row.campaign in channel:
            groups.setdefault(channel[row.campaign], []).append(row)
    made = [one for code, rows in groups.items() if (one := _advice(code, (code, None), code, rows)) is not None]
    return sorted(made, key=lambda one: (-one.spend.low, one.code))


def campaign_advice(store: Store) -> list[Advice]:
    """Single campaigns by what their own holdout measured, the best lower end first."""
    names = campaign_names(store)
    groups: dict[str, list[LiftRow]] = {}
    for row in lifts(store):
        if row.readable and not row.days_left:
            groups.setdefault(row.campaign, []).append(row)
    found = (_advice(code, names.get(code, (code, None)), "", rows) for code, rows in groups.items())
    return sorted((one for one in found if one is not None), key=lambda one: (-one.spend.low, one.code))


def plan(advice_: Advice, audience: int) -> AudiencePlan:
    """What an audience of that size may bring, how many to hold back, and what a tenth held back could show."""
    lift = advice_.buyers.difference if advice_.buyers else 0.0
    return AudiencePlan(
        advice_.spend.for_audience(audience),
        holdout(audience, advice_.base, lift) if lift > 0 else Holdout(None, 0.0),
        smallest_lift(audience, 0.1, advice_.base),
    )


def playbooks(store: Store) -> list[PlaybookRow]:
    """Kept playbooks, the best lower end first."""
    names = ", ".join(PlaybookRow.__dataclass_fields__)
    with store.read() as connection:
        rows = connection.exec_driver_sql(f"SELECT {names} FROM playbook ORDER BY low DESC, code")  # noqa: S608
        return [PlaybookRow(*row) for row in rows]


def places(store: Store, table: Literal["zone", "tenant"]) -> list[tuple[str, str, str | None]]:
    """(code, name, Chinese name) of every zone or tenant, by name: what an occasion may be for."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(f"SELECT code, name, name_zh FROM {table} ORDER BY name, code")  # noqa: S608
        return [(code, name, name_zh) for code, name, name_zh in rows]


def _advice(code: str, names: tuple[str, str | None], channel: str, rows: list[LiftRow]) -> Advice | None:
    spend = outlook([_evidence(r) for r in rows if r.measure == "spend"])
    if spend is None:
        return None
    bought = [r for r in rows if r.measure == "buyers"]
    held = sum(r.held for r in bought)
    base = sum(r.held_value * r.held for r in bought) / held if held else 0.0
    return Advice(code, *names, channel, spend, outlook([_evidence(r) for r in bought]), base)


def _evidence(row: LiftRow) -> Evidence:
    return Evidence(row.difference, row.low, row.high, row.sent, row.held)


def _places(store: Store, key: tuple[str, str], baseline: str) -> list[EffectRow]:
    """Tenants and zones while it lasted, the surest first; a model has no figures of places, so they go by weeks."""
    rule = "weeks" if baseline == "model" else baseline
    columns = ", ".join(f"e.{name}" for name in _NAMES)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT {columns}, coalesce(t.name, z.name, e.scope_code), coalesce(t.name_zh, z.name_zh) "  # noqa: S608
            "FROM occasion_effect e LEFT JOIN tenant t ON e.scope = 'tenant' AND t.code = e.scope_code "
            "LEFT JOIN zone z ON e.scope = 'zone' AND z.code = e.scope_code "
            "WHERE e.subject = ? AND e.code = ? AND e.baseline = ? AND e.scope <> 'mall' AND e.phase = 'during' "
            "ORDER BY e.p_adjusted IS NULL, e.p_adjusted, e.scope, e.scope_code",
            (*key, rule),
        )
        return [EffectRow(*row) for row in rows]


def _shown(footfall: EffectRow | None, sales: EffectRow | None) -> EffectRow | None:
    return footfall if footfall is not None and footfall.lift is not None else sales or footfall


def _one(rows: list[EffectRow], measure: str, phase: str = "during") -> EffectRow | None:
    return next((r for r in rows if r.measure == measure and r.phase == phase), None)


def _cost(cost: int | None, effect: EffectRow | None) -> Cost | None:
    """None without a cost or where footfall's interval is not above 0 even at its upper end."""
    if not cost or effect is None or effect.observed is None or effect.low is None or effect.high is None:
        return None
    low, middle, high = (
        effect.observed * (1 - 1 / (1 + lift)) for lift in (effect.low, effect.lift or 0.0, effect.high)
    )
    if high <= 0:
        return None
    return Cost(cost / middle if middle > 0 else None, cost / high, cost / low if low > 0 else None)


def _first_share(rows: list[EffectRow]) -> tuple[float, float] | None:
    """The share of known people who came for the first time, while it lasted and as expected; None where unknown."""
    people, fresh = _one(rows, "people"), _one(rows, "first_timers")
    figures: list[Any] = [getattr(r, n, None) for n in ("observed", "expected") for r in (fresh, people)]
    if not all(figures):
        return None
    return figures[0] / figures[1], figures[2] / figures[3]
