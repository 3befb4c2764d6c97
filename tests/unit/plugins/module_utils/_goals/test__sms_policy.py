# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._entra._sms_policy import (
    ALL_USERS,
    Change,
    Policy,
    PolicyTarget,
    Provider,
)
from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidOptions
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import SATISFIED, WRITE
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_policy import (
    POLICY,
    Directory,
    SmsPolicy,
    Wanted,
    WantedTarget,
    merged,
)
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import Reply, no_reply, reply

A, B, C = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abc")
DIRECTORY = Directory({"Frontline": A, "Kiosk": B}, {A: "Frontline", B: "Kiosk"}, "preMigration")


def included(identifier, sign_in=True, **more):
    return PolicyTarget(identifier, "group", sign_in, {"isRegistrationRequired": False, **more})


def excluded(identifier, **more):
    return PolicyTarget(identifier, "group", None, more)


BEFORE = Policy("enabled", (included(A), included(B, False, colour="red")), (excluded(C, colour="blue"),))


def after(wanted, before=BEFORE):
    return merged(before, wanted, DIRECTORY)


# -- merging


@pytest.mark.parametrize(
    ("wanted", "changes"),
    [
        (Wanted(), {}),
        (Wanted("disabled"), {"state": "disabled"}),
        (Wanted("enabled"), {}),
        (Wanted(include=[]), {}),
        (Wanted(include=[WantedTarget("Frontline")]), {}),
        (Wanted(include=[WantedTarget(A.upper(), sign_in=True)]), {}),
        (
            Wanted(include=[WantedTarget("Kiosk", sign_in=True)]),
            {"include": (included(A), included(B, True, colour="red"))},
        ),
        (
            Wanted(include=[WantedTarget(C, sign_in=False)]),
            {"include": (included(A), included(B, False, colour="red"), included(C, False))},
        ),
        (Wanted(include=[WantedTarget("Kiosk", present=False)]), {"include": (included(A),)}),
        (Wanted(include=[WantedTarget(C, present=False)]), {}),
        (Wanted(include=[WantedTarget(A), WantedTarget("Frontline")]), {}),
        (Wanted(exclude=[WantedTarget(C)]), {}),
        (Wanted(exclude=[WantedTarget(A)]), {"exclude": (excluded(A), excluded(C, colour="blue"))}),
        (Wanted(exclude=[WantedTarget(C, present=False)]), {"exclude": ()}),
        (Wanted(include=[WantedTarget("Kiosk")], replace=True), {"include": (included(B, False, colour="red"),)}),
        (Wanted(exclude=[WantedTarget(A)], replace=True), {"exclude": (excluded(A),)}),
        (Wanted("disabled", replace=True), {"state": "disabled"}),
        (
            Wanted(include=[WantedTarget(ALL_USERS, sign_in=False)], replace=True),
            {"include": (included(ALL_USERS, False),)},
        ),
    ],
)
def test_merge(wanted, changes):
    assert after(wanted) == BEFORE._replace(**changes)


def test_a_single_user_stays_a_target_and_can_be_removed_by_id():
    user = PolicyTarget(C, "user", True)
    before = Policy("enabled", (included(A), user))
    assert after(Wanted(include=[WantedTarget(A, sign_in=False)]), before).include == (included(A, False), user)
    assert after(Wanted(include=[WantedTarget(C)]), before) == before
    assert after(Wanted(include=[WantedTarget(C, present=False)]), before).include == (included(A),)


def test_a_new_target_needs_sign_in():
    with pytest.raises(InvalidOptions, match="new target of 'include'"):
        after(Wanted(include=[WantedTarget(C)]))


@pytest.mark.parametrize("second", [WantedTarget("Frontline", present=False), WantedTarget("Frontline", sign_in=False)])
def test_one_target_with_two_settings_is_refused_by_position(second):
    with pytest.raises(InvalidOptions, match="'include' names one target twice.*entries 2 and 3"):
        after(Wanted(include=[WantedTarget(B), WantedTarget(A), second]))
    with pytest.raises(InvalidOptions, match="'exclude' names one target twice.*entries 1 and 2"):
        after(Wanted(exclude=[WantedTarget(A), second]))


