"""The golden record: what sources said, chosen by a rule, taken back with its import, rebuilt at any time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.intake.actions import import_file, undo_batch
from engines.people.board import board
from engines.people.identity.merging import merge_people, unmerge
from engines.people.queries import search
from engines.people.survivorship import (
    STRATEGIES,
    Rule,
    Strategy,
    Word,
    choose,
    golden_of,
    rebuild_profiles,
    set_rule,
)
from models.errors import Known
from tests.engines.hand_mall import HandMall

APP = (
    "card no,name,phone,home area,joined\nA1,Ann Lee,13800001111,north,2026-01-02\nA2,Bo Chen,13800002222,,2026-01-02\n"
)
DESK = "card no,name,phone,home area,joined\nA1,Anne Lee,13800009999,south,2026-01-02\n"


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall", country="CN")
    yield made
    made.store.close()


def bring(mall: HandMall, tmp_path: Path, source: str, text: str) -> bytes:
    path = tmp_path / f"{source}.csv"
    path.write_text(text, encoding="utf-8")
    return import_file(mall.store, "meg", "members", path, source=source).batch


def told(mall: HandMall, card: str) -> dict[str, tuple[str, str]]:
    person = search(mall.store, card)[0].person_id
    return {g.attr: (g.shown, g.source) for g in golden_of(mall.store, person)}


def test_two_sources_are_kept_and_the_rule_chooses(mall: HandMall, tmp_path: Path) -> None:
    bring(mall, tmp_path, "app", APP)
    bring(mall, tmp_path, "desk", DESK)
    found = told(mall, "A1")
    assert found["home_area"] == ("south", "desk")
    assert found["phone"] == ("••••9999", "desk")
    set_rule(mall.store, "meg", "home_area", Rule("trusted_source", ("app", "desk")))
    set_rule(mall.store, "meg", "phone", Rule("oldest"))
    found = told(mall, "A1")
    assert found["home_area"] == ("north", "app")
    assert found["phone"] == ("••••1111", "app")
    record = golden_of(mall.store, search(mall.store, "A1")[0].person_id)
    assert next(g.others for g in record if g.attr == "home_area") == (("south", "desk"),)
    assert board(mall.store).people["differing"] == 1
    assert len(search(mall.store, among="differing")) == 1


def test_taking_an_import_back_takes_its_words_back(mall: HandMall, tmp_path: Path) -> None:
    bring(mall, tmp_path, "app", APP)
    before = told(mall, "A1")
    batch = bring(mall, tmp_path, "desk", DESK)
    undo_batch(mall.store, "meg", batch)
    assert told(mall, "A1") == before


def test_rebuilding_gives_the_same_records(mall: HandMall, tmp_path: Path) -> None:
    bring(mall, tmp_path, "app", APP)
    bring(mall, tmp_path, "desk", DESK)
    with mall.store.read() as connection:
        before = connection.exec_driver_sql("SELECT * FROM profile_attr").fetchall()
    with mall.store.write("meg", "losing the records") as tx:
        tx.connection.exec_driver_sql("DELETE FROM profile_attr")
    assert rebuild_profiles(mall.store) == 2
    with mall.store.read() as connection:
        assert connection.exec_driver_sql("SELECT * FROM profile_attr").fetchall() == before


def test_a_merge_joins_two_records_and_its_undoing_parts_them(mall: HandMall, tmp_path: Path) -> None:
    bring(mall, tmp_path, "app", APP)
    one, two = (search(mall.store, card)[0].person_id for card in ("A1", "A2"))
    before = golden_of(mall.store, one), golden_of(mall.store, two)
    done = merge_people(mall.store, "meg", one, two, evidence={}, reason="same person")
    assert golden_of(mall.store, two) == ()
    assert {value for g in golden_of(mall.store, one) if g.attr == "name" for value in (g.shown, *dict(g.others))} == {
        "A•• L••", "B• C•••",
    }  # fmt: skip
    unmerge(mall.store, "meg", done)
    assert (golden_of(mall.store, one), golden_of(mall.store, two)) == before


def test_no_plain_name_or_phone_is_in_what_a_page_gets(mall: HandMall, tmp_path: Path) -> None:
    bring(mall, tmp_path, "app", APP)
    seen = repr(golden_of(mall.store, search(mall.store, "A1")[0].person_id))
    assert not [plain for plain in ("Ann", "Lee", "13800001111") if plain in seen]


@pytest.mark.parametrize(("attr", "strategy"), [("shoe_size", "oldest"), ("name", "loudest")])
def test_a_rule_that_there_is_not_is_refused(mall: HandMall, attr: str, strategy: Strategy) -> None:
    with pytest.raises(Known, match="no attribute"):
        set_rule(mall.store, "meg", attr, Rule(strategy))


WORDS = st.lists(
    st.builds(
        Word,
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["app", "till", "desk"]),
        st.integers(0, 5),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@given(words=WORDS, strategy=st.sampled_from(STRATEGIES), seed=st.randoms(use_true_random=False))
def test_a_choice_is_one_of_the_words_whatever_their_order(words, strategy, seed) -> None:
    rule = Rule(strategy, ("desk", "app"))
    chosen = choose(rule, words)
    assert chosen in words
    mixed = list(words)
    seed.shuffle(mixed)
    assert choose(rule, mixed).value == chosen.value
    current = [w for w in words if w.current] or words
    if strategy == "most_recent":
        assert chosen.observed_at == max(w.observed_at for w in current)
    if strategy == "oldest":
        assert chosen.observed_at == min(w.observed_at for w in words)
    if strategy == "most_frequent":
        count = [w.value for w in current].count
        assert count(chosen.value) == max(count(w.value) for w in current)
    if strategy == "trusted_source" and any(w.source == "desk" for w in current):
        assert chosen.source == "desk"
