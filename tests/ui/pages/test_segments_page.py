"""Segments: the list with a segment's detail, and the builder: editing, sizing, saving, undoing."""

from __future__ import annotations

import gc
import random
import weakref

import pytest
from PySide6.QtCore import QDir, QEvent, Qt
from PySide6.QtWidgets import QApplication

from app.ui import i18n, theme
from app.ui.pages.segments import TABS, make
from app.ui.pages.segments.builder.draft import Draft, at, changes, group_of, place_of
from app.ui.pages.segments.builder.kinds import TITLES, first, offered
from app.ui.pages.segments.builder.state import code_of
from app.ui.pages.segments.builder.tree import ConditionRow, GroupBox
from app.ui.resources import RESOURCES
from engines.segments import actions
from engines.segments import rule as r
from engines.segments.full_run import run_segments
from engines.segments.queries import members, segments, versions
from engines.segments.validate import Surroundings, faults
from engines.segments.vocabulary import vocabulary
from engines.segments.words import Speech
from models.store import open_store
from models.times import now_ms

GOLD = r.And((r.Trait("tier", "is", ("gold",)),))
BOUGHT = r.And((r.Performed(r.PURCHASE, "at_least", 1, r.Window(30)),))


@pytest.fixture(autouse=True)
def _pictures_of_the_theme():
    """Where a style that an earlier test applied finds its pictures, as `theme.start` says it."""
    QDir.setSearchPaths("atrium", [str(RESOURCES / "theme")])


@pytest.fixture
def site(demo_copy, still_clock):
    store = open_store(demo_copy)
    try:
        actions.create(store, "ann", "gold", "Gold members", GOLD, name_zh="金卡会员", live=True)
        actions.create(store, "ann", "bought", "Bought lately", BOUGHT, live=True)
        actions.create(store, "ann", "draft", "A draft", BOUGHT)
        run_segments(store)
    finally:
        store.close()
    return demo_copy


@pytest.fixture
def opened(qtbot):
    pages = []

    def opening(desk, argument=None):
        page = make(desk)
        pages.append(page)
        qtbot.addWidget(page)
        page.resize(1166, 680)
        page.open(argument)
        qtbot.waitUntil(lambda: page.model.state is not None and desk.work.idle(), timeout=20_000)
        return page

    yield opening
    for page in pages:
        page.leave()


@pytest.fixture
def page(opened, open_desk, site):
    return opened(open_desk(site))


@pytest.fixture
def builder(qtbot, opened, open_desk, site):
    tab = opened(open_desk(site), {"edit": "gold"}).part("builder")
    qtbot.waitUntil(lambda: tab.sizing.last is not None, timeout=20_000)
    return tab


def answered(qtbot, tab, people):
    qtbot.waitUntil(lambda: tab.sizing.last is not None and tab.sizing.last.size.people == people, timeout=20_000)


def rows(table):
    return [table.rows.at(i) for i in range(table.rows.rowCount())]


def test_the_list_shows_every_segment_and_the_first_is_open(page):
    tab = page.part("segments")
    found = {line.code: line for line in rows(tab.table)}
    assert set(found) == {"gold", "bought", "draft"}
    state = tab.chosen.state
    assert state.row.people == found[state.row.code].people > 0
    assert len(rows(tab.detail.members.table)) == min(state.row.people, 100)
    assert all("•" in line.label for line in rows(tab.detail.members.table))


def test_a_segment_can_be_asked_for_and_says_its_rule(qtbot, opened, open_desk, site):
    tab = opened(open_desk(site), {"code": "gold"}).part("segments")
    assert tab.detail.words.text() == "Tier is Gold"
    assert "of everyone" in tab.detail.facts.text()
    assert len(rows(tab.detail.versions)) == 1
    i18n.set_language("zh")
    i18n.retranslate(tab)
    assert tab.detail.words.text() == "会员等级为金卡"
    assert tab.detail._heading.text() == "金卡会员"


def test_a_member_opens_the_customers_page(qtbot, page):
    table = page.part("segments").detail.members.table
    with qtbot.waitSignal(page.desk.wanted) as wish:
        table.activated.emit(table.rows.at(0))
    assert wish.args == ["customers", {"person": table.rows.at(0).person_id}]


def test_archiving_can_be_undone(qtbot, opened, open_desk, site):
    desk = open_desk(site)
    tab = opened(desk, {"code": "gold"}).part("segments")
    with qtbot.waitSignal(desk.said) as notice:
        tab.detail.main.click()
    assert {s.code: s.state for s in segments(desk.store, now_ms())}["gold"] == "archived"
    with qtbot.waitSignal(desk.said):
        notice.args[0].do()
    assert {s.code: s.state for s in segments(desk.store, now_ms())}["gold"] == "live"


