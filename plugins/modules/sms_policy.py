#!/usr/bin/python
# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: sms_policy
short_description: Manage the SMS authentication method policy of Microsoft Entra
version_added: 1.0.0
description:
  - Turns the tenant's SMS authentication method policy on or off, and manages the groups that it includes and excludes.
    The policy decides which users may use SMS, and which of them may sign in with it.
  - Merges the given targets into the policy. Targets that the task does not name stay as they are.
  - Sends only what changes. The settings of a telephony provider, and members that this version does not know, are
    never sent and never removed.
  - Reads the policy again right before the write, because other administrators may edit it at the same time. Then it
    reads the policy back until the change shows.
  - An edit takes time to reach the users, usually minutes. See O(frontline.entra.sms_sign_in#module:policy_timeout).
author:
  - The frontline.entra contributors (@frontline-entra)
requirements:
  - python >= 3.9
  - requests >= 2.28.0
  - msal >= 1.35.0
extends_documentation_fragment:
  - frontline.entra.graph
  - frontline.entra.attributes
  - frontline.entra.attributes.action_group
attributes:
  check_mode:
    support: full
    details:
      - Sends no write and needs read permission only.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  state:
    description:
      - Whether the policy is V(enabled) or V(disabled) for all of its targets. Without this option it stays as it is.
    type: str
    choices: [enabled, disabled]
  include:
    description:
      - Targets of users that may use SMS. Without this option the list stays as it is, also with O(replace).
      - One of O(state), O(include) and O(exclude) is required.
    type: list
    elements: dict
    suboptions:
      group:
        description:
          - A group, by object id or by a display name that is unique among security groups. V(all_users) means the same
            as O(include[].all_users).
          - The id of a user matches a single user that the policy has as a target. New ones cannot be added.
          - A number, a boolean or a date is refused, because YAML may have changed the name.
        type: raw
      all_users:
        description:
          - All users of the tenant. Instead of O(include[].group).
        type: bool
      sign_in:
        description:
          - Whether the users of the target may sign in with a text message (V(true)), or use it as a second factor and
            for password reset only (V(false)). The Entra admin center calls it C(Use for sign-in).
          - A new target requires this option. An existing one keeps its value without it.
        type: bool
      state:
        description:
          - Whether the target is in the list. An absent target given by id needs no permission for groups.
        type: str
        choices: [present, absent]
        default: present
  exclude:
    description:
      - Targets of users that may not use SMS. They take precedence over O(include). Without this option the list stays
        as it is, also with O(replace).
    type: list
    elements: dict
    suboptions:
      group:
        description:
          - As O(include[].group). V(all_users) excludes all users of the tenant.
        type: raw
        required: true
      state:
        description:
          - Whether the target is in the list.
        type: str
        choices: [present, absent]
        default: present
  replace:
    description:
      - Remove all targets that a given list does not name. A list without a present target is refused, since it can be
        an accident.
    type: bool
    default: false
  allow_all_users:
    description:
      - Allows the task to open SMS sign-in to all users of the tenant. Otherwise that is V(invalid_options).
      - Not needed if the policy is open to them already.
    type: bool
    default: false
  verify_timeout:
    description:
      - Seconds that a written change may take to become visible.
    type: float
    default: 60.0
notes:
  - The application needs C(Policy.ReadWrite.AuthenticationMethod). For check mode
    C(Policy.Read.AuthenticationMethod) or C(Policy.Read.All) is enough. A signed-in user needs the role Authentication
    Policy Administrator too.
  - Groups given by name need C(GroupMember.ReadBasic.All) or C(GroupMember.Read.All). Without it, give groups by id;
    the result then shows them by id, too, with a warning.
  - Keep C(Policy.ReadWrite.AuthenticationMethod) out of the application that enables or disables users daily.
  - Unless the migration of authentication methods is complete, older settings may allow text messages too. The module
    then warns.
seealso:
  - module: frontline.entra.sms_policy_info
  - module: frontline.entra.sms_sign_in
  - name: smsAuthenticationMethodConfiguration resource type
    description: The policy and its targets.
    link: https://learn.microsoft.com/en-us/graph/api/resources/smsauthenticationmethodconfiguration
"""

EXAMPLES = r"""
- name: Let a group sign in with a text message, except for another
  frontline.entra.sms_policy:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    state: enabled
    include:
      - group: Frontline
        sign_in: true
    exclude:
      - group: Break glass

- name: Keep SMS as a second factor for all users, and end sign-in with it
  frontline.entra.sms_policy:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    include:
      - all_users: true
        sign_in: false
    replace: true

- name: Remove a target whose group is deleted
  frontline.entra.sms_policy:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    include:
      - group: 5d3a1d8e-6f9e-4d9b-8a1f-1f4ab5fdb9a5
        state: absent

- name: Switch the policy off
  frontline.entra.sms_policy:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    state: disabled
"""

RETURN = r"""
msg:
  description: What was changed, or why not and what to do next.
  returned: always
  type: str
  sample: "The SMS policy was changed: state and include."
reason:
  description:
    - Why the task failed; null when it did not.
    - V(unverified), V(throttled), V(service_error), V(incomplete), V(authentication_failed), V(permission_missing),
      V(group_not_found), V(group_ambiguous), V(not_available_in_cloud), V(unreachable), V(invalid_options),
      V(missing_library) or V(internal_error).
    - U(https://github.com/frontline-entra/frontline.entra/blob/main/docs/reasons.md) explains each of them.
  returned: always
  type: str
  sample: permission_missing
support:
  description: The values for a support case, if a response of the service stopped the task. Null otherwise.
  returned: always
  type: dict
  contains:
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
      sample: 1c5f2a5e-50f7-4a3e-9f55-9d6e4f6d1a10
    date:
      description: The time of the response.
      type: str
      sample: Thu, 26 Nov 2026 10:00:00 GMT
policy:
  description: The policy as it was read last; in check mode the prediction. Null if it could not be read.
  returned: always
  type: dict
  contains: &policy
    state:
      description: V(enabled) or V(disabled).
      type: str
      sample: enabled
    include:
      description: Targets of users that may use SMS.
      type: list
      elements: dict
      contains:
        group:
          description: Name of the group; the id if the name is not known, and for V(all_users) and single users.
          type: str
          sample: Frontline
        id:
          description: Object id, or V(all_users).
          type: str
          sample: 7c0d3b1e-2f4a-4f0e-9a62-0f6d1f2f7a11
        type:
          description: V(group), also for V(all_users), or V(user).
          type: str
          sample: group
        sign_in:
          description: Whether the users may sign in with a text message. Null if the service does not return it.
          type: bool
          sample: true
    exclude:
      description: Targets of users that may not use SMS, with C(group), C(id) and C(type) as above.
      type: list
      elements: dict
      sample: []
    policy_migration_state:
      description:
        - V(preMigration), V(migrationInProgress) or V(migrationComplete). Unless it is V(migrationComplete), older
          settings may allow text messages too. Null if it could not be read.
      type: str
      sample: migrationComplete
    telephony_provider:
      description: The telephony provider of the tenant's own; null if there is none. Its URL is not shown.
      type: dict
      contains:
        evaluation_mode:
          description: Whether the provider is only evaluated, while messages still go the old way.
          type: bool
          sample: false
        percentage:
          description: Share of messages that the provider delivers, in percent.
          type: int
          sample: 100
previous_policy:
  description: The policy as it was read right before the write. Null if it could not be read.
  returned: always
  type: dict
  contains: *policy
requests:
  description: Requests and time of the run.
  returned: always
  type: dict
  contains:
    sent:
      description: HTTP calls, including those for the login.
      type: int
      sample: 8
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
  description: The policy before and after, if it changed.
  returned: in diff mode
  type: dict
diff_omitted:
  description: V(1) if the diff is left out because of its size.
  returned: in diff mode
  type: int
  sample: 0
"""

from typing import Any

from ansible_collections.frontline.entra.plugins.module_utils._module import run_module
from ansible_collections.frontline.entra.plugins.module_utils._options import GRAPH, LIMITS
from ansible_collections.frontline.entra.plugins.module_utils._policy import one_policy, policy_order
from ansible_collections.frontline.entra.plugins.module_utils._spec import OneOf, Spec
from ansible_collections.frontline.entra.plugins.module_utils._task import Task
from ansible_collections.frontline.entra.plugins.module_utils._work import reconcile

TARGET = {
    "group": {"type": "raw"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}

SPEC = Spec(
    GRAPH,
    LIMITS.only("verify_timeout"),
    options={
        "state": {"type": "str", "choices": ["enabled", "disabled"]},
        "include": {
            "type": "list",
            "elements": "dict",
            "options": {**TARGET, "all_users": {"type": "bool"}, "sign_in": {"type": "bool"}},
            "mutually_exclusive": [("group", "all_users")],
            "required_one_of": [("group", "all_users")],
        },
        "exclude": {
            "type": "list",
            "elements": "dict",
            "options": {**TARGET, "group": {"type": "raw", "required": True}},
        },
        "replace": {"type": "bool", "default": False},
        "allow_all_users": {"type": "bool", "default": False},
    },
    constraints=(OneOf(("state", "include", "exclude"), "Nothing to manage"),),
)


def work(task: Task) -> dict[str, Any]:
    return one_policy(reconcile(task, policy_order), before=True)


def main() -> None:
    run_module(SPEC, work)


if __name__ == "__main__":
    main()
