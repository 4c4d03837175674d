"""A reader of the hub never takes the name, and with it the password, of another role."""

from __future__ import annotations

import uuid

import pytest

from models.errors import Known
from models.hub.nodes import add_reader, enrol
from tests.hub import Hub


def test_a_reader_cannot_take_a_node_s_login_or_the_owner_s(hub: Hub) -> None:
    node = enrol(hub.dsn, site_id=str(uuid.uuid4()), code="m", name="M", node="pc")
    before = hub.rows("SELECT rolname, rolpassword FROM pg_authid WHERE rolname IN (%s, 'atrium')", node.login)
    for taken in (node.login, "atrium", "atrium_owner"):
        with pytest.raises(Known, match=taken):
            add_reader(hub.dsn, taken, "known to the attacker")
    assert hub.rows("SELECT rolname, rolpassword FROM pg_authid WHERE rolname IN (%s, 'atrium')", node.login) == before


def test_a_reader_of_the_hub_gets_a_new_password(hub: Hub) -> None:
    for password in ("one", "two"):
        add_reader(hub.dsn, "test_repeated_reader", password)
