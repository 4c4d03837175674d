"""Notices: the texts that people are shown when they consent, by version and language, and the overview of consents.

A decision names the notice it was given under (GDPR art. 7(1): the controller must be able to show that consent was
given, and to what). A version is never changed: another text is another code.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from engines.access.guard import guarded
from engines.consent.rules import CHANNELS, PURPOSES
from models.errors import Known
from models.ids import new_id
from models.store import Store
from models.times import business_day, now_ms

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Notice:
    """One version of a text in one language; `used` counts decisions that name its code."""

    code: str
    language: str
    title: str
    text: str
    text_sha256: str
    from_day: str
    actor: str
    at: int
    used: int = 0


@dataclass(frozen=True)
class Cell:
    """People by what holds of them now for a purpose and channel: the strictest of their newest decisions."""

    purpose: str
    channel: str
    granted: int
    expired: int
    withdrawn: int
    denied: int


@guarded
def add_notice(store: Store, actor: str, notice: Notice) -> str:
    """Keep a version of a notice; returns its SHA-256 (hexadecimal). The same again changes nothing.

    Raises Known for an empty text, an unknown language, or another text under a code that is taken.
    """
    code, text = notice.code.strip(), notice.text.strip()
    if not code or not text or not notice.title.strip() or notice.language not in LANGUAGES:
        raise Known(
            "A notice needs a code, a language (en, zh), a title and a text.", code=2,
            sentence_zh="告知书须有编号、语言（en、zh）、标题和正文。",
        )  # fmt: skip
    mark = hashlib.sha256(text.encode()).hexdigest()
    today, _ = business_day(now_ms(), store.site.zone, store.site.day_starts_minute)
    with store.write(actor, "keeping a notice") as tx:
        there = tx.connection.exec_driver_sql(
            "SELECT text_sha256 FROM consent_notice WHERE code = ? AND language = ?", (code, notice.language)
        ).scalar()
        if there is not None and there != mark:
            raise Known(
                f"Notice {code} ({notice.language}) has another text already.", "Give the new text a new code.", code=2,
                sentence_zh=f"告知书 {code}（{notice.language}）已有其他正文。", step_zh="请为新正文使用新编号。",
            )  # fmt: skip
        if there is None:
            tx.connection.exec_driver_sql(
                "INSERT INTO consent_notice (id, code, language, title, text, text_sha256, from_day, actor, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    new_id(), code, notice.language, notice.title.strip(), text, mark, notice.from_day or today, actor,
                    now_ms(),
                ),
            )  # fmt: skip
            tx.audit("notice", f"consent_notice/{code}", language=notice.language, sha256=mark)
    return mark


def notices(store: Store) -> list[Notice]:
    """Every version, the newest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT n.code, n.language, n.title, n.text, n.text_sha256, n.from_day, n.actor, n.at, coalesce(d.n, 0) "
            "FROM consent_notice n LEFT JOIN (SELECT notice, count(*) AS n FROM consent_decision GROUP BY notice) d "
            "ON d.notice = n.code ORDER BY n.from_day DESC, n.code, n.language"
        ).fetchall()
    return [Notice(*row) for row in rows]


def unfiled(store: Store) -> list[tuple[str, int]]:
    """Notices that decisions name and that are not on file, with how many decisions; '' for those that name none."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT coalesce(notice, ''), count(*) FROM consent_decision WHERE notice IS NULL OR notice NOT IN "
            "(SELECT code FROM consent_notice) GROUP BY 1 ORDER BY 2 DESC LIMIT 50"
        ).fetchall()
    return [(str(code), int(count)) for code, count in rows]


_OVERVIEW = """
WITH newest AS (
  SELECT d.identifier_id, d.purpose, d.channel, max(d.at * 4 + CASE d.decision
           WHEN 'grant' THEN CASE WHEN d.expires_at <= :now THEN 1 ELSE 0 END WHEN 'withdraw' THEN 2 ELSE 3 END) AS mark
  FROM consent_decision d WHERE d.at <= :now GROUP BY d.identifier_id, d.purpose, d.channel
), people AS (
  SELECT n.purpose, n.channel, o.person_id, max(n.mark % 4) AS strict
  FROM newest n JOIN identifier_owner o ON o.identifier_id = n.identifier_id GROUP BY 1, 2, 3
)
SELECT purpose, channel, sum(strict = 0), sum(strict = 1), sum(strict = 2), sum(strict = 3)
FROM people GROUP BY purpose, channel
"""


def overview(store: Store) -> list[Cell]:
    """Every purpose and channel that anybody decided on, in the order of `engines.consent.rules`."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(_OVERVIEW, {"now": now_ms()}).fetchall()
    order = {(p, c): (i, j) for i, p in enumerate(PURPOSES) for j, c in enumerate(CHANNELS)}
    return sorted((Cell(*row) for row in rows), key=lambda cell: order.get((cell.purpose, cell.channel), (9, 9)))
