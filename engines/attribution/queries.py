"""Reads for the Attribution page and command: credits, leagues, paths, holdouts, answers. SQL only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from models import settings
from models.store import Store

Conversion = Literal["purchase", "first", "visit"]
Dimension = Literal["channel", "campaign", "tenant"]
CONVERSIONS: tuple[Conversion, ...] = ("purchase", "first", "visit")
#: The models in the order of reading; time decay stands for the half-life that is set.
MODELS = ("first", "last", "linear", "decay", "position", "shapley", "markov")


@dataclass(frozen=True)
class Choice:
    """How to look: days of look-back, kind of conversion, model, half-life of decay in days, and what the mall
    keeps of a sale as a share (None where nobody set it: sales are then no return)."""

    lookback_days: int
    conversion: Conversion
    model: str
    half_life_days: int
    margin: float | None


@dataclass(frozen=True)
class Summary:
    """One way of looking; see the table `touch_summary`."""

    as_of: int
    from_day: str
    to_day: str
    people: int
    conversions: int
    value_minor: int
    touched: int
    touched_minor: int
    lost: int
    state: str


@dataclass(frozen=True)
class CreditRow:
    """A model's credit of one channel, campaign or tenant: conversions and minor units with P10 to P90."""

    model: str
    code: str
    conversions: float
    conversions_low: float
    conversions_high: float
    value_minor: int
    value_low_minor: int
    value_high_minor: int


@dataclass(frozen=True)
class LiftRow:
    """What a campaign's holdout says of one measure; see the table `campaign_effect`."""

    campaign: str
    measure: str
    tenant: str
    sent: int
    held: int
    sent_value: float
    held_value: float
    difference: float
    low: float
    high: float
    p: float
    p_adjusted: float
    total: float
    total_low: float
    total_high: float
    ratio_p: float | None
    ratio_state: str
    days_left: int

    @property
    def readable(self) -> bool:
        """Whether the groups came out as planned, so that the difference means something."""
        return self.ratio_state != "blocks"


@dataclass(frozen=True)
class Incremental:
    """What holdouts say a channel, campaign or tenant added, with a 95 % interval; `campaigns` were measured."""

    conversions: float
    conversions_low: float
    conversions_high: float
    value_minor: float
    value_low_minor: float
    value_high_minor: float
    campaigns: int


@dataclass(frozen=True)
class LeagueRow:
    """A line of a league: attributed beside incremental, and what was spent on it (minor units, None unknown)."""

    code: str
    name: str
    name_zh: str | None
    credit: CreditRow | None
    incremental: Incremental | None
    cost_minor: int | None

    def sales_per_cost(self) -> tuple[float, float, float] | None:
        """Incremental sales for each unit spent with the 95 % interval (middle, low, high): no return, since the goods
        cost something too. None without a holdout or a cost."""
        if self.incremental is None or not self.cost_minor:
            return None
        one, cost = self.incremental, self.cost_minor
        return one.value_minor / cost, one.value_low_minor / cost, one.value_high_minor / cost

    def attributed_sales_per_cost(self) -> float | None:
        """The same from attributed sales: what a model would say, not what was caused."""
        return self.credit.value_minor / self.cost_minor if self.credit and self.cost_minor else None

    def roi(self, margin: float | None) -> tuple[float, float, float] | None:
        """(incremental sales x margin - cost) / cost with its 95 % interval (middle, low, high); None without a
        holdout, a cost or a margin."""
        sales = self.sales_per_cost()
        if sales is None or margin is None:
            return None
        middle, low, high = (value * margin - 1 for value in sales)
        return middle, low, high

    def attributed_roi(self, margin: float | None) -> float | None:
        """The same from attributed sales."""
        sales = self.attributed_sales_per_cost()
        return None if sales is None or margin is None else sales * margin - 1


@dataclass(frozen=True)
class PathRow:
    """A path: channels in order, conversions after it, paths lost, money, mean days from its first touch."""

    path: str
    conversions: int
    lost: int
    value_minor: int
    mean_days: float | None


