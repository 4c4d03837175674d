"""What holds for the whole camera: staff by hours and uniform, groups, people who come back, pictures a second."""

from __future__ import annotations

import re
from dataclasses import replace

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QSpinBox, QWidget

from app.ui import theme
from app.ui.i18n import mark, tr
from app.ui.pages.live.setup.session import Session
from app.ui.widgets.spin import indented
from vision.config import Config, Groups, Staff, Uniform

FIELDS = (
    mark("Staff hours"), mark("Uniform"), mark("Uniform's hue"), mark("Group: apart in time"),
    mark("Group: apart in place"), mark("Back again within"), mark("Pictures a second"),
)  # fmt: skip
_SPAN = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*")
BLUE = Uniform((200.0, 250.0))


class RulesForm(QWidget):
    """Each change is one step of the drawing."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.hours = QLineEdit()
        self.hours.setPlaceholderText("07:00-09:30, 21:30-23:00")
        self.uniform = QCheckBox()
        self.hue_from, self.hue_to = _degrees(), _degrees()
        self.strip = _Hues()
        self.gap, self.apart = _number(0, 60, 0.5, " s"), _number(0, 20, 0.1, "")
        self.back = _number(0, 3600, 10, " s")
        self.fps = _number(1, 30, 1, "")
        self._labels = [QLabel() for _ in FIELDS]
        self._lay_out()
        self.hours.editingFinished.connect(self._take)
        self.uniform.toggled.connect(self._take)
        for box in (self.hue_from, self.hue_to, self.gap, self.apart, self.back, self.fps):
            box.valueChanged.connect(self._take)
        self.retranslate()

    def refresh(self) -> None:
        """What the session's config says."""
        config = self.session.sketch.config
        boxes = (self.uniform, self.hue_from, self.hue_to, self.gap, self.apart, self.back, self.fps)
        for box in boxes:
            box.blockSignals(True)
        if not self.hours.hasFocus():
            self.hours.setText(", ".join(f"{_clock(a)}-{_clock(b)}" for a, b in config.staff.hours))
            theme.set_role(self.hours, invalid="false")
        worn = config.staff.uniform
        self.uniform.setChecked(worn is not None)
        self.hue_from.setValue(round((worn or BLUE).hue[0]))
        self.hue_to.setValue(round((worn or BLUE).hue[1]))
        self.gap.setValue(config.groups.gap_s)
        self.apart.setValue(config.groups.apart)
        self.back.setValue(config.reentry_s)
        self.fps.setValue(config.fps)
        for box in boxes:
            box.blockSignals(False)
        self._show_hues(worn is not None)

    def retranslate(self) -> None:
        """Words in the language in force."""
        for label, words in zip(self._labels, FIELDS, strict=True):
            label.setText(tr(words))
        boxes = (self.hours, self.uniform, self.hue_from, self.gap, self.apart, self.back, self.fps)
        for box, words in zip(boxes, FIELDS, strict=True):
            box.setAccessibleName(tr(words))
        self.hue_to.setAccessibleName(tr("Uniform's hue"))
        self.uniform.setText(tr("whoever wears this colour is staff"))
        self.back.setSpecialValueText(tr("off"))
        self.apart.setSuffix(tr(" heights"))

    def _take(self) -> None:
        sketch = self.session.sketch
        hours = hours_of(self.hours.text())
        theme.set_role(self.hours, invalid="true" if hours is None else "false")
        worn = sketch.config.staff.uniform or BLUE
        hue = (float(self.hue_from.value()), float(self.hue_to.value()))
        config: Config = replace(
            sketch.config,
            staff=Staff(
                sketch.config.staff.hours if hours is None else hours,
                replace(worn, hue=hue) if self.uniform.isChecked() else None,
            ),
            groups=Groups(self.gap.value(), self.apart.value()),
            reentry_s=self.back.value(),
            fps=self.fps.value(),
        )
        self._show_hues(self.uniform.isChecked())
        self.session.set_sketch(sketch.edit(config, sketch.chosen))

    def _show_hues(self, shown: bool) -> None:
        self.strip.show_hues(self.hue_from.value(), self.hue_to.value())
        self.form.setRowVisible(2, shown)

    def _lay_out(self) -> None:
        hues = QWidget()
        row = QHBoxLayout(hues)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self.hue_from, self.hue_to, self.strip):
            row.addWidget(widget)
        self.form = QFormLayout(self)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setVerticalSpacing(8)
        self.form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        rows = (self.hours, self.uniform, hues, self.gap, self.apart, self.back, self.fps)
        for label, each in zip(self._labels, rows, strict=True):
            self.form.addRow(label, each)


class _Hues(QWidget):
    """The colours between two hues."""

    def __init__(self) -> None:
        super().__init__()
        self._hues = (0, 0)
        self.setMinimumSize(32, 20)

    def show_hues(self, begin: int, end: int) -> None:
        """In degrees; the first may be the greater: through red."""
        self._hues = (begin, end)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(48, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        begin, end = self._hues
        wide = (end - begin) % 360
        gradient = QLinearGradient(0, 0, self.width(), 0)
        for step in range(7):
            gradient.setColorAt(step / 6, QColor.fromHsv(round(begin + wide * step / 6) % 360, 190, 200))
        painter = QPainter(self)
        painter.fillRect(self.rect(), gradient)
        painter.end()


def hours_of(text: str) -> tuple[tuple[int, int], ...] | None:
    """`07:00-09:30, 21:30-23:00` as pairs of minutes of the day; None where it is no such text."""
    found = []
    for part in (part for part in text.replace("，", ",").split(",") if part.strip()):
        match = _SPAN.fullmatch(part)
        if match is None:
            return None
        h1, m1, h2, m2 = map(int, match.groups())
        begin, end = h1 * 60 + m1, h2 * 60 + m2
        if max(m1, m2) > 59 or max(begin, end) > 1440 or begin == end:
            return None
        found.append((begin, end))
    return tuple(found)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _degrees() -> QSpinBox:
    made = indented(QSpinBox())
    made.setRange(0, 360)
    made.setSuffix("°")
    made.setKeyboardTracking(False)
    return made


def _number(low: float, high: float, step: float, suffix: str) -> QDoubleSpinBox:
    made = indented(QDoubleSpinBox())
    made.setRange(low, high)
    made.setSingleStep(step)
    made.setDecimals(1)
    made.setSuffix(suffix)
    made.setKeyboardTracking(False)
    return made
