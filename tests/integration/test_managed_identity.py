# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in with a managed identity: MSAL against the endpoints of each platform that has them."""

from __future__ import annotations

import json

import jwt
import msal.managed_identity
import pytest

from integration.tenants import ROLES, app, make_user, tenant

OF_THE_SYSTEM = "dddddddd-0000-0000-0000-000000000004"
ASSIGNED = "dddddddd-0000-0000-0000-000000000005"
RESOURCE = "/subscriptions/s/resourceGroups/frontline/providers/Microsoft.ManagedIdentity/userAssignedIdentities/runner"
UNKNOWN = "99999999-0000-4000-8000-000000000000"
TENANT = tenant(
    make_user("anna", 1),
    apps=[
        app(),
        {"client_id": OF_THE_SYSTEM, "managed_identity": True, "roles": ROLES},
        {"client_id": ASSIGNED, "managed_identity": True, "resource_id": RESOURCE, "roles": ROLES},
    ],
)
ANNA = "anna@contoso.example"
PATHS = {
    "machine": "/metadata/identity/oauth2/token",
    "app service": "/msi/token",
    "azure ml": "/ml/token",
    "arc": "/arc/token",
}
"""The endpoint of each platform. That of App Service is Functions' and Container Apps' too."""


@pytest.fixture
def platform(simulator, monkeypatch):
    """Puts this process on a platform: platform("app service")."""

    def put(name):
        url = simulator.identity_url + PATHS[name]
        variables = {
            "machine": {"AZURE_POD_IDENTITY_AUTHORITY_HOST": simulator.identity_url},
            "app service": {"IDENTITY_ENDPOINT": url, "IDENTITY_HEADER": simulator.identity_header},
            "azure ml": {"MSI_ENDPOINT": url, "MSI_SECRET": simulator.identity_header},
            "arc": {"IDENTITY_ENDPOINT": url, "IMDS_ENDPOINT": simulator.identity_url},
        }
        for variable, value in variables[name].items():
            monkeypatch.setenv(variable, value)
        keys = msal.managed_identity._supported_arc_platforms_and_their_prefixes
        monkeypatch.setitem(keys, "linux", str(simulator.arc_key_file.parent))

    return put


@pytest.fixture
def sign_in(module):
    def run(**options):
        given = {"client_secret": None, "tenant_id": None, "client_id": None, **options}
        return module(users=[ANNA], auth_method="managed_identity", **given)

    return run


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


@pytest.mark.covers("M19")
@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("chosen_by", ["nothing", "client id", "object id", "resource id"])
def test_each_platform_provides_the_chosen_identity(simulator, module, platform, name, chosen_by):
    platform(name)
    chosen = {
        "nothing": {},
        "client id": {"client_id": ASSIGNED},
        "object id": {"identity_object_id": claims_of(simulator.token(client_id=ASSIGNED))["oid"]},
        "resource id": {"identity_resource_id": RESOURCE},
    }[chosen_by]

    options = {"client_secret": None, "tenant_id": None, "client_id": None, **chosen}
    result = module("access_token", auth_method="managed_identity", **options)

    assert claims_of(result["access_token"])["appid"] == (ASSIGNED if chosen else OF_THE_SYSTEM)
    assert result["auth"] == {"method": "managed_identity", "source": "options"}
    asked = [entry.path.partition("?")[0] for entry in simulator.calls("login")]
    # Azure Arc gets two requests: its challenge comes first.
    assert asked == [PATHS[name]] * (2 if name == "arc" else 1)


@pytest.mark.covers("M19")
@pytest.mark.parametrize("name", PATHS)
def test_a_user_is_enabled_with_the_identity_of_each_platform(simulator, sign_in, platform, name):
    platform(name)

    result = sign_in()

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M19", "M16")
@pytest.mark.parametrize("name", PATHS)
def test_a_missing_identity_fails_with_the_message_of_the_platform(simulator, sign_in, platform, name):
    platform(name)

    result = sign_in(client_id=UNKNOWN)

    assert result["reason"] == "authentication_failed" and not result["changed"]
    assert "Identity not found" in result["msg"] and f"It was asked for client_id {UNKNOWN}" in result["msg"]
    assert simulator.calls() == []


