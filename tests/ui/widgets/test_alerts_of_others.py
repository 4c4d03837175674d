"""Alerts that no analysis raises (backups, sign-in, sync) are written in words too, and those of backups lead to them."""

from __future__ import annotations

import pytest

from app.service import recovery_alerts
from app.ui import i18n
from app.ui.sentences import finding_words
from app.ui.widgets.alert_ways import way_of
from app.ui.widgets.alerts import KINDS
from engines.access import threats
from engines.alerts.queries import Alert
from models.sync import alerts

FACTS = {"subject": "x", "hours": 40, "n": 3, "usual": 1, "most": 2}


@pytest.mark.parametrize("source", [recovery_alerts, threats, alerts])
def test_each_has_words_in_both_languages(qapp, source):
    for sentence in source.SENTENCES:
        i18n.set_language("en")
        english = finding_words(sentence, FACTS)
        i18n.set_language("zh")
        chinese = finding_words(sentence, FACTS)
        i18n.set_language("en")
        assert sentence not in (english, chinese)
        assert english != chinese


def test_alerts_of_backups_lead_to_the_page():
    for kind in recovery_alerts.SENTENCES:
        made = Alert(b"a" * 16, kind, "critical", "backup", "2026-03-12", 1.0, kind, FACTS, (), "open", 0, None)
        way = way_of(made)
        assert way is not None
        assert way.page == "backup"
        assert kind in KINDS
