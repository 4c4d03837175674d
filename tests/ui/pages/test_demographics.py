"""Demographics: off until a person switches it on, refused where it cannot be, shown with its error."""

from __future__ import annotations

import gc
import hashlib
import math
import weakref

import pytest
from PySide6.QtWidgets import QWidget

from app.ui import i18n
from app.ui.pages.demographics import make
from app.ui.pages.demographics.charts import hours_chart, shares_chart
from app.ui.pages.demographics.switching import Wish
from app.ui.pages.demographics.tables import accuracy_rows
from engines.cameras.counts import keep_counts
from engines.cameras.purposes import history, switch_purpose
from engines.cameras.records import remember_camera
from engines.cameras.state import note_state
from engines.demographics.weights import record_check
from tests.engines.demographics.labelled import BANDS, labelled_set
from tests.ui.conftest import NOW_MS
from tests.ui.pages.vision_rows import HOUR_MS, LINES

MODEL = b"weights"
CROWD = {("25-34", "female"): 90, ("35-44", "female"): 60, ("25-34", "male"): 70, ("65+", "male"): 40}


@pytest.fixture
def desk(open_desk, empty_site):
    made = open_desk(empty_site)
    for code, name in (("C1", "Door"), ("C2", "Hall")):
        remember_camera(made.store, "me", code=code, name=name, address="rtsp://127.0.0.1:9/x", lines=LINES)
    return made


@pytest.fixture
def page(qtbot, desk):
    window = QWidget()
    made = make(desk)
    made.setParent(window)
    window.resize(1166, 700)
    made.resize(1166, 700)
    window.show()
    yield made
    made.leave()
    qtbot.waitUntil(desk.work.idle)
    window.close()
    window.deleteLater()


def opened(qtbot, page):
    with qtbot.waitSignal(page.model.changed):
        page.open()
    qtbot.waitUntil(page.desk.work.idle)
    return page.model.state


def check(desk, **errors):
    folder = desk.folder / "weights" / "attributes"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(MODEL)
    record_check(
        desk.store, "anna", weights="attributes", labelled_set="visitors", faces=list(labelled_set(**errors)),
        bands=BANDS,
    )  # fmt: skip


def measure(desk, crowd, hours=3):
    told = hashlib.sha256(MODEL).hexdigest()
    start = NOW_MS // HOUR_MS * HOUR_MS - 6 * HOUR_MS
    rows = [
        {"place": "lobby", "start_ms": start + h * HOUR_MS, "age_band": b, "gender": g, "n": n, "weights": told}
        for h in range(hours)
        for (b, g), n in crowd.items()
    ]
    keep_counts(desk.store, "C1", {"demographics": rows})


def test_it_is_off_and_says_what_it_would_take(qtbot, page):
    state = opened(qtbot, page)
    assert state.on == ()
    assert page.badge.text() == "Off"
    assert page.genders.isHidden() and page.bands.isHidden()
    assert [badge.text() for badge, _ in page.steps.rows] == ["Needed", "Needed", "Off", "Off"]
    assert "faces check FOLDER --weights NAME" in page.steps.rows[1][1].text()
    assert page.history.table.rows.rowCount() == 0


def test_the_switch_asks_for_who_decided_and_for_the_notice(qtbot, page, desk):
    opened(qtbot, page)
    page.switch.press()
    assert page.switch.wrong.text()
    page.switch.reason.setText("officer, assessment 7")
    page.switch.notice.setPlainText("  ")
    page.switch.press()
    assert history(desk.store) == []


def test_a_turned_switch_stays_on_record_with_its_person(qtbot, page, desk):
    opened(qtbot, page)
    assert "computer" in page.switch.notice.toPlainText() and "计算机" in page.switch.notice.toPlainText()
    page.switch.reason.setText("officer, assessment 7")
    with qtbot.waitSignal(page.model.changed):
        page.switch.button.click()
    (turned,) = history(desk.store)
    assert (turned.camera, turned.purpose, turned.on, turned.actor) == ("C1", "demographics", True, desk.actor)
    assert turned.legal_basis == "Consent of each person: officer, assessment 7"
    assert page.switch.button.text() == "Switch off"
    assert page.history.table.rows.rowCount() == 1
    with qtbot.waitSignal(page.model.changed):
        page.switch.button.click()
    assert [each.on for each in history(desk.store)] == [True, False]
    assert page.badge.text() == "Off"


def test_faces_that_are_too_small_are_told_with_their_measure(qtbot, page, desk):
    switch_purpose(desk.store, "me", "C2", "demographics", True, "consent", "notice")
    note_state(desk.store, "C2", {"state": "counting", "face_width_median": 26.0})
    opened(qtbot, page)
    badge, words = page.steps.rows[3]
    assert badge.text() == "Not possible"
    assert "Hall 26 px" in words.text()


def test_no_checked_weights_no_chart(qtbot, page, desk):
    measure(desk, CROWD)
    opened(qtbot, page)
    for card in (page.genders, page.bands, page.hours):
        assert card.view.data is None
    assert "Without them there is no chart" in page.genders._empty._label.text()


def test_few_people_are_no_chart(qtbot, page, desk):
    check(desk)
    measure(desk, {("25-34", "female"): 20, ("25-34", "male"): 15}, hours=1)
    opened(qtbot, page)
    assert page.genders.view.data is None
    assert "35 people are known here; 100 are needed" in page.genders._empty._label.text()


