# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Graph, login and managed identity of one tenant, without any connection: requests in, answers out."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from .clock import Clock
from .exchange import NO_CONTENT, Answer, Call, Reply
from .graph import Graph, Observer, unobserved
from .identity import Identity
from .journal import Entry
from .login import Login
from .scenario_file import read_scenario
from .state import State
from .tenant import Tenant, load_tenant

_Result = TypeVar("_Result")


class Service:
    """Answers in the event loop that awaits ``exchange``; not thread-safe.

    ``observe`` is shown every Graph request with its answer, inner batch requests too; it must not raise.
    Raises TenantError (a ValueError) for an impossible tenant.
    """

    graph_url = "https://graph.localhost"
    login_url = "https://login.localhost"
    identity_url = "http://identity.localhost"
    arc_key_file: Path | None = None

    def __init__(
        self,
        tenant: Mapping[str, Any] | str | Path | Tenant,
        *,
        clock: Clock | None = None,
        observe: Observer = unobserved,
    ) -> None:
        self._tenant = load_tenant(tenant)
        self.clock = clock or Clock()
        self._observe = observe
        self.identity_header = secrets.token_hex(16)

    @cached_property
    def _state(self) -> State:
        """Made when it is first asked for: only then the addresses are known."""
        return State(self._tenant, self.graph_url, self.login_url, self.clock)

    @cached_property
    def _graph(self) -> Graph:
        return Graph(self._state, self._observe)

    @cached_property
    def _login(self) -> Login:
        return Login(self._state)

    @cached_property
    def _identity(self) -> Identity:
        return Identity(self._state, self._login, self.identity_header, self.arc_key_file)

    async def exchange(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """The answer to a request. The ``url`` starts with one of the service's three; ValueError otherwise."""
        address, _mark, query = url.partition("?")
        root = next(
            (one for one in (self.graph_url, self.login_url, self.identity_url) if address.startswith(f"{one}/")), None
        )
        if root is None:
            raise ValueError(f"{address} is not below the addresses of this service")
        path, version = address.removeprefix(root), ""
        if root == self.graph_url:
            first, _slash, rest = path[1:].partition("/")
            path, version = f"/{rest}", f"/{unquote(first)}"
        call = Call(
            kind="graph" if root == self.graph_url else "login",
            method=method,
            path=path,
            raw_query=query,
            headers={name.lower(): value for name, value in (headers or {}).items()},
            body=body or None,
        )
        if root == self.graph_url:
            reply = await self._graph.answer(call, version)
        elif root == self.login_url:
            reply = await self._login.answer(call)
        else:
            reply = await self._identity.answer(call)
        return self._answer(reply)

    def _answer(self, reply: Reply) -> Answer:
        body = reply.content()
        headers = {"Date": formatdate(self.clock.time(), usegmt=True)} | reply.headers
        if reply.gzip:
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        if body or reply.status not in NO_CONTENT:
            headers["Content-Length"] = str(len(body))
        return Answer(reply.status, headers, body, reply.drop, reply.truncate, reply.no_tls, reply.drip)

    # -- watching and changing -----------------------------------------------------------------------------------------

    def journal(self) -> list[Entry]:
        """All requests in the order of their arrival."""
        return self._ask(self._state.journal.entries)

    def clear_journal(self) -> None:
        self._ask(self._state.journal.clear)

    def reset(self) -> None:
        """State, switches, faults and journal as loaded; tokens stay valid."""
        self._ask(self._state.reset)

    def inject(self, given: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        """Put a fault in force, or a scenario, or several of them. Raises a ValueError, and does nothing then."""
        self._ask(lambda: self._state.inject(given))

    def inject_file(self, path: str | Path) -> None:
        """Put the scenario in a file in force. Raises OSError, or a ValueError as ``inject`` does."""
        self.inject(read_scenario(path))

    def state(self, key: str) -> str | None:
        """smsSignInState of a user's mobile method as derived now, whatever reads show; None without a mobile method.

        Raises KeyError for an unknown user.
        """
        return self._ask(lambda: self._state.sign_in_state(key))

    def user_id(self, name: str) -> str:
        """The object id of a user; raises KeyError."""
        return self._ask(lambda: self._state.user(name).id)

    def group_id(self, name: str) -> str | None:
        """The object id of a group; None unless exactly one has the name."""
        return self._ask(lambda: self._state.directory.group_id(name))

    def change(self, key: str, **fields: Any) -> None:
        """Change a user by hand: mobile, alternate_mobile, office, sms_sign_in, attempted, enabled, state."""
        self._ask(lambda: self._state.directory.change(key, fields))

    def set_policy(self, policy: Mapping[str, Any]) -> None:
        """Replace the given keys of the SMS policy, in the form of the tenant file."""
        self._ask(lambda: self._state.set_policy(policy))

    def set_quota(self, quota: Mapping[str, Any] | None) -> None:
        """Replace the given keys of the quota, in the form of the tenant file; None ends it."""
        self._ask(lambda: self._state.set_quota(quota))

    def switch(self, name: str, value: Any) -> None:
        """Set one of the switches, see ``Switches``."""
        self._ask(lambda: self._state.switches.set(name, value))

    def answer_device_code(self, user_code: str, user: str | None) -> None:
        """Let a user sign in with a user code; None declines. Raises KeyError for an unknown code or user."""
        self._ask(lambda: self._state.answer_device_code(user_code, user))

    def token(self, **wanted: Any) -> str:
        """Mint a token without a request, see ``Tokens.mint``; raises KeyError for an unknown user."""
        return self._ask(partial(self._state.token, **wanted))

    def advance(self, seconds: float) -> None:
        """Push the clock forward: everything that was due by then happens."""
        self.clock.advance(seconds)

    def _ask(self, question: Callable[[], _Result]) -> _Result:
        self._state.catch_up()
        return question()
