"""Widgets of the operations pages: progress in words, folded details, the switch, dropped files, tables as files."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget
from python_calamine import CalamineWorkbook

from app.ui import format
from app.ui.widgets.details import Details
from app.ui.widgets.drop import DropArea
from app.ui.widgets.progress import ProgressStrip
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import Sheet, sheet_of, write_sheet
from app.ui.widgets.switch import Switch
from app.ui.widgets.table import DataTable
from models.errors import Known


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_progress_says_rows_rate_and_time_left(qtbot, window):
    strip = ProgressStrip(window)
    strip.begin("Importing", ("{done} rows", "{done} of {total} rows"))
    strip.show_report({"done": 5000, "total": 20000, "rate": 2500.0, "seconds_left": 6.0})
    assert strip.words.text() == "Importing  ·  5,000 of 20,000 rows  ·  2,500 a second  ·  about 6 s left"
    assert strip.bar.value() == 250
    with qtbot.waitSignal(strip.cancelled):
        strip.stop.click()
    assert not strip.stop.isEnabled()


def test_details_are_folded_until_asked_for_and_gone_when_there_are_none(window):
    details = Details(parent=window)
    details.show_text("Traceback")
    assert (details.isHidden(), details.text.isHidden()) == (False, True)
    details.button.click()
    assert not details.text.isHidden()
    details.show_text("")
    assert details.isHidden()


def test_the_switch_moves_by_keyboard(qtbot):
    switch = Switch()
    qtbot.addWidget(switch)
    with qtbot.waitSignal(switch.clicked):
        qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert switch.isChecked()
    assert switch.grab().width() > 0


def test_a_dropped_file_is_chosen(qtbot, tmp_path):
    area = DropArea("Drop a file here")
    qtbot.addWidget(area)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.csv"))])
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(area.chosen) as chosen:
        area.dropEvent(drop)
    assert chosen.args == [tmp_path / "a.csv"]


@pytest.fixture
def table(qtbot):
    format.configure(currency="CNY", zone="Asia/Shanghai")
    made = DataTable((Column("name", "Name"), Column("spent", "Spent", "money"), Column("at", "When", "instant")))
    qtbot.addWidget(made)
    made.set_rows([{"name": "=1+1", "spent": 12345, "at": 0}, {"name": "李雷", "spent": None, "at": None}])
    return made


def test_a_demo_mall_says_so_in_every_exported_file(open_desk, empty_site, demo_site, table, tmp_path):
    sheet = sheet_of(open_desk(demo_site), "Members", table)
    for name in ("a.csv", "a.xlsx"):
        write_sheet(tmp_path / name, sheet)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["Demo mall. Every figure here is invented."]
    assert rows[2] == ["'=1+1", "123.45", "1970-01-01 08:00:00"]  # no formula, money in yuan, the site's clock
    assert rows[3] == ["李雷", "", ""]
    cells = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
    assert cells[0][0] == "Demo mall. Every figure here is invented."
    assert cells[2][:2] == ["=1+1", 123.45]
    assert sheet_of(open_desk(empty_site), "Members", table).note == ""


def test_a_file_that_cannot_be_written_is_explained():
    with pytest.raises(Known, match="cannot be written"):
        write_sheet(Path("/nowhere/at/all.csv"), Sheet("Members", "", ("Name",), ()))
