"""The rows behind a figure: the facts it was computed from, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engines.kpi.catalogue import definition
from engines.kpi.definition import Kpi
from models.store import Store

Key = tuple[Any, ...]


@dataclass(frozen=True)
class RowSet:
    """How the rows of a relation are read: columns, tables, the condition on days, and the order that pages them."""

    relation: str
    columns: tuple[tuple[str, str], ...]
    tables: str
    days: str
    order: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """A page of rows: `after` asks for the next one, None at the end."""

    relation: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    after: Key | None


SALE = RowSet(
    "sale",
    (("day", "s.day"), ("minute", "s.minute"), ("tenant", "t.code"), ("gross_minor", "s.gross_minor"),
     ("net_minor", "s.net_minor"), ("txns", "s.txns"), ("basis", "s.basis"), ("payment", "s.payment"),
     ("source", "o.code"), ("source_key", "s.source_key")),
    "sale s JOIN source o ON o.id = s.source_id LEFT JOIN tenant t ON t.id = s.tenant_id",
    "s.day BETWEEN :first AND :last",
    ("s.day", "s.rowid"),
)  # fmt: skip
COUNT = RowSet(
    "count_bucket",
    (("day", "c.day"), ("minute", "c.minute"), ("gate", "g.code"), ("direction", "c.direction"), ("n", "c.n"),
     ("staff_n", "c.staff_n"), ("seconds_observed", "c.seconds_observed"), ("source", "o.code"),
     ("revision", "c.revision")),
    "count_bucket c JOIN gate g ON g.id = c.gate_id JOIN source o ON o.id = c.source_id",
    "c.day BETWEEN :first AND :last",
    ("c.day", "c.gate_id", "c.bucket_start", "c.direction", "c.source_id", "c.revision"),
)  # fmt: skip
DWELL = RowSet(
    "dwell_bucket",
    (("day", "d.day"), ("minute", "d.minute"), ("zone", "z.code"), ("band", "d.band"), ("n", "d.n"),
     ("seconds_total", "d.seconds_total"), ("revision", "d.revision")),
    "dwell_bucket d JOIN zone z ON z.id = d.zone_id",
    "d.day BETWEEN :first AND :last",
    ("d.day", "d.zone_id", "d.bucket_start", "d.band", "d.source_id", "d.revision"),
)  # fmt: skip
ZONE = RowSet(
    "zone_bucket",
    (("day", "b.day"), ("minute", "b.minute"), ("zone", "z.code"), ("visits", "b.visits"),
     ("seconds_total", "b.seconds_total"), ("unserved", "b.unserved"), ("queue_max", "b.queue_max"),
     ("seconds_observed", "b.seconds_observed"), ("source", "o.code"), ("revision", "b.revision")),
    "zone_bucket b JOIN zone z ON z.id = b.zone_id JOIN source o ON o.id = b.source_id",
    "b.purpose = 'queue' AND b.day BETWEEN :first AND :last",
    ("b.day", "b.zone_id", "b.bucket_start", "b.source_id", "b.revision"),
)  # fmt: skip
CHECK = RowSet(
    "accuracy_check",
    (("day", "k.day"), ("camera", "k.camera"), ("line", "k.line"), ("true_in", "k.true_in"),
     ("true_out", "k.true_out"), ("counted_in", "k.counted_in"), ("counted_out", "k.counted_out"),
     ("missed", "k.missed"), ("spurious", "k.spurious"), ("actor", "k.actor")),
    "accuracy_check k",
    "k.day BETWEEN :first AND :last",
    ("k.day", "k.id"),
)  # fmt: skip
ACTIVITY = RowSet(
    "activity",
    (("day", "a.day"), ("minute", "a.minute"), ("kind", "a.kind"), ("campaign", "c.code"), ("tenant", "t.code"),
     ("score", "a.score"), ("source", "o.code"), ("source_key", "a.source_key")),
    "activity a JOIN source o ON o.id = a.source_id LEFT JOIN campaign c ON c.id = a.campaign_id "
    "LEFT JOIN tenant t ON t.id = a.tenant_id",
    "a.day BETWEEN :first AND :last",
    ("a.day", "a.rowid"),
)  # fmt: skip
MEMBER = RowSet(
    "member",
    (("joined_day", "m.joined_day"), ("tier", "m.tier"), ("channel", "m.channel"), ("state", "m.state")),
    "member m",
    "m.joined_day <= :last",
    ("m.joined_day", "m.rowid"),
)
LEASE = RowSet(
    "lease",
    (("code", "l.code"), ("unit", "u.code"), ("tenant", "t.code"), ("from_day", "l.from_day"),
     ("to_day", "l.to_day"), ("gla_m2", "u.gla_m2"), ("base_rent_minor", "l.base_rent_minor"),
     ("service_charge_minor", "l.service_charge_minor"), ("levy_minor", "l.levy_minor"),
     ("turnover_pct", "l.turnover_pct"), ("breakpoint_minor", "l.breakpoint_minor")),
    "lease l JOIN unit u ON u.id = l.unit_id JOIN tenant t ON t.id = l.tenant_id",
    "l.from_day <= :last AND l.to_day >= :first",
    ("l.code",),
)  # fmt: skip
DECLARATION = RowSet(
    "declaration",
    (("lease", "l.code"), ("period", "d.period"), ("revision", "d.revision"), ("gross_minor", "d.gross_minor"),
     ("due_day", "d.due_day"), ("submitted_at", "d.submitted_at"), ("audited", "d.audited")),
    "declaration d JOIN lease l ON l.id = d.lease_id",
    "coalesce(d.due_day, d.period || '-28') BETWEEN :first AND :last",
    ("d.period", "l.code", "d.revision"),
)  # fmt: skip
ALERT = RowSet(
    "alert",
    (("day", "a.day"), ("kind", "a.kind"), ("severity", "a.severity"), ("subject", "a.subject"),
     ("score", "a.score"), ("state", "a.state")),
    "alert a",
    "a.day BETWEEN :first AND :last",
    ("a.day", "a.rowid"),
)  # fmt: skip
FORECAST = RowSet(
    "forecast_run",
    (("series", "f.series"), ("model", "f.model"), ("wape", "f.wape"), ("mase", "f.mase"), ("origins", "f.origins")),
    "forecast_run f",
    "f.series = 'footfall' AND :first <= :last",
    ("f.series",),
)

SETS = {r.relation: r for r in (SALE, COUNT, DWELL, ZONE, CHECK, ACTIVITY, MEMBER, LEASE, DECLARATION, ALERT, FORECAST)}
#: What a KPI's rows are, where it is not the first of its sources, and which of them.
OTHER = {
    "members_active": "sale", "active_member_rate": "sale", "members_lapsed": "sale", "churn_rate": "sale",
    "repeat_purchase_rate": "sale", "member_sales_share": "sale",
}  # fmt: skip
OF_MEMBERS = (
    "EXISTS (SELECT 1 FROM identifier_owner i JOIN member m ON m.person_id = i.person_id "
    "WHERE i.identifier_id = s.identifier_id)"
)
PERIMETER = "g.perimeter = 1"
ONLY = {
    "refunds": "s.net_minor < 0", "transactions": "s.net_minor >= 0",
    "repeat_purchase_rate": f"s.net_minor >= 0 AND {OF_MEMBERS}", "member_sales_share": OF_MEMBERS,
    "members_active": OF_MEMBERS, "active_member_rate": OF_MEMBERS, "members_lapsed": OF_MEMBERS,
    "churn_rate": OF_MEMBERS, "members_new": "m.joined_day >= :first", "nps": "a.kind = 'nps'",
    "csat": "a.kind = 'csat'", "complaints": "a.kind = 'complaint'",
    "messages_delivered": "a.kind IN ('campaign_sent', 'campaign_delivered')",
    **{k: f"a.kind IN ('campaign_sent', 'campaign_delivered', '{done}')" for k, done in (
        ("open_rate", "campaign_opened"), ("click_rate", "campaign_clicked"),
        ("response_rate", "campaign_responded"), ("unsubscribe_rate", "campaign_unsubscribed"))},
    **dict.fromkeys(("footfall", "presence", "peak_hour_share", "same_weekday_index"), PERIMETER),
}  # fmt: skip


def rows_behind(
    store: Store, kpi: str, from_day: str, to_day: str, *, limit: int = 100, after: Key | None = None,
    dims: Mapping[str, str | int] | None = None,
) -> Rows:  # fmt: skip
    """A page of the facts that a KPI of these days rests on; empty for a KPI that needs something.

    `after` is the last page's `after`. A dimension narrows the rows where they carry it (tenant, gate, zone,
    campaign).
    """
    entry = definition(kpi)
    chosen = _set_of(entry)
    if chosen is None:
        return Rows("", (), (), None)
    where, values = _condition(chosen, kpi, dims or {})
    values |= {"first": from_day, "last": to_day, "limit": limit}
    if after is not None:
        values |= {f"after{i}": part for i, part in enumerate(after)}
        where += f" AND ({', '.join(chosen.order)}) > ({', '.join(f':after{i}' for i in range(len(chosen.order)))})"
    shown = ", ".join((*(sql for _, sql in chosen.columns), *chosen.order))
    order = ", ".join(chosen.order)
    with store.read() as connection:
        found = connection.exec_driver_sql(
            f"SELECT {shown} FROM {chosen.tables} WHERE {where} ORDER BY {order} LIMIT :limit",  # noqa: S608
            values,
        ).fetchall()
    width = len(chosen.columns)
    last = tuple(found[-1][width:]) if len(found) == limit else None
    return Rows(chosen.relation, tuple(n for n, _ in chosen.columns), tuple(tuple(r[:width]) for r in found), last)


def _set_of(kpi: Kpi) -> RowSet | None:
    if not kpi.computed:
        return None
    return SETS[OTHER.get(kpi.id, kpi.sources[0])]


def _condition(chosen: RowSet, kpi: str, dims: Mapping[str, str | int]) -> tuple[str, dict[str, Any]]:
    parts = [chosen.days, *([ONLY[kpi]] if kpi in ONLY else [])]
    columns = dict(chosen.columns)
    values: dict[str, Any] = {}
    for dim, code in dims.items():
        if dim in columns:
            parts.append(f"{columns[dim]} = :dim_{dim}")
            values[f"dim_{dim}"] = code
    return " AND ".join(parts), values
