"""Writing what the demo mall's counters saw."""

from __future__ import annotations

import numpy as np

from engines.demo.days import Days
from engines.demo.footfall import Flows, door_masks, seen
from engines.demo.gates import DOORS, MINUTES
from engines.demo.inside import BANDS, Counted, Stays
from engines.demo.load import Batch, Load
from engines.demo.span import Ints, Span, stream


def count_doors(span: Span, days: Days, flows: Flows, crowd: Flows, seed: int) -> dict[str, Counted]:
    """What each door's counter saw of the usual flows and the crowds, with its small errors, where it worked."""
    rng, more, masks = stream(seed, "counters"), stream(seed, "counted crowds"), door_masks(span, days)
    return {
        door.code: Counted(
            seen(flows.entries[i], "in", rng) + seen(crowd.entries[i], "in", more),
            seen(flows.exits[i], "out", rng) + seen(crowd.exits[i], "out", more),
            masks[door.code],
        )
        for i, door in enumerate(DOORS)
    }


def write_counts(load: Load, span: Span, gate: dict[str, bytes], counted: dict[str, Counted]) -> None:
    """One row a gate, covered quarter hour and direction; zeros too, since somebody watched."""
    days = {"first": span.names[0], "last": span.names[-1]}
    with load.batch("counts") as batch, batch.tx.bulk("count_bucket", batch=batch.id, **days):
        for code, one in counted.items():
            _write_gate(batch, span, gate[code], one)


def _write_gate(batch: Batch, span: Span, gate: bytes, one: Counted) -> None:
    day, quarter = (np.asarray(x, dtype=np.int64) for x in np.nonzero(one.covered))
    minute: Ints = MINUTES[quarter]
    ways: list[tuple[str, Ints]] = [("in", one.ins[day, quarter]), ("out", one.outs[day, quarter])]
    if one.passing is not None:
        ways.append(("pass", one.passing[day, quarter]))
    many, names = len(ways), span.names
    batch.insert(
        "count_bucket", many * len(day), gate_id=gate, bucket_start=np.repeat(span.at(day, minute), many).tolist(),
        direction=[name for name, _ in ways] * len(day), day=[names[d] for d in np.repeat(day, many).tolist()],
        minute=np.repeat(minute, many).tolist(), n=np.stack([n for _, n in ways], axis=1).ravel().tolist(),
    )  # fmt: skip


def write_stays(load: Load, span: Span, zone: dict[str, bytes], stays: Stays) -> None:
    """One row a zone, quarter hour and band in which a visit ended."""
    minute: Ints = MINUTES[stays.quarter]
    ids, names = [zone[code] for code in stays.zones], span.names
    bands = [f"{low}-{high}" for low, high in BANDS]
    days = {"first": span.names[0], "last": span.names[-1]}
    with load.batch("dwell") as batch, batch.tx.bulk("dwell_bucket", batch=batch.id, **days):
        batch.insert(
            "dwell_bucket", len(stays.n), zone_id=[ids[z] for z in stays.zone.tolist()],
            bucket_start=span.at(stays.day, minute).tolist(), band=[bands[b] for b in stays.band.tolist()],
            day=[names[d] for d in stays.day.tolist()], minute=minute.tolist(), n=stays.n.tolist(),
            seconds_total=stays.seconds.tolist(),
        )  # fmt: skip
