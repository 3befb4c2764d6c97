#!/usr/bin/python
# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: phone_method_info
short_description: Read the phone numbers of Microsoft Entra users
version_added: 1.0.0
description:
  - Reads all phone authentication methods of users and groups, with the state of SMS sign-in. Numbers are masked unless
    O(show_numbers=true).
  - Reads one user or many thousands in one task. Changes nothing.
author:
  - The frontline.entra contributors (@frontline-entra)
requirements:
  - python >= 3.9
  - requests >= 2.28.0
  - msal >= 1.35.0
extends_documentation_fragment:
  - frontline.entra.graph
  - frontline.entra.users
  - frontline.entra.attributes
  - frontline.entra.attributes.action_group
attributes:
  check_mode:
    support: full
    details:
      - Does the same in check mode.
  diff_mode:
    support: N/A
    details:
      - Nothing changes.
  idempotent:
    support: full
    details:
      - Nothing changes.
options:
  show_numbers:
    description:
      - Return whole numbers. The result then holds personal data, so set C(no_log) for the task. A number that the
        service masks stays masked.
    type: bool
    default: false
  tolerate:
    description:
      - Refusals that do not fail the task, such as V(user_not_found).
    type: list
    elements: str
  run_timeout:
    description:
      - Seconds that the task may take. Users that are not read by then are V(skipped), and the task fails.
    type: float
  progress:
    description:
      - Print progress lines once the task takes longer than ten seconds, as
        O(frontline.entra.sms_sign_in#module:progress).
    type: bool
    default: true
  progress_path:
    description:
      - Write the same progress to this file as JSON.
    type: path
notes:
  - The application needs C(UserAuthMethod-Phone.Read.All) or C(UserAuthenticationMethod.Read.All). O(groups) and
    O(exclude_groups) need C(GroupMember.ReadBasic.All) or C(GroupMember.Read.All).
  - The service masks numbers for users with the role Authentication Administrator.
  - A task fails if any user failed or was skipped. The result is returned in this case, too.
seealso:
  - module: frontline.entra.phone_method
  - module: frontline.entra.sms_sign_in
"""

EXAMPLES = r"""
- name: Read which phones the users of a group have
  frontline.entra.phone_method_info:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    groups: [Frontline]
  register: phones

- name: Read the whole numbers of one user, and print none of them
  frontline.entra.phone_method_info:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    user: anna@contoso.example
    show_numbers: true
  no_log: true
  register: anna
"""

RETURN = r"""
msg:
  description: If the task stopped early, why, and what to do next. Then what was read.
  returned: always
  type: str
  sample: "4 users: 3 with a mobile phone, 1 failed."
reason:
  description:
    - Why the task failed; null when it did not.
    - V(some_users_failed), V(incomplete), V(authentication_failed), V(permission_missing), V(group_not_found),
      V(group_ambiguous), V(group_empty), V(exclude_not_found), V(unreachable), V(invalid_options), V(invalid_file),
      V(missing_library) or V(internal_error).
    - U(https://github.com/frontline-entra/frontline.entra/blob/main/docs/reasons.md) explains each of them.
  returned: always
  type: str
  sample: some_users_failed
support:
  description: The values for a support case, if a response of the service stopped the task. Null otherwise.
  returned: always
  type: dict
  contains: &support
    status:
      description: HTTP status.
      type: int
      sample: 403
    code:
      description: Error code.
      type: str
      sample: accessDenied
    request_id:
      description: The request id of the service.
      type: str
      sample: 5d3a1d8e-6f9e-4d9b-8a1f-1f4ab5fdb9a5
    client_request_id:
      description: The request id of the module.
      type: str
      sample: 0c8c52c9-43a5-4bd6-92a3-4d0a7e0c3b8e
    date:
      description: The time of the service.
      type: str
      sample: Mon, 23 Nov 2026 09:00:00 GMT
users:
  description:
    - One entry for each user, at most 1,000. Failed users come first.
  returned: always
  type: list
  elements: dict
  contains:
    user:
      description:
        - The user as given. For members of groups the user principal name, and for users of a report of
          M(frontline.entra.sms_sign_in) the name in the report. A phone number in it is masked.
      type: str
      sample: anna@contoso.example
    id:
      description: Object id; null if it is not known.
      type: str
      sample: 87d349ed-44d7-43e1-9a83-5f2406dee5bd
    phones:
      description: The phones of the user; null if they could not be read.
      type: list
      elements: dict
      contains:
        phone_type:
          description: V(mobile), V(alternateMobile) or V(office).
          type: str
          sample: mobile
        phone_number:
          description: The number, masked unless O(show_numbers=true).
          type: str
          sample: "********01"
    phone_number:
      description: The mobile number, masked unless O(show_numbers=true).
      type: str
      sample: "********01"
    state:
      description:
        - Graph's C(smsSignInState) of the mobile phone. V(noMobilePhone) without one, null if it could not be read.
      type: str
      sample: ready
    failed:
      description: Whether this user fails the task.
      type: bool
      sample: false
    reason:
      description: Why the user could not be read, as RV(frontline.entra.phone_method#module:users[].reason).
      type: str
      sample: user_not_found
    msg:
      description: The reason in words, and what to do next.
      type: str
      sample: ""
    support:
      description: Same as RV(support), for this user.
      type: dict
      contains: *support
users_omitted:
  description: Number of users that RV(users) leaves out because of its size.
  returned: always
  type: int
  sample: 0
summary:
  description: Counts.
  returned: always
  type: dict
  contains:
    total:
      description: All users.
      type: int
      sample: 4
    failed:
      description: Users that could not be read.
      type: int
      sample: 0
    phone_types:
      description: Number of users with a phone of each type.
      type: dict
      sample: {"mobile": 3, "alternateMobile": 0, "office": 1}
    reasons:
      description: Number of users for each reason.
      type: dict
      sample: {"user_not_found": 1}
requests:
  description: Requests and time of the task.
  returned: always
  type: dict
  contains:
    sent:
      description: HTTP calls, including those for the login.
      type: int
      sample: 5
    throttled:
      description: Requests that the service throttled, including those in batches.
      type: int
      sample: 0
    retried:
      description: Requests sent again.
      type: int
      sample: 0
    seconds:
      description: Run time of the module.
      type: float
      sample: 0.412
auth:
  description: How the module signed in.
  returned: always
  type: dict
  contains:
    method:
      description: The method.
      type: str
      sample: client_secret
    source:
      description: Where the credential came from, V(options) or V(environment).
      type: str
      sample: options
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ansible_collections.frontline.entra.plugins.module_utils._domain._numbers import MOBILE, PHONE_TYPES
from ansible_collections.frontline.entra.plugins.module_utils._domain._reasons import TOLERABLE_FOR_PHONES
from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import entries
from ansible_collections.frontline.entra.plugins.module_utils._goals._phone_numbers import PhoneAudit
from ansible_collections.frontline.entra.plugins.module_utils._module import run_module
from ansible_collections.frontline.entra.plugins.module_utils._options import GRAPH, REPORT, USERS, limits
from ansible_collections.frontline.entra.plugins.module_utils._reading import read_scope
from ansible_collections.frontline.entra.plugins.module_utils._results._outcomes import Outcome, summarise
from ansible_collections.frontline.entra.plugins.module_utils._run._inquiry import Inquiry
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Users
from ansible_collections.frontline.entra.plugins.module_utils._spec import Spec
from ansible_collections.frontline.entra.plugins.module_utils._task import Task
from ansible_collections.frontline.entra.plugins.module_utils._work import Digest, inquire

SPEC = Spec(
    GRAPH,
    USERS,
    limits(TOLERABLE_FOR_PHONES).only("tolerate", "run_timeout"),
    REPORT.only("progress", "progress_path"),
    options={"show_numbers": {"type": "bool", "default": False}},
)


def make_inquiry(task: Task) -> Inquiry:
    """What the options ask for. Raises EntraError."""
    users = Users(read_scope(task)[0], empty_group_fails=False)
    tolerate = entries(task.params["tolerate"])
    return Inquiry(PhoneAudit(task.params["show_numbers"]), users, tolerate, task.params["run_timeout"])


def digest(found: Sequence[Outcome]) -> Digest:
    """All users, and how many have a phone of each type."""
    types = Counter(phone["phone_type"] for one in found for phone in one.more.get("phones") or ())
    failed = summarise(found)["failed"]
    parts = [f"{types[MOBILE]} with a mobile phone", *([f"{failed} failed"] if failed else [])]
    return Digest(
        found, {"phone_types": {kind: types[kind] for kind in PHONE_TYPES}}, f"{len(found)} users: {', '.join(parts)}."
    )


def work(task: Task) -> dict[str, Any]:
    return inquire(task, make_inquiry, digest)


def main() -> None:
    run_module(SPEC, work)


if __name__ == "__main__":
    main()
