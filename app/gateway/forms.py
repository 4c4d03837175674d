"""What goes in and what comes out, as the OpenAPI document describes it. Rows in have the fields of the imports."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

T = TypeVar("T")
_PLAIN = r"^[^\x00-\x1f\x7f]+$"
Word = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=_PLAIN)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=400, pattern=_PLAIN)]
When = Annotated[
    str,
    StringConstraints(min_length=8, max_length=40, pattern=r"^[0-9T:.+Z /-]+$"),
    Field(description="ISO 8601, as in 2026-11-20T14:05:00+08:00; without an offset it is the site's local time."),
]
Source = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
Amount = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Number = Annotated[int, Field(ge=0, le=1_000_000)]
Scalar = str | float | bool | None
Code = Annotated[str, Path(pattern=r"^[A-Za-z0-9._:-]{1,80}$")]
PersonId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The customer's id at this site.")]
Limit = Annotated[int, Query(ge=1, le=500, description="Rows of a page.")]
Mark = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,160}$", description="`next` of the page before.")]
FromDay = Annotated[date, Query(alias="from", description="First business day.", examples=["2026-11-01"])]
ToDay = Annotated[date, Query(alias="to", description="Last business day, within.", examples=["2026-11-20"])]


class In(BaseModel):
    """What a program sends: nothing besides what is declared."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, strict=True)


class ErrorForm(BaseModel):
    """Every refusal: `code` for programs, a sentence and the next step for people, the request's id for the log."""

    code: str
    sentence: str
    step: str
    request_id: str
    details: list[dict[str, Any]] = []


class Page(BaseModel, Generic[T]):
    """A page of rows; `next` goes into `after`, null at the end."""

    items: list[T]
    next: str | None = None


class KeyIn(In):
    """An API key."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class LoginIn(In):
    """A user's name and password."""

    user: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SessionIn(In):
    """What a login gave as `session`."""

    session: Annotated[str, StringConstraints(min_length=20, max_length=100)]


class TokenOut(BaseModel):
    """A token for the Authorization header; `session`, of a login alone, makes the next one."""

    token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int
    rights: list[str]
    session: str | None = None


class SaleIn(In):
    """A receipt, or a line of one: rows with the same receipt make one sale. Amounts are in the main unit."""

    receipt: Annotated[Word, Field(description="The key: sent again, it changes nothing.")]
    at: When
    tenant: Word
    amount: Amount | None = None
    net: Amount | None = None
    quantity: Amount | None = None
    unit_price: Amount | None = None
    product_code: Word | None = None
    product: Text | None = None
    category: Word | None = None
    payment: Word | None = None
    card: Word | None = None
    customer: Word | None = None
    phone: Word | None = None
    email: Word | None = None


class ActivityIn(In):
    """Something that a customer did, on the site, in the app or in the mall."""

    key: Annotated[Word, Field(description="The sender's number of it: sent again, it changes nothing.")]
    kind: Word
    at: When
    card: Word | None = None
    customer: Word | None = None
    phone: Word | None = None
    email: Word | None = None
    device: Word | None = None
    zone: Word | None = None
    tenant: Word | None = None
    campaign: Word | None = None
    related: Word | None = None
    amount: Amount | None = None
    score: Amount | None = None
    duration: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)] | None = None
    page: Text | None = None
    props: Annotated[dict[Word, Scalar], Field(max_length=20)] | None = None


class CountIn(In):
    """People counted at a gate in the quarter hour of `at`: `n` with a direction, or entries and exits."""

    gate: Word
    at: When
    direction: Literal["in", "out"] | None = None
    n: Number | None = None
    entries: Number | None = None
    exits: Number | None = None
    staff_n: Number | None = None
    seconds_observed: Number | None = None


class SalesIn(In):
    """Receipts of one sender."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"rows": [{"receipt": "T1-000481", "at": "2026-11-20T14:05:00+08:00", "tenant": "T001",
                           "amount": 128.5, "card": "8800123"}]}
            ]
        }
    )  # fmt: skip
    source: Source | None = None
    rows: Annotated[list[SaleIn], Field(min_length=1, max_length=1_000)]


class ActivitiesIn(In):
    """Activities of one sender."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"source": "app", "rows": [{"key": "ev-91", "kind": "page_view", "at": "2026-11-20T14:05:00+08:00",
                                            "device": "d-77", "page": "/offers"}]}
            ]
        }
    )  # fmt: skip
    source: Source | None = None
    rows: Annotated[list[ActivityIn], Field(min_length=1, max_length=1_000)]


class CountsIn(In):
    """Counts of one sender."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"rows": [{"gate": "north", "at": "2026-11-20T14:00:00+08:00", "entries": 42, "exits": 31}]}]
        }
    )
    source: Source | None = None
    rows: Annotated[list[CountIn], Field(min_length=1, max_length=1_000)]


class SensorIn(In):
    """What a sensor has counted so far in the running quarter hour (or the one of `at`); it may tell it any number of
    times, the last word stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"entries": 12, "exits": 9}]})
    entries: Number = 0
    exits: Number = 0
    at: When | None = None
    seconds: Annotated[int, Field(ge=0, le=900)] | None = None


