# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One credential of several: options before the environment, and `auth_method`."""

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
ELSEWHERE = "99999999-0000-4000-8000-000000000000"


METHODS = {
    "client_secret": "client_secret",
    "certificate": "certificate",
    "certificate_path": "certificate",
    "federated_token": "workload_identity",
    "federated_token_file": "workload_identity",
    "access_token": "access_token",
}


# -- one credential out of several -------------------------------------------------------------------------------------


@pytest.mark.covers("M19")
@pytest.mark.parametrize("option", METHODS)
def test_a_credential_option_takes_precedence_over_every_variable(simulator, sign_in, credentials, monkeypatch, option):
    for variable in (*VARIABLES.values(), "AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_SECRET"):
        monkeypatch.setenv(variable, "/must/not/be/looked/at")
    monkeypatch.setenv("AZURE_TENANT_ID", ELSEWHERE)
    monkeypatch.setenv("AZURE_CLIENT_ID", ELSEWHERE)

    result = sign_in(**{option: credentials[option]})

    assert result["changed"] and result["reason"] is None
    assert result["auth"] == {"method": METHODS[option], "source": "options"}
    assert len([write for write in simulator.writes() if write.effect]) == 1


@pytest.mark.covers("M19")
@pytest.mark.parametrize("option", VARIABLES)
def test_auth_method_picks_one_variable_and_ignores_the_others(sign_in, credentials, monkeypatch, option):
    for other, variable in VARIABLES.items():
        if METHODS[other] != METHODS[option]:
            monkeypatch.setenv(variable, "/must/not/be/looked/at")
    monkeypatch.setenv(VARIABLES[option], credentials[option])

    result = sign_in(auth_method=METHODS[option])

    assert result["changed"] and result["reason"] is None
    assert result["auth"] == {"method": METHODS[option], "source": "environment"}


@pytest.mark.covers("M19")
@pytest.mark.parametrize("first", VARIABLES)
def test_the_environment_alone_is_searched_in_its_order(sign_in, credentials, monkeypatch, first):
    """Of the variables from `first` on, the first is taken."""
    names = list(VARIABLES)
    for name in names[names.index(first) :]:
        monkeypatch.setenv(VARIABLES[name], credentials[name])

    result = sign_in()

    assert result["changed"] and result["reason"] is None
    assert result["auth"] == {"method": METHODS[first], "source": "environment"}


@pytest.mark.covers("M19")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("client_secret", "certificate"),
        ("client_secret", "certificate_path"),
        ("client_secret", "federated_token_file"),
        ("client_secret", "access_token"),
        ("certificate", "certificate_path"),
        ("certificate_path", "federated_token_file"),
        ("federated_token", "federated_token_file"),
        ("federated_token_file", "access_token"),
    ],
)
def test_two_credential_options_are_an_error_that_names_both(simulator, sign_in, credentials, one, other):
    result = sign_in(**{one: credentials[one], other: credentials[other]})

    assert result["reason"] == "invalid_options" and not result["changed"]
    assert f"'{one}'" in result["msg"] and f"'{other}'" in result["msg"]
    assert credentials["access_token"] not in json.dumps(result) and SECRET not in json.dumps(result)
    assert simulator.journal() == []


@pytest.mark.covers("M19")
@pytest.mark.parametrize("option", METHODS)
def test_auth_method_selects_one_of_several_options(sign_in, credentials, option):
    others = {other: "must-not-be-used" for other in METHODS if METHODS[other] != METHODS[option]}

    result = sign_in(**others, **{option: credentials[option]}, auth_method=METHODS[option])

    assert result["changed"] and result["reason"] is None
    assert result["auth"] == {"method": METHODS[option], "source": "options"}


@pytest.mark.covers("M19")
def test_the_credential_of_auth_method_is_required(simulator, sign_in):
    result = sign_in(client_secret=SECRET, auth_method="certificate")

    assert result["reason"] == "invalid_options" and "certificate" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M19")
@pytest.mark.parametrize("option", ["tenant_id", "client_id"])
@pytest.mark.parametrize("credential", ["client_secret", "certificate", "federated_token_file"])
def test_missing_companions_of_a_credential_are_reported(simulator, sign_in, credentials, option, credential):
    result = sign_in(**{credential: credentials[credential], option: None})

    assert result["reason"] == "invalid_options" and f"'{option}'" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M19")
def test_no_credential_at_all_is_an_error_that_lists_them(simulator, sign_in):
    result = sign_in()

    assert result["reason"] == "invalid_options"
    assert all(f"'{option}'" in result["msg"] for option in METHODS)
    assert "managed_identity" in result["msg"] and "azure_cli" in result["msg"]
    assert result["auth"] == {"method": None, "source": None} and simulator.journal() == []


@pytest.mark.covers("M19")
@pytest.mark.parametrize(
    "variables",
    [
        {"AZURE_TENANT_ID": TENANT_ID, "AZURE_TENANT": ELSEWHERE},
        {"AZURE_TENANT": TENANT_ID},
        {"AZURE_TENANT_ID": "", "AZURE_TENANT": TENANT_ID},
        {"AZURE_CLIENT_SECRET": SECRET, "AZURE_SECRET": "not this one"},
        {"AZURE_CLIENT_SECRET": " ", "AZURE_SECRET": SECRET},
    ],
)
def test_the_first_variable_that_is_set_counts(sign_in, monkeypatch, variables):
    usual = {"AZURE_TENANT_ID": TENANT_ID, "AZURE_CLIENT_ID": CLIENT_ID, "AZURE_SECRET": SECRET}
    if "AZURE_TENANT" in variables:
        del usual["AZURE_TENANT_ID"]
    for name, value in {**usual, **variables}.items():
        monkeypatch.setenv(name, value)

    result = sign_in(tenant_id=None, client_id=None)

    assert result["changed"] and result["auth"] == {"method": "client_secret", "source": "environment"}
