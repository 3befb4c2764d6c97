# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._states import (
    DISABLED,
    ENABLED,
)
from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target
from ansible_collections.frontline.entra.plugins.module_utils._entra._phone_methods import Phone
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import (
    REFUSE,
    SATISFIED,
    WRITE,
    Facts,
)
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in import SmsSignIn
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import no_reply, reply
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import error

ANNA = Target("anna@contoso.example")
NUMBER = "+1 2065550101"
NOTHING = (SATISFIED, None, None)
ENABLE = (WRITE, "enable", None)
DISABLE = (WRITE, "disable", None)
UNKNOWN = (REFUSE, None, "unknown_state")

TABLE = [
    ("ready", NOTHING, DISABLE),
    ("notEnabled", ENABLE, NOTHING),
    ("notConfigured", ENABLE, NOTHING),
    ("phoneNumberNotUnique", (WRITE, "enable", "phone_number_not_unique"), NOTHING),
    ("notAllowedByPolicy", (REFUSE, None, "not_allowed_by_policy"), NOTHING),
    ("notSupported", (REFUSE, None, "not_supported"), NOTHING),
    ("noMobilePhone", (REFUSE, None, "no_mobile_phone"), NOTHING),
    ("unknownFutureValue", UNKNOWN, UNKNOWN),
    ("Ready", UNKNOWN, UNKNOWN),
    ("nothing", UNKNOWN, UNKNOWN),
    ("", UNKNOWN, UNKNOWN),
    (None, UNKNOWN, UNKNOWN),
]
STATES = [row[0] for row in TABLE]
WRITES = [("ready", DISABLED), *((row[0], ENABLED) for row in TABLE if row[1][0] == WRITE)]


def step(state, desired):
    return SmsSignIn(desired).decide(ANNA, Phone(state, NUMBER))


@pytest.mark.parametrize(("state", "when_enabled", "when_disabled"), TABLE)
def test_the_step_for_each_state(state, when_enabled, when_disabled):
    assert step(state, ENABLED)[:3] == when_enabled
    assert step(state, DISABLED)[:3] == when_disabled


@pytest.mark.parametrize(("state", "desired"), WRITES)
def test_the_state_that_check_mode_predicts_is_satisfied_and_keeps_the_number(state, desired):
    found = step(state, desired)
    assert SmsSignIn(desired).decide(ANNA, found.foreseen).verdict == SATISFIED
    assert found.foreseen.number == NUMBER
    assert found.would == found.says.replace(" was ", " would be ")


@pytest.mark.parametrize(
    ("desired", "state", "says"),
    [
        (ENABLED, "ready", "SMS sign-in is enabled."),
        (DISABLED, "notEnabled", "SMS sign-in is not enabled (notEnabled)."),
        (DISABLED, "noMobilePhone", "There is no mobile phone to sign in with."),
        (DISABLED, "notAllowedByPolicy", "SMS sign-in is blocked by policy. It may work again if the policy changes."),
    ],
)
def test_the_message_of_a_satisfied_user(desired, state, says):
    assert step(state, desired).says == says


def test_a_block_by_policy_is_not_counted_as_disabled():
    counted = {state: step(state, DISABLED).counts_as for state in STATES}
    assert [state for state, word in counted.items() if word] == ["notAllowedByPolicy"]
    assert counted["notAllowedByPolicy"] == "blocked by policy"


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("now", STATES)
def test_only_a_change_to_or_from_ready_counts(before, now):
    moved = SmsSignIn(ENABLED).moved(Phone(before), Phone(now))
    assert moved is ((before == "ready") != (now == "ready") and step(now, ENABLED)[:3] != UNKNOWN)


@pytest.mark.parametrize("state", STATES)
def test_a_number_is_claimed_by_the_user_that_signs_in_with_it(state):
    claim = SmsSignIn(ENABLED).claim(Phone(state, NUMBER))
    assert claim == ("12065550101" if state == "ready" else None)


@pytest.mark.parametrize(
    ("answer", "no_effect"),
    [
        (reply(400, {}, error("badRequest"), "ours"), True),
        (reply(403, {}, error("accessDenied"), "ours"), True),
        (reply(401, {}, error("InvalidAuthenticationToken"), "ours"), True),
        (reply(429, {}, error("TooManyRequests"), "ours"), False),
        (reply(503, {}, None, "ours"), False),
        (no_reply("dropped", "It broke.", "ours"), False),
    ],
)
def test_answers_that_show_that_a_write_had_no_effect(answer, no_effect):
    assert SmsSignIn(ENABLED).had_no_effect(answer) is no_effect


def test_the_facts_and_the_difference_of_a_user():
    goal = SmsSignIn(ENABLED)
    assert goal.facts(Phone("notEnabled", NUMBER), Phone("ready")) == Facts(
        "ready", "notEnabled", NUMBER, {"other_methods": None}
    )
    entry = {"previous_state": "notEnabled", "state": "ready", "phone_number": "+1 ********01"}
    assert goal.difference(entry) == (
        {"smsSignInState": "notEnabled", "phone_number": "+1 ********01"},
        {"smsSignInState": "ready", "phone_number": "+1 ********01"},
    )
