# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target
from ansible_collections.frontline.entra.plugins.module_utils._entra._users import (
    identity_request,
    parse_identity,
    user_path,
)
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import Reply

ID = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER_ID = "aaaaaaaa-0000-4000-8000-000000000002"


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("me", "/me"),
        ("anna@contoso.example", "/users/anna%40contoso.example"),
        ("o'neil_x.y#EXT#@contoso.example", "/users/o%27neil_x.y%23EXT%23%40contoso.example"),
        ("../groups/x", "/users/..%2Fgroups%2Fx"),
        ("a/b?c%d&e", "/users/a%2Fb%3Fc%25d%26e"),
        ("jürgen@contoso.example", "/users/j%C3%BCrgen%40contoso.example"),
        ("$anna@contoso.example", "/users('%24anna%40contoso.example')"),
        ("$o'neil@contoso.example", "/users('%24o%27%27neil%40contoso.example')"),
        ("$a')/x@contoso.example", "/users('%24a%27%27%29%2Fx%40contoso.example')"),
        ("a$b@contoso.example", "/users/a%24b%40contoso.example"),
    ],
)
def test_a_name_is_encoded(address, path):
    assert user_path(address) == path


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda name: name != "me"))
def test_no_name_addresses_another_resource(name):
    parts = urlsplit("https://graph.contoso.example/v1.0" + user_path(name))
    assert (parts.query, parts.fragment) == ("", "")
    last = parts.path.rpartition("/")[2]
    if name.startswith("$"):
        assert parts.path.count("/") == 2 and last[:7] + last[-2:] == "users('')" and "'" not in last[7:-2]
        assert unquote(last[7:-2]) == name.replace("'", "''")
    else:
        assert parts.path.count("/") == 3 and unquote(last) == name


def test_a_user_is_looked_up_with_two_properties_only():
    request = identity_request("anna@contoso.example")
    assert (request.method, request.path) == (
        "GET",
        "/users/anna%40contoso.example?$select=id,userPrincipalName",
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"id": ID.upper(), "userPrincipalName": "GIVEN"}, Target("given", id=ID, principal_name="GIVEN")),
        ({"id": ID}, Target("given", id=ID)),
        ({"id": ID, "userPrincipalName": "anna@x"}, Target("given")),
        ({"id": None, "userPrincipalName": ""}, Target("given")),
        ({"id": [ID], "userPrincipalName": ["anna@x"]}, Target("given")),
        ({"id": "AB-1", "userPrincipalName": 7}, Target("given")),
        ({}, Target("given")),
    ],
)
def test_the_user_with_a_name(body, expected):
    assert parse_identity("given", Reply(200, body=body)) == expected


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        (ID.upper(), {"id": ID, "userPrincipalName": "anna@x"}, Target(ID.upper(), id=ID, principal_name="anna@x")),
        (ID, {"id": OTHER_ID, "userPrincipalName": "anna@x"}, Target(ID)),
        ("me", {"id": ID, "userPrincipalName": "anna@x"}, Target("me", id=ID, principal_name="anna@x")),
    ],
)
def test_an_answer_about_another_user_shows_nothing(name, body, expected):
    assert parse_identity(name, Reply(200, body=body)) == expected
