"""The Builder tab: the rule as a tree, its size beside it, and saving it as a new version."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.page import Page, PageModel
from app.ui.pages.segments.acts import Act
from app.ui.pages.segments.builder.draft import EMPTY, Draft, at, changes, group_of, place_of
from app.ui.pages.segments.builder.kinds import first
from app.ui.pages.segments.builder.parts import HeadRow, SaveCard
from app.ui.pages.segments.builder.sizing import SizePanel
from app.ui.pages.segments.builder.state import BuilderState, code_of, keep, put_back, read
from app.ui.pages.segments.builder.tree import RuleTree
from app.ui.pages.segments.speech import rule_words, speech
from app.ui.widgets.card import Card
from app.ui.widgets.scrolled import scrolled
from engines.segments import rule as r
from engines.segments.templates import Template, templates
from engines.segments.validate import faults

RELATIONS = ("segment", "segment_version", "tenant", "category", "zone", "campaign")


class BuilderTab(Page):
    """`turned(tab, argument)` asks for another tab."""

    turned = Signal(str, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, PageModel(desk, read, RELATIONS))
        self.draft = Draft()
        self._code, self._asked, self._fresh = "", False, True
        self._pending: tuple[str, r.Rule] = ("", EMPTY)
        self._faulty = True
        self.tree = RuleTree()
        self.sizing = SizePanel(desk)
        self.head, self.keeping = HeadRow(), SaveCard()
        self.name, self.save, self.save_live = self.keeping.name, self.keeping.save, self.keeping.save_live
        self.words = QLabel()
        self._lay_out()
        self._connect()
        self.retranslate()

    # ---- what is built

    def open(self, argument: object = None) -> None:
        """{"edit": code}, {"copy": code}, {"new": True}, {"template": code}; nothing: what was being built."""
        wanted: Mapping[str, Any] = argument if isinstance(argument, Mapping) else {}
        self._asked = False
        if wanted.keys() & {"edit", "copy", "new", "template"}:
            self._fresh = True
            self.model.argument = None
            super().open(dict(wanted))
        else:
            super().open()
            if self.model.state is not None:
                self._check()

    def leave(self) -> None:
        """No size is asked for while nobody looks."""
        self.sizing.stop()
        super().leave()

    def asks_before_closing(self) -> bool:
        """Once, where the rule is not saved."""
        if not self.draft.dirty or self._asked:
            return False
        self._asked = True
        self.desk.say("The rule in the builder is not saved. Close again to leave it.")
        return True

    def draw(self) -> None:
        """A fresh beginning draws the rule; else only what may be named has changed."""
        state = self.model.state
        assert isinstance(state, BuilderState)
        if self._fresh:
            self._fresh = False
            self._begin(state)
        self._redraw()

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.head.offer(self._templates())
        if self.model.state is not None:
            self._redraw()

    def retheme(self) -> None:
        """The rule in the theme's colours."""
        if self.model.state is not None:
            self._redraw()

    # ---- edits

    def edit(self, path: r.Path, node: r.Rule) -> None:
        """A condition or group changed in place."""
        self.draft.edit(path, node)
        self.tree.take(self.draft.rule)
        self._check()

    def ask(self, what: str, path: r.Path) -> None:
        """Add, remove, move, or make a condition another kind."""
        draft, state = self.draft, self.model.state
        assert isinstance(state, BuilderState)
        focus: r.Path | None = path
        if what == "remove":
            draft.remove(path)
            focus = path[:-1]
        elif what in ("up", "down"):
            focus = draft.move(path, -1 if what == "up" else 1)
        elif what in ("condition", "group"):
            new = first("performed", state.vocabulary)
            focus = self._add(path, r.Or((new,)) if what == "group" else new)
        elif what.startswith("kind:"):
            self._become(path, first(what[5:], state.vocabulary))
        self._redraw(focus)

    def drop(self, path: r.Path, into: r.Path, place: int) -> None:
        """A node was dragged."""
        self._redraw(self.draft.drop(path, into, place))

    def step_back(self) -> None:
        """Undo one step."""
        self.draft.undo()
        self._redraw()

    def step_forward(self) -> None:
        """Redo one step."""
        self.draft.redo()
        self._redraw()

    def begin_with(self, template: Template) -> None:
        """A shipped rule, as one step; its name where there is none yet."""
        self.draft.replace_all(template.rule)
        if not self._code and not self.name.text().strip():
            self.keeping.put_names(template.name, template.name_zh)
        self._redraw(())

    def _add(self, path: r.Path, node: r.Rule) -> r.Path:
        place = len(group_of(at(self.draft.rule, path)).of)
        self.draft.add(path, node)
        return (*path, place)

    def _become(self, path: r.Path, node: r.Rule) -> None:
        negated = isinstance(at(self.draft.rule, path), r.Not)
        self.draft.edit(path, r.Not(node) if negated else node)

    # ---- saving

    def save_draft(self) -> None:
        """Save the rule: a draft, or the next version of the segment that is edited."""
        self._save(live=False)

    def save_and_keep(self) -> None:
        """Save a new segment and keep its members from now on."""
        self._save(live=True)

    def _save(self, *, live: bool) -> None:
        state = self.model.state
        assert isinstance(state, BuilderState)
        (name, zh), rule = self.keeping.names(), self.draft.rule
        if not name:
            self.desk.say("Give the segment a name first.")
            self.name.setFocus()
            return
        code = self._code or code_of(name, state.codes)
        before = self.draft.saved if self._code else None
        job = partial(keep, code=code, name=name, name_zh=zh or None, rule=rule, new=not self._code, live=live)
        undo = partial(put_back, code=code, rule=before) if before is not None and before != rule else None
        self._pending = (code, rule)
        Act(self.desk, job, "{name} is saved.", undo, then=self._saved, name=name).start()

    def _saved(self) -> None:
        self._code, self.draft.saved = self._pending
        self.model.ask({"edit": self._code})

    # ---- drawing

    def _begin(self, state: BuilderState) -> None:
        argument = self.model.argument
        wanted: Mapping[str, Any] = argument if isinstance(argument, Mapping) else {}
        rule = state.version.rule if state.version else EMPTY
        self._code = str(wanted.get("edit", "")) if state.row else ""
        self.draft.begin(rule, None if self._code else EMPTY)
        row = state.row
        name = (row.name if self._code else f"{row.name} 2") if row else ""
        self.keeping.put_names(name, (row.name_zh or "") if row and self._code else "")
        chosen = next((t for t in self._templates() if t.code == wanted.get("template")), None)
        if chosen is not None:
            self.begin_with(chosen)

    def _redraw(self, focus: r.Path | None = None) -> None:
        state = self.model.state
        if isinstance(state, BuilderState):
            self.tree.show_rule(self.draft.rule, state.vocabulary, focus)
            self._check()

    def _check(self) -> None:
        state = self.model.state
        assert isinstance(state, BuilderState)
        found = faults(self.draft.rule, state.around)
        zh = language() == "zh"
        said = {place_of(self.draft.rule, fault.path): fault.text_zh if zh else fault.text for fault in reversed(found)}
        untouched = self.draft.rule == EMPTY and not self.draft.can_undo  # nothing is wrong yet, there is only nothing
        self.tree.say_faults({} if untouched else said)
        self._faulty = bool(found)
        self.sizing.ask(None if found else self.draft.rule)
        self.words.setText(
            tr("Add a condition, or begin with a ready-made rule.") if untouched
            else rule_words(self.draft.rule, state.vocabulary)
        )  # fmt: skip
        self._say(state)

    def _say(self, state: BuilderState) -> None:
        edited = bool(self._code) and state.row is not None
        dirty = self.draft.dirty
        differs = self._difference(state) if edited and dirty else ""
        self.head.show_draft(state.row, self._code, self.draft)
        self.keeping.show_draft(state.row, edited=edited, dirty=dirty, faulty=self._faulty, differs=differs)

    def _difference(self, state: BuilderState) -> str:
        gone, added = changes(self.draft.saved, self.draft.rule, speech(state.vocabulary))
        lines = [f"−  {one}" for one in gone] + [f"+  {one}" for one in added]
        return "\n".join([tr("Against the last version:"), *(lines or [tr("only the groups changed")])])

    def _name_typed(self) -> None:
        state = self.model.state
        if isinstance(state, BuilderState):
            self._say(state)

    def _new(self) -> None:
        self.open({"new": True})

    def _templates(self) -> tuple[Template, ...]:
        return templates(5_000 * 10 ** current().money_digits)

    def _lay_out(self) -> None:
        theme.set_role(self.words, role="muted")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        left, inside = Card(), QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.head)
        column.addWidget(self.words)
        column.addWidget(scrolled(self.tree), 1)
        left.set_body(inside)
        side, holder = QWidget(), QWidget()
        side.setFixedWidth(272)
        down = QVBoxLayout(side)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(12)
        down.addWidget(self.sizing, 1)
        down.addWidget(self.keeping)
        across = QHBoxLayout(holder)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(12)
        across.addWidget(left, 1)
        across.addWidget(side)
        self.body.addWidget(holder, 1)

    def _connect(self) -> None:
        self.tree.edited.connect(self.edit)
        self.tree.asked.connect(self.ask)
        self.tree.dropped.connect(self.drop)
        self.head.undo.clicked.connect(self.step_back)
        self.head.redo.clicked.connect(self.step_forward)
        self.head.fresh.clicked.connect(self._new)
        self.head.begun.connect(self.begin_with)
        self.save.clicked.connect(self.save_draft)
        self.save_live.clicked.connect(self.save_and_keep)
        self.keeping.named.connect(self._name_typed)
        for keys, act in (
            ("Ctrl+Z", self.step_back),
            ("Ctrl+Y", self.step_forward),
            ("Ctrl+Shift+Z", self.step_forward),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)


SAID = (mark("{name} is saved."), mark("The rule in the builder is not saved. Close again to leave it."))
