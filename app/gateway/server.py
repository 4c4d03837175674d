"""The gateway's process: a server with its writer and its live feed, ended by its parent or by its memory's bound."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
from pathlib import Path

import uvicorn

from app.gateway.application import make_application
from app.gateway.callers import Gateway
from app.gateway.config import CONNECTIONS, HEADER_BYTES, GatewayConfig, read_config
from app.gateway.live import LiveFeed
from app.gateway.protocol import BoundedProtocol
from app.gateway.writer import Writer
from models import logs
from models.errors import Known
from models.store import Store, open_store

LOG = logging.getLogger("atrium.gateway")
GRACE_SECONDS = 5
NOTE_SECONDS = 15.0
THREADS = 12
BACKLOG = 2_048


class GatewayServer:
    """Serves a store; `run` blocks until `stop`. Raises Known where the address cannot be had."""

    def __init__(self, store: Store, config: GatewayConfig) -> None:
        self.gateway = Gateway(store, config, Writer(store), LiveFeed(store, config.sessions))
        self.gateway.metrics.watch(self.gateway.writer.waiting, self.gateway.live.count)
        self._socket = listen(config)
        self.port = int(self._socket.getsockname()[1])
        self._ended = threading.Event()
        self._server = _Server(_uvicorn(self.gateway))

    def run(self) -> None:
        """Serve until told to stop; what waits is written first."""
        self.gateway.writer.start()
        self.gateway.live.start()
        noting = threading.Thread(target=self._note_uses, name="gateway-uses", daemon=True)
        noting.start()
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._ended.set()
            noting.join()
            self.gateway.live.close()
            self.gateway.writer.close()
            self._socket.close()

    def _note_uses(self) -> None:
        """Keep when keys were last used, together, and once more at the end."""
        while not self._ended.wait(NOTE_SECONDS):
            self.gateway.uses.write(self.gateway.store)
        self.gateway.uses.write(self.gateway.store)

    def stop(self) -> None:
        """Have `run` end; from any thread."""
        self._server.should_exit = True

    def started(self) -> bool:
        """Whether it answers."""
        return bool(self._server.started)


class _Server(uvicorn.Server):
    """Signals are the program's to handle, and the pool of threads is bounded."""

    def install_signal_handlers(self) -> None:
        """None."""

    def capture_signals(self):  # type: ignore[no-untyped-def]
        """None."""
        from contextlib import nullcontext

        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        from anyio.to_thread import current_default_thread_limiter

        current_default_thread_limiter().total_tokens = THREADS
        await super().startup(sockets)


def _uvicorn(gateway: Gateway) -> uvicorn.Config:
    config = gateway.config
    logging.getLogger("uvicorn.access").disabled = True  # it writes paths with their queries
    return uvicorn.Config(
        make_application(gateway), http=BoundedProtocol, ws="websockets-sansio", loop="asyncio", lifespan="off",
        log_config=None, access_log=False, server_header=False, proxy_headers=False, backlog=BACKLOG,
        limit_concurrency=CONNECTIONS, h11_max_incomplete_event_size=HEADER_BYTES, timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_SECONDS, ws_max_size=16_384, ws_max_queue=8, ws_per_message_deflate=False,
        ssl_certfile=config.certificate, ssl_keyfile=config.certificate_key,
    )  # fmt: skip


def listen(config: GatewayConfig) -> socket.socket:
    """The listening socket. Raises Known where another program has the address, or this machine lacks it."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((config.host, config.port))
    except OSError as error:
        made.close()
        raise Known(
            f"The gateway cannot listen at {config.address}: {error.strerror}.",
            "Choose another address in the settings, or end the program that has it.", code=6,
        ) from error  # fmt: skip
    return made


def serve(folder: Path) -> None:
    """Serve a site until the standard input ends. Raises Known for settings that cannot be kept."""
    store = open_store(folder)
    handler = logs.start_log(folder, "atrium.gateway")
    try:
        config = read_config(store)
        _bound_memory(config.memory_mb)
        server = GatewayServer(store, config)
        threading.Thread(target=_until_input_ends, args=(server,), name="gateway-parent", daemon=True).start()
        LOG.info("listening at %s, %s", config.address, "with TLS" if config.secure else "without TLS")
        server.run()
        LOG.info("ended")
    finally:
        logs.stop_log("atrium.gateway", handler)
        store.close()


def _until_input_ends(server: GatewayServer) -> None:
    while sys.stdin.readline():
        pass
    server.stop()


def _bound_memory(megabytes: int) -> None:
    """Private memory beyond this is refused by the system, and many open connections are allowed. POSIX alone:
    elsewhere the service's own limits hold."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, resource.RLIM_INFINITY))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS if most == resource.RLIM_INFINITY else min(2 * CONNECTIONS, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
