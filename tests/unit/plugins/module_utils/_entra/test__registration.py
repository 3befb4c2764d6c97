# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target, named
from ansible_collections.frontline.entra.plugins.module_utils._entra._registration import (
    MOST_SINGLY,
    admins_among,
    with_mobile_phone,
)
from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import Request
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import ROOT, client, error, per_item

PATH = "/reports/authenticationMethods/userRegistrationDetails"
NO_LICENCE = error(
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Neither tenant is B2C or tenant doesn't have premium license",
)


def identifier(number):
    return f"aaaaaaaa-0000-4444-8888-{number:012}"


def row(number, **more):
    return {
        "id": identifier(number).upper(),
        "userPrincipalName": f"User{number}@contoso.example",
        "userType": "member",
        "isAdmin": False,
        "methodsRegistered": ["mobilePhone"],
        **more,
    }


def target(number):
    return Target(f"user{number}@contoso.example", id=identifier(number))


def answering(*replies):
    left = list(replies)
    return client(per_item(lambda call, method, path: left.pop(0) if len(left) > 1 else left[0]))


def page(*rows, **more):
    return (200, {"value": list(rows), **more})


def query_of(call):
    return parse_qs(urlsplit(call.path).query, strict_parsing=True)


def test_users_with_a_mobile_phone_come_from_all_pages_with_id_and_name():
    graph, session = answering(
        page(row(1), row(2, userType="Guest", isAdmin=True), **{"@odata.nextLink": f"{ROOT}{PATH}?p=2"}),
        page(**{"@odata.nextLink": f"{ROOT}{PATH}?p=3"}),
        page(row(3, userPrincipalName=None, userType=None, isAdmin=None)),
    )
    found = list(with_mobile_phone(graph))
    assert [one.target for one in found] == [
        Target("User1@contoso.example", identifier(1), "User1@contoso.example", guest=False, admin=False),
        Target("User2@contoso.example", identifier(2), "User2@contoso.example", guest=True, admin=True),
        Target(identifier(3), identifier(3)),
    ]
    assert [one.admin for one in found] == [False, True, None]
    query = query_of(session.calls[0])
    assert urlsplit(session.calls[0].path).path == PATH
    assert query["$filter"] == ["methodsRegistered/any(m:m eq 'mobilePhone')"] and query["$top"] == ["999"]
    assert "isAdmin" not in query["$filter"][0], "no page promises a filter on it"
    assert len(session.calls) == 3


@pytest.mark.parametrize(
    ("methods", "listed"),
    [
        (["mobilePhone"], True),
        (["MOBILEPHONE", "somethingNew"], True),
        (["alternateMobilePhone"], False),
        (["somethingNew", None, 7], False),
        ([], False),
    ],
)
def test_a_filter_that_the_service_ignores_adds_no_user(methods, listed):
    graph, _session = answering(page(row(1, methodsRegistered=methods)))
    assert bool(list(with_mobile_phone(graph))) is listed


@pytest.mark.parametrize("methods", [None, "mobilePhone", {}])
def test_a_user_whose_methods_cannot_be_read_is_not_left_out(methods):
    graph, _session = answering(page(row(1), row(2, methodsRegistered=methods)))
    with pytest.raises(EntraError, match="has a user without a list of methods") as caught:
        list(with_mobile_phone(graph))
    assert caught.value.reason == "incomplete"


REFUSALS = [
    ((403, error("accessDenied", "Request Authorization failed")), "permission_missing", "Grant AuditLog.Read.All"),
    ((403, error("Authorization_RequestDenied")), "permission_missing", "Grant AuditLog.Read.All"),
    ((403, error("Authentication_MSGraphPermissionMissing")), "permission_missing", "Grant AuditLog.Read.All"),
    ((403, NO_LICENCE), "licence_missing", r"Entra ID P1 or better"),
    ((403, error("UnknownError", innerError=NO_LICENCE["error"])), "licence_missing", "licence"),
    ((400, error("badRequest", "Bad filter.")), "incomplete", "400 badRequest Bad filter"),
    ((503, None), "incomplete", "503"),
    (page({"userPrincipalName": "x@contoso.example"}), "incomplete", "without an object id"),
    (page("garbage"), "incomplete", "without an object id"),
    ((200, {"value": None}), "incomplete", "the answer holds no list"),
]


