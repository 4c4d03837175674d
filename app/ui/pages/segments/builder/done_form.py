"""The form of what a customer did, how often and when, with the filters of what counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QLayout, QToolButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.i18n import mark, tr
from app.ui.pages.segments.builder.editors import Codes, Count, Number, Pick, When
from app.ui.pages.segments.builder.form import Form, in_language
from app.ui.pages.segments.speech import speech
from engines.segments import rule as r
from engines.segments.vocabulary import Vocabulary
from engines.segments.words import COUNTS, WEEKDAYS, kind_words

COUNT_OPS = ("at_least", "at_most", "exactly")
DAYS_OF_WEEK: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "any": (mark("any day"), ()), "weekend": (mark("weekends"), (6, 7)), "weekday": (mark("weekdays"), (1, 2, 3, 4, 5)),
}  # fmt: skip


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
        self.tenants = Codes(tr("Shops"), in_language(vocabulary.tenants), where.tenants)
        self.categories = Codes(tr("Categories"), in_language(vocabulary.categories), where.categories)
        self.zones = Codes(tr("Zones"), in_language(vocabulary.zones), where.zones)
        self.campaigns = Codes(tr("Campaigns"), in_language(vocabulary.campaigns), where.campaigns)
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
