"""The age-and-gender network that a site may use: the one whose very file was checked on labelled faces."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from engines.access.guard import guarded
from engines.demographics.checking import Checked, JudgedFace, summed_up
from models.errors import Known, NotInstalled
from models.ids import new_id
from models.store import Store
from models.times import now_ms
from models.weights import MODELS, digest_of

FACE_WEIGHTS = "face-detection-yunet-2026may"
"""The weights that find faces, by their name in the site."""
_EMOTION = "emotion"
_ADVICE = "Run: python main.py faces check FOLDER --weights NAME"


@dataclass(frozen=True)
class ModelCheck:
    """A check of weights (their name in the site and their digest) at `at` (UTC milliseconds) by `actor`."""

    weights: str
    sha256: str
    labelled_set: str
    actor: str
    at: int
    checked: Checked


@dataclass(frozen=True)
class CheckedWeights:
    """Weights that are in the site as they were checked; `path` is the file to load."""

    path: Path
    check: ModelCheck


def weights_in(store: Store, name: str) -> Path | None:
    """The model file of the site's weights of that name, None where there is none."""
    folder = store.site.folder / "weights" / name
    return next((path for suffix in MODELS for path in sorted(folder.glob(f"*{suffix}"))), None)


@guarded
def record_check(
    store: Store, actor: str, *, weights: str, labelled_set: str, faces: list[JudgedFace], bands: tuple[str, ...]
) -> ModelCheck:
    """Keep for good what a labelled set says of the site's weights `weights`. Raises Known where they are absent."""
    path = weights_in(store, weights)
    if path is None:
        raise Known(f"There are no weights '{weights}' in this site.", "Run: python main.py weights list", code=2)
    check = ModelCheck(weights, digest_of(path), labelled_set, actor, now_ms(), summed_up(faces, bands))
    with store.write(actor, "keeping a model's check") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO model_check (id, weights, sha256, labelled_set, n, groups, actor, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (new_id(), weights, check.sha256, labelled_set, check.checked.n, json.dumps(check.checked.as_json()),
             actor, check.at),
        )  # fmt: skip
        tx.audit("check", f"weights/{weights}", sha256=check.sha256, labelled_set=labelled_set, n=check.checked.n)
    return check


def checks(store: Store) -> list[ModelCheck]:
    """Every check, the newest first."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT weights, sha256, labelled_set, actor, at, groups FROM model_check ORDER BY at DESC, id DESC"
        ).fetchall()
    return [
        ModelCheck(name, sha, labelled, who, at, Checked.of_json(json.loads(groups)))
        for name, sha, labelled, who, at, groups in map(tuple, rows)
    ]


def checked_weights(store: Store) -> CheckedWeights:
    """The weights that may be used: of those in the site exactly as they were checked, the ones checked last.

    Raises NotInstalled with the reason why there are none.
    """
    known = checks(store)
    changed: list[str] = []
    for check in known:
        path = weights_in(store, check.weights)
        if path is not None and digest_of(path) == check.sha256:
            return CheckedWeights(path, check)
        changed += [check.weights] if path is not None else []
    if changed:
        raise NotInstalled(f"The weights '{changed[0]}' are not the ones that were checked on labelled faces.", _ADVICE)
    if known:
        raise NotInstalled(f"The weights '{known[0].weights}' that were checked are no longer in this site.", _ADVICE)
    raise NotInstalled("No weights for age and gender are in this site and checked on labelled faces.", _ADVICE)


def emotion_weights(store: Store) -> Path:
    """The site's network for expressions: the first weights whose name begins with 'emotion'.

    Raises NotInstalled where there are none. No labelled set says how right it is in a mall, so none is asked for.
    """
    for folder in sorted((store.site.folder / "weights").glob(f"{_EMOTION}*")):
        if path := weights_in(store, folder.name):
            return path
    raise NotInstalled("No weights for expressions are in this site.", "Run: python main.py weights add FILE")
