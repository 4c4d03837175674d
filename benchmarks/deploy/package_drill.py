"""`python benchmarks/deploy/package_drill.py [--work FOLDER] [--keep]`: the whole life of the Debian package, for real.

Builds the program twice (a version before and this one), makes both packages, and on this machine, as root: installs
the older one, sets a mall up as the account `atrium`, starts the service from the unit's own command line and waits
until it says that it is ready, upgrades, compares every table's rows, opens pages of the desktop, removes and purges,
and sees that the mall's data are still there. In the end it takes away what it made. Ten to twenty minutes.

Bars: each step works; no row differs after the upgrade; nothing is left in /opt after removal; sites stay. Size and
start are printed beside the notes' targets (400 MB without models; 2 s warm).
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from installer import release
from installer.package.build import build, program_version, size_of
from installer.package.deb import HOME, make_deb
from models.version import STORE

OLD = "0.0.9"
ACCOUNT = "atrium"
OPT, PROGRAM = Path("/opt/atrium"), "/usr/bin/atrium"
SITE = Path(HOME) / "mall"
PAGES = ("today", "footfall", "sales", "network", "settings")
#: Written by starting, looking and stopping themselves.
RESTLESS = {
    "audit_entry",
    "change",
    "change_log",
    "job_run",
    "lease_row",
    "meta",
    "user_session",
    "statement_time",
    "up_time",
}
SET_UP = """
[site]
code = "drill"
name = "Drill Mall"
time_zone = "Asia/Shanghai"
currency = "CNY"
country = "CN"
[mall]
opens = "09:30"
[administrator]
user = "anna"
"""


def main() -> int:
    """Run the drill; 1 where a bar is missed, 2 where it cannot run here."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--work", type=Path, help="where to build (default: a scratch folder that goes again)")
    parser.add_argument("--keep", action="store_true", help="leave the built programs and packages")
    options = parser.parse_args()
    if why := _cannot_run():
        print(f"The drill cannot run here: {why}")
        return 2
    work = options.work or Path(tempfile.mkdtemp(prefix="atrium-package-"))
    try:
        _drill(work)
    except (AssertionError, RuntimeError, subprocess.SubprocessError) as error:
        print(f"FAILED: {error}")
        return 1
    finally:
        _tidy()
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    print("passed")
    return 0


def _cannot_run() -> str:
    if sys.platform != "linux" or not shutil.which("dpkg-deb") or not shutil.which("runuser"):
        return "it needs Linux with dpkg"
    if os.geteuid() != 0:
        return "it needs root, to install a package"
    if OPT.exists() or Path(HOME).exists():
        return f"there is an {OPT} or a {HOME} here already, which it must not touch"
    return "" if find_spec("PyInstaller") else "PyInstaller is not installed"


def _drill(work: Path) -> None:
    new = program_version()
    packages = {}
    for version in (OLD, new):
        app = work / version / "dist" / "atrium"
        if not app.exists():
            built = build(work / version, version=version)
            print(f"built {version}: {built.size / 1e6:.0f} MB in {built.seconds:.0f} s (target 400 MB without models)")
        began = time.monotonic()
        packages[version] = make_deb(app, work, version=version, level=3)
        size = packages[version].stat().st_size / 1e6
        print(f"package {version}: {size:.0f} MB, made in {time.monotonic() - began:.0f} s (unpacked "
              f"{size_of(app) / 1e6:.0f} MB)")  # fmt: skip
    _install(packages[OLD], OLD)
    _set_up()
    before = _serve_and_count(work)
    _install(packages[new], new)
    after = _serve_and_count(work)
    differ = sorted(t for t in before if before[t] != after.get(t) and t not in RESTLESS)
    print(f"upgraded {OLD} -> {new}: {sum(before.values())} rows in {len(before)} tables, {len(differ)} tables differ")
    assert not differ, f"rows differ after the upgrade: {[(t, before[t], after.get(t)) for t in differ]}"
    assert _json("--site", str(SITE), "settings", "mall.opens")["value"] == "09:30"
    _desktop(work)
    _remove()
    _self_update(work, new)


def _install(package: Path, version: str) -> None:
    began = time.monotonic()
    missing = _dpkg("--install", "--force-depends", str(package))
    took = time.monotonic() - began
    assert (OPT / "managed-by").read_text("utf-8") == "deb\n"
    shown = _json("update", "version")
    assert shown["version"] == version and shown["managed_by"] == "deb", shown
    lacking = [line.strip() for line in missing.splitlines() if "depends on" in line]
    print(f"installed {version} in {took:.1f} s" + (f"; not on this machine: {'; '.join(lacking)}" if lacking else ""))


