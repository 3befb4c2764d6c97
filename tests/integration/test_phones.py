# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones that cannot be enabled, and numbers that others hold. States are in test_sms_sign_in.py."""

from __future__ import annotations

import json
import time

import pytest

from integration.tenants import NOT_ENABLED, READY, make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("carl"),
    make_user("dora", 2),
    make_user("haunted", 6),
    {**make_user("ghost", 6, sms_sign_in=True), "soft_deleted": True},
    make_user("alternate", 7, alternate_mobile="+1 2065550108", office="+1 2065550109"),
    make_user("officeonly", office="+1 2065550112"),
)
ANNA = "anna@contoso.example"
BEN = "ben@contoso.example"
DORA = "dora@contoso.example"
TAKEN = "phone_number_not_unique"
NOT_UNIQUE = "phoneNumberNotUnique"


@pytest.mark.covers("P1", "P2")
@pytest.mark.parametrize("users", [[ANNA], [ANNA, "alternate@contoso.example"]], ids=["alone", "in a batch"])
@pytest.mark.parametrize(
    "name",
    [
        "p1_policy_refusal_405",
        "p2_disabled_by_policy_400",
        "p2_disabled_by_policy_403",
        "p2_disabled_by_policy_409",
    ],
)
def test_a_refusal_by_the_policy_is_recognised_with_any_status(simulator, module, scenario, users, name):
    scenario(name)

    result = module(users=users)

    user = result.user("anna")
    assert (user["reason"], user["state"], user["changed"]) == ("not_allowed_by_policy", NOT_ENABLED, False)
    assert user["support"]["status"] == int(name[-3:]) and "SMS policy" in user["msg"]
    assert len(simulator.affected()) == 1, "a refusal is not tried again"
    assert result["summary"]["changed"] == len(users) - 1


@pytest.mark.covers("P3")
@pytest.mark.parametrize("users", [[ANNA], [ANNA, "alternate@contoso.example"]], ids=["alone", "in a batch"])
@pytest.mark.parametrize(
    ("name", "state"), [("p3_number_taken", NOT_ENABLED), ("p3_number_taken_and_attempt_kept", NOT_UNIQUE)]
)
def test_a_taken_number_is_reported_with_and_without_a_state_that_shows_it(
    simulator, module, scenario, users, name, state
):
    scenario(name)

    result = module(users=users)

    user = result.user("anna")
    assert (user["reason"], user["state"], user["changed"]) == (TAKEN, state, False)
    (write,) = simulator.affected()
    last = [entry for entry in simulator.requests("phoneMethods") if entry.user == ANNA][-1]
    assert last.method == "GET" and last.at > write.at, "it was read back"
    assert "2065550101" not in json.dumps(result).replace(" ", "")


@pytest.mark.covers("P3")
def test_a_refusal_as_taken_that_enabled_the_user_is_a_change(simulator, module, scenario):
    scenario("p3_number_taken_yet_enabled")

    result = module(users=[ANNA])

    assert result["changed"] and result.user("anna")["state"] == READY
    assert [(write.status, write.effect) for write in simulator.writes()] == [(409, True)]


@pytest.mark.covers("P4")
def test_a_number_held_by_a_deleted_account_is_reported_and_tried_once(simulator, module):
    result = module(users=["haunted@contoso.example"])

    user = result.user("haunted")
    assert (user["reason"], user["state"]) == (TAKEN, NOT_UNIQUE) and "deleted account" in user["msg"]
    assert [write.status for write in simulator.writes()] == [409]
    assert result["requests"]["seconds"] < 3


@pytest.mark.covers("P5")
def test_only_the_mobile_phone_is_written_to(simulator, module):
    result = module(users=["alternate@contoso.example"])

    assert result["changed"] and result.user("alternate")["phone_number"] == "********07"
    (write,) = simulator.writes()
    assert "/3179e48a-750b-4051-897c-87b9720928f7/" in write.path


