"""`hub init`, `enrol`, `nodes`, `rotate`, `revoke`, `publish`, `reader`: the chain's PostgreSQL and its users."""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.cli.entry import say, site_folder
from models.errors import Known


def register(actions: Any) -> None:
    """Add the actions to `hub`."""
    _action(actions, "init", run_init, "make or upgrade the hub's schemas on a PostgreSQL 15 or newer")
    enrol = _action(actions, "enrol", run_enrol, "make a node of a site: writes its enrolment file, prints its code")
    rotate = _action(actions, "rotate", run_enrol, "a new password for a node: writes a new enrolment file")
    revoke = _action(actions, "revoke", run_revoke, "take a node's rights away")
    _action(actions, "nodes", run_nodes, "every node: when it was seen, what it sent, what waits")
    publish = _action(actions, "publish", run_publish, "reference data of the chain: to every site, read only there")
    publish.add_argument("table", metavar="TABLE", help="brand, category, occasion, consent_notice and others")
    publish.add_argument("file", metavar="FILE", type=Path, help="CSV with column names in its first line, or JSON")
    reader = _action(actions, "reader", run_reader, "a login for reports on one site or the whole chain")
    for parser in (enrol, rotate, revoke):
        parser.add_argument("node", metavar="NODE", help="the node's name, as in 'office'")
    for parser in (enrol, rotate):
        parser.add_argument("--to", metavar="FILE", help="where the enrolment file goes (default: NODE.enrolment.toml)")
        parser.add_argument("--ca", metavar="FILE", help="the certificate (PEM) of the CA that signed the hub's")
        parser.add_argument("--host", default="", help="the name by which nodes call the hub (default: the server's)")
        parser.add_argument("--port", type=int, default=0, help="its port")
        parser.set_defaults(again=parser is rotate)
    for parser in (enrol, rotate, revoke, reader):
        parser.add_argument("--site-id", default="", help="the site's id: see 'sync status' (default: --site's)")
    enrol.add_argument("--site-name", default="", help="the site's name (default: that of --site)")
    enrol.add_argument("--site-code", default="", help="the site's code (default: that of --site)")
    reader.add_argument("login", metavar="LOGIN")
    reader.add_argument("--chain", action="store_true", help="may read every site")


def run_init(options: argparse.Namespace) -> tuple[Any, str]:
    """Provision the server."""
    from models.hub.provision import provision

    done = provision(_server(options))
    text = (
        f"PostgreSQL {done.server // 10000}: hub version {done.hub_version}, takes stores of version "
        f"{done.store_version} and the two before; {done.tables} tables ({done.new_tables} new, "
        f"{done.new_columns} new columns)."
    )
    return dataclasses.asdict(done), text


def run_enrol(options: argparse.Namespace) -> tuple[Any, str]:
    """Make the node, or its new password, and the enrolment file; the code is shown once."""
    from models.hub.enrolment import enrolment_text, new_code
    from models.hub.nodes import enrol, read_ca, rotate

    ca, where = read_ca(options.ca), {"host": options.host, "port": options.port}
    path = Path(options.to or f"{re.sub(r'[^A-Za-z0-9_-]', '_', options.node)}.enrolment.toml")
    if path.exists():
        raise Known(f"{path} exists already.", "Name another file with --to.", code=2)
    site_id, name, code_of_site = _site(options)
    if options.again:
        made = rotate(_server(options), site_id, options.node, ca=ca, **where)
    else:
        made = enrol(_server(options), site_id=site_id, code=code_of_site, name=name, node=options.node, ca=ca, **where)
    code = new_code()
    path.write_text(enrolment_text(made, code), "utf-8")
    say("The code is shown only now. Send it by another way than the file.")
    return {"file": str(path), "code": code, "node_id": made.node_id, "login": made.login}, f"{path}\n{code}"


def run_revoke(options: argparse.Namespace) -> tuple[Any, str]:
    """Shut a node out."""
    from models.hub.nodes import revoke

    revoke(_server(options), _site(options)[0], options.node)
    return {"revoked": options.node}, f"{options.node} is shut out. What it sent stays."


def run_nodes(options: argparse.Namespace) -> tuple[Any, str]:
    """Every node of every site."""
    from models.hub.nodes import nodes

    found = nodes(_server(options))
    lines = [
        f"{n.site} / {n.node}: {'revoked' if n.revoked else _when(n.seen_at)}, {n.rows:,} rows sent, "
        f"{n.waiting:,} refused, version {n.program or '-'}{f'; ALARM: {n.alarm}' if n.alarm else ''}"
        for n in found
    ]
    return [dataclasses.asdict(n) for n in found], "\n".join(lines) or "No node is enrolled."


def run_publish(options: argparse.Namespace) -> tuple[Any, str]:
    """Give reference data to every site."""
    from models.hub.reference import publish

    done = publish(_server(options), options.table, options.file)
    return dataclasses.asdict(done), f"{done.rows} rows of {done.table} to {done.sites} sites."


def run_reader(options: argparse.Namespace) -> tuple[Any, str]:
    """A login that reads."""
    from models.hub.nodes import add_reader

    site = None if options.chain else _site(options)[0]
    add_reader(_server(options), options.login, _password(), site)
    return {"login": options.login, "site_id": site}, f"{options.login} reads {site or 'every site'}."


def _action(actions: Any, name: str, run: Any, text: str) -> Any:
    parser = actions.add_parser(name, help=text)
    parser.add_argument("--server", metavar="DSN", default=os.environ.get("ATRIUM_HUB", ""),
                        help="the administrator's way to the server: host=… dbname=… user=… sslmode=verify-full "
                        "(default: ATRIUM_HUB); its password goes into PGPASSWORD or a password file")  # fmt: skip
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    parser.set_defaults(run=run)
    return parser


def _server(options: argparse.Namespace) -> str:
    """The connection string. A password on the command line can be read by everyone on the machine: refused."""
    if not options.server:
        raise Known("Which server?", "Give --server 'host=… dbname=… user=…'.", code=2)
    if re.search(r"password\s*=|://[^/@]*:[^/@]*@", options.server):
        raise Known("A password does not belong on the command line.", "Put it into PGPASSWORD or a password file.",
                    code=2)  # fmt: skip
    return str(options.server)


def _site(options: argparse.Namespace) -> tuple[str, str, str]:
    """Id, name and code: as given, else those of the site in --site."""
    given = (options.site_id, getattr(options, "site_name", ""), getattr(options, "site_code", ""))
    if given[0]:
        return given[0], given[1] or given[0], given[2] or "mall"
    from models.site import load_site

    site = load_site(site_folder(options))
    return site.id, given[1] or site.name, given[2] or site.code


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")


def _when(at: int | None) -> str:
    return f"seen {datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M} UTC" if at else "never seen"
