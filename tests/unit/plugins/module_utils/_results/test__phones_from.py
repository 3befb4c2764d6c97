# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidFile
from ansible_collections.frontline.entra.plugins.module_utils._results._phones_from import phones_from

ANNA = "anna@contoso.example"


def test_an_entry_names_its_place(tmp_path):
    path = tmp_path / "phones.csv"
    path.write_text(f"user;phone\n{ANNA};+1 2065550101\nAnna;+1 2065550102\n")

    good, bad = phones_from(str(path), "mobile", "present")

    assert (good.place, good.user, good.number, good.flaw) == ("line 2 of phones.csv", ANNA, "+1 2065550101", "")
    assert (bad.place, bad.user, bad.flaw) == ("line 3 of phones.csv", "", "There is no user name.")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("", "has no column with phone numbers"),
        ("user,phone\n", "names no user"),
        (f"user\n{ANNA}\n", "has no column with phone numbers"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path, content, message):
    path = tmp_path / "phones.csv"
    if content is not None:
        path.write_text(content)

    with pytest.raises(InvalidFile) as caught:
        phones_from(str(path), "mobile", "present")

    assert message in caught.value.message and str(path) in caught.value.message
