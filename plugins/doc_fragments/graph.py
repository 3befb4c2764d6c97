# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # The options are those of module_utils/_options.py.
    DOCUMENTATION = r"""
---
options:
  tenant_id:
    description:
      - The tenant, by id or by one of its domain names. Not a secret.
      - Falls back to E(AZURE_TENANT_ID), then E(AZURE_TENANT).
    type: str
    aliases: [tenant]
  client_id:
    description:
      - The application (client) id. With O(auth_method=managed_identity) the user-assigned identity, if there is one.
        Not a secret.
      - Falls back to E(AZURE_CLIENT_ID).
    type: str
  client_secret:
    description:
      - The application's client secret.
      - Falls back to E(AZURE_CLIENT_SECRET), then E(AZURE_SECRET).
    type: str
    aliases: [secret]
  certificate:
    description:
      - The application's certificate and private key, out of a variable kept by Ansible Vault. Either PEM text with
        both, or a PFX file in base64. It is never written to a file.
    type: str
  certificate_path:
    description:
      - The same in a PEM or PFX file.
      - Falls back to E(AZURE_CLIENT_CERTIFICATE_PATH).
    type: path
  certificate_passphrase:
    description:
      - The passphrase of O(certificate) or O(certificate_path).
      - Falls back to E(AZURE_CLIENT_CERTIFICATE_PASSWORD).
    type: str
  federated_token_file:
    description:
      - A file with a token of another issuer that the application trusts (workload identity federation). It is read
        for each sign-in, so that it can be renewed.
      - Falls back to E(AZURE_FEDERATED_TOKEN_FILE).
    type: path
  access_token:
    description:
      - A token for Microsoft Graph got elsewhere. It is used as it is and never replaced.
      - Falls back to E(AZURE_ACCESS_TOKEN).
    type: str
  auth_method:
    description:
      - How to sign in. V(auto) takes the one credential among the options; without any, the environment's client
        secret, certificate, federated token or access token, in this order.
      - When a credential is an option, or this is not V(auto), credential variables of other methods are ignored.
      - Two credentials among the options are an error.
    type: str
    choices: [auto, client_secret, certificate, workload_identity, managed_identity, azure_cli, access_token]
    default: auto
  cloud:
    description:
      - V(global), V(usgov), V(usgov_dod) or V(china). The names V(AzureCloud), V(AzureUSGovernment) and
        V(AzureChinaCloud) are understood as well.
      - Falls back to E(AZURE_CLOUD_ENVIRONMENT), then V(global).
    type: str
    aliases: [cloud_environment]
  graph_url:
    description:
      - Replaces the cloud's Graph host, for a proxy or a simulator. Only C(https).
    type: str
  authority_host:
    description:
      - Replaces the cloud's login host. Only C(https).
      - Falls back to E(AZURE_AUTHORITY_HOST).
    type: str
  ca_path:
    description:
      - A file or folder with the certificates of the authorities to trust.
      - Falls back to E(REQUESTS_CA_BUNDLE).
    type: path
  validate_certs:
    description:
      - Whether to check TLS certificates. Leave it on.
    type: bool
    default: true
  request_timeout:
    description:
      - Seconds to wait for one answer. Graph itself cuts off after 60.
    type: float
    default: 75.0
notes:
  - An option or variable that is empty counts as not given.
  - Variables are read where the module runs.
"""

    ATTRIBUTES = r"""
---
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
  diff_mode:
    description: Shows what has changed, or would change in C(check_mode), when in diff mode.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
  action_group:
    description: Use C(group/frontline.entra.graph) in C(module_defaults) to set the shared options once.
    support: full
    membership:
      - frontline.entra.graph
"""
