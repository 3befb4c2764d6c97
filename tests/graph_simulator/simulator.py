# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator as a whole: a service behind servers in a thread of their own."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from .authority import authority
from .clock import Clock
from .control import control_app
from .graph import Observer, unobserved
from .server import Server, carrier, listen
from .service import Service
from .tenant import Tenant

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Place:
    """Where a server listens, and under which address clients know it; ``{port}`` in the url becomes the port."""

    host: str
    port: int
    url: str


class Simulator(Service):
    """A tenant served from ``start`` to ``stop``, or as a context manager.

    It listens on ``host``. Ports are free ones unless given. The certificate is valid for localhost, 127.0.0.1,
    ``host`` and all ``names``; the addresses hold the first of ``names``. ``ca`` is a file that keeps the certificate
    authority. All methods but ``exchange`` may be called from any thread, ``journal`` and
    ``state`` after the stop too. ``observe`` is called in the thread of the simulator.
    Raises TenantError (a ValueError) for an impossible tenant.
    """

    def __init__(
        self,
        tenant: Mapping[str, Any] | str | Path | Tenant,
        *,
        port: int = 0,
        login_port: int = 0,
        control_port: int = 0,
        identity_port: int = 0,
        host: str = "127.0.0.1",
        names: Sequence[str] = (),
        ca: str | Path | None = None,
        clock: Clock | None = None,
        observe: Observer = unobserved,
    ) -> None:
        super().__init__(tenant, clock=clock, observe=observe)
        self._ports = (port, login_port, control_port, identity_port)
        self._host = host
        self._names = tuple(names)
        self._ca = Path(ca) if ca else None

    def start(self) -> Self:
        """Listen and serve.

        Raises OSError for a port that is taken or a file that cannot be used, ValueError for what the tenant or the
        certificate cannot hold.
        """
        places = self._places()
        with ExitStack() as undo:
            sockets = [undo.enter_context(listen(place.host, place.port)) for place in places]
            self._serve(places, sockets)
            undo.pop_all()
        return self

    def _places(self) -> tuple[Place, Place, Place, Place]:
        """Graph, login, control interface and managed identity."""
        local = self._host in _EVERYWHERE or _is_loopback(self._host)
        known_as = next(iter(self._names), "localhost" if local else self._host)
        # A machine has its identity endpoint at an address, not at a name.
        plain = known_as if known_as != "localhost" else "127.0.0.1"
        graph, login, control, identity = self._ports
        return (
            Place(self._host, graph, f"https://{_in_url(known_as)}:{{port}}"),
            Place(self._host, login, f"https://{_in_url(known_as)}:{{port}}"),
            Place(self._host, control, f"https://{_in_url(known_as)}:{{port}}"),
            Place(self._host, identity, f"http://{_in_url(plain)}:{{port}}"),
        )

    def _certified(self) -> Sequence[str]:
        """The names and addresses in the certificate."""
        listening = () if self._host in _EVERYWHERE else (self._host,)
        return tuple(dict.fromkeys(("localhost", "127.0.0.1", *listening, *self._names)))

    def _serve(self, places: Sequence[Place], sockets: Sequence[socket.socket]) -> None:
        self.graph_url, self.login_url, self.control_url, self.identity_url = (
            place.url.format(port=one.getsockname()[1]) for place, one in zip(places, sockets, strict=True)
        )
        control = control_app(self._state)
        issuer = authority(self._ca)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issuer.issue_cert(*self._certified()).configure_cert(context)
        self._folder = tempfile.TemporaryDirectory(prefix="graph-simulator-")
        self.ca_file = Path(self._folder.name) / "ca.pem"
        issuer.cert_pem.write_to_path(str(self.ca_file))
        self.arc_key_file = Path(self._folder.name) / "arc.key"
        self.arc_key_file.write_text(self.identity_header, "ascii")

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


_EVERYWHERE = ("0.0.0.0", "::", "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
