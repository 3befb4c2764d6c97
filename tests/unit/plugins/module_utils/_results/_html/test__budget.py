# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._results._html._budget import fitting, shared


@pytest.mark.parametrize(
    ("needs", "total", "given"),
    [
        ([], 10, []),
        ([5], 10, [5]),
        ([50], 10, [10]),
        ([50, 50], 10, [5, 5]),
        ([1, 50, 50], 11, [1, 5, 5]),
        ([50, 2, 50, 4], 20, [7, 2, 7, 4]),
        ([3, 3], -5, [0, 0]),
    ],
)
def test_tenants_get_equal_parts_and_pass_on_unused_ones(needs, total, given):
    assert shared(needs, total) == given


@pytest.mark.parametrize(
    ("sizes", "budget", "number"), [([], 5, 0), ([5], 5, 1), ([6], 5, 0), ([2, 2, 2], 5, 2), ([9, 1], 5, 0)]
)
def test_the_first_rows_that_fit(sizes, budget, number):
    assert fitting(sizes, budget) == number
