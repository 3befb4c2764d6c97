# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clouds and hosts, by option and by variable."""

from __future__ import annotations

import pytest

from integration.tenants import (
    NOT_ENABLED,
    make_user,
    tenant,
)

ANNA = "anna@contoso.example"


TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2),
    groups=[{"name": "Frontline", "members": ["anna@contoso.example"]}],
)


# -- clouds and hosts --------------------------------------------------------------------------------------------------


@pytest.mark.covers("M19")
@pytest.mark.parametrize(
    "name", ["global", "GLOBAL", "AzureCloud", "azurecloud", "usgov", "AzureUSGovernment", "usgov_dod"]
)
@pytest.mark.parametrize("by_variable", [True, False])
def test_clouds_have_our_names_and_those_of_awx(simulator, module, monkeypatch, name, by_variable):
    if by_variable:
        monkeypatch.setenv("AZURE_CLOUD_ENVIRONMENT", name)

    result = module(users=[ANNA], **({} if by_variable else {"cloud": name}))

    # The simulator supports the public cloud's Graph only; a token for another is refused by its login.
    assert result["reason"] == ("authentication_failed" if "us" in name.lower() else None)
    assert simulator.tokens_asked() == 1


@pytest.mark.covers("M19")
@pytest.mark.parametrize("name", ["AzureGermanCloud", "mars", "https://login.example"])
@pytest.mark.parametrize("by_variable", [True, False])
def test_an_unknown_cloud_is_refused(simulator, module, monkeypatch, name, by_variable):
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
def test_only_https_hosts_are_accepted(simulator, module, option, url):
    result = module(users=[ANNA], **{option: url})

    assert result["reason"] == "invalid_options" and f"'{option}'" in result["msg"] and "https" in result["msg"]
    assert "user:pass" not in result["msg"] and simulator.journal() == []


@pytest.mark.covers("M19", "L1")
def test_upper_case_in_a_host_does_not_break_paging(simulator, module):
    link = f"{simulator.graph_url}/v1.0/groups/x/transitiveMembers?$skiptoken=y"
    member = {
        "@odata.type": "#microsoft.graph.user",
        "id": "00000000-aaaa-4444-8888-000000000001",
        "userPrincipalName": ANNA,
    }
    for body in ({"value": [], "@odata.nextLink": link}, {"value": [member]}):
        simulator.inject({"match": {"path": "transitiveMembers"}, "then": {"status": 200, "body": body}})

    result = module(users=None, groups=["Frontline"], graph_url=simulator.graph_url.upper())

    # The users in the pages do not matter here: the second page was read.
    assert result["summary"]["total"] == 1 and len(simulator.requests("transitiveMembers")) == 2


@pytest.mark.covers("A6")
def test_a_host_of_a_cloud_without_the_action_changes_no_user(simulator, module, scenario):
    scenario("a6_no_such_action")

    result = module(users=[ANNA, "ben@contoso.example"])

    assert result["reason"] == "some_users_failed" and not result["changed"]
    assert set(result.reasons.values()) == {"service_error"}
    assert {user["state"] for user in result["users"]} == {NOT_ENABLED}
    assert len(simulator.writes()) == 2, "final: no user is tried twice"


@pytest.mark.covers("M15", "M23")
@pytest.mark.parametrize("option", ["graph_url", "authority_host"])
def test_a_password_in_the_address_of_a_host_is_not_shown(simulator, module, option):
    result = module(users=[ANNA], **{option: "https://squid:pa55word-of-the-host@localhost"})

    assert result["reason"] == "invalid_options" and f"'{option}'" in result["msg"]
    assert "pa55word" not in result["msg"] and simulator.journal() == []
