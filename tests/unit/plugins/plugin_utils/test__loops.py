# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.plugin_utils._loops import WARNING, loop_warning

ANNA, BEN = "anna@contoso.example", "ben@contoso.example"
ITEM = {"ansible_loop_var": "item", "item": ANNA}


@pytest.mark.parametrize(
    ("arguments", "variables", "warned"),
    [
        ({"users": ANNA}, ITEM, True),
        ({"user": ANNA}, ITEM, True),
        ({"users": [ANNA]}, ITEM, True),
        ({"user": ANNA}, {"ansible_loop_var": "one", "one": {"name": ANNA, "number": 1}}, True),
        ({"users": ANNA}, {}, False),
        ({"users": BEN}, ITEM, False),
        ({"users": [ANNA, BEN]}, ITEM, False),
        ({"users": []}, ITEM, False),
        ({"users": ""}, {"ansible_loop_var": "item", "item": ""}, False),
        ({"users": [" "]}, {"ansible_loop_var": "item", "item": " "}, False),
        ({"groups": [ANNA]}, ITEM, False),
        ({"users": ANNA}, {"ansible_loop_var": "item"}, False),
        ({"users": ANNA}, {"ansible_loop_var": "item", "item": 3}, False),
    ],
)
def test_a_loop_over_users_gets_a_warning(arguments, variables, warned):
    assert loop_warning(arguments, variables) == (WARNING if warned else None)
