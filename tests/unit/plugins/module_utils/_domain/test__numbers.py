# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain._numbers import digits_of, second_comers


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("+1 2065550101", "12065550101"),
        ("+12065550101", "12065550101"),
        ("+1 206-555-0101", "12065550101"),
        (" +1 (206) 555.0101 ", "12065550101"),
        ("1 2065550101", "12065550101"),
        ("+1 2065550101x123", "12065550101x123"),
        # masked by the service: of unknown digits
        ("+1 ********01", None),
        ("+1 XXXXXXXX01", None),
        ("+1 xxxxxxxx01", None),
        ("+1 206555xx01", None),
        ("+1 206\u2022\u2022\u2022\u2022\u2022\u202201", None),
        ("********", None),
        ("01", None),
        ("+1 01", None),
        ("+1 x2065550101", None),
        ("2065550101x", None),
        ("\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", None),
        ("", None),
        (" ", None),
        (None, None),
    ],
)
def test_digits_of(number, digits):
    assert digits_of(number) == digits


@pytest.mark.parametrize(
    ("numbers", "held", "expected"),
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
def test_the_first_user_of_a_number_gets_it_unless_it_is_held(numbers, held, expected):
    assert second_comers(numbers, held) == expected


@given(st.lists(st.sampled_from([None, "a", "b", "c"])), st.sets(st.sampled_from(["a", "b"])))
def test_no_two_users_get_one_number(numbers, held):
    granted = [number for number, second in zip(numbers, second_comers(numbers, held)) if number and not second]
    assert len(granted) == len(set(granted)) and not held.intersection(granted)
