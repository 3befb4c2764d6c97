# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.doc_fragments import graph, limits, report, users
from ansible_collections.frontline.entra.plugins.module_utils import _options
from ansible_collections.frontline.entra.plugins.module_utils._auth._selector import WAYS, argument_spec
from ansible_collections.frontline.entra.plugins.module_utils._auth._way import SHARED
from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidOptions, NotAvailableInCloud
from ansible_collections.frontline.entra.plugins.module_utils._options import (
    GRAPH,
    LIMITS,
    REPORT,
    USERS,
    connection,
    require_sms_actions,
)

BLANK = {
    "cloud": None,
    "graph_url": None,
    "authority_host": None,
    "ca_path": None,
    "validate_certs": True,
    "request_timeout": 75.0,
}
GLOBAL = ("https://graph.microsoft.com", "https://login.microsoftonline.com", True)
ROLE = Path(_options.__file__).parents[2] / "roles" / "sms_sign_in"
DOCUMENTED = yaml.safe_load(graph.ModuleDocFragment.DOCUMENTATION)["options"]
SIGN_IN = [*SHARED, *(option for way in WAYS for option in way.options)]
USGOV = ("https://graph.microsoft.us", "https://login.microsoftonline.us", True)


@pytest.mark.parametrize(
    ("options", "environment", "expected"),
    [
        ({}, {}, GLOBAL),
        ({"cloud": "usgov"}, {}, USGOV),
        ({"cloud": "AzureUSGovernment"}, {}, USGOV),
        ({}, {"AZURE_CLOUD_ENVIRONMENT": "AzureUSGovernment"}, USGOV),
        ({"cloud": "global"}, {"AZURE_CLOUD_ENVIRONMENT": "usgov"}, GLOBAL),
        ({}, {"AZURE_CLOUD_ENVIRONMENT": ""}, GLOBAL),
        ({}, {"AZURE_CLOUD_ENVIRONMENT": "  "}, GLOBAL),
        (
            {"graph_url": "graph.contoso.example", "authority_host": "https://login.contoso.example/"},
            {},
            ("https://graph.contoso.example", "https://login.contoso.example", True),
        ),
        (
            {"graph_url": "https://localhost:8443/", "authority_host": "127.0.0.1:8443"},
            {},
            ("https://localhost:8443", "https://127.0.0.1:8443", True),
        ),
        ({"graph_url": "https://localhost:65535"}, {}, ("https://localhost:65535", GLOBAL[1], True)),
        ({"graph_url": "https://[::1]:8443"}, {}, ("https://[::1]:8443", GLOBAL[1], True)),
        ({"graph_url": "HTTPS://Graph.contoso.example"}, {}, ("https://graph.contoso.example", GLOBAL[1], True)),
        ({"graph_url": "GRAPH.contoso.example:443"}, {}, ("https://graph.contoso.example", GLOBAL[1], True)),
        ({"authority_host": "Login.contoso.example"}, {}, (GLOBAL[0], "https://login.contoso.example", True)),
        ({}, {"AZURE_AUTHORITY_HOST": "login.contoso.example"}, (GLOBAL[0], "https://login.contoso.example", True)),
        ({}, {"AZURE_AUTHORITY_HOST": " "}, GLOBAL),
        (
            {"authority_host": "a.example"},
            {"AZURE_AUTHORITY_HOST": "b.example"},
            (GLOBAL[0], "https://a.example", True),
        ),
        ({"cloud": "usgov", "graph_url": "g.example"}, {}, ("https://g.example", USGOV[1], True)),
        ({"ca_path": "/ca.pem"}, {"REQUESTS_CA_BUNDLE": "/other.pem"}, (*GLOBAL[:2], "/ca.pem")),
        ({}, {"REQUESTS_CA_BUNDLE": "/other.pem"}, (*GLOBAL[:2], "/other.pem")),
        ({}, {"REQUESTS_CA_BUNDLE": ""}, GLOBAL),
        ({"validate_certs": False}, {"REQUESTS_CA_BUNDLE": "/other.pem"}, (*GLOBAL[:2], False)),
        ({"validate_certs": False, "ca_path": "/ca.pem"}, {}, (*GLOBAL[:2], False)),
    ],
)
def test_hosts_and_transport_from_options(options, environment, expected):
    to = connection({**BLANK, **options}, environment)
    assert (to.graph_url, to.authority, to.verify) == expected
    assert to.timeout == 75.0


@pytest.mark.parametrize("option", ["graph_url", "authority_host"])
@pytest.mark.parametrize(
    "url",
    [
        "http://graph.contoso.example",
        "ftp://graph.contoso.example",
        "https://",
        "https:///",
        "https://graph.contoso.example/v1.0",
        "https://graph.contoso.example?x=1",
        "https://graph.contoso.example#x",
        "https://user@graph.contoso.example",
        "https://user:password@graph.contoso.example",
        "https://graph.contoso.example:0",
        "https://graph.contoso.example:65536",
        "https://graph.contoso.example:port",
        "https://[::1",
        "https://[:::]",
        "https://[1.2.3.4]",
        "https://gra\u017fh.contoso.example",
        "https://\u212alingon.example",
        "https://graph\u0131.example",
        "https://graph.example:\u0661",
        "https://gra ph.contoso.example",
        ":8443",
        "/",
    ],
)
def test_anything_but_a_host_over_tls_is_refused(option, url):
    with pytest.raises(InvalidOptions, match=f"'{option}'"):
        connection({**BLANK, option: url}, {})


