#!/usr/bin/python
# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: sms_sign_in_info
short_description: Audit SMS sign-in of Microsoft Entra users
version_added: 1.0.0
description:
  - Reads for users and groups, or for every user of the registration report, whether SMS sign-in is enabled.
  - Shows what each user could sign in with instead, with O(other_methods=true).
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
  - frontline.entra.registered
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
  states:
    description:
      - List only users in these states in RV(users). The counts and the file of O(report_path) have all users. Users
        that could not be read are always listed.
      - States are V(ready), V(notEnabled), V(notConfigured), V(notAllowedByPolicy), V(phoneNumberNotUnique),
        V(notSupported) and V(noMobilePhone).
    type: list
    elements: str
  other_methods:
    description:
      - Read all authentication methods of each user. Needs the permission C(UserAuthenticationMethod.Read.All), and
        takes no more requests.
    type: bool
    default: false
  usable_methods:
    description:
      - Methods that count as another way to sign in for RV(summary.sms_only). Used with O(other_methods=true).
      - Methods are V(fido2), V(windowsHelloForBusiness), V(platformCredential), V(qrCodePin),
        V(microsoftAuthenticator), V(temporaryAccessPass), V(softwareOath), V(email), V(password) and V(external).
    type: list
    elements: str
    default: [fido2, windowsHelloForBusiness, platformCredential, qrCodePin]
  tolerate:
    description:
      - Reasons that do not fail the task, such as V(user_not_found), as
        O(frontline.entra.sms_sign_in#module:tolerate).
    type: list
    elements: str
  run_timeout:
    description:
      - Seconds that the task may take. Users that are not read by then are V(skipped), and the task fails.
    type: float
  report_path:
    description:
      - A file with every user, as CSV, JSON or HTML by its extension. Phone numbers are masked, and its mode is 0600.
        It must be a new or a regular file, not a link, and not a file that the task reads.
      - It is no list for O(users_from). A report of a run that changed users is not overwritten, as
        O(frontline.entra.sms_sign_in#module:report_path).
    type: path
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
  - Graph does not list certificates and federated sign-in among the methods of a user. A user with only these seems to
    have no other method.
  - A user without a mobile phone is in the state V(noMobilePhone), which is not a failure. A group without users fails
    the task with V(group_empty), a file without users with V(invalid_file).
  - A task fails if any user failed or was skipped. The result is returned in this case, too.
seealso:
  - module: frontline.entra.sms_sign_in
  - module: frontline.entra.report
"""

EXAMPLES = r"""
- name: List who has SMS sign-in, and who would be locked out without it
  frontline.entra.sms_sign_in_info:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    registered: true
    states: [ready]
    other_methods: true
    report_path: "{{ report_folder }}/audit.html"
  register: audit

- name: Require that SMS sign-in is off for a group
  frontline.entra.sms_sign_in_info:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    groups: [Frontline]
  register: frontline
  failed_when: frontline.failed or 'ready' in frontline.summary.states
"""

RETURN = r"""
msg:
  description: If the task stopped early, why, and what to do next. Then failed users and the count of each state.
  returned: always
  type: str
  sample: "310 ready, 894 notEnabled. 41 of the users in ready have no usable other method."
reason:
  description:
    - Why the task failed; null when it did not.
    - V(some_users_failed), V(incomplete), V(authentication_failed), V(permission_missing), V(licence_missing),
      V(report_empty), V(group_not_found), V(group_ambiguous), V(group_empty), V(exclude_not_found), V(unreachable),
      V(invalid_options), V(invalid_file), V(missing_library) or V(internal_error).
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
    - One entry for each user that O(states) selects, at most 1,000. Failed users come first, then users that
      RV(summary.sms_only) counts.
  returned: always
  type: list
  elements: dict
  contains:
    user:
      description:
        - The user as given. For members of groups and registered users the user principal name, or the id if the name
          cannot be read. For users of a report of M(frontline.entra.sms_sign_in) the name in the report. A phone number
          in it is masked.
      type: str
      sample: anna@contoso.example
    id:
      description: Object id; null if it is not known.
      type: str
      sample: 87d349ed-44d7-43e1-9a83-5f2406dee5bd
    state:
      description:
        - Graph's C(smsSignInState) of the mobile phone. V(noMobilePhone) without one, null if it could not be read.
      type: str
      sample: ready
    phone_number:
      description: The mobile number with all but the last two digits masked.
      type: str
      sample: "********01"
    other_methods:
      description:
        - Methods other than phones that the user has registered, in the words of O(usable_methods); null if they were
          not read. A type that this version does not know is shown by its name. A temporary access pass is listed only
          while it is usable.
      type: list
      elements: str
      sample: [fido2, password]
    only_password:
      description: Whether nothing but a password and phones is registered; null if that was not read.
      type: bool
      sample: false
    failed:
      description: Whether this user fails the task.
      type: bool
      sample: false
    reason:
      description:
        - Why the user could not be read; null otherwise. V(user_not_found), V(forbidden), V(throttled),
          V(unknown_state), V(service_error) or V(skipped).
      type: str
      sample: user_not_found
    msg:
      description: The state or the reason in words.
      type: str
      sample: SMS sign-in is enabled.
    support:
      description: Same as RV(support), for this user.
      type: dict
      contains: *support
users_omitted:
  description: Number of users that RV(users) leaves out because of its size. The file of O(report_path) has all users.
  returned: always
  type: int
  sample: 0
summary:
  description: Counts of all users, whatever O(states) selects.
  returned: always
  type: dict
  contains:
    total:
      description: All users.
      type: int
      sample: 1204
    states:
      description: Number of users in each state.
      type: dict
      sample: {"ready": 310, "notEnabled": 894}
    sms_only:
      description:
        - Users in V(ready) that have none of O(usable_methods) and would be locked out. Null without
          O(other_methods=true).
      type: int
      sample: 41
    failed:
      description: Users that could not be read, or were not reached.
      type: int
      sample: 0
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

from typing import Any

from ansible_collections.frontline.entra.plugins.module_utils._auditing import audit
from ansible_collections.frontline.entra.plugins.module_utils._entra._authentication_methods import METHODS, USABLE
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in import STATES
from ansible_collections.frontline.entra.plugins.module_utils._module import run_module
from ansible_collections.frontline.entra.plugins.module_utils._options import GRAPH, LIMITS, REGISTERED, REPORT, USERS
from ansible_collections.frontline.entra.plugins.module_utils._spec import Spec, Words
from ansible_collections.frontline.entra.plugins.module_utils._task import Task

SPEC = Spec(
    GRAPH,
    USERS,
    REGISTERED,
    LIMITS.only("tolerate", "run_timeout"),
    REPORT.only("report_path", "progress", "progress_path"),
    options={
        "states": {"type": "list", "elements": "str"},
        "other_methods": {"type": "bool", "default": False},
        "usable_methods": {"type": "list", "elements": "str", "default": list(USABLE)},
    },
    constraints=(Words("states", STATES), Words("usable_methods", METHODS)),
)


def work(task: Task) -> dict[str, Any]:
    return audit(task)


def main() -> None:
    run_module(SPEC, work)


if __name__ == "__main__":
    main()
