"""Whether the open site is a demo mall, known to whatever writes a file or a picture."""

from __future__ import annotations

from app.ui.catalogue import mark, tr

DEMO = mark("Demo mall. Every figure here is invented.")


class _Held:
    demo = False


def declare(demo: bool) -> None:
    """Says for every later export whether the site's figures are invented."""
    _Held.demo = demo


def note() -> str:
    """The warning that every export of a demo mall carries; nothing for a real one."""
    return tr(DEMO) if _Held.demo else ""
