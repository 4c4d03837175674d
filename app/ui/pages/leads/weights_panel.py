"""The weights of a score: tried out on everyone, then kept as a new version, and taken back as another."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QFormLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from app.ui import theme
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.pages.leads.words import PARTS, rung_name, said
from app.ui.widgets.panel import SidePanel
from app.ui.widgets.rows import Column
from app.ui.widgets.spin import indented
from app.ui.widgets.table import DataTable
from engines.leads.actions import Done, restore_weights, set_weights, undo_weights
from engines.leads.preview import Preview, preview_weights
from engines.leads.queries import Version, weight_versions
from engines.leads.weights import COMPONENTS
from engines.people.queries import customers_of
from models.store import Store

MOVES = (
    Column("label", "Prospect"),
    Column("before", "Before", "decimal", 76),
    Column("after", "After", "decimal", 76),
    Column("rung", "Rung", width=130),
)
VERSIONS = (
    Column("version", "Version", "count", 76),
    Column("weights", "Weights, %"),
    Column("actor", "By", width=90),
)


class WeightsPanel(SidePanel):
    """`show_use("member")` opens; `saved()` fires when a version was kept."""

    saved = Signal()

    def __init__(self, desk: Desk, host: QWidget) -> None:
        super().__init__(host)
        self.desk = desk
        self.use = ""
        self.versions: list[Version] = []
        self.boxes: dict[str, QDoubleSpinBox] = {}
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(16)
        self.share, self.result = QLabel(), QLabel()
        for label in (self.share, self.result):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_role(self.share, role="caption")
        self.try_button, self.save_button, self.undo_button = QPushButton(), QPushButton(), QPushButton()
        theme.set_role(self.save_button, kind="primary")
        theme.set_role(self.undo_button, kind="quiet")
        buttons = QHBoxLayout()
        for button in (self.try_button, self.save_button, self.undo_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.moves = DataTable(MOVES, "Who moves most", filterable=False)
        self.moves.setMinimumHeight(220)
        self.moves.hide()
        self.kept = DataTable(VERSIONS, "Versions", filterable=False)
        self.kept.setMinimumHeight(180)
        self.body.addLayout(self.form)
        self.body.addWidget(self.share)
        self.body.addLayout(buttons)
        for part in (self.result, self.moves, self.kept):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.try_button.clicked.connect(self.try_out)
        self.save_button.clicked.connect(self.save)
        self.undo_button.clicked.connect(self.undo)
        self.kept.activated.connect(self._restore)

    def show_use(self, use: str) -> None:
        """Read the versions of a use and open."""
        self.use = use
        self.desk.work.run(partial(weight_versions, self.desk.store, use), self._arrived)

    def weights(self) -> dict[str, float]:
        """What stands in the boxes."""
        return {name: box.value() for name, box in self.boxes.items()}

    def try_out(self) -> None:
        """Say what these weights would do."""
        if self.use == "health":
            return
        self.desk.work.run(partial(_tried, self.desk.store, self.use, self.weights()), self._tried)

    def save(self) -> None:
        """Keep them as a new version."""
        job = partial(set_weights, self.desk.store, self.desk.actor, self.use, self.weights())
        self.desk.work.run(job, self._saved)

    def undo(self) -> None:
        """Back to the version before."""
        self.desk.work.run(partial(undo_weights, self.desk.store, self.desk.actor, self.use), self._saved)

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if self.versions if hasattr(self, "versions") else False:
            self._draw()

    def _arrived(self, versions: list[Version]) -> None:
        self.versions = versions
        self.result.setText("")
        self.moves.hide()
        self._draw()
        self.open_panel()

    def _draw(self) -> None:
        while self.form.rowCount():
            self.form.removeRow(0)
        self.boxes = {}
        now = self.versions[0].weighing
        for name in COMPONENTS[self.use]:
            box = indented(QDoubleSpinBox())
            box.setRange(0, 100)
            box.setDecimals(0)
            box.setSuffix(" %")
            box.setValue(100 * now.weights[name])
            box.valueChanged.connect(self._say_share)
            box.setAccessibleName(said(PARTS, name))
            self.boxes[name] = box
            self.form.addRow(said(PARTS, name), box)
        self.set_heading(tr("Weights of the score"), tr("Version {version} is in force", version=now.version))
        self.try_button.setText(tr("Try on everyone"))
        self.try_button.setVisible(self.use != "health")
        self.save_button.setText(tr("Keep as a new version"))
        self.undo_button.setText(tr("Undo"))
        self.undo_button.setEnabled(len(self.versions) > 1)
        self.kept.set_rows([_version(v) for v in self.versions])
        self._say_share()

    def _say_share(self) -> None:
        whole = sum(self.weights().values())
        self.save_button.setEnabled(whole > 0)
        self.try_button.setEnabled(whole > 0)
        self.share.setText(
            tr("They are divided by their sum, {sum} %. A part that is not known leaves its weight to the others.",
               sum=current().integer(whole))
        )  # fmt: skip

    def _tried(self, found: tuple[Preview, Mapping[bytes, str]]) -> None:
        preview, labels = found
        self.result.setText(preview_words(preview))
        self.moves.set_rows(move_rows(preview, labels))
        self.moves.setVisible(bool(preview.moves))

    def _saved(self, done: Done) -> None:
        self.desk.say("Weights kept as version {version}.", "good", version=done.name)
        self.saved.emit()
        self.show_use(self.use)

    def _restore(self, row: Mapping[str, object]) -> None:
        version = int(str(row["version"]))
        if version != self.versions[0].weighing.version:
            self.desk.work.run(
                partial(restore_weights, self.desk.store, self.desk.actor, self.use, version), self._saved
            )


def preview_words(preview: Preview) -> str:
    """How many would move."""
    form = current()
    return tr(
        "{moved} of {scored} would move; {up} up a rung, {down} down.", moved=form.integer(preview.moved),
        scored=form.integer(preview.scored), up=form.integer(preview.up), down=form.integer(preview.down),
    )  # fmt: skip


def move_rows(preview: Preview, labels: Mapping[bytes, str]) -> list[dict[str, object]]:
    """The rows of those who move most."""
    return [
        {
            "label": labels.get(m.subject_id, ""), "before": m.before, "after": m.after,
            "rung": rung_name(m.rung_after) if m.rung_before == m.rung_after
            else f"{rung_name(m.rung_before)} → {rung_name(m.rung_after)}",
        }
        for m in preview.moves
    ]  # fmt: skip


def labels_of(store: Store, use: str, preview: Preview) -> Mapping[bytes, str]:
    """What those who move are called: masked people, businesses by name."""
    from engines.leads.queries import lead

    subjects = [m.subject_id for m in preview.moves]
    if use == "member":
        return {person: who.label for person, who in customers_of(store, subjects).items()}
    found = {subject: lead(store, use, subject) for subject in subjects}
    return {subject: one.name or "" for subject, one in found.items() if one}


def _tried(store: Store, use: str, weights: Mapping[str, float]) -> tuple[Preview, Mapping[bytes, str]]:
    preview = preview_weights(store, use, weights)
    return preview, labels_of(store, use, preview)


def _version(version: Version) -> dict[str, object]:
    parts = (f"{said(PARTS, n)} {current().integer(100 * w)}" for n, w in version.weighing.weights.items())
    return {"version": version.weighing.version, "weights": " · ".join(parts), "actor": version.actor or tr("default")}
