"""The activity feed of the Today page: imports, alerts, runs and counts, the newest first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.today.words import JOBS
from app.ui.sentences import finding_words
from app.ui.widgets.card import Card
from app.ui.widgets.toggles import Toggles
from engines.monitor.board import FeedItem

KINDS: Mapping[str, str] = {
    "sales": mark("sales"), "members": mark("members"), "tenants": mark("tenants"), "activities": mark("activities"),
    "counts": mark("counts"), "calendar": mark("calendar days"), "declarations": mark("declarations"),
    "leases": mark("leases"),
    "campaigns": mark("campaigns"), "occasions": mark("events"), "prospects": mark("prospects"), "deals": mark("deals"),
    "deal_activities": mark("steps of deals"), "consents": mark("consents"), "money": mark("income and costs"),
}  # fmt: skip
FILTERS: tuple[tuple[str, str], ...] = (
    ("count", mark("Counts")), ("import", mark("Imports")), ("alert", mark("Alerts")), ("job", mark("Jobs")),
)  # fmt: skip
ICONS = {"count": "footfall", "import": "import", "alert": "bell", "job": "jobs"}
FEED_ROWS = 60


class Feed(Card):
    """What happened, the newest first, by kind; a row leads to where it can be looked into."""

    chosen = Signal(str, object)
    WAYS: Mapping[str, tuple[str, object]] = {
        "count": ("footfall", None), "import": ("intake", "history"), "alert": ("today", "alerts"),
        "job": ("jobs", "history"),
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(mark("Activity"))
        self._items: tuple[FeedItem, ...] = ()
        self._now = 0
        self._hidden: set[str] = set()
        self.toggles = Toggles()
        self.list = QListWidget()
        self.list.setObjectName("feed")
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.toggles)
        column.addWidget(self.list, 1)
        self.set_body(body)
        self.toggles.toggled.connect(self._switch)
        self.list.itemActivated.connect(self._open)
        self.retranslate()

    def show_items(self, items: tuple[FeedItem, ...], now: int) -> None:
        """The newest of the kinds that are switched on."""
        self._items, self._now = items, now
        self._fill()

    def retranslate(self) -> None:
        """Names of the kinds and the rows in the language in force."""
        super().retranslate()
        if hasattr(self, "toggles"):
            hidden = [tr(name) for kind, name in FILTERS if kind in self._hidden]
            self.toggles.show_names([(tr(name), self._color(i)) for i, (_, name) in enumerate(FILTERS)], hidden)
            self.list.setAccessibleName(tr("Activity"))
            self._fill()

    def retheme(self) -> None:
        """Colours of the kinds."""
        self.toggles.show_names([(tr(name), self._color(i)) for i, (_, name) in enumerate(FILTERS)])
        self._fill()

    def _color(self, index: int) -> str:
        return theme.tokens().hue(index)

    def _fill(self) -> None:
        self.list.clear()
        today = current().local(self._now).date() if self._now else None
        for item in [i for i in self._items if i.kind not in self._hidden][:FEED_ROWS]:
            row = QListWidgetItem(icons.icon(ICONS[item.kind], "muted"), feed_words(item, today))
            row.setData(Qt.ItemDataRole.UserRole, item.kind)
            self.list.addItem(row)
        if self._items:
            self.show_body()
        else:
            self.show_empty("Nothing has happened yet.")

    def _switch(self, name: str, on: bool) -> None:
        kind = next(kind for kind, title in FILTERS if tr(title) == name)
        (self._hidden.discard if on else self._hidden.add)(kind)
        self._fill()

    def _open(self, row: QListWidgetItem) -> None:
        self.chosen.emit(*self.WAYS[row.data(Qt.ItemDataRole.UserRole)])


def feed_words(item: FeedItem, today: date | None) -> str:
    """An item as a sentence with its time, and its day where that is another one."""
    form = current()
    when = form.time(item.at)
    if form.local(item.at).date() != today:
        when = f"{form.day(form.local(item.at).date(), 'short')} {when}"
    return f"{when}   {_happening(item)}"


def _happening(item: FeedItem) -> str:
    form, facts = current(), item.facts
    if item.kind == "count":
        hour = int(item.name)
        span = (form.minute(hour * 60), form.minute((hour + 1) % 24 * 60))
        people = form.integer(_number(facts["people"]))
        return tr("{people} people came in from {first} to {last}.", people=people, first=span[0], last=span[1])
    if item.kind == "import":
        return _import_words(item)
    if item.kind == "alert":
        return _alert_words(item)
    name = tr(JOBS.get(item.name, item.name))
    if item.state == "done":
        rows = facts.get("rows")
        return tr("{job}: done.", job=name) if rows is None else tr(
            "{job}: {rows} rows.", job=name, rows=form.integer(_number(rows))
        )  # fmt: skip
    if item.state == "running":
        return tr("{job}: running.", job=name)
    return tr("{job}: {why}", job=name, why=facts.get("message_zh" if language() == "zh" else "message") or item.state)


def _import_words(item: FeedItem) -> str:
    form, facts = current(), item.facts
    kind = tr(KINDS.get(item.name, item.name))
    if item.state != "done":
        return tr("Import of {file} ({kind}): {state}.", file=facts["file"], kind=kind, state=item.state)
    rows, rejected = (_number(facts[key]) for key in ("rows", "rejected"))
    text = tr("{file}: {rows} rows of {kind}.", file=facts["file"], rows=form.integer(rows), kind=kind)
    return f"{text} {tr('{count} refused.', count=form.integer(rejected))}" if rejected else text


def _alert_words(item: FeedItem) -> str:
    return finding_words(item.name, json.loads(str(item.facts["facts"])))


def _number(value: object) -> int:
    return int(str(value))
