"""Customers: found by what they say, shown masked, revealed for a reason and a minute, listed in files that are booked."""

from __future__ import annotations

import csv
import gc
import weakref

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QPushButton

from app.ui import i18n, theme
from app.ui.pages.customers import make
from app.ui.pages.customers.identity import SHOWN_SECONDS
from app.ui.pages.customers.search_list import COLUMNS, Question, find_all
from app.ui.pages.customers.words import sentence
from app.ui.widgets.people_list import PeopleList, export_people
from engines.people.queries import search
from engines.people.timeline import Entry

#: Members, those of the ring of referrals, and people of whom a device or an address is all that is known.
PEOPLE = 300 + 6 + 48


@pytest.fixture
def desk(open_desk, demo_copy):
    return open_desk(demo_copy)


@pytest.fixture
def page(qtbot, desk):
    return shown(qtbot, desk)


def shown(qtbot, desk, argument=None):
    made = make(desk)
    qtbot.addWidget(made)
    made.resize(1166, 680)
    with qtbot.waitSignals([made.model.changed, made.whole.changed]):
        made.open(argument)
    return made


def labels(page):
    rows = page.list.table.rows
    return [rows.text(row, 0) for row in range(rows.rowCount())]


def find(qtbot, page, text):
    with qtbot.waitSignal(page.model.changed):
        page.list.box.setText(text)
        qtbot.keyClick(page.list.box, Qt.Key.Key_Return)


def open_first(qtbot, page):
    with qtbot.waitSignal(page.person.changed):
        page.list.opened.emit(page.list.table.rows.at(0))


def plain_values(store, person_id):
    with store.read() as connection:
        return [
            row[0]
            for row in connection.exec_driver_sql(
                "SELECT name FROM member WHERE person_id = ?1 UNION SELECT i.value FROM identifier i "
                "JOIN identifier_owner o ON o.identifier_id = i.id WHERE o.person_id = ?1",
                (person_id,),
            )
        ]


def texts(page):
    from PySide6.QtWidgets import QLabel

    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page))


def test_it_lists_everyone_masked_and_says_how_many(page):
    assert page.list.table.rows.rowCount() == 50
    assert all("•" in label for label in labels(page))
    assert page.overview.whole.heads.people == PEOPLE
    assert f"({PEOPLE})" in page.list.among.itemText(0)
    assert not page.none.isVisibleTo(page)


def test_nothing_is_said_of_members_before_they_were_read(qtbot, open_desk, demo_site):
    page = make(open_desk(demo_site))
    qtbot.addWidget(page)
    page.overview.show()
    assert not page.overview.nobody.isVisibleTo(page.overview)


def test_scrolling_reads_on_until_everyone_is_there(qtbot, page):
    table = page.list.table
    while table._has_more:
        table._scrolled(table.view.verticalScrollBar().maximum())
        qtbot.waitUntil(page.desk.work.idle)
    people = {table.rows.at(row).person_id for row in range(table.rows.rowCount())}
    assert len(people) == table.rows.rowCount() == PEOPLE


def test_a_scanned_card_opens_its_owner(qtbot, page, desk):
    wanted = search(desk.store)[7]
    card = next(value for value in plain_values(desk.store, wanted.person_id) if value.startswith("D0"))
    with qtbot.waitSignal(page.person.changed):
        find(qtbot, page, card.lower())
    assert page.profile.state.profile.person_id == wanted.person_id
    assert page.beside.currentIndex() == 1
    assert page.list.table.rows.rowCount() == 1


def test_nobody_found_says_so_and_leads_back_to_everyone(qtbot, page):
    find(qtbot, page, "nobody is called so")
    assert page.list.table.rows.rowCount() == 0
    assert "nobody is called so" in page.list.table.empty.accessibleName()
    with qtbot.waitSignal(page.model.changed):
        page.list.table.empty.button.click()
    assert page.list.table.rows.rowCount() == 50
    assert page.list.box.text() == ""


def test_arrow_keys_go_from_the_box_through_the_list_and_enter_opens(qtbot, page):
    page.list.box.setFocus()
    qtbot.keyClick(page.list.box, Qt.Key.Key_Down)
    view = page.list.table.view
    assert view.currentIndex().row() == 0
    qtbot.keyClick(view, Qt.Key.Key_Down)
    wanted = page.list.table.rows.at(1)
    with qtbot.waitSignal(page.person.changed):
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert page.profile.state.profile.person_id == wanted.person_id


