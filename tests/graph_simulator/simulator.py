# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator as a whole: a service behind servers in a thread of their own."""

from __future__ import annotations

import asyncio
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import trustme

from .clock import Clock
from .control import control_app
from .graph import Observer, unobserved
from .server import Server, carrier, listen
from .service import Service
from .tenant import Tenant

_Result = TypeVar("_Result")


class Simulator(Service):
    """A tenant served on 127.0.0.1 from ``start`` to ``stop``, or as a context manager.

    Ports are free ones unless given. All methods but ``exchange`` may be called from any thread, ``journal`` and
    ``state`` after the stop too. ``observe`` is called in the thread of the simulator.
    Raises TenantError (a ValueError) for a tenant that cannot be.
    """

    def __init__(
        self,
        tenant: Mapping[str, Any] | str | Path | Tenant,
        *,
        port: int = 0,
        login_port: int = 0,
        control_port: int = 0,
        identity_port: int = 0,
        clock: Clock | None = None,
        observe: Observer = unobserved,
    ) -> None:
        super().__init__(tenant, clock=clock, observe=observe)
        self._ports = (port, login_port, control_port, identity_port)

    def start(self) -> Self:
        """Listen and serve. Raises OSError for a port that is taken, ValueError for what the tenant cannot hold."""
        with ExitStack() as undo:
            sockets = [undo.enter_context(listen(port)) for port in self._ports]
            self._serve(sockets)
            undo.pop_all()
        return self

    def _serve(self, sockets: Sequence[socket.socket]) -> None:
        ports = [one.getsockname()[1] for one in sockets]
        self.graph_url, self.login_url, self.control_url = (f"https://localhost:{port}" for port in ports[:3])
        self.identity_url = f"http://127.0.0.1:{ports[3]}"
        control = control_app(self._state)
        authority = trustme.CA()
        self._folder = tempfile.TemporaryDirectory(prefix="graph-simulator-")
        self.ca_file = Path(self._folder.name) / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)

        apps = (
            carrier(self.exchange, self.graph_url, self.clock.sleep),
            carrier(self.exchange, self.login_url, self.clock.sleep),
            control,
            carrier(self.exchange, self.identity_url, self.clock.sleep),
        )
        ready = threading.Event()

        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            self._servers = [Server(app, context if app is not apps[3] else None) for app in apps]
            running = [
                asyncio.create_task(server.serve(sockets=[one]))
                for server, one in zip(self._servers, sockets, strict=True)
            ]
            while not all(server.started for server in self._servers):
                await asyncio.sleep(0.001)
            ready.set()
            await asyncio.gather(*running)

        self._thread = threading.Thread(target=asyncio.run, args=(serve(),), name="graph-simulator", daemon=True)
        self._thread.start()
        while not ready.wait(0.05):
            if not self._thread.is_alive():
                raise RuntimeError("the simulator did not start")

    def stop(self) -> None:
        for server in self._servers:
            self._loop.call_soon_threadsafe(server.stop)
        self._thread.join()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _ask(self, question: Callable[[], _Result]) -> _Result:
        """Run ``question`` in the event loop, which owns the state; after the stop, here."""
        if not self._thread.is_alive():
            return super()._ask(question)

        async def ask() -> _Result:
            return super(Simulator, self)._ask(question)

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result()
