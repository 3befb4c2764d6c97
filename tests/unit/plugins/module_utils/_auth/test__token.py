# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._auth._token import Token, read_token
from ansible_collections.frontline.entra.plugins.module_utils._errors import AuthenticationFailed
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import jwt

WRITE = ("UserAuthMethod-Phone.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All")


@pytest.mark.parametrize(
    ("claims", "app_only", "permits"),
    [
        ({}, None, None),
        ({"roles": ["userauthenticationmethod.readwrite.all"]}, True, True),
        ({"roles": ["User.Read.All"]}, True, False),
        ({"roles": []}, True, False),
        ({"idtyp": "app"}, True, False),
        ({"idtyp": "app", "roles": list(WRITE)}, True, True),
        ({"idtyp": "user"}, None, None),
        ({"scp": "openid UserAuthMethod-Phone.ReadWrite.All"}, False, True),
        ({"scp": "User.Read"}, False, False),
        ({"scp": ""}, False, False),
        # Roles of a signed-in user in the application are not permissions.
        ({"scp": "User.Read", "roles": list(WRITE)}, False, False),
        ({"roles": "UserAuthenticationMethod.ReadWrite.All"}, True, False),
    ],
)
def test_the_claims_of_a_token(claims, app_only, permits):
    token = read_token(jwt(aud="graph", **claims))
    assert (token.app_only, token.permits(WRITE)) == (app_only, permits)


@pytest.mark.parametrize(
    ("expires_at", "obtained_at", "now", "expiring"),
    [
        (None, 0.0, 10**9, False),
        (3600.0, 0.0, 0.0, False),
        (3600.0, 0.0, 3480.0, False),
        (3600.0, 0.0, 3481.0, True),
        (3600.0, 0.0, 4000.0, True),
        # Of a life of ten seconds the last one.
        (10.0, 0.0, 8.9, False),
        (10.0, 0.0, 9.1, True),
    ],
)
def test_the_time_of_renewal(expires_at, obtained_at, now, expiring):
    assert Token("t", expires_at, obtained_at).expiring(now) is expiring


def test_the_expiry_from_the_login_takes_precedence():
    assert read_token(jwt(exp=1000)).expires_at == 1000.0
    assert read_token(jwt(exp=1000), 2000.0).expires_at == 2000.0
    assert read_token(jwt(exp="soon")).expires_at is None


def test_a_given_token_shows_its_expiry():
    assert replace(read_token(jwt(exp=1000)), expires_at=None).expires_on == 1000.0
    assert read_token(jwt(exp=1000), 2000.0).expires_on == 2000.0
    assert read_token("opaque").expires_on is None


def encoded(value):
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@pytest.mark.parametrize(
    "value",
    [
        "opaque",
        "a.b.c",
        "a..c",
        f"a.{encoded(b'[1]')}.c",
        f"a.{encoded(b'{')}.c",
        f"a.{encoded(b'[' * 100000)}.c",
    ],
)
def test_an_opaque_token_is_accepted(value):
    token = read_token(value)
    assert (token.value, dict(token.claims), token.app_only, token.permits(WRITE)) == (value, {}, None, None)


@given(st.text() | st.binary().map(lambda value: f"a.{encoded(value)}.c"))
def test_any_text_is_a_token_or_refused(value):
    try:
        token = read_token(value)
    except AuthenticationFailed as error:
        assert not all("!" <= character <= "~" for character in value) or not value
        assert len(value) < 9 or value not in error.message
    else:
        assert token.value == value and all("!" <= character <= "~" for character in value)
        assert token.expiring(0.0) in (True, False)


@pytest.mark.parametrize("value", ["", " ", "a b", "a\n", "a\tb", "\x00", "a.\u20ac.c", "\x7f", "a\u00a0"])
def test_a_token_that_is_invalid_in_a_header_is_refused(value):
    with pytest.raises(AuthenticationFailed, match="cannot be sent"):
        read_token(value)


@pytest.mark.parametrize(
    ("exp", "expires_at"),
    [(1000, 1000.0), (10**400, None), (-1, None), (True, None), (10**12, None), (float("inf"), None), ("1", None)],
)
def test_a_time_of_expiry_that_is_no_date_is_unknown(exp, expires_at):
    assert read_token(jwt(exp=exp)).expires_at == expires_at


CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"appid": CLI, "scp": "Directory.AccessAsUser.All"}, "az login --service-principal"),
        ({"appid": CLI}, "az login --service-principal"),
        ({"appid": "another", "scp": "User.Read"}, "Grant it P and have an administrator consent"),
        ({"appid": "another", "roles": []}, "Grant it P and have an administrator consent"),
        ({}, "Grant it P and have an administrator consent"),
    ],
)
def test_the_advice_for_a_missing_permission(claims, words):
    assert words in read_token(jwt(**claims)).how_to_grant("P", "R")


def test_a_signed_in_user_needs_a_role_too():
    assert read_token(jwt()).how_to_grant("P", "R").endswith("; a signed-in user needs the role R too.")


@pytest.mark.parametrize(
    ("aud", "expected"),
    [
        ("https://graph.microsoft.com", None),
        ("https://graph.microsoft.com/", None),
        ("https://Graph.microsoft.com", None),
        ("00000003-0000-0000-c000-000000000000", None),
        (None, None),
        ("https://vault.azure.net", "https://vault.azure.net"),
        (["a", "b"], "['a', 'b']"),
    ],
)
def test_a_token_for_another_service_says_so(aud, expected):
    assert read_token(jwt(aud=aud)).other_audience(["https://graph.microsoft.com"]) == expected


@given(
    st.dictionaries(
        st.sampled_from(["scp", "roles", "idtyp", "exp"]),
        st.none() | st.integers() | st.text() | st.lists(st.text() | st.integers()),
    )
)
def test_any_claim_is_accepted(claims):
    token = read_token(f"a.{encoded(json.dumps(claims).encode())}.c")
    assert token.app_only in (True, False, None)
    assert token.permits(WRITE) in (True, False, None)


def test_the_representation_shows_neither_token_nor_claims():
    assert repr(read_token(jwt(upn="anna@contoso.example"))).count("eyJ") == 0
    assert "anna" not in repr(read_token(jwt(upn="anna@contoso.example")))
