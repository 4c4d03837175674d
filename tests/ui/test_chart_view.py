"""The chart widget: shows, answers mouse and keyboard, reads aloud, copies and saves."""

from __future__ import annotations

import gc
import weakref

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.ui import theme
from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.line import Line
from app.ui.charts.marks import Box, Text
from app.ui.charts.pie import Part, Pie
from app.ui.charts.samples import samples
from app.ui.charts.scatter import Scatter, Spot
from app.ui.charts.view import ChartView, chart_theme
from app.ui.i18n import set_language
from models.errors import Known

BARS = Bars(("Zara", "Nike"), (Series("Visits", (1200.0, 800.0)),), keys=("z", "n"))


@pytest.fixture
def view(qtbot):
    theme.start(QApplication.instance(), "light")
    made = ChartView("Visits by tenant")
    qtbot.addWidget(made)
    made.resize(420, 300)
    made.show_chart(BARS, empty="No visits yet.")
    yield made
    set_language("en")
    theme.appearance().apply("light")


def bar(view, key):
    return next(mark for mark in view.marks() if isinstance(mark, Box) and mark.key == key)


def middle(mark):
    left, top, right, bottom = mark.bounds()
    return QPoint(round((left + right) / 2), round((top + bottom) / 2))


def test_click_picks_the_mark(view, qtbot):
    with qtbot.waitSignal(view.picked) as picked:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle(bar(view, "n")))
    assert picked.args == ["n"]


def test_click_on_nothing_picks_nothing(view, qtbot):
    with qtbot.assertNotEmitted(view.picked):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))


def test_arrows_walk_and_read_aloud_and_enter_picks(view, qtbot):
    assert "Zara: 1,200" in view.accessibleDescription() and "Nike: 800" in view.accessibleDescription()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.accessibleDescription() == "Zara: 1,200"
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.accessibleDescription() == "Nike: 800"
    with qtbot.waitSignal(view.picked) as picked:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert picked.args == ["n"]
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.accessibleDescription() == "Zara: 1,200"
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert "Nike: 800" in view.accessibleDescription()


def test_name_is_accessible_in_both_languages(view):
    assert view.accessibleName() == "Visits by tenant"
    unnamed = ChartView(parent=view)
    set_language("zh")
    unnamed.retranslate()
    assert unnamed.accessibleName() == "图表"


def test_hover_finds_the_mark_and_its_words(view):
    point = middle(bar(view, "z"))
    assert view.mark_at(point.x(), point.y()).tip == "Zara: 1,200"


def test_empty_chart_says_why_in_the_chosen_language(view):
    view.show_chart(Bars((), ()), empty="Nothing here yet.")
    set_language("zh")
    view.retranslate()
    (only,) = view.marks()
    assert only.text == "暂无内容。"


def test_copy_as_table(view, qtbot):
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "\tVisits\nZara\t1200\nNike\t800\n"


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_save(view, tmp_path, suffix, start):
    view.save(tmp_path / f"chart.{suffix}")
    assert (tmp_path / f"chart.{suffix}").read_bytes().startswith(start)


def test_saving_where_it_cannot_says_what_to_do(view, tmp_path):
    for name in ("missing/chart.svg", "missing/chart.png", "missing/chart.pdf", "chart.docx"):
        with pytest.raises(Known) as error:
            view.save(tmp_path / name)
        assert error.value.step


def test_theme_switch_repaints_with_the_new_colours(view):
    light = bar(view, "z").fill
    theme.appearance().apply("dark")
    assert bar(view, "z").fill != light
    image = view.grab().toImage()
    point = middle(bar(view, "z"))
    ratio = image.devicePixelRatio()
    assert image.pixelColor(round(point.x() * ratio), round(point.y() * ratio)).name() == bar(view, "z").fill


def test_marks_follow_the_size(view, qtbot):
    wide = max(mark.bounds()[2] for mark in view.marks())
    view.show()
    view.resize(900, 300)
    assert max(mark.bounds()[2] for mark in view.marks()) > wide + 300


def test_lasso_names_the_spots_inside(view, qtbot):
    view.lasso = True
    spots = tuple(Spot(f"s{i}", float(i), float(i), key=f"k{i}") for i in range(5))
    view.show_chart(Scatter(spots, "x", "y"))
    found = []
    view.lassoed.connect(found.append)
    left = next(mark for mark in view.marks() if mark.key == "k0").bounds()
    x, y = left[0] - 15, left[3] + 15
    path = [(x + 0, y), (x + 10, y), (x + 60, y), (x + 60, y - 20), (x + 60, y - 60), (x + 30, y - 60), (x, y - 60),
            (x, y - 40), (x, y - 20), (x, y)]  # fmt: skip
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPointF(*path[0]).toPoint())
    for place in path[1:]:
        qtbot.mouseMove(view, QPointF(*place).toPoint())
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPointF(*path[-1]).toPoint())
    assert found == [["k0"]]


def test_real_fonts_keep_every_text_in_its_room(view):
    look = chart_theme()
    for build in samples(look).values():
        view.show_chart(build())
        for mark in view.marks():
            if isinstance(mark, Text) and mark.upright:
                assert theme.measure(mark.text, mark.size, mark.bold) <= mark.w + 1


def test_dates_relabel_in_the_language(view):
    import datetime as dt

    days = tuple(dt.date(2026, 9, 1) + dt.timedelta(days=i) for i in range(4))
    view.show_chart(Line(days, (Series("Visits", (1.0, 2.0, 3.0, 4.0)),)))
    set_language("zh")
    view.retranslate()
    assert any(isinstance(mark, Text) and mark.text == "9月1日" for mark in view.marks())


def test_menu_offers_copy_and_save(view):
    menu = view.menu()
    assert [action.text() for action in menu.actions()] == ["Copy as table", "Copy as picture", "Save as…"]
    menu.actions()[0].trigger()
    assert QGuiApplication.clipboard().text().startswith("\tVisits")
    menu.deleteLater()


def test_a_closed_view_is_gone(qtbot):
    made = ChartView("x")
    made.resize(300, 200)
    made.show_chart(Pie("all", (Part("a", 1.0), Part("b", 2.0))))
    made.grab()
    gone = weakref.ref(made)
    made.close()
    made.deleteLater()
    del made
    QApplication.sendPostedEvents(None, 52)
    gc.collect()
    assert gone() is None
