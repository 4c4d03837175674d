"""Both languages say the same: every sentence is translated, once, with the same placeholders."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

from app.ui import catalogue
from app.ui.catalogue import catalogue_files, choose, sentences, tr

_spec = importlib.util.spec_from_file_location("catalogue_scan", Path(__file__).with_name("catalogue_scan.py"))
scan = importlib.util.module_from_spec(_spec)
sys.modules["catalogue_scan"] = scan
_spec.loader.exec_module(scan)


@pytest.fixture(autouse=True)
def english():
    yield
    choose("en")


def names(text):
    return sorted(re.findall(r"\{(\w*)[^}]*\}", text))


def test_placeholders_agree():
    differing = [source for source, text in sentences("zh").items() if names(source) != names(text)]
    assert not differing


def test_no_sentence_has_two_translations():
    seen = {}
    clashes = []
    for path in catalogue_files("zh"):
        pairs = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=list)
        for source, text in pairs:
            if seen.setdefault(source, text) != text:
                clashes.append((path.name, source))
    assert not clashes


def test_every_sentence_of_the_desktop_is_translated():
    known = sentences("zh")
    missing = {
        source: path.name
        for path in scan.desktop_files()
        for source in scan.sentences_in(path)
        if source not in known and re.search(r"[A-Za-z]{2}", source)
    }
    assert not missing


def test_the_scan_finds_a_sentence_that_is_not_translated(tmp_path):
    file = tmp_path / "page.py"
    file.write_text('Card("A title", "Below")\nx = tr("One" if a else "Two")\nview.show_chart(d, empty="Why")\n')
    assert sorted(scan.sentences_in(file)) == ["A title", "Below", "One", "Two", "Why"]


def test_switching_changes_the_words_and_fills_them():
    assert tr("{age} ago", age="5 min") == "5 min ago"
    choose("zh")
    assert tr("{age} ago", age="5分") == "5分前"
    assert tr("A sentence nobody has translated") == "A sentence nobody has translated"
    assert catalogue.language() == "zh"


def test_a_placeholder_may_have_any_name():
    assert tr("{source} to {target}: {value}", source="A", target="B", value=3) == "A to B: 3"
