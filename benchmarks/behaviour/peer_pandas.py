"""Cohorts and the funnel by pandas, reading from an SQLite file; run by the Python of the peers: FILE.

Prints one JSON document: seconds of each, reading included, and the peak memory. It imports nothing of this project.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time

KINDS = ("campaign_sent", "campaign_opened", "campaign_clicked", "visit", "nps")


def cohort(base: sqlite3.Connection) -> float:
    """Cohorts by joining and by first purchase: who bought, who did anything, what they paid, by month."""
    import pandas as pd

    began = time.perf_counter()
    sale = pd.read_sql("SELECT person, day, net FROM sale", base)
    acts = pd.read_sql("SELECT person, day FROM activity WHERE kind <> 'campaign_sent'", base)
    member = pd.read_sql("SELECT person, day FROM member", base)
    sale["bought"], acts["bought"], acts["net"] = sale.net >= 0, False, 0
    fact = pd.concat([sale, acts])
    starts = {
        "join": member.groupby("person").day.min(), "first_purchase": sale[sale.bought].groupby("person").day.min()
    }  # fmt: skip
    for start in starts.values():
        joined = fact.merge(start.rename("start"), left_on="person", right_index=True)
        joined = joined[joined.day >= joined.start]
        joined["cohort"], joined["month"] = joined.start.str[:7], joined.day.str[:7]
        per = joined.groupby(["cohort", "person", "month"]).agg(bought=("bought", "max"), net=("net", "sum"))
        per.groupby(["cohort", "month"]).agg(returned=("bought", "sum"), engaged=("bought", "size"), net=("net", "sum"))
    return time.perf_counter() - began


def funnel(base: sqlite3.Connection) -> float:
    """Five kinds in their order within a day of the first."""
    import pandas as pd

    began = time.perf_counter()
    acts = pd.read_sql("SELECT person, kind, at FROM activity", base)
    reached = acts[acts.kind == KINDS[0]].groupby("person")["at"].min().rename("first").to_frame()
    reached["last"] = reached["first"]
    for kind in KINDS[1:]:
        later = acts[acts.kind == kind].merge(reached, left_on="person", right_index=True)
        later = later[(later["at"] >= later["last"]) & (later["at"] <= later["first"] + 86_400_000)]
        reached = later.groupby("person").agg(first=("first", "min"), last=("at", "min"))
    return time.perf_counter() - began


def main() -> int:
    """Both jobs on the file named."""
    base = sqlite3.connect(sys.argv[1])
    found = {"cohort": cohort(base), "funnel": funnel(base)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**found, "memory_mb": peak}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