def _set_up() -> None:
    """A demo mall for its rows, with what IT's file says put on top of a second, empty site."""
    file = Path(HOME) / "site.toml"
    file.write_text(SET_UP, "utf-8")
    shutil.chown(file, ACCOUNT)
    first = _json("--site", str(SITE), "init", "--from", str(file))
    again = _json("--site", str(SITE), "init", "--from", str(file))
    assert {step["state"] for step in first[0]["steps"]} <= {"made", "changed"}
    assert {step["state"] for step in again[0]["steps"]} == {"kept"}
    _as_account(PROGRAM, "--site", str(SITE.with_name("demo")), "demo", "--days", "35", "--members", "300")
    print("set up by init --from, twice: the second time all is kept")


def _serve_and_count(work: Path) -> dict[str, int]:
    """Start the unit's command as its account, wait for READY, ask what it says, stop it; then each table's rows."""
    demo = SITE.with_name("demo")
    counts: dict[str, int] = {}
    for site in (SITE, demo):
        unit = _run(PROGRAM, "--site", str(site), "service", "--install", "--user", ACCOUNT)
        assert "atrium-" in unit, unit
        with _service(site) as took:
            state = _json("--site", str(site), "jobs")["service"]
            assert state["running"], state
        print(f"service of {site.name}: ready after {took:.1f} s, ended by itself when told to")
        counts |= {f"{site.name}.{table}": rows for table, rows in _counts(site, work).items()}
    return counts


@contextmanager
def _service(site: Path) -> Iterator[float]:
    unit = Path(f"/etc/systemd/system/atrium-{_code(site)}.service").read_text("utf-8")
    lines = dict(
        line.partition("=")[::2] for line in unit.splitlines() if line.startswith(("ExecStart", "Environment"))
    )
    runtime = Path(f"/run/{unit.partition('RuntimeDirectory=')[2].splitlines()[0]}")
    runtime.mkdir(mode=0o700, exist_ok=True)
    shutil.chown(runtime, ACCOUNT)
    address = runtime / "notify"
    address.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(address))
        shutil.chown(address, ACCOUNT)
        ear.settimeout(120)
        settings = [*shlex.split(lines["Environment"]), f"NOTIFY_SOCKET={address}"]
        began = time.monotonic()
        command = ["runuser", "-u", ACCOUNT, "--", "env", *settings, *shlex.split(lines["ExecStart"])]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            assert ear.recv(100) == b"READY=1"
            took = time.monotonic() - began
            assert ear.recv(100) == b"WATCHDOG=1"
            yield took
            subprocess.run(["pkill", "-TERM", "--parent", str(process.pid)], check=True)
            assert process.wait(60) == 0, f"the service ended with {process.returncode}"
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait()


def _counts(site: Path, work: Path) -> dict[str, int]:
    bundle = Path(HOME) / "bundle.zip"
    _as_account(PROGRAM, "--site", str(site), "doctor", "--bundle", str(bundle), check=False)
    with zipfile.ZipFile(bundle) as parts:
        found: dict[str, int] = json.loads(parts.read("counts.json"))
    bundle.unlink()
    return {table: rows for table, rows in found.items() if table not in RESTLESS}


def _desktop(work: Path) -> None:
    site = SITE.with_name("demo")
    for page in PAGES:
        picture = Path(HOME) / f"{page}.png"
        began = time.monotonic()
        _as_account(PROGRAM, "--site", str(site), "--offscreen", "--screenshot", str(picture), "--page", page)
        assert picture.stat().st_size > 20_000, f"{page} was not drawn"
        print(f"desktop, {page}: drawn {time.monotonic() - began:.1f} s after its start")
        picture.unlink()


def _remove() -> None:
    for site in (SITE, SITE.with_name("demo")):
        _run(PROGRAM, "--site", str(site), "service", "--uninstall")
    _dpkg("--remove", ACCOUNT)
    _dpkg("--purge", ACCOUNT)
    assert not OPT.exists() and not Path(PROGRAM).exists(), "the program is still there"
    assert not list(Path("/etc/systemd/system").glob("atrium-*.service")), "a unit is still there"
    assert (SITE / "atrium.db").exists(), "the mall's data went with the package"
    print(f"removed and purged: nothing is left in {OPT}, the sites in {HOME} stay")