class RowProblem(BaseModel):
    """A refused row, by its place among those sent (from 0)."""

    row: int
    field: str | None
    reason: str


class PostOut(BaseModel):
    """What became of the rows sent. The good ones are stored, whatever the others are."""

    kind: str
    source: str
    read: int
    loaded: int
    updated: int
    unchanged: int
    rejected: int
    errors: list[RowProblem]


class SaleOut(BaseModel):
    """A receipt; money in minor units, `person` with the right to see customers."""

    id: str
    day: str
    at: int
    minute: int
    tenant: str | None
    gross_minor: int
    net_minor: int
    units: float | None
    txns: int
    basis: str
    payment: str | None
    person: str | None


class ActivityOut(BaseModel):
    """An activity; `person` with the right to see customers."""

    id: str
    day: str
    at: int
    minute: int
    kind: str
    zone: str | None
    tenant: str | None
    campaign: str | None
    amount_minor: int | None
    score: float | None
    person: str | None


class CountOut(BaseModel):
    """A gate's quarter hour; `at` is the UTC millisecond at which it begins."""

    gate: str
    at: int
    day: str
    minute: int
    entries: int
    exits: int
    seconds_observed: int


class CustomerOut(BaseModel):
    """A customer, masked; money in minor units."""

    id: str
    label: str
    card: str
    tier: str | None
    joined_day: str | None
    purchases: int
    net_minor: int
    last_day: str | None
    segment: str | None


class SearchIn(In):
    """A card, phone, e-mail or number, whole, or a part of a name. It goes in the body, so that no log has it."""

    text: Annotated[str, StringConstraints(min_length=2, max_length=120, pattern=_PLAIN)]
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class RevealIn(In):
    """Why plain values are needed; it is kept in the audit trail with who asked."""

    reason: Annotated[str, StringConstraints(min_length=3, max_length=400, pattern=_PLAIN)]
    purpose: Literal["service", "marketing", "profiling", "research"] = "service"


class NamedValue(BaseModel):
    """A value with its kind."""

    kind: str
    value: str | None


class RevealOut(BaseModel):
    """A customer's plain values."""

    names: list[str | None]
    cards: list[str]
    identifiers: list[NamedValue]


class KpiCard(BaseModel):
    """A KPI of the catalogue. `needs` says what is missing where it cannot be computed."""

    id: str
    name: str
    name_zh: str
    unit: str
    group: str
    formula: str
    dims: list[str]
    grains: list[str]
    needs: str


class KpiPoint(BaseModel):
    """A period of a course, by its first day."""

    period: str
    value: float | None


class KpiPart(BaseModel):
    """A part of a split."""

    code: str
    name: str
    value: float | None


class KpiOut(BaseModel):
    """A KPI over days; money in minor units, ratios 0 to 1. `missing` says why there is no value."""

    kpi: str
    unit: str
    value: float | None
    numerator: float | None
    denominator: float | None
    rows: int
    missing: str | None
    course: list[KpiPoint] = []
    parts: list[KpiPart] = []


class ChartSeries(BaseModel):
    """A line, or the bars of one colour; null where nothing is known."""

    name: str
    unit: str
    values: list[float | None]


class ChartOut(BaseModel):
    """A chart's data: `x` are days, times, or names; a heat map has a series for each weekday along the hours."""

    name: str
    kind: Literal["line", "bars", "heat"]
    x: list[str]
    series: list[ChartSeries]


class ChartCard(BaseModel):
    """A chart there is."""

    name: str
    title: str
    right: str


class SegmentOut(BaseModel):
    """A segment and its size; changes against 7 and 30 days ago."""

    code: str
    name: str
    name_zh: str | None
    state: str
    version: int
    people: int
    share: float
    change_7: int | None
    change_30: int | None
    ran_at: int | None


class MemberOut(BaseModel):
    """Someone of a segment, masked."""

    id: str
    label: str
    card: str
    tier: str | None
    since: int


class ScoreCard(BaseModel):
    """A score that there is, of how many people, as of when."""

    name: str
    people: int
    as_of: str | None


class ScoreOut(BaseModel):
    """A person's score; `detail` has what belongs to it."""

    id: str
    score: float
    detail: dict[str, str | float | int | None]


class AlertOut(BaseModel):
    """An alert in words; nothing of it names a customer."""

    id: str
    kind: str
    severity: str
    day: str
    state: str
    raised_at: int
    sentence: str
    sentence_zh: str


class HealthDetail(BaseModel):
    """How the site does, for whoever has a key."""

    program: str
    store_version: int
    service: bool
    posts_waiting: int
    live_sessions: int
    counted_until: int | None
    open_alerts: int


class HealthOut(BaseModel):
    """That the gateway answers; with a key, how the site does."""

    status: Literal["ok"] = "ok"
    at: int
    detail: HealthDetail | None = None
