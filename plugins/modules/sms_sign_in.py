#!/usr/bin/python
# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: sms_sign_in
short_description: Enable or disable SMS sign-in for Microsoft Entra users
version_added: 1.0.0
description:
  - Turns sign-in to Microsoft Entra ID by text message on or off for users and groups.
  - Reads the C(smsSignInState) of every user's mobile phone method and writes only where it differs. Then it reads the
    state back until the service shows the change.
  - Handles one user or many thousands in one task. Do not loop over users; a loop is far slower.
  - Microsoft retires SMS sign-in as a first factor in the public cloud, also for customers with a telephony provider of
    their own. No separate date is published for it. Microsoft's own delivery of text messages ends on 2027-02-01; other
    clouds follow later. M(frontline.entra.sms_sign_in_info) shows who has it, and who would be locked out without it.
    O(state=disabled) with O(require_methods) turns it off for the others.
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
  - frontline.entra.limits
  - frontline.entra.report
  - frontline.entra.attributes
  - frontline.entra.attributes.action_group
attributes:
  check_mode:
    support: full
    details:
      - Sends no write and needs read permission only. Predicts the changes and the refusals of a real run.
  diff_mode:
    support: full
    details:
      - Shows the state of changed users before and after. Phone numbers are masked.
  idempotent:
    support: partial
    details:
      - Every run with O(state=enabled) tries once to enable a user whose state is V(phoneNumberNotUnique). The account
        that held the number may have released it.
options:
  state:
    description:
      - Desired state of SMS sign-in.
      - V(previous) rolls back the run whose report O(users_from) names. Its users get the opposite of the state that
        the run set. Leave out O(users) and O(groups). A file that is not a report is refused, and so is a report of a
        run that set the same state.
      - If O(users_from) is a report and this option is not given, V(previous) is used.
    type: str
    choices: [enabled, disabled, previous]
    default: enabled
  require_methods:
    description:
      - With O(state=disabled), disable only users that have at least one of these other methods registered. Others are
        refused with V(no_other_method), because they could be locked out.
      - Methods are V(fido2), V(windowsHelloForBusiness), V(platformCredential), V(qrCodePin),
        V(microsoftAuthenticator), V(temporaryAccessPass), V(softwareOath), V(email), V(password) and V(external). A
        temporary access pass counts only while it is usable. A type that this version does not know never counts.
      - V(windowsHelloForBusiness) and V(platformCredential) work on the device where they were registered.
        V(microsoftAuthenticator) may be registered for push only, which needs a password too. V(password) is registered
        for nearly every user, so listing it warns.
      - Graph does not list certificates and federated sign-in. A user with only these is refused.
      - Needs the permission C(UserAuthenticationMethod.Read.All). Without it the run stops before the first write.
    type: list
    elements: str
  exclude_admins:
    description:
      - Refuse users that the registration report lists as administrators with V(privileged_user). Users that it does
        not list, or of which it does not say whether they are administrators, are refused with V(not_in_report).
      - Needs the permission C(AuditLog.Read.All) and Entra ID P1 or better. Without them the run stops before the first
        write.
    type: bool
    default: false
  policy_timeout:
    description:
      - Seconds that users in the state V(notAllowedByPolicy) are read again before the run decides. Use it after an
        edit of the SMS policy or of a group in it, which takes time to reach the users, usually minutes.
      - By default they are refused at once. In check mode the module does not wait, and warns.
      - Only for O(state=enabled). Within O(run_timeout) it takes half of the time that is left.
    type: float
    default: 0.0
