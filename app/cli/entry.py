"""The command line: `python main.py [--site DIR] COMMAND [--json]`.

Exit status: 0 done, 2 bad use, 3 bad input, 4 not enough data, 5 not installed, 6 offline or denied.
With `--json` standard output holds one JSON document; progress and logs go to standard error.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.errors import Cancelled, Known

#: Modules of app.cli that each add their commands with `register(commands)`; loaded in this order.
GROUPS = ("site", "intake", "import_preview", "demo", "watch", "engines", "show", "service", "health")


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit status; no command opens the desktop."""
    parser = _parser()
    options = parser.parse_args(list(argv))
    if options.command is None:
        return _desktop(options)
    try:
        result = options.run(options)
    except Known as error:
        return _fail(options, error)
    except Cancelled:
        return _fail(options, Known("Stopped. Everything half-done has been put back.", code=130))
    except KeyboardInterrupt:
        return 130
    return _finish(options, result)


def site_folder(options: argparse.Namespace) -> Path:
    """The site that the command is for: `--site`, else ATRIUM_SITE, else ./site."""
    return Path(options.site or os.environ.get("ATRIUM_SITE") or "site")


def say(text: str) -> None:
    """A line for the person at the terminal; standard output stays free for the result."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the terminal is this module's purpose


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py", description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--site", metavar="DIR", help="the site's folder (default: ./site)")
    parser.add_argument("--offscreen", action="store_true", help="open the desktop without a display")
    parser.add_argument("--screenshot", metavar="FILE", help="draw the desktop's page into FILE and end")
    parser.add_argument("--page", default="today", help="the page to open first")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="the desktop's colours")
    parser.add_argument("--language", choices=("en", "zh"), help="the desktop's language")
    parser.add_argument("--size", metavar="WxH", help="the window's size, as in 1366x768")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name in GROUPS:
        importlib.import_module(f"app.cli.{name}").register(commands)
    for command in commands.choices.values():
        command.add_argument("--json", action="store_true", help="print one JSON document")
        command.add_argument("--site", dest="site", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser


def _desktop(options: argparse.Namespace) -> int:
    if options.offscreen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    start: Any = importlib.import_module("app.ui.start")
    return int(start.run(site_folder(options), options))


def _fail(options: argparse.Namespace, error: Known) -> int:
    if getattr(options, "json", False):
        document = {"error": error.sentence, "step": error.step, "code": error.code}
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
    say(f"{error.sentence}\n{error.step}".strip())
    return error.code


def _finish(options: argparse.Namespace, result: Any) -> int:
    """`run` returns a JSON-able document, or a (document, text) pair where the text reads better."""
    document, text = result if isinstance(result, tuple) else (result, None)
    if options.json:
        print(json.dumps(document, ensure_ascii=False, default=str))  # noqa: T201
    elif text or document is not None:
        print(text or json.dumps(document, ensure_ascii=False, indent=2, default=str))  # noqa: T201
    return 0
