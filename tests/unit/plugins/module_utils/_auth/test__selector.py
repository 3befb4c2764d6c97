# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth._login import Login
from ansible_collections.frontline.entra.plugins.module_utils._auth._selector import (
    WAYS,
    argument_spec,
    build,
    first_variable,
    select,
    tenant_of,
)
from ansible_collections.frontline.entra.plugins.module_utils._auth._way import CLIENT_ID, SHARED, Option, Way
from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidOptions
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    AUTHORITY,
    DrivenWorkers,
    FakeSession,
    granted,
    jwt,
    login,
)

APP = {"tenant_id": "contoso.example", "client_id": "app-id"}
APP_VARIABLES = {"AZURE_TENANT_ID": "contoso.example", "AZURE_CLIENT_ID": "app-id"}
SECRET = {"AZURE_CLIENT_SECRET": "from-environment"}
POD = {**APP_VARIABLES, "AZURE_FEDERATED_TOKEN_FILE": "/var/run/token", "AZURE_AUTHORITY_HOST": AUTHORITY}
OPTIONS = [option for option in argument_spec() if option != "auth_method"]


def selected(options, environment, ways=WAYS):
    return select({**dict.fromkeys(OPTIONS), "auth_method": "auto", **options}, environment, ways)


@pytest.mark.parametrize(
    ("options", "environment", "method", "source", "values"),
    [
        # options alone
        ({**APP, "client_secret": "s"}, {}, "client_secret", "options", {"client_secret": "s", **APP}),
        ({**APP, "certificate": "PEM"}, {}, "certificate", "options", {"certificate": "PEM"}),
        ({**APP, "certificate_path": "/c.pem"}, {}, "certificate", "options", {"certificate_path": "/c.pem"}),
        (
            {**APP, "certificate_path": "/c.pem", "certificate_passphrase": "p"},
            {},
            "certificate",
            "options",
            {"certificate_path": "/c.pem", "certificate_passphrase": "p"},
        ),
        ({**APP, "federated_token_file": "/t"}, {}, "workload_identity", "options", {"federated_token_file": "/t"}),
        ({"access_token": "t"}, {}, "access_token", "options", {"access_token": "t"}),
        # the environment alone, in its order
        ({}, {**APP_VARIABLES, **SECRET}, "client_secret", "environment", {"client_secret": "from-environment", **APP}),
        (
            {},
            {"AZURE_TENANT": "contoso.example", "AZURE_CLIENT_ID": "app-id", "AZURE_SECRET": "s"},
            "client_secret",
            "environment",
            {"client_secret": "s", **APP},
        ),
        (
            {},
            {**APP_VARIABLES, "AZURE_TENANT": "other", "AZURE_CLIENT_SECRET": "first", "AZURE_SECRET": "second"},
            "client_secret",
            "environment",
            {"client_secret": "first", **APP},
        ),
        (
            {},
            {**APP_VARIABLES, "AZURE_CLIENT_CERTIFICATE_PATH": "/c.pem", "AZURE_CLIENT_CERTIFICATE_PASSWORD": "p"},
            "certificate",
            "environment",
            {"certificate_path": "/c.pem", "certificate_passphrase": "p"},
        ),
        ({}, POD, "workload_identity", "environment", {"federated_token_file": "/var/run/token"}),
        ({}, {**POD, "AZURE_FEDERATED_TOKEN": "t"}, "workload_identity", "environment", {"federated_token": "t"}),
        ({}, {"AZURE_ACCESS_TOKEN": "t"}, "access_token", "environment", {"access_token": "t"}),
        ({}, {**POD, **SECRET, "AZURE_CLIENT_CERTIFICATE_PATH": "/c.pem"}, "client_secret", "environment", {}),
        ({}, {**POD, "AZURE_CLIENT_CERTIFICATE_PATH": "/c.pem"}, "certificate", "environment", {}),
        ({}, {**POD, "AZURE_ACCESS_TOKEN": "t"}, "workload_identity", "environment", {}),
        # options take precedence over the environment as a set
        ({**APP, "client_secret": "s"}, POD, "client_secret", "options", {"client_secret": "s"}),
        ({**APP, "certificate": "PEM"}, {**POD, **SECRET}, "certificate", "options", {"certificate": "PEM"}),
        (
            {"certificate": "PEM"},
            {**APP_VARIABLES, "AZURE_CLIENT_CERTIFICATE_PATH": "/c.pem"},
            "certificate",
            "options",
            {"certificate": "PEM", "certificate_path": None, **APP},
        ),
        ({"access_token": "t"}, {**POD, **SECRET}, "access_token", "options", {"access_token": "t"}),
        ({"client_secret": "s"}, APP_VARIABLES, "client_secret", "options", {"client_secret": "s", **APP}),
        ({"client_secret": "s"}, {**APP_VARIABLES, **SECRET}, "client_secret", "options", {"client_secret": "s"}),
        (
            {"client_id": "mine"},
            {**APP_VARIABLES, **SECRET},
            "client_secret",
            "environment",
            {"client_id": "mine", "tenant_id": "contoso.example"},
        ),
        # auth_method selects one of two options
        (
            {**APP, "client_secret": "s", "access_token": "t", "auth_method": "access_token"},
            {},
            "access_token",
            "options",
            {"access_token": "t"},
        ),
        (
            {**APP, "client_secret": "s", "certificate_path": "/c", "auth_method": "certificate"},
            {},
            "certificate",
            "options",
            {"certificate_path": "/c"},
        ),
        ({**APP, "client_secret": "s", "auth_method": "managed_identity"}, {}, "managed_identity", "options", APP),
        ({**APP, "client_secret": "s", "auth_method": "azure_cli"}, {}, "azure_cli", "options", {}),
        (
            {**APP, "client_secret": "s", "auth_method": "certificate"},
            {"AZURE_CLIENT_CERTIFICATE_PATH": "/c"},
            "certificate",
            "environment",
            {"certificate_path": "/c"},
        ),
        (
            {"auth_method": "managed_identity", "identity_object_id": "o"},
            {},
            "managed_identity",
            "options",
            {"identity_object_id": "o", "identity_resource_id": None},
        ),
        ({**APP, "federated_token": "t"}, POD, "workload_identity", "options", {"federated_token": "t"}),
        ({**APP, "federated_token": "t"}, POD, "workload_identity", "options", {"federated_token_file": None}),
        # auth_method
        ({"auth_method": "workload_identity"}, {**POD, **SECRET}, "workload_identity", "environment", {}),
        ({"auth_method": "client_secret"}, {**POD, **SECRET}, "client_secret", "environment", {}),
        ({"auth_method": "client_secret", **APP, "client_secret": "s"}, POD, "client_secret", "options", {}),
        ({"auth_method": "access_token"}, {**POD, "AZURE_ACCESS_TOKEN": "t"}, "access_token", "environment", {}),
        ({"auth_method": "managed_identity"}, {}, "managed_identity", "options", {"client_id": None}),
        (
            {"auth_method": "managed_identity", "client_id": "mine"},
            SECRET,
            "managed_identity",
            "options",
            {"client_id": "mine"},
        ),
        ({"auth_method": "azure_cli"}, {**POD, **SECRET}, "azure_cli", "options", {"tenant_id": "contoso.example"}),
        ({"auth_method": None, "access_token": "t"}, {}, "access_token", "options", {}),
        # blanks count as not given
        (
            dict.fromkeys(OPTIONS, ""),
            {**dict.fromkeys(POD, " "), **APP_VARIABLES, **SECRET},
            "client_secret",
            "environment",
            {"client_secret": "from-environment", **APP},
        ),
        ({**APP, "client_secret": "s", "certificate": " ", "access_token": "\n"}, {}, "client_secret", "options", {}),
        (
            {},
            {**POD, "AZURE_CLIENT_SECRET": "", "AZURE_SECRET": "s"},
            "client_secret",
            "environment",
            {"client_secret": "s"},
        ),
        (
            {},
            {**POD, "AZURE_TENANT_ID": "", "AZURE_TENANT": "b.example"},
            "workload_identity",
            "environment",
            {"tenant_id": "b.example"},
        ),
        # line ends of vaulted texts
        (
            {"tenant_id": "contoso.example\n", "client_id": " app-id", "client_secret": "s\n"},
            {},
            "client_secret",
            "options",
            {"client_secret": "s", **APP},
        ),
        (
            {**APP, "certificate_path": "/c.pem", "certificate_passphrase": " open sesame \n"},
            {},
            "certificate",
            "options",
            {"certificate_passphrase": " open sesame "},
        ),
    ],
)
def test_options_against_the_environment(options, environment, method, source, values):
    identity = selected(options, environment)
    assert (identity.method, identity.source) == (method, source)
    assert {name: identity.values[name] for name in values} == values


