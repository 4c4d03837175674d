"""Whatever is wrong with a mall, every engine refuses in words or gives figures that can be true."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from engines.driver import order, run_engine
from engines.registry import ENGINES
from models.errors import NotEnoughData
from models.relations import Relation
from models.store import Store
from tests.contracts.odd_malls import MALLS, NOW, odd_in_every_way

#: Columns that hold a probability or a share of a whole, by name.
SHARES = re.compile(
    r"p|p_\w+|\w+_p|share|\w+_share|probability|chance|accuracy\w*|auc|coverage|jaccard|overlap|clear|covered"
)
#: Shares that may lie outside 0 to 1, and why.
OPEN_SHARES: dict[str, str] = {}
#: The estimate to which `low` and `high` of a table belong.
ESTIMATES = {
    "campaign_effect": "difference", "network_pair": "lift", "movement_trial": "gain", "person_referral": "k",
    "cluster_change": "share", "transition": "share",
}  # fmt: skip
#: What a formula that went wrong leaves in a text.
SLIPS = re.compile(r"(?<![\w'\"])(nan|NaN|None|-?inf|Infinity)(?![\w'\"])")
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(params=MALLS, scope="module")
def mall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    store = MALLS[request.param](tmp_path_factory.mktemp("odd") / "mall")
    yield request.param, store
    store.close()


def evening(store: Store) -> int:
    """The instant at which every mall is looked at."""
    return int(datetime(NOW.year, NOW.month, NOW.day, 20, tzinfo=store.site.zone).timestamp() * 1000)


def test_every_engine_refuses_in_words_or_answers_in_range(mall: tuple[str, Store]) -> None:
    name, store = mall
    at, faults = evening(store), list[str]()
    for engine in order(ENGINES):
        try:
            run_engine(store, engine, at_ms=at)
        except NotEnoughData as refusal:
            faults += [f"{engine.name} refuses: {fault}" for fault in refusal_faults(refusal)]
            continue
        except Exception as error:
            error.add_note(f"{engine.name} on the mall '{name}'")
            raise
        for relation in engine.gives:
            faults += [f"{engine.name}: {fault}" for fault in table_faults(store, relation)]
    assert not faults, "\n".join(faults)


def test_days_to_come_change_no_result(tmp_path: Path) -> None:
    with_them = results(odd_in_every_way(tmp_path / "with", ahead=True))
    without = results(odd_in_every_way(tmp_path / "without", ahead=False))
    changed = [name for name, rows in without.items() if with_them[name] != rows]
    assert not changed
    assert sum(bool(rows) for rows in without.values()) > 30, "most engines had enough to say something"


def results(store: Store) -> dict[str, list[str]]:
    """Every result table of every engine, as sorted texts; the store is closed."""
    try:
        for engine in order(ENGINES):
            with suppress(NotEnoughData):
                run_engine(store, engine, at_ms=evening(store))
        found = {}
        for relation in {r.name: r for e in ENGINES for r in e.gives}.values():
            columns = ", ".join(f'"{name}"' for name in relation.names())
            with store.read() as connection:
                rows = connection.exec_driver_sql(f'SELECT {columns} FROM "{relation.name}"').fetchall()
            found[relation.name] = sorted(repr(tuple(map(rounded, row))) for row in rows)
        return found
    finally:
        store.close()


def rounded(value: Any) -> Any:
    """Numbers without the noise of adding in another order."""
    large = isinstance(value, int) and abs(value) > 10**9
    return f"{value:.9g}" if large or isinstance(value, float) else value


def refusal_faults(refusal: NotEnoughData) -> list[str]:
    """What a refusal lacks: a whole sentence, a next step, the same in Chinese."""
    said = f"{refusal.missing} {refusal.step}".strip()
    found = []
    if not re.search(r"(Import|import|Watch|wait|Wait|Write|Choose|Make|Run)", said) or not said.endswith("."):
        found.append(f"no next step in '{said}'")
    if not HAN.search(refusal.missing_zh) or not refusal.missing_zh.endswith("。"):
        found.append(f"no Chinese sentence in '{refusal.missing_zh}'")
    if SLIPS.search(said) or re.search(r"\{\w*\}", said + refusal.missing_zh):
        found.append(f"a slip in '{said}'")
    return found


def table_faults(store: Store, relation: Relation) -> list[str]:
    """What cannot be true in a table of results."""
    names = relation.names()
    columns = ", ".join(f'"{name}"' for name in names)
    with store.read() as connection:
        rows = connection.exec_driver_sql(f'SELECT {columns} FROM "{relation.name}"').fetchall()
    values = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    found = []
    for name, column in values.items():
        found += [f"{relation.name}.{name}: {fault}" for fault in column_faults(relation.name, name, column)]
    return found + interval_faults(relation.name, values)


def column_faults(table: str, name: str, column: list[Any]) -> list[str]:
    floats = [v for v in column if isinstance(v, float)]
    found = [f"{v} is no figure" for v in floats if not math.isfinite(v)][:1]
    if SHARES.fullmatch(name) and f"{table}.{name}" not in OPEN_SHARES:
        found += [f"{v} is no share" for v in floats if not -1e-9 <= v <= 1 + 1e-9][:1]
    for value in column:
        if isinstance(value, str) and value not in ("nan", "null") and SLIPS.search(without_names(value)):
            return [*found, f"a slip in '{value[:200]}'"]
        if isinstance(value, str) and value.startswith(("{", "[")) and "NaN" in value:
            json.loads(value, parse_constant=refuse_constant)
    return found


def without_names(text: str) -> str:
    """A text without the names that the mall's own rows gave."""
    return re.sub(r'"(nan|null)"|\bnan\b(?=[,.。，])', "", text)


def refuse_constant(name: str) -> float:
    raise AssertionError(f"{name} in JSON")


def interval_faults(table: str, values: dict[str, list[Any]]) -> list[str]:
    """Limits the wrong way round, and estimates outside theirs."""
    found = []
    triples = [("low", ESTIMATES.get(table), "high"), ("p10", "p50", "p90")]
    triples += [(n, n.removesuffix("_low"), n.removesuffix("low") + "high") for n in values if n.endswith("_low")]
    for low, middle, high in triples:
        if low in values and high in values:
            middles = values.get(middle or "", [None] * len(values[low]))
            for a, m, b in zip(values[low], middles, values[high], strict=True):
                between = [v for v in (a, m, b) if v is not None]
                if any(y < x - 1e-9 * max(1.0, abs(x)) for x, y in pairwise(between)):
                    found.append(f"{table}: {low} {a}, {middle} {m}, {high} {b}")
                    break
    return found
