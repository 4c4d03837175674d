"""The form of the chosen item: what it is called, what it counts for, and how."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.ui import icons
from app.ui.i18n import language, mark, tr
from app.ui.pages.live.setup.model import Chosen, Sketch, change, rename, swap
from app.ui.pages.live.setup.session import Session
from app.ui.pages.live.setup.step import Choice, Fold, Words
from app.ui.widgets.spin import indented

PURPOSES = (
    ("presence", mark("People who stay here")), ("queue", mark("A queue")), ("display", mark("A display of goods")),
    ("entry", mark("Where people come into the picture")), ("staff", mark("Staff only: who enters is staff")),
    ("ignore", mark("Not counted here")),
)  # fmt: skip
AUTOMATIC = -1.0


class CodeBox(QComboBox):
    """A code of the site, or a new one typed: `chosen(str)`; empty means the item's own name."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self._codes: tuple[tuple[str, str], ...] = ()
        self.activated.connect(self._pick)
        self._line().editingFinished.connect(self._typed)

    def offer(self, codes: Sequence[tuple[str, str]]) -> None:
        """The site's codes and their names."""
        if tuple(codes) == self._codes:
            return
        held = self.currentText()
        self._codes = tuple(codes)
        self.blockSignals(True)
        self.clear()
        for code, name in codes:
            self.addItem(f"{code}  {name}" if name != code else code, code)
        self.setEditText(held)
        self.blockSignals(False)

    def show_code(self, code: str | None, otherwise: str) -> None:
        """The code in force; without one, the name stands in grey."""
        self._line().setPlaceholderText(otherwise)
        if not self._line().hasFocus() or code != self.code():
            self.setEditText(code or "")

    def code(self) -> str | None:
        """The code; None for the item's own name."""
        return self.currentText().strip().split("  ")[0] or None

    def _line(self) -> QLineEdit:
        line = self.lineEdit()
        assert line is not None
        return line

    def _pick(self, index: int) -> None:
        self.setEditText(self._codes[index][0])
        self._typed()

    def _typed(self) -> None:
        self.chosen.emit(self.code() or "")


class ItemForm(QWidget):
    """Shows the form of the session's chosen item; each change is one step of the drawing. `reach_wanted()` asks
    for a reach to be drawn."""

    reach_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.none = Words(mark("Choose an item in the picture or the list, or draw a new one."), "muted")
        self.none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.line, self.zone, self.front = _LineForm(session), _ZoneForm(session), _FrontForm(session)
        self.zone.reach.clicked.connect(self.reach_wanted)
        self._all: tuple[QWidget, ...] = (self.none, self.line, self.zone, self.front)
        column = QVBoxLayout(self)  # no stacked one: that is always as high as the highest of them
        column.setContentsMargins(0, 0, 0, 0)
        for widget in self._all:
            column.addWidget(widget)
        self._show(self.none)

    def refresh(self) -> None:
        """What the session holds now."""
        chosen = self.session.sketch.chosen
        if chosen is None:
            self._show(self.none)
            return
        form = self.line if chosen.kind == "line" else self.front if chosen.kind == "front" else self.zone
        self._show(form)
        form.refresh(chosen.index)

    def _show(self, wanted: QWidget) -> None:
        for widget in self._all:
            if widget is not wanted:
                widget.hide()
        wanted.show()


