"""What Qt needs from the operating system: shared libraries and a display."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from installer.environment import Environment
from installer.trouble import Exit, Trouble

# library file -> (Debian and Ubuntu package, Fedora and RHEL package)
LIBRARIES = {
    "libGL.so.1": ("libgl1", "mesa-libGL"),
    "libEGL.so.1": ("libegl1", "mesa-libEGL"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype"),
    "libX11.so.6": ("libx11-6", "libX11"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
    "libgssapi_krb5.so.2": ("libgssapi-krb5-2", "krb5-libs"),
    "libzstd.so.1": ("libzstd1", "libzstd"),
    "libstdc++.so.6": ("libstdc++6", "libstdc++"),
}
XCB_LIBRARIES = {
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil"),
    "libxcb-util.so.1": ("libxcb-util1", "xcb-util"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb"),
    "libxcb-render.so.0": ("libxcb-render0", "libxcb"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb"),
}

# Loading the window plugin by hand asks the loader for what Qt itself would only abort on.
_ASK = """
import ctypes, pathlib, sys
try:
    import PySide6
    from PySide6 import QtGui, QtNetwork, QtSvg, QtWidgets
    plugins = pathlib.Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms"
    for name in sys.argv[1:]:
        if (plugins / name).exists():
            ctypes.CDLL(str(plugins / name))
except (ImportError, OSError) as error:
    print(error)
    sys.exit(1)
"""
_ASK_EACH = """
import ctypes, sys
for name in sys.argv[1:]:
    try:
        ctypes.CDLL(name)
    except OSError:
        print(name)
"""


def display_present(variables: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """True where a window can open: always on Windows and macOS, on Linux with X or Wayland."""
    return not platform.startswith("linux") or any(variables.get(key) for key in ("DISPLAY", "WAYLAND_DISPLAY"))


def no_display() -> Trouble:
    """The desktop was asked for where no window can open."""
    return Trouble(
        "This session has no display (neither DISPLAY nor WAYLAND_DISPLAY is set).",
        "start it from a desktop session, or have the Today page drawn to a picture: "
        "python3 installer/bootstrap.py app --offscreen --screenshot today.png",
        Exit.NO_DISPLAY,
    )


def platform_plugin(*, offscreen: bool, variables: Mapping[str, str] = os.environ) -> str:
    """The Qt plugin that this session will use and whose libraries must be there; Wayland brings its own."""
    if offscreen or not variables.get("DISPLAY"):
        return "libqoffscreen.so"
    return "libqxcb.so"


def missing_libraries(place: Environment, plugin: str) -> list[str]:
    """The shared libraries that Qt lacks, or what the loader says of another reason; empty when all is well."""
    asked = subprocess.run([str(place.python), "-c", _ASK, plugin], capture_output=True, text=True, check=False)
    if asked.returncode == 0:
        return []
    each = subprocess.run(
        [str(place.python), "-c", _ASK_EACH, *_needed(plugin)], capture_output=True, text=True, check=False
    )
    said = (asked.stdout or asked.stderr).strip().splitlines()
    return each.stdout.split() or said[-1:] or [f"Qt could not be loaded (exit status {asked.returncode})"]


def _needed(plugin: str) -> dict[str, tuple[str, str]]:
    return {**LIBRARIES, **(XCB_LIBRARIES if plugin == "libqxcb.so" else {})}


def require(place: Environment, say: Callable[[str], None], *, offscreen: bool) -> None:
    """Makes sure that Qt's system libraries are there; asked once for each way of drawing.

    As root on a system with apt (a container, a test machine) the missing ones are installed and named;
    everybody else gets the command to run.
    """
    if not sys.platform.startswith("linux"):
        return
    plugin = platform_plugin(offscreen=offscreen)
    passed = place.folder / f"atrium-{plugin}.ok"
    if passed.exists():
        return
    lacking = missing_libraries(place, plugin)
    if lacking and may_install():
        install(lacking, say)
        lacking = missing_libraries(place, plugin)
    if lacking:
        raise no_library(lacking)
    passed.touch()


def may_install() -> bool:
    """True for root on a system with apt."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(lacking: Sequence[str], say: Callable[[str], None]) -> None:
    """Installs the packages of the lacking libraries with apt, and says so."""
    packages = _packages(lacking, 0)
    if not packages:
        return
    say("Installing system libraries that Qt needs: " + " ".join(packages))
    variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", *arguments], env=variables, check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip


def _packages(lacking: Sequence[str], family: int) -> list[str]:
    """The packages that bring the libraries; `family` is 0 for Debian's names and 1 for Fedora's."""
    known = {**LIBRARIES, **XCB_LIBRARIES}
    return sorted({known[library][family] for library in lacking if library in known})


def no_library(lacking: Sequence[str]) -> Trouble:
    """Shared libraries are missing; names the packages that bring them where they are known."""
    fedora = shutil.which("dnf") is not None and shutil.which("apt-get") is None
    packages = " ".join(_packages(lacking, int(fedora)))
    step = "install the packages that bring them and run the command again."
    if packages:
        step = f"run 'sudo {'dnf' if fedora else 'apt-get'} install {packages}' and then this command again."
    return Trouble(f"Qt needs system libraries that are missing: {', '.join(lacking)}.", step, Exit.NO_SYSTEM_LIBRARY)
