# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of users and groups: filters, searches, order, and what Graph wants ConsistencyLevel for; the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

EVENTUAL = {"ConsistencyLevel": "eventual"}
ANNA = "anna@contoso.example"
REPORT = "/reports/authenticationMethods/userRegistrationDetails"


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one.get("userPrincipalName") or one["displayName"] for one in answer.json()["value"]]


def test_members_are_direct_members(simulator: Any, graph: Any) -> None:
    url = f"/groups/{simulator.group_id('Frontline')}/members"
    assert names(graph.call("GET", url)) == [ANNA, "Nested", "Kiosk 1", "Vendor", "Bot"]
    cast = f"{url}/microsoft.graph.user"
    assert names(graph.call("GET", f"{cast}?$count=true", headers=EVENTUAL)) == [ANNA]
    assert graph.call("GET", cast, headers=EVENTUAL).json()["error"]["code"] == "Request_UnsupportedQuery"


@pytest.mark.parametrize("members", ["members", "transitiveMembers"])
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("$filter=userPrincipalName eq 'ANNA@contoso.example'", [ANNA]),
        ("$filter=startswith(displayName,'n')", ["Nested", "nested@contoso.example"]),
        ("$filter=accountEnabled eq true and userType eq 'Member'", [ANNA, "nested@contoso.example"]),
        ("$filter=accountEnabled eq false", []),
        ('$search="displayName:kiosk"', ["Kiosk 1"]),
        ('$search="displayName:1 ki"', ["Kiosk 1"]),
        ('$search="displayName:iosk"', []),
        ("$orderby=displayName", [ANNA, "Bot", "Kiosk 1", "Nested", "nested@contoso.example", "Vendor"]),
        ("$orderby=displayName desc&$top=2", ["Vendor", "Nested"]),
    ],
)
def test_members_are_searched_in_the_index(
    simulator: Any, graph: Any, members: str, query: str, found: list[str]
) -> None:
    url = f"/groups/{simulator.group_id('Frontline')}/{members}?{query}"
    nested = members == "transitiveMembers"
    wanted = [name for name in found if nested or name != "nested@contoso.example"]
    assert names(graph.call("GET", f"{url}&$count=true", headers=EVENTUAL)) == wanted
    for ending, headers in (("", {}), ("&$count=true", {}), ("", EVENTUAL), ("&$count=false", EVENTUAL)):
        answer = graph.call("GET", url + ending, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "Request_UnsupportedQuery")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("$filter=shoeSize eq '1'", 501),
        ("$filter=displayName ne 'x'", 501),
        ("$filter=displayName eq x", 400),
        ("$filter=accountEnabled eq 'x'", 400),
        ("$search=displayName:x", 400),
        ('$search="mobilePhone:x"', 400),
        ("$orderby=mobilePhone", 400),
        ("$expand=memberOf", 400),
        ("$skip=5", 400),
    ],
)
def test_unsupported_options_are_refused(simulator: Any, graph: Any, query: str, status: int) -> None:
    url = f"/groups/{simulator.group_id('Frontline')}/members?$count=true&{query}"
    assert graph.call("GET", url, headers=EVENTUAL).status_code == status
    assert simulator.journal()[-1].reason


def test_owners_are_not_members(simulator: Any, graph: Any) -> None:
    assert names(graph.call("GET", f"/groups/{simulator.group_id('Secret')}/Owners")) == ["bob@contoso.example"]
    assert names(graph.call("GET", f"/groups/{simulator.group_id('Frontline')}/owners")) == []


def test_the_count_comes_once_and_links_want_the_header_again(simulator: Any, graph: Any) -> None:
    url = (
        f"/groups/{simulator.group_id('Workers')}/members?$count=true&$top=200&$filter=startswith(displayName,'worker')"
    )
    first = graph.call("GET", url, headers=EVENTUAL).json()
    assert first["@odata.count"] == 250
    link = first["@odata.nextLink"]
    assert graph.session.get(link).status_code == 400
    second = graph.session.get(link, headers=EVENTUAL).json()
    assert "@odata.count" not in second and len(second["value"]) == 50