@pytest.mark.covers("M19")
@pytest.mark.parametrize("status", [404, 503])
def test_an_endpoint_that_is_being_updated_is_retried(simulator, sign_in, platform, status):
    platform("machine")
    simulator.inject({"match": {"kind": "login"}, "then": {"status": status, "headers": {"Retry-After": "0"}}})

    result = sign_in()

    assert result["changed"] and [entry.status for entry in simulator.calls("login")] == [status, 200]


@pytest.mark.covers("M19")
def test_waiting_for_an_endpoint_that_is_being_updated_ends_with_the_run(simulator, sign_in, platform):
    """A 410 takes up to 70 seconds."""
    platform("machine")
    simulator.inject({"match": {"kind": "login"}, "times": None, "then": {"status": 410}})

    result = sign_in(run_timeout=5)

    assert result["reason"] == "incomplete" and "is being updated" in result["msg"]
    assert len(simulator.calls("login")) == 1 and simulator.calls() == []


@pytest.mark.covers("M19")
def test_an_unreadable_key_file_of_azure_arc_is_reported(simulator, sign_in, platform, monkeypatch, tmp_path):
    platform("arc")
    keys = msal.managed_identity._supported_arc_platforms_and_their_prefixes
    monkeypatch.setitem(keys, "linux", str(tmp_path))

    result = sign_in()

    assert result["reason"] == "authentication_failed"
    assert "key file of Azure Arc cannot be read" in result["msg"] and "himds" in result["msg"]
    assert len(simulator.calls("login")) == 1


HIDDEN = "h1dden-header-of-the-platform"


@pytest.mark.covers("M19", "M23")
@pytest.mark.parametrize("form", ["{}\r", "{}\n", " {}", "a\r\n{}", "{}\u20ac", "{}\x7f", "two {}"])
@pytest.mark.parametrize(("name", "variable"), [("app service", "IDENTITY_HEADER"), ("azure ml", "MSI_SECRET")])
def test_a_secret_of_the_platform_that_no_request_can_hold_is_not_shown(
    simulator, sign_in, platform, monkeypatch, name, variable, form
):
    platform(name)
    monkeypatch.setenv(variable, form.format(HIDDEN))

    result = sign_in()

    assert result["reason"] == "authentication_failed" and variable in result["msg"]
    assert HIDDEN not in json.dumps(result) and simulator.journal() == []


@pytest.mark.covers("M19", "M23")
@pytest.mark.parametrize(
    "address",
    [
        f"http://user:{HIDDEN}@127.0.0.1:9/msi",
        f"http://{HIDDEN}@127.0.0.1:9/msi",
        f"localhost:9/{HIDDEN}",
        f"ftp://localhost/{HIDDEN}",
        f'"http://127.0.0.1:9/{HIDDEN}"',
        f"http://127.0.0.1:9/{HIDDEN}\r",
        "http://",
        f"http://127.0.0.1:99999/{HIDDEN}",
        f"http://[::1/{HIDDEN}",
    ],
)
def test_an_address_of_the_platform_that_is_none_is_reported_by_its_variable(
    simulator, sign_in, platform, monkeypatch, address
):
    platform("app service")
    monkeypatch.setenv("IDENTITY_ENDPOINT", address)

    result = sign_in()

    assert result["reason"] == "authentication_failed" and "IDENTITY_ENDPOINT" in result["msg"]
    assert HIDDEN not in json.dumps(result) and simulator.journal() == []


@pytest.mark.covers("M19")
@pytest.mark.parametrize(
    "blank",
    [
        {"IDENTITY_ENDPOINT": "", "IDENTITY_HEADER": ""},
        {"IDENTITY_ENDPOINT": " ", "IMDS_ENDPOINT": ""},
        {"MSI_ENDPOINT": ""},
        {"MSI_ENDPOINT": "", "MSI_SECRET": ""},
        {"IDENTITY_SERVER_THUMBPRINT": "", "IDENTITY_ENDPOINT": "", "IDENTITY_HEADER": ""},
    ],
)
def test_a_blank_variable_of_another_platform_counts_as_not_set(simulator, sign_in, platform, monkeypatch, blank):
    platform("machine")
    for variable, value in blank.items():
        monkeypatch.setenv(variable, value)

    assert sign_in()["changed"]


