"""Requests of people under the law: booked with a clock, verified, carried out or refused, with proof of what was done.

State: open, verified, done, refused. `data_request.evidence` is JSON: counts, digests, and the steps with who and when;
never the data. A request is carried out only for someone whose identity was checked (GDPR art. 12(6), 11 CCR 7060).
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from engines.access import approvals
from engines.access.guard import guarded
from engines.calendar.rules import day_type
from engines.privacy import laws
from engines.privacy.backups import holding
from engines.privacy.dossier import collect
from engines.privacy.erasure import erase, finish
from engines.privacy.package import write_package
from engines.privacy.rectification import rectify_in
from engines.privacy.restriction import object_in, restrict_in
from engines.privacy.subject import subject_of
from models.errors import Known
from models.ids import new_id
from models.store import Store, Transaction
from models.times import business_day, day_bounds, now_ms

#: How an identity may have been checked.
WAYS: dict[str, tuple[str, str]] = {
    "account": ("Signed in to the member account", "已登录会员账户"),
    "code": ("Code sent to a known phone or e-mail", "向已知电话或邮箱发送验证码"),
    "card": ("Card and details agree", "会员卡与资料相符"),
    "document": ("Identity document seen, not copied", "已查看证件（未复印）"),
    "agent": ("Authorised agent with proof", "持授权证明的代理人"),
}
STATES = ("open", "verified", "done", "refused")


@dataclass(frozen=True)
class Asked:
    """A request as it comes in; `received_at` UTC milliseconds (0: now), `law` empty: the one of the site's country."""

    kind: str
    person: bytes
    law: str = ""
    received_at: int = 0
    note: str = ""


@dataclass(frozen=True)
class Change:
    """What a rectification sets."""

    attr: str
    value: str


@dataclass(frozen=True)
class Means:
    """What carrying out needs: the package's file (access, portability), the change (rectification), a reason
    (restriction)."""

    file: Path | None = None
    change: Change | None = None
    reason: str = ""


@dataclass(frozen=True)
class Request:
    """A request with its clock; `due_day` is the site's, `days_left` to it (negative: late; None once it is closed)."""

    id: bytes
    code: str
    kind: str
    law: str
    person: bytes | None
    received_at: int
    due_at: int
    extended_at: int | None
    verified_by: str | None
    verified_at: int | None
    state: str
    decided_by: str | None
    decided_at: int | None
    note: str | None
    due_day: str
    days_left: int | None
    may_extend: bool
    evidence: dict[str, Any] = field(default_factory=dict)


@guarded
def open_request(store: Store, actor: str, asked: Asked) -> str:
    """Book a request; returns its code. Raises Known for an unknown law, kind or person, or a day in the future."""
    law = asked.law or laws.law_of(store.site.country)
    received = asked.received_at or now_ms()
    if received > now_ms() + 60_000:
        raise Known("A request cannot come in the future.", code=2, sentence_zh="收到日期不能在将来。")
    clock = laws.due(law, asked.kind, _day(store, received), lambda day: works(store, day))
    code = f"R-{_day(store, received):%Y%m%d}-{secrets.token_hex(2).upper()}"
    with store.write(actor, "booking a request") as tx:
        person = subject_of(tx.connection, asked.person).person
        tx.connection.exec_driver_sql(
            "INSERT INTO data_request (id, code, kind, law, person_id, received_at, due_at, state, note, evidence) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 'open', ?, ?)",
            (
                new_id(), code, asked.kind, law, person, received, _end_of(store, clock.day), asked.note or None,
                json.dumps({"clock": clock.source, "steps": []}),
            ),
        )  # fmt: skip
        tx.audit("request", f"data_request/{code}", kind=asked.kind, law=law, person=person.hex())
    return code


@guarded
def verify_request(store: Store, actor: str, code: str, way: str) -> None:
    """Book that the identity was checked, and how (one of WAYS). Raises Known where the request is not open."""
    if way not in WAYS:
        raise Known(f"There is no way '{way}' of checking.", f"Ways: {', '.join(WAYS)}.", code=2)
    with store.write(actor, "verifying a request") as tx:
        request = _in_state(tx, store, code, "open")
        _step(tx, request, actor, "verified", how=way)
        tx.connection.exec_driver_sql(
            "UPDATE data_request SET state = 'verified', verified_by = ?, verified_at = ? WHERE code = ?",
            (actor, now_ms(), code),
        )
        tx.audit("verify", f"data_request/{code}", how=way)


