"""Churn of shoppers by time split: `OMP_NUM_THREADS=1 python benchmarks/churn/by_time.py`.

CDNOW (whole) and Online Retail through the product's own SQL and training: learned from earlier days, tested once on
the last 90. Prints AUC, average precision, lift, Brier score and calibration error of what would ship and of the
challenger, beside the recency rule and the majority, and the bars.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.value.histories_of import Receipts, cdnow, fetched, instant, online_retail, opened  # noqa: E402
from engines.churn.definition import question  # noqa: E402
from engines.churn.windows import buyers, windows_of  # noqa: E402
from engines.contract import Moment  # noqa: E402
from engines.features.relation import features_as_of  # noqa: E402
from engines.validation.cards import Measured  # noqa: E402
from engines.validation.outcome import learn  # noqa: E402

HORIZON = 90
SHOWN = ("auc", "average_precision", "lift_10", "brier", "ece")


def main() -> None:
    """Both data sets."""
    measure("CDNOW", cdnow("CDNOW_master.txt"), date(1998, 6, 30), 0.84)
    measure("Online Retail", online_retail(), date(2011, 12, 9), 0.74)


def measure(name: str, receipts: Receipts, day: date, bar: float) -> None:
    """One data set as the engine would see it on its last day."""
    connection = opened(receipts)
    frames = {back: fetched(connection, features_as_of(back), day) for back in (0, 90, 180, 270, 360)}
    moment = Moment(instant(day.isoformat()), day.isoformat(), 720, "UTC", "GB", None, "GBP")
    began = time.perf_counter()
    windows = windows_of(moment, frames, HORIZON)
    cards = learn(question(HORIZON), buyers(frames[0], HORIZON).names, windows, [], at=moment.at, day=moment.day)
    spent = time.perf_counter() - began
    test = windows[-1]
    days = f"{test.target_from} to {test.target_to}"
    print(f"{name}: {len(test.y)} people, {test.y.mean():.3f} stayed away, {days}; {spent:.1f} s")
    for card in cards:
        print(f"  {card.state + ' ' + card.method:<22}{line(card.metrics)}")
    for rule, found in cards[0].baselines.items():
        print(f"  {rule:<22}{line(found)}")
    shipped = cards[0].metrics
    verdict = "met" if shipped["auc"].value >= bar else "NOT met"
    print(
        f"  bar AUC {bar}: {verdict}; bar calibration error .03: {'met' if shipped['ece'].value <= 0.03 else 'NOT met'}"
    )
    fired = [f.guard for f in cards[0].guards if f.fired]
    print(f"  {cards[0].promotion}  alarms: {fired or 'none'}")


def line(found: object) -> str:
    """Metrics in a row."""
    assert isinstance(found, dict)
    told = {name: value for name, value in found.items() if isinstance(value, Measured)}
    return "  ".join(f"{name} {told[name].value:.4f}" for name in SHOWN)


if __name__ == "__main__":
    main()