@pytest.mark.parametrize(
    ("options", "environment", "words"),
    [
        ({}, {}, "No credential was given.*'client_secret'.*'federated_token_file'.*managed_identity"),
        (APP, {}, "No credential was given"),
        ({**APP, "client_secret": "s", "certificate": "PEM"}, {}, "'client_secret' and 'certificate'"),
        ({**APP, "client_secret": "s", "access_token": "t"}, {}, "'client_secret' and 'access_token'"),
        ({**APP, "certificate": "PEM", "certificate_path": "/c"}, {}, "'certificate' and 'certificate_path'"),
        (
            {**APP, "certificate_path": "/c", "federated_token_file": "/t"},
            {},
            "'certificate_path' and 'federated_token_file'",
        ),
        (
            {**APP, "federated_token": "t", "federated_token_file": "/t"},
            {},
            "'federated_token' and 'federated_token_file'",
        ),
        (
            {**APP, "auth_method": "certificate", "certificate": "PEM", "certificate_path": "/c"},
            {},
            "'certificate' and 'certificate_path'",
        ),
        ({"auth_method": "certificate", "client_secret": "s"}, {}, "certificate or certificate_path"),
        (
            {"auth_method": "managed_identity", "identity_object_id": "o", "identity_resource_id": "r"},
            {},
            "'identity_object_id' and 'identity_resource_id'",
        ),
        ({"auth_method": "certificate", **APP}, SECRET, "certificate or certificate_path"),
        ({"auth_method": "client_secret", **APP}, POD, "'client_secret'"),
        ({"auth_method": "access_token"}, POD, "'access_token'"),
        ({"client_secret": "s"}, {}, "'tenant_id' and 'client_id'"),
        ({"client_secret": "s", "tenant_id": "x"}, {}, "'client_id'"),
        ({"federated_token_file": "/t"}, {"AZURE_CLIENT_ID": "x"}, "'tenant_id'"),
        ({**APP, "client_secret": "s", "tenant_id": "../other"}, {}, "'tenant_id' is neither"),
        ({**APP, "client_secret": "s", "tenant_id": "a/b"}, {}, "'tenant_id' is neither"),
        ({**APP, "client_secret": "s", "tenant_id": "x?y"}, {}, "'tenant_id' is neither"),
        ({**APP, "client_secret": "s", "tenant_id": "a b"}, {}, "'tenant_id' is neither"),
        ({"auth_method": "azure_cli", "tenant_id": "--debug"}, {}, "'tenant_id' is neither"),
    ],
)
def test_invalid_choices(options, environment, words):
    with pytest.raises(InvalidOptions, match=words) as caught:
        selected(options, environment)
    assert "from-environment" not in caught.value.message


