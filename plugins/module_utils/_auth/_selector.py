# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Which way to sign in: the one place that compares options and environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import InvalidOptions
from ._login import Login
from ._source import Method

AUTO = "auto"
OPTIONS = "options"
ENVIRONMENT = "environment"

# In the order in which the environment alone is searched.
_CREDENTIALS = {
    "client_secret": ("client_secret",),
    "certificate": ("certificate", "certificate_path"),
    "workload_identity": ("federated_token", "federated_token_file"),
    "access_token": ("access_token",),
}
_VARIABLES = {
    "tenant_id": ("AZURE_TENANT_ID", "AZURE_TENANT"),
    "client_id": ("AZURE_CLIENT_ID",),
    "client_secret": ("AZURE_CLIENT_SECRET", "AZURE_SECRET"),
    "certificate_path": ("AZURE_CLIENT_CERTIFICATE_PATH",),
    "certificate_passphrase": ("AZURE_CLIENT_CERTIFICATE_PASSWORD",),
    "federated_token_file": ("AZURE_FEDERATED_TOKEN_FILE",),
    "access_token": ("AZURE_ACCESS_TOKEN",),
}
_ALWAYS = ("tenant_id", "client_id", "certificate_passphrase")
_IDENTITIES = ("identity_object_id", "identity_resource_id")
_WITHOUT_VARIABLE = ("certificate", "federated_token", *_IDENTITIES)
_FILES = ("certificate_path", "federated_token_file")
_TENANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


class Identity(NamedTuple):
    """The choice: a method's name, where its credential came from (`options` or `environment`), and all values."""

    method: str
    source: str
    values: Mapping[str, str | None]

    @property
    def secrets(self) -> list[str]:
        """Values that must not be shown; those out of the environment are unknown to Ansible."""
        names = ("client_secret", "certificate", "certificate_passphrase", "federated_token", "access_token")
        return [value for name in names if (value := self.values.get(name))]


def first_variable(environment: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    """The first of the variables that is set to something; AWX sets variables for fields left blank."""
    return next((environment[name].strip() for name in names if environment.get(name, "").strip()), None)


def select(params: Mapping[str, Any], environment: Mapping[str, str]) -> Identity:
    """Choose. Options take precedence over the environment as a set, so that a pod's own variables do not interfere.

    Raises InvalidOptions when the options name two credentials and no method, no credential is given, or something that
    a method needs is missing.
    """
    options = {name: _present(name, params.get(name)) for name in (*_VARIABLES, *_WITHOUT_VARIABLE)}
    variables = {name: _present(name, first_variable(environment, names)) for name, names in _VARIABLES.items()}
    method = params.get("auth_method") or AUTO
    candidates = _CREDENTIALS.values() if method == AUTO else [_CREDENTIALS.get(method, ())]
    given = [name for names in candidates for name in names if options[name]]
    if len(given) > 1:
        which = " or choose one with 'auth_method'" if method == AUTO else ""
        raise InvalidOptions(f"'{given[0]}' and '{given[1]}' are both set. Give one credential only{which}.")
    if method == AUTO:
        method, source = _found(given, variables)
    else:
        source = OPTIONS if given or method not in _CREDENTIALS else ENVIRONMENT

    own = _CREDENTIALS.get(method, ())
    values: dict[str, str | None] = {name: options[name] or variables.get(name) for name in _ALWAYS}
    # What an option of this method replaces may still be in a variable.
    values.update({name: options[name] if given else variables.get(name) for name in own})
    values.update({name: options[name] for name in _IDENTITIES if method == "managed_identity"})
    _check(method, values)
    return Identity(method, source, values)


def _found(given: list[str], variables: Mapping[str, str | None]) -> tuple[str, str]:
    if given:
        return next(method for method, names in _CREDENTIALS.items() if given[0] in names), OPTIONS
    for method, names in _CREDENTIALS.items():
        if any(variables.get(name) for name in names):
            return method, ENVIRONMENT
    known = ", ".join(f"'{name}'" for options in _CREDENTIALS.values() for name in options)
    raise InvalidOptions(
        f"No credential was given. Set one of {known}; or 'auth_method' to managed_identity or azure_cli."
    )


def _present(name: str, value: Any) -> str | None:
    """`value` unless it is blank, or names an empty file: AWX makes the file of a field left blank, too."""
    if value is None or not str(value).strip():
        return None
    if name in _FILES and os.path.isfile(value) and os.path.getsize(value) == 0:
        return None
    # Vaulted texts often end in a line break; ids, secrets and tokens hold no white space, and a passphrase may.
    return str(value).rstrip("\r\n") if name == "certificate_passphrase" else str(value).strip()


def _check(method: str, values: Mapping[str, str | None]) -> None:
    needed = {"access_token": [], "azure_cli": [], "managed_identity": []}.get(method, ["tenant_id", "client_id"])
    missing = [name for name in needed if not values.get(name)]
    credentials = _CREDENTIALS.get(method, ())
    if credentials and not any(values.get(name) for name in credentials):
        missing.append(" or ".join(credentials))
    if all(values.get(name) for name in _IDENTITIES):
        raise InvalidOptions("'identity_object_id' and 'identity_resource_id' are both set. Give one of them.")
    if missing:
        raise InvalidOptions(
            "To sign in by {}, set {} as well.".format(method, " and ".join(f"'{m}'" for m in missing))
        )
    tenant = values.get("tenant_id")
    if tenant and not _TENANT.fullmatch(tenant):
        raise InvalidOptions(f"'tenant_id' is neither an id nor a domain name: {tenant[:80]!r}.")


def libraries(method: str) -> tuple[str, ...]:
    """The libraries that a method needs."""
    return {
        "access_token": ("requests",),
        "azure_cli": ("requests",),
        "certificate": ("requests", "msal", "cryptography"),
    }.get(method, ("requests", "msal"))


def build(identity: Identity, login: Login) -> Method:
    """The chosen method, and only that. Raises InvalidOptions when its files cannot serve.

    Imports it here, since every task compiles what it imports anew.
    """
    value = {name: found or "" for name, found in identity.values.items()}
    if identity.method == "client_secret":
        from ._client_secret import ClientSecret

        return ClientSecret(login, value["tenant_id"], value["client_id"], value["client_secret"])
    if identity.method == "certificate":
        from ._certificate import Certificate

        return Certificate(
            login,
            value["tenant_id"],
            value["client_id"],
            value["certificate"],
            value["certificate_path"],
            value["certificate_passphrase"],
        )
    if identity.method == "workload_identity":
        from ._workload_identity import WorkloadIdentity

        return WorkloadIdentity(
            login, value["tenant_id"], value["client_id"], value["federated_token"], value["federated_token_file"]
        )
    if identity.method == "managed_identity":
        from ._managed_identity import ManagedIdentity

        return ManagedIdentity(login, value["client_id"], value["identity_object_id"], value["identity_resource_id"])
    if identity.method == "azure_cli":
        from ._azure_cli import AzureCli

        return AzureCli(login, value["tenant_id"])
    from ._access_token import AccessToken

    return AccessToken(value["access_token"], login.resource)
