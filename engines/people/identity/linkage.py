"""Probabilistic record linkage by Splink 5 on DuckDB: which pairs of records are one person, how sure, and why.

The model is Fellegi and Sunter's (1969) with term frequencies (Winkler 1989). The probability that two records of
different people agree is measured on random pairs; that records of one person agree is learned by expectation
maximisation inside blocks whose agreement makes matches common; deterministic rules say how many matches there are
to begin with.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engines.people.identity.comparisons import (
    BLOCKS,
    DATE_SEEDS,
    KEY_PAIRS,
    KEYS,
    RARE_BLOCKS,
    RARE_KEYS,
    SEEDS,
    SESSIONS,
    Comparison,
    comparisons_for,
)
from models.errors import NotEnoughData
from models.linkage import memory_database

if TYPE_CHECKING:
    import pyarrow as pa

#: What the deterministic rules are taken to find of all matches. It only sets the prior that learning begins with.
SEED_RECALL = 0.6
#: A block in which fewer pairs agree teaches nothing; one with more is sampled.
LEAST_PAIRS, MOST_PAIRS = 30, 5_000_000
LEAST_SEEDS = 20
RANDOM_PAIRS = 5_000_000
#: Pairs are scored for so many records at a time, so that memory does not grow with the people.
PART_RECORDS = 200_000
SEED = 1
COLUMNS = ("given", "family", "latin", "birth", "place", "postcode", "occupation", "gender", "phone", "email")


@dataclass(frozen=True)
class Pair:
    """Two records (by their numbers, the lower first), the probability that they are one person, and the evidence.

    `evidence` gives for each feature the level's code and its weight, log2 of the Bayes factor; a feature that one
    of the two does not tell is left out.
    """

    left: int
    right: int
    score: float
    evidence: dict[str, tuple[str, float]]


def link(records: pa.Table, *, least: float = 0.5, memory_limit: str = "1GB") -> list[Pair]:
    """Pairs of `records` that are one person with a probability of at least `least`, the surest first.

    `records` has `id` (integers) and any of COLUMNS as text, NULL where not known: names lower case, `birth` as
    YYYY or YYYY-MM-DD. Raises NotEnoughData where there are too few sure pairs to learn from.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    with memory_database(memory_limit) as connection:
        connection.register("given_records", records)
        columns = _load(connection, records.column_names)
        whole = _whole_dates(connection, columns)
        comparisons = comparisons_for(columns, whole_dates=whole)
        linker = _trained(connection, comparisons, columns, whole)
        parts = max(1, -(-records.num_rows // PART_RECORDS))
        scored = linker.inference.predict(
            threshold_match_probability=least, num_chunks_left=parts, num_chunks_right=1, warning_mode="never"
        )
        return sorted(_pairs(scored.as_pyarrow_table(), comparisons), key=lambda p: (-p.score, p.left, p.right))


def _load(connection: Any, given: list[str]) -> set[str]:
    """The table `record`, with the columns that anyone tells and the keys; returns those columns."""
    present = [c for c in COLUMNS if c in given]
    counted = ", ".join(f"count({c})" for c in present)
    counts = connection.execute(f"SELECT {counted} FROM given_records").fetchall()[0]  # noqa: S608
    columns = {c for c, count in zip(present, counts, strict=True) if count}
    derived = "given || '|' || family AS full_name, " if {"given", "family"} <= columns else ""
    keys = [sql for needed, sql in KEYS if set(needed) <= columns]
    if not keys:
        raise NotEnoughData(
            "People cannot be compared: no names, years of birth, phones or e-mails are known.",
            missing_zh="无法比对：没有姓名、出生年份、电话或邮箱。",
        )
    made = ", ".join(f"{sql} AS k{i}" for i, sql in enumerate(keys))
    wanted = ", ".join(sorted(columns))
    connection.execute(
        f"CREATE TABLE keyed AS SELECT CAST(id AS BIGINT) AS unique_id, {derived}{wanted}, {made} FROM given_records"  # noqa: S608
    )
    names = [f"k{i}" for i in range(len(keys))]
    caps = [_block_size(connection, name, sql) for name, sql in zip(names, keys, strict=True)]
    capped = ", ".join(
        f"CASE WHEN count(*) OVER (PARTITION BY {name}) <= {cap} THEN {name} END AS {name}"
        for name, cap in zip(names, caps, strict=True)
    )
    connection.execute(f"CREATE TABLE record AS SELECT * EXCLUDE ({', '.join(names)}), {capped} FROM keyed")  # noqa: S608
    connection.execute("DROP TABLE keyed")
    return columns | ({"full_name"} if derived else set())


def _block_size(connection: Any, name: str, sql: str) -> int:
    """The largest block of a key in which every pair is looked at."""
    sizes = RARE_BLOCKS if sql in RARE_KEYS else BLOCKS
    sums = ", ".join(f"sum(CASE WHEN n <= {size} THEN n * (n - 1) / 2 ELSE 0 END)" for size in sizes)
    counted = f"SELECT count(*) AS n FROM keyed WHERE {name} IS NOT NULL GROUP BY {name}"  # noqa: S608
    pairs = connection.execute(f"SELECT {sums} FROM ({counted})").fetchall()[0]  # noqa: S608
    return next((size for size, count in zip(sizes, pairs, strict=True) if (count or 0) <= KEY_PAIRS), sizes[-1])


def _whole_dates(connection: Any, columns: set[str]) -> bool:
    if "birth" not in columns:
        return False
    return bool(connection.execute("SELECT max(length(birth)) > 4 FROM record").fetchall()[0][0])


def _trained(connection: Any, comparisons: tuple[Comparison, ...], columns: set[str], whole: bool) -> Any:
    """A Splink linker whose weights were learned from these records."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    keys = connection.execute("SELECT column_name FROM (DESCRIBE record) WHERE column_name LIKE 'k%'").fetchall()
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_creator(c) for c in comparisons],
        blocking_rules_to_generate_predictions=[block_on(str(key)) for (key,) in keys],
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
    )
    api = DuckDBAPI(connection)
    linker = Linker(api.register("record"), settings, log_level=logging.ERROR)
    training = linker.training
    training.estimate_probability_two_random_records_match(_seeds(connection, columns, whole), recall=SEED_RECALL)
    training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
    for block in _sessions(connection, columns, whole):
        training.estimate_parameters_using_expectation_maximisation(block_on(*block), max_pairs=MOST_PAIRS)
    return linker


def _creator(comparison: Comparison) -> Any:
    """The comparison as Splink takes it."""
    from splink import comparison_library

    levels: list[Any] = [{"sql_condition": comparison.unknown, "label_for_charts": "unknown", "is_null_level": True}]
    for level in comparison.levels:
        rare = {"tf_adjustment_column": level.rare} if level.rare else {}
        levels.append({"sql_condition": level.sql, "label_for_charts": level.code, **rare})
    levels.append({"sql_condition": "ELSE", "label_for_charts": "differs"})
    return comparison_library.CustomComparison(levels, output_column_name=comparison.feature)


#: Parts of a column that a rule may name.
_PARTS = {"given_2": "substr({side}.given, 1, 2)", "postcode_2": "substr({side}.postcode, 1, 2)"}


def _seeds(connection: Any, columns: set[str], whole: bool) -> list[Any]:
    """The deterministic rules that these columns allow. Raises NotEnoughData where they find too few pairs."""
    rules = [
        " AND ".join(f"{_side(c, 'l')} = {_side(c, 'r')}" for c in rule)
        for rule in (*SEEDS, *(DATE_SEEDS if whole else ()))
        if {c.removesuffix("_2") for c in rule} <= columns
    ]
    counted = "SELECT count(*) FROM record l JOIN record r ON l.unique_id < r.unique_id AND ({})"
    found = sum(int(connection.execute(counted.format(rule)).fetchall()[0][0]) for rule in rules)
    if found < LEAST_SEEDS:
        raise NotEnoughData(
            f"Only {found} pairs of records agree in a phone or e-mail and a name or birth; {LEAST_SEEDS} are needed "
            "to learn how people are written twice.",
            missing_zh=f"只有 {found} 对记录的电话或邮箱与姓名或出生年份同时一致；至少需要 {LEAST_SEEDS} 对。",
        )
    return rules


def _side(column: str, side: str) -> str:
    return _PARTS[column].format(side=side) if column in _PARTS else f"{side}.{column}"


def _sessions(connection: Any, columns: set[str], whole: bool) -> list[tuple[str, ...]]:
    """The blocks to learn in, with pairs enough; a year of birth alone makes matches too rare to learn from."""
    found = []
    for session in SESSIONS:
        if not set(session.columns) <= columns or (session.columns == ("birth",) and not whole):
            continue
        names = ", ".join(session.columns)
        known = " AND ".join(f"{c} IS NOT NULL" for c in session.columns)
        pairs = connection.execute(
            f"SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM record WHERE {known} GROUP BY {names})"  # noqa: S608
        ).fetchall()[0][0]
        if pairs and pairs >= LEAST_PAIRS:
            found.append(session.columns)
    return found


def _pairs(scored: pa.Table, comparisons: tuple[Comparison, ...]) -> list[Pair]:
    evidence = [_weights(scored, comparison) for comparison in comparisons]
    ends = zip(
        *(scored.column(c).to_pylist() for c in ("unique_id_l", "unique_id_r", "match_probability")), strict=True
    )
    return [
        Pair(
            min(left, right), max(left, right), round(float(score), 6),
            {c.feature: told[i] for c, told in zip(comparisons, evidence, strict=True) if told[i] is not None},
        )
        for i, (left, right, score) in enumerate(ends)
    ]  # fmt: skip


def _weights(scored: pa.Table, comparison: Comparison) -> list[Any]:
    """For each pair the level's code and weight of one feature; None where it is not known of both."""
    name, codes = comparison.feature, ["differs", *(level.code for level in reversed(comparison.levels))]
    level, weight = scored.column(f"gamma_{name}").to_pylist(), scored.column(f"mw_{name}").to_pylist()
    rare: list[float | None] = [None] * scored.num_rows
    if f"mw_tf_adj_{name}" in scored.column_names:
        rare = scored.column(f"mw_tf_adj_{name}").to_pylist()
    return [
        None if g is None or g < 0 else (codes[g], round((w or 0.0) + (t or 0.0), 2))
        for g, w, t in zip(level, weight, rare, strict=True)
    ]
