"""The catalogue holds every metric that staff ask for, says what each rests on, and what is missing."""

from __future__ import annotations

import json

import pytest

from engines.kpi.catalogue import CATALOGUE, definition
from engines.kpi.definition import Kpi
from engines.kpi.evidence import SETS
from models.tables import TABLES
from tests.data import data_file


def test_ids_are_unique_and_unknown_ones_refused() -> None:
    assert len({kpi.id for kpi in CATALOGUE}) == len(CATALOGUE)
    with pytest.raises(KeyError):
        definition("no_such_kpi")


def test_every_metric_of_the_question_catalogue_stands_under_its_id() -> None:
    metrics = json.loads(data_file("questions/catalogue.json").read_text(encoding="utf-8"))["metrics"]
    assert len(metrics) == 48
    for key, (unit, additive, group, _, _) in metrics.items():
        entry = definition(key)
        assert (entry.unit, entry.additive, entry.group) == (unit, additive, group), key


@pytest.mark.parametrize("kpi", CATALOGUE, ids=lambda kpi: kpi.id)
def test_an_entry_is_whole(kpi: Kpi) -> None:
    assert kpi.name and kpi.name_zh and kpi.formula and kpi.formula_zh
    assert any("\u4e00" <= letter <= "\u9fff" for letter in kpi.formula_zh + kpi.name_zh)
    assert bool(kpi.needs) == bool(kpi.needs_zh)
    assert kpi.version >= 1
    if kpi.computed:
        assert set(kpi.sources) <= TABLES.keys() and kpi.sources
        assert kpi.numerator or kpi.live
        assert kpi.sources[0] in SETS
    else:
        assert kpi.needs.startswith("Needs") and kpi.needs.endswith(".")
        assert not kpi.numerator
    if kpi.aggregate in ("growth", "per_stock") or kpi.scale != 1:
        assert kpi.denominator
