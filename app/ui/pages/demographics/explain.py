"""What would be measured, what the law asks, and how far the site is: weights, check, switch, faces large enough."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import language, mark, tr
from app.ui.pages.demographics.state import State
from app.ui.widgets.badge import Badge, Tone
from app.ui.widgets.card import Card
from app.ui.widgets.scrolled import scrolled
from engines.demographics.weights import FACE_WEIGHTS

ABOUT = (
    mark(
        "Age bands from 16 and gender, estimated from the best three faces of a person, added up by place and hour. "
        "Groups under ten people never leave the camera's process; nobody is recognised again; no face is kept."
    ),
    mark(
        "Under 16 nothing is said of a person. Faces under 60 pixels are not read: an overview camera cannot do this."
    ),
    mark("Counting people needs none of this. It is off until somebody switches it on, camera by camera."),
)
LAW = (
    mark(
        "China (PIPL): devices in public places may collect images for public security only, unless each person "
        "consents separately (art. 26); faces are sensitive data (art. 28, 29); "
        "an impact assessment comes first (art. 55)."
    ),
    mark(
        "European Union (GDPR): a legal basis (art. 6), information at the door (art. 13) and in practice an impact "
        "assessment (art. 35); the AI Act adds duties to inform (art. 50)."
    ),
    mark("Elsewhere ask first. This is no legal advice."),
)
PLACE = "python main.py weights add FILE"
CHECK = "python main.py faces check FOLDER --weights NAME"


class AboutCard(Card):
    """What it would measure, and the law."""

    def __init__(self) -> None:
        super().__init__(mark("What this measures, and the law"))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 4, 8, 0)
        column.setSpacing(8)
        self._lines: list[tuple[QLabel, str]] = []
        for sentence in (*ABOUT, *LAW):
            label = QLabel()
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            if sentence in LAW:
                theme.set_role(label, role="muted")
            column.addWidget(label)
            self._lines.append((label, sentence))
        column.addStretch(1)
        self.set_body(scrolled(inside))
        self.retranslate()

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        for label, sentence in getattr(self, "_lines", ()):
            label.setText(tr(sentence))


class StepsCard(Card):
    """The four things a chart needs, each with its state and what to do."""

    def __init__(self) -> None:
        super().__init__(mark("What a chart needs"))
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 4, 8, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(10)
        self._grid.setColumnStretch(1, 1)
        self.rows = [self._row(inside, place) for place in range(4)]
        self._grid.setRowStretch(4, 1)
        self.set_body(scrolled(inside))

    def show_state(self, state: State) -> None:
        """How far the site is."""
        for (badge, words), (tone, text) in zip(self.rows, _steps(state), strict=True):
            badge.say({"good": "Done", "warning": "Needed", "bad": "Not possible"}.get(tone, "Off"), tone)
            words.setText(text)

    def _row(self, parent: QWidget, place: int) -> tuple[Badge, QLabel]:
        badge, words = Badge("Off", parent=parent), QLabel()
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._grid.addWidget(badge, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(words, place, 1)
        return badge, words


def _steps(state: State) -> list[tuple[Tone, str]]:
    return [_weights(state), _checked(state), _switch(state), _faces(state)]


def _weights(state: State) -> tuple[Tone, str]:
    if state.check is not None and state.finder:
        return "good", tr("Weights: {name}, and {finder} to find faces.", name=state.check.weights, finder=FACE_WEIGHTS)
    if state.check is not None:
        return "warning", tr(
            "Weights that find faces ({finder}). Put them into the site: {add}", finder=FACE_WEIGHTS, add=PLACE
        )
    return "warning", tr(
        "Weights for ages and genders, and those that find faces ({finder}). Put them into the site: {add}",
        finder=FACE_WEIGHTS, add=PLACE,
    )  # fmt: skip


def _checked(state: State) -> tuple[Tone, str]:
    form = current()
    if state.check is not None:
        return "good", tr(
            "Checked on {n} labelled faces ({name}) by {actor}, {when}.", n=form.integer(state.check.checked.n),
            name=state.check.labelled_set, actor=state.check.actor, when=form.datetime(state.check.at),
        )  # fmt: skip
    why = "" if language() == "zh" else f"{state.missing} "
    return "warning", why + tr(
        "A check of exactly these weights on labelled faces. No check, no chart: {command}", command=CHECK
    )


def _switch(state: State) -> tuple[Tone, str]:
    if state.on:
        return "good", tr("Switched on: {cameras}.", cameras=", ".join(each.name for each in state.on))
    return "neutral", tr("A person's decision, with its legal basis and the notice at the door.")


def _faces(state: State) -> tuple[Tone, str]:
    form = current()
    large = [each for each in state.on if each.median_face is not None and each.median_face >= 60]
    small = [each for each in state.on if each.median_face is not None and each.median_face < 60]
    if large:
        return "good", tr("Faces are large enough: {cameras}.", cameras=", ".join(each.name for each in large))
    if small:
        words = ", ".join(f"{each.name} {form.decimal(each.median_face or 0, 0)} px" for each in small)
        return "bad", tr("Not measurable here: the median face must be 60 pixels wide ({cameras}).", cameras=words)
    return "neutral", tr("Faces at least 60 pixels wide; each camera measures its own once it is on.")
