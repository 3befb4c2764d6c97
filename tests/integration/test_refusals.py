# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes that Graph refuses: the code decides first, the text last."""

from __future__ import annotations

import json

import pytest

from integration.tenants import NOT_ENABLED, make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("dora", 2),
    make_user("eve", 5),
    groups=[{"name": "No SMS", "members": ["eve@contoso.example"]}],
)
ANNA = "anna@contoso.example"
ENABLE = {"method": "POST", "path": "enableSmsSignIn"}


POLICY = "Cannot enable SMS sign-in on phone auth method as the credential policy is not enabled on user"
TAKEN = "The phone number +1 2065550101 is not unique: +12065550101 signs in another user."


def envelope(code, message, inner=None, spelling="innerError"):
    """An error body of Graph; `inner` is the code of the error within the error."""
    error = {"code": code, "message": message, spelling: {"request-id": "11112222-0000-4000-8000-333344445555"}}
    if inner:
        error[spelling]["code"] = inner
    return {"error": error}


def backend(message):
    """An error of the service behind Graph, which comes as JSON in the text of the message."""
    return envelope("UnknownError", json.dumps({"Message": message}))


@pytest.mark.covers("M4", "P1", "P2", "P3")
@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        # By the code, with any status.
        *[(status, envelope("disabledByPolicy", ""), "not_allowed_by_policy") for status in (400, 403, 405, 409)],
        *[(status, envelope("phoneNumberNotUnique", TAKEN), "phone_number_not_unique") for status in (400, 403, 409)],
        (400, envelope("PHONENUMBERNOTUNIQUE", ""), "phone_number_not_unique"),
        (400, envelope("notSupported", ""), "not_supported"),
        (403, envelope("accessDenied", "Request Authorization failed"), "forbidden"),
        (403, envelope("Authorization_RequestDenied", "Insufficient privileges."), "forbidden"),
        # By the inner code, in both spellings.
        (400, envelope("UnknownError", "", inner="disabledByPolicy"), "not_allowed_by_policy"),
        (409, envelope("UnknownError", TAKEN, "phoneNumberNotUnique", "innererror"), "phone_number_not_unique"),
        # The code takes precedence over the text and the status.
        (403, envelope("phoneNumberNotUnique", POLICY), "phone_number_not_unique"),
        (400, envelope("disabledByPolicy", TAKEN), "not_allowed_by_policy"),
        # By the text, when the code is generic.
        *[(status, envelope("", POLICY), "not_allowed_by_policy") for status in (400, 403, 405)],
        (405, envelope("methodNotAllowed", POLICY.replace("Cannot", "Can not")), "not_allowed_by_policy"),
        (400, envelope("UnknownError", POLICY.upper()), "not_allowed_by_policy"),
        (400, backend(POLICY), "not_allowed_by_policy"),
        (409, backend(TAKEN), "phone_number_not_unique"),
        # By the status, when there is nothing else.
        (403, envelope("", ""), "forbidden"),
        (400, envelope("badRequest", "No idea."), "service_error"),
        (405, envelope("", ""), "service_error"),
        (409, envelope("conflict", ""), "service_error"),
    ],
)
def test_the_reason_of_a_refused_write_comes_from_code_before_text(simulator, module, status, body, reason):
    simulator.inject({"match": ENABLE, "times": None, "then": {"status": status, "body": body}})

    result = module(users=[ANNA], verify_timeout=1)

    assert not result["changed"] and result["reason"] == "some_users_failed"
    user = result.user("anna")
    assert (user["reason"], user["state"], user["failed"]) == (reason, NOT_ENABLED, True)
    assert user["support"]["status"] == status
    assert [write.status for write in simulator.writes()] == [status], "a refusal is not tried again"
    assert_no_number(result, "2065550101")


@pytest.mark.covers("M4", "P3")
@pytest.mark.parametrize("form", ["outer", "inner", "empty", "backend"])
@pytest.mark.parametrize("status", [400, 403, 405, 409])
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "in a batch"])
def test_a_taken_number_is_refused_and_not_shown(simulator, module, status, form, alone):
    simulator.switch("unique_refusal_status", status)
    simulator.switch("refusal_code_form", form)

    result = module(users=["dora@contoso.example"] if alone else ["dora@contoso.example", ANNA])

    assert result["changed"] is not alone and result["reason"] == "some_users_failed"
    user = result.user("dora")
    assert (user["reason"], user["changed"]) == ("phone_number_not_unique", False)
    assert (user["previous_state"], user["state"]) == (NOT_ENABLED, "phoneNumberNotUnique")
    (write,) = [write for write in simulator.writes() if write.user == "dora@contoso.example"]
    assert write.status == status
    assert_no_number(result, "2065550102")


@pytest.mark.covers("M4", "P1", "P2")
@pytest.mark.parametrize("form", ["outer", "inner", "empty", "backend"])
@pytest.mark.parametrize("status", [400, 403, 405, 409])
def test_a_policy_that_changes_between_read_and_write_refuses(simulator, module, status, form):
    simulator.switch("policy_refusal_status", status)
    simulator.switch("refusal_code_form", form)
    closed = {"policy": {"exclude": [{"group": "No SMS"}]}}
    simulator.inject({"match": ENABLE, "then": {"state": closed}})

    result = module(users=["eve@contoso.example"])

    assert not result["changed"] and result["reason"] == "some_users_failed"
    user = result.user("eve")
    assert (user["reason"], user["state"]) == ("not_allowed_by_policy", "notAllowedByPolicy")
    assert "SMS policy" in user["msg"] and user["support"]["status"] == status
    assert [write.status for write in simulator.writes()] == [status]


@pytest.mark.covers("M4")
@pytest.mark.parametrize("reason", ["phone_number_not_unique", "not_allowed_by_policy"])
def test_a_refusal_of_a_write_can_be_tolerated(simulator, module, reason):
    simulator.inject(
        {"match": {**ENABLE, "user": ANNA}, "then": {"status": 400, "body": envelope("disabledByPolicy", "")}}
    )

    result = module(users=["dora@contoso.example", ANNA], tolerate=[reason])

    assert result["reason"] == "some_users_failed", "the other refusal still fails the task"
    assert {user["reason"]: user["failed"] for user in result["users"]} == {
        "phone_number_not_unique": reason != "phone_number_not_unique",
        "not_allowed_by_policy": reason != "not_allowed_by_policy",
    }
    assert (result["summary"]["refused"], result["summary"]["failed"]) == (1, 1)
    assert len(simulator.writes()) == 2


def assert_no_number(result, digits):
    assert digits not in "".join(
        character for character in json.dumps(result) if character.isdigit() or character > "9"
    )


@pytest.mark.covers("U3")
@pytest.mark.parametrize("name", ["u3_backend_words_400", "u3_backend_words_404"])
def test_messages_of_the_service_behind_graph_have_our_reasons(simulator, module, scenario, name):
    scenario(name)

    result = module(users=[ANNA])

    user = result.user("anna")
    assert (user["reason"], user["state"], user["changed"]) == ("service_error", NOT_ENABLED, False)
    assert user["msg"].startswith("The service failed. Run again") and user["support"]["status"] == int(name[-3:])
    assert len(simulator.writes()) == 1 and result["requests"]["seconds"] < 3
