"""Users and roles as an administrator meets them, and a tenant's own shop."""

from __future__ import annotations

import csv
import gc
import json
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.ui import i18n
from app.ui.charts.offers import ask_and_save
from app.ui.desk import Desk
from app.ui.pages.shop import ShopPage
from app.ui.pages.shop import make as make_shop
from app.ui.pages.users import UsersPage, make
from app.ui.period import Period
from app.ui.widgets.save_table import Sheet, save_sheet
from engines.access import approvals, passwords
from engines.access.actions import add_user, reset_password, set_scopes
from engines.access.queries import users
from engines.access.rules import RIGHTS
from engines.access.sessions import sign_in
from models.errors import Denied
from models.rights import standing
from tests.engines.access.people_in import entries

PASSWORD = "violet tram harbour"


@pytest.fixture
def desk(open_desk: Callable[..., Desk], demo_copy: Path) -> Desk:
    """The demo mall, with its administrator signed in."""
    made = open_desk(demo_copy)
    passwords.keep_cost(made.store, passwords.FLOOR)
    reset_password(made.store, "cli:it", "administrator", PASSWORD, must_change=False)
    made.take_session(sign_in(made.store, "administrator", PASSWORD))
    return made


def opened(qtbot: Any, desk: Desk, argument: object = None) -> UsersPage:
    page = make(desk)
    assert isinstance(page, UsersPage)
    qtbot.addWidget(page)
    page.resize(1160, 640)
    with qtbot.waitSignal(page.drawn, timeout=5000):
        page.open(argument)
    return page


def test_users_are_listed_added_and_given_a_password_once(qtbot: Any, desk: Desk) -> None:
    page = opened(qtbot, desk)
    tab = page.tabs.part("users")
    assert tab.table.rows.rowCount() == 7
    form = tab.form
    form.code.setText("lee")
    form.name.setText("Lee Wong")
    form.role.setCurrentIndex(form.role.findData("counter"))
    form.scopes.setText("purpose=service")
    with qtbot.waitSignal(form.done, timeout=5000):
        qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    lee = next(u for u in users(desk.store) if u.code == "lee")
    assert (lee.role, lee.scopes, lee.signs_in) == ("counter", (("purpose", "service"),), "no")
    form.show_user(lee)
    with qtbot.waitSignal(form.done, timeout=5000):
        form.give_password()
    secret = form.told.text()
    assert len(secret) == 19
    assert sign_in(desk.store, "lee", secret).must_change
    form.show_user(None)
    assert form.told.isHidden()
    assert secret not in str(entries(desk.store, "password"))


def test_a_tick_in_the_matrix_gives_the_right_at_once(qtbot: Any, desk: Desk) -> None:
    page = opened(qtbot, desk, {"tab": "roles"})
    tab = page.tabs.part("roles")
    heads = [tab.grid.verticalHeaderItem(row).text().strip() for row in range(tab.grid.rowCount())]
    assert len(heads) == len(RIGHTS) + 4
    row = heads.index("Import files")
    column = next(n for n, role in enumerate(tab.roles) if role.code == "viewer")
    with qtbot.waitSignal(tab.done, timeout=5000):
        tab.grid.item(row, column).setCheckState(Qt.CheckState.Checked)
    with desk.store.read() as connection:
        rights = connection.exec_driver_sql("SELECT rights FROM role WHERE code = 'viewer'").scalar()
    assert "import" in json.loads(str(rights))
    assert entries(desk.store, "change")[-1][1] == "role/viewer"
    fixed = tab.grid.item(row, 0)
    assert not fixed.flags() & Qt.ItemFlag.ItemIsUserCheckable  # administrators have every right


def test_a_session_is_ended_and_a_request_is_decided(qtbot: Any, desk: Desk) -> None:
    reset_password(desk.store, "administrator", "viewer", PASSWORD, must_change=False)
    sign_in(desk.store, "viewer", PASSWORD)
    page = opened(qtbot, desk, {"tab": "sessions"})
    tab = page.tabs.part("sessions")
    names = [tab.table.rows.at(row).user for row in range(tab.table.rows.rowCount())]
    assert sorted(names) == ["administrator", "viewer"]
    tab.table.view.selectRow(names.index("viewer"))
    assert tab.button.isEnabled()
    with qtbot.waitSignal(tab.done, timeout=5000):
        tab.end()
    asked = approvals.ask(desk.store, "marketing", "export_personal", {"list": "people/x", "columns": ["name"]})
    page.tabs.choose("approvals")
    page.model.refresh()
    waiting = page.tabs.part("approvals")
    qtbot.waitUntil(lambda: waiting.table.rows.rowCount() == 1, timeout=5000)
    waiting.table.view.selectRow(0)
    with qtbot.waitSignal(waiting.done, timeout=5000):
        waiting.approve()
    assert [r.state for r in approvals.requests(desk.store, waiting=False) if r.id == asked] == ["approved"]


def test_the_log_the_languages_and_no_leak(qtbot: Any, desk: Desk) -> None:
    page = opened(qtbot, desk, {"tab": "log"})
    log = page.tabs.part("log")
    assert log.table.rows.rowCount() == 1
    i18n.set_language("zh")
    i18n.retranslate(page)
    assert page.tabs.tabText(0) == "用户" and "演示" in page.says.text()
    page.leave()
    gone = weakref.ref(page)
    page.close()
    page.deleteLater()
    del page, log
    qtbot.wait(10)
    gc.collect()
    qtbot.waitUntil(lambda: gone() is None or not gone().isVisible(), timeout=1000)


