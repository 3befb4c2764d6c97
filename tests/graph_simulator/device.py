# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users who sign in with a device code, and their refresh tokens.

Source: "Microsoft identity platform and the OAuth 2.0 device authorization grant flow".
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .assertions import LoginError
from .tenant import Delegation
from .tokens import PUBLIC

if TYPE_CHECKING:
    from .state import State

# The standard's name, and the one that MSAL for Node sends.
DEVICE_CODE = ("urn:ietf:params:oauth:grant-type:device_code", "device_code")
REFRESH_TOKEN = "refresh_token"
_LIFETIME = 900
_INTERVAL = 5
_OWN_SCOPES = ("openid", "profile", "offline_access", "email")


@dataclass
class DeviceCode:
    """A sign-in that waits for a user. ``expires`` in seconds of the clock."""

    device_code: str
    client_id: str
    scope: str
    expires: float
    user: str | None = None
    declined: bool = False


def begin(state: State, form: dict[str, str]) -> dict[str, Any]:
    """The answer of the device code endpoint."""
    user_code, device_code = secrets.token_hex(4).upper(), secrets.token_urlsafe(32)
    state.device_codes[user_code] = DeviceCode(
        device_code, form["client_id"], form["scope"], state.clock.now() + _LIFETIME
    )
    page = f"{state.login_url}/device"
    return {
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": page,
        "expires_in": _LIFETIME,
        "interval": _INTERVAL,
        "message": f"To sign in, use a web browser to open the page {page} and enter the code {user_code}.",
    }


def redeem(state: State, form: dict[str, str]) -> dict[str, Any]:
    """Tokens for a device code that a user has approved."""
    found = [
        (user_code, code)
        for user_code, code in state.device_codes.items()
        if code.device_code == form.get("device_code") and code.client_id == form["client_id"]
    ]
    if not found:
        raise LoginError(400, "bad_verification_code", 70018, "The device code is not known.")
    user_code, code = found[0]
    if code.declined:
        raise LoginError(400, "authorization_declined", 65004, "The user declined to sign in.")
    if code.expires <= state.clock.now():
        raise LoginError(400, "expired_token", 70020, "The device code has expired.")
    if code.user is None:
        raise LoginError(400, "authorization_pending", 70016, "The user has not signed in yet.")
    del state.device_codes[user_code]
    return _tokens(state, form, code.user, code.scope)


def refresh(state: State, form: dict[str, str]) -> dict[str, Any]:
    """Tokens for a refresh token."""
    holder = state.refresh_tokens.get(form.get("refresh_token", ""))
    if holder is None or holder[1] != form["client_id"]:
        raise LoginError(400, "invalid_grant", 70000, "The refresh token is not valid.")
    return _tokens(state, form, holder[0], form.get("scope", ""))


def _tokens(state: State, form: dict[str, str], name: str, scope: str) -> dict[str, Any]:
    user, client_id = state.user(name), form["client_id"]
    wanted = [one.rpartition("/")[2] for one in scope.split() if one not in _OWN_SCOPES]
    granted = _delegation(state, user.name, client_id).scopes
    if missing := [one for one in wanted if one not in (*granted, ".default")]:
        message = f"The user or administrator has not consented to use the application: {', '.join(missing)}."
        raise LoginError(400, "invalid_grant", 65001, message)
    scopes = granted if not wanted or ".default" in wanted else wanted
    lifetime = state.switches.token_lifetime
    answer: dict[str, Any] = {
        "token_type": "Bearer",
        "scope": " ".join(scopes),
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": state.token(
            client_id=client_id, user=user.name, scopes=scopes, expires_in=lifetime, credential=PUBLIC
        ),
    }
    if "offline_access" in scope.split():
        answer["refresh_token"] = secrets.token_urlsafe(32)
        state.refresh_tokens[answer["refresh_token"]] = (user.name, client_id)
    if "openid" in scope.split():
        answer["id_token"] = state.tokens.id_token(client_id=client_id, user=user.name, user_id=user.id)
    if form.get("client_info") == "1":
        about = json.dumps({"uid": user.id, "utid": state.tenant.id}).encode()
        answer["client_info"] = base64.urlsafe_b64encode(about).rstrip(b"=").decode()
    return answer


def _delegation(state: State, name: str, client_id: str) -> Delegation:
    for one in state.tenant.delegated:
        if one.user.lower() == name.lower() and one.client_id == client_id:
            return one
    raise LoginError(400, "invalid_grant", 65001, "The user or administrator has not consented to use the application.")
