# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens and permissions: who may call what."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

CLIENT_ID = "aaaaaaaa-0000-0000-0000-000000000001"
ANNA, ADMIN = "anna@contoso.example", "admin@contoso.example"
READ = ("GET", "/users/anna@contoso.example/authentication/phoneMethods")
WRITE = (
    "POST",
    "/users/anna@contoso.example/authentication/phoneMethods/3179e48a-750b-4051-897c-87b9720928f7/enableSmsSignIn",
)
OWN_WRITE = ("POST", "/me/authentication/phoneMethods/3179e48a-750b-4051-897c-87b9720928f7/enableSmsSignIn")
POLICY = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/sms"
REPORT = ("GET", "/reports/authenticationMethods/userRegistrationDetails")


@pytest.mark.parametrize(
    ("call", "role", "status"),
    [
        (READ, "UserAuthMethod-Phone.Read.All", 200),
        (READ, "UserAuthMethod-Phone.ReadWrite.All", 200),
        (READ, "UserAuthenticationMethod.Read.All", 200),
        (READ, "UserAuthenticationMethod.ReadWrite.All", 200),
        (READ, "UserAuthMethod-Phone.Read", 403),
        (READ, "Directory.Read.All", 403),
        (READ, None, 403),
        (WRITE, "UserAuthMethod-Phone.ReadWrite.All", 204),
        (WRITE, "UserAuthenticationMethod.ReadWrite.All", 204),
        (WRITE, "UserAuthenticationMethod.Read.All", 403),
        (WRITE, "UserAuthMethod-Phone.ReadWrite", 403),
        (("GET", POLICY), "Policy.Read.AuthenticationMethod", 200),
        (("GET", POLICY), "Policy.Read.All", 200),
        (("GET", POLICY), "Policy.ReadWrite.AuthenticationMethod", 200),
        (("GET", POLICY), "UserAuthenticationMethod.ReadWrite.All", 403),
        (("DELETE", POLICY), "Policy.Read.All", 403),
        (("DELETE", POLICY), "Policy.Read.AuthenticationMethod", 403),
        (("DELETE", POLICY), "Policy.ReadWrite.AuthenticationMethod", 204),
        (("GET", "/groups"), "GroupMember.ReadBasic.All", 200),
        (("GET", "/groups"), "Group.ReadBasic.All", 200),
        (("GET", "/groups"), "GroupMember.Read.All", 200),
        (("GET", "/groups"), "User.Read.All", 403),
        (("GET", "/users/anna@contoso.example"), "User.Read.All", 200),
        (("GET", "/users/anna@contoso.example"), "User.ReadBasic.All", 200),
        (("GET", "/users/anna@contoso.example"), "GroupMember.ReadBasic.All", 403),
        (REPORT, "AuditLog.Read.All", 200),
        (REPORT, "UserAuthenticationMethod.Read.All", 403),
        (("GET", "/me/authentication/phoneMethods"), "UserAuthenticationMethod.ReadWrite.All", 400),
    ],
)
def test_an_application_needs_its_role(
    client: Callable[..., Any], call: tuple[str, str], role: str | None, status: int
) -> None:
    answer = client(roles=[role] if role else []).call(*call)
    assert answer.status_code == status
    if status == 403 and "authentication/phoneMethods" in call[1]:
        assert answer.json()["error"]["code"] == "accessDenied"
        assert answer.json()["error"]["message"] == "Request Authorization failed"


@pytest.mark.parametrize(
    ("call", "scope", "roles", "status"),
    [
        (WRITE, "UserAuthenticationMethod.ReadWrite.All", ["Authentication Administrator"], 204),
        (WRITE, "UserAuthenticationMethod.ReadWrite.All", ["Global Reader"], 403),
        (WRITE, "UserAuthenticationMethod.ReadWrite.All", ["Global Administrator"], 403),
        (WRITE, "UserAuthMethod-Phone.ReadWrite", ["Authentication Administrator"], 403),
        (WRITE, "User.Read", ["Global Administrator"], 403),
        (READ, "UserAuthenticationMethod.Read.All", ["Global Reader"], 200),
        (READ, "UserAuthenticationMethod.Read.All", [], 403),
        (READ, "UserAuthenticationMethod.Read", ["Global Reader"], 403),
        (OWN_WRITE, "UserAuthMethod-Phone.ReadWrite", [], 204),
        (OWN_WRITE, "UserAuthMethod-Phone.Read", [], 403),
        (("GET", "/me"), "User.Read", [], 200),
        (("GET", "/users/anna@contoso.example"), "User.ReadBasic.All", [], 200),
        (("GET", POLICY), "Policy.Read.All", [], 403),
        (("GET", POLICY), "Policy.Read.All", ["Global Reader"], 200),
        (("GET", POLICY), "Policy.Read.AuthenticationMethod", ["Security Reader"], 200),
        (REPORT, "AuditLog.Read.All", ["Reports Reader"], 200),
        (REPORT, "AuditLog.Read.All", ["Authentication Administrator"], 403),
    ],
)
def test_a_user_needs_scope_and_role(
    client: Callable[..., Any], call: tuple[str, str], scope: str, roles: list[str], status: int
) -> None:
    assert client(user=ADMIN, scopes=[scope], entra_roles=roles).call(*call).status_code == status


