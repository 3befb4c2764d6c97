# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import yaml

from ansible_collections.frontline.entra.plugins.module_utils import _version

PLUGINS = Path(_version.__file__).parents[1]


def test_the_version_is_that_of_the_collection():
    galaxy = yaml.safe_load((PLUGINS.parent / "galaxy.yml").read_text("utf-8"))
    assert galaxy["version"] == _version.VERSION


def test_no_other_file_repeats_the_version():
    """`version_added` stays the same in the next version."""
    files = [file for file in PLUGINS.rglob("*.py") if file != Path(_version.__file__)]
    repeating = {
        str(file.relative_to(PLUGINS)): line.strip()
        for file in files
        for line in file.read_text("utf-8").splitlines()
        if _version.VERSION in line and not line.strip().startswith("version_added:")
    }
    assert files and repeating == {}
