"""Attribution by pandas, reading from an SQLite file; run by the Python of the peers: FILE AT.

The rows of engines/attribution/credits.sql: eight rules, transitions, lost paths, three look-backs and kinds of
conversion. Its rows carry the customer's number already, so it is spared the joins. Prints one JSON document: seconds,
processor seconds and peak memory, reading included, and sums that must agree. It imports nothing of this project.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time
from typing import Any

DAY = 86_400_000
KINDS = ("purchase", "first", "visit")
WEIGHTS = ("first", "last", "linear", "decay_3", "decay_7", "decay_14", "position", "channel", "message")
PATH = ["sold", "person", "v", "id"]


def main() -> int:
    """The whole job on the file named."""
    import pandas as pd

    began = time.perf_counter()
    base, at = sqlite3.connect(sys.argv[1]), int(sys.argv[2])
    acts = pd.read_sql("SELECT person, kind, at, day, channel, campaign FROM activity", base)
    sale = pd.read_sql("SELECT id, person, at AS v, net AS value, tenant FROM sale WHERE net > 0", base)
    debut = sale.sort_values(["v", "id"]).drop_duplicates("person").set_index("person")
    touch = touches(acts[(acts.kind != "visit") & (acts["at"] <= at)])
    visit = acts[(acts.kind == "visit") & (acts["at"] <= at)].groupby(["person", "day"])["at"].min()
    visit = visit.reset_index().rename(columns={"at": "v"}).assign(sold=0, id=-1, value=0, tenant="")
    reached = pd.concat([sale.assign(sold=1), visit[["sold", "person", "v", "id", "value", "tenant"]]])
    reached = reached[reached.v > at - 365 * DAY]
    pair = reached.merge(touch, on="person")
    pair = pair[(pair.t <= pair.v) & (pair.t > pair.v - 90 * DAY)]
    pair["opens"] = pair["id"].isin(set(debut["id"]))
    parts = []
    for days in (7, 30, 90):
        won = pair[pair.t > pair.v - days * DAY].copy()
        parts += [weighed(won, days * DAY).assign(days=days), lost(won, touch, debut, at, days * DAY).assign(days=days)]
    keys = ["days", "part", "conversion", "before", "channel", "campaign", "tenant"]
    whole = pd.concat(parts).fillna(0).groupby(keys).sum(numeric_only=True)
    print(json.dumps({"rows": len(whole), "answer": answer(whole), **spent(began)}))
    return 0


def touches(acts: Any) -> Any:
    """One touch a person, day, channel and campaign, with what came before and after it."""
    t = acts.groupby(["person", "day", "channel", "campaign"], as_index=False)["at"].min().rename(columns={"at": "t"})
    t = t.sort_values(["person", "t", "channel", "campaign"], ignore_index=True)
    t["number"], t["message"] = t.index, t.channel + "|" + t.campaign
    mine = t.groupby("person")
    t["t_before"], t["before"], t["t_after"] = mine.t.shift(), mine.message.shift(), mine.t.shift(-1)
    t["t_channel"] = t.groupby(["person", "channel"]).t.shift()
    t["t_message"] = t.groupby(["person", "message"]).t.shift()
    return t


def weighed(won: Any, width: int) -> Any:
    """Credits under every rule of paths that converted, summed."""
    import pandas as pd

    start = won.v - width
    won["before"] = won.before.where(won.t_before > start, "")
    head, tail = ~(won.t_before > start), ~(won.t_after <= won.v)
    path = won.groupby(PATH)
    size = path.t.transform("size")
    won["first"], won["last"], won["linear"] = head * 1.0, tail * 1.0, 1 / size
    won["new_channel"], won["new_message"] = ~(won.t_channel > start), ~(won.t_message > start)
    for half in (3, 7, 14):
        won["fresh"] = 0.5 ** ((won.v - won.t) / (half * DAY))
        won[f"decay_{half}"] = won.fresh / won.groupby(PATH).fresh.transform("sum")
    middle = (0.2 / (size - 2).where(size > 2, 1)).where(~(head | tail), 0.4)
    won["position"] = middle.where(size > 2, 1 / size)
    won["channel_"] = won.new_channel / won.groupby(PATH).new_channel.transform("sum")
    won["message_"] = won.new_message / won.groupby(PATH).new_message.transform("sum")
    for name in WEIGHTS:
        share = won[f"{name}_" if name in ("channel", "message") else name]
        won[f"{name}_n"], won[f"{name}_v"] = share, share * won.value
    won["part"], won["steps_won"] = (won.person + 1) % 40, 1
    kinds = (won[won.sold == 1], won[won.opens], won[won.sold == 0])
    keys = ["part", "before", "channel", "campaign", "tenant"]
    sums = [f"{name}_{unit}" for name in WEIGHTS for unit in "nv"]
    return pd.concat([
        rows.groupby(keys, as_index=False)[["steps_won", *sums]].sum().assign(conversion=kind)
        for kind, rows in zip(KINDS, kinds, strict=True)
    ])  # fmt: skip


def lost(won: Any, touch: Any, debut: Any, at: int, width: int) -> Any:
    """Touches of paths that led to nothing, and those at their ends, summed."""
    import pandas as pd

    old = touch[(touch.t <= at - width) & (touch.t > at - 365 * DAY)]
    opened = old.person.map(debut.v)
    found = []
    for kind, rows in zip(KINDS, (won[won.sold == 1], won[won.opens], won[won.sold == 0]), strict=True):
        mute = ~old.number.isin(set(rows.number))
        one = old[mute & ~(opened < old.t)] if kind == "first" else old[mute]
        mine = one.groupby("person")
        follows, last = one.t - mine.t.shift() <= width, ~(mine.t.shift(-1) - one.t <= width)
        one = one.assign(before=mine.message.shift().where(follows, ""), ends_lost=last * 1, steps_lost=1)
        one["part"], one["tenant"], one["conversion"] = (one.person + 1) % 40, "", kind
        keys = ["part", "conversion", "before", "channel", "campaign", "tenant"]
        found.append(one.groupby(keys, as_index=False)[["steps_lost", "ends_lost"]].sum())
    return pd.concat(found)


def answer(whole: Any) -> dict[str, float]:
    """Sums that tell two results apart: of each measure, and of its squares."""
    names = [f"{name}_{unit}" for name in WEIGHTS for unit in "nv"] + ["steps_won", "steps_lost", "ends_lost"]
    return {name: float((whole[name] ** 2).sum()) for name in names}


def spent(began: float) -> dict[str, float]:
    """What it took."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"seconds": time.perf_counter() - began, "processor": used.ru_utime + used.ru_stime,
            "memory_mb": used.ru_maxrss / 1024}  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
