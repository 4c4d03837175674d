"""The Catchment page: a demo mall on its invented districts, what is missing said, and nothing left behind."""

from __future__ import annotations

import gc
import re
import weakref

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app.ui import i18n, theme
from app.ui.charts.areamap import AreaMap
from app.ui.pages.catchment import make
from app.ui.pages.catchment.state import read_people
from engines.catchment.actions import import_areas, remove_areas
from engines.segments.queries import segments
from models.settings import change_setting


@pytest.fixture
def opened(qtbot):
    pages = []

    def opening(desk):
        page = make(desk)
        pages.append(page)
        qtbot.addWidget(page)
        page.resize(1166, 680)
        with qtbot.waitSignal(page.model.changed, timeout=20_000):
            page.open()
        return page

    yield opening
    for page in pages:
        page.leave()


@pytest.fixture
def page(opened, open_desk, demo_copy):
    return opened(open_desk(demo_copy, span="30"))


def region(page, key):
    return next(one for one in page.map.view.data.regions if one.key == key)


def test_the_demo_mall_stands_on_its_invented_districts(page):
    chart, found = page.map.view.data, page.model.state.found
    assert isinstance(chart, AreaMap) and len(chart.regions) == 10 and found.map.demo
    rows = {row.code: row for row in found.rows}
    assert region(page, "RS").value == rows["RS"].members > 10 and "invented" in page.about.text()
    assert rows["RS"].distance_km < 1 and page.bands.view.data is not None
    assert [u.text for u in found.unmatched] == ["Elsewhere"]
    assert page.areas.table.rows.rowCount() == 10 and page.strangers.table.rows.rowCount() == 1


def test_another_measure_colours_the_map(page):
    page.map.measure.choose("penetration")
    page.map.redraw()
    row = next(row for row in page.model.state.found.rows if row.code == "RS")
    assert region(page, "RS").value == row.members / 92_000 and page.map.view.data.unit == "percent"


def test_the_tip_of_an_area_has_its_other_figures(page):
    tip = next(mark.tip for mark in page.map.view.marks() if mark.key == "RS")
    assert tip.startswith("Riverside: ") and "Visits" in tip and "km" in tip


def test_pressing_an_area_lists_its_people_and_one_opens_the_profile(page, qtbot):
    asked = []
    page.desk.wanted.connect(lambda where, what: asked.append((where, what)))
    page.map.view.picked.emit("RS")
    qtbot.waitUntil(lambda: page.people.found is not None, timeout=5000)
    members = next(row.members for row in page.model.state.found.rows if row.code == "RS")
    assert page.people.table.rows.rowCount() == members
    person = page.people.table.rows.at(0)
    assert person.card and not re.fullmatch(r"D\d{7}", person.card)  # masked
    page.people.table.activated.emit(person)
    assert asked == [("customers", {"person": person.person_id})]


def test_the_people_of_an_area_become_a_segment_once(page, qtbot):
    asked = []
    page.desk.wanted.connect(lambda where, what: asked.append((where, what)))
    page.show_area("RS")
    qtbot.waitUntil(lambda: page.people.found is not None, timeout=5000)
    for _ in range(2):
        page.people.segment.click()
        qtbot.waitUntil(lambda: bool(asked), timeout=5000)
        assert asked.pop() == ("segments", {"edit": "area-rs"})
    assert [s.code for s in segments(page.desk.store, page.desk.now())].count("area-rs") == 1


def test_small_areas_are_hidden_and_list_nobody(opened, open_desk, demo_copy):
    desk = open_desk(demo_copy)
    change_setting(desk.store, "tester", "privacy.smallest_group", 60)
    page = opened(desk)
    assert page.model.state.found.hidden > 0 and "hidden" in page.about.text()
    hidden = next(row for row in page.model.state.found.rows if row.hidden)
    assert region(page, hidden.code).note == "fewer than 60 people"
    assert read_people(desk.store, hidden.code).people == ()


def test_importing_a_bad_file_is_told_and_keeps_the_map(page, qtbot, tmp_path):
    said = []
    page.desk.said.connect(said.append)
    bad = tmp_path / "bad.geojson"
    bad.write_text("{", "utf-8")
    page.import_map(str(bad))
    qtbot.waitUntil(lambda: bool(said), timeout=30_000)
    assert "bad.geojson is no valid JSON" in said[0].values["sentence"]
    assert isinstance(page.map.view.data, AreaMap)


def test_a_file_chosen_here_becomes_the_map(page, qtbot, tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("code,name,lat,lon\n1,Riverside,31.23,121.47\n2,Elsewhere,31.9,121.9\n", "utf-8")
    with qtbot.waitSignal(page.model.changed, timeout=30_000):
        page.import_map(str(file))
    found = page.model.state.found
    assert found.map.source == "points.csv" and [row.name for row in found.rows] == ["Riverside", "Elsewhere"]
    assert all(one.parts == () and one.at is not None for one in page.map.view.data.regions)


def test_without_a_map_the_page_offers_to_import_one_and_still_lists_the_areas(opened, open_desk, demo_copy):
    desk = open_desk(demo_copy)
    remove_areas(desk.store, "tester")
    page = opened(desk)
    assert page.map.view.data is None and page.bands.view.data is None
    assert {page.areas.table.rows.at(i)["name"] for i in range(page.areas.table.rows.rowCount())} >= {"Riverside"}
    wanted = []
    page.map.map_wanted.disconnect()
    page.map.map_wanted.connect(lambda: wanted.append(True))
    page.map.acted.emit()
    assert wanted


def test_a_spoilt_map_says_so(opened, open_desk, demo_copy):
    (demo_copy / "areas.geojson").write_text("{", "utf-8")
    page = opened(open_desk(demo_copy))
    assert page.model.state.found is None and "no valid JSON" in page.model.state.trouble
    assert page.map.view.data is None


def test_an_empty_site_says_what_is_missing(opened, open_desk, empty_site):
    desk = open_desk(empty_site)
    import_areas(desk.store, "tester", _town(empty_site))
    page = opened(desk)
    assert page.areas.table.rows.rowCount() == 1  # the map's own area, where nobody lives yet
    remove_areas(desk.store, "tester")
    asked = []
    desk.wanted.connect(lambda where, what: asked.append((where, what)))
    page.areas.table.empty.acted.emit()
    assert asked == [("intake", {"kind": "members"})]


def _town(folder):
    file = folder / "town.csv"
    file.write_text("code,lat,lon\nA,1,1\n", "utf-8")
    return file


def test_language_and_theme_change_while_it_is_open(page):
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert "虚构" in page.about.text() and region(page, "RS").name == "滨江"
    theme.appearance().apply("dark")
    page.define()
    i18n.set_language("en")
    i18n.retranslate(page)
    assert region(page, "RS").name == "Riverside" and page.meanings.heading.text() == "What the figures mean"


def test_a_closed_page_is_gone(open_desk, demo_site, qtbot):
    desk = open_desk(demo_site)
    page = make(desk)
    with qtbot.waitSignal(page.model.changed, timeout=20_000):
        page.open()
    page.define()
    page.leave()
    gone = weakref.ref(page)
    page.deleteLater()
    QApplication.sendPostedEvents(page, QEvent.Type.DeferredDelete)
    del page
    gc.collect()
    assert gone() is None
