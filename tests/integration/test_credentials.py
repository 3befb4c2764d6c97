# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""M19: options against the environment, and blanks in both."""

from __future__ import annotations

import json

import pytest

from integration.credentials import (
    federated_credential,
    federated_token,
    key_pem,
    own_certificate,
    public_pem,
    rsa_key,
)
from integration.tenants import CLIENT_ID, SECRET, TENANT_ID, app, person, tenant

ANNA = "anna@contoso.example"
ELSEWHERE = "99999999-0000-4000-8000-000000000000"


def TENANT():
    return tenant(
        person("anna", 1),
        apps=[app(certificates=[public_pem(own_certificate())], federated=[federated_credential()])],
        groups=[{"name": "Frontline", "members": [ANNA]}],
    )


@pytest.fixture
def credentials(simulator, tmp_path):
    """One good credential of each method, as its option."""
    pem = key_pem(rsa_key()) + public_pem(own_certificate())
    (tmp_path / "certificate.pem").write_text(pem)
    (tmp_path / "federated").write_text(federated_token())
    return {
        "client_secret": SECRET,
        "certificate": pem,
        "certificate_path": str(tmp_path / "certificate.pem"),
        "federated_token": federated_token(),
        "federated_token_file": str(tmp_path / "federated"),
        "access_token": simulator.token(),
    }


METHODS = {
    "client_secret": "client_secret",
    "certificate": "certificate",
    "certificate_path": "certificate",
    "federated_token": "workload_identity",
    "federated_token_file": "workload_identity",
    "access_token": "access_token",
}
VARIABLES = {
    "client_secret": "AZURE_CLIENT_SECRET",
    "certificate_path": "AZURE_CLIENT_CERTIFICATE_PATH",
    "federated_token_file": "AZURE_FEDERATED_TOKEN_FILE",
    "access_token": "AZURE_ACCESS_TOKEN",
}
"""The credentials that the environment can hold, in the order in which they are looked for."""


@pytest.fixture
def bare(module):
    """Enables one user, with the given credential options only."""

    def run(**given):
        return module(**{"users": [ANNA], "client_secret": None, **given})

    return run


# -- one credential out of several -------------------------------------------------------------------------------------


@pytest.mark.covers("M19")
@pytest.mark.parametrize("option", METHODS)
def test_a_credential_option_wins_over_every_variable(simulator, bare, credentials, monkeypatch, option):
    for variable in (*VARIABLES.values(), "AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_SECRET"):
        monkeypatch.setenv(variable, "/must/not/be/looked/at")
    monkeypatch.setenv("AZURE_TENANT_ID", ELSEWHERE)
    monkeypatch.setenv("AZURE_CLIENT_ID", ELSEWHERE)

    result = bare(**{option: credentials[option]})

    assert result["changed"] and result["reason"] is None
    assert result["auth"] == {"method": METHODS[option], "source": "options"}
    assert len([write for write in simulator.writes() if write.effect]) == 1


@pytest.mark.covers("M19")
@pytest.mark.parametrize("option", VARIABLES)
def test_auth_method_picks_one_variable_and_ignores_the_others(bare, credentials, monkeypatch, option):
    for other, variable in VARIABLES.items():
        monkeypatch.setenv(variable, credentials[option] if other == option else "/must/not/be/looked/at")

    result = bare(auth_method=METHODS[option])

    assert result["changed"] and result["reason"] is None
    assert result["auth"] == {"method": METHODS[option], "source": "environment"}


@pytest.mark.covers("M19")
@pytest.mark.parametrize("first", VARIABLES)
def test_the_environment_alone_is_searched_in_its_order(bare, credentials, monkeypatch, first):
    """Of the variables from `first` on, the first is taken."""
    names = list(VARIABLES)
    for name in names[names.index(first) :]:
        monkeypatch.setenv(VARIABLES[name], credentials[name])

    result = bare()

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
def test_two_credential_options_are_an_error_that_names_both(simulator, bare, credentials, one, other):
    result = bare(**{one: credentials[one], other: credentials[other]})

    assert result["reason"] == "invalid_options" and not result["changed"]
    assert f"'{one}'" in result["msg"] and f"'{other}'" in result["msg"]
    assert credentials["access_token"] not in json.dumps(result) and SECRET not in json.dumps(result)
    assert simulator.journal() == []


@pytest.mark.covers("M19")
@pytest.mark.parametrize("option", METHODS)
def test_auth_method_says_which_of_several_options_to_use(bare, credentials, option):
    others = {other: "must-not-be-used" for other in METHODS if METHODS[other] != METHODS[option]}

    result = bare(**others, **{option: credentials[option]}, auth_method=METHODS[option])

    assert result["changed"] and result["reason"] is None
    assert result["auth"] == {"method": METHODS[option], "source": "options"}