@dataclass(frozen=True)
class RateRow:
    """A campaign's rate of one stage beside the band of earlier campaigns; see the table `campaign_rate`."""

    campaign: str
    name: str
    name_zh: str | None
    stage: str
    people: int
    hits: int
    rate: float
    middle: float | None
    low: float | None
    high: float | None
    earlier: int
    state: str


def choice(store: Store, *, conversion: Conversion = "purchase", lookback_days: int | None = None,
           model: str | None = None) -> Choice:  # fmt: skip
    """How to look: what is asked for, else what is set."""
    days = lookback_days or int(settings.read(store, "attribution.lookback_days"))
    half = int(settings.read(store, "attribution.half_life_days"))
    margin = float(settings.read(store, "attribution.margin_share")) or None
    return Choice(days, conversion, model or str(settings.read(store, "attribution.model")), half, margin)


def summary(store: Store, look: Choice) -> Summary | None:
    """The way of looking, None before the engine ran."""
    names = ", ".join(Summary.__dataclass_fields__)
    sql = f"SELECT {names} FROM touch_summary WHERE lookback_days = ? AND conversion = ?"  # noqa: S608
    with store.read() as connection:
        row = connection.exec_driver_sql(sql, (look.lookback_days, look.conversion)).fetchone()
    return Summary(*row) if row else None


def credit(store: Store, look: Choice, dimension: Dimension) -> list[CreditRow]:
    """Every model's credits of a dimension, in the order of MODELS, the most conversions first."""
    names = ", ".join(CreditRow.__dataclass_fields__)
    sql = f"SELECT {names} FROM touch_credit WHERE lookback_days = ? AND conversion = ? AND dimension = ?"  # noqa: S608
    with store.read() as connection:
        rows = connection.exec_driver_sql(sql, (look.lookback_days, look.conversion, dimension)).fetchall()
    mine = {f"decay_{look.half_life_days}": "decay"}
    found = [CreditRow(mine.get(row[0], row[0]), *row[1:]) for row in rows]
    kept = [row for row in found if row.model in (*MODELS, "touched")]
    order = {model: i for i, model in enumerate((*MODELS, "touched"))}
    return sorted(kept, key=lambda row: (order[row.model], -row.conversions, row.code))


def shipped(look: Choice, rows: list[CreditRow]) -> str:
    """The model that is shown: the one wanted, or last touch where there are too few conversions for it."""
    have = {row.model for row in rows}
    return look.model if look.model in have else "last"


def lifts(store: Store, *, campaign: str | None = None, tenants: bool = False) -> list[LiftRow]:
    """Holdout results of one or all campaigns, the mall's (or each tenant's)."""
    names = ", ".join(LiftRow.__dataclass_fields__)
    sql = (
        f"SELECT {names} FROM campaign_effect WHERE (tenant <> '') = ? "  # noqa: S608
        "AND (? IS NULL OR campaign = ?) ORDER BY campaign, measure, tenant"
    )
    with store.read() as connection:
        return [LiftRow(*row) for row in connection.exec_driver_sql(sql, (int(tenants), campaign, campaign))]


def league(store: Store, look: Choice, dimension: Dimension) -> list[LeagueRow]:
    """Channels, campaigns or tenants: attributed by the model chosen beside incremental by holdouts, by money."""
    credits_ = credit(store, look, dimension)
    wanted = "touched" if dimension == "tenant" else shipped(look, credits_)
    by_code = {row.code: row for row in credits_ if row.model == wanted}
    campaigns = _campaigns(store)
    lifts_ = [row for row in lifts(store, tenants=dimension == "tenant") if row.readable and not row.days_left]
    added = _incremental(lifts_, dimension, campaigns)
    costs = _costs(campaigns, dimension)
    names = _names(store, dimension, campaigns)
    codes = dict.fromkeys([*by_code, *added, *costs])
    rows = [
        LeagueRow(code, *names.get(code, (code, None)), by_code.get(code), added.get(code), costs.get(code))
        for code in codes
    ]
    return sorted(rows, key=lambda row: (-(row.credit.value_minor if row.credit else 0), row.code))


