"""The service as the operating system runs it: a hardened systemd unit, or a definition for WinSW on Windows.

Both are written from the same facts (`ServiceFacts`). The unit takes from the program all that it never needs: other
files, devices but cameras, new privileges, kernel interfaces. What it keeps is the site's folder and its key.
Over 300 lines, of which the two definitions' texts are a third.
"""

from __future__ import annotations

import getpass
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

from app.service.processes import ROOT
from engines.setup.actions import Done
from models.errors import Known
from models.keys import keys_folder
from models.site import load_site

UNITS = Path("/etc/systemd/system")
WATCHDOG_SECONDS = 120
#: A store of many gigabytes is migrated before the service says that it is ready.
START_SECONDS = 1800
STOP_SECONDS = 60

_UNIT = """\
# Written by: main.py service --install
[Unit]
Description=Atrium at {title}: jobs, cameras, sync
Wants=network-online.target
After=network-online.target time-sync.target
ConditionPathExists={site}/site.toml
StartLimitIntervalSec=600
StartLimitBurst=10

[Service]
Type=notify
ExecStart={command}
User={user}
UMask=0077
Environment={keys} PYTHONUTF8=1 OMP_NUM_THREADS=1
Restart=on-failure
RestartSec=5
WatchdogSec={watchdog}
TimeoutStartSec={start}
TimeoutStopSec={stop}
KillMode=mixed
Nice=5
RuntimeDirectory={runtime}
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ReadWritePaths={writes}
ProtectHome={protect_home}
PrivateTmp=yes
DevicePolicy=closed
DeviceAllow=char-video4linux rw
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True)
class ServiceFacts:
    """What a definition is written from: `command` runs the service, `writes` are the folders that it may write."""

    name: str
    title: str
    user: str
    site: Path
    keys: Path
    command: tuple[str, ...]

    @property
    def writes(self) -> tuple[Path, ...]:
        """The folders that the service may write."""
        return (self.site, self.keys)


def facts_of(folder: Path, user: str | None = None) -> ServiceFacts:
    """The facts for a site's service. Raises Known where there is no site."""
    site = load_site(folder)
    own = (_executable(),) if getattr(sys, "frozen", False) else (sys.executable, str(ROOT / "main.py"))
    whole = folder.resolve()
    name = "atrium-" + re.sub(r"[^a-z0-9-]+", "-", site.code.lower()).strip("-")
    return ServiceFacts(
        name, site.name, user or getpass.getuser(), whole, _keys_of(user).resolve(),
        (*own, "--site", str(whole), "service"),
    )  # fmt: skip


def systemd_unit(facts: ServiceFacts) -> str:
    """The unit's text. Memory that is written and then executed stays allowed: the detectors compile themselves."""
    homes = ("/home/", "/run/user/", os.path.expanduser("~root") + "/")  # noqa: PTH111 - unlike pathlib's it never raises
    in_home = any(str(path).startswith(homes) for path in _all_paths(facts))
    return _UNIT.format(
        title=_plain(facts.title), site=_plain(str(facts.site)), user=facts.user,
        command=" ".join(_quoted(part) for part in facts.command),
        writes=" ".join(_quoted(str(path)) for path in facts.writes),
        keys=_quoted(f"ATRIUM_KEYS={facts.keys}"), watchdog=WATCHDOG_SECONDS, start=START_SECONDS, stop=STOP_SECONDS,
        runtime=runtime_folder(facts.user), protect_home="no" if in_home else "yes",
    )  # fmt: skip


def windows_service(facts: ServiceFacts) -> str:
    """The definition for WinSW 2.12 or newer: named `<service>.xml` beside a copy of `WinSW.exe` of the same name.

    It runs as LocalSystem unless an account is named, whose password `install /p` asks for.
    """
    account = _account(facts.user) if facts.user else ""
    arguments = subprocess.list2cmdline(facts.command[1:])
    return f"""\
<!-- Written by the command `service` with `install`; put by IT where it is made on another machine. -->
<service>
  <id>{escape(facts.name)}</id>
  <name>Atrium: {escape(facts.title)}</name>
  <description>Jobs, cameras and sync of the site {escape(facts.title)}</description>
  <executable>{escape(facts.command[0])}</executable>
  <arguments>{escape(arguments)}</arguments>
  <env name="ATRIUM_KEYS" value="{escape(str(facts.keys), {'"': "&quot;"})}"/>
  <env name="PYTHONUTF8" value="1"/>
  <env name="OMP_NUM_THREADS" value="1"/>
  <startmode>Automatic</startmode>
  <delayedAutoStart>true</delayedAutoStart>
  <priority>BelowNormal</priority>
  <onfailure action="restart" delay="5 sec"/>
  <onfailure action="restart" delay="60 sec"/>
  <resetfailure>1 hour</resetfailure>
  <stoptimeout>{STOP_SECONDS} sec</stoptimeout>
  <stopparentprocessfirst>true</stopparentprocessfirst>
  <logpath>{escape(str(facts.site / "logs"))}</logpath>
  <log mode="none"/>
{account}</service>
"""


def definition(facts: ServiceFacts, system: str = sys.platform) -> tuple[Path, str]:
    """Where that system wants the definition, and its text."""
    if system == "win32":
        return _wrapper_folder() / f"{facts.name}.xml", windows_service(facts)
    return UNITS / f"{facts.name}.service", systemd_unit(facts)


