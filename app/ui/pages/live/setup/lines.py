"""Third step: lines, zones and shop fronts on the live picture; their counts move while they are drawn."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTabWidget, QToolButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.i18n import mark, tr
from app.ui.live_stream import View
from app.ui.pages.live.reasons import told
from app.ui.pages.live.setup.canvas import DrawCanvas, Tool
from app.ui.pages.live.setup.forms import ItemForm
from app.ui.pages.live.setup.items import Entry, ItemList
from app.ui.pages.live.setup.model import Chosen, items, name_of, problems, remove, rename
from app.ui.pages.live.setup.paint import hue
from app.ui.pages.live.setup.rules import RulesForm
from app.ui.pages.live.setup.session import Session
from app.ui.pages.live.setup.step import Fold, Step, Words
from app.ui.pages.live.setup.text import TextTab
from app.ui.widgets.scrolled import scrolled

SIDE = 320
TOOLS: tuple[tuple[Tool, str, str], ...] = (
    ("line", mark("Line"), "flow"), ("zone", mark("Zone"), "map"), ("front", mark("Shop front"), "space"),
)  # fmt: skip
HINTS = {
    "nothing": mark("Choose Line, then click both of its ends where everybody walks on."),
    "select": mark("Drag ends and corners to move them. The arrow points in."),
    "line": mark("Click both ends of the line. With Shift it is level or upright."),
    "zone": mark("Click the zone's corners; close it on the first one, with a double click or with Enter."),
    "front": mark("Click round the floor in front of the shop, where people pass by."),
    "reach": mark("Click round the place where hands reach for the goods."),
}


class LinesStep(Step):
    """The picture on the left, the list and the chosen item's form on the right; the text in a tab of its own."""

    LIVE = True

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.canvas = DrawCanvas(session.sketch)
        self.list, self.form, self.rules = ItemList(), ItemForm(session), RulesForm(session)
        self.expert = TextTab(session)
        self.tools = {tool: QPushButton() for tool, _, _ in TOOLS}
        self.undo, self.redo, self.delete = QToolButton(), QToolButton(), QToolButton()
        self.hint = Words(role="caption")
        self.notes = Words(role="caption")
        self.blank = Words("Nothing is drawn yet.", "muted")
        self.heading = QLabel()
        theme.set_role(self.heading, role="card-title")
        self._warnings: tuple[str, ...] = ()
        self.tabs = QTabWidget()
        self._lay_out()
        self._connect()
        self.retranslate()
        self.retheme()

    # ---- what the view calls

    def enter(self) -> None:
        """The drawing as the session holds it."""
        self.canvas.forget_picture()
        self.canvas.say(tr("Waiting for a picture…"))
        self.refresh()
        self.canvas.setFocus()

    def leave(self) -> None:
        """What is half drawn is dropped."""
        self.canvas.set_tool("select")

    def show_live(self, image: QImage | None, view: View) -> None:
        """The picture and its counts, and what is to be known of the lines."""
        across, down = _scale(self.session, view)
        feet = [(box.foot[0] * across, box.foot[1] * down) for box in view.boxes]
        self.canvas.show_picture(image, feet)
        self._warnings = view.warnings
        self._show_counts(view)

    def show_silence(self, sentence: str) -> None:
        """No picture: the drawing can still be changed."""
        self.canvas.say(sentence or tr("No picture came yet. You can draw all the same."))

    def refresh(self) -> None:
        """The drawing changed, here or elsewhere."""
        sketch = self.session.sketch
        self.canvas.show_sketch(sketch)
        self.canvas.know(self.session.name.strip(), self.session.others())
        self.form.refresh()
        self.rules.refresh()
        if self.tabs.currentIndex() == 1 or self.expert.text.hasFocus():
            self.expert.refresh()
        self.undo.setEnabled(bool(sketch.past))
        self.redo.setEnabled(bool(sketch.future))
        self.delete.setEnabled(sketch.chosen is not None)
        self._show_hint(self.canvas.tool)
        self._show_list(self.session.view)

    def retranslate(self) -> None:
        """Words in the language in force."""
        for tool, words, _ in TOOLS:
            self.tools[tool].setText(tr(words))
        for button, words in ((self.undo, "Undo"), (self.redo, "Redo"), (self.delete, "Delete")):
            button.setToolTip(tr(words))
            button.setAccessibleName(tr(words))
        self.tabs.setTabText(0, tr("Draw"))
        self.tabs.setTabText(1, tr("Text (for experts)"))
        self.heading.setText(tr("What is counted"))
        self.refresh()

    def retheme(self) -> None:
        """Icons in the colours in force."""
        for tool, _, icon in TOOLS:
            icons.set_icon(self.tools[tool], icon)
        icons.set_icon(self.undo, "undo")
        icons.set_icon(self.redo, "redo")
        icons.set_icon(self.delete, "delete")
        self._show_list(self.session.view)

    # ---- what a person does

    def remove_chosen(self) -> None:
        """Delete the chosen corner or item."""
        sketch = self.session.sketch
        if sketch.chosen is not None:
            self.session.set_sketch(sketch.edit(*remove(sketch.config, sketch.chosen)))

    def step_back(self) -> None:
        """Undo."""
        self.session.set_sketch(self.session.sketch.undo())

    def step_forth(self) -> None:
        """Redo."""
        self.session.set_sketch(self.session.sketch.redo())

    # ---- inside

    def _pick_tool(self) -> None:
        tool = next(name for name, button in self.tools.items() if button is self.sender())
        self.canvas.set_tool("select" if self.canvas.tool == tool else tool)
        self.canvas.setFocus()

    def _show_tool(self, tool: str) -> None:
        for name, button in self.tools.items():
            button.setChecked(name == tool)
        self._show_hint(tool)

    def _show_hint(self, tool: str) -> None:
        """What the mouse does now; how to begin, where nothing is drawn."""
        blank = tool == "select" and next(items(self.session.sketch.config), None) is None
        self.hint.say(HINTS["nothing" if blank else tool])
        self.form.setVisible(not blank)
        self.blank.setVisible(blank)

    def _draw_reach(self) -> None:
        self.canvas.set_tool("reach")
        self.canvas.setFocus()

    def _choose(self, chosen: Chosen) -> None:
        self.session.set_sketch(self.session.sketch.choose(chosen))

    def _rename(self, chosen: Chosen, name: str) -> None:
        sketch = self.session.sketch
        self.session.set_sketch(sketch.edit(rename(sketch.config, chosen, name), chosen))

    def _show_tab(self, index: int) -> None:
        if index == 1:
            self.expert.refresh()

    def _show_counts(self, view: View) -> None:
        """Beside the items in the picture, and in the list."""
        words = counts_of(view)
        config = self.session.sketch.config
        self.canvas.show_labels(
            {
                item: words[item.kind, name]
                for item in items(config)
                if (item.kind, name := name_of(config, item)) in words
            }
        )
        self._show_list(view)

    def _show_list(self, view: View | None) -> None:
        config, wrong = self.session.sketch.config, problems(self.session.sketch.config)
        words = counts_of(view) if view is not None else {}
        entries = []
        for item in items(config):
            name, problem = name_of(config, item), wrong.get(item)
            trouble = tr(problem.sentence, **dict(problem.values)) if problem else told(self._warning(item, name))
            entries.append(
                Entry(item, name, hue(config, item).name(), words.get((item.kind, name), ""), trouble,
                      wrong=problem is not None)
            )  # fmt: skip
        self.list.show_entries(entries, self.session.sketch.chosen)
        self.list.setVisible(bool(entries))
        named = {self._warning(entry.chosen, entry.name) for entry in entries}
        self.notes.tell(" ".join(told(warning) for warning in self._warnings if warning not in named))

    def _warning(self, item: Chosen, name: str) -> str:
        """What the counting says of an item: warnings name it in quotes."""
        return next((words for words in self._warnings if item.kind == "line" and f"'{name}'" in words), "")

    def _connect(self) -> None:
        session = self.session
        session.sketched.connect(self.refresh)
        session.placed.connect(self.refresh)
        self.canvas.edited.connect(session.set_sketch)
        self.canvas.painted.connect(session.painted)
        self.canvas.tool_changed.connect(self._show_tool)
        self.list.picked.connect(self._choose)
        self.list.renamed.connect(self._rename)
        self.list.removed.connect(self.remove_chosen)
        self.form.reach_wanted.connect(self._draw_reach)
        for button in self.tools.values():
            button.clicked.connect(self._pick_tool)
        for small, slot, keys in (
            (self.undo, self.step_back, QKeySequence.StandardKey.Undo),
            (self.redo, self.step_forth, QKeySequence.StandardKey.Redo),
        ):
            small.clicked.connect(slot)
            for sequence in QKeySequence.keyBindings(keys) or [QKeySequence(keys)]:
                QShortcut(sequence, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut).activated.connect(slot)
        self.delete.clicked.connect(self.remove_chosen)
        self.tabs.currentChanged.connect(self._show_tab)
        self._show_tool("select")

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for button in self.tools.values():
            button.setCheckable(True)
            bar.addWidget(button)
        bar.addStretch(1)
        for small in (self.undo, self.redo, self.delete):
            bar.addWidget(small)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(bar)
        left.addWidget(self.canvas, 1)
        left.addWidget(self.hint)
        drawing = QWidget()
        row = QHBoxLayout(drawing)
        row.setContentsMargins(0, 8, 0, 0)
        row.setSpacing(16)
        row.addLayout(left, 1)
        row.addWidget(self._side())
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(drawing, "")
        self.tabs.addTab(self.expert, "")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)

    def _side(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        column.addWidget(self.form)
        column.addWidget(Fold(mark("The whole camera: staff, groups, return"), self.rules))
        column.addStretch(1)
        side = QWidget()
        side.setFixedWidth(SIDE)
        whole = QVBoxLayout(side)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(self.heading)
        whole.addWidget(self.blank)
        whole.addWidget(self.list)
        whole.addWidget(self.notes)
        whole.addWidget(scrolled(inside), 1)
        return side


def counts_of(view: View) -> dict[tuple[str, str], str]:
    """What each line and zone counts now, in words, by kind and name."""
    found = {("line", line.name): tr("in {n_in}, out {n_out}", n_in=line.n_in, n_out=line.n_out) for line in view.lines}
    for zone in view.zones:
        if zone.presence is not None:
            found["zone", zone.name] = tr("{people} inside", people=zone.presence)
    return found


def _scale(session: Session, view: View) -> tuple[float, float]:
    """Pixels of the drawing for one pixel of the picture that was sent."""
    width, height = session.sketch.config.size
    return (width / view.width if view.width else 1.0), (height / view.height if view.height else 1.0)
