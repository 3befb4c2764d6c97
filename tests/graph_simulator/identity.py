# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed identity endpoints over plain HTTP: those of App Service, Azure ML, Azure Arc and a virtual machine (IMDS).

Sources: "How to use managed identities for App Service and Azure Functions", "Authenticate against Azure resources with
Azure Arc-enabled servers", "How to use managed identities on an Azure VM to acquire an access token"; Azure ML's is not
published, its form is that of the released identity libraries.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from .assertions import LoginError
from .exchange import Call, Reply
from .faults import conduct
from .login import Login
from .state import State
from .tenant import App
from .tokens import CERTIFICATE

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}")


class _Kind(NamedTuple):
    """What an endpoint asks for: its least ``version``, and the names that it has for the three ids of an identity.

    The ``header`` has to hold the secret of the endpoint, or "true" where ``open`` is set.
    """

    version: str
    header: str
    client_id: str = "client_id"
    object_id: str = "object_id"
    resource_id: str = "msi_res_id"
    open: bool = False


_MACHINE = _Kind("2018-02-01", "metadata", open=True)
_APP_SERVICE = _Kind("2019-08-01", "x-identity-header", resource_id="mi_res_id")
_MACHINE_LEARNING = _Kind("2017-09-01", "secret", client_id="clientid")
_ARC = _Kind("2020-06-01", "metadata", open=True)
_KINDS: Mapping[str, _Kind] = {
    "/metadata/identity/oauth2/token": _MACHINE,
    "/msi/token": _APP_SERVICE,
    "/ml/token": _MACHINE_LEARNING,
    "/arc/token": _ARC,
}


class Identity:
    """Answers requests for managed identity tokens.

    ``secret`` is what a platform gives to its own: the value of a header, or the content of Azure Arc's ``key_file``.
    """

    def __init__(self, state: State, login: Login, secret: str, key_file: Path | None) -> None:
        self._state = state
        self._login = login
        self._secret = secret
        self._key_file = key_file

    async def answer(self, call: Call) -> Reply:
        reply = await conduct(self._state, call, self._operation)
        if reply.body is not None:
            reply.headers = {"Content-Type": "application/json; charset=utf-8"} | reply.headers
        return reply

    async def _operation(self, call: Call) -> Reply:
        kind = _KINDS.get(call.path.rstrip("/")) if call.method == "GET" else None
        if kind is None:
            return _bad(call, _MACHINE, 404, "not_found", "no such endpoint")
        wanted = "true" if kind.open else self._secret
        if not _same(call.headers.get(kind.header, "").lower(), wanted):
            status, error = (400, "bad_request") if kind.open else (401, "unauthorized")
            return _bad(call, kind, status, error, f"Required header {kind.header} is missing or wrong")
        if kind is _ARC and not _same(call.headers.get("authorization", ""), f"Basic {self._secret}"):
            return self._challenge(call)
        try:
            return self._token(call, kind, dict(parse_qsl(call.raw_query)))
        except LoginError as error:
            return _bad(call, kind, 400, error.error, f"AADSTS{error.number}: {error.message}")

    def _challenge(self, call: Call) -> Reply:
        """Only programs that can read the key file get the identity."""
        reply = _bad(call, _ARC, 401, "unauthorized", "Send the content of the key file")
        reply.headers["WWW-Authenticate"] = f"Basic realm={self._key_file}"
        return reply

    def _token(self, call: Call, kind: _Kind, query: dict[str, str]) -> Reply:
        given = query.get("api-version", "")
        if not (_VERSION.fullmatch(given) and given >= kind.version and "resource" in query):
            return _bad(call, kind, 400, "bad_request", "api-version or resource is missing or wrong")
        ids: Mapping[str, Callable[[App], str]] = {
            kind.client_id: lambda app: app.client_id,
            kind.object_id: lambda app: self._state.tokens.service_principal(app.client_id),
            kind.resource_id: lambda app: app.resource_id,
        }
        named = {name: value for name, value in query.items() if name in ids}
        apps = [app for app in self._state.tenant.apps.values() if app.managed_identity]
        for name, value in named.items():
            apps = [app for app in apps if ids[name](app).lower() == value.lower()]
        if not named:
            # That of the machine itself, which is no resource of its own; a machine without one gives what it has.
            apps = [app for app in apps if not app.resource_id] or apps
        if len(apps) != 1:
            return _bad(call, kind, 400, "invalid_request", "Identity not found")
        resource = self._login.known_resource(query["resource"])
        lifetime, now = self._state.switches.token_lifetime, int(self._state.clock.time())
        call.authorization = "ok"
        token = self._state.token(
            client_id=apps[0].client_id, audience=resource, expires_in=lifetime, credential=CERTIFICATE
        )
        answer: dict[str, Any] = {
            "access_token": token,
            "client_id": apps[0].client_id,
            "expires_on": str(now + lifetime),
            "resource": query["resource"],
            "token_type": "Bearer",
        }
        if kind.open:
            answer |= {"expires_in": str(lifetime), "ext_expires_in": str(lifetime), "not_before": str(now)}
        # Arc names the identity that it has used as it was asked for.
        return Reply(200, answer | (named if kind is _ARC else {}))


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _bad(call: Call, kind: _Kind, status: int, error: str, description: str) -> Reply:
    call.reason = description
    if kind.open:
        return Reply(status, {"error": error, "error_description": description})
    return Reply(status, {"statusCode": status, "message": description, "correlationId": call.request_id})
