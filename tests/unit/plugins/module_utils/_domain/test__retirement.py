# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import date

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._retirement import days_left, facts, warning

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("cloud", "today", "words", "left"),
    [
        ("global", TODAY, "ends on 2027-02-01, 67 days from today.", 67),
        ("global", date(2027, 1, 31), "ends on 2027-02-01, 1 day from today.", 1),
        ("global", date(2027, 2, 1), "ended on 2027-02-01.", 0),
        ("global", date(2028, 2, 1), "ended on 2027-02-01.", -365),
        ("usgov", TODAY, "US Government clouds follow later; no date is printed.", None),
        ("usgov_dod", TODAY, "US Government clouds follow later; no date is printed.", None),
        ("china", TODAY, "", None),
        (None, TODAY, "", None),
    ],
)
def test_the_facts_for_each_cloud(cloud, today, words, left):
    assert words in facts(cloud, today, "from today")
    assert bool(words) is bool(facts(cloud, today, "from today"))
    assert days_left(cloud, today) == left


def test_without_a_current_day_no_days_are_counted():
    assert "ends on 2027-02-01. SMS" in facts("global", None, "from today")


@pytest.mark.parametrize("cloud", ["usgov", "usgov_dod", "china", None])
def test_a_cloud_without_a_date_has_no_warning(cloud):
    assert warning(cloud, TODAY) is None


def test_the_warning_has_the_date_the_days_left_and_the_successors():
    text = warning("global", TODAY)
    assert "2027-02-01, 67 days from today" in text
    assert "Microsoft prints no separate date for that. It names passkeys" in text
