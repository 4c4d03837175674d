"""The system's own health: how long jobs take and fail, pictures dropped, rows refused; each against its own past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engines.anomalies.findings import Finding, Value
from engines.anomalies.robust import centre_and_spread

Row = Mapping[str, Any]

RUNS_BEFORE = 20
LEAST_RUNS = 8
SLOW_SCORE = 4.0
SLOW_FACTOR, SLOW_SECONDS = 2.0, 2.0
FAILED_OF = (3, 5)
LEAST_SHARE = 0.05
DAYS_BEFORE, LEAST_DAYS = 28, 7


def job_findings(runs: Sequence[Row], day_of: Mapping[int, str]) -> list[Finding]:
    """A job's newest run far longer than its last twenty, or three of its last five runs failed.

    Long means four robust standard deviations on the log of seconds, twice the median and two seconds more: a job that
    takes a blink may double without anybody's harm.
    """
    found = []
    jobs: dict[str, list[Row]] = {}
    for run in sorted(runs, key=lambda run: (run["started_at"], run["id"])):
        jobs.setdefault(run["job"], []).append(run)
    for job, mine in sorted(jobs.items()):
        found += [finding for finding in (_slow(job, mine, day_of), _failing(job, mine, day_of)) if finding]
    return found


def _slow(job: str, runs: Sequence[Row], day_of: Mapping[int, str]) -> Finding | None:
    done = [run for run in runs if run["state"] == "done" and run["seconds"] is not None]
    if len(done) <= LEAST_RUNS:
        return None
    newest, past = done[-1], done[-1 - RUNS_BEFORE : -1]
    seconds = np.log(np.maximum([float(run["seconds"]) for run in past], 1e-3))
    centre, spread = centre_and_spread(np.asarray(seconds))
    spread = max(spread, 0.1)
    score = (float(np.log(max(float(newest["seconds"]), 1e-3))) - centre) / spread
    usual = float(np.exp(centre))
    high = max(float(np.exp(centre + SLOW_SCORE * spread)), SLOW_FACTOR * usual, usual + SLOW_SECONDS)
    if float(newest["seconds"]) <= high:
        return None
    day = day_of[newest["started_at"]]
    facts: dict[str, Value] = {
        "subject": f"job {job}", "subject_en": f"Job {job}", "subject_zh": f"任务 {job}", "day": day,
        "observed": float(newest["seconds"]), "high": high,
    }  # fmt: skip
    rows: list[dict[str, Value]] = [
        {
            "day": day_of[run["started_at"]],
            "observed": float(run["seconds"]),
            "expected": usual,
            "low": 0.0,
            "high": high,
        }
        for run in done[-14:]
    ]
    return Finding("slow_job", f"job {job}", day, score, "slow_job", facts, tuple(rows))


def _failing(job: str, runs: Sequence[Row], day_of: Mapping[int, str]) -> Finding | None:
    ended = [run for run in runs if run["state"] in ("done", "failed", "interrupted")][-FAILED_OF[1] :]
    failed = sum(run["state"] != "done" for run in ended)
    if failed < FAILED_OF[0] or ended[-1]["state"] == "done":
        return None
    day = day_of[ended[-1]["started_at"]]
    facts: dict[str, Value] = {
        "subject": f"job {job}", "subject_en": f"Job {job}", "subject_zh": f"任务 {job}", "day": day, "n": failed,
        "of": len(ended),
    }  # fmt: skip
    return Finding("failing_job", f"job {job}", day, float(failed), "failing_job", facts, ())


def camera_findings(days: Sequence[Row], names: Mapping[bytes, str], since: str) -> list[Finding]:
    """Gates whose counters dropped five in a hundred pictures or more on a day, and far more than usual for them.

    Usual is the median of the 28 days before (seven at least), far is four robust standard deviations.
    """
    found = []
    gates: dict[bytes, list[Row]] = {}
    for row in sorted(days, key=lambda row: row["day"]):
        gates.setdefault(row["gate_id"], []).append(row)
    for gate, mine in sorted(gates.items()):
        shares = np.array([row["dropped"] / max(row["seen"] + row["dropped"], 1) for row in mine])
        for i in range(LEAST_DAYS, len(mine)):
            past = shares[max(0, i - DAYS_BEFORE) : i]
            centre, spread = centre_and_spread(past)
            score = float((shares[i] - centre) / max(spread, 0.005))
            if mine[i]["day"] >= since and shares[i] >= LEAST_SHARE and score > SLOW_SCORE:
                found.append(
                    _dropped(names.get(gate, gate.hex()), mine[max(0, i - 13) : i + 1], shares[i], centre, score)
                )
    return found


def _dropped(name: str, rows: Sequence[Row], share: float, usual: float, score: float) -> Finding:
    day = str(rows[-1]["day"])
    facts: dict[str, Value] = {
        "subject": f"camera {name}", "subject_en": f"Counter of gate {name}", "subject_zh": f"入口 {name} 的计数设备",
        "day": day, "observed": 100 * float(share), "expected": 100 * float(usual),
    }  # fmt: skip
    shown: list[dict[str, Value]] = [
        {"day": str(row["day"]), "observed": 100 * row["dropped"] / max(row["seen"] + row["dropped"], 1),
         "expected": 100 * float(usual)}
        for row in rows
    ]  # fmt: skip
    return Finding("dropped_frames", f"camera {name}", day, score, "dropped_frames", facts, tuple(shown))


def import_findings(batches: Sequence[Row], day_of: Mapping[int, str], since: str) -> list[Finding]:
    """Imports of which five rows in a hundred or more were refused, and far more than of those of their kind before."""
    from scipy.stats import binom

    found = []
    kinds: dict[str, list[Row]] = {}
    for batch in sorted(batches, key=lambda batch: (batch["started_at"], batch["id"])):
        if batch["state"] == "done" and batch["read"] > 0:
            kinds.setdefault(batch["kind"], []).append(batch)
    for kind, mine in sorted(kinds.items()):
        for i, batch in enumerate(mine):
            refused, read = min(int(batch["rejected"]), int(batch["read"])), int(batch["read"])
            before = mine[:i][-RUNS_BEFORE:]
            usual = float(np.median([b["rejected"] / b["read"] for b in before])) if before else 0.01
            chance = float(binom.sf(refused - 1, read, min(max(usual, 0.01), 1.0)))
            day = day_of[batch["started_at"]]
            if day >= since and refused / read >= LEAST_SHARE and chance < 1e-4:
                facts: dict[str, Value] = {
                    "subject": f"import {kind}", "subject_en": f"Import of {kind}", "subject_zh": f"{kind} 导入",
                    "day": day,
                    "observed": 100 * refused / read, "expected": 100 * usual, "n": refused, "of": read,
                }  # fmt: skip
                score = float(min(-np.log10(max(chance, 1e-300)), 300.0))
                found.append(Finding("rejected_rows", f"import {kind}", day, score, "rejected_rows", facts, ()))
    return found
