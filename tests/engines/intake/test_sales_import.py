"""Sales from files: what loads, as what, what is refused and why, and that nothing loads twice."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from engines.intake.actions import import_file, recover, undo_batch
from engines.intake.lock import import_lock
from engines.intake.queries import batches, rejects
from models.errors import Cancelled, Known
from models.store import Store
from tests.engines.intake.content import content

LINES = """Receipt No,Date,Shop,Card No,SKU,Description,Category,Qty,Unit Price
R1,2025-03-01 10:05,Zara,c-1,A1,Shirt,Clothing,2,99.90
R2,2025-03-01 11:00,Zara,,A2,Sock,Clothing,1,5.005
R1,2025-03-01 10:05,Zara,c-1,A2,Sock,Clothing,3,5.00
R1,2025-03-01 12:00,Muji,,B1,Pen,Stationery,-1,7.00
"""


def test_rows_of_a_receipt_make_one_sale_wherever_they_stand(mall: Store, file, ask) -> None:
    result = import_file(mall, "me", "sales", file("a.csv", LINES))
    assert (result.read, result.loaded, result.rejected) == (4, 4, 0)
    sales = ask("SELECT source_key, gross_minor, units, minute, day FROM sale ORDER BY source_key")
    assert sales == [
        ("Muji|R1", -700, -1.0, 720, "2025-03-01"),
        ("Zara|R1", 21480, 5.0, 605, "2025-03-01"),
        ("Zara|R2", 500, 1.0, 660, "2025-03-01"),
    ]
    lines = ask(
        "SELECT line_no, product_code, category, quantity, unit_minor, amount_minor FROM sale_line l "
        "JOIN sale s ON s.id = l.sale_id WHERE source_key = 'Zara|R1' ORDER BY line_no"
    )
    assert lines == [(1, "A1", "Clothing", 2.0, 9990, 19980), (2, "A2", "Clothing", 3.0, 500, 1500)]
    assert ask("SELECT code, name, state FROM tenant ORDER BY code") == [
        ("Muji", "Muji", "trading"),
        ("Zara", "Zara", "trading"),
    ]
    assert ask("SELECT code FROM category ORDER BY code") == [("Clothing",), ("Stationery",)]
    assert ask("SELECT i.kind, i.value, p.state FROM sale s JOIN identifier i ON i.id = s.identifier_id "
               "JOIN identifier_owner o ON o.identifier_id = i.id JOIN person p ON p.id = o.person_id "
               "WHERE s.source_key = 'Zara|R1'") == [("card", "C-1", "active")]  # fmt: skip


def test_a_price_finer_than_the_currency_is_rounded_once_to_even(mall: Store, file, ask) -> None:
    text = "invoice,date,sku,quantity,price\n1,2025-01-01,a,3,0.335\n2,2025-01-01,a,1,0.335\n3,2025-01-01,a,1,0.345\n4,2025-01-01,a,0.345,10\n"
    import_file(mall, "me", "sales", file("a.csv", text))
    assert ask("SELECT l.amount_minor, l.unit_minor FROM sale_line l JOIN sale s ON s.id = l.sale_id ORDER BY source_key") == [
        (100, 34), (34, 34), (34, 34), (345, 1000)]  # fmt: skip


def priced(total: bool, option: str = "") -> tuple[str, dict[str, object]]:
    """Twenty-four receipts of four goods in one to six pieces, with the piece's or the row's price."""
    rows = enumerate(goods())
    text = "".join(f"R{n},2025-01-01,{q},{p * q if total else p:.2f}\n" for n, (q, p) in rows)
    return "invoice,date,quantity,price\n" + text, {"options": {"price_is": option}} if option else {}


@pytest.mark.parametrize(("total", "option"), [(True, ""), (False, ""), (True, "total"), (False, "unit")])
def test_a_price_that_grows_with_the_quantity_is_the_rows_amount(
    mall: Store, file, ask, total: bool, option: str
) -> None:
    text, chart = priced(total, option)
    result = import_file(mall, "me", "sales", file("a.csv", text), mapping=chart or None)
    assert result.rejected == 0
    sold, dearest = ask("SELECT sum(amount_minor), max(unit_minor) FROM sale_line")[0]
    assert (sold, dearest) == (sum(q * round(p * 100) for q, p in goods()), 9990)
    assert any("grows with the quantity" in note for note in result.notes) == (total and not option)


def goods() -> list[tuple[int, float]]:
    return [(pieces, price) for price in (3.5, 10.0, 25.0, 99.9) for pieces in range(1, 7)]


def test_the_same_file_again_adds_nothing_in_any_order(mall: Store, file) -> None:
    import_file(mall, "me", "sales", file("a.csv", LINES))
    before = content(mall, "intake_batch")
    head, *rows = LINES.splitlines()
    random.Random(3).shuffle(rows)
    again = import_file(mall, "me", "sales", file("b.csv", "\n".join([head, *rows]) + "\n"))
    assert (again.loaded, again.unchanged, again.rejected) == (0, 4, 0)
    assert content(mall, "intake_batch") == before


def test_a_known_receipt_with_other_content_is_refused(mall: Store, file, ask) -> None:
    import_file(mall, "me", "sales", file("a.csv", LINES))
    again = import_file(
        mall,
        "me",
        "sales",
        file(
            "b.csv",
            LINES.replace(
                "R2,2025-03-01 11:00,Zara,,A2,Sock,Clothing,1,5.005",
                "R2,2025-03-01 11:00,Zara,,A2,Sock,Clothing,2,5.005",
            ),
        ),
    )
    assert (again.loaded, again.unchanged, again.rejected) == (0, 3, 1)
    assert again.rejects[0].row_no == 2
    assert again.rejects[0].reason == "differs from what was imported"
    assert ask("SELECT gross_minor FROM sale WHERE source_key = 'Zara|R2'") == [(500,)]


def test_a_receipt_with_one_bad_row_is_refused_whole_and_the_rest_loads(mall: Store, file, ask) -> None:
    bad = LINES.replace("A2,Sock,Clothing,3,5.00", "A2,Sock,Clothing,three,5.00")
    result = import_file(mall, "me", "sales", file("a.csv", bad))
    assert (result.loaded, result.rejected) == (2, 2)
    found = rejects(mall, result.batch)
    assert [(r.row_no, r.column) for r in found] == [(1, None), (3, "Qty")]
    assert "row 3" in found[0].reason
    assert "three" in found[1].reason
    assert found[1].raw["Description"] == "Sock"
    assert [r.row_no for r in rejects(mall, result.batch, limit=1, after=(found[0].row_no, found[0].id))] == [3]
    assert ask("SELECT source_key FROM sale ORDER BY 1") == [("Muji|R1",), ("Zara|R2",)]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("R9,2025-02-30,1,5,CNY", "Date", "no day"),
        ("R9,,1,5,CNY", "Date", "empty"),
        ("R9,2025-02-03,1,,CNY", "Price", "no amount"),
        (",2025-02-03,1,5,CNY", "Receipt", "receipt is empty"),
        ("R9,2025-02-03,1,5,USD", "Currency", "USD"),
        ("R9,2025-02-03,1,€5,CNY", "Price", "not in CNY"),
        ("R9,2025-02-03,1", None, "3 cells"),
        ("R9,2025-02-03,1,99999999999999999,CNY", "Price", "too large"),
    ],
)
def test_a_bad_row_names_its_column_and_reason(mall: Store, file, row: str, column: str | None, words: str) -> None:
    text = f"Receipt,Date,Qty,Price,Currency\nR1,2025-02-01,1,5,CNY\n{row}\nR2,2025-02-01,1,5,cny\n"
    result = import_file(mall, "me", "sales", file("a.csv", text))
    assert (result.loaded, result.rejected) == (2, 1)
    assert result.rejects[0].row_no == 2
    assert result.rejects[0].column == column
    assert words in result.rejects[0].reason


def test_identical_lines_of_a_receipt_are_all_kept(mall: Store, file, ask) -> None:
    text = "invoice,date,sku,quantity,price\n1,2025-01-01,a,1,2\n1,2025-01-01,a,1,2\n"
    import_file(mall, "me", "sales", file("a.csv", text))
    assert ask("SELECT line_no, amount_minor FROM sale_line ORDER BY 1") == [(1, 200), (2, 200)]


def test_receipts_of_different_customers_or_days_under_one_number_are_refused(mall: Store, file) -> None:
    text = "invoice,date,customer,amount\n1,2025-01-01,a,1\n1,2025-01-01,b,2\n2,2025-01-01,a,1\n2,2025-01-09,a,1\n3,2025-01-01,a,1\n"
    result = import_file(mall, "me", "sales", file("a.csv", text))
    assert result.loaded == 1
    assert {r.reason.split(" of ")[0] for r in result.rejects} == {"rows"}
    daily = import_file(
        mall, "me", "sales", file("b.csv", text), mapping={"options": {"receipt_per": "day"}}, source="daily"
    )
    assert daily.loaded == 3


def test_totals_of_a_day_carry_their_number_of_receipts(mall: Store, file, ask) -> None:
    text = '日期,商户,销售额,交易笔数\n2025年3月1日,肯德基,"12,345.60",321\n2025年3月1日,优衣库,￥98.7,2\n2025年3月1日,优衣库,5,1\n'
    result = import_file(mall, "me", "sales", file("a.csv", text, "gb18030"))
    assert (result.loaded, result.rejected) == (1, 2)
    assert ask("SELECT t.name, gross_minor, txns, minute, units FROM sale s JOIN tenant t ON t.id = s.tenant_id") == [
        ("肯德基", 1234560, 321, -1, None)
    ]
    assert ask("SELECT count(*) FROM sale_line") == [(0,)]


def test_rows_without_a_number_are_told_apart_by_content_and_repetition(mall: Store, file, ask) -> None:
    text = "date,amount\n2025-01-01 10:00,5\n2025-01-01 10:00,5\n2025-01-01 10:01,5\n"
    first = import_file(mall, "me", "sales", file("a.csv", text))
    again = import_file(mall, "me", "sales", file("a.csv", text))
    more = import_file(mall, "me", "sales", file("a.csv", text + "2025-01-01 10:00,5\n"))
    assert (first.loaded, again.unchanged, more.loaded, more.unchanged) == (3, 3, 1, 3)


def test_returns_told_by_their_number_alone_become_negative(mall: Store, file, ask) -> None:
    text = "invoice,date,amount\n100,2025-01-01,5\nC101,2025-01-01,5\n102,2025-01-01,5\n"
    result = import_file(mall, "me", "sales", file("a.csv", text))
    assert ask("SELECT source_key, gross_minor FROM sale ORDER BY 1") == [("100", 500), ("102", 500), ("C101", -500)]
    assert any("returns" in note for note in result.notes)


def test_tills_that_begin_their_numbers_with_c_do_not_lose_their_sales(mall: Store, file, ask) -> None:
    text = "invoice,date,amount\nC100,2025-01-01,5\nC101,2025-01-01,5\nC102,2025-01-01,5\n"
    import_file(mall, "me", "sales", file("a.csv", text))
    assert ask("SELECT sum(gross_minor) FROM sale") == [(1500,)]


def test_a_dry_run_says_the_same_and_changes_nothing(mall: Store, file) -> None:
    path = file("a.csv", LINES.replace("A2,Sock,Clothing,3", "A2,Sock,Clothing,x"))
    before = content(mall)
    dry = import_file(mall, "me", "sales", path, dry_run=True)
    assert content(mall) == before
    real = import_file(mall, "me", "sales", path)
    assert (dry.loaded, dry.rejected, dry.batch, dry.dry_run) == (real.loaded, real.rejected, None, True)


def test_a_mapping_is_saved_with_its_source_and_used_again(mall: Store, file) -> None:
    text = "Nummer,Wann,Wieviel,Sum\n1,2025-01-01,3,9\n"
    with pytest.raises(Known, match="recognised"):
        import_file(mall, "me", "sales", file("a.csv", text.replace("Sum", "Geld")))
    chosen = {"receipt": "Nummer", "at": "Wann", "amount": "Sum", "constants": {"tenant": "Kiosk"}}
    import_file(mall, "me", "sales", file("a.csv", text), mapping=chosen, source="kiosk")
    again = import_file(mall, "me", "sales", file("b.csv", text.replace("1,2025", "2,2025")), source="kiosk")
    assert again.mapping.columns == {"receipt": "Nummer", "at": "Wann", "amount": "Sum"}
    assert again.mapping.constants == {"tenant": "Kiosk"}


def test_cancelling_leaves_nothing_half_loaded(mall: Store, tmp_path: Path) -> None:
    rows = "".join(
        f"{n},2025-01-01 10:{n % 60:02d},shop {n % 7},c{n % 900},sku {n % 50},food,1,2.50\n" for n in range(45_000)
    )
    path = tmp_path / "big.csv"
    path.write_text("invoice,date,shop,customer,sku,category,qty,price\n" + rows, encoding="utf-8")
    empty, told = content(mall), []
    with pytest.raises(Cancelled):
        import_file(mall, "me", "sales", path, progress=told.append, cancelled=lambda: bool(told))
    assert told[0].done < 45_000
    assert told[0].total == 45_000
    assert content(mall) == empty
    assert [row.state for row in batches(mall)] == ["cancelled"]
    assert import_file(mall, "me", "sales", path).loaded == 45_000


def test_undo_removes_what_the_batch_brought_and_it_can_come_again(mall: Store, file, ask) -> None:
    first = import_file(mall, "me", "sales", file("a.csv", LINES))
    with_a = content(mall, "intake_batch")
    other = (
        LINES.replace("R1", "R7").replace("R2", "R8").replace("Muji", "Nike").replace("Pen,Stationery", "Ball,Sport")
    )
    second = import_file(mall, "me", "sales", file("b.csv", other))
    with_b = content(mall, "intake_batch")
    undo_batch(mall, "me", second.batch)
    assert content(mall, "intake_batch") == with_a
    with pytest.raises(Known, match="undone"):
        undo_batch(mall, "me", second.batch)
    assert import_file(mall, "me", "sales", file("b.csv", other)).loaded == 4
    assert content(mall, "intake_batch") == with_b
    undo_batch(mall, "me", first.batch)
    assert ask("SELECT code FROM tenant ORDER BY 1") == [("Nike",), ("Zara",)]
    assert ask("SELECT count(*) FROM identifier") == [(1,)]
    assert ask("SELECT action FROM audit_entry ORDER BY seq")[1:] == [
        ("import",),
        ("import",),
        ("undo",),
        ("import",),
        ("undo",),
    ]


def test_bulk_rows_reach_the_change_log_as_ranges(mall: Store, file, ask) -> None:
    result = import_file(mall, "me", "sales", file("a.csv", LINES))
    logged = {tbl: (pk, json.loads(row)) for tbl, pk, row in ask("SELECT tbl, pk, row FROM change_log WHERE op = 'B'")}
    assert logged.keys() == {"sale", "sale_line", "identifier", "identity_link", "person"}
    for table in ("sale", "identifier", "person", "identity_link"):
        first, last = (bytes.fromhex(text) for text in logged[table][1])
        assert logged[table][0] == result.batch
        assert ask(f"SELECT count(*) FROM {table} WHERE id NOT BETWEEN ? AND ?", first, last) == [(0,)]
    assert ask("SELECT count(*) FROM change_log WHERE tbl IN ('sale', 'sale_line', 'person') AND op <> 'B'") == [(0,)]


def test_midnights_alone_are_no_time_of_day(mall: Store, file, ask) -> None:
    text = "invoice,date,amount\n1,2025-01-01 00:00:00,5\n2,2025-01-02 00:00:00,5\n"
    import_file(mall, "me", "sales", file("a.csv", text))
    assert ask("SELECT DISTINCT minute FROM sale") == [(-1,)]
    import_file(mall, "me", "sales", file("b.csv", text.replace("02 00:00", "02 00:01")), source="other")
    assert ask("SELECT minute FROM sale s JOIN source o ON o.id = s.source_id WHERE o.code = 'other' ORDER BY 1") == [
        (0,),
        (1,),
    ]


def test_the_mart_follows_an_import_and_its_undoing(mall: Store, file) -> None:
    from models import mart

    def counts() -> list[int]:
        mart.refresh(mall)
        tables = ("sale", "sale_line", "person", "identifier_owner", "tenant", "category")
        with mart.open_mart(mall) as view:
            return [view.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in tables]

    before = counts()
    batch = import_file(mall, "me", "sales", file("a.csv", LINES)).batch
    assert counts() == [3, 4, 1, 1, 2, 2]
    undo_batch(mall, "me", batch)
    assert counts() == before


def test_what_a_dead_import_left_is_put_right_at_the_start(mall: Store, file, ask) -> None:
    empty = content(mall)
    dead = import_file(mall, "me", "sales", file("a.csv", LINES)).batch
    with mall.write("test", "as if its process had died") as tx:
        tx.execute_many("UPDATE intake_batch SET state = 'loading', last_id = NULL WHERE id = ?", [(dead,)])
    with import_lock(mall.site):
        assert recover(mall, "service") == 0
    assert recover(mall, "service") == 1
    assert content(mall) == empty
    assert ask("SELECT state, note FROM intake_batch") == [("failed", "its process ended")]
