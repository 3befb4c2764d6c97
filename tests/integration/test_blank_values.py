# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An option or a variable that is blank counts as not given."""

from __future__ import annotations

import json

import pytest

from integration.credentials import (
    VARIABLES,
    of_every_credential,
)
from integration.tenants import CLIENT_ID, SECRET, TENANT_ID

TENANT = of_every_credential
ANNA = "anna@contoso.example"


# -- blanks ------------------------------------------------------------------------------------------------------------

BLANK_OPTIONS = [
    *("tenant", "client_secret", "secret", "certificate", "certificate_path", "certificate_passphrase"),
    *("federated_token", "federated_token_file", "identity_object_id", "identity_resource_id"),
    *("access_token", "cloud", "cloud_environment", "validate_certs", "request_timeout"),
    *("users", "user", "groups", "group", "exclude_users", "exclude_groups", "tolerate", "max_changes", "max_failures"),
    *("change_limit", "verify_timeout", "run_timeout", "report_path"),
]


@pytest.mark.covers("M19")
@pytest.mark.parametrize("option", BLANK_OPTIONS)
@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_option_counts_as_not_given(module, option, blank):
    given = {option: blank}
    if option in ("users", "user"):
        given.update({"groups": ["Frontline"], "users": blank})
    elif option in ("client_secret", "secret"):
        given = {"secret": blank} if option == "secret" else {"client_secret": blank, "secret": SECRET}

    result = module(**{"users": [ANNA], **given})

    assert result["changed"] and result["reason"] is None and not result.other_warnings
    assert result["summary"]["total"] == 1 and result["auth"]["method"] == "client_secret"


@pytest.mark.covers("M19")
@pytest.mark.parametrize(
    ("option", "variable", "value"),
    [
        ("tenant_id", "AZURE_TENANT_ID", TENANT_ID),
        ("client_id", "AZURE_CLIENT_ID", CLIENT_ID),
        ("client_secret", "AZURE_CLIENT_SECRET", SECRET),
        ("authority_host", "AZURE_AUTHORITY_HOST", "LOGIN"),
        ("ca_path", "REQUESTS_CA_BUNDLE", "CA"),
        ("cloud", "AZURE_CLOUD_ENVIRONMENT", "AzureCloud"),
    ],
)
def test_a_blank_option_falls_back_to_its_variable(simulator, module, monkeypatch, option, variable, value):
    value = {"LOGIN": simulator.login_url, "CA": str(simulator.ca_file)}.get(value, value)
    monkeypatch.setenv(variable, value)

    result = module(users=[ANNA], **{option: ""})

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M19")
@pytest.mark.parametrize("option", ["state", "return_users", "auth_method"])
def test_a_blank_choice_counts_as_not_given(module, option):
    result = module(users=[ANNA], **{option: ""})

    assert result["changed"] and result["reason"] is None and not result.other_warnings


@pytest.mark.covers("M19")
@pytest.mark.parametrize("blank", ["", "   "])
def test_blank_variables_count_as_not_set(module, monkeypatch, blank):
    names = [*VARIABLES.values(), "AZURE_TENANT_ID", "AZURE_TENANT", "AZURE_CLIENT_ID", "AZURE_SECRET"]
    names += ["AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLOUD_ENVIRONMENT", "AZURE_AUTHORITY_HOST"]
    for name in (*names, "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, blank)
    for name in ("HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.setenv(name, "")

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M19")
def test_blank_variables_do_not_hide_a_variable_that_is_set(sign_in, credentials, monkeypatch):
    for variable in VARIABLES.values():
        monkeypatch.setenv(variable, "")
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", credentials["federated_token_file"])

    result = sign_in()

    assert result["changed"] and result["auth"] == {"method": "workload_identity", "source": "environment"}


# -- through Ansible ---------------------------------------------------------------------------------------------------


@pytest.mark.covers("M19")
def test_blank_options_and_variables_pass_ansibles_own_checks(simulator, playbook, options):
    """As AWX passes them: texts, those of fields left blank too."""
    blank = {name: "" for name in BLANK_OPTIONS if name not in ("tenant", "client_secret", "secret", "user", "users")}
    task = {**options, **blank, "client_secret": "", "users": f"{ANNA}\n\n"}
    del task["tenant_id"], task["client_id"], task["cloud_environment"], task["group"]
    environment = {
        "AZURE_TENANT_ID": "",
        "AZURE_TENANT": TENANT_ID,
        "AZURE_CLIENT_ID": CLIENT_ID,
        "AZURE_CLIENT_SECRET": SECRET,
        "AZURE_FEDERATED_TOKEN_FILE": "",
        "AZURE_CLOUD_ENVIRONMENT": "",
    }
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "environment": {"AZURE_CLIENT_SECRET": "{{ secret }}"},
        "vars": {"secret": SECRET},
        "tasks": [{"name": "Enable", "frontline.entra.sms_sign_in": task}],
    }
    del environment["AZURE_CLIENT_SECRET"]

    played = playbook(json.dumps([play]), environment=environment)

    assert played.returncode == 0, played.output
    result = played.of("Enable").result
    assert result["changed"] and result["auth"] == {"method": "client_secret", "source": "environment"}
    assert SECRET not in played.output
