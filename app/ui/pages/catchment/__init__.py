"""Catchment: where members live, what each area brings, and how far away it is."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtWidgets import QFileDialog, QLabel

from app.ui import theme
from app.ui.charts.kpi import Kpi
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.catchment.cards import AreaTable, BandCard, MapCard, StrangerTable
from app.ui.pages.catchment.panel import AreaPanel, MeaningPanel
from app.ui.pages.catchment.state import State, read
from app.ui.turns import Steps
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.save_book import save_book
from app.ui.widgets.tiles import TileRow
from engines.catchment.queries import AreaRow, Catchment
from engines.segments.rule import Trait
from models.errors import Known
from models.store import Store

RELATIONS = (
    "areas", "member", "person", "profile_attr", "identifier_owner", "sale", "activity", "setting",
)  # fmt: skip
NEAR_KM = 5.0
"""The ring of the tile: what a person thinks of as near."""

__all__ = ["CatchmentPage", "State", "make", "read"]


class CatchmentPage(Page):
    """The map with its table; it follows the desk's period."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS))
        self.people: AreaPanel | None = None
        self.meanings: MeaningPanel | None = None
        self._importing: Child | None = None
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The tiles, then a card a step."""
        desk = self.desk
        self.about = QLabel()
        self.about.setWordWrap(True)
        theme.set_role(self.about, role="caption")
        self.tiles, grid = TileRow(height=112), CardGrid()
        for widget in (self.about, self.tiles, grid):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        yield
        self.map = MapCard(desk)
        grid.add(self.map, span=7, height=500, least=480)
        yield
        self.bands = BandCard(desk)
        grid.add(self.bands, span=5, height=500, least=320)
        yield
        self.areas = AreaTable(desk)
        grid.add(self.areas, span=12, height=420)
        yield
        self.strangers = StrangerTable(desk)
        grid.add(self.strangers, span=12, height=260)
        yield
        self._connect()
        yield

    def drawing(self) -> Steps:
        """Everything of the state, a card a step."""
        state = self._state()
        self.about.setText(_about(state.found))
        self.about.setVisible(bool(self.about.text()))
        self.tiles.setVisible(state.found is not None and bool(state.found.members))
        if state.found is not None:
            self.tiles.show_kpis(_tiles(state.found), EMPTY_TILES if state.found.map is not None else EMPTY_WITHOUT_MAP)
        yield
        for card in (self.map, self.bands, self.areas, self.strangers):
            card.show_state(state)
            yield
        self.strangers.setVisible(self.strangers.table.rows.rowCount() > 0)

    # ---- what a person may do

    def show_area(self, key: str) -> None:
        """An area's figures and people."""
        found = self._state().found
        row = next((row for row in found.rows if row.code == key), None) if found else None
        if row is None:
            return
        if self.people is None:
            self.people = AreaPanel(self.desk, self)
            self.people.segment_wanted.connect(self.make_segment)
        self.people.show_area(row)

    def show_row(self, row: Mapping[str, Any]) -> None:
        """The same from a row of the table."""
        self.show_area(str(row["code"]))

    def define(self, _key: str = "") -> None:
        """What the figures mean."""
        if self.meanings is None:
            self.meanings = MeaningPanel(self)
        self.meanings.open_panel()

    def choose_map(self) -> None:
        """Ask for a file of areas and import it."""
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Import an area map"), "", "GeoJSON, CSV, Excel (*.geojson *.json *.csv *.txt *.xlsx *.xls);;* (*)"
        )
        if name:
            self.import_map(name)

    def import_map(self, file: str) -> None:
        """Import a file of areas, in a process of its own: a large one takes its time."""
        if self._importing is not None:
            self.desk.say("Another area map is being imported; wait for its end.")
            return
        self.map.set_loading(True)
        self._importing = Child(["--site", str(self.desk.folder), "import", "areas", file], self)
        self._importing.ended.connect(self._imported)
        self._importing.start()

    def make_segment(self, row: AreaRow, words: tuple[str, ...]) -> None:
        """A draft segment of an area's people, open in the builder."""
        job = partial(_keep_segment, self.desk.store, self.desk.actor, row, words)
        self.desk.work.run(job, self._segment_kept, self.desk.fault)

    def act_on_table(self) -> None:
        """Where members or their areas are missing: to the import of members."""
        self.desk.go("intake", {"kind": "members"})

    def export(self) -> None:
        """The map's figures, the distances and both tables as a workbook."""
        cards = (self.areas, self.map, self.bands, self.strangers)
        save_book(self.desk, self, tr("Catchment"), [card.sheet() for card in cards])

    def _state(self) -> State:
        state = self.model.state
        assert isinstance(state, State)
        return state

    def _segment_kept(self, code: str) -> None:
        self.desk.go("segments", {"edit": code})

    def _imported(self, code: int, document: Mapping[str, Any]) -> None:
        child, self._importing = self._importing, None
        if child is not None:
            child.deleteLater()
        self.map.set_loading(False)
        if code:
            self.desk.fault(Known(str(document.get("error", "")), str(document.get("step", ""))))
        else:
            self.desk.say("{areas} areas are on the map.", "good", areas=current().integer(int(document["areas"])))
            self.model.refresh()

    def _connect(self) -> None:
        self.map.view.picked.connect(self.show_area)
        self.map.map_wanted.connect(self.choose_map)
        self.areas.table.activated.connect(self.show_row)
        self.areas.table.empty.acted.connect(self.act_on_table)
        self.tiles.opened.connect(self.define)
        for card in (self.map, self.bands, self.areas):
            card.defined.connect(self.define)
        for loading in (self.map, self.bands):
            self.model.loading.connect(loading.set_loading)


