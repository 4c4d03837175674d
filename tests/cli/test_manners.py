"""Long commands leave the processor to the person at the machine; short ones do not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.data import ROOT


@pytest.mark.skipif(sys.platform == "win32", reason="nice values are POSIX")
@pytest.mark.parametrize(("command", "least"), [("watch", 10), ("doctor", 0)])
def test_priority(command: str, least: int) -> None:
    code = f"import os; from app.cli.manners import make_way; make_way({command!r}); print(os.nice(0))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) == max(os.nice(0), least)  # a child begins where its parent is
