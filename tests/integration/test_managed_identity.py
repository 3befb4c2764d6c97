# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in with a managed identity: MSAL against the endpoints of each platform that has them."""

from __future__ import annotations

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
