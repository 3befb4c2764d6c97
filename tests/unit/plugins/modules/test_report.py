# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import yaml

from ansible_collections.frontline.entra.plugins.modules import report
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils._results._html.documents import run, user


def test_the_documentation_has_every_option():
    documented = yaml.safe_load(report.DOCUMENTATION)["options"]
    kept = ("type", "elements", "required", "default")
    assert {
        name: {key: option[key] for key in kept if key in option} for name, option in documented.items()
    } == report.OPTIONS


def test_blank_paths_count_as_not_given(tmp_path):
    source = tmp_path / "a.json"
    source.write_text(json.dumps(run(user())), encoding="utf-8")
    for compare in (None, [""], []):
        params = {"src": ["", str(source)], "dest": str(tmp_path / "a.html"), "compare": compare}
        assert report.work(params, True, None)["reports"] == 1


def test_the_documentation_has_every_key_of_the_result(tmp_path):
    source = tmp_path / "a.json"
    source.write_text(json.dumps(run(user())), encoding="utf-8")
    result = report.work({"src": [str(source)], "dest": str(tmp_path / "a.html"), "compare": []}, False, None)
    assert set(yaml.safe_load(report.RETURN)) | {"changed", "diff"} == set(result)
