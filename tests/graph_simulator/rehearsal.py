# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tenant from a list of users, as administrators export it: for a rehearsal with their own names and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .lists import naming, reader
from .phone_numbers import NumberError, parse_number
from .tenant import TenantError

REHEARSAL = {
    "tenant_id": "11111111-2222-3333-4444-555555555555",
    "client_id": "aaaaaaaa-0000-0000-0000-000000000001",
    "secret": "only-for-the-rehearsal",
    "group": "Everybody",
}
"""The tenant of a rehearsal. All users may sign in, and the application has all permissions that it needs."""

_FLAGS = {"sms_sign_in": ("smssignin",), "enabled": ("enabled", "accountenabled"), "guest": ("guest", "isguest")}
"""The keys of the headings of each flag."""

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def tenant_from_csv(path: Path) -> dict[str, Any]:
    """The tenant of the users in a list: CSV, JSON or text, read as the collection reads ``users_from``.

    A number column may be empty. ``sms_sign_in``, ``enabled`` and ``guest`` are true or false, or empty for the usual;
    an ``id`` that is an object id becomes the user's. Other columns are ignored. Raises TenantError with the line of
    what cannot be used, OSError when the file cannot be read. No message repeats a number.
    """
    users: dict[str, dict[str, Any]] = {}
    try:
        table = reader.read_table(path.read_bytes(), path.name)
        named, _without = reader.users_in(table, by_id=False)
    except reader.ListError as error:
        raise TenantError(f"{path} {error.message}") from error
    for row, name in named:
        place = f"{path}: {row.place}"
        if "@" not in name:
            raise TenantError(f"{place}: the name is no user principal name (name@contoso.example)")
        if name.lower() in users:
            raise TenantError(f"{place}: {name} is there twice")
        users[name.lower()] = {"name": name, **_properties(row.cells, place)}
    if not users:
        raise TenantError(f"{path}: there is no user in it")
    names = [user["name"] for user in users.values()]
    return {
        "tenant_id": REHEARSAL["tenant_id"],
        "domain": names[0].partition("@")[2],
        "apps": [
            {
                "client_id": REHEARSAL["client_id"],
                "secrets": [REHEARSAL["secret"]],
                "roles": [
                    "UserAuthMethod-Phone.ReadWrite.All",
                    "UserAuthenticationMethod.Read.All",
                    "AuditLog.Read.All",
                    "Policy.ReadWrite.AuthenticationMethod",
                    "GroupMember.Read.All",
                    "User.Read.All",
                ],
            }
        ],
        "users": list(users.values()),
        "groups": [{"name": REHEARSAL["group"], "members": names}],
        "policy": {"state": "enabled", "include": [{"group": "all_users", "sign_in": True}]},
    }


def _properties(cells: Mapping[str, str], place: str) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if naming.is_object_id(_first(cells, reader.IDS)):
        properties["id"] = _first(cells, reader.IDS)
    if number := _first(cells, reader.NUMBERS):
        try:
            properties["mobile"] = parse_number(number)
        except NumberError as error:
            raise TenantError(f"{place}: {error}") from error
    for flag, keys in _FLAGS.items():
        if text := _first(cells, keys).lower():
            if text not in _TRUTH:
                raise TenantError(f"{place}: {flag} is true or false")
            properties[flag] = _TRUTH[text]
    return properties


def _first(cells: Mapping[str, str], keys: Iterable[str]) -> str:
    """The first of these cells that is not blank."""
    return next((text for key in keys if (text := naming.visible(cells.get(key, "")))), "")
