# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._results._html._charts import bar_list, stacked_bar


def rectangles(text):
    return [(float(left), float(width)) for left, width in re.findall(r'x="([\d.]+)" width="([\d.]+)"', text)]


@pytest.mark.parametrize(
    ("numbers", "shares"),
    [
        ([1], [1.0]),
        ([1, 1], [0.5, 0.5]),
        ([3, 1], [0.75, 0.25]),
        ([0, 5], [1.0]),
        ([99_999, 1], [1.0, 0.0]),
        ([], []),
        ([0], []),
    ],
)
def test_parts_of_a_bar_are_in_proportion_and_none_is_invisible(numbers, shares):
    found = rectangles(stacked_bar("a", "States", [("s1", f"state{n}", number) for n, number in enumerate(numbers)]))
    assert [width / 1000 for _left, width in found] == pytest.approx(shares, abs=0.02)
    assert all(width >= 4 for _left, width in found)
    ends = [left + width for left, width in found]
    assert all(end < left for end, (left, _width) in zip(ends, found[1:])) and all(end <= 1000 for end in ends)


def test_a_bar_describes_its_figures():
    text = stacked_bar("a", "States", [("s1", "ready", 1204), ("s2", "<odd>", 2), ("s3", "none", 0)])
    assert '<title id="a-t">States</title><desc id="a-d">ready 1,204, &lt;odd&gt; 2</desc>' in text


def test_a_list_has_a_bar_for_each_row():
    text = bar_list("a", "Reasons", "Reason", [("first", 10), ("second", 5), ("third", 0)], 20)
    rows = re.findall(r'<th scope="row">(\w+)</th><td class="n">(\d+)</td><td class="n share">(\d+%)</td>', text)
    assert rows == [("first", "10", "50%"), ("second", "5", "25%"), ("third", "0", "0%")]
    bars = re.findall(r'y="(\d+)" width="([\d.]+)"', text)
    assert bars == [("12", "100.0"), ("22", "50.0")], "the third has nothing to show"
