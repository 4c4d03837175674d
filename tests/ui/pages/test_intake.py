"""Import: a file is looked into, its columns corrected, tried, imported, and taken back."""

from __future__ import annotations

import pytest

from app.ui import i18n
from app.ui.pages.intake import make
from app.ui.pages.intake.reasons import REASONS, reason_words
from app.ui.pages.intake.words import field_title
from engines.intake.fields import KINDS
from engines.intake.queries import batches
from models.requests import requested

SALES = """receipt no,date,amount,shop,remark
R1,2026-03-01 10:00,120.50,Zara,x
R2,2026-03-01 11:00,80.00,Nike,y
R3,2026-13-45 11:00,9.99,Nike,z
"""


@pytest.fixture
def desk(open_desk, empty_site):
    return open_desk(empty_site)


@pytest.fixture
def page(qtbot, desk):
    made = make(desk)
    qtbot.addWidget(made)
    yield made
    if made.form.child is not None:
        made.form.child.close()


@pytest.fixture
def chinese():
    i18n.set_language("zh")
    yield
    i18n.set_language("en")


@pytest.fixture
def sales(tmp_path):
    path = tmp_path / "till.csv"
    path.write_text(SALES, encoding="utf-8")
    return path


def rest(qtbot, page):
    qtbot.waitUntil(lambda: not page.form.busy(), timeout=30_000)


def test_a_till_file_goes_in_once_and_comes_out_again(qtbot, page, desk, sales):
    with qtbot.waitSignal(page.model.changed):
        page.open({"file": str(sales)})
    rest(qtbot, page)
    form = page.form
    assert form.preview["kind"] == "sales"
    assert form.mapping.document()["columns"] == {
        "receipt": "receipt no", "at": "date", "amount": "amount", "tenant": "shop",
    }  # fmt: skip
    assert form.table.rows.rowCount() == 3

    form.try_out()
    rest(qtbot, page)
    assert form.result.counts._figures["loaded"].text() == "2"
    assert form.result.rejects.rows.text(0, 1) == "date"
    assert batches(desk.store) == []

    with qtbot.waitSignal(page.model.changed, timeout=30_000):
        form.do_import()
    qtbot.waitUntil(lambda: page.history.rejects.rows.rowCount() == 1)
    qtbot.waitUntil(lambda: form.result.rejects.rows.rowCount() == 1)
    assert form.result.rejects.rows.text(0, 0) == "3"
    assert page.history.chosen.loaded == 2

    rest(qtbot, page)
    with qtbot.waitSignal(page.model.changed, timeout=30_000):
        form.do_import()
    assert (page.history.chosen.loaded, page.history.chosen.unchanged) == (0, 2)

    rest(qtbot, page)
    notices = []
    desk.said.connect(notices.append)
    first = batches(desk.store)[1]
    page.confirm_undo(first)
    assert batches(desk.store)[1].state == "done"  # nothing happens before the person says so
    notices[-1].do()
    qtbot.waitUntil(lambda: batches(desk.store)[1].state == "undone", timeout=30_000)
    qtbot.waitUntil(lambda: page._undoing is None, timeout=30_000)


def test_a_needed_column_that_is_missing_is_named(qtbot, page, tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("receipt no,date,qqq\nR1,2026-03-01,5\n", encoding="utf-8")
    page.open({"kind": "sales", "file": str(path)})
    rest(qtbot, page)
    assert "Unit price or Amount" in page.form.wrong.text() or "Amount or Unit price" in page.form.wrong.text()
    assert not page.form.load.isEnabled()
    line = page.form.mapping.lines["amount"]
    line.combo.setCurrentIndex(line.combo.findData("qqq"))
    line.combo.activated.emit(line.combo.currentIndex())
    assert page.form.wrong.isHidden()
    assert page.form.load.isEnabled()
    assert line.badge.text() == "your choice"


def test_a_column_moves_from_one_field_to_another(qtbot, page, sales):
    page.open({"file": str(sales)})
    rest(qtbot, page)
    line = page.form.mapping.lines["net"]
    line.combo.setCurrentIndex(line.combo.findData("amount"))
    line.combo.activated.emit(line.combo.currentIndex())
    columns = page.form.mapping.document()["columns"]
    assert columns["net"] == "amount"
    assert "amount" not in columns


def test_a_file_that_cannot_be_read_is_explained_in_place(qtbot, page, tmp_path):
    path = tmp_path / "empty.csv"
    path.write_bytes(b"")
    page.open({"file": str(path)})
    rest(qtbot, page)
    assert "empty.csv is empty" in page.form.wrong.text()
    assert page.form.load.isHidden()
    assert not page.form.kinds.isHidden()


def test_the_analyses_are_asked_for_after_an_import(qtbot, page, desk):
    notices = []
    desk.said.connect(notices.append)
    page.run_analyses()
    qtbot.waitUntil(lambda: bool(notices))
    assert "footfall" in requested(desk.store)
    with qtbot.waitSignal(desk.wanted) as wanted:
        notices[0].do()
    assert wanted.args[0] == "jobs"


def test_every_field_has_a_name_in_both_languages():
    english = {f"{kind.name}.{f.name}": field_title(f) for kind in KINDS.values() for f in kind.fields}
    i18n.set_language("zh")
    try:
        chinese = {f"{kind.name}.{f.name}": field_title(f) for kind in KINDS.values() for f in kind.fields}
    finally:
        i18n.set_language("en")
    assert all(text[:1].isupper() for text in english.values())
    assert not [name for name, text in chinese.items() if text.isascii()]


def test_an_empty_site_says_what_can_be_imported(qtbot, page):
    with qtbot.waitSignal(page.model.changed):
        page.open()
    assert not page.form.kinds.isHidden()
    assert page.form.load.isHidden()
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.tabs.tabText(0) == "导入文件"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("head is empty", "“科目”为空"),
        ("'five' is not an amount", "“five”不是金额或数字"),
        ("'a' is none of weeks, year, model", "“a”不在可用的词中：weeks, year, model"),
        ("there is no deal 'D9'", "没有商机“D9”"),
        ("something quite new", "something quite new"),
    ],
)
def test_a_refusal_is_said_in_the_language_in_force(reason, words, chinese):
    assert reason_words(reason) == words


def test_every_reason_is_recognised_as_itself():
    for template in REASONS:
        assert reason_words(template) == template
