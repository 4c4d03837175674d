"""The profile of one customer: head, signs, golden record, months, favourite shops, what engines found, timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, tr
from app.ui.pages.customers.facets_view import Facets
from app.ui.pages.customers.golden_view import GoldenCard
from app.ui.pages.customers.header import ProfileHeader
from app.ui.pages.customers.identity import IdentityCard
from app.ui.pages.customers.timeline_view import EntryPage, Timeline, read_entries
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import CardGrid
from engines.journeys.queries import ChangeRow, history_of
from engines.people.facets import Facet, facets_of
from engines.people.profile import Profile, profile
from engines.people.survivorship import Golden, golden_of
from engines.people.timeline import Group, timeline_counts
from models.store import Store


@dataclass(frozen=True)
class PersonState:
    """A profile, the first page of the timeline and how many entries each group has, the golden record, what engines
    found of the person, and the changes of stage."""

    today: dt.date
    profile: Profile
    entries: EntryPage
    counts: Mapping[Group, int]
    golden: tuple[Golden, ...] = ()
    facets: tuple[Facet, ...] = ()
    stages: tuple[ChangeRow, ...] = ()


def read_person(store: Store, today: dt.date, person_id: bytes) -> PersonState:
    """Everything a profile shows at first."""
    found = profile(store, person_id, today)
    return PersonState(
        today, found, read_entries(store, person_id), timeline_counts(store, person_id),
        golden_of(store, person_id), facets_of(store, person_id), tuple(history_of(store, person_id)),
    )  # fmt: skip


class ProfileView(QWidget):
    """`closed()` leads back to the overview, `opened(person_id)` to a related person."""

    closed = Signal()
    opened = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.state: PersonState | None = None
        self.header = ProfileHeader()
        self.identity = IdentityCard(desk)
        self.golden = GoldenCard()
        self.facets = Facets()
        self.months = ChartCard(desk, "Spend by month")
        self.favourites = ChartCard(desk, "Favourite shops", "By number of purchases")
        self.timeline = Timeline(desk)
        self.grid = CardGrid()
        self.grid.add(self.months, span=6, height=228, least=280)
        self.grid.add(self.favourites, span=6, height=228, least=280)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for part in (self.header, self.identity, self.golden, self.grid, self.facets, self.timeline):
            column.addWidget(part)
        column.addStretch(1)
        self.header.closed.connect(self.closed)
        self.identity.opened.connect(self.opened)

    def show_person(self, state: PersonState) -> None:
        """Draw a person."""
        self.state = state
        self.header.show_profile(state.profile, state.today)
        self.identity.show_profile(state.profile)
        self.golden.show_golden(state.golden)
        self.facets.show_facets(state.facets, state.stages)
        self.grid.setVisible(bool(state.profile.months))
        self._show_months(state.profile)
        self._show_favourites(state.profile)
        self.timeline.show_person(state.entries, state.counts)

    def retranslate(self) -> None:
        """Figures and names in the language in force."""
        if self.state is not None:
            self.show_person(self.state)

    def _show_months(self, found: Profile) -> None:
        if not found.months:
            self.months.explain("No purchase of this customer is known.")
            return
        names = tuple(current().month(dt.date.fromisoformat(f"{m.month}-01")) for m in found.months)
        series = Series(tr("Spent"), tuple(float(m.net_minor) for m in found.months))
        self.months.show_chart(Bars(names, (series,), unit="money"))

    def _show_favourites(self, found: Profile) -> None:
        if not found.favourites:
            self.favourites.explain("The purchases name no shop.")
            return
        zh = language() == "zh"
        names = tuple((zh and shop.name_zh) or shop.name for shop in found.favourites)
        series = Series(tr("Purchases"), tuple(float(shop.purchases) for shop in found.favourites))
        self.favourites.show_chart(Bars(names, (series,), mode="ranked"))
