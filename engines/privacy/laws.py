"""The laws' clocks: what a person may ask for, under which article, and by when it must be answered.

Sources, law by law:

* GDPR (Regulation (EU) 2016/679), articles 15 to 21; article 12(3): "within one month of receipt", extended "by two
  further months where necessary". A month ends on the day of the same date, on its last day where there is none, and
  on the next working day where that is a day off (Regulation (EEC, Euratom) No 1182/71, article 3).
* CCPA as amended (California Civil Code 1798.100 to 1798.199.100): 45 days, once 45 more, 1798.130(a)(2)(A); an
  opt-out within 15 business days (11 CCR 7026(f)).
* PIPL (Personal Information Protection Law of China, 2021), articles 44 to 50: article 50 asks for "timely" handling
  and names no number. In practice 15 working days: the Method for Identifying Unlawful Collection and Use of Personal
  Information by Apps (2019), section 6, lets no promised limit be longer. It knows no extension.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from models.errors import Known

Law = Literal["gdpr", "ccpa", "pipl"]
Kind = Literal["access", "portability", "erasure", "restriction", "objection", "rectification"]
LAWS: tuple[Law, ...] = get_args(Law)
KINDS: tuple[Kind, ...] = get_args(Kind)
#: Whether a day is worked at the site.
Works = Callable[[date], bool]

#: Names of the laws, English and Chinese.
LAW_NAMES: Mapping[str, tuple[str, str]] = {
    "gdpr": ("GDPR (European Union)", "GDPR（欧盟）"),
    "ccpa": ("CCPA (California)", "CCPA（加州）"),
    "pipl": ("PIPL (China)", "个人信息保护法（中国）"),
}
KIND_NAMES: Mapping[str, tuple[str, str]] = {
    "access": ("Access", "查阅"),
    "portability": ("Portability", "转移"),
    "erasure": ("Erasure", "删除"),
    "restriction": ("Restriction", "限制处理"),
    "objection": ("Objection", "反对处理"),
    "rectification": ("Rectification", "更正"),
}
#: Where each law gives each right.
ARTICLES: Mapping[tuple[str, str], str] = {
    ("gdpr", "access"): "art. 15", ("gdpr", "portability"): "art. 20", ("gdpr", "erasure"): "art. 17",
    ("gdpr", "restriction"): "art. 18", ("gdpr", "objection"): "art. 21", ("gdpr", "rectification"): "art. 16",
    ("ccpa", "access"): "1798.110", ("ccpa", "portability"): "1798.130(a)(3)(B)(iii)", ("ccpa", "erasure"): "1798.105",
    ("ccpa", "restriction"): "1798.121", ("ccpa", "objection"): "1798.120", ("ccpa", "rectification"): "1798.106",
    ("pipl", "access"): "art. 45", ("pipl", "portability"): "art. 45", ("pipl", "erasure"): "art. 47",
    ("pipl", "restriction"): "art. 44", ("pipl", "objection"): "art. 24, 44", ("pipl", "rectification"): "art. 46",
}  # fmt: skip
CCPA_DAYS, OPT_OUT_DAYS, PIPL_DAYS = 45, 15, 15
GDPR_MORE_MONTHS = 2


@dataclass(frozen=True)
class Due:
    """The last day of an answer, the same after an extension (None: the law knows none), and what both rest on."""

    day: date
    extended: date | None
    source: str


def due(law: str, kind: str, received: date, works: Works) -> Due:
    """By when a request that came on `received` is to be answered. Raises Known for an unknown law or kind."""
    if law not in LAWS or kind not in KINDS:
        raise Known(
            f"There is no right of '{kind}' under '{law}'.", f"Laws: {', '.join(LAWS)}; rights: {', '.join(KINDS)}.",
            code=2, sentence_zh=f"“{law}”下没有“{kind}”权利。",
        )  # fmt: skip
    if law == "gdpr":
        more = _worked(months_after(received, 1 + GDPR_MORE_MONTHS), works)
        return Due(_worked(months_after(received, 1), works), more, "GDPR art. 12(3)")
    if law == "ccpa" and kind == "objection":
        return Due(workdays_after(received, OPT_OUT_DAYS, works), None, "11 CCR 7026(f)")
    if law == "ccpa":
        first = received + timedelta(days=CCPA_DAYS)
        return Due(first, first + timedelta(days=CCPA_DAYS), "Cal. Civ. Code 1798.130(a)(2)(A)")
    return Due(workdays_after(received, PIPL_DAYS, works), None, "PIPL art. 50; 15 working days in practice")


def months_after(day: date, months: int) -> date:
    """The day of the same date so many months on, or the month's last where it has none (1182/71, art. 3(2)(c))."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def workdays_after(day: date, count: int, works: Works) -> date:
    """The last of the `count` working days that follow `day`."""
    while count:
        day += timedelta(days=1)
        count -= works(day)
    return day


def law_of(country: str) -> Law:
    """The law that a site's country suggests; whoever books a request may choose another."""
    return {"CN": "pipl", "US": "ccpa"}.get(country, "gdpr")  # type: ignore[return-value]


def _worked(day: date, works: Works) -> date:
    while not works(day):
        day += timedelta(days=1)
    return day
