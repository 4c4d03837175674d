"""The palette finds a command by any of its words, in either language."""

from __future__ import annotations

from app.ui.shell.commands import Command, matching


def nothing() -> None:
    return None


COMMANDS = [
    Command("a", "Import a file", nothing, words="load csv"),
    Command("b", "Footfall", nothing),
    Command("c", "Colours of the system", nothing, words="theme"),
    Command("d", "File report", nothing),
]
CHINESE = {"Import a file": "导入文件", "Footfall": "客流", "Colours of the system": "跟随系统", "File report": "报告"}


def found(typed: str, language: str = "en") -> list[str]:
    return [c.name for c in matching(COMMANDS, typed, lambda c: CHINESE[c.title] if language == "zh" else c.title)]


def test_nothing_typed_shows_everything_in_order() -> None:
    assert found("") == ["a", "b", "c", "d"]


def test_a_title_that_begins_with_the_words_comes_first() -> None:
    assert found("file") == ["d", "a"]


def test_extra_words_and_both_languages_find() -> None:
    assert found("csv") == ["a"]
    assert found("theme") == ["c"]
    assert found("客流", "zh") == ["b"]
    assert found("footfall", "zh") == ["b"]


def test_every_word_must_be_there() -> None:
    assert found("import xyz") == []
