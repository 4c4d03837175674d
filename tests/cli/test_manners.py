"""Long commands leave the processor to the person at the machine; short ones do not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.data import ROOT


@pytest.mark.skipif(sys.platform == "win32", reason="nice values are POSIX")
@pytest.mark.parametrize(("command", "niceness"), [("watch", 10), ("doctor", 0)])
def test_priority(command: str, niceness: int) -> None:
    code = f"import os; from app.cli.manners import make_way; start = os.nice(0); make_way({command!r}); print(os.nice(0) - start)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) == niceness
