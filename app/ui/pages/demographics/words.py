"""What the Demographics page calls things."""

from __future__ import annotations

from collections.abc import Mapping

from app.ui.format import current
from app.ui.i18n import language, mark, tr
from engines.demographics.checking import FEW, GroupAccuracy
from engines.demographics.views import Reason

NAMES: Mapping[str, str] = {
    "female": mark("Women"), "male": mark("Men"), "unknown": mark("Unknown"), "suppressed": mark("Suppressed"),
    "all": mark("Everybody"), "neutral": mark("Neutral"), "happy": mark("Happy"), "sad": mark("Sad"),
    "surprise": mark("Surprised"), "anger": mark("Angry"),
}  # fmt: skip
PURPOSES: Mapping[str, str] = {
    "demographics": mark("Ages and genders"), "emotion": mark("Expressions (unreliable)"),
}  # fmt: skip
BASES: tuple[tuple[str, str], ...] = (
    ("consent", mark("Consent of each person")), ("interest", mark("Legitimate interests")),
    ("law", mark("A law demands it")), ("other", mark("Another basis")),
)  # fmt: skip


def group_name(name: str) -> str:
    """A gender, expression or group in the language in force; age bands and a labelled set's groups as they are."""
    return tr(NAMES[name]) if name in NAMES else name


def reason_words(reason: Reason) -> str:
    """A reason in the language in force."""
    return reason.text_zh if language() == "zh" else reason.text


def weak_words(weak: tuple[GroupAccuracy, ...]) -> str:
    """The groups in which the network is weak, those with few labelled pictures marked."""
    if not weak:
        return tr("No group is surely worse than the whole.")
    names = ", ".join(
        tr("{group} (only {n} pictures)", group=group_name(one.name), n=one.n) if one.n < FEW else group_name(one.name)
        for one in weak
    )
    return tr("Weak or unknown in: {groups}.", groups=names)


def accuracy_words(whole: GroupAccuracy | None, what: str) -> str:
    """How right the network is in one sentence, of `genders` or of `bands`."""
    if whole is None:
        return ""
    form = current()
    if what == "genders":
        share = whole.gender_share
        if share is None:
            return ""
        return tr(
            "On {n} labelled faces the gender is right in {share} ({low} to {high}).", n=form.integer(whole.n),
            share=form.percent(share), low=form.percent(whole.gender_low), high=form.percent(whole.gender_high),
        )  # fmt: skip
    if not whole.band_told:
        return ""
    return tr(
        "On {n} labelled faces the age band is right in {share} ({low} to {high}), at most one band off in {near}.",
        n=form.integer(whole.n), share=form.percent(whole.band_right / whole.band_told),
        low=form.percent(whole.band_low), high=form.percent(whole.band_high),
        near=form.percent(whole.band_near / whole.band_told),
    )  # fmt: skip
