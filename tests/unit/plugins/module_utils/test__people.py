# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError, PermissionMissing
from ansible_collections.frontline.entra.plugins.module_utils._people import Scope, gather
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import FakeTenant, Person

A, B, C, D = (Person(number) for number in range(1, 5))
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
        self.targets = gather(Scope(**scope), wanted, graph, self.warnings.append)

    @property
    def people(self):
        return [target.name for target in self.targets]


def gathered(wanted="enabled", **scope):
    return Gathered(FakeTenant(A, B, C, D, groups=GROUPS, me=A), wanted, **scope)


def refused(reason, words, wanted="enabled", **scope):
    with pytest.raises(EntraError, match=words) as caught:
        gathered(wanted, **scope)
    assert caught.value.reason == reason
    return caught.value


@pytest.mark.parametrize(
    ("scope", "people"),
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
def test_everybody_is_meant_once_and_excludes_win(scope, people):
    known = {name.lower(): person.number for person in (A, B, C, D) for name in (person.id, person.name)}
    known["me"] = A.number
    meant = sorted(known[name.lower()] for name in gathered(**scope).people)
    assert meant == sorted(known[name.lower()] for name in people)


@pytest.mark.parametrize(
    ("scope", "lookups"),
    [
        ({"users": [A.name, B.name, C.name]}, 0),
        ({"users": [A.id, B.id]}, 0),
        ({"users": ["me"]}, 0),
        ({"users": [A.name], "exclude_users": [B.name]}, 0),
        ({"groups": ["Frontline"]}, 0),
        # What a group tells of its members is enough to know a name by.
        ({"groups": ["Frontline"], "exclude_users": [A.name]}, 0),
        ({"users": [A.name], "groups": ["Frontline"]}, 0),
        ({"users": [A.id], "groups": ["Frontline"]}, 0),
        # Of names and ids whichever are fewer.
        ({"users": [A.name, B.name, C.id]}, 1),
        ({"users": [A.id, B.id, C.id, D.name]}, 1),
        ({"users": [A.id, B.id], "exclude_users": [D.name]}, 1),
        ({"users": ["me", B.name]}, 1),
    ],
)
def test_names_are_looked_up_only_where_it_takes_that(scope, lookups):
    assert gathered(**scope).tenant.lookups == lookups


def test_a_group_member_named_in_users_is_somebodys_decision():
    guest = Person(7, guest=True, enabled=False)
    tenant = FakeTenant(guest, groups={G1: ("Frontline", [guest])})
    (target,) = Gathered(tenant, users=[guest.name], groups=["Frontline"]).targets
    assert (target.named, target.guest, target.account_enabled, target.id) == (True, True, False, guest.id)
    (target,) = Gathered(tenant, groups=["Frontline"]).targets
    assert not target.named


@pytest.mark.parametrize("group", ["Empty", EMPTY, "Devices"])
def test_a_group_of_nobody_is_a_warning_for_enabled_and_an_error_for_disabled(group):
    found = gathered(users=[A.name], groups=[group])
    assert found.people == [A.name]
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
def test_an_exclude_group_that_is_in_doubt_stops_the_run(wanted, group, reason):
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
def test_a_group_that_is_in_doubt_stops_the_run(group, reason):
    refused(reason, group, users=[A.name], groups=["Frontline", group])


def test_names_and_ids_that_cannot_be_told_apart_are_a_warning():
    hidden = Person(9, resolvable=False)
    found = Gathered(FakeTenant(A, hidden), users=[hidden.name, A.id, B.id])
    assert sorted(found.people) == sorted([hidden.name, A.id, B.id])
    assert len(found.warnings) == 1
    assert "User.Read.All" in found.warnings[0]


@pytest.mark.parametrize(
    "scope", [{"users": [A.id, B.id], "exclude_users": ["x"]}, {"users": ["x"], "exclude_users": [A.id, B.id]}]
)
def test_excludes_that_cannot_be_told_apart_stop_the_run(scope):
    hidden = Person(9, resolvable=False)
    scope = {option: [hidden.name if name == "x" else name for name in names] for option, names in scope.items()}
    with pytest.raises(PermissionMissing, match=r"User\.Read\.All") as caught:
        Gathered(FakeTenant(A, B, hidden), **scope)
    assert caught.value.support["status"] == "403"


def test_a_service_that_fails_is_not_taken_for_a_missing_permission():
    class Failing(FakeTenant):
        def _reply(self, call, method, path):
            return (503, None) if "$select" in path else super()._reply(call, method, path)

    with pytest.raises(EntraError, match="503") as caught:
        Gathered(Failing(A, B), users=[A.id], exclude_users=[B.name])
    assert caught.value.reason == "incomplete"
    assert "Grant" not in caught.value.message


def test_an_excluded_person_who_does_not_exist_is_a_warning():
    found = gathered(users=[A.id, B.id], exclude_users=[NOBODY])
    assert found.people == [A.id, B.id]
    assert NOBODY in found.warnings[0]


def test_warnings_do_not_grow_with_the_number_of_people():
    gone = [f"gone{number}@contoso.example" for number in range(500)]
    ids = [f"{number:08d}-cccc-4444-8888-000000000000" for number in range(600)]
    found = gathered(users=ids, exclude_users=gone)
    assert len(found.people) == 600
    assert 0 < len("".join(found.warnings)) < 5000


def test_a_user_who_does_not_exist_stays_to_be_reported():
    assert gathered(users=[A.id, B.id, NOBODY]).people == [A.id, B.id, NOBODY]


@pytest.mark.parametrize("name", ["..", ".", "a\x00b"])
def test_a_name_that_no_request_can_hold_is_not_asked_for(name):
    found = gathered(users=[name, A.id, B.name], exclude_users=[name + "."])
    assert name in found.people
    assert len(found.session.items) == 1
