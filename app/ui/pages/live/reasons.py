"""What the counting says of a camera, in the language of the desktop. It says it in English sentences.

The counting and its messages know no language, so its sentences are recognised here by their patterns and said anew.
A sentence that is not known stays as it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.ui.catalogue import language, mark, sentences, tr

SENTENCES = (
    # the capture of a camera or recording
    mark("{name} has not answered yet."),
    mark("{name} has been silent for {seconds} seconds; its reading is started again."),
    mark("{name} was lost; trying again."),
    mark("{name} has been played to its end."),
    mark("{name} is a recording, not a camera."),
    mark("{name} is a camera, not a recording."),
    mark("{name} is not known in this network: check the name in its address."),
    mark("{name} does not answer: it is off, or the network does not reach it."),
    mark("{name} refuses the connection: nothing listens at that port."),
    mark("{name} answers but gives no video: check the path, the user and the password."),
    mark("{name} gives no picture: it is not connected, or another program uses it."),
    mark("{name} is no address that can be read."),
    mark("{name} is not a video that can be read."),
    mark("The reading process of {name} cannot be started: {error}."),
    mark("The reading process of {name} ended ({status}); it is started again."),
    mark("The capture process was asked for something it does not know."),
    mark("A picture's longest side or rate is out of range."),
    mark("A picture cannot be turned by {degrees} degrees."),
    mark("There is no recording {name}."),
    mark("The folder {name} holds no pictures."),
    # the counting
    mark("The service is not counting this camera now."),
    mark("The camera looks at another place than before: check its lines."),
    mark("Camera {name} is being counted by another process."),
    mark("Its pictures could not be counted; the log has the details."),
    mark("The picture of {name} became {width} x {height} at frame {frame}, another shape than before."),
    mark("The picture of {name} is {size}, and its lines were drawn for {other}, another shape."),
    mark("The config's size is {size} and the picture {picture}: the lines were stretched."),
    mark("The config's setting '{key}'{place} is not known and was left out."),
    mark("Counts wait to be stored: {sentence}"),
    mark("The request for live pictures cannot be read."),
    mark("The lines of camera {name} are no TOML: {error}."),
    mark("The lines are no TOML: {error}."),
    mark("The lines are no valid TOML: {error}."),
    mark("There is no config file {name}."),
    mark("The config file {name} cannot be read: {error}."),
    # a recording that was counted
    mark("No picture of {name} can be decoded."), mark("The file is damaged: get it again."),
    mark("Only {frames} of {expected} frames of {name} could be decoded: the file is damaged, and the rest was not "
         "counted."),
    mark("No detector weights: moving shapes were counted, with reduced accuracy."),
    mark("This recording had been counted before, and another one of the same camera after it: the quarter hours that "
         "both share were left as they were."),
    mark("Its gates were counted in the same quarter hours by {names} too: where two count a gate, the one that "
         "watched longer stands alone. Parts of one recording add up under one --name."),
    # the store
    mark("The store is being written by {name}."),
    mark("The disk refused to write; nothing was changed."),
    mark("The disk is full; nothing was changed."),
    mark("The store {name} cannot be written."),
    mark("The store {name} is damaged or its key is wrong."),
    # the detector
    mark("There are no detector weights at {name}."),
    mark("The folder {name} holds no detector weights."),
    mark("The detector weights {name} are damaged or not weights at all."),
    mark("{name} is not a detector that can be run here."),
    mark("{name} is not a person detector of a known kind ({kind})."),
    mark("{name} takes pictures of {size} only, not {other}."),
    mark("{name} has no {other} beside it."),
    mark("ONNX Runtime cannot run {name}, an OpenVINO file."),
    mark("A network cannot take pictures of {size}."),
    mark("'{text}' is no size of a picture."),
    # warnings at set-up
    mark("Line '{line}' lies along the edge of the picture: people are seen on one side only, and a track must be "
         "seen on both. Draw it further in."),
    mark("People stand on line '{line}': {share} of the places where someone stood lie in its dead band. Draw it "
         "where people walk, or widen its band."),
    mark("The feet are cut off by the picture's lower edge in {share} of the boxes: tilt the camera down, or draw "
         "lines and zones further up."),
    # what to do
    mark("To count it here, stop that one first."),
    mark("Start it anew."), mark("Draw its lines again."), mark("Correct them."), mark("Correct them on Live."),
    mark("Correct them and try again."), mark("Correct the config file and try again."),
    mark("Save it as UTF-8 text."), mark("Give the path of a TOML file with the counting lines."),
    mark("Count it with `watch`, or ask for it to be played at its own rate."),
    mark("Count it with watch, or add it on Live."), mark("Give 16 to 16384 and 0.1 to 1000."),
    mark("Give 0, 90, 180 or 270."), mark("Give the path of a video file, or a camera's address."),
    mark("Give an MP4, AVI, MKV or MOV file."), mark("Give a folder of JPEG or PNG files, or a video."),
    mark("Give the path of an .onnx or .xml file."), mark("Give an ONNX or OpenVINO file (.onnx, .xml)."),
    mark("Put an .onnx or .xml file into it."), mark("Copy both files."), mark("Get the file again."),
    mark("Use OpenVINO, or give an .onnx file."), mark("Give a size such as 640x480."),
    mark("Write width and height, as in 640x480."), mark("Known kinds: {kinds}."),
    mark("Try again in a moment."), mark("Check the disk and its free space."), mark("Free some space and try again."),
    mark("Check the folder's permissions."), mark("Run: python main.py doctor"),
)  # fmt: skip
"""Whole sentences; a value that is no number may be anything."""
REASONS = (
    mark("a polygon needs at least three corners"), mark("two of its corners are the same place"),
    mark("it has no area"), mark("its outline crosses itself between corners {a} and {b}"),
    mark("at least four points are needed"), mark("the points all lie at one place"),
    mark("the points lie on one line, or three of four do; spread them over the floor"),
    mark("the points are in another order on the plan than in the picture"),
    mark("it must be a list of {count} numbers"), mark("it must be two numbers, [x, y]"),
    mark("it must be a list of corners, [[x, y], ...]"), mark("it must be one of {choices}"),
    mark("it must be 0, 90, 180 or 270 degrees"),
    mark("it must be [width, height], whole numbers from {low} to {high}"),
    mark('it must be a list of pairs of times, [["07:00", "09:30"]]'),
    mark("it must be a list of 4 to {most} points, [[x, y, X, Y], ...]"), mark("it must be {what}, in quotes"),
    mark("it has no name"), mark("it has {count} corners; {most} are the most"),
    mark("it has no counting line and no zone; write at least one [[line]] with name, a and b"),
    mark("it has no line; give the name of the line at the shop's door"),
    mark("a and b are the same place, so the line has no length"), mark("it is not valid TOML: {error}"),
    mark("[{x}, {y}] lies outside the picture of {size}"), mark("{key} must be written as [[{row}]]"),
    mark("{key} must be a section, [{row}]"), mark("two {kind}s have this {key}"),
    mark("only a zone of purpose queue is served"), mark("only a zone of purpose display has one"),
    mark("there is no line '{line}'"), mark("the floor's code is missing"),
    mark('each must be a pair of times, ["07:00", "09:30"]'), mark("a span begins and ends at the same time"),
    mark("{value} is not a time such as 09:30"), mark("{value} is not between {low} and {high}"),
    mark("{value} is not one of {choices}"), mark("{value} is not a number"),
)  # fmt: skip
"""Why a config is refused, after the place where it is wrong."""
REFUSAL = mark("{where}: {reason}.")
KINDS = {"line": mark("line {name}"), "zone": mark("zone {name}"), "front": mark("front {name}")}
THE_CONFIG = mark("the config")
_NESTED = "sentence"
_PLACE = re.compile(r"(?P<file>.+?)(?:, (?P<kind>line|zone|front) (?P<name>'.*?'|\d+))?(?:: (?P<setting>.*))?", re.S)


def told(text: str) -> str:
    """What the counting said, in the language in force; what is not known stays as it came."""
    if language() == "en" or not text:
        return text
    return _known(text) or text


def _known(text: str) -> str:
    """The whole of a text that is known, sentence by sentence; empty where any of it is not."""
    for head, rest in _halves(text, ". "):
        first = _one(f"{head}.")
        if first and (second := _known(rest)):
            return first + second
    return _one(text)


def _one(text: str) -> str:
    return _catalogued(text) or _said(text, _SENTENCES) or _refused(text)


def _refused(text: str) -> str:
    """A config's refusal: where, and why."""
    for where, reason in reversed([*_halves(text.removesuffix("."), ": ")]):
        why = _said(reason, _REASONS)
        if why:
            return tr(REFUSAL, where=_place(where), reason=why)
    return ""


