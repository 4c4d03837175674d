"""One camera: its state, its picture with the lines drawn, and what each line counted."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.live.picture import PictureTaker
from app.ui.pages.live.state import CameraView, state_words
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.picture import PictureLine, PictureView
from app.ui.widgets.progress import ProgressStrip
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable
from models.site import Site

AGAIN_MS = 10_000


class CameraPanel(QWidget):
    """Takes a picture each ten seconds between `start()` and `stop()` while the camera is active."""

    edit_wanted = Signal()
    remove_wanted = Signal()
    count_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.site: Site = desk.store.site
        self._view: CameraView | None = None
        self._counting = False
        self._code = ""
        self._looking = False
        self._reports: dict[str, dict[str, Any]] = {}
        self.card = Card()
        self.state, self.fallback = Badge(parent=self.card), Badge(parent=self.card)
        self.refresh, self.edit, self.delete = QToolButton(), QToolButton(), QToolButton()
        self.count = QPushButton()
        self.picture = PictureView()
        self.note = QLabel()
        self.note.setWordWrap(True)
        theme.set_role(self.note, role="caption")
        self.strip = ProgressStrip()
        self.lines = DataTable(
            (
                Column("name", "Line"), Column("gate", "Gate", width=160), Column("n_in", "In", "count", 100),
                Column("n_out", "Out", "count", 100),
            ),
            "Counts by line", filterable=False,
        )  # fmt: skip
        self.taker = PictureTaker(self)
        self._timer = QTimer(self, interval=AGAIN_MS)
        self._lay_out()
        self._connect()
        self.retheme()
        self.retranslate()

    def show_camera(self, view: CameraView, now: int, *, counting: bool) -> None:
        """The camera as it stands; another camera than before gets a new picture."""
        self._view, self._counting = view, counting
        words, tone = state_words(view, now, counting=counting)
        self.card.set_title("{camera}", camera=view.record.name)
        self.state.say("{state}", tone, state=words)
        report = self._reports.get(view.record.code)
        fallback = bool(report["fallback"]) if report else view.fallback
        self.fallback.say("Background subtraction (reduced accuracy)" if fallback else "", "warning")
        self.lines.set_rows(view.lines)
        self.lines.setFixedHeight(32 * (min(max(len(view.lines), 1), 5) + 1) + 18)
        self.picture.show_labels(self._labels())
        self._say_note()
        self.count.setVisible(view.recording)
        self.count.setEnabled(not counting and not view.wrong)
        self.strip.setVisible(counting)
        if self._code != view.record.code:
            self._code = view.record.code
            self.forget_picture()

    def start(self) -> None:
        """The page is shown."""
        self._looking = True
        self._timer.start()
        if self._view is not None and not self.picture.has_picture():
            self._take()

    def stop(self) -> None:
        """The page is not shown any more."""
        self._looking = False
        self._timer.stop()
        self.taker.drop()

    def forget_picture(self) -> None:
        """The picture is not this camera's, or no longer: take another."""
        self.taker.drop()
        self.picture.show_picture(None)
        self._take()

    def begin_count(self) -> None:
        """A recording is being counted."""
        self.strip.begin("Counting", ("{done} frames", "{done} of {total} frames"))

    def show_progress(self, report: dict[str, Any]) -> None:
        """How far the counting is."""
        if self.strip.isHidden():
            self.begin_count()
        self.strip.show_report(report)

    def end_count(self) -> None:
        """The counting has ended."""
        self.strip.end()

    def keep_report(self, code: str, report: dict[str, Any]) -> None:
        """What the counting said when it was done: detector, frames, seconds, notes."""
        self._reports[code] = report

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.count.setText(tr("Count it now"))
        for button, name in (
            (self.refresh, tr("New picture")), (self.edit, tr("Address and lines")), (self.delete, tr("Remove")),
        ):  # fmt: skip
            button.setToolTip(name)
            button.setAccessibleName(name)

    def retheme(self) -> None:
        """Icons in the colours in force."""
        for button, name in ((self.refresh, "refresh"), (self.edit, "edit"), (self.delete, "delete")):
            icons.set_icon(button, name, "muted")

    def _say_note(self) -> None:
        view = self._view
        if view is None:
            return
        if view.wrong:
            self.note.setText(view.wrong)
            return
        parts = []
        if view.day is None:
            parts.append(tr("Nothing counted yet."))
        elif view.recording:
            parts.append(tr("Counts of {day}, when it was recorded.", day=current().day(view.day)))
        else:
            parts.append(tr("Counts of today, {day}.", day=current().day(view.day)))
        report = self._reports.get(view.record.code)
        if report:
            parts.append(tr("{frames} frames in {time} by {detector}.", frames=current().integer(report["frames"]),
                            time=current().duration(report["seconds"]), detector=report["detector"]))  # fmt: skip
            parts += [str(note) for note in report.get("notes", [])]
        parts.append(tr("The arrow points in. Pictures stay in memory and are never stored."))
        self.note.setText(" ".join(parts))

    def _labels(self) -> dict[str, str]:
        form, view = current(), self._view
        if view is None:
            return {}
        return {
            line.name: tr("in {n_in}, out {n_out}", n_in=form.integer(line.n_in), n_out=form.integer(line.n_out))
            for line in view.lines
            if line.n_in is not None and line.n_out is not None
        }

    def _take(self) -> None:
        view = self._view
        if view is None or not self._looking or self.taker.busy():
            return
        if not self.picture.has_picture():
            self.picture.say(tr("Waiting for a picture…"))
        self.taker.take(str(self.site.folder), view.record.code)

    def _take_again(self) -> None:
        if self._view is not None and self._view.record.active:
            self._take()

    def _taken(self, code: str, image: QImage, lines: tuple[PictureLine, ...]) -> None:
        if self._view is None or code != self._view.record.code:
            return
        self.picture.show_picture(image, lines)
        self.picture.show_labels(self._labels())

    def _not_taken(self, code: str, sentence: str) -> None:
        if self._view is None or code != self._view.record.code:
            return
        self.picture.show_picture(None)
        self.picture.say(sentence or tr("No picture came."))

    def _connect(self) -> None:
        self.refresh.clicked.connect(self._take)
        self.edit.clicked.connect(self.edit_wanted)
        self.delete.clicked.connect(self.remove_wanted)
        self.count.clicked.connect(self.count_wanted)
        self.strip.cancelled.connect(self.stop_wanted)
        self.taker.taken.connect(self._taken)
        self.taker.failed.connect(self._not_taken)
        self._timer.timeout.connect(self._take_again)

    def _lay_out(self) -> None:
        theme.set_role(self.count, kind="primary")
        for widget in (self.count, self.refresh, self.edit, self.delete):
            self.card.add_header(widget)
        badges = QHBoxLayout()
        badges.setSpacing(8)
        badges.addWidget(self.state)
        badges.addWidget(self.fallback)
        badges.addStretch(1)
        self.lines.count.hide()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(badges)
        column.addWidget(self.picture, 1)
        column.addWidget(self.strip)
        column.addWidget(self.lines)
        column.addWidget(self.note)
        self.card.set_body(inside)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.card, 1)
