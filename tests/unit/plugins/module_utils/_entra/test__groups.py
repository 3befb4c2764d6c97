# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target
from ansible_collections.frontline.entra.plugins.module_utils._entra._groups import (
    MOST_GROUPS_ASKED,
    find_group,
    group_names,
    members,
    membership_request,
    parse_memberships,
)
from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError, PermissionMissing
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import Reply
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    ROOT,
    FakeTenant,
    FakeUser,
    client,
    error,
    per_item,
)

GROUP = "AAAAAAAA-1111-4444-8888-000000000000"
ONE, TWO, GONE, SECRET = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abcd")


def answering(*replies):
    left = list(replies)
    return client(per_item(lambda call, method, path: left.pop(0) if len(left) > 1 else left[0]))


def test_an_id_is_not_looked_up():
    graph, session = answering((500, None))
    assert find_group(graph, GROUP) == GROUP.lower()
    assert session.calls == []


@pytest.mark.parametrize(
    "name", ["Frontline", "Fahrer's & Träger #1", "a/b?c=d+e%20", "' or 1 eq 1 or displayName eq '"]
)
def test_a_name_is_looked_up_as_a_literal(name):
    graph, session = answering((200, {"value": [{"id": GROUP, "displayName": name}]}))
    assert find_group(graph, name) == GROUP.lower()
    parts = urlsplit(session.calls[0].path)
    query = parse_qs(parts.query, strict_parsing=True)
    assert parts.path == "/groups"
    assert query["$filter"] == ["displayName eq '{}' and securityEnabled eq true".format(name.replace("'", "''"))]


@pytest.mark.parametrize(
    ("replies", "reason", "words"),
    [
        ([(200, {"value": []})], "group_not_found", "No security group"),
        ([(200, {"value": [{"id": ONE}, {"id": TWO}]})], "group_ambiguous", f"{ONE}, {TWO}"),
        (
            [
                (200, {"value": [{"id": ONE}], "@odata.nextLink": ROOT + "/groups?p=2"}),
                (200, {"value": [{"id": TWO}]}),
            ],
            "group_ambiguous",
            "2 security groups",
        ),
        ([(403, error("Authorization_RequestDenied"))], "permission_missing", "GroupMember.ReadBasic.All or"),
        ([(400, error("badRequest", "Bad filter."))], "incomplete", "400 badRequest Bad filter"),
        ([(503, None)], "incomplete", "503"),
        ([(200, {"value": None})], "incomplete", "'Frontline' could not be read: the answer holds no list"),
        ([(200, {"value": [{"id": None}]})], "incomplete", "'Frontline' has an entry without an object id"),
        ([(200, {"value": [None]})], "incomplete", "'Frontline' has an entry that is no object"),
        (
            [(200, {"value": [{"id": ONE, "displayName": "Managers"}]})],
            "incomplete",
            "'Frontline' has a group of another",
        ),
    ],
)
def test_a_missing_or_ambiguous_name_is_refused(replies, reason, words):
    graph, _session = answering(*replies)
    with pytest.raises(EntraError, match=words) as caught:
        find_group(graph, "Frontline")
    assert caught.value.reason == reason
    assert "Frontline" in caught.value.message


@pytest.mark.parametrize("shown", ["FRONTLINE", "Front-line ", "Fr\u00f6ntline", "\uff26rontline", None, 7])
def test_a_directory_may_take_other_spellings_for_the_name(shown):
    graph, _session = answering((200, {"value": [{"id": ONE, "displayName": shown}]}))
    assert find_group(graph, "Frontline") == ONE


def test_characters_that_a_screen_does_not_show_are_named():
    graph, _session = answering((200, {"value": []}))
    with pytest.raises(EntraError, match=r"called 'Front line ' \(U\+00A0, U\+200B\)\. Check"):
        find_group(graph, "Front\u00a0line\u200b")


