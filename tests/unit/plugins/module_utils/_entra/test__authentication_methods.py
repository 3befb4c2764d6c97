# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._entra._authentication_methods import (
    METHODS,
    USABLE,
    caveat,
    methods_request,
    of_use,
    only_password,
    parse_methods,
)
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import reply

NOW = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)


def item(word, **more):
    return {"@odata.type": f"#microsoft.graph.{word}AuthenticationMethod", "id": "1", **more}


PASSWORD = item("password", password=None)
PHONE = item("phone", phoneNumber="+1 2065550101", phoneType="mobile", smsSignInState="ready")


def methods(*items, now=NOW, **headers):
    return parse_methods(reply(200, headers, {"value": list(items)}, None), now)


def temporary(**more):
    return item("temporaryAccessPass", **{"isUsable": True, "lifetimeInMinutes": 60, **more})


def test_one_request_reads_all_methods_of_a_user():
    request = methods_request("anna@contoso.example")
    assert (request.method, request.path) == ("GET", "/users/anna%40contoso.example/authentication/methods")
    assert methods_request("me").path == "/me/authentication/methods"


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([], ()),
        ([PASSWORD], ("password",)),
        ([PASSWORD, PHONE], ("password",)),
        ([PHONE, item("fido2"), PASSWORD, item("fido2")], ("fido2", "password")),
        ([item(word) for word in METHODS if word != "temporaryAccessPass"], None),
        ([PASSWORD, item("holographic")], ("password", "microsoft.graph.holographicAuthenticationMethod")),
        ([{"@odata.type": "#contoso.fido2AuthenticationMethod"}], ("contoso.fido2AuthenticationMethod",)),
        (
            [{"@odata.type": "#microsoft.graph.Fido2AuthenticationMethod"}],
            ("microsoft.graph.Fido2AuthenticationMethod",),
        ),
        ([{"@odata.type": "fido2AuthenticationMethod"}], ("fido2AuthenticationMethod",)),
        ([{"id": "1"}], ("unknown",)),
        ([{"@odata.type": 7}], ("unknown",)),
    ],
)
def test_registered_methods_have_words(items, words):
    assert methods(*items) == (words if words is not None else tuple(w for w in METHODS if w != "temporaryAccessPass"))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"value": None},
        {"value": {"a": 1}},
        {"value": [PASSWORD, None]},
        {"value": ["fido2"]},
        {"value": [PASSWORD], "@odata.nextLink": "https://x"},
    ],
)
def test_a_body_without_a_whole_list_is_none(body):
    assert parse_methods(reply(200, {}, body, None), NOW) is None


@pytest.mark.parametrize(
    ("more", "usable"),
    [
        ({}, True),
        ({"isUsable": False}, False),
        ({"isUsable": None}, False),
        ({"isUsable": "true"}, False),
        ({"startDateTime": "2026-11-26T12:00:01Z"}, False),
        ({"startDateTime": "2026-11-26T12:00:00Z"}, True),
        ({"startDateTime": "2026-11-26T11:00:01.1234567Z"}, True),
        ({"startDateTime": "2026-11-26T11:00:00Z"}, False),
        ({"startDateTime": "2026-11-26T11:00:00Z", "lifetimeInMinutes": None}, False),
        ({"startDateTime": "2026-11-26T11:00:00Z", "lifetimeInMinutes": True}, False),
        ({"startDateTime": "2026-11-26T11:00:00Z", "lifetimeInMinutes": 10**12}, False),
        ({"startDateTime": "soon"}, False),
        ({"startDateTime": None, "lifetimeInMinutes": None}, True),
    ],
)
def test_a_temporary_access_pass_counts_only_while_it_is_usable(more, usable):
    assert methods(temporary(**more)) == (("temporaryAccessPass",) if usable else ())


def test_one_usable_pass_among_several_is_enough():
    assert methods(temporary(isUsable=False), temporary()) == ("temporaryAccessPass",)


@pytest.mark.parametrize(
    ("date", "usable"),
    [("Thu, 26 Nov 2026 11:30:00 GMT", True), ("Thu, 26 Nov 2026 13:30:00 GMT", False), ("today", False)],
)
def test_the_clock_of_the_service_takes_precedence(date, usable):
    late = NOW + timedelta(hours=9)
    found = methods(temporary(startDateTime="2026-11-26T11:00:00Z"), now=late, Date=date)
    assert found == (("temporaryAccessPass",) if usable else ())


def test_the_name_of_an_unknown_type_is_short_and_has_no_number_in_it():
    (word,) = methods({"@odata.type": "#x." + "y" * 500})
    assert len(word) == 100
    (word,) = methods({"@odata.type": "#microsoft.graph.+1 2065550101"})
    assert "2065550101" not in word


@pytest.mark.parametrize(
    ("words", "only", "useful"),
    [
        ((), True, []),
        (("password",), True, []),
        (("fido2", "password"), False, ["fido2"]),
        (("email", "password"), False, []),
        (("password", "microsoft.graph.holographicAuthenticationMethod"), False, []),
        (("unknown",), False, []),
    ],
)
def test_methods_that_remain_without_sms(words, only, useful):
    assert only_password(words) is only
    assert of_use(words, USABLE) == useful


@given(st.sets(st.sampled_from([*METHODS, "unknown", "x.y"])), st.sets(st.sampled_from([*METHODS, "unknown", "x.y"])))
def test_an_unknown_type_never_counts(registered, wanted):
    assert set(of_use(tuple(registered), wanted)) == registered & wanted & set(METHODS)


@pytest.mark.parametrize(
    ("useful", "words"),
    [
        ([], ""),
        (["fido2"], ""),
        (["fido2", "windowsHelloForBusiness"], ""),
        (["password", "microsoftAuthenticator"], ""),
        (["windowsHelloForBusiness"], "Bound to the device where it was registered: windowsHelloForBusiness."),
        (
            ["windowsHelloForBusiness", "platformCredential"],
            "Bound to the device where it was registered: windowsHelloForBusiness and platformCredential.",
        ),
        (
            ["microsoftAuthenticator"],
            "Microsoft Authenticator may be registered for push only, which needs a password too.",
        ),
        (["temporaryAccessPass"], "A temporary access pass expires."),
        (["email", "softwareOath"], "Cannot sign the user in alone: softwareOath and email."),
        (
            ["windowsHelloForBusiness", "email"],
            "Bound to the device where it was registered: windowsHelloForBusiness. Cannot sign the user in alone:"
            " email.",
        ),
    ],
)
def test_methods_that_replace_sms_in_part_have_a_note(useful, words):
    assert caveat(useful) == words
