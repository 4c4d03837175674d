"""A small stand-in for the `live-view` child: speaks its protocol, with a picture of one colour and one walker.

Arguments: how many answers before it does what the second argument says: `go on`, `die`, `garbage`, `end`, `mute`.
"""

from __future__ import annotations

import json
import sys


def answer(code: str, number: int, state: str, config: str) -> None:
    width, height = 64, 48
    x = 10 + number % 40
    header = {
        "camera": code, "state": state, "reason": "", "width": width, "height": height, "bytes": width * height * 3,
        "at_ms": 1_000 + 100 * number, "frame": number, "boxes": [[x, 10, x + 6, 30, 7]],
        "lines": [{"name": config or "door", "a": [30, 5], "b": [30, 45], "n_in": number, "n_out": 1}],
        "zones": [{"name": "hall", "purpose": "presence", "polygon": [[1, 1], [60, 1], [60, 40]], "presence": 2,
                   "queue": None, "wait_s": None}],
        "crossings": [], "fps": 7.0, "fps_in": 12.5, "dropped": 3, "flaws": ["dark"], "detector": "stand-in",
        "fallback": False, "warnings": [], "plan": {"floor": "L1", "people": [[7, x / 10, 2.0], [8, 3.0, 900.0]]},
    }  # fmt: skip
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + bytes([200, number % 256, 0]) * (width * height))
    sys.stdout.buffer.flush()


def main() -> int:
    after, then = int(sys.argv[1]), sys.argv[2]
    request = json.loads(sys.stdin.readline())
    config = ""
    number = 0
    stands = False
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "config":
            config = json.loads(rest)
            continue
        if word != "next":
            stands = word == "pause"
            continue
        number += not stands
        if number > after and then == "die":
            sys.stderr.write("The camera's door is shut.\n")
            return 3
        if number > after and then == "garbage":
            sys.stdout.buffer.write(b"\x00\xff{not json\n" + b'{"camera": "a", "state": "counting", "bytes": 7}\n')
            sys.stdout.buffer.flush()
            continue
        if number > after and then == "mute":
            continue
        known = rest in request.get("cameras", [request.get("name")])
        over = number > after and then == "end"
        answer(rest, number, "wrong" if not known else "ended" if over else "counting", config)
    return 0


if __name__ == "__main__":
    sys.exit(main())
