# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The date on which Microsoft's delivery of text messages ends: a run to enable warns of it once, no other does."""

from __future__ import annotations

import json

import pytest

from integration.tenants import DATE, workers

ANNA, BEN = "anna@contoso.example", "ben@contoso.example"


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    ("given", "warned"),
    [
        ({"users": [ANNA]}, 1),
        ({"users": [BEN], "state": "enabled"}, 1),
        ({"users": workers(60)}, 1),
        ({"users": []}, 1),
        ({"users": [ANNA, BEN], "state": "disabled"}, 0),
        ({"users": ["not a name"]}, 0),
    ],
)
def test_only_a_run_to_enable_warns_once(simulator, module, given, warned, check_mode):
    result = module(**given, check_mode=check_mode)
    assert result.warned.count(DATE) == warned and len(result.get("warnings", [])) == warned


def test_a_roll_back_to_enabled_warns_too(simulator, module, tmp_path):
    report = str(tmp_path / "report.csv")
    assert module(users=[BEN], state="disabled", report_path=report).warned.count(DATE) == 0
    assert module(users_from=report).warned.count(DATE) == 1


def test_the_warning_is_shown_once_for_each_task(simulator, playbook, options):
    tasks = [
        {"name": "Enable", "frontline.entra.sms_sign_in": {**options, "groups": ["Frontline"]}},
        {"name": "Disable", "frontline.entra.sms_sign_in": {**options, "groups": ["Frontline"], "state": "disabled"}},
    ]
    played = playbook(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    assert played.of("Enable").result.warned.count(DATE) == 1 and played.of("Disable").result.warned.count(DATE) == 0
    assert DATE in played.output
