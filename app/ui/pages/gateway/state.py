"""What the Gateway page shows: whether it is on and where, its keys, and whom alerts are told."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.period import Period
from engines.access.api_keys import ApiKeyRow, api_keys
from engines.hooks.queries import DeliveryRow, EndpointRow, deliveries, endpoints
from models import settings
from models.errors import Known
from models.lease import holder
from models.store import Store


@dataclass(frozen=True)
class State:
    """`wrong` is what keeps the gateway from listening, in both languages; `service` whether a service runs."""

    on: bool
    address: str
    secure: bool
    service: bool
    wrong: Known | None
    keys: tuple[ApiKeyRow, ...]
    endpoints: tuple[EndpointRow, ...]
    deliveries: tuple[DeliveryRow, ...]


def read(store: Store, _period: Period, _argument: object) -> State:
    """The gateway and the webhooks as they stand."""
    from app.gateway.config import read_config

    wrong: Known | None = None
    secure = False
    address = str(settings.read(store, "gateway.address"))
    try:
        config = read_config(store)
        address, secure = config.address, config.secure
    except Known as error:
        wrong = error
    return State(
        bool(settings.read(store, "gateway.on")), address, secure, holder(store) is not None, wrong,
        tuple(api_keys(store)), tuple(endpoints(store)), tuple(deliveries(store, limit=200)),
    )  # fmt: skip
