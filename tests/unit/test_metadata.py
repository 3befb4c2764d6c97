# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the metadata say about the collection agrees with what is in it."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.module_utils._options import GRAPH
from ansible_collections.frontline.entra.plugins.module_utils._version import VERSION

ROOT = Path(__file__).parents[2]
ROLE = ROOT / "roles" / "sms_sign_in"
NAMES = sorted(file.stem for file in (ROOT / "plugins" / "modules").glob("*.py") if file.stem != "__init__")
MODULES = {
    name: importlib.import_module(f"ansible_collections.frontline.entra.plugins.modules.{name}") for name in NAMES
}


def read(name):
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def test_the_action_group_has_the_modules_that_sign_in():
    assert read("meta/runtime.yml")["action_groups"] == {
        "graph": [name for name, module in MODULES.items() if GRAPH.options.keys() <= module.SPEC.options.keys()]
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_module_documents_whether_it_is_in_the_action_group(name):
    fragments = yaml.safe_load(MODULES[name].DOCUMENTATION)["extends_documentation_fragment"]
    in_group = name in read("meta/runtime.yml")["action_groups"]["graph"]

    assert ("frontline.entra.attributes.action_group" in fragments) == in_group
    assert ("frontline.entra.graph" in fragments) == in_group


def test_the_readme_of_the_role_lists_the_variables_of_its_specification():
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text("utf-8"))["argument_specs"]
    rows = re.findall(r"^\| (`sms_sign_in_.*?) \|", (ROLE / "README.md").read_text("utf-8"), re.MULTILINE)
    explained = [variable for row in rows for variable in re.findall(r"`(\w+)`", row)]

    assert sorted(explained) == sorted({name for spec in specs.values() for name in spec["options"]})


def test_the_readme_lists_the_modules_and_the_entry_points_of_the_role():
    text = (ROOT / "README.md").read_text("utf-8")
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text("utf-8"))["argument_specs"]

    assert [name for name in NAMES if f"`frontline.entra.{name}`" not in text] == []
    assert [name for name in specs if f"| `{name}` |" not in text] == []


def test_one_version():
    assert read("galaxy.yml")["version"] == VERSION
    assert VERSION in read("changelogs/changelog.yaml")["releases"]
