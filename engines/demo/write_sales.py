"""Writing receipts with their lines, days' totals, declarations and activities."""

from __future__ import annotations

import numpy as np

from engines.demo.activity import KINDS, ZONES
from engines.demo.declarations import Report
from engines.demo.lines import goods_names, make_lines, units
from engines.demo.load import Load
from engines.demo.purchases import Receipts
from engines.demo.span import Floats, Ints, stream
from engines.demo.trades import TRADES
from engines.demo.world import World
from engines.demo.write_places import PlaceIds
from models.ids import new_ids

PAYMENTS = ("wechat", "alipay", "card", "cash")
PAYMENT_SHARES = (0.48, 0.34, 0.13, 0.05)


def write_receipts(load: Load, world: World, places: PlaceIds, cards: list[bytes]) -> None:
    """Each usual receipt as a sale and its lines; a member's receipt names the card."""
    _write_slips(load, world, places, cards, receipts=world.receipts, prefix="")


def write_more_receipts(load: Load, world: World, places: PlaceIds, signs: list[bytes]) -> None:
    """The receipts beyond the usual ones; `signs` are the cards and then the signs of those who never join."""
    _write_slips(load, world, places, signs, receipts=world.beyond.receipts, prefix="X")


def _write_slips(
    load: Load, world: World, places: PlaceIds, cards: list[bytes], *, receipts: Receipts, prefix: str
) -> None:
    span, shops, names = world.span, world.shops, world.span.names
    rng, lines = stream(world.seed, f"payments{prefix}"), make_lines(receipts, world.seed, part=f"lines{prefix}")
    ids = new_ids(receipts.count)
    amount = receipts.amount.tolist()
    with load.batch("sales") as batch, batch.facts("sale", "sale_line", ids=ids):
        batch.insert(
            "sale", receipts.count, id=ids, source_key=[f"{prefix or 'R'}{i:07d}" for i in range(receipts.count)],
            tenant_id=[places.tenant[j] for j in receipts.tenant.tolist()],
            identifier_id=[cards[i] if i >= 0 else None for i in receipts.member.tolist()],
            at=span.at(receipts.day, receipts.minute).tolist(), day=[names[d] for d in receipts.day.tolist()],
            minute=receipts.minute.tolist(), gross_minor=amount, net_minor=amount,
            units=units(receipts, lines).astype(np.float64).tolist(),
            payment=[PAYMENTS[p] for p in rng.choice(4, receipts.count, p=PAYMENT_SHARES).tolist()],
        )  # fmt: skip
        tenant = receipts.tenant[lines.receipt]
        codes, goods = goods_names(shops)
        where = list(zip(tenant.tolist(), lines.good.tolist(), strict=True))
        batch.insert(
            "sale_line", len(where), sale_id=[ids[i] for i in lines.receipt.tolist()], line_no=lines.number.tolist(),
            product_code=[codes[j][g] for j, g in where], product=[goods[j][g] for j, g in where],
            category=[TRADES[t].code for t in shops.trade[tenant].tolist()],
            quantity=lines.quantity.astype(np.float64).tolist(), unit_minor=lines.unit.tolist(),
            amount_minor=lines.amount.tolist(),
        )  # fmt: skip


def write_totals(load: Load, world: World, places: PlaceIds) -> None:
    """One sale a tenant and day, of no hour, whose `txns` says how many receipts it stands for."""
    span, shops, totals = world.span, world.shops, world.totals
    ids, names = new_ids(len(totals.tenant)), span.names
    tenant, day, amount = totals.tenant.tolist(), totals.day.tolist(), totals.amount.tolist()
    with load.batch("sales") as batch, batch.facts("sale", ids=ids):
        batch.insert(
            "sale", len(ids), id=ids,
            source_key=[f"Z-{shops.code[j]}-{names[d]}" for j, d in zip(tenant, day, strict=True)],
            tenant_id=[places.tenant[j] for j in tenant], at=span.starts[totals.day].tolist(),
            day=[names[d] for d in day], minute=-1, gross_minor=amount, net_minor=amount,
            txns=totals.txns.tolist(),
        )  # fmt: skip


def write_reports(load: Load, reports: list[Report], places: PlaceIds) -> None:
    """Tenants' declarations."""
    with load.batch("declarations") as batch:
        batch.insert(
            "declaration", len(reports), id=new_ids(len(reports)), lease_id=[places.lease[r.lease] for r in reports],
            period=[r.period for r in reports], revision=[r.revision for r in reports],
            gross_minor=[r.gross_minor for r in reports], due_day=[r.due.isoformat() for r in reports],
            submitted_at=[r.submitted_at for r in reports], audited=[int(r.audited) for r in reports],
        )  # fmt: skip


def write_activities(load: Load, world: World, places: PlaceIds, cards: list[bytes]) -> None:
    """Members' activities, known by their card."""
    span, done = world.span, world.activities
    ids, names = new_ids(done.count), span.names

    def pick(values: list[bytes] | tuple[str, ...], which: Ints) -> list[bytes | str | None]:
        return [values[i] if i >= 0 else None for i in which.tolist()]

    with load.batch("activities") as batch, batch.facts("activity", ids=ids):
        batch.insert(
            "activity", done.count, id=ids, source_key=[f"A{i:07d}" for i in range(done.count)],
            identifier_id=pick(cards, done.member), kind=[KINDS[k] for k in done.kind.tolist()],
            at=span.at(done.day, done.minute).tolist(), day=[names[d] for d in done.day.tolist()],
            minute=done.minute.tolist(), zone_code=pick(ZONES, done.zone),
            tenant_id=pick(places.tenant, done.tenant), campaign_id=pick(places.campaign, done.campaign),
            related_id=pick(cards, done.related), score=_scores(done.score),
        )  # fmt: skip


def _scores(score: Floats) -> list[float | None]:
    return [None if s != s else s for s in score.tolist()]  # noqa: PLR0124 - not a number differs from itself
