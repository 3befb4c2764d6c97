# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._entra._phone_methods import (
    METHOD_IDS,
    Phone,
    PhoneMethod,
    Phones,
    parse_phone,
    parse_phones,
    read_request,
    reason_of,
    write_request,
)
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import Reply, no_reply, reply
from ansible_collections.frontline.entra.plugins.module_utils._results._message import explain
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import MOBILE, OFFICE, error

NUMBER = "+1 2065550142"


@pytest.mark.parametrize(
    ("address", "path"),
    [("me", "/me/authentication/phoneMethods"), ("a#b", "/users/a%23b/authentication/phoneMethods")],
)
def test_a_read_lists_the_phone_methods(address, path):
    assert (read_request(address).method, read_request(address).path) == ("GET", path)


@pytest.mark.parametrize(("action", "segment"), [("enable", "enableSmsSignIn"), ("disable", "disableSmsSignIn")])
def test_a_write_acts_on_the_mobile_method(action, segment):
    request = write_request("anna", action)
    assert (request.method, request.path) == ("POST", f"/users/anna/authentication/phoneMethods/{MOBILE}/{segment}")


def mobile(**more):
    return {"id": MOBILE, "phoneType": "mobile", "phoneNumber": NUMBER, "smsSignInState": "ready", **more}


@pytest.mark.parametrize(
    ("body", "phone"),
    [
        ({"value": [mobile()]}, Phone("ready", NUMBER)),
        (
            {"value": [{"id": OFFICE, "phoneType": "office", "smsSignInState": "notSupported"}, mobile()]},
            Phone("ready", NUMBER),
        ),
        ({"value": [mobile(id="another")]}, Phone("ready", NUMBER)),
        ({"value": [{"id": MOBILE, "smsSignInState": "notEnabled"}]}, Phone("notEnabled")),
        ({"value": [mobile(smsSignInState="unknownFutureValue")]}, Phone("unknownFutureValue", NUMBER)),
        ({"value": [mobile(smsSignInState=None)]}, Phone(None, NUMBER)),
        ({"value": [mobile(smsSignInState=4, phoneNumber=12065550142)]}, Phone(None)),
        ({"value": [{"id": OFFICE, "phoneType": "office"}]}, Phone("noMobilePhone")),
        ({"value": []}, Phone("noMobilePhone")),
        ({"value": [{"id": "another", "phoneType": "unknownFutureValue"}]}, Phone("noMobilePhone")),
        # Ids and types without case, and equal entries once.
        ({"value": [{"id": MOBILE.upper(), "smsSignInState": "ready"}]}, Phone("ready")),
        ({"value": [mobile(id=MOBILE.upper(), phoneType="Mobile")]}, Phone("ready", NUMBER)),
        ({"value": [mobile(id="another", phoneType="MOBILE")]}, Phone("ready", NUMBER)),
        ({"value": [mobile(), mobile()]}, Phone("ready", NUMBER)),
        # Two mobile phones that differ: either can be the right one.
        ({"value": [mobile(), mobile(smsSignInState="notEnabled")]}, None),
        ({"value": [mobile(smsSignInState="notEnabled"), mobile(id="another")]}, None),
        # The mobile phone may be in what cannot be read.
        ({"value": [{"id": "another"}]}, None),
        ({"value": [{"id": "another", "phoneType": None, "smsSignInState": "ready"}]}, None),
        ({"value": ["x", None, 3]}, None),
        ({"value": [{"id": OFFICE, "phoneType": "office"}, {"phoneType": None}]}, None),
        ({"value": [], "@odata.nextLink": "https://x"}, None),
        ({"value": [None, mobile()], "@odata.nextLink": "https://x"}, Phone("ready", NUMBER)),
        ({"value": None}, None),
        ({"value": {"id": MOBILE}}, None),
        ({}, None),
    ],
)
def test_the_mobile_phone_out_of_a_list(body, phone):
    assert parse_phone(Reply(200, body=body)) == phone