def paths(store: Store, look: Choice) -> list[PathRow]:
    """The commonest paths, those that converted most first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT path, conversions, lost, value_minor, mean_days FROM touch_path "
            "WHERE lookback_days = ? AND conversion = ? ORDER BY conversions DESC, lost DESC, path",
            (look.lookback_days, look.conversion),
        )
        return [PathRow(*row) for row in rows]


def lags(store: Store, look: Choice) -> list[tuple[int, int]]:
    """(whole days since the first touch, conversions), in order of days."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT days, conversions FROM touch_lag WHERE lookback_days = ? AND conversion = ? ORDER BY days",
            (look.lookback_days, look.conversion),
        )
        return [(days, count) for days, count in rows]


def rates(store: Store) -> list[RateRow]:
    """Every campaign's rates of answer, the newest campaign first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT r.campaign, coalesce(c.name, r.campaign), c.name_zh, r.stage, r.people, r.hits, r.rate, r.middle, "
            "r.low, r.high, r.earlier, r.state FROM campaign_rate r LEFT JOIN campaign c ON c.code = r.campaign "
            "ORDER BY c.from_day DESC, r.campaign, r.stage DESC"
        )
        return [RateRow(*row) for row in rows]


def campaign_names(store: Store) -> dict[str, tuple[str, str | None]]:
    """Each campaign's names by its code."""
    return {code: (row["name"], row["name_zh"]) for code, row in _campaigns(store).items()}


def _campaigns(store: Store) -> dict[str, dict[str, Any]]:
    """Campaigns by code with what was spent on them: money booked, else the budget."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT c.code, c.name, c.name_zh, c.channel, coalesce((SELECT sum(m.amount_minor) FROM money_line m "
            "WHERE m.campaign_id = c.id AND m.side = 'cost'), c.budget_minor) FROM campaign c"
        ).fetchall()
    return {r[0]: {"name": r[1], "name_zh": r[2], "channel": r[3], "cost": r[4]} for r in rows}


def _incremental(
    rows: list[LiftRow], dimension: Dimension, campaigns: Mapping[str, Mapping[str, Any]]
) -> dict[str, Incremental]:
    """Sums over campaigns; variances of independent campaigns add, so their intervals' half-widths do by squares."""
    groups: dict[str, dict[str, list[LiftRow]]] = {}
    for row in rows:
        known = campaigns.get(row.campaign, {})
        code = {"channel": known.get("channel"), "campaign": row.campaign, "tenant": row.tenant}[dimension]
        if code is not None and row.measure in ("receipts", "spend"):
            groups.setdefault(code, {}).setdefault(row.measure, []).append(row)
    return {code: _added(measures) for code, measures in groups.items()}


def _added(measures: Mapping[str, list[LiftRow]]) -> Incremental:
    receipts, spend = (_total(measures.get(measure, [])) for measure in ("receipts", "spend"))
    return Incremental(*receipts, *spend, len({row.campaign for rows in measures.values() for row in rows}))


def _total(rows: list[LiftRow]) -> tuple[float, float, float]:
    total = sum(row.total for row in rows)
    half = float(sum(((row.total_high - row.total_low) / 2) ** 2 for row in rows) ** 0.5)
    return total, total - half, total + half


def _costs(campaigns: Mapping[str, Mapping[str, Any]], dimension: Dimension) -> dict[str, int]:
    if dimension == "tenant":
        return {}
    added: dict[str, int] = {}
    for code, row in campaigns.items():
        if row["cost"]:
            key = code if dimension == "campaign" else row["channel"]
            added[key] = added.get(key, 0) + row["cost"]
    return added


def _names(
    store: Store, dimension: Dimension, campaigns: Mapping[str, Mapping[str, Any]]
) -> dict[str, tuple[str, str | None]]:
    if dimension == "campaign":
        return {code: (row["name"], row["name_zh"]) for code, row in campaigns.items()}
    if dimension == "channel":
        return {}
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT code, name, name_zh FROM tenant").fetchall()
    return {code: (name, name_zh) for code, name, name_zh in rows}
