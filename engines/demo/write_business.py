"""Writing the demo mall's happenings, its talks with prospects, and its money beside rents."""

from __future__ import annotations

from engines.demo.deals import CHANNELS, KINDS, LOST, OWNERS, PIPELINES, STAGES
from engines.demo.load import Batch, Load
from engines.demo.names import AREAS
from engines.demo.occasions import WEEKS
from engines.demo.trades import TRADES
from engines.demo.world import World
from engines.demo.write_places import PlaceIds
from models.ids import new_ids


def write_business(load: Load, world: World, places: PlaceIds) -> None:
    """Happenings, prospects with their talks, and money lines, a batch each."""
    with load.batch("occasions") as batch:
        occasions = _write_occasions(batch, world)
    with load.batch("prospects") as batch:
        prospects = _write_prospects(batch, world, places)
    with load.batch("deals") as batch:
        deals = _write_deals(batch, world, prospects)
    with load.batch("deal_activities") as batch:
        _write_steps(batch, world, deals)
    with load.batch("money") as batch:
        _write_money(batch, world, places, occasions)


def _write_occasions(batch: Batch, world: World) -> list[bytes]:
    staged, ids = world.beyond.staged, new_ids(len(world.beyond.staged))
    plans = [one.plan for one in staged]
    batch.insert(
        "occasion", len(staged), id=ids, code=[one.code for one in staged], name=[p.en for p in plans],
        name_zh=[p.zh for p in plans], kind=[p.kind for p in plans], scope=[p.scope for p in plans],
        scope_code=[p.place for p in plans], from_day=[one.first_day.isoformat() for one in staged],
        to_day=[one.last_day.isoformat() for one in staged], cost_minor=[p.cost * 100 for p in plans],
        baseline=[p.baseline for p in plans], baseline_weeks=WEEKS,
    )  # fmt: skip
    return ids


def _write_prospects(batch: Batch, world: World, places: PlaceIds) -> list[bytes]:
    who, names = world.beyond.prospects, world.span.names
    ids, category = new_ids(who.count), [places.category[t.code] for t in TRADES]
    batch.insert(
        "prospect", who.count, id=ids, code=[f"P{i + 1:04d}" for i in range(who.count)], name=who.name,
        name_zh=who.name_zh, category_id=[category[t] for t in who.trade.tolist()],
        outlets=[n if n >= 0 else None for n in who.outlets.tolist()],
        home_area=[AREAS[a] for a in who.area.tolist()], channel=[CHANNELS[c] for c in who.channel.tolist()],
        created_day=[names[d] for d in who.day.tolist()],
    )  # fmt: skip
    return ids


def _write_deals(batch: Batch, world: World, prospects: list[bytes]) -> list[bytes]:
    deals, names, last = world.beyond.deals, world.span.names, world.span.days
    ids = new_ids(len(deals.prospect))
    over = (deals.closed < last).tolist()
    batch.insert(
        "deal", len(ids), id=ids, code=[f"DL{i + 1:05d}" for i in range(len(ids))],
        prospect_id=[prospects[p] for p in deals.prospect.tolist()],
        pipeline=[PIPELINES[p] for p in deals.pipeline.tolist()], stage=[STAGES[s] for s in deals.stage.tolist()],
        state=[("won" if won else "lost") if done else "open" for won, done in zip(deals.won.tolist(), over,
                                                                                   strict=True)],
        value_minor=deals.value.tolist(), gla_m2=[None if g != g else g for g in deals.gla.tolist()],  # noqa: PLR0124
        owner=[OWNERS[p] for p in deals.pipeline.tolist()], opened_day=[names[d] for d in deals.opened.tolist()],
        closed_day=[names[d] if done else None for d, done in zip(deals.closed.tolist(), over, strict=True)],
        lost_reason=[LOST[r] if r >= 0 else None for r in deals.reason.tolist()],
    )  # fmt: skip
    return ids


def _write_steps(batch: Batch, world: World, deals: list[bytes]) -> None:
    steps, span, names = world.beyond.deals.steps, world.span, world.span.names
    ids = new_ids(len(steps.deal))
    with batch.facts("deal_activity", ids=ids):
        batch.insert(
            "deal_activity", len(ids), id=ids, source_key=[f"T{i:06d}" for i in range(len(ids))],
            deal_id=[deals[d] for d in steps.deal.tolist()], kind=[KINDS[k] for k in steps.kind.tolist()],
            stage=[STAGES[s] if s > 0 else None for s in steps.stage.tolist()],
            at=span.at(steps.day, steps.minute).tolist(), day=[names[d] for d in steps.day.tolist()],
            minute=steps.minute.tolist(),
        )  # fmt: skip


def _write_money(batch: Batch, world: World, places: PlaceIds, occasions: list[bytes]) -> None:
    lines = world.beyond.lines
    batch.insert(
        "money_line", len(lines), id=new_ids(len(lines)), source_key=[f"M{i:05d}" for i in range(len(lines))],
        day=[x.day.isoformat() for x in lines], side=[x.side for x in lines], head=[x.head for x in lines],
        amount_minor=[x.amount for x in lines], zone_code=[x.zone for x in lines],
        campaign_id=[None if x.campaign is None else places.campaign[x.campaign] for x in lines],
        occasion_id=[None if x.occasion is None else occasions[x.occasion] for x in lines],
    )  # fmt: skip
