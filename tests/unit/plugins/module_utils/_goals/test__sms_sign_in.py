# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in import (
    DISABLED,
    ENABLED,
    Decision,
    decide,
    predicted,
    reached,
)

NOTHING = Decision("nothing")
ENABLE = Decision("enable")
DISABLE = Decision("disable")
UNKNOWN = Decision("refuse", "unknown_state")

TABLE = [
    ("ready", NOTHING, DISABLE),
    ("notEnabled", ENABLE, NOTHING),
    ("notConfigured", ENABLE, NOTHING),
    ("phoneNumberNotUnique", Decision("enable", "phone_number_not_unique"), NOTHING),
    ("notAllowedByPolicy", Decision("refuse", "not_allowed_by_policy"), NOTHING),
    ("notSupported", Decision("refuse", "not_supported"), NOTHING),
    ("noMobilePhone", Decision("refuse", "no_mobile_phone"), NOTHING),
    ("unknownFutureValue", UNKNOWN, UNKNOWN),
    ("Ready", UNKNOWN, UNKNOWN),
    ("nothing", UNKNOWN, UNKNOWN),
    ("", UNKNOWN, UNKNOWN),
    (None, UNKNOWN, UNKNOWN),
]


@pytest.mark.parametrize(("state", "when_enabled", "when_disabled"), TABLE)
def test_decide(state, when_enabled, when_disabled):
    assert decide(state, ENABLED) == when_enabled
    assert decide(state, DISABLED) == when_disabled


@pytest.mark.parametrize("wanted", [ENABLED, DISABLED])
@pytest.mark.parametrize("state", [row[0] for row in TABLE])
def test_a_state_proves_what_is_wanted_when_nothing_is_to_be_done(state, wanted):
    assert reached(state, wanted) is (decide(state, wanted).action == "nothing")


@pytest.mark.parametrize(
    ("action", "writes"), [("nothing", False), ("enable", True), ("disable", True), ("refuse", False)]
)
def test_what_writes(action, writes):
    assert Decision(action).writes is writes


@pytest.mark.parametrize("wanted", [ENABLED, DISABLED])
def test_the_state_that_check_mode_predicts_is_what_is_wanted(wanted):
    assert reached(predicted(wanted), wanted)
