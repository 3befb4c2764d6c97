# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phone numbers: check -> apply -> apply again -> check again, and what can go wrong with each number."""

from __future__ import annotations

import json
import os
import re

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.modules import phone_method
from integration.documents import commands, named_files
from integration.tenants import CLIENT_ID, READY, app, make_user, tenant

ROLES = ["UserAuthMethod-Phone.ReadWrite.All", "User.Read.All", "AuditLog.Read.All"]
NO_REPORT = "bbbbbbbb-0000-0000-0000-000000000002"
TENANT = tenant(
    make_user("none"),
    make_user("same", 2),
    make_user("other", 3),
    make_user("signedin", 4, sms_sign_in=True),
    make_user("both", 5, alternate_mobile="+1 2065550155"),
    make_user("office", office="+1 2065550106x12"),
    make_user("default", 7, default_method=True),
    make_user("blocked"),
    make_user("holder", 10, sms_sign_in=True),
    make_user("late", 11, lag=0.3),
    make_user("shown", 12, flicker=True),
    {"count": 30, "name": "worker{n:02}@contoso.example"},
    apps=[app(roles=ROLES), app(client_id=NO_REPORT, roles=ROLES[:1])],
    groups=[{"name": "No SMS", "members": ["blocked@contoso.example"]}],
    policy={
        "state": "enabled",
        "include": [{"group": "all_users", "sign_in": True}],
        "exclude": [{"group": "No SMS"}],
    },
    delegated=[
        {
            "user": "holder@contoso.example",
            "client_id": CLIENT_ID,
            "scopes": ["UserAuthenticationMethod.ReadWrite.All"],
            "entra_roles": ["Authentication Administrator"],
        }
    ],
)
HELD = "+1 2065550110"
FULL_NUMBER = re.compile(r"206\D?555\D?01\d\d")


def user(first_name):
    return f"{first_name}@contoso.example"


def number(line):
    return f"+1 20655501{line:02}"


def entry(first_name, line=None, phone_type="mobile", state="present"):
    phone = {} if line is None else {"phone_number": number(line)}
    return {"user": user(first_name), "phone_type": phone_type, "state": state, **phone}


def numbers(module, *first_names):
    """The current numbers of users, by type."""
    found = module("phone_method_info", users=[user(name) for name in first_names], show_numbers=True)
    shown = {
        one["user"].partition("@")[0]: {phone["phone_type"]: phone["phone_number"] for phone in one["phones"]}
        for one in found["users"]
    }
    return shown[first_names[0]] if len(first_names) == 1 else shown


def methods(simulator):
    """The writes in their order: method, end of the path, status."""
    return [(one.method, one.path.rpartition("/")[2][:8], one.status) for one in simulator.writes()]


def assert_masked(shown):
    assert not FULL_NUMBER.search(shown), "a phone number"


# -- every state -------------------------------------------------------------------------------------------------------

WANTED = [
    entry("none", 21),
    entry("same", 2),
    entry("other", 23),
    entry("signedin", 4),
    entry("signedin", 24, "alternateMobile"),
    entry("both", 25, "alternateMobile"),
    entry("both", 5),
    entry("office", None, "office", "absent"),
    entry("default", 7, "mobile", "absent"),
    entry("blocked", 28),
    entry("late", 31),
    entry("shown", 32),
    entry("nobody", 33),
]
# For each user: the state before; then state, changed and reason of the run.
OUTCOMES = {
    "none": ("noMobilePhone", READY, True, None),
    "same": ("notEnabled", "notEnabled", False, None),
    "other": ("notEnabled", READY, True, None),
    "signedin": (READY, READY, True, None),
    "both": ("notEnabled", "notEnabled", True, None),
    "office": ("noMobilePhone", "noMobilePhone", True, None),
    "default": ("notEnabled", "notEnabled", False, "default_method"),
    "blocked": ("noMobilePhone", "notAllowedByPolicy", True, None),
    "late": ("notEnabled", READY, True, None),
    "shown": ("notEnabled", READY, True, None),
    "nobody": (None, None, False, "user_not_found"),
}
FORESEEN = {
    # Whether a first number signs in its user, and whether a phone is the default method, shows only after the write.
    "none": ("noMobilePhone", None, True, None),
    "blocked": ("noMobilePhone", None, True, None),
    "default": ("notEnabled", "noMobilePhone", True, None),
}


def reported(result):
    return {
        one["user"].partition("@")[0]: (one["previous_state"], one["state"], one["changed"], one["reason"])
        for one in result["users"]
    }


