"""`models`: versions, a card, holding on to one, going back, letting go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli.entry import main
from engines.validation import actions, guards
from engines.validation.cards import Measured, ModelCard
from engines.validation.metrics import CalibrationBin
from engines.validation.queries import models
from models.errors import Known
from models.store import open_store
from tests.engines.hand_mall import HandMall


def card(version: int, state: Any) -> ModelCard:
    return ModelCard(
        "churn", "churn", version, state, "logistic", 1_700_000_000_000, "2026-08-01", 900, 300, "{}",
        features=("recency_days",), metrics={"auc": Measured(0.84, 0.82, 0.86, 400)},
        baselines={"rule": {"auc": Measured(0.82)}}, calibration=(CalibrationBin(40, 0.2, 0.25),),
        guards=(guards.split_gap(0.85, 0.84),), about="No purchase.", about_zh="无消费。",
    )  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with three versions of one model."""
    folder = tmp_path / "mall"
    made = HandMall.make(folder)
    for version, state in ((1, "retired"), (2, "champion"), (3, "challenger")):
        row = card(version, state).to_row()
        with made.store.write("service", "a version") as tx:
            names = ", ".join(row)
            marks = ", ".join("?" for _ in row)
            tx.connection.exec_driver_sql(f"INSERT INTO model_version ({names}) VALUES ({marks})", tuple(row.values()))
    made.store.close()
    return folder


def run(capsys: pytest.CaptureFixture[str], site: Path, *arguments: str) -> tuple[int, Any]:
    code = main(["--site", str(site), "models", *arguments, "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out.strip() else None


def test_versions_are_listed_and_a_card_shows_its_baselines(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, rows = run(capsys, site)
    assert code == 0 and [(r["version"], r["used"]) for r in rows] == [(3, False), (2, True), (1, False)]
    assert main(["--site", str(site), "models", "card", "churn"]) == 0
    text = capsys.readouterr().out
    assert "0.840 [0.820, 0.860]" in text and "rule" in text and "0.820" in text
    code, document = run(capsys, site, "card", "churn/churn", "--version", "1")
    assert code == 0 and document["version"] == 1 and "artefact" not in document


def test_pin_back_and_release_are_decisions_with_reasons(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, site, "pin", "churn", "--version", "3")[0] == 2  # no reason
    assert run(capsys, site, "pin", "churn", "--version", "9", "--reason", "try")[0] == 2
    assert run(capsys, site, "pin", "churn", "--version", "3", "--reason", "try it")[1]["version"] == 3
    assert run(capsys, site, "release", "churn", "--reason", "tried")[1]["version"] == 2
    assert run(capsys, site, "release", "churn", "--reason", "again")[0] == 2
    assert run(capsys, site, "back", "churn", "--reason", "worse in July")[1]["version"] == 1
    assert run(capsys, site, "back", "churn", "--reason", "further")[0] == 2
    store = open_store(site)
    try:
        with store.read() as connection:
            rows = connection.exec_driver_sql(
                "SELECT action, object, detail FROM audit_entry WHERE action IN ('pin', 'unpin') ORDER BY seq"
            ).fetchall()
        assert [(a, json.loads(d)["version"]) for a, _, d in rows] == [("pin", 3), ("unpin", 3), ("pin", 1)]
        assert {o for _, o, _ in rows} == {"model/churn/churn"} and "July" in rows[-1][2]
        pinned = models(store).pin("churn", "churn")
        assert pinned is not None and pinned.version == 1
        with pytest.raises(Known, match="only for a reason"):
            actions.unpin(store, "me", "churn", "churn", reason=" ")
    finally:
        store.close()


def test_an_unknown_model_is_told_with_those_there_are(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = run(capsys, site, "card", "weather")
    assert code == 2 and "churn/churn" in document["step"]
