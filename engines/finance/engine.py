"""The card of Finance: what each lease brings by month, and each tenant's sales by month and tier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engines.contract import Engine, Figure, Frames, Moment, as_frame
from engines.finance.leases import Holding, Rent, fixed_rents, holdings
from engines.finance.months import first_of, last_of, month_of, shifted
from engines.finance.reading import terms_of
from engines.finance.shares import rounded
from models.errors import NotEnoughData
from models.mart import MART
from models.relations import Column, Relation, of_table
from models.tables import TABLES

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

HERE = Path(__file__).parent
MONTHS_BACK = 37
RENT_MONTH, SALES_MONTH = of_table(TABLES["rent_month"]), of_table(TABLES["sales_month"])
TENANT_DAYS = Relation(
    "tenant_days",
    (Column("day", "day"), Column("tenant_code", "text"), Column("gross_minor", "int"), Column("net_minor", "int"),
     Column("txns", "int")),
    ("day", "tenant_code"),
    HERE / "tenant_days.sql",
)  # fmt: skip
SALES_MONTHS = Relation(
    "sales_months",
    (Column("month", "text"), Column("tenant_code", "text"), Column("tier", "text"), Column("gross_minor", "int"),
     Column("net_minor", "int"), Column("txns", "int")),
    ("month", "tenant_code", "tier"),
    HERE / "sales_months.sql",
)  # fmt: skip


def run(
    moment: Moment, *, lease: pa.Table, unit: pa.Table, tenant: pa.Table, tenant_days: pa.Table, sales_months: pa.Table
) -> Frames:
    """The last 37 whole months of every lease, and sales of every whole month.

    Raises NotEnoughData where there is neither a lease nor a whole month of sales.
    """
    last = shifted(month_of(moment.date), -1)
    terms = terms_of(lease, unit, tenant)
    if not terms and not sales_months.num_rows:
        raise NotEnoughData(
            "There are no leases and no whole month of sales yet.",
            "Import leases, or the tills' export of a whole month.",
            missing_zh="还没有租约，也没有完整月份的销售数据。请导入租约或整月的收银数据。",
        )
    rents = rents_by_month(holdings(terms), tenant_days, shifted(last, 1 - MONTHS_BACK), last, moment)
    return {"rent_month": _frame(rents), "sales_month": as_frame(SALES_MONTH, sales_months.to_pydict())}


def rents_by_month(held: Sequence[Holding], tenant_days: pa.Table, first: str, last: str, moment: Moment) -> list[Rent]:
    """Fixed and turnover rents of the months from `first` to `last`."""
    from engines.finance.turnover import running_due, sales_grid, sold_by_lease

    columns = [tenant_days.column(name).to_pylist() for name in ("day", "tenant_code", "gross_minor")]
    grid = sales_grid(list(zip(*columns, strict=True)), moment.date)
    sold = sold_by_lease(held, grid)
    due = {
        h.terms.code: running_due(h.terms, sold[h.terms.code], grid.first)
        for h in held
        if h.terms.pct and h.terms.code in sold
    }
    rents = fixed_rents(held, first, last)
    return [_with_turnover(rent, due.get(rent.lease), (grid.first.toordinal(), grid.days)) for rent in rents]


def _with_turnover(rent: Rent, due: np.ndarray | None, grid: tuple[int, int]) -> Rent:
    """The month's part as the difference of rounded running totals: months add up to the year's."""
    from fractions import Fraction

    if due is None:
        return rent
    start, days = grid
    a, b = first_of(rent.month).toordinal() - start, last_of(rent.month).toordinal() - start + 1
    if b <= 0 or a >= days:
        return rent
    upto, before = (rounded(Fraction(float(due[i - 1]))) if i > 0 else 0 for i in (min(b, days), a))
    return replace(rent, turnover=upto - before)


def _frame(rents: Sequence[Rent]) -> pa.Table:
    names = ("month", "lease", "unit", "tenant", "held", "base", "service", "levy", "turnover")
    columns = {c: [getattr(r, n) for r in rents] for c, n in zip(RENT_MONTH.names(), names, strict=True)}
    return as_frame(RENT_MONTH, columns)


ENGINE = Engine(
    name="finance",
    title="Income by lease and month",
    title_zh="租约月度收入",
    version=1,
    run=run,
    takes=(MART["lease"], MART["unit"], MART["tenant"], TENANT_DAYS, SALES_MONTHS),
    gives=(RENT_MONTH, SALES_MONTH),
    every="02:10",
    figures=(
        Figure(
            "table",
            "Rent by lease and month",
            "租约月度租金",
            "rent_month",
            ("month", "lease_code", "tenant_code", "base_minor", "service_minor", "levy_minor", "turnover_minor"),
        ),
    ),
    about="What each lease brings in each month by its own terms (base rent, service charge, levy, turnover rent), "
    "accrued by the day, and each tenant's sales by month and by the tier of who bought.",
    about_zh="按租约条款逐日计提的每月收入（基本租金、物业费、推广费、提成租金），以及各租户按月、按会员等级的销售额。",
)
