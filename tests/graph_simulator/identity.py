# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed identity endpoints over plain HTTP: the form of App Service and that of a virtual machine (IMDS)."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from .assertions import LoginError
from .exchange import Call, Reply
from .faults import conduct
from .login import Login
from .state import State
from .tenant import App
from .tokens import CERTIFICATE

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}")
_IDENTIFIERS: Mapping[str, Callable[[State, App], str]] = {
    "client_id": lambda state, app: app.client_id,
    "object_id": lambda state, app: state.tokens.service_principal(app.client_id),
    # A machine takes the one name, App Service the other.
    "msi_res_id": lambda state, app: app.resource_id,
    "mi_res_id": lambda state, app: app.resource_id,
}
"""How a request may name an identity."""


class Identity:
    """Answers requests for managed identity tokens; ``header`` is the value of X-IDENTITY-HEADER."""

    def __init__(self, state: State, login: Login, header: str) -> None:
        self._state = state
        self._login = login
        self._header = header

    async def answer(self, call: Call) -> Reply:
        reply = await conduct(self._state, call, self._operation)
        if reply.body is not None:
            reply.headers = {"Content-Type": "application/json; charset=utf-8"} | reply.headers
        return reply

    async def _operation(self, call: Call) -> Reply:
        query = dict(parse_qsl(call.raw_query))
        try:
            match call.method, call.path:
                case "GET", "/msi/token":
                    given = call.headers.get("x-identity-header", "")
                    if not hmac.compare_digest(given.encode(), self._header.encode()):
                        return self._bad(call, 401, "unauthorized", "X-IDENTITY-HEADER is missing or wrong")
                    return self._token(call, query, "2019-08-01", {})
                case "GET", "/metadata/identity/oauth2/token" | "/metadata/identity/oauth2/token/":
                    if call.headers.get("metadata", "").lower() != "true":
                        return self._bad(call, 400, "bad_request", "Required metadata header not specified")
                    now = int(self._state.clock.time())
                    lifetime = str(self._state.switches.token_lifetime)
                    times = {"expires_in": lifetime, "ext_expires_in": lifetime, "not_before": str(now)}
                    return self._token(call, query, "2018-02-01", times)
        except LoginError as error:
            return self._bad(call, 400, error.error, f"AADSTS{error.number}: {error.message}")
        return self._bad(call, 404, "not_found", "no such endpoint")

    def _token(self, call: Call, query: dict[str, str], version: str, extra: dict[str, str]) -> Reply:
        given = query.get("api-version", "")
        if not (_VERSION.fullmatch(given) and given >= version and "resource" in query):
            return self._bad(call, 400, "bad_request", "api-version or resource is missing or wrong")
        app = self._app(query)
        if app is None:
            return self._bad(call, 400, "invalid_request", "Identity not found")
        resource = self._login.known_resource(query["resource"])
        lifetime = self._state.switches.token_lifetime
        call.authorization = "ok"
        token = self._state.tokens.mint(
            client_id=app.client_id, audience=resource, expires_in=lifetime, proof=CERTIFICATE
        )
        answer: dict[str, Any] = {
            "access_token": token,
            "client_id": app.client_id,
            "expires_on": str(int(self._state.clock.time()) + lifetime),
            "resource": query["resource"],
            "token_type": "Bearer",
        }
        return Reply(200, answer | extra)

    def _app(self, query: dict[str, str]) -> App | None:
        """The managed identity asked for, or the only one."""
        apps = [app for app in self._state.tenant.apps.values() if app.managed_identity]
        for name, value in query.items():
            if identify := _IDENTIFIERS.get(name):
                apps = [app for app in apps if identify(self._state, app).lower() == value.lower()]
        return apps[0] if len(apps) == 1 else None

    def _bad(self, call: Call, status: int, error: str, description: str) -> Reply:
        call.reason = description
        if call.path == "/msi/token":
            return Reply(status, {"statusCode": status, "message": description, "correlationId": call.request_id})
        return Reply(status, {"error": error, "error_description": description})
