# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, groups, their members, the SMS policy and the registration report."""

from __future__ import annotations

import contextlib
import http.client
import ssl
from collections.abc import Callable
from typing import Any

import pytest

EVENTUAL = {"ConsistencyLevel": "eventual"}
POLICY = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations"
REPORT = "/reports/authenticationMethods/userRegistrationDetails"
SMS_TYPE = "#microsoft.graph.smsAuthenticationMethodConfiguration"


def names(answer: Any) -> list[str]:
    return [one.get("userPrincipalName") or one.get("displayName") for one in answer.json()["value"]]


def test_a_user_by_name_or_id_with_selected_properties(simulator: Any, graph: Any) -> None:
    query = "?$select=id,userPrincipalName,accountEnabled,userType"
    for key in ("off@contoso.example", simulator.user_id("off@contoso.example")):
        body = graph.call("GET", f"/users/{key}{query}").json()
        del body["@odata.context"]
        assert body == {
            "id": simulator.user_id("off@contoso.example"),
            "userPrincipalName": "off@contoso.example",
            "accountEnabled": False,
            "userType": "Member",
        }
    guest = graph.call("GET", "/users/guest_x.example%23EXT%23@contoso.example?$select=userType")
    assert guest.json()["userType"] == "Guest"
    assert "accountEnabled" not in graph.call("GET", "/users/off@contoso.example").json()
    assert graph.call("GET", "/users/nobody@contoso.example").json()["error"]["code"] == "Request_ResourceNotFound"
    assert graph.call("GET", "/users/off@contoso.example?$select=shoeSize").status_code == 400


def test_me_is_the_user_of_the_token(client: Callable[..., Any]) -> None:
    me = client(user="anna@contoso.example", scopes=["User.Read"]).call("GET", "/me?$select=userPrincipalName,userType")
    assert me.json()["userPrincipalName"] == "anna@contoso.example"
    basic = client(user="admin@contoso.example", scopes=["User.ReadBasic.All"])
    other = basic.call("GET", "/users/anna@contoso.example?$select=id,accountEnabled").json()
    assert other["id"] and other["accountEnabled"] is None
    refused = client().call("GET", "/me")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("displayName eq 'frontline'", 1),
        ("displayName eq 'Twins'", 2),
        ("displayName eq 'Twins' and securityEnabled eq true", 1),
        ("displayName eq 'It''s ours'", 1),
        ("displayName eq 'Nowhere'", 0),
        ("displayName eq 'It's ours'", 400),
        ("startswith(displayName,'t')", 2),
        ("displayName eq 'Twins' or displayName eq 'Secret'", 3),
        ("displayName ne 'Twins'", 501),
        ("displayName eq true", 400),
    ],
)
def test_groups_by_name(graph: Any, text: str, found: int) -> None:
    answer = graph.call("GET", "/groups", params={"$filter": text, "$select": "id,displayName"})
    if found == 400:
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "Request_UnsupportedQuery")
    elif found == 501:
        assert answer.status_code == 501 and "does not know this filter" in answer.json()["error"]["message"]
    else:
        assert [set(one) for one in answer.json()["value"]] == [{"id", "displayName"}] * found


def test_a_group_by_id(simulator: Any, graph: Any) -> None:
    group = graph.call("GET", f"/groups/{simulator.group_id('Secret')}").json()
    assert (group["displayName"], group["securityEnabled"], group["visibility"]) == ("Secret", True, "HiddenMembership")
    assert graph.call("GET", "/groups/00000000-0000-0000-0000-000000000000").status_code == 404
    assert graph.call("GET", "/groups/Secret").status_code == 404