OPEN = Policy("enabled", (included(ALL_USERS),))
CLOSED = Policy("enabled", (included(ALL_USERS, False),))


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        (BEFORE, Wanted(include=[WantedTarget(ALL_USERS, sign_in=True)])),
        (BEFORE._replace(state="disabled"), Wanted(include=[WantedTarget(ALL_USERS.upper(), sign_in=True)])),
        (CLOSED, Wanted(include=[WantedTarget(ALL_USERS, sign_in=True)])),
        (OPEN._replace(state="disabled"), Wanted("enabled")),
        # Graph may not show the property.
        (Policy("disabled", (included(ALL_USERS, None),)), Wanted("enabled")),
        (
            OPEN._replace(exclude=(excluded(ALL_USERS),)),
            Wanted(exclude=[WantedTarget(ALL_USERS, present=False)]),
        ),
    ],
)
def test_opening_sign_in_to_all_users_has_to_be_allowed(before, wanted):
    with pytest.raises(InvalidOptions, match="allow_all_users"):
        after(wanted, before)
    assert after(wanted._replace(allow_all_users=True), before) != before


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        (OPEN, Wanted("enabled")),
        (OPEN, Wanted(include=[WantedTarget(A, sign_in=True)])),
        (OPEN, Wanted(include=[WantedTarget(ALL_USERS, sign_in=True)], replace=True)),
        (OPEN, Wanted("disabled")),
        (OPEN, Wanted(include=[WantedTarget(ALL_USERS, present=False)])),
        (CLOSED, Wanted(include=[WantedTarget(ALL_USERS)])),
        (BEFORE, Wanted(include=[WantedTarget(ALL_USERS, sign_in=False)])),
        (BEFORE._replace(state="disabled"), Wanted("enabled")),
    ],
)
def test_only_opening_sign_in_needs_allow_all_users(before, wanted):
    after(wanted, before)


# -- properties of the merge

IDS = st.sampled_from([A, B, C, ALL_USERS])
MORE = st.dictionaries(st.sampled_from(["colour", "isRegistrationRequired"]), st.booleans(), max_size=2)
ENTRIES = st.lists(
    st.builds(WantedTarget, IDS, st.booleans(), st.booleans()), max_size=4, unique_by=lambda entry: entry.group
)


def targets(sign_in):
    def unique(found):
        return tuple(PolicyTarget(identifier, "group", *rest) for identifier, rest in sorted(found.items()))

    return st.dictionaries(IDS, st.tuples(sign_in, MORE), max_size=4).map(unique)


STATES = st.sampled_from(["enabled", "disabled"])
POLICIES = st.builds(Policy, STATES, targets(st.booleans()), targets(st.none()))
WANTED = st.builds(
    Wanted,
    st.none() | STATES,
    st.none() | ENTRIES,
    st.none() | ENTRIES,
    st.booleans(),
    st.just(True),
)


@given(POLICIES, WANTED)
def test_a_merge_reaches_the_desired_state_and_is_idempotent(before, wanted):
    result = after(wanted, before)
    assert after(wanted, result) == result
    assert result.state == (wanted.state or before.state)
    for entries, found in ((wanted.include, result.include), (wanted.exclude, result.exclude)):
        now = {target.id: target for target in found}
        for entry in entries or ():
            assert (entry.group in now) is entry.present
            if entry.present and found is result.include:
                assert now[entry.group].sign_in is entry.sign_in


@given(POLICIES, WANTED)
def test_a_merge_keeps_targets_without_an_entry(before, wanted):
    result = after(wanted, before)
    for entries, old, new in (
        (wanted.include, before.include, result.include),
        (wanted.exclude, before.exclude, result.exclude),
    ):
        if entries is None:
            assert old == new
            continue
        named = {entry.group for entry in entries}
        others = [target for target in old if target.id not in named]
        assert [target for target in new if target.id not in named] == ([] if wanted.replace else others)


@given(POLICIES, WANTED)
def test_unknown_members_stay_with_their_target(before, wanted):
    result = after(wanted, before)
    for old, new in ((before.include, result.include), (before.exclude, result.exclude)):
        now = {target.id: target.more for target in new}
        assert all(now.get(target.id, target.more) == target.more for target in old)


@given(POLICIES, WANTED)
def test_a_write_has_the_difference_and_sign_in_of_each_target(before, wanted):
    step = SmsPolicy(wanted, DIRECTORY).decide(POLICY, before)
    result = after(wanted, before)
    assert step.verdict == (SATISFIED if result == before else WRITE)
    if step.verdict == WRITE:
        body = SmsPolicy(wanted, DIRECTORY).write("", step.action).body
        assert set(body) - {"@odata.type"} == {
            name
            for name, old, new in (
                ("state", before.state, result.state),
                ("includeTargets", before.include, result.include),
                ("excludeTargets", before.exclude, result.exclude),
            )
            if old != new
        }
        assert all(isinstance(one["isUsableForSignIn"], bool) for one in body.get("includeTargets", ()))


# -- the goal


