"""The peer: pandas reads the receipts from SQLite and works out RFM and the same features. Run by `features.py`."""

import json
import resource
import sqlite3
import sys
import time

import pandas as pd


def main() -> None:
    began = time.perf_counter()
    base = sqlite3.connect(sys.argv[1])
    sale = pd.read_sql("SELECT * FROM sale", base)
    sale["date"] = pd.to_datetime(sale["day"])
    sale["age"] = (sale["date"].max() - sale["date"]).dt.days
    buys = sale[sale["net"] >= 0]
    by_day = buys.drop_duplicates(["person", "age"])
    person = by_day.groupby("person", sort=False)["age"]
    out = pd.DataFrame({"recency": person.min(), "tenure": person.max(), "frequency": person.size()})
    out["money"] = sale.groupby("person", sort=False)["net"].sum()
    out["receipts"] = buys.groupby("person", sort=False).size()
    out["returns"] = sale[sale["net"] < 0].groupby("person", sort=False).size()
    out["largest"] = sale.groupby("person", sort=False)["net"].max()
    for days in (30, 90, 180, 365):
        out[f"days_{days}"] = by_day[by_day["age"] < days].groupby("person", sort=False).size()
    for days in (30, 90, 365):
        out[f"spend_{days}"] = sale[sale["age"] < days].groupby("person", sort=False)["net"].sum()
    out["weekend"] = by_day[by_day["date"].dt.dayofweek >= 5].groupby("person", sort=False).size()
    out["evening"] = buys[buys["minute"] >= 1020].groupby("person", sort=False).size()
    shops = buys.groupby(["person", "tenant"], sort=False).size().reset_index(name="n")
    grouped = shops.groupby("person", sort=False)["n"]
    out["tenants"], out["top"] = grouped.size(), grouped.max() / grouped.sum()
    out["categories"] = buys.groupby("person", sort=False)["category"].nunique()
    gap = by_day.sort_values(["person", "age"]).groupby("person", sort=False)["age"].diff()
    gaps = gap.groupby(by_day["person"], sort=False)
    out["mean_gap"], out["gap_sd"] = gaps.mean(), gaps.std(ddof=0)
    did = pd.read_sql("SELECT * FROM activity", base)
    did["age"] = (sale["date"].max() - pd.to_datetime(did["day"])).dt.days
    acts = did.groupby("person", sort=False)["age"]
    out = out.join(pd.DataFrame({"activity": acts.min(), "known": acts.max()}), how="outer")
    for kind in ("visit", "campaign_sent", "campaign_opened", "campaign_clicked"):
        own = did[did["kind"] == kind]
        for days in (30, 90) if kind == "visit" else (90, 365):
            out[f"{kind}_{days}"] = own[own["age"] < days].groupby("person", sort=False).size()
    out["referred"] = did[did["kind"] == "referral"].groupby("person", sort=False).size()
    for name, source in (("r", -out["recency"]), ("f", out["frequency"]), ("m", out["money"])):
        out[name] = pd.qcut(source.rank(method="first"), 5, labels=False) + 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": len(out), "seconds": time.perf_counter() - began, "memory_mb": peak}))


if __name__ == "__main__":
    main()
