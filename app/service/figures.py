"""The key figures by which a copy of a store is known to say the same as the store: every KPI, and plain sums."""

from __future__ import annotations

from datetime import date, timedelta

from models.store import Store

DAYS = 28
#: Sums over whole tables, so that a copy is not only compared in what analyses have kept.
SUMS = {
    "sales booked": "SELECT ifnull(sum(gross_minor), 0) FROM sale",
    "people counted": "SELECT ifnull(sum(n), 0) FROM count_bucket",
}


def key_figures(store: Store) -> dict[str, float | None]:
    """Every KPI of the mall over the newest 28 days that it is kept for, and the sums; None: there is no figure.

    The days are found in the store itself, so a copy gives the same whenever it is asked.
    """
    from engines.kpi.catalogue import CATALOGUE
    from engines.kpi.queries import period_value

    with store.read() as connection:
        last = connection.exec_driver_sql("SELECT max(period) FROM kpi_fact WHERE grain = 'day'").scalar()
        found: dict[str, float | None] = {
            name: float(connection.exec_driver_sql(sql).scalar_one()) for name, sql in SUMS.items()
        }
    if last is None:
        return found
    first = (date.fromisoformat(last) - timedelta(days=DAYS - 1)).isoformat()
    for kpi in CATALOGUE:
        if kpi.computed and not kpi.live:
            found[kpi.id] = period_value(store, kpi.id, first, last).value
    return found


def differing(found: dict[str, float | None], told: dict[str, float | None]) -> list[str]:
    """Which figures are not what was told of them, in words."""
    return [f"{name} is {found.get(name)}, not {value}" for name, value in told.items() if found.get(name) != value]