def test_members_are_the_users_of_all_pages_with_their_properties():
    pages = [
        {
            "value": [
                {
                    "@odata.type": "#microsoft.graph.user",
                    "id": "AAAAAAAA-0000-4444-8888-000000000001",
                    "userPrincipalName": "anna@x",
                    "accountEnabled": True,
                    "userType": "Member",
                },
                {"@odata.type": "#microsoft.graph.device", "id": "d"},
                {"@odata.type": "#microsoft.graph.group", "id": "g"},
            ],
            "@odata.nextLink": ROOT + "/groups/g/transitiveMembers?p=2",
        },
        {"value": [], "@odata.nextLink": ROOT + "/groups/g/transitiveMembers?p=3"},
        {
            "value": [
                {
                    "@odata.type": "#microsoft.graph.user",
                    "id": "aaaaaaaa-0000-4444-8888-000000000002",
                    "userPrincipalName": "ben#EXT#@x",
                    "accountEnabled": False,
                    "userType": "guest",
                },
                {
                    "@odata.type": "#microsoft.graph.user",
                    "id": "aaaaaaaa-0000-4444-8888-000000000003",
                    "userPrincipalName": None,
                    "userType": None,
                },
            ]
        },
    ]
    graph, session = answering(*[(200, page) for page in pages])
    assert members(graph, "Frontline", "g") == [
        Target(
            "anna@x",
            id="aaaaaaaa-0000-4444-8888-000000000001",
            principal_name="anna@x",
            account_enabled=True,
            guest=False,
        ),
        Target(
            "ben#EXT#@x",
            id="aaaaaaaa-0000-4444-8888-000000000002",
            principal_name="ben#EXT#@x",
            account_enabled=False,
            guest=True,
        ),
        Target("aaaaaaaa-0000-4444-8888-000000000003", id="aaaaaaaa-0000-4444-8888-000000000003"),
    ]
    assert session.calls[0].path.startswith("/groups/g/transitiveMembers?")
    assert len(session.calls) == 3


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (404, "group_not_found", EntraError),
        (403, "permission_missing", PermissionMissing),
        (500, "incomplete", EntraError),
    ],
)
@pytest.mark.parametrize("good_pages", [0, 1])
def test_incompletely_read_members_end_the_run(status, reason, kind, good_pages):
    good = (200, {"value": [], "@odata.nextLink": ROOT + "/groups/g/transitiveMembers?p=2"})
    graph, _session = answering(*[good] * good_pages, (status, error("x")))
    with pytest.raises(kind) as caught:
        members(graph, "Frontline", "g")
    assert caught.value.reason == reason
    assert caught.value.support["status"] == status


def test_a_group_of_a_fake_tenant_is_read_over_pages():
    users = [FakeUser(number) for number in range(25)]
    graph, session = FakeTenant(*users, groups={ONE: ("Frontline", users)}, page=10).client()
    assert [target.id for target in members(graph, "Frontline", find_group(graph, "Frontline"))] == [
        p.id for p in users
    ]
    assert len(session.calls) == 4


@pytest.mark.parametrize("identifier", [None, "", 17, "..", "a" * 1000, ["x"]])
def test_a_member_without_an_object_id_is_an_error(identifier):
    user = {"@odata.type": "#microsoft.graph.user", "id": identifier, "userPrincipalName": "anna@x"}
    graph, _session = answering((200, {"value": [user]}))
    with pytest.raises(EntraError, match="'Frontline' has an entry without an object id") as caught:
        members(graph, "Frontline", "g")
    assert caught.value.reason == "incomplete"


@pytest.mark.parametrize("member", [None, "anna@x", 7, [], {"id": ONE}, {"@odata.type": None, "id": ONE}])
def test_a_member_that_may_be_a_user_is_an_error(member):
    graph, _session = answering((200, {"value": [member]}))
    with pytest.raises(
        EntraError, match="'Frontline' has (?:an entry that is no object|a member without a type)"
    ) as caught:
        members(graph, "Frontline", "g")
    assert caught.value.reason == "incomplete"


def test_the_type_of_a_member_is_compared_without_case():
    user = {"@odata.type": "#Microsoft.Graph.User", "id": ONE, "userPrincipalName": "anna@x"}
    graph, _session = answering((200, {"value": [user]}))
    assert [target.id for target in members(graph, "Frontline", "g")] == [ONE]


def test_names_of_groups():
    answers = {
        ONE: (200, {"id": ONE, "displayName": "Frontline"}),
        TWO: (200, {"id": TWO, "displayName": None}),
        GONE: (404, error("Request_ResourceNotFound")),
        SECRET: (403, error("Authorization_RequestDenied")),
    }
    graph, session = client(per_item(lambda call, method, path: answers[urlsplit(path).path.removeprefix("/groups/")]))
    assert group_names(graph, [ONE, GONE]) == ({ONE: "Frontline"}, [])
    names, unread = group_names(graph, [ONE, SECRET])
    assert (names, [reply.status for reply in unread]) == ({ONE: "Frontline"}, [403])
    assert [reply.status for reply in group_names(graph, [TWO])[1]] == [200]
    calls = len(session.calls)
    assert group_names(graph, []) == ({}, [])
    assert len(session.calls) == calls
    assert group_names(graph, [ONE], lambda job: False) == ({}, [None])


def test_a_group_membership_lookup_counts_as_a_read():
    request = membership_request("anna#x@contoso.example", [ONE, TWO])
    assert (request.method, request.path) == ("POST", "/users/anna%23x%40contoso.example/checkMemberGroups")
    assert (request.body, request.writes) == ({"groupIds": [ONE, TWO]}, False)
    assert membership_request("me", [ONE]).path == "/me/checkMemberGroups"
    assert MOST_GROUPS_ASKED == 20


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"value": [ONE.upper(), TWO]}, {ONE, TWO}),
        ({"value": []}, set()),
        ({"value": None}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_groups_of_a_user(body, found):
    assert parse_memberships(Reply(200, body=body)) == found