@pytest.mark.covers("M19")
def test_a_credential_that_auth_method_asks_for_must_be_given(simulator, bare):
    result = bare(client_secret=SECRET, auth_method="certificate")

    assert result["reason"] == "invalid_options" and "certificate" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M19")
@pytest.mark.parametrize("option", ["tenant_id", "client_id"])
@pytest.mark.parametrize("credential", ["client_secret", "certificate", "federated_token_file"])
def test_what_a_credential_needs_beside_itself_is_asked_for(simulator, bare, credentials, option, credential):
    result = bare(**{credential: credentials[credential], option: None})

    assert result["reason"] == "invalid_options" and f"'{option}'" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M19")
def test_no_credential_at_all_is_an_error_that_lists_them(simulator, bare):
    result = bare()

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
def test_of_two_variables_the_first_that_is_set_counts(bare, monkeypatch, variables):
    usual = {"AZURE_TENANT_ID": TENANT_ID, "AZURE_CLIENT_ID": CLIENT_ID, "AZURE_SECRET": SECRET}
    if "AZURE_TENANT" in variables:
        del usual["AZURE_TENANT_ID"]
    for name, value in {**usual, **variables}.items():
        monkeypatch.setenv(name, value)

    result = bare(tenant_id=None, client_id=None)

    assert result["changed"] and result["auth"] == {"method": "client_secret", "source": "environment"}


@pytest.mark.covers("M19")
@pytest.mark.parametrize("given", [{"tenant_id": None, "tenant": TENANT_ID}, {"secret": SECRET}, {"user": ANNA}])
def test_the_shorter_names_of_options_work(module, given):
    hidden = {"secret": "client_secret", "user": "users"}
    taken_away = {hidden[name]: None for name in given if name in hidden}

    result = module(**{"users": [ANNA], **taken_away, **given})

    assert result["changed"] and result["reason"] is None


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
def test_an_option_that_is_blank_counts_as_not_given(module, option, blank):
    given = {option: blank}
    if option in ("users", "user"):
        given.update({"groups": ["Frontline"], "users": blank})
    elif option in ("client_secret", "secret"):
        given = {"secret": blank} if option == "secret" else {"client_secret": blank, "secret": SECRET}

    result = module(**{"users": [ANNA], **given})

    assert result["changed"] and result["reason"] is None and "warnings" not in result
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
def test_a_blank_option_leaves_the_word_to_its_variable(simulator, module, monkeypatch, option, variable, value):
    value = {"LOGIN": simulator.login_url, "CA": str(simulator.ca_file)}.get(value, value)
    monkeypatch.setenv(variable, value)

    result = module(users=[ANNA], **{option: ""})

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M19")
@pytest.mark.parametrize("option", ["state", "return_users", "auth_method"])
def test_a_choice_that_is_blank_counts_as_not_given(module, option):
    result = module(users=[ANNA], **{option: ""})

    assert result["changed"] and result["reason"] is None and "warnings" not in result