@pytest.mark.covers("M19", "M23")
@pytest.mark.parametrize(
    "content",
    [
        f"{HIDDEN}\n",
        f"{HIDDEN}\r\n",
        f"one\n{HIDDEN}",
        f"\ufeff{HIDDEN}",
        b"\xff\xfe" + HIDDEN.encode(),
        "",
        HIDDEN,
    ],
    ids=["line end", "CRLF", "two lines", "BOM", "UTF-16", "empty", "another key"],
)
def test_a_key_file_of_azure_arc_without_its_key_is_reported_and_not_shown(
    simulator, sign_in, platform, monkeypatch, tmp_path, content
):
    platform("arc")
    keys = msal.managed_identity._supported_arc_platforms_and_their_prefixes
    monkeypatch.setitem(keys, "linux", str(tmp_path))
    key_file = tmp_path / simulator.arc_key_file.name
    key_file.write_bytes(content if isinstance(content, bytes) else content.encode())
    challenge = {"status": 401, "body": "", "headers": {"WWW-Authenticate": f"Basic realm={key_file}"}}
    simulator.inject({"match": {"kind": "login"}, "times": None, "then": challenge})

    result = sign_in()

    assert result["reason"] == "authentication_failed" and "key" in result["msg"] and "himds" in result["msg"]
    assert HIDDEN not in json.dumps(result) and len(simulator.calls("login")) <= 2


@pytest.mark.covers("M19", "M23")
@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("body", [{}, {"token": HIDDEN}, {"error": None}, {"access_token": None}])
def test_an_answer_without_a_token_names_the_identity_that_was_asked_for(simulator, sign_in, platform, name, body):
    platform(name)
    simulator.inject({"match": {"kind": "login"}, "times": None, "then": {"status": 200, "body": body}})

    result = sign_in()

    assert result["reason"] == "authentication_failed" and HIDDEN not in json.dumps(result)
    assert "It was asked for the system-assigned identity" in result["msg"]


@pytest.mark.covers("M19")
@pytest.mark.parametrize("name", ["machine", "app service", "azure ml"])
@pytest.mark.parametrize(
    "answer",
    [
        {"status": 401, "body": "<html>", "headers": {"WWW-Authenticate": 'Basic realm="proxy"'}},
        {"status": 200, "body": "<html>"},
        {"redirect": "https://portal.example.org/"},
    ],
    ids=["challenge", "page", "redirect"],
)
def test_an_answer_of_something_else_does_not_blame_an_option_of_the_login(simulator, sign_in, platform, name, answer):
    platform(name)
    simulator.inject({"match": {"kind": "login"}, "times": None, "then": answer})

    result = sign_in()

    assert result["reason"] in ("authentication_failed", "unreachable") and "authority_host" not in result["msg"]
    assert "only works on a resource of Azure" in result["msg"]


@pytest.mark.covers("M19", "M14")
@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_identity_requests_use_no_proxy(simulator, sign_in, platform, monkeypatch, name, variable):
    platform(name)
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", simulator.graph_url.removeprefix("https://"))

    result = sign_in()

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M19")
@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"IDENTITY_SERVER_THUMBPRINT": "a" * 40}, "Use a certificate"),
        ({"AZUREPS_HOST_ENVIRONMENT": "cloud-shell/1.0"}, "azure_cli"),
    ],
    ids=["service fabric", "cloud shell"],
)
def test_the_message_about_an_unsupported_platform_names_an_alternative(
    simulator, sign_in, platform, monkeypatch, variables, said
):
    platform("app service")
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)

    result = sign_in()

    assert result["reason"] == "authentication_failed" and said in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M19", "M17")
def test_a_machine_without_an_identity_endpoint_is_reported(sign_in, monkeypatch):
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9")

    result = sign_in()

    assert result["reason"] == "unreachable" and "only works on a resource of Azure" in result["msg"]
    assert "authority_host" not in result["msg"] and result["requests"]["seconds"] < 3
