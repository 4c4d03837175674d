"""A store's business content without ids and clocks, so that two stores can be compared."""

from __future__ import annotations

from typing import Any

from models.store import Store

QUERIES = {
    "sale": "SELECT s.source_key, t.code, i.value, s.at, s.day, s.minute, s.gross_minor, s.net_minor, s.units, s.txns, "
    "s.basis, s.payment FROM sale s LEFT JOIN tenant t ON t.id = s.tenant_id LEFT JOIN identifier i ON i.id = s.identifier_id",
    "sale_line": "SELECT s.source_key, l.product_code, l.product, l.category, l.quantity, l.unit_minor, l.amount_minor "
    "FROM sale_line l JOIN sale s ON s.id = l.sale_id",
    "activity": "SELECT a.source_key, i.value, a.kind, a.at, a.day, a.minute, t.code, a.amount_minor, a.score, a.props "
    "FROM activity a LEFT JOIN identifier i ON i.id = a.identifier_id LEFT JOIN tenant t ON t.id = a.tenant_id",
    "tenant": "SELECT t.code, t.name, t.name_zh, c.code, b.code, t.opened_day, t.state FROM tenant t "
    "LEFT JOIN category c ON c.id = t.category_id LEFT JOIN brand b ON b.id = t.brand_id",
    "category": "SELECT code, name FROM category",
    "brand": "SELECT code, name FROM brand",
    "gate": "SELECT code, name FROM gate",
    "member": "SELECT m.card_no, m.name, m.gender, m.birth_year, m.tier, m.joined_day, m.state, "
    "(SELECT group_concat(v, ' ') FROM (SELECT i.value v FROM identifier i JOIN identifier_owner o ON o.identifier_id = i.id "
    "WHERE o.person_id = m.person_id ORDER BY i.kind, i.value)) FROM member m",
    "identifier": "SELECT kind, value, length(value_hmac) FROM identifier",
    "links": "SELECT i.kind, i.value, k.action FROM identity_link k JOIN identifier i ON i.id = k.identifier_id "
    "JOIN person p ON p.id = k.person_id",
    "owners": "SELECT count(*), count(DISTINCT person_id) FROM identifier_owner",
    "person": "SELECT state, count(*) FROM person GROUP BY state",
    "count_bucket": "SELECT g.code, c.bucket_start, c.direction, c.revision, c.day, c.minute, c.n, c.seconds_observed "
    "FROM count_bucket c JOIN gate g ON g.id = c.gate_id",
    "calendar_day": "SELECT * FROM calendar_day",
    "declaration": "SELECT l.code, d.period, d.revision, d.gross_minor FROM declaration d JOIN lease l ON l.id = d.lease_id",
    "lease": "SELECT l.code, u.code, t.code, l.from_day, l.to_day, l.base_rent_minor, l.service_charge_minor, l.levy_minor, "
    "l.turnover_pct, l.breakpoint, l.breakpoint_minor, l.declare_every, l.due_days FROM lease l JOIN unit u ON u.id = l.unit_id "
    "JOIN tenant t ON t.id = l.tenant_id",
    "unit": "SELECT code, gla_m2 FROM unit",
    "occasion": "SELECT code, name, kind, scope, scope_code, from_day, to_day, cost_minor, baseline FROM occasion",
    "prospect": "SELECT code, name, outlets, channel, created_day FROM prospect",
    "deal": "SELECT code, pipeline, stage, state, value_minor, opened_day, closed_day FROM deal",
    "deal_activity": "SELECT source_key, kind, stage, at FROM deal_activity",
    "consent_decision": "SELECT source_key, purpose, channel, decision, at, expires_at FROM consent_decision",
    "money_line": "SELECT source_key, day, side, head, amount_minor FROM money_line",
    "intake_reject": "SELECT DISTINCT b.file, r.row_no, r.column_name, r.reason FROM intake_reject r JOIN intake_batch b ON b.id = r.batch_id "
    "WHERE b.state = 'done'",
    "intake_before": "SELECT b.tbl, count(*) FROM intake_before b GROUP BY b.tbl",
    "intake_batch": "SELECT kind, state, read, loaded, updated, unchanged, rejected FROM intake_batch WHERE state = 'done'",
    "bulk_load": "SELECT * FROM bulk_load",
}


def content(store: Store, *leave_out: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every business table's rows, sorted."""
    with store.read() as connection:
        return {
            name: sorted((tuple(row) for row in connection.exec_driver_sql(sql)), key=repr)
            for name, sql in QUERIES.items()
            if name not in leave_out
        }