@guarded
def extend_request(store: Store, actor: str, code: str, reason: str) -> None:
    """Extend the clock once, as far as the law lets it; the person is told within the first term.

    Raises Known without a reason, for a law without extension, or a second time.
    """
    _need(reason)
    with store.write(actor, "extending a request") as tx:
        request = _in_state(tx, store, code, "open", "verified")
        clock = laws.due(request.law, request.kind, _day(store, request.received_at), lambda day: works(store, day))
        if clock.extended is None or request.extended_at is not None:
            raise Known(
                "This clock cannot be extended (again).", "Answer by the day it is due.", code=2,
                sentence_zh="该期限不能（再次）延长。", step_zh="请在到期日前答复。",
            )  # fmt: skip
        _step(tx, request, actor, "extended", reason=reason.strip())
        tx.connection.exec_driver_sql(
            "UPDATE data_request SET extended_at = ?, due_at = ? WHERE code = ?",
            (now_ms(), _end_of(store, clock.extended), code),
        )
        tx.audit("extend", f"data_request/{code}", due=clock.extended.isoformat())


@guarded
def refuse_request(store: Store, actor: str, code: str, reason: str) -> None:
    """Refuse, with the reason that the person is told together with where to complain (GDPR art. 12(4))."""
    _need(reason)
    with store.write(actor, "refusing a request") as tx:
        request = _in_state(tx, store, code, "open", "verified")
        _step(tx, request, actor, "refused", reason=reason.strip())
        _close(tx, request, actor, "refused")
        tx.audit("refuse_request", f"data_request/{code}")


@guarded
def run_request(store: Store, actor: str, code: str, means: Means | None = None) -> Request:
    """Carry a verified request out; returns it with its evidence.

    Raises Known where the request is not verified or lacks what it needs, `approvals.Waiting` where an erasure needs
    another person.
    """
    with store.write(actor, "carrying out a request") as tx:
        request = _in_state(tx, store, code, "verified")
    if request.person is None:
        raise Known("This request names nobody.", code=2, sentence_zh="该请求未指明任何人。")
    proof = _carry_out(store, actor, request, means or Means())
    with store.write(actor, "closing a request") as tx:
        _step(tx, _in_state(tx, store, code, "verified"), actor, "done", **proof)
        _close(tx, request, actor, "done")
        tx.audit("fulfil", f"data_request/{code}", kind=request.kind)
    return request_of(store, code)


def _carry_out(store: Store, actor: str, request: Request, means: Means) -> dict[str, Any]:
    person, change = request.person or b"", means.change
    if request.kind in ("access", "portability"):
        return _hand_out(store, actor, request, person, means.file)
    if request.kind == "erasure":
        return _erase(store, actor, request, person)
    with store.write(actor, "carrying out a request") as tx:
        if request.kind == "restriction":
            restrict_in(tx, person, means.reason or f"request {request.code}", request.id)
            return {"restricted": True}
        if request.kind == "objection":
            return {"refusals": object_in(tx, person, _desk(tx), request.code)}
        if change is None:
            raise Known(
                "A rectification needs the attribute and its right value.", code=2,
                sentence_zh="更正须给出属性及其正确值。",
            )  # fmt: skip
        return {"attribute": change.attr, "rows": rectify_in(tx, store, person, change.attr, change.value)}


def _hand_out(store: Store, actor: str, request: Request, person: bytes, file: Path | None) -> dict[str, Any]:
    if file is None:
        raise Known("Choose a file for the package.", code=2, sentence_zh="请选择导出文件。")
    dossier = collect(store, person, request.kind)
    with store.write(actor, "booking an export") as tx:
        tx.audit(
            "export", f"person/{person.hex()}", request=request.code, rows=dossier.rows, file=file.name,
            columns=["everything" if request.kind == "access" else "what was given"],
        )  # fmt: skip
    made = write_package(store, dossier, file)
    return {"file": file.name, "sha256": made.sha256, "rows": made.rows, "tables": made.tables}


def _erase(store: Store, actor: str, request: Request, person: bytes) -> dict[str, Any]:
    approvals.ensure(store, actor, "erase", {"request": request.code}, f"{request.law} {request.code}")
    at = now_ms()
    done = erase(store, actor, [person], request.id)
    proof = finish(store)
    copies = [
        {"file": h.file, "gone_on": h.gone_on} for h in holding(store, at)
    ]  # fmt: skip
    return {
        "rows": done.rows, "tombstones": [s.digest.hex() for s in done.tombstones], "around": proof, "backups": copies,
    }  # fmt: skip


