# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: conditions and faults under one name, as YAML files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

# ``id`` is that of the fault in the catalogue that the scenario plays.
_KEYS = {"id", "name", "switches", "quota", "service_time", "faults"}
_FOLDER = Path(__file__).with_name("scenarios")


class ScenarioError(ValueError):
    """A scenario that does not exist, or that is invalid."""


def scenario(name: str) -> dict[str, Any]:
    """The built-in scenario of that name, ready for ``inject``; raises ScenarioError."""
    file = _FOLDER / f"{name}.yml"
    if file not in _FOLDER.glob("*.yml"):
        raise ScenarioError(f"there is no scenario {name}; there are: {', '.join(scenario_names())}")
    return read_scenario(file)


def scenario_names() -> list[str]:
    """The names of the built-in scenarios, in order."""
    return sorted(file.stem for file in _FOLDER.glob("*.yml"))


def read_scenario(path: str | Path) -> dict[str, Any]:
    """The scenario in a file. Raises OSError, or ScenarioError with the file's name."""
    try:
        given = yaml.safe_load(Path(path).read_text("utf-8"))
        check_scenario(given)
    except (yaml.YAMLError, ScenarioError) as error:
        raise ScenarioError(f"{path}: {error}") from error
    return dict(given)


def check_scenario(given: Any) -> None:
    """Raise ScenarioError for an invalid scenario; its faults are checked when they are injected."""
    if not isinstance(given, Mapping) or not isinstance(given.get("name"), str):
        raise ScenarioError("a scenario is a mapping with a name")
    if unknown := sorted(set(given) - _KEYS):
        raise ScenarioError(f"unknown keys in the scenario: {', '.join(map(str, unknown))}")
    faults = given.get("faults", [])
    if not isinstance(faults, list) or not all(isinstance(fault, Mapping) for fault in faults):
        raise ScenarioError("faults: a list of mappings is expected")