class _Form(QWidget):
    """A form whose rows are named; `FIELDS` are the rows' English words."""

    FIELDS: tuple[str, ...] = ()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.index = 0
        self.name = QLineEdit()
        self.name.editingFinished.connect(self._rename)
        self.form = QFormLayout()
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setHorizontalSpacing(12)
        self.form.setVerticalSpacing(8)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.column.addLayout(self.form)
        self._labels: list[tuple[QLabel, QWidget, str]] = []

    def chosen(self) -> Chosen:
        """The item that the form is of."""
        raise NotImplementedError

    def refresh(self, index: int) -> None:
        """Another item, or the same one changed."""
        raise NotImplementedError

    def add_row(self, words: str, widget: QWidget, form: QFormLayout | None = None) -> None:
        """A row; its words are the widget's name too."""
        label = QLabel()
        label.setBuddy(widget)
        self._labels.append((label, widget, words))
        (form or self.form).addRow(label, widget)

    def retranslate(self) -> None:
        """Words in the language in force."""
        for label, widget, words in self._labels:
            label.setText(tr(words))
            widget.setAccessibleName(tr(words))

    def set_fields(self, **fields: object) -> None:
        """One step: the item with other fields."""
        sketch = self.session.sketch
        if sketch.chosen is not None:
            self.session.set_sketch(sketch.edit(change(sketch.config, self.chosen(), **fields), sketch.chosen))

    def _rename(self) -> None:
        sketch, name = self.session.sketch, self.name.text().strip()
        if sketch.chosen is not None:
            self.session.set_sketch(_renamed(sketch, self.chosen(), name))

    def offer_gates(self, box: CodeBox) -> None:
        """The site's gates in the box."""
        chinese = language() == "zh"
        box.offer([(g.code, g.name_zh or g.name if chinese else g.name) for g in self.session.places.gates])

    def offer_lines(self, box: Choice, *, none: str) -> None:
        """The drawing's lines in the box, and the words for none."""
        box.offer([(None, none), *((line.name, line.name) for line in self.session.sketch.config.lines)])


class _LineForm(_Form):
    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.gate = CodeBox()
        self.gate.chosen.connect(self._gate)
        self.band = _spin(AUTOMATIC, 400.0, 1.0, " px")
        self.band.editingFinished.connect(self._band)
        self.band.valueChanged.connect(self._band)
        self.swap = QPushButton()
        self.swap.clicked.connect(self._swap)
        self.hint = Words(
            mark("Nobody is counted before leaving the strip on the other side. Widen it where people linger."),
            "caption",
        )
        self.add_row(mark("Name"), self.name)
        self.add_row(mark("Gate"), self.gate)
        self.add_row(mark("Dead band"), self.band)
        self.column.addWidget(self.swap)
        self.column.addWidget(self.hint)
        self.column.addStretch(1)
        self.retranslate()
        self.retheme()

    def chosen(self) -> Chosen:
        return Chosen("line", self.index)

    def refresh(self, index: int) -> None:
        self.index = index
        line = self.session.sketch.config.lines[index]
        _show(self.name, line.name)
        self.offer_gates(self.gate)
        self.gate.show_code(line.gate, line.name)
        self.band.blockSignals(True)
        self.band.setValue(AUTOMATIC if line.band is None else line.band)
        self.band.blockSignals(False)

    def retranslate(self) -> None:
        super().retranslate()
        self.band.setSpecialValueText(tr("automatic"))
        self.swap.setText(tr("Swap in and out"))

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.swap, "refresh")

    def _gate(self, code: str) -> None:
        self.set_fields(gate=code or None)

    def _band(self) -> None:
        value = self.band.value()
        self.set_fields(band=None if value < 0 else value)

    def _swap(self) -> None:
        sketch = self.session.sketch
        self.session.set_sketch(sketch.edit(swap(sketch.config, self.chosen()), self.chosen()))


