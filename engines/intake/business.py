"""Happenings, prospects and talks with them: records by their code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engines.intake.batches import Batch, keep_before
from engines.intake.choices import BASELINES, CHANNELS, PIPELINES, SCOPES, STAGES, STATES, choice, wrong_word
from engines.intake.money import to_minor
from engines.intake.parse import Parsed
from engines.intake.parties import make_categories
from engines.intake.records import RecordLoader, Step
from engines.intake.rows import Given
from models.connection import Connection
from models.ids import new_id
from models.store import Transaction, driver

OCCASION_PLAIN = ("code", "name", "name_zh", "kind", "scope_code", "from_day", "baseline_weeks")
CAMPAIGN_PLAIN = ("code", "name", "name_zh", "from_day")
PROSPECT_PLAIN = ("code", "name", "name_zh", "outlets", "home_area", "channel", "created_day")
DEAL_PLAIN = ("code", "owner", "opened_day", "closed_day", "lost_reason")
Fault = tuple[str | None, str]


def occasion_loader(parsed: Parsed) -> RecordLoader:
    """A loader of happenings; one without a last day lasts a day."""
    mapped = [name for name in OCCASION_PLAIN if name in parsed.fields]
    words = {"scope": SCOPES, "baseline": BASELINES}

    def check(connection: Connection, given: Given) -> Fault | None:
        if fault := wrong_word(words, given):
            return fault
        if given["to_day"] and given["to_day"] < given["from_day"]:
            return "to_day", "the last day is before the first"
        if below_nothing := _below_nothing(given, "cost"):
            return below_nothing
        scope = choice(SCOPES, given["scope"] or "mall")
        if scope not in ("zone", "tenant"):
            return None
        found = driver(connection).execute(f"SELECT 1 FROM {scope} WHERE code = ?", (given["scope_code"],))  # noqa: S608
        return None if found.fetchone() else ("scope_code", f"there is no {scope} '{given['scope_code']}'")

    def columns_of(_: Connection, given: Given) -> dict[str, Any]:
        columns = {name: given[name] for name in mapped} | {"to_day": given["to_day"] or given["from_day"]}
        columns |= {f: choice(known, given[f] or "") for f, known in words.items() if f in parsed.fields}
        if "cost" in parsed.fields:
            columns["cost_minor"] = to_minor(given["cost"]) if given["cost"] is not None else None
        return columns

    return RecordLoader(parsed, "occasion", "code", columns_of, check=check)


def campaign_loader(parsed: Parsed) -> RecordLoader:
    """A loader of campaigns; one without a last day lasts a day."""
    mapped = [name for name in CAMPAIGN_PLAIN if name in parsed.fields]
    words = {"channel": {name: words for name, words in CHANNELS.items() if name != "any"}}

    def check(_: Connection, given: Given) -> Fault | None:
        if given["to_day"] and given["to_day"] < given["from_day"]:
            return "to_day", "the last day is before the first"
        if not 0 <= (given["holdout_share"] or 0) < 1:
            return "holdout_share", "the share held back is between 0 and 100 per cent"
        return wrong_word(words, given) or _below_nothing(given, "budget")

    def columns_of(_: Connection, given: Given) -> dict[str, Any]:
        columns = {name: given[name] for name in mapped} | {"to_day": given["to_day"] or given["from_day"]}
        columns["channel"] = choice(words["channel"], given["channel"])
        if "budget" in parsed.fields:
            columns["budget_minor"] = to_minor(given["budget"]) if given["budget"] is not None else None
        if "holdout_share" in parsed.fields:
            held = given["holdout_share"]
            columns["holdout_share"] = None if held is None else float(held)
        return columns

    return RecordLoader(parsed, "campaign", "code", columns_of, check=check)


def prospect_loader(parsed: Parsed) -> RecordLoader:
    """A loader of prospects; a category that is not there yet is made with them."""
    mapped = [name for name in PROSPECT_PLAIN if name in parsed.fields]
    categories: dict[str, bytes] = {}

    def columns_of(connection: Connection, given: Given) -> dict[str, Any]:
        columns = {name: given[name] for name in mapped}
        columns["name"] = given["name"] or given["code"]
        if "category" in parsed.fields:
            if not categories:
                categories.update(driver(connection).execute("SELECT code, id FROM category").fetchall())
            wanted = given["category"]
            columns["category_id"] = categories.get(wanted, b"") if wanted else None
        return columns

    def before(tx: Transaction, batch: Batch, steps: Sequence[Step]) -> None:
        for step in steps:
            if category := step.given.get("category"):
                make_categories(tx, batch, [category], categories)
                step.columns["category_id"] = categories[category]

    def check(_: Connection, given: Given) -> Fault | None:
        return _below_nothing(given, "outlets")

    return RecordLoader(parsed, "prospect", "code", columns_of, before, check=check)


def deal_loader(parsed: Parsed) -> RecordLoader:
    """A loader of talks; a prospect is found by code or name, and made where neither is known."""
    mapped = [name for name in DEAL_PLAIN if name in parsed.fields]
    words = {"pipeline": PIPELINES, "stage": STAGES, "state": STATES}
    prospects: dict[str, bytes] = {}

    def check(_: Connection, given: Given) -> Fault | None:
        if given["closed_day"] and given["closed_day"] < given["opened_day"]:
            return "closed_day", "it ended before it began"
        return wrong_word(words, given) or _below_nothing(given, "value", "gla")

    def columns_of(connection: Connection, given: Given) -> dict[str, Any]:
        if not prospects:
            rows = "SELECT name, id FROM prospect UNION ALL SELECT code, id FROM prospect"
            prospects.update(driver(connection).execute(rows).fetchall())
        columns = {name: given[name] for name in mapped} | {"prospect_id": prospects.get(given["prospect"], b"")}
        columns |= {
            f: choice(known, given[f]) if given[f] else None for f, known in words.items() if f in parsed.fields
        }
        if "value" in parsed.fields:
            columns["value_minor"] = to_minor(given["value"]) if given["value"] is not None else None
        if "gla" in parsed.fields:
            columns["gla_m2"] = float(given["gla"]) if given["gla"] is not None else None
        return columns

    def before(tx: Transaction, batch: Batch, steps: Sequence[Step]) -> None:
        for step in steps:
            name = step.given["prospect"]
            if name not in prospects:
                prospects[name] = _make_prospect(tx, batch, name, step.given["opened_day"])
            step.columns["prospect_id"] = prospects[name]

    return RecordLoader(parsed, "deal", "code", columns_of, before, check=check)


def _below_nothing(given: Given, *fields: str) -> Fault | None:
    """The first of the fields whose figure is below 0, which none of these can be."""
    found = next((field for field in fields if given[field] is not None and given[field] < 0), None)
    return (found, "it is below 0") if found else None


def _make_prospect(tx: Transaction, batch: Batch, name: str, day: str) -> bytes:
    made = new_id()
    keep_before(tx, batch, "prospect", [(made, None)])
    tx.connection.exec_driver_sql(
        "INSERT INTO prospect (id, code, name, created_day, batch_id) VALUES (?, ?, ?, ?, ?)",
        (made, name, name, day, batch.id),
    )
    return made