@pytest.mark.parametrize("name", ["certificate_path", "federated_token_file"])
def test_an_empty_file_counts_as_not_given(name, tmp_path):
    variable = {
        "certificate_path": "AZURE_CLIENT_CERTIFICATE_PATH",
        "federated_token_file": "AZURE_FEDERATED_TOKEN_FILE",
    }[name]
    empty, full = tmp_path / "empty", tmp_path / "full"
    empty.write_text("", encoding="utf-8")
    full.write_text("x", encoding="utf-8")
    assert selected({**APP, name: str(empty), "client_secret": "s"}, {}).method == "client_secret"
    assert selected({}, {**APP_VARIABLES, variable: str(empty), "AZURE_ACCESS_TOKEN": "t"}).method == "access_token"
    assert selected({**APP, name: str(empty)}, {variable: str(full)}).source == "environment"
    assert selected({**APP, name: str(full)}, SECRET).source == "options"
    with pytest.raises(InvalidOptions, match="No credential"):
        selected({**APP, name: str(empty)}, {})


def test_a_missing_file_is_not_treated_as_empty(tmp_path):
    assert selected({**APP, "certificate_path": str(tmp_path / "missing")}, SECRET).method == "certificate"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, None), ({"A": ""}, None), ({"A": " ", "B": "b"}, "b"), ({"A": "a\n", "B": "b"}, "a")],
)
def test_the_first_nonempty_variable_is_used(environment, expected):
    assert first_variable(environment, ("A", "B")) == expected


@pytest.mark.parametrize(
    ("options", "environment", "secrets"),
    [
        ({**APP, "client_secret": "s"}, {}, {"s"}),
        ({}, {**APP_VARIABLES, **SECRET}, {"from-environment"}),
        ({**APP, "certificate": "PEM", "certificate_passphrase": "p"}, {}, {"PEM", "p"}),
        ({"access_token": "t"}, {}, {"t"}),
        ({**APP, "federated_token": "j"}, {}, {"j"}),
        ({"auth_method": "managed_identity"}, {}, set()),
        ({}, POD, set()),
    ],
)
def test_secrets_are_listed_and_ids_are_not(options, environment, secrets):
    assert set(selected(options, environment).secrets) == secrets