@pytest.mark.parametrize(
    ("options", "environment"), [({"cloud": "mars"}, {}), ({}, {"AZURE_CLOUD_ENVIRONMENT": "mars"})]
)
def test_an_unknown_cloud_is_refused_with_the_known_ones(options, environment):
    with pytest.raises(InvalidOptions, match="'mars'.*usgov_dod.*AzureChinaCloud"):
        connection({**BLANK, **options}, environment)


@pytest.mark.parametrize("seconds", [0.1, 1, 3600.0])
def test_any_positive_time_out_is_accepted(seconds):
    assert connection({**BLANK, "request_timeout": seconds}, {}).timeout == seconds


@pytest.mark.parametrize("option", ["graph_url", "authority_host"])
@pytest.mark.parametrize("url", ["https://svc:pa55word@graph.example", "svc:pa55word@graph.example/x"])
def test_a_password_in_an_address_is_not_repeated(option, url):
    with pytest.raises(InvalidOptions, match="cannot be part of it") as caught:
        connection({**BLANK, option: url}, {})
    assert "pa55" not in caught.value.message and "svc" not in caught.value.message


@pytest.mark.parametrize("seconds", [0, -1.0, 3600.1, 1e10, float("nan"), float("inf")])
def test_an_invalid_time_out_is_refused(seconds):
    with pytest.raises(InvalidOptions, match="request_timeout"):
        connection({**BLANK, "request_timeout": seconds}, {})


@pytest.mark.parametrize(
    ("option", "secret"),
    [
        ("client_secret", True),
        ("certificate", True),
        ("certificate_passphrase", True),
        ("access_token", True),
        ("federated_token", True),
        ("identity_object_id", None),
        ("identity_resource_id", None),
        ("federated_token_file", False),
        ("tenant_id", None),
        ("client_id", None),
    ],
)
def test_only_secrets_are_masked(option, secret):
    assert GRAPH.options[option].get("no_log") is secret


def test_options_that_awx_leaves_blank_have_no_ansible_checks():
    checked = {name for name, option in GRAPH.options.items() if "choices" in option or "required" in option}
    assert checked == {"auth_method"}


@pytest.mark.parametrize("option", SIGN_IN, ids=lambda option: option.name)
def test_the_fragment_names_the_variables_of_an_option_in_order(option):
    assert tuple(re.findall(r"E\((\w+)\)", " ".join(DOCUMENTED[option.name]["description"]))) == option.variables


def test_sign_in_options_are_those_of_the_credential_types():
    assert {name: GRAPH.options[name] for name in argument_spec()} == argument_spec()


def test_the_role_passes_on_exactly_these_options():
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text("utf-8"))["argument_specs"]
    (tasks,) = yaml.safe_load((ROLE / "tasks" / "with_options.yml").read_text("utf-8"))
    passed = {name: f"{{{{ sms_sign_in_{name} | default(omit) }}}}" for name in GRAPH.options}

    assert tasks["module_defaults"]["group/frontline.entra.graph"] == passed
    for entry_point in specs.values():
        assert {f"sms_sign_in_{name}" for name in GRAPH.options} <= entry_point["options"].keys()


def test_the_role_documents_every_credential_type():
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text("utf-8"))["argument_specs"]
    for entry_point in specs.values():
        described = " ".join(entry_point["options"]["sms_sign_in_auth_method"]["description"])
        assert set(re.findall(r"V\((\w+)\)", described)) == set(GRAPH.options["auth_method"]["choices"])


@pytest.mark.parametrize(
    ("fragment", "group"),
    [(graph, GRAPH), (users, USERS), (limits, LIMITS), (report, REPORT)],
    ids=lambda part: getattr(part, "__name__", "").rpartition(".")[2] or "group",
)
def test_a_fragment_documents_the_options_of_its_group(fragment, group):
    facts = ("type", "elements", "aliases", "choices", "default", "required")
    documented = yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"]
    assert {name: [option.get(fact) for fact in facts] for name, option in documented.items()} == {
        name: [option.get(fact) for fact in facts] for name, option in group.options.items()
    }


def test_no_option_is_in_two_groups():
    names = [name for group in (GRAPH, USERS, LIMITS, REPORT) for name in group.options]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("cloud", ["china", "AzureChinaCloud"])
def test_a_cloud_without_the_actions_is_refused(cloud):
    with pytest.raises(NotAvailableInCloud, match="'china'"):
        require_sms_actions({**BLANK, "cloud": cloud}, {})
    require_sms_actions({**BLANK, "cloud": "usgov"}, {})
