"""Settings: every declared setting with the right editor, and the facts of the site that IT owns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import language, mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.settings.about import AboutCard, Library, SiteCard, libraries
from app.ui.pages.settings.row import Entry, SettingRow
from app.ui.period import Period
from app.ui.turns import Steps
from app.ui.widgets.card import Card
from app.ui.widgets.search import SearchBox
from models import settings
from models.site import Site
from models.store import Store

GROUPS: dict[str, str] = {
    "mall": mark("The mall"),
    "look": mark("Look"),
    "goal": mark("Goals"),
    "privacy": mark("Privacy"),
    "access": mark("Signing in"),
    "gateway": mark("Gateway"),
    "hooks": mark("Webhooks"),
    "update": mark("Updates"),
    "keep": mark("Keeping data"),
    "retention": mark("Keeping what cameras see"),
    "vision": mark("Cameras"),
    "churn": mark("Churn risk"),
    "clusters": mark("Clusters"),
    "health": mark("Customer health"),
    "leads": mark("Leads"),
    "journeys": mark("Journeys"),
    "behaviour": mark("Behaviour"),
    "picks": mark("Recommendations"),
    "attribution": mark("Attribution"),
    "backup": mark("Backups"),
    "jobs": mark("Jobs by the clock"),
    "feature": mark("Features"),
}
SITE, ABOUT = "site", "about"
TWO_COLUMNS = 1500
TITLES = {**GROUPS, SITE: mark("Site"), ABOUT: mark("About")}


@dataclass(frozen=True)
class State:
    """Every setting as it stands, the site's own facts, and what Atrium is made of."""

    entries: tuple[Entry, ...]
    site: Site
    libraries: tuple[Library, ...]


def read(store: Store, _period: Period, _argument: object) -> State:
    """The settings in force, with who changed them last."""
    values, changes = settings.read_all(store), settings.last_changes(store)
    entries = tuple(Entry(s, *values[s.name], *changes.get(s.name, (None, ""))) for s in settings.SETTINGS)
    return State(entries, store.site, libraries())