def test_check_apply_apply_check(simulator, module):
    users = [name for name in OUTCOMES if name != "nobody"]
    before = numbers(module, *users)
    simulator.clear_journal()

    foreseen = module("phone_method", phones=WANTED, check_mode=True)
    assert reported(foreseen) == {**OUTCOMES, **FORESEEN}
    assert simulator.writes() == [], "no write in check mode, and none inside a batch"
    assert numbers(module, *users) == before

    simulator.clear_journal()
    applied = module("phone_method", phones=WANTED, verify_timeout=3)
    assert reported(applied) == OUTCOMES
    changed = sorted(name for name, line in OUTCOMES.items() if line[2])
    assert sorted(write.user.partition("@")[0] for write in simulator.writes() if write.effect) == changed
    assert sorted(write.user for write in simulator.writes()) == sorted(user(name) for name in [*changed, "default"])
    after = numbers(module, *users)
    assert after["none"] == {"mobile": number(21)} and after["blocked"] == {"mobile": number(28)}
    assert after["signedin"] == {"mobile": number(4), "alternateMobile": number(24)}
    assert after["both"] == {"mobile": number(5), "alternateMobile": number(25)}
    assert after["office"] == {} and after["default"] == {"mobile": number(7)}
    assert simulator.state(user("signedin")) == READY, "an alternate number changes nothing for the mobile one"
    foreseen_numbers = {one["user"]: one["phones"] for one in foreseen["users"] if one["reason"] is None}
    applied_numbers = {one["user"]: one["phones"] for one in applied["users"] if one["reason"] is None}
    assert {name: foreseen_numbers[name] for name in applied_numbers} == applied_numbers

    simulator.clear_journal()
    left = {name: (state, state, False, reason) for name, (_before, state, _changed, reason) in OUTCOMES.items()}
    assert reported(module("phone_method", phones=WANTED, verify_timeout=0)) == left
    assert [write.user for write in simulator.writes()] == [user("default")], "tried again, since it may have changed"
    simulator.clear_journal()
    again = {**left, "default": FORESEEN["default"]}
    assert reported(module("phone_method", phones=WANTED, check_mode=True)) == again
    assert simulator.writes() == []


def test_a_result_in_check_mode_has_the_keys_of_a_real_one(module):
    foreseen, applied = (
        module("phone_method", phones=WANTED, check_mode=mode, verify_timeout=3) for mode in (True, False)
    )

    assert foreseen.keys() - {"warnings"} == applied.keys() - {"warnings"}
    assert [one.keys() for one in foreseen["users"]] == [one.keys() for one in applied["users"]]
    assert foreseen["users"][0].keys() >= {"phones", "previous_phones", "holder", "state"}


def test_the_report_of_a_changed_number(module):
    result = module("phone_method", user=user("other"), phone_number="+1 (206) 555-0123")

    assert result["msg"] == "1 changed." and result["reason"] is None and result["changed"]
    outcome = result.user("other")
    assert outcome["phones"] == [{"phone_type": "mobile", "phone_number": "********23"}]
    assert outcome["previous_phones"] == [{"phone_type": "mobile", "phone_number": "********03"}]
    assert (outcome["msg"], outcome["holder"]) == ("The mobile number was changed.", None)
    assert result["diff"] == {
        "before": {user("other"): {"mobile": "********03", "smsSignInState": "notEnabled"}},
        "after": {user("other"): {"mobile": "********23", "smsSignInState": READY}},
    }
    assert_masked(json.dumps(result))


# -- spellings ---------------------------------------------------------------------------------------------------------


@pytest.mark.covers("R3")
@pytest.mark.parametrize("written", ["+12065550102", "+1 206 555 0102", "+1-206-555-0102", " +1 (206) 555.0102 "])
def test_another_spelling_of_a_number_changes_nothing(simulator, module, written):
    result = module("phone_method", user=user("same"), phone_number=written)

    assert result["reason"] is None and not result["changed"] and simulator.writes() == []
    assert result["msg"] == "1 already as requested."


