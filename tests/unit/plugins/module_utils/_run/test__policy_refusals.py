# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from urllib.parse import unquote

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target
from ansible_collections.frontline.entra.plugins.module_utils._entra._sms_policy import (
    ALL_USERS,
    Policy,
    PolicyTarget,
)
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import REFUSE, WRITE, Step
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import Request
from ansible_collections.frontline.entra.plugins.module_utils._run import _policy_refusals as policy_refusals
from ansible_collections.frontline.entra.plugins.module_utils._run._doubts import Finding, Planned
from ansible_collections.frontline.entra.plugins.module_utils._run._policy_refusals import (
    PolicyRefusals,
    asked_groups,
    cause_for,
    cause_for_all,
)
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    START,
    DrivenWorkers,
    client,
    error,
    per_item,
    unshown,
)

A, B, C, USER = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abcd")
NAMES = {A: "Frontline", B: "Kiosk", C: "No SMS"}
SMS = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/sms"
FORBIDDEN = (403, error("Authorization_RequestDenied", "Insufficient privileges."))
ANNA = Target("anna@contoso.example", id=USER)
STRANGER = Target("ben@contoso.example")


def included(identifier, sign_in=True, kind="group"):
    return PolicyTarget(identifier, kind, sign_in)


def excluded(identifier, kind="group"):
    return PolicyTarget(identifier, kind)


# -- causes


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (Policy("disabled", (included(A),)), "is off (state disabled)"),
        (Policy("enabled"), "no include target with 'Use for sign-in'"),
        (Policy("enabled", (included(A, False),)), "no include target with 'Use for sign-in'"),
        (Policy("enabled", (included(A),), (excluded(ALL_USERS),)), "All users are in an exclude target"),
        (Policy("enabled", (included(A),), (excluded(B),)), None),
        (Policy("enabled", (included(A, None),)), None),
    ],
)
def test_a_cause_for_all_users(policy, words):
    cause = cause_for_all(policy)
    assert cause is None if words is None else words in cause


SOME = Policy("enabled", (included(A), included(B, False)), (excluded(C),))
WITH_USER = SOME._replace(exclude=(excluded(C), excluded(USER, "user")))


@pytest.mark.parametrize(
    ("policy", "target", "groups", "words"),
    [
        (SOME, ANNA, {A, C}, "in the exclude target 'No SMS'"),
        (SOME, ANNA, {C}, "in the exclude target 'No SMS'"),
        (SOME, ANNA, {B}, "only in the include target 'Kiosk' of the SMS policy, not for sign-in"),
        (SOME, ANNA, set(), "in no include target"),
        (SOME, ANNA, {A}, "'policy_timeout'"),
        (SOME._replace(include=(included(ALL_USERS),)), ANNA, set(), "'policy_timeout'"),
        (WITH_USER, ANNA, {A, C}, f"in the exclude target 'No SMS' and '{USER}'"),
        (WITH_USER, ANNA, {A}, f"in the exclude target '{USER}'"),
        (WITH_USER, STRANGER, {C}, "in the exclude target 'No SMS'"),
        (WITH_USER, STRANGER, {A}, None),
        (WITH_USER, STRANGER, set(), None),
        (SOME._replace(include=(included(USER, True, "user"),)), ANNA, set(), "'policy_timeout'"),
    ],
)
def test_the_cause_for_one_user(policy, target, groups, words):
    cause = cause_for(policy, target, groups)
    assert cause is None if words is None else words in cause.says(NAMES)


def test_a_target_without_a_name_is_shown_by_id():
    assert f"'{C}'" in cause_for(SOME, ANNA, {C}).says({})


def test_each_group_is_looked_up_once():
    policy = Policy(
        "enabled", (included(A), included(ALL_USERS), included(USER, True, "user")), (excluded(A), excluded(B))
    )
    assert sorted(asked_groups(policy)) == [A, B]