EMPTY_TILES = (
    "Members say no district or postcode.", "No sales to members in these days.", "Needs the mall's place.",
    "No sales to members in these days.",
)  # fmt: skip
EMPTY_WITHOUT_MAP = ("No area map yet.", EMPTY_TILES[1], "No area map yet.", EMPTY_TILES[3])


def _tiles(found: Catchment) -> tuple[Kpi, ...]:
    shown = [row for row in found.rows if row.members is not None]
    primary = sum(1 for row in found.rows if row.tier == "primary")
    near = [row.members or 0 for row in shown if row.distance_km is not None and row.distance_km <= NEAR_KM]
    placed = [row.members or 0 for row in shown if row.distance_km is not None]
    money = sum(row.sales or 0 for row in found.rows)
    # Whole percents: a total beside its parts would tell how many live in an area that is hidden.
    on_map = round(found.placed / found.members, 2) if found.map is not None and found.members else math.nan
    return (
        Kpi(mark("Members on the map"), on_map, "percent", key="on_map"),
        Kpi(mark("Primary areas"), float(primary) if primary else math.nan, key="primary",
            note=tr("make 60 % of members' sales")),
        Kpi(mark("Within 5 km"), sum(near) / sum(placed) if sum(placed) else math.nan, "percent", key="near",
            note=tr("of members on the map")),
        Kpi(mark("Sales to members"), float(money) if money else math.nan, "money", key="sales",
            note=tr("from areas that are shown")),
    )  # fmt: skip


def _about(found: Catchment | None) -> str:
    if found is None or not found.members:
        return ""
    form = current()
    words = [tr("{n} members.", n=form.integer(found.members))]
    if found.unsaid:
        words.append(tr("{share} say no area.", share=_part(found.unsaid / found.members)))
    if found.map is not None and found.elsewhere:
        words.append(tr("{share} name one that is not on the map.", share=_part(found.elsewhere / found.members)))
    if found.hidden:
        words.append(tr("{n} areas are hidden: fewer than {least} people.", n=found.hidden, least=found.smallest))
    if found.doubtful:
        words.append(tr("Several areas are called {names}: use codes.", names=", ".join(found.doubtful[:3])))
    if found.odd_place:
        words.append(tr("The mall's place in the settings is no latitude and longitude."))
    if found.map is not None and found.map.demo:
        words.append(tr("Demo: these districts are invented."))
    if found.map is not None and found.map.imported_at:
        words.append(tr("Map of {when}: {file}.", when=form.datetime(found.map.imported_at), file=found.map.source))
    return " ".join(words)


def _part(share: float) -> str:
    """Whole percents: what is finer would tell of single people."""
    return current().percent(share, 0) if share >= 0.01 else tr("Under 1 %")


def _keep_segment(store: Store, actor: str, row: AreaRow, words: tuple[str, ...]) -> str:
    """The code of the area's segment: made as a draft, or the one there is."""
    from engines.segments.actions import create
    from engines.segments.queries import segments
    from models.times import now_ms

    plain = re.sub(r"[^a-z0-9]+", "-", row.code.lower()).strip("-") or row.code.encode().hex()[:40]
    code = f"area-{plain}"[:60]
    if code not in {one.code for one in segments(store, now_ms())}:
        name_zh = f"居住于{row.name_zh}" if row.name_zh else None
        create(store, actor, code, f"Lives in {row.name}", Trait("home_area", "is", words), name_zh=name_zh)
    return code


def make(desk: Desk) -> Page:
    """The Catchment page."""
    return CatchmentPage(desk)