@pytest.mark.covers("R1")
@pytest.mark.parametrize(
    ("written", "says"),
    [
        (12065550121, "no plus sign"),
        ("12065550121", "no plus sign"),
        ("(206) 555-0121", "local number"),
        ("0012065550121", "begins with 00"),
        ("+1 2065550121x5", "Only an office number"),
        ("********21", "masked"),
        ("1.20656E+10", "spreadsheet"),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_an_invalid_number_is_refused_and_never_guessed(simulator, module, written, says, check_mode):
    result = module("phone_method", user=user("none"), phone_number=written, check_mode=check_mode)

    assert result.reasons == {user("none"): "invalid_phone_number"} and says in result.user("none")["msg"]
    assert simulator.writes() == []
    assert_masked(json.dumps(result))


def test_an_extension_belongs_to_an_office_number(module):
    given = {"user": user("none"), "phone_number": "+1 206 555 0199 ext. 7", "phone_type": "office"}

    assert module("phone_method", **given)["changed"]
    assert numbers(module, "none") == {"office": "+1 2065550199x7"}
    assert not module("phone_method", **given)["changed"]


# -- a number that signs in another account ----------------------------------------------------------------------------

REFUSALS = [
    {},
    {"unique_refusal_status": 400},
    {"unique_refusal_code": "conflict"},
    *({"refusal_code_form": form} for form in ("inner", "nested", "details", "empty", "backend")),
    {"unique_refusal_message": "No.", "refusal_code_form": "empty"},
]


@pytest.mark.covers("P3")
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
@pytest.mark.parametrize("before", ["none", "other"])
def test_a_taken_number_that_was_stored_is_a_change(simulator, module, refusal, before):
    for switch, value in refusal.items():
        simulator.switch(switch, value)

    result = module("phone_method", user=user(before), phone_number=HELD)

    assert result["reason"] is None and result["changed"]
    outcome = result.user(before)
    assert (outcome["state"], outcome["changed"], outcome["failed"]) == ("phoneNumberNotUnique", True, False)
    assert "Another account signs in with the mobile number" in outcome["msg"]
    assert numbers(module, before) == {"mobile": HELD} and simulator.state(user("holder")) == READY
    assert not module("phone_method", user=user(before), phone_number=HELD)["changed"]
    assert len(simulator.writes()) == 1


@pytest.mark.covers("P3")
@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
@pytest.mark.parametrize("before", ["none", "other"])
def test_a_taken_number_that_was_not_stored_is_a_refusal(simulator, module, refusal, before):
    simulator.switch("taken_number_saved", False)
    for switch, value in refusal.items():
        simulator.switch(switch, value)
    was = numbers(module, before)

    result = module("phone_method", user=user(before), phone_number=HELD, verify_timeout=0.5)

    assert result.reasons == {user(before): "phone_number_not_unique"} and not result["changed"]
    assert result.user(before)["support"]["status"] == refusal.get("unique_refusal_status", 409)
    assert numbers(module, before) == was
    assert_masked(json.dumps(result))
    tolerated = module(
        "phone_method", user=user(before), phone_number=HELD, verify_timeout=0, tolerate=["phone_number_not_unique"]
    )
    assert tolerated["reason"] is None and tolerated["summary"]["refused"] == 1


def test_a_refusal_that_ends_sms_sign_in_is_a_change_too(simulator, module):
    simulator.switch("taken_number_saved", False)

    result = module("phone_method", user=user("signedin"), phone_number=HELD, verify_timeout=0.2)

    outcome = result.user("signedin")
    assert numbers(module, "signedin") == {"mobile": number(4)} and simulator.state(user("signedin")) != READY
    assert (outcome["changed"], outcome["failed"], outcome["reason"]) == (True, True, "phone_number_not_unique")
    assert (outcome["previous_state"], outcome["state"]) == (READY, simulator.state(user("signedin")))


def test_a_taken_number_that_shows_late_is_a_change(simulator, module):
    simulator.switch("visibility_lag", 0.5)

    result = module("phone_method", user=user("none"), phone_number=HELD, verify_timeout=10)

    assert result["reason"] is None and result["changed"]
    assert result.user("none")["state"] == "phoneNumberNotUnique" and len(simulator.writes()) == 1


@pytest.mark.parametrize("automatic", [True, False])
def test_the_service_attempts_sms_sign_in_by_itself(simulator, module, automatic):
    simulator.switch("auto_registration", automatic)

    result = module("phone_method", user=user("none"), phone_number=number(21))

    assert result["reason"] is None and result.user("none")["state"] == (READY if automatic else "notEnabled")
    assert ("not enabled for the mobile number" in result.user("none")["msg"]) is not automatic


@pytest.mark.parametrize("status", [200, 201])
def test_a_new_phone_can_be_answered_with_either_status(simulator, module, status):
    simulator.switch("phone_created", status)

    assert module("phone_method", user=user("none"), phone_number=number(21))["changed"]


# -- the holder --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_holder_is_named(simulator, module, check_mode):
    given = {"phones": [entry("none", 10), entry("other", 23)], "find_holder": True, "check_mode": check_mode}

    result = module("phone_method", **given)

    assert (result.user("none")["holder"], result.user("other")["holder"]) == (user("holder"), None)
    assert f"{user('holder')} signs in with this number." in result.user("none")["msg"]
    assert "warnings" not in result


def test_the_holder_of_a_number_already_stored_is_named(simulator, module):
    module("phone_method", user=user("none"), phone_number=HELD)
    simulator.clear_journal()

    result = module("phone_method", user=user("none"), phone_number=HELD, find_holder=True)

    assert result["reason"] is None and not result["changed"] and simulator.writes() == []
    assert result.user("none")["holder"] == user("holder")
    assert "Deleted and disabled accounts are not seen." in result.user("none")["msg"]


def test_a_user_is_not_the_holder_of_its_own_number(simulator, module):
    result = module("phone_method", user=user("holder"), phone_number=HELD, find_holder=True)

    assert result.user("holder")["holder"] is None and simulator.requests("/reports/") == []


@pytest.mark.parametrize("without", ["permission", "licence"])
def test_without_the_report_a_run_continues_with_one_warning(simulator, module, without):
    if without == "licence":
        simulator.switch("premium", False)
    more = {"client_id": NO_REPORT} if without == "permission" else {}

    result = module("phone_method", phones=[entry("none", 10), entry("other", 23)], find_holder=True, **more)

    assert result["reason"] is None and result["summary"]["changed"] == 2
    assert {one["holder"] for one in result["users"]} == {None}
    assert len(result["warnings"]) == 1 and "'holder' is null" in result.warned


def test_the_report_is_not_read_without_find_holder(simulator, module):
    module("phone_method", user=user("none"), phone_number=HELD)

    assert simulator.requests("/reports/") == []


# -- the rules of phone methods ----------------------------------------------------------------------------------------

MOBILE, ALTERNATE, OFFICE = "3179e48a", "b6332ec1", "e37fc753"


def test_a_mobile_number_is_added_before_its_alternate(simulator, module):
    result = module("phone_method", phones=[entry("none", 41, "alternateMobile"), entry("none", 42)])

    assert result["reason"] is None and numbers(module, "none") == {"mobile": number(42), "alternateMobile": number(41)}
    assert methods(simulator) == [("POST", "phoneMet", 201), ("POST", "phoneMet", 201)]
    assert result.user("none")["msg"] == "The mobile number was added. The alternate mobile number was added."


@pytest.mark.covers("R1")
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([entry("none", 41, "alternateMobile")], "needs_mobile_phone"),
        ([entry("office", 41, "alternateMobile")], "needs_mobile_phone"),
        ([entry("other", 41, "alternateMobile"), entry("other", None, "mobile", "absent")], "needs_mobile_phone"),
        ([entry("both", None, "mobile", "absent")], "alternate_phone_exists"),
        ([entry("both", None, "mobile", "absent"), entry("both", 43, "office")], "alternate_phone_exists"),
    ],
)
def test_a_write_that_the_service_would_refuse_is_not_sent(simulator, module, entries, reason, check_mode):
    refused = module("phone_method", phones=entries, check_mode=check_mode)
    tolerated = module("phone_method", phones=entries, check_mode=check_mode, tolerate=[reason])

    assert refused.reasons == {entries[0]["user"]: reason} and refused["reason"] == "some_users_failed"
    assert tolerated["reason"] is None and tolerated["summary"]["refused"] == 1
    assert simulator.writes() == []


