"""Logs say what happened and never who: addresses, numbers, passwords and keys are masked everywhere."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import logs


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("mail to li.wei+vip@example.com.cn failed", "li.wei"),
        ("member 13812345678 has no name", "13812345678"),
        ("call +86 138 1234 5678 now", "1234"),
        ("call (02) 9876-5432", "9876"),
        ("call 020.7946.0958x", "7946"),
        ("2026-11-21 5551234 rang", "5551234"),
        ("phone:13812345678", "1381"),
        ("rtsp://admin:s3cr@t@10.0.0.9:554/ch1", "s3cr"),
        ("rtsp://admin:s3cr@t@10.0.0.9:554/ch1", "admin"),
        ("rtsp://admin:s3/cr@10.0.0.9:554/ch1", "s3"),
        ("Authorization: Basic YWRtaW46cGFzcw==", "YWRt"),
        ("Bearer abcdefghijkl", "abcdef"),
        ("密码：hunter2", "hunter2"),
        ("identity card 110101199003078888 refused", "19900307"),
        ("identity card 11010119900307888X refused", "19900307"),
        ("bank card 6222020200112233445", "0200112"),
        ("password=hunter2, rest", "hunter2"),
        ('{"api_key": "abc123"}', "abc123"),
        ("key x'" + "ab" * 32 + "'", "abab"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "MIIE"),
    ],
)
def test_what_identifies_or_unlocks_is_masked(text: str, secret: str) -> None:
    assert secret not in logs.redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 03:30 backup done",
        "day 2026-11-21",
        "at 10.0.0.9:554 after 12 s",
        "rows 541909 in 3.25 s",
        "version 3.53.4, address 192.168.10.255",
        "loss 0.123456789",
        "run 3f2a9c1e has ended",
    ],
)
def test_dates_figures_and_addresses_stay_readable(text: str) -> None:
    assert logs.redact(text) == text


@given(
    st.lists(st.sampled_from(["", " ", "-"]), min_size=10, max_size=10),
    st.text("123456789", min_size=11, max_size=11),
    st.sampled_from(["", "+", "tel ", "x=", "'", "("]),
)
def test_a_phone_number_however_spaced_is_masked(marks: list[str], digits: str, before: str) -> None:
    number = digits[0] + "".join(mark + digit for mark, digit in zip(marks, digits[1:], strict=True))
    hidden = "".join(c for c in logs.redact(f"{before}{number} rang") if c.isdigit())
    assert digits not in hidden or logs._NUMBERS.match(number)["plain"]


def test_the_log_is_json_redacted_and_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 2000)
    handler = logs.start_logging(tmp_path, "service")
    log = logging.getLogger("atrium.test")
    try:
        for n in range(100):
            log.info("customer %s wrote, line %d", "anna@example.com", n)
        try:
            raise ValueError("no such number: 13812345678")
        except ValueError:
            log.exception("it failed")
    finally:
        logs.stop_logging(handler)
    files = sorted((tmp_path / "logs").glob("service.log*"))
    assert 2 <= len(files) <= logs.FILES_KEPT
    assert all(path.stat().st_size <= 4000 for path in files)
    everything = "".join(path.read_text("utf-8") for path in files)
    assert "anna" not in everything
    assert "13812345678" not in everything
    last = json.loads((tmp_path / "logs" / "service.log").read_text("utf-8").splitlines()[-1])
    assert last["level"] == "error"
    assert "ValueError" in last["trace"]
    assert logs.recent_lines(tmp_path, 5)[-1].text == "it failed"


def test_a_torn_line_does_not_stop_the_viewer(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    whole = json.dumps({"at": "2026-01-01T00:00:00", "level": "info", "name": "a", "text": "whole"})
    (tmp_path / "logs" / "service.log").write_text(whole + "\n{" + whole[:20], "utf-8")
    assert [line.text for line in logs.recent_lines(tmp_path)] == ["whole"]


def test_a_crash_leaves_a_readable_redacted_file_and_only_so_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "CRASHES_KEPT", 3)
    start = datetime(2026, 11, 21, tzinfo=UTC)
    for n in range(5):
        try:
            raise RuntimeError("cannot open rtsp://u:pw@cam for li@example.com")
        except RuntimeError as error:
            path = logs.write_crash_bundle(tmp_path, error, now=start + timedelta(seconds=n))
    text = path.read_text("utf-8")
    assert "RuntimeError" in text
    assert "test_logs.py" in text
    assert "sqlcipher3:" in text
    assert "li@" not in text
    assert "pw" not in text
    assert len(list((tmp_path / "logs").glob("crash-*.txt"))) == 3
    assert path.exists()


def test_old_files_go_and_the_current_log_stays(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    for name in ("service.log", "service.log.1", "crash-1.txt"):
        (folder / name).write_text("x")
    later = (folder / "service.log").stat().st_mtime + 10
    assert logs.remove_old(tmp_path, later) == 2
    assert [path.name for path in folder.iterdir()] == ["service.log"]
