"""What cameras see besides crossings: stays, waits, flows, heat, how well each camera is and what it may measure.

Nothing here names or pictures a person. Tables of class T are detail of this machine for a few weeks or
months: they are neither logged nor sent anywhere, and the tidying removes what is old.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind

NONE = text("0")


class ZoneBucket(Row):
    """What one source saw of one zone in one quarter hour.

    `visits` are stays that ended in it, `seconds_total` their sum; `dwell` and, for a queue zone, `waits` of
    those served are JSON objects {bin: number}, bin i holding 1.03**i to 1.03**(i+1) seconds. `unserved` left a
    queue another way than past its service line. `reaches` and `reach_seconds` are of a display zone. `quality`
    names flaws, comma-separated. A quarter that nobody watched has no row; a correction is a new `revision`.
    """

    __tablename__ = "zone_bucket"
    __table_args__ = kind(
        "F", Index("ix_zone_bucket_day_zone_id", "day", "zone_id"), channel="telemetry", rowid=False, month="day"
    )
    zone_id: Mapped[bytes] = mapped_column(ForeignKey("zone.id"), primary_key=True)
    bucket_start: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, default=0)
    day: Mapped[str]
    minute: Mapped[int]
    purpose: Mapped[str]
    entries: Mapped[int]
    exits: Mapped[int]
    visits: Mapped[int]
    seconds_total: Mapped[float]
    dwell: Mapped[str]
    waits: Mapped[str]
    unserved: Mapped[int] = mapped_column(default=0)
    presence_mean: Mapped[float]
    presence_max: Mapped[int]
    queue_mean: Mapped[float]
    queue_max: Mapped[int]
    reaches: Mapped[int] = mapped_column(default=0)
    reach_seconds: Mapped[float] = mapped_column(default=0.0)
    groups: Mapped[int] = mapped_column(default=0)
    seconds_observed: Mapped[float]
    quality: Mapped[str | None]
    batch_id: Mapped[bytes | None]


class ZoneFlow(Row):
    """People who left one zone and next entered another of the same camera, by the quarter hour they arrived in.

    `seconds_total` is the time between, over all of them.
    """

    __tablename__ = "zone_flow"
    __table_args__ = kind(
        "F", Index("ix_zone_flow_day", "day"), channel="telemetry", rowid=False, month="day"
    )  # fmt: skip
    origin_id: Mapped[bytes] = mapped_column(ForeignKey("zone.id"), primary_key=True)
    target_id: Mapped[bytes] = mapped_column(ForeignKey("zone.id"), primary_key=True)
    bucket_start: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, default=0)
    day: Mapped[str]
    minute: Mapped[int]
    n: Mapped[int]
    seconds_total: Mapped[float]
    batch_id: Mapped[bytes | None]


class DemographicHour(Row):
    """People of one age band and gender ('unknown' is a value of either) seen at one place in one hour.

    `place` is the code of a zone or gate, `weights` the digest of the network that told them (SHA-256, as in
    `model_check`). Groups under the minimum size never get here.
    """

    __tablename__ = "demographic_hour"
    __table_args__ = kind(
        "F", Index("ix_demographic_hour_day_place", "day", "place"), channel="telemetry", rowid=False, month="day"
    )
    place: Mapped[str] = mapped_column(primary_key=True)
    hour_start: Mapped[int] = mapped_column(primary_key=True)
    age_band: Mapped[str] = mapped_column(primary_key=True)
    gender: Mapped[str] = mapped_column(primary_key=True)
    weights: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, default=0)
    day: Mapped[str]
    minute: Mapped[int]
    n: Mapped[int]
    batch_id: Mapped[bytes | None]


class ExpressionHour(Row):
    """People with one facial expression ('unknown' and 'suppressed' are values too) at one place in one hour.

    A sign of nothing that was ever found reliable: off unless a person switched it on, and never shown without that
    caution. `place` and `weights` as in `demographic_hour`; groups under the minimum size never get here.
    """

    __tablename__ = "expression_hour"
    __table_args__ = kind(
        "F", Index("ix_expression_hour_day_place", "day", "place"), channel="telemetry", rowid=False, month="day"
    )
    place: Mapped[str] = mapped_column(primary_key=True)
    hour_start: Mapped[int] = mapped_column(primary_key=True)
    expression: Mapped[str] = mapped_column(primary_key=True)
    weights: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, default=0)
    day: Mapped[str]
    minute: Mapped[int]
    n: Mapped[int]
    batch_id: Mapped[bytes | None]


class CountMinute(Row):
    """One gate, one minute, one source. People are counted without staff; `quality` names flaws.

    `seconds_observed` (0 to 60) is how much of the minute was watched; an unwatched minute has no row.
    """

    __tablename__ = "count_minute"
    __table_args__ = kind(
        "T", Index("ix_count_minute_day_gate_id", "day", "gate_id"), rowid=False
    )  # fmt: skip
    gate_id: Mapped[bytes] = mapped_column(ForeignKey("gate.id"), primary_key=True)
    minute_start: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"), primary_key=True)
    day: Mapped[str]
    minute: Mapped[int]
    n_in: Mapped[int]
    n_out: Mapped[int]
    n_pass: Mapped[int]
    staff_in: Mapped[int]
    staff_out: Mapped[int]
    seconds_observed: Mapped[float]
    frames_seen: Mapped[int]
    frames_dropped: Mapped[int]
    quality: Mapped[str | None]


class ZoneMinute(Row):
    """One zone, one minute, one source: mean and greatest presence as counted (not calibrated), median queue."""

    __tablename__ = "zone_minute"
    __table_args__ = kind(
        "T", Index("ix_zone_minute_day_zone_id", "day", "zone_id"), rowid=False
    )  # fmt: skip
    zone_id: Mapped[bytes] = mapped_column(ForeignKey("zone.id"), primary_key=True)
    minute_start: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"), primary_key=True)
    day: Mapped[str]
    minute: Mapped[int]
    presence_mean: Mapped[float]
    presence_max: Mapped[int]
    queue_median: Mapped[float]
    seconds_observed: Mapped[float]
    quality: Mapped[str | None]


class HeatHour(Row):
    """Person-seconds on one square metre of a floor plan in one hour; `x` and `y` are whole metres of the plan."""

    __tablename__ = "heat_hour"
    __table_args__ = kind(
        "T", Index("ix_heat_hour_day_floor", "day", "floor"), rowid=False
    )  # fmt: skip
    floor: Mapped[str] = mapped_column(primary_key=True)
    hour_start: Mapped[int] = mapped_column(primary_key=True)
    x: Mapped[int] = mapped_column(primary_key=True)
    y: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[bytes] = mapped_column(ForeignKey("source.id"), primary_key=True)
    day: Mapped[str]
    minute: Mapped[int]
    seconds: Mapped[float]


class CameraStateRow(Row):
    """How one camera is now: `state` is counting, waiting, lost, ended or wrong, `reason` why it does not count.

    Rates are frames a second; `skipped_share` of the frames that came was left out for lack of time; `drift_ms`
    is how far the camera's clock runs from ours; `face_width_median` in pixels, None where it was not measured.
    `flaws` are those of its newest picture, comma-separated; `last_frame_at` is when it last counted a picture.
    """

    __tablename__ = "camera_state"
    __table_args__ = kind("T")
    camera_id: Mapped[bytes] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[int]
    state: Mapped[str]
    reason: Mapped[str | None]
    fps_in: Mapped[float | None]
    fps_analysed: Mapped[float | None]
    frames_dropped: Mapped[int] = mapped_column(server_default=NONE)
    skipped_share: Mapped[float | None]
    drift_ms: Mapped[float | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    night: Mapped[int] = mapped_column(server_default=NONE)
    flaws: Mapped[str | None]
    restarts: Mapped[int] = mapped_column(server_default=NONE)
    losses: Mapped[int] = mapped_column(server_default=NONE)
    process_ms: Mapped[float | None]
    face_width_median: Mapped[float | None]
    last_frame_at: Mapped[int | None]


class CameraPurpose(Row):
    """A person switched a purpose (demographics, emotion) of a camera on or off. The newest row of a pair holds.

    `legal_basis` is the law's ground as that person stated it, `notice` the text shown at the door.
    """

    __tablename__ = "camera_purpose"
    __table_args__ = kind("L", Index("ix_camera_purpose_camera_purpose", "camera", "purpose"), append_only=True)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    camera: Mapped[str]
    purpose: Mapped[str]
    switched_on: Mapped[int]
    actor: Mapped[str]
    at: Mapped[int]
    legal_basis: Mapped[str | None]
    notice: Mapped[str | None]


class AccuracyCheck(Row):
    """A person counted a stretch of a camera's line by hand: what was true, what was counted, what was missed.

    `day` is the business day in which the stretch began.
    `missed` true crossings have no count near them in time and way, `spurious` counts no true crossing.
    `within_s` is how near is near enough.
    """

    __tablename__ = "accuracy_check"
    __table_args__ = kind("F", Index("ix_accuracy_check_camera_at", "camera", "at"), append_only=True)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    camera: Mapped[str]
    line: Mapped[str]
    day: Mapped[str]
    started_at: Mapped[int]
    ended_at: Mapped[int]
    true_in: Mapped[int]
    true_out: Mapped[int]
    counted_in: Mapped[int]
    counted_out: Mapped[int]
    missed: Mapped[int]
    spurious: Mapped[int]
    within_s: Mapped[float]
    detector: Mapped[str | None]
    note: Mapped[str | None]
    actor: Mapped[str]
    at: Mapped[int]


class PresenceCalibration(Row):
    """Frames of a zone whose people a person counted; `frames` is JSON [[counted by hand, counted], ...].

    `basis` stands for what the calibration holds for (the zone's outline, the detector): it is void when that
    changes.
    """

    __tablename__ = "presence_calibration"
    __table_args__ = kind("F", Index("ix_presence_calibration_camera_zone", "camera", "zone"), append_only=True)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    camera: Mapped[str]
    zone: Mapped[str]
    frames: Mapped[str]
    basis: Mapped[str]
    actor: Mapped[str]
    at: Mapped[int]


class ModelCheck(Row):
    """How right a model of attributes was on a labelled set; `groups` is a JSON array, one object a group."""

    __tablename__ = "model_check"
    __table_args__ = kind("F", Index("ix_model_check_sha256", "sha256"), append_only=True)
    id: Mapped[bytes] = mapped_column(primary_key=True)
    weights: Mapped[str]
    sha256: Mapped[str]
    labelled_set: Mapped[str]
    n: Mapped[int]
    groups: Mapped[str]
    actor: Mapped[str]
    at: Mapped[int]
