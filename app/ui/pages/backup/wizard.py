"""Restoring from the desktop: what would be lost, a confirmation, and then the desktop makes way and comes back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QProcess, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QWidget

from app.ui import theme
from app.ui.child import Child, command_line
from app.ui.desk import Desk
from app.ui.format import current
from app.ui.i18n import tr
from app.ui.widgets.panel import SidePanel

MOST_LINES = 8


class RestorePanel(SidePanel):
    """`begin(file)` reads what the file lacks; after the confirmation `restoring()` fires, and the window closes.

    The restore itself runs in a process of its own once this one has ended, since nobody may have the store open.
    """

    restoring = Signal()

    def __init__(self, host: QWidget, desk: Desk) -> None:
        super().__init__(host)
        self.desk = desk
        self.file = Path()
        self._loss: Mapping[str, Any] | None = None
        self._served_by = ""
        self.child: Child | None = None
        self.lost, self.then = QLabel(), QLabel()
        self.sure = QCheckBox()
        self.go = QPushButton()
        theme.set_role(self.go, kind="danger")
        for label in (self.lost, self.then):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        for part in (self.lost, self.then, self.sure, self.go):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.sure.toggled.connect(self.go.setEnabled)
        self.go.clicked.connect(self.restore)
        self._say()

    def begin(self, file: Path, served_by: str) -> None:
        """Open the panel for a file. `served_by` names a service that this desktop cannot stop; empty: none."""
        self.file, self._loss, self._served_by = file, None, served_by
        self.sure.setChecked(False)
        self._say()
        self.open_panel()
        self.child = Child(["--site", str(self.desk.folder), "restore", str(file), "--check"], self)
        self.child.ended.connect(self._told)
        self.child.start()

    def restore(self) -> None:
        """Start the process that waits for this one, and close the window."""
        program, arguments = command_line(
            ["--site", str(self.desk.folder), "restore", str(self.file), "--after", str(os.getpid()), "--reopen"]
        )
        if start_apart(program, arguments):
            self.restoring.emit()
        else:
            self.desk.say("The work could not be started.", "error")

    def close_panel(self) -> None:
        """Nothing is read any more."""
        if self.child is not None:
            self.child.close()
        super().close_panel()

    def retranslate(self) -> None:
        """Words in the language in force."""
        super().retranslate()
        if hasattr(self, "go"):
            self._say()

    def _told(self, _code: int, document: Mapping[str, Any]) -> None:
        self._loss = document
        self._say()

    def _say(self) -> None:
        self.set_heading(tr("Restore a backup"), self.file.name)
        loss = self._loss
        good = loss is not None and "error" not in loss and not self._served_by
        if loss is None:
            self.lost.setText(tr("Reading what the backup lacks…"))
        elif "error" in loss:
            self.lost.setText(f"{loss['error']} {loss.get('step', '')}".strip())
        else:
            self.lost.setText("\n".join(loss_lines(loss)))
        self.then.setText(
            tr("A service runs at {where}. Stop it first, then choose Restore again.", where=self._served_by)
            if self._served_by
            else tr(
                "The desktop closes, the backup takes the store's place, and the desktop opens again. The store of now "
                "is kept in backups/. What would go out is held until you release it here."
            )
        )
        self.then.setVisible(loss is not None)
        self.sure.setText(tr("I know what will be lost"))
        self.go.setText(tr("Restore"))
        for part in (self.sure, self.go):
            part.setVisible(good)
        self.go.setEnabled(self.sure.isChecked())


def loss_lines(loss: Mapping[str, Any]) -> list[str]:
    """What would be lost, in words: the moment, changes, rows by table, and the files to import again."""
    form = current()
    made = form.datetime(int(loss["made_at"]))
    if not loss["changes"] and not loss["rows"]:
        return [tr("Made {time}. Nothing has changed since.", time=made)]
    lines = [tr("Made {time}. {n} changes since then would be lost:", time=made, n=form.integer(loss["changes"]))]
    rows = sorted(loss["rows"].items(), key=lambda item: -abs(item[1]))
    lines += [f"   {name}  {form.integer(n) if n < 0 else '+' + form.integer(n)}" for name, n in rows[:MOST_LINES]]
    if len(rows) > MOST_LINES:
        lines.append("   …")
    if loss["imports"]:
        lines.append(tr("Import these again afterwards:"))
        lines += [f"   {name}" for name in loss["imports"][:MOST_LINES]]
    return lines


def start_apart(program: str, arguments: list[str]) -> bool:
    """Start a process that outlives this one."""
    process = QProcess()
    process.setProgram(program)
    process.setArguments(arguments)
    started = process.startDetached()
    return bool(started[0] if isinstance(started, tuple) else started)
