# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read before a user loses a sign-in method: all methods, the report, and membership in some groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from contract import Contract
from graph_simulator import Simulator

ANNA, BEN, CARL, DORA = (f"{name}@contoso.example" for name in ("anna", "ben", "carl", "dora"))
REPORT = "/reports/authenticationMethods/userRegistrationDetails"
KINDS = [
    "fido2", "microsoftAuthenticator", "windowsHelloForBusiness", "platformCredential", "qrCodePin",
    "temporaryAccessPass", "email", "softwareOath", "external",
]  # fmt: skip
READ_ALL = "UserAuthenticationMethod.Read.All"


@pytest.fixture(scope="module")
def other(contract: Contract) -> Iterator[Simulator]:
    tenant = {
        "apps": [{"client_id": "app", "roles": [READ_ALL, "AuditLog.Read.All", "GroupMember.ReadBasic.All"]}],
        "users": [
            {"name": ANNA, "mobile": "+1 2065550101", "methods": KINDS},
            {"name": BEN},
            {"name": CARL, "enabled": False},
            {"name": DORA, "admin": None, "methods": [{"temporaryAccessPass": {"isUsable": False}}, "email"]},
        ],
        "groups": [
            {"name": "Outer", "members": ["group:Inner"]},
            {"name": "Inner", "members": [ANNA]},
            {"name": "Others", "members": [BEN]},
        ],
    }
    with Simulator(tenant, observe=contract.see_accepted) as simulator:
        yield simulator


@pytest.fixture
def graph(other: Simulator, connect: Any) -> Any:
    other.reset()
    return connect(other, other.token())


def kinds(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    names = (one["@odata.type"] for one in answer.json()["value"])
    return [name.removeprefix("#microsoft.graph.").removesuffix("AuthenticationMethod") for name in names]


def test_all_methods_are_listed_with_their_types(graph: Any) -> None:
    assert kinds(graph.call("GET", f"/users/{ANNA}/authentication/methods")) == ["password", "phone", *KINDS]
    assert kinds(graph.call("GET", f"/users/{BEN}/authentication/methods")) == ["password"]


def test_a_method_may_have_properties_of_its_own(other: Simulator, graph: Any) -> None:
    _password, given, _email = graph.call("GET", f"/users/{DORA}/authentication/methods").json()["value"]
    assert (given["isUsable"], given["lifetimeInMinutes"]) == (False, 60)
    (row,) = [row for row in graph.call("GET", REPORT).json()["value"] if row["userPrincipalName"] == DORA]
    assert row["methodsRegistered"] == ["temporaryAccessPass", "email"] and row["isAdmin"] is None


@pytest.mark.parametrize("code", ["accessDenied", "Authorization_RequestDenied"])
def test_the_code_of_a_missing_permission_for_the_report_is_a_switch(other: Simulator, connect: Any, code: str) -> None:
    other.reset()
    other.switch("report_refusal_code", code)
    answer = connect(other, other.token(roles=[READ_ALL])).call("GET", REPORT)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, code)


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"roles": [READ_ALL]}, 200),
        ({"roles": ["UserAuthenticationMethod.ReadWrite.All"]}, 200),
        ({"roles": ["UserAuthMethod-Phone.ReadWrite.All"]}, 403),
        ({"user": BEN, "scopes": [READ_ALL], "entra_roles": ["Global Reader"]}, 200),
        ({"user": BEN, "scopes": [READ_ALL]}, 403),
        ({"user": ANNA, "scopes": ["UserAuthenticationMethod.Read"]}, 200),
    ],
)
def test_permissions_for_phones_do_not_open_all_methods(
    other: Simulator, connect: Any, wanted: dict[str, Any], status: int
) -> None:
    path = "/me" if wanted.get("user") == ANNA else f"/users/{ANNA}"
    assert connect(other, other.token(**wanted)).call("GET", f"{path}/authentication/methods").status_code == status


@pytest.mark.parametrize(("listed", "names"), [(False, [ANNA, DORA]), (True, [ANNA, BEN, DORA])])
def test_the_report_may_list_users_without_methods(
    other: Simulator, graph: Any, listed: bool, names: list[str]
) -> None:
    other.switch("report_lists_unregistered", listed)
    rows = {row["userPrincipalName"]: row["methodsRegistered"] for row in graph.call("GET", REPORT).json()["value"]}
    assert list(rows) == names and rows.get(BEN, []) == []
    assert {"mobilePhone", "passKeyDeviceBound", "microsoftAuthenticatorPush", "qrCode"} <= set(rows[ANNA])
    assert graph.call("GET", f"{REPORT}/{other.user_id(BEN)}").status_code == (200 if listed else 404)
    assert graph.call("GET", f"{REPORT}/{other.user_id(CARL)}").status_code == 404


def test_a_page_of_the_report_may_be_smaller_than_requested(other: Simulator, graph: Any) -> None:
    other.switch("report_page_size", 1)
    first = graph.call("GET", f"{REPORT}?$top=999").json()
    assert len(first["value"]) == 1 and "$skiptoken" in first["@odata.nextLink"]


def test_membership_is_checked_through_other_groups(other: Simulator, graph: Any) -> None:
    ids = [other.group_id(name) for name in ("Others", "Outer", "Inner")]
    unknown = "99999999-0000-4000-8000-000000000000"
    answer = graph.call("POST", f"/users/{ANNA}/checkMemberGroups", json={"groupIds": [*ids, unknown]})
    assert (answer.status_code, answer.json()["value"]) == (200, ids[1:])
    assert not other.journal()[-1].write


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"groupIds": "x"}, 400), ({"groupIds": [1]}, 400), ({"groupIds": ["x"] * 21}, 400),
     ({"groupIds": ["x"] * 20}, 200), ({"groupIds": [], "more": 1}, 400)],
)  # fmt: skip
def test_at_most_twenty_groups_are_checked_at_once(graph: Any, body: Any, status: int) -> None:
    assert graph.call("POST", f"/users/{ANNA}/checkMemberGroups", json=body).status_code == status


@pytest.mark.parametrize(
    ("user", "role", "status"), [(ANNA, "AuditLog.Read.All", 403), ("nobody", "User.Read.All", 404)]
)
def test_membership_needs_a_permission(other: Simulator, connect: Any, user: str, role: str, status: int) -> None:
    graph = connect(other, other.token(roles=[role]))
    assert graph.call("POST", f"/users/{user}/checkMemberGroups", json={"groupIds": []}).status_code == status
