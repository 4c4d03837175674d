"""The command line: `python main.py [--site DIR] COMMAND [--json]`.

Exit status: 0 done, 2 bad use, 3 bad input, 4 not enough data, 5 not installed, 6 offline or denied.
With `--json` standard output holds one JSON document, of an error too; progress and logs go to standard error.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from app.cli.manners import make_way
from models.errors import Cancelled, Known

#: Modules of app.cli that each add their commands with `register(commands)`; loaded in this order.
GROUPS = (
    "site", "intake", "import_preview", "demo", "watch", "cameras",
    "engines", "show", "service", "health", "recovery", "key", "weights", "faces", "segments", "clusters", "hub",
    "journeys", "leads", "sync", "people", "attribution", "evaluation", "model", "finance", "network", "picks",
    "catchment", "users", "privacy", "update", "gateway", "hooks",
)  # fmt: skip


def main(argv: Sequence[str], *, own_process: bool = False) -> int:
    """Run one command and return its exit status; no command opens the desktop.

    In a process of its own a long command lowers the process's priority, which nothing can raise again.
    """
    _say_what_the_terminal_can()
    try:
        _refuse_broken(argv)
        options = _parser().parse_args(list(argv))
    except Known as error:
        return _fail(argparse.Namespace(json="--json" in argv), error)
    if options.command is None:
        return _desktop(options)
    if own_process:
        make_way(options.command)
    try:
        result = options.run(options)
    except Known as error:
        return _fail(options, error)
    except Cancelled:
        return _fail(options, Known("Stopped. Everything half-done has been put back.", code=130))
    except KeyboardInterrupt:
        return _fail(options, Known("Stopped.", code=130))
    except Exception as error:
        if options.json:
            put_json({"error": f"A fault of Atrium itself: {type(error).__name__}.", "step": "", "code": 1})
        raise
    return _finish(options, result)


def site_folder(options: argparse.Namespace) -> Path:
    """The site that the command is for: `--site`, else ATRIUM_SITE, else ./site."""
    named = options.site or os.environ.get("ATRIUM_SITE") or "site"
    if "\0" in named:
        raise Known("The site's folder cannot be read: its name holds a null character.", "Write another.", code=2)
    return Path(named)


def say(text: str) -> None:
    """A line for the person at the terminal; standard output stays free for the result."""
    print(as_called(text), file=sys.stderr, flush=True)  # noqa: T201 - the terminal is this module's purpose


def as_called(text: str) -> str:
    """The text with the commands in it as they are typed here: a package has a program, a checkout has main.py."""
    return text.replace("python main.py", "atrium") if getattr(sys, "frozen", False) else text


def put(text: str) -> None:
    """A result on standard output; a reader that has seen enough (`... | head`) is no error."""
    try:
        print(as_called(text), flush=True)  # noqa: T201 - the terminal is this module's purpose
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # else the interpreter complains when it flushes at its end
        os.close(nowhere)


def put_json(document: Any) -> None:
    """The one JSON document of a command, escaped where the terminal's encoding cannot hold every character."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    put(json.dumps(document, ensure_ascii=not unicode, default=str))


def at_least_one(text: str) -> int:
    """The argument type of a number of rows: 1 to a thousand million."""
    if not text.isdecimal() or not 1 <= int(text[:12]) <= 1_000_000_000:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 to 1000000000")
    return int(text)


def _refuse_broken(argv: Sequence[str]) -> None:
    """Raise Known for a word that is not in the terminal's encoding: nothing could store it."""
    try:
        "".join(argv).encode()
    except UnicodeEncodeError:
        raise Known("A word of the command is no valid text.", "Type it anew, or rename the file.", code=2) from None


class _Parser(argparse.ArgumentParser):
    """Tells bad use as any other error is told, so that `--json` has its document."""

    def error(self, message: str) -> NoReturn:
        raise Known(f"{message[:1].upper()}{message[1:]}.", f"Run: python {self.prog} --help", code=2)


def _say_what_the_terminal_can() -> None:
    """A terminal without Chinese shows question marks instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="atrium" if getattr(sys, "frozen", False) else "main.py",
        description=__doc__.split("\n")[0] if __doc__ else None,
    )
    parser.add_argument("--site", metavar="DIR", help="the site's folder (default: ./site)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--offscreen", action="store_true", help="open the desktop without a display")
    parser.add_argument("--screenshot", metavar="FILE", help="draw the desktop's page into FILE and end")
    parser.add_argument("--page", default="today", help="the page to open first, as in health or health/hub")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="the desktop's colours")
    parser.add_argument("--language", choices=("en", "zh"), help="the desktop's language")
    parser.add_argument("--size", metavar="WxH", help="the window's size, as in 1366x768")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name in GROUPS:
        importlib.import_module(f"app.cli.{name}").register(commands)
    for command in commands.choices.values():
        command.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
        command.add_argument("--site", dest="site", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser


def _desktop(options: argparse.Namespace) -> int:
    if options.offscreen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    start: Any = importlib.import_module("app.ui.start")
    return int(start.run(site_folder(options), options))


def _fail(options: argparse.Namespace, error: Known) -> int:
    if getattr(options, "json", False):
        chinese = {"error_zh": error.sentence_zh, "step_zh": error.step_zh}
        put_json({"error": error.sentence, "step": error.step, **chinese, "code": error.code})
    say(f"{error.sentence}\n{error.step}".strip())
    return error.code


def _finish(options: argparse.Namespace, result: Any) -> int:
    """`run` returns a JSON-able document, or a (document, text) pair where the text reads better."""
    document, text = result if isinstance(result, tuple) else (result, None)
    if options.json:
        put_json(document)
    elif text or document is not None:
        put(text or json.dumps(document, ensure_ascii=False, indent=2, default=str))
    return 0
