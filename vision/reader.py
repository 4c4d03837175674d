"""The capture process: reads one camera and answers on its standard output with the newest picture.

The first line of standard input is a JSON object with the fields of `ReadSpec`; the address comes this way
because a command line is shown to every user of the machine, and it may hold a password. Each further line
`next` is answered by one line of JSON,

    {"index", "seconds", "at_ms", "width", "height", "dropped", "bytes",
     "state", "connected", "reason", "fault", "losses", "fps", "drift_ms"}

and `bytes` bytes of blue-green-red rows: 0 where no picture came within a second. `pause` lets a recording stand
still until `resume`, without an answer; its pictures' times then go on where they stood. The process ends when its
standard input does, whatever the driver does, and by itself when the driver does not come back from a call.
Nothing is written to disk and no connection is made but the camera's.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from typing import BinaryIO

from models.errors import Known
from vision.grabber import Facts, Grabber, ReadSpec, Taken

ANSWER_S = 1.0
"""An answer without a picture is given after this time."""
STUCK_S = 20.0
"""A driver that does not come back for so long is given up, and the process with it."""
GRACE_S = 1.0
STUCK = 3
"""Exit status of a process whose driver did not come back."""
_BAD_INPUT = 2


def main() -> int:
    """Serves on this process's pipes until standard input ends; the exit status, or no return at all where
    the driver holds a thread that nothing can end."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints would break the answers
    status = serve(sys.stdin.buffer, out)
    os._exit(status)


def serve(asked: BinaryIO, answers: BinaryIO) -> int:
    """Answers until `asked` ends or nobody reads the answers; the exit status."""
    try:
        spec = _spec(asked.readline())
    except Known as error:
        _answer(answers, None, Facts("wrong", str(error), "wrong", 0, 0.0, None))
        return _BAD_INPUT
    grabber = Grabber(spec)
    requests: queue.SimpleQueue[bool] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked, requests, grabber), name="requests", daemon=True).start()
    grabber.start()
    status = 0
    try:
        while requests.get():
            taken = grabber.take(ANSWER_S)
            _answer(answers, taken, grabber.facts())
            if grabber.stuck_s() > STUCK_S:
                status = STUCK
                break
    except OSError:
        status = 0  # nobody reads any more
    grabber.close(GRACE_S)
    return status


def _spec(line: bytes) -> ReadSpec:
    """The checked first line."""
    try:
        fields = json.loads(line)
        return ReadSpec(**fields)
    except (ValueError, TypeError) as error:
        # The line may hold a password: the error does not quote it.
        raise Known("The capture process was asked for something it does not know.", "Start it anew.") from error


def _listen(asked: BinaryIO, requests: queue.SimpleQueue[bool], grabber: Grabber) -> None:
    """Counts the requests; at their end the process ends, even where an answer is stuck in its pipe."""
    for line in asked:
        word = line.strip()
        if word == b"pause":
            grabber.hold()
        elif word == b"resume":
            grabber.go_on()
        else:
            requests.put(True)
    requests.put(False)
    grabber.stop()
    threading.Event().wait(2 * GRACE_S)
    os._exit(0)


def _answer(answers: BinaryIO, taken: Taken | None, facts: Facts) -> None:
    height, width = taken.image.shape[:2] if taken else (0, 0)
    header = {
        "index": taken.index if taken else -1,
        "seconds": taken.seconds if taken else 0.0,
        "at_ms": taken.at_ms if taken else 0,
        "width": width,
        "height": height,
        "dropped": taken.dropped if taken else 0,
        "bytes": taken.image.nbytes if taken else 0,
        "state": facts.state,
        "connected": facts.state == "connected",
        "reason": facts.reason,
        "fault": facts.fault,
        "losses": facts.losses,
        "fps": round(facts.fps, 2),
        "drift_ms": facts.drift_ms,
    }
    answers.write(json.dumps(header).encode() + b"\n")
    if taken:
        answers.write(taken.image.data if taken.image.flags.c_contiguous else taken.image.tobytes())
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