def runtime_folder(user: str) -> str:
    """The folder below /run where the service and the user's desktop find each other's sockets."""
    return f"atrium-{_uid(user)}"


def install_service(folder: Path, user: str | None = None, *, units: Path = UNITS) -> Done:
    """Write the definition, and have the system start the service now and at each start. Needs root.

    Raises Known where the account is missing, does not own site and key, or the system has no systemd.
    """
    facts = facts_of(folder, user)
    if sys.platform == "win32":
        return _write_for_winsw(replace(facts, user=user or ""))
    _check_account(facts)
    path, text = units / f"{facts.name}.service", systemd_unit(facts)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return Done("service", "kept", f"{path} is installed already.")
    state: Literal["made", "changed"] = "changed" if path.exists() else "made"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _refused(path, "written", error) from error
    started = _systemctl("daemon-reload") and _systemctl("enable", "--now", path.name)
    says = f"Installed and started {path.name}." if started else f"Wrote {path}; systemd does not run here."
    return Done("service", state, says)


def _write_for_winsw(facts: ServiceFacts) -> Done:
    path, text = definition(facts)
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _refused(path, "written", error) from error
    says = f"Wrote {path}. Next: copy WinSW.exe to {path.with_suffix('.exe')} and run it with: install"
    return Done("service", "made", says)


def uninstall_service(folder: Path, *, units: Path = UNITS) -> Done:
    """Stop the service and take its definition away; the site stays."""
    facts = facts_of(folder)
    path = units / f"{facts.name}.service"
    if not path.exists():
        return Done("service", "kept", f"There is no {path}.")
    _systemctl("disable", "--now", path.name)
    try:
        path.unlink()
    except OSError as error:
        raise _refused(path, "removed", error) from error
    _systemctl("daemon-reload")
    return Done("service", "changed", f"Removed {path}; the site stays as it is.")


def installed(folder: Path, *, units: Path = UNITS) -> bool | None:
    """Whether the site's service is installed on this machine; None where that cannot be told (Windows)."""
    if sys.platform == "win32":
        return None
    return (units / f"{facts_of(folder).name}.service").exists()


def _check_account(facts: ServiceFacts) -> None:
    """A service that cannot open its own site would only restart for ever."""
    uid = _uid(facts.user)
    if uid == 0:
        raise Known("The service must not run as root.", "Name an account with --user.", code=2)
    key = facts.keys / f"{load_site(facts.site).id}.key"
    for path in (facts.site, facts.site / "atrium.db", key):
        if path.exists() and path.stat().st_uid != uid:
            raise Known(
                f"{path} does not belong to {facts.user}, who runs the service.",
                f"Run: chown -R {facts.user} {facts.site} {facts.keys}", code=6,
            )  # fmt: skip


def _refused(path: Path, done: str, error: OSError) -> Known:
    return Known(f"{path} cannot be {done}: {error.strerror}.", "Run the command as root (sudo).", code=6)


def _keys_of(user: str | None) -> Path:
    """Where that account keeps keys: ours unless the system's administrator installs for another."""
    if user is None or user == getpass.getuser() or "ATRIUM_KEYS" in os.environ or sys.platform == "win32":
        return keys_folder()
    import pwd

    _uid(user)
    return Path(pwd.getpwnam(user).pw_dir) / ".config" / "atrium" / "keys"


def _uid(user: str) -> int:
    if sys.platform == "win32":
        return 0
    import pwd

    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError as error:
        raise Known(
            f"There is no account '{user}' on this machine.",
            f"Run: useradd --system --home-dir /var/lib/atrium --shell /usr/sbin/nologin {user}", code=2,
        ) from error  # fmt: skip


def _systemctl(*arguments: str) -> bool:
    """False where systemd does not run."""
    if not Path("/run/systemd/system").exists():
        return False
    done = subprocess.run(["systemctl", *arguments], capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise Known(f"systemctl {arguments[0]} failed: {done.stderr.strip()}", "See: journalctl -u atrium-*", code=6)
    return True


def _wrapper_folder() -> Path:
    """Beside the versions, so that an update does not move the service away."""
    app = Path(_executable()).parent
    return (app.parent if app.name == "current" else app) / "service"


def _executable() -> str:
    """The program, by the path that stays the same over updates."""
    own = Path(sys.executable)
    current = own.parent.parent / "current" / own.name
    return str(current if current.exists() and own.parent.name.startswith("app-") else own)


def _all_paths(facts: ServiceFacts) -> tuple[Path | str, ...]:
    return (*facts.writes, *facts.command[:2], sys.prefix)


def _quoted(text: str) -> str:
    """A word of a unit's line: systemd reads C escapes, % specifiers and $ variables in it."""
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{safe}"' if re.search(r"[\s\"'\\;]", safe) else safe


def _plain(text: str) -> str:
    return re.sub(r"[\x00-\x1f]", " ", text).replace("%", "%%")


def _account(user: str) -> str:
    domain, mark, name = user.rpartition("\\")
    return (
        f"  <serviceaccount>\n    <domain>{escape(domain if mark else os.environ.get('COMPUTERNAME', '.'))}</domain>\n"
        f"    <user>{escape(name)}</user>\n    <allowservicelogon>true</allowservicelogon>\n  </serviceaccount>\n"
    )
