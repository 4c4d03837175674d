"""What attribution takes: paths weighed for each rule, paths as they read, conversions in all, holdouts."""

from __future__ import annotations

from pathlib import Path

from models.relations import Column, Relation

HERE = Path(__file__).parent
LOOKBACKS = (7, 30, 90)
HALF_LIVES = (3, 7, 14)
WINDOW_DAYS = 365
PARTS = 40
LEAST_DAYS = 7

#: A rule's name to the columns of credits that hold it for channels and for campaigns.
RULES = {
    "first": ("first", "first"),
    "last": ("last", "last"),
    "linear": ("linear", "linear"),
    **{f"decay_{days}": (f"decay_{days}", f"decay_{days}") for days in HALF_LIVES},
    "position": ("position", "position"),
    "shapley": ("channel", "message"),
}
_WEIGHTS = tuple(dict.fromkeys(name for pair in RULES.values() for name in pair))
_CREDITS = (
    Column("lookback_days", "int"), Column("part", "int"), Column("conversion", "text"), Column("before", "text"),
    Column("channel", "text"), Column("campaign", "text"), Column("tenant", "text"),
    *(Column(name, "int") for name in ("steps_won", "steps_lost", "ends_lost")),
    *(Column(f"{name}_{unit}", "float") for name in _WEIGHTS for unit in "nv"),
)  # fmt: skip
_PATHS = (
    Column("lookback_days", "int"), Column("conversion", "text"), Column("path", "text"), Column("days", "int"),
    Column("conversions", "int"), Column("lost", "int"), Column("value_minor", "int"),
)  # fmt: skip
_GIVEN = (("window_days", WINDOW_DAYS), *((f"days_{i}", days) for i, days in enumerate(LOOKBACKS, 1)))

CREDITS = Relation(
    "attribution_credits",
    _CREDITS,
    ("lookback_days", "part", "conversion", "before", "channel", "campaign", "tenant"),
    HERE / "credits.sql",
    given=(*_GIVEN, ("parts", PARTS)),
    after=HERE / "touches.sql",
)
"""Credits of touches before a conversion within each look-back, by part of the people, transition and tenant.

`before` is the touch before this one ('channel|campaign', '' at a path's beginning). `steps_won` and `steps_lost`
count touches of paths that did and did not convert, `ends_lost` those at the end of a lost path; `_n` are
conversions, `_v` minor units.
"""
PATHS = Relation(
    "attribution_paths",
    _PATHS,
    ("lookback_days", "conversion", "path", "days"),
    HERE / "paths.sql",
    given=_GIVEN,
    after=HERE / "touches.sql",
)
"""Paths as they read by days from the first touch to the conversion (-1 for paths without one), for each look-back."""
CONVERSIONS = Relation(
    "attribution_conversions",
    (Column("conversion", "text"), *(Column(name, "int") for name in ("conversions", "people", "value_minor"))),
    ("conversion",),
    HERE / "conversions.sql",
    given=(("window_days", WINDOW_DAYS),),
)
HOLDOUTS = Relation(
    "campaign_holdouts",
    (
        *(Column(name, "text") for name in ("campaign", "arm", "tenant")),
        *(Column(name, "int") for name in ("people", "first_at", "days_left", "buyers", "receipts")),
        Column("receipts_squares", "float"), Column("net_minor", "int"), Column("net_squares", "float"),
        *(Column(name, "int") for name in ("visitors", "openers", "clickers", "returned")),
    ),
    ("campaign", "arm", "tenant"),
    HERE / "holdouts.sql",
    given=(("least_days", LEAST_DAYS),),
)  # fmt: skip
