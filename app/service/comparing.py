"""After sync: the nightly comparison with the hub, and golden records that another node's rows have moved."""

from __future__ import annotations

from app.service.chores import Outcome
from app.service.progress import Progress
from models.store import Store

JOB = "compare"
AT = "04:40"
GOLDEN, GOLDEN_EVERY = "golden", "5m"


def compare(store: Store, progress: Progress) -> Outcome:
    """Compare this node and the hub by table and day; send and take what differs."""
    from models.sync.entropy import compare_with_hub
    from models.sync.link import load_link

    found = compare_with_hub(store, load_link(store.site), progress=progress)
    says = f"{found.days} days of {found.tables} tables compared"
    if found.differing:
        says += f"; {found.differing} differed: {found.sent} rows sent again, {found.taken} taken"
    return Outcome(found.sent + found.taken, says)


def has_joined(store: Store) -> bool:
    """Whether there is a hub to compare with."""
    from models.sync.link import has_link

    return has_link(store.site)


def follow(store: Store, progress: Progress) -> Outcome:
    """Make the golden records anew that rest on what other nodes sent."""
    from engines.people.applied import follow_applied

    progress(0.0, "golden records")
    people = follow_applied(store)
    return Outcome(people, f"{people} golden records made anew")


def golden_are_behind(store: Store) -> bool:
    """Whether there are any."""
    from engines.people.applied import are_behind

    return has_joined(store) and are_behind(store)
