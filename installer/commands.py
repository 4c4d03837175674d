"""The three commands: `setup` installs, `app` opens the desktop, `test` runs every check."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from installer import checks, packages, system
from installer.environment import EXTRAS, Environment, begin, finish, missing
from installer.trouble import Exit, Trouble, from_os_error

ROOT = Path(__file__).resolve().parents[1]
DEMO = ("--days", "400", "--members", "20000", "--seed", "7")


def say(line: str) -> None:
    """Progress, at once: a person watches it."""
    print(line, flush=True)


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Runs one command; every fault of the machine becomes one sentence, the next step and an exit status."""
    options = parse(arguments)
    place = Environment(root, root / ".venv")
    try:
        return int(run(options, place))
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return int(trouble.exit_code)
    except OSError as error:
        known = from_os_error(error, root)
        if known is None:
            raise
        print(f"\n{known}", file=sys.stderr)
        return int(known.exit_code)
    except KeyboardInterrupt:
        print("\nInterrupted. Next step: run the same command again; it goes on safely.", file=sys.stderr)
        return int(Exit.INTERRUPTED)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Reads the command line; exits with status 2 on bad use."""
    parser = argparse.ArgumentParser(
        prog="bootstrap.py", description="Installs Atrium into .venv beside it and runs it."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    setup = commands.add_parser("setup", help="install, and nothing else")
    setup.add_argument("--dev", action="store_true", help="also what the tests and checks need")
    setup.add_argument("--extra", action="append", default=[], choices=EXTRAS, help="an optional part; repeatable")
    app = commands.add_parser("app", help="install, make the demo mall on first use, open the desktop")
    app.add_argument("--site", type=Path, default=None, help="the site's folder (default: $ATRIUM_SITE, else site/)")
    app.add_argument("--offscreen", action="store_true", help="draw without a display")
    app.add_argument("--screenshot", type=Path, default=None, help="write the Today page to this picture and end")
    test = commands.add_parser("test", help="install what the tests need and run every check")
    test.add_argument("pytest", nargs="*", help="after --: run pytest alone, with these arguments")
    options = parser.parse_args(arguments)
    if options.command == "app" and options.offscreen != (options.screenshot is not None):
        parser.error("--offscreen and --screenshot FILE go together")
    return options


def run(options: argparse.Namespace, place: Environment) -> int:
    """Installs what the command needs, then does what it is for."""
    if options.command == "app":
        return app(options, place)
    if options.command == "test":
        install(place, ("dev",))
        system.require(place, say, offscreen=True)
        return checks.run_all(place, options.pytest, say)
    install(place, {*options.extra, *(("dev",) if options.dev else ())})
    system.require(place, say, offscreen=not system.display_present())
    say("Atrium is installed. Next step: python3 installer/bootstrap.py app")
    return Exit.DONE


def install(place: Environment, extras: Sequence[str] | set[str]) -> None:
    """Completes the environment; costs a few milliseconds when it is whole."""
    wanted = missing(place, extras)
    if not wanted:
        return
    packages.check_compiler(wanted)
    started = time.monotonic()
    say(f"Installing Atrium into {place.folder} ({', '.join(wanted)}); one to five minutes the first time.")
    begin(place)
    packages.install(place, wanted, say)
    finish(place, wanted)
    say(f"Installed in {time.monotonic() - started:.0f} s; {size(place) / 1e9:.2f} GB on disk.")


def size(place: Environment) -> int:
    """The environment's size in bytes, links not followed."""
    files = (Path(folder) / name for folder, _, names in os.walk(place.folder) for name in names)
    return sum(file.lstat().st_size for file in files)


def app(options: argparse.Namespace, place: Environment) -> int:
    """Opens the desktop on the site, making the demo mall first where there is no site yet."""
    if not options.offscreen and not system.display_present():
        raise system.no_display()
    install(place, ())
    system.require(place, say, offscreen=options.offscreen)
    site = (options.site or Path(os.environ.get("ATRIUM_SITE") or place.root / "site")).absolute()
    status = 0 if (site / "site.toml").exists() else make_demo(place, site)
    if status:
        return status
    picture = ("--offscreen", "--screenshot", str(options.screenshot.absolute())) if options.offscreen else ()
    return program(place, site, picture)


def make_demo(place: Environment, site: Path) -> int:
    """Makes the demo mall beside `site` and moves it there whole, so that half of one is never opened.

    Returns the program's exit status. Raises Trouble where `site` holds something that is no site.
    """
    if site.exists() and any(site.iterdir()):
        raise Trouble(
            f"The folder {site} holds files and is no site.",
            "name another folder with --site; the demo mall is made in a new or an empty one.",
            Exit.BAD_USE,
        )
    say(f"There is no site in {site}: making the demo mall there, once.")
    making = site.with_name(f".{site.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.parent.mkdir(parents=True, exist_ok=True)
    status = program(place, making, ("demo", *DEMO))
    if status == 0:
        if site.exists():
            site.rmdir()
        making.rename(site)
    return status


def program(place: Environment, site: Path, arguments: Sequence[str]) -> int:
    """Runs `main.py` on the site in the environment; its output and its exit status are passed through."""
    command = [str(place.python), str(place.root / "main.py"), "--site", str(site), *arguments]
    return subprocess.call(command, cwd=place.root)
