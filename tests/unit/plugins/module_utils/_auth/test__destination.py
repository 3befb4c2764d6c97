# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth._destination import Destination
from ansible_collections.frontline.entra.plugins.module_utils._auth._token import read_token
from ansible_collections.frontline.entra.plugins.module_utils._errors import AuthenticationFailed
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import AUTHORITY, jwt

GRAPH, PROXY = "https://graph.microsoft.com", "https://graph.contoso.example"
HOME, OTHER = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"


def admitted(tenant=None, value=None, **claims):
    return Destination(AUTHORITY, (GRAPH, PROXY), tenant).admit(read_token(value or jwt(**claims)))


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"value": "opaque"},
        {"aud": GRAPH},
        {"aud": f"{PROXY}/"},
        {"aud": "00000003-0000-0000-c000-000000000000"},
        {"tenant": HOME, "tid": HOME.upper()},
        {"tenant": HOME},
        {"tenant": HOME, "tid": 7},
        # A domain cannot be compared with an id.
        {"tenant": "contoso.example", "tid": HOME},
        {"tid": HOME},
    ],
)
def test_a_token_for_graph_knows_its_login(claims):
    assert admitted(**claims).authority == AUTHORITY


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        (
            {"aud": "https://vault.azure.net"},
            r"for 'https://vault\.azure\.net' \(aud\).*https://graph\.microsoft\.com\.",
        ),
        ({"aud": ["a"]}, "aud"),
        ({"tenant": OTHER, "tid": HOME}, f"the tenant {HOME}.*'tenant_id' is {OTHER}"),
    ],
)
def test_a_token_for_something_else_is_refused(claims, words):
    with pytest.raises(AuthenticationFailed, match=words):
        admitted(**claims)
