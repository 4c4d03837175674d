"""A stand-in for the `live-view` child at set-up and accuracy checks: it draws what the config says.

Each answer is a picture of 320 x 240 pixels, ten seconds of its clock after the last. Every line has counted as many
in as there were answers; every zone holds two people. At each third answer somebody crosses each line inwards. The
argument says what is special: `empty` gives no picture, `end` ends after twelve answers, `stand` warns of the line.
"""

from __future__ import annotations

import json
import sys
import tomllib

WIDTH, HEIGHT = 320, 240


def places(config: str) -> tuple[list[dict], list[dict]]:
    table = tomllib.loads(config) if config else {}
    size = table.get("size", [WIDTH, HEIGHT])

    def place(point: list[float]) -> list[float]:
        return [point[0] * WIDTH / size[0], point[1] * HEIGHT / size[1]]

    lines = [{"name": x["name"], "a": place(x["a"]), "b": place(x["b"])} for x in table.get("line", [])]
    zones = [
        {"name": z["name"], "purpose": z.get("purpose", "presence"), "polygon": [place(p) for p in z["polygon"]], "presence": 2,
         "queue": 0.0, "wait_s": 0.0}
        for z in table.get("zone", [])
    ]  # fmt: skip
    return lines, zones


def main() -> int:
    manner, known = [*sys.argv, "", ""][1:3]
    request = json.loads(sys.stdin.readline())
    config = request.get("config", known)
    number = 0
    for row in sys.stdin:
        word, _, rest = row.strip().partition(" ")
        if word == "config":
            config = json.loads(rest)
            continue
        if word != "next":
            continue
        number += 1
        lines, zones = places(config)
        at = 1_000_000 + 10_000 * number
        crossings = [{"line": x["name"], "direction": "in", "at_ms": at} for x in lines if number % 3 == 0]
        over = manner == "end" and number >= 12
        there = manner != "empty"
        header = {
            "camera": rest, "state": "ended" if over else "counting" if there else "lost",
            "reason": "" if there else "The camera does not answer.", "width": WIDTH * there, "height": HEIGHT * there,
            "bytes": WIDTH * HEIGHT * 3 * there, "at_ms": at, "frame": number, "boxes": [[100, 60, 120, 120, 1]],
            "lines": [{**x, "n_in": number, "n_out": 0} for x in lines], "zones": zones, "crossings": crossings,
            "fps": 7.0, "fps_in": 12.5, "dropped": 0, "flaws": [], "detector": "stand-in", "fallback": False,
            "warnings": [f"People stand on line '{x['name']}'." for x in lines] if manner == "stand" else [],
        }  # fmt: skip
        sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + bytes(WIDTH * HEIGHT * 3 * there))
        sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
