"""The laws and chances a demo mall was made from, kept beside the store for tests; no engine reads them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from engines.demo import browsing, consents, deals
from engines.demo.footfall import LEVEL_SHIFT, SEEN, plant
from engines.demo.identities import card_number
from engines.demo.inside import STAYS
from engines.demo.members import describe
from engines.demo.world import World

NOTE = (
    "What this demo mall was made from, for tests only.\n"
    "No engine may read this folder: an engine that does knows the answers it is meant to find.\n"
)


def keep_truth(folder: Path, world: World) -> None:
    """Write `truth/`: README.txt, truth.json (laws and planted oddities), members.npz (one row a card number)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.txt").write_text(NOTE, encoding="utf-8")
    (folder / "truth.json").write_text(json.dumps(_facts(world), indent=1, ensure_ascii=False), encoding="utf-8")
    members = world.members
    np.savez_compressed(
        folder / "members.npz", joined=members.joined, rate=members.rate, drop=members.drop, life=members.life,
        spend=members.spend, content=members.content, taste=members.taste, referrer=members.referrer,
        buys=members.buys, same_as=world.profiles.same_as, clock=members.clock, visits=world.flows.visits,
    )  # fmt: skip


def _facts(world: World) -> dict[str, object]:
    planted, names = plant(world.span), world.span.names
    return {
        "seed": world.seed,
        "laws": describe(),
        "counters_see": SEEN,
        "outage": {"gate": planted.outage[0], "days": names[planted.outage[1] : planted.outage[2] + 1]},
        "gap": {"gate": planted.gap[0], "day": names[planted.gap[1]], "minutes": planted.gap[2:]},
        "level_shift": {"gate": planted.shift[0], "from": names[planted.shift[1]], "factor": LEVEL_SHIFT},
        "odd_day": {"day": names[planted.odd_day], "factor": planted.odd_factor},
        "stays": {zone: {"mean_minutes": mean, "shape": k} for zone, (_, mean, k) in STAYS.items()},
        "campaigns": {
            t.run.plan.code: {
                "uplift": t.run.plan.uplift, "visits": t.run.plan.visits, "reached": int((t.arm > 0).sum()),
                "held_out": int((t.arm == 0).sum()), "extra_receipts": len(t.extra),
            }
            for t in world.touches
        },
        **_beyond(world),
    }  # fmt: skip


def _beyond(world: World) -> dict[str, object]:
    """The truth of happenings, talks, consents, browsing, frauds and changed habits."""
    beyond, names, shops = world.beyond, world.span.names, world.shops
    talks = beyond.deals
    return {
        "occasions": {
            one.code: {"visits": one.plan.visits, "sales": one.plan.sales, "scope": one.plan.scope,
                       "place": one.plan.place, "days": names[one.first : one.last + 1]}
            for one in beyond.staged
        },
        "deals": {"law": deals.describe(), "chance": np.round(talks.chance, 4).tolist(), "begun": len(talks.won),
                  "won": int(talks.won.sum())},
        "consents": consents.describe(),
        "browsing": {**browsing.describe(), "who_buy": len(beyond.browsing.buys)},
        "frauds": [
            {"kind": case.kind, "cards": [card_number(m) for m in case.members],
             "tenant": shops.code[case.tenant] if case.tenant >= 0 else None, "day": names[case.day],
             "receipts": case.receipts}
            for case in beyond.planted.cases
        ],
        "turns": [
            {"card": card_number(t.member), "kind": t.kind, "day": names[t.day]} for t in beyond.planted.turns
        ],
    }  # fmt: skip
