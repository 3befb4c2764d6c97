# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""M16, and the ways to sign in: what the login says, and what becomes of it."""

from __future__ import annotations

import json
import os
import stat

import pytest

from integration.tenants import CLIENT_ID, READY, ROLES, SECRET, TENANT_ID, person, tenant

EXPIRED = "expired-secret-of-the-simulator"
WRONG = "wr0ng-secret-that-nobody-may-see"
IDENTITY = "dddddddd-0000-0000-0000-000000000004"
TENANT = tenant(
    person("anna", 1),
    person("helpdesk", 2),
    apps=[
        {"client_id": CLIENT_ID, "secrets": [SECRET, {"value": EXPIRED, "expired": True}], "roles": ROLES},
        {"client_id": IDENTITY, "managed_identity": True, "roles": ROLES},
    ],
    delegated=[
        {
            "user": "helpdesk@contoso.example",
            "client_id": CLIENT_ID,
            "scopes": ["UserAuthenticationMethod.ReadWrite.All"],
            "entra_roles": ["Authentication Administrator"],
        }
    ],
)
ANNA = "anna@contoso.example"
HTML = "<html><body>Please log in to the corporate proxy</body></html>"
TOKEN = {"kind": "login", "path": "oauth2/v2.0/token"}
DISCOVERY = {"kind": "login", "path": "openid-configuration"}


