"""Writing what the demo mall's sensors saw of zones, and the minutes of its last days."""

from __future__ import annotations

import numpy as np

from engines.demo.days import Days
from engines.demo.footfall import Flows
from engines.demo.gates import MINUTES
from engines.demo.inside import Counted, Stays
from engines.demo.load import Batch, Load
from engines.demo.plan import FLOORS
from engines.demo.span import Ints, Span, stream
from engines.demo.world import World
from engines.demo.write_places import PlaceIds
from engines.demo.zones import FLOWS, QUARTER_SECONDS, QUEUES, Moves, Seen, moves, seen_queues, seen_stays, warmth
from models.ids import new_ids

MINUTE_DAYS = 2


def write_zones(load: Load, world: World, stays: Stays, places: PlaceIds) -> None:
    """Queue zones, then stays, waits, flows, heat and the last days' minutes of zones."""
    span, days, flows, seed = world.span, world.days, world.flows, world.seed
    stayed, queued = seen_stays(stays, seed), seen_queues(span, days, flows, seed)
    ends = {"first": span.names[0], "last": span.names[-1]}
    with load.batch("zones") as batch:
        ids = places.zone | _write_queues(batch, places.floor)
        with batch.tx.bulk("zone_bucket", "zone_flow", batch=batch.id, **ends):
            for seen in (stayed, queued):
                _write_buckets(batch, span, ids, seen)
            _write_flows(batch, span, ids, moves(stayed, seed))
        for seen in (stayed, queued):
            _write_zone_minutes(batch, span, ids, seen, seed)
        _write_heat(batch, span, days, flows, seed)


def write_minutes(load: Load, span: Span, gate: dict[str, bytes], counted: dict[str, Counted], seed: int) -> None:
    """The last days' counts by the minute: each quarter hour's people fall on its minutes by chance."""
    rng = stream(seed, "minutes")
    with load.batch("minutes") as batch:
        for code, one in counted.items():
            day, quarter = (np.asarray(x, dtype=np.int64) for x in np.nonzero(one.covered))
            last = day >= span.days - MINUTE_DAYS
            day, quarter = day[last], quarter[last]
            passing = np.zeros_like(day) if one.passing is None else one.passing[day, quarter]
            even = np.full(15, 1 / 15)
            ins, outs, passed = (
                rng.multinomial(n, even).ravel().tolist()
                for n in (one.ins[day, quarter], one.outs[day, quarter], passing)
            )
            days, minute = _minutes(day, quarter)
            batch.insert(
                "count_minute", len(days), gate_id=gate[code], minute_start=span.at(days, minute).tolist(),
                day=[span.names[d] for d in days.tolist()], minute=minute.tolist(), n_in=ins, n_out=outs, n_pass=passed,
                staff_in=0, staff_out=0, seconds_observed=60.0, frames_seen=420, frames_dropped=0,
            )  # fmt: skip


def _minutes(day: Ints, quarter: Ints) -> tuple[Ints, Ints]:
    """Quarter hours as their fifteen minutes: day numbers and local minutes."""
    return np.repeat(day, 15), np.asarray((MINUTES[quarter][:, None] + np.arange(15)).ravel())


def _write_queues(batch: Batch, floor: dict[str, bytes]) -> dict[str, bytes]:
    ids = new_ids(len(QUEUES))
    batch.insert(
        "zone", len(QUEUES), id=ids, code=[q.code for q in QUEUES], name=[q.en for q in QUEUES],
        name_zh=[q.zh for q in QUEUES], floor_id=[floor[q.floor] for q in QUEUES], purpose="queue",
    )  # fmt: skip
    return dict(zip((q.code for q in QUEUES), ids, strict=True))


def _write_buckets(batch: Batch, span: Span, zone: dict[str, bytes], seen: Seen) -> None:
    minute: Ints = MINUTES[seen.quarter]
    inside = seen.seconds / QUARTER_SECONDS
    most = np.ceil(inside + 2 * np.sqrt(inside)).astype(np.int64)
    waiting = np.array([purpose == "queue" for purpose in seen.purpose])
    batch.insert(
        "zone_bucket", len(seen.zone), zone_id=[zone[code] for code in seen.zone],
        bucket_start=span.at(seen.day, minute).tolist(), day=[span.names[d] for d in seen.day.tolist()],
        minute=minute.tolist(), purpose=seen.purpose, entries=seen.entries.tolist(), exits=seen.visits.tolist(),
        visits=seen.visits.tolist(), seconds_total=seen.seconds.tolist(), dwell=seen.dwell, waits=seen.waits,
        unserved=seen.unserved.tolist(), presence_mean=np.round(inside, 2).tolist(), presence_max=most.tolist(),
        queue_mean=np.round(inside * waiting, 2).tolist(), queue_max=(most * waiting).tolist(),
        seconds_observed=QUARTER_SECONDS,
    )  # fmt: skip


def _write_flows(batch: Batch, span: Span, zone: dict[str, bytes], seen: Moves) -> None:
    minute: Ints = MINUTES[seen.quarter]
    pairs = [(zone[origin], zone[target]) for origin, target in FLOWS]
    batch.insert(
        "zone_flow", len(seen.n), origin_id=[pairs[p][0] for p in seen.pair.tolist()],
        target_id=[pairs[p][1] for p in seen.pair.tolist()], bucket_start=span.at(seen.day, minute).tolist(),
        day=[span.names[d] for d in seen.day.tolist()], minute=minute.tolist(), n=seen.n.tolist(),
        seconds_total=seen.seconds.tolist(),
    )  # fmt: skip


def _write_zone_minutes(batch: Batch, span: Span, zone: dict[str, bytes], seen: Seen, seed: int) -> None:
    """People by the minute about the quarter hour's mean."""
    rng = stream(seed, f"zone minutes {seen.purpose[0]}" if seen.purpose else "zone minutes")
    rows = np.flatnonzero(seen.day >= span.days - MINUTE_DAYS)
    days, minute = _minutes(seen.day[rows], seen.quarter[rows])
    mean = np.repeat(seen.seconds[rows] / QUARTER_SECONDS, 15)
    inside = rng.poisson(mean)
    waiting = np.repeat([seen.purpose[row] == "queue" for row in rows.tolist()], 15)
    batch.insert(
        "zone_minute", len(days), zone_id=[zone[seen.zone[row]] for row in np.repeat(rows, 15).tolist()],
        minute_start=span.at(days, minute).tolist(), day=[span.names[d] for d in days.tolist()], minute=minute.tolist(),
        presence_mean=inside.astype(np.float64).tolist(), presence_max=(inside + (inside > 0)).tolist(),
        queue_median=(inside * waiting).astype(np.float64).tolist(), seconds_observed=60.0,
    )  # fmt: skip


def _write_heat(batch: Batch, span: Span, days: Days, flows: Flows, seed: int) -> None:
    floors = [code for code, *_ in FLOORS]
    seen = warmth(span, days, flows, floors, seed)
    minute: Ints = seen.hour * 60
    batch.insert(
        "heat_hour", len(seen.x), floor=[floors[f] for f in seen.floor.tolist()],
        hour_start=span.at(seen.day, minute).tolist(), x=seen.x.tolist(), y=seen.y.tolist(),
        day=[span.names[d] for d in seen.day.tolist()], minute=minute.tolist(), seconds=seen.seconds.tolist(),
    )  # fmt: skip
