# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables in docs/tests.md and docs/faults.md, and the scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tools import test_table

import graph_simulator

SCENARIOS = Path(graph_simulator.__file__).parent / "scenarios"


def test_the_tables_in_the_documentation_are_up_to_date():
    test_table.main(["--check"])


@pytest.mark.parametrize("number", range(len(test_table.TABLES)))
def test_an_outdated_table_is_an_error(monkeypatch, tmp_path, number):
    tables = list(test_table.TABLES)
    changed = tmp_path / tables[number].file.name
    changed.write_text(tables[number].file.read_text("utf-8") + "| one more |\n", encoding="utf-8")
    tables[number] = tables[number]._replace(file=changed)
    monkeypatch.setattr(test_table, "TABLES", tables)

    with pytest.raises(SystemExit, match=f"{changed.name} is out of date"):
        test_table.main(["--check"])


def test_a_line_without_tests_and_an_unknown_line_are_errors(monkeypatch):
    faults = test_table.TABLES[1]
    for table, words in (
        (faults._replace(behaviour={**faults.behaviour, "Z1": "Nothing"}), "no test covers Z1"),
        (faults._replace(behaviour={key: text for key, text in faults.behaviour.items() if key != "T1"}), "covers T1"),
    ):
        monkeypatch.setattr(test_table, "TABLES", (test_table.TABLES[0], table))
        with pytest.raises(ValueError, match=words):
            test_table.tests_by_id()


@pytest.mark.parametrize("file", sorted(SCENARIOS.glob("*.yml")), ids=lambda file: file.stem)
def test_each_scenario_belongs_to_a_known_fault_and_is_used(file):
    assert yaml.safe_load(file.read_text("utf-8"))["id"] == file.stem.partition("_")[0].upper()
    assert file.stem.partition("_")[0].upper() in test_table.FAULTS
    tests = "".join(test.read_text("utf-8") for test in Path(__file__).parent.glob("test_*.py"))
    assert f'"{file.stem}"' in tests
