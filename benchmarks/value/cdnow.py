"""Value models on CDNOW: `[ATRIUM_PEERS=PYTHON] python benchmarks/value/cdnow.py`.

Fits BG/NBD, Pareto/NBD and Gamma-Gamma to the first 39 weeks of the 1/10 sample (Fader, Hardie and Lee 2005) and
predicts the next 39. Prints the figure, the bar, and the time against `lifetimes` in the interpreter that ATRIUM_PEERS
names, fitted in the same run. Then the whole file through the product's own SQL, and the time to score a million
people.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.value.histories_of import Receipts, cdnow, fetched, opened
from engines.value.engine import PURCHASES
from engines.value.fitting import Method, fit_counting, fit_spend
from engines.value.histories import Array, Histories, group
from engines.value.worth import interval

END, LAST = date(1997, 9, 30), date(1998, 6, 30)
DAYS = (LAST - END).days
BARS = {"bg_nbd": -9582.43, "pareto_nbd": -9594.98}
PEER = """
import json, sys, time
import numpy as np
from lifetimes import BetaGeoFitter
x, tx, t = (np.array(c) for c in json.load(open(sys.argv[1])))
BetaGeoFitter().fit(x[:200], tx[:200], t[:200])
found = []
for _ in range(3):
    began = time.perf_counter()
    fitter = BetaGeoFitter().fit(x, tx, t)
    found.append(time.perf_counter() - began)
print(json.dumps([min(found), [float(fitter.params_[n]) for n in ('r', 'alpha', 'a', 'b')]]))
"""


def main() -> None:
    """Every figure beside its bar."""
    columns, came = halves(cdnow("CDNOW_sample.txt"))
    h = group(columns["repeats"], columns["last_after_days"], columns["known_days"])
    print(
        f"CDNOW 1/10: {len(came)} customers, {h.x.size} distinct histories, {came.sum():.0f} purchases in the holdout"
    )
    fit_counting("bg_nbd", h)  # what is loaded on first use is loaded now
    for method in ("bg_nbd", "pareto_nbd"):
        report(method, h, came)
    bought = (columns["repeats"] > 0) & (columns["repeat_minor"] > 0)
    mean = columns["repeat_minor"][bought] / columns["repeats"][bought] / 100
    p, q, v = fit_spend(columns["repeats"][bought], mean)
    print(f"Gamma-Gamma p {p:.3f} q {q:.3f} v {v:.3f}  bar 6.25 / 3.744 / 15.444")
    peer(h, seconds("bg_nbd", h))
    whole()


def halves(receipts: Receipts) -> tuple[dict[str, Array], Array]:
    """What is known of each customer of the first half, and the purchases of the second."""
    connection = opened(receipts)
    then, now = (fetched(connection, PURCHASES, day) for day in (END, LAST))
    later = dict(zip(now["person_id"].to_pylist(), now["repeats"].to_pylist(), strict=True))
    columns = {name: then[name].to_numpy().astype(float) for name in then.column_names if name != "person_id"}
    came = np.array([later[p] for p in then["person_id"].to_pylist()], float) - columns["repeats"]
    return columns, came


def report(method: Method, h: Histories, came: Array) -> None:
    """One counting model."""
    model = fit_counting(method, h)
    said = model.expected(h, DAYS)[h.place]
    low, high = interval(model, h, DAYS)
    inside = float(np.mean((came >= low[h.place]) & (came <= high[h.place])))
    r, error = np.corrcoef(said, came)[0, 1], said.sum() / came.sum() - 1
    parameters = " ".join(f"{v:.4f}" for v in model.parameters)
    print(f"{method:<11} {parameters}  log-likelihood {model.log_likelihood:.2f}  bar {BARS[method]}")
    print(f"{'':<11} holdout r {r:.3f} (bar .63)  total {error:+.1%} (bar 12 %)  80 % interval holds {inside:.1%}")


def seconds(method: Method, h: Histories) -> float:
    """The best of three fits from people, grouping counted."""
    rows = np.column_stack([h.x, h.tx * 7, h.t * 7])[h.place]
    found = []
    for _ in range(3):
        began = time.perf_counter()
        fit_counting(method, group(*rows.T))
        found.append(time.perf_counter() - began)
    return min(found)


def peer(h: Histories, own: float) -> None:
    """The same fit by lifetimes."""
    python = os.environ.get("ATRIUM_PEERS")
    if not python:
        print(f"BG/NBD sample fit {own:.3f} s; ATRIUM_PEERS names no Python with lifetimes: not compared")
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        file.write_text(json.dumps([c[h.place].tolist() for c in (h.x, h.tx, h.t)]))
        done = subprocess.run(
            [python, "-W", "ignore", "-c", PEER, str(file)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        print(f"lifetimes could not run: {done.stderr.strip().splitlines()[-1] if done.stderr else 'no reason'}")
        return
    theirs, parameters = json.loads(done.stdout)
    print(
        f"BG/NBD sample fit {own:.3f} s, lifetimes {theirs:.3f} s ({' '.join(f'{v:.4f}' for v in parameters)}): "
        f"ratio {own / theirs:.2f}  bar 0.20"
    )


def whole() -> None:
    """The whole file, and a million people."""
    columns, came = halves(cdnow("CDNOW_master.txt"))
    h = group(columns["repeats"], columns["last_after_days"], columns["known_days"])
    print(f"CDNOW whole: {len(came)} customers, {came.sum():.0f} purchases in the holdout")
    for method in ("bg_nbd", "pareto_nbd"):
        began = time.perf_counter()
        model: Any = fit_counting(method, h)
        spent, said = time.perf_counter() - began, model.expected(h, DAYS)[h.place]
        r, error = np.corrcoef(said, came)[0, 1], said.sum() / came.sum() - 1
        print(f"{method:<11} holdout r {r:.3f}  total {error:+.1%}  fit {spent:.2f} s")
        luck = np.random.default_rng(7)
        known = luck.integers(1, 800, 1_000_000)
        x = luck.poisson(2, known.size)
        last = np.where(x > 0, (known * luck.random(known.size)).astype(int), 0)
        began = time.perf_counter()
        people = group(x, last, known)
        model.alive(people)
        model.expected(people, 90)
        print(f"{'':<11} a million people scored in {time.perf_counter() - began:.2f} s, grouping counted")


if __name__ == "__main__":
    main()