def test_users_are_listed(graph: Any, client: Callable[..., Any]) -> None:
    assert names(graph.call("GET", "/users?$filter=userPrincipalName eq 'anna@contoso.example'")) == [ANNA]
    workers = graph.call(
        "GET", "/users?$filter=startsWith(userPrincipalName,'worker')&$top=3&$select=userPrincipalName"
    )
    assert [set(one) for one in workers.json()["value"]] == [{"userPrincipalName"}] * 3
    assert names(graph.call("GET", '/users?$search="displayName:ann"', headers=EVENTUAL)) == [ANNA]
    ordered = "/users?$orderby=displayName&$filter=userType eq 'Guest'"
    assert graph.call("GET", ordered).status_code == 400
    assert len(names(graph.call("GET", f"{ordered}&$count=true", headers=EVENTUAL))) == 1
    assert graph.call("GET", '/users?$search="displayName:ann"').status_code == 400
    narrow = client(roles=["GroupMember.Read.All"]).call("GET", "/users")
    assert (narrow.status_code, narrow.json()["error"]["code"]) == (403, "Authorization_RequestDenied")


def test_groups_are_searched(graph: Any) -> None:
    assert names(graph.call("GET", '/groups?$search="displayName:our"', headers=EVENTUAL)) == ["It's ours"]
    assert graph.call("GET", '/groups?$search="displayName:our"').status_code == 400
    assert names(graph.call("GET", "/groups?$orderby=displayName&$top=2")) == ["Frontline", "It's ours"]


@pytest.mark.parametrize(
    ("url", "cost"),
    [("/users", "2"), ("/users?$select=id", "1"), (f"/users/{ANNA}", "1"), ("/groups/{group}/members", "3"),
     ("/groups/{group}/members?$top=5&$select=id", "1"), ("/groups/{group}/transitiveMembers", "5"), ("/groups", "1")],
)  # fmt: skip
def test_lists_have_the_documented_cost(simulator: Any, graph: Any, url: str, cost: str) -> None:
    simulator.set_quota({"reads_per_second": 1000})
    answer = graph.call("GET", url.format(group=simulator.group_id("Nested")))
    assert answer.headers["x-ms-resource-unit"] == cost


def test_a_too_large_page_size_may_be_ignored(simulator: Any, graph: Any) -> None:
    simulator.switch("top_over_limit", "ignore")
    assert len(graph.call("GET", "/users?$top=1000").json()["value"]) == 100


def test_the_report_shortlists_by_method(graph: Any) -> None:
    query = "?$filter=methodsRegistered/any(t: t eq 'officePhone') and userType eq 'member'"
    rows = graph.call("GET", REPORT + query).json()["value"]
    assert [row["userPrincipalName"] for row in rows] == [ANNA]


def test_the_report_lags(simulator: Any, graph: Any) -> None:
    simulator.switch("report_lag", 3600)
    query = f"?$filter=userPrincipalName eq '{ANNA}'&$select=methodsRegistered"

    def shown() -> list[Any]:
        return [row["methodsRegistered"] for row in graph.call("GET", REPORT + query).json()["value"]]

    both = ["mobilePhone", "officePhone"]
    assert graph.phone(ANNA, "/e37fc753-ff3b-4958-9484-eaa9425c82bc", "DELETE").status_code == 204
    simulator.advance(1800)
    simulator.change(ANNA, enabled=False)
    assert shown() == [both]
    graph.session.headers["Authorization"] = f"Bearer {simulator.token(expires_in=9999)}"
    simulator.advance(1801)
    assert shown() == [["mobilePhone"]]
    simulator.advance(1800)
    assert shown() == []


def test_one_record_of_the_report(simulator: Any, graph: Any) -> None:
    anna = simulator.user_id(ANNA)
    row = graph.call("GET", f"{REPORT}/{anna}").json()
    assert (row["userPrincipalName"], row["methodsRegistered"]) == (ANNA, ["mobilePhone", "officePhone"])
    assert graph.call("GET", f"{REPORT}('{anna}')?$select=id").json()["id"] == anna
    for key in (simulator.user_id("nophone@contoso.example"), simulator.user_id("off@contoso.example"), ANNA):
        answer = graph.call("GET", f"{REPORT}/{key}")
        assert answer.status_code == 404
        assert answer.json()["error"]["message"] == f"No record found for key: {key}"


def test_the_report_needs_a_licence(simulator: Any, graph: Any) -> None:
    simulator.switch("premium", False)
    answer = graph.call("GET", REPORT)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
