"""Leases from the mart's frames as terms."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from engines.finance.leases import Terms

if TYPE_CHECKING:
    import pyarrow as pa


def terms_of(lease: pa.Table, unit: pa.Table, tenant: pa.Table) -> list[Terms]:
    """Every lease of a known tenant and unit, by code; the area of a unit without one counts as 1 m2."""
    units = {row["id"]: row for row in unit.select(["id", "code", "gla_m2"]).to_pylist()}
    tenants = {row["id"]: row["code"] for row in tenant.select(["id", "code"]).to_pylist()}
    made = [_terms(r, units[r["unit_id"]], tenants[r["tenant_id"]]) for r in lease.to_pylist()
            if r["unit_id"] in units and r["tenant_id"] in tenants]  # fmt: skip
    return sorted(made, key=lambda t: t.code)


def _terms(row: dict[str, Any], unit: dict[str, Any], tenant: str) -> Terms:
    first, last = (date.fromisoformat(row[name]) for name in ("from_day", "to_day"))
    fixed = (row["base_rent_minor"], row["service_charge_minor"] or 0, row["levy_minor"] or 0)
    return Terms(
        row["code"], unit["code"], tenant, first, last, *fixed, row["turnover_pct"], row["breakpoint_minor"],
        float(unit["gla_m2"] or 1.0),
    )  # fmt: skip