notes:
  - The application needs C(UserAuthMethod-Phone.ReadWrite.All) or C(UserAuthenticationMethod.ReadWrite.All). For check
    mode C(UserAuthMethod-Phone.Read.All) or C(UserAuthenticationMethod.Read.All) is enough.
  - Members of O(groups) that are guests or disabled accounts are refused with O(state=enabled) unless O(users) names
    them.
  - A group without users, or a file without users, is a warning with O(state=enabled) and an error with
    O(state=disabled).
  - O(groups) and O(exclude_groups) need C(GroupMember.ReadBasic.All) or C(GroupMember.Read.All).
  - C(User.ReadBasic.All) or C(User.Read.All) is needed to look up users in O(exclude_users) that are not in the scope,
    and to match users given by name in one place and by id in another.
  - For users that the SMS policy refuses, the message says which part of the policy refuses them. That needs
    C(Policy.Read.AuthenticationMethod) or C(Policy.Read.All), and C(GroupMember.ReadBasic.All) or
    C(GroupMember.Read.All). Without them there is a warning. At most 100 users are explained one by one.
  - Only C(User.Read.All) shows which members of a group are guests or disabled. With a ReadBasic permission Graph
    probably returns neither.
  - For a module in a process of its own, Ansible writes the arguments to a temporary file unless pipelining is on. Turn
    pipelining on if credentials are options. With C(async) Ansible writes the file in any case, and
    C(ANSIBLE_KEEP_REMOTE_FILES) keeps it. Use credentials from the environment there, or O(certificate_path) or
    O(federated_token_file).
  - Secrets, tokens and phone numbers are masked in everything that the module returns or writes. A user name that is a
    phone number (nine digits or more) is masked as well; the object id next to it identifies the user.
  - A task fails if any user failed or was skipped. The result is returned in this case, too.
  - On SIGTERM, SIGINT or SIGHUP the module sends no further writes and takes up to 5 seconds to verify those it has
    sent. Then it fails with the result and the report of what was done. If it is killed, the last saved state of
    O(report_path) remains. Run it again in both cases; it continues from the states that it reads.
seealso:
  - module: frontline.entra.sms_sign_in_info
  - module: frontline.entra.report
  - name: phoneAuthenticationMethod resource type
    description: The states and what they mean.
    link: https://learn.microsoft.com/en-us/graph/api/resources/phoneauthenticationmethod
"""

EXAMPLES = r"""
- name: Enable SMS sign-in for one user
  frontline.entra.sms_sign_in:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    user: anna@contoso.example

- name: Enable SMS sign-in for a group, except for the members of another
  frontline.entra.sms_sign_in:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    groups: [Frontline]
    exclude_groups: [Break glass]
    tolerate: [no_mobile_phone, account_disabled]
    max_changes: 500
    report_path: "{{ report_folder }}/frontline.csv"

- name: Roll back a run
  frontline.entra.sms_sign_in:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    users_from: "{{ report_folder }}/frontline.csv"
    state: previous

- name: Show in check mode which users would be enabled or refused
  frontline.entra.sms_sign_in:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    groups: [Frontline]
  check_mode: true
  register: dry_run
  failed_when: dry_run.reason not in [none, 'some_users_failed']

- name: Disable SMS sign-in for all users that can sign in without it, except for administrators
  frontline.entra.sms_sign_in:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    registered: true
    state: disabled
    require_methods: [fido2, windowsHelloForBusiness, platformCredential, qrCodePin]
    exclude_admins: true
    tolerate: [no_other_method, privileged_user, not_in_report]
    max_changes: 1000

- name: Disable SMS sign-in for a group, ten users at a time
  frontline.entra.sms_sign_in:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    groups: [Frontline]
    state: disabled
    change_limit: "10"
    max_failures: 3
"""

RETURN = r"""
msg:
  description:
    - If the run stopped early, why, and what to do next. Then the users that failed, at most five by name, and the
      counts of the others.
  returned: always
  type: str
  sample: "1 of 4 users failed: dora@contoso.example (phone_number_not_unique). 1 already enabled, 2 refused."
