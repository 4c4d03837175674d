"""What becomes of an alert when its finding goes and comes back, and when a person has closed it."""

from __future__ import annotations

from pathlib import Path

from engines.alerts.actions import decide_alert, merge_alerts
from tests.engines.hand_mall import HandMall

FOUND = {
    "fingerprint": "anomalies:day:footfall:2026-03-02", "kind": "day", "severity": "warning", "subject": "footfall",
    "day": "2026-03-02", "score": 4.0, "sentence": "low", "facts": "{}", "evidence": "[]",
}  # fmt: skip


def states(mall: HandMall) -> list[tuple[str, str | None]]:
    with mall.store.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT state, decided_by FROM alert").fetchall()]


def merge(mall: HandMall, *found: dict[str, object]) -> None:
    with mall.store.write("anomalies", "alerts") as tx:
        merge_alerts(tx, "anomalies", found)


def test_a_finding_that_comes_back_opens_its_alert_again(tmp_path: Path) -> None:
    mall = HandMall.make(tmp_path / "mall")
    merge(mall, FOUND)
    merge(mall)
    assert states(mall) == [("closed", "anomalies")]
    merge(mall, FOUND)
    assert states(mall) == [("open", None)]
    mall.store.close()


def test_what_a_person_has_closed_stays_closed(tmp_path: Path) -> None:
    mall = HandMall.make(tmp_path / "mall")
    merge(mall, FOUND)
    with mall.store.read() as connection:
        (alert,) = connection.exec_driver_sql("SELECT id FROM alert").fetchone()
    decide_alert(mall.store, "wang", alert, "closed")
    merge(mall, FOUND)
    merge(mall)
    assert states(mall) == [("closed", "wang")]
    mall.store.close()