def test_an_alternate_number_is_removed_before_its_mobile(simulator, module):
    entries = [entry("both", None, "mobile", "absent"), entry("both", None, "alternateMobile", "absent")]

    assert module("phone_method", phones=entries)["reason"] is None
    assert methods(simulator) == [("DELETE", ALTERNATE, 204), ("DELETE", MOBILE, 204)]
    assert numbers(module, "both") == {}


@pytest.mark.covers("R2")
def test_the_alternate_number_can_become_the_mobile_one(simulator, module):
    entries = [entry("both", 55), entry("both", None, "alternateMobile", "absent")]

    assert module("phone_method", phones=entries)["reason"] is None
    assert methods(simulator) == [("PATCH", MOBILE, 204), ("DELETE", ALTERNATE, 204)], "always within reach"
    assert numbers(module, "both") == {"mobile": number(55)}


@pytest.mark.covers("R4")
@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize("code", ["badRequest", "", "methodRequired"])
@pytest.mark.parametrize("message", [True, False])
def test_a_phone_that_cannot_be_removed_is_the_default_method(simulator, module, status, code, message):
    for switch, value in (("phone_rule_status", status), ("phone_rule_code", code), ("phone_rule_message", message)):
        simulator.switch(switch, value)
    given = {"user": user("default"), "state": "absent", "verify_timeout": 0.2}

    refused = module("phone_method", **given)
    tolerated = module("phone_method", tolerate=["default_method"], **given)

    assert refused.reasons == {user("default"): "default_method"} and not refused["changed"]
    assert tolerated["reason"] is None and tolerated["summary"]["refused"] == 1


@pytest.mark.covers("R4")
@pytest.mark.parametrize("status", [400, 409])
def test_an_alternate_added_meanwhile_is_distinguished_from_the_default_method(simulator, module, status):
    simulator.switch("phone_rule_status", status)
    simulator.inject(
        {
            "match": {"method": "DELETE", "user": user("other")},
            "then": {"state": {"user": user("other"), "alternate_mobile": number(44)}},
        }
    )

    result = module("phone_method", user=user("other"), state="absent", verify_timeout=0.2)

    assert result.reasons == {user("other"): "alternate_phone_exists"}


def test_a_user_refused_between_two_writes_changed_and_failed(simulator, module):
    simulator.change(user("default"), alternate_mobile=number(57))
    entries = [entry("default", None, "mobile", "absent"), entry("default", None, "alternateMobile", "absent")]

    result = module("phone_method", phones=entries)

    outcome = result.user("default")
    assert (outcome["changed"], outcome["failed"], outcome["reason"]) == (True, True, "default_method")
    assert result["changed"] and "The alternate mobile number was removed." in outcome["msg"]
    assert [phone["phone_type"] for phone in outcome["previous_phones"]] == ["mobile", "alternateMobile"]
    assert [phone["phone_type"] for phone in outcome["phones"]] == ["mobile"] and numbers(module, "default")


