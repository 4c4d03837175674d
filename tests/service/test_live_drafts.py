"""The configuration of a camera that is being set up."""

from __future__ import annotations

import pytest

from app.service.live_view import DRAFT_SIZE, draft_config
from models.errors import Known


def test_a_draft_may_have_no_line_yet_and_is_turned_all_the_same():
    config = draft_config("size = [640, 480]\n[camera]\nrotate = 90\n")
    assert (config.size, config.rotate, config.lines, config.zones) == ((640, 480), 90, (), ())


def test_an_empty_draft_shows_the_picture_only():
    assert draft_config(" ").size == DRAFT_SIZE


@pytest.mark.parametrize("text", ["size = [1", "size = [640, 480]\n[camera]\nrotate = 45\n"])
def test_a_wrong_draft_is_told(text):
    with pytest.raises(Known):
        draft_config(text)
