"""The table of where each promise is opened names pages and tabs that the desktop has."""

from __future__ import annotations

import re
from pathlib import Path

from app.ui.catalogue import sentences
from app.ui.pages import PAGES

TABLE = Path(__file__).parents[2] / "docs" / "capabilities.md"


def test_every_place_in_the_table_is_a_page_and_a_tab_of_the_desktop() -> None:
    rows = [
        line.split("|")[2] for line in TABLE.read_text(encoding="utf-8").splitlines() if re.match(r"\| [A-Z]", line)
    ]
    titles, known = {card.title for card in PAGES}, sentences("zh")
    places = [piece.strip().partition(", ") for row in rows for piece in row.split(";")]
    assert len(rows) > 20
    assert not [page for page, _, _ in places if page not in titles]
    assert not [tab for _, _, tab in places if tab and tab not in known]
