"""Colours: readable in both themes, complete, and the drawn assets follow them."""

from __future__ import annotations

import re

import pytest

from app.ui.resources import RESOURCES
from app.ui.tokens import Tokens, contrast, load_tokens, mix, on

THEMES = ("light", "dark")
GROUNDS = ("surface", "card", "raised", "hover")


@pytest.mark.parametrize("name", THEMES)
def test_text_reads_on_every_ground(name):
    colors = load_tokens(name)
    for ground in (*GROUNDS, "accent_soft", "selection"):
        assert contrast(colors.text, getattr(colors, ground)) >= 4.5
        assert contrast(colors.muted, getattr(colors, ground)) >= 4.5
    for word in ("accent", "good", "bad", "warning", "faint"):
        assert contrast(getattr(colors, word), colors.card) >= 4.5
        assert contrast(getattr(colors, word), colors.surface) >= 4.5
    for tone in ("good", "bad", "warning", "accent"):
        assert contrast(getattr(colors, tone), getattr(colors, f"{tone}_soft")) >= 4.5
    assert contrast(colors.on_accent, colors.accent) >= 4.5
    assert contrast(colors.on_accent, colors.accent_hover) >= 4.5
    assert contrast(colors.on_tooltip, colors.tooltip) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_shapes_stand_out_from_the_card(name):
    colors = load_tokens(name)
    assert len(set(colors.series)) == 8
    for hue in (*colors.series, colors.control, colors.accent, colors.good, colors.bad, colors.heat_high):
        assert contrast(hue, colors.card) >= 3
        assert contrast(hue, colors.surface) >= 3


@pytest.mark.parametrize("name", THEMES)
def test_text_on_data_colours_reads(name):
    colors = load_tokens(name)
    ramp = [mix(colors.heat_low, colors.heat_high, step / 50) for step in range(51)]
    for color in (*colors.series, *ramp, colors.heat_negative, colors.missing):
        assert contrast(on(color), color) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_drawn_assets_use_only_token_colours(name):
    colors = load_tokens(name)
    known = {getattr(colors, field) for field in Tokens.__slots__ if field != "series"}
    files = sorted((RESOURCES / "theme" / name).glob("*.svg"))
    assert files
    for path in files:
        used = set(re.findall(r"#[0-9a-fA-F]{6}", path.read_text(encoding="utf-8")))
        assert used and used <= known, path.name


def test_style_sheet_names_only_known_tokens_and_files():
    text = (RESOURCES / "theme" / "style.qss").read_text(encoding="utf-8")
    assert set(re.findall(r"\$(\w+)", text)) <= set(Tokens.__slots__) - {"series"}
    for file in re.findall(r"atrium:\$name/([\w-]+\.svg)", text):
        assert all((RESOURCES / "theme" / name / file).exists() for name in THEMES)


def test_mix_ends_and_middle():
    assert mix("#000000", "#ffffff", 0) == "#000000"
    assert mix("#000000", "#ffffff", 1) == "#ffffff"
    assert mix("#000000", "#ffffff", 0.5) in ("#7f7f7f", "#808080")
    assert mix("#000000", "#ffffff", 7) == "#ffffff"