def goal(**wanted):
    return SmsPolicy(Wanted(**wanted), DIRECTORY)


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ({"state": "disabled"}, "state"),
        ({"state": "disabled", "exclude": [WantedTarget(A)]}, "state and exclude"),
        (
            {"state": "disabled", "include": [WantedTarget(A, sign_in=False)], "exclude": [WantedTarget(A)]},
            "state, include and exclude",
        ),
    ],
)
def test_a_write_names_its_parts(wanted, named):
    step = goal(**wanted).decide(POLICY, BEFORE)
    assert step.verdict == WRITE
    assert step.says == f"The SMS policy was changed: {named}."
    assert step.would == f"The SMS policy would be changed: {named}."
    done = goal(**wanted).decide(POLICY, step.foreseen)
    assert (done.verdict, done.says) == (SATISFIED, "The SMS policy is as desired.")
    assert goal(**wanted).moved(BEFORE, step.foreseen)


def test_changes_of_another_editor_are_merged():
    wanted = {"include": [WantedTarget(A, sign_in=False)]}
    first = goal(**wanted).decide(POLICY, BEFORE)
    other = BEFORE._replace(include=(*BEFORE.include, included(C)))
    second = goal(**wanted).decide(POLICY, other)
    assert first.action != second.action
    assert second.action == Change(include=(included(A, False), included(B, False, colour="red"), included(C)))
    assert goal().reads_again


@pytest.mark.parametrize(
    ("wanted", "verdict"),
    [
        ({"include": [WantedTarget(A, sign_in=False)]}, None),
        ({"include": [WantedTarget(A, sign_in=False), WantedTarget(C, sign_in=True)]}, WRITE),
        ({"include": [WantedTarget(C)]}, SATISFIED),
        ({"state": "disabled"}, WRITE),
    ],
)
def test_a_target_without_sign_in_is_refused_and_not_guessed(wanted, verdict):
    before = BEFORE._replace(include=(included(A), included(C, None)))
    if verdict is None:
        with pytest.raises(InvalidOptions, match=f"'{C}'"):
            goal(**wanted).decide(POLICY, before)
    else:
        assert goal(**wanted).decide(POLICY, before).verdict == verdict


def test_only_managed_parts_count_as_changed():
    assert not goal().moved(BEFORE, BEFORE._replace(provider=Provider(True, 20)))
    for change in ({"state": "disabled"}, {"include": ()}, {"exclude": ()}):
        assert goal().moved(BEFORE, BEFORE._replace(**change))


def test_facts_show_names_and_no_secret():
    before = BEFORE._replace(provider=Provider(True, 20))
    facts = goal().facts(before, before._replace(state="disabled"))
    shown = {
        "state": "enabled",
        "include": [
            {"group": "Frontline", "id": A, "type": "group", "sign_in": True},
            {"group": "Kiosk", "id": B, "type": "group", "sign_in": False},
        ],
        "exclude": [{"group": C, "id": C, "type": "group"}],
        "policy_migration_state": "preMigration",
        "telephony_provider": {"evaluation_mode": True, "percentage": 20},
    }
    assert (facts.state, facts.previous_state) == ("disabled", "enabled")
    assert facts.more == {"policy": {**shown, "state": "disabled"}, "previous_policy": shown}
    assert goal().difference({**facts.more, "user": "sms_policy"}) == (shown, {**shown, "state": "disabled"})


def test_facts_of_a_policy_that_could_not_be_read():
    facts = goal().facts(goal().unread, goal().unread)
    assert (facts.state, facts.more) == (None, {"policy": None, "previous_policy": None})


def test_a_number_in_the_name_of_a_group_is_masked():
    directory = Directory(names={A: "Shift +1 206 555 0123"})
    assert "555" not in str(SmsPolicy(Wanted(), directory).facts(BEFORE, BEFORE))


def refused(status):
    return reply(status, {}, {"error": {"code": "badRequest", "message": ""}}, "ours")


@pytest.mark.parametrize(
    ("answer", "no_effect"),
    [
        (refused(400), True),
        (refused(403), True),
        (refused(429), False),
        (refused(503), False),
        (no_reply("dropped", "It broke.", "ours"), False),
        (reply(403, {}, None, "ours"), False),
        (Reply(204), False),
    ],
)
def test_answers_that_show_that_nothing_was_stored(answer, no_effect):
    assert goal().had_no_effect(answer) is no_effect


def test_names_to_look_up():
    entries = [WantedTarget(name) for name in (A, "Frontline", "ALL_USERS", "Kiosk", "Frontline")]
    assert Wanted(include=entries, exclude=[WantedTarget("Break glass")]).names == ["Frontline", "Kiosk", "Break glass"]
    assert Wanted().names == []
