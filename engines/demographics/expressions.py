"""Facial expressions at a place as the network told them, or the reason why there are none.

No labelled set says how right such a network is in a mall, so nothing is corrected: an interval tells of chance in
the number of people alone, and `EMOTION_CAUTION` belongs beside every figure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from engines.cameras.day import source_of
from engines.cameras.purposes import purposes
from engines.cameras.records import cameras
from engines.cameras.state import states
from engines.demographics.checking import UNKNOWN
from engines.demographics.queries import LEAST_PEOPLE, MOST_HIDDEN, SUPPRESSED, why_not
from engines.demographics.rules import Share, widened, wilson
from engines.demographics.views import Reason
from engines.demographics.weights import FACE_WEIGHTS, emotion_weights
from models.errors import NotInstalled
from models.store import Store
from models.weights import digest_of, find_weights

PURPOSE = "emotion"
_ROWS = (
    "SELECT e.place, s.code, e.weights, e.expression, sum(e.n) FROM expression_hour e JOIN source s "
    "ON s.id = e.source_id WHERE e.day BETWEEN ?1 AND ?2 AND (?3 IS NULL OR e.place = ?3) "
    "AND NOT EXISTS (SELECT 1 FROM expression_hour n WHERE n.place = e.place AND n.hour_start = e.hour_start "
    "AND n.expression = e.expression AND n.weights = e.weights AND n.source_id = e.source_id "
    "AND n.revision > e.revision) GROUP BY 1, 2, 3, 4"
)


@dataclass(frozen=True)
class Expressions:
    """What faces at a place showed in a span of days.

    `people` were seen: `unknown` of them without a face that could be read or with none sure enough, `suppressed` in
    groups too small to be shown, pooled. `shares` are of the others, the most frequent first, each with Wilson's 95 %
    interval, widened as the pooled may have shown anything; empty where `reasons` say why. `source` is the code of
    the camera's source, `weights` the digest of the network that told all of this; `others` people of that source,
    whom another network told of, are left out.
    """

    place: str
    first_day: str
    last_day: str
    people: int = 0
    unknown: int = 0
    suppressed: int = 0
    shares: tuple[Share, ...] = ()
    reasons: tuple[Reason, ...] = ()
    source: str | None = None
    weights: str | None = None
    others: int = 0


@dataclass
class _Seen:
    """One camera's people at one place by expression, as each network (its weights' digest) told them."""

    source: str
    told: dict[str, Counter[str]] = field(default_factory=dict)

    def by(self, weights: str) -> Counter[str]:
        """What one network told."""
        return self.told.get(weights, Counter())


def expression_places(store: Store, first_day: str, last_day: str) -> list[str]:
    """The codes of zones and gates with any row in these days (inclusive) of a camera that is switched on, sorted."""
    return sorted({place for place, _ in _seen(store, first_day, last_day, None)})


def expressions(store: Store, first_day: str, last_day: str, place: str) -> Expressions:
    """Expressions at a place (code of a zone or gate) from `first_day` to `last_day` (inclusive).

    Only cameras count at which the purpose is on now, and only what the weights told that are in the site now. Of
    several cameras the one that saw most people counts: two views are never added up.
    """
    if not _on(store):
        return Expressions(place, first_day, last_day, reasons=(_OFF,))
    try:
        weights = digest_of(emotion_weights(store))
    except NotInstalled as missing:
        return Expressions(place, first_day, last_day, reasons=(_no_weights(missing),))
    seen = [one for _, one in _seen(store, first_day, last_day, place)]
    found = max(
        seen, key=lambda one: (one.by(weights).total(), sum(map(Counter.total, one.told.values()))), default=None
    )
    if found is None:
        return Expressions(place, first_day, last_day, reasons=(_nothing_seen(store),))
    groups = found.by(weights)
    others = sum(map(Counter.total, found.told.values())) - groups.total()
    known = Counter({name: n for name, n in groups.items() if name not in {UNKNOWN, SUPPRESSED}})
    refused = _refusal(known.total(), groups[SUPPRESSED])
    reasons = (*((refused,) if refused else ()), *((_other_weights(others),) if others else ()))
    return Expressions(
        place, first_day, last_day, groups.total(), groups[UNKNOWN], groups[SUPPRESSED],
        () if refused else _shares(known, groups[SUPPRESSED]), reasons, found.source, weights, others,
    )  # fmt: skip


_OFF = Reason(
    "off", "No camera is switched on for expressions; they are off by default.", "没有摄像机启用表情测量（默认关闭）。"
)


def _on(store: Store) -> set[str]:
    """The codes of the cameras at which expressions are switched on."""
    here = {camera.code for camera in cameras(store)}
    return {one.camera for one in purposes(store) if one.purpose == PURPOSE and one.on} & here


def _seen(store: Store, first_day: str, last_day: str, place: str | None) -> list[tuple[str, _Seen]]:
    """(place, what one camera saw there), by place and source, of the cameras that are switched on."""
    sources = {source_of(code) for code in _on(store)}
    with store.read() as connection:
        rows = connection.exec_driver_sql(_ROWS, (first_day, last_day, place)).fetchall()
    found: dict[tuple[str, str], _Seen] = {}
    for where, source, weights, name, n in map(tuple, rows):
        if source in sources:
            one = found.setdefault((where, source), _Seen(source))
            one.told.setdefault(weights, Counter())[name] += n
    return [(where, found[where, source]) for where, source in sorted(found)]


def _shares(known: Counter[str], suppressed: int) -> tuple[Share, ...]:
    total = known.total()
    ranked = sorted(known.items(), key=lambda each: (-each[1], each[0]))
    shares = [Share(name, n, n / total, n / total, *wilson(n, total)) for name, n in ranked]
    return widened(shares, suppressed / (total + suppressed))


def _refusal(known: int, suppressed: int) -> Reason | None:
    """Why the people that were seen are too few."""
    if known < LEAST_PEOPLE:
        return Reason(
            "few_people",
            f"Expressions of {known} people are known here; {LEAST_PEOPLE} are needed.",
            f"此处已知 {known} 人的表情，需要 {LEAST_PEOPLE} 人。",
        )
    share = suppressed / (known + suppressed)
    if share > MOST_HIDDEN:
        return Reason(
            "suppressed",
            f"{share:.0%} of the people are in groups too small to be shown.",
            f"{share:.0%} 的人属于过小而不能显示的组。",
        )
    return None


def _no_weights(missing: NotInstalled) -> Reason:
    zh = "缺少表情模型权重或人脸检测模型权重，因此不显示表情。"
    return Reason("no_weights", f"{missing.sentence} Without them there is nothing to show.", zh)


def _other_weights(others: int) -> Reason:
    return Reason(
        "other_weights",
        f"{others} people of these days were measured with other weights and are left out.",
        f"所选日期内有 {others} 人由其他模型权重测得，未计入。",
    )


def _nothing_seen(store: Store) -> Reason:
    """Why a place has no rows: the weights that find faces, or the cameras' faces where they keep all of them."""
    try:
        find_weights(store.site, FACE_WEIGHTS)
    except NotInstalled as missing:
        return _no_weights(missing)
    faces, on = {each.code: each.face_width_median for each in states(store)}, _on(store)
    asked = [camera for camera in cameras(store) if camera.code in on]
    kept = [why_not(True, faces.get(camera.code), None) for camera in asked]
    if asked and kept[0] is not None and all(kept):
        reason = kept[0]
        return Reason(reason.code, f"{asked[0].name}: {reason.text}", f"{asked[0].name}：{reason.text_zh}")
    return Reason("nobody", "Nobody was measured at this place in these days.", "所选日期内此处没有测量数据。")
