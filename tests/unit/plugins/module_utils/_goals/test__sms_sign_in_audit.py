# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._entra._authentication_methods import USABLE
from ansible_collections.frontline.entra.plugins.module_utils._entra._phone_methods import Phone
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in import STATES, says_of
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in_audit import Audited, SmsSignInAudit
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import reply
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import MOBILE, error

ANNA = "anna@contoso.example"


def phone(state="ready", **more):
    return {
        "@odata.type": "#microsoft.graph.phoneAuthenticationMethod",
        "id": MOBILE,
        "phoneType": "mobile",
        "phoneNumber": "+1 2065550101",
        "smsSignInState": state,
        **more,
    }


def method(word):
    return {"@odata.type": f"#microsoft.graph.{word}AuthenticationMethod", "id": word}


def parsed(*items, usable=USABLE):
    return SmsSignInAudit(usable).parse(reply(200, {}, {"value": list(items)}, None))


@pytest.mark.parametrize(
    ("usable", "path", "permission"),
    [
        (None, "phoneMethods", "UserAuthMethod-Phone.Read.All"),
        (USABLE, "methods", "UserAuthenticationMethod.Read.All"),
        ((), "methods", "UserAuthenticationMethod.Read.All"),
    ],
)
def test_one_request_reads_a_user(usable, path, permission):
    view = SmsSignInAudit(usable)
    request = view.read(ANNA)
    assert (request.method, request.path) == ("GET", f"/users/anna%40contoso.example/authentication/{path}")
    assert permission in view.may_read.names
    assert (path == "phoneMethods") is any("Phone" in name for name in view.may_read.names)


@pytest.mark.parametrize(
    ("items", "state", "methods"),
    [
        ([phone(), method("password"), method("fido2")], "ready", ("fido2", "password")),
        ([method("password"), phone("notEnabled")], "notEnabled", ("password",)),
        ([method("password")], "noMobilePhone", ("password",)),
        ([phone(id="e37fc753-ff3b-4958-9484-eaa9425c82bc", phoneType="office")], "noMobilePhone", ()),
        ([phone("somethingNew")], "somethingNew", ()),
    ],
)
def test_the_list_of_all_methods_has_the_state_too(items, state, methods):
    found = parsed(*items)
    assert (found.phone.state, found.methods) == (state, methods)
    assert parsed(*items, usable=None) == Audited(found.phone)


@pytest.mark.parametrize("usable", [USABLE, None])
def test_a_phone_without_a_state_is_unknown(usable):
    view = SmsSignInAudit(usable)
    for body in ({"value": [phone(None)]}, {"value": [phone(7)]}, {"value": None}):
        answer = reply(200, {}, body, None)
        assert view.parse(answer) is None and view.reason_of(answer) == "unknown_state"
    assert view.reason_of(reply(403, {}, error("accessDenied"), None)) == "forbidden"
    assert view.reason_of(reply(404, {}, error("Request_ResourceNotFound"), None)) == "user_not_found"


def test_other_methods_that_are_not_listed_as_a_whole_are_unknown():
    """Else the user would count as one without a usable method."""
    part = reply(200, {}, {"value": [phone(), method("password")], "@odata.nextLink": "https://localhost/more"}, None)
    view = SmsSignInAudit(USABLE)
    assert view.parse(part) is None and view.reason_of(part) == "unknown_state"
    assert SmsSignInAudit(None).parse(part).phone.state == "ready"


@pytest.mark.parametrize(
    ("methods", "usable", "only", "says"),
    [
        (("fido2", "password"), USABLE, False, "SMS sign-in is enabled."),
        (("password",), USABLE, True, "SMS sign-in is enabled. No usable other method."),
        ((), USABLE, True, "SMS sign-in is enabled. No usable other method."),
        (("email", "password"), USABLE, False, "SMS sign-in is enabled. No usable other method."),
        (
            ("platformCredential",),
            USABLE,
            False,
            "SMS sign-in is enabled. Bound to the device where it was registered: platformCredential.",
        ),
        (None, None, None, "SMS sign-in is enabled."),
    ],
)
def test_the_message_of_a_user(methods, usable, only, says):
    now = Audited(Phone("ready", "+1 2065550101"), methods)
    facts = SmsSignInAudit(usable).facts(now, now)
    assert (facts.state, facts.phone_number, facts.says) == ("ready", "+1 2065550101", says)
    assert facts.more == {"other_methods": None if methods is None else list(methods), "only_password": only}


@pytest.mark.parametrize("state", [*STATES, "somethingNew", None])
def test_other_methods_matter_only_for_users_with_sms_sign_in(state):
    now = Audited(Phone(state), ("password",))
    assert ("No usable" in SmsSignInAudit(USABLE).facts(now, now).says) is (state == "ready")
    assert says_of(state) and ("does not know" in says_of(state)) is (state not in STATES)


def test_users_with_the_same_methods_share_one_mapping():
    view, states = SmsSignInAudit(USABLE), [Audited(Phone("ready", str(n)), ("password",)) for n in range(2)]
    assert view.facts(states[0], states[0]).more is view.facts(states[1], states[1]).more
