"""What the customers are as a whole, and what is doubtful in their data; shown while nobody is chosen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.charts.bar import Bars
from app.ui.charts.data import Series
from app.ui.charts.kpi import Kpi
from app.ui.charts.pie import Part, Pie
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.customers.words import age_name, gender_name
from app.ui.widgets.card import Card
from app.ui.widgets.chart_card import ChartCard
from app.ui.widgets.grid import CardGrid
from app.ui.widgets.kpi import KpiTile
from app.ui.widgets.people_words import tier_name
from engines.people.quality import BANDS, Makeup, Quality
from engines.people.queries import Among, Headcount


@dataclass(frozen=True)
class Whole:
    """Counts of people, who the members are, and what is doubtful."""

    heads: Headcount
    makeup: Makeup
    quality: Quality


class Overview(QWidget):
    """`wanted(among)` fires when the person wants to see the people behind a figure."""

    wanted = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.whole: Whole | None = None
        self.people, self.members, self.bought = KpiTile(), KpiTile(), KpiTile()
        self.ages = ChartCard(desk, "Members by age")
        self.genders = ChartCard(desk, "Members by gender")
        self.tiers = ChartCard(desk, "Members by tier")
        self.joined = ChartCard(desk, "New members by month")
        self.quality = QualityCard()
        self.nobody = Card("Members")
        self.nobody.show_empty(
            "No members yet: these people are known by a till's customer number alone.", "Import members"
        )
        self.nobody.acted.connect(self._import)
        self.grid = CardGrid()
        for tile in (self.people, self.members, self.bought):
            self.grid.add(tile, span=4, height=112, least=160)
            tile.opened.connect(self.wanted)
        self.grid.add(self.nobody, span=12, height=232)
        self.grid.add(self.ages, span=6, height=232, least=250)
        self.grid.add(self.genders, span=6, height=232)
        self.grid.add(self.tiers, span=6, height=256)
        self.grid.add(self.quality, span=6, height=256, least=250)
        self.grid.add(self.joined, span=12, height=236)
        self.nobody.hide()  # nobody is said to be no member before the members were read
        self.quality.wanted.connect(self.wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.grid)
        column.addStretch(1)

    def show_whole(self, whole: Whole) -> None:
        """Draw it."""
        self.whole = whole
        heads, makeup = whole.heads, whole.makeup
        self.people.show_kpi(Kpi(mark("People known"), heads.people, key="everyone"))
        self.members.show_kpi(Kpi(mark("Members"), heads.members, key="members"))
        self.bought.show_kpi(Kpi(mark("With purchases"), heads.bought, key="bought"))
        self.nobody.setVisible(not makeup.members)
        for card in (self.ages, self.genders, self.tiers, self.joined):
            card.setVisible(bool(makeup.members))
        self._show_ages(makeup)
        self._show_genders(makeup)
        self._show_tiers(makeup)
        self._show_joined(makeup)
        self.quality.show_quality(whole.quality, makeup.members)

    def retranslate(self) -> None:
        """Names in the charts in the language in force."""
        if self.whole is not None:
            self.show_whole(self.whole)

    def _import(self) -> None:
        self.desk.go("intake", {"kind": "members"})

    def _show_ages(self, makeup: Makeup) -> None:
        known = makeup.members - makeup.ages.get("", 0)
        self.ages.set_title("Members by age", "Year of birth known of {share}", share=_share(known, makeup.members))
        if not known:
            self.ages.explain("No member has told a year of birth.", "Import members", "intake", {"kind": "members"})
            return
        names = [name for _, name in BANDS]
        counts = tuple(float(makeup.ages.get(name, 0)) for name in names)
        self.ages.show_chart(
            Bars(tuple(SHORT_AGES.get(name, age_name(name)) for name in names), (Series(tr("Members"), counts),))
        )

    def _show_genders(self, makeup: Makeup) -> None:
        known = {name: count for name, count in makeup.genders.items() if name}
        share = _share(sum(known.values()), makeup.members)
        self.genders.set_title("Members by gender", "Known of {share}", share=share)
        if not known:
            self.genders.explain("No member has told a gender.", "Import members", "intake", {"kind": "members"})
            return
        parts = (Part(gender_name(name), float(count)) for name, count in _largest_first(known))
        self.genders.show_chart(Pie(tr("Members"), tuple(parts)))

    def _show_tiers(self, makeup: Makeup) -> None:
        known = {name: count for name, count in makeup.tiers.items() if name}
        if not known:
            self.tiers.explain("The members have no tiers.", "Import members", "intake", {"kind": "members"})
            return
        ranked = _largest_first(known)
        names = tuple(tier_name(name) for name, _ in ranked)
        counts = tuple(float(count) for _, count in ranked)
        self.tiers.show_chart(Bars(names, (Series(tr("Members"), counts),), mode="ranked"))

    def _show_joined(self, makeup: Makeup) -> None:
        names = tuple(current().month(dt.date.fromisoformat(f"{month}-01")) for month, _ in makeup.joined)
        counts = tuple(float(count) for _, count in makeup.joined)
        self.joined.show_chart(Bars(names, (Series(tr("Members"), counts),)))


class QualityCard(Card):
    """A line a doubt: how many people, why, and a button that lists them."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__("Data quality")
        self.notes: list[QualityNote] = []
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 4, 0, 0)
        self._column.setSpacing(6)
        self._column.addStretch(1)
        self.set_body(self._inside)

    def show_quality(self, quality: Quality, members: int) -> None:
        """The doubts that there are."""
        for note in self.notes:
            note.hide()
            note.deleteLater()
        self.notes = [QualityNote(*told) for told in _doubts(quality)]
        for place, note in enumerate(self.notes):
            note.wanted.connect(self.wanted)
            self._column.insertWidget(place, note)
        if not self.notes:
            self.show_empty("Nothing doubtful was found." if members else "There are no members to check yet.")
        else:
            self.show_body()