# -- asking


class Tenant:
    """A policy and the groups of its users. `may_ask` is whether groups of a user may be read."""

    def __init__(self, policy, groups=None, may_ask=True, named=True):
        self.policy, self.groups, self.may_ask, self.named = policy, groups or {}, may_ask, named
        self.asked = []
        self.warnings = []

    def _reply(self, call, method, path):
        path = unquote(path)
        self.asked.append((method, path))
        if path == SMS:
            return self.policy
        if path.startswith("/groups/"):
            identifier = path.removeprefix("/groups/").partition("?")[0]
            return (200, {"id": identifier, "displayName": NAMES[identifier]}) if self.named else FORBIDDEN
        if not self.may_ask:
            return FORBIDDEN
        user = path.split("/")[2]
        if user not in self.groups:
            return 404, error("Request_ResourceNotFound", "No such user.")
        groups = self.groups[user]
        if isinstance(groups, list):
            groups = groups.pop(0)
        return (200, {"value": sorted(groups)}) if isinstance(groups, set) else groups

    def ask(self, *targets):
        workers = DrivenWorkers()
        graph, self.session = client(per_item(self._reply), workers)
        doubt = PolicyRefusals(self.warnings.append)
        planned = [Planned(target, None, Step(REFUSE, reason="not_allowed_by_policy")) for target in targets]
        assert all(doubt.concerns(one) for one in planned)
        # The run has read its users by now.
        graph.ask(Request("GET", "/users/gone"))
        self.asked.clear()
        found = doubt.ask(planned, graph, unshown)
        self.seconds = workers.now() - START
        return found


def body(policy):
    include = [{"id": one.id, "targetType": one.kind, "isUsableForSignIn": one.sign_in} for one in policy.include]
    return {
        "state": policy.state,
        "includeTargets": include,
        "excludeTargets": [{"id": one.id, "targetType": one.kind} for one in policy.exclude],
    }


def users(count):
    return [Target(f"user{number}@contoso.example") for number in range(count)]


@pytest.mark.parametrize(
    "step",
    [
        Step(REFUSE, reason="not_supported"),
        Step(REFUSE, reason="no_mobile_phone"),
        Step(WRITE, "enable", reason="not_allowed_by_policy"),
    ],
)
def test_only_users_refused_by_the_policy_are_looked_up(step):
    assert not PolicyRefusals(None).concerns(Planned(ANNA, None, step))


def test_each_user_gets_the_cause_of_the_refusal():
    tenant = Tenant((200, {"value": body(SOME)}), {USER: {C.upper()}, "ben@contoso.example": set()})
    assert tenant.ask(ANNA, STRANGER) == {
        ANNA.name: Finding(says="The user is in the exclude target 'No SMS' of the SMS policy."),
        STRANGER.name: Finding(says="The user is in no include target of the SMS policy."),
    }
    assert tenant.warnings == []
    assert not any("transitiveMembers" in path or path.endswith("members") for _method, path in tenant.asked)
    assert [path for _method, path in tenant.asked if path.startswith("/groups/")] == [
        f"/groups/{C}?$select=id,displayName"
    ]


def test_lookups_count_as_reads():
    tenant = Tenant((200, body(SOME)), {USER: set()})
    tenant.ask(ANNA)
    asked = [call for call in tenant.session.calls if "checkMemberGroups" in call.url]
    assert [call.body for call in asked] == [{"groupIds": asked_groups(SOME)}]


def test_a_cause_for_all_users_costs_one_read():
    tenant = Tenant((200, body(SOME._replace(state="disabled"))))
    found = tenant.ask(*users(5000))
    assert len(found) == 5000
    assert tenant.asked == [("GET", SMS)]


def test_a_policy_for_all_users_needs_no_groups():
    tenant = Tenant((200, body(Policy("enabled", (included(ALL_USERS),)))))
    assert len(tenant.ask(*users(5000))) == 5000
    assert tenant.asked == [("GET", SMS)]
    assert tenant.warnings == []


