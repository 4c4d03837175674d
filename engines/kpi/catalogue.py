"""The KPI catalogue: every KPI of the trade that Atrium knows, computed or saying what it needs."""

from __future__ import annotations

from engines.kpi.definition import Kpi
from engines.kpi.definitions.campaign import CAMPAIGNS
from engines.kpi.definitions.feedback import FEEDBACK
from engines.kpi.definitions.leasing import LEASING
from engines.kpi.definitions.loyalty import LOYALTY
from engines.kpi.definitions.member import MEMBERS
from engines.kpi.definitions.sales import SALES
from engines.kpi.definitions.system import SYSTEM
from engines.kpi.definitions.traffic import TRAFFIC

CATALOGUE: tuple[Kpi, ...] = (
    *TRAFFIC, *SALES, *MEMBERS, *LOYALTY, *CAMPAIGNS, *FEEDBACK, *LEASING, *SYSTEM,
)  # fmt: skip
_BY_ID = {kpi.id: kpi for kpi in CATALOGUE}


def definition(kpi: str) -> Kpi:
    """The entry with that id. Raises KeyError for an id the catalogue lacks."""
    return _BY_ID[kpi]
