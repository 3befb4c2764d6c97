# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users who sign in with a device code, as MSAL does it, and their refresh tokens."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import msal
import pytest
import requests

CLIENT_ID = "aaaaaaaa-0000-0000-0000-000000000001"
ADMIN = "admin@contoso.example"
SCOPE = "UserAuthenticationMethod.ReadWrite.All"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def session(simulator: Any) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(simulator.ca_file)
        yield session


def post(simulator: Any, session: requests.Session, endpoint: str, **form: str) -> Any:
    url = f"{simulator.login_url}/contoso.example/oauth2/v2.0/{endpoint}"
    return session.post(url, data={"client_id": CLIENT_ID, **form}, timeout=10).json()


def test_msal_signs_a_user_in_and_refreshes_silently(simulator: Any, session: requests.Session, client: Any) -> None:
    app = msal.PublicClientApplication(
        CLIENT_ID,
        authority=f"{simulator.login_url}/contoso.example",
        instance_discovery=False,
        http_client=session,
    )
    scopes = [f"{simulator.graph_url}/{SCOPE}"]
    flow = app.initiate_device_flow(scopes=scopes)
    assert flow["user_code"] in flow["message"]
    pending = app.acquire_token_by_device_flow({**flow, "expires_at": 0})
    assert pending["error"] == "authorization_pending"
    simulator.answer_device_code(flow["user_code"], ADMIN)
    given = app.acquire_token_by_device_flow(flow)
    assert given["id_token_claims"]["preferred_username"] == ADMIN
    assert client(token=given["access_token"]).call("GET", "/me/authentication/phoneMethods").status_code == 200
    (account,) = app.get_accounts()
    again = app.acquire_token_silent(scopes, account, force_refresh=True)
    assert again["access_token"] != given["access_token"]
    assert client(token=again["access_token"]).call("GET", "/me/authentication/phoneMethods").status_code == 200


def test_a_device_code_works_once_in_its_time_for_its_application(simulator: Any, session: requests.Session) -> None:
    def redeem(**form: str) -> Any:
        return post(simulator, session, "token", grant_type=GRANT, **form)

    begun = post(simulator, session, "devicecode", scope=SCOPE)
    code = begun["device_code"]
    assert redeem(device_code=code)["error_codes"] == [70016]
    simulator.answer_device_code(begun["user_code"], ADMIN)
    assert redeem(device_code=code)["scope"] == SCOPE
    assert redeem(device_code=code)["error"] == redeem()["error"] == "bad_verification_code"
    declined, late = (post(simulator, session, "devicecode", scope=SCOPE) for _number in range(2))
    simulator.answer_device_code(declined["user_code"], None)
    assert redeem(device_code=declined["device_code"])["error"] == "authorization_declined"
    simulator.advance(901)
    assert redeem(device_code=late["device_code"])["error"] == "expired_token"
    assert post(simulator, session, "devicecode")["error_codes"] == [900144]
    assert post(simulator, session, "devicecode", scope=SCOPE, client_id="unknown")["error_codes"] == [700016]


@pytest.mark.parametrize(
    ("user", "scope"), [("anna@contoso.example", SCOPE), (ADMIN, f"{SCOPE} Policy.ReadWrite.AuthenticationMethod")]
)
def test_a_token_has_consented_scopes_only(simulator: Any, session: requests.Session, user: str, scope: str) -> None:
    begun = post(simulator, session, "devicecode", scope=scope)
    simulator.answer_device_code(begun["user_code"], user)
    answer = post(simulator, session, "token", grant_type=GRANT, device_code=begun["device_code"])
    assert answer["error_codes"] == [65001]


def test_a_refresh_token_gets_its_scopes(simulator: Any, session: requests.Session, client: Any) -> None:
    begun = post(simulator, session, "devicecode", scope=f"{SCOPE} offline_access")
    simulator.answer_device_code(begun["user_code"], ADMIN)
    first = post(
        simulator, session, "token", grant_type=GRANT, device_code=begun["device_code"], client_info="1"
    )  # fmt: skip
    padded = first["client_info"] + "=" * (-len(first["client_info"]) % 4)
    assert json.loads(base64.urlsafe_b64decode(padded))["uid"] == simulator.user_id(ADMIN)
    second = post(
        simulator, session, "token", grant_type="refresh_token", refresh_token=first["refresh_token"], scope=".default"
    )
    assert second["scope"] == SCOPE and "refresh_token" not in second
    assert client(token=second["access_token"]).call("GET", "/me/authentication/phoneMethods").status_code == 200
    wrong = post(simulator, session, "token", grant_type="refresh_token", refresh_token="made up")
    assert wrong["error"] == "invalid_grant"


def test_the_control_interface_approves_a_sign_in(simulator: Any, session: requests.Session) -> None:
    begun = post(simulator, session, "devicecode", scope=SCOPE)
    url, body = f"{simulator.control_url}/device", {"user_code": begun["user_code"], "user": ADMIN}
    assert session.post(url, json=body, timeout=10).status_code == 200
    answer = post(simulator, session, "token", grant_type=GRANT, device_code=begun["device_code"])
    assert answer["token_type"] == "Bearer"
    assert session.post(url, json=body, timeout=10).status_code == 404
