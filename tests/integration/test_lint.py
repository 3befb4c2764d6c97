# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-lint checks the options of our modules in playbooks of users."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from integration.conftest import COLLECTIONS

PLAY = """---
- name: Options that ansible-lint knows
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Right, with values that are known later
      frontline.entra.sms_sign_in:
        users: "{{ some_users }}"
        state: "{{ wanted }}"
        max_changes: "{{ limit }}"
        require_methods: "{{ methods }}"
    - name: No such option
      frontline.entra.sms_sign_in:
        userz: [anna@contoso.example]
    - name: No such choice
      frontline.entra.phone_method:
        user: anna@contoso.example
        phone_type: mobil
    - name: Wrong type
      frontline.entra.sms_sign_in_info:
        users: [anna@contoso.example]
        run_timeout: soon
    - name: Required option
      frontline.entra.report:
        src: [run.json]
"""


def test_mistakes_in_playbooks_are_found(tmp_path):
    (tmp_path / "play.yml").write_text(PLAY, encoding="utf-8")
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-lint", "--offline", "--strict", "--nocolor", "--parseable", "play.yml"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^play\.yml:(\d+): args\[module\]\S*: (.{20})", done.stdout, re.MULTILINE)

    assert done.returncode == 2, done.stdout + done.stderr
    assert found == [
        ("12", "Unsupported paramete"),
        ("15", "value of phone_type "),
        ("19", "argument 'run_timeou"),
        ("23", "missing required arg"),
    ]