def test_each_choice_is_built_and_signs_in(tmp_path, monkeypatch):
    path = tmp_path / "token"
    path.write_text(jwt(sub="x"), encoding="utf-8")
    built = {}
    for options in (
        {**APP, "client_secret": "s"},
        {**APP, "federated_token_file": str(path)},
        {"access_token": "t"},
        {"auth_method": "managed_identity"},
        {"auth_method": "azure_cli"},
    ):
        session = FakeSession(login(granted()), DrivenWorkers())
        identity = selected(options, {})
        method = build(identity, Login(session, AUTHORITY, "https://graph.microsoft.com"))
        assert session.calls == []
        built[identity.method] = method
    assert built["client_secret"].token().value == "a-token"
    assert built["workload_identity"].token().value == "a-token"
    assert built["access_token"].token().value == "t"


def test_an_unusable_certificate_is_reported_when_it_is_loaded():
    session = FakeSession(login(granted()), DrivenWorkers())
    with pytest.raises(InvalidOptions, match="'certificate'"):
        build(selected({**APP, "certificate": "words!"}, {}), Login(session, AUTHORITY, "https://graph.microsoft.com"))


def test_the_tenant_of_a_report_is_that_of_the_sign_in():
    assert tenant_of({"tenant_id": "a.example"}, {"AZURE_TENANT_ID": "b.example"}) == "a.example"
    assert tenant_of({"tenant_id": None}, {"AZURE_TENANT_ID": " ", "AZURE_TENANT": "c.example"}) == "c.example"
    assert tenant_of({}, {}) is None


@pytest.mark.parametrize("kind", ["way", "option", "variable"])
def test_each_way_option_and_variable_is_declared_once(kind):
    options = [*SHARED, *(option for way in WAYS for option in way.options)]
    declared = {
        "way": [way.name for way in WAYS],
        "option": [name for option in options for name in (option.name, *option.spec.get("aliases", ()))],
        "variable": [variable for option in options for variable in option.variables],
    }[kind]
    assert len(declared) == len(set(declared)) > 0


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_what_a_way_refers_to_is_declared(way):
    own = {option.name for option in way.options}
    assert all(option in SHARED for option in way.needs)
    assert all(set(group) <= own and len(group) > 1 for group in way.exclusive)


VOUCHER = Way(
    name="voucher",
    options=(
        Option("voucher_code", {"type": "str", "no_log": True}, ("AZURE_VOUCHER_CODE",), credential=True),
        Option("voucher_pin", {"type": "str"}),
        Option("voucher_word", {"type": "str"}),
    ),
    needs=(CLIENT_ID,),
    exclusive=(("voucher_pin", "voucher_word"),),
    libraries=("requests",),
    build=lambda login, value: (login, value),
)
"""A way that exists nowhere but here."""


@pytest.mark.parametrize(
    ("options", "environment", "source"),
    [
        ({"client_id": "app-id", "voucher_code": "v"}, SECRET, "options"),
        ({"client_id": "app-id"}, {"AZURE_VOUCHER_CODE": "v"}, "environment"),
        ({"client_id": "app-id", "auth_method": "voucher"}, {**SECRET, "AZURE_VOUCHER_CODE": "v"}, "environment"),
        ({**APP, "client_secret": "s", "auth_method": "voucher", "voucher_code": "v"}, {}, "options"),
    ],
)
def test_a_way_that_is_added_to_the_list_can_be_chosen(options, environment, source):
    ways = [*WAYS, VOUCHER]
    spec = argument_spec(ways)
    assert spec["auth_method"]["choices"][-1] == "voucher"
    assert spec["voucher_code"] == {"type": "str", "no_log": True}

    identity = selected(options, environment, ways)
    values = {"tenant_id": "", "voucher_pin": "", "voucher_word": "", "client_id": "app-id", "voucher_code": "v"}
    assert (identity.method, identity.source, identity.secrets) == ("voucher", source, ["v"])
    assert identity.way.libraries == ("requests",)
    assert build(identity, "login") == ("login", {**values, "tenant_id": options.get("tenant_id", "")})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "Set one of .*'voucher_code'"),
        ({"voucher_code": "v"}, "To sign in by voucher, set 'client_id' as well"),
        ({"client_id": "app-id", "auth_method": "voucher"}, "To sign in by voucher, set 'voucher_code' as well"),
        ({**APP, "client_secret": "s", "voucher_code": "v"}, "'client_secret' and 'voucher_code' are both set"),
        ({**APP, "voucher_code": "v", "voucher_pin": "1", "voucher_word": "2"}, "'voucher_pin' and 'voucher_word'"),
    ],
)
def test_a_way_that_is_added_to_the_list_is_checked(options, words):
    with pytest.raises(InvalidOptions, match=words):
        selected(options, {}, [*WAYS, VOUCHER])
