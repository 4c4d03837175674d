"""The dense series plot: gaps, crosshair, toggles, zoom in time, local ticks, files."""

from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.ui import format as formats
from app.ui import theme
from app.ui.charts.data import Series
from app.ui.charts.line import Band
from app.ui.charts.series import Dense, SeriesPlot

QUARTER = 900_000
START = int(dt.datetime(2026, 9, 1, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp() * 1000)


def dense(count=96, gates=2):
    at = tuple(START + i * QUARTER for i in range(count))
    series = tuple(Series(f"Gate {g}", tuple(float(i % 7 + g) for i in range(count))) for g in range(gates))
    return Dense(at, series, band=Band("likely", series[0].values, series[0].values))


@pytest.fixture
def plot(qtbot):
    theme.start(QApplication.instance(), "light")
    formats.configure("CNY", "Asia/Shanghai")
    made = SeriesPlot("Entries by gate")
    qtbot.addWidget(made)
    made.resize(800, 320)
    made.show_series(dense(), empty="No counts yet.")
    yield made
    theme.appearance().apply("light")


def test_a_hole_in_time_is_a_gap():
    data = Dense((0, QUARTER, 2 * QUARTER, 6 * QUARTER), (Series("g", (1.0, 2.0, 3.0, 4.0)),))
    xs, index = data.with_holes()
    assert index == [0, 1, 2, -1, 3]
    assert xs[3] == 3 * QUARTER / 1000


def test_malformed_data_is_refused():
    with pytest.raises(ValueError, match="grow"):
        Dense((2, 1), (Series("g", (1.0, 2.0)),))
    with pytest.raises(ValueError, match="expected 2"):
        Dense((1, 2), (Series("g", (1.0,)),))


def test_arrows_move_the_crosshair_and_read_aloud(plot, qtbot):
    with qtbot.waitSignal(plot.hovered) as hovered:
        qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert hovered.args == [START]
    assert plot.accessibleDescription() == "1 Sep 2026 00:00; Gate 0: 0; Gate 1: 1"
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert plot.accessibleDescription().startswith("1 Sep 2026 00:15")


def test_a_switched_off_series_says_nothing(plot, qtbot):
    button = plot._legend.buttons()[0]
    assert button.accessibleName() == "Show Gate 0"
    button.click()
    assert plot.words_at(0) == "1 Sep 2026 00:00\nGate 1: 1"
    assert not plot._plot._curves[0].isVisible() and plot._plot._curves[1].isVisible()


def test_zoom_moves_time_only_and_zero_shows_all(plot, qtbot):
    box = plot._plot.getPlotItem().getViewBox()
    before = box.viewRange()[0]
    assert before == [START / 1000, (START + 95 * QUARTER) / 1000]
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    low, high = box.viewRange()[0]
    assert before[0] < low < high < before[1]
    assert box.state["mouseEnabled"] == [True, False]
    qtbot.keyClick(plot, Qt.Key.Key_0)
    assert box.viewRange()[0] == before


def test_pens_stay_thin_and_gaps_break_the_curve(plot):
    curve = plot._plot._curves[0]
    assert curve.opts["pen"].widthF() == 1
    assert curve.opts["connect"] == "finite"
    assert curve.opts["clipToView"] and curve.opts["autoDownsample"]


def test_ticks_are_round_wall_times_even_across_a_clock_change():
    from app.ui.charts.plot import tick_step, ticks

    formats.configure("EUR", "Europe/Berlin")
    try:
        low = dt.datetime(2026, 10, 24, 22, tzinfo=dt.UTC).timestamp()
        found = [formats.current().local(round(s * 1000)) for s in ticks(low, low + 2 * 86400, 6 * 3600)]
        assert {moment.hour % 6 for moment in found} == {0}
        assert tick_step(86400, 8) == 3 * 3600
        assert tick_step(30 * 86400, 10) == 3 * 86400
    finally:
        formats.configure("CNY", "Asia/Shanghai")


def test_theme_switch_recolours_curves(plot):
    before = plot._plot._curves[0].opts["pen"].color().name()
    theme.appearance().apply("dark")
    assert plot._plot._curves[0].opts["pen"].color().name() != before


def test_no_figures_say_why(plot):
    plot.show_series(Dense((START,), (Series("g", (math.nan,)),)), empty="No counts yet.")
    assert plot._stack.currentWidget() is plot._empty
    assert plot._empty.accessibleName() == "No counts yet."


def test_one_instant_is_shown(plot):
    plot.show_series(dense(1))
    assert plot._plot.getPlotItem().getViewBox().viewRange()[0] == [START / 1000 - 450, START / 1000 + 450]


def test_a_figure_between_gaps_is_a_dot(plot):
    values = (1.0, math.nan, 3.0, math.nan, 5.0, 6.0)
    at = tuple(START + i * QUARTER for i in range(len(values)))
    plot.show_series(Dense(at, (Series("g", values), Series("h", (1.0,) * len(values)))))
    lone, joined = plot._plot._lone
    assert [point.pos().y() for point in lone.points()] == [1.0, 3.0]
    assert len(joined.points()) == 0
    left, right = plot._plot.getPlotItem().getViewBox().viewRange()[0]
    assert left < at[0] / 1000  # the dot at the very beginning is seen whole
    assert right > at[-1] / 1000
    plot._switch("g", False)
    assert not lone.isVisible()


def test_the_axis_of_a_single_count_has_different_whole_numbers(plot):
    plot.show_series(dense(1, 1))
    low, high = plot._plot.getPlotItem().getViewBox().viewRange()[1]
    assert high - low >= 6


def test_copy_and_save(plot, tmp_path):
    plot.copy_table()
    assert QGuiApplication.clipboard().text().splitlines()[1] == "2026-09-01 00:00\t0\t1"
    for suffix, start in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        plot.save(tmp_path / f"plot.{suffix}")
        assert (tmp_path / f"plot.{suffix}").read_bytes().startswith(start)


def test_pyqtgraph_loads_only_with_the_first_dense_plot():
    modules = "app.ui.charts.view, app.ui.charts.series, sys"
    code = f"import {modules}; print('pyqtgraph' in sys.modules, 'numpy' in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