def test_absent_with_a_number_removes_only_that_number(simulator, module):
    kept = module("phone_method", user=user("other"), phone_number=number(99), state="absent")
    assert not kept["changed"] and simulator.writes() == [] and "stays" in kept.user("other")["msg"]

    removed = module("phone_method", user=user("other"), phone_number="+12065550103", state="absent")
    assert removed["changed"] and numbers(module, "other") == {} and removed.user("other")["state"] == "noMobilePhone"


def test_two_users_swap_their_numbers_in_two_tasks(module):
    module("phone_method", phones=[entry("other", state="absent"), entry("signedin", state="absent")])
    result = module("phone_method", phones=[entry("other", 4), entry("signedin", 3)])

    assert result["reason"] is None and {one["state"] for one in result["users"]} == {READY}


# -- masked numbers ----------------------------------------------------------------------------------------------------


@pytest.mark.covers("R3")
@pytest.mark.parametrize("character", ["X", "*"])
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_masked_number_is_never_replaced(simulator, module, character, check_mode):
    simulator.switch("mask_character", character)
    token = simulator.token(user=user("holder"))
    given = {"client_secret": None, "access_token": token, "check_mode": check_mode}

    refused = module("phone_method", phones=[entry("other", 3), entry("same", 22)], **given)
    removed = module("phone_method", user=user("same"), phone_number=number(2), state="absent", **given)

    assert set(refused.reasons.values()) == {"phone_number_unreadable"}
    assert removed.reasons == {user("same"): "phone_number_unreadable"}
    assert simulator.writes() == []


def test_a_masked_number_can_be_removed(simulator, module):
    simulator.switch("masks_for_all", True)

    assert module("phone_method", user=user("other"), state="absent")["changed"]
    assert simulator.state(user("other")) is None


def test_a_number_that_the_service_masks_after_storing_is_a_change(simulator, module):
    simulator.switch("masks_for_all", True)

    result = module("phone_method", user=user("none"), phone_number=number(21), tolerate=["phone_number_unreadable"])

    assert result["reason"] is None and result["changed"]
    assert result.reasons == {user("none"): "phone_number_unreadable"} and len(simulator.writes()) == 1


# -- several entries ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    "second",
    [entry("none", 22), entry("none", 21, "mobile", "absent"), entry("none", None, "mobile", "absent")],
)
def test_contradicting_entries_change_nothing(simulator, module, second, check_mode):
    result = module("phone_method", phones=[entry("none", 21), second, entry("other", 23)], check_mode=check_mode)

    assert result.reasons == {user("none"): "conflicting_entries", user("other"): None}
    assert "Entry 1, entry 2" in result.user("none")["msg"]
    assert {write.user for write in simulator.writes()} == (set() if check_mode else {user("other")})


def test_equal_entries_count_once(simulator, module):
    by_id = {**entry("none", 21), "user": simulator.user_id(user("none"))}

    result = module(
        "phone_method", phones=[entry("none", 21), {**entry("none", 21), "user": "NONE@contoso.example"}, by_id]
    )

    assert result["summary"]["total"] == 1 and result["summary"]["changed"] == 1 and len(simulator.writes()) == 1


def test_contradicting_entries_by_name_and_by_id_change_nothing(simulator, module):
    by_id = {**entry("none", 22), "user": simulator.user_id(user("none"))}

    result = module("phone_method", phones=[entry("none", 21), by_id])

    assert list(result.reasons.values()) == ["conflicting_entries"] and simulator.writes() == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_number_of_two_users_gets_a_warning(simulator, module, check_mode):
    result = module("phone_method", phones=[entry("none", 21), entry("other", 21)], check_mode=check_mode)

    assert result["reason"] is None and result["summary"]["changed"] == 2
    assert "entry 1 and entry 2" in result.warned
    assert_masked(json.dumps(result))


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_number_of_two_users_can_be_refused(simulator, module, check_mode):
    given = {"require_unique": True, "check_mode": check_mode}

    result = module("phone_method", phones=[entry("none", 21), entry("other", 21), entry("office", 22)], **given)

    refused = "phone_number_not_unique"
    assert result.reasons == {user("none"): refused, user("other"): refused, user("office"): None}
    assert "entry 2" in result.user("none")["msg"]
    assert {write.user for write in simulator.writes()} == (set() if check_mode else {user("office")})


def test_an_office_number_may_be_shared(module):
    entries = [entry("none", 60, "office"), entry("other", 60, "office")]

    result = module("phone_method", phones=entries, require_unique=True)

    assert result["summary"]["changed"] == 2 and "warnings" not in result


# -- faults ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["graph", "item"])
@pytest.mark.parametrize("effect", ["before", "after"])
def test_after_a_lost_answer_the_number_is_read_before_a_retry(simulator, module, effect, kind):
    then = {"drop": effect} if kind == "graph" else {"status": 504, "code": "UnknownError", "apply": effect == "after"}
    simulator.inject({"match": {"method": "POST", "path": "phoneMethods$", "kind": kind}, "then": then})
    users = (
        [entry("none", 21)] if kind == "graph" else [entry("none", 21), entry("worker01", 41), entry("worker02", 42)]
    )

    result = module("phone_method", phones=users)

    assert result["reason"] is None and result["summary"]["changed"] == len(users) and simulator.affected()
    affected = simulator.affected()[0].user
    after = [one for one in simulator.journal() if one.user == affected and one.seq > simulator.affected()[0].seq]
    assert after[0].method == "GET", "read before any repetition"
    again = [one for one in after if one.write]
    assert len(again) == (0 if effect == "after" else 1)


