"""Fills a site's result tables with what the predictive engines give on a lively mall, under the site's own people."""

from __future__ import annotations

from pathlib import Path

from engines.churn.engine import ENGINE as CHURN
from engines.churn.winback import ENGINE as WINBACK
from engines.driver import _put
from engines.propensity.engine import ENGINE as PROPENSITY
from engines.value.engine import ENGINE as VALUE
from models import ledger
from models.store import open_store
from tests.engines.features.receipts_mart import lively_mall, moment


def predict(folder: Path) -> None:
    """Run the four engines on 1,400 made shoppers and store the answers, the first people under known ids."""
    engines = (VALUE, CHURN, PROPENSITY, WINBACK)
    frames = lively_mall(1_400, 420).fetch(list({r.name: r for e in engines for r in e.takes}.values()))
    store = open_store(folder)
    try:
        with store.read() as connection:
            people = [p for (p,) in connection.exec_driver_sql("SELECT id FROM person ORDER BY id").fetchall()]
            campaigns = [c for (c,) in connection.exec_driver_sql("SELECT id FROM campaign ORDER BY id").fetchall()]
        known = {int(i + 1).to_bytes(16, "big"): person for i, person in enumerate(people)}
        for engine in engines:
            given = engine.run(moment(), **{r.name: frames[r.name] for r in engine.takes})
            run = ledger.start(store, engine.name, version="1", as_of=moment().at)
            with store.write("service", "a test's predictions") as tx:
                for relation in engine.gives:
                    rows = given[relation.name].to_pylist()
                    for row in rows:
                        if "person_id" in row:
                            row["person_id"] = known.get(row["person_id"], row["person_id"])
                        if "campaign_id" in row and campaigns:
                            row["campaign_id"] = campaigns[int.from_bytes(row["campaign_id"], "big") % len(campaigns)]
                    if relation.name == "win_back":
                        rows = rows[: len(campaigns)]
                    _put(tx, engine, relation, type(given[relation.name]).from_pylist(rows, schema=relation.schema()))
                ledger.finish(tx, run, "done", rows=len(rows), seconds=1.0)
    finally:
        store.close()
