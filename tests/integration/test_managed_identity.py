# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in with a managed identity."""

from __future__ import annotations

import pytest

from integration.tenants import ROLES, app, person, tenant

IDENTITY = "dddddddd-0000-0000-0000-000000000004"
TENANT = tenant(person("anna", 1), apps=[app(), {"client_id": IDENTITY, "managed_identity": True, "roles": ROLES}])
ANNA = "anna@contoso.example"


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