reason:
  description:
    - Why the task failed; null when it did not.
    - V(some_users_failed), V(incomplete), V(too_many_changes), V(authentication_failed), V(permission_missing),
      V(licence_missing), V(report_empty), V(group_not_found), V(group_ambiguous), V(group_empty), V(exclude_not_found),
      V(not_available_in_cloud), V(unreachable), V(invalid_options), V(invalid_file), V(missing_library) or
      V(internal_error).
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
    - One entry for each user that O(return_users) selects, at most 1,000. Failed users come first, then skipped,
      refused and changed users, then the rest.
  returned: always
  type: list
  elements: dict
  contains:
    user:
      description:
        - The user as given. For members of groups the user principal name, or the id if the name cannot be read. For
          users of a report of this module the name in the report. A phone number in it is masked.
      type: str
      sample: anna@contoso.example
    id:
      description: Object id; null if it is not known.
      type: str
      sample: 87d349ed-44d7-43e1-9a83-5f2406dee5bd
    state:
      description:
        - Graph's C(smsSignInState) as last read. V(noMobilePhone) without a mobile phone, null if it was never read. In
          check mode the predicted state.
      type: str
      sample: ready
    previous_state:
      description: The state before the run.
      type: str
      sample: notEnabled
    changed:
      description: Whether a read showed that the state changed; in check mode, whether it would change.
      type: bool
      sample: true
    failed:
      description: Whether this user fails the task.
      type: bool
      sample: false
    reason:
      description:
        - Why the user was refused, failed or skipped; null otherwise.
        - One of the values of O(tolerate), or V(forbidden), V(unverified), V(throttled), V(unknown_state),
          V(service_error) or V(skipped).
      type: str
      sample: not_allowed_by_policy
    msg:
      description: The state or the reason in words, and what to do next.
      type: str
      sample: SMS sign-in was enabled.
    phone_number:
      description: The mobile number with all but the last two digits masked.
      type: str
      sample: "********01"
    other_methods:
      description:
        - Methods other than phones that the user has registered, in the words of O(require_methods). A type that this
          version does not know is shown by its name. A temporary access pass is listed only while it is usable.
        - Null if they were not read. They are read with O(require_methods), of users that would be written to.
      type: list
      elements: str
      sample: [fido2, password]
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
  description: Counts. All but V(total) and RV(summary.reasons) add up to V(total).
  returned: always
  type: dict
  contains:
    total:
      description: All users.
      type: int
      sample: 4
    changed:
      description: Users whose state changed; in check mode, users whose state would change.
      type: int
      sample: 2
    unchanged:
      description: Users that were already in the desired state.
      type: int
      sample: 2
    refused:
      description: Users with a refusal that O(tolerate) accepts.
      type: int
      sample: 0
    failed:
      description: Users that failed.
      type: int
      sample: 0
    skipped:
      description: Users that were not reached.
      type: int
      sample: 0
    deferred:
      description: Users left out by O(change_limit).
      type: int
      sample: 0
    reasons:
      description: Number of users for each reason.
      type: dict
      sample: {"no_mobile_phone": 1}
requests:
  description: Requests and time of the run.
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
diff:
  description: States before and after by user, for at most 200 users that changed.
  returned: in diff mode
  type: dict
diff_omitted:
  description: Number of changed users that the diff leaves out.
  returned: in diff mode
  type: int
  sample: 0
"""

from typing import Any

from ansible_collections.frontline.entra.plugins.module_utils._domain._states import DISABLED
from ansible_collections.frontline.entra.plugins.module_utils._entra._authentication_methods import METHODS
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in import SmsSignIn
from ansible_collections.frontline.entra.plugins.module_utils._module import run_module
from ansible_collections.frontline.entra.plugins.module_utils._options import (
    GRAPH,
    LIMITS,
    MOST_SECONDS,
    REGISTERED,
    REPORT,
    USERS,
)
from ansible_collections.frontline.entra.plugins.module_utils._precautions import read_doubts, take_precautions
from ansible_collections.frontline.entra.plugins.module_utils._reading import read_limits, read_patience, read_scope
from ansible_collections.frontline.entra.plugins.module_utils._run._run import Order
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Users
from ansible_collections.frontline.entra.plugins.module_utils._spec import Range, Spec, Words
from ansible_collections.frontline.entra.plugins.module_utils._task import Task
from ansible_collections.frontline.entra.plugins.module_utils._work import reconcile

SPEC = Spec(
    GRAPH,
    USERS,
    REGISTERED,
    LIMITS,
    REPORT,
    options={
        "state": {"type": "str", "choices": ["enabled", "disabled", "previous"], "default": "enabled"},
        "require_methods": {"type": "list", "elements": "str"},
        "exclude_admins": {"type": "bool", "default": False},
        "policy_timeout": {"type": "float", "default": 0.0},
    },
    constraints=(Words("require_methods", METHODS), Range("policy_timeout", 0, MOST_SECONDS)),
)


def make_order(task: Task) -> Order:
    """The order that the options describe. Raises EntraError."""
    scope, wanted = read_scope(task, task.params["state"] if "state" in task.given else None)
    desired = wanted or task.params["state"]
    order = Order(
        SmsSignIn(desired),
        Users(scope, empty_group_fails=desired == DISABLED),
        read_limits(task),
        task.check_mode,
        doubts=read_doubts(task, desired),
        patience=read_patience(task, desired),
    )
    take_precautions(task, desired)
    return order


def work(task: Task) -> dict[str, Any]:
    return reconcile(task, make_order)


def main() -> None:
    run_module(SPEC, work)


if __name__ == "__main__":
    main()
