# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._auditing import digest
from ansible_collections.frontline.entra.plugins.module_utils._entra._authentication_methods import METHODS, USABLE
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in import STATES
from ansible_collections.frontline.entra.plugins.module_utils._results._outcomes import Outcome


def user(state, *methods, number=1, **more):
    kept = {"other_methods": list(methods), "only_password": not set(methods) - {"password"}}
    return Outcome(f"user{number}@contoso.example", None, **{"kind": "unchanged", "state": state, "more": kept, **more})


def failed(reason="forbidden", kind="failed", number=9):
    return user(None, kind=kind, reason=reason, number=number, more={"other_methods": None})


FOUND = [
    user("ready", "fido2", "password"),
    user("ready", "password"),
    user("ready"),
    user("notEnabled", "password"),
    user("noMobilePhone"),
    failed(),
    failed("user_not_found", "refused"),
]


@pytest.mark.parametrize(
    ("states", "listed"),
    [((), FOUND), (("ready",), [*FOUND[:3], FOUND[5]]), (("noMobilePhone", "notEnabled"), FOUND[3:6])],
)
def test_states_select_the_listed_users_and_failures_are_listed_anyway(states, listed):
    found = digest(FOUND, states, USABLE, names=True)
    assert found.listed == listed
    assert found.summary == {"states": {"ready": 3, "notEnabled": 1, "noMobilePhone": 1}, "sms_only": 2}
    assert found.msg == (
        "1 of 7 users failed: user9@contoso.example (forbidden). 3 ready, 1 notEnabled, 1 noMobilePhone, 1 refused."
        " 2 of the users in ready have no usable other method."
    )


@pytest.mark.parametrize(
    ("usable", "alone", "says"),
    [
        (USABLE, 1, "1 ready. 1 of the users in ready has no usable other method."),
        (["password"], 0, "1 ready."),
        ([], 1, "1 ready. 1 of the users in ready has no usable other method."),
        (None, None, "1 ready."),
    ],
)
def test_unread_values_are_null(usable, alone, says):
    found = digest([user("ready", "password")], (), usable, names=True)
    assert (found.summary["sms_only"], found.msg) == (alone, says)


def test_with_no_log_no_name_is_in_the_message():
    assert digest(FOUND, (), None, names=False).msg.startswith("1 of 7 users failed. 3 ready")


def test_no_users():
    assert digest([], (), USABLE, names=True)[:3] == ([], {"states": {}, "sms_only": 0}, "No users selected.")


@pytest.mark.parametrize(
    ("usable", "ahead"), [(USABLE, [False, True, True, False, False, False, False]), (None, [False] * 7)]
)
def test_users_that_would_be_locked_out_are_listed_first(usable, ahead):
    assert list(map(digest(FOUND, (), usable, names=True).ahead, FOUND)) == ahead


OUTCOMES = st.lists(
    st.builds(lambda state, methods: user(state, *methods), st.sampled_from(STATES), st.sets(st.sampled_from(METHODS)))
    | st.builds(failed)
)


@given(OUTCOMES, st.sets(st.sampled_from(STATES)), st.sets(st.sampled_from(METHODS)))
def test_counts_include_users_that_are_not_listed(found, states, usable):
    shown = digest(found, states, sorted(usable), names=True)
    read = [one for one in found if one.state is not None]
    assert sum(shown.summary["states"].values()) == len(read)
    assert shown.summary["states"] == Counter(one.state for one in read)
    on = [one for one in read if one.state == "ready"]
    assert shown.summary["sms_only"] == sum(not usable & set(one.more["other_methods"]) for one in on)
    assert all(one in found for one in shown.listed)
