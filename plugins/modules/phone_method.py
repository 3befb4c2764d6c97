#!/usr/bin/python
# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: phone_method
short_description: Manage phone numbers of Microsoft Entra users
version_added: 1.0.0
description:
  - Adds, changes and removes the phone numbers that users sign in and verify themselves with (phone authentication
    methods). Handles one number or many thousands in one task. Do not loop over users; a loop is far slower.
  - Reads the phone methods of every user, writes only where they differ, and reads them back until the service shows
    the change. A number that is spelt in another way is the same number.
  - When a mobile number is added or changed, the service attempts to enable SMS sign-in for it by itself, if the SMS
    policy allows that. It can refuse this and store the number nevertheless. The module decides by what it reads back.
    A stored number is a change and no failure, and RV(users[].state) has the resulting state.
  - Changing or removing a mobile number ends SMS sign-in with the old one.
  - A user has at most one phone of each type. Numbers are added and changed before others are removed, and nothing is
    written for a user if one of the user's entries cannot be fulfilled.
author:
  - The frontline.entra contributors (@frontline-entra)
requirements:
  - python >= 3.9
  - requests >= 2.28.0
  - msal >= 1.35.0
extends_documentation_fragment:
  - frontline.entra.graph
  - frontline.entra.limits
  - frontline.entra.report
  - frontline.entra.attributes
  - frontline.entra.attributes.action_group
attributes:
  check_mode:
    support: full
    details:
      - Sends no write and needs read permission only. Predicts the changes and the refusals that follow from what it
        reads. It cannot know whether the service will store a number that signs in another account, or whether a phone
        is a user's default method.
  diff_mode:
    support: full
    details:
      - Shows the numbers of changed users before and after, masked, and the state of SMS sign-in.
  idempotent:
    support: full
    details:
      - A number that the service refused is tried again in every run.