def test_a_draft_is_deleted_and_comes_back(qtbot, opened, open_desk, site):
    desk = open_desk(site)
    tab = opened(desk, {"code": "draft"}).part("segments")
    qtbot.waitUntil(lambda: tab.chosen.state is not None and tab.chosen.state.row.code == "draft")
    assert tab.detail.delete.isVisibleTo(tab)
    with qtbot.waitSignal(desk.said) as notice:
        tab.detail.delete.click()
    assert "draft" not in {s.code for s in segments(desk.store, now_ms())}
    with qtbot.waitSignal(desk.said):
        notice.args[0].do()
    assert versions(desk.store, "draft")[0].rule == BOUGHT


def test_someone_is_kept_out_with_a_reason_and_let_in_again(qtbot, opened, open_desk, site):
    desk = open_desk(site)
    tab = opened(desk, {"code": "gold"}).part("segments")
    pins, before = tab.detail.pins, members(desk.store, "gold")
    pins.box.setText(before[0].card[-4:])
    pins.box.returnPressed.emit()
    qtbot.waitUntil(lambda: pins.found.rows.rowCount() > 0)
    chosen = next(i for i, c in enumerate(rows(pins.found)) if c.person_id == before[0].person_id)
    pins.found.view.selectRow(chosen)
    assert not pins.out.isEnabled()
    pins.reason.setText("Works here")
    with qtbot.waitSignal(desk.said):
        pins.out.click()
    assert len(members(desk.store, "gold")) == len(before) - 1
    qtbot.waitUntil(lambda: pins.table.rows.rowCount() == 1)
    pins.table.view.selectRow(0)
    with qtbot.waitSignal(desk.said):
        pins.unpin.click()
    assert len(members(desk.store, "gold")) == len(before)


def test_the_overlap_hides_small_groups(page):
    state = page.part("segments").chosen.state
    data = page.part("segments").detail.overlap.view.data
    for i, row in enumerate(data.values):
        for j, value in enumerate(row):
            assert (value == value) == (min(state.overlap.both[i][j], state.overlap.sizes[i]) >= state.smallest)  # noqa: PLR0124


def test_an_empty_site_and_a_site_without_segments_say_what_to_do(qtbot, opened, open_desk, empty_site, demo_site):
    desk = open_desk(empty_site)
    tab = opened(desk).part("segments")
    assert tab.none.isVisibleTo(tab)
    with qtbot.waitSignal(desk.wanted) as wish:
        tab.none.acted.emit()
    assert wish.args[0] == "intake"
    page = opened(open_desk(demo_site))
    page.part("segments").none.acted.emit()
    assert page.front() is page.part("builder")


def test_the_builder_sizes_what_it_shows(qtbot, builder):
    store = builder.desk.store
    assert builder.sizing.last.size.people == len(members(store, "gold", limit=-1))
    assert "people" in builder.sizing.share.text()
    assert all("•" in customer.label for customer in rows(builder.sizing.people))
    assert not builder.save.isEnabled()


def test_a_changed_value_is_sized_again_and_undone(qtbot, builder):
    row = builder.tree.nodes[0,]
    before = builder.sizing.last.size.people
    row.form._editors[0].setText("Silver")
    row.form._editors[0].textEdited.emit("Silver")
    assert builder.draft.rule == r.And((r.Trait("tier", "is", ("silver",)),))
    qtbot.waitUntil(lambda: builder.sizing.last.size.people != before, timeout=20_000)
    assert builder.save.isEnabled() and "+  Tier is Silver" in builder.keeping.difference.text()
    builder.step_back()
    assert builder.draft.rule == GOLD
    answered(qtbot, builder, before)
    builder.step_forward()
    assert builder.draft.rule != GOLD


def test_conditions_and_groups_are_added_negated_moved_and_removed_by_buttons(qtbot, builder):
    root = builder.tree.nodes[()]
    assert isinstance(root, GroupBox)
    root.add_condition.click()
    builder.tree.nodes[()].add_group.click()
    assert sorted(builder.tree.nodes) == [(), (0,), (1,), (2,), (2, 0)]
    builder.tree.nodes[1,].negated.click()
    assert isinstance(builder.draft.rule.of[1], r.Not)
    builder.tree.nodes[1,].buttons["up"].click()
    assert isinstance(builder.draft.rule.of[0], r.Not)
    builder.tree.nodes[1,].buttons["down"].click()  # the neighbour is a group: it goes in
    assert sorted(builder.tree.nodes) == [(), (0,), (1,), (1, 0), (1, 1)]
    builder.tree.nodes[1,].buttons["remove"].click()
    assert sorted(builder.tree.nodes) == [(), (0,)]
    builder.tree.nodes[()].which.setCurrentIndex(1)
    builder.tree.nodes[()].which.activated.emit(1)
    assert isinstance(builder.draft.rule, r.Or)


