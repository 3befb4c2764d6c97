# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidOptions
from ansible_collections.frontline.entra.plugins.module_utils._reading import read_change_limit
from ansible_collections.frontline.entra.plugins.module_utils._run._limits import ChangeLimit


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        (None, None),
        ("0", [ChangeLimit(0)]),
        ("10", [ChangeLimit(10)]),
        (" 10 ", [ChangeLimit(10)]),
        ("10%", [ChangeLimit(10, True)]),
        ("10 %", [ChangeLimit(10, True)]),
        ("100%", [ChangeLimit(100, True)]),
        ("999999999", [ChangeLimit(999999999)]),
        ("10, 25 %,100%", [ChangeLimit(10), ChangeLimit(25, True), ChangeLimit(100, True)]),
    ],
)
def test_a_wave_is_a_number_or_a_percentage(text, limit):
    assert read_change_limit(text) == limit


@pytest.mark.parametrize(
    "text", ["", "ten", "-1", "1.5", "10%%", "%", "101%", "1e3", "0x10", "10 users", "9" * 400, "10,", "10,,5", "10;5"]
)
def test_other_waves_are_refused(text):
    with pytest.raises(InvalidOptions, match="'change_limit'") as caught:
        read_change_limit(text)
    assert len(caught.value.message) < 200
