# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of what is easy to get wrong, docs/tests.md."""

from __future__ import annotations

import pytest
from tools import test_table


def test_the_table_in_the_documentation_is_up_to_date(monkeypatch, tmp_path):
    test_table.main(["--check"])

    changed = tmp_path / "tests.md"
    changed.write_text(test_table.DOCUMENT.read_text("utf-8") + "| one more |\n", encoding="utf-8")
    monkeypatch.setattr(test_table, "DOCUMENT", changed)
    with pytest.raises(SystemExit, match="out of date"):
        test_table.main(["--check"])


def test_every_line_of_the_table_has_tests():
    covered = {identifier for test in test_table.tests() for identifier in test.ids}

    assert covered == set(test_table.BEHAVIOUR)
