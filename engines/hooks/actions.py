"""Adding, changing and testing endpoints; each act is audited, no secret ever is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from engines.access.guard import guarded
from engines.hooks.addresses import address_of, listed, target_of
from engines.hooks.rules import KINDS, TEST
from engines.hooks.secrets import put_secret
from engines.hooks.signing import new_secret, secret_text
from models import settings
from models.connection import Connection
from models.errors import Known
from models.ids import new_id
from models.store import Store, Transaction
from models.times import now_ms

HOUR_MS = 3_600_000
MOST_ENDPOINTS = 50
_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@guarded
def add_endpoint(store: Store, actor: str, code: str, url: str, kinds: Iterable[str]) -> str:
    """A new endpoint; returns its secret, which is shown this once. Raises Known for an address that may not be
    called or that cannot be found."""
    wanted = _checked(code, kinds)
    allowed = listed(str(settings.read(store, "hooks.private")))
    address_of(target_of(url, allowed), allowed)
    made, secret = new_id(), new_secret()
    with store.write(actor, "adding a webhook") as tx:
        count, taken = tx.connection.exec_driver_sql(
            "SELECT count(*), coalesce(sum(code = ?), 0) FROM hook_endpoint", (code,)
        ).one()
        if taken or count >= MOST_ENDPOINTS:
            raise Known(
                f"There is a webhook '{code}' already." if taken else f"There are {count} webhooks already.",
                "Choose another name." if taken else "Remove one first.", code=2,
                sentence_zh=f"已有名为“{code}”的推送。" if taken else f"已有 {count} 个推送。",
                step_zh="请换一个名称。" if taken else "请先删除一个。",
            )  # fmt: skip
        tx.connection.exec_driver_sql(
            "INSERT INTO hook_endpoint (id, code, url, kinds, active, created_at, created_by) "
            "VALUES (?, ?, ?, ?, 1, ?, ?)",
            (made, code, url.strip(), json.dumps(wanted), now_ms(), actor),
        )
        put_secret(tx, store, made, secret)
        tx.audit("create", f"hook/{code}", kinds=wanted)
    return secret_text(secret)


@guarded
def remove_endpoint(store: Store, actor: str, code: str) -> None:
    """The endpoint, its secrets and what was told to it."""
    with store.write(actor, "removing a webhook") as tx:
        endpoint = _id_of(tx.connection, code)
        for table in ("hook_delivery", "hook_secret"):
            tx.connection.exec_driver_sql(f"DELETE FROM {table} WHERE endpoint_id = ?", (endpoint,))  # noqa: S608
        tx.connection.exec_driver_sql("DELETE FROM hook_endpoint WHERE id = ?", (endpoint,))
        tx.touch("hook_delivery")
        tx.audit("remove", f"hook/{code}")


@guarded
def switch_endpoint(store: Store, actor: str, code: str, *, on: bool) -> None:
    """Tell an endpoint nothing for now, or go on; what waited meanwhile is still told."""
    with store.write(actor, "switching a webhook") as tx:
        tx.connection.exec_driver_sql(
            "UPDATE hook_endpoint SET active = ? WHERE id = ?", (int(on), _id_of(tx.connection, code))
        )
        tx.audit("switch", f"hook/{code}", on=on)


@guarded
def rotate_secret(store: Store, actor: str, code: str, *, hours: int = 24) -> str:
    """A new secret, shown this once; the old one is good, and signs too, for so many hours (0 to 168)."""
    if not 0 <= hours <= 168:
        raise Known("The old secret may stay good for up to 168 hours.", "Choose fewer.", code=2)
    secret = new_secret()
    with store.write(actor, "renewing a webhook's secret") as tx:
        put_secret(tx, store, _id_of(tx.connection, code), secret, old_until=now_ms() + hours * HOUR_MS)
        tx.audit("rotate", f"hook/{code}", hours=hours)
    return secret_text(secret)


@guarded
def send_test(store: Store, actor: str, code: str) -> bytes:
    """Have a test message sent with the next round; returns its id."""
    with store.write(actor, "testing a webhook") as tx:
        made = put_message(
            tx, _id_of(tx.connection, code), f"test/{new_id().hex()}", TEST, {"site": store.site.code, "by": "Atrium"}
        )
        tx.audit("test", f"hook/{code}")
    assert made is not None
    return made


@guarded
def send_again(store: Store, actor: str, delivery: bytes) -> None:
    """Try a message once more from the beginning, whatever became of it. Raises Known where it is gone."""
    with store.write(actor, "sending a webhook again") as tx:
        done = tx.connection.exec_driver_sql(
            "UPDATE hook_delivery SET state = 'waiting', attempts = 0, next_try_at = ? WHERE id = ?",
            (now_ms(), delivery),
        ).rowcount
        if not done:
            raise Known("This message is not kept any more.", "Look at the list again.", code=2)
        tx.touch("hook_delivery")
        tx.audit("resend", f"hook_delivery/{delivery.hex()}")


def put_message(tx: Transaction, endpoint: bytes, key: str, kind: str, data: object) -> bytes | None:
    """A message for an endpoint, to be sent with the next round; None where its key was told of before."""
    made, at = new_id(), now_ms()
    body = json.dumps({"type": kind, "timestamp": at, "data": data}, ensure_ascii=False, separators=(",", ":"))
    done = tx.connection.exec_driver_sql(
        "INSERT INTO hook_delivery (id, endpoint_id, key, kind, body, state, attempts, at, next_try_at) "
        "VALUES (?, ?, ?, ?, ?, 'waiting', 0, ?, ?) ON CONFLICT (endpoint_id, key) DO NOTHING",
        (made, endpoint, key, kind, body, at, at),
    ).rowcount
    tx.touch("hook_delivery")
    return made if done else None


def _checked(code: str, kinds: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(kinds))
    if not _CODE.fullmatch(code):
        raise Known(
            "A webhook's name has small letters, digits, dots and dashes.", "As in pager.", code=2,
            sentence_zh="推送名称只能包含小写字母、数字、点和短横线。", step_zh="例如 pager。",
        )  # fmt: skip
    if not wanted or any(kind not in KINDS for kind in wanted):
        raise Known(
            "What should it be told of?", f"One or more of {', '.join(KINDS)}.", code=2,
            sentence_zh="需要推送哪些内容？", step_zh=f"请选择：{'、'.join(KINDS)}。",
        )  # fmt: skip
    return wanted


def _id_of(connection: Connection, code: str) -> bytes:
    found = connection.exec_driver_sql("SELECT id FROM hook_endpoint WHERE code = ?", (code,)).scalar()
    if found is None:
        raise Known(
            f"There is no webhook '{code}'.", "See: python main.py hooks list", code=2,
            sentence_zh=f"没有名为“{code}”的推送。", step_zh="请查看列表。",
        )  # fmt: skip
    return bytes(found)