def test_lost_writes_that_show_late_are_not_sent_twice(simulator, module):
    simulator.switch("visibility_lag", 0.5)
    simulator.inject({"match": {"method": "POST", "path": "phoneMethods$"}, "then": {"drop": "after"}})

    result = module("phone_method", user=user("none"), phone_number=number(21), verify_timeout=10)

    assert result["reason"] is None and result["changed"]
    assert numbers(module, "none") == {"mobile": number(21)}
    assert len([one for one in simulator.writes() if one.effect]) == 1


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        ({"status": 403, "code": "accessDenied", "message": "Request Authorization failed"}, "forbidden"),
        ({"status": 501, "code": "notImplemented"}, "service_error"),
        ({"status": 404, "code": "Request_ResourceNotFound"}, "user_not_found"),
    ],
)
def test_one_bad_user_does_not_stop_the_others(simulator, module, then, reason):
    simulator.inject({"match": {"method": "POST", "user": user("worker07")}, "times": None, "then": then})
    all_users = [entry(f"worker{n:02}", 40 + n) for n in range(1, 31)]

    result = module("phone_method", phones=all_users, verify_timeout=1)

    assert result["summary"]["changed"] == 29 and result["summary"]["reasons"] == {reason: 1}
    assert result["msg"].startswith(f"1 of 30 users failed: worker07@contoso.example ({reason}).")


def test_throttled_writes_are_sent_again(simulator, module):
    simulator.inject(
        {
            "match": {"kind": "item", "method": "POST"},
            "skip": 5,
            "times": 4,
            "then": {"status": 429, "headers": {"Retry-After": "0.2"}},
        }
    )

    result = module("phone_method", phones=[entry(f"worker{n:02}", 40 + n) for n in range(1, 31)])

    assert result["reason"] is None and result["summary"]["changed"] == 30 and result["requests"]["throttled"] == 4


def test_check_mode_needs_only_the_permission_to_read(simulator, module):
    token = simulator.token(roles=["UserAuthMethod-Phone.Read.All"])
    given = {"client_secret": None, "access_token": token, "phones": [entry("none", 21)]}

    foreseen, applied = (module("phone_method", check_mode=mode, **given) for mode in (True, False))

    assert foreseen["reason"] is None and foreseen["changed"] and "permission to apply" in foreseen.warned
    assert applied["reason"] == "permission_missing" and not applied["changed"]


# -- limits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check_mode", [True, False])
def test_limits_count_users_and_not_numbers(simulator, module, check_mode):
    entries = [entry("none", 41, "alternateMobile"), entry("none", 42), entry("none", 43, "office"), entry("other", 23)]

    allowed = module("phone_method", phones=entries, check_mode=True, max_changes=2)
    refused = module("phone_method", phones=entries, check_mode=check_mode, max_changes=1)

    assert allowed["reason"] is None and allowed["summary"]["changed"] == 2
    assert refused["reason"] == "too_many_changes" and simulator.writes() == []


def test_a_wave_counts_users(module):
    result = module("phone_method", phones=[entry(f"worker{n:02}", 40 + n) for n in range(1, 11)], change_limit="30%")

    assert (result["summary"]["changed"], result["summary"]["deferred"]) == (3, 7)


# -- files -------------------------------------------------------------------------------------------------------------


def test_an_invalid_line_fails_only_its_entry(simulator, module, tmp_path):
    path = tmp_path / "phones.csv"
    path.write_text(
        "\ufeffUser principal name;Mobile;Department\n"
        f"{user('none')};+1 206 555 0121;Till\n"
        f"Example, Anna;{number(22)};Till\n"
        f"{user('other')};206 555 0123;Till\n"
        f"{user('same')};;Till\n"
        f"{user('office')};{number(26)};Till\n"
        f"{user('blocked')};{number(28)};Till\n"
        f"{user('blocked')};{number(29)};Till\n",
        encoding="utf-8",
    )

    for check_mode in (True, False):
        simulator.clear_journal()
        result = module("phone_method", phones_from=str(path), check_mode=check_mode)

        assert result.reasons == {
            user("none"): None,
            user("office"): None,
            user("other"): "invalid_phone_number",
            user("same"): "invalid_phone_number",
            user("blocked"): "conflicting_entries",
            "line 3 of phones.csv": "user_not_found",
        }
        for name, line in (
            ("other", "Line 4 of phones.csv"),
            ("same", "Line 5 of"),
            ("blocked", "Line 7 of phones.csv"),
        ):
            assert line in result.user(name)["msg"]
        shown = json.dumps(result)
        assert "Example, Anna" not in shown
        assert_masked(shown)
    assert sorted(write.user for write in simulator.writes()) == [user("none"), user("office")]


