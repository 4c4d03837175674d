"""The demo mall looks like a mall, says that it is a demo, and is the same for the same seed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from app.cli.entry import main
from engines.demo.actions import make_demo
from engines.demo.plan import DEEP, LONG, area, make_units, make_zones
from engines.demo.planted import RING
from engines.demo.span import make_span
from engines.demo.world import World, make_world
from engines.demo.zones import QUEUES
from engines.zones.queries import heat, queues
from models.errors import Known
from models.store import Store, open_store
from models.tables import TABLES
from models.times import day_bounds

DAYS, MEMBERS, SEED, UNTIL = 52, 1500, 7, "2025-06-20T15:00"
OWN_CLOCK = {"started_at", "ended_at", "last_at", "value_hmac", "at_clock"}
#: What proves the demo accounts is salted, so no two are alike.
SYSTEM = {"meta", "change", "change_log", "audit_entry", "site", "bulk_load", "user_secret"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("demo") / "mall"
    make_demo(place, days=DAYS, members=MEMBERS, seed=SEED, until=UNTIL)
    return place


@pytest.fixture(scope="module")
def mall(folder: Path) -> Iterator[Store]:
    store = open_store(folder)
    yield store
    store.close()


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict:
    return json.loads((folder / "truth" / "truth.json").read_text("utf-8"))


def ask(mall: Store, sql: str, *given: object) -> list[tuple]:
    with mall.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql, given)]


def content(mall: Store) -> str:
    """A hash of every row but clocks and keys; ids count by the order in which they were made."""
    order: dict[bytes, str] = {}
    for name, table in sorted(TABLES.items()):
        if name not in SYSTEM and [c.name for c in table.primary_key] == ["id"]:
            ids = ask(mall, f'SELECT id FROM "{name}" ORDER BY id')
            order |= {i: f"{name}{n}" for n, (i,) in enumerate(ids)}
    made = hashlib.sha256()
    for name, table in sorted(TABLES.items()):
        if name in SYSTEM:
            continue
        columns = ", ".join(f'"{c.name}"' for c in table.columns if c.name not in OWN_CLOCK)
        keyed = not OWN_CLOCK & {c.name for c in table.primary_key}
        keys = ", ".join(f'"{c.name}"' for c in table.primary_key) if keyed else columns
        for row in ask(mall, f'SELECT {columns} FROM "{name}" ORDER BY {keys}'):
            made.update(repr([order.get(v, v) if isinstance(v, bytes) else v for v in row]).encode())
    return made.hexdigest()


def world(seed: int) -> World:
    return make_world(make_span(DAYS, UNTIL, ZoneInfo("Asia/Shanghai")), 300, seed)


def test_the_same_seed_makes_the_same_mall(mall: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = tmp_path / "again"
    words = f"--site {again} demo --days {DAYS} --members {MEMBERS} --seed {SEED} --until {UNTIL} --no-engines --json".split()
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["demo"] is True
    other = open_store(again)
    try:
        assert content(other) == content(mall)
        assert told["rows"]["sale"] == ask(other, "SELECT count(*) FROM sale")[0][0]
    finally:
        other.close()


def test_another_seed_makes_another_mall() -> None:
    one, same, other = world(1), world(1), world(2)
    assert np.array_equal(one.receipts.amount, same.receipts.amount)
    assert not np.array_equal(one.flows.visits, other.flows.visits)
    assert one.receipts.count != other.receipts.count


def test_it_says_that_it_is_a_demo(mall: Store) -> None:
    assert mall.site.demo
    assert ask(mall, "SELECT demo, name, name_zh FROM site") == [(1, "Demo mall (invented data)", "演示商场")]


def test_every_reference_leads_somewhere(mall: Store) -> None:
    assert ask(mall, "PRAGMA foreign_key_check") == []
    loose = "SELECT count(*) FROM sale WHERE batch_id NOT IN (SELECT id FROM intake_batch)"
    assert ask(mall, loose) == [(0,)]


def test_nothing_has_happened_after_now(mall: Store) -> None:
    now = day_bounds("2025-06-20", mall.site.zone)[0] + 15 * 3_600_000
    for table in ("sale", "activity"):
        assert ask(mall, f"SELECT max(at) FROM {table}")[0][0] < now
    assert ask(mall, "SELECT max(day) FROM sale WHERE minute < 0") == [("2025-06-19",)]
    assert ask(mall, "SELECT max(bucket_start) FROM count_bucket") == [(now - 900_000,)]
    assert ask(mall, "SELECT max(submitted_at) FROM declaration")[0][0] < now
    assert ask(mall, "SELECT count(weather), count(*) FROM calendar_day") == [(DAYS, DAYS + 60)]


def test_zones_agree_with_their_stays_and_minutes_with_their_quarter_hours(mall: Store) -> None:
    bands = ask(mall, "SELECT sum(n), sum(seconds_total) FROM dwell_bucket")
    zones = "SELECT sum(visits), CAST(sum(seconds_total) AS INTEGER) FROM zone_bucket WHERE purpose = 'presence'"
    assert ask(mall, zones) == bands
    within = "SELECT sum(value) FROM zone_bucket, json_each(dwell)"
    assert ask(mall, within)[0][0] == bands[0][0]
    served = "SELECT sum(value), (SELECT sum(visits - unserved) FROM zone_bucket WHERE purpose = 'queue') FROM zone_bucket, json_each(waits)"
    assert len(set(ask(mall, served)[0])) == 1
    for way in ("in", "out", "pass"):
        minutes, quarters = ask(
            mall,
            f"SELECT sum(n_{way}), (SELECT sum(n) FROM count_bucket WHERE direction = ? AND day >= '2025-06-19') "
            "FROM count_minute",
            way,
        )[0]
        assert minutes == quarters > 0
    left = "SELECT count(*) FROM (SELECT origin_id, bucket_start, sum(n) AS went FROM zone_flow GROUP BY 1, 2) AS f "
    more = "JOIN zone_bucket z ON z.zone_id = origin_id AND z.bucket_start = f.bucket_start WHERE went > z.exits"
    assert ask(mall, left + more) == [(0,)]


def test_queues_are_longer_at_meals_and_heat_is_there_for_the_last_days(mall: Store) -> None:
    found = {(q.zone, q.hour): q for q in queues(mall, "2025-06-01", "2025-06-19")}
    assert {zone for zone, _ in found} == {q.code for q in QUEUES}
    busy, quiet = found["food_court_queue", 18], found["food_court_queue", 15]
    assert (busy.p90 or 0) > (busy.p50 or 0) > (quiet.p50 or 0) > 0
    assert (busy.length_mean or 0) > (quiet.length_mean or 0)
    assert all(cell.seconds > 0 for cell in heat(mall, "L1", "2025-06-18", "2025-06-20"))
    assert heat(mall, "L1", "2025-06-01", "2025-06-17") == []
    for table in ("zone_bucket", "zone_flow", "count_minute", "zone_minute", "heat_hour"):
        assert ask(mall, f"SELECT max(day), count(*) > 0 FROM {table}") == [("2025-06-20", 1)]


def test_weekends_are_busier_than_the_start_of_the_week(mall: Store) -> None:
    rows = ask(
        mall,
        "SELECT CAST(strftime('%w', day) AS INTEGER), sum(n) / count(DISTINCT day) FROM count_bucket "
        "JOIN gate ON gate.id = gate_id WHERE perimeter = 1 AND direction = 'in' AND day < '2025-06-20' GROUP BY 1",
    )
    visits = dict(rows)
    assert min(visits[6], visits[0]) > 1.2 * max(visits[1], visits[2])
    assert 6_000 < np.mean(list(visits.values())) < 16_000


def test_evenings_are_the_peak_and_shut_hours_are_empty(mall: Store) -> None:
    rows = dict(
        ask(
            mall,
            "SELECT minute / 60, sum(n) FROM count_bucket JOIN gate ON gate.id = gate_id "
            "WHERE perimeter = 1 AND direction = 'in' GROUP BY 1",
        )
    )
    assert rows[18] > 1.3 * rows[15]
    assert rows[23] == 0
    assert not rows.keys() & set(range(9))


def test_the_mall_empties_each_night(mall: Store, truth: dict) -> None:
    broken = [*truth["outage"]["days"], truth["gap"]["day"], "2025-06-20"]
    days = ask(
        mall,
        "SELECT day, sum(CASE direction WHEN 'in' THEN n ELSE 0 END), sum(CASE direction WHEN 'out' THEN n ELSE 0 END) "
        "FROM count_bucket JOIN gate ON gate.id = gate_id WHERE perimeter = 1 GROUP BY day",
    )
    whole = [(ins, outs) for day, ins, outs in days if day not in broken]
    assert len(whole) == DAYS - 5
    assert max(abs(ins - outs) / ins for ins, outs in whole) < 0.02
    assert any(ins != outs for ins, outs in whole)


def test_a_broken_counter_leaves_no_rows(mall: Store, truth: dict) -> None:
    def days_of(gate: str) -> set[str]:
        sql = "SELECT DISTINCT day FROM count_bucket JOIN gate ON gate.id = gate_id WHERE code = ?"
        return {day for (day,) in ask(mall, sql, gate)}

    out = set(truth["outage"]["days"])
    assert len(out) == 3
    assert days_of("north") - days_of(truth["outage"]["gate"]) == out
    gap = truth["gap"]
    minutes = {
        m
        for (m,) in ask(
            mall,
            "SELECT DISTINCT minute FROM count_bucket JOIN gate ON gate.id = gate_id WHERE code = ? AND day = ?",
            gap["gate"],
            gap["day"],
        )
    }
    first, last = gap["minutes"]
    assert not minutes & set(range(first, last))
    assert {first - 15, last} <= minutes


def test_receipts_are_the_sum_of_their_lines(mall: Store) -> None:
    odd = ask(
        mall,
        "SELECT count(*) FROM sale LEFT JOIN (SELECT sale_id, sum(amount_minor) AS total FROM sale_line GROUP BY 1) "
        "ON sale_id = id WHERE source_key NOT LIKE 'Z%' AND total IS NOT gross_minor",
    )
    assert odd == [(0,)]
    split = "SELECT count(*) FROM sale_line WHERE round(quantity * unit_minor) <> amount_minor"
    assert ask(mall, split) == [(0,)]
    assert ask(mall, "SELECT count(*) FROM sale JOIN sale_line ON sale_id = id WHERE source_key LIKE 'Z%'") == [(0,)]
    assert ask(mall, "SELECT count(*) FROM sale WHERE gross_minor < 0")[0][0] > 0


def test_conversion_and_basket_are_those_of_a_mall(mall: Store) -> None:
    over = "day < '2025-06-20' AND day NOT IN (SELECT value FROM json_each(?))"
    (txns, gross) = ask(mall, f"SELECT sum(txns), sum(gross_minor) FROM sale WHERE {over}", "[]")[0]
    (visits,) = ask(
        mall,
        "SELECT sum(n) FROM count_bucket JOIN gate ON gate.id = gate_id "
        f"WHERE perimeter = 1 AND direction = 'in' AND {over}",
        "[]",
    )[0]
    assert 0.22 < txns / visits < 0.38
    assert 12_000 < gross / txns < 32_000


def test_members_buy_at_the_rates_they_were_given(mall: Store, folder: Path) -> None:
    kept = np.load(folder / "truth" / "members.npz")
    alive = np.minimum(kept["life"], kept["clock"][-1] - kept["joined"])
    expected = float((kept["rate"] * alive)[kept["buys"]].sum())
    receipts = ask(
        mall,
        "SELECT count(*) FROM sale WHERE identifier_id IS NOT NULL AND gross_minor > 0 AND source_key LIKE 'R%' "
        "GROUP BY identifier_id",
    )
    again = sum(n - 1 for (n,) in receipts)
    assert len(receipts) == pytest.approx(float(kept["buys"].sum()), rel=0.02)
    assert again == pytest.approx(expected, rel=0.12)


def test_the_laws_behind_members_are_the_stated_ones(truth: dict) -> None:
    many = world_members(20_000)
    law = truth["laws"]["purchase_rate"]
    assert many.rate.mean() == pytest.approx(law["shape"] / law["per_day"], rel=0.03)
    assert many.rate.var() == pytest.approx(law["shape"] / law["per_day"] ** 2, rel=0.08)
    dropped = (many.life < 30).mean()
    law = truth["laws"]["drop_out"]
    assert dropped == pytest.approx(1 - (law["per_day"] / (law["per_day"] + 30)) ** law["shape"], rel=0.05)


def world_members(count: int):
    from engines.demo.days import make_days
    from engines.demo.members import make_members

    span = make_span(DAYS, UNTIL, ZoneInfo("Asia/Shanghai"))
    return make_members(span, make_days(span, SEED), count, SEED)


def test_fronts_have_passers_by_and_plausible_capture(mall: Store) -> None:
    rows = ask(
        mall,
        "SELECT front.code, sum(CASE direction WHEN 'in' THEN n ELSE 0 END), "
        "sum(CASE direction WHEN 'pass' THEN n ELSE 0 END), max(perimeter) FROM front JOIN gate ON gate.id = "
        "front.gate_id JOIN count_bucket ON count_bucket.gate_id = gate.id GROUP BY front.code",
    )
    assert len(rows) == 12
    assert all(0.02 < entered / (entered + passed) < 0.35 and perimeter == 0 for _, entered, passed, perimeter in rows)


def test_tenants_leases_and_declarations(mall: Store) -> None:
    assert ask(mall, "SELECT count(*) FROM tenant") == [(120,)]
    assert ask(mall, "SELECT count(*) FROM unit") == [(140,)]
    natural = ask(
        mall, "SELECT base_rent_minor, turnover_pct, breakpoint_minor FROM lease WHERE breakpoint = 'natural'"
    )
    assert len(natural) > 60
    assert all(limit == pytest.approx(base * 12 / pct, abs=1) for base, pct, limit in natural)


def test_every_trading_tenant_has_one_lease_on_any_day(mall: Store) -> None:
    for day in ("2025-05-01", "2025-05-25", "2025-06-19"):
        sold = "SELECT DISTINCT tenant_id FROM sale WHERE day = ? AND gross_minor > 0"
        held = "SELECT tenant_id FROM lease WHERE from_day <= ? AND ? <= to_day"
        leases = [tenant for (tenant,) in ask(mall, held, day, day)]
        assert len(leases) == len(set(leases))
        assert {tenant for (tenant,) in ask(mall, sold, day)} <= set(leases)


def test_declarations_are_late_missing_and_once_wrong() -> None:
    made = make_world(make_span(150, UNTIL, ZoneInfo("Asia/Shanghai")), 100, SEED)
    first = [r for r in made.reports if r.revision == 0]
    months = {r.period for r in first}
    assert months == {"2025-02", "2025-03", "2025-04", "2025-05"}
    assert 0.85 < len(first) / (len(months) * 120) < 1
    due = {r: day_bounds(r.due.isoformat(), made.span.zone)[1] for r in first}
    assert 0.03 < sum(r.submitted_at >= end for r, end in due.items()) / len(first) < 0.2
    (audit,) = [r for r in made.reports if r.audited]
    (told,) = [r for r in first if (r.lease, r.period) == (audit.lease, audit.period)]
    assert (audit.gross_minor - told.gross_minor) / audit.gross_minor == pytest.approx(0.065, abs=0.001)


def test_nobody_can_be_called_or_written_to(mall: Store) -> None:
    kinds = dict(ask(mall, "SELECT kind, count(*) FROM identifier GROUP BY 1"))
    assert kinds["card"] == MEMBERS + RING
    assert ask(mall, "SELECT count(*) FROM identifier WHERE kind = 'phone' AND value NOT LIKE '000%'") == [(0,)]
    assert ask(mall, "SELECT count(*) FROM identifier WHERE kind = 'email' AND value NOT LIKE '%@example.com'") == [
        (0,)
    ]
    shared = "SELECT count(*) FROM (SELECT 1 FROM identity_link GROUP BY identifier_id HAVING count(*) > 1)"
    assert ask(mall, shared)[0][0] > MEMBERS * 0.01


def test_campaigns_leave_some_out(mall: Store) -> None:
    kinds = dict(ask(mall, "SELECT kind, count(*) FROM activity GROUP BY 1"))
    assert kinds["campaign_sent"] > kinds["campaign_opened"] > kinds["campaign_clicked"] > 0
    share = kinds["campaign_holdout"] / (kinds["campaign_holdout"] + kinds["campaign_sent"])
    assert 0.06 < share < 0.20
    both = ask(
        mall,
        "SELECT count(*) FROM activity a JOIN activity b USING (identifier_id, campaign_id) "
        "WHERE a.kind = 'campaign_holdout' AND b.kind = 'campaign_sent'",
    )
    assert both == [(0,)]


def test_zones_tile_each_floor_and_units_do_not_overlap() -> None:
    corners = 4 * 8 * 8 / 2
    for floor in ("B1", "L1", "L2", "L3", "L4", "L5"):
        assert sum(area(z.outline) for z in make_zones() if z.floor == floor) == pytest.approx(LONG * DEEP - corners)
    units = make_units(np.random.default_rng(1))
    boxes = [
        (u.floor, *np.array(u.outline).min(axis=0), *np.array(u.outline).max(axis=0)) for u in units if not u.anchor
    ]
    for i, (floor, x0, y0, x1, y1) in enumerate(boxes):
        for other, u0, v0, u1, v1 in boxes[i + 1 :]:
            assert floor != other or x1 <= u0 or u1 <= x0 or y1 <= v0 or v1 <= y0


def test_a_folder_in_use_is_refused_and_a_failure_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(Known, match="already"):
        make_demo(folder, days=DAYS, members=MEMBERS, seed=SEED)

    def stop(part: float, what: str) -> None:
        if part > 0.1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_demo(tmp_path / "half", days=35, members=100, seed=SEED, until=UNTIL, progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("days", "members", "until"), [(10, 500, None), (60, 5, None), (60, 500, "yesterday")])
def test_impossible_wishes_are_refused(tmp_path: Path, days: int, members: int, until: str | None) -> None:
    with pytest.raises(Known) as refused:
        make_demo(tmp_path / "no", days=days, members=members, until=until)
    assert refused.value.code == 2


def test_no_engine_mentions_the_truth() -> None:
    root = Path(__file__).resolve().parents[3]
    files = [
        f for room in ("engines", "vision", "models") for f in (root / room).rglob("*") if f.suffix in {".py", ".sql"}
    ]
    others = [f for f in files if "demo" not in f.relative_to(root).parts]
    assert len(others) > 20
    told = re.compile(r"[\"'/]truth[\"'/]|truth\.json|demo\.truth|members\.npz")
    assert [str(f.relative_to(root)) for f in others if told.search(f.read_text("utf-8"))] == []
