"""The tabs Clusters and Movement: cards, pictures, names, a segment of a cluster, moves and who is likely to move."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QDir

from app.ui import i18n, theme
from app.ui.pages.segments import make
from app.ui.resources import RESOURCES
from engines.clusters import engine as clusters_engine
from engines.clusters import movement as movement_engine
from engines.clusters.queries import board, names
from engines.contract import moment_of
from engines.people.queries import search
from engines.segments.queries import segments
from models.store import open_store
from models.times import now_ms

sys.path.insert(0, str(Path(__file__).parents[2] / "engines" / "clusters"))
from histories import planted, unstructured  # type: ignore[import-not-found]
from test_movement import history  # type: ignore[import-not-found]


@pytest.fixture(autouse=True)
def _pictures_of_the_theme():
    QDir.setSearchPaths("atrium", [str(RESOURCES / "theme")])


@pytest.fixture
def opened(qtbot):
    pages = []

    def opening(desk, tab):
        page = make(desk)
        pages.append(page)
        qtbot.addWidget(page)
        page.resize(1166, 680)
        page.open({"tab": tab})
        part = page.part(tab)
        qtbot.waitUntil(lambda: part.model.state is not None and desk.work.idle(), timeout=20_000)
        return part

    yield opening
    for page in pages:
        page.leave()


def keep(store, given):
    """Store what an engine gave, as the driver would, for people that the site knows."""
    from engines.driver import _put
    from engines.registry import engine_named

    engine = engine_named("clusters" if "cluster" in given else "movement")
    people = [c.person_id for c in search(store, limit=1000)]
    with store.write("service", "test") as tx:
        for relation in engine.gives:
            frame = given[relation.name]
            if "person_id" in frame.column_names:
                import pyarrow as pa

                frame = frame.slice(0, len(people))
                ids = pa.array(people[: frame.num_rows], pa.binary(16))
                frame = frame.set_column(frame.column_names.index("person_id"), "person_id", ids)
            _put(tx, engine, relation, relation.check(frame))


def given(store, frame):
    empty = {
        "setting": clusters_engine.SETTING,
        "model_version": clusters_engine.VERSIONS,
        "model_pin": clusters_engine.PINS,
    }
    return clusters_engine.clusters(
        moment_of(store.site, now_ms()), features=frame, **{name: r.empty() for name, r in empty.items()}
    )


@pytest.fixture
def clustered(demo_copy, still_clock):
    store = open_store(demo_copy)
    found = given(store, planted(3, 100, seed=3)[0])
    keep(store, found)
    moves = movement_engine.movement(
        moment_of(store.site, now_ms()), **history(), cluster_fit=movement_engine.CLUSTER_FIT.empty(),
        move_trial=movement_engine.MOVE_TRIAL.empty(), model_version=movement_engine.VERSIONS.empty(),
        model_pin=movement_engine.PINS.empty(),
    )  # fmt: skip
    keep(store, moves)
    store.close()
    return demo_copy


@pytest.fixture
def tab(opened, open_desk, clustered):
    return opened(open_desk(clustered), "clusters")


def test_each_cluster_has_its_card_and_the_pictures_are_drawn(tab):
    found = board(tab.desk.store)
    assert [card.row.cluster_id for card in tab._cards] == [row.cluster_id for row in found.clusters]
    assert "3 clusters: stability" in tab.verdict.text() and not tab.none.isVisible()
    for card in (tab.places, tab.loadings, tab.radar, tab.tried):
        assert card.view.data is not None
    assert {spot.group for spot in tab.places.view.data.spots} == {row.name for row in found.clusters}
    assert all("•" in tab.people.rows.at(i).label for i in range(tab.people.rows.rowCount()))


def test_the_language_turns_names_and_verdict(tab):
    i18n.set_language("zh")
    i18n.retranslate(tab)
    theme.appearance()
    assert tab.verdict.text().startswith("3 类：稳定性")
    assert tab._cards[0]._heading.text() == board(tab.desk.store).clusters[0].name_zh


def test_a_name_given_stays_and_can_be_taken_back(qtbot, tab):
    store, card = tab.desk.store, tab._cards[0]
    number, ours = card.row.cluster_id, card.row.name
    card.name.click()
    card.edit.setText("Weekend families")
    card.name.click()
    qtbot.waitUntil(lambda: names(store)[number][0] == "Weekend families" and tab.desk.work.idle(), timeout=10_000)
    qtbot.waitUntil(lambda: card._heading.text() == "Weekend families", timeout=10_000)
    keep(store, given(store, planted(3, 100, seed=3)[0]))
    assert names(store)[number][0] == "Weekend families"
    tab.rename(number, "")
    qtbot.waitUntil(lambda: names(store)[number][0] == ours, timeout=10_000)
    with store.read() as connection:
        acts = connection.exec_driver_sql("SELECT count(*) FROM audit_entry WHERE action = 'rename'").scalar_one()
    assert acts == 2


def test_a_segment_follows_its_cluster(qtbot, tab):
    store, row = tab.desk.store, tab._cards[0].row
    tab._cards[0].segment.click()
    code = f"cluster-{row.cluster_id}"
    qtbot.waitUntil(lambda: any(s.code == code and s.people for s in segments(store, now_ms())), timeout=20_000)
    with store.read() as connection:
        people = connection.exec_driver_sql(
            "SELECT count(*) FROM person_cluster c JOIN person p ON p.id = c.person_id WHERE cluster_id = ? "
            "AND p.state = 'active'",
            (row.cluster_id,),
        ).scalar_one()
    made = next(s for s in segments(store, now_ms()) if s.code == code)
    assert made.people == people > 0 and made.name == row.name


def test_a_person_of_a_cluster_opens_the_profile(qtbot, tab):
    with qtbot.waitSignal(tab.desk.wanted) as wish:
        tab.people.activated.emit(tab.people.rows.at(0))
    assert wish.args == ["customers", {"person": tab.people.rows.at(0).person_id}]


def test_a_refusal_is_said_with_what_was_tried(opened, open_desk, demo_copy, still_clock):
    store = open_store(demo_copy)
    keep(store, given(store, unstructured(300, seed=5)))
    store.close()
    tab = opened(open_desk(demo_copy), "clusters")
    assert not tab.none.isHidden() and not tab._cards and tab.tried.view.data is not None
    assert board(tab.desk.store).last.promotion.startswith("No stable segments")


def test_moves_show_their_matrix_test_and_people(opened, open_desk, clustered):
    tab = opened(open_desk(clustered), "movement")
    state = tab.model.state
    assert state.months == (30, 60, 90, 120) and tab.matrix.view.data is not None
    assert len(tab.test.view.data.categories) == 3
    assert "on the last 30 days" in tab.verdict.text()
    assert tab.people.rows.rowCount() == min(len(state.people), 100)
    i18n.set_language("zh")
    i18n.retranslate(tab)
    assert "最近 30 天" in tab.verdict.text()


def test_another_month_can_be_asked_for(qtbot, opened, open_desk, clustered):
    tab = opened(open_desk(clustered), "movement")
    tab.month.choose("90")
    tab._ask("90")
    qtbot.waitUntil(lambda: tab.model.state.ask.back == 90, timeout=10_000)


@pytest.mark.parametrize("name", ["clusters", "movement"])
def test_an_empty_site_leads_to_the_import(qtbot, opened, open_desk, empty_site, name):
    tab = opened(open_desk(empty_site), name)
    assert not tab.none.isHidden()
    with qtbot.waitSignal(tab.desk.wanted) as wish:
        tab.none.acted.emit()
    assert wish.args == ["intake", {"kind": "sales"}]
