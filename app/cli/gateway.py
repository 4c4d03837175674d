"""`gateway`: is it on and does it answer, its keys, its OpenAPI document; `gateway serve` is the service's child."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from app.cli import users
from app.cli.entry import at_least_one, site_folder
from models.store import open_store

Result = tuple[Any, str]
ASK_SECONDS = 3.0


def register(commands: Any) -> None:
    """Add the command."""
    gateway = commands.add_parser("gateway", help="HTTP and WebSocket for programs on the mall's network")
    parts = gateway.add_subparsers(dest="action", required=True, metavar="ACTION")
    _part(parts, "status", "whether it is on, where it listens, and whether it answers").set_defaults(run=run_status)
    serve = parts.add_parser("serve")
    serve.set_defaults(run=run_serve)
    openapi = _part(parts, "openapi", "write the document that describes it")
    openapi.add_argument("--to", required=True, metavar="FILE")
    openapi.set_defaults(run=run_openapi)
    _add_keys(_part(parts, "keys", "API keys"))


def _add_keys(command: Any) -> None:
    parts = command.add_subparsers(dest="what", required=True, metavar="WHAT")
    _part(parts, "list", "every key, never its text").set_defaults(run=users.run_keys)
    add = _part(parts, "add", "a new key; it is shown this once")
    add.add_argument("name")
    add.add_argument("rights", nargs="+", metavar="RIGHT")
    add.add_argument("--rate", type=at_least_one, default=600, metavar="N", help="calls a minute (default 600)")
    add.add_argument("--days", type=at_least_one, default=None, metavar="N", help="days until it ends")
    add.set_defaults(run=users.run_key_add)
    revoke = _part(parts, "revoke", "let a key open nothing any more")
    revoke.add_argument("name")
    revoke.set_defaults(run=users.run_key_revoke)


def _part(parts: Any, name: str, told: str) -> Any:
    part = parts.add_parser(name, help=told)
    part.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    return part


def run_serve(options: argparse.Namespace) -> None:
    """Serve until the standard input ends."""
    from app.gateway.server import serve

    serve(site_folder(options))


def run_status(options: argparse.Namespace) -> Result:
    """What the settings say, and what /v1/health answers."""
    from app.gateway.config import read_config
    from engines.access.api_keys import api_keys
    from models import settings

    store = open_store(site_folder(options))
    try:
        on = bool(settings.read(store, "gateway.on"))
        config = read_config(store)
        keys = sum(key.state == "valid" for key in api_keys(store))
    finally:
        store.close()
    answers = _answers(config.host, config.port, secure=config.secure) if on else False
    document = {"on": on, "address": config.address, "tls": config.secure, "answers": answers, "valid_keys": keys}
    said = "It answers." if answers else "It does not answer." if on else "It is off; on: settings gateway.on on"
    return document, f"{'https' if config.secure else 'http'}://{config.address}  {said}  {keys} valid keys"


def run_openapi(options: argparse.Namespace) -> Result:
    """The OpenAPI document, without a running gateway."""
    from app.gateway.application import describe

    file = Path(options.to)
    document = describe()
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    return {"file": str(file), "paths": len(document["paths"])}, f"{len(document['paths'])} addresses in {file}."


def _answers(host: str, port: int, *, secure: bool) -> bool:
    """Whether the gateway answers here; its certificate is for others' names, so it is not looked at."""
    import ssl
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    if secure:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection: HTTPConnection = HTTPSConnection(own, port, timeout=ASK_SECONDS, context=context)
    else:
        connection = HTTPConnection(own, port, timeout=ASK_SECONDS)
    try:
        connection.request("GET", "/v1/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
