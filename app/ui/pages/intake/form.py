"""Importing one file: choose it, see what it holds, correct the columns, try, import."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, QTemporaryDir, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.child import Child
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import mark, tr
from app.ui.pages.intake.kinds import KindsCard
from app.ui.pages.intake.mapping import MappingEditor
from app.ui.pages.intake.result import ResultCard
from app.ui.pages.intake.words import KINDS, kind_title
from app.ui.widgets.badge import Badge
from app.ui.widgets.card import Card
from app.ui.widgets.drop import DropArea
from app.ui.widgets.progress import ProgressStrip
from app.ui.widgets.rows import Column
from app.ui.widgets.table import DataTable

ORDERS = (("", mark("Dates: as the file shows")), ("dmy", mark("Dates: day, month, year")),
          ("mdy", mark("Dates: month, day, year")), ("ymd", mark("Dates: year, month, day")))  # fmt: skip
COMMAS = (
    (None, mark("Decimals: as the file shows")), (False, mark("Decimals: point, 1,234.5")),
    (True, mark("Decimals: comma, 1.234,5")),
)  # fmt: skip
FILES = "*.csv *.txt *.tsv *.xlsx *.xls *.xlsm *.xlsb *.ods *.jsonl *.ndjson *.json *.parquet *.pq *.gz"


class _Pane(QWidget):
    """Takes the height that is left: wrapped words inside must not make the page taller than the window."""

    def hasHeightForWidth(self) -> bool:
        return False


class ImportForm(QWidget):
    """`imported(document)` after an import that wrote something. Its larger parts are made before it."""

    imported = Signal(object)
    opened = Signal(str)
    run_wanted = Signal()

    def __init__(self, desk: Desk, mapping: MappingEditor, result: ResultCard, kinds: KindsCard) -> None:
        super().__init__()
        self.desk = desk
        self.mapping, self.result, self.kinds = mapping, result, kinds
        self.file: Path | None = None
        self.preview: Mapping[str, Any] | None = None
        self.child: Child | None = None
        self._wanted_kind = ""
        self._doing = ""
        self._folder = QTemporaryDir()
        self.drop = DropArea("Drop a file here: the till's export, members, tenants, counts.")
        self.kind, self.order, self.comma = QComboBox(), QComboBox(), QComboBox()
        self.source = QLineEdit()
        self.about = QLabel()
        self.badge = Badge(parent=self)
        self.wrong = QLabel()
        self.first = Card("First rows")
        self.right = QStackedWidget()
        self.middle = _Pane()
        self.strip = ProgressStrip()
        self.check, self.load = QPushButton(), QPushButton()
        self.table: DataTable | None = None
        self._lay_out()
        self._connect()
        self._show_parts()
        self.retranslate()

    # ---- what a person does

    def choose(self, file: Path) -> None:
        """Look into a file."""
        self.file, self.preview = file, None
        with QSignalBlocker(self.source):
            self.source.clear()
        self._look(self._wanted_kind)

    def want_kind(self, kind: str) -> None:
        """The next file is of this kind, whatever it looks like."""
        self._wanted_kind = kind
        if self.file is not None and self.preview is not None and self.preview["kind"] != kind:
            self._look(kind)

    def try_out(self) -> None:
        """See what an import would do."""
        self._import(dry=True)

    def do_import(self) -> None:
        """Import the file as mapped."""
        self._import(dry=False)

    def cancel(self) -> None:
        """Ask the work to stop and put everything back."""
        if self.child is not None:
            self.child.cancel()

    def busy(self) -> bool:
        """Whether a child works."""
        return self.child is not None

    # ---- the work, in a process of its own

    def _look(self, kind: str = "") -> None:
        arguments = ["import-preview", str(self.file)]
        arguments += ["--kind", kind] if kind else []
        arguments += ["--source", self.source.text().strip()] if self.source.text().strip() else []
        self._start("look", arguments, mark("Reading the file"))

    def _import(self, *, dry: bool) -> None:
        if self.file is None or self.preview is None:
            return
        plan = Path(self._folder.path()) / "map.json"
        plan.write_text(json.dumps(self._document(), ensure_ascii=False), encoding="utf-8")
        source = self.source.text().strip() or str(self.preview["source"])
        what = ["import", str(self.preview["kind"]), str(self.file), "--map", str(plan), "--source", source, "--child"]
        if dry:
            self._start("check", [*what, "--dry-run"], mark("Checking"))
        else:
            self._start("import", what, mark("Importing"))

    def _document(self) -> dict[str, Any]:
        document = self.mapping.document()
        options = dict(document.get("options", {}))
        for key, combo in (("date_order", self.order), ("decimal_comma", self.comma)):
            value = combo.currentData()
            options.pop(key, None)
            if value not in ("", None):
                options[key] = value
        return {**document, "options": options}

    def _start(self, doing: str, arguments: list[str], sentence: str) -> None:
        if self.child is not None:
            return
        self._doing = doing
        self._refuse("")
        self.child = Child(["--site", str(self.desk.folder), *arguments], self)
        self.child.progressed.connect(self.strip.show_report)
        self.child.ended.connect(self._ended)
        self.strip.begin(sentence, ("{done} rows", "{done} of {total} rows"))
        self.strip.stop.setVisible(doing != "look")
        self._show_parts()
        self.child.start()

    def _ended(self, code: int, document: Mapping[str, Any]) -> None:
        if self.child is not None:
            self.child.deleteLater()
            self.child = None
        self.strip.end()
        if code:
            self._refuse(f"{document.get('error', '')} {document.get('step', '')}".strip())
        elif self._doing == "look":
            self._show_preview(document)
        else:
            self.result.show_result(document, document.get("rejects") or [])
            self.right.setCurrentWidget(self.result)
            if self._doing == "import":
                self.imported.emit(document)
        self._show_parts()

    # ---- drawing

    def _show_preview(self, preview: Mapping[str, Any]) -> None:
        self.preview = preview
        with QSignalBlocker(self.kind):
            self.kind.setCurrentIndex(max(self.kind.findData(preview["kind"]), 0))
        if not self.source.text():
            self.source.setText(str(preview["source"]))
        options = preview["mapping"].get("options", {})
        self.order.setCurrentIndex(max(self.order.findData(options.get("date_order", "")), 0))
        self.comma.setCurrentIndex(max(self.comma.findData(options.get("decimal_comma")), 0))
        self.mapping.show_preview(preview)
        columns = [Column(str(n), str(name), width=120) for n, name in enumerate(preview["columns"])]
        self.table = DataTable(columns, "First rows", filterable=False)
        self.table.set_rows([{str(n): text for n, text in enumerate(row)} for row in preview["first"]])
        self.table.count.hide()
        self.first.set_body(self.table)
        self.right.setCurrentWidget(self.first)
        self.retranslate()

    def _show_parts(self) -> None:
        """What is there to see and to press now."""
        there, busy = self.preview is not None, self.child is not None
        for widget in (self.kind, self.source, self.order, self.comma, self.middle, self.check, self.load):
            widget.setVisible(there)
        self.kinds.setVisible(not there)
        missing = self.mapping.missing() if there else []
        if missing and not busy:
            self._refuse(tr("Choose the column of: {fields}.", fields=", ".join(missing)))
        for button in (self.check, self.load):
            button.setEnabled(there and not busy and not missing)
        for part in (self.drop.button, self.kind, self.source, self.order, self.comma, self.mapping):
            part.setEnabled(not busy)

    def _mapping_changed(self) -> None:
        self._refuse("")
        self.right.setCurrentWidget(self.first)
        self._show_parts()

    def _kind_chosen(self) -> None:
        self._wanted_kind = str(self.kind.currentData())
        self._look(self._wanted_kind)

    def _source_named(self) -> None:
        """A sender whose mapping is known reads the file as it did last time."""
        if self.preview is not None and self.source.text().strip() != self.preview["source"]:
            self._look(str(self.preview["kind"]))

    def _refuse(self, sentence: str) -> None:
        self.wrong.setText(sentence)
        self.wrong.setVisible(bool(sentence))

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.drop.filter = f"{tr('Tables')} ({FILES});;{tr('All files')} (*)"
        with QSignalBlocker(self.kind):
            for n in range(self.kind.count()):
                self.kind.setItemText(n, kind_title(str(self.kind.itemData(n))))
        for combo, words in ((self.order, ORDERS), (self.comma, COMMAS)):
            for n, (_, text) in enumerate(words):
                combo.setItemText(n, tr(text))
        for widget, name in (
            (self.kind, tr("What the file holds")), (self.source, tr("Sender")), (self.order, tr("Order of dates")),
            (self.comma, tr("Decimal sign")),
        ):  # fmt: skip
            widget.setAccessibleName(name)
            widget.setToolTip(name)
        self.check.setText(tr("Check"))
        self.check.setToolTip(tr("See what would happen; nothing is written."))
        self.load.setText(tr("Import"))
        self._say_file()

    def _say_file(self) -> None:
        preview = self.preview
        if self.file is None or preview is None:
            self.about.setText("")
            self.badge.say("")
            return
        self.drop.say(self.file.name)
        parts = [tr("{rows} rows", rows=current().integer(preview["rows"])),
                 tr("{count} columns", count=len(preview["columns"])), str(preview["format"]).upper()]  # fmt: skip
        parts += [str(preview["encoding"])] if preview["encoding"] else []
        self.about.setText("  ·  ".join(parts))
        self.first.set_title("First rows", "{rows} of {count} rows, as the file has them.",
                             rows=len(preview["first"]), count=current().integer(preview["rows"]))  # fmt: skip
        if preview["saved"]:
            self.badge.say("Read as the last file of this sender", "accent")
        elif not preview["confidence_kind"] and not self._wanted_kind:
            self.badge.say("Choose what the file holds", "warning")
        elif preview["kind"] == preview["guessed"]:
            percent = round(100 * float(preview["confidence_kind"]))
            self.badge.say("Looks like {kind}, {percent}% sure", "good" if percent >= 60 else "warning",
                           kind=kind_title(str(preview["guessed"])), percent=percent)  # fmt: skip
        else:
            self.badge.say("Looks more like {kind}", "warning", kind=kind_title(str(preview["guessed"])))

    def _connect(self) -> None:
        self.drop.chosen.connect(self.choose)
        self.kind.activated.connect(self._kind_chosen)
        self.source.editingFinished.connect(self._source_named)
        self.order.activated.connect(self._mapping_changed)
        self.comma.activated.connect(self._mapping_changed)
        self.mapping.changed.connect(self._mapping_changed)
        self.check.clicked.connect(self.try_out)
        self.load.clicked.connect(self.do_import)
        self.strip.cancelled.connect(self.cancel)
        self.result.opened.connect(self.opened)
        self.result.run_wanted.connect(self.run_wanted)

    def _lay_out(self) -> None:
        for kind in KINDS:
            self.kind.addItem("", kind)
        for combo, words in ((self.order, ORDERS), (self.comma, COMMAS)):
            for value, _ in words:
                combo.addItem("", value)
        self.source.setFixedWidth(180)
        theme.set_role(self.about, role="caption")
        theme.set_role(self.wrong, role="wrong")
        theme.set_role(self.load, kind="primary")
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        options = QHBoxLayout()
        options.setSpacing(8)
        for widget in (self.kind, self.source, self.order, self.comma):
            options.addWidget(widget)
        options.addStretch(1)
        facts = QHBoxLayout()
        facts.setSpacing(8)
        facts.addWidget(self.about)
        facts.addWidget(self.badge)
        facts.addStretch(1)
        self.right.addWidget(self.first)
        self.right.addWidget(self.result)
        self.mapping.setFixedWidth(440)
        self.middle.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.middle.setMinimumHeight(260)
        middle = QHBoxLayout(self.middle)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(12)
        middle.addWidget(self.mapping)
        middle.addWidget(self.right, 1)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.strip, 1)
        foot.addWidget(self.wrong, 1)
        foot.addStretch(0)
        foot.addWidget(self.check)
        foot.addWidget(self.load)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.drop)
        column.addLayout(facts)
        column.addLayout(options)
        column.addWidget(self.middle, 1)
        column.addWidget(self.kinds, 1)
        column.addLayout(foot)
