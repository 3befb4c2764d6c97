#!/usr/bin/python
# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: sms_policy_info
short_description: Read the SMS authentication method policy of Microsoft Entra
version_added: 1.0.0
description:
  - Reads the tenant's SMS authentication method policy, which decides which users may use SMS, and which of them may
    sign in with it.
  - Changes nothing.
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
  diff_mode:
    support: N/A
  idempotent:
    support: full
notes:
  - The application needs C(Policy.Read.AuthenticationMethod) or C(Policy.Read.All). A signed-in user needs the role
    Global Reader too.
  - Names of groups need C(GroupMember.ReadBasic.All) or C(GroupMember.Read.All). Without it the result shows groups by
    id, with a warning.
  - Unless the migration of authentication methods is complete, older settings may allow text messages too. The module
    then warns.
seealso:
  - module: frontline.entra.sms_policy
"""

EXAMPLES = r"""
- name: Read the SMS policy
  frontline.entra.sms_policy_info:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
  register: sms

- name: Require that some users can sign in with a text message
  ansible.builtin.assert:
    that:
      - sms.policy.state == 'enabled'
      - sms.policy.include | selectattr('sign_in') | length > 0
"""

RETURN = r"""
msg:
  description: What was read, or why not and what to do next.
  returned: always
  type: str
  sample: "The SMS policy is enabled: 2 include and 1 exclude targets."
reason:
  description:
    - Why the task failed; null when it did not.
    - V(throttled), V(service_error), V(incomplete), V(authentication_failed), V(permission_missing),
      V(not_available_in_cloud), V(unreachable), V(invalid_options), V(missing_library) or V(internal_error).
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
  description: The policy. Null if it could not be read.
  returned: always
  type: dict
  contains:
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
requests:
  description: Requests and time of the run.
  returned: always
  type: dict
  contains:
    sent:
      description: HTTP calls, including those for the login.
      type: int
      sample: 4
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

from ansible_collections.frontline.entra.plugins.module_utils._module import run_module
from ansible_collections.frontline.entra.plugins.module_utils._options import GRAPH
from ansible_collections.frontline.entra.plugins.module_utils._policy import digest_policy, one_policy, policy_inquiry
from ansible_collections.frontline.entra.plugins.module_utils._spec import Spec
from ansible_collections.frontline.entra.plugins.module_utils._task import Task
from ansible_collections.frontline.entra.plugins.module_utils._work import inquire

SPEC = Spec(GRAPH)


def work(task: Task) -> dict[str, Any]:
    return one_policy(inquire(task, policy_inquiry, digest_policy), before=False)


def main() -> None:
    run_module(SPEC, work)


if __name__ == "__main__":
    main()