def _self_update(work: Path, new: str) -> None:
    """The same two versions as signed releases: the old program updates itself from a folder, on a site of its own."""
    place, repository, keys = work / "place", work / "repository", work / "release-keys"
    for folder in (place, repository, keys, work / "site", work / "site-keys"):
        shutil.rmtree(folder, ignore_errors=True)
    release.make_keys(keys, b"for this drill only")
    trusted = release.begin(repository, keys, b"for this drill only")
    for version in (OLD, new):
        began, app = time.monotonic(), work / version / "dist" / "atrium"
        release.add(repository, keys, b"for this drill only", app=app, version=version, store_version=STORE)
        print(f"release {version} signed in {time.monotonic() - began:.0f} s")
    sizes = {path.name.partition(".")[2]: path.stat().st_size / 1e6 for path in (repository / "targets").glob("*.gz")}
    print("; ".join(f"{name}: {size:.0f} MB" for name, size in sorted(sizes.items())))
    place.mkdir()
    shutil.copytree(work / OLD / "dist" / "atrium", place / f"app-{OLD}")
    shutil.copyfile(trusted, place / "root.json")
    (place / "current").symlink_to(f"app-{OLD}")
    program = [
        "env",
        f"ATRIUM_KEYS={work / 'site-keys'}",
        str(place / "current" / "atrium"),
        "--site",
        str(work / "site"),
    ]
    _run(*program, "init", "--name", "Update Mall")
    patch = next((repository / "targets").glob("*from*"))
    whole = patch.read_bytes()
    patch.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        _run(*program, "update", "apply", str(repository))
    except RuntimeError as refused:
        assert "ended with 6" in str(refused), refused
    else:
        raise AssertionError("a tampered release was put in place")
    assert (place / "current").resolve().name == f"app-{OLD}"
    patch.write_bytes(whole)
    began = time.monotonic()
    done = json.loads(_run(*program, "update", "apply", str(repository), "--json"))
    took = time.monotonic() - began
    assert done == {"version": new, "before": OLD}, done
    assert json.loads(_run(*program, "update", "version", "--json"))["version"] == new
    assert list((work / "site" / "backups").glob("*.db")), "no backup was made before the update"
    _run(*program, "update", "back")
    assert json.loads(_run(*program, "update", "version", "--json"))["version"] == OLD
    print(f"self-managed: a tampered patch refused, {OLD} -> {new} in {took:.0f} s by the patch, and back again")


def _tidy() -> None:
    """Everything that the drill made on this machine; the data are its own."""
    if subprocess.run(["dpkg", "-s", ACCOUNT], capture_output=True, check=False).returncode == 0:
        subprocess.run(["dpkg", "--purge", "--force-all", ACCOUNT], capture_output=True, check=False)
    if Path(HOME).exists():
        shutil.rmtree(HOME)
    if subprocess.run(["getent", "passwd", ACCOUNT], capture_output=True, check=False).returncode == 0:
        for folder in Path("/run").glob("atrium-[0-9]*"):
            shutil.rmtree(folder)
        subprocess.run(["userdel", ACCOUNT], check=False)


def _code(site: Path) -> str:
    import tomllib

    return str(tomllib.loads((site / "site.toml").read_text("utf-8"))["site"]["code"])


def _dpkg(*arguments: str) -> str:
    return _run("dpkg", *arguments)


def _json(*arguments: str) -> Any:
    return json.loads(_as_account(PROGRAM, *arguments, "--json"))


def _as_account(*command: str, check: bool = True) -> str:
    environment = ["env", f"HOME={HOME}", "QT_QPA_PLATFORM=offscreen", "PYTHONUTF8=1"]
    return _run("runuser", "-u", ACCOUNT, "--", *environment, *command, check=check)


def _run(*command: str, check: bool = True) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ATRIUM", "PYTHON"))}
    told: Sequence[str] = command
    ran = subprocess.run(told, capture_output=True, text=True, check=False, cwd="/", env=clean, timeout=900)
    if check and ran.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {ran.returncode}: {(ran.stderr or ran.stdout)[-600:]}")
    return ran.stdout + (ran.stderr if command[0] == "dpkg" else "")


if __name__ == "__main__":
    sys.exit(main())
