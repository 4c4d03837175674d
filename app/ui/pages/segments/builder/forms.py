"""The forms of the kinds of condition: each shows a condition in editors and gives it back as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.i18n import language, mark, tr
from app.ui.pages.segments.builder.editors import Codes, Count, Day, Number, Pick, When
from app.ui.pages.segments.builder.flow import Flow
from app.ui.pages.segments.speech import speech
from engines.segments import fields
from engines.segments import rule as r
from engines.segments.validate import CHANNELS, PURPOSES
from engines.segments.vocabulary import Named, Vocabulary
from engines.segments.words import COUNTS, OPS, WEEKDAYS, kind_words, words

COUNT_OPS = ("at_least", "at_most", "exactly")
DAYS_OF_WEEK: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "any": (mark("any day"), ()), "weekend": (mark("weekends"), (6, 7)), "weekday": (mark("weekdays"), (1, 2, 3, 4, 5)),
}  # fmt: skip


class Form(QWidget):
    """A row of editors for one condition; `edited()` fires when any changes, `reshaped()` when other editors are
    needed. `node()` is the condition as it stands."""

    edited = Signal()
    reshaped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._row = self._made()

    def put(self, *parts: QWidget | str) -> None:
        """Editors and words from left to right."""
        for part in parts:
            widget = QLabel(part) if isinstance(part, str) else part
            if isinstance(widget, QLabel):
                theme.set_role(widget, role="muted")
            self._row.addWidget(widget)
            if hasattr(widget, "edited"):
                widget.edited.connect(self.edited)

    def _made(self) -> QLayout:
        return Flow(self)

    def node(self) -> r.Rule:
        """The condition; of the form of "everyone", everyone."""
        return r.Everyone()


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


class DoneForm(Form):
    """What was done, how often, when; with a second row of filters that opens on demand."""

    def __init__(self, node: r.Performed | r.NotPerformed | r.LastPerformed | r.Spend, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._type = type(node)
        spend = isinstance(node, r.Spend)
        talk = speech(vocabulary)
        kinds = (r.PURCHASE, *(kind for kind in vocabulary.kinds if kind != r.PURCHASE))
        kind = r.PURCHASE if isinstance(node, r.Spend) else node.kind
        self.kind = Pick(tr("What was done"), [(one, kind_words(one, talk)) for one in kinds], kind)
        self.when = When(r.Window() if isinstance(node, r.LastPerformed) else node.window)
        self._op, self._number = self._amounts(node)
        if not spend:
            self.put(self.kind)
            self.kind.edited.connect(self.reshaped)
        self.put(*(part for part in (self._op, self._number) if part is not None))
        if isinstance(node, r.Performed):
            self.put(tr("times"))
        if isinstance(node, r.LastPerformed):
            self.put(tr("days"))
        else:
            self.put(self.when)
        self.when.setParent(self)
        self.when.setVisible(not isinstance(node, r.LastPerformed))
        self.filters = FilterForm(node.where, vocabulary, sale=spend or kind == r.PURCHASE)
        self.filters.setParent(self)  # the row takes it; shown without a parent it would be a window
        self.more = QToolButton()
        self.more.setCheckable(True)
        self.more.setChecked(node.where != r.Filters())
        self.more.setToolTip(tr("Only at certain places, days or amounts"))
        self.more.setAccessibleName(self.more.toolTip())
        icons.set_icon(self.more, "filter", "muted")
        theme.set_role(self.more, kind="quiet")
        self.put(self.more)
        self.more.toggled.connect(self.filters.setVisible)
        self.filters.edited.connect(self.edited)
        self.filters.setVisible(self.more.isChecked())

    def node(self) -> r.Rule:
        where = self.filters.where()
        number = int(self._number.value() or 0) if self._number is not None else 0
        op: Any = self._op.key() if self._op is not None else ""
        if self._type is r.Spend:
            return r.Spend(op, number, self.when.chosen(), where)
        if self._type is r.NotPerformed:
            return r.NotPerformed(self.kind.key(), self.when.chosen(), where)
        if self._type is r.LastPerformed:
            return r.LastPerformed(self.kind.key(), op, number, where)
        return r.Performed(self.kind.key(), op, number, self.when.chosen(), where)

    def _amounts(self, node: r.Rule) -> tuple[Pick | None, Count | Number | None]:
        talk = speech(None)
        if isinstance(node, r.Performed):
            counts = [(op, talk.pick(COUNTS[op])) for op in COUNT_OPS]
            return Pick(tr("How often"), counts, node.op), Count(tr("Times"), node.count, 0, 1_000_000)
        if isinstance(node, r.Spend):
            counts = [(op, talk.pick(COUNTS[op])) for op in COUNT_OPS[:2]]
            return Pick(tr("How much"), counts, node.op), Number(tr("Amount"), node.minor, "money")
        if isinstance(node, r.LastPerformed):
            items = [("within", tr("in the last")), ("before", tr("before the last"))]
            return Pick(tr("When"), items, node.when), Count(tr("Days"), node.days, 1)
        return None, None


class FilterForm(Form):
    """Which of the things done count."""

    def __init__(self, where: r.Filters, vocabulary: Vocabulary, *, sale: bool) -> None:
        super().__init__()
        self._where, self._sale = where, sale
        self.tenants = Codes(tr("Shops"), _named(vocabulary.tenants), where.tenants)
        self.categories = Codes(tr("Categories"), _named(vocabulary.categories), where.categories)
        self.zones = Codes(tr("Zones"), _named(vocabulary.zones), where.zones)
        self.campaigns = Codes(tr("Campaigns"), _named(vocabulary.campaigns), where.campaigns)
        chosen = next((key for key, (_, days) in DAYS_OF_WEEK.items() if days == where.weekdays), "own")
        items = [(key, tr(title)) for key, (title, _) in DAYS_OF_WEEK.items()]
        if chosen == "own":
            talk = speech(None)
            items.append(("own", ", ".join(talk.pick(WEEKDAYS[day - 1]) for day in where.weekdays if 1 <= day <= 7)))
        self.weekdays = Pick(tr("Days of the week"), items, chosen)
        self.low = Number(tr("Amount from"), where.amount_from, "money")
        self.high = Number(tr("Amount to"), where.amount_to, "money")
        self.score_low = Number(tr("Score from"), where.score_from)
        self.score_high = Number(tr("Score to"), where.score_to)
        self._lines()

    def _made(self) -> QLayout:
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(6)
        return lines

    def where(self) -> r.Filters:
        """The filters as they stand."""
        days = DAYS_OF_WEEK.get(self.weekdays.key(), ("", self._where.weekdays))[1]
        low, high = self.low.value(), self.high.value()
        common = (self.tenants.keys(), self.categories.keys())
        amounts = (None if low is None else int(low), None if high is None else int(high))
        if self._sale:
            return r.Filters(*common, (), (), days, *amounts)
        return r.Filters(
            *common, self.zones.keys(), self.campaigns.keys(), days, *amounts, self.score_low.value(),
            self.score_high.value(),
        )  # fmt: skip

    def _lines(self) -> None:
        places: list[QWidget | str] = [tr("At which places"), self.tenants, self.categories]
        amounts: list[QWidget | str] = [tr("Which days"), self.weekdays, tr("Amount"), self.low, "–", self.high]
        rest: list[QWidget | str] = [
            tr("Through"), self.zones, self.campaigns, tr("Score"), self.score_low, "–", self.score_high,
        ]  # fmt: skip
        for parts in (places, amounts) if self._sale else (places, amounts, rest):
            line = Form()
            line.put(*parts)
            line.edited.connect(self.edited)
            self._row.addWidget(line)
        for part in (self.zones, self.campaigns, self.score_low, self.score_high):
            if self._sale:
                part.setParent(self)
                part.hide()


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
        self.segment = Pick(tr("Segment"), _named(vocabulary.segments), node.segment)
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


def _named(named: Iterable[Named]) -> list[tuple[str, str]]:
    zh = language() == "zh"
    return [(one.code, one.name_zh if zh and one.name_zh else one.name) for one in named]


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
