"""Which column is what: from its name in two languages, and from its values where names leave it open."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.intake.fields import KINDS
from engines.intake.files import read_sheet
from engines.intake.guess import guess_kind
from engines.intake.mapping import from_document, guess, read_map_file, with_guess
from engines.intake.preview import preview
from engines.intake.text_files import read_delimited
from models.errors import Known
from models.store import Store
from tests.data import data_file


def guessed(kind: str, text: str) -> dict[str, str]:
    return guess(KINDS[kind], read_delimited(text.encode(), "x")).columns


@pytest.mark.parametrize(
    ("header", "row", "want"),
    [
        ("Receipt #,Sold At,Store ID,Total", "1,2025-01-01 10:00,7,5", {"receipt": "Receipt #", "at": "Sold At", "tenant": "Store ID", "amount": "Total"}),
        ("小票号,交易日期,交易时间,商户名称,会员卡号,实付金额", "1,2025-01-01,10:00,肯德基,a,5",
         {"receipt": "小票号", "at": "交易日期", "time": "交易时间", "tenant_name": "商户名称", "card": "会员卡号", "amount": "实付金额"}),
        ("transactionId;saleDate;grossAmount", "1;2025-01-01;5", {"receipt": "transactionId", "at": "saleDate", "amount": "grossAmount"}),
        ("order_no,when it was,price,qty", "1,2025-01-01,5,2", {"receipt": "order_no", "at": "when it was", "unit_price": "price", "quantity": "qty"}),
        ("invoice,date,time,amount", "1,2025-01-01 10:00,2025-01-01 10:00,3", {"receipt": "invoice", "at": "date", "amount": "amount"}),
        ("ticket,time,amount", "1,2025-01-01 10:00,3", {"receipt": "ticket", "at": "time", "amount": "amount"}),
        ("bill no,date,ammount", "1,2025-01-01,3", {"receipt": "bill no", "at": "date", "amount": "ammount"}),
        ("bill no,date,amount,total", "1,2025-01-01,n/a gift,3", {"receipt": "bill no", "at": "date", "amount": "total"}),
    ],
)  # fmt: skip
def test_columns_are_known_by_name_and_shape(header: str, row: str, want: dict[str, str]) -> None:
    assert guessed("sales", f"{header}\n{row}\n") == want


def test_every_declared_name_is_recognised_as_its_field() -> None:
    for kind in KINDS.values():
        for field in kind.fields:
            for name in (*field.names[:3], *field.names_zh[:2]):
                others = [f.name for f in kind.fields if f is not field and name in (*f.names, *f.names_zh)]
                found = guess(kind, read_delimited(f"{name}|nothing at all\n|\n".encode(), "x")).columns
                assert others or found == {field.name: name}, (kind.name, field.name, name)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("transactions/istanbul-malls.csv", "sales"),
        ("transactions/online-retail.parquet", "sales"),
        ("footfall/melbourne-hourly.parquet", "counts"),
    ],
)
def test_real_files_are_recognised(mall: Store, name: str, kind: str) -> None:
    seen = preview(data_file(name), None, mall.site)
    assert (seen.kind, seen.missing) == (kind, ())
    assert len(seen.sample) == 20
    assert len(seen.sample[0]) == len(seen.columns)


def test_a_file_of_nothing_known_has_no_kind(mall: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("foo,bar\nx,y\n", encoding="utf-8")
    seen = preview(path, None, mall.site)
    assert (seen.kind, seen.mapping) == (None, None)
    assert preview(path, "sales", mall.site).missing == ("at", "amount or unit_price")
    assert guess_kind(read_sheet(path))[1] == 0


def test_a_map_file_overrides_the_guess_only_where_it_speaks(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(
        'amount = "Net"\nproduct = ""\n[constants]\ntenant = "T1"\n[options]\ndate_order = "mdy"\n', encoding="utf-8"
    )
    sheet = read_delimited(b"invoice,date,description,net,total\n1,1/2/2025,x,3,4\n".replace(b"net", b"Net"), "x")
    mapping = with_guess(from_document(read_map_file(path), KINDS["sales"]), sheet)
    assert mapping.columns == {"amount": "Net", "receipt": "invoice", "at": "date"}
    assert (mapping.constants, mapping.options) == ({"tenant": "T1"}, {"date_order": "mdy"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("amount = ", "not valid"),
        ('nothing = "a"', "do not have"),
        ('[options]\ndate_order = "dym"', "not known"),
        ("[options]\nx = 1", "not known"),
    ],
)
def test_a_wrong_map_file_is_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Known, match=words):
        from_document(read_map_file(path), KINDS["sales"])