def list_requests(store: Store, *, state: str = "", limit: int = 500) -> list[Request]:
    """Requests, those that are due first; `state` narrows, `waiting` means open or verified."""
    wanted = ("open", "verified") if state == "waiting" else ((state,) if state else STATES)
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            f"{_COLUMNS} WHERE state IN (SELECT value FROM json_each(?)) "  # noqa: S608 - own text
            "ORDER BY state IN ('done', 'refused'), CASE WHEN state IN ('done', 'refused') THEN -decided_at "
            "ELSE due_at END LIMIT ?",
            (json.dumps(wanted), limit),
        ).fetchall()
    return [_request(store, row) for row in rows]


def request_of(store: Store, code: str) -> Request:
    """One request. Raises Known where there is none of that code."""
    with store.read() as connection:
        row = connection.exec_driver_sql(f"{_COLUMNS} WHERE code = ?", (code,)).one_or_none()
    if row is None:
        raise _unknown(code)
    return _request(store, row)


def works(store: Store, day: date) -> bool:
    """Whether a day is worked at the site, by its calendar of holidays and make-up workdays."""
    return day_type(day, store.site.country, store.site.subdivision) in ("workday", "makeup_workday")


_COLUMNS = (
    "SELECT id, code, kind, law, person_id, received_at, due_at, extended_at, verified_by, verified_at, state, "
    "decided_by, decided_at, note, evidence FROM data_request"
)


def _request(store: Store, row: Any) -> Request:
    (
        id_, code, kind, law, person, received, due_at, extended, verifier, verified, state, decider, decided, note,
        evidence,
    ) = row  # fmt: skip
    waits = state in ("open", "verified")
    clock = laws.due(law, kind, _day(store, received), lambda day: works(store, day))
    return Request(
        bytes(id_), code, kind, law, bytes(person) if person is not None else None, received, due_at, extended,
        verifier, verified, state, decider, decided, note,
        due_day=_day(store, due_at).isoformat(),
        days_left=(_day(store, due_at) - _day(store, now_ms())).days if waits else None,
        may_extend=waits and extended is None and clock.extended is not None,
        evidence=json.loads(evidence or "{}"),
    )  # fmt: skip


def _in_state(tx: Transaction, store: Store, code: str, *states: str) -> Request:
    row = tx.connection.exec_driver_sql(f"{_COLUMNS} WHERE code = ?", (code,)).one_or_none()
    if row is None:
        raise _unknown(code)
    request = _request(store, row)
    if request.state not in states:
        needed = "The identity must be checked first." if request.state == "open" else ""
        raise Known(
            f"Request {code} is {request.state}.", needed, code=2,
            sentence_zh=f"请求 {code} 的状态为 {request.state}。", step_zh="须先核实身份。" if needed else "",
        )  # fmt: skip
    return request


def _step(tx: Transaction, request: Request, actor: str, act: str, **what: Any) -> None:
    """Add a step to the proof."""
    steps = [*request.evidence.get("steps", []), {"act": act, "by": actor, "at": now_ms(), **what}]
    tx.connection.exec_driver_sql(
        "UPDATE data_request SET evidence = ? WHERE code = ?",
        (json.dumps({**request.evidence, "steps": steps}, ensure_ascii=False), request.code),
    )


def _close(tx: Transaction, request: Request, actor: str, state: str) -> None:
    tx.connection.exec_driver_sql(
        "UPDATE data_request SET state = ?, decided_by = ?, decided_at = ? WHERE code = ?",
        (state, actor, now_ms(), request.code),
    )


def _desk(tx: Transaction) -> bytes:
    """The source of what is entered at the desk, made when it is new."""
    found = tx.connection.exec_driver_sql("SELECT id FROM source WHERE code = 'desk'").scalar()
    if found is not None:
        return bytes(found)
    made = new_id()
    tx.connection.exec_driver_sql("INSERT INTO source (id, code, kind) VALUES (?, 'desk', 'desk')", (made,))
    return made


def _unknown(code: str) -> Known:
    return Known(
        f"There is no request '{code}'.", "See: python main.py privacy list", code=2, sentence_zh=f"没有请求“{code}”。"
    )  # fmt: skip


def _need(reason: str) -> None:
    if len(reason.strip()) < 3:
        raise Known("This needs a reason.", "Write why.", code=2, sentence_zh="须说明原因。", step_zh="请写明原因。")


def _day(store: Store, at: int) -> date:
    return date.fromisoformat(business_day(at, store.site.zone, store.site.day_starts_minute)[0])


def _end_of(store: Store, day: date) -> int:
    """The last millisecond of a calendar day at the site."""
    return day_bounds((day + timedelta(days=1)).isoformat(), store.site.zone)[0] - 1