def test_a_number_is_not_in_a_repr():
    assert "2065550142" not in repr(Phone("ready", NUMBER))


BEHIND = "No HTTP resource was found that matches the request URI 'https://x/v2/users'."
POLICY = "Can not enable Sms sign in on phone auth method as the credential policy is not enabled on user."


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        # by code, with any status
        (400, error("phoneNumberNotUnique"), "phone_number_not_unique"),
        (409, error("phoneNumberNotUnique", f"{NUMBER} is taken"), "phone_number_not_unique"),
        (400, error("disabledByPolicy"), "not_allowed_by_policy"),
        (403, error("disabledByPolicy"), "not_allowed_by_policy"),
        (409, error("notAllowedByPolicy"), "not_allowed_by_policy"),
        (400, error("notSupported"), "not_supported"),
        (403, error("accessDenied"), "forbidden"),
        (403, error("Authorization_RequestDenied"), "forbidden"),
        (404, error("Request_ResourceNotFound"), "user_not_found"),
        (400, error("badRequest", innerError={"code": "phoneNumberNotUnique"}), "phone_number_not_unique"),
        (403, error("accessDenied", innerError={"code": "disabledByPolicy"}), "not_allowed_by_policy"),
        (404, error("Request_ResourceNotFound", BEHIND), "user_not_found"),
        # a specific code takes precedence over the wording
        (400, error("notSupported", POLICY), "not_supported"),
        # by wording, where the code is generic or says nothing
        (403, error("accessDenied", POLICY), "not_allowed_by_policy"),
        (403, error("Authorization_RequestDenied", POLICY), "not_allowed_by_policy"),
        (404, error("Request_ResourceNotFound", "The number is not unique"), "phone_number_not_unique"),
        (405, error("methodNotAllowed", POLICY), "not_allowed_by_policy"),
        (403, error("whatever", POLICY), "not_allowed_by_policy"),
        (400, error("badRequest", "The phone number is Not Unique."), "phone_number_not_unique"),
        (400, error("badRequest", '{"Message":"' + POLICY + '"}'), "not_allowed_by_policy"),
        # by status
        (403, error("whatever"), "forbidden"),
        (401, error("unauthenticated", "The user is unauthenticated"), "forbidden"),
        (404, error("whatever"), "user_not_found"),
        # without an envelope the status says nothing
        (401, None, "service_error"),
        (403, None, "service_error"),
        (404, None, "service_error"),
        (404, "<html>404 Not Found</html>", "service_error"),
        (403, {"message": "Blocked by policy."}, "service_error"),
        (407, {"error": "proxy"}, "service_error"),
        (404, error("UnknownError", BEHIND), "service_error"),
        (400, error("badRequest"), "service_error"),
        (405, None, "service_error"),
        (409, error("conflict"), "service_error"),
        (410, None, "service_error"),
        # not a refusal at all
        (429, error("phoneNumberNotUnique"), "throttled"),
        (509, None, "throttled"),
        (503, error("accessDenied"), "service_error"),
        (409, error("Directory_ConcurrencyViolation"), "service_error"),
    ],
)
def test_the_reason_of_a_refused_request(status, body, reason):
    assert reason_of(reply(status, {}, body, None)) == reason


def test_no_answer_is_a_service_error():
    assert reason_of(no_reply("dropped", "It broke.", None)) == "service_error"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "phoneType", "phoneNumber", "smsSignInState", "value", "error", "code", "message"]),
            inner | st.sampled_from([MOBILE, "mobile", "ready", "accessDenied"]),
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_body_is_a_phone_or_none(value):
    phone = parse_phone(Reply(200, body={"value": value}))
    assert phone is None or isinstance(phone.state, (str, type(None))) and isinstance(phone.number, (str, type(None)))