def test_transitive_members_are_flat_and_of_all_kinds(simulator: Any, graph: Any) -> None:
    url = f"/groups/{simulator.group_id('Frontline')}/transitiveMembers"
    members = graph.call("GET", f"{url}?$select=id,userPrincipalName,displayName").json()["value"]
    assert [(one["@odata.type"], one.get("userPrincipalName") or one["displayName"]) for one in members] == [
        ("#microsoft.graph.user", "anna@contoso.example"),
        ("#microsoft.graph.group", "Nested"),
        ("#microsoft.graph.device", "Kiosk 1"),
        ("#microsoft.graph.orgContact", "Vendor"),
        ("#microsoft.graph.servicePrincipal", "Bot"),
        ("#microsoft.graph.user", "nested@contoso.example"),
    ]


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("?$count=true", EVENTUAL, 200),
        ("?$count=true", {}, 400),
        ("", EVENTUAL, 400),
        ("", {}, 400),
    ],
)
@pytest.mark.parametrize("namespace", ["microsoft.graph", "graph"])
def test_a_cast_is_an_advanced_query(
    simulator: Any, graph: Any, namespace: str, query: str, headers: Any, status: int
) -> None:
    url = f"/groups/{simulator.group_id('Frontline')}/transitiveMembers/{namespace}.user"
    answer = graph.call("GET", f"{url}{query}", headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert names(answer) == ["anna@contoso.example", "nested@contoso.example"]
        assert answer.json()["@odata.count"] == 2
    else:
        assert answer.json()["error"]["code"] == "Request_UnsupportedQuery"


@pytest.mark.parametrize("empty_page", [False, True])
def test_pages_are_linked_until_the_last(simulator: Any, graph: Any, empty_page: bool) -> None:
    simulator.switch("empty_page", empty_page)
    group = simulator.group_id("Workers")
    url = f"/groups/{group}/transitiveMembers/microsoft.graph.user?$count=true&$select=id,userPrincipalName"
    answer = graph.call("GET", url, headers=EVENTUAL)
    pages = [answer]
    while link := pages[-1].json().get("@odata.nextLink"):
        assert link.startswith(f"{simulator.graph_url}/v1.0/groups/{group}/")
        assert graph.session.get(link).status_code == 400  # ConsistencyLevel is needed again
        pages.append(graph.session.get(link, headers=EVENTUAL))
    assert [len(page.json()["value"]) for page in pages] == ([100, 0, 100, 50] if empty_page else [100, 100, 50])
    assert [page.json().get("@odata.count") for page in pages] == [250] + [None] * (len(pages) - 1)
    assert len({name for page in pages for name in names(page)}) == 250


@pytest.mark.parametrize(("top", "size"), [("7", 7), ("999", 250), ("1000", 400), ("0", 400), ("x", 400)])
def test_top_has_its_bounds(simulator: Any, graph: Any, top: str, size: int) -> None:
    url = f"/groups/{simulator.group_id('Workers')}/transitiveMembers?$top={top}"
    answer = graph.call("GET", url)
    assert (answer.status_code if size == 400 else len(answer.json()["value"])) == size
    simulator.switch("top_over_limit", "clamp")
    assert top != "1000" or graph.call("GET", url).status_code == 200


@pytest.mark.parametrize("token", ["100", "NQ==", "WyJ4IiwgMV0=", "%00"])
def test_an_invalid_skiptoken_is_refused(simulator: Any, graph: Any, token: str) -> None:
    url = f"/groups/{simulator.group_id('Workers')}/transitiveMembers?$skiptoken={token}"
    assert graph.call("GET", url).json()["error"]["code"] == "Directory_ExpiredPageToken"


def test_narrow_permissions_show_members_without_properties(simulator: Any, client: Callable[..., Any]) -> None:
    narrow = client(roles=["GroupMember.Read.All"])
    query = "?$select=id,userPrincipalName,accountEnabled,userType"
    url = f"/groups/{simulator.group_id('Nested')}/transitiveMembers{query}"
    first = narrow.call("GET", url).json()["value"][0]
    assert first == {
        "@odata.type": "#microsoft.graph.user",
        "id": simulator.user_id("nested@contoso.example"),
        "userPrincipalName": None,
        "accountEnabled": None,
        "userType": None,
    }
    simulator.switch("narrow_members", "full")
    first = narrow.call("GET", url).json()["value"][0]
    assert (first["userPrincipalName"], first["accountEnabled"]) == ("nested@contoso.example", None)


def test_hidden_members_need_a_permission(simulator: Any, client: Callable[..., Any]) -> None:
    url = f"/groups/{simulator.group_id('Secret')}/transitiveMembers"
    assert client().call("GET", url).json()["error"]["code"] == "Authorization_RequestDenied"
    assert len(client(roles=["Group.Read.All", "Member.Read.Hidden"]).call("GET", url).json()["value"]) == 1
    simulator.switch("hidden_members", "empty")
    assert client().call("GET", url).json()["value"] == []


@pytest.mark.parametrize("segment", ["/sms", "/Sms", "('SMS')"])
def test_the_policy_is_read(simulator: Any, graph: Any, segment: str) -> None:
    body = graph.call("GET", f"{POLICY}{segment}").json()
    assert (body["@odata.type"], body["id"], body["state"]) == (SMS_TYPE, "Sms", "enabled")
    assert body["includeTargets"] == [
        {"targetType": "group", "id": "all_users", "isRegistrationRequired": False, "isUsableForSignIn": True}
    ]
    assert body["excludeTargets"] == [{"targetType": "group", "id": simulator.group_id("NoSms")}]


@pytest.mark.beyond_metadata("'value' was unexpected")
def test_the_policy_may_be_wrapped(simulator: Any, graph: Any) -> None:
    simulator.switch("policy_wrapped", True)
    assert graph.call("GET", f"{POLICY}/sms").json()["value"]["id"] == "Sms"


def test_another_method_has_no_policy_here(graph: Any) -> None:
    assert graph.call("GET", f"{POLICY}/fido2").status_code == 404


def test_a_change_of_the_policy_replaces_collections(simulator: Any, graph: Any) -> None:
    include = [{"targetType": "group", "id": simulator.group_id("Nested"), "isUsableForSignIn": True}]
    answer = graph.call("PATCH", f"{POLICY}/sms", json={"@odata.type": SMS_TYPE, "includeTargets": include})
    assert answer.status_code == 204 and simulator.journal()[-1].effect
    assert simulator.state("barred@contoso.example") == "notAllowedByPolicy"
    assert simulator.state("nested@contoso.example") == "notEnabled"
    assert simulator.state("bob@contoso.example") == "notAllowedByPolicy"
    body = {"@odata.type": SMS_TYPE, "state": "enabled", "excludeTargets": []}
    assert graph.call("PATCH", f"{POLICY}/sms", json=body).status_code == 204
    assert graph.call("DELETE", f"{POLICY}/sms").status_code == 204
    assert simulator.state("nested@contoso.example") == "notAllowedByPolicy"


@pytest.mark.parametrize(
    "change",
    [
        {"@odata.type": None, "state": "enabled"},
        {"state": "on"},
        {"colour": "red"},
        {"excludeTargets": [{"targetType": "group", "id": "no such group"}]},
        {"excludeTargets": [{"targetType": "user", "id": "no such user"}]},
        {"excludeTargets": [{"targetType": "group"}]},
        {"excludeTargets": {}},
        {"includeTargets": [{"targetType": "group", "id": "all_users", "isUsableForSignIn": "yes"}]},
        {"includeTargets": [{"targetType": "planet", "id": "all_users"}]},
    ],
)
def test_a_bad_policy_is_refused(graph: Any, change: dict[str, Any]) -> None:
    assert graph.call("PATCH", f"{POLICY}/sms", json={"@odata.type": SMS_TYPE, **change}).status_code == 400


def test_include_targets_in_a_change_are_a_switch(simulator: Any, graph: Any) -> None:
    simulator.switch("policy_include_targets", "refuse")
    body = {"@odata.type": SMS_TYPE, "includeTargets": []}
    assert graph.call("PATCH", f"{POLICY}/sms", json=body).status_code == 400


def test_the_report_shortlists_enabled_users_with_methods(simulator: Any, graph: Any) -> None:
    filtered = "methodsRegistered/any(t: t eq 'mobilePhone') and userType eq 'member'"
    rows, url = [], None
    answer = graph.call("GET", REPORT, params={"$filter": filtered})
    rows += answer.json()["value"]
    while url := answer.json().get("@odata.nextLink"):
        answer = graph.session.get(url)
        rows += answer.json()["value"]
    found = {row["userPrincipalName"] for row in rows}
    assert "anna@contoso.example" in found and len(found) == len(rows) > 250
    assert not found & {"off@contoso.example", "nophone@contoso.example", "ghost@contoso.example"}
    assert not any("#EXT#" in name for name in found)
    assert "smsSignInState" not in rows[0] and rows[0]["methodsRegistered"] == ["mobilePhone", "officePhone"]


def test_the_report_may_be_stale_and_supports_its_options(simulator: Any, graph: Any) -> None:
    simulator.change("anna@contoso.example", mobile=None, office=None)
    query = "?$filter=userPrincipalName eq 'anna@contoso.example'&$select=id"
    assert graph.call("GET", f"{REPORT}{query}").json()["value"] == []
    simulator.switch("report_stale", True)
    assert graph.call("GET", f"{REPORT}{query}").json()["value"] == [{"id": simulator.user_id("anna@contoso.example")}]
    for bad in ("?$orderby=id", "?$filter=methodsRegistered/any(t: x eq 'mobilePhone')", "?$select=phoneNumber"):
        assert graph.call("GET", f"{REPORT}{bad}").status_code == 400


def test_the_report_may_open_to_another_permission(simulator: Any, client: Callable[..., Any]) -> None:
    simulator.switch("report_accepts_method_permission", True)
    assert client(roles=["UserAuthenticationMethod.Read.All"]).call("GET", REPORT).status_code == 200


@pytest.mark.parametrize(
    ("path", "segment"),
    [
        ("/nonsense", "nonsense"),
        ("/users/anna@contoso.example/nonsense", "nonsense"),
        ("/me/", ""),
    ],
)
def test_an_unknown_route_names_its_segment(
    client: Callable[..., Any], simulator: Any, path: str, segment: str
) -> None:
    answer = client(user="anna@contoso.example", scopes=["User.Read"]).call("GET", path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")
    assert f"segment '{segment}'" in answer.json()["error"]["message"]
    assert simulator.journal()[-1].reason == "no such route"


def test_only_version_1_is_served(simulator: Any, graph: Any) -> None:
    for path in ("/beta/groups", "/groups", "/"):
        status, body = graph.raw(path)
        assert (status, body["error"]["code"]) == (400, "BadRequest")
    assert len(simulator.journal()) == 3


def test_an_invalid_path_is_refused_and_journaled(simulator: Any, graph: Any) -> None:
    context = ssl.create_default_context(cafile=str(simulator.ca_file))
    host = simulator.graph_url.removeprefix("https://")
    with contextlib.closing(http.client.HTTPSConnection(host, context=context, timeout=10)) as connection:
        connection.request("OPTIONS", "*")
        assert connection.getresponse().status == 400
    assert [(entry.method, entry.status) for entry in simulator.journal()] == [("OPTIONS", 400)]
