"""Site set-up: what is in order and what is left before the mall relies on this site, with the way to each point."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.page import Page, PageModel
from app.ui.pages.setup.board import GroupCard, ProgressCard
from app.ui.pages.setup.report import PdfReport, sheet_of_list
from app.ui.pages.setup.state import State, group_title, read
from app.ui.turns import Steps
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.save_table import ask_file, save_sheet
from engines.setup.golive import GROUPS, Point

WATCHED = (
    "setting", "floor", "gate", "tenant", "camera", "camera_state", "sale", "member", "user", "job_run", "lease_row",
    "consent_notice", "retention_rule", "sync_state", "accuracy_check",
)  # fmt: skip
CLOCK_MS = 30_000


class SetupPage(Page):
    """How far the site is, over a card for each group."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, WATCHED, clock_ms=CLOCK_MS))
        self.cards: dict[str, GroupCard] = {}
        self.turns.add(self.building())

    def building(self) -> Steps:
        """The head, then a card a turn."""
        self.head = ProgressCard()
        self.head.wanted.connect(self.save)
        self.body.addWidget(self.head)
        yield
        self.grid = CardGrid()
        for name, title, _ in GROUPS:
            card = GroupCard(title)
            card.opened.connect(self.show_point)
            self.cards[name] = card
            self.grid.add(card, span=6, least=460)
            yield
        self.body.addWidget(self.grid)
        self.body.addStretch(1)
        yield

    def drawing(self) -> Steps:
        """Head and cards from the state, a card a turn."""
        state = self.model.state
        if not isinstance(state, State):
            return
        self.head.show_state(state)
        yield
        openable = frozenset(_pages())
        for name, card in self.cards.items():
            card.set_title(group_title(name), "")
            card.show_points(state.group(name), openable)
            yield
        self.grid.arrange()

    def show_point(self, point: Point) -> None:
        """To the page where the point is put right."""
        self.desk.go(point.page, point.argument)

    def save(self, kind: str) -> None:
        """The list as a PDF, or as a table."""
        state = self.model.state
        if not isinstance(state, State):
            return
        title = tr("Site set-up")
        if kind == "csv":
            path = ask_file(self.desk, self, title)
            if path is not None:
                save_sheet(self.desk, path, sheet_of_list(self.desk, state))
            return
        site = self.desk.store.site
        name = f"{'demo-' if site.demo else ''}{site.code}-{title}-{self.desk.today}.pdf".replace(" ", "-").lower()
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Print as PDF"), name, "PDF (*.pdf)")
        if chosen:
            report = PdfReport(self.desk, Path(chosen).with_suffix(".pdf"), state)
            self.desk.work.run(report.write, PdfReport.tell, self.desk.fault)

    def export(self) -> None:
        """The list as a table."""
        self.save("csv")


def _pages() -> list[str]:
    from app.ui.pages import PAGES

    return [card.name for card in PAGES]


def make(desk: Desk) -> Page:
    """The page of site set-up."""
    return SetupPage(desk)