def test_json_and_custom_columns(simulator, module, tmp_path):
    path = tmp_path / "phones.json"
    path.write_text(
        json.dumps(
            [
                {"id": simulator.user_id(user("none")), "mobilePhone": number(21)},
                {"user": user("both"), "phone_type": "alternateMobile", "state": "absent"},
            ]
        )
    )

    result = module("phone_method", phones_from=str(path))

    assert result["reason"] is None and result["summary"]["changed"] == 2
    assert numbers(module, "both") == {"mobile": number(5)} and simulator.state(user("none")) == READY


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    "text",
    ["", "user,department\nnone@contoso.example,Till\n", "user,phone\n", "user,phone\nAnna,+1 2065550121\n", "[1]"],
)
def test_a_file_without_a_list_of_phones_is_refused(simulator, module, tmp_path, text, check_mode):
    path = tmp_path / "phones.csv"
    path.write_text(text)

    result = module("phone_method", phones_from=str(path), check_mode=check_mode)

    assert result["reason"] == "invalid_file" and str(path) in result["msg"] and simulator.journal() == []
    assert_masked(json.dumps(result))


@pytest.mark.parametrize(
    "phones",
    [
        {user("none"): number(21)},
        [[user("none"), number(21), "Welcome-2026!"]],
        [f"{user('none')},{number(21)},Welcome-2026!"],
        f"{user('none')} {number(21)}\r\n{user('other')} {number(23)}",
        [{"user": user("none"), "phone_number": number(21), "phone_type": "Welcome-2026!"}],
    ],
)
def test_phones_in_another_form_are_refused_and_not_shown(simulator, module, phones):
    result = module("phone_method", phones=phones)

    assert result["reason"] == "invalid_options" and "'phones'" in result["msg"] and simulator.journal() == []
    assert_masked(json.dumps(result))
    assert "Welcome" not in json.dumps(result) and user("none") not in json.dumps(result)


@pytest.mark.parametrize("ending", ["csv", "json", "html"])
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_report_shows_the_numbers_before_and_after_masked(module, tmp_path, ending, check_mode):
    path = tmp_path / f"report.{ending}"

    module("phone_method", phones=WANTED, report_path=str(path), check_mode=check_mode, verify_timeout=3)

    text = path.read_text(encoding="utf-8")
    assert_masked(text)
    assert "********23" in text and "********03" in text and oct(os.stat(path).st_mode & 0o777) == "0o600"
    if ending == "csv":
        heading, *lines = text.splitlines()
        assert '"phones","previous_phones","holder"' in heading
        (line,) = [line for line in lines if line.startswith(f'"{user("both")}"')]
        assert '"mobile ********05, alternateMobile ********25","mobile ********05, alternateMobile ********55"' in line
    elif ending == "json":
        document = json.loads(text)
        (both,) = [one for one in document["users"] if one["user"] == user("both")]
        assert both["phones"][1] == {"phone_type": "alternateMobile", "phone_number": "********25"}
        assert document["state"] == "mixed" and document["check_mode"] is check_mode
    else:
        assert "Phone numbers would be changed for" in text if check_mode else "Phone numbers were changed for" in text
        assert "Numbers before" in text and "SMS sign-in was" not in text


def test_a_report_about_numbers_cannot_roll_back_sign_in(simulator, module, tmp_path):
    for ending in ("csv", "json"):
        path = tmp_path / f"report.{ending}"
        module("phone_method", user=user("none"), phone_number=number(20 + len(ending)), report_path=str(path))
        simulator.clear_journal()

        result = module(users_from=str(path), state="previous")

        assert result["reason"] == "invalid_file" and "about phone numbers" in result["msg"]
        assert simulator.journal() == []


def test_the_list_and_the_report_must_be_different_files(module, tmp_path):
    path = tmp_path / "phones.csv"
    path.write_text(f"user,phone\n{user('none')},{number(21)}\n")

    assert module("phone_method", phones_from=str(path), report_path=str(path))["reason"] == "invalid_options"


# -- options -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "'user', 'phones' or 'phones_from'"),
        ({"user": user("none"), "phones": [entry("other", 1)]}, "cannot be combined"),
        ({"user": user("none"), "phones_from": "/missing.csv"}, "cannot be combined"),
        ({"user": user("none")}, "'state' present needs 'phone_number'"),
        ({"phone_number": number(21), "phones": [entry("other", 1)]}, "'phone_number' is the number of 'user'"),
        ({"user": "Anna Example", "phone_number": number(21)}, "'user' is not a user name"),
        ({"user": user("none"), "phone_number": number(21), "tolerate": ["forbidden"]}, "'tolerate' cannot take"),
        ({"phones": [{"phone_number": number(21)}]}, "user"),
        ({"phones": [entry("none", 21, number(22))]}, "phone_type"),
        ({"phones": number(21)}, "'phones' is a text"),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_invalid_options_are_refused(simulator, module, given, says, check_mode):
    result = module("phone_method", check_mode=check_mode, **given)

    assert result["reason"] == "invalid_options" and says in result["msg"] and simulator.journal() == []
    assert "Anna Example" not in json.dumps({**result, "invocation": None})
    assert_masked(json.dumps(result))


