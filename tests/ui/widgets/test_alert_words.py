"""Alerts write money as every page does, and lead to the page of what was unusual."""

from __future__ import annotations

import pytest

from app.ui import format, i18n
from app.ui.sentences import finding_words
from app.ui.widgets.alert_ways import way_of
from app.ui.widgets.alerts import AlertList
from app.ui.widgets.evidence import evidence_chart
from engines.alerts.queries import Alert
from engines.anomalies.findings import SENTENCES, render

WORTH = {"amount": 60079.1, "currency": "CNY", "percent": 96.3, "health": 41.8, "desk": "member desk",
         "desk_zh": "会员服务台", "subject": "lapse"}  # fmt: skip
SEEN = {"observed": 1234567.5, "expected": 2000000.0, "low": 1.0, "high": 3e6, "percent": 38.0, "day": "2026-03-12"}


def made(kind: str, subject: str, sentence: str = "day_below", **facts) -> Alert:
    rows = ({"day": "2026-03-12", "observed": 1234567.5, "expected": 2e6, "low": None, "high": 3e6},)
    return Alert(b"a" * 16, kind, "notice", subject, "2026-03-12", 4.0, sentence, {**SEEN, "subject": subject, **facts},
                 rows, "open", 0, None)  # fmt: skip


@pytest.fixture(autouse=True)
def yuan(qapp):
    format.configure(currency="CNY", zone="Asia/Shanghai")
    i18n.set_language("en")
    yield
    i18n.set_language("en")


def test_money_stands_as_on_the_pages_in_both_languages():
    assert "worth ¥60,079 will" in finding_words("retention_lapse", WORTH)
    assert "¥1,234,568 on 12 Mar 2026" in finding_words("day_below", {**SEEN, "subject": "sales"})
    assert "¥" not in finding_words("day_below", {**SEEN, "subject": "footfall"})
    case = {"subject": "fraud", "receipts": 2, "amount": 73.7, "currency": "CNY"}
    assert finding_words("fraud_duplicate", case).endswith("(2 receipts, ¥73.70).")
    i18n.set_language("zh")
    assert "累计消费 ¥60,079 的客户" in finding_words("retention_lapse", WORTH)
    format.configure(currency="JPY", zone="Asia/Tokyo")
    assert "¥60,079 的客户" in finding_words("retention_lapse", {**WORTH, "currency": "JPY"})
    format.configure(currency="CNY", zone="Asia/Shanghai")


def test_without_a_page_the_code_stands_before_the_amount_and_no_template_writes_it_itself():
    assert "worth CNY 60,079 will" in render("retention_lapse", WORTH, "en")
    assert not [name for name, text in SENTENCES.items() if "{currency}" in text["en"] + text["zh"]]


def test_the_evidence_of_sales_is_drawn_as_money_of_the_same_size():
    line = evidence_chart(made("unusual_day", "tenant t1"))
    assert line.unit == "money" and line.series[0].values == (123456750.0,)
    assert evidence_chart(made("unusual_day", "footfall")).unit == "count"


@pytest.mark.parametrize(
    ("alert", "page", "argument"),
    [
        (made("unusual_share", "campaign c1 opened", "share_below"), "attribution", None),
        (made("unusual_week", "tenant t1"), "sales", {"tenant": "t1"}),
        (made("unusual_share", "returns t1"), "sales", {"tenant": "t1"}),
        (made("silent_hours", "gate west"), "footfall", None),
        (made("customer_risk", "lapse", person="ab" * 16), "customers", {"person": b"\xab" * 16}),
        (made("customer_risk", "lapse"), "leads", None),
        (made("fraud_duplicate", "tenant t1"), "network", None),
        (made("slow_job", "job kpi"), "jobs", None),
    ],
)
def test_an_alert_leads_to_its_page(alert, page, argument):
    way = way_of(alert)
    assert way is not None and (way.page, way.argument) == (page, argument)


def test_the_button_goes_there(qtbot, open_desk, empty_site):
    desk = open_desk(empty_site)
    from PySide6.QtWidgets import QWidget

    host = QWidget()
    shown = AlertList(desk, host)
    qtbot.addWidget(shown)
    qtbot.addWidget(host)
    went = []
    desk.wanted.connect(lambda *there: went.append(there))
    shown.show_alerts([made("unusual_share", "campaign c1 opened", "share_below", n=4, of=150)])
    assert shown.rows[0].page_button.text() == "Open Attribution"
    shown.rows[0].page_button.click()
    assert went and went[0][0] == "attribution"
