"""The mall's sales figures over days of which the newest may not be summed yet, or may still be running.

Days come from kpi_fact as far as it keeps them; the others are added up from receipts and counts, by the same
formulas (catalogue of key figures, `engines.kpi`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from engines.footfall import queries as footfall
from engines.kpi import queries as kpi
from engines.sales.queries import LATE, Days, split
from models.connection import Connection
from models.store import Store

FIGURES = (
    "sales", "transactions", "avg_basket", "conversion", "sales_per_visitor", "sales_per_sqm", "member_sales_share",
    "refunds",
)  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A key figure (money in minor units, shares 0 to 1); None where one of its parts is not known.

    `running` is true where days count that kpi_fact does not hold, so that its figure would differ.
    """

    kpi: str
    value: float | None
    running: bool = False


@dataclass(frozen=True)
class _Sums:
    """What the figures are made of. `visited_*` are of days with counts only."""

    sales: float = 0.0
    transactions: float = 0.0
    refunds: float = 0.0
    members: float = 0.0
    rows: int = 0
    visits: float = 0.0
    visited_sales: float = 0.0
    visited_transactions: float = 0.0

    def plus(self, other: _Sums, sign: int = 1) -> _Sums:
        names = self.__dataclass_fields__
        return _Sums(**{name: getattr(self, name) + sign * getattr(other, name) for name in names})


def figures(store: Store, from_day: str, to_day: str, *, until_minute: int | None = None) -> dict[str, Figure]:
    """The figures of `FIGURES` over the days, both in it.

    `until_minute` (local, 0 to 1439) ends the last day there, for a fair comparison with a day that is still
    running; receipts without a time of day do not count on that day.
    """
    with store.read() as connection:
        kept, parts = split(connection, from_day, to_day)
    sums = _kept(store, *kept) if kept else _Sums()
    for part in parts:
        sums = sums.plus(_fresh(store, *part))
    if until_minute is not None:
        sums = sums.plus(_late(store, to_day, until_minute), -1)
    return _made(sums, _area(store, kept, to_day), running=bool(parts))


def daily_figures(store: Store, from_day: str, to_day: str) -> dict[str, list[float | None]]:
    """Each figure's value on every summed day of the period, None where the day has none."""
    first, last = date.fromisoformat(from_day), date.fromisoformat(to_day)
    days = [(first + timedelta(days=i)).isoformat() for i in range((last - first).days + 1)]
    found = {}
    for name in FIGURES:
        known = {p.period: p.value for p in kpi.series(store, name, "day", from_day, to_day)}
        found[name] = [known.get(day) for day in days]
    return found


def _made(sums: _Sums, area: float | None, *, running: bool) -> dict[str, Figure]:
    known = sums.rows > 0
    pairs: dict[str, tuple[float, float | None]] = {
        "sales": (sums.sales, 1.0), "transactions": (sums.transactions, 1.0), "refunds": (sums.refunds, 1.0),
        "avg_basket": (sums.sales, sums.transactions), "member_sales_share": (sums.members, sums.sales),
        "conversion": (sums.visited_transactions, sums.visits), "sales_per_visitor": (sums.visited_sales, sums.visits),
        "sales_per_sqm": (sums.sales, area),
    }  # fmt: skip
    made = {}
    for name in FIGURES:
        top, under = pairs[name]
        value = top / under if known and under is not None and under > 0 else None
        made[name] = Figure(name, value, running)
    return made


def _kept(store: Store, from_day: str, to_day: str) -> _Sums:
    """The whole days that kpi_fact holds."""
    wanted = ("sales", "transactions", "refunds", "member_sales_share", "conversion", "sales_per_visitor")
    values = {name: kpi.period_value(store, name, from_day, to_day) for name in wanted}
    top = {name: value.numerator or 0.0 for name, value in values.items()}
    visits = values["conversion"].denominator
    return _Sums(
        top["sales"], top["transactions"], top["refunds"], top["member_sales_share"], values["sales"].rows,
        visits or 0.0, top["sales_per_visitor"] if visits else 0.0, top["conversion"] if visits else 0.0,
    )  # fmt: skip


def _fresh(store: Store, from_day: str, to_day: str) -> _Sums:
    """Days that no run has summed: receipts, and counts where there are any."""
    with store.read() as connection:
        days = _by_day(connection, "s.day BETWEEN ? AND ?", (from_day, to_day))
    made = _Sums()
    for day, sums in days.items():
        made = made.plus(sums).plus(_visited(store, day, sums, 0))
    return made


def _late(store: Store, day: str, minute: int) -> _Sums:
    """What a day had from a minute on."""
    with store.read() as connection:
        sums = _by_day(connection, f"s.day = ? AND {LATE}", (day, minute)).get(day, _Sums())
    return sums.plus(_visited(store, day, sums, minute))


def _by_day(connection: Connection, where: str, values: tuple[str | int, ...]) -> dict[str, _Sums]:
    rows = connection.exec_driver_sql(
        "SELECT s.day, sum(s.net_minor), sum(CASE WHEN s.net_minor < 0 THEN 0 ELSE s.txns END), "  # noqa: S608
        "sum(CASE WHEN s.net_minor < 0 THEN -s.net_minor ELSE 0 END), sum(CASE WHEN EXISTS (SELECT 1 FROM "
        "identifier_owner i JOIN member m ON m.person_id = i.person_id WHERE i.identifier_id = s.identifier_id) "
        f"THEN s.net_minor ELSE 0 END), count(*) FROM sale s WHERE {where} GROUP BY s.day",
        values,
    )
    return {day: _Sums(*sums) for day, *sums in rows}


def _visited(store: Store, day: str, sums: _Sums, from_minute: int) -> _Sums:
    """The day's entries from a minute on, with the sales they belong to; nothing where nobody was counted."""
    curve = footfall.day_curve(store, day)
    entries = [
        n for minute, n in zip(curve.minutes, curve.entries, strict=True) if n is not None and minute >= from_minute
    ]
    if not entries:
        return _Sums()
    return _Sums(visits=sum(entries), visited_sales=sums.sales, visited_transactions=sums.transactions)


def _area(store: Store, kept: Days | None, to_day: str) -> float | None:
    """Mean m2 let on the kept days, else what is let on the last day."""
    mean = kpi.period_value(store, "sales_per_sqm", *kept).denominator if kept else None
    if mean:
        return mean
    with store.read() as connection:
        let: float | None = connection.exec_driver_sql(
            "SELECT sum(u.gla_m2) FROM unit u WHERE EXISTS (SELECT 1 FROM lease l WHERE l.unit_id = u.id "
            "AND l.from_day <= ? AND l.to_day >= ?)",
            (to_day, to_day),
        ).scalar_one()
    return let
