"""Plays random histories of two or three nodes and a real hub, with cuts and lost answers: all must converge.

Run: python -m benchmarks.sync.converge [--histories 1000] [--seed 1] [--length 40]
Prints how many converged and how long one took (processor time). Exit status 0 where all did.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence

from benchmarks.sync.histories import new_mall, quick_folder, random_history
from tests.postgres import postgres_server


def main(arguments: Sequence[str]) -> int:
    """Play the histories."""
    parser = argparse.ArgumentParser(description="Random histories on several nodes converge.")
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--length", type=int, default=40)
    options = parser.parse_args(arguments)
    wrong: list[str] = []
    began, writes, acts = time.process_time(), 0, 0
    with quick_folder() as scratch, postgres_server() as server:
        os.environ["ATRIUM_KEYS"] = f"{scratch}/keys"
        for count, share in ((2, options.histories // 2), (3, options.histories - options.histories // 2)):
            with new_mall(server, scratch / str(count), count) as mall:
                for n in range(share):
                    rng = random.Random(f"{options.seed} {count} {n}")
                    history = random_history(rng, rng.randint(options.length // 4, options.length), count)
                    mall.reset()
                    try:
                        mall.play(history)
                        mall.check()
                    except AssertionError as error:
                        wrong.append(f"{count} nodes, history {n}: {error}")
                        print(wrong[-1], flush=True)
                    acts, writes = acts + len(history), writes + mall.made
    seconds = time.process_time() - began
    print(f"{options.histories - len(wrong):,} of {options.histories:,} histories converge (bar: all); {acts:,} acts, "
          f"{writes:,} of them writes; {seconds / options.histories:.2f} s of processor time each")  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
