"""The cards of the Catchment page: the map, distances, the table of areas, and what is not on the map."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.ui.desk import Desk
from app.ui.format import MISSING, current
from app.ui.i18n import mark, tr
from app.ui.pages.catchment.state import State, band_chart, map_chart
from app.ui.pages.catchment.words import (
    IMPORT_MAP,
    MEASURES,
    NO_AREAS,
    NO_MAP,
    NO_MATCH,
    NO_MEMBERS,
    NO_PLACE,
    NO_SHAPES,
    SET_PLACE,
    SPOILT,
    kilometres,
    named,
    tier_word,
)
from app.ui.widgets.defined_card import DefinedCard, TableCard
from app.ui.widgets.head_tools import Choice, IconButton
from app.ui.widgets.rows import Column
from engines.catchment.queries import Catchment

AREA_COLUMNS = (
    Column("name", "Home area"), Column("tier", "Trade area", width=96, write=tier_word),
    Column("members", "Members", "count", 84), Column("share", "Share", "percent", 76),
    Column("visits", "Visits", "count", 76), Column("sales", "Sales", "money", 124),
    Column("sales_share", "Of sales", "percent", 84), Column("spend", "Per member", "money", 104),
    Column("population", "Residents", "count", 92), Column("penetration", "Penetration", "percent", 100),
    Column("distance_km", "Distance", "decimal", 88, kilometres),
)  # fmt: skip


def _people(value: object) -> str:
    return MISSING if value is None else current().integer(int(str(value)))


class MapCard(DefinedCard):
    """The map with its measure and view; `map_wanted` asks for another file, `removed` for none."""

    map_wanted = Signal()
    place_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, mark("Where members live"), "map", mark("Press an area for its people"))
        self.measure, self.view_of = Choice("Colour by"), Choice("View")
        for choice in (self.measure, self.view_of):
            self.add_choice(choice)
            choice.chosen.connect(self.redraw)
        self.pick_file = IconButton("import", IMPORT_MAP, "")
        self.pick_file.clicked.connect(self.map_wanted)
        self.add_header(self.pick_file)
        self.state: State | None = None
        self._wants = ""

    def show_state(self, state: State) -> None:
        """Draw the state."""
        self.state = state
        self.measure.offer(tuple((m.code, tr(m.title)) for m in MEASURES.values()), "members")
        self.view_of.offer((("near", tr("Where members live")), ("whole", tr("Whole map"))), "near")
        self.redraw()

    def redraw(self, _code: str = "") -> None:
        """The map by the chosen measure, or the first thing that is missing."""
        state = self.state
        if state is None:
            return
        self._wants = ""
        found = state.found
        for choice in (self.measure, self.view_of):
            choice.setVisible(found is not None and found.map is not None)
        if found is None:
            self.explain(SPOILT, IMPORT_MAP, reason=state.trouble)
            self._wants = "map"
        elif found.map is None:
            self.explain(NO_MAP, IMPORT_MAP)
            self._wants = "map"
        else:
            self._draw_map(found)

    def _draw_map(self, found: Catchment) -> None:
        made = map_chart(found, self.measure.code() or "members", near=self.view_of.code() != "whole")
        if made is None:
            self.explain(NO_SHAPES, IMPORT_MAP)
            self._wants = "map"
        else:
            self.show_chart(made)

    def _go(self) -> None:
        if self._wants == "map":
            self.map_wanted.emit()
        else:
            super()._go()


class BandCard(DefinedCard):
    """Members and sales by distance from the mall."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, mark("By distance"), "distance", mark("Areas by how far their middle is from the mall"))

    def show_state(self, state: State) -> None:
        """Draw the state."""
        found = state.found
        made = band_chart(found) if found is not None else None
        if made is not None:
            self.show_chart(made)
        elif found is not None and found.map is not None and found.mall is None:
            self.explain(NO_PLACE, SET_PLACE, "settings", {"setting": "mall.place"})
        else:
            self.explain("Distances need an area map and members who live on it.")


class AreaTable(TableCard):
    """Every area with all its figures."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, mark("Areas"), mark("A double click or Enter opens an area's people"), AREA_COLUMNS)

    def show_state(self, state: State) -> None:
        """The areas, most members first."""
        found = state.found
        self.table.set_empty(*_missing(found))
        rows = found.rows if found is not None else ()
        ordered = sorted(rows, key=lambda row: (-(row.members or 0), row.hidden, row.name))
        self.table.set_rows(
            [
                {**{column.key: getattr(row, column.key) for column in AREA_COLUMNS}, "code": row.code,
                 "name": named(row.name, row.name_zh)}
                for row in ordered
            ]
        )  # fmt: skip


class StrangerTable(TableCard):
    """What members say that is on no map."""

    def __init__(self, desk: Desk) -> None:
        columns = (Column("text", "What members say"), Column("people", "Members", "count", 100, _people))
        super().__init__(
            desk, mark("Not on the map"), mark("Add these to the file as a name or under \"also\""), columns
        )  # fmt: skip
        self.table.set_empty("Every member who says where they live is on the map.")

    def show_state(self, state: State) -> None:
        """The commonest wordings; others as one, since they may be addresses."""
        found = state.found
        listed = found.unmatched if found is not None and found.map is not None else ()
        self.table.set_rows(
            [{"text": one.text or tr("Other words, each used by few"), "people": one.people} for one in listed]
        )


def _missing(found: Catchment | None) -> tuple[str, str]:
    """Why there are no areas, and what to do."""
    if found is None or not found.members:
        return NO_MEMBERS, "Import members"
    if found.unsaid == found.members:
        return NO_AREAS, "Import members"
    return NO_MATCH, ""