@pytest.mark.covers("P7")
@pytest.mark.parametrize("users", [[ANNA, BEN], [ANNA], [BEN]], ids=["in a batch", "alone", "alone and ready"])
def test_a_user_in_the_desired_state_is_never_written_to(simulator, module, users):
    module(users=users)
    simulator.clear_journal()

    again = module(users=users)

    assert again["reason"] is None and not again["changed"] and simulator.writes() == []


@pytest.mark.covers("P7")
@pytest.mark.parametrize(
    ("name", "state", "after", "status"),
    [
        ("p7_enabled_meanwhile_204", "enabled", READY, 204),
        ("p7_enabled_meanwhile_400", "enabled", READY, 400),
        ("p7_disabled_meanwhile_204", "disabled", NOT_ENABLED, 204),
        ("p7_disabled_meanwhile_400", "disabled", NOT_ENABLED, 400),
    ],
)
def test_a_user_that_reaches_the_desired_state_during_the_run_is_no_failure(
    simulator, module, scenario, name, state, after, status
):
    simulator.change(ANNA, sms_sign_in=state == "disabled")
    scenario(name)

    result = module(users=[ANNA], state=state)

    assert result["reason"] is None and result.user("anna")["state"] == after
    assert [(write.status, write.effect) for write in simulator.writes()] == [(status, False)]


@pytest.mark.covers("P8")
def test_a_write_without_effect_is_unverified(simulator, module, scenario):
    scenario("p8_accepted_without_effect")

    result = module(users=[simulator.user_id(ANNA)], verify_timeout=0.3)

    assert result["reason"] == "some_users_failed" and not result["changed"]
    (user,) = result["users"]
    assert (user["reason"], user["state"], user["failed"]) == ("unverified", NOT_ENABLED, True)
    assert len(simulator.writes()) == 1


@pytest.mark.covers("P9")
def test_a_number_moves_to_another_user_by_disabling_first(simulator, module):
    wrong_way = module(users=[DORA])
    module(users=[BEN], state="disabled")
    right_way = module(users=[DORA])

    assert wrong_way.user("dora")["reason"] == TAKEN
    assert right_way["changed"] and right_way.user("dora")["state"] == READY


@pytest.mark.covers("P9")
def test_a_number_is_refused_until_it_is_released(simulator, module, scenario):
    scenario("p9_number_free_later")
    assert module(users=[BEN], state="disabled")["changed"]
    released = time.monotonic()

    at_once = module(users=[DORA])
    time.sleep(max(0.0, released + 0.45 - time.monotonic()))
    later = module(users=[DORA])

    assert (at_once["reason"], at_once.user("dora")["reason"]) == ("some_users_failed", TAKEN)
    assert later["changed"] and later.user("dora")["state"] == READY
    assert [write.effect for write in simulator.writes() if write.user == DORA][-1]


@pytest.mark.covers("U2", "P5")
@pytest.mark.parametrize("state", ["enabled", "disabled"])
@pytest.mark.parametrize("name", ["carl", "officeonly"], ids=["an empty list", "other phones only"])
def test_a_user_without_a_mobile_phone_is_not_written_to(simulator, module, name, state):
    result = module(users=[f"{name}@contoso.example"], state=state)

    user = result.user(name)
    assert (user["state"], user["changed"]) == ("noMobilePhone", False)
    assert user["reason"] == ("no_mobile_phone" if state == "enabled" else None)
    assert len(simulator.calls()) == 1 and simulator.writes() == []


@pytest.mark.covers("U2")
@pytest.mark.parametrize("name", ["u2_phone_removed_resource_not_found", "u2_phone_removed_item_not_found"])
@pytest.mark.parametrize("users", [[ANNA], [ANNA, "alternate@contoso.example"]], ids=["alone", "in a batch"])
def test_a_phone_removed_before_the_write_is_reported_as_missing(simulator, module, scenario, name, users):
    scenario(name)

    result = module(users=users)

    user = result.user("anna")
    assert (user["previous_state"], user["state"], user["changed"]) == (NOT_ENABLED, "noMobilePhone", False)
    assert (user["reason"], user["support"]["status"]) == ("no_mobile_phone", 404)
    assert [write.status for write in simulator.writes() if write.user == ANNA] == [404]
    assert result["summary"]["changed"] == len(users) - 1
