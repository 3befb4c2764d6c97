# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of more than twenty seconds under ansible-runner, which AWX and ansible-navigator start playbooks with."""

from __future__ import annotations

import re

import pytest
import yaml

from integration.tenants import READY, tenant, workers

COUNT = 20
pytestmark = pytest.mark.adapters("action", "module")
TENANT = tenant(
    {"count": COUNT, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"},
    groups=[{"name": "Frontline", "members_match": "*"}],
    # Five calls, one after the other.
    service_time={"per_call": 5.0},
)
LINE = re.compile(r"^localhost: (?:reading|switching) \d+ of 20 users", re.MULTILINE)


@pytest.mark.covers("M24")
def test_a_long_run_under_ansible_runner_prints_its_progress_and_ends(simulator, options, runner, adapter):
    """Older runners replace the display of Ansible by one that takes locks, in which a line of a worker never ended."""
    task = {"frontline.entra.sms_sign_in": {**options, "groups": ["Frontline"]}}
    variables = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    variables["frontline_entra_in_process"] = adapter == "action"
    play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": [task]}

    _folder, output = runner(yaml.safe_dump([play]))

    assert len(LINE.findall(output)) >= 2, output
    assert {simulator.state(user) for user in workers(COUNT)} == {READY}
