# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The login service: discovery and the token endpoint for applications."""

from __future__ import annotations

import hmac
import json
import uuid
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from . import device
from .assertions import LoginError, verify
from .exchange import Call, Reply
from .faults import conduct
from .state import State
from .tenant import App
from .tokens import public_keys

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Login:
    """Answers the login service's requests."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def answer(self, call: Call) -> Reply:
        reply = await conduct(self._state, call, self._operation)
        headers = {"Cache-Control": "no-store, no-cache", "x-ms-request-id": call.request_id}
        if reply.body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        if call.client_request_id:
            headers["client-request-id"] = call.client_request_id
        reply.headers = headers | reply.headers
        return reply

    async def _operation(self, call: Call) -> Reply:
        try:
            return self._routed(call)
        except LoginError as error:
            call.reason = f"AADSTS{error.number}"
            return Reply(error.status, self._error(call, error))

    def _routed(self, call: Call) -> Reply:
        parts = tuple(call.path.split("/")[1:])
        match call.method, parts:
            case "GET", ("common", "discovery", "instance"):
                return Reply(200, self._instance(call))
            case "GET", (tenant, "v2.0", ".well-known", "openid-configuration"):
                self._check_tenant(tenant, "invalid_tenant")
                return Reply(200, self._configuration())
            case "GET", (tenant, "discovery", "v2.0", "keys"):
                self._check_tenant(tenant, "invalid_tenant")
                return Reply(200, public_keys())
            case "POST", (tenant, "oauth2", "v2.0", "token"):
                self._check_tenant(tenant, "invalid_request")
                return self._token(call, tenant)
            case "POST", (tenant, "oauth2", "v2.0", "devicecode"):
                self._check_tenant(tenant, "invalid_request")
                form = _form(call, "client_id", "scope")
                self._app(form)
                return Reply(200, device.begin(self._state, form))
        raise LoginError(404, "invalid_request", 900561, "The endpoint does not exist or does not take this method.")

    def _check_tenant(self, name: str, error: str) -> None:
        if name.lower() not in (self._state.tenant.id, self._state.tenant.domain.lower()):
            raise LoginError(
                400,
                error,
                90002,
                f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into "
                "the correct cloud. Check with your subscription administrator, this may happen if there are no "
                "active subscriptions for the tenant.",
            )

    # -- discovery ---------------------------------------------------------------------------------------------------

    def _configuration(self) -> dict[str, Any]:
        base = f"{self._state.login_url}/{self._state.tenant.id}"
        return {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "tenant_region_scope": "EU",
        }

    def _instance(self, call: Call) -> dict[str, Any]:
        host = self._state.login_url.removeprefix("https://")
        wanted = dict(parse_qsl(call.raw_query)).get("authorization_endpoint", "")
        if wanted.removeprefix("https://").partition("/")[0] not in (host, host.partition(":")[0]):
            raise LoginError(400, "invalid_instance", 50049, "Unknown or invalid instance.")
        return {
            "tenant_discovery_endpoint": f"{self._state.login_url}/{self._state.tenant.id}"
            "/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }

    # -- the token endpoint ------------------------------------------------------------------------------------------

    def _token(self, call: Call, tenant: str) -> Reply:
        form = _form(call, "grant_type", "client_id")
        if form["grant_type"] in (device.DEVICE_CODE, device.REFRESH_TOKEN):
            self._app(form)
            redeem = device.redeem if form["grant_type"] == device.DEVICE_CODE else device.refresh
            answer = redeem(self._state, form)
            call.authorization = "ok"
            return Reply(200, answer)
        if "scope" not in form:
            raise _missing("scope")
        if form["grant_type"] != "client_credentials":
            message = f"The app requested an unsupported grant type '{form['grant_type']}'."
            raise LoginError(400, "unsupported_grant_type", 70003, message)
        app = self._app(form)
        call.authorization = "bad"
        self._prove(form, app, tenant, call)
        call.authorization = "ok"
        audience = self.audience(form["scope"])
        lifetime = self._state.switches.token_lifetime
        token = self._state.tokens.mint(
            client_id=app.client_id, audience=audience, expires_in=lifetime, not_before=_not_before(form)
        )
        answer = {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}
        return Reply(200, answer)

    def _app(self, form: dict[str, str]) -> App:
        app = self._state.tenant.apps.get(form["client_id"].lower())
        if app is None:
            raise LoginError(
                400,
                "unauthorized_client",
                700016,
                f"Application with identifier '{form['client_id']}' was not found in the directory "
                f"'{self._state.tenant.domain}'.",
            )
        return app

    def _prove(self, form: dict[str, str], app: App, tenant: str, call: Call) -> None:
        """Check the one credential of the form."""
        if "client_assertion" in form:
            if form.get("client_assertion_type") != JWT_BEARER:
                message = "The request body must contain the following parameter: 'client_assertion_type'."
                raise LoginError(400, "invalid_request", 900144, message)
            base, now = self._state.login_url, self._state.clock.time()
            audiences = [f"{base}/{one}/oauth2/v2.0/token" for one in (tenant, self._state.tenant.id)]
            verify(form["client_assertion"], app, [*audiences, f"{base}/{self._state.tenant.id}/v2.0"], now)
            return
        if "client_secret" not in form:
            call.authorization = "missing"
            message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise LoginError(401, "invalid_client", 7000218, message)
        given = form["client_secret"].encode()
        for secret in app.secrets:
            if hmac.compare_digest(secret.value.encode(), given):
                if secret.expired:
                    raise LoginError(
                        401,
                        "invalid_client",
                        7000222,
                        f"The provided client secret keys for app '{app.client_id}' are expired.",
                    )
                return
        raise LoginError(
            401,
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{app.client_id}'.",
        )

    def audience(self, scope: str) -> str:
        """The resource that a ``<resource>/.default`` scope asks for."""
        asked = [one for one in scope.split() if one not in ("openid", "profile", "offline_access")]
        if len(asked) != 1 or not asked[0].endswith("/.default"):
            message = f"The provided request must include a 'scope' input parameter. The scope '{scope}' is not valid."
            raise LoginError(400, "invalid_scope", 70011, message)
        resource = asked[0].removesuffix("/.default").rstrip("/")
        return self.known_resource(resource)

    def known_resource(self, resource: str) -> str:
        tokens = self._state.tokens
        if resource not in (*tokens.audiences, *tokens.other_resources):
            raise LoginError(
                400,
                "invalid_resource",
                500011,
                f"The resource principal named {resource} was not found in the tenant named "
                f"{self._state.tenant.domain}.",
            )
        return resource

    def _error(self, call: Call, error: LoginError) -> dict[str, Any]:
        now = self._state.date().strftime("%Y-%m-%d %H:%M:%SZ")
        trace, correlation = call.request_id, call.client_request_id or str(uuid.uuid4())
        return {
            "error": error.error,
            "error_description": f"AADSTS{error.number}: {error.message} Trace ID: {trace} "
            f"Correlation ID: {correlation} Timestamp: {now}",
            "error_codes": [error.number],
            "timestamp": now,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{self._state.login_url}/error?code={error.number}",
        }


def _form(call: Call, *needed: str) -> dict[str, str]:
    """The fields of a form; raises LoginError when it is none, or one of those ``needed`` is missing."""
    if not call.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
        raise LoginError(400, "invalid_request", 900144, "The request body must be a form.")
    form = {name: values[0] for name, values in parse_qs((call.body or b"").decode("utf-8", "replace")).items()}
    for name in needed:
        if name not in form:
            raise _missing(name)
    return form


def _missing(name: str) -> LoginError:
    message = f"The request body must contain the following parameter: '{name}'."
    return LoginError(400, "invalid_request", 900144, message)


def _not_before(form: dict[str, str]) -> int | None:
    """The moment that ``claims`` ask for, which answer a challenge of Graph's."""
    if "claims" not in form:
        return None
    try:
        wanted = json.loads(form["claims"])["access_token"].get("nbf")
        return int(wanted["value"]) if wanted else None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LoginError(400, "invalid_request", 90100, "The parameter 'claims' is not valid.") from error
