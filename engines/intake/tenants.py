"""Tenants with their brands and categories, and days of the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engines.intake.batches import Batch
from engines.intake.parse import Parsed
from engines.intake.parties import make_brand, make_categories
from engines.intake.records import RecordLoader, Step
from engines.intake.rows import Given
from models.connection import Connection
from models.store import Transaction, driver

TENANT_PLAIN = ("code", "name", "name_zh", "opened_day", "state")
CALENDAR_PLAIN = (
    "day", "holiday", "holiday_zh", "festival", "festival_offset", "day_type", "school_holiday",
    "weather", "closed", "note",
)  # fmt: skip
CALENDAR_NUMBERS = ("temperature_max_c", "rain_mm")
CALENDAR_TIMES = {"opens": "opens_minute", "closes": "closes_minute"}


def tenant_loader(parsed: Parsed) -> RecordLoader:
    """A loader of tenants; a category or brand that is not there yet is made with them."""
    mapped = [name for name in TENANT_PLAIN if name in parsed.fields]
    categories: dict[str, bytes] = {}
    brands: dict[str, bytes] = {}

    def columns_of(connection: Connection, given: Given) -> dict[str, Any]:
        columns = {name: given[name] for name in mapped}
        raw = driver(connection)
        if "category" in parsed.fields:
            if not categories:
                categories.update(raw.execute("SELECT code, id FROM category").fetchall())
            columns["category_id"] = _known(categories, given["category"])
        if "brand" in parsed.fields:
            if not brands:
                brands.update(raw.execute("SELECT name, id FROM brand UNION ALL SELECT code, id FROM brand").fetchall())
            columns["brand_id"] = _known(brands, given["brand"])
        return columns

    def before(tx: Transaction, batch: Batch, steps: Sequence[Step]) -> None:
        for step in steps:
            if category := step.given.get("category"):
                make_categories(tx, batch, [category], categories)
                step.columns["category_id"] = categories[category]
            if brand := step.given.get("brand"):
                brands[brand] = brands.get(brand) or make_brand(tx, batch, brand)
                step.columns["brand_id"] = brands[brand]

    return RecordLoader(parsed, "tenant", "code", columns_of, before)


def _known(ids: dict[str, bytes], text: str | None) -> bytes | None:
    """The id of a name; for a name that is still to be made, an id that no row has."""
    return None if text is None else ids.get(text, b"")


def calendar_loader(parsed: Parsed) -> RecordLoader:
    """A loader of days; times of day are kept as minutes."""
    mapped = [name for name in CALENDAR_PLAIN if name in parsed.fields]

    def columns_of(_: Connection, given: Given) -> dict[str, Any]:
        columns = {name: given[name] for name in mapped}
        for name in CALENDAR_NUMBERS:
            if name in parsed.fields:
                columns[name] = float(given[name]) if given[name] is not None else None
        for name, column in CALENDAR_TIMES.items():
            if name in parsed.fields:
                columns[column] = given[name]
        return columns

    return RecordLoader(parsed, "calendar_day", "day", columns_of)