# -- M16 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.covers("M16", "A1")
@pytest.mark.parametrize(
    ("given", "code", "advice", "asked"),
    [
        ({"tenant_id": "99999999-0000-4000-8000-000000000000"}, 90002, "'tenant_id'", 0),
        ({"tenant_id": "fabrikam.example"}, 90002, "'tenant_id'", 0),
        ({"client_id": "99999999-0000-4000-8000-000000000000"}, 700016, "'client_id'", 1),
        ({"client_secret": WRONG}, 7000215, "not its id", 1),
        ({"client_secret": EXPIRED}, 7000222, "Create a new one", 1),
    ],
    ids=["wrong tenant", "wrong domain", "unknown application", "wrong secret", "expired secret"],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_refusal_of_the_login_is_told_by_its_code_and_asked_once(
    simulator, module, given, code, advice, asked, check_mode
):
    result = module(users=[ANNA], check_mode=check_mode, **given)

    assert result["reason"] == "authentication_failed" and not result["changed"]
    assert f"AADSTS{code}" in result["msg"] and advice in result["msg"]
    assert result["support"]["code"] == f"AADSTS{code}"
    assert result["support"]["request_id"] and result["support"]["client_request_id"] and result["support"]["date"]
    assert result["auth"] == {"method": "client_secret", "source": "options"}
    assert result.user("anna")["reason"] == "skipped"
    assert simulator.tokens_asked() == asked and len(simulator.calls("login")) == asked + (asked == 0 or 1)
    assert simulator.calls() == []
    assert not any(secret in json.dumps(result) for secret in (SECRET, WRONG, EXPIRED))


@pytest.mark.covers("M16")
def test_a_code_without_advice_of_ours_is_told_in_the_words_of_the_login(simulator, module):
    body = {
        "error": "invalid_request",
        "error_description": "AADSTS50076: Use multi-factor authentication.\r\nTrace ID: x\r\nclient_secret=hush-hush",
        "error_codes": [50076],
    }
    simulator.inject({"match": TOKEN, "then": {"status": 400, "body": body}})

    result = module(users=[ANNA])

    assert result["reason"] == "authentication_failed"
    assert "AADSTS50076" in result["msg"] and "multi-factor authentication" in result["msg"]
    assert "hush-hush" not in json.dumps(result) and simulator.tokens_asked() == 1


@pytest.mark.covers("M16", "A2")
@pytest.mark.parametrize("match", [TOKEN, DISCOVERY], ids=["token", "discovery"])
@pytest.mark.parametrize(
    "answer",
    [
        {"status": 429, "headers": {"Retry-After": "0.3"}},
        {"status": 503, "headers": {"Retry-After": "0.3"}},
        {"status": 502, "body": HTML, "headers": {"Retry-After": "0.3"}},
    ],
    ids=["429", "503", "502 in HTML"],
)
def test_a_busy_login_is_waited_for(simulator, module, match, answer):
    simulator.inject({"match": match, "times": 2, "then": answer})

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    struck = [entry for entry in simulator.calls("login") if entry.fault]
    assert len(struck) == 2
    for entry in struck:
        (following, *_rest) = [later.at for later in simulator.calls("login") if later.at > entry.done]
        assert following - entry.done >= 0.3


@pytest.mark.covers("M16", "A2")
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_login_that_is_always_busy_is_given_up(simulator, module, status):
    simulator.inject({"match": TOKEN, "times": None, "then": {"status": status, "headers": {"Retry-After": "0.01"}}})

    result = module(users=[ANNA])

    assert result["reason"] == "unreachable" and str(status) in result["msg"]
    assert simulator.tokens_asked() == 5 and simulator.calls() == []


@pytest.mark.covers("M16")
@pytest.mark.parametrize("given", [{"run_timeout": 2}, {}], ids=["of the run", "of our patience"])
def test_a_login_that_asks_for_a_wait_beyond_the_time_is_given_up_at_once(simulator, module, given):
    simulator.inject({"match": TOKEN, "times": None, "then": {"status": 429, "headers": {"Retry-After": "3600"}}})

    result = module(users=[ANNA], **given)

    assert result["reason"] == "unreachable" and result["requests"]["seconds"] < 1
    assert simulator.tokens_asked() == 1


@pytest.mark.covers("M16")
@pytest.mark.parametrize("match", [TOKEN, DISCOVERY], ids=["token", "discovery"])
@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "body": HTML},
        {"status": 403, "body": HTML},
        {"status": 200, "body": "", "content_type": "application/json"},
        {"status": 200, "body": "[]", "content_type": "application/json"},
    ],
    ids=["HTML", "403 in HTML", "nothing", "a list"],
)
def test_the_page_of_a_proxy_in_place_of_the_login_is_recognised(simulator, module, match, answer):
    simulator.inject({"match": match, "times": None, "then": answer})

    result = module(users=[ANNA])

    assert result["reason"] == "unreachable" and "proxy" in result["msg"] and "HTTPS_PROXY" in result["msg"]
    assert "corporate" not in result["msg"] and "Traceback" not in json.dumps(result)
    assert simulator.calls() == [] and len(simulator.calls("login")) <= 2


@pytest.mark.covers("M16")
@pytest.mark.parametrize(
    ("match", "body"),
    [
        (TOKEN, {}),
        (TOKEN, {"token_type": "Bearer", "expires_in": 3599}),
        (TOKEN, {"access_token": None, "expires_in": 3599}),
        (TOKEN, {"access_token": "opaque", "token_type": "Bearer", "expires_in": "soon"}),
        (DISCOVERY, {}),
        (DISCOVERY, {"token_endpoint": 5, "authorization_endpoint": 6, "issuer": 7}),
    ],
)
def test_a_login_that_answers_nonsense_in_json_is_no_crash(simulator, module, match, body):
    simulator.inject({"match": match, "times": None, "then": {"status": 200, "body": body}})

    result = module(users=[ANNA])

    assert result["reason"] in ("authentication_failed", "unreachable") and not result["changed"]
    assert "Traceback" not in json.dumps(result) and simulator.writes() == []


# -- the other ways to sign in -----------------------------------------------------------------------------------------


