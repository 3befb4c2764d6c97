# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links, redirects and batch items that point to another host."""

from __future__ import annotations

import json

import pytest

from integration.tenants import READY, make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2),
    {"count": 30, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"},
    groups=[{"name": "Frontline", "members": ["anna@contoso.example"]}],
)
ANNA = "anna@contoso.example"
WORKERS = [f"worker{number:02}@contoso.example" for number in range(1, 31)]


def assert_stayed_at_home(result, elsewhere):
    assert elsewhere.journal() == []
    assert elsewhere.graph_url not in json.dumps({**result, "invocation": None})


@pytest.mark.covers("M14", "L1")
@pytest.mark.parametrize("option", ["groups", "exclude_groups"])
@pytest.mark.parametrize(
    "link",
    [
        "{elsewhere}/v1.0/groups/x/transitiveMembers?$skiptoken=y",
        "{graph}.example.org/v1.0/groups/x/transitiveMembers",
        "https://user@{elsewhere_host}/v1.0/groups",
        "http://{graph_host}/v1.0/groups/x/transitiveMembers",
        "{graph}@{elsewhere_host}/v1.0/groups",
        "{graph}/beta/groups",
        "//{elsewhere_host}/v1.0/groups",
        "/v1.0/groups",
        17,
        {"url": "x"},
    ],
)
def test_a_next_link_to_another_host_is_not_followed(simulator, elsewhere, module, link, option):
    hosts = {
        "graph": simulator.graph_url,
        "elsewhere": elsewhere.graph_url,
        "graph_host": simulator.graph_url.removeprefix("https://"),
        "elsewhere_host": elsewhere.graph_url.removeprefix("https://"),
    }
    link = link.format(**hosts) if isinstance(link, str) else link
    page = {"value": [], "@odata.nextLink": link}
    simulator.inject({"match": {"path": "transitiveMembers"}, "times": None, "then": {"status": 200, "body": page}})

    result = module(**{"users": ["ben@contoso.example"], option: ["Frontline"]})

    assert result["reason"] == "unreachable" and not result["changed"]
    assert "not sent there" in result["msg"]
    assert_stayed_at_home(result, elsewhere)
    assert simulator.writes() == [] and len(simulator.requests("transitiveMembers")) == 1


@pytest.mark.covers("M14", "L1")
def test_a_circular_next_link_ends_the_run(simulator, module):
    page = {"value": [], "@odata.nextLink": f"{simulator.graph_url}/v1.0/groups/x/transitiveMembers?$skiptoken=y"}
    simulator.inject({"match": {"path": "transitiveMembers"}, "times": None, "then": {"status": 200, "body": page}})

    result = module(groups=["Frontline"])

    assert result["reason"] == "unreachable" and len(simulator.requests("transitiveMembers")) == 2


@pytest.mark.covers("M14")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
def test_a_redirect_of_a_read_is_not_followed(simulator, elsewhere, module, status, times):
    target = f"{elsewhere.graph_url}/v1.0/users/{ANNA}/authentication/phoneMethods"
    simulator.inject({"match": {"method": "GET"}, "times": times, "then": {"redirect": target, "status": status}})

    result = module(users=[ANNA])

    assert_stayed_at_home(result, elsewhere)
    assert result["reason"] == "unreachable" and "redirect" in result["msg"]
    assert simulator.writes() == [] and not result["changed"]


@pytest.mark.covers("M14")
def test_a_redirect_of_a_batch_is_not_followed(simulator, elsewhere, module):
    match = {"outer": True}
    simulator.inject({"match": match, "times": None, "then": {"redirect": f"{elsewhere.graph_url}/v1.0/$batch"}})

    result = module(users=WORKERS)

    assert_stayed_at_home(result, elsewhere)
    assert result["reason"] == "unreachable" and simulator.writes() == []


@pytest.mark.covers("M14")
def test_a_redirect_of_a_write_is_not_followed_and_the_state_decides(simulator, elsewhere, module):
    redirect = {"redirect": f"{elsewhere.graph_url}/v1.0/users/{ANNA}", "status": 307, "apply": True}
    simulator.inject({"match": {"method": "POST"}, "then": redirect})

    result = module(users=[ANNA])

    assert_stayed_at_home(result, elsewhere)
    assert result["changed"] and result.user("anna")["state"] == READY
    assert [write.effect for write in simulator.writes()] == [True]


@pytest.mark.covers("M14")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_in_a_batch_item_is_not_followed(simulator, elsewhere, module, method):
    target = f"{elsewhere.graph_url}/v1.0/users/{ANNA}/authentication/phoneMethods"
    match = {"kind": "item", "user": ANNA, "method": method}
    simulator.inject({"match": match, "times": None, "then": {"redirect": target}})

    result = module(users=[ANNA, WORKERS[0]], verify_timeout=0.3)

    assert_stayed_at_home(result, elsewhere)
    assert result["reason"] == "some_users_failed"
    assert (result.user("anna")["reason"], result.user("anna")["changed"]) == ("service_error", False)
    assert result.user(WORKERS[0])["changed"]


@pytest.mark.covers("M14")
def test_a_link_inside_of_a_batch_item_is_not_followed(simulator, elsewhere, module):
    body = {
        "@odata.nextLink": f"{elsewhere.graph_url}/v1.0/users/{ANNA}/authentication/phoneMethods",
        "value": [{"id": "3179e48a-750b-4051-897c-87b9720928f7", "phoneType": "mobile", "smsSignInState": "ready"}],
    }
    simulator.inject({"match": {"kind": "item", "user": ANNA}, "then": {"status": 200, "body": body}})

    result = module(users=[ANNA, WORKERS[0]])

    assert_stayed_at_home(result, elsewhere)
    assert result["reason"] is None and not result.user("anna")["changed"]


@pytest.mark.covers("M14", "M16")
@pytest.mark.parametrize("path", ["openid-configuration", "oauth2/v2.0/token"])
def test_a_redirect_of_the_login_is_not_followed(simulator, elsewhere, module, path):
    match = {"kind": "login", "path": path}
    simulator.inject({"match": match, "times": None, "then": {"redirect": f"{elsewhere.login_url}/x", "status": 307}})

    result = module(users=[ANNA])

    assert_stayed_at_home(result, elsewhere)
    assert result["reason"] == "unreachable" and "redirect" in result["msg"]
    assert simulator.calls() == []
