# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The login service: discovery and the token endpoint for applications."""

from __future__ import annotations

import base64
import hmac
import json
import uuid
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus

from . import device
from .assertions import LoginError, verify
from .exchange import Call, Reply
from .faults import conduct
from .state import State
from .tenant import App
from .tokens import CERTIFICATE, SECRET, public_keys

# Placeholders for the tenant of the user who signs in; an application must name its tenant.
_SHARED = ("organizations", "common")
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Login:
    """Answers the login service's requests."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def answer(self, call: Call) -> Reply:
        _find_client_request_id(call)
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
                return Reply(200, self._configuration(tenant, "/v2.0"))
            case "GET", (tenant, ".well-known", "openid-configuration"):
                self._check_tenant(tenant, "invalid_tenant")
                return Reply(200, self._configuration(tenant, ""))
            case "GET", (tenant, "discovery", "v2.0", "keys") | (tenant, "discovery", "keys"):
                self._check_tenant(tenant, "invalid_tenant")
                return Reply(200, public_keys())
            case "POST", (tenant, "oauth2", "v2.0", "token"):
                self._check_tenant(tenant, "invalid_request")
                return self._token(call, tenant)
            case "POST", (tenant, "oauth2", "token"):
                self._check_tenant(tenant, "invalid_request")
                return self._token_of_version_1(call, tenant)
            case "POST", (tenant, "oauth2", "v2.0", "devicecode"):
                self._check_tenant(tenant, "invalid_request")
                form = _form(call, "client_id", "scope")
                self._app(form)
                return Reply(200, device.begin(self._state, form))
        raise LoginError(404, "invalid_request", 900561, "The endpoint does not exist or does not take this method.")

    def _check_tenant(self, name: str, error: str) -> None:
        if name.lower() not in (self._state.tenant.id, self._state.tenant.domain.lower(), *_SHARED):
            raise LoginError(
                400,
                error,
                90002,
                f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into "
                "the correct cloud. Check with your subscription administrator, this may happen if there are no "
                "active subscriptions for the tenant.",
            )

    # -- discovery ---------------------------------------------------------------------------------------------------

    def _configuration(self, tenant: str, version: str) -> dict[str, Any]:
        """The members that Entra's document has; ``version`` is "/v2.0", or nothing for the first one."""
        shared = tenant.lower() in _SHARED
        base = f"{self._state.login_url}/{tenant.lower() if shared else self._state.tenant.id}"
        issuer = "{tenantid}" if shared else self._state.tenant.id
        return {
            "token_endpoint": f"{base}/oauth2{version}/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": f"{base}/discovery{version}/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{self._state.login_url}/{issuer}/v2.0" if version else f"https://sts.windows.net/{issuer}/",
            "request_uri_parameter_supported": False,
            "userinfo_endpoint": f"{self._state.graph_url}/oidc/userinfo",
            "authorization_endpoint": f"{base}/oauth2{version}/authorize",
            "device_authorization_endpoint": f"{base}/oauth2{version}/devicecode",
            "http_logout_supported": True,
            "frontchannel_logout_supported": True,
            "end_session_endpoint": f"{base}/oauth2{version}/logout",
            "claims_supported": [
                "sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name",
                "msgraph_host", "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid",
                "ver", "at_hash", "c_hash", "email",
            ],
            "kerberos_endpoint": f"{base}/kerberos",
            "tenant_region_scope": None if shared else "EU",
            "cloud_instance_name": "microsoftonline.com",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": self._state.graph_url.removeprefix("https://"),
            "rbac_url": "https://pas.windows.net",
        }  # fmt: skip

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
        if form["grant_type"] in (*device.DEVICE_CODE, device.REFRESH_TOKEN):
            self._app(form)
            redeem = device.refresh if form["grant_type"] == device.REFRESH_TOKEN else device.redeem
            answer = redeem(self._state, form)
            call.authorization = "ok"
            return Reply(200, answer)
        if "scope" not in form:
            raise _missing("scope")
        return Reply(200, self._application_token(call, form, tenant, self.audience(form["scope"])))

    def _token_of_version_1(self, call: Call, tenant: str) -> Reply:
        """The older endpoint, which takes a resource instead of a scope, and answers with times as texts."""
        form = _form(call, "grant_type", "client_id", "resource")
        resource = self.known_resource(form["resource"])
        answer = self._application_token(call, form, tenant, resource)
        now, lifetime = int(self._state.clock.time()), answer["expires_in"]
        times = {"expires_on": now + lifetime, "not_before": now, "expires_in": lifetime, "ext_expires_in": lifetime}
        return Reply(200, {**answer, **{name: str(value) for name, value in times.items()}, "resource": resource})

    def _application_token(self, call: Call, form: dict[str, str], tenant: str, audience: str) -> dict[str, Any]:
        """The answer to an application that asks for a token of its own."""
        if form["grant_type"] != "client_credentials":
            message = f"The app requested an unsupported grant type '{form['grant_type']}'."
            raise LoginError(400, "unsupported_grant_type", 70003, message)
        if tenant.lower() == "common":
            raise LoginError(
                400,
                "invalid_request",
                9001023,
                "The grant type is not supported over the /common or /consumers endpoints. Please use the "
                "/organizations or tenant-specific endpoint.",
            )
        if tenant.lower() in _SHARED:
            raise LoginError(
                400,
                "invalid_request",
                50059,
                "No tenant-identifying information found in either the request or implied by any provided credentials.",
            )
        app = self._app(form)
        call.authorization = "bad"
        credential = self._authenticate(form, app, tenant, call)
        call.authorization = "ok"
        lifetime = self._state.switches.token_lifetime
        token = self._state.token(
            client_id=app.client_id,
            audience=audience,
            expires_in=lifetime,
            not_before=_not_before(form),
            credential=credential,
        )
        return {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}

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

    def _authenticate(self, form: dict[str, str], app: App, tenant: str, call: Call) -> str:
        """Check the one credential of the form, and return its kind."""
        if "client_assertion" in form:
            if form.get("client_assertion_type") != JWT_BEARER:
                message = "The request body must contain the following parameter: 'client_assertion_type'."
                raise LoginError(400, "invalid_request", 900144, message)
            base, now = self._state.login_url, self._state.clock.time()
            places = [f"{base}/{one}/oauth2" for one in (tenant, self._state.tenant.id)]
            audiences = [f"{place}/{endpoint}" for place in places for endpoint in ("v2.0/token", "token")]
            verify(form["client_assertion"], app, [*audiences, f"{base}/{self._state.tenant.id}/v2.0"], now)
            return CERTIFICATE
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
                return SECRET
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
        return self.known_resource(asked[0].removesuffix("/.default"))

    def known_resource(self, resource: str) -> str:
        """The resource, as the token is to name it: with a slash at the end when it was asked for with one."""
        tokens = self._state.tokens
        if resource.removesuffix("/") not in (*tokens.audiences, *tokens.other_resources):
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
    """The fields of a form; raises LoginError for another body, or when one of those ``needed`` is missing."""
    if not call.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
        raise LoginError(400, "invalid_request", 900144, "The request body must be a form.")
    form = _fields(call)
    scheme, _space, given = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        form |= _basic(given)
    for name in needed:
        if name not in form:
            raise _missing(name)
    return form


