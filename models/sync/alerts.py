"""Alerts of sync: rows that the hub refused, a channel that stands still, an audit trail that does not fit."""

from __future__ import annotations

import json
from collections.abc import Mapping

from models.ids import new_id
from models.store import Store, Transaction
from models.times import business_day, now_ms

SENTENCES: dict[str, dict[str, str]] = {
    "sync_quarantine": {
        "en": "The hub could not take {n} changes ({subject}) in the last hour. They wait for a decision.",
        "zh": "过去一小时中心无法接收 {n} 项更改（{subject}），正等待处理。",
    },
    "sync_stopped": {
        "en": "Sending of {subject} has stopped: {n} changes were refused within an hour. Nothing is lost.",
        "zh": "{subject} 的发送已停止：一小时内有 {n} 项更改被拒绝。数据没有丢失。",
    },
    "sync_audit": {
        "en": "The hub says that this node's audit trail does not fit what it was before: {subject}.",
        "zh": "中心指出本节点的审计记录与先前不一致：{subject}。",
    },
}


def render(sentence: str, facts: Mapping[str, str | int | float | None], language: str) -> str:
    """The alert in words."""
    return SENTENCES[sentence][language].format(**facts)


def raise_alert(tx: Transaction, store: Store, kind: str, subject: str, severity: str, **facts: str | int) -> None:
    """One open alert a kind, subject and day; found again, its facts are the new ones."""
    at = now_ms()
    day, _ = business_day(at, store.site.zone, store.site.day_starts_minute)
    told = json.dumps({"subject": subject, **facts}, ensure_ascii=False)
    mark = f"sync:{kind}:{subject}:{day}"
    known = tx.connection.exec_driver_sql(
        "UPDATE alert SET facts = ? WHERE fingerprint = ? AND state <> 'closed'", (told, mark)
    ).rowcount
    if not known:
        tx.connection.exec_driver_sql(
            "INSERT INTO alert (id, fingerprint, kind, severity, subject, day, score, sentence, facts, evidence, "
            "state, raised_at) VALUES (?, ?, ?, ?, ?, ?, 1.0, ?, ?, '[]', 'open', ?)",
            (new_id(), mark, kind, severity, subject, day, kind, told, at),
        )
