"""What is doubtful in the customer data, and what is known of the customers as a whole (read side of data quality).

Nothing is merged or changed here: a shared phone is as often a family as a second card.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from engines.people.months import months_between
from models.store import Store

#: A phone as people type it can be called: ITU-T E.164 allows 15 digits; 7 are the fewest of a full number.
_PLAUSIBLE = "length(i.value) BETWEEN 7 AND 15 AND i.value NOT GLOB '00*'"
#: Inside China (+86): mobiles have 11 digits and begin with 13 to 19, landlines with 0 and an area code.
_PLAUSIBLE_CN = (
    "(i.value GLOB '1[3-9]*' AND length(i.value) = 11)"
    " OR (i.value GLOB '0[1-9]*' AND length(i.value) BETWEEN 10 AND 12)"
    " OR (i.value GLOB '[2-9]*' AND length(i.value) BETWEEN 8 AND 15)"
)
#: Phones of demo malls begin so, because no number in China does: nobody can be called by mistake.
DEMO_PHONES = "(i.value GLOB '000????????' AND EXISTS (SELECT 1 FROM site WHERE demo = 1))"
_IN_CHINA = "EXISTS (SELECT 1 FROM site WHERE country = 'CN')"

_GIVEN_TWICE = """
SELECT DISTINCT l.identifier_id AS sign, p.id AS person_id FROM identity_link l
LEFT JOIN merged_person g ON g.person_id = l.person_id
JOIN person p ON p.id = coalesce(g.into_id, l.person_id) AND p.state = 'active'
WHERE l.action = 'link' AND l.identifier_id IN (
  SELECT identifier_id FROM identity_link WHERE action = 'link' GROUP BY identifier_id HAVING count(*) > 1)
"""

SHARED = f"""
WITH given AS MATERIALIZED ({_GIVEN_TWICE})
SELECT DISTINCT person_id FROM given WHERE sign IN (SELECT sign FROM given GROUP BY sign HAVING count(*) > 1)
"""  # noqa: S608
"""People who gave a phone or an address that someone else gave too."""

ALIKE = "lower(x.name) = lower(y.name) OR (x.birth_year = y.birth_year AND x.gender = y.gender)"
"""What makes two members with a sign in common one person rather than a family: a name, or year and gender."""

DUPLICATES = f"""
WITH given AS MATERIALIZED ({_GIVEN_TWICE})
SELECT DISTINCT a.person_id AS person_id FROM given a
JOIN given b ON a.sign = b.sign AND a.person_id <> b.person_id
JOIN member x ON x.person_id = a.person_id JOIN member y ON y.person_id = b.person_id
WHERE {ALIKE}
"""  # noqa: S608
"""People who share a sign with someone of the same name, or of the same year of birth and gender."""

CANDIDATES = (
    "SELECT person_a AS person_id FROM dup_candidate WHERE state = 'open' "
    "UNION SELECT person_b FROM dup_candidate WHERE state = 'open'"
)
"""People in a pair that waits for somebody to say whether it is one person."""

HOUSEHOLD = "SELECT DISTINCT person_id FROM shared_sign WHERE verdict = 'household'"
"""People with a phone, an e-mail or a device that a few people gave."""

ANONYMOUS = "(SELECT count(*) FROM sale) - (SELECT count(*) FROM sale WHERE identifier_id IS NOT NULL)"
"""Receipts that name nobody: the index knows those that name somebody, so that no sale is read."""

JUDGED = "EXISTS (SELECT 1 FROM dup_candidate) OR EXISTS (SELECT 1 FROM shared_sign)"

INVALID_PHONES = f"""
SELECT DISTINCT o.person_id AS person_id FROM identifier i JOIN identifier_owner o ON o.identifier_id = i.id
WHERE i.kind = 'phone' AND NOT ({DEMO_PHONES})
  AND NOT CASE WHEN {_IN_CHINA} THEN ({_PLAUSIBLE_CN}) ELSE ({_PLAUSIBLE}) END
"""  # noqa: S608
"""People with a phone that cannot be a number of the site's country."""

UNREACHABLE = """
SELECT DISTINCT person_id FROM member m WHERE NOT EXISTS (
  SELECT 1 FROM identifier_owner o JOIN identifier i ON i.id = o.identifier_id
  WHERE o.person_id = m.person_id AND i.kind IN ('phone', 'email'))
"""
"""Members without phone and e-mail."""

BANDS = ((0, "-24"), (25, "25-34"), (35, "35-44"), (45, "45-54"), (55, "55+"))
"""Bands of age in years, from the youngest."""


@dataclass(frozen=True)
class Quality:
    """People in doubt by reason, phones that are a demo's inventions, and receipts without a known customer.

    `judged`: duplicates were looked for by the model (engines.people.identity), and `shared` and `duplicates` are its
    findings, the same as on the quality board; else they come from signs in common alone.
    """

    judged: bool
    shared: int
    duplicates: int
    phones: int
    unreachable: int
    demo_phones: int
    receipts: int
    anonymous: int


@dataclass(frozen=True)
class Makeup:
    """Members by gender (f, m, other words as given, "" unknown), band of age ("" unknown) and tier ("" none).

    `joined` counts those who joined in each month (YYYY-MM) of the last two years, the quiet ones too.
    """

    members: int
    genders: dict[str, int]
    ages: dict[str, int]
    tiers: dict[str, int]
    joined: tuple[tuple[str, int], ...]


def quality(store: Store) -> Quality:
    """The figures of the quality notes."""
    with store.read() as connection:
        judged = bool(connection.exec_driver_sql(f"SELECT {JUDGED}").scalar_one())
        doubts = (HOUSEHOLD, CANDIDATES) if judged else (SHARED, DUPLICATES)
        counts = ", ".join(
            f"(SELECT count(*) FROM ({people}) q JOIN person p ON p.id = q.person_id WHERE p.state = 'active')"  # noqa: S608
            for people in (*doubts, INVALID_PHONES, UNREACHABLE)
        )
        row = connection.exec_driver_sql(
            f"SELECT {counts}, "  # noqa: S608
            f"(SELECT count(*) FROM identifier i WHERE i.kind = 'phone' AND {DEMO_PHONES}), "
            f"(SELECT count(*) FROM sale), {ANONYMOUS}"
        ).one()
    return Quality(judged, *row)


def makeup(store: Store, today: date) -> Makeup:
    """Who the members are on the business day `today`, as far as they told."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT coalesce(gender, ''), birth_year, coalesce(tier, ''), count(*) FROM member GROUP BY 1, 2, 3"
        ).fetchall()
        months = connection.exec_driver_sql(
            "SELECT substr(joined_day, 1, 7), count(*) FROM member GROUP BY 1"
        ).fetchall()
    genders, ages, tiers = Counter[str](), Counter[str](), Counter[str]()
    for gender, born, tier, count in rows:
        genders[gender] += count
        ages[age_band(born, today.year)] += count
        tiers[tier] += count
    return Makeup(sum(genders.values()), dict(genders), dict(ages), dict(tiers), _joined(dict(months), today))


def _joined(found: dict[str, int], today: date) -> tuple[tuple[str, int], ...]:
    if not found:
        return ()
    months = months_between(min(found), max(today.isoformat()[:7], *found))
    return tuple((month, found.get(month, 0)) for month in months)


def age_band(birth_year: int | None, year: int) -> str:
    """The band of the age reached in `year`; "" where the year of birth is not known or cannot be true."""
    if birth_year is None or not 0 <= year - birth_year <= 120:
        return ""
    return next(name for least, name in reversed(BANDS) if year - birth_year >= least)
