"""A camera's address without its secrets, and with them again."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.addresses import HIDDEN, completed, login_of, public_address

WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://ann:hunter2@10.0.0.9:554/s2?x=1", "rtsp://10.0.0.9:554/s2?x=1"),
        ("rtsp://ann@10.0.0.9/s2", "rtsp://10.0.0.9/s2"),
        ("http://door/video?user=ann&pwd=hunter2&channel=1", f"http://door/video?user=ann&pwd={HIDDEN}&channel=1"),
        ("http://door/v?access_token=hunter2", f"http://door/v?access_token={HIDDEN}"),
        (
            "rtsp://door/user=ann_password=hunt_er2_channel=1_stream=0.sdp",
            f"rtsp://door/user=ann_password={HIDDEN}_channel=1_stream=0.sdp",
        ),
        ("rtsp://ann:hun/ter#2@door:554/s2", "rtsp://door:554/s2"),
        ("rtsp://[fe80::1]/user@hall", "rtsp://[fe80::1]/user@hall"),
        ("rtsp://door:554/a@b", "rtsp://door:554/a@b"),
        ("/films/ann:x@home.mp4", "/films/ann:x@home.mp4"),
        ("0", "0"),
    ],
)
def test_a_secret_is_left_out_and_comes_back(address: str, shown: str) -> None:
    assert public_address(address) == shown
    assert public_address(shown) == shown
    again = completed(shown, address)
    assert (public_address(again), login_of(again)) == (shown, login_of(address))
    assert completed(again, "") == again


@given(WORDS, WORDS, st.sampled_from(["/s", "", "/s?password=", "/a_pwd="]), WORDS)
def test_no_password_of_any_letters_is_shown(user: str, password: str, path: str, secret: str) -> None:
    more = quote(secret, safe="") if path.endswith("=") else ""
    whole = f"rtsp://{quote(user, safe='')}:{quote(password, safe='')}@10.0.0.9:554{path}{more}"
    shown = public_address(whole)
    assert shown == f"rtsp://10.0.0.9:554{path}{HIDDEN if more else ''}"
    assert login_of(whole) == (user, password)
    assert completed(shown, whole) == whole


@pytest.mark.parametrize(
    ("given_", "login"),
    [
        ("rtsp://10.0.0.9/other", ("ann", "hunter2")),
        ("rtsp://ann@10.0.0.9/s", ("ann", "hunter2")),
        ("rtsp://bob@10.0.0.9/s", ("bob", "")),
        ("rtsp://ann:new@10.0.0.9/s", ("ann", "new")),
        ("rtsp://10.0.0.10/s", ("", "")),
        ("rtsp://10.0.0.9:8554/s", ("", "")),
        ("0", ("", "")),
    ],
)
def test_only_the_same_host_and_user_are_given_the_kept_password(given_: str, login: tuple[str, str]) -> None:
    assert login_of(completed(given_, "rtsp://ann:hunter2@10.0.0.9/s")) == login
    assert login_of(completed("rtsp://10.0.0.9/s", "rtsp://ann:hunter2@10.0.0.9/s", login=False)) == ("", "")
