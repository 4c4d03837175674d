"""The store's frequent questions are answered through an index, never by reading a whole table of facts."""

from __future__ import annotations

import pytest

from models.site import create_site
from models.store import Store, create_store

QUESTIONS = {
    "sales of a period": "SELECT sum(net_minor) FROM sale WHERE day BETWEEN '2026-01-01' AND '2026-01-31'",
    "sales of a tenant on a day": "SELECT sum(net_minor) FROM sale WHERE day = '2026-01-01' AND tenant_id = x'00'",
    "a customer's purchases": "SELECT * FROM sale WHERE identifier_id = x'00' ORDER BY at DESC LIMIT 50",
    "a customer's timeline": "SELECT * FROM activity WHERE identifier_id = x'00' ORDER BY at DESC LIMIT 50",
    "a receipt known already": "SELECT 1 FROM sale WHERE source_id = x'00' AND source_key = 'R1'",
    "an activity known already": "SELECT 1 FROM activity WHERE source_id = x'00' AND source_key = 'R1'",
    "the lines of a receipt": "SELECT * FROM sale_line WHERE sale_id = x'00'",
    "counts of a day": "SELECT sum(n) FROM count_bucket WHERE day = '2026-01-01'",
    "counts of a gate": "SELECT n FROM count_bucket WHERE gate_id = x'00' AND bucket_start BETWEEN 0 AND 900000",
    "dwell of a day": "SELECT sum(n) FROM dwell_bucket WHERE day = '2026-01-01'",
    "zones of a day": "SELECT sum(visits) FROM zone_bucket WHERE day = '2026-01-01'",
    "flows of a day": "SELECT sum(n) FROM zone_flow WHERE day = '2026-01-01'",
    "ages and genders of a place and day": "SELECT n FROM demographic_hour WHERE day = '2026-01-01' AND place = 'G1'",
    "minutes of a day": "SELECT n_in FROM count_minute WHERE day = '2026-01-01'",
    "a zone's minutes of a day": "SELECT presence_mean FROM zone_minute WHERE day = '2026-01-01' AND zone_id = x'00'",
    "heat of a floor and day": "SELECT seconds FROM heat_hour WHERE day = '2026-01-01' AND floor = 'L1'",
    "minutes too old to keep": "SELECT gate_id FROM count_minute WHERE day < '2026-01-01' LIMIT 10000",
    "a camera's purposes": "SELECT switched_on FROM camera_purpose WHERE camera = 'C1'",
    "a camera's hand counts": "SELECT missed FROM accuracy_check WHERE camera = 'C1' ORDER BY at DESC",
    "a zone's calibration": "SELECT frames FROM presence_calibration WHERE camera = 'C1' AND zone = 'Z1'",
    "visits of a day": "SELECT count(*) FROM activity WHERE day = '2026-01-01' AND kind = 'visit'",
    "someone by card": "SELECT id FROM identifier WHERE kind = 'card' AND value_hmac = x'00'",
    "changes since": "SELECT * FROM change_log WHERE seq > 100",
    "sales of a month's mart file": "SELECT id FROM sale WHERE day BETWEEN '2026-01-01' AND '2026-01-99' ORDER BY day",
}


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory):
    made = create_store(create_site(tmp_path_factory.mktemp("plans") / "mall", name="Test mall"))
    yield made
    made.close()


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_index_answers(mall: Store, question: str) -> None:
    with mall.read() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {QUESTIONS[question]}")]
    scans = [step for step in plan if step.startswith("SCAN") and "USING" not in step]
    assert not scans, plan


def test_the_check_sees_a_scan(mall: Store) -> None:
    with mall.read() as connection:
        plan = [row[3] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN SELECT * FROM sale WHERE units = 1")]
    assert any(step.startswith("SCAN") for step in plan)
