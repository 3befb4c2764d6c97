# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in with the token of the Azure CLI."""

from __future__ import annotations

import json
import os
import stat

import pytest

from integration.tenants import CLIENT_ID, TENANT_ID, make_user, tenant

MICROSOFT_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
TENANT = tenant(
    make_user("anna", 1),
    make_user("helpdesk", 2),
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


@pytest.fixture
def az(tmp_path, monkeypatch):
    """An Azure CLI that prints the given text, and records its arguments."""

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
    """The output of `az account get-access-token`."""
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
def test_an_application_signs_in_with_the_azure_cli(simulator, module, az, tmp_path, tenant_id):
    az(printed_by_az(simulator.token()))

    result = module(users=[ANNA], auth_method="azure_cli", client_secret=None, client_id=None, tenant_id=tenant_id)

    assert result["reason"] is None and result["summary"]["changed"] == 1
    assert result["auth"] == {"method": "azure_cli", "source": "options"}
    words = (tmp_path / "words").read_text()
    assert "--resource https://graph.microsoft.com" in words and ("--tenant" in words) is bool(tenant_id)
    assert simulator.calls("login") == []


@pytest.mark.covers("M19", "M11")
def test_the_message_for_a_user_of_the_azure_cli_names_the_missing_permission(simulator, module, az):
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
def test_an_azure_cli_without_a_token_fails_with_its_message(simulator, module, az, printed, returncode, said):
    az(printed, returncode, "ERROR: Please run 'az login'. access_token=eyJhbGciOiJub25lIn0.eyJvaWQiOiJ4In0.c2ln")

    result = module(users=[ANNA], auth_method="azure_cli", client_secret=None)

    assert result["reason"] == "authentication_failed" and said in result["msg"]
    assert "eyJ" not in json.dumps(result) and simulator.journal() == []


@pytest.mark.covers("M16")
def test_a_hanging_azure_cli_ends_with_the_run(simulator, module, az, tmp_path):
    az("")
    (tmp_path / "az").write_text("#!/bin/sh\nsleep 30\n")

    result = module(users=[ANNA], auth_method="azure_cli", client_secret=None, run_timeout=1)

    assert result["reason"] == "incomplete" and result["requests"]["seconds"] < 10
    assert simulator.journal() == []


@pytest.mark.covers("M16")
def test_a_missing_azure_cli_is_reported(simulator, module, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    result = module(users=[ANNA], auth_method="azure_cli", client_secret=None)

    assert result["reason"] == "authentication_failed" and "Is it installed?" in result["msg"]
    assert simulator.journal() == []
