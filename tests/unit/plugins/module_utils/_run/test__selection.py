# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from urllib.parse import quote

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError, PermissionMissing
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope, gather
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    FakeTenant,
    FakeUser,
    client,
    per_item,
)

A, B, C, D = (FakeUser(number) for number in range(1, 5))
G1, G2, EMPTY, DEVICES, HIDDEN = (f"{number}0000000-bbbb-4444-8888-000000000000" for number in range(1, 6))
GROUPS = {
    G1: ("Frontline", [A, B]),
    G2: ("Drivers", [B, C]),
    EMPTY: ("Empty", []),
    DEVICES: ("Devices", [{"@odata.type": "#microsoft.graph.device", "id": "d"}]),
    HIDDEN: ("Hidden", None),
    "60000000-bbbb-4444-8888-000000000000": ("Twice", [A]),
    "70000000-bbbb-4444-8888-000000000000": ("Twice", [B]),
}
NOBODY = "nobody@contoso.example"
NO_ID = "99999999-0000-4444-8888-000000000000"


class Gathered:
    def __init__(self, tenant, wanted="enabled", **scope):
        self.warnings = []
        graph, self.session = tenant.client()
        self.tenant = tenant
        self.targets = gather(Scope(**scope), wanted == "disabled", graph, self.warnings.append)

    @property
    def names(self):
        return [target.name for target in self.targets]


def gathered(wanted="enabled", **scope):
    return Gathered(FakeTenant(A, B, C, D, groups=GROUPS, me=A), wanted, **scope)


def refused(reason, words, wanted="enabled", **scope):
    with pytest.raises(EntraError, match=words) as caught:
        gathered(wanted, **scope)
    assert caught.value.reason == reason
    return caught.value


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ({}, []),
        ({"users": [A.name, B.id]}, [A.name, B.id]),
        ({"users": [A.name, A.name.upper(), B.name]}, [A.name, B.name]),
        ({"users": [A.id, A.id.upper()]}, [A.id]),
        ({"users": [A.name, A.id]}, [A.name]),
        ({"users": [A.id, B.name, A.name]}, [A.name, B.name]),
        ({"users": ["me", A.name]}, ["me"]),
        ({"users": [B.name, "ME", A.id]}, [B.name, "me"]),
        ({"groups": ["Frontline"]}, [A.name, B.name]),
        ({"groups": [G1.upper(), "Drivers"]}, [A.name, B.name, C.name]),
        ({"groups": ["Frontline", "Frontline"]}, [A.name, B.name]),
        ({"users": [A.name.upper()], "groups": ["Frontline"]}, [A.name.upper(), B.name]),
        ({"users": [B.id], "groups": ["Frontline"]}, [B.id, A.name]),
        ({"users": [A.name, B.name, C.name], "exclude_users": [B.name.upper()]}, [A.name, C.name]),
        ({"users": [A.name, B.name], "exclude_users": [B.id]}, [A.name]),
        ({"users": [A.id, B.id], "exclude_users": [B.name]}, [A.id]),
        ({"users": [A.id, B.id, C.id], "exclude_users": [A.name, B.name]}, [C.id]),
        ({"users": [A.name, B.id, C.name], "exclude_users": [A.name, B.name]}, [C.name]),
        ({"users": ["me", B.name], "exclude_users": [A.name]}, [B.name]),
        ({"users": [A.name, B.id], "exclude_users": ["me"]}, [B.id]),
        ({"users": [A.name], "exclude_users": [A.name]}, []),
        ({"groups": ["Frontline"], "exclude_users": [A.name]}, [B.name]),
        ({"groups": ["Frontline"], "exclude_users": [A.id]}, [B.name]),
        ({"groups": ["Frontline"], "exclude_groups": ["Drivers"]}, [A.name]),
        ({"users": [B.name, D.name], "exclude_groups": ["Drivers"]}, [D.name]),
        ({"users": [B.id, D.id], "exclude_groups": [G2]}, [D.id]),
        ({"users": [B.name], "groups": ["Frontline"], "exclude_groups": ["Frontline"]}, []),
    ],
)
def test_each_user_is_selected_once_and_excludes_take_precedence(scope, names):
    known = {name.lower(): user.number for user in (A, B, C, D) for name in (user.id, user.name)}
    known["me"] = A.number
    meant = sorted(known[name.lower()] for name in gathered(**scope).names)
    assert meant == sorted(known[name.lower()] for name in names)


