# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Which way to sign in: the one place that compares options and environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import InvalidOptions
from ._access_token import ACCESS_TOKEN
from ._azure_cli import AZURE_CLI
from ._certificate import CERTIFICATE
from ._client_secret import CLIENT_SECRET
from ._login import Login
from ._managed_identity import MANAGED_IDENTITY
from ._source import Method
from ._way import SHARED, TENANT_ID, Option, Way
from ._workload_identity import WORKLOAD_IDENTITY

AUTO = "auto"
OPTIONS = "options"
ENVIRONMENT = "environment"

WAYS = (CLIENT_SECRET, CERTIFICATE, WORKLOAD_IDENTITY, MANAGED_IDENTITY, AZURE_CLI, ACCESS_TOKEN)
"""In the order in which the environment alone is searched."""

_TENANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


class Identity(NamedTuple):
    """The choice: a way, where its credential came from (`options` or `environment`), and the values of its options."""

    way: Way
    source: str
    values: Mapping[str, str | None]

    @property
    def method(self) -> str:
        return self.way.name

    @property
    def secrets(self) -> list[str]:
        """Values that must not be shown; those out of the environment are unknown to Ansible."""
        return [value for option in self.way.options if option.secret and (value := self.values[option.name])]


def argument_spec(ways: Sequence[Way] = WAYS) -> dict[str, dict[str, Any]]:
    """The options to sign in with, for Ansible."""
    spec = {option.name: dict(option.spec) for option in _options(ways)}
    spec["auth_method"] = {"type": "str", "default": AUTO, "choices": [AUTO, *(way.name for way in ways)]}
    return spec


def first_variable(environment: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    """The first of the variables that is set to something; AWX sets variables for fields left blank."""
    return next((environment[name].strip() for name in names if environment.get(name, "").strip()), None)


def tenant_of(params: Mapping[str, Any], environment: Mapping[str, str]) -> str | None:
    """The tenant that the options name, or else the environment."""
    return params.get(TENANT_ID.name) or first_variable(environment, TENANT_ID.variables)


def select(params: Mapping[str, Any], environment: Mapping[str, str], ways: Sequence[Way] = WAYS) -> Identity:
    """Choose. Options take precedence over the environment as a set, so that a pod's own variables do not interfere.

    Raises InvalidOptions when the options name two credentials and no method, no credential is given, or something that
    a way needs is missing.
    """
    options = {option.name: _present(option, params.get(option.name)) for option in _options(ways)}
    variables = {
        option.name: _present(option, first_variable(environment, option.variables)) for option in _options(ways)
    }
    method = params.get("auth_method") or AUTO
    candidates = [way for way in ways if method in (AUTO, way.name)]
    given = [(way, option.name) for way in candidates for option in way.credentials if options[option.name]]
    if len(given) > 1:
        which = " or choose one with 'auth_method'" if method == AUTO else ""
        raise InvalidOptions(f"'{given[0][1]}' and '{given[1][1]}' are both set. Give one credential only{which}.")
    if given:
        way, source = given[0][0], OPTIONS
    elif method == AUTO:
        way, source = _of_environment(ways, variables), ENVIRONMENT
    else:
        way = candidates[0]
        source = ENVIRONMENT if way.credentials else OPTIONS

    values = {option.name: options[option.name] or variables[option.name] for option in (*SHARED, *way.options)}
    if given:
        # What an option of this way replaces may still be in a variable.
        values.update({option.name: options[option.name] for option in way.credentials})
    _check(way, values)
    return Identity(way, source, values)


def build(identity: Identity, login: Login) -> Method:
    """The chosen way, ready to sign in. Raises InvalidOptions when its files cannot serve."""
    return identity.way.build(login, {name: value or "" for name, value in identity.values.items()})


def _options(ways: Sequence[Way]) -> list[Option]:
    return [*SHARED, *(option for way in ways for option in way.options)]


def _of_environment(ways: Sequence[Way], variables: Mapping[str, str | None]) -> Way:
    for way in ways:
        if any(variables[option.name] for option in way.credentials):
            return way
    known = ", ".join(f"'{option.name}'" for way in ways for option in way.credentials)
    others = " or ".join(way.name for way in ways if not way.credentials)
    raise InvalidOptions(f"No credential was given. Set one of {known}; or 'auth_method' to {others}.")


def _present(option: Option, value: Any) -> str | None:
    """`value` unless it is blank, or names an empty file: AWX makes the file of a field left blank, too."""
    if value is None or not str(value).strip():
        return None
    if option.spec["type"] == "path" and os.path.isfile(value) and os.path.getsize(value) == 0:
        return None
    # Vaulted texts often end in a line break; ids, secrets and tokens hold no white space, and a passphrase may.
    return str(value).rstrip("\r\n") if option.keeps_blanks else str(value).strip()


def _check(way: Way, values: Mapping[str, str | None]) -> None:
    for names in way.exclusive:
        given = [name for name in names if values[name]]
        if len(given) > 1:
            raise InvalidOptions(f"'{given[0]}' and '{given[1]}' are both set. Give one of them.")
    missing = [option.name for option in way.needs if not values[option.name]]
    credentials = [option.name for option in way.credentials]
    if credentials and not any(values[name] for name in credentials):
        missing.append(" or ".join(credentials))
    if missing:
        raise InvalidOptions(
            "To sign in by {}, set {} as well.".format(way.name, " and ".join(f"'{name}'" for name in missing))
        )
    tenant = values[TENANT_ID.name]
    if tenant and not _TENANT.fullmatch(tenant):
        raise InvalidOptions(f"'tenant_id' is neither an id nor a domain name: {tenant[:80]!r}.")
