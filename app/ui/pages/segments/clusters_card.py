"""One cluster: its name, size, money, strongest traits and stability; naming it; a segment that follows it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.segments.clusters_words import cluster_name, measure_name, measure_value
from app.ui.widgets.card import Card
from engines.clusters.queries import ClusterRow

SHOWN = 3


class ClusterCard(Card):
    """`chosen(cluster)` asks for its people, `named(cluster, name)` renames it, `segment_wanted(cluster)` makes one."""

    chosen = Signal(int)
    named = Signal(int, str)
    segment_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.row: ClusterRow | None = None
        self.figure, self.facts, self.stable = QLabel(), QLabel(), QLabel()
        for label in (self.facts, self.stable):
            theme.set_role(label, role="caption")
            label.setWordWrap(True)
        theme.set_role(self.figure, role="section")
        self.traits = QGridLayout()
        self.traits.setHorizontalSpacing(12)
        self.traits.setVerticalSpacing(2)
        self.traits.setColumnStretch(0, 1)
        self._labels: list[QLabel] = []
        self.people, self.name, self.segment = (QPushButton() for _ in range(3))
        self.edit = QLineEdit()
        self.edit.setMaxLength(80)
        self.edit.hide()
        self._lay_out()
        self.people.clicked.connect(self._choose)
        self.name.clicked.connect(self._rename)
        self.segment.clicked.connect(self._segment)
        self.edit.returnPressed.connect(self._rename)
        self.retranslate()

    def show_row(self, row: ClusterRow) -> None:
        """The cluster anew."""
        self.row = row
        self.retranslate()

    def retranslate(self) -> None:
        """Words in the language in force."""
        if getattr(self, "row", None) is not None:
            self._draw()
        super().retranslate()
        if hasattr(self, "people"):
            self.people.setText(tr("Show people"))
            self.name.setText(tr("Save name") if self.edit.isVisible() else tr("Rename"))
            self.segment.setText(tr("Make a segment"))
            self.edit.setPlaceholderText(tr("Empty: the name from its traits"))
            self.edit.setAccessibleName(tr("The cluster's name"))

    def _draw(self) -> None:
        row, form = self.row, current()
        assert row is not None
        self._title, self._values = "{name}", {"name": cluster_name(row)}
        hidden = row.people is None
        self.figure.setText(tr("Too few to show") if hidden else form.integer(row.people or 0))
        self.facts.setText(
            tr("{share} of clustered customers, {money} in the window",
               share=form.percent(row.share), money=form.money(row.spent_minor, compact=True))
        )  # fmt: skip
        again = tr("Found again by {share} in resampling", share=form.percent(row.jaccard))
        was = "" if row.overlap is None else tr("new in this fit") if row.overlap == 0 else tr(
            "{share} shared with the last fit", share=form.percent(row.overlap)
        )  # fmt: skip
        self.stable.setText("  ·  ".join(part for part in (again, was) if part))
        self.people.setDisabled(hidden)
        self.segment.setDisabled(hidden)
        self._draw_traits(row)

    def _draw_traits(self, row: ClusterRow) -> None:
        for label in self._labels:
            label.deleteLater()
        self._labels = []
        for line, trait in enumerate(row.traits[:SHOWN]):
            own, every = row.medians[trait.measure]
            words = (
                measure_name(trait.measure),
                measure_value(trait.measure, own),
                tr("all: {value}", value=measure_value(trait.measure, every)),
            )
            for column, text in enumerate(words):
                label = QLabel(text)
                theme.set_role(label, role="caption" if column != 1 else "")
                if column:
                    label.setAlignment(Qt.AlignmentFlag.AlignRight)
                self.traits.addWidget(label, line, column)
                self._labels.append(label)

    def _choose(self) -> None:
        if self.row:
            self.chosen.emit(self.row.cluster_id)

    def _segment(self) -> None:
        if self.row:
            self.segment_wanted.emit(self.row.cluster_id)

    def _rename(self) -> None:
        if self.row is None:
            return
        if self.edit.isHidden():
            self.edit.setText(cluster_name(self.row) if self.row.named else "")
            self.edit.show()
            self.edit.setFocus()
        else:
            self.edit.hide()
            self.named.emit(self.row.cluster_id, self.edit.text())
        self.name.setText(tr("Rename") if self.edit.isHidden() else tr("Save name"))

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.figure)
        head.addWidget(self.facts, 1)
        column.addLayout(head)
        column.addLayout(self.traits)
        column.addWidget(self.stable)
        column.addStretch(1)
        column.addWidget(self.edit)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.people, self.name, self.segment):
            theme.set_role(button, kind="quiet")
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        self.set_body(inside)
