# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ASGI applications on TLS sockets, and a server that can drop connections and stops at once."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable

import uvicorn
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .exchange import NO_CONTENT, Answer

_NO_LINGER = struct.pack("ii", 1, 0)


class _Protocol(H11Protocol):
    """Shows its transport to the application, which may have to drop the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}
        # uvicorn writes head and body apart; held back by Nagle's algorithm that costs 40 ms a request.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Server(uvicorn.Server):
    """One application on one socket. Must be made and run inside the event loop."""

    def __init__(self, app: ASGIApp, context: ssl.SSLContext | None) -> None:
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=120,
        )
        config.load()
        config.ssl = context
        super().__init__(config)
        self._stop = asyncio.Event()

    async def main_loop(self) -> None:
        await self._stop.wait()

    def stop(self) -> None:
        self._stop.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Does not wait: clients keep connections open, faults keep requests hanging."""
        for server in self.servers:
            server.close()
        for task in self.server_state.tasks:
            task.cancel()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises OSError, also for a host that is not here."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=1024)
    listener.setblocking(False)
    return listener


def carrier(exchange: Callable[..., Awaitable[Answer]], url: str, sleep: Callable[[float], Awaitable[None]]) -> ASGIApp:
    """An ASGI application that hands every request to ``exchange``, as one to a path below ``url``."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        query = scope["query_string"].decode("ascii")
        path = scope["raw_path"].decode("ascii")
        answer = await exchange(
            request.method,
            # Only "*", which OPTIONS may ask for, is no path.
            url + (path if path.startswith("/") else f"/{path}") + (f"?{query}" if query else ""),
            {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            await request.body(),
        )
        await _send(answer, scope, send, sleep)

    return app


async def _send(answer: Answer, scope: Scope, send: Send, sleep: Callable[[float], Awaitable[None]]) -> None:
    transport: asyncio.Transport = scope["state"]["transport"]
    if answer.no_tls:
        # Past the encryption, straight onto the socket.
        os.write(transport.get_extra_info("socket").fileno(), b"This is no TLS.")
        transport.abort()
        return
    if answer.drop and answer.truncate is None:
        _reset(transport)
        return
    bare, content = answer.status in NO_CONTENT, answer.body
    lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": lines})
    if answer.truncate is not None and (answer.drop or answer.truncate < len(content)):
        await send({"type": "http.response.body", "body": content[: answer.truncate], "more_body": True})
        _reset(transport) if answer.drop else transport.close()
        return
    while answer.drip and content:
        await send({"type": "http.response.body", "body": content[:1], "more_body": True})
        await sleep(answer.drip)
        content = content[1:]
    await send({"type": "http.response.body", "body": b"" if bare else content})
    if bare and content:
        # HTTP has no body here, so it has to go past HTTP.
        transport.write(content)


def _reset(transport: asyncio.Transport) -> None:
    """Closing without lingering sends a reset instead of an orderly end."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