def _place(where: str) -> str:
    found = _PLACE.fullmatch(where)
    if found is None:
        return where
    parts = [tr(THE_CONFIG) if found["file"] == THE_CONFIG else found["file"]]
    if found["kind"]:
        parts.append(tr(KINDS[found["kind"]], name=found["name"]))
    if found["setting"]:
        parts.append(found["setting"])
    return " · ".join(parts)


def _said(text: str, patterns: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    """A sentence or reason with its values; empty where it is none of these."""
    for pattern, source in patterns:
        found = pattern.fullmatch(text)
        if found is not None:
            values = found.groupdict()
            if _NESTED in values:
                values[_NESTED] = _known(values[_NESTED]) or values[_NESTED]
            return tr(source, **values)
    return ""


def _catalogued(text: str) -> str:
    """A sentence of the desktop's own; empty where the catalogue has it not."""
    return sentences(language()).get(text, "")


def _halves(text: str, between: str) -> Iterator[tuple[str, str]]:
    """Every way to cut the text at that mark."""
    at = text.find(between)
    while at >= 0:
        yield text[:at], text[at + len(between) :]
        at = text.find(between, at + 1)


def _patterns(sources: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(_expression(source), re.S), source) for source in sources)


def _expression(source: str) -> str:
    """The sentence with a group for each of its values."""
    parts = re.split(r"\{(\w+)\}", source)
    return "".join(
        re.escape(part) if number % 2 == 0 else f"(?P<{part}>.*?)" for number, part in enumerate(parts)
    )  # fmt: skip


_SENTENCES, _REASONS = _patterns(SENTENCES), _patterns(REASONS)
