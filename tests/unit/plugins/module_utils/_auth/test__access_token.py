# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth._access_token import AccessToken
from ansible_collections.frontline.entra.plugins.module_utils._auth._source import TokenSource
from ansible_collections.frontline.entra.plugins.module_utils._errors import AuthenticationFailed, InvalidOptions
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import jwt

GRAPH = "https://graph.microsoft.com"


def expiring_in(seconds):
    return jwt(exp=time.time() + seconds)


@pytest.mark.parametrize("seconds", [3600, 30, 0, -3600, None])
def test_a_given_token_is_used_unchanged_even_after_its_expiry(seconds):
    value = "opaque" if seconds is None else expiring_in(seconds)
    method = AccessToken(value)
    tokens = TokenSource(method, lambda token: None)
    assert [tokens.current(), tokens.current()] == [value, value]
    assert method.sent == 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: "opaque", "given. Get a new one"),
        (lambda: expiring_in(30), "given. Get a new one"),
        (lambda: jwt(exp=3600), "It expired at 01:00:00 UTC on 1970-01-01"),
        (lambda: jwt(aud=GRAPH), "given. Get a new one"),
        (lambda: jwt(aud=f"{GRAPH}/"), "given. Get a new one"),
        (lambda: jwt(aud="00000003-0000-0000-c000-000000000000"), "given. Get a new one"),
    ],
)
def test_a_given_token_is_never_replaced(make, words):
    value = make()
    tokens = TokenSource(AccessToken(value), lambda token: None)
    tokens.current()
    with pytest.raises(AuthenticationFailed, match=words) as caught:
        tokens.renew(value)
    assert value not in caught.value.message


@pytest.mark.parametrize("value", ["Bearer a b", "Basic eyJx", "a\nb", "a\r\nX-Header: b", "t\u00f6ken", "a\tb"])
def test_a_token_that_is_invalid_in_a_header_is_refused(value):
    with pytest.raises(InvalidOptions, match="'access_token'") as caught:
        AccessToken(value)
    assert value not in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        *("Bearer eyJx", "bearer  eyJx", "BEARER eyJx", "eyJx", '"eyJx"', "'eyJx'", 'Bearer "eyJx"'),
        *("\ufeffeyJx", "\ufeffBearer eyJx"),
    ],
)
def test_the_scheme_and_the_quotes_around_a_token_are_dropped(text):
    assert AccessToken(text).token().value == "eyJx"


@pytest.mark.parametrize("text", ['{"accessToken": "eyJx"}', '[{"a": 1}]', 'Bearer {"a": "eyJx"}'])
def test_json_is_named_as_such(text):
    with pytest.raises(InvalidOptions, match="holds JSON, not a token") as caught:
        AccessToken(text)
    assert "eyJ" not in caught.value.message


@pytest.mark.parametrize("exp", [10**400, -1, float("nan"), float("inf"), 10**15, "soon", True, None])
def test_any_time_of_expiry_is_accepted(exp):
    value = jwt(exp=exp)
    tokens = TokenSource(AccessToken(value), lambda token: None)
    tokens.current()
    with pytest.raises(AuthenticationFailed):
        tokens.renew(value)
