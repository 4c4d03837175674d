"""Leases from files: units and tenants come with them, rents are of a month, the same file again adds nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.driver import run_engine
from engines.finance.engine import ENGINE
from engines.finance.queries import known
from engines.intake.actions import import_file, undo_batch
from engines.intake.files import read_sheet
from engines.intake.guess import guess_kind
from models.errors import Known
from models.store import Store
from tests.engines.intake.content import content

LEASES = """lease no,unit,tenant,sqm,start date,end date,monthly rent,service charge,turnover rent %,reporting frequency
L1,A101,Zara,"1,200.5",2024-01-01,2027-12-31,"¥120,000.00","8,000",8%,monthly
L2,A102,Nobody,80,2024-05-01,2025-04-30,20000,,,
X1,A103,Back,80,2024-05-01,2024-04-30,20000,,,
X2,A104,Free,80,2024-05-01,2025-04-30,,,,
X3,A105,Owes,80,2024-05-01,2025-04-30,-1,,,
X4,A106,All,80,2024-05-01,2025-04-30,1,,120,
X5,A107,Point,0,2024-05-01,2025-04-30,1,,,
X6,A108,Often,10,2024-05-01,2025-04-30,1,,,weekly
"""
CHINESE = """铺位号,租户,租赁面积,起租日期,到期日期,年租金,扣点,年保底营业额,申报周期
B1,木槿咖啡,60,2025年1月1日,2026年12月31日,36万,0.1,500万,按月
"""
ROWS = (
    "SELECT l.code, u.code, u.gla_m2, t.name, l.from_day, l.to_day, l.base_rent_minor, l.service_charge_minor, "
    "l.turnover_pct, l.breakpoint, l.breakpoint_minor, l.declare_every FROM lease l JOIN unit u ON u.id = l.unit_id "
    "JOIN tenant t ON t.id = l.tenant_id ORDER BY 1"
)
NO_BATCHES = ("intake_batch", "intake_reject", "bulk_load")


def test_leases_bring_units_and_tenants_and_say_what_is_wrong(mall: Store, file, ask) -> None:
    empty = content(mall, *NO_BATCHES)
    import_file(mall, "me", "tenants", file("t.csv", "shop code,shop name\nT1,Zara\n"))
    made = import_file(mall, "me", "leases", file("l.csv", LEASES))
    assert ask(ROWS) == [
        ("L1", "A101", 1200.5, "Zara", "2024-01-01", "2027-12-31", 12_000_000, 800_000, 0.08, "natural", None, "month"),
        ("L2", "A102", 80.0, "Nobody", "2024-05-01", "2025-04-30", 2_000_000, 0, None, None, None, None),
    ]
    assert [(r.row_no, r.column) for r in made.rejects] == [
        (3, "end date"), (4, "monthly rent"), (5, "monthly rent"), (6, "turnover rent %"), (7, "sqm"),
        (8, "reporting frequency"),
    ]  # fmt: skip
    assert ask("SELECT code FROM tenant ORDER BY 1") == [("Nobody",), ("T1",)]
    again = import_file(mall, "me", "leases", file("l.csv", LEASES))
    assert (again.loaded, again.updated, again.unchanged) == (0, 0, 2)
    undo_batch(mall, "me", again.batch)
    undo_batch(mall, "me", made.batch)
    left = content(mall, *NO_BATCHES)
    assert left["tenant"] == [("T1", "Zara", None, None, None, None, "trading")]
    assert {**left, "tenant": [], "intake_before": []} == empty


def test_a_chinese_rent_roll_by_the_year_without_numbers(mall: Store, file, ask) -> None:
    assert guess_kind(read_sheet(file("g.csv", CHINESE, "gb18030")))[0] == "leases"
    made = import_file(mall, "me", "leases", file("z.csv", CHINESE, "gb18030"))
    assert ask(ROWS) == [
        ("B1 2025-01-01", "B1", 60.0, "木槿咖啡", "2025-01-01", "2026-12-31", 3_000_000, 0, 0.1, "artificial",
         500_000_000, "month"),
    ]  # fmt: skip
    before = content(mall, *NO_BATCHES)
    dearer = import_file(mall, "me", "leases", file("y.csv", CHINESE.replace("36万", "48万").replace(",60,", ",66,")))
    assert (dearer.loaded, dearer.updated) == (0, 1)
    assert [row[2:7:4] for row in ask(ROWS)] == [(66.0, 4_000_000)]
    undo_batch(mall, "me", dearer.batch)
    assert content(mall, *NO_BATCHES) == before
    undo_batch(mall, "me", made.batch)


def test_an_area_that_a_later_file_brings_is_taken_and_the_last_row_of_a_unit_counts(mall: Store, file, ask) -> None:
    plain = "lease,unit,tenant,from,to,rent\nL1,U1,A,2024-01-01,2024-12-31,1\nL2,U1,A,2025-01-01,2025-12-31,2\n"
    import_file(mall, "me", "leases", file("a.csv", plain))
    before = content(mall, *NO_BATCHES)
    wide = (
        "lease,unit,tenant,area,from,to,rent\nL1,U1,A,50,2024-01-01,2024-12-31,1\nL2,U1,A,55,2025-01-01,2025-12-31,2\n"
    )
    grown = import_file(mall, "me", "leases", file("b.csv", wide))
    assert ask("SELECT gla_m2 FROM unit") == [(55.0,)]
    again = import_file(mall, "me", "leases", file("b.csv", wide))
    assert (again.updated, again.unchanged) == (0, 2)
    undo_batch(mall, "me", grown.batch)
    assert content(mall, *NO_BATCHES) == before


def test_a_lease_that_declarations_rest_on_stays_when_its_import_is_taken_back(mall: Store, file, ask) -> None:
    made = import_file(mall, "me", "leases", file("l.csv", LEASES))
    import_file(mall, "me", "declarations", file("d.csv", "lease,month,sales\nL1,2024-02,1000\n"))
    undo_batch(mall, "me", made.batch)
    assert ask("SELECT code FROM lease") == [("L1",)]
    assert ask("SELECT code FROM unit") == [("A101",)]


def test_imported_leases_are_the_rents_of_money(mall: Store, file, ask) -> None:
    today = datetime.now(UTC).date()
    first, last = today.replace(day=1) - timedelta(days=400), today + timedelta(days=400)
    text = f"unit,tenant,from,to,rent\nU1,A,{first},{last},1000\n"
    import_file(mall, "me", "leases", file("l.csv", text))
    run_engine(mall, ENGINE)
    assert known(mall).rents[0] == first.isoformat()[:7]
    assert (100_000,) in ask("SELECT DISTINCT base_minor FROM rent_month")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["L1", "L2", "", "租约"]), st.sampled_from(["U1", "U2", " ", "铺"]),
            st.sampled_from(["A", "a", "B", ""]), st.sampled_from(["2024-01-01", "2024-13-01", "", "31/12/2024"]),
            st.sampled_from(["2024-12-31", "2023-01-01", ""]), st.sampled_from(["1", "-1", "", "9e99", "x", "1.005"]),
            st.sampled_from(["", "0", "8", "0.5", "100", "nan"]), st.sampled_from(["", "0", "50", "-3", "1e-9"]),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_any_rows_are_loaded_or_refused_and_go_back(mall: Store, file, rows) -> None:
    text = "lease,unit,tenant,from,to,rent,turnover share,area\n" + "\n".join(",".join(row) for row in rows) + "\n"
    before = content(mall, *NO_BATCHES)
    try:
        made = import_file(mall, "me", "leases", file("r.csv", text))
    except Known:  # a file without rows is refused whole
        return
    again = import_file(mall, "me", "leases", file("r.csv", text))
    assert (again.loaded, again.rejected) == (0, made.rejected)
    undo_batch(mall, "me", again.batch)
    undo_batch(mall, "me", made.batch)
    assert content(mall, *NO_BATCHES) == before


def test_currency_of_another_site_is_refused(mall: Store, file) -> None:
    text = "unit,tenant,from,to,rent,currency\nU1,A,2024-01-01,2024-12-31,1,USD\n"
    made = import_file(mall, "me", "leases", file("c.csv", text))
    assert [(r.column, "USD" in r.reason) for r in made.rejects] == [("currency", True)]


@pytest.mark.parametrize("share", ["8", "0.08", "8%"])
def test_a_share_is_read_as_a_share_however_it_is_written(mall: Store, file, ask, share: str) -> None:
    text = f"unit,tenant,from,to,rent,turnover share\nU1,A,2024-01-01,2024-12-31,1,{share}\n"
    import_file(mall, "me", "leases", file("s.csv", text))
    assert ask("SELECT turnover_pct FROM lease") == [(0.08,)]