def test_privileged_users_need_a_privileged_administrator(client: Callable[..., Any], graph: Any) -> None:
    assert graph.phone(ADMIN).status_code == 200
    assert graph.enable(ADMIN).status_code == 403
    other = client(user=ANNA, scopes=["UserAuthenticationMethod.ReadWrite.All"],
                   entra_roles=["Privileged Authentication Administrator"])  # fmt: skip
    assert other.enable(ADMIN).status_code == 204
    assert graph.phone("forbidden@contoso.example").json()["error"]["code"] == "accessDenied"


def test_an_authentication_administrator_sees_masked_numbers(simulator: Any, client: Callable[..., Any]) -> None:
    administrator = client(user=ADMIN)
    assert administrator.phone(ANNA).json()["value"][0]["phoneNumber"] == "+1 XXXXXXXX01"
    assert administrator.phone(ADMIN).json()["value"][0]["phoneNumber"] == "+1 2065550108"
    simulator.switch("mask_character", "*")
    assert administrator.phone(ANNA).json()["value"][0]["phoneNumber"] == "+1 ********01"


def test_own_changes_may_need_fresh_authentication(simulator: Any, client: Callable[..., Any]) -> None:
    simulator.switch("fresh_mfa", True)
    stale = client(user=ADMIN).call(*OWN_WRITE)
    assert stale.status_code == 403 and "ngcmfa" in stale.headers["WWW-Authenticate"]
    assert client(user=ADMIN, claims={"amr": ["pwd", "ngcmfa"]}).call(*OWN_WRITE).status_code == 204


@pytest.mark.parametrize(
    ("token", "authorization", "message"),
    [
        (None, "missing", "Access token is empty."),
        ("garbage", "bad", "CompactToken parsing failed with error code: 80049217"),
        ({"expires_in": -1}, "bad", "Lifetime validation failed, the token is expired."),
        ({"audience": "https://management.azure.com"}, "bad", "Access token validation failure. Invalid audience."),
        ({"claims": {"iss": "https://sts.windows.net/other/"}}, "bad", "Access token validation failure."),
        ("tampered", "bad", "Access token validation failure. Invalid signature."),
    ],
)
def test_a_bad_token_is_refused(
    simulator: Any, client: Callable[..., Any], token: Any, authorization: str, message: str
) -> None:
    if isinstance(token, dict):
        token = simulator.token(**token)
    elif token == "tampered":
        head, body, _signature = simulator.token().split(".")
        token = f"{head}.{body}.{simulator.token(expires_in=5).split('.')[2]}"
    for answer in (client(token).call(*READ), client(token).batch([{"id": "1", "method": "GET", "url": "/groups"}])):
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
        assert answer.json()["error"]["message"] == message
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert [entry.authorization for entry in simulator.journal()] == [authorization] * 2


@pytest.mark.parametrize("audience", ["https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000"])
def test_the_public_names_of_graph_are_audiences_too(client: Callable[..., Any], audience: str) -> None:
    assert client(audience=audience).call(*READ).status_code == 200


def test_the_journal_keeps_no_secret(simulator: Any, client: Callable[..., Any]) -> None:
    token = simulator.token(client_id=CLIENT_ID)
    secret = "a secret of the app"
    graph = client(token)
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": secret, "scope": "x/.default"}
    graph.session.post(f"{simulator.login_url}/contoso.example/oauth2/v2.0/token", data=form)
    graph.enable("twin@contoso.example")
    graph.call("GET", "/users/anna@contoso.example?$filter=phone eq '+1 2065550101'")
    written = json.dumps([repr(entry) for entry in simulator.journal()])
    assert token not in written and secret not in written and "2065550" not in written
    assert len(simulator.journal()) == 3
