"""Who may import whom, and what the desktop must not load before it paints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_logo=True))"
HEAVY = ("pandas", "sklearn", "scipy", "cv2", "openvino", "duckdb", "pyarrow", "llama_cpp", "networkx", "holidays")


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Runs code in a fresh interpreter in the repository root."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )


def test_every_import_keeps_to_the_contracts() -> None:
    linted = python(CONTRACTS)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("module", ["app.ui.start", "app.cli.entry"])
def test_the_start_loads_nothing_heavy(module: str) -> None:
    started = python(f"import sys, json, {module}; print(json.dumps(sorted(sys.modules)))")
    assert started.returncode == 0, started.stderr
    loaded = {name.partition(".")[0] for name in json.loads(started.stdout.splitlines()[-1])}
    assert "app" in loaded
    assert not loaded & set(HEAVY)


def test_the_command_line_starts_without_qt() -> None:
    started = python("import sys, app.cli.entry; print('PySide6' in sys.modules)")
    assert started.stdout.strip() == "False", started.stderr
