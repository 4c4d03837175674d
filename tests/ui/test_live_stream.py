"""The stream of live pictures: whole answers out of any bytes, credits, pace, pauses, and a child that ends."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ui import live_stream
from app.ui.live_stream import LiveStream
from app.ui.live_wire import LONGEST_HEADER, Torn, View, Wire
from engines.cameras.records import remember_camera
from models.store import open_store
from tests.data import data_file

LINES = 'size = [160, 120]\n[[line]]\nname = "door"\na = [80, 10]\nb = [80, 110]\n'
CHILD = Path(__file__).with_name("live_child.py")


def header(camera: str = "a", width: int = 2, height: int = 1, **facts: object) -> bytes:
    whole = {"camera": camera, "state": "counting", "width": width, "height": height, "bytes": width * height * 3}
    return json.dumps({**whole, **facts}).encode() + b"\n"


@pytest.fixture
def stream(qtbot):
    made: list[LiveStream] = []

    def start(after: int = 10**6, then: str = "go on", **more) -> LiveStream:
        made.append(LiveStream("nowhere", command=[sys.executable, str(CHILD), str(after), then], **more))
        return made[-1]

    yield start
    for each in made:
        each.close()
        each.deleteLater()


class Eyes:
    """Takes what arrives, and says that it was painted."""

    def __init__(self, stream: LiveStream, *, paints: bool = True) -> None:
        self.stream, self.paints = stream, paints
        self.views: list[View] = []
        self.images: list[object] = []
        self.faults: list[tuple[str, str]] = []
        stream.arrived.connect(self.take)
        stream.failed.connect(self.fault)

    def take(self, code: str, image: object, view: View) -> None:
        self.views.append(view)
        self.images.append(image)
        if self.paints:
            self.stream.painted(code)

    def fault(self, code: str, sentence: str) -> None:
        self.faults.append((code, sentence))


# ---- the wire


def test_an_answer_is_read_with_all_it_says():
    facts = {
        "boxes": [[1, 2, 3, 4, 9]],
        "lines": [{"name": "door", "a": [0, 0], "b": [1, 0], "n_in": 4, "n_out": 2, "band": 6}],
        "zones": [{"name": "hall", "purpose": "queue", "polygon": [[0, 0], [1, 0], [1, 1]], "presence": 3, "queue": 2,
                   "wait_s": 45.5}],
        "crossings": [{"line": "door", "direction": "in", "at_ms": 5}], "fps": 7, "flaws": ["dark"], "fallback": True,
    }  # fmt: skip
    ((view, pixels),) = Wire().feed(header(**facts) + bytes(range(6)))
    assert pixels == bytes(range(6))
    assert (view.boxes[0].foot, view.boxes[0].track) == ((2.0, 4.0), 9)
    assert (view.lines[0].n_in, view.lines[0].band) == (4, 6.0)
    assert (view.zones[0].queue, view.zones[0].wait_s) == (2, 45.5)
    assert (view.crossings[0].direction, view.flaws, view.fallback, view.blurred) == ("in", ("dark",), True, True)


def test_clear_heads_are_never_called_blurred():
    assert next(Wire(blurred=False).feed(header() + bytes(6)))[0].blurred is False
    assert next(Wire().feed(header(heads="clear") + bytes(6)))[0].blurred is False


@settings(max_examples=60, derandomize=True)
@given(cuts=st.lists(st.integers(0, 400), max_size=12), noise=st.binary(max_size=40))
def test_answers_come_whole_however_the_bytes_are_cut(cuts, noise):
    clean = noise.replace(b"\n", b"").replace(b"{", b"")
    data = clean + b"\n" + header("a") + bytes(6) + header("b", 0, 0) + header("c", 3, 2) + bytes([7]) * 18
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    wire = Wire()
    found = [one for start, end in pairwise(places) for one in wire.feed(data[start:end])]
    assert [(view.camera, len(pixels)) for view, pixels in found] == [("a", 6), ("b", 0), ("c", 18)]


@settings(max_examples=100, derandomize=True)
@given(data=st.binary(max_size=300), facts=st.dictionaries(
    st.sampled_from(["bytes", "boxes", "lines", "zones", "fps", "at_ms", "flaws", "state"]),
    st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.lists(st.integers(), max_size=3))))  # fmt: skip
def test_nonsense_is_left_out_or_torn_and_nothing_else(data, facts):
    wire = Wire()
    try:
        list(wire.feed(data))
        list(wire.feed(b"\n" + header(**facts) + bytes(6)))
    except Torn:
        pass


def test_a_header_without_end_is_torn():
    with pytest.raises(Torn):
        list(Wire().feed(b"x" * (LONGEST_HEADER + 1)))


@pytest.mark.parametrize("facts", [{"bytes": 7}, {"bytes": 10**12}, {"bytes": -3}, {"state": "dancing"}])
def test_a_picture_that_cannot_be_is_torn(facts):
    with pytest.raises(Torn):
        list(Wire().feed(header(**facts)))


# ---- the child


def test_pictures_arrive_one_after_another(qtbot, stream):
    eyes = Eyes(live := stream())
    live.watch(["a", "b"], rate=50)
    qtbot.waitUntil(lambda: len(eyes.views) >= 8)
    assert {view.camera for view in eyes.views} == {"a", "b"}
    assert all(view.state == "counting" for view in eyes.views)
    assert eyes.images[0].pixelColor(3, 3).red() == 200


def test_nothing_is_asked_before_the_last_was_painted(qtbot, stream):
    eyes = Eyes(live := stream(), paints=False)
    live.watch(["a"], rate=100)
    qtbot.waitUntil(lambda: len(eyes.views) == 1)
    qtbot.wait(150)
    assert len(eyes.views) == 1
    live.painted("a")
    qtbot.waitUntil(lambda: len(eyes.views) == 2)


def test_the_pace_is_kept(qtbot, stream):
    eyes = Eyes(live := stream())
    live.watch(["a"], rate=5)
    qtbot.waitUntil(lambda: len(eyes.views) >= 1)
    qtbot.wait(500)
    assert 2 <= len(eyes.views) <= 4  # one at once and then one each 200 ms, whatever the child could do


def test_a_pause_asks_for_nothing_and_later_ends_the_child(qtbot, stream, monkeypatch):
    monkeypatch.setattr(live_stream, "REST_MS", 50)
    eyes = Eyes(live := stream())
    live._rest.setInterval(50)
    live.watch(["a"], rate=50)
    qtbot.waitUntil(lambda: len(eyes.views) >= 2)
    live.pause()
    qtbot.waitUntil(lambda: not live.running())
    seen = len(eyes.views)
    live.resume()
    qtbot.waitUntil(lambda: len(eyes.views) > seen)
    assert not eyes.faults


def test_what_is_held_stands_still_and_goes_on_from_there(qtbot, stream):
    eyes = Eyes(live := stream())
    live._rest.setInterval(20)
    live.watch(["clip"], rate=100)
    qtbot.waitUntil(lambda: len(eyes.views) >= 2)
    live.hold()
    qtbot.wait(100)
    assert live.running()  # a hold is no rest
    seen = len(eyes.views)
    qtbot.wait(100)
    assert len(eyes.views) == seen
    assert live.held()
    live.go_on()
    qtbot.waitUntil(lambda: len(eyes.views) > seen)
    assert eyes.views[seen].frame == eyes.views[seen - 1].frame + 1


def test_a_child_that_dies_says_why_and_comes_again(qtbot, stream, monkeypatch):
    monkeypatch.setattr(live_stream, "BACK_OFF_MS", (20,))
    eyes = Eyes(live := stream(2, "die"))
    live.watch(["a"], rate=100)
    qtbot.waitUntil(lambda: len(eyes.views) >= 4, timeout=10_000)
    assert eyes.faults[0] == ("a", "The camera's door is shut.")


def test_asking_again_for_the_same_does_not_hurry_a_child_that_keeps_dying(qtbot, stream):
    eyes = Eyes(live := stream(0, "die"))
    live.watch(["a"], rate=100)
    qtbot.waitUntil(lambda: len(eyes.faults) == 1)
    for _ in range(5):
        live.watch(["a"], rate=100)
        qtbot.wait(20)
    assert not live.running()
    assert len(eyes.faults) == 1


def test_garbage_ends_the_child_without_raising(qtbot, stream, monkeypatch):
    monkeypatch.setattr(live_stream, "BACK_OFF_MS", (20,))
    eyes = Eyes(live := stream(2, "garbage"))
    live.watch(["a"], rate=100)
    qtbot.waitUntil(lambda: len(eyes.views) >= 4, timeout=10_000)
    assert eyes.faults[0] == ("a", "")


def test_a_program_that_is_not_there_is_a_failure(qtbot):
    live = LiveStream("nowhere", command=["./no-such-program"])
    eyes = Eyes(live)
    with qtbot.waitSignal(live.failed):
        live.watch(["a"])
    assert eyes.faults == [("a", "")]
    live.close()


def test_what_has_ended_is_not_asked_again(qtbot, stream):
    eyes = Eyes(live := stream(2, "end"))
    live.draft("clip.avi", "", name="clip", rate=100)
    qtbot.waitUntil(lambda: any(view.state == "ended" for view in eyes.views))
    seen = len(eyes.views)
    qtbot.wait(100)
    assert len(eyes.views) == seen


def test_a_drafts_config_changes_while_it_runs(qtbot, stream):
    eyes = Eyes(live := stream())
    live.draft("clip.avi", "", rate=100)
    qtbot.waitUntil(lambda: len(eyes.views) >= 2)
    live.set_config("gate seven")
    qtbot.waitUntil(lambda: eyes.views[-1].lines[0].name == "gate seven")


def test_closing_ends_the_child(qtbot, stream):
    eyes = Eyes(live := stream())
    live.watch(["a"], rate=100)
    qtbot.waitUntil(lambda: bool(eyes.views))
    process = live._process
    live.close()
    assert not live.running()
    assert process.processId() == 0


# ---- the real child


def test_the_real_clip_is_seen_and_counted(qtbot, empty_site):
    config = 'size = [768, 576]\n[[line]]\nname = "plaza"\na = [470, 150]\nb = [470, 570]\n'
    live = LiveStream(str(empty_site))
    eyes = Eyes(live)
    live.draft(str(data_file("vision/vtest.avi")), config, name="clip", detector="background-subtraction", width=320)
    qtbot.waitUntil(lambda: sum(image is not None for image in eyes.images) >= 3, timeout=60_000)
    view = eyes.views[-1]
    assert (view.width, view.height, view.state) == (320, 240, "counting")
    assert view.lines[0].a == pytest.approx((470 * 320 / 768, 150 * 240 / 576), abs=0.1)
    assert view.fallback
    assert view.blurred
    live.hold()
    qtbot.wait(1500)
    held = eyes.views[-1]
    live.go_on()
    qtbot.waitUntil(lambda: eyes.views[-1].frame > held.frame)
    moved = next(view for view in eyes.views if view.frame > held.frame)
    assert 0 < moved.at_ms - held.at_ms < 1500  # the recording's own time went on, not the wall's
    assert not eyes.faults
    live.close()


def test_a_camera_that_nobody_counts_is_waited_for(qtbot, empty_site):
    store = open_store(empty_site)
    remember_camera(store, "me", code="door", address="rtsp://127.0.0.1:9/x", lines=LINES)
    store.close()
    live = LiveStream(str(empty_site))
    eyes = Eyes(live)
    live.watch(["door"])
    qtbot.waitUntil(lambda: bool(eyes.views), timeout=60_000)
    assert (eyes.images[0], eyes.views[0].state) == (None, "waiting")
    assert "service" in eyes.views[0].reason
    live.close()
