"""The driver: ledger states, results and ledger in one transaction, fences, order, alerts that stay decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engines import driver
from engines.alerts.actions import ALERTS, decide_alert
from engines.contract import Engine, Frames, Minimum, Moment, as_frame
from engines.driver import order, run_engine
from engines.registry import ENGINES
from models import ledger
from models.errors import Known, NotEnoughData
from models.mart import MART
from models.relations import of_table
from models.tables import TABLES
from tests.engines.hand_mall import HandMall

GAPS = of_table(TABLES["footfall_gap"])
AT = 1_770_000_000_000


@pytest.fixture
def mall(tmp_path: Path) -> Iterator[HandMall]:
    made = HandMall.make(tmp_path / "mall")
    made.gate("north")
    yield made
    made.store.close()


def gaps(count: int) -> Callable[..., Frames]:
    """A run function that finds so many gaps."""

    def run(moment: Moment, gate: Any) -> Frames:
        rows = range(count)
        columns = {"gate_code": ["north"] * count, "started_at": list(rows), "ended_at": [n + 1 for n in rows],
                   "day": [moment.day] * count, "buckets": [1] * count}  # fmt: skip
        return {GAPS.name: as_frame(GAPS, columns)}

    return run


def engine(run: Callable[..., Frames], **more: Any) -> Engine:
    return Engine("trial", "Trial", "试验", 3, run, (MART["gate"],), more.pop("gives", (GAPS,)), "1h", **more)


def stored(mall: HandMall, sql: str = "SELECT count(*) FROM footfall_gap") -> Any:
    with mall.store.read() as connection:
        return connection.exec_driver_sql(sql).scalar()


def test_a_run_replaces_results_and_is_in_the_ledger(mall: HandMall) -> None:
    run_engine(mall.store, engine(gaps(5)), at_ms=AT)
    before = stored(mall, "SELECT version FROM change WHERE relation = 'footfall_gap'")
    result = run_engine(mall.store, engine(gaps(2)), at_ms=AT, token=4, planned_at=AT - 1)
    assert (result.rows, result.relations, stored(mall)) == (2, {"footfall_gap": 2}, 2)
    assert stored(mall, "SELECT version FROM change WHERE relation = 'footfall_gap'") == before + 1
    newest = ledger.runs(mall.store, job="trial")[0]
    assert (newest.id, newest.state, newest.rows, newest.progress) == (result.run, "done", 2, 1.0)
    sql = "SELECT version || '/' || as_of || '/' || token || '/' || planned_at FROM job_run ORDER BY id DESC LIMIT 1"
    assert stored(mall, sql) == f"3/{AT}/4/{AT - 1}"


def test_a_failure_while_storing_leaves_the_old_results(mall: HandMall, monkeypatch: pytest.MonkeyPatch) -> None:
    run_engine(mall.store, engine(gaps(5)), at_ms=AT)

    def killed(*_: object, **__: object) -> None:
        raise RuntimeError("killed between")

    with monkeypatch.context() as patch:
        patch.setattr(driver.ledger, "finish", once(driver.ledger.finish, killed))
        with pytest.raises(RuntimeError, match="killed between"):
            run_engine(mall.store, engine(gaps(2)), at_ms=AT)
    assert stored(mall) == 5
    newest = ledger.runs(mall.store, job="trial")[0]
    assert newest.state == "failed" and "killed between" in (newest.error or "")


def once(real: Callable[..., Any], first: Callable[..., Any]) -> Callable[..., Any]:
    """`first` for the first call, the real function after it."""
    calls: list[int] = []

    def called(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        return first() if len(calls) == 1 else real(*arguments, **named)

    return called


def test_a_bug_is_in_the_ledger_with_its_traceback(mall: HandMall) -> None:
    def broken(moment: Moment, gate: Any) -> Frames:
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        run_engine(mall.store, engine(broken), at_ms=AT)
    newest = ledger.runs(mall.store, job="trial")[0]
    assert newest.state == "failed" and "Traceback" in (newest.error or "")


def test_too_little_data_is_refused_with_what_is_missing(mall: HandMall) -> None:
    minimum = (Minimum("gate", 3, "Needs {rows} gates; there are {found}.", "需要 {rows} 个门。"),)
    with pytest.raises(NotEnoughData, match=r"Needs 3 gates; there are 1\.") as caught:
        run_engine(mall.store, engine(gaps(1), minimum=minimum), at_ms=AT)
    assert caught.value.code == 4
    newest = ledger.runs(mall.store, job="trial")[0]
    assert newest.state == "refused" and "Needs 3 gates" in (newest.message or "")
    assert newest.refusal == ledger.refusal(mall.store, "trial") == (newest.message, "需要 3 个门。")
    assert newest.trace == "", "the Chinese sentence is no traceback"
    assert stored(mall) == 0


def test_a_broken_promise_is_a_failure_and_stores_nothing(mall: HandMall) -> None:
    def poor(moment: Moment, gate: Any) -> Frames:
        return {GAPS.name: gaps(2)(moment, gate)[GAPS.name].drop_columns(["buckets"])}

    def doubled(moment: Moment, gate: Any) -> Frames:
        frame = gaps(1)(moment, gate)[GAPS.name]
        return {GAPS.name: frame.take([0, 0])}

    for run, words in ((poor, "lacks the columns"), (doubled, "repeat the key")):
        with pytest.raises(ValueError, match=words):
            run_engine(mall.store, engine(run), at_ms=AT)
    assert stored(mall) == 0


def test_a_stale_runner_is_fenced_off(mall: HandMall) -> None:
    run_engine(mall.store, engine(gaps(5)), at_ms=AT)

    def taken_over(tx: object) -> None:
        raise Known("Another runner has taken over.")

    with pytest.raises(Known, match="taken over"):
        run_engine(mall.store, engine(gaps(2)), at_ms=AT, fence=taken_over)
    assert stored(mall) == 5
    assert ledger.runs(mall.store, job="trial")[0].state == "failed"


def test_engines_that_wait_for_each_other_are_named() -> None:
    one = engine(gaps(1))
    first = replace(one, name="first", takes=(GAPS,), gives=(of_table(TABLES["presence_day"]),))
    second = replace(one, name="second", takes=(of_table(TABLES["presence_day"]),))
    with pytest.raises(ValueError, match=r"wait for each other: \['first', 'second'\]"):
        order([first, second])
    assert [e.name for e in order([replace(second, gives=()), first, replace(one, name="zero")])] == [
        "zero", "first", "second"
    ]  # fmt: skip
    assert len(order(ENGINES)) == len(ENGINES)


def alarm(*prints: str, score: float = 5.0) -> Engine:
    """An engine that raises alerts with these fingerprints."""

    def run(moment: Moment, gate: Any) -> Frames:
        count = len(prints)
        columns = {"fingerprint": [f"trial:{p}" for p in prints], "kind": ["odd"] * count, "severity": ["low"] * count,
                   "subject": ["mall"] * count, "day": [moment.day] * count, "score": [score] * count,
                   "sentence": ["odd"] * count, "facts": ["{}"] * count, "evidence": ["[]"] * count}  # fmt: skip
        return {"alert": as_frame(ALERTS, columns)}

    return engine(run, gives=(ALERTS,))


def alerts(mall: HandMall) -> dict[str, tuple[str, float]]:
    with mall.store.read() as connection:
        rows = connection.exec_driver_sql("SELECT fingerprint, state, score FROM alert ORDER BY raised_at")
        return {fingerprint: (state, score) for fingerprint, state, score in rows}


def test_alerts_are_merged_and_a_closed_one_stays_closed(mall: HandMall) -> None:
    run_engine(mall.store, alarm("a", "b"), at_ms=AT)
    decide_alert(mall.store, "duty", stored(mall, "SELECT id FROM alert WHERE fingerprint = 'trial:a'"), "closed")
    run_engine(mall.store, alarm("a", "b", score=7.0), at_ms=AT)
    assert alerts(mall) == {"trial:a": ("closed", 5.0), "trial:b": ("open", 7.0)}
    run_engine(mall.store, alarm("a"), at_ms=AT)
    assert alerts(mall)["trial:b"] == ("closed", 7.0)
    assert stored(mall, "SELECT decided_by FROM alert WHERE fingerprint = 'trial:b'") == "trial"
    assert stored(mall, "SELECT count(*) FROM alert") == 2


def test_engines_of_other_names_keep_their_alerts(mall: HandMall) -> None:
    mall.put("alert", id=b"x" * 16, fingerprint="other:z", kind="k", severity="low", subject="s", day="2026-01-01",
             score=1.0, sentence="s", facts="{}", evidence="[]", state="open", raised_at=0)  # fmt: skip
    run_engine(mall.store, alarm("a"), at_ms=AT)
    assert alerts(mall)["other:z"] == ("open", 1.0)