@pytest.mark.parametrize(("answer", "reason", "words"), REFUSALS)
def test_a_report_that_cannot_be_read_as_a_whole_is_not_used(answer, reason, words):
    graph, _session = answering(answer)
    with pytest.raises(EntraError, match=words) as caught:
        list(with_mobile_phone(graph))
    assert caught.value.reason == reason
    graph, _session = answering(page(row(1), **{"@odata.nextLink": f"{ROOT}{PATH}?p=2"}), answer)
    with pytest.raises(EntraError, match=words):
        list(with_mobile_phone(graph))


@pytest.mark.parametrize(("answer", "reason", "words"), [case for case in REFUSALS if case[1] != "incomplete"])
def test_a_refusal_of_a_single_look_up_has_the_same_reason(answer, reason, words):
    graph, _session = answering(answer)
    with pytest.raises(EntraError, match=words) as caught:
        admins_among(graph, [target(1), named("ben@contoso.example")])
    assert caught.value.reason == reason


def test_a_few_users_are_looked_up_one_by_one():
    def reply(call, method, path):
        if path == f"{PATH}/{identifier(1)}":
            return 200, row(1, isAdmin=True)
        if path == f"{PATH}/{identifier(2)}":
            return 404, error("NotFound", f"No record found for key: {identifier(2)}")
        clause = parse_qs(urlsplit(path).query)["$filter"]
        if clause == ["userPrincipalName eq 'o''hara@contoso.example'"]:
            return page(row(4, userPrincipalName="O'Hara@contoso.example", isAdmin=None))
        assert clause == ["userPrincipalName eq 'carl@contoso.example'"]
        return page()

    graph, session = client(per_item(reply))
    users = [target(1), target(2), named("o'hara@contoso.example"), named("carl@contoso.example")]
    assert admins_among(graph, users) == {"user1@contoso.example": True, "o'hara@contoso.example": None}
    assert len(session.items) == 4 and len(session.calls) == 1


def test_a_row_of_another_user_is_ignored():
    graph, _session = client(per_item(lambda *call: (200, row(9, isAdmin=False))))
    assert admins_among(graph, [target(1)]) == {}


def test_an_answer_of_a_proxy_does_not_count_as_a_missing_user():
    graph, _session = client(per_item(lambda *call: (404, {"page": "not found"})))
    with pytest.raises(EntraError, match="not Graph itself") as caught:
        admins_among(graph, [target(1)])
    assert caught.value.reason == "unreachable"


def test_for_many_users_the_whole_report_is_read_without_a_filter():
    users = [target(number) for number in range(MOST_SINGLY)] + [named("user90@contoso.example")]
    rows = [row(0, isAdmin=True), row(1), row(2, isAdmin=None), row(90, isAdmin=True), row(99, isAdmin=True)]
    graph, session = answering(page(*rows[:2], **{"@odata.nextLink": f"{ROOT}{PATH}?p=2"}), page(*rows[2:]))
    assert admins_among(graph, users) == {
        "user0@contoso.example": True,
        "user1@contoso.example": False,
        "user2@contoso.example": None,
        "user90@contoso.example": True,
    }
    assert "$filter" not in query_of(session.calls[0]) and len(session.calls) == 2


def test_the_quota_of_the_report_does_not_slow_other_requests():
    answers = {PATH: 0}

    def reply(call, method, path):
        if path.startswith(PATH):
            answers[PATH] += 1
            if answers[PATH] % 3 == 0:
                return 429, error("TooManyRequests"), {"Retry-After": "10", "x-ms-throttle-scope": "Tenant/Read/a/t"}
            more = {"@odata.nextLink": f"{ROOT}{PATH}?p={answers[PATH]}"} if answers[PATH] < 8 else {}
            return page(row(answers[PATH]), **more)
        return 200, {"value": []}

    graph, session = client(per_item(reply))
    assert len(list(with_mobile_phone(graph))) == 6
    waited = graph.now()
    for _number in range(40):
        graph.ask(Request("GET", "/users/anna%40contoso.example/authentication/phoneMethods"))
    assert graph.now() == waited and graph.throttled == 2


@pytest.mark.parametrize("count", [1, MOST_SINGLY + 1])
@pytest.mark.parametrize(("flags", "admin"), [((True, False), True), ((False, None), None), ((None, True), True)])
def test_of_two_users_with_one_name_the_administrator_counts(count, flags, admin):
    rows = [row(place, userPrincipalName="User1@contoso.example", isAdmin=flag) for place, flag in zip((1, 99), flags)]
    graph, _session = answering(page(*rows))
    targets = [Target(f"user{number}@contoso.example") for number in range(1, count + 1)]
    assert admins_among(graph, targets) == {"user1@contoso.example": admin}
