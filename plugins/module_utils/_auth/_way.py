# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What a way to sign in declares about itself. Everything that chooses and builds one is generic over these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ._login import Login
from ._source import Method


class Option(NamedTuple):
    """`spec` is for Ansible's argument spec. The first of `variables` that is set counts if the option is not given.

    A `credential` chooses its way by being given. An empty file at a `path` counts as not given. Blanks at both ends of
    a value are removed, unless it `keeps_blanks`.
    """

    name: str
    spec: Mapping[str, Any]
    variables: tuple[str, ...] = ()
    credential: bool = False
    keeps_blanks: bool = False

    @property
    def secret(self) -> bool:
        return bool(self.spec.get("no_log"))


TENANT_ID = Option("tenant_id", {"type": "str", "aliases": ["tenant"]}, ("AZURE_TENANT_ID", "AZURE_TENANT"))
CLIENT_ID = Option("client_id", {"type": "str"}, ("AZURE_CLIENT_ID",))
SHARED = (TENANT_ID, CLIENT_ID)
"""Options that several ways use; every way gets their values."""


class Way(NamedTuple):
    """A way to sign in, by the `name` that 'auth_method' has for it.

    `build` makes it of the values of its `options` and of SHARED, "" for what is not given, without any request; it
    raises InvalidOptions when they cannot serve. `needs` are those of SHARED that have to be given, along with one
    credential if there are any among `options`. Of the options in one group of `exclusive`, one can be given.
    `libraries` are all that it imports.
    """

    name: str
    build: Callable[[Login, Mapping[str, str]], Method]
    options: tuple[Option, ...] = ()
    needs: tuple[Option, ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()
    libraries: tuple[str, ...] = ("requests", "msal")

    @property
    def credentials(self) -> tuple[Option, ...]:
        return tuple(option for option in self.options if option.credential)