class _ZoneForm(_Form):
    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.purpose = Choice()
        self.purpose.offer(PURPOSES)
        self.purpose.activated.connect(self._purpose)
        self.code = CodeBox()
        self.code.chosen.connect(self._code)
        self.exit, self.least = _spin(0.0, 60.0, 0.5, " s"), _spin(0.0, 600.0, 0.5, " s")
        self.exit.valueChanged.connect(self._times)
        self.least.valueChanged.connect(self._times)
        self.served = Choice()
        self.served.activated.connect(self._served)
        self.reach = QPushButton()
        self.add_row(mark("Name"), self.name)
        self.add_row(mark("For"), self.purpose)
        self.add_row(mark("Zone"), self.code)
        self.add_row(mark("Served at"), self.served)
        self.column.addWidget(self.reach)
        inside = QWidget()
        times = QFormLayout(inside)
        times.setContentsMargins(0, 0, 0, 0)
        self.add_row(mark("Stay ends after"), self.exit, times)
        self.add_row(mark("Shortest visit"), self.least, times)
        self.column.addWidget(Fold(mark("Advanced"), inside))
        self.column.addStretch(1)
        self.retranslate()
        self.retheme()

    def chosen(self) -> Chosen:
        return Chosen("zone", self.index)

    def refresh(self, index: int) -> None:
        self.index = index
        zone = self.session.sketch.config.zones[index]
        _show(self.name, zone.name)
        self.purpose.choose(zone.purpose)
        chinese = language() == "zh"
        self.code.offer([(z.code, z.name_zh or z.name if chinese else z.name) for z in self.session.places.zones])
        self.code.show_code(zone.code, zone.name)
        self.offer_lines(self.served, none=mark("not told"))
        self.served.choose(zone.served_by)
        self.form.setRowVisible(self.served, zone.purpose == "queue")
        self.reach.setVisible(zone.purpose == "display")
        for box, value in ((self.exit, zone.exit_s), (self.least, zone.least_s)):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)

    def retranslate(self) -> None:
        super().retranslate()
        self.reach.setText(tr("Draw where hands reach"))

    def retheme(self) -> None:
        """Icons in the colours in force."""
        icons.set_icon(self.reach, "edit")

    def _purpose(self) -> None:
        purpose = self.purpose.value()
        zone = self.session.sketch.config.zones[self.index]
        served = zone.served_by if purpose == "queue" else None
        reach = zone.reach if purpose == "display" else None
        sketch = self.session.sketch
        chosen = self.chosen() if sketch.chosen and sketch.chosen.kind == "reach" else sketch.chosen
        config = change(sketch.config, self.chosen(), purpose=purpose, served_by=served, reach=reach)
        self.session.set_sketch(sketch.edit(config, chosen))

    def _code(self, code: str) -> None:
        self.set_fields(code=code or None)

    def _served(self) -> None:
        self.set_fields(served_by=self.served.value())

    def _times(self) -> None:
        self.set_fields(exit_s=self.exit.value(), least_s=self.least.value())


class _FrontForm(_Form):
    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.door = Choice()
        self.door.activated.connect(self._door)
        self.code = CodeBox()
        self.code.chosen.connect(self._code)
        self.hint = Words(
            mark("Who walks through the area and does not go in at the door's line is a passer-by."), "caption"
        )
        self.add_row(mark("Name"), self.name)
        self.add_row(mark("Door's line"), self.door)
        self.add_row(mark("Front's code"), self.code)
        self.column.addWidget(self.hint)
        self.column.addStretch(1)
        self.retranslate()

    def chosen(self) -> Chosen:
        return Chosen("front", self.index)

    def refresh(self, index: int) -> None:
        self.index = index
        front = self.session.sketch.config.fronts[index]
        _show(self.name, front.name)
        self.offer_lines(self.door, none=mark("choose a line"))
        self.door.choose(front.line or None)
        self.code.show_code(front.code, front.name)

    def _door(self) -> None:
        self.set_fields(line=self.door.value() or "")

    def _code(self, code: str) -> None:
        self.set_fields(code=code or None)


def _renamed(sketch: Sketch, chosen: Chosen, name: str) -> Sketch:
    return sketch.edit(rename(sketch.config, chosen, name), sketch.chosen)


def _show(edit: QLineEdit, text: str) -> None:
    """The text, unless somebody is typing there."""
    if edit.text() != text and not edit.isModified():
        edit.setText(text)
    elif edit.text() == text:
        edit.setModified(False)


def _spin(low: float, high: float, step: float, suffix: str) -> QDoubleSpinBox:
    made = indented(QDoubleSpinBox())
    made.setRange(low, high)
    made.setSingleStep(step)
    made.setDecimals(1)
    made.setSuffix(suffix)
    made.setKeyboardTracking(False)
    return made