def test_every_kind_of_condition_has_a_form_that_gives_it_back(qtbot, builder):
    names = builder.model.state.vocabulary
    for kind in offered():
        node = first(kind, names)
        row = ConditionRow((0,), node, names)
        qtbot.addWidget(row)
        assert row.node() == node, kind
        assert TITLES[kind]
        assert row.accessibleName() == "" and row.kind.accessibleName()


@pytest.mark.parametrize(
    "node",
    [
        r.Trait("joined_day", "within_days", (30,)), r.Trait("joined_day", "before", ("2026-01-01",)),
        r.Trait("age", "between", (20, 30)), r.Trait("spent", "ge", (123_450,)), r.Trait("tier", "is_not", ("gold", "silver")),
        r.Trait("tier", "unknown"), r.LastPerformed("visit", "within", 9),
        r.Performed("nps", "exactly", 2, r.Window(None, "2026-01-01", "2026-02-01"),
                    r.Filters(weekdays=(6, 7), score_from=9.0, score_to=10.0)),
        r.Spend("at_most", 5_000, r.Window(90), r.Filters(categories=("kids",), amount_from=100, weekdays=(1,))),
        r.Not(r.NotPerformed("visit")), r.Bucket(12.5, "autumn"),
    ],
)  # fmt: skip
def test_a_form_gives_back_what_it_shows(qtbot, builder, node):
    row = ConditionRow((0,), node, builder.model.state.vocabulary)
    qtbot.addWidget(row)
    assert row.node() == node


def test_a_fault_stands_at_its_condition_and_nothing_can_be_saved(qtbot, builder):
    builder.edit((0,), r.Trait("tier", "is", ()))
    assert builder.tree.nodes[0,].fault.text() == "Tier lacks a value to compare with."
    assert not builder.save.isEnabled() and builder.sizing.figure.text() == "–"
    builder.tree.nodes[0,].buttons["remove"].click()
    assert "empty" in builder.tree.nodes[()].fault.text()


def test_a_code_that_this_mall_does_not_have_is_marked(qtbot, builder):
    builder.edit((0,), first("performed", builder.model.state.vocabulary))
    builder._redraw()
    shops = builder.tree.nodes[0,].form.filters.tenants
    shops.setText("No such shop")
    shops.textEdited.emit("No such shop")
    assert shops.property("invalid") == "true"


def test_a_new_version_is_saved_with_the_members_moved_and_undone(qtbot, builder):
    desk = builder.desk
    builder.edit((0,), r.Trait("tier", "is", ("silver",)))
    with qtbot.waitSignal(desk.said, timeout=20_000) as notice:
        builder.save.click()
    qtbot.waitUntil(lambda: not builder.draft.dirty)
    assert [v.version for v in versions(desk.store, "gold")] == [2, 1]
    with qtbot.waitSignal(desk.said, timeout=20_000):
        notice.args[0].do()
    assert versions(desk.store, "gold")[0].rule == GOLD


def test_a_template_becomes_a_live_segment(qtbot, opened, open_desk, site):
    desk = open_desk(site)
    page = opened(desk, {"tab": "builder", "template": "new_members"})
    tab = page.part("builder")
    qtbot.waitUntil(lambda: tab.name.text() == "New members")
    with qtbot.waitSignal(desk.said, timeout=20_000):
        tab.save_live.click()
    made = next(s for s in segments(desk.store, now_ms()) if s.code == "new_members")
    assert (made.state, made.name_zh) == ("live", "新会员")


def test_a_question_that_is_overtaken_is_given_up(qtbot, builder):
    builder.sizing.ask(GOLD)
    builder.sizing._pause.stop()
    builder.sizing._ask()
    first_question = builder.sizing._question
    builder.sizing.ask(BOUGHT)
    assert first_question._given_up
    qtbot.waitUntil(lambda: builder.sizing.last.question.rule == BOUGHT, timeout=20_000)


def test_the_window_asks_once_about_a_rule_that_is_not_saved(builder):
    assert not builder.asks_before_closing()
    builder.edit((0,), r.Everyone())
    assert builder.asks_before_closing()
    assert not builder.asks_before_closing()


def test_the_tabs_lead_to_each_other(qtbot, page):
    page.part("segments").detail.edit.click()
    tab = page.part("builder")
    assert page.front() is tab
    qtbot.waitUntil(lambda: tab._code != "")
    assert [card.name for card in TABS[:2]] == ["segments", "builder"]
    page.open({"segment": "lost"})
    assert page.front() is page.part("rfm")


