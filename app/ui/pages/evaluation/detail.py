"""One event or campaign in full: what it changed in words, its course, quiet times, other baselines, places."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.evaluation.state import State
from app.ui.pages.evaluation.words import (
    BASELINES,
    MEASURES,
    NOTES,
    SUBJECTS,
    days,
    figure,
    lift,
    named,
    ranged,
    said,
    signed,
    verdict,
)
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.head_tools import Choice
from engines.evaluation.queries import Cost, Detail, EffectRow

TONES = {"up": "good", "down": "bad"}


class HeadCard(Card):
    """Name, choices, acts, and the result in sentences. `acted_on(name)` fires with use, accept, keep, edit or end."""

    acted_on = Signal(str)

    def __init__(self) -> None:
        super().__init__("Result")
        self.badge, self.words = Badge(), QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.baseline, self.measure = Choice("Baseline"), Choice("Measure")
        self.buttons = {name: QPushButton() for name in ("use", "accept", "keep", "edit", "end")}
        theme.set_role(self.buttons["accept"], kind="primary")
        row = QHBoxLayout()
        row.setSpacing(8)
        for part in (self.baseline, self.measure, self.badge):
            row.addWidget(part)
        row.addStretch(1)
        for button in self.buttons.values():
            row.addWidget(button)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.words)
        self.set_body(whole)
        self.buttons["use"].clicked.connect(self._use)
        self.buttons["accept"].clicked.connect(self._accept)
        self.buttons["keep"].clicked.connect(self._keep)
        self.buttons["edit"].clicked.connect(self._edit)
        self.buttons["end"].clicked.connect(self._end)

    def show_state(self, state: State) -> None:
        """The subject chosen."""
        detail = state.detail
        assert detail is not None
        row, effect = detail.row, effect_of(state)
        name = named(row.name, row.name_zh)
        self.set_title(
            "{name}", "{words}", name=name, words=f"{said(SUBJECTS, row.subject)}, {days(row.from_day, row.to_day)}"
        )
        self.baseline.offer(tuple((code, said(BASELINES, code)) for code in BASELINES), state.baseline)
        self.baseline.choose(state.baseline)
        self.measure.offer(tuple((code, said(MEASURES, code)) for code in ("footfall", "sales")), state.measure)
        self.measure.choose(state.measure)
        self.badge.say(verdict(effect), TONES.get(effect.verdict if effect else "", "neutral"))  # type: ignore[arg-type]
        self.words.setText("\n".join(sentences(state, detail, effect)))
        self._show_buttons(state, detail, effect)

    def _show_buttons(self, state: State, detail: Detail, effect: EffectRow | None) -> None:
        row = detail.row
        words = {
            "use": tr("Judge by this baseline…"), "accept": tr("Accept result"), "keep": tr("Save as playbook…"),
            "edit": tr("Edit event…"), "end": tr("End today"),
        }  # fmt: skip
        for name, button in self.buttons.items():
            button.setText(words[name])
        ready = effect is not None and effect.low is not None and effect.state == "measured"
        self.buttons["use"].setVisible(state.baseline != row.baseline)
        self.buttons["accept"].setVisible(ready and state.baseline == row.baseline and row.accepted is None)
        self.buttons["keep"].setVisible(row.accepted is not None)
        self.buttons["edit"].setVisible(row.subject == "occasion")
        running = effect is not None and effect.state == "running"
        self.buttons["end"].setVisible(row.subject == "occasion" and running)

    def _use(self) -> None:
        self.acted_on.emit("use")

    def _accept(self) -> None:
        self.acted_on.emit("accept")

    def _keep(self) -> None:
        self.acted_on.emit("keep")

    def _edit(self) -> None:
        self.acted_on.emit("edit")

    def _end(self) -> None:
        self.acted_on.emit("end")


def effect_of(state: State) -> EffectRow | None:
    """The mall's effect while it lasted, under the baseline and measure shown."""
    return _pick(state, "during")


def _pick(state: State, phase: str) -> EffectRow | None:
    if state.detail is None:
        return None
    wanted = (state.baseline, state.measure, phase)
    return next((e for e in state.detail.effects if (e.baseline, e.measure, e.phase) == wanted), None)


