#!/usr/bin/python
# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: access_token
short_description: Obtain an access token for Microsoft Graph
version_added: 1.0.0
description:
  - Signs in once and returns the token, for a play with many tasks. Each task of this collection signs in by itself
    otherwise.
  - Register the result and pass RV(access_token) to O(frontline.entra.sms_sign_in#module:access_token) with
    O(frontline.entra.sms_sign_in#module:auth_method=access_token), also where C(module_defaults) set another
    credential.
  - Ansible shows nothing of a successful result, whatever the verbosity. The registered variable holds the token, so a
    task that prints the variable prints the token. So does C(ANSIBLE_DEBUG) where the module runs in a process of its
    own. The module does not run with C(async), because Ansible keeps the results of jobs in files.
  - A token is valid for about an hour and is not renewed. One task that takes longer should sign in by itself.
author:
  - The frontline.entra contributors (@frontline-entra)
requirements:
  - python >= 3.9
  - requests >= 2.28.0
  - msal >= 1.35.0
  - cryptography >= 3.1, only for certificates
extends_documentation_fragment:
  - frontline.entra.graph
  - frontline.entra.attributes
  - frontline.entra.attributes.action_group
attributes:
  check_mode:
    support: full
    details:
      - Signs in in check mode too, because later tasks need the token.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Nothing is ever changed. Each run returns another token.
seealso:
  - module: frontline.entra.sms_sign_in
  - name: azure.azcollection.azure_rm_accesstoken_info
    description: Returns tokens for any service, for which it takes scopes; its result is not hidden.
    link: https://docs.ansible.com/projects/ansible/latest/collections/azure/azcollection/index.html
"""

EXAMPLES = r"""
- name: Sign in once
  frontline.entra.access_token:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
  register: entra

# auth_method chooses the token where module_defaults set another credential too.
- name: Enable SMS sign-in for one user
  frontline.entra.sms_sign_in:
    access_token: "{{ entra.access_token }}"
    auth_method: access_token
    user: anna@contoso.example

- name: Call Microsoft Graph for something that this collection does not do
  ansible.builtin.uri:
    url: https://graph.microsoft.com/v1.0/users/anna@contoso.example
    headers:
      Authorization: "Bearer {{ entra.access_token }}"
  no_log: true
"""

RETURN = r"""
msg:
  description: How long the token is valid. After a failure what to do next.
  returned: always
  type: str
  sample: The token is valid until 2026-11-26 22:00:00 UTC.
reason:
  description:
    - Why the task failed; null when it did not.
    - V(authentication_failed), V(unreachable), V(incomplete), V(invalid_options), V(missing_library) or
      V(internal_error).
    - U(https://github.com/frontline-entra/frontline.entra/blob/main/docs/reasons.md) explains each of them.
  returned: always
  type: str
  sample: authentication_failed
support:
  description: The values for a support case, if a response of the service stopped the task. Null otherwise.
  returned: always
  type: dict
access_token:
  description: The token.
  returned: success
  type: str
  sample: eyJ...
expires_on:
  description: When it expires, in seconds since 1970-01-01 UTC. Null if the token does not show it.
  returned: success
  type: int
  sample: 1795730400
auth:
  description: How the module signed in, as in M(frontline.entra.sms_sign_in).
  returned: success
  type: dict
  sample: {"method": "client_secret", "source": "options"}
"""

import time
from typing import Any

from ansible_collections.frontline.entra.plugins.module_utils._module import run_module
from ansible_collections.frontline.entra.plugins.module_utils._options import GRAPH
from ansible_collections.frontline.entra.plugins.module_utils._spec import Spec
from ansible_collections.frontline.entra.plugins.module_utils._task import Task, attempt
from ansible_collections.frontline.entra.plugins.module_utils._work import connect

SPEC = Spec(GRAPH)


def work(task: Task) -> dict[str, Any]:
    return attempt(task, lambda: sign_in(task))


def sign_in(task: Task) -> dict[str, Any]:
    """The result with a token. Raises EntraError."""
    token = connect(task).tokens.token()
    # The one result that holds a secret. The action plugin keeps it out of the output.
    task.reveal(token.value)
    expires_on = None if token.expires_on is None else int(token.expires_on)
    until = "The token does not show how long it is valid."
    if expires_on is not None:
        until = time.strftime("The token is valid until %Y-%m-%d %H:%M:%S UTC.", time.gmtime(expires_on))
    return {
        "changed": False,
        "msg": until,
        "access_token": token.value,
        "expires_on": expires_on,
        "auth": dict(task.auth),
    }


def main() -> None:
    run_module(SPEC, work)


if __name__ == "__main__":
    main()
