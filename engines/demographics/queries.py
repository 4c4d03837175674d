"""Reads of demographics for pages: shares by place and span of days, with their error, or the reason why not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from engines.cameras.purposes import purposes
from engines.cameras.records import cameras
from engines.cameras.state import states
from engines.demographics.checking import UNKNOWN, Checked, weak_groups
from engines.demographics.rules import Confusion, Share, corrected_many, corrected_two, widened
from engines.demographics.views import Audience, CameraMeasure, Reason
from engines.demographics.weights import FACE_WEIGHTS, CheckedWeights, checked_weights, checks
from models.errors import NotEnoughData, NotInstalled
from models.store import Store
from models.weights import find_weights

PURPOSE = "demographics"
SUPPRESSED = "suppressed"
LEAST_FACE = 60
LEAST_PEOPLE = 100
"""People of known gender or age that a chart needs."""
LEAST_LABELLED = {"genders": 50, "bands": 20}
"""Labelled people of each gender and each band that a correction needs."""
MOST_HIDDEN = 0.2
"""A chart is not drawn where a greater share of the people is in groups too small to be shown."""

EMOTION_CAUTION = Reason(
    "emotion_unreliable",
    "What a face shows says little about what its person feels: a review of over a thousand studies (Barrett et al. "
    "2019) found no reliable link. Ask instead: satisfaction surveys measure it.",
    "面部表情难以反映真实感受：一项涵盖上千项研究的综述（Barrett 等，2019）未发现可靠联系。请改用满意度调查。",
)

_ROWS = (
    "SELECT s.code, d.place, d.weights, d.age_band, d.gender, sum(d.n) FROM demographic_hour d "
    "JOIN source s ON s.id = d.source_id WHERE d.day BETWEEN ?1 AND ?2 AND (?3 IS NULL OR d.place = ?3) "
    "AND NOT EXISTS (SELECT 1 FROM demographic_hour n WHERE n.place = d.place AND n.hour_start = d.hour_start "
    "AND n.age_band = d.age_band AND n.gender = d.gender AND n.weights = d.weights AND n.source_id = d.source_id "
    "AND n.revision > d.revision) GROUP BY s.code, d.place, d.weights, d.age_band, d.gender"
)


@dataclass
class _Seen:
    """One camera's people at one place, as one network told them (the digest of its weights)."""

    source: str
    weights: str
    groups: Counter[tuple[str, str]]

    @property
    def people(self) -> int:
        return self.groups.total()

    def of(self, index: int, name: str) -> int:
        return sum(n for group, n in self.groups.items() if group[index] == name)


def places_measured(store: Store, first_day: str, last_day: str) -> list[str]:
    """The codes of zones and gates with any row in these days (inclusive), sorted."""
    return sorted({place for place, _ in _seen(store, first_day, last_day, None)})


def audience(store: Store, first_day: str, last_day: str, place: str) -> Audience:
    """Genders and age bands at a place (code of a zone or gate) from `first_day` to `last_day` (inclusive).

    Of several cameras at one place the one that saw most people counts: two views are never added up. What was told
    by several networks is not added up either: of those that were checked the one that told of most people counts,
    corrected by its own check, and the others' people are told.
    """
    seen = [one for _, one in _seen(store, first_day, last_day, place)]
    try:
        weights: CheckedWeights | None = checked_weights(store)
        reasons: list[Reason] = []
    except NotInstalled as missing:
        weights, reasons = None, [_no_weights(missing)]
    known = {check.sha256: check for check in reversed(checks(store))}
    found = max(seen, key=lambda one: (one.weights in known, one.people), default=None)
    others = sum(one.people for one in seen if found and one.source == found.source) - (found.people if found else 0)
    check = (known.get(found.weights) if found else weights.check) if weights else None
    if found is None:
        reasons += [_nothing_seen(store)]
    elif weights:
        reasons += _other_weights(others, checked=check is not None)
    genders, bands = _charts(found, check.checked, reasons) if check and found else ((), ())
    return Audience(
        place, first_day, last_day,
        found.people if found else 0,
        found.groups[UNKNOWN, UNKNOWN] if found else 0,
        found.of(0, SUPPRESSED) if found else 0,
        genders, bands, tuple(reasons),
        check,
        weak_groups(check.checked) if check else (),
        found.source if found else None,
        found.weights if found else None,
        others,
    )  # fmt: skip


def camera_measures(store: Store) -> list[CameraMeasure]:
    """Each camera: whether the purpose is on, who switched it on which legal basis, and whether its faces do."""
    switches = {each.camera: each for each in purposes(store) if each.purpose == PURPOSE}
    faces = {each.code: each.face_width_median for each in states(store)}
    missing = _missing_weights(store) if any(each.on for each in switches.values()) else None
    made = []
    for camera in cameras(store):
        switch, face = switches.get(camera.code), faces.get(camera.code)
        on = switch is not None and switch.on
        actor, since = (switch.actor, switch.at) if switch else (None, None)
        basis, notice = (switch.legal_basis, switch.notice) if switch else (None, None)
        reason = why_not(on, face, missing)
        made.append(CameraMeasure(camera.code, camera.name, on, actor, since, basis, notice, face, reason))
    return made