def test_a_profile_shows_no_plain_value(qtbot, page, desk):
    open_first(qtbot, page)
    person = page.profile.state.profile.person_id
    seen = texts(page)
    assert page.profile.header.name.text() == page.list.table.rows.text(0, 0)
    assert plain_values(desk.store, person)
    assert not [value for value in plain_values(desk.store, person) if value and value in seen]
    assert page.profile.months.view.data is not None
    assert page.profile.favourites.view.data is not None


def reveal(qtbot, page, reason="the customer asks at the desk"):
    identity = page.profile.identity
    identity.button.click()
    identity.asking.reason.setText(reason)
    with qtbot.waitSignal(page.desk.work.busy, check_params_cb=lambda busy: not busy):
        qtbot.keyClick(identity.asking.reason, Qt.Key.Key_Return)
    return identity


def test_plain_values_come_for_a_reason_and_go_after_a_minute(qtbot, page, desk):
    open_first(qtbot, page)
    person = page.profile.state.profile.person_id
    identity = reveal(qtbot, page)
    qtbot.waitUntil(lambda: identity.plain is not None)
    assert all(value in texts(page) for value in plain_values(desk.store, person))
    for _ in range(SHOWN_SECONDS - 1):
        identity.tick()
    assert identity.plain is not None
    identity.tick()
    assert identity.plain is None
    assert not any(value in texts(page) for value in plain_values(desk.store, person))
    with desk.store.read() as connection:
        booked = connection.exec_driver_sql("SELECT object, detail FROM audit_entry WHERE action = 'reveal'").fetchall()
    assert booked[0][0] == f"person/{person.hex()}"
    assert "at the desk" in booked[0][1]


def test_too_short_a_reason_gives_nothing_and_esc_takes_the_question_back(qtbot, page):
    open_first(qtbot, page)
    identity = page.profile.identity
    identity.button.click()
    identity.asking.reason.setText("x")
    assert not identity.asking.show_button.isEnabled()
    qtbot.keyClick(identity.asking.reason, Qt.Key.Key_Return)
    assert identity.plain is None
    qtbot.keyClick(identity.asking.reason, Qt.Key.Key_Escape)
    assert identity.asking.isHidden()
    assert identity.button.isVisibleTo(page)


@pytest.mark.parametrize("how", ["leave", "another", "close"])
def test_plain_values_do_not_outlive_the_look(qtbot, page, how):
    open_first(qtbot, page)
    identity = reveal(qtbot, page)
    qtbot.waitUntil(lambda: identity.plain is not None)
    if how == "leave":
        page.leave()
    elif how == "close":
        page.close_person()
    else:
        with qtbot.waitSignal(page.person.changed):
            page.list.opened.emit(page.list.table.rows.at(1))
    assert identity.plain is None


def test_the_timeline_chooses_groups_and_reads_on(qtbot, page, desk):
    with desk.store.read() as connection:
        person = bytes(
            connection.exec_driver_sql(
                "SELECT o.person_id FROM activity a JOIN identifier_owner o ON o.identifier_id = a.identifier_id "
                "GROUP BY 1 ORDER BY sum(a.kind = 'visit') DESC LIMIT 1"
            ).scalar_one()
        )
    with qtbot.waitSignal(page.person.changed):
        page.open_person(person)
    timeline = page.profile.timeline
    whole = sum(page.profile.state.counts.values())
    while timeline.more.isVisibleTo(timeline):
        before = len(timeline.lines.entries)
        timeline.more.click()
        qtbot.waitUntil(lambda before=before: len(timeline.lines.entries) > before or timeline.more.isHidden())
    assert len(timeline.lines.entries) == whole
    assert timeline.lines.rowCount() == whole + len({entry.day for entry in timeline.lines.entries})
    timeline.chips["visits"].click()
    qtbot.waitUntil(lambda: {entry.kind for entry in timeline.lines.entries} == {"visit"})
    assert len(timeline.lines.entries) == page.profile.state.counts["visits"]