options:
  user:
    description:
      - One user, by object id or user principal name. V(me) is the signed-in user and needs a delegated token.
      - Exactly one of O(user), or O(phones) and O(phones_from), selects the numbers.
    type: str
  phone_number:
    description:
      - The number of O(user), as C(+COUNTRYCODE NUMBER). Put it in quotes, because YAML drops the plus sign of a number
        without blanks. Blanks, hyphens, dots and parentheses between digits are ignored. An office number can have an
        extension, as in V(+1 2065550100x12).
      - A number without a plus sign, with a national zero in parentheses, masked, or shortened by a spreadsheet is
        refused as V(invalid_phone_number) and never guessed.
      - Required if O(state=present). With O(state=absent) only this number is removed, and another one stays. Without a
        number the phone is removed whatever its number is.
    type: str
  phone_type:
    description:
      - The type of phone, for O(user) and for entries of O(phones) and O(phones_from) that have none.
      - Only V(mobile) can be used for SMS sign-in. V(alternateMobile) needs a mobile phone.
    type: str
    choices: [mobile, alternateMobile, office]
    default: mobile
  state:
    description:
      - Desired state of the number, for O(user) and for entries of O(phones) and O(phones_from) that have none.
    type: str
    choices: [present, absent]
    default: present
  phones:
    description:
      - Numbers of many users. Equal entries count once. Two different numbers, or a number present and absent, for one
        user and type are refused as V(conflicting_entries). An entry that cannot be used fails its user and nobody
        else.
    type: list
    elements: dict
    suboptions:
      user:
        description: The user, as O(user).
        type: str
        required: true
      phone_number:
        description: The number, as O(phone_number).
        type: str
      phone_type:
        description: The type of phone. Defaults to O(phone_type).
        type: str
        choices: [mobile, alternateMobile, office]
      state:
        description: Desired state of the number. Defaults to O(state).
        type: str
        choices: [present, absent]
  phones_from:
    description:
      - A file with more O(phones), read where the module runs. It must be a regular file of at most 64 MB.
      - The format is CSV with commas, semicolons or tabs, JSON (a list of objects, or an object with a list C(value)),
        or, for O(state=absent), plain text with one user a line. The encoding is UTF-8, or UTF-16 with a byte order
        mark.
      - Columns of numbers are C(phone_number), C(phone), C(number), C(mobilePhone) and C(mobile). Columns of users are
        those of O(frontline.entra.sms_sign_in#module:users_from). C(phone_type) and C(state) are optional; C(state)
        counts where it holds V(present) or V(absent). Case, blanks, hyphens and underscores are ignored in headings.
        Other columns are ignored.
      - A line that cannot be used fails that entry, and its message names the line. An empty cell in a column of
        numbers is such a line, unless the line itself says V(absent).
    type: path
  require_unique:
    description:
      - Refuse users that get a mobile number that other users of this task get too, as V(phone_number_not_unique).
        Without it that is a warning. It is legal for multifactor authentication, but a number can sign in one user
        only.
    type: bool
    default: false
  find_holder:
    description:
      - Look for the accounts that sign in with the mobile numbers of this task now, and name them in
        RV(users[].holder). Candidates come from the registration report, so deleted and disabled accounts are not seen.
      - Needs C(AuditLog.Read.All) and Microsoft Entra ID P1 or better. Without them the task warns and continues. All
        users that the report lists with a mobile phone are read, which takes time in a large tenant.
    type: bool
    default: false
  tolerate:
    description:
      - Refusals that do not fail the task. They are listed with their reason and counted in RV(summary.refused).
      - Choices are V(phone_number_unreadable), V(default_method), V(needs_mobile_phone), V(alternate_phone_exists), and
        the choices of O(frontline.entra.sms_sign_in#module:tolerate), of which V(phone_number_not_unique) and
        V(user_not_found) occur. Faults are never tolerated.
    type: list
    elements: str
notes:
  - The application needs C(UserAuthMethod-Phone.ReadWrite.All) or C(UserAuthenticationMethod.ReadWrite.All). For check
    mode C(UserAuthMethod-Phone.Read.All) or C(UserAuthenticationMethod.Read.All) is enough.
  - The service masks numbers for users with the role Authentication Administrator. A masked number cannot be compared,
    so it is refused as V(phone_number_unreadable) and never replaced. Use an application.
  - If the service answers a write with a conflict, the module waits O(verify_timeout) for the number to show before it
    reports V(phone_number_not_unique).
  - O(max_changes), O(change_limit) and the counts of RV(summary) count users, not numbers.
  - Phone numbers are masked in everything that the module returns or writes.
  - A task fails if any user failed or was skipped. The result is returned in this case, too.
seealso:
  - module: frontline.entra.phone_method_info
  - module: frontline.entra.sms_sign_in
  - name: phoneAuthenticationMethod resource type
    description: Types of phones, the format of numbers, and the states of SMS sign-in.
    link: https://learn.microsoft.com/en-us/graph/api/resources/phoneauthenticationmethod
"""

EXAMPLES = r"""
- name: Set the mobile number of one user
  frontline.entra.phone_method:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    user: anna@contoso.example
    phone_number: "+1 2065550100"

- name: Set the numbers of a list from the HR system, and name the accounts that hold them now
  frontline.entra.phone_method:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    phones_from: "{{ list_folder }}/new-staff.csv"
    require_unique: true
    find_holder: true
    max_changes: 200
    report_path: "{{ report_folder }}/numbers.csv"

- name: Replace the mobile number by the alternate one
  frontline.entra.phone_method:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    phones:
      - user: anna@contoso.example
        phone_number: "+1 2065550101"
      - user: anna@contoso.example
        phone_type: alternateMobile
        state: absent

- name: Remove the mobile numbers of users who left
  frontline.entra.phone_method:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    phones_from: "{{ list_folder }}/leavers.csv"
    state: absent
    tolerate: [user_not_found]
"""

RETURN = r"""
msg:
  description:
    - If the run stopped early, why, and what to do next. Then the users that failed, at most five by name, and the
      counts of the others.
  returned: always
  type: str
  sample: "1 of 4 users failed: dora@contoso.example (phone_number_not_unique). 2 changed, 1 already as requested."
reason:
  description:
    - Why the task failed; null when it did not.
    - V(some_users_failed), V(incomplete), V(too_many_changes), V(authentication_failed), V(permission_missing),
      V(unreachable), V(invalid_options), V(invalid_file), V(missing_library) or V(internal_error).
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
        - The user as given. The place of an entry that names no user, as V(line 7 of phones.csv).
      type: str
      sample: anna@contoso.example
    id:
      description: Object id; null if it is not known.
      type: str
      sample: 87d349ed-44d7-43e1-9a83-5f2406dee5bd
    state:
      description:
        - Graph's C(smsSignInState) of the mobile phone as last read. V(noMobilePhone) without one, null if it was never
          read. In check mode the predicted state, null for a user who has no mobile phone yet.
      type: str
      sample: ready
    previous_state:
      description: The state before the run.
      type: str
      sample: noMobilePhone
    phones:
      description: The phones as last read; in check mode as predicted. Null if they were never read.
      type: list
      elements: dict
      contains: &phones
        phone_type:
          description: V(mobile), V(alternateMobile) or V(office).
          type: str
          sample: mobile
        phone_number:
          description: The number with all but the last two digits masked.
          type: str
          sample: "********01"
    previous_phones:
      description: The phones before the run.
      type: list
      elements: dict
      contains: *phones
    holder:
      description: The account that signs in with the user's new mobile number, if O(find_holder) found one.
      type: str
      sample: ben@contoso.example
    changed:
      description: Whether a read showed that a number changed; in check mode, whether one would change.
      type: bool
      sample: true
    failed:
      description: Whether this user fails the task.
      type: bool
      sample: false
    reason:
      description:
        - Why the user was refused, failed or skipped; null otherwise.
        - One of the values of O(tolerate), or V(invalid_phone_number), V(conflicting_entries), V(forbidden),
          V(unverified), V(throttled), V(service_error) or V(skipped).
      type: str
      sample: phone_number_not_unique
    msg:
      description: The state or the reason in words, and what to do next.
      type: str
      sample: The mobile number was added.
    phone_number:
      description: The mobile number with all but the last two digits masked.
      type: str
      sample: "********01"
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
      description: Users whose numbers changed; in check mode, users whose numbers would change.
      type: int
      sample: 2
    unchanged:
      description: Users whose numbers were already as requested.
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
      sample: {"phone_number_not_unique": 1}
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
  description: Masked numbers and states before and after by user, for at most 200 users that changed.
  returned: in diff mode
  type: dict
diff_omitted:
  description: Number of changed users that the diff leaves out.
  returned: in diff mode
  type: int
  sample: 0
"""

from typing import Any

from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._domain._numbers import MOBILE, PHONE_TYPES
from ansible_collections.frontline.entra.plugins.module_utils._domain._phone_entries import ABSENT, PRESENT, PhoneList
from ansible_collections.frontline.entra.plugins.module_utils._goals._phone_numbers import PhoneNumbers
from ansible_collections.frontline.entra.plugins.module_utils._module import run_module
from ansible_collections.frontline.entra.plugins.module_utils._options import GRAPH, REPORT, limits
from ansible_collections.frontline.entra.plugins.module_utils._reading import read_limits, read_phones
from ansible_collections.frontline.entra.plugins.module_utils._run._holders import Holders
from ansible_collections.frontline.entra.plugins.module_utils._run._run import Order, Unusable
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope, Users
from ansible_collections.frontline.entra.plugins.module_utils._spec import Exclusive, OneOf, Spec
from ansible_collections.frontline.entra.plugins.module_utils._task import Task
from ansible_collections.frontline.entra.plugins.module_utils._work import reconcile

TEXT: dict[str, Any] = {"type": "str"}
PHONE_TYPE: dict[str, Any] = {"type": "str", "choices": [*PHONE_TYPES]}
STATE: dict[str, Any] = {"type": "str", "choices": [PRESENT, ABSENT]}
ENTRY = {"user": {**TEXT, "required": True}, "phone_number": TEXT, "phone_type": PHONE_TYPE, "state": STATE}

SPEC = Spec(
    GRAPH,
    limits(reasons.TOLERABLE_FOR_PHONES),
    REPORT,
    options={
        "user": TEXT,
        "phone_number": TEXT,
        "phone_type": {**PHONE_TYPE, "default": MOBILE},
        "state": {**STATE, "default": PRESENT},
        "phones": {"type": "list", "elements": "dict", "options": ENTRY},
        "phones_from": {"type": "path"},
        "require_unique": {"type": "bool", "default": False},
        "find_holder": {"type": "bool", "default": False},
    },
    constraints=(
        OneOf(("user", "phones", "phones_from"), "No phone numbers given"),
        Exclusive(("user", "phones")),
        Exclusive(("user", "phones_from")),
    ),
)


def make_order(task: Task) -> Order:
    """The order that the options describe. Raises EntraError."""
    phones = PhoneList(read_phones(task))
    goal = PhoneNumbers(phones, task.params["require_unique"], task.params["find_holder"])
    if phones.warning:
        task.warn(phones.warning)
    return Order(
        goal,
        Users(Scope(phones.users), empty_group_fails=False),
        read_limits(task),
        task.check_mode,
        doubts=[Holders(goal.mobile_number_for, task.warn)] if task.params["find_holder"] else [],
        unusable=[Unusable(entry.place, reasons.USER_NOT_FOUND, entry.flaw) for entry in phones.nameless],
    )


def work(task: Task) -> dict[str, Any]:
    return reconcile(task, make_order)


def main() -> None:
    run_module(SPEC, work)


if __name__ == "__main__":
    main()
