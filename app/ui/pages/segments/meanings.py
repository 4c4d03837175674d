"""What each segment means and what a mall may do about it, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from app.ui.i18n import mark
from engines.rfm.rules import Segment

MEANINGS: Mapping[Segment, str] = {
    "champions": mark("Come most often and came lately. Thank them, invite them first, never buy their visits."),
    "loyal": mark("Come often, and lately enough. Give them a reason to name the mall to friends."),
    "potential_loyal": mark("Came lately, a few times. A second and third shop they like makes a habit."),
    "new": mark("Came lately, only a few times so far. Welcome them within days; the next visit decides."),
    "promising": mark("Came seldom, not long ago. A small reason to return works while they remember."),
    "need_attention": mark("Came fairly often, less so now. Ask what changed, offer what they used to buy."),
    "about_to_sleep": mark("Came seldom and some time ago. One reminder, then leave them in peace."),
    "at_risk": mark("Came often, then stopped. Win them back with what they bought before; it is worth a voucher."),
    "cannot_lose": mark("Were among the most frequent and have not come for long. Call or write to each."),
    "hibernating": mark("Came a little, long ago. Reach them only when there is real news."),
    "lost": mark("Came least and longest ago. Spend nothing on them but a yearly greeting."),
}
