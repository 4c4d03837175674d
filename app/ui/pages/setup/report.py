"""The list on paper, for IT: a PDF that needs no program of ours to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPainter, QPdfWriter

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.setup.state import STATES, State, group_title, says_of, step_of, title_of
from app.ui.widgets.save_table import DEMO, Sheet
from engines.access.exports import book_export
from engines.setup.golive import GROUPS, Point
from models.errors import Known

HEADS = ("Group", "Item", "State", "Found", "Why", "Next step")


def sheet_of_list(desk: Desk, state: State) -> Sheet:
    """The list as a table."""
    rows = tuple(
        (group_title(point.group), title_of(point.check), tr(STATES[point.check.state][0]), says_of(point.check),
         tr(point.why), step_of(point.check))
        for name, _, _ in GROUPS for point in state.group(name)
    )  # fmt: skip
    note = tr(DEMO) if desk.store.site.demo else ""
    return Sheet(tr("Site set-up"), note, tuple(tr(head) for head in HEADS), rows)


class PdfReport:
    """One PDF under way; it holds no widget and is painted off the UI thread, where a text document has no place."""

    def __init__(self, desk: Desk, path: Path, state: State) -> None:
        self._desk, self._path = desk, path
        self._points = len(state.list.points)
        self._lines = page_lines(desk, state)

    def write(self) -> PdfReport:
        """What cannot be booked is not written. Raises Known where the file cannot be written."""
        book_export(self._desk.store, self._desk.actor, "table/go-live", rows=self._points, columns=HEADS,
                    file=self._path.name)  # fmt: skip
        try:
            self._path.open("ab").close()
        except OSError as error:
            raise Known(
                f"{self._path.name} cannot be written: {error.strerror}.", "Close it elsewhere or choose another."
            ) from error
        paint(self._path, self._lines)
        return self

    @staticmethod
    def tell(done: PdfReport) -> None:
        """The toast: a plain function, because nothing else keeps the export alive until it is done."""
        done._desk.say("{file} is written.", "good", file=done._path.name)


@dataclass(frozen=True)
class Line:
    """A line of the paper: its cells with their share of the width, the size in points, and whether it is bold."""

    cells: tuple[tuple[str, float], ...]
    size: int = 9
    bold: bool = False
    above: int = 2


def page_lines(desk: Desk, state: State) -> list[Line]:
    """The list as lines of a page."""
    site = desk.store.site
    lines = [Line(((f"{tr('Site set-up')}: {site.name}", 1.0),), 16, bold=True)]
    if site.demo:
        lines.append(Line(((tr(DEMO), 1.0),), bold=True))
    done = tr("{done} of {needed}", done=state.list.done, needed=state.list.needed)
    lines.append(Line(((f"{current().datetime(state.now)} · {done}", 1.0),)))
    for name, _, _ in GROUPS:
        lines.append(Line(((group_title(name), 1.0),), 11, bold=True, above=14))
        lines.extend(_line(point) for point in state.group(name))
    return [*lines, Line(((f"{tr('Checked by, date')}: {'_' * 40}", 1.0),), above=24)]


def paint(path: Path, lines: Sequence[Line]) -> None:
    """Draw the lines on as many pages of A4 as they need."""
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(15, 15, 15, 15), QPageLayout.Unit.Millimeter)
    writer.setResolution(150)
    point = writer.resolution() / 72
    painter = QPainter(writer)
    top = 0.0
    for line in lines:
        font = QFont()
        font.setPointSize(line.size)
        font.setBold(line.bold)
        painter.setFont(font)
        top += line.above * point
        boxes = _boxes(painter, line, top, writer.width())
        bottom = max(box.bottom() for _, box in boxes)
        if bottom > writer.height():
            writer.newPage()
            boxes = _boxes(painter, line, 0.0, writer.width())
            bottom = max(box.bottom() for _, box in boxes)
        for text, box in boxes:
            painter.drawText(box, _WRAP, text)
        top = bottom
    painter.end()


def _boxes(painter: QPainter, line: Line, top: float, width: int) -> list[tuple[str, QRectF]]:
    """Where each cell stands and how tall it is when its words wrap."""
    left, found = 0.0, []
    for text, share in line.cells:
        room = QRectF(left, top, share * width * 0.98, 10_000)
        tall = painter.boundingRect(room, _WRAP, text or " ").height()
        found.append((text, QRectF(room.left(), top, room.width(), tall)))
        left += share * width
    return found


def _line(point: Point) -> Line:
    step = step_of(point.check)
    told = says_of(point.check) + (f"\n→ {step}" if step else "")
    box = "☑" if point.check.state == "ok" else "☐"
    return Line(((box, 0.04), (title_of(point.check), 0.24), (tr(STATES[point.check.state][0]), 0.12), (told, 0.6)))


_WRAP = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignTop)