def test_an_entry_without_a_user_fails_by_its_position(simulator, module):
    result = module("phone_method", phones=[{"user": "Anna Example", "phone_number": number(21)}, entry("other", 23)])

    assert result.reasons == {user("other"): None, "entry 1": "user_not_found"}
    assert "Anna Example" not in json.dumps(result) and len(simulator.writes()) == 1


def test_an_empty_list_changes_nothing(simulator, module):
    result = module("phone_method", phones=[])

    assert result["reason"] is None and result["msg"] == "No users selected." and not result["changed"]


# -- Ansible -----------------------------------------------------------------------------------------------------------


@pytest.mark.commands
@pytest.mark.parametrize("in_process", [True, False])
def test_a_play_shows_no_number(simulator, playbook, options, home, tmp_path, in_process):
    path = tmp_path / "phones.csv"
    path.write_text(f"user,phone\n{user('none')},{number(21)}\n{user('office')},206 555 0126\n")
    task = {
        "name": "Numbers",
        "frontline.entra.phone_method": {
            "phones": [entry("other", 23), entry("same", 2)],
            "phones_from": str(path),
            "report_path": str(tmp_path / "report.json"),
        },
        "failed_when": False,
    }
    play = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {"frontline_entra_in_process": in_process},
            "module_defaults": {"group/frontline.entra.graph": options},
            "tasks": [task, {"frontline.entra.phone_method_info": {"users": [user("none"), user("other")]}}],
        }
    ]

    played = playbook(json.dumps(play), "-vvvv", "--diff")

    result = played.of("Numbers").result
    assert result["summary"]["changed"] == 2 and result["summary"]["failed"] == 1, played.output
    assert result["diff"]["after"][user("other")]["mobile"] == "********23"
    files = [one for one in home.rglob("*") if one.is_file()]
    left = "".join(one.read_bytes().decode("utf-8", "replace") for one in [*files, tmp_path / "report.json"])
    assert_masked(played.output + left + json.dumps([one.result for one in played.tasks]))


@pytest.mark.commands
def test_the_examples_run(simulator, playbook, options, tmp_path):
    (tmp_path / "new-staff.csv").write_text(f"upn;mobile\n{user('none')};{number(21)}\n{user('office')};{number(26)}\n")
    (tmp_path / "leavers.csv").write_text(f"upn\n{user('none')}\n{user('left')}\n")
    examples = re.sub("anna@", "both@", phone_method.EXAMPLES)
    tasks = yaml.safe_load(examples)
    given = {f"entra_{name}": options[name] for name in ("tenant_id", "client_id", "client_secret")}
    connection = {name: options[name] for name in ("graph_url", "authority_host", "ca_path")}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/frontline.entra.graph": connection},
        "vars": {**given, "list_folder": str(tmp_path), "report_folder": str(tmp_path)},
        "tasks": tasks,
    }

    played = playbook(yaml.safe_dump([play]))

    assert played.returncode == 0 and [task.status for task in played.tasks] == ["ok"] * len(tasks), played.output
    assert [task.result["summary"]["changed"] for task in played.tasks] == [1, 2, 1, 1]
    assert simulator.state(user("none")) is None and simulator.state(user("office")) == READY
    assert (tmp_path / "numbers.csv").read_text().count("@contoso.example") == 2


@pytest.mark.commands
def test_the_guide_runs(simulator, ansible, options, tmp_path):
    guide = "docs/phone-numbers.md"
    given = {f"sms_sign_in_{name}": options[name] for name in ("tenant_id", "client_id", "client_secret")}
    connection = {name: options[name] for name in ("graph_url", "authority_host", "ca_path")}
    files = named_files(guide)
    (tmp_path / "store12.csv").write_text(
        re.sub("anna|ben", lambda name: {"anna": "none", "ben": "other"}[name[0]], files["store12.csv"])
    )
    (tmp_path / "tenant.yml").write_text(files["tenant.yml"])
    (tmp_path / "vault-password").write_text("only-for-the-test")
    (tmp_path / "secret.yml").write_text(yaml.safe_dump(given))
    (play,) = yaml.safe_load(files["numbers.yml"])
    play["module_defaults"]["group/frontline.entra.graph"].update(connection)
    (tmp_path / "numbers.yml").write_text(yaml.safe_dump([play]))

    for command in commands(guide):
        simulator.clear_journal()
        done = ansible(*command.split())
        assert done.returncode == 0, done.output
        assert bool(simulator.writes()) is ("--check" not in command)
    shown = {one["user"]: one["phone_number"] for one in json.loads((tmp_path / "numbers.json").read_text())["users"]}
    assert shown == {user("none"): "********01", user("other"): "********02"}
