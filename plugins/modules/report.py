#!/usr/bin/python
# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: report
short_description: Render JSON reports of this collection as one HTML page
version_added: 1.0.0
description:
  - Renders reports that O(frontline.entra.sms_sign_in#module:report_path) or
    O(frontline.entra.phone_method#module:report_path) wrote as JSON as one HTML file to pass on.
  - The page needs no network and no script, and a browser enforces that. It can be read on a screen, on a phone and on
    paper.
  - It shows totals, charts, and tables of the failed, refused and changed users, the worst first. With several reports
    it starts with a table of tenants.
  - Needs no credential and no Python library. The files are read and written where the module runs.
author:
  - The frontline.entra contributors (@frontline-entra)
requirements:
  - python >= 3.9
extends_documentation_fragment:
  - frontline.entra.attributes
attributes:
  check_mode:
    support: full
    details:
      - Reads all files, and does not write O(dest).
  diff_mode:
    support: partial
    details:
      - Shows the size and the checksum of the file before and after, not its content.
  idempotent:
    support: full
    details:
      - All times on the page are those of the reports, so the same reports give the same page.
options:
  src:
    description:
      - JSON reports, of one or several tenants. Reports of runs, of check mode and of audits can be mixed.
      - A file that is not a report of this collection, or not a complete one, fails the task with the reason
        V(invalid_file). So does a report without users.
      - Files with the same content count once.
    type: list
    elements: path
    required: true
  dest:
    description:
      - The HTML file to write, with the mode 0600. Its name must end in C(.html), and its folder must exist.
      - It is replaced as a whole, and only when its content changes.
      - It has at most 1 MB and lists at most 1,000 users of each tenant, those with problems first. Totals and charts
        always cover all users. RV(users_omitted) counts the users that are not listed.
    type: path
    required: true
  compare:
    description:
      - Older JSON reports. Each report in O(src) is compared with the newest of them that is older and of the same
        tenant. The page then shows whose state changed and which users are new or gone.
      - Users are matched by object id, or by name where a report has no id.
      - A report that cannot be compared with any in O(src) is a warning.
    type: list
    elements: path
    default: []
seealso:
  - module: frontline.entra.sms_sign_in
"""

EXAMPLES = r"""
- name: Preview the change of a group
  frontline.entra.sms_sign_in:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    groups: [Frontline]
    state: disabled
    report_path: "{{ report_folder }}/contoso.json"
  check_mode: true

- name: Render the report
  frontline.entra.report:
    src: "{{ report_folder }}/contoso.json"
    dest: "{{ report_folder }}/contoso.html"

- name: Render the reports of all tenants on one page
  frontline.entra.report:
    src: "{{ query('ansible.builtin.fileglob', report_folder ~ '/*.json') }}"
    dest: "{{ report_folder }}/tenants.html"
    compare: "{{ query('ansible.builtin.fileglob', report_folder ~ '/last-week/*.json') }}"
"""

RETURN = r"""
msg:
  description: What the page shows. After a failure it says what to do.
  returned: always
  type: str
  sample: The page shows 2 reports with 1,204 users.
reason:
  description:
    - Why the task failed; null when it did not.
    - V(invalid_file), V(invalid_options), V(incomplete) or V(internal_error).
    - U(https://github.com/frontline-entra/frontline.entra/blob/main/docs/reasons.md) explains each of them.
  returned: always
  type: str
  sample: invalid_file
support:
  description: Null, since no service is asked. Other modules return the values for a support case here.
  returned: always
  type: dict
reports:
  description: How many reports the page shows.
  returned: success
  type: int
  sample: 2
users:
  description: How many users these reports have.
  returned: success
  type: int
  sample: 1204
users_omitted:
  description: How many users are counted on the page, and left out of its tables for its size.
  returned: success
  type: int
  sample: 0
"""

from typing import Any

from ansible_collections.frontline.entra.plugins.module_utils._module import run_module
from ansible_collections.frontline.entra.plugins.module_utils._results._render import render
from ansible_collections.frontline.entra.plugins.module_utils._spec import Spec
from ansible_collections.frontline.entra.plugins.module_utils._task import Task, attempt

SPEC = Spec(
    options={
        "src": {"type": "list", "elements": "path", "required": True},
        "dest": {"type": "path", "required": True},
        "compare": {"type": "list", "elements": "path", "default": []},
    }
)


def work(task: Task) -> dict[str, Any]:
    params = task.params
    # A blank path counts as not given.
    sources, earlier = ([path for path in params[name] or () if path.strip()] for name in ("src", "compare"))
    return attempt(task, lambda: render(sources, params["dest"], earlier, task.check_mode, task.warn))


def main() -> None:
    run_module(SPEC, work)


if __name__ == "__main__":
    main()
