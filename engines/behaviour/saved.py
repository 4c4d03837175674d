"""The funnels that come with Atrium and those that people saved."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from engines.access.guard import guarded
from engines.behaviour.funnel import Funnel, Step, as_text, parsed
from models.errors import Known
from models.ids import new_id
from models.store import Store
from models.times import now_ms

#: Funnels of known people that every site has; the mall's own counts are `mall_funnel_day`.
SHIPPED: Mapping[str, tuple[Funnel, str]] = {
    "messages": (
        Funnel(
            "Message to purchase",
            (
                Step("campaign_sent", "Sent"),
                Step("campaign_opened", "Opened"),
                Step("campaign_clicked", "Clicked"),
                Step("sale", "Bought"),
            ),
            14.0,
        ),
        "消息到购买",
    ),
    "visits": (Funnel("Visit to purchase", (Step("visit", "Visited"), Step("sale", "Bought")), 1.0), "到访到购买"),
    "joining": (
        Funnel(
            "Joining to a habit",
            (
                Step("join", "Joined"),
                Step("sale", "Bought"),
                Step("sale", "Bought again"),
                Step("sale", "Bought a third time"),
            ),
            90.0,
        ),
        "入会到养成习惯",
    ),
}


@dataclass(frozen=True)
class Saved:
    """A funnel with its code and version (0 of one that is shipped), and who saved it last."""

    code: str
    funnel: Funnel
    version: int
    name_zh: str = ""
    actor: str = ""


def funnels(store: Store) -> list[Saved]:
    """The shipped funnels, then the saved ones by name."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT code, definition, version, actor FROM funnel ORDER BY name, code"
        ).fetchall()
    shipped = [Saved(code, funnel, 0, name_zh) for code, (funnel, name_zh) in SHIPPED.items()]
    return shipped + [Saved(code, parsed(json.loads(text)), version, actor=who) for code, text, version, who in rows]


@guarded
def save_funnel(store: Store, actor: str, funnel: Funnel, code: str = "") -> str:
    """Save a funnel, as a new version where the code is known; audited. Returns the code.

    Raises Known for a funnel without a name and for the code of a shipped one.
    """
    name = funnel.name.strip()
    if not name:
        raise Known("A funnel needs a name.", "Name it and save again.")
    chosen = code or re.sub(r"\W+", "_", name.lower()).strip("_")[:40] or "funnel"
    if chosen in SHIPPED:
        raise Known(f"'{name}' is the name of a funnel that comes with Atrium.", "Save it under another name.")
    text, at = as_text(funnel), now_ms()
    with store.write(actor, "saving a funnel") as tx:
        tx.execute_many(
            "INSERT INTO funnel (id, code, name, definition, version, updated_at, actor) VALUES (?, ?, ?, ?, 1, ?, ?) "
            "ON CONFLICT (code) DO UPDATE SET name = excluded.name, definition = excluded.definition, "
            "version = version + 1, updated_at = excluded.updated_at, actor = excluded.actor",
            [(new_id(), chosen, name, text, at, actor)],
        )
        tx.audit("save", f"funnel/{chosen}", definition=text)
        tx.touch("funnel")
    return chosen


@guarded
def remove_funnel(store: Store, actor: str, code: str) -> None:
    """Take a saved funnel away; audited with its definition, so that it can be saved again. Raises Known if unknown."""
    with store.write(actor, "removing a funnel") as tx:
        row = tx.connection.exec_driver_sql("SELECT definition FROM funnel WHERE code = ?", (code,)).fetchone()
        if row is None:
            raise Known(f"There is no saved funnel '{code}'.", "Shipped funnels cannot be removed.", code=2)
        tx.execute_many("DELETE FROM funnel WHERE code = ?", [(code,)])
        tx.audit("remove", f"funnel/{code}", definition=row[0])
        tx.touch("funnel")
