# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._run._limits import second_comers


@pytest.mark.parametrize(
    ("claims", "held", "expected"),
    [
        ([], [], []),
        (["a"], [], [False]),
        (["a", "b"], [], [False, False]),
        (["a", "a"], [], [False, True]),
        (["a", "b", "a", "a"], [], [False, False, True, True]),
        (["a", "a"], ["a"], [True, True]),
        (["a", "b"], ["b", "c"], [False, True]),
        ([None, None], [], [False, False]),
        ([None, "a", None, "a"], ["b"], [False, False, False, True]),
    ],
)
def test_the_first_of_two_equal_claims_is_granted_unless_it_is_held(claims, held, expected):
    assert second_comers(claims, held) == expected


@given(st.lists(st.sampled_from([None, "a", "b", "c"])), st.sets(st.sampled_from(["a", "b"])))
def test_no_claim_is_granted_twice(claims, held):
    granted = [claim for claim, second in zip(claims, second_comers(claims, held)) if claim and not second]
    assert len(granted) == len(set(granted)) and not held.intersection(granted)
