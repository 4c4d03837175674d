"""Signs of abuse, each an alert with the figures it rests on: guessed passwords, unusual exports, many reveals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from statistics import median

from models.connection import Connection
from models.ids import new_id
from models.store import Store, Transaction
from models.times import business_day, now_ms

MINUTE_MS, DAY_MS = 60_000, 86_400_000
#: Failed sign-ins within a quarter of an hour, over all names, from which the machine makes everybody wait.
SPRAY, SPRAY_WINDOW_MS, SPRAY_WAIT_MS = 30, 15 * MINUTE_MS, MINUTE_MS
#: Exports of one day that are never unusual, and how many times the usual day they must be to be so.
FEW_EXPORTS, TIMES_USUAL, USUAL_DAYS = 10, 3, 28

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "access_lockout": {
        "en": "The account {subject} was locked after {n} wrong tries in a row.",
        "zh": "账户 {subject} 连续 {n} 次输入错误，已被锁定。",
    },
    "access_spray": {
        "en": "{n} sign-ins failed within a quarter of an hour: somebody may be guessing passwords.",
        "zh": "一刻钟内有 {n} 次登录失败：可能有人在猜测密码。",
    },
    "access_exports": {
        "en": "{subject} exported {n} times within a day; usually {usual} times.",
        "zh": "{subject} 在一天内导出 {n} 次，平时为 {usual} 次。",
    },
    "access_reveals": {
        "en": "{subject} revealed the personal data of {n} people within a day; more than {most} are unusual.",
        "zh": "{subject} 在一天内显示了 {n} 人的个人信息，超过 {most} 人属于异常。",
    },
    "audit_broken": {
        "en": "The audit trail does not hold: {subject}. Keep the site as it is and compare it with a backup.",
        "zh": "审计记录不完整：{subject}。请保持站点现状并与备份比对。",
    },
}


def render(sentence: str, facts: Mapping[str, str | int | float | None], language: str) -> str:
    """The alert in words; a name in the reader's language among the facts stands for the subject."""
    subject = facts.get(f"subject_{language}") or facts["subject"]
    return SENTENCES[sentence][language].format(**{**facts, "subject": subject})


def raise_alert(tx: Transaction, store: Store, kind: str, subject: str, severity: str, **facts: str | int) -> None:
    """One open alert a kind, subject and day; found again, its facts are the new ones. Within the act's transaction."""
    at = now_ms()
    day, _ = business_day(at, store.site.zone, store.site.day_starts_minute)
    told = json.dumps({"subject": subject, **facts}, ensure_ascii=False)
    mark = f"access:{kind}:{subject}:{day}"
    known = tx.connection.exec_driver_sql(
        "UPDATE alert SET facts = ?, score = ? WHERE fingerprint = ? AND state <> 'closed'", (told, 1.0, mark)
    ).rowcount
    if not known:
        tx.connection.exec_driver_sql(
            "INSERT INTO alert (id, fingerprint, kind, severity, subject, day, score, sentence, facts, evidence, "
            "state, raised_at) VALUES (?, ?, ?, ?, ?, ?, 1.0, ?, ?, '[]', 'open', ?)",
            (new_id(), mark, kind, severity, subject, day, kind, told, at),
        )


def failures_lately(connection: Connection) -> tuple[int, int]:
    """Failed sign-ins over all names in the last quarter of an hour, and the instant of the last one (0: none)."""
    row = connection.exec_driver_sql(
        "SELECT count(*), coalesce(max(at), 0) FROM audit_entry WHERE action = 'sign_in_failed' AND at > ?",
        (now_ms() - SPRAY_WINDOW_MS,),
    ).one()
    return int(row[0]), int(row[1])


def look_at_exports(tx: Transaction, store: Store) -> None:
    """Raise an alert where this actor exported far more than on its usual day; called after the export's entry."""
    today, usual = _by_day(tx.connection, "export", tx.actor)
    if today > max(FEW_EXPORTS, TIMES_USUAL * usual):
        raise_alert(tx, store, "access_exports", tx.actor, "warning", n=today, usual=round(usual))


def look_at_reveals(tx: Transaction, store: Store, most: int) -> None:
    """Raise an alert where this actor revealed more persons in the last day than `most`."""
    seen = tx.connection.exec_driver_sql(
        "SELECT count(DISTINCT object) FROM audit_entry WHERE action = 'reveal' AND actor = ? AND at > ?",
        (tx.actor, now_ms() - DAY_MS),
    ).scalar_one()
    if seen > most:
        raise_alert(tx, store, "access_reveals", tx.actor, "warning", n=int(seen), most=most)


def _by_day(connection: Connection, action: str, actor: str) -> tuple[int, float]:
    """Acts in the last 24 hours, and the median of the 28 days before that had any (0 without one)."""
    at = now_ms()
    rows = connection.exec_driver_sql(
        "SELECT (? - at) / ? AS ago, count(*) FROM audit_entry WHERE action = ? AND actor = ? AND at > ? GROUP BY ago",
        (at, DAY_MS, action, actor, at - (USUAL_DAYS + 1) * DAY_MS),
    ).fetchall()
    today = sum(n for ago, n in rows if ago <= 0)
    return int(today), float(median([n for ago, n in rows if ago > 0] or [0]))