@pytest.mark.parametrize(
    ("scope", "lookups"),
    [
        ({"users": [A.name, B.name, C.name]}, 0),
        ({"users": [A.id, B.id]}, 0),
        ({"users": ["me"]}, 0),
        # An exclude that matches no user may be a typo.
        ({"users": [A.name], "exclude_users": [B.name]}, 1),
        ({"users": [A.name, B.name], "exclude_users": [B.name]}, 0),
        ({"users": [A.id, B.id], "exclude_users": [B.id.upper()]}, 0),
        ({"groups": ["Frontline"], "exclude_users": [C.name, D.id]}, 2),
        ({"groups": ["Frontline"]}, 0),
        # A group shows the names of its members.
        ({"groups": ["Frontline"], "exclude_users": [A.name]}, 0),
        ({"users": [A.name], "groups": ["Frontline"]}, 0),
        ({"users": [A.id], "groups": ["Frontline"]}, 0),
        # Names or ids, whichever are fewer.
        ({"users": [A.name, B.name, C.id]}, 1),
        ({"users": [A.id, B.id, C.id, D.name]}, 1),
        ({"users": [A.id, B.id], "exclude_users": [D.name]}, 1),
        ({"users": ["me", B.name]}, 1),
    ],
)
def test_names_are_looked_up_only_where_needed(scope, lookups):
    assert gathered(**scope).tenant.lookups == lookups


@pytest.mark.parametrize(
    ("scope", "shown"),
    [
        ({}, {A.id: B.name}),
        ({"exclude_users": [B.name]}, {A.id: B.name}),
        ({"exclude_users": [A.name]}, {}),
        ({"groups": ["Drivers"]}, {A.id: B.name, B.id: B.name, C.id: C.name}),
    ],
)
def test_a_label_is_shown_and_never_identifies_a_user(scope, shown):
    """A had the name of B when the report was written."""
    found = gathered(users=[A.id], labels={A.id: B.name}, **scope).targets
    assert {target.id: target.shown_as for target in found} == shown


def test_a_group_member_named_in_users_is_marked_as_named():
    guest = FakeUser(7, guest=True, enabled=False)
    tenant = FakeTenant(guest, groups={G1: ("Frontline", [guest])})
    (target,) = Gathered(tenant, users=[guest.name], groups=["Frontline"]).targets
    assert (target.named, target.guest, target.account_enabled, target.id) == (True, True, False, guest.id)
    (target,) = Gathered(tenant, groups=["Frontline"]).targets
    assert not target.named


@pytest.mark.parametrize("group", ["Empty", EMPTY, "Devices"])
def test_an_empty_group_is_a_warning_for_enabled_and_an_error_for_disabled(group):
    found = gathered(users=[A.name], groups=[group])
    assert found.names == [A.name]
    assert len(found.warnings) == 1
    assert group in found.warnings[0]
    refused("group_empty", group, wanted="disabled", users=[A.name], groups=[group])


@pytest.mark.parametrize("wanted", ["enabled", "disabled"])
@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ("Missing", "group_not_found"),
        (NO_ID, "group_not_found"),
        ("Twice", "group_ambiguous"),
        ("Hidden", "permission_missing"),
        ("Empty", "group_empty"),
        ("Devices", "group_empty"),
    ],
)
def test_an_unreadable_exclude_group_stops_the_run(wanted, group, reason):
    refused(reason, group, wanted, users=[A.name], exclude_groups=[group])


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ("Missing", "group_not_found"),
        (NO_ID, "group_not_found"),
        ("Twice", "group_ambiguous"),
        ("Hidden", "permission_missing"),
    ],
)
def test_an_unreadable_group_stops_the_run(group, reason):
    refused(reason, group, users=[A.name], groups=["Frontline", group])


