"""The board of health: how customers do, who is falling, what was reached this week, and what a desk should look at."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.kpi import Kpi
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.leads.cells import BarCell, CourseCell
from app.ui.pages.leads.reading import Falling, HealthBoard, Step, read_falling
from app.ui.pages.leads.words import BANDS, COURSES, PARTS, milestone_name, said
from app.ui.widgets.alerts import AlertList
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.people_list import PeopleList, save_people
from app.ui.widgets.people_words import tier_name
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from app.ui.widgets.tiles import TileRow
from models.store import Store

TOP, TALL = 250, 420
SHOWN_ALERTS = 30


def band_name(band: str | None) -> str:
    """A band."""
    return said(BANDS, band)


def course_name(course: str | None) -> str:
    """A course."""
    return said(COURSES, course)


def weeks_words(weeks: tuple[int, ...]) -> str:
    """Eight weeks' active days, oldest first."""
    return " ".join(str(n) for n in weeks)


FALLING = (
    Column("label", mark("Customer"), width=120),
    Column("tier", mark("Tier"), width=96, write=tier_name),
    Column("spent", mark("Spent"), "money", 116),
    Column("health", mark("Health score"), "decimal", 116),
    Column("fall", mark("Lost in 28 days"), "decimal", 116),
    Column("band", mark("Band"), width=88, write=band_name),
    Column("course", mark("Momentum"), width=112, write=course_name),
    Column("weeks", mark("Active days, 8 weeks"), write=weeks_words),
)
STEPS = (
    Column("day", mark("Day"), "day", 136),
    Column("label", mark("Customer"), width=130),
    Column("kind", mark("Milestone"), write=milestone_name),
)


class HealthView(QWidget):
    """`opened(person_id)` fires from a row."""

    opened = Signal(object)

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__()
        self.desk = desk
        self.tiles = TileRow()
        self.spread = ChartCard(desk, "Customers by health", "Health from 0 to 100")
        self.bands = ChartCard(desk, "Bands and momentum", "Customers by band, and whether they rise or fall")
        self.falling = Card("Falling customers")
        self.table = DataTable(FALLING, "Falling customers", export=True)
        self.bar, self.course = BarCell(self), CourseCell(self)
        self.table.view.setItemDelegateForColumn(3, self.bar)
        self.table.view.setItemDelegateForColumn(7, self.course)
        self.table.set_empty("Nobody is falling.")
        self.falling.set_body(self.table)
        self.steps = Card("Milestones of the last seven days")
        self.reached = DataTable(STEPS, "Milestones", filterable=False)
        self.reached.set_empty("Nobody reached a milestone in these days.")
        self.steps.set_body(self.reached)
        self.alerts = Card("For the member desk")
        self.list = AlertList(desk, host)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self.list)
        area.viewport().setAutoFillBackground(False)
        self.list.setAutoFillBackground(False)
        self.alerts.set_body(area)
        self.words = QLabel()
        self.words.setWordWrap(True)
        theme.set_role(self.words, role="caption")
        self.cards = CardGrid()
        self.cards.add(self.spread, span=7, height=TOP, least=420)
        self.cards.add(self.bands, span=5, height=TOP, least=320)
        self.cards.add(self.falling, span=12, height=TALL)
        self.cards.add(self.alerts, span=7, height=TALL, least=420)
        self.cards.add(self.steps, span=5, height=TALL, least=360)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for part in (self.tiles, self.words, self.cards):
            column.addWidget(part)
        self.table.activated.connect(self._open)
        self.reached.activated.connect(self._open)
        self.table.export_wanted.connect(self.export)

    def show_board(self, found: HealthBoard) -> None:
        """Draw the board."""
        board, form = found.board, current()
        self.tiles.show_kpis((
            Kpi(tr("Mean health"), board.mean, "decimal", delta=_moved(board.mean, board.before), good="up",
                against=tr("28 days ago")),
            Kpi(tr("Falling"), float(board.courses["falling"]), "count", good="down"),
            Kpi(tr("Rising"), float(board.courses["rising"]), "count", good="up"),
            Kpi(tr("Lost {points} points or more", points=form.integer(found.fall)), float(board.fallen), "count",
                good="down"),
        ))  # fmt: skip
        tens = tuple(f"{10 * i}–{10 * i + 10}" for i in range(10))
        people = tr("Customers")
        self.spread.show_chart(Bars(tens, (Series(people, tuple(float(n) for n in board.tens)),)))
        bands = tuple(said(BANDS, name) for name in board.bands)
        self.bands.show_chart(
            Bars(
                bands,
                tuple(
                    Series(
                        said(COURSES, course), tuple(float(board.cells.get((band, course), 0)) for band in board.bands)
                    )
                    for course in COURSES
                ),
                "stacked",
            )
        )
        self.falling.set_title(
            "Falling customers",
            "{count} lost {points} points in 28 days, or have a momentum below zero; who spent most comes first",
            count=form.integer(found.falling_whole), points=form.integer(found.fall),
        )  # fmt: skip
        self.table.set_rows(found.falling, has_more=found.falling_whole > len(found.falling))
        self.reached.set_rows(found.steps, has_more=sum(found.step_counts.values()) > len(found.steps))
        self.steps.set_title("Milestones of the last seven days", _counts(found.step_counts))
        self.alerts.set_title(
            "For the member desk", "{count} to look after; close an alert when somebody has done so",
            count=form.integer(len(found.alerts)),
        )  # fmt: skip
        self.list.show_alerts(found.alerts[:SHOWN_ALERTS])
        if not found.alerts:
            self.alerts.show_empty("No customer is waiting for the member desk.")
        else:
            self.alerts.show_body()
        self.words.setText(health_words(found))

    def export(self) -> None:
        """The falling customers, masked, booked in the audit log."""
        title = tr("Falling customers")
        save_people(self.desk, self, PeopleList(title, "leads?falling=1", FALLING, _everyone))

    def _open(self, row: Falling | Step) -> None:
        self.opened.emit(row.person_id)


def health_words(found: HealthBoard) -> str:
    """The definition with the weights in force."""
    weighing = found.weights.weighing
    form = current()
    parts = [f"{said(PARTS, name)} {form.percent(weight)}" for name, weight in weighing.weights.items()]
    return tr(
        "Health is {weights} (version {version}); who never answered leaves that weight to the others. Momentum is the "
        "slope of active days a week over eight weeks; falling where its 80 % interval is below zero. "
        "{n} customers as of {when}.",
        weights=", ".join(parts), version=weighing.version, n=form.integer(found.board.people),
        when=form.datetime(found.board.as_of),
    )  # fmt: skip


def _moved(now: float, before: float) -> float:
    """The change as a share; what rounds to nothing is nothing, not a fall of 0.0 %."""
    return round(now / before - 1, 3) + 0.0 if before else 0.0


def _counts(counts: Mapping[str, int]) -> str:
    return " · ".join(f"{milestone_name(kind)} {current().integer(n)}" for kind, n in counts.items())


def _everyone(store: Store) -> tuple[Falling, ...]:
    return read_falling(store, -1)
