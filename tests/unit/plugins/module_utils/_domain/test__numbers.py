# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._numbers import digits_of


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
