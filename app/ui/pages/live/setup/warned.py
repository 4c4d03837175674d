"""What the counting warns of at set-up, in the language of the desktop. It tells it in English sentences."""

from __future__ import annotations

import re

from app.ui.catalogue import mark, tr

SENTENCES = tuple(
    (
        re.compile(re.escape(source).replace(r"\{line\}", "(?P<line>.*)").replace(r"\{share\}", r"(?P<share>[\d.]+%)")),
        source,
    )
    for source in (
        mark(
            "Line '{line}' lies along the edge of the picture: people are seen on one side only, and a track must be "
            "seen on both. Draw it further in."
        ),
        mark(
            "People stand on line '{line}': {share} of the places where someone stood lie in its dead band. Draw it "
            "where people walk, or widen its band."
        ),
        mark(
            "The feet are cut off by the picture's lower edge in {share} of the boxes: tilt the camera down, or draw "
            "lines and zones further up."
        ),
    )
)


def told(warning: str) -> str:
    """The warning in the language in force; one that is not known stays as it came."""
    for pattern, source in SENTENCES:
        found = pattern.fullmatch(warning)
        if found is not None:
            return tr(source, **found.groupdict())
    return warning