def test_shares_stand_with_their_interval_and_the_network_s_accuracy(qtbot, page, desk):
    check(desk, weak_group=True)
    measure(desk, {**CROWD, ("unknown", "unknown"): 30})
    state = opened(qtbot, page)
    chart = page.genders.view.data
    women, men = chart.rows
    assert (women.name, women.observed) == ("Women", pytest.approx(150 / 260))
    assert women.value + men.value == pytest.approx(1)
    assert women.low < women.value < women.high
    assert "labelled faces the gender is right in 92.5%" in page.genders.words.text()
    assert "B" in page.genders.words.text()
    assert "870 people seen; 90 unknown" in page.people.text()
    assert [row.name for row in page.bands.view.data.rows] == list(BANDS)
    weak = [row for row in accuracy_rows(state.found.check.checked) if row["weak"]]
    assert "B" in [row["name"] for row in weak]


def test_hours_show_the_unknown_and_the_suppressed(qtbot, page, desk):
    check(desk)
    measure(desk, {**CROWD, ("suppressed", "female"): 12, ("unknown", "unknown"): 30})
    state = opened(qtbot, page)
    chart = hours_chart(state.hours, "bands")
    assert [series.name for series in chart.series][-2:] == ["Suppressed", "Unknown"]
    assert sum(series.values[0] for series in chart.series) == 302
    assert page.hours.view.data is not None


def test_changed_weights_take_the_charts_away(qtbot, page, desk):
    check(desk)
    measure(desk, CROWD)
    (desk.folder / "weights" / "attributes" / "model.onnx").write_bytes(b"others")
    opened(qtbot, page)
    assert page.genders.view.data is None
    assert page.steps.rows[1][0].text() == "Needed"


def feel(desk, faces, hours=3):
    folder = desk.folder / "weights" / "emotions"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(MODEL)
    told = hashlib.sha256(MODEL).hexdigest()
    start = NOW_MS // HOUR_MS * HOUR_MS - 6 * HOUR_MS
    rows = [
        {"place": "hall", "start_ms": start + h * HOUR_MS, "expression": name, "n": n, "weights": told}
        for h in range(hours)
        for name, n in faces.items()
    ]
    keep_counts(desk.store, "C1", {"expressions": rows})


def test_expressions_stand_beside_their_caution_and_the_better_measure(qtbot, page, desk):
    switch_purpose(desk.store, "me", "C1", "emotion", True, "consent", "notice")
    feel(desk, {"neutral": 90, "happy": 30, "unknown": 20, "suppressed": 10})
    state = opened(qtbot, page)
    assert (state.places, state.place) == (("hall",), "hall")
    chart = page.emotion.view.data
    assert [(row.name, row.value) for row in chart.rows] == [("Neutral", 0.75), ("Happy", 0.25)]
    assert chart.rows[0].low < 0.75 < chart.rows[0].high
    assert page.emotion.people.text() == "450 people seen; 60 unknown, 30 in groups too small to be shown."
    for part in (page.emotion.view, page.emotion.caution, page.emotion.survey, page.emotion.button):
        assert part.isVisible()
    assert "no reliable link" in page.emotion.sheet().note
    assert all("unreliable" in name for name in chart.names[:1])
    page.turn(Wish("C1", "emotion", on=False))
    qtbot.waitUntil(lambda: page.emotion.view.data is None)
    assert page.emotion.badge.text() == "Expressions: off"
    assert page.emotion.sheet() is None


def test_expressions_that_are_on_say_why_there_are_none(qtbot, page, desk):
    switch_purpose(desk.store, "me", "C1", "emotion", True, "consent", "notice")
    opened(qtbot, page)
    assert page.emotion.badge.text() == "Expressions: on, no weights"
    assert "No weights for expressions" in page.emotion.why.text()
    feel(desk, {"neutral": 20}, hours=1)
    with qtbot.waitSignal(page.model.changed):
        page.model.refresh()
    assert "20 people are known here; 100 are needed" in page.emotion.why.text()
    assert page.emotion.caution.isVisible() and not page.emotion.beside.isVisible()


def test_surveys_are_offered_instead_of_expressions(qtbot, page, desk):
    opened(qtbot, page)
    gone = []
    desk.wanted.connect(lambda *where: gone.append(where))
    assert page.emotion.badge.text() == "Expressions: off"
    assert not page.emotion.why.isVisible() and not page.emotion.beside.isVisible()
    assert "no reliable link" in page.emotion.caution.text()
    page.emotion.button.click()
    assert gone == [("intake", {"kind": "activities"})]


def test_without_cameras_there_is_nothing_to_switch(qtbot, open_desk, tmp_path):
    from models.site import create_site
    from models.store import create_store

    create_store(create_site(tmp_path / "none", name="None")).close()
    desk = open_desk(tmp_path / "none")
    page = make(desk)
    qtbot.addWidget(page)
    opened(qtbot, page)
    gone = []
    desk.wanted.connect(lambda *where: gone.append(where))
    page.switch.acted.emit()
    assert gone == [("live", "add")]
    page.leave()


def test_no_share_is_no_chart():
    assert shares_chart(()) is None
    assert hours_chart((), "genders") is None


def test_it_speaks_chinese(qtbot, page, desk):
    check(desk)
    measure(desk, CROWD)
    opened(qtbot, page)
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.genders.view.data.rows[0].name == "女"
    assert page.switch.labels["basis"].text() == "法律依据"
    assert page.emotion.button.text() == "导入问卷回答"


def test_nothing_is_wider_than_a_small_window(qtbot, page, desk):
    check(desk)
    measure(desk, CROWD)
    opened(qtbot, page)
    assert page.area.horizontalScrollBar().maximum() == 0
    assert not math.isnan(page.genders.view.data.rows[0].value)


def test_a_closed_page_is_gone(qtbot, desk):
    page = make(desk)
    with qtbot.waitSignal(page.model.changed):
        page.open()
    qtbot.waitUntil(desk.work.idle)
    page.leave()
    gone = weakref.ref(page)
    page.deleteLater()
    del page
    qtbot.wait(10)
    gc.collect()
    assert gone() is None
