"""Segments and scores: what the analyses say of people, who stay masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends

from app.gateway.callers import Here, Need
from app.gateway.forms import Code, Limit, Mark, MemberOut, Page, ScoreCard, ScoreOut, SegmentOut
from app.gateway.paging import pack, unpack_row
from app.gateway.problems import Problem
from engines.access.api_keys import Caller
from engines.churn import queries as churn
from engines.propensity import queries as propensity
from engines.rfm import queries as rfm
from engines.segments import queries as segments
from engines.value import queries as value
from models.store import Store
from models.times import now_ms

router = APIRouter(prefix="/v1", tags=["people"])
Reader = Annotated[Caller, Depends(Need("see_members"))]


@router.get("/segments", summary="Segments and their sizes")
def all_segments(here: Here, found: Reader) -> list[SegmentOut]:
    """Live ones first, the largest first."""
    return [
        SegmentOut(
            code=s.code, name=s.name, name_zh=s.name_zh, state=s.state, version=s.version, people=s.people,
            share=s.share, change_7=s.change_7, change_30=s.change_30, ran_at=s.ran_at,
        )
        for s in segments.segments(here.store, now_ms())
    ]  # fmt: skip


@router.get("/segments/{code}/members", summary="A segment's people, masked")
def members(here: Here, found: Reader, code: Code, limit: Limit = 100, after: Mark = None) -> Page[MemberOut]:
    """The newest first."""
    place = unpack_row(after, int)
    if code not in {s.code for s in segments.segments(here.store, now_ms())}:
        raise Problem(404, "There is no such segment.", "See /v1/segments.")
    rows = segments.members(here.store, code, limit=limit, after=place)
    items = [MemberOut(id=m.person_id.hex(), label=m.label, card=m.card, tier=m.tier, since=m.since) for m in rows]
    return Page(items=items, next=pack(*rows[-1].key) if len(rows) == limit else None)


def _rfm(store: Store, limit: int, after: str | None) -> Page[ScoreOut]:
    rows = rfm.people(store, limit=limit, after=unpack_row(after, int))
    items = [
        ScoreOut(id=p.person_id.hex(), score=100 * p.r + 10 * p.f + p.m,
                 detail={"segment": p.segment, "recency_days": p.recency_days, "monetary_minor": p.monetary_minor})
        for p in rows
    ]  # fmt: skip
    return Page(items=items, next=pack(rows[-1].monetary_minor, rows[-1].person_id) if len(rows) == limit else None)


def _value(store: Store, limit: int, after: str | None) -> Page[ScoreOut]:
    rows = value.people(store, limit=limit, after=unpack_row(after, int))
    items = [
        ScoreOut(id=p.person_id.hex(), score=p.value_90_minor,
                 detail={"low_minor": p.value_low_minor, "high_minor": p.value_high_minor, "p_alive": p.p_alive})
        for p in rows
    ]  # fmt: skip
    return Page(items=items, next=pack(rows[-1].value_90_minor, rows[-1].person_id) if len(rows) == limit else None)


def _churn(store: Store, limit: int, after: str | None) -> Page[ScoreOut]:
    rows = churn.people(store, "everyone", limit=limit, after=unpack_row(after, int))
    items = [
        ScoreOut(id=p.person_id.hex(), score=p.p, detail={"band": p.band, "recency_days": p.recency_days}) for p in rows
    ]
    return Page(items=items, next=pack(rows[-1].monetary_minor, rows[-1].person_id) if len(rows) == limit else None)


def _rfm_card(store: Store) -> ScoreCard:
    return ScoreCard(name="rfm", people=sum(cell.people for cell in rfm.grid(store)), as_of=None)


def _value_card(store: Store) -> ScoreCard:
    found = value.summary(store)
    return ScoreCard(name="value", people=found.people if found else 0, as_of=found.as_of if found else None)


def _churn_card(store: Store) -> ScoreCard:
    found = churn.summary(store)
    return ScoreCard(name="churn", people=found.people if found else 0, as_of=found.as_of if found else None)


Read = Callable[[Store, int, str | None], Page[ScoreOut]]
SCORES: Mapping[str, tuple[Callable[[Store], ScoreCard], Read]] = {
    "rfm": (_rfm_card, _rfm), "value": (_value_card, _value), "churn": (_churn_card, _churn),
}  # fmt: skip


@router.get("/scores", summary="The scores there are")
def scores(here: Here, found: Reader) -> list[ScoreCard]:
    """Of how many people, as of when."""
    cards = [card(here.store) for card, _ in SCORES.values()]
    return cards + [
        ScoreCard(name=s.model, people=s.people, as_of=s.as_of) for s in propensity.spreads(here.store)
    ]  # fmt: skip


@router.get("/scores/{name}", summary="People with a score")
def score(here: Here, found: Reader, name: Code, limit: Limit = 100, after: Mark = None) -> Page[ScoreOut]:
    """Ids and scores, without names; rfm is the three digits as one number, value in minor units, the others 0 to 1."""
    if name in SCORES:
        return SCORES[name][1](here.store, limit, after)
    place = unpack_row(after, float)
    rows = propensity.people(here.store, name, limit=limit, after=place)
    if not rows and name not in {s.model for s in propensity.spreads(here.store)}:
        raise Problem(404, "There is no such score.", "See /v1/scores.")
    items = [ScoreOut(id=p.person_id.hex(), score=p.p, detail={"horizon": p.horizon}) for p in rows]
    return Page(items=items, next=pack(rows[-1].p, rows[-1].person_id) if len(rows) == limit else None)
