"""Where people stand on the floor's plan, now and in the last minutes: dots without a picture, a face or a name."""

from __future__ import annotations

from app.ui.pages.live.plan.view import PlanView

__all__ = ["PlanView"]
