#!/usr/bin/env python3
"""Makes a Debian package of a built program: `python installer/package/deb.py APP_FOLDER OUT [--version V]`.

The program goes to /opt/atrium and is dpkg's: `managed-by` says so, and the updater then only tells. What a mall has
is in /var/lib/atrium, the home of the account `atrium`; no step of the package ever touches a site, not even purge.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engines.setup.template import template
from installer.package.build import program_version, size_of
from installer.system import LIBRARIES, XCB_LIBRARIES

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
HOME = "/var/lib/atrium"

_CONTROL = """\
Package: atrium
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {kilobytes}
Depends: libc6 (>= 2.28), {depends}
Recommends: fonts-noto-cjk, {recommends}
Section: misc
Priority: optional
Description: customer side of a shopping mall, on the mall's own machines
 Desktop, background service and command line over an encrypted local store.
 Sites lie in {home} or where you make them, and stay when the package goes.
"""

#: DPKG_ROOT is set where the package is installed into another root, whose accounts and services are not ours.
_PREINST = """\
#!/bin/sh
set -e
if [ "$1" = upgrade ] && [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
    running=$(systemctl list-units --plain --no-legend --state=active 'atrium-*.service' | cut -d' ' -f1)
    echo "$running" > /run/atrium-upgrade
    [ -z "$running" ] || systemctl stop $running
fi
"""
_POSTINST = """\
#!/bin/sh
set -e
if [ "$1" = configure ] && [ -z "$DPKG_ROOT" ]; then
    if ! getent passwd atrium > /dev/null; then
        useradd --system --user-group --home-dir {home} --shell /usr/sbin/nologin atrium
    fi
    install -d -m 0750 -o atrium -g atrium {home}
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        if [ -s /run/atrium-upgrade ]; then systemctl start $(cat /run/atrium-upgrade); fi
        rm -f /run/atrium-upgrade
    fi
    if [ -z "$2" ]; then
        echo "Atrium is installed. Next step: /usr/share/doc/atrium/site.toml, then"
        echo "  sudo -u atrium atrium --site {home}/mall init --from site.toml"
        echo "  sudo atrium --site {home}/mall service --install --user atrium"
    fi
fi
"""
_PRERM = """\
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
    for unit in $(systemctl list-unit-files --plain --no-legend 'atrium-*.service' | cut -d' ' -f1); do
        systemctl disable --now "$unit"
    done
fi
"""
_POSTRM = """\
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d "$DPKG_ROOT{home}" ]; then
    echo "The sites in {home} stay, with their keys; so does the account atrium."
fi
if [ "$1" = purge ]; then
    rm -f "$DPKG_ROOT"/etc/systemd/system/atrium-*.service
fi
"""
_DESKTOP = """\
[Desktop Entry]
Type=Application
Name=Atrium
Name[zh_CN]=Atrium
Comment=The customer side of a shopping mall
Comment[zh_CN]=购物中心客户运营
Exec=/usr/bin/atrium
Icon=atrium
Categories=Office;
Terminal=false
"""
_ICON = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="12" fill="#2f5d8a"/>
<path d="M14 50V28L32 14l18 14v22M24 50V36h16v14" fill="none" stroke="#fff" stroke-width="4"/></svg>
"""
_COPYRIGHT = """\
This package holds Atrium and the libraries that it is built with, each under its own licence: see the .dist-info
folders in /opt/atrium/_internal. Qt and PySide6 are used under the LGPL-3 and can be replaced there.
"""


def make_deb(
    app: Path, out: Path, *, version: str | None = None, maintainer: str = "Atrium <it@localhost>", level: int = 15
) -> Path:
    """Write the package; returns its path. `level` is zstd's, 1 (fast) to 19; Debian 12 and Ubuntu 22.04 read it."""
    version = version or program_version()
    architecture = ARCHITECTURES.get(os.uname().machine, os.uname().machine)
    tree = out / f"atrium_{version}_{architecture}"
    shutil.rmtree(tree, ignore_errors=True)
    _lay_out(app, tree)
    control = tree / "DEBIAN"
    control.mkdir(mode=0o755)
    (control / "control").write_text(
        _CONTROL.format(
            version=version, architecture=architecture, maintainer=maintainer, home=HOME,
            kilobytes=size_of(tree) // 1024, depends=_packages(LIBRARIES), recommends=_packages(XCB_LIBRARIES),
        ),
        encoding="utf-8",
    )  # fmt: skip
    for name, text in (("preinst", _PREINST), ("postinst", _POSTINST), ("prerm", _PRERM), ("postrm", _POSTRM)):
        script = control / name
        script.write_text(text.replace("{home}", HOME), encoding="utf-8")
        script.chmod(0o755)
    package = out / f"{tree.name}.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zzstd", f"-z{level}", "--build", str(tree), str(package)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return package


def _lay_out(app: Path, tree: Path) -> None:
    opt = tree / "opt" / "atrium"
    opt.parent.mkdir(parents=True)
    shutil.copytree(app, opt, symlinks=True)
    (opt / "managed-by").write_text("deb\n", encoding="utf-8")
    doc = tree / "usr" / "share" / "doc" / "atrium"
    for file, text in (
        (tree / "usr" / "share" / "applications" / "atrium.desktop", _DESKTOP),
        (tree / "usr" / "share" / "icons" / "hicolor" / "scalable" / "apps" / "atrium.svg", _ICON),
        (doc / "site.toml", template().replace("python main.py", "atrium")),
        (doc / "copyright", _COPYRIGHT),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644)
    link = tree / "usr" / "bin" / "atrium"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../opt/atrium/atrium")


def _packages(libraries: dict[str, tuple[str, str]]) -> str:
    return ", ".join(sorted({debian for debian, _ in libraries.values()}))


def main() -> int:
    """Make the package and say its size."""
    parser = argparse.ArgumentParser(description="Makes a .deb of a built program.")
    parser.add_argument("app", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--version")
    parser.add_argument("--maintainer", default="Atrium <it@localhost>")
    options = parser.parse_args()
    package = make_deb(options.app, options.out, version=options.version, maintainer=options.maintainer)
    print(f"{package}: {package.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
