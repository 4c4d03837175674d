"""`people`: from looking for duplicates to undoing a merge, as a person at a terminal does it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli.entry import main
from engines.people.queries import search
from models.site import create_site
from models.store import create_store, open_store


@pytest.fixture
def site(tmp_path: Path) -> Path:
    from engines.intake.actions import import_file

    folder = tmp_path / "site"
    store = create_store(create_site(folder, name="Mall", time_zone="Asia/Shanghai", country="CN"))
    members = tmp_path / "members.csv"
    members.write_text(
        "card no,name,phone,joined\nA1,Ann Lee,13800001111,2026-01-02\nA2,ANN LEE,13800001111,2026-01-03\n", "utf-8"
    )
    import_file(store, "tester", "members", members)
    store.close()
    return folder


@pytest.fixture
def run(site: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any]]:
    def ran(*arguments: str) -> tuple[int, Any]:
        code = main(["--site", str(site), "--json", "people", *arguments])
        return code, json.loads(capsys.readouterr().out)

    return ran


def test_merge_and_unmerge_from_the_command_line(site: Path, run: Callable[..., tuple[int, Any]]) -> None:
    store = open_store(site)
    people = [customer.person_id.hex() for customer in search(store)]
    store.close()
    code, made = run("merge", *people, "--reason", "the same person, asked")
    assert code == 0
    assert run("merges")[1][0]["merge"] == made["merge"]
    assert run("quality")[1]["merges"] == 1
    assert run("unmerge", made["merge"]) == (0, {"person": people[1]})
    assert run("unmerge", made["merge"])[0] == 2
    assert run("quality")[1]["merges"] == 0


def test_too_few_people_to_learn_from_are_no_error(run: Callable[..., tuple[int, Any]]) -> None:
    code, done = run("resolve")
    assert (code, done["people"], done["merged"]) == (0, 2, 0)
    assert done["refused"]
    assert run("candidates") == (0, [])


def test_records_are_rebuilt_and_rules_set(run: Callable[..., tuple[int, Any]]) -> None:
    assert run("rebuild") == (0, {"people": 2})
    assert run("rule", "name", "oldest")[0] == 0
    assert run("rule", "name", "loudest")[0] == 2


@pytest.mark.parametrize("wrong", ["", "zz", "00ff"])
def test_what_is_no_id_is_bad_use(run: Callable[..., tuple[int, Any]], wrong: str) -> None:
    assert run("unmerge", wrong)[0] == 2
