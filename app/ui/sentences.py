"""What alerts and cases say, in the language in force, with days and money as every page writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.ui.catalogue import language
from app.ui.format import current

Fact = str | int | float | None


def finding_words(sentence: str, facts: Mapping[str, Fact]) -> str:
    """The sentence of a finding filled from its facts; one that this version does not know stays its name."""
    from engines.anomalies.findings import SENTENCES, render
    from models.sync import alerts as sync

    if sentence in sync.SENTENCES:
        return sync.render(sentence, facts, language())
    if sentence not in SENTENCES:
        return _of_others(sentence, facts)
    given = {**facts}
    if isinstance(given.get("day"), str):
        given["day"] = day_words(str(given["day"]))
    return render(sentence, given, language(), money=_money)


def _of_others(sentence: str, facts: Mapping[str, Fact]) -> str:
    """The words of what raises alerts besides the analyses: backups, sign-in, sync."""
    from app.service import recovery_alerts
    from engines.access import threats
    from models.sync import alerts

    renders = {
        **dict.fromkeys(recovery_alerts.SENTENCES, recovery_alerts.render),
        **dict.fromkeys(threats.SENTENCES, threats.render),
        **dict.fromkeys(alerts.SENTENCES, alerts.render),
    }
    return renders[sentence](sentence, facts, language()) if sentence in renders else sentence


def day_words(text: str) -> str:
    """A business day as pages write it; other text stays as it is."""
    try:
        return current().day(date.fromisoformat(text))
    except ValueError:
        return text


def minor(major: float) -> float:
    """An amount in the currency's main unit as minor units, which charts and pages take."""
    return float(major * 10 ** current().money_digits)


def _money(major: float, whole: bool) -> str:
    return current().money(minor(major), whole=whole)
