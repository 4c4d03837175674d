"""Fourth step, for heat maps and flows: four or more points of the picture and where they are on the floor's plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from app.ui import icons, theme
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.live_stream import View
from app.ui.pages.live.setup.geometry import Point, clamped
from app.ui.pages.live.setup.mapping import LEAST_PAIRS, Pair, mapping_fault, on_plan, residuals
from app.ui.pages.live.setup.panes import PicturePane, PlanPane
from app.ui.pages.live.setup.session import Session
from app.ui.pages.live.setup.step import Choice, Step, Words
from vision.config import FloorView

COLUMNS = (mark("Point"), mark("x, m"), mark("y, m"), mark("Off by"))
COARSE_M = 1.0


class FloorStep(Step):
    """Click a place in the picture, then the same place on the plan; both can be dragged afterwards."""

    LIVE = True

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.floor = Choice()
        self.picture, self.plan = PicturePane(), PlanPane()
        self.table = QTableWidget(0, len(COLUMNS))
        self.says = Words()
        self.hint = Words(role="caption")
        self.clear = QPushButton()
        self._half_picture: Point | None = None
        self._half_plan: Point | None = None
        self._chosen = -1
        self._lay_out()
        self._connect()
        self.retranslate()
        self.retheme()

    # ---- what the view calls

    def enter(self) -> None:
        """The session's floor and points."""
        self._half_picture = self._half_plan = None
        self._chosen = -1
        self.picture.say(tr("Waiting for a picture…"))
        self.refresh()

    def show_live(self, image: QImage | None, view: View) -> None:
        """The picture, and where its people stand on the plan."""
        size = self.session.sketch.config.size
        across, down = (size[0] / view.width, size[1] / view.height) if view.width and view.height else (1.0, 1.0)
        feet = [(box.foot[0] * across, box.foot[1] * down) for box in view.boxes]
        self.picture.show_picture(image, size, feet)
        self.plan.show_feet(on_plan(self.pairs(), feet))

    def show_silence(self, sentence: str) -> None:
        """No picture: the plan can be drawn all the same."""
        self.picture.say(sentence or tr("No picture came yet."))

    def refresh(self) -> None:
        """The drawing changed, here or elsewhere."""
        self._offer_floors()
        pairs = self.pairs()
        self.picture.set_size(self.session.sketch.config.size)
        self.picture.show_points([(x, y) for x, y, _, _ in pairs], self._half_picture, self._chosen)
        self.plan.show_points([(x, y) for _, _, x, y in pairs], self._half_plan, self._chosen)
        self.clear.setEnabled(bool(pairs) or self._half_picture is not None or self._half_plan is not None)
        self._show_table(pairs)
        self._say(pairs)

    def pairs(self) -> tuple[Pair, ...]:
        """Picture x, y and plan X, Y of each point."""
        floor = self.session.sketch.config.floor
        return floor.points if floor is not None else ()

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.floor.setAccessibleName(tr("Floor"))
        self.picture.setAccessibleName(tr("Points in the picture"))
        self.plan.setAccessibleName(tr("Points on the floor plan"))
        self.clear.setText(tr("Remove all points"))
        self.table.setHorizontalHeaderLabels([tr(words) for words in COLUMNS])
        self.table.setAccessibleName(tr("Pairs of points"))
        self.refresh()

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.clear, "delete")

    # ---- what a person does

    def take_picture_point(self, point: Point) -> None:
        """A place in the picture; with one waiting on the plan it makes a pair."""
        self._half_picture = clamped(point, self.session.sketch.config.size)
        self._join()

    def take_plan_point(self, point: Point) -> None:
        """A place on the plan; with one waiting in the picture it makes a pair."""
        self._half_plan = point
        self._join()

    def remove_all(self) -> None:
        """Begin anew."""
        self._half_picture = self._half_plan = None
        self._put(())

    # ---- inside

    def _join(self) -> None:
        if self._half_picture is None or self._half_plan is None:
            self._chosen = -1
            self.refresh()
            return
        pair = (*self._half_picture, *self._half_plan)
        self._half_picture = self._half_plan = None
        self._chosen = len(self.pairs())
        self._put((*self.pairs(), pair))

    def _put(self, pairs: Sequence[Pair]) -> None:
        sketch = self.session.sketch
        code = self._code()
        floor = FloorView(code, tuple(pairs)) if pairs and code else None
        self.session.set_sketch(sketch.edit(replace(sketch.config, floor=floor), sketch.chosen))

    def _move_in_picture(self, index: int, point: Point) -> None:
        pairs = list(self.pairs())
        pairs[index] = (*clamped(point, self.session.sketch.config.size), *pairs[index][2:])
        self._put(pairs)

    def _move_on_plan(self, index: int, point: Point) -> None:
        pairs = list(self.pairs())
        pairs[index] = (*pairs[index][:2], round(point[0], 2), round(point[1], 2))
        self._put(pairs)

    def _choose(self, index: int) -> None:
        self._chosen = index
        self.refresh()

    def _remove(self, index: int) -> None:
        self._chosen = -1
        self._put([pair for n, pair in enumerate(self.pairs()) if n != index])

    def _pick_floor(self) -> None:
        self._put(self.pairs())
        self._show_outlines()

    def _code(self) -> str:
        value = self.floor.value()
        return value if isinstance(value, str) else ""

    def _offer_floors(self) -> None:
        places, held = self.session.places, self.session.sketch.config.floor
        chinese = language() == "zh"
        named = [(f.code, f.name_zh or f.name if chinese else f.name) for f in places.floors]
        if held is not None and held.floor not in [code for code, _ in named]:
            named.append((held.floor, held.floor))
        if not named:
            named = [("L1", "L1")]
        if [self.floor.itemText(n) for n in range(self.floor.count())] != [name for _, name in named]:
            self.floor.offer(named)
        if held is not None:
            self.floor.choose(held.floor)
        self._show_outlines()

    def _show_outlines(self) -> None:
        chinese = language() == "zh"
        self.plan.show_plan([
            (zone.name_zh or zone.name if chinese else zone.name, zone.outline)
            for zone in self.session.places.zones if zone.floor == self._code() and len(zone.outline) > 2
        ])  # fmt: skip

    def _show_table(self, pairs: Sequence[Pair]) -> None:
        errors = residuals(pairs)
        form = current()
        self.table.blockSignals(True)
        self.table.setRowCount(len(pairs))
        for row, (_, _, x, y) in enumerate(pairs):
            error = tr("{metres} m", metres=form.decimal(errors[row], 2)) if errors else ""
            for column, words in enumerate((str(row + 1), f"{x:g}", f"{y:g}", error)):
                item = QTableWidgetItem(words)
                fixed = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
                item.setFlags(fixed | Qt.ItemFlag.ItemIsEditable if column in (1, 2) else fixed)
                self.table.setItem(row, column, item)
        if 0 <= self._chosen < len(pairs):
            self.table.selectRow(self._chosen)
        self.table.blockSignals(False)

    def _typed(self, row: int, column: int) -> None:
        """Metres typed into the table."""
        item = self.table.item(row, column)
        try:
            value = float(item.text().replace(",", ".")) if item is not None else 0.0
        except ValueError:
            self.refresh()
            return
        _, _, x, y = self.pairs()[row]
        self._move_on_plan(row, (value, y) if column == 1 else (x, value))

    def _row_chosen(self) -> None:
        row = self.table.currentRow()
        if row != self._chosen and 0 <= row < len(self.pairs()):
            self._choose(row)

    def _say(self, pairs: Sequence[Pair]) -> None:
        theme.set_role(self.says, role="muted")
        if self._half_picture is not None:
            self.says.say("Now click the same place on the plan.")
        elif self._half_plan is not None:
            self.says.say("Now click the same place in the picture.")
        elif not pairs:
            self.says.say("Optional. Heat maps and flows on the plan need at least four places: click one here.")
        elif len(pairs) < LEAST_PAIRS:
            self.says.say("{count} more needed. Spread them over the floor.", count=LEAST_PAIRS - len(pairs))
        else:
            self._say_error(pairs)

    def _say_error(self, pairs: Sequence[Pair]) -> None:
        wrong = mapping_fault(pairs)
        if wrong:
            theme.set_role(self.says, role="wrong")
            self.says.say("These points do not fix the floor: spread them, and check their order.")
            return
        most = max(residuals(pairs))
        metres = current().decimal(most, 2)
        if len(pairs) == LEAST_PAIRS:
            self.says.say("Four points fit exactly. A fifth one shows how exact they are.")
        elif most > COARSE_M:
            theme.set_role(self.says, role="wrong")
            self.says.say("The points disagree by up to {metres} m: check the one with the greatest error.",
                          metres=metres)  # fmt: skip
        else:
            self.says.say("The points agree within {metres} m.", metres=metres)

    def _connect(self) -> None:
        self.session.sketched.connect(self.refresh)
        self.session.placed.connect(self.refresh)
        self.floor.activated.connect(self._pick_floor)
        self.picture.picked.connect(self.take_picture_point)
        self.plan.picked.connect(self.take_plan_point)
        self.picture.moved.connect(self._move_in_picture)
        self.plan.moved.connect(self._move_on_plan)
        for pane in (self.picture, self.plan):
            pane.chosen.connect(self._choose)
            pane.removed.connect(self._remove)
        self.picture.painted.connect(self.session.painted)
        self.clear.clicked.connect(self.remove_all)
        self.table.cellChanged.connect(self._typed)
        self.table.itemSelectionChanged.connect(self._row_chosen)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.floor)
        bar.addWidget(self.says, 1)
        bar.addWidget(self.clear)
        panes = QHBoxLayout()
        panes.setSpacing(12)
        panes.addWidget(self.picture, 3)
        panes.addWidget(self.plan, 2)
        self.table.setFixedHeight(148)
        self.table.setMaximumWidth(520)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.hint.say("Take places that are sure on both: pillars, corners of shops, edges of tiles. "
                      "Only places on the floor count.")  # fmt: skip
        foot = QHBoxLayout()
        foot.setSpacing(16)
        foot.addWidget(self.table, 2)
        foot.addWidget(self.hint, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(bar)
        column.addLayout(panes, 1)
        column.addLayout(foot)
