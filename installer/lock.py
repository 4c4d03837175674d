"""Writes the locks in `requirements/` from `pyproject.toml`: `python3 installer/lock.py [--upgrade]`.

Only a developer who changes a dependency needs this. The resolver is `uv`, used from a throw-away virtual
environment, so that neither it nor its configuration becomes part of the program. Every lock holds for
Windows, Linux and macOS and for each supported Python at once, with the hashes of all files of a release
and without the address of any index. One resolution of everything pins the versions that the single locks
then repeat, so any set of extras can be installed together.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Sequence
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from installer.environment import LOCKED_EXTRAS, Environment

ROOT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = "3.11"
RESOLVER = "uv==0.13.9"
SOURCE_ONLY = ("llama-cpp-python",)  # published as source alone: built on the machine, needs a compiler


def declared(root: Path) -> dict[str, list[str]]:
    """The requirements of `pyproject.toml` by lock name: `base` and each locked extra."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    return {
        "base": project["dependencies"],
        **{name: extras[name] for name in LOCKED_EXTRAS if name in extras},
    }


def resolve(uv: Path, wanted: Sequence[str], lock: Path, *, pinned_by: Path | None, upgrade: bool) -> None:
    """Resolves `wanted` into `lock`; versions already in it stay unless `upgrade`."""
    command = [
        *(str(uv), "pip", "compile", "-", "--no-config", "--universal", "--python-version", OLDEST_PYTHON),
        *("--fork-strategy", "fewest", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"),
        *("--no-annotate", "--only-binary", ":all:", "--quiet", "--output-file", str(lock)),
        # pip before 23.3 finds no pin for `name[extra]` in a line that says `name` alone.
        "--no-strip-extras",
        *("--custom-compile-command", "python3 installer/lock.py"),
    ]
    for name in SOURCE_ONLY:
        command += ["--no-binary", name]
    if pinned_by:
        command += ["--constraint", str(pinned_by)]
    if upgrade:
        command += ["--upgrade"]
    subprocess.run(command, input="\n".join(wanted), text=True, check=True, stdout=subprocess.DEVNULL)


def write_locks(root: Path, uv: Path, *, upgrade: bool) -> list[Path]:
    """Writes one lock for the base and one for each locked extra; returns their paths."""
    groups = declared(root)
    folder = root / "requirements"
    folder.mkdir(exist_ok=True)
    locks = [folder / f"{name}.lock" for name in groups]
    with tempfile.TemporaryDirectory() as scratch:
        everything = Path(scratch) / "everything.lock"
        everything.write_text(
            "".join(lock.read_text(encoding="utf-8") for lock in locks if lock.exists()), encoding="utf-8"
        )
        resolve(uv, [*itertools.chain(*groups.values())], everything, pinned_by=None, upgrade=upgrade)
        for lock, wanted in zip(locks, groups.values(), strict=True):
            lock.unlink(missing_ok=True)
            resolve(uv, wanted, lock, pinned_by=everything, upgrade=False)
    return locks


def main(arguments: Sequence[str] | None = None) -> int:
    """Regenerates every lock and names what it wrote."""
    parser = argparse.ArgumentParser(description="Write the hash locks in requirements/ from pyproject.toml.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml admits")
    upgrade: bool = parser.parse_args(arguments).upgrade
    with tempfile.TemporaryDirectory() as scratch:
        venv.create(scratch, with_pip=True)
        python = Environment(ROOT, Path(scratch)).python
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", RESOLVER], check=True)
        for lock in write_locks(ROOT, python.with_name("uv" + python.suffix), upgrade=upgrade):
            print("wrote", lock.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