def test_names_and_ids_that_cannot_be_matched_are_a_warning():
    hidden = FakeUser(9, resolvable=False)
    found = Gathered(FakeTenant(A, hidden), users=[hidden.name, A.id, B.id])
    assert sorted(found.names) == sorted([hidden.name, A.id, B.id])
    assert len(found.warnings) == 1
    assert "Grant User.ReadBasic.All or User.Read.All" in found.warnings[0]


@pytest.mark.parametrize("users", [[A.id, B.id], [A.name], []])
def test_an_exclude_that_cannot_be_read_stops_the_run(users):
    hidden = FakeUser(9, resolvable=False)
    with pytest.raises(PermissionMissing, match=r"user9@.*User\.Read\.All") as caught:
        Gathered(FakeTenant(A, B, hidden), users=users, exclude_users=[hidden.name])
    assert caught.value.support["status"] == 403


@pytest.mark.parametrize("missing", ["id", "userPrincipalName"])
def test_an_incompletely_shown_exclude_stops_the_run(missing):
    class Terse(FakeTenant):
        def _reply(self, call, method, path):
            status, body = super()._reply(call, method, path)
            return status, {key: value for key, value in body.items() if key != missing}

    with pytest.raises(EntraError, match="user2@") as caught:
        Gathered(Terse(A, B), users=[A.name], exclude_users=[B.name])
    assert caught.value.reason == "incomplete"


def test_a_hidden_user_is_refused_if_an_exclude_group_shows_no_names():
    class Unnamed(FakeTenant):
        def _member(self, user):
            return {**super()._member(user), "userPrincipalName": None}

    hidden = FakeUser(9, resolvable=False)
    tenant = Unnamed(A, B, hidden, groups={G1: ("Frontline", [A, B])})
    with pytest.raises(PermissionMissing, match=r"user9@.*excluded"):
        Gathered(tenant, users=[hidden.name], exclude_groups=["Frontline"])
    assert Gathered(tenant, users=[A.name, "user7@contoso.example"], exclude_groups=["Frontline"]).names == [
        "user7@contoso.example"
    ]


def test_a_failing_service_is_not_reported_as_a_missing_permission():
    class Failing(FakeTenant):
        def _reply(self, call, method, path):
            return (503, None) if "$select" in path else super()._reply(call, method, path)

    with pytest.raises(EntraError, match="503") as caught:
        Gathered(Failing(A, B), users=[A.id], exclude_users=[B.name])
    assert caught.value.reason == "incomplete" and caught.value.support["status"] == 503
    assert "Grant" not in caught.value.message


@pytest.mark.parametrize("wanted", ["enabled", "disabled"])
@pytest.mark.parametrize(
    "scope",
    [
        {"users": [A.id, B.id]},
        {"users": [A.name]},
        {"users": []},
        {"groups": ["Frontline"]},
    ],
)
@pytest.mark.parametrize("exclude", [NOBODY, NO_ID, "mail.of.anna@contoso.example"])
def test_an_excluded_user_who_does_not_exist_stops_the_run(wanted, scope, exclude):
    error = refused("exclude_not_found", exclude, wanted, exclude_users=[B.name, exclude], **scope)
    assert "mail address" in error.message


def test_missing_excluded_users_are_named_together_in_a_short_message():
    gone = [f"gone{number}@contoso.example" for number in range(500)]
    error = refused("exclude_not_found", "gone4@.* and 495 more", users=[A.id], exclude_users=gone)
    assert len(error.message) < 1000


def test_an_excluded_user_outside_the_scope_is_accepted():
    found = gathered(users=[A.name], exclude_users=[B.name, C.id])
    assert (found.names, found.warnings) == ([A.name], [])