def test_a_figure_of_the_overview_lists_the_people_behind_it(qtbot, page):
    with qtbot.waitSignal(page.model.changed):
        page.overview.bought.click()
    assert page.list.question == Question("", "bought")
    notes = [note for note in page.overview.quality.notes if note.findChildren(QPushButton)]
    assert notes
    with qtbot.waitSignal(page.model.changed):
        notes[0].findChildren(QPushButton)[0].click()
    assert page.list.question.among == notes[0]._among
    assert page.list.table.rows.rowCount() > 0


def test_related_people_open_each_other(qtbot, page, desk):
    shared = search(desk.store, among="shared")
    with qtbot.waitSignal(page.person.changed):
        page.open_person(shared[0].person_id)
    related = page.profile.state.profile.related
    assert related
    opener = next(b for b in page.profile.identity.findChildren(QPushButton) if related[0].label in b.accessibleName())
    with qtbot.waitSignal(page.person.changed):
        opener.click()
    assert page.profile.state.profile.person_id == related[0].person_id


def test_it_opens_on_a_person_that_another_page_names(qtbot, desk):
    wanted = search(desk.store)[3].person_id
    page = shown(qtbot, desk, {"person": wanted})
    qtbot.waitUntil(lambda: page.beside.currentIndex() == 1)
    assert page.profile.state.profile.person_id == wanted
    page.profile.header.back.click()
    assert page.beside.currentIndex() == 0


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_list_leaves_masked_booked_and_marked_as_a_demo(qtbot, page, desk, tmp_path, suffix):
    path = tmp_path / f"people.{suffix}"
    with qtbot.waitSignal(desk.said):
        export_people(desk, path, PeopleList("Customers", "customers", COLUMNS, lambda s: find_all(Question(), s)))
    if suffix == "csv":
        with path.open(encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
        assert "Demo mall" in rows[0][0]
        assert rows[1][0] == "Customer"
        assert len(rows) == PEOPLE + 2
        assert all("•" in row[0] for row in rows[2:])
    with desk.store.read() as connection:
        booked = connection.exec_driver_sql(  # other tests export from this site too
            "SELECT object, detail FROM audit_entry WHERE action = 'export' ORDER BY seq DESC LIMIT 1"
        ).one()
    assert booked[0] == "people/customers"
    assert str(PEOPLE) in booked[1]
    assert path.name in booked[1]


def test_an_empty_site_leads_to_the_import(qtbot, open_desk, empty_site):
    desk = open_desk(empty_site)
    page = shown(qtbot, desk)
    assert page.none.isVisibleTo(page)
    assert not page.halves.isVisibleTo(page)
    with qtbot.waitSignal(desk.wanted) as wish:
        page.none._empty.button.click()
    assert wish.args == ["intake", {"kind": "members"}]


def test_language_and_theme_change_on_the_spot(qtbot, page):
    theme.start(QApplication.instance(), "light")
    open_first(qtbot, page)
    theme.appearance().apply("dark")
    i18n.set_language("zh")
    i18n.retranslate(page)
    words = texts(page)
    assert "消费净额" in words
    assert "动态" in words
    english = ("Spent after", "Known by", "What happened", "Member since", "Favourite", "Spend by", "of people")
    assert not [text for text in english if text in words]
    page.close_person()
    assert not [text for text in ("Members by", "Data quality", "share a phone") if text in texts(page)]
    assert page.grab().width() == 1166


@pytest.mark.parametrize(
    ("kind", "tenant", "said"),
    [("sale", "Zara", "Bought at Zara"), ("sale", None, "Bought something"), ("return", "Zara", "Returned goods at Zara"),
     ("nps", None, "Would recommend the mall: 9 of 10"), ("parking_fee", None, "Parking fee"), ("join", None, "Joined")],
)  # fmt: skip
def test_every_kind_has_a_sentence(qapp, kind, tenant, said):
    entry = Entry((0, b""), "2026-01-01", 0, kind, tenant, None, None, None, None, None, None, 9.0)
    assert sentence(entry).startswith(said)


def test_a_closed_page_is_gone(qtbot, open_desk, demo_site):
    page = make(open_desk(demo_site))
    with qtbot.waitSignals([page.model.changed, page.whole.changed]):
        page.open()
    with qtbot.waitSignal(page.person.changed):
        page.open_person(page.list.table.rows.at(0).person_id)
    page.leave()
    watched = weakref.ref(page)
    page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del page
    gc.collect()
    assert watched() is None
