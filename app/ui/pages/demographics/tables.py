"""The tables of the Demographics page: cameras, the network's accuracy by group, and who turned the switch."""

from __future__ import annotations

from typing import Any

from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.demographics.state import State
from app.ui.pages.demographics.words import PURPOSES, group_name, reason_words
from app.ui.widgets.defined_card import TableCard
from app.ui.widgets.rows import Column
from engines.demographics.checking import FEW, Checked, GroupAccuracy, weak_groups


class CameraTable(TableCard):
    """Each camera: on or off, how wide its faces are, what keeps it."""

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("name", "Camera", "text", 160), Column("on", "On", "yes", 52),
            Column("face", "Median face, px", "count", 156), Column("why", "What keeps it"),
            Column("since", "Since", "instant", 188), Column("actor", "By", "text", 96),
        )  # fmt: skip
        super().__init__(desk, mark("Cameras"), mark("A face must be 60 pixels wide, at the median"), columns)

    def show_state(self, state: State) -> None:
        """The cameras of the state."""
        self.table.set_empty("There is no camera yet that could measure this.")
        self.table.set_rows([
            {
                "name": each.name, "on": each.on, "face": each.median_face, "since": each.since, "actor": each.actor,
                "why": reason_words(each.reason) if each.reason else "",
            }
            for each in state.measures
        ])  # fmt: skip


class AccuracyTable(TableCard):
    """How right the network is, group by group."""

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("name", "Group"), Column("n", "Faces", "count", 64), Column("gender", "Gender right", "text", 136),
            Column("band", "Band right", "text", 136), Column("error", "Years off", "decimal", 92),
            Column("weak", "Weak", "text", 76),
        )  # fmt: skip
        super().__init__(desk, mark("How right the network is"), "", columns)

    def show_state(self, state: State) -> None:
        """The check behind the chosen place's chart, else the newest."""
        found = state.found.check if state.found else None
        check = found or state.check or state.old_check
        self.table.set_empty("No network was checked on labelled faces yet.")
        self.table.set_rows(accuracy_rows(check.checked) if check else [])
        if check is None:
            self.set_title(mark("How right the network is"))
        else:
            words = mark("{weights} on the set {name}, {when}; under 16: {young} people, {told} given an adult band")
            self.set_title(
                mark("How right the network is"), words, weights=check.weights, name=check.labelled_set,
                when=current().datetime(check.at), young=check.checked.young, told=check.checked.young_told,
            )  # fmt: skip


class HistoryTable(TableCard):
    """Every turn of the switch, the newest first."""

    def __init__(self, desk: Desk) -> None:
        columns = (
            Column("at", "When", "instant", 172), Column("camera", "Camera", "text", 140),
            Column("purpose", "What", "text", 150), Column("on", "Switched", "text", 84),
            Column("actor", "By", "text", 110),
            Column("basis", "Legal basis"), Column("notice", "Notice at the door", "text", 220),
        )  # fmt: skip
        words = mark("Kept for good; every turn is in the audit log too")
        super().__init__(desk, mark("Who turned the switch"), words, columns)

    def show_state(self, state: State) -> None:
        """The switches of the state."""
        names = {each.camera: each.name for each in state.measures}
        self.table.set_empty("Nobody ever switched it on.")
        self.table.set_rows([
            {
                "at": each.at, "camera": names.get(each.camera, each.camera), "actor": each.actor,
                "purpose": tr(PURPOSES.get(each.purpose, each.purpose)), "on": tr("On") if each.on else tr("Off"),
                "basis": each.legal_basis or "", "notice": " ".join((each.notice or "").split()),
            }
            for each in reversed(state.switches)
        ])  # fmt: skip


def accuracy_rows(checked: Checked) -> list[dict[str, Any]]:
    """A row a group; a group is weak where it is surely worse than the whole or too few to tell."""
    weak = set(weak_groups(checked))
    return [_accuracy_row(group, weak=group in weak) for group in checked.groups]


def _accuracy_row(group: GroupAccuracy, *, weak: bool) -> dict[str, Any]:
    words = "" if not weak else (tr("too few") if group.n < FEW else tr("weak"))
    band = group.band_right / group.band_told if group.band_told else None
    return {
        "name": group_name(group.name), "n": group.n, "error": group.age_error, "weak": words,
        "gender": _share(group.gender_share, group.gender_low, group.gender_high),
        "band": _share(band, group.band_low, group.band_high),
    }  # fmt: skip


def _share(share: float | None, low: float, high: float) -> str:
    form = current()
    if share is None:
        return "–"
    return f"{form.percent(share, 0)} ({form.percent(low, 0)}–{form.percent(high, 0)})"