@pytest.fixture
def identity_endpoint(simulator, monkeypatch):
    """The variables that Azure sets where a managed identity can be used (App Service)."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{simulator.identity_url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", simulator.identity_header)


@pytest.mark.covers("M19")
@pytest.mark.parametrize("client_id", [None, IDENTITY], ids=["of the system", "assigned by a user"])
def test_a_managed_identity_signs_in(simulator, module, identity_endpoint, client_id):
    result = module(
        users=[ANNA], auth_method="managed_identity", client_secret=None, tenant_id=None, client_id=client_id
    )

    assert result["changed"] and result["reason"] is None
    assert result["auth"] == {"method": "managed_identity", "source": "options"}
    assert [entry.path.partition("?")[0] for entry in simulator.calls("login")] == ["/msi/token"]


@pytest.mark.covers("M19", "M16")
def test_a_managed_identity_that_does_not_exist_is_a_clear_failure(simulator, module, identity_endpoint):
    unknown = "99999999-0000-4000-8000-000000000000"

    result = module(users=[ANNA], auth_method="managed_identity", client_secret=None, client_id=unknown)

    assert result["reason"] == "authentication_failed" and not result["changed"]
    assert simulator.calls() == [] and len(simulator.calls("login")) == 1


@pytest.fixture
def az(tmp_path, monkeypatch):
    """An Azure CLI that prints what it is given, and keeps the words it was called with."""

    def make(printed, returncode=0, error=""):
        (tmp_path / "printed").write_text(printed)
        (tmp_path / "error").write_text(error)
        script = tmp_path / "az"
        script.write_text(
            f'#!/bin/sh\necho "$@" > {tmp_path}/words\ncat {tmp_path}/printed\ncat {tmp_path}/error >&2\nexit {returncode}\n'
        )
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return make


@pytest.mark.covers("M19", "M12")
@pytest.mark.parametrize("tenant_id", [None, TENANT_ID])
def test_whoever_is_signed_in_to_the_azure_cli_signs_in(simulator, module, az, tmp_path, tenant_id):
    az(json.dumps({"accessToken": simulator.token(user="helpdesk@contoso.example"), "tokenType": "Bearer"}))

    result = module(
        users=["me", ANNA], auth_method="azure_cli", client_secret=None, client_id=None, tenant_id=tenant_id
    )

    assert result["reason"] is None and result["summary"]["changed"] == 2
    assert result["auth"] == {"method": "azure_cli", "source": "options"}
    words = (tmp_path / "words").read_text()
    assert "--resource https://graph.microsoft.com" in words and ("--tenant" in words) is bool(tenant_id)
    assert simulator.calls("login") == []


@pytest.mark.covers("M16")
@pytest.mark.parametrize(
    ("printed", "returncode", "said"),
    [
        ("", 1, "az login"),
        ("no json", 0, "not a token"),
        ("{}", 0, "not a token"),
        ("[]", 0, "not a token"),
        ('{"accessToken": null}', 0, "not a token"),
    ],
)
def test_an_azure_cli_without_a_token_is_a_clear_failure(simulator, module, az, printed, returncode, said):
    az(printed, returncode, "ERROR: Please run 'az login'. access_token=eyJhbGciOiJub25lIn0.eyJvaWQiOiJ4In0.c2ln")

    result = module(users=[ANNA], auth_method="azure_cli", client_secret=None)

    assert result["reason"] == "authentication_failed" and said in result["msg"]
    assert "eyJ" not in json.dumps(result) and simulator.journal() == []


@pytest.mark.covers("M16")
def test_a_missing_azure_cli_is_told(simulator, module, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    result = module(users=[ANNA], auth_method="azure_cli", client_secret=None)

    assert result["reason"] == "authentication_failed" and "Is it installed?" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M16", "A2")
def test_the_login_is_asked_once_for_many_requests(simulator, module):
    result = module(users=[ANNA, "helpdesk@contoso.example"])

    assert result["reason"] is None and result.user("anna")["state"] == READY
    assert [entry.path.rpartition("/")[2] for entry in simulator.calls("login")] == ["openid-configuration", "token"]
    assert result["requests"]["sent"] == len(simulator.calls()) + 2
