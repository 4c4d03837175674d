"""The forms of the kinds of condition: each shows a condition in editors and gives it back as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from app.ui.i18n import mark, tr
from app.ui.pages.segments.builder.done_form import DoneForm
from app.ui.pages.segments.builder.editors import Codes, Count, Day, Number, Pick
from app.ui.pages.segments.builder.form import Form, in_language
from app.ui.pages.segments.speech import speech
from engines.segments import fields
from engines.segments import rule as r
from engines.segments.validate import CHANNELS, PURPOSES
from engines.segments.vocabulary import Vocabulary
from engines.segments.words import OPS, words


class FieldForm(Form):
    """A field or a score, an operator, and what it is compared with."""

    def __init__(self, node: r.Trait | r.Score, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._score = isinstance(node, r.Score)
        name = node.model if isinstance(node, r.Score) else node.field
        found = fields.score_named(name) if self._score else fields.field_named(name)
        self._found = found or (fields.SCORES if self._score else fields.FIELDS)[0]
        self._value: Any = None
        self.field = Pick(tr("Field"), self._fields(), name)
        ops = fields.OPS[self._found.kind]
        self.op = Pick(tr("Comparison"), [(op, speech(None).pick(OPS[op])) for op in ops], node.op)
        self.put(self.field, self.op)
        self._editors = self._make(node.op if node.op in ops else ops[0], node.value, vocabulary)
        self.put(*self._editors)
        if node.op in ("within_days", "before_days"):
            self.put(tr("days"))
        self.field.edited.connect(self.reshaped)
        self.op.edited.connect(self.reshaped)

    def node(self) -> r.Rule:
        name, op = self.field.key(), _op(self.op.key())
        known = fields.score_named(name) if self._score else fields.field_named(name)
        other = known is not None and known.name != self._found.name
        if other and known is not None and op not in fields.OPS[known.kind]:
            op = fields.OPS[known.kind][0]
        value = () if other and known is not None and known.kind != self._found.kind else self._values(op)
        return r.Score(name, op, value) if self._score else r.Trait(name, op, value)

    def _values(self, op: r.Op) -> r.Value:
        if op in ("known", "unknown"):
            return ()
        found: list[Any] = []
        for editor in self._editors:
            if isinstance(editor, Codes):
                return editor.keys()
            if isinstance(editor, Day):
                found.append(editor.day())
            elif isinstance(editor, Count | Number):
                found.append(editor.value())
        wanted = 2 if op == "between" else 1
        if op in ("within_days", "before_days") and not any(isinstance(one, int) for one in found):
            return (30,)
        return tuple(one for one in found[:wanted] if one is not None)

    def _make(self, op: r.Op, value: r.Value, vocabulary: Vocabulary) -> list[QWidget]:
        if op in ("known", "unknown"):
            return []
        name = tr("Value")
        if op in ("within_days", "before_days"):
            return [Count(name, int(value[0]) if value and not isinstance(value[0], str) else 30, 1)]
        if self._found.kind == "day":
            return [Day(name, str(value[0]) if value else "")]
        if self._found.kind == "text":
            texts = [str(one) for one in value]
            return [Codes(name, self._choices(vocabulary), texts, free=True)]
        numbers = [one for one in value if not isinstance(one, str)] + [None, None]
        return [Number(name, one, self._found.kind) for one in numbers[: 2 if op == "between" else 1]]

    def _choices(self, vocabulary: Vocabulary) -> Iterable[tuple[str, str]]:
        named = {key: speech(None).pick((name, zh)) for key, name, zh in self._found.choices}
        return [(value, named.get(value, value)) for value in vocabulary.values.get(self._found.name, tuple(named))]

    def _fields(self) -> list[tuple[str, str]]:
        known = fields.SCORES if self._score else fields.FIELDS
        return [(one.name, speech(None).pick((one.title, one.title_zh))) for one in known]


class ConsentForm(Form):
    """A purpose and a channel."""

    def __init__(self, node: r.Consent) -> None:
        super().__init__()
        self.purpose = Pick(tr("Purpose"), [(one, tr(_PURPOSES[one])) for one in PURPOSES], node.purpose)
        self.channel = Pick(tr("Channel"), [(one, tr(_CHANNELS[one])) for one in CHANNELS], node.channel)
        self.put(self.purpose, self.channel)

    def node(self) -> r.Rule:
        return r.Consent(self.purpose.key(), self.channel.key())


class IncludesForm(Form):
    """Another live segment."""

    def __init__(self, node: r.Includes, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.segment = Pick(tr("Segment"), in_language(vocabulary.segments), node.segment)
        self.put(self.segment)

    def node(self) -> r.Rule:
        return r.Includes(self.segment.key())


class BucketForm(Form):
    """A percentage and a salt."""

    def __init__(self, node: r.Bucket) -> None:
        super().__init__()
        self.percent = Number(tr("Percent"), node.percent)
        self.salt = Text(tr("Name of the draw"), node.salt)
        self.put(self.percent, "%", self.salt)

    def node(self) -> r.Rule:
        return r.Bucket(float(self.percent.value() or 0), self.salt.text())


class LifecycleForm(Form):
    """One or more stages."""

    def __init__(self, node: r.Lifecycle) -> None:
        super().__init__()
        talk = speech(None)
        choices = fields.STAGE.choices if fields.STAGE else ()
        self.boxes = {key: QCheckBox(talk.pick((name, zh))) for key, name, zh in choices}
        for key, box in self.boxes.items():
            box.setChecked(key in node.stages)
            box.toggled.connect(self._tell)
            self.put(box)

    def node(self) -> r.Rule:
        return r.Lifecycle(tuple(key for key, box in self.boxes.items() if box.isChecked()))

    def _tell(self, _on: bool) -> None:
        self.edited.emit()


class Text(QLineEdit):
    """Any text."""

    edited = Signal()

    def __init__(self, name: str, value: str) -> None:
        super().__init__(value)
        self.setAccessibleName(name)
        self.setPlaceholderText(name)
        self.setFixedWidth(140)
        self.textEdited.connect(self._tell)

    def _tell(self, _text: str) -> None:
        self.edited.emit()


def form_of(node: r.Rule, vocabulary: Vocabulary) -> Form:
    """The form of a condition."""
    if isinstance(node, r.Trait | r.Score):
        return FieldForm(node, vocabulary)
    if isinstance(node, r.Performed | r.NotPerformed | r.LastPerformed | r.Spend):
        return DoneForm(node, vocabulary)
    makers: Mapping[type[Any], Callable[[Any], Form]] = {
        r.Consent: ConsentForm, r.Bucket: BucketForm, r.Lifecycle: LifecycleForm,
    }  # fmt: skip
    if isinstance(node, r.Includes):
        return IncludesForm(node, vocabulary)
    form = makers[type(node)](node) if type(node) in makers else Form()
    if isinstance(node, r.Everyone):
        form.put(words(node, speech(None)))
    return form


def _op(key: str) -> r.Op:
    return next((op for op in r.OPS if op == key), "is")


_PURPOSES = {
    "marketing": mark("marketing"), "profiling": mark("profiling"), "service": mark("service"),
    "research": mark("research"),
}  # fmt: skip
_CHANNELS = {
    "email": mark("e-mail"), "sms": mark("SMS"), "push": mark("push message"), "wechat": mark("WeChat"),
    "phone": mark("phone"), "post": mark("post"), "any": mark("any channel"),
}  # fmt: skip
