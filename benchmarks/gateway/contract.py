"""The gateway against its own OpenAPI document, at length: schemathesis sends what fits and what does not.

    python benchmarks/gateway/contract.py [--examples 60] [--seed 7] [--most-seconds 600]

Bar: no answer of 5xx, no answer that the document does not have, nothing accepted that it refuses, no address with a
key that answers without one. The naive variant answers the same document with a handler that accepts everything: the
same checks must find it. Left out is `positive_data_acceptance`: days in the wrong order fit the document.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def main() -> int:
    """Run both variants and print what was found; 0 where the gateway keeps its word and the naive one does not."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--examples", type=int, default=60, help="requests an address and mode (default 60)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--most-seconds", type=float, default=600.0)
    options = parser.parse_args()
    from tests.gateway.conftest import make_mall, served

    with tempfile.TemporaryDirectory() as folder:
        store = make_mall(Path(folder) / "mall")
        with served(store) as mall:
            kept = _ask(options, mall.url, mall.key("all"), mall.forgive)
        store.close()
    with _naive() as url:
        options.examples = min(options.examples, 5)
        naive = _ask(options, url, {"X-API-Key": "any"}, lambda: None)
    print(f"gateway: {kept[0]} requests, {sum(kept[1].values())} failures; bar 0")
    for name, count in kept[1].most_common():
        print(f"  {count} x {name}")
    print(f"naive server: {naive[0]} requests, {sum(naive[1].values())} failures; bar at least 1")
    return int(bool(kept[1]) or not naive[1])


def _ask(options: argparse.Namespace, url: str, headers: dict[str, str], after: Any) -> tuple[int, Counter[str]]:
    """Requests made, and failures by what they are."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from schemathesis.generation import GenerationMode
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    from app.gateway.application import describe

    found: Counter[str] = Counter()
    count, end = 0, time.monotonic() + options.most_seconds
    few = settings(
        max_examples=options.examples, deadline=None, database=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    for made in schemathesis.openapi.from_dict(describe()).get_all_operations():
        operation: Any = made.ok()  # type: ignore[union-attr]
        for mode in GenerationMode:

            @seed(options.seed)
            @few
            @given(operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                nonlocal count
                if time.monotonic() > end:
                    return
                for name in [n for n in case.headers or {} if n.lower() in ("authorization", "x-api-key")]:
                    del case.headers[name]
                count += 1
                answer = case.call(base_url=url, headers=headers, timeout=20)
                after()
                try:
                    case.validate_response(answer, excluded_checks=[positive_data_acceptance], headers=headers)
                except BaseExceptionGroup as group:
                    found.update(f"{case.operation.label}: {type(error).__name__}" for error in group.exceptions)

            with contextlib.suppress(_nothing_to_say()):
                ask()
    return count, found


def _nothing_to_say() -> type[Exception]:
    """What hypothesis raises for an address that takes nothing which could be wrong."""
    from hypothesis.errors import Unsatisfiable

    return Unsatisfiable


@contextlib.contextmanager
def _naive() -> Any:
    """A server that answers every request with 200 and an empty object."""
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_TRACE = do_OPTIONS = _answer

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    raise SystemExit(main())