class SettingsPage(Page):
    """Groups on the left stay in sight; the settings scroll beside them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, ("setting",)))
        self.rows: dict[str, SettingRow] = {}
        self.cards: dict[str, QWidget] = {}
        self.buttons = QButtonGroup(self)
        self.search = SearchBox("Search the settings")
        self.search.searched.connect(self.narrow)
        self.none = QLabel()
        self._two = self._built = False
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The groups' cards in their places, then the settings in them, one after the other."""
        theme.set_role(self.none, role="muted")
        self.none.hide()
        self.body.addWidget(self.none)
        self.columns = (QVBoxLayout(), QVBoxLayout())
        self._lay_columns()
        self._set_aside()
        yield
        for name in dict.fromkeys(s.group for s in settings.SETTINGS):
            yield from self._group_card(name)
        self.site_card, self.about_card = SiteCard(), AboutCard()
        self._add_card(SITE, self.site_card)
        yield
        self._add_card(ABOUT, self.about_card)
        yield
        self._built = True
        self._share_out(two=self.width() >= TWO_COLUMNS)
        self.buttons.buttonClicked.connect(self._go_to)
        self.retranslate()
        yield

    def drawing(self) -> Steps:
        """Each row shows its setting."""
        state = self.model.state
        assert isinstance(state, State)
        for entry in state.entries:
            self.rows[entry.setting.name].show_entry(_on_this_screen(entry))
        yield
        self.site_card.show_site(state.site)
        yield
        self.about_card.show_libraries(state.libraries)
        yield

    def narrow(self, words: str) -> None:
        """Only the settings that hold every word, in either language."""
        wanted = words.casefold().split()
        found = 0
        for group, card in self.cards.items():
            rows = [row for row in self.rows.values() if row.setting.group == group]
            for row in rows:
                row.setVisible(all(word in row.haystack() for word in wanted))
            some = any(not row.isHidden() for row in rows) if rows else not wanted
            card.setVisible(some)
            found += some
        self.none.setVisible(not found)

    def retranslate(self) -> None:
        """Every text in the language in force."""
        for button in self.buttons.buttons():
            button.setText(tr(TITLES.get(button.objectName(), button.objectName().capitalize())))
            button.setAccessibleName(button.text())
        self.none.setText(tr("No setting has these words."))
        super().retranslate()

    def change(self, name: str, value: object) -> None:
        """Set a value; the row says so where it cannot be."""
        self.desk.work.run(
            partial(settings.change_setting, self.desk.store, self.desk.actor, name, value),
            self._changed, self.rows[name].refuse,
        )  # fmt: skip

    def reset(self, name: str) -> None:
        """Back to the default of this kind of mall."""
        self.desk.work.run(
            partial(settings.reset_setting, self.desk.store, self.desk.actor, name),
            self._changed, self.rows[name].refuse,
        )  # fmt: skip

    def _changed(self, change: settings.Changed) -> None:
        self._apply(change)
        setting = settings.setting_named(change.name)
        title = setting.title_zh if language() == "zh" else setting.title
        undo = _Undo(self, change.name)
        self.desk.say("{setting} is changed.", "good", action="Undo", do=undo.run, setting=title)
        self.model.refresh()

    def undo(self, name: str) -> None:
        """Take back the last change of a setting."""
        self.desk.work.run(
            partial(settings.undo_setting, self.desk.store, self.desk.actor, name), self._undone, self.desk.fault
        )

    def _undone(self, change: settings.Changed) -> None:
        self._apply(change)
        self.desk.say("The old value is back.", "good")
        self.model.refresh()

    def _apply(self, change: settings.Changed) -> None:
        """Colours and language change at once."""
        if change.name == "look.theme":
            self.desk.theme_wanted.emit(str(change.after))
        elif change.name == "look.language":
            after = str(change.after)
            self.desk.language_wanted.emit(_system_language() if after == "system" else after)

    def _group_card(self, group: str) -> Steps:
        card = Card(GROUPS.get(group, group.capitalize()))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        card.set_body(inside)
        self._add_card(group, card)
        yield
        for setting in settings.SETTINGS:
            if setting.group == group:
                row = SettingRow(setting)
                row.changed.connect(self.change)
                row.reset.connect(self.reset)
                self.rows[setting.name] = row
                column.addWidget(row)
                yield

    def _add_card(self, name: str, card: QWidget) -> None:
        self.cards[name] = card
        self.columns[0].insertWidget(self.columns[0].count() - 1, card)
        button = QPushButton()
        button.setObjectName(name)
        button.setCheckable(True)
        theme.set_role(button, kind="nav")
        button.setText(tr(TITLES.get(name, name.capitalize())))
        self.buttons.addButton(button)
        self._side.insertWidget(self._side.count() - 1, button)

    def _lay_columns(self) -> None:
        self._across = across = QHBoxLayout()
        across.setSpacing(12)
        for column in self.columns:
            column.setSpacing(12)
            column.addStretch(1)
            across.addLayout(column, 1)
        self.body.addLayout(across)
        self.body.addStretch(1)
        self._across.setStretch(1, 0)

    def _share_out(self, *, two: bool) -> None:
        """One column of cards, or two about equally tall where there is room."""
        if two == self._two or not self._built:
            return
        self._two = two
        self._across.setStretch(1, int(two))
        total = sum(card.sizeHint().height() for card in self.cards.values())
        used = 0
        for card in self.cards.values():
            column = self.columns[1 if two and used >= total / 2 else 0]
            column.insertWidget(column.count() - 1, card)
            used += card.sizeHint().height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_out(two=self.width() >= TWO_COLUMNS)

    def _set_aside(self) -> None:
        """The page scrolls as a whole; here the groups stay beside what scrolls."""
        outer = self.layout()
        assert isinstance(outer, QVBoxLayout)
        scroll = self.scrolled()
        outer.removeWidget(scroll)
        side = QVBoxLayout()
        side.setContentsMargins(24, 8, 0, 24)
        side.setSpacing(4)
        self.search.setFixedWidth(200)
        side.addWidget(self.search)
        side.addSpacing(8)
        side.addStretch(1)
        self._side = side
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addLayout(side)
        row.addWidget(scroll, 1)
        outer.addLayout(row)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def scrolled(self) -> QScrollArea:
        """The part that scrolls."""
        found = self.findChild(QScrollArea)
        assert isinstance(found, QScrollArea)
        return found

    def _go_to(self, button: QPushButton) -> None:
        self.search.clear()
        self.narrow("")
        bar = self.scrolled().verticalScrollBar()
        bar.setValue(min(self.cards[button.objectName()].y() - 8, bar.maximum()))


def _on_this_screen(entry: Entry) -> Entry:
    """Look is also chosen in the window's header: the page shows what this screen has."""
    if entry.setting.name == "look.theme":
        return replace(entry, value=theme.appearance().mode)
    if entry.setting.name == "look.language":
        follows = entry.value == "system" and language() == _system_language()
        return entry if follows else replace(entry, value=language())
    return entry


def _system_language() -> str:
    return "zh" if QLocale.system().language() == QLocale.Language.Chinese else "en"


class _Undo:
    """What the toast's button does; it holds the page only until the toast is gone."""

    def __init__(self, page: SettingsPage, name: str) -> None:
        self._page, self._name = page, name

    def run(self) -> None:
        self._page.undo(self._name)


def make(desk: Desk) -> Page:
    """The page of settings."""
    return SettingsPage(desk)