def why_not(on: bool, face: float | None, missing: Reason | None) -> Reason | None:
    """What keeps a camera from measuring, None where nothing does: the switch, weights, its median face in pixels."""
    if not on:
        return Reason("off", "Switched off on this camera.", "该摄像机未启用。")
    if missing is not None:
        return missing
    if face is None:
        return Reason("not_measured", "not measured yet", "尚未测量")
    if face < LEAST_FACE:
        return Reason(
            "faces_too_small",
            f"not measurable here (median face {face:.0f} px, needs {LEAST_FACE})",
            f"此处无法测量（人脸宽度中位数 {face:.0f} 像素，需要 {LEAST_FACE} 像素）",
        )
    return None


def _missing_weights(store: Store) -> Reason | None:
    """What weights the purpose lacks in this site."""
    try:
        checked_weights(store)
        find_weights(store.site, FACE_WEIGHTS)
    except NotInstalled as missing:
        return _no_weights(missing)
    return None


def _no_weights(missing: NotInstalled) -> Reason:
    zh = "缺少人脸检测模型权重，或缺少已在标注人脸集上检验过的年龄与性别模型权重，因此不显示图表。"
    return Reason("no_checked_weights", f"{missing.sentence} Without them there is no chart.", zh)


def _other_weights(others: int, *, checked: bool) -> list[Reason]:
    """What is left out because another network told it."""
    if not checked:
        return [
            Reason(
                "unchecked_weights",
                "These people were measured with weights of which no check on labelled faces is kept.",
                "这些数据由未经标注人脸检验的模型权重测得。",
            )
        ]
    if others:
        return [
            Reason(
                "other_weights",
                f"{others} people of these days were measured with other weights and are left out.",
                f"所选日期内有 {others} 人由其他模型权重测得，未计入。",
            )
        ]
    return []


def _nothing_seen(store: Store) -> Reason:
    """Why a place has no rows: the first thing that keeps every camera from it."""
    measures = camera_measures(store)
    on = [each for each in measures if each.on]
    if not on:
        return Reason(
            "off",
            "No camera is switched on for this purpose; it is off by default.",
            "没有摄像机启用此用途（默认关闭）。",
        )
    if all(each.reason is not None for each in on):
        reason = next(each.reason for each in on if each.reason is not None)
        return Reason(reason.code, f"{on[0].name}: {reason.text}", f"{on[0].name}：{reason.text_zh}")
    return Reason("nobody", "Nobody was measured at this place in these days.", "所选日期内此处没有测量数据。")


def _seen(store: Store, first_day: str, last_day: str, place: str | None) -> list[tuple[str, _Seen]]:
    """(place, what one camera and network saw there), by place, source and weights."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(_ROWS, (first_day, last_day, place)).fetchall()
    found: dict[tuple[str, str, str], _Seen] = {}
    for source, where, weights, band, gender, n in map(tuple, rows):
        found.setdefault((where, source, weights), _Seen(source, weights, Counter())).groups[band, gender] += n
    return [(where, seen) for (where, _, _), seen in sorted(found.items())]


def _charts(seen: _Seen, checked: Checked, reasons: list[Reason]) -> tuple[tuple[Share, ...], tuple[Share, ...]]:
    """Both charts; a reason is added for each that there is not."""
    charts: list[tuple[Share, ...]] = []
    for index, table, what in ((1, checked.genders, "genders"), (0, checked.bands, "bands")):
        chart = _chart(seen, index, table, what)
        if isinstance(chart, Reason):
            reasons.append(chart)
        charts.append(() if isinstance(chart, Reason) else chart)
    return charts[0], charts[1]


def _chart(seen: _Seen, index: int, table: Confusion, what: str) -> tuple[Share, ...] | Reason:
    counts = [seen.of(index, name) for name in table.names]
    known, hidden = sum(counts), seen.of(index, SUPPRESSED)
    if reason := _refusal(known, hidden, table, what):
        return reason
    try:
        found = corrected_two((counts[0], counts[1]), table) if len(counts) == 2 else corrected_many(counts, table)
    except NotEnoughData as missing:
        return Reason(f"{what}_not_told_apart", missing.missing, missing.missing_zh)
    return widened(found, hidden / (known + hidden))


def _refusal(known: int, hidden: int, table: Confusion, what: str) -> Reason | None:
    title, title_zh = {"genders": ("Gender", "性别"), "bands": ("Age", "年龄")}[what]
    short = [name for i, name in enumerate(table.names) if table.row_sum(i) < LEAST_LABELLED[what]]
    if short:
        return Reason(
            f"{what}_few_labels",
            f"{title}: the labelled set has under {LEAST_LABELLED[what]} people of {', '.join(short)}.",
            f"{title_zh}：标注集中 {'、'.join(short)} 不足 {LEAST_LABELLED[what]} 人。",
        )
    if known < LEAST_PEOPLE:
        return Reason(
            f"{what}_few_people",
            f"{title}: {known} people are known here; {LEAST_PEOPLE} are needed.",
            f"{title_zh}：此处已知 {known} 人，需要 {LEAST_PEOPLE} 人。",
        )
    share = hidden / (known + hidden)
    if share > MOST_HIDDEN:
        return Reason(
            f"{what}_suppressed",
            f"{title}: {share:.0%} of the people are in groups too small to be shown.",
            f"{title_zh}：{share:.0%} 的人属于过小而不能显示的组。",
        )
    return None
