"""When a composite moved, and why: a row only where it moved 5 points or the rung changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engines.contract import Moment
from engines.leads.weights import Weighing

MOVED = 5.0
COMPONENTS = ("behavioural", "demographic", "engagement", "predictive")
CAUSES = {"demographic": "profile", "engagement": "engagement", "predictive": "prediction"}


def moves(
    now: Sequence[Mapping[str, Any]],
    before: Iterable[Mapping[str, Any]],
    last: Iterable[Mapping[str, Any]],
    weighing: Weighing,
    moment: Moment,
) -> list[dict[str, Any]]:
    """Rows of `score_history`. `before` are the rows of lead_score that `now` replaces, `last` the history so far.

    A composite is compared with the last one that was noted, so that many small steps are not lost.
    """
    known = {row["subject_id"]: row for row in before if row["use"] == weighing.use}
    noted: dict[bytes, Mapping[str, Any]] = {}
    for row in sorted(
        (r for r in last if r["use"] == weighing.use and r["at"] < moment.at), key=lambda r: int(r["at"])
    ):
        noted[row["subject_id"]] = row
    made = []
    for row in now:
        then = noted.get(row["subject_id"])
        if then is not None and abs(row["composite"] - then["composite"]) < MOVED and row["rung"] == then["rung"]:
            continue
        cause, detail, change = ("first", "", row["composite"])
        if then is not None:
            cause, detail, change = cause_of(row, known.get(row["subject_id"]), weighing)
        made.append({
            "use": row["use"], "subject_id": row["subject_id"], "at": moment.at, "day": moment.day,
            "composite": row["composite"],
            "before": None if then is None else then["composite"], "rung": row["rung"],
            "cause": cause, "detail": detail, "change": round(change, 4),
        })  # fmt: skip
    return made


def cause_of(row: Mapping[str, Any], old: Mapping[str, Any] | None, weighing: Weighing) -> tuple[str, str, float]:
    """What moved it most since the row before: cause, detail, and the points it made."""
    if old is None:
        return "first", "", float(row["composite"])
    change = row["composite"] - old["composite"]
    if row["weights_version"] != old["weights_version"]:
        return "weights", str(row["weights_version"]), change
    parts = {n: weighing.weights[n] * ((row[n] or 0.0) - (old[n] or 0.0)) for n in COMPONENTS}
    parts["rules"] = float(row["points"] - old["points"])
    name = max(parts, key=lambda n: (parts[n] * (1 if change >= 0 else -1), n))
    return *_named(name, parts[name], row, old), parts[name]


def _named(name: str, part: float, row: Mapping[str, Any], old: Mapping[str, Any]) -> tuple[str, str]:
    """The cause that a component's move has, and its detail."""
    if name == "rules":
        return "rules", _rule(row, old)
    if name == "predictive" and row["model_version"] != old["model_version"]:
        return "model", str(row["model_version"] or "")
    if name == "behavioural":
        kind = _newer(row, old) if part > 0 else ""
        return ("touch", kind) if kind else ("quiet", "")
    stage = _fields(row).get("stage")
    return ("stage", str(stage or "")) if stage != _fields(old).get("stage") else (CAUSES[name], "")


def _newer(row: Mapping[str, Any], old: Mapping[str, Any]) -> str:
    """The kind of touch whose points grew most."""
    then = {f["factor"]: f["points"] for f in json.loads(old["factors"])}
    grown = {
        f["factor"][6:]: f["points"] - then.get(f["factor"], 0.0)
        for f in json.loads(row["factors"])
        if f["factor"].startswith("touch:")
    }
    return max(grown, key=lambda kind: (grown[kind], kind), default="")


def _rule(row: Mapping[str, Any], old: Mapping[str, Any]) -> str:
    sides = [{f["factor"][5:] for f in json.loads(r["factors"]) if f["factor"].startswith("rule:")} for r in (row, old)]
    return ", ".join(sorted(sides[0] ^ sides[1]))


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row["fields"])
    return found