class QualityNote(QWidget):
    """One doubt."""

    wanted = Signal(str)

    def __init__(self, words: str, among: Among | None, icon: str) -> None:
        super().__init__()
        self._among, self._icon = among, icon
        self.sign, self.words = QLabel(), QLabel(words)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_role(self.words, role="caption")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.sign)
        row.addWidget(self.words, 1)
        if among is not None:
            self.setToolTip(tr(REASONS[among]))
            look = QPushButton(tr("Show"))
            theme.set_role(look, kind="quiet")
            look.setAccessibleName(f"{tr('Show')}: {words}")
            look.clicked.connect(self._want)
            row.addWidget(look)
        self.retheme()

    def retheme(self) -> None:
        """The sign in the theme's colour."""
        color = "warning" if self._icon == "alert" else "muted"
        self.sign.setPixmap(icons.icon(self._icon, color).pixmap(16, 16))

    def _want(self) -> None:
        self.wanted.emit(self._among)


SHORT_AGES = {"-24": "<25", "55+": "55+"}
"""Bands that need a short name under a bar."""
DOUBTS: Mapping[Among, str] = {
    "duplicates": mark("{count} people: perhaps a second card"),
    "candidates": mark("{count} people: perhaps a second card"),
    "shared": mark("{count} people share a phone or e-mail"),
    "household": mark("{count} people share a phone or e-mail"),
    "phones": mark("{count} people: phone cannot be right"),
    "unreachable": mark("{count} members: no phone, no e-mail"),
}


REASONS: Mapping[Among, str] = {
    "duplicates": mark("They gave the same phone or e-mail as someone of the same name, or the same birth and gender."),
    "candidates": mark("In a pair that waits: probability of one person at least 80 %, not yet decided."),
    "shared": mark("Someone else gave the same phone or e-mail: a family, or one person twice."),
    "household": mark("Two to six people gave the same phone, e-mail or device. Nobody is merged for that."),
    "phones": mark("Too short, too long, or no number of this country."),
    "unreachable": mark("They can be reached neither by phone nor by e-mail."),
}


def _doubts(quality: Quality) -> list[tuple[str, Among | None, str]]:
    form = current()
    counts: tuple[tuple[Among, int], ...] = (
        ("candidates" if quality.judged else "duplicates", quality.duplicates),
        ("household" if quality.judged else "shared", quality.shared),
        ("phones", quality.phones), ("unreachable", quality.unreachable),
    )  # fmt: skip
    told: list[tuple[str, Among | None, str]] = [
        (tr(DOUBTS[among], count=form.integer(count)), among, "alert") for among, count in counts if count
    ]
    if quality.anonymous:
        share = _share(quality.anonymous, quality.receipts)
        told.append((tr("{share} of all receipts name no customer.", share=share), None, "info"))
    if quality.demo_phones:
        phones = form.integer(quality.demo_phones)
        told.append((tr("{count} phones are inventions of the demo mall (000…).", count=phones), None, "info"))
    return told


def _share(part: int, whole: int) -> str:
    return current().percent(part / whole) if whole else "–"


def _largest_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