def test_themes_and_languages_switch(qtbot, page, builder):
    for mode in ("dark", "light"):
        theme.appearance().apply(mode)
    i18n.set_language("zh")
    i18n.retranslate(page)
    i18n.retranslate(builder)
    assert page.tabs.tabText(1) == "规则编辑"
    assert builder.words.text() == "会员等级为金卡"


def test_the_page_leaves_nothing_behind(qtbot, open_desk, site):
    desk = open_desk(site)
    page = make(desk)
    page.open({"edit": "gold"})
    qtbot.waitUntil(page.part("builder").sizing.is_idle, timeout=20_000)
    page.leave()
    gone = weakref.ref(page)
    page.deleteLater()
    QApplication.sendPostedEvents(page, QEvent.Type.DeferredDelete)
    del page
    gc.collect()
    assert gone() is None


# ---- the draft, without widgets


def random_rule(pick, depth=2):
    if depth == 0 or pick.random() < 0.5:
        return r.Bucket(1.0, str(pick.randrange(10**9)))
    group = pick.choice((r.And, r.Or))(tuple(random_rule(pick, depth - 1) for _ in range(pick.randrange(3))))
    return r.Not(group) if pick.random() < 0.3 else group


def leaves(rule):
    return sorted(node.salt for node in r.conditions(rule))


@pytest.mark.parametrize("seed", range(30))
def test_whatever_is_moved_every_condition_stays_and_every_step_can_be_undone(seed):
    pick = random.Random(seed)
    draft = Draft(r.And(tuple(random_rule(pick) for _ in range(3))))
    for _ in range(12):
        before, places = draft.rule, [p for p, _ in places_of(draft.rule) if p]
        if not places:
            break
        path = pick.choice(places)
        node, groups = at(draft.rule, path), [p for p, n in places_of(draft.rule) if is_group(n)]
        if pick.random() < 0.5:
            landed = draft.move(path, pick.choice((-1, 1)))
        else:
            into = pick.choice(groups)
            landed = draft.drop(path, into, pick.randrange(len(group_of(at(draft.rule, into)).of) + 1))
        assert leaves(draft.rule) == leaves(before)
        assert at(draft.rule, landed) == node
        if draft.rule != before:
            after = draft.rule
            draft.undo()
            assert draft.rule == before
            draft.redo()
            assert draft.rule == after


def places_of(rule, path=()):
    yield path, rule
    if is_group(rule):
        for number, child in enumerate(group_of(rule).of):
            yield from places_of(child, (*path, number))


def is_group(node):
    inner = node.of if isinstance(node, r.Not) else node
    return isinstance(inner, r.And | r.Or)


def test_faults_find_their_row_through_a_not():
    rule = r.And((r.Everyone(), r.Not(r.Or((r.Everyone(), r.Not(r.Trait("tier", "is", ())))))))
    (fault,) = faults(rule, Surroundings())
    assert place_of(rule, fault.path) == (1, 1)


def test_typing_into_one_condition_is_one_step():
    draft = Draft(GOLD)
    for text in ("s", "si", "silver"):
        draft.edit((0,), r.Trait("tier", "is", (text,)))
    draft.undo()
    assert draft.rule == GOLD and not draft.can_undo and not draft.dirty


def test_changes_are_told_in_words():
    assert changes(GOLD, r.And((r.Not(GOLD.of[0]),)), Speech()) == (["Tier is Gold"], ["not Tier is Gold"])
    assert changes(GOLD, r.Or(GOLD.of), Speech()) == ([], [])


@pytest.mark.parametrize(
    ("name", "taken", "code"),
    [("Gold regulars!", set(), "gold_regulars"), ("金卡", set(), "segment"), ("Gold", {"gold", "gold_2"}, "gold_3")],
)
def test_a_code_is_made_from_the_name(name, taken, code):
    assert code_of(name, frozenset(taken)) == code


@pytest.mark.qt_log_ignore("propagateSizeHints", "Cannot open file")
def test_keys_reach_the_tree(qtbot, builder):
    window = builder.window()
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    root = builder.tree.nodes[()]
    root.add_condition.setFocus()
    qtbot.keyClick(root.add_condition, Qt.Key.Key_Space)
    assert (1,) in builder.tree.nodes
    count = builder.tree.nodes[1,].form._number
    count.setFocus()
    qtbot.keyClick(count, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (1,) not in builder.tree.nodes
    qtbot.keyClick(builder.tree.nodes[()].add_condition, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert (1,) in builder.tree.nodes
    window.hide()


def test_the_vocabulary_is_the_malls(builder):
    names = vocabulary(builder.desk.store)
    assert names.tenants and names.categories and "visit" in names.kinds
    assert "gold" in {one.code for one in names.segments} and "draft" not in {one.code for one in names.segments}
