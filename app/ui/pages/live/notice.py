"""The notice for the door: what is counted and what is not kept, in both languages, to print."""

from __future__ import annotations

import html
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSizeF
from PySide6.QtGui import QGuiApplication, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.desk import Desk
from app.ui.i18n import LANGUAGES, Language, mark, tr
from app.ui.resources import RESOURCES
from engines.cameras.purposes import purposes
from models.errors import Known
from models.store import Store

CONTACTS: dict[Language, str] = {"en": "[telephone or e-mail]", "zh": "［电话或电子邮箱］"}
NAMES: dict[Language, str] = {"en": mark("English text"), "zh": mark("Chinese text")}
DPI = 300
SIZES = (16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0, 9.0)
"""Letters in points; the largest in which all stands on one page are taken."""


def notice_text(language: Language, site: str, *, demographics: bool) -> str:
    """The notice of a site in one language; its first line is the title. The contact is left for a person to write."""
    text = _text(f"door.{language}.txt").format(site=site, contact=CONTACTS[language])
    if not demographics:
        return text
    parts = text.split("\n\n")
    return "\n\n".join([*parts[:-2], _text(f"demographics.{language}.txt"), *parts[-2:]])


def measures_people(store: Store) -> bool:
    """Whether ages and genders are estimated at any camera of the site."""
    return any(switch.purpose == "demographics" and switch.on for switch in purposes(store))


def notice_html(texts: tuple[str, ...], points: float) -> str:
    """The texts under each other as a page to print, in letters of that many points."""
    parts = []
    for text in texts:
        title, *paragraphs = [part for part in text.strip().split("\n\n") if part.strip()]
        body = "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in paragraphs)
        parts.append(f"<p class='title'>{html.escape(title)}</p>{body}")
    style = (
        f"p {{ font-size: {points}pt; line-height: 130%; }} "
        f".title {{ font-size: {1.9 * points}pt; font-weight: 600; margin-top: {1.6 * points}pt; }}"
    )
    return f"<style>{style}</style><div style='color:#000000'>{''.join(parts)}</div>"


def write_notice(path: Path, texts: tuple[str, ...]) -> None:
    """The texts as a PDF of one A4 page, or as plain text, by the file's suffix. Raises Known where it cannot be."""
    try:
        if path.suffix.lower() != ".pdf":
            path.write_text("\n\n".join(text.strip() for text in texts) + "\n", encoding="utf-8-sig")
            return
        path.write_bytes(b"")  # the PDF writer itself tells nobody that it could not write
    except OSError as error:
        raise Known(f"{path.name} cannot be written: {error.strerror}.", "Choose another place.") from error
    writer = QPdfWriter(str(path))
    writer.setResolution(DPI)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(20, 18, 20, 18),
            QPageLayout.Unit.Millimeter,
        )
    )  # fmt: skip
    document = QTextDocument()
    document.setDefaultFont(theme.font())
    document.documentLayout().setPaintDevice(writer)
    document.setDocumentMargin(0)
    document.setPageSize(QSizeF(writer.width(), writer.height()))
    for points in SIZES:
        document.setHtml(notice_html(texts, points))
        if document.pageCount() == 1:
            break
    painter = QPainter(writer)
    for number in range(document.pageCount()):
        if number:
            writer.newPage()
            painter.translate(0, -writer.height())
        document.drawContents(painter, QRectF(0, number * writer.height(), writer.width(), writer.height()))
    painter.end()


def _text(name: str) -> str:
    return (RESOURCES / "notice" / name).read_text(encoding="utf-8").strip()


class NoticeDialog(QDialog):
    """Both texts to read, change, copy and save."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        theme.set_role(self.hint, role="muted")
        self.texts: dict[Language, QPlainTextEdit] = {}
        measured = measures_people(desk.store)
        for language in LANGUAGES:
            edit = QPlainTextEdit(notice_text(language, desk.store.site.name, demographics=measured))
            edit.setMinimumWidth(320)
            edit.setTabChangesFocus(True)
            self.texts[language] = edit
        self.copy, self.save, self.leave = QPushButton(), QPushButton(), QPushButton()
        theme.set_role(self.save, kind="primary")
        self._lay_out()
        self.copy.clicked.connect(self.copy_texts)
        self.save.clicked.connect(self.ask_and_save)
        self.leave.clicked.connect(self.reject)
        self.retranslate()
        self.resize(960, 640)

    def copy_texts(self) -> None:
        """Both texts to the clipboard."""
        QGuiApplication.clipboard().setText("\n\n".join(self._written()))
        self._desk.say("The notice is copied.", "good")

    def ask_and_save(self) -> None:
        """Ask where to, then write a PDF or a text file."""
        filters = f"PDF (*.pdf);;{tr('Text')} (*.txt)"
        name = tr("Notice for the door").replace(" ", "-").lower()
        chosen, kind = QFileDialog.getSaveFileName(self, tr("Save the notice"), f"{name}.pdf", filters)
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.lower() not in (".pdf", ".txt"):
            path = path.with_name(path.name + (".pdf" if kind.startswith("PDF") else ".txt"))
        try:
            write_notice(path, self._written())
        except Known as error:
            self._desk.fault(error)
            return
        self._desk.say("The notice is saved as {file}.", "good", file=path.name)

    def retranslate(self) -> None:
        """Words in the language in force."""
        self.setWindowTitle(tr("Notice for the door"))
        self.hint.setText(
            tr("Write whom people can ask, and change what does not hold here. Your lawyer has the last word on it.")
        )
        for language, edit in self.texts.items():
            edit.setAccessibleName(tr(NAMES[language]))
        self.copy.setText(tr("Copy"))
        self.save.setText(tr("Save as PDF or text…"))
        self.leave.setText(tr("Close"))

    def _written(self) -> tuple[str, ...]:
        """The texts as they stand, Chinese first in China."""
        order = reversed(LANGUAGES) if self._desk.store.site.country == "CN" else iter(LANGUAGES)
        return tuple(self.texts[language].toPlainText() for language in order)

    def _lay_out(self) -> None:
        beside = QHBoxLayout()
        beside.setSpacing(12)
        for edit in self.texts.values():
            beside.addWidget(edit)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.copy)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.hint)
        column.addLayout(beside, 1)
        column.addLayout(foot)
