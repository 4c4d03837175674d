"""Setting up a camera: where it is, what it sees, what is counted in its picture."""

from __future__ import annotations

from app.ui.pages.live.setup.draft import Draft, code_of
from app.ui.pages.live.setup.view import FLOOR, SetupView

__all__ = ["FLOOR", "Draft", "SetupView", "code_of"]
