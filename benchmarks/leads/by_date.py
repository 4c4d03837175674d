"""How well lead scores tell who converts, by date, on a demo mall.

    python benchmarks/leads/by_date.py --site DIR

Prints, for people and for deals, the AUC of each rolling test day beside the recency rule and a random split, the lift
of the best tenth, calibration in the large and the drift of the base rate. Then the time of one prospect scored alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engines.driver import run_engine
from engines.leads.engine import ENGINE
from engines.leads.incremental import rescore
from engines.leads.queries import leads, model_card, refusal
from models.store import Store, open_store

ONE_MS = 100.0
"""The bar for one prospect scored alone, milliseconds."""


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, required=True, help="a copy of a demo mall: scores are written into it")
    store = open_store(parser.parse_args().site)
    with store.read() as connection:
        at = int(connection.exec_driver_sql("SELECT max(at) FROM sale").scalar_one())
    began = time.perf_counter()
    found = run_engine(store, ENGINE, at_ms=at)
    print(f"everyone: {found.relations['lead_score']} prospects in {time.perf_counter() - began:.2f} s")
    for use in ("member", "deal"):
        tell(store, use)
    slow = alone(store, at)
    store.close()
    return int(slow > ONE_MS)


def tell(store: Store, use: str) -> None:
    """The card of a use, or why there is none."""
    card = model_card(store, use)
    if card is None:
        print(f"{use}: {(refusal(store, use) or ('nobody is scored',))[0]}")
        return
    figures = card.metrics
    print(f"{use}: learned from {card.n} rows, {card.positives} converted; {card.state}")
    for window in card.extra["rolling"]:
        print(
            f"  {window['day']}  n {window['n']:5}  base {window['base']:.3f}  AUC {window['auc']:.3f}  "
            f"recency rule {window['recency_auc']:.3f}  lift@10% {window['lift']:.2f}  came/said {window['off']:+.2f}"
        )
    auc = figures["auc"]
    print(
        f"  newest {auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}], mean {figures['auc_rolling_mean'].value:.3f}, "
        f"random split {figures['auc_random_split'].value:.3f}, majority .500, "
        f"base rate drift {figures['base_rate_drift'].value:+.2f}"
    )


def alone(store: Store, at: int) -> float:
    """Milliseconds of one prospect scored alone, the median of 20."""
    taken = []
    for lead in leads(store, "member", limit=20):
        began = time.perf_counter()
        rescore(store, "member", [lead.subject_id], at_ms=at)
        taken.append(1000 * (time.perf_counter() - began))
    middle = sorted(taken)[len(taken) // 2]
    print(f"one prospect alone: {middle:.1f} ms, bar {ONE_MS:.0f} ms, ratio {middle / ONE_MS:.2f}")
    return middle


if __name__ == "__main__":
    sys.exit(main())