@pytest.mark.covers("M19")
@pytest.mark.parametrize("blank", ["", "   "])
def test_variables_that_are_blank_count_as_not_set(module, monkeypatch, blank):
    names = [*VARIABLES.values(), "AZURE_TENANT_ID", "AZURE_TENANT", "AZURE_CLIENT_ID", "AZURE_SECRET"]
    names += ["AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLOUD_ENVIRONMENT", "AZURE_AUTHORITY_HOST"]
    for name in (*names, "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, blank)
    for name in ("HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.setenv(name, "")

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M19")
def test_blank_variables_do_not_hide_the_one_that_is_set(bare, credentials, monkeypatch):
    for variable in VARIABLES.values():
        monkeypatch.setenv(variable, "")
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", credentials["federated_token_file"])

    result = bare()

    assert result["changed"] and result["auth"] == {"method": "workload_identity", "source": "environment"}


# -- clouds and hosts --------------------------------------------------------------------------------------------------


@pytest.mark.covers("M19")
@pytest.mark.parametrize(
    "name", ["global", "GLOBAL", "AzureCloud", "azurecloud", "usgov", "AzureUSGovernment", "usgov_dod"]
)
@pytest.mark.parametrize("by_variable", [True, False])
def test_a_cloud_is_known_by_our_name_and_by_that_of_awx(simulator, module, monkeypatch, name, by_variable):
    if by_variable:
        monkeypatch.setenv("AZURE_CLOUD_ENVIRONMENT", name)

    result = module(users=[ANNA], **({} if by_variable else {"cloud": name}))

    # The simulator knows the public cloud's Graph only; a token for another is refused by its login.
    assert result["reason"] == ("authentication_failed" if "us" in name.lower() else None)
    assert simulator.tokens_asked() == 1


@pytest.mark.covers("M19")
@pytest.mark.parametrize("name", ["AzureGermanCloud", "mars", "https://login.example"])
@pytest.mark.parametrize("by_variable", [True, False])
def test_a_cloud_that_nobody_knows_is_refused(simulator, module, monkeypatch, name, by_variable):
    if by_variable:
        monkeypatch.setenv("AZURE_CLOUD_ENVIRONMENT", name)

    result = module(users=[ANNA], **({} if by_variable else {"cloud": name}))

    assert result["reason"] == "invalid_options" and name in result["msg"] and "usgov" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M19", "A6")
@pytest.mark.parametrize("name", ["china", "AzureChinaCloud"])
@pytest.mark.parametrize("state", ["enabled", "disabled"])
def test_the_cloud_without_the_action_is_refused_before_any_request(simulator, module, name, state):
    result = module(users=[ANNA], cloud=name, state=state)

    assert result["reason"] == "not_available_in_cloud" and "china" in result["msg"]
    assert simulator.journal() == [] and result["requests"]["sent"] == 0


@pytest.mark.covers("M19")
@pytest.mark.parametrize("form", ["https://{host}", "https://{host}/", "{host}", "{host}/", "  https://{host}  "])
@pytest.mark.parametrize("what", ["graph_url", "authority_host", "AZURE_AUTHORITY_HOST"])
def test_a_host_is_given_with_or_without_scheme_and_slash(simulator, module, monkeypatch, form, what):
    url = simulator.graph_url if what == "graph_url" else simulator.login_url
    text = form.format(host=url.removeprefix("https://"))
    if what == "AZURE_AUTHORITY_HOST":
        monkeypatch.setenv(what, text)
        result = module(users=[ANNA], authority_host=None)
    else:
        result = module(users=[ANNA], **{what: text})

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M19", "M14")
@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8080",
        "ftp://localhost",
        "https://",
        "https://user:pass@localhost",
        "https://localhost/path",
        "https://localhost?x=y",
        "https://localhost:port",
        "https://localhost:0",
        "https://localhost:99999",
        "https://[:::]",
        "https://loca\u017fhost",
    ],
)
@pytest.mark.parametrize("option", ["graph_url", "authority_host"])
def test_only_https_hosts_are_spoken_to(simulator, module, option, url):
    result = module(users=[ANNA], **{option: url})

    assert result["reason"] == "invalid_options" and f"'{option}'" in result["msg"] and "https" in result["msg"]
    assert "user:pass" not in result["msg"] and simulator.journal() == []


@pytest.mark.covers("M19", "L1")
def test_capitals_in_a_host_do_not_break_paging(simulator, module):
    link = f"{simulator.graph_url}/v1.0/groups/x/transitiveMembers?$skiptoken=y"
    member = {
        "@odata.type": "#microsoft.graph.user",
        "id": "00000000-aaaa-4444-8888-000000000001",
        "userPrincipalName": ANNA,
    }
    for body in ({"value": [], "@odata.nextLink": link}, {"value": [member]}):
        simulator.inject({"match": {"path": "transitiveMembers"}, "then": {"status": 200, "body": body}})

    result = module(users=None, groups=["Frontline"], graph_url=simulator.graph_url.upper())

    # Who is in the pages does not matter here: the second one was read.
    assert result["summary"]["total"] == 1 and len(simulator.requests("transitiveMembers")) == 2


@pytest.mark.covers("M19")
@pytest.mark.parametrize("tenant_id", ["a/b", "../common", "contoso.example/../other", "two words", "x?y", "-", "."])
def test_a_tenant_is_an_id_or_a_domain_and_nothing_that_changes_the_address(simulator, module, tenant_id):
    result = module(users=[ANNA], tenant_id=tenant_id)

    assert result["reason"] == "invalid_options" and "'tenant_id'" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M19")
@pytest.mark.parametrize(
    "given",
    [
        {"request_timeout": 0},
        {"request_timeout": -1},
        {"request_timeout": 1e10},
        {"verify_timeout": -1},
        {"run_timeout": 0},
        {"max_changes": -1},
        {"max_failures": 0},
        {"change_limit": "ten"},
        {"change_limit": "101%"},
        {"change_limit": "-1"},
        {"change_limit": "1.5"},
        {"tolerate": ["forbidden"]},
        {"tolerate": ["service_error"]},
        {"report_path": "report.txt"},
    ],
)
def test_an_option_out_of_its_range_is_told_before_any_request(simulator, module, given):
    result = module(users=[ANNA], **given)

    assert result["reason"] == "invalid_options" and next(iter(given)) in result["msg"]
    assert {"users", "summary", "requests", "auth", "support"} <= result.keys(), "the same keys as ever"
    assert simulator.journal() == []


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
