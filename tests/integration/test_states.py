# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""States of SMS sign-in that this version does not know, null, absent."""

from __future__ import annotations

import pytest

from integration.tenants import NEW_TO_METADATA, NOT_ENABLED, READY, SOMETHING_NEW, make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("new", 5, state=SOMETHING_NEW),
    make_user("future", 6, state="unknownFutureValue"),
    make_user("null", 7, state="null"),
    make_user("absent", 8, state="absent"),
)
ANNA = "anna@contoso.example"


@pytest.mark.covers("M7", "P6")
@pytest.mark.parametrize(
    ("name", "state"),
    [
        pytest.param("new", SOMETHING_NEW, marks=NEW_TO_METADATA),
        ("future", "unknownFutureValue"),
        ("null", None),
        ("absent", None),
    ],
)
@pytest.mark.parametrize("wanted", ["enabled", "disabled"])
@pytest.mark.parametrize("check_mode", [True, False])
def test_an_unknown_state_is_refused_and_not_written_to(simulator, module, name, state, wanted, check_mode):
    result = module(users=[f"{name}@contoso.example", ANNA], state=wanted, check_mode=check_mode)

    assert result["reason"] == "some_users_failed"
    user = result.user(name)
    assert (user["reason"], user["state"], user["changed"], user["failed"]) == ("unknown_state", state, False, True)
    assert [write.user for write in simulator.writes() if write.user != ANNA] == []


@pytest.mark.covers("M7")
def test_an_unknown_state_cannot_be_tolerated(simulator, module):
    result = module(users=["new@contoso.example"], tolerate=["unknown_state"])

    assert result["reason"] == "invalid_options" and "unknown_state" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M7", "P6")
@pytest.mark.parametrize(
    ("user", "wanted", "before"), [(ANNA, "enabled", NOT_ENABLED), ("ben@contoso.example", "disabled", READY)]
)
@pytest.mark.parametrize("state", [pytest.param(SOMETHING_NEW, marks=NEW_TO_METADATA), "null", "absent"])
def test_an_unknown_state_after_a_write_is_unverified(simulator, module, user, wanted, before, state):
    simulator.inject({"match": {"method": "POST"}, "then": {"state": {"user": user, "state": state}}})

    result = module(users=[user], state=wanted, verify_timeout=0.3)

    assert not result["changed"] and result["reason"] == "some_users_failed"
    reported = result.user(user)
    assert (reported["previous_state"], reported["state"]) == (before, state if state == SOMETHING_NEW else None)
    assert reported["reason"] == "unverified" and not reported["changed"] and len(simulator.writes()) >= 1