@pytest.mark.parametrize(("groups", "explained", "questions"), [(3, 100, 100), (25, 50, 100), (50, 33, 99)])
def test_the_number_of_lookups_is_limited(groups, explained, questions):
    many = tuple(included(f"{number:08d}-0000-4000-8000-000000000000") for number in range(groups))
    all_users = users(50_000)
    tenant = Tenant((200, body(Policy("enabled", many))), {target.name: set() for target in all_users})
    found = tenant.ask(*all_users)
    assert list(found) == [target.name for target in all_users[:explained]]
    assert tenant.warnings == [
        f"The SMS policy refuses 50000 users. Why was looked up for the first {explained} of them only."
    ]
    assert len([path for _method, path in tenant.asked if "checkMemberGroups" in path]) == questions


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ((403, error("accessDenied", "No.")), "Grant Policy.Read.AuthenticationMethod or Policy.Read.All."),
        ((404, error("resourceNotFound", "No.")), "could not be read. Graph said: 404"),
        ((200, {"state": "enabled"}), "could not be read."),
    ],
)
def test_a_policy_that_cannot_be_read_is_one_warning(policy, words):
    tenant = Tenant(policy)
    assert tenant.ask(ANNA, STRANGER) == {}
    (warning,) = tenant.warnings
    assert words in warning


def test_without_permission_for_groups_there_is_one_warning_and_few_requests():
    tenant = Tenant((200, body(SOME)), may_ask=False)
    assert tenant.ask(*users(100)) == {}
    (warning,) = tenant.warnings
    assert warning.startswith(
        "The SMS policy refuses users, and the result does not say why. Which groups they are in could not be read."
        " Grant GroupMember.ReadBasic.All or GroupMember.Read.All. Graph said: 403"
    )
    assert len([path for _method, path in tenant.asked if "checkMemberGroups" in path]) <= 20


def test_a_cause_for_all_users_is_given_without_a_look_up():
    tenant = Tenant((200, body(SOME._replace(state="disabled"))))
    expected = Finding(says=cause_for_all(SOME._replace(state="disabled")))
    assert expected.says and tenant.ask(ANNA, STRANGER) == {ANNA.name: expected, STRANGER.name: expected}
    assert [path for _method, path in tenant.asked] == [SMS]


@pytest.mark.parametrize("busy", [(503, None), (429, None, {"Retry-After": "2"}), None])
def test_explaining_refusals_does_not_delay_the_run(busy):
    for tenant, words in (
        (Tenant(busy), "could not be read"),
        (Tenant((200, body(SOME)), dict.fromkeys([USER], busy)), "in no include target"),
    ):
        found = tenant.ask(ANNA)
        assert found == {} and tenant.seconds < 30
        assert [words in warning for warning in tenant.warnings] == ([True] if words == "could not be read" else [])


def test_a_short_requested_wait_is_kept():
    replies = [(429, None, {"Retry-After": "3"}), {A}]
    tenant = Tenant((200, body(SOME)), {USER: replies})
    assert "'policy_timeout'" in tenant.ask(ANNA)[ANNA.name].says
    assert 3 <= tenant.seconds < 10


def test_a_deleted_user_is_left_out():
    tenant = Tenant((200, body(SOME)), {USER: {A}})
    assert list(tenant.ask(STRANGER, ANNA)) == [ANNA.name]
    assert tenant.warnings == []


def test_groups_without_readable_names_are_shown_by_id():
    tenant = Tenant((200, body(SOME)), {USER: {C}}, named=False)
    assert tenant.ask(ANNA) == {ANNA.name: Finding(says=f"The user is in the exclude target '{C}' of the SMS policy.")}
    assert tenant.warnings == []


def test_the_message_names_the_limit():
    assert policy_refusals.MOST_EXPLAINED == 100
