"""Cohort tables filled out: every month of every cohort, with what is not over marked as censored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

RETURN_DAYS = (1, 3, 7, 14, 30, 60, 90)
Cell = dict[str, Any]


def month_number(day: str) -> int:
    """Year x 12 + month of an ISO day or month."""
    return int(day[:4]) * 12 + int(day[5:7])


def month_name(number: int) -> str:
    """The ISO month of a month's number."""
    year, month = divmod(number - 1, 12)
    return f"{year:04d}-{month + 1:02d}"


def month_cells(rows: Iterable[Mapping[str, Any]], day: str) -> list[Cell]:
    """A cell for each cohort and each of its months up to that of `day`, which is still running and so censored.

    `rows` are those of cohort_months.sql. A month without a row is a month in which nobody did anything: zeros.
    """
    now, sizes, found = month_number(day), dict[tuple[str, int], int](), dict[tuple[str, int, int], Mapping[str, Any]]()
    for row in rows:
        if row["age"] < 0:
            sizes[row["kind"], row["cohort"]] = int(row["returned"])
        else:
            found[row["kind"], row["cohort"], row["age"]] = row
    made = []
    for (kind, cohort), people in sorted(sizes.items()):
        for age in range(now - cohort + 1):
            row = found.get((kind, cohort, age), {})
            sums = {name: int(row.get(name, 0)) for name in ("returned", "engaged", "revenue_minor")}
            made.append(_cell("month", kind, cohort, age, people, **sums, censored=int(cohort + age == now)))
    return made


def return_cells(rows: Iterable[Mapping[str, Any]]) -> list[Cell]:
    """Cells of who came back within so many days; `people` are those whose days are over."""
    return [
        _cell(
            "day", r["kind"], r["cohort"], r["age"], int(r["people"]), returned=int(r["returned"]), engaged=0,
            revenue_minor=0, censored=int(r["people"] < r["size"]),
        )
        for r in rows
    ]  # fmt: skip


def _cell(grain: str, kind: str, cohort: int, age: int, people: int, **sums: int) -> Cell:
    return {"grain": grain, "kind": kind, "cohort": month_name(cohort), "age": age, "people": people, **sums}
