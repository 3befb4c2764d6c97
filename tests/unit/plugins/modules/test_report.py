# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

from ansible_collections.frontline.entra.plugins.module_utils._task import Task
from ansible_collections.frontline.entra.plugins.modules import report
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils._results._html.documents import run, user


def test_the_documentation_has_every_option():
    documented = yaml.safe_load(report.DOCUMENTATION)["options"]
    kept = ("type", "elements", "required", "default")
    assert {
        name: {key: option[key] for key in kept if key in option} for name, option in documented.items()
    } == report.SPEC.options


def test_blank_paths_count_as_not_given(tmp_path):
    source = tmp_path / "a.json"
    source.write_text(json.dumps(run(user())), encoding="utf-8")
    for compare in (None, [""], []):
        params = {"src": ["", str(source)], "dest": str(tmp_path / "a.html"), "compare": compare}
        assert report.work(Task(report.SPEC, None, params, check_mode=True))["reports"] == 1


def test_the_documentation_has_every_key_of_the_result(tmp_path):
    source = tmp_path / "a.json"
    source.write_text(json.dumps(run(user())), encoding="utf-8")
    params = {"src": [str(source)], "dest": str(tmp_path / "a.html"), "compare": []}
    result = report.work(Task(report.SPEC, None, params, diff=True))
    assert set(yaml.safe_load(report.RETURN)) | {"changed", "diff"} == set(result)


@pytest.mark.parametrize(
    ("options", "diff", "reason"),
    [
        ({}, False, None),
        ({}, True, None),
        ({"src": ["/missing.json"]}, True, "invalid_file"),
        ({"dest": None}, True, "invalid_options"),
    ],
)
def test_the_module_ends_with_a_result(tmp_path, capsys, options, diff, reason):
    source = tmp_path / "a.json"
    source.write_text(json.dumps(run(user())), encoding="utf-8")
    given = {"src": [str(source)], "dest": str(tmp_path / "a.html"), **options}
    passed = {"_ansible_check_mode": False, "_ansible_diff": diff}
    arguments = {name: value for name, value in given.items() if value is not None}
    with patch_module_args({**arguments, **passed}), pytest.raises(SystemExit) as exited:
        report.main()
    result = json.loads(capsys.readouterr().out)
    assert (exited.value.code, result["reason"], result["changed"]) == (int(bool(reason)), reason, not reason)
    assert ("diff" in result) is (diff and not reason) and result["msg"]
