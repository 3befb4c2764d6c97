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
MICROSOFT_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
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
        "error_description": "AADSTS50999: Use multi-factor authentication.\r\nTrace ID: x\r\nclient_secret=hush-hush",
        "error_codes": [50999],
    }
    simulator.inject({"match": TOKEN, "then": {"status": 400, "body": body}})

    result = module(users=[ANNA])

    assert result["reason"] == "authentication_failed"
    assert "AADSTS50999" in result["msg"] and "multi-factor authentication" in result["msg"]
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


def printed_by_az(token):
    """What `az account get-access-token` prints."""
    return json.dumps(
        {
            "accessToken": token,
            "expiresOn": "2026-11-26 20:00:00.000000",
            "expires_on": 1795723200,
            "subscription": "11111111-0000-0000-0000-000000000009",
            "tenant": TENANT_ID,
            "tokenType": "Bearer",
        }
    )


@pytest.mark.covers("M19", "M12")
@pytest.mark.parametrize("tenant_id", [None, TENANT_ID])
def test_an_application_that_is_signed_in_to_the_azure_cli_signs_in(simulator, module, az, tmp_path, tenant_id):
    az(printed_by_az(simulator.token()))

    result = module(users=[ANNA], auth_method="azure_cli", client_secret=None, client_id=None, tenant_id=tenant_id)

    assert result["reason"] is None and result["summary"]["changed"] == 1
    assert result["auth"] == {"method": "azure_cli", "source": "options"}
    words = (tmp_path / "words").read_text()
    assert "--resource https://graph.microsoft.com" in words and ("--tenant" in words) is bool(tenant_id)
    assert simulator.calls("login") == []


@pytest.mark.covers("M19", "M11")
def test_a_user_of_the_azure_cli_learns_that_the_cli_cannot_hold_the_permission(simulator, module, az):
    scopes = ["AuditLog.Read.All", "Directory.AccessAsUser.All", "Group.ReadWrite.All", "User.ReadWrite.All"]
    az(printed_by_az(simulator.token(user="helpdesk@contoso.example", scopes=scopes, claims={"appid": MICROSOFT_CLI})))

    result = module(users=[ANNA], auth_method="azure_cli", client_secret=None, client_id=None)

    assert result["reason"] == "permission_missing" and not result["changed"]
    assert "Microsoft's own application" in result["msg"] and "az login --service-principal" in result["msg"]
    assert "have an administrator consent" not in result["msg"] and simulator.writes() == []


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
def test_an_azure_cli_that_hangs_ends_with_the_run(simulator, module, az, tmp_path):
    az("")
    (tmp_path / "az").write_text("#!/bin/sh\nsleep 30\n")

    result = module(users=[ANNA], auth_method="azure_cli", client_secret=None, run_timeout=1)

    assert result["reason"] == "incomplete" and result["requests"]["seconds"] < 3
    assert simulator.journal() == []


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


# -- failures that may pass, time, and hosts ---------------------------------------------------------------------------


@pytest.mark.covers("M16", "A2")
@pytest.mark.parametrize("match", [TOKEN, DISCOVERY], ids=["token", "discovery"])
def test_a_login_that_drops_the_connection_is_asked_again(simulator, module, match):
    simulator.inject({"match": match, "times": 2, "then": {"drop": "before"}})

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M16", "A2")
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": "temporarily_unavailable", "error_description": "Try again."}),
        (400, {"error": "server_error"}),
        (401, {"error": "invalid_client", "error_description": "AADSTS90033: A transient error has occurred."}),
        (400, {"error": "invalid_request", "error_description": "AADSTS50087: A transient error."}),
    ],
)
def test_a_transient_refusal_is_waited_for_whatever_its_status(simulator, module, status, body):
    simulator.inject({"match": TOKEN, "times": 2, "then": {"status": status, "body": body}})

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None and simulator.tokens_asked() == 3


@pytest.mark.covers("M16", "M17")
@pytest.mark.parametrize("match", [TOKEN, DISCOVERY], ids=["token", "discovery"])
def test_a_login_that_hangs_ends_with_the_run(simulator, module, match):
    simulator.inject({"match": match, "times": None, "then": {"hang": 20}})

    result = module(users=[ANNA], run_timeout=1)

    assert result["reason"] == "incomplete" and "'run_timeout'" in result["msg"]
    assert result["requests"]["seconds"] < 2 and simulator.calls() == []


@pytest.mark.covers("M16", "M14")
@pytest.mark.parametrize(
    "form", ["https://evil.localhost/token", "{login}@evil.localhost/token", "http://{host}/token"]
)
def test_discovery_cannot_send_the_secret_to_another_host(simulator, module, form):
    login = simulator.login_url
    endpoint = form.format(login=login, host=login.removeprefix("https://"))
    body = {"issuer": f"{login}/x/v2.0", "authorization_endpoint": f"{login}/a", "token_endpoint": endpoint}
    simulator.inject({"match": DISCOVERY, "times": None, "then": {"status": 200, "body": body}})

    result = module(users=[ANNA])

    assert result["reason"] == "authentication_failed" and not result["changed"]
    assert len(simulator.calls("login")) == 1 and SECRET not in json.dumps(result)


@pytest.mark.covers("M16")
@pytest.mark.parametrize(
    "body",
    [
        {"access_token": "two words", "expires_in": 3599},
        {"access_token": "t\u00f6ken", "expires_in": 3599},
        {"access_token": "line\nend", "expires_in": 3599},
        {"error": "invalid_client", "error_description": "AADSTS" + "7" * 5000},
    ],
)
def test_an_odd_answer_of_the_login_is_no_crash_and_not_shown(simulator, module, body):
    simulator.inject({"match": TOKEN, "times": None, "then": {"status": 200, "body": {"token_type": "Bearer", **body}}})

    result = module(users=[ANNA])

    assert result["reason"] == "authentication_failed"
    assert body.get("access_token", "Traceback") not in json.dumps(result) and simulator.calls() == []


@pytest.mark.covers("M19", "M14")
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_managed_identity_is_never_asked_for_through_a_proxy(
    simulator, module, identity_endpoint, monkeypatch, variable
):
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", simulator.graph_url.removeprefix("https://"))

    result = module(users=[ANNA], auth_method="managed_identity", client_secret=None, tenant_id=None, client_id=None)

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M19", "M17")
def test_a_machine_without_an_identity_endpoint_is_told_so(simulator, module, monkeypatch):
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9")

    result = module(users=[ANNA], auth_method="managed_identity", client_secret=None, client_id=None)

    assert result["reason"] == "unreachable" and "only works on a resource of Azure" in result["msg"]
    assert "authority_host" not in result["msg"] and result["requests"]["seconds"] < 3


@pytest.mark.covers("M19")
def test_a_federated_token_can_be_json_only_by_mistake(simulator, module, tmp_path):
    (tmp_path / "token").write_text(json.dumps({"value": simulator.token()}))

    result = module(users=[ANNA], client_secret=None, federated_token_file=str(tmp_path / "token"))

    assert result["reason"] == "invalid_options" and "JSON" in result["msg"] and "eyJ" not in json.dumps(result)
    assert simulator.journal() == []