def _fields(call: Call) -> dict[str, str]:
    fields = parse_qs((call.body or b"").decode("utf-8", "replace"))
    return {name: values[0] for name, values in fields.items()}


def _basic(given: str) -> dict[str, str]:
    """The id and the secret of an application that writes them into the header Authorization."""
    try:
        client_id, _colon, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError as error:
        raise LoginError(401, "invalid_client", 7000216, "The Authorization header is not valid.") from error
    return {"client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}


def _find_client_request_id(call: Call) -> None:
    """Take the id from the query or the form when no header brings it, as MSAL for browsers writes it."""
    if call.client_request_id is None:
        name = "client-request-id"
        given = dict(parse_qsl(call.raw_query)).get(name) or _fields(call).get(name)
        if given and given.isascii() and given.isprintable():
            call.headers = {**call.headers, name: given}


def _missing(name: str) -> LoginError:
    message = f"The request body must contain the following parameter: '{name}'."
    return LoginError(400, "invalid_request", 900144, message)


def _not_before(form: dict[str, str]) -> int | None:
    """The moment that ``claims`` ask for, which answer a challenge of Graph's."""
    if "claims" not in form:
        return None
    try:
        wanted = json.loads(form["claims"])["access_token"].get("nbf")
        return int(wanted["value"]) if wanted and "value" in wanted else None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LoginError(400, "invalid_request", 90100, "The parameter 'claims' is not valid.") from error