@given(st.integers(300, 599), json_values)
def test_any_refusal_has_a_reason(status, body):
    assert reason_of(reply(status, {}, body, None)) in {*reasons.TOLERABLE, "forbidden", "throttled", "service_error"}


@pytest.mark.parametrize(
    ("reason", "answer", "said"),
    [
        (reasons.GUEST, None, ""),
        (reasons.UNKNOWN_STATE, reply(200, {}, {"value": []}, None), ""),
        (reasons.FORBIDDEN, reply(403, {}, error("accessDenied"), None), " Graph said: 403 accessDenied."),
        (reasons.SERVICE_ERROR, reply(400, {}, error("badRequest"), None), " Graph said: 400 badRequest."),
        (reasons.UNVERIFIED, no_reply("timeout", "Too late.", None), " Too late."),
    ],
)
def test_the_message_of_a_reason_quotes_graph(reason, answer, said):
    assert explain(reason, answer) == reasons.SENTENCES[reason] + said


def test_a_service_that_was_not_reached_needs_no_support_case():
    message = explain(reasons.SERVICE_ERROR, no_reply("foreign", "A proxy answered. Check it.", None, 403))
    assert message == "No answer came from Microsoft Graph. A proxy answered. Check it. Run again."


ALTERNATE = METHOD_IDS["alternateMobile"]


@pytest.mark.parametrize(
    ("body", "phones"),
    [
        ({"value": []}, Phones()),
        ({"value": [mobile()]}, Phones((PhoneMethod("mobile", NUMBER, "ready"),))),
        # in one order, independent of the order of the service
        (
            {
                "value": [
                    {
                        "id": OFFICE,
                        "phoneType": "office",
                        "phoneNumber": "+1 2065550199x1",
                        "smsSignInState": "notSupported",
                    },
                    {"id": ALTERNATE, "phoneType": "alternateMobile", "phoneNumber": "+1 2065550198"},
                    mobile(phoneNumber="+1 XXXXXXXX42"),
                ]
            },
            Phones(
                (
                    PhoneMethod("mobile", "+1 XXXXXXXX42", "ready"),
                    PhoneMethod("alternateMobile", "+1 2065550198"),
                    PhoneMethod("office", "+1 2065550199x1", "notSupported"),
                )
            ),
        ),
        # the id says what it is
        ({"value": [{"id": MOBILE, "smsSignInState": "ready"}]}, Phones((PhoneMethod("mobile", None, "ready"),))),
        ({"value": [mobile(id="another")]}, Phones((PhoneMethod("mobile", NUMBER, "ready"),))),
        (
            {"value": [{"id": "another", "phoneType": "unknownFutureValue"}, mobile()]},
            Phones((PhoneMethod("mobile", NUMBER, "ready"), PhoneMethod("unknownFutureValue"))),
        ),
        ({"value": [mobile(phoneNumber=12065550142, smsSignInState=4)]}, Phones((PhoneMethod("mobile"),))),
        ({"value": [mobile(id=MOBILE.upper(), phoneType="Mobile")]}, Phones((PhoneMethod("mobile", NUMBER, "ready"),))),
        ({"value": [mobile(), mobile()]}, Phones((PhoneMethod("mobile", NUMBER, "ready"),))),
        ({"value": [mobile(), mobile(phoneNumber="+1 2065550143")]}, None),
        ({"value": [mobile(), {"id": "another", "phoneType": None}]}, None),
        ({"value": [mobile(), "x"]}, None),
        ({"value": [mobile(), {"phoneType": "office"}]}, None),
        ({"value": [mobile()], "@odata.nextLink": "https://x"}, None),
        ({"value": None}, None),
        ({}, None),
    ],
)
def test_all_phones_of_a_user(body, phones):
    assert parse_phones(reply(200, {}, body, None)) == phones


def test_no_number_is_in_the_representation_of_phones():
    assert "206" not in repr(Phones((PhoneMethod("mobile", NUMBER, "ready"),)))
