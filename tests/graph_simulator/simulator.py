# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator as a whole: its servers in a thread of their own, and the interface for tests."""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import trustme

from .clock import Clock
from .control import control_app
from .exchange import Call, Reply
from .graph import Graph, Observer, unobserved
from .identity import Identity
from .journal import Entry
from .login import Login
from .server import Server, carrier, listen
from .state import State
from .tenant import Tenant, load_tenant

_Result = TypeVar("_Result")


class Simulator:
    """A tenant served on 127.0.0.1 from ``start`` to ``stop``, or as a context manager.

    Ports are free ones unless given. All methods may be called from any thread, ``journal`` and ``state`` after
    the stop too. ``observe`` is shown every Graph request with its answer, inner batch requests too, in the thread of
    the simulator; it must not raise. Raises TenantError (a ValueError) for a tenant that cannot be.
    """

    def __init__(
        self,
        tenant: Mapping[str, Any] | str | Path | Tenant,
        *,
        port: int = 0,
        login_port: int = 0,
        control_port: int = 0,
        identity_port: int = 0,
        observe: Observer = unobserved,
    ) -> None:
        self._tenant = load_tenant(tenant)
        self._ports = (port, login_port, control_port, identity_port)
        self._observe = observe
        self.identity_header = secrets.token_hex(16)

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
        self._state = State(self._tenant, self.graph_url, self.login_url, Clock())
        authority = trustme.CA()
        self._folder = tempfile.TemporaryDirectory(prefix="graph-simulator-")
        self.ca_file = Path(self._folder.name) / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)

        login = Login(self._state)
        identity = Identity(self._state, login, self.identity_header)

        async def answer_login(call: Call, _version: str) -> Reply:
            return await login.answer(call)

        async def answer_identity(call: Call, _version: str) -> Reply:
            return await identity.answer(call)

        apps = (
            carrier("graph", Graph(self._state, self._observe).answer),
            carrier("login", answer_login),
            control_app(self._state),
            carrier("login", answer_identity),
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

    # -- for tests ---------------------------------------------------------------------------------------------------

    def journal(self) -> list[Entry]:
        """All requests in the order of their arrival."""
        return self._ask(self._state.journal.entries)

    def clear_journal(self) -> None:
        self._ask(self._state.journal.clear)

    def reset(self) -> None:
        """State, switches, faults and journal as loaded; tokens stay valid."""
        self._ask(self._state.reset)

    def inject(self, faults: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        """Put one fault or several in force; raises FaultError (a ValueError)."""
        for fault in [faults] if isinstance(faults, Mapping) else faults:
            self._ask(partial(self._state.faults.inject, fault))

    def state(self, key: str) -> str | None:
        """smsSignInState of a user's mobile method as derived now, whatever reads show; None without a mobile method.

        Raises KeyError for an unknown user.
        """
        return self._ask(lambda: self._state.sign_in_state(key))

    def user_id(self, name: str) -> str:
        """The object id of a user; raises KeyError."""
        return self._ask(lambda: self._state.user(name).id)

    def group_id(self, name: str) -> str | None:
        """The object id of a group; None unless exactly one bears the name."""
        return self._ask(lambda: self._state.directory.group_id(name))

    def change(self, key: str, **fields: Any) -> None:
        """Change a user by hand: mobile, alternate_mobile, office, sms_sign_in, attempted, enabled, state."""
        self._ask(lambda: self._state.directory.change(key, fields))

    def set_policy(self, policy: Mapping[str, Any]) -> None:
        """Replace the given keys of the SMS policy, in the form of the tenant file."""
        self._ask(lambda: self._state.set_policy(policy))

    def switch(self, name: str, value: Any) -> None:
        """Set one of the switches, see ``Switches``."""
        self._ask(lambda: self._state.switches.set(name, value))

    def set_quota(self, quota: Mapping[str, Any]) -> None:
        """Replace the given keys of the quota; raises TenantError."""
        self._ask(lambda: self._state.quota.change(quota))

    def advance(self, seconds: float) -> None:
        """Put the simulator's clock forward: tokens age, lags pass, buckets fill, sleepers wake."""
        self._state.clock.advance(seconds)

    def token(self, **wanted: Any) -> str:
        """Mint a token without a request, see ``Tokens.mint``; raises KeyError for an unknown user."""
        return self._ask(lambda: self._state.token(**wanted))

    def _ask(self, question: Callable[[], _Result]) -> _Result:
        """Run ``question`` in the event loop, which owns the state; after the stop, here."""
        if not self._thread.is_alive():
            return question()

        async def ask() -> _Result:
            return question()

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result()
