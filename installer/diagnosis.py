"""Reads pip's output for the one thing that stopped it."""

from __future__ import annotations

import os
import re
import sys

from installer.environment import Environment
from installer.trouble import Exit, Trouble, no_space, read_only

_FULL = ("No space left on device", "[Errno 28]", "[WinError 112]", "Disk quota exceeded")
_REFUSED = ("Permission denied", "Read-only file system", "[WinError 5]")
_NETWORK = (
    "Failed to establish a new connection", "NewConnectionError", "Temporary failure in name resolution",
    "Name or service not known", "getaddrinfo failed", "nodename nor servname", "Network is unreachable",
    "ConnectTimeoutError", "Read timed out", "ReadTimeoutError", "ProxyError", "Connection refused",
    "NameResolutionError", "RemoteDisconnected", "Connection reset by peer", "IncompleteRead",
)  # fmt: skip
_COMPILER = (
    "CMAKE_C_COMPILER", "CMAKE_CXX_COMPILER", "Microsoft Visual C++", "vcvarsall",
    "error: command 'gcc'", "error: command 'cc'",
)  # fmt: skip


def diagnose(said: str, place: Environment) -> Trouble:
    """The cause that pip's output names, as one sentence with the next step."""
    causes = (
        (_FULL, no_space(place.root)),
        (("DO NOT MATCH THE HASHES",), bad_download()),
        (_COMPILER, no_compiler()),
        (_NETWORK, no_network()),
        (_REFUSED, read_only(place.folder)),
    )
    for signs, trouble in causes:
        if any(sign in said for sign in signs):
            return trouble
    if found := re.search(r"No matching distribution found for (\S+)", said):
        return no_package(found[1])
    errors = [line for line in said.splitlines() if line.startswith("ERROR")]
    return Trouble(
        errors[-1] if errors else "The packages could not be installed.",
        f"read {place.log}; it holds all that the package installer said.",
        Exit.OTHER_INSTALL,
    )


def no_network() -> Trouble:
    """The package index cannot be reached."""
    return Trouble(
        "The packages could not be fetched: this machine does not reach the package index.",
        "check the network connection, or name a proxy (HTTPS_PROXY) or a mirror (PIP_INDEX_URL), "
        "and run the command again.",
        Exit.NO_NETWORK,
    )


def bad_download() -> Trouble:
    """A file differs from the one in the lock."""
    return Trouble(
        "A downloaded package is not the file that Atrium was released with.",
        "run the command again; if it says the same, tell whoever runs your network or package mirror.",
        Exit.BAD_DOWNLOAD,
    )


def no_compiler() -> Trouble:
    """The extra `llm` is built here and the machine cannot build."""
    if os.name == "nt":
        get = "install the Visual Studio Build Tools with the C++ workload"
    elif sys.platform == "darwin":
        get = "install Apple's command line tools (xcode-select --install)"
    else:
        get = "install one (Debian, Ubuntu: sudo apt-get install build-essential; Fedora: sudo dnf install gcc-c++)"
    return Trouble(
        "The extra llm builds llama-cpp-python on this machine, and no C++ compiler was found.",
        f"{get} and run the command again; everything but the language model works without it.",
        Exit.NO_COMPILER,
    )


def no_package(name: str) -> Trouble:
    """No file of the locked version fits this system and Python."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Trouble(
        f"There is no ready-made package {name} for this system and Python {version}.",
        "use Python 3.11 to 3.14 on 64-bit Windows 10 or newer, on 64-bit Intel or AMD Linux with glibc 2.34 or "
        "newer (Debian 12, Ubuntu 22.04, RHEL 9) or on macOS 13 or newer with Apple silicon.",
        Exit.NO_PACKAGE,
    )
