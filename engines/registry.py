"""The engines, one line each: whatever loops over engines loops over this tuple."""

from __future__ import annotations

from engines.anomalies.engine import ENGINE as ANOMALIES
from engines.anomalies.habits import ENGINE as HABITS
from engines.anomalies.outliers import ENGINE as OUTLIERS
from engines.attribution.engine import ENGINE as ATTRIBUTION
from engines.behaviour.engine import ENGINE as BEHAVIOUR
from engines.churn.engine import ENGINE as CHURN
from engines.churn.winback import ENGINE as WINBACK
from engines.clusters.engine import ENGINE as CLUSTERS
from engines.clusters.movement import ENGINE as MOVEMENT
from engines.contract import Engine
from engines.evaluation.engine import ENGINE as EVALUATION
from engines.finance.engine import ENGINE as FINANCE
from engines.footfall.engine import ENGINE as FOOTFALL
from engines.forecast.engine import ENGINE as FORECAST
from engines.forecast.money import ENGINE as MONEY_FORECAST
from engines.fraud.engine import ENGINE as FRAUD
from engines.health.engine import ENGINE as HEALTH
from engines.health.watch import ENGINE as RETENTION
from engines.journeys.engine import ENGINE as JOURNEYS
from engines.kpi.engine import ENGINE as KPI
from engines.leads.engine import ENGINE as LEADS
from engines.milestones.engine import ENGINE as MILESTONES
from engines.network.engine import ENGINE as NETWORK
from engines.picks.engine import ENGINE as PICKS
from engines.picks.next_action import ENGINE as NEXT_ACTION
from engines.propensity.engine import ENGINE as PROPENSITY
from engines.rfm.engine import ENGINE as RFM
from engines.value.engine import ENGINE as VALUE

ENGINES: tuple[Engine, ...] = (
    FOOTFALL,
    KPI,
    FORECAST,
    ANOMALIES,
    RFM,
    CLUSTERS,
    MOVEMENT,
    VALUE,
    CHURN,
    PROPENSITY,
    WINBACK,
    JOURNEYS,
    BEHAVIOUR,
    HEALTH,
    RETENTION,
    LEADS,
    MILESTONES,
    NETWORK,
    FRAUD,
    HABITS,
    OUTLIERS,
    ATTRIBUTION,
    EVALUATION,
    FINANCE,
    PICKS,
    NEXT_ACTION,
    MONEY_FORECAST,
)


def engine_named(name: str) -> Engine:
    """The engine of that name. Raises Known with the names there are."""
    from models.errors import Known

    for engine in ENGINES:
        if engine.name == name:
            return engine
    raise Known(f"There is no engine '{name}'.", f"Choose one of: {', '.join(e.name for e in ENGINES)}.", code=2)


def givers_of(engine: Engine) -> list[Engine]:
    """The engines whose results it takes, directly or through others, in the order to run them."""
    from engines.driver import order

    wanted, found = {r.name for r in engine.takes if r.sql is None and not r.shared}, set[str]()
    while fresh := [
        e for e in ENGINES if e is not engine and e.name not in found and wanted & {r.name for r in e.gives}
    ]:
        found |= {e.name for e in fresh}
        wanted |= {r.name for e in fresh for r in e.takes if r.sql is None and not r.shared}
    return [e for e in order(ENGINES) if e.name in found]