@pytest.mark.parametrize("group", ["Empty", "Devices"])
@pytest.mark.parametrize("option", ["groups", "exclude_groups"])
def test_an_empty_group_names_hidden_membership_and_no_way_around_it(group, option):
    error = refused("group_empty", "Member.Read.Hidden", "disabled", users=[A.name], **{option: [group]})
    assert not any(word in error.message.lower() for word in ("remove", "drop", "leave out"))


def test_a_user_whose_name_is_masked_gets_an_id():
    class Caller(FakeUser):
        name = "+12065550142@contoso.example"

    caller = Caller(42)
    found = Gathered(FakeTenant(A, caller), users=[A.name, caller.name])
    assert [(target.name, target.id) for target in found.targets] == [(A.name, None), (caller.name, caller.id)]


def test_a_personnel_number_is_not_a_phone_number():
    class Worker(FakeUser):
        name = "12345678@contoso.example"

    tenant = FakeTenant(A, Worker(42))
    found = Gathered(tenant, users=[A.name, Worker.name])
    assert [(target.name, target.id) for target in found.targets] == [(A.name, None), (Worker.name, None)]
    assert tenant.lookups == 0


def test_a_user_who_does_not_exist_stays_to_be_reported():
    assert gathered(users=[A.id, B.id, NOBODY]).names == [A.id, B.id, NOBODY]


# -- the registration report


def row(user, **more):
    return {
        "id": user.id,
        "userPrincipalName": user.name,
        "userType": "member",
        "isAdmin": False,
        "methodsRegistered": ["mobilePhone"],
        **more,
    }


def registered(*rows, wanted="disabled", **scope):
    """The users gathered from a report with these rows, the warnings, and the paths that were asked for."""

    def reply(call, method, path):
        if path == f"/users/{quote(C.name, safe='')}?$select=id,userPrincipalName":
            return 200, {"id": C.id, "userPrincipalName": C.name}
        assert "userRegistrationDetails" in path, path
        return 200, {"value": list(rows)}

    warnings = []
    graph, session = client(per_item(reply))
    found = gather(Scope(registered=True, **scope), wanted == "disabled", graph, warnings.append)
    return found, warnings, session.items


def test_report_users_are_not_looked_up():
    found, (warning,), items = registered(row(A), row(B, userType="guest", isAdmin=True))
    assert [(one.name, one.id, one.guest, one.admin, one.named) for one in found] == [
        (A.name, A.id, False, False, False),
        (B.name, B.id, True, True, False),
    ]
    assert "leaves out disabled accounts" in warning and len(items) == 1


def test_report_users_are_merged_with_given_users_and_excludes_take_precedence():
    found, _warnings, items = registered(
        row(A), row(B, isAdmin=True), row(C), users=[A.id, B.name.upper(), D.id], exclude_users=[C.id]
    )
    assert [(one.id, one.named, one.admin) for one in found] == [
        (A.id, True, False),
        (B.id, True, True),
        (D.id, True, None),
    ]
    assert len(items) == 1


def test_an_excluded_name_covers_the_user_that_has_it_now():
    """The report lists that user under an old name, and another user under the excluded one."""
    found, _warnings, _items = registered(
        row(A, userPrincipalName=C.name),
        row(B),
        row(C, userPrincipalName="old@contoso.example"),
        exclude_users=[C.name],
    )
    assert [one.id for one in found] == [B.id]


def test_an_empty_report_is_an_error_or_a_warning():
    with pytest.raises(EntraError, match="lists no user with a mobile phone") as caught:
        registered()
    assert caught.value.reason == "report_empty"
    found, (warning,), _items = registered(wanted="enabled")
    assert found == [] and "lists no user with a mobile phone" in warning and "leaves out" in warning


def test_without_the_option_the_report_is_not_read():
    assert gathered(users=[A.id]).names == [A.id]