def sentences(state: State, detail: Detail, effect: EffectRow | None) -> list[str]:
    """The result in words: effect, placebo test, echo, first-timers, cost, what to know, who decided what."""
    row = detail.row
    if effect is None or effect.lift is None:
        lines = [_missing(state)]
    else:
        lines = [_result(state, effect), _placebo(effect), _told(effect), _echo(_pick(state, "after"))]
    if detail.first_share is not None:
        form = current()
        lines.append(
            tr("First-time visitors were {share} of known people; expected {expected}.",
               share=form.percent(detail.first_share[0]), expected=form.percent(detail.first_share[1]))
        )  # fmt: skip
    lines.append(_cost(row.cost_minor, detail.cost, counted=_counted(state)))
    lines += [tr(NOTES[note]) for note in (effect.note.split(",") if effect else []) if note in NOTES]
    if row.baseline != row.assigned:
        _, reason, who, _ = detail.choices[-1]
        first = said(BASELINES, row.assigned)
        words = tr("First assigned: {first}. {who} chose another: {reason}", first=first, who=who, reason=reason)
        lines.append(words)
    if row.accepted:
        lines.append(tr("Accepted by {who}.", who=row.accepted))
    return [line for line in lines if line]


def _missing(state: State) -> str:
    if state.baseline == "year":
        return tr(
            "The year before cannot be compared: it needs figures of about 60 weeks, and of the eight weeks before 28 "
            "days without an event, campaign or holiday in both years."
        )
    return tr("The days it lasted, or those before it, are not known well enough for this baseline.")


def _result(state: State, effect: EffectRow) -> str:
    words = tr(
        "Observed {observed}, expected {expected} over {days} days: {effect}.",
        observed=figure(effect.observed, state.measure), expected=figure(effect.expected, state.measure),
        days=current().integer(effect.days), effect=ranged(lift(effect)),
    )  # fmt: skip
    return words


def _placebo(effect: EffectRow) -> str:
    form = current()
    if effect.p is None:
        return tr("There are {n} quiet times to compare with; an interval needs 15.", n=form.integer(effect.placebos))
    return tr(
        "A quiet time looks at least as unusual as this {share} of the time ({n} quiet times).",
        share=form.percent(effect.p), n=form.integer(effect.placebos),
    )  # fmt: skip


def _told(effect: EffectRow) -> str:
    """How large an effect had to be to be told from chance."""
    found = threshold(effect)
    if found is None:
        return ""
    return tr(
        "Quiet times vary so much that only an effect above {up} or below {down} would be told from chance.",
        up=signed(found[1]), down=signed(found[0]),
    )  # fmt: skip


def threshold(effect: EffectRow) -> tuple[float, float] | None:
    """The lifts below and above which the interval leaves 0 out, whatever was observed; None without an interval."""
    if effect.lift is None or effect.low is None or effect.high is None or min(effect.low, effect.high) <= -1:
        return None
    return (1 + effect.lift) / (1 + effect.high) - 1, (1 + effect.lift) / (1 + effect.low) - 1


def _echo(effect: EffectRow | None) -> str:
    if effect is None or effect.lift is None:
        return ""
    return tr("In the two weeks after: {effect}, {verdict}.", effect=ranged(lift(effect)), verdict=verdict(effect))


def _counted(state: State) -> bool:
    """Whether footfall has an interval under the baseline shown."""
    rows = state.detail.effects if state.detail else ()
    mine = (e for e in rows if (e.baseline, e.measure, e.phase) == (state.baseline, "footfall", "during"))
    return any(e.low is not None for e in mine)


def _cost(cost: int | None, each: Cost | None, *, counted: bool) -> str:
    form = current()
    if cost is None:
        return tr("No cost is known, so no cost per visit.")
    if not counted:
        return tr("Cost {cost}. Footfall is not known well enough for a cost per visit.", cost=form.money(cost))
    if each is None:
        return tr("Cost {cost}. It brought no visits that can be told from chance.", cost=form.money(cost))
    low = form.money(round(each.low))
    if each.middle is None or each.high is None:
        return tr(
            "Cost {cost}: at least {low} per visit added; no upper end can be told.", cost=form.money(cost), low=low
        )
    return tr(
        "Cost {cost}: {middle} per visit added ({low} – {high}).",
        cost=form.money(cost), middle=form.money(round(each.middle)), low=low, high=form.money(round(each.high)),
    )  # fmt: skip
