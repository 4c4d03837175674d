"""The rule as a tree of rows and boxes: each condition a row of editors, each group a box with its children in it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.i18n import mark, tr
from app.ui.pages.segments.builder.done_form import DoneForm
from app.ui.pages.segments.builder.draft import at, bare, group_of
from app.ui.pages.segments.builder.editors import Pick, WholeUndo
from app.ui.pages.segments.builder.forms import form_of
from app.ui.pages.segments.builder.kinds import TITLES, kind_of, offered
from engines.segments import rule as r
from engines.segments.vocabulary import Vocabulary

MIME = "application/x-atrium-condition"
DEEPEST = 5
BUTTONS = (("up", "up", mark("Move up")), ("down", "down", mark("Move down")), ("remove", "close", mark("Remove")))


class Handle(QToolButton):
    """What a row or box is dragged by; the arrows beside it do the same from the keyboard."""

    def __init__(self, path: r.Path) -> None:
        super().__init__()
        self._path, self._pressed = path, QPoint()
        theme.set_role(self, kind="quiet")
        icons.set_icon(self, "more", "muted")
        self.setToolTip(tr("Drag to another place"))
        self.setAccessibleName(self.toolTip())
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if (event.position().toPoint() - self._pressed).manhattanLength() < 6:
            return
        drag, mime = QDrag(self), QMimeData()
        mime.setData(MIME, ",".join(map(str, self._path)).encode())
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.MoveAction)


class Node(QFrame):
    """A row or a box with its place; what it asks for goes up to the tree."""

    edited = Signal(object, object)
    asked = Signal(str, object)

    def __init__(self, path: r.Path, node: r.Rule) -> None:
        super().__init__()
        self.path, self.shown = path, node
        self.negated = QPushButton(tr("not"))
        self.negated.setCheckable(True)
        self.negated.setChecked(isinstance(node, r.Not))
        self.negated.setToolTip(tr("Everyone of whom this is not true"))
        self.negated.toggled.connect(self._tell)
        self.buttons: dict[str, QToolButton] = {}

    def node(self) -> r.Rule:
        """What stands here now."""
        return self.shown

    def _tools(self, row: QHBoxLayout) -> None:
        for name, icon, words in BUTTONS:
            button = QToolButton()
            theme.set_role(button, kind="quiet")
            icons.set_icon(button, icon, "muted")
            button.setToolTip(tr(words))
            button.setAccessibleName(tr(words))
            self.buttons[name] = button
            row.addWidget(button, alignment=Qt.AlignmentFlag.AlignTop)
        self.buttons["up"].clicked.connect(self._up)
        self.buttons["down"].clicked.connect(self._down)
        self.buttons["remove"].clicked.connect(self._remove)

    def _tell(self, _what: object = None) -> None:
        self.edited.emit(self.path, self.node())

    def _up(self) -> None:
        self.asked.emit("up", self.path)

    def _down(self) -> None:
        self.asked.emit("down", self.path)

    def _remove(self) -> None:
        self.asked.emit("remove", self.path)


class ConditionRow(Node):
    """One condition: what kind, its editors, and below them its filters."""

    def __init__(self, path: r.Path, node: r.Rule, vocabulary: Vocabulary) -> None:
        super().__init__(path, node)
        theme.set_role(self, role="card")
        inner = bare(node)
        self.kind = Pick(tr("Kind of condition"), [(one, tr(TITLES[one])) for one in offered()], kind_of(inner))
        self.form = form_of(inner, vocabulary)
        self.fault = QLabel()
        self.fault.setWordWrap(True)
        theme.set_role(self.fault, role="wrong")
        self.fault.hide()
        row = QHBoxLayout()
        row.setSpacing(6)
        for part in (Handle(path), self.negated, self.kind):
            row.addWidget(part, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.form, 1)
        self._tools(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        column.setSpacing(4)
        column.addLayout(row)
        if isinstance(self.form, DoneForm):
            self.form.filters.setParent(self)
            below = QHBoxLayout()
            below.setContentsMargins(44, 0, 0, 4)
            below.addWidget(self.form.filters)
            column.addLayout(below)
            self.form.filters.setVisible(self.form.more.isChecked())
        column.addWidget(self.fault)
        self.kind.edited.connect(self._change)
        self.form.edited.connect(self._tell)
        self.form.reshaped.connect(self._reshape)

    def node(self) -> r.Rule:
        """The condition as its editors stand."""
        inner = self.form.node()
        return r.Not(inner) if self.negated.isChecked() else inner

    def say_fault(self, sentence: str) -> None:
        """What is wrong with it; empty: nothing."""
        self.fault.setText(sentence)
        self.fault.setVisible(bool(sentence))

    def _change(self) -> None:
        self.asked.emit(f"kind:{self.kind.key()}", self.path)

    def _reshape(self) -> None:
        self._tell()
        self.asked.emit("redraw", self.path)


class GroupBox(Node):
    """A group: all of or any of, its children, and buttons that add to it. Rows can be dropped into it."""

    dropped = Signal(object, object, int)

    def __init__(self, path: r.Path, node: r.Rule) -> None:
        super().__init__(path, node)
        group = group_of(node)
        theme.set_role(self, role="card")
        self.which = Pick(
            tr("All or any"), [("and", tr("All of these")), ("or", tr("Any of these"))],
            "or" if isinstance(group, r.Or) else "and",
        )  # fmt: skip
        self.add_condition, self.add_group = QPushButton(tr("Condition")), QPushButton(tr("Group"))
        for button in (self.add_condition, self.add_group):
            icons.set_icon(button, "add", "accent")
            theme.set_role(button, kind="quiet")
        self.add_group.setVisible(len(path) < DEEPEST)
        self.fault = QLabel()
        theme.set_role(self.fault, role="wrong")
        self.fault.hide()
        top = QHBoxLayout()
        top.setSpacing(6)
        if path:
            top.addWidget(Handle(path))
            top.addWidget(self.negated)
        else:
            self.negated.setParent(self)
            self.negated.hide()
        top.addWidget(self.which)
        top.addWidget(self.add_condition)
        top.addWidget(self.add_group)
        top.addStretch(1)
        if path:
            self._tools(top)
        self.inside = QVBoxLayout()
        self.inside.setSpacing(6)
        self.inside.setContentsMargins(18 if path else 0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(6)
        column.addLayout(top)
        column.addLayout(self.inside)
        column.addWidget(self.fault)
        self.setAcceptDrops(True)
        self.which.edited.connect(self._tell)
        self.add_condition.clicked.connect(self._condition)
        self.add_group.clicked.connect(self._group)

    def node(self) -> r.Rule:
        """The group with the children that it was shown with."""
        children = group_of(self.shown).of
        made: r.Rule = r.Or(children) if self.which.key() == "or" else r.And(children)
        return r.Not(made) if self.negated.isChecked() else made

    def say_fault(self, sentence: str) -> None:
        """What is wrong with it; empty: nothing."""
        self.fault.setText(sentence)
        self.fault.setVisible(bool(sentence))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        data = bytes(event.mimeData().data(MIME).data()).decode()
        path = tuple(int(part) for part in data.split(",") if part)
        below = event.position().y()
        tops = [item.widget() for i in range(self.inside.count()) if (item := self.inside.itemAt(i)) is not None]
        place = sum(1 for child in tops if child is not None and child.geometry().center().y() < below)
        event.acceptProposedAction()
        self.dropped.emit(path, self.path, place)

    def _condition(self) -> None:
        self.asked.emit("condition", self.path)

    def _group(self) -> None:
        self.asked.emit("group", self.path)


class RuleTree(QWidget):
    """`show_rule(rule, vocabulary)` draws it anew. `edited(path, node)` fires on a change in place, `asked(what, path)`
    for up, down, remove, condition, group, redraw and kind:NAME, `dropped(path, into, place)` after a drag."""

    edited = Signal(object, object)
    asked = Signal(str, object)
    dropped = Signal(object, object, int)

    def __init__(self) -> None:
        super().__init__()
        self.nodes: dict[r.Path, ConditionRow | GroupBox] = {}
        self._undo = WholeUndo(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addStretch(1)

    def show_rule(self, rule: r.Rule, vocabulary: Vocabulary, focus: r.Path | None = None) -> None:
        """Every row anew; the focus goes to the node at `focus`."""
        if root := self.nodes.get(()):
            self._column.removeWidget(root)
            root.hide()
            root.deleteLater()
        self.nodes = {}
        self._column.insertWidget(0, self._make(rule, (), vocabulary))
        self._undo.keep(self)
        if focus is not None and focus in self.nodes:
            node = self.nodes[focus]
            (node.kind if isinstance(node, ConditionRow) else node.which).setFocus(Qt.FocusReason.OtherFocusReason)

    def say_faults(self, said: Mapping[r.Path, str]) -> None:
        """Sentences at the nodes that they are about."""
        for path, node in self.nodes.items():
            node.say_fault(said.get(path, ""))

    def take(self, rule: r.Rule) -> None:
        """Each node's part of the rule as it is now, without drawing anew: boxes give their children by it."""
        for path, node in self.nodes.items():
            node.shown = at(rule, path)

    def _make(self, node: r.Rule, path: r.Path, vocabulary: Vocabulary) -> QWidget:
        inner = bare(node)
        made: ConditionRow | GroupBox
        if isinstance(inner, r.And | r.Or):
            made = GroupBox(path, node)
            made.dropped.connect(self.dropped)
            for number, child in enumerate(inner.of):
                made.inside.addWidget(self._make(child, (*path, number), vocabulary))
        else:
            made = ConditionRow(path, node, vocabulary)
        made.edited.connect(self.edited)
        made.asked.connect(self.asked)
        self.nodes[path] = made
        return made
