# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # The options are those of module_utils/_options.py; the ways to sign in in module_utils/_auth declare theirs.
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
      - The application (client) id. With O(auth_method=managed_identity) it is the client id of a user-assigned
        identity. Not a secret.
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
      - The application's certificate and private key, from a vaulted variable. PEM text with both, or a PFX file in
        base64. It is never written to a file.
    type: str
  certificate_path:
    description:
      - Path of a PEM or PFX file that holds both.
      - Falls back to E(AZURE_CLIENT_CERTIFICATE_PATH).
    type: path
  certificate_passphrase:
    description:
      - The passphrase of O(certificate) or O(certificate_path).
      - Falls back to E(AZURE_CLIENT_CERTIFICATE_PASSWORD).
    type: str
  federated_token:
    description:
      - A token of another issuer that the application trusts (workload identity federation), as a value. It must be one
        JWT. It cannot be renewed during a run; use O(federated_token_file) for that.
      - Falls back to E(AZURE_FEDERATED_TOKEN). A value takes precedence over a file.
    type: str
  federated_token_file:
    description:
      - Path of a file that holds such a token and nothing else. The file is read at each sign-in, so the token can be
        renewed during a run.
      - Falls back to E(AZURE_FEDERATED_TOKEN_FILE).
    type: path
  identity_object_id:
    description:
      - The object id of a user-assigned managed identity. Only for O(auth_method=managed_identity), where it takes
        precedence over O(client_id).
      - With Azure Arc it needs C(msal) 1.38 or newer.
    type: str
  identity_resource_id:
    description:
      - The Azure resource id of a user-assigned managed identity, instead of O(identity_object_id).
    type: str
  access_token:
    description:
      - A Microsoft Graph access token obtained elsewhere. It is used as given and never renewed. A leading C(Bearer) is
        removed.
      - Falls back to E(AZURE_ACCESS_TOKEN).
    type: str
  auth_method:
    description:
      - How to sign in. V(auto) uses the one credential among the options. If there is none, it uses the client secret,
        certificate, federated token or access token of the environment, in this order.
      - If a credential is an option, or this is not V(auto), environment variables of other methods are ignored.
      - With V(auto), two credentials among the options are an error. Any other value selects one of them and ignores
        the others.
      - V(azure_cli) needs an application or a managed identity that is signed in to C(az). A signed-in user cannot have
        the permissions.
    type: str
    choices: [auto, client_secret, certificate, workload_identity, managed_identity, azure_cli, access_token]
    default: auto
  cloud:
    description:
      - V(global), V(usgov), V(usgov_dod) or V(china). The names V(AzureCloud), V(AzureUSGovernment) and
        V(AzureChinaCloud) are accepted, too.
      - Falls back to E(AZURE_CLOUD_ENVIRONMENT), then V(global).
    type: str
    aliases: [cloud_environment]
  graph_url:
    description:
      - URL that replaces the Graph host of the cloud, for a reverse proxy or a simulator. Only C(https), no user name.
    type: str
  authority_host:
    description:
      - URL that replaces the login host of the cloud. Only C(https), no user name. The discovery document of this host
        must not name another host.
      - Falls back to E(AZURE_AUTHORITY_HOST).
    type: str
  ca_path:
    description:
      - A PEM file with the certificates of the authorities to trust, or a folder with such files under hashed names
        (C(openssl rehash)).
      - The strict certificate rules of Python 3.13 do not apply to these authorities.
      - Falls back to E(REQUESTS_CA_BUNDLE).
    type: path
  validate_certs:
    description:
      - Whether to verify TLS certificates. With V(false) the credential and the token are sent to hosts whose identity
        is not verified, and the module warns.
    type: bool
    default: true
  request_timeout:
    description:
      - Seconds to wait for one response, at most 3600. Graph itself gives up after 60 seconds. Connecting takes at most
        10 seconds.
    type: float
    default: 75.0
notes:
  - An option or variable that is empty counts as not given.
  - Environment variables are read where the module runs.
  - The work runs in Ansible's worker process if the connection is C(local) and the interpreter is Ansible's own or is
    left to Ansible. That is many times faster and writes no arguments to a file. With C(become), C(async), C(timeout)
    or C(environment), or if a library is missing there, the module runs in a process of its own. The result is the
    same. Set the variable C(frontline_entra_in_process) to V(false) to always have a process.
  - A proxy is taken from E(HTTPS_PROXY) or E(ALL_PROXY), in lower or upper case, with E(NO_PROXY) for exceptions.
    Slashes, hashes, question marks, brackets and at signs in its user name or password must be percent-encoded.
    Identity endpoints of the machine are never requested through a proxy.
"""