def test_whoever_only_approves_sees_the_approvals_alone(qtbot: Any, desk: Desk) -> None:
    reset_password(desk.store, "administrator", "manager", PASSWORD, must_change=False)
    desk.take_session(sign_in(desk.store, "manager", PASSWORD))
    page = opened(qtbot, desk)
    assert [card.name for card in page.tabs.cards] == ["approvals"]
    assert page.model.state.users == ()


def test_exports_of_the_desktop_are_booked_or_refused(qtbot: Any, desk: Desk, tmp_path: Path) -> None:
    sheet = Sheet("Tenants", "", ("Name", "Sales"), (("a", 1), ("b", 2)))
    with qtbot.waitSignal(desk.said, timeout=5000):
        save_sheet(desk, tmp_path / "a.csv", sheet)
    actor, what, detail = entries(desk.store, "export")[-1]
    assert (actor, what) == ("administrator", "table/Tenants")
    assert json.loads(detail) == {"rows": 2, "columns": ["Name", "Sales"], "file": "a.csv"}
    reset_password(desk.store, "administrator", "viewer", PASSWORD, must_change=False)
    desk.take_session(sign_in(desk.store, "viewer", PASSWORD))
    with qtbot.waitSignal(desk.said, timeout=5000) as said:
        save_sheet(desk, tmp_path / "b.csv", sheet)
    assert said.args[0].kind == "error" and not (tmp_path / "b.csv").exists()
    with (tmp_path / "a.csv").open(encoding="utf-8-sig") as file:
        assert len(list(csv.reader(file))) == 3
    assert callable(ask_and_save)


def test_every_way_of_writing_a_file_books_it_first() -> None:
    """Whoever asks a person for a file to write figures to goes through a function that books the export."""
    root = Path(__file__).resolve().parents[3] / "app"
    known = {
        "ui/widgets/save_table.py": "book_export", "ui/widgets/save_book.py": "book_export",
        "ui/charts/offers.py": "book_export", "ui/widgets/people_list.py": "record_export",
        "cli/show.py": "book_export", "cli/segments.py": "record_export",
        "ui/pages/setup/__init__.py": "PdfReport", "ui/pages/setup/report.py": "book_export",
        "ui/pages/governance/audit_tab.py": "export_trail",
        "ui/pages/governance/request_card.py": '"privacy", "run"',  # which books the package as the request's run
    }  # fmt: skip
    empty = {"ui/pages/live/notice.py"}  # a text for the door, with no figure in it
    asking = set()
    for path in root.rglob("*.py"):
        text, name = path.read_text("utf-8"), str(path.relative_to(root))
        if "getSaveFileName" in text or "write_file(" in text or "write_sheet(" in text or "write_book(" in text:
            asking.add(name)
    asking -= {"cli/export.py"}  # writes for cli/show.py
    assert asking - known.keys() - empty == set()
    for name, booking in known.items():
        assert booking in (root / name).read_text("utf-8")


def test_a_tenant_sees_its_own_shop_and_nothing_else(qtbot: Any, desk: Desk) -> None:
    store = desk.store
    with store.read() as connection:
        mine, other = connection.exec_driver_sql(
            "SELECT t.code FROM tenant t JOIN sale s ON s.tenant_id = t.id GROUP BY t.code ORDER BY count(*) DESC LIMIT 2"
        ).scalars()
    add_user(store, "administrator", "shopkeeper", "Shop keeper", "tenant")
    set_scopes(store, "administrator", "shopkeeper", [("tenant", mine)])
    reset_password(store, "administrator", "shopkeeper", PASSWORD, must_change=False)
    desk.take_session(sign_in(store, "shopkeeper", PASSWORD))
    desk.choose_period(Period.of("30", desk.today))
    page = make_shop(desk)
    assert isinstance(page, ShopPage)
    page.model.right = "own_shop"
    qtbot.addWidget(page)
    page.resize(1160, 700)
    with qtbot.waitSignal(page.drawn, timeout=5000):
        page.open()
    assert page.model.state.code == mine and page.receipts.rows.rowCount() > 0
    with qtbot.waitSignal(desk.said, timeout=5000) as said:
        page.model.ask({"tenant": other})
    assert said.args[0].kind == "error" and page.model.state.code == mine
    with pytest.raises(Denied):
        from engines.access.shop import my_shop

        my_shop(store, "shopkeeper", other, period=("2026-01-01", "2026-03-01"), against=None, today="2026-03-14")
    assert ("shopkeeper", f"tenant/{other}") in [row[:2] for row in entries(store, "refuse")]


def test_a_tenants_scope_narrows_whatever_the_role_says(desk: Desk) -> None:
    with desk.store.read() as connection:
        tenant = connection.exec_driver_sql("SELECT code FROM tenant LIMIT 1").scalar()
    set_scopes(desk.store, "administrator", "analyst", [("tenant", str(tenant))])
    with desk.store.read() as connection:
        assert standing(connection, "analyst").rights <= {"look", "own_shop"}
